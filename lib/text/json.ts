/** Reads JSON, noticing what JSON.parse silently changes; and prints `--json`. */
import { refusal } from "./errors.ts";
import { clean, escaped, isObject, isSecret, mask, UNSEEN } from "./text.ts";

/** The strings (a key including its colon), numbers and braces of valid JSON in which no quote is escaped. */
const TOKEN = /"([^"]*)"(\s*:)?|-?\d[\d.eE+-]*|[{}]/g;

/** What parsing would silently lose, in words. Inngest and its functions keep 53 bits of a number. */
export function lossIn(json: string): string | undefined {
	const open: Set<string>[] = [];
	const plain = json
		.replaceAll("\\\\", "\0")
		.replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)).replace(/["\\]/, "\x01"))
		.replaceAll('\\"', "\x01");
	for (const [token, key = "", colon] of plain.matchAll(TOKEN)) {
		if (token === "{") open.push(new Set());
		else if (token === "}") open.pop();
		else if (colon && open.at(-1)?.has(key)) return `has the key ${clean(JSON.stringify(key), 60)} twice`;
		else if (colon) open.at(-1)?.add(key);
		else if (Math.abs(Number(token)) >= 2 ** 53 && String(Number(token)) !== token)
			return `contains ${token.slice(0, 30)}, and numbers of 2^53 or more don't stay exact: put it in quotes`;
		else if (!token.startsWith('"') && isRounded(token))
			return `contains ${token.slice(0, 30)}, which would be rounded: put it in quotes`;
	}
	return undefined;
}

/** Whether a number loses digits: any number of digits is fine if all are kept. */
function isRounded(number: string): boolean {
	const digits = (text: string) => text.replace(/e.*$|[-.]/gi, "").replace(/^0+|0+$/g, "");
	const own = digits(number);
	if (own === "") return false;
	const kept = Number(number);
	return own.length > 100 || ![String(kept), kept.toPrecision(own.length)].map(digits).includes(own);
}

/** A value as JSON. Undefined if it is nested too deeply (V8 reads more levels than it writes). */
export function written(value: unknown): string | undefined {
	try {
		return JSON.stringify(value);
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

/** Parses JSON; throws a UsageError that says what is wrong, but shows none of the text. */
export function parseJson(text: string, name: string): unknown {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		const said = clean(error.message.replace(/, (?:\.\.\.)?".*/s, ""), 120);
		throw refusal(
			`${name} is not valid JSON: ${said}`,
			"Keys and strings take double quotes; @file or - avoids shell quoting.",
		);
	}
	const loss = lossIn(text);
	if (loss) throw refusal(`${name} ${loss}`, "Correct it and call again.");
	return value;
}

/**
 * What `--json` prints. Everything, with hidden characters escaped, lone surrogates replaced and credentials masked. `conceal` masks the
 * skill's own.
 */
export function toJson(value: unknown, conceal: (text: string) => string = (text) => text): string {
	// jq and Python can't read an escaped lone surrogate.
	const harmlessText = (text: string) => conceal(mask(text.toWellFormed()));
	const harmless = (item: unknown, depth: number, secret = false): unknown => {
		if (secret && (typeof item === "string" || typeof item === "number")) return "[masked]";
		if (typeof item === "string") return harmlessText(item);
		if (typeof item === "number") return conceal(String(item)) === String(item) ? item : conceal(String(item));
		if (!isObject(item)) return item;
		if (depth > 1000) return "…";
		if (Array.isArray(item)) return item.map((one) => harmless(one, depth + 1, secret));
		return Object.fromEntries(
			Object.entries(item).map(([key, one]) => [
				harmlessText(key),
				harmless(one, depth + 1, secret || isSecret(key, one)),
			]),
		);
	};
	return JSON.stringify(harmless(value, 0)).replace(UNSEEN, escaped);
}

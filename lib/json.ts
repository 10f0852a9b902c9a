/** Parsing JSON, and saying what is wrong with it and where. */
import { refusal } from "./errors.ts";
import { clean } from "./text.ts";

/** Parses JSON; throws a UsageError that says where it is wrong. */
export function parseJson(text: string, name: string): unknown {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		const at = faultIn(text);
		const before = text.slice(0, at);
		const found = JSON.stringify(clean(String.fromCodePoint(text.codePointAt(at) ?? 0), 4) || "control character");
		const what = at < text.length ? `has an unexpected ${found}` : "ends too early";
		const place = `line ${before.split("\n").length}, column ${at - before.lastIndexOf("\n")}`;
		throw refusal(
			`${name} is not valid JSON: it ${what} at ${place}`,
			"Keys and strings take double quotes; @file or - avoids shell quoting.",
		);
	}
	const plain = bare(text);
	const deep = tooDeep(plain);
	if (deep) throw refusal(`${name} is ${deep}`, "Give it flatter data.");
	// JSON.parse would change these silently, and what is sent must be what was given.
	const large =
		plain.match(/(?<![\d.])-?\d{16,}(?![\d.eE])/g)?.find((n) => !Number.isSafeInteger(Number(n))) ?? infinite(plain);
	if (large)
		throw refusal(
			`${name} contains ${large.slice(0, 30)}, too large for an exact number`,
			"Put it in quotes, or use `send-events`, which sends JSON as it is.",
		);
	return value;
}

/** JSON without what stands in its strings: what `tooDeep` and `infinite` look through. */
export const bare = (text: string): string => text.replace(/\\./g, "").replace(/"[^"]*"/g, '""');

/** What is said of JSON that is nested too deeply: a server's parser has a limit, too (measured: 10,000 levels). */
export function tooDeep(plain: string): string | undefined {
	let depth = 0;
	for (const [bracket] of plain.matchAll(/[[{\]}]/g)) {
		depth += "[{".includes(bracket) ? 1 : -1;
		if (depth > 1000) return "nested deeper than 1,000 levels";
	}
	return undefined;
}

/** A number that is larger than any, such as 1e999: JavaScript reads it as infinite, Go refuses it. */
export const infinite = (plain: string): string | undefined =>
	plain.match(/-?\d[\d.]*(?:e\+?\d+)?/gi)?.find((n) => !Number.isFinite(Number(n)));

/** The index of the first character that makes a text not JSON: the longest prefix that only lacks its end. */
function faultIn(text: string): number {
	let good = 0;
	let bad = text.length;
	while (good < bad) {
		const middle = Math.ceil((good + bad) / 2);
		if (canGoOn(text.slice(0, middle))) good = middle;
		else bad = middle - 1;
	}
	return good;
}

function canGoOn(prefix: string): boolean {
	try {
		JSON.parse(prefix);
		return true;
	} catch (error) {
		const message = error instanceof Error ? error.message : "";
		return /end of JSON/.test(message) || Number(/position (\d+)/.exec(message)?.[1]) >= prefix.length;
	}
}

/** What the names, conditions and keys (in CEL) of triggers and limits make of events, as far as it can be decided here. Pure. */
import { lasting } from "../text/nouns.ts";
import { isObject } from "../text/text.ts";

/** What a condition comes to; undefined where that is not certain. */
export type Truth = boolean | undefined;

/** The events that a condition may name: `event`, and `async` for the one that cancels a run. */
type Names = Readonly<Record<string, { name?: unknown; data?: unknown; user?: unknown } | undefined>>;

const TOKEN =
	/\s*("[^"\\]*"|'[^'\\]*'|-?\d{1,15}(?:\.\d+)?(?![\w.])|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|&&|\|\||[=!<>]=|[<>()])/y;

/** Whether a condition is true of these events; one of more than 1,000 characters is not read. */
export function truthOf(condition: string, names: Names): Truth {
	const tokens = tokensOf(condition);
	const truth = tokens && joined(tokens, names, true);
	// What is left over was not understood.
	return tokens?.length ? undefined : truth;
}

function tokensOf(expression: string): string[] | undefined {
	const text = expression.trim();
	const tokens: string[] = [];
	if (text.length > 1000) return undefined;
	for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
		const token = TOKEN.exec(text)?.[1];
		if (token === undefined) return undefined;
		tokens.push(token);
	}
	return tokens;
}

/** Whether it compares text with a number, which are never equal, nor in an order (measured). */
export function isMixed(condition: string, names: Names): boolean {
	const tokens = tokensOf(condition) ?? [];
	const typeAt = (i: number) => typeof operand([tokens[i] ?? ""], names)?.value;
	return tokens.some((sign, i) => /^[=!<>]=?$/.test(sign) && areMixed(typeAt(i - 1), typeAt(i + 1)));
}

const areMixed = (...types: string[]): boolean => types.sort().join() === "number,string";

/** What a key comes to, false where any part of it is missing (the server's source, and measured); undefined where it is not understood. */
function keyed(key: string, event: Names[string]): { value: unknown } | undefined {
	const tokens = tokensOf(key) ?? [];
	const found = operand(tokens, { event });
	return tokens.length || !found ? undefined : { value: found.value === undefined ? false : found.value };
}

/** An event of which a key is false is not limited by it, nor kept single. */
export const isFree = (key: string | null | undefined, event: Names[string]): boolean =>
	Boolean(key) && keyed(key ?? "", event)?.value === false;

/**
 * Whether two events have the same key; undefined where that is not certain. 5 and "5" are the same (the server's source, and
 * measured). Events that are free have none; a debounce takes those together.
 */
export function sameKey(key: string, a: Names[string], b: Names[string], debounced = false): Truth {
	const [one, other] = [keyed(key, a), keyed(key, b)];
	if (!one || !other) return undefined;
	if (!debounced && (isFree(key, a) || isFree(key, b))) return false;
	const [left, right] = [one.value, other.value].map((value) => (typeof value === "object" ? value : String(value)));
	if (!isObject(left) || !isObject(right)) return left === right;
	// The server sorts their fields.
	return JSON.stringify(left) === JSON.stringify(right) || undefined;
}

/** Parts joined by || (`any`), or by &&: one true, or one false, decides however unclear the others are. */
function joined(tokens: string[], names: Names, any: boolean): Truth {
	const truths: Truth[] = [];
	do truths.push(any ? joined(tokens, names, false) : comparison(tokens, names));
	while (tokens[0] === (any ? "||" : "&&") && tokens.shift());
	if (truths.includes(any)) return any;
	return truths.includes(undefined) ? undefined : !any;
}

/** Into what cancels a run its event's values are put: null for none, but where they stand on the right (measured on v1.43). */
function comparison(tokens: string[], names: Names): Truth {
	if (tokens[0] === "(") {
		tokens.shift();
		const truth = joined(tokens, names, true);
		return tokens.shift() === ")" ? truth : undefined;
	}
	const [first = ""] = tokens;
	const left = operand(tokens, names);
	const sign = /^[=!<>]=?$/.test(tokens[0] ?? "") && tokens.shift();
	const [second = first] = tokens;
	const right = sign ? operand(tokens, names) : left;
	if (!left || !right) return undefined;
	if (!sign) return alone(left.value);
	if (!/^[=!]/.test(sign)) return isOrdered(left.value, sign, right.value);
	const put = names.async ? [first, second].filter((token) => token.startsWith("event.")) : [];
	// What has to be escaped there equals nothing (measured).
	if (put.length && [left.value, right.value].some(isEscaped)) return undefined;
	const same = isEqual(put[0] === first ? (left.value ?? null) : left.value, right.value);
	return same === undefined || sign === "==" ? same : !same;
}

const isEscaped = (value: unknown): boolean => typeof value === "string" && JSON.stringify(value) !== `"${value}"`;

function operand(tokens: string[], names: Names): { value: unknown } | undefined {
	const token = tokens[0] ?? "";
	if (!/^[\w"'-]/.test(token)) return undefined;
	tokens.shift();
	if (/^["']/.test(token)) return { value: token.slice(1, -1) };
	if (/^[\d-]/.test(token)) return { value: Number(token) };
	if (/^(?:true|false|null)$/.test(token)) return { value: JSON.parse(token) };
	const [root = "", ...keys] = token.split(".");
	const event = fieldOf(names, root);
	if (!event || !["name", "data", "user"].includes(keys[0] ?? "")) return undefined;
	return { value: keys.reduce(fieldOf, event) };
}

const fieldOf = (value: unknown, key: string): unknown =>
	isObject(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

/** A field without a comparison is false where the event has it not (the server's source). */
function alone(value: unknown): Truth {
	if (value == null) return false;
	return typeof value === "boolean" ? value : undefined;
}

/** Measured: a missing field equals null, but no value and no other missing field; nor does "5" equal 5. */
function isEqual(a: unknown, b: unknown): Truth {
	if (a === undefined && b === undefined) return false;
	if (a == null || b == null) return a == null && b == null;
	return typeof a === "object" || typeof b === "object" ? undefined : a === b;
}

/** Measured: a missing field is not greater than anything, and what can't be compared ("5" > 3) is not true. */
function isOrdered(a: unknown, sign: string, b: unknown): Truth {
	if (a === undefined && b != null && sign.startsWith(">")) return false;
	if (typeof a === "number" && typeof b === "number") {
		if (a === b) return sign.endsWith("=");
		return sign.startsWith(">") ? a > b : a < b;
	}
	return areMixed(typeof a, typeof b) ? false : undefined;
}

/** A pattern ends only after a slash or a dot (the server's source, and measured). */
export const meets = (value: string, name: string): boolean =>
	value === name || (/[/.]\*$/.test(value) && name.startsWith(value.slice(0, -1)));

interface Rate {
	limit?: number | undefined;
	period?: string | null | undefined;
}

/** The server spreads a rate limit over its period (GCRA, its source, v1.43, and measured): so many at once, then one per share of it (ms). */
export const spreadOf = ({ limit = 1, period }: Rate) => ({
	share: lasting(period) / limit,
	atOnce: 1 + Math.floor(limit / 10),
});

/** Until when (ms) it drops what comes, after it took these, in order. */
export function fullUntil(rate: Rate, taken: readonly { at: number }[]): number {
	const { share, atOnce } = spreadOf(rate);
	return taken.reduce((until, { at }) => Math.max(until, at) + share, 0) - share * (atOnce - 1);
}

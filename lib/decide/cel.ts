/** Evaluates names, conditions (CEL) and keys of triggers and limits, as far as that can be done here. Pure. */
import type { Event, Fn } from "../inngest/api.ts";
import { lasting, typedName } from "../text/nouns.ts";
import { isObject } from "../text/text.ts";

/** A condition's value; undefined if uncertain. */
export type Truth = boolean | undefined;

/** The events that a condition may refer to: `event`, and `async` for the event that cancels a run. */
type Names = Readonly<Record<string, { name?: unknown; data?: unknown; user?: unknown } | undefined>>;

const TOKEN =
	/\s*("[^"\\]*"|'[^'\\]*'|-?\d{1,15}(?:\.\d+)?(?![\w.])|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|&&|\|\||[=!<>]=|[<>()])/y;

/** Evaluates a condition for these events. Undefined if it is over 1,000 characters. */
export function truthOf(condition: string, names: Names): Truth {
	const tokens = tokensOf(condition);
	const truth = tokens && joined(tokens, names, true);
	// Tokens left over: the condition was not understood.
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

/** Whether it compares a string with a number. These are never equal, and never ordered (measured). */
export function isMixed(condition: string, names: Names): boolean {
	const tokens = tokensOf(condition) ?? [];
	const typeAt = (i: number) => typeof operand([tokens[i] ?? ""], names)?.value;
	return tokens.some((sign, i) => /^[=!<>]=?$/.test(sign) && areMixed(typeAt(i - 1), typeAt(i + 1)));
}

const areMixed = (...types: string[]): boolean => types.sort().join() === "number,string";

/**
 * The value of a key; false if it is a field that is missing (the server's source, and measured); undefined if it can't be evaluated here.
 * Of several parts each must be text (measured: other types are not joined to a text).
 */
function keyed(key: string, event: Names[string]): { value: unknown } | undefined {
	const parts = key.split("+").map((part) => {
		const tokens = tokensOf(part) ?? [];
		const found = operand(tokens, { event });
		return tokens.length ? undefined : found;
	});
	const [first] = parts;
	if (parts.length === 1) return first && { value: first.value === undefined ? false : first.value };
	const texts = parts.flatMap((part) => (typeof part?.value === "string" ? part.value : []));
	return texts.length === parts.length ? { value: texts.join("") } : undefined;
}

/** A rate limit or singleton does not apply to an event whose key is false. */
export const isFree = (key: string | null | undefined, event: Names[string]): boolean =>
	Boolean(key) && keyed(key ?? "", event)?.value === false;

/**
 * Whether two events have the same key. Undefined if uncertain. 5 and "5" are equal (the server's source, and measured). Events to which a
 * limit does not apply share no key; a debounce groups them.
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

/** Terms joined by || (`any`) or &&: one true, or one false, decides even if others are unknown. */
function joined(tokens: string[], names: Names, any: boolean): Truth {
	const truths: Truth[] = [];
	do truths.push(any ? joined(tokens, names, false) : comparison(tokens, names));
	while (tokens[0] === (any ? "||" : "&&") && tokens.shift());
	if (truths.includes(any)) return any;
	return truths.includes(undefined) ? undefined : !any;
}

/** A cancellation's condition has the event's values substituted: null if missing, except on the right (measured on v1.43). */
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
	// A substituted value that needs escaping equals nothing (measured).
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

/** A field on its own is false if the event lacks it (the server's source). */
function alone(value: unknown): Truth {
	if (value == null) return false;
	return typeof value === "boolean" ? value : undefined;
}

/** Measured: a missing field equals null, but no value and no other missing field; "5" does not equal 5. */
function isEqual(a: unknown, b: unknown): Truth {
	if (a === undefined && b === undefined) return false;
	if (a == null || b == null) return a == null && b == null;
	return typeof a === "object" || typeof b === "object" ? undefined : a === b;
}

/** Measured: a missing field is not greater than anything; a comparison of different types ("5" > 3) is false. */
function isOrdered(a: unknown, sign: string, b: unknown): Truth {
	if (a === undefined && b != null && sign.startsWith(">")) return false;
	if (typeof a === "number" && typeof b === "number") {
		if (a === b) return sign.endsWith("=");
		return sign.startsWith(">") ? a > b : a < b;
	}
	return areMixed(typeof a, typeof b) ? false : undefined;
}

/** A wildcard works only after a slash or a dot (the server's source, and measured). */
export const meets = (value: string, name: string): boolean =>
	value === name || (/[/.]\*$/.test(value) && name.startsWith(value.slice(0, -1)));

const triggersFor = (fn: Fn, name: string): Fn["triggers"] =>
	fn.triggers.filter(({ type, value }) => type !== "CRON" && meets(value, name));

/** The functions that listen to events of this name, whatever their conditions. */
export const listeners = (functions: readonly Fn[], name: string): Fn[] =>
	functions.filter((fn) => triggersFor(fn, name).length);

/** Whether an event meets a function's triggers, and their conditions; `open`: those that are uncertain. */
export function heardBy(fn: Fn, event: Event) {
	const conditions = triggersFor(fn, event.name).map((trigger) => trigger.if);
	const truths = conditions.map((one) => one === "" || truthOf(one, { event }));
	const open = conditions.filter((_, i) => truths[i] === undefined);
	const heard: Truth = truths.includes(true) || (open.length ? undefined : false);
	return { heard, conditions, open };
}

interface Rate {
	limit?: number | undefined;
	period?: string | null | undefined;
}

/** How the server spreads a rate limit: `atOnce` runs at once, then one per `share` (ms). By GCRA (its source, v1.43, and measured). */
export const spreadOf = ({ limit = 1, period }: Rate) => ({
	share: lasting(period) / limit,
	atOnce: 1 + Math.floor(limit / 10),
});

/** Until when (ms) events are dropped after these were accepted, in order. */
export function fullUntil(rate: Rate, taken: readonly { at: number }[]): number {
	const { share, atOnce } = spreadOf(rate);
	return taken.reduce((until, { at }) => Math.max(until, at) + share, 0) - share * (atOnce - 1);
}

const LITERAL = String.raw`("[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false)`;
const FIELD = String.raw`async\.data\.(\w+(?:\.\w+)*)`;
const EQUAL = new RegExp(`^(?:${FIELD} == ${LITERAL}|${LITERAL} == ${FIELD})$`);

/** Event data that satisfies a condition made only of equalities. */
export function dataFor(expression: string | undefined): Record<string, unknown> | undefined {
	const data = empty();
	for (const part of expression?.split(" && ") ?? []) {
		const [, a, b, c, d] = EQUAL.exec(part.trim()) ?? [];
		const keys = (a ?? d)?.split(".");
		const written = b ?? c;
		if (!keys || written === undefined) return undefined;
		const last = keys.pop() ?? "";
		let at = data;
		for (const key of keys) {
			const old = at[key];
			const inner = isRecord(old) ? old : empty();
			at[key] = inner;
			at = inner;
		}
		const value: unknown = written.startsWith("'") ? written.slice(1, -1) : JSON.parse(written);
		// The value may be a stranger's: a long one could be an instruction.
		if (typeof value === "string" && typedName(value) === undefined) return undefined;
		at[last] = value;
	}
	return data;
}
/** Without a prototype: a field may be called `__proto__`. */
const empty = (): Record<string, unknown> => Object.create(null);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object";

/** Where an event's data has the value that a wait requires of another field: `data.sample`. */
export function elsewhere(expression: string | undefined, data: unknown): string | undefined {
	const [required, ...others] = Object.entries(dataFor(expression) ?? {});
	if (!required || others.length) return undefined;
	const [field, wanted] = required;
	// Shorter values are too common.
	const isOwn = typeof wanted === "string" ? wanted.length > 2 : typeof wanted === "number" && wanted > 999;
	const path = isOwn ? pathOf(data, String(wanted), "data") : undefined;
	return path === `data.${field}` ? undefined : path;
}

function pathOf(value: unknown, wanted: string, path: string, depth = 0): string | undefined {
	if (typeof value !== "object" || value === null) return String(value) === wanted ? path : undefined;
	for (const [key, one] of depth < 8 ? Object.entries(value) : []) {
		const found = pathOf(one, wanted, `${path}.${key}`, depth + 1);
		if (found !== undefined) return found;
	}
	return undefined;
}

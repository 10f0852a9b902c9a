/** Evaluates names, conditions (CEL) and keys of triggers and limits, as far as that can be done here. Pure. */
import type { Event, Fn } from "../inngest/api.ts";
import { lasting } from "../text/nouns.ts";
import { isObject } from "../text/text.ts";

/** A condition's value; undefined if uncertain. */
export type Truth = boolean | undefined;

/** The events that a condition may refer to: `event`, and `async` for the event that cancels a run. */
type Names = Readonly<Record<string, { name?: unknown; data?: unknown; user?: unknown } | undefined>>;

/** Undefined if uncertain; the value of a missing field is undefined. */
type Result = { value: unknown } | undefined;
const FAILED = Symbol("error");
const isNone = (value: unknown): boolean => value === undefined || value === FAILED;

/**
 * What is left of a condition. `odd`: it has more than comparisons. In a cancellation's, which has the run's event's values written into it,
 * something is then left that is not CEL if one of those is missing or, possibly, needs escaping (measured of missing ones).
 */
interface Rest {
	tokens: string[];
	names: Names;
	odd?: boolean;
	/** It calls a function: what is left of that in a cancellation's is unknown. */
	calls?: boolean;
}

/** A method's name, with its dot, is a token of its own. */
const TOKEN =
	/"[^"\\]*"|'[^'\\]*'|-?\d{1,15}(?:\.\d+)?(?![\w.])|\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*\b(?!\s*\())*|&&|\|\||[=!<>]=|[<>()[\]!?:,]/g;

/** Evaluates a condition for these events; an error, or what is no boolean, is false. Undefined if it is over 1,000 characters. */
export function truthOf(condition: string, names: Names): Truth {
	const tokens = tokensOf(condition);
	const lacks = (path: string) => plain(path, names)?.value === undefined;
	// If it also names a missing field of an object, the object counts as missing (the server's source).
	if (tokens.some((one) => !lacks(one) && tokens.some((path) => path.startsWith(`${one}.`) && lacks(path)))) return;
	const isPartial = written(tokens, names).some((one) => lacks(one) || isEscaped(plain(one, names)?.value));
	const rest: Rest = { tokens, names };
	const found = chosen(rest);
	// Tokens left over: the condition was not understood.
	const isUnsure = (rest.odd && isPartial) || (rest.calls && names.event && names.async);
	return !found || tokens.length || isUnsure ? undefined : found.value === true;
}

/** None if it is too long or has others. */
const tokensOf = (text: string): string[] =>
	text.trim().length > 1000 || text.replace(TOKEN, "").trim() ? [] : (text.match(TOKEN) ?? []);

/** Whether it compares a string with a number. These are never equal, and never ordered (measured). */
export function isMixed(condition: string, names: Names): boolean {
	const tokens = tokensOf(condition);
	const typeAt = (i: number) => typeof plain(tokens[i] ?? "", names)?.value;
	const areMixed = (i: number) => [typeAt(i - 1), typeAt(i + 1)].sort().join() === "number,string";
	return tokens.some((sign, i) => /^[=!<>]=?$/.test(sign) && areMixed(i));
}

/**
 * The value of a key; false if it is a field that is missing (the server's source, and measured); undefined if it can't be evaluated here.
 * Of several parts each must be text, or made so by string() (measured: other types are not joined to a text).
 */
function keyed(key: string, event: Names[string]): { value: unknown } | undefined {
	const parts = key.split("+").map((part) => {
		const [, inner] = /^\s*string\((.*)\)\s*$/.exec(part) ?? [];
		const tokens = tokensOf(inner ?? part);
		const found = operand({ tokens, names: { event } });
		if (tokens.length || found?.value === FAILED) return undefined;
		if (inner === undefined) return found;
		return found?.value == null || isObject(found.value) ? undefined : { value: String(found.value) };
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
 * Whether two events have the same key, as all have without one. Undefined if uncertain. 5 and "5" are equal (the server's source, and
 * measured). Events to which a limit does not apply share no key; a debounce groups them.
 */
export function sameKey(key: string | null | undefined, a: Names[string], b: Names[string], debounced = false): Truth {
	if (!key) return true;
	const [one, other] = [keyed(key, a), keyed(key, b)];
	if (!one || !other) return;
	if (!debounced && (isFree(key, a) || isFree(key, b))) return false;
	const [left, right] = [one.value, other.value].map((value) => (typeof value === "object" ? value : String(value)));
	if (!isObject(left) || !isObject(right)) return left === right;
	// The server sorts their fields.
	return JSON.stringify(left) === JSON.stringify(right) || undefined;
}

function chosen(rest: Rest): Result {
	const { tokens } = rest;
	const test = joined(rest, true);
	if (tokens[0] !== "?") return test;
	rest.odd = true;
	tokens.shift();
	const yes = chosen(rest);
	if (tokens.shift() !== ":") return;
	const no = chosen(rest);
	return test && (isTruthy(test) ? yes : no);
}

/** Terms joined by || (`any`) or &&, as in JavaScript (the server's source): one decides even if others are unknown. */
function joined(rest: Rest, any: boolean): Result {
	const next = () => (any ? joined(rest, false) : comparison(rest));
	let found = next();
	while (rest.tokens[0] === (any ? "||" : "&&") && rest.tokens.shift()) {
		const other = next();
		const decides = (one: Result) => one && isTruthy(one) === any;
		if (!decides(found)) found = found || decides(other) ? other : undefined;
	}
	return found;
}

const isTruthy = ({ value }: { value: unknown }): boolean => value !== FAILED && Boolean(value);

/**
 * A cancellation's condition has the event's values substituted: null if missing, except on the right of a field. A missing one on the left
 * changes places with a field (all measured on v1.43).
 */
function comparison(rest: Rest): Result {
	const { tokens, names } = rest;
	const [first = ""] = tokens;
	const left = operand(rest);
	if (!/^(?:[=!<>]=|[<>]|in)$/.test(tokens[0] ?? "")) {
		rest.odd ||= first !== "(";
		return left;
	}
	const sign = tokens.shift() ?? "";
	const [second = ""] = tokens;
	const right = operand(rest);
	if (sign === "in") return called(sign, [left, right], rest);
	if (!left || !right) return;
	let [a, b] = [left, right].map(({ value }) => (value === FAILED ? undefined : value));
	const put = written([first, second], names);
	// A substituted value that needs escaping equals nothing (measured).
	if (put.length && [a, b].some(isEscaped)) return;
	rest.odd ||= put.length > 1 && (a === undefined) !== (b === undefined);
	if (put[0] === first && a === undefined) [a, b] = isField(second) ? [b, null] : [null, b];
	else if (put.length && !isField(first)) b ??= null;
	if (!/^[=!]/.test(sign)) return { value: ordered(a, sign, b) };
	const same = isEqual(a, b);
	return same === undefined ? undefined : { value: same === (sign === "==") };
}

/** Fields of the run's event, whose values are written into a cancellation's condition. */
const written = (tokens: readonly string[], names: Names): string[] =>
	names.async ? tokens.filter((one) => one.startsWith("event.")) : [];
const isField = (token: string): boolean => /^[A-Za-z_]\w*\./.test(token);
const isEscaped = (value: unknown): boolean => /\\/.test(JSON.stringify(value) ?? "");

function operand(rest: Rest): Result {
	const { tokens, names } = rest;
	const token = tokens.shift() ?? "";
	if (token === "!") return called(token, [operand(rest)], rest);
	let found: Result;
	if (token === "(") [found] = listed(rest, ")");
	else if (token === "[") {
		const items = listed(rest, "]");
		const values = items.map((one) => one?.value);
		found = items.includes(undefined) ? undefined : { value: values.some(isNone) ? undefined : values };
	} else if (tokens[0] === "(" && tokens.shift()) found = called(token, listed(rest, ")"), rest);
	else found = plain(token, names);
	while (tokens[0]?.startsWith(".")) {
		const [method = ""] = tokens.splice(0, 2);
		found = called(method.slice(1), [found, ...listed(rest, ")")], rest);
	}
	return found;
}

function listed(rest: Rest, end: string): Result[] {
	const { tokens } = rest;
	const found: Result[] = [];
	while (tokens.length && tokens[0] !== end) {
		found.push(chosen(rest));
		if (tokens[0] !== ",") break;
		tokens.shift();
	}
	return tokens.shift() === end ? found : [undefined];
}

/** For a missing field, or an error, a function gives false, and size 0 (the server's source). */
function called(name: string, given: readonly Result[], rest: Rest): Result {
	rest.odd = true;
	rest.calls ||= name !== "!" && name !== "in";
	if (given.includes(undefined)) return;
	const values = given.map((one) => one?.value);
	const [a, b] = values;
	if (name === "has") return { value: a === undefined ? a : true };
	const value = resultOf(name, a, b);
	return value === undefined ? value : { value: values.some(isNone) ? name === "size" && 0 : value };
}

/** Undefined for other functions. A regular expression is not tried, as it could take forever. */
function resultOf(name: string, a: unknown, b: unknown): unknown {
	const isText = typeof a === "string";
	const isPart = isText && typeof b === "string";
	switch (name) {
		case "!":
			return typeof a === "boolean" ? !a : FAILED;
		case "in":
			if (Array.isArray(b)) return isObject(a) ? undefined : b.some((one) => isEqual(a, one));
			return isObject(b) ? Object.hasOwn(b, String(a)) : FAILED;
		case "size":
			if (isText) return [...a].length;
			return isObject(a) ? Object.keys(a).length : FAILED;
		case "contains":
			return isPart ? a.includes(b) : FAILED;
		case "startsWith":
		case "endsWith":
			return isPart ? a[name](b) : FAILED;
		case "lowercase":
			return isText ? a.toLowerCase() : "";
		case "uppercase":
			return isText ? a.toUpperCase() : "";
		default:
			return;
	}
}

function plain(token: string, names: Names): Result {
	if (/^["']/.test(token)) return { value: token.slice(1, -1) };
	if (/^[\d-]/.test(token)) return { value: Number(token) };
	if (/^(?:true|false|null)$/.test(token)) return { value: JSON.parse(token) };
	const [root = "", ...keys] = token.split(".");
	const event = fieldOf(names, root);
	if (!event || !["name", "data", "user"].includes(keys[0] ?? "")) return;
	return { value: keys.reduce(fieldOf, event) };
}

const fieldOf = (value: unknown, key: string): unknown =>
	isObject(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

/** Measured: a missing field equals null, but no value and no other missing field; "5" does not equal 5. */
function isEqual(a: unknown, b: unknown): Truth {
	if (a === undefined && b === undefined) return false;
	if (a == null || b == null) return a == null && b == null;
	return typeof a === "object" && typeof b === "object" ? undefined : a === b;
}

/** Measured: a missing field is less than anything; "5" > 3 is an error. Null is 0, or an empty text (the server's source). */
function ordered(a: unknown, sign: string, b: unknown): unknown {
	const isLess = sign.startsWith("<");
	if (a === undefined || b === undefined) return isLess === (a === undefined);
	const [left, right] = [a ?? (typeof b === "string" ? "" : 0), b ?? (typeof a === "string" ? "" : 0)];
	if (typeof left !== typeof right || typeof left === "object") return FAILED;
	if (left === right) return sign.endsWith("=");
	return isLess === (typeof left === "string" ? left < String(right) : Number(left) < Number(right));
}

/** A wildcard works only after a slash or a dot (the server's source, and measured). */
const meets = (value: string, name: string): boolean =>
	value === name || (/[/.]\*$/.test(value) && name.startsWith(value.slice(0, -1)));

/** A function's triggers for events of this name, whatever their conditions. */
const triggersFor = (fn: Pick<Fn, "triggers">, name: string): Fn["triggers"] =>
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

/** How the server spreads a limit: `atOnce` runs at once, then one per `share` (ms). By GCRA (its source, v1.43, and measured). */
export const spreadOf = ({ limit = 1, period }: Rate, atOnce = 1 + Math.floor(limit / 10)) => ({
	share: lasting(period) / limit,
	atOnce,
});

/** Until when (ms) events are dropped after these were accepted, in order. `since`: until then as many as possible had been. */
export function fullUntil(rate: Rate, taken: readonly { at: number }[], since = -Infinity): number {
	const { share, atOnce } = spreadOf(rate);
	const before = since + share * atOnce;
	return taken.reduce((until, { at }) => Math.max(until, at) + share, before) - share * (atOnce - 1);
}

/**
 * Conditions of triggers and of `cancelOn`, in CEL. The simple ones are decided as the server decides them: comparisons of
 * an event's fields with each other or with a literal, joined by && and ||. Of any other nothing is said.
 */

/** What a condition comes to; undefined where that is not certain. */
export type Truth = boolean | undefined;

/** The values that a condition may name: `event`, and `async` for the event that cancels a run or lets it go on. */
export type Names = Readonly<Record<string, { name?: unknown; data?: unknown; user?: unknown } | undefined>>;

/** What is left to read of a condition, and what its names stand for. */
interface Reading {
	rest: string[];
	names: Names;
}

const TOKEN =
	/\s*("[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?(?![\w.])|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|&&|\|\||[=!<>]=|[<>()])/y;
/** Longer conditions are not read. */
const LONGEST = 1000;

/** Whether a condition is true of these events. */
export function truthOf(condition: string, names: Names): Truth {
	const rest = condition.length > LONGEST ? undefined : tokensOf(condition.trim());
	if (!rest) return undefined;
	const reading = { rest, names };
	const truth = either(reading);
	// What is left over was not understood.
	return reading.rest.length ? undefined : truth;
}

function tokensOf(text: string): string[] | undefined {
	const tokens: string[] = [];
	for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
		const token = TOKEN.exec(text)?.[1];
		if (token === undefined) return undefined;
		tokens.push(token);
	}
	return tokens;
}

/** One true side is enough, however unclear the other is. */
function either(reading: Reading): Truth {
	let truth = both(reading);
	while (reading.rest[0] === "||") {
		reading.rest.shift();
		const other = both(reading);
		if (truth === true || other === true) truth = true;
		else if (truth === undefined || other === undefined) truth = undefined;
	}
	return truth;
}

function both(reading: Reading): Truth {
	let truth = comparison(reading);
	while (reading.rest[0] === "&&") {
		reading.rest.shift();
		const other = comparison(reading);
		if (truth === false || other === false) truth = false;
		else if (truth === undefined || other === undefined) truth = undefined;
	}
	return truth;
}

function comparison(reading: Reading): Truth {
	const { rest } = reading;
	if (rest[0] === "(") {
		rest.shift();
		const truth = either(reading);
		return rest.shift() === ")" ? truth : undefined;
	}
	const left = operand(reading);
	const sign = /^[=!<>]=?$/.test(rest[0] ?? "") ? rest.shift() : undefined;
	if (left === undefined) return undefined;
	if (sign === undefined) return alone(left);
	const right = operand(reading);
	if (right === undefined) return undefined;
	if (sign === "==") return equal(left, right);
	if (sign !== "!=") return ordered(left, sign, right);
	const same = equal(left, right);
	return same === undefined ? undefined : !same;
}

/** A value, or one that the event has not. */
type Operand = { kind: "value"; value: unknown } | { kind: "missing" };

function operand({ rest, names }: Reading): Operand | undefined {
	const token = rest[0] ?? "";
	if (!/^[\w"'-]/.test(token)) return undefined;
	rest.shift();
	if (/^["']/.test(token)) return { kind: "value", value: token.slice(1, -1) };
	if (/^[\d-]/.test(token))
		return Math.abs(Number(token)) > 2 ** 53 ? undefined : { kind: "value", value: Number(token) };
	if (token === "true" || token === "false") return { kind: "value", value: token === "true" };
	if (token === "null") return { kind: "value", value: null };
	const [root = "", field = "", ...keys] = token.split(".");
	const event = Object.hasOwn(names, root) ? names[root] : undefined;
	if (event === undefined) return undefined;
	if (field === "name" && !keys.length) return { kind: "value", value: event.name };
	if (field === "data") return valueAt(event.data, keys);
	return field === "user" ? valueAt(event.user, keys) : undefined;
}

function valueAt(value: unknown, keys: readonly string[]): Operand {
	let at = value;
	for (const key of keys) {
		if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return { kind: "missing" };
		at = Reflect.get(at, key);
	}
	return { kind: "value", value: at };
}

/** A field without a comparison: true or false if it is that, false if the event has it not (the server's source). */
function alone(of: Operand): Truth {
	if (of.kind === "missing" || of.value === null) return false;
	return typeof of.value === "boolean" ? of.value : undefined;
}

/** Measured: a missing field equals no value, nor does "5" equal 5. By the server's source it equals null. */
function equal(left: Operand, right: Operand): Truth {
	if (left.kind === "missing") return right.kind === "missing" ? undefined : right.value === null;
	if (right.kind === "missing") return equal(right, left);
	const [a, b] = [left.value, right.value];
	if (a === null || b === null) return a === b;
	return typeof a === "object" || typeof b === "object" ? undefined : a === b;
}

/** Measured: a missing field is not greater than anything, and what can't be compared ("5" > 3) is not true. */
function ordered(left: Operand, sign: string, right: Operand): Truth {
	if (left.kind === "missing") return sign.startsWith(">") && right.kind === "value" ? false : undefined;
	if (right.kind === "missing") return undefined;
	const [a, b] = [left.value, right.value];
	const types = [typeof a, typeof b].sort().join();
	if (types === "number,string") return false;
	const plain = types === "number,number" || (types === "string,string" && /^[ -~]*$/.test(`${a}${b}`));
	return plain ? isOrdered(Number(greater(a, b)) - Number(greater(b, a)), sign) : undefined;
}
const greater = (a: unknown, b: unknown): boolean =>
	(typeof a === "number" && typeof b === "number") || (typeof a === "string" && typeof b === "string") ? a > b : false;

function isOrdered(way: number, sign: string): boolean {
	if (way === 0) return sign.endsWith("=");
	return way > 0 === sign.startsWith(">");
}

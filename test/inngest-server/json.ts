/** Unchecked JSON, and Go's and protobuf's error messages about it. */

export type Json = { [key: string]: unknown };

export const isObject = (value: unknown): value is Json =>
	typeof value === "object" && value !== null && !Array.isArray(value);

export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What Go's encoding/json calls the type of a value. */
export function goKind(value: unknown): string {
	if (Array.isArray(value)) return "array";
	if (typeof value === "boolean") return "bool";
	return typeof value;
}

/** The same value with its keys in order, as protobuf prints a Struct. */
export function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.keys(value)
			.sort()
			.map((key) => [key, sorted(value[key])]),
	);
}

/** A value as protobuf's Struct: anything but an object is wrapped in `data`. */
export const asStruct = (value: unknown): unknown => (isObject(value) ? sorted(value) : { data: sorted(value) });

const quoted = (char: string): string => (char === "'" ? `'\\''` : char === '"' ? `'"'` : `'${char}'`);

/**
 * Scans one JSON value from `start` like Go's decoder. Returns where it ends, or Go's message about the first invalid character or the end
 * of the text.
 */
export function scanValue(source: string, start: number): { end: number } | { error: string } {
	const stack: string[] = [];
	let i = start;
	let state: "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "after" = "value";
	const skip = (): void => {
		while (i < source.length && /[ \t\r\n]/.test(source.charAt(i))) i++;
	};
	const bad = (context: string) => ({ error: `invalid character ${quoted(source.charAt(i))} ${context}` });
	const truncated = { error: "unexpected EOF" };
	for (;;) {
		if (state === "after" && stack.length === 0) return { end: i };
		skip();
		if (i >= source.length) return truncated;
		const char = source.charAt(i);
		if (state === "colon") {
			if (char !== ":") return bad("after object key");
			i++;
			state = "value";
		} else if (state === "after") {
			const open = stack.at(-1);
			if (char === ",") {
				i++;
				state = open === "{" ? "key" : "value";
			} else if (char === (open === "{" ? "}" : "]")) {
				i++;
				stack.pop();
			} else return bad(open === "{" ? "after object key:value pair" : "after array element");
		} else if (char === "}" && state === "key-or-end") {
			i++;
			stack.pop();
			state = "after";
		} else if (char === "]" && state === "value-or-end") {
			i++;
			stack.pop();
			state = "after";
		} else if (state === "key" || state === "key-or-end") {
			if (char !== '"') return bad("looking for beginning of object key string");
			const found = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
			found.lastIndex = i;
			const match = found.exec(source);
			if (match === null) return truncated;
			i += match[0].length;
			state = "colon";
		} else if (char === "{" || char === "[") {
			stack.push(char);
			i++;
			state = char === "{" ? "key-or-end" : "value-or-end";
		} else {
			const literal = /"(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
			literal.lastIndex = i;
			const match = literal.exec(source);
			if (match === null) {
				const word = ["true", "false", "null"].find((candidate) => candidate.startsWith(char));
				if (word === undefined) return char === '"' ? truncated : bad("looking for beginning of value");
				let good = 1;
				while (source.charAt(i + good) === word.charAt(good)) good++;
				i += good;
				return i >= source.length ? truncated : bad(`in literal ${word} (expecting ${quoted(word.charAt(good))})`);
			}
			i += match[0].length;
			state = "after";
		}
	}
}

/** Go's message about a text that isn't one JSON value. */
export function goSyntaxError(source: string): string {
	const start = source.search(/\S/);
	const scanned = scanValue(source, Math.max(0, start));
	if ("error" in scanned) return scanned.error === "unexpected EOF" ? "unexpected end of JSON input" : scanned.error;
	const rest = source.slice(scanned.end).trimStart();
	return `invalid character ${quoted(rest.charAt(0))} after top-level value`;
}

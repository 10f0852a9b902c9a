/** The only reader of files and standard input; also reads JSON, noticing what JSON.parse silently changes. */
import { resolve } from "node:path";
import { refusal, UsageError } from "../text/errors.ts";
import { bytes, clean, once } from "../text/text.ts";
import { require } from "./manifest.ts";

const fs: typeof import("node:fs") = require("node:fs");
const { closeSync, fstatSync, openSync, readlinkSync, readSync } = fs;

/** A source of text that can be read more than once. */
export interface Source {
	/** Its name in messages: `events.ndjson`, `standard input`, `the argument`. */
	name: string;
	/** Where it comes from. */
	kind: "argument" | "input" | "file";
	/** The argument that opens it again: the text itself, or `@` and the name of a regular file. */
	again?: string;
	/** Its text in pieces, without a byte order mark. Can be called again: a pipe is kept in memory, up to HELD_LIMIT. */
	texts(): Iterable<string>;
}

/** Maximum characters. Of a JSON argument; and of a pipe or array of events, which are read whole. */
export const WHOLE_LIMIT = 8 * 1024 * 1024;
export const HELD_LIMIT = 64 * 1024 * 1024;

/** Opens `@file`, `-` (or `@-`), or the text itself. */
export function openSource(argument: string): Source {
	if (argument === "-" || argument === "@-") return fromDescriptor(0, "standard input");
	if (!argument.startsWith("@")) {
		const text = argument.replace(/^\ufeff/, "");
		return { name: "the argument", kind: "argument", again: argument, texts: () => [text] };
	}
	const file = argument.slice(1);
	try {
		return fromDescriptor(openSync(file, "r"), clean(file, 120), file);
	} catch (error) {
		throw failed(clean(file, 120), error);
	}
}

/** Checks the opened file, not its path, which may have changed: no folder, device, /proc or /sys. */
function fromDescriptor(descriptor: number, name: string, file?: string): Source {
	const stat = fstatSync(descriptor);
	const place = placeOf(descriptor);
	// Standard input may be the null device: it is then empty.
	const isNull = descriptor === 0 && stat.isCharacterDevice() && !process.stdin.isTTY;
	const isFile = stat.isFile() && !/^\/(proc|sys)\//.test(place ?? "");
	if (!isFile && !isNull && !stat.isFIFO() && !stat.isSocket()) {
		if (file !== undefined) closeSync(descriptor);
		throw refusal(`${name} is not an ordinary file or pipe`, "Give JSON as @file, or by a pipe and -.");
	}
	const kind = file === undefined ? "input" : "file";
	const piped = () =>
		whole(textsIn(descriptor, name, null), HELD_LIMIT, `${name} is a pipe of`, "Save it and use @file.");
	if (!isFile) return { name, kind, texts: once(piped) };
	const isLink = file !== undefined && place !== undefined && place !== resolve(file);
	return {
		name: isLink ? `${name} (${clean(place, 120)})` : name,
		kind,
		...(file !== undefined && { again: `@${file}` }),
		texts: () => textsIn(descriptor, name, 0),
	};
}

/** The path of an open file, on Linux. */
function placeOf(descriptor: number): string | undefined {
	try {
		return readlinkSync(`/proc/self/fd/${descriptor}`);
	} catch {
		return;
	}
}

/** All texts, at most `limit` characters in total. */
function whole(texts: Iterable<string>, limit: number, what: string, next: string): string[] {
	const all: string[] = [];
	let size = 0;
	for (const text of texts) {
		size += text.length;
		if (size > limit) throw refusal(`${what} more than ${bytes(limit)}`, next);
		all.push(text);
	}
	return all;
}

/** Reads a descriptor as UTF-8 from `start`, or (null) from its current position. */
function* textsIn(descriptor: number, name: string, start: number | null): Generator<string> {
	const decoder = new TextDecoder("utf-8", { fatal: true });
	const chunk = Buffer.allocUnsafe(16 * 1024);
	let position = start;
	for (let size = 1; size > 0; ) {
		let text: string;
		try {
			size = readSync(descriptor, chunk, 0, chunk.length, position);
			text = decoder.decode(chunk.subarray(0, size), { stream: size > 0 });
		} catch (error) {
			// The end of a pipe on Windows.
			if (reason(error) === "EOF") return;
			// A pipe that Node made non-blocking is empty for now: wait 5 ms without spinning.
			if (reason(error) !== "EAGAIN") throw failed(name, error);
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
			continue;
		}
		if (position !== null) position += size;
		if (text) yield text;
	}
}

const reason = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "unknown");

function failed(name: string, error: unknown): unknown {
	if (error instanceof UsageError) return error;
	if (reason(error) === "ERR_ENCODING_INVALID_ENCODED_DATA")
		return refusal(
			`${name} is not UTF-8`,
			"Convert it; in PowerShell: Get-Content FILE | Set-Content -Encoding utf8 NEW",
		);
	return refusal(`${name} can't be read: ${reason(error)}`, "Check the path after @.");
}

/** Reads a JSON argument whole. `asIs`: plain text, not parsed. */
export function readJson(source: Source, flag: string, asIs = false): unknown {
	const next = asIs ? "Ask for less." : "`send-events` takes large input.";
	const text = whole(source.texts(), WHOLE_LIMIT, `${flag} has`, next).join("");
	if (asIs) return text;
	const name = source.kind === "argument" ? flag : source.name;
	const value = parseJson(text, name);
	if (written(value) === undefined) throw refusal(`${name} is nested too deeply`, "Correct it and call again.");
	return value;
}

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
		if (error instanceof RangeError) return;
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

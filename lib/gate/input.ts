/** The only reader of files and standard input. */
import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { refusal, UsageError } from "../text/errors.ts";
import { parseJson } from "../text/json.ts";
import { bytes, clean } from "../text/text.ts";

/** Something to read bytes from, more than once where it can be rewound. */
export interface Source {
	/** How messages name it: `events.ndjson`, `standard input`, `the argument`. */
	name: string;
	/** Where it comes from. */
	kind: "argument" | "input" | "file";
	/** The argument that opens it once more: the text itself, or the `@` and name of a regular file. */
	again?: string;
	/** Can be called again: a pipe is held in memory, up to PIPE_LIMIT bytes. A chunk's bytes are good until the next is asked for. */
	chunks(): Iterable<Buffer>;
}

/** JSON arguments are read whole up to this many bytes; a pipe is held in memory up to as many. */
export const WHOLE_LIMIT = 8 * 1024 * 1024;
export const PIPE_LIMIT = 64 * 1024 * 1024;

/** Opens `@file`, `-` (or `@-`), or the text itself. */
export function openSource(argument: string): Source {
	if (argument === "-" || argument === "@-") return fromDescriptor(0, "standard input");
	if (!argument.startsWith("@"))
		return {
			name: "the argument",
			kind: "argument",
			again: argument,
			chunks: () => [Buffer.from(argument.replace(/^\ufeff/, ""))],
		};
	const file = argument.slice(1);
	const name = clean(file, 120);
	let descriptor: number;
	try {
		descriptor = openSync(file, "r");
	} catch (error) {
		throw refusal(`${name} can't be read: ${reason(error)}`, "Check the path after @.");
	}
	return fromDescriptor(descriptor, name, file);
}

/** Files, pipes and standard input are read: what is judged is what was opened, whatever its path was before. */
function fromDescriptor(descriptor: number, name: string, file?: string): Source {
	const stat = fstatSync(descriptor);
	const kind = file === undefined ? "input" : "file";
	const refused = (what: string) => {
		if (file !== undefined) closeSync(descriptor);
		return refusal(`${name} is ${what}`, "Name a file or a pipe after @.");
	};
	if (stat.isDirectory()) throw refused("a folder");
	if (stat.isFile()) {
		const place = placeOf(descriptor);
		if (/^\/(proc|sys)\//.test(place ?? "")) throw refused("no file but the system's own account of itself");
		const told = place === undefined || file === undefined || place === resolve(file);
		const whole = told ? name : `${name} (${clean(place, 120)})`;
		const again = file === undefined ? {} : { again: `@${file}` };
		return { name: whole, kind, ...again, chunks: () => inUtf8(readChunks(descriptor, name, 0), name) };
	}
	if (descriptor === 0 && stat.isCharacterDevice() && process.stdin.isTTY)
		throw refusal("Standard input is a terminal", "Pipe JSON into it, or use @file.");
	// Standard input may be the null device: then it is empty.
	if (stat.isBlockDevice() || (stat.isCharacterDevice() && descriptor !== 0)) throw refused("a device");
	let held: Buffer[] | undefined;
	const chunks = () => {
		held ??= hold(inUtf8(readChunks(descriptor, name, null), name), PIPE_LIMIT, () => [
			`${name} is a pipe of more than ${bytes(PIPE_LIMIT)}, too much to check before sending`,
			"Save it and use @file, or redirect it with <.",
		]);
		return held;
	};
	return { name, kind, chunks };
}

/** Where an opened file is, as Linux tells. */
function placeOf(descriptor: number): string | undefined {
	try {
		return readlinkSync(`/proc/self/fd/${descriptor}`);
	} catch {
		return undefined;
	}
}

/** The same without a byte order mark, which the end of a chunk may cut; UTF-16 is refused: half of its JSON is zeros. */
export function* inUtf8(chunks: Iterable<Buffer>, name: string): Generator<Buffer> {
	let head: Buffer | undefined = Buffer.alloc(0);
	for (const chunk of chunks) {
		if (!head) yield chunk;
		else {
			head = Buffer.concat([head, chunk]);
			if (head.length < 3) continue;
			yield afterMark(head, name);
			head = undefined;
		}
	}
	if (head?.length) yield afterMark(head, name);
}

function afterMark(head: Buffer, name: string): Buffer {
	const [first = 1, second = 1] = head;
	if (!first !== !second || Math.min(first, second) >= 0xfe)
		throw refusal(
			`${name} is UTF-16`,
			"Convert it to UTF-8; in PowerShell: Get-Content FILE | Set-Content -Encoding utf8 NEW",
		);
	return head.indexOf("\ufeff") === 0 ? head.subarray(3) : head;
}

/** Copies of all chunks, which may have `limit` bytes together. */
function hold(chunks: Iterable<Buffer>, limit: number, fault: () => [what: string, next: string]): Buffer[] {
	const held: Buffer[] = [];
	let size = 0;
	for (const chunk of chunks) {
		size += chunk.byteLength;
		if (size > limit) throw refusal(...fault());
		held.push(Buffer.from(chunk));
	}
	return held;
}

/** Reads a descriptor in chunks of 256 KiB, from `start`, or (null) from where it stands. */
function* readChunks(descriptor: number, name: string, start: number | null): Generator<Buffer> {
	let position = start;
	const chunk = Buffer.allocUnsafe(256 * 1024);
	for (;;) {
		let size: number;
		try {
			size = readSync(descriptor, chunk, 0, chunk.length, position);
		} catch (error) {
			if (reason(error) === "EOF") return;
			// A pipe that Node made non-blocking has nothing yet: wait 5 ms without spinning.
			if (reason(error) !== "EAGAIN")
				throw new UsageError(`${name} can't be read: ${reason(error)}.`, "Check the input and call again.");
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
			continue;
		}
		if (size === 0) return;
		if (position !== null) position += size;
		yield chunk.subarray(0, size);
	}
}

const reason = (error: unknown): string =>
	error instanceof Error && "code" in error ? String(error.code) : "unknown error";

/** Reads a JSON argument whole; `asIs`: a text, which is not parsed. */
export function readJson(source: Source, flagName: string, asIs = false): unknown {
	const parts = hold(source.chunks(), WHOLE_LIMIT, () => [
		`${flagName} is larger than ${bytes(WHOLE_LIMIT)}`,
		asIs ? "Ask for less." : "`send-events` takes large input.",
	]);
	const whole = Buffer.concat(parts);
	const name = source.kind === "argument" ? flagName : source.name;
	if (!isUtf8(whole)) throw refusal(`${name} is not UTF-8`, "Save it as UTF-8.");
	const text = whole.toString("utf8");
	return asIs ? text : parseJson(text, name);
}

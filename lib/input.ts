/** The only reader of files and standard input. */
import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { refusal, UsageError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { bytes, clean } from "./text.ts";

/** Something to read bytes from, more than once where it can be rewound. */
export interface Source {
	/** How messages name it: `events.ndjson`, `standard input`, `the argument`. */
	name: string;
	/** The argument that opens it once more: the text itself, or the `@` and name of a regular file. */
	again?: string;
	/** Can be called again: a pipe is held in memory, up to PIPE_LIMIT bytes. A chunk's bytes are good until the next is asked for. */
	chunks(): Iterable<Uint8Array>;
}

/** JSON arguments are read whole up to this many bytes; a pipe is held in memory up to as many. */
export const WHOLE_LIMIT = 8 * 1024 * 1024;
export const PIPE_LIMIT = 64 * 1024 * 1024;

/** Opens `@file`, `-`, or the text itself. */
export function openSource(argument: string): Source {
	if (argument === "-") return fromDescriptor(0, "standard input");
	if (!argument.startsWith("@"))
		return { name: "the argument", again: argument, chunks: () => [Buffer.from(argument)] };
	const file = argument.slice(1);
	const name = clean(file, 120);
	let descriptor: number;
	try {
		descriptor = openSync(file, "r");
	} catch (error) {
		throw refusal(`${name} can't be read: ${reason(error)}`, "Check the path after @.");
	}
	return fromDescriptor(descriptor, name, argument);
}

function fromDescriptor(descriptor: number, name: string, again?: string): Source {
	const stat = fstatSync(descriptor);
	if (stat.isDirectory()) {
		closeSync(descriptor);
		throw refusal(`${name} is a folder`, "Name a file after @.");
	}
	if (stat.isFile())
		return { name, ...(again !== undefined && { again }), chunks: () => readChunks(descriptor, name, 0) };
	if (stat.isCharacterDevice() && process.stdin.isTTY)
		throw refusal("Standard input is a terminal", "Pipe JSON into it, or use @file.");
	let held: Buffer[] | undefined;
	const chunks = () => {
		held ??= hold(readChunks(descriptor, name, null), PIPE_LIMIT, () => [
			`${name} is a pipe of more than ${bytes(PIPE_LIMIT)}, too much to check before sending`,
			"Save it and use @file, or redirect it with <.",
		]);
		return held;
	};
	return { name, chunks };
}

/** Copies of all chunks, which may have `limit` bytes together. */
function hold(chunks: Iterable<Uint8Array>, limit: number, fault: () => [what: string, next: string]): Buffer[] {
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

/** Reads a JSON argument whole. */
export function readJson(argument: string, flagName: string): unknown {
	const source = openSource(argument);
	const parts = hold(source.chunks(), WHOLE_LIMIT, () => [
		`${flagName} is larger than ${bytes(WHOLE_LIMIT)}`,
		"`send-events` takes large input.",
	]);
	const whole = Buffer.concat(parts);
	const name = source.name === "the argument" ? flagName : source.name;
	if (!isUtf8(whole)) throw refusal(`${name} is not UTF-8`, "Save it as UTF-8.");
	return parseJson(whole.toString("utf8").replace(/^\ufeff/, ""), name);
}

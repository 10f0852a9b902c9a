/** The only reader of files and standard input. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { UsageError } from "./errors.ts";
import { bytes, clean } from "./text.ts";

/** Something to read bytes from, more than once where it can be rewound. */
export interface Source {
	/** How messages name it: `events.ndjson`, `standard input`, `the argument`. */
	name: string;
	/** Can be called again: a pipe is held in memory, up to PIPE_LIMIT bytes. A chunk's bytes are good until the next is asked for. */
	chunks(): Iterable<Uint8Array>;
}

/** JSON arguments are read whole up to this many bytes; a pipe is held in memory up to as many. */
export const WHOLE_LIMIT = 8 * 1024 * 1024;
export const PIPE_LIMIT = 64 * 1024 * 1024;

/** Opens `@file`, `-`, or the text itself. */
export function openSource(argument: string): Source {
	if (argument === "-") return fromDescriptor(0, "standard input");
	if (!argument.startsWith("@")) return { name: "the argument", chunks: () => [Buffer.from(argument)] };
	const file = argument.slice(1);
	const name = clean(file, 120);
	let descriptor: number;
	try {
		descriptor = openSync(file, "r");
	} catch (error) {
		throw new UsageError(`${name} can't be read: ${reason(error)}; nothing was sent.`, "Check the path after @.");
	}
	return fromDescriptor(descriptor, name);
}

function fromDescriptor(descriptor: number, name: string): Source {
	const stat = fstatSync(descriptor);
	if (stat.isDirectory()) {
		closeSync(descriptor);
		throw new UsageError(`${name} is a folder; nothing was sent.`, "Name a file after @.");
	}
	if (stat.isFile()) return { name, chunks: () => readChunks(descriptor, name, 0) };
	if (stat.isCharacterDevice() && process.stdin.isTTY)
		throw new UsageError("Standard input is a terminal; nothing was sent.", "Pipe JSON into it, or use @file.");
	let held: Buffer[] | undefined;
	return {
		name,
		chunks() {
			if (!held) {
				held = [];
				let size = 0;
				for (const chunk of readChunks(descriptor, name, null)) {
					size += chunk.byteLength;
					if (size > PIPE_LIMIT)
						throw new UsageError(
							`${name} is a pipe of more than ${bytes(PIPE_LIMIT)}, too much to check before sending; nothing was sent.`,
							"Save it and use @file, or redirect it with <.",
						);
					held.push(Buffer.from(chunk));
				}
			}
			return held;
		},
	};
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
	const parts: Uint8Array[] = [];
	let size = 0;
	for (const chunk of source.chunks()) {
		size += chunk.byteLength;
		if (size > WHOLE_LIMIT)
			throw new UsageError(
				`${flagName} is larger than ${bytes(WHOLE_LIMIT)}; nothing was sent.`,
				"`send-events` takes large input.",
			);
		parts.push(Buffer.from(chunk));
	}
	return parseJson(
		Buffer.concat(parts)
			.toString("utf8")
			.replace(/^\ufeff/, ""),
		source.name === "the argument" ? flagName : source.name,
	);
}

/** Parses JSON; throws a UsageError that says where it is wrong. */
export function parseJson(text: string, name: string): unknown {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		const at = faultIn(text);
		const before = text.slice(0, at);
		const row = before.split("\n").length;
		const what =
			at >= text.length
				? "ends too early"
				: `has an unexpected ${JSON.stringify(clean(text.charAt(at), 4) || "control character")}`;
		throw new UsageError(
			`${name} is not valid JSON: it ${what} at line ${row}, column ${at - before.lastIndexOf("\n")}; nothing was sent.`,
			"Keys and strings take double quotes; @file or - avoids shell quoting.",
		);
	}
	const bare = text.replace(/\\./g, "").replace(/"[^"]*"/g, '""');
	let depth = 0;
	for (const [bracket] of bare.matchAll(/[[{\]}]/g)) {
		depth += "[{".includes(bracket) ? 1 : -1;
		if (depth > 1000)
			throw new UsageError(`${name} is nested deeper than 1,000 levels; nothing was sent.`, "Give it flatter data.");
	}
	// JSON.parse would change these silently, and what is sent must be what was given.
	const large =
		bare.match(/(?<![\d.])-?\d{16,}(?![\d.eE])/g)?.find((n) => !Number.isSafeInteger(Number(n))) ??
		bare.match(/-?\d[\d.]*(?:e\+?\d+)?/gi)?.find((n) => !Number.isFinite(Number(n)));
	if (large)
		throw new UsageError(
			`${name} holds ${large.slice(0, 30)}, too large for an exact number; nothing was sent.`,
			"Put it in quotes, or use `send-events`, which sends JSON as it is.",
		);
	return value;
}

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

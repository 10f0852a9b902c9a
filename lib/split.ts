/** Splits NDJSON or a JSON array into events, in memory that grows with the largest event alone. */
import { UsageError } from "./errors.ts";
import { EVENT_LIMIT } from "./events.ts";
import type { Source } from "./input.ts";

/** One event of the input. */
export interface Piece {
	/** Its bytes, good until the next piece is asked for; undefined where it is larger than an event may be. */
	raw: Buffer | undefined;
	/** Line (NDJSON) or position in the array, from 1. */
	at: number;
	/** How a place in the input is named. */
	unit: "line" | "event";
}

/** The input is no JSON array, or no longer. */
export class BrokenArray extends UsageError {}

const NEWLINE = 10;
const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** The input's chunks without a byte order mark, which the end of a chunk may cut. */
function* chunksOf(source: Source): Generator<Buffer> {
	let head: Buffer | undefined = Buffer.alloc(0);
	for (const bytes of source.chunks()) {
		const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		if (!head) yield chunk;
		else {
			head = Buffer.concat([head, chunk]);
			if (head.length < 3) continue;
			yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
			head = undefined;
		}
	}
	if (head) yield head;
}

/** An array is recognised by its first character; anything else is read as NDJSON. */
export function* split(source: Source): Generator<Piece> {
	let scan: ((chunk: Buffer) => Iterable<Piece>) | undefined;
	let end: () => Iterable<Piece> = () => [];
	let blankLines = 0;
	for (const chunk of chunksOf(source)) {
		if (!scan) {
			const first = chunk.find((byte) => !isSpace(byte));
			if (first === undefined) {
				for (const byte of chunk) if (byte === NEWLINE) blankLines++;
				continue;
			}
			({ scan, end } = first === 0x5b ? arrayScanner(source.name) : lineScanner(blankLines));
		}
		yield* scan(chunk);
	}
	yield* end();
}

/** Keeps copies of the parts of an event that spans chunks, up to the largest event; a larger one is counted and dropped. */
class Carry {
	#parts: Buffer[] = [];
	#size = 0;
	keep(part: Buffer): void {
		this.#size += part.length;
		if (this.#size > EVENT_LIMIT + 1024) this.#parts = [];
		else if (part.length) this.#parts.push(Buffer.from(part));
	}
	/** The event that ends with `last`. */
	take(last: Buffer): Buffer | undefined {
		const size = this.#size + last.length;
		if (size === last.length && size <= EVENT_LIMIT + 1024) return last;
		const whole = size > EVENT_LIMIT + 1024 ? undefined : Buffer.concat([...this.#parts, last]);
		this.#parts = [];
		this.#size = 0;
		return whole;
	}
}

const NONE = Buffer.alloc(0);

function lineScanner(at: number) {
	const carry = new Carry();
	const piece: Piece = { raw: undefined, at, unit: "line" };
	/** Whether a piece ends here that is not blank. */
	const take = (last: Buffer): boolean => {
		piece.at++;
		const raw = carry.take(last);
		piece.raw = raw;
		if (raw === undefined) return true;
		for (const byte of raw) if (!isSpace(byte)) return true;
		return false;
	};
	return {
		*scan(chunk: Buffer) {
			let start = 0;
			for (let i = chunk.indexOf(NEWLINE); i !== -1; i = chunk.indexOf(NEWLINE, start)) {
				const filled = take(chunk.subarray(start, i));
				start = i + 1;
				if (filled) yield piece;
			}
			carry.keep(chunk.subarray(start));
		},
		*end() {
			if (take(NONE)) yield piece;
		},
	};
}

function arrayScanner(name: string) {
	const carry = new Carry();
	const piece: Piece = { raw: undefined, at: 0, unit: "event" };
	let depth = 0;
	let inString = false;
	let escaped = false;
	let blank = true;
	let closed = false;
	const wrong = (what: string) =>
		new BrokenArray(
			`${name} is not a JSON array of events: ${what} after event ${piece.at}; nothing was sent.`,
			"NDJSON (one event a line) is taken too.",
		);
	/** Whether a piece ends here: none does in an empty array. */
	const take = (last: Buffer): boolean => {
		piece.raw = carry.take(last);
		if (blank && closed && piece.at === 0) return false;
		if (blank) throw wrong("a comma too many");
		blank = true;
		piece.at++;
		return true;
	};
	return {
		*scan(chunk: Buffer) {
			let start = 0;
			for (let i = 0; i < chunk.length; i++) {
				const byte = chunk[i] ?? 0;
				if (inString) {
					if (escaped) escaped = false;
					else if (byte === 0x5c) escaped = true;
					else if (byte === 0x22) inString = false;
					continue;
				}
				if (isSpace(byte)) continue;
				if (closed) throw wrong("there is more text");
				if (depth === 0) {
					depth = 1;
					start = i + 1;
					continue;
				}
				if (depth === 1 && (byte === 0x2c || byte === 0x5d)) {
					closed = byte === 0x5d;
					const filled = take(chunk.subarray(start, i));
					start = i + 1;
					if (filled) yield piece;
					continue;
				}
				blank = false;
				if (byte === 0x22) inString = true;
				else if (byte === 0x7b || byte === 0x5b) depth++;
				// A bracket too many stays in its event, which then is not JSON.
				else if (byte === 0x7d || byte === 0x5d) depth = Math.max(1, depth - 1);
			}
			if (depth > 0 && !closed) carry.keep(chunk.subarray(start));
		},
		end(): Piece[] {
			if (!closed) throw wrong("the end is missing");
			return [];
		},
	};
}

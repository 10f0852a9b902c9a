/** Splits NDJSON or a JSON array into events, in memory that grows with the largest event alone. */

import type { Source } from "../gate/input.ts";
import { UsageError } from "../text/errors.ts";
import { isSpace } from "../text/json.ts";
import { EVENT_LIMIT } from "./events.ts";

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

const [NEWLINE, QUOTE, COMMA, OPEN, BACKSLASH, CLOSE] = Buffer.from('\n",[\\]');
const [OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from("{}");

/** An array is recognised by its first character; anything else is read as NDJSON. */
export function* split(source: Source): Generator<Piece> {
	const carry = new Carry();
	let at = 0;
	let begun = false;
	let array: ArrayScanner | undefined;
	const wrong = (what: string) =>
		new BrokenArray(
			`${source.name} is not a JSON array of events: ${what} after event ${at}; nothing was sent.`,
			"NDJSON (one event a line) is taken too.",
		);
	for (const chunk of source.chunks()) {
		let start = 0;
		if (!begun) {
			const first = chunk.findIndex((byte) => !isSpace(byte));
			begun = first >= 0;
			if (!begun) at += chunk.filter((byte) => byte === NEWLINE).length;
			if (!begun) continue;
			if (chunk[first] === OPEN) {
				array = new ArrayScanner();
				at = 0;
				start = first + 1;
			}
		}
		for (;;) {
			const end = array ? array.endIn(chunk, start, wrong) : chunk.indexOf("\n", start);
			if (end < 0) break;
			const raw = carry.take(chunk.subarray(start, end));
			start = end + 1;
			const blank = raw?.every(isSpace);
			if (array && blank && !(array.closed && at === 0)) throw wrong("a comma too many");
			if (!array || !blank) at++;
			if (!blank) yield { raw, at, unit: array ? "event" : "line" };
		}
		carry.keep(chunk.subarray(start));
	}
	if (array && !array.closed) throw wrong("the end is missing");
	const raw = carry.take(Buffer.alloc(0));
	if (!array && !raw?.every(isSpace)) yield { raw, at: at + 1, unit: "line" };
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
		const parts = [...this.#parts, last];
		this.#parts = [];
		this.#size = 0;
		if (size > EVENT_LIMIT + 1024) return undefined;
		return parts.length > 1 ? Buffer.concat(parts) : last;
	}
}

/** Finds where the events of an array end, which is after its opening bracket. */
class ArrayScanner {
	closed = false;
	#depth = 0;
	#inString = false;
	#escaped = false;
	/** The index of the next comma or bracket that ends an event, or -1. */
	endIn(chunk: Buffer, from: number, wrong: (what: string) => Error): number {
		for (let i = from; i < chunk.length; i++) {
			const byte = chunk[i] ?? 0;
			if (this.#inString) {
				if (this.#escaped) this.#escaped = false;
				else if (byte === BACKSLASH) this.#escaped = true;
				else if (byte === QUOTE) this.#inString = false;
				continue;
			}
			if (isSpace(byte)) continue;
			if (this.closed) throw wrong("there is more text");
			if (this.#depth === 0 && (byte === COMMA || byte === CLOSE)) {
				this.closed = byte === CLOSE;
				return i;
			}
			if (byte === QUOTE) this.#inString = true;
			else if (byte === OPEN_OBJECT || byte === OPEN) this.#depth++;
			// A bracket too many stays in its event, which then is not JSON.
			else if (byte === CLOSE_OBJECT || byte === CLOSE) this.#depth = Math.max(0, this.#depth - 1);
		}
		return -1;
	}
}

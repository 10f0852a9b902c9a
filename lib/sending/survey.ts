/** The first look at a stream of events, in flat memory: it is split, each is checked, and the requests are planned. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import type { Source } from "../gate/input.ts";
import { UsageError } from "../text/errors.ts";
import { faultIn, faultText, isSpace } from "../text/json.ts";
import { BATCH_EVENTS, EVENT_LIMIT, FIELDS, faultOf } from "./events.ts";

/** Events that go out in one request. */
export interface Batch {
	/** Number of the request, from 0: its seed depends on it. */
	k: number;
	/** The request's body, an array; its bytes are good until the next batch is asked for. */
	body: Buffer<ArrayBuffer>;
	/** Where each event begins in the body, and its place in the input. */
	starts: number[];
	places: number[];
}

/** What the first pass found. */
export interface Survey {
	/** `line` or `event`: how a place in the input is named. */
	unit: "line" | "event";
	events: number;
	bytes: number;
	/** Digest of the events that would be sent, in order. */
	digest: string;
	/** The most bytes of a request, and a digest for each, so that the second pass sends what the first has checked. */
	largest: number;
	batches: string[];
	/** Event names and how often, the first 10,000; and how many events have others. */
	names: Map<string, number>;
	unnamed: number;
	/** How many have an id that came before, among the first 100,000 ids. */
	repeated: number;
	bad: number;
	/** Something is no JSON: where an array's events begin is a guess from there on. */
	notJson: boolean;
	/** The first 20 faults: of what kind, and where; what stands there may be secret. */
	faults: { at: number; said: string }[];
}

const [OBJECT] = Buffer.from("{");

/** Groups good events into requests of at most 512 events and `largest` bytes; a larger event goes alone. */
export function* batchesOf(source: Source, largest: number, isBad: (piece: Piece) => boolean): Generator<Batch> {
	let k = 0;
	let bytes = Buffer.allocUnsafe(largest);
	// A bracket opens the array; each event brings what stands after it, of which the last closes the array.
	let size = 1;
	let starts: number[] = [];
	let places: number[] = [];
	const full = (): Batch => {
		bytes[0] = 0x5b;
		bytes[size - 1] = 0x5d;
		return { k: k++, body: bytes.subarray(0, size), starts, places };
	};
	for (const piece of split(source)) {
		const { raw } = piece;
		if (isBad(piece) || !raw) continue;
		if (starts.length && (starts.length >= BATCH_EVENTS || size + raw.length + 1 > largest)) {
			yield full();
			[starts, places, size] = [[], [], 1];
		}
		if (raw.length + 2 > bytes.length) bytes = Buffer.allocUnsafe(raw.length + 2);
		starts.push(size);
		places.push(piece.at);
		size += raw.copy(bytes, size);
		bytes[size++] = 0x2c;
	}
	if (starts.length) yield full();
}

export const digestOf = (data: Buffer | string): string => createHash("sha256").update(data).digest("base64url");

/** The name of an event, or what is wrong with it: `notJson` where its bytes are no JSON at all. */
interface Checked {
	name?: string;
	/** Its sender's id; the same one starts nothing twice. */
	id?: string | undefined;
	fault?: string;
	notJson?: boolean;
}

/** Checks an event, of which only the small fields become objects. `raw` is undefined where it was too large to read. */
export function checkBytes(raw: Buffer | undefined): Checked {
	if (raw === undefined || raw.length > EVENT_LIMIT) return { fault: "larger than 3 MiB" };
	if (!isUtf8(raw)) return { fault: "not UTF-8" };
	const event: Record<string, unknown> = Object.create(null);
	let time = "";
	const found = faultIn(raw, (key, from, to) => {
		const isLarge = (key === "data" || key === "user") && raw[from] === OBJECT;
		event[key] ??= isLarge || !FIELDS.includes(key) ? {} : JSON.parse(raw.toString("utf8", from, to));
		if (key === "ts") time = raw.toString("latin1", from, to);
	});
	if (found?.kind === "syntax") return { fault: `not valid JSON, from byte ${found.at + 1} on`, notJson: true };
	if (raw.find((byte) => !isSpace(byte)) !== OBJECT) return { fault: "not a JSON object" };
	const fault = faultOf(event) ?? (found && faultText(found) + (found.kind === "number" ? ": put it in quotes" : ""));
	if (fault) return { fault, notJson: found?.kind === "deep" };
	// What is sent is the text: Go refuses 1e12 and 1.0 for an integer, where JSON.parse sees no difference.
	if (event.ts != null && !/^\d+$/.test(time)) return { fault: "ts is not written as a plain whole number" };
	return { name: String(event.name), id: event.id ? String(event.id) : undefined };
}

/** First pass: checks every event, and plans the requests. */
export function survey(source: Source, largest: number): Survey {
	// A long stream makes V8 enlarge its heap for young objects, though none of them lives long: a fifth more memory.
	setFlagsFromString("--semi-space-growth-factor=1");
	const names = new Map<string, number>();
	const ids = new Set<string>();
	const faults: Survey["faults"] = [];
	const batches: string[] = [];
	const found = { unit: "line" as Piece["unit"], events: 0, bytes: 0, unnamed: 0, repeated: 0, bad: 0, notJson: false };
	const isBad = ({ raw, at, unit }: Piece) => {
		found.unit = unit;
		const { name, id, fault = "", notJson = false } = checkBytes(raw);
		if (raw === undefined || name === undefined) {
			found.bad++;
			found.notJson ||= notJson;
			if (faults.length < 20) faults.push({ at, said: fault });
			return true;
		}
		found.events++;
		found.bytes += raw.length;
		if (names.size < 10_000 || names.has(name)) names.set(name, (names.get(name) ?? 0) + 1);
		else found.unnamed++;
		if (id !== undefined && ids.has(id)) found.repeated++;
		else if (id !== undefined && ids.size < 100_000) ids.add(id);
		return false;
	};
	for (const batch of batchesOf(source, largest, isBad)) batches.push(digestOf(batch.body));
	return { ...found, names, faults, batches, largest, digest: digestOf(batches.join("")) };
}

/** One event of the input. */
interface Piece {
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
			"NDJSON (one event per line) works too.",
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
			if (array && blank && !(array.closed && at === 0)) throw wrong("an extra comma");
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

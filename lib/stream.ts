/** Streams of events in flat memory: splitting NDJSON or a JSON array, checking, batching, and sending each exactly once. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { Api } from "./client.ts";
import { SkillError, UsageError } from "./errors.ts";
import { BATCH_BYTES, BATCH_EVENTS, EVENT_LIMIT, faultOf, type Seeds, sendBatch } from "./events.ts";
import type { Source } from "./input.ts";
import { RawJson } from "./request.ts";
import { clean, word } from "./text.ts";

/** One event of the input as bytes, or undefined where it is larger than an event may be. */
interface Piece {
	raw: Buffer | undefined;
	/** Line (NDJSON) or position in the array, from 1. */
	at: number;
}

/** Events that go out in one request. */
export interface Batch {
	/** Number of the request, from 0: its seed depends on it. */
	k: number;
	pieces: { raw: Buffer; at: number }[];
}

/** What the first pass found. */
export interface Survey {
	/** `line` or `event`: how a place in the input is named. */
	unit: "line" | "event";
	events: number;
	bytes: number;
	/** Digest of the events that would be sent, in order. */
	digest: string;
	/** A digest for each request, so that the second pass sends what the first has checked. */
	batches: string[];
	/** Event names and how often, the first 50. */
	names: Map<string, number>;
	bad: number;
	/** The first 20 faults. */
	faults: string[];
}

const NEWLINE = 10;
const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** The input's chunks without a byte order mark, which the end of a chunk may cut. */
function* chunksOf(source: Source): Generator<Buffer> {
	let head: Buffer | undefined = EMPTY;
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

/** Splits input into events. An array is recognised by its first character; anything else is read as NDJSON. */
function* split(source: Source): Generator<Piece & { unit: "line" | "event" }> {
	let scan: ((chunk: Buffer) => Iterable<Piece>) | undefined;
	let unit: "line" | "event" = "line";
	let end: () => Iterable<Piece> = () => [];
	let blankLines = 0;
	for (const chunk of chunksOf(source)) {
		if (!scan) {
			const first = chunk.find((byte) => !isSpace(byte));
			if (first === undefined) {
				for (const byte of chunk) if (byte === NEWLINE) blankLines++;
				continue;
			}
			unit = first === 0x5b ? "event" : "line";
			({ scan, end } = unit === "event" ? arrayScanner(source.name) : lineScanner(blankLines));
		}
		for (const piece of scan(chunk)) yield { ...piece, unit };
	}
	for (const piece of end()) yield { ...piece, unit };
}

/** Keeps the parts of an event that spans chunks, up to the largest event; a larger one is counted and dropped. */
class Carry {
	#parts: Buffer[] = [];
	#size = 0;
	add(part: Buffer): void {
		this.#size += part.length;
		if (this.#size > EVENT_LIMIT + 1024) this.#parts = [];
		else if (part.length) this.#parts.push(part);
	}
	take(): Buffer | undefined {
		const whole =
			this.#size > EVENT_LIMIT + 1024
				? undefined
				: this.#parts.length === 1
					? this.#parts[0]
					: Buffer.concat(this.#parts);
		this.#parts = [];
		this.#size = 0;
		return whole;
	}
}

function lineScanner(at: number) {
	const carry = new Carry();
	function* take(): Generator<Piece> {
		at++;
		const raw = carry.take();
		if (raw === undefined || raw.some((byte) => !isSpace(byte))) yield { raw, at };
	}
	return {
		*scan(chunk: Buffer) {
			let start = 0;
			for (let i = chunk.indexOf(NEWLINE); i !== -1; i = chunk.indexOf(NEWLINE, start)) {
				carry.add(chunk.subarray(start, i));
				start = i + 1;
				yield* take();
			}
			carry.add(chunk.subarray(start));
		},
		end: take,
	};
}

function arrayScanner(name: string) {
	const carry = new Carry();
	let at = 0;
	let depth = 0;
	let inString = false;
	let escaped = false;
	let blank = true;
	let closed = false;
	const wrong = (what: string) =>
		new UsageError(
			`${name} is not a JSON array of events: ${what} after event ${at}; nothing more was sent.`,
			"NDJSON (one event a line) is taken too.",
		);
	function* take(last: boolean): Generator<Piece> {
		const raw = carry.take();
		if (blank && last && at === 0) return;
		if (blank) throw wrong("a comma too many");
		blank = true;
		yield { raw, at: ++at };
	}
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
					carry.add(chunk.subarray(start, i));
					start = i + 1;
					closed = byte === 0x5d;
					yield* take(closed);
					continue;
				}
				blank = false;
				if (byte === 0x22) inString = true;
				else if (byte === 0x7b || byte === 0x5b) depth++;
				// A bracket too many stays in its event, which then is not JSON.
				else if (byte === 0x7d || byte === 0x5d) depth = Math.max(1, depth - 1);
			}
			if (depth > 0 && !closed) carry.add(chunk.subarray(start));
		},
		end(): Piece[] {
			if (closed) return [];
			throw wrong("the end is missing");
		},
	};
}

/** Groups good events into requests of at most 512 events and 1 MiB; a larger event goes alone. */
function* batchesOf(source: Source, fault: (piece: Piece & { unit: "line" | "event" }) => boolean): Generator<Batch> {
	let k = 0;
	let size = 0;
	let pieces: Batch["pieces"] = [];
	for (const piece of split(source)) {
		if (piece.raw === undefined || fault(piece)) continue;
		if (pieces.length && (pieces.length >= BATCH_EVENTS || size + piece.raw.length + 1 > BATCH_BYTES)) {
			yield { k: k++, pieces };
			pieces = [];
			size = 0;
		}
		pieces.push({ raw: piece.raw, at: piece.at });
		size += piece.raw.length + 1;
	}
	if (pieces.length) yield { k, pieces };
}

const digestOf = (batch: Batch): string => {
	const hash = createHash("sha256");
	for (const { raw } of batch.pieces) hash.update(raw).update("\n");
	return hash.digest("base64url");
};

function checkPiece(piece: Piece): { name?: string; fault?: string } {
	if (piece.raw === undefined || piece.raw.length > EVENT_LIMIT) return { fault: "larger than 3 MiB" };
	if (!isUtf8(piece.raw)) return { fault: "not UTF-8" };
	const text = piece.raw.toString("utf8");
	let event: unknown;
	try {
		event = JSON.parse(text);
	} catch (error) {
		return {
			fault: `not valid JSON (${clean(error instanceof Error ? error.message.replace(/, ?"?\.{3}.*| is not valid JSON/s, "") : "", 60)})`,
		};
	}
	const fault = faultOf(event);
	if (fault) return { fault };
	const { name, ts } = event as { name: string; ts?: number };
	// What is sent is the text: Go refuses 1e12 and 1.0 for an integer, where JSON.parse sees no difference.
	if (ts != null && !new RegExp(`"ts"\\s*:\\s*${ts}\\s*[,}]`).test(text))
		return { fault: "ts is not written as a plain whole number" };
	return { name };
}

/** First pass: checks every event, and plans the requests. */
export function survey(source: Source): Survey {
	const found: Survey = {
		unit: "line",
		events: 0,
		bytes: 0,
		digest: "",
		batches: [],
		names: new Map(),
		bad: 0,
		faults: [],
	};
	const whole = createHash("sha256");
	const isBad = (piece: Piece & { unit: "line" | "event" }) => {
		found.unit = piece.unit;
		const { name, fault } = checkPiece(piece);
		if (fault === undefined && name !== undefined) {
			found.events++;
			found.bytes += piece.raw?.length ?? 0;
			if (found.names.size < 50 || found.names.has(name)) found.names.set(name, (found.names.get(name) ?? 0) + 1);
			return false;
		}
		found.bad++;
		if (found.faults.length < 20) found.faults.push(`${piece.unit} ${piece.at}: ${fault}`);
		return true;
	};
	for (const batch of batchesOf(source, isBad)) {
		const digest = digestOf(batch);
		found.batches.push(digest);
		whole.update(digest);
	}
	found.digest = whole.digest("base64url");
	return found;
}

/** The account of a stream: every event is in exactly one of the counts. */
export interface Account {
	sent: number;
	/** Refused by the server, each with its reason (the first 20). */
	refused: number;
	refusals: string[];
	/** No usable answer: may have arrived or not. */
	unknown: number;
	notTried: number;
	/** All requests before this one were answered. */
	answered: number;
	/** Why it stopped early. */
	stopped: string | undefined;
	/** Internal ids of the first events. */
	ids: string[];
}

/** Requests in flight at once. */
const IN_FLIGHT = 4;

/** Second pass: sends the planned requests from number `first` on, several in flight, each under its own seed. */
export async function sendStream(
	api: Api,
	source: Source,
	plan: Survey,
	seeds: Seeds,
	first: number,
	signal: AbortSignal,
	progress: (account: Account) => void,
): Promise<Account> {
	const account: Account = {
		sent: 0,
		refused: 0,
		refusals: [],
		unknown: 0,
		notTried: plan.events,
		answered: first,
		stopped: undefined,
		ids: [],
	};
	const done = new Set<number>();
	const flight = new Set<Promise<void>>();
	const finish = (k: number) => {
		done.add(k);
		while (done.delete(account.answered)) account.answered++;
		progress(account);
	};
	const send = async (batch: Batch): Promise<void> => {
		let from = 0;
		try {
			while (from < batch.pieces.length) {
				const { ids, refusal } = await sendBatch(api, bodyOf(batch, from), seeds.of(batch.k, from));
				account.sent += ids.length;
				if (account.ids.length < 5) account.ids.push(...ids.slice(0, 5));
				from += ids.length;
				if (from >= batch.pieces.length) break;
				// The server took the events before a bad one: that one is refused, the rest goes on under a seed of its own.
				account.refused++;
				if (account.refusals.length < 20)
					account.refusals.push(`${plan.unit} ${batch.pieces[from]?.at}: ${refusal ?? "refused without a reason"}`);
				from++;
			}
			finish(batch.k);
		} catch (error) {
			if (!(error instanceof SkillError)) throw error;
			const left = batch.pieces.length - from;
			const clear = "status" in error && typeof error.status === "number" && error.status >= 400 && error.status < 500;
			if (clear) account.notTried += left;
			else account.unknown += left;
			account.stopped ??= error.message;
		}
	};
	const skipped = (piece: Piece) => plan.bad > 0 && checkPiece(piece).fault !== undefined;
	for (const batch of batchesOf(source, skipped)) {
		if (digestOf(batch) !== plan.batches[batch.k]) account.stopped ??= "The input changed while it was being sent.";
		if (signal.aborted) account.stopped ??= "Interrupted.";
		if (account.stopped) break;
		account.notTried -= batch.pieces.length;
		if (batch.k < first) {
			account.sent += batch.pieces.length;
			continue;
		}
		const sending: Promise<void> = send(batch).finally(() => flight.delete(sending));
		flight.add(sending);
		if (flight.size >= IN_FLIGHT) await Promise.race(flight);
	}
	await Promise.all(flight);
	return account;
}

function bodyOf(batch: Batch, from: number): RawJson {
	const parts: Buffer[] = [Buffer.from("[")];
	for (const { raw } of batch.pieces.slice(from)) parts.push(parts.length > 1 ? COMMA : EMPTY, raw);
	parts.push(Buffer.from("]"));
	return new RawJson(Buffer.concat(parts));
}
const COMMA = Buffer.from(",");
const EMPTY = Buffer.from("");

/** `shop/order.created 9,000, shop/card.charged 1,000`. */
export const namesText = (names: Map<string, number>): string =>
	[...names]
		.sort((a, b) => b[1] - a[1])
		.slice(0, 8)
		.map(([name, n]) => `${word(name)} ${n.toLocaleString("en-US")}`)
		.join(", ") + (names.size > 8 ? ", …" : "");

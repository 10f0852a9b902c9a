/** The first look at a stream of events, in flat memory: each is checked, and the requests are planned. */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { checkEventBytes } from "./check.ts";
import { BATCH_EVENTS } from "./events.ts";
import type { Source } from "./input.ts";
import { type Piece, split } from "./split.ts";
import { quote } from "./text.ts";

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
	bad: number;
	/** An array holds what is no JSON: where its events begin is a guess from there on. */
	broken: boolean;
	/** The first 20 faults. */
	faults: string[];
}

/** Groups good events into requests of at most 512 events and `largest` bytes; a larger event goes alone. */
export function* batchesOf(source: Source, largest: number, isBad: (piece: Piece) => boolean): Generator<Batch> {
	let k = 0;
	let bytes = Buffer.allocUnsafe(largest);
	let size = 0;
	let starts: number[] = [];
	let places: number[] = [];
	/** The request that is full; only what is copied before it goes out again is kept. */
	const full = (): Batch => {
		bytes[size - 1] = 0x5d;
		return { k: k++, body: bytes.subarray(0, size), starts, places };
	};
	for (const piece of split(source)) {
		const { raw } = piece;
		// One that is too large to read is bad, and counted as such.
		if (isBad(piece) || raw === undefined) continue;
		if (starts.length && (starts.length >= BATCH_EVENTS || size + raw.length + 1 > largest)) {
			yield full();
			starts = [];
			places = [];
			size = 0;
		}
		if (raw.length + 2 > bytes.length) bytes = Buffer.allocUnsafe(raw.length + 2);
		if (!size) bytes[size++] = 0x5b;
		starts.push(size);
		places.push(piece.at);
		size += raw.copy(bytes, size);
		bytes[size++] = 0x2c;
	}
	if (starts.length) yield full();
}

export const digestOf = ({ body }: Batch): string => createHash("sha256").update(body).digest("base64url");

/** How an event that can't be sent begins, so that its sender knows it again. */
const beginning = (raw: Buffer | undefined): string =>
	raw ? ` in ${quote(raw.toString("utf8", 0, 300).replace(/\s+/g, " ").trim(), 60)}` : "";

/** Names of events that are told apart. */
const NAMES = 10_000;

/** First pass: checks every event, and plans the requests. */
export function survey(source: Source, largest: number): Survey {
	// A long stream makes V8 enlarge its heap for young objects, though none of them lives long: a fifth more memory.
	setFlagsFromString("--semi-space-growth-factor=1");
	const found: Survey = {
		unit: "line",
		events: 0,
		bytes: 0,
		digest: "",
		largest,
		batches: [],
		names: new Map(),
		unnamed: 0,
		bad: 0,
		broken: false,
		faults: [],
	};
	const whole = createHash("sha256");
	for (const batch of batchesOf(source, largest, (piece) => isBad(found, piece))) {
		const digest = digestOf(batch);
		found.batches.push(digest);
		whole.update(digest);
	}
	found.digest = whole.digest("base64url");
	return found;
}

/** Checks one event, and counts it. */
function isBad(found: Survey, { raw, unit, at }: Piece): boolean {
	found.unit = unit;
	const { name, fault } = checkEventBytes(raw);
	if (fault === undefined && name !== undefined) {
		found.events++;
		found.bytes += raw?.length ?? 0;
		if (found.names.size < NAMES || found.names.has(name)) found.names.set(name, (found.names.get(name) ?? 0) + 1);
		else found.unnamed++;
		return false;
	}
	found.bad++;
	found.broken ||= unit === "event" && /^not valid JSON/.test(fault ?? "");
	if (found.faults.length < 20) found.faults.push(`${unit} ${at}: ${fault}${beginning(raw)}`);
	return true;
}

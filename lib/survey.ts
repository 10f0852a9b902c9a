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
	/** Something is no JSON: where an array's events begin is a guess from there on. */
	notJson: boolean;
	/** The first 20 faults. */
	faults: string[];
}

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

/** How an event that can't be sent begins, so that its sender knows it again. */
const beginning = (raw: Buffer | undefined): string =>
	raw ? ` in ${quote(raw.toString("utf8", 0, 300).replace(/\s+/g, " ").trim(), 60)}` : "";

/** First pass: checks every event, and plans the requests. */
export function survey(source: Source, largest: number): Survey {
	// A long stream makes V8 enlarge its heap for young objects, though none of them lives long: a fifth more memory.
	setFlagsFromString("--semi-space-growth-factor=1");
	const names = new Map<string, number>();
	const faults: string[] = [];
	const batches: string[] = [];
	const found = { unit: "line" as Piece["unit"], events: 0, bytes: 0, unnamed: 0, bad: 0, notJson: false };
	const isBad = ({ raw, at, unit }: Piece) => {
		found.unit = unit;
		const { name, fault, notJson = false } = checkEventBytes(raw);
		if (raw === undefined || name === undefined) {
			found.bad++;
			found.notJson ||= notJson;
			if (faults.length < 20) faults.push(`${unit} ${at}: ${fault}${beginning(raw)}`);
			return true;
		}
		found.events++;
		found.bytes += raw.length;
		if (names.size < 10_000 || names.has(name)) names.set(name, (names.get(name) ?? 0) + 1);
		else found.unnamed++;
		return false;
	};
	for (const batch of batchesOf(source, largest, isBad)) batches.push(digestOf(batch.body));
	return { ...found, names, faults, batches, largest, digest: digestOf(batches.join("")) };
}

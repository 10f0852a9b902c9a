/** The first look at a stream of events, in flat memory: each is read and checked, and the requests are planned. */
import { createHash } from "node:crypto";
import { HELD_LIMIT, type Source } from "../gate/input.ts";
import { refusal } from "../text/errors.ts";
import { lossIn, parseJson } from "../text/json.ts";
import { addTo } from "../text/lists.ts";
import { bytes } from "../text/text.ts";
import { BATCH_EVENTS, EVENT_LIMIT, type EventInput, faultOf } from "./events.ts";

/** One event of the input. */
export interface Piece {
	/** Line (NDJSON) or position in the array, from 1. */
	at: number;
	unit: "line" | "event";
	/** What is wrong with it, but nothing of what stands there: that may be secret. */
	fault: string | undefined;
	/** Where nothing is: what is sent. */
	event: EventInput;
	text: string;
	bytes: number;
}

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
	/** How a place in the input is named. */
	unit: Piece["unit"];
	events: number;
	bytes: number;
	/** Digest of the events that would be sent, in order. */
	digest: string;
	/** The most bytes of a request, and a digest for each, so that the second pass sends what the first has checked. */
	largest: number;
	batches: string[];
	/** Event names and how often, the first 10,000. */
	names: Map<string, number>;
	/** How many have an id that came before, among the first 100,000 ids. */
	repeated: number;
	bad: number;
	/** The first 20 faults. */
	faults: { at: number; said: string }[];
}

export const digestOf = (data: Buffer | string): string => createHash("sha256").update(data).digest("base64url");

export function survey(source: Source, largest: number): Survey {
	const names = new Map<string, number>();
	const ids = new Set<string>();
	const batches: string[] = [];
	const faults: Survey["faults"] = [];
	const found = { unit: "line" as Piece["unit"], events: 0, bytes: 0, repeated: 0, bad: 0 };
	const look = ({ at, unit, fault, event: { name, id }, bytes }: Piece) => {
		found.unit = unit;
		if (fault !== undefined) {
			found.bad++;
			if (faults.length < 20) faults.push({ at, said: fault });
			return;
		}
		found.events++;
		found.bytes += bytes;
		if (names.size < 10_000 || names.has(name)) addTo(names, name);
		if (id && ids.has(id)) found.repeated++;
		else if (id && ids.size < 100_000) ids.add(id);
	};
	for (const { body } of batchesOf(source, largest, look)) batches.push(digestOf(body));
	return { ...found, names, faults, batches, largest, digest: digestOf(batches.join("")) };
}

/** Groups good events into requests of at most 512 events and `largest` bytes; a larger event goes alone. */
export function* batchesOf(source: Source, largest: number, look?: (piece: Piece) => void): Generator<Batch> {
	let k = 0;
	// Outside V8's heap, which would grow by what it holds for so long.
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
	for (const piece of piecesOf(source)) {
		look?.(piece);
		if (piece.fault !== undefined) continue;
		if (starts.length && (starts.length >= BATCH_EVENTS || size + piece.bytes + 1 > largest)) {
			yield full();
			[starts, places, size] = [[], [], 1];
		}
		if (piece.bytes + 2 > bytes.length) bytes = Buffer.allocUnsafe(piece.bytes + 2);
		starts.push(size);
		places.push(piece.at);
		size += bytes.write(piece.text, size);
		bytes[size++] = 0x2c;
	}
	if (starts.length) yield full();
}

/** An array is known by its first character and read whole; all else is NDJSON. */
function* piecesOf(source: Source): Generator<Piece> {
	let at = 0;
	let isArray: boolean | undefined;
	let rest = "";
	for (const text of source.texts()) {
		rest += text;
		isArray ??= rest.trim() ? rest.trimStart().startsWith("[") : undefined;
		if (isArray === false) {
			let from = 0;
			for (let to = rest.indexOf("\n"); to >= 0; to = rest.indexOf("\n", from)) {
				const line = rest.slice(from, to);
				from = to + 1;
				at++;
				if (line.trim()) yield lineAt(at, line);
			}
			// Of a longer line no more is kept than shows that it is too long.
			rest = rest.slice(from, from + EVENT_LIMIT + 1);
		} else if (rest.length > HELD_LIMIT)
			throw refusal(
				`${source.name} is an array of more than ${bytes(HELD_LIMIT)}`,
				"Give one event per line (NDJSON): `jq -c '.[]'` writes an array so.",
			);
	}
	if (isArray === false && rest.trim()) yield lineAt(at + 1, rest);
	const list = isArray && parseJson(rest, source.name);
	if (Array.isArray(list)) for (const event of list) yield pieceAt(++at, "event", event);
}

function lineAt(at: number, line: string): Piece {
	if (Buffer.byteLength(line) > EVENT_LIMIT) return badAt(at, "line", TOO_LARGE);
	try {
		const piece = pieceAt(at, "line", JSON.parse(line));
		// What comes back as it was written has lost nothing: most lines need no second look.
		const loss = piece.fault === undefined && piece.text !== line ? lossIn(line) : undefined;
		return loss === undefined ? piece : badAt(at, "line", loss);
	} catch {
		return badAt(at, "line", "not valid JSON, or nested too deeply");
	}
}

function pieceAt(at: number, unit: Piece["unit"], event: EventInput): Piece {
	const fault = faultOf(event);
	const text = fault === undefined ? JSON.stringify(event) : "";
	const size = Buffer.byteLength(text);
	if (fault !== undefined || size > EVENT_LIMIT) return badAt(at, unit, fault ?? TOO_LARGE);
	return { at, unit, fault, event, text, bytes: size };
}
const badAt = (at: number, unit: Piece["unit"], fault: string): Piece => ({
	...{ at, unit, fault, event: { name: "" }, text: "", bytes: 0 },
});
const TOO_LARGE = "larger than 3 MiB";

/**
 * Sends a stream of events in constant memory, each exactly once: a first pass checks and plans, a second sends, each request with its own
 * seed.
 */
import { sha256, shortCode } from "../gate/confirm.ts";
import { HELD_LIMIT, lossIn, parseJson, type Source } from "../gate/input.ts";
import type { Context } from "../intent.ts";
import { expected, Interrupted, refusal, ServerError, type SkillError, UsageError } from "../text/errors.ts";
import { inTicks } from "../text/nouns.ts";
import { addTo, bytes, DAY, plural } from "../text/text.ts";
import {
	BATCH_EVENTS,
	EVENT_LIMIT,
	type EventInput,
	faultOf,
	isAhead,
	Seeds,
	type SentEvents,
	sendBatch,
} from "./events.ts";

/** One event of the input. */
export interface Piece {
	/** Line (NDJSON) or position in the array, from 1. */
	at: number;
	unit: "line" | "event";
	/** What is wrong with it, without its text, which may be secret. */
	fault: string | undefined;
	/** If there is no fault: what is sent. */
	event: EventInput;
	text: string;
	bytes: number;
}

/** The events of one request. */
export interface Batch {
	/** The request's number, from 0: its seed depends on it. */
	k: number;
	/** The request's body, an array; valid until the next batch is requested. */
	body: Buffer;
	/** Where each event begins in the body, and its place in the input. */
	starts: number[];
	places: number[];
}

/** What the first pass found. */
export interface Survey {
	/** How places in the input are named. */
	unit: Piece["unit"];
	events: number;
	bytes: number;
	/** Digest of the events to send, in order. */
	digest: string;
	/** The largest request in bytes, and a digest of each, so that the second pass sends what the first has checked. */
	largest: number;
	batches: string[];
	/** Event names and counts, up to 10,000 names. */
	names: Map<string, number>;
	/** How many have an id. */
	withId: number;
	/** How many have a `ts` in the future, and the latest (ms). */
	ahead: number;
	latest: number;
	bad: number;
	/** The first 20 faults. */
	faults: { at: number; said: string }[];
}

const digestOf = (data: Buffer | string): string => sha256(data).toString("base64url");

export function survey(source: Source, largest: number, now: number): Survey {
	const found: Survey = {
		unit: "line",
		events: 0,
		bytes: 0,
		digest: "",
		largest,
		batches: [],
		names: new Map(),
		withId: 0,
		ahead: 0,
		latest: 0,
		bad: 0,
		faults: [],
	};
	const { names, batches, faults } = found;
	const look = ({ at, unit, fault, event, bytes }: Piece) => {
		found.unit = unit;
		if (fault !== undefined) {
			found.bad++;
			if (faults.length < 20) faults.push({ at, said: fault });
			return;
		}
		const { name, id, ts = 0 } = event;
		found.events++;
		found.bytes += bytes;
		if (names.size < 10_000 || names.has(name)) addTo(names, name);
		if (id) found.withId++;
		if (isAhead(ts, now)) found.ahead++;
		found.latest = Math.max(found.latest, ts);
	};
	for (const { body } of batchesOf(source, largest, look)) batches.push(digestOf(body));
	found.digest = digestOf(batches.join(""));
	return found;
}

/** Groups valid events into requests of at most 512 events and `largest` bytes. A larger event is sent alone. */
function* batchesOf(source: Source, largest: number, look?: (piece: Piece) => void): Generator<Batch> {
	let k = 0;
	// Outside V8's heap, which would grow.
	let bytes = Buffer.allocUnsafe(largest);
	// Starts after the opening bracket; each event adds the character after it, at the end the closing bracket.
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

/** An array is recognised by its first character and read whole; anything else is NDJSON. */
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
			// Of a longer line, keeps only enough to show that it is too long.
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
	const bad = (fault: string): Piece => ({ at, unit: "line", fault, event: { name: "" }, text: "", bytes: 0 });
	if (Buffer.byteLength(line) > EVENT_LIMIT) return bad(TOO_LARGE);
	try {
		const piece = pieceAt(at, "line", JSON.parse(line));
		// A line identical to its re-serialised form has lost nothing: most need no second check.
		const loss = piece.fault === undefined && piece.text !== line ? lossIn(line) : undefined;
		return loss === undefined ? piece : bad(loss);
	} catch {
		return bad("not valid JSON, or nested too deeply");
	}
}

function pieceAt(at: number, unit: Piece["unit"], event: EventInput): Piece {
	const fault = faultOf(event);
	const text = fault === undefined ? JSON.stringify(event) : "";
	const bytes = Buffer.byteLength(text);
	return { at, unit, fault: bytes > EVENT_LIMIT ? TOO_LARGE : fault, event, text, bytes };
}
const TOO_LARGE = "larger than 3 MiB";

/** Why a stream ended early. */
export type Stop =
	| { kind: "interrupted" }
	/** The input differs from what was checked, or can't be read any more. */
	| { kind: "changed" }
	/** The server refuses one event after another and has accepted none. */
	| { kind: "refuses" }
	/** A request failed. */
	| { kind: "failed"; error: SkillError };

/** The result of a stream: every event is in exactly one count. */
export interface Account {
	sent: number;
	/** Refused by the server. */
	refused: number;
	refusals: Refusal[];
	/** No usable response: may have arrived or not. */
	unknown: number;
	/** Known at the end. */
	notTried: number;
	/** All requests before this one were answered without a refusal: resuming starts with it, so as to learn about each later one. */
	answered: number;
	/** Why it stopped early. */
	stop: Stop | undefined;
	/** Internal ids of the first events. */
	ids: string[];
}

/** One event that the server refused. */
export interface Refusal {
	/** Its place in the input. */
	at: number;
	/** The server's reason. */
	said: string;
	/** Its size, if that is the reason (413). */
	bytes?: number;
}

/** How long the server recognises a repeated event, in ms (measured). */
export const KNOWN = DAY;
const IN_FLIGHT = 4;
/** After this many refusals in a row with nothing accepted, the events are not the problem. */
const REFUSED = 20;

/** A stream being sent. */
interface Stream {
	context: Pick<Context, "api" | "clock" | "signal">;
	seeds: Seeds;
	account: Account;
	progress(account: Account): void;
	/** Requests begun but not fully accepted; the next request. */
	open: Set<number>;
	next: number;
}

/** The planned requests to send, from number `first` on. */
interface Sending extends Pick<Stream, "context" | "seeds" | "progress"> {
	source: Source;
	plan: Survey;
	first: number;
}

/** Second pass: sends the planned requests from number `first`. Throws if nothing was sent because of wrong usage. */
export async function sendStream(sending: Sending): Promise<Account> {
	const { context, source, plan, seeds, first, progress } = sending;
	const account: Account = {
		sent: 0,
		refused: 0,
		refusals: [],
		unknown: 0,
		notTried: 0,
		answered: first,
		stop: undefined,
		ids: [],
	};
	const stream: Stream = { context, seeds, account, progress, open: new Set(), next: 0 };
	const flight = new Set<Promise<void>>();
	// Lets a Ctrl-C through that came during the check.
	await context.clock.sleep(1);
	try {
		for (const batch of batchesOf(source, plan.largest)) {
			if (digestOf(batch.body) !== plan.batches[batch.k]) account.stop ??= { kind: "changed" };
			if (isOver(stream)) break;
			stream.next = batch.k + 1;
			if (batch.k < first) account.sent += batch.places.length;
			else {
				const copied = { ...batch, body: Buffer.from(batch.body) };
				const sending: Promise<void> = send(stream, copied).finally(() => flight.delete(sending));
				flight.add(sending);
				if (flight.size >= IN_FLIGHT) await Promise.race(flight);
			}
		}
		if (stream.next < plan.batches.length) account.stop ??= { kind: "changed" };
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		account.stop ??= { kind: "changed" };
	}
	await Promise.all(flight);
	const { stop, sent, refused, unknown } = account;
	if (stop?.kind === "failed" && stop.error instanceof UsageError && sent + refused + unknown === 0) throw stop.error;
	account.notTried = plan.events - sent - refused - unknown;
	return account;
}

/** Whether to stop sending. */
function isOver({ account, context }: Stream): boolean {
	if (context.signal.aborted) account.stop ??= { kind: "interrupted" };
	if (account.refused >= REFUSED && account.sent === 0) account.stop ??= { kind: "refuses" };
	return account.stop !== undefined;
}

/** Sends a request, and the rest of it after a refusal; if no event was accepted, halves it until the bad one is alone. */
async function send(stream: Stream, batch: Batch): Promise<void> {
	const { context, seeds, account, open } = stream;
	const { k, starts, places } = batch;
	open.add(k);
	let taken = 0;
	const parts = [{ from: 0, to: starts.length }];
	for (let part = parts.pop(); part && !isOver(stream); part = parts.pop()) {
		const { to } = part;
		let { from } = part;
		try {
			const { ids, refusal, whole, tooLarge } = await reply(context, partOf(batch, from, to), seeds.of(k, from));
			if (whole && to - from > 1) {
				const middle = (from + to) >> 1;
				parts.push({ from: middle, to }, { from, to: middle });
				continue;
			}
			const fresh = ids.slice(0, to - from);
			account.sent += fresh.length;
			account.ids = [...account.ids, ...fresh.slice(0, 5)].slice(0, 5);
			taken += fresh.length;
			from += fresh.length;
			const at = places[from];
			if (from < to && at !== undefined) {
				if (refusal === undefined && !whole) {
					// A response that doesn't tell the events apart.
					const told = `The server returned ${plural(fresh.length, "id")} for ${plural(to - part.from, "event")}.`;
					throw new ServerError(told, "", { status: 200, unclear: true });
				}
				account.refused++;
				const said = refusal ?? "no reason given";
				account.refusals.push({ at, said, ...(tooLarge && { bytes: partOf(batch, from, from + 1).length - 2 }) });
				if (from + 1 < to) parts.push({ from: from + 1, to });
			}
			if (taken === starts.length) open.delete(k);
		} catch (error) {
			fail(stream, error, to - from);
		}
		[account.answered = stream.next] = open;
		stream.progress(account);
	}
}

const OPEN = Buffer.from("[");
const CLOSE = Buffer.from("]");
/** The body of a part; each event's comma comes before the next event. */
const partOf = ({ body, starts }: Batch, from: number, to: number): Buffer =>
	Buffer.concat([OPEN, body.subarray(starts[from], (starts[to] ?? body.length) - 1), CLOSE]);

type Reply = SentEvents & { tooLarge?: boolean };

/** A 413 is a response too, from the server or a proxy in front of it: nothing of the request was read. */
async function reply({ api }: Stream["context"], body: Buffer, seed: string): Promise<Reply> {
	try {
		return await sendBatch(api, body, seed);
	} catch (error) {
		if (!(error instanceof ServerError) || error.status !== 413) throw error;
		return { ids: [], refusal: error.message, whole: true, tooLarge: true };
	}
}

/** Stops because this many events have no usable response. */
function fail({ account }: Stream, error: unknown, events: number): void {
	expected(error);
	if (error instanceof ServerError && error.unclear) account.unknown += events;
	account.stop ??= error instanceof Interrupted ? { kind: "interrupted" } : { kind: "failed", error };
}

/**
 * `<time>-<base>-<code>@<first request>.<check>`. `code` ties it to this input, server and environment. `check` detects typos, which would
 * send with other seeds or skip events that never arrived.
 */
export function resumeCode({ time, base }: Seeds, first: number, code: string): string {
	const text = `${time.toString(36)}-${base}-${code}@${first}`;
	return `${text}.${shortCode(text, 4)}`;
}

/** The seeds of a stream resumed at `now` (ms), and its first request. `code` stands for what would be sent, and where. */
export function readResume(text: string, code: string, { now }: Pick<Context, "now">): { seeds: Seeds; first: number } {
	const [, time = "", base = "", bound = "", first = ""] = /^(\w+)-(\w+)-(\w+)@(\d+)\./.exec(text) ?? [];
	const seeds = new Seeds(Number.parseInt(time, 36), base);
	if (text !== resumeCode(seeds, Number(first), bound))
		throw refusal("That is not a resume code", "Copy it as it was printed.");
	if (bound !== code)
		throw refusal(
			"That resume code belongs to another input, server or environment",
			"Give the same input in the same order, on the same server.",
		);
	if (Math.abs(now - seeds.time) >= KNOWN)
		throw refusal(
			"That resume code is not of the last 24 h by this machine's clock: the server no longer knows what has arrived",
			`Find what is missing with ${inTicks("list-events")}, and send only that.`,
		);
	return { seeds, first: Number(first) };
}

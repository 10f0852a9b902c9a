/** Streams of events in flat memory: checking, batching, and sending each exactly once. */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { checkEventBytes } from "./check.ts";
import { ServerError, SkillError } from "./errors.ts";
import { BATCH_BYTES, BATCH_EVENTS, type Seeds, sendBatch } from "./events.ts";
import type { Source } from "./input.ts";
import type { Context } from "./intent.ts";
import { RawJson } from "./request.ts";
import { type Piece, split } from "./split.ts";
import { grouped, plural, quote, word } from "./text.ts";

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
	/** A digest for each request, so that the second pass sends what the first has checked. */
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

/** Groups good events into requests of at most 512 events and 1 MiB; a larger event goes alone. */
function* batchesOf(source: Source, isBad: (piece: Piece) => boolean): Generator<Batch> {
	let k = 0;
	let bytes = Buffer.allocUnsafe(BATCH_BYTES);
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
		if (starts.length && (starts.length >= BATCH_EVENTS || size + raw.length + 1 > BATCH_BYTES)) {
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

const digestOf = (data: Buffer | string) => createHash("sha256").update(data).digest("base64url");

/** How an event that can't be sent begins, so that its sender knows it again. */
const beginning = (raw: Buffer | undefined): string =>
	raw ? ` in ${quote(raw.toString("utf8", 0, 300).replace(/\s+/g, " ").trim(), 60)}` : "";

/** First pass: checks every event, and plans the requests. */
export function survey(source: Source): Survey {
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
	for (const batch of batchesOf(source, isBad)) batches.push(digestOf(batch.body));
	return { ...found, names, faults, batches, digest: digestOf(batches.join("")) };
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

/** How long the server knows an event again (measured). */
export const DAY = 24 * 3_600_000;
const IN_FLIGHT = 4;
/** After as many refusals on end, and nothing taken, the events are not what is wrong. */
const REFUSED = 20;
const CHANGED = "The input changed while it was being sent.";

/** Second pass: sends the planned requests from number `first` on, several in flight, each under its own seed. */
export async function sendStream(
	{ api, clock, signal }: Pick<Context, "api" | "clock" | "signal">,
	source: Source,
	plan: Survey,
	seeds: Seeds,
	first: number,
	progress: (account: Account) => void,
): Promise<Account> {
	const counts = { sent: 0, refused: 0, unknown: 0, notTried: plan.events, answered: first };
	const account: Account = { ...counts, refusals: [], stopped: undefined, ids: [] };
	const done = new Set<number>();
	const flight = new Set<Promise<void>>();
	const answered = (k: number, whole: boolean) => {
		// A request with a refusal is sent again on resuming, so that the account then knows of it.
		if (whole) done.add(k);
		while (done.delete(account.answered)) account.answered++;
		progress(account);
	};
	const send = (batch: Batch) => sendRequest(api, batch, plan.unit, seeds, account, answered);
	const whyStop = (batch: Batch): string | undefined => {
		if (digestOf(batch.body) !== plan.batches[batch.k]) return CHANGED;
		if (signal.aborted) return "Interrupted.";
		return clock.now() > seeds.time + DAY ? "The stream began 24 h ago: the server forgets what it has." : undefined;
	};
	// Lets a Ctrl-C through that came while the input was checked.
	await clock.sleep(1);
	try {
		let planned = 0;
		for (const batch of batchesOf(source, ({ raw }) => plan.bad > 0 && checkEventBytes(raw).fault !== undefined)) {
			planned++;
			account.stopped ??= whyStop(batch);
			if (account.stopped) break;
			account.notTried -= batch.places.length;
			if (batch.k < first) {
				account.sent += batch.places.length;
				continue;
			}
			const sending: Promise<void> = send({ ...batch, body: Buffer.from(batch.body) }).finally(() =>
				flight.delete(sending),
			);
			flight.add(sending);
			if (flight.size >= IN_FLIGHT) await Promise.race(flight);
		}
		if (planned < plan.batches.length) account.stopped ??= CHANGED;
	} catch (error) {
		// The input can't be read any more: what is in flight still counts.
		if (!(error instanceof SkillError)) throw error;
		account.stopped ??= error.message;
	}
	await Promise.all(flight);
	return account;
}

/** Sends the events of a request; calls `answered` where it did not end with an error. */
async function sendRequest(
	api: Context["api"],
	{ k, body, starts, places }: Batch,
	unit: string,
	seeds: Seeds,
	account: Account,
	answered: (k: number, whole: boolean) => void,
): Promise<void> {
	let from = 0;
	let whole = true;
	try {
		while (from < places.length) {
			const rest = from ? Buffer.concat([Buffer.from("["), body.subarray(starts[from])]) : body;
			const { ids, refusal } = await sendBatch(api, new RawJson(rest), seeds.of(k, from));
			account.sent += ids.length;
			if (account.ids.length < 5) account.ids.push(...ids.slice(0, 5));
			const asked = places.length - from;
			from += ids.length;
			if (from >= places.length) break;
			if (refusal === undefined) {
				const short = `The server gave ${plural(ids.length, "id")} for ${plural(asked, "event")}.`;
				throw new ServerError(short, "", 200, "", true);
			}
			// The server took the events before a bad one: that one is refused, the rest goes on under a seed of its own.
			whole = false;
			account.refused++;
			if (account.refusals.length < 20) account.refusals.push(`${unit} ${places[from]}: ${refusal}`);
			from++;
			if (account.refused < REFUSED || account.sent > 0 || from >= places.length) continue;
			account.notTried += places.length - from;
			account.stopped ??= "The server refuses one event after another.";
			break;
		}
		answered(k, whole);
	} catch (error) {
		if (!(error instanceof SkillError)) throw error;
		account[error instanceof ServerError && error.unclear ? "unknown" : "notTried"] += places.length - from;
		account.stopped ??= error.message;
	}
}

/** `shop/order.created 9,000, shop/card.charged 1,000, 12 of other names`. */
export function namesText({ names, unnamed }: Pick<Survey, "names" | "unnamed">): string {
	const sorted = [...names].sort((a, b) => b[1] - a[1]);
	const others = sorted.slice(8).reduce((sum, [, n]) => sum + n, unnamed);
	const shown = sorted.slice(0, 8).map(([name, n]) => `${word(name)} ${grouped(n)}`);
	return shown.join(", ") + (others ? `, ${grouped(others)} of other names` : "");
}

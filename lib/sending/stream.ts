/** Sends a stream of events in flat memory, each exactly once: several requests in flight, each under its own seed. */
import { shortCode } from "../gate/confirm.ts";
import type { Source } from "../gate/input.ts";
import type { Context } from "../intent.ts";
import { Interrupted, refusal, ServerError, SkillError, UsageError } from "../text/errors.ts";
import { DAY, plural } from "../text/text.ts";
import { RawJson } from "../wire/request.ts";
import { Seeds, type SentEvents, sendBatch } from "./events.ts";
import { type Batch, batchesOf, digestOf, type Survey } from "./survey.ts";

/** Why a stream ended early. */
export type Stop =
	| { kind: "interrupted" }
	/** The input is no longer what was checked, or can't be read any more. */
	| { kind: "changed" }
	/** The server refuses one event after another, and has taken none. */
	| { kind: "refuses" }
	/** A request failed. */
	| { kind: "failed"; error: SkillError };

/** The account of a stream: every event is in exactly one of the counts. */
export interface Account {
	sent: number;
	/** Refused by the server. */
	refused: number;
	refusals: Refusal[];
	/** No usable answer: may have arrived or not. */
	unknown: number;
	/** Known at the end. */
	notTried: number;
	/** All requests before this one were answered, without a refusal: resuming begins with it, so that it knows of each. */
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
	/** Its size, where that is the reason (413). */
	bytes?: number;
}

/** How long the server knows an event again, in ms (measured). */
export const KNOWN = DAY;
const IN_FLIGHT = 4;
/** After as many refusals on end, and nothing taken, the events are not what is wrong. */
const REFUSED = 20;

/** A stream on its way. */
interface Stream {
	context: Pick<Context, "api" | "clock" | "signal">;
	seeds: Seeds;
	account: Account;
	progress(account: Account): void;
	/** The requests that were begun and of which not all events were taken, and the next. */
	open: Set<number>;
	next: number;
}

/** Second pass: sends the planned requests from number `first` on. Throws where nothing went out, as that was wrong usage. */
export async function sendStream(
	context: Stream["context"],
	source: Source,
	plan: Survey,
	seeds: Seeds,
	first: number,
	progress: Stream["progress"],
): Promise<Account> {
	const account: Account = {
		...{ sent: 0, refused: 0, refusals: [], unknown: 0, notTried: 0, answered: first, stop: undefined, ids: [] },
	};
	const stream: Stream = { context, seeds, account, progress, open: new Set(), next: 0 };
	const flight = new Set<Promise<void>>();
	// Lets a Ctrl-C through that came while the input was checked.
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

/** Whether nothing more is sent. */
function isOver({ account, context }: Stream): boolean {
	if (context.signal.aborted) account.stop ??= { kind: "interrupted" };
	if (account.refused >= REFUSED && account.sent === 0) account.stop ??= { kind: "refuses" };
	return account.stop !== undefined;
}

/** Sends a request, and what is left of it after a refusal: that of which no event was taken by halves, down to the bad one. */
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
				if (refusal === undefined && !whole) throw withoutIds(fresh.length, to - part.from);
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
/** The body of a part; each event's comma stands before the next. */
const partOf = ({ body, starts }: Batch, from: number, to: number): Buffer<ArrayBuffer> =>
	Buffer.concat([OPEN, body.subarray(starts[from], (starts[to] ?? body.length) - 1), CLOSE]);

type Reply = SentEvents & { tooLarge?: boolean };

/** 413 is an answer too, the server's or that of a proxy before it: nothing of the request was read. */
async function reply({ api }: Stream["context"], body: Buffer<ArrayBuffer>, seed: string): Promise<Reply> {
	try {
		return await sendBatch(api, new RawJson(body), seed);
	} catch (error) {
		if (!(error instanceof ServerError) || error.status !== 413) throw error;
		return { ids: [], refusal: error.message, whole: true, tooLarge: true };
	}
}

/** An answer that does not tell the events apart. */
const withoutIds = (given: number, asked: number): ServerError =>
	new ServerError(`The server returned ${plural(given, "id")} for ${plural(asked, "event")}.`, "", 200, "", true);

/** No usable answer for so many events: nothing more is tried. */
function fail({ account }: Stream, error: unknown, events: number): void {
	if (!(error instanceof SkillError)) throw error;
	if (error instanceof ServerError && error.unclear) account.unknown += events;
	account.stop ??= error instanceof Interrupted ? { kind: "interrupted" } : { kind: "failed", error };
}

/**
 * `<time>-<base>-<code>@<first request>.<check>`: `code` ties it to this input, server and environment, `check` finds what was
 * copied wrongly, which would send under other seeds or leave out what never arrived.
 */
export function resumeCode({ time, base }: Seeds, first: number, code: string): string {
	const text = `${time.toString(36)}-${base}-${code}@${first}`;
	return `${text}.${shortCode(text, 4)}`;
}

/** The seeds of a stream that goes on at `now` (ms), and its first request. `code` stands for what would be sent, and where. */
export function readResume(text: string, code: string, now: number): { seeds: Seeds; first: number } {
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
			"Find what is missing with `list-events`, and send only that.",
		);
	return { seeds, first: Number(first) };
}

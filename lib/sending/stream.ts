/** Sends a stream of events in flat memory, each exactly once: several requests in flight, each under its own seed. */
import type { Source } from "../gate/input.ts";
import type { Context } from "../intent.ts";
import { ServerError, SkillError, UsageError } from "../text/errors.ts";
import { plural } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { RawJson } from "../wire/request.ts";
import { type Seeds, sendBatch } from "./events.ts";
import { type Batch, BrokenArray, batchesOf, checkBytes, digestOf, type Survey } from "./survey.ts";

/** Why a stream ended early. */
export type Stop =
	| { kind: "interrupted" }
	/** The input is no longer what was checked. */
	| { kind: "changed" }
	/** The server no longer knows again what it has. */
	| { kind: "old" }
	/** The server refuses one event after another, and has taken none. */
	| { kind: "refuses" }
	/** The input can't be read any more, or a request failed. */
	| { kind: "failed"; error: SkillError };

/** The account of a stream: every event is in exactly one of the counts. */
export interface Account {
	sent: number;
	/** Refused by the server. */
	refused: number;
	refusals: Refusal[];
	/** No usable answer: may have arrived or not. */
	unknown: number;
	notTried: number;
	/** All requests before this one were answered, without a refusal; the place of their last event, and how many they are. */
	answered: number;
	through: { at: number; events: number };
	/** Why it stopped early. */
	stop: Stop | undefined;
	/** Internal ids of the first events. */
	ids: string[];
}

/** How long the server knows an event again (measured). */
export const DAY = 24 * 3_600_000;
const IN_FLIGHT = 4;
/** After as many refusals on end, and nothing taken, the events are not what is wrong. */
const REFUSED = 20;

/** A stream on its way. */
interface Stream {
	context: Pick<Context, "api" | "clock" | "signal">;
	plan: Survey;
	seeds: Seeds;
	/** The first request that is sent, from 0; those before it were. */
	first: number;
	progress(account: Account): void;
	account: Account;
	limit: Limit;
	/** The places of requests that were answered before an earlier one was. */
	done: Map<number, readonly number[]>;
	flight: Set<Promise<void>>;
}

/**
 * Second pass: sends the planned requests from number `first` on. Throws where nothing went out, as that was wrong
 * usage.
 */
export async function sendStream(
	context: Stream["context"],
	source: Source,
	plan: Survey,
	seeds: Seeds,
	first: number,
	progress: Stream["progress"],
): Promise<Account> {
	const account: Account = {
		...{
			sent: 0,
			refused: 0,
			refusals: [],
			unknown: 0,
			notTried: plan.events,
			answered: first,
			stop: undefined,
			ids: [],
		},
		through: { at: 0, events: 0 },
	};
	const limit = { refused: Number.POSITIVE_INFINITY };
	const stream = {
		context,
		plan,
		seeds,
		first,
		progress,
		account,
		limit,
		done: new Map(),
		flight: new Set<Promise<void>>(),
	};
	// Lets a Ctrl-C through that came while the input was checked.
	await context.clock.sleep(1);
	try {
		await sendAll(stream, source);
	} catch (error) {
		// The input can't be read any more: what is in flight still counts.
		if (!(error instanceof SkillError)) throw error;
		account.stop ??= error instanceof BrokenArray ? { kind: "changed" } : { kind: "failed", error };
	}
	await Promise.all(stream.flight);
	const { stop, ids, refused, unknown } = account;
	if (stop?.kind === "failed" && stop.error instanceof UsageError && ids.length + refused + unknown === 0)
		throw stop.error;
	return account;
}

/** Reads the input once more, and sends what is planned of it. */
async function sendAll(stream: Stream, source: Source): Promise<void> {
	const { plan, account, flight } = stream;
	let planned = 0;
	for (const batch of batchesOf(source, plan.largest, (piece) => plan.bad > 0 && isBad(piece.raw))) {
		planned++;
		if (isNotFor(stream, batch)) break;
		account.notTried -= batch.places.length;
		if (batch.k < stream.first) {
			account.sent += batch.places.length;
			account.through = beyond(account.through, batch.places);
			continue;
		}
		// Its bytes are good until the next batch is asked for.
		const copied = { ...batch, body: Buffer.from(batch.body) };
		const sending: Promise<void> = send(stream, copied).finally(() => flight.delete(sending));
		flight.add(sending);
		if (flight.size >= IN_FLIGHT) await Promise.race(flight);
	}
	if (planned < plan.batches.length) account.stop ??= { kind: "changed" };
}

const isBad = (raw: Buffer | undefined): boolean => checkBytes(raw).fault !== undefined;
const beyond = ({ at, events }: Account["through"], places: readonly number[]): Account["through"] => ({
	at: places.at(-1) ?? at,
	events: events + places.length,
});

/** Whether a request is not, or no longer, to be sent. */
function isNotFor(stream: Stream, batch: Batch): boolean {
	const { account, plan, seeds, context } = stream;
	if (digestOf(batch.body) !== plan.batches[batch.k]) account.stop ??= { kind: "changed" };
	if (!isOver(stream) && context.clock.now() > seeds.time + DAY) account.stop ??= { kind: "old" };
	return account.stop !== undefined;
}

/** Whether a request that is being cut goes no further. One whose input has changed since does. */
function isOver({ account, context }: Stream): boolean {
	if (context.signal.aborted) account.stop ??= { kind: "interrupted" };
	if (account.refused >= REFUSED && account.sent === 0) account.stop ??= { kind: "refuses" };
	const { stop } = account;
	return stop !== undefined && stop.kind !== "changed" && stop.kind !== "old";
}

async function send(stream: Stream, batch: Batch): Promise<void> {
	const { account, context, seeds, limit, done } = stream;
	let left = batch.places.length;
	let taken = 0;
	for await (const fate of sendParts(context.api, batch, seeds, limit, () => isOver(stream))) {
		left -= count(account, fate, context.signal);
		if (fate.kind === "taken") taken += fate.ids.length;
		// A request with a refusal is sent again on resuming, so that the account then knows of it.
		if (taken === batch.places.length) done.set(batch.k, batch.places);
		for (let next = done.get(account.answered); next; next = done.get(account.answered)) {
			done.delete(account.answered++);
			account.through = beyond(account.through, next);
		}
		stream.progress(account);
	}
	account.notTried += left;
}

/** Enters what became of some events, and answers of how many. */
function count(account: Account, fate: Fate, signal: AbortSignal): number {
	if (fate.kind === "taken") {
		account.sent += fate.ids.length;
		if (account.ids.length < 5) account.ids.push(...fate.ids.slice(0, 5));
		return fate.ids.length;
	}
	if (fate.kind === "refused") {
		account.refused++;
		account.refusals.push(fate.refusal);
		return 1;
	}
	const { error, events } = fate;
	if (error instanceof ServerError && error.unclear) account.unknown += events;
	else account.notTried += events;
	const interrupted = error instanceof UsageError && signal.aborted;
	account.stop ??= interrupted ? { kind: "interrupted" } : { kind: "failed", error };
	return events;
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

/** What became of some events of a request, in the order in which it became known. */
export type Fate =
	| { kind: "taken"; ids: readonly string[] }
	| { kind: "refused"; refusal: Refusal }
	/** No usable answer for so many events; nothing more is tried. */
	| { kind: "failed"; error: SkillError; events: number };

/** What a stream has learned of the server: a request of so many bytes was too large. */
export interface Limit {
	refused: number;
}

/** Events `from` up to, not including, `to` of a request. */
interface Part {
	from: number;
	to: number;
}

/** What the server said to a part. */
type Reply =
	/** `refusal`: why the event after those that were taken was not (a partial accept). */
	| { kind: "taken"; ids: string[]; refusal: string | undefined }
	/** None was taken, and which event is why is not said. */
	| { kind: "refused"; said: string; tooLarge: boolean }
	| { kind: "failed"; error: SkillError };

/** `isOver`: asked before each part but the first, whether it is not sent any more. */
export async function* sendParts(
	api: Api,
	batch: Batch,
	seeds: Seeds,
	limit: Limit,
	isOver: () => boolean,
): AsyncGenerator<Fate, void> {
	const parts: Part[] = [{ from: 0, to: batch.places.length }];
	for (let part = parts.pop(); part; part = parts.pop()) {
		if (part.to - part.from < batch.places.length && isOver()) return;
		const { from, to } = part;
		const body = bodyOf(batch, part);
		if (to - from > 1 && body.length >= limit.refused) {
			parts.push(...halvesOf(part));
			continue;
		}
		const reply = await replyTo(api, body, seeds.of(batch.k, from));
		const at = batch.places[from] ?? 0;
		if (reply.kind === "failed") {
			yield { kind: "failed", error: reply.error, events: to - from };
			return;
		}
		if (reply.kind === "taken") {
			const ids = reply.ids.slice(0, to - from);
			yield { kind: "taken", ids };
			const next = from + ids.length;
			if (next === to) continue;
			if (reply.refusal === undefined) return yield withoutIds(ids.length, to - from);
			yield { kind: "refused", refusal: { at: batch.places[next] ?? 0, said: reply.refusal } };
			if (next + 1 < to) parts.push({ from: next + 1, to });
			continue;
		}
		if (reply.tooLarge) limit.refused = Math.min(limit.refused, body.length);
		if (to - from > 1) parts.push(...halvesOf(part));
		else
			yield {
				kind: "refused",
				refusal: { at, said: reply.said, ...(reply.tooLarge && { bytes: body.length - 2 }) },
			};
	}
}

/** The half that is sent first comes last. */
function halvesOf({ from, to }: Part): Part[] {
	const middle = (from + to) >> 1;
	return [
		{ from: middle, to },
		{ from, to: middle },
	];
}

const OPEN = Buffer.from("[");
const CLOSE = Buffer.from("]");
/** The body of a part; each event's comma stands before the next. */
function bodyOf({ body, starts }: Batch, { from, to }: Part): Buffer<ArrayBuffer> {
	if (from === 0 && to === starts.length) return Buffer.from(body);
	const end = (starts[to] ?? body.length) - 1;
	return Buffer.concat([OPEN, body.subarray(starts[from], end), CLOSE]);
}

/** 413 is an answer too, the server's or that of a proxy before it: nothing of the request was read. */
async function replyTo(api: Api, body: Buffer<ArrayBuffer>, seed: string): Promise<Reply> {
	try {
		const { ids, refusal, whole } = await sendBatch(api, new RawJson(body), seed);
		return whole
			? { kind: "refused", said: refusal ?? "no reason given", tooLarge: false }
			: { kind: "taken", ids, refusal };
	} catch (error) {
		if (!(error instanceof SkillError)) throw error;
		if (error instanceof ServerError && error.status === 413)
			return { kind: "refused", said: error.message, tooLarge: true };
		return { kind: "failed", error };
	}
}

/** An answer that does not tell the events apart. */
function withoutIds(given: number, asked: number): Fate {
	const said = `The server returned ${plural(given, "id")} for ${plural(asked, "event")}.`;
	return { kind: "failed", error: new ServerError(said, "", 200, "", true), events: asked - given };
}

/** Sends a stream of events in flat memory, each exactly once: several requests in flight, each under its own seed. */
import { checkEventBytes } from "./check.ts";
import { ServerError, SkillError, UsageError } from "./errors.ts";
import type { Seeds } from "./events.ts";
import { type Fate, type Limit, type Refusal, sendParts } from "./halving.ts";
import type { Source } from "./input.ts";
import type { Context } from "./intent.ts";
import { BrokenArray } from "./split.ts";
import { type Batch, batchesOf, digestOf, type Survey } from "./survey.ts";

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

/** Requests in flight at once. */
const IN_FLIGHT = 4;
/** After as many refusals on end, and nothing taken, the events are not what is wrong. */
const REFUSED = 20;
/** How long the server knows an event again (measured). */
export const DAY = 24 * 3_600_000;

/**
 * Second pass: sends the planned requests from number `first` on. Throws where the request itself was refused before anything
 * went out, as wrong usage is.
 */
export async function sendStream(
	context: Pick<Context, "api" | "clock" | "signal">,
	source: Source,
	plan: Survey,
	seeds: Seeds,
	first: number,
	progress: (account: Account) => void,
): Promise<Account> {
	const stream = new Stream(context, plan, seeds, first, progress);
	// Lets a Ctrl-C through that came while the input was checked.
	await context.clock.sleep(1);
	try {
		await stream.pass(source);
	} catch (error) {
		// The input can't be read any more: what is in flight still counts.
		if (!(error instanceof SkillError)) throw error;
		stream.stop(error instanceof BrokenArray ? { kind: "changed" } : { kind: "failed", error });
	}
	return stream.end();
}

class Stream {
	readonly #context: Pick<Context, "api" | "clock" | "signal">;
	readonly #plan: Survey;
	readonly #seeds: Seeds;
	readonly #first: number;
	readonly #progress: (account: Account) => void;
	readonly #account: Account;
	/** The places of requests that were answered before an earlier one was. */
	readonly #done = new Map<number, readonly number[]>();
	readonly #flight = new Set<Promise<void>>();
	readonly #limit: Limit = { refused: Number.POSITIVE_INFINITY };

	constructor(
		context: Pick<Context, "api" | "clock" | "signal">,
		plan: Survey,
		seeds: Seeds,
		first: number,
		progress: (account: Account) => void,
	) {
		this.#context = context;
		this.#plan = plan;
		this.#seeds = seeds;
		this.#first = first;
		this.#progress = progress;
		this.#account = {
			sent: 0,
			refused: 0,
			refusals: [],
			unknown: 0,
			notTried: plan.events,
			answered: first,
			through: { at: 0, events: 0 },
			stop: undefined,
			ids: [],
		};
	}

	stop(why: Stop): void {
		this.#account.stop ??= why;
	}

	/** Reads the input once more, and sends what is planned of it. */
	async pass(source: Source): Promise<void> {
		const plan = this.#plan;
		const account = this.#account;
		let planned = 0;
		for (const batch of batchesOf(source, plan.largest, (piece) => plan.bad > 0 && isBad(piece.raw))) {
			planned++;
			if (this.#isNotFor(batch)) break;
			account.notTried -= batch.places.length;
			if (batch.k < this.#first) {
				account.sent += batch.places.length;
				account.through = beyond(account.through, batch.places);
				continue;
			}
			// Its bytes are good until the next batch is asked for.
			const copied = { ...batch, body: Buffer.from(batch.body) };
			const sending: Promise<void> = this.#send(copied).finally(() => this.#flight.delete(sending));
			this.#flight.add(sending);
			if (this.#flight.size >= IN_FLIGHT) await Promise.race(this.#flight);
		}
		if (planned < plan.batches.length) this.stop({ kind: "changed" });
	}

	/** Whether a request is not, or no longer, to be sent. */
	#isNotFor(batch: Batch): boolean {
		if (digestOf(batch) !== this.#plan.batches[batch.k]) this.stop({ kind: "changed" });
		this.#isOver();
		if (this.#context.clock.now() > this.#seeds.time + DAY) this.stop({ kind: "old" });
		return this.#account.stop !== undefined;
	}

	async #send(batch: Batch): Promise<void> {
		const account = this.#account;
		let left = batch.places.length;
		let taken = 0;
		for await (const fate of sendParts(this.#context.api, batch, this.#seeds, this.#limit, () => this.#isOver())) {
			left -= this.#count(fate);
			if (fate.kind === "taken") taken += fate.ids.length;
			// A request with a refusal is sent again on resuming, so that the account then knows of it.
			if (taken === batch.places.length) this.#answered(batch);
			this.#progress(account);
		}
		account.notTried += left;
	}

	#answered({ k, places }: Batch): void {
		const account = this.#account;
		this.#done.set(k, places);
		for (let next = this.#done.get(account.answered); next; next = this.#done.get(account.answered)) {
			this.#done.delete(account.answered++);
			account.through = beyond(account.through, next);
		}
	}

	/** Counts events, and answers how many. */
	#count(fate: Fate): number {
		const account = this.#account;
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
		const interrupted = error instanceof UsageError && this.#context.signal.aborted;
		this.stop(interrupted ? { kind: "interrupted" } : { kind: "failed", error });
		return events;
	}

	/** Whether a request that is being cut goes no further. One whose input has changed since does. */
	#isOver(): boolean {
		const { refused, sent } = this.#account;
		if (this.#context.signal.aborted) this.stop({ kind: "interrupted" });
		if (refused >= REFUSED && sent === 0) this.stop({ kind: "refuses" });
		const { stop } = this.#account;
		return stop !== undefined && stop.kind !== "changed" && stop.kind !== "old";
	}

	async end(): Promise<Account> {
		await Promise.all(this.#flight);
		const { stop, sent, refused, unknown } = this.#account;
		if (stop?.kind === "failed" && stop.error instanceof UsageError && sent + refused + unknown === 0) throw stop.error;
		return this.#account;
	}
}

const beyond = ({ at, events }: Account["through"], places: readonly number[]): Account["through"] => ({
	at: places.at(-1) ?? at,
	events: events + places.length,
});

const isBad = (raw: Buffer | undefined): boolean => checkEventBytes(raw).fault !== undefined;

/** How functions do: their runs counted, by events and by runs, in memory that does not grow much with their number. Pure. */
import { eventOf, functionOf, hasEnded, type Run, tookOf } from "./api.ts";
import { tailOfId } from "./ids.ts";

/** What a function's runs come to. Runs of one event, such as replays, are counted once beside. */
export interface Health {
	name: string;
	/** Its runs: those that ended in the window and those that began in it and go on. */
	total: number;
	byStatus: Map<string, number>;
	/** Those that ended, and of them those that failed. */
	ended: number;
	failed: number;
	/** The same by events, and the events that failed of which a later run completed. */
	endedEvents: number;
	failedEvents: number;
	completedSince: number;
	/** Milliseconds; of a run that was stopped or skipped it says nothing of the function. */
	medianMs: number | undefined;
	p95Ms: number | undefined;
	/** Whether durations include the time in the queue. */
	queue: boolean;
}

/** What has come of an event in a function, as bits. */
const ENDED = 1;
const COMPLETED = 2;
const FAILED = 4;
const SINCE = 8;

interface Account {
	name: string;
	byStatus: Map<string, number>;
	ended: number;
	durations: number[];
	queue: boolean;
	/** By the end of an event's id; runs without an event have a number below zero. */
	events: Map<number, number>;
}

/** Counts runs, newest first, as lists give them. */
export class Accounts {
	readonly #accounts = new Map<string, Account>();

	add(run: Run): void {
		const name = functionOf(run);
		const fresh = { name, byStatus: new Map(), ended: 0, durations: [], queue: false, events: new Map() };
		const account: Account = this.#accounts.get(name) ?? fresh;
		this.#accounts.set(name, account);
		account.byStatus.set(run.status, (account.byStatus.get(run.status) ?? 0) + 1);
		if (!hasEnded(run)) return;
		account.ended++;
		const event = eventOf(run);
		const key = event === undefined ? -1 - account.events.size : tailOfId(event);
		account.events.set(key, outcome(account.events.get(key) ?? 0, run.status));
		const took = ["CANCELLED", "SKIPPED"].includes(run.status) ? undefined : tookOf(run);
		if (!took) return;
		account.durations.push(took.ms);
		account.queue ||= took.queue;
	}

	/** The functions, the worst share of failures first; among equals the one that ran most often. */
	list(): Health[] {
		return [...this.#accounts.values()].map(judged).sort((a, b) => shareOf(b) - shareOf(a) || b.total - a.total);
	}
}

/** The bits of an event whose runs so far, all newer, have these, with those of one more run. */
function outcome(bits: number, status: string): number {
	if (status === "COMPLETED") return bits | ENDED | COMPLETED;
	if (status !== "FAILED") return bits | ENDED;
	return bits | ENDED | FAILED | (bits & COMPLETED ? SINCE : 0);
}

/** The share of events that failed, of those that came to an end. */
export const shareOf = ({ failedEvents, endedEvents }: Health): number => failedEvents / Math.max(1, endedEvents);

function judged({ durations, events, ...account }: Account): Health {
	const sorted = durations.sort((a, b) => a - b);
	/** The duration below which a share `q` of them lies (nearest rank). */
	const quantile = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
	const counted = (bit: number) => [...events.values()].filter((bits) => bits & bit).length;
	return {
		...account,
		total: [...account.byStatus.values()].reduce((sum, n) => sum + n, 0),
		failed: account.byStatus.get("FAILED") ?? 0,
		endedEvents: counted(ENDED),
		failedEvents: counted(FAILED),
		completedSince: counted(SINCE),
		medianMs: quantile(0.5),
		p95Ms: quantile(0.95),
	};
}

/** What a call has done; whether and when a failed request is sent again; the pace of requests. */
import type { World } from "../gate/secrets.ts";
import { Interrupted, isNotFound, NOT_INNGEST, ServerError } from "../text/errors.ts";
import { DAY, duration } from "../text/text.ts";
import { isLasting } from "./answer.ts";
import type { Request } from "./request.ts";

/**
 * Whether to continue waiting: the server is briefly unreachable, or asks for a pause of up to a minute. `early`: a run may not be known
 * yet.
 */
export function isPassing(error: unknown, early: boolean): boolean {
	if (!(error instanceof ServerError)) return false;
	const { status, retryAfter = 0 } = error;
	return status < 400 || status >= 500 || (status === 429 && retryAfter <= 60_000) || (early && isNotFound(error));
}

/** Shared by all clients of a call. */
export interface Work {
	/** Aborted when the call is to end and has changed nothing. Changes that have begun are completed. */
	readonly stop: AbortSignal;
	/** Requests that may have changed something, including the current one. */
	changes: number;
	/** The result depends on the current time: with a wrong clock it would be useless. */
	readonly byClock: boolean;
	/** By how many ms the server's clock is ahead of this machine's, if too much. */
	ahead: number | undefined;
	/** A confirmation has been given. */
	confirmed: boolean;
}

/** `interrupted` is aborted by Ctrl-C and SIGTERM. */
export function openWork(interrupted: AbortSignal, byClock = false): Work {
	const control = new AbortController();
	const work: Work = { stop: control.signal, changes: 0, byClock, ahead: undefined, confirmed: false };
	const stop = () => work.changes === 0 && control.abort();
	if (interrupted.aborted) stop();
	interrupted.addEventListener("abort", stop, { once: true });
	return work;
}

export const interrupted = ({ changes }: Work): Interrupted =>
	changes > 0
		? new Interrupted("Interrupted; nothing more was sent.", "Call again to see what is left to do.", 1)
		: new Interrupted("Interrupted; nothing was changed.", "Call again.", 1);

/** Ends a call with a wrong clock that has changed nothing. It is repeated by the server's clock. */
export class WrongClock extends Error {}

/** The tolerated difference of clocks, in ms. `Date` has whole seconds. */
const TOLERATED = 5_000;

/** How far a server's clock is ahead (ms). From the response's Date and the times of sending and receiving. Undefined if negligible. */
export function aheadBy(date: string | undefined, age: string | undefined, sent: number, received: number) {
	// A cached response is as old as it says.
	const at = Date.parse(date ?? "") + Number(age ?? 0) * 1000;
	const isOff = at > received + TOLERATED || at + 1000 < sent - TOLERATED;
	return isOff ? at + 500 - (sent + received) / 2 : undefined;
}

/** `2h behind this machine's`, to the second, or from a minute on to the minute. */
export function aheadText(ahead: number): string {
	const ms = Math.abs(ahead);
	const unit = ms < 60_000 ? 1000 : 60_000;
	return `${duration(Math.round(ms / unit) * unit)} ${ahead > 0 ? "ahead of" : "behind"} this machine's`;
}

/** A request's attempts so far. */
export interface Tries {
	/** How often it was sent. */
	sent: number;
	/** How often no response came in time. */
	late: number;
	/** Time waited because the server asked to slow down, in ms. */
	slowed: number;
}

/** The longest pause between attempts, and the longest Retry-After that is respected, in ms. */
const LONGEST_BACKOFF = 5_000;
const LONGEST_PAUSE = 60_000;
/** After a 429 without a Retry-After: 12.5 s in all, ±20%. */
const SLOW = [1_000, 2_000, 4_000, 5_500];

/**
 * Milliseconds until a request is sent again after `error`. Otherwise throws that error, or one that it calls for. `most` attempts within
 * the time `left` (ms); `spread`, from 0 to 1, keeps calls that failed together from retrying together. A 429 is waited out for 10 to 15 s.
 */
export function pauseAfter(
	request: Request,
	error: ServerError,
	{ sent, late, slowed }: Tries,
	{ most, left, spread }: { most: number; left: number; spread: number },
): number {
	const slow = error.status === 429;
	const over = slow ? sent >= 4 && slowed >= 10_000 : sent >= most || late >= 4 || !mayRepeat(request, error);
	if (over) throw error;
	const backoff = slow
		? (SLOW[sent - 1] ?? LONGEST_BACKOFF) * (0.8 + 0.4 * spread)
		: Math.min(200 * 2 ** (sent - 1), LONGEST_BACKOFF) * (0.5 + spread);
	// "At once" is no pause: the next request would be too many again.
	const wait = error.retryAfter || backoff;
	if (wait <= Math.min(left, LONGEST_PAUSE)) return wait;
	if (!error.retryAfter) throw error;
	const ask = slow ? "No rate limit lasts that long: ask" : "Ask";
	const next = wait > DAY ? `${ask} whoever runs the server.` : "Call again then, not before.";
	const told = `${error.message.replace(/\.?$/, ".")} It says to wait ${duration(wait)} first.`;
	const { unclear } = error;
	throw error.told(told, (slow ? "Nothing was done. " : "") + next, { unclear, retryAfter: wait });
}

function mayRepeat(request: Request, { status, code }: ServerError): boolean {
	if (code === NOT_INNGEST || (status === 0 && isLasting(code))) return false;
	const passing = status === 0 || status === 408 || (status >= 500 && status !== 501) || code === "not_json";
	return passing && (request.method === "GET" || request.repeatable === true);
}

/**
 * Inngest Cloud's one published figure is 75 requests per 5 s, for each event key; the API's limits are per account, shared with the user's
 * own apps. So ten per second, of which the first ten may start at once.
 */
const EVERY = 100;
const AT_ONCE = 10;

export interface Pace {
	/** Returns when a request may start, at `deadline` (ms since the epoch), or once `signal` is aborted. */
	turn(deadline: number, signal?: AbortSignal): Promise<void>;
	/** No request starts for this many ms. */
	hold(ms: number): void;
}

/** `limited`: at the rate for Inngest Cloud. Otherwise requests start at once, except while on hold. */
export function openPace(clock: World["clock"], limited: boolean): Pace {
	let next = -Infinity;
	let heldUntil = 0;
	return {
		async turn(deadline, signal) {
			const slot = limited ? Math.max(next, clock.now() - (AT_ONCE - 1) * EVERY) : 0;
			if (limited) next = slot + EVERY;
			const left = () => Math.min(Math.max(slot, heldUntil), deadline) - clock.now();
			for (let ms = left(); ms > 0 && !signal?.aborted; ms = left()) await clock.sleep(ms, signal);
		},
		hold(ms) {
			heldUntil = Math.max(heldUntil, clock.now() + ms);
			// Requests on hold start then; later ones don't pile up on top.
			next = Math.max(next, heldUntil);
		},
	};
}

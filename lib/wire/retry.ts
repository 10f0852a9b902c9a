/** How far a call has come and what ends it; whether a request that failed is sent again, and when; at what pace requests go out. */
import type { World } from "../gate/secrets.ts";
import { Interrupted, NOT_INNGEST, type ServerError } from "../text/errors.ts";
import { DAY, duration } from "../text/text.ts";
import { isLasting } from "./answer.ts";
import type { Request } from "./request.ts";

/** Of all clients of a call together. */
export interface Work {
	/** Aborted where the call is to end and has changed nothing. What has begun to change something is seen through. */
	readonly stop: AbortSignal;
	/** Requests that may have changed something, the one in flight included. */
	changes: number;
	/** What the call asks for depends on what time it is: by a wrong clock it is of no use. */
	readonly byClock: boolean;
	/** Milliseconds that the server's clock is ahead of this machine's, where that is too much. */
	ahead: number | undefined;
}

/** `interrupted` is aborted by Ctrl-C and SIGTERM. */
export function openWork(interrupted?: AbortSignal, byClock = false): Work {
	const control = new AbortController();
	const work: Work = { stop: control.signal, changes: 0, byClock, ahead: undefined };
	const stop = () => work.changes === 0 && control.abort();
	if (interrupted?.aborted) stop();
	interrupted?.addEventListener("abort", stop, { once: true });
	return work;
}

export const interrupted = ({ changes }: Work): Interrupted =>
	changes > 0
		? new Interrupted("Interrupted; nothing more was sent.", "Call again to see what is left to do.", 1)
		: new Interrupted("Interrupted; nothing was changed.", "Call again.", 1);

/** Ends a call that has changed nothing and asks by a wrong clock: it is made again by the server's. */
export class WrongClock extends Error {}

/** Clocks may differ by so much, in ms. `Date` is in whole seconds. */
const TOLERATED = 5_000;

/** How far a server's clock is ahead (ms), by the Date of an answer to what was sent and received at these times; undefined where that is next to nothing. */
export function aheadBy(date: string | undefined, age: string | undefined, sent: number, received: number) {
	// What a cache had kept is as old as it says.
	const at = Date.parse(date ?? "") + Number(age ?? 0) * 1000;
	const isOff = at > received + TOLERATED || at + 1000 < sent - TOLERATED;
	return isOff ? at + 500 - (sent + received) / 2 : undefined;
}

/** `2h behind this machine's`, to a second, or a minute where it is more than one. */
export function aheadText(ahead: number): string {
	const ms = Math.abs(ahead);
	const unit = ms < 60_000 ? 1000 : 60_000;
	return `${duration(Math.round(ms / unit) * unit)} ${ahead > 0 ? "ahead of" : "behind"} this machine's`;
}

/** What has become of a request so far. */
export interface Tries {
	/** How often it was sent. */
	sent: number;
	/** How often no answer came in time. */
	late: number;
	/** Milliseconds waited because the server asked to slow down. */
	slowed: number;
}

/** The longest pause between two attempts, and the longest that a Retry-After is given, in ms. */
const LONGEST_BACKOFF = 5_000;
const LONGEST_PAUSE = 60_000;
/** After a 429 that does not say how long to wait: 12.5 s in all, a fifth more or less. */
const SLOW = [1_000, 2_000, 4_000, 5_500];

/**
 * Milliseconds until a request is sent again after `error`, which `tries` ended with; otherwise throws that error, or what
 * it asks for. `most` attempts, in the time that is `left` (ms); `spread`, from 0 to 1: calls that failed together are not
 * tried again together. A 429 is waited out for 10 to 15 s.
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
	// "At once" is no pause: the next request would be one too many again.
	const wait = error.retryAfter || backoff;
	if (wait <= Math.min(left, LONGEST_PAUSE)) return wait;
	if (!error.retryAfter) throw error;
	const ask = slow ? "No rate limit lasts that long: ask" : "Ask";
	const next = wait > DAY ? `${ask} whoever runs the server.` : "Call again then, not before.";
	const told = `${error.message.replace(/\.?$/, ".")} It says to wait ${duration(wait)} first.`;
	const asked = error.told(told, (slow ? "Nothing was done. " : "") + next, error.unclear);
	asked.retryAfter = wait;
	throw asked;
}

function mayRepeat(request: Request, { status, code }: ServerError): boolean {
	if (code === NOT_INNGEST || (status === 0 && isLasting(code))) return false;
	const passing = status === 0 || status === 408 || (status >= 500 && status !== 501) || code === "not_json";
	return passing && (request.method === "GET" || request.repeatable === true);
}

/**
 * Inngest Cloud's one published figure is 75 requests per 5 s, and limits are per account: what is left of them is the
 * user's own apps'. So ten a second, of which the first ten may start at once.
 */
const EVERY = 100;
const AT_ONCE = 10;

export interface Pace {
	/** Returns when a request may start, or at `deadline` (ms since the epoch), or as soon as `signal` is aborted. */
	turn(deadline: number, signal?: AbortSignal): Promise<void>;
	/** No request starts for this many ms. */
	hold(ms: number): void;
}

/** `limited`: at Inngest Cloud's rate. Otherwise requests start as they come, but while they are held. */
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
			// What has waited starts at once then; what comes after it does not come in a heap on top.
			next = Math.max(next, heldUntil);
		},
	};
}

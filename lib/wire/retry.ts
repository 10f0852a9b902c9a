/** Whether a request that failed is sent again, and when; and at what pace requests go out. No I/O. */

import type { World } from "../gate/secrets.ts";
import { NOT_INNGEST, type ServerError } from "../text/errors.ts";
import type { Request } from "./request.ts";
import { isLasting } from "./unanswered.ts";

/** What has become of a request so far. */
export interface Tries {
	/** How often it was sent. */
	sent: number;
	/** How often no answer came in time. */
	late: number;
	/** Milliseconds that it waited because the server asked to slow down. */
	slowed: number;
}

export interface Patience {
	/** Attempts at most. */
	most: number;
	/** The first pause in ms, which doubles with each attempt. */
	pause: number;
	/** Milliseconds that are left of what the caller set by `--timeout`, and until the end of a wait. */
	left: number;
	/** From 0 to 1: calls that failed together are not tried again together. */
	spread: number;
}

export type Verdict = { kind: "again"; wait: number } | { kind: "give up" } | { kind: "too long"; wait: number };

/** The longest pause between two attempts, and the longest that a Retry-After is given, in ms. */
const LONGEST_BACKOFF = 5_000;
const LONGEST_PAUSE = 60_000;
/** After a 429 that does not say how long to wait: 12.5 s in all, a fifth more or less. Then it is given up. */
const SLOW = [1_000, 2_000, 4_000, 5_500];
const SLOWED = 10_000;
/** A server that says how long to wait is asked as often at least. */
const ASKED = 4;

/** What to do after `error`, which `tries` ended with. */
export function verdictOn(request: Request, error: ServerError, tries: Tries, patience: Patience): Verdict {
	const slow = error.status === 429;
	const over = slow
		? tries.sent >= ASKED && tries.slowed >= SLOWED
		: tries.sent >= patience.most || tries.late >= ASKED || !mayRepeat(request, error);
	if (over) return { kind: "give up" };
	const wait = slow ? slowPause(error, tries, patience) : (error.retryAfter ?? backoff(tries, patience));
	const isAsked = error.retryAfter !== undefined && wait > patience.left;
	if (wait > LONGEST_PAUSE || isAsked) return { kind: "too long", wait };
	return wait > patience.left ? { kind: "give up" } : { kind: "again", wait };
}

function slowPause({ retryAfter }: ServerError, { sent }: Tries, { spread }: Patience): number {
	// "At once" is no pause: the next request would be one too many again.
	if (retryAfter) return retryAfter;
	return (SLOW[sent - 1] ?? LONGEST_BACKOFF) * (0.8 + 0.4 * spread);
}

const backoff = ({ sent }: Tries, { pause, spread }: Patience): number =>
	Math.min(pause * 2 ** (sent - 1), LONGEST_BACKOFF) * (0.5 + spread);

function mayRepeat(request: Request, error: ServerError): boolean {
	if (error.code === NOT_INNGEST || (error.status === 0 && isLasting(error.code))) return false;
	const passing =
		error.status === 0 ||
		error.status === 408 ||
		(error.status >= 500 && error.status !== 501) ||
		error.code === "not_json";
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
	/** No request starts for so many ms. */
	hold(ms: number): void;
}

/** `limited`: at Inngest Cloud's rate. Otherwise requests start as they come, but while they are held. */
export function openPace(clock: World["clock"], limited: boolean): Pace {
	let next = Number.NEGATIVE_INFINITY;
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

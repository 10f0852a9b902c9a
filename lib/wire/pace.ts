/** When requests may start: one after the other at the rate that a server bears, and not before it asked to wait is over. */
import type { World } from "../gate/world.ts";

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

/** How far a call has come: whether it has begun to change anything, and what ends it before it has. */
import { SkillError } from "../text/errors.ts";
import { duration } from "../text/text.ts";

/** Of all clients of a call together. */
export interface Work {
	/** Aborted where the call is to end and has changed nothing. What has begun to change something is seen through. */
	readonly stop: AbortSignal;
	/** Requests that may have changed something, the one in flight included. */
	changes: number;
	/** Milliseconds that the server's clock is ahead of this machine's, where that is too much. */
	readonly ahead: number | undefined;
	/** Takes note of that; what asks by the clock ends then, and is asked again. */
	clockIs(ahead: number): void;
}

/** `interrupted` is aborted by Ctrl-C and SIGTERM; `byClock`: what the call asks for depends on what time it is. */
export function openWork(interrupted?: AbortSignal, byClock = false): Work {
	const control = new AbortController();
	let off: number | undefined;
	const work = {
		stop: control.signal,
		changes: 0,
		get ahead() {
			return off;
		},
		clockIs(ahead: number) {
			off ??= ahead;
			if (byClock && work.changes === 0) control.abort();
		},
	};
	const stop = () => work.changes === 0 && control.abort();
	if (interrupted?.aborted) stop();
	interrupted?.addEventListener("abort", stop, { once: true });
	return work;
}

/** Ctrl-C or SIGTERM ended the call. */
export const interrupted = ({ changes }: Pick<Work, "changes">): SkillError =>
	changes > 0
		? new SkillError("Interrupted; nothing more was sent.", "Call again to see what is left to do.", 1)
		: new SkillError("Interrupted; nothing was changed.", "Call again.", 1);

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

/** What a call takes from outside besides its words: handed in, so that a test decides all of it and never waits. */
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";
import { VARIABLES, type Variables } from "./secrets.ts";

/** Time as a call sees it. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Returns after `ms` milliseconds, or as soon as `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `size` random bytes, good enough for a secret. */
export type Random = (size: number) => Uint8Array;

export interface World {
	/** The variables of the environment that the skill knows. */
	env: Variables;
	clock: Clock;
	random: Random;
	/** Aborted by Ctrl-C and SIGTERM. */
	signal: AbortSignal;
	/** Progress, for stderr: a milestone stays, any other line may be overwritten by the next. */
	note(line: string, milestone: boolean): void;
}

/** The machine's own environment, clock and randomness. */
export const machine: Pick<World, "env" | "clock" | "random"> = {
	env: VARIABLES,
	clock: { now: Date.now, sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined) },
	// Required where it is needed: most calls need none, and loading it takes a tenth of a call.
	random: (size) => {
		const crypto: typeof import("node:crypto") = createRequire(import.meta.url)("node:crypto");
		return crypto.randomBytes(size);
	},
};

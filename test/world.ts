/** A world for a call in a test: a clock without waiting, the same random bytes each time, only the given environment. */
import type { Variables, World } from "../lib/gate/secrets.ts";
import type { Target } from "../lib/gate/target.ts";

/** The time of tests, unless they set another. */
export const NOW = Date.parse("2026-11-23T21:00:00.000Z");

/** A dev server as a target, with no details. */
export const DEV_TARGET: Target = {
	kind: "dev",
	api: "",
	events: "",
	environment: undefined,
	label: "",
	assumed: false,
	local: true,
};

export interface TestWorld extends World {
	clock: World["clock"] & {
		/** Each requested pause, in ms; it passes at once and moves the clock. */
		pauses: number[];
		set(ms: number): void;
	};
	/** Notes in order; milestones end with a line break. */
	notes: string[];
	interrupt(): void;
}

/** `env`: only what is given; the clock starts at `now` (ms). */
export function aWorld({ env = {}, now = NOW }: { env?: Variables; now?: number } = {}): TestWorld {
	const control = new AbortController();
	const notes: string[] = [];
	const pauses: number[] = [];
	let ms = now;
	let drawn = 0;
	return {
		env,
		clock: {
			pauses,
			now: () => ms,
			set: (to) => {
				ms = to;
			},
			async sleep(pause, signal) {
				if (signal?.aborted) return;
				const until = ms + pause;
				pauses.push(pause);
				// Like a real one, even a short pause lets other work run.
				await new Promise((resolve) => setImmediate(resolve));
				ms = Math.max(ms, until);
			},
		},
		random: (size) => Uint8Array.from({ length: size }, () => (drawn++ * 37 + 128) % 256),
		signal: control.signal,
		note: (line, milestone) => {
			notes.push(milestone ? `${line}\n` : line);
		},
		notes,
		interrupt: () => control.abort(),
	};
}

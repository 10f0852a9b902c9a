/** A world for a call in a test: a clock that no one waits for, the same random bytes each time, no environment but what is given. */
import type { Variables, World } from "../lib/gate/secrets.ts";
import type { Target } from "../lib/gate/target.ts";

/** When tests take place, unless they say otherwise. */
export const NOW = Date.parse("2026-11-23T21:00:00.000Z");

/** A dev server as a place to ask, of which nothing is told. */
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
		/** Each pause that was asked for, in ms; it is over at once, and the clock has moved by it. */
		pauses: number[];
		set(ms: number): void;
	};
	/** What was noted, in order; milestones end with a line break. */
	notes: string[];
	interrupt(): void;
}

/** `env` holds nothing but what is given; the clock starts at `now` (ms). */
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
				// As the real one: a pause lets others go on, however short it is.
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

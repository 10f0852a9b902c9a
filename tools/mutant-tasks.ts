/** The messages between tools/mutants.ts and its shards. */
import * as z from "zod/mini";

/** A survey runs one test file on instrumented sources; a trial runs tests (all of a file, or some by id) on a mutant. */
export const Task = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("survey"), test: z.string() }),
	z.object({
		kind: z.literal("trial"),
		mutant: z.object({ file: z.string(), start: z.number(), end: z.number(), text: z.string() }),
		tests: z.array(z.object({ file: z.string(), ids: z.optional(z.array(z.string())) })),
		/** The time limit of a test, in ms. */
		timeout: z.number(),
	}),
]);
export type Task = z.output<typeof Task>;

export const Result = z.object({
	failures: z.array(z.string()),
	timedOut: z.boolean(),
	/** From a survey: how long each test took in ms, and the tests that entered each function. */
	tests: z.record(z.string(), z.number()),
	reached: z.record(z.string(), z.array(z.string())),
});
export type Result = z.output<typeof Result>;

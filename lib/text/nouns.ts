/** Inngest's nouns as they are written: the statuses of runs, and the names of functions. */

/** The last three are of Inngest Cloud since 1.45: the own server of 1.43 refuses to list by them (its proto). */
export const STATUSES = [
	"QUEUED",
	"RUNNING",
	"COMPLETED",
	"FAILED",
	"CANCELLED",
	"SKIPPED",
	"PAUSED",
	"UNKNOWN",
] as const;
export type Status = (typeof STATUSES)[number];
/** The statuses of runs that go on. */
export const LIVE: readonly Status[] = ["QUEUED", "RUNNING"];
/** Those of which each run has an end, by which it is listed: one that was skipped may have none. */
export const ENDS: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];

/** A function as it is printed: `app/function`, or its name alone. */
export interface FunctionRef {
	app: string | undefined;
	name: string;
}

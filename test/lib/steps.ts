/** Minimal facts of a trace, for tables of decisions based on them. */
import type { Failure, Step } from "../../lib/inngest/trace.ts";
import { NOW } from "../world.ts";

/** An error thrown at a line of the app; `line: 0`: made by the engine. */
export const anError = (message: string, { name = "Error", line = 7, cause }: ErrorOptions = {}): Failure => ({
	name,
	message,
	at: line ? `app.mjs:${line}` : undefined,
	stack: line ? `${name}: ${message}\n    at app.mjs:${line}:1` : "",
	...(cause && { cause }),
});
interface ErrorOptions {
	name?: string;
	line?: number;
	cause?: Failure;
}

/** The same as in a run's output. */
export const outputOf = ({ name, message, stack, cause }: Failure): unknown => ({
	name,
	message,
	...(stack && { stack }),
	...(cause && { cause: outputOf(cause) }),
});

/** A step that completed between two times (seconds after NOW), planned when it began. */
export function aStep(name: string, from: number, to: number | undefined, some: Partial<Step> = {}): Step {
	const start = NOW + from * 1000;
	return {
		id: `hash of ${name}`,
		name,
		op: "RUN",
		status: "COMPLETED",
		start,
		end: to === undefined ? undefined : NOW + to * 1000,
		queued: start,
		latest: start,
		attempts: 1,
		failure: undefined,
		output: undefined,
		...some,
	};
}
/** The same, failed. */
export const failedStep = (name: string, from: number, to: number, failure: Failure, some: Partial<Step> = {}): Step =>
	aStep(name, from, to, { status: "FAILED", failure, ...some });

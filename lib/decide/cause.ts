import type { Run, Span } from "../inngest/api.ts";
import {
	causesOf,
	type Failure,
	failureIn,
	failureText,
	type Outside,
	outsideOf,
	type Step,
	stepsOf,
} from "../inngest/trace.ts";
import { time } from "../text/text.ts";

/**
 * What made a run fail. The error of a run is its output (measured): a step that failed may be one that the function
 * caught and went on from.
 */
export type Cause = { failure: Failure } /** The run's error is this step's. */ & (
	| { kind: "step"; step: Step }
	/** The run's error was thrown because of this step's: the step's is in its chain of causes. */
	| { kind: "after"; step: Step }
	/** Several steps failed with the run's very error: which of them it was can't be told. */
	| { kind: "tie"; steps: Step[] }
	/** No step's error is the run's. */
	| { kind: "outside" }
	/**
	 * The same, but it may have been in a step of which the error, or the whole span, is not there: the engine made the error
	 * (measured: too much output, the app ended), or a step failed without one.
	 */
	| { kind: "unseen" }
	/** The trace could not be read. */
	| { kind: "unread" }
);

/** `steps` are undefined where the trace could not be read. */
export function causeOf(output: unknown, steps: readonly Step[] | undefined): Cause | undefined {
	const failure = failureIn(output);
	if (!failure) return undefined;
	if (!steps) return { kind: "unread", failure };
	for (const [depth, one] of causesOf(failure).entries()) {
		const found = steps.filter((step) => step.failure && isSame(step.failure, one));
		const [step] = found;
		if (found.length > 1) return { kind: "tie", failure, steps: found };
		if (step) return { kind: depth ? "after" : "step", failure, step };
	}
	const unseen = !failure.stack || steps.some((step) => step.status === "FAILED" && !step.failure);
	return { kind: unseen ? "unseen" : "outside", failure };
}

export const causeIn = ({ status, output }: Run, steps: readonly Step[] | undefined): Cause | undefined =>
	status === "FAILED" ? causeOf(output, steps) : undefined;

/** An error that the engine made has no stack, and the run's copy of it an empty one (measured). */
const isSame = (a: Failure, b: Failure): boolean =>
	a.name === b.name && a.message === b.message && (a.stack === b.stack || a.stack === "" || b.stack === "");

export function stepsIn(cause: Cause | undefined): readonly Step[] {
	if (cause?.kind === "tie") return cause.steps;
	return cause && "step" in cause ? [cause.step] : [];
}

/**
 * A failed step that did not make the run fail. `caught`: the function went on after it, which a later step proves, or an
 * error of its own that it threw later.
 */
export interface OtherFailure {
	step: Step;
	failure: Failure;
	caught: boolean;
}

export function othersThatFailed(run: Run, steps: readonly Step[], cause: Cause | undefined): OtherFailure[] {
	const told = stepsIn(cause);
	return steps.flatMap((step) => {
		const { failure } = step;
		if (step.status !== "FAILED" || !failure || told.includes(step)) return [];
		const threw = cause?.kind === "outside" && step.end !== undefined && step.end <= (time(run.endedAt) ?? 0);
		return [{ step, failure, caught: run.status === "COMPLETED" || threw || wentOn(steps, step) }];
	});
}

/** A step was planned after this one had ended: those side by side are planned together, before any ends. */
const wentOn = (steps: readonly Step[], { end }: Step): boolean =>
	end !== undefined && steps.some(({ queued }) => queued !== undefined && queued > end);

/** What a run that is going to be tried again failed with last. */
export function retried(steps: readonly Step[], outside: Outside): { failure: Failure; step?: Step } | undefined {
	const step = steps.findLast((one) => one.status === "FAILED" && !wentOn(steps, one));
	if (outside.failure && (outside.at ?? 0) >= (step?.end ?? -1)) return { failure: outside.failure };
	return step?.failure && { failure: step.failure, step };
}

/** The same in words. */
export function retriedText(trace: Span | undefined): string | undefined {
	const failure = retried(stepsOf(trace), outsideOf(trace))?.failure;
	return failure && failureText(failure);
}

/** The engine's words where it could not call the app (its source, v1.43): what was to run never ran. */
export const isUnreachable = ({ message }: Pick<Failure, "message">): boolean =>
	/Unable to reach SDK URL/.test(message);

/** Its input, or the code, must change first. */
export const isFinal = ({ name }: Pick<Failure, "name">): boolean => name === "NonRetriableError";

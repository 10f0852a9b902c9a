import { type Cause, othersThatFailed, stepsIn } from "../decide/cause.ts";
import type { Root } from "../gather/kin.ts";
import type { ReadStory, Story } from "../gather/story.ts";
import { type Fn, functionOf, hasEnded } from "../inngest/api.ts";
import { attemptsOf } from "../inngest/limits.ts";
import { failureText, outsideOf, type Step } from "../inngest/trace.ts";
import { type Line, plural, word } from "../text/text.ts";

const OTHERS = 5;

export function failureLines(story: ReadStory): Line[] {
	const { run, trace, root, handler, steps, cause } = story;
	const others = othersThatFailed(run, steps, cause);
	const told = hasEnded(run) ? others : others.filter(({ caught }) => caught);
	const more = others.length - OTHERS;
	const outside = run.status === "CANCELLED" ? outsideOf(trace).failure : undefined;
	return [
		run.status === "FAILED" && (cause ? causeLine(cause, story) : "Failed; no error is recorded."),
		outside && causeLine({ kind: "outside", failure: outside }, story),
		root && rootLine(root),
		...told
			.slice(0, OTHERS)
			.map((one) => `${one.caught ? "Caught" : "Also failed"}: ${word(one.step.name)} ${failureText(one.failure)}`),
		more > 0 && `… and ${plural(more, "more failed step")} (--json has all)`,
		handler && `Its onFailure handler: run ${handler.id} ${handler.status}`,
	];
}

export function attemptText(attempt: number, fn: Fn | undefined): string {
	const most = attemptsOf(fn);
	return most === undefined ? `attempt ${attempt}` : `attempt ${attempt} of ${most}`;
}

/** `Step charge failed, attempt 3 of 3: …`. */
export function causeLine(cause: Cause, { trace, function: fn }: Pick<Story, "trace" | "function">): string {
	const [step] = stepsIn(cause);
	const { attempts } = step ?? outsideOf(trace);
	const attempt = attempts > 1 ? `, ${attemptText(attempts, fn)}` : "";
	return `${causeText(cause)}${attempt}: ${failureText(cause.failure)}`;
}

export function causeText(cause: Cause): string {
	if (cause.kind === "step") return `Step ${word(cause.step.name)} failed`;
	if (cause.kind === "after") return `Failed after step ${word(cause.step.name)} had failed`;
	return cause.kind === "tie" ? tieText(cause.steps) : WITHOUT_STEP[cause.kind];
}

const WITHOUT_STEP = {
	outside: "Failed outside any step",
	unseen: "Failed outside any step, or in a step that left no record",
	unread: "Failed",
};

function tieText(steps: readonly Step[]): string {
	const names = [...new Set(steps.map(({ name }) => word(name)))];
	return names.length > 1
		? `Possible: it failed in step ${names.join(" or ")}, as each failed with this error`
		: `Step ${names[0]} failed (${steps.length} steps of that name did, with the same error)`;
}

function rootLine({ run, cause, depth }: Root): string {
	const down = depth === 1 ? "" : `, ${depth} invocations down`;
	// One that did not fail itself was not awaited to its end, or not at all.
	if (run.status !== "FAILED") return `The run that it invoked${down}: ${run.id} ${functionOf(run)} ${run.status}`;
	const [step] = stepsIn(cause);
	const where = step ? `step ${word(step.name)} of ` : "";
	const why = cause ? `: ${failureText(cause.failure)}` : "";
	return `It began in ${where}${functionOf(run)}, run ${run.id} ${run.status}${down || ", which it invoked"}${why}`;
}

/** Parts of a run's story in words: one step, all steps, the difference to another run. Pure. */

import { stepsIn } from "../decide/cause.ts";
import {
	type Attempt,
	aiUsesOf,
	attemptsAt,
	attemptsOutside,
	type Comparison,
	type Difference,
	inputOf,
	type KeyDifference,
	mayBeReplay,
	type Pair,
} from "../decide/compare.ts";
import { stepArgument } from "../decide/replayplan.ts";
import type { ReadStory } from "../gather/story.ts";
import { durationOf, functionOf, hasEnded, type Run } from "../inngest/api.ts";
import { returned, type Step } from "../inngest/trace.ts";
import { some } from "../text/lists.ts";
import { isDone, type Suggested } from "../text/nouns.ts";
import {
	ago,
	clean,
	duration,
	excerpt,
	isObject,
	type Line,
	named,
	plural,
	quote,
	stamp,
	time,
	whole,
	word,
	words,
} from "../text/text.ts";
import {
	aiText,
	causeLine,
	failureLines,
	failureText,
	MOST_STEPS,
	opText,
	resumedText,
	stepLines,
	stepState,
} from "./causetext.ts";
import { waitLine } from "./storytext.ts";

/** A run, and its duration if known. */
const runText = (run: Run): string => {
	const took = hasEnded(run) ? durationOf(run) : undefined;
	return words(functionOf(run), run.status, took !== undefined && `in ${duration(took)}`);
};

/** All steps, up to 200, as in a story. */
export function tellSteps(read: ReadStory, label: string): Line[] {
	const { run, steps, missing } = read;
	const count = missing.length && !steps.length ? "" : `, ${plural(steps.length, "step")}`;
	return [
		`${runText(run)}${count} (${label})`,
		...stepLines(read, MOST_STEPS),
		...retriedLines(read),
		...failureLines(read),
		...missing,
	];
}

/** The maximum number of retried steps shown with every attempt. */
const MOST_RETRIED = 3;

function retriedLines({ trace, steps }: ReadStory): Line[] {
	const retried = steps.filter(({ attempts }) => attempts > 1);
	const more = retried.length - MOST_RETRIED;
	const outside = attemptsOutside(trace);
	const told = (what: string, attempts: readonly Attempt[]) => [
		`${what}:`,
		...attempts.map((one) => `  ${attemptLine(one)}`),
	];
	return [
		...retried.slice(0, MOST_RETRIED).flatMap((step) => told(word(step.name), attemptsAt(trace, step))),
		...(outside.length > 1 ? told("Outside any step", outside) : []),
		more > 0 && `… and ${plural(more, "more retried step")}: --step NAME`,
	];
}

/** The maximum number of steps shown for one name. */
const MOST_NAMED = 5;

/** The steps of one name. `invoked`: the run that the step invoked, if known. */
export function tellStep(read: ReadStory, found: readonly Step[], invoked: Run | undefined, label: string): Line[] {
	const more = found.length - MOST_NAMED;
	return [
		`${runText(read.run)} (${label})`,
		...found.slice(0, MOST_NAMED).flatMap((step, i) => oneStep(read, step, found.length > 1 ? i + 1 : 0, found.length)),
		more > 0 && `… and ${plural(more, "more step")} of that name (--json has all; --step takes an id, too)`,
		invoked && `It invoked run ${invoked.id} ${functionOf(invoked)} ${invoked.status}`,
	];
}

function oneStep({ run, trace, waits, now }: ReadStory, step: Step, nth: number, count: number): Line[] {
	const attempts = attemptsAt(trace, step);
	const input = inputOf(trace, step);
	const isOpen = !hasEnded(run) && !isDone(step);
	const wait = isOpen && waits.find((one) => "step" in one && one.step === step.name);
	const uses = aiUsesOf(trace, step);
	return [
		headOfStep(step, nth && `(${nth} of ${count})`, run),
		nth > 0 && `Its id: ${word(step.id)}`,
		...(attempts.length > 1 ? attempts.map(attemptLine) : [step.failure && `Failed: ${failureText(step.failure)}`]),
		wait && waitLine(wait, { now }),
		uses.length > 0 && `AI: ${aiText(uses)}`,
		input === undefined ? "Input: not recorded" : `Input: ${whole(excerpt(input, 400))}`,
		step.status === "COMPLETED" && outputLine(step),
	];
}

function headOfStep(step: Step, which: string | 0, run: Run): string {
	const { start, end, attempts } = step;
	const took = start !== undefined && end !== undefined && `in ${duration(end - start)}`;
	const after = attempts > 1 && `after ${attempts} attempts`;
	return [
		words(`Step ${word(step.name)}`, which, opText(step), stepState(step, run), after, took),
		start !== undefined && `began ${stamp(start)}`,
		resumedText(step),
	]
		.filter(Boolean)
		.join(", ");
}

/** Sleeps return nothing, nor do waits that timed out, which is already said. */
function outputLine({ op, output }: Step): Line {
	const value = returned(output);
	if (value != null) return `Output: ${whole(excerpt(value, 600))}`;
	return !/^(SLEEP|WAIT_FOR_)/.test(op) && "Output: none (it returned null or nothing)";
}

function attemptLine({ nth, again, status, start, end, failure }: Attempt): string {
	const took = start !== undefined && end !== undefined && duration(end - start);
	const line = words(`Attempt ${nth}`, again && "again", status, took, start !== undefined && `at ${stamp(start)}`);
	return failure ? `${line}: ${failureText(failure)}` : line;
}

/** Calls to suggest after one step. Inngest Cloud can't replay scheduled runs (documented). */
export function afterStep(
	{ run, steps, cause }: ReadStory,
	found: readonly Step[],
	invoked: Run | undefined,
	cloud: boolean,
): Suggested[] {
	const step = stepsIn(cause).find((one) => found.includes(one));
	const isOfCron = cloud && run.trigger?.cronSchedule;
	const from = step && !isOfCron && stepArgument(step, steps);
	return [
		invoked && [`get-run ${invoked.id}`, "the run that it invoked"],
		[`get-run ${run.id}`, "the whole run"],
		from && [`replay-run ${run.id} --from-step ${from}`, "once the cause is fixed"],
	];
}

/** What is shown of a comparison besides its result. */
export interface RunsCompared {
	here: ReadStory;
	there: Run;
	/** If the other run was not named: whether newer runs that may be replays were skipped. */
	chosen: { passed: boolean } | undefined;
	comparison: Comparison;
}

export function tellComparison(
	{ here, there, chosen, comparison }: RunsCompared,
	missing: readonly string[],
	label: string,
): Line[] {
	const { run, cause, now } = here;
	const { steps, payload, output } = comparison;
	const queued = time(there.queuedAt);
	const [first] = steps ?? [];
	const isTold = first?.kind === "status" && stepsIn(cause).includes(first.here);
	const took = durationOf(there);
	const other = words(`run ${there.id}`, there.status, took !== undefined && hasEnded(there) && `in ${duration(took)}`);
	const last = chosen?.passed ? "the last that completed and can't be a replay" : "the last that completed";
	const which = [chosen && last, queued && `queued ${ago(queued, now)}`].filter(Boolean).join(", ");
	return [
		`${runText(run)}, against ${other}, ${which} (${label})`,
		steps && (here.steps.length > 0 || first) && firstLine(first, hasEnded(run) && hasEnded(there)),
		cause && !isTold && causeLine(cause, here),
		...othersLines(steps?.slice(1) ?? []),
		first?.kind === "there" && mayBeReplay(run) && partialText("this run"),
		first?.kind === "here" && mayBeReplay(there) && partialText("that run"),
		payload && `Payload: ${keysText(payload)}`,
		output && output.length > 0 && `Output: ${keysText(output)}`,
		pairsLine("Time", comparison.durations, ({ start, end }) => duration((end ?? 0) - (start ?? 0))),
		pairsLine("Attempts", comparison.attempts, ({ attempts }) => String(attempts)),
		...missing,
		!steps && "So neither steps nor payloads were compared.",
	];
}

const partialText = (which: string): string =>
	`Possible: ${which} is a replay from a step, whose trace lacks the steps that it kept.`;

const nameIn = ({ nth }: Difference, { name }: Step): string =>
	words(word(name), nth > 1 && `(no. ${nth} of that name)`);
const stepOf = (one: Difference): Step => ("step" in one ? one.step : one.here);

function firstLine(first: Difference | undefined, areOver: boolean): string {
	if (!first) return areOver ? "Steps: the same, with outputs of the same shape" : "Steps: no difference so far";
	const step = `step ${nameIn(first, stepOf(first))}`;
	switch (first.kind) {
		case "status":
			return `First difference: ${step} ${stateText(first.here)}, there ${stateText(first.there)}`;
		case "output":
			return `First difference: the output of ${step}: ${keysText(first.keys)}`;
		default:
			return `First difference: ${step} is only ${first.kind}`;
	}
}

const stateText = (step: Step): string =>
	words(isDone(step) ? step.status : "did not end", step.failure && `(${failureText(step.failure)})`);

const MOST_NAMES = 6;

function othersLines(others: readonly Difference[]): Line[] {
	const lists = {
		here: "Only here",
		there: "Only there",
		status: "Different status",
		output: "Different output shape",
	};
	return Object.entries(lists).map(([kind, title]) => {
		const found = others.filter((one) => one.kind === kind).map((one) => nameIn(one, stepOf(one)));
		return found.length > 0 && `${title}: ${named(found, MOST_NAMES)}`;
	});
}

/** `coupon is not set here, there it is «X»; total «5», there 5`. */
function keysText(keys: readonly KeyDifference[]): string {
	if (!keys.length) return "the same";
	const told = keys.map(({ path, here, there }) => words(path && word(path), bothText(here, there)));
	return joined(told, MOST_NAMES, "more key");
}

function bothText(here: unknown, there: unknown): string {
	if (here === undefined) return `is not set here, there it is ${valueText(there)}`;
	if (there === undefined) return `is ${valueText(here)} here, there it is not set`;
	const [own, other] = [valueText(here), valueText(there)];
	return own === other ? "differs" : `${own}, there ${other}`;
}

const joined = (told: readonly string[], most: number, noun: string): string =>
	some(told, most, String, (more) => `and ${plural(more, noun)}`).join("; ");

/** A short form: only the type of long values. Strings are quoted, numbers are not. */
function valueText(value: unknown): string {
	if (typeof value === "string") return quote(value, 24);
	if (Array.isArray(value)) return value.length ? `a list of ${value.length}` : "an empty list";
	return isObject(value) ? "an object" : clean(String(value), 24);
}

const MOST_PAIRS = 3;

function pairsLine(title: string, pairs: readonly Pair[], text: (step: Step) => string): Line {
	const told = pairs.map(({ here, there }) => `${word(here.name)} ${text(here)}, there ${text(there)}`);
	return told.length > 0 && `${title}: ${joined(told, MOST_PAIRS, "more step")}`;
}

export function afterComparison({ here: { run, steps }, there, comparison }: RunsCompared): Suggested[] {
	const [first] = comparison.steps ?? [];
	const step = first && steps.includes(stepOf(first)) && stepArgument(stepOf(first), steps);
	const isThere = step && first.kind !== "here";
	return [step && `get-run ${run.id} --step ${step}`, words(`get-run ${there.id}`, isThere && `--step ${step}`)];
}

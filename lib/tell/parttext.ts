/** A run's steps, and its difference to another run, in words. Pure. */

import { isRetry, retriedIn, stepsIn } from "../decide/cause.ts";
import {
	type AiUse,
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
import { nearest } from "../gate/manifest.ts";
import type { Target } from "../gate/target.ts";
import type { ReadStory } from "../gather/story.ts";
import { durationOf, functionOf, hasEnded, type Run } from "../inngest/api.ts";
import { returned, type Step } from "../inngest/trace.ts";
import type { Answer } from "../intent.ts";
import { UsageError } from "../text/errors.ts";
import { callText, isDone, type Suggested } from "../text/nouns.ts";
import {
	ago,
	duration,
	excerpt,
	joined,
	type Line,
	named,
	plural,
	some,
	stamp,
	time,
	valueText,
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
	stepLines,
	stepState,
	tookText,
} from "./causetext.ts";
import { resumedText } from "./functiontext.ts";
import { outputLine, waitLine, waitLines } from "./storytext.ts";

/** A run, and its duration if known. */
function runText(run: Run, name = functionOf(run)): string {
	const took = hasEnded(run) ? durationOf(run) : undefined;
	return words(name, run.status, took !== undefined && `in ${duration(took)}`);
}

/** All steps, up to 200. */
export function tellSteps(read: ReadStory, label: string): Answer {
	const { run, steps, missing } = read;
	const count = missing.length && !steps.length ? "" : `, ${plural(steps.length, "step")}`;
	const head = `${runText(run)}${count} (${label})`;
	return {
		lines: [head, stepLines(read, MOST_STEPS), retriedLines(read), failureLines(read), waitLines(read), missing],
		data: { run, steps, missing },
	};
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
		...(outside.length > 1 ? told("In no recorded step", outside) : []),
		more > 0 && `… and ${plural(more, "more retried step")}: --step NAME`,
	];
}

/** The maximum number of steps shown for one name. */
const MOST_NAMED = 5;

/** A step with what else is known of it. */
interface Looked extends Step {
	input: unknown;
	tries: Attempt[];
	ai: AiUse[];
}

/** The steps of one name. `invoked`: the run that the step invoked, if known. */
export function tellStep(
	read: ReadStory,
	found: readonly Step[],
	invoked: Run | undefined,
	{ kind, label }: Pick<Target, "kind" | "label">,
): Answer {
	const { run, trace } = read;
	const more = found.length - MOST_NAMED;
	const all = found.map(
		(step): Looked => ({
			...step,
			input: inputOf(trace, step),
			tries: attemptsAt(trace, step),
			ai: aiUsesOf(trace, step),
		}),
	);
	return {
		lines: [
			`${runText(run)} (${label})`,
			all.slice(0, MOST_NAMED).flatMap((step, i) => oneStep(read, step, all.length > 1 ? i + 1 : 0, all.length)),
			more > 0 && `… and ${plural(more, "more step")} of that name (--json has all; --step takes an id)`,
			invoked && `It invoked run ${invoked.id} ${functionOf(invoked)} ${invoked.status}`,
		],
		missing: read.missing,
		next: afterStep(read, found, invoked, kind === "cloud"),
		data: { run, steps: all, invoked },
	};
}

/** Refuses a step that the run lacks. */
export function noStep({ run, trace, steps, missing }: ReadStory, asked: string): UsageError {
	const [unread = "The trace could not be read."] = missing;
	if (!trace) return new UsageError(unread, words("Without it:", callText(`get-run ${run.id}`)));
	const names = [...new Set(steps.map((step) => step.name))];
	const near = nearest(asked, names);
	const kept = mayBeReplay(run) && "Possible: it is a replay, and the run that it replays has the step.";
	const all = words(`Its steps: ${named(names.map(word), 20) || "none"}.`, kept);
	return new UsageError(
		`Run ${run.id} has no step ${word(asked)}.`,
		near === undefined ? all : `Did you mean ${word(near)}?`,
	);
}

function oneStep(read: ReadStory, step: Looked, nth: number, count: number): Line[] {
	const { run, waits, now } = read;
	const { input, tries, ai } = step;
	const again = retriedIn(read)?.id === step.id;
	const isOpen = !hasEnded(run) && !isDone(step);
	// Sleeps return nothing, nor do waits that timed out, which is already said.
	const isIdle = returned(step.output) == null && /^(SLEEP|WAIT_FOR_)/.test(step.op);
	const wait = waits.find((one) => ("step" in one ? isOpen && one.step === step.name : again && isRetry(one)));
	return [
		headOfStep(step, nth && `(${nth} of ${count})`, read),
		nth > 0 && `Its id: ${word(step.id)}`,
		...(tries.length > 1 ? tries.map(attemptLine) : [step.failure && `Failed: ${failureText(step.failure)}`]),
		wait && waitLine(wait, { now }),
		ai.length > 0 && `AI: ${aiText(ai)}`,
		input === undefined
			? "Input: none recorded, as for a step without arguments"
			: `Input: ${whole(excerpt(input, 400))}`,
		step.status === "COMPLETED" && !isIdle && outputLine(step.output, 600),
	];
}

/** Several attempts tell when each began. */
function headOfStep(step: Looked, which: string | 0, read: ReadStory): string {
	const { start, attempts, tries } = step;
	const took = tookText(step);
	const after = attempts > 1 && `after ${attempts} attempts`;
	return joined(
		", ",
		words(`Step ${word(step.name)}`, which, opText(step), stepState(step, read.run), after, took && `in ${took}`),
		!tries[1] && start !== undefined && `began ${stamp(start)}`,
		resumedText(step),
	);
}

function attemptLine(one: Attempt): string {
	const { nth, again, status, start, failure } = one;
	const at = start !== undefined && `at ${stamp(start)}`;
	const line = words(`Attempt ${nth}`, again && "again", status, tookText(one), at);
	return failure ? `${line}: ${failureText(failure)}` : line;
}

/** Calls to suggest after one step. Inngest Cloud can't replay scheduled runs (documented). */
function afterStep(
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
interface RunsCompared {
	here: ReadStory;
	there: ReadStory;
	/** If the other run was not named: whether newer runs that may be replays were skipped. */
	chosen: { passed: boolean } | undefined;
	comparison: Comparison;
}

export function tellComparison(compared: RunsCompared, label: string): Answer {
	const { here, there: other, chosen, comparison } = compared;
	const there = other.run;
	const { run, cause, now } = here;
	const { steps, payload } = comparison;
	const queued = time(there.queuedAt);
	const [first] = steps ?? [];
	const isTold = first?.kind === "status" && stepsIn(cause).includes(first.here);
	const last = chosen?.passed ? "the last that completed and can't be a replay" : "the last that completed";
	const which = joined(", ", chosen && last, queued && `queued ${ago(queued, now)}`);
	const against = runText(there, `run ${there.id}`);
	const lines: Line[] = [
		`${runText(run)}, against ${against}, ${which} (${label})`,
		steps && (here.steps.length > 0 || first) && firstLine(first, hasEnded(run) && hasEnded(there)),
		cause && !isTold && causeLine(cause, here),
		...othersLines(steps?.slice(1) ?? []),
		first?.kind === "there" && mayBeReplay(run) && partialText("this run"),
		first?.kind === "here" && mayBeReplay(there) && partialText("that run"),
		payload && `Payload: ${keysText(payload)}`,
		timesLine(comparison.durations),
		...here.missing,
		...other.missing.map((one) => `Of run ${there.id}: ${one}`),
		!steps && "Steps and payloads were not compared.",
	];
	return { lines, next: afterComparison(compared), data: { run, against: there, ...comparison } };
}

const partialText = (which: string): string =>
	`Possible: ${which} is a replay from a step: its trace lacks the steps it kept.`;

const nameIn = ({ nth }: Difference, { name }: Step): string =>
	words(word(name), nth > 1 && `(no. ${nth} of that name)`);
const stepOf = (one: Difference): Step => ("step" in one ? one.step : one.here);

function firstLine(first: Difference | undefined, areOver: boolean): string {
	if (!first) return areOver ? "Steps: the same, with outputs of the same shape" : "Steps: no difference so far";
	const step = `step ${nameIn(first, stepOf(first))}`;
	if (first.kind === "status")
		return `First difference: ${step} ${stateText(first.here)}, there ${stateText(first.there)}`;
	if (first.kind === "output") return `First difference: the output of ${step}: ${keysText(first.keys)}`;
	return `First difference: ${step} is only ${first.kind}`;
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
	return cut(told, MOST_NAMES, "more key");
}

function bothText(here: unknown, there: unknown): string {
	if (here === undefined) return `is not set here, there it is ${valueText(there)}`;
	if (there === undefined) return `is ${valueText(here)} here, there it is not set`;
	const [own, other] = [valueText(here), valueText(there)];
	return own === other ? "differs" : `${own}, there ${other}`;
}

const cut = (told: readonly string[], most: number, noun: string): string =>
	some(told, most, String, (more) => `and ${plural(more, noun)}`).join("; ");

const MOST_PAIRS = 3;

function timesLine(pairs: readonly Pair[]): Line {
	const took = (step: Step) => duration((step.end ?? 0) - (step.start ?? 0));
	const told = pairs.map(({ here, there }) => `${word(here.name)} ${took(here)}, there ${took(there)}`);
	return told.length > 0 && `Time: ${cut(told, MOST_PAIRS, "more step")}`;
}

function afterComparison({ here: { run, steps }, there, comparison }: RunsCompared): Suggested[] {
	const [first] = comparison.steps ?? [];
	const step = first && steps.includes(stepOf(first)) && stepArgument(stepOf(first), steps);
	const isThere = step && first.kind !== "here";
	return [step && `get-run ${run.id} --step ${step}`, words(`get-run ${there.run.id}`, isThere && `--step ${step}`)];
}

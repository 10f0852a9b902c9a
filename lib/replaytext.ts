/** The plan of a replay in words, and refusals of steps that can't be replayed from. Pure. */
import { eventOf, functionOf, hasEnded, type Run, type Span } from "./api.ts";
import { eventsIn } from "./batch.ts";
import { type Cause, causeOf } from "./cause.ts";
import { UsageError } from "./errors.ts";
import { payloadOf } from "./eventlist.ts";
import { parentOf } from "./kin.ts";
import {
	type Chosen,
	chooseStep,
	type KeptFailure,
	kinOf,
	planFrom,
	type ReplayPlan,
	takesInput,
} from "./replayplan.ts";
import { causeLine, stepArgument } from "./story.ts";
import { ago, excerpt, type Line, lines, named, plural, quote, time, word, words } from "./text.ts";
import { type Step, stepsOf } from "./trace.ts";

/** A run with its trace, where that could be read. */
export interface Traced {
	run: Run;
	trace: Span | undefined;
}

/** What a replay is planned from. */
export interface Facts extends Traced {
	/** The runs of its event and function. */
	known: Run[];
	/** The run by whose steps a replay from a step goes: for a replay, that is the first run (measured). */
	base: Traced;
	/** Whether its function is still there; undefined where that could not be read. */
	synced: boolean | undefined;
}

/** What is asked for: a step by its name or id, new input for it. */
export interface Asked {
	fromStep?: string | undefined;
	input?: unknown[] | undefined;
}

/** What a replay from a step comes up against on OSS (measured), and perhaps on Cloud; with the call that does without. */
export interface Obstacle {
	text: string;
	instead: string;
}

export interface Decided {
	from: Step | undefined;
	/** What the server is asked for: as it was typed, or the id where it would not know which is meant. */
	stepId: string | undefined;
	steps: readonly Step[];
	plan: ReplayPlan;
	obstacles: Obstacle[];
}

const causeOfRun = ({ run, trace }: Traced, steps = stepsOf(trace)): Cause | undefined =>
	run.status === "FAILED" ? causeOf(run.output, trace && steps) : undefined;

/** What would happen; refuses a step that is not there. */
export function decide(
	{ fromStep, input }: Asked,
	{ run, trace, base }: Pick<Facts, "run" | "trace" | "base">,
): Decided {
	const steps = stepsOf(base.trace);
	// Of a replay its own trace is what was looked at: a name may be there once, and more than once in the first run's.
	const own = fromStep === undefined ? undefined : chooseStep(stepsOf(trace), fromStep);
	const meant = own?.kind === "step" ? own.step.id : undefined;
	const from = fromStep === undefined || !base.trace ? undefined : stepFor(base.run.id, steps, fromStep, meant);
	const plan = planFrom(base.run, steps, causeOfRun(base, steps), from);
	const several = fromStep !== undefined && chooseStep(steps, fromStep).kind === "several";
	const stepId = several && from ? from.id : fromStep;
	const found = from ? obstaclesTo(run.id, plan, steps, from, input !== undefined) : [];
	return { from, stepId, steps, plan, obstacles: found };
}

/** Steps of a kind that are named; of those that there are, more. */
const NAMED = 12;
const THERE = 20;
const names = (steps: readonly Step[], most = NAMED): string =>
	named(
		steps.map(({ name }) => word(name)),
		most,
	);

/** The step that is meant, or a refusal that says which there are; `meant`: by its id, where the name alone does not tell. */
export function stepFor(id: string, steps: readonly Step[], asked: string, meant?: string): Step {
	const chosen: Chosen = chooseStep(steps, asked);
	if (chosen.kind === "step") return chosen.step;
	const one = chosen.kind === "several" && chosen.steps.find((step) => step.id === meant);
	if (one) return one;
	if (chosen.kind === "none")
		throw new UsageError(
			`Run ${id} has no step ${word(asked)}; nothing was changed.`,
			steps.length ? `Its steps: ${names(steps, THERE)}.` : "It has no steps: replay it whole.",
		);
	const ids = chosen.steps.map((step) => `${step.id} ${step.status}`);
	throw new UsageError(
		`Run ${id} has ${chosen.steps.length} steps ${word(asked)}; nothing was changed.`,
		`Name one by its id, they are in order: ${named(ids, THERE)}.`,
	);
}

function obstaclesTo(id: string, plan: ReplayPlan, steps: readonly Step[], from: Step, input: boolean): Obstacle[] {
	const call = (step: Step) => words("replay-run", id, "--from-step", stepArgument(step, steps));
	const found: Obstacle[] = [];
	if (input && !takesInput(from))
		found.push({
			text: `${word(from.name)} takes no new input, as it is no step.run that completed: the new run would go on without it, or hang`,
			instead: `With the input that it had: ${call(from)}`,
		});
	const [first] = plan.open;
	if (first)
		found.push({
			text: `${names(plan.open)} would be kept, but did not end: the server refuses that`,
			instead: `From there: ${call(first)}`,
		});
	return found;
}

/** What happens again and what is kept, in lines. */
export function planLines({ plan, steps }: Pick<Decided, "plan" | "steps">): Line[] {
	const again = plan.again.filter(({ status }) => status === "COMPLETED");
	const sure = plan.failed.every(({ ends }) => ends === "caught");
	return [
		again.length > 0 && `Steps that completed and ${sure ? "will" : "may"} happen again: ${names(again)}.`,
		plan.kept.length > 0 && `Steps that are kept, with their results: ${names(plan.kept)}.`,
		plan.unsure.length > 0 &&
			`Possible: ${names(plan.unsure)} will happen again, too, or be kept: begun in the same millisecond.`,
		...failedLines(plan, steps),
	];
}

/** What comes of steps that are kept as failed. */
function failedLines({ failed }: ReplayPlan, steps: readonly Step[]): Line[] {
	const of = (ends: KeptFailure["ends"]) => failed.filter((one) => one.ends === ends).map(({ step }) => step);
	const [fails, may, caught] = [of("fails"), of("may"), of("caught")];
	const [first] = fails;
	const argument = first && stepArgument(first, steps);
	return [
		first &&
			words(
				`Kept as failed: ${names(fails)}. The run failed with this error, and so does the new run, perhaps at once.`,
				argument && `It runs again with --from-step ${argument}`,
			),
		may.length > 0 && `Kept as failed: ${names(may)}. Possible: the new run fails with this error at once.`,
		caught.length > 0 && `Kept as failed: ${names(caught)}. The function caught this error, and is given it again.`,
	];
}

/** The whole plan of one replay, on the server that answers call `label`. */
export function planText(asked: Asked, facts: Facts, decided: Decided, label: string, now: number): string {
	const { run, trace, base } = facts;
	const { from, obstacles } = decided;
	const cause = causeOfRun(facts);
	const [event] = eventsIn(trace) ?? [];
	const { fromStep, input } = asked;
	return lines(
		headLine(run, stepText(from, decided.stepId), label, now),
		event?.data !== undefined && `Event data: ${excerpt(payloadOf(event), 200)}`,
		input && `New input: ${excerpt(input)}`,
		cause && `How it failed: ${causeLine(cause, { trace })}`,
		base.run.id !== run.id && `It goes by the steps of the first run, ${base.run.id}.`,
		base.trace === undefined && "Its trace could not be read: which steps will happen again is unknown.",
		planLines(decided),
		obstacles.map(({ text }) => `Possible: ${text}.`),
		originLines(facts),
		kinLines(facts),
		words(
			eventOf(run) === undefined ? "A replay is a new run;" : "A replay is a new run with the same event;",
			fromStep === undefined
				? "what the function does, it does again."
				: "what the function does from that step on, it does again.",
		),
	);
}

/** `email`, or `same (e48d…)` where it was asked for by its id; undefined for a replay from the start. */
function stepText(from: Step | undefined, asked: string | undefined): string | undefined {
	if (asked === undefined || !from || from.name === asked) return asked === undefined ? undefined : word(asked);
	return `${word(from.name)} (${word(from.id)})`;
}

function headLine(run: Run, step: string | undefined, label: string, now: number): string {
	const queued = time(run.queuedAt);
	const what = [`Replay run ${run.id} of ${functionOf(run)}`, run.status];
	if (queued !== undefined) what.push(ago(queued, now));
	return `${what.join(", ")}, on ${label}, from ${step === undefined ? "its start" : `step ${step}`}.`;
}

/** What is special about a run that is replayed, by what it is and what started it. */
function originLines({ run, trace, synced }: Facts): Line[] {
	const { trigger } = run;
	const events = eventsIn(trace)?.length;
	const parent = parentOf(trace);
	return [
		!hasEnded(run) && "It has not ended: the replay would run beside it, two at once.",
		trigger?.cronSchedule &&
			`It was started by cron ${quote(trigger.cronSchedule, 40)}: the replay runs now, with the event of that tick.`,
		trigger?.isBatch &&
			`It was started by a batch${events ? ` of ${plural(events, "event")}` : ""}: only the first event is replayed.`,
		parent?.kind === "invoked" && `It was invoked by run ${word(parent.run)}, which is not told of a replay.`,
		synced === undefined && "Whether its function is still synced could not be read.",
		synced === false && "Possible: the replay fails, as its function is no longer synced (404).",
	];
}

/** What it is a replay of, and the replays that there are. */
function kinLines({ run, known }: Facts): Line[] {
	const { older, newer } = kinOf(run, known);
	const told = (runs: readonly Run[]) =>
		named(
			runs.toReversed().map(({ id, status }) => `${id} ${status}`),
			5,
		);
	const live = newer.filter((one) => !hasEnded(one));
	const ended = newer.filter(hasEnded);
	return [
		older.length > 0 &&
			`It is itself a replay of ${named(
				older.toReversed().map(({ id }) => id),
				5,
			)}.`,
		live.length > 0 && `It is being replayed now: ${told(live)}.`,
		ended.length > 0 && `Replayed already: ${told(ended)}.`,
	];
}

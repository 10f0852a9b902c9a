/** What a replay is planned from, and what stands against it. Pure. */
import type { Run, Span } from "./api.ts";
import { type Cause, causeOf } from "./cause.ts";
import { UsageError } from "./errors.ts";
import { chooseStep, planFrom, type ReplayPlan, takesInput } from "./replayplan.ts";
import { stepArgument } from "./storynext.ts";
import { named, word, words } from "./text.ts";
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

export const causeOfRun = ({ run, trace }: Traced, steps = stepsOf(trace)): Cause | undefined =>
	run.status === "FAILED" ? causeOf(run.output, trace && steps) : undefined;

/** What would happen; refuses a step that is not there. */
export function decide({ fromStep, input }: Asked, { run, trace, base }: Traced & { base: Traced }): Decided {
	const steps = stepsOf(base.trace);
	let from: Step | undefined;
	let stepId = fromStep;
	if (fromStep !== undefined && base.trace) {
		// Of a replay its own trace is what was looked at: a name may be there once, and more than once in the first run's.
		const own = chooseStep(stepsOf(trace), fromStep);
		from = stepFor(base.run.id, steps, fromStep, own.kind === "step" ? own.step.id : undefined);
		if (chooseStep(steps, fromStep).kind === "several") stepId = from.id;
	}
	const plan = planFrom(base.run, steps, causeOfRun(base, steps), from);
	return { from, stepId, steps, plan, obstacles: from ? obstaclesTo(run.id, plan, steps, from, Boolean(input)) : [] };
}

export const names = (steps: readonly Step[], most = 12): string =>
	named(
		steps.map(({ name }) => word(name)),
		most,
	);
const THERE = 20;

function stepFor(id: string, steps: readonly Step[], asked: string, meant?: string): Step {
	const chosen = chooseStep(steps, asked);
	if (chosen.kind === "step") return chosen.step;
	if (chosen.kind === "none")
		throw new UsageError(
			`Run ${id} has no step ${word(asked)}; nothing was changed.`,
			steps.length ? `Its steps: ${names(steps, THERE)}.` : "It has no steps: replay it whole.",
		);
	const one = chosen.steps.find((step) => step.id === meant);
	if (one) return one;
	const ids = chosen.steps.map((step) => `${step.id} ${step.status}`);
	throw new UsageError(
		`Run ${id} has ${ids.length} steps ${word(asked)}; nothing was changed.`,
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

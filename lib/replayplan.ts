/** What a replay does again and what it keeps, and which runs a bulk replay takes. Pure. */
import { eventOf, functionOf, hasEnded, type Run } from "./api.ts";
import { type Cause, othersThatFailed, stepsIn } from "./cause.ts";
import type { Step } from "./trace.ts";

/** The step that is asked for: by its id, or by its name where no other has it (the server's own rule, measured on v1.43). */
export type Chosen =
	| { kind: "step"; step: Step }
	| { kind: "none" }
	/** The server refuses a name that is there twice. */
	| { kind: "several"; steps: readonly Step[] };

export function chooseStep(steps: readonly Step[], asked: string): Chosen {
	const named = steps.filter(({ name }) => name === asked);
	const step = steps.find(({ id }) => id === asked) ?? (named.length === 1 ? named[0] : undefined);
	if (step) return { kind: "step", step };
	return named.length ? { kind: "several", steps: named } : { kind: "none" };
}

/**
 * A step that is kept as failed. `fails`: with its error the run failed, so the new run fails with it, perhaps before it
 * does anything (measured); `may`: it is one of several that may have been it; `caught`: the function went on after it.
 */
export interface KeptFailure {
	step: Step;
	ends: "fails" | "may" | "caught";
}

export interface ReplayPlan {
	again: Step[];
	/** What completed, and whose result is kept. */
	kept: Step[];
	failed: KeptFailure[];
	/** The server keeps these, too, but has nothing to keep: it refuses (500, measured). */
	open: Step[];
	/** They began in the same millisecond as the step: whether they are kept can't be told. */
	unsure: Step[];
}

/**
 * A replay from a step does again all that began no earlier, by the start of each step's latest span, and keeps the rest
 * as it is: failures, too (measured on v1.43, dev and self-hosted). `run`, `steps` and `cause` are those of the first run.
 */
export function planFrom(
	run: Run,
	steps: readonly Step[],
	cause: Cause | undefined,
	from: Step | undefined,
): ReplayPlan {
	const plan: ReplayPlan = { again: [], kept: [], failed: [], open: [], unsure: [] };
	const others = othersThatFailed(run, steps, cause);
	const endOf = (step: Step): KeptFailure["ends"] => {
		if (stepsIn(cause).includes(step)) return cause?.kind === "tie" ? "may" : "fails";
		return others.some((other) => other.step === step && other.caught) ? "caught" : "may";
	};
	for (const step of steps) {
		const later = !from || step === from ? 1 : (step.latest ?? Number.POSITIVE_INFINITY) - (from.latest ?? 0);
		if (later > 0) plan.again.push(step);
		else if (later === 0) plan.unsure.push(step);
		else if (step.status === "COMPLETED") plan.kept.push(step);
		else if (step.status === "FAILED") plan.failed.push({ step, ends: endOf(step) });
		else plan.open.push(step);
	}
	return plan;
}

/**
 * Whether a step takes new input: only a `step.run` that completed does. From any other the new run goes on without it,
 * or hangs, as the server gives it the input for its result (measured on v1.43, dev and self-hosted).
 */
export const takesInput = ({ op, status }: Step): boolean => op === "RUN" && status === "COMPLETED";

/** A run's own replays, and what it is a replay of: of the runs of its event and function, oldest first. */
export interface Kin {
	older: Run[];
	newer: Run[];
}

/** A replay is never a batch: an invoked function that batches runs twice for its event, alone and as a batch (measured). */
export function kinOf(run: Run, siblings: readonly Run[]): Kin {
	const sorted = [...siblings].sort((a, b) => (a.id < b.id ? -1 : 1));
	return {
		older: run.trigger?.isBatch ? [] : sorted.filter(({ id }) => id < run.id),
		newer: sorted.filter(({ id, trigger }) => id > run.id && !trigger?.isBatch),
	};
}

/** What a bulk replay takes, and what it leaves out and why. */
export interface Sorted {
	/** One run for each function and event: the newest stands for the older ones. */
	candidates: Run[];
	/** Cloud can't replay them. */
	cron: Run[];
	/** Whether they were replayed can't be seen. */
	withoutEvent: Run[];
	/** Their function is no longer there. */
	removed: Run[];
}

/** `runs` are oldest first; `removed` are functions by name. */
export function sortOut(runs: readonly Run[], cloud: boolean, removed: ReadonlySet<string>): Sorted {
	const sorted: Sorted = { candidates: [], cron: [], withoutEvent: [], removed: [] };
	const newest = new Map<string, Run>();
	for (const run of runs)
		if (cloud && run.trigger?.cronSchedule) sorted.cron.push(run);
		else if (eventOf(run) === undefined) sorted.withoutEvent.push(run);
		else if (removed.has(functionOf(run))) sorted.removed.push(run);
		else newest.set(`${run.app.id}/${run.function.id} ${eventOf(run)}`, run);
	return { ...sorted, candidates: [...newest.values()] };
}

/** A run with what became of its event so far. */
export interface Looked {
	run: Run;
	/** All runs of its event and function. */
	known: ReadonlySet<string>;
	/** Whether it was replayed before, or is a replay itself, and how that went. */
	before: "never" | "live" | "succeeded" | "failed";
	/** Its replays that go on. */
	live: string[];
	/** The run by whose steps a replay from a step goes (measured): the first one. */
	base: Run;
}

export function lookAt(run: Run, siblings: readonly Run[]): Looked {
	const { older, newer } = kinOf(run, siblings);
	const others = [...older, ...newer];
	const live = others.filter((one) => !hasEnded(one)).map(({ id }) => id);
	return { run, known: new Set(siblings.map(({ id }) => id)), before: beforeOf(others), live, base: older[0] ?? run };
}

function beforeOf(others: readonly Run[]): Looked["before"] {
	if (!others.length) return "never";
	if (!others.every(hasEnded)) return "live";
	return others.some(({ status }) => status === "COMPLETED") ? "succeeded" : "failed";
}

/** What is replayed, and what was or is: that is left out, unless what was is asked for `again`. */
export interface Choice {
	todo: Looked[];
	live: Looked[];
	succeeded: number;
	failed: number;
}

export function chooseReplays(looked: readonly Looked[], again: boolean): Choice {
	const of = (before: Looked["before"]) => looked.filter((one) => one.before === before);
	return {
		todo: again ? looked.filter(({ before }) => before !== "live") : of("never"),
		live: of("live"),
		succeeded: of("succeeded").length,
		failed: of("failed").length,
	};
}

/** What a replay repeats, what it keeps, or why it is refused; what a list shows of the runs of events. Pure. */

import * as z from "zod/mini";
import { eventOf, functionOf, hasEnded, Id, maybe, type Run, type Span } from "../inngest/api.ts";
import { eventsIn } from "../inngest/eventlist.ts";
import { type Handlers, limitOf, type SyncedFn } from "../inngest/functions.ts";
import { type Step, stepsOf } from "../inngest/trace.ts";
import { refusal } from "../text/errors.ts";
import { timeOfId, typedName } from "../text/nouns.ts";
import { named, time, word, words } from "../text/text.ts";
import { type Cause, othersThatFailed, stepsIn } from "./cause.ts";
import { causeIn } from "./triage.ts";

/**
 * A step as `--from-step` takes it: by its id if its name can't be typed or is not unique. For a replay, a name means a step of its own
 * trace (see decide).
 */
export function stepArgument(step: Step, steps: readonly Step[]): string | undefined {
	const isAlone = steps.filter(({ name }) => name === step.name).length === 1;
	return (isAlone ? typedName(step.name) : undefined) ?? typedName(step.id);
}

const Sent = z.strictObject({ ids: z.array(Id) });
/** The events whose ids a step returned, as one that sends events does. */
export const sentIn = (steps: readonly Step[]): { step: string; event: string }[] =>
	steps.flatMap(({ id, output }) => (z.safeParse(Sent, output).data?.ids ?? []).map((event) => ({ step: id, event })));

/** The requested step: by its id, or by its name if unique (the server's own rule, measured on v1.43). */
export type Chosen =
	| { kind: "step"; step: Step }
	| { kind: "none" }
	/** The server refuses a name that several steps have. */
	| { kind: "several"; steps: readonly Step[] };

export function chooseStep(steps: readonly Step[], asked: string): Chosen {
	const named = steps.filter(({ name }) => name === asked);
	const step = steps.find(({ id }) => id === asked) ?? (named.length === 1 ? named[0] : undefined);
	if (step) return { kind: "step", step };
	return named.length ? { kind: "several", steps: named } : { kind: "none" };
}

/**
 * A step that is kept as failed. `fails`: its error failed the run, so it fails the new run too, perhaps before that does anything
 * (measured); `may`: one of several steps that may have failed it; `caught`: the function continued after it.
 */
export interface KeptFailure {
	step: Step;
	ends: "fails" | "may" | "caught";
}

export interface ReplayPlan {
	again: Step[];
	/** Completed steps, whose results are kept. */
	kept: Step[];
	failed: KeptFailure[];
	/** Steps without a result to keep: the server refuses to replay (500, measured). */
	open: Step[];
	/** Began in the same millisecond as the step: whether they are kept is unknown. */
	unsure: Step[];
}

/**
 * What a replay from a step repeats and keeps. It repeats all steps that began no earlier, by the start of each step's latest span, and
 * keeps the others as they are, including failed ones (measured on v1.43, dev and self-hosted). `run`, `steps` and `cause` are the first
 * run's.
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
		const later = !from || step === from ? 1 : (step.latest ?? Infinity) - (from.latest ?? 0);
		if (later > 0) plan.again.push(step);
		else if (later === 0) plan.unsure.push(step);
		else if (step.status === "COMPLETED") plan.kept.push(step);
		else if (step.status === "FAILED") plan.failed.push({ step, ends: endOf(step) });
		else plan.open.push(step);
	}
	return plan;
}

/**
 * Only a completed `step.run` takes new input. From any other step the new run continues without it, or hangs, as the server uses the input
 * as the step's result (measured on v1.43, dev and self-hosted).
 */
export const takesInput = ({ op, status }: Step): boolean => op === "RUN" && status === "COMPLETED";

/**
 * Why a function's runs are not replayed. If it was removed, OSS accepts the replay and the new run fails; if it has a debounce, OSS
 * answers 500 and nothing runs (measured on v1.43; unknown for Cloud).
 */
export function barring(fn: SyncedFn, cloud: boolean): "removed" | "debounced" | undefined {
	if (fn === undefined || fn === "gone") return fn && "removed";
	return !cloud && limitOf(fn, "debounce") ? "debounced" : undefined;
}

/** What a bulk replay would replay, and what it omits and why. */
export interface Sorted {
	/** One run per function and event: the newest stands for the older ones. */
	candidates: Run[];
	/** Cloud can't replay cron runs. */
	cron: Run[];
	/** Whether they were already replayed is unknown. */
	withoutEvent: Run[];
	/** Their function was removed, or has a debounce: see barring(). */
	removed: Run[];
	debounced: Run[];
}

/** `runs`: oldest first. `barred`: functions by name. */
export function sortOut(
	runs: readonly Run[],
	cloud: boolean,
	barred: ReadonlyMap<string, ReturnType<typeof barring>>,
): Sorted {
	const sorted: Sorted = { candidates: [], cron: [], withoutEvent: [], removed: [], debounced: [] };
	const newest = new Map<string, Run>();
	for (const run of runs) {
		const bar = barred.get(functionOf(run));
		if (cloud && run.trigger?.cronSchedule) sorted.cron.push(run);
		else if (eventOf(run) === undefined) sorted.withoutEvent.push(run);
		else if (bar) sorted[bar].push(run);
		else newest.set(`${run.app.id}/${run.function.id} ${eventOf(run)}`, run);
	}
	return { ...sorted, candidates: [...newest.values()] };
}

/** A run's replays, and the runs it replays: runs of the same event and function, oldest first. */
export interface Kin {
	older: Run[];
	newer: Run[];
}

/**
 * A run's replays, and what it is a replay of. A replay is never a batch: an invoked function with batching runs twice for its event, alone
 * and as a batch (measured).
 */
export function kinOf(run: Pick<Run, "id" | "trigger">, siblings: readonly Run[]): Kin {
	const sorted = [...siblings].sort((a, b) => (a.id < b.id ? -1 : 1));
	return {
		older: run.trigger?.isBatch ? [] : sorted.filter(({ id }) => id < run.id),
		newer: sorted.filter(({ id, trigger }) => id > run.id && !trigger?.isBatch),
	};
}

/** What the engine adds to the event of a run that was invoked, was deferred or handles a failure (measured on v1.43). */
const Added = z.object({ correlation_id: maybe, name: maybe, parent_run_id: maybe });
const Data = z.object({ run_id: maybe, _inngest: z.nullish(Added) });

/** Where a run comes from, if neither from a user's event nor from cron. */
export type Parent =
	| { kind: "invoked"; run: string; step: string | undefined; stepId: string }
	| { kind: "deferred"; run: string }
	| { kind: "handles"; run: string };

export function parentOf(trace: Span | undefined): Parent | undefined {
	const event = eventsIn(trace)?.[0];
	const data = z.safeParse(Data, event?.data).data;
	if (!event || !data) return;
	const { run_id: failed, _inngest: added } = data;
	const [run, stepId] = added?.correlation_id?.split(".") ?? [];
	if (event.name === "inngest/function.invoked" && run && stepId)
		return { kind: "invoked", run, step: added?.name ?? undefined, stepId };
	const deferring = added?.parent_run_id;
	if (event.name === "inngest/deferred.schedule" && deferring) return { kind: "deferred", run: deferring };
	return event.name === "inngest/function.failed" && failed ? { kind: "handles", run: failed } : undefined;
}

/** A run, and its trace if it could be read. */
export interface Traced {
	run: Run;
	trace: Span | undefined;
}

/** What a replay is planned from. */
export interface ReplayFacts extends Traced {
	/** The runs of the same event and function. */
	known: Run[];
	/** What of them was not read. */
	missing: readonly string[];
	/** The run whose steps count: for a replay, the first run (measured). */
	base: Traced;
	fn: SyncedFn;
	cloud: boolean;
	/** Functions that handle its failure. */
	handlers: Handlers;
}

/** What the user asked for: a step by name or id, and new input for it. */
export interface Asked {
	fromStep?: string | undefined;
	input?: unknown[] | undefined;
}

/** What prevents a replay from a step on OSS (measured), and perhaps on Cloud; `instead`, a call that avoids it. */
export interface Obstacle {
	text: string;
	instead: string;
}

export interface Decided {
	from: Step | undefined;
	/** What is sent to the server: the argument as typed, or the step's id if the name is ambiguous. */
	stepId: string | undefined;
	steps: readonly Step[];
	plan: ReplayPlan;
	obstacles: Obstacle[];
}

/** Plans the replay. Throws if there is no such step. */
export function decide({ fromStep, input }: Asked, { run, trace, base }: Traced & { base: Traced }): Decided {
	const steps = stepsOf(base.trace);
	let from: Step | undefined;
	let stepId = fromStep;
	if (fromStep !== undefined && base.trace) {
		// The user looked at the replay's own trace, where a name may be unique that is not in the first run's.
		const own = chooseStep(stepsOf(trace), fromStep);
		from = stepFor(base.run.id, steps, fromStep, own.kind === "step" ? own.step.id : undefined);
		if (chooseStep(steps, fromStep).kind === "several") stepId = from.id;
	}
	const plan = planFrom(base.run, steps, causeIn(base.run, base.trace, steps), from);
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
		throw refusal(
			`Run ${id} has no step ${word(asked)}`,
			steps.length ? `Its steps: ${names(steps, THERE)}.` : "It has no steps: replay it whole.",
			"changed",
		);
	const one = chosen.steps.find((step) => step.id === meant);
	if (one) return one;
	const ids = chosen.steps.map((step) => `${step.id} ${step.status}`);
	throw refusal(
		`Run ${id} has ${ids.length} steps ${word(asked)}`,
		`Name one by its id (in order): ${named(ids, THERE)}.`,
		"changed",
	);
}

function obstaclesTo(id: string, plan: ReplayPlan, steps: readonly Step[], from: Step, input: boolean): Obstacle[] {
	const call = (step: Step) => words("replay-run", id, "--from-step", stepArgument(step, steps));
	const found: Obstacle[] = [];
	if (input && !takesInput(from))
		found.push({
			text: `${word(from.name)} can't take new input, as it is not a completed step.run: the new run would ignore the input, or hang; to change what it gets, resend-event takes --data`,
			instead: `With its original input: ${call(from)}`,
		});
	const [first] = plan.open;
	if (first)
		found.push({
			text: `${names(plan.open)} would be kept, but the server refuses to keep steps that have not ended`,
			instead: `From there: ${call(first)}`,
		});
	return found;
}

/** What became of a failed run's event since, by the runs of the same event. */
export function replayedAs({ older, newer }: Kin): "succeeded" | "live" | "again" | undefined {
	if (newer.some(({ status }) => status === "COMPLETED")) return "succeeded";
	if (newer.some((one) => !hasEnded(one))) return "live";
	return older.length || newer.length ? "again" : undefined;
}

/** A run and what its event has led to so far. */
export interface LookedRun {
	run: Run;
	/** All runs of its event and function. */
	known: ReadonlySet<string>;
	/** Whether it was already replayed, or is itself a replay, and with what result. */
	before: "never" | "live" | "succeeded" | "failed";
	/** Its live replays. */
	live: string[];
	/** The run whose steps a replay from a step uses (measured): the first. */
	base: Run;
}

export function lookAt(run: Run, siblings: readonly Run[]): LookedRun {
	const { older, newer } = kinOf(run, siblings);
	const others = [...older, ...newer];
	const live = others.filter((one) => !hasEnded(one)).map(({ id }) => id);
	return { run, known: new Set(siblings.map(({ id }) => id)), before: beforeOf(others), live, base: older[0] ?? run };
}

function beforeOf(others: readonly Run[]): LookedRun["before"] {
	if (!others.length) return "never";
	if (!others.every(hasEnded)) return "live";
	return others.some(({ status }) => status === "COMPLETED") ? "succeeded" : "failed";
}

/** What to replay, and what is omitted as already or currently replayed; `again` includes the former. */
export interface Choice {
	todo: LookedRun[];
	live: LookedRun[];
	succeeded: number;
	failed: number;
}

export function chooseReplays(looked: readonly LookedRun[], again: boolean): Choice {
	const of = (before: LookedRun["before"]) => looked.filter((one) => one.before === before);
	return {
		todo: again ? looked.filter(({ before }) => before !== "live") : of("never"),
		live: of("live"),
		succeeded: of("succeeded").length,
		failed: of("failed").length,
	};
}

/** In ms, the tolerated difference of clocks. Of those behind a run's id, its event's id and list times. */
export const SLACK = 600_000;

/** What a list, newest first, has shown so far of the runs of some events. */
export class Shown {
	readonly #runs: Map<string, Run[]>;
	readonly #ids = new Set<string>();
	/** Batches, of which OSS lists only the first event (measured). */
	readonly batches: Run[] = [];
	newest = -Infinity;
	oldest = Infinity;

	constructor(events: readonly string[]) {
		this.#runs = new Map(events.map((event) => [event, []]));
	}

	add(run: Run): void {
		const at = time(run.queuedAt) ?? timeOfId(run.id);
		this.newest = Math.max(this.newest, at);
		this.oldest = Math.min(this.oldest, at);
		const { isBatch, eventIds = [] } = run.trigger ?? {};
		if (isBatch && eventIds && eventIds.length < 2) this.batches.push(run);
		this.give(run, eventIds);
	}

	give(run: Run, events: Iterable<string> | null | undefined): void {
		for (const event of new Set(events)) {
			const runs = this.#runs.get(event);
			if (!runs || runs.includes(run)) continue;
			runs.push(run);
			this.#ids.add(run.id);
		}
	}

	of(event: string): Run[] {
		return this.#runs.get(event) ?? [];
	}

	/** Whether everything that its event may have started is listed. */
	reaches({ at }: { at: number }): boolean {
		return this.oldest < at - SLACK;
	}

	/**
	 * Whether the list shows all of a run's siblings. At the list's end the server's history may end: then a run much younger than its event
	 * may be a replay of a run that is no longer listed.
	 */
	covers(one: { run: string; event: string; at: number }): boolean {
		return this.#ids.has(one.run) && (this.reaches(one) || timeOfId(one.run) - one.at < SLACK);
	}
}

/** Pages after which a list must prove cheaper. */
const TRIAL = 30;

/** How far a list was read: its newest and oldest time (ms), and pages. */
interface Read {
	newest: number;
	oldest: number;
	pages: number;
}

/**
 * Whether to read on a list rather than request what is `left` one by one. `left`: times (ms) that the list must reach, newest first. True
 * while the list, at its density so far, reaches some of them in fewer pages; at most `most` pages.
 */
export function readsOn(left: readonly number[], { newest, oldest, pages }: Read, most: number): boolean {
	if (!left.length || pages >= most) return false;
	if (pages < Math.min(TRIAL, most / 4, left.length / 4)) return true;
	const perPage = Math.max(1, (newest - oldest) / pages);
	return left.some((at, before) => (oldest - at) / perPage < before + 1);
}

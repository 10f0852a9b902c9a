/** Which run or event came of which: the parents and children of a run, and, by a list, the runs of many events. */
import * as z from "zod/mini";
import { type Cause, causeIn, stepsIn } from "../decide/cause.ts";
import { isNew, type Listening, listeners, receivedAt } from "../decide/why.ts";
import {
	type Event,
	eventOf,
	inParallel,
	listRuns,
	listRunsRequest,
	maybe,
	pages,
	Run,
	type RunFilter,
	type Span,
} from "../inngest/api.ts";
import { eventsIn, getTrace, type Step, stepsOf } from "../inngest/trace.ts";
import { unread } from "../text/errors.ts";
import { timeOfId } from "../text/nouns.ts";
import { time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import type { Request } from "../wire/request.ts";
import { FEW, readsOn, Shown, SLACK } from "./siblings.ts";

/** What the engine adds to the event of an invoked, deferred or handling run (measured on v1.43). */
const Added = z.object({ correlation_id: maybe, name: maybe, parent_run_id: maybe });
const Data = z.object({ run_id: maybe, _inngest: z.nullish(Added) });
const Origin = z.object({ data: z.array(z.object({ name: z.string(), data: Data })) });

/** Where a run comes from, if not from an event of the user's or from cron. */
export type Parent =
	| { kind: "invoked"; run: string; step: string | undefined; stepId: string }
	| { kind: "deferred"; run: string }
	| { kind: "handles"; run: string };

export function parentOf(trace: Span | undefined): Parent | undefined {
	const [event] = z.safeParse(Origin, trace?.input).data?.data ?? [];
	if (!event) return undefined;
	const { run_id: failed, _inngest: added } = event.data;
	const [run, stepId] = added?.correlation_id?.split(".") ?? [];
	if (event.name === "inngest/function.invoked" && run && stepId)
		return { kind: "invoked", run, step: added?.name ?? undefined, stepId };
	const deferring = added?.parent_run_id;
	if (event.name === "inngest/deferred.schedule" && deferring) return { kind: "deferred", run: deferring };
	return event.name === "inngest/function.failed" && failed ? { kind: "handles", run: failed } : undefined;
}

/** How long after the step began its run is looked for, and how many traces are read. */
const WITHIN = 10_000;
const TRIED = 6;

/** A run with its trace. */
export interface Kin {
	run: Run;
	trace: Span;
}

async function listed(api: Api, filter: RunFilter, limit: number, includeOutput?: "true"): Promise<Run[]> {
	return (await listRuns(api, filter, { order: "ASC", limit, includeOutput })).data;
}

async function firstOf(api: Api, runs: readonly Run[], is: (parent: Parent) => boolean): Promise<Kin | undefined> {
	for (const run of runs.slice(0, TRIED)) {
		const trace = await getTrace(api, run.id);
		const parent = parentOf(trace);
		if (parent && is(parent)) return { run, trace };
	}
	return undefined;
}

/**
 * The run that a step invoked. The API doesn't name it: of the runs that were queued as the step began, it is the one whose
 * event names the step (measured).
 */
export async function invokedBy(api: Api, { id }: Pick<Run, "id">, step: Step): Promise<Kin | undefined> {
	const { start } = step;
	if (start === undefined) return undefined;
	const window = { since: new Date(start - 5).toISOString(), until: new Date(start + WITHIN).toISOString() };
	const near = (run: Run) => Math.abs(timeOfId(eventOf(run) ?? "") - start);
	const likely = (await listed(api, window, 100, "true"))
		.filter((run) => run.id !== id && !run.trigger?.cronSchedule && near(run) < 1000)
		.sort((a, b) => near(a) - near(b));
	return firstOf(api, likely, (of) => of.kind === "invoked" && of.run === id && of.stepId === step.id);
}

const DEPTH = 5;

/** Where a failure that came up through invocations began: the run in which it did, with its own cause. */
export interface Root {
	run: Run;
	cause: Cause | undefined;
	/** How many invocations down. */
	depth: number;
}

/** Follows a failure down through the steps that invoked other functions. */
export async function rootOf(api: Api, run: Pick<Run, "id">, cause: Cause | undefined): Promise<Root | undefined> {
	let root: Root | undefined;
	for (let depth = 1; depth <= DEPTH; depth++) {
		const at = root ?? { run, cause };
		const [step] = stepsIn(at.cause);
		const child = step?.op === "INVOKE" ? await invokedBy(api, at.run, step) : undefined;
		if (!child) break;
		const { trace } = child;
		const output = trace.output ?? child.run.output;
		root = { run: child.run, cause: causeIn({ ...child.run, output }, stepsOf(trace)), depth };
	}
	return root;
}

/** So many steps of one run are followed to the runs that they invoked. */
const FOLLOWED = 3;

/** The runs that its steps invoked, each with the id of its step, but for `told`; `more` steps were not looked at. */
export async function childrenOf(api: Api, run: Run, steps: readonly Step[], told: readonly Step[]): Promise<Children> {
	const invoking = steps.filter((step) => step.op === "INVOKE" && step.end !== undefined && !told.includes(step));
	const found = await Promise.all(
		invoking.slice(0, FOLLOWED).map(async (step) => ({ step, run: (await invokedBy(api, run, step))?.run })),
	);
	return {
		invoked: found.flatMap(({ step, run: child }) => (child ? [{ step: step.id, run: child }] : [])),
		more: Math.max(0, invoking.length - FOLLOWED),
	};
}
export interface Children {
	invoked: { step: string; run: Run }[];
	more: number;
}

/** The runs that a run deferred, which the engine starts as it ends (its source, v1.43, and measured). */
export async function deferredBy(api: Api, { id, endedAt }: Run): Promise<Run[]> {
	const end = time(endedAt);
	if (end === undefined) return [];
	const window = { since: new Date(end - 1000).toISOString(), until: new Date(end + WITHIN).toISOString() };
	const runs = (await listRuns(api, window, { order: "ASC", limit: 20, isDeferred: "true" })).data;
	const found: Run[] = [];
	// One after the other: a trace may be of megabytes, and seldom is there more than one.
	for (const run of runs.slice(0, TRIED)) {
		const parent = parentOf(await getTrace(api, run.id));
		if (parent?.kind === "deferred" && parent.run === id) found.push(run);
	}
	return found;
}

/** The run of the onFailure handler, whose function's id ends in `-failure` (measured). */
export async function handlerOf(api: Api, run: Run): Promise<Run | undefined> {
	const end = time(run.endedAt);
	const app = run.app.id;
	if (end === undefined || !app || run.function.id.endsWith("-failure")) return undefined;
	const filter = { function: { app, name: `${run.function.id}-failure` }, since: new Date(end - 1000).toISOString() };
	const runs = await listed(api, filter, 20);
	return (await firstOf(api, runs, (of) => of.kind === "handles" && of.run === run.id))?.run;
}

/** What a list shows of the runs that events started. */
export interface Started {
	shown: Shown;
	/** It was read back to before the oldest event. */
	ended: boolean;
	/** Batches whose events are not known: any of them may be one of these. */
	batches: readonly Run[];
}

/** All runs since the oldest of some events. */
export function startedRequest(events: readonly Event[], until?: string): Request {
	const oldest = events.reduce((least, event) => Math.min(least, receivedAt(event)), Number.MAX_SAFE_INTEGER);
	return listRunsRequest({ since: new Date(oldest - SLACK).toISOString(), until }, { limit: 100 });
}

/** How many batches' traces are read: they name all of its events. */
const BATCHES = 20;

/** Gives the batches' runs to all of their events, as far as those are read; answers the others. */
export async function readBatches(api: Api, shown: Shown, events: readonly Event[]): Promise<Run[]> {
	const ids = new Map(events.map(({ id, internal_id }) => [id || internal_id, internal_id]));
	const read = await inParallel(shown.batches.slice(0, BATCHES), 6, async ({ id }) =>
		eventsIn(await getTrace(api, id)),
	);
	return shown.batches.filter((run, i) => {
		const all = read[i]?.value;
		if (all)
			shown.give(
				run,
				all.flatMap(({ id }) => ids.get(id) ?? []),
			);
		return !all;
	});
}

/** Whether a list shows all that an event has started so far. */
export const isShown = ({ shown, ended, batches }: Started, event: Event, listening: Listening | undefined): boolean =>
	(ended || shown.reaches({ at: receivedAt(event) })) &&
	batches.every(({ app, function: { id } }) => {
		const fn = listening?.functions.find((one) => one.app.id === app.id && one.id === id);
		return fn && !listeners([fn], event.name).length;
	});

/** What came of an event, as far as a list shows. */
export function startOf(
	event: Event,
	started: Started | undefined,
	listening: Listening | undefined,
	now: number,
): "started" | "none" | "unknown" | "young" {
	if (started?.shown.of(event.internal_id).length) return "started";
	if (!started || !isShown(started, event, listening)) return "unknown";
	return isNew(event, now) ? "young" : "none";
}

/** The runs of many events by a list, as far as that is cheaper than asking for each; what it does not show is asked for. */
export async function listStarted(api: Api, events: readonly Event[]): Promise<Started | undefined> {
	if (events.length <= FEW) return undefined;
	const times = events.map(receivedAt).sort((a, b) => b - a);
	const shown = new Shown(events.map(({ internal_id }) => internal_id));
	let ended = true;
	let read = 0;
	try {
		for await (const page of pages(api, startedRequest(events), Run)) {
			for (const run of page) shown.add(run);
			const left = times.filter((at) => !shown.reaches({ at })).map((at) => at - SLACK);
			const { newest, oldest } = shown;
			ended = readsOn(left, { newest, oldest, pages: ++read }, Number.POSITIVE_INFINITY);
			if (!ended) break;
		}
		return { shown, ended, batches: await readBatches(api, shown, events) };
	} catch (error) {
		return unread(error);
	}
}

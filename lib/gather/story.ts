/** Reads a run's story: the run, its trace and jobs, and related runs. */
import { type Cause, type Job, Jobs, stepsIn, type Wait, type Waiting, waitsIn } from "../decide/cause.ts";
import { sameKey } from "../decide/cel.ts";
import { mayBeReplay, outsideOf } from "../decide/compare.ts";
import { type Kin, kinOf, type Parent, parentOf, sentIn } from "../decide/replayplan.ts";
import { CANCELS_WITHIN } from "../decide/schedules.ts";
import { causeIn, isUnserved, thrownByCancelled } from "../decide/triage.ts";
import type { Target } from "../gate/target.ts";
import {
	type Event,
	eventOf,
	type Fn,
	getRun,
	hasEnded,
	listRuns,
	One,
	type Run,
	type RunFilter,
	readEach,
	refOf,
	runsOfEvent,
	Span,
	within,
} from "../inngest/api.ts";
import { eventsIn, rivalsOf } from "../inngest/eventlist.ts";
import { cancelsOthers, fnOf, handlerId, limitOf, type SyncedFn } from "../inngest/functions.ts";
import { getTrace, givenIn, type Step, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { isNotFound, noted, unread } from "../text/errors.ts";
import { timeOfId, ULID } from "../text/nouns.ts";
import { isObject, iso, time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { get, path } from "../wire/request.ts";
import { type Cancelling, cancellingOf, siblings } from "./siblings.ts";

/** A run that the app has been executing since then (ms). */
export interface Holder {
	run: Run;
	since: number;
	/** Its event. */
	by?: Event | undefined;
}

export interface Story extends Waiting {
	run: Run;
	/** Its function, if its limits, attempts or cancellations are shown. */
	function?: Fn | undefined;
	/** Its function is no longer synced (404). */
	gone?: boolean;
	/** Where its failure began, if in a run that it invoked. */
	root?: Root | undefined;
	/** The run that it waits for, and what that waits for. */
	child?: (Waiting & { run: Run }) | undefined;
	/** The events of its invocations that have started nothing. */
	unstarted?: string[] | undefined;
	/** The run of its onFailure handler, with its output. */
	handler?: Handler | undefined;
	/** The run that invoked or deferred it, or whose failure it handles. */
	parent?: Run | undefined;
	/** The runs that its steps invoked, except the one in which its failure began. */
	children?: Children | undefined;
	/** Its replays, and the runs it is a replay of. */
	kin?: Kin | undefined;
	/** Of a cancelled run: events that may have cancelled it. */
	cancelling?: Cancelling[] | undefined;
	/** With a singleton that cancels, the run that replaced it; null if none is listed, undefined if not all were read. */
	newer?: Run | null | undefined;
	/** Runs that hold a slot that it waits for. */
	holders?: Holder[] | undefined;
	/** How many runs that may hold one were not read, or at least how many. */
	unsought?: { runs: number; more: boolean } | undefined;
	/** How many of its function's queued runs are older than it; of how many, undefined if not all were read; whether priorities may change the order. */
	place?: { older: number; of: number | undefined; ranked?: boolean } | undefined;
	/** The run that its throttle let begin last, when (ms), and when it lets this one begin at the earliest, if known. */
	began?: { run: Run; at: number; next: number | undefined } | undefined;
	/** Events that came since it began to wait for one of their name, and did not resume it. */
	passed?: { events: readonly Event[]; more: boolean } | undefined;
	/** Events that may have resumed it instead, by the step's id. */
	rivals?: Record<string, readonly string[]> | undefined;
	/** What the same step received in an earlier run. */
	given?: { run: string; output: unknown } | undefined;
	/** What could not be read, a line each. */
	missing: string[];
	/** It is from Inngest Cloud. */
	cloud?: boolean;
}

/** `steps`: the names of those that completed. */
export type Handler = Run & { steps?: string[] };

/** A story and what follows from it. */
export interface ReadStory extends Story {
	now: number;
	steps: readonly Step[];
	cause: Cause | undefined;
	waits: readonly Wait[];
}

export function readStory(story: Story, now: number): ReadStory {
	const { run, trace } = story;
	const steps = stepsOf(trace);
	const cause = causeIn(run, trace, steps) ?? thrownByCancelled(run, outsideOf(trace), steps);
	return { ...story, now, steps, cause, waits: waitsIn(story, now) };
}

export const storyData = ({ now, steps, cloud, ...story }: ReadStory) => ({ ...story, jobs: story.jobs ?? [] });

export type Reader = Pick<Context, "api" | "now"> & { target: Pick<Target, "kind">; looks?: Api };

/**
 * Without what it waits for. Of an output that contains an error with a message, v2 shows that alone, and v1 all, except with checkpoints
 * (measured on v1.43).
 */
export async function getTraced({ api, looks = api, now, target }: Reader, id: string): Promise<ReadStory> {
	const missing: string[] = [];
	const [run, trace] = await Promise.all([getRun(api, id), getTrace(api, id).catch(noted(missing, "The trace"))]);
	const cloud = target.kind === "cloud";
	if (!cloud && run.status === "COMPLETED" && isObject(run.output) && "message" in run.output)
		run.output =
			(await looks.send(get(path`/v1/runs/${id}`), One(Span)).catch(noted(missing, "The rest of its output")))?.data
				.output || run.output;
	return readStory({ run, trace, jobs: undefined, missing, cloud }, now);
}

export async function getStory(reader: Reader, id: string): Promise<ReadStory> {
	const story = await getTraced(reader, id);
	if (hasEnded(story.run)) return story;
	const jobs = await getJobs(reader.api, id).catch(noted(story.missing, "When it resumes"));
	return readStory({ ...story, jobs }, story.now);
}

/** Of a run's newest waits, by their steps' ids; without a key for events, of none. */
async function rivalsIn(api: Api, steps: readonly Step[]): Promise<Story["rivals"]> {
	const given = steps.filter((step) => step.end && givenIn(step)).slice(-FOLLOWED);
	const found = given.map(async (step) => {
		const { id = "", name = "" } = givenIn(step) ?? {};
		const at = ULID.test(id) ? timeOfId(id) : step.end;
		return [step.id, await rivalsOf(api, { id, name }, at ?? 0)] as const;
	});
	return given.length ? Object.fromEntries(await Promise.all(found)) : undefined;
}

/** From when on the time in the queue is explained, in ms. */
const HELD = 10_000;

/** How long a run was in the queue, in ms, if long. The run of an event for later is queued at once (measured). */
export function heldIn({ run, trace }: Pick<Story, "run" | "trace">): number {
	const queued = time(run.queuedAt) ?? Infinity;
	const held = (time(run.startedAt) ?? 0) - queued;
	return held >= HELD && (eventsIn(trace)?.[0]?.ts ?? 0) < queued + 1000 ? held : 0;
}

/** The story and related runs, for a run shown alone. */
export async function getWholeStory(reader: Reader, id: string): Promise<ReadStory> {
	const api = reader.looks ?? reader.api;
	const story = await getStory(reader, id);
	const { run, trace, jobs, missing, cause, waits, steps } = story;
	const failed = run.status === "FAILED";
	const cancelled = run.status === "CANCELLED";
	const wasRetried = [outsideOf(trace), ...stepsIn(cause)].some(({ attempts }) => attempts > 1);
	const isPlanned = jobs?.some(({ kind }) => kind !== "pause");
	const isUnknown = cause && isUnserved(cause.failure);
	const isOdd = cancelled || (failed && wasRetried) || isUnknown || heldIn(story) > 0;
	const needsFn = isOdd || isPlanned || run.trigger?.cronSchedule;
	const { kind, run: from = "" } = parentOf(trace) ?? {};
	const part = <T>(what: string, asked: Promise<T>) => asked.catch(noted(missing, what));
	const [rivals, synced, root, parent, handler, invoked, children, kin] = await Promise.all([
		rivalsIn(api, steps).catch(unread),
		needsFn ? part("Its function", fnOf(api, run)) : undefined,
		part("The run that it invoked", rootOf(api, run, cause)),
		ULID.test(from) ? part("The run that it came from", getRun(api, from, false)) : undefined,
		failed && kind !== "handles" ? part("The run of its onFailure handler", handlerOf(api, run)) : undefined,
		part("The run that it invoked", childOf(api, waits)),
		part("The runs that it invoked", childrenOf(api, run, steps, stepsIn(cause), missing)),
		// A run that completed soon after its event is hardly ever replayed, and is no replay.
		failed || cancelled || mayBeReplay(run)
			? part(
					"Its replays",
					siblings(api, run, missing).then((all) => kinOf(run, all)),
				)
			: undefined,
	]);
	const gone = synced === "gone";
	const fn = gone ? undefined : synced;
	const related = { ...invoked, rivals, root, parent, handler, children, kin };
	return { ...story, function: fn, ...(gone && { gone }), ...related, ...(await endedBy(api, story, fn)) };
}

/** What may have cancelled it. */
async function endedBy(api: Api, story: Story, fn: Fn | undefined): Promise<Pick<Story, "cancelling" | "newer">> {
	const { run, missing } = story;
	const end = time(run.endedAt);
	if (run.status !== "CANCELLED" || !end) return {};
	const came = cancellingOf(api, story, fn, end).catch(noted(missing, "The events that may have cancelled it"));
	const newer = fn && cancelsOthers(fn) ? newerOf(api, story, fn, end).catch(unread) : undefined;
	return { cancelling: await came, newer: await newer };
}

/** The next run with its key: queued up to 0.4 s before this one's end or just after; `until` goes by a later time (both measured). */
async function newerOf(api: Api, { run, trace }: Story, fn: Fn, end: number): Promise<Run | null | undefined> {
	const since = iso(Math.max(end - CANCELS_WITHIN, time(run.queuedAt) ?? 0));
	const key = limitOf(fn, "singleton")?.key;
	const [of] = eventsIn(trace) ?? [];
	const { data, page } = await listRuns(api, { function: refOf(run), since }, { order: "ASC", limit: 40 });
	const near = data.filter(({ id, queuedAt }) => id !== run.id && (time(queuedAt) ?? 0) <= end + 1000);
	for (const one of near.slice(-TRIED)) {
		const [by] = key ? (eventsIn(await getTrace(api, one.id)) ?? []) : [];
		if (sameKey(key, of, by)) return one;
	}
	return page?.cursor || near.length > TRIED ? undefined : null;
}

/** For lists, of a cancelled run only why it was. A list has its end too late (measured), its trace has not. */
export async function getCancelled(
	{ api, looks = api, now }: Reader,
	run: Run,
	synced: Promise<SyncedFn>,
	read?: Span,
): Promise<ReadStory> {
	const trace = read ?? (await getTrace(looks, run.id));
	const { startedAt, endedAt } = trace;
	const fn = await synced;
	const known = fn === "gone" ? undefined : fn;
	const story = { run: { ...run, startedAt, endedAt }, trace, jobs: undefined, missing: [] };
	return readStory({ ...story, function: known, ...(await endedBy(looks, story, known)) }, now);
}

/** The first invoked run that it waits for, and the invocations' events that have started none so far. */
export async function childOf(api: Api, waits: readonly Wait[]): Promise<Pick<Story, "child" | "unstarted">> {
	const { invoked, unstarted } = await invokedIn(api, waits);
	const [run] = invoked.values();
	const [jobs, trace] = run && !hasEnded(run) ? await Promise.all([getJobs(api, run.id), getTrace(api, run.id)]) : [];
	return { ...(unstarted.length && { unstarted }), child: run && { run, jobs: jobs ?? [], trace } };
}

/** A Cloud API key can't read jobs. */
export const getJobs = async (api: Api, id: string): Promise<Job[]> =>
	(await api.send(get(path`/v1/runs/${id}/jobs`), Jobs)).data;

/** The runs that the first invocations among these waits started, and the events of those that have started none so far. */
export async function invokedIn(api: Api, waits: readonly Wait[]) {
	const invoking = waits.filter((wait) => wait.kind === "invoke").slice(0, FOLLOWED);
	const read = await readEach(invoking, FOLLOWED, async ({ event }) => (event ? runsOfEvent(api, event) : undefined));
	const invoked = new Map<Wait, Run>();
	const unstarted: string[] = [];
	for (const [wait, [run]] of read)
		if (run) invoked.set(wait, run);
		else unstarted.push(wait.event ?? "");
	return { invoked, unstarted };
}

/** A run and its trace. */
interface Traced {
	run: Run;
	trace: Span;
}

/** Without outputs, which can be megabytes each. */
const listed = async (api: Api, filter: RunFilter): Promise<Run[]> =>
	(await listRuns(api, filter, { order: "ASC", limit: 100 })).data;

/** How many traces are read to find a run. */
const TRIED = 6;

/** The first with such a parent, and its output, which its trace has too (measured). */
async function firstOf(
	api: Api,
	runs: readonly Run[],
	at: number,
	is: (parent: Parent) => boolean,
): Promise<Traced | undefined> {
	const near = runs.toSorted((a, b) => farFrom(at, a) - farFrom(at, b));
	for (const run of near.slice(0, TRIED)) {
		const trace = await getTrace(api, run.id);
		const parent = parentOf(trace);
		if (parent && is(parent)) return { run: { ...run, output: trace.output }, trace };
	}
}

/** The time between a moment and the run's event, in ms. */
const farFrom = (at: number, run: Run): number => Math.abs(timeOfId(eventOf(run) ?? "") - at);

/**
 * The run that a step invoked. The API doesn't name it: of the runs whose events are as old as the step, it is the one whose event names
 * the step (measured); a busy server queued it 18 s later.
 */
export async function invokedBy(api: Api, { id }: Pick<Run, "id">, step: Step): Promise<Traced | undefined> {
	const { start } = step;
	if (start === undefined) return;
	const window = within({ from: start - 5, until: start + 60_000 });
	const likely = (await listed(api, window)).filter(
		(run) => run.id !== id && !run.trigger?.cronSchedule && farFrom(start, run) < 1000,
	);
	return firstOf(api, likely, start, (of) => of.kind === "invoked" && of.run === id && of.stepId === step.id);
}

/** How many invocations deep a failure is followed. */
export const DEPTH = 5;

/** The invoked run in which a failure began, and its cause. */
export interface Root {
	run: Run;
	cause: Cause | undefined;
	/** How many invocations down. */
	depth: number;
	/** It ended after the step had given up on it, so its own end is not the cause. */
	late?: boolean;
}

/** Follows a failure down through the steps that invoked functions. */
export async function rootOf(
	api: Api,
	run: Pick<Run, "id">,
	cause: Cause | undefined,
	depth = 1,
): Promise<Root | undefined> {
	const [step] = stepsIn(cause);
	const found = step?.op === "INVOKE" && depth <= DEPTH ? await invokedBy(api, run, step) : undefined;
	if (!step || !found) return;
	const child = found.run;
	const late = (time(child.endedAt) ?? 0) > (step.end ?? Infinity);
	const why = late ? undefined : causeIn(child, found.trace);
	return (await rootOf(api, child, why, depth + 1)) ?? { run: child, cause: why, depth, late };
}

/** The maximum number of a run's steps followed to the runs that they invoked. */
const FOLLOWED = 3;

/** The runs that its steps invoked, each with its step's id, except `told`, and those that events may have started that steps sent. */
export async function childrenOf(
	api: Api,
	run: Run,
	steps: readonly Step[],
	told: readonly Step[],
	missing: string[],
): Promise<Children> {
	const invoking = steps.filter((step) => step.op === "INVOKE" && step.end !== undefined && !told.includes(step));
	const followed = invoking.slice(0, FOLLOWED);
	const sent = sentIn(steps);
	const looked = sent.slice(0, FOLLOWED);
	const found = await Promise.all([
		...followed.map(async (step) => {
			const child = await invokedBy(api, run, step);
			return child ? [{ step: step.id, run: child.run }] : [];
		}),
		...looked.map(async (one) => {
			const runs = await runsOfEvent(api, one.event).catch((error) =>
				isNotFound(error) ? [] : noted(missing, "What an event that it sent started")(error),
			);
			return (runs ?? []).flatMap((child) => (child.id === run.id ? [] : { ...one, run: child }));
		}),
	]);
	return {
		invoked: found.flat(),
		more: invoking.length - followed.length,
		unsent: sent.length - looked.length,
	};
}

/** `more` steps that invoked runs, and `unsent` events that steps may have sent, were not looked up. */
export interface Children {
	/** `event`: not invoked, but perhaps started by this event, whose id the step returned. */
	invoked: { step: string; run: Run; event?: string }[];
	more: number;
	unsent: number;
}

/** The run of the onFailure handler. */
export async function handlerOf(api: Api, run: Run): Promise<Handler | undefined> {
	const end = time(run.endedAt);
	if (end === undefined || !run.app.id) return;
	const handler = { app: run.app.id, name: handlerId(run.function.id) };
	const runs = await listed(api, { function: handler, since: iso(end - 1000) });
	const found = await firstOf(api, runs, end, (of) => of.kind === "handles" && of.run === run.id);
	const steps = stepsOf(found?.trace).flatMap(({ status, name }) => (status === "COMPLETED" ? name : []));
	return found && { ...found.run, steps };
}

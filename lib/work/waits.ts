/** What live runs wait for and behind, and why cancelled ones were cancelled, for lists. */
import { isBare, isHeld, type Job, lastFailure, MOST_JOBS, resumedIn, type Wait, waitsIn } from "../decide/cause.ts";
import { sameKey } from "../decide/cel.ts";
import { executingSince } from "../decide/compare.ts";
import { isOwn, likelyLimits, nextOf, sharedWith } from "../decide/schedules.ts";
import { begunBy } from "../gather/past.ts";
import {
	getCancelled,
	getJobs,
	type Holder,
	invokedIn,
	type Reader,
	type ReadStory,
	type Story,
} from "../gather/story.ts";
import {
	completedRuns,
	type Fn,
	functionOf,
	hasEnded,
	listRuns,
	type Run,
	readEach,
	refOf,
	refOfFn,
	type Span,
	startsInQueue,
} from "../inngest/api.ts";
import { eventsIn, eventsNear } from "../inngest/eventlist.ts";
import { fnOf, type SyncedFn } from "../inngest/functions.ts";
import { getTrace, stepsOf } from "../inngest/trace.ts";
import { cancelLine, isUnbegun } from "../tell/runlist.ts";
import { lostText, moreWaits, waitLine } from "../tell/storytext.ts";
import { queueLines } from "../tell/watchtext.ts";
import { noted, unread } from "../text/errors.ts";
import { type FunctionRef, isDone, isOf, LIVE } from "../text/nouns.ts";
import { duration, groupBy, indented, MINUTE, time, unique, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";

/** What a run waits for: its v1 jobs, and lines about them; neither if they can't be read. */
export interface Waits {
	jobs?: Job[] | undefined;
	/** The waits shown, with the invoked runs. */
	waits?: (Wait & { run?: Run | undefined })[];
	lines: string[];
}

const TOLD = 3;
const UNREAD = "  what it waits for could not be read";

/** Traces read already, by run's id. */
export type Traces = ReadonlyMap<string, Span | undefined>;

/** `functions`: each is requested once; on failure, less is said. */
type Waiting = Reader & { traces?: Traces; functions?: Record<string, Promise<SyncedFn>> };

/** What live runs wait for, and the last error of runs being retried. `depth`: how many levels of invocations are read; of many runs, one. */
export async function waitsOf(reader: Waiting, runs: readonly Run[], depth = 3): Promise<Map<Run, Waits>> {
	const { api, now, functions = {} } = reader;
	const live = depth ? runs.filter((run) => !hasEnded(run)) : [];
	const below = live.length > 10 ? 0 : depth - 1;
	const found = await readEach(live, 6, (run) => waitsOfOne({ ...reader, functions }, run, below));
	const told = new Map(live.map((run) => [run, found.get(run) ?? { lines: [UNREAD] }]));
	const held = live.filter((run) => depth > 2 && told.get(run)?.waits?.some((one) => isHeld(one, now)));
	const queues = await queuesOf(api, held, functions);
	for (const run of held) {
		told.get(run)?.lines.push(...indented(queueLines({ run, now, ...queues.get(run) })));
	}
	return told;
}

/** Whether jobs don't show all; a long execution is confirmed by the trace. */
const needsTrace = ({ status }: Pick<Run, "status">, jobs: readonly Job[] | undefined, now: number): boolean =>
	!jobs?.length ||
	jobs.length >= MOST_JOBS ||
	jobs.some((job) => {
		const isLong = status === "RUNNING" && (time(job.at) ?? now) < now - MINUTE;
		return job.attempt || job.kind === "sleep" || isBare(job) || isLong;
	});

/** Whether its function tells more of what it waits for: its limits, its attempts. */
export const isLimited = (waits: readonly Wait[]): boolean =>
	waits.some(({ kind }) => kind === "capacity" || kind === "retry");

async function waitsOfOne(reader: Waiting, run: Run, depth: number): Promise<Waits> {
	const { api, now, target, traces, functions = {} } = reader;
	const jobs = await getJobs(api, run.id).catch(noted([], ""));
	const known = traces?.get(run.id);
	const trace = known ?? (needsTrace(run, jobs, now) ? await getTrace(api, run.id).catch(unread) : undefined);
	const waits = waitsIn({ run, trace, jobs }, now);
	const lost = lostText({ run, jobs, waits, cloud: target.kind === "cloud" });
	if (!waits.length) return { jobs, lines: [lost ? `  ${lost}` : UNREAD] };
	const { invoked, unstarted } = await invokedIn(api, waits.slice(0, TOLD));
	const fn = isLimited(waits) ? await syncedIn(functions, api, run) : undefined;
	const telling = { now, fn, asked: isLimited(waits), after: lastFailure(trace), unstarted };
	const below = await waitsOf(reader, [...invoked.values()], depth);
	const told = waits.slice(0, TOLD).flatMap((wait) => {
		const child = invoked.get(wait);
		const its = child ? [`Child run: ${child.id} ${child.status}`, ...(below.get(child)?.lines ?? [])] : [];
		return [waitLine(wait, telling), ...its];
	});
	return {
		jobs,
		waits: waits.map((wait) => ({ ...wait, ...(invoked.has(wait) && { run: invoked.get(wait) }) })),
		lines: indented([...told, moreWaits(waits, TOLD, trace), jobs ? lost : "when it resumes could not be read"]),
	};
}

function syncedIn(functions: Record<string, Promise<SyncedFn>>, api: Api, run: Run): Promise<SyncedFn> {
	const synced = functions[functionOf(run)] ?? fnOf(api, run).catch(unread);
	functions[functionOf(run)] = synced;
	return synced;
}

/** How long an event may take to resume a run, in ms: 0.3 s (measured), and a busy server more. */
const RESUMES = 5_000;

/** The newest events, up to a page, that did not resume it. */
export async function passedBy(
	{ api, looks = api, now }: Reader,
	{ run, steps, waits }: Pick<ReadStory, "run" | "steps" | "waits">,
): Promise<Story["passed"]> {
	const wait = waits.find(({ kind }) => kind === "event");
	if (wait?.kind !== "event") return;
	const began = steps.find(({ name, end }) => name === wait.step && end === undefined)?.start;
	const until = now - RESUMES;
	// Just as it began to wait, an event may have come before.
	const within = until - (began ?? now) - 1_000;
	if (within <= 0) return;
	const came = await eventsNear(looks, [wait.event], until, within);
	// Another of its waits may have got it.
	const events = came.filter((event) => !resumedIn(run, steps, event, time(event.received_at) ?? 0).length);
	return { events, more: came.length > 50 };
}

/** The maximum number of cancelled runs whose causes are read: some three requests each. */
const EXPLAINED = 8;

/** Why the first cancelled runs were cancelled, as get-run says it. `traces`: those read already, by run. */
export async function cancelsOf(
	reader: Reader,
	runs: readonly Run[],
	traces: Traces = new Map(),
): Promise<Map<Run, Waits>> {
	const { api, looks = api } = reader;
	const cancelled = runs.filter(({ status }) => status === "CANCELLED").slice(0, EXPLAINED);
	const functions: Record<string, Promise<SyncedFn>> = {};
	const stories = await readEach(cancelled, 3, (run) => {
		return getCancelled(reader, run, syncedIn(functions, looks, run), traces.get(run.id));
	});
	const linesOf = (story?: ReadStory) => {
		const never = story && isUnbegun(story.run, story.trace) && "It never began.";
		return [`  ${story ? words(never, cancelLine(story)) : "why it was cancelled could not be read"}`];
	};
	return new Map(cancelled.map((run) => [run, { lines: linesOf(stories.get(run)) }]));
}

/** The maximum number of completed and failed runs whose time in the queue is read, where lists don't tell it. */
const QUEUED = 20;

/** How long completed and failed runs were queued before they began. */
async function queuedFor({ api }: Reader, runs: readonly Run[]): Promise<Map<Run, Waits>> {
	const ended = runs.filter(isDone);
	const hidden = ended.filter(startsInQueue).slice(0, QUEUED);
	const traces = await readEach(hidden, 6, ({ id }) => getTrace(api, id));
	const told = ended.flatMap((run): [Run, Waits][] => {
		const began = startsInQueue(run) ? traces.get(run)?.startedAt : run.startedAt;
		const [from, start] = [time(run.queuedAt), time(began)];
		if (from === undefined || start === undefined || start - from < 100) return [];
		return [[run, { lines: [`  Queued for ${duration(start - from)} before it began`] }]];
	});
	return new Map(told);
}

/** What live runs wait for, how long ended ones were queued, and why the first cancelled ones were cancelled. */
export async function aboutRuns(reader: Reader, runs: readonly Run[]): Promise<Map<Run, Waits>> {
	const read = await Promise.all([waitsOf(reader, runs), queuedFor(reader, runs), cancelsOf(reader, runs)]);
	return new Map(read.flatMap((told) => [...told]));
}

/** The maximum number of: functions that may share a function's limits, waiting runs whose keys are read, functions of a list. Also how many runs are read at once. */
const READ = 5;
/** The maximum number of running runs read per function, until as many execute as a limit allows. */
const SOUGHT = 25;

/**
 * What runs of one function wait behind. Only runs that the app is executing hold slots (measured). Without a key, what holds up the first run
 * holds up all.
 */
export async function behindOf(api: Api, runs: readonly Run[], fn: Fn) {
	const own = refOfFn(fn);
	const limits = likelyLimits(fn);
	const isKeyed = limits.some(({ key }) => key);
	const most = Math.max(...limits.map(({ limit }) => Number(limit?.value)));
	const oldest = { order: "ASC", limit: 100 };
	const [live, shared, began] = await Promise.all([
		listRuns(api, { function: own, status: LIVE }, oldest),
		limits.every(isOwn) ? undefined : listRuns(api, { status: ["RUNNING"] }, oldest),
		begunBy(api, runs, fn).catch(unread),
	]);
	const all = unique([...live.data, ...(shared?.data ?? [])], ({ id }) => id);
	const running = limits.length ? all.filter(({ status }) => status === "RUNNING") : [];
	const slots = await slotsOf(api, running, own, limits, isKeyed ? Infinity : most);
	const waiting = slots.executing.length ? runs.slice(0, isKeyed ? READ : 1) : [];
	const holders = await flatly(waiting, async (run): Promise<[Run, Holder[]][]> => {
		const [of] = (isKeyed && eventsIn(await getTrace(api, run.id))) || [];
		const has = slots.executing.filter(
			(one) => one.run.id !== run.id && one.same.some(({ key }) => sameKey(key, of, one.by)),
		);
		return [[run, unique(has, (one) => one.run.id)]];
	});
	const isCut = Boolean(live.page?.cursor || shared?.page?.cursor);
	const isAll = !limits.length || (!slots.unread && !isCut);
	const isKnown = isAll || holders.some(([, has]) => has.length >= most);
	const unsought = isKnown ? undefined : { runs: slots.unread, more: isCut };
	const held = new Map(holders);
	const queued = live.data.filter(({ status }) => status === "QUEUED");
	const of = live.page?.cursor ? undefined : queued.length;
	const at = (one: Run) => time(one.queuedAt) ?? 0;
	const ranked = fn.configuration.priority != null && { ranked: true };
	return runs.map((run, i) => {
		const before = queued.filter((one) => at(one) < at(run));
		const last = began && nextOf(fn, began, before, run, i);
		const turn = run.status === "QUEUED" && { place: { older: before.length, of, ...ranked }, began: last };
		return [run, { holders: held.get(run), unsought: i ? undefined : unsought, ...turn }] as const;
	});
}

/** Which of the running runs execute, with the limits that they share (of each function, until `enough` do); `unread`: of how many that share some this is unknown. */
async function slotsOf(
	api: Api,
	running: readonly Run[],
	own: FunctionRef,
	limits: ReturnType<typeof likelyLimits>,
	enough: number,
) {
	let unread = running.length;
	const groups = [...groupBy(running, functionOf).values()].slice(0, READ);
	const executing = await flatly(groups, async (some) => {
		const [one] = some;
		const same = isOf(own, refOf(one)) ? limits : sharedWith(limits, await fnOf(api, one));
		if (!same.length) unread -= some.length;
		// The oldest first, as a run that hangs is old; then the newest, as most older ones sleep or wait.
		const sorted = [...some.slice(0, READ), ...some.slice(READ).toReversed()];
		const left = same.length ? sorted.slice(0, SOUGHT) : [];
		const found: (Holder & { same: typeof limits })[] = [];
		const look = async (run: Run) => {
			const trace = await getTrace(api, run.id);
			unread--;
			return executingSince(trace).map((since) => ({ run, since, same, by: eventsIn(trace)?.[0] }));
		};
		while (left.length && found.length < enough) found.push(...(await flatly(left.splice(0, READ), look)));
		return found;
	});
	return { executing, unread };
}

const flatly = async <T, R>(items: readonly T[], work: (item: T) => Promise<R[]>): Promise<R[]> =>
	[...(await readEach(items, READ, work)).values()].flat();

/** What each of these waits behind: runs of several functions. */
const queuesOf = async (api: Api, held: readonly Run[], functions: Record<string, Promise<SyncedFn>>) =>
	new Map(
		await flatly([...groupBy(held, functionOf)].slice(0, READ), async ([name, runs]) => {
			const fn = await functions[name];
			return fn && fn !== "gone" ? behindOf(api, runs, fn) : [];
		}),
	);

/** What the same step received in the run of its function that completed last. */
export async function givenBefore({ api }: Reader, { run, waits }: ReadStory) {
	const wait = waits.find((one) => one.kind === "signal");
	const [last] = wait ? await completedRuns(api, run, 1) : [];
	const steps = last ? stepsOf(await getTrace(api, last.id)) : [];
	const step = steps.find(({ op, name, output }) => op === "WAIT_FOR_SIGNAL" && name === wait?.step && output);
	return last && step && { run: last.id, output: step.output };
}

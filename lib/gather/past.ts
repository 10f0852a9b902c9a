/** Reads two windows' runs, queues, and live runs that are retried, with a limited number of requests. */

import { type Backlog, backlogsIn, lastFailure, waitOf } from "../decide/cause.ts";
import { sameKey } from "../decide/cel.ts";
import { heldBy, type Limit } from "../decide/schedules.ts";
import {
	byFunction,
	type Drain,
	drainOf,
	keptOf,
	quantile,
	type Sample,
	type Trend,
	trendsOf,
} from "../decide/trend.ts";
import {
	allOf,
	endedIn,
	endOf,
	Fn,
	functionOf,
	getRun,
	hasEnded,
	inParallel,
	type Listed,
	lengthOf,
	listRuns,
	listRunsRequest,
	One,
	pages,
	Run,
	type RunFilter,
	readEach,
	refOfFn,
	startsInQueue,
	tookOf,
	type Window,
} from "../inngest/api.ts";
import { eventsIn } from "../inngest/eventlist.ts";
import { checkExists, functionRequest, lastSyncOf, limitOf, listApps } from "../inngest/functions.ts";
import { type Failure, getTrace } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { noted, unread } from "../text/errors.ts";
import { ENDS, LIVE } from "../text/nouns.ts";
import { addTo, groupBy, MINUTE, plural, spread, sum, time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import type { Request } from "../wire/request.ts";
import { bounded, list, PAGE, type Reading, readRuns } from "./lists.ts";
import { getJobs } from "./story.ts";

/** Maximum numbers of requests: in all, for one window's runs, for live runs. */
const REQUESTS = 120;
const FOR_WINDOW = 38;
const FOR_LIVE = 16;
/** Pages after which it is estimated whether the rest can be read too. */
const TRIAL = 8;
const SLICES = 8;

/** A reading that counts its requests. */
export interface Looking {
	api: Api;
	now: number;
	progress: Context["progress"];
	/** Requests left; requests made. */
	left(): number;
	made(): number;
	/** What could not be read, a line each. */
	missing: string[];
}

export function openLooking({ api, now, progress }: Pick<Context, "api" | "now" | "progress">): Looking {
	const counted = bounded(api, REQUESTS);
	return { ...counted, now, progress, made: () => REQUESTS - counted.left(), missing: [] };
}

/** When the run that ended first ended (ms), of those the server still has. A run may have been queued before that: it slept. */
export async function oldestEver({ api }: Pick<Looking, "api">, filter: RunFilter): Promise<number | undefined> {
	// Two: the oldest row may not be a run of its own (lib/wire/lenient drops it after the limit).
	const { data } = await listRuns(api, { ...filter, status: ENDS, by: "endedAt" }, { order: "ASC", limit: 2 });
	return time(data[0]?.endedAt);
}

/**
 * How far back a list was to go and went. If it was read to its end and that is later than the window's start, also when the oldest run of a
 * dev server ended, which may lose its runs on restart.
 */
export async function reachOf(
	{ api, target }: Pick<Context, "api" | "target">,
	since: number | undefined,
	oldest: number | undefined,
	isWhole: boolean,
) {
	const isShort = isWhole && since !== undefined && (oldest ?? Infinity) >= since + MINUTE;
	const begins = isShort && target.kind === "dev" ? await oldestEver({ api }, {}).catch(unread) : undefined;
	return { since, oldest, begins };
}

/** All runs that ended in a window, or the newest and slices of the rest. */
export async function readSpan({ api, progress }: Looking, filter: RunFilter, span: Window): Promise<Sample> {
	const found = new Map<string, Run>();
	const take = (runs: readonly Run[]) => {
		for (const run of runs) if (endOf(run)) found.set(run.id, run);
		progress(`${plural(found.size, "run")} read`);
	};
	const head = await readPages(api, filter, span, take, (read, at) => {
		const perPage = (span.until - at) / read;
		return read < TRIAL || (read < FOR_WINDOW - SLICES && lengthOf(span) <= perPage * (FOR_WINDOW - SLICES));
	});
	const slices = head.cut ? slicesOf({ from: span.from, until: head.at }, FOR_WINDOW - head.read) : [];
	const read = await inParallel(slices, 6, async (slice) => {
		const { at } = await readPages(api, filter, slice, take, () => false);
		return slice.until - at;
	});
	const covered = span.until - head.at + sum(allOf(read), (ms) => ms);
	return { span, runs: [...found.values()], covered, whole: head.at };
}

function slicesOf({ from, until }: Window, n: number): Window[] {
	const at = (i: number) => Math.round(from + ((until - from) * i) / n);
	return Array.from({ length: n }, (_, i) => ({ from: at(i), until: at(i + 1) }));
}

/** Reads a list by end time; `at`: how far back it was read (ms), the window's start unless `cut`. */
async function readPages(
	api: Api,
	filter: RunFilter,
	span: Window,
	take: (runs: readonly Run[]) => void,
	readsOn: (read: number, at: number) => boolean,
): Promise<{ read: number; at: number; cut: boolean }> {
	const { from, until } = span;
	let read = 0;
	let at = until;
	for await (const page of pages(
		api,
		listRunsRequest({ ...filter, ...endedIn(span), status: ENDS }, { limit: PAGE }),
		Run,
	)) {
		read++;
		take(page);
		at = page.reduce((last, run) => Math.min(last, endOf(run) || last), at);
		if (page.more && !readsOn(read, at)) return { read, at: Math.max(from, at), cut: true };
	}
	return { read, at: from, cut: false };
}

/** The live runs, oldest first. */
export async function liveRuns({ api, missing }: Looking, filter: RunFilter): Promise<Listed | undefined> {
	const asked = list(api, { ...filter, status: LIVE }, FOR_LIVE, { order: "ASC" });
	const found = await asked.catch(noted(missing, "Live runs"));
	return found && { ...found, runs: found.runs.filter((run) => !hasEnded(run)) };
}

/** A backlog and its limit, if it could be read; `executing`: how many of its runs are executing a step (or at least that many). */
export interface Held extends Backlog {
	limit: Limit | undefined;
	executing: { runs: number; atLeast: boolean } | undefined;
	drain: Drain;
}

/** Maximum numbers of backlogs examined and of runs whose jobs are read; and how often, as between two runs none is executing. */
const BACKLOGS = 2;
const EXECUTING = 8;
const LOOKS = 3;

/** The backlogs examined, and the functions of the others. */
export async function backlogsOf(looking: Looking, { runs, cut }: Listed, ended: Sample) {
	const all = backlogsIn(runs, cut, ended, looking.now);
	const backlogs: Held[] = [];
	for (const one of all.slice(0, BACKLOGS)) backlogs.push(...(await heldBack(looking, one)));
	return { backlogs, more: all.slice(BACKLOGS).map((one) => one.function) };
}

const kindsOf = async ({ api, now }: Looking, id: string) =>
	(await getJobs(api, id)).map((job) => waitOf(job, [], now).kind);

/** Empty if the runs are waiting for a planned time. */
async function heldBack(looking: Looking, one: Backlog): Promise<Held[]> {
	const { app = "", name } = one.of;
	const { api, missing } = looking;
	const waits = await kindsOf(looking, one.oldest).catch(unread);
	if (waits?.length && waits.every((kind) => kind === "later")) return [];
	const fn = await api.send(functionRequest(app, name), One(Fn)).catch(noted(missing, `The limit of ${one.function}`));
	const limit = fn && heldBy(fn.data);
	const executing = await executingOf(looking, one, limit).catch(noted(missing, `What ${one.function} is executing`));
	return [{ ...one, limit, executing, drain: drainOf(one, limit) }];
}

async function executingOf(looking: Looking, { of }: Backlog, limit: Limit | undefined): Promise<Held["executing"]> {
	let most = { runs: 0, atLeast: false };
	for (let look = 0; look < LOOKS; look++) {
		const { data, page } = await listRuns(looking.api, { function: of, status: ["RUNNING"] }, { limit: EXECUTING });
		const kinds = allOf(await inParallel(data, 4, ({ id }) => kindsOf(looking, id)));
		const runs = kinds.filter((one) => one.includes("executing")).length;
		if (runs >= most.runs) most = { runs, atLeast: Boolean(page?.cursor) };
		if (limit?.kind !== "own" || runs >= Math.min(limit.value, EXECUTING) || looking.left() < 4 * EXECUTING) break;
	}
	return most;
}

/** How long runs were queued, in ms; `of`: how many were read. */
export interface QueueTime {
	p95Ms: number;
	of: number;
}

/** A function's trend, and how long its runs were queued in each window, if read. */
export interface Row extends Trend {
	waited: { now: QueueTime | undefined; past: QueueTime | undefined } | undefined;
}

/** If lists don't show queue time (OSS): the number of functions whose runs are read one by one, and of runs of each. */
const READ = 3;
const RUNS = { now: 12, past: 8 };

/** Adds queue times. For all functions if lists show them, otherwise for those that are slower or have a backlog. */
export async function rowsOf(
	looking: Looking,
	trends: readonly Trend[],
	backlogs: readonly Backlog[],
	[now, past]: readonly [Sample, Sample],
): Promise<Row[]> {
	const isSlow = ({ function: name, changes }: Trend): boolean =>
		changes.some(({ kind, worse }) => worse && kind !== "failures") || backlogs.some((one) => one.function === name);
	const chosen = trends.filter(isSlow).slice(0, READ);
	const waited = async (one: Trend, groups: ReturnType<typeof byFunction>, most: number) => {
		const own = groups.get(one.function)?.filter(({ status }) => status === "COMPLETED") ?? [];
		if (!own.some(startsInQueue)) return waitedIn(own);
		if (!chosen.includes(one)) return;
		const some = spread(own, Math.min(most, Math.floor(looking.left() / 2)));
		const read = await readEach(some, 6, ({ id }) => getRun(looking.api, id, false));
		return waitedIn([...read.values()]);
	};
	const [nowBy, pastBy] = [byFunction(now.runs), byFunction(past.runs)];
	const rows: Row[] = [];
	for (const one of trends) {
		const recent = await waited(one, nowBy, RUNS.now);
		rows.push({ ...one, waited: { now: recent, past: recent && (await waited(one, pastBy, RUNS.past)) } });
	}
	return rows;
}

function waitedIn(runs: readonly Run[]): QueueTime | undefined {
	const waits = runs
		.map((run) => (time(run.startedAt) ?? NaN) - (time(run.queuedAt) ?? NaN))
		.filter((ms) => ms >= 0)
		.sort((a, b) => a - b);
	const p95Ms = quantile(waits, 0.95);
	return p95Ms === undefined ? undefined : { p95Ms, of: waits.length };
}

/** Both windows, as far as they could be read, and what is waiting now. */
export async function readBoth(
	{ from, until }: Window,
	before: Window,
	filter: RunFilter,
	looking: Looking,
	{ isPast, isCloud }: { isPast: boolean; isCloud: boolean },
) {
	const { api, missing } = looking;
	const oldest = await oldestEver(looking, filter);
	const past = keptOf(before, oldest);
	// What waits now says nothing of a past window.
	const live = isPast ? { runs: [], cut: false } : await liveRuns(looking, filter);
	const [recent, earlier] = await Promise.all([
		readSpan(looking, filter, { from, until }),
		past ? readSpan(looking, filter, past) : { span: before, runs: [], covered: 0, whole: before.from },
	]);
	if (!recent.runs.length && !earlier.runs.length) await checkExists(api, filter);
	const apps = isCloud ? ((await listApps(api).catch(noted(missing, "When apps were synced"))) ?? []) : undefined;
	const waiting = live ? await backlogsOf(looking, live, recent) : { backlogs: [], more: [] };
	const names = live && !live.cut ? new Set(live.runs.map(functionOf)) : undefined;
	const rows = await rowsOf(looking, trendsOf(recent, earlier, names), waiting.backlogs, [recent, earlier]);
	return { oldest, past, recent, earlier, ...waiting, rows, syncs: apps?.flatMap(lastSyncOf) };
}

const msOf = (run: Run): number => tookOf(run)?.ms ?? -1;
/** Longest first. Without runs whose duration is unknown or that were stopped in a queue. */
export const longest = (runs: readonly Run[], most: number): Run[] =>
	runs
		.filter(tookOf)
		.sort((a, b) => msOf(b) - msOf(a))
		.slice(0, most);

/** Runs by status, and the longest. */
export interface Counted {
	byStatus: ReadonlyMap<string, number>;
	runs: Run[];
	reading: Reading;
}

/** Counts all runs of a list by status, up to `max`, and keeps the longest. */
export async function readCounted(
	context: Pick<Context, "api" | "progress" | "signal">,
	request: Request,
	most: { max: number; longest: number },
): Promise<Counted> {
	const byStatus = new Map<string, number>();
	let top: Run[] = [];
	const reading = await readRuns(context, request, { max: most.max, noun: "run" }, (run) => {
		addTo(byStatus, run.status);
		if (most.longest && top.push(run) > 1000) top = longest(top, most.longest);
	});
	return { byStatus, runs: longest(top, most.longest), reading };
}

/** A live run whose last attempt failed. */
export interface Retrying {
	run: Run;
	failure: Failure;
}

/** Traces read at most, and per function. */
export const MOST_TRACED = 10;
export const LIVE_EACH = 2;

/** Live runs that may fail soon: in an outage, retries hide failures for minutes to hours. */
export async function retryingIn(api: Api, { function: fn, app }: RunFilter, missing: string[]): Promise<Retrying[]> {
	const { data } = await listRuns(api, { function: fn, app, status: ["RUNNING"] }, { limit: 100 });
	const live = data.filter((run) => !hasEnded(run));
	const some = [...groupBy(live, functionOf).values()].flatMap((runs) => spread(runs, LIVE_EACH));
	const read = await inParallel(some.slice(0, MOST_TRACED), 5, async (run) => {
		const failure = lastFailure(await getTrace(api, run.id))?.failure;
		return failure && { run, failure };
	});
	if (read.some(({ error }) => error)) missing.push("Whether all live runs are retried could not be read.");
	return read.flatMap(({ value }) => value ?? []);
}

/** How many of the runs that began last are read. */
const BEGUN = 5;

/** The run that a throttle let begin last; with a key, of those with the first waiting run's. */
export async function begunBy(api: Api, [first]: readonly Run[], fn: Fn) {
	const limit = limitOf(fn, "throttle");
	if (!limit || !first) return;
	const begun: RunFilter = { function: refOfFn(fn), status: ["RUNNING", "COMPLETED", "FAILED"] };
	const { data } = await listRuns(api, begun, { limit: BEGUN });
	const [of] = (limit.key && eventsIn(await getTrace(api, first.id))) || [];
	const read = await readEach(data, BEGUN, async (run) => {
		const trace = await getTrace(api, run.id);
		const at = time(trace.startedAt);
		return at !== undefined && sameKey(limit.key, of, eventsIn(trace)?.[0]) ? { run, at } : undefined;
	});
	return [...read.values()].sort((a, b) => b.at - a.at)[0];
}

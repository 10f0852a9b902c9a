/** Reads what is shown of groups of failures: places, causes in invoked runs, replays, the past. */

import { type Cause, isOfInvoked } from "../decide/cause.ts";
import { kinOf, replayedAs } from "../decide/replayplan.ts";
import {
	affectedBy,
	causeIn,
	type FailedAt,
	Failures,
	type Group,
	type GroupStanding,
	groupStanding,
	type Member,
	ORDER,
	type Past,
	SAMPLES,
	type State,
	shortened,
	stateOf,
	whereOf,
} from "../decide/triage.ts";
import {
	allOf,
	endOf,
	eventOf,
	functionOf,
	inParallel,
	listRuns,
	listRunsRequest,
	type Run,
	type RunFilter,
	readEach,
	type Window,
	within,
} from "../inngest/api.ts";
import { eventsIn, type Link, ownIdsOf, usersOwn } from "../inngest/eventlist.ts";
import { type LastSync, lastSyncOf, listApps } from "../inngest/functions.ts";
import { type Failure, failureIn, getTrace } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { unread } from "../text/errors.ts";
import { unique } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { type Budget, counting, PAGE, readRuns } from "./lists.ts";
import { oldestEver } from "./past.ts";
import { siblingsOf, siblingsOfAll, type WantedRun } from "./siblings.ts";
import { type Root, rootOf } from "./story.ts";

/** A group and where its runs failed. */
export interface Located extends Group {
	/** Each place found in a trace. */
	where: FailedAt[];
	/** How many of its traces were read. */
	read: number;
	/** By which id of their events those runs differ, and its values. */
	affected?: ReturnType<typeof affectedBy>;
	/** Where its newest run's failure began, if in a run that it invoked. */
	root?: Root | "not found" | undefined;
}

/** What a member's trace shows. */
interface Look {
	member: Member;
	cause?: Cause | undefined;
	/** The ids in its event, or in its batch's first. */
	ids: Link[];
}

/** Cloud: the maximum number of requests for telling steps apart and finding replays, as rate limits are per account. */
const DETAILS = 30;
/** Maximums for a comparison: requests; pages of failures, now and before; requests to locate a group. */
const REQUESTS = 120;
export const PAGES = { now: 40, past: 20 };
const PLACE = 10;

/** Locates a group's failures by the traces of some. */
export async function locate(api: Api, group: Group, budget: Budget): Promise<Located> {
	const members = group.count <= SAMPLES ? group.recent : group.samples;
	const read = await readEach(members, 6, async (member): Promise<Look> => {
		const trace = await getTrace(api, member.run);
		const ids = eventsIn(trace)?.slice(0, 1).flatMap(usersOwn).flatMap(ownIdsOf) ?? [];
		return { member, cause: causeIn({ status: "FAILED", output: trace.output }, trace), ids };
	});
	const looks = [...read.values()];
	const places = looks.flatMap(({ cause }) => whereOf(cause) ?? []);
	const located: Located = {
		...group,
		where: unique(places, (place) => JSON.stringify(place)),
		read: places.length,
		affected: affectedBy(looks.map(({ ids }) => ids)),
	};
	return located.where.length > 1 ? located : withRoot(api, located, looks, budget);
}

/** About how many requests it takes: a list and some traces. */
const DESCENT = 4;

/** Follows the newest run's failure to the run that its failed step invoked. */
async function withRoot(api: Api, group: Located, looks: readonly Look[], budget: Budget): Promise<Located> {
	const cause = looks.find(({ member }) => member.run === group.example)?.cause;
	if (!cause || !isOfInvoked(cause)) return group;
	budget.left -= Math.max(0, Math.min(budget.left, DESCENT));
	const root = await rootOf(api, { id: group.example }, cause).catch(unread);
	return { ...group, root: root ?? "not found" };
}

/** Replays since of the events behind a group's newest failures. */
export interface Replays {
	/** Events looked up. */
	looked: number;
	succeeded: number;
	/** Replays that have not ended. */
	live: number;
	/** Replayed, but not successfully so far, and no replay is live. */
	again: number;
	/**
	 * Not looked up: `alone`, runs without an event, by which replays are found; `cron`, scheduled runs, which Inngest Cloud can't replay
	 * (documented).
	 */
	alone: number;
	cron: number;
	/** How many of the failures are themselves replays: their traces lack the steps that were kept (measured). */
	replays: number;
	/** Of `again`: those that are themselves replays, of runs that failed otherwise. */
	own: number;
	unread: number;
}

/** Counts a group's replays with at most `most` requests. Also answers how many it took. */
export async function countReplays(api: Api, group: Group, isCloud: boolean, most: number) {
	// Newest first: an event's newest failure stands for its earlier ones.
	const newest = new Map(group.recent.toReversed().map((member) => [member.event ?? member.run, member]));
	const counted = { succeeded: 0, live: 0, again: 0, alone: 0, cron: 0, replays: 0, own: 0 };
	const runs = new Set(group.recent.map(({ run }) => run));
	const wanted: WantedRun[] = [];
	for (const { event, run, cron } of newest.values())
		if (isCloud && cron) counted.cron++;
		else if (event === undefined) counted.alone++;
		else wanted.push({ run, event });
	const { found, failed, spent } = await siblingsOf(api, group.of, wanted, { most });
	for (const [run, all] of found) {
		const kin = kinOf({ id: run, trigger: all.find(({ id }) => id === run)?.trigger }, all);
		const { older, newer } = kin;
		const kind = replayedAs(kin);
		if (kind) counted[kind]++;
		if (older.length) counted.replays++;
		if (kind === "again" && !newer.length && !older.some(({ id }) => runs.has(id))) counted.own++;
	}
	const unread = failed.length;
	const looked = newest.size - wanted.length + found.size + unread;
	return { replays: { looked, ...counted, unread } satisfies Replays, spent };
}

/** Locates groups, counts their replays and, given a window, what completed since. */
export async function lookUp(api: Api, groups: readonly Group[], window: Window | undefined, isCloud: boolean) {
	const all = isCloud ? DETAILS : Infinity;
	const states = window ? Math.min(groups.length, all / 3) : 0;
	const budget = { left: all - states };
	const stateIn = window && (await statesOf(api, groups, window, { left: states }));
	const located = allOf(await inParallel(groups, 3, (group) => locate(api, group, budget)));
	const shown: { group: Located; replays: Replays; state: State | undefined }[] = [];
	for (const group of located) {
		// Requests that a group doesn't use are left for the next.
		const most = Math.floor(budget.left / (located.length - shown.length));
		const { replays, spent } = await countReplays(api, group, isCloud, most);
		budget.left -= spent;
		shown.push({ group, replays, state: stateIn?.(group) });
	}
	return shown;
}

/** What to compare: the window's failures (`read` of them; `isWhole` if those are all), and how many groups to show. */
interface Wanted {
	filter: RunFilter & { since: string; limit: number };
	window: Window;
	groups: readonly Group[];
	isWhole: boolean;
	read: number;
}

/** A group and whether it still fails. */
interface Going {
	group: Group;
	state: State;
}

/** Groups compared with the failures of the time before. */
export interface Comparison {
	past: Past;
	/** Why not all of the past was read; empty if it was. */
	stopped: string;
	/** When apps were last synced; undefined if the server doesn't say. */
	syncs: LastSync[] | undefined;
	/** All groups in display order; the first of them, located. */
	sorted: readonly { group: Group; standing: GroupStanding }[];
	top: readonly { group: Located; standing: GroupStanding; state: State }[];
	/** The groups that are gone: those shown, and all; undefined if not all of the window was read. */
	gone: readonly Going[];
	absent: readonly Going[] | undefined;
}

/** Reads the `length` (ms) before the window, and the state of the groups shown. */
export async function comparison(context: Context, facts: Wanted, length: number): Promise<Comparison> {
	const { filter, window, groups, isWhole } = facts;
	const budget = { left: REQUESTS - Math.ceil(facts.read / PAGE) };
	const counted = { ...context, api: counting(context.api, budget) };
	const { api } = counted;
	const { past, stopped } = await readPast(counted, facts, length);
	const syncs = context.target.kind === "cloud" ? (await listApps(api)).flatMap(lastSyncOf) : undefined;
	const all = groups.map((group) => ({ group, standing: groupStanding(group, past) }));
	const sorted = ORDER.flatMap((kind) => all.filter(({ standing }) => standing.kind === kind));
	const shown = sorted.slice(0, filter.limit);
	const absent = past.groups.filter(({ code }) => !groups.some((group) => group.code === code));
	const gone = isWhole ? absent.slice(0, Math.ceil(filter.limit / 2)) : [];
	const stateIn = await statesOf(api, [...shown.map(({ group }) => group), ...gone], window, budget);
	const may = Math.floor(budget.left / PLACE);
	const some = shown.slice(0, may).map(({ group }) => group);
	const places = await readEach(some, 3, (group) => locate(api, group, { left: 0 }));
	const going = (group: Group): Going => ({ group, state: stateIn(group) });
	const top = shown.map(({ group, standing }) => {
		return { group: places.get(group) ?? { ...group, where: [], read: 0 }, standing, state: stateIn(group) };
	});
	return { past, stopped, syncs, sorted, top, gone: gone.map(going), absent: isWhole ? absent.map(going) : undefined };
}

/** Reads the failures before the window. */
async function readPast(context: Context, { filter, window }: Wanted, length: number) {
	const { api } = context;
	const span = { from: window.from - length, until: window.from };
	const before = { ...filter, ...within(span) };
	const failures = new Failures();
	const asked = listRunsRequest(before, { limit: PAGE, includeOutput: "true" });
	const most = { max: PAGES.past * PAGE, noun: "failure", by: "--against" };
	const { stopped } = await readRuns(context, asked, most, (run) => {
		if (endOf(run) < window.from) failures.add(run);
	});
	// Also of runs from before that time: they show that the server has all of it.
	const ever = (await oldestEver({ api }, { app: filter.app, function: filter.function })) ?? window.from;
	const oldest = ever < window.from ? Math.max(span.from, ever) : undefined;
	const past: Past = {
		...span,
		groups: failures.list().map((one) => ({ ...one, cut: stopped !== "" })),
		isWhole: !stopped,
		oldest,
	};
	return { past, stopped };
}

/** The state of each group, from its function's runs that were queued after its last failure and completed. */
async function statesOf(api: Api, groups: readonly Group[], { until }: Window, budget: Budget) {
	const may = Math.max(0, budget.left);
	const found = await readEach(groups.slice(0, may), 3, async ({ of, last }) => {
		const after = { function: of, status: ["COMPLETED"] as const, ...within({ from: last, until }) };
		return (await listRuns(api, after, { limit: PAGE })).data.filter(({ status }) => status === "COMPLETED").length;
	});
	const states = new Map(groups.map((group) => [group.code, stateOf(group, until, found.get(group))]));
	return (group: Group): State => states.get(group.code) ?? { kind: "unread" };
}

/** How a failed run was replayed, and by which run. */
export interface Replayed {
	as: NonNullable<ReturnType<typeof replayedAs>>;
	run: string;
}

/** The maximum number of requests for finding replays on Inngest Cloud, as limits are per account. */
const LOOKS = 4;

/** Which failed runs were replayed since. `unread`: of how many that is unknown. */
export async function replaysOf({ api, target }: Pick<Context, "api" | "target">, runs: readonly Run[]) {
	const isCloud = target.kind === "cloud";
	// Cloud can't replay scheduled runs (documented).
	const failed = runs.filter(
		(run) => run.status === "FAILED" && eventOf(run) !== undefined && !(isCloud && run.trigger?.cronSchedule),
	);
	const told = new Map<Run, Replayed>();
	const { found } = await siblingsOfAll(api, failed, { most: isCloud ? LOOKS : Infinity });
	for (const run of failed) {
		const kin = kinOf(run, found.get(run.id) ?? []);
		const as = replayedAs(kin);
		const one = kin.newer.findLast(({ status }) => as !== "succeeded" || status === "COMPLETED");
		if (as && one) told.set(run, { as, run: one.id });
	}
	return { told, unread: failed.length - found.size };
}

/** Of how many failing functions the last error is told. */
const ERRORS = 5;

/** A function and how many of its runs failed. */
interface Failing {
	function: string;
	failed: number;
	error?: Failure | undefined;
}

/** Adds the last error of the functions that fail most, as far as the newest failures show it. */
export async function addErrors(api: Api, list: readonly Failing[], filter: RunFilter): Promise<void> {
	const failing = list.filter(({ failed }) => failed > 0).slice(0, ERRORS);
	const failures = { ...filter, status: ["FAILED"] as const, by: "endedAt" as const };
	const asked = failing.length ? await listRuns(api, failures, { limit: PAGE, includeOutput: "true" }) : { data: [] };
	for (const one of failing) {
		const last = asked.data.find((run) => run.status === "FAILED" && functionOf(run) === one.function);
		const error = last && failureIn(last.output);
		one.error = error && shortened(error);
	}
}

/** Finding the runs that a bulk intent is about: by id, or all that match a filter and a payload. */

import { allOf, type Event, inParallel, listRunsRequest, pages, Run, type RunFilter, type TimeField } from "./api.ts";
import { eventsIn, usersOwn } from "./batch.ts";
import { IN_FLIGHT } from "./bulk.ts";
import { isNotFound, UsageError } from "./errors.ts";
import { getEvent, type Matcher, payloadMatcher } from "./eventlist.ts";
import { checkExists, resolveFunction } from "./functions.ts";
import type { Context } from "./intent.ts";
import { type FunctionRef, LIVE, type Status } from "./params.ts";
import { getRun } from "./story.ts";
import { grouped } from "./text.ts";
import { getTrace } from "./trace.ts";

/** Runs handled in one call at most: a larger set needs a narrower filter. */
const LARGEST = 100_000;

/** Runs by id, or by what they have in common. */
export interface Selection extends RunFilter {
	status: readonly Status[];
	ids: readonly string[];
	/** What an event of the run must hold: see payloadMatcher(). */
	match?: string | undefined;
}

/** A run that was named and is left out, as it has another status, or for what `keep` goes by. */
export interface Other {
	run: Run;
	why: "status" | "group";
}

export interface Found {
	/** Oldest first. */
	runs: Run[];
	others: Other[];
	/** The function that was asked for, with its app. */
	function?: (FunctionRef & { app: string }) | undefined;
	/** Of a window: whether its runs are those that ended in it. */
	by?: TimeField | undefined;
	/** Runs whose events the server no longer has: whether they match can't be told. */
	unread: number;
	/** Runs of a batch whose first event, the one that a replay has, is not what matches: their ids. */
	notFirst: ReadonlySet<string>;
}

type Keep = (run: Run) => boolean;

/** All runs that match; an empty filter is refused, as it would mean "all". `output`: `keep` goes by the runs' outputs. */
export async function findRuns(
	selection: Selection,
	context: Context,
	keep: Keep = () => true,
	output = false,
): Promise<Found> {
	const { ids, match, ...filter } = selection;
	const filtered = [filter.function, filter.app, filter.since, filter.until].some((one) => one !== undefined);
	if (ids.length && (filtered || match !== undefined))
		throw new UsageError(
			"Runs are named by id or by filters, not both; nothing was changed.",
			"Leave one of them out.",
		);
	if (ids.length) return { ...(await namedRuns(ids, filter.status, context, keep)), unread: 0, notFirst: new Set() };
	if (!filtered)
		throw new UsageError(
			"An empty filter would mean every run; nothing was changed.",
			"Name runs by id, or --function, --app, --since or --until.",
		);
	const { api } = context;
	const fn = filter.function && (await resolveFunction(api, filter.function, filter.app));
	const full = { ...filter, function: fn };
	const runs = await listedRuns(full, context, keep, output);
	if (!runs.length) await checkExists(api, full);
	const found =
		match === undefined ? { runs, unread: 0, notFirst: new Set<string>() } : await matching(runs, match, context);
	const [list] = listsOf(full);
	return { ...found, others: [], function: fn, by: list?.by };
}

async function namedRuns(ids: readonly string[], status: readonly Status[], { api }: Context, keep: Keep) {
	const all = allOf(await inParallel([...new Set(ids)], IN_FLIGHT, (id) => getRun(api, id)));
	const fits = (run: Run) => status.some((one) => one === run.status);
	const runs = all.filter((run) => fits(run) && keep(run)).sort(byId);
	const others = all.filter((run) => !runs.includes(run));
	return { runs, others: others.map((run): Other => ({ run, why: fits(run) ? "group" : "status" })) };
}

const byId = (a: Run, b: Run): number => (a.id < b.id ? -1 : 1);

/** In a window, what has ended is asked for by its end, as it may have begun long before; what goes on by its start. */
function listsOf(filter: RunFilter & { status: readonly Status[] }): RunFilter[] {
	if (filter.since === undefined && filter.until === undefined) return [filter];
	const live = filter.status.filter((one) => LIVE.includes(one));
	const ended = filter.status.filter((one) => !LIVE.includes(one));
	const byEnd: RunFilter = { ...filter, status: ended, by: "endedAt" };
	return [...(ended.length ? [byEnd] : []), ...(live.length ? [{ ...filter, status: live }] : [])];
}

async function listedRuns(
	filter: RunFilter & { status: readonly Status[] },
	{ api, progress }: Context,
	keep: Keep,
	output: boolean,
): Promise<Run[]> {
	const runs = new Map<string, Run>();
	const more = { limit: 100, includeOutput: output ? "true" : undefined };
	for (const list of listsOf(filter))
		for await (const page of pages(api, listRunsRequest(list, more), Run)) {
			for (const run of page) if (keep(run)) runs.set(run.id, { ...run, output: undefined });
			if (runs.size > LARGEST)
				throw new UsageError(
					`More than ${grouped(LARGEST)} runs match; nothing was changed.`,
					"Narrow it with --since and --until.",
				);
			progress(`${grouped(runs.size)} runs found`);
		}
	return [...runs.values()].sort(byId);
}

/** Those of the runs that an event started whose payload holds the text, one of a batch's, too. */
async function matching(runs: readonly Run[], match: string, context: Context) {
	const { progress, signal } = context;
	const holds = payloadMatcher(match);
	let looked = 0;
	let trouble: unknown;
	const found = await inParallel(runs, IN_FLIGHT, async (run) => {
		if (signal.aborted) trouble = new UsageError("Interrupted; nothing was changed.", "Call again.");
		if (trouble !== undefined) return undefined;
		progress(`the events of ${grouped(++looked)} of ${grouped(runs.length)} runs read`);
		try {
			return matchOf(await eventsOf(run, context), holds);
		} catch (error) {
			if (!isNotFound(error)) trouble ??= error;
			return "unread";
		}
	});
	if (trouble !== undefined) throw trouble;
	const kinds = found.map(({ value }) => value);
	const of = (...wanted: Match[]) => runs.filter((_, i) => wanted.some((kind) => kind === kinds[i]));
	return {
		runs: of("first", "later"),
		unread: of("unread").length,
		notFirst: new Set(of("later").map(({ id }) => id)),
	};
}

/** Whether the first of a run's events matches, or another of its batch, or none. */
type Match = "first" | "later" | "none" | "unread";

function matchOf(events: readonly Event[] | undefined, holds: Matcher): Match {
	if (!events) return "unread";
	const at = events.findIndex((event) => usersOwn(event).some(holds));
	if (at < 0) return "none";
	return at ? "later" : "first";
}

/** All events of a run: a batch's are in its trace alone. */
async function eventsOf(run: Run, context: Context): Promise<Event[] | undefined> {
	if (run.trigger?.isBatch) return eventsIn(await getTrace(context.api, run.id));
	return Promise.all((run.trigger?.eventIds ?? []).map((id) => getEvent(context, id)));
}

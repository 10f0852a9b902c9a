/** Finds the runs for a bulk intent: by id, or all that match a filter and a payload. Also checks what sending an event would do. */

import { causeIn, isUnreachable } from "../decide/triage.ts";
import { whyOf } from "../decide/why.ts";
import { type Foresight, foresee, surpriseOf, timely } from "../gather/foresee.ts";
import { type Awaited, withAround } from "../gather/reach.ts";
import { listedEvents, siblingsOfAll } from "../gather/siblings.ts";
import {
	allOf,
	type Event,
	type Fn,
	getRun,
	inParallel,
	listRunsRequest,
	pages,
	Run,
	type RunFilter,
	readEach,
	refOf,
	type Span,
	type TimeField,
} from "../inngest/api.ts";
import { eventsIn, getEvent, payloadMatcher, usersOwn } from "../inngest/eventlist.ts";
import { checkExists, limitOf, resolveFunction, singletonMode } from "../inngest/functions.ts";
import { type Failure, getTrace } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import type { EventInput, Surprise } from "../sending/events.ts";
import { uncheckedLine } from "../tell/streamtext.ts";
import { foreseenLines, whyData } from "../tell/waittext.ts";
import { isNotFound, refusal } from "../text/errors.ts";
import { ENDS, isOf, isOneOf, LIVE, LONGEST_WAIT, type Status } from "../text/nouns.ts";
import { grouped, iso, type Line, type Lines, plural, time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { IN_FLIGHT } from "./bulk.ts";

const LARGEST = 100_000;

interface Filter extends RunFilter {
	status: readonly Status[];
}

/** Runs by id, or by a filter. */
export interface Selection extends Filter {
	ids: readonly string[];
	/** What an event of the run must contain (any of these): see payloadMatcher(). */
	match?: readonly string[] | undefined;
	/** Only this many, the newest; ended runs by their end. */
	newest?: number | undefined;
}

export interface Found {
	/** Oldest first. */
	runs: Run[];
	/** Runs that were named or listed, but omitted: `why` is their status, or the reason given by `keep`. */
	others: { run: Run; why: string | undefined }[];
	/** Whether a window selects runs by their end. */
	by?: TimeField | undefined;
	/** With several texts to match: those that no run has. */
	unmatched: readonly string[];
	/** The number of these, if older ones match too. */
	newest?: number | undefined;
	/** Runs whose events the server no longer has: whether they match is unknown. */
	unread: number;
	/** The ids of batch runs in which another event matches than the first, which is the one a replay gets. */
	notFirst: ReadonlySet<string>;
}

/** Whether a run is wanted, from the run and its output. */
export type Keep = (run: Run) => boolean;

/** All runs that match. Refuses an empty filter, which would mean "all". */
export async function findRuns(selection: Selection, context: Context, keep?: Keep): Promise<Found> {
	const { ids, match, newest, ...filter } = selection;
	const { since, until } = filter;
	const isGiven = (one: unknown) => one !== undefined;
	const filtered = [filter.function, filter.app, since, until, newest, match].some(isGiven);
	if (ids.length && filtered)
		throw refusal("Runs are named by id or by filters, not both", "Omit one of them.", "changed");
	const all = { others: [], unread: 0, unmatched: [], notFirst: new Set<string>() };
	if (ids.length) return { ...all, ...(await namedRuns(selection, context, keep)) };
	if (!filtered)
		throw refusal(
			"An empty filter would mean every run",
			"Name runs by id, or --function, --app, --match, --since or --until.",
			"changed",
		);
	const fn = filter.function && (await resolveFunction(context.api, filter.function, filter.app));
	const full = { ...filter, function: fn };
	const lists = listsOf(full, [since, until, newest].some(isGiven));
	// One more than wanted shows whether there are more; with `match`, all must be read.
	const enough = newest === undefined || match !== undefined ? Infinity : newest + 1;
	const { runs, others } = await listedRuns(lists, context, keep, enough);
	if (!runs.length && !others.length) await checkExists(context.api, full);
	const found = match === undefined ? { runs } : await matching(runs, match, context);
	const known = { ...all, ...found, others, by: lists[0]?.by };
	if (newest === undefined || found.runs.length <= newest) return known;
	return { ...known, runs: found.runs.toSorted(newestFirst).slice(0, newest).sort(byId), newest };
}

const lastOf = (run: Run): number =>
	time(isOneOf(ENDS, run.status) ? run.endedAt : run.queuedAt) ?? time(run.queuedAt) ?? 0;
const newestFirst = (a: Run, b: Run): number => lastOf(b) - lastOf(a) || byId(b, a);

async function namedRuns({ ids, status }: Selection, { api }: Context, keep?: Keep) {
	const all = allOf(await inParallel([...new Set(ids)], IN_FLIGHT, (id) => getRun(api, id)));
	const has = (run: Run) => isOneOf(status, run.status);
	const runs = all.filter((run) => has(run) && (!keep || keep(run)));
	const left = all.filter((run) => !runs.includes(run));
	const others = left.map((run) => ({ run, why: has(run) ? "of another group" : run.status }));
	return { runs: runs.sort(byId), others };
}

const byId = (a: Run, b: Run): number => (a.id < b.id ? -1 : 1);

/** `byTime`: ended runs are listed by their end, as they may have begun long before; others by their start. */
function listsOf(filter: Filter, byTime: boolean): Filter[] {
	if (!byTime) return [filter];
	const of = (ended: boolean) => filter.status.filter((one) => ENDS.includes(one) === ended);
	const lists: Filter[] = [
		{ ...filter, status: of(true), by: "endedAt" },
		{ ...filter, status: of(false) },
	];
	return lists.filter(({ status }) => status.length);
}

/**
 * Whether a run was asked for. Servers ignore query parameters they don't know (measured: v1.43 ignores CEL), so no other listed run is
 * acted on.
 */
function isAsked(run: Run, { app, function: fn, status, since, until, by }: Filter): boolean {
	const at = time(by === "endedAt" ? run.endedAt : run.queuedAt);
	// OSS can't always tell these two apart.
	const isLive = isOneOf(LIVE, run.status) && status.some((one) => LIVE.includes(one));
	return (
		(app === undefined || run.app.id === app) &&
		(fn === undefined || isOf(fn, refOf(run))) &&
		(isLive || isOneOf(status, run.status)) &&
		// OSS compares the time when its queue picked up the run, up to 1.7 s after it was queued (measured), in nanoseconds.
		(at === undefined || (at > (time(since) ?? 0) - 2000 && at < (time(until) ?? at) + 1000))
	);
}

async function listedRuns(
	lists: readonly Filter[],
	{ api, progress }: Context,
	keep: Keep | undefined,
	enough: number,
) {
	const runs = new Map<string, Run>();
	const others: Found["others"] = [];
	const more = { limit: 100, includeOutput: keep && "true" };
	for (const list of lists) {
		const before = runs.size;
		for await (const page of pages(api, listRunsRequest(list, more), Run)) {
			for (const run of page)
				if (!isAsked(run, list)) others.push({ run, why: "not what was asked for" });
				else if (!keep || keep(run)) runs.set(run.id, { ...run, output: undefined });
			if (runs.size > LARGEST)
				throw refusal(`More than ${grouped(LARGEST)} runs match`, "Narrow it with --since and --until.", "changed");
			progress(`${grouped(runs.size)} runs found`);
			if (runs.size - before >= enough) break;
		}
	}
	return { runs: [...runs.values()].sort(byId), others };
}

/** The runs started by an event, or a batch with an event, whose payload contains a text. */
async function matching(runs: readonly Run[], match: readonly string[], context: Context) {
	const { progress } = context;
	const matchers = match.map(payloadMatcher);
	const met = new Set<string>();
	// Checks each text against each event, to report texts that no event has.
	const holds = (event: Event) => match.filter((text, i) => matchers[i]?.(event) && met.add(text)).length > 0;
	let looked = 0;
	let trouble: unknown;
	const listed = await listedEvents(context, runs);
	const found = await inParallel(runs, IN_FLIGHT, async (run) => {
		if (trouble !== undefined) return;
		progress(`the events of ${grouped(++looked)} of ${grouped(runs.length)} runs read`);
		try {
			const events = await eventsOf(run, context, listed);
			return events?.map((event) => usersOwn(event).filter(holds).length > 0).indexOf(true);
		} catch (error) {
			if (!isNotFound(error)) trouble ??= error;
			return;
		}
	});
	if (trouble !== undefined) throw trouble;
	const from = (first: number) => runs.filter((_, i) => (found[i]?.value ?? -1) >= first);
	return {
		runs: from(0),
		unmatched: match.length > 1 ? match.filter((text) => !met.has(text)) : [],
		unread: found.filter(({ value }) => value === undefined).length,
		notFirst: new Set(from(1).map(({ id }) => id)),
	};
}

/** A batch's events are only in its trace. */
async function eventsOf(run: Run, context: Context, listed: Map<string, Event>): Promise<Event[] | undefined> {
	if (run.trigger?.isBatch) return eventsIn(await getTrace(context.api, run.id));
	return Promise.all((run.trigger?.eventIds ?? []).map((id) => listed.get(id) ?? getEvent(context, id)));
}

/** Each run with its siblings. Throws if any could not be read. All runs must have events. */
export async function withSiblings(api: Api, runs: readonly Run[], done: () => void): Promise<[Run, Run[]][]> {
	const { found, failed } = await siblingsOfAll(api, runs, { done });
	return runs.map((run) => {
		const all = found.get(run.id);
		if (!all) throw failed[0];
		return [run, all];
	});
}

/** What is said before an event is sent: in a plan (`surprise`) or with the result (`note`); and what listens, if all was read. */
export interface Warned {
	surprise?: Surprise | undefined;
	/** The live runs that it may cancel. */
	cancels?: readonly string[];
	note?: Lines;
	unchecked?: Line;
	/** No known function listens to it and no known run waits for it, or its runs start much later. get-event shows what it did. */
	unawaited?: boolean;
	/** None of its runs starts within the time for a wait. */
	late?: boolean;
	listening?: Awaited["listening"];
	/** The same for `--json`. */
	data?: unknown;
}

export async function warned(context: Context, event: EventInput): Promise<Warned> {
	// What can be read may be from another environment.
	if (context.doubt !== undefined || context.curl) return {};
	const foreseen = await foresee(context, event);
	if (!foreseen) return { unchecked: uncheckedLine(foreseen) };
	const seen = await withDrops(context, event, foreseen);
	const what = surpriseOf(seen, context.target.kind === "dev");
	// Without a cause, it has just not started yet.
	const misses = seen.why.misses.filter(({ causes }) => causes.some(({ kind }) => kind !== "late"));
	const why = { ...seen.why, misses };
	const lines = foreseenLines({ ...seen, why }, event, context.now);
	const listening = seen.unread.length ? undefined : seen;
	const unheard = seen.why.nobody !== undefined && !seen.awaited && !seen.unread.length;
	const until = { unawaited: unheard || seen.delay > LONGEST_WAIT, late: seen.delay > context.timeout, listening };
	const cancels = seen.cancels.map(({ run }) => run.id);
	if (what) return { surprise: { lines, set: cancels }, cancels, ...until };
	const note = unheard || !why.nobody ? lines : [];
	const data = note.length ? whyData(why).why : undefined;
	return { note, unchecked: !unheard && uncheckedLine(seen), ...until, data };
}

/** Adds what a function's own limit would drop, from its runs and their events. Reads only functions with such a limit. */
async function withDrops(context: Context, sent: EventInput, seen: Foresight): Promise<Foresight> {
	const { now } = context;
	const functions = seen.functions.filter(drops);
	const event = { ...sent, internal_id: "", id: "", received_at: iso(now) };
	const facts = { ...seen, event, runs: [], now };
	const { around } = await withAround({ ...context, api: timely(context) }, { ...facts, functions });
	return around ? { ...seen, around, why: whyOf({ ...facts, around }) } : seen;
}

const drops = (fn: Fn): boolean => limitOf(fn, "rateLimit") !== undefined || singletonMode(fn) === "SKIP";

/** Of the newest 20, runs that the server failed after their function had returned: only traces show that. */
export async function returnedLine(
	runs: readonly Run[],
	errors: ReadonlyMap<string, Failure>,
	context: Context,
	known?: ReadonlyMap<string, Span>,
): Promise<Line> {
	const mayBe = (failure?: Failure) => failure && !failure.at && !isUnreachable(failure);
	const checked = runs.filter(({ id }) => mayBe(errors.get(id))).slice(-20);
	const timed = timely(context);
	const traces = await readEach(checked, 6, async ({ id }) => known?.get(id) ?? getTrace(timed, id));
	const read = [...traces.values()];
	if (checked.length && !read.length) return "Whether some had already returned could not be read.";
	const done = read.filter((trace) => causeIn(trace, trace)?.kind === "returned").length;
	const of = `Of ${plural(read.length, "run")} checked, ${done}`;
	return done > 0 && `${of} failed in the server after the function had returned: a replay repeats work that was done.`;
}

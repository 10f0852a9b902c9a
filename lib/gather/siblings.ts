/**
 * A run and its replays, for one run or for many with the fewest requests; the events of many runs; the runs that an event cancelled or
 * spared; what may have cancelled a run.
 */
import { sameKey } from "../decide/cel.ts";
import { readsOn, Shown, SLACK } from "../decide/replayplan.ts";
import { CANCELS_WITHIN, cancelTruth, sparedAs, sparedTruth } from "../decide/schedules.ts";
import {
	type Around,
	type CancelledBy,
	cancelledAs,
	cancelsBy,
	type Found,
	type Nobody,
	receivedAt,
	type Spared,
} from "../decide/why.ts";
import {
	type Event,
	eventOf,
	type Fn,
	functionOf,
	hasEnded,
	inParallel,
	listRuns,
	listRunsRequest,
	MOST_RUNS,
	pages,
	Run,
	refOf,
	refOfFn,
	runsOfEvent,
	type Span,
	within,
} from "../inngest/api.ts";
import { eventPages, eventsIn, eventsNear, eventsOf, getEvent } from "../inngest/eventlist.ts";
import { cancelNames, limitOf } from "../inngest/functions.ts";
import { getTrace } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { unread } from "../text/errors.ts";
import { type FunctionRef, isOf, LIVE, timeOfId } from "../text/nouns.ts";
import { groupBy, iso, time, unique } from "../text/text.ts";
import type { Api } from "../wire/client.ts";

/** The runs of the same function that the run's event started, newest first. The original and every replay, unless `missing` says otherwise. */
export async function siblings(api: Api, run: Run, missing: string[]): Promise<Run[]> {
	const event = eventOf(run);
	return event === undefined ? [run] : ofEvent(api, refOf(run), event, missing);
}

async function ofEvent(api: Api, fn: FunctionRef, event: string, missing: string[]): Promise<Run[]> {
	const runs = await runsOfEvent(api, event);
	if (runs.length >= MOST_RUNS)
		missing.push(`The newest ${runs.length} runs of its event were read: the original or replays may be older.`);
	return runs.filter((one) => isOf(fn, refOf(one)));
}

/** A run whose siblings are wanted, with its event's id. */
export interface WantedRun {
	run: string;
	event: string;
}

export interface Siblings {
	/** By the requested run's id. */
	found: Map<string, Run[]>;
	/** An error for each run whose siblings could not be read. */
	failed: unknown[];
	/** About how many requests it took: an event with over 40 runs takes more than one. */
	spent: number;
}

export interface Effort {
	/** The maximum number of requests; newest events first. */
	most?: number;
	/** Called for each run whose siblings are known. */
	done?: () => void;
}

/**
 * The siblings of many runs of one function, newest event first. Lists the function's runs since the oldest event while that is cheaper
 * than asking event by event, and asks for the rest. Both are exact: OSS answers both by the same query (its source, v1.43), and a list
 * counts only for runs that it shows and events that it reaches back past.
 */
export async function siblingsOf(
	api: Api,
	fn: FunctionRef,
	wanted: readonly WantedRun[],
	{ most = Infinity, done }: Effort = {},
): Promise<Siblings> {
	const found = new Map<string, Run[]>();
	const settle = (run: string, runs: Run[]) => {
		found.set(run, runs);
		done?.();
	};
	const sorted = wanted.map((one) => ({ ...one, at: timeOfId(one.event) || 0 })).sort((a, b) => b.at - a.at);
	const left = () => sorted.filter(({ run }) => !found.has(run));
	let spent = 0;
	try {
		if (fn.app && sorted.length > FEW) spent = await byList(api, fn, sorted, most, settle);
	} catch (error) {
		return { found, failed: left().map(() => error), spent };
	}
	const rest = left().slice(0, Math.max(0, most - spent));
	const results = await inParallel(rest, 8, async ({ run, event }) => settle(run, await ofEvent(api, fn, event, [])));
	const failed = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
	return { found, failed, spent: spent + rest.length };
}

/** A run and when its event was received, in ms. */
interface Timed extends WantedRun {
	at: number;
}

/** Settles what a list shows, while reading on pays; returns the number of pages read. */
async function byList(
	api: Api,
	fn: FunctionRef,
	sorted: readonly Timed[],
	most: number,
	settle: (run: string, runs: Run[]) => void,
): Promise<number> {
	// An event younger than its run doesn't tell how far back the list must go.
	const listable = sorted.filter(({ run, at }) => at > 0 && at <= timeOfId(run) + SLACK);
	const oldest = listable.at(-1);
	if (!oldest || most < 1) return 0;
	const shown = new Shown(listable.map(({ event }) => event));
	const since = iso(oldest.at - SLACK);
	let settled = 0;
	const settleShown = (ended: boolean) => {
		for (const one of listable.slice(settled)) {
			if (!ended && !shown.reaches(one)) return;
			settled++;
			if (shown.covers(one)) settle(one.run, shown.of(one.event));
		}
	};
	let read = 0;
	for await (const page of pages(api, listRunsRequest({ function: fn, since }, { limit: 100 }), Run)) {
		read++;
		for (const run of page) if (isOf(fn, refOf(run))) shown.add(run);
		settleShown(false);
		const left = listable.slice(settled).map(({ at }) => at - SLACK);
		if (!readsOn(left, { newest: shown.newest, oldest: shown.oldest, pages: read }, most)) return read;
	}
	settleShown(true);
	return read;
}

/** Up to this many are requested one by one. */
export const FEW = 10;
type Reader = Pick<Context, "api" | "clock" | "now" | "signal" | "target">;

/** Events by id, as far as lists show them more cheaply than single requests. The caller requests the rest. */
export async function listedEvents(context: Reader, runs: readonly Run[]): Promise<Map<string, Event>> {
	const found = new Map<string, Event>();
	/** By name. OSS doesn't give it with a run; a batch's events are in its trace. */
	const alone = runs.filter(({ trigger }) => !trigger?.isBatch);
	const all = [...groupBy(alone, (run) => run.trigger?.eventName ?? functionOf(run)).values()];
	const few = all.filter(({ length }) => length <= FEW).flat();
	try {
		for (const group of all) if (group.length > FEW) await listInto(found, context, group, true);
		await listInto(found, context, few, false);
	} catch (error) {
		// The caller's requests for the rest will show it.
		unread(error);
	}
	return found;
}

/** `alike`: their events have the same name. */
async function listInto(
	found: Map<string, Event>,
	context: Reader,
	runs: readonly Run[],
	alike: boolean,
): Promise<void> {
	const wanted = new Set(runs.flatMap(({ trigger }) => trigger?.eventIds ?? []));
	const ids = [...wanted].filter(timeOfId).sort().reverse();
	const [newest] = ids;
	if (newest === undefined || ids.length <= FEW) return;
	const name = alike ? (runs[0]?.trigger?.eventName ?? (await getEvent(context, newest)).name) : undefined;
	const filter = { name, cursor: newest.slice(0, 10).padEnd(26, "Z") };
	let next = 0;
	let pages = 0;
	for await (const page of eventPages(context, filter)) {
		for (const event of page) if (wanted.has(event.internal_id)) found.set(event.internal_id, event);
		const last = page.at(-1)?.internal_id ?? newest;
		while ((ids[next] ?? "") >= last) next++;
		const read = { newest: timeOfId(newest), oldest: timeOfId(last), pages: ++pages };
		if (context.signal.aborted || !readsOn(ids.slice(next).map(timeOfId), read, Infinity)) return;
	}
}

/** The maximum number of functions whose cancelled runs are read. */
const CANCELS = 5;

/** Whether its event came by `at` (ms): a busy server queues the run seconds later (measured). */
export const cameBy = (run: Run, at: number): boolean =>
	(time(run.queuedAt) ?? 0) <= at || timeOfId(eventOf(run) ?? "") <= at;

/** The runs cancelled just after an event that cancels such runs. */
export async function cancelledBy(
	context: Pick<Context, "api" | "clock" | "target">,
	event: Event,
	cancels: Nobody["cancels"],
): Promise<Found<CancelledBy>> {
	const at = receivedAt(event);
	// OSS lists a cancelled run's end 10 s late (measured).
	const listed = at + (context.target.kind === "cloud" ? 0 : 10_000);
	const window = within({ from: listed - 1_000, until: listed + CANCELS_WITHIN });
	return ofEach(cancels, async (fn, own) => {
		const filter = { function: refOfFn(fn), status: ["CANCELLED"], by: "endedAt" } as const;
		const { data, page } = await listRuns(context.api, { ...filter, ...window }, { limit: 20 });
		const ended = data.filter((run) => cameBy(run, at));
		const isKeyed = own.some(({ cancellation }) => cancellation.condition);
		const by = isKeyed ? await eventsOf(context, ended) : new Map<string, Event>();
		const cancelled = ended.flatMap((run) => byThem(own, run, by.get(eventOf(run) ?? ""), event));
		return { found: cancelled, whole: !page?.cursor };
	});
}

const byThem = (own: Nobody["cancels"], run: Run, of: Event | undefined, by: Event): CancelledBy[] =>
	cancelledAs(
		run,
		own.map(({ cancellation }) => cancelTruth(cancellation, run, of, by)),
	);

/** What is found of the first functions, by their cancellations. */
async function ofEach<T>(
	cancels: Nobody["cancels"],
	find: (fn: Fn, own: Nobody["cancels"]) => Promise<Found<T>>,
): Promise<Found<T>> {
	const groups = [...groupBy(cancels, ({ fn }) => fn)];
	const read = await inParallel(groups.slice(0, CANCELS), 3, (group) => find(...group));
	return {
		found: read.flatMap(({ value }) => value?.found ?? []),
		whole: groups.length === read.length && read.every(({ value }) => value?.whole),
	};
}

/** A function's runs that an event found under way, each with each cancellation. */
async function foundBy(api: Api, fn: Fn, own: Nobody["cancels"], at: number): Promise<Found<Spared>> {
	const of = { function: refOfFn(fn) };
	const ended = { since: iso(at), by: "endedAt", status: ["COMPLETED", "FAILED"] } as const;
	const [live, over] = await Promise.all([
		// OSS goes by when a queue took up the run, seconds later (measured).
		listRuns(api, { ...of, status: LIVE, until: iso(at + 10_000) }, { limit: 20 }),
		listRuns(api, { ...of, ...ended }, { order: "ASC", limit: 100 }),
	]);
	const runs = [...live.data, ...over.data.filter(hasEnded)].filter((run) => cameBy(run, at));
	const found = runs.flatMap((run) => own.map(({ cancellation }): Spared => ({ run, of: undefined, cancellation })));
	return { found, whole: !live.page?.cursor && !over.page?.cursor };
}

/**
 * The runs that an event spared. It came too late, or before they were queued, or its condition is false of their event (of `most` that are
 * read); and runs still live although it should have cancelled them.
 */
export async function sparedBy(
	{ api, clock }: Pick<Context, "api" | "clock">,
	by: Event,
	cancels: Nobody["cancels"],
	most: number,
): Promise<Found<Spared>> {
	const at = receivedAt(by);
	const { found, whole } = await ofEach(cancels, (fn, own) => foundBy(api, fn, own, at));
	const isOut = (one: (typeof found)[number]) => Number(sparedTruth(one, by) === false);
	const keyed = found.filter(({ cancellation }) => cancellation.condition).sort((a, b) => isOut(a) - isOut(b));
	const runs = unique(keyed, ({ run }) => run.id).map(({ run }) => run);
	const events = await eventsOf({ api, clock }, runs.slice(0, most));
	const read = found.map((one) => ({ ...one, of: events.get(eventOf(one.run) ?? "") }));
	const isOver = clock.now() > at + CANCELS_WITHIN;
	const told = [...groupBy(read, ({ run }) => run.id).values()].flatMap((own) => sparedAs(own, by, isOver));
	told.sort((a, b) => Number(b.matches ?? false) - Number(a.matches ?? false));
	// If it came too late for what it was meant for, it was not meant for others.
	const isMissed = read.some((one) => sparedTruth(one, by) === false && sparedTruth(one, by, null));
	return {
		found: told.filter(({ matches, of }) => !isMissed || matches || !of),
		whole: whole && read.every((one) => !one.cancellation.condition || one.of || sparedTruth(one, by) === false),
	};
}

/** How many traces are read to find a run. */
export const TRIED = 6;

/** An event that came shortly before a run was cancelled, at `at` (ms); `sure`: it cancels such a run, otherwise it may. */
export interface Cancelling {
	id: string;
	name: string;
	at: number;
	sure: boolean;
}

/** A run and its trace. */
interface Ended {
	run: Run;
	trace: Span | undefined;
}

/** The five events nearest to its end that cancelled it or may have, by the same rule as get-event. */
export async function cancellingOf(
	api: Api,
	{ run, trace }: Ended,
	fn: Fn | undefined,
	end: number,
): Promise<Cancelling[]> {
	const [of] = eventsIn(trace) ?? [];
	const near = await eventsNear(api, cancelNames(fn), end, CANCELS_WITHIN);
	return near
		.flatMap((by) => {
			const { internal_id: id, name } = by;
			const at = receivedAt(by);
			const own = cameBy(run, at) && fn ? cancelsBy([fn], name) : [];
			return byThem(own, run, of, by).map(({ sure }) => ({ id, name, at, sure }));
		})
		.sort((a, b) => b.at - a.at)
		.slice(0, 5);
}

/** The next run with its key: queued up to 0.4 s before this one's end or just after; `until` goes by a later time (both measured). */
export async function newerOf(api: Api, { run, trace }: Ended, fn: Fn, end: number): Promise<Run | null | undefined> {
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

/** A function's runs before and just after an event; with a debounce, also the next ones. */
export async function runsAround(api: Api, fn: Fn, at: number): Promise<Pick<Around, "runs" | "whole">> {
	const filter = { function: refOfFn(fn) };
	const [earlier, next] = await Promise.all([
		// A busy server queues an event's run seconds later (5.9 s measured).
		listRuns(api, { ...filter, until: iso(at + 10_000) }, { limit: 100 }),
		limitOf(fn, "debounce") ? listRuns(api, { ...filter, since: iso(at) }, { order: "ASC", limit: 100 }) : undefined,
	]);
	return { runs: [...(next?.data ?? []).toReversed(), ...earlier.data], whole: !earlier.page?.cursor };
}

/**
 * A run and its replays, for one run or for many with the fewest requests; the events of many runs; the runs that an event cancelled or
 * spared; events that may have cancelled a run.
 */
import type { Truth } from "../decide/cel.ts";
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
	type RunFilter,
	refOf,
	refOfFn,
	runsOfEvent,
	type Span,
	within,
} from "../inngest/api.ts";
import { eventPages, eventsIn, eventsNear, eventsOf, getEvent } from "../inngest/eventlist.ts";
import { cancelNames, limitOf } from "../inngest/functions.ts";
import type { Context } from "../intent.ts";
import { expected, unread } from "../text/errors.ts";
import { type FunctionRef, isOf, LIVE, timeOfId } from "../text/nouns.ts";
import { groupBy, iso, time, unique } from "../text/text.ts";
import type { Api } from "../wire/client.ts";

/** The runs of the same function that the run's event started, newest first. The original and every replay, unless `missing` says otherwise. */
export async function siblings(api: Api, run: Run, missing: string[]): Promise<Run[]> {
	const event = eventOf(run);
	if (event === undefined) return [run];
	const runs = await runsOfEvent(api, event);
	if (runs.length >= MOST_RUNS)
		missing.push(`The newest ${runs.length} runs of its event were read: the original or replays may be older.`);
	return ofFunction(refOf(run), runs);
}

const ofFunction = (fn: FunctionRef, runs: readonly Run[]): Run[] => runs.filter((run) => isOf(fn, refOf(run)));

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
	done?: (() => void) | undefined;
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
	const settle = (run: string, runs: readonly Run[]) => {
		found.set(run, ofFunction(fn, runs));
		done?.();
	};
	const sorted = wanted.map((one) => ({ ...one, at: timeOfId(one.event) || 0 })).sort((a, b) => b.at - a.at);
	// An event younger than its run doesn't tell how far back the list must go.
	const isListable = ({ run, at }: (typeof sorted)[number]) => at > 0 && at <= timeOfId(run) + SLACK;
	const listable = fn.app && sorted.length > FEW ? sorted.filter(isListable) : [];
	const { shown, ended, read, error } = await readShown(api, listable, { of: { function: fn }, most });
	for (const one of listable)
		if ((ended || shown.reaches(one)) && shown.covers(one)) settle(one.run, shown.of(one.event));
	const left = sorted.filter(({ run }) => !found.has(run));
	if (error) return { found, failed: left.map(() => error), spent: read };
	const rest = left.slice(0, Math.max(0, most - read));
	const results = await inParallel(rest, 8, async ({ run, event }) => settle(run, await runsOfEvent(api, event)));
	const failed = results.flatMap((one) => one.error ?? []);
	return { found, failed, spent: read + rest.length };
}

/** The same of runs of several functions, all with events. */
export async function siblingsOfAll(api: Api, runs: readonly Run[], { most = Infinity, done }: Effort) {
	const known = new Map<string, Run[]>();
	const errors: unknown[] = [];
	let left = most;
	for (const own of groupBy(runs, functionOf).values()) {
		const wanted = own.map((run) => ({ run: run.id, event: eventOf(run) ?? "" }));
		const { found, failed, spent } = await siblingsOf(api, refOf(own[0]), wanted, { most: left, done });
		left -= spent;
		for (const [run, all] of found) known.set(run, all);
		errors.push(...failed);
	}
	return { found: known, failed: errors };
}

/** What to list: runs of a filter, with what they returned if `output`; at most `most` pages. */
interface Listing {
	of?: RunFilter;
	output?: boolean;
	most?: number;
}

/**
 * Lists the runs since the oldest of some events (newest first; `at`: when each came, in ms), as far as that is cheaper than asking for
 * each; `ended`: all of them, as far as was worth it; `error`: why not.
 */
export async function readShown(
	api: Api,
	events: readonly { event: string; at: number }[],
	{ of = {}, output, most = Infinity }: Listing,
) {
	const shown = new Shown(events.map(({ event }) => event));
	const since = iso((events.at(-1)?.at ?? 0) - SLACK);
	const request = listRunsRequest({ ...of, since }, { limit: 100, includeOutput: output ? "true" : undefined });
	let [read, ended] = [0, true];
	try {
		for await (const page of events.length && most > 0 ? pages(api, request, Run) : []) {
			for (const run of page) shown.add(run);
			const left = events.filter((one) => !shown.reaches(one)).map(({ at }) => at - SLACK);
			const { newest, oldest } = shown;
			ended = readsOn(left, { newest, oldest, pages: ++read }, most);
			if (!ended) break;
		}
		return { shown, ended, read };
	} catch (error) {
		expected(error);
		return { shown, ended: false, read, error };
	}
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
		const ended = data.filter((run) => run.status === "CANCELLED" && cameBy(run, at));
		return { found: await hitBy(context, ended, (run, of) => truthsOf(own, run, of, event)), whole: !page?.cursor };
	});
}

/** Which of these runs are hit or may be, by what cancels them; their events are read where these decide. */
export async function hitBy(
	source: Pick<Context, "api" | "clock">,
	runs: readonly Run[],
	truths: (run: Run, of?: Event) => Truth[],
): Promise<CancelledBy[]> {
	// A timeout may rule some out.
	const may = runs.flatMap((run) => cancelledAs(run, truths(run)));
	const open = may.flatMap(({ run, sure }) => (sure ? [] : run));
	const events = await eventsOf(source, open);
	return may.flatMap(({ run }) => cancelledAs(run, truths(run, events.get(eventOf(run) ?? ""))));
}

const truthsOf = (own: Nobody["cancels"], run: Run, of: Event | undefined, by: Event): Truth[] =>
	own.map(({ cancellation }) => cancelTruth(cancellation, run, of, by));

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
			return cancelledAs(run, truthsOf(own, run, of, by)).map(({ sure }) => ({ id, name, at, sure }));
		})
		.sort((a, b) => b.at - a.at)
		.slice(0, 5);
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

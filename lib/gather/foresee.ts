/** What sending an event would do, and what events have started, from a list. */

import { isBare, likeliest, noteWaits, type Waited, waitOf } from "../decide/cause.ts";
import { listeners, sameKey, type Truth, truthOf } from "../decide/cel.ts";
import { type Shown, SLACK } from "../decide/replayplan.ts";
import { cancelTruth, heldFor, startsIn } from "../decide/schedules.ts";
import {
	type CancelledBy,
	cancelsBy,
	type Facts,
	type Found,
	isNew,
	isSettled,
	type Listening,
	mayStart,
	type Nobody,
	receivedAt,
	type Waiter,
	type Why,
	whyOf,
} from "../decide/why.ts";
import { nearest } from "../gate/manifest.ts";
import {
	type Event,
	type Fn,
	hasEnded,
	inParallel,
	listRuns,
	listRunsRequest,
	type Run,
	type RunFilter,
	readEach,
	refOf,
	refOfFn,
} from "../inngest/api.ts";
import { eventPages, eventsIn } from "../inngest/eventlist.ts";
import { cancelsOthers, functionsOf, isIdle, limitOf } from "../inngest/functions.ts";
import { ifLive } from "../inngest/place.ts";
import { getTrace } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { elsewhere } from "../sending/events.ts";
import { unread } from "../text/errors.ts";
import { type FunctionRef, isOf, LIVE } from "../text/nouns.ts";
import { groupBy, iso } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import type { Request } from "../wire/request.ts";
import { FEW, hitBy, readShown } from "./siblings.ts";
import { getJobs } from "./story.ts";

/** What is known before an event is sent. */
export interface Foresight extends Listening, Pick<Facts, "around"> {
	why: Why;
	/** The live runs that it would cancel; `sure`: its condition or key is true of the run's event. */
	cancels: readonly CancelledBy[];
	/** Functions whose live runs were not all read: it may cancel more of them. */
	unchecked: readonly Fn[];
	/** If nobody listens: whether it may resume a live run; undefined if uncertain. */
	awaited: boolean | undefined;
	/** In how many ms its runs start at the earliest. */
	delay: number;
	/** Whether an event of that name came before, if the rest is uncertain: then the name is no typo. */
	known: boolean;
}

/**
 * What is probably unintended: that sending cancels live runs, or starts nothing. A dev server without functions is not surprising: its app
 * has not connected yet.
 */
export function surpriseOf(
	{ why, cancels, awaited, known, functions }: Foresight,
	isDev: boolean,
): "cancels" | "nothing" | undefined {
	if (cancels.length) return "cancels";
	const { nobody } = why;
	if (!isSettled(why) || awaited === true || (isDev && !functions.length)) return;
	if (!nobody || awaited === false || nobody.cancels.length) return "nothing";
	return nobody.near !== undefined && !known ? "nothing" : undefined;
}

/** Limits on what is read before sending: time in ms, apps, live runs, event names. */
const LONGEST = 5_000;
const MOST_APPS = 10;
const MOST_LIVE = 20;
const MOST_NAMES = 100;

/** An event known only by name: whether no function listens to it, and the functions whose live runs it may cancel. */
export interface Named {
	name: string;
	nobody: Nobody | undefined;
	listening: readonly Fn[];
	cancels: readonly Fn[];
}

/** Whether sending it is probably a mistake: it may cancel runs, or start nothing. */
export const isSurprise = ({ nobody, listening, cancels }: Named): boolean =>
	cancels.length > 0 || (nobody ? nobody.near !== undefined || nobody.cancels.length > 0 : listening.every(isIdle));

/** Undefined if not all functions could be read. */
export async function foreseeNames(
	context: Pick<Context, "looks" | "now" | "keys">,
	names: readonly string[],
): Promise<Named[] | undefined> {
	const api = timely(context);
	const read = await functionsOf(api, undefined, MOST_APPS).catch(unread);
	if (!read || read.unread.length || names.length > MOST_NAMES) return;
	const listening = await ifLive(read, context);
	if (!listening.functions.length) return [];
	const { functions } = listening;
	const seen = names.map((name) => {
		const why = whyOf({ ...listening, event: { name, internal_id: "", id: "" }, runs: [], now: context.now });
		// Conditions depend on payloads, and here there are many.
		const all = listeners(functions, name);
		const own = all.filter((fn) => cancelsOthers(fn) && !isIdle(fn));
		const cancels = [...new Set([...cancelsBy(functions, name).map(({ fn }) => fn), ...own])];
		return { name, nobody: why.nobody, listening: all, cancels };
	});
	const cancelled = [...new Set(seen.flatMap(({ cancels }) => cancels))];
	const lists = await readEach(cancelled.slice(0, MOST_APPS), 3, (fn) => listRuns(api, liveOf(fn), { limit: 1 }));
	// Runs that could not be read may be live.
	const mayRun = (fn: Fn) => lists.get(fn)?.data.length !== 0;
	return seen.map((one) => ({ ...one, cancels: one.cancels.filter(mayRun) }));
}

const liveOf = (fn: Fn) => ({ function: refOfFn(fn), status: LIVE });

export const timely = ({ looks }: Pick<Context, "looks">): Api => {
	const signal = AbortSignal.timeout(LONGEST);
	return { send: (request, schema) => looks.send(request, schema, signal) };
};

export async function foresee(
	context: Pick<Context, "looks" | "clock" | "now" | "target" | "keys">,
	sent: Pick<Event, "name" | "data" | "user">,
): Promise<Foresight | undefined> {
	const api = timely(context);
	const reading = { ...context, api };
	const event: Event = { ...sent, internal_id: "", id: "", received_at: iso(context.now) };
	try {
		const listening = await ifLive(await functionsOf(api, undefined, MOST_APPS), context);
		const why = whyOf({ ...listening, event, runs: [], now: context.now });
		const { cancels, unchecked } = await cancelsOf(reading, event, listening.functions, why);
		const isQuiet = why.nobody && isSettled(why) && !cancels.length;
		const seen = isQuiet && listening.functions.length ? await waitersFor(reading, event, { one: true }) : undefined;
		const awaited = isQuiet ? isAwaited(seen) : undefined;
		if (why.nobody && seen) {
			const near = why.nobody.near ?? seen.near;
			Object.assign(why.nobody, { near, waiters: seen.found });
		}
		const isOpen = isQuiet && awaited === undefined && why.nobody?.near !== undefined;
		const before = isOpen && (await eventPages(reading, { name: event.name }, 1).next().catch(unread))?.value;
		const delay = startsIn(why, event, context.now);
		return { ...listening, why, cancels, unchecked, awaited, known: Boolean(before?.length), delay };
	} catch (error) {
		return unread(error);
	}
}

const isAwaited = (seen: Found<Waiter> | undefined): boolean | undefined =>
	seen?.found.some(({ truth }) => truth !== false) || (seen && !seen.whole ? undefined : false);

/** A function, and whether an event cancels a run of it that another event started. */
interface Canceller {
	fn: Fn;
	/** As the new run starts, which a debounce delays. */
	late?: boolean;
	meets(run: Run, of: Event | undefined): Truth;
}

function cancellersOf(event: Event, functions: readonly Fn[], { misses }: Why): Canceller[] {
	const byEvent = cancelsBy(functions, event.name).map(
		({ fn, cancellation }): Canceller => ({
			fn,
			meets: (run, of) => cancelTruth(cancellation, run, of, event),
		}),
	);
	const starting = misses.filter((miss) => mayStart(miss) && cancelsOthers(miss.fn));
	const bySingleton = starting.map(({ fn }): Canceller => {
		const key = limitOf(fn, "singleton")?.key;
		return { fn, late: true, meets: (_, of) => sameKey(key, event, of) };
	});
	return byEvent.concat(bySingleton);
}

async function cancelsOf(
	context: Pick<Context, "api" | "clock" | "now">,
	event: Event,
	functions: readonly Fn[],
	why: Why,
): Promise<Pick<Foresight, "cancels" | "unchecked">> {
	const cancellers = [...groupBy(cancellersOf(event, functions, why), ({ fn }) => fn)];
	const found = await inParallel(cancellers, 3, async ([fn, own]) => {
		const { data, page } = await listRuns(context.api, liveOf(fn), { limit: MOST_LIVE });
		const live = data.filter((run) => !hasEnded(run));
		const after = own.every(({ late }) => late) ? limitOf(fn, "debounce")?.period : undefined;
		const cancels = await hitBy(context, live, (run, of) => own.map(({ meets }) => meets(run, of)));
		return { cancels: cancels.map((one) => ({ ...one, ...(after && { after }) })), whole: !page?.cursor };
	});
	return {
		cancels: found.flatMap(({ value }) => value?.cancels ?? []),
		unchecked: cancellers.flatMap(([fn], i) => (found[i]?.value?.whole ? [] : fn)),
	};
}

/** Of which function; whether until the first that the event would resume; and the waits seen so far, to which it adds. */
interface Searched {
	only?: FunctionRef | undefined;
	one?: boolean;
	waited?: Waited;
}

/** Live runs that wait for an event of this name, among some runs of each function. */
export async function waitersFor(
	{ api, now }: Pick<Context, "api" | "now">,
	event: Event,
	{ only, one = false, waited = new Map() }: Searched = {},
): Promise<Found<Waiter>> {
	const { data, page } = await listRuns(api, { function: only, status: ["RUNNING"] }, { limit: 100 });
	const waiters: Waiter[] = [];
	const some = likeliest(data, event.name, waited, MOST_LIVE);
	const looked = await inParallel(some, 6, async (run: Run) => {
		if (one && waiters.some(({ truth }) => truth !== false)) return false;
		const jobs = await getJobs(api, run.id);
		for (const job of jobs) {
			const wait = waitOf(job, [], now);
			if (wait.kind !== "event") continue;
			noteWaits(waited, run, [{ step: wait.step ?? "", event: wait.event }]);
			if (wait.event !== event.name) continue;
			const truth = wait.expression ? truthOf(wait.expression, { async: event }) : true;
			waiters.push({ run, wait, truth, near: truth === false ? elsewhere(wait.expression, event.data) : undefined });
		}
		// At most ten of a run's jobs are listed (measured).
		return jobs.length < 10 && !jobs.some(isBare);
	});
	const isAll = !page?.cursor && some.length === data.length;
	const found = waiters.toSorted((a, b) => Number(b.near !== undefined) - Number(a.near !== undefined));
	const names = [...waited.values()].flat().map((one) => one.event);
	const near = names.includes(event.name) ? undefined : nearest(event.name, names);
	return { found, near, whole: isAll && looked.every(({ value }) => value) };
}

/** What a list shows of the runs that events started. */
export interface Started {
	shown: Shown;
	/** It was read back to before the oldest event. */
	ended: boolean;
	/** Batches whose events are unknown: these events may be among them. */
	batches: readonly Run[];
}

/** Requests all runs since the oldest of these events. */
export function startedRequest(events: readonly Event[], until: string | undefined): Request {
	const oldest = events.reduce((least, event) => Math.min(least, receivedAt(event)), Number.MAX_SAFE_INTEGER);
	return listRunsRequest({ since: iso(oldest - SLACK), until }, { limit: 100 });
}

/** The maximum number of batches whose traces are read: a trace has all of a batch's events. */
const BATCHES = 20;

/** Adds batch runs to all of their events, as far as traces are read. Returns the other batches. */
export async function readBatches(api: Api, shown: Shown, events: readonly Event[]): Promise<Run[]> {
	const ids = new Map(events.map(({ id, internal_id }) => [id || internal_id, internal_id]));
	const read = await readEach(shown.batches.slice(0, BATCHES), 6, async ({ id }) => eventsIn(await getTrace(api, id)));
	return shown.batches.filter((run) => {
		const all = read.get(run);
		if (all)
			shown.give(
				run,
				all.flatMap(({ id }) => ids.get(id) ?? []),
			);
		return !all;
	});
}

/** Whether a list shows everything that an event has started so far. */
export const isShown = ({ shown, ended, batches }: Started, event: Event, listening: Listening | undefined): boolean =>
	(ended || shown.reaches({ at: receivedAt(event) })) &&
	batches.every((run) =>
		listening?.functions.some((fn) => isOf(refOf(run), refOfFn(fn)) && !listeners([fn], event.name).length),
	);

/** What an event started, as far as a list shows. */
export function startedBy(
	event: Event,
	started: Started | undefined,
	listening: Listening | undefined,
	now: number,
): "started" | "none" | "unknown" | "young" {
	if (started?.shown.of(event.internal_id).length) return "started";
	return started && isShown(started, event, listening) ? unstarted(event, listening, now) : "unknown";
}

/** Of an event that has started nothing: whether it may yet. */
export function unstarted(event: Event, listening: Listening | undefined, now: number): "none" | "young" {
	const mayGather = (fn: Fn) => now - receivedAt(event) < heldFor(fn);
	const isOpen = isNew(event, now) || listeners(listening?.functions ?? [], event.name).some(mayGather);
	return isOpen ? "young" : "none";
}

/** Lists the runs of more than `few` events, as far as that is cheaper than asking for each. The caller asks for those not shown. */
export async function listStarted(
	api: Api,
	events: readonly Event[],
	{ few = FEW, of = {}, output = false }: { few?: number; of?: RunFilter; output?: boolean } = {},
): Promise<Started | undefined> {
	if (events.length <= few) return;
	const times = events.map((event) => ({ event: event.internal_id, at: receivedAt(event) }));
	const sorted = times.sort((a, b) => b.at - a.at);
	const { shown, ended, error } = await readShown(api, sorted, { of, output });
	return error ? undefined : { shown, ended, batches: await readBatches(api, shown, events) };
}

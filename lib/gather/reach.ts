/** Finds out why an event did not start what it should have. */
import * as z from "zod/mini";
import { eventWaitsIn, likeliest, mayAwait, noteWaits, resumedIn, timedOutIn, type Waited } from "../decide/cause.ts";
import { listeners } from "../decide/cel.ts";
import {
	type Cause,
	type Effects,
	effectsIn,
	type Facts,
	type Found,
	isNew,
	isSettled,
	type Listening,
	type Looked,
	type Miss,
	mayStart,
	mayWait,
	type Around as Neighbours,
	receivedAt,
	type Why,
	whyOf,
} from "../decide/why.ts";
import { allOf, type Event, type Fn, inParallel, MOST_RUNS, type Run, readEach, refOf } from "../inngest/api.ts";
import { eventsOf, getEvent, rivalsOf } from "../inngest/eventlist.ts";
import { limitOf, functionsOf as readListening } from "../inngest/functions.ts";
import { ifLive } from "../inngest/place.ts";
import { getTrace, type Step, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import type { EventInput } from "../sending/events.ts";
import { expected, isNotFound, reasonOf, type SkillError, unread } from "../text/errors.ts";
import { isOf, lasting } from "../text/nouns.ts";
import { iso, unique } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { timely, waitersFor } from "./foresee.ts";
import { eventsAround, type NamedEvents, underWay } from "./lists.ts";
import { cancelledBy, runsAround, sparedBy } from "./siblings.ts";

/** Traces read at once. */
const AT_ONCE = 6;
/** The number of events for which resumed runs are searched; of runs searched of each kind, twice as many for a single event. */
const LOOKED_FOR = 5;
const TRACED = 20;
/** The number of further runs whose events are read. */
const BESIDE = 10;

/** If all runs and functions could be read. Otherwise what did not start is unknown. */
export const factsOf = (
	event: Event,
	runs: readonly Run[] | undefined,
	listening: Listening | undefined,
	now: number,
): Facts | undefined =>
	runs && listening && runs.length < MOST_RUNS ? { event, runs, now, ...withInvoked(listening, event) } : undefined;

/** An invoked function listens to its invocation's event, which names it (measured). */
function withInvoked(listening: Listening, { name: value, data }: Event): Listening {
	const invoked = value === INVOKED && z.safeParse(Invocation, data).data?._inngest.fn_id;
	const functions = listening.functions.map((fn) =>
		`${fn.app.id}-${fn.id}` === invoked ? { ...fn, triggers: [...fn.triggers, { type: "EVENT", value, if: "" }] } : fn,
	);
	return { ...listening, functions };
}
const INVOKED = "inngest/function.invoked";
const Invocation = z.object({ _inngest: z.object({ fn_id: z.string() }) });

/** How many runs are checked for whether an event that starts functions by its name also resumed them. */
const FEWER = 12;

/** What an event resumed, as far as it could be read. */
type Seen = Pick<Effects, "resumed" | "rivals" | "missed"> & { looked: Looked };

/** Adds the runs that such an event resumed. */
const withResumed = (why: Why | undefined, found: Seen): Why => ({
	misses: [],
	unread: [],
	...why,
	beside: { named: true, cancels: [], partly: [], ...why?.beside, ...found },
});

/** Why these events did not start what they should have. And which runs the first of those that nothing listens to by name resumed; of few events, all. */
export async function readWhys(
	api: Api,
	facts: readonly (Facts | undefined)[],
	traced: Traced = untraced(facts.length),
): Promise<(Why | undefined)[]> {
	const whys = facts.map((one) => one && whyOf(one));
	let left = LOOKED_FOR;
	for (const [i, one] of facts.entries()) {
		const why = whys[i];
		const did = why && effectsIn(why);
		const named = !did || why.beside?.named;
		if (!one || one.event.name === INVOKED || (named && !traced.named) || !left--) continue;
		const found = await resumedBy(api, one, named ? { ...traced, most: FEWER } : traced);
		if (did) Object.assign(did, found);
		else if (found.resumed.length || "error" in found.looked) whys[i] = withResumed(why, found);
	}
	return whys;
}

/** The same for one event, and what surrounds it. */
export async function readWhy(
	context: Pick<Context, "api" | "clock" | "now" | "target">,
	facts: Facts,
	traced: Traced = untraced(),
): Promise<Why> {
	const { event, only } = facts;
	const { cancels = [] } = effectsIn(whyOf(facts)) ?? {};
	const [surrounded, cancelled] = await Promise.all([
		withAround(context, facts),
		cancels.length ? cancelledBy(context, event, cancels) : undefined,
	]);
	const [why = whyOf(facts)] = await readWhys(context.api, [surrounded], traced);
	why.cloud = context.target.kind === "cloud";
	const did = effectsIn(why);
	if (!did) return why;
	const isOver = did.resumed.length > 0 || Boolean(cancelled?.found.length);
	const [waiters, spared] = await Promise.all([
		isOver || !did.looked || why.beside?.named
			? undefined
			: waitersFor(context, event, { only, waited: traced.waited }).catch(nothingRead),
		cancels.length && !cancelled?.found.length ? sparedBy(context, event, cancels, BESIDE) : undefined,
	]);
	did.missed = did.missed?.filter((one) => mayAwait(traced.waited, one, event.name));
	if (why.nobody) why.nobody.near ??= waiters?.near;
	const read = { cancelled, spared, waiters };
	Object.assign(did, {
		cancelled: cancelled?.found.length || cancelled?.whole ? cancelled?.found : undefined,
		waiters: waiters?.found,
		spared: spared?.found,
		partly: PARTS.filter((one) => read[one]?.whole === false),
	});
	return why;
}
const PARTS = ["cancelled", "spared", "waiters"] as const;

function nothingRead(error: unknown): Found<never> {
	unread(error);
	return { found: [], whole: false };
}

/** Adds what surrounds an event, if that may show why functions did not start. */
export async function withAround(
	context: Pick<Context, "api" | "clock" | "now" | "target">,
	facts: Facts,
): Promise<Facts> {
	const open = whyOf(facts).misses.filter(mayStart).slice(0, LOOKED_FOR);
	return open.length ? { ...facts, around: await readAround(context, facts, open) } : facts;
}

/** What surrounds an event, for the functions it did not start, as far as it could be read. Events with the same key or id may have another name. */
async function readAround(
	context: Pick<Context, "api" | "clock" | "now" | "target">,
	{ event }: Facts,
	misses: readonly Miss[],
): Promise<ReadonlyMap<Fn, Neighbours>> {
	const at = receivedAt(event);
	const after = Math.max(...misses.map(({ fn }) => 4 * lasting(limitOf(fn, "debounce")?.period)));
	const heard = misses.flatMap(({ fn }) =>
		fn.triggers.flatMap(({ type, value }) => (type === "CRON" || value.includes("*") ? [] : value)),
	);
	const names = [...new Set([event.name, ...heard])].slice(0, LOOKED_FOR);
	try {
		const lists = await Promise.all(names.map((name) => eventsAround(context, name, at, after)));
		const functions = misses.map(({ fn }) => fn);
		return await readEach(functions, 3, async (fn) => {
			const around: Neighbours = { ...(await runsAround(context.api, fn, at)), ...eventsFor(fn, at, lists) };
			const isWild = limitOf(fn, "rateLimit") && fn.triggers.some(({ value }) => /\S\*$/.test(value));
			const others = await eventsOf(context, isWild ? around.runs.slice(0, LOOKED_FOR) : []);
			const events = unique([...around.events, ...others.values()], (one) => one.internal_id);
			return { ...around, events };
		});
	} catch (error) {
		unread(error);
		return new Map();
	}
}

/** The events read that a function listens to; of other names only `at` is known. Inngest's own events are not listed (measured). */
function eventsFor(fn: Fn, at: number, lists: readonly NamedEvents[]): Omit<Neighbours, "runs" | "whole"> {
	const own = lists.filter(({ name }) => listeners([fn], name).length);
	const events = unique(
		own.flatMap((list) => list.events),
		(one) => one.internal_id,
	).sort((a, b) => receivedAt(b) - receivedAt(a));
	const isListed = (value: string) => value !== INVOKED && lists.some(({ name }) => name === value);
	const isAll = fn.triggers.every(({ type, value }) => type === "CRON" || isListed(value));
	const since = isAll ? Math.max(...own.map((list) => list.since)) : at;
	const until = isAll ? Math.min(...own.map((list) => list.until)) : at;
	return { events, since, until };
}

/** What was read of runs that may have waited, shared by all events of a list. */
interface Traced {
	/** How many runs may be read for one event. */
	most: number;
	/** Also for events that functions listen to by name. */
	named: boolean;
	steps: Map<string, Promise<Step[]>>;
	waited: Waited;
}
export const untraced = (events = 1): Traced => ({
	most: events > 1 ? TRACED : 2 * TRACED,
	named: events <= LOOKED_FOR,
	steps: new Map(),
	waited: new Map(),
});

const rivalsFor = async (api: Api, event: Event) =>
	(await rivalsOf(api, { name: event.name, id: event.internal_id }, receivedAt(event)).catch(unread)) ?? null;

/**
 * The runs that an event resumed. Searched among at most `most` runs that were live when it came, likeliest first. The time of an event
 * just sent is this machine's. One event may have come just before the runs that should have waited for it.
 */
async function resumedBy(
	api: Api,
	{ event, now, only }: Pick<Facts, "event" | "now" | "only">,
	{ most, steps, waited }: Traced,
): Promise<Seen> {
	const read = async (run: Run): Promise<Step[]> => {
		const found = stepsOf(await getTrace(api, run.id));
		noteWaits(waited, run, eventWaitsIn(found));
		return found;
	};
	const stepsIn = (run: Run): Promise<Step[]> => {
		const found = steps.get(run.id) ?? read(run);
		steps.set(run.id, found);
		return found;
	};
	try {
		const about = isNew(event, now) ? 2000 : 0;
		const at = receivedAt(event);
		const { runs: live, soon, whole } = await underWay(api, at, about, now);
		const own = (some: readonly Run[]) => some.filter((run) => !only || isOf(only, refOf(run)));
		const runs = own(live);
		const left = new Set(most > TRACED && !about ? [...runs, ...own(soon)] : runs);
		const seen = new Map<Run, Step[]>();
		for (let may = most; may > 0 && left.size; may -= AT_ONCE) {
			const some = likeliest([...left], event.name, waited, Math.min(AT_ONCE, may));
			const found = await inParallel(some, AT_ONCE, async (run) => seen.set(run, await stepsIn(run)));
			if (!seen.size) allOf(found);
			for (const run of some) left.delete(run);
		}
		const all = [...seen];
		const resumed = all.flatMap(([run, found]) => resumedIn(run, found, event, at - about));
		const missed = all.flatMap(([run, found]) => timedOutIn(run, found, at));
		const checked = runs.filter((run) => seen.has(run)).length;
		return {
			resumed,
			rivals: resumed.length ? await rivalsFor(api, event) : undefined,
			missed: missed.filter((one) => mayAwait(waited, one, event.name)),
			looked: { runs: checked, whole: whole && checked === runs.length },
		};
	} catch (error) {
		expected(error);
		return { resumed: [], looked: { error: error.message } };
	}
}

/** Why an event did not start all that it should have, as far as is known; or why that could not be read. */
export interface Around {
	event?: Event;
	why?: Why | undefined;
	error?: SkillError;
	/** Why it is unknown whether it resumed runs, too. */
	unresumed?: string;
}

/** What is waited for: runs by id, or all that an event starts or resumes. */
export interface Awaited {
	ids: readonly string[];
	event?: string | undefined;
	/** The event, if just sent: then the functions that listen to it are awaited. */
	sent?: EventInput | undefined;
	/** The live runs that it may cancel. */
	cancels?: readonly string[] | undefined;
	/** What listens, and what was around the event, if already read. */
	listening?: (Listening & Pick<Facts, "around">) | undefined;
}

/** Reads which functions listen to an event and why some did not start. At once if it was just `sent`, otherwise on request. */
export function lookAround({ event: id = "", sent, listening }: Omit<Awaited, "ids">, context: Context) {
	const { api, looks, clock, keys } = context;
	const control = new AbortController();
	const own: Api = { send: (request, schema) => api.send(request, schema, control.signal) };
	const since = clock.now();
	const around: Around = {};
	let known: Omit<Facts, "runs" | "now"> | undefined;
	let looking: Promise<void> | undefined;
	let found: Seen | undefined;

	const eventBy = async (api: Api): Promise<Event> => {
		around.event ??= sent
			? { ...sent, internal_id: id, id: sent.id ?? id, received_at: iso(since) }
			: await getEvent({ api, clock }, id);
		return around.event;
	};
	const read = async () => {
		const event = await eventBy(own);
		known = { event, ...(listening ?? (await ifLive(await readListening(own), { keys }))) };
	};
	const look = () => {
		looking ??= read().catch((error) => {
			expected(error);
			if (!control.signal.aborted) around.error = error;
		});
	};
	const decide = (runs: readonly Run[]) => {
		if (around.why?.nobody) return;
		if (known) around.why = whyOf({ ...known, runs, now: clock.now() });
		if (found?.resumed.length) around.why = withResumed(around.why, found);
	};
	/** What it resumed beside the runs that it started. */
	const readBeside = async (): Promise<Seen | undefined> => {
		const api = timely({ looks });
		const event = await eventBy(api).catch((error) => {
			unread(error);
			around.unresumed = reasonOf(error);
		});
		if (!event) return;
		found = await resumedBy(api, { event, now: sent ? since : clock.now() }, { ...untraced(), most: FEWER });
		if ("error" in found.looked) around.unresumed = found.looked.error;
		return found;
	};
	/** What it resumed, if it started none. */
	const readAlone = async (): Promise<Pick<Seen, "resumed"> | undefined> => {
		look();
		if (!known || around.why) return;
		[around.why] = await readWhys(own, [{ ...known, runs: [], now: clock.now() }], { ...untraced(), named: false });
		return around.why?.nobody;
	};
	if (sent) look();
	return {
		around,
		/** The runs that it resumed; of an event that started none, empty while reading. */
		async resumed(started: boolean): Promise<string[]> {
			const { resumed = [] } = (await (started ? readBeside() : readAlone())) ?? {};
			return [...new Set(resumed.map(({ run }) => run.id))];
		},
		/** There is no such event, or nothing that it could start. */
		isOver: () => isNotFound(around.error) || isSettled(around.why),
		/** All listening functions have started, or what listens is unknown. */
		isComplete(runs: readonly Run[]): boolean {
			decide(runs);
			return Boolean(around.error) || around.why?.misses.length === 0;
		},
		/** A function that has not started may do so before `left` (ms). */
		mayGrow(runs: readonly Run[], left: number): boolean {
			decide(runs);
			const isSoon = (one: Cause) => mayWait(one) && !("due" in one && Number(one.due) > left);
			return around.why?.misses.some(({ causes }) => causes.some(isSoon)) ?? false;
		},
		/** Stops reading: it must not outlast the answer. */
		async end(runs: readonly Run[]): Promise<void> {
			control.abort();
			await looking;
			decide(runs);
		},
	};
}

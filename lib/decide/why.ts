/** Why an event did not start what listens to it, as far as the API shows. Pure. */
import { nearest } from "../gate/manifest.ts";
import { type App, type Event, endOf, type Fn, hasEnded, type Run, refOf, refOfFn } from "../inngest/api.ts";
import { type Cancellation, cancellationsOf, limitOf, singletonMode } from "../inngest/functions.ts";
import { type FunctionRef, isOf, lasting, timeOfId } from "../text/nouns.ts";
import { DAY, time, unique } from "../text/text.ts";
import type { Wait } from "./cause.ts";
import { fullUntil, heardBy, isFree, listeners, sameKey, type Truth } from "./cel.ts";

/** All functions and apps; `unread`: apps whose functions could not be read. */
export interface Listening {
	functions: readonly Fn[];
	apps: readonly App[];
	unread: readonly string[];
}

/** What was read around an event for a function that it did not start. */
export interface Around {
	/** The function's newest runs queued up to the event; with a debounce, also the first after it. */
	runs: readonly Run[];
	/** No earlier run was queued. */
	whole: boolean;
	/** Events that it listens to, newest first. */
	events: readonly Event[];
	/** All events between these times (ms) were read. */
	since: number;
	until: number;
}

/** What is known of an event. */
export interface Facts extends Listening {
	event: Event;
	/** What it started. */
	runs: readonly Run[];
	/** In ms since the epoch. */
	now: number;
	/** The one function in question. */
	only?: FunctionRef | undefined;
	around?: ReadonlyMap<Fn, Around>;
}

/** Why a function did not start. `proven`: the API shows it; otherwise it is possible. */
export type Cause =
	/** `old`: it is so now, but may not have been when the event came. */
	| { kind: "archived" | "paused"; old: boolean; proven: true }
	| { kind: "condition"; conditions: readonly string[]; proven: boolean }
	/** `after`: how long after the event the app was first synced, in ms. */
	| { kind: "new app"; after: number; proven: true }
	/** For 24 hours, another event with the same sender's id starts nothing (measured): `by` had it first and started `run`. */
	| { kind: "same id"; id: string; by?: string | undefined; run?: string | undefined; proven: boolean }
	/** `run`: the one that had not ended; or, if proven, the last that used the rate limit, until when (ms). */
	| { kind: "singleton" | "rateLimit"; run?: string | undefined; until?: number; proven: boolean }
	/**
	 * `waits`: it may still start, in `due` ms. `by`: the event that came instead, if known the last, which started `run`; `dated`: it came
	 * before, but is dated later.
	 */
	| {
			kind: "debounce";
			waits: boolean;
			due?: number;
			by?: string;
			run?: string | undefined;
			dated?: boolean;
			proven: boolean;
	  }
	/** `waits`: it may still start, in at most `due` ms. */
	| { kind: "eventsBatch"; waits: boolean; due: number; proven: false }
	/** `late`: nothing known prevents it. `synced`: how long after the event its app was last synced, in ms. */
	| { kind: "late"; waits: boolean; synced?: number | undefined; proven: false };

/** A cause that is ruled out. */
type RuledOut = Cause["kind"];

/** A listening function that did not start: with the one proven cause, or the possible ones, likeliest first. */
export interface Miss {
	fn: Fn;
	causes: readonly Cause[];
	/** If its runs were read and no cause is proven. */
	ruledOut: readonly Cause["kind"][];
}

/** A run that an event resumed, and the step that waited for it: the trace shows the event (measured). */
export interface Resumed {
	run: Run;
	step: string;
}

/** Runs cancelled just after an event that cancels such runs; `sure`: its condition is true of the run's event. */
export interface CancelledBy {
	run: Run;
	sure: boolean;
	/** Only once its function's debounce, of this period, has ended. */
	after?: string | null | undefined;
}

/** If an event may cancel it, by what each of its function's cancellations says. */
export const cancelledAs = (run: Run, truths: readonly Truth[]): CancelledBy[] =>
	truths.some((one) => one !== false) ? [{ run, sure: truths.includes(true) }] : [];

/** The API does not show which event such a run waited for; `start` and `end` in ms. */
export interface TimedOut extends Resumed {
	start: number;
	end: number;
}

/**
 * A run that an event did not cancel. The condition is false for the event that started it (`of`); or, without `of`, it came too late; or
 * `matches` is set.
 */
export interface Spared {
	run: Run;
	of: Event | undefined;
	/** It should have cancelled the run, which is live, or was queued only after the event came. */
	matches?: boolean;
	cancellation: Cancellation;
}

/** A live run that waits for an event of that name; `truth`: whether its condition is true of the event. */
export interface Waiter {
	run: Run;
	wait: Extract<Wait, { kind: "event" }>;
	truth: Truth;
	/** The field in which the event has the awaited value instead, if it does not match. */
	near?: string | undefined;
}

/** How many runs were read, and whether those are all; or why they could not be. */
export type Looked = { runs: number; whole: boolean } | { error: string };

export type Partly = "cancelled" | "spared" | "waiters";

/** What was found, and whether everything was checked. */
export interface Found<T> {
	found: readonly T[];
	whole: boolean;
	/** A similar event name that runs wait for, or waited for. */
	near?: string | undefined;
}

/** What an event does to runs that it did not start. */
export interface Effects {
	/** The functions whose runs it cancels. */
	cancels: readonly { fn: Fn; cancellation: Cancellation }[];
	/** The runs that it cancelled, if checked. */
	cancelled?: readonly CancelledBy[] | undefined;
	resumed: readonly Resumed[];
	/** Events that may have resumed them instead; null if they could not be read. */
	rivals?: readonly string[] | null | undefined;
	/** Runs whose wait for an event timed out after it came, if it resumed none. */
	missed?: readonly TimedOut[] | undefined;
	waiters?: readonly Waiter[] | undefined;
	/** If it cancelled none. */
	spared?: readonly Spared[] | undefined;
	/** Which of these may be incomplete. */
	partly?: readonly Partly[];
	looked?: Looked | undefined;
}

/** What an event does to which no function listens. */
export interface Nobody extends Effects {
	/** The most similar event name that functions listen to, or that runs waited for. */
	near: string | undefined;
	/** All apps: of those whose last sync failed, functions added since are unknown. */
	unsynced: readonly App[];
}

/** What an event does beside what it starts. `named`: a function listens to its name, not only to a pattern. */
export interface Beside extends Effects {
	named: boolean;
}

export interface Why {
	misses: readonly Miss[];
	/** If no function listens to the event. */
	nobody?: Nobody | undefined;
	/** If it may have done more than start runs. */
	beside?: Beside | undefined;
	unread: readonly string[];
	/** The one function in question; `deaf` if it does not listen to the event. */
	only?: FunctionRef | undefined;
	deaf?: Fn | undefined;
	/** It is from Inngest Cloud, of which no lost queues are known. */
	cloud?: boolean;
}

/** An event received in the last 10 s may have started runs that are not listed yet. */
export const isNew = (event: Event, now: number): boolean => now - receivedAt(event) < 10_000;

export const receivedAt = ({ received_at, internal_id }: Event): number => time(received_at) ?? timeOfId(internal_id);

export const cancelsBy = (functions: readonly Fn[], name: string): Nobody["cancels"] =>
	functions
		.flatMap((fn) => cancellationsOf(fn).map((cancellation) => ({ fn, cancellation })))
		.filter(({ cancellation }) => cancellation.event === name);

/** Whether it may have resumed more runs than those found. */
export const mayResumeMore = ({ resumed, looked }: Pick<Effects, "resumed" | "looked">): boolean =>
	resumed.length > 0 && looked !== undefined && "runs" in looked && !looked.whole;

export const effectsIn = ({ nobody, beside }: Why): Nobody | Beside | undefined => nobody ?? beside;

export function whyOf(facts: Facts): Why {
	const { runs, functions, apps, unread, only } = facts;
	const { name } = facts.event;
	const own = only ? functions.filter((fn) => isOf(only, refOfFn(fn))) : functions;
	const listening = listeners(own, name);
	const missed = listening.filter((fn) => !runs.some((run) => isOf(refOf(run), refOfFn(fn))));
	const why = { misses: missed.map((fn) => ({ fn, ...causesFor(fn, facts) })), unread, only };
	const effects = { cancels: cancelsBy(own, name), resumed: [] };
	const started = only && runs.some((run) => isOf(only, refOf(run)));
	const [deaf] = only && !listening.length && !started ? own : [];
	if (!only && !listening.length && !runs.length) {
		const names = functions.flatMap(({ triggers }) => triggers.map(({ value }) => value));
		return { ...why, nobody: { near: nearest(name, names), unsynced: apps, ...effects } };
	}
	const values = listening.flatMap(({ triggers }) => triggers.map(({ value }) => value));
	const named = !deaf && (!values.length || values.includes(name));
	if (named && !effects.cancels.length) return { ...why, deaf };
	return { ...why, deaf, beside: { named, ...effects } };
}

/** Whether a cause may only delay it. */
export const mayWait = (cause: Cause): boolean => "waits" in cause && cause.waits;

/** Whether every known cause only delays it. */
export const isWaiting = ({ causes }: Miss): boolean => causes.length > 0 && causes.every(mayWait);

/** Whether a function may have started or may yet. */
export const mayStart = ({ causes }: Pick<Miss, "causes">): boolean => !causes.some(({ proven }) => proven);

/** Whether it provably starts nothing more. */
export const isSettled = (why: Why | undefined): boolean => why?.unread.length === 0 && !why.misses.some(mayStart);

function causesFor(fn: Fn, facts: Facts): Pick<Miss, "causes" | "ruledOut"> {
	const judged = [...causesOf(fn, facts)];
	const causes = judged.filter((one) => typeof one !== "string");
	const proven = causes.find((cause) => cause.proven);
	if (proven) return { causes: [proven], ruledOut: [] };
	const ruledOut = judged.filter((one) => typeof one === "string");
	return { causes: causes.length ? causes : lateFor(fn, facts), ruledOut: facts.around?.has(fn) ? ruledOut : [] };
}

/** If no cause is known: it may be too early to tell, or the function did not listen yet. */
function lateFor(fn: Fn, { event, apps, now, around }: Facts): Cause[] {
	const received = receivedAt(event);
	const isEarlier = (one: Event | undefined) => one?.name === event.name && receivedAt(one) < received;
	const synced = Number(time(apps.find(({ id }) => id === fn.app.id)?.latestSync?.syncedAt)) - received;
	const waits = isNew(event, now);
	const runs = around?.get(fn);
	// An earlier event's run shows that it already listened; functions change only by a sync.
	const listened = synced < 0 || runs?.runs.some((run) => isEarlier(eventOf(run, runs)));
	return listened && !waits ? [] : [{ kind: "late", waits, ...(synced > 1000 && { synced }), proven: false }];
}

const isBy = ({ trigger }: Run, { internal_id }: Event): boolean => trigger?.eventIds?.includes(internal_id) ?? false;
const eventOf = (run: Run, { events }: Around): Event | undefined => events.find((event) => isBy(run, event));

/** The server gives whole seconds, and may do what it planned up to 5 s late. A batch's run is found by any of its events (measured). */
function* causesOf(fn: Fn, facts: Facts): Generator<Cause | RuledOut> {
	const { event, apps, now } = facts;
	const received = receivedAt(event);
	const after = (time(apps.find(({ id }) => id === fn.app.id)?.createdAt) ?? 0) - received;
	if (after > 1000) yield { kind: "new app", after, proven: true };
	yield* conditionOf(fn, event);
	const batch = limitOf(fn, "eventsBatch");
	const due = received + lasting(batch?.timeout) - now;
	if (batch && due > -5_000) yield { kind: "eventsBatch", waits: true, due, proven: false };
	// Before a debounce; a singleton comes after (measured).
	else yield* rateLimitOf(fn, facts);
	yield* debounceOf(fn, facts);
	yield* singletonOf(fn, facts);
	yield* sameIdOf(fn, facts);
	// Last: it may have been so only later.
	for (const [kind, is] of [
		["archived", fn.isArchived],
		["paused", fn.isPaused],
	] as const)
		if (is) yield { kind, old: !isNew(event, now), proven: true };
}

function* conditionOf(fn: Fn, event: Event): Generator<Cause | RuledOut> {
	const { heard, conditions, open } = heardBy(fn, event);
	if (!heard) yield { kind: "condition", conditions: open.length ? open : conditions, proven: heard === false };
	else if (!conditions.includes("")) yield "condition";
}

/** Events that come this close together (ms) are processed in any order (measured). */
const AT_ONCE = 2_000;

/** A run started by an event with the same key that did not come later; `same` is undefined if the key is uncertain. */
interface Rival {
	run: Run;
	/** When its event came, in ms. */
	at: number;
	same: Truth;
}

function rivalsOf(key: string | null | undefined, event: Event, around: Around | undefined): Rival[] {
	return (around?.runs ?? []).flatMap((run) => {
		const by = around && eventOf(run, around);
		const at = by ? receivedAt(by) : (time(run.queuedAt) ?? 0);
		const same = sameKey(key, event, by);
		return same === false || at > receivedAt(event) + AT_ONCE ? [] : { run, at, same };
	});
}

/**
 * A later event within the period replaces this one (later still if a busy server starts runs late); the run is the last event's
 * (measured).
 */
function* debounceOf(fn: Fn, { event, around, now }: Facts): Generator<Cause | RuledOut> {
	const debounce = limitOf(fn, "debounce");
	if (!debounce) return;
	const { key, period: text } = debounce;
	const period = lasting(text);
	const received = receivedAt(event);
	const waits = now - received < 2 * period + 5_000;
	const { events = [], runs = [], until = 0 } = around?.get(fn) ?? {};
	const isSame = (one: Event): Truth => heardBy(fn, one).heard && sameKey(key, event, one, true);
	const later = events.filter((one) => isSame(one) && isAfter(one, event, runs, period)).toReversed();
	const [next = event] = later;
	const run = runs.findLast((one) => later.some((by) => isBy(one, by)));
	const by = later.find((one) => run && isBy(run, one)) ?? next;
	const at = receivedAt(next);
	const isNear = later.length > 0 && at < received + period;
	// A rate limit may have dropped one that started nothing.
	const proven = isNear && (run !== undefined || !limitOf(fn, "rateLimit"));
	const dated = received - at > AT_ONCE && { dated: true };
	if (proven || (later[0] && 2 * at - received < Number(time(run?.queuedAt))))
		return yield { kind: "debounce", waits: false, by: by.internal_id, run: run?.id, ...dated, proven };
	const none = !waits && !isNear && until >= received + period && events.every((one) => isSame(one) !== undefined);
	const due = waits && { due: Math.max(received + period, event.ts ?? 0) - now };
	yield none ? "debounce" : { kind: "debounce", waits, ...due, proven: false };
}

/**
 * Of events that come at once, the one that started a run counts as later. One dated before the one that is held starts nothing (Inngest's
 * source, v1.43, and measured).
 */
function isAfter(one: Event, event: Event, runs: readonly Run[], period: number): boolean {
	const ahead = receivedAt(one) - receivedAt(event);
	const dated = one.ts && event.ts ? one.ts - event.ts : ahead;
	const ran = ahead > -(dated > 0 ? period : AT_ONCE) && runs.some((run) => isBy(run, one));
	return one.internal_id !== event.internal_id && (ran || (ahead > 0 && dated >= 0));
}

/** A cancelled run's end is 10 s late in lists. One cancelled before it is recorded is never seen (both measured). */
function* singletonOf(fn: Fn, { event, around, now }: Facts): Generator<Cause | RuledOut> {
	const mode = singletonMode(fn);
	if (!mode) return;
	const key = limitOf(fn, "singleton")?.key;
	const received = receivedAt(event);
	const from = received + lasting(limitOf(fn, "debounce")?.period);
	const found = around?.get(fn);
	const end = (run: Run) => endOf(run) - (run.status === "CANCELLED" ? 10_000 : 0);
	const isSkip = mode === "SKIP";
	const going = rivalsOf(key, event, found).filter(({ run, at }) =>
		isSkip ? !hasEnded(run) || end(run) > from : at >= received - AT_ONCE,
	);
	const run = going.find(({ same }) => same)?.run.id;
	if (isFree(key, event) || (found?.whole && !going.length)) yield "singleton";
	else if (isSkip || run) yield { kind: "singleton", run, proven: isSkip && run !== undefined && from <= now };
}

function* rateLimitOf(fn: Fn, { event, around }: Facts): Generator<Cause | RuledOut> {
	const limit = limitOf(fn, "rateLimit");
	if (!limit) return;
	const received = receivedAt(event);
	const since = received - lasting(limit.period);
	const found = around?.get(fn);
	const rivals = rivalsOf(limit.key, event, found).filter(({ at }) => at > since + 1000);
	// A replay, which is newer, does not count.
	const taken = unique(rivals, ({ run }) => run.trigger?.eventIds?.[0] ?? run.id).toReversed();
	const first = taken.filter(({ same }) => same);
	const mayBeFull = taken[0] && fullUntil(limit, taken, since) > received - AT_ONCE;
	// Not to what a batch takes (measured), maybe not all.
	const until = fullUntil(limit, first);
	const proven = until > received + 1000 && !limitOf(fn, "eventsBatch");
	const all = found?.whole || Number(time(found?.runs.at(-1)?.queuedAt)) < since;
	// Debounced events use it up (measured).
	const isUsed =
		limitOf(fn, "debounce") &&
		(Number(found?.since) > since ||
			found?.events.some(
				(one) => receivedAt(one) > since && receivedAt(one) < received && sameKey(limit.key, event, one) !== false,
			));
	if (isFree(limit.key, event) || (found && all && !mayBeFull && !isUsed)) yield "rateLimit";
	else yield { kind: "rateLimit", ...(proven && { run: first.at(-1)?.run.id, until }), proven };
}

function* sameIdOf(fn: Fn, { event, around }: Facts): Generator<Cause | RuledOut> {
	const { id, internal_id } = event;
	// Debounces ignore it; batches too, of what meets their condition (measured).
	if (!id || id === internal_id || limitOf(fn, "debounce")) return;
	const received = receivedAt(event);
	const found = around?.get(fn);
	const earlier = (found?.events ?? []).filter(
		(one) => one.id === id && one.internal_id !== internal_id && receivedAt(one) <= received + AT_ONCE,
	);
	const run = found?.runs.findLast((one) => earlier.some((by) => isBy(one, by)));
	const by = run && found && eventOf(run, found)?.internal_id;
	if (found && !earlier.length && found.since <= received - DAY) yield "same id";
	else yield { kind: "same id", id, by, run: run?.id, proven: run !== undefined && !limitOf(fn, "eventsBatch") };
}

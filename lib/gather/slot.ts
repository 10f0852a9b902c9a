/**
 * What a watch reads of a slot, with a limited number of requests: failures in it and before, live runs, ticks without a run; which tick
 * a schedule has reached (for list-schedules too).
 */
import { EARLY, newestOf } from "../decide/schedules.ts";
import { keptFor } from "../decide/trend.ts";
import {
	agedIn,
	type Due,
	dueIn,
	endedOf,
	groupsIn,
	type Missed,
	missedIn,
	newOf,
	oldestOf,
	type Slot,
	tallyOf,
	type Wanted,
	type Watched,
	wantedOf,
	watchedIn,
} from "../decide/watch.ts";
import {
	type App,
	endedIn,
	endOf,
	eventOf,
	type Fn,
	type Listed,
	type Run,
	type RunFilter,
	refOf,
	refOfFn,
	type Window,
	within,
} from "../inngest/api.ts";
import { getEvent } from "../inngest/eventlist.ts";
import { checkExists, listApps, listFunctions, nameOf, resolveFunction } from "../inngest/functions.ts";
import { ifLive } from "../inngest/place.ts";
import type { Context } from "../intent.ts";
import { expected, ServerError, unread } from "../text/errors.ts";
import { DONE, type FunctionRef, isOf, LIVE } from "../text/nouns.ts";
import { plural, time, word } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { bounded, list, PAGE } from "./lists.ts";

/** The maximum number of requests; those reserved for schedules; functions read one by one. */
const REQUESTS = 20;
const FOR_SCHEDULES = 6;
const SINGLY = 2;

/** What to watch for; times in ms. */
interface Asked {
	/** What was not seen for this long is new. */
	known: number;
	stuck: number;
	function?: FunctionRef | undefined;
	app?: string | undefined;
}

/** A reading in progress; notes what could not be read and the first reason, and what no requests were left for. */
interface Reading {
	p: Asked;
	slot: Slot;
	context: Context;
	api: Api;
	/** How many requests are left. */
	left(): number;
	missing: string[];
	why: string;
	omitted: string[];
	/** Functions that may have recovered, but were not read further. */
	skipped: number;
}

/** Throws if the slot's failures can't be read. Then nothing was seen. */
export async function readWatch(p: Asked, slot: Slot, context: Context) {
	const counted = bounded(context.api, REQUESTS, true);
	const reading: Reading = { p, slot, context, ...counted, missing: [], why: "", omitted: [], skipped: 0 };
	const { functions, apps, filter } = await readSlot(reading);
	const looked = await inHistory(reading, await lookFurther(reading, functions, apps.length));
	const missed = await missedTicks(reading, apps, filter);
	return { ...reading, functions: looked, apps, missed };
}

/** How long an unreachable server is retried, in ms. */
const AWAY = 60_000;

/** Retries while the server is briefly unreachable. */
export async function patiently<T>(
	{ clock, signal }: Pick<Context, "clock" | "signal">,
	ask: () => Promise<T>,
): Promise<T> {
	const until = clock.now() + AWAY;
	for (;;)
		try {
			return await ask();
		} catch (error) {
			const isAway = error instanceof ServerError && (error.status === 0 || error.status >= 500);
			if (!isAway || clock.now() >= until || signal.aborted) throw error;
			await clock.sleep(5_000, signal);
		}
}

/** On Cloud, what seems new may only be older than what the account's plan keeps. */
async function inHistory({ api, context, slot, p }: Reading, functions: Watched[]): Promise<Watched[]> {
	const { target, now } = context;
	if (target.kind !== "cloud" || !functions.some((one) => newOf(one).length)) return functions;
	const first = list(api, { status: DONE, ...endedIn(pastOf(slot, p)) }, 1, { order: "ASC", limit: 1 });
	const [oldest] = (await first.catch(unread))?.runs ?? [];
	const reach = { now, since: now - p.known, oldest: oldest && endOf(oldest) };
	if (keptFor(reach) === undefined) return functions;
	const from = oldest ? oldestOf([oldest], slot) : slot.from;
	return functions.map((one) => ({ ...one, whole: false, readFrom: one.whole ? from : Math.max(from, one.readFrom) }));
}

/** For part of the whole: notes that it could not be read. */
const noting = (reading: Reading, what: string) => (error: unknown) => {
	expected(error);
	reading.missing.push(what);
	reading.why ||= error.message;
	return undefined;
};

const OUTPUT = { includeOutput: "true" };
const FAILED = ["FAILED"] as const;

const pastOf = ({ from }: Slot, { known }: Asked): Window => ({ from: from - known, until: from });

/** What one list each shows of all functions. */
async function readSlot(reading: Reading): Promise<{ functions: Watched[]; apps: App[]; filter: RunFilter }> {
	const { api, context, slot, p } = reading;
	const { app, function: fn } = p;
	const [filter, failed] = await patiently(context, async () => {
		const named = { app, function: fn && (await resolveFunction(api, fn, app)) };
		const found = await list(api, { ...named, status: FAILED, ...endedIn(slot) }, 2, OUTPUT);
		// A function that doesn't exist never fails.
		await checkExists(api, named);
		return [named, found] as const;
	});
	const ask = (what: string, of: RunFilter, pages: number, more = {}) =>
		list(api, { ...filter, ...of }, pages, more).catch(noting(reading, what));
	/** If more functions have new failures than can be read one by one, reads more of the past. */
	const readMore = async (newest: Listed): Promise<Listed> => {
		const fresh = watchedIn(slot, failed, undefined, newest).filter((one) => newOf(one).length);
		if (!newest.cut || fresh.length <= SINGLY) return newest;
		const window = { from: slot.from - p.known, until: oldestOf(newest.runs, slot) };
		const older = await ask("earlier failures", { status: FAILED, ...endedIn(window) }, 4, OUTPUT);
		const seen = new Set(newest.runs.map(({ id }) => id));
		const runs = older?.runs.filter(({ id }) => !seen.has(id)) ?? [];
		return { runs: [...newest.runs, ...runs], cut: older?.cut ?? true };
	};
	const [done, newest, live, apps = []] = await Promise.all([
		ask("completed runs", { status: ["COMPLETED"], ...endedIn(slot) }, 2),
		ask("earlier failures", { status: FAILED, ...endedIn(pastOf(slot, p)) }, 2, OUTPUT),
		ask("live runs", { status: LIVE, ...within(agedIn(slot, p.stuck)) }, 1, { order: "ASC" }),
		listApps(api).catch(noting(reading, "apps")),
	]);
	const past = newest && (await readMore(newest));
	if (failed.cut) reading.omitted.push(`failures older than the newest ${2 * PAGE}`);
	if (live?.cut) reading.omitted.push(`live runs newer than the oldest ${PAGE}`);
	const only = filter.function?.app ?? app;
	return {
		filter,
		functions: watchedIn(slot, failed, done, past, live),
		apps: apps.filter(({ id, archivedAt }) => !archivedAt && (only === undefined || id === only)),
	};
}

/** Reads more about functions that need it, as requests allow: those with most failures first. */
async function lookFurther(reading: Reading, functions: readonly Watched[], apps: number): Promise<Watched[]> {
	const isNew = (one: Watched) => Number(!one.whole && newOf(one).length > 0);
	const lastOf = ({ known }: Watched) => Math.max(0, ...known.map(({ last }) => last));
	const sorted = functions.toSorted(
		(a, b) =>
			isNew(b) - isNew(a) || b.tally.failed - a.tally.failed || b.live.length - a.live.length || lastOf(b) - lastOf(a),
	);
	const looked: Watched[] = [];
	const left: string[] = [];
	for (const one of sorted) {
		const wanted = wantedOf(one, reading.slot);
		const wants = wanted.before || wanted.known;
		const cost = Number(wanted.known) + (wanted.before ? 3 : 0);
		const may = reading.left() >= Math.min(FOR_SCHEDULES, apps + 2) + cost;
		// Since when an error is new is reported with it.
		if (wanted.before && !may && one.tally.failed) left.push(one.function);
		else if (wants && !one.tally.failed && !may) reading.skipped++;
		if (!wants || !may) looked.push(one);
		else looked.push((await lookAt(reading, one, wanted).catch(noting(reading, `history of ${one.function}`))) ?? one);
	}
	const some = left.length > SINGLY ? plural(left.length, "function") : left.join(" and ");
	if (some) reading.omitted.push(`usual failure rates of ${some}`);
	return looked;
}

async function lookAt(reading: Reading, one: Watched, wanted: Wanted): Promise<Watched> {
	const { api, slot, p } = reading;
	const past = pastOf(slot, p);
	const ask = (window: Window, status: RunFilter["status"], more = {}) =>
		list(api, { function: one.of, status, ...endedIn(window) }, 1, more);
	let { known, whole, readFrom, tally } = one;
	if (wanted.known) {
		const failed = await ask(past, FAILED, OUTPUT);
		known = groupsIn(failed.runs.filter((run) => endOf(run) < slot.from));
		whole = !failed.cut;
		readFrom = oldestOf(failed.runs, slot);
	}
	if (!wanted.before) return { ...one, known, whole, readFrom };
	const { runs, cut } = await ask(past, DONE);
	const before = [...runs];
	const until = slot.from - slot.every;
	// They may all be from the slot before.
	if (cut && runs.every((run) => endOf(run) >= until))
		before.push(...(await ask({ from: past.from, until }, DONE)).runs);
	if (tally.sampled) {
		const of = await ask(slot, DONE);
		tally = { ...tallyOf(of.runs.map(endedOf)), sampled: of.cut };
	}
	return { ...one, known, whole, readFrom, tally, before: before.map(endedOf).filter(({ at }) => at < slot.from) };
}

/** The number of schedules whose runs are listed together: their names go into the URL. */
const TOGETHER = 40;

/** The functions of as many apps as requests are left for. */
async function schedulesOf(reading: Reading, apps: readonly App[], filter: RunFilter): Promise<Fn[]> {
	const functions: Fn[] = [];
	const open = [...apps];
	for (let app = open.shift(); app; app = open.shift()) {
		const found = await listFunctions(reading.api, app.id).catch(noting(reading, `schedules of ${word(app.id)}`));
		functions.push(...(found ?? []).filter(({ id }) => !filter.function || id === filter.function.name));
		if (open.length && reading.left() < 4) break;
	}
	if (open.length) reading.omitted.push(`schedules of ${plural(open.length, "app")}`);
	return functions;
}

/**
 * The slot's ticks without a run, for as many apps and schedules as requests are left for. Schedules of one function that tick together
 * start one run (measured).
 */
async function missedTicks(reading: Reading, apps: readonly App[], filter: RunFilter): Promise<Missed[]> {
	const { api, slot, context } = reading;
	const functions = await schedulesOf(reading, apps, filter);
	const window = within({ from: slot.from - EARLY, until: context.now });
	const due = dueIn(slot, functions);
	const missed: Missed[] = [];
	let left = 0;
	const ask = async (schedules: number, what: string, of: RunFilter, most = 1, more = {}) => {
		const may = Math.min(most, reading.left());
		if (may > 0) return list(api, of, may, more).catch(noting(reading, what));
		left += schedules;
		return;
	};
	for (let i = 0; i < due.length; i += TOGETHER) {
		const some = due.slice(i, i + TOGETHER);
		const together = { functions: some.map(({ fn }) => refOfFn(fn)), ...window };
		const all = await ask(some.length, "ticks", together, 3);
		for (const one of all ? some : []) {
			const [name, of] = [nameOf(one.fn), refOfFn(one.fn)];
			const askOne = (when: When, more = {}) => ask(1, `ticks of ${name}`, { function: of, ...when }, 1, more);
			const listed = all?.cut ? await askOne(window) : all;
			// With the older run that is read later, all between would pass for missed.
			if (listed?.cut) left++;
			const own = listed?.cut ? undefined : listed?.runs.filter((run) => isOf(of, refOf(run)));
			const found = own ? await ticksOf(reading, one, own, () => askOne({ until: window.since }, { limit: 1 })) : [];
			const known = missed.flatMap((earlier) => (earlier.function === name ? earlier.ticks : []));
			const ticks = found.filter((at) => !known.includes(at));
			if (ticks.length) missed.push({ function: name, of, ticks });
		}
	}
	if (left) reading.omitted.push(`ticks of ${plural(left, "schedule")}`);
	// In an archived environment no schedule ticks.
	const { functions: live } = missed.length && reading.left() ? await ifLive({ functions }, context) : { functions };
	return live.every((fn) => fn.withIts) ? [] : missed;
}
type When = Pick<RunFilter, "since" | "until">;

/** The same for one schedule, by its function's runs; `before` reads an older one. */
async function ticksOf(
	{ api, slot, context, left }: Reading,
	one: Due,
	own: readonly Run[],
	before: () => Promise<Listed | undefined>,
): Promise<readonly number[]> {
	const judge = (runs: readonly Run[], reached?: number) => missedIn(slot, one, runs, context.now, reached);
	const runs = judge(own).isNew ? [...own, ...((await before())?.runs ?? [])] : own;
	const found = judge(runs);
	const isOpen = found.ticks.length > 0 && left() > 0;
	return isOpen ? judge(runs, await tickReached({ ...context, api }, runs, one.cron)).ticks : found.ticks;
}

/** The tick of a schedule's newest run, in ms: its event's id (measured on v1.43). Not read on Inngest Cloud, to save requests. */
export async function tickReached(
	source: Pick<Context, "api" | "clock" | "target">,
	runs: readonly Run[],
	cron: string,
): Promise<number | undefined> {
	const newest = source.target.kind === "cloud" ? undefined : newestOf(runs, cron);
	const event = newest && eventOf(newest);
	return event === undefined ? undefined : time((await getEvent(source, event).catch(unread))?.id);
}

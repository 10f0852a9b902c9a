/** What a watch reports of a slot of time: what began in it, and what ended. */
import {
	type App,
	endOf,
	type Fn,
	functionOf,
	type Listed,
	type Run,
	refOf,
	tookOf,
	type Window,
} from "../inngest/api.ts";
import { addressOf, answeringFor, hasSyncFailed, isNamed } from "../inngest/functions.ts";
import { isAway } from "../text/errors.ts";
import type { FunctionRef } from "../text/nouns.ts";
import { groupBy, sum, time } from "../text/text.ts";
import { EARLY, readCron, ticked } from "./schedules.ts";
import { Failures, type Group, isUnreachable } from "./triage.ts";

/** `every`: the length of one slot in ms. */
export interface Slot extends Window {
	every: number;
}

/** A run is listed by its end only some seconds later. */
const SETTLED = 60_000;

/** The last `slots` whole slots that ended at least a minute ago. Aligned to the epoch, so that repeated calls get the same slot. */
export function slotOf(now: number, every: number, slots: number): Slot {
	const until = Math.floor((now - SETTLED) / every) * every;
	return { from: until - slots * every, until, every };
}

export const isIn = ({ from, until }: Slot, at: number | undefined): boolean =>
	at !== undefined && at >= from && at < until;

export interface Tally {
	failed: number;
	/** Completed or failed. */
	ended: number;
	/** Only part of them was read. */
	sampled?: boolean;
}

/** A run that completed or failed; `ms`: how long it took. */
export interface Ended {
	at: number;
	failed: boolean;
	ms: number | undefined;
}

export const endedOf = (run: Run): Ended => ({
	at: endOf(run),
	failed: run.status === "FAILED",
	ms: tookOf(run)?.ms,
});

/** What is known of a function. */
export interface Watched {
	function: string;
	of: FunctionRef;
	/** Its failures in the slot. */
	groups: readonly Group[];
	/** How many of its runs ended in the slot, and those that were read. */
	tally: Tally;
	ended: readonly Run[];
	/** Its failures in the known past, and whether these are all. */
	known: readonly Group[];
	whole: boolean;
	/** The past was read from this time on, in ms; the slot's start if none was. */
	readFrom: number;
	/** Its newest runs that ended before the slot, newest first; empty unless requested. */
	before: readonly Ended[];
	/** Runs that became too old in the slot and have not ended, oldest first. */
	live: readonly Run[];
}

/** A schedule that missed ticks in the slot. */
export interface Missed {
	function: string;
	of: FunctionRef;
	ticks: readonly number[];
}

export interface SlotFacts {
	slot: Slot;
	/** The age from which a run is reported, in ms. */
	stuck: number;
	functions: readonly Watched[];
	apps: readonly App[];
	missed: readonly Missed[];
}

export type News =
	/** The app is unreachable: its sync failed, or `runs` failed so; `back`: another run completed afterwards. */
	| { kind: "away"; app: string; runs: number; back?: boolean }
	/** `never`: it has never synced. */
	| { kind: "sync"; app: string; error: string | undefined; never?: boolean }
	/** Errors that the function did not have since `since`, most frequent first; `sure`: all of the past was read. `perhaps`: none was. */
	| {
			kind: "new" | "perhaps";
			function: string;
			of: FunctionRef;
			groups: readonly Group[];
			tally: Tally;
			sure: boolean;
			since: number;
	  }
	| { kind: "rise"; function: string; of: FunctionRef; tally: Tally; normal: Tally }
	| { kind: "stuck"; function: string; runs: readonly Run[] }
	| ({ kind: "missed" } & Missed)
	/** `sampled`: more may have ended in the slot. */
	| { kind: "recovered"; function: string; completed: number; sampled?: boolean };

/** What is reported, worst first. */
export function tellings(facts: SlotFacts): News[] {
	const { functions, apps, missed } = facts;
	const synced = apps.filter((app) => !answeringFor(app, apps)).flatMap((app) => syncTold(app, facts.slot));
	const away = awayTold(facts, new Set(synced.map(({ app }) => app)));
	const byFunction = functions.flatMap((one) => judgeEach(one, facts));
	const kinds = ["new", "perhaps", "rise", "stuck", "missed", "recovered"];
	const rest: News[] = [...byFunction, ...missed.map((one) => ({ kind: "missed", ...one }) as const)];
	return [...synced, ...away, ...rest.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))];
}

/** A failed sync is reported in its own slot; if it has no time (OSS) or the app is unreachable, in every slot since the app exists. */
function syncTold(one: App, slot: Slot): Extract<News, { app: string }>[] {
	if (one.archivedAt || !hasSyncFailed(one) || (time(one.createdAt) ?? 0) >= slot.until) return [];
	const app = addressOf(one);
	const at = time(one.latestSync?.syncedAt);
	if (at !== undefined && !isIn(slot, at)) return [];
	const error = one.latestSync?.error || undefined;
	if (!isNamed(one)) return [{ kind: "sync", app, error, never: true }];
	return [isAway(error) ? { kind: "away", app, runs: 0 } : { kind: "sync", app, error }];
}

const unreachable = (groups: readonly Group[]): Group[] => groups.filter(({ failure }) => isUnreachable(failure));

/** Apps that runs could not reach, but could in the slot before: self-hosted servers' syncs don't show it (measured). */
function awayTold({ functions, slot }: SlotFacts, told: ReadonlySet<string>): News[] {
	const apps = new Set(functions.map(({ of }) => of.app ?? ""));
	return [...apps].flatMap((app) => {
		const ones = functions.filter(({ of }) => of.app === app);
		const away = unreachable(ones.flatMap(({ groups }) => groups));
		const runs = sum(away, ({ count }) => count);
		const last = Math.max(...away.map((group) => group.last));
		const back = ones.some(({ ended }) => ended.some((run) => run.status === "COMPLETED" && endOf(run) > last));
		const was = unreachable(ones.flatMap(({ known }) => known)).some(({ last }) => last >= slot.from - slot.every);
		return runs && !was && !told.has(app) ? [{ kind: "away", app, runs, ...(back && { back }) } as const] : [];
	});
}

/** The minimum number of runs for a share: ended in the slot, failed in it, ended before it. */
const LEAST = { ended: 5, failed: 3, before: 10 };

/** By how much a share of failures must exceed the usual one. */
const RISE = 0.2;

function hasRisen({ failed, ended }: Tally, normal: Tally): boolean {
	if (ended < LEAST.ended || failed < LEAST.failed || normal.ended < LEAST.before) return false;
	// 0.1 + 0.2 is more than 0.3.
	return failed / ended + 1e-9 >= shareOf(normal) + RISE;
}

const shareOf = ({ failed, ended }: Tally): number => failed / Math.max(1, ended);

export const tallyOf = (runs: readonly Ended[]): Tally => ({
	failed: runs.filter(({ failed }) => failed).length,
	ended: runs.length,
});

/** Runs by the slot in which they ended, in the given order (newest first). */
function slotsOf(runs: readonly Ended[], every: number) {
	const slots = groupBy(runs, ({ at }) => Math.floor(at / every) * every);
	return [...slots].map(([from, some]) => ({ from, tally: tallyOf(some) }));
}

/** The single slots of several reported at once, oldest first. */
const each = ({ from, until, every }: Slot): Slot[] =>
	Array.from({ length: (until - from) / every }, (_, i) => ({
		from: from + i * every,
		until: from + (i + 1) * every,
		every,
	}));

/** A function in each slot in which a run ended, with the earlier slots as its past; in one piece if not all ended runs were read. */
function inEach(one: Watched, all: Slot): [slot: Slot, part: Watched][] {
	if (one.tally.sampled || one.ended.length !== one.tally.ended) return [[all, one]];
	const failed = (runs: readonly Run[]) => groupsIn(runs.filter(({ status }) => status === "FAILED"));
	return each(all).flatMap((slot) => {
		const own = one.ended.filter((run) => isIn(slot, endOf(run)));
		if (!own.length) return [];
		const past = one.ended.filter((run) => endOf(run) < slot.from).sort((a, b) => endOf(b) - endOf(a));
		const known = [...one.known, ...failed(past)];
		const before = [...past.map(endedOf), ...one.before];
		return [[slot, { ...one, groups: failed(own), tally: tallyOf(own.map(endedOf)), known, before, live: [] }]];
	});
}

/** As each slot alone would report it, but a function that failed again later has not recovered. */
function judgeEach(one: Watched, facts: SlotFacts): News[] {
	const parts = inEach(one, facts.slot);
	if (parts.length === 1) return judge(one, facts);
	const lastFailed = parts.findLastIndex(([, { tally }]) => tally.failed > 0);
	const told = parts.flatMap(([slot, part], i) =>
		judge(part, { ...facts, slot }).filter(({ kind }) => kind !== "recovered" || i > lastFailed),
	);
	return [...told, ...judge({ ...one, groups: [], tally: tallyOf([]) }, facts)];
}

function judge(one: Watched, { slot, stuck }: SlotFacts): News[] {
	const { function: name, of, tally, live } = one;
	const groups = newOf(one);
	const { whole: sure, readFrom: since } = one;
	const kind = sure || since < slot.from ? "new" : "perhaps";
	const told: News[] = groups.length ? [{ kind, function: name, of, groups, tally, sure, since }] : [];
	const [last] = slotsOf(one.before, slot.every);
	const normal = tallyOf(one.before.slice(last?.tally.ended ?? 0));
	const wasHigh = last !== undefined && hasRisen(last.tally, normal);
	// If little besides the last slot is known, that slot also counts as usual.
	const usual = normal.ended < LEAST.before ? tallyOf(one.before) : normal;
	const isAway = unreachable(one.groups).length > 0;
	if (!told.length && !isAway && !wasHigh && hasRisen(tally, usual))
		told.push({ kind: "rise", function: name, of, tally, normal: usual });
	if (live.length && !isUsual(one.before, stuck)) told.push({ kind: "stuck", function: name, runs: live });
	if (tally.ended && !tally.failed && (wasHigh || hasStopped(one, slot.every)))
		told.push({ kind: "recovered", function: name, completed: tally.ended, ...(tally.sampled && { sampled: true }) });
	return told;
}

export const newOf = ({ groups, known }: Watched): Group[] =>
	groups.filter(({ code, failure }) => !isUnreachable(failure) && !known.some((one) => one.code === code));

/** One run in ten takes this long, as in functions that sleep or wait. */
const isUsual = (before: readonly Ended[], stuck: number): boolean =>
	before.length >= LEAST.ended && before.filter(({ ms = 0 }) => ms >= stuck).length >= before.length / 10;

/**
 * Whether the failures of the previous slot (of those in which a run ended) began in the unbroken row of failing slots that ends there, and
 * so were reported. Failures that come now and then began earlier: they don't recover each time.
 */
function hasStopped({ known, before }: Watched, every: number): boolean {
	const slots = slotsOf(before, every);
	const [last] = slots;
	if (!last || !(last.tally.failed || known.some((one) => one.last >= last.from))) return false;
	if (unreachable(known).some((one) => one.last >= last.from)) return true;
	const sound = slots.findIndex(({ tally }, i) => i > 0 && !tally.failed);
	const since = (sound < 0 ? slots.at(-1) : slots[sound - 1])?.from ?? last.from;
	return known.some(({ first }) => first >= since) || (sound < 0 && shareOf(tallyOf(before)) >= RISE);
}

/** What else must be read of a function before it can be judged. */
export interface Wanted {
	/** Its runs before the slot; its failures, if not all past ones are known. */
	before: boolean;
	known: boolean;
}

/** Enough failed for a rise, or may have. */
const isHigh = ({ failed, ended, sampled }: Tally): boolean =>
	failed >= LEAST.failed && (sampled || failed / ended >= RISE);

export function wantedOf(one: Watched, slot: Slot): Wanted {
	const parts = inEach(one, slot).map(([, part]) => part);
	const mayRise = parts.some(({ tally }) => isHigh(tally));
	const mayRecover = parts.some(({ tally, known }) => !tally.failed && known.length > 0);
	return {
		before: mayRise || mayRecover || one.live.length > 0,
		known: !one.whole && (mayRecover || newOf(one).length > 0),
	};
}

/** The time in which runs were queued that became old enough to report in the slot. */
export const agedIn = ({ from, until, every }: Slot, stuck: number): Slot => ({
	from: from - stuck,
	until: until - stuck,
	every,
});

export function groupsIn(runs: readonly Run[]): Group[] {
	const failures = new Failures();
	for (const run of runs) failures.add(run);
	return failures.list();
}

/** When the first of these ended, if before the slot. */
export const oldestOf = (runs: readonly Run[], { from }: Slot): number => Math.min(from, ...runs.map(endOf));

export function watchedIn(slot: Slot, failed: Listed, done?: Listed, past?: Listed, live?: Listed): Watched[] {
	const failures = failed.runs.filter((run) => isIn(slot, endOf(run)));
	const ended = [...failures, ...(done?.runs.filter((run) => isIn(slot, endOf(run))) ?? [])];
	// Both windows may include what ended at their border.
	const before = past?.runs.filter((run) => endOf(run) < slot.from) ?? [];
	const [groups, known] = [groupsIn(failures), groupsIn(before)];
	const refs = new Map([...ended, ...before, ...(live?.runs ?? [])].map((run) => [functionOf(run), refOf(run)]));
	const ofName = (name: string) => ended.filter((run) => functionOf(run) === name);
	return [...refs].map(([name, of]) => ({
		...{ function: name, of, before: [], ended: ofName(name) },
		groups: groups.filter((group) => group.function === name),
		tally: { ...tallyOf(ofName(name).map(endedOf)), sampled: !done || done.cut || failed.cut },
		known: known.filter((group) => group.function === name),
		whole: past !== undefined && !past.cut,
		readFrom: oldestOf(before, slot),
		live: live?.runs.filter((run) => functionOf(run) === name) ?? [],
	}));
}

/** A trigger with ticks due in the slot. */
export interface Due {
	fn: Fn;
	cron: string;
}

export const dueIn = (slot: Slot, functions: readonly Fn[]): Due[] =>
	functions.flatMap((fn) =>
		fn.triggers
			.filter(({ type, value }) => type === "CRON" && readCron(value)?.ticks(slot.from, slot.until - 1, 1).length)
			.map(({ value }) => ({ fn, cron: value })),
	);

/**
 * The slot's ticks without a run. `runs`: the function's runs queued from EARLY before the slot until `now`. `isNew`: it may not have
 * existed yet, which an older run among them would settle. `reached`: see Known.
 */
export function missedIn(slot: Slot, { fn, cron }: Due, runs: readonly Run[], now: number, reached?: number) {
	const found = ticked({ fn, cron, runs, from: slot.from - EARLY, until: now, reached });
	if (found.kind !== "ticked") return { ticks: [], isNew: false };
	const inSlot = (at: number) => isIn(slot, at);
	return { ticks: found.missed.filter(inSlot), isNew: found.why === "new" && found.possible.some(inSlot) };
}

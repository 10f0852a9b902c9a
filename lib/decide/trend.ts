/** Compares functions in two windows: what is worse, better, new or gone, and since when. And when a queue will be empty. Pure. */

import {
	endOf,
	eventOf,
	functionOf,
	lengthOf,
	type Run,
	refOf,
	startOf,
	startsInQueue,
	tookOf,
	type Window,
} from "../inngest/api.ts";
import { type FunctionRef, isDone } from "../text/nouns.ts";
import { DAY, groupBy, HOUR, MINUTE, unique } from "../text/text.ts";
import type { Backlog, Wait } from "./cause.ts";
import type { Limit } from "./schedules.ts";

export const AGAINST = ["previous", "24h", "7d"] as const;
export type Against = (typeof AGAINST)[number];

/** The earlier window: of the same length just before, or 24 hours or 7 days ago. Undefined if the two would overlap. */
export function spanBefore({ from, until }: Window, against: Against): Window | undefined {
	const back = { previous: until - from, "24h": DAY, "7d": 7 * DAY }[against];
	return until - from > back ? undefined : { from: from - back, until: until - back };
}

/** The part of a window for which the server has runs. `oldest` (ms): when the oldest of them was queued. Undefined if none. */
export function keptOf({ from, until }: Window, oldest: number | undefined): Window | undefined {
	const kept = { from: Math.max(from, oldest ?? until), until };
	return kept.from < until ? kept : undefined;
}

/** How long most plans keep runs and events, in ms (see `BY_PLAN`). Others keep them longer, for a time of their own. */
const KEPT = [DAY, 7 * DAY, 14 * DAY];

/** What was requested and found, in ms since the epoch. */
export interface Reach {
	now: number;
	/** How far back to read; undefined for as far as possible. */
	since?: number | undefined;
	/** The oldest that was found. */
	oldest?: number | undefined;
}

/** How long (ms) Inngest Cloud keeps a list's data, if older data may be missing. Undefined if what was found shows that more is kept. */
export function keptFor({ now, since, oldest }: Reach): number | undefined {
	const age = now - (oldest ?? now);
	// What has just expired may not have been deleted yet.
	const kept = KEPT.find((one) => age < one + HOUR);
	const asked = now - (since ?? oldest ?? 0);
	return asked > (kept ?? age + DAY) ? (kept ?? age) : undefined;
}

/** The runs read of those that ended in a window: all in `covered` ms of it, which is its length unless sampled. */
export interface Sample {
	span: Window;
	runs: readonly Run[];
	covered: number;
	/** All were read from this time on (ms). */
	whole: number;
}
export const isSampled = ({ span, covered }: Sample): boolean => covered < lengthOf(span);

/** The minimum number of runs in each window. Completed or failed for a share, completed for durations. */
export const LEAST = { ended: 5, failed: 3, median: 10, p95: 20 };

/**
 * A function's runs in one window. Replays are counted separately: runs whose event had an older run that was read. Durations are in ms, of
 * completed runs.
 */
export interface FunctionSide {
	completed: number;
	failed: number;
	cancelled: number;
	replays: number;
	replaysFailed: number;
	/** Runs that ended per minute, replays included. */
	perMinute: number;
	medianMs: number | undefined;
	p95Ms: number | undefined;
	longestMs: number | undefined;
	/** The run that took longest. */
	longest: string | undefined;
	/** Durations include the time in the queue. */
	inclQueue: boolean;
}

export interface Change {
	kind: "failures" | "median" | "p95";
	worse: boolean;
	/** When the first run of the new kind ended (ms); undefined if before what was read. */
	since: number | undefined;
}

export type Verdict = "worse" | "new" | "gone" | "better" | "same" | "few";

export interface Trend {
	function: string;
	of: FunctionRef;
	verdict: Verdict;
	changes: Change[];
	now: FunctionSide;
	past: FunctionSide;
	/** When the first run of a new function ended, and the last run of one that is gone (ms). */
	first: number | undefined;
	last: number | undefined;
	/** Failures in cells of equal length; from the older window's start if the windows adjoin. */
	line: number[];
}

export const byFunction = (runs: readonly Run[]) => groupBy(runs, functionOf);

const isJoined = (now: Window, past: Window): boolean => past.until === now.from;
/** The window that a line of failures covers: both windows if they adjoin. */
export const lineOf = (now: Window, past: Window | undefined): Window =>
	past && isJoined(now, past) ? { from: past.from, until: now.until } : now;

/** The functions of both windows, worst first. `live`: those with runs that have not ended, undefined if unknown. */
export function trendsOf(now: Sample, past: Sample, live: ReadonlySet<string> | undefined): Trend[] {
	// Both API windows may include runs that ended at their border.
	const all = unique([...past.runs, ...now.runs], ({ id }) => id);
	const both = all.sort((a, b) => endOf(a) - endOf(b) || (a.id < b.id ? -1 : 1));
	const replays = replaysIn(both);
	const line = lineOf(now.span, past.span);
	const trends = [...byFunction(both)].map(([name, runs]): Trend => {
		const recent = runs.filter((run) => isIn(now.span, run));
		const before = runs.filter((run) => isIn(past.span, run));
		const sides = { now: sideOf(recent, now.covered, replays), past: sideOf(before, past.covered, replays) };
		const differences = differencesOf(sides.now, sides.past);
		const changes = changesOf(differences, runs, replays, beganIn(now.span, past.span));
		const isUnclear = changes.length < differences.length;
		const [first] = recent;
		const last = before.at(-1);
		const failures = runs.filter(({ status }) => status === "FAILED").map(endOf);
		return {
			function: name,
			of: refOf(runs[0]),
			// Nothing is new if nothing is known of the past.
			verdict: past.runs.length
				? verdictOf(sides, { changes, isUnclear }, { now, past }, live?.has(name) ?? true)
				: "few",
			changes,
			...sides,
			first: first && endOf(first),
			last: last && endOf(last),
			line: cellsOf(failures, line),
		};
	});
	return trends.sort((a, b) => rankOf(a) - rankOf(b) || shareOf(b.now) - shareOf(a.now) || b.now.failed - a.now.failed);
}
const isIn = ({ from, until }: Window, run: Run): boolean => endOf(run) >= from && endOf(run) < until;

const ORDER: readonly Verdict[] = ["worse", "new", "gone", "better", "same", "few"];
const rankOf = ({ verdict, now }: Trend): number =>
	ORDER.indexOf(verdict) - (verdict === "few" && now.failed ? 1.5 : 0);

export const CELLS = 6;
/** How many of these times (ms) fall in each cell of a window. */
export function cellsOf(times: readonly number[], span: Window): number[] {
	const counts = new Array<number>(CELLS).fill(0);
	for (const at of times) {
		const cell = Math.floor(((at - span.from) / lengthOf(span)) * CELLS);
		if (cell >= 0 && cell < CELLS) counts[cell] = (counts[cell] ?? 0) + 1;
	}
	return counts;
}

/** Runs for which an older run has the same function and event; ids are ordered by time. Not batches: see kinOf. */
function replaysIn(runs: readonly Run[]): Set<string> {
	const seen = new Set<string>();
	const replays = new Set<string>();
	for (const run of runs.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
		const event = eventOf(run);
		if (event === undefined) continue;
		const before = seen.size;
		if (before === seen.add(`${functionOf(run)} ${event}`).size && !run.trigger?.isBatch) replays.add(run.id);
	}
	return replays;
}

/** By nearest rank. */
export const quantile = (sorted: readonly number[], q: number): number | undefined =>
	sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];

function sideOf(runs: readonly Run[], covered: number, replays: ReadonlySet<string>): FunctionSide {
	const count = (status: string, of: readonly Run[]) => of.filter((run) => run.status === status).length;
	const first = runs.filter(({ id }) => !replays.has(id));
	const again = runs.filter((run) => replays.has(run.id) && isDone(run));
	const took = timed(runs).sort((a, b) => a.ms - b.ms);
	const sorted = took.map(({ ms }) => ms);
	return {
		completed: count("COMPLETED", first),
		failed: count("FAILED", first),
		cancelled: count("CANCELLED", runs),
		replays: again.length,
		replaysFailed: count("FAILED", again),
		perMinute: (runs.length * MINUTE) / Math.max(1, covered),
		medianMs: quantile(sorted, 0.5),
		p95Ms: quantile(sorted, 0.95),
		longestMs: sorted.at(-1),
		longest: took.at(-1)?.run.id,
		inclQueue: runs.some(startsInQueue),
	};
}

const timed = (runs: readonly Run[]): { run: Run; ms: number }[] =>
	runs.flatMap((run) => {
		const took = run.status === "COMPLETED" ? tookOf(run) : undefined;
		return took ? [{ run, ms: took.ms }] : [];
	});

export const doneOf = ({ completed, failed }: FunctionSide): number => completed + failed;
export const shareOf = (side: FunctionSide): number => side.failed / Math.max(1, doneOf(side));
/** Whether any run ended in that window. */
export const hasAny = (side: FunctionSide): boolean => doneOf(side) + side.cancelled + side.replays > 0;

/** A function missing from a window is new or gone only if enough of that window was read to show enough of its runs. */
function verdictOf(
	{ now, past }: Record<"now" | "past", FunctionSide>,
	{ changes, isUnclear }: { changes: readonly Change[]; isUnclear: boolean },
	read: Record<"now" | "past", Sample>,
	isLive: boolean,
): Verdict {
	const seen = (of: Sample, by: Sample) => Math.min(1, by.covered / of.covered);
	const then = seen(read.now, read.past);
	if (!hasAny(past) && (doneOf(now) * then >= LEAST.ended || now.failed * then >= LEAST.failed)) return "new";
	if (!hasAny(now) && !isLive && doneOf(past) * seen(read.past, read.now) >= LEAST.ended) return "gone";
	if (changes.some(({ worse }) => worse)) return "worse";
	if (isUnclear) return "few";
	if (changes.length) return "better";
	return Math.min(doneOf(now), doneOf(past)) < LEAST.ended ? "few" : "same";
}

/** Since when the share of hits is higher than before. */
type Began = (runs: readonly Run[], isHit: (run: Run) => boolean) => number | undefined;

/** Searches both windows if they adjoin; otherwise the later one, where it may have been so throughout. */
const beganIn =
	(now: Window, past: Window): Began =>
	(runs, isHit) => {
		const [recent, before] = [now, past].map((span) => runs.filter((run) => isIn(span, run)));
		const share = (some: readonly Run[] = []) => some.filter(isHit).length / Math.max(1, some.length);
		const rows = isJoined(now, past) ? runs : (recent ?? []);
		return turnOf(
			rows.map((run) => ({ at: endOf(run), hit: isHit(run) })),
			(share(recent) + share(before)) / 2,
		);
	};

function changesOf(
	differences: readonly Difference[],
	runs: readonly Run[],
	replays: ReadonlySet<string>,
	began: Began,
): Change[] {
	const first = runs.filter((run) => isDone(run) && !replays.has(run.id));
	const took = new Map(timed(runs).map(({ run, ms }) => [run, ms]));
	return differences
		.filter(({ isSure }) => isSure)
		.map(({ kind, worse, middle }) => {
			const since =
				kind === "failures"
					? began(first, (run) => (run.status === "FAILED") === worse)
					: began([...took.keys()], (run) => (took.get(run) ?? 0) > middle === worse);
			return { kind, worse, since };
		});
}

/** A difference large enough to matter, and whether there are enough runs to be sure. `middle`: a duration in ms. */
type Difference = Omit<Change, "since"> & { isSure: boolean; middle: number };

/** The 95th percentile is reported only if the median did not change, or changed the other way. */
function differencesOf(now: FunctionSide, past: FunctionSide): Difference[] {
	const runs = Math.min(
		now.completed + now.replays - now.replaysFailed,
		past.completed + past.replays - past.replaysFailed,
	);
	const took = (kind: "median" | "p95", least: { runs: number; times: number; ms: number }): Difference | undefined => {
		const [a, b] = [now[`${kind}Ms`], past[`${kind}Ms`]];
		if (a === undefined || b === undefined) return;
		const differs = Math.max(a, b) >= least.times * Math.min(a, b) && Math.abs(a - b) >= least.ms;
		return differs ? { kind, worse: a > b, middle: Math.sqrt(a * b), isSure: runs >= least.runs } : undefined;
	};
	const median = took("median", { runs: LEAST.median, times: 1.5, ms: 200 });
	// With fewer runs it is the maximum, which says nothing.
	const p95 = runs < LEAST.p95 ? undefined : took("p95", { runs: LEAST.p95, times: 2, ms: 500 });
	const apart = p95?.worse === median?.worse ? undefined : p95;
	return [failuresOf(now, past), median, apart].filter((one) => one !== undefined);
}

/**
 * Shares of failures differ if by ten points and two failures more than expected, or twofold and by three failures; surely if by three and
 * more than chance (two standard errors of the difference).
 */
function failuresOf(now: FunctionSide, past: FunctionSide): Difference | undefined {
	const [n, m] = [doneOf(now), doneOf(past)];
	const [p, q] = [shareOf(now), shareOf(past)];
	const gap = Math.abs(p - q);
	const more = gap * (p > q ? n : m) + 1e-9;
	const isMany = more >= LEAST.failed;
	const isTwice = Math.max(p, q) >= 2 * Math.min(p, q);
	// 0.5 - 0.4 is less than 0.1.
	if (!(gap + 1e-9 >= 0.1 && more >= 2) && !(isTwice && isMany)) return;
	const pooled = (now.failed + past.failed) / (n + m);
	const isNoChance = gap >= 2 * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
	const isSure = Math.min(n, m) >= LEAST.ended && isMany && isNoChance;
	return { kind: "failures", worse: p > q, isSure, middle: 0 };
}

/**
 * When the share of hits rose above `middle`. `rows`: oldest to newest. It is the first row after the minimum of the cumulative sum of each
 * row's excess. Undefined if that is the first row.
 */
export function turnOf(rows: readonly { at: number; hit: boolean }[], middle: number): number | undefined {
	let [sum, lowest, turn] = [0, 0, 0];
	rows.forEach(({ hit }, i) => {
		sum += (hit ? 1 : 0) - middle;
		if (sum <= lowest) [lowest, turn] = [sum, i + 1];
	});
	return turn > 0 ? rows[turn]?.at : undefined;
}

/** In how many ms a queue will be empty at its current pace. */
export type Drain =
	| { kind: "grows" }
	| { kind: "stands" }
	| { kind: "empties"; ms: number }
	| { kind: "unknown"; why: "unread" | "limit" | "slow" | "key" | "shared" | "none" };

export function drainOf({ queued, pace }: Backlog, limit: Limit | undefined): Drain {
	if (!pace) return { kind: "unknown", why: "unread" };
	if (pace.arrived > pace.ended) return { kind: "grows" };
	if (!limit) return { kind: "unknown", why: "limit" };
	if (limit.kind !== "own" && limit.kind !== "throttle") return { kind: "unknown", why: limit.kind };
	if (pace.ended < LEAST.failed) return { kind: "unknown", why: "slow" };
	const fewer = pace.ended - pace.arrived;
	return fewer ? { kind: "empties", ms: (queued * pace.ms) / fewer } : { kind: "stands" };
}

/** Whether a backlog is longer than in a past window: one that is older may have been as long. */
export const isLonger = (
	{ since, drain }: Pick<Backlog, "since"> & { drain: Drain },
	past: Window | undefined,
): boolean => since >= (past?.until ?? 0) || drain.kind === "grows";

/** A live run; `waits`: what it does, if read. */
export interface Living {
	run: Run;
	waits?: readonly Wait[] | undefined;
}

const ageOf = (run: Run, now: number): number => now - (startOf(run) ?? now);

/** How many live runs are read, at most. */
const DOUBTED = 8;
/** From when on (ms) a run that is executing or ready to is told. */
const LONG = 10 * MINUTE;

/** The live runs to read: the oldest, and those that go on for long. `live`: each function's oldest. */
export function doubtfulIn(oldest: readonly Run[], live: readonly Run[], now: number): Run[] {
	const old = oldest.filter((run) => ageOf(run, now) >= MINUTE);
	const long = live.filter((run) => ageOf(run, now) >= LONG).sort((a, b) => ageOf(b, now) - ageOf(a, now));
	return unique([...old, ...long], ({ id }) => id).slice(0, DOUBTED);
}

/**
 * Whether it has been executing, or ready to, for long; or is over an hour old and does not only wait for what will come, as one that sleeps
 * does.
 */
export function isLong({ run, waits = [] }: Living, now: number): boolean {
	const isFine = (wait: Wait) =>
		(wait.at ?? now) > now - MINUTE && (wait.kind === "executing" ? wait.at : !("attempt" in wait));
	const isHung = waits.some(({ kind, at = now }) => /^(executing|capacity)$/.test(kind) && now - at >= LONG);
	return isHung || (ageOf(run, now) > HOUR && !(waits.length && waits.every(isFine)));
}

/** How functions do in one window and in an earlier one: what is worse, better, new or gone, and since when; when a queue is empty. Pure. */
import { endOf, eventOf, functionOf, type Run, refOf, startsInQueue, tookOf } from "../inngest/api.ts";
import type { FunctionRef } from "../text/nouns.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** A window, in ms since the epoch; `until` is not in it. */
export interface Span {
	from: number;
	until: number;
}
export const lengthOf = ({ from, until }: Span): number => until - from;

export const AGAINST = ["previous", "24h", "7d"] as const;
export type Against = (typeof AGAINST)[number];

/** The window of the same length just before, or so long ago; undefined where the two would overlap. */
export function spanBefore({ from, until }: Span, against: Against): Span | undefined {
	const back = { previous: until - from, "24h": DAY, "7d": 7 * DAY }[against];
	return until - from > back ? undefined : { from: from - back, until: until - back };
}

/** What is left of a window where the oldest run that there is was queued at `oldest` (ms); undefined for nothing. */
export function keptOf({ from, until }: Span, oldest: number | undefined): Span | undefined {
	const kept = { from: Math.max(from, oldest ?? until), until };
	return kept.from < until ? kept : undefined;
}

/** What was read of the runs that ended in a window: all of them in `covered` ms of it, which are its length unless sampled. */
export interface Sample {
	span: Span;
	runs: readonly Run[];
	covered: number;
	/** From when on (ms) all were read. */
	whole: number;
}
export const isSampled = ({ span, covered }: Sample): boolean => covered < lengthOf(span);

/** Fewer runs that completed or failed say nothing of a share, fewer that completed nothing of durations: in each window. */
export const LEAST = { ended: 5, failed: 3, median: 10, p95: 20 };

/** A function's runs in one window. Replays count apart: runs of an event of which an older run was read. Durations, in ms, are of completed runs. */
export interface Side {
	completed: number;
	failed: number;
	cancelled: number;
	replays: number;
	replaysFailed: number;
	/** Runs that ended, replays too, per minute. */
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
	/** When the first run of the new kind ended (ms); undefined for before what was read. */
	since: number | undefined;
}

export type Verdict = "worse" | "new" | "gone" | "better" | "same" | "few";

export interface Trend {
	function: string;
	of: FunctionRef;
	verdict: Verdict;
	changes: Change[];
	now: Side;
	past: Side;
	/** When the first run of a new function, and the last of one that is gone, ended (ms). */
	first: number | undefined;
	last: number | undefined;
	/** Failures in cells of equal length, from the older window's begin where it ends as the other begins. */
	line: number[];
}

const isDone = ({ status }: Run): boolean => status === "COMPLETED" || status === "FAILED";

/** By function, in the order in which they come. */
export function byFunction(runs: readonly Run[]): Map<string, Run[]> {
	const groups = new Map<string, Run[]>();
	for (const run of runs) {
		const name = functionOf(run);
		const group = groups.get(name);
		if (group) group.push(run);
		else groups.set(name, [run]);
	}
	return groups;
}

/** The functions of both windows, the worst first; `live` are those with runs that have not ended. */
export function trendsOf(now: Sample, past: Sample, live: ReadonlySet<string>): Trend[] {
	const both = [...past.runs, ...now.runs].sort((a, b) => endOf(a) - endOf(b));
	const replays = replaysIn(both);
	const joined = past.span.until === now.span.from;
	const line = { from: joined ? past.span.from : now.span.from, until: now.span.until };
	const trends = [...byFunction(both)].flatMap(([name, runs]): Trend[] => {
		const [any] = runs;
		if (!any) return [];
		const recent = runs.filter((run) => isIn(now.span, run));
		const before = runs.filter((run) => isIn(past.span, run));
		const sides = { now: sideOf(recent, now.covered, replays), past: sideOf(before, past.covered, replays) };
		const changes = changesOf(sides.now, sides.past, joined ? runs : recent, replays);
		const [first] = recent;
		const last = before.at(-1);
		const failures = runs.filter(({ status }) => status === "FAILED").map(endOf);
		return [
			{
				function: name,
				of: refOf(any),
				// Where nothing is known of the past, nothing is new.
				verdict: past.runs.length ? verdictOf(sides.now, sides.past, changes, live.has(name)) : "few",
				changes,
				...sides,
				first: first && endOf(first),
				last: last && endOf(last),
				line: cellsOf(failures, line),
			},
		];
	});
	return trends.sort((a, b) => rankOf(a) - rankOf(b) || shareOf(b.now) - shareOf(a.now) || b.now.failed - a.now.failed);
}
const isIn = ({ from, until }: Span, run: Run): boolean => endOf(run) >= from && endOf(run) < until;

const ORDER: readonly Verdict[] = ["worse", "new", "gone", "better", "same", "few"];
const rankOf = ({ verdict, now }: Trend): number =>
	ORDER.indexOf(verdict) - (verdict === "few" && now.failed ? 1.5 : 0);

/** How many of these times (ms) are in each of so many cells of a window. */
export function cellsOf(times: readonly number[], span: Span, cells = 6): number[] {
	const counts = new Array<number>(cells).fill(0);
	for (const at of times) {
		const cell = Math.floor(((at - span.from) / lengthOf(span)) * cells);
		if (cell >= 0 && cell < cells) counts[cell] = (counts[cell] ?? 0) + 1;
	}
	return counts;
}

/** The runs of which an older one has the same function and event; ids are in the order of their times. */
function replaysIn(runs: readonly Run[]): Set<string> {
	const seen = new Set<string>();
	const replays = new Set<string>();
	for (const run of runs.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
		const event = eventOf(run);
		if (event === undefined) continue;
		const before = seen.size;
		if (before === seen.add(`${functionOf(run)} ${event}`).size) replays.add(run.id);
	}
	return replays;
}

/** The nearest rank. */
export const quantile = (sorted: readonly number[], q: number): number | undefined =>
	sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];

function sideOf(runs: readonly Run[], covered: number, replays: ReadonlySet<string>): Side {
	const count = (status: string, of: readonly Run[]) => of.filter((run) => run.status === status).length;
	const first = runs.filter(({ id }) => !replays.has(id));
	const again = runs.filter(({ id, ...run }) => replays.has(id) && isDone({ id, ...run }));
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

export const doneOf = ({ completed, failed }: Side): number => completed + failed;
export const shareOf = (side: Side): number => side.failed / Math.max(1, doneOf(side));
const anyOf = (side: Side): number => doneOf(side) + side.cancelled + side.replays;

function verdictOf(now: Side, past: Side, changes: readonly Change[], isLive: boolean): Verdict {
	if (!anyOf(past) && (doneOf(now) >= LEAST.ended || now.failed >= LEAST.failed)) return "new";
	if (!anyOf(now) && !isLive && doneOf(past) >= LEAST.ended) return "gone";
	if (changes.some(({ worse }) => worse)) return "worse";
	if (changes.length) return "better";
	return Math.min(doneOf(now), doneOf(past)) < LEAST.ended ? "few" : "same";
}

function changesOf(now: Side, past: Side, runs: readonly Run[], replays: ReadonlySet<string>): Change[] {
	const changes: Change[] = [];
	const first = runs.filter((run) => isDone(run) && !replays.has(run.id));
	if (failsOtherwise(now, past)) {
		const worse = shareOf(now) > shareOf(past);
		const since = turnOf(
			first.map((run) => ({ at: endOf(run), hit: (run.status === "FAILED") === worse })),
			worse ? shareOf(past) : 1 - shareOf(past),
			worse ? shareOf(now) : 1 - shareOf(now),
		);
		changes.push({ kind: "failures", worse, since });
	}
	const kind = durationChange(now, past);
	if (kind) {
		const [a, b] = kind === "median" ? [now.medianMs, past.medianMs] : [now.p95Ms, past.p95Ms];
		const worse = (a ?? 0) > (b ?? 0);
		const middle = Math.sqrt((a ?? 0) * (b ?? 0));
		const rows = timed(runs).map(({ run, ms }) => ({ at: endOf(run), hit: ms > middle === worse }));
		const share = kind === "median" ? [0.25, 0.75] : [0.02, 0.1];
		changes.push({ kind, worse, since: turnOf(rows, share[0] ?? 0, share[1] ?? 1) });
	}
	return changes;
}

/**
 * Whether the shares differ by more than chance (two standard errors of their difference), by at least three failures more than
 * there were to be, and by so much that it matters: ten points, or twice as many.
 */
function failsOtherwise(now: Side, past: Side): boolean {
	const [n, m] = [doneOf(now), doneOf(past)];
	if (Math.min(n, m) < LEAST.ended) return false;
	const [p, q] = [shareOf(now), shareOf(past)];
	const gap = Math.abs(p - q);
	const pooled = (now.failed + past.failed) / (n + m);
	const isSure = gap >= 2 * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
	const matters = gap > 0.1 - TINY || Math.max(p, q) > 2 * Math.min(p, q) - TINY;
	return gap > 0 && isSure && gap * (p > q ? n : m) > LEAST.failed - TINY && matters;
}

/** 0.5 - 0.4 is less than 0.1. */
const TINY = 1e-9;

function durationChange(now: Side, past: Side): "median" | "p95" | undefined {
	const least = Math.min(
		now.completed + now.replays - now.replaysFailed,
		past.completed + past.replays - past.replaysFailed,
	);
	const differs = (a: number | undefined, b: number | undefined, times: number, ms: number): boolean => {
		if (a === undefined || b === undefined) return false;
		return Math.max(a, b) >= times * Math.min(a, b) && Math.abs(a - b) >= ms;
	};
	if (least >= LEAST.median && differs(now.medianMs, past.medianMs, 1.5, 200)) return "median";
	return least >= LEAST.p95 && differs(now.p95Ms, past.p95Ms, 2, 500) ? "p95" : undefined;
}

/**
 * When a share of hits went up, of rows from the oldest on: at the first after the lowest point of the sum of what each is
 * above the middle of both shares (cumulative sums). Undefined where that is the first that there is.
 */
export function turnOf(
	rows: readonly { at: number; hit: boolean }[],
	before: number,
	after: number,
): number | undefined {
	const middle = (before + after) / 2;
	let [sum, lowest, turn] = [0, 0, 0];
	rows.forEach(({ hit }, i) => {
		sum += (hit ? 1 : 0) - middle;
		if (sum <= lowest) [lowest, turn] = [sum, i + 1];
	});
	return turn > 0 ? rows[turn]?.at : undefined;
}

/** So many of the runs, spread evenly, the first and the last among them. */
export function spread<T>(items: readonly T[], most: number): T[] {
	if (items.length <= most || most < 2) return items.slice(0, Math.max(0, most));
	return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]).flatMap(
		(one) => one ?? [],
	);
}

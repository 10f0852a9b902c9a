/** How functions do against the past, in words. */

import {
	type Against,
	type Change,
	type Drain,
	doneOf,
	LEAST,
	lengthOf,
	type Side,
	type Span,
	shareOf,
	type Trend,
	type Verdict,
} from "../decide/trend.ts";
import type { Held, Row } from "../gather/past.ts";
import type { RunFilter } from "../inngest/api.ts";
import type { Suggested } from "../text/next.ts";
import { readDuration } from "../text/nouns.ts";
import { ago, bars, duration, grouped, type Line, named, percent, plural, stamp, words } from "../text/text.ts";
import { flagsOf } from "./runlist.ts";

export interface Compared {
	rows: readonly Row[];
	backlogs: readonly Held[];
	against: Against;
	/** As it was asked for, and what is left of the older window; undefined for nothing. */
	window: string;
	asked: Span;
	past: Span | undefined;
	now: number;
	limit: number;
}

const pastText = ({ against, asked }: Pick<Compared, "against" | "asked">): string =>
	against === "previous"
		? `the ${ago(asked.from, asked.until).replace(" ago", "")} before`
		: `the same window ${against} earlier`;

/** `Worse than in the 1h before: of 9 functions 2 fail more, 1 takes longer, 1 is gone, 4 are as before; in the last 1h`. */
export function comparedText(all: Compared): string {
	const { rows, backlogs, window } = all;
	const past = pastText(all);
	const isEmpty = (of: "now" | "past") => rows.every((row) => !anyIn(row[of]));
	const waiting = backlogs.length > 0 && `; ${counted(backlogs.length, "has a backlog", "have a backlog")}`;
	if (!rows.length) return `Nothing to compare: no run ended ${window}, nor in ${past}${waiting || ""}`;
	const functions = plural(rows.length, "function");
	if (isEmpty("past"))
		return `Nothing to compare with: no run ended in ${past}; runs of ${functions} ended ${window}${waiting || ""}`;
	const bad = rows.filter(isBad);
	const of = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict && !bad.includes(row)).length;
	const worse = (is: (kind: Change["kind"]) => boolean) =>
		bad.filter(({ changes }) => changes.some((one) => one.worse && is(one.kind))).length;
	const parts = [
		counted(
			worse((kind) => kind === "failures"),
			"fails more",
			"fail more",
		),
		counted(
			worse((kind) => kind !== "failures"),
			"takes longer",
			"take longer",
		),
		counted(bad.filter(({ verdict }) => verdict === "new").length, "is new and fails", "are new and fail"),
		counted(backlogs.length, "has a backlog", "have a backlog"),
		...AMONG.map(([verdict, one, many]) => counted(of(verdict), one, many)),
	];
	return `${headOf(all, bad.length)} ${past}: of ${functions} ${parts.filter(Boolean).join(", ")}; ${window}`;
}

const counted = (n: number, one: string, many: string): Line => n > 0 && `${n} ${n === 1 ? one : many}`;
const AMONG: readonly [Verdict, string, string][] = [
	["gone", "is gone", "are gone"],
	["new", "is new", "are new"],
	["better", "is better", "are better"],
	["same", "is as before", "are as before"],
	["few", "ran too rarely", "ran too rarely"],
];

const anyIn = (side: Side): boolean => doneOf(side) + side.cancelled + side.replays > 0;
const isBad = ({ verdict, now }: Trend): boolean =>
	verdict === "worse" || (verdict === "new" && now.failed >= LEAST.failed);

function headOf({ rows, backlogs }: Compared, bad: number): string {
	const has = (...verdicts: Verdict[]) => rows.some(({ verdict }) => verdicts.includes(verdict));
	if (bad || backlogs.length) return "Worse than in";
	if (has("better")) return "Better than in";
	if (has("new", "gone")) return "Not as in";
	return has("same") ? "No worse than in" : "Too few runs to compare with";
}

/** Cells of failures are told of so many. */
const LINES = 2;
/** Milliseconds in the queue that are told of any function. */
const QUEUED = 1000;

export function trendLines(all: Compared): Line[] {
	const { rows, limit, asked, past } = all;
	const shown = rows.slice(0, limit);
	const left = rows.length - shown.length;
	const queue = rows.some((row) => row.now.inclQueue || row.past.inclQueue) ? " incl. queue" : "";
	const worst = shown.filter((row) => isBad(row) && row.line.some(Boolean)).slice(0, LINES);
	const replays = rows.some(({ now, past: before }) => now.replays + before.replays);
	const short = past && lengthOf(past) < lengthOf(asked);
	return [
		short && `Of ${pastText(all)} only ${duration(lengthOf(past))} can be read: no older run is there.`,
		shown.length > 0 &&
			`Failed/completed or failed, runs/min, median/95%/longest of completed${queue} (before); least sample ${LEAST.ended} runs, durations ${LEAST.median}:`,
		...shown.map((row) => rowText(row, all.now, worst.includes(row))),
		left > 0 && `… and ${plural(left, "more function")}: --limit 200.`,
		replays && "A replay is counted apart if its first run ended in one of the windows.",
	];
}

const LABEL = { worse: "Worse", new: "New", gone: "Gone", better: "Better", same: "Same", few: "Few runs" };

function rowText(row: Row, at: number, withLine: boolean): string {
	const { verdict, function: name, now, past } = row;
	const both = verdict !== "same" && anyIn(past) && anyIn(now);
	const side = anyIn(now) ? now : past;
	const pair = (text: (of: Side) => Line, unit = "") => {
		const [told, was] = [text(side), both && text(past)];
		return told && words(`${told}${unit}`, was && was !== told && `(${was})`);
	};
	const few = verdict === "few";
	const parts = [
		`${LABEL[verdict]} ${name} ${pair(failedText)}`,
		pair(cancelledText),
		pair(replaysText),
		!few && pair(({ perMinute }) => rate(perMinute), "/min"),
		!few && verdict !== "gone" && pair(tookText),
		waitedText(row),
		words(sinceText(row, at), withLine && bars(row.line)),
	];
	return parts.filter(Boolean).join(", ");
}

function failedText(side: Side): string {
	const done = doneOf(side);
	if (!done) return "none completed or failed";
	return words(`${side.failed}/${done}`, side.failed > 0 && side.failed < done && percent(side.failed, done));
}
const cancelledText = ({ cancelled }: Side): Line => cancelled > 0 && `${cancelled} cancelled`;
const replaysText = ({ replays, replaysFailed }: Side): Line =>
	replays > 0 && words(plural(replays, "replay"), replaysFailed > 0 && `${replaysFailed} failed`);
const tookText = ({ medianMs = 0, p95Ms = 0, longestMs }: Side): Line =>
	longestMs !== undefined && [medianMs, p95Ms, longestMs].map(duration).join("/");
const rate = (n: number): string => String(Number(n.toPrecision(2)));

function waitedText({ waited, now, past, changes }: Row): Line {
	if (!waited?.now) return undefined;
	const { medianMs, p95Ms, of } = waited.now;
	const before = waited.past?.p95Ms;
	const isSlower = changes.some(({ kind, worse }) => worse && kind !== "failures");
	if (Math.max(p95Ms, before ?? 0) < QUEUED) return undefined;
	const longer = (now.medianMs ?? 0) - (past.medianMs ?? 0);
	// Medians with medians: the longest waits explain no usual duration.
	const queues = now.inclQueue && isSlower && waited.past && medianMs - waited.past.medianMs >= longer / 2;
	return words(
		`in queue ${duration(p95Ms)}`,
		before !== undefined && `(${duration(before)})`,
		now.inclQueue && `of ${of} read`,
		queues && "(possible: slower by the queue, not by its code)",
	);
}

function sinceText({ verdict, changes, first, last }: Row, now: number): Line {
	if (verdict === "new") return first !== undefined && `since ${clock(first, now)}`;
	if (verdict === "gone") return last !== undefined && `until ${clock(last, now)}`;
	const told = changes.map(({ kind, worse, since }) => {
		const what = kind === "failures" ? `fails ${worse ? "more" : "less"}` : `${worse ? "slower" : "faster"}`;
		return since === undefined ? `${what} throughout` : `${what} since ${clock(since, now)}`;
	});
	return told.join(", ");
}

/** `09:15Z`, with the day where it is another than today. */
function clock(ms: number, now: number): string {
	const [day, today] = [stamp(ms), stamp(now)].map((text) => text.slice(0, 10));
	return `${stamp(ms).slice(day === today ? 11 : 5, 16)}Z`;
}

/** `limit, not code: shop/import: 1 of 1 executing, 340 queued …; possible: empty in about 50m at this pace`. */
export function backlogLine(one: Held, now: number): string {
	const { limit, executing, queued, cut, pace, drain } = one;
	const own = limit?.kind === "own" ? limit.value : undefined;
	const full = own !== undefined && executing !== undefined && executing.runs >= own;
	const head = full || limit?.kind === "throttle" ? "limit, not code" : "waits";
	const parts = [
		executing
			? words(executing.atLeast && "at least", `${executing.runs}`, own !== undefined && `of ${own}`, "executing")
			: "how many execute could not be read",
		`${cut ? "at least " : ""}${grouped(queued)} queued (oldest ${duration(now - one.since)})`,
		pace && `${pace.ended} ended, ${pace.arrived} arrived in ${duration(pace.ms)}`,
		drainText(drain),
	];
	return `Backlog ${one.function}, ${head}: ${parts.filter(Boolean).join(", ")}`;
}

function drainText(drain: Drain): string {
	if (drain.kind === "grows") return "it grows";
	if (drain.kind === "empties") return `possible: empty in about ${about(drain.ms)} at this pace`;
	switch (drain.why) {
		case "key":
			return "no estimate: its limit has a key";
		case "shared":
			return "no estimate: its concurrency is shared";
		case "none":
			return "no estimate: it has no concurrency of its own";
		case "stands":
			return "no estimate: too few ended";
		case "limit":
			return "no estimate: its limit could not be read";
		case "unread":
			return "no estimate: not all of its runs were read";
	}
}

/** Two digits: it is an estimate. */
const about = (ms: number): string => duration(Math.max(1000, Number((ms / 1000).toPrecision(2)) * 1000));

export function trendNext({ rows, backlogs, asked, now }: Compared, filter: RunFilter): Suggested {
	const [row] = rows.filter(isBad);
	const [backlog] = backlogs;
	if (row && shareOf(row.now)) {
		const back = duration(now - asked.from);
		const since = readDuration(back) === now - asked.from ? back : filter.since;
		const flags = flagsOf({ ...filter, since, function: row.of });
		return flags !== undefined && `triage-failures${flags}`;
	}
	if (backlog) return `get-run ${backlog.oldest}`;
	return row?.now.longest && `get-run ${row.now.longest}`;
}

/** Names of what was sampled: `Sampled: …`. */
export const sampledText = (windows: readonly string[], read: number): string =>
	`Sampled: ${named(windows, 2)} had more runs than 120 requests can read (${plural(read, "run")} were); counts are of those read.`;

/** Functions compared with the past, in words. */

import {
	type Against,
	CELLS,
	type Change,
	doneOf,
	type FunctionSide,
	hasAny,
	isLonger,
	isSampled,
	LEAST,
	lineOf,
	type Sample,
	shareOf,
	type Trend,
	type Verdict,
} from "../decide/trend.ts";
import type { Held, Row } from "../gather/past.ts";
import { endedIn, lengthOf, type RunFilter, type Window } from "../inngest/api.ts";
import type { LastSync } from "../inngest/functions.ts";
import type { Answer } from "../intent.ts";
import { backTo, plainRef, type Suggested } from "../text/nouns.ts";
import {
	bars,
	clockText,
	duration,
	grouped,
	joined,
	type Line,
	percent,
	plural,
	spell,
	sum,
	words,
} from "../text/text.ts";
import { triageCall } from "./runlist.ts";
import { afterSync } from "./triagetext.ts";
import { backlogLine, countCall, moreBacklogs } from "./watchtext.ts";

interface Trends {
	recent: Sample;
	earlier: Sample;
	rows: readonly Row[];
	backlogs: readonly Held[];
	/** Functions whose backlogs were not examined. */
	more: readonly string[];
	/** Not all of a window was read, or the server has no more. */
	partial: Record<"now" | "past", boolean>;
	/** Undefined if the server doesn't show when apps were synced. */
	syncs: readonly LastSync[] | undefined;
	against: Against;
	/** The requested window; the part of the older window that exists, undefined if none. */
	window: string;
	asked: Window;
	past: Window | undefined;
	now: number;
	limit: number;
	/** Further lines; what could not be read. */
	deploy: Line;
	history: Line;
	missing: string[];
}

const pastText = ({ against, asked }: Pick<Trends, "against" | "asked">): string =>
	against === "previous" ? `the ${spell(lengthOf(asked))} before` : `the same window ${against} earlier`;

/** `Worse in the last 1h than in the 1h before: of 9 functions, 2 fail more, …`. */
function comparedText(all: Trends): string {
	const { rows, window, partial } = all;
	const past = pastText(all);
	const backlogs = counted(all.backlogs.length + all.more.length, "has a backlog", "have a backlog");
	const waiting = backlogs ? `; ${backlogs}` : "";
	if (!rows.length) return `Nothing to compare: no run ended ${window}, nor in ${past}${waiting}`;
	// Functions with a backlog may have no ended runs.
	const names = [...rows, ...all.backlogs].map((one) => one.function);
	const functions = plural(new Set([...names, ...all.more]).size, "function");
	const none = all.past ? `no run ended in ${past}` : `there is no run from ${past}`;
	if (!rows.some((row) => hasAny(row.past)))
		return `Nothing to compare with: ${none}; runs of ${plural(rows.length, "function")} ended ${window}${waiting}`;
	const bad = rows.filter(isBad);
	const of = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict && !bad.includes(row)).length;
	const worse = (is: (kind: Change["kind"]) => boolean) =>
		bad.filter(({ changes }) => changes.some((one) => one.worse && is(one.kind))).length;
	const [failing, slower] = [worse((kind) => kind === "failures"), worse((kind) => kind !== "failures")];
	const fresh = bad.filter(({ verdict }) => verdict === "new").length;
	const [isNew, isGone] = [`${perhaps(partial.past)}new`, `${perhaps(partial.now)}gone`];
	const total = (side: "now" | "past") =>
		`${grouped(sum(rows, (row) => row[side].failed))} of ${grouped(sum(rows, (row) => doneOf(row[side])))}`;
	const isWhole = !partial.now && !partial.past;
	const failed =
		isWhole && rows[1] && rows.some((row) => doneOf(row.now))
			? ` ${total("now")} runs failed, before ${total("past")};`
			: "";
	const parts = [
		counted(failing, "fails more", "fail more"),
		counted(slower, "takes longer", "take longer"),
		are(fresh, `${isNew} and fail${fresh === 1 ? "s" : ""}`),
		backlogs,
		are(of("gone"), isGone),
		are(of("new"), isNew),
		are(of("better"), "better"),
		are(of("same"), "about the same"),
		are(of("few"), "unclear (too few runs)"),
	];
	const [head, joint] = headOf(all, bad.length);
	return `${head} ${window} ${joint} ${past}:${failed} of ${functions}, ${joined(", ", ...parts)}`;
}

const counted = (n: number, one: string, many: string): Line => n > 0 && `${n} ${n === 1 ? one : many}`;
const are = (n: number, what: string): Line => counted(n, `is ${what}`, `are ${what}`);
/** What is in only one window may be in the unread part of the other. */
const perhaps = (partial: boolean): string => (partial ? "possibly " : "");

const isBad = ({ verdict, now }: Trend): boolean =>
	verdict === "worse" || (verdict === "new" && now.failed >= LEAST.failed);

/** Fails more than before, but not enough to be called worse. */
const mayBeWorse = (row: Trend): boolean => !isBad(row) && shareOf(row.now) - shareOf(row.past) >= 0.05;

/** The words before the window, and between it and the past. */
function headOf({ rows, backlogs, past }: Trends, bad: number): [head: string, joint: string] {
	const has = (...verdicts: Verdict[]) => rows.some(({ verdict }) => verdicts.includes(verdict));
	if (bad || backlogs.some((one) => isLonger(one, past))) return ["Worse", "than in"];
	if (has("better")) return ["Better", "than in"];
	if (has("new", "gone")) return ["Changed", "compared with"];
	if (!has("same")) return ["Too few runs to compare", "and"];
	return ["Not clearly worse", "than in"];
}

/** The maximum number of functions with bars of failures. */
const LINES = 2;
/** Queue times are shown from this many ms. */
const QUEUED = 1000;

function trendLines(all: Trends): Line[] {
	const { rows, limit, asked, past } = all;
	const shown = rows.slice(0, limit);
	const left = rows.length - shown.length;
	const [few = [], clear = []] = [true, false].map((is) => shown.filter(({ verdict }) => (verdict === "few") === is));
	const queue = rows.some((row) => row.now.inclQueue || row.past.inclQueue) ? " incl. queue" : "";
	const worst = shown.filter((row) => isBad(row) && row.line.some(Boolean)).slice(0, LINES);
	const every = worst.length > 0 && `; bars: failures per ${duration(lengthOf(lineOf(asked, past)) / CELLS)}`;
	const short = past && lengthOf(past) < lengthOf(asked);
	return [
		short && `Of ${pastText(all)}, only ${duration(lengthOf(past))} can be read: there is no older run.`,
		shown.length > 0 &&
			`Failed/(completed + failed), runs/min, median/95% of completed${queue} (before)${every || ""}:`,
		...clear.map((row) => `${labelOf(row.verdict, all.partial)} ${rowText(row, all, worst.includes(row))}`),
		few.length > 0 && `Unclear ${few.map((row) => rowText(row, all, false)).join("; ")}`,
		left > 0 && `… and ${plural(left, "more function")}: --limit 200.`,
	];
}

function labelOf(verdict: Verdict, { past, now }: Trends["partial"]): string {
	const isSure = (verdict !== "new" || !past) && (verdict !== "gone" || !now);
	return isSure ? verdict.charAt(0).toUpperCase() + verdict.slice(1) : `Possibly ${verdict}`;
}

/** Unchanged values show the past only if it differs by more than a little. */
const differ = (a = 0, b = 0, times: number, least = 0): boolean =>
	Math.max(a, b) >= times * Math.min(a, b) && Math.abs(a - b) > least;

function rowText(row: Row, all: Trends, withLine: boolean): string {
	const { verdict, function: name, now, past } = row;
	const both = hasAny(past) && hasAny(now);
	const side = hasAny(now) ? now : past;
	const pair = (text: (of: FunctionSide) => Line, differs: boolean, unit = "") => {
		const [told, was] = [text(side), both && (differs || verdict !== "same") && text(past)];
		return told && words(`${told}${unit}`, was && was !== told && `(${was})`);
	};
	const few = verdict === "few";
	const before = few && !hasAny(now) && "none now, before";
	const slower = differ(now.medianMs, past.medianMs, 1.5, 199) || differ(now.p95Ms, past.p95Ms, 1.5, 199);
	return joined(
		", ",
		words(
			name,
			before,
			pair((of) => failedText(of, of === side), shareOf(now) !== shareOf(past)),
		),
		pair(cancelledText, false),
		pair(replaysText, false),
		!few && pair(({ perMinute }) => rate(perMinute), differ(now.perMinute, past.perMinute, 2), "/min"),
		(few ? both && slower : verdict !== "gone") && pair(tookText, slower),
		waitedText(row),
		words(sinceText(row, all), withLine && bars(row.line)),
	);
}

function failedText(side: FunctionSide, withShare: boolean): string {
	const done = doneOf(side);
	if (!done) return "none completed or failed";
	const isPart = side.failed > 0 && side.failed < done;
	return words(`${side.failed}/${done}`, withShare && isPart && percent(side.failed, done));
}
const cancelledText = ({ cancelled }: FunctionSide): Line => cancelled > 0 && `${cancelled} cancelled`;
const replaysText = ({ replays, replaysFailed }: FunctionSide): Line =>
	replays > 0 && words(plural(replays, "replay"), replaysFailed > 0 && `${replaysFailed} failed`);

/** `1.2s/1m02s`. */
function tookText({ medianMs = 0, p95Ms = 0, longestMs }: FunctionSide): Line {
	const took = longestMs === undefined ? [] : [medianMs, p95Ms].map(duration);
	return took.join("/");
}
const rate = (n: number): string => String(Number(n.toPrecision(2)));

function waitedText({ waited, now }: Row): Line {
	if (!waited?.now) return;
	const { p95Ms, of } = waited.now;
	const then = waited.past;
	if (Math.max(p95Ms, then?.p95Ms ?? 0) < QUEUED) return;
	return words(
		`95% queued up to ${duration(p95Ms)}`,
		then && `(${duration(then.p95Ms)})`,
		now.inclQueue && `of ${of} read`,
	);
}

function sinceText({ verdict, changes, first, last, of }: Row, { now, syncs }: Trends): Line {
	const since = (at: number) => {
		const after = afterSync(syncs ?? [], of.app, at);
		return words(`since ${clockText(at, now)}`, after && `(${after})`);
	};
	if (verdict === "new") return first ? since(first) : "";
	if (verdict === "gone") return last !== undefined && `until ${clockText(last, now)}`;
	const told = changes.map(({ kind, worse, since: at }) =>
		words(HOW[kind][worse ? 0 : 1], at === undefined ? "throughout" : since(at)),
	);
	return told.join(", ");
}
const HOW: Record<Change["kind"], readonly [worse: string, better: string]> = {
	failures: ["fails more", "fails less"],
	median: ["slower", "faster"],
	p95: ["slowest 5% slower", "slowest 5% faster"],
};

function trendNext({ rows, backlogs, now }: Trends, filter: RunFilter & { since: string }): Suggested {
	const row = rows.find(isBad) ?? rows.find(mayBeWorse);
	const [backlog] = backlogs;
	if (row && shareOf(row.now)) {
		return triageCall({ ...filter, since: backTo(filter.since, now), function: filter.function ?? plainRef(row.of) });
	}
	if (backlog) return `get-run ${backlog.oldest}`;
	return row?.now.longest && `get-run ${row.now.longest}`;
}

/** `requests`: how many were made. */
export function tellTrends(
	read: Omit<Trends, "partial">,
	filter: RunFilter & { since: string },
	label: string,
	requests: number,
): Answer {
	const { recent, earlier, rows, backlogs, more, past, asked, against, missing } = read;
	const cut = [recent, ...(past ? [earlier] : [])].filter(isSampled);
	const all = { ...read, partial: { now: isSampled(recent), past: earlier.covered < lengthOf(asked) } };
	const sampled = cut.map((one) => (one === recent ? "the window" : "the one before")).join(" and ");
	// Only Cloud shows syncs, and has Insights.
	const target = { kind: read.syncs ? ("cloud" as const) : ("self-hosted" as const) };
	const counts = cut[0] && countCall({ target, now: read.now }, { ...filter, ...endedIn(cut[0].span) });
	const runs = plural(recent.runs.length + earlier.runs.length, "run");
	return {
		lines: [
			`${comparedText(all)} (${label})`,
			read.deploy,
			sampled &&
				`Sampled: ${sampled} had more runs than 120 requests can read; counts cover the ${runs} read, weighted towards recent ones.`,
			backlogs.map((one) => backlogLine(one, read.now)),
			moreBacklogs(more),
			trendLines(all),
			read.history,
			missing,
		],
		next: [trendNext(all, filter), counts],
		data: {
			against,
			now: asked,
			past,
			sampled: cut.length > 0,
			functions: rows,
			backlogs,
			moreBacklogs: more,
			missing,
			requests,
		},
	};
}

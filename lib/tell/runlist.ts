/** Long lists of runs in words, and the flags to request the same runs again. */

import { stepsIn, type Wait } from "../decide/cause.ts";
import { keptFor, type Reach } from "../decide/trend.ts";
import { causeIn } from "../decide/triage.ts";
import type { Target } from "../gate/target.ts";
import type { Replayed } from "../gather/failures.ts";
import type { Reading } from "../gather/lists.ts";
import type { Cancelling } from "../gather/siblings.ts";
import type { ReadStory, Story } from "../gather/story.ts";
import {
	type Event,
	endOf,
	filterFlags,
	functionOf,
	type Run,
	type RunFilter,
	runLine,
	type Span,
	type TimeField,
	tookOf,
} from "../inngest/api.ts";
import { eventText, NAMES_READ } from "../inngest/eventlist.ts";
import { cancelNames, cancelsOthers } from "../inngest/functions.ts";
import { returned, type Step, stepsOf } from "../inngest/trace.ts";
import { BY_PLAN, callOf, ENDS, isDone, type Status, whose } from "../text/nouns.ts";
import {
	ago,
	asJson,
	duration,
	excerpt,
	grouped,
	indented,
	joined,
	type Line,
	MINUTE,
	mostFirst,
	named,
	plural,
	quote,
	span,
	stamp,
	time,
	word,
	words,
} from "../text/text.ts";
import { causeText, outcomeText } from "./causetext.ts";
import { batchText } from "./streamtext.ts";
import { replayedLine } from "./triagetext.ts";

/** Ended runs are requested by their end: they may have begun before the window. */
export const byEnd = (statuses: readonly Status[] | undefined): boolean =>
	statuses?.every((status) => ENDS.includes(status)) === true;

interface Told {
	lines: readonly string[];
	waits?: readonly Wait[] | undefined;
}

/** Further details of listed runs: events, what live runs wait for, and how failed ones were replayed. */
interface Details {
	events?: ReadonlyMap<string, Event> | undefined;
	waits?: ReadonlyMap<Run, Told> | undefined;
	replays?: ReadonlyMap<Run, Replayed> | undefined;
}

/** Its duration includes the time in the queue. */
export const isInclQueue = (run: Run): boolean => tookOf(run)?.queue === true;

/** The maximum number of ids shown of runs waiting at the same point. */
const ALIKE = 4;
const MANY = 5;

/** Each run with its details. Of runs waiting at the same point of a function, the first, and the ids of the others. */
export function detailedLines(runs: readonly Run[], details: Details, now: number, by?: TimeField): Line[] {
	const said = { by, clock: true, queue: runs.some(isInclQueue) };
	const points = runs.map((run) => pointOf(run, details) ?? run.id);
	return runs.flatMap((run, i) => {
		if (points.indexOf(points[i] ?? "") < i) return [];
		const others = runs.filter((_, at) => at > i && points[at] === points[i]).map(({ id }) => id);
		return [
			runLine(run, now, said),
			...detailLines(run, details),
			others.length > 0 && `  At the same point (times and conditions may differ): ${named(others, ALIKE)}`,
		];
	});
}

/** Where a run waits, regardless of time and condition; undefined if it is shown on its own. */
function pointOf(run: Run, { events, waits }: Details): string | undefined {
	const own = (!events && waits?.get(run)?.waits) || [];
	if (!own.length || own.some(({ kind }) => kind === "executing" || kind === "retry")) return;
	const points = own.map((wait) => [wait.kind, "step" in wait && wait.step, wait.kind === "event" && wait.event]);
	return JSON.stringify([functionOf(run), run.status, points.map(String).sort()]);
}

function detailLines(run: Run, { events, waits, replays }: Details): Line[] {
	const replayed = replays?.get(run);
	const outcome = outcomeText(run);
	const end = run.status === "COMPLETED" && outcome && "Returned";
	const told = events ? [startText(run, events), words(end, outcome)] : [];
	const further = [...(waits?.get(run)?.lines ?? []), replayed && replayedLine(replayed)];
	return [...told.map((one) => one && `  ${one}`), ...further];
}

/** With a failed run's event, its id: to be sent again, changed. */
function startText({ status, trigger }: Run, events: ReadonlyMap<string, Event>): string {
	if (trigger?.cronSchedule) return `cron ${quote(trigger.cronSchedule, 60)}`;
	const id = trigger?.eventIds?.[0];
	if (id === undefined) return "no event is recorded";
	const event = events.get(id);
	if (!event) return "its event could not be read";
	return words(
		status === "FAILED" && word(id),
		eventText(event, 120),
		trigger?.isBatch && "(the first of its batch; get-run shows more)",
	);
}

const triesText = (attempts: number): Line => attempts > 1 && `(${plural(attempts, "attempt")})`;
const isPause = ({ op }: Step): boolean => /^(SLEEP|WAIT_FOR)/.test(op);

const doneTexts = (steps: readonly Step[]): string[] =>
	steps
		.filter(({ status }) => status === "COMPLETED")
		.map((step) => {
			const value = isPause(step) ? undefined : returned(step.output);
			return words(word(step.name), triesText(step.attempts), value != null && excerpt(value, 80));
		});

/** What cancelling a run does not undo. */
export function staysLine(trace: Span | undefined): Line {
	if (!trace) return "Its completed steps could not be read.";
	const done = doneTexts(stepsOf(trace).filter((step) => !isPause(step)));
	return done.length > 0 && `Stays done: ${named(done, MANY)}.`;
}

/** The step that failed, and what the others returned: what was done, and what a replay from a later step keeps. */
export function doneLines(run: Run, trace: Span | undefined): string[] {
	const steps = stepsOf(trace);
	const cause = causeIn(run, trace, steps);
	const [step] = stepsIn(cause);
	const done = doneTexts(steps);
	const batch = batchText(run, trace);
	const lines = [
		batch && `Started by a ${batch}`,
		cause && step && words(causeText(cause), triesText(step.attempts)),
		done.length > 0 && `Completed steps: ${named(done, MANY)}`,
	];
	return indented(lines);
}

/** A page of a list as requested. */
interface Page {
	order: "ASC" | "DESC";
	cursor: string | undefined;
	/** It continues another page. */
	isNext: boolean;
	/** The `--limit` that shows more than the few that were asked for. */
	most?: number | false;
}

export function pageText(runs: readonly Run[], filter: RunFilter, page: Page): string {
	const { status, since, until } = filter;
	const windowed = since ?? until;
	const ended = byEnd(status);
	if (!runs.length) {
		if (page.cursor) return "No runs on this page; more may follow";
		const came = ended ? "ended" : "was queued";
		return words(
			"No",
			page.isNext && "further",
			status?.join(" or "),
			`run${whose(filter)}`,
			windowed ? `${came} in the window` : "is listed",
		);
	}
	const time = windowed || ended ? ` by ${ended ? "end" : "queue"} time` : "";
	const first = page.order === "DESC" ? "newest" : "oldest";
	const durations = runs.some(isInclQueue) ? ", durations incl. queue" : "";
	const follow = page.cursor ? joined(": --limit ", "; more follow", page.most && String(page.most)) : "";
	return `${plural(runs.length, "run")}${page.isNext ? " on this page" : ""}${time}, ${first} first${durations}${follow}`;
}

interface Paged extends RunFilter {
	order?: string | undefined;
	limit?: number | undefined;
	withWaits: boolean;
	withEvents: boolean;
}

/** The next page by its cursor. A time would repeat or lose runs of the same ms. */
export const pageCall = (p: Paged, cursor: string): string | undefined =>
	callOf("list-runs", [], {
		status: p.status?.join(",").toLowerCase(),
		order: p.order,
		limit: p.limit?.toString(),
		withWaits: p.withWaits,
		withEvents: p.withEvents,
		...filterFlags(p),
		cursor,
	});

/** Which runs were read: ` that ended in the last 24h`, or how far back they go. */
export function windowText({ since, until, by }: RunFilter, { oldest, stopped }: Reading, now: number): string {
	const ended = by === "endedAt";
	const that = ` that ${ended ? "ended" : "were queued"}`;
	if (since !== undefined) return `${that} ${span(since, until, now)}`;
	const to = until === undefined ? "" : `${that} up to ${ago(Date.parse(until), now)}`;
	if (oldest === undefined || stopped) return to;
	return `${to || " (no --since)"}, the oldest ${ended ? "ended " : ""}${ago(oldest, now)} (${stamp(oldest)})`;
}

/** `1,204 runs that ended in the last 24h: 1,100 COMPLETED, 104 FAILED`. */
export function countText(
	counts: ReadonlyMap<string, number>,
	filter: RunFilter,
	reading: Reading,
	now: number,
): string {
	const each = mostFirst(counts).map(([status, n]) => `${grouped(n)} ${status}`);
	const least = reading.stopped ? "At least " : "";
	return joined(": ", `${least}${plural(reading.read, "run")}${windowText(filter, reading, now)}`, each.join(", "));
}

export function partText({ stopped, oldest }: Reading, now: number): Line {
	const back = oldest === undefined ? "" : `, back to ${ago(oldest, now)} (${stamp(oldest)})`;
	return stopped && `Not all: ${stopped}${back}.`;
}

/** The call that groups these runs' failures. Undefined if a name can't be typed. */
export const triageCall = (filter: RunFilter): string | undefined => callOf("triage-failures", [], filterFlags(filter));

/**
 * Says that older data may be missing. As the account's plan no longer keeps it, or a dev server was restarted: `begins` is when its oldest
 * run ended.
 */
export function historyLine(
	{ target, now }: { target: Pick<Target, "kind">; now: number },
	{ since, oldest, begins = 0 }: Partial<Reach> & { begins?: number | undefined },
): Line {
	if (begins > (since ?? begins))
		return `This dev server's oldest run ended ${ago(begins, now)} (${stamp(begins)}). Possible: it was restarted, and lost older ones.`;
	const kept = target.kind === "cloud" ? keptFor({ now, since, oldest }) : undefined;
	if (kept === undefined) return;
	return `History before ${ago(now - kept, now)} may be gone: Inngest Cloud keeps it for ${BY_PLAN}.`;
}

function newerText(newer: Story["newer"], end: number): string {
	if (!newer) return newer === null ? " (none is listed)" : "";
	const ms = end - (time(newer.queuedAt) ?? end);
	return `: ${newer.id} ${newer.status}, queued ${duration(Math.abs(ms))} ${ms < 0 ? "after" : "before"} its end`;
}

/** A run cancelled before it began: its start is when the queue took it up (measured). */
export const isUnbegun = ({ status }: Run, trace: Span | undefined): boolean =>
	status === "CANCELLED" && trace !== undefined && trace.startedAt == null && !trace.children?.length;

/** A timeout by how long the run took: to begin, or from then on (Inngest's source, v1.43). */
function timeoutText(run: Run, trace: Span | undefined): string {
	const [kind, from] = isUnbegun(run, trace) ? ["start", run.queuedAt] : ["finish", trace && run.startedAt];
	const since = time(from);
	return since === undefined
		? "the function's timeout"
		: `the function's ${kind} timeout (not in the API), if at most ${duration(endOf(run) - since)}`;
}

/**
 * Why a run was cancelled. The API doesn't say (measured), so unless an event is known to have done it, all causes are possible, including
 * unread ones. Pausing a function in the dashboard cancels its runs, at once or after 7 days (documented).
 */
export function cancelLine({ run, trace, function: fn, cancelling, newer }: ReadStory): string {
	const end = endOf(run);
	// Clocks differ.
	const text = ({ id, name, at }: Cancelling) =>
		joined(", ", `event ${id} ${word(name)}`, end > at && `${duration(end - at)} before`);
	// The first did it.
	const by = cancelling?.findLast(({ sure }) => sure);
	if (by) return `Cancelled by ${text(by)}.`;
	const came = cancelling?.map(text) ?? [];
	const possible = [...came];
	for (const [i, name] of cancelNames(fn).entries()) {
		const isRead = cancelling && i < NAMES_READ && !name.startsWith("inngest/");
		if (isRead && came.length) continue;
		possible.push(`event ${word(name)} (${isRead ? "no match found" : "whether one came was not read"})`);
	}
	const other = `a newer run, as it is a singleton in cancel mode${newerText(newer, end)}`;
	if (cancelsOthers(fn)) possible.splice(newer ? 0 : possible.length, 0, other);
	possible.push(words("the API or the dashboard", fn?.isPaused && "(its function is paused)"), timeoutText(run, trace));
	if (!fn) possible.push("an event or a newer run (which ones cancel it is unknown)");
	return `The API does not say why it was cancelled. Possible causes: ${possible.join("; ")}.`;
}

/** What its steps began and did not finish, if nothing else is known. */
export function openLines({ run, trace, steps, cause, root, children, missing }: ReadStory): Line[] {
	const isUnmet = cause?.failure.name === "InngestInvokeTimeoutError" && !root && children && !missing[0];
	const open = run.status === "COMPLETED" ? steps.filter((step) => step.op === "RUN" && !isDone(step)) : [];
	const names = open.map(({ name }) => word(name));
	// A time from the event or from a step stays the same.
	const given = asJson([trace?.input, steps.map(({ output }) => output)]);
	const timed = steps.filter(({ name, start = 0 }) => {
		const [ms = ""] = /\d{13}/.exec(name.slice(-80)) ?? [];
		return Math.abs(Number(ms) - start) < MINUTE && !given.includes(ms);
	});
	return [
		timed[1] &&
			`${plural(timed.length, "step")}, such as ${word(timed[1].name)}, have the time in their names: each time the code runs they are new steps, and run again.`,
		isUnmet &&
			"No run of that invocation was found; possible: the function's own limits, such as a singleton, dropped it.",
		open.length > 0 &&
			`It returned before ${named(names, ALIKE)} ended (possible: its code does not await them): whether they ran is unknown.`,
	];
}

/** Health of functions, by events and by runs, and a whole window's runs counted or ranked, in words. */

import { isLong, type Living, quantile, type Reach } from "../decide/trend.ts";
import type { Reading } from "../gather/lists.ts";
import type { Counted } from "../gather/past.ts";
import {
	type Event,
	eventOf,
	filterFlags,
	functionOf,
	hasEnded,
	type Run,
	type RunFilter,
	startOf,
	tookOf,
} from "../inngest/api.ts";
import type { Failure } from "../inngest/trace.ts";
import type { Answer, Context, Words } from "../intent.ts";
import { backTo, callOf, DONE, isOneOf, LIVE, type Status, type Suggested, tailOfId } from "../text/nouns.ts";
import {
	addTo,
	ago,
	DAY,
	duration,
	grouped,
	joined,
	type Line,
	named,
	percent,
	plural,
	some,
	span,
	sum,
	unique,
	words,
} from "../text/text.ts";
import { failureText } from "./causetext.ts";
import { countText, detailedLines, historyLine, isInclQueue, partText, triageCall, windowText } from "./runlist.ts";
import { countCall } from "./watchtext.ts";

/** Counts of a function's runs. Runs of the same event, such as replays, are also counted as one. */
export interface Health {
	function: string;
	/** Runs that ended in the window, and runs that were queued in it and have not ended. */
	total: number;
	byStatus: Record<string, number>;
	/** Ended runs; those of them that failed. */
	ended: number;
	failed: number;
	/** Its last error, if it was read. */
	error?: Failure | undefined;
	/** Ended and failed events; failed events with a later run that completed. */
	endedEvents: number;
	failedEvents: number;
	completedSince: number;
	/** In ms. Cancelled and skipped runs are excluded: they say nothing of the function. */
	medianMs: number | undefined;
	p95Ms: number | undefined;
	/** Durations include the time in the queue. */
	durationsInclQueue: boolean;
}

const GO_ON: readonly string[] = [...LIVE, "PAUSED"];

/** What became of an event, as bits. */
const COMPLETED = 1;
const FAILED = 2;
const SINCE = 4;

interface Account {
	name: string;
	byStatus: Map<string, number>;
	ended: number;
	durations: number[];
	queue: boolean;
	/** The oldest that has not ended. */
	live: Run | undefined;
	/** By the tail of an event's id; runs without an event have a negative number. */
	events: Map<number, number>;
}

/** Counts runs, newest first, in nearly constant memory. */
export class Accounts {
	readonly #accounts = new Map<string, Account>();

	add(run: Run): void {
		const name = functionOf(run);
		const fresh = { name, byStatus: new Map(), ended: 0, durations: [], queue: false, events: new Map() };
		const account: Account = this.#accounts.get(name) ?? { ...fresh, live: undefined };
		this.#accounts.set(name, account);
		const { byStatus, events, durations } = account;
		addTo(byStatus, run.status);
		if (!hasEnded(run)) {
			if (isOneOf(LIVE, run.status)) account.live = run;
			return;
		}
		account.ended++;
		const event = eventOf(run);
		const key = event === undefined ? -1 - events.size : tailOfId(event);
		events.set(key, outcome(events.get(key) ?? 0, run.status));
		const took = ["CANCELLED", "SKIPPED"].includes(run.status) ? undefined : tookOf(run);
		if (!took) return;
		durations.push(took.ms);
		account.queue ||= took.queue;
	}

	/** The oldest live run of each function. */
	live(): Run[] {
		return [...this.#accounts.values()].flatMap(({ live }) => live ?? []);
	}

	/** By the share that failed, then by number; or slowest first. */
	list(bySlowness = false): Health[] {
		const slower = (a: Health, b: Health) => (bySlowness ? (b.p95Ms ?? -1) - (a.p95Ms ?? -1) : 0);
		return [...this.#accounts.values()]
			.map(judged)
			.sort((a, b) => slower(a, b) || shareOf(b) - shareOf(a) || b.failedEvents - a.failedEvents || b.total - a.total);
	}
}

function outcome(bits: number, status: string): number {
	if (status === "COMPLETED") return bits | COMPLETED;
	if (status !== "FAILED") return bits;
	return bits | FAILED | (bits & COMPLETED ? SINCE : 0);
}

const shareOf = ({ failedEvents, endedEvents }: Health): number => failedEvents / Math.max(1, endedEvents);

function judged({ name, byStatus, ended, durations, events, queue }: Account): Health {
	const sorted = durations.sort((a, b) => a - b);
	const counted = (bit: number) => [...events.values()].filter((bits) => bits & bit).length;
	return {
		function: name,
		ended,
		total: sum(byStatus.values(), Number),
		failed: byStatus.get("FAILED") ?? 0,
		endedEvents: events.size,
		failedEvents: counted(FAILED),
		completedSince: counted(SINCE),
		medianMs: quantile(sorted, 0.5),
		p95Ms: quantile(sorted, 0.95),
		byStatus: Object.fromEntries(byStatus),
		durationsInclQueue: queue,
	};
}

/** The oldest live run with a status. */
export interface Oldest {
	status: Status;
	run: Run | undefined;
}

function verdict(told: Told, window: string): string {
	const { list, stopped } = told;
	const goesOn = [true, false].map((isRead) => {
		const names = longIn(told).flatMap(({ run, waits }) => (Boolean(waits) === isRead ? functionOf(run) : []));
		const what = isRead ? "waiting or executing for long" : "not ended for over an hour, what it does is unknown";
		return names.length > 0 && `${what}: a run of ${named(names, 3)}`;
	});
	const none = `no run ${stopped ? "is known to have ended" : "ended or was queued"} ${window}`;
	return `${judgement(list, stopped)}: ${joined("; ", countedText(list, window) || none, ...goesOn)}`;
}

/** Not those of which it is unknown: UNKNOWN, or a status unknown here. */
const liveOf = ({ byStatus }: Health): number => sum(GO_ON, (status) => byStatus[status] ?? 0);

function countedText(list: readonly Health[], window: string): string {
	const ended = sum(list, (one) => one.ended);
	const failed = sum(list, (one) => one.failed);
	const live = sum(list, liveOf);
	const unclear = sum(list, (one) => one.total) - ended - live;
	const more = ended || live ? `${unclear} more` : plural(unclear, "run");
	const which = ended ? `${grouped(live)} more queued then` : `${plural(live, "run")} queued ${window}`;
	return joined(
		", ",
		ended > 0 && `${plural(ended, "run")} ended ${window}`,
		failed > 0 && `${grouped(failed)} failed`,
		live > 0 && `${which} ${live === 1 ? "has" : "have"} not ended`,
		unclear > 0 && `whether ${more} ended is unknown`,
	);
}

function judgement(list: readonly Health[], stopped: string): string {
	const failing = list.filter(({ failed }) => failed > 0).length;
	const functions = `${plural(list.length, "function")} that ran`;
	if (failing) return `${failing} of ${functions} ${failing === 1 ? "has" : "have"} failures`;
	if (!list.length) return stopped ? "Unclear" : "Nothing ran";
	if (list.every(({ ended }) => !ended))
		return list.some((one) => one.total > liveOf(one)) ? "No run is known to have ended" : "No run has ended";
	const completed = list.some(({ byStatus }) => "COMPLETED" in byStatus);
	return `No failures in ${functions}${completed ? "" : ", but nothing completed either"}`;
}

export const MOST = 200;

function functionLines(list: readonly Health[], limit: number): (string | false)[] {
	if (!list.length) return [];
	const further = limit < MOST ? `--limit ${MOST}` : "narrow it with --app or --function";
	const queue = list.some((one) => one.durationsInclQueue) ? " (incl. queue)" : "";
	return [
		`Bar: failure rate; durations: median, 95th percentile${queue}:`,
		list.some(hasReplays) && "Runs of the same function and event (such as replays) count once; all runs are in [ ].",
		...some(list, limit, functionLine, (left) => `… and ${plural(left, "more function")}: ${further}.`),
	];
}

const hasReplays = ({ ended, endedEvents }: Health): boolean => endedEvents < ended;

function functionLine(one: Health): string {
	const { byStatus, medianMs, p95Ms } = one;
	const share = shareOf(one);
	const cells = share && Math.max(1, Math.round(share * 10));
	const others = Object.keys(byStatus).filter((status) => !["FAILED", "COMPLETED", ...LIVE].includes(status));
	return joined(
		" · ",
		`[${"#".repeat(cells).padEnd(10, ".")}] ${one.function}`,
		failedText(one),
		medianMs !== undefined && p95Ms !== undefined && `${duration(medianMs)}, ${duration(p95Ms)}`,
		...[...others, ...LIVE].map((status) => byStatus[status] && `${byStatus[status]} ${status}`),
		one.error && `last ${failureText(one.error)}`,
	);
}

/** With replays: `12/18 events failed (67%) [24/30 runs], 6 completed since`. */
function failedText(one: Health): string {
	const { ended, failed, endedEvents, failedEvents, completedSince } = one;
	if (!ended) return "none ended";
	if (!hasReplays(one)) return `${failed}/${ended} failed (${percent(failed, ended)})`;
	const since = completedSince ? `, ${completedSince} completed since` : "";
	return `${failedEvents}/${endedEvents} events failed (${percent(failedEvents, endedEvents)}) [${failed}/${ended} runs]${since}`;
}

/** A live run, what it does and that in words, if read. */
export interface Doing extends Living {
	lines?: readonly string[];
}

/** The oldest of each status, then others that go on for long or may. */
function liveLines({ oldest, doing, now }: Told): Line[] {
	const first = oldest.flatMap(({ status, run }) => (run ? [{ label: `Oldest ${status}`, run }] : []));
	const others = doing.filter(
		(one) => !first.some(({ run }) => run.id === one.run.id) && (isLong(one, now) || !one.waits),
	);
	return [...first, ...others.map(({ run }) => ({ label: `Also ${run.status}`, run }))].flatMap(({ label, run }) => {
		const start = startOf(run);
		const read = doing.find((one) => one.run.id === run.id);
		const when = start === undefined ? "" : `, ${ago(start, now)}`;
		return [`${label}: ${run.id} ${functionOf(run)}${when}`, ...(read?.lines ?? [])];
	});
}

/** Of each function one run that goes on for long. */
const longIn = ({ doing, now }: Told): Doing[] =>
	unique(
		doing.filter((one) => isLong(one, now)).sort((a, b) => executes(a) - executes(b)),
		({ run }) => functionOf(run),
	);

const executes = ({ waits }: Doing): number => Number(waits?.some(({ kind }) => kind === "executing") ?? false);

/** What was counted and requested, and further lines. */
interface Told {
	list: readonly Health[];
	oldest: readonly Oldest[];
	/** Events can be read. */
	events: boolean;
	/** Live runs that were read. */
	doing: readonly Doing[];
	filter: RunFilter & { since: string; limit: number };
	line: Line;
	/** Why not all was read. */
	stopped: string;
	history: Line;
	now: number;
	/** A call that counts what was not read. */
	counts: Suggested;
}

export function tellHealth(told: Told, label: string): Words {
	const { list, filter, line, stopped, history, now, counts } = told;
	return {
		lines: [
			`${verdict(told, span(filter.since, filter.until, now))} (${label})`,
			line,
			stopped && `Not all: ${stopped}.`,
			history,
			functionLines(list, filter.limit),
			liveLines(told),
		],
		next: [...nextCalls(told), stopped && counts],
	};
}

function nextCalls(told: Told): Suggested[] {
	const { list, filter, now } = told;
	const since = backTo(filter.since, now);
	// triage-failures covers a day by default.
	const usual = filter.until === undefined && since === duration(DAY);
	const fails = list.some(({ failed }) => failed > 0);
	const long = longIn(told).slice(0, 3);
	const isAll = told.events && !fails && !told.stopped && !filter.app && !filter.function;
	const counts =
		isAll && callOf("list-events", [], { count: true, withRuns: true, ...filterFlags({ ...filter, since }) });
	return [
		fails && triageCall({ ...filter, since: usual ? undefined : since }),
		long.length > 0 && `get-run ${long.map(({ run }) => run.id).join(" ")}`,
		counts && [counts, "which events started nothing"],
	];
}

/** A whole window's runs: counted, or ranked if `slowest`. `reach`: how far back, if all were read. */
export function tellWhole(
	{
		byStatus,
		runs,
		reading,
		reach,
		events,
	}: Counted & { reach: Omit<Reach, "now"> | undefined; events: ReadonlyMap<string, Event> | undefined },
	filter: RunFilter & { slowest: boolean },
	sync: Line,
	context: Pick<Context, "target" | "now">,
): Answer {
	const { target, now } = context;
	const head = filter.slowest
		? rankText(runs, byStatus, reading, filter, now)
		: countText(byStatus, filter, reading, now);
	return {
		lines: [
			`${head} (${target.label})`,
			sync,
			detailedLines(runs, { events }, now, filter.by),
			partText(reading, now),
			reach && historyLine(context, reach),
		],
		next: filter.slowest ? rankCalls(runs, filter) : [!reach && countCall(context, filter)],
		data: {
			total: reading.read,
			byStatus: Object.fromEntries(byStatus),
			complete: reach !== undefined,
			oldest: reading.oldest,
			...(filter.slowest && { data: runs }),
		},
	};
}

/** By default, only runs that completed or failed are ranked. */
const omits = ({ status }: RunFilter): boolean => status === DONE;

function rankText(
	runs: readonly Run[],
	byStatus: ReadonlyMap<string, number>,
	reading: Reading,
	filter: RunFilter,
	now: number,
): string {
	const queue = runs.some(isInclQueue);
	const what = runs.length ? `Slowest ${runs.length} of` : "No duration to rank:";
	const of = words(reading.stopped && "the newest", plural(reading.read, "run"));
	// One that was stopped in the queue has no duration.
	const omitted = omits(filter) || (queue && byStatus.has("CANCELLED")) ? "; cancelled ones omitted" : "";
	return `${what} ${of}${windowText(filter, reading, now)}${omitted}${queue ? ", durations incl. queue" : ""}`;
}

function rankCalls([first]: readonly Run[], filter: RunFilter): Suggested[] {
	const waiting = { status: "queued,running", order: "ASC" };
	const live =
		omits(filter) && callOf("list-runs", [], { ...waiting, ...filterFlags({ ...filter, since: undefined }) });
	return [first && [`get-run ${first.id}`, "where its time went"], live && [live, "the oldest that have not ended"]];
}

/** Long lists of runs: read, counted and ranked; and the flags with which another call looks at the same runs. */

import type { Wait } from "../decide/cause.ts";
import type { Target } from "../gate/target.ts";
import { type Event, eventOf, functionOf, pages, Run, type RunFilter, runLine, tookOf } from "../inngest/api.ts";
import { eventText } from "../inngest/eventlist.ts";
import { checkExists, type LastSync, lastSyncOf, listApps } from "../inngest/functions.ts";
import type { Context } from "../intent.ts";
import { refusal, SkillError } from "../text/errors.ts";
import { mostFirst } from "../text/lists.ts";
import { callOf, ENDS, readDuration, type Status } from "../text/nouns.ts";
import {
	ago,
	DAY,
	duration,
	grouped,
	HOUR,
	iso,
	type Line,
	named,
	plural,
	quote,
	span,
	stamp,
	time,
	word,
	words,
} from "../text/text.ts";
import type { Request } from "../wire/request.ts";
import { outcomeText } from "./causetext.ts";

/** What has ended is asked for by its end: it may have begun before the window. */
export const byEnd = (statuses: readonly Status[] | undefined): boolean =>
	statuses?.every((status) => ENDS.includes(status)) === true;

/** What a long list has been read of, and why not more: empty where it was read to its end. */
export interface Reading {
	read: number;
	stopped: string;
	/** When the last run that was read ended, or was queued, as the list goes by (ms). */
	oldest?: number | undefined;
}

export const notRead = (what: string, { message }: SkillError): string =>
	`${what} could not be read: ${message.replace(/\.$/, "")}`;

/** Hands up to `max` runs of a list to `take`; Ctrl-C and a server that fails end it early. Throws where nothing could be read. */
export async function readRuns(
	{ api, progress, signal }: Pick<Context, "api" | "progress" | "signal">,
	request: Request,
	{ max, noun, by = "--max" }: { max: number; noun: string; by?: string },
	take: (run: Run) => void,
): Promise<Reading> {
	let read = 0;
	let oldest: number | undefined;
	const ended = request.query?.timeField === "endedAt";
	try {
		for await (const page of pages(api, request, Run)) {
			if (read && signal.aborted) return { read, stopped: "interrupted", oldest };
			const taken = page.slice(0, max - read);
			taken.forEach(take);
			read += taken.length;
			oldest = taken.reduce((last, run) => (ended && time(run.endedAt)) || (time(run.queuedAt) ?? last), oldest);
			const all = plural(read, noun);
			progress(`${all} read`);
			if (taken.length < page.length) {
				const newest = read === 1 ? `${noun} was` : `${all} were`;
				return { read, stopped: `only the newest ${newest} read (${by})`, oldest };
			}
		}
	} catch (error) {
		if (!(error instanceof SkillError) || !read) throw error;
		return { read, stopped: signal.aborted ? "interrupted" : notRead(`older ${noun}s`, error), oldest };
	}
	return { read, stopped: "", oldest };
}

/** What is told of listed runs besides: the events that were read, and what the live ones wait for. */
interface Details {
	events?: ReadonlyMap<string, Event> | undefined;
	waits?: ReadonlyMap<Run, { lines: readonly string[]; waits?: readonly Wait[] | undefined }> | undefined;
}

/** So many ids of runs that wait at the same point are shown. */
const ALIKE = 4;
const MANY = 5;

/** Each run with what is told of it; of those that wait at the same point of a function the first, and the others by id. */
export function detailedLines(
	runs: readonly Run[],
	details: Details,
	now: number,
	said: Parameters<typeof runLine>[2],
): Line[] {
	const points = runs.map((run) => pointOf(run, details) ?? run.id);
	return runs.flatMap((run, i) => {
		if (points.indexOf(points[i] ?? "") < i) return [];
		const others = runs.filter((_, at) => at > i && points[at] === points[i]).map(({ id }) => id);
		return [
			runLine(run, now, said),
			...detailLines(run, details),
			others.length > 0 && `  Also at this point: ${named(others, ALIKE)}`,
		];
	});
}

/** Where a run waits, whatever its time or condition; undefined for one that is told by itself. */
function pointOf(run: Run, { events, waits }: Details): string | undefined {
	const own = events ? [] : (waits?.get(run)?.waits ?? []);
	if (!own.length || own.some(({ kind }) => kind === "executing" || kind === "retry")) return undefined;
	// Of many waits the server lists not all, and not the same ones.
	const isMany = own.length > MANY;
	const points = own.map((wait) => [
		wait.kind,
		!isMany && "step" in wait && wait.step,
		wait.kind === "event" && wait.event,
	]);
	return JSON.stringify([functionOf(run), run.status, [...new Set(points.map(String))].sort()]);
}

function detailLines(run: Run, { events, waits }: Details): Line[] {
	const error = events && run.status === "FAILED" && outcomeText(run, 120);
	const told = [events && startText(run, events.get(eventOf(run) ?? "")), error];
	return [...told.map((one) => one && `  ${one}`), ...(waits?.get(run)?.lines ?? [])];
}

function startText(run: Run, event: Event | undefined): string {
	const { cronSchedule, isBatch } = run.trigger ?? {};
	if (cronSchedule) return `cron ${quote(cronSchedule, 60)}`;
	if (eventOf(run) === undefined) return "no event is recorded";
	if (!event) return "its event could not be read";
	return `${eventText(event, 120)}${isBatch ? " (the first of its batch; get-run shows more)" : ""}`;
}

const msOf = (run: Run): number => tookOf(run)?.ms ?? -1;
/** Those that took longest, first; one of which that is not known, or which was stopped in a queue, is not ranked. */
export const longest = (runs: readonly Run[], most: number): Run[] =>
	runs
		.filter(tookOf)
		.sort((a, b) => msOf(b) - msOf(a))
		.slice(0, most);

/** Which runs were read: ` that ended in the last 24h`, or how far back they go. */
export function windowText({ since, until, by }: RunFilter, { oldest, stopped }: Reading, now: number): string {
	const ended = by === "endedAt";
	const that = ` that ${ended ? "ended" : "were queued"}`;
	if (since !== undefined) return `${that} ${span(since, until, now)}`;
	const to = until === undefined ? "" : `${that} up to ${ago(Date.parse(until), now)}`;
	const isTold = oldest !== undefined && !stopped;
	return isTold
		? `${to || " (no --since)"}, the oldest ${ended ? "ended " : ""}${ago(oldest, now)} (${stamp(oldest)})`
		: to;
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
	return `${least}${plural(reading.read, "run")}${windowText(filter, reading, now)}${each.length ? ": " : ""}${each.join(", ")}`;
}

export function partText({ stopped, oldest }: Reading, now: number): Line {
	const back = oldest === undefined ? "" : `, back to ${ago(oldest, now)} (${stamp(oldest)})`;
	return stopped && `Not all: ${stopped}${back}.`;
}

export const filterFlags = ({ function: fn, app, since, until }: RunFilter) => ({
	function: fn && { app: fn.app ?? app, name: fn.name },
	app: fn ? undefined : app,
	since: since?.replace(".000Z", "Z"),
	until: until?.replace(".000Z", "Z"),
});

/** The call that groups the failures of these runs; undefined where a name in it can't be typed. */
export const triageCall = (filter: RunFilter): string | undefined => callOf("triage-failures", [], filterFlags(filter));

/** A moment as so long ago, where that can be typed: `24h`. */
export function backTo(since: string, now: number): string {
	const back = duration(now - Date.parse(since));
	return readDuration(back) === now - Date.parse(since) ? back : since;
}

const syncText = ({ app, version }: LastSync): string =>
	words("the last sync of", word(app), version && `(${word(version)})`);

/** What began later than this after a sync is not told beside it, in ms. */
const NEAR = 6 * HOUR;

/** `3m after the last sync of shop (2.1.0)`, of what began then (ms); undefined where it did not, or no time is told. */
export function afterSync(syncs: readonly LastSync[], app: string | undefined, began: number): string | undefined {
	const sync = syncs.find((one) => one.app === app);
	if (!sync || began < sync.at || began - sync.at > NEAR) return undefined;
	return `${ago(sync.at, began).replace(" ago", "")} after ${syncText(sync)}`;
}

/** What `--since-deploy` makes of a filter, and says of it; the filter as it is, without the flag. */
export async function windowOf<P extends RunFilter & { sinceDeploy: boolean }>(
	{ api, now }: Pick<Context, "api" | "now">,
	p: P,
): Promise<{ p: P; line: Line }> {
	if (!p.sinceDeploy) return { p, line: undefined };
	const named = p.function?.app ?? p.app;
	const apps = (await listApps(api)).filter(({ id, archivedAt }) => (named === undefined ? !archivedAt : id === named));
	if (named !== undefined) await checkExists(api, { app: named });
	const [sync] = apps.flatMap(lastSyncOf);
	if (!sync)
		throw refusal(
			"This server does not tell when the app was synced (Inngest Cloud does)",
			"Use --since with the time of the deploy, such as --since 2h.",
			"done",
		);
	if (apps.length > 1) throw refusal("--since-deploy is of one app", "Add --app APP.", "done");
	if (Number(time(p.until)) <= sync.at)
		throw refusal(`--until is before ${syncText(sync)}`, "Leave --until out.", "done");
	return {
		p: { ...p, since: iso(sync.at) },
		line: `Since ${syncText(sync)}, ${ago(sync.at, now)}.`,
	};
}

/** How long runs and events are kept, in ms: 24 h (free), 7 d (pro), 14 d (business), by the documentation of 2026. */
const KEPT = [DAY, 7 * DAY, 14 * DAY];

/** What was asked for and found, in ms since the epoch. */
export interface Reach {
	now: number;
	/** How far back it was to go: as far as there is anything, unless said. */
	since: number | undefined;
	/** The oldest that there was. */
	oldest: number | undefined;
}

/** Where an answer may lack what the account's plan no longer keeps: not what is shown to be kept for longer. */
export function historyLine({ kind }: Pick<Target, "kind">, { now, since, oldest }: Reach): Line {
	if (kind !== "cloud") return undefined;
	// What is just too old may not have been cleared away yet.
	const kept = KEPT.find((one) => now - (oldest ?? now) < one + HOUR);
	const from = since ?? oldest ?? 0;
	return (
		kept !== undefined &&
		now - from > kept &&
		`History before ${ago(now - kept, now)} may be gone: Inngest Cloud keeps it for 24 h (free), 7 d (pro) or 14 d (business).`
	);
}

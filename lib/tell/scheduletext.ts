/** Schedules and what became of their ticks, in words. */

import type { Schedule, Ticked } from "../decide/schedules.ts";
import { type App, type Fn, type Run, refOf, startOf } from "../inngest/api.ts";
import { nameOf } from "../inngest/functions.ts";
import type { Answer } from "../intent.ts";
import { callOf, plainRef, type Suggested } from "../text/nouns.ts";
import {
	ago,
	clean,
	clockText,
	DAY,
	iso,
	joined,
	type Line,
	named,
	plural,
	quote,
	some,
	stamp,
	sum,
	word,
	words,
	YEAR,
} from "../text/text.ts";
import { outcomeText } from "./causetext.ts";
import { idleText } from "./functiontext.ts";

/** A function's schedule, and what is known of it. Times are ms since the epoch. */
export interface Scheduled {
	fn: Fn;
	cron: string;
	/** Undefined if it can't be parsed. */
	schedule: Schedule | undefined;
	/** Undefined if its runs were not read. */
	ticked: Ticked | undefined;
	/** Reading them failed. */
	lost: boolean;
	last: Run | undefined;
	/** If that failed, the last known one that completed. */
	good?: Run | undefined;
	/** Its failed runs in the window, newest first. */
	failed: readonly Run[];
	next: number | undefined;
	/** When the check of its ticks starts, if later than the window. */
	checkedFrom: number | undefined;
	/** When its app was registered, if within the window: earlier ticks are unknown. */
	knownFrom: number | undefined;
}

const found = ({ ticked }: Scheduled, ticks: "missed" | "late" | "possible"): number =>
	ticked?.kind === "ticked" ? ticked[ticks].length : 0;
const failed = ({ last }: Scheduled): boolean => last?.status === "FAILED";
const failedBefore = (one: Scheduled): boolean => one.failed.length > 0 && !failed(one);
/** Whether a tick was due in the time that was checked. */
const isDue = ({ ticked }: Scheduled): boolean => ticked?.kind !== "ticked" || ticked.ticks > 0;
/** Whether nothing about it is uncertain. */
const isSure = ({ ticked, checkedFrom }: Scheduled): boolean =>
	ticked?.kind === "idle" || (ticked?.kind === "ticked" && !ticked.possible.length && checkedFrom === undefined);

/** Since when (ms) its ticks were checked. */
const lookedFrom = ({ checkedFrom = 0, knownFrom = 0 }: Scheduled): number => Math.max(checkedFrom, knownFrom);

/** Since when ticks of any schedule were checked, if later than the window's start. Otherwise 0. */
const checkedSince = (all: readonly Scheduled[]): number => {
	const read = all.filter(({ ticked }) => ticked?.kind === "ticked").map(lookedFrom);
	return read.length ? Math.min(...read) : 0;
};

/** `10 schedules: 2 missed 3 ticks in the last 24h; last run of 1 failed`. If only part of the window was checked, says which. */
export function scheduleHeadline(all: readonly Scheduled[], window: string, now: number): string {
	if (!all.length) return "No schedules: none of the selected functions has a cron trigger";
	const counted = (kind: "missed" | "late", verb: string): Line => {
		const some = all.filter((one) => found(one, kind));
		const ticks = sum(some, (one) => found(one, kind));
		return ticks > 0 && `${some.length} ${verb} ${plural(ticks, "tick")}`;
	};
	const sure = all.some(isDue) ? "no tick missed" : "no tick due";
	const none = all.every(isSure) ? sure : "no tick known to be missed";
	const missed = joined(", ", counted("missed", "missed") || none, counted("late", "late with"));
	const failing = all.filter(failed).length;
	const before = all.filter(failedBefore).length;
	const ended = joined(
		"",
		failing > 0 && `; last run of ${failing} failed`,
		before > 0 && `; earlier runs of ${before} failed`,
	);
	const from = checkedSince(all);
	const looked = from ? `since ${clockText(from, now)}` : window;
	return `${plural(all.length, "schedule")}: ${missed} ${looked}${ended}`;
}

/** Worst first. */
export const byNeed = (all: readonly Scheduled[]): Scheduled[] =>
	all.toSorted(
		(a, b) =>
			found(b, "missed") - found(a, "missed") ||
			found(b, "late") - found(a, "late") ||
			Number(failed(b)) - Number(failed(a)) ||
			b.failed.length - a.failed.length ||
			found(b, "possible") - found(a, "possible") ||
			(a.next ?? Infinity) - (b.next ?? Infinity),
	);

/** `told`: the start of the check according to the headline. */
export function scheduleLine(one: Scheduled, now: number, told = 0): string {
	const { fn, cron, schedule, ticked, last, good, next } = one;
	const looked = ticked?.kind === "ticked" ? lookedFrom(one) : 0;
	// What croner accepts consists of digits, signs, and names of zones, days and months.
	const written = schedule ? `(${clean(cron, 100)})` : quote(cron, 60);
	const times = [
		last && words(ago(startOf(last) ?? now, now), last.status !== "COMPLETED" && last.status, outcomeText(last)),
		ticked && !last && (isDue(one) ? "no scheduled run known" : "none due"),
		next !== undefined && nextText(Math.max(next, now + 1000), now),
	];
	const parts = [
		ticked && tickedText(ticked, now),
		looked > told && `checked from ${clockText(looked, now)}`,
		!ticked && "runs not read",
		joined(", ", ...times),
		failedText(one, now),
		good && words("last good run", clockText(nearly(good, now), now), outcomeText(good)),
	];
	return `${words(nameOf(fn), idleText(fn), !schedule && "can't be read:", written)}: ${joined("; ", ...parts)}`;
}

/** `2 runs failed (13:19Z to 13:20Z)`, unless that is the last one alone. */
function failedText({ failed, last }: Scheduled, now: number): Line {
	if (!failed.some(({ id }) => id !== last?.id)) return;
	const times = failed.map((run) => nearly(run, now)).toReversed();
	return `${plural(failed.length, "run")} failed ${clocks(times, now)}`;
}

/** When a run started, to the nearest second: it may be some ms before its tick (measured). */
const nearly = (run: Run, now: number): number => (startOf(run) ?? now) + 500;

/** `04:30`; on another day, `12-24 04:30`; from a year, `2028-02-29 00:00`. */
const nextText = (next: number, now: number): string =>
	next - now < YEAR ? clockText(next, now).slice(0, -1) : stamp(next).slice(0, 16);

function tickedText(ticked: Ticked, now: number): string | false {
	if (ticked.kind !== "ticked") return false;
	const { missed, late, possible, why } = ticked;
	const because = why === "limits" ? "its limits may have dropped them" : "the schedule may be newer";
	return joined(
		"; ",
		missed.length > 0 && `MISSED ${timesText(missed, now)}`,
		late.length > 0 && `LATE ${timesText(late, now)}`,
		possible.length > 0 && `possible: no run at ${timesText(possible, now)}, but ${because}`,
	);
}

/** `3 ticks (08:10Z to 08:30Z)`. */
const timesText = (ticks: readonly number[], now: number): string =>
	`${plural(ticks.length, "tick")} ${clocks(ticks, now)}`;

function clocks(times: readonly number[], now: number): string {
	const [first = now] = times;
	const [from, to] = [first, times.at(-1) ?? now].map((ms) => clockText(ms, now));
	return times.length > 1 ? `(${from} to ${to})` : `(${from})`;
}

/** What the lines assume, and what they leave open. */
export function scheduleNotes(all: readonly Scheduled[]): Line[] {
	const unread = all.filter(({ ticked, lost }) => !ticked && !lost).length;
	return [
		all.some((one) => found(one, "missed")) &&
			"Missed: no run; possible: the server was down or is behind, or the function paused, removed or changed. An app that is down causes failed runs, not missing ones.",
		unread > 0 && `The runs of ${plural(unread, "schedule")} were not read: --app APP or --function APP/FUNCTION.`,
		all.some(({ checkedFrom }) => checkedFrom) &&
			"Earlier ticks were not checked: --function APP/FUNCTION, or a shorter --since.",
	];
}

/** That a deleted app's schedules continue. A dev server does that, but lists none of its functions (measured on v1.43). */
export const deletedLine = (apps: readonly App[] = []): Line =>
	apps.length > 0 &&
	`Possible: the schedules of ${plural(apps.length, "deleted app")} go on, which are not listed: ${named(
		apps.map(({ id }) => word(id)),
		5,
	)}.`;

/** If a last run failed: its failures, or the run if it is too old for triage's default. */
export const scheduleNext = (all: readonly Scheduled[], now: number): Suggested => {
	const one = all.find(failed) ?? all.find(failedBefore);
	const run = one?.failed[0] ?? one?.last;
	if (!run) return;
	const of = now - (startOf(run) ?? now) < DAY && plainRef(refOf(run));
	return of ? callOf("triage-failures", [], { function: of }) : `get-run ${run.id}`;
};

/** For `--json`. Times in UTC. */
function scheduleData({ fn, cron, schedule, ticked, last, good, failed, next, checkedFrom, knownFrom }: Scheduled) {
	const at = (ms: number | undefined) => ms && iso(ms);
	const found = ticked?.kind === "ticked" && {
		missed: ticked.missed.map(iso),
		late: ticked.late.map(iso),
		possible: ticked.possible.map(iso),
	};
	return {
		app: fn.app.id,
		function: fn.id,
		cron,
		zone: schedule?.zone,
		ticked: ticked && { ...ticked, ...found },
		checkedFrom: at(checkedFrom),
		knownFrom: at(knownFrom),
		last,
		good,
		failed: failed.map(({ id }) => id),
		next: at(next),
	};
}

/** The requested window, what could not be read, and notes. */
interface Told {
	window: string;
	app: string | undefined;
	unread: readonly string[];
	notes: readonly Line[];
	now: number;
}

export function tellSchedules(all: readonly Scheduled[], told: Told, label: string): Answer {
	const { window, app, unread, notes, now } = told;
	const partly = unread.length ? `; ${plural(unread.length, "app")} could not be read` : "";
	const since = checkedSince(all);
	const more = (n: number) => `… and ${n} more: ${app === undefined ? "--app APP" : "--json has all"}.`;
	return {
		lines: [
			`${scheduleHeadline(all, window, now)}${partly} (${label})`,
			all.length > 0 && "Last run (completed unless said), next (UTC):",
			some(all, 100, (one) => scheduleLine(one, now, since), more),
			scheduleNotes(all),
			notes,
		],
		next: [scheduleNext(all, now)],
		data: { schedules: all.map(scheduleData), unread },
	};
}

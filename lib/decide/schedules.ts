/**
 * Schedules: when a cron trigger ticks, by the rules of Inngest's own parser (robfig/cron v3), and which ticks have no run.
 * test/lib/robfig.jsonl holds the ticks to that parser. Pure.
 */
import { Cron, CronPattern } from "croner";
import { eventOf, type Fn, type Run } from "../inngest/api.ts";
import { limitOf, singletonMode } from "../inngest/functions.ts";
import { unique } from "../text/lists.ts";
import { timeOfId } from "../text/nouns.ts";
import { DAY, time } from "../text/text.ts";

/** Summer time moves clocks by less. */
const SHIFT = DAY / 8;
/** A week of minutes. */
const MOST = 10_080;

/** A cron trigger, read. Times are ms since 1970. */
export interface Schedule {
	/** UTC where none is written, whatever the zone of the server's machine (`time.Local = time.UTC` in its cmd/main.go; measured on v1.43). */
	zone: string;
	/** As croner reads it: 1 for each value that fits; months and days of the month count from 0. */
	pattern: CronPattern;
	/** The ticks from `from` to `until`, both included, in order; of more than `most` (a week of minutes) the newest. */
	ticks(from: number, until: number, most?: number): number[];
	/** The first tick after this moment; undefined where there will be none. */
	next(after: number): number | undefined;
}

/** undefined for what is not five fields (or a name such as @daily) in a zone that is known here. */
export function readCron(cron: string): Schedule | undefined {
	const [, named, spec = ""] = /^(?:(?:CRON_)?TZ=(\S*) )?(.*)$/s.exec(cron) ?? [];
	// To robfig/cron a list with a star in it, and steps of one, are stars; that decides how days of month and week go together.
	const fields = spec.trim().replace(/(?<!\S)(?:\S+,)?[*?](?:\/0*1)?(?:,\S+)?(?!\S)/g, "*");
	const zone = named || "UTC";
	const mode = { mode: "5-part", sloppyRanges: true } as const;
	try {
		// croner computes on the wall clock, as if that were UTC: at changes of summer time its rules are not robfig/cron's.
		const wall = new Cron(fields, { ...mode, utcOffset: 0 });
		const { shownAt, instants } = clockIn(zone, wall);
		const ticks: Schedule["ticks"] = (from, until, most = MOST) => {
			const found: number[] = [];
			const first = shownAt(from) - SHIFT;
			let [at] = wall.previousRuns(1, new Date(shownAt(until) + SHIFT));
			for (; at && +at > first && found.length < most; [at] = wall.previousRuns(1, at))
				found.push(...instants(+at).filter((one) => one >= from && one <= until));
			return found.sort((a, b) => a - b).slice(-most);
		};
		const next: Schedule["next"] = (after) => {
			let at = wall.nextRun(new Date(shownAt(after) - SHIFT));
			for (; at; at = wall.nextRun(at)) {
				const one = instants(+at).find((instant) => instant > after);
				// Where an hour is there twice, what comes later on the wall may come first.
				if (one !== undefined) return ticks(after + 1, one)[0];
			}
			return undefined;
		};
		return { zone, pattern: new CronPattern(fields, undefined, mode), ticks, next };
	} catch {
		return undefined;
	}
}

/** What a zone's clocks show, as if that were UTC; and when they show a tick: never in an hour that is left out, twice in one that is there twice. */
function clockIn(zone: string, wall: Cron) {
	const clock = new Intl.DateTimeFormat("en-US", {
		timeZone: zone,
		hourCycle: "h23",
		...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
	});
	const shownAt = (ms: number): number => {
		const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
		const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
		return Date.UTC(year, month - 1, day, hour, minute, second);
	};
	const offset = (ms: number): number => shownAt(ms) - ms;
	const around = (shown: number): number[] => [...new Set([offset(shown - DAY), offset(shown + DAY)])];
	const moments = (shown: number): number[] =>
		around(shown)
			.map((one) => shown - one)
			.filter((ms) => shownAt(ms) === shown);
	const instants = (shown: number): number[] => {
		const [ahead = 0, ...others] = around(shown);
		if (!others.length) return [shown - ahead];
		const midnight = shown - (shown % DAY);
		// East of UTC robfig/cron passes over a day without a midnight, if it comes to it from one that does not fit.
		const passedOver =
			!moments(midnight).length && ahead > 0 && +(wall.nextRun(new Date(midnight - DAY - 1)) ?? midnight) >= midnight;
		return passedOver ? [] : moments(shown);
	};
	return { shownAt, instants };
}

/** So long before its tick a run may be queued, in ms: 20 (Inngest's pkg/execution/cron/manager.go), and clocks differ. */
export const EARLY = 1000;
/** So long after a tick its run is listed. */
const LATE = 60_000;

/** What is known of one schedule of a function. Times are ms, by the server's clock. */
export interface Known {
	fn: Pick<Fn, "isPaused" | "isArchived" | "configuration">;
	/** One of its triggers, as written. */
	cron: string;
	/**
	 * The function's runs in any order, with those of other triggers and replays: all that were queued from `from` to `until`.
	 * An older one may be among them: it shows that the schedule was there before, so that a tick without a run is missed, not
	 * possibly missed.
	 */
	runs: readonly Run[];
	from: number;
	/** Now. Ticks of the last minute are left open: their runs may not be listed yet. */
	until: number;
	/** When its app was made, where it is known: before, nothing could tick. */
	createdAt?: number | undefined;
}

/**
 * What has come of the ticks. A run that failed, as its app could not be reached, is a run: its tick is not missed. A missed one has
 * none: the server was away, or the function was paused or gone for a time, of which the API keeps nothing.
 */
export type Ticked =
	/** A trigger that can't be read; a paused or archived function. */
	| { kind: "unreadable" | "idle" }
	| {
			kind: "ticked";
			/** How many there were; and the first of those that were looked at, where there were too many. */
			ticks: number;
			first: number | undefined;
			/** When ticks had no run though the schedule had been there before, in order. */
			missed: number[];
			/** When ticks had none, but perhaps were not to have one: the function may be newer (`new`), or its own limits drop runs (`limits`). */
			possible: number[];
			why: "new" | "limits";
	  };

/** When a run's tick was, or a few ms earlier; a replay has the event of the first run. */
const tickedAt = (run: Run): number => timeOfId(eventOf(run) ?? "") || (time(run.queuedAt) ?? timeOfId(run.id));

/** Which ticks have no run. For a slot that is over: from a second before it until now, and of what is found the ticks in the slot. */
export function ticked({ fn, cron, runs, from, until, createdAt = 0 }: Known): Ticked {
	const schedule = readCron(cron);
	if (!schedule) return { kind: "unreadable" };
	if (fn.isPaused || fn.isArchived) return { kind: "idle" };
	const own = runs.filter((run) => run.trigger?.cronSchedule === cron);
	const starts = unique(own, (run) => eventOf(run) ?? run.id)
		.map(tickedAt)
		.sort((a, b) => a - b);
	// Later runs are of later ticks.
	const all = schedule.ticks(Math.max(from + EARLY, createdAt), Math.max(until, starts.at(-1) ?? 0) + EARLY);
	const isDue = (tick: number): boolean => tick <= until - LATE;
	// Of two crons that tick at once a function runs for one (its source: they share an idempotency key; measured on v1.43).
	const others = runs.filter(({ trigger }) => trigger?.cronSchedule && trigger.cronSchedule !== cron).map(tickedAt);
	const isShared = (tick: number): boolean => others.some((at) => Math.abs(at - tick) < LATE / 2);
	const without = withoutRun(all, starts).filter((tick) => isDue(tick) && !isShared(tick));
	const there = (starts[0] ?? Infinity) + EARLY;
	const limits =
		singletonMode(fn) === "SKIP" || limitOf(fn, "rateLimit") !== undefined || limitOf(fn, "debounce") !== undefined;
	const missed = limits ? [] : without.filter((tick) => tick > there);
	return {
		kind: "ticked",
		ticks: all.filter(isDue).length,
		first: all.length < MOST ? undefined : all[0],
		missed,
		possible: without.filter((tick) => !missed.includes(tick)),
		why: limits ? "limits" : "new",
	};
}

/** Each run is of the last tick that has none yet: a server that was away catches up, many ticks at once. */
function withoutRun(ticks: readonly number[], starts: readonly number[]): number[] {
	const open: number[] = [];
	const left = ticks.values();
	let tick = left.next();
	for (const start of starts) {
		for (; !tick.done && tick.value <= start + EARLY; tick = left.next()) open.push(tick.value);
		open.pop();
	}
	for (; !tick.done; tick = left.next()) open.push(tick.value);
	return open;
}

/** Whether one of these ran by a schedule in the minute of this tick: then the server was there. */
export const ranAt = (runs: readonly Run[], tick: number): boolean =>
	runs.some((run) => {
		const at = time(run.queuedAt) ?? 0;
		return run.trigger?.cronSchedule !== undefined && at >= tick - EARLY && at < tick + LATE;
	});

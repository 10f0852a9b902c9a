/**
 * Schedules: when a cron trigger ticks, by the rules of Inngest's own parser (robfig/cron v3), and which ticks have no run.
 * test/lib/robfig.jsonl holds the ticks to that parser.
 */
import { Cron, CronPattern } from "croner";
import { eventOf, type Fn, type Run } from "../inngest/api.ts";
import { limitOf, singletonMode } from "../inngest/functions.ts";
import { timeOfId } from "../text/nouns.ts";
import { time } from "../text/text.ts";

const DAY = 86_400_000;

/** A cron trigger, read. Times are ms since 1970. */
export interface Schedule {
	/** As written; undefined where none is: UTC on Cloud, elsewhere the zone of the server's machine (Go's local time). */
	zone: string | undefined;
	/** As croner reads it: 1 for each value that fits; months and days of the month count from 0. */
	pattern: CronPattern;
	/** The ticks from `from` to `until`, both included, in order; of more than `most` the newest. */
	ticks(from: number, until: number, most?: number): number[];
	/** The first tick after this moment; undefined where there will be none. */
	next(after: number): number | undefined;
}

/** undefined for what is not five fields (or a name such as @daily) in a zone that is known here. */
export function readCron(cron: string): Schedule | undefined {
	const [, zone, spec = ""] = /^(?:(?:CRON_)?TZ=(\S*) )?(.*)$/s.exec(cron) ?? [];
	// To robfig/cron a list with a star in it, and steps of one, are stars; that decides how days of month and week go together.
	const fields = spec.trim().replace(/(?<!\S)(?:\S+,)?[*?](?:\/0*1)?(?:,\S+)?(?!\S)/g, "*");
	const mode = { mode: "5-part", sloppyRanges: true } as const;
	try {
		// croner computes on the wall clock, as if that were UTC: at changes of summer time its rules are not robfig/cron's.
		const wall = new Cron(fields, { ...mode, utcOffset: 0 });
		const instants = instantsOf(wall, zone || "UTC");
		const ticks: Schedule["ticks"] = (from, until, most = 10_000) => {
			const found: number[] = [];
			let [at] = wall.previousRuns(1, new Date(until + DAY));
			for (; at && +at > from - DAY && found.length < most; [at] = wall.previousRuns(1, at))
				found.push(...instants(+at).filter((one) => one >= from && one <= until));
			return found.sort((a, b) => a - b).slice(-most);
		};
		const next: Schedule["next"] = (after) => {
			let at = wall.nextRun(new Date(after - DAY));
			for (; at; at = wall.nextRun(at)) {
				const one = instants(+at).find((instant) => instant > after);
				// Where an hour is there twice, what comes later on the wall may come first.
				if (one !== undefined) return ticks(after + 1, one)[0];
			}
			return undefined;
		};
		return { zone: zone || undefined, pattern: new CronPattern(fields, undefined, mode), ticks, next };
	} catch {
		return undefined;
	}
}

/** The moments at which a zone's clocks show a tick: none in an hour that is left out, two in one that is there twice. */
function instantsOf(wall: Cron, zone: string): (shown: number) => number[] {
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
	const all = (shown: number): number[] =>
		[...new Set([shown - offset(shown - DAY), shown - offset(shown + DAY)])].filter((ms) => shownAt(ms) === shown);
	if (zone === "UTC") return (shown) => [shown];
	return (shown) => {
		const midnight = shown - (shown % DAY);
		// East of UTC robfig/cron passes over a day without a midnight, if it comes to it from one that does not fit.
		const passedOver = () =>
			!all(midnight).length &&
			offset(midnight) > 0 &&
			+(wall.nextRun(new Date(midnight - DAY - 1)) ?? midnight) >= midnight;
		const found = all(shown);
		return found.length && passedOver() ? [] : found;
	};
}

/** A tick may start a little early: up to 20 ms (Inngest's pkg/execution/cron/manager.go), and clocks differ. */
const EARLY = 1000;
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
	/** Now, or the end of the window where later runs are known, too. Ticks of the last minute are left open. */
	until: number;
	/** When its app was made, where it is known: before, nothing could tick. */
	createdAt?: number | undefined;
	/** On Inngest Cloud a schedule without a zone goes by UTC. */
	cloud: boolean;
}

/** What has come of the ticks. A run that failed, as its app could not be reached, is a run: its tick is not missed. */
export type Ticked =
	/** What can't be read; paused or archived functions; runs at other times than UTC's without a zone: the server's own applies. */
	| { kind: "unreadable" | "idle" | "ownZone" }
	| {
			kind: "ticked";
			/** The ticks from `from` on that were to be looked at, by their number. */
			from: number;
			ticks: number;
			/** When ticks had no run though the schedule was there, in order. */
			missed: number[];
			/** When ticks had none, but perhaps were not to have one: the function may be newer (`new`), or its own limits drop runs (`limits`). */
			possible: number[];
			why: "new" | "limits";
	  };

/** When a run's tick was, or a few ms earlier; a replay has the event of the first run. */
export const tickedAt = (run: Run): number => timeOfId(eventOf(run) ?? "") || (time(run.queuedAt) ?? timeOfId(run.id));

/** Which ticks have no run. For `watch`: hand in the slot as `from` and `until`, with all runs of the function in it. */
export function ticked({ fn, cron, runs, from, until, createdAt = 0, cloud }: Known): Ticked {
	const schedule = readCron(cron);
	if (!schedule) return { kind: "unreadable" };
	if (fn.isPaused || fn.isArchived) return { kind: "idle" };
	const own = runs.filter((run) => run.trigger?.cronSchedule === cron);
	const starts = [...new Map(own.map((run) => [eventOf(run) ?? run.id, tickedAt(run)])).values()].sort((a, b) => a - b);
	const onTime = starts.filter((start) => schedule.ticks(start - LATE, start + EARLY, 1).length);
	if (!cloud && !schedule.zone && onTime.length * 2 < starts.length) return { kind: "ownZone" };
	const begin = Math.max(from + EARLY, createdAt);
	const ticks = schedule.ticks(begin, until - LATE);
	const without = withoutRun(ticks, starts);
	const there = (starts[0] ?? Number.POSITIVE_INFINITY) + EARLY;
	const limits =
		singletonMode(fn) === "SKIP" || limitOf(fn, "rateLimit") !== undefined || limitOf(fn, "debounce") !== undefined;
	const missed = limits ? [] : without.filter((tick) => tick > there);
	return {
		kind: "ticked",
		from: begin,
		ticks: ticks.length,
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

/**
 * When crons tick, by the rules of Inngest's parser (robfig/cron v3), and which ticks have no run; when an event's runs start, what limits
 * or cancels them. Pure.
 */
import { Cron } from "croner";
import { type Event, eventOf, type Fn, hasEnded, type Run } from "../inngest/api.ts";
import { type Cancellation, isIdle, limitOf, limitsOf, type SyncedFn, singletonMode } from "../inngest/functions.ts";
import { lasting, timeOfId } from "../text/nouns.ts";
import { DAY, time, unique } from "../text/text.ts";
import { type Truth, truthOf } from "./cel.ts";
import { mayStart, receivedAt, type Spared, type Why } from "./why.ts";

/** Daylight saving time moves clocks by less. */
const SHIFT = DAY / 8;
/** The minutes of a week. */
const MOST = 10_080;

/** A parsed cron trigger. Times are ms since the epoch. */
export interface Schedule {
	/**
	 * UTC unless specified, whatever the time zone of the server's machine (`time.Local = time.UTC` in its cmd/main.go; measured on v1.43).
	 */
	zone: string;
	/** The ticks from `from` to `until`, both included, in order; if more than `most` (a week of minutes), the newest. */
	ticks(from: number, until: number, most?: number): number[];
	/** The first tick after this time; undefined if there is none. */
	next(after: number): number | undefined;
}

/** Undefined unless it is five fields (or a name such as @daily) in a known time zone. Checked by test/lib/robfig.jsonl. */
export function readCron(cron: string): Schedule | undefined {
	const [, named, spec = ""] = /^(?:(?:CRON_)?TZ=(\S*) )?(.*)$/s.exec(cron) ?? [];
	// robfig/cron treats a list that contains a star, and a step of one, as a star; that decides how days combine.
	const fields = spec.trim().replace(/(?<!\S)(?:\S+,)?[*?](?:\/0*1)?(?:,\S+)?(?!\S)/g, "*");
	const zone = named || "UTC";
	try {
		// croner works on wall time, as if it were UTC: its rules for clock changes are others.
		const wall = new Cron(fields, { mode: "5-part", sloppyRanges: true, utcOffset: 0 });
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
				// In an hour that occurs twice, a later wall time may come first.
				if (one !== undefined) return ticks(after + 1, one)[0];
			}
			return;
		};
		return { zone, ticks, next };
	} catch {
		return;
	}
}

/** Converts to a zone's wall time, as if that were UTC, and back: no instant in a skipped hour, two in an hour that occurs twice. */
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
		// East of UTC, robfig/cron skips a day without a midnight if it arrives there from a day that doesn't match.
		const passedOver =
			!moments(midnight).length && ahead > 0 && +(wall.nextRun(new Date(midnight - DAY - 1)) ?? midnight) >= midnight;
		return passedOver ? [] : moments(shown);
	};
	return { shownAt, instants };
}

/** How early a run may be queued before its tick, in ms. It is 20 (Inngest's pkg/execution/cron/manager.go), plus clock differences. */
export const EARLY = 1000;
/** How long after a tick its run is listed, in ms. */
const LATE = 60_000;

/** What is known of one schedule of a function. Times are ms, by the server's clock. */
export interface Known {
	fn: Pick<Fn, "isPaused" | "isArchived" | "configuration">;
	/** One of its triggers, as written. */
	cron: string;
	/**
	 * All runs of the function queued from `from` to `until`, in any order, including replays and runs of other triggers. An older run may be
	 * included: it shows that the schedule already existed, so that a tick without a run was missed, not possibly missed.
	 */
	runs: readonly Run[];
	from: number;
	/** Now. Ticks of the last minute are not judged: their runs may not be listed yet. */
	until: number;
	/** When its app was created, if known: nothing ticked before. */
	createdAt?: number | undefined;
	/** The tick of its newest run (see newestOf), if read: a server with a long queue starts a tick's run minutes later (measured). */
	reached?: number | undefined;
}

/**
 * What became of the ticks. A run that failed because its app was unreachable is a run: its tick was not missed. A missed tick has none:
 * the server was down, or the function was paused or removed for a time, of which the API keeps no record.
 */
export type Ticked =
	/** A trigger that can't be parsed; a paused or archived function. */
	| { kind: "unreadable" | "idle" }
	| {
			kind: "ticked";
			/** How many there were; the first one checked, if there were too many. */
			ticks: number;
			first: number | undefined;
			/** Ticks without a run although the schedule already existed, in order. */
			missed: number[];
			/** Ticks whose turn has not come: each is planned as the one before it starts (its source), and that was late. */
			late: number[];
			/** Ticks without a run that may have been due none: the function may be newer (`new`), or its limits drop runs (`limits`). */
			possible: number[];
			why: "new" | "limits";
	  };

/** When a run's tick was, or a few ms earlier; a replay has the first run's event. */
const tickedAt = (run: Run): number => timeOfId(eventOf(run) ?? "") || (time(run.queuedAt) ?? timeOfId(run.id));

/** A schedule's run with the newest event, unless it was queued on a tick: then it is that tick's. */
export function newestOf(runs: readonly Run[], cron: string): Run | undefined {
	const own = runs.filter(({ trigger }) => trigger?.cronSchedule === cron);
	const newest = own.toSorted((a, b) => tickedAt(b) - tickedAt(a))[0];
	const at = newest ? tickedAt(newest) : 0;
	return readCron(cron)?.ticks(at - EARLY, at + EARLY, 1).length ? undefined : newest;
}

/** Which ticks have no run. For a past slot, call it from a second before the slot until now, then keep the ticks in the slot. */
export function ticked({ fn, cron, runs, from, until, createdAt = 0, reached = Infinity }: Known): Ticked {
	const schedule = readCron(cron);
	if (!schedule) return { kind: "unreadable" };
	if (isIdle(fn)) return { kind: "idle" };
	const own = runs.filter((run) => run.trigger?.cronSchedule === cron);
	const starts = unique(own, (run) => eventOf(run) ?? run.id)
		.map(tickedAt)
		.sort((a, b) => a - b);
	// Later runs belong to later ticks.
	const all = schedule.ticks(Math.max(from + EARLY, createdAt), Math.max(until, starts.at(-1) ?? 0) + EARLY);
	const isDue = (tick: number): boolean => tick <= until - LATE;
	// Crons of a function that tick at once run it once (they share an idempotency key; measured on v1.43).
	const others = runs.filter(({ trigger }) => trigger?.cronSchedule && trigger.cronSchedule !== cron).map(tickedAt);
	const isShared = (tick: number): boolean => others.some((at) => Math.abs(at - tick) < LATE / 2);
	const isBehind = all.some((tick) => tick > reached && tick <= (starts.at(-1) ?? 0) + EARLY);
	const isLate = (tick: number): boolean => isBehind && tick > reached;
	const open = new Set(withoutRun(all, starts, reached));
	const due = [...open].filter((tick) => isDue(tick) && !isShared(tick));
	const without = due.filter((tick) => !isLate(tick));
	const there = (starts[0] ?? Infinity) + EARLY;
	const limits =
		singletonMode(fn) === "SKIP" || limitOf(fn, "rateLimit") !== undefined || limitOf(fn, "debounce") !== undefined;
	const missed = limits ? [] : without.filter((tick) => tick > there);
	return {
		kind: "ticked",
		// A tick of just now counts once it has its run.
		ticks: all.filter((tick) => isDue(tick) || (tick <= until && !open.has(tick))).length,
		first: all.length < MOST ? undefined : all[0],
		missed,
		late: due.filter(isLate),
		possible: without.filter((tick) => !missed.includes(tick)),
		why: limits ? "limits" : "new",
	};
}

/** Each run belongs to the latest tick without one, the newest run to none after `reached`: a server that was down catches up on many ticks at once. */
function withoutRun(ticks: readonly number[], starts: readonly number[], reached: number): number[] {
	const left = [...starts];
	let last = Math.min(left.pop() ?? -Infinity, reached);
	return ticks
		.toReversed()
		.filter((tick) => {
			if (tick > last + EARLY) return true;
			last = left.pop() ?? -Infinity;
			return false;
		})
		.toReversed();
}

/** In how many ms those that have not started do so at the earliest. Batches ignore that it is dated ahead (measured). */
export function startsIn(why: Why | undefined, { ts }: Pick<Event, "ts">, now: number): number {
	const dated = (ts ?? 0) - now;
	const each = (why?.misses ?? []).filter(mayStart).map(({ causes }) => {
		const [held] = causes.flatMap((one) => ("due" in one ? one : []));
		return held?.kind === "eventsBatch" ? 0 : (held?.due ?? dated);
	});
	return each.length ? Math.min(...each) : dated;
}

/** How long after an event (ms) the last of the runs it cancels ends. Usually seconds (measured; 5.2 s on a busy server). */
export const CANCELS_WITHIN = 10_000;

/** Whether an event cancels a run that `of` started. The timeout counts from when the run was queued (Inngest's source, v1.43). */
export function cancelTruth(
	{ condition, timeout }: Cancellation,
	run: Pick<Run, "queuedAt">,
	of: Event | undefined,
	by: Event,
): Truth {
	const limit = lasting(timeout);
	if (limit && receivedAt(by) - (time(run.queuedAt) ?? NaN) >= limit) return false;
	return condition ? of && truthOf(condition, { event: of, async: by }) : true;
}

/** Whether it cancels the run; with null for the timeout, whether it was meant for it. */
export const sparedTruth = ({ run, of, cancellation }: Spared, by: Event, timeout = cancellation.timeout): Truth =>
	cancelTruth({ ...cancellation, timeout }, run, of, by);

/** Why a run was spared, by each of its function's cancellations: the condition is false of `of`, or without `of` it was too late. */
export function sparedAs(own: readonly Spared[], by: Event, isOver: boolean): Spared | [] {
	const meets = own.find((one) => sparedTruth(one, by));
	if (meets) {
		const isEarly = (time(meets.run.queuedAt) ?? 0) > receivedAt(by);
		return isOver && (isEarly || !hasEnded(meets.run)) ? { ...meets, matches: true } : [];
	}
	if (own.some((one) => sparedTruth(one, by) !== false)) return [];
	const late = own.find((one) => sparedTruth(one, by, null) !== false);
	return late ? { ...late, of: undefined } : (own[0] ?? []);
}

/** How long the server may hold an event for a debounce or a batch, in ms; it may act up to 5 s late. */
export const heldFor = (fn: Fn): number =>
	5_000 + Math.max(2 * lasting(limitOf(fn, "debounce")?.period), lasting(limitOf(fn, "eventsBatch")?.timeout));

/** What limits runs: `own` if only the function's own concurrency limit; otherwise a limit whose use the API does not show. */
export type Limit =
	| { kind: "own"; value: number }
	| { kind: "throttle" }
	| { kind: "key" }
	| { kind: "shared" }
	| { kind: "none" };

/** Of a concurrency limit: it is shared with no other function. */
export const isOwn = ({ scope }: { scope?: string | null | undefined }): boolean => !scope || scope === "FUNCTION";

export function heldBy(fn: Fn): Limit {
	const set = limitsOf(fn);
	const throttle = limitOf(fn, "throttle");
	const [only] = set;
	if (throttle?.key || set.some(({ key }) => key)) return { kind: "key" };
	if (set.length > 1 || (only && !isOwn(only))) return { kind: "shared" };
	if (throttle) return { kind: "throttle" };
	return only ? { kind: "own", value: Number(only.limit?.value) } : { kind: "none" };
}

/** With a key, it is most likely that limit which is reached. */
export function likelyLimits(fn: Fn) {
	const all = limitsOf(fn);
	const keyed = all.filter(({ key }) => key);
	return keyed.length ? keyed : all;
}

/** Those of these limits that another function has, too. */
export const sharedWith = (limits: ReturnType<typeof limitsOf>, other: SyncedFn) =>
	limits.filter((one) => {
		const has = other && other !== "gone" && !isOwn(one) ? limitsOf(other) : [];
		return has.some(({ key, scope }) => key === one.key && scope === one.scope);
	});

/** How much later than allowed a throttled run may begin, in ms. */
const BEHIND = 5_000;

/**
 * Adds when a throttle lets a run begin at the earliest, if that is known: of several at once, if one waited when the last began (measured).
 * With a key, all but the first of the waiting runs may have another.
 */
export function nextOf<T extends { at: number }>(fn: Fn, last: T, before: readonly Run[], run: Run, i: number) {
	const { limit, burst, period, key } = limitOf(fn, "throttle") ?? {};
	if (key && i) return;
	const isOne = (limit ?? 1) + (burst ?? 0) === 1;
	// By its priority, a run may begin before older ones (documented: priority.run).
	const isFree = key || fn.configuration.priority != null;
	const [first = run] = isFree ? [] : before;
	const waited = (time(first.queuedAt) ?? Infinity) < last.at - BEHIND;
	const next = last.at + (lasting(period) / (limit ?? 1)) * (isFree ? 1 : before.length + 1);
	return { ...last, next: isOne || waited ? next : undefined };
}

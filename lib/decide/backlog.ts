/** Queues: what holds runs back, at what pace they end, and when none is left. Pure. */
import * as z from "zod/mini";
import { type Fn, type Run, refOf } from "../inngest/api.ts";
import { limitOf } from "../inngest/functions.ts";
import type { FunctionRef } from "../text/nouns.ts";
import { time } from "../text/text.ts";
import { many, maybe } from "../wire/lenient.ts";
import { byFunction, LEAST, type Sample } from "./trend.ts";

const MINUTE = 60_000;

/** A function with runs that have waited in the queue for a while. */
export interface Backlog {
	function: string;
	of: FunctionRef;
	queued: number;
	/** More may be queued. */
	cut: boolean;
	/** The run that has waited longest, and since when (ms). */
	oldest: string;
	since: number;
	/** Runs that arrived and ended in the last `ms`; undefined where not all of them were read. */
	pace: { ms: number; arrived: number; ended: number } | undefined;
}

/** So long a run waits in the queue before it is told, in ms. */
const WAITED = 15_000;

/** The functions of which at least five runs are queued, the oldest for a while: the longest queue first. `live` are from the oldest on. */
export function backlogsIn(live: readonly Run[], cut: boolean, ended: Sample, now: number): Backlog[] {
	const done = byFunction(ended.runs);
	const found = [...byFunction(live)].flatMap(([name, own]) => {
		const queued = own.filter(({ status }) => status === "QUEUED");
		const [oldest] = queued;
		const since = time(oldest?.queuedAt) ?? now;
		if (!oldest || queued.length < LEAST.ended || now - since < WAITED) return [];
		// The later half of the wait: what filled the queue is no pace.
		const ms = Math.max(MINUTE, Math.min((now - since) / 2, now - ended.span.from));
		const recent = (at: string | null | undefined) => (time(at) ?? 0) >= now - ms;
		const over = done.get(name) ?? [];
		const pace = {
			ms,
			arrived: [...own, ...over].filter((run) => recent(run.queuedAt)).length,
			ended: over.filter((run) => recent(run.endedAt)).length,
		};
		const known = !cut && ended.whole <= now - ms;
		return [
			{
				function: name,
				of: refOf(oldest),
				queued: queued.length,
				cut,
				oldest: oldest.id,
				since,
				pace: known ? pace : undefined,
			},
		];
	});
	return found.sort((a, b) => b.queued - a.queued);
}

const Amount = z.object({ value: z.nullish(z.union([z.number(), z.string()])), isPlanLimit: z.nullish(z.boolean()) });
const Concurrency = many(z.object({ limit: z.nullish(Amount), scope: maybe, key: maybe }));
/** A function's limits of concurrency, the plan's own among them. */
export const concurrencyOf = (fn: Fn): z.output<typeof Concurrency> =>
	z.safeParse(Concurrency, fn.configuration.concurrency).data ?? [];

/** What holds runs back: a limit of the function's own alone, or one of which the API does not tell how much is taken. */
export type Limit =
	| { kind: "own"; value: number }
	| { kind: "throttle" }
	| { kind: "key" }
	| { kind: "shared" }
	| { kind: "none" };

export function heldBy(fn: Fn): Limit {
	const set = concurrencyOf(fn).filter(({ limit }) => !limit?.isPlanLimit && Number(limit?.value ?? 0) > 0);
	const throttle = limitOf(fn, "throttle");
	const [only] = set;
	if (throttle?.key || set.some(({ key }) => key)) return { kind: "key" };
	if (set.length > 1 || (only?.scope && only.scope !== "FUNCTION")) return { kind: "shared" };
	if (throttle) return { kind: "throttle" };
	return only ? { kind: "own", value: Number(only.limit?.value) } : { kind: "none" };
}

/** When a queue is empty, in ms from now, if all goes on as in its pace. */
export type Drain =
	| { kind: "grows" }
	| { kind: "empties"; ms: number }
	| { kind: "unknown"; why: "unread" | "limit" | "stands" | "key" | "shared" | "none" };

export function drainOf({ queued, pace }: Backlog, limit: Limit | undefined): Drain {
	if (!pace) return { kind: "unknown", why: "unread" };
	if (pace.arrived > pace.ended) return { kind: "grows" };
	if (!limit) return { kind: "unknown", why: "limit" };
	if (limit.kind !== "own" && limit.kind !== "throttle") return { kind: "unknown", why: limit.kind };
	const fewer = pace.ended - pace.arrived;
	if (fewer <= 0 || pace.ended < LEAST.failed) return { kind: "unknown", why: "stands" };
	return { kind: "empties", ms: (queued * pace.ms) / fewer };
}

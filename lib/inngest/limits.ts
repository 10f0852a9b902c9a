/** A function's limits and what cancels its runs, as v2 gives them (measured on v1.43). */
import * as z from "zod/mini";
import { many, maybe, maybeNumber } from "../wire/lenient.ts";
import type { Fn } from "./api.ts";

const numbers = { limit: maybeNumber, burst: maybeNumber, maxSize: maybeNumber };
const Limit = z.object({ ...numbers, period: maybe, timeout: maybe, mode: maybe, key: maybe });
/** What each kind of limit has. Throttle holds back runs that are there, the others decide which there are. */
const HAS = {
	rateLimit: ["limit", "period"],
	throttle: ["limit", "period"],
	debounce: ["period"],
	eventsBatch: ["maxSize", "timeout"],
	singleton: ["mode"],
} as const;
export type LimitKind = keyof typeof HAS;
export const isLimit = (key: string): key is LimitKind => Object.hasOwn(HAS, key);

export function limitOf({ configuration }: Fn, kind: LimitKind): z.output<typeof Limit> | undefined {
	const limit = z.safeParse(Limit, configuration[kind]).data;
	return HAS[kind].every((key) => limit?.[key]) ? limit : undefined;
}

/** What a singleton does while a run of it goes on: SKIP, or CANCEL. */
export const singletonMode = (fn: Fn | undefined): string | undefined =>
	fn && limitOf(fn, "singleton")?.mode?.toUpperCase();
export const cancelsOthers = (fn: Fn | undefined): boolean => singletonMode(fn) === "CANCEL";

const Retries = z.object({ value: maybeNumber });
const Cancellations = many(z.object({ event: z.string(), condition: maybe, timeout: maybe }));
export type Cancellation = z.output<typeof Cancellations>[number];

export const cancellationsOf = (fn: Fn): Cancellation[] =>
	z.safeParse(Cancellations, fn.configuration.cancellations).data ?? [];

/** How often a step, or what is outside of steps, is tried. */
export function attemptsOf(fn: Fn | undefined): number | undefined {
	const retries = z.safeParse(Retries, fn?.configuration.retries).data;
	return retries && (retries.value ?? 0) + 1;
}

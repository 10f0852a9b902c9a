/** What decides which events start a run of a function, and when, as v2 gives it (measured on v1.43). */
import * as z from "zod/mini";
import { type Fn, maybe } from "./api.ts";

const Rate = z.object({ limit: z.number(), period: z.string(), key: maybe, burst: z.nullish(z.number()) });
const Debounce = z.object({ period: z.string(), key: maybe });
const Batch = z.object({ maxSize: z.number(), timeout: z.string(), key: maybe });
const Singleton = z.object({ mode: z.string(), key: maybe });

/** A function's limits; one of another form is left out. */
export const limitsOf = ({ configuration: c }: Fn) => ({
	rateLimit: z.safeParse(Rate, c.rateLimit).data,
	/** Holds back runs that are there. */
	throttle: z.safeParse(Rate, c.throttle).data,
	debounce: z.safeParse(Debounce, c.debounce).data,
	eventsBatch: z.safeParse(Batch, c.eventsBatch).data,
	singleton: z.safeParse(Singleton, c.singleton).data,
});
export type Limits = ReturnType<typeof limitsOf>;

/** `idempotency` is made a rate limit of one run per 24 hours, and shows as that (measured). */
export const isIdempotency = ({ limit, period }: z.output<typeof Rate>): boolean => limit === 1 && period === "24h0m0s";

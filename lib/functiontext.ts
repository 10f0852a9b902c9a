/** A function's triggers and limits in few words. */
import * as z from "zod/mini";
import { type Fn, maybe } from "./api.ts";
import { isLimit, type LimitKind, limitOf } from "./limits.ts";
import { excerpt, plural, quote, SECRET_FIELD, word, words } from "./text.ts";

/** Texts of the first of some, and how many more there are. */
function some<T>(list: readonly T[], most: number, text: (one: T) => string): string[] {
	const more = list.length - most;
	return [...list.slice(0, most).map(text), ...(more > 0 ? [`and ${more} more`] : [])];
}

const conditionText = (condition: string | null | undefined) => condition && `if ${quote(condition, 160)}`;

export function triggersText(fn: Fn): string {
	const shown = some(fn.triggers, 10, ({ type, value, if: condition }) => {
		const zone = /TZ=/.test(value) ? "" : "UTC";
		const on = type === "CRON" ? words("cron", quote(value, 40), zone) : word(value);
		return words(on, conditionText(condition));
	});
	return shown.join(", ") || "no trigger";
}

/** Why a function starts nothing, whatever is sent. */
export const idleText = (fn: Fn): string => words(fn.isPaused && "PAUSED", fn.isArchived && "ARCHIVED");

const Retries = z.object({ value: z.nullish(z.number()) });
const Concurrency = z.array(
	z.object({
		limit: z.nullish(
			z.object({ value: z.nullish(z.union([z.number(), z.string()])), isPlanLimit: z.nullish(z.boolean()) }),
		),
		scope: maybe,
		key: maybe,
	}),
);

const Cancellations = z.array(z.object({ event: z.string(), condition: maybe, timeout: maybe }));
export type Cancellation = z.output<typeof Cancellations>[number];

/** The events that cancel a function's runs. */
export const cancellationsOf = (fn: Fn): Cancellation[] =>
	z.safeParse(Cancellations, fn.configuration.cancellations).data ?? [];

/** How often a step, or what is outside of steps, is tried; undefined where it is not known. */
export function attemptsOf(fn: Fn | undefined): number | undefined {
	const retries = z.safeParse(Retries, fn?.configuration.retries).data;
	return retries && (retries.value ?? 0) + 1;
}

/** The limits by which a function's runs may have to wait: concurrency and throttle. */
export const holdsBack = (fn: Fn): string[] =>
	[...concurrencyTexts(fn, false), limitText(fn, "throttle")].filter((text) => text !== undefined);

/** `24h0m0s`, as Go writes a time, as `24h`. */
const period = (text: string | null | undefined): string => word((text ?? "").replace(/(?<=[a-z])0[a-z]+/g, ""));
const per = (key: string | null | undefined) => key && `per ${quote(key, 60)}`;

/** `throttle 10 per 1h per «event.data.a» (burst 3)`; undefined where the function has no such limit. */
export function limitText(fn: Fn, kind: LimitKind): string | undefined {
	const limit = limitOf(fn, kind);
	if (!limit) return undefined;
	const { key, burst } = limit;
	const rate = [`${limit.limit} per ${period(limit.period)}`, per(key)];
	switch (kind) {
		case "rateLimit":
			// `idempotency` is made one run per 24 hours (measured).
			return words("rate limit", ...rate, rate[0] === "1 per 24h" && "(idempotency shows as this)");
		case "throttle":
			return words("throttle", ...rate, burst && burst > 1 && `(burst ${burst})`);
		case "debounce":
			return words("debounce", period(limit.period), per(key));
		case "eventsBatch":
			return words(`batches of up to ${limit.maxSize} or after`, period(limit.timeout), per(key));
		case "singleton":
			return words("singleton", word((limit.mode ?? "").toLowerCase()), per(key));
	}
}

function concurrencyTexts(fn: Fn, all: boolean): string[] {
	const limits = z.safeParse(Concurrency, fn.configuration.concurrency).data ?? [];
	const set = limits.filter(({ limit }) => (all || !limit?.isPlanLimit) && Number(limit?.value ?? 0) >= 0);
	return some(set, 5, ({ limit, key, scope }) => {
		const shared = scope && scope !== "FUNCTION" && `(${word(scope.toLowerCase())})`;
		return words(`concurrency ${Number(limit?.value ?? 0)}`, per(key), shared);
	});
}

function retriesTexts(fn: Fn, all: boolean): string[] {
	const attempts = attemptsOf(fn);
	if (attempts === undefined) return [];
	return [words(`retries ${attempts - 1}`, all && `(${plural(attempts, "attempt")})`)];
}

const cancellationTexts = (fn: Fn): string[] =>
	some(cancellationsOf(fn), 5, ({ event, condition, timeout }) =>
		words(`cancelled by ${word(event)}`, conditionText(condition), timeout && `within ${period(timeout)} of its start`),
	);

/** What holds a function back or ends it early; the plan's own limits and defaults are left out. */
export function limitsText(fn: Fn, all = false): string {
	const { configuration } = fn;
	const known: Record<string, string[]> = {
		retries: retriesTexts(fn, all),
		concurrency: concurrencyTexts(fn, all),
		cancellations: cancellationTexts(fn),
	};
	const isKnown = (key: string) => key === "concurrency" || known[key]?.length;
	const others = Object.entries(configuration).filter(
		([key, value]) => !isKnown(key) && value != null && !(Array.isArray(value) && !value.length),
	);
	return [
		...Object.values(known).flat(),
		...some(
			others,
			20,
			([key, value]) => (isLimit(key) && limitText(fn, key)) || `${nameOf(key)} ${settingText(value)}`,
		),
	].join(", ");
}

/** `rateLimit` as `rate limit`. */
const nameOf = (key: string): string =>
	/^\w{1,30}$/.test(key) ? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : quote(key, 30);

function settingText(value: unknown, depth = 0): string {
	if (typeof value !== "object" || value === null) return word(String(value));
	if (depth > 2) return excerpt(value, 40);
	if (Array.isArray(value)) return some(value, 4, (one) => settingText(one, depth + 1)).join(" + ");
	const set = Object.entries(value).filter(([, one]) => one != null && one !== "");
	return some(set, 6, ([key, one]) => {
		if (SECRET_FIELD.test(key)) return `${nameOf(key)}=[masked]`;
		const text = settingText(one, depth + 1);
		return key === "event" || key === "value" ? text : `${nameOf(key)}=${text}`;
	}).join(" ");
}

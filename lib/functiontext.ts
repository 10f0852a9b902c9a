/** A function's triggers and limits, as v2 gives them (measured on v1.43), and in few words. */
import * as z from "zod/mini";
import type { Fn } from "./api.ts";
import { many, maybe, maybeNumber } from "./lenient.ts";
import { excerpt, plural, quote, SECRET_FIELD, word, words } from "./text.ts";

/** Texts of the first of some, and of how many more there are. */
export const some = <T>(
	list: readonly T[],
	most: number,
	text: (one: T) => string,
	more = (n: number) => `and ${n} more`,
): string[] => [...list.slice(0, most).map(text), ...(list.length > most ? [more(list.length - most)] : [])];

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
const isLimit = (key: string): key is LimitKind => Object.hasOwn(HAS, key);

export function limitOf({ configuration }: Fn, kind: LimitKind): z.output<typeof Limit> | undefined {
	const limit = z.safeParse(Limit, configuration[kind]).data;
	return HAS[kind].every((key) => limit?.[key]) ? limit : undefined;
}

/** What a singleton does while a run of it goes on: SKIP, or CANCEL. */
export const singletonMode = (fn: Fn | undefined): string | undefined =>
	fn && limitOf(fn, "singleton")?.mode?.toUpperCase();
export const cancelsOthers = (fn: Fn | undefined): boolean => singletonMode(fn) === "CANCEL";

const conditionText = (condition: string | null | undefined) => condition && `if ${quote(condition, 160)}`;

export function triggersText(fn: Fn): string {
	const shown = some(fn.triggers, 10, ({ type, value, if: condition }) => {
		const on = type === "CRON" ? words("cron", quote(value, 40), !/TZ=/.test(value) && "UTC") : word(value);
		return words(on, conditionText(condition));
	});
	return shown.join(", ") || "no trigger";
}

export const idleText = (fn: Fn): string => words(fn.isPaused && "PAUSED", fn.isArchived && "ARCHIVED");

const Retries = z.object({ value: maybeNumber });
const Amount = z.object({ value: z.nullish(z.union([z.number(), z.string()])), isPlanLimit: z.nullish(z.boolean()) });
const Concurrency = many(z.object({ limit: z.nullish(Amount), scope: maybe, key: maybe }));
const Cancellations = many(z.object({ event: z.string(), condition: maybe, timeout: maybe }));
export type Cancellation = z.output<typeof Cancellations>[number];

export const cancellationsOf = (fn: Fn): Cancellation[] =>
	z.safeParse(Cancellations, fn.configuration.cancellations).data ?? [];

/** How often a step, or what is outside of steps, is tried. */
export function attemptsOf(fn: Fn | undefined): number | undefined {
	const retries = z.safeParse(Retries, fn?.configuration.retries).data;
	return retries && (retries.value ?? 0) + 1;
}

/** The limits by which a function's runs may have to wait: concurrency and throttle. */
export const holdsBack = (fn: Fn): string[] => [...concurrencyTexts(fn), limitText(fn, "throttle") ?? []].flat();

/** `24h0m0s`, as Go writes a time, as `24h`. */
const period = (text: string | null | undefined): string => word((text ?? "").replace(/(?<=[a-z])0[a-z]+/g, ""));
const perText = (key: string | null | undefined) => key && `per ${quote(key, 60)}`;

/** `throttle 10 per 1h per «event.data.a» (burst 3)`. */
export function limitText(fn: Fn, kind: LimitKind): string | undefined {
	const limit = limitOf(fn, kind);
	if (!limit) return undefined;
	const per = perText(limit.key);
	const rate = `${limit.limit} per ${period(limit.period)}`;
	switch (kind) {
		case "rateLimit":
			// `idempotency` is made one run per 24 hours (measured).
			return words("rate limit", rate, per, rate === "1 per 24h" && "(idempotency shows as this)");
		case "throttle":
			return words("throttle", rate, per, (limit.burst ?? 0) > 1 && `(burst ${limit.burst})`);
		case "debounce":
			return words("debounce", period(limit.period), per);
		case "eventsBatch":
			return words(`batches of up to ${limit.maxSize} or after`, period(limit.timeout), per);
		case "singleton":
			return words("singleton", word((limit.mode ?? "").toLowerCase()), per);
	}
}

function concurrencyTexts(fn: Fn, all = false): string[] {
	const limits = z.safeParse(Concurrency, fn.configuration.concurrency).data ?? [];
	const set = limits.filter(({ limit }) => (all || !limit?.isPlanLimit) && Number(limit?.value ?? 0) >= 0);
	return some(set, 5, ({ limit, key, scope }) => {
		const shared = scope && scope !== "FUNCTION" && `(${word(scope.toLowerCase())})`;
		return words(`concurrency ${Number(limit?.value ?? 0)}`, perText(key), shared);
	});
}

const cancellationText = ({ event, condition, timeout }: Cancellation): string =>
	words(`cancelled by ${word(event)}`, conditionText(condition), timeout && `within ${period(timeout)} of its start`);

/** What holds a function back or ends it early; the plan's own limits only with `all`. */
export function limitsText(fn: Fn, all = false): string {
	const attempts = attemptsOf(fn);
	const known: Record<string, string[]> = {
		retries:
			attempts === undefined ? [] : [words(`retries ${attempts - 1}`, all && `(${plural(attempts, "attempt")})`)],
		concurrency: concurrencyTexts(fn, all),
		cancellations: some(cancellationsOf(fn), 5, cancellationText),
	};
	const others = Object.entries(fn.configuration).filter(
		([key, value]) =>
			key !== "concurrency" && !known[key]?.length && value != null && !(Array.isArray(value) && !value.length),
	);
	const text = ([key, value]: [string, unknown]) =>
		(isLimit(key) && limitText(fn, key)) || `${keyText(key)} ${settingText(value)}`;
	return [...Object.values(known).flat(), ...some(others, 20, text)].join(", ");
}

const keyText = (key: string): string =>
	/^\w{1,30}$/.test(key) ? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : quote(key, 30);

function settingText(value: unknown, depth = 0): string {
	if (typeof value !== "object" || value === null) return word(String(value));
	if (depth > 2) return excerpt(value, 40);
	if (Array.isArray(value)) return some(value, 4, (one) => settingText(one, depth + 1)).join(" + ");
	const set = Object.entries(value).filter(([, one]) => one != null && one !== "");
	return some(set, 6, ([key, one]) => {
		if (SECRET_FIELD.test(key)) return `${keyText(key)}=[masked]`;
		const text = settingText(one, depth + 1);
		return key === "event" || key === "value" ? text : `${keyText(key)}=${text}`;
	}).join(" ");
}

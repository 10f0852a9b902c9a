/** A function's triggers and limits, as v2 gives them (measured on v1.43), and in few words. */

import * as z from "zod/mini";
import type { Fn } from "../inngest/api.ts";
import {
	attemptsOf,
	type Cancellation,
	cancellationsOf,
	isLimit,
	type LimitKind,
	limitOf,
} from "../inngest/functions.ts";
import { excerpt, plural, quote, SECRET_FIELD, word, words } from "../text/text.ts";
import { many, maybe } from "../wire/lenient.ts";

/** Texts of the first of some, and of how many more there are. */
export const some = <T>(
	list: readonly T[],
	most: number,
	text: (one: T) => string,
	more = (n: number) => `and ${n} more`,
): string[] => [...list.slice(0, most).map(text), ...(list.length > most ? [more(list.length - most)] : [])];

const conditionText = (condition: string | null | undefined) => condition && `if ${quote(condition, 160)}`;

export function triggersText(fn: Fn): string {
	const shown = some(fn.triggers, 10, ({ type, value, if: condition }) => {
		const on = type === "CRON" ? words("cron", quote(value, 40), !/TZ=/.test(value) && "UTC") : word(value);
		return words(on, conditionText(condition));
	});
	return shown.join(", ") || "no trigger";
}

export const idleText = (fn: Fn): string => words(fn.isPaused && "PAUSED", fn.isArchived && "ARCHIVED");

const Amount = z.object({ value: z.nullish(z.union([z.number(), z.string()])), isPlanLimit: z.nullish(z.boolean()) });
const Concurrency = many(z.object({ limit: z.nullish(Amount), scope: maybe, key: maybe }));

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

/** A function's triggers and limits in few words. */
import * as z from "zod/mini";
import { type Fn, maybe } from "./api.ts";
import { excerpt, plural, quote, SECRET_FIELD, word, words } from "./text.ts";

/** Triggers shown at most. */
const TRIGGERS = 10;

export function triggersText(fn: Fn): string {
	const shown = fn.triggers.slice(0, TRIGGERS).map(({ type, value, if: condition }) => {
		const cron = `cron ${quote(value, 40)}${/TZ=/.test(value) ? "" : " UTC"}`;
		return words(type === "CRON" ? cron : word(value), condition && `if ${quote(condition, 160)}`);
	});
	const more = fn.triggers.length - TRIGGERS;
	return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(", ") || "no trigger";
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
export function holdsBack(fn: Fn): string[] {
	const { throttle } = fn.configuration;
	return [...concurrencyTexts(fn, false), ...(throttle ? [`throttle ${settingText(throttle)}`] : [])];
}

function concurrencyTexts(fn: Fn, all: boolean): string[] {
	const limits = z.safeParse(Concurrency, fn.configuration.concurrency).data ?? [];
	return limits.slice(0, 5).flatMap(({ limit, key, scope }) => {
		const value = Number(limit?.value ?? 0);
		if ((limit?.isPlanLimit && !all) || value < 0) return [];
		const shared = scope && scope !== "FUNCTION" && `(${word(scope.toLowerCase())})`;
		return [words(`concurrency ${value}`, key && `per ${quote(key, 60)}`, shared)];
	});
}

/** What holds a function back or ends it early; the plan's own limits and defaults are left out. */
export function limitsText(fn: Fn, all = false): string {
	const { configuration } = fn;
	const parts: string[] = [];
	const retries = z.safeParse(Retries, configuration.retries).data;
	if (retries) {
		const again = retries.value ?? 0;
		parts.push(`retries ${again}${all ? ` (${plural(again + 1, "attempt")})` : ""}`);
	}
	parts.push(...concurrencyTexts(fn, all));
	const cancellations = z.safeParse(Cancellations, configuration.cancellations).data;
	for (const { event, condition, timeout } of cancellations?.slice(0, 5) ?? [])
		parts.push(
			words(
				`cancelled by ${word(event)}`,
				condition && `if ${quote(condition, 160)}`,
				timeout && `within ${word(timeout)} of its start`,
			),
		);
	for (const [key, value] of Object.entries(configuration).slice(0, 20)) {
		if (
			key === "retries" ||
			key === "concurrency" ||
			(key === "cancellations" && cancellations) ||
			value == null ||
			(Array.isArray(value) && !value.length)
		)
			continue;
		parts.push(`${nameOf(key)} ${settingText(value)}`);
	}
	return parts.join(", ");
}

/** `rateLimit` as `rate limit`. */
const nameOf = (key: string): string =>
	/^\w{1,30}$/.test(key) ? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : quote(key, 30);

function settingText(value: unknown, depth = 0): string {
	if (typeof value !== "object" || value === null) return word(String(value));
	if (depth > 2) return excerpt(value, 40);
	if (Array.isArray(value))
		return value
			.slice(0, 4)
			.map((one) => settingText(one, depth + 1))
			.join(" + ");
	return Object.entries(value)
		.filter(([, one]) => one != null && one !== "")
		.slice(0, 6)
		.map(([key, one]) =>
			SECRET_FIELD.test(key)
				? `${nameOf(key)}=[masked]`
				: key === "event" || key === "value"
					? settingText(one, depth + 1)
					: `${nameOf(key)}=${settingText(one, depth + 1)}`,
		)
		.join(" ");
}

/** A function's triggers and limits in few words. */
import * as z from "zod/mini";
import { type Fn, maybe } from "./api.ts";
import { excerpt, plural, quote, SECRET_FIELD, word } from "./text.ts";

export const triggersText = (fn: Fn): string =>
	fn.triggers
		.slice(0, 10)
		.map(
			(one) =>
				(one.type === "CRON" ? `cron ${quote(one.value, 40)}${/TZ=/.test(one.value) ? "" : " UTC"}` : word(one.value)) +
				(one.condition ? ` if ${quote(one.condition, 60)}` : ""),
		)
		.join(", ") || "no trigger";

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

const Cancellations = z.array(z.object({ event: z.string(), condition: maybe }));

/** What holds a function back or ends it early; the plan's own limits and defaults are left out. */
export function limitsText(fn: Fn, all = false): string {
	const { configuration } = fn;
	const parts: string[] = [];
	const retries = z.safeParse(Retries, configuration.retries).data;
	if (retries) {
		const again = retries.value ?? 0;
		parts.push(`retries ${again}${all ? ` (${plural(again + 1, "attempt")})` : ""}`);
	}
	for (const one of z.safeParse(Concurrency, configuration.concurrency).data?.slice(0, 5) ?? []) {
		if (one.limit?.isPlanLimit && !all) continue;
		const value = Number(one.limit?.value ?? 0);
		if (value >= 0)
			parts.push(
				`concurrency ${value}${one.key ? ` per ${quote(one.key, 60)}` : ""}${one.scope && one.scope !== "FUNCTION" ? ` (${word(one.scope.toLowerCase())})` : ""}`,
			);
	}
	const cancellations = z.safeParse(Cancellations, configuration.cancellations).data;
	for (const { event, condition } of cancellations?.slice(0, 5) ?? [])
		parts.push(`cancelled by ${word(event)}${condition ? ` if ${quote(condition, 80)}` : ""}`);
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

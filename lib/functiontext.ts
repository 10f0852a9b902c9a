/** A function's triggers and limits in few words. */
import * as z from "zod/mini";
import type { Fn } from "./api.ts";
import { clean, quote, word } from "./text.ts";

export const triggersText = (fn: Fn): string =>
	fn.triggers
		.map(
			(one) =>
				(one.type === "CRON" ? `cron ${quote(one.value, 40)}` : word(one.value)) +
				(one.condition ? ` if ${quote(one.condition, 60)}` : ""),
		)
		.join(", ") || "no trigger";

const Retries = z.object({ value: z.nullish(z.number()) });
const Concurrency = z.array(
	z.object({
		limit: z.nullish(
			z.object({ value: z.nullish(z.union([z.number(), z.string()])), isPlanLimit: z.nullish(z.boolean()) }),
		),
		scope: z.nullish(z.string()),
		key: z.nullish(z.string()),
	}),
);

/** What holds a function back or ends it early; the plan's own limits and defaults are left out. */
export function limitsText(fn: Fn, all = false): string {
	const { configuration } = fn;
	const parts: string[] = [];
	const retries = z.safeParse(Retries, configuration.retries);
	if (retries.success) parts.push(`retries ${retries.data.value ?? 0}`);
	const concurrency = z.safeParse(Concurrency, configuration.concurrency);
	for (const one of concurrency.success ? concurrency.data : []) {
		if (one.limit?.isPlanLimit && !all) continue;
		const value = Number(one.limit?.value ?? 0);
		if (value >= 0)
			parts.push(
				`concurrency ${value}${one.key ? ` per ${quote(one.key, 60)}` : ""}${one.scope && one.scope !== "FUNCTION" ? ` (${clean(one.scope.toLowerCase(), 20)})` : ""}`,
			);
	}
	for (const [key, value] of Object.entries(configuration)) {
		if (key === "retries" || key === "concurrency" || value == null || (Array.isArray(value) && !value.length))
			continue;
		parts.push(
			`${clean(
				key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
				30,
			)} ${settingText(value)}`,
		);
	}
	return parts.join(", ");
}

function settingText(value: unknown): string {
	if (Array.isArray(value)) return value.slice(0, 4).map(settingText).join(" + ");
	if (typeof value !== "object" || value === null) return word(String(value));
	return Object.entries(value)
		.filter(([, one]) => one != null && one !== "")
		.slice(0, 6)
		.map(([key, one]) =>
			key === "event" || key === "value" ? settingText(one) : `${clean(key, 20)}=${settingText(one)}`,
		)
		.join(" ");
}

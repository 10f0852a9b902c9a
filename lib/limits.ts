/** What decides which events start a run of a function, and when, as v2 gives it (measured on v1.43). */
import * as z from "zod/mini";
import { type Fn, maybe } from "./api.ts";

const number = z.nullish(z.number());
const Limit = z.object({
	limit: number,
	burst: number,
	maxSize: number,
	period: maybe,
	timeout: maybe,
	mode: maybe,
	key: maybe,
});
export type Limit = z.output<typeof Limit>;
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

/** A function's limit of a kind, if it has one. */
export function limitOf({ configuration }: Fn, kind: LimitKind): Limit | undefined {
	const limit = z.safeParse(Limit, configuration[kind]).data;
	return HAS[kind].every((key) => limit?.[key]) ? limit : undefined;
}

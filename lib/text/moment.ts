/** Durations and moments as they are typed. */
import { time } from "./text.ts";

/** `24h`, `90m`, `2d12h`: milliseconds. A bare number counts seconds. */
export function readDuration(value: string): number | undefined {
	if (/^\d{1,9}(\.\d{1,3})?$/.test(value)) return Number(value) * 1000;
	if (!/^(\d{1,9}(\.\d{1,3})?(ms|s|m|h|d|w))+$/.test(value)) return undefined;
	const unit: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
	const parts = [...value.matchAll(/([\d.]+)([a-z]+)/g)];
	return parts.reduce((sum, [, n, u = ""]) => sum + Number(n) * (unit[u] ?? 0), 0);
}

/** A moment, so long before `now` (`24h`) or RFC 3339 (a date alone is midnight UTC), as RFC 3339 in UTC. */
export function readTime(value: string, now = Number.NaN): string | undefined {
	const before = /[a-z]$/.test(value) ? readDuration(value) : undefined;
	const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.exec(value);
	const ms = before === undefined ? rfc3339 && time(value.replace(" ", "T").toUpperCase()) : now - before;
	if (!ms || !(ms > 0)) return undefined;
	// Date.parse rolls 31 February over to March: a date must come back as it was written.
	const date = rfc3339?.[1];
	return date && !new Date(date).toISOString().startsWith(date) ? undefined : new Date(ms).toISOString();
}

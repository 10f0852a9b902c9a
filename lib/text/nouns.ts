/** Inngest's nouns as they are written: statuses of runs, names of functions, ids; durations, moments and suggested calls as they are typed. */
import { clean, iso, type Line, time, words } from "./text.ts";

/** The last three are of Inngest Cloud since 1.45: the own server of 1.43 refuses to list by them (its proto). */
export const STATUSES = [
	"QUEUED",
	"RUNNING",
	"COMPLETED",
	"FAILED",
	"CANCELLED",
	"SKIPPED",
	"PAUSED",
	"UNKNOWN",
] as const;
export type Status = (typeof STATUSES)[number];
export const LIVE: readonly Status[] = ["QUEUED", "RUNNING"];
export const isOneOf = (statuses: readonly Status[], given: string): boolean => statuses.some((one) => one === given);
/** Those by which a run, or a step, has come to its own end: nothing stopped it. */
export const DONE = ["COMPLETED", "FAILED"] as const;
export const isDone = ({ status }: { status: string }): boolean => DONE.some((one) => one === status);
/** Those of which each run has an end, by which it is listed: one that was skipped may have none. */
export const ENDS: readonly Status[] = ["COMPLETED", "FAILED", "CANCELLED"];

/** A function as it is printed: `app/function`, or its name alone. */
export interface FunctionRef {
	app: string | undefined;
	name: string;
}

export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
/** Crockford's base 32: none that are mistaken for another when read aloud. */
export const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** When an id was made, in ms since 1970: its first ten characters, in base 32; NaN for none. */
export const timeOfId = (id: string): number =>
	id.length < 10 ? NaN : Array.from(id.slice(0, 10)).reduce((sum, digit) => sum * 32 + DIGITS.indexOf(digit), 0);

export const isOf = (one: FunctionRef, other: FunctionRef): boolean => one.app === other.app && one.name === other.name;

/** The end of an id, as a number: a hundred thousand of them take a few MB. */
export const tailOfId = (id: string): number => Number.parseInt(id.slice(-10), 36);

/** `24h`, `90m`, `2d12h`: milliseconds. A bare number means seconds. */
export function readDuration(value: string): number | undefined {
	if (/^\d{1,9}(\.\d{1,3})?$/.test(value)) return Number(value) * 1000;
	if (!/^(\d{1,9}(\.\d{1,3})?(ms|s|m|h|d|w))+$/.test(value)) return undefined;
	const unit: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
	const parts = [...value.matchAll(/([\d.]+)([a-z]+)/g)];
	return parts.reduce((sum, [, n, u = ""]) => sum + Number(n) * (unit[u] ?? 0), 0);
}

/** A moment, a time before `now` (`24h`) or RFC 3339 (a mere date is midnight UTC), as RFC 3339 in UTC. */
export function readTime(value: string, now = NaN): string | undefined {
	const before = /[a-z]$/.test(value) ? readDuration(value) : undefined;
	const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.exec(value);
	const ms = before === undefined ? rfc3339 && time(value.replace(" ", "T").toUpperCase()) : now - before;
	if (!ms || !(ms > 0)) return undefined;
	// Date.parse rolls 31 February over to March: a date must come back as it was written.
	const date = rfc3339?.[1];
	return date && !iso(Date.parse(date)).startsWith(date) ? undefined : iso(ms);
}

/** A limit's period, ms; 0 where none can be read. */
export const lasting = (period: string | null | undefined): number => readDuration(period ?? "") ?? 0;

/** A call, or a call and what it is for; false and undefined where there is none to make. */
export type Suggested = string | readonly [call: string, why: string] | false | undefined;

/** Where a suggested call has the flags that all of a call's must have, such as `--dev`: lib/cli/run.ts puts them there. No stranger's text can hold it. */
const FLAGS = "\ue000";
export const withFlags = (text: string, flags: readonly Line[]): string =>
	text.replaceAll(FLAGS, () =>
		flags
			.map((one) => one && ` ${one}`)
			.filter(Boolean)
			.join(""),
	);

/** `get-run 01M8… --dev (why)`. */
export function callText(one: Exclude<Suggested, false | undefined>): string {
	const [call, why] = typeof one === "string" ? [one] : one;
	return words(`${call}${FLAGS}`, why && `(${why})`);
}
/** In a sentence. */
export const inTicks = (call: string): string => `\`${callText(call)}\``;

/** A text as it is typed in a shell; undefined for what would not be read the same, or is very long. */
export const typed = (text: string): string | undefined =>
	text === "" || text.length > 300 || clean(text, 300) !== text ? undefined : argument(text);

/** The same for a stranger's text that another can stand for: only a short name, which can't be an instruction. */
export const typedName = (text: string): string | undefined =>
	/^(?!-)[\w .,:/@+=#()'-]{1,40}$/.test(text) ? typed(text) : undefined;

export const argument = (text: string): string =>
	// A word that begins with = is a command's path to zsh.
	/^(?![-=])[\w.,:/@+=-]+$/.test(text) ? text : single(text);

/** In the single quotes of a shell. */
export const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What a flag holds: a switch, a value, several that are given one by one, or a function; undefined and false where it is not given. */
export type FlagValue = boolean | string | readonly string[] | FunctionRef | undefined;

/** `replay-runs --app shop --since 24h`; undefined where a flag can't be typed. */
export function callOf(intent: string, words: readonly string[], flags: Record<string, FlagValue>): string | undefined {
	const typedFlags = Object.entries(flags).flatMap(([key, value]) => flagText(key, value));
	// A word that begins with a dash would be taken for a flag.
	const cannot = typedFlags.includes(undefined) || words.some((word) => word.startsWith("'-"));
	return cannot ? undefined : [intent, ...words, ...typedFlags].join(" ");
}

function flagText(key: string, value: FlagValue): (string | undefined)[] {
	if (value === undefined || value === false) return [];
	const flag = `--${key.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
	if (value === true) return [flag];
	if (Array.isArray(value)) return value.flatMap((one) => flagText(key, one));
	const text = typed(typeof value === "object" && "name" in value ? nameOfRef(value) : String(value));
	return [text && flagged(flag, text)];
}

/** A flag with its value, as `argument` wrote it: one that begins with a dash would be taken for a flag. */
export const flagged = (flag: string, text: string): string => `${flag}${text.startsWith("'-") ? "=" : " "}${text}`;

/** A function that a server named, where that is one plain word: others stay out of calls, which are ours. */
export function plainRef<R extends FunctionRef>(ref: R): R | undefined {
	const name = nameOfRef(ref);
	return name.length <= 100 && argument(name) === name ? ref : undefined;
}

export const nameOfRef = ({ app, name }: FunctionRef): string => (app === undefined ? name : `${app}/${name}`);

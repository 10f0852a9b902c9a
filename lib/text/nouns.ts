/** How Inngest's nouns are written, ready to type: statuses, names, ids; durations, times, suggested calls. */
import { clean, duration, iso, type Line, time, word, words } from "./text.ts";

/** Run statuses. The last three are on Inngest Cloud since 1.45: a 1.43 server refuses them as filters (its proto). */
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
/** Statuses of runs or steps that ended by themselves. */
export const DONE = ["COMPLETED", "FAILED"] as const;
export const isDone = ({ status }: { status: string }): boolean => isOneOf(DONE, status);
/** How long Inngest Cloud keeps runs and events. By its documentation of 2026, in which names of paid plans changed. */
export const BY_PLAN = "24 h (free), 7 or 14 d (paid) or up to 365 d (enterprise)";

/** Why Inngest Cloud skips what a function does not show. By its documentation of draining (2026-11), and SkipReason in its source. */
export const UNSEEN = "a full queue, or a drain by Inngest (its dashboard shows which)";

/** What a replay gets (measured). */
export const FIRST_ONLY = "(of a batch, the first event only)";

/** What may be behind a status. By Inngest's source (v1.43, SkipReason) and its documentation of pausing (2026-11). */
export const STATUS_NOTES = {
	SKIPPED:
		"It never began. Possible causes: its function was paused or draining; another run of its singleton; a full queue.",
	PAUSED:
		"Possible: its function was paused. Inngest's dashboard can resume it; by default, its runs are cancelled after 7 d.",
};

/** Statuses whose runs all have an end to be listed by: a skipped run may have none. */
export const ENDS: readonly Status[] = ["COMPLETED", "FAILED", "CANCELLED"];

/** A function as printed: `app/function`, or its name alone. */
export interface FunctionRef {
	app: string | undefined;
	name: string;
}

export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
/** Crockford's base 32, without characters that look alike. */
export const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const readDigits = (text: string): number =>
	Array.from(text).reduce((sum, digit) => sum * 32 + DIGITS.indexOf(digit), 0);

/** When an id was made, in ms since the epoch: its first ten characters, in base 32. NaN if it is no such id. */
export const timeOfId = (id: string): number => (id.length < 10 ? NaN : readDigits(id.slice(0, 10)));

export const isOf = (one: FunctionRef, other: FunctionRef): boolean => one.app === other.app && one.name === other.name;

/** The end of an id as a number, so that a hundred thousand take a few MB. */
export const tailOfId = (id: string): number => Number.parseInt(id.slice(-10), 36);

/** Parses `24h`, `90m`, `2d12h` to ms. A bare number means seconds. */
export function readDuration(value: string): number | undefined {
	const text = /^[\d.]+$/.test(value) ? `${value}s` : value;
	if (!/^(\d{1,9}(\.\d{1,3})?(ms|[smhdw]))+$/.test(text)) return;
	const unit: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
	const parts = [...text.matchAll(/([\d.]+)([a-z]+)/g)];
	return parts.reduce((sum, [, n, u = ""]) => sum + Number(n) * (unit[u] ?? 0), 0);
}

/** Parses a time before `now` (`24h`) or an RFC 3339 time. To RFC 3339 in UTC; a date means midnight UTC. */
export function readTime(value: string, now = NaN): string | undefined {
	const before = /[a-z]$/.test(value) ? readDuration(value) : undefined;
	const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.exec(value);
	const ms = before === undefined ? rfc3339 && time(value.replace(" ", "T").toUpperCase()) : now - before;
	if (!ms || !(ms > 0)) return;
	// Date.parse rolls 31 February over to March: a date must come back unchanged.
	const date = rfc3339?.[1];
	return date && !iso(Date.parse(date)).startsWith(date) ? undefined : iso(ms);
}

/** The longest wait to suggest, in ms. For longer ones, a later look is suggested. */
export const LONGEST_WAIT = 600_000;

/** A limit's period in ms. 0 if it can't be parsed. */
export const lasting = (period: string | null | undefined): number => readDuration(period ?? "") ?? 0;

/** A call, or a call and its purpose; false or undefined if there is none. */
export type Suggested = string | readonly [call: string, why: string] | false | undefined;

/**
 * Where a suggested call gets the flags that all of an answer's calls must have, such as `--dev`: lib/cli/run.ts inserts them. Strangers'
 * text can't contain it.
 */
const FLAGS = "\ue000";
export const withFlags = (text: string, flags: readonly Line[]): string =>
	text.replaceAll(FLAGS, () => flags.map((one) => (one ? ` ${one}` : "")).join(""));

/** `get-run 01M8… --dev (why)`. */
export function callText(one: Exclude<Suggested, false | undefined>): string {
	const [call, why] = typeof one === "string" ? [one] : one;
	return words(`${call}${FLAGS}`, why && `(${why})`);
}
export const inTicks = (call: string): string => `\`${callText(call)}\``;

/** A text as typed in a shell. Undefined if it is very long or would be read differently. */
export const typed = (text: string): string | undefined =>
	text === "" || text.length > 300 || clean(text, 300) !== text ? undefined : argument(text);

/** As typed(), for a stranger's text that can be replaced by something else. Only short names, which can't be instructions. */
export const typedName = (text: string): string | undefined =>
	/^(?!-)[\w .,:/@+=#()'-]{1,40}$/.test(text) ? typed(text) : undefined;

export const argument = (text: string): string =>
	// zsh expands a word that starts with =.
	/^(?![-=])[\w.,:/@+=-]+$/.test(text) ? text : single(text);

/** In single quotes, for a shell. */
export const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A flag's value: a switch, text, a repeated flag or a function; undefined or false to omit it. */
export type FlagValue = boolean | string | readonly string[] | FunctionRef | undefined;

/** `replay-runs --app shop --since 24h`. Undefined if a flag can't be typed. */
export function callOf(intent: string, words: readonly string[], flags: Record<string, FlagValue>): string | undefined {
	const typedFlags = Object.entries(flags).flatMap(([key, value]) => flagText(key, value));
	// A word that starts with a dash would be taken for a flag.
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

/** A flag and its value as `argument` wrote it. A value that starts with a dash would be taken for a flag. */
export const flagged = (flag: string, text: string): string => `${flag}${text.startsWith("'-") ? "=" : " "}${text}`;

/** A function named by a server, if it is one plain word. Others are kept out of suggested calls. */
export function plainRef<R extends FunctionRef>(ref: R): R | undefined {
	const name = nameOfRef(ref);
	return name.length <= 100 && argument(name) === name ? ref : undefined;
}

export const nameOfRef = ({ app, name }: FunctionRef): string => (app === undefined ? name : `${app}/${name}`);

/** ` of shop/import-catalog`, for a list of its runs. */
export const whose = ({
	function: fn,
	app,
}: {
	function?: FunctionRef | undefined;
	app?: string | undefined;
}): string => {
	const name = fn ? nameOfRef(fn) : app;
	return name === undefined ? "" : ` of ${word(name)}`;
};

/** How `--match` takes a payload's field, if it looks as if one was written as in code or CEL. */
export const fieldLine = ([match = ""]: readonly string[] = []): Line =>
	/^(?!(?:event\.)?(?:data|user)\.[\w.]+(?:=|\s*={2,3}\s*|\s+=\s+)[^\s=])[\w.]+\s*(?:!?=+|[<>]=?)\s*[^\s=]/.test(
		match,
	) && "--match takes a payload field as data.sku=a1, compared only with =.";

export const fromText = (step: string | undefined): string => (step ? `from step ${step}` : "from its start");
export const doesText = (fromStep: string | undefined): string =>
	`everything ${fromStep === undefined ? "the function does" : "from that step on"} is done again.`;

/** A plan's warning about cancelling `it`. */
export const finalText = (it: string): string =>
	`${it} can't be resumed; at most, its event can be replayed; a step in flight finishes first.`;

/** A time as a duration before now, if that is exact: `24h`. */
export function backTo(since: string, now: number): string {
	const ms = now - Date.parse(since);
	return readDuration(duration(ms)) === ms ? duration(ms) : since;
}

/** Lists a function's cancelled runs. */
export const cancelledCall = (of: FunctionRef): string | undefined =>
	callOf("list-runs", [], { function: of, status: "cancelled" });

/** Shown instead of the call for the next page if that can't be typed. */
export const UNTYPED = "More follow; narrow it with --since and --until to see them.";

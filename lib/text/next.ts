/** The calls that an answer suggests, written so that each can be run as it stands. */
import { clean, type Line, words } from "./text.ts";

/** A call, or a call and what it is for; false and undefined where there is none to make. */
export type Suggested = string | readonly [call: string, why: string] | false | undefined;

/** `get-run 01M8… --dev (why)`: with the flags that each of a call's suggestions must have (Context's). */
export function callText(one: Exclude<Suggested, false | undefined>, flags: readonly Line[]): string {
	const [call, why] = typeof one === "string" ? [one] : one;
	return words(call, ...flags, why && `(${why})`);
}

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

type Ref = { app?: string | undefined; name: string };
/** What a flag holds: a switch, a value, several that are given one by one, or a function; undefined and false where it is not given. */
export type FlagValue = boolean | string | readonly string[] | Ref | undefined;

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
export function plainRef<R extends Ref>(ref: R): R | undefined {
	const name = nameOfRef(ref);
	return name.length <= 100 && argument(name) === name ? ref : undefined;
}

export const nameOfRef = ({ app, name }: Ref): string => (app === undefined ? name : `${app}/${name}`);

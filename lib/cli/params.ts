/** Declares intents and kinds of parameters, with what the command line and `--help` need. */

import * as z from "zod/mini";
import type { Intent, Shape } from "../intent.ts";
import { refusal } from "../text/errors.ts";
import { callText, type FunctionRef, readDuration, readTime, STATUSES, type Status, ULID } from "../text/nouns.ts";
import { clean, DAY, duration, plural } from "../text/text.ts";

/** Types a handler's definition and returns it unchanged. */
export const intent = <P extends Shape>(defined: Intent<P>): Intent<P> => defined;

/** A parameter on the command line. */
export interface Flag {
	help: string;
	/** Placeholder for the value in help, such as `RUN_ID`; none for a switch. */
	value?: string;
	/** Taken from the words after the intent; `many` takes all of them. */
	position?: "one" | "many";
	/** A list, which may be given more than once: how several are written in one word. For ids if it takes many. */
	several?: keyof typeof WRITTEN;
	/** JSON inline, `@file`, or `-` for standard input; or text that is not parsed. */
	json?: boolean | "text";
	/** The input is passed on as a stream, not read. */
	stream?: boolean;
	/** Confirmation codes don't depend on it. */
	unbound?: boolean;
	/** A time, absolute or as a duration ago, read by the call's clock (see readTime). */
	moment?: boolean;
	/** The default. */
	fallback?: string;
}

const WORD = /[\s,;]+/;
/** How lists are split. A name may contain commas and spaces, a text anything. */
const WRITTEN = {
	ids: (list: string) => list.split(WORD).filter(Boolean),
	/** Runs by id, or functions. */
	runs: (list: string): string[] =>
		list.includes("/") && !list.split(WORD).some((one) => ULID.test(one)) ? WRITTEN.functions(list) : WRITTEN.ids(list),
	functions: (list: string) => (list.split(WORD).every((one) => /^[^/]+\/./.test(one)) ? list.split(WORD) : [list]),
	texts: (text: string) => [text],
};

/** Words as one list. Keeps what names nothing, to be refused: without ids, filters would decide. */
export function listOf(given: unknown, several: keyof typeof WRITTEN): unknown {
	if (!Array.isArray(given)) return given;
	const all = given.flatMap((one) => WRITTEN[several](String(one)));
	return all.length ? all : given;
}

export const flags = z.registry<Flag>();

const reads = <T>(read: (value: string) => T | undefined, expected: string) =>
	z.pipe(
		z.string(),
		z.transform((value, context) => {
			const result = read(value.trim());
			if (result !== undefined) return result;
			context.issues.push({ code: "custom", message: expected, input: value });
			return z.NEVER;
		}),
	);

/** An id, or the address of its page. */
const readId = (v: string): string | undefined => {
	const [, id = v] =
		v.match(/^(?:https?:\/\/|app\.inngest\.com\/)\S+(?:[?&]runID=|\/(?:runs|events)\/)(\w{26})(?:[/?&#]|$)/i) ?? [];
	return ULID.test(id) ? id.toUpperCase() : undefined;
};
export const ulid = reads(readId, "must be an id of 26 letters and digits, such as 01M85369BX39BZFM3TC50ACTFC");
/** Names may contain `/`, `%` and any visible character (measured on v1.43). */
const isName = (v: string) => /^\P{C}+$/u.test(v);
/**
 * A function as printed: `app/function`, or its name alone (`app` undefined). With several slashes it is ambiguous where the app ends:
 * `name` is then the whole (see resolveFunction).
 */
function readFunction(v: string): FunctionRef | undefined {
	const [app = "", name, ...more] = v.split("/");
	if (!isName(v) || (name !== undefined && !more.length && !(app && name))) return;
	return name === undefined || more.length ? { app: undefined, name: v } : { app, name };
}
export const functionRef = reads(readFunction, "must be app/function, such as shop/import-catalog");
export const runOrFunction = reads(
	(v): string | FunctionRef | undefined => readId(v) ?? (v.includes("/") ? readFunction(v) : undefined),
	"must be a run's id, of 26 letters and digits, or a function, such as shop/import-catalog",
);
export const appId = reads((v) => (isName(v) ? v : undefined), "must be an app's id, such as shop");

const moment = reads(
	(v) => readTime(v),
	"must be a time such as 24h, 90m, 7d or 2026-11-23T08:00:00Z (UTC or with its offset)",
);

export const statusesOf = (taken: readonly Status[]) =>
	reads(
		(v) => {
			const words: string[] = v
				.toUpperCase()
				.split(/\s*,\s*/)
				.filter(Boolean);
			const known = taken.filter((one) => words.includes(one));
			return known.length && known.length === new Set(words).size ? known : undefined;
		},
		`must be one or more of ${taken.join(", ")}`,
	);
export const statuses = statusesOf(STATUSES);

export const count = (min: number, max: number) =>
	reads(
		(v) => (/^\d{1,9}$/.test(v) && Number(v) >= min && Number(v) <= max ? Number(v) : undefined),
		`must be a whole number from ${min} to ${max}`,
	);
/** A duration, in ms; or a word. */
export const lasting = <T extends string = never>(min: number, max: number, word?: T) =>
	reads(
		(v) => {
			if (v.toLowerCase() === word) return word;
			const ms = readDuration(v);
			return ms !== undefined && ms >= min && ms <= max ? ms : undefined;
		},
		`must be ${word === undefined ? "" : word.concat(", or ")}a duration from ${duration(min)} to ${duration(max)}, such as 90m`,
	);
export const oneOf = <T extends string>(...words: T[]) =>
	reads((v) => words.find((one) => one.toLowerCase() === v.toLowerCase()), `must be ${words.join(" or ")}`);
export const line = reads(
	(v) => (v && v.length <= 500 && !/\p{Cc}/u.test(v) ? v : undefined),
	"must be one line of text",
);
/** A file may be named by mistake: only a query is sent. */
export const sql = reads(
	(v) => (v.length <= 100_000 && /^(?:\s|\(|--.*\n|\/\*[^*]*\*\/)*(?:select|with)\s/i.test(v) ? v : undefined),
	"must be one SELECT, of 100,000 characters at most",
);
export const jsonObject = z.record(z.string(), z.unknown(), "must be a JSON object");

/** Declares a flag. If it may be omitted, wrap the schema in z.optional first. */
export const flag = <S extends z.ZodMiniType>(schema: S, help: string, value: string, more: Partial<Flag> = {}): S => {
	// A clone: another intent may use the same schema with other words.
	const own = z.clone(schema);
	flags.add(own, { help, value, ...more });
	return own;
};
export const jsonFlag = <S extends z.ZodMiniType>(schema: S, help: string): S =>
	flag(schema, help, "JSON", { json: true });
/** A switch: `--with-runs`. */
export const toggle = (help: string, more: Partial<Flag> = {}) => {
	const schema = z._default(z.boolean(), false);
	flags.add(schema, { help, ...more });
	return schema;
};

/** Flags that several intents share, with the same words. */
export const runIds = () => flag(z._default(z.array(ulid), []), "these runs", "RUN_ID", { position: "many" });
/** One or more required ids. `one`: for an intent that takes one. */
export const idsOf = (help: string, value: string, position: "one" | "many" = "many") =>
	flag(z.array(ulid).check(z.minLength(1)), help, value, { position, several: "ids" });
/** The run for an intent that takes only one. Refuses several, with the call that takes them. */
export function onlyRun(ids: readonly string[], call: (ids: readonly string[]) => string | undefined): string {
	const [id = "", ...others] = new Set(ids);
	if (!others.length) return id;
	const next = call([id, ...others]);
	throw refusal(
		`${plural(others.length + 1, "run")} are named, but this takes one`,
		next ? `Next: ${callText(next)}` : "Call it once for each.",
	);
}
export const functionFlag = () => flag(z.optional(functionRef), "one function", "APP/FUNCTION");
export const appFlag = () => flag(z.optional(appId), "one app", "APP");
export const scope = () => ({ function: functionFlag(), app: appFlag() });
export const matchFlag = (help = "only where the event's payload contains this text, or has data.field=value") =>
	flag(z.optional(z.array(line)), `${help}; if repeated, any one is enough`, "TEXT", { several: "texts" });
export const newestFlag = () => flag(z.optional(count(1, 100_000)), "only the newest N that match", "N");
/** It may be added when a plan is confirmed. */
export const waitFlag = (help: string) => toggle(help, { unbound: true });
export const since = () => flag(z.optional(moment), "from this time on", "TIME", { moment: true });
export const sinceDay = () =>
	flag(moment, "from this time on (default 24h)", "TIME", { moment: true, fallback: "24h" });
export const until = () => flag(z.optional(moment), "up to this time", "TIME", { moment: true });
export const times = () => ({ since: since(), until: until() });
export const timesOrDeploy = <S extends z.ZodMiniType>(from: S) => ({
	since: from,
	sinceDeploy: toggle("since the app's last sync (Inngest Cloud only)"),
	until: until(),
});

/** A parameter; `label`: as it is typed, `RUN_ID` or `--since`. */
export interface Declared {
	key: string;
	name: string;
	label: string;
	schema: z.ZodMiniType;
	flag: Flag;
}
export function declared(intent: Intent): Declared[] {
	return Object.entries(intent.params.shape).map(([key, schema]) => {
		const own = flags.get(schema) ?? { help: "" };
		const flag = own.position === "many" ? { several: "ids" as const, ...own } : own;
		const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
		return { key, name, label: flag.position ? (flag.value ?? name) : `--${name}`, schema, flag };
	});
}

export function readTimeout(value: string | undefined): number | undefined {
	if (value === undefined) return;
	const ms = readDuration(value);
	if (ms !== undefined && ms >= 1 && ms <= DAY) return ms;
	throw refusal(
		`--timeout must be a duration from 1ms to 24h, such as 30s (not ${clean(value, 40)})`,
		"A bare number means seconds.",
	);
}

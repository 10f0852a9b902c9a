/** The command line: argv → intent and checked parameters; and the help made of the same declarations. */

import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { openSource, readJson } from "../gate/input.ts";
import { type IntentEntry, type Manifest, nearest } from "../gate/manifest.ts";
import type { ComposedIntent, SimpleIntent } from "../intent.ts";
import { refusal, UsageError } from "../text/errors.ts";
import { typed } from "../text/next.ts";
import { readTime } from "../text/nouns.ts";
import { clean, type Line, words } from "../text/text.ts";
import { type Flag, flags, listOf, readTimeout } from "./params.ts";

/** Flags of every intent. */
export interface Globals {
	environment: string | undefined;
	dev: boolean;
	json: boolean;
	curl: boolean;
	help: boolean;
	/** Milliseconds. */
	timeout: number | undefined;
	confirm: string | undefined;
}

const GLOBAL = {
	env: { type: "string", help: "--env NAME        environment on Inngest Cloud" },
	dev: { type: "boolean", help: "--dev             use the dev server" },
	json: { type: "boolean", help: "--json            the parsed answer as JSON" },
	curl: { type: "boolean", help: "--curl            print the request, send nothing" },
	timeout: { type: "string", help: "--timeout 30s     for one request, or for the whole wait" },
	confirm: { type: "string", help: "--confirm CODE    act on the plan that was shown" },
	help: { type: "boolean", help: "" },
} as const;

type AnyIntent = SimpleIntent | ComposedIntent;
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A parameter; `label` is how it is typed: `RUN_ID`, or `--since`. */
interface Declared {
	key: string;
	name: string;
	label: string;
	schema: z.ZodMiniType;
	flag: Flag;
}
function declared(intent: AnyIntent): Declared[] {
	return Object.entries(intent.params.shape).map(([key, schema]) => {
		const own = flags.get(schema) ?? { help: "" };
		const flag = own.position === "many" ? { several: "ids" as const, ...own } : own;
		const name = kebab(key);
		return { key, name, label: flag.position ? (flag.value ?? name) : `--${name}`, schema, flag };
	});
}

export interface Command {
	globals: Globals;
	/** Checked and transformed by the intent's schemas. */
	params: Record<string, unknown>;
	/** The parameters as they were typed, which a confirmation code is bound to: `24h` stays `24h`. */
	typed: Record<string, unknown>;
	/** The files (or standard input) that were read. */
	inputs: readonly string[];
}

/** Parses what follows the intent's name, at `now` (ms). JSON flags are read (file, standard input) here; nothing is sent. */
export function parseCommand(name: string, intent: AnyIntent, argv: readonly string[], now: number): Command {
	const list = declared(intent);
	const seeHelp = `\`${name} --help\` lists what it takes.`;
	const { values, positionals } = parseWords(name, list, argv, seeHelp);
	const given: Record<string, unknown> = {};
	for (const one of list) if (values[one.name] !== undefined) given[one.key] = values[one.name];
	const positional = list.find(({ flag }) => flag.position);
	if (positional && positionals.length) {
		if (given[positional.key] !== undefined) throw refusal(`${positional.label} is given twice`, seeHelp);
		given[positional.key] = positional.flag.several ? positionals.splice(0) : positionals.shift();
	}
	for (const { key, flag } of list) if (flag.several) given[key] = listOf(given[key], flag.several);
	const [extra] = positionals;
	if (extra !== undefined) {
		const before = argv[argv.indexOf(extra) - 1];
		const list = before?.endsWith(",") && `Write a list as one word: ${clean(before + extra, 60)}.`;
		throw refusal(`${name} does not take ${clean(JSON.stringify(extra), 80)}`, words(list, seeHelp));
	}
	const { env, dev, json, curl, timeout, confirm, help } = values as Partial<Record<string, string>>;
	const globals: Globals = {
		environment: env,
		dev: !!dev,
		json: !!json,
		curl: !!curl,
		help: !!help,
		timeout: readTimeout(timeout),
		confirm,
	};
	if (globals.help) return { globals, params: {}, typed: {}, inputs: [] };
	const bound = list.filter(({ key, flag }) => !flag.unbound && given[key] !== undefined);
	const asTyped = Object.fromEntries(bound.map(({ key }) => [key, given[key]]));
	const inputs: string[] = [];
	for (const one of list) given[one.key] = readValue(one, given[one.key], now, inputs);
	const result = z.safeParse(intent.params, given);
	if (result.success) {
		checkWindow(result.data, now);
		return { globals, params: result.data, typed: asTyped, inputs };
	}
	const issue = result.error.issues[0];
	const at = list.find(({ key }) => key === issue?.path[0]);
	const all = at && given[at.key];
	const value: unknown = Array.isArray(all) ? all[Number(issue?.path[1] ?? 0)] : all;
	// What a file holds is not told.
	const shown = typeof value === "string" && !at?.flag.json ? ` (not ${clean(JSON.stringify(value), 60)})` : "";
	const wrong = at && value === undefined ? "is missing" : `${issue?.message ?? "is wrong"}${shown}`;
	const isShown = at?.flag.position !== undefined || (at && value === undefined);
	throw refusal(`${at?.label ?? name} ${wrong}`, isShown ? `Usage: ${usageOf(name, intent)}` : seeHelp);
}

type Options = Record<string, { type: "string" | "boolean"; multiple?: boolean }>;

/** Sorts words into flags and others; refuses a flag that is unknown, needs a value, or is given twice. */
function parseWords(name: string, list: Declared[], argv: readonly string[], seeHelp: string) {
	const options: Options = { ...GLOBAL };
	for (const one of list)
		options[one.name] = { type: one.flag.value ? "string" : "boolean", multiple: one.flag.several !== undefined };
	try {
		const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true, tokens: true });
		const named = parsed.tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
		const twice = named.find(
			(one, i) => named.indexOf(one) !== i && options[one]?.type === "string" && !options[one].multiple,
		);
		if (twice !== undefined) throw refusal(`--${twice} is given twice`, "Give it once.");
		return parsed;
	} catch (error) {
		if (!(error instanceof Error) || error instanceof UsageError) throw error;
		const said = clean(error.message.split("\n")[0] ?? "", 160).replace(/\.$/, "");
		const [what, next] = argv.flatMap((word, i) => faultsIn(name, list, options, word, argv[i + 1]))[0] ?? [said];
		throw refusal(what, words(next, seeHelp));
	}
}

/** What is wrong, and what to do. */
type Fault = [what: string, next?: Line];

/** What is wrong with a word that looks like a flag, given the next one: not in Node's words, which change. */
function faultsIn(name: string, list: Declared[], options: Options, word: string, after = ""): Fault[] {
	const [, dashes, key = "", value] = /^(--?)([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
	if (dashes === undefined) return [];
	const isKnown = (one: string) => one.startsWith("--") && Object.hasOwn(options, one.slice(2));
	if (!isKnown(dashes + key)) return [[`${name} has no flag ${clean(dashes + key, 40)}`, meantBy(list, options, word)]];
	if (options[key]?.type === "boolean")
		return value === undefined ? [] : [[`--${key} takes no value`, `Write --${key} alone, or leave it out.`]];
	if (value !== undefined || (after !== "" && !/^-./.test(after))) return [];
	if (after === "" || isKnown(after)) return [[`--${key} needs a value`, `Write --${key} VALUE.`]];
	const own = list.find((one) => one.name === key);
	const wrong = own && z.safeParse(own.schema, own.flag.several ? [after] : after).error?.issues[0];
	if (wrong) return [[`--${key} ${wrong.message} (not ${clean(JSON.stringify(after), 60)})`]];
	return [
		[`The value of --${key} begins with a dash, as a flag does`, `If you mean that: --${key}=${valueText(after)}.`],
	];
}

/** What may have been meant by a flag that there is not. */
function meantBy(list: Declared[], options: Options, word: string): Line {
	const place =
		/^-[^-]/.test(word) &&
		list.find(({ flag, schema }) => flag.position && !flag.stream && isFor(schema, flag.several ? [word] : word));
	if (place) return `If it is the ${place.label}: --${place.name}=${valueText(word)}.`;
	const near = nearest(word.replace(/^-+|=.*$/gs, ""), Object.keys(options));
	return near && `Did you mean --${near}?`;
}

const isFor = (schema: z.ZodMiniType, value: unknown): boolean => z.safeParse(schema, value).success;

/** A value as it is typed after `=`. */
const valueText = (value: string): string => typed(value)?.replace(/^'(-[\w.,:/@+=-]+)'$/, "$1") ?? "VALUE";

/** What a schema is given for a value: a moment read, JSON parsed, a stream opened. */
function readValue({ label, flag }: Declared, given: unknown, now: number, inputs: string[]): unknown {
	const value = given ?? flag.fallback;
	if (typeof value !== "string") return given;
	if (flag.moment) return readTime(value.trim(), now) ?? value;
	if (!flag.json && !flag.stream) return given;
	if (flag.stream && !/^(@|-$|\s*[[{])/.test(value))
		throw refusal(`${label} is neither JSON nor a file`, `For a file: @${clean(value, 80)}`);
	const source = openSource(value);
	if (source.kind === "input" && inputs.includes(source.name))
		throw refusal("Standard input is given twice", "It can be read once: give one of them as @file.");
	if (source.kind !== "argument" && !inputs.includes(source.name)) inputs.push(source.name);
	return flag.json ? readJson(source, label, flag.json === "text") : source;
}

/** Refuses a window that no run or event can be in. */
function checkWindow({ since, until }: Record<string, unknown>, now: number): void {
	const [from = 0, to = 0] = [since, until].map((at) => (typeof at === "string" ? Date.parse(at) : Number.NaN));
	if (from > now + 60_000) throw refusal("--since is in the future", "Times are UTC; 24h means 24 hours ago.");
	if (from >= to) throw refusal("--since is not before --until", "24h means 24 hours ago, and is before 1h.");
}

function usageOf(name: string, intent: AnyIntent): string {
	const words = declared(intent).flatMap(({ label, flag, schema }) => {
		const optional = flag.fallback !== undefined || z.safeParse(schema, undefined).success;
		if (!flag.position) return optional ? [] : [`${label} ${flag.value}`];
		const typed = `${label}${flag.position === "many" ? "…" : ""}`;
		return [optional ? `[${typed}]` : typed];
	});
	return [name, ...words].join(" ");
}

/** `<intent> --help`. */
export function helpFor(name: string, intent: AnyIntent, { summary, effect, confirm }: IntentEntry): string {
	const own = declared(intent).map(({ label, flag }) => {
		const left = flag.position || !flag.value ? label : `${label} ${flag.value}`;
		const what = flag.json === "text" ? "or" : "JSON,";
		const how = flag.json || flag.stream ? ` (${what} @file or - for stdin)` : "";
		return `  ${left.padEnd(24)} ${flag.help}${how}`;
	});
	const above = typeof confirm === "number" ? ` above ${confirm} events` : "";
	const where = typeof confirm === "string" ? ` for ${confirm}` : "";
	const asks = confirm ? `, asks for confirmation${above}${where}` : "";
	const everywhere = Object.entries(GLOBAL).filter(([key, { help }]) => help && (key !== "confirm" || confirm));
	return [
		`${usageOf(name, intent)} [flags]`,
		`${summary} (${effect}${asks}).`,
		...own,
		"Everywhere:",
		...everywhere.map(([, { help }]) => `  ${help}`),
	].join("\n");
}

/** `help`: all intents, by effect. */
export function helpAll(manifest: Manifest): string {
	const group = (effect: IntentEntry["effect"], title: string) => [
		title,
		...Object.entries(manifest.intents).flatMap(([name, entry]) =>
			entry.effect === effect ? [`  ${name.padEnd(17)} ${entry.summary}`] : [],
		),
	];
	return [
		`inngest ${manifest.version}: <intent> [id] [--flag value …]; \`<intent> --help\` for its flags`,
		...group("read", "Read:"),
		...group("write", "Write:"),
		...group("destructive", "Destructive (a plan and a code first):"),
	].join("\n");
}

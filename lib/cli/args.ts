/** The command line: argv → intent and checked parameters; and the help. */
import * as z from "zod/mini";
import { openSource, readJson } from "../gate/input.ts";
import { type IntentEntry, nearest, require } from "../gate/manifest.ts";
import type { Intent } from "../intent.ts";
import { refusal } from "../text/errors.ts";
import { readTime } from "../text/nouns.ts";
import { clean, words } from "../text/text.ts";
import { type Declared, declared, type Flag, listOf, readTimeout } from "./params.ts";

const util: typeof import("node:util") = require("node:util");

/** The flags of every intent. */
export interface Globals {
	environment: string | undefined;
	dev: boolean;
	json: boolean;
	curl: boolean;
	/** In ms. */
	timeout: number | undefined;
	confirm: string | undefined;
}

const GLOBAL: Record<string, Flag> = {
	env: { value: "NAME", help: "environment on Inngest Cloud" },
	dev: { help: "use the dev server" },
	json: { help: "the parsed answer as JSON" },
	curl: { help: "print the request, send nothing" },
	timeout: { value: "DURATION", help: "per request (default 30s) or per wait (default 60s)" },
	confirm: { value: "CODE", help: "act on the plan with this code" },
};

export interface Command {
	globals: Globals;
	/** Checked and transformed by the intent's schemas. */
	params: Record<string, unknown>;
	/** The parameters as typed, to which a confirmation code is bound: `24h` stays `24h`. */
	typed: Record<string, unknown>;
	/** The files read, or standard input. */
	inputs: readonly string[];
}

/** Parses what follows the intent's name at `now` (ms). Reads JSON flags; sends nothing. */
export function parseCommand(name: string, intent: Intent, argv: readonly string[], now: number): Command {
	const list = declared(intent);
	const seeHelp = helpText(name);
	const { values, rest } = sorted(name, list, argv, seeHelp);
	const given: Record<string, unknown> = {};
	for (const one of list) if (values[one.name] !== undefined) given[one.key] = values[one.name];
	takeWords(list, given, rest, seeHelp);
	const [extra] = rest;
	if (extra !== undefined) {
		const place = placeIn(list);
		const before = /^--(.*)/.exec(argv[argv.indexOf(extra) - 1] ?? "")?.[1] ?? "";
		const one = place && `one value for ${place.label}, in quotes if it has spaces; all others follow `;
		const hint =
			values[before] === true
				? `--${before} takes no value.`
				: `It takes ${one ?? "values only after "}a flag, a list as one word.`;
		throw refusal(`${name} does not take ${clean(JSON.stringify(extra), 80)}`, words(hint, seeHelp));
	}
	const bound = list.filter(({ key, flag }) => !flag.unbound && given[key] !== undefined);
	const typed = Object.fromEntries(bound.map(({ key }) => [key, given[key]]));
	if (given.since !== undefined && given.sinceDeploy)
		throw refusal("--since and --since-deploy exclude each other", "Give one.");
	const inputs: string[] = [];
	for (const one of list) given[one.key] = readValue(one, given[one.key], now, inputs);
	const text = (key: string) => (typeof values[key] === "string" ? values[key] : undefined);
	const isOn = (key: string) => values[key] === true;
	const params = checked(name, intent, list, given);
	checkWindow(params, now);
	return {
		globals: {
			environment: text("env"),
			dev: isOn("dev"),
			json: isOn("json"),
			curl: isOn("curl"),
			timeout: readTimeout(text("timeout")),
			confirm: text("confirm"),
		},
		params,
		typed,
		inputs,
	};
}

const helpText = (name: string) => `\`${name} --help\` lists what it takes.`;

/** Separates flags from other words; refuses a flag that is unknown, lacks a value or is given twice. */
function sorted(name: string, list: Declared[], argv: readonly string[], seeHelp: string) {
	const own = Object.fromEntries(list.map((one) => [one.name, one.flag]));
	const known: Record<string, Flag> = { ...GLOBAL, ...own, help: { help: "" } };
	const typeOf = ({ value }: Flag) => ({ type: value ? "string" : "boolean" }) as const;
	const options = Object.fromEntries(Object.entries(known).map(([key, flag]) => [key, typeOf(flag)]));
	const values: Partial<Record<string, string | true | readonly string[]>> = {};
	const rest: string[] = [];
	const { tokens } = util.parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
	for (const token of tokens) {
		if (token.kind === "positional") rest.push(token.value);
		if (token.kind !== "option") continue;
		const { name: key, rawName: typed, value, inlineValue, index } = token;
		const flag = typed === `--${key}` && Object.hasOwn(known, key) ? known[key] : undefined;
		if (!flag) {
			const word = argv[index]?.replace(/=.*/s, "") ?? "";
			const near = word.length > 2 && nearest(word.replace(/^-+/, ""), Object.keys(known));
			throw refusal(`${name} has no flag ${clean(word, 40)}`, words(near && `Did you mean --${near}?`, seeHelp));
		}
		if (!flag.value && value !== undefined)
			throw refusal(`--${key} takes no value`, `Leave it out, or write --${key}.`);
		if (flag.value && (value === undefined || (!inlineValue && /^-./.test(value))))
			throw refusal(`--${key} needs a value`, `Write --${key}=VALUE, in quotes if it has spaces. ${seeHelp}`);
		const before = values[key] ?? [];
		const several = flag.several && Array.isArray(before) && [...before, value ?? ""];
		if (flag.value && !several && values[key] !== undefined) throw refusal(`--${key} is given twice`, "Give it once.");
		values[key] = several || (value ?? true);
	}
	return { values, rest };
}

const placeIn = (list: Declared[]) => list.find(({ flag }) => flag.position);

/** Takes the main id, or all of them, from words that are not flags; splits lists. */
function takeWords(list: Declared[], given: Record<string, unknown>, rest: string[], seeHelp: string): void {
	const place = placeIn(list);
	if (place && rest.length) {
		if (given[place.key] !== undefined) throw refusal(`${place.label} is given twice`, seeHelp);
		given[place.key] = place.flag.several ? rest.splice(0) : rest.shift();
	}
	for (const { key, flag } of list) if (flag.several) given[key] = listOf(given[key], flag.several);
}

/** The value passed to a schema: a time, JSON or a stream. */
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
	if (source.kind !== "argument") inputs.push(source.name);
	return flag.json ? readJson(source, label, flag.json === "text") : source;
}

/** The parameters, parsed by the intent's schemas. */
function checked(name: string, intent: Intent, list: Declared[], given: Record<string, unknown>) {
	const result = z.safeParse(intent.params, given);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	const at = list.find(({ key }) => key === issue?.path[0]);
	const all = at && given[at.key];
	const value: unknown = Array.isArray(all) ? all[Number(issue?.path[1] ?? 0)] : all;
	// A file's content is not shown.
	const shown = typeof value === "string" && !at?.flag.json ? ` (not ${clean(JSON.stringify(value), 60)})` : "";
	const wrong = value === undefined ? "is missing" : `${issue?.message}${shown}`;
	const isShown = at?.flag.position !== undefined || value === undefined;
	throw refusal(`${at?.label} ${wrong}`, isShown ? `Usage: ${usageOf(name, intent)}` : helpText(name));
}

/** Refuses a window that can't contain any run or event. */
function checkWindow({ since, until }: Record<string, unknown>, now: number): void {
	const [from, to] = [since, until].map((at) => Date.parse(String(at)));
	if (Number(from) > now + 60_000 || Number(from) >= Number(to))
		throw refusal("--since must be before --until and in the past", "Times are UTC; 24h means 24 hours ago.");
}

function usageOf(name: string, intent: Intent): string {
	const words = declared(intent).flatMap(({ label, flag, schema }) => {
		const optional = flag.fallback !== undefined || z.safeParse(schema, undefined).success;
		if (!flag.position) return optional ? [] : [`${label} ${flag.value}`];
		const typed = `${label}${flag.position === "many" ? "…" : ""}`;
		return [optional ? `[${typed}]` : typed];
	});
	return [name, ...words].join(" ");
}

export function helpFor(name: string, intent: Intent, { summary, effect, confirm }: IntentEntry): string {
	const line = (label: string, { value, position, help, json, stream }: Flag) => {
		const left = position || !value ? label : `${label} ${value}`;
		const how = json || stream ? ` (${json === "text" ? "or" : "JSON,"} @file or - for stdin)` : "";
		return `  ${left.padEnd(24)} ${help}${how}`;
	};
	const when = typeof confirm === "number" ? `above ${confirm} events` : confirm !== true && confirm;
	const asks = confirm ? `; ${words("shows a plan first", when)}` : "";
	return [
		`${usageOf(name, intent)} [flags]`,
		`${summary} (${effect}${asks}).`,
		...declared(intent).map(({ label, flag }) => line(label, flag)),
		"Everywhere:",
		...Object.entries(GLOBAL).flatMap(([key, flag]) =>
			key === "confirm" && effect === "read" ? [] : line(`--${key}`, flag),
		),
		...(intent.help ?? []),
	].join("\n");
}

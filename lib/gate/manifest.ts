/** Reads and checks skill.yaml, and says what an intent may do. Also loads what is used of Node. */
import { createRequire } from "node:module";
import * as z from "zod/mini";
import { refusal, UsageError } from "../text/errors.ts";
import { clean, once } from "../text/text.ts";

/** Loads a module of Node. An import would read every export, and so load what no call needs: of fs its streams, of http all of fetch. */
export const require = createRequire(import.meta.url);
const { readFileSync }: typeof import("node:fs") = require("node:fs");

export const SECRETS = ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY"] as const;
const SecretName = z.enum(SECRETS);

const IntentEntry = z.strictObject({
	/** The handler module, without extension. */
	handler: z.string().check(z.regex(/^handlers\/[a-z]+(-[a-z]+)*$/)),
	summary: z.string(),
	effect: z.enum(["read", "write", "destructive"]),
	/**
	 * Whether to ask first: always, above a number of events, if an app's payloads would go to another origin, or if sending would cancel
	 * runs or start nothing.
	 */
	confirm: z._default(
		z.union([
			z.boolean(),
			z.int().check(z.positive()),
			z.enum(["if the app's address has another origin", "if it would cancel runs or start nothing"]),
		]),
		false,
	),
	/** The one path that a reading intent may POST to: for a query, or an empty send. */
	posts: z.optional(z.string().check(z.regex(/^\/[\w$/]+$/))),
	secrets: z._default(z.array(SecretName), []),
	phrases: z.array(z.string()),
});

const Manifest = z.strictObject({
	name: z.string().check(z.regex(/^[a-z][a-z0-9-]*$/)),
	version: z.string().check(z.regex(/^\d+\.\d+\.\d+$/)),
	secrets: z.partialRecord(SecretName, z.string()),
	settings: z.record(z.string().check(z.regex(/^(INNGEST_[A-Z_]+|HTTPS_PROXY|NO_PROXY)$/)), z.string()),
	hosts: z.array(z.string().check(z.regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/))),
	intents: z.record(z.string().check(z.regex(/^[a-z]+(-[a-z]+)*$/)), IntentEntry),
});

export type Manifest = z.infer<typeof Manifest>;
export type IntentEntry = z.infer<typeof IntentEntry>;

const wrong = (what: string) => new UsageError(`skill.yaml is ${what}`, "Reinstall the skill.");

export async function parseManifest(source: string): Promise<Manifest> {
	try {
		return checked(readPlain(source) ?? (await readAny(source)));
	} catch (error) {
		if (error instanceof UsageError || !(error instanceof Error)) throw error;
		throw wrong(`not valid YAML: ${clean(error.message.split("\n")[0] ?? "", 200)}`);
	}
}

/** Any YAML. Loading and using the library takes 45 ms. */
async function readAny(source: string): Promise<unknown> {
	const { parse } = await import("yaml");
	return parse(source, { maxAliasCount: 0, logLevel: "error" });
}

/** A line as skill.yaml has them, indented by two spaces per level: `key: value`, `key:` or `- value`. */
const LINE = /^((?: {2})*)(?:(?!(?:null|true|false):)([a-z][\w-]*):|-(?= ))(?: ([!-~][ -~]*))?$/i;
const LIST = /^\[(?:(?:"[^"\\]*"|INNGEST_[A-Z_]+)(?:, |(?=\]$)))+\]$/;

/** What YAML makes of such lines and values that it takes literally. Undefined for anything else. */
export function readPlain(source: string): unknown {
	const lines = source.split("\n").filter((line) => !/^ *(?:#[ -~]*)?$/.test(line));
	const rows = lines.map((line) => LINE.exec(line) ?? []);
	const document = block(rows, 0);
	return rows.length ? undefined : document;
}

/** Takes the rows at this depth, with those below them, as a mapping or a list. */
function block(rows: (string | undefined)[][], depth: number): unknown {
	const found = new Map<string | number, unknown>();
	while (rows[0]?.[1]?.length === depth) {
		const [, , key = found.size, text] = rows.shift() ?? [];
		const value = text === undefined ? block(rows, depth + 2) : literal(text);
		if (value === undefined || found.has(key)) return;
		found.set(key, value);
	}
	const kinds = new Set(Array.from(found.keys(), (key) => typeof key));
	if (kinds.size === 1) return kinds.has("number") ? [...found.values()] : Object.fromEntries(found);
}

function literal(text: string): unknown {
	if (/^(?:"[^"\\]*"|true|false|[1-9]\d{0,8})$/.test(text)) return JSON.parse(text);
	if (LIST.test(text)) return text.match(/"[^"]*"|\w+/g)?.map(literal);
	const isLiteral = /^(?!(?:true|false|null)$)[a-z\d/](?!.*(?:: | #|[: ]$))/i.test(text);
	return isLiteral && Number.isNaN(Number(text)) ? text : undefined;
}

function checked(document: unknown): Manifest {
	const result = z.safeParse(Manifest, document);
	if (result.success) return result.data;
	const issue = result.error.issues[0];
	const at = [...(issue?.path ?? []), ...(issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])].join(".");
	throw wrong(`wrong at ${clean(at, 80) || "the top"}: ${issue?.message}`);
}

/** This folder's manifest. It is skill.yaml itself, so that no copy has to be trusted. */
export const readManifest = once(() =>
	parseManifest(readFileSync(new URL("../../skill.yaml", import.meta.url), "utf8")),
);

/** An intent's entry, by its exact name. Anything else is refused, with the most similar name. */
export function intentEntry(manifest: Manifest, name: string): IntentEntry {
	const entry = Object.hasOwn(manifest.intents, name) ? manifest.intents[name] : undefined;
	if (entry) return entry;
	if (name.startsWith("-"))
		throw refusal(
			`The intent comes first, and ${clean(name, 40)} is not one`,
			"Flags follow it: `list-runs --dev`. `help` lists all intents.",
		);
	const near = nearest(name, Object.keys(manifest.intents));
	const next = near ? `Did you mean ${near}? \`help\` lists all.` : "`help` lists all intents.";
	throw new UsageError(`There is no intent "${clean(name, 60)}".`, next);
}

/**
 * The candidate within two edits (or a third of its length), and at most half of it, without the words that both begin with. Otherwise one
 * that contains the word, or is contained in it, with over two letters.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
	const typed = word.slice(0, 60).toLowerCase();
	const scored = candidates.map((name) => ({ name, edits: distance(typed, name) })).sort((a, b) => a.edits - b.edits);
	const { name = "", edits = Infinity } = scored[0] ?? {};
	const shared = sharedWords(typed, name);
	const own = name.length - shared;
	if (edits < typed.length - shared && edits <= Math.min(Math.max(2, own / 3), own / 2)) return name;
	const has = (one: string, other: string) => other.length > 2 && one.includes(other);
	return candidates.find((name) => has(name, typed) || has(typed, name));
}

/** The length of the words, with their separators, that both begin with. */
function sharedWords(a: string, b: string): number {
	const until = [...a].findIndex((letter, i) => letter !== b[i]);
	return a.slice(0, until < 0 ? a.length : until).search(/[^/._:-]*$/);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (const letter of a) {
		let [left, corner] = [Infinity, Infinity];
		row = row.map((above, j) => {
			left = Math.min(above + 1, left + 1, corner + Number(letter !== b[j - 1]));
			corner = above;
			return left;
		});
	}
	return row.at(-1) ?? 0;
}

/** Reads skill.yaml, checks it, and answers what an intent may do. */
import { existsSync, readFileSync } from "node:fs";
import * as z from "zod/mini";
import { UsageError } from "./errors.ts";
import { clean } from "./text.ts";

const SecretName = z.enum(["INNGEST_API_KEY", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY"]);

const IntentEntry = z.strictObject({
	/** The handler module, without its ending. */
	handler: z.string().check(z.regex(/^handlers\/[a-z]+(-[a-z]+)*$/)),
	summary: z.string(),
	effect: z.enum(["read", "write", "destructive"]),
	confirm: z._default(z.union([z.boolean(), z.int().check(z.positive())]), false),
	secrets: z._default(z.array(SecretName), []),
	phrases: z.array(z.string()),
});

const Manifest = z.strictObject({
	name: z.string().check(z.regex(/^[a-z][a-z0-9-]*$/)),
	version: z.string().check(z.regex(/^\d+\.\d+\.\d+$/)),
	secrets: z.partialRecord(SecretName, z.string()),
	settings: z.record(z.string().check(z.regex(/^INNGEST_[A-Z_]+$/)), z.string()),
	hosts: z.array(z.string().check(z.regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/))),
	intents: z.record(z.string().check(z.regex(/^[a-z]+(-[a-z]+)*$/)), IntentEntry),
});

export type Manifest = z.infer<typeof Manifest>;
export type IntentEntry = z.infer<typeof IntentEntry>;

/** Reads the text of a manifest; throws UsageError with the place of the first fault. */
export async function parseManifest(source: string): Promise<Manifest> {
	const { parse } = await import("yaml");
	let document: unknown;
	try {
		document = parse(source, { maxAliasCount: 0, logLevel: "error" });
	} catch (error) {
		throw new UsageError(
			`skill.yaml is not valid YAML: ${clean(error instanceof Error ? (error.message.split("\n")[0] ?? "") : "unknown error", 200)}`,
			"Reinstall the skill.",
		);
	}
	return checked(document);
}

function checked(document: unknown): Manifest {
	const result = z.safeParse(Manifest, document);
	if (result.success) return result.data;
	const issue = result.error.issues[0];
	const at = [...(issue?.path ?? []), ...(issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])].join(".");
	throw new UsageError(
		`skill.yaml is wrong at ${clean(at, 80) || "the top"}: ${issue?.message}`,
		"Reinstall the skill.",
	);
}

/** The manifest of this folder. */
export async function readManifest(): Promise<Manifest> {
	const source = read("../skill.yaml");
	const built = z.safeParse(Built, JSON.parse(existsSync(own(BUILT)) ? read(BUILT) : "null"));
	return built.success && built.data.checksum === checksum(source)
		? checked(built.data.manifest)
		: parseManifest(source);
}

/**
 * What the build read from skill.yaml, beside this module: reading YAML would take a third of a short call. Once
 * skill.yaml was edited its checksum differs, and skill.yaml itself is read.
 */
const BUILT = "./manifest.json";
const Built = z.object({ checksum: z.number(), manifest: z.unknown() });
const own = (file: string) => new URL(file, import.meta.url);
const read = (file: string) => readFileSync(own(file), "utf8");

/** FNV-1a: it notices an edit. Whoever could forge it could as well edit the code. */
export function checksum(text: string): number {
	let sum = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
	return sum >>> 0;
}

/** The entry of an intent, by its exact name only; anything else is refused, with the nearest name. */
export function intentEntry(manifest: Manifest, name: string): IntentEntry {
	const entry = Object.hasOwn(manifest.intents, name) ? manifest.intents[name] : undefined;
	if (entry) return entry;
	const near = nearest(name, Object.keys(manifest.intents));
	if (name.startsWith("-"))
		throw new UsageError(
			`The intent comes first, and ${clean(name, 40)} is none; nothing was sent.`,
			"Flags follow it: `list-runs --dev`. `help` lists all intents.",
		);
	throw new UsageError(
		`There is no intent "${clean(name, 60)}".`,
		near ? `Did you mean ${near}? \`help\` lists all.` : "`help` lists all intents.",
	);
}

/** The candidate within two edits (or a third of its length), or the one that contains the word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
	const typed = word.slice(0, 60).toLowerCase();
	const scored = candidates.map((name) => ({ name, edits: distance(typed, name) })).sort((a, b) => a.edits - b.edits);
	const best = scored[0];
	if (best && best.edits <= Math.max(2, best.name.length / 3) && best.edits < best.name.length) return best.name;
	return typed.length > 2 ? candidates.find((name) => name.includes(typed) || typed.includes(name)) : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++)
			next[j] = Math.min(
				(row[j] ?? 0) + 1,
				(next[j - 1] ?? 0) + 1,
				(row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
			);
		row = next;
	}
	return row[b.length] ?? 0;
}

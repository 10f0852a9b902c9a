/** Environments of an Inngest Cloud account, and which of them a key is for, as far as that can be known. No I/O. */

import { clean, named, word, words } from "../text/text.ts";
import { nearest } from "./manifest.ts";
import type { SecretName } from "./secrets.ts";

/** An environment as `GET /v2/envs` lists it (Env in proto/api/v2/service.proto, v1.43). */
export interface Environment {
	/** Empty where it is not known. */
	id: string;
	/** Free text. */
	name: string;
	/** PRODUCTION, TEST (a custom one) or BRANCH. */
	type: string;
	archived: boolean;
}

/** How a call names its environment: by its name, id or slug, and by which of two ways. */
export interface Naming {
	text: string;
	by: "--env" | "INNGEST_ENV";
}

/**
 * Which environments a key is for, as its kind says (Inngest's documentation): `any`, and X-Inngest-Env picks one (an API
 * key); `branches`, picked in the same way; `production`; `test`, which is one of those that are not production; or
 * `one`, and nothing shows which (an event key).
 */
export type Scope = "any" | "branches" | "production" | "test" | "one";

/** `value` is read only where it decides. */
export function scopeOf(name: SecretName, value: () => string): Scope {
	if (name === "INNGEST_API_KEY") return "any";
	const text = name === "INNGEST_SIGNING_KEY" ? value() : "";
	const kinds = { branch: "branches", prod: "production", test: "test" } as const;
	const [, kind] = Object.entries(kinds).find(([prefix]) => text.startsWith(`signkey-${prefix}-`)) ?? [];
	return kind ?? "one";
}

/** Whether the environment that a key is for is the one that a call names. `of`: which it is for instead. */
export type Standing = { kind: "same" } | { kind: "other"; of: Other } | { kind: "unknown" };
export type Other = "production" | "branches" | "test" | "another";

/** What is known of the environment that a call names, and of the key's. */
export interface EnvironmentFacts {
	named: string;
	/** What `GET /v2/envs` says of the one that is named. */
	environment?: Environment | undefined;
	/** The environment's id that v1 gave to this key. */
	seen?: string | undefined;
}

/** None is named: which there are, as far as they can be listed. `both`: an API key and a signing key are set. */
export function unnamedText(all: readonly Environment[] | undefined, both: boolean): string {
	const names = (all ?? []).filter(({ archived }) => !archived).map(({ name }) => word(name));
	const parts = [
		"none is named (--env or INNGEST_ENV)",
		names.length > 0 && `there are ${named(names, 8)}`,
		both && "the API key and the signing key may read from different ones",
	];
	return parts.filter(Boolean).join("; ");
}

/** Compares a key's environment with the one that is named. What is not known is `unknown`, never `same`. */
export function standingOf(scope: Scope, { named, environment, seen }: EnvironmentFacts): Standing {
	const answer = (same: boolean, of: Other): Standing => (same ? { kind: "same" } : { kind: "other", of });
	const type = environment?.type ?? (isProduction(named) ? "PRODUCTION" : undefined);
	if (scope === "any") return { kind: "same" };
	// Production is called so; by another name it takes its id, which is looked up.
	if (scope === "production" && (type !== undefined || !isId(named))) return answer(type === "PRODUCTION", scope);
	if (scope === "branches" && type !== undefined) return answer(type === "BRANCH", scope);
	if (scope === "test" && type === "PRODUCTION") return { kind: "other", of: scope };
	const id = environment?.id || (isId(named) ? named : "");
	const shown = scope !== "production" && scope !== "branches" && seen !== undefined && id !== "";
	return shown ? answer(sameId(seen, id), "another") : { kind: "unknown" };
}

/** The one environment that is called so in every account. */
const isProduction = (named: string): boolean => named.toLowerCase() === "production";
const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
/** As Inngest's dashboard writes names in addresses; `GET /v2/envs` does not give it. */
const slug = (name: string): string =>
	name
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, "-")
		.replace(/^-|-$/g, "") || name;

export type FoundEnvironment =
	| { kind: "found"; environment: Environment }
	| { kind: "ambiguous"; candidates: readonly Environment[] }
	| { kind: "unknown"; near: Environment | undefined };

/** Finds the environment that is meant, by its id, else by its name or slug (which is the name in any case, too). */
export function findEnvironment(all: readonly Environment[], named: string): FoundEnvironment {
	const byId = all.find(({ id }) => id !== "" && sameId(id, named));
	const alike = all.filter(({ name }) => slug(name) === slug(named));
	const live = alike.filter(({ archived }) => !archived);
	const candidates = live.length ? live : alike;
	// Which of two the server would take is not known, even where one is called exactly so.
	if (!byId && candidates.length > 1) return { kind: "ambiguous", candidates };
	const environment = byId ?? candidates[0];
	if (environment) return { kind: "found", environment };
	// The API's description calls the list that of custom environments: production may be missing from it.
	if (isProduction(named) && !all.some(({ type }) => type === "PRODUCTION"))
		return { kind: "found", environment: { id: "", name: named, type: "PRODUCTION", archived: false } };
	const near = nearest(
		named,
		all.map(({ name }) => name.toLowerCase()),
	);
	return { kind: "unknown", near: all.find(({ name }) => name.toLowerCase() === near) };
}

/** What X-Inngest-Env can say: visible ASCII, as any other character breaks the request. */
export const isHeader = (text: string): boolean => /^[!-~]([ -~]*[!-~])?$/.test(text);

/**
 * The environment as X-Inngest-Env takes it; undefined where only its id would do, and that is not known. A name (the usage
 * of Inngest's CLI, v1.43) or a slug (its documentation, 2026-11: `production`) is sent as it was typed, so that what is read
 * by it is changed by it, too. A branch has its name: with its key, another might make another branch.
 */
export function headerOf(named: string, environment: Environment | undefined): string | undefined {
	const { id = "", name = named, type } = environment ?? {};
	const isSlug = type !== "BRANCH" && named === slug(name);
	const text = isSlug || sameId(id, named) ? named : name;
	return isHeader(text) ? text : id || undefined;
}

/** An environment's name in a sentence of ours. */
export const nameText = (named: string): string => clean(named, 60);

/** `«EU Staging» TEST, id 4f…, archived`. */
export const environmentText = ({ id, name, type, archived }: Environment): string =>
	[words(word(name), word(type)), id && `id ${word(id)}`, archived && "archived"].filter(Boolean).join(", ");

/** What may be done about one that is archived (Inngest's dashboard sends no event to it, and unarchives it: its source, v1.43). */
export const archivedText = ({ name }: Environment): string =>
	`${nameText(name)} is archived: the user can unarchive it in Inngest's dashboard, or name another.`;

/** Why an environment is not taken, and what to do; nothing has been sent but the look for it. */
export const notFound = (found: Exclude<FoundEnvironment, { kind: "found" }>, naming: Naming): [string, string] => [
	`${found.kind === "ambiguous" ? "Several environments are" : "No environment is"} called ${nameText(naming.text)} (${naming.by}); nothing was done.`,
	meant(found),
];

function meant(found: FoundEnvironment): string {
	if (found.kind === "unknown")
		return words(found.near && `Did you mean ${environmentText(found.near)}?`, "`list-envs` shows all.");
	const candidates = found.kind === "found" ? [found.environment] : found.candidates;
	return `Give its id: ${candidates.slice(0, 10).map(environmentText).join("; ")}.`;
}

/** What to do where the server knew none or several environments of a name. */
export const namesakes = (all: readonly Environment[], { text, by }: Naming): string =>
	`${by} names ${nameText(text)}. ${meant(findEnvironment(all, text))}`;

/** Why a key is not used. `events`: it is wanted for them, which no other kind of key reads. */
export function otherText(key: SecretName, of: Other, naming: Naming, events: boolean): [string, string] {
	const name = nameText(naming.text);
	const is = {
		production: "is production's (signkey-prod-)",
		branches: "is for branch environments (signkey-branch-)",
		test: "is not production's (signkey-test-)",
		another: "belongs to another environment",
	}[of];
	return [
		`${key} ${is}, and ${naming.by} names ${name}; it was not used.`,
		events
			? `Events are read with the signing key of their environment: the user can set that of ${name}.`
			: `The user can set the key of ${name}, ${ANY}`,
	];
}

/** The same where nothing shows which environment a key is for, and two are named. */
export function unlikeText(key: SecretName, flag: string, setting: string): [string, string] {
	const other = key === "INNGEST_EVENT_KEY" ? SINGLE : ANY;
	return [
		`--env names ${nameText(flag)} and INNGEST_ENV ${nameText(setting)}, and nothing shows which of them ${key} belongs to; nothing was sent.`,
		`${key} decides where it goes. The user can set the key and INNGEST_ENV of ${nameText(flag)}, ${other}`,
	];
}
const ANY = "or an account-wide INNGEST_API_KEY, which works for the environment that a call names.";
const SINGLE =
	"or an account-wide INNGEST_API_KEY, with which `send-event` sends to the environment that a call names.";

/** What a plan says of a key whose environment can't be proven. */
export const doubtText = (key: SecretName, { text, by }: Naming): string =>
	`${key} decides where this goes: nothing shows that it belongs to ${nameText(text)}, which ${by} names.`;

/** How answers name the environment of a key that can't be proven. */
export const ownText = (key: SecretName): string =>
	`the ${{ INNGEST_EVENT_KEY: "event", INNGEST_SIGNING_KEY: "signing", INNGEST_API_KEY: "API" }[key]} key's environment`;

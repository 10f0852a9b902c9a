/** Environments of an Inngest Cloud account, and which of them a key belongs to. No I/O. */

import { clean, joined, word, words } from "../text/text.ts";
import { nearest } from "./manifest.ts";
import type { SecretName } from "./secrets.ts";

/** An environment from `GET /v2/envs` (Env in proto/api/v2/service.proto, v1.43). */
export interface Environment {
	/** Empty if unknown. */
	id: string;
	/** Free text. */
	name: string;
	/** PRODUCTION, TEST (a custom one) or BRANCH. */
	type: string;
	archived: boolean;
	/** Another one, archived, has a name alike: only the id is clear. */
	shared?: boolean;
}

/** How a call names its environment: by name, id or slug, and in which of two ways. */
export interface Naming {
	text: string;
	by: "--env" | "INNGEST_ENV";
}

/**
 * The environments that a key of this kind can belong to (Inngest's documentation): `any`, picked by X-Inngest-Env (an API key);
 * `branches`, also picked by it; `production`; `test`, one that is not production; or `one` that nothing shows (an event key).
 */
export type Scope = "any" | "branches" | "production" | "test" | "one";

/** `value` is read only if it matters. */
export function scopeOf(name: SecretName, value: () => string): Scope {
	if (name === "INNGEST_API_KEY") return "any";
	const text = name === "INNGEST_SIGNING_KEY" ? value() : "";
	const [, kind = ""] = /^signkey-(branch|prod|test)-/.exec(text) ?? [];
	const scopes: Record<string, Scope> = { branch: "branches", prod: "production", test: "test" };
	return scopes[kind] ?? "one";
}

/** Whether a key belongs to the environment that a call names. `of`: where it belongs instead. */
export type Standing = { kind: "same" } | { kind: "other"; of: Other } | { kind: "unknown" };
export type Other = "production" | "branches" | "test" | "another";

/** What is known of the named environment and the key's. */
export interface EnvironmentFacts {
	named: string;
	/** The named environment, from `GET /v2/envs`. */
	environment?: Environment | undefined;
	/** The id of the key's environment, according to v1. */
	seen?: string | undefined;
}

/** Compares a key's environment with the named one. Anything not known is `unknown`, never `same`. */
export function standingOf(scope: Scope, { named, environment, seen }: EnvironmentFacts): Standing {
	const answer = (same: boolean, of: Other): Standing => (same ? { kind: "same" } : { kind: "other", of });
	const type = environment?.type ?? (isProduction(named) ? "PRODUCTION" : undefined);
	if (scope === "any") return { kind: "same" };
	// Production is recognised by its name; anything that may be its id is looked up.
	if (scope === "production" && (type !== undefined || !isId(named))) return answer(type === "PRODUCTION", scope);
	if (scope === "branches" && type !== undefined) return answer(type === "BRANCH", scope);
	if (scope === "test" && type === "PRODUCTION") return { kind: "other", of: scope };
	const id = environment?.id || (isId(named) ? named : "");
	const shown = scope !== "production" && scope !== "branches" && seen !== undefined && id !== "";
	return shown ? answer(sameId(seen, id), "another") : { kind: "unknown" };
}

/** The one environment with the same name in every account. */
const isProduction = (named: string): boolean => named.toLowerCase() === "production";
const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
/** As in the URLs of Inngest's dashboard; `GET /v2/envs` doesn't give it. */
const slug = (name: string): string =>
	name
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, "-")
		.replace(/^-|-$/g, "") || name;

export type FoundEnvironment =
	| { kind: "found"; environment: Environment }
	| { kind: "ambiguous"; candidates: readonly Environment[] }
	| { kind: "unknown"; near: Environment | undefined };

/** Finds the environment by id, otherwise by name or slug (case doesn't matter). */
export function findEnvironment(all: readonly Environment[], named: string): FoundEnvironment {
	const byId = all.find(({ id }) => id !== "" && sameId(id, named));
	const alike = all.filter(({ name }) => slug(name) === slug(named));
	const live = alike.filter(({ archived }) => !archived);
	const candidates = live.length ? live : alike;
	// If several match, which one the server would take is unknown, even if one name is identical.
	if (!byId && candidates.length > 1) return { kind: "ambiguous", candidates };
	const environment = byId ?? candidates[0];
	if (environment) return { kind: "found", environment: { ...environment, ...(alike.length > 1 && { shared: true }) } };
	// The API's description calls this a list of custom environments: production may be missing.
	if (isProduction(named) && !all.some(({ type }) => type === "PRODUCTION"))
		return { kind: "found", environment: { id: "", name: named, type: "PRODUCTION", archived: false } };
	const near = nearest(
		named,
		all.map(({ name }) => name.toLowerCase()),
	);
	return { kind: "unknown", near: all.find(({ name }) => name.toLowerCase() === near) };
}

/** Whether X-Inngest-Env can carry it: visible ASCII, as anything else breaks the request. */
export const isHeader = (text: string): boolean => /^[!-~]([ -~]*[!-~])?$/.test(text);

/**
 * The value for X-Inngest-Env. Undefined if only an id would do and that is unknown. A name (usage of Inngest's CLI, v1.43) or slug
 * (documentation, 2026-11: `production`) is sent as typed, so that reads and changes use the same. A branch is sent by its name: with its
 * key, another spelling might create another branch.
 */
export function headerOf(named: string, environment: Environment | undefined): string | undefined {
	const { id = "", name = named, type, shared } = environment ?? {};
	const text = type !== "BRANCH" && named === slug(name) ? named : name;
	const isClear = isHeader(text) && !shared && !sameId(id, named);
	return isClear ? text : id || undefined;
}

export const nameText = (named: string): string => clean(named, 60);

/** `«EU Staging» TEST, id 4f…, archived`. */
export const environmentText = ({ id, name, type, archived }: Environment): string =>
	joined(", ", words(word(name), word(type)), id && `id ${word(id)}`, archived && "archived");

/** What to do about an archived environment. Inngest's dashboard sends it no events, and can unarchive it (its source, v1.43). */
export const archivedText = ({ name }: Environment): string =>
	`${nameText(name)} is archived: the user can unarchive it in Inngest's dashboard, or name another.`;

/** Why an environment is refused, and what to do. Nothing but its look-up was sent. */
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

/** What to do if the server knew no environment of that name, or several. */
export const namesakes = (all: readonly Environment[], { text, by }: Naming): string =>
	`${by} names ${nameText(text)}. ${meant(findEnvironment(all, text))}`;

/** Why a key is not used. `events`: it is needed for events, which no other kind of key can read. */
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

/** The same if nothing shows a key's environment, and two are named. */
export function unlikeText(key: SecretName, flag: string, setting: string): [string, string] {
	const other = key === "INNGEST_EVENT_KEY" ? wide("with which `send-event` sends to") : ANY;
	return [
		`--env names ${nameText(flag)}, INNGEST_ENV names ${nameText(setting)}, and nothing shows which of them ${key} belongs to; nothing was sent.`,
		`${key} decides where it goes. The user can set the key and INNGEST_ENV of ${nameText(flag)}, ${other}`,
	];
}
const wide = (does: string) => `or an account-wide INNGEST_API_KEY, ${does} the environment that a call names.`;
const ANY = wide("which works for");

export const doubtText = (key: SecretName, { text, by }: Naming): string =>
	`${key} decides where this goes: nothing shows that it belongs to ${nameText(text)}, which ${by} names.`;

export const ownText = (key: SecretName): string =>
	`the ${{ INNGEST_EVENT_KEY: "event", INNGEST_SIGNING_KEY: "signing", INNGEST_API_KEY: "API" }[key]} key's environment`;

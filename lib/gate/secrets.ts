/**
 * The only reader of the environment; does no other I/O. Every variable is read by its literal name and declared in skill.yaml (https_proxy
 * and no_proxy as spellings of the upper-case names). Also defines what else a call takes from outside.
 */
import { setTimeout as wait } from "node:timers/promises";
import { refusal } from "../text/errors.ts";
import { type Scope, scopeOf } from "./environment.ts";
import { SECRETS } from "./manifest.ts";

/** The variables that the skill knows, as set in the environment. */
export interface Variables {
	readonly INNGEST_API_KEY?: string | undefined;
	readonly INNGEST_SIGNING_KEY?: string | undefined;
	readonly INNGEST_EVENT_KEY?: string | undefined;
	readonly INNGEST_ENV?: string | undefined;
	readonly INNGEST_BASE_URL?: string | undefined;
	readonly INNGEST_DEV?: string | undefined;
	readonly INNGEST_READ_ONLY?: string | undefined;
	readonly HTTPS_PROXY?: string | undefined;
	readonly https_proxy?: string | undefined;
	readonly NO_PROXY?: string | undefined;
	readonly no_proxy?: string | undefined;
}

/** This process's own, each read by its literal name, and only on demand: tests see which are read. */
const VARIABLES: Variables = {
	get INNGEST_API_KEY() {
		return process.env.INNGEST_API_KEY;
	},
	get INNGEST_SIGNING_KEY() {
		return process.env.INNGEST_SIGNING_KEY;
	},
	get INNGEST_EVENT_KEY() {
		return process.env.INNGEST_EVENT_KEY;
	},
	get INNGEST_ENV() {
		return process.env.INNGEST_ENV;
	},
	get INNGEST_BASE_URL() {
		return process.env.INNGEST_BASE_URL;
	},
	get INNGEST_DEV() {
		return process.env.INNGEST_DEV;
	},
	get INNGEST_READ_ONLY() {
		return process.env.INNGEST_READ_ONLY;
	},
	get HTTPS_PROXY() {
		return process.env.HTTPS_PROXY;
	},
	get https_proxy() {
		return process.env.https_proxy;
	},
	get NO_PROXY() {
		return process.env.NO_PROXY;
	},
	get no_proxy() {
		return process.env.no_proxy;
	},
};

/** Time as a call sees it. */
export interface Clock {
	/** In ms since the epoch. */
	now(): number;
	/** Returns after `ms` milliseconds, or as soon as `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a call takes from outside besides its words, passed in so that tests control all of it and never wait. */
export interface World {
	/** The environment variables that the skill knows. */
	env: Variables;
	clock: Clock;
	/** `size` random bytes, good enough for a secret. */
	random(size: number): Uint8Array;
	/** Aborted by Ctrl-C and SIGTERM. */
	signal: AbortSignal;
	/** Progress, for stderr: milestones stay, other lines may be overwritten by the next. */
	note(line: string, milestone: boolean): void;
}

/** The machine's own environment, clock and randomness. */
export const machine = (): Pick<World, "env" | "clock" | "random"> => ({
	env: VARIABLES,
	clock: { now: Date.now, sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined) },
	random: (size) => crypto.getRandomValues(new Uint8Array(size)),
});

/** Settings that are not secret. Empty strings count as unset, except for INNGEST_READ_ONLY. */
export interface Settings {
	environment: string | undefined;
	baseUrl: string | undefined;
	dev: string | undefined;
	readOnly: boolean;
	proxy: { https: string | undefined; no: string | undefined };
}

const text = (value: string | undefined) => value?.trim() || undefined;

export function readSettings(env: Variables): Settings {
	const readOnly = env.INNGEST_READ_ONLY?.trim().toLowerCase();
	return {
		environment: text(env.INNGEST_ENV),
		baseUrl: text(env.INNGEST_BASE_URL),
		dev: text(env.INNGEST_DEV),
		// Anything but a clear "no" means read-only, even an empty string: a typo must not allow changes.
		readOnly: readOnly !== undefined && !["0", "false", "no", "off"].includes(readOnly),
		proxy: {
			https: text(env.HTTPS_PROXY) ?? text(env.https_proxy),
			no: text(env.NO_PROXY) ?? text(env.no_proxy),
		},
	};
}

export type SecretName = (typeof SECRETS)[number];

/** Secrets as one intent may see them. */
export interface Secrets {
	/** Those that the manifest lists for this intent. */
	allowed: readonly SecretName[];
	/** Whether a secret is set, without revealing it. */
	has(name: SecretName): boolean;
	/** The value; throws if the manifest doesn't list the name for this intent, or the value can't be this kind of key. */
	get(name: SecretName): string | undefined;
	/** Which environments a key can belong to, from its kind. */
	scope(name: SecretName): Scope;
}

/** Opens exactly the secrets that the manifest lists for an intent. */
export function openSecrets(env: Variables, intent: string, allowed: readonly SecretName[]): Secrets {
	const secrets: Secrets = {
		allowed,
		has: (name) => text(env[name]) !== undefined,
		scope: (name) => scopeOf(name, () => secrets.get(name) ?? ""),
		get(name) {
			if (!allowed.includes(name))
				throw refusal(`${intent} may not use ${name}`, "skill.yaml lists the secrets of each intent.");
			const value = text(env[name]);
			const fault = value === undefined ? undefined : keyFault(name, value);
			if (fault)
				throw refusal(`${name} ${fault}`, "Ask the user to set it again: to the key itself, and nothing else.");
			return value;
		},
	};
	return secrets;
}

/** A form in which a key may be printed. `least`: how many of its first characters identify it. */
interface Form {
	name: string;
	text: string;
	least: number;
}

/** A key's forms: whole, without its prefix or the variable's name, and URL-encoded. */
function formsOf(name: SecretName, value: string | undefined): Form[] {
	if (value === undefined || isPlaceholder(value)) return [];
	const held = value.replace(/^[A-Z0-9_]+=(?=.)/, "").replace(/^["'`]|["'`]$/g, "");
	const bare = held.replace(/^signkey-[a-z]+-|^sk-inn-api-/, "");
	return [value, held, bare]
		.flatMap((one) => [one, encodeURIComponent(one), encodeKey(one)].map((text) => ({ one, text })))
		.map(({ one, text }) => ({ name, text, least: one === bare ? Math.min(text.length, 10) : text.length }))
		.filter(({ least }) => least >= LEAST);
}

/**
 * Returns a function that replaces secrets by their variables' names. Even if only the beginning appears in a cut text. The names it
 * inserts are not searched again: a name may be part of a key.
 */
export function openConcealer(env: Variables): (text: string) => string {
	const forms = SECRETS.flatMap((name) => formsOf(name, text(env[name]))).sort((a, b) => b.text.length - a.text.length);
	if (!forms.length) return (text) => text;
	const pattern = new RegExp(forms.map((form) => `(${beginningOf(form)})`).join("|"), "g");
	const nameOf = (groups: unknown[]) => forms[groups.findIndex((group) => group !== undefined)]?.name;
	return (text) => text.replace(pattern, (_, ...groups: unknown[]) => `[${nameOf(groups)}]`);
}

/** Matches at least `least` characters, and as many more as there are. */
function beginningOf({ text, least }: Form): string {
	const units = text.split("").map((unit) => unit.replace(/[^\w]/, "\\$&"));
	return units.slice(0, least).join("") + units.slice(least).reduceRight((rest, unit) => `(?:${unit}${rest})?`, "");
}

/** Masking shorter keys would hide half of what is printed. */
const LEAST = 6;

/** Placeholders that were not replaced: `${NAME}`, `{{name}}`, `<key>`, a reference to a secret (`SecretRef:…`, `op://…`), `undefined`. */
const PLACEHOLDERS = [
	/^[$%{]*INNGEST_[A-Z_]+[%}=]*$/,
	/\$[{(]|\{\{|:\/\/|^[{[<]|^__.*__$/,
	/^\$[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^%\w+%$/,
	/^(?:undefined|null|none|nil|nan|true|false|todo|redacted|change[-_]?me|replace[-_]?me|\.{3,})$/i,
	/^(?:signkey-\w+-|sk-inn-api-)?(?:x{3,}|\*+|your[-_].*)$/i,
	/^(?:secret-?ref|env|file|exec|vault|key-?ring|arn|ref\+)[\w-]*:/i,
];
const isPlaceholder = (value: string): boolean => PLACEHOLDERS.some((one) => one.test(value));

/** What can't be a key. The prefixes are from Inngest's documentation. */
const FAULTS: [test: (value: string, name: SecretName) => boolean, what: string][] = [
	[(value) => /^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/.test(value), "is in quotes"],
	[(value) => /^(?:export )?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+=(?!=*$)/.test(value), "contains a whole line, NAME=value"],
	[isPlaceholder, "contains a placeholder, not a key"],
	[(value) => /[^\x21-\x7e]|["\\]/.test(value) || value.length > 500, "contains characters that no key has"],
	[(value, name) => name !== "INNGEST_API_KEY" && /^sk-inn-api/.test(value), "holds INNGEST_API_KEY's key"],
	[(value, name) => name !== "INNGEST_SIGNING_KEY" && /^signkey-/.test(value), "holds INNGEST_SIGNING_KEY's key"],
	[(value) => /^(?:signkey-[a-z]+-|sk-inn-api-)?.{0,5}$/.test(value), "is too short for a key"],
	// A slash ends the key in the path, even if encoded (measured).
	[(value, name) => name === "INNGEST_EVENT_KEY" && value.includes("/"), "contains a /, which no event key has"],
];

export const keyFault = (name: SecretName, value: string): string | undefined =>
	FAULTS.find(([test]) => test(value, name))?.[1];

/**
 * Whether the signing key that is set is a self-hosted server's. That is hexadecimal (inngest.com/docs/platform-and-operations/self-host-inngest),
 * while Inngest Cloud's begins with `signkey-` (api-docs.inngest.com/authentication; both read on 2026-11-27).
 */
export const isSelfHosted = ({ INNGEST_SIGNING_KEY }: Variables): boolean =>
	/^(?:[0-9a-f]{2})+$/i.test(text(INNGEST_SIGNING_KEY) ?? "");

/** Whether a setting other than a key is an unreplaced placeholder: names are free text, so only what no one would choose. */
export const isUnfilled = (value: string): boolean =>
	/\$\{|\{\{|^\$INNGEST_|^INNGEST_[A-Z_]+(=|$)|^(["'`]).*\2$|^(undefined|null)$/.test(value);

/**
 * An event key in a path. Characters allowed there must not be encoded: if a path encodes what Go's net/url would not, OSS compares the key
 * with that encoded text (measured on v1.43: `$ & ; + = @ :`).
 */
export const encodeKey = (key: string): string =>
	encodeURIComponent(key)
		.replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)
		.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

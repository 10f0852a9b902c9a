/**
 * The only reader of the environment, and it does no I/O. Every variable is read by its literal name and declared in
 * skill.yaml, but for HTTPS_PROXY and NO_PROXY, which are the system's. And what else a call takes from outside.
 */
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";
import { refusal, UsageError } from "../text/errors.ts";
import { type Scope, scopeOf } from "./environment.ts";

/** The variables that the skill knows, as they stand in the environment. */
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

/** This process's own, each read by its literal name, and only when it is asked for. */
export const VARIABLES: Variables = {
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

/** Settings that are not secret. Empty strings count as unset, but for INNGEST_READ_ONLY. */
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
		// Anything but a clear "no" means read-only, nothing included: a typo must not open the door.
		readOnly: readOnly !== undefined && !["0", "false", "no", "off"].includes(readOnly),
		proxy: {
			https: text(env.HTTPS_PROXY) ?? text(env.https_proxy),
			no: text(env.NO_PROXY) ?? text(env.no_proxy),
		},
	};
}

const SECRETS = ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY"] as const;
export type SecretName = (typeof SECRETS)[number];

/** Secrets as one intent may see them. */
export interface Secrets {
	/** Whether a secret is set, without reading it out. */
	has(name: SecretName): boolean;
	/** The value; throws when the manifest does not list the name for this intent, or the value can't be this kind of key. */
	get(name: SecretName): string | undefined;
	/** Which environments a key may be for, as far as its kind tells. */
	scope(name: SecretName): Scope;
}

/** Opens exactly the secrets that the manifest lists for an intent. */
export function openSecrets(env: Variables, intent: string, allowed: readonly SecretName[]): Secrets {
	const secrets: Secrets = {
		has: (name) => text(env[name]) !== undefined,
		scope: (name) => scopeOf(name, () => secrets.get(name) ?? ""),
		get(name) {
			if (!allowed.includes(name))
				throw new UsageError(
					`${intent} may not use ${name}; nothing was sent.`,
					"skill.yaml lists the secrets of each intent.",
				);
			const value = text(env[name]);
			const fault = value === undefined ? undefined : keyFault(name, value);
			if (fault) throw refusal(...keyFaultText(name, fault));
			return value;
		},
	};
	return secrets;
}

/** A form in which a key may be printed. `least`: so many of its first characters are as good as the whole. */
interface Form {
	name: string;
	text: string;
	least: number;
}

/** Its forms: whole, without what tells its kind or the variable's name, and as an address has them. */
function formsOf(name: SecretName, value: string | undefined): Form[] {
	if (value === undefined || keyFault(name, value)?.kind === "placeholder") return [];
	const held = value.replace(/^[A-Z0-9_]+=(?=.)/, "").replace(/^["'`]|["'`]$/g, "");
	const wholes = [value, held].flatMap((one) => [one, encodeURIComponent(one), encodeKey(one)]);
	const starts = [bareKey(held)].flatMap((one) => [one, encodeURIComponent(one), encodeKey(one)]);
	return [
		...wholes.map((text) => ({ name, text, least: text.length })),
		...starts.map((text) => ({ name, text, least: Math.min(text.length, 10) })),
	].filter(({ least }) => least >= 6);
}

/**
 * Makes what replaces the value of every secret that is set by its name, also where a text that was cut shows its
 * beginning only. What it puts in is not looked at again: a name may be a part of a key.
 */
export function openConcealer(env: Variables): (text: string) => string {
	const forms = SECRETS.flatMap((name) => formsOf(name, text(env[name])));
	if (!forms.length) return (text) => text;
	const heads = forms.map(({ text, least }) => text.slice(0, least).replace(/[^\w]/g, "\\$&"));
	const head = new RegExp(heads.join("|"), "g");
	return (text) => {
		let result = "";
		let from = 0;
		head.lastIndex = 0;
		for (let found = head.exec(text); found; found = head.exec(text)) {
			const { index: at } = found;
			const [longest] = forms
				.map((form) => ({ name: form.name, size: agreeing(form, text, at) }))
				.sort((a, b) => b.size - a.size);
			if (!longest) break;
			result += `${text.slice(from, at)}[${longest.name}]`;
			from = at + longest.size;
			head.lastIndex = from;
		}
		return result + text.slice(from);
	};
}

/** How many characters of a form stand in a text there; 0 for too few. */
function agreeing({ text: form, least }: Form, text: string, at: number): number {
	let size = 0;
	while (size < form.length && text[at + size] === form[size]) size++;
	return size < least ? 0 : size;
}

/** Why what a variable holds can't be its key. `mistaken`: it is the key of another variable. */
type KeyFault =
	| { kind: "quoted" | "assignment" | "placeholder" | "characters" | "short" | "slash" }
	| { kind: "mistaken"; what: string; home: SecretName };

/** How values begin that belong to one variable alone (Inngest's documentation). */
const BEGINNINGS: [SecretName, string, RegExp][] = [
	["INNGEST_API_KEY", "an API key", /^sk-inn-api/],
	["INNGEST_SIGNING_KEY", "a signing key", /^signkey-/],
];
const QUOTE = /^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/;
const ASSIGNMENT = /^(?:export )?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+=/;
/** What was to be replaced and was not: `${NAME}`, `{{name}}`, `<key>`, a reference to a secret (`SecretRef:…`, `op://…`), `undefined`. */
const PLACEHOLDERS = [
	/^[$%{]*INNGEST_[A-Z_]+[%}=]*$/,
	/\$[{(]|\{\{|:\/\/|^[{[<]|^__.*__$/,
	/^\$[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^%\w+%$/,
	/^(?:undefined|null|none|nil|nan|true|false|todo|redacted|change[-_]?me|replace[-_]?me|\.{3,})$/i,
	/^(?:signkey-\w+-|sk-inn-api-)?(?:x{3,}|\*+|your[-_].*)$/i,
	/^(?:secret-?ref|env|file|exec|vault|keyring|arn|ref\+)[\w-]*:/i,
];
/** Fewer characters could not be masked in what is printed without hiding half of it. */
const LEAST = 6;

/** A key without what tells its kind, as a server may name it. */
const bareKey = (value: string): string => value.replace(/^signkey-[a-z]+-|^sk-inn-api-/, "");

/** What is wrong with a key; undefined where it can be one. */
export function keyFault(name: SecretName, value: string): KeyFault | undefined {
	if (QUOTE.test(value)) return { kind: "quoted" };
	if (ASSIGNMENT.test(value) && !/^[^=]+=+$/.test(value)) return { kind: "assignment" };
	if (PLACEHOLDERS.some((one) => one.test(value))) return { kind: "placeholder" };
	if (!/^(?!\.+$)[^"\\]{1,500}$/.test(value) || /[^\x21-\x7e]/.test(value)) return { kind: "characters" };
	const mistaken = BEGINNINGS.find(([home, , beginning]) => home !== name && beginning.test(value));
	if (mistaken) return { kind: "mistaken", home: mistaken[0], what: mistaken[1] };
	if (bareKey(value).length < LEAST) return { kind: "short" };
	// It ends the part of the address that is the key, also where it is encoded (measured).
	return name === "INNGEST_EVENT_KEY" && value.includes("/") ? { kind: "slash" } : undefined;
}

/** Whether a setting that is no key holds what was to be replaced: names are free text, so only what no one would choose. */
export const isUnfilled = (value: string): boolean =>
	/\$\{|\{\{|^\$INNGEST_|^INNGEST_[A-Z_]+(=|$)|^(["'`]).*\2$|^(undefined|null)$/.test(value);

/** What is said of it: what is wrong, and what to do. */
export function keyFaultText(name: SecretName, fault: KeyFault): [string, string] {
	const again = "Ask the user to set it again,";
	switch (fault.kind) {
		case "quoted":
			return [`${name} is in quotes`, `${again} without them.`];
		case "assignment":
			return [`${name} contains a whole line, NAME=value`, `${again} to what follows the =.`];
		case "placeholder":
			return [`${name} contains a placeholder, not a key`, `It was not filled in. ${again} to the key itself.`];
		case "characters":
			return [`${name} contains characters that no key has`, `${again} without spaces or line breaks.`];
		case "short":
			return [
				`${name} is too short for a key`,
				`It could not be masked. ${again} to one of ${LEAST} characters or more.`,
			];
		case "slash":
			return [`${name} contains a /, which no server accepts in an event key`, `${again} to a key without one.`];
		case "mistaken":
			return [`${name} holds ${fault.what}`, `Ask the user to set ${name} again; that key is for ${fault.home}.`];
	}
}

/**
 * An event key as a part of a path. What may stand there as it is must: OSS compares the key with its encoded form where
 * that isn't the one that Go's net/url writes (measured on v1.43: `$ & ; + = @ :`).
 */
export const encodeKey = (key: string): string =>
	encodeURIComponent(key)
		.replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)
		.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Time as a call sees it. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Returns after `ms` milliseconds, or as soon as `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `size` random bytes, good enough for a secret. */
export type Random = (size: number) => Uint8Array;

/** What a call takes from outside besides its words: handed in, so that a test decides all of it and never waits. */
export interface World {
	/** The variables of the environment that the skill knows. */
	env: Variables;
	clock: Clock;
	random: Random;
	/** Aborted by Ctrl-C and SIGTERM. */
	signal: AbortSignal;
	/** Progress, for stderr: a milestone stays, any other line may be overwritten by the next. */
	note(line: string, milestone: boolean): void;
}

/** The machine's own environment, clock and randomness. */
export const machine: Pick<World, "env" | "clock" | "random"> = {
	env: VARIABLES,
	clock: { now: Date.now, sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined) },
	// Required where it is needed: most calls need none, and loading it takes a tenth of a call.
	random: (size) => {
		const crypto: typeof import("node:crypto") = createRequire(import.meta.url)("node:crypto");
		return crypto.randomBytes(size);
	},
};

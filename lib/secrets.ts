/**
 * The only reader of the environment, and it does no I/O. Every variable is read by its literal name and declared in
 * skill.yaml, but for HTTPS_PROXY and NO_PROXY, which are the system's.
 */
import { type Scope, scopeOf } from "./environment.ts";
import { UsageError } from "./errors.ts";

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

/** Settings that are not secret. Empty strings count as unset. */
export interface Settings {
	environment: string | undefined;
	baseUrl: string | undefined;
	dev: string | undefined;
	readOnly: boolean;
	proxy: { https: string | undefined; no: string | undefined };
}

/** Whether a setting that was given says no. */
export const isNo = (value: string): boolean => ["0", "false", "no", "off"].includes(value.toLowerCase());
const text = (value: string | undefined) => value?.trim() || undefined;

export function readSettings(env: Variables): Settings {
	const readOnly = text(env.INNGEST_READ_ONLY);
	return {
		environment: text(env.INNGEST_ENV),
		baseUrl: text(env.INNGEST_BASE_URL),
		dev: text(env.INNGEST_DEV),
		// Anything but a clear "no" means read-only: a typo must not open the door.
		readOnly: readOnly !== undefined && !isNo(readOnly),
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
			if (value !== undefined && !/^(?!\.+$)(?!["'])[\x21-\x7e]{1,500}$/.test(value))
				throw new UsageError(
					`${name} holds characters that no key has; nothing was sent.`,
					"Ask the user to set it again, without quotes, spaces or line breaks.",
				);
			if (value !== undefined) refuseMistaken(name, value);
			return value;
		},
	};
	return secrets;
}

/** How values begin that belong to one variable alone (Inngest's documentation). */
const BEGINNINGS: [SecretName, string, RegExp][] = [
	["INNGEST_API_KEY", "an API key", /^sk-inn-api/],
	["INNGEST_SIGNING_KEY", "a signing key", /^signkey-/],
];
/** A key in the place of another: an event key is a part of an address, and what an API key may do is decided elsewhere. */
function refuseMistaken(name: SecretName, value: string): void {
	const [home, what] = BEGINNINGS.find(([, , beginning]) => beginning.test(value)) ?? [name];
	if (home !== name)
		throw new UsageError(
			`${name} holds ${what}; nothing was sent.`,
			`Ask the user to set ${name} again; that key is for ${home}.`,
		);
}

/**
 * Makes what replaces the value of every secret that is set, whole or without its `signkey-<env>-` prefix, by its name;
 * also where a text that was cut shows its beginning only.
 */
export function openConcealer(env: Variables): (text: string) => string {
	const secrets = SECRETS.flatMap((name) => {
		const value = text(env[name]);
		if (value === undefined || value.length < 6) return [];
		const bare = value.replace(/^signkey-[a-z]+-|^sk-inn-api-/, "");
		const starts = [bare, encodeURIComponent(bare)];
		return [
			{ name: `[${name}]`, forms: [value, encodeURIComponent(value), bare].filter((one) => one.length >= 6), starts },
		];
	});
	return (text) => {
		let result = text;
		for (const { name, forms, starts } of secrets) {
			for (const form of forms) result = result.replaceAll(form, name);
			for (const form of starts) result = hideStart(result, form, name);
		}
		return result;
	};
}

/** Hides what of `form` stands in a text, from its first ten characters on. */
function hideStart(text: string, form: string, name: string): string {
	const start = form.slice(0, 10);
	if (start.length < 10) return text;
	let result = "";
	let from = 0;
	for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, from)) {
		let end = at + start.length;
		while (end - at < form.length && text[end] === form[end - at]) end++;
		result += text.slice(from, at) + name;
		from = end;
	}
	return result + text.slice(from);
}

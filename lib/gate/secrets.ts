/**
 * The only reader of the environment, and it does no I/O. Every variable is read by its literal name and declared in
 * skill.yaml, but for HTTPS_PROXY and NO_PROXY, which are the system's.
 */

import { refusal, UsageError } from "../text/errors.ts";
import { type Scope, scopeOf } from "./environment.ts";
import { bareKey, encodeKey, keyFault, keyFaultText } from "./keyvalue.ts";

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

/** What the value of a key can be, and how it stands in an address. No I/O, and no value is ever told. */
import type { SecretName } from "./secrets.ts";

/** Why what a variable holds can't be its key. `mistaken`: it is the key of another variable. */
export type KeyFault =
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
export const bareKey = (value: string): string => value.replace(/^signkey-[a-z]+-|^sk-inn-api-/, "");

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
			return [`${name} holds a whole line, NAME=value`, `${again} to what follows the =.`];
		case "placeholder":
			return [`${name} holds a placeholder, not a key`, `What was to fill it in did not. ${again} to the key itself.`];
		case "characters":
			return [`${name} holds characters that no key has`, `${again} without spaces or line breaks.`];
		case "short":
			return [
				`${name} is too short for a key`,
				`It could not be masked. ${again} to one of ${LEAST} characters or more.`,
			];
		case "slash":
			return [`${name} holds a /, with which no server takes an event key`, `${again} to a key without one.`];
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

/** A request as plain data, and its curl equivalent. No I/O. */

import { isHeader } from "../gate/environment.ts";
import type { IntentEntry } from "../gate/manifest.ts";
import type { SecretName } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { refusal } from "../text/errors.ts";
import { single } from "../text/nouns.ts";
import { escaped, quote, UNSEEN } from "../text/text.ts";

export interface Request {
	method: "GET" | "POST";
	/** Path with every value encoded (see `path`); `/e/$INNGEST_EVENT_KEY` for sending. */
	path: string;
	query?: Record<string, string | number | readonly string[] | undefined>;
	/** Bytes are sent as they are (JSON, in which numbers of any size survive), anything else is serialised. */
	body?: unknown;
	headers?: Record<string, string>;
	/** Which of Inngest's APIs: decides the origin and the secret. */
	api: "event" | "v1" | "v2";
	/** A POST that may be sent again after an unclear response: a seed, a key or its nature makes that safe. */
	repeatable?: boolean;
	/** It concerns the whole account, or the key itself: no environment is sent. */
	everywhere?: boolean;
	/**
	 * Non-2xx statuses whose body is an answer, not an error. The answer includes the status and `maybe`: whether an earlier attempt may have
	 * been carried out.
	 */
	accept?: readonly number[];
}

export const get = (path: string, query?: Request["query"]): Request => ({
	method: "GET",
	path,
	...(query && { query }),
	api: path.startsWith("/v1/") ? "v1" : "v2",
});

export const post = (path: string, body: unknown, more: Pick<Request, "repeatable" | "accept"> = {}): Request => ({
	...get(path),
	method: "POST",
	body,
	...more,
});

/** Builds a path from a template. Each value becomes exactly one segment. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
	return strings.reduce((built, part, i) => built + segment(values[i - 1] ?? "") + part);
}

/**
 * Inngest decodes names in paths twice (measured on v1.43; its source: decodePathParam), and does not find a `/` that is encoded once. So
 * whatever would split the path or be decoded once too often is encoded twice; no proxy takes it for a parent path.
 */
const TWICE = /\/|%[\da-f]{2}|^\.{1,2}$/i;

function segment(value: string): string {
	if (!value || /[\p{Cc}\p{Cs}]/u.test(value))
		throw refusal(`${quote(value, 60)} can't be part of a path`, "Copy the id as it was printed.");
	const once = encodeURIComponent(value);
	return TWICE.test(value) ? encodeURIComponent(once.replaceAll(".", "%2E")) : once;
}

/**
 * The secrets that can authorise a request, best first. For Cloud's v2 an API key, for v1 and self-hosted only the signing key, for a dev
 * server none. Only the first that is set is tried. `oneKey`: v2 is read with the same key as v1.
 */
export function authorisedBy({ kind }: Target, { api }: Request, oneKey = false): readonly SecretName[] {
	if (kind === "dev") return [];
	if (api === "event") return ["INNGEST_EVENT_KEY"];
	const signing = "INNGEST_SIGNING_KEY";
	return kind === "cloud" && api === "v2" && !oneKey ? ["INNGEST_API_KEY", signing] : [signing];
}

/**
 * Whether a reading intent may send it: a GET, or a POST to the one path in its entry. Of sends, only an empty array: it starts and stores
 * nothing (measured), and shows whether the event key is valid.
 */
export function isRead(request: Request, { effect, posts }: Pick<IntentEntry, "effect" | "posts">): boolean {
	const { method, path, body } = request;
	if (method === "GET") return true;
	return effect === "read" && path === posts && (!sendsEvents(request) || (Array.isArray(body) && !body.length));
}

/** Whether a request sends events: sending it twice starts their functions twice. */
export const sendsEvents = ({ method, path }: Request): boolean =>
	method === "POST" && /^\/(e\/|v2\/events$)/.test(path);

/** Whether a request sends more events than its manifest entry allows unless confirmed. */
export function exceeds(request: Request, { confirm }: Pick<IntentEntry, "confirm">): boolean {
	if (typeof confirm !== "number" || !sendsEvents(request)) return false;
	const events: unknown = JSON.parse(Buffer.from(bodyOf(request) ?? "").toString() || "[]");
	return Array.isArray(events) && events.length > confirm;
}

/**
 * The grant that an API key needs for a request, if known. By Inngest's source since September 2026 (apiv2base/testdata/grant_catalog.json),
 * which lacks that for sending.
 */
export function grantOf({ method, path }: Pick<Request, "method" | "path">): string | undefined {
	const [, version, noun = "", , sub, , last] = path.split("/");
	if (version !== "v2" || path === "/v2/events") return undefined;
	const ofRuns = noun === "events" || last === "runs";
	const of = [ofRuns && "run", sub === "functions" && "function", noun.slice(0, -1)].find(Boolean);
	return `api:${of}:${method === "GET" || noun === "insights" ? "read" : "write"}`;
}

export const bodyOf = ({ body }: Request): string | Uint8Array | null =>
	body instanceof Uint8Array ? body : (JSON.stringify(body) ?? null);

/** The full URL. `$INNGEST_EVENT_KEY` stays in it as a name. */
export function urlOf(target: Target, request: Request): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(request.query ?? {}))
		for (const one of Array.isArray(value) ? value : [value])
			if (one !== undefined && one !== "") query.append(name, String(one));
	const text = query.toString();
	// The dev server accepts any event key.
	const at = target.kind === "dev" ? request.path.replace("$INNGEST_EVENT_KEY", "dev") : request.path;
	return (request.api === "event" ? target.events : target.api) + at + (text && `?${text}`);
}

/** The equivalent curl command for a POSIX shell, with secrets as variables. */
export function toCurl(target: Target, request: Request, secret: SecretName | undefined): string {
	const words = ["curl -sS"];
	if (request.method !== "GET") words.push(`-X ${request.method}`);
	const parts = urlOf(target, request).split("$INNGEST_EVENT_KEY");
	// To curl, braces are a pattern. In double quotes parts of an origin would be expanded, or `!` at a prompt.
	if (parts.some((part) => /[{}]/.test(part))) words.push("-g");
	const isLive = parts.some((part) => /["$`\\!]/.test(part));
	words.push(isLive ? parts.map(single).join('"$INNGEST_EVENT_KEY"') : `"${parts.join("$INNGEST_EVENT_KEY")}"`);
	if (secret && request.api !== "event") words.push(`-H "Authorization: Bearer $${secret}"`);
	for (const [name, value] of Object.entries(headersOf(target, request)))
		if (name !== "user-agent") words.push("-H", single(`${name}: ${value}`));
	const body = bodyOf(request);
	// Escaping invisible characters doesn't change its meaning.
	if (body !== null) words.push("-d", single(Buffer.from(body).toString().replace(UNSEEN, escaped)));
	return words.join(" ");
}

/** A request's headers, without authorisation. */
export function headersOf(target: Target, request: Request): Record<string, string> {
	const { environment = "", kind } = target;
	const isNamed = kind !== "dev" && !request.everywhere && isHeader(environment);
	return {
		"user-agent": "openclaw-skill-inngest",
		...(request.body !== undefined && { "content-type": "application/json" }),
		...(isNamed && { "x-inngest-env": environment }),
		...request.headers,
	};
}

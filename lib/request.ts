/** A request as plain data, and its curl equivalent. */
import { UsageError } from "./errors.ts";
import type { SecretName } from "./secrets.ts";
import type { Target } from "./target.ts";
import { quote } from "./text.ts";

export interface Request {
	method: "GET" | "POST";
	/** Path with every value encoded (see `path`); `/e/$INNGEST_EVENT_KEY` for sending. */
	path: string;
	query?: Record<string, string | number | readonly string[] | undefined>;
	/** RawJson is sent as it is, anything else is serialised. */
	body?: unknown;
	headers?: Record<string, string>;
	/** Which of Inngest's APIs it is: decides the origin and the secret that authorises. */
	api: "event" | "v1" | "v2";
	/** A POST that may be sent again after an unclear answer, because a seed, a key or its nature makes that safe. */
	repeatable?: boolean;
	/** HTTP statuses besides 2xx whose body is an answer, not an error. */
	accept?: readonly number[];
}

export const get = (path: string, query?: Request["query"]): Request => ({
	method: "GET",
	path,
	...(query && { query }),
	api: path.startsWith("/v1/") ? "v1" : "v2",
});

/** JSON in UTF-8, sent byte for byte, so that a number of any size survives. */
export class RawJson {
	readonly bytes: Uint8Array<ArrayBuffer>;
	constructor(bytes: Uint8Array<ArrayBuffer>) {
		this.bytes = bytes;
	}
}

/** A path from a template; each value becomes exactly one segment. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
	return strings.reduce((built, part, i) => built + segment(values[i - 1] ?? "") + part);
}

function segment(value: string): string {
	if (!value || value === "." || value === ".." || /[/\\\p{C}]|%2f|%5c|%00/iu.test(value))
		throw new UsageError(
			`${quote(value, 60)} can't be part of a path; nothing was sent.`,
			"Copy the id as it was printed.",
		);
	return encodeURIComponent(value);
}

/** The secrets that authorise, best first: only Cloud's v2 takes an API key. */
export function authorisedBy(target: Target, request: Request): readonly SecretName[] {
	if (request.api === "event") return ["INNGEST_EVENT_KEY"];
	const either = target.kind === "cloud" && request.api === "v2";
	return either ? ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"] : ["INNGEST_SIGNING_KEY"];
}

export function bodyOf({ body }: Request): string | Uint8Array<ArrayBuffer> | null {
	if (body instanceof RawJson) return body.bytes;
	return body === undefined ? null : JSON.stringify(body);
}

/** `$INNGEST_EVENT_KEY` stays in it as a name, but for the dev server, which takes any key. */
export function urlOf(target: Target, request: Request): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(request.query ?? {}))
		for (const one of [value].flat()) if (one !== undefined && one !== "") query.append(name, String(one));
	const text = query.toString();
	const at = target.kind === "dev" ? request.path.replace("$INNGEST_EVENT_KEY", "dev") : request.path;
	return (request.api === "event" ? target.events : target.api) + at + (text && `?${text}`);
}

export function toCurl(target: Target, request: Request, secret: SecretName | undefined): string {
	const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
	const words = ["curl", "-sS"];
	if (request.method !== "GET") words.push("-X", request.method);
	words.push(`"${urlOf(target, request)}"`);
	if (secret && request.api !== "event") words.push("-H", `"Authorization: Bearer $${secret}"`);
	for (const [name, value] of Object.entries(headersOf(target, request)))
		if (name !== "user-agent") words.push("-H", quote(`${name}: ${value}`));
	const body = bodyOf(request);
	if (body !== null) words.push("-d", quote(Buffer.from(body).toString()));
	return words.join(" ");
}

export function headersOf(target: Target, request: Request): Record<string, string> {
	return {
		"user-agent": "openclaw-skill-inngest",
		...(request.body !== undefined && { "content-type": "application/json" }),
		...(target.environment && target.kind !== "dev" && { "x-inngest-env": target.environment }),
		...request.headers,
	};
}

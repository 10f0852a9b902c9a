/** What answers in the place of Inngest, as far as its answer shows; and what to do, by what named the server. No I/O. */
import * as z from "zod/mini";
import { NOT_INNGEST, ServerError, type Where } from "../text/errors.ts";
import { clean, quote } from "../text/text.ts";
import type { Reply } from "./http.ts";
import type { Request } from "./request.ts";

export type Stranger =
	/** A page where people log in, or a redirect to one elsewhere. */
	| { kind: "login"; at: string | undefined }
	/** It asks for a password of its own (WWW-Authenticate). */
	| { kind: "challenge"; scheme: string }
	/** It was asked over http, and wants https. */
	| { kind: "https"; origin: string }
	| { kind: "moved"; to: string; origin: string | undefined }
	/** A web page with this status. */
	| { kind: "page"; status: number }
	/** Any other answer without what Inngest's have. */
	| { kind: "other"; status: number; said: string };

const Marks = z.object({
	data: z.optional(z.unknown()),
	ids: z.optional(z.unknown()),
	/** What the dev server says of itself (v1.43, pkg/devserver/api.go). */
	startOpts: z.optional(z.unknown()),
	metadata: z.nullish(z.object({ fetchedAt: z.optional(z.string()), fetched_at: z.optional(z.string()) })),
	errors: z.nullish(z.array(z.union([z.object({ code: z.string() }), z.object({ message: z.string() })]))),
	error: z.nullish(z.string()),
	status: z.optional(z.unknown()),
});

/** Who is not Inngest, by an answer; `body` is its JSON. Undefined where nothing says so. */
export function strangerIn({ api }: Request, cloud: boolean, reply: Reply, body: unknown): Stranger | undefined {
	const { status, text } = reply;
	if (status >= 300 && status < 400) return redirected(reply);
	// All of OSS's answers carry it (measured); whether Cloud's do is not public.
	if (reply.header("x-inngest-server-kind")) return undefined;
	if (LOGIN_PAGE.test(text)) return { kind: "login", at: undefined };
	const marks = z.safeParse(Marks, body).data;
	if (marks && (isAnswer(marks, api) || isRefusal(marks))) return undefined;
	// What is not JSON at all may have been cut short.
	if (status < 400) return body === undefined ? undefined : { kind: "other", status, said: text };
	// A proxy before the server says these by itself; and what was cut short hides what it is.
	if (status >= 500 || [408, 413, 429].includes(status) || (body === undefined && /^\s*[{[]/.test(text)))
		return undefined;
	const scheme = reply.header("www-authenticate")?.split(" ")[0];
	if (scheme && !/^bearer$/i.test(scheme)) return { kind: "challenge", scheme };
	if (/^\s*</.test(text)) return { kind: "page", status };
	if (cloud || PLAIN.test(text)) return undefined;
	return { kind: "other", status, said: text };
}

/** What OSS says without JSON (measured). */
const PLAIN = /^\s*(Authentication failed)?\s*$/;

/** An empty list has the time when it was read, and one that lacks it has items (measured). */
function isAnswer({ data, ids, metadata, startOpts }: z.output<typeof Marks>, api: Request["api"]): boolean {
	if (api === "event") return Array.isArray(ids);
	if (startOpts !== undefined) return true;
	const some = typeof data === "object" && data !== null && Object.keys(data).length > 0;
	return some || Boolean(metadata?.fetchedAt ?? metadata?.fetched_at);
}

/** One of Inngest's two forms of a refusal; v1 sends some under 200. */
const isRefusal = ({ errors, error, status }: z.output<typeof Marks>): boolean =>
	Boolean(errors?.length) || (typeof error === "string" && Number(status) >= 400);

const LOGIN_PAGE =
	/^\s*(?=<)[\s\S]{0,100000}?(?:type=["']?password|<title>[^<]{0,80}\b(?:log|sign)[ -]?in\b|cloudflareaccess)/i;
const LOGIN = /cloudflareaccess|[/.](log[-_]?in|sign[-_]?in|sso|saml2?|oauth2?|auth|authorize|accounts|idp)([/.?-]|$)/i;

function redirected({ url, header }: Reply): Stranger {
	const location = header("location");
	const to = location && URL.canParse(location, url) ? new URL(location, url) : undefined;
	const from = new URL(url);
	if (to === undefined) return { kind: "moved", to: "nowhere", origin: undefined };
	if (LOGIN.test(`/${to.host}${to.pathname}`)) return { kind: "login", at: to.host };
	if (to.hostname === from.hostname && from.protocol === "http:" && to.protocol === "https:")
		return { kind: "https", origin: to.origin };
	if (to.origin === from.origin) return { kind: "moved", to: to.pathname, origin: undefined };
	return { kind: "moved", to: to.host, origin: to.origin };
}

/** The same as an error: nothing of it was an answer. `status`: HTTP's. What took a request well may have acted on it. */
export function strangerError(stranger: Stranger, status: number, request: Request, where: Where): ServerError {
	const open = status < 300 && request.method !== "GET";
	const [message, next] = toldOf(stranger, request, where);
	return new ServerError(message, next, status, NOT_INNGEST, open);
}

function toldOf(stranger: Stranger, { method, path }: Request, where: Where): [string, string] {
	const { label, variable } = where;
	switch (stranger.kind) {
		case "login":
			return [
				stranger.at === undefined
					? `${label} answered with a login page.`
					: `${label} redirects to a login at ${clean(stranger.at, 80)}; that was not followed.`,
				pastIt(where),
			];
		case "challenge":
			return [`${label} asks for a password (${clean(stranger.scheme, 20)}), which Inngest never does.`, pastIt(where)];
		case "https":
			return [
				`${label} was asked over http, and answers over https alone; that was not followed.`,
				`The user can set ${variable ?? "INNGEST_DEV"} to ${stranger.origin}.`,
			];
		case "moved":
			return [
				`${label} redirects to ${clean(stranger.to, 80)}; that was not followed.`,
				stranger.origin && where.kind !== "cloud"
					? `If the Inngest server is there, the user can set ${variable ?? "INNGEST_DEV"} to ${clean(stranger.origin, 100)}.`
					: itself(where),
			];
		case "page":
			return [`${label} answered with a web page (${stranger.status}), as Inngest's API never does.`, itself(where)];
		case "other": {
			const said = `${stranger.status} ${quote(stranger.said, 100)}`;
			return [`${label} answered ${method} ${clean(path, 120)}, but not as Inngest does: ${said}.`, itself(where)];
		}
	}
}

/** What to do where something else answers. */
export function itself({ kind, variable }: Where): string {
	if (kind === "cloud")
		return "Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.";
	if (variable === undefined)
		return "Something else listens there: start `inngest dev` with another --port, and set INNGEST_DEV to its URL.";
	const command = kind === "dev" ? "inngest dev" : "inngest start";
	return `${variable} must be the address of the Inngest server itself (\`${command}\`), not of an app.`;
}

function pastIt(where: Where): string {
	if (where.kind === "cloud") return itself(where);
	return `No key of Inngest opens it: the user can let this machine past it, or set ${where.variable ?? "INNGEST_DEV"} to an address behind it.`;
}

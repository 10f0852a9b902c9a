/** What an answer says, or that it is not Inngest's, or that there was none: what happened, and what to do about it. No I/O. */
import * as z from "zod/mini";
import { NOT_INNGEST, refused, ServerError, SkillError, type Where } from "../text/errors.ts";
import { clean, quote } from "../text/text.ts";
import type { NoReply, Reply } from "./http.ts";
import type { Request } from "./request.ts";

const text = z.nullish(z.string());
const any = z.optional(z.unknown());
/** What Inngest's answers have, and its three formats of refusal; `startOpts` is the dev server's (v1.43, pkg/devserver/api.go). */
const Body = z.object({
	data: any,
	ids: any,
	startOpts: any,
	status: any,
	error: text,
	message: text,
	metadata: z.nullish(z.object({ fetchedAt: text, fetched_at: text })),
	errors: z.nullish(z.array(z.object({ code: text, message: text }))),
});
type Body = z.output<typeof Body>;

/** The JSON of an HTTP answer that came at `now` (ms), or throws what it says is wrong. */
export function judge(request: Request, where: Where, reply: Reply, now: number): unknown {
	const { status, text } = reply;
	const sent = request.method !== "GET";
	// Any other answer without a body has lost it: it must not pass for an empty list.
	if (status === 204 && sent) return {};
	const body = parsed(text);
	const said = z.safeParse(Body, body).data;
	const isPage = HTML.test(text);
	const [, title] = /<title>([^<]+)/i.exec(text) ?? [];
	const page = title ? `an HTML page ${quote(title, 60)}` : "an HTML page";
	const shown = isPage ? page : quote(text.trim(), 100);
	const odd = `${where.label} answered ${request.method} ${clean(request.path, 120)}, but not as Inngest does: ${status} ${shown}.`;
	const what = strangerIn(request, where, reply, body, said, odd);
	if (what) throw new ServerError(what, itself(where), status, NOT_INNGEST, status < 300 && sent);
	const [first] = said?.errors ?? [];
	let real = status;
	// v1 sends some errors under HTTP 200, with the real status in the body and no data.
	if (real < 400 && said?.data == null && (said?.error || first)) real = Math.max(Number(said?.status) || 500, 400);
	// A refusal that is an answer says that it is one, as the event API's does by itself.
	if (typeof body === "object" && request.accept?.includes(real)) return { ...body, status: real };
	if (real < 400 && body !== undefined) return body;
	if (real < 400) throw new ServerError(odd, itself(where), status, "not_json", sent);
	const plain = body === undefined && !isPage && text.trim();
	const message = first?.message ?? (said?.error || said?.message || plain);
	const code = /^\w{1,40}$/.exec(first?.code ?? "")?.[0] ?? "";
	const silent = isPage ? shown : "no reason given";
	const reason = message ? quote(message, 200) : silent;
	const error = refused(where, real, code, reason, sent && real >= 500 && real !== 501);
	const after = reply.header("retry-after") ?? "";
	const wait = /^\d/.test(after) ? Number.parseFloat(after) * 1000 : Date.parse(after) - now;
	if (wait >= 0) error.retryAfter = wait;
	throw error;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const HTML = /^\s*</;
/** What OSS says without JSON (measured). */
const PLAIN = /^\s*(Authentication failed)?\s*$/;

/** What happened where it is not Inngest that answered: `odd`, or what else; undefined where nothing says so. */
function strangerIn(
	request: Request,
	{ kind, label }: Where,
	reply: Reply,
	body: unknown,
	said: Body | undefined,
	odd: string,
) {
	const { url, status, text, header } = reply;
	if (status >= 300 && status < 400) {
		const location = header("location") ?? "";
		const { origin, pathname } = new URL(URL.canParse(location, url) ? location : "", url);
		return `${label} redirects to ${clean(url.startsWith(origin) ? pathname : origin, 100)} (not followed).`;
	}
	// All of OSS's answers carry it (measured); whether Cloud's do is not public.
	if (header("x-inngest-server-kind") || (said && isOurs(said, request))) return undefined;
	// What is not JSON may have been cut short.
	if (status < 400) return body === undefined ? undefined : odd;
	// A proxy before the server says these by itself.
	if (status >= 500 || [408, 413, 429].includes(status) || (body === undefined && /^\s*[{[]/.test(text)))
		return undefined;
	const [scheme = ""] = header("www-authenticate")?.split(" ") ?? [];
	if (!/^(bearer)?$/i.test(scheme))
		return `${label} asks for a password (${clean(scheme, 20)}), which Inngest never does.`;
	return !HTML.test(text) && (kind === "cloud" || PLAIN.test(text)) ? undefined : odd;
}

/** An empty list has the time when it was read, and one that lacks it has items (measured); v1 sends some refusals under 200. */
function isOurs({ data, ids, metadata, startOpts, errors, error, status }: Body, { api }: Request): boolean {
	if (errors?.length || (typeof error === "string" && Number(status) >= 400)) return true;
	if (api === "event") return Array.isArray(ids);
	const some = typeof data === "object" && data !== null && Object.keys(data).length > 0;
	return some || startOpts !== undefined || Boolean(metadata?.fetchedAt ?? metadata?.fetched_at);
}

const settingOf = ({ variable = "INNGEST_DEV" }: Where): string => variable;

/** What to do where something else answers. */
function itself({ kind, variable }: Where): string {
	if (kind === "cloud")
		return "Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.";
	if (variable === undefined)
		return "Something else listens there: start `inngest dev` with another --port, and set INNGEST_DEV to its URL.";
	const command = kind === "dev" ? "inngest dev" : "inngest start";
	return `${variable} must be the address of the Inngest server itself (\`${command}\`), not of an app, nor behind a login.`;
}

/**
 * Reasons that are the same a moment later, what to do, and what happened where the reason does not say it: codes of Node's
 * and, of certificates, of OpenSSL's X509_V_ERR (nodejs.org/api/tls.html, Node 24). `{}` is the setting that names the server.
 */
const KNOWN: readonly (readonly [reason: RegExp, next: string, what?: string])[] = [
	[
		/^CERT_HAS_EXPIRED$/,
		"Whoever runs the server must renew it; if they have, this machine's clock is wrong.",
		"its certificate has expired",
	],
	[/^CERT_NOT_YET_VALID$/, "Check this machine's clock: it may be behind.", "its certificate is not valid yet"],
	[/ALTNAME/, "Set {} to a name that the certificate is for.", "its certificate is for another name"],
	[
		/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED)/,
		"For a private CA, or a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to the CA's file.",
		"its certificate is from an unknown CA",
	],
	[/CERT|CRL|_CA$|PURPOSE/, "A certificate is missing or not accepted: ask whoever runs the server."],
	[/^(EPROTO|ERR_SSL_|HPE_)/, "Something else answers there: check the port of {}, and whether it is http or https."],
	[/^(EACCES|EPERM)$/, "A firewall or a sandbox on this machine forbids it."],
	[/^HTTPS_PROXY answered 407/, "HTTPS_PROXY must contain the proxy's user and password."],
	[/^HTTPS_PROXY /, "Check HTTPS_PROXY; NO_PROXY can exempt the server."],
	[/^an answer/, "Ask for less: a smaller --limit, or a narrower --since and --until."],
];

/** Nobody is there: nothing was sent. */
const GONE = /^(ECONNREFUSED|ENOTFOUND)$/;

/** Whether it is no use to try again at once. */
export const isLasting = (reason: string): boolean => GONE.test(reason) || KNOWN.some(([one]) => one.test(reason));

/** What a request fails with that no usable answer came to; `changes`: one that may have been carried out where it was sent. */
export function unanswered(where: Where, error: NoReply, changes: boolean): SkillError {
	if (error instanceof SkillError) return error;
	const reason = typeof error.code === "string" ? error.code : clean(error.message, 80);
	const [, next, known = reason] = KNOWN.find(([one]) => one.test(reason)) ?? [];
	const names = error.cert?.subjectaltname;
	const what = names ? `${known}: ${quote(names.replaceAll("DNS:", ""), 100)}` : known;
	const place = where.kind === "cloud" && next?.includes("{}") ? itself(where) : next?.replace("{}", settingOf(where));
	const told = `${where.label} ${whatHappened(what)}.`;
	const unclear = changes && error.sent === true && !GONE.test(reason);
	return new ServerError(told, place ?? adviceOn(where, reason), 0, reason, unclear);
}

function whatHappened(what: string): string {
	if (what === "timeout") return "did not answer in time";
	if (what === "ECONNREFUSED") return "does not answer";
	return what.startsWith("an answer") ? `returned ${what}` : `can't be reached: ${what}`;
}

function adviceOn({ kind, assumed }: Where, reason: string): string {
	if (kind === "dev" && assumed)
		return "No key or server is configured, so the dev server was tried. Start one with `inngest dev`, or set INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).";
	if (kind === "dev") return "Is `inngest dev` running there? INNGEST_DEV can name its URL.";
	if (reason === "timeout") return "Try again, with a longer --timeout if needed.";
	const setting = kind === "self-hosted" ? " and INNGEST_BASE_URL" : "";
	return `Check the network${setting}; behind a proxy set HTTPS_PROXY.`;
}

/** What an answer says, or that it is not Inngest's, or that there was none: what happened, and what to do about it. No I/O. */
import * as z from "zod/mini";
import { NO_EVENT_KEYS, NOT_INNGEST, refused, ServerError, SkillError, type Where } from "../text/errors.ts";
import { clean, quote, words } from "../text/text.ts";
import type { NoReply, Reply } from "./http.ts";
import { Body, isOurs } from "./lenient.ts";
import type { Request } from "./request.ts";

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
	// A refusal that was cut short hides its code: it is asked for again like an answer that was.
	const cut = body === undefined && (JSON_BEGINS.test(text) || isLost(reply));
	const isShort = cut && isOwn(reply);
	const how = isShort ? "its answer is cut short" : "not as Inngest does";
	const odd = `${where.label} answered ${request.method} ${clean(request.path, 120)}, but ${how}: ${status} ${shown}.`;
	const stranger = lacks(request, where, reply, said) ?? strangerIn(request, where, reply, body, said, odd);
	if (stranger) throw new ServerError(...stranger, status, NOT_INNGEST, status < 300 && sent);
	const [first] = said?.errors ?? [];
	let real = status;
	// v1 sends some errors under HTTP 200, with the real status in the body and no data.
	if (real < 400 && said?.data == null && (said?.error || first)) real = Math.max(Number(said?.status) || 500, 400);
	// A refusal that is an answer says that it is one, as the event API's does by itself.
	if (typeof body === "object" && request.accept?.includes(real)) return { ...body, status: real };
	if (real < 400 && body !== undefined) return body;
	if (real < 400) throw new ServerError(odd, isShort ? SHORT : itself(where), status, "not_json", sent);
	const plain = body === undefined && !isPage && text.trim();
	const message = first?.message ?? (said?.error || said?.message || plain);
	const code = cut ? "not_json" : (/^\w{1,40}$/.exec(first?.code ?? "")?.[0] ?? "");
	const silent = isPage ? shown : "no reason given";
	const reason = message ? quote(message, 200) : silent;
	const isOpen = real >= 500 && real !== 501 && !NO_EVENT_KEYS.test(reason);
	const error = refused(where, real, code, reason, sent && (cut || isOpen));
	const after = reply.header("retry-after") ?? "";
	const wait = /^[\d.]+$/.test(after) ? Number.parseFloat(after) * 1000 : Date.parse(after) - now;
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

/** A refusal without the body that says which one it is, nor a word that there is none: its end was that of a broken connection. */
const isLost = ({ status, text, header }: Reply): boolean =>
	[400, 404, 409, 422].includes(status) && !(text || header("content-length") || header("transfer-encoding"));

const JSON_BEGINS = /^\s*[{[]/;
const HTML = /^\s*</;
const LOGIN_PAGE =
	/^\s*(?=<)[\s\S]{0,100000}?(?:type=["']?password|<title>[^<]{0,80}\b(?:log|sign)[ -]?in\b|cloudflareaccess)/i;
const LOGIN = /cloudflareaccess|[/.](log[-_]?in|sign[-_]?in|sso|saml2?|oauth2?|auth|authorize|accounts|idp)([/.?-]|$)/i;
/** What OSS says without JSON (measured). */
const PLAIN = /^\s*(Authentication failed)?\s*$/;

/** All of OSS's answers carry it (measured); whether Cloud's do is not public. */
const isOwn = ({ header }: Reply): boolean => Boolean(header("x-inngest-server-kind"));

/**
 * A server that does not have what was asked for: its pages in place of an API before 1.2x, v2 without that path later on
 * (Inngest's source: lists of runs came with 1.38, cancelling with 1.39, lists of apps with 1.40).
 */
function lacks({ method, path }: Request, where: Where, reply: Reply, said: Body | undefined): Told | undefined {
	const { status, text } = reply;
	const isCloud = where.kind === "cloud";
	const [first] = said?.errors ?? [];
	const isAbsent = status === 404 && first?.code === "api_error" && first.message === "Not Found";
	const isNone = status === 404 && (isOwn(reply) || isCloud) && NO_PAGE.test(text);
	const isPage = status < 300 && isOwn(reply) && !isCloud && HTML.test(text);
	if (!isAbsent && !isNone && !isPage) return undefined;
	const next = isCloud ? "Possible: this skill is out of date." : TOO_OLD;
	return [`${where.label} has no ${method} ${clean(path, 120)}.`, next];
}
const NO_PAGE = /^404 page not found\s*$/;
const TOO_OLD =
	"Possible: it is older than Inngest 1.40 (July 2026), which this skill needs. Whoever runs it can update it.";
const SHORT = "Try again, or ask for less.";

/** What happened where it is not Inngest that answered: `odd`, or what else; and what to do. Undefined where nothing says so. */
function strangerIn(
	request: Request,
	where: Where,
	reply: Reply,
	body: unknown,
	said: Body | undefined,
	odd: string,
): Told | undefined {
	const { status, text, header } = reply;
	if (status >= 300 && status < 400) return redirected(where, reply);
	if (isOwn(reply) || (said && isOurs(said, request))) return undefined;
	if (LOGIN_PAGE.test(text)) return [`${where.label} answered with a login page.`, pastIt(where)];
	// What is not JSON may have been cut short; a page is none.
	if (status < 400) return body === undefined && !HTML.test(text) ? undefined : [odd, itself(where)];
	// A proxy before the server says these by itself.
	if (status >= 500 || [408, 413, 429].includes(status) || (body === undefined && JSON_BEGINS.test(text)))
		return undefined;
	const [scheme = ""] = header("www-authenticate")?.split(" ") ?? [];
	if (!/^(bearer)?$/i.test(scheme))
		return [`${where.label} asks for a password (${clean(scheme, 20)}), which Inngest never does.`, pastIt(where)];
	if (!HTML.test(text) && (where.kind === "cloud" || PLAIN.test(text))) return undefined;
	const isBarred = where.kind !== "cloud" && [401, 403, 406, 451].includes(status);
	return [odd, isBarred ? words(BARRED, pastIt(where)) : itself(where)];
}
type Told = [what: string, next: string];

function redirected(where: Where, { url, header }: Reply): Told {
	const location = header("location") ?? "";
	const told = (to: string) => `${where.label} redirects to ${clean(to, 100)} (not followed).`;
	const to = location && URL.canParse(location, url) ? new URL(location, url) : undefined;
	if (!to?.protocol.startsWith("http")) return [told("nowhere"), itself(where)];
	const { protocol, hostname, host, origin, pathname } = to;
	const from = new URL(url);
	const isElsewhere = origin !== from.origin;
	// The server, or an app in the path, may have such a name itself.
	const there = (hostname === from.hostname ? "" : `/${host}`) + pathname.replace(from.pathname, "");
	if (LOGIN.test(there)) return [told(`a login at ${host}`), pastIt(where)];
	if (!isElsewhere || where.kind === "cloud") return [told(isElsewhere ? origin : pathname), itself(where)];
	const isSecured = hostname === from.hostname && from.protocol === "http:" && protocol === "https:";
	const perhaps = isSecured ? "The" : "If the Inngest server is there, the";
	return [told(origin), `${perhaps} user can set ${settingOf(where)} to ${clean(origin, 100)}.`];
}

const settingOf = ({ variable = "INNGEST_DEV" }: Where): string => variable;

const BARRED = "Possible: a login, a firewall or a bot check, or another service.";
const BETWEEN =
	"Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.";

const pastIt = (where: Where): string =>
	where.kind === "cloud"
		? BETWEEN
		: `No Inngest key gets past it: the user can let this machine through, or set ${settingOf(where)} to an address behind it.`;

/** What to do where something else answers. */
function itself({ kind, variable }: Where): string {
	if (kind === "cloud") return BETWEEN;
	if (variable === undefined)
		return "Something else listens there: start `inngest dev` with another --port, and set INNGEST_DEV to its URL.";
	const command = kind === "dev" ? "inngest dev" : "inngest start";
	return `${variable} must be the address of the Inngest server itself (\`${command}\`), not of an app, nor behind a login.`;
}

/** What Node's parser says of an answer that does not begin with HTTP. */
const NO_HTTP = "HPE_INVALID_CONSTANT";

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
		/^(UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED)/,
		"For a private CA, or a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to the CA's file.",
		"its certificate is from an unknown CA",
	],
	[/ALERT_\w*CERT/, "This skill has none: reach the server another way.", "it requires a client certificate"],
	[
		/CERT|CRL|_CA$|PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|UNABLE_TO_DECODE/,
		"Its certificate is not accepted here: ask whoever runs the server.",
	],
	[
		new RegExp(NO_HTTP),
		"Something else answers there: check the port of {}, and whether it is http or https.",
		"what answers there is not HTTP/1.1",
	],
	[/^(EPROTO|ERR_SSL_|HPE_)/, "Something else answers there: check the port of {}, and whether it is http or https."],
	[/^(EACCES|EPERM)$/, "A firewall or a sandbox on this machine forbids it."],
	[/^HTTPS_PROXY answered 407/, "HTTPS_PROXY must contain the proxy's user and password."],
	[/^HTTPS_PROXY /, "Check HTTPS_PROXY; NO_PROXY can exempt the server."],
	[/^an answer in an/, BETWEEN],
	[/^an answer of/, "Ask for less: a smaller --limit, or a narrower --since and --until."],
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
	const isBroken = error.sent === true && BROKEN.test(reason);
	const happened = isBroken ? `broke off the connection (${reason})` : whatHappened(what);
	const told = `${where.label} ${happened}.`;
	const unclear = changes && error.sent === true && !GONE.test(reason);
	const advice = isBroken ? BROKE : (place ?? adviceOn(where, reason));
	return new ServerError(told, advice, 0, reason === NO_HTTP ? NOT_INNGEST : reason, unclear);
}

/** Of a connection that stood, and a request that had gone out. */
const BROKEN = /^(ECONNRESET|EPIPE)$/;
const BROKE = "Possible: it, or a proxy before it, is overloaded or restarting. Try again in a minute.";

function whatHappened(what: string): string {
	if (what === "timeout") return "did not answer in time";
	if (what === "ECONNREFUSED") return "does not answer";
	return what.startsWith("an answer") ? `returned ${what}` : `can't be reached: ${what}`;
}

function adviceOn({ kind, assumed }: Where, reason: string): string {
	if (/^(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS)$/.test(reason))
		return "This machine is out of connections: close some, then try again.";
	if (reason === "timeout") return "Try again, with a longer --timeout if needed.";
	if (kind === "dev" && assumed)
		return "No key or server is configured, so the dev server was tried. Start one with `inngest dev`, or set INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).";
	if (kind === "dev") return "Is `inngest dev` running there? INNGEST_DEV can name its URL.";
	const setting = kind === "self-hosted" ? " and INNGEST_BASE_URL" : "";
	return `Check the network${setting}; behind a proxy set HTTPS_PROXY.`;
}

/** Judges a response: Inngest's answer, someone else's, or none; what happened, and what to do. No I/O. */
import * as z from "zod/mini";
import {
	NO_EVENT_KEYS,
	NOT_INNGEST,
	overruledText,
	refused,
	ServerError,
	SkillError,
	type Where,
} from "../text/errors.ts";
import { clean, parsed, quote, words } from "../text/text.ts";
import type { NoReply, Reply } from "./http.ts";
import { Body, HTML, isOwn, itself, JSON_BEGINS, settingOf, strangerIn } from "./lenient.ts";
import type { Request } from "./request.ts";

/** The JSON of a response received at `now` (ms). Throws if it is an error. `maybe`: an earlier attempt may have been carried out. */
export function judge(request: Request, where: Where, reply: Reply, now: number, maybe = false): unknown {
	const { status, text } = reply;
	const sent = request.method !== "GET";
	// Any other response without a body has lost it: it must not pass for an empty list.
	if (status === 204 && sent) return {};
	const body = parsed(text);
	const said = z.safeParse(Body, body).data;
	// A refusal that was cut short hides its code: it is retried like other cut responses.
	const cut = body === undefined && (JSON_BEGINS.test(text) || isLost(reply));
	const isShort = cut && isOwn(reply);
	const how = isShort ? "its response is cut short" : "not like an Inngest server";
	const odd = `${where.label} answered ${request.method} ${clean(request.path, 120)}, but ${how}: ${status} ${shownText(text)}.`;
	const stranger = strangerIn(request, where, reply, body, said, odd);
	if (stranger) throw new ServerError(...stranger, { status, code: NOT_INNGEST, unclear: status < 300 && sent });
	const real = statusIn(status, said);
	// A refusal that counts as an answer includes its status, as the event API's own does.
	if (typeof body === "object" && request.accept?.includes(real)) return { ...body, status: real, maybe };
	if (real < 400 && body !== undefined) return body;
	const known = { status, code: "not_json", unclear: sent };
	if (real < 400) throw new ServerError(odd, isShort ? "Try again, or ask for less." : itself(where), known);
	const [first] = said?.errors ?? [];
	const code = cut ? "not_json" : (/^\w{1,40}$/.exec(first?.code ?? "")?.[0] ?? "");
	const message = first?.message ?? (said?.error || said?.message);
	const reason = message ? quote(message, 200) : reasonIn(text, body);
	const isOpen = real === 408 || (real >= 500 && real !== 501 && !NO_EVENT_KEYS.test(reason));
	const unclear = sent && (cut || isOpen);
	throw refused(where, reason, { status: real, code, unclear, retryAfter: retryAfter(reply, now) });
}

/** v1 sends some errors with HTTP 200, the real status in the body and no data. */
function statusIn(status: number, said: Body | undefined): number {
	const isError = status < 400 && said?.data == null && (said?.error || said?.errors?.length);
	return isError ? Math.max(Number(said?.status) || 500, 400) : status;
}

/** The text of a response that is not JSON. */
function shownText(text: string): string {
	if (!HTML.test(text)) return quote(text.trim(), 100);
	const [, title] = /<title>([^<]+)/i.exec(text) ?? [];
	return title ? `an HTML page ${quote(title, 60)}` : "an HTML page";
}

function reasonIn(text: string, body: unknown): string {
	if (HTML.test(text)) return shownText(text);
	return body === undefined && text.trim() ? quote(text.trim(), 200) : "no reason given";
}

/** How long a response asks to wait, in ms. */
function retryAfter({ header }: Reply, now: number): number | undefined {
	const after = header("retry-after") ?? "";
	const wait = /^[\d.]+$/.test(after) ? Number.parseFloat(after) * 1000 : Date.parse(after) - now;
	return wait >= 0 ? wait : undefined;
}

/** A refusal whose body is missing, without a header that says it is empty: the connection broke. */
const isLost = ({ status, text, header }: Reply): boolean =>
	[400, 404, 409, 422].includes(status) && !(text || header("content-length") || header("transfer-encoding"));

/** Node's parser code for a response that doesn't start with HTTP. */
const NO_HTTP = "HPE_INVALID_CONSTANT";
const ELSE = "Something else answers there: check the port of {}, and whether it is http or https.";

/**
 * Lasting reasons, what to do, and what happened if the reason doesn't say it: codes of Node and, for certificates, of OpenSSL's X509_V_ERR
 * (nodejs.org/api/tls.html, Node 24). `{}` is the setting that names the server.
 */
const KNOWN: readonly (readonly [reason: RegExp, next: string, what?: string])[] = [
	[
		/CERT_HAS_EXPIRED/,
		"Whoever runs the server must renew it; if they have, this machine's clock is wrong.",
		"its certificate has expired",
	],
	[/CERT_NOT_YET_VALID/, "Check this machine's clock: it may be behind.", "its certificate is not valid yet"],
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
	[new RegExp(NO_HTTP), ELSE, "what answers there is not HTTP/1.1"],
	[/^(EPROTO|ERR_SSL_|HPE_)/, ELSE],
	[/EACCES|EPERM/, "A firewall or a sandbox on this machine forbids it."],
	[/^HTTPS_PROXY answered 407/, "HTTPS_PROXY must contain the proxy's user and password."],
	[/^HTTPS_PROXY /, "Check HTTPS_PROXY; NO_PROXY can exempt the server."],
	[/^a response of/, "Ask for less: a smaller --limit, or a narrower --since and --until."],
];

/** Nothing answered at that address: nothing was sent. */
const GONE = /^(ECONNREFUSED|ENOTFOUND)$/;

/** Whether retrying at once is pointless. */
export const isLasting = (reason: string): boolean => GONE.test(reason) || KNOWN.some(([one]) => one.test(reason));

/** The error for a request without a usable response. `changes`: it may have been carried out if it was sent. */
export function unanswered(where: Where, error: NoReply, changes: boolean): SkillError {
	if (error instanceof SkillError) return error;
	const reason = typeof error.code === "string" ? error.code : clean(error.message, 80);
	const [, next, known = reason] = KNOWN.find(([one]) => one.test(reason)) ?? [];
	const names = error.cert?.subjectaltname;
	const what = names ? `${known}: ${quote(names.replaceAll("DNS:", ""), 100)}` : known;
	const place = where.kind === "cloud" && next?.includes("{}") ? itself(where) : next?.replace("{}", settingOf(where));
	const isBroken = error.sent === true && BROKEN.test(reason);
	const happened = isBroken ? `dropped the connection (${reason})` : whatHappened(what);
	const told = `${where.label} ${happened}.`;
	const unclear = changes && error.sent === true && !GONE.test(reason);
	const advice = isBroken ? BROKE : (place ?? adviceOn(where, reason));
	return new ServerError(told, advice, { status: 0, code: reason === NO_HTTP ? NOT_INNGEST : reason, unclear });
}

/** A connection that was established broke after the request was sent. */
const BROKEN = /^(ECONNRESET|EPIPE)$/;
const BROKE = "Possible: it, or a proxy in front of it, is overloaded or restarting. Try again in a minute.";

function whatHappened(what: string): string {
	if (what === "timeout") return "did not answer in time";
	if (what === "ECONNREFUSED") return "does not answer";
	return what.startsWith("a response") ? `returned ${what}` : `can't be reached: ${what}`;
}

function adviceOn(where: Where, reason: string): string {
	const { kind, assumed } = where;
	if (/^(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS)$/.test(reason))
		return "This machine is out of connections: close some, then try again.";
	if (reason === "timeout") return "Try again, with a longer --timeout if needed.";
	if (kind === "dev" && assumed)
		return "No key or server is configured, so the dev server was tried. Start one with `inngest dev` (npm: inngest-cli), or set INNGEST_DEV (its URL), INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).";
	if (kind === "dev")
		return words(
			"Is it running there (`inngest dev`, npm: inngest-cli)? INNGEST_DEV can name its URL.",
			overruledText(where),
		);
	const setting = kind === "self-hosted" ? " and INNGEST_BASE_URL" : "";
	return `Check the network${setting}; behind a proxy set HTTPS_PROXY.`;
}

/** What is told of a request that no usable answer came to: what happened, and what to do about it. */
import { ServerError, SkillError, type Where } from "../text/errors.ts";
import { clean, quote } from "../text/text.ts";

/** Why an answer that came is of no use: these are no errors of the system's, and stand for their own text. */
export const USELESS = {
	large: "an answer of more than 64 MiB",
	packed: "an answer in an encoding that was not asked for",
	broken: "an answer that can't be unpacked",
};

/** What lib/http fails with. `sent`: the request may have reached the server. */
export class NoAnswer extends Error {
	readonly why: Error & { code?: unknown; cert?: { subjectaltname?: string } };
	readonly sent: boolean;
	constructor(why: Error, sent: boolean) {
		super(why.message);
		this.why = why;
		this.sent = sent;
	}
}

/** What is known of some reasons; `{}` stands for the setting that names the server. */
interface Known {
	reason: RegExp;
	what?: string;
	next: string;
	/** It is the same a moment later. */
	lasting?: true;
}

const BETWEEN = "Possible: a proxy, or a network's login page, answers in its place.";
/** Codes of Node's and, of certificates, of OpenSSL's X509_V_ERR (nodejs.org/api/tls.html, Node 24). */
const KNOWN: readonly Known[] = [
	{
		reason: /^CERT_HAS_EXPIRED$/,
		what: "its certificate has expired",
		next: "Whoever runs the server has to renew it; if that was done, this machine's clock is wrong.",
		lasting: true,
	},
	{
		reason: /^CERT_NOT_YET_VALID$/,
		what: "its certificate is not valid yet",
		next: "Check this machine's clock: it may be behind.",
		lasting: true,
	},
	{
		reason: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
		what: "its certificate is for another name",
		next: "Set {} to a name that the certificate is for.",
		lasting: true,
	},
	{
		reason: /^(UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED)/,
		what: "its certificate is from a CA that is unknown here",
		next: "For a private CA, or a proxy that looks into TLS, set NODE_EXTRA_CA_CERTS to the CA's file.",
		lasting: true,
	},
	{
		reason: /ALERT_\w*CERT/,
		what: "it asks for a client's certificate",
		next: "This skill has none to give: reach the server another way.",
		lasting: true,
	},
	{
		reason: /CERT|CRL|_CA$|PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH/,
		next: "Its certificate is not accepted here: ask whoever runs the server.",
		lasting: true,
	},
	{
		reason: /^(EPROTO|ERR_SSL_|HPE_)/,
		next: "Something else answers there: check the port of {}, and whether it is http or https.",
		lasting: true,
	},
	{ reason: /^(EACCES|EPERM)$/, next: "A firewall or a sandbox on this machine forbids it.", lasting: true },
	{
		reason: /^(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS)$/,
		next: "This machine has no connection to spare: end what holds them, then try again.",
	},
	{ reason: /^HTTPS_PROXY answered 407/, next: "HTTPS_PROXY must hold the proxy's user and password.", lasting: true },
	{ reason: /^HTTPS_PROXY /, next: "Check HTTPS_PROXY; NO_PROXY can except the server.", lasting: true },
];
/** Nothing listens there, or nothing has the name: what fails so was not sent. */
const NOWHERE = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|HTTPS_PROXY .*)$/;

/** Whether it is no use to try again at once. */
export const isLasting = (reason: string): boolean =>
	/^(ECONNREFUSED|ENOTFOUND)$/.test(reason) ||
	[USELESS.large, USELESS.packed].some((one) => reason.startsWith(one)) ||
	KNOWN.some((one) => one.lasting === true && one.reason.test(reason));

const THREE_WAYS =
	"Start one with `inngest dev`, or set INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).";

/** What a request fails with that no usable answer came to; `changes`: one that may have been carried out where it was sent. */
export function unanswered(where: Where, error: unknown, changes: boolean): SkillError {
	if (error instanceof SkillError) return error;
	const { why, sent } = error instanceof NoAnswer ? error : new NoAnswer(new Error("unknown", { cause: error }), false);
	const reason = reasonOf(why);
	const known = KNOWN.find((one) => one.reason.test(reason));
	const names = why.cert?.subjectaltname;
	const what = names ? `${known?.what}: ${quote(names.replaceAll("DNS:", ""), 100)}` : known?.what;
	const next = known ? knownNext(known, where) : adviceOn(where, reason);
	return new ServerError(
		`${where.label} ${whatHappened(reason, what)}.`,
		next,
		0,
		reason,
		changes && sent && !NOWHERE.test(reason),
	);
}

function reasonOf(why: NoAnswer["why"]): string {
	if (why.name === "TimeoutError") return "timeout";
	return typeof why.code === "string" ? why.code : clean(why.message, 80);
}

function whatHappened(reason: string, what = reason): string {
	if (reason === "timeout") return "did not answer in time";
	if (reason === "ECONNREFUSED") return "does not answer";
	return reason.startsWith("an answer") ? `gave ${reason}` : `can't be reached: ${what}`;
}

const SETTING = { cloud: undefined, "self-hosted": "INNGEST_BASE_URL", dev: "INNGEST_DEV" };

function knownNext({ next }: Known, { kind }: Where): string {
	const setting = SETTING[kind];
	if (!next.includes("{}")) return next;
	return setting ? next.replace("{}", setting) : BETWEEN;
}

function adviceOn({ kind, assumed }: Where, reason: string): string {
	if (reason === USELESS.large) return "Ask for less: a smaller --limit, or a narrower --since and --until.";
	if (reason.startsWith(USELESS.packed)) return BETWEEN;
	if (kind === "dev" && assumed)
		return `No key and no server is configured, so the dev server was tried. ${THREE_WAYS}`;
	if (kind === "dev") return "Is `inngest dev` running there? INNGEST_DEV can hold its URL.";
	if (reason === "timeout") return "Try again, with a longer --timeout if need be.";
	const setting = kind === "self-hosted" ? " and INNGEST_BASE_URL" : "";
	return `Check the network${setting}; behind a proxy set HTTPS_PROXY.`;
}

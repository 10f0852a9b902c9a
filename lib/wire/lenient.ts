/** The shape of Inngest's responses, with schemas that tolerate variations, and recognising responses from someone else. */
import * as z from "zod/mini";
import type { Where } from "../text/errors.ts";
import { ENDS, ULID } from "../text/nouns.ts";
import { clean, isObject, words } from "../text/text.ts";
import type { Reply } from "./http.ts";
import type { Request } from "./request.ts";

export const read = <S extends z.ZodMiniType, T>(schema: S, as: (value: z.output<S>) => T) =>
	z.pipe(schema, z.transform(as));
/** A string that may be absent or null. A number becomes its digits. */
export const maybe = z.optional(
	read(z.nullable(z.union([z.string(), z.number()])), (value) => (value === null ? null : String(value))),
);
export const text = read(maybe, (value) => value ?? "");
/** A number, or its digits: Go writes 64-bit integers so. Undefined if absent or not a number. */
export const maybeNumber = z.optional(
	read(z.nullable(z.union([z.number(), z.string().check(z.regex(/^-?\d+(\.\d+)?$/))])), (value) =>
		value === null ? undefined : Number(value),
	),
);
export const Id = read(z.string().check(z.regex(ULID)), (id) => id.toUpperCase());
/** Ids that may include senders' own, which are kept unchanged. */
export const Ids = z.optional(
	read(z.nullable(z.array(z.nullish(z.string()))), (ids) =>
		ids?.flatMap((id) => (id == null ? [] : [ULID.test(id) ? id.toUpperCase() : id])),
	),
);

/** The server's own code and words for what went wrong. */
export const Fault = z.object({ code: text, message: text });

/** Items that could not be read, by list. */
const odd = new WeakMap<readonly unknown[], number>();
export const oddOf = (list: readonly unknown[]): number => odd.get(list) ?? 0;

let noting: ((key: string) => void) | undefined;
/** Runs `work`, which reads lists, and reports a key for each item that could not be read. The same item has the same key. */
export function notingOdd<T>(note: (key: string) => void, work: () => T): T {
	const before = noting;
	noting = note;
	try {
		return work();
	} finally {
		noting = before;
	}
}

/**
 * A list that the server omits when empty. Items that can't be read are dropped and counted; if none can, it is not the requested list,
 * unless it is a further page (`more`).
 */
export const many = <S extends z.ZodMiniType>(item: S, more = false) =>
	z.pipe(
		z.nullish(z.array(z.unknown())),
		z.transform((list, context): z.output<S>[] => {
			const results = (list ?? []).map((one) => z.safeParse(item, one));
			const good = results.flatMap(({ success, data }) => (success ? [data] : []));
			const bad = [...results.keys()].filter((at) => !results[at]?.success);
			// Only then: an entry for each list of each run took a sixth more memory (10,000 failures).
			if (bad.length) odd.set(good, bad.length);
			const [first = -1] = bad;
			const issue = results[first]?.error?.issues[0];
			if (issue && !good.length && !more)
				context.issues.push({ code: "custom", message: issue.message, path: [first, ...issue.path], input: list });
			else for (const at of bad) noting?.(JSON.stringify(list?.[at]).slice(0, 2000));
			return good;
		}),
	);

const isRun = (item: unknown): item is Record<string, unknown> => isObject(item) && "status" in item;

/** Cancelling a run that the server has lost adds a second row to lists, without app and event (measured on v1.43). */
const isEcho = (item: unknown): boolean =>
	isRun(item) && isObject(item.app) && "id" in item.app && item.app.id === NO_APP;
const NO_APP = "00000000-0000-0000-0000-000000000000";

/**
 * Whether the start is when the queue took up the run. OSS lists give that to the nanosecond: after it was queued, before the app began it,
 * by seconds each on a busy server. A cancelled run's end is ten seconds late (measured on v1.43).
 */
export const startsInQueue = ({ startedAt }: { startedAt?: unknown }): boolean => /\.\d{4}/.test(String(startedAt));

/**
 * The same response with each run's true status. While a run is live, `GET /v2/runs/{id}` on OSS gives the status of its latest span
 * (recorded: COMPLETED while sleeping, FAILED while retrying, QUEUED with parallel steps), but `endedAt` only at its end, and a start that is
 * the queue's, in nanoseconds, until it begins.
 */
export function withTrueStatuses({ method, path }: Request, body: unknown): unknown {
	const ofRuns = method === "GET" && /^\/v2\/(runs(\/[^/]+)?|events\/[^/]+\/runs)$/.test(path);
	if (!ofRuns || !isObject(body) || !("data" in body)) return body;
	const { data } = body;
	const listed = Array.isArray(data);
	const corrected = (item: unknown): unknown => {
		if (!isRun(item) || item.endedAt) return item;
		const begun = !listed && item.status === "QUEUED" && item.startedAt && !startsInQueue(item);
		return begun || ENDS.some((one) => one === item.status) ? { ...item, status: "RUNNING" } : item;
	};
	return {
		...body,
		data: listed ? data.filter((item) => !isEcho(item)).map(corrected) : corrected(data),
	};
}

const said = z.nullish(z.string());
const any = z.optional(z.unknown());
/** Fields of Inngest's responses and of its three formats of refusals. `startOpts` is the dev server's (v1.43, pkg/devserver/api.go). */
export const Body = z.object({
	data: any,
	ids: any,
	startOpts: any,
	status: any,
	error: said,
	message: said,
	metadata: z.nullish(z.object({ fetchedAt: said, fetched_at: said })),
	errors: z.nullish(z.array(z.object({ code: said, message: said }))),
});
export type Body = z.output<typeof Body>;

/** An empty list has the time when it was read; a list without that has items (measured). v1 sends some refusals with 200. */
function isOurs({ data, ids, metadata, startOpts, errors, error, status }: Body, { api }: Request): boolean {
	if (errors?.length || (typeof error === "string" && Number(status) >= 400)) return true;
	if (api === "event") return Array.isArray(ids);
	const some = isObject(data) && Object.keys(data).length > 0;
	return some || startOpts !== undefined || Boolean(metadata?.fetchedAt ?? metadata?.fetched_at);
}

export const JSON_BEGINS = /^\s*[{[]/;
export const HTML = /^\s*</;
const LOGIN_PAGE =
	/^\s*(?=<)[\s\S]{0,100000}?(?:type=["']?password|<title>[^<]{0,80}\b(?:log|sign)[ -]?in\b|cloudflareaccess)/i;
const LOGIN = /cloudflareaccess|[/.](log[-_]?in|sign[-_]?in|sso|saml2?|oauth2?|auth|authorize|accounts|idp)([/.?-]|$)/i;
/** OSS's responses without JSON (measured). */
const PLAIN = /^\s*(Authentication failed)?\s*$/;

/** All OSS responses carry it (measured). Whether Cloud's do is not public. */
export const isOwn = ({ header }: Reply): boolean => Boolean(header("x-inngest-server-kind"));

/**
 * A server without the requested API: before 1.2x its pages instead of an API, later v2 without that path (Inngest's source: lists of runs
 * came with 1.38, cancelling with 1.39, lists of apps with 1.40).
 */
function lacks({ method, path }: Request, where: Where, reply: Reply, said: Body | undefined): Told | undefined {
	const { status, text } = reply;
	const isCloud = where.kind === "cloud";
	const [first] = said?.errors ?? [];
	const isAbsent = status === 404 && first?.code === "api_error" && first.message === "Not Found";
	const isNone = status === 404 && (isOwn(reply) || isCloud) && NO_PAGE.test(text);
	const isPage = status < 300 && isOwn(reply) && !isCloud && HTML.test(text);
	if (!isAbsent && !isNone && !isPage) return;
	const next = isCloud ? "Possible: this skill is out of date." : TOO_OLD;
	return [`${where.label} has no ${method} ${clean(path, 120)}.`, next];
}
const NO_PAGE = /^404 page not found\s*$/;
const TOO_OLD =
	"Possible: it is older than Inngest 1.40 (July 2026), which this skill needs. Whoever runs it can update it.";

/** What happened (`odd` or more) and what to do, if something other than Inngest answered. Undefined if nothing shows that. */
export function strangerIn(
	request: Request,
	where: Where,
	reply: Reply,
	body: unknown,
	said: Body | undefined,
	odd: string,
): Told | undefined {
	const lacking = lacks(request, where, reply, said);
	if (lacking) return lacking;
	const { status, text, header } = reply;
	if (status >= 300 && status < 400) return redirected(where, reply);
	if (isOwn(reply) || (said && isOurs(said, request))) return;
	if (LOGIN_PAGE.test(text)) return [`${where.label} answered with a login page.`, pastIt(where)];
	// A response that is not JSON may have been cut short, but an HTML page was not.
	if (status < 400) return body === undefined && !HTML.test(text) ? undefined : [odd, itself(where)];
	// A proxy in front of the server gives these itself.
	if (status >= 500 || [408, 413, 429].includes(status) || (body === undefined && JSON_BEGINS.test(text))) return;
	const [scheme = ""] = header("www-authenticate")?.split(" ") ?? [];
	if (!/^(bearer)?$/i.test(scheme))
		return [`${where.label} asks for a password (${clean(scheme, 20)}), which Inngest never does.`, pastIt(where)];
	if (!HTML.test(text) && (where.kind === "cloud" || PLAIN.test(text))) return;
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
	// The server, or an app in the path, may itself have such a name.
	const there = (hostname === from.hostname ? "" : `/${host}`) + pathname.replace(from.pathname, "");
	if (LOGIN.test(there)) return [told(`a login at ${host}`), pastIt(where)];
	if (!isElsewhere || where.kind === "cloud") return [told(isElsewhere ? origin : pathname), itself(where)];
	const isSecured = hostname === from.hostname && from.protocol === "http:" && protocol === "https:";
	const perhaps = isSecured ? "The" : "If the Inngest server is there, the";
	return [told(origin), `${perhaps} user can set ${settingOf(where)} to ${clean(origin, 100)}.`];
}

export const settingOf = ({ variable = "INNGEST_DEV" }: Where): string => variable;

const BARRED = "Possible: a login, a firewall or a bot check, or another service.";
const BETWEEN =
	"Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.";

const pastIt = (where: Where): string =>
	where.kind === "cloud"
		? BETWEEN
		: `No Inngest key gets past it: the user can let this machine through, or set ${settingOf(where)} to an address behind it.`;

/** What to do if something else answers. */
export function itself({ kind, variable }: Where): string {
	if (kind === "cloud") return BETWEEN;
	if (variable === undefined)
		return "Something else listens there: start the dev server (`inngest dev`) with another --port, and set INNGEST_DEV to its URL.";
	const command = kind === "dev" ? "inngest dev" : "inngest start";
	return `${variable} must be the address of the Inngest server itself (\`${command}\`), not of an app, nor behind a login.`;
}

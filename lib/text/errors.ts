/** What can go wrong, as text: a line on what happened, a line on what to do. */
import { BY_PLAN, inTicks } from "./nouns.ts";
import { isObject, joined, quote, word, words } from "./text.ts";

/** Process exit codes: 1 the server or the network refused; 2 wrong usage, nothing was sent; 3 a confirmation is needed. */
export type ExitCode = 0 | 1 | 2 | 3;

/** An error whose text is for the agent. `next`: what to do about it. */
export class SkillError extends Error {
	readonly next: string;
	readonly exit: ExitCode;
	/** The message without its consequences (as "nothing was sent"). */
	readonly bare: string;
	constructor(message: string, next: string, exit: ExitCode, bare = message) {
		super(message);
		this.next = next;
		this.exit = exit;
		this.bare = bare;
	}
}

/** Ctrl-C or SIGTERM came before it was sent. */
export class Interrupted extends SkillError {}

/** Invalid input, found before anything was sent. */
export class UsageError extends SkillError {
	constructor(message: string, next: string, bare?: string) {
		super(message, next, 2, bare);
	}
}

/** The same, saying what was not done. */
export const refusal = (what: string, next: string, not: "sent" | "changed" | "done" = "sent"): UsageError =>
	new UsageError(`${what}; nothing was ${not}.`, next, not === "sent" ? `${what}.` : undefined);

/** A confirmation is needed: `message` is the plan, printed on stdout. Nothing was changed. */
export class ConfirmationNeeded extends SkillError {
	readonly code: string;
	constructor(plan: string, next: string, code: string) {
		super(plan, next, 3);
		this.code = code;
	}
}

/** A refusal, besides its message. */
interface Refused {
	/** The HTTP status (or a v1 body's); 0 without a response. */
	status: number;
	code?: string | undefined;
	/** The request may have been carried out although no response came. */
	unclear?: boolean;
	/** How long the response asked to wait, in ms. */
	retryAfter?: number | undefined;
	bare?: string;
}

export class ServerError extends SkillError {
	readonly status: number;
	readonly code: string;
	readonly retryAfter: number | undefined;
	unclear: boolean;
	constructor(message: string, next: string, { status, code = "", unclear = false, retryAfter, bare }: Refused) {
		super(message, next, 1, bare);
		this.status = status;
		this.code = code;
		this.retryAfter = retryAfter;
		this.unclear = unclear;
	}
	/** The same error with other words. */
	told(message: string, next = this.next, more: Omit<Refused, "status" | "code"> = {}): ServerError {
		return new ServerError(message, next, { status: this.status, code: this.code, ...more });
	}
}

export const NOT_INNGEST = "not_inngest";

export const isNotFound = (error: unknown): error is ServerError =>
	error instanceof ServerError && error.status === 404 && ![NOT_INNGEST, "env_not_found"].includes(error.code);

/** Why one of several could not be read or acted on. */
export const reasonOf = (error: unknown): string =>
	error instanceof SkillError ? error.message : "the skill itself failed";

/** Throws any but a SkillError again: a fault of the skill itself. */
export function expected(error: unknown): asserts error is SkillError {
	if (!(error instanceof SkillError)) throw error;
}

/** For optional reads: a SkillError leaves the result unknown. */
export function unread(error: unknown): undefined {
	expected(error);
}

/** For optional parts of an answer: `.catch(noted(missing, "The trace"))`. */
export const noted =
	(missing: string[], what: string) =>
	(error: unknown): undefined => {
		expected(error);
		missing.push(`${what} could not be read: ${error.bare}`);
	};

/** An answer's data, with what could not be read. */
export const dataOf = ({ data, missing = [] }: { data: unknown; missing?: readonly string[] }): unknown =>
	missing.length && isObject(data) ? { ...data, missing } : data;

/** Where the failed request went, on which advice depends. */
export interface Where {
	kind: "cloud" | "self-hosted" | "dev";
	label: string;
	api: "event" | "v1" | "v2";
	/** Nothing was configured; the dev server was only assumed. */
	assumed: boolean;
	/** The variable that holds its address, if any. */
	variable?: string | undefined;
	/** Another setting, overruled by INNGEST_DEV: `INNGEST_BASE_URL is`. */
	overruled?: string | undefined;
	/** The intent is check-setup: it doesn't advise calling itself. */
	checking?: boolean;
	/** The secrets that could authorise the request, if none is set. */
	unset?: readonly string[];
	/** The secret that authorised it. */
	key?: string | undefined;
	/** The grant that an API key needs for it, if known. */
	grant?: string | undefined;
	/** It sends events. */
	sends?: boolean;
	/** Its path names no run, event or app. */
	lists?: boolean;
	/** What named the environment. */
	namedBy?: string;
}

/** The same error, for a request that may have been carried out. `repeated`: it was sent again, without more effect. */
export function unclear(error: ServerError, { sends }: Where, repeated: boolean): ServerError {
	// If it is not an Inngest server, there is no list to check.
	if (error.code === NOT_INNGEST) return error;
	const same = repeated ? "Call again: work already done is not repeated." : undefined;
	const call = inTicks(`list-${sends ? "events" : "runs"} --since 10m`);
	const bare = error.message.replace(/\.?$/, ".");
	return error.told(
		`${bare} It is unclear whether the call took effect${repeated ? "" : "; it was not retried"}.`,
		sends
			? `Check with ${call} before sending again: a second event starts its functions again.`
			: (same ?? `Check with ${call} before calling again.`),
		{ unclear: true, bare },
	);
}

/** What to do about a change that may have been carried out. Instead of the usual advice. */
export const thenDo =
	(next: string | undefined) =>
	(error: unknown): never => {
		const isOpen = error instanceof ServerError && error.unclear && error.code !== NOT_INNGEST;
		if (!isOpen || next === undefined) throw error;
		throw error.told(error.message, next, { unclear: true, bare: error.bare });
	};

/** By reference: a key in a command stays in the shell's history. */
const askFor = ([name = "NAME"]: readonly string[]) =>
	`Ask the user to set it, in OpenClaw: ${name}=… in ~/.openclaw/.env, then openclaw config set skills.entries.inngest.env.${name} '\${${name}}' (keys don't reach a sandbox).`;

export const missingKey = (names: readonly string[]): UsageError =>
	refusal(`${names.join(" or ")} is not set`, askFor(names));

/** What check-setup would show, unless it is the one asking. */
export const checkSetup = ({ checking }: Where, tells: string): string =>
	checking ? "" : ` ${inTicks("check-setup")} ${tells}.`;

/** If INNGEST_DEV, perhaps left on, leads elsewhere than other settings. */
export const overruledText = ({ overruled }: Pick<Where, "overruled">): string | undefined =>
	overruled &&
	`INNGEST_DEV is set, so ${overruled} not used. If that is not intended, the user can unset INNGEST_DEV or set it to 0.`;

/** What to do about a refused key. Cloud's event API also answers 404 "Event key not found" (documented). */
function adviceOnKey(where: Where, denied: boolean, said: string): string {
	const { kind, api, key, grant, unset } = where;
	if (kind === "dev")
		return words("A dev server needs no key. For a self-hosted server, set INNGEST_BASE_URL.", overruledText(where));
	if (unset) return `${unset.join(" or ")} is not set. ${askFor(unset)}`;
	const name = key ?? (api === "event" ? "INNGEST_EVENT_KEY" : "INNGEST_SIGNING_KEY");
	// An API key's grants can't be changed (documented, 2026-11).
	if (denied && name === "INNGEST_API_KEY")
		return `${grantText(name, said, grant)}. No other key was tried; the user can set one that may do this: an organization admin creates it in Inngest's dashboard.`;
	const may = denied ? ", and be allowed to do this" : "";
	const tests = api === "event" ? "" : checkSetup(where, "tests each key");
	return `Check ${name}: it must belong to this server and environment${may}.${tests}`;
}

/**
 * Which grant an API key lacks: the one that the refusal names, such as api:run:write, otherwise perhaps the one that the request needs.
 */
function grantText(key: string, said: string, grant = "for this"): string {
	const [named] = /\bapi:[a-z_-]+:[a-z_-]+/.exec(said) ?? [];
	return named
		? `${key} lacks the grant ${named}`
		: `Possible: ${key} lacks the grant ${grant}, or is for another environment`;
}

/** A plan, or a proxy in front of the server, limits the size (413). */
export const TOO_LARGE = "Store what is too large elsewhere, and send a reference.";

/** What a self-hosted server without event keys says. It accepts no events (503; Inngest's source, v1.43). */
export const NO_EVENT_KEYS = /event keys are required/i;

/** What to do about an HTTP status and the server's own code. */
function advice(where: Where, status: number, code: string, said: string): string {
	const denied = status === 403 || code === "access_denied" || code === "insufficient_scope";
	if (denied || status === 401 || /event key not found/i.test(said)) return adviceOnKey(where, denied, said);
	if (/x-inngest-env.* required/i.test(said))
		return "Name the environment: --env NAME, or INNGEST_ENV (`list-envs` shows the names).";
	if (code === "env_not_found" || code === "env_name_ambiguous")
		return `Check ${where.namedBy ?? "--env or INNGEST_ENV"}: \`list-envs\` shows the names and ids.`;
	if (status === 404 && where.lists) {
		const old = where.kind !== "cloud" && "Possible: this server's version does not have this endpoint.";
		return words(old, checkSetup(where, "shows which server answers").trim()) || "Try again in a minute.";
	}
	if (status === 404) {
		const old = where.kind === "cloud" ? `, or no longer be kept after ${BY_PLAN}` : "";
		return `Check the id (run ids and event ids differ); it may belong to another environment or server${old}.`;
	}
	if (status === 413) return TOO_LARGE;
	if (status === 429) return "Rate limited: nothing was done. Try again in a minute.";
	if (status === 501) return "This server can't do that.";
	if (NO_EVENT_KEYS.test(said)) return "Whoever runs the server can start it with an event key (--event-key).";
	const outage = where.kind === "cloud" ? " status.inngest.com shows outages." : "";
	if (status >= 502 || status === 408)
		return `Possible: a proxy answered because the server is down or too slow. Try again in a minute.${outage}`;
	if (status >= 500)
		return `A server error; try again in a minute.${outage || checkSetup(where, "shows whether it is healthy")}`;
	// A 1.43 server doesn't know SKIPPED, PAUSED and UNKNOWN.
	if (/status is invalid/i.test(said)) return "This server can't list runs by that status: leave it out.";
	return "Correct the request and call again.";
}

/** The server refused. `said`: its own message, already cleaned. */
export function refused(where: Where, said: string, what: Refused & { code: string }): ServerError {
	const { status, code } = what;
	const why = code && !said.includes(code) ? `${said} (${code}, ${status})` : `${said} (${status})`;
	return new ServerError(`${where.label} refused: ${why}`, advice(where, status, code, said), what);
}

/**
 * What the codes of failed syncs mean that do not say it themselves: OSS's (Inngest's source, pkg/deploy/deploy.go, v1.43; measured: 401, 403, 404, 500 and two of the
 * app's own) and Cloud's, some with `http_` before (its dashboard's source, utils/codedError.ts and SyncFailure/utils.ts, v1.43). A
 * sync is a PUT (Inngest's source).
 */
const SYNC_FAULTS: Record<string, string> = {
	unauthorized: "the app's address answers 401; possible: a login or deployment protection, or other keys",
	forbidden: "the app's address answers 403; possible: a firewall or deployment protection",
	"not_found url_not_found": "the app's address answers 404; possible: another path, such as /api/inngest",
	method_not_allowed: "the app's address answers 405; possible: its route does not take PUT",
	not_sdk: "no Inngest SDK answers there; possible: another path, a login or deployment protection",
	internal_server_error: "the app's address answers 500; possible: it has no signing key and is not in dev mode",
	"invalid_signing_key signing_key_invalid env_mismatch account_mismatch":
		"the app's signing key does not belong to this server or environment",
	sig_verification_failed: "possible: the app has another signing key",
	"missing_branch_env_name env_unspecified": "the app does not name its branch environment",
	"server_kind_mismatch response_not_signed": "possible: the app is in dev mode (its INNGEST_DEV is set)",
};

/** What a sync's code means, if known. */
function syncFaultOf(code: string | null | undefined): string | undefined {
	const name = code?.replace(/^http_/, "") ?? "";
	return Object.entries(SYNC_FAULTS).find(([codes]) => codes.split(" ").includes(name))?.[1];
}

/** If no app is synced. On Cloud by Inngest's documentation of syncs (2026-11). */
export function noApps({ kind }: Pick<Where, "kind">): string {
	const how =
		kind === "cloud"
			? `${inTicks("sync-app APP --url URL")} syncs one. Inngest's dashboard alone shows failed automatic syncs of new apps (unattached syncs)`
			: "deploy one, or point the dev server at it (`inngest dev -u URL`)";
	return `No app is synced here (${inTicks("list-apps --archived")} shows archived ones): ${how}.`;
}

/** A sync's error, in OSS's words or Cloud's. */
export const isAway = (error: string | null | undefined): boolean => /^(?:http_)?unreachable$/.test(error ?? "");

/** `«unauthorized» (the app's address answers 401…)`. A sync's error and the meaning of its code, which may be all there is. */
export function syncErrorText(error: string | null | undefined, code = error): string {
	if (isAway(error)) return "can't be reached";
	const notes = joined(": ", code && code !== error && word(code), syncFaultOf(code) ?? syncFaultOf(error));
	return words(error ? quote(error, 160) : "no reason given", notes && `(${notes})`);
}

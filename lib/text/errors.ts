/** What can go wrong, and how it is told: one line of what happened, one of what to do next. */
import { inTicks } from "./nouns.ts";
import { words } from "./text.ts";

/** Process exit codes: 1 the server or the network said no; 2 wrong usage, nothing was sent; 3 a confirmation is needed. */
export type ExitCode = 0 | 1 | 2 | 3;

/** An error whose text is meant for the agent. `next` says what to do about it. */
export class SkillError extends Error {
	readonly next: string;
	readonly exit: ExitCode;
	constructor(message: string, next: string, exit: ExitCode) {
		super(message);
		this.next = next;
		this.exit = exit;
	}
}

/** Ctrl-C or SIGTERM came before it was sent. */
export class Interrupted extends SkillError {}

/** Bad input, found before anything was sent. */
export class UsageError extends SkillError {
	constructor(message: string, next: string) {
		super(message, next, 2);
	}
}

/** The same, and says what was not done. */
export const refusal = (what: string, next: string, not: "sent" | "changed" | "done" = "sent"): UsageError =>
	new UsageError(`${what}; nothing was ${not}.`, next);

/** A confirmation is needed: `message` is the plan, printed on stdout; nothing was changed. */
export class ConfirmationNeeded extends SkillError {
	readonly code: string;
	constructor(plan: string, next: string, code: string) {
		super(plan, next, 3);
		this.code = code;
	}
}

/**
 * The server or the network said no.
 * `status` is HTTP's (or the one in a v1 body), 0 without an answer.
 * `unclear` is true when the request may have been carried out although no answer came.
 */
export class ServerError extends SkillError {
	readonly status: number;
	readonly code: string;
	unclear: boolean;
	/** How long the answer asked to wait, in ms. */
	retryAfter: number | undefined;
	constructor(message: string, next: string, status: number, code = "", unclear = false) {
		super(message, next, 1);
		this.status = status;
		this.code = code;
		this.unclear = unclear;
	}
	/** The same, in other words. */
	told(message: string, next = this.next, unclear = false): ServerError {
		return new ServerError(message, next, this.status, this.code, unclear);
	}
}

/** The code of an error that says that no Inngest server answered. */
export const NOT_INNGEST = "not_inngest";

export const isNotFound = (error: unknown): error is ServerError =>
	error instanceof ServerError && error.status === 404 && ![NOT_INNGEST, "env_not_found"].includes(error.code);

/** Why one of several could not be read or acted on. */
export const reasonOf = (error: unknown): string =>
	error instanceof SkillError ? error.message : "the skill itself failed";

/** For what is only looked at: an error that the server gave leaves it unknown. */
export function unread(error: unknown): undefined {
	if (!(error instanceof SkillError)) throw error;
}

/** For a part of an answer that may be missing: `.catch(noted(missing, "The trace"))` keeps why it is. */
export const noted =
	(missing: string[], what: string) =>
	(error: unknown): undefined => {
		if (!(error instanceof SkillError)) throw error;
		missing.push(`${what} could not be read: ${error.message.replace("; nothing was sent", "")}`);
	};

/** Where the failed request went: what the advice depends on. */
export interface Where {
	kind: "cloud" | "self-hosted" | "dev";
	label: string;
	api: "event" | "v1" | "v2";
	/** Nothing was configured and the dev server was only assumed. */
	assumed: boolean;
	/** The variable that holds its address, where one does. */
	variable?: string | undefined;
	/** What else is set, and not used as INNGEST_DEV is: `INNGEST_BASE_URL is`. */
	overruled?: string | undefined;
	/** It is check-setup that asks: it is no advice to itself. */
	checking?: boolean;
	/** The secrets of which one would authorise the request, where none is set. */
	unset?: readonly string[];
	/** The secret that authorised it. */
	key?: string | undefined;
	/** The grant of an API key that it takes, where that is known. */
	grant?: string | undefined;
	/** It sends events. */
	sends?: boolean;
	/** What named the environment. */
	namedBy?: string;
}

/** The same error, for a request that may have been carried out. `repeated`: it was sent again, and did no more for it. */
export function unclear(error: ServerError, { sends }: Where, repeated: boolean): ServerError {
	// There is no list to look at where it is no Inngest server.
	if (error.code === NOT_INNGEST) return error;
	const same = repeated ? "Call again: what was carried out is not done twice." : undefined;
	const call = inTicks(`list-${sends ? "events" : "runs"} --since 10m`);
	return error.told(
		`${error.message.replace(/\.?$/, ".")} It is unclear whether the call was carried out${repeated ? "" : "; it was not repeated"}.`,
		sends
			? `Check with ${call} before sending again: a second event starts its functions again.`
			: (same ?? `Check with ${call} before calling again.`),
		true,
	);
}

/** For a change that leaves open whether it was carried out: what to do about that, in place of the usual. */
export const thenDo =
	(next: string | undefined) =>
	(error: unknown): never => {
		const isOpen = error instanceof ServerError && error.unclear && error.code !== NOT_INNGEST;
		if (!isOpen || next === undefined) throw error;
		throw error.told(error.message, next, true);
	};

/** By reference: a key that a command holds stays in the shell's history. */
const askFor = ([name = "NAME"]: readonly string[]) =>
	`Ask the user to set it, in OpenClaw: ${name}=… in ~/.openclaw/.env, then openclaw config set skills.entries.inngest.env.${name} '\${${name}}' (keys don't reach a sandbox).`;

export const missingKey = (names: readonly string[]): UsageError =>
	refusal(`${names.join(" or ")} is not set`, askFor(names));

/** What check-setup would tell, unless it is that which asks. */
export const checkSetup = ({ checking }: Where, tells: string): string =>
	checking ? "" : ` ${inTicks("check-setup")} ${tells}.`;

/** Where INNGEST_DEV, as it was left on, leads elsewhere than what else is set. */
export const overruledText = ({ overruled }: Pick<Where, "overruled">): string | undefined =>
	overruled &&
	`INNGEST_DEV is set, so ${overruled} not used. If that is not intended, the user can unset INNGEST_DEV or set it to 0.`;

/** What to do where a key was refused. Cloud's event API says 404 "Event key not found", too (documented). */
function adviceOnKey(where: Where, denied: boolean, said: string): string {
	const { kind, api, key, grant, unset } = where;
	if (kind === "dev")
		return words("A dev server needs no key. For a self-hosted server, set INNGEST_BASE_URL.", overruledText(where));
	if (unset) return `${unset.join(" or ")} is not set. ${askFor(unset)}`;
	const name = key ?? (api === "event" ? "INNGEST_EVENT_KEY" : "INNGEST_SIGNING_KEY");
	// Admins create, rename and delete API keys; what one may do is not changed (Inngest's documentation, 2026-11).
	if (denied && name === "INNGEST_API_KEY")
		return `${grantText(name, said, grant)}. No other key was tried; the user can set one that may do this: an organization admin creates it in Inngest's dashboard.`;
	const decides = name === "INNGEST_EVENT_KEY" && kind === "cloud" ? " (the key decides which)" : "";
	const may = denied ? ", and be allowed to do this" : "";
	const tests = api === "event" ? "" : checkSetup(where, "tests each key");
	return `Check ${name}: it must belong to this server and environment${decides}${may}.${tests}`;
}

/** Which grant an API key lacks: the one that a refusal names, such as api:run:write, else perhaps the one that it takes. */
function grantText(key: string, said: string, grant = "for this"): string {
	const [named] = /\bapi:[a-z_-]+:[a-z_-]+/.exec(said) ?? [];
	return named
		? `${key} lacks the grant ${named}`
		: `Possible: ${key} lacks the grant ${grant}, or is for another environment`;
}

/** A plan, or a proxy before the server, limits it (413). */
export const TOO_LARGE = "Store what is too large elsewhere, and send a reference.";

/** A self-hosted server without event keys takes no event (503; Inngest's source, v1.43). */
export const NO_EVENT_KEYS = /event keys are required/i;

/** What to do about an HTTP status, given the server's own code for it. */
function advice(where: Where, status: number, code: string, said: string): string {
	const denied = status === 403 || code === "access_denied" || code === "insufficient_scope";
	if (denied || status === 401 || /event key not found/i.test(said)) return adviceOnKey(where, denied, said);
	if (/x-inngest-env.* required/i.test(said))
		return "Name the environment: --env NAME, or INNGEST_ENV (`list-envs` shows the names).";
	if (code === "env_not_found" || code === "env_name_ambiguous")
		return `Check ${where.namedBy ?? "--env or INNGEST_ENV"}: \`list-envs\` shows the names and ids.`;
	if (status === 404) {
		const old = where.kind === "cloud" ? ", or its trace has expired (24 h free, 7 d pro, 14 d business)" : "";
		return `Check the id (run ids and event ids differ); it may belong to another environment or server${old}.`;
	}
	if (status === 413) return TOO_LARGE;
	if (status === 429) return "Rate limited: nothing was done. Try again in a minute.";
	if (status === 501) return "This server can't do that.";
	if (NO_EVENT_KEYS.test(said)) return "Whoever runs the server can start it with an event key (--event-key).";
	if (status >= 502 || status === 408)
		return "Possible: a proxy answered because the server is down or too slow. Try again in a minute.";
	if (status >= 500) return `A server error; try again in a minute.${checkSetup(where, "shows whether it is healthy")}`;
	// Of SKIPPED, PAUSED and UNKNOWN, which a server of 1.43 does not know.
	if (/status is invalid/i.test(said)) return "This server can't list runs by that status: leave it out.";
	return "Correct the request and call again.";
}

/** The server answered with a refusal; `said` is its own (already cleaned) message. */
export function refused(where: Where, status: number, code: string, said: string, unclear: boolean): ServerError {
	const what = code && !said.includes(code) ? `${said} (${code}, ${status})` : `${said} (${status})`;
	return new ServerError(`${where.label} refused: ${what}`, advice(where, status, code, said), status, code, unclear);
}

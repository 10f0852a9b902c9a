/**
 * Which environment of Inngest Cloud a key is for, each answer requested at most once per call; and where a call goes, proven as far as
 * possible before anything is sent. An API key follows X-Inngest-Env; a signing key or event key belongs to one environment, whatever is
 * named.
 */

import * as z from "zod/mini";
import {
	archivedText,
	doubtText,
	type Environment,
	findEnvironment,
	headerOf,
	type Naming,
	namesakes,
	nameText,
	notFound,
	otherText,
	ownText,
	type Standing,
	standingOf,
	unlikeText,
} from "../gate/environment.ts";
import type { SecretName, Secrets } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { refusal, ServerError, UsageError, unread } from "../text/errors.ts";
import { inTicks } from "../text/nouns.ts";
import { iso, once, YEAR } from "../text/text.ts";
import type { Api, ClientOptions } from "../wire/client.ts";
import { many, maybe, read, text } from "../wire/lenient.ts";
import { get, type Request } from "../wire/request.ts";
import { type App, all, type Fn } from "./api.ts";

/** Without a type it is PRODUCTION: the enum's zero value is omitted. */
export const Env = read(
	z.object({ id: text, name: z.string(), type: maybe, isArchived: z.nullish(z.boolean()) }),
	({ id, name, type, isArchived }): Environment => ({
		id,
		name,
		type: (type || "PRODUCTION").toUpperCase(),
		archived: isArchived === true,
	}),
);

/** All environments of the account. The request names no environment. 250 is the largest page (v1.43). */
export const envsRequest: Request = { ...get("/v2/envs", { limit: 250 }), everywhere: true };

/** v1 gives each event's environment; its description spells the field differently than the server. */
const Seen = z.object({ data: many(z.object({ environment_id: maybe, environmentID: maybe })) });

/** The id of the signing key's environment, from its newest event. Undefined if there is none. `named`: asks for the named environment. */
export async function environmentSeen(api: Api, now: number, named = false): Promise<string | undefined> {
	const request = get("/v1/events", { limit: 1, received_after: iso(now - YEAR) });
	const [event] = (await api.send({ ...request, everywhere: !named }, Seen)).data;
	return event?.environment_id || event?.environmentID || undefined;
}

/** Answers that are requested at most once per call, and only if they matter. */
export interface Keys {
	/** Undefined if the key may not list them. */
	environments(): Promise<readonly Environment[] | undefined>;
	/** The named environment, undefined if it can't be looked up; throws if it doesn't exist. */
	environment(): Promise<Environment | undefined>;
	/** How a key's environment compares with the named one. `probe`: its events may be requested to find out. */
	standing(key: SecretName, probe: boolean): Promise<Standing>;
	/** Whether the API key follows X-Inngest-Env. */
	followed(): Promise<boolean>;
}

/** Not the name of any environment. */
export const NO_SUCH = "no-such-environment";
/**
 * An API key limited to one environment "automatically targets" it (Inngest's CLI documentation, October 2026); whether a header for
 * another is refused or ignored is not public. Naming an environment that doesn't exist succeeds only if the header is ignored.
 */
async function followsHeader(api: Api): Promise<boolean> {
	const asked = { headers: { "x-inngest-env": NO_SUCH }, everywhere: true, accept: [400, 403, 404] };
	const { status, errors } = await api.send({ ...get("/v2/runs", { limit: 1 }), ...asked }, Looked);
	return status !== undefined && errors[0]?.code !== "insufficient_scope";
}
/** A refusal includes its status (see judge). */
const Looked = z.object({ status: z.optional(z.number()), errors: many(z.object({ code: text })) });

/** `api` is undefined if nothing may be requested. */
export function openKeys(api: Api | undefined, secrets: Secrets, naming: Naming | undefined, now: number): Keys {
	const { has } = secrets;
	const environments = once(async () => {
		if (!api || (!has("INNGEST_API_KEY") && !has("INNGEST_SIGNING_KEY"))) return;
		// A key that may not list environments still follows the named one, or the server refuses it.
		return all(api, envsRequest, Env).catch((error) => {
			if (error instanceof ServerError && error.status === 403) return undefined;
			throw error;
		});
	});
	/** What was looked up decides, not the environment's name. */
	let known: Environment | undefined;
	const environment = once(async () => {
		const list = naming && (await environments());
		if (!list) return;
		const found = findEnvironment(list, naming.text);
		if (found.kind !== "found") throw new UsageError(...notFound(found, naming));
		known = found.environment;
		return known;
	});
	const seen = once(async () => api && environmentSeen(api, now).catch(unread));
	return {
		environments,
		environment,
		followed: once(async () => api === undefined || followsHeader(api)),
		async standing(key, probe) {
			if (naming === undefined) return { kind: "unknown" };
			const scope = secrets.scope(key);
			const told = standingOf(scope, { named: naming.text, environment: known });
			if (told.kind !== "unknown") return told;
			const facts = { named: naming.text, environment: await environment() };
			const looked = standingOf(scope, facts);
			if (looked.kind !== "unknown") return looked;
			// Not known to be production, so production's key is not used for it.
			if (scope === "production") return { kind: "other", of: "production" };
			// The server picks the branch by the header, and refuses what is no branch.
			if (scope === "branches") return { kind: "same" };
			if (!probe || key !== "INNGEST_SIGNING_KEY") return looked;
			return standingOf(scope, { ...facts, seen: await seen() });
		},
	};
}

/**
 * These functions, marked as archived if the named environment or, on Cloud, their `own` app is. Either "prevents functions from triggering"
 * (documentation, 2026-11). The schedules of a dev server's deleted app go on (measured).
 */
export async function ifLive<L extends { functions: readonly Fn[] }>(
	listening: L,
	{ keys, target }: { keys: Keys; target?: Target },
	own?: App,
): Promise<L> {
	const environment = await keys.environment().catch(unread);
	const isApp = target?.kind === "cloud" && own?.archivedAt;
	const withIts = environment?.archived ? "environment" : isApp && "app";
	if (!withIts) return listening;
	return { ...listening, functions: listening.functions.map((fn) => ({ ...fn, isArchived: true, withIts })) };
}

export interface Place {
	/** As answers name it. */
	target: Target;
	/** As errors name it. */
	server: string;
	/** v2 is read with the signing key, like v1: nothing proves that the API key is for the same environment. */
	oneKey: boolean;
	/** Why what is sent may reach another environment than the named one: the plan to confirm says so. */
	doubt?: string | undefined;
	/** The key that then decides: a code is bound to it. */
	decidedBy?: SecretName | undefined;
	/** The named environment, if it was looked up. */
	environment?: Environment | undefined;
}

export interface CloudCall {
	target: Target;
	/** The key that the intent's changes are made with. */
	changes: SecretName | undefined;
	/** Its answer starts from events, which only the signing key reads. */
	events: boolean;
	secrets: Secrets;
	naming: Naming | undefined;
	/** The --env flag and INNGEST_ENV, if both are used. */
	flag: string | undefined;
	setting: string | undefined;
	keys: Keys;
	/** Nothing may be requested, as nothing is sent. */
	unasked: boolean;
}

/** For calls that concern no environment. */
export const nowhere = (target: Target): Place => ({ target, server: target.label, oneKey: false });

/** Settles where a call to Inngest Cloud goes. Refuses if that is not the named environment. */
export async function settle(call: CloudCall): Promise<Place> {
	const { target, secrets, naming, flag, setting, keys, changes, events } = call;
	const apart = secrets.has("INNGEST_API_KEY") && secrets.has("INNGEST_SIGNING_KEY");
	if (naming === undefined) {
		if (!events || !apart || changes !== undefined) return nowhere(target);
		return { ...nowhere(target), ...called(target, ownText("INNGEST_SIGNING_KEY")), oneKey: true };
	}
	const key = keyOf(call);
	// If a key's kind rules it out, refuses before any request; in the end the look-up decides.
	if (key) await refuseOther(call, naming, key);
	const environment = changes && (await keys.environment());
	const header = await headerFor(naming, keys, environment);
	const label = environment ? `Inngest Cloud, ${nameText(environment.name)}` : target.label;
	const there = { ...nowhere({ ...target, environment: header, label }), environment };
	if (!key) return there;
	const { kind } = await refuseOther(call, naming, key);
	// An API key must also follow the header in which the environment is named.
	const isProven = kind === "same" && (changes !== "INNGEST_API_KEY" || (await keys.followed()));
	if (isProven) return { ...there, target: { ...there.target, proven: true } };
	// If nothing shows a key's environment, INNGEST_ENV is its owner's word on it.
	if (flag !== undefined && setting !== undefined && flag.toLowerCase() !== setting.toLowerCase())
		throw new UsageError(...unlikeText(key, flag, setting));
	const own = called(there.target, `${ownText(key)}, not verifiable`);
	const doubt = changes && doubtText(key, naming);
	return { ...there, ...own, oneKey: apart && changes === undefined, doubt, decidedBy: changes };
}

/** The key that decides where a call goes, if set. */
function keyOf({ secrets: { has }, changes, events }: CloudCall): SecretName | undefined {
	const order: SecretName[] = changes ? [changes] : ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"];
	return (!changes && events ? order.toReversed() : order).find((name) => has(name));
}

async function refuseOther({ keys, events }: CloudCall, naming: Naming, key: SecretName): Promise<Standing> {
	const standing = await keys.standing(key, true);
	if (standing.kind !== "other") return standing;
	throw new UsageError(...otherText(key, standing.of, naming, events));
}

const called = (target: Target, name: string): Pick<Place, "target" | "server"> => ({
	target: { ...target, label: `Inngest Cloud, ${name}` },
	server: "Inngest Cloud",
});

/** The value of X-Inngest-Env; for a name that no header can carry, its id is looked up. */
async function headerFor(naming: Naming, keys: Keys, known: Environment | undefined): Promise<string> {
	const header = headerOf(naming.text, known) ?? headerOf(naming.text, await keys.environment());
	if (header !== undefined) return header;
	throw refusal(
		`${naming.by} names ${nameText(naming.text)}, which an HTTP header can't contain`,
		"Use its id: `list-envs` shows it.",
	);
}

/** The requests for which a key may be used. Others are refused before they are sent. */
export function permits(call: CloudCall, place: Place): ClientOptions["permit"] {
	const { secrets, naming, keys, changes, unasked } = call;
	/** v2 requests, or sends, use another key than v1. */
	const apart =
		changes === undefined ? secrets.has("INNGEST_API_KEY") && !place.oneKey : changes !== "INNGEST_SIGNING_KEY";
	return async ({ method, path, api, everywhere }, key) => {
		if (key !== "INNGEST_SIGNING_KEY" || everywhere) return;
		if (method !== "GET" && secrets.has("INNGEST_API_KEY"))
			throw refusal(
				"Where INNGEST_API_KEY is set, INNGEST_SIGNING_KEY only reads",
				"Only what the API key allows is done.",
			);
		if (!apart || api !== "v1") return;
		// An id belongs to one environment. But a list would be combined with another environment's runs, and decide what is changed.
		const alone = changes === undefined && path !== "/v1/events";
		if (naming === undefined) {
			if (alone) return;
			throw new UsageError(
				"No environment is named, and INNGEST_API_KEY and INNGEST_SIGNING_KEY may be for different ones; the events were not read.",
				"Add --env NAME, or set INNGEST_ENV: `list-envs` shows the names.",
			);
		}
		const standing = await keys.standing(key, !alone);
		if (standing.kind === "other") throw new UsageError(...otherText(key, standing.of, naming, true));
		if (standing.kind === "unknown" && !alone && !unasked)
			throw new UsageError(
				`Nothing shows that ${key} belongs to ${nameText(naming.text)}, which ${naming.by} names; it was not used.`,
				`No event there shows its environment, or environments can't be listed: see ${inTicks("check-setup")}.`,
			);
	};
}

const Info = z.object({ version: z.string(), startOpts: z.looseObject({}) });

/**
 * Permits changes only on a proven dev server. A dev server takes no key, so anyone named in INNGEST_DEV could be sent work: before
 * anything is changed on another machine, it must say that it is a dev server (`GET /dev`, which a self-hosted server answers with 404;
 * v1.43).
 */
export function onlyDev(api: Api, target: Target): ClientOptions["permit"] {
	const proven = once(() => proveDev(api, target));
	return async ({ method }) => {
		if (method !== "GET") await proven();
	};
}

/** Refuses a server that does not say that it is a dev server. */
export async function proveDev(api: Api, { label }: Target): Promise<void> {
	try {
		await api.send(get("/dev"), Info);
	} catch (error) {
		if (!(error instanceof ServerError) || error.status === 0) throw error;
		throw refusal(
			`${label} does not answer like a dev server (GET /dev: ${error.status})`,
			"For a self-hosted server, set INNGEST_BASE_URL and its keys.",
		);
	}
}

/**
 * The same error, with what is known of the environment. That it is archived, or which may have been meant if the server knew none or
 * several of that name.
 */
export async function explained(
	error: unknown,
	naming: Naming | undefined,
	keys: Keys,
	known: Environment | undefined,
) {
	if (!(error instanceof ServerError) || naming === undefined) return error;
	if (error.status === 403 && known?.archived) return error.told(error.message, archivedText(known));
	if (error.code !== "env_not_found" && error.code !== "env_name_ambiguous") return error;
	const list = await keys.environments().catch(unread);
	const next = list && namesakes(list, naming);
	return next ? error.told(error.message, next) : error;
}

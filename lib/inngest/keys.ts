/** What Inngest Cloud says of environments and of the key's own; each asked at most once per call. */

import * as z from "zod/mini";
import {
	type Environment,
	findEnvironment,
	type Naming,
	notFound,
	type Standing,
	standingOf,
} from "../gate/environment.ts";
import type { SecretName, Secrets } from "../gate/secrets.ts";
import { ServerError, UsageError, unread } from "../text/errors.ts";
import { iso, once, YEAR } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { many, maybe, read, text } from "../wire/lenient.ts";
import { get, type Request } from "../wire/request.ts";
import { all, type Fn } from "./api.ts";

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

/** These functions, marked as archived if the named environment is. That "prevents the environment's functions from triggering" (documentation, 2026-11). */
export async function ifLive<L extends { functions: readonly Fn[] }>(
	listening: L,
	{ keys }: { keys: Keys },
): Promise<L> {
	const environment = await keys.environment().catch(unread);
	if (!environment?.archived) return listening;
	return { ...listening, functions: listening.functions.map((fn) => ({ ...fn, isArchived: true, withAll: true })) };
}

/**
 * Where a call to Inngest Cloud goes, proven as far as possible before anything is sent. An API key follows X-Inngest-Env; a signing key or
 * event key belongs to one environment, whatever is named.
 */

import * as z from "zod/mini";
import {
	archivedText,
	doubtText,
	type Environment,
	headerOf,
	type Naming,
	namesakes,
	nameText,
	otherText,
	ownText,
	type Standing,
	unlikeText,
} from "../gate/environment.ts";
import type { SecretName, Secrets } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { refusal, ServerError, UsageError, unread } from "../text/errors.ts";
import { inTicks } from "../text/nouns.ts";
import { once } from "../text/text.ts";
import type { Api, ClientOptions } from "../wire/client.ts";
import { get } from "../wire/request.ts";
import type { Keys } from "./keys.ts";

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

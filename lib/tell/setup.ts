/** What check-setup finds, as checks: facts to words. */
import type * as z from "zod/mini";
import {
	type Environment,
	environmentText,
	type Naming,
	nameText,
	otherText,
	type Standing,
} from "../gate/environment.ts";
import type { App } from "../inngest/api.ts";
import { ServerError, SkillError } from "../text/errors.ts";
import { plural, quote, word } from "../text/text.ts";

/** `none` is no fault; `UNCLEAR` is one until somebody knows better. */
export interface Check {
	status: "ok" | "FAILS" | "MISSING" | "UNCLEAR" | "none";
	what: string;
	told: string;
	next?: string;
}

export const isFault = ({ status }: Check): boolean => status !== "ok" && status !== "none";

/** What a check failed with. `unclear`: an answer of 200 that is none leaves it open. */
export function failed(what: string, error: unknown, unclear = false): Check {
	if (!(error instanceof SkillError)) throw error;
	const open = unclear && error instanceof ServerError && error.status === 200;
	return { status: open ? "UNCLEAR" : "FAILS", what, told: error.message, next: error.next };
}

/** What an empty send was answered. */
export interface Probed {
	ids?: readonly string[] | null | undefined;
	status?: number | undefined;
	error?: string | null | undefined;
}

type AnApp = z.output<typeof App>;

/** How many apps there are, and each whose last sync failed or that can't be reached ("unreachable": measured). */
export function appChecks(what: string, apps: readonly AnApp[]): Check[] {
	const names = apps.slice(0, 5).map((app) => word(app.id));
	const told = [plural(apps.length, "app"), names.join(", ")].filter(Boolean).join(": ");
	const next = "`list-apps` shows each app's address and last sync.";
	const broken = apps.flatMap(({ id, archivedAt, latestSync: sync }): Check[] => {
		if (archivedAt || !(sync?.error || sync?.status?.toLowerCase() === "error")) return [];
		const reason = sync.error && `: ${quote(sync.error, 160)}`;
		const why = sync.error === "unreachable" ? "can't be reached" : `the last sync failed${reason}`;
		return [{ status: "FAILS", what: `app ${word(id)}`, told: why, next }];
	});
	const more: Check = { status: "FAILS", what: plural(broken.length - 5, "more app"), told: "also unhealthy", next };
	return [{ status: "ok", what, told }, ...broken.slice(0, 5), ...(broken.length > 5 ? [more] : [])];
}

/** The environment that is named: found, or not to be looked up. */
export const environmentCheck = ({ text, by }: Naming, environment: Environment | undefined): Check => ({
	status: environment ? "ok" : "none",
	what: `environment ${nameText(text)} (${by})`,
	told: environment ? environmentText(environment) : "could not be looked up: the key may not list environments",
});

/** The signing key, which can read events, beside the environment that is named. `own`: its own, where that is known. */
export function signingCheck(
	what: string,
	naming: Naming | undefined,
	standing: Standing,
	own: Environment | undefined,
): Check {
	if (naming && standing.kind === "other") {
		const [told, next] = otherText("INNGEST_SIGNING_KEY", standing.of, naming, true);
		return { status: "FAILS", what, told, next };
	}
	const known = naming && standing.kind === "same" ? nameText(naming.text) : own && environmentText(own);
	const of = known ? `of ${known}` : "which environment the key is for could not be verified";
	return { status: "ok", what, told: `readable; ${of}` };
}

/** The answer to an empty send: only the event API's own (measured: `{"ids": [""], "status": 200}`) says that the key is good. */
export function sendingCheck(what: string, { ids, status = 200, error }: Probed, cloud: boolean): Check {
	if (ids && status === 200) {
		const which = cloud ? "; its environment can't be verified, so sending with it asks first" : "";
		return { status: "ok", what, told: `accepted${which}` };
	}
	const said = error ? `: ${quote(error, 160)}` : "";
	const told = `the test was answered ${status}${said}; whether the key is valid is unknown`;
	return { status: "UNCLEAR", what, told, next: "Sending an event would show that, and start what listens to it." };
}

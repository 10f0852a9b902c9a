import * as z from "zod/mini";
import { intent } from "../lib/cli/params.ts";
import { headerOf, isHeader, type Naming, type Standing } from "../lib/gate/environment.ts";
import { App, all } from "../lib/inngest/api.ts";
import { environmentSeen, proveDev } from "../lib/inngest/place.ts";
import type { Context } from "../lib/intent.ts";
import { Seeds, sendRequest } from "../lib/sending/events.ts";
import {
	appChecks,
	type Check,
	environmentCheck,
	failed,
	isFault,
	LIMITED,
	sendingCheck,
	setupLines,
	signingCheck,
} from "../lib/tell/setup.ts";
import { missingKey, overruledText, unread } from "../lib/text/errors.ts";
import { inTicks } from "../lib/text/nouns.ts";
import { get, type Request } from "../lib/wire/request.ts";

export default intent({
	params: z.object({}),
	account: true,
	tellsKeys: true,
	async run(_, context) {
		const { target, readOnly, naming } = context;
		const { kind, api: origin } = target;
		const named = await checkEnvironment(context);
		const lost = named.some(isFault);
		const apps = lost ? [] : await checkApps(context);
		const reached = (apps[0]?.status ?? "ok") === "ok";
		const events = await checkEvents(context, reached, lost ? undefined : naming);
		const checks = [...named, ...apps, ...events, ...(await checkSending(context, reached))];
		const ok = !checks.some(isFault);
		// Self-hosted and dev servers have none of these.
		const environment = kind === "cloud" ? target.environment : undefined;
		return {
			lines: setupLines(checks, target, readOnly),
			data: { kind, origin, environment, overruled: overruledText(target), readOnly, ok, checks },
			exit: ok ? 0 : 1,
		};
	},
});

/** The key that reads runs and apps; undefined if none is needed. */
function managing({ target, has }: Context) {
	if (target.kind === "dev" || (target.local && !has("INNGEST_SIGNING_KEY"))) return;
	return target.kind === "cloud" && has("INNGEST_API_KEY") ? "INNGEST_API_KEY" : "INNGEST_SIGNING_KEY";
}

function by(context: Context, key: string): string {
	const used = managing(context) ? key : "no key set";
	return ` (${context.target.kind === "dev" ? "no key needed" : used})`;
}

const none = (what: string, told: string): Check[] => [{ status: "none", what, told }];

/** The checks, or the error as a check. */
const attempt = (what: string, look: () => Promise<Check[]>, unclear = false): Promise<Check[]> =>
	look().catch((error) => [failed(what, error, unclear)]);

/** On Inngest Cloud: whether the named environment exists. */
async function checkEnvironment(context: Context): Promise<Check[]> {
	const { target, naming, keys, has } = context;
	const key = managing(context);
	if (target.kind !== "cloud" || key === undefined || !has(key)) return [];
	if (naming === undefined) {
		const both = has("INNGEST_API_KEY") && has("INNGEST_SIGNING_KEY");
		const perhaps = both ? "; the API key and the signing key may read from different ones" : "";
		return none(
			"environment",
			`none is named (--env or INNGEST_ENV; ${inTicks("list-envs")} shows which there are)${perhaps}`,
		);
	}
	return attempt(`environment (${naming.by})`, async () => {
		const checks = [environmentCheck(naming, await keys.environment())];
		return has("INNGEST_API_KEY") && !(await keys.followed()) ? [...checks, LIMITED] : checks;
	});
}

async function checkApps(context: Context): Promise<Check[]> {
	const { api, has, target, keys } = context;
	const key = managing(context);
	if (key !== undefined && !has(key)) {
		const names = target.kind === "cloud" ? ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"] : ["INNGEST_SIGNING_KEY"];
		const told = names.join(" or ");
		return [{ status: "MISSING", what: "a key for runs and apps", told, next: missingKey(names).next }];
	}
	// What it reads elsewhere says nothing of the named environment; checkEvents reports that.
	if (key === "INNGEST_SIGNING_KEY" && target.kind === "cloud" && (await keys.standing(key, true)).kind === "other")
		return [];
	const what = `runs and apps${by(context, key ?? "")}`;
	return attempt(what, async () => {
		const request = await appsRequest(context);
		const apps = await all(api, request, App);
		// It may read one and not the other.
		if (key === "INNGEST_API_KEY") await api.send({ ...request, path: "/v2/runs", query: { limit: 1 } }, z.unknown());
		return appChecks(what, apps);
	});
}

/** Requests the named environment's apps, by its id if a header can't carry its name. */
async function appsRequest({ target, naming, keys }: Context): Promise<Request> {
	const request = get("/v2/apps", { limit: 100 });
	if (target.kind !== "cloud" || naming === undefined || isHeader(naming.text)) return request;
	const header = headerOf(naming.text, await keys.environment());
	return header === undefined ? request : { ...request, everywhere: true, headers: { "x-inngest-env": header } };
}

/** `reached`: the server answers and accepts the key for runs. */
async function checkEvents(context: Context, reached: boolean, naming: Naming | undefined): Promise<Check[]> {
	const { api, target, has, keys, now } = context;
	const key = managing(context);
	if (key !== undefined && !has("INNGEST_SIGNING_KEY"))
		return none("INNGEST_SIGNING_KEY", "list-events, get-event, resend-event and wake-up times need it");
	// If another key reads runs, its validity says nothing of this one.
	if (!reached && key !== "INNGEST_API_KEY") return [];
	const what = `events${by(context, "INNGEST_SIGNING_KEY")}`;
	return attempt(what, async () => {
		if (target.kind !== "cloud") {
			await api.send(get("/v1/events", { limit: 1 }), z.unknown());
			return [{ status: "ok", what, told: "readable" }];
		}
		const standing: Standing = naming ? await keys.standing("INNGEST_SIGNING_KEY", true) : { kind: "unknown" };
		if (standing.kind === "other") return [signingCheck(what, naming, standing, undefined)];
		// A branch key reads nothing unless a branch is named.
		const seen = await environmentSeen(api, now, standing.kind === "same");
		const list = (await keys.environments().catch(unread)) ?? [];
		const environment = list.find(({ id }) => id !== "" && id.toLowerCase() === seen?.toLowerCase());
		return [signingCheck(what, naming, standing, environment)];
	});
}

const Probed = z.object({
	ids: z.nullish(z.array(z.string())),
	status: z.optional(z.number()),
	error: z.nullish(z.string()),
});

async function checkSending(context: Context, reached: boolean): Promise<Check[]> {
	const { api, target, has, readOnly } = context;
	const cloud = target.kind === "cloud";
	if (readOnly) return none("sending", "refused here");
	if (target.kind === "dev" && !reached) return none("sending", "not tried");
	if (target.kind === "dev")
		return attempt("sending", async () => {
			if (!target.local) await proveDev(api, target);
			return [{ status: "ok", what: "sending", told: "the dev server accepts any event key" }];
		});
	if (!has("INNGEST_EVENT_KEY")) {
		const single = "send-events needs it; send-event uses INNGEST_API_KEY";
		return none("INNGEST_EVENT_KEY", cloud && has("INNGEST_API_KEY") ? single : "sending events needs it");
	}
	const what = "sending (INNGEST_EVENT_KEY)";
	const probe = sendRequest([], Seeds.fresh(context).of(0));
	const asking = has("INNGEST_API_KEY") ? "send-events, which needs it," : "sending with it";
	return attempt(what, async () => [sendingCheck(what, await api.send(probe, Probed), cloud && asking)], true);
}

import * as z from "zod/mini";
import { appId, flag, intent } from "../lib/cli/params.ts";
import { isThisMachine, type Target } from "../lib/gate/target.ts";
import type { App } from "../lib/inngest/api.ts";
import { checkExists, getApp, outcomeOf, Synced } from "../lib/inngest/functions.ts";
import type { Context } from "../lib/intent.ts";
import { movesText, syncLines, urlText } from "../lib/tell/setup.ts";
import { isNotFound, refusal, thenDo, type UsageError, unread } from "../lib/text/errors.ts";
import { inTicks } from "../lib/text/nouns.ts";
import { lines, word } from "../lib/text/text.ts";
import { path, post, type Request } from "../lib/wire/request.ts";

/** An address for Inngest Cloud to call; refuses, before anything is sent, one that it can't or should not call. */
function readUrl(value: string): string {
	const whole = "Write the app's serve endpoint whole: https, host and path.";
	if (!URL.canParse(value)) throw refusal("--url is not a URL", whole);
	const url = new URL(value);
	if (url.username || url.password)
		throw refusal("--url must not contain credentials", "The app verifies Inngest's calls by its signing key.");
	if (isThisMachine(url.hostname))
		throw refusal(
			"--url is this machine, which Inngest Cloud can't reach",
			"A server of your own can sync it: `inngest dev -u URL`, `inngest start -u URL`.",
		);
	if (url.protocol !== "https:") throw refusal("--url must start with https: payloads go there", whole);
	return url.href;
}

const params = z.object({
	app: flag(appId, "the app", "APP", { position: "one" }),
	url: flag(
		z.optional(z.pipe(z.string(), z.transform(readUrl))),
		"its serve endpoint (default: that of its last sync)",
		"URL",
	),
});
type Params = z.output<typeof params>;

/** It may be repeated: an app already in sync is a duplicate. 422 has the same shape (service.proto, 1.43: SyncApp). */
const syncRequest = (app: string, url: string): Request =>
	post(path`/v2/apps/${app}/syncs`, { url }, { repeatable: true, accept: [422] });

/**
 * Self-hosted and dev servers sync nothing on request (measured: 501, v1.43), so nothing is requested from them. Go's SDK refuses unsigned
 * syncs since v0.16, also to a self-hosted server that is restarted (its source, and measured).
 */
function refuseOwn({ kind, label }: Target): void {
	if (kind === "cloud") return;
	const but = kind === "dev" ? "" : " (Go's SDK since 0.16: only if its INNGEST_ENABLE_UNAUTHED_SYNC is 1)";
	const start = kind === "dev" ? "dev" : "start";
	throw refusal(
		`${label} can't sync an app on request: only Inngest Cloud does`,
		`An app registers itself when its serve endpoint gets a PUT, or the server is restarted with \`inngest ${start} -u URL\`${but}.`,
		"changed",
	);
}

export default intent({
	params,
	async run(p, context) {
		const { target, confirm, doubt, coded } = context;
		const { label } = target;
		const app = await appOf(p, context);
		const connects = app?.method === "CONNECT";
		const url = p.url ?? ((!connects && app?.latestSync?.url) || undefined);
		if (p.url || !connects) refuseOwn(target);
		if (url === undefined) throw withoutUrl(p, app);
		const moves = movesText(app, url);
		if (moves || doubt !== undefined || coded) {
			const plan = `Sync ${word(p.app)} from ${urlText(url)} on ${label}.`;
			confirm(lines(plan, moves), [p.app, url]);
		}
		const { end, after } = await sync(p.app, url, context);
		return {
			...syncLines({ app: p.app, url, end, after, label }),
			data: { app: p.app, url, ...end, functionCount: after?.functionCount },
			exit: end.status === "success" || end.status === "duplicate" ? 0 : 1,
		};
	},
});

/** The current app; undefined if the given address makes it a new one. */
async function appOf({ app, url }: Params, { api, target }: Context): Promise<App | undefined> {
	try {
		return await getApp(api, app);
	} catch (error) {
		if (!isNotFound(error)) throw error;
		if (url === undefined || target.kind !== "cloud") await checkExists(api, { app });
		return;
	}
}

/** The address of an app that connects would be the gateway's (Inngest's source, v1.43). */
function withoutUrl({ app }: Params, known: App | undefined): UsageError {
	const connects = known?.method === "CONNECT";
	return refusal(
		`${word(app)} ${connects ? "connects to Inngest itself (connect)" : "was never synced from an address"}`,
		connects ? "It syncs when its worker connects: restart the worker." : "Add --url URL, its serve endpoint.",
		"changed",
	);
}

/** Syncs it. It has usually ended then (service.proto, 1.43: SyncApp). */
async function sync(app: string, url: string, { api }: Context) {
	const again = `${inTicks("list-apps")} shows the app's last sync; syncing it again does no harm.`;
	const end = outcomeOf(await api.send(syncRequest(app, url), Synced).catch(thenDo(again)));
	return { end, after: end.status === "success" ? await getApp(api, app).catch(unread) : undefined };
}

import * as z from "zod/mini";
import { intent, toggle } from "../lib/cli/params.ts";
import { App, all } from "../lib/inngest/api.ts";
import { sameAddress, syncFault, urlText } from "../lib/tell/setup.ts";
import { noApps } from "../lib/text/errors.ts";
import { ago, grouped, joined, plural, some, time, word, words } from "../lib/text/text.ts";
import { get, type Request } from "../lib/wire/request.ts";

const request = ({ archived }: { archived: boolean }): Request =>
	get("/v2/apps", { limit: 100, archived: archived ? "true" : undefined });

export default intent({
	params: z.object({ archived: toggle("archived apps instead") }),
	request,
	async run(p, { api, target, now }) {
		const data = await all(api, request(p), App);
		return {
			lines: [
				`${plural(data.length, p.archived ? "archived app" : "app")} (${target.label})`,
				some(
					data,
					100,
					(one) => appLine(one, data, now),
					(n) => `… and ${grouped(n)} more: --json has all.`,
				),
				sameAddress(data).map(({ what, told }) => `${what}: ${told}.`),
				!data.length && !p.archived && noApps(target),
			],
			data: { data },
		};
	},
});

/** Only Cloud gives when an app was last synced, and how (service.proto, AppSync). */
function appLine(app: App, apps: readonly App[], now: number): string {
	const { id, functionCount, method, latestSync: sync } = app;
	const at = time(sync?.syncedAt);
	const what = words(word(id), plural(functionCount, "function"), method?.toLowerCase(), sync && sdkText(sync));
	return joined(
		"; ",
		words(what, sync?.url && urlText(sync.url)),
		syncFault(app, apps),
		at !== undefined && `last sync ${ago(at, now)}`,
		sync?.status?.toLowerCase() === "pending" && "sync pending",
	);
}

/** `fast_api/py/v0.5.19`; no framework with the SDK for Go and connected apps (measured). */
function sdkText({ framework, sdkLanguage, sdkVersion }: NonNullable<App["latestSync"]>): string {
	const sdk = joined("/", framework, sdkLanguage, sdkVersion);
	return sdk && word(sdk);
}

import * as z from "zod/mini";
import { intent, toggle } from "../lib/cli/params.ts";
import type { Target } from "../lib/gate/target.ts";
import { App, all } from "../lib/inngest/api.ts";
import { answeringFor, hasSyncFailed, isNamed } from "../lib/inngest/functions.ts";
import { sameAddress, syncTrouble, urlText } from "../lib/tell/setup.ts";
import { inTicks } from "../lib/text/nouns.ts";
import { grouped, joined, plural, some, word, words } from "../lib/text/text.ts";
import { get, type Request } from "../lib/wire/request.ts";

const request = ({ archived }: { archived: boolean }): Request =>
	get("/v2/apps", { limit: 100, archived: archived ? "true" : undefined });

export default intent({
	params: z.object({ archived: toggle("archived apps instead") }),
	request,
	async run(p, { api, target }) {
		const data = await all(api, request(p), App);
		return {
			lines: [
				`${plural(data.length, p.archived ? "archived app" : "app")} (${target.label})`,
				some(
					data,
					100,
					(one) => appLine(one, data),
					(n) => `… and ${grouped(n)} more: --json has all.`,
				),
				sameAddress(data).map(({ what, told }) => `${what}: ${told}.`),
				!data.length && !p.archived && `No app is synced here (--archived shows archived ones): ${howTo(target)}.`,
			],
			data: { data },
		};
	},
});

/** On Cloud by Inngest's documentation of syncs (2026-11). */
const howTo = ({ kind }: Pick<Target, "kind">): string =>
	kind === "cloud"
		? `${inTicks("sync-app APP --url URL")} syncs one. Inngest's dashboard alone shows failed automatic syncs of new apps (unattached syncs)`
		: "deploy one, or point the dev server at it (`inngest dev -u URL`)";

function appLine(app: App, apps: readonly App[]): string {
	const { id, functionCount, method, latestSync: sync } = app;
	return words(
		word(id),
		plural(functionCount, "function"),
		method?.toLowerCase(),
		sync && sdkText(sync),
		sync?.url && urlText(sync.url),
		hasSyncFailed(app) &&
			`${isNamed(app) ? "SYNC FAILED" : "NEVER SYNCED"}: ${syncTrouble(sync?.error, isNamed(app), answeringFor(app, apps))}`,
	);
}

/** `fast_api/py/v0.5.19`; no framework with the SDK for Go and connected apps (measured). */
function sdkText({ framework, sdkLanguage, sdkVersion }: NonNullable<App["latestSync"]>): string {
	const sdk = joined("/", framework, sdkLanguage, sdkVersion);
	return sdk && word(sdk);
}

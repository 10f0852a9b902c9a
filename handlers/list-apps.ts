import * as z from "zod/mini";
import { toggle } from "../lib/cli/params.ts";
import { App, Page } from "../lib/inngest/api.ts";
import { hasSyncFailed } from "../lib/inngest/functions.ts";
import { simple } from "../lib/intent.ts";
import { syncErrorText } from "../lib/tell/functiontext.ts";
import { urlText } from "../lib/tell/setup.ts";
import { lines, plural, word, words } from "../lib/text/text.ts";
import { get } from "../lib/wire/request.ts";

export default simple({
	params: z.object({ archived: toggle("archived apps instead") }),
	request: ({ archived }) => get("/v2/apps", { limit: 100, archived: archived ? "true" : undefined }),
	response: Page(App),
	summarize: ({ data, page }, { target }, { archived }) =>
		lines(
			`${plural(data.length, archived ? "archived app" : "app")} (${target.label})`,
			data.map(({ id, functionCount, method, latestSync: sync }) =>
				words(
					word(id),
					plural(functionCount, "function"),
					method?.toLowerCase(),
					sync && sdkText(sync),
					sync?.url && urlText(sync.url),
					hasSyncFailed({ latestSync: sync }) && `SYNC FAILED: ${syncErrorText(sync?.error)}`,
				),
			),
			page?.cursor && "There are more than 100; these are the first.",
			!data.length &&
				!archived &&
				"No app has synced here yet: deploy one, or point the dev server at it (`inngest dev -u URL`).",
		),
});

/** `fast_api/py/v0.5.19`; without a framework where there is none: the SDK for Go, and connected apps (measured). */
function sdkText({ framework, sdkLanguage, sdkVersion }: NonNullable<App["latestSync"]>): string {
	const sdk = [framework, sdkLanguage, sdkVersion].filter(Boolean).join("/");
	return sdk && word(sdk);
}

import * as z from "zod/mini";
import { App, Page } from "../lib/api.ts";
import { intent } from "../lib/intent.ts";
import { toggle } from "../lib/params.ts";
import { get } from "../lib/request.ts";
import { lines, plural, quote, word, words } from "../lib/text.ts";

const params = z.object({ archived: toggle("archived apps instead") });
const request = ({ archived }: z.output<typeof params>) =>
	get("/v2/apps", { limit: 100, archived: archived ? "true" : undefined });

export default intent({
	params,
	request,
	async run(p, { api, target }) {
		const answer = await api.send(request(p), Page(App));
		const { data, page } = answer;
		return {
			text: lines(
				`${plural(data.length, p.archived ? "archived app" : "app")} (${target.label})`,
				data.map(({ id, functionCount, method, latestSync: sync }) =>
					words(
						word(id),
						plural(functionCount, "function"),
						method?.toLowerCase(),
						sync?.framework && word([sync.framework, sync.sdkLanguage, sync.sdkVersion].filter(Boolean).join("/")),
						sync?.url && word(sync.url),
						sync?.error && `SYNC FAILED: ${quote(sync.error, 120)}`,
					),
				),
				page?.cursor && "There are more than 100; these are the first.",
				!data.length &&
					!p.archived &&
					"No app has synced here yet: deploy one, or point the dev server at it (inngest dev -u URL).",
			),
			data: answer,
		};
	},
});

import * as z from "zod/mini";
import { checkExists, listRunsRequest, Page, Run, resolveFunction, runLine } from "../lib/api.ts";
import { composed } from "../lib/intent.ts";
import { appFlag, count, flag, functionFlag, line, oneOf, since, statuses, until } from "../lib/params.ts";
import type { Request } from "../lib/request.ts";
import { lines, plural, time } from "../lib/text.ts";

const params = z.object({
	status: flag(z.optional(statuses), "e.g. failed,cancelled", "STATUS"),
	function: functionFlag(),
	app: appFlag(),
	since: since(),
	until: until(),
	order: flag(z._default(oneOf("DESC", "ASC"), "DESC"), "by time queued: DESC (default) or ASC", "ORDER"),
	limit: flag(z._default(count(1, 100), 20), "1 to 100 (default 20)", "N"),
	cursor: flag(z.optional(line), "page.cursor of a --json answer", "CURSOR"),
});

const request = (p: z.output<typeof params>): Request =>
	listRunsRequest(p, { order: p.order, limit: p.limit, cursor: p.cursor });

export default composed({
	params,
	request,
	async run(p, { api, target, now }) {
		const filter = { ...p, function: p.function && (await resolveFunction(api, p.function)) };
		const answer = await api.send(request(filter), Page(Run));
		const runs = answer.data;
		if (!runs.length) await checkExists(api, filter);
		const last = time(runs.at(-1)?.queuedAt);
		const more = answer.page?.cursor && last !== undefined;
		// A time and not the cursor: it is a tenth of its tokens. One ms of overlap, so that no run of that ms is lost.
		const hint =
			more &&
			(p.order === "DESC" ? `--until ${new Date(last + 1).toISOString()}` : `--since ${new Date(last).toISOString()}`);
		return {
			text: lines(
				runs.length
					? `${plural(runs.length, "run")}, ${p.order === "DESC" ? "newest" : "oldest"} first (${target.label})`
					: `No runs match (${target.label}).`,
				runs.map((run) => runLine(run, now)),
				hint && `More: ${hint}`,
			),
			data: answer,
		};
	},
});

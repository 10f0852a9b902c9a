import * as z from "zod/mini";
import { eventOf, listRunsRequest, Page, Run, runLine } from "../lib/api.ts";
import { UsageError } from "../lib/errors.ts";
import { eventsOf, eventText } from "../lib/eventlist.ts";
import { checkExists, resolveFunction } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { appFlag, count, flag, functionFlag, line, oneOf, since, statuses, toggle, until } from "../lib/params.ts";
import type { Request } from "../lib/request.ts";
import { lines, plural, time, word } from "../lib/text.ts";
import { outcomeText } from "../lib/trace.ts";
import { waitsOf } from "../lib/waits.ts";

const params = z.object({
	status: flag(z.optional(statuses), "e.g. failed,cancelled", "STATUS"),
	function: functionFlag(),
	app: appFlag(),
	since: since(),
	until: until(),
	order: flag(z._default(oneOf("DESC", "ASC"), "DESC"), "by time: DESC (default) or ASC", "ORDER"),
	limit: flag(z._default(count(1, 100), 20), "1 to 100 (default 20)", "N"),
	withWaits: toggle("what each live run waits for"),
	withEvents: toggle("each run's event with its payload, and the error of one that failed"),
	cursor: flag(z.optional(line), "page.cursor of a --json answer", "CURSOR"),
});

function request(p: z.output<typeof params>): Request {
	// Only --curl gets here with a function's name alone: a call looks its app up first.
	if (p.function && p.function.app === undefined)
		throw new UsageError("--curl needs the function's app; nothing was sent.", "Write it as app/function.");
	const includeOutput = p.withEvents ? "true" : undefined;
	return listRunsRequest(p, { order: p.order, limit: p.limit, cursor: p.cursor, includeOutput });
}

export default composed({
	params,
	request,
	async run(p, context) {
		const { api, target, now } = context;
		const filter = { ...p, function: p.function && (await resolveFunction(api, p.function, p.app)) };
		const answer = await api.send(request(filter), Page(Run));
		const runs = answer.data;
		const [waits, events] = await Promise.all([
			p.withWaits ? waitsOf(api, runs, now) : undefined,
			p.withEvents ? eventsOf(context, runs) : undefined,
		]);
		const eventOfRun = (run: Run) => events?.get(eventOf(run) ?? "");
		const detail = (run: Run): string[] => {
			const event = eventOfRun(run);
			const error = run.status === "FAILED" && outcomeText(run, 120);
			return [
				...(events ? [`  ${event ? eventText(event, 120) : "its event could not be had"}`] : []),
				...(events && error ? [`  ${error}`] : []),
				...(waits?.get(run)?.lines ?? []),
			];
		};
		if (!runs.length) await checkExists(api, filter);
		// OSS orders and filters by the start, whatever timeField says (measured): the time queued would skip runs that waited.
		const end = runs.at(-1);
		const last = (target.kind === "cloud" ? undefined : time(end?.startedAt)) ?? time(end?.queuedAt);
		const more = answer.page?.cursor && last !== undefined;
		// A time and not the cursor, as it is a tenth of its tokens, unless that would not get on: a bulk send shares its ms.
		// One ms of overlap, so that no run of that ms is lost.
		const [bound, given, at] = p.order === "DESC" ? ["until", p.until, (last ?? 0) + 1] : ["since", p.since, last ?? 0];
		const stuck = given !== undefined && at === Date.parse(given);
		const hint =
			more && (stuck ? `--cursor ${word(answer.page?.cursor ?? "")}` : `--${bound} ${new Date(at).toISOString()}`);
		return {
			text: lines(
				runs.length
					? `${plural(runs.length, "run")}, ${p.order === "DESC" ? "newest" : "oldest"} first (${target.label})`
					: `No runs match (${target.label}).`,
				runs.flatMap((run) => [runLine(run, now), ...detail(run)]),
				hint && `More: ${hint}`,
			),
			data: {
				...answer,
				data: runs.map((run) => ({
					...run,
					...(events && { event: eventOfRun(run) }),
					...(waits?.has(run) && { jobs: waits.get(run)?.jobs }),
				})),
			},
		};
	},
});

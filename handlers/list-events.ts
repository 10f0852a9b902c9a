import * as z from "zod/mini";
import { count, flag, line, since, toggle, ulid, until } from "../lib/cli/params.ts";
import { factsOf, readWhys } from "../lib/gather/reach.ts";
import { type Event, inParallel, runsOfEvent } from "../lib/inngest/api.ts";
import { eventPages, eventsRequest, listMatcher } from "../lib/inngest/eventlist.ts";
import { functionsOf } from "../lib/inngest/functions.ts";
import { type Context, composed } from "../lib/intent.ts";
import { countLines, endOf, eventLines, type Found, headLine, type Told } from "../lib/tell/eventtext.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { whyData } from "../lib/tell/whytext.ts";
import { noted } from "../lib/text/errors.ts";
import { grouped, time } from "../lib/text/text.ts";

/** How many are searched at most: for a list, and to count. */
const LOOKED = 2000;
const COUNTED = 100_000;
/** So few are told at length. */
const FEW = 5;
const params = z.object({
	name: flag(z.optional(line), "this event name only", "EVENT_NAME"),
	match: flag(z.optional(line), "text in the payload, or data.field=value; in the name; or a whole id", "TEXT"),
	since: since(),
	until: until(),
	limit: flag(z._default(count(1, 500), 20), "1 to 500 (default 20)", "N"),
	cursor: flag(z.optional(ulid), "events older than this one", "EVENT_ID"),
	withRuns: toggle("the runs that each started, or why none"),
	count: toggle("counts per name instead of a list"),
});
type Params = z.output<typeof params>;

export default composed({
	params,
	events: true,
	request: eventsRequest,
	async run(p, context) {
		const found = await search(p, context);
		const { events, total, looked, oldest } = found;
		const page = { cursor: found.more ? oldest?.internal_id : undefined };
		const head = headLine(p, found, context);
		const reach = { now: context.now, since: time(p.since), oldest: time(oldest?.received_at) };
		const { line, next, more } = endOf(p, found);
		const end = [!found.more && p.cursor === undefined && historyLine(context.target, reach), line];
		if (p.count) {
			const names = [...found.names].map(([name, count]) => ({ name, count }));
			return { lines: [head, countLines(p, found), end], next: [next], data: { total, names, looked, page } };
		}
		const few = events.length <= FEW;
		const missing: string[] = [];
		const told = p.withRuns ? await readRuns(events, few, missing, context) : [];
		const failed = told.flatMap(({ runs }) => runs ?? []).find((run) => run.status === "FAILED");
		return {
			lines: [
				head,
				eventLines(events, told, { few, named: p.name === undefined, now: context.now }),
				missing,
				!failed && end,
			],
			next: [failed && [`get-run ${failed.id}`, "shows it step by step"], next],
			after: failed && end,
			more,
			data: {
				data: events.map((event, i) => ({ ...event, ...(told[i] && { runs: told[i].runs, ...whyData(told[i].why) }) })),
				page,
				looked,
			},
		};
	},
});

async function search(p: Params, context: Context): Promise<Found> {
	const found: Found = { events: [], names: new Map(), total: 0, looked: 0, rows: 0, oldest: undefined, more: false };
	const { events, names } = found;
	const matches = p.match === undefined ? () => true : listMatcher(p.match);
	const [shown, most] = p.count ? [Number.POSITIVE_INFINITY, COUNTED] : [p.limit, LOOKED];
	// One more than is shown tells whether there are more.
	const size = p.name !== undefined && p.match === undefined && !p.count ? p.limit + 1 : undefined;
	for await (const page of eventPages(context, p, size)) {
		for (const event of page) {
			// The server's own events (function finished, failed …) are not the user's.
			const own = p.name !== undefined || !event.name.startsWith("inngest/");
			found.more = found.rows >= most || (own && found.total >= shown);
			if (found.more) return found;
			found.rows++;
			found.oldest = event;
			if (!own) continue;
			found.looked++;
			if (!matches(event)) continue;
			found.total++;
			if (p.count) names.set(event.name, (names.get(event.name) ?? 0) + 1);
			else events.push(event);
		}
		context.progress(`${grouped(found.looked)} events searched`);
	}
	return found;
}

async function readRuns(events: readonly Event[], few: boolean, missing: string[], context: Context): Promise<Told[]> {
	const { api, now } = context;
	if (!events.length) return [];
	const [lists, listening] = await Promise.all([
		inParallel(events, 6, (event) => runsOfEvent(api, event.internal_id, few)),
		functionsOf(api).catch(noted(missing, "What listens to them")),
	]);
	const whys = await readWhys(
		api,
		events.map((event, i) => factsOf(event, lists[i]?.value, listening, now)),
	);
	return whys.map((why, i) => ({ runs: lists[i]?.value, why }));
}

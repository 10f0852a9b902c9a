import * as z from "zod/mini";
import { count, flag, line, since, toggle, ulid, until } from "../lib/cli/params.ts";
import { factsOf, readWhys } from "../lib/gather/reach.ts";
import { type Event, inParallel, runsOfEvent } from "../lib/inngest/api.ts";
import { eventPages, eventsRequest, idsIn, type Link, linkOf, listMatcher } from "../lib/inngest/eventlist.ts";
import { functionsOf } from "../lib/inngest/functions.ts";
import { type Context, composed } from "../lib/intent.ts";
import {
	countLines,
	endOf,
	eventLines,
	type Found,
	type Hop,
	headLine,
	type Related,
	relatedLines,
	type Told,
} from "../lib/tell/eventtext.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { whyData } from "../lib/tell/whytext.ts";
import { noted, refusal } from "../lib/text/errors.ts";
import { grouped, time } from "../lib/text/text.ts";

/** How many are searched at most: for a list, and to count. */
const LOOKED = 2000;
const COUNTED = 100_000;
/** Ids of events that are followed to others. */
const FOLLOWED = 20;
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
	related: toggle("with --match: also events that contain an id of those found"),
	count: toggle("counts per name instead of a list"),
});
type Params = z.output<typeof params>;

export default composed({
	params,
	events: true,
	request: eventsRequest,
	async run(p, context) {
		if (p.related && (p.match === undefined || p.count))
			throw refusal("--related goes with --match, and without --count", "Name a text to begin with: --match TEXT.");
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
		const hop = p.related ? await follow(p, events, context) : undefined;
		const shown = [...events, ...(hop?.by ?? []).flatMap((one) => one.events)];
		const few = shown.length <= FEW;
		const missing: string[] = [];
		const told = p.withRuns ? await readRuns(shown, few, missing, context) : [];
		const telling = { few, named: p.name === undefined, now: context.now };
		const relatedTold = (some: readonly Event[]) => some.flatMap((one) => told[shown.indexOf(one)] ?? []);
		const failed = told.flatMap(({ runs }) => runs ?? []).find((run) => run.status === "FAILED");
		return {
			lines: [
				head,
				eventLines(events, told, telling),
				hop && relatedLines(hop, (some) => eventLines(some, relatedTold(some), { ...telling, named: true })),
				missing,
				!failed && end,
			],
			next: [failed && [`get-run ${failed.id}`, "shows it step by step"], next],
			after: failed && end,
			more,
			data: {
				data: events.map((event, i) => ({ ...event, ...(told[i] && { runs: told[i].runs, ...whyData(told[i].why) }) })),
				...(hop && { related: hop.by, ids: hop.ids, followed: hop.followed }),
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

/** One hop by the ids of these events, to any in the window. */
async function follow(p: Params, events: readonly Event[], context: Context): Promise<Hop> {
	const ids = idsIn(events, p.match ?? "");
	const followed = ids.slice(0, FOLLOWED);
	const byValue = new Map(followed.map((link) => [link.value, link]));
	const above = new Set(events.map(({ internal_id }) => internal_id));
	const related = new Map<Link, Related>();
	const hop: Hop = { ids: ids.length, followed, by: [], looked: 0, more: false };
	const window = { since: p.since, until: p.until };
	for await (const page of followed.length ? eventPages(context, window) : []) {
		hop.more = hop.looked + page.length > LOOKED;
		const some = page.slice(0, LOOKED - hop.looked);
		hop.looked += some.length;
		for (const event of some) {
			const link = above.has(event.internal_id) ? undefined : linkOf(event, byValue);
			if (!link) continue;
			const one = related.get(link) ?? { ...link, events: [], total: 0 };
			related.set(link, one);
			if (++one.total <= FEW) one.events.push(event);
		}
		if (hop.more) break;
		context.progress(`${grouped(hop.looked)} events searched for ids`);
	}
	return { ...hop, by: [...related.values()].sort((a, b) => a.total - b.total) };
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

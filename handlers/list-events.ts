import * as z from "zod/mini";
import { count, flag, intent, line, matchFlag, since, toggle, ulid, until } from "../lib/cli/params.ts";
import { listeners, mayStart, whyOf } from "../lib/decide/why.ts";
import { isShown, listStarted, readBatches, startedBy, startedRequest } from "../lib/gather/foresee.ts";
import { readRuns } from "../lib/gather/lists.ts";
import { factsOf, readWhys, withAround } from "../lib/gather/reach.ts";
import { Shown } from "../lib/gather/siblings.ts";
import { type Event, inParallel, runsOfEvent } from "../lib/inngest/api.ts";
import { eventPages, eventsRequest, idsIn, linkOf, listMatcher } from "../lib/inngest/eventlist.ts";
import { functionsOf } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import {
	countLines,
	type EventTold,
	eventLines,
	type FoundEvents,
	type Hop,
	headLine,
	listEnd,
	type Related,
	relatedLines,
	startLines,
	startsOf,
	textLines,
	unsureLines,
} from "../lib/tell/eventtext.ts";
import { filterFlags, historyLine, partText } from "../lib/tell/runlist.ts";
import { whyData } from "../lib/tell/whytext.ts";
import { noted, refusal } from "../lib/text/errors.ts";
import { addTo } from "../lib/text/lists.ts";
import { callOf, typedName } from "../lib/text/nouns.ts";
import { grouped, HOUR, iso, type Lines, time, words } from "../lib/text/text.ts";

/** How many are searched at most: for a list, and to count. */
const LOOKED = 2000;
const COUNTED = 100_000;
/** Ids of events that are followed to others. */
const FOLLOWED = 20;
/** So few are told at length. */
const FEW = 5;
const params = z.object({
	name: flag(z.optional(line), "this event name only", "EVENT_NAME"),
	match: matchFlag("text in the payload or name, data.field=value, or a whole id"),
	since: since(),
	until: until(),
	limit: flag(z._default(count(1, 500), 20), "1 to 500 (default 20)", "N"),
	cursor: flag(z.optional(ulid), "events older than this one", "EVENT_ID"),
	withRuns: toggle("the runs that each started, or why none"),
	related: toggle("with --match: also events that share an id with those found"),
	count: toggle("counts per name instead of a list; --with-runs: how many started runs"),
	max: flag(z._default(count(1, 1_000_000), 10_000), "most runs read for --count --with-runs (default 10000)", "N"),
});
type Params = z.output<typeof params>;

export default intent({
	params,
	events: true,
	check({ related, match, count }) {
		if (related && (match === undefined || count))
			throw refusal("--related goes with --match, and without --count", "Name a text to begin with: --match TEXT.");
	},
	request: eventsRequest,
	async run(p, context) {
		const found = await search(p, context);
		const { events, total, looked, oldest } = found;
		const page = { cursor: found.more ? oldest?.internal_id : undefined };
		const head = headLine(p, found, context);
		const reach = { now: context.now, since: time(p.since), oldest: time(oldest?.received_at) };
		const { line, next, more } = listEnd(p, found);
		const end = [!found.more && p.cursor === undefined && historyLine(context.target, reach), line];
		if (p.count && p.withRuns && total) return countStarts(p, found, end, context);
		if (p.count) {
			const names = [...found.names].map(([name, count]) => ({ name, count }));
			return {
				lines: [
					head,
					textLines(p, found),
					countLines(p, found),
					end,
					total > 0 && "Which started runs: add --with-runs.",
				],
				next: [next],
				data: { total, names, looked, page },
			};
		}
		const hop = p.related ? await follow(p, events, context) : undefined;
		const shown = [...events, ...(hop?.by ?? []).flatMap((one) => one.events)];
		const few = shown.length <= FEW;
		const missing: string[] = [];
		const told = p.withRuns ? await readTold(shown, few, missing, context) : [];
		const telling = { few, named: p.name === undefined, now: context.now };
		const relatedTold = (some: readonly Event[]) => some.flatMap((one) => told[shown.indexOf(one)] ?? []);
		const failed = told.flatMap(({ runs }) => runs ?? []).find((run) => run.status === "FAILED");
		return {
			lines: [
				head,
				textLines(p, found),
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

async function search(p: Params, context: Context): Promise<FoundEvents> {
	const found: FoundEvents = {
		events: [],
		names: new Map(),
		texts: new Map(),
		total: 0,
		looked: 0,
		rows: 0,
		oldest: undefined,
		more: false,
	};
	const { events, names } = found;
	const { match = [] } = p;
	const matchers = match.map(listMatcher);
	const met = (event: Event) => match.filter((_, i) => matchers[i]?.(event));
	const [shown, most] = p.count ? [Infinity, COUNTED] : [p.limit, LOOKED];
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
			const texts = met(event);
			if (match.length && !texts.length) continue;
			for (const text of texts) addTo(found.texts, text);
			found.total++;
			if (p.count) addTo(names, event.name);
			if (!p.count) events.push(event);
			else if (p.withRuns) events.push({ ...event, data: undefined, user: undefined });
		}
		context.progress(`${grouped(found.looked)} events searched`);
	}
	return found;
}

/** One hop by the ids of these events, to any in the window. */
async function follow(p: Params, events: readonly Event[], context: Context): Promise<Hop> {
	const ids = idsIn(events, p.match ?? []);
	const followed = ids.slice(0, FOLLOWED);
	const above = new Set(events.map(({ internal_id }) => internal_id));
	const related = new Map<string, Related>();
	const hop: Hop = { ids: ids.length, followed, by: [], looked: 0, more: false };
	const window = { since: p.since, until: p.until };
	for await (const page of followed.length ? eventPages(context, window) : []) {
		hop.more = hop.looked + page.length > LOOKED;
		const some = page.slice(0, LOOKED - hop.looked);
		hop.looked += some.length;
		for (const event of some) {
			const found = above.has(event.internal_id) ? undefined : linkOf(event, followed);
			if (!found) continue;
			const { link, sure } = found;
			const by = `${sure} ${link.of} ${link.value}`;
			const one = related.get(by) ?? { ...link, sure, events: [], total: 0 };
			related.set(by, one);
			if (++one.total <= FEW) one.events.push(event);
		}
		if (hop.more) break;
		context.progress(`${grouped(hop.looked)} events searched for ids`);
	}
	return { ...hop, by: [...related.values()].sort((a, b) => Number(b.sure) - Number(a.sure) || a.total - b.total) };
}

/** How long after --until runs are looked for, in ms: most events start theirs at once. */
const LATER = HOUR;

/** Who started runs, by a list of all runs since the oldest event: as many requests as that has pages, and few more. */
async function countStarts(p: Params, found: FoundEvents, end: Lines, context: Context): Promise<Answer> {
	const { api, now } = context;
	const { events, total, looked } = found;
	const missing: string[] = [];
	const until = p.until === undefined ? now : Date.parse(p.until) + LATER;
	const cut = until < now;
	const shown = new Shown(events.map(({ internal_id }) => internal_id));
	const request = startedRequest(events, cut ? iso(until) : undefined);
	const list = { max: p.max, noun: "run" };
	const asked = readRuns(context, request, list, (run) => shown.add(run));
	const reading = await asked.catch(noted(missing, "What they started"));
	const listening = await functionsOf(api).catch(noted(missing, "What listens to them"));
	const batches = reading ? await readBatches(api, shown, events) : [];
	const started = reading && { shown, ended: reading.stopped === "", batches };
	const names = startsOf(
		events,
		(event) => startedBy(event, started, listening, now),
		(name) => (listening?.unread.length ? undefined : listening && listeners(listening.functions, name).length > 0),
	);
	const none = names.find((one) => one.none > 0);
	const flags = { ...filterFlags({ since: p.since, until: p.until }), match: p.match, withRuns: true, limit: "3" };
	const why = none && typedName(none.name) && callOf("list-events", [], { name: none.name, ...flags });
	return {
		lines: [
			headLine(p, found, context, names),
			textLines(p, found),
			startLines(p, names),
			reading?.stopped && words(partText(reading, now), "What older events started is unknown."),
			unsureLines(names, { cut, batches: batches.length }),
			missing,
			end,
		],
		next: [why && [why, "why"]],
		data: { total, names, looked },
	};
}

async function readTold(
	events: readonly Event[],
	few: boolean,
	missing: string[],
	context: Context,
): Promise<EventTold[]> {
	const { api, now } = context;
	if (!events.length) return [];
	const listed = listStarted(api, events);
	const listens = functionsOf(api).catch(noted(missing, "What listens to them"));
	const lists = await inParallel(events, 6, async (event) => {
		const started = await listed;
		const isKnown = started && isShown(started, event, await listens);
		return isKnown ? started.shown.of(event.internal_id) : runsOfEvent(api, event.internal_id, few);
	});
	const listening = await listens;
	const facts = events.map((event, i) => factsOf(event, lists[i]?.value, listening, now));
	// Of more, get-event reads it.
	const open = facts.filter((one) => one && whyOf(one).misses.some(mayStart)).slice(0, FEW);
	const around = await inParallel(open, 3, async (one) => one && withAround(context, one));
	const whys = await readWhys(
		api,
		facts.map((one) => around[open.indexOf(one)]?.value ?? one),
	);
	return whys.map((why, i) => ({ runs: lists[i]?.value, why, whole: open.includes(facts[i]) }));
}

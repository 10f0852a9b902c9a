import * as z from "zod/mini";
import { count, flag, intent, line, matchFlag, times, toggle, ulid } from "../lib/cli/params.ts";
import { listeners } from "../lib/decide/cel.ts";
import { Shown } from "../lib/decide/replayplan.ts";
import { readBatches, startedBy, startedRequest } from "../lib/gather/foresee.ts";
import { type FoundEvents, readRuns, relatedTo, searchEvents } from "../lib/gather/lists.ts";
import type { Event } from "../lib/inngest/api.ts";
import { eventsRequest, namesIn } from "../lib/inngest/eventlist.ts";
import { functionsOf } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import {
	countLines,
	EVENTS_SHOWN,
	eventLines,
	headLine,
	listEnd,
	otherNames,
	relatedLines,
	STARTS_READ,
	sameCall,
	startLines,
	startsOf,
	textLines,
	unsureLines,
} from "../lib/tell/eventtext.ts";
import { historyLine, partText } from "../lib/tell/runlist.ts";
import { whyData } from "../lib/tell/waittext.ts";
import { noted, refusal } from "../lib/text/errors.ts";
import { type Suggested, typedName } from "../lib/text/nouns.ts";
import { HOUR, iso, type Line, type Lines, time, words } from "../lib/text/text.ts";
import { FEW, readTold } from "../lib/work/told.ts";

const params = z.object({
	name: flag(z.optional(line), "only events with this name (several: NAME,NAME)", "EVENT_NAME"),
	match: matchFlag("text in the payload or name, data.field=value, or a whole id"),
	...times(),
	limit: flag(z._default(count(1, 500), EVENTS_SHOWN), `1 to 500 (default ${EVENTS_SHOWN})`, "N"),
	cursor: flag(z.optional(ulid), "events older than this one", "EVENT_ID"),
	withRuns: toggle("the runs that each started, or why none"),
	related: toggle("with --match: also events that share an id with those found"),
	count: toggle("counts per name instead of a list; --with-runs: how many started runs"),
	max: flag(
		z._default(count(1, 1_000_000), STARTS_READ),
		`read at most N runs for --count --with-runs (default ${STARTS_READ})`,
		"N",
	),
});
type Params = z.output<typeof params>;

export default intent({
	params,
	events: true,
	check({ related, match, count }) {
		if (related && (match === undefined || count))
			throw refusal("--related needs --match, and excludes --count", "Name a text to begin with: --match TEXT.");
	},
	request(p, context) {
		const [name = p.name, other] = namesIn(p);
		if (other) throw refusal("--curl takes one --name", "Use one call per name.");
		return eventsRequest({ ...p, name }, context);
	},
	async run(p, context) {
		const found = await searchEvents(p, context);
		const { total, looked, byName, oldest } = found;
		const { line, next, more } = listEnd(p, found, context.target.kind);
		const reach = { since: time(p.since), oldest: time(oldest?.received_at) };
		const whole = !found.more && p.cursor === undefined && historyLine(context, reach);
		const end = [...otherNames(p, found), whole, line];
		if (p.count && p.withRuns && total) return countStarts(p, found, { end, more }, context);
		const head = [headLine(p, found, context), ...textLines(p, found)];
		const page = { cursor: found.more ? oldest?.internal_id : undefined };
		if (!p.count) return listed(p, found, { head, end, next, more, page }, context);
		const names = [...found.names].map(([name, count]) => ({ name, count }));
		return {
			lines: [head, countLines(p, found), end, total > 0 && "Which started runs: add --with-runs."],
			next: [next],
			more,
			data: { total, names, looked, byName, page },
		};
	},
});

/** The lines before and after a list, and what to call next. */
interface Frame {
	head: Lines;
	end: readonly Line[];
	next: Suggested;
	more: Suggested;
	page: { cursor: string | undefined };
}

async function listed(
	p: Params,
	{ events, looked, byName }: FoundEvents,
	frame: Frame,
	context: Context,
): Promise<Answer> {
	const { head, end, next, more, page } = frame;
	const hop = p.related ? await relatedTo(p, events, context) : undefined;
	const shown = [...events, ...(hop?.by ?? []).flatMap((one) => one.events)];
	const few = shown.length <= FEW;
	const missing: string[] = [];
	const told = p.withRuns ? await readTold(shown, few, missing, context) : [];
	const telling = { few, named: namesIn(p).length !== 1, now: context.now };
	const relatedTold = (some: readonly Event[]) => some.flatMap((one) => told[shown.indexOf(one)] ?? []);
	const failed = told.flatMap(({ runs }) => runs ?? []).find((run) => run.status === "FAILED");
	return {
		lines: [
			head,
			eventLines(events, told, telling),
			hop &&
				relatedLines(p, hop, events.length, (some) => eventLines(some, relatedTold(some), { ...telling, named: true })),
			!failed && end,
		],
		next: [failed && [`get-run ${failed.id}`, "shows it step by step"], next],
		after: failed && end,
		more,
		data: {
			data: events.map((event, i) => ({ ...event, ...(told[i] && { runs: told[i].runs, ...whyData(told[i].why) }) })),
			...(hop && { related: hop.by, matchesFollowed: hop.from, ids: hop.ids, followed: hop.followed }),
			page,
			looked,
			byName,
		},
		missing,
	};
}

/** How long after --until runs are searched, in ms: most events start theirs at once. */
const LATER = HOUR;

/** Counts what events started, from a list of all runs since the oldest event: as many requests as it has pages, and a few more. */
async function countStarts(
	p: Params,
	found: FoundEvents,
	{ end, more }: { end: Lines; more: Suggested },
	context: Context,
): Promise<Answer> {
	const { api, now } = context;
	const { events, total, looked, byName } = found;
	const missing: string[] = [];
	const until = p.until === undefined ? now : Date.parse(p.until) + LATER;
	const cut = until < now;
	const shown = new Shown(events.map(({ internal_id }) => internal_id));
	const request = startedRequest(events, cut ? iso(until) : undefined);
	const asked = readRuns(context, request, { max: p.max, noun: "run" }, (run) => shown.add(run));
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
	const few = { count: false, max: STARTS_READ, limit: 3 };
	const why = none && typedName(none.name) !== undefined && sameCall({ ...p, ...few, name: none.name });
	return {
		lines: [
			headLine(p, found, context, names),
			textLines(p, found),
			startLines(p, names),
			reading?.stopped && words(partText(reading, now), "What older events started is unknown."),
			unsureLines(names, cut),
			end,
		],
		missing,
		next: [why && [why, "why"]],
		more,
		data: { total, names, looked, byName },
	};
}

import * as z from "zod/mini";
import { count, flag, intent, line, matchFlag, times, toggle, ulid } from "../lib/cli/params.ts";
import { listeners } from "../lib/decide/cel.ts";
import { Shown } from "../lib/decide/replayplan.ts";
import { isShown, listStarted, readBatches, startedBy, startedRequest, timely } from "../lib/gather/foresee.ts";
import { type FoundEvents, readRuns, relatedTo, searchEvents } from "../lib/gather/lists.ts";
import { factsOf } from "../lib/gather/reach.ts";
import { allOf, type Event, hasEnded, inParallel, type Run, runsOfEvent } from "../lib/inngest/api.ts";
import { eventsRequest, namesIn } from "../lib/inngest/eventlist.ts";
import { functionsOf } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import { getTrace, stepsOf } from "../lib/inngest/trace.ts";
import type { Answer, Context } from "../lib/intent.ts";
import {
	countLines,
	EVENTS_SHOWN,
	type EventTold,
	eventLines,
	headLine,
	listEnd,
	omittedLines,
	RUNS,
	relatedLines,
	STARTS_READ,
	sameCall,
	startLines,
	startsOf,
	textLines,
	unsureLines,
} from "../lib/tell/eventtext.ts";
import { doneLines, historyLine, partText } from "../lib/tell/runlist.ts";
import { passedLine } from "../lib/tell/streamtext.ts";
import { whyData } from "../lib/tell/waittext.ts";
import { noted, refusal, unread } from "../lib/text/errors.ts";
import { type Suggested, typedName } from "../lib/text/nouns.ts";
import { HOUR, iso, type Line, type Lines, plural, time, unique, words } from "../lib/text/text.ts";
import { cancelsOf, passedBy, waitsOf, whysOf } from "../lib/work/waits.ts";

/** Up to this many events are shown in detail. */
const FEW = 5;
/** The maximum number of runs of which more than the status is read, as they did not complete; of events whose runs are requested with their outputs. */
const DETAILED = 10;
const params = z.object({
	name: flag(z.optional(line), "only events of this name (several: name,name)", "EVENT_NAME"),
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
	request: eventsRequest,
	async run(p, context) {
		const found = await searchEvents(p, context);
		const { total, looked, byName, oldest } = found;
		const { line, next, more } = listEnd(p, found, context.target.kind);
		const reach = { now: context.now, since: time(p.since), oldest: time(oldest?.received_at) };
		const end = [!found.more && p.cursor === undefined && historyLine(context.target, reach), line];
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
			missing,
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
			unsureLines(names, { cut, batches: batches.length }),
			missing,
			end,
		],
		next: [why && [why, "why"]],
		more,
		data: { total, names, looked, byName },
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
		return isKnown
			? started.shown.of(event.internal_id)
			: runsOfEvent(api, event.internal_id, events.length <= DETAILED);
	});
	const read = await listens;
	const isNone = lists.some(({ value }) => value && !value.length);
	const listening = read && isNone ? await ifLive(read, context) : read;
	const facts = events.map((event, i) => factsOf(event, lists[i]?.value, listening, now));
	const whys = await whysOf(events, facts, few, context);
	const runs = lists.flatMap(({ value = [] }) => value.slice(0, RUNS));
	const details = await detailsOf(runs, events.length === 1 && runs.length === 1, missing, context);
	return whys.map((why, i) => ({ runs: lists[i]?.value, details, ...why }));
}

/**
 * What the first live runs wait for, and what failed ones had done. The only run of an only event is told by its steps, too. Adds outputs, which a list of runs lacks, and says of which runs only the status was read.
 */
async function detailsOf(
	runs: readonly Run[],
	isOnly: boolean,
	missing: string[],
	context: Context,
): Promise<EventTold["details"]> {
	const isWhole = ({ status }: Run) => isOnly && status === "COMPLETED";
	const needing = unique(
		runs.filter((run) => ["FAILED", "CANCELLED"].includes(run.status) || !hasEnded(run) || isWhole(run)),
		({ id }) => id,
	);
	const shown = needing.slice(0, DETAILED);
	// Also of few live ones: what they did.
	const traced = shown.filter((run) => hasEnded(run) || shown.length <= FEW);
	const timed = timely(context);
	const traces = await inParallel(traced, FEW, (run) => getTrace(timed, run.id));
	const traceOf = new Map(traced.map(({ id }, i) => [id, traces[i]?.value]));
	const unreadOnes = traced.filter((run, i) => hasEnded(run) && !traces[i]?.value).length;
	if (unreadOnes) missing.push(`The steps of ${plural(unreadOnes, "run")} could not be read: errors may be missing.`);
	for (const run of runs) run.output ??= traceOf.get(run.id)?.output;
	const [waits, cancels] = await Promise.all([waitsOf(context, shown), cancelsOf(context, shown, traceOf)]);
	const untold = shown.filter((run) => run.status === "CANCELLED" && !cancels.has(run));
	missing.push(...omittedLines([...untold, ...needing.slice(DETAILED)]));
	const told = async (run: Run) => {
		const [waiting, { lines = [] } = {}, trace] = [waits.get(run), cancels.get(run), traceOf.get(run.id)];
		const story = { run, steps: stepsOf(trace), waits: waiting?.waits ?? [] };
		const passed = trace && (await passedBy({ ...context, looks: timed }, story).catch(unread));
		const line = passedLine({ passed, now: context.now });
		const beside = line ? [`  ${line}`, ...lines] : lines;
		return { ...waiting, lines: [...(waiting?.lines ?? []), ...beside, ...doneLines(run, trace)] };
	};
	const all = allOf(await inParallel(shown, FEW, told));
	return new Map(shown.map((run, i) => [run.id, all[i] ?? { lines: [] }]));
}

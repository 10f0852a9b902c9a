/** What events started, and why some started nothing, for lists. */
import { listeners } from "../decide/cel.ts";
import { causeIn } from "../decide/triage.ts";
import { effectsIn, type Facts, type Listening, mayStart, receivedAt, whyOf } from "../decide/why.ts";
import { isShown, listStarted, startedBy, timely, unstarted } from "../gather/foresee.ts";
import { handlersFor, searchEvents } from "../gather/lists.ts";
import { factsOf, readWhy, readWhys, untraced } from "../gather/reach.ts";
import { rootOf } from "../gather/story.ts";
import {
	type Event,
	hasEnded,
	inParallel,
	type Run,
	type RunFilter,
	readEach,
	refOf,
	refOfFn,
	runsOfEvent,
} from "../inngest/api.ts";
import { functionsOf } from "../inngest/functions.ts";
import { ifLive } from "../inngest/place.ts";
import { getTrace } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { handlerLine, rootLine } from "../tell/causetext.ts";
import { EVENTS_SHOWN, type EventTold, eventLines, RUNS } from "../tell/eventtext.ts";
import { doneLines } from "../tell/runlist.ts";
import { unreadText } from "../tell/waittext.ts";
import { noted, unread } from "../text/errors.ts";
import { callText, inTicks, isOf, nameOfRef, whose } from "../text/nouns.ts";
import { clockText, DAY, indented, iso, type Line, named, plural, unique, word, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { cancelsOf, type Traces, waitsOf } from "./waits.ts";

/** Up to this many events are shown in detail; of runs with their steps. */
export const FEW = 5;
/** The maximum number of runs of which more than the status is read, as they did not complete. */
const DETAILED = 10;

/** What each event started, or why it started nothing. `few`: these are shown in detail; `missing` takes what could not be read. */
export async function readTold(
	events: readonly Event[],
	few: boolean,
	missing: string[],
	context: Context,
): Promise<EventTold[]> {
	const { api } = context;
	if (!events.length) return [];
	const isWhole = events.length <= EVENTS_SHOWN;
	const listed = listStarted(api, events, { output: isWhole });
	const listens = functionsOf(api).catch(noted(missing, "What listens to them"));
	const lists = await readEach(events, 6, async (event) => {
		const started = await listed;
		const isKnown = started && isShown(started, event, await listens);
		return isKnown ? started.shown.of(event.internal_id) : runsOfEvent(api, event.internal_id, isWhole);
	});
	const read = await listens;
	const all = [...lists.values()];
	const listening = read && all.some(({ length }) => !length) ? await ifLive(read, context) : read;
	const told = await whysOf(events, lists, listening, few, context);
	const runs = all.flatMap((some) => some.slice(0, RUNS));
	const completed = runs.filter(({ status }) => !isWhole && status === "COMPLETED");
	const without = unique(completed, ({ id }) => id);
	missing.push(...omittedLines(without, "outputs"));
	const details = await detailsOf(runs, events.length === 1 && runs.length === 1, missing, context);
	return told.map((one) => ({ ...one, details }));
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
	const isTold = (run: Run) =>
		["FAILED", "CANCELLED"].includes(run.status) || !hasEnded(run) || (isOnly && run.status === "COMPLETED");
	const needing = unique(runs.filter(isTold), ({ id }) => id);
	const shown = needing.slice(0, DETAILED);
	const timed = timely(context);
	const ids = shown.map(({ id }) => id);
	const traces = await readEach(ids, FEW, (id) => getTrace(timed, id));
	const unreadOnes = ids.length - traces.size;
	if (unreadOnes) missing.push(`The steps of ${plural(unreadOnes, "run")} could not be read: errors may be missing.`);
	for (const run of runs) run.output ??= traces.get(run.id)?.output;
	const [waits, cancels, related] = await Promise.all([
		waitsOf({ ...context, traces }, shown),
		cancelsOf(context, shown, traces),
		relatedTo(timed, shown, traces, missing),
	]);
	const untold = shown.filter((run) => run.status === "CANCELLED" && !cancels.has(run));
	missing.push(...omittedLines([...untold, ...needing.slice(DETAILED)]));
	const linesOf = (run: Run) => [
		...[waits, cancels].flatMap((told) => told.get(run)?.lines ?? []),
		...doneLines(run, traces.get(run.id)),
		...(related.get(run) ?? []),
	];
	return new Map(shown.map((run) => [run.id, { ...waits.get(run), lines: linesOf(run) }]));
}

/** Where the failures of these runs began, if in other runs, and their handlers' runs. */
async function relatedTo(api: Api, runs: readonly Run[], traces: Traces, missing: string[]) {
	const failed = runs.filter(({ status }) => status === "FAILED");
	const causeOf = (run: Run) => causeIn(run, traces.get(run.id));
	const [handled, roots] = await Promise.all([
		handlersFor(api, failed).catch(unread),
		readEach(failed, 3, (run) => rootOf(api, run, causeOf(run))),
	]);
	const unreadOf = handled && unreadText(handled);
	if (unreadOf) missing.push(`Not read: ${unreadOf}`);
	const linesOf = (run: Run) => {
		const [cause, root, handler] = [causeOf(run), roots.get(run), handled?.handlers.get(run)];
		return indented([root && rootLine(root, cause && [cause.failure]), handler && handlerLine(handler)]);
	};
	return new Map(failed.map((run) => [run, linesOf(run)]));
}

/** What events started, and why not what they should have; for the first few, `whole`: with what surrounds them. For more, get-event reads it. */
async function whysOf(
	events: readonly Event[],
	lists: ReadonlyMap<Event, Run[]>,
	listening: Listening | undefined,
	few: boolean,
	context: Context,
): Promise<Omit<EventTold, "details">[]> {
	const facts = events.map((event) => factsOf(event, lists.get(event), listening, context.now));
	const isFirst = ({ event }: Facts, i: number) => events.findIndex(({ name }) => name === event.name) === i;
	const open = facts.filter((one, i) => one && isOpen(one, few && isFirst(one, i))).slice(0, FEW);
	const traced = untraced(events.length);
	const whole = await readEach(open, 3, async (one) => one && readWhy(context, one, traced));
	const others = facts.map((one) => (whole.has(one) ? undefined : one));
	const whys = await readWhys(context.api, others, traced);
	return events.map((event, i) => {
		const why = whole.get(facts[i]);
		return { runs: lists.get(event), why: why ?? whys[i], whole: why !== undefined };
	});
}

/** How many events are searched for those that started nothing. */
const SEARCHED = 500;
/** Of how many that the list of runs does not settle, the runs are requested one by one. */
const ASKED = 50;

/** The events since `since` (ms) that functions `of` a filter listen to and that started no run of theirs, and why the newest did; how many were searched, were `heard`, and of how many of those it is unknown. */
export interface Idle {
	events: Event[];
	told: EventTold[];
	of: RunFilter;
	looked: number;
	heard: number;
	unknown: number;
	/** Apps of the filter whose functions could not be read. */
	unheard: string[];
	since: number;
}

/** What each of these events started of a filter's functions, which listen to it. */
async function startsOf(
	api: Api,
	events: readonly Event[],
	filter: RunFilter,
	listening: Listening,
	now: number,
): Promise<ReturnType<typeof startedBy>[]> {
	const started = await listStarted(api, events, { few: 0, of: { app: filter.app, function: filter.function } });
	const isOwn = (run: Run) => listening.functions.some((fn) => isOf(refOf(run), refOfFn(fn)));
	let asked = 0;
	const read = await inParallel(events, 6, async (event) => {
		const kind = startedBy(event, started, listening, now);
		if (kind !== "unknown" || !started || asked++ >= ASKED) return kind;
		const runs = await runsOfEvent(api, event.internal_id);
		return runs.some(isOwn) ? "started" : unstarted(event, listening, now);
	});
	return read.map(({ value = "unknown" }) => value);
}

/** What functions of a filter never began, since its `since` or in the last 24 hours. */
export async function idleEvents(filter: RunFilter, context: Context): Promise<Idle> {
	const { now } = context;
	const timed = { ...context, api: timely(context) };
	const { api } = timed;
	const from = filter.since ?? iso(now - DAY);
	const search = { since: from, until: filter.until, limit: SEARCHED, count: false, withRuns: false };
	const [listening, { events: all, looked, more, oldest }] = await Promise.all([
		functionsOf(api).then((read) => ifLive(read, context)),
		searchEvents(search, timed),
	]);
	const isIn = (app: string) => app === (filter.app ?? filter.function?.app ?? app);
	const own = listening.functions.filter(
		(fn) => isIn(fn.app.id) && (!filter.function || isOf(filter.function, refOfFn(fn))),
	);
	const heard = all.filter(({ name }) => listeners(own, name).length);
	const kinds = await startsOf(api, heard, filter, { ...listening, functions: own }, now);
	const events = heard.filter((_, i) => kinds[i] === "none");
	const shown = events.slice(0, FEW);
	// Other functions may have run.
	const ran = await readEach(shown, FEW, async (event) => (whose(filter) ? runsOfEvent(api, event.internal_id) : []));
	const whys = await whysOf(shown, ran, listening, true, timed);
	const told = whys.map((one) => ({ ...one, details: new Map() }));
	const since = more && oldest ? receivedAt(oldest) : Date.parse(from);
	const unknown = kinds.filter((kind) => kind === "unknown" || kind === "young").length;
	return {
		events,
		told,
		of: filter,
		looked,
		heard: heard.length,
		unknown,
		unheard: listening.unread.filter(isIn),
		since,
	};
}

function idleText({ events, of, heard, unknown, unheard }: Idle): string {
	const whom = of.function ? `${word(nameOfRef(of.function))} listens to` : `functions${whose(of)} listen to`;
	if (events.length) return `${plural(events.length, "event")} that ${whom} started no run${whose(of)}`;
	if (unknown + unheard.length) return `No event that ${whom} is known to have started no run${whose(of)}`;
	return heard ? `Every event that ${whom} started a run${whose(of)}` : `No event that ${whom}`;
}

/** Events that started nothing: what was not even begun. */
export function idleLines(idle: Idle, now: number): Line[] {
	const { events, told, of, looked, unknown, unheard, since } = idle;
	const among = `among ${plural(looked, "event")} since ${clockText(since, now)}`;
	const open = unknown > 0 && `(of ${unknown} it is unknown)`;
	const counts = words("list-events --count --with-runs --since", iso(since), of.until && `--until ${of.until}`);
	return [
		words(`${idleText(idle)},`, among, open),
		...eventLines(events.slice(0, told.length), told, { few: true, named: true, now }),
		events.length > told.length && `… and ${events.length - told.length} more: ${inTicks(counts)}`,
		// Others say so each.
		!events.length && unheard.length > 0 && `The functions of ${named(unheard.map(word), 5)} could not be read.`,
	];
}

/** Whether what surrounds an event may show why it did not start, resume or cancel what it should have. */
function isOpen(facts: Facts, isShown: boolean): boolean {
	const why = whyOf(facts);
	return why.misses.some(mayStart) || (isShown && effectsIn(why) !== undefined);
}

/** How many runs are suggested to be read in one call. */
const CALLED = 8;

/** Runs of which not all was read. */
export function omittedLines(runs: readonly Run[], what = "details"): string[] {
	const ids = runs.slice(0, CALLED).map(({ id }) => id);
	const call = callText(`get-run ${ids.join(" ")}`);
	const first = runs.length > CALLED ? ` (the first ${CALLED})` : "";
	return ids.length ? [`Omitted: ${what} of ${plural(runs.length, "more run")}: ${call}${first}`] : [];
}

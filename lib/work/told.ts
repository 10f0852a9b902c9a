/** What events started, and why some started nothing, for lists. */
import { listeners } from "../decide/cel.ts";
import { Shown } from "../decide/replayplan.ts";
import { causeIn } from "../decide/triage.ts";
import { effectsIn, type Facts, mayStart, receivedAt, whyOf } from "../decide/why.ts";
import { isShown, listStarted, startedBy, timely } from "../gather/foresee.ts";
import { handlersFor, searchEvents } from "../gather/lists.ts";
import { factsOf, readWhy, readWhys, untraced } from "../gather/reach.ts";
import { rootOf } from "../gather/story.ts";
import {
	allOf,
	type Event,
	hasEnded,
	inParallel,
	type Run,
	type RunFilter,
	refOf,
	refOfFn,
	runsOfEvent,
} from "../inngest/api.ts";
import { functionsOf } from "../inngest/functions.ts";
import { ifLive } from "../inngest/place.ts";
import { getTrace, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { handlerLine, rootLine } from "../tell/causetext.ts";
import { EVENTS_SHOWN, type EventTold, eventLines, RUNS } from "../tell/eventtext.ts";
import { doneLines } from "../tell/runlist.ts";
import { unreadText } from "../tell/waittext.ts";
import { passedLine } from "../tell/watchtext.ts";
import { noted, unread } from "../text/errors.ts";
import { callText, inTicks, isOf, nameOfRef, whose } from "../text/nouns.ts";
import { clockText, DAY, indented, iso, type Line, named, plural, unique, word, words } from "../text/text.ts";
import { cancelsOf, passedBy, waitsOf } from "./waits.ts";

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
	const { api, now } = context;
	if (!events.length) return [];
	const isWhole = events.length <= EVENTS_SHOWN;
	const listed = listStarted(api, events, { output: isWhole });
	const listens = functionsOf(api).catch(noted(missing, "What listens to them"));
	const lists = await inParallel(events, 6, async (event) => {
		const started = await listed;
		const isKnown = started && isShown(started, event, await listens);
		return isKnown ? started.shown.of(event.internal_id) : runsOfEvent(api, event.internal_id, isWhole);
	});
	const read = await listens;
	const isNone = lists.some(({ value }) => value && !value.length);
	const listening = read && isNone ? await ifLive(read, context) : read;
	const facts = events.map((event, i) => factsOf(event, lists[i]?.value, listening, now));
	const whys = await whysOf(events, facts, few, context);
	const runs = lists.flatMap(({ value = [] }) => value.slice(0, RUNS));
	const completed = runs.filter(({ status }) => !isWhole && status === "COMPLETED");
	const without = unique(completed, ({ id }) => id);
	missing.push(...omittedLines(without, "outputs"));
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
	const isOwn = ({ status }: Run) => isOnly && status === "COMPLETED";
	const needing = unique(
		runs.filter((run) => ["FAILED", "CANCELLED"].includes(run.status) || !hasEnded(run) || isOwn(run)),
		({ id }) => id,
	);
	const shown = needing.slice(0, DETAILED);
	const timed = timely(context);
	const traces = await inParallel(shown, FEW, (run) => getTrace(timed, run.id));
	const traceOf = new Map(shown.map(({ id }, i) => [id, traces[i]?.value]));
	const unreadOnes = traces.filter(({ value }) => !value).length;
	if (unreadOnes) missing.push(`The steps of ${plural(unreadOnes, "run")} could not be read: errors may be missing.`);
	for (const run of runs) run.output ??= traceOf.get(run.id)?.output;
	const failed = shown.filter(({ status }) => status === "FAILED");
	const causeOf = (run: Run) => causeIn(run, traceOf.get(run.id));
	const [waits, cancels, handled, roots] = await Promise.all([
		waitsOf(context, shown),
		cancelsOf(context, shown, traceOf),
		handlersFor(timed, failed).catch(unread),
		inParallel(failed, 3, (run) => rootOf(timed, run, causeOf(run))),
	]);
	const unreadOf = handled && unreadText(handled);
	if (unreadOf) missing.push(`Not read: ${unreadOf}`);
	const untold = shown.filter((run) => run.status === "CANCELLED" && !cancels.has(run));
	missing.push(...omittedLines([...untold, ...needing.slice(DETAILED)]));
	const told = async (run: Run) => {
		const [waiting, { lines = [] } = {}, trace] = [waits.get(run), cancels.get(run), traceOf.get(run.id)];
		const story = { run, steps: stepsOf(trace), waits: waiting?.waits ?? [] };
		const isRead = trace && shown.length <= FEW;
		const passed = isRead ? await passedBy({ ...context, looks: timed }, story).catch(unread) : undefined;
		const beside = indented([passedLine({ passed, now: context.now })]);
		const root = roots[failed.indexOf(run)]?.value;
		const handler = handled?.handlers.get(run);
		const cause = causeOf(run);
		const related = indented([root && rootLine(root, cause && [cause.failure]), handler && handlerLine(handler)]);
		const all = [...(waiting?.lines ?? []), ...beside, ...lines, ...doneLines(run, trace), ...related];
		return { ...waiting, lines: all };
	};
	const all = allOf(await inParallel(shown, FEW, told));
	return new Map(shown.map((run, i) => [run.id, all[i] ?? { lines: [] }]));
}

/** Why events did not start what they should have; for the first few, `whole`: with what surrounds them. For more, get-event reads it. */
async function whysOf(
	events: readonly Event[],
	facts: readonly (Facts | undefined)[],
	few: boolean,
	context: Context,
): Promise<Pick<EventTold, "why" | "whole">[]> {
	const isFirst = ({ event }: Facts, i: number) => events.findIndex(({ name }) => name === event.name) === i;
	const open = facts.filter((one, i) => one && isOpen(one, few && isFirst(one, i))).slice(0, FEW);
	const traced = untraced(events.length);
	const read = await inParallel(open, 3, async (one) => one && readWhy(context, one, traced));
	const whole = new Map(open.map((one, i) => [one, read[i]?.value]));
	const others = facts.map((one) => (whole.get(one) ? undefined : one));
	const whys = await readWhys(context.api, others, traced);
	return facts.map((one, i) => ({ why: whole.get(one) ?? whys[i], whole: whole.get(one) !== undefined }));
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
	const started = await listStarted(api, heard, { few: 0, of: { app: filter.app, function: filter.function } });
	const kinds = heard.map((event) => startedBy(event, started, listening, now));
	const open = heard.filter((_, i) => kinds[i] === "unknown");
	const asked = await inParallel(open.slice(0, started ? ASKED : 0), 6, (event) => runsOfEvent(api, event.internal_id));
	const none = { shown: new Shown([]), ended: true, batches: [] };
	const isOwn = (run: Run) => own.some((fn) => isOf(refOf(run), refOfFn(fn)));
	for (const [i, event] of open.entries()) {
		const runs = asked[i]?.value;
		if (runs) kinds[heard.indexOf(event)] = runs.some(isOwn) ? "started" : startedBy(event, none, listening, now);
	}
	const events = heard.filter((_, i) => kinds[i] === "none");
	const shown = events.slice(0, FEW);
	// Other functions may have run.
	const ran = await inParallel(shown, FEW, async (event) => {
		if (!whose(filter)) return [];
		return asked[open.indexOf(event)]?.value ?? runsOfEvent(api, event.internal_id);
	});
	const facts = shown.map((event, i) => factsOf(event, ran[i]?.value, listening, now));
	const whys = await whysOf(shown, facts, true, timed);
	const told = whys.map((one, i) => ({ runs: ran[i]?.value, details: new Map(), ...one }));
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

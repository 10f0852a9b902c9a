/** Waits until runs have ended, polling v2, as v1's responses are cached for seconds. */
import { isHeld, type Wait, waitsIn } from "../decide/cause.ts";
import { mayBeReplay } from "../decide/compare.ts";
import { timely } from "../gather/foresee.ts";
import { handlersFor } from "../gather/lists.ts";
import { type Awaited, lookAround } from "../gather/reach.ts";
import { childOf, childrenOf, getStory, getWholeStory, handlerOf, type ReadStory } from "../gather/story.ts";
import { allOf, endOf, getRun, hasEnded, inParallel, type Run, readEach, runsOfEvent } from "../inngest/api.ts";
import { getEvent } from "../inngest/eventlist.ts";
import { fnOf, handlersOf } from "../inngest/functions.ts";
import { failureIn } from "../inngest/trace.ts";
import type { Answer, Context } from "../intent.ts";
import { lateAt } from "../tell/replaytext.ts";
import {
	brokenAnswer,
	elsewhereAnswer,
	endAnswer,
	runData,
	type Seen,
	startsNothing,
	type Told,
	whyData,
} from "../tell/waittext.ts";
import { isNotFound, SkillError, unread } from "../text/errors.ts";
import type { Api } from "../wire/client.ts";
import { isPassing } from "../wire/retry.ts";
import { withCancelled } from "./bulk.ts";
import { behindOf, isLimited } from "./waits.ts";

const waitCall = ({ ids, event }: Awaited): string =>
	event ? `wait-for-run --event ${event}` : `wait-for-run ${ids.join(" ")}`;

/** What was done before the wait, which must be reported however the wait ends: its lines, and data for `--json`. */
export interface Done extends Pick<Answer, "lines" | "next"> {
	data: Record<string, unknown>;
}

const FEW = 3;
const MANY = 50;
/** How long to wait for functions that listen to an event, in ms. */
const LATE = 1_500;
/** When to ask why an event started nothing, in ms: runs that it resumes show after 0.3 s (measured). */
const QUIET = 1_000;
const KNOWN_WITHIN = 5_000;
/** When to ask first whether all runs are parked, in ms, and then after twice that time, and so on. */
const PARKED = 2_000;
/** A run whose slot has been held for so long is not awaited, in ms. */
const HOLDS = 30_000;

/** Exits with 0 if all completed, or if what was sent provably starts nothing. */
export async function waitFor(awaited: Awaited, context: Context, done?: Done): Promise<Answer> {
	try {
		const seen = await watch(awaited, context, done !== undefined);
		const { runs, waited, why, unresumed } = seen;
		if (done && (await isElsewhere(awaited, seen, context)))
			return { ...elsewhereAnswer(done.lines), data: { ...done.data, runs, waitedMs: waited }, exit: 1 };
		const told = await readEnds({ ...context, now: context.clock.now() }, runs, context.timeout - waited);
		const completed = runs.length > 0 && runs.every(({ status }) => status === "COMPLETED");
		const end = { ...context, ...seen, ...told, id: awaited.event, now: context.clock.now() };
		const dataOf = new Map(told.told.map((one) => [one.run, runData(one)]));
		return {
			...endAnswer(end, done?.lines),
			data: {
				...done?.data,
				runs: runs.map((run) => dataOf.get(run)),
				waitedMs: waited,
				...(unresumed && { unresumed }),
				...whyData(why),
			},
			exit: completed || (done && startsNothing(seen)) ? 0 : 1,
		};
	} catch (error) {
		if (!done || !(error instanceof SkillError)) throw error;
		return {
			...brokenAnswer(done.lines, error, waitCall(awaited)),
			data: { ...done.data, error: error.message },
			exit: 1,
		};
	}
}

/**
 * Whether the event is not where runs are read: the event key may be for another environment than the signing key, and then it says nothing
 * that no run started there. Runs that did start are the event's.
 */
async function isElsewhere({ event, sent }: Awaited, { runs }: Seen, context: Context): Promise<boolean> {
	const oneKey = context.doubt === undefined || context.has("INNGEST_API_KEY");
	if (oneKey || !sent || !event || runs.length) return false;
	return getEvent(context, event).then(
		() => false,
		(error) => {
			if (!isNotFound(error)) throw error;
			return true;
		},
	);
}

/** Polls until all runs have ended, nothing more will come, or time is up. `isNew`: they were just started. */
async function watch(awaited: Awaited, context: Context, isNew: boolean): Promise<Seen> {
	const { api, clock, signal, timeout } = context;
	const began = clock.now();
	const look = lookAround(awaited, context);
	let { ids, event: starter } = awaited;
	let looked = false;
	let runs: Run[] = [];
	let trouble: unknown;
	let isParked = false;
	const areParked = parking(awaited, look, context);
	try {
		for (let pause = 250; ; pause = Math.min(pause * 1.5, 5000)) {
			try {
				runs = await poll(api, { ids, event: starter }, runs);
				trouble = undefined;
			} catch (error) {
				if (signal.aborted && runs.length) break;
				if (!isPassing(error, isNew && clock.now() < began + KNOWN_WITHIN)) throw error;
				trouble = error;
			}
			const since = clock.now() - began;
			const over = runs.length && runs.every(hasEnded) && (since > LATE || !awaited.sent || look.isComplete(runs));
			if (awaited.event && !looked && !trouble && (over || since > QUIET)) {
				ids = await look.resumed(runs.length > 0);
				looked = runs.length + ids.length > 0;
				// Nothing listens to the event: no more runs are its own.
				if (ids.length && !runs.length && !look.around.why?.unread.length) starter = undefined;
				if (ids.length) continue;
				if (!runs.length && look.isOver()) break;
			}
			if (over) break;
			const left = began + timeout - clock.now();
			if (left <= 0 || signal.aborted) break;
			isParked = await areParked(runs, since, left);
			if (isParked) break;
			context.progress(`waiting: ${runs.filter(hasEnded).length} of ${runs.length} ended`);
			await clock.sleep(Math.min(pause, left), signal);
		}
	} finally {
		await look.end(runs);
	}
	if (trouble !== undefined && !runs.length) throw trouble;
	return { runs, trouble, isParked, waited: clock.now() - began, ...look.around };
}

/** Tells whether all runs are parked; asks ever less often. */
function parking({ sent }: Awaited, look: ReturnType<typeof lookAround>, context: Context) {
	let asking = PARKED;
	let parked: string | true | undefined;
	return async (runs: readonly Run[], since: number, left: number): Promise<boolean> => {
		if (since < asking || (sent && look.mayGrow(runs, left))) return false;
		const before = parked;
		parked = await parkedOf(context, runs, left);
		asking = 2 * since;
		return parked === true || Boolean(parked && parked === before);
	};
}

/**
 * How a few live runs are parked: true if asleep until known times after `left` (ms); or what they wait for, some of them for events,
 * signals or slots that are held for long. Such a run may be resumed soon by another, so two looks must find the same.
 */
async function parkedOf(context: Context, runs: readonly Run[], left: number): Promise<string | true | undefined> {
	const live = runs.filter((run) => !hasEnded(run));
	if (!live.length || live.length > FEW) return;
	const reader = { ...context, now: context.clock.now() };
	const stories = await inParallel(live, FEW, ({ id }) => getLive(reader, id, !context.patient));
	if (stories.every(({ value }) => value && lateAt(value, left) !== undefined)) return true;
	const waits = stories.map(({ value }) => value && parkedIn(value, left));
	return !context.patient && waits.every(Boolean) ? JSON.stringify(waits) : undefined;
}

/** Its waits, if nothing that is under way ends one of them, nor time before `left` (ms). */
function parkedIn({ waits, child, holders = [], unsought, now }: ReadStory, left: number): Wait[] | undefined {
	const isLong = holders.length > 0 && !unsought && holders.every(({ since }) => now - since > HOLDS);
	const isParked = ({ kind, at = Infinity }: Wait, isInvoked: boolean): boolean => {
		if (kind === "capacity") return isLong && !isInvoked;
		if (kind === "invoke") return !isInvoked && its.length > 0 && its.every((one) => isParked(one, true));
		return kind !== "executing" && kind !== "step" && at - now > left;
	};
	// The first of several says nothing about the others.
	const its = child && waits.length === 1 ? waitsIn(child, now) : [];
	return waits.length && waits.every((one) => isParked(one, false)) ? [...waits, ...its] : undefined;
}

/** A live run's story with what it waits for: the run that it invoked and, if `held`, the runs that hold slots. */
async function getLive(context: Context, id: string, held = true): Promise<ReadStory> {
	const story = await getStory(context, id);
	const { run, waits } = story;
	if (hasEnded(run)) return story;
	const api = timely(context);
	const [fn, invoked] = await Promise.all([
		isLimited(waits) ? fnOf(api, run).catch(unread) : undefined,
		childOf(api, waits).catch(unread),
	]);
	const known = fn === "gone" ? { function: undefined, gone: true } : { function: fn };
	const whole = { ...story, ...invoked, ...(isLimited(waits) && known) };
	return { ...whole, ...(held && (await readBehind(api, whole).catch(unread))) };
}

/** What it waits behind for capacity, if it has waited for a while. */
export async function readBehind(api: Api, { run, waits, now, function: fn }: ReadStory) {
	if (!fn || !waits.some((one) => isHeld(one, now))) return;
	return (await behindOf(api, [run], fn))[0]?.[1];
}

async function poll(api: Api, { ids, event }: Awaited, known: readonly Run[]): Promise<Run[]> {
	const ended = (id: string) => known.find((run) => run.id === id && hasEnded(run));
	const own = event ? await runsOfEvent(api, event) : [];
	return [...own, ...allOf(await inParallel(ids, 6, async (id) => ended(id) ?? getRun(api, id, false)))];
}

/** Shows up to FEW runs as get-run does, but live ones only with what they wait for and behind, completed ones with what they invoked. `left`: ms. */
async function readEnds(reader: Context, runs: readonly Run[], left: number): Promise<Told> {
	const order = (run: Run) => Number(hasEnded(run)) + Number(run.status === "COMPLETED");
	const sorted = runs.toSorted((a, b) => order(a) - order(b));
	if (sorted.length <= FEW) {
		const stories = await inParallel(sorted, FEW, async (run) => {
			if (!hasEnded(run)) return getLive(reader, run.id);
			if (run.status !== "COMPLETED" || mayBeReplay(run))
				return withHandler(reader, await getWholeStory(reader, run.id), reader.now + left);
			const story = await getStory(reader, run.id);
			const children = await childrenOf(reader.api, run, story.steps, story.steps, story.missing).catch(unread);
			return children?.invoked.length ? { ...story, children } : story;
		});
		const told = sorted.map((run, i) => ({ run, story: stories[i]?.value, error: stories[i]?.error }));
		return { told, errors: [], unreadErrors: 0, unreadHandlers: { runs: 0, functions: 0 } };
	}
	const failed = sorted.filter((run) => run.status === "FAILED");
	const outputs = await readEach(
		failed.slice(0, MANY),
		6,
		async (run) => (await getRun(reader.api, run.id)).output ?? null,
	);
	const { handlers, unreadHandlers } = await handlersFor(reader.looks, failed);
	return {
		told: sorted.map((run) => ({ run, output: outputs.get(run), handler: handlers.get(run) })),
		unreadHandlers,
		errors: [...outputs.values()].flatMap((output) => failureIn(output) ?? []),
		unreadErrors: failed.length - outputs.size,
	};
}

/** How long after a failure to wait for the onFailure handler, in ms: it begins some 100 ms later (measured). */
const HANDLED = 10_000;

/** Adds the onFailure handler once it has ended. */
async function withHandler(
	{ looks: api, clock, signal }: Context,
	story: ReadStory,
	until: number,
): Promise<ReadStory> {
	const { run } = story;
	let { handler } = story;
	const last = Math.min(endOf(run) + HANDLED, until);
	const isOpen = () => !(handler && hasEnded(handler)) && clock.now() < last && !signal.aborted;
	if (run.status !== "FAILED" || !isOpen()) return story;
	if (!handler && !(await handlersOf(api, [run])).found.length) return story;
	for (let pause = 250; isOpen(); pause *= 1.5) {
		await clock.sleep(Math.min(pause, last - clock.now()), signal);
		const asked = handler ? getRun(api, handler.id) : handlerOf(api, run);
		handler = (await asked.catch(unread)) ?? handler;
	}
	// With its steps.
	const whole = handler && !handler.steps && (await handlerOf(api, run).catch(unread));
	if (whole && hasEnded(whole)) handler = whole;
	if (!handler) story.missing.push("Its onFailure handler has not started yet.");
	return { ...story, handler };
}

export async function started(wait: boolean, awaited: Awaited, context: Context, done: Done): Promise<Answer> {
	if (!wait) return { next: [waitCall(awaited)], ...done };
	const answer = await waitFor(awaited, context, done);
	return awaited.cancels?.length ? withCancelled(answer, awaited.cancels, context) : answer;
}

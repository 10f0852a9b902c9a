import * as z from "zod/mini";
import { count, flag, functionFlag, idsOf, intent } from "../lib/cli/params.ts";
import { startsIn } from "../lib/decide/schedules.ts";
import { effectsIn, isNew, isSettled, isWaiting, type Why } from "../lib/decide/why.ts";
import { factsOf, readWhy, untraced } from "../lib/gather/reach.ts";
import { type Event, hasEnded, MOST_RUNS, type Run, refOf, refOfFn, runLine, runsOfEvent } from "../lib/inngest/api.ts";
import { eventRequest, getEvent, payloadOf } from "../lib/inngest/eventlist.ts";
import { checkExists, functionsOf, ownApp, resolveFunction } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { dataFor, isAhead } from "../lib/sending/events.ts";
import { outcomeText } from "../lib/tell/causetext.ts";
import { LISTENERS, whyData } from "../lib/tell/waittext.ts";
import { whyLines } from "../lib/tell/whytext.ts";
import { isNotFound, noted } from "../lib/text/errors.ts";
import {
	callOf,
	cancelledCall,
	type FunctionRef,
	isOf,
	LONGEST_WAIT,
	type Suggested,
	timeOfId,
	whose,
} from "../lib/text/nouns.ts";
import {
	ago,
	DAY,
	excerpt,
	type Line,
	lines,
	plural,
	some,
	stamp,
	time,
	whole,
	word,
	words,
} from "../lib/text/text.ts";
import { severally } from "../lib/work/bulk.ts";
import { waitsOf } from "../lib/work/waits.ts";

const params = z.object({
	id: idsOf("the event's internal id, as printed; or up to 20", "EVENT_ID"),
	function: functionFlag(),
	limit: flag(z._default(count(1, MOST_RUNS), 20), `runs shown, 1 to ${MOST_RUNS} (default 20)`, "N"),
});
/** Of up to this many events, runs that they resumed beside those that they started are searched. */
const SEVERAL = 5;
/** Up to this many runs are told with their outcome, or with what they wait for. */
const DETAILED = 5;

export default intent({
	params,
	events: true,
	request: ({ id: [id = ""] }) => eventRequest(id),
	run(p, context) {
		const { label } = context.target;
		const head = (_: unknown, all: number) => `${plural(all, "event")} (${label})`;
		const traced = untraced();
		return severally(p.id, { noun: "event", nameOf: String, head }, (id) => tellEvent(id, p, traced, context));
	},
});

type Params = z.output<typeof params>;

/** The event, its runs (of one function, if asked), and what it did besides or why nothing. */
async function gather(id: string, p: Params, traced: ReturnType<typeof untraced>, context: Context) {
	const { api, now } = context;
	const missing: string[] = [];
	const event = await getEvent(context, id).catch(notHere(id, now));
	const only = p.function && (await resolveFunction(api, p.function));
	const [all, listening] = await Promise.all([
		runsOfEvent(api, id, true).catch(noted(missing, "Its runs")),
		functionsOf(api, only?.app).catch(noted(missing, "What listens to it")),
	]);
	const runs = only ? all?.filter((run) => isOf(only, refOf(run))) : all;
	if (only && !runs?.length) await checkExists(api, { function: only });
	const heard =
		listening && !all?.length ? await ifLive(listening, context, await ownApp(context, only?.app)) : listening;
	const facts = factsOf(event, all, heard, now);
	const named = p.id.length <= SEVERAL;
	const why = facts && (await readWhy(context, { ...facts, only }, { ...traced, named }));
	return { event, only, runs, isAll: (all?.length ?? 0) < MOST_RUNS, why, missing };
}

async function tellEvent(
	id: string,
	p: Params,
	traced: ReturnType<typeof untraced>,
	context: Context,
): Promise<Answer> {
	const { target, now } = context;
	const { event, only, runs, isAll, why, missing } = await gather(id, p, traced, context);
	const { ts } = event;
	const starts = ts && isAhead(ts, now) ? `starts ${ago(ts, now, 1000)}` : "";
	const live = (runs ?? []).filter((run) => !hasEnded(run) && !(starts && run.status === "QUEUED"));
	const waits = await waitsOf(context, live.slice(0, DETAILED));
	const young = isNew(event, now);
	const isSoon = startsIn(why, event, now) <= LONGEST_WAIT;
	const telling = { limit: p.limit, now, only, isAll, over: !young || isSettled(why), waits, starts };
	return {
		lines: [headLines(event, now, target.label), runs && runLines(runs, telling), whyLines(why, event, now), missing],
		next: [...nextCalls(event, runs ?? [], why, { young, isSoon }), resendCall(event, why)],
		data: { ...event, runs, ...whyData(why), ...(missing.length && { missing }) },
	};
}

function headLines(event: Event, now: number, label: string): Line[] {
	const { ts } = event;
	const at = time(event.received_at);
	const came = at ? `, ${ago(at, now)} (${stamp(at)})` : "";
	const scheduled = ts && isAhead(ts, now) ? `, scheduled for ${stamp(ts)} (${ago(ts, now, 1000)})` : "";
	const dated = ts && at && at - ts >= 60_000 ? `, dated ${stamp(ts)}` : "";
	return [
		`Event ${word(event.name)}${came}${scheduled}${dated} (${label})`,
		event.id && event.id !== event.internal_id && `Sender's id: ${word(event.id)}`,
		`Data: ${whole(excerpt(payloadOf(event), 600))}`,
		event.user != null && `User: ${whole(excerpt(event.user, 200))}`,
	];
}

/** For a missing event: its id shows when it came. */
const notHere =
	(id: string, now: number) =>
	(error: unknown): never => {
		const age = now - timeOfId(id);
		if (!isNotFound(error) || age < DAY) throw error;
		const made = `Its id says that it came ${ago(now - age, now)}; possible: it is no longer kept.`;
		throw error.told(error.message, words(made, error.next));
	};

/** `isAll`: all its runs were read. `over`: an event without runs by now has started none. */
interface Telling {
	limit: number;
	now: number;
	isAll: boolean;
	over: boolean;
	only: FunctionRef | undefined;
	waits: Awaited<ReturnType<typeof waitsOf>>;
	/** When the event's queued runs start, if it is dated ahead. */
	starts: string;
}

function runLines(runs: readonly Run[], telling: Telling): Line[] {
	const { limit, now, isAll, over, only, waits, starts } = telling;
	const told = (run: Run) => [run.status === "QUEUED" && starts, runs.length <= DETAILED && outcomeText(run, 160)];
	const of = whose({ function: only });
	const others = !isAll && "Other runs, and which functions did not start, were not read.";
	const none = isAll ? `Started no run${of}${over ? "" : " yet"}.` : `Its newest ${MOST_RUNS} runs include none${of}.`;
	if (!runs.length) return [none, others];
	return [
		`Started ${isAll ? "" : "at least "}${plural(runs.length, "run")}${of}:`,
		...some(
			runs,
			limit,
			(run) => lines(words(runLine(run, now), ...told(run)), waits.get(run)?.lines),
			(more) => `… and ${more} more: --limit ${Math.min(runs.length, MOST_RUNS)}`,
		),
		others,
	];
}

/** Sends an event that starts nothing again, with the field that a live run waits for. */
function resendCall(event: Event, why: Why | undefined): Suggested {
	const near = why?.nobody?.waiters?.find((one) => one.near !== undefined);
	const data = JSON.stringify(near && dataFor(near.wait.expression));
	const call = near && callOf("resend-event", [event.internal_id], { data });
	return call && [call, "as that run waits for it"];
}

function nextCalls(
	{ internal_id: id, name }: Event,
	runs: readonly Run[],
	why: Why | undefined,
	{ young, isSoon }: { young: boolean; isSoon: boolean },
): Suggested[] {
	const failed = runs.find(({ status }) => status === "FAILED");
	const did = why && effectsIn(why);
	const resumed = did?.resumed[0];
	const [hit] = did?.cancelled ?? [];
	const [cancels] = did?.cancels ?? [];
	const of = hit ? refOf(hit.run) : did?.cancelled?.length !== 0 && cancels && refOfFn(cancels.fn);
	const { waiters = [], spared = [], cancels: all } = why?.nobody ?? {};
	const [left] = [...waiters, ...spared];
	const isUnheard = all?.length === 0 && !resumed && !left && !name.startsWith("inngest/");
	const open = isSoon && !runs.length && why && !isSettled(why) && (young || why.misses.some(isWaiting));
	return [
		failed && [`get-run ${failed.id}`, "shows it step by step"],
		resumed && `get-run ${resumed.run.id}`,
		of && cancelledCall(of),
		open && `wait-for-run --event ${id}`,
		isUnheard && LISTENERS,
		!resumed && left && !waiters.some(({ near }) => near !== undefined) && `get-run ${left.run.id}`,
	];
}

import * as z from "zod/mini";
import { count, flag, functionFlag, idsOf, intent } from "../lib/cli/params.ts";
import { startsIn } from "../lib/decide/schedules.ts";
import { effectsIn, isNew, isSettled, isWaiting } from "../lib/decide/why.ts";
import { factsOf, readWhy, untraced } from "../lib/gather/reach.ts";
import { hasEnded, MOST_RUNS, refOf, refOfFn, runsOfEvent } from "../lib/inngest/api.ts";
import { eventRequest, getEvent } from "../lib/inngest/eventlist.ts";
import { checkExists, functionsOf, ownApp, resolveFunction } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { dataFor } from "../lib/sending/events.ts";
import { aboutLines } from "../lib/tell/eventtext.ts";
import { DETAILED, startedLines, startText } from "../lib/tell/streamtext.ts";
import { LISTENERS, whyData } from "../lib/tell/waittext.ts";
import { whyLines } from "../lib/tell/whytext.ts";
import { isNotFound, noted } from "../lib/text/errors.ts";
import { callOf, cancelledCall, isOf, LONGEST_WAIT, type Suggested, timeOfId } from "../lib/text/nouns.ts";
import { ago, DAY, words } from "../lib/text/text.ts";
import { severally } from "../lib/work/bulk.ts";
import { waitsOf } from "../lib/work/waits.ts";

const params = z.object({
	id: idsOf("the event's internal id, as printed; or up to 20", "EVENT_ID"),
	function: functionFlag(),
	limit: flag(z._default(count(1, MOST_RUNS), 20), `runs shown, 1 to ${MOST_RUNS} (default 20)`, "N"),
});
/** Of up to this many events, runs that they resumed beside those that they started are searched. */
const SEVERAL = 5;

export default intent({
	params,
	events: true,
	request: ({ id: [id = ""] }) => eventRequest(id),
	run(p, context) {
		const head = (events: string) => `${events} (${context.target.label})`;
		const traced = untraced();
		return severally(p.id, "event", head, (id) => tellEvent(id, p, traced, context));
	},
});

type Params = z.output<typeof params>;
type Traced = ReturnType<typeof untraced>;

async function tellEvent(id: string, p: Params, traced: Traced, context: Context): Promise<Answer> {
	const { target, now } = context;
	const read = await gather(id, p, traced, context);
	const { event, runs, why, missing } = read;
	return {
		lines: [
			aboutLines(event, now, target.label),
			runs && startedLines({ ...read, runs }, p.limit, now),
			whyLines(why, event, now),
		],
		next: nextCalls(read, now),
		missing,
		data: { ...event, runs, ...whyData(why) },
	};
}

/** The event, its runs (of one function, if asked), and what it did besides or why nothing. */
async function gather(id: string, p: Params, traced: Traced, context: Context) {
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
	const live = (runs ?? []).filter((run) => !hasEnded(run) && !startText(run, event, now));
	const waits = await waitsOf(context, live.slice(0, DETAILED));
	return { event, only, runs, isAll: (all?.length ?? 0) < MOST_RUNS, why, waits, missing };
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

function nextCalls({ event, runs = [], why }: Awaited<ReturnType<typeof gather>>, now: number): Suggested[] {
	const { internal_id: id, name } = event;
	const failed = runs.find(({ status }) => status === "FAILED");
	const did = why && effectsIn(why);
	const resumed = did?.resumed[0];
	const [hit] = did?.cancelled ?? [];
	const [cancels] = did?.cancels ?? [];
	const of = hit ? refOf(hit.run) : did?.cancelled?.length !== 0 && cancels && refOfFn(cancels.fn);
	const { waiters = [], spared = [], cancels: all } = why?.nobody ?? {};
	const [left] = [...waiters, ...spared];
	const near = waiters.find((one) => one.near !== undefined);
	// With the field that the live run waits for.
	const data = JSON.stringify(near && dataFor(near.wait.expression));
	const again = near && callOf("resend-event", [id], { data });
	const isUnheard = all?.length === 0 && !resumed && !left && !name.startsWith("inngest/");
	const isOpen = why && !runs.length && !isSettled(why) && (isNew(event, now) || why.misses.some(isWaiting));
	return [
		failed && [`get-run ${failed.id}`, "shows it step by step"],
		resumed && `get-run ${resumed.run.id}`,
		of && cancelledCall(of),
		isOpen && startsIn(why, event, now) <= LONGEST_WAIT && `wait-for-run --event ${id}`,
		isUnheard && LISTENERS,
		!resumed && left && !near && `get-run ${left.run.id}`,
		again && [again, "as that run waits for it"],
	];
}

import * as z from "zod/mini";
import { count, flag, idsOf } from "../lib/cli/params.ts";
import { isNew, isSettled, isWaiting, type Why } from "../lib/decide/why.ts";
import { factsOf, readWhys } from "../lib/gather/reach.ts";
import { type Event, MOST_RUNS, type Run, runLine, runsOfEvent } from "../lib/inngest/api.ts";
import { eventRequest, getEvent, payloadOf } from "../lib/inngest/eventlist.ts";
import { functionsOf } from "../lib/inngest/functions.ts";
import { outcomeText } from "../lib/inngest/trace.ts";
import { type Answer, type Context, composed } from "../lib/intent.ts";
import { cancelledCall, whyData, whyLines } from "../lib/tell/whytext.ts";
import { noted } from "../lib/text/errors.ts";
import type { Suggested } from "../lib/text/next.ts";
import { ago, excerpt, type Line, plural, stamp, time, whole, word, words } from "../lib/text/text.ts";
import { severally } from "../lib/work/bulk.ts";

const params = z.object({
	id: idsOf("the event's internal id, as printed; or up to 20", "EVENT_ID"),
	limit: flag(z._default(count(1, MOST_RUNS), 20), `runs shown, 1 to ${MOST_RUNS} (default 20)`, "N"),
});

export default composed({
	params,
	events: true,
	request: ({ id: [id = ""] }) => eventRequest(id),
	run(p, context) {
		const { label } = context.target;
		const head = (_: unknown, all: number) => `${plural(all, "event")} (${label})`;
		return severally(p.id, { noun: "event", nameOf: String, head }, (id) => tellEvent(id, p, context));
	},
});

async function tellEvent(id: string, { limit }: z.output<typeof params>, context: Context): Promise<Answer> {
	const { api, target, now } = context;
	const missing: string[] = [];
	const event = await getEvent(context, id);
	const [runs, listening] = await Promise.all([
		runsOfEvent(api, id, true).catch(noted(missing, "Its runs")),
		functionsOf(api).catch(noted(missing, "What listens to it")),
	]);
	const [why] = await readWhys(api, [factsOf(event, runs, listening, now)]);
	const young = isNew(event, now);
	return {
		lines: [
			...headLines(event, now, target.label),
			...(runs ? runLines(runs, limit, now, !young || isSettled(why)) : []),
			...whyLines(why, event, now),
			...missing,
		],
		next: nextCalls(id, runs ?? [], why, young),
		data: { ...event, runs, ...whyData(why) },
	};
}

function headLines(event: Event, now: number, label: string): Line[] {
	const { ts } = event;
	const at = time(event.received_at);
	const came = at ? `, ${ago(at, now)} (${stamp(at)})` : "";
	// Less than a second ahead is a matter of clocks.
	const scheduled = ts && ts - now >= 1000 ? `, scheduled for ${stamp(ts)} (${ago(ts, now)})` : "";
	return [
		`Event ${word(event.name)}${came}${scheduled} (${label})`,
		event.id && event.id !== event.internal_id && `Sender's id: ${word(event.id)}`,
		`Data: ${whole(excerpt(payloadOf(event), 600))}`,
		event.user != null && `User: ${whole(excerpt(event.user, 200))}`,
	];
}

/** `over`: an event without runs by now has started none. */
function runLines(runs: readonly Run[], limit: number, now: number, over: boolean): Line[] {
	if (!runs.length) return [over ? "Started no run." : "Started no run yet."];
	const isAll = runs.length < MOST_RUNS;
	const more = runs.length - limit;
	return [
		`Started ${isAll ? "" : "at least "}${plural(runs.length, "run")}:`,
		...runs.slice(0, limit).map((run) => words(runLine(run, now), runs.length <= 5 && outcomeText(run, 160))),
		more > 0 && `… and ${more} more: --limit ${Math.min(runs.length, MOST_RUNS)}`,
		!isAll && "Others were not read, nor which functions did not start.",
	];
}

function nextCalls(id: string, runs: readonly Run[], why: Why | undefined, young: boolean): Suggested[] {
	const failed = runs.find(({ status }) => status === "FAILED");
	const resumed = why?.nobody?.resumed[0];
	const cancels = why?.nobody?.cancels[0]?.fn;
	const open = !runs.length && why && !isSettled(why) && (young || why.misses.some(isWaiting));
	return [
		failed && [`get-run ${failed.id}`, "shows it step by step"],
		resumed && `get-run ${resumed.run.id}`,
		cancels && cancelledCall(cancels),
		open && `wait-for-run --event ${id}`,
	];
}

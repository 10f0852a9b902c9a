/** The plan of a replay in words. Pure. */

import {
	type Asked,
	causeOfRun,
	type Decided,
	type Facts,
	type KeptFailure,
	kinOf,
	names,
	type ReplayPlan,
	stepArgument,
} from "../decide/replayplan.ts";
import { parentOf } from "../gather/kin.ts";
import { eventOf, functionOf, hasEnded, type Run } from "../inngest/api.ts";
import { payloadOf } from "../inngest/eventlist.ts";
import { eventsIn, type Step } from "../inngest/trace.ts";
import type { Suggested } from "../text/next.ts";
import { ago, excerpt, type Line, lines, named, plural, quote, time, word, words } from "../text/text.ts";
import { causeLine } from "./causetext.ts";

export function planLines({ plan, steps, obstacles }: Decided): Line[] {
	const again = plan.again.filter(({ status }) => status === "COMPLETED");
	const sure = plan.failed.every(({ ends }) => ends === "caught");
	return [
		again.length > 0 && `Completed steps that ${sure ? "will" : "may"} run again: ${names(again)}.`,
		plan.kept.length > 0 && `Steps kept, with their results: ${names(plan.kept)}.`,
		plan.unsure.length > 0 &&
			`Possible: ${names(plan.unsure)} will run again too, or be kept: started in the same millisecond.`,
		...failedLines(plan, steps),
		...obstacles.map(({ text }) => `Possible: ${text}.`),
	];
}

function failedLines({ failed }: ReplayPlan, steps: readonly Step[]): Line[] {
	const kept = (ends: KeptFailure["ends"], text: string) => {
		const some = failed.filter((one) => one.ends === ends).map(({ step }) => step);
		return some.length > 0 && `Kept as failed: ${names(some)}. ${text}`;
	};
	const first = failed.find(({ ends }) => ends === "fails")?.step;
	const argument = first && stepArgument(first, steps);
	const again = argument && `It runs again with --from-step ${argument}`;
	return [
		kept("fails", words("The run failed with this error, and so will the new run, perhaps at once.", again)),
		kept("may", "Possible: the new run fails with this error at once."),
		kept("caught", "The function caught this error and will get it again."),
	];
}

export const fromText = (step: string | undefined): string => (step ? `from step ${step}` : "from its start");
export const doesText = (fromStep: string | undefined): string =>
	`whatever the function does${fromStep === undefined ? "" : " from that step on"}, it does again.`;

export function planText(
	{ fromStep, input }: Asked,
	facts: Facts,
	decided: Decided,
	label: string,
	now: number,
): string {
	const { run, trace, base } = facts;
	const cause = causeOfRun(facts);
	const [event] = eventsIn(trace) ?? [];
	const queued = time(run.queuedAt);
	const state = queued === undefined ? run.status : `${run.status}, ${ago(queued, now)}`;
	return lines(
		`Replay run ${run.id} of ${functionOf(run)}, ${state}, on ${label}, ${fromText(stepText(decided))}.`,
		event?.data !== undefined && `Event data: ${excerpt(payloadOf(event), 200)}`,
		input && `New input: ${excerpt(input)}`,
		cause && `How it failed: ${causeLine(cause, { trace })}`,
		base.run.id !== run.id && `It uses the steps of the first run, ${base.run.id}.`,
		base.trace === undefined && "Its trace could not be read: which steps will run again is unknown.",
		planLines(decided),
		originLines(facts),
		kinLines(facts),
		`A replay is a new run${eventOf(run) === undefined ? "" : " with the same event"}; ${doesText(fromStep)}`,
	);
}

/** `email`, or `same (e48d…)` where it was asked for by its id. */
function stepText({ from, stepId }: Decided): string | undefined {
	if (!from || from.name === stepId) return stepId && word(stepId);
	return `${word(from.name)} (${word(from.id)})`;
}

function originLines({ run, trace, synced }: Facts): Line[] {
	const { trigger } = run;
	const events = eventsIn(trace)?.length;
	const batch = words("a batch", events && `of ${plural(events, "event")}`);
	const parent = parentOf(trace);
	return [
		!hasEnded(run) &&
			`${run.status === "UNKNOWN" ? "Possible: it" : "It"} has not ended: the replay would run alongside it.`,
		trigger?.cronSchedule &&
			`It was started by cron ${quote(trigger.cronSchedule, 40)}: the replay runs now, with the event of that tick.`,
		trigger?.isBatch && `It was started by ${batch}: only the first event is replayed.`,
		parent?.kind === "invoked" && `It was invoked by run ${word(parent.run)}, which won't learn of a replay.`,
		synced === undefined && "Whether its function is still synced could not be read.",
		synced === false && "Possible: the replay fails, as its function is no longer synced (404).",
	];
}

function kinLines({ run, known }: Facts): Line[] {
	const { older, newer } = kinOf(run, known);
	const line = (what: string, runs: readonly Run[], text: (run: Run) => string) =>
		runs.length > 0 && `${what} ${named(runs.toReversed().map(text), 5)}.`;
	const told = ({ id, status }: Run) => `${id} ${status}`;
	const live = newer.filter((one) => !hasEnded(one));
	return [
		line("It is itself a replay of", older, ({ id }) => id),
		line("It is being replayed now:", live, told),
		line("Already replayed:", newer.filter(hasEnded), told),
	];
}

/** The call that shows whether one of the runs was replayed, where one has an event. */
export function lookCall(unclear: readonly Run[]): Suggested {
	const [event] = unclear.flatMap((run) => eventOf(run) ?? []);
	return event && [`get-event ${event}`, "check before replaying again"];
}

/** The plan of a replay in words. Pure. */
import { eventOf, functionOf, hasEnded, type Run } from "./api.ts";
import { eventsIn } from "./batch.ts";
import { causeLine } from "./causetext.ts";
import { payloadOf } from "./eventlist.ts";
import { parentOf } from "./kin.ts";
import { type Asked, causeOfRun, type Decided, type Facts, names } from "./replayfacts.ts";
import { type KeptFailure, kinOf, type ReplayPlan } from "./replayplan.ts";
import { stepArgument } from "./storynext.ts";
import { ago, excerpt, type Line, lines, named, plural, quote, time, word, words } from "./text.ts";
import type { Step } from "./trace.ts";

/** What happens again and what is kept, in lines. */
export function planLines({ plan, steps }: Pick<Decided, "plan" | "steps">): Line[] {
	const again = plan.again.filter(({ status }) => status === "COMPLETED");
	const sure = plan.failed.every(({ ends }) => ends === "caught");
	return [
		again.length > 0 && `Steps that completed and ${sure ? "will" : "may"} happen again: ${names(again)}.`,
		plan.kept.length > 0 && `Steps that are kept, with their results: ${names(plan.kept)}.`,
		plan.unsure.length > 0 &&
			`Possible: ${names(plan.unsure)} will happen again, too, or be kept: begun in the same millisecond.`,
		...failedLines(plan, steps),
	];
}

/** What comes of steps that are kept as failed. */
function failedLines({ failed }: ReplayPlan, steps: readonly Step[]): Line[] {
	const of = (ends: KeptFailure["ends"]) => failed.filter((one) => one.ends === ends).map(({ step }) => step);
	const [fails, may, caught] = [of("fails"), of("may"), of("caught")];
	const [first] = fails;
	const argument = first && stepArgument(first, steps);
	return [
		first &&
			words(
				`Kept as failed: ${names(fails)}. The run failed with this error, and so does the new run, perhaps at once.`,
				argument && `It runs again with --from-step ${argument}`,
			),
		may.length > 0 && `Kept as failed: ${names(may)}. Possible: the new run fails with this error at once.`,
		caught.length > 0 && `Kept as failed: ${names(caught)}. The function caught this error, and is given it again.`,
	];
}

/** The whole plan of one replay, on the server that answers call `label`. */
export function planText(asked: Asked, facts: Facts, decided: Decided, label: string, now: number): string {
	const { run, trace, base } = facts;
	const { from, obstacles } = decided;
	const cause = causeOfRun(facts);
	const [event] = eventsIn(trace) ?? [];
	const { fromStep, input } = asked;
	return lines(
		headLine(run, stepText(from, decided.stepId), label, now),
		event?.data !== undefined && `Event data: ${excerpt(payloadOf(event), 200)}`,
		input && `New input: ${excerpt(input)}`,
		cause && `How it failed: ${causeLine(cause, { trace })}`,
		base.run.id !== run.id && `It goes by the steps of the first run, ${base.run.id}.`,
		base.trace === undefined && "Its trace could not be read: which steps will happen again is unknown.",
		planLines(decided),
		obstacles.map(({ text }) => `Possible: ${text}.`),
		originLines(facts),
		kinLines(facts),
		words(
			eventOf(run) === undefined ? "A replay is a new run;" : "A replay is a new run with the same event;",
			fromStep === undefined
				? "what the function does, it does again."
				: "what the function does from that step on, it does again.",
		),
	);
}

/** `email`, or `same (e48d…)` where it was asked for by its id; undefined for a replay from the start. */
function stepText(from: Step | undefined, asked: string | undefined): string | undefined {
	if (asked === undefined || !from || from.name === asked) return asked === undefined ? undefined : word(asked);
	return `${word(from.name)} (${word(from.id)})`;
}

function headLine(run: Run, step: string | undefined, label: string, now: number): string {
	const queued = time(run.queuedAt);
	const what = [`Replay run ${run.id} of ${functionOf(run)}`, run.status];
	if (queued !== undefined) what.push(ago(queued, now));
	return `${what.join(", ")}, on ${label}, from ${step === undefined ? "its start" : `step ${step}`}.`;
}

/** What is special about a run that is replayed, by what it is and what started it. */
function originLines({ run, trace, synced }: Facts): Line[] {
	const { trigger } = run;
	const events = eventsIn(trace)?.length;
	const parent = parentOf(trace);
	return [
		!hasEnded(run) && "It has not ended: the replay would run beside it, two at once.",
		trigger?.cronSchedule &&
			`It was started by cron ${quote(trigger.cronSchedule, 40)}: the replay runs now, with the event of that tick.`,
		trigger?.isBatch &&
			`It was started by a batch${events ? ` of ${plural(events, "event")}` : ""}: only the first event is replayed.`,
		parent?.kind === "invoked" && `It was invoked by run ${word(parent.run)}, which is not told of a replay.`,
		synced === undefined && "Whether its function is still synced could not be read.",
		synced === false && "Possible: the replay fails, as its function is no longer synced (404).",
	];
}

/** What it is a replay of, and the replays that there are. */
function kinLines({ run, known }: Facts): Line[] {
	const { older, newer } = kinOf(run, known);
	const told = (runs: readonly Run[]) =>
		named(
			runs.toReversed().map(({ id, status }) => `${id} ${status}`),
			5,
		);
	const live = newer.filter((one) => !hasEnded(one));
	const ended = newer.filter(hasEnded);
	return [
		older.length > 0 &&
			`It is itself a replay of ${named(
				older.toReversed().map(({ id }) => id),
				5,
			)}.`,
		live.length > 0 && `It is being replayed now: ${told(live)}.`,
		ended.length > 0 && `Replayed already: ${told(ended)}.`,
	];
}

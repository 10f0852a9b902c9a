/** The plan of a replay in words, and the calls suggested after a run. Pure. */

import { isLost, isRetry, lastFailure, type Wait, waitsIn } from "../decide/cause.ts";
import {
	type Asked,
	type Decided,
	type KeptFailure,
	kinOf,
	names,
	parentOf,
	type ReplayFacts,
	type ReplayPlan,
	sentIn,
	stepArgument,
} from "../decide/replayplan.ts";
import { causeIn, isFinal, isUnreachable, isUnserved } from "../decide/triage.ts";
import type { Target } from "../gate/target.ts";
import type { ReadStory } from "../gather/story.ts";
import { eventOf, functionOf, hasEnded, type Run, refOf } from "../inngest/api.ts";
import { eventsIn, payloadOf } from "../inngest/eventlist.ts";
import type { Failure } from "../inngest/trace.ts";
import { dataFor } from "../sending/events.ts";
import {
	callOf,
	doesText,
	fromText,
	LONGEST_WAIT,
	nameOfRef,
	type Suggested,
	typed,
	typedName,
} from "../text/nouns.ts";
import { ago, excerpt, type Line, lines, named, plural, quote, stamp, time, word, words } from "../text/text.ts";
import { causeLine } from "./causetext.ts";
import { replayLimitLines } from "./functiontext.ts";
import { endLines } from "./streamtext.ts";

export function planLines({ plan, obstacles }: Decided): Line[] {
	const again = plan.again.filter(({ status }) => status === "COMPLETED");
	const sure = plan.failed.every(({ ends }) => ends === "caught");
	return [
		again.length > 0 && `Completed steps that ${sure ? "will" : "may"} run again: ${names(again)}.`,
		plan.kept.length > 0 && `Steps kept, with their results: ${names(plan.kept)}.`,
		plan.unsure.length > 0 &&
			`Possible: ${names(plan.unsure)} will run again too, or be kept (started in the same millisecond).`,
		...failedLines(plan),
		...obstacles.map(({ text }) => `Possible: ${text}.`),
	];
}

function failedLines({ failed }: ReplayPlan): Line[] {
	const kept = (ends: KeptFailure["ends"], text: string) => {
		const some = failed.filter((one) => one.ends === ends).map(({ step }) => step);
		return some.length > 0 && `Kept as failed: ${names(some)}. ${text}`;
	};
	return [
		kept(
			"fails",
			"The run failed with this error, and so will the new run: a step is repeated only if the replay starts from it or before.",
		),
		kept("may", "Possible: the new run fails with this error at once."),
		kept("caught", "The function caught this error and will get it again."),
	];
}

export function planText(
	{ fromStep, input }: Asked,
	facts: ReplayFacts,
	decided: Decided,
	label: string,
	now: number,
): string {
	const { run, trace, base } = facts;
	const cause = causeIn(run, trace);
	const [event] = eventsIn(trace) ?? [];
	const queued = time(run.queuedAt);
	const state = queued === undefined ? run.status : `${run.status}, queued ${ago(queued, now)}`;
	return lines(
		`Replay run ${run.id} of ${functionOf(run)}, ${state}, on ${label}, ${fromText(stepText(decided))}.`,
		event?.data !== undefined && `Event data: ${excerpt(payloadOf(event), 200)}`,
		input && `New input: ${excerpt(input)}`,
		cause && `How it failed: ${causeLine(cause, { trace })}`,
		base.run.id !== run.id && `It uses the steps of the first run, ${base.run.id}.`,
		base.trace === undefined && "Its trace could not be read: which steps will run again is unknown.",
		planLines(decided),
		originLines(facts),
		replayedLines(facts),
		facts.missing,
		endLines(facts.handlers),
		`A replay is a new run${eventOf(run) === undefined ? "" : " with the same event"}; ${doesText(fromStep)}`,
	);
}

/** Why it is unclear whether a replay began. */
export const UNCLEAR = {
	"no new run": "no new run has appeared",
	unread: "whether a new run has appeared could not be read",
	"no event": "as it has no event, a new run can't be looked up",
};

/** `email`, or `same (e48d…)` if given by id. */
function stepText({ from, stepId }: Decided): string | undefined {
	if (!from || from.name === stepId) return stepId && word(stepId);
	return `${word(from.name)} (${word(from.id)})`;
}

function originLines({ run, trace, fn, cloud }: ReplayFacts): Line[] {
	const { trigger } = run;
	const events = eventsIn(trace)?.length;
	const batch = words("a batch", events && `of ${plural(events, "event")}`);
	const parent = parentOf(trace);
	return [
		!hasEnded(run) &&
			`${run.status === "UNKNOWN" ? "Possible: it" : "It"} has not ended: the replay would run alongside it.`,
		trigger?.cronSchedule &&
			`It was started by cron ${quote(trigger.cronSchedule, 40)}: the replay runs now, with the event of that tick.`,
		trigger?.isBatch &&
			events !== 1 &&
			`It was started by ${batch}: only the first event is replayed; resend-event takes the others (get-run lists them).`,
		parent?.kind === "invoked" && `It was invoked by run ${word(parent.run)}, which won't get the replay's result.`,
		fn === undefined && "Whether its function is still synced could not be read.",
		fn === "gone" && "Possible: the replay fails, as its function is no longer synced (404).",
		...replayLimitLines(functionOf(run), fn, cloud),
	];
}

function replayedLines({ run, known }: ReplayFacts): Line[] {
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

/** Shows whether one of these runs was replayed. */
export function lookCall(unclear: readonly Run[]): Suggested {
	const [event] = unclear.flatMap((run) => eventOf(run) ?? []);
	return event && [`get-event ${event}`, "check before replaying again"];
}

/** Calls to suggest after a story. Inngest Cloud can't replay scheduled runs (documented), but can invoke their function. */
export function callsAfter(read: ReadStory, { kind }: Pick<Target, "kind">): Suggested[] {
	const { run, trace, child, waits, holders } = read;
	const [holder] = holders ?? [];
	const tried = lastFailure(trace);
	if (!hasEnded(run))
		return [
			tried && waits.some(isRetry) && appCall(tried.failure),
			child && [`get-run ${child.run.id}`, "the run that it waits for"],
			holder && [`get-run ${holder.run.id}`, "which holds a slot"],
			waits.map(resumeCall).find(Boolean),
			...liveCalls(read),
		];
	const parent = parentOf(trace);
	const origin = parent && ([`get-run ${parent.run}`, PARENT[parent.kind]] as const);
	return [...againCalls(read, kind === "cloud"), origin, ...relatedCalls(read)].filter(Boolean).slice(0, MOST);
}

/** The maximum number of calls suggested for an ended run. */
const MOST = 3;
const PARENT = { invoked: "the run that invoked it", deferred: "the run that deferred it", handles: "the failed run" };

/** Runs that it started, and an event that a step returned, as steps that send one do. */
function relatedCalls({ children, handler, steps }: ReadStory): Suggested[] {
	const [invoked] = children?.invoked ?? [];
	const [sent] = sentIn(steps);
	return [
		handler && [`get-run ${handler.id}`, "its onFailure handler"],
		invoked && [
			`get-run ${invoked.run.id}`,
			invoked.event ? "possible: started by an event that it sent" : "which it invoked",
		],
		sent && !invoked?.event && [`get-event ${sent.event}`, "possible: an event that it sent"],
	];
}

/** Calls that repeat its work, unless a replay already has. A live replay may take hours: its own story says so. */
function againCalls(read: ReadStory, cloud: boolean): Suggested[] {
	const { run, trace, root, cause, kin, gone } = read;
	const { status } = run;
	const last = kin?.newer.at(-1);
	const replayed = last && ([`get-run ${last.id}`, "its replay"] as const);
	if (last && (!hasEnded(last) || last.status === "COMPLETED")) return [replayed];
	const event = eventOf(run);
	const mayRun = cloud || !gone;
	const replay = mayRun && repeatCall(read, cloud);
	if (status === "CANCELLED") return [event !== undefined && replay];
	if (status !== "FAILED" || cause?.kind === "returned") return [];
	const later = replay && ([replay, "once the cause is fixed"] as const);
	const app = cause && appCall(cause.failure);
	const renamed = callOf("list-functions", [], { app: run.app.id });
	if (gone && (app || !mayRun)) return [renamed && [renamed, "possible: it has another id now"]];
	if (app) return [app, later];
	if (root) return [`get-run ${root.run.id}`, later];
	if (!cause || !isFinal(cause.failure)) return [replayed, replay];
	// A cron tick has no payload, and its event may be gone (measured); a trace's is already shown.
	const own = !eventsIn(trace) && !run.trigger?.cronSchedule && event;
	return [own && [`get-event ${event}`, "its payload"], replayed, later];
}

/**
 * What to check after a failure in which the app did not run, or that another run or function explains: an invocation's error, and that of a
 * second wait for a signal (measured on v1.43).
 */
export function appCall(failure: Pick<Failure, "message" | "at">): Suggested {
	const { message } = failure;
	if (isUnreachable(failure)) return ["list-apps", "was the app reached?"];
	if (message.startsWith("could not find function with ID: ")) return ["list-functions", "is it synced under that id?"];
	if (message.startsWith("Signal conflict;"))
		return ["list-runs --status running --with-waits", "which run waits for that signal?"];
	return (
		isUnserved(failure) && ["list-apps", "does the app itself answer at its address, with the functions last synced?"]
	);
}

function repeatCall({ run, steps, cause }: ReadStory, cloud: boolean): string | undefined {
	if (cloud && run.trigger?.cronSchedule) {
		const name = typed(nameOfRef(refOf(run)));
		return name && `invoke-function ${name}`;
	}
	const from = cause?.kind === "step" && stepArgument(cause.step, steps);
	return words(`replay-run ${run.id}`, from && `--from-step ${from}`);
}

/** The write that would resume a wait, if it can be written in full. */
function resumeCall(wait: Wait): Suggested {
	if (wait.kind !== "signal" && wait.kind !== "event") return;
	const name = typedName(wait.kind === "signal" ? wait.signal : wait.event);
	const data = wait.kind === "event" ? dataFor(wait.expression) : {};
	if (name === undefined || !data) return;
	const json = Object.keys(data).length ? JSON.stringify(data) : undefined;
	const call = callOf(`send-${wait.kind}`, [name], { data: json });
	return call && [call, "resumes it, if the user wants that"];
}

/** When (ms) a live run continues, if only time ends all its waits, and in more than `than` ms. */
export function lateAt({ waits, child, now }: ReadStory, than = LONGEST_WAIT): number | undefined {
	const all = child && waits.length === 1 ? waitsIn(child, now) : waits;
	const at = Math.min(...all.map((wait) => (TIMED.includes(wait.kind) && wait.at) || 0));
	return all.length && at - now > than ? at : undefined;
}

export const laterCall = (ids: string, at: number): Suggested => [`get-run ${ids}`, `once it is due, ${stamp(at)}`];

function liveCalls(read: ReadStory): Suggested[] {
	const { id } = read.run;
	if (!read.cloud && isLost(read)) return [[`get-run ${id}`, "it may just have ended"], lostCall([id])];
	const at = lateAt(read);
	const retries = at !== undefined && read.waits.some((wait) => wait.kind === "retry" && wait.at === at);
	const then = retries ? "then it can be replayed, if the cause is fixed sooner" : "";
	return [at === undefined ? `wait-for-run ${id}` : laterCall(id, at), [`cancel-run ${id}`, then]];
}

export const lostCall = (ids: readonly string[]): Suggested => [
	`cancel-run${ids.length > 1 ? "s" : ""} ${ids.join(" ")}`,
	"if lost; then replay",
];

const TIMED: readonly Wait["kind"][] = ["retry", "sleep", "later"];

/** A run's story in words, with what it waits for. Pure. */

import {
	AWAITED,
	isHeld,
	isLost,
	lastFailure,
	MOST_JOBS,
	type Retried,
	type Wait,
	waitingIn,
	waitsIn,
} from "../decide/cause.ts";
import { executingSince } from "../decide/compare.ts";
import { parentOf } from "../decide/replayplan.ts";
import { isFinal } from "../decide/triage.ts";
import { heldIn, type ReadStory, type Story } from "../gather/story.ts";
import { durationOf, functionOf, hasEnded, type Span, startOf } from "../inngest/api.ts";
import { eventsIn, payloadOf, usersOwn } from "../inngest/eventlist.ts";
import type { SyncedFn } from "../inngest/functions.ts";
import { returned } from "../inngest/trace.ts";
import { callText, FIRST_ONLY, STATUS_NOTES } from "../text/nouns.ts";
import {
	ago,
	asJson,
	duration,
	excerpt,
	joined,
	type Line,
	lines,
	named,
	plural,
	quote,
	stamp,
	time,
	whole,
	word,
	words,
} from "../text/text.ts";
import { failureLines, failureText, stepLines } from "./causetext.ts";
import { attemptText, capacityText, matchText, queuedText } from "./functiontext.ts";
import { cancelLine, isUnbegun, openLines } from "./runlist.ts";
import { batchText } from "./streamtext.ts";
import { passedLine, queueLines } from "./watchtext.ts";

/** `label` is empty for several runs: each then starts with its id. */
export function tellStory(read: ReadStory, label: string, address?: string): string {
	const { run, trace, missing } = read;
	return lines(
		headLine(read, label),
		heldIn(read) > 0 && queuedText(read.function),
		originLine(read),
		...kinLines(read),
		payloadLine(read),
		stepLines(read),
		label && isWithoutSteps(read) && (hasEnded(run) ? "No steps." : "No steps so far."),
		failureLines(read),
		waitLines(read),
		run.status === "CANCELLED" && [
			cancelLine(read),
			executingSince(trace).length > 0 && "The app was executing it: a step under way may have run to its end.",
		],
		run.status === "SKIPPED" && STATUS_NOTES.SKIPPED,
		run.status === "COMPLETED" && outputLine(run.output),
		...openLines(read),
		missing,
		address && `Dashboard: ${address}`,
	);
}

function headLine({ run, trace, now }: ReadStory, label: string): string {
	const queued = time(run.queuedAt);
	const unbegun = isUnbegun(run, trace);
	const took = hasEnded(run) && !unbegun ? durationOf(run) : undefined;
	const began = unbegun ? time(run.endedAt) : startOf(run);
	const ts = eventsIn(trace)?.[0]?.ts ?? 0;
	// The run of an event sent for later is queued at once, but starts then (measured).
	const from = queued ?? began ?? 0;
	const to = began ?? from;
	const due = ts >= from + 1000 && ts <= to ? ts : from;
	const waited = joined(
		" and ",
		due > from && `${duration(due - from)} until its event's time`,
		to - due >= 100 && `${duration(to - due)} in the queue`,
	);
	return joined(
		"",
		words(!label && run.id, functionOf(run), run.status),
		took !== undefined && ` in ${duration(took)}`,
		unbegun && ` before it began${waited && ","}`,
		hasEnded(run) && waited && ` after ${waited}`,
		queued && `, queued ${ago(queued, now)} (${stamp(queued)})`,
		label && ` (${label})`,
	);
}

/** Not for a failed run: its error may be from a step that left no record, and says so. */
const isWithoutSteps = ({ run, trace, steps }: ReadStory): boolean =>
	!["FAILED", "QUEUED", "SKIPPED"].includes(run.status) && trace !== undefined && !steps.length;

const goneText = (cloud = false): string =>
	`; its function is no longer synced${cloud ? "" : ", but on this server a deleted app's schedules go on"}`;

function originLine({ run, trace, kin, parent: from, gone, cloud }: ReadStory): string {
	const { trigger } = run;
	const parent = parentOf(trace);
	const other = parent && words("run", word(parent.run), from && functionOf(from));
	if (parent?.kind === "invoked") {
		const by = words("invoked by", other, parent.step && `in step ${word(parent.step)}`);
		// Whoever invoked the first run doesn't learn of a replay's end (measured).
		return kin?.older.length ? `First ${by}, which does not wait for this replay` : by.replace("i", "I");
	}
	if (parent) return `${parent.kind === "deferred" ? "Deferred by" : "Handles the failure of"} ${other}`;
	if (trigger?.cronSchedule) return `Cron ${quote(trigger.cronSchedule, 40)}${gone ? goneText(cloud) : ""}`;
	const [id] = trigger?.eventIds ?? [];
	const events = eventsIn(trace);
	const name = trigger?.eventName ?? events?.[0]?.name;
	if (!name && id === undefined) return "";
	const by = events ? "Invoked by the API or the dashboard" : "Invoked";
	const what = name === "inngest/function.invoked" ? `${by}, event` : words("Event", name && word(name));
	return joined(", ", words(what, id !== undefined && word(id)), batchText(run, trace));
}

/** The payload, if it may have to be changed; of a batch, those of its events. */
function payloadLine({ trace, cause }: ReadStory): Line {
	const events = (cause && eventsIn(trace)) || [];
	const [event] = events;
	// A failure handler has the failed run's payload, a timer none.
	if (!event || !usersOwn(event).includes(event)) return "";
	const data = payloadOf(event);
	const all = events.map((one) => excerpt(payloadOf(one), 60));
	if (events[1]) return `Payloads: ${named(all, 5)}`;
	return cause && isFinal(cause.failure) && asJson(data) !== "{}" && `Payload: ${whole(excerpt(data, 200))}`;
}

const WAITS = 5;

/** No job of a live run is listed. What that means was measured on OSS only. */
export function lostText(story: Pick<Story, "run" | "jobs" | "cloud"> & { waits: readonly Wait[] }): Line {
	if (story.run.status === "PAUSED") return STATUS_NOTES.PAUSED;
	if (!isLost(story)) return;
	if (story.cloud) return !story.waits.length && "The API does not say what it waits for.";
	return "The server lists no job for it: it has just ended, or the server lost it, e.g. in a restart.";
}

export function waitLines(story: ReadStory): Line[] {
	const { run, trace, child, unstarted, waits, now } = story;
	const fn = story.gone ? "gone" : story.function;
	if (hasEnded(run)) return [];
	const after = lastFailure(trace);
	const isTold = waits.some((wait) => "attempt" in wait && wait.attempt > 1);
	const childWaits = child ? waitsIn(child, now).slice(0, WAITS) : [];
	return [
		!isTold && after && `Last error: ${failureText(after.failure)}`,
		...waits.slice(0, WAITS).map((wait) => waitLine(wait, { now, fn, asked: "function" in story, after, unstarted })),
		moreWaits(waits, WAITS, trace),
		...queueLines(story),
		passedLine(story),
		story.given && `In that step, run ${story.given.run} received: ${whole(excerpt(story.given.output, 200))}`,
		child && `Child run: ${child.run.id} ${functionOf(child.run)} ${child.run.status}`,
		...childWaits.map((wait) => `  ${waitLine(wait, { now })}`),
		lostText(story),
	];
}

/** What it is a replay of, and its replays. If several runs are older, which one was replayed is unknown. */
function kinLines({ kin, trace }: ReadStory): Line[] {
	const [, second] = eventsIn(trace) ?? [];
	const [first, ...others] = kin?.older ?? [];
	const last = kin?.newer.at(-1);
	const more = (kin?.newer.length ?? 0) - 1;
	const before = more > 0 && `(${plural(more, "replay")} before that)`;
	const or = others[1] ? `one of its ${others.length} replays` : others[0] && `its replay ${others[0].id}`;
	return [
		first && joined(", or of ", `Replay of run ${first.id} ${first.status}`, or),
		last && words("Replayed", first && "later", "as run", last.id, last.status, before, second && FIRST_ONLY),
	];
}

export function outputLine(output: unknown, most = 300): string {
	const value = returned(output);
	return value == null ? "Output: none (it returned null or nothing)" : `Output: ${whole(excerpt(value, most))}`;
}

/** Context for a wait, if known: its function, and its last error. */
interface Telling {
	now: number;
	fn?: SyncedFn;
	/** The function was requested. */
	asked?: boolean;
	after?: Retried | undefined;
	unstarted?: readonly string[] | undefined;
}

/** From a minute on, says how long. A worker that was killed seems to go on, for two minutes (measured). */
function executingText(ms: number, attempt: string, connects?: boolean): string {
	const told = ms < 60_000 ? "is executing it now" : `has been executing it for ${duration(ms)}`;
	const lost = connects ? "; possible: its worker was lost (the app uses connect)" : "";
	return `The app ${told}${attempt}${lost}`;
}

/** `Sleeps in nap, wakes in 16m`. */
export function waitLine(wait: Wait, { now, fn, asked = Boolean(fn), after, unstarted }: Telling): string {
	const when = wait.at === undefined ? "" : `${ago(wait.at, now, 1000)} (${stamp(wait.at)})`;
	const due = wait.at ?? now;
	if ("attempt" in wait) {
		const isAgain = wait.attempt > 1;
		const tried = attemptText(wait.attempt, fn);
		const attempt = after ? `${tried}, after ${failureText(after.failure)}` : tried;
		if (wait.kind === "executing") return executingText(now - due, isAgain ? `, ${attempt}` : "", wait.connects);
		if (wait.kind === "retry") return `Retries ${when} with ${attempt}`;
		const isLong = isHeld(wait, now);
		const why = asked && capacityText(fn, isLong, wait);
		const isReady = fn && wait.at && !(why || isLong || wait.leased);
		const purpose = isAgain ? `for ${attempt}` : isReady && "to run";
		return words(isReady ? "Is ready" : "Waits for capacity", purpose, why);
	}
	if (wait.kind === "later") return `${wait.what === "start" ? "Starts" : "Resumes"} ${when}`;
	const what = words(awaitedText(wait), wait.step && `in ${word(wait.step)}`);
	const [ends, end] = wait.kind === "sleep" ? ["wakes", "wake"] : ["times out", "time out"];
	const then = due < now - 1000 ? `was to ${end}` : ends;
	const text = when ? `${what}, ${then} ${when}` : what;
	const none = wait.kind === "invoke" && wait.event && unstarted?.includes(wait.event);
	return none ? words(`${text}; none has started:`, callText(`get-event ${wait.event}`)) : text;
}

function awaitedText(wait: Wait): string {
	switch (wait.kind) {
		case "event":
			return words("Waits for event", word(wait.event), wait.expression && matchText(wait.expression));
		case "signal":
			return `Waits for signal ${word(wait.signal)}`;
		case "step":
			return `Waits for ${AWAITED[wait.op]}`;
		case "invoke":
			return `Waits for the run of ${wait.function ? word(wait.function) : "a function"} that it invoked`;
		default:
			return "Sleeps";
	}
}

/** How many more waits there are: the trace shows those without a listed job. */
export function moreWaits({ length }: readonly Wait[], told: number, trace: Span | undefined): string {
	const shown = waitingIn(trace);
	const rest = Math.max(length, shown) - told;
	return joined(
		"; ",
		rest > 0 && `… and ${plural(rest, "more wait")}`,
		length >= MOST_JOBS && shown < length && `the server lists at most ${MOST_JOBS}: there may be more`,
	);
}

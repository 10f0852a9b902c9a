import { reasons } from "../decide/triage.ts";
import {
	type CancelledBy,
	effectsIn,
	isSettled,
	isWaiting,
	type Miss,
	mayResumeMore,
	mayStart,
	type Waiter,
	type Why,
} from "../decide/why.ts";
import type { Target } from "../gate/target.ts";
import type { Foresight } from "../gather/foresee.ts";
import type { Around } from "../gather/reach.ts";
import type { ReadStory } from "../gather/story.ts";
import { type Event, type Fn, hasEnded, MOST_RUNS, type Run, refOfFn, runLine } from "../inngest/api.ts";
import { hasSyncFailed, nameOf } from "../inngest/functions.ts";
import type { Failure } from "../inngest/trace.ts";
import type { Words } from "../intent.ts";
import { isNotFound, SkillError } from "../text/errors.ts";
import { callText, cancelledCall, LONGEST_WAIT, type Suggested } from "../text/nouns.ts";
import {
	countBy,
	duration,
	every,
	few,
	joined,
	type Line,
	type Lines,
	MINUTE,
	plural,
	stamp,
	word,
	words,
} from "../text/text.ts";
import { handlerLine } from "./causetext.ts";
import { afterText } from "./functiontext.ts";
import { callsAfter, lateAt, laterCall, lostCall } from "./replaytext.ts";
import { unsyncedLines } from "./setup.ts";
import { lostText, tellStory } from "./storytext.ts";
import { nearText, unresumedText } from "./streamtext.ts";
import { causeTexts, waiterLine, whyLines } from "./whytext.ts";

/** What was known when a wait ended; `waited` is in ms. */
export interface Seen extends Around {
	runs: readonly Run[];
	waited: number;
	/** The live runs wait for others, or for a time after the wait. */
	isParked: boolean;
	/** The error of the last read, if it failed. */
	trouble?: unknown;
}

/** The runs in display order, with their stories if read, and the errors of those that failed. */
export interface Told {
	told: readonly {
		run: Run;
		story?: ReadStory | undefined;
		error?: unknown;
		output?: unknown;
		/** The run of its onFailure handler; null if none was found. */
		handler?: Run | null | undefined;
	}[];
	errors: readonly Failure[];
	unreadErrors: number;
	/** Failed runs whose onFailure handlers were not read, and functions that may have one. */
	unreadHandlers: { runs: number; functions: number };
}

/** A run for `--json`: its output, steps and cause, as far as shown. */
export function runData({ run, story, output, handler }: Told["told"][number]) {
	if (!story) return { ...run, ...(output !== undefined && { output }), ...(handler && { handler }) };
	const { trace, jobs, now, cloud, run: own, ...told } = story;
	return { ...own, ...told };
}

/** What is shown, where and when; `id`: the event whose runs were awaited. */
interface End extends Seen, Told {
	id: string | undefined;
	now: number;
	timeout: number;
	target: Pick<Target, "kind" | "label">;
	signal: AbortSignal;
}

/** What was not read of onFailure handlers. */
export const unreadText = ({ unreadHandlers: { runs, functions } }: Pick<Told, "unreadHandlers">): string =>
	joined(
		"; ",
		runs > 0 && `the onFailure handlers of ${plural(runs, "more failed run")}`,
		functions > 0 &&
			`whether ${plural(functions, "function")} ${functions === 1 ? "has" : "have"} an onFailure handler`,
	);

const LINES = 20;

/** Nothing has started or resumed, and provably nothing will start. */
export const startsNothing = ({ runs, why }: Seen): boolean => !runs.length && why !== undefined && isSettled(why);

export function endAnswer(end: End, opening: readonly Lines[] = []): Words {
	const { runs, id, now, told, unreadErrors } = end;
	const cloud = end.target.kind === "cloud";
	const why = end.why && end.event ? whyLines({ ...end.why, cloud }, end.event, now) : [];
	if (!runs.length) return nothingAnswer(end, opening, why);
	const open = runs.filter((run) => !hasEnded(run));
	const isResumed = Boolean(end.why?.nobody?.resumed.length);
	const alone = runs.length === 1 && !open.length ? told[0]?.story : undefined;
	const openIds = open.map((run) => run.id);
	const ids = openIds.join(" ");
	const live = told.filter(({ run }) => !hasEnded(run)).map(({ story }) => story);
	const late = live.map((story) => story && lateAt(story));
	const isLate = late.every((at) => at !== undefined);
	const isLost = end.waited > 10_000 && live.every((story) => story && !story.cloud && lostText(story));
	const due = live.map((story) => (story && lateAt(story, 0)) ?? now);
	const what = id === undefined ? ids : `--event ${id}`;
	const later = isLate ? laterCall(ids, Math.min(...late)) : waitAgain(end, what, Math.max(...due) - now);
	const next = alone ? callsAfter(alone, end.target) : [open.length > 0 && (isLost ? lostCall(openIds) : later)];
	const isLast = alone !== undefined && next.some(Boolean);
	const rest = isResumed ? [] : why;
	const unread = unreadText(end);
	return {
		lines: [
			...opening,
			verdict(end),
			open.length > 0 && end.trouble instanceof SkillError && `The last read failed: ${end.trouble.message}`,
			isResumed && why,
			told.slice(0, LINES).flatMap((one) => toldLines(one, end)),
			reasons(end.errors),
			unreadErrors > 0 && `  the errors of ${plural(unreadErrors, "more failed run")} were not read`,
			unread && `  not read: ${unread}`,
			end.unresumed && unresumedText(end.unresumed),
			!isLast && rest,
			moreLine(runs, isResumed ? undefined : id),
		],
		next,
		after: isLast && rest,
	};
}

/** Doubles the timeout, within 1 to 10 minutes, and waits for what is `due` in so many ms. */
function waitAgain({ timeout }: End, what: string, due = 0): string {
	const least = Math.max(timeout * 2, MINUTE * (1 + Math.ceil(due / MINUTE)));
	return `wait-for-run ${what} --timeout ${duration(Math.min(least, LONGEST_WAIT))}`;
}

function nothingAnswer(end: End, opening: readonly Lines[], why: Lines): Words {
	const { error, id, signal } = end;
	const { label } = end.target;
	if (isNotFound(error))
		return { lines: [...opening, `There is no event ${id} here (${label}).`, why, error.next], next: [] };
	if (startsNothing(end)) return { lines: [...opening, `No run started (${label}).`, why], next: nothingNext(end) };
	const waited = duration(end.waited);
	const none = signal.aborted ? `Interrupted after ${waited}: no run had started` : `No run started within ${waited}`;
	return {
		lines: [...opening, `${none} (${label}).`, why, error && `What listens to it could not be read: ${error.message}`],
		next: [waitAgain(end, `--event ${id}`), `get-event ${id}`],
	};
}

/** If nothing listens to an event. */
export const LISTENERS: Suggested = ["list-functions", "shows which events start what"];

function nothingNext({ why, id }: End): Suggested[] {
	const nobody = why?.nobody;
	if (!nobody) return [];
	if (!nobody.looked) return [`get-event ${id}`];
	const [cancels] = nobody.cancels;
	return [cancels ? cancelledCall(refOfFn(cancels.fn)) : LISTENERS];
}

function verdict(end: End): string {
	const { runs, told, waited, trouble, why, id, now, signal } = end;
	const { label } = end.target;
	const by = countBy(told, ({ run }) => run.status);
	const completed = by.get("COMPLETED") ?? 0;
	const open = runs.filter((run) => !hasEnded(run)).length;
	const isCut = (id !== undefined && runs.length >= MOST_RUNS) || (why?.nobody && mayResumeMore(why.nobody));
	const read = isCut ? " that were read" : "";
	const all = `${plural(runs.length, "run")}${read}`;
	if (open) {
		const isUnclear = trouble !== undefined || runs.every((run) => hasEnded(run) || run.status === "UNKNOWN");
		const state = isUnclear ? "Not known to have ended" : "Still not ended";
		const why = end.isParked ? "Stopped waiting." : signal.aborted && "Interrupted.";
		const what = `${state} after ${duration(waited)}: ${open} of ${all}; ${completed} completed (${label}).`;
		return words(why, what);
	}
	const one = runs.length === 1;
	const counts = [...by].map(([status, n]) => (one ? status : `${n} ${status}`));
	const well = one ? "Completed" : `${every(runs.length, "run")}${read} completed`;
	const ended = completed === runs.length ? well : `Ended: ${counts.join(", ")}`;
	return `${ended} (waited ${duration(waited)}, until ${stamp(now)}; ${label}).`;
}

function toldLines({ run, story, error, handler }: Told["told"][number], { now, signal }: End): Line[] {
	if (story) return [tellStory(story, "")];
	const isUnread = error instanceof SkillError && !signal.aborted;
	const handled = handler
		? handlerLine(handler)
		: handler === null && "The run of its onFailure handler was not found.";
	return [runLine(run, now), handled && `  ${handled}`, isUnread && `  its story could not be read: ${error.message}`];
}

function moreLine({ length }: readonly Run[], event: string | undefined): Line {
	if (length <= LINES) return;
	const more = `… and ${plural(length - LINES, "more run")}`;
	if (event === undefined) return `${more}: --json has all`;
	const all = callText(`get-event ${event} --limit ${Math.min(length, MOST_RUNS)}`);
	return `${more}${length < MOST_RUNS ? "" : " (at least)"}: ${all}`;
}

/** The event is not found where its runs would be read. */
export const elsewhereAnswer = (opening: readonly Lines[]): Words => ({
	lines: [
		...opening,
		"The event was not found in the environment that INNGEST_SIGNING_KEY reads: what it started can't be seen there.",
		"Possible: INNGEST_EVENT_KEY is for another environment.",
	],
	next: ["check-setup"],
});

/** A wait that failed after something was done. `call` continues waiting. */
export const brokenAnswer = (opening: readonly Lines[], error: SkillError, call: string): Words => ({
	lines: [...opening, `Waiting for its runs failed: ${error.bare}`, error.next],
	next: [[call, "don't repeat the first call"]],
});

/** A function that does not start because of a limit or condition, possibly, or not at once. */
function heldLine(miss: Miss, event: Pick<Event, "name" | "data">): string {
	const may = mayStart(miss);
	const later = isWaiting(miss) ? " at once" : "";
	const text = `${nameOf(miss.fn)} will not start${later}: ${causeTexts(miss, event).join(may && !later ? "; or: " : "; ")}`;
	return may && !later ? `Possible: ${text}` : text;
}

/** Probably unintended effects of sending the event, and the functions that it does not start. */
export function foreseenLines(
	{ why, cancels, unchecked, unread, awaited, functions }: Foresight,
	event: Pick<Event, "name" | "data">,
	now: number,
): Line[] {
	const name = word(event.name);
	const { nobody } = why;
	const held = few(why.misses, "more function", (miss) => heldLine(miss, event));
	if (cancels.length) {
		const sure = cancels.filter((one) => one.sure).length;
		const least = unchecked.length + unread.length ? "at least " : "";
		const what = words(
			`${sure ? "This" : "Possible: this"} cancels ${least}${plural(cancels.length, "live run")}`,
			sure > 0 && sure < cancels.length && `(only ${sure} of them for certain)`,
		);
		const text = ({ run, after }: CancelledBy) => words(runLine(run, now), afterText(after));
		return [`${what}:`, ...few(cancels, "more run", text), ...held];
	}
	if (!nobody) return held;
	const unsynced = unsyncedLines(nobody.unsynced);
	if (!functions.length) return [`No function listens to ${name}: none is synced here.`, ...unsynced];
	return [
		words(`No function listens to ${name}.`, !nobody.cancels.length && nearText(nobody.near)),
		...unsynced,
		...few([...new Set(nobody.cancels.map(({ fn }) => fn))], "more function", (fn) => {
			const but = unchecked.includes(fn) ? "; not all that are live were checked" : ", but no live run matches";
			return `It cancels runs of ${nameOf(fn)}${but}.`;
		}),
		...few(nobody.waiters ?? [], "more run", (waiter) => waiterLine(waiter, event)),
		awaited === undefined && "Whether a live run waits for it could not be checked for all runs.",
		awaited === false && !nobody.waiters?.length && "No live run waits for it.",
	];
}

const idsOnly = <T extends Pick<Waiter, "run">>(one: T) => ({ ...one, run: one.run.id });

/** Why an event started nothing, for `--json`. */
export function whyData(why: Why | undefined) {
	const did = why && effectsIn(why);
	if (!why || !(why.misses.length || did || why.unread.length || why.deaf)) return {};
	const { misses, nobody, unread, deaf } = why;
	const name = (fn: Fn) => `${fn.app.id}/${fn.id}`;
	return {
		why: {
			notStarted: misses.map(({ fn, causes, ruledOut }) => ({
				function: name(fn),
				causes,
				...(ruledOut.length && { ruledOut }),
			})),
			doesNotListen: deaf && name(deaf),
			...(did && {
				...did,
				heard: nobody && false,
				missed: did.missed?.map(idsOnly),
				waiters: did.waiters?.map(idsOnly),
				spared: did.spared?.map(({ of, ...one }) => ({ ...idsOnly(one), of: of?.internal_id })),
				unsynced: nobody?.unsynced.filter(hasSyncFailed).map(({ id }) => id),
				cancels: did.cancels.map(({ fn, cancellation }) => ({ function: name(fn), ...cancellation })),
			}),
			unread,
		},
	};
}

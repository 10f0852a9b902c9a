/** Why an event did not start what listens to it, in words. */

import { isMixed } from "../decide/cel.ts";
import {
	type CancelledBy,
	type Cause,
	effectsIn,
	isNew,
	isWaiting,
	type Looked,
	type Miss,
	mayResumeMore,
	mayStart,
	mayWait,
	type Nobody,
	type Resumed,
	receivedAt,
	type Spared,
	type TimedOut,
	type Waiter,
	type Why,
} from "../decide/why.ts";
import { type Event, type Fn, functionOf, hasEnded } from "../inngest/api.ts";
import { cancelsOthers, type LimitKind, limitOf, nameOf } from "../inngest/functions.ts";
import { callText, UNSEEN, whose } from "../text/nouns.ts";
import {
	duration,
	few,
	groupBy,
	grouped,
	type Line,
	named,
	plural,
	quote,
	some,
	stamp,
	time,
	word,
	words,
} from "../text/text.ts";
import { limitText, matchText, triggersText } from "./functiontext.ts";
import { unsyncedLines } from "./setup.ts";
import { nearText, rivalsText, unresumedText } from "./streamtext.ts";

/** What is only possible for a function is said once, and its name then `known`; `brief`: leaves it to get-event, which reads more. */
interface Telling {
	known: Set<string>;
	brief: boolean;
}

export function whyLines(
	why: Why | undefined,
	event: Event,
	now: number,
	telling: Telling = { known: new Set(), brief: false },
): string[] {
	if (!why) return [];
	return [
		why.deaf && `${nameOf(why.deaf)} does not listen to ${word(event.name)}, but to: ${triggersText(why.deaf)}`,
		...few(why.misses, "more function", (miss) => missLine(miss, event, telling, why.cloud)),
		...effectLines(why, event, now, telling.known),
		...few(
			why.unread.filter((app) => !isTold(telling.known, `app ${app}`)),
			"more app",
			(app) => `The functions of ${word(app)} could not be read.`,
		),
	].flatMap((one) => one || []);
}

const RULED_OUT: Partial<Record<Cause["kind"], string>> = {
	condition: "its condition",
	debounce: "a later event",
	rateLimit: "rate limit",
};

const isTold = (known: Set<string>, what: string): boolean => known.size === known.add(what).size;

function missLine(miss: Miss, event: Event, { known, brief }: Telling, cloud?: boolean): string {
	const name = nameOf(miss.fn);
	const texts = causeTexts(miss, event);
	const waits = miss.causes.some(mayWait);
	const not = `${name} ${waits ? "has not started yet" : "did not start"}`;
	const all = texts.join("; ");
	if (!mayStart(miss)) return `${not}: ${all}`;
	if (isWaiting(miss)) return words(not, all && `(${all})`);
	if (isTold(known, name)) return `${not}, possibly for the same reason`;
	if (brief) return words(`${not}; why:`, callText(`get-event ${event.internal_id}`));
	const kinds = miss.ruledOut.map((kind) => RULED_OUT[kind] ?? kind).join(", ");
	const ruledOut = kinds && `. Ruled out: ${kinds}.`;
	const gathers = limitOf(miss.fn, "debounce") || limitOf(miss.fn, "eventsBatch");
	if (gathers && !cloud && !waits && !miss.causes.some((one) => "by" in one && one.by)) texts.push(lostText("it"));
	if (!texts.length && cloud) texts.push(UNSEEN);
	const possible = texts.length ? `; possible: ${texts.join("; or: ")}` : ": the API shows no cause";
	return `${not}${possible}${ruledOut}`;
}

export const causeTexts = ({ fn, causes }: Miss, event: Pick<Event, "name" | "data">): string[] =>
	causes.map((cause) => causeText(cause, fn, event));

export function causeText(cause: Cause, fn: Fn, event: Pick<Event, "name" | "data">): string {
	switch (cause.kind) {
		case "archived":
		case "paused": {
			const all = cause.kind === "archived" && fn.withIts && `with its ${fn.withIts}`;
			return words("it is", cause.kind, all, cause.old && "now; possible: it already was then");
		}
		case "condition": {
			const { conditions } = cause;
			const texts = conditions.map((one) => quote(one, 160)).join(", ");
			const [noun, are] = conditions.length > 1 ? ["conditions", "are"] : ["condition", "is"];
			return words(
				`its ${noun} ${texts} ${are} false`,
				conditions.map((one) => mixedText(one, { event })).find(Boolean),
			);
		}
		case "new app":
			return `its app was first synced ${duration(cause.after)} after the event`;
		case "same id":
			return words(
				`an event with the same id ${word(cause.id)} came within 24h of it`,
				cause.run && `as ${cause.by}, which started ${cause.run}`,
			);
		case "late":
			if (cause.waits) return "";
			return words(
				"it or its trigger was added later",
				cause.synced && `(its app was last synced ${duration(cause.synced)} after the event)`,
			);
		default:
			return `${limitText(fn, cause.kind)}${limitedText(cause, fn)}`;
	}
}

/** What a limit did, or may do. */
function limitedText(cause: Extract<Cause, { kind: LimitKind }>, fn: Fn): string {
	switch (cause.kind) {
		case "debounce":
			if (cause.waits) return `${dueText("in", cause.due)}, unless a later event replaces it`;
			return words(
				`: a later${cause.dated ? "-dated" : ""} event`,
				cause.by,
				"replaced it",
				cause.run && `and started ${cause.run}`,
			);
		case "singleton":
			return `: ${cause.run ?? "another run"} ${cancelsOthers(fn) ? "replaced it" : "had not ended"}`;
		case "rateLimit":
			if (!cause.run) return " drops anything beyond it";
			return words(`, already used by ${cause.run}`, cause.until && `until ${stamp(cause.until + 999)}`);
		case "eventsBatch":
			return `${dueText("in at most", cause.due)}, with its batch`;
	}
}

const dueText = (within: string, due = 0): string => `: it may run ${due > 0 ? words(within, duration(due)) : "later"}`;

const cancelledLine = ({ run, sure }: CancelledBy): string =>
	`${sure ? "It" : "Possible: it"} cancelled ${run.id} ${functionOf(run)}.`;

const cancelsLine = ({ fn, cancellation: { condition, timeout } }: Nobody["cancels"][number]): string =>
	words(
		`It cancels runs of ${nameOf(fn)}`,
		timeout && `within ${word(timeout)} of being queued`,
		condition && `if ${quote(condition, 160)} (async is this event)`,
	);

/** In a list, what applies to a name is said once. */
function effectLines(why: Why, event: Event, now: number, known: Set<string>): Line[] {
	const { nobody, beside } = why;
	const effects = effectsIn(why);
	if (!effects) return [];
	const again = isTold(known, `event ${event.name}`);
	if (nobody && event.name === "inngest/function.invoked")
		return again ? [] : ["It invokes a function, which may be debounced, limited or unknown here."];
	const { resumed, rivals, missed = [], waiters = [], spared = [], cancels, cancelled, partly, looked } = effects;
	const named = beside?.named;
	const resumes = [
		...few(resumed, "more run", resumedLine),
		rivalsText(event, rivals),
		mayResumeMore(effects) && "It may have resumed more: not all runs live then were checked.",
		looked && "error" in looked && unresumedText(looked.error),
	];
	if (beside && !partly) return [...resumes, ...few(again || named ? [] : cancels, "more function", cancelsLine)];
	const did = resumed.length + cancels.length > 0;
	const didCancel = cancelled?.some(({ sure }) => sure);
	const odd = named || again ? spared.filter(({ matches }) => matches) : spared;
	return [
		!(why.only || named || again || resumed.length) && unheardLine(why, event, did || waiters.length > 0),
		...resumes,
		...(resumed.length || didCancel || again ? [] : unsyncedLines(nobody?.unsynced)),
		...few(cancelled ?? [], "more run", cancelledLine),
		...few(didCancel || again ? [] : cancels, "more function", cancelsLine),
		cancelled?.length === 0 && !again && "No such run was cancelled just after the event.",
		...sparedLines(odd, event, why.cloud),
		...few(waiters, "more run", (one) => waiterLine(one, event, !isNew(event, now))),
		Boolean(partly?.length) && "Not all waiting and live runs were checked for what it did to them.",
		!(did || waiters.length || again || !missed.length) && missedLine(missed, receivedAt(event)),
		!(did || named || again) && lookedLine(looked, why.only, isNew(event, now)),
	];
}

function unheardLine({ nobody, unread }: Why, { name }: Event, did: boolean): string {
	const read = unread.length > 0 && "that could be read";
	if (!nobody) return words("Functions", read, "listen to", word(name), "only by a wildcard.");
	return words("No function", read, "listens to", `${word(name)}.`, !did && nearText(nobody.near));
}

const resumedLine = ({ run, step }: Resumed): string =>
	`It resumed ${run.id} ${functionOf(run)}, which waited for it in ${word(step)}.`;

/** Runs that continued for one reason share a line. */
function sparedLines(spared: readonly Spared[], by: Event, cloud?: boolean): string[] {
	const lost = cloud ? "" : `; possible: ${lostText("the cancellation")}`;
	const textOf = (one: Spared) => spareText(one, by, lost);
	const groups = groupBy(spared, (one) => `${functionOf(one.run)} ${one.run.status} ${textOf(one)}`);
	return few([...groups.values()], "more line", (some) => {
		const [{ run }] = some;
		const ids = some.map((one) => one.run.id);
		const who = words(named(ids, 3), some.length > 1 && "of", functionOf(run));
		const goes = some.length > 1 ? "continue" : "continues";
		const went = hasEnded(run) ? `continued (${run.status})` : goes;
		return `${who} ${went}${textOf(some[0])}.`;
	});
}

function spareText({ run, of, matches, cancellation }: Spared, by: Event, lost: string): string {
	const { condition, timeout } = cancellation;
	const early = (time(run.queuedAt) ?? 0) - receivedAt(by);
	const how = early > 0 ? `: it was queued ${duration(early)} after this event came` : lost;
	if (matches) return `, although this event matches${how}`;
	if (!of) return `: it was queued more than ${word(timeout ?? "")} before`;
	return words(": the condition is false", mixedText(condition, { event: of, async: by }));
}

const mixedText = (condition: string | null | undefined, names: Parameters<typeof isMixed>[1]) =>
	condition && isMixed(condition, names) && "(text is compared with a number)";

/** A queue in memory is lost on a restart (measured). */
const lostText = (what: string): string => `the server lost ${what}, e.g. in a restart`;

export function waiterLine(
	{ run, wait, truth, near }: Waiter,
	event: Pick<Event, "name" | "data">,
	came = false,
): string {
	const { step, expression } = wait;
	const what = words(
		`${run.id} ${functionOf(run)} waits`,
		step && `in ${word(step)}`,
		`for ${word(event.name)}`,
		expression && matchText(expression),
	);
	const unlike = "this event does not match";
	if (near !== undefined) return `${what}; ${unlike}: it has that value in ${word(near)}.`;
	if (truth === false) return `${what}; ${words(unlike, mixedText(expression, { async: event }))}.`;
	const or = truth === undefined && `${unlike}, or`;
	return came ? `${what}; possible: ${words(or, "the wait began after this event came")}.` : `${what}.`;
}

/** `at`: in ms. */
function missedLine(missed: readonly TimedOut[], at: number): string {
	const text = ({ run, step, start }: TimedOut) => {
		const when = start > at ? "after it (too late)" : "before it";
		return `${run.id} ${functionOf(run)} in ${word(step)}, from ${duration(Math.abs(start - at))} ${when}`;
	};
	return `Possible: it was meant for a wait that timed out: ${some(missed, 3, text).join("; ")}`;
}

function lookedLine(looked: Looked | undefined, of: Why["only"], young: boolean): Line {
	if (!looked) return "Possible: it resumed a waiting run (get-event checks).";
	if ("error" in looked) return;
	const { runs, whole } = looked;
	const which = whose({ function: of });
	if (!whole) return `Of ${plural(runs, "run")}${which} checked, it resumed none; others were not checked.`;
	if (!runs) return `There was no live run${which} that it could have resumed.`;
	return `It resumed no live run${which}${young ? " so far" : ""} (${grouped(runs)} checked).`;
}

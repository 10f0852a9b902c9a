/** Why an event started nothing, or not all that listens to it, in words. Pure. */

import {
	type Cause,
	isNew,
	isWaiting,
	type Looked,
	type Miss,
	mayStart,
	type Resumed,
	type Why,
} from "../decide/why.ts";
import { type Event, type Fn, functionOf } from "../inngest/api.ts";
import { nameOf } from "../inngest/functions.ts";
import { callOf } from "../text/next.ts";
import { duration, grouped, plural, quote, word, words } from "../text/text.ts";
import { limitText, some } from "./functiontext.ts";

/** The call that lists the runs of a function that an event cancels. */
export const cancelledCall = ({ app, id }: Fn): string | undefined =>
	callOf("list-runs", [], { function: { app: app.id, name: id }, status: "cancelled" });

const few = <T>(list: readonly T[], noun: string, text: (one: T) => string): string[] =>
	some(list, 5, text, (n) => `… and ${plural(n, noun)}: --json has all`);

/** What is only possible of a function is told once, and `known` from then on. */
export function whyLines(why: Why | undefined, event: Event, now: number, known = new Set<unknown>()): string[] {
	if (!why) return [];
	return [
		...few(why.misses, "more function", (miss) => missLine(miss, known)),
		...nobodyLines(why, event, now),
		...few(why.unread, "more app", (app) => `The functions of ${word(app)} could not be read.`),
	];
}

function missLine(miss: Miss, known: Set<unknown>): string {
	const name = nameOf(miss.fn);
	const texts = miss.causes.map((cause) => causeText(cause, miss.fn));
	const all = texts.join("; ");
	if (!mayStart(miss)) return `${name} did not start: ${all}`;
	if (known.size === known.add(miss.fn).size) return `${name} did not start, possibly for the same reason`;
	if (isWaiting(miss)) return words(`${name} has not started yet`, all && `(${all})`);
	return `${name} did not start; possible: ${texts.join("; or: ")}`;
}

function causeText(cause: Cause, fn: Fn): string {
	switch (cause.kind) {
		case "archived":
			return "it is archived, and listens to nothing";
		case "paused":
			return "it is paused, and starts nothing";
		case "condition": {
			const texts = cause.conditions.map((one) => quote(one, 160)).join(", ");
			return cause.conditions.length > 1 ? `its conditions ${texts} are false` : `its condition ${texts} is false`;
		}
		case "new app":
			return `its app was first synced ${duration(cause.after)} after the event`;
		case "same id":
			return `an event with the same id ${word(cause.id)} came in the 24h before`;
		case "late":
			return cause.waits ? "" : "it was added, or began to listen to this event, later";
		case "debounce":
			return `${limitText(fn, cause.kind)}: ${cause.waits ? "it may run later, unless a later event replaces it" : "a later event replaced it"}`;
		default:
			return `${limitText(fn, cause.kind)}${LIMITED[cause.kind]}`;
	}
}
const LIMITED = {
	singleton: ": another run had not ended",
	rateLimit: " drops anything beyond it",
	eventsBatch: ": it may run later, with its batch",
};

function nobodyLines({ nobody, unread }: Why, event: Event, now: number): string[] {
	if (!nobody) return [];
	if (event.name === "inngest/function.invoked")
		return ["It invokes a function, which may be debounced, limited or unknown here."];
	const { near, unreachable, resumed, cancels, looked } = nobody;
	const did = resumed.length + cancels.length > 0;
	return [
		words(
			`No function${unread.length ? " that could be read" : ""} listens to ${word(event.name)}.`,
			!did && near !== undefined && `Did you mean ${word(near)}?`,
		),
		...few(resumed, "more run", resumedLine),
		...few(unreachable, "more app", unreachableLine),
		...few(cancels, "more function", ({ fn, cancellation: { condition, timeout } }) =>
			words(
				`It cancels runs of ${nameOf(fn)}`,
				timeout && `within ${word(timeout)} of their start`,
				condition && `if ${quote(condition, 160)} (async is this event)`,
			),
		),
		...(did ? [] : [lookedLine(looked, isNew(event, now))]),
	];
}

const unreachableLine = (app: string): string =>
	`${word(app)} can't be reached: what it has added since its last sync is unknown.`;

export const resumedLine = ({ run, step }: Resumed): string =>
	`It resumed ${run.id} ${functionOf(run)}, which waited for it in ${word(step)}.`;

function lookedLine(looked: Looked | undefined, young: boolean): string {
	if (!looked) return "Possible: it resumed a waiting run (get-event checks).";
	if ("error" in looked) return `Whether it resumed a waiting run could not be read: ${looked.error}`;
	const { runs, whole } = looked;
	if (!whole)
		return `Possible: it resumed a waiting run (none of the ${plural(runs, "run")} checked, but there are more).`;
	if (!runs) return "There was no live run that it could have resumed.";
	return `It ${young ? "has resumed no live run so far" : "resumed no live run"} (${grouped(runs)} checked).`;
}

/** What `--json` gives of it. */
export function whyData(why: Why | undefined) {
	if (!why || !(why.misses.length || why.nobody || why.unread.length)) return {};
	const { misses, nobody, unread } = why;
	const name = (fn: Fn) => `${fn.app.id}/${fn.id}`;
	return {
		why: {
			notStarted: misses.map(({ fn, causes }) => ({ function: name(fn), causes })),
			...(nobody && {
				resumed: nobody.resumed,
				cancels: nobody.cancels.map(({ fn, cancellation }) => ({ function: name(fn), ...cancellation })),
			}),
			unread,
		},
	};
}

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
import type { Foresight, Named } from "../gather/foresee.ts";
import { type App, type Event, type Fn, functionOf, refOfFn, runLine } from "../inngest/api.ts";
import { cancelsOthers, nameOf } from "../inngest/functions.ts";
import { some } from "../text/lists.ts";
import { callOf } from "../text/nouns.ts";
import { duration, grouped, type Line, named, plural, quote, word, words } from "../text/text.ts";
import { limitText, syncFault, triggersText } from "./functiontext.ts";

/** The call that lists the runs of a function that an event cancels. */
export const cancelledCall = (fn: Fn): string | undefined =>
	callOf("list-runs", [], { function: refOfFn(fn), status: "cancelled" });

const few = <T>(list: readonly T[], noun: string, text: (one: T) => string): string[] =>
	some(list, 5, text, (n) => `… and ${plural(n, noun)}: --json has all`);

/** What is only possible of a function is told once, and `known` from then on; `brief`: only where get-event tells it, as it reads more. */
interface Telling {
	known: Set<unknown>;
	brief: boolean;
}

export function whyLines(
	why: Why | undefined,
	event: Event,
	now: number,
	telling: Telling = { known: new Set(), brief: false },
): string[] {
	if (!why) return [];
	const deaf = why.deaf && [
		`${nameOf(why.deaf)} does not listen to ${word(event.name)}, but to: ${triggersText(why.deaf)}`,
	];
	return [
		...(deaf ?? []),
		...few(why.misses, "more function", (miss) => missLine(miss, event, telling)),
		...nobodyLines(why, event, now),
		...few(why.unread, "more app", (app) => `The functions of ${word(app)} could not be read.`),
	];
}

function missLine(miss: Miss, { internal_id }: Event, { known, brief }: Telling): string {
	const name = nameOf(miss.fn);
	const texts = miss.causes.map((cause) => causeText(cause, miss.fn));
	const all = texts.join("; ");
	if (!mayStart(miss)) return `${name} did not start: ${all}`;
	if (known.size === known.add(miss.fn).size) return `${name} did not start, possibly for the same reason`;
	if (isWaiting(miss)) return words(`${name} has not started yet`, all && `(${all})`);
	if (brief) return `${name} did not start; why: get-event ${internal_id}`;
	const ruledOut = miss.ruledOut.length
		? `. Ruled out: ${miss.ruledOut.map((kind) => RULED_OUT[kind]).join(", ")}.`
		: "";
	const possible = texts.length ? `; possible: ${texts.join("; or: ")}` : ": the API shows no cause";
	return `${name} did not start${possible}${ruledOut}`;
}

const RULED_OUT: Record<Cause["kind"], string> = {
	archived: "archived",
	paused: "paused",
	condition: "its condition",
	"new app": "new app",
	"same id": "same id",
	singleton: "singleton",
	rateLimit: "rate limit",
	debounce: "debounce",
	eventsBatch: "batch",
	late: "added later",
};

function causeText(cause: Cause, fn: Fn): string {
	switch (cause.kind) {
		case "archived":
		case "paused":
			if (cause.old) return `it is ${cause.kind} now; possible: it was then, too`;
			return cause.kind === "paused" ? "it is paused, and starts nothing" : "it is archived, and listens to nothing";
		case "condition": {
			const texts = cause.conditions.map((one) => quote(one, 160)).join(", ");
			return cause.conditions.length > 1 ? `its conditions ${texts} are false` : `its condition ${texts} is false`;
		}
		case "new app":
			return `its app was first synced ${duration(cause.after)} after the event`;
		case "same id": {
			const started = cause.run && ` as ${cause.by}, which started ${cause.run}`;
			return `an event with the same id ${word(cause.id)} came in the 24h before${started ?? ""}`;
		}
		case "late":
			return lateText(cause);
		case "debounce": {
			const started = cause.run && ` and started ${cause.run}`;
			const replaced = `a later event ${words(cause.by, "replaced it")}${started ?? ""}`;
			return `${limitText(fn, cause.kind)}: ${cause.waits ? "it may run later, unless a later event replaces it" : replaced}`;
		}
		case "singleton": {
			const rival = cause.run ?? "another run";
			return `${limitText(fn, cause.kind)}: ${rival} ${cancelsOthers(fn) ? "took its place" : "had not ended"}`;
		}
		case "rateLimit": {
			const taken = cause.taken && `, and ${cause.taken} had started`;
			const beyond = cause.run ? `: ${cause.run} had taken it` : ` drops anything beyond it${taken ?? ""}`;
			return `${limitText(fn, cause.kind)}${beyond}`;
		}
		case "eventsBatch":
			return `${limitText(fn, cause.kind)}: it may run later, with its batch`;
	}
}

function lateText({ waits, synced }: Extract<Cause, { kind: "late" }>): string {
	if (waits) return "";
	const later = "it was added, or began to listen to this event, later";
	return synced === undefined ? later : `${later} (its app was last synced ${duration(synced)} after the event)`;
}

function nobodyLines({ nobody, unread }: Why, event: Event, now: number): string[] {
	if (!nobody) return [];
	if (event.name === "inngest/function.invoked")
		return ["It invokes a function, which may be debounced, limited or unknown here."];
	const { near, unsynced, resumed, cancels, cancelled, looked } = nobody;
	const did = resumed.length + cancels.length > 0;
	const isSure = resumed.length > 0 || cancelled?.some(({ sure }) => sure);
	return [
		words(
			`No function${unread.length ? " that could be read" : ""} listens to ${word(event.name)}.`,
			!did && near !== undefined && `Did you mean ${word(near)}?`,
		),
		...few(resumed, "more run", resumedLine),
		...(isSure ? [] : few(unsynced, "more app", unsyncedLine)),
		...few(
			cancelled ?? [],
			"more run",
			({ run, sure }) => `${sure ? "It" : "Possible: it"} cancelled ${run.id} ${functionOf(run)}.`,
		),
		...few(
			cancelled?.some(({ sure }) => sure) ? [] : cancels,
			"more function",
			({ fn, cancellation: { condition, timeout } }) =>
				words(
					`It cancels runs of ${nameOf(fn)}`,
					timeout && `within ${word(timeout)} of their start`,
					condition && `if ${quote(condition, 160)} (async is this event)`,
				),
		),
		...(cancelled?.length === 0 ? ["No such run was cancelled just after it."] : []),
		...(did ? [] : [lookedLine(looked, isNew(event, now))]),
	];
}

const unsyncedLine = (app: App): string =>
	`${word(app.id)} ${syncFault(app)}. What it has added since its last sync is unknown.`;

export const resumedLine = ({ run, step }: Resumed): string =>
	`It resumed ${run.id} ${functionOf(run)}, which waited for it in ${word(step)}.`;

function lookedLine(looked: Looked | undefined, young: boolean): string {
	if (!looked) return "Possible: it resumed a waiting run (get-event checks).";
	if ("error" in looked) return `Whether it resumed a waiting run could not be read: ${looked.error}`;
	const { runs, whole } = looked;
	if (!whole) return `Whether it resumed a run was checked for ${plural(runs, "run")}: none; others were not checked.`;
	if (!runs) return "There was no live run that it could have resumed.";
	return `It ${young ? "has resumed no live run so far" : "resumed no live run"} (${grouped(runs)} checked).`;
}

/** What sending it would do that is unlikely to be meant. */
export function foreseenLines(
	{ why, cancels, unchecked, unread, awaited, functions }: Foresight,
	{ name }: { name: string },
	now: number,
): string[] {
	if (cancels.length) {
		const open = cancels.filter(({ sure }) => !sure).length;
		const all = open === cancels.length;
		const least = unchecked.length + unread.length ? "at least " : "";
		const what = words(
			`${all ? "Possible: this" : "This"} cancels ${least}${plural(cancels.length, "live run")}`,
			open > 0 && !all && `(${open} of them possibly)`,
			open > 0 && "by a condition that can't be decided here",
		);
		return [`${what}:`, ...few(cancels, "more run", ({ run }) => runLine(run, now))];
	}
	const { nobody, misses } = why;
	if (!nobody)
		return few(misses, "more function", ({ fn, causes }) => {
			const texts = causes.map((cause) => causeText(cause, fn));
			return `${nameOf(fn)} would not start: ${texts.join("; ")}`;
		});
	if (!functions.length) return [`No function listens to ${word(name)}: none is synced here.`];
	const near = !nobody.cancels.length && nobody.near !== undefined && `Did you mean ${word(nobody.near)}?`;
	return [
		words(`No function listens to ${word(name)}.`, near),
		...few(nobody.unsynced, "more app", unsyncedLine),
		...few(nobody.cancels, "more function", ({ fn }) =>
			unchecked.includes(fn)
				? `It cancels runs of ${nameOf(fn)}; not all that are live were checked.`
				: `It cancels runs of ${nameOf(fn)}, but no live run matches.`,
		),
		awaited === undefined
			? "Whether a live run waits for it could not be checked for all runs."
			: "No live run waits for it.",
	];
}

/** What sending it may do, as that could not be read, or is too much to read first. */
export function uncheckedLine(seen: Pick<Foresight, "unchecked" | "unread"> | undefined): Line {
	if (!seen || seen.unread.length) return "Whether it cancels runs was not checked for all apps.";
	const of = seen.unchecked.map(nameOf);
	return of.length > 0 && `Whether it cancels runs of ${named(of, 5)} was not checked for all that are live.`;
}

/** The same of many events, by their names; `names` tells how many have each. */
export const namesLines = (seen: readonly Named[], names: ReadonlyMap<string, number>): string[] =>
	few(seen, "more name", ({ name, nobody, cancels }) => {
		const what = `${word(name)} (${plural(names.get(name) ?? 0, "event")})`;
		if (cancels.length) return `Possible: ${what} cancels live runs of ${named(cancels.map(nameOf), 5)}.`;
		const but = nobody?.cancels.length
			? "It cancels runs, but none is live."
			: `Did you mean ${word(nobody?.near ?? "")}?`;
		return `No function listens to ${what}. ${but}`;
	});

/** What `--json` gives of it. */
export function whyData(why: Why | undefined) {
	if (!why || !(why.misses.length || why.nobody || why.unread.length || why.deaf)) return {};
	const { misses, nobody, unread, deaf } = why;
	const name = (fn: Fn) => `${fn.app.id}/${fn.id}`;
	return {
		why: {
			notStarted: misses.map(({ fn, causes, ruledOut }) => ({
				function: name(fn),
				causes,
				...(ruledOut.length && { ruledOut }),
			})),
			...(deaf && { doesNotListen: name(deaf) }),
			...(nobody && {
				heard: false,
				near: nobody.near,
				unsynced: nobody.unsynced.map(({ id }) => id),
				looked: nobody.looked,
				resumed: nobody.resumed,
				...(nobody.cancelled && { cancelled: nobody.cancelled }),
				cancels: nobody.cancels.map(({ fn, cancellation }) => ({ function: name(fn), ...cancellation })),
			}),
			unread,
		},
	};
}

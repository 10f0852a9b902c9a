/** Groups of failures in words. */

import {
	ENOUGH,
	type FailedAt,
	type Group,
	type GroupStanding,
	isUnreachable,
	SLOTS,
	type State,
	shareKept,
} from "../decide/triage.ts";
import type { Comparison, Located, Replayed, Replays } from "../gather/failures.ts";
import { syncText } from "../gather/lists.ts";
import { LIVE_EACH, MOST_TRACED, type Retrying } from "../gather/past.ts";
import { filterFlags, functionOf, lengthOf, type RunFilter, type Window } from "../inngest/api.ts";
import type { LastSync } from "../inngest/functions.ts";
import { causesOf } from "../inngest/trace.ts";
import { callOf, FIRST_ONLY, type Suggested, whose } from "../text/nouns.ts";
import {
	ago,
	bars,
	clockText,
	duration,
	grouped,
	HOUR,
	joined,
	type Line,
	named,
	percent,
	plural,
	sum,
	unique,
	word,
	words,
} from "../text/text.ts";
import { failureText, rootLine } from "./causetext.ts";
import { appCall } from "./replaytext.ts";

/** A failure that began later than this after a sync (ms) is not linked to it. */
const NEAR = 6 * HOUR;

/**
 * `3m after the last sync of shop (2.1.0)`. Undefined if what began at `began` (ms) did not begin soon after one, or no sync time is known.
 */
export function afterSync(syncs: readonly LastSync[], app: string | undefined, began: number): string | undefined {
	const sync = syncs.find((one) => one.app === app);
	if (!sync || began < sync.at || began - sync.at > NEAR) return;
	return `${ago(sync.at, began).replace(" ago", "")} after ${syncText(sync)}`;
}

/** How a group compares with the past; `after`: how soon after a sync it began. */
interface Compared {
	standing: GroupStanding;
	state: State;
	after?: string | undefined;
}

/** A group, with its replays if they could be read, or compared with the past. */
export interface ShownGroup {
	group: Located;
	replays: Replays | undefined;
	state?: State | undefined;
	compared?: Compared;
}

/** The groups of a comparison that are shown. If all failures were read, a new one may be shown to have begun after a sync. */
export const comparedGroups = ({ top, syncs = [], absent }: Comparison): ShownGroup[] =>
	top.map(({ group, ...compared }) => {
		const mayBegin = absent && compared.standing.kind !== "known";
		const after = mayBegin ? afterSync(syncs, group.of.app, group.first) : undefined;
		return { group, replays: undefined, compared: { ...compared, after } };
	});

/** The maximum number of groups shown. */
export const MOST_GROUPS = 50;

/** `12 failed runs of 3 functions in 4 groups, ended`. `other` failures are in groups that are not known. */
export function failedText(total: number, groups: readonly Group[], other: number, compared: boolean): string {
	const least = other ? "at least " : "";
	const functions = new Set(groups.map((one) => one.function)).size;
	const of = compared ? "" : ` of ${least}${plural(functions, "function")}`;
	return `${plural(total, "failed run")}${of} in ${least}${plural(groups.length, "group")}${compared ? "" : ", ended"}`;
}

/** What is omitted, and how to see it. `brief`: how many of the groups beyond the limit are told in brief. */
export function restLine(hidden: readonly Group[], other: number, limit: number, brief: number): Line {
	const rest = other + sum(hidden, (group) => group.count);
	const further = joined(
		", then ",
		limit < MOST_GROUPS && `--limit ${MOST_GROUPS}`,
		hidden.length + brief + limit > MOST_GROUPS && "narrow it with --function or --app",
	);
	const more = `${other ? "at least " : ""}${plural(hidden.length, "more group")}`;
	const told = joined(
		"; ",
		rest > 0 && `${more} with ${plural(rest, "failure")}`,
		brief > 0 && `steps, replays and later runs of groups from ${limit + 1} on were not read`,
	);
	return told && `… ${told}: ${further}.`;
}

/** What a group is part of: the number of all failures; a first one before `early` (ms) may have had others before it, which were not read. */
export interface Whole {
	total: number;
	now: number;
	early: number;
}

/** `number` counts groups. */
export function groupLines({ group, replays, state, compared }: ShownGroup, number: number, whole: Whole): Line[] {
	const { count, failure, example, code, root } = group;
	const notes = compared
		? comparedTexts(group, compared, whole.now)
		: [whenText(group, whole), ...replayTexts(group, replays), laterText(state)];
	const place = placeText(group, replays);
	return [
		`${number}. ${count}x (${percent(count, whole.total)}) ${group.function} ${place}, ${joined(", ", ...notes, batchText(group))}`,
		`   ${failureText(failure)}${group.varies ? " (the message varies)" : ""}${affectedText(group)}; run ${example}, group ${code}`,
		root && `   ${rootLine(root, causesOf(failure))}`,
	];
}

/** Groups of which neither steps nor replays were read, from this number on. */
export const briefLines = (groups: readonly Group[], number: number, whole: Whole): string[] =>
	groups.map((one, i) => {
		const told = failureText(one.failure, 1, 100);
		return `${number + i}. ${one.count}x ${one.function}, ${whenText(one, whole)}: ${told}; group ${one.code}`;
	});

function placeText({ where }: Located, replays: Replays | undefined): string {
	if (!where.length) return "(step unknown)";
	const kept = replays?.replays && where.some(({ kind }) => kind === "outside") ? " or in one that a replay kept" : "";
	return `${where.map(whereText).join(" or ")}${kept}`;
}

export function whereText(where: FailedAt): string {
	if (where.kind === "tie") return `(possible: step ${where.steps.map(word).join(" or ")})`;
	if ("step" in where) return `${where.kind === "after" ? "after" : "in"} step ${word(where.step)}`;
	return STEPLESS[where.kind];
}

const STEPLESS = {
	outside: "outside any step",
	unseen: "in no recorded step",
	returned: "after the function had returned",
};

function whenText({ count, first, last }: Pick<Group, "count" | "first" | "last">, { now, early }: Whole): string {
	const since = `first ${clockText(first, now)}${first < early ? " or earlier" : ""}, last `;
	return `${count > 1 ? since : ""}${ago(last, now)}`;
}

/** What triage does not count, by function. */
export function retryingLines(retrying: readonly Retrying[] = []): Line[] {
	const lines = unique(retrying, ({ run }) => functionOf(run)).map(
		({ run, failure }) => `   ${functionOf(run)} ${run.id}: ${failureText(failure)}`,
	);
	const head = `Not counted: live runs whose last attempt failed (of at most ${MOST_TRACED} read, ${LIVE_EACH} per function):`;
	return lines.length ? [head, ...lines] : [];
}

/** `, against 40 in the 7d before: 1 new, 2 known, 1 gone`. Without the number if not all were read. */
export function againstText({ sorted, past, stopped, absent }: Comparison, filter: RunFilter): string {
	const before = `the ${duration(lengthOf(past))} before`;
	if (past.oldest === undefined)
		return `; nothing to compare with: no run${whose(filter)} completed or failed in ${before}`;
	const number = (kind: GroupStanding["kind"]) => sorted.filter(({ standing }) => standing.kind === kind).length;
	const [fresh, perhaps, known] = [number("new"), number("perhaps"), number("known")];
	const parts = [
		fresh && `${fresh} new`,
		perhaps && `${perhaps} possibly new`,
		known && `${known} known`,
		absent?.length && `${absent.length} gone`,
	];
	const then = sum(past.groups, ({ count }) => count);
	const failed = then && !stopped ? `${grouped(then)} in ` : "";
	return `, against ${failed}${before}: ${joined(", ", ...parts) || "no failure then, either"}`;
}

function comparedTexts({ count, first, last, line = [] }: Located, { standing, state, after }: Compared, now: number) {
	const began = clockText(first, now);
	const isOnce = count === 1 && standing.kind !== "known";
	const end = isOnce ? "" : clockText(last, now);
	return [
		words(standingText(standing, began, isOnce, now), after && `(${after})`),
		`${stateText(state, end)} ${bars(line)}`,
	];
}

function standingText(standing: GroupStanding, began: string, once: boolean, now: number): string {
	const since = `${once ? "at" : "since"} ${began}`;
	if (standing.kind === "uncompared") return since;
	if (standing.kind === "new") return `new ${since}`;
	if (standing.kind === "perhaps") return `possible: new ${since}`;
	return `known since ${clockText(standing.then.first, now)} (${timesBefore(standing.then)})`;
}

const timesBefore = ({ cut, count }: Group): string => `${cut ? "at least " : ""}${grouped(count)}x before`;

function stateText(state: State, last: string, none = "no later run"): string {
	const seen = last && `last ${last}, `;
	if (state.kind === "unread") return `${seen}not checked since`;
	const later = laterText(state) || `${none} completed`;
	return state.kind === "over" ? `over since ${last} (${later})` : `${seen}${later}`;
}

/** How many of its function's runs, queued after its last failure, completed; empty if none is known. */
function laterText(state: State | undefined): string {
	const completed = state && "completed" in state ? state.completed : 0;
	return completed ? `${completed < 100 ? "" : "at least "}${plural(completed, "later run")} completed` : "";
}

/** What is gone, and how much of the past is known. */
export function pastLines(
	{ past, stopped, gone, absent = gone }: Comparison,
	lined: Window | false,
	now: number,
	filter: RunFilter,
): Line[] {
	const length = duration(lengthOf(past));
	const kept = shareKept(past);
	const more = absent.length - gone.length;
	return [
		lined && `Bars: ${duration(lengthOf(lined) / SLOTS)} each.`,
		...gone.map(({ group, state }) => {
			const end = stateText(state, clockText(group.last, now), "but no later run");
			return `Gone: ${group.function}, ${timesBefore(group)}, ${failureText(group.failure)}, ${end}`;
		}),
		more > 0 && `… ${grouped(more)} more gone: --limit 50.`,
		past.oldest !== undefined &&
			kept < ENOUGH &&
			`The oldest run${whose(filter)} ended ${clockText(past.oldest, now)}: ${duration(past.until - past.oldest)} of the ${length} before.`,
		stopped && `Of the ${length} before: ${stopped}.`,
	];
}

function batchText({ batches, count }: Located): Line {
	const which = batches < count ? `${batches} of them` : "all";
	return batches > 0 && `${which} started by batches (only the first event of each is known)`;
}

function replayTexts({ events, count, batches }: Located, replays: Replays | undefined): (string | false | 0)[] {
	// A batch's first event stands for it, but is not its only one.
	const of = events < count && !batches && `of ${plural(events, "event")}`;
	if (!wasRead(replays)) return [of, "replays could not be read"];
	const { looked, succeeded, live, again, own, unread } = replays;
	const newest = looked === 1 ? "event" : plural(looked, "event");
	return [
		of,
		succeeded && words(`${succeeded} replayed successfully`, batches > 0 && FIRST_ONLY),
		live && `${live} being replayed`,
		again > own && `${again - own} replayed unsuccessfully`,
		own && `${own} ${own === 1 ? "is itself a replay" : "are themselves replays"}`,
		unread && `replays of ${plural(unread, "event")} could not be read`,
		looked < events && (looked ? `replays checked only for the newest ${newest}` : "replays not checked"),
	];
}

const wasRead = (replays: Replays | undefined): replays is Replays =>
	replays !== undefined && (!replays.unread || replays.unread < replays.looked);

export const unseenLines = (shown: readonly ShownGroup[]): Line[] => [
	shown.some(({ replays }) => replays?.alone) && "Replays of runs without an event can't be seen.",
];

const IDS = 4;

/** `; orderId ord_1, ord_2, ord_3 and 2 more`: of all runs if so many were read, otherwise of some. */
function affectedText({ affected, count, read }: Located): string {
	if (!affected) return "";
	const { key, values } = affected;
	const told = values.map(word);
	return `; ${word(key)} ${count > read ? [...told.slice(0, IDS), "…"].join(", ") : named(told, IDS)}`;
}

/** Whether a replay may help for some events, as far as was checked. */
function isReplayable({ group: { failure, where, events }, replays }: ShownGroup): boolean {
	if (!wasRead(replays) || isUnreachable(failure) || where.some(({ kind }) => kind === "returned")) return false;
	const { succeeded, live, again, alone, cron, unread } = replays;
	return events > succeeded + live + again + alone + cron + unread;
}

/**
 * Calls for the first group not replayed successfully. They examine it, compare it with a run that completed since, and replay the first
 * group that may be replayed.
 */
export function nextCalls(shown: readonly ShownGroup[], filter: RunFilter): Suggested[] {
	const isOver = ({ group, replays }: ShownGroup) => replays && replays.succeeded >= group.events;
	const top = shown.find((one) => !isOver(one)) ?? shown[0];
	const one = shown.find(isReplayable);
	const replay = one && callOf("replay-runs", [], { group: one.group.code, ...filterFlags(filter) });
	return [top && lookCall(top), replay && [replay, "once the cause is fixed"]];
}

/** The call that shows a group's cause. */
function lookCall({ group: { failure, root, example }, compared, state = compared?.state }: ShownGroup): Suggested {
	const app = appCall(failure);
	if (app) return app;
	if (root && root !== "not found") return `get-run ${root.run.id}`;
	return words(`get-run ${example}`, state && "completed" in state && state.completed > 0 && "--against");
}

const REPLAYED: Record<Replayed["as"], string> = {
	succeeded: "Replayed since, successfully",
	live: "Being replayed",
	again: "Replayed since, unsuccessfully",
};
export const replayedLine = ({ as, run }: Replayed): string => `  ${REPLAYED[as]}: ${run}`;

/** What a watch reports, as a chat message; backlogs, and what a run waits behind, in words; the call that counts runs. */

import { groupData } from "../decide/triage.ts";
import type { News, Slot, Tally } from "../decide/watch.ts";
import type { Target } from "../gate/target.ts";
import type { Held } from "../gather/past.ts";
import type { ReadStory } from "../gather/story.ts";
import { type App, functionOf, type RunFilter, startOf, type Window } from "../inngest/api.ts";
import { payloadOf } from "../inngest/eventlist.ts";
import { type LastSync, lastSyncOf } from "../inngest/functions.ts";
import type { Answer } from "../intent.ts";
import { callOf, callText, type FunctionRef, plainRef, type Suggested, single } from "../text/nouns.ts";
import {
	ago,
	DAY,
	duration,
	excerpt,
	groupBy,
	grouped,
	iso,
	joined,
	type Line,
	named,
	percent,
	plural,
	quote,
	some,
	stamp,
	sum,
	time,
	word,
	words,
} from "../text/text.ts";
import { syncTrouble } from "./setup.ts";
import { afterSync } from "./triagetext.ts";

/** What a run waits behind: runs that hold slots, the run that began last by its throttle, older queued runs. */
export function queueLines({ run: of, holders = [], unsought, place, began, now }: Queued): Line[] {
	const { older = 0, of: all = "", ranked } = place ?? {};
	return [
		...some(holders, 3, ({ run, since, by }) => {
			const name = functionOf(run) === functionOf(of) ? "" : ` ${functionOf(run)}`;
			const held = `Run ${run.id}${name} holds a slot: the app is executing it (for ${duration(now - since)})`;
			return words(held, by && excerpt(payloadOf(by), 80));
		}),
		unsought &&
			(unsought.runs
				? words(unsought.more && "At least", plural(unsought.runs, "more running run"), "may hold a slot: not read.")
				: "More runs, not listed, may hold a slot."),
		began &&
			joined(
				"; by the throttle, this one starts about ",
				`The last to begin: run ${began.run.id}, ${ago(began.at, now)} (${stamp(began.at)})`,
				began.next && began.next > now && `${stamp(began.next)} at the earliest (${ago(began.next, now)})`,
			),
		older > 0 &&
			words(
				all === "" && "At least",
				`${older} of its function's`,
				`${all}`,
				`queued runs ${older === 1 ? "is" : "are"} older`,
				ranked && "(by its function's priority, newer ones may begin first)",
			),
	];
}
type Queued = Pick<ReadStory, "run" | "holders" | "unsought" | "place" | "began" | "now">;

/** Events that came while a run waited for one of their name. */
export function passedLine({ passed, now }: Pick<ReadStory, "passed" | "now">): Line {
	const { events = [], more } = passed ?? {};
	const [last] = events;
	if (!last) return;
	const at = time(last.received_at);
	const why = callText(`get-event ${last.internal_id}`);
	return words(
		more && "At least",
		plural(events.length, `${word(last.name)} event`),
		"came since it began to wait, and did not resume it; the newest",
		at && ago(at, now),
		`(why: ${why}):`,
		excerpt(payloadOf(last), 120),
	);
}

/** With the headline, the next call and notes, a message has at most eight lines. */
const LINES = 4;
/** How many of a kind are named. */
const NAMED = 2;

const LABELS: Record<News["kind"], string> = {
	away: "Unreachable",
	sync: "Sync failed",
	new: "New failure",
	perhaps: "Failing, perhaps not new",
	rise: "Fails more often",
	stuck: "Not ended after",
	missed: "Missed tick",
	recovered: "Recovered",
};

/** What could not be read and the first reason; what was not checked, and for how many functions only recoveries. */
interface Unread {
	missing: string[];
	why: string;
	omitted: string[];
	skipped: number;
}

/** `further`: the flag that narrows it, if any. */
function unreadLines({ missing, why, omitted, skipped }: Unread, isTold: boolean, further: string): string[] {
	const left = [...omitted, ...(isTold && skipped ? [`recoveries of ${plural(skipped, "function")}`] : [])];
	const hint = further && `; narrow it with ${further}`;
	return [
		...(missing.length ? [`Could not be read: ${missing.join(", ")} (${why.replace(/\.$/, "")})`] : []),
		...(left.length ? [`Not checked: ${left.join(", ")}${hint}`] : []),
	];
}

/** One line per kind. `unread`: sentences on what was not checked; `days`: times need their dates. */
export function watchLines(
	told: readonly News[],
	stuck: number,
	unread: readonly Line[],
	syncs: readonly LastSync[] = [],
	days = false,
): string[] {
	const all = [
		...[...groupBy(told, ({ kind }) => kind)].map(([kind, ones]) => {
			const items = some(ones, NAMED, (one) => itemText(one, syncs, days));
			const more = kind === "new" && ones.length > 1 ? "s" : "";
			return `${words(LABELS[kind] + more, kind === "stuck" && duration(stuck))}: ${items.join("; ")}`;
		}),
		...unread.filter((line) => typeof line === "string"),
	];
	return [...all.slice(0, LINES - 1), ...(all.length < LINES ? [] : [all.slice(LINES - 1).join(" · ")])];
}

function itemText(one: News, syncs: readonly LastSync[], days: boolean): string {
	switch (one.kind) {
		case "away":
			return words(
				`app ${word(one.app)}`,
				one.runs && `(${plural(one.runs, "run")} failed${one.back ? "; others completed since" : ""})`,
			);
		case "sync":
			return words(`app ${word(one.app)},`, one.never && "which has never synced:", syncTrouble(one.error, !one.never));
		case "new":
		case "perhaps": {
			const count = sum(one.groups, (group) => group.count);
			const [failure, ...others] = one.groups.map((group) => group.failure);
			const said = quote(failure?.message || failure?.name || "", 60);
			const more = others.length ? ` and ${plural(others.length, "other error")}` : "";
			const began = Math.min(...one.groups.map(({ first }) => first));
			const after = one.sure && afterSync(syncs, one.of.app, began);
			const known = one.kind === "new" && `(new since ${(began - one.since < DAY ? clock : dayTime)(one.since)})`;
			const note = one.sure ? after && `(began ${after})` : known;
			return words(`${one.function}, ${countText(count, one.tally)}: ${said}${more}`, note);
		}
		case "rise":
			return `${one.function}, ${riseText(one.tally)} (usually ${percent(one.normal.failed, one.normal.ended)})`;
		case "stuck":
			return `${one.function}, ${plural(one.runs.length, "run")}`;
		case "missed":
			return `${one.function} at ${named(one.ticks.map(days ? dayTime : clock), NAMED)}`;
		case "recovered":
			return words(`${one.function},`, whichText(one), plural(one.completed, "run"), "completed");
	}
}

const countText = (count: number, { ended, sampled }: Tally): string =>
	sampled || ended < count ? plural(count, "run") : `${count} of ${plural(ended, "run")}`;

const riseText = ({ failed, ended, sampled }: Tally): string =>
	sampled ? `${percent(failed, ended)} of runs` : `${failed} of ${plural(ended, "run")}`;

const whichText = ({ completed, sampled }: Extract<News, { kind: "recovered" }>): Line =>
	sampled ? "its newest" : completed > 1 && "all";

/** `09:15` in UTC; and with its date. */
const clock = (ms: number): string => stamp(ms).slice(11, 16);
const dayTime = (ms: number): string => stamp(ms).slice(5, 16);

/** Times need their dates. */
const isLong = ({ from, until }: Window): boolean => until - from >= DAY;

/** `09:00 to 09:15 UTC`, with dates if it is a day or longer. */
export function slotText(slot: Window): string {
	const { from, until } = slot;
	const text = (ms: number) => (isLong(slot) ? stamp(ms).slice(0, 16) : clock(ms));
	return `${text(from)} to ${text(until)} UTC`;
}

/** The call that shows the worst. If nothing is reported, one that shows what was omitted, or why it could not be read. */
export function watchNext([first, second]: readonly News[], slot: Window, isBlind = true): Suggested {
	const since = iso(slot.from).replace(/(:00)?\.000Z$/, "Z");
	if (!first) return isBlind ? "check-setup" : callOf("report-health", [], { since });
	switch (first.kind) {
		case "away":
		case "sync":
			return "list-apps";
		case "missed":
			// Its default is a day.
			return callOf("list-schedules", [], { since: isLong(slot) && since });
		case "recovered":
			return callOf("report-health", [], { since });
		case "stuck": {
			const [oldest] = first.runs.toSorted((a, b) => (startOf(a) ?? 0) - (startOf(b) ?? 0));
			return oldest && `get-run ${oldest.id}`;
		}
		default: {
			const isOne = !second || !["new", "perhaps", "rise"].includes(second.kind);
			const call = isOne && callOf("triage-failures", [], { function: plainRef(first.of), since });
			return call || callOf("triage-failures", [], { since });
		}
	}
}

/** A watch's answer. Silent if there is nothing to report. */
export function tellWatch(
	told: readonly News[],
	seen: Unread & { slot: Slot; apps: readonly App[] },
	{ stuck, app, function: fn }: { stuck: number; app?: string | undefined; function?: FunctionRef | undefined },
	label: string,
): Answer {
	const { slot, apps } = seen;
	const further = app === undefined ? "--app" : "--function";
	const missing = unreadLines(seen, told.length > 0, fn === undefined ? further : "");
	const lines = watchLines(told, stuck, missing, apps.flatMap(lastSyncOf), isLong(slot));
	const isQuiet = lines.length === 0;
	// Without internal fields.
	const plain = told.map((one) => ({ ...one, ...("groups" in one && { groups: one.groups.map(groupData) }) }));
	return {
		lines: [!isQuiet && `Inngest watch, ${slotText(slot)} (${label}):`, lines],
		silent: "NO_REPLY",
		next: [!isQuiet && watchNext(told, slot, seen.missing.length > 0)],
		data: { from: iso(slot.from), until: iso(slot.until), told: plain, missing },
	};
}

/** `Backlog shop/import, held by its limit, not its code: 1 of 1 executing, 340 queued …`. */
export function backlogLine(one: Held, now: number): string {
	const { limit, executing, queued, cut, pace, drain } = one;
	const own = limit?.kind === "own" ? limit.value : undefined;
	const full = own !== undefined && executing !== undefined && executing.runs >= own;
	const waits = limit?.kind === "throttle" ? "waiting (possible: for its throttle)" : "waiting";
	const head = full ? "held by its limit, not its code" : waits;
	const parts = [
		executing
			? words(executing.atLeast && "at least", `${executing.runs}`, own !== undefined && `of ${own}`, "executing")
			: "how many execute could not be read",
		`${cut ? "at least " : ""}${grouped(queued)} queued (oldest ${duration(now - one.since)})`,
		pace && `${pace.ended} ended, ${pace.arrived} arrived in ${duration(pace.ms)}`,
		drain.kind === "empties" && `possible: empty in about ${about(drain.ms)} at this pace`,
	];
	return `Backlog ${one.function}, ${head}: ${joined(", ", ...parts)}`;
}

/** Two digits: it is an estimate. */
const about = (ms: number): string => duration(Math.max(1000, Number((ms / 1000).toPrecision(2)) * 1000));

/** The backlogs that were not examined. */
export const moreBacklogs = (more: readonly string[]): Line =>
	more.length > 0 &&
	`… and ${plural(more.length, "more backlog")} (${named(more, 3)}), not examined: --function APP/FUNCTION.`;

/**
 * Counts a window's runs on Inngest Cloud where not all were read. Table, columns, ids (app and function joined by a
 * dash) and the lag are from Inngest's documentation of Insights (2026-11). Times are relative, as a query may not convert literals.
 */
export function countCall(
	{ target, now }: { target: Pick<Target, "kind">; now: number },
	{ since, until, app, function: fn, by }: RunFilter,
): Suggested {
	const inApp = fn?.app ?? app;
	const id = fn ? inApp && `${inApp}-${fn.name}` : app;
	const isTyped = (!fn && !app) || /^[\w.-]+$/.test(id ?? "");
	if (target.kind !== "cloud" || since === undefined || !isTyped) return;
	const at = (ms = now) => `now() - INTERVAL ${Math.max(0, Math.round((now - ms) / 1000))} SECOND`;
	const only = id ? ` AND ${fn ? "function_id" : "app_id"} = '${id}'` : "";
	const when = by === "endedAt" ? "ended_at" : "queued_at";
	const query = `SELECT function_id, status, count() FROM runs WHERE ${when} >= ${at(time(since))} AND ${when} < ${at(time(until))}${only} GROUP BY function_id, status`;
	const call = callOf("query-insights", [single(query)], { limit: "100" });
	return call && [call, "the count by Insights, some minutes late; the API key needs api:insight:read"];
}

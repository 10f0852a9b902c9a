/** What a bulk replay takes and leaves out, and what it says. */

import { chooseStep, decide, kinOf } from "../decide/replayplan.ts";
import { eventOf, functionOf, hasEnded, inParallel, type Run } from "../inngest/api.ts";
import { getTrace, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { planLines } from "../tell/replaytext.ts";
import { STATUSES } from "../text/nouns.ts";
import { grouped, type Line, named, plural } from "../text/text.ts";
import { account, leftOut, spread } from "./bulk.ts";
import { type ReplayTally, UNCLEAR } from "./replay.ts";
import type { Found } from "./select.ts";

/** What a bulk replay takes, and what it leaves out and why. */
export interface Sorted {
	/** One run for each function and event: the newest stands for the older ones. */
	candidates: Run[];
	/** Cloud can't replay them. */
	cron: Run[];
	/** Whether they were replayed can't be seen. */
	withoutEvent: Run[];
	/** Their function is no longer there. */
	removed: Run[];
}

/** `runs` are oldest first; `removed` are functions by name. */
export function sortOut(runs: readonly Run[], cloud: boolean, removed: ReadonlySet<string>): Sorted {
	const sorted: Sorted = { candidates: [], cron: [], withoutEvent: [], removed: [] };
	const newest = new Map<string, Run>();
	for (const run of runs)
		if (cloud && run.trigger?.cronSchedule) sorted.cron.push(run);
		else if (eventOf(run) === undefined) sorted.withoutEvent.push(run);
		else if (removed.has(functionOf(run))) sorted.removed.push(run);
		else newest.set(`${run.app.id}/${run.function.id} ${eventOf(run)}`, run);
	return { ...sorted, candidates: [...newest.values()] };
}

/** A run with what became of its event so far. */
export interface Looked {
	run: Run;
	/** All runs of its event and function. */
	known: ReadonlySet<string>;
	/** Whether it was replayed before, or is a replay itself, and how that went. */
	before: "never" | "live" | "succeeded" | "failed";
	/** Its replays that go on. */
	live: string[];
	/** The run by whose steps a replay from a step goes (measured): the first one. */
	base: Run;
}

export function lookAt(run: Run, siblings: readonly Run[]): Looked {
	const { older, newer } = kinOf(run, siblings);
	const others = [...older, ...newer];
	const live = others.filter((one) => !hasEnded(one)).map(({ id }) => id);
	return { run, known: new Set(siblings.map(({ id }) => id)), before: beforeOf(others), live, base: older[0] ?? run };
}

function beforeOf(others: readonly Run[]): Looked["before"] {
	if (!others.length) return "never";
	if (!others.every(hasEnded)) return "live";
	return others.some(({ status }) => status === "COMPLETED") ? "succeeded" : "failed";
}

/** What is replayed, and what was or is: that is left out, unless what was is asked for `again`. */
export interface Choice {
	todo: Looked[];
	live: Looked[];
	succeeded: number;
	failed: number;
}

export function chooseReplays(looked: readonly Looked[], again: boolean): Choice {
	const of = (before: Looked["before"]) => looked.filter((one) => one.before === before);
	return {
		todo: again ? looked.filter(({ before }) => before !== "live") : of("never"),
		live: of("live"),
		succeeded: of("succeeded").length,
		failed: of("failed").length,
	};
}

/** What a selection came to. */
export interface Selected extends Choice {
	found: Found;
	sorted: Sorted;
	/** Functions of which it could not be read whether they are still there. */
	unsure: number;
}

const counted = (n: number, noun: string, text: string): Line => n > 0 && `${plural(n, noun)} ${text}`;

/** Ended runs that were named and left out for their statuses, and these as `--status` takes them. */
export function otherwise({ others }: Found): { ids: string[]; statuses: string } {
	const isTyped = ({ status }: Run) => STATUSES.some((one) => one === status);
	const runs = others.flatMap(({ run, why }) => (why === run.status && hasEnded(run) && isTyped(run) ? [run] : []));
	const statuses = [...new Set(runs.map(({ status }) => status.toLowerCase()))].join(",");
	return { ids: runs.map(({ id }) => id), statuses };
}

export function leftLines({ found, sorted, live, succeeded, failed, unsure }: Selected, again: boolean): Line[] {
	const { withoutEvent, cron, removed } = sorted;
	const how = again ? ": replayed again, as asked" : " left out; --again replays those too";
	const going = live.flatMap((one) => one.live);
	const gone = [...new Set(removed.map(functionOf))];
	const { statuses } = otherwise(found);
	return [
		live.length > 0 && `Being replayed now, and left out: ${plural(live.length, "event")} (${named(going, 5)}).`,
		counted(succeeded + failed, "event", `replayed before (${succeeded} with success, ${failed} without)${how}.`),
		counted(
			withoutEvent.length,
			"run",
			"without an event left out: whether such a run was replayed can't be seen; replay-run takes one.",
		),
		counted(cron.length, "run", "started by cron left out: Inngest Cloud can't replay those."),
		counted(removed.length, "run", `left out, as no longer synced: ${named(gone, 5)}.`),
		counted(unsure, "function", "could not be read: whether still synced is unknown."),
		...leftOut(found, statuses && ` (--status ${statuses} takes those)`),
	];
}

export function specialLines(todo: readonly Looked[], { notFirst }: Found): Line[] {
	const count = (is: (run: Run) => unknown) => todo.filter(({ run }) => is(run)).length;
	const live = count((run) => !hasEnded(run));
	const batches = count((run) => run.trigger?.isBatch);
	const later = count((run) => notFirst.has(run.id));
	const crons = count((run) => run.trigger?.cronSchedule);
	return [
		counted(live, "run", "not ended yet: the replay would run beside it, two at once."),
		counted(batches, "run", "started by a batch: the replay has its first event only."),
		later > 0 && `In ${grouped(later)} of those the first event does not match, and the one that does is not replayed.`,
		counted(crons, "run", "started by cron: the replay runs now, with the event of that tick."),
	];
}

/**
 * What a replay from a step comes to in the oldest, the middle or the newest run, the first that has it: one may have failed
 * before. Refuses a step that none has.
 */
export async function sampleLines(todo: readonly Looked[], fromStep: string, { api }: Context): Promise<Line[]> {
	const some = spread(todo);
	const traces = await inParallel(some, 3, ({ base }) => getTrace(api, base.id));
	const has = traces.findIndex(({ value }) => chooseStep(stepsOf(value), fromStep).kind !== "none");
	const looked = some[Math.max(0, has)];
	if (!looked || (has < 0 && traces.some(({ value }) => !value))) return [];
	const trace = traces[Math.max(0, has)]?.value;
	// Of a run in a list no output is kept; its trace has it.
	const base = { run: { ...looked.base, output: trace?.output }, trace };
	const told = planLines(decide({ fromStep }, { run: looked.run, trace: undefined, base })).filter(Boolean);
	return told.length ? [`For example ${looked.run.id}:`, ...told.map((line) => `  ${line}`)] : [];
}

const WENT = {
	found: "replayed (the answer was lost; the new run was found)",
	again: "replayed (asked for again, as no new run had shown up in 15 s)",
};
const NAMED = 10;

export function accountLines(tally: ReplayTally, interrupted: boolean): Line[] {
	const { replays, unclear, reached } = tally;
	const more = replays.length - NAMED;
	const ids = unclear.map(({ id }) => id);
	const why = interrupted
		? "interrupted while looking for the new run"
		: `no usable answer, and ${UNCLEAR[reached ? "no new run" : "unread"]}`;
	return [
		...account(tally, WENT),
		...replays.slice(0, NAMED).map((one) => `  ${one.of} → ${one.run}`),
		more > 0 && `  … and ${grouped(more)} more (--json has all)`,
		ids.length > 0 && `${grouped(ids.length)} unclear (${why}): ${named(ids, NAMED)}`,
	];
}

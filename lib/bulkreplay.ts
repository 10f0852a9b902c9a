/** What a bulk replay says: what it leaves out and why, what its steps come to, its account. Pure. */
import { eventOf, functionOf, hasEnded, type Run, type Span } from "./api.ts";
import { account, othersText, unreadText } from "./bulk.ts";
import type { ReplayTally } from "./replay.ts";
import { decide } from "./replayfacts.ts";
import { type Choice, chooseStep, type Looked, type Sorted } from "./replayplan.ts";
import { planLines } from "./replaytext.ts";
import type { Found } from "./select.ts";
import { grouped, type Line, named, plural } from "./text.ts";
import { stepsOf } from "./trace.ts";

/** What a selection came to. */
export interface Selected extends Choice {
	found: Found;
	sorted: Sorted;
	/** Functions of which it could not be read whether they are still there. */
	unsure: number;
}

/** Runs that were named, have ended and were left out for their statuses, and these as `--status` takes them. */
export function otherwise({ others }: Pick<Found, "others">): { ids: string[]; statuses: string } {
	const runs = others.flatMap(({ run, why }) => (why === "status" && hasEnded(run) ? [run] : []));
	const statuses = [...new Set(runs.map(({ status }) => status.toLowerCase()))].join(",");
	return { ids: runs.map(({ id }) => id), statuses };
}

/** What is left out, and why. */
export function leftLines({ found, sorted, live, succeeded, failed, unsure }: Selected, again: boolean): Line[] {
	const { withoutEvent, cron, removed } = sorted;
	const replayed = succeeded + failed;
	const how = again ? ": replayed again, as asked" : " left out; --again replays those too";
	const going = live.flatMap((one) => one.live);
	const { statuses } = otherwise(found);
	return [
		live.length > 0 && `Being replayed now, and left out: ${plural(live.length, "event")} (${named(going, 5)}).`,
		replayed > 0 &&
			`${plural(replayed, "event")} replayed before (${succeeded} with success, ${failed} without)${how}.`,
		withoutEvent.length > 0 &&
			`${plural(withoutEvent.length, "run")} without an event left out: whether such a run was replayed can't be seen; replay-run takes one.`,
		cron.length > 0 && `${plural(cron.length, "run")} started by cron left out: Inngest Cloud can't replay those.`,
		removed.length > 0 &&
			`${plural(removed.length, "run")} left out, as no longer synced: ${named([...new Set(removed.map(functionOf))], 5)}.`,
		unsure > 0 && `${plural(unsure, "function")} could not be read: whether still synced is unknown.`,
		othersText(found.others, statuses && ` (--status ${statuses} takes those)`),
		unreadText(found),
	];
}

/** What is special about some of the runs that are replayed. */
export function specialLines(todo: readonly Looked[], { notFirst }: Pick<Found, "notFirst">): Line[] {
	const count = (is: (run: Run) => boolean | null | undefined) => todo.filter(({ run }) => is(run)).length;
	const live = count((run) => !hasEnded(run));
	const batches = count((run) => run.trigger?.isBatch);
	const later = count((run) => notFirst.has(run.id));
	const crons = count((run) => Boolean(run.trigger?.cronSchedule));
	return [
		live > 0 && `${plural(live, "run")} not ended yet: the replay would run beside it, two at once.`,
		batches > 0 && `${plural(batches, "run")} started by a batch: the replay has its first event only.`,
		later > 0 && `In ${grouped(later)} of those the first event does not match, and the one that does is not replayed.`,
		crons > 0 && `${plural(crons, "run")} started by cron: the replay runs now, with the event of that tick.`,
	];
}

/** A run that a replay from a step is planned on as an example: the one by whose steps it goes, with its trace. */
export interface Sample {
	looked: Looked;
	trace: Span | undefined;
}

/**
 * What a replay from a step comes to in the first of some samples that has it; a run may have failed before it came to the
 * step. Refuses one that none has, and a name that is there twice.
 */
export function sampleLines(samples: readonly Sample[], fromStep: string): Line[] {
	const chosen = samples.map(({ trace }) => chooseStep(stepsOf(trace), fromStep));
	const has = chosen.findIndex(({ kind }) => kind !== "none");
	const sample = samples[Math.max(0, has)];
	if (!sample || (has < 0 && samples.some(({ trace }) => !trace))) return [];
	const { looked, trace } = sample;
	// Of a run in a list no output is kept; its trace has it.
	const base = { run: { ...looked.base, output: trace?.output }, trace };
	const decided = decide({ fromStep }, { run: looked.run, trace: undefined, base });
	const possible = decided.obstacles.map(({ text }) => `Possible: ${text}.`);
	const told = [...planLines(decided), ...possible].filter(Boolean);
	return told.length ? [`For example ${looked.run.id}:`, ...told.map((line) => `  ${line}`)] : [];
}

/** How outcomes are told. */
const WENT = {
	found: "replayed (the answer was lost; the new run was found)",
	again: "replayed (asked for again, as no new run had shown up in 15 s)",
};
/** Replays, and runs that stay unclear, that an account names. */
const NAMED = 10;

/** What became of each run: counts, each original with its replay, what stays unclear. */
export function accountLines(tally: ReplayTally, interrupted: boolean): Line[] {
	const { replays, unclear } = tally;
	const more = replays.length - NAMED;
	const ids = unclear.map(({ id }) => id);
	return [
		...account(tally, WENT),
		...replays.slice(0, NAMED).map((one) => `  ${one.of} → ${one.run}`),
		more > 0 && `  … and ${grouped(more)} more (--json has all)`,
		ids.length > 0 && `${grouped(ids.length)} unclear (${whyUnclear(tally, interrupted)}): ${named(ids, NAMED)}`,
	];
}

function whyUnclear({ reached }: ReplayTally, interrupted: boolean): string {
	if (interrupted) return "interrupted while looking for the new run";
	const looked = reached ? "no new run has shown up" : "whether a new run has shown up could not be read";
	return `no usable answer, and ${looked}`;
}

/** The call that shows whether a run of which that is unclear was replayed. */
export function lookCall({ unclear }: ReplayTally): string | undefined {
	const [event] = unclear.flatMap((run) => eventOf(run) ?? []);
	return event && `get-event ${event} (look before replaying again)`;
}

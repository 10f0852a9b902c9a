/**
 * Replays runs (Inngest's "rerun"). The API has no idempotency key for that, so a replay is requested again only if no new run has
 * appeared. Also what a bulk replay includes and omits.
 */
import * as z from "zod/mini";
import {
	barring,
	type Choice,
	chooseReplays,
	chooseStep,
	type Decided,
	decide,
	type LookedRun,
	lookAt,
	type Sorted,
	sortOut,
} from "../decide/replayplan.ts";
import { siblings } from "../gather/siblings.ts";
import { eventOf, functionOf, hasEnded, Id, inParallel, One, type Run, readEach, type Span } from "../inngest/api.ts";
import { fnOf, type SyncedFn } from "../inngest/functions.ts";
import { getTrace, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { replayLimitLines } from "../tell/functiontext.ts";
import { planLines, type UNCLEAR } from "../tell/replaytext.ts";
import { Interrupted, ServerError, unread } from "../text/errors.ts";
import { callOf, callText, FIRST_ONLY } from "../text/nouns.ts";
import { groupBy, grouped, indented, type Line, named, plural, spread, unique, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { path, post, type Request } from "../wire/request.ts";
import { actOn, actOnEach, type BulkTally, IN_FLIGHT, leftOut } from "./bulk.ts";
import { type Found, withSiblings } from "./select.ts";

export interface FromStep {
	stepId: string;
	input?: unknown[];
}

export const rerunRequest = (id: string, fromStep?: FromStep): Request =>
	post(path`/v2/runs/${id}/rerun`, { fromStep });

export const syncedOf = (api: Api, run: Run): Promise<SyncedFn> => fnOf(api, run).catch(unread);

async function ask(api: Api, run: Run, fromStep?: FromStep): Promise<string | ServerError> {
	try {
		return (await api.send(rerunRequest(run.id, fromStep), One(z.object({ runId: Id })))).data.runId;
	} catch (error) {
		if (error instanceof ServerError && error.unclear) return error;
		throw error;
	}
}

/** The id of a run not yet known; false if that can't be read. */
async function look(api: Api, run: Run, known: ReadonlySet<string>): Promise<string | undefined | false> {
	try {
		return (await siblings(api, run, [])).find((one) => !known.has(one.id))?.id;
	} catch (error) {
		if (error instanceof ServerError) return false;
		throw error;
	}
}

/** The result of a requested replay: `found` after its response was lost, or unclear, with the reason and the response. */
export type Replayed =
	| { kind: "started" | "found"; runId: string }
	| { kind: "unclear"; why: keyof typeof UNCLEAR; said: string };

/** Starts one replay and never retries. After an unclear response it looks for the new run for about 8 s. */
export async function replay(
	{ api, clock }: Pick<Context, "api" | "clock">,
	run: Run,
	known: readonly Run[],
	fromStep?: FromStep,
): Promise<Replayed> {
	const asked = await ask(api, run, fromStep);
	if (typeof asked === "string") return { kind: "started", runId: asked };
	const said = asked.bare;
	if (eventOf(run) === undefined) return { kind: "unclear", why: "no event", said };
	const ids = new Set(known.map((one) => one.id));
	let read = false;
	for (const pause of [250, 500, 1000, 2000, 4000]) {
		await clock.sleep(pause);
		const runId = await look(api, run, ids);
		if (runId) return { kind: "found", runId };
		read ||= runId !== false;
	}
	return { kind: "unclear", why: read ? "no new run" : "unread", said };
}

/** A run to replay, and the ids of the runs that its event had already started. */
export interface Planned {
	run: Run;
	known: ReadonlySet<string>;
}

/** The pause between two looks, in ms; looks without a result before it is requested again. */
const SETTLE = 5000;
const LOOKS = 3;
const ROUNDS = 4 * LOOKS;

/** How a replay went: `found` after its response was lost, `again` if requested twice. */
type Went = "replayed" | "found" | "again";

/** A replay whose response was lost: whether it may be requested again, how often it was looked for, and the response. */
interface Lost extends Planned {
	again: boolean;
	looks: number;
	said: string;
}

export interface ReplayTally extends BulkTally {
	/** Each replayed run and its replay. */
	replays: { of: string; run: string }[];
	/** Runs that may or may not have been replayed. */
	unclear: Run[];
	/** The response for the first of those. */
	said: string | undefined;
	/** Whether the last look for their new runs was answered. */
	reached: boolean;
}

/**
 * Replays many runs. Those without a response are looked for later, and requested again only if no new run has appeared in three looks and
 * the server can't still be working on it, as after a timeout.
 */
export async function replayEach(
	plans: readonly Planned[],
	context: Pick<Context, "api" | "clock" | "progress" | "signal">,
	fromStep?: FromStep,
): Promise<ReplayTally> {
	const { api, clock, signal } = context;
	const replays: ReplayTally["replays"] = [];
	let lost: Lost[] = [];
	const started = (of: string, run: string, went: Went): Went => {
		replays.push({ of, run });
		return went;
	};
	const first = async ({ run, known }: Planned, went: Went): Promise<Went | undefined> => {
		const asked = await ask(api, run, fromStep);
		if (typeof asked === "string") return started(run.id, asked, went);
		// After a timeout the server may still be working; an odd success says that it is done.
		const again = asked.code !== "timeout" && ![200, 504].includes(asked.status) && eventOf(run) !== undefined;
		lost.push({ run, known, again, looks: 0, said: asked.bare });
		return;
	};
	const tally = await actOnEach(plans, context, (plan) => first(plan, "replayed"));
	let reached = true;
	for (let round = 1; lost.length && round <= ROUNDS; round++) {
		await clock.sleep(SETTLE, signal);
		const before = lost;
		lost = [];
		reached = false;
		const settle = async (one: Lost): Promise<Went | undefined> => {
			const id = await look(api, one.run, one.known);
			reached ||= id !== false;
			if (id) return started(one.run.id, id, "found");
			const looks = one.looks + (id === false ? 0 : 1);
			const stays = (error?: unknown): undefined => {
				if (error && !(error instanceof Interrupted)) throw error;
				lost.push({ ...one, looks });
			};
			const isDue = one.again && looks >= LOOKS && round < ROUNDS && !signal.aborted;
			return isDue ? first(one, "again").catch(stays) : stays();
		};
		await inParallel(before, IN_FLIGHT, (one) => actOn(one, tally, settle));
		if (signal.aborted || !reached) break;
	}
	return { ...tally, replays, unclear: lost.map(({ run }) => run), said: lost[0]?.said, reached };
}

/** The result of a selection. */
export interface Selected extends Choice {
	found: Found;
	sorted: Sorted;
	/** Functions by name, as far as they could be read. */
	functions: ReadonlyMap<string, SyncedFn>;
	from?: FromThere | undefined;
}

/** Which of the runs found to replay: what the server takes, and by default what was not replayed yet. */
export async function selectReplays(
	found: Found,
	{ again, fromStep }: { again: boolean; fromStep?: string | undefined },
	context: Context,
): Promise<Selected> {
	const { api, target, progress } = context;
	const cloud = target.kind === "cloud";
	const one = unique(found.runs, functionOf);
	const read = await inParallel(one, 6, (run) => syncedOf(api, run));
	const functions = new Map(one.map((run, i) => [functionOf(run), read[i]?.value]));
	const barred = new Map([...functions].map(([name, fn]) => [name, barring(fn, cloud)]));
	const sorted = sortOut(found.runs, cloud, barred);
	const { candidates } = sorted;
	let done = 0;
	const known = await withSiblings(api, candidates, () => progress(`${++done} of ${candidates.length} looked up`));
	const choice = chooseReplays(
		known.map(([run, all]) => lookAt(run, all)),
		again,
	);
	const from = fromStep === undefined ? undefined : await fromThere(choice.todo, fromStep, context);
	return { ...choice, todo: from?.todo ?? choice.todo, found, sorted, functions, from };
}

const counted = (n: number, noun: string, text: string): Line => n > 0 && `${plural(n, noun)} ${text}`;
const omitted = (n: number, noun: string, text: string): Line => n > 0 && `Omitted: ${counted(n, noun, text)}`;

export function leftLines(
	{ found, sorted, live, succeeded, failed, functions, from }: Selected,
	again: boolean,
): Line[] {
	const { withoutEvent, cron, removed, debounced } = sorted;
	const isBatch = found.runs.some(({ trigger }) => trigger?.isBatch);
	const replayed = words(`already replayed (${succeeded} successfully, ${failed} not)`, isBatch && FIRST_ONLY);
	const going = live.flatMap((one) => one.live);
	const unsure = [...functions.values()].filter((fn) => fn === undefined).length;
	const of = (runs: readonly Run[]) => named([...new Set(runs.map(functionOf))], 5);
	const byStatus = found.others.some(({ run, why }) => why === run.status && hasEnded(run));
	return [
		live.length > 0 &&
			`Omitted: ${plural(live.length, "event")} with another run that has not ended (${named(going, 5)}).`,
		again
			? counted(succeeded + failed, "event", `${replayed} included, as asked.`)
			: omitted(succeeded + failed, "event", `${replayed}; --again replays them too.`),
		omitted(withoutEvent.length, "run", "without an event, whose replays can't be seen: use replay-run."),
		omitted(cron.length, "run", "started by cron: Inngest Cloud can't replay those."),
		omitted(removed.length, "run", `whose function is no longer synced: ${of(removed)}.`),
		omitted(
			debounced.length,
			"run",
			`whose function has a debounce, which this server refuses to replay: ${of(debounced)}.`,
		),
		omitted(from?.lacking.length ?? 0, "run", "without that step, which the server refuses to replay from there."),
		omitted(from?.several.length ?? 0, "run", `with several steps of that name, which the server refuses${from?.ids}.`),
		counted(from?.unread ?? 0, "run", "may lack that step or have several of that name, and would then be refused."),
		counted(unsure, "function", "could not be read, and may no longer be synced."),
		...leftOut(found, byStatus ? " (--status selects those)" : ""),
	];
}

/** What is special about some of the runs and functions to replay. */
export function specialLines({ todo, found: { notFirst }, functions }: Selected, isCloud: boolean): Line[] {
	const limited = [...functions].filter(([name]) => todo.some(({ run }) => functionOf(run) === name));
	const told = (is: (run: Run) => unknown, text: string) =>
		counted(todo.filter(({ run }) => is(run)).length, "run", text);
	const later = todo.filter(({ run }) => notFirst.has(run.id)).length;
	return [
		told((run) => !hasEnded(run), "not ended yet: a replay would run alongside."),
		told((run) => run.trigger?.isBatch, "started by a batch: a replay gets only the first event."),
		later > 0 && `In ${grouped(later)} of those the first event does not match, and the one that does is not replayed.`,
		told((run) => run.trigger?.cronSchedule, "started by cron: a replay runs now, with the event of that tick."),
		...limited.flatMap(([name, fn]) => replayLimitLines(name, fn, isCloud)),
	];
}

/** What a replay from a step would do. */
interface FromThere {
	/** The runs that have the step, or may. */
	todo: LookedRun[];
	/** Those without it, and those with several of that name: the server refuses both (400, measured). */
	lacking: LookedRun[];
	several: LookedRun[];
	/** What shows the ids of those steps. */
	ids: string;
	/** The number of runs whose steps were not read. */
	unread: number;
	/** The traces read, by run. */
	traces: ReadonlyMap<string, Span>;
	/** What it means for each run whose steps were read. */
	plans: { run: Run; decided: Decided }[];
}

/** Refuses a step that none of the runs has. */
async function fromThere(todo: readonly LookedRun[], step: string, { api, target }: Context): Promise<FromThere> {
	const runs = spread(todo, target.kind === "cloud" ? 20 : 100);
	const ids = runs.map(({ base }) => base.id);
	const traces = await readEach(ids, 6, (id) => getTrace(api, id));
	const kinds = groupBy(todo, ({ base }) => {
		const trace = traces.get(base.id);
		return trace ? chooseStep(stepsOf(trace), step).kind : "unread";
	});
	const { none: lacking = [], several = [], step: found = [], unread = [] } = Object.fromEntries(kinds);
	const refused = new Set([...lacking, ...several]);
	const having = todo.filter((one) => !refused.has(one));
	const looked = having.length ? found : [...several, ...lacking].slice(0, 1);
	const plans = looked.map(({ run, base }) => {
		const trace = traces.get(base.id);
		// A listed run has no output; its trace does.
		const first = { run: { ...base, output: trace?.output }, trace };
		return { run, decided: decide({ fromStep: step }, { run, trace: undefined, base: first }) };
	});
	const call = callOf("get-run", [several[0]?.base.id ?? ""], { step });
	const told = call ? `: ${callText(call)} prints their ids` : "";
	return { todo: having, lacking, several, ids: told, unread: unread.length, traces, plans };
}

/** How many kinds of plans are shown. */
const KINDS = 4;

/** What replays from a step keep: once for all runs that keep the same. */
export function exampleLines({ from }: Selected): Line[] {
	const plans = from?.plans ?? [];
	const kinds = groupBy(plans, ({ decided }) => planLines({ ...decided, obstacles: [] }).join());
	const most = [...kinds.values()].sort((a, b) => b.length - a.length);
	return most.slice(0, KINDS).flatMap((some) => {
		const told = indented(planLines(some[0].decided));
		const of = plans.length > 1 ? `${some.length} of ${plural(plans.length, "run")} read, for` : "For";
		return [`${of} example ${some[0].run.id}:`, ...(told.length ? told : ["  No completed step is kept."])];
	});
}

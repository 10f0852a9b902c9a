/** What bulk intents share: finding all runs that match, telling a plan, and acting on each with an account. */
import {
	allOf,
	type Event,
	eventOf,
	functionOf,
	inParallel,
	listRunsRequest,
	pages,
	Run,
	type RunFilter,
	runLine,
} from "./api.ts";
import { isNotFound, ServerError, SkillError, UsageError } from "./errors.ts";
import { eventsOf, eventText, getEvent, payloadMatcher } from "./eventlist.ts";
import { checkExists, resolveFunction } from "./functions.ts";
import type { Context } from "./intent.ts";
import type { FunctionRef } from "./params.ts";
import { getRun } from "./story.ts";
import { ago, grouped, type Line, plural, time } from "./text.ts";

/** Runs handled in one call at most: a larger set needs a narrower filter. */
const LARGEST = 100_000;

/** Runs by id, or by what they have in common. */
export interface Selection extends RunFilter {
	ids: readonly string[];
	/** What an event of the run must hold: see payloadMatcher(). */
	match?: string | undefined;
}

/**
 * All runs that match, oldest first; an empty filter is refused, as it would mean "all". `others` are runs that were
 * named by id and do not have the status.
 */
export async function findRuns(
	{ ids, match, ...filter }: Selection,
	context: Context,
	keep: (run: Run) => boolean = () => true,
	output = false,
): Promise<{
	runs: Run[];
	others: Run[];
	filter: RunFilter & { function?: (FunctionRef & { app: string }) | undefined };
}> {
	const { api, progress } = context;
	const filtered = [filter.function, filter.app, filter.since, filter.until].some((one) => one !== undefined);
	if (ids.length && (filtered || match !== undefined))
		throw new UsageError(
			"Runs are named by id or by filters, not both; nothing was changed.",
			"Leave one of them out.",
		);
	if (ids.length) {
		const all = allOf(await inParallel([...new Set(ids)], IN_FLIGHT, (id) => getRun(api, id)));
		const fits = (run: Run) => filter.status === undefined || filter.status.some((one) => one === run.status);
		const runs = all.filter((run) => fits(run) && keep(run)).sort((a, b) => (a.id < b.id ? -1 : 1));
		return { runs, others: all.filter((run) => !runs.includes(run)), filter: { status: filter.status } };
	}
	if (!filtered)
		throw new UsageError(
			"An empty filter would mean every run; nothing was changed.",
			"Name runs by id, or --function, --app, --since or --until.",
		);
	const full = { ...filter, function: filter.function && (await resolveFunction(api, filter.function, filter.app)) };
	const runs = new Map<string, Run>();
	for await (const page of pages(
		api,
		listRunsRequest(full, { limit: 100, includeOutput: output ? "true" : undefined }),
		Run,
	)) {
		for (const run of page) if (keep(run)) runs.set(run.id, { ...run, output: undefined });
		if (runs.size > LARGEST)
			throw new UsageError(
				`More than ${grouped(LARGEST)} runs match; nothing was changed.`,
				"Narrow it with --since and --until.",
			);
		progress(`${grouped(runs.size)} runs found`);
	}
	if (!runs.size) await checkExists(api, full);
	const sorted = [...runs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
	return {
		runs: match === undefined ? sorted : await withEvent(sorted, payloadMatcher(match), context),
		others: [],
		filter: full,
	};
}

/** Those of the runs that an event started for which `matches` holds; an event that the server no longer has does not. */
async function withEvent(runs: readonly Run[], matches: (event: Event) => boolean, context: Context): Promise<Run[]> {
	const { progress, signal } = context;
	let looked = 0;
	let trouble: unknown;
	const found = await inParallel(runs, IN_FLIGHT, async (run) => {
		if (signal.aborted) trouble = new UsageError("Interrupted; nothing was changed.", "Call again.");
		if (trouble !== undefined) return false;
		progress(`the events of ${grouped(++looked)} of ${grouped(runs.length)} runs read`);
		for (const id of run.trigger?.eventIds ?? [])
			try {
				if (matches(await getEvent(context, id))) return true;
			} catch (error) {
				if (!isNotFound(error)) trouble ??= error;
			}
		return false;
	});
	if (trouble !== undefined) throw trouble;
	return runs.filter((_, i) => found[i]?.value);
}

/** What a plan says of runs that were named and are left out. */
export const othersText = (others: readonly Run[]): string | false =>
	others.length > 0 &&
	`Left out: ${others
		.slice(0, 5)
		.map((run) => `${run.id} is ${run.status}`)
		.join(", ")}${others.length > 5 ? ` and ${others.length - 5} more` : ""}.`;

/** The plan's lines on which runs they are: the spread, oldest and newest, and examples with their events. */
export async function describe(runs: readonly Run[], context: Context): Promise<Line[]> {
	const { now } = context;
	const count = new Map<string, number>();
	for (const run of runs) {
		const key = `${functionOf(run)} ${run.status}`;
		count.set(key, (count.get(key) ?? 0) + 1);
	}
	const spread = [...count].sort((a, b) => b[1] - a[1]);
	const at = (run: Run | undefined) => ago(time(run?.queuedAt) ?? now, now);
	const examples =
		runs.length <= 5
			? runs
			: [runs[0], runs[Math.floor(runs.length / 2)], runs.at(-1)].filter((run) => run !== undefined);
	const events = await eventsOf(context, examples);
	const eventLine = (run: Run) => {
		const event = events.get(eventOf(run) ?? "");
		return event && `    ${eventText(event, 80)}`;
	};
	return [
		...(runs.length > 1 ? spread.slice(0, 8).map(([key, n]) => `  ${grouped(n)} ${key}`) : []),
		spread.length > 8 && `  … and ${spread.length - 8} more kinds`,
		runs.length > 5 && `Oldest queued ${at(runs[0])}, newest ${at(runs.at(-1))}. For example:`,
		...examples.flatMap((run) => [`  ${runLine(run, now)}`, eventLine(run)]),
	];
}

/** What became of each run. */
export interface Tally {
	outcomes: Map<string, number>;
	refused: string[];
	refusedCount: number;
	notTried: number;
	interrupted: boolean;
}

/** Requests in flight at once; a 429 makes the client pause them all. */
export const IN_FLIGHT = 6;

/** Acts on one run and counts the outcome that `act` names, if it does; answers how much it looks as if the server were gone. */
export async function actOn(run: Run, tally: Tally, act: (run: Run) => Promise<string | undefined>): Promise<number> {
	try {
		const outcome = await act(run);
		if (outcome === undefined) return 0.25;
		tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
		return 0;
	} catch (error) {
		tally.refusedCount++;
		const why = error instanceof SkillError ? error.message : "the skill itself failed";
		if (tally.refused.length < 10) tally.refused.push(`${run.id} ${functionOf(run)}: ${why}`);
		// Unreachable, or a key that no longer works: going on would only repeat it.
		return error instanceof ServerError && [0, 401, 403].includes(error.status) ? 1 : 0;
	}
}

/** Acts on each run; single failures don't end the rest, Ctrl-C does after what is in flight, as does a server that is gone. */
export async function actOnEach(
	runs: readonly Run[],
	{ clock, progress, signal }: Context,
	act: (run: Run) => Promise<string | undefined>,
): Promise<Tally> {
	const tally: Tally = { outcomes: new Map(), refused: [], refusedCount: 0, notTried: 0, interrupted: false };
	let done = 0;
	let said = clock.now();
	let gone = 0;
	await inParallel(runs, IN_FLIGHT, async (run) => {
		if (signal.aborted || gone >= IN_FLIGHT) {
			tally.notTried++;
			return;
		}
		const silence = await actOn(run, tally, act);
		gone = silence && gone + silence;
		done++;
		const milestone = clock.now() - said > 10_000;
		if (milestone) said = clock.now();
		progress(`${grouped(done)} of ${grouped(runs.length)} done`, milestone);
	});
	tally.interrupted = signal.aborted;
	return tally;
}

/** `All 3 runs handled`. */
export const handled = (runs: number, open: number): string =>
	open
		? `Not all of ${plural(runs, "run")} handled`
		: runs === 1
			? "1 run handled"
			: `All ${plural(runs, "run")} handled`;

/** The account, in lines; `again` is the call that goes on with what is left. */
export function account({ outcomes, refused, refusedCount, notTried, interrupted }: Tally, again: string): Line[] {
	return [
		...[...outcomes].map(([outcome, n]) => `${grouped(n)} ${outcome}`),
		refusedCount > 0 && `${plural(refusedCount, "run")} refused or unreachable:`,
		...refused.map((line) => `  ${line}`),
		refusedCount > refused.length && `  … and ${refusedCount - refused.length} more`,
		notTried > 0 &&
			`${plural(notTried, "run")} not tried: ${interrupted ? "interrupted" : "the server stopped answering"}.`,
		refusedCount + notTried > 0 && `Next: ${again} plans what is left.`,
	];
}

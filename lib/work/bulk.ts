/** What bulk intents share: describing a plan, acting on each run, reporting the result. */
import { timely } from "../gather/foresee.ts";
import {
	eventOf,
	functionOf,
	getRun,
	hasEnded,
	inParallel,
	type Run,
	type RunFilter,
	readEach,
	refOf,
	runLine,
	type TimeField,
} from "../inngest/api.ts";
import { eventsOf, eventText } from "../inngest/eventlist.ts";
import { getTrace } from "../inngest/trace.ts";
import type { Answer, Context } from "../intent.ts";
import { UNCLEAR } from "../tell/replaytext.ts";
import { staysLine } from "../tell/runlist.ts";
import { dataOf, Interrupted, reasonOf, refusal, ServerError } from "../text/errors.ts";
import { callOf, type FlagValue, type Status, type Suggested } from "../text/nouns.ts";
import {
	ago,
	countBy,
	every,
	grouped,
	type Line,
	mostFirst,
	named,
	plural,
	some,
	spread,
	time,
	unique,
	word,
} from "../text/text.ts";
import type { ReplayTally } from "./replay.ts";
import type { Found } from "./select.ts";

export function leftOut({ others, unread, newest, unmatched }: Found, hint = ""): Line[] {
	const left = others.map(({ run, why }) => `${run.id} is ${why}`);
	return [
		left.length > 0 && `Omitted: ${named(left, 5)}${hint}.`,
		unmatched.length > 0 && `No run whose events were read matches ${named(unmatched.map(word), 10)}.`,
		newest !== undefined && "Omitted: older runs that match (--newest).",
		unread > 0 &&
			`Omitted: ${plural(unread, "run")} whose events the server no longer has: whether they match is unknown.`,
	];
}

/** The plan's lines about its runs, newest first as in all lists; of those shown, what `stays` done. */
export async function describe(
	runs: readonly Run[],
	context: Context,
	{ by, stays }: { by?: TimeField | undefined; stays?: boolean } = {},
): Promise<Line[]> {
	const { now } = context;
	const ended = by === "endedAt";
	const when = (run: Run | undefined) => time(ended ? run?.endedAt : run?.queuedAt) ?? now;
	const sorted = runs.toSorted((a, b) => when(a) - when(b));
	const [oldest, newest] = [sorted[0], sorted.at(-1)].map((run) => ago(when(run), now));
	const kinds = mostFirst(countBy(runs, (run) => `${functionOf(run)} ${run.status}`));
	const examples = (runs.length > 5 ? spread(sorted, 3) : sorted).toReversed();
	const events = await eventsOf(context, examples);
	const timed = timely(context);
	const traces = await readEach(stays ? examples : [], 5, ({ id }) => getTrace(timed, id));
	return [
		...some(
			runs.length > 1 ? kinds : [],
			8,
			([kind, n]) => `  ${grouped(n)} ${kind}`,
			(more) => `  … and ${plural(more, "more kind")}`,
		),
		runs.length > 5 && `Newest ${ended ? "ended" : "queued"} ${newest}, oldest ${oldest}. For example:`,
		runs.length > 1 && runs.length <= 5 && "Newest first:",
		...examples.flatMap((run) => {
			const event = events.get(eventOf(run) ?? "");
			const done = stays && staysLine(traces.get(run));
			return [`  ${runLine(run, now, { by })}`, event && `    ${eventText(event, 80)}`, done && `    ${done}`];
		}),
	];
}

/** What happened to each run. */
export interface BulkTally {
	/** How many runs had each outcome, by the handler's own names. */
	outcomes: Record<string, number>;
	/** The first 10 refusals, a line each. */
	refused: string[];
	refusedCount: number;
	/** What to do about the key, if that was refused. */
	advice?: string;
	/** Runs not reached. */
	notTried: number;
	/** Why: Ctrl-C, a server that stopped answering, or a key that it now refuses. */
	stopped?: keyof typeof STOPPED | undefined;
	/** The ids of runs refused or not tried. */
	left: string[];
}

const STOPPED = {
	interrupted: "interrupted",
	silent: "the server stopped answering",
	key: "the server refuses the key",
};

/** Concurrent requests. A 429 makes the client pause them all. */
export const IN_FLIGHT = 6;

/** Acts on one run and counts its outcome, if any. Returns a reason why continuing may be pointless. */
export async function actOn<T extends { run: Run }>(
	item: T,
	tally: BulkTally,
	act: (item: T) => Promise<string | undefined>,
): Promise<"silent" | "key" | "lost" | undefined> {
	try {
		const outcome = await act(item);
		if (outcome === undefined) return "lost";
		tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
		return;
	} catch (error) {
		const { run } = item;
		tally.left.push(run.id);
		if (error instanceof Interrupted) {
			tally.notTried++;
			tally.stopped = "interrupted";
			return;
		}
		if (tally.refusedCount++ < 10) tally.refused.push(`${run.id} ${functionOf(run)}: ${reasonOf(error)}`);
		if (!(error instanceof ServerError)) return;
		if (error.status === 0) return "silent";
		if (![401, 403].includes(error.status)) return;
		tally.advice = error.next;
		return "key";
	}
}

/** Acts on each item. Single failures don't stop the rest; Ctrl-C and an unreachable server do, after requests in flight. */
export async function actOnEach<T extends { run: Run }>(
	items: readonly T[],
	{ clock, progress, signal }: Pick<Context, "clock" | "progress" | "signal">,
	act: (item: T) => Promise<string | undefined>,
): Promise<BulkTally> {
	const tally: BulkTally = { outcomes: {}, refused: [], refusedCount: 0, notTried: 0, left: [] };
	let done = 0;
	let said = clock.now();
	// How likely the server is gone.
	let gone = 0;
	let last: BulkTally["stopped"];
	await inParallel(items, IN_FLIGHT, async (item) => {
		if (signal.aborted || gone >= IN_FLIGHT) {
			tally.notTried++;
			tally.left.push(item.run.id);
			tally.stopped = signal.aborted ? "interrupted" : last;
			return;
		}
		const trouble = await actOn(item, tally, act);
		last = trouble === "key" ? "key" : "silent";
		gone = trouble === undefined ? 0 : gone + (trouble === "lost" ? 0.25 : 1);
		const milestone = clock.now() - said > 10_000;
		if (milestone) said = clock.now();
		progress(`${grouped(++done)} of ${grouped(items.length)} tried`, milestone);
	});
	return tally;
}

/** The call that shows whether what is queued of a function has begun, after running ones, which may have held slots, were cancelled. On OSS it begins 1 to 10 s later (measured). */
export function queueCall(runs: readonly Run[]): Suggested {
	const running = runs.find(({ status }) => status === "RUNNING");
	const flags = { function: running && refOf(running), status: "queued,running", withWaits: true };
	const call = running && callOf("list-runs", [], flags);
	return call && [call, "in 10s: whether what is queued has begun"];
}

export function handled(runs: number, open: number): string {
	if (open) return `Incomplete: ${grouped(open)} of ${plural(runs, "run")} unresolved`;
	return runs === 1 ? "1 run handled" : `${every(runs, "run")} handled`;
}

export function account(tally: BulkTally, words: Record<string, string> = {}): Line[] {
	const { outcomes, refused, refusedCount, advice, notTried, stopped } = tally;
	return [
		...Object.entries(outcomes).map(([outcome, n]) => `${grouped(n)} ${words[outcome] ?? outcome}`),
		refusedCount > 0 && `${plural(refusedCount, "run")} refused or unreachable:`,
		...refused.map((line) => `  ${line}`),
		refusedCount > refused.length && `  … and ${refusedCount - refused.length} more (--json has all ids)`,
		notTried > 0 && `${plural(notTried, "run")} not tried: ${STOPPED[stopped ?? "silent"]}.`,
		advice,
	];
}

const WENT = {
	found: "replayed (the response was lost; the new run was found)",
	again: "replayed (requested again, as no new run had appeared in 15 s)",
};
/** How many ids are shown. */
const NAMED = 10;

/** What became of replays. */
export function accountLines(tally: ReplayTally, interrupted: boolean): Line[] {
	const { replays, unclear, said, reached } = tally;
	const shown = replays.toSorted((a, b) => (a.of < b.of ? 1 : -1));
	const ids = unclear.map(({ id }) => id);
	const why = interrupted
		? "interrupted while looking for the new run"
		: `no usable response, and ${UNCLEAR[reached ? "no new run" : "unread"]}`;
	return [
		...account(tally, WENT),
		...some(
			shown,
			NAMED,
			(one) => `  ${one.of} → ${one.run}`,
			(more) => `  … and ${grouped(more)} more (--json has all)`,
		),
		ids.length > 0 && `${grouped(ids.length)} unclear (${why}): ${named(ids, NAMED)}`,
		said && `  ${said}`,
	];
}

/** How long to look whether runs were cancelled, in ms: the server does it within seconds (measured). */
const CANCELLED_WITHIN = 5_000;

/** Adds what became of the runs that a sent event was expected to cancel. */
export async function withCancelled(
	answer: Answer,
	ids: readonly string[],
	{ api, clock, signal }: Context,
): Promise<Answer> {
	const last = clock.now() + CANCELLED_WITHIN;
	const read = async () => [...(await readEach(ids, 6, (id) => getRun(api, id, false))).values()];
	let runs = await read();
	while ((runs.length < ids.length || !runs.every(hasEnded)) && clock.now() < last && !signal.aborted) {
		await clock.sleep(500, signal);
		runs = await read();
	}
	const told = (is: boolean) =>
		named(
			runs.flatMap((run) => ((run.status === "CANCELLED") === is ? `${run.id} ${functionOf(run)}` : [])),
			5,
		);
	const [cancelled, others] = [told(true), told(false)];
	const lines = [cancelled && `It cancelled ${cancelled}.`, others && `Not cancelled so far: ${others}.`];
	return { ...answer, lines: [...answer.lines, ...lines] };
}

/** The maximum number of runs in a suggested call, and of things shown at once. */
const SEVERAL = 20;

/** Shows one item, or up to 20, each under its name if `head` is given (if `isTitled`). An item that can't be shown does not stop the others. */
export async function severally<T>(
	items: readonly T[],
	noun: string,
	head: ((all: string, answers: readonly Answer[]) => string) | undefined,
	tell: (item: T) => Promise<Answer>,
	nameOf: (item: T) => string = String,
	isTitled = true,
): Promise<Answer> {
	const all = unique(items, nameOf);
	const count = plural(all.length, noun);
	if (all[0] !== undefined && all.length === 1) return tell(all[0]);
	if (all.length > SEVERAL) throw refusal(`${count} are too many at once`, `Name at most ${SEVERAL}.`);
	// A run's trace can be megabytes.
	const told = await inParallel(all, 4, tell);
	const answers = told.flatMap(({ value }) => value ?? []);
	const names = all.map(nameOf);
	return {
		lines: [
			head?.(count, answers),
			...told.flatMap(({ value, error }, i) => {
				const name = names[i] ?? "";
				const title = head && isTitled && `${name}:`;
				const lines = value && [title, ...value.lines, ...(value.missing ?? [])];
				return lines ?? [`${name} could not be read: ${reasonOf(error)}`];
			}),
		],
		next: answers.flatMap(({ next = [] }) => next.filter(Boolean).slice(0, 1)).slice(0, 3),
		data: told.map(({ value, error }, i) => (value ? dataOf(value) : { [noun]: names[i], error: reasonOf(error) })),
		exit: told.some(({ value }) => !value || value.exit) ? 1 : 0,
	};
}

/** What was requested: `how` to do it, to which runs. */
interface Bulk extends RunFilter {
	ids: readonly string[];
	status: readonly Status[];
	match?: readonly string[] | undefined;
	newest?: number | undefined;
}

/**
 * The call that plans the remaining runs. By the same filter, or by id if runs were named by id, are no longer the newest, or would be
 * replayed once more (`again`).
 */
export function againCall(
	intent: string,
	{ ids, status, newest, function: fn, app, since, until, match }: Bulk,
	how: Record<string, FlagValue>,
	{ left }: BulkTally,
	usual: readonly string[],
): Suggested {
	if (!left.length) return;
	const byId = ids.length > 0 || newest !== undefined || how.again === true;
	const call = callOf(intent, byId ? left.slice(0, SEVERAL) : [], {
		...(!byId && { function: fn, app, since, until, match }),
		...how,
		status: status.join() !== usual.join() && status.join().toLowerCase(),
	});
	const many = byId && left.length > SEVERAL;
	const what = many ? `the first ${SEVERAL} of ${left.length} that are left` : "plans what is left";
	return call && [call, what];
}

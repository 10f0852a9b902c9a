import * as z from "zod/mini";
import { allOf, functionOf, inParallel, type Run } from "../lib/api.ts";
import { againCall, describe, handled } from "../lib/bulk.ts";
import {
	accountLines,
	leftLines,
	lookCall,
	otherwise,
	type Selected,
	sampleLines,
	specialLines,
} from "../lib/bulkreplay.ts";
import { type Answer, type Context, composed } from "../lib/intent.ts";
import { callOf, next } from "../lib/next.ts";
import {
	appFlag,
	flag,
	functionFlag,
	line,
	matchFlag,
	readTime,
	runIds,
	since,
	statuses,
	toggle,
	until,
	waitFlag,
} from "../lib/params.ts";
import { isSynced, type ReplayTally, replayEach, siblings } from "../lib/replay.ts";
import { chooseReplays, type Looked, lookAt, sortOut } from "../lib/replayplan.ts";
import { type Found, findRuns } from "../lib/select.ts";
import { type Line, lines, plural, word } from "../lib/text.ts";
import { type Failure, failureIn, getTrace, shortened } from "../lib/trace.ts";
import { groupCode, reasons } from "../lib/triage.ts";
import { waitFor } from "../lib/wait.ts";

/** More new runs than these are not waited for; of more than NAMED the next call does not name each. */
const WAITED = 50;
const NAMED = 8;

const params = z.object({
	ids: runIds(),
	function: functionFlag(),
	app: appFlag(),
	since: since(),
	until: until(),
	status: flag(z._default(statuses, ["FAILED"]), "default FAILED", "STATUS"),
	group: flag(z.optional(line), "a group that triage-failures printed", "CODE"),
	match: matchFlag(),
	fromStep: flag(z.optional(line), "start each at this step (its name or id)", "STEP"),
	again: toggle("also what was replayed before, with or without success"),
	wait: waitFlag("wait for the new runs, where they are at most 50"),
});
type Params = z.output<typeof params>;

export default composed({
	params,
	async run(given, context) {
		const p = windowed(given, context.now);
		const errors = new Map<string, Failure>();
		const found = await findRuns(p, context, keeping(p, errors), true);
		const selected = await select(found, p, context);
		if (!selected.todo.length) return nothing(p, given, selected, context);
		context.confirm(await planText(p, selected, errors, context), setOf(selected.todo));
		const fromStep = p.fromStep === undefined ? undefined : { stepId: p.fromStep };
		const tally = await replayEach(selected.todo, context, fromStep);
		return answer(p, selected, tally, context);
	},
});

/** The groups are those of the last 24 hours, unless said. */
const windowed = (p: Params, now: number): Params =>
	p.group === undefined || p.ids.length ? p : { ...p, since: p.since ?? readTime("24h", now) };

/** Whether a run is of the group that is asked for; keeps the errors of those that failed. */
const keeping =
	({ group }: Params, errors: Map<string, Failure>) =>
	(run: Run): boolean => {
		if (group !== undefined && groupCode(run) !== group.toLowerCase()) return false;
		const failure = run.status === "FAILED" ? failureIn(run.output) : undefined;
		if (failure) errors.set(run.id, shortened(failure));
		return true;
	};

/** Sorts out what can't be replayed, and what was already. */
async function select(found: Found, { again }: Params, context: Context): Promise<Selected> {
	const { api, target, progress } = context;
	const { gone, unsure } = await syncedOf(found.runs, context);
	const sorted = sortOut(found.runs, target.kind === "cloud", gone);
	const { candidates } = sorted;
	let looked = 0;
	const all = await inParallel(candidates, 8, async (run): Promise<Looked> => {
		const known = await siblings(api, run);
		progress(`${++looked} of ${candidates.length} looked up`);
		return lookAt(run, known);
	});
	return { ...chooseReplays(allOf(all), again), found, sorted, unsure };
}

/** Which of the runs' functions are gone, by name, and of how many that could not be read. */
async function syncedOf(runs: readonly Run[], { api }: Context) {
	const one = new Map(runs.map((run) => [functionOf(run), run]));
	const synced = await inParallel([...one.values()], 6, (run) => isSynced(api, run));
	const gone = [...one.keys()].filter((_, i) => synced[i]?.value === false);
	return { gone: new Set(gone), unsure: synced.filter(({ value }) => value === undefined).length };
}

/** What must not change between the plan and its confirmation. */
const setOf = (todo: readonly Looked[]) => todo.map(({ run, known }) => [run.id, known.size]);

function nothing(p: Params, given: Params, selected: Selected, { target }: Context): Answer {
	const { found, live, succeeded, failed } = selected;
	const count = found.runs.length;
	const span = p.since !== given.since ? " in the last 24 h (--since)" : "";
	const going = live.flatMap((one) => one.live);
	const wait = going.length > 0 && `wait-for-run ${going.slice(0, NAMED).join(" ")}`;
	const { ids, statuses } = otherwise(found);
	const other = statuses && callOf("replay-runs", ids.slice(0, NAMED), { status: statuses });
	return {
		text: lines(
			`Nothing to replay: ${plural(count, "run")} match${count === 1 ? "es" : ""}${span} (${target.label}).`,
			leftLines(selected, p.again),
			next(p.group !== undefined && !count && "triage-failures (prints the groups there are)", wait, other),
		),
		data: { found: count, replayed: succeeded + failed, live: going, replays: [] },
	};
}

async function planText(p: Params, selected: Selected, errors: ReadonlyMap<string, Failure>, context: Context) {
	const { todo, found } = selected;
	const { label } = context.target;
	const step = p.fromStep === undefined ? undefined : word(p.fromStep);
	const example = p.fromStep === undefined ? [] : await sampled(todo, p.fromStep, context);
	return lines(
		`Replay ${plural(todo.length, "run")} on ${label}, each from ${step === undefined ? "its start" : `step ${step}`}:`,
		await describe(
			todo.map(({ run }) => run),
			context,
			found.by,
		),
		reasons(todo.flatMap(({ run }) => errors.get(run.id) ?? [])),
		leftLines(selected, p.again),
		specialLines(todo, found),
		example,
		"Where an answer is lost, the new run is looked for; only if none shows up is it asked for again.",
		`Each replay is a new run with the same event; what the function does${step === undefined ? "" : " from that step on"}, it does again.`,
	);
}

/** What it comes to in the oldest, the middle or the newest run. */
async function sampled(todo: readonly Looked[], fromStep: string, { api }: Context): Promise<Line[]> {
	const some = [...new Set([todo[0], todo[todo.length >> 1], todo.at(-1)])].filter((one) => one !== undefined);
	const traces = await inParallel(some, 3, ({ base }) => getTrace(api, base.id));
	return sampleLines(
		some.map((looked, i) => ({ looked, trace: traces[i]?.value })),
		fromStep,
	);
}

function answer(p: Params, selected: Selected, tally: ReplayTally, context: Context): Answer | Promise<Answer> {
	const { todo, found, succeeded, failed } = selected;
	const { label } = context.target;
	const { signal, now } = context;
	const open = tally.refusedCount + tally.notTried + tally.unclear.length;
	const started = tally.replays.map(({ run }) => run);
	const told = lines(
		`${handled(todo.length, open)} (${label}):`,
		accountLines(tally, signal.aborted),
		leftLines(selected, p.again),
		p.wait && started.length > WAITED && `Not waited for, as there are more than ${WAITED}.`,
	);
	const { outcomes, unclear, reached, ...rest } = tally;
	const data = {
		found: found.runs.length,
		replayed: succeeded + failed,
		...rest,
		outcomes: Object.fromEntries(outcomes),
		unclear: unclear.map(({ id }) => id),
	};
	if (p.wait && !open && started.length && started.length <= WAITED)
		return waitFor({ ids: started }, context, { text: told, data });
	const { ids, status, wait, ...flags } = p;
	const again = againCall("replay-runs", ids.length > 0, tally, {
		...flags,
		...(status.join() === "FAILED" ? {} : { status: status.join(",").toLowerCase() }),
	});
	const waiting = started.length <= NAMED ? `wait-for-run ${started.join(" ")}` : healthSince(now);
	return {
		text: lines(told, next(lookCall(tally) ?? again, started.length > 0 && waiting)),
		data,
		exit: open ? 1 : 0,
	};
}

const healthSince = (now: number): string | undefined => {
	const call = callOf("report-health", [], { since: new Date(now).toISOString() });
	return call && `${call} (tells how they end)`;
};

import * as z from "zod/mini";
import {
	flag,
	intent,
	line,
	matchFlag,
	newestFlag,
	runIds,
	scope,
	statuses,
	times,
	toggle,
	waitFlag,
} from "../lib/cli/params.ts";
import { barring, type Decided, sortOut } from "../lib/decide/replayplan.ts";
import { groupCode, reasons, shortened } from "../lib/decide/triage.ts";
import { functionOf, inParallel, type Run } from "../lib/inngest/api.ts";
import { functionsOf, handlersOf } from "../lib/inngest/functions.ts";
import { type Failure, failureIn } from "../lib/inngest/trace.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { replayLimitLines } from "../lib/tell/functiontext.ts";
import { lookCall, planLines } from "../lib/tell/replaytext.ts";
import { historyLine, triageCall } from "../lib/tell/runlist.ts";
import { endLines } from "../lib/tell/streamtext.ts";
import { noted } from "../lib/text/errors.ts";
import { callOf, doesText, fieldLine, fromText, readTime, type Suggested } from "../lib/text/nouns.ts";
import { groupBy, iso, type Line, lines, named, plural, time, unique, word } from "../lib/text/text.ts";
import { againCall, describe, handled } from "../lib/work/bulk.ts";
import {
	accountLines,
	chooseReplays,
	fromThere,
	leftLines,
	lookAt,
	otherwise,
	type ReplayTally,
	replayEach,
	type Selected,
	specialLines,
	syncedOf,
} from "../lib/work/replay.ts";
import { type Found, findRuns, type Keep, newestFirst, only, returnedLine, withSiblings } from "../lib/work/select.ts";
import { waitFor } from "../lib/work/wait.ts";

/** About how many of the newest runs are checked for those not yet replayed. */
const LOOKED = 1_000;
const WAITED = 50;
const NAMED = 8;

const params = z.object({
	ids: runIds(),
	...scope(),
	...times(),
	status: flag(z._default(statuses, ["FAILED"]), "default FAILED", "STATUS"),
	group: flag(z.optional(line), "a group that triage-failures printed", "CODE"),
	match: matchFlag(),
	newest: newestFlag("that are left to replay"),
	fromStep: flag(z.optional(line), "start each at this step (its name or id)", "STEP"),
	again: toggle("also runs already replayed, successfully or not"),
	wait: waitFlag("wait for the new runs, if at most 50"),
});
type Params = z.output<typeof params>;
/** By run, with the code of the failure's group. */
type Errors = Map<string, Failure & { group: string }>;

export default intent({
	params,
	async run(given, context) {
		// By default, groups are those of the last 24 hours.
		const day = given.group !== undefined && !given.ids.length && given.since === undefined;
		const p = day ? { ...given, since: readTime("24h", context.now) } : given;
		const errors: Errors = new Map();
		const chosen = await selectNewest(p, context, (run) => {
			const failure = run.status === "FAILED" ? failureIn(run.output) : undefined;
			if (p.group === undefined && !failure) return true;
			const group = groupCode(run);
			if (p.group !== undefined && group !== p.group.toLowerCase()) return false;
			if (failure) errors.set(run.id, { ...shortened(failure), group });
			return true;
		});
		if (!chosen.todo.length) return nothing(p, day ? " in the last 24 h (--since)" : "", chosen, context);
		const selected = p.fromStep === undefined ? chosen : await withStep(chosen, p.fromStep, context);
		const { todo } = selected;
		// What must not change between plan and confirmation.
		const set = todo.map(({ run, known }) => [run.id, known.size]);
		context.confirm(await planText(p, selected, errors, context), set);
		const tally = await replayEach(todo, context, p.fromStep === undefined ? undefined : { stepId: p.fromStep });
		return answer(p, selected, tally, context);
	},
});

/** The newest of the runs to replay: if newer ones already were, more runs are checked. */
async function selectNewest(p: Params, context: Context, keep: Keep): Promise<Selected> {
	const { newest = Infinity } = p;
	// To know which match, all must be read: once.
	const all = p.match && p.newest && (await findRuns({ ...p, newest: Infinity }, context, keep));
	for (let most = p.newest; ; most = most && 8 * most) {
		const found = all ? only(all, most) : await findRuns({ ...p, newest: most }, context, keep);
		const selected = await select(found, p, context);
		if (selected.todo.length >= newest || found.newest === undefined) return selected;
		if ((most ?? 0) > LOOKED) return { ...selected, found: { ...found, stopped: true } };
	}
}

async function select(found: Found, { again, newest }: Params, { api, target, progress }: Context): Promise<Selected> {
	const one = unique(found.runs, functionOf);
	const cloud = target.kind === "cloud";
	const read = await inParallel(one, 6, (run) => syncedOf(api, run));
	const functions = new Map(one.map((run, i) => [functionOf(run), read[i]?.value]));
	const barred = new Map([...functions].map(([name, fn]) => [name, barring(fn, cloud)]));
	const sort = ({ runs }: Found) => sortOut(runs, cloud, barred);
	const { candidates } = sort(found);
	let done = 0;
	const known = await withSiblings(api, candidates, () => progress(`${++done} of ${candidates.length} looked up`));
	const looked = known.map(([run, all]) => lookAt(run, all));
	const choose = (found: Found): Selected => {
		const sorted = sort(found);
		const some = new Set(sorted.candidates);
		const candidates = looked.filter(({ run }) => some.has(run));
		return { ...chooseReplays(candidates, again), found, sorted, functions };
	};
	const all = choose(found);
	const last = newest && all.todo.map(({ run }) => run).toSorted(newestFirst)[newest - 1];
	return last ? choose(only(found, 1 + found.runs.toSorted(newestFirst).indexOf(last))) : all;
}

async function withStep(chosen: Selected, step: string, context: Context): Promise<Selected> {
	const { todo, ...from } = await fromThere(chosen.todo, step, context);
	return { ...chosen, todo, from };
}

const historyOf = ({ ids, since }: Params, { runs }: Found, { target, now }: Context) =>
	!ids.length && historyLine(target, { now, since: time(since), oldest: time(runs[0]?.queuedAt) });

function nothing(p: Params, span: string, selected: Selected, context: Context): Answer {
	const { found, live, succeeded, failed } = selected;
	const count = found.runs.length;
	const match = `${plural(count, "run")} match${count === 1 ? "es" : ""}${span}`;
	const none = `all of the newest ${plural(count, "run")} that match${span} are omitted`;
	const going = live.flatMap((one) => one.live);
	const wait = going.length > 0 && `wait-for-run ${going.slice(0, NAMED).join(" ")}`;
	const { ids, statuses } = otherwise(found);
	const other = statuses && callOf("replay-runs", ids.slice(0, NAMED), { status: statuses });
	return {
		lines: [
			`Nothing to replay: ${found.stopped ? none : match} (${context.target.label}).`,
			!count && fieldLine(p.match),
			leftLines(selected, p.again),
			historyOf(p, found, context),
		],
		next: [!count && groupsCall(p), wait, other],
		data: { found: count, replayed: succeeded + failed, live: going, replays: [] },
	};
}

/** What leads to runs by their error: `--match` reads payloads. */
function groupsCall(p: Params): Suggested {
	if (p.group !== undefined) return ["triage-failures", "prints the current groups"];
	const call = p.match && !p.ids.length && p.status.includes("FAILED") && triageCall(p);
	return call && [call, "--match searches events' data; by error: --group, from there"];
}

/** Their events, which show it, are not read. */
const INVOKED = "A run that invoked one of these does not get its replay's result.";

async function planText(p: Params, selected: Selected, errors: Errors, context: Context) {
	const { todo, found } = selected;
	const { fromStep } = p;
	const runs = todo.map(({ run }) => run);
	const each = runs.length > 1 ? "each " : "";
	const failed = runs.filter(({ status }) => status === "FAILED");
	const missing: string[] = [];
	const [done, handlers, listening] = await Promise.all([
		returnedLine(runs, errors, context, selected.from?.traces),
		handlersOf(context.api, failed),
		functionsOf(context.api, undefined, 20).catch(noted(missing, "What listens to their ends")),
	]);
	const limits = [...new Set(runs.map(functionOf))].flatMap((name) =>
		replayLimitLines(name, selected.functions.get(name), context.target.kind === "cloud"),
	);
	return lines(
		`Replay ${plural(runs.length, "run")} on ${context.target.label}, ${each}${fromText(fromStep && word(fromStep))}:`,
		await describe(runs, context, { by: found.by }),
		reasons(runs.flatMap(({ id }) => errors.get(id) ?? [])),
		leftLines(selected, p.again),
		historyOf(p, found, context),
		specialLines(todo, found),
		done,
		limits,
		endLines(handlers, listening, runs),
		missing,
		exampleLines(selected.from?.plans),
		`Each replay is a new run with the same event; ${doesText(fromStep)}`,
		INVOKED,
		"If a response is lost and no new run is listed for 15 s, the replay may be requested again.",
	);
}

function answer(p: Params, selected: Selected, tally: ReplayTally, context: Context): Answer | Promise<Answer> {
	const { todo, found, succeeded, failed } = selected;
	const { outcomes, unclear, said, reached, ...rest } = tally;
	const open = rest.left.length + unclear.length;
	const started = rest.replays.map(({ run }) => run);
	const told = [
		`${handled(todo.length, open)} (${context.target.label}):`,
		accountLines(tally, context.signal.aborted),
		leftLines(selected, p.again),
		p.wait && started.length > WAITED && `Did not wait: there are more than ${WAITED} runs.`,
	];
	const counted = { found: found.runs.length, replayed: succeeded + failed };
	const data = { ...counted, ...rest, outcomes, unclear: unclear.map(({ id }) => id), error: said };
	if (p.wait && !open && started.length && started.length <= WAITED)
		return waitFor({ ids: started }, context, { lines: told, data });
	const { group, fromStep } = p;
	const again = againCall("replay-runs", p, { group, fromStep, again: p.again }, tally, ["FAILED"]);
	const health = callOf("report-health", [], { since: iso(context.now) });
	const many = started.length > NAMED && health;
	const waiting: Suggested = many ? [many, "shows how they end"] : `wait-for-run ${started.join(" ")}`;
	const next = [lookCall(unclear) ?? again, started.length > 0 && waiting];
	return { lines: told, next, data, exit: open ? 1 : 0 };
}

const KINDS = 4;
const LISTED = 10;

/** What replays from a step keep: once for all runs that keep the same. */
function exampleLines(plans: readonly { run: Run; decided: Decided }[] = []): Line[] {
	const linesOf = (decided: Decided) => planLines(decided).filter(Boolean);
	const alike = groupBy(plans, ({ decided }) => linesOf({ ...decided, obstacles: [] }).join());
	const kinds = [...alike.values()].sort((a, b) => b.length - a.length);
	return kinds.slice(0, KINDS).flatMap((some, i) => {
		const told = linesOf(some[0].decided);
		if (!told.length && kinds.length > 1) told.push("No completed step is kept.");
		const ids = some.map(({ run }) => run.id);
		const of = plans.length > 1 ? `${some.length} of ${plural(plans.length, "run")} read, ` : "";
		const head = i ? named(ids, LISTED) : `${of ? "for" : "For"} example ${ids[0]}`;
		return told.length ? [`${of}${head}:`, ...told.map((line) => `  ${line}`)] : [];
	});
}

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
import { groupCode, reasons, shortened } from "../lib/decide/triage.ts";
import type { Run } from "../lib/inngest/api.ts";
import { handlersOf } from "../lib/inngest/functions.ts";
import { type Failure, failureIn } from "../lib/inngest/trace.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { lookCall } from "../lib/tell/replaytext.ts";
import { historyLine, triageCall } from "../lib/tell/runlist.ts";
import { endLines } from "../lib/tell/streamtext.ts";
import { callOf, doesText, fieldLine, fromText, readTime, type Suggested } from "../lib/text/nouns.ts";
import { iso, lines, plural, span, time, word, words } from "../lib/text/text.ts";
import { accountLines, againCall, describe, handled } from "../lib/work/bulk.ts";
import {
	exampleLines,
	leftLines,
	type ReplayTally,
	replayEach,
	type Selected,
	selectReplays,
	specialLines,
} from "../lib/work/replay.ts";
import { type Found, findRuns, returnedLine } from "../lib/work/select.ts";
import { waitFor } from "../lib/work/wait.ts";

/** How many new runs are awaited at most; how many ids a suggested call has. */
const WAITED = 50;
const NAMED = 8;
const params = z.object({
	ids: runIds(),
	...scope(),
	...times(),
	status: flag(z._default(statuses, ["FAILED"]), "default FAILED", "STATUS"),
	group: flag(z.optional(line), "a group that triage-failures printed", "CODE"),
	match: matchFlag(),
	newest: newestFlag(),
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
		const found = await findRuns(p, context, (run) => isOfGroup(run, p.group?.toLowerCase(), errors));
		const selected = await selectReplays(found, p, context);
		const { todo } = selected;
		if (!todo.length) return nothing(p, selected, context);
		// What must not change between plan and confirmation.
		const set = todo.map(({ run, known }) => [run.id, known.size]);
		context.confirm(await planText(p, selected, errors, context), set);
		const tally = await replayEach(todo, context, p.fromStep === undefined ? undefined : { stepId: p.fromStep });
		return answer(p, selected, tally, context);
	},
});

/** Whether a run is in the named group, if any; notes its error. */
function isOfGroup(run: Run, group: string | undefined, errors: Errors): boolean {
	const own = groupCode(run);
	const isOf = group === undefined || own === group;
	const failure = isOf && run.status === "FAILED" && failureIn(run.output);
	if (failure) errors.set(run.id, { ...shortened(failure), group: own });
	return isOf;
}

const historyOf = ({ ids, since }: Params, { runs }: Found, context: Context) =>
	!ids.length && historyLine(context, { since: time(since), oldest: time(runs[0]?.queuedAt) });

function nothing(p: Params, selected: Selected, context: Context): Answer {
	const { found, live, succeeded, failed } = selected;
	const count = found.runs.length;
	const window = p.since && span(p.since, p.until, context.now);
	const all = words(plural(count, "run"), count === 1 ? "matches" : "match", window);
	const newest =
		count === 1
			? words("the newest run that matches", window, "is omitted")
			: words("the newest", plural(count, "run"), "that match", window, "are omitted");
	const match = found.newest === undefined ? all : newest;
	const going = live.flatMap((one) => one.live);
	const wait = going.length > 0 && `wait-for-run ${going.slice(0, NAMED).join(" ")}`;
	return {
		lines: [
			`Nothing to replay: ${match} (${context.target.label}).`,
			!count && fieldLine(p.match),
			leftLines(selected, p.again),
			historyOf(p, found, context),
		],
		next: [!count && groupsCall(p), wait],
		data: { found: count, replayed: succeeded + failed, live: going, replays: [] },
	};
}

/** What leads to runs by their error: `--match` reads payloads. */
function groupsCall(p: Params): Suggested {
	if (p.group !== undefined) return ["triage-failures", "prints the current groups"];
	const call = p.match && !p.ids.length && p.status.includes("FAILED") && triageCall(p);
	return call && [call, "--match searches events' data; by error: --group, from there"];
}

async function planText(p: Params, selected: Selected, errors: Errors, context: Context) {
	const { todo, found, from } = selected;
	const { target, api } = context;
	const runs = todo.map(({ run }) => run);
	const failed = runs.filter(({ status }) => status === "FAILED");
	const start = words(runs.length > 1 && "each", fromText(p.fromStep && word(p.fromStep)));
	const [done, handlers] = await Promise.all([
		returnedLine(runs, errors, context, from?.traces),
		handlersOf(api, failed),
	]);
	return lines(
		`Replay ${plural(runs.length, "run")} on ${target.label}, ${start}:`,
		await describe(runs, context, { by: found.by }),
		reasons(runs.flatMap(({ id }) => errors.get(id) ?? [])),
		leftLines(selected, p.again),
		historyOf(p, found, context),
		specialLines(selected, target.kind === "cloud"),
		done,
		endLines(handlers),
		exampleLines(selected),
		`Each replay is a new run with the same event; ${doesText(p.fromStep)}`,
		// Their events, which show it, are not read.
		"A run that invoked one of these does not get its replay's result.",
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

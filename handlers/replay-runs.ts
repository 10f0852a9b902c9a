import * as z from "zod/mini";
import { allOf, eventOf, hasEnded, inParallel, type Run } from "../lib/api.ts";
import { account, describe, findRuns, handled, othersText } from "../lib/bulk.ts";
import type { Api } from "../lib/client.ts";
import { composed } from "../lib/intent.ts";
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
import { checkStep, type Planned, replayEach, siblings } from "../lib/replay.ts";
import { lines, plural, word } from "../lib/text.ts";
import { type Failure, failureIn, getTrace, shortened, stepsOf } from "../lib/trace.ts";
import { groupCode, reasons } from "../lib/triage.ts";
import { waitFor } from "../lib/wait.ts";

/** More new runs than these are not waited for. */
const WAITED = 50;

export default composed({
	params: z.object({
		ids: runIds(),
		function: functionFlag(),
		app: appFlag(),
		since: since(),
		until: until(),
		status: flag(z._default(statuses, ["FAILED"]), "default FAILED", "STATUS"),
		group: flag(z.optional(line), "a group that triage-failures printed", "CODE"),
		match: matchFlag(),
		fromStep: flag(z.optional(line), "start each at this step", "STEP"),
		again: toggle("also what was replayed before, with or without success"),
		wait: waitFlag("wait for the new runs, where they are at most 50"),
	}),
	async run(p, context) {
		const { api, target, now, confirm, progress } = context;
		const errors = new Map<string, Failure>();
		const since = p.since ?? (p.group === undefined ? undefined : readTime("24h", now));
		const { runs: found, others } = await findRuns(
			p.ids.length ? p : { ...p, since },
			context,
			(run) => {
				if (p.group !== undefined && groupCode(run) !== p.group.toLowerCase()) return false;
				const failure = run.status === "FAILED" ? failureIn(run.output) : undefined;
				if (failure) errors.set(run.id, shortened(failure));
				return true;
			},
			true,
		);
		const isCron = (run: Run) => target.kind === "cloud" && Boolean(run.trigger?.cronSchedule);
		const cron = found.filter(isCron);
		const alone = found.filter((run) => !isCron(run) && eventOf(run) === undefined);
		const candidates = found.filter((run) => !isCron(run) && eventOf(run) !== undefined);
		// One replay for each function and event: its newest matching run stands for the older ones.
		const newest = new Map<string, Run>();
		for (const run of candidates) newest.set(`${run.app.id}/${run.function.id} ${eventOf(run)}`, run);
		const chosen = [...newest.values()];
		let looked = 0;
		const lookedUp = await inParallel(chosen, 8, async (run) => {
			const all = await siblings(api, run);
			progress(`${++looked} of ${chosen.length} looked up`);
			return { run, known: new Set(all.map(({ id }) => id)), well: all.some((one) => one.status === "COMPLETED") };
		});
		const plans = allOf(lookedUp);
		// More than one run of an event and function: it has been replayed, or the run is itself a replay that failed.
		const replayed = plans.filter(({ known }) => known.size > 1);
		const todo = p.again ? plans : plans.filter(({ known }) => known.size <= 1);
		const succeeded = replayed.filter(({ well }) => well).length;
		const left = [
			replayed.length > 0 &&
				`${plural(replayed.length, "event")} replayed before (${succeeded} with success, ${replayed.length - succeeded} without)${p.again ? ": replayed again, as asked" : " left out; --again replays those too"}.`,
			alone.length > 0 &&
				`${plural(alone.length, "run")} without an event left out: whether they were replayed can't be seen; replay-run takes them.`,
			cron.length > 0 && `${plural(cron.length, "run")} started by cron left out: Inngest Cloud can't replay those.`,
			othersText(others),
		];
		if (!todo.length)
			return {
				text: lines(
					`Nothing to replay: ${plural(found.length, "run")} match${found.length === 1 ? "es" : ""}${since !== undefined && p.since === undefined ? " in the last 24 h (--since)" : ""} (${target.label}).`,
					p.group !== undefined && !found.length && "Next: triage-failures prints the groups there are.",
					left,
				),
				data: { found: found.length, replayed: replayed.length, started: 0 },
			};
		const live = todo.filter(({ run }) => !hasEnded(run)).length;
		if (p.fromStep !== undefined) await checkSome(api, todo, p.fromStep);
		confirm(
			lines(
				`Replay ${plural(todo.length, "run")} on ${target.label}${p.fromStep === undefined ? ", each from its start" : `, each from step ${word(p.fromStep)}`}:`,
				await describe(
					todo.map(({ run }) => run),
					context,
				),
				reasons(todo.flatMap(({ run }) => errors.get(run.id) ?? [])),
				left,
				live > 0 && `${plural(live, "run")} not ended yet: the replay would run beside it.`,
				todo.some(({ run }) => run.trigger?.isBatch) &&
					"Runs started by a batch are replayed with its first event only.",
				"Where an answer is lost, the new run is looked for; only if none shows up is it asked for again.",
				`Each replay is a new run with the same event; what the function does${p.fromStep === undefined ? "" : " from that step on"}, it does again.`,
			),
			todo.map(({ run, known }) => [run.id, known.size]),
		);
		const fromStep = p.fromStep === undefined ? undefined : { stepId: p.fromStep };
		const tally = await replayEach(todo, context, fromStep);
		const { started } = tally;
		const open = tally.refusedCount + tally.notTried;
		const unclear = [...tally.outcomes.keys()].some((outcome) => outcome.startsWith("unclear"));
		const told = lines(
			`${handled(todo.length, open || Number(unclear))} (${target.label}):`,
			account(tally, "the same call without --confirm"),
			left,
		);
		const data = {
			found: found.length,
			replayed: replayed.length,
			...tally,
			outcomes: Object.fromEntries(tally.outcomes),
		};
		if (p.wait && !open && !unclear && started.length > 0 && started.length <= WAITED)
			return waitFor({ ids: started }, context, { text: told, data });
		const next =
			started.length && started.length <= 8
				? `wait-for-run ${started.join(" ")}`
				: `report-health --since ${new Date(now).toISOString()} tells how they end.`;
		return { text: lines(told, !open && `Next: ${next}`), data, exit: open || unclear ? 1 : 0 };
	},
});

/** Refuses a step that neither the oldest, the middle nor the newest run has; a run may have failed before it came to the step. */
async function checkSome(api: Api, todo: readonly Planned[], step: string): Promise<void> {
	const some = [todo[0], todo[todo.length >> 1], todo.at(-1)].flatMap((one) => one?.run.id ?? []);
	const traces = await inParallel([...new Set(some)], 3, (id) => getTrace(api, id));
	const steps = traces.map(({ value }) => value && stepsOf(value));
	const [id] = some;
	if (id === undefined || steps.some((one) => !one || one.some(({ name }) => name === step))) return;
	checkStep(id, steps[0] ?? [], step);
}

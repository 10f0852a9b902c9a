import * as z from "zod/mini";
import { allOf, eventOf, inParallel, type Run } from "../lib/api.ts";
import { account, describe, findRuns, othersText } from "../lib/bulk.ts";
import { intent } from "../lib/intent.ts";
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
} from "../lib/params.ts";
import { replayEach, siblings } from "../lib/replay.ts";
import { clean, grouped, lines, plural, quote, word } from "../lib/text.ts";
import { failureIn } from "../lib/trace.ts";
import { groupCode, normalise } from "../lib/triage.ts";

export default intent({
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
	}),
	async run(p, context) {
		const { api, target, now, confirm, progress } = context;
		const errors = new Map<string, string>();
		const since = p.since ?? (p.group === undefined ? undefined : readTime("24h"));
		const { runs: found, others } = await findRuns(
			p.ids.length ? p : { ...p, since },
			context,
			(run) => {
				if (p.group !== undefined && groupCode(run) !== p.group.toLowerCase()) return false;
				const failure = failureIn(run.output);
				if (failure) errors.set(run.id, clean(`${failure.name}: ${normalise(failure.message)}`, 120));
				return true;
			},
			true,
		);
		const isCron = (run: Run) => target.kind === "cloud" && Boolean(run.trigger?.cronSchedule);
		const cron = found.filter(isCron);
		const candidates = found.filter((run) => !isCron(run));
		// One replay for each function and event: its newest matching run stands for the older ones.
		const newest = new Map<string, Run>();
		for (const run of candidates) newest.set(`${run.app.id}/${run.function.id} ${eventOf(run) ?? run.id}`, run);
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
			cron.length > 0 && `${plural(cron.length, "run")} started by cron left out: Inngest Cloud can't replay those.`,
			othersText(others),
		];
		if (!todo.length)
			return {
				text: lines(
					`Nothing to replay: ${plural(found.length, "run")} match${since !== undefined && p.since === undefined ? " in the last 24 h (--since)" : ""} (${target.label}).`,
					left,
				),
				data: { found: found.length, replayed: replayed.length, started: 0 },
			};
		confirm(
			lines(
				`Replay ${plural(todo.length, "run")} on ${target.label}${p.fromStep === undefined ? "" : `, from step ${word(p.fromStep)}`}:`,
				await describe(
					todo.map(({ run }) => run),
					context,
				),
				reasons(todo.flatMap(({ run }) => errors.get(run.id) ?? [])),
				left,
				todo.some(({ run }) => run.trigger?.isBatch) &&
					"Runs started by a batch are replayed with its first event only.",
				"Each replay is a new run with the same event; what the function does, it does again.",
			),
			todo.map(({ run, known }) => [run.id, known.size]),
		);
		const fromStep = p.fromStep === undefined ? undefined : { stepId: p.fromStep };
		const tally = await replayEach(todo, context, fromStep);
		const open = tally.refusedCount + tally.notTried;
		return {
			text: lines(
				`${open ? "Not all of" : "All of"} ${plural(todo.length, "run")} handled (${target.label}):`,
				account(tally, "the same call without --confirm"),
				left,
				!open &&
					(tally.started.length && tally.started.length <= 8
						? `Next: wait-for-run ${tally.started.join(" ")}`
						: `Next: report-health --since ${new Date(now).toISOString()} tells how they end.`),
			),
			data: { found: found.length, replayed: replayed.length, ...tally, outcomes: Object.fromEntries(tally.outcomes) },
			exit: open || [...tally.outcomes.keys()].some((outcome) => outcome.startsWith("unclear")) ? 1 : 0,
		};
	},
});

/** Why the runs failed, most frequent first: what a replay may well meet again. */
function reasons(errors: readonly string[]): string[] {
	const counts = new Map<string, number>();
	for (const error of errors) counts.set(error, (counts.get(error) ?? 0) + 1);
	const sorted = [...counts].sort((a, b) => b[1] - a[1]);
	return sorted.slice(0, 3).map(([error, n]) => `  ${grouped(n)} failed with ${quote(error)}`);
}

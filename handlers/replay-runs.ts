import * as z from "zod/mini";
import { eventOf, inParallel, type Run, statusOf } from "../lib/api.ts";
import { account, describe, findRuns } from "../lib/bulk.ts";
import { composed } from "../lib/intent.ts";
import { appFlag, flag, functionFlag, line, readTime, since, statuses, toggle, until } from "../lib/params.ts";
import { newerThan, replayEach, siblings } from "../lib/replay.ts";
import { lines, plural, word } from "../lib/text.ts";
import { groupCode } from "../lib/triage.ts";

export default composed({
	params: z.object({
		function: functionFlag(),
		app: appFlag(),
		since: since(),
		until: until(),
		status: flag(z._default(statuses, ["FAILED"]), "default FAILED", "STATUS"),
		group: flag(z.optional(line), "a group that triage-failures printed", "CODE"),
		fromStep: flag(z.optional(line), "start each at this step", "STEP"),
		again: toggle("also those that a newer run has followed"),
	}),
	async run(p, context) {
		const { api, target, now, confirm, progress } = context;
		const since = p.since ?? (p.group === undefined ? undefined : readTime("24h"));
		const { runs: found } = await findRuns(
			{ ...p, since },
			context,
			(run) => p.group === undefined || groupCode(run) === p.group,
			p.group !== undefined,
		);
		const isCron = (run: Run) => target.kind === "cloud" && Boolean(run.trigger?.cronSchedule);
		const cron = found.filter(isCron);
		const candidates = found.filter((run) => !isCron(run));
		// One replay for each function and event: the newest run stands for the older ones, which it has replayed.
		const newest = new Map<string, Run>();
		for (const run of candidates) newest.set(`${run.app.id}/${run.function.id} ${eventOf(run) ?? run.id}`, run);
		const chosen = [...newest.values()];
		let looked = 0;
		const lookedUp = await inParallel(chosen, 8, async (run) => {
			const all = await siblings(api, run);
			progress(`${++looked} of ${chosen.length} looked up`);
			return { run, known: new Set(all.map(({ id }) => id)), newer: newerThan(run, all) };
		});
		const plans = lookedUp.map(({ value, error }) => {
			if (value === undefined) throw error;
			return value;
		});
		const replayed = plans.filter(({ newer }) => newer.length > 0);
		const todo = p.again ? plans : plans.filter(({ newer }) => newer.length === 0);
		const succeeded = replayed.filter(({ newer }) => newer.some((run) => statusOf(run) === "COMPLETED")).length;
		const older = candidates.length - chosen.length;
		const left = [
			replayed.length > 0 &&
				`${plural(replayed.length, "run")} replayed already (${succeeded} with success)${p.again ? ", replayed again as you asked" : ", left out (--again includes them)"}.`,
			older > 0 && `${plural(older, "older run")} of the same events left out.`,
			cron.length > 0 && `${plural(cron.length, "run")} started by cron left out: Inngest Cloud can't replay those.`,
		].filter((one) => one !== false);
		if (!todo.length)
			return {
				text: lines(`Nothing to replay: ${plural(found.length, "run")} match (${target.label}).`, left),
				data: { found: found.length, replayed: replayed.length, started: 0 },
			};
		confirm(
			lines(
				`Replay ${plural(todo.length, "run")} on ${target.label}${p.fromStep === undefined ? "" : `, from step ${word(p.fromStep)}`}:`,
				describe(
					todo.map(({ run }) => run),
					now,
				),
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
			),
			data: { found: found.length, replayed: replayed.length, ...tally, outcomes: Object.fromEntries(tally.outcomes) },
			exit: open || [...tally.outcomes.keys()].some((outcome) => outcome.startsWith("unclear")) ? 1 : 0,
		};
	},
});

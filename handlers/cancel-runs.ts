import * as z from "zod/mini";
import { flag, intent, matchFlag, newestFlag, runIds, scope, statusesOf, times } from "../lib/cli/params.ts";
import { cancel, type Run } from "../lib/inngest/api.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { fieldLine, finalText, LIVE } from "../lib/text/nouns.ts";
import { lines, named, plural } from "../lib/text/text.ts";
import { account, actOnEach, againCall, describe, handled, leftOut, queueCall } from "../lib/work/bulk.ts";
import { findRuns } from "../lib/work/select.ts";

const params = z.object({
	ids: runIds(),
	...scope(),
	status: flag(
		z._default(statusesOf([...LIVE, "PAUSED"]), [...LIVE]),
		"QUEUED,RUNNING (default), or PAUSED (Inngest Cloud)",
		"STATUS",
	),
	...times(),
	match: matchFlag(),
	newest: newestFlag(),
});
type Params = z.output<typeof params>;

const NAMED = 10;

export default intent({
	params,
	async run(p, context) {
		const { label } = context.target;
		const found = await findRuns(p, context);
		const { runs } = found;
		if (!runs.length)
			return {
				lines: [
					`No ${p.status.join(" or ")} run matches; nothing to cancel (${label}).`,
					fieldLine(p.match),
					leftOut(found),
				],
				data: { found: 0 },
			};
		context.confirm(
			lines(
				`Cancel ${plural(runs.length, "run")} on ${label}:`,
				await describe(runs, context, { stays: true }),
				leftOut(found),
				"Runs that these have invoked are not cancelled with them; a run that invoked one of these continues.",
				finalText("A cancelled run"),
			),
			runs.map((run) => run.id),
		);
		return cancelEach(p, runs, context);
	},
});

async function cancelEach(p: Params, runs: readonly Run[], context: Context): Promise<Answer> {
	const items = runs.map((run) => ({ run }));
	const cancelled: string[] = [];
	const tally = await actOnEach(items, context, async ({ run }) => {
		const code = await cancel(context.api, run.id);
		if (code === undefined) {
			cancelled.push(run.id);
			return "cancelled";
		}
		return code === "run_already_cancelled" ? "already cancelled" : "had already ended";
	});
	const open = tally.left.length;
	const again = againCall("cancel-runs", p, {}, tally, LIVE);
	return {
		lines: [
			`${handled(runs.length, open)} (${context.target.label}):`,
			account(tally, { cancelled: `cancelled: ${named(cancelled.sort().reverse(), NAMED)}` }),
		],
		next: [again ?? (cancelled.length ? queueCall(runs.filter(({ id }) => cancelled.includes(id))) : undefined)],
		data: { found: runs.length, ...tally, cancelled },
		exit: open ? 1 : 0,
	};
}

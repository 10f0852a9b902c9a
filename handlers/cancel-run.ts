import * as z from "zod/mini";
import { idsOf, intent, onlyRun } from "../lib/cli/params.ts";
import { isAwaiting, waitOf } from "../lib/decide/cause.ts";
import { executingSince } from "../lib/decide/compare.ts";
import { parentOf } from "../lib/decide/replayplan.ts";
import { getJobs, invokedRun } from "../lib/gather/story.ts";
import { cancel, cancelRequest, functionOf, getRun, hasEnded, type Run, startOf } from "../lib/inngest/api.ts";
import { eventsOf, eventText } from "../lib/inngest/eventlist.ts";
import { getTrace, stepsOf } from "../lib/inngest/trace.ts";
import type { Context } from "../lib/intent.ts";
import { staysLine } from "../lib/tell/runlist.ts";
import { unread } from "../lib/text/errors.ts";
import { callOf, finalText } from "../lib/text/nouns.ts";
import { ago, duration, type Line, lines, named, time, word, words } from "../lib/text/text.ts";
import { queueCall } from "../lib/work/bulk.ts";

export default intent({
	params: z.object({ id: idsOf("the run", "RUN_ID", "one") }),
	request: (p) => cancelRequest(idOf(p)),
	async run(p, context) {
		const { api, target, now, confirm } = context;
		const id = idOf(p);
		const run = await getRun(api, id, false);
		const { label } = target;
		const what = `${id} of ${functionOf(run)}`;
		if (hasEnded(run)) {
			const end = time(run.endedAt);
			const ended = end ? `, ended ${ago(end, now)}` : "";
			return {
				lines: [`Nothing to cancel: ${what} is ${run.status}${ended} (${label}).`],
				data: { id, cancelled: false, status: run.status },
			};
		}
		const [events, { tied, stays, children, executes }] = await Promise.all([
			eventsOf(context, [run]),
			tiesOf(run, context),
		]);
		const [event] = events.values();
		const start = startOf(run);
		const state = words(run.status, start && `for ${duration(now - start)}`);
		confirm(
			lines(
				`Cancel run ${what}, ${state}, on ${label}.`,
				event && `Event: ${eventText(event, 160)}`,
				stays,
				tied,
				finalText("It"),
			),
			id,
		);
		const code = await cancel(api, id);
		const already =
			code === "run_already_cancelled" ? "was already cancelled" : "had already ended; nothing was cancelled";
		const [child] = children;
		return {
			lines: [code ? `Run ${what} ${already} (${label}).` : `Cancelled run ${what} (${label}).`],
			next: code
				? []
				: [child ? [`cancel-run ${child.id}`, "the run that it invoked continues"] : executes && queueCall([run])],
			data: { id, cancelled: !code, code },
		};
	},
});

const idOf = ({ id }: { id: readonly string[] }): string => onlyRun(id, (ids) => callOf("cancel-runs", ids, {}));

interface Ties {
	tied: Line[];
	stays: Line;
	children: Run[];
	executes: boolean;
}

/** What it has done, and lines on related runs as far as they can be read: cancelling one does not cancel the other (measured on v1.43). */
async function tiesOf(run: Run, { api, now }: Context): Promise<Ties> {
	const trace = await getTrace(api, run.id).catch(unread);
	const waiting = stepsOf(trace).filter((step) => step.op === "INVOKE" && isAwaiting(step));
	const jobs = waiting.length ? await getJobs(api, run.id).catch(() => []) : [];
	const found = await Promise.all(jobs.map((job) => invokedRun(api, waitOf(job, [], now))));
	const children = found.flatMap((one) => (one && !hasEnded(one) ? [one] : []));
	const steps = waiting.map(({ name }) => word(name));
	const runs = children.map((one) => `${one.id} of ${functionOf(one)}`);
	const which = runs.length ? `: ${named(runs, 5)}` : "";
	const tied: Line[] = [steps.length > 0 && `What it invoked in ${named(steps, 5)} is not cancelled with it${which}.`];
	const stays = staysLine(trace);
	const executes = executingSince(trace).length > 0;
	const from = parentOf(trace);
	if (from?.kind !== "invoked") return { tied, stays, children, executes };
	const parent = await getRun(api, from.run, false).catch(unread);
	const step = words("its step", from.step !== undefined && word(from.step));
	if (parent && !hasEnded(parent))
		tied.push(
			`Run ${parent.id} of ${functionOf(parent)}, which invoked it, continues: ${step} completes, with the status Cancelled.`,
		);
	return { tied, stays, children, executes };
}

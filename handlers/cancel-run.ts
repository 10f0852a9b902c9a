import * as z from "zod/mini";
import { cancel, cancelRequest, functionOf, hasEnded, type Run, startOf } from "../lib/api.ts";
import { eventsOf, eventText } from "../lib/eventlist.ts";
import { type Context, composed } from "../lib/intent.ts";
import { parentOf } from "../lib/kin.ts";
import { next } from "../lib/next.ts";
import { runId } from "../lib/params.ts";
import { getRun } from "../lib/story.ts";
import { ago, duration, type Line, lines, named, time, word } from "../lib/text.ts";
import { getTrace, type Step, stepsOf } from "../lib/trace.ts";
import { getJobs, invokedRun, waitOf } from "../lib/waits.ts";

export default composed({
	params: z.object({ id: runId() }),
	request: ({ id }) => cancelRequest(id),
	async run({ id }, context) {
		const { api, target, now, confirm } = context;
		const run = await getRun(api, id, false);
		const what = `${id} of ${functionOf(run)}`;
		const end = time(run.endedAt);
		if (hasEnded(run))
			return {
				text: `Nothing to cancel: ${what} is ${run.status}${end ? `, ended ${ago(end, now)}` : ""} (${target.label}).`,
				data: { id, cancelled: false, status: run.status },
			};
		const [events, ties] = await Promise.all([eventsOf(context, [run]), tiesOf(run, context)]);
		const [event] = events.values();
		const start = startOf(run);
		confirm(
			lines(
				`Cancel run ${what}, ${run.status}${start ? ` for ${duration(now - start)}` : ""}, on ${target.label}.`,
				event && `Event: ${eventText(event, 160)}`,
				tieLines(ties),
				"It can't be resumed, only replayed from its event; a step in flight finishes first.",
			),
			id,
		);
		const code = await cancel(api, id);
		const already =
			code === "run_already_cancelled" ? "was already cancelled" : "had already ended; nothing was cancelled";
		const [child] = ties.children;
		return {
			text: lines(
				`${code ? `Run ${what} ${already}` : `Cancelled run ${what}`} (${target.label}).`,
				!code && child && next(`cancel-run ${child.id} (the run that it invoked goes on)`),
			),
			data: { id, cancelled: !code, code },
		};
	},
});

/** The runs that a run is tied to: cancelling one does not cancel the other (measured on v1.43). */
interface Ties {
	/** The run that invoked it and goes on, and in which step. */
	parent: { run: Run; step: string | undefined } | undefined;
	/** Steps that wait for runs which they invoked, and those of the runs that are known. */
	waiting: Step[];
	children: Run[];
}

/** What it is tied to, as far as that can be read: it only tells more. */
async function tiesOf(run: Run, { api, now }: Context): Promise<Ties> {
	const trace = await getTrace(api, run.id).catch(() => undefined);
	const waiting = stepsOf(trace).filter(({ op, status }) => op === "INVOKE" && status === "RUNNING");
	const jobs = waiting.length ? await getJobs(api, run.id).catch(() => []) : [];
	const found = await Promise.all(jobs.map((job) => invokedRun(api, waitOf(job, [], now))));
	const children = found.flatMap((one) => (one && !hasEnded(one) ? [one] : []));
	const from = parentOf(trace);
	const parent = from?.kind === "invoked" ? await getRun(api, from.run, false).catch(() => undefined) : undefined;
	const step = from?.kind === "invoked" ? from.step : undefined;
	return { parent: parent && !hasEnded(parent) ? { run: parent, step } : undefined, waiting, children };
}

function tieLines({ parent, waiting, children }: Ties): Line[] {
	const steps = waiting.map(({ name }) => word(name));
	const runs = children.map((one) => `${one.id} of ${functionOf(one)}`);
	const which = runs.length ? `: ${named(runs, 5)}` : "";
	const step = parent?.step === undefined ? "its step" : `its step ${word(parent.step)}`;
	return [
		waiting.length > 0 && `What it invoked in ${named(steps, 5)} is not cancelled with it${which}.`,
		parent &&
			`Run ${parent.run.id} of ${functionOf(parent.run)}, which invoked it, goes on: ${step} completes, with the status Cancelled.`,
	];
}

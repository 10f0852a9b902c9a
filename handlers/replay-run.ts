import * as z from "zod/mini";
import { eventOf, functionOf, hasEnded } from "../lib/api.ts";
import { causeOf } from "../lib/cause.ts";
import { UsageError } from "../lib/errors.ts";
import { composed } from "../lib/intent.ts";
import { flag, line, runId, waitFlag } from "../lib/params.ts";
import { checkStep, replay, rerunRequest, siblings } from "../lib/replay.ts";
import { causeLine, getRun } from "../lib/story.ts";
import { ago, excerpt, lines, time, word } from "../lib/text.ts";
import { getTrace, stepsOf } from "../lib/trace.ts";
import { waitFor } from "../lib/wait.ts";

const params = z.object({
	id: runId(),
	fromStep: flag(z.optional(line), "start at this step, keeping the results before it", "STEP"),
	input: flag(
		z.optional(z.array(z.unknown(), "must be a JSON array: the step's arguments")),
		"new arguments for that step, an array",
		"JSON",
		{ json: true },
	),
	wait: waitFlag("wait for the new run"),
});
/** A trace carries the events that started the run. */
const Input = z.object({ data: z.array(z.object({ data: z.optional(z.unknown()) })) });
function stepOf({ fromStep, input }: z.output<typeof params>) {
	if (fromStep !== undefined) return { stepId: fromStep, ...(input ? { input } : {}) };
	if (!input) return undefined;
	throw new UsageError("--input needs --from-step; nothing was sent.", "Name the step that takes the new arguments.");
}

export default composed({
	params,
	request: (p) => rerunRequest(p.id, stepOf(p)),
	async run(p, context) {
		const { api, clock, target, now, confirm } = context;
		stepOf(p);
		const [run, trace] = await Promise.all([getRun(api, p.id), getTrace(api, p.id).catch(() => undefined)]);
		// Cloud answers 501 for cron runs; the dev and self-hosted servers replay them.
		if (run.trigger?.cronSchedule && target.kind === "cloud")
			throw new UsageError(
				`Run ${p.id} was started by cron, and Inngest can't replay those; nothing was changed.`,
				`If the user decides it: invoke-function ${functionOf(run)}`,
			);
		const steps = stepsOf(trace);
		if (p.fromStep !== undefined && trace) checkStep(p.id, steps, p.fromStep);
		const known = await siblings(api, run);
		const newer = known.filter((one) => one.id > run.id);
		const older = known.filter((one) => one.id < run.id);
		const payload = z.safeParse(Input, trace?.input).data?.data[0];
		const cause = run.status === "FAILED" ? causeOf(run.output, trace && steps) : undefined;
		const from = p.fromStep === undefined ? 0 : steps.findIndex((step) => step.name === p.fromStep);
		const repeated = steps.slice(Math.max(0, from)).filter((step) => step.status === "COMPLETED");
		const queued = time(run.queuedAt);
		confirm(
			lines(
				`Replay run ${p.id} of ${functionOf(run)}, ${run.status}${queued ? `, ${ago(queued, now)}` : ""}, on ${target.label}${p.fromStep === undefined ? ", from its start" : `, from step ${word(p.fromStep)}`}.`,
				payload && `Event data: ${excerpt(payload.data, 200)}`,
				p.input && `New input: ${excerpt(p.input)}`,
				cause && `How it failed: ${causeLine(cause, { trace })}`,
				trace === undefined && "Its trace could not be read: which steps will happen again is unknown.",
				repeated.length > 0 &&
					`Steps that completed and will happen again: ${repeated
						.slice(0, 12)
						.map((step) => word(step.name))
						.join(", ")}${repeated.length > 12 ? ` and ${repeated.length - 12} more` : ""}.`,
				!hasEnded(run) && "It has not ended: the replay would run beside it.",
				run.trigger?.isBatch && "It was started by a batch: only the first event is replayed.",
				older.length > 0 && `It is itself a replay of ${older.map((one) => one.id).join(", ")}.`,
				newer.map((one) => `Replayed already: ${one.id} ${one.status}.`),
				`A replay is a new run with the same event; what the function does${p.fromStep === undefined ? "" : " from that step on"}, it does again.`,
			),
			[p.id, known.map((one) => one.id).sort(), p.input],
		);
		const { runId: started, settled } = await replay(context, run, known, stepOf(p));
		if (started === undefined)
			return {
				text: lines(
					`Unclear whether run ${p.id} was replayed: no answer came, and no new run has shown up (${target.label}). It was not tried again.`,
					`Next: ${eventOf(run) ? `get-event ${word(eventOf(run) ?? "")} lists the runs of its event` : "list-runs"}, before replaying again.`,
				),
				data: { runId: null, settled },
				exit: 1,
			};
		// Until the new run is listed, a second call with the same code could not see it.
		for (let n = 0; n < 10; n++) {
			// It has been started: a look that fails does not change that.
			const listed = await siblings(api, run).catch(() => undefined);
			if (!listed || listed.some((one) => one.id === started)) break;
			await clock.sleep(200);
		}
		const text = `Replaying: new run ${started} of ${functionOf(run)} (${target.label})${settled ? "; the answer was lost, the run was found" : ""}.`;
		const data = { runId: started, settled };
		if (p.wait) return waitFor({ ids: [started] }, context, { text, data });
		return { text: lines(text, `Next: wait-for-run ${started}`), data };
	},
});

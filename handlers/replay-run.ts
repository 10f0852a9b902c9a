import * as z from "zod/mini";
import { flag, idsOf, intent, line, onlyRun, waitFlag } from "../lib/cli/params.ts";
import { barring, decide, kinOf, type ReplayFacts } from "../lib/decide/replayplan.ts";
import { siblings } from "../lib/gather/siblings.ts";
import { getTraced } from "../lib/gather/story.ts";
import { eventOf, functionOf, type Run, refOf } from "../lib/inngest/api.ts";
import { handlersOf, type SyncedFn } from "../lib/inngest/functions.ts";
import type { Context } from "../lib/intent.ts";
import { lookCall, planText, UNCLEAR } from "../lib/tell/replaytext.ts";
import { refusal, unread } from "../lib/text/errors.ts";
import { callOf, callText, inTicks, nameOfRef, plainRef, typed, ULID } from "../lib/text/nouns.ts";
import { words } from "../lib/text/text.ts";
import { replay, rerunRequest, syncedOf } from "../lib/work/replay.ts";
import { started } from "../lib/work/wait.ts";

const params = z.object({
	id: idsOf("the run", "RUN_ID", "one"),
	fromStep: flag(z.optional(line), "start at this step (its name or id), keeping earlier results", "STEP"),
	input: flag(
		z.optional(z.array(z.unknown(), "must be a JSON array: the step's arguments")),
		"new arguments for that step, a completed step.run: an array",
		"JSON",
		{ json: true },
	),
	wait: waitFlag("wait for the new run"),
});
type Params = z.output<typeof params>;

/** The input is for a step of one run. */
const idOf = ({ id, fromStep, input, wait }: Params): string =>
	onlyRun(id, (ids) => (input ? undefined : callOf("replay-runs", ids, { fromStep, wait })));

function fromStepOf({ input }: Params, stepId: string | undefined) {
	if (stepId !== undefined) return { stepId, ...(input && { input }) };
	if (!input) return;
	throw refusal("--input needs --from-step", "Name the step that takes the new arguments.");
}

export default intent({
	params,
	request: (p) => rerunRequest(idOf(p), fromStepOf(p, p.fromStep)),
	async run(p, context) {
		const { label, kind } = context.target;
		fromStepOf(p, p.fromStep);
		const facts = await gather(idOf(p), p, context);
		const { run, known } = facts;
		const decided = decide(p, facts);
		const [obstacle] = kind === "cloud" ? [] : decided.obstacles;
		if (obstacle) throw refusal(obstacle.text, callText(obstacle.instead), "changed");
		const ids = known.map(({ id }) => id).sort();
		context.confirm(planText(p, facts, decided, label, context.now), [run.id, ids, p.input]);
		const replayed = await replay(context, run, known, fromStepOf(p, decided.stepId));
		if (replayed.kind === "unclear") {
			const all = callOf("list-runs", [], { function: plainRef(refOf(run)), since: "10m" });
			return {
				lines: [
					`It is unclear whether run ${run.id} was replayed: no usable response came, and ${UNCLEAR[replayed.why]} (${label}). It was not retried.`,
					replayed.said,
				],
				next: [lookCall([run]) ?? (all && [all, "check before replaying again"])],
				data: { runId: null, settled: "unclear", error: replayed.said },
				exit: 1,
			};
		}
		const { runId } = replayed;
		await listed(run, runId, context);
		const found = replayed.kind === "found";
		const lost = found ? "; the response was lost, but the new run was found" : "";
		const said = `Replaying: new run ${runId} of ${functionOf(run)} (${label})${lost}.`;
		const data = { runId, ...(found && { settled: "found" }) };
		return started(p.wait, { ids: [runId] }, context, { lines: [said], data });
	},
});

async function gather(id: string, p: Params, context: Context): Promise<ReplayFacts> {
	const { api, target } = context;
	const own = await getTraced(context, id);
	const { run } = own;
	const cloud = target.kind === "cloud";
	// Cloud answers 501 for cron runs (documented); dev and self-hosted servers replay them.
	if (run.trigger?.cronSchedule && cloud) {
		const name = typed(nameOfRef(refOf(run)));
		throw refusal(
			`Run ${run.id} was started by cron, and Inngest Cloud can't replay those`,
			words("If the user wants it:", name ? callText(`invoke-function ${name}`) : "invoke its function."),
			"changed",
		);
	}
	const missing: string[] = [];
	const [known, fn] = await Promise.all([siblings(api, run, missing), syncedOf(api, run)]);
	checkBar(run, fn, cloud);
	const handlers = run.status === "FAILED" ? await handlersOf(api, [run]) : { found: [], unread: 0 };
	const [first] = p.fromStep === undefined ? [] : kinOf(run, known).older;
	return {
		...own,
		known,
		missing,
		fn,
		cloud,
		handlers,
		base: first ? await getTraced(context, first.id) : own,
	};
}

/** Refuses what the server would refuse, or what could only fail. */
function checkBar(run: Run, fn: SyncedFn, cloud: boolean): void {
	const bar = barring(fn, cloud);
	const event = eventOf(run) ?? "";
	const past = ULID.test(event) ? event : "EVENT_ID";
	if (bar === "debounced")
		throw refusal(
			`Function ${functionOf(run)} has a debounce, and this server refuses to replay its runs`,
			words(
				"If the user wants it:",
				callText([`resend-event ${past}`, "starts every function that listens to the event"]),
			),
			"changed",
		);
	if (bar === "removed" && !cloud)
		throw refusal(
			`Function ${functionOf(run)} is no longer synced, so a replay would only fail`,
			`${inTicks("list-functions")} shows those that are.`,
			"changed",
		);
}

/** Waits until the new run is listed: otherwise a second call with the same code would not see it. */
async function listed(run: Run, started: string, { api, clock }: Context): Promise<void> {
	if (eventOf(run) === undefined) return;
	for (let n = 0; n < 10; n++) {
		const all = await siblings(api, run, []).catch(unread);
		if (!all || all.some((one) => one.id === started)) return;
		await clock.sleep(200);
	}
}

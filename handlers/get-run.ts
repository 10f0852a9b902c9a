import * as z from "zod/mini";
import { flag, intent, line, runOrFunction, statuses, toggle } from "../lib/cli/params.ts";
import { stepsIn } from "../lib/decide/cause.ts";
import { compare, lastCompleted } from "../lib/decide/compare.ts";
import { runAddress } from "../lib/gate/target.ts";
import { childrenOf, getStory, getTraced, getWholeStory, invokedBy, rootOf, storyData } from "../lib/gather/story.ts";
import { all, completedRuns, endOf, functionOf, listRunsRequest, Run, runRequest } from "../lib/inngest/api.ts";
import { checkExists, resolveFunction, withApp } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { noStep, tellComparison, tellStep, tellSteps } from "../lib/tell/parttext.ts";
import { callsAfter } from "../lib/tell/replaytext.ts";
import { byEnd, historyLine } from "../lib/tell/runlist.ts";
import { tellStory } from "../lib/tell/storytext.ts";
import { noted, refusal, UsageError, unread } from "../lib/text/errors.ts";
import { callOf, type FunctionRef, nameOfRef } from "../lib/text/nouns.ts";
import { ago, joined, word, words } from "../lib/text/text.ts";
import { severally } from "../lib/work/bulk.ts";
import { readBehind } from "../lib/work/wait.ts";
import { givenBefore, passedBy } from "../lib/work/waits.ts";

const params = z.object({
	ids: flag(
		z.array(runOrFunction).check(z.minLength(1)),
		"the run, or up to 20; or APP/FUNCTION: its newest run",
		"RUN_ID",
		{ position: "many", several: "runs" },
	),
	status: flag(z.optional(statuses), "with APP/FUNCTION: its newest run of that status", "STATUS"),
	step: flag(z.optional(line), "one step, by its name or id: input, output, attempts", "NAME"),
	steps: toggle("all steps"),
	against: toggle("what differs from its function's last completed run, or from a second RUN_ID"),
});
type Params = z.output<typeof params>;

export default intent({
	params,
	check({ ids, status, step, steps, against }) {
		const isOfRuns = ids.every((one) => typeof one === "string");
		if (isOfRuns ? status !== undefined : ids.length > 1)
			throw refusal("Runs are named by id, or by one APP/FUNCTION, which alone takes --status", "Name either.");
		const [first, second] = [step !== undefined && "step", steps && "steps", against && "against"].filter(Boolean);
		const [runs, most] = [new Set(ids).size, against ? 2 : 1];
		if (against && runs < ids.length) throw refusal("--against names one run twice", "Name another, or one alone.");
		if (second) throw refusal(`--${first} and --${second} can't be combined`, "Use one.");
		if (first && runs > most)
			throw refusal(`--${first} takes one run${against ? ", or two" : ""}, not ${runs}`, "Call it for one at a time.");
	},
	request: (p) => {
		const [one = ""] = p.ids;
		return typeof one === "string" ? runRequest(one) : newestRequest(withApp(one), p);
	},
	run(p, context) {
		const ids = [...new Set(p.ids.flatMap((one) => (typeof one === "string" ? one : [])))];
		const [fn] = p.ids.flatMap((one) => (typeof one === "string" ? [] : one));
		return fn ? tellNewest(fn, p, context) : tellRuns(ids, p, context);
	},
});

async function tellRuns(ids: readonly string[], { step, steps, against }: Params, context: Context): Promise<Answer> {
	const [id = "", other] = ids;
	if (step !== undefined) return oneStep(id, step, context);
	if (steps) return allSteps(id, context);
	if (against) return differences(id, other, context);
	const head = (runs: string) => `${runs} (${context.target.label})`;
	const label = other === undefined ? context.target.label : "";
	return severally(ids, "run", head, (one) => tellOne(one, label, context), String, false);
}

/** `label` is empty for several. */
async function tellOne(id: string, label: string, context: Context): Promise<Answer> {
	const { target } = context;
	const whole = await getWholeStory(context, id);
	const [held, passed, given] = await Promise.all([
		readBehind(context.api, whole).catch(unread),
		passedBy(context, whole).catch(unread),
		givenBefore(context, whole).catch(unread),
	]);
	const story = { ...whole, ...held, passed, given };
	const address = runAddress(target, id);
	return {
		lines: [tellStory(story, label, label && address)],
		next: callsAfter(story, target),
		data: { ...storyData(story), dashboard: address },
	};
}

/** In list-runs' order: ended runs by their end. */
const newestRequest = (fn: FunctionRef, { status }: Params) =>
	listRunsRequest({ function: fn, status, by: byEnd(status) ? "endedAt" : undefined }, { limit: 1 });

/** Shows a function's newest run, or its newest of that status. */
async function tellNewest(given: FunctionRef, p: Params, context: Context): Promise<Answer> {
	const { api, target, now } = context;
	const fn = await resolveFunction(api, given);
	const status = p.status?.join(" or ");
	const [run] = await all(api, newestRequest(fn, p), Run, (found) => found > 0);
	if (run) {
		const end = endOf(run) && `ended ${ago(Math.min(endOf(run), now), now)}`;
		const which = joined(", ", `run ${run.id}`, words("the newest", status), end);
		const label = `${which}; ${target.label}`;
		return tellRuns([run.id], p, { ...context, target: { ...target, label } });
	}
	await checkExists(api, { function: fn });
	const name = nameOfRef(fn);
	return {
		lines: [`${words("No", status, "run of", word(name))} is listed (${target.label}).`, historyLine(context, {})],
		next: [status && callOf("get-run", [name], {})],
		data: { run: null },
	};
}

async function allSteps(id: string, context: Context): Promise<Answer> {
	const { looks: api, target } = context;
	const story = await getStory(context, id);
	const { run, steps, missing, cause } = story;
	const unknown = noted(missing, "The runs that it invoked");
	const [children, root] = await Promise.all([
		childrenOf(api, run, steps, stepsIn(cause), missing).catch(unknown),
		rootOf(api, run, cause).catch(unknown),
	]);
	return tellSteps({ ...story, children, root }, target.label);
}

async function oneStep(id: string, name: string, context: Context): Promise<Answer> {
	const read = await getStory(context, id);
	const { run, steps, missing } = read;
	const found = steps.filter((step) => step.name === name || step.id === name);
	const [step, another] = found;
	if (!step) throw noStep(read, name);
	const asked = !another && step.op === "INVOKE" ? invokedBy(context.api, run, step) : undefined;
	const invoked = await asked?.catch(noted(missing, "The run that it invoked"));
	return tellStep(read, found, invoked?.run, context.target);
}

async function differences(own: string, asked: string | undefined, context: Context): Promise<Answer> {
	const { api, target } = context;
	const here = await getTraced(context, own);
	const { run } = here;
	const name = functionOf(run);
	const last = asked === undefined ? lastCompleted(run, await completedRuns(api, run)) : undefined;
	const id = asked ?? last?.run.id;
	if (id === undefined)
		return {
			lines: [`No other run of ${name} is listed as completed, so run ${own} was not compared (${target.label}).`],
			next: [`get-run ${own}`],
			data: { run, against: null },
		};
	const there = await getTraced(context, id);
	if (functionOf(there.run) !== name)
		throw new UsageError(
			`Run ${id} is of ${functionOf(there.run)}, and run ${run.id} of ${name}; they were not compared.`,
			"Name a run of the same function, or none to compare with the last that completed.",
		);
	return tellComparison({ here, there, chosen: last, comparison: compare(here, there) }, target.label);
}

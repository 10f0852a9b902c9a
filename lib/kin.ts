/** The runs that a run is related to: the one that invoked it, the ones that it invoked, the handler of its failure. */
import * as z from "zod/mini";
import { listRunsRequest, Page, Run, type Span } from "./api.ts";
import { type Cause, causeOf, stepsIn } from "./cause.ts";
import type { Api } from "./client.ts";
import { timeOfId } from "./ids.ts";
import { time } from "./text.ts";
import { getTrace, type Step, stepsOf } from "./trace.ts";

/** What the engine adds to the event of an invoked, deferred or handling run (measured on v1.43). */
const Origin = z.object({
	data: z.array(
		z.object({
			name: z.string(),
			data: z.object({
				run_id: z.nullish(z.string()),
				_inngest: z.nullish(
					z.object({
						correlation_id: z.nullish(z.string()),
						name: z.nullish(z.string()),
						parent_run_id: z.nullish(z.string()),
					}),
				),
			}),
		}),
	),
});

/** Where a run comes from, if not from an event of the user's or from cron. */
export type Parent =
	| { kind: "invoked"; run: string; step: string | undefined; stepId: string }
	| { kind: "deferred"; run: string }
	| { kind: "handles"; run: string };

/** What a run's trace says of the run that it comes from. */
export function parentOf(trace: Span | undefined): Parent | undefined {
	const [event] = z.safeParse(Origin, trace?.input).data?.data ?? [];
	const { correlation_id: correlation, name, parent_run_id: deferring } = event?.data._inngest ?? {};
	const [run, stepId] = correlation?.split(".") ?? [];
	if (event?.name === "inngest/function.invoked" && run && stepId)
		return { kind: "invoked", run, step: name ?? undefined, stepId };
	if (event?.name === "inngest/deferred.schedule" && deferring) return { kind: "deferred", run: deferring };
	if (event?.name === "inngest/function.failed" && event.data.run_id)
		return { kind: "handles", run: event.data.run_id };
	return undefined;
}

/** How long after the step began the run that it invoked is looked for, in ms; and how many runs' traces are read for it. */
const WITHIN = 10_000;
const TRIED = 6;

/** A run with its trace. */
export interface Kin {
	run: Run;
	trace: Span;
}

/**
 * The run that a step invoked. The API doesn't name it: it is looked for among the runs that were queued as the step began,
 * and known by its trace, whose event names the run and step that invoked it (measured). Undefined where it isn't found.
 */
export async function invokedBy(api: Api, run: Pick<Run, "id">, step: Step): Promise<Kin | undefined> {
	const { start } = step;
	if (start === undefined) return undefined;
	const window = { since: new Date(start - 5).toISOString(), until: new Date(start + WITHIN).toISOString() };
	const { data } = await api.send(
		listRunsRequest(window, { order: "ASC", limit: 100, includeOutput: "true" }),
		Page(Run),
	);
	const near = (one: Run) => Math.abs(timeOfId(one.trigger?.eventIds?.[0] ?? "") - start);
	const likely = data
		.filter((one) => one.id !== run.id && !one.trigger?.cronSchedule && near(one) < 1000)
		.sort((a, b) => near(a) - near(b));
	for (const one of likely.slice(0, TRIED)) {
		const trace = await getTrace(api, one.id);
		const parent = parentOf(trace);
		if (parent?.kind === "invoked" && parent.run === run.id && parent.stepId === step.id) return { run: one, trace };
	}
	return undefined;
}

/** Invocations of invocations that are followed at most. */
const DEPTH = 5;

/** Where a failure that came up through invocations began: the run in which it did, with its own cause. */
export interface Root {
	run: Run;
	cause: Cause | undefined;
	/** How many invocations down. */
	depth: number;
}

/** Follows a failure down through the steps that invoked other functions; undefined where its cause is no such step. */
export async function rootOf(api: Api, run: Pick<Run, "id">, cause: Cause | undefined): Promise<Root | undefined> {
	let root: Root | undefined;
	let at: { run: Pick<Run, "id">; cause: Cause | undefined } = { run, cause };
	for (let depth = 1; depth <= DEPTH; depth++) {
		const [step] = stepsIn(at.cause);
		if (step?.op !== "INVOKE") break;
		const child = await invokedBy(api, at.run, step);
		if (!child) break;
		const output = child.trace.output ?? child.run.output;
		const why = child.run.status === "FAILED" ? causeOf(output, stepsOf(child.trace)) : undefined;
		at = { run: child.run, cause: why };
		root = { run: child.run, cause: why, depth };
	}
	return root;
}

/** The run of a failed run's onFailure handler, whose function's id ends in \`-failure\` (measured); undefined where there is none. */
export async function handlerOf(api: Api, run: Run): Promise<Run | undefined> {
	const end = time(run.endedAt);
	if (end === undefined || !run.app.id || run.function.id.endsWith("-failure")) return undefined;
	const filter = {
		function: { app: run.app.id, name: `${run.function.id}-failure` },
		since: new Date(end - 1000).toISOString(),
	};
	const { data } = await api.send(listRunsRequest(filter, { order: "ASC", limit: 20 }), Page(Run));
	for (const one of data.slice(0, TRIED)) {
		const parent = parentOf(await getTrace(api, one.id));
		if (parent?.kind === "handles" && parent.run === run.id) return one;
	}
	return undefined;
}

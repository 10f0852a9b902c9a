/** What each of some live runs waits for: gathered and told. */
import { isBare, type Job, retriedText, waitsIn } from "../decide/cause.ts";
import { getJobs, invokedRun } from "../gather/story.ts";
import { type Fn, functionOf, hasEnded, inParallel, type Run } from "../inngest/api.ts";
import { fnOf } from "../inngest/functions.ts";
import { getTrace } from "../inngest/trace.ts";
import { moreWaits, waitLine } from "../tell/storytext.ts";
import { noted } from "../text/errors.ts";
import type { Api } from "../wire/client.ts";

/** What each of some runs waits for: its jobs as v1 has them, and lines that tell them; neither where they can't be read. */
export interface Waits {
	jobs?: Job[] | undefined;
	lines: string[];
}

const TOLD = 5;
const UNREAD = "  what it waits for could not be read";
const UNTOLD = "when it resumes could not be read";

/** What live runs wait for, with the last error of one that is tried again. */
export async function waitsOf(api: Api, runs: readonly Run[], now: number): Promise<Map<Run, Waits>> {
	const live = runs.filter((run) => !hasEnded(run));
	const functions: Record<string, Promise<Fn | undefined>> = {};
	/** Asked for once; where it can't be read, less is told. */
	const fnFor = (run: Run) => {
		functions[functionOf(run)] ??= fnOf(api, run).catch(() => undefined);
		return functions[functionOf(run)];
	};
	const found = await inParallel(live, 6, (run) => waitsOfOne(api, run, now, fnFor));
	return new Map(live.map((run, i) => [run, found[i]?.value ?? { lines: [UNREAD] }]));
}

async function waitsOfOne(
	api: Api,
	run: Run,
	now: number,
	fnFor: (run: Run) => Promise<Fn | undefined> | undefined,
): Promise<Waits> {
	const jobs = await getJobs(api, run.id).catch(noted([], ""));
	const needed = !jobs?.length || jobs.some((job) => job.attempt || job.kind === "sleep" || isBare(job));
	const trace = needed ? await getTrace(api, run.id).catch(() => undefined) : undefined;
	const waits = waitsIn({ trace, jobs: jobs ?? [] }, now);
	if (!waits.length) return { jobs, lines: [jobs ? "  the API does not say what it waits for" : UNREAD] };
	const isLimited = waits.some(({ kind }) => kind === "capacity" || kind === "retry");
	const telling = { now, fn: isLimited ? await fnFor(run) : undefined, after: retriedText(trace) };
	const told = await Promise.all(
		waits.slice(0, TOLD).map(async (wait) => {
			const child = await invokedRun(api, wait);
			return [waitLine(wait, telling), ...(child ? [`That run: ${child.id} ${child.status}`] : [])];
		}),
	);
	return {
		jobs,
		lines: [...told.flat(), ...moreWaits(waits.length, TOLD), ...(jobs ? [] : [UNTOLD])].map((line) => `  ${line}`),
	};
}

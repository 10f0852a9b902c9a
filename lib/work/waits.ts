/** What live runs wait for, and why cancelled ones were cancelled, for lists. */
import { isBare, isHeld, type Job, lastFailure, MOST_JOBS, type Wait, waitsIn } from "../decide/cause.ts";
import { holdersOf } from "../gather/siblings.ts";
import { getJobs, getWholeStory, invokedRun, type Reader, type ReadStory } from "../gather/story.ts";
import { functionOf, hasEnded, inParallel, type Run } from "../inngest/api.ts";
import { fnOf, type SyncedFn } from "../inngest/functions.ts";
import { getTrace } from "../inngest/trace.ts";
import { cancelLine } from "../tell/runlist.ts";
import { holderLines, lostText, moreWaits, waitLine } from "../tell/storytext.ts";
import { noted, unread } from "../text/errors.ts";
import { MINUTE, time } from "../text/text.ts";

/** What a run waits for: its v1 jobs, and lines about them; neither if they can't be read. */
export interface Waits {
	jobs?: Job[] | undefined;
	/** The waits shown, with the invoked runs. */
	waits?: (Wait & { run?: Run })[];
	lines: string[];
}

const TOLD = 3;
const UNREAD = "  what it waits for could not be read";
const UNEXPLAINED = "why it was cancelled could not be read";
const UNTOLD = "when it resumes could not be read";

/** What live runs wait for, and the last error of runs being retried. `depth`: how many levels of invocations are read; of many runs, one. `functions`: each is requested once; on failure, less is said. */
export async function waitsOf(
	reader: Reader,
	runs: readonly Run[],
	depth = 3,
	functions: Record<string, Promise<SyncedFn>> = {},
): Promise<Map<Run, Waits>> {
	const { api, now } = reader;
	const live = depth ? runs.filter((run) => !hasEnded(run)) : [];
	const below = live.length > 10 ? 0 : depth - 1;
	const found = await inParallel(live, 6, (run) => waitsOfOne(reader, run, below, functions));
	const told = new Map(live.map((run, i) => [run, found[i]?.value ?? { lines: [UNREAD] }]));
	const held = live.filter((run) => depth > 2 && told.get(run)?.waits?.some((one) => isHeld(one, now)));
	const holders = await holdersOf(api, held, functions);
	for (const run of held) told.get(run)?.lines.push(...holderLines(holders.get(run), run, now, "  "));
	return told;
}

/** Whether jobs don't show all; a long execution is confirmed by the trace. */
const needsTrace = ({ status }: Pick<Run, "status">, jobs: readonly Job[] | undefined, now: number): boolean =>
	!jobs?.length ||
	jobs.length >= MOST_JOBS ||
	jobs.some((job) => {
		const isLong = status === "RUNNING" && (time(job.at) ?? now) < now - MINUTE;
		return job.attempt || job.kind === "sleep" || isBare(job) || isLong;
	});

async function waitsOfOne(
	reader: Reader,
	run: Run,
	depth: number,
	functions: Record<string, Promise<SyncedFn>>,
): Promise<Waits> {
	const { api, now, target } = reader;
	const jobs = await getJobs(api, run.id).catch(noted([], ""));
	const trace = needsTrace(run, jobs, now) ? await getTrace(api, run.id).catch(unread) : undefined;
	const waits = waitsIn({ run, trace, jobs }, now);
	const lost = lostText({ run, jobs, waits, cloud: target.kind === "cloud" });
	if (!waits.length) return { jobs, lines: [lost ? `  ${lost}` : UNREAD] };
	const isLimited = waits.some(({ kind }) => kind === "capacity" || kind === "retry");
	const invoked = await Promise.all(waits.slice(0, TOLD).map((wait) => invokedRun(api, wait)));
	const unstarted = waits.flatMap((wait, i) => (invoked[i] === null && "event" in wait ? (wait.event ?? []) : []));
	if (isLimited) functions[functionOf(run)] ??= fnOf(api, run).catch(unread);
	const fn = isLimited ? await functions[functionOf(run)] : undefined;
	const telling = { now, fn, asked: isLimited, after: lastFailure(trace), unstarted };
	const children = invoked.flatMap((one) => one ?? []);
	const below = await waitsOf(reader, children, depth, functions);
	const told = waits.slice(0, TOLD).flatMap((wait, i) => {
		const child = invoked[i];
		const its = child ? [`Child run: ${child.id} ${child.status}`, ...(below.get(child)?.lines ?? [])] : [];
		return [waitLine(wait, telling), ...its];
	});
	return {
		jobs,
		waits: waits.map((wait, i) => ({ ...wait, ...(invoked[i] && { run: invoked[i] }) })),
		lines: [...told, ...moreWaits(waits, TOLD, trace), jobs ? lost : UNTOLD].flatMap((line) =>
			line ? `  ${line}` : [],
		),
	};
}

/** The maximum number of cancelled runs whose causes are read: some six requests each. */
export const EXPLAINED = 8;

/** Why the first cancelled runs were cancelled, as get-run says it. */
export async function cancelsOf(reader: Reader, runs: readonly Run[]): Promise<Map<Run, Waits>> {
	const cancelled = runs.filter(({ status }) => status === "CANCELLED").slice(0, EXPLAINED);
	const stories = await inParallel(cancelled, 3, ({ id }) =>
		getWholeStory({ ...reader, api: reader.looks ?? reader.api }, id),
	);
	const linesOf = ({ value }: { value?: ReadStory }) => [`  ${value ? cancelLine(value) : UNEXPLAINED}`];
	return new Map(stories.flatMap((story, i) => (cancelled[i] ? [[cancelled[i], { lines: linesOf(story) }]] : [])));
}

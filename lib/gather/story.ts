/** What a run's story is made of: the run, its trace and jobs, and the runs and events that it is related to. */
import { type Cause, causeIn, type Job, Jobs, stepsIn, type Wait, type Waiting, waitsIn } from "../decide/cause.ts";
import { mayBeReplay } from "../decide/compare.ts";
import { type Kin, kinOf } from "../decide/replayplan.ts";
import { type Fn, hasEnded, One, Run, runsOfEvent } from "../inngest/api.ts";
import { eventsNear, type NearEvent } from "../inngest/eventlist.ts";
import { cancellationsOf, fnOf } from "../inngest/functions.ts";
import { getTrace, outsideOf, type Step, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { isNotFound, noted, ServerError } from "../text/errors.ts";
import { time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { get, path, type Request } from "../wire/request.ts";
import { type Children, childrenOf, deferredBy, handlerOf, type Root, rootOf } from "./kin.ts";
import { siblings } from "./siblings.ts";

export const runRequest = (id: string, output = true): Request =>
	get(path`/v2/runs/${id}`, output ? { includeOutput: "true" } : {});

/** A run that is not found is named by the error, as it may be one of several. */
export async function getRun(api: Api, id: string, output = true): Promise<Run> {
	try {
		return (await api.send(runRequest(id, output), One(Run))).data;
	} catch (error) {
		if (!isNotFound(error)) throw error;
		throw new ServerError(`Run ${id} was not found: ${error.message}`, error.next, error.status, error.code);
	}
}

export interface Story extends Waiting {
	run: Run;
	/** Its function, where something of it is told: limits, attempts, what cancels it. */
	function?: Fn | undefined;
	/** Where its failure began, if in a run that it invoked. */
	root?: Root | undefined;
	/** The run that it waits for, with what that waits for. */
	child?: (Waiting & { run: Run }) | undefined;
	/** The run of its onFailure handler. */
	handler?: Run | undefined;
	/** The runs that its steps invoked, but for the one in which its failure began. */
	children?: Children | undefined;
	/** The runs that it deferred until its end. */
	deferred?: Run[] | undefined;
	/** Its own replays, and what it is a replay of. */
	kin?: Kin | undefined;
	/** Of a cancelled run: events that may have done it. */
	cancelling?: NearEvent[] | undefined;
	/** What could not be read, a line each. */
	missing: string[];
}

/** A story with what is concluded from it. */
export interface ReadStory extends Story {
	now: number;
	steps: readonly Step[];
	cause: Cause | undefined;
	waits: readonly Wait[];
}

/** Reads a story: what it comes to. */
export function readStory(story: Story, now: number): ReadStory {
	const { run, trace } = story;
	const steps = stepsOf(trace);
	return { ...story, now, steps, cause: causeIn(run, trace && steps), waits: waitsIn(story, now) };
}

/** Without what it waits for. */
export async function getTraced(api: Api, id: string): Promise<Story> {
	const missing: string[] = [];
	const [run, trace] = await Promise.all([getRun(api, id), getTrace(api, id).catch(noted(missing, "The trace"))]);
	return { run, trace, jobs: [], missing };
}

export async function getStory(api: Api, id: string): Promise<Story> {
	const story = await getTraced(api, id);
	const { run, missing } = story;
	const jobs = hasEnded(run) ? [] : await getJobs(api, id).catch(noted(missing, "When it resumes"));
	return { ...story, jobs: jobs ?? [] };
}

/** The same with what it is related to, for a run that is told alone. */
export async function getWholeStory({ api, now }: Pick<Context, "api" | "now">, id: string): Promise<Story> {
	const story = await getStory(api, id);
	const { run, trace, jobs, missing } = story;
	const { cause, waits, steps } = readStory(story, now);
	const failed = run.status === "FAILED";
	const cancelled = run.status === "CANCELLED";
	const wasRetried = outsideOf(trace).attempts > 1 || stepsIn(cause).some((step) => step.attempts > 1);
	const needsFn = cancelled || (failed && wasRetried) || jobs.some(({ kind }) => kind !== "pause");
	const isOver = hasEnded(run);
	const [fn, root, handler, child, children, deferred, kin] = await Promise.all([
		needsFn ? fnOf(api, run).catch(noted(missing, "Its function")) : undefined,
		rootOf(api, run, cause).catch(noted(missing, "The run that it invoked")),
		failed ? handlerOf(api, run).catch(noted(missing, "The run of its onFailure handler")) : undefined,
		childOf(api, waits).catch(noted(missing, "The run that it invoked")),
		childrenOf(api, run, steps, stepsIn(cause)).catch(noted(missing, "The runs that it invoked")),
		isOver ? deferredBy(api, run).catch(noted(missing, "The runs that it deferred")) : undefined,
		// What completed at once is hardly ever replayed, and no replay.
		failed || cancelled || mayBeReplay(run)
			? siblings(api, run)
					.then((all) => kinOf(run, all))
					.catch(noted(missing, "Its replays"))
			: undefined,
	]);
	const end = time(run.endedAt);
	const cancelling =
		cancelled && end
			? await eventsNear(api, cancelNames(fn), end).catch(noted(missing, "The events that may have cancelled it"))
			: undefined;
	return { ...story, function: fn, root, handler, child, children, deferred, kin, cancelling };
}

export const cancelNames = (fn: Fn | undefined): string[] => (fn ? cancellationsOf(fn).map(({ event }) => event) : []);

async function childOf(api: Api, waits: readonly Wait[]): Promise<Story["child"]> {
	const wait = waits.find(({ kind }) => kind === "invoke");
	const run = wait && (await invokedRun(api, wait));
	if (!run) return undefined;
	if (hasEnded(run)) return { run, jobs: [], trace: undefined };
	const [jobs, trace] = await Promise.all([getJobs(api, run.id), getTrace(api, run.id)]);
	return { run, jobs, trace };
}

/** A Cloud API key alone can't read them. */
export const getJobs = async (api: Api, id: string): Promise<Job[]> =>
	(await api.send(get(path`/v1/runs/${id}/jobs`), Jobs)).data;

/** The run that an invocation started, by the event that it was invoked with. */
export async function invokedRun(api: Api, wait: Wait): Promise<Run | undefined> {
	if (wait.kind !== "invoke" || !wait.event) return undefined;
	return (await runsOfEvent(api, wait.event).catch(() => undefined))?.[0];
}

/** A run's whole story: what is read for it, and its lines: trigger, steps with bars, errors, what it waits for, what to do next. */

import * as z from "zod/mini";
import { durationOf, type Fn, functionOf, hasEnded, One, Run, type Span } from "./api.ts";
import { causeOf, retried, stepsIn } from "./cause.ts";
import { failureLines } from "./causetext.ts";
import type { Api } from "./client.ts";
import { noted, ServerError } from "./errors.ts";
import { eventsNear, type NearEvent } from "./eventlist.ts";
import { fnOf } from "./functions.ts";
import { cancellationsOf } from "./functiontext.ts";
import type { Context } from "./intent.ts";
import { handlerOf, type Parent, parentOf, type Root, rootOf } from "./kin.ts";
import { get, path, type Request } from "./request.ts";
import { nextLine } from "./storynext.ts";
import { stepLines } from "./storysteps.ts";
import { ago, duration, excerpt, lines, plural, quote, stamp, time, whole, word, words } from "./text.ts";
import { failureText, getTrace, outsideOf, returned, type Step, stepsOf } from "./trace.ts";
import { getJobs, invokedRun, type Job, moreWaits, waitLine, waitOf } from "./waits.ts";

export const runRequest = (id: string, output = true): Request =>
	get(path`/v2/runs/${id}`, output ? { includeOutput: "true" } : {});
/** A run, with its output unless said; where it is not found, the error names it, as it may be one of several. */
export async function getRun(api: Api, id: string, output = true): Promise<Run> {
	try {
		return (await api.send(runRequest(id, output), One(Run))).data;
	} catch (error) {
		if (!(error instanceof ServerError) || error.status !== 404) throw error;
		throw new ServerError(`Run ${id} was not found: ${error.message}`, error.next, error.status, error.code);
	}
}

export interface Story {
	run: Run;
	trace: Span | undefined;
	jobs: Job[];
	/** Its function, where something of it is told: limits, attempts, what cancels it. */
	function?: Fn | undefined;
	/** Where its failure began, if in a run that it invoked. */
	root?: Root | undefined;
	/** The run that it waits for, with what that waits for. */
	child?: { run: Run; jobs: Job[]; trace: Span | undefined } | undefined;
	/** The run of its onFailure handler. */
	handler?: Run | undefined;
	/** Of a cancelled run: events that may have done it. */
	cancelling?: NearEvent[] | undefined;
	/** What could not be read, a line each. */
	missing: string[];
}

/** Fetches what a run's story needs; only the run itself must be there. */
export async function getStory(api: Api, id: string): Promise<Story> {
	const missing: string[] = [];
	const [run, trace] = await Promise.all([getRun(api, id), getTrace(api, id).catch(noted(missing, "The trace"))]);
	const jobs = hasEnded(run) ? [] : await getJobs(api, id).catch(noted(missing, "What it waits for"));
	return { run, trace, jobs: jobs ?? [], missing };
}

/** The same with what it is related to, for a run that is told alone: its function, invoked runs, the handler of its failure. */
export async function getWholeStory({ api, now }: Pick<Context, "api" | "now">, id: string): Promise<Story> {
	const story = await getStory(api, id);
	const { run, trace, jobs, missing } = story;
	const steps = stepsOf(trace);
	const cause = run.status === "FAILED" ? causeOf(run.output, trace && steps) : undefined;
	const tries = Math.max(outsideOf(trace).attempts, ...stepsIn(cause).map((step) => step.attempts));
	const waits = jobs.map((job) => waitOf(job, steps, now));
	const wanted =
		run.status === "CANCELLED" || (run.status === "FAILED" && tries > 1) || jobs.some(({ kind }) => kind !== "pause");
	const [fn, root, handler, child] = await Promise.all([
		wanted ? fnOf(api, run).catch(noted(missing, "Its function")) : undefined,
		rootOf(api, run, cause).catch(noted(missing, "The run that it invoked")),
		run.status === "FAILED" ? handlerOf(api, run).catch(noted(missing, "The run of its onFailure handler")) : undefined,
		childOf(api, waits).catch(noted(missing, "The run that it invoked")),
	]);
	const end = time(run.endedAt);
	const names = fn ? cancellationsOf(fn).map(({ event }) => event) : [];
	const cancelling =
		run.status === "CANCELLED" && end !== undefined
			? await eventsNear(api, names, end).catch(noted(missing, "The events that may have cancelled it"))
			: undefined;
	return { ...story, function: fn, root, handler, child, cancelling };
}

/** The run that the first of these waits is for, with what it waits for itself. */
async function childOf(api: Api, waits: readonly ReturnType<typeof waitOf>[]): Promise<Story["child"]> {
	const wait = waits.find(({ kind }) => kind === "invoke");
	const run = wait && (await invokedRun(api, wait));
	if (!run) return undefined;
	const [jobs, trace] = hasEnded(run)
		? [[], undefined]
		: await Promise.all([getJobs(api, run.id), getTrace(api, run.id)]);
	return { run, jobs, trace };
}

/** The whole story as text. Where several are told, `label` is empty (each line then starts with its run) and `suggest` false. */
export function tellStory(story: Story, now: number, label: string, suggest = true): string {
	const { run, trace, jobs } = story;
	const steps = stepsOf(trace);
	const cause = run.status === "FAILED" ? causeOf(run.output, trace && steps) : undefined;
	return lines(
		headLine(run, now, label),
		originLine(run, trace),
		stepLines(story, steps, cause, now),
		failureLines(story, steps, cause),
		waitLines(story, steps, now),
		run.status === "CANCELLED" && cancelLines(story),
		run.status === "COMPLETED" && outputLine(run.output),
		jobs.length === 0 && !hasEnded(run) && !story.missing.length && "The API does not say what it waits for.",
		story.missing,
		suggest && nextLine(story, steps, cause, now),
	);
}

function headLine(run: Run, now: number, label: string): string {
	const queued = time(run.queuedAt);
	const started = time(run.startedAt);
	const took = durationOf(run);
	const held = queued !== undefined && started !== undefined ? started - queued : 0;
	const time_ = [
		hasEnded(run) && took !== undefined && ` in ${duration(took)}`,
		hasEnded(run) && held >= 100 && ` after ${duration(held)} in the queue`,
		queued && `, queued ${ago(queued, now)} (${stamp(queued)})`,
	];
	const parts = [label ? "" : run.id, functionOf(run), run.status].filter(Boolean).join(" ");
	return `${parts}${time_.filter(Boolean).join("")}${label && ` (${label})`}`;
}

/** What started a run. */
function originLine(run: Run, trace: Span | undefined): string {
	const parent = parentOf(trace);
	if (parent) return parentLine(parent);
	const { trigger } = run;
	if (trigger?.cronSchedule) return `Cron ${quote(trigger.cronSchedule, 40)}`;
	const [id] = trigger?.eventIds ?? [];
	const Input = z.object({ data: z.array(z.object({ name: z.string() })) });
	const input = z.safeParse(Input, trace?.input).data?.data;
	const name = trigger?.eventName ?? input?.[0]?.name;
	if (!name && id === undefined) return "";
	const of = input ? ` of ${plural(input.length, "event")}` : "";
	return `${words("Event", name && word(name), id !== undefined && word(id))}${trigger?.isBatch ? `, batch${of}` : ""}`;
}

function parentLine(parent: Parent): string {
	if (parent.kind === "invoked")
		return words("Invoked by run", word(parent.run), parent.step && `in step ${word(parent.step)}`);
	return parent.kind === "deferred"
		? `Deferred by run ${word(parent.run)}`
		: `Handles the failure of run ${word(parent.run)}`;
}

/** Waits that are told; of more it says how many. */
const WAITS = 5;

function waitLines(story: Story, steps: readonly Step[], now: number): string[] {
	const { run, trace, jobs, child } = story;
	if (hasEnded(run)) return [];
	const failure = retried(steps, outsideOf(trace))?.failure;
	const telling = { now, fn: story.function, after: failure && failureText(failure) };
	const waits = jobs.map((job) => waitOf(job, steps, now));
	const told = waits.some((wait) => "attempt" in wait && wait.attempt > 1);
	return [
		...(failure && !told ? [`Last error: ${failureText(failure)}`] : []),
		...waits.slice(0, WAITS).map((wait) => waitLine(wait, telling)),
		...moreWaits(waits.length, WAITS),
		...(child ? [`That run: ${child.run.id} ${functionOf(child.run)} ${child.run.status}`] : []),
		...(child?.jobs ?? [])
			.slice(0, WAITS)
			.map((job) => `  ${waitLine(waitOf(job, stepsOf(child?.trace), now), { now })}`),
	];
}

/** Why a run was cancelled: the API does not say (measured), so all of it is possible. */
function cancelLines({ run, function: fn, cancelling }: Story): string[] {
	const end = time(run.endedAt);
	const events = (cancelling ?? []).map(
		({ id, name, at }) =>
			`event ${id} ${word(name)}${end === undefined ? "" : `, ${duration(Math.abs(end - at))} before`}`,
	);
	const names = fn && !events.length ? cancellationsOf(fn).map(({ event }) => `event ${word(event)}`) : [];
	const newer = isSingletonCancel(fn) ? ["a newer run, as it is a singleton that cancels"] : [];
	const possible = [...events, ...names, ...newer, "a call", "a timeout of the function"];
	return [`The API does not say why it was cancelled. Possible: ${possible.join("; ")}.`];
}

const isSingletonCancel = (fn: Fn | undefined): boolean =>
	z.safeParse(z.object({ mode: z.string() }), fn?.configuration.singleton).data?.mode.toUpperCase() === "CANCEL";

function outputLine(output: unknown): string {
	const value = returned(output);
	return value == null ? "Output: none (it returned null or nothing)" : `Output: ${whole(excerpt(value, 300))}`;
}

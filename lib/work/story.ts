import * as z from "zod/mini";
import { type Cause, causeIn, retriedText, stepsIn } from "../decide/cause.ts";
import { handlerOf, parentOf, type Root, rootOf } from "../gather/kin.ts";
import { durationOf, type Fn, functionOf, hasEnded, One, Run, type Span, startOf } from "../inngest/api.ts";
import { eventsNear, type NearEvent } from "../inngest/eventlist.ts";
import { fnOf } from "../inngest/functions.ts";
import { cancellationsOf, cancelsOthers } from "../inngest/limits.ts";
import { getTrace, outsideOf, returned, type Step, stepsOf } from "../inngest/trace.ts";
import type { Context } from "../intent.ts";
import { failureLines } from "../tell/causetext.ts";
import { nextCalls } from "../tell/storynext.ts";
import { stepLines } from "../tell/storysteps.ts";
import { isNotFound, noted, ServerError } from "../text/errors.ts";
import {
	ago,
	duration,
	excerpt,
	type Line,
	lines,
	plural,
	quote,
	stamp,
	time,
	whole,
	word,
	words,
} from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { get, path, type Request } from "../wire/request.ts";
import { getJobs, invokedRun, moreWaits, type Wait, type Waiting, waitLine, waitsIn } from "./waits.ts";

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

function readStory(story: Story, now: number): ReadStory {
	const { run, trace } = story;
	const steps = stepsOf(trace);
	return { ...story, now, steps, cause: causeIn(run, trace && steps), waits: waitsIn(story, now) };
}

export async function getStory(api: Api, id: string): Promise<Story> {
	const missing: string[] = [];
	const [run, trace] = await Promise.all([getRun(api, id), getTrace(api, id).catch(noted(missing, "The trace"))]);
	const jobs = hasEnded(run) ? [] : await getJobs(api, id).catch(noted(missing, "When it resumes"));
	return { run, trace, jobs: jobs ?? [], missing };
}

/** The same with what it is related to, for a run that is told alone. */
export async function getWholeStory({ api, now }: Pick<Context, "api" | "now">, id: string): Promise<Story> {
	const story = await getStory(api, id);
	const { run, trace, jobs, missing } = story;
	const { cause, waits } = readStory(story, now);
	const failed = run.status === "FAILED";
	const cancelled = run.status === "CANCELLED";
	const wasRetried = outsideOf(trace).attempts > 1 || stepsIn(cause).some((step) => step.attempts > 1);
	const needsFn = cancelled || (failed && wasRetried) || jobs.some(({ kind }) => kind !== "pause");
	const [fn, root, handler, child] = await Promise.all([
		needsFn ? fnOf(api, run).catch(noted(missing, "Its function")) : undefined,
		rootOf(api, run, cause).catch(noted(missing, "The run that it invoked")),
		failed ? handlerOf(api, run).catch(noted(missing, "The run of its onFailure handler")) : undefined,
		childOf(api, waits).catch(noted(missing, "The run that it invoked")),
	]);
	const end = time(run.endedAt);
	const cancelling =
		cancelled && end
			? await eventsNear(api, cancelNames(fn), end).catch(noted(missing, "The events that may have cancelled it"))
			: undefined;
	return { ...story, function: fn, root, handler, child, cancelling };
}

const cancelNames = (fn: Fn | undefined): string[] => (fn ? cancellationsOf(fn).map(({ event }) => event) : []);

async function childOf(api: Api, waits: readonly Wait[]): Promise<Story["child"]> {
	const wait = waits.find(({ kind }) => kind === "invoke");
	const run = wait && (await invokedRun(api, wait));
	if (!run) return undefined;
	if (hasEnded(run)) return { run, jobs: [], trace: undefined };
	const [jobs, trace] = await Promise.all([getJobs(api, run.id), getTrace(api, run.id)]);
	return { run, jobs, trace };
}

/** What to call after a story. */
export const callsAfter = (story: Story, now: number) => nextCalls(readStory(story, now));

/** Where several are told, `label` is empty: each then starts with its run. */
export function tellStory(story: Story, now: number, label: string): string {
	const read = readStory(story, now);
	const { run, trace, missing } = read;
	return lines(
		headLine(run, now, label),
		originLine(run, trace),
		stepLines(read),
		failureLines(read),
		waitLines(read),
		run.status === "CANCELLED" && cancelLine(read),
		run.status === "COMPLETED" && outputLine(run.output),
		missing,
	);
}

function headLine(run: Run, now: number, label: string): string {
	const queued = time(run.queuedAt);
	const took = hasEnded(run) ? durationOf(run) : undefined;
	const held = hasEnded(run) && queued ? (startOf(run) ?? queued) - queued : 0;
	return [
		words(!label && run.id, functionOf(run), run.status),
		took !== undefined && ` in ${duration(took)}`,
		held >= 100 && ` after ${duration(held)} in the queue`,
		queued && `, queued ${ago(queued, now)} (${stamp(queued)})`,
		label && ` (${label})`,
	]
		.filter(Boolean)
		.join("");
}

const Input = z.object({ data: z.array(z.object({ name: z.string() })) });

function originLine({ trigger }: Run, trace: Span | undefined): string {
	const parent = parentOf(trace);
	if (parent?.kind === "invoked")
		return words("Invoked by run", word(parent.run), parent.step && `in step ${word(parent.step)}`);
	if (parent?.kind === "deferred") return `Deferred by run ${word(parent.run)}`;
	if (parent) return `Handles the failure of run ${word(parent.run)}`;
	if (trigger?.cronSchedule) return `Cron ${quote(trigger.cronSchedule, 40)}`;
	const [id] = trigger?.eventIds ?? [];
	const events = z.safeParse(Input, trace?.input).data?.data;
	const name = trigger?.eventName ?? events?.[0]?.name;
	if (!name && id === undefined) return "";
	const event = words("Event", name && word(name), id !== undefined && word(id));
	if (!trigger?.isBatch) return event;
	return words(`${event}, batch`, events && `of ${plural(events.length, "event")}`);
}

const WAITS = 5;

function waitLines({ run, trace, child, function: fn, waits, now, missing }: ReadStory): Line[] {
	if (hasEnded(run)) return [];
	const after = retriedText(trace);
	const isTold = waits.some((wait) => "attempt" in wait && wait.attempt > 1);
	const childWaits = child ? waitsIn(child, now).slice(0, WAITS) : [];
	return [
		!isTold && after && `Last error: ${after}`,
		...waits.slice(0, WAITS).map((wait) => waitLine(wait, { now, fn, after })),
		...moreWaits(waits.length, WAITS),
		child && `That run: ${child.run.id} ${functionOf(child.run)} ${child.run.status}`,
		...childWaits.map((wait) => `  ${waitLine(wait, { now })}`),
		!waits.length && !missing.length && "The API does not say what it waits for.",
	];
}

/** Why a run was cancelled: the API does not say (measured), so all of it is possible; what was not read, too. */
function cancelLine({ run, function: fn, cancelling }: ReadStory): string {
	const end = time(run.endedAt) ?? 0;
	const unread = cancelling ? "" : " (whether one came was not read)";
	const events = cancelling?.map(
		({ id, name, at }) => `event ${id} ${word(name)}, ${duration(Math.abs(end - at))} before`,
	);
	const possible = events?.length ? events : cancelNames(fn).map((name) => `event ${word(name)}${unread}`);
	if (cancelsOthers(fn)) possible.push("a newer run, as it is a singleton that cancels");
	possible.push("a call", "a timeout of the function");
	if (!fn) possible.push("an event or a newer run (which ones cancel it is unknown)");
	return `The API does not say why it was cancelled. Possible: ${possible.join("; ")}.`;
}

function outputLine(output: unknown): string {
	const value = returned(output);
	return value == null ? "Output: none (it returned null or nothing)" : `Output: ${whole(excerpt(value, 300))}`;
}

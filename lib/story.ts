/** A run's whole story: what is read for it, and its lines: trigger, steps with bars, errors, what it waits for, what to do next. */
import * as z from "zod/mini";
import { durationOf, eventOf, type Fn, functionOf, hasEnded, One, Run, type Span, startOf } from "./api.ts";
import { type Cause, causeOf, isFinal, isUnreachable, othersThatFailed, retried, stepsIn } from "./cause.ts";
import type { Api } from "./client.ts";
import { noted, ServerError } from "./errors.ts";
import { eventsNear, type NearEvent } from "./eventlist.ts";
import { fnOf } from "./functions.ts";
import { attemptsOf, cancellationsOf } from "./functiontext.ts";
import { timeOfId } from "./ids.ts";
import type { Context } from "./intent.ts";
import { handlerOf, type Parent, parentOf, type Root, rootOf } from "./kin.ts";
import { next, typed } from "./next.ts";
import { get, path, type Request } from "./request.ts";
import { ago, duration, excerpt, lines, plural, quote, stamp, time, whole, word, words } from "./text.ts";
import { failureText, getTrace, outsideOf, returned, type Step, stepsOf } from "./trace.ts";
import { dataFor, getJobs, invokedRun, type Job, moreWaits, waitLine, waitOf } from "./waits.ts";

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

/** A bar of ten: where in the run's time a step lay, and how much of it. */
export function bar(step: Pick<Step, "start" | "end">, from: number, to: number): string {
	const span = Math.max(1, to - from);
	const start = Math.max(from, step.start ?? from);
	const cells = Math.min(10, Math.max(1, Math.round((10 * ((step.end ?? to) - start)) / span)));
	const first = Math.min(10 - cells, Math.floor((10 * (start - from)) / span));
	return `${".".repeat(first)}${"=".repeat(cells)}${".".repeat(10 - first - cells)}`;
}

/** How many steps a story shows; of more, the first, the last, and those around what failed. */
const SHOWN = 30;
const ENDS = 5;
const AROUND = 8;

/** The indexes of the steps that are shown. */
export function shownSteps(count: number, failed: readonly number[]): number[] {
	const all = Array.from({ length: count }, (_, i) => i);
	if (count <= SHOWN) return all;
	const [at = count - ENDS - AROUND] = failed;
	return all
		.filter((i) => i < ENDS || i >= count - ENDS || (i > at - AROUND - 4 && i < at + AROUND) || failed.includes(i))
		.slice(0, 2 * SHOWN);
}

function stepLines({ run }: Story, steps: readonly Step[], cause: Cause | undefined, now: number): string[] {
	const from = startOf(run) ?? now;
	const to = time(run.endedAt) ?? now;
	const told = [...stepsIn(cause), ...steps.filter(({ status }) => status === "FAILED")];
	const indexes = shownSteps(
		steps.length,
		[...new Set(told)].map((step) => steps.indexOf(step)),
	);
	let last = -1;
	const left = (to: number) => {
		const gap = steps.slice(last + 1, to);
		last = to;
		return gap.length ? [`… ${plural(gap.length, "step")} not shown (--json has all)`] : [];
	};
	const shown = indexes.flatMap((i) => {
		const step = steps[i];
		return step ? [...left(i), stepLine(run, step, from, to)] : [];
	});
	return [...shown, ...left(steps.length)];
}

function stepLine(run: Run, step: Step, from: number, to: number): string {
	const live = !hasEnded(run);
	// What was open in a run that was cancelled stays so for ever (measured).
	const plain = step.status === "COMPLETED" || (!live && ["WAITING", "RUNNING"].includes(step.status));
	return words(
		bar(step, from, to),
		word(step.name),
		opText(step),
		!plain && step.status,
		step.start !== undefined && step.end !== undefined && duration(step.end - step.start),
		step.attempts > 1 && plural(step.attempts, "attempt"),
		resumedText(step),
	);
}

/** What kind of step it is; `step.fetch` goes through the gateway for AI (measured). */
function opText({ op, name }: Step): string {
	if (op === "RUN") return "";
	if (op === "AI_GATEWAY") return name.startsWith("step.fetch") ? "fetch" : "ai";
	return op.toLowerCase().replaceAll("_", " ");
}

/** How a wait ended: its output has the id of the event that resumed it; without one it timed out (measured). */
function resumedText({ op, status, output }: Step): string {
	if (op !== "WAIT_FOR_EVENT" || status !== "COMPLETED") return "";
	if (output == null) return "timed out";
	const id = z.safeParse(z.object({ id: z.string() }), output).data?.id;
	return id === undefined ? "" : `resumed by event ${word(id)}`;
}

/** Failures that are listed besides the run's own. */
const OTHERS = 5;

function failureLines(story: Story, steps: readonly Step[], cause: Cause | undefined): string[] {
	const { run, root, handler } = story;
	const others = othersThatFailed(run, steps, cause);
	const more = others.length - OTHERS;
	return [
		...(run.status === "FAILED" ? [cause ? causeLine(cause, story) : "Failed; no error is recorded."] : []),
		...(run.status === "CANCELLED" ? outsideLines(story) : []),
		...(root ? [rootLine(root)] : []),
		...(hasEnded(run) ? others : others.filter(({ caught }) => caught))
			.slice(0, OTHERS)
			.map(
				({ step, failure, caught }) =>
					`${caught ? "Caught" : "Also failed"}: ${word(step.name)} ${failureText(failure)}`,
			),
		...(more > 0 ? [`… and ${plural(more, "more failed step")} (--json has all)`] : []),
		...(handler ? [`Its onFailure handler: run ${handler.id} ${handler.status}`] : []),
	];
}

/** What a cancelled run failed with outside of steps, before. */
function outsideLines({ trace, function: fn }: Story): string[] {
	const { failure } = outsideOf(trace);
	return failure ? [causeLine({ kind: "outside", failure }, { trace, function: fn })] : [];
}

/** `Step charge failed, attempt 3 of 3: …`. */
export function causeLine(cause: Cause, { trace, function: fn }: Pick<Story, "trace" | "function">): string {
	const [step] = stepsIn(cause);
	const tried = step ? step.attempts : outsideOf(trace).attempts;
	const most = attemptsOf(fn);
	const attempt = tried > 1 ? `, attempt ${tried}${most === undefined ? "" : ` of ${most}`}` : "";
	return `${causeText(cause)}${attempt}: ${failureText(cause.failure)}`;
}

/** Where a run failed, in few words. */
export function causeText(cause: Cause): string {
	switch (cause.kind) {
		case "step":
			return `Step ${word(cause.step.name)} failed`;
		case "after":
			return `Failed after step ${word(cause.step.name)} had failed`;
		case "tie":
			return tieText(cause.steps);
		case "outside":
			return "Failed outside of steps";
		case "unseen":
			return "Failed outside of steps, or in a step that left no record";
		case "unread":
			return "Failed";
	}
}

/** Steps that failed with the same error: by name, or how many where they share one. */
function tieText(steps: readonly Step[]): string {
	const names = [...new Set(steps.map(({ name }) => word(name)))];
	return names.length > 1
		? `Possible: it failed in step ${names.join(" or ")}, as each failed with this error`
		: `Step ${names[0]} failed (${steps.length} steps of that name did, with the same error)`;
}

function rootLine({ run, cause, depth }: Root): string {
	const down = depth === 1 ? "" : `, ${depth} invocations down`;
	// One that did not fail itself was not awaited to its end, or not at all.
	if (run.status !== "FAILED") return `The run that it invoked${down}: ${run.id} ${functionOf(run)} ${run.status}`;
	const [step] = stepsIn(cause);
	const where = step ? `step ${word(step.name)} of ` : "";
	const why = cause ? `: ${failureText(cause.failure)}` : "";
	return `It began in ${where}${functionOf(run)}, run ${run.id} ${run.status}${down || ", which it invoked"}${why}`;
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

/**
 * A step as `--from-step` takes it: its name, or its id where the name is there twice or can't be typed. `part`: there may
 * be steps that are not among these.
 */
export function stepArgument(step: Step, steps: readonly Step[], part = false): string | undefined {
	const twice = part || steps.filter(({ name }) => name === step.name).length > 1;
	return (twice ? undefined : typed(step.name)) ?? typed(step.id);
}

/**
 * A run that began so long after its event, in ms, may be a replay: its trace lacks the steps whose results it kept. One of a
 * batch is none (measured).
 */
const LATE = 5_000;
const mayBeReplay = (run: Run): boolean =>
	!run.trigger?.isBatch && timeOfId(run.id) - timeOfId(eventOf(run) ?? "") > LATE;

function nextLine(story: Story, steps: readonly Step[], cause: Cause | undefined, now: number): string {
	const { run, jobs, root } = story;
	if (!hasEnded(run)) {
		const waits = jobs.map((job) => waitOf(job, steps, now));
		return next(...waits.flatMap(resumeCalls).slice(0, 1), `wait-for-run ${run.id}`, `cancel-run ${run.id}`);
	}
	if (run.status === "CANCELLED") return next(eventOf(run) !== undefined && `replay-run ${run.id}`);
	if (run.status !== "FAILED") return "";
	const [step] = cause?.kind === "step" ? [cause.step] : [];
	const from = step && stepArgument(step, steps, mayBeReplay(run));
	const replay = words(`replay-run ${run.id}`, from && `--from-step ${from}`);
	if (cause && isUnreachable(cause.failure)) return next("list-apps (was the app reached?)", replay);
	if (root) return next(`get-run ${root.run.id}`, replay);
	if (cause && isFinal(cause.failure)) {
		// A tick of cron has no payload, and the server may not keep its event (measured).
		const event = run.trigger?.cronSchedule ? undefined : eventOf(run);
		return next(event && `get-event ${event} (its payload)`, `${replay} (once the cause is mended)`);
	}
	return next(replay);
}

/** The write that would let a wait go on, where it can be written whole. */
function resumeCalls(wait: ReturnType<typeof waitOf>): string[] {
	if (wait.kind === "signal") {
		const name = typed(wait.signal);
		return name === undefined ? [] : [`send-signal ${name} (resumes it, if the user wants that)`];
	}
	const data = wait.kind === "event" ? dataFor(wait.expression) : undefined;
	const name = wait.kind === "event" ? typed(wait.event) : undefined;
	if (!data || name === undefined) return [];
	const json = Object.keys(data).length ? typed(JSON.stringify(data)) : "";
	return json === undefined
		? []
		: [`${words(`send-event ${name}`, json && `--data ${json}`)} (resumes it, if the user wants that)`];
}

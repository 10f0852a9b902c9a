/** A run's trace told in a few lines: trigger, steps with bars, errors with attempts, what it waits for, what to do next. */
import * as z from "zod/mini";
import {
	durationOf,
	eventOf,
	functionOf,
	hasEnded,
	inParallel,
	many,
	maybe,
	One,
	Run,
	type Span,
	startOf,
} from "./api.ts";
import type { Api } from "./client.ts";
import { noted, ServerError } from "./errors.ts";
import { get, path, type Request } from "./request.ts";
import { ago, duration, excerpt, lines, plural, quote, stamp, time, whole, word, words } from "./text.ts";
import { failingStep, failureIn, failureText, getTrace, outsideOf, type Step, stepsOf } from "./trace.ts";

/** v1's account of what a live run waits for: the only place that has the wake-up time and the awaited event. */
const Job = z.object({
	at: maybe,
	kind: maybe,
	attempt: z.nullish(z.number()),
	Raw: z.optional(z.unknown()),
});
const Jobs = z.object({ data: many(Job) });
const Pause = z.object({
	data: z.object({
		payload: z.object({
			pause: z.object({
				stepName: maybe,
				event: maybe,
				expression: maybe,
			}),
		}),
	}),
});
type Job = z.output<typeof Job>;

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

/** What a live run waits for, from v1 (which a Cloud API key alone can't read). */
const getJobs = async (api: Api, id: string): Promise<Job[]> =>
	(await api.send(get(path`/v1/runs/${id}/jobs`), Jobs)).data;

export interface Story {
	run: Run;
	trace: Span | undefined;
	jobs: Job[];
	/** What could not be had, a line each. */
	missing: string[];
}

/** Fetches all that a run's story needs, side by side; only the run itself must be there. */
export async function getStory(api: Api, id: string): Promise<Story> {
	const missing: string[] = [];
	const [run, trace] = await Promise.all([getRun(api, id), getTrace(api, id).catch(noted(missing, "The trace"))]);
	const jobs = hasEnded(run) ? [] : await getJobs(api, id).catch(noted(missing, "What it waits for"));
	return { run, trace, jobs: jobs ?? [], missing };
}

/** A bar of ten: where in the run's time a step lay. */
function bar(step: Step, from: number, to: number): string {
	const cell = (at: number) => Math.min(9, Math.max(0, Math.floor((10 * (at - from)) / Math.max(1, to - from))));
	const first = cell(step.start ?? from);
	const last = Math.max(first, cell(step.end ?? to));
	return `${".".repeat(first)}${"=".repeat(last - first + 1)}${".".repeat(9 - last)}`;
}

/** What each of some runs waits for: its jobs as v1 has them, and lines that tell them; neither where they can't be had. */
export interface Waits {
	jobs?: Job[] | undefined;
	lines: string[];
}

/** What live runs wait for; for one that waits to be tried again, with the error that made it fail so far. */
export async function waitsOf(api: Api, runs: readonly Run[], now: number): Promise<Map<Run, Waits>> {
	const live = runs.filter((run) => !hasEnded(run));
	const found = await inParallel(live, 6, async (run): Promise<Waits> => {
		const jobs = await getJobs(api, run.id);
		const trace = jobs.some((job) => job.attempt) ? await getTrace(api, run.id).catch(() => undefined) : undefined;
		const failure = failingStep(stepsOf(trace))?.failure ?? outsideOf(trace).failure;
		const after = (job: Job) => (job.attempt && failure ? `, after ${failureText(failure)}` : "");
		return { jobs, lines: jobs.map((job) => `  ${waitLine(job, stepsOf(trace), now)}${after(job)}`) };
	});
	const missing: Waits = { lines: ["  what it waits for could not be had"] };
	return new Map(live.map((run, i) => [run, found[i]?.value ?? missing]));
}

/** How many steps a story shows. */
const SHOWN = 30;

/** The whole story as text. Where several are told, `label` is empty (each line then starts with its run) and `next` false. */
export function tellStory(story: Story, now: number, label: string, next = true): string {
	const { run, trace, jobs } = story;
	const status = run.status;
	const live = !hasEnded(run);
	const steps = stepsOf(trace);
	const from = startOf(run) ?? now;
	const to = time(run.endedAt) ?? now;
	const queued = time(run.queuedAt);
	const took = durationOf(run);
	const started = time(run.startedAt);
	const held = queued !== undefined && started !== undefined ? started - queued : 0;
	const step = status === "COMPLETED" ? undefined : failingStep(steps);
	const failure =
		step?.failure ??
		(status === "FAILED" ? failureIn(run.output) : undefined) ??
		(status === "COMPLETED" ? undefined : outsideOf(trace).failure);
	const attempts = step?.attempts ?? outsideOf(trace).attempts;
	const tries = attempts > 1 ? `, attempt ${attempts}` : "";
	const shown = steps.slice(0, SHOWN);
	return lines(
		`${label ? "" : `${run.id} `}${functionOf(run)} ${status}${live ? "" : took !== undefined ? ` in ${duration(took)}${held >= 1000 ? ` after ${duration(held)} in the queue` : ""}` : ""}${queued ? `, queued ${ago(queued, now)} (${stamp(queued)})` : ""}${label && ` (${label})`}`,
		triggerLine(run, trace),
		shown.map((one) => {
			const plain = one.status === "COMPLETED" || (one.status === "WAITING" && !live);
			return words(
				bar(one, from, to),
				word(one.name),
				one.op !== "RUN" && one.op.toLowerCase().replaceAll("_", " "),
				// What failed in a run that goes on is not the last word.
				!plain && (live && one.status === "FAILED" ? "FAILED so far" : one.status),
				one.start !== undefined && one.end !== undefined && duration(one.end - one.start),
				one.attempts > 1 && plural(one.attempts, "attempt"),
			);
		}),
		steps.length > SHOWN && `${plural(steps.length - SHOWN, "more step")} not shown (--json has all).`,
		failure &&
			`${step ? `Step ${word(step.name)} failed` : "Failed outside of steps"}${tries}: ${failureText(failure)}`,
		jobs.slice(0, 5).map((job) => waitLine(job, steps, now)),
		status === "COMPLETED" && run.output != null && `Output: ${whole(excerpt(run.output, 300))}`,
		story.missing,
		next && nextCall(run, status, step, jobs.flatMap((job) => pauseOf(job)?.event ?? [])[0]),
	);
}

function triggerLine(run: Run, trace: Span | undefined): string {
	const { trigger } = run;
	if (trigger?.cronSchedule) return `Cron ${quote(trigger.cronSchedule, 40)}`;
	const ids = trigger?.eventIds ?? [];
	const Input = z.object({ data: z.array(z.object({ name: z.string() })) });
	const input = z.safeParse(Input, trace?.input);
	const name = trigger?.eventName ?? input.data?.data[0]?.name;
	const batch = trigger?.isBatch ? `, batch${input.data ? ` of ${input.data.data.length}` : ""}` : "";
	return `Event ${name ? `${word(name)} ` : ""}${word(ids[0] ?? "")}${batch}`;
}

function pauseOf(job: Job) {
	const pause = z.safeParse(Pause, job.Raw);
	return pause.data?.data.payload.pause;
}

/** `Sleeps in wait-for-window, wakes in 16m (…)`; the step is named where the steps are given. */
function waitLine(job: Job, steps: readonly Step[], now: number): string {
	const at = time(job.at);
	const when = at === undefined ? "" : `${ago(at, now)} (${stamp(at)})`;
	const pause = pauseOf(job);
	if (pause?.event) {
		const { event, expression, stepName } = pause;
		return `Waits for event ${word(event ?? "")}${expression ? ` ${conditionText(expression)}` : ""}${stepName ? ` in ${word(stepName)}` : ""}, times out ${when}`;
	}
	if (job.kind === "sleep") {
		const asleep = steps.find((step) => step.op === "SLEEP" && step.status === "WAITING");
		return `Sleeps${asleep ? ` in ${word(asleep.name)}` : ""}, wakes ${when}`;
	}
	if (at !== undefined && at > now + 1000)
		return `${job.attempt ? `Retries ${when} with attempt ${job.attempt + 1}` : `Next: ${word(job.kind ?? "start")} ${when}`}`;
	return `Waits for capacity (${word(job.kind ?? "queued")}${job.attempt ? `, attempt ${job.attempt + 1}` : ""})`;
}

/** `with data.id = «rf_1»` for what `match` makes (`"rf_1" == async.data.id`); any other expression as it is. */
function conditionText(expression: string): string {
	const [, value, field] = /^("[^"\\]*"|[\d.]+|true|false) == async\.(data(?:\.\w+)+)$/.exec(expression) ?? [];
	return value === undefined || field === undefined
		? `where ${quote(expression, 80)} (async is the event)`
		: `with ${field} = ${quote(value, 80)}`;
}

function nextCall(run: Run, status: string, step: Step | undefined, awaited: string | undefined): string {
	if (awaited !== undefined && !hasEnded(run))
		return `Next: if the user decides it, send-event ${word(awaited)} with data that meets the condition; then wait-for-run ${run.id}`;
	if (status === "FAILED")
		return `Next: replay-run ${run.id}${step && /^\w[\w.:/@-]{0,79}$/.test(step.name) ? ` [--from-step ${step.name}]` : ""}`;
	if (status === "RUNNING" || status === "QUEUED") return `Next: wait-for-run ${run.id}, or cancel-run ${run.id}`;
	return status === "CANCELLED" && eventOf(run) ? `Next: replay-run ${run.id}` : "";
}

/** Why a run failed, what a live run waits for, what holds up queues. Pure. */
import * as z from "zod/mini";
import { type Event, endOf, functionOf, type Run, refOf, type Span } from "../inngest/api.ts";
import { causesOf, type Failure, failureIn, givenIn, type Step, stepsOf } from "../inngest/trace.ts";
import type { FunctionRef } from "../text/nouns.ts";
import { hasWords, MINUTE, time } from "../text/text.ts";
import { many, maybe, maybeNumber } from "../wire/lenient.ts";
import { executingSince, type Outside, outsideOf } from "./compare.ts";
import { byFunction, LEAST, type Sample } from "./trend.ts";
import { isOfInngest } from "./triage.ts";
import type { Resumed, TimedOut } from "./why.ts";

/** What made a run fail. A run's error is its output (measured): a step that failed may be one whose error the function caught. */
export type Cause = { failure: Failure } /** The run's error is this step's error. */ & (
	| { kind: "step"; step: Step }
	/** The run's error was caused by this step's: the step's error is in its chain of causes. */
	| { kind: "after"; step: Step }
	/** Several steps failed with the run's own error: which of them caused it is unknown. */
	| { kind: "tie"; steps: Step[] }
	/** The run's error is no step's error. */
	| { kind: "outside" }
	/**
	 * No step's error either, but it may have come from a step whose error, or whole span, is missing: the engine or the SDK made the error
	 * (measured: output too large, app stopped), or a step failed without an error.
	 */
	| { kind: "unseen" }
	/** The server failed the run after the function had returned this. */
	| { kind: "returned"; output: unknown }
	/** The trace could not be read. */
	| { kind: "unread" }
);

/**
 * Without `steps` if the trace could not be read. An error without a stack may be of a step even if no step is recorded: with Go's
 * checkpoints in batches, one that fails is not (measured).
 */
export function causeOf(output: unknown, steps: readonly Step[] | undefined): Cause | undefined {
	const failure = failureIn(output);
	if (!failure) return;
	if (!steps) return { kind: "unread", failure };
	for (const [depth, one] of causesOf(failure).entries()) {
		const found = steps
			.filter((step) => step.failure && (isCopy(step.failure, one) || isOfGateway(step, one)))
			.toSorted((a, b) => a.name.localeCompare(b.name));
		const [step] = found;
		if (found.length > 1) return { kind: "tie", failure, steps: found };
		if (step) return { kind: depth ? "after" : "step", failure: withStep(failure, step), step };
	}
	const step = steps.findLast((one) => wraps(failure, one));
	if (step) return { kind: "after", failure, step };
	const isTold = failure.stack || steps.length;
	const unseen = !isTold || isOfInngest(failure) || steps.some((one) => one.status === "FAILED" && !one.failure);
	return { kind: unseen ? "unseen" : "outside", failure };
}

/** Go errors contain the text of the errors they wrap, anywhere (measured). */
const wraps = ({ name, message, stack }: Failure, { failure: its }: Step): boolean =>
	!name && !stack && its !== undefined && hasWords(message, its.message);

/** When the server makes a call for the app, the run has the server's error and the step has the response (measured, v1.43). */
const isOfGateway = ({ op }: Step, { message }: Failure): boolean =>
	(op === "AI_GATEWAY" || op === "FETCH") && /^(?:Error making \w+ request: |Unknown error$)/.test(message);

/** Adds what the step knows of the error: Go's errors have no names, and TypeScript's lose theirs before v4. */
function withStep(failure: Failure, step: Step): Failure {
	const cause = step.failure;
	if (cause && /^(?:Error)?$/.test(failure.name) && failure.message === cause.message)
		return { ...failure, ...cause, name: cause.name || failure.name, at: cause.at ?? failure.at };
	const isMore = cause && isOfGateway(step, failure) && !failure.message.startsWith(cause.message);
	return isMore ? { ...failure, cause } : failure;
}

/** Errors made by the engine have no stack, and the run's copy of them an empty one; a copy may lack the name (both measured). */
const isCopy = (a: Failure, b: Failure): boolean =>
	a.message === b.message && (a.stack === b.stack || a.stack === "" || b.stack === "");

export function stepsIn(cause: Cause | undefined): readonly Step[] {
	if (cause?.kind === "tie") return cause.steps;
	return cause && "step" in cause ? [cause.step] : [];
}

/**
 * Whether the error came from the run that the failed step invoked. The engine's own errors about an invocation have no stack, but neither
 * have Go's.
 */
export const isOfInvoked = (cause: Cause | undefined): boolean =>
	stepsIn(cause).some(({ op, failure }) => op === "INVOKE" && Boolean(cause?.failure.stack || failure?.invoked));

/**
 * A failed step that did not fail the run. `caught`: the function continued after it, as a later step or a later error of its own (thrown
 * at `at`, in ms) proves.
 */
export interface OtherFailure {
	step: Step;
	failure: Failure;
	caught: boolean;
}

export function othersThatFailed(
	run: Run,
	steps: readonly Step[],
	cause: Cause | undefined,
	at = endOf(run),
): OtherFailure[] {
	const told = stepsIn(cause);
	return steps.flatMap((step) => {
		const { failure } = step;
		if (step.status !== "FAILED" || !failure || told.includes(step)) return [];
		if (cause?.kind === "after" && wraps(cause.failure, step)) return [];
		const threw = cause?.kind === "outside" && step.end !== undefined && step.end <= at;
		const returned = run.status === "COMPLETED" || cause?.kind === "returned";
		return [{ step, failure, caught: returned || threw || wentOn(steps, step) }];
	});
}

/** True if a step was planned after this one ended: parallel steps are all planned before any of them ends. */
const wentOn = (steps: readonly Step[], { end }: Step): boolean =>
	end !== undefined && steps.some(({ queued }) => queued !== undefined && queued > end);

/** The latest failure of a run that will be retried, and when it was (ms). */
export interface Retried {
	failure: Failure;
	at: number | undefined;
	step?: Step;
}

export function retried(steps: readonly Step[], { failure, at }: Outside): Retried | undefined {
	const step = steps.findLast((one) => one.status === "FAILED" && !wentOn(steps, one));
	if (failure && (at ?? 0) >= (step?.end ?? -1)) return { failure, at };
	return step?.failure && { failure: step.failure, at: step.end, step };
}

export const lastFailure = (trace: Span | undefined): Retried | undefined => retried(stepsOf(trace), outsideOf(trace));

export const isRetry = (one: Wait): boolean => one.kind !== "executing" && "attempt" in one && one.attempt > 1;

/** Whether it has waited for capacity for a while. */
export const isHeld = ({ kind, at = Infinity }: Wait, now: number): boolean => kind === "capacity" && at < now - 5_000;

/** The step to be tried again, if jobs show that. */
export const retriedIn = ({ trace, waits }: Pick<Waiting, "trace"> & { waits: readonly Wait[] }): Step | undefined =>
	waits.some(isRetry) ? lastFailure(trace)?.step : undefined;

/** Only v1 gives the wake-up time and the awaited event. */
const Job = z.object({ at: maybe, kind: maybe, attempt: maybeNumber, Raw: z.optional(z.unknown()) });
export const Jobs = z.object({ data: many(Job) });
export type Job = z.output<typeof Job>;

/** A lease means that the app is executing the job now; an edge names the step; a pause is a wait (measured on v1.43). */
const Pause = z.object({
	stepName: maybe,
	opcode: maybe,
	event: maybe,
	expression: maybe,
	signalID: maybe,
	itFnID: maybe,
	tID: maybe,
});
const Payload = z.object({ edge: z.nullish(z.object({ outgoing: maybe })), pause: z.nullish(Pause) });
/** Places that a job takes: of its app's workers, if that uses connect, or of its function's runs (measured on v1.43: semaphores). */
const Places = z.array(z.object({ id: z.string() }));
const Raw = z.object({
	leaseID: maybe,
	data: z.nullish(z.object({ payload: z.nullish(Payload), sem: z.nullish(Places) })),
});

/** `connects`: its app uses connect, so a worker must be online. `counted`: its function limits its live runs, which only jobs show. */
export interface Needs {
	connects?: boolean | undefined;
	counted?: boolean | undefined;
}

/** What a run is waiting for. `at`, in ms since the epoch: when it wakes, is retried or times out; for `executing`, since when. */
export type Wait = { at: number | undefined } & (
	| ({ kind: "executing"; attempt: number } & Needs)
	| { kind: "retry"; attempt: number }
	/** Ready to continue, but nothing of it is running. */
	| ({ kind: "capacity"; attempt: number; leased?: boolean } & Needs)
	/** Planned by the engine for a later time. */
	| { kind: "later"; what: string }
	| { kind: "sleep"; step: string | undefined }
	| { kind: "event"; step: string | undefined; event: string; expression: string | undefined }
	| { kind: "signal"; step: string | undefined; signal: string }
	/** `event`: the id of the event that started the invoked run. */
	| { kind: "invoke"; step: string | undefined; function: string; event: string | undefined }
	/** Known from the trace alone, which doesn't say which event, signal or run. */
	| { kind: "step"; step: string | undefined; op: string }
);

/** `steps` supply names where the job has only a step's id. Up to a second ahead counts as now: clocks differ. */
export function waitOf(job: Job, steps: readonly Step[], now: number): Wait {
	const raw = z.safeParse(Raw, job.Raw).data;
	const at = time(job.at);
	const attempt = (job.attempt ?? 0) + 1;
	const { edge, pause } = raw?.data?.payload ?? {};
	const step = pause?.stepName ?? undefined;
	const places = raw?.data?.sem?.map(({ id }) => id).join(" ") ?? "";
	const by = { connects: /\bapp:/.test(places) || undefined, counted: /\bfn(?:key)?:/.test(places) || undefined };
	if (raw?.leaseID) return { kind: "executing", at, attempt, ...by };
	if (pause?.opcode === "InvokeFunction")
		return { kind: "invoke", at, step, function: pause.itFnID ?? "", event: pause.tID ?? undefined };
	if (pause?.signalID != null) return { kind: "signal", at, step, signal: pause.signalID };
	if (pause?.event) return { kind: "event", at, step, event: pause.event, expression: pause.expression ?? undefined };
	const isDue = at && at <= now + 1000;
	if (job.kind === "sleep" && !isDue) return { kind: "sleep", at, step: sleeping(steps, edge?.outgoing) };
	if (!at || isDue) return { kind: "capacity", at, attempt, ...by };
	if (attempt > 1) return { kind: "retry", at, attempt };
	const byTrace = isBare(job) && waitOfOne(steps.filter(isAwaiting), at);
	return byTrace || { kind: "later", at, what: job.kind ?? "" };
}

/** A job as v1's documentation describes it, with only a time and an attempt. The trace then shows what is awaited. */
export const isBare = ({ kind, Raw }: Job): boolean => kind == null && Raw == null;

/** v1's maximum (measured). */
export const MOST_JOBS = 10;

export const AWAITED: Record<string, string> = {
	SLEEP: "",
	WAIT_FOR_EVENT: "an event",
	WAIT_FOR_SIGNAL: "a signal",
	INVOKE: "a run that it invoked",
};
const isAwaiting = ({ op, status }: Step): boolean => /ING$/.test(status) && op in AWAITED;

const waitOfStep = ({ op, name, until }: Step, at = until): Extract<Wait, { kind: "sleep" | "step" }> =>
	op === "SLEEP" ? { kind: "sleep", at, step: name } : { kind: "step", at, step: name, op };

/** The wait that a job's time belongs to: of several steps, which one is unknown; if their ops differ, so is what it waits for. */
function waitOfOne([first, ...others]: readonly Step[], at: number): Wait | undefined {
	if (!first || others.some(({ op }) => op !== first.op)) return;
	const wait = waitOfStep(first, at);
	return others.length ? { ...wait, step: undefined } : wait;
}

/** A run's trace, which names its steps, and its jobs. */
export interface Waiting {
	run?: Pick<Run, "status"> | undefined;
	trace: Span | undefined;
	/** Undefined if they were not or could not be read. */
	jobs: Job[] | undefined;
}

/**
 * What a run waits for. Since when it executes is in its trace: jobs don't have it, and may be unread. A throttled run also has a lease
 * while the queue checks it (measured).
 */
export function waitsIn({ run, trace, jobs }: Waiting, now: number): Wait[] {
	const steps = stepsOf(trace);
	const since = executingSince(trace);
	const told = (wait: Wait): Wait => {
		if (wait.kind !== "executing") return wait;
		return run?.status === "QUEUED" ? { ...wait, kind: "capacity", leased: true } : { ...wait, at: since.shift() };
	};
	return jobs?.length
		? jobs.map((job) => told(waitOf(job, steps, now)))
		: [
				...(jobs || run?.status !== "RUNNING" ? [] : since.map((at): Wait => ({ kind: "executing", at, attempt: 1 }))),
				...steps.filter(isAwaiting).map((one) => waitOfStep(one)),
			];
}

/**
 * Whether a live run has no job. Its server, which keeps its queue in memory, was killed (measured on v1.43, self-hosted). If the trace has
 * the end of a wait, which OSS traces don't, the server lists jobs differently.
 */
export const isLost = ({
	jobs,
	waits = [],
}: {
	jobs?: readonly unknown[] | undefined;
	waits?: readonly Wait[] | undefined;
}) => jobs?.length === 0 && !waits.some(({ at }) => at);

/** How many waits a trace shows. v1 lists ten jobs at most (measured). */
export const waitingIn = (trace: Span | undefined): number => stepsOf(trace).filter(isAwaiting).length;

/** Finds the step by its id; without an id, the only sleeping step. */
function sleeping(steps: readonly Step[], id: string | null | undefined): string | undefined {
	const [only, another] = steps.filter((step) => step.op === "SLEEP" && step.status === "WAITING");
	return (steps.find((step) => step.id === id) ?? (another ? undefined : only))?.name;
}

/** A function whose runs have been queued for a while. */
export interface Backlog {
	function: string;
	of: FunctionRef;
	queued: number;
	/** More runs may be queued. */
	cut: boolean;
	/** The run queued longest, and since when (ms). */
	oldest: string;
	since: number;
	/** Runs that arrived and ended in the last `ms`; undefined if not all of them were read. */
	pace: { ms: number; arrived: number; ended: number } | undefined;
}

/** How long a run must be queued before it is reported, in ms. */
const WAITED = 15_000;

/** Functions with at least five queued runs, the oldest queued for a while. Longest queue first. `live`: oldest first. */
export function backlogsIn(live: readonly Run[], cut: boolean, ended: Sample, now: number): Backlog[] {
	const done = byFunction(ended.runs);
	const found = [...byFunction(live)].flatMap(([name, own]) => {
		const queued = own.filter(({ status }) => status === "QUEUED");
		const [oldest] = queued;
		const since = time(oldest?.queuedAt) ?? now;
		if (!oldest || queued.length < LEAST.ended || now - since < WAITED) return [];
		// The burst that filled the queue is no pace, nor are cancelled runs.
		const ms = Math.max(MINUTE, Math.min((now - since) / 2, now - ended.span.from));
		const recent = (at: string | null | undefined) => (time(at) ?? 0) >= now - ms;
		const over = (done.get(name) ?? []).filter(({ status }) => status !== "CANCELLED");
		const pace = {
			ms,
			arrived: [...own, ...over].filter((run) => recent(run.queuedAt)).length,
			ended: over.filter((run) => recent(run.endedAt)).length,
		};
		const known = !cut && ended.whole <= now - ms;
		return [
			{
				function: name,
				of: refOf(oldest),
				queued: queued.length,
				cut,
				oldest: oldest.id,
				since,
				pace: known ? pace : undefined,
			},
		];
	});
	return found.sort((a, b) => b.queued - a.queued);
}

/** By function, its runs' waits: the step, and the event; "" if that is unknown (it still waits, or timed out). */
export type Waited = Map<string, { step: string; event: string }[]>;

export function noteWaits(waited: Waited, run: Run, waits: readonly { step: string; event: string }[]): void {
	const name = functionOf(run);
	waited.set(name, (waited.get(name) ?? []).concat(waits));
}

/** Whether a wait may have been for this event. */
export function mayAwait(waited: Waited, { run, step }: { run: Run; step: string }, name: string): boolean {
	const known = (waited.get(functionOf(run)) ?? []).filter((one) => one.step === step && one.event);
	return !known.length || known.some(({ event }) => event === name);
}

/**
 * The next `most` runs to check for a wait for this event. First runs of functions known to wait for it, then one run of each unchecked
 * function. `runs` were live when the event came, sorted by when they ended (`now` if they have not).
 */
export function likeliest(runs: readonly Run[], name: string, waited: Waited, most: number): Run[] {
	const seen = new Set<string>();
	const ranked = runs.map((run) => {
		const known = waited.get(functionOf(run));
		const has = (event: string) => known?.some((one) => one.event === event);
		const isFirst = seen.size < seen.add(functionOf(run)).size;
		const unknown = isFirst || has("") ? 1 : 2;
		const without = known?.length === 0 ? 3 : unknown;
		return { run, rank: has(name) ? 0 : without };
	});
	return ranked
		.toSorted((a, b) => a.rank - b.rank)
		.slice(0, most)
		.map(({ run }) => run);
}

/** The waits of a run that timed out after `at` (ms). They had begun by then, or soon after. */
export const timedOutIn = (run: Run, steps: readonly Step[], at: number): TimedOut[] =>
	steps.flatMap(({ op, output, name, start = Infinity, end = 0 }) => {
		const isOne = op === "WAIT_FOR_EVENT" && output == null && end > at && start <= at + MINUTE;
		return isOne ? [{ run, step: name, start, end }] : [];
	});

/** The waits of a run: those that ended show their event. */
export const eventWaitsIn = (steps: readonly Step[]) =>
	steps.flatMap((step) =>
		step.op === "WAIT_FOR_EVENT" ? [{ step: step.name, event: givenIn(step)?.name ?? "" }] : [],
	);

/** A later event may have the same sender's id, so only waits that ended at `at` (ms) or later count. */
export const resumedIn = (run: Run, steps: readonly Step[], event: Event, at: number): Resumed[] =>
	steps.flatMap((step) => {
		const given = givenIn(step);
		const isIt = given?.name === event.name && given.id === (event.id || event.internal_id);
		return isIt && (step.end ?? at) >= at ? [{ run, step: step.name }] : [];
	});

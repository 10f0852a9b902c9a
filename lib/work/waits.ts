import * as z from "zod/mini";
import { retriedText } from "../decide/cause.ts";
import { type Fn, functionOf, hasEnded, inParallel, type Run, runsOfEvent, type Span } from "../inngest/api.ts";
import { fnOf } from "../inngest/functions.ts";
import { getTrace, type Step, stepsOf } from "../inngest/trace.ts";
import { attemptText } from "../tell/causetext.ts";
import { holdsBack } from "../tell/functiontext.ts";
import { noted } from "../text/errors.ts";
import { ago, plural, quote, stamp, time, word, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { many, maybe, maybeNumber } from "../wire/lenient.ts";
import { get, path } from "../wire/request.ts";

/** v1 alone has the wake-up time and the awaited event. */
const Job = z.object({ at: maybe, kind: maybe, attempt: maybeNumber, Raw: z.optional(z.unknown()) });
const Jobs = z.object({ data: many(Job) });
export type Job = z.output<typeof Job>;

/** v1 gives ten at most (measured). */
const MOST_JOBS = 10;

/** A Cloud API key alone can't read them. */
export const getJobs = async (api: Api, id: string): Promise<Job[]> =>
	(await api.send(get(path`/v1/runs/${id}/jobs`), Jobs)).data;

/** A lease says that the app is executing it now; an edge names the step; a pause is a wait (measured on v1.43). */
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
const Raw = z.object({ leaseID: maybe, data: z.nullish(z.object({ payload: z.nullish(Payload) })) });

/** What a run waits for. `at` is ms since the epoch: when it wakes, is tried again, or gives up waiting. */
export type Wait = { at: number | undefined } & (
	| { kind: "executing"; attempt: number }
	| { kind: "retry"; attempt: number }
	/** It could go on, and nothing of it is running. */
	| { kind: "capacity"; attempt: number }
	/** Not before a time, by the engine's own planning. */
	| { kind: "later"; what: string }
	| { kind: "sleep"; step: string | undefined }
	| { kind: "event"; step: string | undefined; event: string; expression: string | undefined }
	| { kind: "signal"; step: string | undefined; signal: string }
	/** `event`: the id of the event that started the invoked run. */
	| { kind: "invoke"; step: string | undefined; function: string; event: string | undefined }
	/** By its trace alone, which does not say for which event, signal or run. */
	| { kind: "step"; step: string | undefined; op: string }
);

/** Reads a job; `steps` name what it only has the id of. Less than a second ahead is now: clocks differ. */
export function waitOf(job: Job, steps: readonly Step[], now: number): Wait {
	const raw = z.safeParse(Raw, job.Raw).data;
	const at = time(job.at);
	const attempt = (job.attempt ?? 0) + 1;
	const { edge, pause } = raw?.data?.payload ?? {};
	const step = pause?.stepName ?? undefined;
	if (raw?.leaseID) return { kind: "executing", at, attempt };
	if (pause?.opcode === "InvokeFunction")
		return { kind: "invoke", at, step, function: pause.itFnID ?? "", event: pause.tID ?? undefined };
	if (pause?.signalID != null) return { kind: "signal", at, step, signal: pause.signalID };
	if (pause?.event) return { kind: "event", at, step, event: pause.event, expression: pause.expression ?? undefined };
	if (job.kind === "sleep") return { kind: "sleep", at, step: sleeping(steps, edge?.outgoing) };
	if (at === undefined || at <= now + 1000) return { kind: "capacity", at, attempt };
	if (attempt > 1) return { kind: "retry", at, attempt };
	const byTrace = isBare(job) ? waitOfOne(steps.filter(isAwaiting), at) : undefined;
	return byTrace ?? { kind: "later", at, what: job.kind ?? "" };
}

/** As v1's description has it: its time and attempt alone. Then the trace tells what is waited for. */
const isBare = ({ kind, Raw }: Job): boolean => kind == null && Raw == null;

const AWAITED: Record<string, string> = {
	SLEEP: "",
	WAIT_FOR_EVENT: "an event",
	WAIT_FOR_SIGNAL: "a signal",
	INVOKE: "a run that it invoked",
};
const isAwaiting = ({ op, status }: Step): boolean => status === "WAITING" && op in AWAITED;

const waitOfStep = ({ op, name, until }: Step, at = until): Extract<Wait, { kind: "sleep" | "step" }> =>
	op === "SLEEP" ? { kind: "sleep", at, step: name } : { kind: "step", at, step: name, op };

/** The wait that a time is for: of several steps it is not told which, nor what, where they are not alike. */
function waitOfOne([first, ...others]: readonly Step[], at: number): Wait | undefined {
	if (!first || others.some(({ op }) => op !== first.op)) return undefined;
	const wait = waitOfStep(first, at);
	return others.length ? { ...wait, step: undefined } : wait;
}

/** What a run waits for is told with its trace, which names steps. */
export interface Waiting {
	trace: Span | undefined;
	jobs: Job[];
}

export function waitsIn({ trace, jobs }: Waiting, now: number): Wait[] {
	const steps = stepsOf(trace);
	return jobs.length
		? jobs.map((job) => waitOf(job, steps, now))
		: steps.filter(isAwaiting).map((one) => waitOfStep(one));
}

/** By its id; without one, the only step that sleeps. */
function sleeping(steps: readonly Step[], id: string | null | undefined): string | undefined {
	const [only, another] = steps.filter((step) => step.op === "SLEEP" && step.status === "WAITING");
	return (steps.find((step) => step.id === id) ?? (another ? undefined : only))?.name;
}

/** What a wait is told with, where it is known: its function, and what it failed with before. */
interface Telling {
	now: number;
	fn?: Fn | undefined;
	after?: string | undefined;
}

/** `Sleeps in nap-a, wakes in 16m (…)`. */
export function waitLine(wait: Wait, { now, fn, after }: Telling): string {
	const when = wait.at === undefined ? "" : `${ago(wait.at, now)} (${stamp(wait.at)})`;
	if ("attempt" in wait) {
		const isAgain = wait.attempt > 1;
		const tried = attemptText(wait.attempt, fn);
		const attempt = after === undefined ? tried : `${tried}, after ${after}`;
		if (wait.kind === "executing")
			return isAgain ? `The app is executing it now, ${attempt}` : "The app is executing it now";
		if (wait.kind === "retry") return `Retries ${when} with ${attempt}`;
		return words("Waits for capacity", isAgain && `for ${attempt}`, fn && capacityText(fn));
	}
	if (wait.kind === "later") return `${wait.what === "start" ? "Starts" : "Goes on"} ${when}`;
	const what = words(awaitedText(wait), wait.step && `in ${word(wait.step)}`);
	const then = wait.kind === "sleep" ? "wakes" : "times out";
	return when ? `${what}, ${then} ${when}` : what;
}

function awaitedText(wait: Wait): string {
	switch (wait.kind) {
		case "event":
			return words("Waits for event", word(wait.event), wait.expression && conditionText(wait.expression));
		case "signal":
			return `Waits for signal ${word(wait.signal)}`;
		case "step":
			return `Waits for ${AWAITED[wait.op]}`;
		case "invoke":
			return `Waits for the run of ${wait.function ? word(wait.function) : "a function"} that it invoked`;
		default:
			return "Sleeps";
	}
}

function capacityText(fn: Fn): string {
	const limits = holdsBack(fn).join(", ");
	return limits && `(${limits})`;
}

function conditionText(expression: string): string {
	const [, value, field] = /^("[^"\\]*"|[\d.]+|true|false) == async\.(data(?:\.\w+)+)$/.exec(expression) ?? [];
	return value === undefined || field === undefined
		? `where ${quote(expression, 160)} (async is the event)`
		: `with ${field} = ${quote(value.replace(/^(\d+)\.0$/, "$1"), 80)}`;
}

/** What each of some runs waits for: its jobs as v1 has them, and lines that tell them; neither where they can't be read. */
export interface Waits {
	jobs?: Job[] | undefined;
	lines: string[];
}

const TOLD = 5;
const UNREAD = "  what it waits for could not be read";
const UNTOLD = "when it goes on could not be read";

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

export function moreWaits(count: number, told: number): string[] {
	const more = count > told ? `… and ${plural(count - told, "more wait")}` : "";
	const perhaps = count >= MOST_JOBS ? `the server lists ${MOST_JOBS} at most: there may be more` : "";
	const said = [more, perhaps].filter(Boolean);
	return said.length ? [said.join("; ")] : [];
}

/** The run that an invocation started, by the event that it was invoked with. */
export async function invokedRun(api: Api, wait: Wait): Promise<Run | undefined> {
	if (wait.kind !== "invoke" || !wait.event) return undefined;
	return (await runsOfEvent(api, wait.event).catch(() => undefined))?.[0];
}

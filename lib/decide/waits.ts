/** What a live run waits for: read from its jobs and its trace. Pure. */
import * as z from "zod/mini";
import type { Span } from "../inngest/api.ts";
import { type Step, stepsOf } from "../inngest/trace.ts";
import { time } from "../text/text.ts";
import { many, maybe, maybeNumber } from "../wire/lenient.ts";

/** v1 alone has the wake-up time and the awaited event. */
const Job = z.object({ at: maybe, kind: maybe, attempt: maybeNumber, Raw: z.optional(z.unknown()) });
export const Jobs = z.object({ data: many(Job) });
export type Job = z.output<typeof Job>;

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
export const isBare = ({ kind, Raw }: Job): boolean => kind == null && Raw == null;

/** What a step of each op waits for, as far as the trace says. */
export const AWAITED: Record<string, string> = {
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

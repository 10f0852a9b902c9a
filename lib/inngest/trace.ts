/** A run's trace: its steps, attempts and errors. */
import * as z from "zod/mini";
import { asJson, excerpt, head, mask, quote, time, word, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { many } from "../wire/lenient.ts";
import { get, path, type Request } from "../wire/request.ts";
import { One, type Run, type Span, Span as SpanSchema } from "./api.ts";

const Trace = One(z.object({ rootSpan: SpanSchema }));
export const traceRequest = (id: string): Request => get(path`/v2/runs/${id}/trace`, { includeOutput: "true" });
export const getTrace = async (api: Api, id: string): Promise<Span> =>
	(await api.send(traceRequest(id), Trace)).data.rootSpan;

/** An error as Inngest serialises it. */
export interface Failure {
	name: string;
	message: string;
	/** The first stack line in the user's own code, without the path to the app. */
	at: string | undefined;
	/** The bytes of the whole message, where it was cut. */
	size?: number | undefined;
	/** Empty where the engine made the error (measured: an invocation that timed out). */
	stack: string;
	/** What it was thrown because of: JavaScript's `cause`. */
	cause?: Failure | undefined;
}

const CAUSES = 5;

/**
 * The error in the output of what failed; run lists wrap it in `error`. The engine gives some as a text, or the app's whole answer
 * (measured on v1.43). White space around it is cut, as the SDK cuts it in the run's copy of a step's error.
 */
export function failureIn(output: unknown, depth = 0): Failure | undefined {
	if (typeof output !== "object" || output === null) return undefined;
	if (depth < CAUSES && "error" in output && typeof output.error === "object")
		return failureIn(output.error, depth + 1);
	if (!("message" in output || "name" in output)) {
		const said = "error" in output ? output.error : returned(output);
		const [, name, message] = /^(?:(\w+): )?(.+)$/s.exec(typeof said === "string" ? said : "") ?? [];
		return message === undefined ? undefined : bare(message, name);
	}
	const fields = new Map<string, unknown>(Object.entries(output));
	const text = (key: string): string => {
		const value = fields.get(key) ?? "";
		return (typeof value === "string" ? value : asJson(value)).trim();
	};
	const isProxys = text("name") === NO_SDK;
	const answer = isProxys && /\n\nUpstream response [^\n]*:\n(.*)$/s.exec(text("stack"))?.[1];
	const thrown = answer ? { name: "Upstream response", message: answer } : fields.get("cause");
	const stack = isProxys ? "" : text("stack").slice(-20_000);
	const cause = depth < CAUSES ? thrownIn(thrown, depth + 1) : undefined;
	return {
		name: text("name") || "Error",
		message: text("message"),
		at: placeIn(stack),
		stack,
		...(cause && { cause }),
	};
}

/** Something else answered in the app's place: the `stack` ends with that answer (the engine's source, v1.43). */
const NO_SDK = "Server returned a fatal error";

const KEPT = 400;

/** An error without its stack, its message cut: many are kept. */
export const shortened = ({ name, message, at, cause }: Failure): Failure => ({
	name,
	message: mask(head(message, KEPT)),
	...(message.length > KEPT && { size: Buffer.byteLength(message) }),
	at,
	stack: "",
	...(cause && { cause: shortened(cause) }),
});

const bare = (message: string, name = "Error"): Failure => ({ name, message, at: undefined, stack: "" });

/** Of a cause that is no error, what it is. */
const thrownIn = (value: unknown, depth: number): Failure | undefined => {
	if (value == null || value === "") return undefined;
	const isError = typeof value === "object" && ("message" in value || "name" in value);
	return isError ? failureIn(value, depth) : bare(typeof value === "string" ? value : asJson(value));
};

/** `app.mjs:27`: the first line of a stack that is neither a package's nor the runtime's. */
function placeIn(stack: string): string | undefined {
	const own = stack
		.split("\n")
		.find((line) => /^\s*(at |File )/.test(line) && !/node_modules|node:internal|site-packages|<anonymous>/.test(line));
	const place = own?.slice(0, 500).match(/([^/\\(\s"]+[/\\])?([^/\\(\s"]+?)(?:", line (\d+)|:(\d+):\d+)/);
	return place ? `${place[2]}:${place[3] ?? place[4]}` : undefined;
}

/**
 * The engine or the SDK made it, or it was thrown within a step: code outside of steps is not called from the SDK's loop. Then it
 * may be of a step that left no record: its output could not be taken, the app ended, a proxy gave up (measured).
 */
export const isOfInngest = ({ stack }: Failure): boolean =>
	!stack || /^\s*at .*\.(?:handleAction|runCoreLoop)\b/m.test(stack);

/** The outermost first. */
export const causesOf = (failure: Failure): Failure[] => [failure, ...(failure.cause ? causesOf(failure.cause) : [])];

export interface Step {
	/** The server's own id of it, a hash: names may be there twice (measured), ids are not. */
	id: string;
	name: string;
	op: string;
	status: string;
	/** Milliseconds since the epoch: of its first attempt, and when its last was over. */
	start: number | undefined;
	end: number | undefined;
	/** When it is to end, of one that waits, where the server says so. */
	until?: number | undefined;
	/** When it was first queued. */
	queued: number | undefined;
	/** The start of its latest span, by which the server orders steps where a run is replayed from one (its source). */
	latest: number | undefined;
	attempts: number;
	/** Its last error, where it failed. */
	failure: Failure | undefined;
	/** What it gave, where it completed. */
	output: unknown;
}

/** The user's steps, in order of start: the engine records one as several spans; those without a step id are its own (measured). */
export function stepsOf(trace: Span | undefined): Step[] {
	const groups = new Map<string, Span[]>();
	for (const span of trace?.children ?? [])
		if (span.stepId) groups.set(span.stepId, [...(groups.get(span.stepId) ?? []), span]);
	const steps = [...groups].map(([id, spans]) => stepOf(id, spans));
	return steps.map((step) => afterSleep(step, steps)).sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
}

/** A step that fails after a sleep is recorded as begun with it, when it was queued (measured): it began when that, or what ended later, was over. */
function afterSleep(step: Step, steps: readonly Step[]): Step {
	const { start = 0, end = 0, queued, status } = step;
	const during = steps.filter((one) => one !== step && one.end !== undefined && one.end > start && one.end <= end);
	if (status !== "FAILED" || start !== queued || !during.some(({ op }) => op === "SLEEP")) return step;
	return { ...step, start: Math.max(...during.flatMap((one) => one.end ?? [])) };
}

function stepOf(id: string, spans: readonly Span[]): Step {
	const tried = spans.find((span) => span.children?.length);
	const last = tried ?? spans.at(-1);
	const status = spans.some((span) => span.status === "COMPLETED") ? "COMPLETED" : (last?.status ?? "");
	const op = spans.find((span) => span.stepOp)?.stepOp ?? "RUN";
	// Of several the last is the app's own; an earlier one has the wait for the queue, too, as those of attempts have (measured).
	const whole = tried ?? (op === "RUN" ? spans.findLast(({ endedAt }) => endedAt) : undefined);
	const starts = (of: readonly Span[]) => range(of.map((span) => span.startedAt ?? span.queuedAt));
	const [start] = starts(whole ? [whole] : spans);
	const [, latest] = starts(spans);
	const [queued] = range(spans.map((span) => span.queuedAt));
	const [, end] = range(whole?.endedAt ? [whole.endedAt] : spans.map((span) => span.endedAt));
	const failed = spans.findLast((span) => span.status === "FAILED");
	return {
		id,
		name: last?.name ?? "",
		op,
		status,
		start,
		...(status === "WAITING" ? { end: undefined, until: end } : { end }),
		queued,
		latest,
		attempts: Math.max(1, ...triesOf(spans).map(({ nth }) => nth)),
		failure: status === "FAILED" ? stepFailure(failed?.output) : undefined,
		output: status === "COMPLETED" ? spans.findLast((span) => span.output !== undefined)?.output : undefined,
	};
}

function range(texts: readonly (string | null | undefined)[]): [first?: number, last?: number] {
	const times = texts.flatMap((text) => time(text) ?? []);
	return times.length ? [Math.min(...times), Math.max(...times)] : [];
}

/** The engine gives none for a thrown null (measured on v1.43). */
const stepFailure = (output: unknown): Failure | undefined =>
	output === undefined ? undefined : (failureIn(output) ?? bare("Unknown error"));

const spansOf = (trace: Span | undefined, { id }: Pick<Step, "id">): Span[] =>
	trace?.children?.filter(({ stepId }) => stepId === id) ?? [];

/** An attempt at a step; times in ms since the epoch. */
export interface Attempt extends Pick<Step, "status" | "start" | "end" | "failure"> {
	/** Which it is, from 1. */
	nth: number;
	/** The server executed the one before once more. */
	again: boolean;
}

/**
 * The attempts among a step's spans. Each has a span of its own beside the step's; one that the server executed once more is
 * counted by it as another, but has none (measured on a busy v1.43: the app was given the same attempt twice).
 */
function triesOf(spans: readonly Span[]): { span: Span; nth: number; again: boolean }[] {
	const own = spans.filter(({ children }) => !children?.length).flatMap(({ endedAt }) => time(endedAt) ?? []);
	let nth = 0;
	return spans
		.flatMap(({ children }) => children?.filter(isAttempt) ?? [])
		.map((span) => {
			const [start, end] = [time(span.startedAt), time(span.endedAt)];
			const isOpen = start === undefined || end === undefined;
			const again = nth > 0 && own.length > 0 && !isOpen && !own.some((at) => at >= start && at <= end);
			if (!again) nth++;
			return { span, nth, again };
		});
}

/** Its attempts in order; a step that was not retried is its only one. */
export function attemptsAt(trace: Span | undefined, step: Step): Attempt[] {
	const tried = triesOf(spansOf(trace, step));
	if (!tried.length) return [{ ...step, nth: 1, again: false }];
	return tried.map(({ span: { status, startedAt, endedAt, output }, nth, again }) => ({
		nth,
		again,
		status: status ?? "",
		start: time(startedAt),
		end: time(endedAt),
		failure: status === "FAILED" ? stepFailure(output) : undefined,
	}));
}
const isAttempt = ({ name }: Span): boolean => /^Attempt \d+$/.test(name);

/** Since when the app executes what it does now (ms), the newest first, by the engine's own spans of attempts (measured on v1.43). */
export function executingSince(trace: Span | undefined): number[] {
	const tries = trace?.children?.flatMap(({ children }) => children ?? []) ?? [];
	return tries
		.flatMap((one) => (isAttempt(one) && one.status === "RUNNING" && time(one.startedAt)) || [])
		.sort((a, b) => b - a);
}

/** What a step was given, where it was given any: `step.run`'s arguments, a model's request (measured). */
export const inputOf = (trace: Span | undefined, step: Step): unknown =>
	returned(spansOf(trace, step).find(({ input }) => input !== undefined)?.input);

/** What a step used of AI models. `cost` is Inngest's own estimate in USD; undefined where it knows no price. */
export interface AiUse {
	model: string;
	input: number;
	output: number;
	cost: number | undefined;
}
/** Each value is JSON in a text (measured); kind and keys are those of AIMetadata in Inngest's source, v1.43. */
const AiValues = z.record(z.string(), z.string());
const AiMetadata = many(z.object({ scope: z.string(), kind: z.string(), values: z.unknown() }));

/** Of all its attempts; spans that the user's own code traced may tell of the same calls again, and are left out. */
export function aiUsesOf(trace: Span | undefined, step: Step): AiUse[] {
	const spans = spansOf(trace, step).flatMap((span) => [span, ...(span.children ?? [])]);
	const entries = spans.flatMap(({ metadata }) => z.safeParse(AiMetadata, metadata).data ?? []);
	return entries.flatMap(({ kind, scope, values }) => {
		const told = kind === "inngest.ai" && /^step/.test(scope) ? z.safeParse(AiValues, values).data : undefined;
		if (!told) return [];
		const text = (key: string) => (told[key] ?? "").replaceAll('"', "");
		const number = (key: string) => Number(text(key)) || 0;
		const model = text("response_model") || text("request_model");
		const cost = told.estimated_cost === undefined ? undefined : number("estimated_cost");
		return [{ model, input: number("input_tokens"), output: number("output_tokens"), cost }];
	});
}

/** What a run did outside any step, where it failed: how often it was tried, and the last error with its time (ms). */
export interface Outside {
	attempts: number;
	failure: Failure | undefined;
	at: number | undefined;
}
export function outsideOf(trace: Span | undefined): Outside {
	const own = trace?.children?.filter((span) => !span.stepId && span.name === "Finalization") ?? [];
	const errors = own.flatMap((span) => span.children ?? []).filter((span) => span.status === "FAILED");
	const last = errors.at(-1);
	return { attempts: errors.length, failure: failureIn(last?.output), at: time(last?.endedAt) };
}

/** `NonRetriableError: «sku missing» at app.mjs:27, caused by TypeError: «…»`. */
export const failureText = (failure: Failure): string =>
	causesOf(failure)
		.slice(0, 3)
		.map(({ name, message, at, size }, i) =>
			words(`${word(name)}: ${quote(message, i ? 120 : 240, size)}`, at && `at ${word(at)}`),
		)
		.join(", caused by ");

/** What a function returned: OSS wraps what is no object, so `42` comes as `{data: 42}`, as `{data: 42}` itself does (measured). */
export const returned = (output: unknown): unknown =>
	typeof output === "object" && output && "data" in output && Object.keys(output).length === 1 ? output.data : output;

/** A run's output or its error, where there is one. */
export function outcomeText(run: Run, max: number): string {
	if (run.status === "COMPLETED") return run.output == null ? "" : excerpt(returned(run.output), max);
	const failure = run.status === "FAILED" ? failureIn(run.output) : undefined;
	return failure ? failureText(failure) : "";
}

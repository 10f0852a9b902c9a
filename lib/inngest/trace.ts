/** A run's trace: its steps, attempts and errors. */
import * as z from "zod/mini";
import { asJson, groupBy, isObject, parsed, time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { get, path, type Request } from "../wire/request.ts";
import { One, type Span, Span as SpanSchema } from "./api.ts";

const Trace = One(z.object({ rootSpan: SpanSchema }));
export const traceRequest = (id: string): Request => get(path`/v2/runs/${id}/trace`, { includeOutput: "true" });
export const getTrace = async (api: Api, id: string): Promise<Span> =>
	(await api.send(traceRequest(id), Trace)).data.rootSpan;

/** An error as Inngest gives it. */
export interface Failure {
	/** Empty if it has none, as with the SDK for Go. */
	name: string;
	message: string;
	/** The innermost line of the stack in the user's own code, relative to the app. */
	at: string | undefined;
	/** The whole message's size in bytes, if it was cut. */
	size?: number | undefined;
	/** Empty if the engine made the error (measured: an invocation that timed out). */
	stack: string;
	/** JavaScript's `cause`, Python's chain. */
	cause?: Failure | undefined;
	/** For a cause: it was being handled when the other was thrown, which may have another reason (Python). */
	handled?: boolean;
	/** From the run that the step invoked, not from the invocation (measured on v1.43). */
	invoked?: boolean;
}

const CAUSES = 5;

/**
 * The error in a failed output. Lists wrap it in `error`. The engine gives some as a string, or the app's whole response (measured, v1.43).
 * White space around it is trimmed, as the SDK does in the run's copy of a step's error. Before v4, the TypeScript SDK names the app's own
 * errors "Error", and all errors in the run's copy of a step's (measured, v3.54): the stack has the name. Go's SDK puts a panic's stack into
 * the message (its source, v0.16). Python's stack ends with the message; JavaScript's starts with name and message. The engine gives the
 * output of an invoked run whose app can't be reached as the message (measured).
 */
export function failureIn(output: unknown, depth = 0): Failure | undefined {
	if (!isObject(output) || depth > CAUSES) return;
	if ("error" in output && typeof output.error === "object") return failureIn(output.error, depth + 1);
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
	const explained = EXPLAINED.get(text("name"));
	const [, by = "", answer] = explained?.exec(text("stack")) ?? [];
	const thrown = answer ? { name: by, message: answer } : fields.get("cause");
	const message = text("message");
	const its = message.startsWith('{"error":{"error":') && failureIn(parsed(message), depth + 1);
	if (its) return { ...its, invoked: true };
	const [, panic, goroutine] = /^(function panicked: .*?)\.\s+stack:\n(.*)$/s.exec(message) ?? [];
	const told = explained ? "" : (goroutine ?? text("stack"));
	const whole = told.endsWith(message) ? told.slice(0, told.length - message.length) : told;
	const [head, title] = /^([\w$.]+)(?: \[\w+\])?: /.exec(told) ?? [""];
	const named = told.startsWith(message, head.length) ? title : undefined;
	const { stack, cause = thrownIn(thrown, depth + 1) } = traced(
		whole.slice(-20_000).replace(/^(?: {2})?[|+] /gm, ""),
		depth,
	);
	return {
		name: (text("name") === "Error" && named) || text("name").replace(/^Step (?:error|failed)$/, ""),
		message: panic ?? message.replace(/^unhandled step error:\s*/, ""),
		at: placeIn(named ? whole.slice(head.length + message.length) : stack),
		stack,
		...(cause && { cause }),
		...(/^invalid status|^NonRetriable/.test(text("error")) && { invoked: true }),
	};
}

/**
 * The error's own part of a stack, and its cause. Python's stacks have the whole chain, first error first, followed by a group's errors
 * (measured, SDK 0.5.19). A caught step error is a StepError in it.
 */
function traced(stack: string, depth: number): { stack: string; cause?: Failure | undefined } {
	if (depth >= CAUSES) return { stack };
	const [, before, how, last = stack] =
		/^(.+)\n\n(The above exception|During handling) [^\n]+:\n\n(.+)$/s.exec(stack) ?? [];
	const [own = "", first] = last.split(/^ {2}\+-\+-+ 1 -+\n/m);
	const member = first?.split(/^ {4}\+--/m)[0]?.replace(/^ {4}\| |^ {2}/gm, "");
	const { stack: its, cause } = traced(before ?? member ?? "", depth + 1);
	const [, name, message = ""] =
		/^(?:(?:Exception Group )?Traceback .+?\n)?(?: [^\n]*\n)*([\w.<>]+)(?:: (.*))?$/s.exec(its.trim()) ?? [];
	if (!name) return { stack: own };
	const isSteps = name.endsWith(".StepError");
	return {
		stack: own,
		cause: {
			name: isSteps ? "" : name.replace(/^.*\./, ""),
			message,
			at: isSteps ? undefined : placeIn(its),
			stack: "",
			...(cause && { cause }),
			...(how?.startsWith("During") && { handled: true }),
		},
	};
}

/** What the engine gives instead of a stack (its source, v1.43): what else answered for the app; why a condition is not CEL (measured). */
const EXPLAINED = new Map([
	["Server returned a fatal error", /\n\n(Upstream response) [^\n]*:\n(.*)$/s],
	["InvalidExpression", /()(?:.*?<input>:)?(.+)$/s],
]);

export const bare = (message: string, name = "Error"): Failure => ({ name, message, at: undefined, stack: "" });

/** A cause that is not an error, described. */
const thrownIn = (value: unknown, depth: number): Failure | undefined => {
	if (value == null || value === "") return;
	const isError = isObject(value) && ("message" in value || "name" in value);
	return isError ? failureIn(value, depth) : bare(typeof value === "string" ? value : asJson(value));
};

/** Lines of packages, runtimes and standard libraries: JavaScript's, Python's, Go's (its library in a binary built with -trimpath). */
const FOREIGN = [
	/node_modules|registry\.npmjs\.org|(?:^|[\s(])(?:node|native|ext):|<anonymous>[):]/,
	/(?:site|dist)-packages|[/\\](?:lib[/\\]python[\d.]+|Python\d+[/\\]Lib)[/\\]|"</,
	/@v\d|[/\\]vendor[/\\]\S+\.go:/,
	/(?:\/go\S*\/src\/|^\s*)(?:runtime|reflect|regexp|strings|bytes|sync|time|encoding|net|context|log|slices|sort|strconv)\/\S+\.go:/,
];

/**
 * `app.mjs:27`, with the column in minified code: the innermost stack line in the app's own code. Python has it last. A panic's stack starts
 * in Go's own library, which shows where that is (measured).
 */
function placeIn(stack: string): string | undefined {
	const [, python] = /^(?:Exception Group )?Traceback [^\n]+\n((?: [^\n]*\n)*)/.exec(stack) ?? [];
	const [, go = "\n"] = /\t(.{1,200}\/)runtime\/debug\/stack\.go:/.exec(stack) ?? [];
	const frames = (python ?? stack)
		.split("\n", 2_000)
		.map((line) => line.slice(0, 500))
		.filter((line) => /^\s*(?:at .*\w:\d|File "|\S+\.go:\d)/.test(line))
		.filter((line) => !line.includes(go) && !FOREIGN.some((one) => one.test(line)));
	const own = python === undefined ? frames[0] : frames.at(-1);
	const place = own?.match(/([^/\\(\s"]+?)(?:", line (\d+)|:(\d+(?=:\d{1,3}\b)|\d+:\d+)|:(\d+)(?: \+0x|$))/);
	return place ? `${place[1]}:${place[2] ?? place[3] ?? place[4]}` : undefined;
}

/** Outermost first. */
export const causesOf = (failure: Failure): Failure[] => [failure, ...(failure.cause ? causesOf(failure.cause) : [])];

/** The event that resumed a wait, with the sender's id if it has one (measured). */
export const givenIn = ({ op, output }: Step) =>
	op === "WAIT_FOR_EVENT" ? z.safeParse(Given, output).data : undefined;
const Given = z.object({ id: z.string(), name: z.string() });

export interface Step {
	/** The server's own id, a hash: names may be repeated (measured), ids are not. */
	id: string;
	name: string;
	op: string;
	status: string;
	/** Milliseconds since the epoch: when its first attempt started; when its last ended. */
	start: number | undefined;
	end: number | undefined;
	/** When a waiting step will end, if the server says so. */
	until?: number | undefined;
	/** When it was first queued. */
	queued: number | undefined;
	/** The start of its latest span, by which the server orders steps when a run is replayed from one (its source). */
	latest: number | undefined;
	attempts: number;
	/** Its last error, if it failed. */
	failure: Failure | undefined;
	/** What it returned, if it completed. */
	output: unknown;
}

/** The user's steps, by start: the engine records a step as several spans. Spans without a step id are its own (measured). */
export function stepsOf(trace: Span | undefined): Step[] {
	const groups = groupBy(trace?.children ?? [], ({ stepId }) => stepId);
	const steps = [...groups].flatMap(([id, spans]) => (id ? stepOf(id, spans) : []));
	return steps.map((step) => afterSleep(step, steps)).sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
}

/**
 * A step that fails after a sleep is recorded as starting with it (measured): it started when the sleep, or whatever ended later, was over.
 */
function afterSleep(step: Step, steps: readonly Step[]): Step {
	const { start = 0, end = 0, queued, status } = step;
	const during = steps.filter((one) => one !== step && (one.end ?? 0) > start && (one.end ?? 0) <= end);
	if (status !== "FAILED" || start !== queued || !during.some(({ op }) => op === "SLEEP")) return step;
	return { ...step, start: Math.max(...during.map((one) => one.end ?? 0)) };
}

/**
 * All measured: a call by the server has a plan that is COMPLETED even if the call fails; `step.fetch` has no input; longer spans, and
 * attempts, include the wait in the queue; with checkpoints, attempts start with the request, spans of their own with the step.
 */
function stepOf(id: string, spans: readonly Span[]): Step {
	const tried = spans.find((span) => span.children?.length);
	const told = spans.find((span) => span.stepOp)?.stepOp ?? "RUN";
	const leaves = leavesOf(spans);
	const isTold = (span: Span) => span.output !== undefined || (span.status === "FAILED" && leaves.includes(span));
	const called = spans.some(isCall) ? spans.filter(isTold) : [];
	const last = called.at(-1) ?? tried ?? spans.at(-1);
	const ended = called.length ? called : spans;
	const status = ended.some((span) => span.status === "COMPLETED") ? "COMPLETED" : (last?.status ?? "");
	const op = told === "AI_GATEWAY" && spans.every(({ input }) => input === undefined) ? "FETCH" : told;
	const whole = tried ?? (op === "RUN" ? shortest(spans) : undefined);
	const starts = (of: readonly Span[]) => range(of.map((span) => span.startedAt ?? span.queuedAt));
	const [begun = 0] = starts(whole ? [whole] : spans);
	const [own = 0] = starts(leaves);
	const isOwn = own > begun && own <= (time(tried?.children?.[0]?.endedAt) ?? 0);
	const [, latest] = starts(spans);
	const [queued] = range(spans.map((span) => span.queuedAt));
	const [, end] = range(whole?.endedAt ? [whole.endedAt] : spans.map((span) => span.endedAt));
	const failed = spans.findLast((span) => span.status === "FAILED");
	return {
		id,
		name: last?.name ?? "",
		op,
		status,
		start: (isOwn ? own : begun) || undefined,
		...(status === "WAITING" ? { end: undefined, until: end } : { end }),
		queued,
		latest,
		attempts: Math.max(1, ...triesOf(spans).map(({ nth }) => nth)),
		failure: status === "FAILED" ? (stepFailure(failed?.output) ?? warned(failed)) : undefined,
		output: status === "COMPLETED" ? spans.findLast((span) => span.output !== undefined)?.output : undefined,
	};
}

const leavesOf = (spans: readonly Span[]): Span[] => spans.filter(({ children }) => !children?.length);

function shortest(spans: readonly Span[]): Span | undefined {
	const took = ({ startedAt, queuedAt, endedAt }: Span) =>
		(time(endedAt) ?? Infinity) - (time(startedAt ?? queuedAt) ?? 0);
	return spans.filter(({ endedAt }) => endedAt).toSorted((a, b) => took(a) - took(b))[0];
}

function range(texts: readonly (string | null | undefined)[]): [first?: number, last?: number] {
	const times = texts.flatMap((text) => time(text) ?? []);
	return times.length ? [Math.min(...times), Math.max(...times)] : [];
}

/** The engine gives no error for a thrown null (measured on v1.43). */
export const stepFailure = (output: unknown): Failure | undefined =>
	output === undefined ? undefined : (failureIn(output) ?? bare("Unknown error"));

const Warning = z.object({ kind: z.literal("inngest.warnings"), values: z.record(z.string(), z.string()) });
/** The server's note, JSON in a string, on a response that is not JSON: it keeps nothing else (measured). */
function warned(span: Span | undefined): Failure | undefined {
	const notes: readonly unknown[] = Array.isArray(span?.metadata) ? span.metadata : [];
	const [text] = notes.flatMap((one) => Object.values(z.safeParse(Warning, one).data?.values ?? {}));
	return text === undefined ? undefined : bare(String(parsed(text) ?? text), "");
}

export const spansIn = (span: Span | undefined): Span[] =>
	span ? [span, ...(span.children ?? []).flatMap(spansIn)] : [];

export const spansOf = (trace: Span | undefined, { id }: Pick<Step, "id">): Span[] =>
	trace?.children?.filter(({ stepId }) => stepId === id) ?? [];

/**
 * The attempts among a step's spans. Each also has a span of its own, with the app's times if its SDK gives them. An attempt that the
 * server repeated is numbered as another, but has no such span (measured on a busy v1.43). With none at all, the app's clock may be off;
 * calls by the server have one span in all (measured).
 */
export function triesOf(spans: readonly Span[]): { span: Span; nth: number; again: boolean }[] {
	const own = leavesOf(spans).flatMap(({ endedAt }) => time(endedAt) ?? []);
	const tries = spans.flatMap(({ children }) => children?.filter(isAttempt) ?? []);
	const ended = tries.filter(({ endedAt }) => endedAt);
	const isMissing = own.length > 0 && own.length < ended.length && !spans.some(isCall);
	let nth = 0;
	return tries.map((span, i) => {
		const [start = 0, next = Infinity] = [time(span.startedAt), time(tries[i + 1]?.startedAt)];
		const again = nth > 0 && isMissing && ended.includes(span) && !own.some((at) => at >= start && at < next);
		if (!again) nth++;
		return { span, nth, again };
	});
}

const isCall = ({ stepOp }: Span): boolean => stepOp === "AI_GATEWAY";
export const isAttempt = ({ name }: Span): boolean => /^Attempt \d+$/.test(name);

/**
 * What a function returned. OSS wraps values that are not objects: `42` becomes `{data: 42}`, the same as `{data: 42}` itself (measured).
 */
export const returned = (output: unknown): unknown =>
	isObject(output) && "data" in output && Object.keys(output).length === 1 ? output.data : output;

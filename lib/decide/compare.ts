/** A step's input, attempts and use of AI; how two runs of one function differ. Pure. */
import * as z from "zod/mini";
import { eventOf, hasEnded, type Run, type Span } from "../inngest/api.ts";
import { eventsIn, payloadOf, usersOwn } from "../inngest/eventlist.ts";
import {
	type Failure,
	failureIn,
	isAttempt,
	returned,
	type Step,
	spansIn,
	spansOf,
	stepFailure,
	stepsOf,
	triesOf,
} from "../inngest/trace.ts";
import { isDone, timeOfId } from "../text/nouns.ts";
import { isObject, isSecret, time } from "../text/text.ts";
import { many, maybe } from "../wire/lenient.ts";

/** An attempt of a step; times in ms since the epoch. */
export interface Attempt extends Pick<Step, "status" | "start" | "end" | "failure"> {
	/** Its number, from 1. */
	nth: number;
	/** The server executed the previous attempt once more. */
	again: boolean;
}

/** A step's attempts in order. A step that was not retried is its own only attempt. */
export function attemptsAt(trace: Span | undefined, step: Step): Attempt[] {
	const tried = triesOf(spansOf(trace, step)).map(attemptOf);
	const last = tried.pop();
	if (!last) return [{ ...step, nth: 1, again: false }];
	// The server's own calls are COMPLETED even when they fail (measured).
	const isFailed = step.status === "FAILED";
	return [...tried, isFailed ? { ...last, status: step.status, failure: last.failure ?? step.failure } : last];
}

/** A failure outside any step: the number of attempts, and the last error with its time (ms). */
export interface Outside {
	attempts: number;
	failure: Failure | undefined;
	/** When the last one that failed began and ended (ms). */
	since?: number | undefined;
	at: number | undefined;
}
const outsideSpans = (trace: Span | undefined): Span[] =>
	trace?.children?.filter((span) => !span.stepId && span.name === "Finalization") ?? [];

export function outsideOf(trace: Span | undefined): Outside {
	const errors = outsideSpans(trace)
		.flatMap((span) => span.children ?? [])
		.filter((span) => span.status === "FAILED");
	const last = errors.at(-1);
	const at = time(last?.endedAt);
	return { attempts: errors.length, failure: failureIn(last?.output), since: time(last?.startedAt), at };
}

/** The attempts of the code outside any step, in order. Empty if the engine recorded none. */
export const attemptsOutside = (trace: Span | undefined): Attempt[] => triesOf(outsideSpans(trace)).map(attemptOf);

function attemptOf({ span, nth, again }: ReturnType<typeof triesOf>[number]): Attempt {
	const { startedAt, endedAt, output, status } = span;
	const failure = status === "FAILED" ? stepFailure(output) : undefined;
	return { nth, again, status: status ?? "", start: time(startedAt), end: time(endedAt), failure };
}

/** Since when (ms) the app has been executing each current attempt, newest first. From the engine's attempt spans (measured). */
export function executingSince(trace: Span | undefined): number[] {
	const tries = trace?.children?.flatMap(({ children }) => children ?? []) ?? [];
	return tries
		.flatMap((one) => (isAttempt(one) && one.status === "RUNNING" && time(one.startedAt)) || [])
		.sort((a, b) => b - a);
}

/** A step's input, if any: the arguments of `step.run`, a model's request. */
export const inputOf = (trace: Span | undefined, step: Step): unknown =>
	returned(spansOf(trace, step).find(({ input }) => input !== undefined)?.input);

/**
 * A step's use of an AI model. If both counts are 0, they are unknown (Inngest's source, v1.43). `cost` is Inngest's own estimate in USD;
 * undefined if it knows no price.
 */
export interface AiUse {
	model: string;
	input: number;
	output: number;
	cost: number | undefined;
}
/** Each value is JSON in a string (measured); kinds and keys are those of AIMetadata in Inngest's source, v1.43. */
const AiValues = z.record(z.string(), z.string());
const AiMetadata = many(z.object({ scope: z.string(), kind: z.string(), values: z.unknown() }));

/** The uses of models in spans, each with its scope. */
function* aiEntries(spans: readonly Span[]): Generator<AiUse & { scope: string }> {
	for (const { scope, kind, values } of spans.flatMap((one) => z.safeParse(AiMetadata, one.metadata).data ?? [])) {
		const told = kind === "inngest.ai" ? z.safeParse(AiValues, values).data : undefined;
		if (!told) continue;
		const text = (key: string) => (told[key] ?? "").replaceAll('"', "");
		const number = (key: string) => Number(text(key)) || 0;
		const model = text("response_model") || text("request_model");
		const cost = number("estimated_cost") || undefined;
		yield { scope, model, input: number("input_tokens"), output: number("output_tokens"), cost };
	}
}

const isOfStep = ({ scope }: { scope: string }): boolean => /^step/.test(scope);

/** A response of OpenAI's, Anthropic's or Gemini's API. */
const Usage = z.nullish(z.record(z.string(), z.unknown()));
const Answer = z.object({ model: maybe, modelVersion: maybe, usage: Usage, usageMetadata: Usage });

/** `step.ai.wrap` leaves only its output, the model's response (measured, SDK 4.24.0); so does a Gemini call by the server. */
function answeredIn({ op, status, output }: Step): AiUse[] {
	if (op !== "RUN" && op !== "AI_GATEWAY") return [];
	const told = z.safeParse(Answer, output).data ?? {};
	const model = told.model ?? told.modelVersion ?? "";
	const usage = told.usage ?? told.usageMetadata ?? {};
	const input = usage.input_tokens ?? usage.prompt_tokens ?? usage.promptTokenCount;
	const out = usage.output_tokens ?? usage.completion_tokens ?? usage.candidatesTokenCount;
	if (typeof input === "number" && typeof out === "number") return [{ model, input, output: out, cost: undefined }];
	return op !== "RUN" && status === "COMPLETED" ? [{ model, input: 0, output: 0, cost: undefined }] : [];
}

/** What a model's response says: texts, and tools to be called. */
export const saidIn = (output: unknown, key = "", deep = 0): string[] => {
	if (isObject(output) && deep < 50)
		return Object.entries(output).flatMap(([name, value]) => saidIn(value, name, deep + 1));
	return typeof output === "string" && /^(content|text|name|arguments)$/.test(key) ? [output] : [];
};

const reportedBy = (trace: Span | undefined, step: Step): AiUse[] =>
	[...aiEntries(spansOf(trace, step).flatMap(spansIn))].filter(isOfStep).map(({ scope, ...use }) => use);

/** A step's use of AI models, over all attempts. What an invoked run returned counts in that run. Spans traced by the user's own code are omitted: they may repeat the same calls. */
export function aiUsesOf(trace: Span | undefined, step: Step): AiUse[] {
	const reported = reportedBy(trace, step);
	return reported.length ? reported : answeredIn(step);
}

/**
 * The whole run's use. What user code traced counts only if no step reports any (Inngest's own rule, v1.44: AIUsageEntryCounted); what
 * steps only returned, if nothing was traced: it may be the same calls.
 */
export function aiUsesIn(trace: Span | undefined): AiUse[] {
	const all = [...aiEntries(spansIn(trace))];
	const reported = all.filter(({ scope }) => scope !== "extended_trace");
	const counted = all.some(isOfStep) ? reported : all;
	const isTraced = reported.length < all.length;
	const silent = isTraced ? [] : stepsOf(trace).filter((step) => !reportedBy(trace, step).length);
	return [...counted.map(({ scope, ...use }) => use), ...silent.flatMap(answeredIn)];
}

/** A run, its trace if it could be read, and its steps. */
export interface Side {
	run: Run;
	trace: Span | undefined;
	steps: readonly Step[];
}

/**
 * A difference at a path of a payload or an output, such as `items.0.sku`; a side that lacks it is undefined. `shape`: another type, or a
 * list that is empty on one side only.
 */
export interface KeyDifference {
	kind: "only" | "shape" | "value";
	path: string;
	here: unknown;
	there: unknown;
}

/** A step of both runs: an id is made from the step's name and the number of earlier steps of that name (measured). */
export interface Pair {
	here: Step;
	there: Step;
}

/** `nth`: which step of that name, from 1. */
export type Difference = { nth: number } & (
	| ({ kind: "status" } & Pair)
	/** Both completed, with outputs of different shapes. */
	| ({ kind: "output"; keys: KeyDifference[] } & Pair)
	/** Only one run has it. */
	| { kind: "here" | "there"; step: Step }
);

/** A part is undefined if unknown: steps and payload without a trace, the payload of a cron run. */
export interface Comparison {
	/** By start; without what a live run has not reached. */
	steps: Difference[] | undefined;
	/** Steps of both: much longer or shorter, largest difference first; more or fewer attempts. */
	durations: Pair[];
	attempts: Pair[];
	payload: KeyDifference[] | undefined;
}

export function compare(here: Side, there: Side): Comparison {
	if (!here.trace || !there.trace) return { steps: undefined, durations: [], attempts: [], payload: undefined };
	const pairs = here.steps.flatMap((step) => {
		const found = there.steps.find(({ id }) => id === step.id);
		return found ? [{ here: step, there: found }] : [];
	});
	const [mine, others] = [here, there].map(({ trace }) => {
		const [one, ...more] = (eventsIn(trace) ?? []).flatMap(usersOwn).map(payloadOf);
		return more.length ? [one, ...more] : one;
	});
	return {
		steps: differingSteps(here, there),
		durations: pairs.filter(isOtherwise).sort((a, b) => apart(b) - apart(a)),
		attempts: pairs.filter((pair) => pair.here.attempts !== pair.there.attempts),
		payload: mine && others ? differences(mine, others) : undefined,
	};
}

function differingSteps(here: Side, there: Side): Difference[] {
	const [isOver, otherIsOver] = [hasEnded(here.run), hasEnded(there.run)];
	const own = new Set(here.steps.map(({ id }) => id));
	const others = new Map(there.steps.map((step, at) => [step.id, { step, at }]));
	const found: Difference[] = [];
	let reached = 0;
	/** Steps of the other run, up to `end`, that this run lacks. */
	const lacked = (end: number) => {
		for (const step of there.steps.slice(reached, end))
			if (!own.has(step.id)) found.push({ kind: "there", nth: nthOf(step, there.steps), step });
		reached = Math.max(reached, end);
	};
	for (const step of here.steps) {
		const nth = nthOf(step, here.steps);
		const other = others.get(step.id);
		if (other) {
			lacked(other.at);
			const difference = differenceOf({ here: step, there: other.step }, isOver && otherIsOver);
			if (difference) found.push({ nth, ...difference });
		} else if (otherIsOver) found.push({ kind: "here", nth, step });
	}
	if (isOver) lacked(there.steps.length);
	return found;
}
const nthOf = (step: Step, steps: readonly Step[]): number =>
	steps.filter(({ name }) => name === step.name).indexOf(step) + 1;

type PairDifference = ({ kind: "status" } & Pair) | ({ kind: "output"; keys: KeyDifference[] } & Pair);
function differenceOf({ here, there }: Pair, areOver: boolean): PairDifference | undefined {
	if (here.status !== there.status)
		return areOver || (isDone(here) && isDone(there)) ? { kind: "status", here, there } : undefined;
	if (here.status !== "COMPLETED") return;
	const keys = shapes(here.output, there.output);
	return keys.length ? { kind: "output", keys, here, there } : undefined;
}

const tookOf = ({ start, end }: Step): number => (start === undefined || end === undefined ? 0 : end - start);
const apart = ({ here, there }: Pair): number => Math.abs(tookOf(here) - tookOf(there));
/** A difference of this many ms, if one also took twice as long, is more than chance. */
const APART = 100;
function isOtherwise(pair: Pair): boolean {
	const [here, there] = [tookOf(pair.here), tookOf(pair.there)];
	return isDone(pair.here) && isDone(pair.there) && apart(pair) >= APART && apart(pair) >= Math.min(here, there);
}

const DEEPEST = 5;
const MOST = 200;
const ITEMS = 3;

/** Node's own comparison overflows the stack on deep values. */
export function isSame(here: unknown, there: unknown): boolean {
	const pairs = [[here, there]];
	for (const [a, b] of pairs) {
		if (Object.is(a, b)) continue;
		if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
		const keys = Object.keys(a);
		if (keys.length !== Object.keys(b).length || !keys.every((key) => Object.hasOwn(b, key))) return false;
		for (const key of keys) pairs.push([Reflect.get(a, key), Reflect.get(b, key)]);
	}
	return true;
}

/** How two values differ: keys of one side only, then types, then values. Secret values are masked. */
export function differences(here: unknown, there: unknown): KeyDifference[] {
	const found: KeyDifference[] = [];
	walk({ path: "", here, there }, 0, false, found);
	return found.sort((a, b) => a.kind.localeCompare(b.kind));
}

function walk(at: Omit<KeyDifference, "kind">, depth: number, secret: boolean, found: KeyDifference[]): void {
	const { path, here, there } = at;
	if (found.length >= MOST || Object.is(here, there)) return;
	const kept = secret ? { path, here: here && "[masked]", there: there && "[masked]" } : at;
	const isOnly = here === undefined || there === undefined;
	if (isOnly || typeOf(here) !== typeOf(there)) {
		found.push({ kind: isOnly ? "only" : "shape", ...kept });
	} else if (!isObject(here) || !isObject(there)) found.push({ kind: "value", ...kept });
	else {
		const [own, other] = [fieldsOf(here), fieldsOf(there)];
		const keys = depth < DEEPEST ? new Set([...own.keys(), ...other.keys()]) : [];
		const before = found.length;
		for (const key of keys) {
			const inner = { path: path ? `${path}.${key}` : key, here: own.get(key), there: other.get(key) };
			// Lists of different lengths have the same shape.
			const isItem = Array.isArray(here) && (inner.here === undefined || inner.there === undefined);
			const isHidden = secret || isSecret(key, inner.here ?? inner.there);
			if (!isItem) walk(inner, depth + 1, isHidden, found);
		}
		// The difference is deeper, or in later items of a list.
		if (found.length === before && !isSame(here, there)) found.push({ kind: "value", ...kept });
	}
}

const shapes = (here: unknown, there: unknown): KeyDifference[] =>
	differences(returned(here), returned(there)).filter(({ kind }) => kind !== "value");

const fieldsOf = (value: object): Map<string, unknown> =>
	new Map(Object.entries(Array.isArray(value) ? value.slice(0, ITEMS) : value));

function typeOf(value: unknown): string {
	if (Array.isArray(value)) return value.length ? "list" : "empty list";
	return value === null ? "null" : typeof value;
}

/** A run that starts this many ms after its event may be a replay, whose trace lacks the steps it kept; a batch is never one (measured). */
const LATE = 5_000;
export const mayBeReplay = (run: Run): boolean =>
	!run.trigger?.isBatch && timeOfId(run.id) - timeOfId(eventOf(run) ?? "") > LATE;

/**
 * The newest other completed run, one that is not a replay if possible. `listed`: newest first. `passed`: newer ones, perhaps replays, were
 * skipped.
 */
export function lastCompleted(run: Run, listed: readonly Run[]): { run: Run; passed: boolean } | undefined {
	const others = listed.filter(({ id, status }) => id !== run.id && status === "COMPLETED");
	const last = others.find((one) => !mayBeReplay(one)) ?? others[0];
	return last && { run: last, passed: last !== others[0] };
}

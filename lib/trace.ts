/** What a run's trace says: the user's steps, their attempts and errors, without the engine's own spans. */
import * as z from "zod/mini";
import { One, type Run, type Span, Span as SpanSchema } from "./api.ts";
import type { Api } from "./client.ts";
import { get, path, type Request } from "./request.ts";
import { asJson, excerpt, quote, time, word } from "./text.ts";

const Trace = One(z.object({ rootSpan: SpanSchema }));
export const traceRequest = (id: string): Request => get(path`/v2/runs/${id}/trace`, { includeOutput: "true" });
export const getTrace = async (api: Api, id: string): Promise<Span> =>
	(await api.send(traceRequest(id), Trace)).data.rootSpan;

export interface Failure {
	name: string;
	message: string;
	/** The first stack line in the user's own code, without the path to the app. */
	at: string | undefined;
}

/** The error in an output: `{name, message, stack}`, or the same under `error` as run lists wrap it. */
export function failureIn(output: unknown, depth = 0): Failure | undefined {
	if (typeof output !== "object" || output === null) return undefined;
	if (depth < 5 && "error" in output && typeof output.error === "object") return failureIn(output.error, depth + 1);
	if (!("message" in output) && !("name" in output)) return undefined;
	const field = (key: string): string => {
		const value: unknown = Object.hasOwn(output, key) ? Reflect.get(output, key) : undefined;
		return typeof value === "string" ? value : value == null ? "" : asJson(value);
	};
	const stack = field("stack").slice(0, 20_000);
	const own = stack
		.split("\n")
		.find((line) => /^\s*(at |File )/.test(line) && !/node_modules|node:internal|site-packages|<anonymous>/.test(line));
	const place = own?.slice(0, 500).match(/([^/\\(\s"]+[/\\])?([^/\\(\s"]+?)(?:", line (\d+)|:(\d+):\d+)/);
	return {
		name: field("name") || "Error",
		message: field("message"),
		at: place ? `${place[2]}:${place[3] ?? place[4]}` : undefined,
	};
}

const ENGINE = /^(Finalization|executor\.nonstep|Attempt \d+)$/;

export interface Step {
	name: string;
	op: string;
	status: string;
	start: number | undefined;
	end: number | undefined;
	attempts: number;
	failure: Failure | undefined;
}

/** The user's steps in a trace: one for each step id (the engine records an attempt as several spans), in order of start. */
export function stepsOf(trace: Span | undefined): Step[] {
	const groups = new Map<string, Span[]>();
	for (const span of trace?.children ?? []) {
		if (ENGINE.test(span.name)) continue;
		const key = span.stepId || span.name;
		groups.set(key, [...(groups.get(key) ?? []), span]);
	}
	return [...groups.values()]
		.map((spans) => {
			const last = spans.find((span) => span.children?.length) ?? spans.at(-1);
			const status = spans.some((span) => span.status === "COMPLETED") ? "COMPLETED" : (last?.status ?? "");
			const attempts = Math.max(
				1,
				...spans.map((span) => span.children?.filter((child) => /^Attempt/.test(child.name)).length ?? 0),
			);
			const starts = spans.flatMap((span) => time(span.startedAt ?? span.queuedAt) ?? []);
			const ends = spans.flatMap((span) => time(span.endedAt) ?? []);
			const failed = spans.findLast((span) => span.status === "FAILED");
			return {
				name: last?.name ?? "",
				op: spans.find((span) => span.stepOp)?.stepOp ?? "RUN",
				status,
				start: starts.length ? Math.min(...starts) : undefined,
				end: ends.length && status !== "WAITING" ? Math.max(...ends) : undefined,
				attempts,
				failure: status === "FAILED" ? failureIn(failed?.output) : undefined,
			};
		})
		.sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
}

/** The step that made a run fail; undefined when it failed outside of steps. */
export const failingStep = (steps: readonly Step[]): Step | undefined =>
	steps.findLast((step) => step.status === "FAILED");

/** What a run did outside of steps, where it failed: how often it was tried, and the last error. */
export function outsideOf(trace: Span | undefined): { attempts: number; failure: Failure | undefined } {
	const failed = (trace?.children ?? [])
		.filter((span) => span.name === "Finalization")
		.flatMap((span) => span.children ?? []);
	const errors = failed.filter((span) => span.status === "FAILED");
	return { attempts: errors.length, failure: failureIn(errors.at(-1)?.output) };
}

export const failureText = (failure: Failure): string =>
	`${word(failure.name)}: ${quote(failure.message, 240)}${failure.at ? ` at ${word(failure.at)}` : ""}`;

/** What came of a run that was read with its output: that, or its error; empty where there is none. */
export function outcomeText(run: Run, max: number): string {
	if (run.status === "COMPLETED") return run.output == null ? "" : excerpt(run.output, max);
	const failure = run.status === "FAILED" ? failureIn(run.output) : undefined;
	return failure ? failureText(failure) : "";
}

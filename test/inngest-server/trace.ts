/** The span tree of a run for `GET /v2/runs/{id}/trace`, including the engine's own spans. */
import { sha1, spanId } from "./ids.ts";
import { asStruct, type Json, sorted } from "./json.ts";
import type { Failure } from "./shop.ts";
import type { Run, StepRecord, StoredEvent } from "./store.ts";
import { protoMs, protoNanos } from "./times.ts";

/** The name and step id of a completed run's root span. */
const ROOT_STEP = "0737c22d3bfae812339732d14d8c7dbd6dc4e09c";

interface Span {
	key: string;
	name: string;
	status: string;
	queuedAt: number;
	startedAt: number;
	endedAt?: number | undefined;
	output?: unknown;
	op?: string | undefined;
	stepId?: string | undefined;
	timed?: boolean;
	children?: Json[];
}

/** An error in a step, and a run's error. */
const stepError = ({ name, message, stack }: Failure): Json => ({ message, name, stack });
export const runError = (failure: Failure): Json => ({ __serialized: true, ...stepError(failure) });

/** What the server measured of one request to the app. */
function timings(at: number, nanos: number, ms: number): Json[] {
	const total = Math.max(1, ms);
	return [
		{
			kind: "inngest.http.timing",
			scope: "request",
			updatedAt: protoNanos(at, nanos),
			values: {
				content_transfer_ms: "0",
				dns_lookup_ms: "0",
				server_processing_ms: `${total - 1}`,
				tcp_connection_ms: "0",
				tls_handshake_ms: "0",
				total_ms: `${total}`,
			},
		},
		{
			kind: "inngest.timing",
			scope: "request",
			updatedAt: protoNanos(at, nanos),
			values: { network_total_ms: `${total}`, queue_delay_ms: "0", system_latency_ms: "1", total_inngest_ms: "1" },
		},
	];
}

/** A run's event as in its input. */
function eventInput({ data, internalId, name, ts, user, v }: StoredEvent): Json {
	return {
		data: sorted(data),
		id: internalId,
		name,
		ts,
		...(Object.keys(user).length > 0 && { user: sorted(user) }),
		...(v !== "" && { v }),
	};
}

class Tracer {
	private readonly run: Run;
	private readonly withOutput: boolean;

	constructor(run: Run, withOutput: boolean) {
		this.run = run;
		this.withOutput = withOutput;
	}

	/** One span, its keys in response order; empty values are omitted. */
	private span(span: Span): Json {
		const { key, name, status, queuedAt, startedAt, endedAt, output, op, stepId, timed, children = [] } = span;
		return {
			...(children.length > 0 && { children }),
			...(endedAt !== undefined && { durationMs: `${endedAt - startedAt}`, endedAt: protoMs(endedAt) }),
			id: spanId(`${this.run.id} ${key}`),
			...(timed && { metadata: timings(endedAt ?? startedAt, this.run.nanos, (endedAt ?? startedAt) - startedAt) }),
			name,
			...(this.withOutput && output !== undefined && { output: asStruct(output) }),
			queuedAt: protoMs(queuedAt),
			startedAt: protoMs(startedAt),
			status,
			...(stepId && { stepId }),
			...(op && { stepOp: op }),
		};
	}

	/** A step as the SDK reports it. */
	private step(step: StepRecord, key = "step"): Json {
		const { name, queuedAt, startedAt, endedAt, status, op } = step;
		const output = step.failure ? stepError(step.failure) : (step.output ?? undefined);
		const once = step.status === "FAILED" && step.attempts === undefined;
		return this.span({
			key: `${key} ${name}`,
			name,
			status,
			queuedAt,
			startedAt,
			endedAt,
			output,
			stepId: sha1(name),
			// An error that isn't retried has no operation.
			op: once ? undefined : op,
			timed: this.isFirstOfRequest(step),
		});
	}

	/** The first step of a request has the request's timings, if all its steps succeeded. */
	private isFirstOfRequest(step: StepRecord): boolean {
		const { steps, failures } = this.run.story;
		return (
			steps[0] === step && step.status !== "FAILED" && failures.length === 0 && !steps.some(({ failure }) => failure)
		);
	}

	/** A step that was planned on its own: its attempts, then what the SDK reported of each. */
	private attempts(step: StepRecord): Json[] {
		const { name, queuedAt, attempts = [], failure, op } = step;
		const stepId = sha1(name);
		const output = failure && stepError(failure);
		const span = (key: string, title: string, i: number): Span => ({
			key: `${name} ${key} ${i}`,
			name: title,
			status: "FAILED",
			output,
			// The last attempt, after which the run failed, has no operation.
			op: this.run.status === "FAILED" && i === attempts.length - 1 ? undefined : op,
			stepId,
			queuedAt: attempts[i - 1] ?? queuedAt,
			startedAt: attempts[i] ?? queuedAt,
			endedAt: (attempts[i] ?? queuedAt) + 1,
		});
		const children = attempts.map((_, i) => this.span({ ...span("attempt", `Attempt ${i}`, i), timed: true }));
		const all = { queuedAt, startedAt: attempts[0] ?? queuedAt, endedAt: step.endedAt, op, children };
		return [
			this.span({ ...span("attempts", name, 0), ...all }),
			...attempts.map((_, i) => this.span(span("reported", name, i))),
		];
	}

	private nonstep(key: string, startedAt: number, endedAt: number, status: string, output: unknown): Json {
		return this.span({ key, name: "executor.nonstep", status, queuedAt: startedAt, startedAt, endedAt, output });
	}

	/** What the engine adds after the failure of a run, or of part of it. */
	private finalization(attempts: { at: number; failure: Failure }[], end: number): Json[] {
		const first = attempts[0];
		if (first === undefined) return [];
		const succeeded = this.run.status === "COMPLETED";
		const children = attempts.map(({ at, failure }, i) =>
			this.span({
				key: `final attempt ${i}`,
				name: `Attempt ${i}`,
				status: "FAILED",
				queuedAt: attempts[i - 1]?.at ?? first.at,
				startedAt: at,
				endedAt: at + 1,
				output: runError(failure),
				timed: true,
			}),
		);
		const step = this.run.story.steps[0];
		if (succeeded && step) {
			const { queuedAt, startedAt, endedAt, output, op } = step;
			const [name, status, stepId] = [`Attempt ${attempts.length}`, "COMPLETED", sha1(step.name)];
			children.push(
				this.span({ key: "final last", name, status, queuedAt, startedAt, endedAt, output, op, stepId, timed: true }),
			);
		}
		return [
			this.span({
				key: "final",
				name: "Finalization",
				status: succeeded ? "COMPLETED" : "FAILED",
				queuedAt: first.at,
				startedAt: first.at,
				endedAt: end,
				op: succeeded && step ? "RUN" : undefined,
				children,
			}),
			...attempts.map(({ at, failure }, i) => this.nonstep(`failed ${i}`, at, at + 1, "FAILED", runError(failure))),
		];
	}

	private children(end: number): Json[] {
		const { run } = this;
		const { steps, parallel, failures } = run.story;
		const { result } = run;
		const last =
			result && "output" in result ? [this.nonstep("nonstep", run.firstMs, end, "COMPLETED", result.output)] : [];
		if (failures.length > 0) {
			const lastFailure = failures.at(-1);
			const final = this.finalization(failures, lastFailure ? lastFailure.at + 1 : end);
			return [...final, ...steps.map((step) => this.step(step)), ...last];
		}
		if (parallel || (run.rerun?.fromStep !== undefined && last.length > 0)) {
			// Planned steps appear twice: as the requests that ran them, and as reported by the SDK.
			const asked = steps.map((step) =>
				this.span({ ...step, key: `asked ${step.name}`, endedAt: step.endedAt, stepId: sha1(step.name), timed: true }),
			);
			return [
				...asked,
				...steps.map((step, i) => {
					const { metadata, ...told } = this.step(step);
					return parallel && i === 0 && metadata ? { ...told, metadata } : told;
				}),
				...last,
			];
		}
		const told = steps.flatMap((step) => (step.attempts ? this.attempts(step) : [this.step(step)]));
		if (run.status === "FAILED" && run.result && "failure" in run.result) {
			return [
				...told,
				...this.finalization([{ at: Math.max(run.firstMs, end - 1), failure: run.result.failure }], end),
			];
		}
		// What the app does in one request is listed in order of the spans' start.
		const one = !steps.some(({ op }) => op !== "RUN");
		return one ? [...last, ...told] : [...told, ...last];
	}

	root(): Json {
		const { run, withOutput } = this;
		const { result, events } = run;
		const end = run.ended ? run.endMs : Date.now();
		const children = this.children(end);
		const output = result && ("failure" in result ? runError(result.failure) : result.output);
		const updatedAt = run.ended ? protoMs(run.endMs) : protoNanos(run.firstMs, run.nanos);
		return {
			...(children.length > 0 && { children }),
			...(run.ended && { durationMs: `${run.endMs - run.firstMs}`, endedAt: protoMs(run.endMs) }),
			id: spanId(run.id),
			...(withOutput && events.length > 0 && { input: { data: events.map(eventInput) } }),
			metadata: [
				{ kind: "inngest.usage", scope: "run", updatedAt, values: { metadata_bytes: `${170 * children.length}` } },
			],
			name: run.status === "COMPLETED" ? ROOT_STEP : "Run",
			...(withOutput && output !== undefined && { output: asStruct(output) }),
			queuedAt: protoMs(run.queuedMs),
			startedAt: protoMs(run.firstMs),
			status: run.status === "QUEUED" ? "WAITING" : run.status,
			...(run.status === "COMPLETED" && { stepId: ROOT_STEP }),
		};
	}
}

/** The root span of a run. */
export const rootSpan = (run: Run, includeOutput: boolean): Json => new Tracer(run, includeOutput).root();

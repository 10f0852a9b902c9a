/** Hand-made runs and traces in the server's format, for states that no recording has. */
import { NOW } from "../world.ts";

/** Seconds before (negative) or after the test's time, in the server's format. */
export const at = (seconds: number): string => new Date(NOW + Math.round(seconds * 1000)).toISOString();

/** The id of run `n`. */
export const runId = (n: number): string => `01M8536A000000000000RN${String(n).padStart(4, "0")}`;
/** The id of event `n`, of an hour before the test. */
export const eventId = (n: number): string => `01M8500000000000000000${String(n).padStart(4, "0")}`;

/** A run that began two minutes ago and took a second, by default; undefined omits a field. */
export const aRun = (n: number, some: Record<string, unknown> = {}): Record<string, unknown> & { id: string } => ({
	app: { id: "shop" },
	function: { id: "import-catalog", name: "Import catalog" },
	id: runId(n),
	queuedAt: at(-120),
	startedAt: at(-120),
	endedAt: at(-119),
	status: "COMPLETED",
	trigger: { eventIds: [eventId(n)] },
	...some,
});
/** A live run. */
export const liveRun = (n: number, some: Record<string, unknown> = {}) =>
	aRun(n, { status: "RUNNING", endedAt: undefined, ...some });
/** A run that failed with this error. */
export const failedRun = (n: number, message: string, some: Record<string, unknown> = {}) =>
	aRun(n, { status: "FAILED", output: { name: "Error", message }, ...some });

export interface SpanBody {
	name: string;
	children?: readonly SpanBody[];
	[field: string]: unknown;
}
/** A step that ran from `from` to `to` seconds before the test. */
export const aStep = (name: string, from: number, to: number, some: Record<string, unknown> = {}): SpanBody => ({
	name,
	stepId: `hash of ${name}`,
	stepOp: "RUN",
	status: "COMPLETED",
	queuedAt: at(from),
	startedAt: at(from),
	endedAt: at(to),
	...some,
});
/** The response to `GET /v2/runs/{id}/trace`. */
export const aTrace = (children: readonly SpanBody[], some: Record<string, unknown> = {}) => ({
	data: {
		rootSpan: {
			name: "Run",
			status: "RUNNING",
			queuedAt: at(-120),
			startedAt: at(-120),
			children,
			...some,
		},
	},
});
/** The response to `GET /v1/runs/{id}/jobs`. */
export const jobs = (...data: readonly Record<string, unknown>[]) => ({ data });
/** A job that waits for an event. */
export const waitingFor = (pause: Record<string, unknown>, some: Record<string, unknown> = {}) => ({
	kind: "pause",
	attempt: 0,
	at: at(3600),
	Raw: { data: { payload: { pause: { opcode: "WaitForEvent", ...pause } } } },
	...some,
});

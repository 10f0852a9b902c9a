/** Inngest's API objects, only the fields that are used, and the calls that several handlers make. */
import * as z from "zod/mini";
import type { Api } from "./client.ts";
import { ServerError } from "./errors.ts";
import type { FunctionRef, Status } from "./params.ts";
import { get, path, type Request } from "./request.ts";
import { ago, duration, time, word, words } from "./text.ts";

/** A text that may be absent or null; \`text\` makes it empty then. */
export const maybe = z.nullish(z.string());
const text = z.pipe(
	maybe,
	z.transform((value) => value ?? ""),
);
export const Id = z.string().check(z.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/));
/** One of the server's own words, such as COMPLETED; nothing else is printed bare. */
const Code = z.pipe(
	maybe,
	z.transform((value) => (value && /^[A-Z_]{1,30}$/i.test(value) ? value : undefined)),
);
/** A list that the server leaves out when it is empty. */
export const many = <S extends z.ZodMiniType>(item: S) =>
	z.pipe(
		z.nullish(z.array(item)),
		z.transform((list): z.output<S>[] => list ?? []),
	);
/** The envelope of a v2 answer. */
export const One = <S extends z.ZodMiniType>(data: S) => z.object({ data });
export const Page = <S extends z.ZodMiniType>(item: S) =>
	z.object({ data: many(item), page: z.nullish(z.object({ cursor: maybe })) });

const Named = z._default(z.object({ id: text }), { id: "" });
const ListedRun = z.object({
	id: Id,
	app: Named,
	function: Named,
	status: z.pipe(
		Code,
		z.transform((value) => value ?? "UNKNOWN"),
	),
	queuedAt: maybe,
	startedAt: maybe,
	endedAt: maybe,
	trigger: z.nullish(
		z.object({
			eventIds: z.nullish(z.array(z.string())),
			eventName: maybe,
			isBatch: z.nullish(z.boolean()),
			cronSchedule: maybe,
		}),
	),
	output: z.optional(z.unknown()),
});
const ENDED = ["COMPLETED", "FAILED", "CANCELLED"];
/**
 * A run with its true status. `GET /v2/runs/{id}` on OSS answers with the status of the run's latest span while the
 * run goes on (recorded: COMPLETED while sleeping, FAILED while retrying), but gives `endedAt` only at its end.
 */
export const Run = z.pipe(
	ListedRun,
	z.transform((run) => ({ ...run, status: ENDED.includes(run.status) && !run.endedAt ? "RUNNING" : run.status })),
);
export type Run = z.output<typeof Run>;

export interface Span {
	name: string;
	status?: string | null | undefined;
	stepOp?: string | null | undefined;
	stepId?: string | null | undefined;
	queuedAt?: string | null | undefined;
	startedAt?: string | null | undefined;
	endedAt?: string | null | undefined;
	input?: unknown;
	output?: unknown;
	/** For \`--json\`: HTTP timing, and tokens and cost of AI steps. */
	metadata?: unknown;
	children?: Span[] | null | undefined;
}
export const Span: z.ZodMiniType<Span> = z.object({
	name: z._default(z.string(), ""),
	status: Code,
	stepOp: Code,
	stepId: maybe,
	queuedAt: maybe,
	startedAt: maybe,
	endedAt: maybe,
	input: z.optional(z.unknown()),
	output: z.optional(z.unknown()),
	metadata: z.optional(z.unknown()),
	children: z.nullish(z.array(z.lazy(() => Span))),
});

export const App = z.object({
	id: text,
	name: text,
	functionCount: z._default(z.number(), 0),
	method: Code,
	createdAt: maybe,
	archivedAt: maybe,
	appVersion: maybe,
	latestSync: z.nullish(
		z.object({
			framework: text,
			sdkLanguage: text,
			sdkVersion: text,
			url: text,
			error: text,
			syncedAt: maybe,
			appVersion: maybe,
		}),
	),
});

export type App = z.output<typeof App>;

export const Fn = z.object({
	id: z.string(),
	name: text,
	app: Named,
	/** \`if\` is the condition's name (measured on v1.43). */
	triggers: many(z.object({ type: text, value: text, if: text })),
	/** A paused function starts nothing, an archived one listens to nothing; left out where false (the API's description). */
	isPaused: z.nullish(z.boolean()),
	isArchived: z.nullish(z.boolean()),
	configuration: z._default(z.record(z.string(), z.unknown()), {}),
});
export type Fn = z.output<typeof Fn>;

export const Event = z.object({
	internal_id: Id,
	id: text,
	name: z.string(),
	data: z.optional(z.unknown()),
	user: z.optional(z.unknown()),
	ts: z.nullish(z.number()),
	v: maybe,
	received_at: maybe,
});
export type Event = z.output<typeof Event>;

/** Whatever its status is called, a run that has an end has ended. */
export const hasEnded = (run: Run): boolean => ENDED.includes(run.status) || time(run.endedAt) !== undefined;
export const functionOf = (run: Run): string => word(`${run.app.id}/${run.function.id}`);
export const eventOf = (run: Run): string | undefined => run.trigger?.eventIds?.[0];
export const startOf = (run: Run): number | undefined => time(run.startedAt) ?? time(run.queuedAt);
export function durationOf(run: Run): number | undefined {
	const start = time(run.startedAt);
	const end = time(run.endedAt);
	return start !== undefined && end !== undefined ? end - start : undefined;
}

/** `01M8… FAILED shop/import-catalog 5m ago 213ms`. */
export function runLine(run: Run, now: number): string {
	const queued = time(run.queuedAt);
	const took = durationOf(run);
	return words(
		run.id,
		run.status,
		functionOf(run),
		queued && ago(queued, now),
		took !== undefined && duration(took),
		run.trigger?.isBatch && "batch",
	);
}

/** The filters that run lists share. */
export interface RunFilter {
	status?: readonly Status[] | undefined;
	function?: FunctionRef | undefined;
	app?: string | undefined;
	since?: string | undefined;
	until?: string | undefined;
}

export const listRunsRequest = (filter: RunFilter, more: Record<string, string | number | undefined> = {}): Request =>
	get("/v2/runs", {
		status: filter.status,
		appId: filter.function?.app ?? filter.app,
		functionId: filter.function?.name,
		from: filter.since,
		until: filter.until,
		...more,
	});

/** Cloud may give pages that are empty and not the last (documented); so many on end are a fault. */
const EMPTY = 100;

/** The pages of a v2 list; ends where the server names no further cursor, or the same one again. */
export async function* pages<S extends z.ZodMiniType>(
	api: Api,
	request: Request,
	item: S,
): AsyncGenerator<z.output<S>[]> {
	const schema = Page(item);
	let empty = 0;
	for (let cursor: string | undefined; ; ) {
		const page = await api.send({ ...request, query: { ...request.query, cursor } }, schema);
		empty = page.data.length ? 0 : empty + 1;
		if (empty > EMPTY)
			throw new ServerError(`The server gave ${empty} empty pages on end.`, "Narrow it with --since and --until.", 200);
		yield page.data;
		const next = page.page?.cursor || undefined;
		if (next === undefined || next === cursor) return;
		cursor = next;
	}
}

/** All of a list that is not long: a hundred pages at most. */
export async function all<S extends z.ZodMiniType>(api: Api, request: Request, item: S): Promise<z.output<S>[]> {
	const found: z.output<S>[] = [];
	let read = 0;
	for await (const page of pages(api, request, item)) {
		found.push(...page);
		if (++read >= 100) break;
	}
	return found;
}

/** Runs of one event that are read; where there are as many, there may be more. */
export const MOST_RUNS = 400;

/** The runs that an event started, reruns included, newest first, 400 or so at most; with their outputs where asked. */
export async function runsOfEvent(api: Api, eventId: string, output = false): Promise<Run[]> {
	const runs: Run[] = [];
	const request = get(path`/v2/events/${eventId}/runs`, { limit: 40, includeOutput: output ? "true" : undefined });
	for await (const page of pages(api, request, Run)) {
		runs.push(...page);
		if (runs.length >= MOST_RUNS) break;
	}
	return runs;
}

/** Cancelling twice does no more than once, so it may be sent again; 409 says that the run has ended or was cancelled already. */
export const cancelRequest = (id: string): Request => ({
	method: "POST",
	path: path`/v2/runs/${id}/cancel`,
	body: {},
	api: "v2",
	repeatable: true,
	accept: [409],
});
const Cancelled = z.object({ errors: z.optional(z.array(z.object({ code: z.optional(z.string()) }))) });
/** Cancels a run; answers the code that says why there was nothing to cancel. */
export const cancel = async (api: Api, id: string): Promise<string | undefined> =>
	(await api.send(cancelRequest(id), Cancelled)).errors?.[0]?.code;

/** What inParallel gives where every item must succeed: the values, or the first error thrown. */
export const allOf = <R>(results: readonly { value?: R; error?: unknown }[]): R[] =>
	results.map(({ value, error }) => {
		if (value === undefined) throw error;
		return value;
	});

/** Runs `work` on every item, at most `limit` at once; one failing doesn't lose the rest. Results keep the order. */
export async function inParallel<T, R>(
	items: readonly T[],
	limit: number,
	work: (item: T, index: number) => Promise<R>,
): Promise<{ value?: R; error?: unknown }[]> {
	const results: { value?: R; error?: unknown }[] = new Array(items.length);
	let next = 0;
	const worker = async () => {
		while (next < items.length) {
			const index = next++;
			const item = items[index];
			if (item === undefined) continue;
			try {
				results[index] = { value: await work(item, index) };
			} catch (error) {
				results[index] = { error };
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
	return results;
}

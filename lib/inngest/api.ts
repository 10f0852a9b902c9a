/** The API's objects, calls that several handlers make, and following cursors. */

import * as z from "zod/mini";
import { isNotFound, ServerError, SkillError } from "../text/errors.ts";
import { ENDS, type FunctionRef, type Status, ULID } from "../text/nouns.ts";
import { ago, clockText, duration, iso, plural, quote, time, word, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { Fault, Id, Ids, many, maybe, maybeNumber, read, startsInQueue, text } from "../wire/lenient.ts";
import { get, path, post, type Request } from "../wire/request.ts";

export { Id, many, maybe, startsInQueue } from "../wire/lenient.ts";

const flag = z.nullish(z.boolean());
const anything = z.optional(z.unknown());
/** A word from the server; nothing else is printed bare. */
const Code = read(maybe, (value) => (value && /^[A-Z_]{1,30}$/i.test(value) ? value.toUpperCase() : undefined));
export const One = <S extends z.ZodMiniType>(data: S) => z.object({ data });

const Named = read(z.nullish(z.object({ id: text })), (named) => named ?? { id: "" });
const times = { queuedAt: maybe, startedAt: maybe, endedAt: maybe };
/** A run with its true status: the client corrects what OSS says of live ones. */
export const Run = z.object({
	id: Id,
	app: Named,
	function: Named,
	status: read(Code, (value) => value ?? "UNKNOWN"),
	...times,
	trigger: z.nullish(z.object({ eventIds: Ids, eventName: maybe, isBatch: flag, cronSchedule: maybe })),
	output: anything,
});
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
	/** For `--json`: HTTP timing, and the tokens and cost of AI steps. */
	metadata?: unknown;
	children?: Span[] | null | undefined;
}
export const Span: z.ZodMiniType<Span> = z.object({
	name: text,
	status: Code,
	stepOp: Code,
	stepId: maybe,
	...times,
	input: anything,
	output: anything,
	metadata: anything,
	children: z.optional(many(z.lazy(() => Span))),
});

export const App = z.object({
	id: text.check(z.minLength(1)),
	name: text,
	functionCount: read(maybeNumber, (n) => n ?? 0),
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
			/** pending, success, error or duplicate (proto/api/v2/service.proto, AppSync). */
			status: maybe,
		}),
	),
});

export type App = z.output<typeof App>;

export const Fn = z.object({
	id: z.string(),
	name: text,
	app: Named,
	triggers: many(z.object({ type: text, value: text, if: text })),
	/** A paused function starts nothing, an archived one listens to nothing; omitted if false (the API's description). */
	isPaused: flag,
	isArchived: flag,
	configuration: read(z.nullish(z.record(z.string(), z.unknown())), (configuration) => configuration ?? {}),
});
/** `withIts`: archived because that is. */
export type Fn = z.output<typeof Fn> & { withIts?: "environment" | "app" };

const Stored = z.object({
	internal_id: Id,
	id: text,
	name: z.string(),
	data: anything,
	user: anything,
	ts: maybeNumber,
	v: maybe,
	received_at: maybe,
	/** Its name in v1's description. */
	receivedAt: maybe,
});
export const Event = read(Stored, ({ receivedAt, ...event }) => ({
	...event,
	// Without a sender's id it is the internal id, in whatever case.
	...(event.id.toUpperCase() === event.internal_id && { id: event.internal_id }),
	...(receivedAt != null && { received_at: event.received_at ?? receivedAt }),
}));
export type Event = z.output<typeof Event>;

/** A SKIPPED run never started (Cloud, since 1.45). */
const ENDED = [...ENDS, "SKIPPED"];
/** A run with an end has ended, whatever its status is called. */
export const hasEnded = (run: Run): boolean => ENDED.includes(run.status) || time(run.endedAt) !== undefined;
/** A run's function, as used to request lists. */
export const refOf = ({ app, function: fn }: Run): FunctionRef => ({ app: app.id, name: fn.id });
export const refOfFn = ({ app, id }: Fn) => ({ app: app.id, name: id });
export const functionOf = (run: Run): string => word(`${run.app.id}/${run.function.id}`);
export const eventOf = (run: Run): string | undefined => run.trigger?.eventIds?.[0];
/** When a run ended (ms). 0 if unknown. */
export const endOf = (run: Run): number => time(run.endedAt) ?? 0;
export const startOf = (run: Run): number | undefined => time(run.startedAt) ?? time(run.queuedAt);
export function durationOf(run: Run): number | undefined {
	const start = time(run.startedAt);
	const end = time(run.endedAt);
	return start !== undefined && end !== undefined ? end - start : undefined;
}

/** How long a run took, in ms. Includes its time in the queue if a list can't tell that apart. */
export function tookOf(run: Run): { ms: number; queue: boolean } | undefined {
	const queue = startsInQueue(run);
	const ms = durationOf(queue ? { ...run, startedAt: run.queuedAt } : run);
	return ms === undefined || (queue && run.status === "CANCELLED") ? undefined : { ms, queue };
}

/** What a list says once, so that its lines need not. */
export interface Said {
	/** The runs are those that ended in a window, ordered by their end. */
	by?: TimeField | undefined;
	/** Durations include the time in the queue. */
	queue?: boolean | undefined;
	/** Times of day, too. */
	clock?: boolean | undefined;
}

export function runLine(run: Run, now: number, { by, queue, clock }: Said = {}): string {
	const queued = time(run.queuedAt);
	const ended = by === "endedAt" ? time(run.endedAt) : undefined;
	const took = tookOf(run);
	const when = (at: number) => words(ago(at, now), clock && `(${clockText(at, now)})`);
	return words(
		run.id,
		run.status,
		functionOf(run),
		ended === undefined ? queued && when(queued) : `ended ${when(Math.min(ended, now))}${took ? "," : ""}`,
		took && duration(took.ms),
		took?.queue && !queue && "incl. queue",
		run.trigger?.isBatch && "batch",
	);
}

/** The filters that run lists share. */
export interface RunFilter {
	status?: readonly Status[] | undefined;
	function?: FunctionRef | undefined;
	/** Runs of any of these; possibly also of same-named functions in the other apps. */
	functions?: readonly FunctionRef[] | undefined;
	app?: string | undefined;
	since?: string | undefined;
	until?: string | undefined;
	/** Which time of a run must be in the window and orders the list; by default when it was queued. */
	by?: TimeField | undefined;
}

/** The flags that select the same runs in another call. */
export const filterFlags = ({ function: fn, app, since, until }: RunFilter) => ({
	function: fn && { app: fn.app ?? app, name: fn.name },
	app: fn ? undefined : app,
	since: since?.replace(".000Z", "Z"),
	until: until?.replace(".000Z", "Z"),
});
/** In ms since the epoch; excludes `until`. */
export interface Window {
	from: number;
	until: number;
}
export const lengthOf = ({ from, until }: Window): number => until - from;
export const within = ({ from, until }: Window) => ({ since: iso(from), until: iso(until) });
/** The inverse: a filter's window, which without `until` ends now (ms). */
export const windowOf = ({ since, until }: { since: string; until?: string | undefined }, now: number): Window => ({
	from: Date.parse(since),
	until: time(until) ?? now,
});
export const endedIn = (window: Window) => ({ by: "endedAt" as const, ...within(window) });
/** A list by end time also includes live runs (measured). */
export type TimeField = "queuedAt" | "endedAt";

export const listRunsRequest = (filter: RunFilter, more: Record<string, string | number | undefined> = {}): Request =>
	get("/v2/runs", {
		status: filter.status,
		appId: filter.functions ? unique(filter.functions, "app") : (filter.function?.app ?? filter.app),
		functionId: filter.functions ? unique(filter.functions, "name") : filter.function?.name,
		from: filter.since,
		until: filter.until,
		timeField: filter.by === "endedAt" ? filter.by : undefined,
		...more,
	});

const unique = (refs: readonly FunctionRef[], key: keyof FunctionRef): string[] => [
	...new Set(refs.flatMap((ref) => ref[key] ?? [])),
];

export const listRuns = (api: Api, ...of: Parameters<typeof listRunsRequest>) =>
	api.send(listRunsRequest(...of), Page(Run));

/** In ascending order, OSS starts a page with the previous page's last run, which the cursor names (measured). */
const isRepeated = (run: Run, cursor: string | undefined): boolean =>
	cursor !== undefined && Buffer.from(cursor, "base64").includes(run.id);

/** The page of a list of runs after `last`, a cursor. */
export async function runsAfter(api: Api, request: Request, last: string | undefined) {
	const answer = await api.send(request, Page(Run));
	const runs = answer.data.filter((run) => !isRepeated(run, last));
	const cursor = answer.page?.cursor || undefined;
	if (cursor !== undefined && cursor === last) throw astray("named this page as the next one");
	return { answer, runs, cursor };
}

export const runRequest = (id: string, output = true): Request =>
	get(path`/v2/runs/${id}`, output ? { includeOutput: "true" } : {});

/** Throws an error that names the run if it is not found, as it may be one of several. */
export async function getRun(api: Api, id: string, output = true): Promise<Run> {
	try {
		return (await api.send(runRequest(id, output), One(Run))).data;
	} catch (error) {
		throw isNotFound(error) ? error.told(`Run ${id} was not found: ${error.message}`) : error;
	}
}

/** The maximum number of an event's runs that are read, to the next full page. */
export const MOST_RUNS = 400;

/** The runs that an event started, including replays, newest first. */
export function runsOfEvent(api: Api, eventId: string, output = false): Promise<Run[]> {
	const request = get(path`/v2/events/${eventId}/runs`, { limit: 40, includeOutput: output ? "true" : undefined });
	return all(api, request, Run, (runs) => runs >= MOST_RUNS);
}

/** 409 means that there was nothing to cancel. `cancel` says why, except after an earlier attempt whose response was lost. */
export const cancelRequest = (id: string): Request =>
	post(path`/v2/runs/${id}/cancel`, {}, { repeatable: true, accept: [409] });
// A response without either, such as a 204, is not Inngest's: nothing is known to be cancelled.
const Cancelled = z.union([
	One(z.object({ runId: Id })),
	z.object({
		errors: many(Fault),
		status: z.literal(409),
		maybe: z.optional(z.boolean()),
	}),
]);
export async function cancel(api: Api, id: string): Promise<"run_already_cancelled" | "run_already_ended" | undefined> {
	const answer = await api.send(cancelRequest(id), Cancelled);
	if ("data" in answer) return;
	const { code, message } = answer.errors[0] ?? {};
	if (code === "run_already_cancelled") return answer.maybe ? undefined : code;
	if (code === "run_already_ended") return code;
	throw new ServerError(
		`The server refused: ${quote(message || "no reason given", 200)} (409).`,
		"Try again in a minute.",
		{ status: 409 },
	);
}

/** The values of inParallel. Throws its first error. */
export const allOf = <R>(results: readonly { value?: R; error?: unknown }[]): R[] =>
	results.map(({ value, error }) => {
		if (value === undefined) throw error;
		return value;
	});

/** Processes every item, at most `limit` at once. A failure doesn't stop the others. */
export async function inParallel<T, R>(
	items: readonly T[],
	limit: number,
	work: (item: T, index: number) => Promise<R>,
): Promise<{ value?: R; error?: unknown }[]> {
	const results: { value?: R; error?: unknown }[] = new Array(items.length);
	const left = items.entries();
	const worker = async () => {
		for (const [index, item] of left)
			try {
				results[index] = { value: await work(item, index) };
			} catch (error) {
				results[index] = { error };
			}
	};
	await Promise.all(Array.from({ length: limit }, worker));
	return results;
}

/** What could be read of each item; undefined counts as not read. */
export async function readEach<T, R>(
	items: readonly T[],
	limit: number,
	work: (item: T) => Promise<R | undefined>,
): Promise<Map<T, R>> {
	const results = await inParallel(items, limit, work);
	return new Map(items.flatMap((item, i) => (results[i]?.value === undefined ? [] : [[item, results[i].value]])));
}

export const Page = <S extends z.ZodMiniType>(item: S, more = false) =>
	z.object({ data: many(item, more), page: z.nullish(z.object({ cursor: maybe })) });

/** A page, and the cursor of the next one if any. */
export interface Leaf<T> {
	items: readonly T[];
	next: string | undefined;
}

/** What is new on a page; whether there are more pages. */
type Leaves<T> = T[] & { more: boolean };

/** As much of a list as was read. */
export interface Listed {
	runs: readonly Run[];
	/** There may be more. */
	cut: boolean;
}

/** Cloud may return empty pages before the last (documented); this many in a row without anything new are a fault. */
const EMPTY = 100;

/**
 * The pages of a list from `cursor` on, without items of earlier pages. Throws a SkillError if cursors lead nowhere: by alternating two, a
 * server has caused 958,900 requests in one call.
 */
export async function* follow<T>(
	read: (cursor: string | undefined) => Promise<Leaf<T>>,
	cursor?: string,
): AsyncGenerator<Leaves<T>> {
	const cursors = new Set([cursor]);
	const ids = new Set<string>();
	let empty = 0;
	for (let at = cursor; ; ) {
		const { items, next } = await read(at);
		const fresh = items.filter((item) => {
			const id = idOf(item);
			return id === undefined || ids.size < ids.add(id).size;
		});
		empty = fresh.length ? 0 : empty + 1;
		if (empty > EMPTY) throw astray(`returned ${empty} pages in a row with nothing new`);
		yield Object.assign(fresh, { more: next !== undefined });
		if (next === undefined) return;
		if (cursors.size === cursors.add(next).size)
			throw astray(`restarts the list after ${plural(cursors.size, "page")}`);
		at = next;
	}
}

/** Not a ServerError: waits would retry such a server forever. */
const astray = (how: string): SkillError =>
	new SkillError(`The server ${how}.`, "Narrow it with --since and --until.", 1);

const Known = z.object({ internal_id: anything, id: anything });
/** What identifies a run or an event; names of apps and functions may be repeated. */
function idOf(item: unknown): string | undefined {
	const { internal_id, id } = z.safeParse(Known, item).data ?? {};
	const known = internal_id ?? id;
	return typeof known === "string" && ULID.test(known) ? known : undefined;
}

/** The pages of a v2 list, until the server gives no more cursors. */
export const pages = <S extends z.ZodMiniType>(
	api: Api,
	request: Request,
	item: S,
): AsyncGenerator<Leaves<z.output<S>>> =>
	follow(async (cursor) => {
		const asked = { ...request, query: { ...request.query, cursor } };
		const { data, page } = await api.send(asked, Page(item, cursor !== undefined));
		return { items: data, next: page?.cursor || undefined };
	});

/** All of a list, or as much as is `enough`, given its items and pages. */
export async function all<S extends z.ZodMiniType>(
	api: Api,
	request: Request,
	item: S,
	enough = (_: number, read: number): boolean => read >= 100,
): Promise<z.output<S>[]> {
	const found: z.output<S>[] = [];
	let read = 0;
	for await (const page of pages(api, request, item)) {
		found.push(...page);
		if (enough(found.length, ++read)) break;
	}
	return found;
}

/** The runs of a run's function that completed last. */
export const completedRuns = async (api: Api, run: Run, limit = 20): Promise<Run[]> =>
	(await listRuns(api, { function: refOf(run), status: ["COMPLETED"], by: "endedAt" }, { limit })).data.filter(
		({ status }) => status === "COMPLETED",
	);

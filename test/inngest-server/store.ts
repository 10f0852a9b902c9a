/** The server's state: apps and functions, events, runs, how often each event ran. */
import { hash, ulidTime, uuidOf } from "./ids.ts";
import type { Json } from "./json.ts";
import type { Failure, FunctionDef, Plan } from "./shop.ts";

export type ServerKind = "dev" | "self-hosted" | "cloud";
/** The last four are Inngest Cloud's, since 1.45. */
export type RunStatus =
	| ("QUEUED" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED")
	| ("SKIPPED" | "PAUSED" | "UNKNOWN" | "UNSPECIFIED");
const GOING_ON: readonly RunStatus[] = ["QUEUED", "RUNNING", "PAUSED", "UNKNOWN", "UNSPECIFIED"];

export interface StoredEvent {
	readonly internalId: string;
	/** The sender's id, or the internal one. */
	readonly id: string;
	readonly name: string;
	readonly data: Json;
	readonly user: Json;
	readonly ts: number;
	readonly v: string;
	readonly receivedAt: number;
}

/** One step of a run, with all its attempts. Times are Unix milliseconds. */
export interface StepRecord {
	name: string;
	op: "RUN" | "SLEEP" | "WAIT_FOR_EVENT" | "INVOKE";
	status: "COMPLETED" | "FAILED" | "WAITING";
	queuedAt: number;
	startedAt: number;
	endedAt?: number;
	output?: unknown;
	failure?: Failure;
	/** When each failed attempt of a retried step began. */
	attempts?: number[];
}

/** What happened in a run, from which its trace is drawn. */
export interface Story {
	steps: StepRecord[];
	parallel: boolean;
	/** Errors thrown outside any step, with the time of each attempt. */
	failures: { at: number; failure: Failure }[];
}

/** What a live run waits for: an entry of `/v1/runs/{id}/jobs`. */
export interface Pending {
	kind: "start" | "sleep" | "pause";
	at: number;
	attempt: number;
	step?: string;
	wait?: { event: string; match: string; value: unknown };
}

export interface RunSource {
	output(): unknown;
	failure(): Failure;
	story(run: Run): Story;
}

export class Run {
	readonly id: string;
	readonly fn: FunctionEntry;
	readonly events: readonly StoredEvent[];
	/** When it was queued, as in its id. */
	readonly queuedMs: number;
	/** When it started according to lists, and according to everything else. */
	readonly startMs: number;
	firstMs: number;
	endMs = 0;
	status: RunStatus = "RUNNING";
	output: unknown = undefined;
	failure: Failure | undefined = undefined;
	attempt = 0;
	pending: Pending | undefined = undefined;
	timer: NodeJS.Timeout | undefined = undefined;
	rerun: { fromStep?: string } | undefined = undefined;
	cron: string | undefined = undefined;
	batchId: string | undefined = undefined;
	plan: Plan | undefined = undefined;
	/** Provides the rarely needed data of a seeded run. */
	source: RunSource | undefined = undefined;
	private known: Story | undefined = undefined;

	constructor(id: string, fn: FunctionEntry, events: readonly StoredEvent[], startMs: number, firstMs: number) {
		this.id = id;
		this.fn = fn;
		this.events = events;
		this.queuedMs = ulidTime(id);
		this.startMs = startMs;
		this.firstMs = firstMs;
	}

	get eventIds(): string[] {
		return this.events.map(({ internalId }) => internalId);
	}

	get ended(): boolean {
		return !GOING_ON.includes(this.status);
	}

	/** Nanoseconds after the millisecond, for the times that have them. */
	get nanos(): number {
		return 1 + (hash(this.id) % 999_998);
	}

	get result(): { output: unknown } | { failure: Failure } | undefined {
		if (this.status === "FAILED") {
			const failure = this.failure ?? this.source?.failure();
			return failure && { failure };
		}
		return this.status === "COMPLETED" ? { output: this.output ?? this.source?.output() } : undefined;
	}

	get story(): Story {
		if (this.source) return this.source.story(this);
		this.known ??= { steps: [], parallel: false, failures: [] };
		return this.known;
	}
}

/** A function as the server knows it. */
export interface FunctionEntry {
	def: FunctionDef;
	uuid: string;
	appUuid: string;
	uri: string;
	createdAt: number;
	/** Idempotency keys of events that it has run, and of invocations with their runs. */
	seen: Set<string>;
	invoked: Map<string, string>;
}

export interface AppEntry {
	id: string;
	uuid: string;
	url: string;
	createdAt: number;
	functions: Map<string, FunctionEntry>;
}

export interface RunQuery {
	statuses: ReadonlySet<string> | undefined;
	apps: ReadonlySet<string> | undefined;
	functions: ReadonlySet<string> | undefined;
	from: number;
	until: number;
	field: "start_time" | "end_time";
	order: "ASC" | "DESC";
	cursor: { key: number; id: string } | undefined;
	limit: number;
}

export interface EventQuery {
	name: string;
	after: number;
	before: number;
	cursor: string;
	limit: number;
}

const TEN_SECONDS = 10_000;
const NEVER = 8e15;

/** Runs in one order, cached between listings. */
interface Ordered {
	runs: Run[];
	known: number;
	version: number;
}

export class Store {
	readonly kind: ServerKind;
	readonly apps = new Map<string, AppEntry>();
	readonly runs: Run[] = [];
	readonly cancellations: Json[] = [];
	private readonly runById = new Map<string, Run>();
	private readonly runsByEvent = new Map<string, Run | Run[]>();
	private readonly functionsByTrigger = new Map<string, FunctionEntry[]>();
	private readonly orders = new Map<string, Ordered>();
	private readonly eventById = new Map<string, StoredEvent>();
	private events: StoredEvent[] = [];
	private eventsSorted = true;
	readonly keepEvents: number;
	private endings = 0;

	constructor(kind: ServerKind, keepEvents: number) {
		this.kind = kind;
		this.keepEvents = keepEvents;
	}

	app(id: string, url: string): AppEntry {
		const known = this.apps.get(id);
		if (known) return known;
		const entry: AppEntry = { id, uuid: uuidOf(id), url, createdAt: Date.now(), functions: new Map() };
		this.apps.set(id, entry);
		return entry;
	}

	addFunction(def: FunctionDef, url: string): FunctionEntry {
		const app = this.app(def.app, url);
		const known = app.functions.get(def.id);
		if (known) return known;
		const uri = `${app.url}?fnId=${def.app}-${def.id}&stepId=step`;
		const entry: FunctionEntry = {
			def,
			uuid: uuidOf(def.name + uri),
			appUuid: app.uuid,
			uri,
			createdAt: Date.now(),
			seen: new Set(),
			invoked: new Map(),
		};
		app.functions.set(def.id, entry);
		for (const trigger of def.triggers) {
			if (!("event" in trigger)) continue;
			const others = this.functionsByTrigger.get(trigger.event) ?? [];
			this.functionsByTrigger.set(trigger.event, [...others, entry]);
		}
		return entry;
	}

	/** A function by its id, or by its slug, which begins with its app's id. */
	fn(app: string, id: string): FunctionEntry | undefined {
		const functions = this.apps.get(app)?.functions;
		return functions?.get(id) ?? (id.startsWith(`${app}-`) ? functions?.get(id.slice(app.length + 1)) : undefined);
	}

	/** An app's functions in the order in which the server lists them. */
	functionsOf(app: string): FunctionEntry[] {
		return [...(this.apps.get(app)?.functions.values() ?? [])].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
	}

	triggered(event: string): readonly FunctionEntry[] {
		return this.functionsByTrigger.get(event) ?? [];
	}

	addRun(run: Run): void {
		this.runs.push(run);
		this.runById.set(run.id, run);
		for (const { internalId: event } of run.events) {
			const others = this.runsByEvent.get(event);
			if (others === undefined) this.runsByEvent.set(event, run);
			else if (Array.isArray(others)) others.push(run);
			else this.runsByEvent.set(event, [others, run]);
		}
	}

	run = (id: string): Run | undefined => this.runById.get(id);

	/** Runs of an event, oldest first. */
	runsOf(event: string): readonly Run[] {
		const runs = this.runsByEvent.get(event);
		return runs === undefined ? [] : Array.isArray(runs) ? runs : [runs];
	}

	/** To be called when a run ends: its place in some orders changes. */
	ended(): void {
		this.endings++;
	}

	/** The time by which a run is listed, in microseconds. */
	key(run: Run, field: RunQuery["field"]): number {
		const micros = Math.floor(run.nanos / 1000);
		if (field === "start_time") return run.startMs * 1000 + micros;
		return (run.endMs === 0 ? run.firstMs : this.listedEnd(run)) * 1000 + micros;
	}

	/** When a run ended according to lists: on OSS ten seconds late for a cancelled one. */
	listedEnd(run: Run): number {
		return run.status === "CANCELLED" && this.kind !== "cloud" ? run.endMs + TEN_SECONDS : run.endMs;
	}

	private ordered(field: RunQuery["field"], order: RunQuery["order"]): Run[] {
		const sign = order === "ASC" ? 1 : -1;
		const byKey = (a: Run, b: Run): number =>
			sign * (this.key(a, field) - this.key(b, field)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
		const name = `${field} ${order}`;
		const version = field === "end_time" ? this.endings : 0;
		let cached = this.orders.get(name);
		if (cached === undefined) {
			cached = { runs: [], known: 0, version };
			this.orders.set(name, cached);
		}
		if (cached.known < this.runs.length || cached.version !== version) {
			for (let i = cached.known; i < this.runs.length; i++) {
				const run = this.runs[i];
				if (run) cached.runs.push(run);
			}
			cached.runs.sort(byKey);
			cached.known = this.runs.length;
			cached.version = version;
		}
		return cached.runs;
	}

	/** One page of runs, and whether more follow. */
	list(query: RunQuery): { runs: Run[]; hasMore: boolean } {
		const { statuses, apps, functions, cursor, field, from, until, order, limit } = query;
		const all = this.ordered(field, order);
		const found: Run[] = [];
		for (let i = cursor ? this.after(all, query, cursor) : 0; i < all.length; i++) {
			const run = all[i];
			if (run === undefined) break;
			const key = this.key(run, field);
			if (order === "DESC" ? key < from : key > until) break;
			if (key < from || key > until || (field === "start_time" && key === until)) continue;
			if (statuses && !statuses.has(run.status)) continue;
			if (apps && !apps.has(run.fn.def.app)) continue;
			if (functions && !functions.has(run.fn.def.id)) continue;
			if (found.length === limit) return { runs: found, hasMore: true };
			found.push(run);
		}
		return { runs: found, hasMore: false };
	}

	/** The index of the first run after a cursor. */
	private after(all: Run[], { field, order }: RunQuery, cursor: { key: number; id: string }): number {
		let low = 0;
		let high = all.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const run = all[middle];
			const key = run ? this.key(run, field) : NEVER;
			const before =
				key === cursor.key ? (run?.id ?? "") <= cursor.id : order === "ASC" ? key < cursor.key : key > cursor.key;
			if (before) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	addEvent(event: StoredEvent): void {
		if (this.keepEvents === 0) return;
		this.events.push(event);
		this.eventsSorted = false;
		if (!this.eventById.has(event.internalId)) this.eventById.set(event.internalId, event);
		if (this.events.length <= this.keepEvents * 1.25) return;
		this.sortEvents();
		for (const old of this.events.splice(this.keepEvents)) this.eventById.delete(old.internalId);
	}

	/** An event that is listed or that a run has. */
	event(internalId: string): StoredEvent | undefined {
		return this.eventById.get(internalId) ?? this.eventOfRun(internalId);
	}

	private eventOfRun(internalId: string): StoredEvent | undefined {
		return this.runsOf(internalId)[0]?.events.find((event) => event.internalId === internalId);
	}

	/** Events newest first, without Inngest's own. */
	listEvents({ name, after, before, cursor, limit }: EventQuery): StoredEvent[] {
		this.sortEvents();
		const found: StoredEvent[] = [];
		for (const event of this.events) {
			if (found.length === limit) break;
			if (cursor !== "" && event.internalId >= cursor) continue;
			if (event.receivedAt <= after || event.receivedAt > before) continue;
			if (name === "" ? event.name.startsWith("inngest/") : event.name !== name) continue;
			if (name !== "" && name.startsWith("inngest/")) continue;
			found.push(event);
		}
		return found;
	}

	/** Newest first. */
	private sortEvents(): void {
		if (this.eventsSorted) return;
		this.events.sort((a, b) =>
			a.internalId === b.internalId ? b.receivedAt - a.receivedAt : a.internalId < b.internalId ? 1 : -1,
		);
		this.eventsSorted = true;
	}
}

/** One environment of an account: its own apps, functions, events, runs and keys, and a record of what was done in it. */
import { randomUUID } from "node:crypto";
import { Engine, type EngineOptions } from "../engine.ts";
import { type SeedSpec, seedRuns } from "../seeds.ts";
import { shop } from "../shop.ts";
import { type EventQuery, type FunctionEntry, type Run, type RunQuery, Store, type StoredEvent } from "../store.ts";
import { V1 } from "../v1.ts";
import { V2 } from "../v2.ts";
import { Cancellations } from "./cancellations.ts";
import { type CloudOptions, type EnvironmentSpec, type EnvironmentType, PLANS } from "./options.ts";

/** Keys of one environment, invented at test time. */
export interface EnvironmentKeys {
	event: string;
	signing: string;
	/** API keys of this environment: a read-only one, and one with all grants. */
	read: string;
	write: string;
}

/** A function's state besides its definition. A paused function starts nothing, an archived one listens to nothing. */
export interface FunctionState {
	paused?: boolean;
	archived?: boolean;
	/** The 422 that answers an invocation; a debounced one runs anyway (measured). */
	invoke?: "rate_limited" | "function_debounced" | "function_skipped";
}

export interface AppState {
	archived?: boolean;
	/** How its last and its next sync end: success by default. */
	sync?: "pending" | "success" | "error" | "duplicate";
	/** What is wrong with it, e.g. `unreachable`. */
	error?: string;
	/** Where and when it was last synced through the API. */
	url?: string;
	syncedAt?: string;
	method?: "SERVE" | "CONNECT" | "API";
}

export interface EnvironmentStats {
	/** Requests admitted, and those of them that change something, whatever their result. */
	requests: number;
	changes: number;
	/** Events accepted, including repeated ones. */
	events: number;
	/** Runs, and those started here by events, invocations and reruns, not seeded. */
	runs: number;
	started: number;
	cancelled: number;
	bulkCancellations: number;
}

/** A store in which functions can be idle, 1.45's statuses can be listed, and history can end. */
class CloudStore extends Store {
	readonly states = new Map<string, FunctionState>();
	/** Further statuses that the next list asks for. */
	also: ReadonlySet<string> = new Set();
	/** How far back its history reaches, in ms. */
	history: number | undefined;

	override triggered(event: string): readonly FunctionEntry[] {
		return super.triggered(event).filter(({ def }) => {
			const { paused, archived } = this.states.get(`${def.app}/${def.id}`) ?? {};
			return !paused && !archived;
		});
	}

	/** The start of its history (ms). */
	private get oldest(): number {
		return this.history === undefined ? 0 : Date.now() - this.history;
	}

	override list(query: RunQuery): { runs: Run[]; hasMore: boolean } {
		const statuses = this.also.size > 0 ? new Set([...(query.statuses ?? []), ...this.also]) : query.statuses;
		return super.list({ ...query, statuses, from: Math.max(query.from, this.oldest * 1000) });
	}

	override listEvents(query: EventQuery): StoredEvent[] {
		return super.listEvents({ ...query, after: Math.max(query.after, this.oldest) });
	}
}

class CloudEngine extends Engine {
	cancelled = 0;

	override cancel(run: Run): void {
		this.cancelled++;
		super.cancel(run);
	}
}

const slugOf = (name: string): string =>
	name
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, "-")
		.replaceAll(/^-|-$/g, "");

export class CloudEnvironment {
	readonly id = randomUUID();
	readonly name: string;
	readonly slug: string;
	readonly type: EnvironmentType;
	readonly archived: boolean;
	readonly keys: EnvironmentKeys;
	readonly store: CloudStore;
	readonly engine: CloudEngine;
	readonly v1: V1;
	readonly v2: V2;
	readonly cancellations: Cancellations;
	readonly apps = new Map<string, AppState>();
	requests = 0;
	changes = 0;
	private events = 0;
	private seeded = 0;
	private readonly appUrl: string;

	constructor(
		{ name, type = "TEST", slug, archived = false }: EnvironmentSpec,
		keys: EnvironmentKeys,
		options: CloudOptions,
	) {
		this.name = name;
		this.type = type;
		this.slug = slug ?? slugOf(name);
		this.archived = archived;
		this.keys = keys;
		this.store = new CloudStore("cloud", options.keepEvents ?? 20_000);
		if (options.forgets) this.store.history = PLANS[options.plan ?? "free"].history;
		const { speed = 1, instant = true, startDelayMs = 0, rerunsSucceed = false } = options;
		this.engine = new CloudEngine(this.store, { speed, instant, startDelayMs, rerunsSucceed });
		// Ids of functions depend on it: they differ between environments.
		this.appUrl = `https://${this.slug}.shop.example/api/inngest`;
		for (const def of shop) this.store.addFunction(def, this.appUrl);
		this.v1 = new V1(this.store, this.engine, options.cache ?? false);
		this.v2 = new V2(this.store, this.engine, {
			eventKey: keys.event,
			signingKey: keys.signing,
			accept: (event) => this.accept(event),
		});
		this.cancellations = new Cancellations(this, options.cancelAfterMs ?? 20);
	}

	accept(event: StoredEvent): void {
		this.events++;
		this.store.addEvent(event);
		// "It only prevents the environment's functions from triggering" (documented).
		if (!this.archived) this.engine.trigger(event);
	}

	/** Adds the runs described by specs, and returns their ids, spec by spec. The same seed creates the same runs. */
	seedRuns(specs: SeedSpec[], seed = 1): string[][] {
		const before = this.store.runs.length;
		const ids = seedRuns(this.store, specs, seed, this.appUrl);
		this.seeded += this.store.runs.length - before;
		return ids;
	}

	/** `name` is `app/function`. */
	setFunction(name: string, state: FunctionState): void {
		this.store.states.set(name, state);
	}

	setApp(id: string, state: AppState): void {
		this.apps.set(id, state);
	}

	run(id: string): Run | undefined {
		return this.store.run(id.toUpperCase());
	}

	runsOf(eventId: string): readonly Run[] {
		return this.store.runsOf(eventId.toUpperCase());
	}

	/** Changes how runs behave from now on. */
	configure(options: Partial<EngineOptions>): void {
		Object.assign(this.engine.options, options);
	}

	stats(): EnvironmentStats {
		const { requests, changes, events, store, engine, cancellations } = this;
		const runs = store.runs.length;
		return {
			requests,
			changes,
			events,
			runs,
			started: runs - this.seeded,
			cancelled: engine.cancelled,
			bulkCancellations: cancellations.all.length,
		};
	}

	close(): void {
		this.engine.close();
		this.cancellations.close();
	}
}

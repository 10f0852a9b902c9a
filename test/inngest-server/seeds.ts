/** Past runs in bulk, created deterministically from short descriptions. */
import { random, ulidOf } from "./ids.ts";
import { isObject, type Json } from "./json.ts";
import { type Failure, type FunctionDef, functionFailure, type Plan, stepFailure } from "./shop.ts";
import {
	type FunctionEntry,
	type Pending,
	Run,
	type RunSource,
	type RunStatus,
	type StepRecord,
	type Store,
	type StoredEvent,
	type Story,
} from "./store.ts";

/** Similar runs. In `error`, `output` and `data`, `{i}` stands for the run's number, from 0. */
export interface SeedSpec {
	app?: string;
	function: string;
	/** The function's display name, number of retries and trigger, if the server doesn't know it. */
	name?: string;
	retries?: number;
	/** The triggering event's name; `<app>/<function>.requested` if the function is new and none is given. */
	event?: string;
	/** Triggered by a schedule rather than by an event. */
	cron?: string;
	count: number;
	status?: RunStatus;
	/** The step that failed; without it the function failed outside any step. */
	step?: string;
	/** The steps that succeeded, before the failed one if there is one. */
	steps?: string[];
	error?: { name?: string; message: string; stack?: string };
	/** How often the failed step was tried. */
	attempts?: number;
	/** When they were queued: spread at random from `from` (an hour ago) to `to` (now); ms, a Date or ISO 8601. */
	from?: number | string | Date;
	to?: number | string | Date;
	/** How long they took, in milliseconds, or a range of it. */
	durationMs?: number | [number, number];
	output?: unknown;
	data?: Json;
	user?: Json;
	/** How many of them, starting with the first, got a later run of the same event that completed. */
	replayed?: number;
	/** Each run took this many events at once. */
	batch?: number;
	/** Started by an invocation. */
	invoked?: boolean;
	/** What a RUNNING run waits for: half an hour of sleep from now, or its next attempt. */
	waits?: "sleep" | "retry";
}

const HOUR = 3_600_000;
const SCHEDULED = "inngest/scheduled.timer";

const moment = (value: number | string | Date | undefined, otherwise: number): number =>
	value === undefined ? otherwise : new Date(value).getTime();

/** A value with `{i}` filled in. */
function filled(value: unknown, i: number): unknown {
	if (typeof value === "string") return value.replaceAll("{i}", String(i));
	if (Array.isArray(value)) return value.map((item) => filled(item, i));
	if (!isObject(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, i)]));
}

/** An event of a seeded run: its data is made when read. */
class SeededEvent implements StoredEvent {
	readonly internalId: string;
	readonly name: string;
	readonly ts: number;
	readonly v = "";
	private readonly spec: SeedSpec;
	private readonly i: number;

	constructor(spec: SeedSpec, i: number, internalId: string, name: string, ts: number) {
		this.spec = spec;
		this.i = i;
		this.internalId = internalId;
		this.name = name;
		this.ts = ts;
	}

	get id(): string {
		return this.internalId;
	}

	get receivedAt(): number {
		return this.ts;
	}

	get data(): Json {
		if (this.spec.cron !== undefined) return { cron: this.spec.cron };
		const data = filled(this.spec.data ?? { n: this.i }, this.i);
		const invoked = this.spec.invoked ? { _inngest: { type: "api", fn_id: this.spec.function } } : {};
		return { ...invoked, ...(isObject(data) ? data : {}) };
	}

	get user(): Json {
		const user = filled(this.spec.user ?? {}, this.i);
		return isObject(user) ? user : {};
	}
}

function failureOf({ error, step }: SeedSpec, i: number): Failure {
	const name = error?.name ?? "Error";
	const message = String(filled(error?.message ?? "it failed", i));
	const failure = step === undefined ? functionFailure(name, message, "12:9") : stepFailure(name, message, "12:9");
	return error?.stack === undefined ? failure : { ...failure, stack: String(filled(error.stack, i)) };
}

/** A seeded run's story: steps that share its time evenly, the failed or unfinished one last. */
function storyOf(run: Run, spec: SeedSpec, i: number, status: RunStatus): Story {
	const before = spec.steps ?? stepsBefore(run.fn.def, spec, status);
	const end = run.ended ? run.endMs : run.firstMs + 10;
	const share = (end - run.firstMs) / (before.length + 1);
	const steps: StepRecord[] = before.map((name, n) => ({
		name,
		op: "RUN",
		status: "COMPLETED",
		queuedAt: Math.floor(run.firstMs + n * share),
		startedAt: Math.floor(run.firstMs + n * share),
		endedAt: Math.floor(run.firstMs + (n + 1) * share),
		output: { ok: true },
	}));
	const startedAt = Math.floor(end - share);
	const last = { queuedAt: startedAt, startedAt, endedAt: end };
	const story: Story = { steps, parallel: false, failures: [] };
	const fails = status === "FAILED" || (status === "RUNNING" && spec.waits === "retry");
	if (fails && spec.step !== undefined) {
		const failure = failureOf(spec, i);
		const tries = spec.attempts ?? (status === "RUNNING" ? 1 : 0);
		const attempts = Array.from({ length: tries }, (_, n) => Math.floor(startedAt + (n * share) / tries));
		steps.push({ name: spec.step, op: "RUN", status: "FAILED", failure, ...last, ...(tries > 0 && { attempts }) });
	} else if (fails) {
		story.failures.push({ at: startedAt, failure: failureOf(spec, i) });
	} else if (status === "RUNNING") {
		const { queuedAt } = last;
		steps.push({ name: spec.step ?? "wait", op: "SLEEP", status: "WAITING", queuedAt, startedAt });
	}
	return story;
}

/** The steps that a known function does before a step, or all of them. */
function stepsBefore(def: FunctionDef, spec: SeedSpec, status: RunStatus): string[] {
	const { steps } = def.plan({ data: spec.data ?? {}, user: {}, attempt: 1, eventId: "" });
	const names = steps.map(({ name }) => name);
	const at = spec.step === undefined ? -1 : names.indexOf(spec.step);
	if (at >= 0) return names.slice(0, at);
	return status === "COMPLETED" ? names : [];
}

/** A function known only from seeds: a run of its event fails like the seeded one. */
function unknownFunction(store: Store, app: string, spec: SeedSpec): FunctionDef {
	const { function: id, cron, event = `${app}/${id}.requested`, steps = ["work"] } = spec;
	const plan = ({ eventId }: { eventId: string }): Plan => {
		const earlier = store.runsOf(eventId)[0];
		const done = steps.map((name) => ({ op: "RUN" as const, name, output: { ok: true } }));
		const failure = earlier?.result && "failure" in earlier.result ? earlier.result.failure : undefined;
		if (failure === undefined) return { steps: done, output: () => ({ ok: true }) };
		if (spec.step === undefined) return { steps: done, error: { ...failure, retriable: false } };
		return { steps: [...done, { op: "RUN", name: spec.step, error: { ...failure, retriable: false } }] };
	};
	const triggers = cron === undefined ? [{ event }] : [{ cron }];
	return { app, id, name: spec.name ?? id, triggers, retries: spec.retries ?? 0, plan };
}

/** Provides outputs and stories for the runs of a spec. */
class Source implements RunSource {
	private readonly spec: SeedSpec;
	private readonly i: number;

	constructor(spec: SeedSpec, i: number) {
		this.spec = spec;
		this.i = i;
	}

	output(): unknown {
		return filled(this.spec.output ?? { ok: true }, this.i);
	}

	failure(): Failure {
		return failureOf(this.spec, this.i);
	}

	story(run: Run): Story {
		return storyOf(run, this.spec, this.i, run.rerun ? "COMPLETED" : (this.spec.status ?? "COMPLETED"));
	}
}

/** Creates the runs of specs, the same ones for the same seed. */
class Seeder {
	private readonly store: Store;
	private readonly next: () => number;
	private readonly bytes = Buffer.alloc(10);

	constructor(store: Store, seed: number) {
		this.store = store;
		this.next = random(seed);
	}

	/** Adds the runs of a spec; returns their ids, without those of replays. */
	add(spec: SeedSpec, url: string): string[] {
		const app = spec.app ?? "shop";
		const fn = this.store.fn(app, spec.function) ?? this.store.addFunction(unknownFunction(this.store, app, spec), url);
		const name = eventName(fn, spec);
		const to = moment(spec.to, Date.now());
		const from = moment(spec.from, to - HOUR);
		const ids: string[] = [];
		for (let i = 0; i < spec.count; i++) {
			const queued = this.between(from, to);
			const events = Array.from(
				{ length: spec.batch ?? 1 },
				() => new SeededEvent(spec, i, this.id(queued - 1), name, queued - 1),
			);
			const run = this.run(fn, spec, i, queued, events, spec.status ?? "COMPLETED");
			if (spec.batch !== undefined) run.batchId = this.id(queued);
			// Events so numerous that they would only push each other out of the list are not listed.
			if (spec.count <= this.store.keepEvents / 2) for (const event of events) this.store.addEvent(event);
			this.store.addRun(run);
			ids.push(run.id);
			if (i >= (spec.replayed ?? 0)) continue;
			const again = this.between(Math.min(run.endMs + 1, to), Math.max(to, run.endMs + 2));
			const replay = this.run(fn, spec, i, again, events, "COMPLETED");
			replay.rerun = {};
			this.store.addRun(replay);
		}
		this.store.ended();
		return ids;
	}

	private run(
		fn: FunctionEntry,
		spec: SeedSpec,
		i: number,
		queued: number,
		events: SeededEvent[],
		status: RunStatus,
	): Run {
		const { durationMs = [50, 5_000] } = spec;
		const took = typeof durationMs === "number" ? durationMs : this.between(durationMs[0], durationMs[1]);
		const run = new Run(this.id(queued), fn, events, queued + 2, queued + 3);
		run.status = status;
		if (run.ended) run.endMs = run.firstMs + took;
		if (spec.cron !== undefined) run.cron = spec.cron;
		run.source = new Source(spec, i);
		if (status === "RUNNING") run.pending = pendingOf(spec);
		if (status === "QUEUED") run.pending = { kind: "start", at: queued, attempt: 0 };
		return run;
	}

	private id(ms: number): string {
		for (let i = 0; i < 10; i += 5) {
			this.bytes.writeUInt32BE(Math.floor(this.next() * 2 ** 32), i);
			this.bytes[i + 4] = Math.floor(this.next() * 256);
		}
		return ulidOf(ms, this.bytes);
	}

	private between(low: number, high: number): number {
		return Math.floor(low + this.next() * (high - low));
	}
}

function pendingOf(spec: SeedSpec): Pending {
	const at = Date.now() + HOUR / 2;
	if (spec.waits === "retry") return { kind: "start", at, attempt: spec.attempts ?? 1 };
	return { kind: "sleep", at, attempt: 0, step: spec.step ?? "wait" };
}

function eventName(fn: FunctionEntry, spec: SeedSpec): string {
	if (spec.cron !== undefined) return SCHEDULED;
	if (spec.invoked) return "inngest/function.invoked";
	const trigger = fn.def.triggers.find((candidate) => "event" in candidate);
	return spec.event ?? (trigger && "event" in trigger ? trigger.event : SCHEDULED);
}

/** Adds the runs described by specs; returns their ids, spec by spec. The same seed creates the same runs. */
export function seedRuns(store: Store, specs: SeedSpec[], seed: number, url: string): string[][] {
	const seeder = new Seeder(store, seed);
	return specs.map((spec) => seeder.add(spec, url));
}

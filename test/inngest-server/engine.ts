/** Runs functions: starts them on events, retries, sleeps, waits, cancels, reruns. */
import { sha1, ulid } from "./ids.ts";
import { isObject, type Json } from "./json.ts";
import { type FunctionInput, mended, type Plan, type StepPlan, valueAt } from "./shop.ts";
import { type FunctionEntry, Run, type StepRecord, type Store, type StoredEvent } from "./store.ts";

export interface EngineOptions {
	/** How much faster than in reality time passes in sleeps, waits and backoffs. */
	speed: number;
	/** Runs that wait for nothing end before the event's response is sent. */
	instant: boolean;
	/** How long after its event a run appears. */
	startDelayMs: number;
	/** Reruns of failed runs succeed. */
	rerunsSucceed: boolean;
}

/** The approximate delay before each retry (measured). */
const BACKOFF = [30_000, 45_000, 80_000, 150_000, 300_000, 600_000];
/** How long a step takes. */
const STEP_MS = 1;

export class Engine {
	readonly options: EngineOptions;
	private readonly store: Store;
	/** Live runs that wait for an event, by its name, and those that an event may cancel. */
	private readonly waiting = new Map<string, Set<Run>>();
	private readonly cancellable = new Map<string, Set<Run>>();
	private readonly timers = new Set<NodeJS.Timeout>();

	constructor(store: Store, options: EngineOptions) {
		this.store = store;
		this.options = options;
	}

	/** Starts every function that an event triggers, once per function and event id; returns how many. */
	trigger(event: StoredEvent): number {
		let started = 0;
		for (const fn of this.store.triggered(event.name)) {
			if (fn.seen.has(event.id)) continue;
			fn.seen.add(event.id);
			started++;
			this.later(this.options.startDelayMs, () => this.start(fn, event));
		}
		this.deliver(event);
		return started;
	}

	/** Starts a run at once. */
	start(fn: FunctionEntry, event: StoredEvent, rerun?: { fromStep?: string }): Run {
		const now = Date.now();
		const run = new Run(ulid(now), fn, [event], now, now);
		run.rerun = rerun;
		this.store.addRun(run);
		const { cancelOn } = fn.def;
		if (cancelOn) setIn(this.cancellable, cancelOn.event).add(run);
		if (this.options.instant) this.attempt(run, event);
		else this.hold(run, 2 + 2 * STEP_MS, () => this.attempt(run, event));
		return run;
	}

	/** Cancels a live run. */
	cancel(run: Run): void {
		this.end(run, "CANCELLED", Date.now());
	}

	/** The steps from which a run can be rerun, by name or hash. */
	findStep(run: Run, step: string): string | undefined {
		return run.story.steps.find(({ name }) => name === step || sha1(name) === step)?.name;
	}

	/** Ends every timer. */
	close(): void {
		for (const timer of this.timers) clearTimeout(timer);
		this.timers.clear();
	}

	/** Resumes runs that wait for this event, and cancels those that it cancels. */
	private deliver(event: StoredEvent): void {
		for (const run of this.waiting.get(event.name) ?? []) {
			const { pending } = run;
			if (pending?.wait && valueAt(event, pending.wait.match) === pending.wait.value) this.resume(run, event);
		}
		for (const run of this.cancellable.get(event.name) ?? []) {
			const match = run.fn.def.cancelOn?.match ?? "";
			const first = run.events[0];
			if (first && valueAt(first, match) === valueAt(event, match)) this.cancel(run);
		}
	}

	private attempt(run: Run, event: StoredEvent): void {
		const input: FunctionInput = {
			data: event.data,
			user: event.user,
			attempt: run.attempt,
			eventId: event.internalId,
		};
		const planned = run.fn.def.plan(input);
		run.plan = run.rerun && this.options.rerunsSucceed ? mended(planned) : planned;
		run.pending = undefined;
		this.proceed(run, run.plan, event, null);
	}

	/** Executes the remaining steps until one fails or has to wait. */
	private proceed(run: Run, plan: Plan, event: StoredEvent, waited: Json | null): void {
		const story = run.story;
		story.parallel = plan.parallel ?? false;
		const done = new Map(story.steps.map((step) => [step.name, step]));
		const rest = this.stepsToDo(run, plan).filter(({ name }) => done.get(name)?.status !== "COMPLETED");
		let now = this.options.instant ? Date.now() : Math.max(run.startMs + 1, Date.now() - rest.length * STEP_MS);
		if (run.attempt === 0 && story.steps.length === 0) run.firstMs = now;
		for (const step of rest) {
			const end = this.options.instant ? now : now + STEP_MS;
			if (step.op === "SLEEP" || step.op === "WAIT_FOR_EVENT") {
				this.wait(run, plan, event, step, now);
				return;
			}
			if ("error" in step) {
				this.failStep(run, event, step, done.get(step.name), now);
				return;
			}
			const { name, output } = step;
			story.steps.push({ name, op: "RUN", status: "COMPLETED", queuedAt: now, startedAt: now, endedAt: end, output });
			now = end;
		}
		if (plan.error) {
			story.failures.push({ at: now, failure: plan.error });
			run.failure = plan.error;
			this.retryOrFail(run, event, plan.error.retriable, now);
			return;
		}
		run.failure = undefined;
		run.output = plan.output?.(waited) ?? null;
		this.end(run, "COMPLETED", now);
	}

	/** Steps before the one from which a run was rerun are not repeated. */
	private stepsToDo(run: Run, plan: Plan): StepPlan[] {
		const from = plan.steps.findIndex(({ name }) => name === run.rerun?.fromStep);
		return from > 0 ? plan.steps.slice(from) : plan.steps;
	}

	private failStep(
		run: Run,
		event: StoredEvent,
		step: Extract<StepPlan, { error: unknown }>,
		earlier: StepRecord | undefined,
		now: number,
	): void {
		const endedAt = this.options.instant ? now : now + STEP_MS;
		run.failure = step.error;
		if (earlier) {
			earlier.endedAt = endedAt;
			earlier.attempts?.push(now);
		} else {
			run.story.steps.push({
				name: step.name,
				op: "RUN",
				status: "FAILED",
				queuedAt: run.startMs,
				startedAt: now,
				endedAt,
				failure: step.error,
				...(step.error.retriable && { attempts: [now] }),
			});
		}
		this.retryOrFail(run, event, step.error.retriable, endedAt);
	}

	private retryOrFail(run: Run, event: StoredEvent, retriable: boolean, now: number): void {
		if (!retriable || run.attempt >= run.fn.def.retries) {
			this.end(run, "FAILED", now);
			return;
		}
		const delay = (BACKOFF[run.attempt] ?? 600_000) / this.options.speed;
		run.attempt++;
		run.pending = { kind: "start", at: now + delay, attempt: run.attempt };
		this.hold(run, delay, () => this.attempt(run, event));
	}

	private wait(
		run: Run,
		plan: Plan,
		event: StoredEvent,
		step: Extract<StepPlan, { op: "SLEEP" | "WAIT_FOR_EVENT" }>,
		now: number,
	): void {
		const ms = (step.op === "SLEEP" ? step.ms : step.timeoutMs) / this.options.speed;
		const record: StepRecord = { name: step.name, op: step.op, status: "WAITING", queuedAt: now, startedAt: now };
		run.story.steps.push(record);
		run.pending = { kind: step.op === "SLEEP" ? "sleep" : "pause", at: now + ms, attempt: 0, step: step.name };
		if (step.op === "WAIT_FOR_EVENT") {
			run.pending.wait = { event: step.event, match: step.match, value: valueAt(event, step.match) };
			setIn(this.waiting, step.event).add(run);
		}
		this.hold(run, ms, () => this.goOn(run, plan, event, null));
	}

	private resume(run: Run, event: StoredEvent): void {
		const first = run.events[0];
		if (run.plan && first) this.goOn(run, run.plan, first, event);
	}

	/** Ends a sleep or a wait. */
	private goOn(run: Run, plan: Plan, event: StoredEvent, received: StoredEvent | null): void {
		const record = run.story.steps.find(({ name }) => name === run.pending?.step);
		if (run.pending?.wait) this.waiting.get(run.pending.wait.event)?.delete(run);
		if (record) {
			record.status = "COMPLETED";
			record.endedAt = Date.now();
			record.output = received && {
				data: received.data,
				id: received.id,
				name: received.name,
				ts: received.ts,
				user: received.user,
			};
		}
		run.pending = undefined;
		this.proceed(run, plan, event, isObject(received?.data) ? received.data : null);
	}

	private end(run: Run, status: "COMPLETED" | "FAILED" | "CANCELLED", now: number): void {
		if (run.timer) {
			clearTimeout(run.timer);
			this.timers.delete(run.timer);
			run.timer = undefined;
		}
		if (run.pending?.wait) this.waiting.get(run.pending.wait.event)?.delete(run);
		const { cancelOn } = run.fn.def;
		if (cancelOn) this.cancellable.get(cancelOn.event)?.delete(run);
		run.pending = undefined;
		run.plan = undefined;
		run.status = status;
		run.endMs = Math.max(now, run.startMs);
		this.store.ended();
	}

	/** Schedules something for a run, unless it ends first. */
	private hold(run: Run, ms: number, action: () => void): void {
		run.timer = this.later(Math.max(1, ms), action);
	}

	private later(ms: number, action: () => void): NodeJS.Timeout | undefined {
		if (ms <= 0) {
			action();
			return undefined;
		}
		const timer = setTimeout(() => {
			this.timers.delete(timer);
			action();
		}, ms);
		timer.unref();
		this.timers.add(timer);
		return timer;
	}
}

function setIn(map: Map<string, Set<Run>>, key: string): Set<Run> {
	const known = map.get(key);
	if (known) return known;
	const made = new Set<Run>();
	map.set(key, made);
	return made;
}

/**
 * `POST /v1/cancellations` of Inngest Cloud: it responds first and works in the background; a run that sleeps or waits is cancelled when it
 * wakes, so lists show it as RUNNING until then (documented). Of expressions, only `event.data.<key> == <literal>` is supported.
 */
import { ulid } from "../ids.ts";
import { isObject, type Json, text } from "../json.ts";
import { goJson, type Reply } from "../reply.ts";
import type { FunctionEntry, Run } from "../store.ts";
import { goNow, looseTime } from "../times.ts";
import type { CloudEnvironment } from "./environment.ts";

const refused = (status: number, error: string): Reply => goJson({ error, data: null, status }, status);

export class Cancellations {
	/** Those requested and not deleted. */
	readonly all: Json[] = [];
	private readonly environment: CloudEnvironment;
	private readonly afterMs: number;
	private readonly timers = new Set<NodeJS.Timeout>();
	/** Runs to be cancelled when they wake. */
	private readonly doomed = new Set<Run>();

	constructor(environment: CloudEnvironment, afterMs: number) {
		this.environment = environment;
		this.afterMs = afterMs;
	}

	list(): Reply {
		return goJson({ data: this.all, metadata: { fetched_at: goNow() } });
	}

	/** Accepts one; checked as in the source (pkg/api/apiv1/cancellation.go). */
	create(body: string): Reply {
		const asked = read(body);
		if (!isObject(asked)) return refused(400, "Invalid cancellation request");
		const problems = problemsOf(asked);
		if (problems.length > 0) return refused(400, problems.join("\n"));
		const fn = this.environment.store.fn(text(asked.app_id), text(asked.function_id));
		if (fn === undefined) return refused(404, "function not found");
		const condition = /^event\.data\.(\w+)\s*==\s*(.+)$/.exec(text(asked.if));
		if (text(asked.if) !== "" && condition === null) return refused(400, "invalid expression");
		const cancellation: Json = {
			id: ulid(),
			environment_id: this.environment.id,
			app_id: fn.appUuid,
			function_internal_id: fn.uuid,
			function_id: `${fn.def.app}-${fn.def.id}`,
			started_after: asked.started_after ?? null,
			started_before: asked.started_before,
			...(asked.if !== undefined && { if: asked.if }),
		};
		this.all.push(cancellation);
		this.later(this.afterMs, () => this.work(fn, asked, condition));
		return goJson({ data: cancellation, metadata: { fetched_at: goNow() } });
	}

	delete(id: string): Reply {
		const at = this.all.findIndex((one) => one.id === id);
		if (at < 0) return refused(404, "Cancellation not found");
		this.all.splice(at, 1);
		return goJson({ data: { ok: true }, metadata: { fetched_at: goNow() } });
	}

	/** Wakes all runs to be cancelled then. */
	wake(): void {
		for (const run of this.doomed) if (!run.ended) this.environment.engine.cancel(run);
		this.doomed.clear();
	}

	close(): void {
		for (const timer of this.timers) clearTimeout(timer);
		this.timers.clear();
	}

	private work(fn: FunctionEntry, asked: Json, condition: RegExpExecArray | null): void {
		const after = looseTime(text(asked.started_after)) ?? 0;
		const before = looseTime(text(asked.started_before)) ?? 0;
		const wanted = condition && read((condition[2] ?? "").replaceAll("'", '"'));
		for (const run of this.environment.store.runs) {
			if (run.fn !== fn || run.ended || run.startMs > before || run.startMs < after) continue;
			if (condition && run.events[0]?.data[condition[1] ?? ""] !== wanted) continue;
			this.cancel(run);
		}
	}

	private cancel(run: Run): void {
		const { pending } = run;
		if (pending === undefined || pending.kind === "start") {
			this.environment.engine.cancel(run);
			return;
		}
		this.doomed.add(run);
		this.later(pending.at - Date.now() - 1, () => {
			if (!run.ended) this.environment.engine.cancel(run);
		});
	}

	private later(ms: number, action: () => void): void {
		const timer = setTimeout(
			() => {
				this.timers.delete(timer);
				action();
			},
			Math.max(0, ms),
		);
		timer.unref();
		this.timers.add(timer);
	}
}

function problemsOf({ app_id, function_id, started_before, started_after }: Json): string[] {
	const before = looseTime(text(started_before));
	const after = looseTime(text(started_after));
	return [
		text(app_id) === "" && "app_id is required",
		text(function_id) === "" && "function_id is required",
		before === undefined && "started_before is required",
		before !== undefined && before > Date.now() + 5000 && "started_before must be in the past",
		before !== undefined && (after ?? 0) > before && "started_after must be before started_before",
	].filter((problem) => problem !== false);
}

function read(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
}

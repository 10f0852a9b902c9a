/** The REST API, version 1. */
import type { Engine } from "./engine.ts";
import { hash, isUlid, sha1, ulid } from "./ids.ts";
import { isObject, type Json, sorted, text } from "./json.ts";
import { empty, goJson as json, type Reply, type Req, routeNotFound } from "./reply.ts";
import type { FunctionEntry, Run, Store, StoredEvent } from "./store.ts";
import { goNanos, goNow, looseTime } from "./times.ts";
import { runError } from "./trace.ts";
import { liveStatus } from "./v2.ts";

const NIL = "00000000-0000-0000-0000-000000000000";
const ACCOUNT = "00000000-0000-4000-a000-000000000000";
const ENV = "00000000-0000-4000-b000-000000000000";
/** Documented for Inngest Cloud: 100. */
const MAX_EVENTS = { dev: 51, "self-hosted": 51, cloud: 100 };

/** A response that the server caches for some seconds: the next one with the same URL is labelled as text. */
interface Cached {
	until: number;
	body: string;
}

const error = (message: string, status: number, httpStatus = status): Reply =>
	json({ error: message, data: null, status }, httpStatus);

/** Routes that respond through the cache lose the HTTP status of errors. */
const cachedError = (message: string, status: number): Reply => error(message, status, 200);

export class V1 {
	private readonly store: Store;
	private readonly engine: Engine;
	private readonly caching: boolean;
	private readonly cache = new Map<string, Cached>();

	constructor(store: Store, engine: Engine, caching: boolean) {
		this.store = store;
		this.engine = engine;
		this.caching = caching;
	}

	/** Whether a path is one of v1's, which is checked before the credentials. */
	known(path: string): boolean {
		return (
			/^\/v1\/(signals|events(\/[^/]+(\/runs)?)?|cancellations(\/[^/]+)?)$/.test(path) ||
			/^\/v1\/(runs\/[^/]+(\/jobs)?|apps\/[^/]+\/functions)$/.test(path)
		);
	}

	handle(req: Req): Reply {
		const { method } = req;
		const [, , resource = "", id = "", sub = ""] = req.path.split("/").map(decodeURIComponent);
		const route = `${method} ${resource}${id && "/id"}${sub && `/${sub}`}`;
		switch (route) {
			case "GET events":
				return this.events(req.query);
			case "GET events/id":
				return this.cached(req, 5, () => this.event(id));
			case "GET events/id/runs":
				return this.cached(req, 15, () => this.eventRuns(id));
			case "GET runs/id":
				return this.cached(req, 3, () => this.ofRun(id, (run) => this.runBody(run, this.status(run), ENV)));
			case "GET runs/id/jobs":
				return this.cached(req, 5, () => this.ofRun(id, (run) => this.jobs(run)));
			case "DELETE runs/id":
				return this.cancel(id);
			case "GET apps/id/functions":
				return json(this.store.functionsOf(id).map(functionBody));
			case "POST cancellations":
				return this.createCancellation(req.body);
			case "GET cancellations":
				return this.store.kind === "cloud" ? data(this.store.cancellations) : empty(500);
			case "DELETE cancellations/id":
				return this.deleteCancellation(id);
			case "POST signals":
				return signalReply(tryParse(req.body));
			default:
				return this.known(req.path) ? { ...empty(405), headers: { Allow: "GET" } } : routeNotFound();
		}
	}

	private cached(req: Req, seconds: number, answer: () => { body: unknown } | Reply): Reply {
		const key = `${req.path}?${req.query}`;
		const known = this.cache.get(key);
		if (this.caching && known && known.until > Date.now())
			return { ...empty(200), body: known.body, contentType: "text/plain; charset=utf-8" };
		const made = answer();
		if ("status" in made) return made;
		const metadata = { fetched_at: goNow(), cached_until: goNow(seconds * 1000) };
		const body = `${JSON.stringify({ data: made.body, metadata })}\n`;
		if (this.cache.size > 1000) this.cache.clear();
		this.cache.set(key, { until: Date.now() + seconds * 1000, body });
		const headers = { "Cache-Control": `private, max-age=${seconds}` };
		return { status: 200, contentType: "application/json", body, headers };
	}

	private events(query: URLSearchParams): Reply {
		const cursor = query.get("cursor") ?? "";
		if (cursor !== "" && !isUlid(cursor)) return cachedError("Invalid cursor query parameter", 400);
		const times = ["received_after", "received_before"].map((name) => {
			const value = query.get(name) ?? "";
			return value === "" ? undefined : (looseTime(value) ?? Number.NaN);
		});
		if (times.some(Number.isNaN)) return cachedError("Invalid received_after query parameter", 400);
		const limit = Number.parseInt(query.get("limit") ?? "", 10) || 20;
		const events = this.store.listEvents({
			name: query.get("name") ?? "",
			// Its source: an hour by default.
			after: times[0] ?? Date.now() - 3_600_000,
			before: times[1] ?? Number.MAX_SAFE_INTEGER,
			cursor,
			limit: Math.min(Math.max(limit, 1), MAX_EVENTS[this.store.kind]),
		});
		return data(events.map(eventBody));
	}

	private event(id: string): { body: unknown } | Reply {
		if (!isUlid(id)) return cachedError(`Invalid event ID: ${id}`, 400);
		const event = this.store.event(id);
		return event ? { body: eventBody(event) } : cachedError("Event not found", 404);
	}

	private eventRuns(id: string): { body: unknown } | Reply {
		if (!isUlid(id)) return cachedError(`Invalid event ID: ${id}`, 400);
		// Here the status is that of the run's latest span, as in `GET /v2/runs/{id}`.
		return { body: this.store.runsOf(id).map((run) => this.runBody(run, capitalised(liveStatus(run)), NIL)) };
	}

	private ofRun(id: string, body: (run: Run) => unknown): { body: unknown } | Reply {
		if (!isUlid(id)) return cachedError(`Invalid run ID: ${id}`, 400);
		const run = this.store.run(id);
		return run ? { body: body(run) } : cachedError(`Unable to load function run: ${id}`, 500);
	}

	private status(run: Run): string {
		return capitalised(run.status);
	}

	private runBody(run: Run, status: string, environment: string): Json {
		const { result } = run;
		const output = result === undefined ? {} : "failure" in result ? runError(result.failure) : "";
		return {
			run_id: run.id,
			run_started_at: goNanos(run.queuedMs),
			function_id: run.fn.uuid,
			function_version: 0,
			environment_id: environment,
			event_id: run.eventIds[0],
			...(run.cron && { cron: run.cron }),
			status,
			ended_at: run.ended ? goNanos(run.endMs + 1, run.nanos) : null,
			...(run.ended && { output }),
		};
	}

	private jobs(run: Run): Json[] {
		const { pending } = run;
		return pending ? [jobBody(run)] : [];
	}

	/** Responds the same for a run that had already ended. */
	private cancel(id: string): Reply {
		if (!isUlid(id)) return error(`Invalid run ID: ${id}`, 400);
		const run = this.store.run(id);
		if (run === undefined) return error(`Unable to load function run: ${id}`, 404);
		if (!run.ended) this.engine.cancel(run);
		return empty(200, "application/json");
	}

	private createCancellation(body: string): Reply {
		const parsed = tryParse(body);
		if (!isObject(parsed)) return error("Invalid cancellation request", 400);
		const { app_id, function_id, started_before, started_after } = parsed;
		const before = looseTime(text(started_before));
		const after = looseTime(text(started_after));
		const problems = [
			text(app_id) === "" && "app_id is required",
			text(function_id) === "" && "function_id is required",
			before === undefined && "started_before is required",
			before !== undefined && before > Date.now() + 5000 && "started_before must be in the past",
			before !== undefined && (after ?? 0) > before && "started_after must be before started_before",
		].filter((problem) => problem !== false);
		if (problems.length > 0) return error(problems.join("\n"), 400);
		if (this.store.kind !== "cloud") {
			// The function is looked up by its slug, and nothing can store a cancellation.
			const slugs = this.store.functionsOf(text(app_id)).map(({ def }) => `${def.app}-${def.id}`);
			return slugs.includes(text(function_id)) ? empty(500, "application/json") : error("function not found", 404);
		}
		const fn = this.store.fn(text(app_id), text(function_id));
		if (fn === undefined) return error("function not found", 404);
		return this.cancelMany(fn, parsed, after ?? 0, before ?? 0);
	}

	/**
	 * Cloud only, following its documentation: cancels every run that began in the range. Of expressions, only `event.data.<key> ==
	 * <literal>` is evaluated.
	 */
	private cancelMany(fn: FunctionEntry, request: Json, after: number, before: number): Reply {
		const condition = /^event\.data\.(\w+)\s*==\s*(.+)$/.exec(text(request.if));
		if (text(request.if) !== "" && condition === null) return error("invalid expression", 400);
		const wanted = condition && tryParse((condition[2] ?? "").replaceAll("'", '"'));
		for (const run of this.store.runs) {
			if (run.fn !== fn || run.ended || run.startMs > before || run.startMs < after) continue;
			const [event] = run.events;
			if (condition && event?.data[condition[1] ?? ""] !== wanted) continue;
			this.engine.cancel(run);
		}
		const cancellation = {
			id: ulid(),
			environment_id: ENV,
			function_id: request.function_id,
			function_internal_id: fn.uuid,
			app_id: request.app_id,
			started_before: request.started_before,
			...(request.started_after !== undefined && { started_after: request.started_after }),
			...(request.if !== undefined && { if: request.if }),
		};
		this.store.cancellations.push(cancellation);
		return json({ data: cancellation, metadata: { fetched_at: goNow(), cached_until: null } }, 201);
	}

	private deleteCancellation(id: string): Reply {
		if (!isUlid(id)) return error("Invalid cancellation ID", 400);
		if (this.store.kind !== "cloud") return empty(500, "application/json");
		const index = this.store.cancellations.findIndex((cancellation) => cancellation.id === id);
		if (index < 0) return error("Cancellation not found", 404);
		this.store.cancellations.splice(index, 1);
		return empty(204);
	}
}

const data = (value: unknown): Reply => json({ data: value, metadata: { fetched_at: goNow() } });

const capitalised = (status: string): string =>
	status === "QUEUED" ? "Scheduled" : status.charAt(0) + status.slice(1).toLowerCase();

function tryParse(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
}

function eventBody({ internalId, id, name, data, user, ts, v, receivedAt }: StoredEvent): Json {
	return {
		internal_id: internalId,
		account_id: NIL,
		environment_id: NIL,
		source: "",
		source_id: null,
		received_at: goNanos(receivedAt, 1 + (hash(internalId) % 999_998)),
		id,
		name,
		data: sorted(data),
		...(Object.keys(user).length > 0 && { user: sorted(user) }),
		ts,
		...(v !== "" && { v }),
	};
}

function functionBody({ def, uuid, appUuid, uri, createdAt }: FunctionEntry): Json {
	const slug = `${def.app}-${def.id}`;
	// Retries are omitted if they are the SDK's default, unless the app set that number itself.
	const retries = def.triggers.some((trigger) => "cron" in trigger) ? {} : { retries: def.retries };
	return {
		internal_id: uuid,
		env_id: NIL,
		app_id: appUuid,
		id: slug,
		name: def.name,
		config: {
			id: uuid,
			fv: 1,
			name: def.name,
			slug,
			triggers: def.triggers,
			...(def.cancelOn && {
				cancel: [{ event: def.cancelOn.event, if: `event.${def.cancelOn.match} == async.${def.cancelOn.match}` }],
			}),
			steps: [{ id: "step", name: "step", uri, ...retries }],
		},
		created_at: goNanos(createdAt, 1 + (hash(uuid) % 999_998)),
		archived_at: "0001-01-01T00:00:00Z",
	};
}

function jobBody(run: Run): Json {
	const { kind = "start", at = 0, attempt = 0, step, wait } = run.pending ?? {};
	const event = run.eventIds[0];
	const when = Math.floor(at);
	const id = hash(`${run.id} ${kind} ${attempt}`).toString(36) + hash(run.id).toString(36);
	const groupID = run.fn.uuid;
	const payload =
		kind === "pause" && wait && step
			? {
					pauseID: groupID,
					pause: {
						id: groupID,
						wsID: ENV,
						identifier: { runID: run.id, wID: run.fn.uuid, aID: ACCOUNT },
						outgoing: sha1(step),
						incoming: "step",
						stepName: step,
						opcode: "WaitForEvent",
						expires: when,
						event: wait.event,
						expression: `${JSON.stringify(wait.value)} == async.${wait.match}`,
						dataKey: sha1(step),
						maxAtts: 1,
						groupID,
					},
				}
			: {
					edge:
						kind === "sleep" && step
							? { incoming: "step", outgoing: sha1(step) }
							: { incoming: "$trigger", outgoing: "" },
				};
	return {
		JobID: id,
		at: goNanos(when),
		position: 0,
		kind,
		attempt,
		Raw: {
			id,
			at: when,
			wt: when,
			wfID: run.fn.uuid,
			wsID: ENV,
			genID: 1 + attempt,
			data: {
				groupID,
				wsID: ENV,
				kind,
				identifier: {
					runID: run.id,
					wID: run.fn.uuid,
					wv: 1,
					evtID: event,
					eventIDs: run.eventIds,
					aID: ACCOUNT,
					wsID: ENV,
					appID: run.fn.appUuid,
					pf: 0,
				},
				atts: attempt,
				...(kind === "sleep" && { maxAtts: 1 }),
				...(kind === "start" && { maxAtts: 21 }),
				payload,
				pf: 0,
			},
			eat: run.startMs,
		},
	};
}

/** No function of the shop waits for a signal. */
function signalReply(body: unknown): Reply {
	if (!isObject(body)) return error("Invalid signal data", 400);
	return text(body.signal) === "" ? error("Failed to receive signal", 500) : error("No signal found", 404);
}

/** The REST API, version 2. */
import type { Engine } from "./engine.ts";
import { eventOf, invalid } from "./event-api.ts";
import { hash, isUlid, ulid, uuidOf } from "./ids.ts";
import { asStruct, isObject, type Json, text } from "./json.ts";
import { bool, cursorAfter, fields, int, listQuery, page, paged, proto, refuseUnknown } from "./query.ts";
import { ApiError, badField, gateway, many, notFound, notImplemented, one, type Reply, type Req } from "./reply.ts";
import type { AppEntry, FunctionEntry, Run, RunQuery, Store, StoredEvent } from "./store.ts";
import { protoMs, protoNanos, protoNow } from "./times.ts";
import { rootSpan, runError } from "./trace.ts";

const BEGINNING = "2021-05-13T09:30:04Z";

/** The status that the server reports for a single run: on OSS that of its latest span, even while it is live. */
export function liveStatus(run: Run): string {
	if (run.status !== "RUNNING") return run.status;
	if (run.pending?.kind === "start") return "FAILED";
	const { steps } = run.story;
	return run.pending?.kind === "sleep" && steps.some(({ status }) => status === "COMPLETED") ? "COMPLETED" : "RUNNING";
}

/** What can't be decoded a second time stays as it is. */
function decodeName(part: string): string {
	const once = decodeURIComponent(part);
	try {
		return decodeURIComponent(once);
	} catch {
		return once;
	}
}

export interface V2Options {
	eventKey: string;
	signingKey: string;
	accept: (event: StoredEvent) => void;
}

export class V2 {
	private readonly store: Store;
	private readonly engine: Engine;
	private readonly options: V2Options;

	constructor(store: Store, engine: Engine, options: V2Options) {
		this.store = store;
		this.engine = engine;
		this.options = options;
	}

	private get cloud(): boolean {
		return this.store.kind === "cloud";
	}

	handle(req: Req): Reply {
		try {
			return this.route(req);
		} catch (error) {
			if (error instanceof ApiError) return error.reply;
			throw error;
		}
	}

	private route(req: Req): Reply {
		const { method, path, query } = req;
		const encoded = path.replace(/^\/(api\/)?v2(\/|$)/, "").split("/");
		// For the gateway, a slash encoded once splits the path; names are decoded twice (measured, and its source).
		if (encoded.some((part) => /%2f/i.test(part))) throw gateway("Not Found", 404);
		const parts = encoded.map((part, i) =>
			encoded[0] === "apps" && i % 2 ? decodeName(part) : decodeURIComponent(part),
		);
		const [a = "", b = "", c = "", d = "", e = ""] = parts;
		const names = [
			a,
			b && (a === "runs" || a === "apps" || a === "events" ? "*" : b),
			c,
			d && (c === "functions" ? "*" : d),
			e,
		];
		const route = names.filter((name) => name !== "").join("/");
		if (/v2$/.test(path)) throw gateway("Bad Request");
		if (a === "runs" && parts.length > 1 && b === "") throw new ApiError(400, "missing_field", "Run ID is required");
		const handlers = this.routes[route];
		if (handlers === undefined || parts.length > 5) throw gateway("Not Found", 404);
		const handler = handlers[method];
		if (handler === undefined) throw gateway("Method Not Allowed", 501);
		return handler(req, query, b, d);
	}

	private readonly routes: Record<
		string,
		Record<string, (req: Req, query: URLSearchParams, id: string, sub: string) => Reply>
	> = {
		health: { GET: () => one({ status: "ok" }) },
		runs: { GET: (_, query) => this.listRuns(query) },
		"runs/*": { GET: (_, query, id) => this.getRun(id, query) },
		"runs/*/trace": { GET: (_, query, id) => this.trace(id, query) },
		"runs/*/cancel": { POST: (req, _, id) => this.cancel(id, req.body) },
		"runs/*/rerun": { POST: (req, _, id) => this.rerun(id, req.body) },
		events: { POST: (req) => this.sendEvent(req.body) },
		"events/*/runs": { GET: (_, query, id) => this.eventRuns(id, query) },
		apps: { GET: (_, query) => this.apps(query) },
		"apps/*": { GET: (_, __, id) => one(appBody(this.app(id), this.store)) },
		"apps/*/syncs": { POST: (req, _, id) => this.sync(id, req.body) },
		"apps/*/functions": { GET: (_, query, id) => this.functions(id, query) },
		"apps/*/functions/*": { GET: (_, __, app, id) => one(functionBody(this.fn(app, id))) },
		"apps/*/functions/*/runs": { GET: (_, query, app, id) => this.listRuns(query, app, id) },
		"apps/*/functions/*/invoke": { POST: (req, _, app, id) => this.invoke(app, id, req.body) },
		envs: {
			GET: () =>
				many(
					[
						{
							createdAt: BEGINNING,
							id: ENV,
							name: this.cloud ? "production" : "dev",
							type: this.cloud ? "PRODUCTION" : "TEST",
						},
					],
					{},
				),
			POST: () => {
				throw notImplemented("Environments not implemented in OSS");
			},
		},
		account: {
			GET: () =>
				one({
					createdAt: BEGINNING,
					email: "dev@inngest.local",
					id: ACCOUNT,
					name: "Dev Server",
					updatedAt: BEGINNING,
				}),
		},
		"keys/events": { GET: () => this.keys(this.options.eventKey) },
		"keys/signing": { GET: () => this.keys(this.options.signingKey) },
		"env/webhooks": { GET: (req) => this.webhooks(req), POST: (req) => this.webhooks(req) },
		"insights/query": { POST: () => insights() },
		"insights/prompt": { POST: () => insights() },
		"insights/tables": { GET: () => insights() },
		"insights/events": { GET: () => insights() },
	};

	// Runs

	private listRuns(query: URLSearchParams, app?: string, fn?: string): Reply {
		const wanted = listQuery(query, app, fn);
		// None of its runs is deferred.
		const isDeferred = bool(query, "isDeferred", "is_deferred");
		const { runs, hasMore } = isDeferred ? { runs: [], hasMore: false } : this.store.list(wanted);
		return many(
			runs.map((run) => this.listItem(run, wanted.includeOutput)),
			{ limit: wanted.limit, hasMore, cursor: this.cursorOf(runs.at(-1), wanted.field) },
			wanted.timeRange,
		);
	}

	private eventRuns(id: string, query: URLSearchParams): Reply {
		const includeOutput = bool(query, "includeOutput", "include_output");
		const requested = int(query, "limit");
		if (!isUlid(id)) throw badField("Event ID must be a valid ULID");
		const { limit, cursor } = page(query, requested, 20, 40);
		const all = [...this.store.runsOf(id)].sort(
			(a, b) => this.store.key(b, "start_time") - this.store.key(a, "start_time"),
		);
		const first = cursor ? all.findIndex((run) => run.id === cursor.id) + 1 : 0;
		const runs = all.slice(first, first + limit);
		return many(
			runs.map((run) => this.listItem(run, includeOutput)),
			{ limit, hasMore: first + limit < all.length, cursor: this.cursorOf(runs.at(-1), "start_time") },
		);
	}

	private cursorOf(run: Run | undefined, field: RunQuery["field"]): string | undefined {
		if (run === undefined) return undefined;
		return cursorAfter(run.id, this.store.key(run, field), field);
	}

	private listItem(run: Run, includeOutput: boolean): Json {
		const end = this.store.listedEnd(run);
		const { result } = run;
		const output = result && ("failure" in result ? { error: runError(result.failure) } : result.output);
		return {
			app: { id: run.fn.def.app },
			...(run.ended && { durationMs: `${Math.max(0, end - run.startMs)}`, endedAt: protoNanos(end, run.nanos) }),
			function: { id: run.fn.def.id, name: run.fn.def.name },
			id: run.id,
			...(includeOutput && output !== undefined && { output: asStruct(output) }),
			queuedAt: protoMs(run.queuedMs),
			startedAt: protoNanos(run.startMs, run.nanos),
			status: run.status,
			trigger: this.trigger(run),
		};
	}

	/** OSS names only a batch's first event; that Cloud names all, and the event's name, is documented. */
	private trigger(run: Run): Json {
		const name = this.cloud ? run.events[0]?.name : undefined;
		return {
			...(run.batchId && { batchId: run.batchId }),
			...(run.cron && { cronSchedule: run.cron }),
			eventIds: this.cloud ? run.eventIds : run.eventIds.slice(0, 1),
			...(name !== undefined && { eventName: name }),
			...(run.batchId && { isBatch: true }),
		};
	}

	private getRun(id: string, query: URLSearchParams): Reply {
		const includeOutput = bool(query, "includeOutput", "include_output");
		const run = this.run(id);
		const { result } = run;
		const output = result && ("failure" in result ? runError(result.failure) : result.output);
		return one({
			app: { id: run.fn.def.app },
			...(run.ended && { durationMs: `${run.endMs - run.firstMs}`, endedAt: protoMs(run.endMs) }),
			function: { id: run.fn.def.id, name: run.fn.def.name },
			id: run.id,
			...(includeOutput && output !== undefined && { output: asStruct(output) }),
			queuedAt: protoMs(run.queuedMs),
			startedAt: protoMs(run.firstMs),
			status: this.cloud ? run.status : liveStatus(run),
			trigger: this.trigger(run),
		});
	}

	private trace(id: string, query: URLSearchParams): Reply {
		const includeOutput = bool(query, "includeOutput", "include_output");
		const run = this.run(id, "Trace");
		return one({ rootSpan: rootSpan(run, includeOutput), runId: run.id });
	}

	private cancel(id: string, body: string): Reply {
		fields(body, []);
		const run = this.run(id);
		if (run.status === "CANCELLED") throw new ApiError(409, "run_already_cancelled", "Run is already cancelled");
		if (run.ended) throw new ApiError(409, "run_already_ended", "Cannot cancel an ended run");
		this.engine.cancel(run);
		return one({ runId: id });
	}

	private rerun(id: string, body: string): Reply {
		const { fromStep } = fields(body, ["fromStep"]);
		if (isObject(fromStep)) refuseUnknown(fromStep, body, ["stepId", "input"]);
		const stepId = isObject(fromStep) ? text(fromStep.stepId) : undefined;
		if (isObject(fromStep) && fromStep.input !== undefined && !Array.isArray(fromStep.input)) {
			throw proto(`syntax error (line 1:${body.indexOf('"input"') + 9}): unexpected token {`);
		}
		if (!isUlid(id)) throw badField("Run ID must be a valid ULID");
		if (stepId === "") throw new ApiError(400, "missing_field", "Step ID is required");
		const run = this.run(id);
		if (run.cron && this.cloud) throw notImplemented("Rerunning cron-triggered runs is not yet supported");
		const step = stepId === undefined ? undefined : this.engine.findStep(run, stepId);
		if (stepId !== undefined && step === undefined) {
			throw new ApiError(400, "invalid_request", "Step not found in original run");
		}
		const [event] = run.events;
		if (event === undefined) throw new ApiError(500, "internal_error", "Unable to rerun run");
		return one({ runId: this.engine.start(run.fn, event, step === undefined ? {} : { fromStep: step }).id });
	}

	private run(id: string, what = "Run"): Run {
		if (!isUlid(id)) throw badField("Run ID must be a valid ULID");
		const run = this.store.run(id.toUpperCase());
		if (run === undefined) throw notFound(what);
		return run;
	}

	// Apps and functions

	private apps(query: URLSearchParams): Reply {
		const archived = bool(query, "archived", "archived");
		const apps = archived
			? this.archivedApps()
			: [...this.store.apps.values()].map((app) => ({ uuid: app.uuid, body: appBody(app, this.store) }));
		return paged(query, apps);
	}

	/** The remains of the server's first attempt to reach the app, before the app ran. */
	private archivedApps(): { uuid: string; body: Json }[] {
		const app = this.store.apps.get("shop");
		if (app === undefined || this.cloud) return [];
		const at = protoMs(Math.floor(app.createdAt / 1000) * 1000);
		const id = uuidOf(app.url);
		const latestSync = { error: "unreachable", url: app.url };
		return [{ uuid: id, body: { archivedAt: at, createdAt: at, id, isArchived: true, latestSync, method: "SERVE" } }];
	}

	private functions(app: string, query: URLSearchParams): Reply {
		return paged(
			query,
			this.store.functionsOf(app).map((fn) => ({ uuid: fn.uuid, body: functionBody(fn) })),
		);
	}

	private app(id: string): AppEntry {
		const app = this.store.apps.get(id);
		if (app === undefined) throw notFound("App");
		return app;
	}

	private fn(app: string, id: string): FunctionEntry {
		const fn = this.store.fn(app, id);
		if (fn === undefined) throw notFound("Function");
		return fn;
	}

	/** Starts one run, and with a key a second one: OSS remembers the key, but its own event lacks it. */
	private invoke(app: string, id: string, body: string): Reply {
		const { data, idempotencyKey } = fields(
			body,
			this.cloud ? ["data", "idempotencyKey", "mode"] : ["data", "idempotencyKey"],
		);
		if (Array.isArray(data)) throw proto(`syntax error (line 1:${body.indexOf("[") + 1}): unexpected token [`);
		if (!isObject(data)) throw new ApiError(400, "missing_field", "Input data is required");
		const fn = this.fn(app, id);
		const key = text(idempotencyKey);
		const known = fn.invoked.get(key);
		if (key !== "" && known !== undefined) return one({ runId: known }, 409);
		const internalId = ulid();
		const now = Date.now();
		const _inngest = {
			expire: 0,
			fn_id: fn.uuid,
			gid: "",
			...(key !== "" && { invoke_idempotency: hash(key).toString(36) }),
			name: "",
			source_app_id: "",
			source_fn_id: "",
			source_fn_v: 0,
			type: "api",
		};
		const event: StoredEvent = {
			internalId,
			id: internalId,
			name: "inngest/function.invoked",
			data: { _inngest, ...data },
			user: {},
			ts: now,
			v: "",
			receivedAt: now,
		};
		this.store.addEvent(event);
		const run = this.engine.start(fn, event);
		if (key !== "") {
			fn.invoked.set(key, run.id);
			if (!this.cloud) this.engine.start(fn, event);
		}
		return one({ runId: run.id });
	}

	/** Cloud's response follows its documentation. */
	private sync(id: string, body: string): Reply {
		const { url } = fields(body, ["url"]);
		if (!this.cloud) throw notImplemented("App sync not implemented in OSS");
		if (text(url) === "") throw new ApiError(400, "missing_field", "URL is required");
		if (/:1(\/|$)/.test(text(url))) throw new ApiError(422, "app_sync_failed", "Could not reach the app");
		const app = this.app(id);
		return one({ appId: app.id, syncId: ulid(), url, modified: false });
	}

	// Events, keys and the rest

	private sendEvent(body: string): Reply {
		const parsed = fields(body, ["id", "name", "data", "user", "ts", "v", "meta"]);
		if (typeof parsed.name === "number") {
			const at = body.indexOf('"name"') + 8;
			throw proto(`(line 1:${at}): invalid value for string field name: ${parsed.name}`);
		}
		const name = text(parsed.name);
		if (name === "") throw new ApiError(400, "missing_field", "Event name is required");
		if (name.length > 256) throw badField("Event name cannot exceed 256 characters");
		const problem = invalid(name, Number(parsed.ts ?? 0));
		if (problem?.includes("reserved")) throw badField(problem);
		if (problem !== undefined) throw new ApiError(400, "validation_error", problem);
		const event = eventOf(parsed, ulid(), Date.now());
		this.options.accept(event);
		return one({ eventId: event.internalId });
	}

	private keys(key: string): Reply {
		if (this.store.kind === "dev") return many([], {});
		return many([{ createdAt: protoNow(), environment: "dev", key }], {});
	}

	private webhooks(req: Req): Reply {
		if (req.headers["x-inngest-env"] === undefined) {
			throw new ApiError(400, "missing_field", "X-Inngest-Env header is required");
		}
		throw notImplemented("Webhooks not implemented in OSS");
	}
}

const ENV = "00000000-0000-4000-b000-000000000000";
const ACCOUNT = "00000000-0000-4000-a000-000000000000";

function insights(): never {
	throw notImplemented("Insights not implemented in OSS");
}

function appBody(app: AppEntry, store: Store): Json {
	return {
		createdAt: protoMs(Math.floor(app.createdAt / 1000) * 1000),
		...(app.functions.size > 0 && { functionCount: app.functions.size }),
		id: app.id,
		latestSync: {
			framework: "nodejs",
			sdkLanguage: "js",
			sdkVersion: "v4.24.0",
			...(store.kind === "cloud" && { status: "success", syncedAt: protoMs(app.createdAt) }),
			url: app.url,
		},
		method: "SERVE",
		name: app.id,
	};
}

function functionBody({ def }: FunctionEntry): Json {
	const { cancelOn, retries } = def;
	return {
		app: { id: def.app },
		configuration: {
			...(cancelOn && {
				cancellations: [{ condition: `event.${cancelOn.match} == async.${cancelOn.match}`, event: cancelOn.event }],
			}),
			concurrency: [{ limit: { isPlanLimit: true, value: -1 }, scope: "ACCOUNT" }],
			retries: { isDefault: retries === 4, ...(retries > 0 && { value: retries }) },
		},
		id: def.id,
		name: def.name,
		slug: def.id,
		triggers: def.triggers.map((trigger) =>
			"cron" in trigger
				? { type: "CRON", value: trigger.cron }
				: { ...(trigger.if !== undefined && { if: trigger.if }), type: "EVENT", value: trigger.event },
		),
	};
}

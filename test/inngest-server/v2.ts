/** The REST API, version 2. */
import type { Engine } from "./engine.ts";
import { eventOf, invalid } from "./event-api.ts";
import { hash, isUlid, ulid, uuidOf } from "./ids.ts";
import { asStruct, goSyntaxError, isObject, type Json, text } from "./json.ts";
import { ApiError, badField, gateway, many, notFound, notImplemented, one, type Reply, type Req } from "./reply.ts";
import type { AppEntry, FunctionEntry, Run, RunQuery, Store, StoredEvent } from "./store.ts";
import { protoMs, protoNanos, protoNow, rfc3339Micros } from "./times.ts";
import { rootSpan, runError } from "./trace.ts";

const FAR = 8e18;
const STATUSES = new Set(["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]);
const BEGINNING = "2021-05-13T09:30:04Z";

/** The status that the server reports of one run: on OSS, that of its latest span, even while it runs. */
export function liveStatus(run: Run): string {
	if (run.status !== "RUNNING") return run.status;
	if (run.pending?.kind === "start") return "FAILED";
	const { steps } = run.story;
	return run.pending?.kind === "sleep" && steps.some(({ status }) => status === "COMPLETED") ? "COMPLETED" : "RUNNING";
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
		const parts = path
			.replace(/^\/(api\/)?v2(\/|$)/, "")
			.split("/")
			.map(decodeURIComponent);
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
		const includeOutput = bool(query, "includeOutput", "include_output");
		const apps = app === undefined ? all(query, "appId", "app_id") : [app];
		const functions = fn === undefined ? all(query, "functionId", "function_id") : [fn];
		const requested = int(query, "limit");
		const [from, until] = [time(query, "from"), time(query, "until")];
		if (functions.length > 0 && apps.length === 0) throw badField("appId is required when filtering by functionId");
		const { limit, cursor } = page(query, requested, 20, 100);
		if (from && until && from.micros >= until.micros) throw badField("from must be before until");
		const statuses = query.getAll("status").map((status) => status.trim().toUpperCase());
		if (!statuses.every((status) => STATUSES.has(status))) throw badField("Status is invalid");
		const field = token(query.get("timeField") ?? query.get("time_field"));
		if (!["", "QUEUEDAT", "STARTEDAT", "ENDEDAT"].includes(field.replace("_", "")))
			throw badField("timeField is invalid");
		const order = token(query.get("order"));
		if (!["", "ASC", "DESC"].includes(order)) throw badField("order is invalid");
		const wanted: RunQuery = {
			statuses: statuses.length > 0 ? new Set(statuses) : undefined,
			apps: apps.length > 0 ? new Set(apps) : undefined,
			functions: functions.length > 0 ? new Set(functions) : undefined,
			from: from?.micros ?? 0,
			until: until?.micros ?? FAR,
			field: field.startsWith("ENDED") ? "end_time" : "start_time",
			order: order === "ASC" ? "ASC" : "DESC",
			cursor: undefined,
			limit,
		};
		if (cursor) wanted.cursor = { id: cursor.id, key: cursor.keys[wanted.field] ?? 0 };
		const { runs, hasMore } = this.store.list(wanted);
		return many(
			runs.map((run) => this.listItem(run, includeOutput)),
			{ limit, hasMore, cursor: this.cursorOf(runs.at(-1), wanted.field) },
			from && until && { from: from.text, until: until.text },
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
		const cursor = { id: run.id, c: { [field]: { f: field, v: this.store.key(run, field) } } };
		return Buffer.from(JSON.stringify(cursor)).toString("base64");
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

	/** OSS names only the first event of a batch; that Cloud names all of them, and the event's name, is documented. */
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

	/** What is left of the server's first attempt to reach the app, before the app ran. */
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

	/** Starts one run, and with a key a second one: OSS remembers the key, but its own event doesn't carry it. */
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

	/** Cloud's answer follows its documentation. */
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

// What requests say

/** An error of protobuf's JSON reader, which has a no-break space where one expects a space. */
const proto = (message: string): ApiError => gateway(`proto:\u00a0${message}`);

const token = (value: string | null): string => (value ?? "").trim().toUpperCase();

const all = (query: URLSearchParams, name: string, alias: string): string[] => [
	...query.getAll(name),
	...query.getAll(alias),
];

function single(query: URLSearchParams, name: string, alias: string, field: string): string | undefined {
	const values = all(query, name, alias);
	if (values.length > 1 && name !== alias) throw gateway(`too many values for field "${field}": ${values.join(", ")}`);
	return values[0];
}

function bool(query: URLSearchParams, name: string, field: string): boolean {
	const value = single(query, name, name === field ? "" : field, field);
	if (value === undefined || ["0", "f", "F", "false", "False", "FALSE"].includes(value)) return false;
	if (["1", "t", "T", "true", "True", "TRUE"].includes(value)) return true;
	throw gateway(`parsing field "${field}": strconv.ParseBool: parsing "${value}": invalid syntax`);
}

function int(query: URLSearchParams, name: string): number {
	const value = single(query, name, "", name);
	if (value === undefined) return 0;
	if (!/^[+-]?\d+$/.test(value)) {
		throw gateway(`parsing field "${name}": strconv.ParseInt: parsing "${value}": invalid syntax`);
	}
	return Number(value);
}

function time(query: URLSearchParams, name: string): { text: string; micros: number } | undefined {
	const value = single(query, name, "", name);
	if (value === undefined) return undefined;
	const micros = rfc3339Micros(value);
	if (micros === undefined) {
		const layout = "2006-01-02T15:04:05.999999999Z07:00";
		const [rest, expected] = /^\d{4}-\d{2}-\d{2}$/.test(value) ? ["", "T"] : [value, "2006"];
		throw gateway(
			`parsing field "${name}": parsing time "${value}" as "${layout}": cannot parse "${rest}" as "${expected}"`,
		);
	}
	return { micros, text: protoNanos(Math.floor(micros / 1000), (micros % 1000) * 1000) };
}

interface Cursor {
	id: string;
	keys: Partial<Record<RunQuery["field"], number>>;
}

function page(
	query: URLSearchParams,
	requested: number,
	byDefault: number,
	most: number,
): { limit: number; cursor: Cursor | undefined } {
	const limit = requested === 0 ? byDefault : requested;
	if (limit < 1) throw badField("Limit must be at least 1");
	if (limit > most) throw badField(`Limit cannot exceed ${most}`);
	const given = query.get("cursor") ?? "";
	if (given === "") return { limit, cursor: undefined };
	const cursor = readCursor(given);
	if (cursor === undefined) throw badField("Cursor is invalid");
	return { limit, cursor };
}

function readCursor(given: string): Cursor | undefined {
	try {
		const parsed: unknown = JSON.parse(Buffer.from(given, "base64").toString());
		if (!isObject(parsed) || !isObject(parsed.c) || text(parsed.id) === "") return undefined;
		const keys: Cursor["keys"] = {};
		for (const field of ["start_time", "end_time"] as const) {
			const entry = parsed.c[field];
			if (isObject(entry)) keys[field] = Number(entry.v);
		}
		return { id: text(parsed.id), keys };
	} catch {
		return undefined;
	}
}

/** A page of things that are listed in the order of their UUIDs, the last of which is the cursor. */
function paged(query: URLSearchParams, all: { uuid: string; body: Json }[]): Reply {
	const requested = int(query, "limit");
	const limit = requested === 0 ? 20 : requested;
	if (limit < 1) throw badField("Limit must be at least 1");
	if (limit > 100) throw badField("Limit cannot exceed 100");
	const cursor = query.get("cursor") ?? "";
	if (cursor !== "" && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(cursor))
		throw badField("Cursor is invalid");
	const rest = [...all].sort((a, b) => (a.uuid < b.uuid ? -1 : 1)).filter(({ uuid }) => uuid > cursor);
	const shown = rest.slice(0, limit);
	return many(
		shown.map(({ body }) => body),
		{ limit, hasMore: rest.length > limit, cursor: shown.at(-1)?.uuid },
	);
}

/** The fields of a body, which protobuf refuses when it holds any that it doesn't know. */
function fields(body: string, known: string[]): Json {
	if (body.trim() === "") return {};
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		throw gateway(goSyntaxError(body));
	}
	if (!isObject(parsed)) throw proto(`syntax error (line 1:1): unexpected token ${body.trim().charAt(0)}`);
	refuseUnknown(parsed, body, known);
	return parsed;
}

function refuseUnknown(value: Json, body: string, known: string[]): void {
	for (const key of Object.keys(value)) {
		const at = body.indexOf(JSON.stringify(key)) + 1;
		if (!known.includes(key)) throw proto(`(line 1:${at}): unknown field ${JSON.stringify(key)}`);
	}
}

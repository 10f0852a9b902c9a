/** Converts the in-memory server's responses to Inngest Cloud's: shapes, ids, environments. */
import { isObject, type Json, text } from "../json.ts";
import type { Account } from "./account.ts";
import type { CloudEnvironment } from "./environment.ts";
import type { CloudOptions } from "./options.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
/** Strangers' data: never changed. */
const PAYLOADS = new Set(["input", "output", "values", "user"]);

/** A path or cursor with ULIDs in upper case, as in the store. */
export const raised = (part: string): string => (ULID.test(part) ? part.toUpperCase() : part);

/** The same response with ULIDs in lower case. */
export function lowered(value: unknown): unknown {
	if (typeof value === "string") return ULID.test(value) ? value.toLowerCase() : value;
	if (Array.isArray(value)) return value.map(lowered);
	if (!isObject(value)) return value;
	const isEvent = value.internal_id !== undefined;
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => {
			const kept = PAYLOADS.has(key) || (isEvent && key === "data");
			return [key, kept ? item : lowered(item)];
		}),
	);
}

type Reshape = (data: Json, environment: CloudEnvironment, options: CloudOptions) => Json;

/** By the message of an item of v2's `data`. */
const ITEMS: Record<string, Reshape> = {
	FunctionRun: runShape,
	Function: functionShape,
	App: appShape,
	FunctionTrace: ({ rootSpan, ...rest }) => ({
		...rest,
		rootSpan: isObject(rootSpan) ? spanShape(rootSpan) : rootSpan,
	}),
};

/** A v2 response on things of this message. */
export function ofV2(body: Json, message: string, environment: CloudEnvironment, options: CloudOptions): Json {
	const reshape = ITEMS[message];
	const { data } = body;
	if (reshape === undefined || data === undefined) return body;
	const one = (item: unknown) => (isObject(item) ? reshape(item, environment, options) : item);
	return { ...body, data: Array.isArray(data) ? data.map(one) : one(data) };
}

/** UNSPECIFIED is the zero value, which is omitted. */
function runShape(run: Json, _: CloudEnvironment, { skippedWithoutTimes }: CloudOptions): Json {
	const { status, ...rest } = run;
	if (status === "UNSPECIFIED") return rest;
	if (status !== "SKIPPED" || !skippedWithoutTimes) return run;
	const { startedAt, endedAt, durationMs, ...bare } = run;
	return bare;
}

/** A span's status has its own enum, which lacks PAUSED; there UNKNOWN is the zero value. */
function spanShape(span: Json): Json {
	const { status, ...rest } = span;
	if (status === "UNKNOWN" || status === "UNSPECIFIED") return rest;
	return status === "PAUSED" ? { ...rest, status: "WAITING" } : span;
}

function functionShape(fn: Json, environment: CloudEnvironment): Json {
	const app = isObject(fn.app) ? text(fn.app.id) : "";
	const { paused, archived } = environment.store.states.get(`${app}/${text(fn.id)}`) ?? {};
	return { ...fn, ...(paused && { isPaused: true }), ...(archived && { isArchived: true }) };
}

/** Apps are older than all their events: as if just created, they would explain everything that did not start. */
const FOUNDED = "2024-01-10T09:15:00Z";

function appShape(app: Json, environment: CloudEnvironment, { appsCreatedAt = FOUNDED }: CloudOptions): Json {
	const { archived, sync = "success", error, method, ...at } = environment.apps.get(text(app.id)) ?? {};
	const { url, ...sdk } = isObject(app.latestSync) ? app.latestSync : {};
	// Only apps synced by address have one (service.proto, AppSync).
	const latestSync = method === "CONNECT" ? sdk : { url, ...sdk };
	return {
		...app,
		createdAt: appsCreatedAt,
		...(archived && { isArchived: true, archivedAt: appsCreatedAt }),
		...(method && { method }),
		latestSync: { ...latestSync, ...at, status: sync, ...(error !== undefined && { error }) },
	};
}

/** Field names of v1's events: tags in the source (pkg/cqrs/events.go), and in its specification (v1.json, Event). */
const SPECIFIED: Record<string, string> = {
	account_id: "accountID",
	environment_id: "environmentID",
	source_id: "sourceID",
	received_at: "receivedAt",
};

/** A v1 response: adds its environment and, for a run, its true status. */
export function ofV1(value: unknown, environment: CloudEnvironment, account: Account, options: CloudOptions): unknown {
	if (Array.isArray(value)) return value.map((item) => ofV1(item, environment, account, options));
	if (!isObject(value)) return value;
	const isEvent = value.internal_id !== undefined && value.received_at !== undefined;
	const run = environment.run(text(value.run_id));
	const known: Json = {
		environment_id: environment.id,
		env_id: environment.id,
		wsID: environment.id,
		account_id: account.id,
		aID: account.id,
		...(run && { status: run.status === "QUEUED" ? "Scheduled" : capitalised(run.status) }),
	};
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => {
			const kept = PAYLOADS.has(key) || (isEvent && key === "data");
			const name = isEvent && options.v1Names === "specification" ? (SPECIFIED[key] ?? key) : key;
			return [name, known[key] ?? (kept ? item : ofV1(item, environment, account, options))];
		}),
	);
}

const capitalised = (status: string): string => status.charAt(0) + status.slice(1).toLowerCase();

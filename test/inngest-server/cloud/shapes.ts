/** Turns what the in-memory server answers into what Inngest Cloud does: shapes, ids, environments. */
import { isObject, type Json, text } from "../json.ts";
import type { Account } from "./account.ts";
import type { CloudEnvironment } from "./environment.ts";
import type { CloudOptions } from "./options.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
/** What strangers wrote: never touched. */
const PAYLOADS = new Set(["input", "output", "values", "user"]);

/** A path or a cursor with its ULIDs in upper case, as the store knows them. */
export const raised = (part: string): string => (ULID.test(part) ? part.toUpperCase() : part);

/** The same answer with its ULIDs in lower case. */
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

/** An answer of v2 about things of this message. */
export function ofV2(body: Json, message: string, environment: CloudEnvironment, options: CloudOptions): Json {
	const reshape = ITEMS[message];
	const { data } = body;
	if (reshape === undefined || data === undefined) return body;
	const one = (item: unknown) => (isObject(item) ? reshape(item, environment, options) : item);
	return { ...body, data: Array.isArray(data) ? data.map(one) : one(data) };
}

/** UNSPECIFIED is the zero value, which is not written. */
function runShape(run: Json, _: CloudEnvironment, { skippedWithoutTimes }: CloudOptions): Json {
	const { status, ...rest } = run;
	if (status === "UNSPECIFIED") return rest;
	if (status !== "SKIPPED" || !skippedWithoutTimes) return run;
	const { startedAt, endedAt, durationMs, ...bare } = run;
	return bare;
}

/** The status of a span is one of its own enum, which lacks PAUSED; there UNKNOWN is the zero value. */
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

function appShape(app: Json, environment: CloudEnvironment): Json {
	const { archived, sync = "success", error, method, ...at } = environment.apps.get(text(app.id)) ?? {};
	const { url, ...sdk } = isObject(app.latestSync) ? app.latestSync : {};
	// Only what is synced by its address has one (service.proto, AppSync).
	const latestSync = method === "CONNECT" ? sdk : { url, ...sdk };
	return {
		...app,
		...(archived && { isArchived: true, archivedAt: app.createdAt }),
		...(method && { method }),
		latestSync: { ...latestSync, ...at, status: sync, ...(error !== undefined && { error }) },
	};
}

/** Names of v1's events: the tags of the source (pkg/cqrs/events.go), and those of its specification (v1.json, Event). */
const SPECIFIED: Record<string, string> = {
	account_id: "accountID",
	environment_id: "environmentID",
	source_id: "sourceID",
	received_at: "receivedAt",
};

/** An answer of v1: whose it is, and of a run the status that it has. */
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

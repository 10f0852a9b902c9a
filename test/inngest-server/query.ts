/** Parses v2's requests: queries, pages and bodies; and gives the gateway's errors for invalid ones. */
import { goSyntaxError, isObject, type Json, text } from "./json.ts";
import { type ApiError, badField, gateway, many, type Reply } from "./reply.ts";
import type { RunQuery } from "./store.ts";
import { protoNanos, rfc3339Micros } from "./times.ts";

const FAR = 8e18;
const STATUSES = new Set(["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]);

/** A request for a list of runs. */
export interface ListQuery extends RunQuery {
	includeOutput: boolean;
	/** Returned if both ends are given. */
	timeRange: { from: string; until: string } | undefined;
}

/** Parses the query of a list of runs; `app` and `fn` if the path names them. */
export function listQuery(query: URLSearchParams, app?: string, fn?: string): ListQuery {
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
	const by = field.startsWith("ENDED") ? "end_time" : "start_time";
	return {
		includeOutput,
		statuses: statuses.length > 0 ? new Set(statuses) : undefined,
		apps: apps.length > 0 ? new Set(apps) : undefined,
		functions: functions.length > 0 ? new Set(functions) : undefined,
		from: from?.micros ?? 0,
		until: until?.micros ?? FAR,
		field: by,
		order: order === "ASC" ? "ASC" : "DESC",
		cursor: cursor && { id: cursor.id, key: cursor.keys[by] ?? 0 },
		limit,
		timeRange: from && until && { from: from.text, until: until.text },
	};
}

/** The cursor after a run; `key`: the time by which it is listed, in microseconds. */
export const cursorAfter = (id: string, key: number, field: RunQuery["field"]): string =>
	Buffer.from(JSON.stringify({ id, c: { [field]: { f: field, v: key } } })).toString("base64");

/** An error of protobuf's JSON parser, which has a no-break space where a space would be expected. */
export const proto = (message: string): ApiError => gateway(`proto:\u00a0${message}`);

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

export function bool(query: URLSearchParams, name: string, field: string): boolean {
	const value = single(query, name, name === field ? "" : field, field);
	if (value === undefined || ["0", "f", "F", "false", "False", "FALSE"].includes(value)) return false;
	if (["1", "t", "T", "true", "True", "TRUE"].includes(value)) return true;
	throw gateway(`parsing field "${field}": strconv.ParseBool: parsing "${value}": invalid syntax`);
}

export function int(query: URLSearchParams, name: string): number {
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

export function page(
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

/** A page of things listed by UUID; the last one is the cursor. */
export function paged(query: URLSearchParams, all: { uuid: string; body: Json }[]): Reply {
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

/** The fields of a body; protobuf refuses unknown ones. */
export function fields(body: string, known: string[]): Json {
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

export function refuseUnknown(value: Json, body: string, known: string[]): void {
	for (const key of Object.keys(value)) {
		const at = body.indexOf(JSON.stringify(key)) + 1;
		if (!known.includes(key)) throw proto(`(line 1:${at}): unknown field ${JSON.stringify(key)}`);
	}
}

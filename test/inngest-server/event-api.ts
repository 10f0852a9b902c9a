/** The event API: `POST /e/{key}`. */
import { parseSeed, type Seed, seededUlid, ulid } from "./ids.ts";
import { goKind, goSyntaxError, isObject, type Json, scanValue } from "./json.ts";
import { json, jsonAsText, type Reply, type Req } from "./reply.ts";
import type { StoredEvent } from "./store.ts";

const MAX_EVENTS = 5_000;
const MAX_SIZE = 3 * 1024 * 1024;
const FIRST_TS = Date.UTC(1980, 0, 1);
const LAST_TS = Date.UTC(2100, 0, 1);
const NOT_AN_EVENT = "Request body must contain an event object or an array of event objects";

const FIELDS: [name: string, kind: string, goType: string][] = [
	["id", "string", "string"],
	["name", "string", "string"],
	["data", "object", "map[string]interface {}"],
	["v", "string", "string"],
	["user", "object", "map[string]interface {}"],
	[
		"meta",
		"object",
		'struct { Sessions json.RawMessage "json:\\"sessions\\""; PropagatedSessions event.Sessions "json:\\"propagated_sessions\\"" }',
	],
];

/** Go's message for an event that it can't decode, or that is invalid. */
function complaint(value: unknown): string | undefined {
	if (!isObject(value)) return `json: cannot unmarshal ${goKind(value)} into Go value of type event.raw`;
	for (const [name, kind, goType] of FIELDS) {
		const field = value[name];
		if (field === undefined || field === null || goKind(field) === kind) continue;
		return `json: cannot unmarshal ${goKind(field)} into Go struct field raw.${name} of type ${goType}`;
	}
	const { ts, name } = value;
	if (ts !== undefined && ts !== null && !Number.isSafeInteger(ts)) {
		const got = typeof ts === "number" ? `number ${ts}` : goKind(ts);
		return `json: cannot unmarshal ${got} into Go struct field raw.ts of type int64`;
	}
	return invalid(typeof name === "string" ? name : "", typeof ts === "number" ? ts : 0);
}

/** What is wrong with an event's name and time. */
export function invalid(name: string, ts: number): string | undefined {
	if (/^inngest\//i.test(name)) return `event name is reserved for internal use: ${name}`;
	if (name === "") return "event name is empty";
	if (ts !== 0 && ts < FIRST_TS) return "timestamp is before Jan 1, 1980";
	if (ts > LAST_TS) return "timestamp is after Jan 1, 2100";
	return undefined;
}

/** An event as stored. */
export function eventOf(value: Json, internalId: string, receivedAt: number): StoredEvent {
	const { id, name, data, user, ts, v } = value;
	const kept = isObject(data) ? data : {};
	if ("_inngest" in kept) delete kept._inngest;
	return {
		internalId,
		id: typeof id === "string" && id !== "" ? id : internalId,
		name: typeof name === "string" ? name : "",
		data: kept,
		user: isObject(user) ? user : {},
		ts: typeof ts === "number" && ts !== 0 ? ts : receivedAt,
		v: typeof v === "string" ? v : "",
		receivedAt,
	};
}

/** The events in a body up to the first that isn't JSON, and Go's message about that. */
function parse(body: string): { events: unknown[]; error?: string } {
	try {
		const parsed: unknown = JSON.parse(body);
		if (Array.isArray(parsed)) return { events: parsed };
		return isObject(parsed) ? { events: [parsed] } : { events: [], error: NOT_AN_EVENT };
	} catch {
		return parseBroken(body.trimStart());
	}
}

function parseBroken(body: string): { events: unknown[]; error?: string } {
	if (body === "") return { events: [] };
	if (body.startsWith("{")) return { events: [], error: goSyntaxError(body) };
	if (!body.startsWith("[")) return { events: [], error: NOT_AN_EVENT };
	const events: unknown[] = [];
	let i = 1;
	for (;;) {
		while (/[\s,]/.test(body.charAt(i))) i++;
		// Go's decoder accepts an array that is unclosed or closed wrongly.
		if (i >= body.length || body.charAt(i) === "]" || body.charAt(i) === "}") return { events };
		const scanned = scanValue(body, i);
		if ("error" in scanned) return { events, error: scanned.error };
		events.push(JSON.parse(body.slice(i, scanned.end)));
		i = scanned.end;
	}
}

/** Accepts events in order until one is bad: those before it remain accepted. */
export function receiveEvents(req: Req, accept: (event: StoredEvent) => void): Reply {
	const seedHeader = req.headers["x-inngest-event-id-seed"];
	const seed: Seed | undefined = parseSeed(Array.isArray(seedHeader) ? seedHeader[0] : seedHeader);
	let { events, error } = parse(req.body);
	if (events.length > MAX_EVENTS) {
		error = `Cannot have more than ${MAX_EVENTS} events in a batch`;
		events = events.slice(0, MAX_EVENTS);
	}
	// When the server stops reading, it usually forgets the last event read (a race).
	if (error !== undefined) events = events.slice(0, -1);
	const single = !req.body.trimStart().startsWith("[");
	const receivedAt = Date.now();
	const ids: string[] = [];
	for (const value of events) {
		const problem = complaint(value) ?? tooLarge(req.body, single, value);
		if (problem !== undefined || !isObject(value)) {
			error = problem;
			break;
		}
		const id = seed ? seededUlid(seed, ids.length + 1) : ulid(receivedAt);
		accept(eventOf(value, id, receivedAt));
		ids.push(id);
	}
	const answer = { ids: ids.length > 0 ? ids : [""], status: error === undefined ? 200 : 400, ...(error && { error }) };
	return jsonAsText(answer, answer.status);
}

function tooLarge(body: string, single: boolean, value: unknown): string | undefined {
	if (body.length <= MAX_SIZE) return undefined;
	const size = Buffer.byteLength(single ? body : JSON.stringify(value));
	return size > MAX_SIZE ? `Event is over the max size: Max ${MAX_SIZE} bytes / Size ${size} bytes` : undefined;
}

export const wrongEventKey = (): Reply => json({ status: 401, message: "", error: "Event key not found" }, 401);

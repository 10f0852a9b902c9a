/** Inngest Cloud's v2 where it differs from OSS as implemented by the in-memory server. */
import { ulid } from "../ids.ts";
import { isObject, type Json, text } from "../json.ts";
import { ApiError, badField, gateway, json, many, notImplemented, one, type Reply, type Req } from "../reply.ts";
import { protoMs } from "../times.ts";
import type { Account } from "./account.ts";
import type { CloudEnvironment } from "./environment.ts";
import { tooLarge } from "./events.ts";
import type { CloudOptions } from "./options.ts";
import { MESSAGES } from "./proto.ts";
import type { Route } from "./routes.ts";
import { ofV2 } from "./shapes.ts";

/** An admitted request. */
export interface Ask {
	req: Req;
	route: Route;
	environment: CloudEnvironment;
	account: Account;
	options: CloudOptions;
}

const EXTRA = ["SKIPPED", "PAUSED", "UNKNOWN"];
const BEGINNING = Date.parse("2024-01-10T09:15:00Z");

/** Cloud's own responses; if undefined, the in-memory server responds. */
const OWN: Record<string, (ask: Ask) => Reply | undefined> = {
	"GET /v2/envs": ({ req, account }) => environments(req.query, account),
	"GET /v2/account": ({ account }) =>
		one({ id: account.id, name: "Shop", email: "team@shop.example", createdAt: at(0), updatedAt: at(0) }),
	"GET /v2/keys/events": noKeys,
	"GET /v2/keys/signing": noKeys,
	"POST /v2/events": sendEvent,
	"POST /v2/apps/*/syncs": sync,
	"POST /v2/apps/*/functions/*/invoke": invoke,
	"POST /v2/insights/query": query,
	"GET /v2/insights/tables": ({ options }) => listed(options.insights?.tables ?? []),
	"GET /v2/insights/events/schemas": ({ options }) => listed(options.insights?.schemas ?? []),
};

export function answerV2(ask: Ask): Reply {
	const { req, route, environment, options } = ask;
	try {
		refuseUnknown(req, route);
		const own = OWN[route.name]?.(ask);
		if (own) return own;
		const reply = environment.v2.handle({ ...req, query: asked(ask) });
		const message = itemsOf(route);
		if (message === undefined || reply.status !== 200 || !isObject(reply.body)) return reply;
		return { ...reply, body: onlyWanted(ask, ofV2(reply.body, message, environment, options)) };
	} catch (error) {
		if (error instanceof ApiError) return error.reply;
		throw error;
	} finally {
		environment.store.also = new Set();
	}
}

/** The message of the items in a response's `data`. */
function itemsOf({ answers = "" }: Route): string | undefined {
	return MESSAGES.get(answers)?.fields.find(({ json }) => json === "data")?.type;
}

/** Refuses a field that the request's message lacks, like protobuf's parser. */
function refuseUnknown({ body }: Req, { takes }: Route): void {
	const known = MESSAGES.get(takes ?? "")?.fields;
	if (known === undefined) return;
	const given = read(body);
	for (const key of isObject(given) ? Object.keys(given) : []) {
		if (known.some(({ json, name }) => key === json || key === name)) continue;
		const where = body.indexOf(JSON.stringify(key)) + 1;
		throw gateway(`proto:\u00a0(line 1:${where}): unknown field ${JSON.stringify(key)}`);
	}
}

/** The query for the in-memory server; statuses that it doesn't know go to the store separately. */
function asked({ req, route, environment, options }: Ask): URLSearchParams {
	const query = new URLSearchParams(req.query);
	if (route.name === "GET /v2/apps") query.delete("archived");
	if (options.statuses === "1.43" || !route.name.endsWith("/runs")) return query;
	const statuses = query.getAll("status").map((one) => one.trim().toUpperCase());
	environment.store.also = new Set(statuses.filter((one) => EXTRA.includes(one)));
	query.delete("status");
	for (const one of statuses) if (!EXTRA.includes(one)) query.append("status", one);
	return query;
}

/** Archived apps are listed only on request. */
function onlyWanted({ req, route }: Ask, body: Json): Json {
	if (route.name !== "GET /v2/apps" || !Array.isArray(body.data)) return body;
	const archived = req.query.get("archived") === "true";
	const { data, ...rest } = body;
	const wanted = data.filter((app) => isObject(app) && (app.isArchived === true) === archived);
	return wanted.length > 0 ? { ...rest, data: wanted } : rest;
}

const at = (index: number): string => protoMs(BEGINNING + index * 86_400_000);

/** PRODUCTION is the enum's zero value, which is omitted. The limits are the source's. */
function environments(query: URLSearchParams, { environments: all }: Account): Reply {
	const limit = Number(query.get("limit") ?? 50);
	if (!(limit >= 1)) throw badField("Limit must be at least 1");
	if (limit > 250) throw badField("Limit cannot exceed 250");
	const first = all.findIndex(({ id }) => id === query.get("cursor")) + 1;
	const shown = all.slice(first, first + limit);
	const data = shown.map(({ id, name, type, archived }, i) => ({
		createdAt: at(first + i),
		id,
		...(archived && { isArchived: true }),
		name,
		...(type !== "PRODUCTION" && { type }),
	}));
	return many(data, { limit, hasMore: first + limit < all.length, cursor: shown.at(-1)?.id });
}

/** The double never gives out keys. */
function noKeys(): Reply {
	throw new ApiError(403, "access_denied", "Keys can't be read here");
}

function sendEvent({ req, environment, options }: Ask): Reply | undefined {
	const large = tooLarge(req, options);
	if (large !== undefined) throw new ApiError(413, "invalid_request", large);
	if (!environment.archived || !options.archivedRefuse) return undefined;
	throw new ApiError(403, "access_denied", "Cannot send events to an archived environment");
}

const partOf = ({ req }: Ask, index: number): string => decodeURIComponent(req.path.split("/")[index] ?? "");

/** A failed sync has the same shape as a successful one (service.proto, SyncApp). */
function sync(ask: Ask): Reply {
	const given = read(ask.req.body);
	if (!isObject(given) || text(given.url) === "") throw new ApiError(400, "missing_field", "URL is required");
	const appId = partOf(ask, 3);
	const state = ask.environment.apps.get(appId) ?? {};
	const { sync: status = "success", error } = state;
	if (status !== "error")
		ask.environment.setApp(appId, { ...state, url: text(given.url), syncedAt: protoMs(Date.now()) });
	const failure = { code: "app_sync_failed", message: error ?? "Could not reach the app" };
	return one(
		{ id: ulid(), status, appId, ...(status === "error" && { error: failure }) },
		status === "error" ? 422 : 200,
	);
}

/** Wording from pkg/api/v2/endpoints_function.go. */
const REFUSED = {
	rate_limited: "Function execution rate limit exceeded. Please try again later.",
	function_debounced: "Function invocation was debounced.",
	function_skipped: "Function invocation was skipped because the function is paused or draining.",
};

function invoke(ask: Ask): Reply | undefined {
	const state = ask.environment.store.states.get(`${partOf(ask, 3)}/${partOf(ask, 5)}`) ?? {};
	const code = state.invoke ?? (state.paused ? "function_skipped" : undefined);
	if (code === undefined) return undefined;
	// A debounce delays a run but does not prevent it (measured).
	if (code === "function_debounced") ask.environment.v2.handle(ask.req);
	throw new ApiError(422, code, REFUSED[code]);
}

function query({ req, options }: Ask): Reply {
	const given = read(req.body);
	const sql = isObject(given) ? text(given.query) : "";
	if (sql === "") throw new ApiError(400, "missing_field", "Query is required");
	if (options.insights?.query === undefined) throw notImplemented("The double has no answer to queries");
	const found = options.insights.query(sql);
	if ("error" in found) throw new ApiError(422, "validation_error", found.error);
	return one(found.data);
}

const listed = (data: readonly Json[]): Reply =>
	data.length > 0 ? one(data) : json({ metadata: { fetchedAt: at(0) } });

function read(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
}

/**
 * The routes of the REST API: each one's response in terms of the proto, the grant that it needs, and what it changes. The grants of v2 are
 * Inngest's (its source since September 2026: pkg/api/v2/apiv2base/testdata/grant_catalog.json), except `api:event:write`, which is the
 * double's choice, as are v1's, which takes no API key.
 */

export type Grant = `api:${string}:${"read" | "write"}`;
/** What a request that changes something does. */
export type Change = "send" | "invoke" | "rerun" | "cancel" | "cancel many" | "sync" | "signal" | "other";

export interface Route {
	/** `GET /v2/runs/*`: each `*` is one part of a path. */
	name: string;
	/** The message of its response and, if any, of its body. */
	answers?: string;
	takes?: string;
	grant: Grant;
	change?: Change;
	/** It concerns the account: it needs no environment. */
	ofAccount?: true;
}

const V2: readonly Route[] = [
	{ name: "GET /v2/health", ofAccount: true, answers: "HealthResponse", grant: "api:account:read" },
	{ name: "GET /v2/account", ofAccount: true, answers: "FetchAccountResponse", grant: "api:account:read" },
	{ name: "GET /v2/envs", ofAccount: true, answers: "FetchAccountEnvsResponse", grant: "api:env:read" },
	{ name: "GET /v2/runs", answers: "ListRunsResponse", grant: "api:run:read" },
	{ name: "GET /v2/runs/*", answers: "GetFunctionRunResponse", grant: "api:run:read" },
	{ name: "GET /v2/runs/*/trace", answers: "GetFunctionTraceResponse", grant: "api:run:read" },
	{
		name: "POST /v2/runs/*/cancel",
		answers: "CancelRunResponse",
		takes: "CancelRunRequest",
		grant: "api:run:write",
		change: "cancel",
	},
	{
		name: "POST /v2/runs/*/rerun",
		answers: "RerunResponse",
		takes: "RerunRequest",
		grant: "api:run:write",
		change: "rerun",
	},
	{
		name: "POST /v2/events",
		answers: "SendEventResponse",
		takes: "SendEventRequest",
		grant: "api:event:write",
		change: "send",
	},
	{ name: "GET /v2/events/*/runs", answers: "GetEventRunsResponse", grant: "api:run:read" },
	{ name: "GET /v2/apps", answers: "GetAppsResponse", grant: "api:app:read" },
	{ name: "GET /v2/apps/*", answers: "GetAppResponse", grant: "api:app:read" },
	{
		name: "POST /v2/apps/*/syncs",
		answers: "SyncAppResponse",
		takes: "SyncAppRequest",
		grant: "api:app:write",
		change: "sync",
	},
	{ name: "GET /v2/apps/*/functions", answers: "GetFunctionsResponse", grant: "api:function:read" },
	{ name: "GET /v2/apps/*/functions/*", answers: "GetFunctionResponse", grant: "api:function:read" },
	{ name: "GET /v2/apps/*/functions/*/runs", answers: "ListFunctionRunsResponse", grant: "api:run:read" },
	{
		name: "POST /v2/apps/*/functions/*/invoke",
		answers: "InvokeFunctionResponse",
		takes: "InvokeFunctionRequest",
		grant: "api:function:write",
		change: "invoke",
	},
	{
		name: "POST /v2/insights/query",
		answers: "QueryInsightsResponse",
		takes: "QueryInsightsRequest",
		grant: "api:insight:read",
	},
	{ name: "GET /v2/insights/tables", answers: "ListInsightsTablesResponse", grant: "api:insight:read" },
	{ name: "GET /v2/insights/events/schemas", answers: "ListInsightsEventSchemasResponse", grant: "api:insight:read" },
	{ name: "GET /v2/keys/events", grant: "api:key:read" },
	{ name: "GET /v2/keys/signing", grant: "api:key:read" },
];

const V1: readonly Route[] = [
	{ name: "DELETE /v1/runs/*", grant: "api:run:write", change: "cancel" },
	{ name: "POST /v1/cancellations", grant: "api:run:write", change: "cancel many" },
	{ name: "DELETE /v1/cancellations/*", grant: "api:run:write", change: "other" },
	{ name: "POST /v1/signals", grant: "api:run:write", change: "signal" },
];

const KNOWN = [...V2, ...V1].map((route) => ({
	route,
	pattern: new RegExp(`^${route.name.replaceAll("*", "[^/]+")}$`),
}));

/** A request's route; an unknown one counts as a read or a change by its method. */
export function routeOf(method: string, path: string): Route {
	const name = `${method} ${path}`;
	const known = KNOWN.find(({ pattern }) => pattern.test(name))?.route;
	if (known) return known;
	const read: Route = { name, grant: "api:other:read" };
	return method === "GET" || method === "HEAD" ? read : { ...read, grant: "api:other:write", change: "other" };
}

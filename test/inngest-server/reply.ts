/** Responses, and the requests that lead to them. */
import type { IncomingHttpHeaders } from "node:http";
import { protoNow } from "./times.ts";

export interface Reply {
	status: number;
	/** JSON unless it is a string. */
	body: unknown;
	contentType: string | undefined;
	headers?: Record<string, string>;
}

export interface Req {
	method: string;
	path: string;
	query: URLSearchParams;
	headers: IncomingHttpHeaders;
	body: string;
}

const TEXT = "text/plain; charset=utf-8";

export const json = (body: unknown, status = 200): Reply => ({ status, body, contentType: "application/json" });
/** JSON with the newline that Go's encoder ends with. */
export const goJson = (body: unknown, status = 200): Reply => json(`${JSON.stringify(body)}\n`, status);
export const plain = (body: string, status: number): Reply => ({ status, body, contentType: TEXT });
export const empty = (status: number, contentType?: string): Reply => ({ status, body: "", contentType });
/** The same, labelled as text. */
export const jsonAsText = (body: unknown, status: number): Reply => plain(`${JSON.stringify(body)}\n`, status);

export const routeNotFound = (): Reply => plain("404 page not found\n", 404);
export const unauthenticated = (): Reply => plain("Authentication failed\n", 401);

/** An error of v2. */
export class ApiError extends Error {
	readonly status: number;
	readonly code: string;

	constructor(status: number, code: string, message: string) {
		super(message);
		this.status = status;
		this.code = code;
	}

	get reply(): Reply {
		return json({ errors: [{ code: this.code, message: this.message }] }, this.status);
	}
}

export const notFound = (what: string): ApiError => new ApiError(404, "not_found", `${what} not found`);
export const badField = (message: string): ApiError => new ApiError(400, "invalid_field_format", message);
export const notImplemented = (message: string): ApiError => new ApiError(501, "not_implemented", message);
/** Errors by the gateway in front of v2. */
export const gateway = (message: string, status = 400): ApiError => new ApiError(status, "api_error", message);

/** A v2 response with one thing. */
export const one = (data: unknown, status = 200): Reply => json({ data, metadata: { fetchedAt: protoNow() } }, status);

export interface Page {
	cursor?: string | undefined;
	hasMore?: boolean;
	limit?: number;
}

/** A v2 response with a list: without `data` if empty, without `hasMore` if false. */
export function many(data: unknown[], page: Page, timeRange?: { from: string; until: string }): Reply {
	const { cursor, hasMore, limit } = page;
	return json({
		...(data.length > 0 && { data }),
		metadata: { fetchedAt: protoNow(), ...(timeRange && { timeRange }) },
		page: { ...(hasMore && { cursor, hasMore }), ...(limit !== undefined && { limit }) },
	});
}

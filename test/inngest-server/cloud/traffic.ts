/** Requests to the Cloud double, its responses, and what it records of both. */
import type { Account } from "./account.ts";
import type { Change } from "./routes.ts";

export interface CloudAsked {
	host: string;
	method: string;
	/** Path and query. */
	url: string;
	/** Header names in lower case. */
	headers: Record<string, string | undefined>;
	body: string;
}

export interface CloudReply {
	status: number;
	headers: Record<string, string>;
	body: string;
}

/** A received request and its result. */
export interface CloudReceived {
	host: string;
	method: string;
	/** Path and query, with `$INNGEST_EVENT_KEY` instead of an event key. */
	url: string;
	/** Whose key it was, e.g. `signing key of Production`; undefined if none. */
	key: string | undefined;
	/** What `X-Inngest-Env` said. */
	env: string | undefined;
	/** The environment that admitted it. */
	environment: string | undefined;
	/** What it was to change there. */
	change: Change | undefined;
	/** Without the authorisation. */
	headers: Record<string, string | undefined>;
	/** Its first 2,000 characters. */
	body: string;
	/** 0: the connection was closed. */
	status: number;
}

export const API = "api.inngest.com";
export const EVENTS = "inn.gs";

/** The token of `Authorization: Bearer …`; "" without one. */
export function tokenOf({ authorization = "" }: CloudAsked["headers"]): string {
	const [scheme, token = ""] = authorization.split(" ");
	return scheme === "Bearer" ? token : "";
}

/** The key in `/e/{key}`. */
export const eventKeyOf = (path: string): string | undefined => {
	const key = /^\/e\/([^/?]+)(?:\?.*)?$/.exec(path)?.[1];
	return key === undefined ? undefined : decodeURIComponent(key);
};

/** What is recorded of a request before it is evaluated. */
export function received({ host, method, url, headers, body }: CloudAsked, account: Account): CloudReceived {
	const { authorization, ...rest } = headers;
	const key = host === EVENTS ? eventKeyOf(url) : authorization === undefined ? undefined : tokenOf(headers);
	return {
		host,
		method,
		url: host === EVENTS ? url.replace(/^\/e\/[^/?]+/, "/e/$INNGEST_EVENT_KEY") : url,
		key: key === undefined ? undefined : (account.holder(key)?.label ?? "unknown key"),
		env: headers["x-inngest-env"],
		environment: undefined,
		change: undefined,
		headers: rest,
		body: body.slice(0, 2_000),
		status: 0,
	};
}

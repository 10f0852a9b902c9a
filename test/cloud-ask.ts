/** Sends requests to the Cloud double directly, without the skill. */
import type { Cloud } from "./inngest-server/cloud.ts";
import { isObject, type Json } from "./inngest-server/json.ts";

export interface Asking {
	/** For v1 and v2. */
	key?: string | undefined;
	/** X-Inngest-Env. */
	env?: string | undefined;
	/** JSON, or text that is sent as is. */
	body?: unknown;
	headers?: Record<string, string>;
}

export interface Answered {
	status: number;
	headers: Record<string, string>;
	body: Json;
	text: string;
}

/** `GET /v2/runs`; paths that begin with `/e/` go to the event API. */
export async function ask(cloud: Cloud, what: string, { key, env, body, headers }: Asking = {}): Promise<Answered> {
	const [method = "", url = ""] = what.split(" ");
	const reply = await cloud.answer({
		host: url.startsWith("/e/") ? "inn.gs" : "api.inngest.com",
		method,
		url,
		headers: {
			...(key !== undefined && { authorization: `Bearer ${key}` }),
			...(env !== undefined && { "x-inngest-env": env }),
			...headers,
		},
		body: body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body),
	});
	if (reply === undefined) throw new Error("the connection was cut");
	const parsed: unknown = /^[[{]/.test(reply.body) ? JSON.parse(reply.body) : {};
	return { status: reply.status, headers: reply.headers, body: isObject(parsed) ? parsed : {}, text: reply.body };
}

/** Inngest Cloud's v1: like the in-memory server's, except for environments and cancellations in the background. */
import type { Reply } from "../reply.ts";
import { ofV1 } from "./shapes.ts";
import type { Ask } from "./v2.ts";

export function answerV1(ask: Ask): Reply {
	const { req, environment, account, options } = ask;
	const reply = cancellation(ask) ?? environment.v1.handle(req);
	if (typeof reply.body !== "string" || !/^[[{]/.test(reply.body)) return reply;
	const body = ofV1(JSON.parse(reply.body), environment, account, options);
	return { ...reply, body: `${JSON.stringify(body)}\n` };
}

function cancellation({ req, environment: { cancellations } }: Ask): Reply | undefined {
	const [, id] = /^\/v1\/cancellations(?:\/(.+))?$/.exec(req.path) ?? [];
	if (!req.path.startsWith("/v1/cancellations")) return undefined;
	if (req.method === "POST") return cancellations.create(req.body);
	if (req.method === "DELETE" && id !== undefined) return cancellations.delete(id);
	return req.method === "GET" ? cancellations.list() : undefined;
}

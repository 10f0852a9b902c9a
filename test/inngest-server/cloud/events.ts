/** Inngest Cloud's event API, `POST https://inn.gs/e/{key}`: the key decides the environment; request sizes are limited by plan. */
import { receiveEvents } from "../event-api.ts";
import { json, type Reply, type Req } from "../reply.ts";
import type { StoredEvent } from "../store.ts";
import type { CloudEnvironment } from "./environment.ts";
import { type CloudOptions, PLANS } from "./options.ts";

const failed = (status: number, error: string): Reply => json({ error, status }, status);

export const wrongKey = ({ wrongEventKey = 404 }: CloudOptions): Reply => failed(wrongEventKey, "Event key not found");
export const notFor = (status: number, message: string): Reply => failed(status, message);

/** An empty array starts and stores nothing: it shows whether a key is valid. */
export const isProbe = (body: string): boolean => /^\s*\[\s*\]\s*$/.test(body);

/** The maximum bytes of a request; the refusal's wording is a choice. */
export function tooLarge({ body }: Req, { plan = "free" }: CloudOptions): string | undefined {
	const { bytes } = PLANS[plan];
	return Buffer.byteLength(body) > bytes ? `Request body cannot exceed ${bytes} bytes` : undefined;
}

/** Accepts events: those before a bad one, like OSS, or none of a request that contains one. */
export function takeEvents(req: Req, environment: CloudEnvironment, options: CloudOptions): Reply {
	const large = tooLarge(req, options);
	if (large !== undefined) return failed(413, large);
	if (environment.archived && options.archivedRefuse)
		return failed(403, "Cannot send events to an archived environment");
	const taken: StoredEvent[] = [];
	const reply = receiveEvents(req, (event) => taken.push(event));
	if (reply.status !== 200 && options.refuseWholeBatch) {
		const { error } = JSON.parse(String(reply.body));
		return failed(reply.status, String(error));
	}
	const wrong = options.refuses && taken.map(options.refuses).find((one) => one !== undefined);
	if (wrong !== undefined) return failed(400, wrong);
	for (const event of taken) environment.accept(event);
	return reply;
}

/** What Inngest's own server says otherwise than Inngest Cloud, put right where it comes in. No I/O. */
import { ENDS } from "../text/nouns.ts";
import type { Request } from "./request.ts";

const isRun = (item: unknown): item is Record<string, unknown> =>
	typeof item === "object" && item !== null && "status" in item;

/**
 * The same answer with the true status of each run. `GET /v2/runs/{id}` on OSS answers with the status of the run's
 * latest span while the run goes on (recorded: COMPLETED while sleeping, FAILED while retrying), but gives `endedAt`
 * only at its end.
 */
export function withTrueStatuses({ method, path }: Request, body: unknown): unknown {
	const ofRuns = method === "GET" && /^\/v2\/(runs(\/[^/]+)?|events\/[^/]+\/runs)$/.test(path);
	if (!ofRuns || typeof body !== "object" || body === null || !("data" in body)) return body;
	const { data } = body;
	const corrected = (item: unknown): unknown =>
		isRun(item) && ENDS.some((status) => status === item.status) && !item.endedAt
			? { ...item, status: "RUNNING" }
			: item;
	return { ...body, data: Array.isArray(data) ? data.map(corrected) : corrected(data) };
}

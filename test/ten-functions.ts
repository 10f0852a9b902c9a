/** Ten functions in two windows of an hour, some worse, new, gone or better: for the cost of a comparison. */
import type { SeedSpec } from "./inngest-server/seeds.ts";

const HOUR = 3_600_000;

/** As of `now` (ms); of `app`. */
export function tenFunctions(app: string, now: number): SeedSpec[] {
	const error = { message: "CRM answered 503 Service Unavailable" };
	const some = (name: string, hoursAgo: number, count: number, failed: number, durationMs: [number, number]) => {
		// Seeded runs are queued in the window and end in it.
		const of = { app, function: name, from: now - hoursAgo * HOUR, to: now - (hoursAgo - 0.95) * HOUR, durationMs };
		return [
			...(count > failed ? [{ ...of, count: count - failed }] : []),
			...(failed ? [{ ...of, count: failed, status: "FAILED", step: "push", error } as const] : []),
		];
	};
	const usual: [number, number] = [180, 950];
	return [
		...some("import-catalog", 1, 24, 14, usual),
		...some("import-catalog", 2, 48, 1, usual),
		...some("rebuild-search", 1, 30, 0, [8000, 12_000]),
		...some("rebuild-search", 2, 30, 0, [1500, 2500]),
		...some("charge-card", 1, 8, 6, usual),
		...some("nightly-cleanup", 2, 12, 0, usual),
		...some("send-digest", 1, 20, 0, usual),
		...some("send-digest", 2, 20, 13, usual),
		...["order-confirm", "stock-update", "sync-crm", "poll-inbox"].flatMap((name) => [
			...some(name, 1, 25, 1, usual),
			...some(name, 2, 24, 0, usual),
		]),
		...some("monthly-invoices", 1, 2, 1, usual),
		// The server's history goes further back.
		{ app, function: "monthly-invoices", count: 1, from: now - 9 * HOUR, to: now - 8 * HOUR },
	];
}

/** The data for measuring requests per answer: 20,000 runs in a week, of which 1,000 failed in three groups. */
import type { SeedSpec } from "../seeds.ts";

const HOUR = 3_600_000;

/** The number of runs, of failed ones, and of those already replayed successfully. */
export const MEASURED = { runs: 20_000, failed: 1_000, replayed: 60 };

/** Deterministic except for the time; rarely needed details are created on demand. The failures lie within `hours` (24). */
export function measuredRuns({ now = Date.now(), hours = 24 }: { now?: number; hours?: number } = {}): SeedSpec[] {
	const from = now - hours * HOUR;
	const failed = { app: "shop", status: "FAILED", from, to: now - HOUR } as const;
	const fine = { app: "shop", status: "COMPLETED", from, to: now } as const;
	return [
		{
			...failed,
			function: "import-catalog",
			step: "parse",
			count: 600,
			error: { name: "NonRetriableError", message: "column 'sku' missing in row {i}" },
			replayed: MEASURED.replayed,
		},
		{
			...failed,
			function: "sync-crm",
			step: "push",
			count: 300,
			attempts: 5,
			error: { message: "CRM answered 503 Service Unavailable" },
		},
		{
			...failed,
			function: "charge-card",
			step: "call-gateway",
			count: 100,
			error: { name: "NonRetriableError", message: "card declined: insufficient_funds" },
		},
		{ ...fine, function: "order-confirm", count: 8_000 },
		{ ...fine, function: "stock-update", count: 8_000 },
		{ ...fine, function: "import-catalog", count: 1_000 - MEASURED.replayed },
		{ ...fine, function: "charge-card", count: 2_000 },
	];
}

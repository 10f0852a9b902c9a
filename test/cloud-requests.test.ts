/** How many requests an answer takes on Inngest Cloud, where limits are per account: goals, and no request rejected. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, MEASURED, measuredRuns, openCloud } from "./inngest-server/cloud.ts";
import { aWorld } from "./world.ts";

let cloud: Cloud;
beforeAll(() => {
	// The app is new: of two functions that listen to an event, each of these started only one.
	cloud = openCloud({ appsCreatedAt: new Date().toISOString() });
	cloud.environment("Production").seedRuns(measuredRuns());
});
afterAll(() => cloud.close());

/** An answer on 20,000 runs, within this many requests. */
const within = (most: number, ...argv: string[]): Promise<string> => withinAt(Date.now(), most, ...argv);

async function withinAt(now: number, most: number, ...argv: string[]): Promise<string> {
	cloud.clear();
	const { signing } = cloud.environment("Production").keys;
	const env = cloud.env({ signing, api: cloud.keys.read, environment: "production" });
	const { text } = await callCloud(cloud, argv, env, aWorld({ env, now }));
	expect(cloud.budget.rejected).toBe(0);
	expect(cloud.budget.requests, text).toBeLessThanOrEqual(most);
	return text;
}

test("triage of 1,000 failures in three groups: 60, and it says how far it looked", async () => {
	const text = await within(60, "triage-failures", "--since", "25h");
	expect(text).toContain("1,000 failed runs of 3 functions in 3 groups");
	expect(text).toMatch(
		/^1\. 600x .* in step parse, .* replays checked only for the newest \d{3} events, \d+ later runs completed$/m,
	);
	expect(text).toMatch(/^2\. 300x .* in step push, first [^,]*, last [^,]*$/m);
	expect(text).toMatch(
		/^3\. 100x .* in step call-gateway, .* replays checked only for the newest \d\d events, \d+ later runs completed$/m,
	);
});

/** By list: the pages of the function's runs; by event: one request each. The rest of a plan takes few. */
const cheaper = (runs: number, failed: number) => Math.min(Math.ceil(runs / 100), failed);

test.each([
	["shop/sync-crm", 300, 300],
	["shop/import-catalog", 1_600, 600],
	["shop/charge-card", 2_100, 100],
])("the plan for the replays of %s: 40 more than the cheaper of list and events", async (name, runs, failed) => {
	const text = await within(40 + cheaper(runs, failed), "replay-runs", "--function", name, "--since", "25h");
	const before = name === "shop/import-catalog" ? MEASURED.replayed : 0;
	expect(text).toContain(`Replay ${failed - before} runs on Inngest Cloud, Production`);
	if (before) expect(text).toContain(`Omitted: ${before} events already replayed (${before} successfully, 0 not)`);
});

test("schedules: 20, and it says what it did not check", async () => {
	const cron = "*/5 * * * *";
	const from = new Date(Math.floor(Date.now() / 300_000) * 300_000 - 1_200_000).toISOString();
	cloud
		.environment("Production")
		.seedRuns(
			Array.from({ length: 30 }, (_, i) => ({ app: "clock", function: `f${i}`, cron, count: 1, from, to: from })),
		);
	const text = await within(20, "list-schedules");
	expect(text).toMatch(/^3\d schedules: no tick known to be missed since /);
	expect(text).toMatch(/^The runs of \d+ schedules were not read: --app APP or --function APP\/FUNCTION\.$/m);
});

test("health of 10,000 runs: 110", async () => {
	expect(await within(110, "report-health", "--max", "10000")).toContain("10,000 runs ended in the last 24h");
});

test("health and failures against the past: 120 each, then sampled, and it says so", async () => {
	const health = await within(120, "report-health", "--since", "12h", "--against", "previous");
	expect(health).toMatch(/ the 12h before: of \d+ functions, /);
	expect(health).toMatch(/^Sampled: the window and the one before had more runs than 120 requests can read; /m);
	const counted =
		/FROM runs WHERE ended_at >= now\(\) - INTERVAL 43200 SECOND AND ended_at < now\(\) - INTERVAL 0 SECOND GROUP BY/;
	expect(health).toMatch(counted);
	const named = await within(120, "report-health", "--function", "sync-crm", "--since", "12h", "--against", "previous");
	expect(named).not.toMatch(/Sampled|query-insights/);
	const failures = await within(120, "triage-failures", "--since", "25h", "--against", "7d");
	expect(failures).toMatch(
		/^1,000 failed runs in 3 groups in the last 25h; nothing to compare with: no run completed or failed in the 7d before /,
	);
});

test("a watch: 20, whatever there is", async () => {
	// The runs are from the last 24 h at any time of day: two days that end after now include all of them.
	const tomorrow = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
	const text = await withinAt(tomorrow + 120_000, 20, "watch", "--every", "24h", "--slots", "2");
	expect(text).toMatch(/^Failing, perhaps not new: shop\/import-catalog, .*«column 'sku' missing in row \d+»/m);
	expect(text).toMatch(/^Not checked: failures older than the newest 200\b/m);
});

test.each([
	["one function", ["--function", "shop/import-catalog"], 60],
	["an app", ["--app", "shop"], 110],
])("which replays of %s are planned by their payloads, which a list of events has", async (_, filter, most) => {
	const text = await within(most, "replay-runs", ...filter, "--since", "25h", "--match", "data.n=5");
	expect(text).toMatch(/^(Replay \d run|Nothing to replay)/);
});

test("a count of all 20,000 runs is of the newest 10,000: 101, and it says so", async () => {
	const text = await within(101, "list-runs", "--count", "--since", "25h");
	expect(text).toMatch(/^At least 10,000 runs that were queued in the last 25h: /);
	expect(text).toContain("Not all: only the newest 10,000 runs were read (--max), back to ");
	const query =
		"SELECT function_id, status, count() FROM runs WHERE queued_at >= now() - INTERVAL 90000 SECOND AND queued_at < now() - INTERVAL 0 SECOND GROUP BY function_id, status";
	const why = "(the count by Insights, some minutes late; the API key needs api:insight:read)";
	expect(text.split("\n").at(-1)).toBe(`Next: query-insights '${query}' --limit 100 ${why}`);
});

test("a hundred runs with their events, and a hundred events with their runs: ten each, not one per item", async () => {
	const runs = await within(10, "list-runs", "--with-events", "--limit", "100");
	expect(runs.match(/^ {2}shop\//gm)).toHaveLength(100);
	const events = await within(10, "list-events", "--with-runs", "--limit", "100");
	expect(events.match(/^ {2}[A-Z]+ shop\//gm)?.length).toBeGreaterThanOrEqual(100);
});

test("which of 2,000 events started runs: a list of the runs since the oldest", async () => {
	const text = await within(60, "list-events", "--count", "--with-runs", "--since", "2h");
	expect(text).toMatch(/^[\d,]+ events, .*: [\d,]+ started runs/);
});

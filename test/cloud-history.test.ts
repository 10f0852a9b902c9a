/** What Inngest Cloud no longer has is not reported as if it had never existed. */
import { afterEach, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, openCloud } from "./inngest-server/cloud.ts";

const HOUR = 3_600_000;
let cloud: Cloud;
afterEach(() => cloud.close());

/** A day of an account with this plan: three runs failed ten hours ago, and three thirty hours ago. */
async function told(plan: "free" | "pro", ...argv: string[]): Promise<string> {
	cloud = openCloud({ plan, forgets: true });
	const production = cloud.environment("Production");
	const ago = (hours: number) => Date.now() - hours * HOUR;
	const failed = { function: "import-catalog", count: 3, status: "FAILED", step: "parse" } as const;
	production.seedRuns([
		{ ...failed, from: ago(31), to: ago(30) },
		{ ...failed, from: ago(11), to: ago(10) },
	]);
	const { signing } = production.keys;
	const env = cloud.env({ signing, api: cloud.keys.write, environment: "production" });
	return (await callCloud(cloud, argv, env)).text;
}

const GONE = /^History before (\w+) ago may be gone: /m;
const beyond = (text: string) => GONE.exec(text)?.[1];

test.each(
	[
		["triage-failures"],
		["report-health"],
		["list-runs"],
		["list-runs", "--status", "failed"],
		["list-runs", "--order", "asc", "--limit", "2"],
		["list-events"],
		["replay-runs", "--app", "shop"],
		["replay-runs", "--app", "shop", "--status", "cancelled"],
	].map((argv) => [argv.join(" "), argv] as const),
)("%s", async (_, argv) => {
	expect(beyond(await told("free", ...argv, "--since", "6d"))).toBe("24h");
	// What is found is older than a day: the plan keeps more.
	if (!argv.includes("cancelled")) expect(beyond(await told("pro", ...argv, "--since", "6d"))).toBe(undefined);
	if (!argv.includes("cancelled")) expect(beyond(await told("pro", ...argv, "--since", "8d"))).toBe("7d");
	expect(beyond(await told("free", ...argv, "--since", "24h"))).toBe(undefined);
});

test("what a triage compares with may be gone, too", async () => {
	expect(beyond(await told("free", "triage-failures", "--against", "24h"))).toBe("24h");
	expect(beyond(await told("pro", "triage-failures", "--against", "24h"))).toBe(undefined);
	expect(beyond(await told("pro", "triage-failures", "--against", "7d"))).toBe("7d");
});

test("a list that goes on, and a triage that was not read to its end, have not come so far back", async () => {
	expect(beyond(await told("free", "list-runs", "--limit", "2", "--since", "6d"))).toBe(undefined);
	expect(beyond(await told("free", "triage-failures", "--max", "2", "--since", "6d"))).toBe(undefined);
	expect(beyond(await told("free", "list-events", "--limit", "2", "--since", "6d"))).toBe(undefined);
});

test.each([["triage-failures"], ["report-health"], ["list-runs"], ["list-runs", "--count"]])(
	"%s since the last sync of an app, which Cloud tells",
	async (...argv) => {
		const syncedAt = new Date(Date.now() - 20 * HOUR).toISOString();
		cloud = openCloud({ plan: "pro" });
		const production = cloud.environment("Production");
		const failed = { app: "shop", function: "import-catalog", count: 3, status: "FAILED" } as const;
		production.seedRuns([
			{ ...failed, from: Date.now() - 31 * HOUR, to: Date.now() - 30 * HOUR },
			{ ...failed, from: Date.now() - 11 * HOUR, to: Date.now() - 10 * HOUR },
		]);
		production.setApp("shop", { sync: "success", url: "https://shop.example/api/inngest", syncedAt });
		const env = cloud.env({ api: cloud.keys.write, environment: "production" });
		const { text } = await callCloud(cloud, [...argv, "--since-deploy", "--app", "shop"], env);
		expect(text).toMatch(/^(?:Slowest )?3 (?:failed )?runs|: 3 .*fail|3 FAILED/i);
		expect(text).toContain("\nSince the last sync of shop, 20h ago.");
	},
);

test("a schedule without runs is read, however many apps there are", async () => {
	cloud = openCloud();
	const production = cloud.environment("Production");
	for (let n = 0; n < 25; n++) production.seedRuns([{ app: `app-${n}`, function: "f", count: 1 }]);
	const env = cloud.env({ api: cloud.keys.read, environment: "production" });
	const { text } = await callCloud(cloud, ["list-schedules"], env);
	expect(text).not.toMatch(/not read/);
	expect(text).toMatch(
		/possible: no run at 1 tick \(.*03:00Z\), but the schedule may be newer; no scheduled run known, /,
	);
});

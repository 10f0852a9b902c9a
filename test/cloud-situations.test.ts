/** Situations that users of Inngest Cloud report, asked about in one call: what is said is true, and leads to what can be done. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, openCloud } from "./inngest-server/cloud.ts";

const HOUR = 3_600_000;
let cloud: Cloud;
beforeEach(() => {
	cloud = openCloud();
});
afterEach(() => cloud.close());

const production = () => cloud.environment("Production");
async function say(...argv: string[]): Promise<string> {
	const { event, signing } = production().keys;
	const env = cloud.env({ api: cloud.keys.write, event, signing, environment: "Production" });
	return (await callCloud(cloud, argv, env)).text;
}
const lineOf = (text: string, at: number) => text.split("\n")[at];
const synced = (hours: number) => ({
	url: "https://shop-7hx2k1-acme.vercel.app/api/inngest",
	syncedAt: new Date(Date.now() - hours * HOUR).toISOString(),
});

// inngest/inngest#864 and inngest/inngest-js#1002: syncs that stay pending; an app that is still called at a deployment's old address.
test.each([
	["pending", "; last sync 2d1h ago; sync pending"],
	["success", "; last sync 2d1h ago"],
	["error", "; failed to sync: no reason given; last sync 2d1h ago"],
] as const)("a sync that is %s is told with when it was", async (sync, said) => {
	production().setApp("shop", { sync, ...synced(49) });
	expect(lineOf(await say("list-apps"), 1)).toBe(
		`shop 10 functions serve nodejs/js/v4.24.0 https://shop-7hx2k1-acme.vercel.app/api/inngest${said}`,
	);
});

// inngest/inngest#1276 and the documentation of syncs: functions change only by a sync.
test.each([["get-function"], ["list-runs", "--function"], ["invoke-function"]])(
	"a function that was deployed but not synced: %s %s",
	async (...argv) => {
		const at = synced(72);
		production().setApp("shop", { sync: "success", ...at });
		const when = at.syncedAt.slice(0, 19).replace("T", " ");
		expect(lineOf(await say(...argv, "shop/send-invoice"), 1)).toBe(
			`\`list-functions --app shop\` shows all. If deployed since its last sync (${when}Z): \`sync-app shop\``,
		);
		// A misspelt name; an app that syncs by itself.
		expect(lineOf(await say(...argv, "shop/order-confrim"), 1)).not.toContain("sync-app");
		production().setApp("shop", { sync: "success", method: "CONNECT", syncedAt: at.syncedAt });
		cloud.alter(/^\/v2\/apps\?/, (body) => JSON.parse(JSON.stringify(body).replace(/"url":"[^"]*",/, "")));
		expect(lineOf(await say(...argv, "shop/send-invoice"), 1)).not.toContain("sync-app");
	},
);

// A branch environment to which nothing was deployed; an archived app.
test.each([["list-functions"], ["list-schedules"]])("%s says that no app is synced", async (intent) => {
	production().setApp("shop", { archived: true });
	expect(lineOf(await say(intent), 1)).toMatch(
		/^No app is synced here \(`list-apps --archived` shows archived ones\): /,
	);
	expect(await say("list-functions", "--app", "shop")).not.toContain("No app");
});

test.each([
	["sig_verification_failed", "possible: the app has another signing key"],
	["http_method_not_allowed", "the app's address answers 405; possible: its route does not take PUT"],
])("a sync that ends with %s as its message is told with what that means", async (error, meaning) => {
	production().setApp("shop", { sync: "error", error });
	const text = await say("sync-app", "shop");
	expect(lineOf(text, 0)).toMatch(new RegExp(` failed: «${error}» \\(app_sync_failed: ${meaning}\\)\\.$`));
});

// The documentation of pausing: nothing new starts.
test.each([
	["paused", { paused: true }],
	["archived", { archived: true }],
])("a replay of a function that is %s says so first", async (is, state) => {
	const [[id = ""] = []] = production().seedRuns([
		{ function: "charge-card", count: 2, status: "FAILED", step: "call-gateway", error: { message: "declined" } },
	]);
	production().setFunction("shop/charge-card", state);
	const said = `Possible: a replay won't run, as shop/charge-card is ${is}.`;
	expect(await say("replay-run", id)).toContain(said);
	expect(await say("replay-runs", "--since", "6h")).toContain(said);
	production().setFunction("shop/charge-card", {});
	expect(await say("replay-run", id)).not.toContain("a replay won't run");
});

// The documentation of pausing: its live runs are cancelled, at once or after 7 days.
test("runs that were cancelled while their function is paused say that it is", async () => {
	const [[id = ""] = []] = production().seedRuns([{ function: "charge-card", count: 2, status: "CANCELLED" }]);
	const said = "Possible causes: the API or the dashboard (its function is paused); ";
	const calls = [
		["get-run", id],
		["list-runs", "--status", "cancelled"],
	];
	for (const argv of calls) expect(await say(...argv)).not.toContain("is paused");
	production().setFunction("shop/charge-card", { paused: true });
	for (const argv of calls) expect(await say(...argv)).toContain(said);
});

// "Webhook: recent activity", in Inngest's changelog of 2026-11-23.
test("a webhook's events that never came lead to where its failed requests are", async () => {
	expect(await say("list-events", "--name", "stripe/charge.failed")).toMatch(
		/^Check the spelling, .*: `check-setup` shows which\. The dashboard shows failed webhooks\.$/m,
	);
});

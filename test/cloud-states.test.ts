/** States of Inngest Cloud that its users report: what is said of each is true, and leads to what can be done. */
import { afterEach, describe, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, type CloudOptions, openCloud } from "./inngest-server/cloud.ts";

let cloud: Cloud;
afterEach(() => cloud.close());

/** A call with all keys of an environment. */
function call(name: string, ...argv: string[]) {
	const { event, signing } = cloud.environment(name).keys;
	return callCloud(cloud, argv, cloud.env({ api: cloud.keys.write, event, signing, environment: name }));
}
const codeIn = (text: string) => /--confirm (\w+)/.exec(text)?.[1] ?? "";

describe("in an archived environment, whose functions are not triggered", () => {
	const ARCHIVED: CloudOptions = {
		environments: [
			{ name: "Production", type: "PRODUCTION" },
			{ name: "old-branch", type: "BRANCH", archived: true },
		],
	};
	const ADVICE = "old-branch is archived: the user can unarchive it in Inngest's dashboard, or name another.";

	test("a send asks first, and says why nothing will start; afterwards, why nothing did", async () => {
		cloud = openCloud(ARCHIVED);
		const argv = ["send-event", "shop/order.created", "--wait"];
		const plan = await call("old-branch", ...argv);
		expect([plan.exit, plan.text]).toEqual([
			3,
			expect.stringContaining("shop/order-confirm will not start: it is archived with its environment\n"),
		]);
		expect(plan.text).toContain(ADVICE);
		const done = await call("old-branch", ...argv, "--confirm", codeIn(plan.text));
		expect(done.text).toContain("No run started (Inngest Cloud, old-branch).");
		const event = /event (01\w{24})/.exec(done.text)?.[1] ?? "";
		for (const asked of [
			["get-event", event],
			["wait-for-run", "--event", event, "--timeout", "20s"],
			["list-events", "--name", "shop/order.created", "--with-runs"],
		])
			expect((await call("old-branch", ...asked)).text).toContain(
				"shop/order-confirm did not start: it is archived with its environment",
			);
		expect(cloud.environment("old-branch").stats()).toMatchObject({ events: 1, started: 0 });
	});

	test("a stream asks first, however short", async () => {
		cloud = openCloud(ARCHIVED);
		const { signing, event } = cloud.environment("old-branch").keys;
		const env = cloud.env({ api: cloud.keys.write, event, signing, environment: "old-branch" });
		const plan = await callCloud(cloud, ["send-events", '[{"name":"shop/order.created","data":{}}]'], env);
		expect([plan.exit, plan.text]).toEqual([3, expect.stringContaining(ADVICE)]);
	});

	test("schedules have no ticks to miss", async () => {
		cloud = openCloud(ARCHIVED);
		const ago = (days: number) => Date.now() - days * 86_400_000;
		cloud
			.environment("old-branch")
			.seedRuns([{ function: "nightly-cleanup", cron: "0 3 * * *", count: 1, from: ago(3), to: ago(2.5) }]);
		const { text } = await call("old-branch", "list-schedules", "--since", "4d");
		expect(text).toMatch(/^shop\/nightly-cleanup ARCHIVED with its environment /m);
		expect(text).not.toContain("MISSED");
	});

	test("functions are told as archived, alone and in a list", async () => {
		cloud = openCloud(ARCHIVED);
		for (const argv of [
			["list-functions"],
			["list-functions", "--app", "shop"],
			["get-function", "shop/order-confirm"],
		])
			expect((await call("old-branch", ...argv)).text).toMatch(
				/^shop\/order-confirm (?:«Order confirm» )?ARCHIVED with its environment/m,
			);
	});

	test("an invocation asks first", async () => {
		cloud = openCloud(ARCHIVED);
		const { exit, text } = await call("old-branch", "invoke-function", "shop/order-confirm");
		expect([exit, text.split("\n")[1]]).toEqual([3, "Note: it is archived with its environment, so it starts no run."]);
		expect(text).toContain(ADVICE);
	});
});

test("an archived app's functions are told as archived with it", async () => {
	cloud = openCloud();
	cloud.alter(/^\/v2\/apps\/shop$/, ({ data, ...rest }) => ({
		...rest,
		data: Object.assign(data ?? {}, { archivedAt: "2026-11-01T00:00:00Z" }),
	}));
	const line = /^shop\/nightly-cleanup (?:«Nightly cleanup» )?ARCHIVED with its app/m;
	for (const argv of [
		["list-functions", "--app", "shop"],
		["get-function", "shop/nightly-cleanup"],
		["list-schedules", "--app", "shop"],
	])
		expect((await call("Production", ...argv)).text).toMatch(line);
});

test("that no app is synced tells where failed automatic syncs are", async () => {
	cloud = openCloud();
	cloud.alter(/^\/v2\/apps/, ({ metadata }) => ({ metadata }));
	const { text } = await call("Production", "list-apps");
	expect(text).toBe(
		"0 apps (Inngest Cloud, Production)\nNo app is synced here (`list-apps --archived` shows archived ones): `sync-app APP --url URL` syncs one. Inngest's dashboard alone shows failed automatic syncs of new apps (unattached syncs).",
	);
});

test("deployment protection is told by whatever shows the app's last sync", async () => {
	cloud = openCloud();
	cloud.environment("Production").setApp("shop", { sync: "error", error: "http_unauthorized" });
	const said =
		"«http_unauthorized» (the app's address answers 401; possible: a login or deployment protection, or other keys)";
	for (const intent of ["list-apps", "check-setup"])
		expect((await call("Production", intent)).text, intent).toContain(said);
});

test("a run that is paused says what resumes it, and what becomes of it", async () => {
	cloud = openCloud({ statuses: "1.45" });
	const [[run = ""] = []] = cloud
		.environment("Production")
		.seedRuns([{ function: "order-confirm", count: 1, status: "PAUSED" }]);
	const said =
		"Possible: its function was paused. Inngest's dashboard can resume it; by default, its runs are cancelled after 7 d.";
	for (const argv of [
		["get-run", run],
		["list-runs", "--status", "paused", "--with-waits"],
		["wait-for-run", run, "--timeout", "1s"],
	])
		expect((await call("Production", ...argv)).text, argv.join(" ")).toContain(said);
});

describe("what a function does not show", () => {
	const UNSEEN = "a full queue, or a drain by Inngest (its dashboard shows which)";

	test("is possible where an invocation is skipped", async () => {
		cloud = openCloud();
		cloud.environment("Production").setFunction("shop/stock-update", { invoke: "function_skipped" });
		const { text } = await call("Production", "invoke-function", "shop/stock-update");
		expect(text.split("\n")[1]).toBe(`Possible: ${UNSEEN}.`);
	});

	test("is possible where an event started nothing for no known reason", async () => {
		cloud = openCloud();
		const production = cloud.environment("Production");
		production.setFunction("shop/order-confirm", { paused: true });
		const old = Date.now() - 600_000;
		production.seedRuns([{ function: "order-confirm", count: 1, from: old - 60_000, to: old - 50_000 }]);
		const [[run = ""] = []] = production.seedRuns(
			[{ function: "stock-update", event: "shop/order.created", count: 1, from: old, to: old + 1 }],
			2,
		);
		production.setFunction("shop/order-confirm", {});
		const event = production.run(run)?.eventIds[0] ?? "";
		expect((await call("Production", "get-event", event)).text).toContain(
			`shop/order-confirm did not start; possible: ${UNSEEN}`,
		);
	});
});

test("an outage says where Inngest reports those", async () => {
	cloud = openCloud();
	cloud.failNext(/./, {
		status: 503,
		times: 99,
		body: { errors: [{ code: "internal_error", message: "Unavailable" }] },
	});
	expect((await call("Production", "list-runs")).text).toMatch(/ status\.inngest\.com shows outages\.$/);
});

test("a queued run names the plan's concurrency, where its function has no limit of its own", async () => {
	cloud = openCloud();
	const [[run = ""] = []] = cloud
		.environment("Production")
		.seedRuns([{ function: "order-confirm", count: 1, status: "QUEUED" }]);
	const concurrency = [{ scope: "ACCOUNT", limit: { value: 5, isPlanLimit: true } }];
	cloud.alter(/\/functions\/order-confirm$/, (body) => ({
		...body,
		data: { ...Object(body.data), configuration: { concurrency } },
	}));
	expect((await call("Production", "get-run", run)).text).toContain(
		"Waits for capacity (its function has no such limit; possible: concurrency 5 (the plan's), the server is behind,",
	);
});

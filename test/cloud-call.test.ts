/** The skill in this process, with the Cloud double as its server: the basics for tests of both. */
import { afterEach, describe, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, type CloudOptions, openCloud } from "./inngest-server/cloud.ts";
import { everyIntent, named } from "./intents.ts";

let cloud: Cloud;
const open = (options: CloudOptions = {}): Cloud => {
	cloud = openCloud(options);
	return cloud;
};
afterEach(() => cloud.close());

describe("every intent", () => {
	test("runs against it with the keys of one environment, and no other is reached", async () => {
		open();
		const production = cloud.environment("Production");
		const [[failed = ""] = [], [live = ""] = []] = production.seedRuns([
			{ function: "import-catalog", count: 3, status: "FAILED", step: "parse" },
			{ function: "slow-report", count: 1, status: "RUNNING", waits: "sleep" },
		]);
		const event = production.run(failed)?.eventIds[0] ?? "";
		const env = cloud.env({ ...production.keys, api: cloud.keys.write, environment: "production" });
		for (const argv of everyIntent({ failed, live, event })) {
			// Signals need the signing key, which only reads if there is an API key.
			const own = argv[0] === "send-signal" ? { ...env, INNGEST_API_KEY: undefined } : env;
			const { exit, text } = await callCloud(cloud, argv, own);
			expect([0, 1, 3], `${argv[0]}: ${text}`).toContain(exit);
			expect(text, argv[0]).not.toContain("The skill itself failed");
		}
		expect(cloud.requests.every(({ environment }) => environment === undefined || environment === "Production")).toBe(
			true,
		);
		expect(cloud.changed()).toEqual(["Production"]);
		expect(cloud.requests.filter(({ key }) => key === "unknown key")).toEqual([]);
		// Servers before 1.45 ignore CEL (measured): nothing may be selected by it.
		expect(cloud.requests.filter(({ url }) => /[?&]query=/.test(url))).toEqual([]);
	});

	test("that reads changes nothing", async () => {
		open();
		const { keys } = cloud.environment("Production");
		for (const argv of everyIntent()) {
			if (!named(true).includes(argv[0])) continue;
			await callCloud(cloud, argv, cloud.env({ ...keys, api: cloud.keys.read, environment: "production" }));
		}
		expect(cloud.changed()).toEqual([]);
	});
});

describe("what was sent by an event key", () => {
	let data: unknown;
	/** Plans, sends and waits, with the event key and signing key of these environments. */
	async function sent(name: string, event: string, signing: string, also: Record<string, string> = {}) {
		open();
		for (const one of cloud.environments) one.seedRuns([{ function: "order-confirm", count: 1 }]);
		const keys = { event: cloud.environment(event).keys.event, signing: cloud.environment(signing).keys.signing };
		const env = { ...cloud.env({ ...keys, environment: signing }), ...also };
		const argv = ["send-event", name, "--wait", "--timeout", "5s"];
		const code = /--confirm (\w+)/.exec((await callCloud(cloud, argv, env)).text)?.[1] ?? "";
		const { text, json, exit } = await callCloud(cloud, [...argv, "--confirm", code], env);
		data = JSON.parse(json);
		return [
			exit,
			...text
				.replaceAll(/\b01\w{24}\b/g, "ID")
				.split("\n")
				.slice(1, 3),
		];
	}
	const ELSEWHERE = [
		"The event was not found in the environment that INNGEST_SIGNING_KEY reads: what it started can't be seen there.",
		"Possible: INNGEST_EVENT_KEY is for another environment.",
	];
	test("is waited for in the signing key's environment, where it is there", async () => {
		const [exit, ended] = await sent("shop/order.created", "Production", "Production");
		expect([exit, ended]).toEqual([0, expect.stringMatching(/^Both runs completed/)]);
		expect(await sent("shop/nobody", "Production", "Production")).toEqual([
			0,
			"No run started (Inngest Cloud, the event key's environment, not verifiable).",
			"No function listens to shop/nobody.",
		]);
	});
	test.each(["shop/order.created", "shop/nobody"])(
		"is not told to start nothing where it is elsewhere: %s",
		async (name) => {
			expect(await sent(name, "EU Staging", "Production")).toEqual([1, ...ELSEWHERE]);
			expect(data).toMatchObject({ runs: [], waitedMs: expect.any(Number) });
		},
	);
	test("is not told to start nothing where nothing shows where that is", async () => {
		const [exit, said] = await sent("shop/nobody", "EU Staging", "feature/#12", { INNGEST_ENV: "EU Staging" });
		expect([exit, said]).toEqual([1, expect.stringContaining("Waiting for its runs failed: ")]);
	});
});

test("a call's own clock counts the budget: its pauses are over at once", async () => {
	open({ budget: { requests: 2, perMs: 5_000 } });
	cloud.environment("Production").seedRuns([{ function: "import-catalog", count: 3, status: "FAILED", step: "parse" }]);
	const began = performance.now();
	const { exit, world } = await callCloud(
		cloud,
		["triage-failures"],
		cloud.env({ api: cloud.keys.read, environment: "production" }),
	);
	expect([0, 1]).toContain(exit);
	expect(performance.now() - began).toBeLessThan(5_000);
	expect(world.clock.pauses.length).toBeGreaterThan(0);
	expect(cloud.budget.rejected).toBeGreaterThan(0);
});

test("a connection that is cut is one that the call sees cut", async () => {
	open();
	cloud.failNext("^/v2/apps", { destroy: true, times: 100 });
	const { exit, text } = await callCloud(cloud, ["list-apps"], cloud.env({ api: cloud.keys.read }));
	expect([exit, text.split("\n")[0]]).toEqual([
		1,
		"Inngest Cloud, the key's environment dropped the connection (ECONNRESET).",
	]);
});

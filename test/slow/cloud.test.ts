/**
 * The built folder on Inngest Cloud: every intent as a process of its own, to the double's real names, through its proxy
 * and with its authority. What each should say is tested by test/handlers and the contract; here, where it goes.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CloudReceived, type StartedCloud, startCloud } from "../inngest-server/cloud.ts";
import { everyIntent, manifest, named } from "../intents.ts";
import { skill } from "../skill.ts";

let cloud: StartedCloud;
let env: Record<string, string>;
let known = { failed: "", live: "", event: "" };

beforeAll(async () => {
	cloud = await startCloud();
	for (const environment of cloud.environments) {
		const [[failed = ""] = [], [live = ""] = []] = environment.seedRuns([
			{ function: "import-catalog", count: 5, status: "FAILED", step: "parse", error: { message: "column missing" } },
			{ function: "slow-report", count: 2, status: "RUNNING", waits: "sleep" },
			{ function: "order-confirm", count: 20 },
		]);
		if (environment.name === "Production") known = { failed, live, event: environment.run(failed)?.eventIds[0] ?? "" };
	}
	const { event, signing } = cloud.environment("Production").keys;
	env = cloud.env({ event, signing, api: cloud.keys.write, environment: "production" });
});
afterAll(() => cloud.close());

/** One call, and what it asked for. */
async function call(argv: readonly string[], variables: Record<string, string>) {
	cloud.clear();
	const { code, stdout, stderr } = await skill(argv, { env: variables });
	const requests: readonly CloudReceived[] = [...cloud.requests];
	return { code, printed: stdout + stderr, requests };
}

const KEY: Record<string, string> = {
	INNGEST_API_KEY: "account's API key",
	INNGEST_SIGNING_KEY: "signing key of Production",
	INNGEST_EVENT_KEY: "event key of Production",
};

describe("every intent goes through the proxy to Inngest Cloud, with its own keys, to the environment that is named", () => {
	test.each(Object.keys(manifest.intents))("%s", async (name) => {
		const argv = everyIntent(known).find(([intent]) => intent === name) ?? [name];
		const { code, printed, requests } = await call(argv, env);
		expect([0, 1, 3], printed).toContain(code);
		expect(printed).not.toContain("The skill itself failed");
		expect(requests.length).toBeGreaterThan(0);
		expect(cloud.refused).toEqual([]);
		const allowed = manifest.intents[name]?.secrets.map((secret) => KEY[secret]) ?? [];
		for (const { host, key, environment } of requests) {
			expect(["api.inngest.com", "inn.gs"]).toContain(host);
			expect(allowed).toContain(key);
			expect(["Production", undefined]).toContain(environment);
		}
		// What asks first has changed nothing, and neither has what reads.
		const changes = requests.filter(({ change }) => change !== undefined);
		if (code === 3 || named(true).includes(name)) expect(changes).toEqual([]);
		for (const key of Object.values(env).filter((value) => value.length > 40 && !value.includes("/")))
			expect(printed).not.toContain(key);
	});
});

test("the authority is what makes it trusted", async () => {
	const { NODE_EXTRA_CA_CERTS, ...without } = env;
	const { code, printed, requests } = await call(["list-apps"], without);
	expect(code).toBe(1);
	expect(printed).toContain("NODE_EXTRA_CA_CERTS");
	expect(requests).toEqual([]);
});

test("no other environment was touched by any of it", () => {
	for (const environment of cloud.environments)
		if (environment.name !== "Production")
			expect(environment.stats(), environment.name).toMatchObject({
				requests: 0,
				changes: 0,
				events: 0,
				started: 0,
				cancelled: 0,
			});
});

/**
 * The built folder on Inngest Cloud: every intent as its own process, calling the double's real names through its proxy and with its
 * authority: its first line, its requests, and where they go.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CloudReceived, type StartedCloud, startCloud } from "../inngest-server/cloud.ts";
import { everyIntent, manifest, named } from "../intents.ts";
import { skill } from "../skill.ts";

let cloud: StartedCloud;
let env: Record<string, string>;
let known = { failed: "", live: "", event: "" };

beforeAll(async () => {
	const insights = { query: () => ({ data: { columns: [{ name: "n", type: "NUMBER" }], rows: [{ values: [5] }] } }) };
	cloud = await startCloud({ insights });
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

/** One call and its requests. */
async function call(argv: readonly string[], variables: Record<string, string>) {
	// Each test has its own budget, so that none waits for another; cloud-findings.test.ts exceeds it.
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

/** Each one's first line; for plans, also after confirmation. */
const SAYS: Record<string, RegExp | [plan: RegExp, done: RegExp]> = {
	"check-setup": /^Ready: Inngest Cloud, production\.$/,
	"list-runs": /^20 runs, newest first.*; more follow \(Inngest Cloud, production\)$/,
	"get-run": /^shop\/import-catalog FAILED in .* \(Inngest Cloud, production\)$/,
	"wait-for-run": /^Ended: FAILED \(waited .*; Inngest Cloud, production\)\.$/,
	"triage-failures": /^5 failed runs of 1 function in 1 group, ended in the last 24h/,
	"report-health":
		/^1 of 3 functions that ran has failures: 25 runs ended in the last 24h, 5 failed, 2 more queued then have not ended/,
	watch: /^NO_REPLY$|^Inngest watch, \d\d:\d\d to \d\d:\d\d UTC \(Inngest Cloud, production\):$/,
	"list-events": /^20 events, newest first; more follow \(Inngest Cloud, production\)$/,
	"get-event": /^Event shop\/import\.started, .* \(Inngest Cloud, production\)$/,
	"list-functions": /^10 functions in 1 app \(Inngest Cloud, production\)$/,
	"get-function": /^shop\/order-confirm «Order confirm» \(Inngest Cloud, production\)$/,
	"list-schedules": /^1 schedule: no tick known to be missed in the last 24h \(Inngest Cloud, production\)$/,
	"list-apps": /^1 app \(Inngest Cloud, production\)$/,
	"list-envs": /^4 environments \(Inngest Cloud\)$/,
	"send-event": /^Sent shop\/card\.charged, event \w{26} \(Inngest Cloud, Production\)\.$/,
	"send-events": [
		/^Send 1 event .*, to Inngest Cloud, the event key's environment, not verifiable\.$/,
		/^Sent 1 event .* \(Inngest Cloud, the event key's environment, not verifiable\)\.$/,
	],
	"resend-event": /^Sent shop\/import\.started again as event \w{26} \(Inngest Cloud, Production\)\.$/,
	"send-signal": /^Signal pay-17 resumed no run: «No signal found» \(404; Inngest Cloud, Production\)\.$/,
	"invoke-function": /^Invoked shop\/order-confirm: run \w{26} \(Inngest Cloud, Production\)\.$/,
	"query-insights": /^1 row \(Inngest Cloud, production\)$/,
	"sync-app": [
		/^Sync shop from https:\/\/shop\.example\/api\/inngest on Inngest Cloud, Production\.$/,
		/^Synced shop from https:\/\/shop\.example\/api\/inngest \(Inngest Cloud, Production\): 10 functions\.$/,
	],
	"replay-run": [
		/^Replay run \w{26} of shop\/import-catalog, FAILED, .* on Inngest Cloud, Production, from its start\.$/,
		/^Replaying: new run \w{26} of shop\/import-catalog \(Inngest Cloud, Production\)\.$/,
	],
	"replay-runs": [
		/^Replay \d runs on Inngest Cloud, Production, each from its start:$/,
		/^(?:Both|All \d) runs handled \(Inngest Cloud, Production\):$/,
	],
	"cancel-run": [
		/^Cancel run \w{26} of shop\/slow-report, RUNNING for .*, on Inngest Cloud, Production\.$/,
		/^Cancelled run \w{26} of shop\/slow-report \(Inngest Cloud, Production\)\.$/,
	],
	"cancel-runs": [
		/^Cancel \d runs? on Inngest Cloud, Production:$/,
		/^(1 run|Both runs|All \d runs) handled \(Inngest Cloud, Production\):$/,
	],
};
const firstOf = (printed: string): string => printed.split("\n")[0] ?? "";

describe("every intent goes through the proxy to Inngest Cloud, with its own keys, to the environment that is named", () => {
	test.each(Object.keys(manifest.intents))("%s", async (name) => {
		const argv = everyIntent(known).find(([intent]) => intent === name) ?? [name];
		// Only a signing key can send signals, and it only reads if there is also an API key.
		const { INNGEST_API_KEY, ...signingOnly } = env;
		const { code, printed, requests } = await call(argv, name === "send-signal" ? signingOnly : env);
		const says = SAYS[name];
		const asks = Array.isArray(says);
		expect(code, printed).toBe(asks ? 3 : /wait-for-run|send-signal/.test(name) ? 1 : 0);
		expect(firstOf(printed)).toMatch((asks ? says[0] : says) ?? "no words");
		expect(requests.length).toBeGreaterThan(0);
		expect(cloud.refused).toEqual([]);
		const allowed = manifest.intents[name]?.secrets.map((secret) => KEY[secret]) ?? [];
		for (const { host, key, environment } of requests) {
			expect(["api.inngest.com", "inn.gs"]).toContain(host);
			expect(allowed).toContain(key);
			expect(["Production", undefined]).toContain(environment);
		}
		// Neither plans nor reads have changed anything.
		const changes = requests.filter(({ change }) => change !== undefined);
		if (code === 3 || named(true).includes(name)) expect(changes).toEqual([]);
		for (const key of Object.values(env).filter((value) => value.length > 40 && !value.includes("/")))
			expect(printed).not.toContain(key);
		if (!asks) return;
		const planned = /--confirm (\w+)/.exec(printed)?.[1] ?? "";
		const done = await call([...argv, "--confirm", planned], env);
		expect([done.code, firstOf(done.printed)], done.printed).toEqual([0, expect.stringMatching(says[1])]);
		const changed = done.requests.filter(({ change }) => change !== undefined);
		expect(changed.length).toBeGreaterThan(0);
		for (const { environment, key } of changed) {
			expect(environment).toBe("Production");
			expect(key).toBe(name === "send-events" ? KEY.INNGEST_EVENT_KEY : KEY.INNGEST_API_KEY);
		}
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

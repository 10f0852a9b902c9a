/** Keys of Inngest Cloud that are missing or belong to another environment than the named one; archived environments. */
import { afterEach, describe, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, type InUse, openCloud } from "./inngest-server/cloud.ts";
import { everyIntent } from "./intents.ts";

let cloud: Cloud;
afterEach(() => cloud.close());
const keysOf = (name: string) => cloud.environment(name).keys;
const call = (argv: readonly string[], use: InUse) => callCloud(cloud, argv, cloud.env(use));
const asked = () => cloud.requests.map(({ method, url, env }) => `${method} ${url.replace(/\?.*/, "")} in ${env}`);

describe("a key that is not set is told before anything is asked", () => {
	test.each<[intent: string, has: "api" | "event" | "signing", missing: string]>([
		["send-event", "signing", "INNGEST_API_KEY or INNGEST_EVENT_KEY"],
		["resend-event", "signing", "INNGEST_API_KEY or INNGEST_EVENT_KEY"],
		["resend-event", "api", "INNGEST_SIGNING_KEY"],
		["send-events", "api", "INNGEST_EVENT_KEY"],
		["send-events", "signing", "INNGEST_EVENT_KEY"],
		["send-signal", "event", "INNGEST_SIGNING_KEY"],
		["list-events", "api", "INNGEST_SIGNING_KEY"],
		["invoke-function", "event", "INNGEST_API_KEY or INNGEST_SIGNING_KEY"],
		["cancel-runs", "event", "INNGEST_API_KEY or INNGEST_SIGNING_KEY"],
	])("%s with %s alone", async (intent, has, missing) => {
		cloud = openCloud();
		const { event, signing, write } = keysOf("Production");
		const argv = everyIntent().find(([name]) => name === intent) ?? [intent];
		const { text, exit } = await call(argv, { [has]: { api: write, event, signing }[has], environment: "production" });
		const [first] = text.split("\n");
		expect([exit, first, asked()]).toEqual([2, `${missing} is not set; nothing was sent.`, []]);
	});
});

describe("check-setup", () => {
	test.each([
		["Production", "EU Staging", /^FAILS events \(INNGEST_SIGNING_KEY\): INNGEST_SIGNING_KEY is production's/m],
		["EU Staging", "feature/#12", /^FAILS events .*: INNGEST_SIGNING_KEY belongs to another environment/m],
		["fix(ui)", "production", /^FAILS events .*: INNGEST_SIGNING_KEY is for branch environments/m],
	])("tells nothing of the apps that a signing key of %s reads for %s", async (own, environment, says) => {
		cloud = openCloud();
		// Its newest event shows which custom environment a key is for.
		cloud.environment("EU Staging").seedRuns([{ function: "order-confirm", count: 1 }]);
		const { text, exit } = await call(["check-setup"], { signing: keysOf(own).signing, environment });
		expect(exit).toBe(1);
		expect(text).toMatch(says);
		expect(text).not.toContain("runs and apps");
		expect(asked().filter((one) => one.includes("/v2/apps"))).toEqual([]);
	});

	test("reads events with a branch key in the branch that is named", async () => {
		cloud = openCloud();
		const { text, exit } = await call(["check-setup"], { signing: keysOf("fix(ui)").signing, environment: "fix(ui)" });
		expect([exit, text.split("\n").slice(2, 4)]).toEqual([
			0,
			[
				"ok    runs and apps (INNGEST_SIGNING_KEY): 1 app with 10 functions: shop; no sync error (whether it answers now is unknown)",
				"ok    events (INNGEST_SIGNING_KEY): readable, in fix(ui)",
			],
		]);
	});

	test("tells that an environment is archived, and what may be done", async () => {
		cloud = openCloud({
			environments: [
				{ name: "Production", type: "PRODUCTION" },
				{ name: "QA", archived: true },
			],
		});
		const { text } = await call(["check-setup"], { api: cloud.keys.read, environment: "QA" });
		expect(text).toMatch(/^ok {4}environment QA \(INNGEST_ENV\): QA TEST, id \S+, archived$/m);
		expect(text).toMatch(/^QA is archived: the user can unarchive it in Inngest's dashboard, or name another\.$/m);
	});
});

test("a refusal in an archived environment tells that it is archived, not that the key lacks a grant", async () => {
	cloud = openCloud({
		archivedRefuse: true,
		environments: [
			{ name: "Production", type: "PRODUCTION" },
			{ name: "QA", archived: true },
		],
	});
	const use = { api: cloud.keys.write, environment: "QA" };
	const plan = await call(["send-event", "shop/card.charged"], use);
	expect(plan.exit).toBe(3);
	const code = /--confirm (\w+)/.exec(plan.text)?.[1] ?? "";
	const { text, exit } = await call(["send-event", "shop/card.charged", "--confirm", code], use);
	expect([exit, text]).toEqual([
		1,
		"Inngest Cloud, QA refused: «Cannot send events to an archived environment» (access_denied, 403)\nQA is archived: the user can unarchive it in Inngest's dashboard, or name another.",
	]);
});

test.each(["production", "eu-staging", "EU Staging"])(
	"what is read of %s and what is changed there name it alike",
	async (environment) => {
		cloud = openCloud();
		await call(["list-apps"], { api: cloud.keys.write, environment });
		await call(["send-event", "shop/card.charged"], { api: cloud.keys.write, environment });
		expect([asked()[0], asked().at(-1)]).toEqual([
			`GET /v2/apps in ${environment}`,
			`POST /v2/events in ${environment}`,
		]);
	},
);

test("an archived environment's name does not stand for a live one of a name alike", async () => {
	cloud = openCloud({
		environments: [{ name: "Production", type: "PRODUCTION" }, { name: "qa", archived: true }, { name: "QA" }],
	});
	const { exit } = await call(["send-event", "shop/card.charged"], { api: cloud.keys.write, environment: "qa" });
	expect([exit, asked().at(-1)]).toEqual([0, `POST /v2/events in ${cloud.environment("QA").id}`]);
});

test("what is suggested names the environment as the server does", async () => {
	cloud = openCloud();
	const { text } = await call(["send-event", "shop/card.charged", "--env", "eu staging"], { api: cloud.keys.write });
	const [, next = ""] = /^Next: (.*)$/m.exec(text) ?? [];
	expect(next).toMatch(/--env 'EU Staging'$/);
	const set = await call(["send-event", "shop/card.charged"], { api: cloud.keys.write, environment: "eu staging" });
	expect(set.text).toMatch(/^Next: .* --env 'EU Staging'$/m);
});

test("a suggested change names an environment, where the call does not", async () => {
	cloud = openCloud();
	cloud.environment("Production").seedRuns([{ function: "import-catalog", count: 1, status: "FAILED" }]);
	const { text } = await call(["triage-failures"], { api: cloud.keys.read });
	expect(text).toMatch(/; or: replay-runs --group \w+ --since \S+ --env NAME \(once the cause is fixed\)$/m);
	expect(text).toMatch(/^Next: get-run \w{26};/m);
});

test("a key that reads apps but no runs is not ready", async () => {
	cloud = openCloud();
	const api = cloud.apiKey(["api:app:read", "api:env:read", "api:function:read"]);
	const { text, exit } = await call(["check-setup"], { api, environment: "production" });
	expect([exit, text.split("\n")[0]]).toEqual([1, "Not ready: Inngest Cloud, production."]);
	expect(text).toMatch(/^FAILS runs and apps \(INNGEST_API_KEY\): .*lacks the grant api:run:read/m);
});

test("functions that a key may not read are not counted as none", async () => {
	cloud = openCloud();
	const api = cloud.apiKey(["api:app:read", "api:run:read", "api:env:read"]);
	const { text } = await call(["list-functions"], { api, environment: "production" });
	expect(text.split("\n")[0]).toBe("0 functions in 0 of 1 app (Inngest Cloud, production)");
});

test("a change that fails before it is requested says that nothing was changed", async () => {
	cloud = openCloud();
	cloud.failNext("^/v2/envs", {
		status: 401,
		body: { errors: [{ code: "invalid_api_key", message: "Invalid API key" }] },
	});
	const { text } = await call(["send-event", "shop/card.charged"], {
		api: cloud.keys.write,
		environment: "production",
	});
	expect(text.split("\n")[0]).toBe(
		"Inngest Cloud refused: «Invalid API key» (invalid_api_key, 401); nothing was changed.",
	);
});

test("a refused key says nothing of the environment that was to be looked up", async () => {
	cloud = openCloud();
	const { text } = await call(["list-envs"], { api: `sk-inn-api-${"n".repeat(40)}`, environment: "production" });
	expect(text.split("\n")[0]).toBe("Inngest Cloud refused: «Invalid API key» (invalid_api_key, 401)");
});

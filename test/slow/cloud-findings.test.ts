/**
 * What was once wrong on Inngest Cloud, each case with the right result: the built folder as its own process, calling the double's real
 * names through its proxy and with its authority. The numbers are those of the findings.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type CloudOptions, type InUse, measuredRuns, type StartedCloud, startCloud } from "../inngest-server/cloud.ts";
import { isObject, type Json } from "../inngest-server/json.ts";
import { skill } from "../skill.ts";

let clouds: StartedCloud[] = [];
let cloud: StartedCloud;
const open = async (options: CloudOptions = {}): Promise<StartedCloud> => {
	cloud = await startCloud(options);
	clouds.push(cloud);
	return cloud;
};
afterAll(async () => {
	for (const one of clouds) await one.close();
	clouds = [];
});

interface Called {
	code: number | null;
	/** Its output, progress included. */
	text: string;
	/** `POST /v2/events in Production by API key of Production`: changing requests, whatever their result. */
	changes: string[];
	/** The same for all requests. */
	asked: string[];
}

/** One call and its requests. */
async function call(argv: readonly string[], use: InUse): Promise<Called> {
	const before = cloud.requests.length;
	const { code, stdout, stderr } = await skill(argv, { env: cloud.env(use) });
	const requests = cloud.requests.slice(before);
	const line = ({ method, url, environment, key }: (typeof requests)[number]) =>
		`${method} ${url.replace(/\?.*/, "")} in ${environment} by ${key}`;
	return {
		code,
		text: (stdout + stderr).trim(),
		changes: requests.filter(({ change }) => change !== undefined).map(line),
		asked: requests.map(line),
	};
}
const first = ({ text }: Called): string => text.split("\n")[0] ?? "";
/** Plans and confirms. */
async function confirmed(argv: readonly string[], use: InUse): Promise<Called & { plan: Called }> {
	const plan = await call(argv, use);
	expect([plan.code, plan.changes], plan.text).toEqual([3, []]);
	const code = /--confirm (\w+)/.exec(plan.text)?.[1] ?? "";
	return { ...(await call([...argv, "--confirm", code], use)), plan };
}

const keysOf = (name: string) => cloud.environment(name).keys;
const seed = (name: string, ...specs: Parameters<StartedCloud["environments"][0]["seedRuns"]>[0]) =>
	cloud.environment(name).seedRuns(specs);
const FAILED = { function: "import-catalog", status: "FAILED", step: "parse", error: { message: "no sku" } } as const;
const SLEEPING = { function: "slow-report", status: "RUNNING", waits: "sleep" } as const;

describe("1 and 3. environments are facts", () => {
	beforeAll(async () => {
		await open();
		for (const { name } of cloud.environments) seed(name, { ...FAILED, count: 2 }, { ...SLEEPING, count: 2 });
	});

	test("production's keys do nothing in staging", async () => {
		const { event, signing } = keysOf("Production");
		const cancel = await call(["cancel-runs", "--function", "shop/slow-report", "--env", "EU Staging"], { signing });
		expect([cancel.code, cancel.changes, first(cancel)]).toEqual([
			2,
			[],
			"INNGEST_SIGNING_KEY is production's (signkey-prod-), and --env names EU Staging; it was not used.",
		]);
		const send = await call(["send-event", "shop/order.created", "--env", "EU Staging"], {
			event,
			environment: "production",
		});
		expect([send.code, send.changes, send.text]).toEqual([2, [], expect.stringContaining("nothing was sent")]);
		const doubt = await call(["send-event", "shop/order.created", "--env", "EU Staging"], { event });
		expect([doubt.code, doubt.changes]).toEqual([3, []]);
		expect(doubt.text).toContain("the event key's environment, not verifiable");
	});

	test("an API key that is limited to staging does nothing elsewhere", async () => {
		const api = keysOf("EU Staging").write;
		for (const env of ["production", "feature/#12", "fix(ui)"]) {
			const { code, text, changes } = await call(["send-event", "shop/order.created", "--env", env], { api });
			expect([code, changes, text]).toEqual([1, [], expect.stringContaining("INNGEST_API_KEY")]);
		}
		const own = await call(["send-event", "shop/order.created", "--env", "EU Staging"], { api });
		expect(own.changes).toEqual(["POST /v2/events in EU Staging by API key of EU Staging"]);
	});

	test("one environment's events are not joined with another's runs", async () => {
		const use = { signing: keysOf("Production").signing, api: cloud.keys.read, environment: "EU Staging" };
		const { code, asked } = await call(["list-events", "--with-runs"], use);
		expect([code, asked.filter((line) => line.includes("/events"))]).toEqual([2, []]);
		const own = await call(["list-events", "--with-runs"], { ...use, signing: keysOf("EU Staging").signing });
		expect([own.code, own.asked.filter((line) => /in (Production|feature|fix)/.test(line))]).toEqual([0, []]);
	});

	test("three keys of three environments are not ready, and each is told", async () => {
		const use = { event: keysOf("feature/#12").event, signing: keysOf("Production").signing, api: cloud.keys.read };
		const { code, text } = await call(["check-setup"], { ...use, environment: "EU Staging" });
		expect([code, text]).toEqual([1, expect.stringMatching(/^Not ready: /)]);
		expect(text).toMatch(/^FAILS +events .*INNGEST_SIGNING_KEY is production's/m);
		expect(text).toMatch(/its environment can't be verified, so send-events, which needs it, asks first/);
	});

	test("each run is cancelled by its id, with either key", async () => {
		const argv = ["cancel-runs", "--function", "shop/slow-report", "--env"];
		const { event, signing } = keysOf("EU Staging");
		// Its own events show which environment it is for.
		const sent = await confirmed(["send-event", "shop/nobody.listens", "--env", "EU Staging"], { event });
		expect(sent.code, sent.text).toBe(0);
		for (const [name, key, label] of [
			["EU Staging", { signing }, "signing key of EU Staging"],
			["fix(ui)", { api: cloud.keys.write }, "account's API key"],
		] as const) {
			const each = await confirmed([...argv, name], key);
			const changes = each.changes.map((line) => line.replace(/runs\/\w+/, "runs/ID"));
			expect([each.code, new Set(changes)], each.text).toEqual([
				0,
				new Set([`POST /v2/runs/ID/cancel in ${name} by ${label}`]),
			]);
		}
	});

	test.each(["EU Staging", "eu staging", "eu-staging", "feature/#12", "fix(ui)"])(
		"%s is a name: it is looked up, and told with its id and type",
		async (name) => {
			const { code, text, changes } = await call(["send-event", "shop/order.created", "--env", name], {
				api: cloud.keys.write,
			});
			const meant = cloud.environments.find((one) => one.name === name || one.slug === name.replace(" ", "-"));
			expect([code, changes], text).toEqual([0, [`POST /v2/events in ${meant?.name} by account's API key`]]);
			expect(text).toMatch(new RegExp(`Environment: .*${meant?.type}, id ${meant?.id}`));
		},
	);

	test("an id is one, too; what is none is refused with the nearest", async () => {
		const { id, name } = cloud.environment("EU Staging");
		const use = { api: cloud.keys.write };
		const byId = await call(["invoke-function", "shop/order-confirm", "--env", id], use);
		expect(byId.changes).toEqual([`POST /v2/apps/shop/functions/order-confirm/invoke in ${name} by account's API key`]);
		const unknown = await call(["invoke-function", "shop/order-confirm", "--env", "EU Stagin"], use);
		expect([unknown.code, unknown.changes]).toEqual([2, []]);
		expect(unknown.text).toContain(`Did you mean «EU Staging» TEST, id ${id}?`);
	});

	test("list-envs and check-setup run whatever INNGEST_ENV says, and name it", async () => {
		const use = { api: cloud.keys.read, environment: "no such" };
		const list = await call(["list-envs"], use);
		expect([list.code, list.text]).toEqual([
			0,
			expect.stringContaining("INNGEST_ENV names no such, which is not among these"),
		]);
		const check = await call(["check-setup"], use);
		expect([check.code, check.text]).toEqual([1, expect.stringMatching(/FAILS +environment \(INNGEST_ENV\)/)]);
	});

	test("an API key that is for its own environment, whatever is named, asks first and is told by check-setup", async () => {
		await open({ limitedKeysIgnoreNames: true });
		const use = { api: keysOf("EU Staging").write, environment: "production" };
		for (const argv of [
			["send-event", "shop/order.created"],
			["invoke-function", "shop/order-confirm"],
		]) {
			const { code, text, changes } = await call(argv, use);
			expect([code, changes], text).toEqual([3, []]);
			expect(text).toContain("INNGEST_API_KEY decides where this goes: nothing shows that it belongs to production");
			expect((await call([...argv, "--env", "EU Staging"], use)).code).toBe(2);
		}
		const account = await call(["send-event", "shop/order.created"], { ...use, api: cloud.keys.write });
		expect(account.changes).toEqual(["POST /v2/events in Production by account's API key"]);
		const check = await call(["check-setup"], use);
		expect([check.code, check.text]).toEqual([
			1,
			expect.stringMatching(/^UNCLEAR INNGEST_API_KEY: may belong to a different environment/m),
		]);
		expect((await call(["check-setup"], { ...use, api: cloud.keys.read })).code).toBe(0);
	});

	test("one of two that are called so is asked for by its id", async () => {
		const { api, ...other } = await openTwins();
		const { code, text, changes } = await call(["send-event", "shop/order.created", "--env", "QA"], { api });
		expect([code, changes]).toEqual([2, []]);
		for (const id of other.ids) expect(text).toContain(id);
	});
	async function openTwins() {
		await open({
			environments: [
				{ name: "Production", type: "PRODUCTION" },
				{ name: "QA", slug: "qa-1" },
				{ name: "QA", slug: "qa-2" },
			],
		});
		return { api: cloud.keys.write, ids: cloud.environments.filter(({ name }) => name === "QA").map(({ id }) => id) };
	}
});

describe("2, 4 and 5. keys", () => {
	beforeAll(() => open());

	test("one event goes by the API key, under an id of its own: lost answers start nothing twice", async () => {
		const { api, event } = { api: cloud.keys.write, event: keysOf("Production").event };
		cloud.failNext("^/v2/events$", { destroy: true, after: true, times: 2 });
		const { code, text, changes } = await call(["send-event", "shop/order.created", "--env", "EU Staging"], {
			...{ api, event },
		});
		expect([code, changes.length, new Set(changes)], text).toEqual([
			0,
			3,
			new Set(["POST /v2/events in EU Staging by account's API key"]),
		]);
		const { started } = cloud.environment("EU Staging").stats();
		expect(started).toBe(2);
		const again = await call(["resend-event", /event (\w{26})/.exec(text)?.[1] ?? "", "--env", "EU Staging"], {
			...{ api, signing: keysOf("EU Staging").signing },
		});
		expect([again.code, again.changes], again.text).toEqual([
			0,
			["POST /v2/events in EU Staging by account's API key"],
		]);
		expect(again.asked).toContain("GET /v1/events in EU Staging by signing key of EU Staging");
	});

	test("without an API key it goes by the event key, which is asked about first", async () => {
		const done = await confirmed(["send-event", "a/b"], {
			event: keysOf("EU Staging").event,
			environment: "eu-staging",
		});
		expect([done.code, done.changes]).toEqual([
			0,
			["POST /e/$INNGEST_EVENT_KEY in EU Staging by event key of EU Staging"],
		]);
		expect(first(done)).toContain("(Inngest Cloud, the event key's environment, not verifiable)");
	});

	test("a read-only API key holds: no other key is tried, and the grant is named", async () => {
		const [[failed = ""] = []] = seed("Production", { ...FAILED, count: 1 });
		const { event, signing } = keysOf("Production");
		const use = { event, signing, api: cloud.keys.read, environment: "production" };
		for (const [argv, grant] of [
			[["send-event", "shop/order.created"], "api:event:write"],
			[["invoke-function", "shop/order-confirm"], "api:function:write"],
			[["send-signal", "x"], undefined],
			[["resend-event", cloud.environment("Production").run(failed)?.eventIds[0] ?? ""], "api:event:write"],
		] as const) {
			const { code, text, changes } = await call(argv, use);
			expect([code === 0, changes], text).toEqual([false, []]);
			if (grant) expect(text).toContain(`INNGEST_API_KEY lacks the grant ${grant}`);
		}
		const many = await confirmed(["replay-runs", failed], use);
		expect([many.code, many.changes], many.text).toEqual([1, []]);
		expect(many.text).toMatch(/^INNGEST_API_KEY lacks the grant api:run:write\. No other key was tried/m);
		const replay = await confirmed(["replay-run", failed], use);
		expect([replay.code, replay.changes]).toEqual([1, []]);
		expect(replay.text).toContain("INNGEST_API_KEY lacks the grant api:run:write");
		expect(cloud.environment("Production").stats()).toMatchObject({ events: 0, started: 0 });
	});

	test.each([401, 404] as const)("a wrong event key, told by %s, is the event key", async (wrongEventKey) => {
		await open({ wrongEventKey });
		const { code, text } = await call(["check-setup"], {
			event: "nobody-s-key",
			api: cloud.keys.read,
			environment: "production",
		});
		expect([code, text]).toEqual([
			1,
			expect.stringMatching(/FAILS +sending \(INNGEST_EVENT_KEY\): .*Event key not found/),
		]);
		expect(text).toContain("Check INNGEST_EVENT_KEY");
	});

	test("another kind of key in the event key's place is refused before it is sent", async () => {
		for (const event of [cloud.keys.write, cloud.environments[0]?.keys.signing]) {
			const { code, text, asked } = await call(["send-event", "shop/order.created"], {
				event,
				environment: "production",
			});
			expect([code, asked, text]).toEqual([2, [], expect.stringContaining("INNGEST_EVENT_KEY holds INNGEST_")]);
		}
	});

	test("a key that nobody has is named", async () => {
		const { code, text } = await call(["list-runs"], { api: ["sk", "inn", "api", "nobody"].join("-") });
		expect([code, text]).toEqual([1, expect.stringContaining("Check INNGEST_API_KEY")]);
	});

	test("a setup is not ready where the probe is answered 400, or an app's last sync failed", async () => {
		const { event } = keysOf("Production");
		const use = { event, api: cloud.keys.read, environment: "production" };
		expect((await call(["check-setup"], use)).code).toBe(0);
		cloud.failNext("^/e/", { status: 400, body: { status: 400, error: "no" } });
		const probed = await call(["check-setup"], use);
		expect([probed.code, probed.text]).toEqual([1, expect.stringMatching(/UNCLEAR sending/)]);
		cloud.environment("Production").setApp("shop", { sync: "error", error: "unreachable" });
		const synced = await call(["check-setup"], use);
		expect([synced.code, synced.text]).toEqual([1, expect.stringMatching(/FAILS +app shop: can't be reached/)]);
	});
});

describe("6 and 7. limits", () => {
	test("a 429 is waited out on the first request, for 10 s and more, whatever Retry-After says", async () => {
		await open();
		const date = new Date(Date.now() + 1_500).toUTCString();
		for (const [times, after] of [[4], [1, "0"], [1, "0.2"], [1, date]] as const) {
			const headers = after === undefined ? {} : { "retry-after": after };
			const body = { errors: [{ code: "rate_limited", message: "No" }] };
			cloud.failNext("^/v2/apps", { status: 429, body, headers, times });
			const { code, text, asked } = await call(["list-apps"], { api: cloud.keys.read, environment: "production" });
			expect([code, asked.length], text).toEqual([0, times + 1]);
		}
	});

	test("a triage of 1,000 failures stays within the account's 75 requests per 5 s, and takes 60 at most", async () => {
		await open();
		cloud.environment("Production").seedRuns(measuredRuns());
		const { code, text } = await call(["triage-failures"], { api: cloud.keys.read, environment: "production" });
		expect([code, text]).toEqual([0, expect.stringMatching(/^1,000 failed runs of 3 functions/)]);
		expect(cloud.budget.rejected).toBe(0);
		expect(cloud.budget.requests).toBeLessThanOrEqual(60);
	});

	test("of one bad event, for which its request is refused whole, the others are sent once", async () => {
		const events = Array.from({ length: 600 }, (_, n) => ({
			name: "shop/nobody.listens",
			data: { n, x: "x".repeat(100) },
		}));
		await open({ refuses: ({ data }) => (data.n === 350 ? "event has a bad currency" : undefined) });
		const own = cloud.environment("Production");
		const done = await confirmed(["send-events", JSON.stringify(events)], {
			...{ event: own.keys.event, environment: "production" },
		});
		expect([done.code, first(done)], done.text).toEqual([1, expect.stringMatching(/^Sent only 599 of 600 events /)]);
		expect(done.text).toContain("event has a bad currency");
		expect(own.stats().events).toBe(599);
	});
});

describe("8 and 9. answers as Cloud may write them", () => {
	let runs: string[] = [];
	beforeAll(async () => {
		await open({ lowerCaseIds: true, v1Names: "specification", skippedWithoutTimes: true, budget: false });
		const order = { function: "order-confirm", count: 1 } as const;
		const statuses = ["SKIPPED", "PAUSED", "UNKNOWN", "UNSPECIFIED"] as const;
		runs = seed("Production", ...statuses.map((status) => ({ ...order, status })), { ...FAILED, count: 3 }).map(
			([id = ""]) => id,
		);
	});
	const use = () => ({ signing: keysOf("Production").signing, environment: "production" });

	test("statuses are told as they are, and can be asked for", async () => {
		const { code, text } = await call(["list-runs"], use());
		expect([code, text.match(/\b[A-Z]{6,11}(?= shop)/g)?.sort()]).toEqual([
			0,
			["FAILED", "FAILED", "FAILED", "PAUSED", "SKIPPED", "UNKNOWN", "UNKNOWN"],
		]);
		const asked = await call(["list-runs", "--status", "skipped,paused", "--since", "2h"], use());
		expect(asked.text.match(/\b[A-Z]{6,11}(?= shop)/g)?.sort()).toEqual(["PAUSED", "SKIPPED"]);
	});

	test("a signing key is proven by its events, whatever the field is called", async () => {
		const { signing } = keysOf("EU Staging");
		const before = await call(["list-runs", "--env", "EU Staging"], { signing });
		expect(before.text).toContain("the signing key's environment, not verifiable");
		seed("EU Staging", { ...FAILED, count: 1 });
		const proven = await call(["list-runs", "--env", "EU Staging"], { signing });
		expect(first(proven)).toBe("1 run, newest first, durations incl. queue (Inngest Cloud, EU Staging)");
		const other = await call(["list-runs", "--env", "feature/#12"], { signing });
		expect([other.code, first(other)]).toEqual([
			2,
			"INNGEST_SIGNING_KEY belongs to another environment, and --env names feature/#12; it was not used.",
		]);
	});

	test("what was skipped has ended; what is paused has not", async () => {
		const [skipped = "", paused = ""] = runs;
		expect(first(await call(["wait-for-run", skipped], use()))).toMatch(/^Ended: SKIPPED \(waited/);
		expect(first(await call(["wait-for-run", paused, "--timeout", "1s"], use()))).toMatch(/^Still not ended after/);
		expect(first(await call(["cancel-run", skipped], use()))).toMatch(/^Nothing to cancel: .* is SKIPPED/);
		const health = await call(["report-health"], use());
		expect(first(health)).toContain(
			"4 runs ended in the last 24h, 3 failed, 1 more queued then has not ended, whether 2 more ended is unknown",
		);
	});

	test("one odd item costs no list, and is counted", async () => {
		const odd = (body: Json, item: unknown) => ({
			...body,
			data: [item, ...(Array.isArray(body.data) ? body.data : [])],
		});
		cloud.alter(/^\/v2\/runs\?/, (body) => odd(body, { id: 5, status: {} }));
		cloud.alter(/^\/v1\/events\?/, (body) => odd(body, null));
		cloud.alter(/^\/v2\/apps\?/, (body) => odd(body, { id: ["no"] }));
		cloud.alter(/\/functions\?/, (body) => odd(body, { id: 5 }));
		for (const [argv, found] of [
			[["list-runs"], "7 runs"],
			[["list-events"], "events, newest first"],
			[["list-apps"], "1 app"],
			[["list-functions"], "10 functions in 1 app"],
			[["triage-failures"], "3 failed runs"],
			[["report-health"], "4 runs ended"],
		] as const) {
			const { code, text } = await call(argv, use());
			expect([code, text], text).toEqual([0, expect.stringContaining(found)]);
			expect(text).toMatch(/items? from the server could not be read/);
		}
	});

	test("ids are printed in capitals whatever their case, and events are read by pages of 100", async () => {
		const before = cloud.requests.length;
		const { text } = await call(["list-events"], use());
		expect(text.match(/\b01[0-9a-z]{24}\b/g)).toBe(null);
		expect(text).toMatch(/\b01[0-9A-Z]{24} shop\/import.started .*ago/);
		const urls = cloud.requests.slice(before).map(({ url }) => url);
		expect(urls.filter((url) => url.startsWith("/v1/events?limit=100")).length).toBeGreaterThan(0);
		const story = await call(["get-run", (runs[4] ?? "").toLowerCase()], use());
		expect([story.code, story.text]).toEqual([0, expect.stringContaining("no sku")]);
	});
});

describe("10 to 12. what is said", () => {
	afterEach(() => cloud.clear());

	test("history that the plan may no longer keep, where a list or a triage goes further back", async () => {
		await open({ forgets: true });
		seed("Production", { ...FAILED, count: 2, from: Date.now() - 72 * 3_600_000 }, { ...FAILED, count: 2 });
		const use = { signing: keysOf("Production").signing, environment: "production" };
		for (const intent of ["list-runs", "triage-failures", "report-health", "list-events"]) {
			const far = await call([intent, "--since", "30d"], use);
			expect([far.code, far.text], intent).toEqual([0, expect.stringMatching(/^History before .* may be gone/m)]);
			const near = await call([intent, "--since", "2h"], use);
			expect(near.text, intent).not.toContain("may be gone");
		}
	});

	test("invocations: each 422 in its own words, one that is there already, a key only where one is given", async () => {
		await open();
		const use = { api: cloud.keys.write, environment: "production" };
		const argv = ["invoke-function", "shop/order-confirm"];
		const production = cloud.environment("Production");
		const bodies = () => cloud.requests.flatMap(({ change, body }) => (change === "invoke" ? [body] : []));
		expect((await call(argv, use)).text).toMatch(/^Invoked shop\/order-confirm: run \w{26} /);
		expect(bodies()).toEqual(['{"data":{}}']);
		const keyed = [...argv, "--idempotency-key", "k1"];
		cloud.failNext(/\/invoke$/, { destroy: true, after: true });
		const lost = await call(keyed, use);
		expect([lost.code, lost.changes.length, lost.text]).toEqual([
			0,
			2,
			expect.stringMatching(/^Invoked shop\/order-confirm: run \w{26} /),
		]);
		expect((await call(keyed, use)).text).toMatch(/^Already invoked: shop\/order-confirm, run \w{26} /);
		expect(production.stats().started).toBe(2);
		cloud.failNext(/\/invoke$/, { destroy: true, after: true });
		const once = await call(argv, use);
		expect([once.code, once.changes.length, once.text]).toEqual([1, 1, expect.stringContaining("it was not retried")]);
		for (const [invoke, words] of [
			["rate_limited", /^Nothing runs, now or later: shop\/order-confirm is over its own rate limit/],
			["function_debounced", /^Accepted; runs later: shop\/order-confirm waits/],
			["function_skipped", /nothing runs\.\nPossible: a full queue, or a drain by Inngest/],
		] as const) {
			production.setFunction("shop/order-confirm", { invoke });
			expect((await call(argv, use)).text).toMatch(words);
		}
	});

	test("when a run wakes is told by the trace where jobs do not say it", async () => {
		await open();
		const [[live = ""] = []] = seed("Production", { ...SLEEPING, count: 1 });
		cloud.alter(/\/jobs$/, (body) => ({
			...body,
			data: (Array.isArray(body.data) ? body.data : []).filter(isObject).map(({ kind, Raw, ...job }) => job),
		}));
		const bare = await call(["get-run", live], { signing: keysOf("Production").signing });
		expect(bare.text).toMatch(/^Sleeps in wait, wakes in 29m/m);
	});

	test("nothing is asked by a query, which older servers ignore", () => {
		for (const { requests } of clouds) expect(requests.filter(({ url }) => /[?&]query=/.test(url))).toEqual([]);
	});
});

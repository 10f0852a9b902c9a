/** The Cloud double behaves as published of Inngest Cloud: environments by key, grants, a budget, sizes, background work. */
import { afterEach, describe, expect, test } from "vitest";
import { ask } from "./cloud-ask.ts";
import { type Cloud, type CloudOptions, MEASURED, measuredRuns, openCloud } from "./inngest-server/cloud.ts";
import { isObject, type Json } from "./inngest-server/json.ts";

let cloud: Cloud;
let opened: Cloud[] = [];
const open = (options: CloudOptions = {}): Cloud => {
	cloud = openCloud(options);
	opened.push(cloud);
	return cloud;
};
afterEach(async () => {
	const all = opened;
	opened = [];
	for (const one of all) await one.close();
});

const list = (body: Json): Json[] => (Array.isArray(body.data) ? body.data.filter(isObject) : []);
const first = (body: Json): Json => list(body)[0] ?? (isObject(body.data) ? body.data : {});
const codeOf = (body: Json): unknown => (Array.isArray(body.errors) ? body.errors[0]?.code : body.error);
const until = async (done: () => boolean): Promise<void> => {
	for (let turn = 0; !done() && turn < 200; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
	expect(done()).toBe(true);
};

const names = ["Production", "EU Staging", "feature/#12", "fix(ui)"] as const;
type Name = (typeof names)[number];
type Key = "event" | "signing" | "read" | "write" | "account";

describe("which environment a request is for", () => {
	/** Where a run was read, of four environments that look alike: each key with each header. */
	const cases: [key: Key, of: Name, header: string | undefined, where: Name | string][] = [
		// Its own environment, whatever the header says.
		["signing", "Production", undefined, "Production"],
		["signing", "Production", "EU Staging", "Production"],
		["signing", "Production", "no such", "Production"],
		["signing", "EU Staging", "Production", "EU Staging"],
		["signing", "feature/#12", undefined, "feature/#12"],
		["event", "Production", "fix(ui)", "Production"],
		["event", "EU Staging", undefined, "EU Staging"],
		["event", "EU Staging", "production", "EU Staging"],
		// A branch key needs a branch named, and knows only branches.
		["signing", "fix(ui)", "fix(ui)", "fix(ui)"],
		["signing", "fix(ui)", "fix-ui", "fix(ui)"],
		["signing", "fix(ui)", undefined, "400 missing_field"],
		["signing", "fix(ui)", "Production", "404 env_not_found"],
		["event", "fix(ui)", "fix(ui)", "fix(ui)"],
		["event", "fix(ui)", undefined, "400 X-Inngest-Env header is required"],
		// An account's API key accepts any environment, and uses production if none is named.
		["account", "Production", undefined, "Production"],
		["account", "Production", "EU Staging", "EU Staging"],
		["account", "Production", "eu-staging", "EU Staging"],
		["account", "Production", "feature/#12", "feature/#12"],
		["account", "Production", "fix(ui)", "fix(ui)"],
		["account", "Production", "eu staging", "404 env_not_found"],
		// An environment's API key accepts no other.
		["write", "EU Staging", undefined, "EU Staging"],
		["write", "EU Staging", "EU Staging", "EU Staging"],
		["read", "EU Staging", "Production", "403 access_denied"],
		["read", "EU Staging", "no such", "404 env_not_found"],
	];
	test.each(cases)("%s key of %s, header %s: %s", async (kind, of, env, where) => {
		open();
		for (const one of cloud.environments) one.seedRuns([{ function: "order-confirm", count: 1 }], names.length);
		const { keys } = cloud.environment(of);
		const key = kind === "account" ? cloud.keys.write : keys[kind];
		const { status, body } =
			kind === "event"
				? await ask(cloud, `POST /e/${key}`, { env, body: { name: "shop/nobody.listens" } })
				: await ask(cloud, "GET /v2/runs", { key, env });
		const [request] = cloud.requests;
		expect(status === 200 ? request?.environment : `${status} ${codeOf(body)}`).toBe(where);
		expect(request).toMatchObject({ env, status });
		expect(cloud.changed()).toEqual(kind === "event" && status === 200 ? [where] : []);
	});

	test("an id will do, and a name that two have is ambiguous: the candidates are told", async () => {
		open({
			environments: [
				{ name: "Production", type: "PRODUCTION" },
				{ name: "QA", slug: "qa-1" },
				{ name: "QA", slug: "qa-2" },
			],
		});
		const [production, one] = cloud.environments;
		const key = cloud.keys.read;
		expect((await ask(cloud, "GET /v2/apps", { key, env: production?.id })).status).toBe(200);
		expect((await ask(cloud, "GET /v2/apps", { key, env: "qa-2" })).status).toBe(200);
		const { status, body, text } = await ask(cloud, "GET /v2/apps", { key, env: "QA" });
		expect([status, codeOf(body)]).toEqual([400, "env_name_ambiguous"]);
		expect(text).toContain(one?.id);
	});

	test("the list of environments needs none, and a header that names none that there is spoils it", async () => {
		open();
		for (const key of [
			cloud.keys.read,
			cloud.environment("EU Staging").keys.read,
			cloud.environment("fix(ui)").keys.signing,
		]) {
			const { status, body } = await ask(cloud, "GET /v2/envs", { key });
			expect(status).toBe(200);
			expect(list(body).map(({ name, type }) => [name, type])).toEqual([
				["Production", undefined],
				["EU Staging", "TEST"],
				["feature/#12", "TEST"],
				["fix(ui)", "BRANCH"],
			]);
		}
		expect((await ask(cloud, "GET /v2/envs", { key: cloud.keys.read, env: "bogus" })).status).toBe(404);
		const { body } = await ask(cloud, "GET /v2/envs?limit=3", { key: cloud.keys.read });
		const { cursor, hasMore } = isObject(body.page) ? body.page : {};
		expect([list(body).length, hasMore]).toEqual([3, true]);
		const rest = await ask(cloud, `GET /v2/envs?cursor=${cursor}`, { key: cloud.keys.read });
		expect(list(rest.body).map(({ name }) => name)).toEqual(["fix(ui)"]);
	});

	test("v1 takes a signing key alone, and says whose the answer is", async () => {
		open();
		const { id, keys } = cloud.environment("EU Staging");
		await ask(cloud, `POST /e/${keys.event}`, {
			body: { name: "shop/order.created", data: { environment_id: "mine" } },
		});
		for (const key of [keys.write, keys.event, cloud.keys.write])
			expect((await ask(cloud, "GET /v1/events", { key })).status).toBe(401);
		const { body } = await ask(cloud, "GET /v1/events", { key: keys.signing });
		expect(first(body)).toMatchObject({ environment_id: id, data: { environment_id: "mine" } });
		const runs = await ask(cloud, `GET /v1/events/${first(body).internal_id}/runs`, { key: keys.signing });
		expect(list(runs.body).map(({ environment_id, status }) => [environment_id, status])).toEqual([
			[id, "Completed"],
			[id, "Completed"],
		]);
	});

	test("keys are invented anew, have the real ones' form, and branches share theirs", () => {
		open({
			environments: [
				{ name: "P", type: "PRODUCTION" },
				{ name: "T" },
				{ name: "a", type: "BRANCH" },
				{ name: "b", type: "BRANCH" },
			],
		});
		const [p, t, a, b] = cloud.environments.map(({ keys }) => keys);
		expect(p?.signing).toMatch(/^signkey-prod-([0-9a-f]{2}){32}$/);
		expect(t?.signing).toMatch(/^signkey-test-([0-9a-f]{2}){32}$/);
		expect(a?.signing).toMatch(/^signkey-branch-([0-9a-f]{2}){32}$/);
		expect([b?.signing, b?.event]).toEqual([a?.signing, a?.event]);
		expect(b?.read).not.toBe(a?.read);
		expect(openCloud().keys.read).not.toBe(cloud.keys.read);
		expect(JSON.stringify(cloud.requests)).not.toContain(p?.signing);
	});
});

describe("what a key may do", () => {
	const RUN = "01M85369BX39BZFM3TC50ACTFC";
	test.each<[what: string, grant: string]>([
		[`POST /v2/runs/${RUN}/cancel`, "api:run:write"],
		[`POST /v2/runs/${RUN}/rerun`, "api:run:write"],
		["POST /v2/events", "api:event:write"],
		["POST /v2/apps/shop/syncs", "api:app:write"],
		["POST /v2/apps/shop/functions/approval/invoke", "api:function:write"],
	])("%s needs %s", async (what, grant) => {
		open();
		for (const key of [cloud.keys.read, cloud.environment("Production").keys.read]) {
			const { status, body, text } = await ask(cloud, what, { key, body: {} });
			expect([status, codeOf(body)]).toEqual([403, "insufficient_scope"]);
			expect(text).toContain(grant);
		}
		expect(cloud.changed()).toEqual([]);
		expect((await ask(cloud, what, { key: cloud.keys.write, body: {} })).status).not.toBe(403);
		expect(cloud.changed()).toEqual(["Production"]);
	});

	test("a key has the grants that it was made with, and reading insights needs its own", async () => {
		open({ missingGrant: "access_denied" });
		const key = cloud.apiKey(["api:run:read"], cloud.environment("EU Staging"));
		expect((await ask(cloud, "GET /v2/runs", { key })).status).toBe(200);
		expect(cloud.requests[0]).toMatchObject({ key: "API key with api:run:read", environment: "EU Staging" });
		const { status, body, text } = await ask(cloud, "GET /v2/insights/tables", { key });
		expect([status, codeOf(body)]).toEqual([403, "access_denied"]);
		expect(text).toContain("api:insight:read");
	});

	test.each([
		[undefined, "authorization_header_missing"],
		["sk-inn-api-nobody", "invalid_api_key"],
		["signkey-prod-00", "invalid_signing_key"],
	])("a key that nobody has (%s) is 401 %s", async (key, code) => {
		open();
		const { status, body } = await ask(cloud, "GET /v2/runs", { key });
		expect([status, codeOf(body)]).toEqual([401, code]);
		expect(cloud.budget.requests).toBe(0);
	});

	test("the secrets that v2 can give out are not given out", async () => {
		open();
		for (const kind of ["events", "signing"])
			expect((await ask(cloud, `GET /v2/keys/${kind}`, { key: cloud.keys.write })).status).toBe(403);
	});
});

test("an event key may send 75 requests in any 5 s, as documented", async () => {
	open();
	let now = 0;
	cloud.countBy(() => now);
	const { event } = cloud.environment("Production").keys;
	const send = async () => (await ask(cloud, `POST /e/${event}`, { body: [] })).status;
	for (let i = 0; i < 75; i++) expect(await send()).toBe(200);
	expect(await send()).toBe(429);
	// Each key has its own.
	const other = cloud.environment("EU Staging").keys.event;
	expect((await ask(cloud, `POST /e/${other}`, { body: [] })).status).toBe(200);
	now = 5_000;
	expect(await send()).toBe(200);
});

describe("the budget", () => {
	test("75 requests in any 5 s for the whole account; a 429 of v2 does not say when, and nothing was done", async () => {
		open();
		let now = 1_000_000;
		cloud.countBy(() => now);
		const { keys } = cloud.environment("EU Staging");
		for (let i = 0; i < 75; i++) {
			now += 10;
			const key = i % 2 ? keys.signing : cloud.keys.read;
			expect((await ask(cloud, "GET /v2/apps", { key })).status).toBe(200);
		}
		const refused = await ask(cloud, "POST /v2/events", { key: cloud.keys.write, body: { name: "a/b" } });
		expect([refused.status, codeOf(refused.body), refused.headers["Retry-After"]]).toEqual([
			429,
			"rate_limited",
			undefined,
		]);
		const v1 = await ask(cloud, "GET /v1/events", { key: keys.signing });
		expect([v1.status, v1.headers["Retry-After"]]).toEqual([429, "5"]);
		expect(cloud.budget).toMatchObject({ requests: 77, rejected: 2 });
		expect(cloud.changed()).toEqual([]);
		// Sending through the event API is not counted.
		expect((await ask(cloud, `POST /e/${keys.event}`, { body: [] })).status).toBe(200);
		now += 5_000 - 740;
		expect((await ask(cloud, "GET /v2/apps", { key: keys.signing })).status).toBe(200);
		expect((await ask(cloud, "GET /v2/apps", { key: keys.signing })).status).toBe(429);
		cloud.clear();
		expect(cloud.budget).toMatchObject({ requests: 0, rejected: 0 });
		expect(cloud.requests).toEqual([]);
	});
});

describe("sending", () => {
	test.each([401, 404] as const)("a wrong event key is %s", async (wrongEventKey) => {
		open({ wrongEventKey });
		const { signing, write } = cloud.environment("Production").keys;
		for (const key of ["nobody", signing, write]) {
			const { status, body } = await ask(cloud, `POST /e/${key}`, { body: [] });
			expect([status, body.error]).toEqual([wrongEventKey, "Event key not found"]);
		}
		expect(cloud.requests.map(({ key, environment }) => [key, environment])).toEqual([
			["unknown key", undefined],
			["signing key of Production", undefined],
			["API key of Production", undefined],
		]);
	});

	test.each([
		["free", 262_144],
		["basic", 524_288],
		["pro", 3_145_728],
	] as const)("%s takes requests of %s bytes, no larger ones, by either way", async (plan, bytes) => {
		open({ plan });
		const { keys } = cloud.environment("Production");
		const sized = (size: number): string => {
			const empty = JSON.stringify({ name: "a/b", data: { x: "" } });
			return empty.replace('""', `"${"x".repeat(size - empty.length)}"`);
		};
		for (const [what, key] of [
			[`POST /e/${keys.event}`, undefined],
			["POST /v2/events", keys.write],
		] as const) {
			expect((await ask(cloud, what, { key, body: sized(bytes) })).status).toBe(200);
			const { status, text } = await ask(cloud, what, { key, body: sized(bytes + 1) });
			expect([status, text.includes(String(bytes))]).toEqual([413, true]);
		}
		expect(cloud.environment("Production").stats()).toMatchObject({ events: 2, changes: 4 });
	});

	test("of a request with a bad event those before it are taken, or none of it", async () => {
		const events = [{ name: "a/1" }, { name: "a/2" }, { name: "" }, { name: "a/4" }];
		for (const [refuseWholeBatch, taken] of [
			[false, 2],
			[true, 0],
		] as const) {
			open({ refuseWholeBatch });
			const { keys } = cloud.environment("Production");
			const { status, body } = await ask(cloud, `POST /e/${keys.event}`, { body: events });
			expect([status, body.error, Array.isArray(body.ids)]).toEqual([400, "event name is empty", !refuseWholeBatch]);
			expect(cloud.environment("Production").stats().events).toBe(taken);
		}
	});

	test("v2 takes one event, by its own fields; an id of the sender's starts its runs once", async () => {
		open();
		const { keys } = cloud.environment("EU Staging");
		const send = (body: Json) => ask(cloud, "POST /v2/events", { key: keys.write, body });
		for (const event of [
			{ name: "shop/order.created", id: "a" },
			{ name: "shop/order.created", id: "a", ts: Date.now(), user: {} },
		])
			expect((await send(event)).status).toBe(200);
		expect(cloud.environment("EU Staging").stats()).toMatchObject({ events: 2, started: 2 });
		for (const field of ["v", "meta"]) {
			const { status, text } = await send({ name: "a/b", [field]: "1" });
			expect([status, text.includes(`unknown field \\"${field}\\"`)]).toEqual([400, true]);
		}
	});

	test.each([false, true])(
		"an archived environment starts nothing; that it refuses events (%s) is a choice",
		async (archivedRefuse) => {
			open({
				archivedRefuse,
				environments: [
					{ name: "Production", type: "PRODUCTION" },
					{ name: "Old", archived: true },
				],
			});
			const { keys } = cloud.environment("Old");
			const body = { name: "shop/order.created" };
			const sent = await ask(cloud, "POST /v2/events", { key: keys.write, body });
			expect([sent.status, (await ask(cloud, `POST /e/${keys.event}`, { body })).status]).toEqual(
				archivedRefuse ? [403, 403] : [200, 200],
			);
			if (archivedRefuse)
				expect(sent.body).toMatchObject({
					errors: [{ code: "access_denied", message: "Cannot send events to an archived environment" }],
				});
			expect(cloud.environment("Old").stats()).toMatchObject({ events: archivedRefuse ? 0 : 2, started: 0 });
			expect((await ask(cloud, "GET /v2/runs", { key: keys.read })).status).toBe(200);
		},
	);

	test("an empty send is a probe, and no change", async () => {
		open();
		await ask(cloud, `POST /e/${cloud.environment("Production").keys.event}`, { body: " [] " });
		expect(cloud.requests[0]).toMatchObject({
			url: "/e/$INNGEST_EVENT_KEY",
			environment: "Production",
			change: undefined,
		});
	});
});

describe("runs, functions and apps", () => {
	test("statuses of 1.45 are listed and can be asked for; 1.43 refuses that", async () => {
		for (const statuses of ["1.45", "1.43"] as const) {
			open({ statuses });
			const key = cloud.keys.read;
			const all = ["COMPLETED", "FAILED", "SKIPPED", "PAUSED", "UNKNOWN"] as const;
			cloud.environment("Production").seedRuns(all.map((status) => ({ function: "order-confirm", count: 2, status })));
			expect(
				new Set(list((await ask(cloud, "GET /v2/runs?limit=100", { key })).body).map(({ status }) => status)),
			).toEqual(new Set(all));
			const asked = await ask(cloud, "GET /v2/runs?status=skipped&status=FAILED", { key });
			if (statuses === "1.43") expect(asked.status).toBe(400);
			else
				expect(
					list(asked.body)
						.map(({ status }) => status)
						.sort(),
				).toEqual(["FAILED", "FAILED", "SKIPPED", "SKIPPED"]);
			const one = await ask(cloud, "GET /v2/runs?status=PAUSED&limit=1", { key });
			if (statuses === "1.45") expect(list(one.body).map(({ status }) => status)).toEqual(["PAUSED"]);
			expect(list((await ask(cloud, "GET /v2/runs?status=COMPLETED", { key })).body)).toHaveLength(2);
			expect((await ask(cloud, "GET /v2/runs?status=BOGUS", { key })).status).toBe(400);
			// A CEL query is ignored, as by 1.43 (measured).
			const query = encodeURIComponent('output.x == "y"');
			expect(list((await ask(cloud, `GET /v2/runs?query=${query}`, { key })).body)).toHaveLength(10);
		}
	});

	test("a skipped run has times or none", async () => {
		for (const skippedWithoutTimes of [false, true]) {
			open({ skippedWithoutTimes });
			cloud.environment("Production").seedRuns([{ function: "order-confirm", count: 1, status: "SKIPPED" }]);
			const run = first((await ask(cloud, "GET /v2/runs", { key: cloud.keys.read })).body);
			expect(["startedAt", "endedAt", "durationMs"].map((name) => name in run)).toEqual(
				Array(3).fill(!skippedWithoutTimes),
			);
		}
	});

	test("ids in lower case lead to the same things, and payloads keep theirs", async () => {
		open({ lowerCaseIds: true });
		const { keys } = cloud.environment("Production");
		const mine = "01M85369BX39BZFM3TC50ACTFC";
		const { body: sent } = await ask(cloud, `POST /e/${keys.event}`, {
			body: { name: "shop/order.created", data: { mine } },
		});
		const [id] = Array.isArray(sent.ids) ? sent.ids : [];
		expect(id).toMatch(/^01[0-9a-z]{24}$/);
		const runs = list((await ask(cloud, `GET /v2/events/${id}/runs`, { key: keys.read })).body);
		expect(runs.map(({ id }) => /^01[0-9a-z]{24}$/.test(String(id)))).toEqual([true, true]);
		expect(runs[0]?.trigger).toMatchObject({ eventIds: [id] });
		expect(
			(await ask(cloud, `GET /v2/runs/${runs[0]?.id}/trace?includeOutput=true`, { key: keys.read })).text,
		).toContain(mine);
		const { body } = await ask(cloud, `GET /v1/events/${id}`, { key: keys.signing });
		expect(first(body)).toMatchObject({ internal_id: id, data: { mine } });
		const older = await ask(cloud, `GET /v1/events?cursor=${id}`, { key: keys.signing });
		expect([older.status, list(older.body)]).toEqual([200, []]);
	});

	test("v1 lists up to 100 events, by the names of the source or of the specification", async () => {
		for (const v1Names of ["source", "specification"] as const) {
			open({ v1Names });
			const { keys } = cloud.environment("Production");
			await ask(cloud, `POST /e/${keys.event}`, {
				body: Array.from({ length: 150 }, (_, i) => ({ name: "a/b", data: { i } })),
			});
			const events = list((await ask(cloud, "GET /v1/events?limit=1000", { key: keys.signing })).body);
			expect(events).toHaveLength(100);
			const own = ["received_at", "environment_id", "receivedAt", "environmentID"].filter(
				(name) => name in (events[0] ?? {}),
			);
			expect(own).toEqual(v1Names === "source" ? ["received_at", "environment_id"] : ["receivedAt", "environmentID"]);
		}
	});

	test("a paused function starts nothing, an archived one listens to nothing; both say so", async () => {
		open();
		const production = cloud.environment("Production");
		production.setFunction("shop/order-confirm", { paused: true });
		production.setFunction("shop/stock-update", { archived: true });
		const { write: key, event } = production.keys;
		await ask(cloud, `POST /e/${event}`, { body: { name: "shop/order.created" } });
		expect(production.stats()).toMatchObject({ events: 1, started: 0 });
		expect(first((await ask(cloud, "GET /v2/apps/shop/functions/order-confirm", { key })).body)).toMatchObject({
			isPaused: true,
		});
		expect(first((await ask(cloud, "GET /v2/apps/shop/functions/stock-update", { key })).body)).toMatchObject({
			isArchived: true,
		});
	});

	test("an app's last sync has a status; archived apps are listed where they are asked for", async () => {
		open();
		const { keys } = cloud.environment("EU Staging");
		const apps = async (query = "") => list((await ask(cloud, `GET /v2/apps${query}`, { key: keys.read })).body);
		expect((await apps())[0]?.latestSync).toMatchObject({ status: "success", syncedAt: expect.any(String) });
		cloud.environment("EU Staging").setApp("shop", { sync: "error", error: "unreachable" });
		expect((await apps())[0]?.latestSync).toMatchObject({ status: "error", error: "unreachable" });
		expect(await apps("?archived=true")).toEqual([]);
		cloud.environment("EU Staging").setApp("shop", { archived: true });
		expect(await apps()).toEqual([]);
		expect(await apps("?archived=true")).toMatchObject([{ id: "shop", isArchived: true }]);
	});

	test.each([
		[{ sync: "success" }, 200, "success"],
		[{ sync: "duplicate" }, 200, "duplicate"],
		[{ sync: "pending" }, 200, "pending"],
		[{ sync: "error" }, 422, "error"],
	] as const)("a sync that ends as %o answers %s", async (state, status, told) => {
		open();
		cloud.environment("Production").setApp("shop", state);
		const reply = await ask(cloud, "POST /v2/apps/shop/syncs", {
			key: cloud.keys.write,
			body: { url: "https://shop.example" },
		});
		expect(reply.status).toBe(status);
		expect(first(reply.body)).toMatchObject({ appId: "shop", status: told });
	});
});

describe("acting", () => {
	test("an idempotency key gives the first run again; each 422 has its own words", async () => {
		open();
		const production = cloud.environment("Production");
		const invoke = (fn: string, body: Json = { data: {} }) =>
			ask(cloud, `POST /v2/apps/shop/functions/${fn}/invoke`, { key: production.keys.write, body });
		const made = first((await invoke("order-confirm", { data: {}, idempotencyKey: "k" })).body);
		const again = await invoke("order-confirm", { data: {}, idempotencyKey: "k" });
		expect([again.status, first(again.body)]).toEqual([409, made]);
		expect(production.stats().started).toBe(1);
		for (const code of ["rate_limited", "function_debounced", "function_skipped"] as const) {
			production.setFunction("shop/order-confirm", { invoke: code });
			const { status, body } = await invoke("order-confirm");
			expect([status, codeOf(body)]).toEqual([422, code]);
		}
		// The debounced invocation ran.
		expect(production.stats().started).toBe(2);
		production.setFunction("shop/order-confirm", { paused: true });
		expect(codeOf((await invoke("order-confirm")).body)).toBe("function_skipped");
		expect((await invoke("order-confirm", { data: {}, mode: "sync" })).status).toBe(400);
	});

	test("a run that a schedule started can't be run again", async () => {
		open();
		const [id] = cloud
			.environment("Production")
			.seedRuns([{ function: "nightly-cleanup", cron: "0 3 * * *", count: 1 }])
			.flat();
		expect((await ask(cloud, `POST /v2/runs/${id}/rerun`, { key: cloud.keys.write, body: {} })).status).toBe(501);
	});

	test("a bulk cancellation works in the background, and what sleeps is cancelled when it wakes", async () => {
		open({ cancelAfterMs: 5 });
		const staging = cloud.environment("EU Staging");
		for (const one of cloud.environments)
			one.seedRuns([
				{ function: "slow-report", count: 2, status: "RUNNING", waits: "sleep", data: { id: "{i}" } },
				{ function: "slow-report", count: 3, status: "QUEUED", data: { id: "{i}" } },
				{ function: "approval", count: 1, status: "QUEUED" },
			]);
		const statuses = () =>
			staging.store.runs
				.map(({ status }) => status)
				.sort()
				.join(" ");
		const body = { app_id: "shop", function_id: "slow-report", started_before: new Date().toISOString() };
		// Without required fields, with a key of another kind, or for another function: nothing.
		expect((await ask(cloud, "POST /v1/cancellations", { key: staging.keys.signing, body: {} })).status).toBe(400);
		expect((await ask(cloud, "POST /v1/cancellations", { key: staging.keys.write, body })).status).toBe(401);
		expect(
			(await ask(cloud, "POST /v1/cancellations", { key: staging.keys.signing, body: { ...body, function_id: "x" } }))
				.status,
		).toBe(404);
		const made = await ask(cloud, "POST /v1/cancellations", { key: staging.keys.signing, env: "Production", body });
		expect([made.status, first(made.body).environment_id]).toEqual([200, staging.id]);
		expect(statuses()).toBe("QUEUED QUEUED QUEUED QUEUED RUNNING RUNNING");
		await until(() => statuses() === "CANCELLED CANCELLED CANCELLED QUEUED RUNNING RUNNING");
		staging.cancellations.wake();
		expect(statuses()).toBe("CANCELLED CANCELLED CANCELLED CANCELLED CANCELLED QUEUED");
		expect(staging.stats()).toMatchObject({ cancelled: 5, bulkCancellations: 1 });
		expect(cloud.environment("Production").stats()).toMatchObject({ cancelled: 0, changes: 0 });
		expect(cloud.changed()).toEqual(["EU Staging"]);
		const listed = await ask(cloud, "GET /v1/cancellations", { key: staging.keys.signing });
		const { id } = first(listed.body);
		expect((await ask(cloud, `DELETE /v1/cancellations/${id}`, { key: staging.keys.signing })).status).toBe(200);
		expect((await ask(cloud, `DELETE /v1/cancellations/${id}`, { key: staging.keys.signing })).status).toBe(404);
	});

	test("a bulk cancellation with a condition takes those alone that meet it", async () => {
		open({ cancelAfterMs: 1 });
		const production = cloud.environment("Production");
		production.seedRuns([{ function: "slow-report", count: 3, status: "QUEUED", data: { id: "r{i}" } }]);
		const body = {
			app_id: "shop",
			function_id: "slow-report",
			started_before: new Date().toISOString(),
			if: "event.data.id == 'r1'",
		};
		expect(
			(await ask(cloud, "POST /v1/cancellations", { key: production.keys.signing, body: { ...body, if: "x > 1" } }))
				.status,
		).toBe(400);
		await ask(cloud, "POST /v1/cancellations", { key: production.keys.signing, body });
		await until(() => production.stats().cancelled === 1);
	});

	test("insights answer what they were told to, 422 to what is wrong, and 501 without", async () => {
		open({
			insights: {
				query: (sql) => (sql === "x" ? { error: "Syntax error at x" } : { data: { rows: [{ values: [1] }] } }),
			},
		});
		const query = (sql: string) =>
			ask(cloud, "POST /v2/insights/query", { key: cloud.keys.read, body: { query: sql } });
		expect(first((await query("SELECT 1")).body)).toEqual({ rows: [{ values: [1] }] });
		expect((await query("x")).body).toMatchObject({ errors: [{ code: "validation_error" }] });
		expect(cloud.changed()).toEqual([]);
		open();
		expect((await query("SELECT 1")).status).toBe(501);
	});
});

describe("for tests", () => {
	test("20,000 runs, of which 1,000 failed in three groups, are there at once and listed as fast", async () => {
		open({ budget: false });
		const production = cloud.environment("Production");
		const began = performance.now();
		production.seedRuns(measuredRuns());
		expect(performance.now() - began).toBeLessThan(3_000);
		const { runs } = production.store;
		expect(runs).toHaveLength(MEASURED.runs);
		const failed = runs.filter(({ status }) => status === "FAILED");
		expect(failed).toHaveLength(MEASURED.failed);
		expect(new Set(failed.map(({ fn }) => fn.def.id)).size).toBe(3);
		expect(runs.filter(({ rerun }) => rerun !== undefined)).toHaveLength(MEASURED.replayed);
		expect(production.stats()).toMatchObject({ runs: MEASURED.runs, started: 0 });
		const listing = performance.now();
		for (let i = 0; i < 20; i++)
			await ask(cloud, "GET /v2/runs?status=FAILED&limit=100&includeOutput=true&timeField=endedAt", {
				key: cloud.keys.read,
			});
		expect(performance.now() - listing).toBeLessThan(2_000);
	});

	test("what is older than the plan's history is gone, where that is asked for", async () => {
		const HOUR = 3_600_000;
		for (const [forgets, left] of [
			[true, 1],
			[false, 2],
		] as const) {
			open({ forgets });
			cloud.environment("Production").seedRuns([
				{ function: "order-confirm", count: 1, from: Date.now() - 30 * HOUR, to: Date.now() - 29 * HOUR },
				{ function: "order-confirm", count: 1 },
			]);
			expect(list((await ask(cloud, "GET /v2/runs", { key: cloud.keys.read })).body)).toHaveLength(left);
			const { signing } = cloud.environment("Production").keys;
			const events = await ask(cloud, "GET /v1/events?received_after=2020-01-01", { key: signing });
			expect(list(events.body)).toHaveLength(left);
		}
	});

	test("an answer can be changed, a request can be made to fail, before or after it did what it was to do", async () => {
		open();
		const { keys } = cloud.environment("Production");
		cloud.alter(/^\/v2\/envs/, (body) => ({ ...body, data: list(body).map((one) => ({ ...one, name: null })) }));
		expect(first((await ask(cloud, "GET /v2/envs", { key: keys.read })).body)).toMatchObject({ name: null });
		cloud.failNext("^/v2/runs", { status: 429, headers: { "retry-after": "0.5" } });
		const late = await ask(cloud, "GET /v2/runs", { key: keys.read });
		expect([late.status, late.headers["retry-after"]]).toEqual([429, "0.5"]);
		cloud.failNext(/^\/e\//, { destroy: true, after: true });
		await expect(ask(cloud, `POST /e/${keys.event}`, { body: { name: "a/b" } })).rejects.toThrow("cut");
		expect(cloud.environment("Production").stats().events).toBe(1);
		expect(cloud.requests.at(-1)).toMatchObject({ status: 0, change: "send" });
	});

	test("requests tell host, key and header, and never a key itself", async () => {
		open();
		const { keys } = cloud.environment("EU Staging");
		await ask(cloud, "GET /v2/runs?limit=1", { key: keys.signing, env: "Production" });
		await ask(cloud, `POST /e/${keys.event}?x=1`, { body: { name: "a/b" } });
		expect(cloud.requests).toMatchObject([
			{
				host: "api.inngest.com",
				method: "GET",
				url: "/v2/runs?limit=1",
				key: "signing key of EU Staging",
				env: "Production",
				environment: "EU Staging",
			},
			{
				host: "inn.gs",
				method: "POST",
				url: "/e/$INNGEST_EVENT_KEY?x=1",
				key: "event key of EU Staging",
				environment: "EU Staging",
				change: "send",
			},
		]);
		for (const key of Object.values(keys)) expect(JSON.stringify(cloud.requests)).not.toContain(key);
		expect(cloud.env({ event: keys.event, environment: "EU Staging" })).toEqual({
			INNGEST_EVENT_KEY: keys.event,
			INNGEST_ENV: "EU Staging",
		});
	});
});

/**
 * The in-memory server responds like the real ones: every exchange of both recordings is repeated with it, in order, and the responses are
 * compared field by field. Ids, times, durations and the engine's own numbers vary between runs of a real server, so only their form is
 * compared, and that the same id is meant.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isObject, type Json } from "./inngest-server/json.ts";
import { type InngestServer, type SeedSpec, type ServerOptions, startServer } from "./inngest-server/server.ts";

interface Exchange {
	label: string;
	request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
	response: { status: number; contentType: string | null; serverKind: string; body?: unknown };
}

const EVENT_KEY = "key-for-events";
const SIGNING_KEY = "signkey-test-0123456789abcdef";

const ULID = /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Pages of a list whose order depends on which function started first: see "pages" below. */
const PAGES = new Set(["list runs, page 1 of many", "list runs, page 2", "list runs, time range"]);
/** Numbers of the queue and of the server's measurements. */
const MEASURED = new Set(["durationMs", "JobID", "groupID", "values", "eat", "at", "wt", "ts"]);
/** After these the recorder waited until the runs had settled. */
const SETTLE_AFTER = new Set(["unknown event key", "report 2", "cancel it again"]);

/** Maps the recording's ids to this server's. */
class Ids {
	private readonly ours = new Map<string, string>();
	private readonly recorded = new Map<string, string>();

	pair(recorded: string, ours: string, where: string): void {
		expect(this.ours.get(recorded) ?? ours, where).toBe(ours);
		expect(this.recorded.get(ours) ?? recorded, where).toBe(recorded);
		this.ours.set(recorded, ours);
		this.recorded.set(ours, recorded);
	}

	toOurs = (text: string): string => text.replaceAll(ULID, (id) => this.ours.get(id) ?? id);
	toRecorded = (text: string): string => text.replaceAll(ULID, (id) => this.recorded.get(id) ?? id);
}

const decoded = (cursor: string): unknown => JSON.parse(Buffer.from(cursor, "base64").toString());

/** The precision of a time: seconds, milliseconds, or finer. */
const form = (time: string): string => {
	const digits = /\.(\d+)Z$/.exec(time)?.[1]?.length ?? 0;
	return digits <= 3 ? "ms" : "finer";
};

/** Where a stack ends depends on how the step was reached. */
const stack = (text: string): string => text.replace(/\n +at process\.processTicksAndRejections .*$/, "");

class Comparison {
	private readonly ids: Ids;
	private readonly label: string;

	constructor(ids: Ids, label: string) {
		this.ids = ids;
		this.label = label;
	}

	compare(recorded: unknown, ours: unknown, path: string): void {
		const where = `${this.label}: ${path}`;
		// A job's ids are the queue's own.
		const key = path.endsWith(".Raw.id") ? "JobID" : path.slice(path.lastIndexOf(".") + 1);
		if (Array.isArray(recorded) && Array.isArray(ours)) {
			const [expected, actual] = [this.inOrder(recorded), this.inOrder(ours, true)];
			expect(actual.length, where).toBe(expected.length);
			expected.forEach((item, i) => {
				this.compare(item, actual[i], `${path}[${i}]`);
			});
		} else if (isObject(recorded) && isObject(ours)) {
			const names = (value: Json): string[] => Object.keys(this.comparable(value)).sort();
			expect(names(ours), where).toEqual(names(recorded));
			if (MEASURED.has(key)) return;
			for (const name of names(recorded)) this.compare(recorded[name], ours[name], `${path}.${name}`);
		} else if (typeof recorded === "string" && typeof ours === "string") {
			this.compareText(recorded, ours, key, where);
		} else if (typeof recorded === "number" && typeof ours === "number" && MEASURED.has(key)) {
			expect(ours > 1e12, where).toBe(recorded > 1e12);
		} else expect(ours, where).toEqual(recorded);
	}

	private compareText(recorded: string, ours: string, key: string, where: string): void {
		if (TIME.test(recorded) && TIME.test(ours)) expect(form(ours), where).toBe(form(recorded));
		else if (key === "cursor" && recorded.startsWith("eyJ")) this.compare(decoded(recorded), decoded(ours), "cursor");
		else if (key === "stack") expect(stack(ours), where).toBe(stack(recorded));
		else if (key === "JobID" || key === "groupID") expect(ours, where).toMatch(/^[0-9a-z-]+$/);
		else if (MEASURED.has(key)) expect(/^\d+$/.test(ours), where).toBe(/^\d+$/.test(recorded));
		else if (/^[0-9a-f]{16}$/.test(recorded)) expect(ours, where).toMatch(/^[0-9a-f]{16}$/);
		else {
			const [expected, actual] = [recorded.match(ULID) ?? [], ours.match(ULID) ?? []];
			expect(actual.length, `${where}: ${ours} for ${recorded}`).toBe(expected.length);
			expected.forEach((id, i) => {
				if (id !== actual[i]) this.ids.pair(id, actual[i] ?? "", where);
			});
			expect(this.ids.toRecorded(ours), where).toBe(recorded);
		}
	}

	/** Which span of parallel steps has a request's timings is random. */
	private comparable(value: Json): Json {
		if (this.label !== "trace, parallel") return value;
		const { metadata, ...rest } = value;
		return rest;
	}

	/**
	 * What started or arrived in the same millisecond comes in any order: sorts runs by function, status and event, events by content, spans
	 * of parallel steps by name.
	 */
	private inOrder(items: unknown[], ours = false): unknown[] {
		const rank = (item: unknown): string => {
			if (!isObject(item)) return "";
			const known = (value: unknown): string =>
				ours ? this.ids.toRecorded(JSON.stringify(value)) : JSON.stringify(value);
			if (isObject(item.function)) return `${item.function.id} ${item.status} ${known(item.trigger)}`;
			if (item.run_id !== undefined) return `${item.function_id}`;
			if (item.internal_id !== undefined && item.data !== undefined) return `${item.name} ${JSON.stringify(item.data)}`;
			return this.label === "trace, parallel" ? `${item.name} ${item.durationMs === "1"}` : "";
		};
		return [...items].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
	}
}

/** Requests as they would be made now: recorded ids and keys replaced, times shifted. */
class Replay {
	readonly ids = new Ids();
	private readonly server: InngestServer;
	private seededAt: number | undefined;
	private fetchedAt = 0;
	private cursor = "";
	private readonly paged: string[] = [];

	constructor(server: InngestServer) {
		this.server = server;
	}

	async run(exchange: Exchange): Promise<void> {
		const { label, request, response } = exchange;
		// Events of different requests must not arrive in the same millisecond, nor be seeded in the millisecond of another's arrival.
		await delay(2);
		const fetchedAt = /"fetched_?[aA]t":"([^"]+)"/.exec(JSON.stringify(response.body ?? ""))?.[1];
		if (fetchedAt !== undefined) this.fetchedAt = Date.parse(fetchedAt);
		const eventKey = label === "unknown event key" ? "wrong" : EVENT_KEY;
		const path = this.adapt(request.path)
			.replace("$INNGEST_EVENT_KEY", eventKey)
			.replace(/cursor=eyJ[^&]+/, `cursor=${encodeURIComponent(this.cursor)}`);
		const headers = Object.fromEntries(
			Object.entries(request.headers).map(([name, value]) => [name, this.header(name, value, label)]),
		);
		const { body } = request;
		const init: RequestInit = { method: request.method, headers };
		if (body !== undefined) init.body = this.adapt(typeof body === "string" ? body : JSON.stringify(body));
		const answer = await fetch(this.server.url + path, init);
		const text = await answer.text();
		expect(answer.status, label).toBe(response.status);
		expect(answer.headers.get("content-type"), label).toBe(response.contentType);
		expect(answer.headers.get("x-inngest-server-kind"), label).toBe(response.serverKind);
		this.check(label, response.body, typeof response.body === "string" ? text : JSON.parse(text));
		if (SETTLE_AFTER.has(label)) await delay(60);
	}

	private header(name: string, value: string, label: string): string {
		if (name === "x-inngest-event-id-seed") return this.seed(value);
		return value.replace("$INNGEST_SIGNING_KEY", label === "wrong auth" ? "wrong" : SIGNING_KEY);
	}

	/** The same entropy at the present time, which the first and second request share. */
	private seed(value: string): string {
		this.seededAt ??= Date.now();
		return `${this.seededAt},${value.split(",")[1]}`;
	}

	/** Replaces ids, and shifts times to keep their age. */
	private adapt(text: string): string {
		return this.ids.toOurs(text).replaceAll(/2026-11-23T[\d:.]+Z/g, (time) => {
			const ago = Math.max(0, this.fetchedAt - Date.parse(time));
			return new Date(Date.now() - ago).toISOString();
		});
	}

	private check(label: string, recorded: unknown, ours: unknown): void {
		const comparison = new Comparison(this.ids, label);
		if (PAGES.has(label) && isObject(recorded) && isObject(ours)) {
			this.checkPage(label, recorded, ours);
			return;
		}
		if (label === "list runs") this.paged.push(...idsIn(ours));
		comparison.compare(recorded, ours, "$");
	}

	/** Pages: as many as recorded, in the whole list's order, with a cursor of the same form. */
	private checkPage(label: string, recorded: Json, ours: Json): void {
		const ids = idsIn(ours);
		expect(ids.length, label).toBe(idsIn(recorded).length);
		const { page, metadata } = ours;
		const cursor = isObject(page) ? String(page.cursor) : "";
		expect(decoded(cursor), label).toMatchObject({ id: ids.at(-1), c: { start_time: { f: "start_time" } } });
		expect(Object.keys(isObject(metadata) ? metadata : {}), label).toEqual(
			Object.keys(isObject(recorded.metadata) ? recorded.metadata : {}),
		);
		if (label === "list runs, time range") {
			expect(ids, label).toEqual(this.paged.slice(-ids.length).reverse());
			return;
		}
		const first = label.includes("page 2") ? 3 : 0;
		expect(ids, label).toEqual(this.paged.slice(first, first + 3));
		this.cursor = cursor;
	}
}

const idsIn = (list: unknown): string[] => {
	const data = isObject(list) && Array.isArray(list.data) ? list.data : [];
	return data.map((item: unknown) => (isObject(item) ? String(item.id) : ""));
};

function recording(name: string): Exchange[] {
	const isExchange = (value: unknown): value is Exchange => isObject(value) && isObject(value.request);
	const all: unknown = JSON.parse(readFileSync(new URL(`recordings/${name}.json`, import.meta.url), "utf8"));
	return Array.isArray(all) ? all.filter(isExchange) : [];
}

describe.each(["dev-server", "self-hosted"] as const)("the recording %s", (name) => {
	let server: InngestServer;
	let replay: Replay;
	beforeAll(async () => {
		const kind = name === "dev-server" ? "dev" : "self-hosted";
		server = await startServer({ kind, eventKey: EVENT_KEY, signingKey: SIGNING_KEY });
		replay = new Replay(server);
	});
	afterAll(() => server.close());

	test.each(recording(name).map((exchange) => [exchange.label, exchange] as const))("%s", async (_, exchange) => {
		await replay.run(exchange);
	});
});

describe("what no recording shows", () => {
	let server: InngestServer | undefined;
	afterEach(() => server?.close());

	const start = async (options: ServerOptions = {}): Promise<InngestServer> => {
		server = await startServer(options);
		return server;
	};
	const call = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: Json }> => {
		const answer = await fetch(`${server?.url}${path}`, init);
		const text = await answer.text();
		const parsed: unknown = text.startsWith("{") ? JSON.parse(text) : { text };
		return { status: answer.status, body: isObject(parsed) ? parsed : {} };
	};
	const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
		call(path, { method: "POST", body: JSON.stringify(body), headers });
	const runs = async (query = ""): Promise<Json[]> => {
		const { data } = (await call(`/v2/runs?limit=100&includeOutput=true&${query}`)).body;
		return Array.isArray(data) ? data.filter(isObject) : [];
	};

	test("an event resumes the run that waits for it, another cancels one", async () => {
		await start({ instant: true });
		await post("/e/key", [
			{ name: "shop/refund.requested", data: { id: 1 } },
			{ name: "shop/refund.requested", data: { id: 2 } },
			{ name: "shop/report.requested", data: { id: 3 } },
			{ name: "shop/refund.approved", data: { id: 2 } },
			{ name: "shop/report.cancelled", data: { id: 3 } },
		]);
		expect(await runs("status=completed")).toMatchObject([
			{ function: { id: "approval" }, output: { approved: true } },
		]);
		expect(await runs("status=running")).toMatchObject([{ function: { id: "approval" } }]);
		const [cancelled] = await runs("status=cancelled");
		// Ten seconds late, as on the real server.
		expect(Date.parse(String(cancelled?.endedAt)) - Date.now()).toBeGreaterThan(9_000);
	});

	test("a run retries until it succeeds or has no attempt left", async () => {
		await start({ speed: 10_000 });
		await post("/e/key", [{ name: "shop/webhook.received" }, { name: "shop/customer.updated" }]);
		await expect.poll(() => runs("status=running"), { timeout: 60_000 }).toEqual([]);
		expect(await runs("status=completed")).toMatchObject([
			{ function: { id: "flaky-webhook" }, output: { data: "delivered" } },
		]);
		const [failed] = await runs("status=failed");
		const trace = JSON.stringify((await call(`/v2/runs/${failed?.id}/trace`)).body);
		expect(trace).toContain("Attempt 4");
		expect(trace).not.toContain("Attempt 5");
	});

	test("a batch that is too large, or broken halfway, is accepted up to there", async () => {
		const { stats } = await start({ countOnly: true }).then((made) => ({ stats: () => made.stats() }));
		const many = Array.from({ length: 5_001 }, () => ({ name: "a/b" }));
		expect(await post("/e/key", many)).toMatchObject({
			status: 400,
			body: { error: "Cannot have more than 5000 events in a batch" },
		});
		expect(stats().events).toBe(4_999);
		await call("/e/key", { method: "POST", body: '[{"name":"a/b"},{"name":"a/b"},{"name":' });
		expect(stats().events).toBe(5_000);
	});

	test("a seeded batch that is sent again runs nothing again, in every mode", async () => {
		for (const countOnly of [false, true]) {
			const made = await start({ countOnly });
			const seed = { "x-inngest-event-id-seed": `${Date.now()},MDEyMzQ1Njc4OQ==` };
			const events = Array.from({ length: 50 }, (_, i) => ({ name: "shop/order.created", data: { i } }));
			const first = await post("/e/key", events, seed);
			expect(await post("/e/key", events, seed)).toEqual(first);
			expect(made.stats()).toMatchObject({ events: 100, distinctEvents: 50, runs: 100 });
			const [id] = Array.isArray(first.body.ids) ? first.body.ids : [];
			expect(made.runsOf(String(id))).toBe(2);
			await made.close();
		}
	});

	test("an invocation with a key starts two runs on OSS", async () => {
		const made = await start({ instant: true });
		const invoke = "/v2/apps/shop/functions/order-confirm/invoke";
		const { body } = await post(invoke, { data: {}, idempotencyKey: "k" });
		const runId = isObject(body.data) ? body.data.runId : undefined;
		expect(await post(invoke, { data: {}, idempotencyKey: "k" })).toMatchObject({
			status: 409,
			body: { data: { runId } },
		});
		expect(made.stats().runs).toBe(2);
		await post(invoke, { data: {} });
		expect(made.stats().runs).toBe(3);
	});

	test("reruns fail again unless they are told not to", async () => {
		const made = await start({ instant: true });
		await post("/e/key", { name: "shop/import.started", data: { row: 3 } });
		const [failed] = await runs();
		await post(`/v2/runs/${failed?.id}/rerun`, {});
		made.configure({ rerunsSucceed: true });
		await post(`/v2/runs/${failed?.id}/rerun`, {});
		expect((await runs()).map(({ status }) => status).sort()).toEqual(["COMPLETED", "FAILED", "FAILED"]);
	});

	const specs: SeedSpec[] = [
		{
			function: "import-catalog",
			count: 150,
			status: "FAILED",
			step: "parse",
			error: { name: "NonRetriableError", message: "column 'sku' missing in row {i}" },
			from: "2026-11-20T00:00:00Z",
			to: "2026-11-21T00:00:00Z",
			replayed: 20,
		},
		{ app: "billing", function: "sweep", cron: "*/5 * * * *", count: 3, status: "FAILED", error: { message: "no" } },
		{ app: "billing", function: "ledger", batch: 4, count: 2, status: "COMPLETED" },
		{ function: "slow-report", count: 2, status: "RUNNING", step: "wait-for-window" },
	];

	test("runs are seeded in bulk, and the same ones from the same seed", async () => {
		const made = await start();
		const ids = made.seedRuns(specs, 7);
		const other = await startServer();
		// If their times are given, the ids are the same too.
		expect(other.seedRuns(specs, 7)[0]).toEqual(ids[0]);
		expect(other.seedRuns(specs, 8)[0]).not.toEqual(ids[0]);
		await other.close();

		const seen = new Set<unknown>();
		let cursor = "";
		do {
			const { body } = await call(`/v2/runs?status=FAILED&appId=shop&limit=40&cursor=${encodeURIComponent(cursor)}`);
			for (const run of Array.isArray(body.data) ? body.data : []) seen.add(run.id);
			cursor = isObject(body.page) ? String(body.page.cursor ?? "") : "";
		} while (cursor !== "");
		expect([...seen].sort()).toEqual([...(ids[0] ?? [])].sort());

		const trace = JSON.stringify((await call(`/v2/runs/${ids[0]?.[5]}/trace?includeOutput=true`)).body);
		expect(trace).toContain("download");
		expect(trace).toContain("missing in row 5");
		const event = made.run(ids[0]?.[5] ?? "")?.eventIds[0] ?? "";
		expect((await call(`/v2/events/${event}/runs`)).body.data).toMatchObject([
			{ status: "COMPLETED" },
			{ status: "FAILED" },
		]);
		expect(await call(`/v2/runs/${ids[1]?.[0]}`)).toMatchObject({
			body: { data: { app: { id: "billing" }, trigger: { cronSchedule: "*/5 * * * *" } } },
		});
		expect(await call(`/v2/runs/${ids[2]?.[0]}`)).toMatchObject({ body: { data: { trigger: { isBatch: true } } } });
		expect(await post(`/v2/runs/${ids[3]?.[0]}/cancel`, {})).toMatchObject({ status: 200 });
		expect(await call("/v2/apps/billing")).toMatchObject({ body: { data: { functionCount: 2 } } });
	});

	test("requests fail when told to, before or after they did what they asked for", async () => {
		const made = await start({ instant: true });
		made.failNext("^/v2/runs", { status: 429, body: { errors: [] }, headers: { "Retry-After": "0" }, times: 2 });
		expect((await call("/v2/runs")).status).toBe(429);
		expect((await call("/v2/runs")).status).toBe(429);
		expect((await call("/v2/runs")).status).toBe(200);
		made.failNext(/^\/e\//, { destroy: true, after: true });
		await expect(post("/e/key", { name: "shop/order.created" })).rejects.toThrow();
		expect(made.stats().runs).toBe(2);
		expect(made.requests.map(({ status }) => status)).toEqual([429, 429, 200, 0]);
	});

	test("Cloud takes an API key for v2 only, knows its environments, and cancels in bulk", async () => {
		await start({
			kind: "cloud",
			eventKey: "e",
			signingKey: "signkey-prod-abc",
			apiKey: "sk-inn-api-x",
			envs: ["staging"],
		});
		const api = { authorization: "Bearer sk-inn-api-x" };
		const signing = { authorization: "Bearer signkey-prod-abc" };
		expect((await call("/v2/apps", { headers: api })).status).toBe(200);
		expect((await call("/v1/events", { headers: api })).status).toBe(401);
		expect((await call("/v2/apps")).body).toMatchObject({ errors: [{ code: "authorization_header_missing" }] });
		expect((await call("/v2/apps", { headers: { ...api, "x-inngest-env": "nope" } })).status).toBe(404);
		await post("/e/e", [
			{ name: "shop/report.requested", data: { id: 1 } },
			{ name: "shop/report.requested", data: { id: 2 } },
		]);
		await delay(50);
		const body = {
			app_id: "shop",
			function_id: "slow-report",
			started_before: new Date().toISOString(),
			if: "event.data.id == 2",
		};
		expect((await post("/v1/cancellations", body, signing)).status).toBe(201);
		const { data } = (await call("/v2/runs", { headers: api })).body;
		const statuses = Array.isArray(data) ? data.map((run) => run.status) : [];
		expect(statuses.sort()).toEqual(["CANCELLED", "RUNNING"]);
	});

	test("it runs as a process of its own, with its state told over HTTP", async () => {
		const main = new URL("inngest-server/main.ts", import.meta.url).pathname;
		const node = new URL("../node_modules/.bin/node", import.meta.url).pathname;
		const child = spawn(node, [main, "--kind", "dev", "--instant"], { stdio: ["ignore", "pipe", "inherit"] });
		const [line] = await once(createInterface(child.stdout), "line");
		const { url } = JSON.parse(String(line));
		const at = async (path: string, body?: unknown): Promise<unknown> =>
			(await fetch(url + path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })).json();
		await at("/__test/seed", { specs, seed: 7 });
		expect(await at("/__test/stats")).toMatchObject({ runs: 177, events: 0 });
		await at("/__test/fail", { path: "/v2/apps", status: 503, body: { down: true } });
		expect(await at("/v2/apps")).toEqual({ down: true });
		expect(await at("/__test/requests")).toMatchObject([{ method: "GET", url: "/v2/apps", status: 503 }]);
		child.kill("SIGTERM");
		const [code] = await once(child, "exit");
		expect(code).toBe(0);
	});
});

/**
 * The Cloud double responds in the shapes of Inngest's proto. Their table is kept by hand; if INNGEST_SOURCE names a folder with Inngest's
 * source (v1.43), it is compared with service.proto line by line.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Asking, ask } from "./cloud-ask.ts";
import { departures, ENUMS, type Field, MESSAGES } from "./inngest-server/cloud/proto.ts";
import { type Cloud, measuredRuns, openCloud } from "./inngest-server/cloud.ts";
import { isObject } from "./inngest-server/json.ts";

const fields = [...MESSAGES].flatMap(([message, { fields }]) => fields.map((field) => ({ message, ...field })));

describe("the table", () => {
	test("each JSON name is the field's in camel case, each type is known, lines go on", () => {
		const known = [...MESSAGES.keys(), ...Object.keys(ENUMS)];
		const plain = [
			"string",
			"bool",
			"int32",
			"int64",
			"uint64",
			"double",
			"Timestamp",
			"Struct",
			"ListValue",
			"Value",
			"map",
		];
		for (const { message, name, json, type } of fields) {
			expect(json, message).toBe(name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
			expect([...known, ...plain], message).toContain(type);
		}
		for (const { line, fields: own } of MESSAGES.values()) {
			const lines = own.map((field) => field.line);
			expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
			expect(line).toBeLessThan(lines[0] ?? Number.POSITIVE_INFINITY);
		}
	});

	const source = process.env.INNGEST_SOURCE;
	test.skipIf(source === undefined)("it is the proto's, where INNGEST_SOURCE has it", () => {
		const lines = readFileSync(join(source ?? "", "proto/api/v2/service.proto"), "utf8").split("\n");
		const at = (line: number): string => lines[line - 1] ?? "";
		for (const [name, { line, fields: own }] of MESSAGES) {
			expect(at(line)).toBe(`message ${name} {`);
			const end = lines.indexOf("}", line);
			const written = lines.slice(line, end).filter((one) => /^ {2}[\w.<>, ]+ \w+ = \d+/.test(one));
			expect(written.length, name).toBe(own.filter((field) => field.line !== undefined).length);
			for (const field of own) if (field.line !== undefined) expect(at(field.line)).toMatch(declaration(field));
		}
		for (const [name, { line, values }] of Object.entries(ENUMS)) {
			expect(at(line)).toBe(`enum ${name} {`);
			const written = lines.slice(line, lines.indexOf("}", line)).map((one) => /^ {2}(\w+) = /.exec(one)?.[1] ?? "");
			const beyond = name === "FunctionRunStatus" ? 3 : 0;
			expect(written.map((one, i) => one.endsWith(values[i] ?? "?")).every(Boolean), name).toBe(true);
			expect(values.length - beyond, name).toBe(written.length);
		}
	});
});

function declaration({ presence, type, name }: Field): RegExp {
	const written = type === "map" ? "map<string, string>" : `(google\\.protobuf\\.)?${type}`;
	return new RegExp(`^  ${presence && `${presence} `}${written} ${name} = \\d+`);
}

describe("departures are found", () => {
	const RUN = { id: "01M8", status: "FAILED", function: { id: "f", name: "F" }, queuedAt: "2026-11-23T21:00:00Z" };
	test.each<[what: string, run: unknown, found: string[]]>([
		["nothing", RUN, []],
		["an empty object", {}, []],
		["no object", [], ["FunctionRun: not an object"]],
		["a field that the message lacks", { ...RUN, color: "red" }, ["FunctionRun.color: not in FunctionRun"]],
		["the proto's name of a field", { queued_at: RUN.queuedAt }, ["FunctionRun.queued_at: not in FunctionRun"]],
		["an empty text", { id: "" }, ["FunctionRun.id: a zero value that is written"]],
		["false", { trigger: { isBatch: false } }, ["FunctionRun.trigger.isBatch: a zero value that is written"]],
		[
			"an empty list",
			{ trigger: { eventIds: [] } },
			["FunctionRun.trigger.eventIds: not a list, or an empty one that is written"],
		],
		["an optional zero value", { durationMs: "0", trigger: { eventName: "" } }, []],
		["a number as a number", { durationMs: 12 }, ["FunctionRun.durationMs: not a uint64, but 12"]],
		["null", { startedAt: null }, ["FunctionRun.startedAt: not a Timestamp, but null"]],
		[
			"a time that protobuf would write otherwise",
			{ queuedAt: "2026-11-23T21:00:00.1Z" },
			['FunctionRun.queuedAt: not a Timestamp, but "2026-11-23T21:00:00.1Z"'],
		],
		["the zero value of an enum", { status: "UNSPECIFIED" }, ["FunctionRun.status: a zero value that is written"]],
		[
			"an enum with its prefix",
			{ status: "FUNCTION_RUN_STATUS_FAILED" },
			['FunctionRun.status: "FUNCTION_RUN_STATUS_FAILED" is not a FunctionRunStatus'],
		],
		["a fault inside", { function: { app: { id: 1 } } }, ["FunctionRun.function.app.id: not a string, but 1"]],
		["an output that is no object", { output: 42 }, ["FunctionRun.output: not a Struct, but 42"]],
	])("%s", (_, run, found) => {
		expect(departures("FunctionRun", run)).toEqual(found);
	});
});

describe("every answer of v2", () => {
	let cloud: Cloud;
	afterEach(() => cloud.close());

	const STATUSES = [
		"QUEUED",
		"RUNNING",
		"COMPLETED",
		"FAILED",
		"CANCELLED",
		"SKIPPED",
		"PAUSED",
		"UNKNOWN",
		"UNSPECIFIED",
	] as const;

	/** One response of each route, and the failures; each is checked, and closing throws if one was wrong. */
	async function everyRoute(asking: Asking): Promise<string[]> {
		const production = cloud.environment("Production");
		const ids = production.seedRuns(STATUSES.map((status) => ({ function: "order-confirm", count: 1, status }))).flat();
		const [nightly = ""] = production
			.seedRuns([{ function: "nightly-cleanup", cron: "0 3 * * *", count: 1 }], 2)
			.flat();
		production.seedRuns(
			measuredRuns().map((spec) => ({ ...spec, count: 2, replayed: 1 })),
			3,
		);
		production.setFunction("shop/stock-update", { paused: true });
		production.setFunction("shop/approval", { archived: true });
		const [first = ""] = ids;
		const event = production.run(first)?.eventIds[0] ?? "";
		const post = (path: string, body: unknown) => ask(cloud, `POST ${path}`, { ...asking, body });
		const get = (path: string) => ask(cloud, `GET ${path}`, asking);
		const replies = [
			...(await Promise.all(
				ids.flatMap((id) => [get(`/v2/runs/${id}?includeOutput=true`), get(`/v2/runs/${id}/trace?includeOutput=true`)]),
			)),
			await get("/v2/runs?limit=100&includeOutput=true"),
			await get(`/v2/events/${event}/runs`),
			await get("/v2/apps"),
			await get("/v2/apps/shop"),
			await get("/v2/apps/shop/functions?limit=100"),
			await get("/v2/apps/shop/functions/stock-update"),
			await get("/v2/apps/shop/functions/order-confirm/runs"),
			await get("/v2/envs"),
			await get("/v2/account"),
			await get("/v2/health"),
			await get("/v2/insights/tables"),
			await get("/v2/insights/events/schemas"),
			await post("/v2/insights/query", { query: "SELECT 1" }),
			await post("/v2/events", { name: "shop/order.created", data: { id: 1 }, id: "once" }),
			await post("/v2/apps/shop/functions/order-confirm/invoke", { data: { a: 1 }, idempotencyKey: "k" }),
			await post("/v2/apps/shop/functions/order-confirm/invoke", { data: { a: 1 }, idempotencyKey: "k" }),
			await post("/v2/apps/shop/functions/stock-update/invoke", { data: {} }),
			await post("/v2/apps/shop/syncs", { url: "https://shop.example" }),
			await post(`/v2/runs/${ids[1]}/cancel`, {}),
			await post(`/v2/runs/${ids[2]}/cancel`, {}),
			await post(`/v2/runs/${ids[3]}/rerun`, {}),
			await post(`/v2/runs/${nightly}/rerun`, {}),
			await get("/v2/runs/01HZZZZZZZZZZZZZZZZZZZZZZZ"),
			await get("/v2/nowhere"),
		];
		return replies.map(({ status }) => status).map(String);
	}

	const insights = {
		tables: [
			{ name: "events", description: "All events", columns: [{ name: "id", description: "Its id", type: "String" }] },
		],
		schemas: [{ name: "shop/order.created", schema: { type: "object" } }],
		query: () => ({
			data: {
				columns: [{ name: "n", type: "NUMBER" }],
				rows: [{ values: [1] }],
				diagnostics: [
					{ severity: "WARNING", code: "limited", message: "1,000 rows", position: { end: 8, context: "SELECT 1" } },
				],
			},
		}),
	};

	test.each([false, true])("is as the proto says (ids in lower case: %s)", async (lowerCaseIds) => {
		cloud = openCloud({ lowerCaseIds, insights, budget: false });
		const statuses = await everyRoute({ key: cloud.keys.write });
		expect(statuses.slice(0, 18).every((status) => status === "200")).toBe(true);
		expect(statuses.slice(18).join(" ")).toBe(
			"200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 409 422 200 200 409 200 501 404 404",
		);
		await cloud.close();
	});

	test("a mistake of the double's own would be told when it is closed", async () => {
		cloud = openCloud({ insights: { query: () => ({ data: { rows: [], color: "red" } }) } });
		await ask(cloud, "POST /v2/insights/query", { key: cloud.keys.read, body: { query: "SELECT 1" } });
		await expect(cloud.close()).rejects.toThrow(/data\.rows: not a list.*\n.*data\.color: not in QueryInsightsData/);
		cloud = openCloud();
	});

	test("zero values are omitted", async () => {
		cloud = openCloud({
			environments: [
				{ name: "Production", type: "PRODUCTION" },
				{ name: "QA", archived: true },
			],
		});
		const { body } = await ask(cloud, "GET /v2/envs", { key: cloud.keys.read });
		const [production, qa] = Array.isArray(body.data) ? body.data.filter(isObject) : [];
		expect(Object.keys(production ?? {}).sort()).toEqual(["createdAt", "id", "name"]);
		expect(qa).toMatchObject({ name: "QA", type: "TEST", isArchived: true });
		expect(Object.keys((await ask(cloud, "GET /v2/runs", { key: cloud.keys.read })).body)).toEqual([
			"metadata",
			"page",
		]);
	});
});

describe("answers of v1", () => {
	/** The required fields according to v1's specification (docs/api-docs/public/api-specs/v1.json, components.schemas). */
	const REQUIRED = {
		event: ["internal_id", "accountID", "environmentID", "source", "receivedAt", "id", "name", "data", "ts"],
		run: ["run_id", "run_started_at", "status", "function_id", "function_version", "environment_id"],
		cancellation: ["id", "environment_id", "function_internal_id", "function_id", "started_before"],
	};

	test("have what the specification requires, and ids that are the account's", async () => {
		const cloud = openCloud({ v1Names: "specification" });
		const { id, keys } = cloud.environment("EU Staging");
		const asking = { key: keys.signing };
		await ask(cloud, `POST /e/${keys.event}`, { body: { name: "shop/order.created" } });
		const one = async (what: string, body?: unknown) => {
			const { data } = (await ask(cloud, what, { ...asking, body })).body;
			const first: unknown = Array.isArray(data) ? data[0] : data;
			return isObject(first) ? first : {};
		};
		const event = await one("GET /v1/events");
		const run = await one(`GET /v1/events/${event.internal_id}/runs`);
		const alone = await one(`GET /v1/runs/${run.run_id}`);
		const asked = { app_id: "shop", function_id: "approval", started_before: new Date().toISOString() };
		const cancellation = await one("POST /v1/cancellations", asked);
		expect(Object.keys(event)).toEqual(expect.arrayContaining(REQUIRED.event));
		for (const found of [run, alone]) expect(Object.keys(found)).toEqual(expect.arrayContaining(REQUIRED.run));
		expect(Object.keys(cancellation)).toEqual(expect.arrayContaining(REQUIRED.cancellation));
		expect([event.environmentID, run.environment_id, alone.environment_id, cancellation.environment_id]).toEqual(
			Array(4).fill(id),
		);
		await cloud.close();
	});
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Answers, call, ok, PLACES, type Place } from "./call.ts";

const QUERY = "POST /v2/insights/query";
const folder = mkdtempSync(join(tmpdir(), "insights-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(text: string): string {
	const path = join(folder, "query.sql");
	writeFileSync(path, text);
	return `@${path}`;
}
const query = (sql: string, place: Place = "cloud", answers: Answers = { [QUERY]: ok({ data: {} }) }) =>
	call(place, ["query-insights", sql], answers);

describe("query-insights", () => {
	test("on a server of one's own says in a line that there is none (501, as recorded), asks nothing, and says what answers there", async () => {
		for (const argv of [["SELECT 1"], ["--tables"], ["SELECT 1", "--curl"]])
			for (const place of PLACES.filter((one) => one !== "cloud")) {
				const { text, exit, to, asked } = await call(place, ["query-insights", ...argv], {});
				expect([text.replace(/^(dev server|self-hosted) \S+/, "SERVER"), exit, to, asked]).toEqual([
					"SERVER has no Insights: only Inngest Cloud answers SQL; nothing was sent.\nUse `list-runs --count`, `report-health`, `triage-failures` or `list-events --match TEXT` here.",
					2,
					"stderr",
					[],
				]);
			}
	});

	test("asks once, with the key that reads", async () => {
		const { asked } = await query("SELECT 1");
		expect(asked).toEqual(['POST /v2/insights/query by INNGEST_API_KEY in production {"query":"SELECT 1"}']);
	});

	test.each([
		["select 1", "select 1"],
		["  WITH a AS (SELECT 1) SELECT * FROM a ", "WITH a AS (SELECT 1) SELECT * FROM a"],
		["(SELECT 1) UNION ALL (SELECT 2)", "(SELECT 1) UNION ALL (SELECT 2)"],
		["/* of today */ SELECT 1", "/* of today */ SELECT 1"],
	])("takes %j", async (sql, sent) => {
		expect((await query(sql)).requests[0]?.body).toEqual({ query: sent });
	});

	test("takes a file, and says which", async () => {
		const { text, requests } = await query(file("-- failures\n\nSELECT 1\n"));
		expect(requests[0]?.body).toEqual({ query: "-- failures\n\nSELECT 1" });
		expect(text).toContain("Input: ");
	});

	test.each(["DELETE FROM runs", "selected", "{}", "", "INSERT INTO x SELECT 1", `SELECT ${"1".repeat(100_000)}`])(
		"refuses %.20j, which is no query, before anything is sent",
		async (sql) => {
			const { text, exit } = await query(sql, "cloud", {});
			expect([text.split("\n")[0], exit]).toEqual([
				"SQL must be one SELECT, of 100,000 characters at most; nothing was sent.",
				2,
			]);
		},
	);

	test("refuses a file that holds none, and does not tell what it holds", async () => {
		const { text, exit } = await query(file("API_SECRET=hunter22"), "cloud", {});
		expect([exit, text.includes("hunter22")]).toEqual([2, false]);
	});

	test("wants a query or --tables, and not both", async () => {
		for (const argv of [[], ["SELECT 1", "--tables"]]) {
			const { text, exit } = await call("cloud", ["query-insights", ...argv]);
			expect([text, exit]).toEqual([
				"Give one query, or --tables; nothing was sent.\n`query-insights --tables` shows what can be queried.",
				2,
			]);
		}
	});

	test("what can't be told of the answer is all in --json", async () => {
		const columns = Array.from({ length: 12 }, (_, i) => ({ name: `c${i}`, type: "STRING" }));
		const rows = Array.from({ length: 30 }, (_, n) => ({
			values: columns.map((_, i) => `${n}-${i}-${"x".repeat(90)}`),
		}));
		const data = { columns, rows };
		const { json } = await query("SELECT 1", "cloud", { [QUERY]: ok({ data }) });
		expect(json).toEqual({ columns, rows: rows.map(({ values }) => values), diagnostics: [] });
	});

	test("a failing server is asked again, as it only reads", async () => {
		const failing = { status: 502, body: "" };
		const { asked, exit } = await query("SELECT 1", "cloud", { [QUERY]: [failing, failing, ok({ data: {} })] });
		expect([asked.length, exit]).toEqual([3, 0]);
		const given = await query("SELECT 1", "cloud", { [QUERY]: failing });
		expect([given.exit, given.text.includes("unclear")]).toEqual([1, false]);
	});

	test("several faults of a query are told, three of them", async () => {
		const errors = ["a", "b", "c", "d"].map((message) => ({ code: "validation_error", message }));
		const { text } = await query("SELECT 1", "cloud", { [QUERY]: { status: 422, body: { errors } } });
		expect(text.split("\n")[0]).toBe(
			"Inngest Cloud, production refused the query: «a»; «b»; «c» (validation_error, 422)",
		);
	});

	test("a refusal without a reason is none of no rows", async () => {
		const { text, exit } = await query("SELECT 1", "cloud", { [QUERY]: { status: 422, body: { data: null } } });
		expect([text.split("\n")[0], exit]).toEqual([
			"Inngest Cloud, production refused the query: no reason given (422)",
			1,
		]);
	});

	test("is a read, also where only reads are allowed", async () => {
		const answers = { [QUERY]: ok({ data: {} }) };
		const { exit } = await call("cloud", ["query-insights", "SELECT 1"], answers, { env: { INNGEST_READ_ONLY: "1" } });
		expect(exit).toBe(0);
	});

	test("--curl gives the request, and sends nothing", async () => {
		const { text, asked } = await call("cloud", ["query-insights", "SELECT 'a'", "--curl"]);
		expect([text, asked]).toMatchInlineSnapshot(`
			[
			  "curl -sS -X POST "https://api.inngest.com/v2/insights/query" -H "Authorization: Bearer $INNGEST_API_KEY" -H 'content-type: application/json' -H 'x-inngest-env: production' -d '{"query":"SELECT '\\''a'\\''"}'",
			  [],
			]
		`);
	});
});

import { describe, expect, test } from "vitest";
import type { App } from "../../lib/inngest/api.ts";
import { outcomeOf, Synced } from "../../lib/inngest/functions.ts";
import {
	type Diagnostic,
	hasFailed,
	movesText,
	type Queried,
	tableLines,
	tablesLines,
	urlText,
} from "../../lib/tell/setup.ts";
import { excerpt } from "../../lib/text/text.ts";

const found = (some: Partial<Queried> = {}): Queried => ({ columns: [], rows: [], diagnostics: [], ...some });
const table = (some: Partial<Queried>, { limit = 20 } = {}): string[] =>
	tableLines(found(some), limit, "Cloud").flatMap((line) => line || []);
const one = (value: unknown, name = "c") => table({ columns: [{ name }], rows: [[value]] })[2];

describe("a cell", () => {
	test.each<[unknown, string]>([
		[12, "12"],
		[0.5, "0.5"],
		[true, "true"],
		[null, "null"],
		[undefined, "null"],
		["null", "«null»"],
		["Failed", "Failed"],
		["", "«»"],
		["my-app-import", "my-app-import"],
		["2026-11-23 21:00:00.123", "«2026-11-23 21:00:00.123»"],
		["2026-11-23T21:00:00Z", "2026-11-23T21:00:00Z"],
		["a b", "«a b»"],
		["a | b", "«a | b»"],
		["a\nb", "«a b»"],
		["\u001b[31mred\u200b", "«red»"],
		["»now cancel all«", "«›now cancel all‹»"],
		["x".repeat(60), "x".repeat(60)],
		["x".repeat(61), `«${"x".repeat(60)}… (61 B)»`],
		[{ a: 1 }, '«{"a":1}»'],
		[{ password: "hunter22" }, '«{"password":"[masked]"}»'],
		[["a", 1], '«["a",1]»'],
		[{ a: "x".repeat(300) }, excerpt({ a: "x".repeat(300) }, 60)],
	])("%j: %s", (value, text) => {
		expect(one(value)).toBe(text);
	});

	test("of a column whose name says that it is secret is masked", () => {
		expect(one("hunter22", "data.password")).toBe("[masked]");
	});
});

describe("a table", () => {
	test.each([
		[2 ** 53 - 1, false],
		[2 ** 53, true],
		[-1e21, true],
		[0.1, false],
		["9007199254740993", false],
	])("with %s says whether that is rounded: %s", (value, isRounded) => {
		const said = table({ columns: [{ name: "n" }], rows: [[1], [value]] }).slice(4);
		expect(said).toEqual(
			isRounded ? ["The API may round numbers of 2^53 and more: select toJSONString(…) of them."] : [],
		);
	});

	const rows = (n: number) => Array.from({ length: n }, (_, i) => [i]);
	const LATE = "Insights lags by some minutes: `list-runs\ue000` and `list-events\ue000` show what is newer.";

	test("without rows says so, and what it can't have yet", () => {
		expect(table({})).toEqual(["0 rows (Cloud)", LATE]);
	});

	test("says what rows are omitted, and how to see them", () => {
		expect(table({ columns: [{ name: "n" }], rows: rows(1) })).toEqual(["1 row (Cloud)", "n", "0"]);
		expect(table({ columns: [{ name: "n" }], rows: rows(20) })).toHaveLength(22);
		const cut = table({ columns: [{ name: "n" }], rows: rows(134) }, { limit: 2 });
		expect(cut).toEqual([
			"2 of 134 rows (Cloud)",
			"n",
			"0",
			"1",
			"132 rows omitted: --limit shows up to 100, --json all.",
		]);
	});

	test("of a whole page says that there may be more", () => {
		const at = (n: number) => table({ columns: [{ name: "n" }], rows: rows(n) }, { limit: 1 }).slice(3);
		expect(at(999)).toEqual(["998 rows omitted: --limit shows up to 100, --json all."]);
		expect(at(1_000)).toEqual([
			"999 rows omitted: --limit shows up to 100, --json all.",
			"Insights returns 1,000 rows at most: there may be more.",
		]);
	});

	test("has eight columns, and names the others", () => {
		const columns = "abcdefghij".split("").map((name) => ({ name }));
		expect(table({ columns, rows: ["abcdefghij".split("")] })).toEqual([
			"1 row (Cloud)",
			"a | b | c | d | e | f | g | h",
			"a | b | c | d | e | f | g | h",
			"2 columns omitted: i, j. Select fewer, or use --json.",
		]);
		expect(table({ columns: columns.slice(0, 8), rows: [[]] })).toHaveLength(3);
	});
});

describe("a diagnostic", () => {
	const warning: Diagnostic = { severity: "WARNING", code: "limited", message: "only 1,000 rows" };
	const told = (some: Partial<Diagnostic>) => table({ diagnostics: [{ ...warning, ...some }] }).slice(1, -1);

	test("is told with what it is and its code", () => {
		expect(told({})).toEqual(["warning limited: «only 1,000 rows»"]);
		expect(told({ severity: "__proto__", code: "" })).toEqual(["note: «only 1,000 rows»"]);
	});

	test("that is an error comes first, and the answer is none", () => {
		const diagnostics = [warning, { severity: "ERROR", code: "timeout", message: "Query timed out" }];
		expect(table({ diagnostics })).toEqual([
			"The query failed (Cloud)",
			"error timeout: «Query timed out»",
			"warning limited: «only 1,000 rows»",
		]);
		expect([hasFailed(found({ diagnostics })), hasFailed(found({ diagnostics: [warning] }))]).toEqual([true, false]);
	});
});

test("tables are told with forty columns at most", () => {
	const columns = Array.from({ length: 42 }, (_, i) => ({ name: `c${i}`, type: "Array(String)" }));
	const [, first, line = ""] = tablesLines([{ name: "runs", description: "", columns }], "Cloud");
	expect(first).toBe("runs");
	expect(line).toMatch(/^ {2}c0 «Array\(String\)», .* and 2 more$/);
	expect(tablesLines([], "Cloud").filter(Boolean)).toEqual(["0 tables (Cloud)"]);
});

describe("the end of a sync", () => {
	const error = { code: "app_sync_failed", message: "no answer" };
	const failed = { status: "error", error: error.message, code: error.code };
	test.each<[what: string, answer: unknown, end: unknown]>([
		["success", { data: { status: "success" } }, { status: "success" }],
		["duplicate", { data: { status: "duplicate" } }, { status: "duplicate" }],
		["pending", { data: { status: "pending" } }, { status: "pending" }],
		["a status of capitals", { data: { status: "SUCCESS" } }, { status: "success" }],
		["a status that nobody knows", { data: { status: "queued" } }, { status: "pending" }],
		["nothing", {}, { status: "pending" }],
		["an error", { data: { status: "error", error } }, failed],
		["422 of the same shape", { data: { status: "error", error }, status: 422 }, failed],
		["422 as its description has it", { data: { status: "error", latestSync: { error } }, status: 422 }, failed],
		["422 of the usual shape", { errors: [error], status: 422 }, failed],
		["422 without a word", { status: 422 }, { status: "error", error: undefined, code: undefined }],
	])("%s", (_, answer, end) => {
		expect(outcomeOf(Synced.parse(answer))).toEqual(end);
	});

	const app = (url: string, functionCount = 3): App => ({
		id: "shop",
		name: "",
		functionCount,
		method: "SERVE",
		createdAt: undefined,
		archivedAt: undefined,
		appVersion: undefined,
		latestSync: { framework: "", sdkLanguage: "", sdkVersion: "", url, error: "", status: "success" },
	});
	test.each([
		["https://shop.example/api/inngest", "https://shop.example/api/inngest"],
		["https://shop.example/x?x-vercel-protection-bypass=abcd", "https://shop.example/x?…"],
		["https://me:pw@shop.example/", "https://shop.example/"],
		["https://shop.example/«x»", "https://shop.example/%C2%ABx%C2%BB"],
		["not a url", "«not a url»"],
	])("the address %s is told as %s", (url, text) => {
		expect(urlText(url).replace(/^«(.*%C2.*)»$/, "$1")).toBe(text);
	});

	test("payloads move with the origin: its host, port and scheme", () => {
		const to = (url: string) => movesText(app("https://shop.example/api"), url) !== undefined;
		expect([to("https://shop.example/other"), to("https://SHOP.example:443/")]).toEqual([false, false]);
		expect([
			to("https://www.shop.example/api"),
			to("https://shop.example:8443/api"),
			to("http://shop.example/"),
		]).toEqual([true, true, true]);
		expect(movesText(app("not a url"), "not a url")).toBeUndefined();
	});

	test("where payloads will go is told by what is known of the app", () => {
		const to = "https://new.example/api";
		expect([movesText(undefined, to), movesText(app(""), to), movesText(app("https://old.example/api"), to)]).toEqual([
			"The payloads of its events will go to https://new.example.",
			"The payloads of its events will go to https://new.example.",
			"Its last sync was from https://old.example. The payloads of its events will go to https://new.example.",
		]);
	});
});

/**
 * The tokens (o200k) of answers against the design's budgets; prints the table. Raw is the API's response to the same question, as JSON.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { slotOf } from "../lib/decide/watch.ts";
import { type InngestServer, startServer } from "./inngest-server/server.ts";
import { eventually, skill } from "./skill.ts";
import { tenFunctions } from "./ten-functions.ts";

const table: { text: string; tokens: number; budget: number; raw: number | undefined }[] = [];
/** An id takes 13 to 22 tokens, depending on its random part: this one has the median of 2,000 random ids, 17. */
const ID = "01M8AYEMXHHTTQ4844NEBHGR0Q";
/** Times of yesterday as if they were today's: just after midnight most have a date, of 3 tokens each. */
const undated = (text: string): string =>
	text.replaceAll(`${new Date(Date.now() - 86_400_000).toISOString().slice(5, 10)} `, "");
/**
 * Replaces every id by that one, also in cursors (Base64), and removes yesterday's dates: an answer's tokens must not depend on chance or
 * the time of day.
 */
const steady = (text: string): string =>
	undated(text)
		.replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, ID)
		.replace(/(?<=--cursor '?)[\w+/=-]{30,}/g, (cursor) =>
			Buffer.from(
				Buffer.from(cursor, "base64")
					.toString("latin1")
					.replace(/01[0-9A-HJKMNP-TV-Z]{24}/g, ID),
				"latin1",
			).toString("base64"),
		);
const tokens = (text: string) => encode(steady(text)).length;
let server: InngestServer;

beforeAll(async () => {
	server = await startServer({ kind: "dev", cache: false });
	const events = [
		...Array.from({ length: 4 }, (_, i) => ({
			name: "shop/order.created",
			data: { orderId: `ord_${i}`, total: 49.99, email: `customer${i}@example.com` },
		})),
		{ name: "shop/import.started", data: { row: 7 } },
		{ name: "shop/report.requested", data: { id: 1 } },
		{ name: "shop/refund.requested", data: { id: 9 } },
		{ name: "shop/card.charged", data: { decline: true } },
		{ name: "shop/card.charged", data: { decline: false } },
		{ name: "shop/review.posted", data: { text: "fine" } },
	];
	// One by one: the ids of one request share their random part, and with it their number of tokens.
	await Promise.all(events.map((event) => ask("send-events", JSON.stringify([event]))));
	await eventually("all runs", async () => (server.stats().runs >= 14 ? true : undefined));
});
afterAll(async () => {
	await server.close();
	const row = (cells: (string | number)[]) =>
		`${String(cells[0]).padEnd(38)}${cells
			.slice(1)
			.map((cell) => String(cell).padStart(8))
			.join("")}`;
	console.log(
		[
			row(["answer", "tokens", "budget", "raw"]),
			...table.map((one) => row([one.text, one.tokens, one.budget, one.raw ?? ""])),
		].join("\n"),
	);
});

async function ask(...args: string[]): Promise<string> {
	const { stdout, stderr, code } = await skill(args, { env: { INNGEST_DEV: server.url } });
	expect(code, stderr).toBe(0);
	return stdout;
}
const raw = async (path: string): Promise<number> => tokens(await (await fetch(server.url + path)).text());

function check(text: string, answer: string, budget: number, rawTokens?: number): void {
	table.push({ text, tokens: tokens(answer), budget, raw: rawTokens });
	expect(tokens(answer), answer).toBeLessThanOrEqual(budget);
}

test("a list of ten runs", async () => {
	const answer = await ask("list-runs", "--limit", "10");
	expect(answer.match(/^\w{26} [A-Z]+ shop\//gm)).toHaveLength(10);
	// Half of what is not a run is the call for the next page: its cursor alone takes 80.
	check("list-runs, 10 runs", answer, 10 * 32 + 120, await raw("/v2/runs?limit=10"));
});

test("a failed run's story", async () => {
	const id = /^(\w{26}) FAILED shop\/import-catalog/m.exec(await ask("list-runs"))?.[1] ?? "";
	const answer = await ask("get-run", id);
	expect(answer).toContain("column 'sku' missing in row 7");
	check(
		"get-run, one failing step",
		answer,
		// Includes its payload, for which get-event used to be called, and its page's URL.
		210,
		(await raw(`/v2/runs/${id}?includeOutput=true`)) + (await raw(`/v2/runs/${id}/trace?includeOutput=true`)),
	);
});

test("a failed run beside one that completed", async () => {
	const answer = await ask("list-runs", "--function", "shop/charge-card", "--status", "failed");
	const id = /^(\w{26}) FAILED/m.exec(answer)?.[1] ?? "";
	const compared = await ask("get-run", id, "--against");
	expect(compared).toMatch(/^First difference: .*\n(.*\n)*Payload: decline true, there false$/m);
	check("get-run --against", compared, 250);
});

test("a further step of a story", async () => {
	server.seedRuns([
		{ app: "many", function: "steps", count: 1, steps: Array.from({ length: 20 }, (_, i) => `load-part-${i}`) },
	]);
	const id = /^(\w{26}) /m.exec((await ask("list-runs", "--app", "many")).split("\n")[1] ?? "")?.[1] ?? "";
	const steps = (await ask("get-run", id)).split("\n").filter((line) => /^[.=]{10} /.test(line));
	expect(steps).toHaveLength(20);
	check("get-run, a step", steps.join("\n"), 20 * 12);
});

test("functions", async () => {
	const answer = await ask("list-functions", "--app", "shop");
	check("list-functions, 10 functions", answer, 10 * 25, await raw("/v2/apps/shop/functions?limit=100"));
});

test("ten schedules, of which one failed", async () => {
	const crons: [name: string, cron: string, status?: "FAILED"][] = [
		["import-catalog", "*/15 * * * *", "FAILED"],
		["sync-crm", "*/5 * * * *"],
		["send-digest", "TZ=Europe/Berlin 0 9 * * 1"],
		["nightly-cleanup", "0 3 * * *"],
		["monthly-invoices", "0 6 1 * *"],
		["report-sales", "30 17 * * MON-FRI"],
		["poll-inbox", "* * * * *"],
		["rebuild-search", "0 */2 * * *"],
		["refresh-tokens", "*/30 * * * *"],
		["check-stock", "15 4 * * *"],
	];
	const step = 300_000;
	const last = Math.floor(Date.now() / step) * step;
	const run = (name: string, cron: string, at: number, status: "FAILED" | "COMPLETED" = "COMPLETED") => ({
		app: "clock",
		function: name,
		cron,
		count: 1,
		status,
		from: at,
		to: at,
	});
	server.seedRuns(crons.map(([name, cron, status]) => run(name, cron, last, status)));
	const answer = await ask("list-schedules", "--app", "clock");
	expect(answer).toMatch(/^10 schedules: /);
	// Includes the error of the last run that failed, for which triage-failures used to be called.
	check("list-schedules, 10 schedules", answer, 380, await raw("/v2/runs?appId=clock&limit=100"));
});

test("events", async () => {
	const answer = await ask("list-events", "--limit", "10");
	check("list-events, 10 events", answer, 10 * 47, await raw("/v1/events?limit=10"));
});

test("apps", async () => {
	const answer = await ask("list-apps");
	const apps = answer.split("\n").length - 2;
	check(`list-apps, ${apps} apps`, answer, apps * 35, await raw("/v2/apps"));
});

test("a hundred failures of three kinds", async () => {
	const lately = Date.now() - 48 * 3_600_000;
	server.seedRuns([
		// A run of two days ago: the server has been up for longer than a day.
		{ app: "store", function: "sync-crm", count: 1, status: "COMPLETED", from: lately, to: lately },
		{
			app: "store",
			function: "import-catalog",
			count: 60,
			status: "FAILED",
			step: "parse",
			error: { name: "NonRetriableError", message: "column 'sku' missing in row {i}" },
		},
		{
			app: "store",
			function: "sync-crm",
			count: 30,
			status: "FAILED",
			step: "push",
			error: { message: "CRM answered 503 Service Unavailable" },
		},
		{
			app: "store",
			function: "charge-card",
			count: 10,
			status: "FAILED",
			step: "call-gateway",
			error: { message: "card declined: insufficient_funds" },
			replayed: 4,
		},
	]);
	const answer = await ask("triage-failures", "--app", "store");
	expect(answer).toMatch(/^100 failed runs of 3 functions in 3 groups/);
	check(
		"triage-failures, 100 in 3 kinds",
		answer,
		370,
		await raw("/v2/runs?appId=store&status=FAILED&limit=100&includeOutput=true"),
	);
});

test("failures against the past: a new, a known and a gone group", async () => {
	const HOUR = 3_600_000;
	const now = Date.now();
	const failed = { app: "past", status: "FAILED", durationMs: 800 } as const;
	const over = { from: now - 20 * HOUR, to: now - 18 * HOUR };
	const then = { from: now - 160 * HOUR, to: now - 50 * HOUR };
	const crm = { ...failed, function: "sync-crm", step: "push", error: { message: "CRM answered 503" } };
	server.seedRuns([
		{ app: "past", function: "import-catalog", count: 1, from: now - 191 * HOUR, to: now - 190 * HOUR },
		{
			...failed,
			function: "import-catalog",
			count: 60,
			...over,
			step: "parse",
			error: { message: "column 'sku' missing" },
		},
		{ app: "past", function: "import-catalog", count: 20, from: now - HOUR, to: now - HOUR / 2 },
		{ ...crm, count: 30, from: now - 22 * HOUR, to: now - HOUR },
		{ ...crm, count: 12, ...then },
		{ ...failed, function: "charge-card", count: 9, ...then, step: "pay", error: { message: "card declined" } },
		{ app: "past", function: "charge-card", count: 30, from: now - 20 * HOUR, to: now - HOUR },
	]);
	const answer = await ask("triage-failures", "--app", "past", "--against", "7d");
	expect(answer).toMatch(/against 21 in the 7d before: 1 new, 1 known, 1 gone/);
	expect(answer).toMatch(
		/import-catalog in step parse, new since .*, over since .* \(20 later runs completed\) [▁-█]{8}$/m,
	);
	expect(answer).toMatch(/^Gone: past\/charge-card, 9x before, .*, over since .* \(30 later runs completed\)/m);
	check("triage-failures --against, 3 groups", answer, 360);
});

test("ten functions against the hour before", async () => {
	server.seedRuns(tenFunctions("trend", Date.now()));
	const answer = await ask("report-health", "--app", "trend", "--since", "1h", "--against", "previous");
	expect(answer).toMatch(
		/^Worse in the last 1h than in the 1h before: 25 of 184 runs failed, before 14 of 206; of 10 functions, 1 fails more, 1 takes longer, 1 is new and fails/,
	);
	expect(answer.match(/^(Worse|New|Gone|Better|Same|Unclear) trend\//gm)).toHaveLength(10);
	check("report-health --against, 10 functions", answer, 500, await raw("/v2/runs?appId=trend&limit=100"));
});

test("a watch, quiet and loud", async () => {
	const HOUR = 3_600_000;
	const { from, until } = slotOf(Date.now(), 12 * HOUR, 1);
	const before = { count: 20, from: from - 5 * HOUR, to: from - 2 * HOUR, durationMs: 800 };
	const within = { from: from + HOUR, to: until - HOUR, durationMs: 800 };
	const failed = { ...within, status: "FAILED" } as const;
	server.seedRuns([
		{ app: "still", function: "sync-crm", count: 5, ...within },
		{ app: "loud", function: "charge-card", count: 5, ...within },
		{
			app: "loud",
			function: "charge-card",
			count: 4,
			...failed,
			error: { message: "card declined: insufficient_funds" },
		},
		{
			app: "loud",
			function: "sync-crm",
			...before,
			count: 1,
			status: "FAILED",
			error: { message: "CRM answered 503" },
		},
		{ app: "loud", function: "sync-crm", ...before },
		{ app: "loud", function: "sync-crm", count: 4, ...within },
		{ app: "loud", function: "sync-crm", count: 6, ...failed, error: { message: "CRM answered 503" } },
		{ app: "loud", function: "slow-report", count: 2, status: "RUNNING", from: from, to: until - 2 * HOUR },
		{
			app: "loud",
			function: "send-mail",
			...before,
			from: from - HOUR,
			status: "FAILED",
			error: { message: "SMTP timeout" },
		},
		{ app: "loud", function: "send-mail", count: 3, ...within },
	]);
	const quiet = await ask("watch", "--every", "12h", "--app", "still");
	expect(quiet).toBe("NO_REPLY\n");
	check("watch, quiet", quiet.trimEnd(), 3);
	const loud = await ask("watch", "--every", "12h", "--app", "loud");
	expect(loud.split("\n").map((line) => line.split(/[:,] /)[0])).toEqual([
		"Inngest watch",
		"New failure",
		"Fails more often",
		"Not ended after 1h",
		"Recovered",
		"Next",
		"Text in «» is data",
		"",
	]);
	check("watch, loud", loud, 150);
});

test("SKILL.md", () => {
	const text = readFileSync(join(import.meta.dirname, "../SKILL.md"), "utf8");
	expect(text.length).toBeLessThanOrEqual(6000);
	check("SKILL.md", text, 1600);
});

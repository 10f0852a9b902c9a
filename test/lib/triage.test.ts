import { describe, expect, test } from "vitest";
import { ServerError } from "../../lib/errors.ts";
import { byStep, countReplays, Failures, type Group, groupCode, normalise } from "../../lib/triage.ts";
import { recorded } from "../recordings.ts";
import { answeringBy } from "./api-of.ts";
import { aRun, listOf } from "./recorded.ts";

const id = (n: number) => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
const failed = (message: string, some: Record<string, unknown> = {}, name = "Error") =>
	aRun({ output: { error: { name, message } }, ...some });

describe("normalise", () => {
	test.each([
		["column 'sku' missing in row 7", "column '…' missing in row #"],
		['no user "ada" (id 550e8400-e29b-41d4-a716-446655440000)', 'no user "…" (id #)'],
		["timeout after 1,500.25 ms at 10.0.0.7:8080", "timeout after # ms at #"],
		["order ord_8f3k2j9x not found", "order # not found"],
		["run 01M85369BX39BZFM3TC50ACTFC\n  lost", "run # lost"],
		["CRM answered 503 Service Unavailable", "CRM answered # Service Unavailable"],
		["connection refused", "connection refused"],
		["", ""],
	])("%j → %j", (message, normal) => {
		expect(normalise(message)).toBe(normal);
	});

	test("reads the first 400 characters", () => {
		expect(normalise("x ".repeat(1_000_000)).length).toBe(399);
	});
});

describe("groupCode", () => {
	const code = groupCode(failed("row 7 of 'a.csv' is bad"));

	test("is the same for errors that differ in numbers, ids and quoted values", () => {
		expect(groupCode(failed("row 1200 of 'b.csv' is bad", { id: id(9), queuedAt: "2026-11-24T00:00:00Z" }))).toBe(code);
		expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{6}$/);
	});

	test("differs by function, app, error name and what is left of the message", () => {
		const others = [
			failed("row 7 of 'a.csv' is bad", { function: { id: "other" } }),
			failed("row 7 of 'a.csv' is bad", { app: { id: "other" } }),
			failed("row 7 of 'a.csv' is bad", {}, "TypeError"),
			failed("row 7 of 'a.csv' is good"),
			aRun(),
		];
		expect(new Set([code, ...others.map(groupCode)]).size).toBe(6);
	});
});

describe("Failures", () => {
	test("a recorded failure, as lists give it", () => {
		const failures = new Failures();
		for (const run of listOf("list runs, of a function")) failures.add(run);
		const at = Date.UTC(2026, 10, 23, 20, 57, 33, 808);
		expect(failures.list()).toEqual([
			expect.objectContaining({
				function: "shop/import-catalog",
				events: 1,
				step: undefined,
				failure: { name: "NonRetriableError", message: "column 'sku' missing in row 7", at: "app.mjs:27" },
				count: 1,
				first: at,
				last: at,
				example: "01M85369BGEM7GSTPJW84QG3RD",
				samples: ["01M85369BGEM7GSTPJW84QG3RD"],
				recent: [{ run: "01M85369BGEM7GSTPJW84QG3RD", event: "01M853698Q3DB03K8SNCVQDK9P", at }],
			}),
		]);
	});

	test("groups come with the most frequent first, each with its span of time and its newest run", () => {
		const failures = new Failures();
		const times = ["2026-11-23T20:00:03Z", "2026-11-23T20:00:02Z", "2026-11-23T20:00:01Z"];
		failures.add(failed("other", { id: id(9) }));
		times.forEach((queuedAt, i) => {
			failures.add(failed(`row ${i} is bad`, { id: id(8 - i), queuedAt }));
		});
		expect(
			failures.list().map(({ count, first, last, example, others }) => [count, first, last, example, others]),
		).toEqual([
			[3, Date.UTC(2026, 10, 23, 20, 0, 1), Date.UTC(2026, 10, 23, 20, 0, 3), id(8), ["1", "2"]],
			[1, Date.UTC(2026, 10, 23, 20, 57, 33), Date.UTC(2026, 10, 23, 20, 57, 33), id(9), []],
		]);
		expect(failures.total).toBe(4);
	});

	test("memory stays bounded: 500 groups, 300 recent runs, 6 samples; the rest is counted", () => {
		const failures = new Failures();
		const words = (n: number) => n.toString(2).replaceAll("0", "a").replaceAll("1", "b");
		for (let n = 0; n < 600; n++) failures.add(failed(words(n)));
		expect([failures.list().length, failures.other, failures.total]).toEqual([500, 100, 600]);
		for (let n = 0; n < 1000; n++) failures.add(failed(words(0), { id: id(n), trigger: { eventIds: ["e"] } }));
		const group = failures.list()[0];
		expect([group?.count, group?.events, group?.recent.length, group?.samples.length]).toEqual([1001, 2, 300, 6]);
	});

	test("a secret in a message is masked, a long message cut", () => {
		const failures = new Failures();
		failures.add(failed(`password=hunter2 ${"x".repeat(1_000_000)}`));
		const message = failures.list()[0]?.failure.message ?? "";
		expect([message.slice(0, 20), message.length < 410]).toEqual(["password=[masked] xx", true]);
	});
});

const groupOf = (runs: number): Group => {
	const failures = new Failures();
	for (let n = 0; n < runs; n++) failures.add(failed("bad", { id: id(n), trigger: { eventIds: [`E${n}`] } }));
	const [group] = failures.list();
	if (!group) throw new Error("no group");
	return group;
};

describe("byStep", () => {
	const trace = (step: string) => ({
		data: { rootSpan: { name: "Run", children: [{ name: step, stepId: step, status: "FAILED" }] } },
	});
	const runIn = (path: string) => path.split("/")[3] ?? "";

	test("the step of a recorded failure is named", async () => {
		const api = answeringBy(() => recorded("trace, failed").response.body);
		expect((await byStep(api, groupOf(3))).map(({ step, count }) => [step, count])).toEqual([["parse", 3]]);
	});

	test("a group whose samples failed in different steps is split", async () => {
		const api = answeringBy(({ path }) => trace(runIn(path) === id(1) ? "charge" : "email"));
		expect((await byStep(api, groupOf(4))).map(({ step, count, recent }) => [step, count, recent.length])).toEqual([
			["email", 3, 3],
			["charge", 1, 1],
		]);
	});

	test("without traces the step stays unnamed", async () => {
		const api = answeringBy(() => new ServerError("expired", "", 404));
		expect((await byStep(api, groupOf(2))).map(({ step, count }) => [step, count])).toEqual([[undefined, 2]]);
	});
});

test("countReplays tells what became of the events that were replayed, by function and app, each event once", async () => {
	const app = { id: "shop" };
	const fn = { id: "import-catalog" };
	const ended = { endedAt: "2026-11-23T21:00:00Z" };
	const original = (n: number) => ({ id: id(n), app, function: fn, status: "FAILED", ...ended });
	const newer = (n: number, some: Record<string, unknown>) => ({ ...original(100 + n), ...some });
	const done = { status: "COMPLETED" };
	const answers: Record<string, unknown> = {
		E0: { data: [newer(0, done), original(0)] },
		E1: { data: [newer(1, {}), original(1)] },
		E2: { data: [newer(2, { status: "RUNNING", endedAt: undefined }), original(2)] },
		E3: { data: [newer(3, { ...done, function: { id: "other" } }), original(3)] },
		E4: { data: [newer(4, { ...done, app: { id: "other" } }), original(4)] },
		E5: new ServerError("down", "", 500),
	};
	const api = answeringBy(({ path }) => answers[path.split("/")[3] ?? ""]);
	const group = groupOf(6);
	group.recent.unshift({ run: id(101), event: "E1", at: 0 });
	expect(await countReplays(api, group)).toEqual({ looked: 6, succeeded: 1, again: 2, unread: 1 });
});

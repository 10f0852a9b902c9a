import { describe, expect, test } from "vitest";
import {
	affectedBy,
	Failures,
	type Group,
	groupCode,
	groupOf,
	groupStanding,
	isFinal,
	isUnreachable,
	isUnserved,
	normalise,
	type Past,
	reasons,
	shareKept,
	stateOf,
} from "../../lib/decide/triage.ts";
import type { Failure } from "../../lib/inngest/trace.ts";
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
		// Seen in one group, as one cause: a 404 page, a 413, a 429 and a 524 from the app's host; a wrong key and a rate limit from a model's
		// API.
		["Your server returned HTTP 524 before 7 s", "Your server returned HTTP 524 before # s"],
		["unsuccessful status code: 429, 3 times", "unsuccessful status code: 429, # times"],
		["Request failed with status code 422", "Request failed with status code 422"],
		["listen EADDRINUSE: address already in use :::3000", "listen EADDRINUSE: address already in use :::#"],
		["command failed with exit code 137: killed", "command failed with exit code #: killed"],
		["no image 8fecabda", "no image #"],
		["connection refused", "connection refused"],
		["", ""],
	])("%j → %j", (message, normal) => {
		expect(normalise(message)).toBe(normal);
	});

	test("reads the first 400 characters", () => {
		expect(normalise("x ".repeat(1_000_000)).length).toBe(399);
	});
});

// What the server (v1.43) said if something else answered at an app's address; seen: only replay-run was suggested.
test.each([
	["The response did not come from an Inngest SDK", undefined, true],
	[`error performing request: Post "http://shop/api/inngest/": stopped after 60 redirects`, undefined, true],
	["error reading generator opcode response: unexpected end of JSON input", undefined, true],
	["<html><head><title>Log in - Vercel</title></head></html>", undefined, true],
	["<!DOCTYPE html>\n<html>", "mail.ts:7", false],
	["Your server returned HTTP 502 before the SDK responded.", undefined, true],
	// A time or rate limit: the app is there.
	["Your server returned HTTP 408 before the SDK responded.", undefined, false],
	["Your server returned HTTP 429 before the SDK responded.", undefined, false],
	["Your server returned HTTP 504 before the SDK responded.", undefined, false],
	["Your server returned HTTP 524 before the SDK responded.", undefined, false],
	["Your server returned HTTP 413 before the SDK responded.", undefined, false],
	["could not find function with ID: shop-gone", undefined, true],
	["function vetlab-child not found", undefined, true],
	["function not found: station-relay", undefined, true],
	["the function not found: x", undefined, false],
	["an error performing request: no", undefined, false],
])("%j at %j is the answer of another than the app: %j", (message, at, expected) => {
	expect(isUnserved({ message, at })).toBe(expected);
});

// What a run ended with whose connected workers were stopped or killed (measured), or that found none (inngest/inngest#3725).
test.each([
	["failed to route request to gateway: no healthy connection", true],
	["The worker stopped responding to the request.", true],
	["Could not find a healthy connection", true],
	["the pool has no healthy connection", false],
])("%j: no worker was reached: %j", (message, expected) => {
	expect(isUnreachable({ message })).toBe(expected);
});

// Seen: a replay was suggested of what no replay changes.
test.each([
	["InngestErrFunctionOverflowed", "The function run exceeded the step limit of 1000 steps.", true],
	["InngestErrStateOverflowed", "The function run exceeded the state size limit of 33554432 bytes.", true],
	["InngestErrTimeoutTooLong", "timeout exceeds the maximum duration", true],
	["Error", "Invalid signature", true],
	["Error", "Inngest API Error: 400 Event is over the max size: Max 3145728 bytes / Size 4500055 bytes", true],
	["Error", "Inngest API Error: 401 Event key not found", true],
	["Error", "Inngest API Error: 429 Too many requests", false],
	["TypeError", "Cannot read properties of undefined (reading 'id')", true],
	["TypeError", "fetch failed", false],
	["", "Unauthorized", true],
	["ZodError", "[]", true],
	["KeyError", "'email'", true],
	["NameError", "name 'belt9' is not defined", true],
	["ModuleNotFoundError", "No module named 'not_there'", true],
	["OutputUnserializableError", '"odd step" returned unserializable data', true],
	["", "json: unsupported type: chan int", true],
])("%s %j must change first: %j", (name, message, expected) => {
	expect(isFinal({ name, message })).toBe(expected);
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
		const at = Date.UTC(2026, 10, 23, 20, 57, 34, 31);
		const member = {
			run: "01M85369BGEM7GSTPJW84QG3RD",
			event: "01M853698Q3DB03K8SNCVQDK9P",
			at,
			batch: false,
			cron: false,
		};
		expect(failures.list()).toEqual([
			expect.objectContaining({
				function: "shop/import-catalog",
				events: 1,
				batches: 0,
				failure: { name: "NonRetriableError", message: "column 'sku' missing in row 7", at: "app.mjs:27", stack: "" },
				count: 1,
				first: at,
				last: at,
				example: "01M85369BGEM7GSTPJW84QG3RD",
				samples: [member],
				recent: [member],
			}),
		]);
	});

	test("groups come with the most frequent first, each with its span of time and its newest run", () => {
		const failures = new Failures();
		const times = ["2026-11-23T20:00:03Z", "2026-11-23T20:00:02Z", "2026-11-23T20:00:01Z"];
		failures.add(failed("other", { id: id(9) }));
		times.forEach((endedAt, i) => {
			failures.add(failed(`row ${i} is bad`, { id: id(8 - i), endedAt }));
		});
		expect(
			failures.list().map(({ count, first, last, example, varies }) => [count, first, last, example, varies]),
		).toEqual([
			[3, Date.UTC(2026, 10, 23, 20, 0, 1), Date.UTC(2026, 10, 23, 20, 0, 3), id(8), true],
			[1, Date.UTC(2026, 10, 23, 20, 57, 34), Date.UTC(2026, 10, 23, 20, 57, 34), id(9), false],
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

test("of groups that are as large the one that failed last comes first", () => {
	const failures = new Failures();
	for (const [message, second] of [
		["b", 2],
		["c", 3],
		["a", 1],
	] as const)
		failures.add(failed(message, { endedAt: `2026-11-23T20:00:0${second}Z` }));
	expect(failures.list().map(({ failure }) => failure.message)).toEqual(["c", "b", "a"]);
});

describe("what failed runs were about", () => {
	const link = (key: string, value: string) => ({ key, value, of: key.toLowerCase() });
	test.each<[string, [string, string][][], string | undefined]>([
		[
			"one run: its first id",
			[
				[
					["videoId", "vid_1"],
					["userId", "usr_1"],
				],
			],
			"videoId vid_1",
		],
		[
			"the id in which they differ most",
			[
				[
					["userId", "usr_1"],
					["videoId", "vid_1"],
				],
				[
					["userId", "usr_1"],
					["videoId", "vid_2"],
				],
			],
			"videoId vid_1 vid_2",
		],
		[
			"an id that all have",
			[
				[
					["userId", "usr_1"],
					["videoId", "vid_1"],
				],
				[["userId", "usr_2"]],
			],
			"userId usr_1 usr_2",
		],
		["none that all have", [[["videoId", "vid_1"]], []], undefined],
		["none at all", [], undefined],
	])("%s", (_, ids, expected) => {
		const found = affectedBy(ids.map((own) => own.map(([key, value]) => link(key, value))));
		expect(found && [found.key, ...found.values].join(" ")).toBe(expected);
	});
});

describe("reasons", () => {
	const error = (message: string, name = "Error"): Failure => ({ name, message, at: undefined, stack: "" });
	const many = (n: number, message: string) => Array.from({ length: n }, () => error(message));

	test.each<[string, Failure[], string[]]>([
		["none", [], []],
		["one", [error("bad")], ["  1 failed with «Error: bad»"]],
		["alike", [error("row 1"), error("row 2")], ["  2 failed with «Error: row 1» or similar"]],
		[
			"three kinds, the most frequent first",
			[error("a"), ...many(3, "b"), ...many(2, "c")],
			["  3 failed with «Error: b»", "  2 failed with «Error: c»", "  1 failed with «Error: a»"],
		],
		[
			"a fourth is not omitted without a word",
			[...many(4, "a"), ...many(3, "b"), ...many(2, "c"), error("d")],
			[
				"  4 failed with «Error: a»",
				"  3 failed with «Error: b»",
				"  2 failed with «Error: c»",
				"  … 1 failed with 1 other kind of error (more: triage-failures --limit 50\ue000)",
			],
		],
		[
			"nor are others",
			[...many(4, "a"), ...many(3, "b"), ...many(2000, "c"), error("d"), ...many(2, "e"), error("f")],
			[
				"  2,000 failed with «Error: c»",
				"  4 failed with «Error: a»",
				"  3 failed with «Error: b»",
				"  … 4 failed with 3 other kinds of error (more: triage-failures --limit 50\ue000)",
			],
		],
	])("%s", (_, errors, told) => {
		expect(reasons(errors)).toEqual(told);
	});
});

describe("against the past", () => {
	const HOUR = 3_600_000;
	const NOW = Date.UTC(2026, 10, 23, 21);
	const window = { from: NOW - 24 * HOUR, until: NOW };
	const group = (code: string, count: number, some: Partial<Group> = {}): Group => ({
		...groupOf(
			{ code, function: "shop/charge", of: { app: "shop", name: "charge" } },
			{ name: "Error", message: code, at: undefined, stack: "" },
			{ run: id(1), event: undefined, at: NOW - HOUR, batch: false, cron: false },
		),
		count,
		...some,
	});
	const past = (some: Partial<Past> = {}): Past => ({
		from: window.from - 168 * HOUR,
		until: window.from,
		groups: [],
		isWhole: true,
		oldest: window.from - 168 * HOUR,
		...some,
	});
	const hours = (n: number) => ({ oldest: window.from - n * HOUR });

	test.each<[string, number, Partial<Past>, string]>([
		["not there", 5, {}, "new"],
		["a single run", 1, {}, "new"],
		["another group is there", 5, { groups: [group("b", 9)] }, "new"],
		["not all was read", 5, { isWhole: false }, "perhaps"],
		["the server has nothing of then", 5, { oldest: undefined }, "uncompared"],
		["its history is much shorter", 5, hours(24), "perhaps"],
		["a little shorter", 5, hours(126), "new"],
		["a little more than that", 5, hours(125), "perhaps"],
		["there", 9, { groups: [group("a", 2)] }, "known"],
	])("%s", (_, count, some, kind) => {
		expect(groupStanding(group("a", count), past(some)).kind).toBe(kind);
	});

	test("how much of the past a server keeps", () => {
		expect([hours(168), hours(84), { oldest: undefined }].map((some) => shareKept(past(some)))).toEqual([1, 0.5, 0]);
	});

	const at = (first: number, last: number) => ({ first: NOW - first * HOUR, last: NOW - last * HOUR });
	test.each<[string, Group, number | undefined, string]>([
		["one run, which says nothing of how often", group("a", 1), 1, "open"],
		["two runs, nor do these", group("a", 2, at(20, 19)), 12, "open"],
		["one run, and none did", group("a", 1), 0, "open"],
		["that was not read", group("a", 1), undefined, "unread"],
		["quiet for longer than three times between", group("a", 3, at(6, 4)), 12, "over"],
		["quiet for three times, clocks may differ", group("a", 3, at(5, 3)), 12, "open"],
		["quiet for long, but nothing ran", group("a", 3, at(20, 19)), 0, "open"],
		["all at once", group("a", 9, at(1, 1)), 3, "over"],
		["failed after the window's end by another clock", group("a", 2, at(1, -1)), 3, "open"],
	])("over: %s", (_, one, completed, kind) => {
		expect(stateOf(one, NOW, completed).kind).toBe(kind);
	});

	test("a line has an eighth of the window in each place; what lies outside is put at its ends", () => {
		const failures = new Failures(window);
		for (const [i, hours] of [-1, 0, 0.5, 4, 23.9, 24, 30].entries())
			failures.add(failed("bad", { id: id(i), endedAt: new Date(NOW - hours * HOUR).toISOString() }));
		expect(failures.list()[0]?.line).toEqual([3, 0, 0, 0, 0, 0, 1, 3]);
		expect(new Failures().list()).toEqual([]);
	});
});

import { describe, expect, test } from "vitest";
import { render } from "../../lib/cli/act.ts";
import type { Cause } from "../../lib/decide/cause.ts";
import type { FailedAt } from "../../lib/decide/triage.ts";
import type { Located, Replays } from "../../lib/gather/failures.ts";
import type { Root } from "../../lib/gather/story.ts";
import type { Failure, Step } from "../../lib/inngest/trace.ts";
import {
	groupLines,
	nextCalls,
	pastLines,
	type ShownGroup,
	unseenLines,
	whereText,
} from "../../lib/tell/triagetext.ts";
import { withFlags } from "../../lib/text/nouns.ts";
import { aRun } from "./recorded.ts";

const told = (...given: Parameters<typeof nextCalls>) =>
	withFlags(render({ lines: [], next: nextCalls(...given) }), []);
const NOW = Date.UTC(2026, 10, 23, 21, 0, 0);
const HOUR = 3_600_000;
const WHOLE = { total: 8, now: NOW, early: 0 };
const RUN = "01M85369BX39BZFM3TC0000001";
const error = (message: string, some: Partial<Failure> = {}): Failure => ({
	name: "Error",
	message,
	at: undefined,
	stack: "",
	...some,
});
const aGroup = (some: Partial<Located> = {}): Located => ({
	code: "abc123",
	function: "shop/charge",
	of: { app: "shop", name: "charge" },
	failure: error("bad"),
	varies: false,
	count: 4,
	events: 4,
	batches: 0,
	first: NOW - 20 * HOUR,
	last: NOW - HOUR,
	example: RUN,
	samples: [],
	recent: [],
	where: [{ kind: "step", step: "pay" }],
	read: 4,
	...some,
});
const NONE: Replays = { looked: 4, succeeded: 0, live: 0, again: 0, alone: 0, cron: 0, replays: 0, own: 0, unread: 0 };
const shown = (some: Partial<Located> = {}, replays: Partial<Replays> | undefined = {}): ShownGroup => ({
	group: aGroup(some),
	replays: replays && { ...NONE, ...replays },
});
const lines = (one: ShownGroup) => groupLines(one, 1, WHOLE).filter((line) => typeof line === "string");
/** The text between the function and the error, for a group that failed over hours. */
const head = (one: ShownGroup) => lines(one)[0]?.replace(/^1\. \d+x \(\d+%\) shop\/charge /, "");

const PAY: FailedAt = { kind: "step", step: "pay" };
test.each<[FailedAt, string]>([
	[PAY, "in step pay"],
	[{ kind: "step", step: "charge card" }, "in step «charge card»"],
	[{ kind: "after", step: "reserve stock" }, "after step «reserve stock»"],
	[{ kind: "tie", steps: ["left", "right side"] }, "(possible: step left or «right side»)"],
	[{ kind: "outside" }, "outside any step"],
	[{ kind: "unseen" }, "in no recorded step"],
	[{ kind: "returned" }, "after the function had returned"],
])("%j: %s", (where, text) => {
	expect(whereText(where)).toBe(text);
});

test.each([
	[0, "first 01:00Z, last 1h ago"],
	[NOW - 20 * HOUR, "first 01:00Z, last 1h ago"],
	[NOW - 20 * HOUR + 1, "first 01:00Z or earlier, last 1h ago"],
])("a first failure before %d may not be the first", (early, when) => {
	expect(groupLines(shown(), 1, { ...WHOLE, early })[0]).toBe(`1. 4x (50%) shop/charge in step pay, ${when}`);
});

test.each<[string, ShownGroup, string]>([
	["where all traces were read", shown(), "in step pay, first 01:00Z, last 1h ago"],
	["where some were", shown({ read: 3 }), "in step pay, first 01:00Z, last 1h ago"],
	["where none was", shown({ where: [], read: 0 }), "(step unknown), first 01:00Z, last 1h ago"],
	[
		"where they differ",
		shown({ where: [PAY, { kind: "outside" }], read: 2 }),
		"in step pay or outside any step, first 01:00Z, last 1h ago",
	],
	[
		"outside any step, but of a replay, whose trace lacks what was kept",
		shown({ where: [{ kind: "outside" }] }, { replays: 1, again: 1 }),
		"outside any step or in one that a replay kept, first 01:00Z, last 1h ago, 1 replayed unsuccessfully",
	],
	["of a replay that failed in a step of its own", shown({}, { replays: 1 }), "in step pay, first 01:00Z, last 1h ago"],
])("a group %s", (_, one, text) => {
	expect(head(one)).toBe(text);
});

test.each<[string, ShownGroup, string]>([
	["none", shown(), ""],
	["with success", shown({}, { succeeded: 2 }), ", 2 replayed successfully"],
	["that go on", shown({}, { live: 1 }), ", 1 being replayed"],
	["in vain", shown({}, { again: 3 }), ", 3 replayed unsuccessfully"],
	[
		"one of them of a run that failed otherwise",
		shown({}, { again: 3, own: 1 }),
		", 2 replayed unsuccessfully, 1 is itself a replay",
	],
	[
		"of each kind",
		shown({}, { succeeded: 2, live: 1, again: 1 }),
		", 2 replayed successfully, 1 being replayed, 1 replayed unsuccessfully",
	],
	["of fewer events than runs", shown({ events: 2 }, { looked: 2 }), ", of 2 events"],
	["of one event", shown({ events: 1 }, { looked: 1, again: 1 }), ", of 1 event, 1 replayed unsuccessfully"],
	["that could not be read", shown({}, { unread: 4 }), ", replays could not be read"],
	["nor at all", { group: aGroup(), replays: undefined }, ", replays could not be read"],
	[
		"partly read",
		shown({}, { succeeded: 1, unread: 1 }),
		", 1 replayed successfully, replays of 1 event could not be read",
	],
	[
		"of the newest alone",
		shown({ count: 500, events: 400, read: 500 }, { looked: 300, again: 2 }),
		", of 400 events, 2 replayed unsuccessfully, replays checked only for the newest 300 events",
	],
	[
		"none, as too many requests were needed before",
		shown({ count: 500, events: 500, read: 500 }, { looked: 0 }),
		", replays not checked",
	],
	[
		"of batches that were replayed, of each its first event (measured)",
		shown({ batches: 4 }, { looked: 4, succeeded: 1 }),
		", 1 replayed successfully (of a batch, the first event only), all started by batches (only the first event of each is known)",
	],
	["of batches", shown({ batches: 4 }), ", all started by batches (only the first event of each is known)"],
	["of some", shown({ batches: 2 }), ", 2 of them started by batches (only the first event of each is known)"],
])("replays and batches: %s", (_, one, text) => {
	expect(head(one)?.replace(/^in step pay, (?:first 01:00Z, last )?1h ago/, "")).toBe(text);
});

test.each([
	[0, "no later run completed"],
	[1, "1 later run completed"],
	[99, "99 later runs completed"],
	// One page is read.
	[100, "at least 100 later runs completed"],
])("compared with the past: %d later runs completed", (completed, text) => {
	const compared = { standing: { kind: "new" }, state: { kind: "open", completed } } as const;
	expect(head({ ...shown(), compared })).toBe(`in step pay, new since 01:00Z, last 20:00Z, ${text} `);
});

describe("the run in which it began", () => {
	const step: Step = {
		id: "hash",
		name: "deepest step",
		op: "RUN",
		status: "FAILED",
		start: 0,
		end: 1,
		queued: 0,
		latest: 0,
		attempts: 1,
		failure: error("level 3 exploded"),
		output: undefined,
	};
	const cause = (failure: Failure): Cause => ({ kind: "step", failure, step });
	const root = (some: Partial<Root>): Root => ({ run: aRun({ id: RUN }), cause: undefined, depth: 1, ...some });
	test.each<[string, Partial<Located>, string[]]>([
		["is none", {}, []],
		[
			"failed with the same error",
			{ failure: error("level 3 exploded"), root: root({ cause: cause(error("level 3 exploded")) }) },
			[`   The error began in step «deepest step» of shop/import-catalog, run ${RUN} FAILED, which it invoked`],
		],
		[
			"failed with what is told as a cause",
			{ failure: error("closed", { cause: error("no stock") }), root: root({ cause: cause(error("no stock")) }) },
			[`   The error began in step «deepest step» of shop/import-catalog, run ${RUN} FAILED, which it invoked`],
		],
		[
			"failed with another error",
			{ root: root({ cause: { kind: "outside", failure: error("no stock") } }) },
			[`   The error began in shop/import-catalog, run ${RUN} FAILED, which it invoked: Error: «no stock»`],
		],
		[
			"has no error",
			{ root: root({}) },
			[`   The error began in shop/import-catalog, run ${RUN} FAILED, which it invoked`],
		],
		// Seen: "It began in …, run … CANCELLED", without saying how far down it is.
		[
			"did not fail",
			{ root: root({ run: aRun({ id: RUN, status: "CANCELLED" }), depth: 2 }) },
			[`   The run that it invoked, 2 invocations down: ${RUN} shop/import-catalog CANCELLED`],
		],
		[
			"is not found",
			{ root: "not found" },
			["   The error came from the run that this step invoked, which was not found."],
		],
	])("%s", (_, some, told) => {
		expect(lines(shown(some)).slice(2)).toEqual(told);
	});
});

describe("the next call", () => {
	const SINCE = "2026-11-22T21:00:00Z";
	const replay = (code: string) => `replay-runs --group ${code} --since ${SINCE} (once the cause is fixed)`;
	const plain = shown({ code: "plain1" });
	const done = shown({ code: "done11" }, { succeeded: 4 });
	const OTHER = "01M85369BX39BZFM3TC0000008";
	const other = shown({ code: "other1", example: OTHER });
	const partly = shown({ code: "partly" }, { succeeded: 3 });
	const running = shown({ code: "live11" }, { live: 4 });
	const final = shown({ code: "final1", failure: error("bad input", { name: "NonRetriableError" }) });
	const away = shown({ code: "away11", failure: error("Unable to reach SDK URL") });
	const invoked = shown({
		code: "child1",
		root: { run: aRun({ id: "01M85369BX39BZFM3TC0000009" }), cause: undefined, depth: 1 },
	});
	const lost = shown({ code: "lost11", root: "not found" });
	const cron = shown({ code: "cron11" }, { cron: 4 });
	test.each<[string, ShownGroup[], string]>([
		["nothing", [], ""],
		["its cause, then a replay", [plain], `Next: get-run ${RUN}; or: ${replay("plain1")}`],
		["what can't be replayed is looked at", [done], `Next: get-run ${RUN}`],
		["nor what is being replayed", [running], `Next: get-run ${RUN}`],
		["nor what Cloud does not replay", [cron], `Next: get-run ${RUN}`],
		["nor what could not be read", [shown({}, { unread: 4 })], `Next: get-run ${RUN}`],
		["nor what had returned", [shown({ where: [{ kind: "returned" }] })], `Next: get-run ${RUN}`],
		["what was replayed successfully is passed over", [done, other], `Next: get-run ${OTHER}; or: ${replay("other1")}`],
		["so is not what was in part", [partly, other], `Next: get-run ${RUN}; or: ${replay("partly")}`],
		[
			"an error that says that trying again is no use, by itself: no other",
			[final],
			`Next: get-run ${RUN}; or: ${replay("final1")}`,
		],
		["and smaller ones: still the largest", [final, plain], `Next: get-run ${RUN}; or: ${replay("final1")}`],
		["an app that was not reached is looked for, not replayed", [away], "Next: list-apps (was the app reached?)"],
		["and others", [away, plain], `Next: list-apps (was the app reached?); or: ${replay("plain1")}`],
		[
			"what answered in the app's place is looked for",
			[shown({ code: "page11", failure: error("Your server returned HTTP 502 before the SDK responded.") })],
			`Next: list-apps (does the app itself answer at its address, with the functions last synced?); or: ${replay("page11")}`,
		],
		["the run in which it began", [invoked], `Next: get-run 01M85369BX39BZFM3TC0000009; or: ${replay("child1")}`],
		["which was not found", [lost], `Next: get-run ${RUN}; or: ${replay("lost11")}`],
	])("%s", (_, groups, line) => {
		expect(told(groups, { since: SINCE })).toBe(line);
	});

	test("is no replay where its window can't be typed", () => {
		expect(told([final], { app: "hidden\u200b" })).toBe(`Next: get-run ${RUN}`);
		expect(told([plain], { app: "hidden\u200b" })).toBe(`Next: get-run ${RUN}`);
	});
});

test("what can't be seen to have been replayed is said once", () => {
	const unseen = (...all: ShownGroup[]) => unseenLines(all).filter(Boolean);
	expect(unseen(shown(), shown({ where: [], read: 0 }))).toEqual([]);
	expect(unseen(shown({}, { alone: 1 }), shown({}, { alone: 2 }))).toEqual([
		"Replays of runs without an event can't be seen.",
	]);
});

test("what is gone, and since when it is over", () => {
	const gone = [{ group: aGroup(), state: { kind: "over", completed: 12 } as const }];
	const past = { from: NOW - 48 * HOUR, until: NOW - 24 * HOUR, groups: [], isWhole: true, oldest: undefined };
	const all = { past, stopped: "", syncs: undefined, sorted: [], top: [], gone, absent: gone };
	expect(pastLines(all, false, NOW, {}).filter(Boolean)).toEqual([
		"Gone: shop/charge, 4x before, Error: «bad», over since 20:00Z (12 later runs completed)",
	]);
});

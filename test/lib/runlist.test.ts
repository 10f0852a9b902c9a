import { describe, expect, test } from "vitest";
import type { Wait } from "../../lib/decide/cause.ts";
import type { Reading } from "../../lib/gather/lists.ts";
import { longest } from "../../lib/gather/past.ts";
import type { Run, RunFilter } from "../../lib/inngest/api.ts";
import { byEnd, countText, detailedLines, partText, triageCall } from "../../lib/tell/runlist.ts";
import type { Status } from "../../lib/text/nouns.ts";
import { NOW } from "../world.ts";
import { aRun } from "./recorded.ts";

test.each<[readonly Status[] | undefined, boolean]>([
	[undefined, false],
	[["FAILED"], true],
	[["FAILED", "CANCELLED", "COMPLETED"], true],
	[["RUNNING"], false],
	[["QUEUED"], false],
	[["FAILED", "RUNNING"], false],
	// A skipped run may have no end, and a paused one is live.
	[["SKIPPED"], false],
	[["FAILED", "SKIPPED"], false],
	[["PAUSED"], false],
	[["UNKNOWN"], false],
])("a list of %j is by the end: %j", (statuses, by) => {
	expect(byEnd(statuses)).toBe(by);
});

test.each<[RunFilter, string | undefined]>([
	[{}, ""],
	[{ app: "shop" }, " --app shop"],
	[{ app: "Ünïcode app ☕" }, " --app 'Ünïcode app ☕'"],
	[{ function: { app: "shop", name: "a" } }, " --function shop/a"],
	[{ function: { app: "shop", name: "a" }, app: "shop" }, " --function shop/a"],
	[{ function: { app: undefined, name: "a" }, app: "shop" }, " --function shop/a"],
	[{ function: { app: undefined, name: "a" } }, " --function a"],
	[{ function: { app: "shop", name: "Bad Name ☕" } }, " --function 'shop/Bad Name ☕'"],
	[
		{ since: "2026-11-22T21:00:00.000Z", until: "2026-11-23T21:00:00.001Z" },
		" --since 2026-11-22T21:00:00Z --until 2026-11-23T21:00:00.001Z",
	],
	[{ app: "shop", since: "24h" }, " --app shop --since 24h"],
	[{ app: "hidden\u200b" }, undefined],
	[{ function: { app: "shop", name: "x".repeat(301) } }, undefined],
])("%j is typed as %j", (filter, flags) => {
	expect(triageCall(filter)).toBe(flags === undefined ? undefined : `triage-failures${flags}`);
});

const HOUR = 3_600_000;
const iso = (ago: number) => new Date(NOW - ago).toISOString();
const whole: Reading = { read: 1204, stopped: "", oldest: NOW - 3 * HOUR };

test.each<[string, RunFilter, Partial<Reading>, Record<string, number>]>([
	[
		"1,204 runs that were queued in the last 24h: 1,200 COMPLETED, 4 FAILED",
		{ since: iso(24 * HOUR) },
		{},
		{ FAILED: 4, COMPLETED: 1200 },
	],
	[
		"1,204 runs that ended from 24h to 1h ago: 1,204 FAILED",
		{ since: iso(24 * HOUR), until: iso(HOUR), by: "endedAt" },
		{},
		{ FAILED: 1204 },
	],
	["1,204 runs (no --since), the oldest 3h ago (2026-11-23 18:00:00Z): 1,204 QUEUED", {}, {}, { QUEUED: 1204 }],
	[
		"1,204 runs (no --since), the oldest ended 3h ago (2026-11-23 18:00:00Z): 1,204 FAILED",
		{ by: "endedAt" },
		{},
		{ FAILED: 1204 },
	],
	[
		"1,204 runs that were queued up to 1h ago, the oldest 3h ago (2026-11-23 18:00:00Z): 1,204 FAILED",
		{ until: iso(HOUR) },
		{},
		{ FAILED: 1204 },
	],
	// There may be more than was read, and how far it was read is said separately.
	["At least 1,204 runs: 1,204 FAILED", {}, { stopped: "interrupted" }, { FAILED: 1204 }],
	["0 runs", {}, { read: 0, oldest: undefined }, {}],
])("counts: %s", (text, filter, reading, counts) => {
	const told = countText(new Map(Object.entries(counts)), filter, { ...whole, ...reading }, NOW);
	expect(told).toBe(text);
});

test.each<[Reading, string]>([
	[whole, ""],
	[{ ...whole, stopped: "interrupted" }, "Not all: interrupted, back to 3h ago (2026-11-23 18:00:00Z)."],
	[{ read: 1, stopped: "interrupted", oldest: undefined }, "Not all: interrupted."],
])("of %j it is told: %j", (reading, text) => {
	expect(partText(reading, NOW)).toBe(text);
});

test("the longest come first, in any order of the list; what is stopped in a queue, and what goes on, is not ranked", () => {
	const took = (id: string, ms: number, some: Partial<Run> = {}): Run => ({
		...aRun(),
		id,
		startedAt: iso(HOUR),
		endedAt: iso(HOUR - ms),
		...some,
	});
	const inQueue = "2026-11-23T20:00:00.123456789Z";
	const runs = [
		took("a", 10),
		took("b", 30),
		took("c", 20, { status: "FAILED" }),
		took("d", 99, { endedAt: undefined }),
		took("e", 99_000, { startedAt: inQueue, status: "CANCELLED" }),
		took("f", 25, { status: "CANCELLED" }),
	];
	const ids = (most: number) => longest(runs, most).map(({ id }) => id);
	expect([ids(9), ids(2), ids(0)]).toEqual([["b", "f", "c", "a"], ["b", "f"], []]);
});

describe("live runs that wait", () => {
	const live = (name: string, minutes: number) =>
		aRun({
			id: `01M8536A00000000000000${name.toUpperCase()}00${minutes}`,
			function: { id: name },
			queuedAt: iso(minutes * 60_000),
			status: "RUNNING",
			endedAt: undefined,
		});
	const asleep: Wait = { kind: "sleep", step: "nap", at: NOW + HOUR };
	const awaiting = (event: string, step: string): Wait => ({
		kind: "event",
		event,
		step,
		expression: undefined,
		at: NOW + HOUR,
	});
	const told = (runs: Run[], ...waits: Wait[][]) => {
		const each = runs.map((run, i) => [run, { lines: [`  wait ${i}`], waits: waits[i] ?? [] }] as const);
		const lines = detailedLines(runs, { waits: new Map(each) }, NOW);
		return lines.flatMap((line) => (line ? line.replace(/^(\w{26}) RUNNING (\S+) .*/, "$2") : []));
	};

	test("at the same point of a function are told once, whatever their times; the oldest, and the others by id", () => {
		const runs = [live("a", 9), live("b", 8), live("a", 7), live("a", 6)];
		const later = { ...asleep, at: NOW + 2 * HOUR };
		expect(told(runs, [asleep], [asleep], [later], [asleep])).toEqual([
			"shop/a",
			"  wait 0",
			`  At the same point (times and conditions may differ): ${runs[2]?.id}, ${runs[3]?.id}`,
			"shop/b",
			"  wait 1",
		]);
	});

	test.each<[string, Wait[], Wait[], boolean]>([
		["the same steps in another order", [asleep, awaiting("a/go", "w")], [awaiting("a/go", "w"), asleep], true],
		["another step", [asleep], [{ ...asleep, step: "other" }], false],
		["another event", [awaiting("a/go", "w")], [awaiting("a/stop", "w")], false],
		["one wait more", [asleep], [asleep, awaiting("a/go", "w")], false],
		["nothing that is known", [], [], false],
		["executing", [{ kind: "executing", attempt: 1, at: NOW }], [{ kind: "executing", attempt: 1, at: NOW }], false],
		["to be tried again", [{ kind: "retry", attempt: 2, at: NOW }], [{ kind: "retry", attempt: 2, at: NOW }], false],
		["for its turn", [{ kind: "capacity", attempt: 1, at: NOW }], [{ kind: "capacity", attempt: 1, at: NOW }], true],
	])("%s", (_, a, b, same) => {
		expect(told([live("a", 9), live("a", 8)], a, b).some((line) => line.startsWith("  At the same point"))).toBe(same);
	});

	test("of more than four, how many more", () => {
		const runs = Array.from({ length: 8 }, (_, i) => live("a", 9 - i));
		expect(told(runs, ...runs.map(() => [asleep])).at(-1)).toMatch(
			/^ {2}At the same point \(times and conditions may differ\): (\w{26}, ){3}\w{26} and 3 more$/,
		);
	});
});

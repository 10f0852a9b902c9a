import { expect, test } from "vitest";
import type { Run, RunFilter } from "../../lib/inngest/api.ts";
import { byEnd, countText, flagsOf, longest, partText, type Reading } from "../../lib/tell/runlist.ts";
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
	// A run that was skipped may have no end, and what is paused goes on.
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
	expect(flagsOf(filter)).toBe(flags);
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
	// What was not read may be more, and how far it was read is told apart.
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

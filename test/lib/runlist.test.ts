import { expect, test } from "vitest";
import type { RunFilter } from "../../lib/inngest/api.ts";
import { byEnd, flagsOf } from "../../lib/tell/runlist.ts";
import type { Status } from "../../lib/text/nouns.ts";

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

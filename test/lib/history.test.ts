import { expect, test } from "vitest";
import { historyLine } from "../../lib/tell/runlist.ts";
import { NOW } from "../world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long before NOW was requested, and how old the oldest was; "24h": what may be gone. */
test.each<[string, number | undefined, number | undefined, string | undefined]>([
	["a day and nothing", DAY, undefined, undefined],
	["more than a day and nothing", DAY + 1, undefined, "24h"],
	["a week, and nothing older than a day", 7 * DAY, 23 * HOUR, "24h"],
	["a week, and what is just being cleared away", 7 * DAY, 24.5 * HOUR, "24h"],
	["a week, and older: the plan keeps a week", 7 * DAY, 25 * HOUR, undefined],
	["more than a week, and older than a day", 8 * DAY, 25 * HOUR, "7d"],
	["a month, and older than a week", 30 * DAY, 10 * DAY, "14d"],
	// Enterprise plans keep up to a year: for how long is not public.
	["a month, and older than other plans keep", 30 * DAY, 20 * DAY, "20d"],
	["a month, and almost all of it", 30 * DAY, 29.5 * DAY, undefined],
	["all that there is, which is nothing", undefined, undefined, "24h"],
	["all that there is, which is young", undefined, HOUR, undefined],
])("history: %s", (_, since, oldest, gone) => {
	const reach = {
		since: since === undefined ? undefined : NOW - since,
		oldest: oldest === undefined ? undefined : NOW - oldest,
	};
	const text = `History before ${gone} ago may be gone: Inngest Cloud keeps it for 24 h (free), 7 or 14 d (paid) or up to 365 d (enterprise).`;
	expect(historyLine({ target: { kind: "cloud" }, now: NOW }, reach) || undefined).toBe(gone && text);
	expect(historyLine({ target: { kind: "dev" }, now: NOW }, reach)).toBe(undefined);
	expect(historyLine({ target: { kind: "self-hosted" }, now: NOW }, reach)).toBe(undefined);
});

test("a dev server whose oldest run is of the window may have been restarted", () => {
	const line = (since: number | undefined) =>
		historyLine({ target: { kind: "dev" }, now: NOW }, { since, begins: NOW - HOUR });
	expect([line(NOW - DAY), line(NOW - HOUR), line(undefined)]).toEqual([
		"This dev server's oldest run ended 1h ago (2026-11-23 20:00:00Z). Possible: it was restarted, and lost older ones.",
		undefined,
		undefined,
	]);
});

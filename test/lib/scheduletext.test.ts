/** Schedules in words. */
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { readCron, type Ticked } from "../../lib/decide/schedules.ts";
import { Fn, Run } from "../../lib/inngest/api.ts";
import {
	byNeed,
	type Scheduled,
	scheduleHeadline,
	scheduleLine,
	scheduleNext,
	scheduleNotes,
} from "../../lib/tell/scheduletext.ts";

const NOW = Date.parse("2026-11-26T09:00:00Z");
const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);
const aRun = (status: string, queuedAt: string) =>
	z.parse(Run, { id: "01M85369BX39BZFM3TC50ACTFC", status, queuedAt, app: { id: "shop" }, function: { id: "tick" } });
const ran = aRun("COMPLETED", "2026-11-26T08:58:00Z");
const none: Ticked = { kind: "ticked", ticks: 9, first: undefined, missed: [], late: [], possible: [], why: "new" };
const scheduled = (some: Partial<Scheduled> = {}, fn: Record<string, unknown> = {}): Scheduled => {
	const cron = some.cron ?? "*/5 * * * *";
	return {
		fn: z.parse(Fn, { id: "tick", app: { id: "shop" }, triggers: [], ...fn }),
		cron,
		schedule: readCron(cron),
		ticked: none,
		lost: false,
		last: ran,
		failed: [],
		next: NOW + 180_000,
		checkedFrom: undefined,
		knownFrom: undefined,
		...some,
	};
};

const late = scheduled({ ticked: { ...none, late: [at("26T08:50"), at("26T08:55")] } });

test.each<[string, Scheduled, string]>([
	["in order", scheduled(), "shop/tick (*/5 * * * *): 2m ago, 09:03"],
	[
		"with a zone, which is said once",
		scheduled({ cron: "CRON_TZ=Europe/Berlin 0 9 * * 1", last: undefined, next: NOW + 4 * 86_400_000 }),
		"shop/tick (CRON_TZ=Europe/Berlin 0 9 * * 1): no scheduled run known, 11-30 09:00",
	],
	["in an hour", scheduled({ next: NOW + 3_600_000 }), "shop/tick (*/5 * * * *): 2m ago, 10:00"],
	["tomorrow", scheduled({ next: at("27T08:59") }), "shop/tick (*/5 * * * *): 2m ago, 11-27 08:59"],
	["in a day", scheduled({ next: at("27T09:00") }), "shop/tick (*/5 * * * *): 2m ago, 11-27 09:00"],
	["in a moment", scheduled({ next: NOW + 400 }), "shop/tick (*/5 * * * *): 2m ago, 09:00"],
	["never", scheduled({ cron: "0 0 31 2 *", next: undefined }), "shop/tick (0 0 31 2 *): 2m ago"],
	[
		"one missed",
		scheduled({ ticked: { ...none, missed: [at("26T08:40")] } }),
		"shop/tick (*/5 * * * *): MISSED 1 tick (08:40Z); 2m ago, 09:03",
	],
	[
		"several missed, from the day before on",
		scheduled({ ticked: { ...none, missed: [at("25T23:55"), at("26T00:00"), at("26T08:40")] } }),
		"shop/tick (*/5 * * * *): MISSED 3 ticks (11-25 23:55Z to 08:40Z); 2m ago, 09:03",
	],
	[
		"in more than a year",
		scheduled({ cron: "0 0 29 2 *", next: Date.parse("2028-02-29T00:00:00Z") }),
		"shop/tick (0 0 29 2 *): 2m ago, 2028-02-29 00:00",
	],
	["late, while the server is behind", late, "shop/tick (*/5 * * * *): LATE 2 ticks (08:50Z to 08:55Z); 2m ago, 09:03"],
	[
		"one missed, and others late",
		scheduled({ ticked: { ...none, missed: [at("26T08:40")], late: [at("26T08:50")] } }),
		"shop/tick (*/5 * * * *): MISSED 1 tick (08:40Z); LATE 1 tick (08:50Z); 2m ago, 09:03",
	],
	[
		"possibly, as it may be newer",
		scheduled({ ticked: { ...none, possible: [at("26T08:40")] } }),
		"shop/tick (*/5 * * * *): possible: no run at 1 tick (08:40Z), but the schedule may be newer; 2m ago, 09:03",
	],
	[
		"possibly, by its limits",
		scheduled({ ticked: { ...none, possible: [at("26T08:40")], why: "limits" } }),
		"shop/tick (*/5 * * * *): possible: no run at 1 tick (08:40Z), but its limits may have dropped them; 2m ago, 09:03",
	],
	[
		"read in part",
		scheduled({ checkedFrom: at("26T07:10") }),
		"shop/tick (*/5 * * * *): checked from 07:10Z; 2m ago, 09:03",
	],
	["not read", scheduled({ ticked: undefined, last: undefined }), "shop/tick (*/5 * * * *): runs not read; 09:03"],
	[
		"paused",
		scheduled({ ticked: { kind: "idle" }, next: undefined }, { isPaused: true }),
		"shop/tick PAUSED (*/5 * * * *): 2m ago",
	],
	[
		"not to be read",
		scheduled({ cron: "@every 5m", ticked: { kind: "unreadable" }, next: undefined }),
		"shop/tick can't be read: «@every 5m»: 2m ago",
	],
	[
		"as strangers write",
		scheduled({ cron: "TZ=<b>x</b> 0 9 »* * *", ticked: { kind: "unreadable" }, next: undefined }, { id: "a b\u202e" }),
		"«shop/a b» can't be read: «TZ=< b>x< /b> 0 9 ›* * *»: 2m ago",
	],
])("a schedule %s", (_, one, line) => expect(scheduleLine(one, NOW)).toBe(line));

test("since when a newer app's schedule is known, where the headline does not say it", () => {
	const one = scheduled({ knownFrom: at("26T08:36") });
	expect(scheduleLine(one, NOW, at("26T08:36"))).not.toContain("checked");
	expect(scheduleLine(one, NOW)).toBe("shop/tick (*/5 * * * *): checked from 08:36Z; 2m ago, 09:03");
});

const missing = scheduled({ ticked: { ...none, missed: [at("26T08:40"), at("26T08:45")] } });
const failing = scheduled({ last: aRun("FAILED", "2026-11-26T08:59:00Z") });
const unsure = scheduled({ ticked: { ...none, possible: [at("26T08:40")] } });

test.each<[Scheduled[], string]>([
	[[scheduled()], "1 schedule: no tick missed in the last 24h"],
	[[scheduled(), failing], "2 schedules: no tick missed in the last 24h; last run of 1 failed"],
	[[scheduled(), missing, missing, failing], "4 schedules: 2 missed 4 ticks in the last 24h; last run of 1 failed"],
	[[scheduled(), late, missing], "3 schedules: 1 missed 2 ticks, 1 late with 2 ticks in the last 24h"],
	[[late], "1 schedule: no tick missed, 1 late with 2 ticks in the last 24h"],
	[[scheduled(), unsure], "2 schedules: no tick known to be missed in the last 24h"],
	[[scheduled({ checkedFrom: at("26T07:10") })], "1 schedule: no tick known to be missed since 07:10Z"],
	[
		[scheduled({ knownFrom: at("26T08:36") }), scheduled({ knownFrom: at("26T08:40") }), missing],
		"3 schedules: 1 missed 2 ticks in the last 24h",
	],
	[
		[scheduled({ knownFrom: at("26T08:36") }), scheduled({ knownFrom: at("26T08:40") })],
		"2 schedules: no tick missed since 08:36Z",
	],
	[
		[scheduled({ knownFrom: at("26T08:36"), ticked: { ...none, ticks: 0 }, last: undefined })],
		"1 schedule: no tick due since 08:36Z",
	],
	[[scheduled({ ticked: undefined })], "1 schedule: no tick known to be missed in the last 24h"],
	[[scheduled({ ticked: { kind: "unreadable" } })], "1 schedule: no tick known to be missed in the last 24h"],
	[[scheduled({ ticked: { kind: "idle" } })], "1 schedule: no tick missed in the last 24h"],
])("%# the headline", (all, text) => expect(scheduleHeadline(all, "in the last 24h", NOW)).toBe(text));

test("what failed is looked into: by its run, where triage would not look so far back", () => {
	expect(scheduleNext([scheduled(), failing], NOW)).toBe("triage-failures --function shop/tick");
	const old = scheduled({ last: aRun("FAILED", "2026-11-25T08:59:00Z") });
	expect(scheduleNext([old, failing], NOW)).toBe("get-run 01M85369BX39BZFM3TC50ACTFC");
	expect(scheduleNext([scheduled(), scheduled({ last: undefined })], NOW)).toBeUndefined();
});

const broken = (id: string, queuedAt: string) => ({ ...aRun("FAILED", queuedAt), id });
const [early, recent] = [broken("early", "2026-11-26T07:30Z"), broken("recent", "2026-11-26T08:10:00Z")];

test.each([
	["none", [], ""],
	["one, between runs that completed", [early], "; 1 run failed (07:30Z)"],
	["several", [recent, early], "; 2 runs failed (07:30Z to 08:10Z)"],
])("failed runs before the last one: %s", (_, failed, text) =>
	expect(scheduleLine(scheduled({ failed }), NOW)).toBe(`shop/tick (*/5 * * * *): 2m ago, 09:03${text}`),
);

test("several hours", () => {
	const before = broken("before", "2026-11-26T06:59:59.990Z");
	expect(scheduleLine(scheduled({ last: recent, failed: [recent, early, before] }), NOW)).toMatch(
		/; 3 runs failed \(07:00Z to 08:10Z\)$/,
	);
});

test("a last run that failed is told once", () =>
	expect(scheduleLine(scheduled({ last: { ...recent }, failed: [recent] }), NOW)).not.toContain("1 run failed"));

test("earlier failures are in the headline and looked into, after those of last runs", () => {
	const before = scheduled({ failed: [early] });
	const now = scheduled({ last: recent, failed: [recent] });
	const headline = (...all: Scheduled[]) => scheduleHeadline(all, "in the last 24h", NOW);
	expect(headline(before)).toBe("1 schedule: no tick missed in the last 24h; earlier runs of 1 failed");
	expect(headline(before, now)).toContain("last run of 1 failed; earlier runs of 1 failed");
	expect(scheduleNext([before], NOW)).toBe("triage-failures --function shop/tick");
	const fine = scheduled();
	expect(byNeed([fine, before, now])).toEqual([now, before, fine]);
});

test("the worst come first, then what ticks next", () => {
	const [soon, later, idle] = [scheduled({ next: NOW }), scheduled(), scheduled({ next: undefined })];
	expect(byNeed([idle, later, unsure, soon, failing, missing])).toEqual([missing, failing, unsure, soon, later, idle]);
});

test("what a missed tick is, and what was not looked at", () => {
	const notes = (...all: Scheduled[]) => scheduleNotes(all).filter(Boolean);
	expect(notes(scheduled(), scheduled({ last: undefined }))).toEqual([]);
	expect(notes(missing)).toEqual([
		"Missed: no run; possible: the server was down or is behind, or the function paused, removed or changed. An app that is down causes failed runs, not missing ones.",
	]);
	expect(notes(late)).toEqual([]);
	expect(notes(scheduled({ ticked: undefined }), scheduled({ checkedFrom: NOW }))).toEqual([
		"The runs of 1 schedule were not read: --app APP or --function APP/FUNCTION.",
		"Earlier ticks were not checked: --function APP/FUNCTION, or a shorter --since.",
	]);
});

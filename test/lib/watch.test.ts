/** What a watch reports, given its slot and the past: tables of cases. */
import { describe, expect, test } from "vitest";
import { type Group, groupOf } from "../../lib/decide/triage.ts";
import {
	agedIn,
	dueIn,
	type Ended,
	isIn,
	type News,
	type SlotFacts,
	slotOf,
	type Tally,
	tallyOf,
	tellings,
	type Watched,
	wantedOf,
	watchedIn,
} from "../../lib/decide/watch.ts";
import { App, Fn, Run } from "../../lib/inngest/api.ts";
import { slotText, watchLines, watchNext } from "../../lib/tell/watchtext.ts";

const MIN = 60_000;
const EVERY = 15 * MIN;
const FROM = Date.parse("2026-11-23T20:45:00Z");
const slot = { from: FROM, until: FROM + EVERY, every: EVERY };
/** The start of the n-th slot before. */
const back = (n: number) => FROM - n * EVERY;

describe("the slot", () => {
	const at = (text: string) => Date.parse(`2026-11-23T${text}Z`);
	test.each([
		["a minute after its end", "21:01:00", "20:45:00", "21:00:00"],
		["not earlier", "21:00:59.999", "20:30:00", "20:45:00"],
		["late, but before the next is over", "21:15:59", "20:45:00", "21:00:00"],
	])("%s", (_, now, from, until) => {
		expect(slotOf(at(now), EVERY, 1)).toEqual({ from: at(from), until: at(until), every: EVERY });
	});

	test("several, in one", () => {
		expect(slotOf(at("21:01:00"), EVERY, 4)).toEqual({ from: at("20:00:00"), until: at("21:00:00"), every: EVERY });
	});

	test("each moment is in one slot only, whenever each is called", () => {
		const called = ["20:46:01", "21:01:00", "21:29:59", "21:31:30"].map((now) => slotOf(at(now), EVERY, 1));
		for (const moment of [at("20:44:59.999"), at("20:45:00"), at("20:59:59.999"), at("21:00:00"), at("21:15:00")])
			expect(called.filter((one) => isIn(one, moment)).length).toBe(moment < at("20:30:00") ? 0 : 1);
		expect(isIn(slot, undefined)).toBe(false);
	});

	test("a run is of the slot in which it became too old", () => {
		expect(agedIn(slot, 60 * MIN)).toEqual({ from: FROM - 60 * MIN, until: FROM - 45 * MIN, every: EVERY });
	});
});

const of = { app: "shop", name: "charge" };
const group = (message: string, count = 1, first = FROM + MIN, last = first): Group => ({
	...groupOf(
		{ code: message, function: "shop/charge", of },
		{ name: "Error", message, at: undefined, stack: "" },
		{ run: "01M85369BX39BZFM3TC50ACTFC", event: undefined, at: first, batch: false, cron: false },
	),
	count,
	first,
	last,
});
const tally = (failed: number, ended: number, sampled = false): Tally => ({ failed, ended, sampled });
/** Runs of a past slot, newest first: `FFC` failed twice after one that completed. */
const ended = (n: number, runs: string, ms = 1000): Ended[] =>
	Array.from(runs, (letter, i) => ({ at: back(n) + EVERY - 1000 * (i + 1), failed: letter === "F", ms }));
const run = (id: string, minutes: number) =>
	Run.parse({
		id,
		app: { id: "shop" },
		function: { id: "charge" },
		status: "RUNNING",
		queuedAt: new Date(FROM - minutes * MIN).toISOString(),
	});
const LIVE = run("01M85369BX39BZFM3TC50ACTFD", 50);

const watched = (some: Partial<Watched>): Watched => ({
	...{
		function: "shop/charge",
		of,
		groups: [],
		tally: tally(0, 0),
		ended: [],
		known: [],
		whole: true,
		readFrom: FROM - 120 * MIN,
		before: [],
		live: [],
	},
	...some,
});
const facts = (functions: Partial<Watched>[], more: Partial<SlotFacts> = {}): SlotFacts => ({
	...{ slot, stuck: 60 * MIN, functions: functions.map(watched), apps: [], missed: [] },
	...more,
});
const kindsOf = (some: Partial<Watched>) => tellings(facts([some])).map(({ kind }) => kind);
const UNREACHABLE = "Unable to reach SDK URL";

describe("what a function's runs tell", () => {
	test.each<[string, Partial<Watched>, News["kind"][]]>([
		["nothing ran", {}, []],
		["one run completed", { tally: tally(0, 1) }, []],
		["one failed with an error that there was not", { groups: [group("a")], tally: tally(1, 1) }, ["new"]],
		["the same as in the known past", { groups: [group("a")], tally: tally(1, 1), known: [group("a")] }, []],
		["another than in the past", { groups: [group("b")], tally: tally(1, 1), known: [group("a")] }, ["new"]],
		[
			"a rise without a new error",
			{ groups: [group("a", 6)], known: [group("a")], tally: tally(6, 10), before: ended(1, "FCCCCCCCCC") },
			["rise"],
		],
		[
			"just as much above the usual as is told",
			{ groups: [group("a", 3)], known: [group("a")], tally: tally(3, 10), before: ended(1, "FCCCCCCCCC") },
			["rise"],
		],
		[
			"a little less",
			{ groups: [group("a", 3)], known: [group("a")], tally: tally(3, 11), before: ended(1, "FCCCCCCCCC") },
			[],
		],
		[
			"too few runs to say so",
			{ groups: [group("a", 4)], known: [group("a")], tally: tally(4, 4), before: ended(1, "CCCCCCCCCC") },
			[],
		],
		[
			"too few failures",
			{ groups: [group("a", 2)], known: [group("a")], tally: tally(2, 5), before: ended(1, "CCCCCCCCCC") },
			[],
		],
		[
			"too short a past",
			{ groups: [group("a", 5)], known: [group("a")], tally: tally(5, 5), before: ended(1, "CCCCCCCCC") },
			[],
		],
		[
			"a past that is long enough with the slot before",
			{
				...{ groups: [group("a", 5)], known: [group("a")], tally: tally(5, 5) },
				before: [...ended(1, "CCCCCCCCC"), ...ended(9, "C")],
			},
			["rise"],
		],
		[
			"failures as usual",
			{ groups: [group("a", 5)], known: [group("a")], tally: tally(5, 10), before: ended(1, "FCFCFCFCFC") },
			[],
		],
		[
			"a rise that was told in the slot before",
			{
				...{ groups: [group("a", 8)], known: [group("a")], tally: tally(8, 10) },
				before: [...ended(1, "FFFFC"), ...ended(2, "CCCCCCCCCC")],
			},
			[],
		],
		[
			"a large one that was",
			{
				...{ groups: [group("a", 20)], known: [group("a")], tally: tally(20, 20) },
				before: [...ended(1, "FFFFFFFFFFFFFFFFFFFFCCCCCCCCCC"), ...ended(2, "CCCCCCCCCC")],
			},
			[],
		],
		[
			"a rise and a new error are told as one",
			{ groups: [group("a", 8)], tally: tally(8, 10), before: ended(1, "CCCCCCCCCC") },
			["new"],
		],
		["a run that became too old", { live: [LIVE] }, ["stuck"]],
		[
			"one that takes so long one time in ten",
			{ live: [LIVE], before: [...ended(3, "C", 70 * MIN), ...ended(4, "CCCCCCCCC")] },
			[],
		],
		["less often", { live: [LIVE], before: [...ended(3, "C", 70 * MIN), ...ended(4, "CCCCCCCCCC")] }, ["stuck"]],
		["too few ended to say that it is usual", { live: [LIVE], before: ended(3, "CCCC", 70 * MIN) }, ["stuck"]],
	])("%s", (_, some, kinds) => expect(kindsOf(some)).toEqual(kinds));

	const was = (n: number, m = n) => group("a", 3, back(n) + MIN, back(m) + MIN);
	test.each<[string, Partial<Watched>, News["kind"][]]>([
		["what began to fail in the slot before and completes", { known: [was(1)], before: ended(1, "F") }, ["recovered"]],
		["the same, not run since", { known: [was(9)], before: ended(9, "FF") }, ["recovered"]],
		[
			"failed for three slots",
			{ known: [was(3, 1)], before: [...ended(1, "F"), ...ended(2, "FC"), ...ended(3, "F"), ...ended(4, "C")] },
			["recovered"],
		],
		["was told in the slot before already", { known: [was(2)], before: [...ended(1, "C"), ...ended(2, "F")] }, []],
		[
			"fails now and then: it began earlier",
			{ known: [was(3, 1)], before: [...ended(1, "F"), ...ended(2, "C"), ...ended(3, "F")] },
			[],
		],
		[
			"failed as far as there is anything",
			{ known: [was(99, 1)], before: [...ended(1, "F"), ...ended(2, "FF"), ...ended(3, "F")] },
			["recovered"],
		],
		[
			"failed seldom as far as there is anything",
			{ known: [was(99, 1)], before: [...ended(1, "FCCCCC"), ...ended(2, "FCCCCC")] },
			[],
		],
		[
			"a rise that is over",
			{ known: [was(99, 1)], before: [...ended(1, "FFFFC"), ...ended(2, "CCCCCCCCCC")] },
			["recovered"],
		],
		[
			"its app was away",
			{
				known: [group(UNREACHABLE, 1, back(99), back(1) + MIN)],
				before: [...ended(1, "F"), ...ended(2, "C"), ...ended(99, "F")],
			},
			["recovered"],
		],
		["not one run before", { known: [was(99)] }, []],
		[
			"began at the very start of the slot before",
			{ known: [group("a", 1, back(1))], before: ended(1, "F") },
			["recovered"],
		],
		[
			"just before it",
			{ known: [group("a", 2, back(1) - 1, back(1))], before: [...ended(1, "F"), ...ended(2, "C")] },
			[],
		],
		[
			"of which the newest failure is not among the runs that were read",
			{ known: [group("a", 2, back(2), back(1))], before: [...ended(1, "C"), ...ended(2, "F"), ...ended(3, "C")] },
			["recovered"],
		],
	])("recovery: %s", (_, some, kinds) => expect(kindsOf({ tally: tally(0, 2), ...some })).toEqual(kinds));

	test("no recovery while anything fails, or nothing ended", () => {
		const failing = { known: [was(1)], before: ended(1, "F") };
		expect(kindsOf({ ...failing, groups: [group("a")], tally: tally(1, 5) })).toEqual([]);
		expect(kindsOf({ ...failing, tally: tally(0, 0) })).toEqual([]);
	});
});

describe("apps", () => {
	const app = (latestSync: object, more = {}) => App.parse({ id: "shop", latestSync, ...more });
	const told = (apps: App[], functions: Partial<Watched>[] = []) => tellings(facts(functions, { apps }));
	test.each<[string, App, News[]]>([
		["in order", app({ url: "http://x" }), []],
		["without a sync", app({}), []],
		[
			"away: it has no time, so each slot tells",
			app({ error: "unreachable" }),
			[{ kind: "away", app: "shop", runs: 0 }],
		],
		["away, and created after the slot", app({ error: "unreachable" }, { createdAt: "2026-11-23T21:00:00Z" }), []],
		[
			"away, and created in its last second",
			app({ error: "unreachable" }, { createdAt: "2026-11-23T20:59:59Z" }),
			[{ kind: "away", app: "shop", runs: 0 }],
		],
		[
			"never synced: it has no name but its address, and may answer",
			app({ error: "unreachable", url: "http://localhost:3001/" }),
			[{ kind: "sync", app: "http://localhost:3001/", error: "unreachable", never: true }],
		],
		["archived", app({ error: "unreachable" }, { archivedAt: "2026-11-01T00:00:00Z" }), []],
		[
			"a sync that failed in the slot",
			app({ status: "error", error: "no signing key", syncedAt: "2026-11-23T20:50:00Z" }),
			[{ kind: "sync", app: "shop", error: "no signing key" }],
		],
		["and in another", app({ status: "error", error: "no signing key", syncedAt: "2026-11-23T20:44:59Z" }), []],
		["whatever the case", app({ status: "ERROR" }), [{ kind: "sync", app: "shop", error: undefined }]],
		["without a time", app({ status: "error" }), [{ kind: "sync", app: "shop", error: undefined }]],
	])("%s", (_, one, expected) => expect(told([one])).toEqual(expected));

	const away = { groups: [group(UNREACHABLE, 3)], tally: tally(3, 3) };
	const completed = (minutes: number): Run => {
		const endedAt = new Date(FROM + minutes * MIN).toISOString();
		return { ...run("01M85369BX39BZFM3TC50ACTFC", 1), status: "COMPLETED", endedAt };
	};
	test.each<[string, Partial<Watched>, News[]]>([
		["runs could not reach it", away, [{ kind: "away", app: "shop", runs: 3 }]],
		[
			"for a moment: another run completed since",
			{ ...away, tally: tally(3, 4), ended: [completed(2)] },
			[{ kind: "away", app: "shop", runs: 3, back: true }],
		],
		[
			"another completed before alone",
			{ ...away, tally: tally(3, 4), ended: [completed(0.5)] },
			[{ kind: "away", app: "shop", runs: 3 }],
		],
		[
			"another completed as it failed",
			{ ...away, tally: tally(3, 4), ended: [completed(1)] },
			[{ kind: "away", app: "shop", runs: 3 }],
		],
		["nor in the slot before", { ...away, known: [group(UNREACHABLE, 1, back(9), back(1))] }, []],
		[
			"nor days ago",
			{ ...away, known: [group(UNREACHABLE, 1, back(9), back(1) - 1)] },
			[{ kind: "away", app: "shop", runs: 3 }],
		],
		[
			"no rise besides",
			{ ...away, groups: [group(UNREACHABLE, 9)], tally: tally(9, 9), before: ended(2, "CCCCCCCCCC") },
			[{ kind: "away", app: "shop", runs: 9 }],
		],
	])("%s", (_, some, expected) => expect(told([], [some])).toEqual(expected));

	test("once, where the app's sync tells it, too", () => {
		expect(told([app({ error: "unreachable" })], [away])).toEqual([{ kind: "away", app: "shop", runs: 0 }]);
		// Its id was changed.
		const here = { url: "http://x", name: "shop" };
		const old = app({ error: "unreachable", url: "http://x" }, { name: "old", id: "old" });
		expect(told([old, app(here)])).toEqual([]);
	});
});

test.each<[string, Partial<Watched>, ReturnType<typeof wantedOf>]>([
	["what completes as ever asks for nothing", { tally: tally(0, 9) }, { before: false, known: false }],
	[
		"a known failure, too seldom for a rise",
		{ tally: tally(2, 9), groups: [group("a")], known: [group("a")] },
		{ before: false, known: false },
	],
	["perhaps a rise", { tally: tally(3, 9), groups: [group("a")], known: [group("a")] }, { before: true, known: false }],
	["perhaps a recovery", { tally: tally(0, 1), known: [group("a")] }, { before: true, known: false }],
	[
		"the same, of a part of the past",
		{ tally: tally(0, 1), known: [group("a")], whole: false },
		{ before: true, known: true },
	],
	[
		"perhaps new: not all of the past is known",
		{ tally: tally(1, 9), groups: [group("a")], whole: false },
		{ before: false, known: true },
	],
	[
		"a part of the slot alone",
		{ tally: tally(3, 99, true), groups: [group("a")], known: [group("a")] },
		{ before: true, known: false },
	],
	["a run that is old", { live: [LIVE] }, { before: true, known: false }],
])("what is looked up: %s", (_, some, wanted) => expect(wantedOf(watched(some), slot)).toEqual(wanted));

describe("several slots at once", () => {
	const four = { from: back(3), until: FROM + EVERY, every: EVERY };
	/** Runs that ended in the slots, the oldest slot first: `["CF", "C"]`. */
	const listOf = (slots: readonly string[], error = "a") => {
		const runs = slots.flatMap((letters, i) =>
			Array.from(letters, (letter, n) =>
				Run.parse({
					id: `01M85369BX39BZFM3TC5${String(100 * i + n).padStart(6, "0")}`,
					app: { id: "shop" },
					function: { id: "charge" },
					status: letter === "F" ? "FAILED" : "COMPLETED",
					endedAt: new Date(four.from + i * EVERY + (n + 1) * 1000).toISOString(),
					output: letter === "F" ? { name: "Error", message: error } : 1,
				}),
			),
		);
		return (status: string) => ({ runs: runs.filter((one) => one.status === status), cut: false });
	};
	const none = { runs: [], cut: false };
	const of = (slots: readonly string[], some: Partial<Watched> = {}, cut = false) => {
		const list = listOf(slots);
		return watchedIn(four, { ...list("FAILED"), cut }, list("COMPLETED"), none).map((one) => ({ ...one, ...some }));
	};
	const kinds = (functions: Watched[]) => tellings(facts(functions, { slot: four })).map(({ kind }) => kind);
	const before = ended(9, "CCCCCCCCCCCC");

	test.each<[string, string[], Partial<Watched>, News["kind"][]]>([
		["what failed and recovered in them is told as both", ["", "F", "C"], {}, ["new", "recovered"]],
		["what failed once more has not recovered", ["F", "C", "F"], {}, ["new"]],
		["nor what ends with a failure", ["", "F", "", "F"], {}, ["new"]],
		["a rise in one of them", ["CCCCCCCCCCCC", "FFFFFC", "CCCCCCCCCCCC"], { before }, ["new", "recovered"]],
		["nothing but completed runs", ["C", "C", "CC", "C"], { before }, []],
		["nothing that ended", [], {}, []],
	])("%s: %j", (_, slots, some, told) => expect(kinds(of(slots, some))).toEqual(told));

	test("a rise of a known error in one of them is told, and looked for, though it is none of the whole", () => {
		const slots = ["CCCCCCCCCCCC", "CCCCCCCCCCCC", "FFFFFC", "CCCCCCCCCCCC"];
		const known = listOf(["F"])("FAILED").runs;
		const past = watchedIn({ ...four, from: four.until, until: four.until + EVERY }, none, none, {
			runs: known,
			cut: false,
		});
		const [one] = of(slots, { before, known: past.flatMap((each) => each.known) });
		if (!one) throw new Error("no function");
		expect(wantedOf(one, four).before).toBe(true);
		expect(kinds([one])).toEqual(["rise", "recovered"]);
		// A part of the ended runs says nothing of each slot.
		expect(kinds(of(slots, { known: one.known, before }, true))).toEqual([]);
	});

	test("what fails at the very start of one of them is not known before it", () => {
		const [first] = listOf(["F"])("FAILED").runs;
		if (!first) throw new Error("none");
		const at = { ...first, endedAt: new Date(four.from + EVERY).toISOString() };
		const done = listOf(["C", "", "C"])("COMPLETED");
		expect(kinds(watchedIn(four, { runs: [at], cut: false }, done, none))).toEqual(["new", "recovered"]);
	});

	test("a run that is too old is told once", () => {
		const [one] = of(["C", "C", "C"], { live: [LIVE] });
		expect(one && kinds([one])).toEqual(["stuck"]);
	});
});

describe("the functions of what was read", () => {
	const one = (minutes: number, status = "FAILED", n = 0) =>
		Run.parse({
			id: `01M85369BX39BZFM3TC50ACTF${n}`,
			app: { id: "shop" },
			function: { id: "charge" },
			status,
			endedAt: new Date(FROM + minutes * MIN).toISOString(),
			output: { name: "Error", message: "a" },
		});
	const listed = (...runs: Run[]) => ({ runs, cut: false });
	const cut = { runs: [], cut: true };
	const failed = listed(one(1), one(-1, "FAILED", 1));

	test("what both windows have is of the slot", () => {
		const [found] = watchedIn(slot, failed, listed(one(2, "COMPLETED", 2)), listed(one(0, "FAILED", 3), one(1)));
		expect([found?.groups.length, found?.known.length, found?.tally]).toEqual([1, 0, tally(1, 2, false)]);
		expect(watchedIn(slot, failed, undefined, listed(one(-1)))[0]?.known.length).toBe(1);
	});
	test("what is known is all where nothing was cut, and told as a part where something was", () => {
		const of = (...more: Parameters<typeof watchedIn> extends [unknown, unknown, ...infer R] ? R : never) => {
			const [found] = watchedIn(slot, failed, ...more);
			return [found?.whole, found?.tally.sampled];
		};
		expect([of(listed(), listed()), of(cut, cut), of(undefined, undefined)]).toEqual([
			[true, false],
			[false, true],
			[false, true],
		]);
		expect(watchedIn(slot, { ...failed, cut: true }, listed())[0]?.tally.sampled).toBe(true);
	});
	test("a schedule is due from the slot's first moment to before its end", () => {
		const fn = (cron: string) => Fn.parse({ id: cron, app: { id: "shop" }, triggers: [{ type: "CRON", value: cron }] });
		const due = dueIn(
			slot,
			["44", "45", "59", "0"].map((minute) => fn(`${minute} * * * *`)),
		);
		expect(due.map(({ cron }) => cron)).toEqual(["45 * * * *", "59 * * * *"]);
	});
});

test("a tally is of what completed or failed", () => {
	expect(tallyOf(ended(1, "FCC"))).toEqual({ failed: 1, ended: 3 });
});

describe("the words", () => {
	const lines = (told: News[], unread: string[] = []) => watchLines(told, 60 * MIN, unread);
	const fresh = (groups: Group[], some: { tally?: Tally; sure?: boolean; since?: number } = {}): News => ({
		...{ kind: "new", function: "shop/charge", of, groups, tally: tally(4, 9), sure: true, since: FROM - 120 * MIN },
		...some,
	});
	const rise: News = {
		kind: "rise",
		function: "shop/crm",
		of: { app: "shop", name: "crm" },
		tally: tally(6, 10),
		normal: tally(2, 100),
	};
	const missed: News = { kind: "missed", function: "shop/nightly", of, ticks: [FROM, FROM + 5 * MIN, FROM + 10 * MIN] };
	const recovered: News = { kind: "recovered", function: "shop/sync", completed: 3 };

	test.each<[string, News, string]>([
		["new", fresh([group("card declined", 4)]), "New failure: shop/charge, 4 of 9 runs: «card declined»"],
		[
			"of a part of the slot",
			fresh([group("x", 4)], { tally: tally(4, 9, true) }),
			"New failure: shop/charge, 4 runs: «x»",
		],
		[
			"of a part of the past, two errors",
			fresh([group("x", 3), group("y")], { sure: false }),
			"New failure: shop/charge, 4 of 9 runs: «x» and 1 other error (new since 18:45)",
		],
		[
			"of a part of the past, a day long",
			fresh([group("x")], { sure: false, since: FROM + MIN - 86_400_000 }),
			"New failure: shop/charge, 1 of 9 runs: «x» (new since 11-22 20:46)",
		],
		[
			"of a part of the past, a little shorter",
			fresh([group("x")], { sure: false, since: FROM + MIN - 86_399_999 }),
			"New failure: shop/charge, 1 of 9 runs: «x» (new since 20:46)",
		],
		["rise", rise, "Fails more often: shop/crm, 6 of 10 runs (usually 2%)"],
		["of a part", { ...rise, tally: tally(60, 100, true) }, "Fails more often: shop/crm, 60% of runs (usually 2%)"],
		["stuck", { kind: "stuck", function: "shop/charge", runs: [LIVE] }, "Not ended after 1h: shop/charge, 1 run"],
		["missed", missed, "Missed tick: shop/nightly at 20:45, 20:50 and 1 more"],
		["away", { kind: "away", app: "shop", runs: 0 }, "Unreachable: app shop"],
		["away, by runs", { kind: "away", app: "shop", runs: 3 }, "Unreachable: app shop (3 runs failed)"],
		[
			"for a moment",
			{ kind: "away", app: "shop", runs: 1, back: true },
			"Unreachable: app shop (1 run failed; others completed since)",
		],
		["sync", { kind: "sync", app: "shop", error: "no key" }, "Sync failed: app shop, «no key»"],
		["sync", { kind: "sync", app: "shop", error: undefined }, "Sync failed: app shop, no reason given"],
		[
			"sync",
			{ kind: "sync", app: "http://x", error: "unreachable", never: true },
			"Sync failed: app http://x, which has never synced: it can't be reached, or what answers there does not register it (on a self-hosted server, Go's SDK since 0.16 does so only on a PUT, with INNGEST_ENABLE_UNAUTHED_SYNC=1)",
		],
		["recovered", recovered, "Recovered: shop/sync, all 3 runs completed"],
		["by one run", { ...recovered, completed: 1 }, "Recovered: shop/sync, 1 run completed"],
		[
			"of which not all were read",
			{ ...recovered, sampled: true },
			"Recovered: shop/sync, its newest 3 runs completed",
		],
	])("%s", (_, told, line) => expect(lines([told])).toEqual([line]));

	test("nothing is nothing", () => expect(lines([])).toEqual([]));

	test("of a kind two are named; what does not fit on a line of its own shares the last", () => {
		const many = [fresh([group("x")]), fresh([group("y")]), fresh([group("z")]), rise, missed, recovered];
		expect(lines(many, ["Could not be read: apps (it is away)"])).toEqual([
			"New failures: shop/charge, 1 of 9 runs: «x»; shop/charge, 1 of 9 runs: «y»; and 1 more",
			"Fails more often: shop/crm, 6 of 10 runs (usually 2%)",
			"Missed tick: shop/nightly at 20:45, 20:50 and 1 more",
			"Recovered: shop/sync, all 3 runs completed · Could not be read: apps (it is away)",
		]);
	});

	test("ticks, with their days where the slot is long; they are not in a day's schedules", () => {
		expect(watchLines([missed], 0, [], [], true)).toEqual([
			"Missed tick: shop/nightly at 11-23 20:45, 11-23 20:50 and 1 more",
		]);
		expect(watchNext([missed], { from: FROM - 86_400_000, until: FROM })).toBe(
			"list-schedules --since 2026-11-22T20:45Z",
		);
	});

	test("the slot, with its days where it is long", () => {
		expect(slotText(slot)).toBe("20:45 to 21:00 UTC");
		expect(slotText({ from: FROM - 86_400_000, until: FROM })).toBe("2026-11-22 20:45 to 2026-11-23 20:45 UTC");
	});

	test.each<[string, News[], string]>([
		[
			"one function",
			[fresh([group("x")]), recovered],
			"triage-failures --function shop/charge --since 2026-11-23T20:45Z",
		],
		["several", [fresh([group("x")]), rise], "triage-failures --since 2026-11-23T20:45Z"],
		[
			"a name that can't be typed",
			[{ ...rise, of: { app: "shop", name: "a\u0007" } }],
			"triage-failures --since 2026-11-23T20:45Z",
		],
		[
			"stuck",
			[{ kind: "stuck", function: "shop/charge", runs: [LIVE, run("01M85369BX39BZFM3TC50ACTFE", 70)] }],
			"get-run 01M85369BX39BZFM3TC50ACTFE",
		],
		["missed", [missed], "list-schedules"],
		["an app", [{ kind: "sync", app: "shop", error: "" }, rise], "list-apps"],
		["recovered", [recovered], "report-health --since 2026-11-23T20:45Z"],
		["nothing but what could not be read", [], "check-setup"],
	])("what is next: %s", (_, told, call) => expect(watchNext(told, slot)).toBe(call));
});

test.each<[string, boolean, number, string]>([
	["shortly before it", true, 3, " (began 3m after the last sync of shop (2.1.0))"],
	["after it had begun", true, -1, ""],
	["long before", true, 361, ""],
	["what is known to be new for a part of the past", false, 3, " (new since 18:45)"],
])("a sync beside what is new: %s", (_, sure, minutes, note) => {
	const first = group("a");
	const one = {
		kind: "new",
		function: "shop/charge",
		of: { app: "shop", name: "charge" },
		groups: [first],
		tally: tally(1, 1),
		sure,
		since: FROM - 120 * MIN,
	} as const;
	const sync = { app: "shop", at: first.first - minutes * 60_000, version: "2.1.0" };
	const [line = ""] = watchLines([one], 0, [], [{ ...sync, app: "crm" }, sync]);
	expect(line.slice(line.indexOf("»") + 1)).toBe(note);
	expect(watchLines([{ ...one, sure: true }], 0, []).join()).not.toContain("sync");
});

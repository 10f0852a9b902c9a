/** The difference between two runs: a table of cases. */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { compare, differences, isSame, lastCompleted, mayBeReplay, type Side } from "../../lib/decide/compare.ts";
import { Run } from "../../lib/inngest/api.ts";
import { type Step, stepsOf } from "../../lib/inngest/trace.ts";
import { NOW } from "../world.ts";
import { traceOf } from "./recorded.ts";
import { anError, aStep, failedStep } from "./steps.ts";

const iso = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
const aRun = (some: Record<string, unknown> = {}): Run =>
	z.parse(Run, {
		...{ id: "01M8536A000000000000RN0001", app: { id: "shop" }, function: { id: "order" }, status: "COMPLETED" },
		...{ queuedAt: iso(-70), startedAt: iso(-70), endedAt: iso(-60), trigger: { eventIds: [] } },
		...some,
	});
const side = (steps: readonly Step[], run: Run = aRun(), data: unknown = {}, name = "shop/order"): Side => ({
	run,
	trace: { name: "Run", input: { data: [{ name, data }] } },
	steps,
});
const live = aRun({ status: "RUNNING", endedAt: undefined });
const failed = aRun({ status: "FAILED" });
const error = anError("no");

/** Each difference in a word or two: `status charge`, `there email`. */
const told = (here: Side, there: Side) =>
	compare(here, there).steps?.map((one) => {
		const { name } = "step" in one ? one.step : one.here;
		return `${one.kind} ${name}${one.nth > 1 ? ` ${one.nth}` : ""}`;
	});
const loop = (count: number, some: Partial<Step> = {}): Step[] =>
	Array.from({ length: count }, (_, n) => aStep("same", n, n + 0.5, { id: `same ${n}`, ...some }));

describe("the steps that differ, in order of start", () => {
	const load = aStep("load", 0, 1, { output: { items: [1] } });
	const charge = aStep("charge", 1, 2);
	const email = aStep("email", 2, 3);
	const refund = aStep("refund", 2, 3);
	const declined = failedStep("charge", 1, 2, error);
	test.each<[what: string, here: Side, there: Side, expected: string[]]>([
		["none, of runs that are alike", side([load, charge]), side([load, charge]), []],
		["none, where neither has steps", side([]), side([]), []],
		[
			"a step that failed here, and what was not reached",
			side([load, declined], failed),
			side([load, charge, email]),
			["status charge", "there email"],
		],
		[
			"a step that failed there",
			side([load, charge, email]),
			side([load, declined], failed),
			["status charge", "here email"],
		],
		["another branch", side([load, refund]), side([load, email]), ["here refund", "there email"]],
		["one that is left out in the middle", side([load, email]), side([load, charge, email]), ["there charge"]],
		["what a live run has not reached is none", side([load], live), side([load, charge, email]), []],
		["what it has passed over is one", side([load, email], live), side([load, charge, email]), ["there charge"]],
		["what the other, which is live, has not reached is none", side([load, charge]), side([load], live), []],
		[
			"a step that goes on is none",
			side([load, aStep("charge", 1, undefined, { status: "RUNNING" })], live),
			side([load, charge]),
			[],
		],
		[
			"a step that a cancelled run left open is one",
			side([aStep("charge", 1, undefined, { status: "WAITING" })], aRun({ status: "CANCELLED" })),
			side([charge]),
			["status charge"],
		],
		[
			"a retried step is alike: its attempts are told apart",
			side([aStep("charge", 1, 9, { attempts: 3 })]),
			side([charge]),
			[],
		],
		["parallel steps in another order are alike", side([load, charge, email]), side([email, load, charge]), []],
		[
			"an output of another shape",
			side([aStep("load", 0, 1, { output: { items: [] } }), charge]),
			side([load, charge]),
			["output load"],
		],
		["not one with other values", side([aStep("load", 0, 1, { output: { items: [2, 3] } })]), side([load]), []],
		["one that returned nothing", side([aStep("load", 0, 1)]), side([load]), ["output load"]],
		["a loop with one name that goes on longer there", side(loop(2)), side(loop(4)), ["there same 3", "there same 4"]],
		[
			"the third of a loop that failed",
			side([...loop(2), failedStep("same", 2, 2.5, error, { id: "same 2" })], failed),
			side(loop(3)),
			["status same 3"],
		],
		[
			"of a replay that kept the first of a loop, the others are still the same",
			side(loop(3).slice(1)),
			side(loop(3)),
			["there same"],
		],
	])("%s", (_, here, there, expected) => {
		expect(told(here, there)).toEqual(expected);
	});

	test("nothing is compared where a trace is missing, which is not that nothing differs", () => {
		for (const [here, there] of [
			[side([load]), { ...side([load]), trace: undefined }] as const,
			[{ ...side([load]), trace: undefined }, side([load])] as const,
		])
			expect(compare(here, there)).toEqual({
				steps: undefined,
				durations: [],
				attempts: [],
				payload: undefined,
			});
	});
});

describe("of steps that both have", () => {
	const names = (pairs: readonly { here: Step }[]) => pairs.map(({ here }) => here.name);
	test("what took twice as long, or half, by a tenth of a second at least; the most first", () => {
		const here = side([
			aStep("a", 0, 1),
			aStep("b", 0, 0.09),
			aStep("c", 0, 1.9),
			aStep("d", 0, 0.3),
			aStep("e", 0, 8),
		]);
		const there = side([
			aStep("a", 0, 3),
			aStep("b", 0, 0.001),
			aStep("c", 0, 1),
			aStep("d", 0, 0.1),
			aStep("e", 0, 1),
		]);
		expect(names(compare(here, there).durations)).toEqual(["e", "a", "d"]);
	});
	test("just a tenth of a second, and just twice", () => {
		const of = (here: number, there: number) =>
			names(compare(side([aStep("a", 0, here)]), side([aStep("a", 0, there)])).durations).length;
		expect([of(0.2, 0.1), of(0.199, 0.1), of(2, 1), of(1.999, 1), of(1, 2), of(0.1, 0)]).toEqual([1, 0, 1, 0, 1, 1]);
	});
	test("not one that goes on", () => {
		const open = aStep("a", 0, undefined, { status: "WAITING" });
		expect(compare(side([open], live), side([aStep("a", 0, 9)])).durations).toEqual([]);
	});
	test("what was tried more often", () => {
		const here = side([aStep("a", 0, 1, { attempts: 3 }), aStep("b", 1, 2)]);
		expect(names(compare(here, side([aStep("a", 0, 1), aStep("b", 1, 2)])).attempts)).toEqual(["a"]);
	});
});

describe("payloads", () => {
	const of = (here: unknown, there: unknown, name?: string) =>
		compare(side([], aRun(), here, name), side([], aRun(), there, name)).payload;
	test("what the engine adds to an invocation is no key of it", () => {
		expect(of({ n: 1, _inngest: { a: 1 } }, { n: 1, _inngest: { a: 2 } }, "inngest/function.invoked")).toEqual([]);
	});
	test("cron's is nobody's", () => {
		expect(of({ cron: "a" }, { cron: "b" }, "inngest/scheduled.timer")).toBeUndefined();
	});
	test("a batch's are those of all its events", () => {
		const batch = (...all: unknown[]): Side => ({
			...side([]),
			trace: { name: "Run", input: { data: all.map((data) => ({ name: "a", data })) } },
		});
		const paths = (...sides: [Side, Side]) => compare(...sides).payload?.map(({ kind, path }) => `${kind} ${path}`);
		expect([
			paths(batch({ n: 1 }, { n: 2 }), batch({ n: 1 }, { n: 3 })),
			paths(batch({ n: 1 }, { n: 2 }), batch({ n: 1 }, { n: 2 })),
			paths(batch({ n: 1 }, { n: 2 }), batch({ n: 1 })),
		]).toEqual([["value 1.n"], [], ["shape "]]);
	});
	test("the failed run's, for its handler", () => {
		const handling = (id: number) => ({ event: { name: "shop/order", data: { id } } });
		expect(of(handling(1), handling(2), "inngest/function.failed")).toMatchObject([{ path: "id", here: 1, there: 2 }]);
	});
});

const deep = (inside: unknown): unknown => Array.from({ length: 20_000 }).reduce((value) => [value], inside);

test.each<[unknown, unknown, boolean]>([
	[{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
	[[1, 2], [2, 1], false],
	[[], {}, false],
	[{ a: undefined }, {}, false],
	[{ a: 1 }, { b: 1 }, false],
	[[1], [1, 2], false],
	[null, {}, false],
	["1", 1, false],
	[deep(1), deep(1), true],
	[deep(1), deep(2), false],
])("%# two values are the same, however deep", (here, there, same) => expect(isSame(here, there)).toBe(same));

describe("differences", () => {
	const short = (here: unknown, there: unknown) => differences(here, there).map(({ kind, path }) => `${kind} ${path}`);
	test.each<[what: string, here: unknown, there: unknown, expected: string[]]>([
		["none", { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
		["a key of one alone", { a: 1 }, { b: 1 }, ["only a", "only b"]],
		["null is not the same as none", { a: null }, {}, ["only a"]],
		["another type", { a: 1, b: null, c: {} }, { a: "1", b: 0, c: [] }, ["shape a", "shape b", "shape c"]],
		["an empty list", { a: [] }, { a: [1] }, ["shape a"]],
		["a longer list is a value", { a: [1] }, { a: [1, 2] }, ["value a"]],
		["in its first items", { a: [{ b: 1 }] }, { a: [{ b: "1" }, 2] }, ["shape a.0.b"]],
		["keys of one alone first, values last", { v: 1, s: 1, o: 1 }, { v: 2, s: "1" }, ["only o", "shape s", "value v"]],
		["of bare values", 1, "1", ["shape "]],
		[
			"deeper than five levels: of what, not in what",
			{ a: { b: { c: { d: { e: { f: 1 } } } } } },
			{ a: { b: { c: { d: { e: { f: 2 } } } } } },
			["value a.b.c.d.e"],
		],
		["in a list's fourth item: of the list", { n: [1, 2, 3, 4] }, { n: [1, 2, 3, 5] }, ["value n"]],
		[
			"nowhere, in any order of keys",
			{ a: { b: { c: { d: { e: { f: 1, g: 2 } } } } } },
			{ a: { b: { c: { d: { e: { g: 2, f: 1 } } } } } },
			[],
		],
	])("%s", (_, here, there, expected) => {
		expect(short(here, there)).toEqual(expected);
	});
	test("the value of a secret is not kept, at any depth of it", () => {
		const here = { password: "one", secret: { inner: "two" }, apiToken: "x" };
		expect(JSON.stringify(differences(here, { password: "other", secret: { inner: "three" } }))).not.toMatch(
			/one|two|other|three|"x"/,
		);
	});
	test("at most two hundred", () => {
		expect(differences(Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`k${i}`, i])), {})).toHaveLength(200);
	});
});

describe("the run that is compared with", () => {
	/** A run of an event this many ms older. */
	const run = (n: number, status: string, late = 0) => {
		const id = `01M8536B0000000000000000${String(n).padStart(2, "0")}`;
		return aRun({ id, status, trigger: { eventIds: [late ? "01M8530000000000000000EV01" : id] } });
	};
	test.each<[what: string, listed: Run[], expected: string | undefined, passed?: boolean]>([
		["none, of an empty list", [], undefined],
		["not itself", [run(1, "COMPLETED")], undefined],
		["none that failed, whatever was asked for", [run(2, "FAILED")], undefined],
		["the newest", [run(4, "COMPLETED"), run(3, "COMPLETED")], run(4, "").id, false],
		["rather no replay", [run(4, "COMPLETED", 9000), run(3, "COMPLETED")], run(3, "").id, true],
		["but a replay if there is no other", [run(4, "COMPLETED", 9000)], run(4, "").id, false],
	])("%s", (_, listed, expected, passed) => {
		const last = lastCompleted(run(1, "COMPLETED"), listed);
		expect([last?.run.id, last?.passed]).toEqual([expected, passed]);
	});
	test("a batch that waited is no replay", () => {
		expect(mayBeReplay(run(1, "COMPLETED", 9000))).toBe(true);
		expect(
			mayBeReplay(
				aRun({ ...run(1, "COMPLETED", 9000), trigger: { eventIds: ["01M8530000000000000000EV01"], isBatch: true } }),
			),
		).toBe(false);
	});
});

test("recorded runs: one that completed and one that failed have other steps", () => {
	const [here, there] = ["failed", "ok"].map((label) => ({
		run: label === "ok" ? aRun() : failed,
		trace: traceOf(label),
		steps: stepsOf(traceOf(label)),
	}));
	expect(here && there && told(here, there)).toEqual(["here download", "here parse", "there charge", "there email"]);
});

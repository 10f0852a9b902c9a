/** Functions compared with the past: tables of cases. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backlogsIn, type Wait } from "../../lib/decide/cause.ts";
import { heldBy, type Limit } from "../../lib/decide/schedules.ts";
import {
	cellsOf,
	doubtfulIn,
	drainOf,
	type FunctionSide,
	isLong,
	isSampled,
	keptOf,
	type Sample,
	spanBefore,
	type Trend,
	trendsOf,
	turnOf,
} from "../../lib/decide/trend.ts";
import { Fn, Run } from "../../lib/inngest/api.ts";
import { limitsOf } from "../../lib/inngest/functions.ts";
import { bars, spread } from "../../lib/text/text.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-23T21:00:00Z");
const last = { from: NOW - HOUR, until: NOW };
const before = { from: NOW - 2 * HOUR, until: NOW - HOUR };
const iso = (ms: number) => new Date(ms).toISOString();

let drawn = 0;
interface Of {
	status?: string;
	fn?: string;
	/** When it ended, and was queued, before NOW. */
	ago?: number;
	took?: number;
	id?: number;
	event?: number;
}
function run({ status = "COMPLETED", fn = "a", ago = 0, took = 100, id = drawn++, event = id }: Of): Run {
	const isLive = status === "RUNNING" || status === "QUEUED";
	return Run.parse({
		app: { id: "shop" },
		function: { id: fn, name: fn },
		id: `01M85369BX39BZFM3TC${String(id).padStart(7, "0")}`,
		status,
		queuedAt: iso(NOW - ago - took),
		startedAt: iso(NOW - ago - took),
		...(!isLive && { endedAt: iso(NOW - ago) }),
		trigger: { eventIds: [`01M853698J9ZFFAMVVY${String(event).padStart(7, "0")}`] },
	});
}
const sample = (span: Sample["span"], runs: readonly Run[]): Sample => ({
	span,
	runs,
	covered: span.until - span.from,
	whole: span.from,
});
/** This many runs, spread over a window; the last `failed` failed, and each took this long. */
const many = (span: Sample["span"], n: number, failed = 0, took = 100, more: Of = {}): Run[] =>
	Array.from({ length: n }, (_, i) => {
		const ago = NOW - span.until + ((n - i) * HOUR) / (n + 1);
		return run({ ago, took, status: i >= n - failed ? "FAILED" : "COMPLETED", ...more });
	});
const trends = (now: readonly Run[], past: readonly Run[], live: string[] = []): Trend[] =>
	trendsOf(sample(last, now), sample(before, past), new Set(live));
const trend = (now: readonly Run[], past: readonly Run[], live: string[] = []): Trend => {
	const [one] = trends(now, past, live);
	if (!one) throw new Error("no function");
	return one;
};

describe("the window to compare with", () => {
	test.each([
		["previous", HOUR, HOUR],
		["previous", 30 * DAY, 30 * DAY],
		["24h", HOUR, DAY],
		["24h", DAY, DAY],
		["24h", DAY + 1, undefined],
		["7d", 3 * DAY, 7 * DAY],
		["7d", 8 * DAY, undefined],
	] as const)("%s, of %d ms", (against, length, back) => {
		const span = { from: NOW - length, until: NOW };
		const moved = back === undefined ? undefined : { from: span.from - back, until: NOW - back };
		expect(spanBefore(span, against)).toEqual(moved);
	});

	test.each([
		["there are older runs", 3 * HOUR, before],
		["history begins in it", 90 * MIN, { ...before, from: NOW - 90 * MIN }],
		["history begins at its end", HOUR, undefined],
		["history begins after it", MIN, undefined],
		["there is no run at all", undefined, undefined],
		["the oldest run is of the future, by a clock that is off", -HOUR, undefined],
	])("what is kept of it where %s", (_, ago, kept) => {
		expect(keptOf(before, ago === undefined ? undefined : NOW - ago)).toEqual(kept);
	});
});

describe("failures", () => {
	test.each([
		["0 of 5, then 3 of 5", [5, 3], [5, 0], "worse"],
		["0 of 5, then 2 of 5: fewer than three", [5, 2], [5, 0], "few"],
		["0 of 5, then 1 of 5: one alone", [5, 1], [5, 0], "same"],
		["0 of 4, then 4 of 5: too few before", [5, 4], [4, 0], "few"],
		["0 of 5, then 4 of 4: too few now", [4, 4], [5, 0], "few"],
		["one run each", [1, 1], [1, 0], "few"],
		["0 of 20, then 3 of 20: may be chance", [20, 3], [20, 0], "few"],
		["2 of 5, then none: may be chance", [5, 0], [5, 2], "few"],
		["0 of 20, then 4 of 20", [20, 4], [20, 0], "worse"],
		["half of 20 each", [20, 10], [20, 10], "same"],
		["a tenth of 20, then half", [20, 10], [20, 2], "worse"],
		["half of 20, then none", [20, 0], [20, 10], "better"],
		["1% of 1,000, then 3%: twice as many, no chance", [1000, 30], [1000, 10], "worse"],
		["40% of 1,000, then 46%: sure, but it does not matter", [1000, 460], [1000, 400], "same"],
		["40% of 1,000, then 50%: ten points matter", [1000, 500], [1000, 400], "worse"],
		["1% of 1,000, then 2.5%: more than twice as many", [1000, 25], [1000, 10], "worse"],
		["1% of 1,000, then 1.9%: sure, but not twice as many", [1000, 19], [1000, 10], "same"],
		["three more than there were to be, of those before", [5, 0], [7, 4], "better"],
		["fewer than three more than there were to be", [5, 5], [7, 3], "few"],
		["three, though not by binary fractions", [17, 4], [51, 3], "worse"],
	] as const)("%s", (_, [n, failed], [m, failedBefore], verdict) => {
		expect(trend(many(last, n, failed), many(before, m, failedBefore)).verdict).toBe(verdict);
	});

	test("began when the first failed of those that went up, which may be in the window before", () => {
		const now = many(last, 20, 12);
		const [change] = trend(now, many(before, 20)).changes;
		expect(change).toEqual({ kind: "failures", worse: true, since: Date.parse(now[8]?.endedAt ?? "") });
		const past = many(before, 20, 6);
		const early = trend(many(last, 20, 20), past).changes[0];
		expect(early?.since).toBe(Date.parse(past[14]?.endedAt ?? ""));
	});

	test("began before what was read, where the windows are apart and all failed", () => {
		const far = { from: last.from - DAY, until: last.until - DAY };
		const past = many(far, 20).map((one) => ({ ...one }));
		const [one] = trendsOf(sample(last, many(last, 20, 20)), sample(far, past), new Set());
		expect([one?.verdict, one?.changes]).toEqual(["worse", [{ kind: "failures", worse: true, since: undefined }]]);
		// Cells of the window only.
		expect(one?.line.reduce((sum, cell) => sum + cell, 0)).toBe(20);
	});

	test("are not those of replays, which count apart", () => {
		const now = [
			...many(last, 6),
			run({ id: 900, event: 1, ago: MIN, status: "FAILED" }),
			run({ id: 901, event: 1, ago: MIN }),
		];
		const past = [run({ id: 1, event: 1, ago: 90 * MIN, status: "FAILED" }), ...many(before, 5)];
		const { now: side, past: was } = trend(now, past);
		expect([side.failed, side.completed, side.replays, side.replaysFailed]).toEqual([0, 6, 2, 1]);
		expect([was.failed, was.completed, was.replays]).toEqual([1, 5, 0]);
		expect(side.perMinute).toBe(8 / 60);
	});

	test("a replay is the younger of two runs of an event, whichever ended first", () => {
		const now = [run({ id: 800, event: 800, ago: MIN }), run({ id: 801, event: 800, ago: 2 * MIN, status: "FAILED" })];
		const { now: side } = trend(now, []);
		expect([side.completed, side.failed, side.replays, side.replaysFailed]).toEqual([1, 0, 1, 1]);
	});

	test("of cancelled runs there are none, nor do they count among those that ended in a result", () => {
		const cancelled = many(last, 9, 0, 100, { status: "CANCELLED" });
		const { now, verdict } = trend([...many(last, 4, 4), ...cancelled], many(before, 20));
		expect([now.failed, now.completed, now.cancelled, verdict]).toEqual([4, 0, 9, "few"]);
	});
});

describe("durations", () => {
	test.each([
		["half as long again", [10, 900], [10, 600], "worse"],
		["less than half as long again", [10, 890], [10, 600], "same"],
		["twice as long, but less than 200 ms more", [10, 290], [10, 100], "same"],
		["too few runs", [9, 9000], [10, 100], "few"],
		["shorter", [10, 100], [10, 600], "better"],
		["half as long again, by 200 ms", [10, 600], [10, 400], "worse"],
		["half as long again, by less", [10, 598], [10, 398.6], "same"],
		["more than 200 ms, but not half as long again", [10, 1400], [10, 1000], "same"],
	] as const)("%s", (_, [n, took], [m, tookBefore], verdict) => {
		expect(trend(many(last, n, 0, took), many(before, m, 0, tookBefore)).verdict).toBe(verdict);
	});

	test("slower since the first that took longer", () => {
		const now = [...many(last, 20).slice(0, 8), ...many(last, 20, 0, 5000).slice(8)];
		expect(trend(now, many(before, 20)).changes).toEqual([
			{ kind: "median", worse: true, since: Date.parse(now[8]?.endedAt ?? "") },
		]);
	});

	test("a tenth took much longer: the 95th percentile, from twenty runs on", () => {
		const slow = (n: number) =>
			many(last, n).map((one, i) => (i < n - 3 ? one : run({ ago: (n - i) * MIN, took: 9000 })));
		expect(trend(slow(20), many(before, 20)).changes.map(({ kind, worse }) => [kind, worse])).toEqual([["p95", true]]);
		expect(trend(slow(19), many(before, 20)).verdict).toBe("same");
	});

	test("count replays among their runs: as many that completed", () => {
		const again = Array.from({ length: 6 }, (_, i) => run({ id: 9000 + i, event: i, ago: (i + 1) * MIN, took: 5000 }));
		const first = Array.from({ length: 6 }, (_, i) => run({ id: i, event: i, ago: 90 * MIN }));
		const now = [...many(last, 4, 0, 5000), ...again];
		expect(trend(now, [...first, ...many(before, 4)]).changes.map(({ kind }) => kind)).toEqual(["median"]);
		const failed = again.map((one) => ({ ...one, status: "FAILED" }));
		expect(trend([...many(last, 4, 0, 5000), ...failed], [...first, ...many(before, 4)]).changes).toEqual([]);
	});

	test("turn at the middle of both by their ratio", () => {
		// By ratio, 3 s is nearer to 9 s than to 100 ms, though not by difference.
		const now = many(last, 20, 0, 9000).map((one, i) =>
			i < 10 ? run({ ago: HOUR - (i + 1) * MIN, took: 3000 }) : one,
		);
		const past = many(before, 20);
		expect(
			trend(
				now.map((one, i) => (i === 10 ? run({ ago: 40 * MIN, took: 9000 }) : one)),
				past,
			).changes,
		).toEqual([{ kind: "median", worse: true, since: NOW - HOUR + MIN }]);
	});

	test("usually faster, and the slowest much slower: both are told, and it is worse", () => {
		const now = many(last, 40).map((one, i) => (i % 10 ? one : run({ ago: (40 - i) * MIN, took: 20_000 })));
		const one = trend(now, many(before, 40, 0, 2000));
		expect([one.verdict, one.changes.map(({ kind, worse }) => [kind, worse])]).toEqual([
			"worse",
			[
				["median", false],
				["p95", true],
			],
		]);
	});

	test("faster, while more failed than is sure to be chance: unclear", () => {
		const now = many(last, 12, 2);
		expect(trend(now, many(before, 12, 0, 2000)).verdict).toBe("few");
	});

	test("are of completed runs: what fails fast is not faster", () => {
		const { now, changes } = trend(many(last, 20, 20, 1), many(before, 20, 0, 5000));
		expect([now.medianMs, changes.map(({ kind }) => kind)]).toEqual([undefined, ["failures"]]);
	});

	test("the nearest rank, and the run that took longest", () => {
		const runs = Array.from({ length: 20 }, (_, i) => run({ id: 5000 + i, ago: MIN, took: (i + 1) * 10 }));
		const { now } = trend(runs, []);
		expect([now.medianMs, now.p95Ms, now.longestMs, now.longest]).toEqual([100, 190, 200, runs[19]?.id]);
	});
});

describe("new and gone", () => {
	const other = many(before, 5, 0, 100, { fn: "other" });
	const verdictOf = (now: readonly Run[], past: readonly Run[], live: string[] = []) =>
		trends(now, past, live).find((one) => one.function === "shop/a")?.verdict;
	test.each([
		["five runs, none before", many(last, 5), other, [], "new"],
		["four runs, none before", many(last, 4), other, [], "few"],
		["three failures, none before", many(last, 3, 3), other, [], "new"],
		["no run now, five before", [], many(before, 5), [], "gone"],
		["no run now, four before", [], many(before, 4), [], "few"],
		["no run ended now, but one goes on", [], many(before, 5), ["shop/a"], "few"],
		["nothing at all is known of the past", many(last, 9, 9), [], [], "few"],
	] as const)("%s", (_, now, past, live, verdict) => {
		expect(verdictOf(now, past, [...live])).toBe(verdict);
	});

	test.each([
		["new, where a tenth of the past was read", many(last, 49), other, HOUR, HOUR / 10, "few"],
		["new, where a tenth would have shown it", many(last, 50), other, HOUR, HOUR / 10, "new"],
		["new, where more was read of the past, which shows no more of them", many(last, 4), other, HOUR / 2, HOUR, "few"],
		["new and failing, where a tenth of the past was read", many(last, 29, 29), other, HOUR, HOUR / 10, "few"],
		["new and failing, where a tenth would have shown it", many(last, 30, 30), other, HOUR, HOUR / 10, "new"],
		["gone, where a tenth of the window was read", [], many(before, 49), HOUR / 10, HOUR, "few"],
		["gone, where a tenth would have shown it", [], many(before, 50), HOUR / 10, HOUR, "gone"],
		["gone, where nothing of the window was read", [], many(before, 50), 0, HOUR, "few"],
	] as const)("%s", (_, now, past, covered, coveredBefore, verdict) => {
		const read = { ...sample(last, now), covered };
		const found = trendsOf(read, { ...sample(before, past), covered: coveredBefore }, new Set());
		expect(found.find((one) => one.function === "shop/a")?.verdict).toBe(verdict);
	});

	test("none is gone where live runs could not be read", () => {
		expect(trendsOf(sample(last, []), sample(before, many(before, 9)), undefined)[0]?.verdict).toBe("few");
	});

	test("with the ends of the first and of the last run", () => {
		const [fresh] = trends(many(last, 5), other);
		expect(fresh?.first).toBe(NOW - (5 * HOUR) / 6);
		expect(trend([], many(before, 5)).last).toBe(NOW - HOUR - HOUR / 6);
	});

	test("what an API's window has at its very end belongs to the next", () => {
		const edge = run({ ago: HOUR });
		const { now, past } = trend([edge], [edge]);
		expect([now.completed, now.replays, past.completed]).toEqual([1, 0, 0]);
	});
});

test("the worst first, and of what can't be compared what fails", () => {
	const of = (fn: string) => ({ fn });
	const now = [
		...many(last, 9, 0, 100, of("same")),
		...many(last, 2, 2).map((one) => ({ ...one, function: { id: "rare" } })),
		...many(last, 9, 9).map((one) => ({ ...one, function: { id: "worse" } })),
		...many(last, 9).map((one) => ({ ...one, function: { id: "new" } })),
	];
	const past = ["same", "rare", "worse", "gone"].flatMap((fn) => many(before, 9, 0, 100, of(fn)));
	expect(trends(now, past).map((one) => [one.function, one.verdict])).toEqual([
		["shop/worse", "worse"],
		["shop/new", "new"],
		["shop/gone", "gone"],
		["shop/rare", "few"],
		["shop/same", "same"],
	]);
});

test("of those that are as bad, the one of which more failed first", () => {
	const of = (fn: string, n: number, failed: number) =>
		many(last, n, failed).map((one) => ({ ...one, function: { id: fn } }));
	const past = ["a", "b", "c"].flatMap((fn) => many(before, 20, 0, 100, { fn }));
	const all = trends([...of("a", 20, 10), ...of("b", 20, 15), ...of("c", 40, 20)], past);
	expect(all.map((one) => one.function)).toEqual(["shop/b", "shop/c", "shop/a"]);
});

test("the longest queue first", () => {
	const of = (fn: string, n: number, ago: number) =>
		Array.from({ length: n }, () => run({ fn, status: "QUEUED", ago, took: 0 }));
	const live = [...of("a", 5, 9 * MIN), ...of("b", 7, 2 * MIN), ...of("c", 6, 20 * MIN)];
	expect(backlogsIn(live, false, sample(last, []), NOW).map((one) => one.function)).toEqual([
		"shop/b",
		"shop/c",
		"shop/a",
	]);
});

test("the turn is where a share went up, and none where it was up at once", () => {
	const rows = (text: string) => Array.from(text, (one, at) => ({ at, hit: one === "x" }));
	const turns = ["....xxxx", "..x...xxxxxx", "xxxx", "....", ".x.x.x.xxxxxxxx", ""].map((text) =>
		turnOf(rows(text), 0.5),
	);
	expect(turns).toEqual([4, 6, undefined, undefined, 7, undefined]);
});

test("cells and their bars", () => {
	expect(cellsOf([0, 9, 10, 59, 60, -1], { from: 0, until: 60 })).toEqual([2, 1, 0, 0, 0, 1]);
	expect(bars([0, 1, 4, 7, 0])).toBe("▁▂▅█▁");
	expect(bars([0, 1, 100])).toBe("▁▂█");
	expect(bars([0, 0])).toBe("▁▁");
});

test("a sample is one where not all of the window was read", () => {
	const whole = sample(last, []);
	expect([isSampled(whole), isSampled({ ...whole, covered: HOUR - 1 })]).toEqual([false, true]);
	const [half] = trendsOf({ ...sample(last, many(last, 30)), covered: HOUR / 2 }, sample(before, []), new Set());
	expect(half?.now.perMinute).toBe(1);
});

test("some of many, spread", () => {
	expect([
		spread([1, 2, 3], 5),
		spread([1, 2, 3, 4, 5], 3),
		spread([1, 2], 1),
		spread([1, 2], 0),
		spread([1], -2),
	]).toEqual([[1, 2, 3], [1, 3, 5], [1], [], []]);
});

describe("whatever ran", () => {
	const runs = fc.array(
		fc.record({
			status: fc.constantFrom("COMPLETED", "COMPLETED", "FAILED", "CANCELLED"),
			ago: fc.integer({ min: 1, max: 2 * HOUR }),
			took: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: HOUR })),
			event: fc.integer({ min: 0, max: 80 }),
		}),
		{ maxLength: 90 },
	);
	const isIn = ({ from, until }: Sample["span"], { endedAt }: Run) =>
		Date.parse(endedAt ?? "") >= from && Date.parse(endedAt ?? "") < until;
	const split = (all: readonly Run[]): [Run[], Run[]] => [
		all.filter((one) => isIn(last, one)),
		all.filter((one) => isIn(before, one)),
	];
	const share = ({ failed, completed }: FunctionSide) => failed / Math.max(1, failed + completed);

	test("the verdict is what the numbers say, and the beginning parts them", () => {
		// Which of such runs took longest does not depend on their order in lists.
		const atOnce = { status: "COMPLETED", ago: 1, took: 1013, event: 0 };
		fc.assert(
			fc.property(runs, fc.boolean(), (given, isUp) => {
				// If it rises, later runs fail or take longer more often.
				const all = given.map((of, i) =>
					run({ ...of, id: i, ...(isUp && of.ago < HOUR && i % 3 ? { status: "FAILED" } : {}) }),
				);
				const [one] = trends(...split(all));
				if (!one) return;
				const { verdict, now, past, changes, line } = one;
				const inAll = all.filter((found) => isIn(last, found) || isIn(before, found));
				const sum = (side: FunctionSide) => side.completed + side.failed + side.cancelled + side.replays;
				expect(sum(now) + sum(past)).toBe(inAll.length);
				expect(line.reduce((a, b) => a + b, 0)).toBe(inAll.filter(({ status }) => status === "FAILED").length);
				expect(trends(...split(all.toReversed()))[0]).toEqual(one);
				if (verdict === "new") expect(sum(past)).toBe(0);
				if (verdict === "gone") expect(sum(now)).toBe(0);
				for (const { kind, worse, since } of changes) {
					const [a, b] = {
						failures: [share(now), share(past)],
						median: [now.medianMs, past.medianMs],
						p95: [now.p95Ms, past.p95Ms],
					}[kind];
					expect((a ?? 0) > (b ?? 0)).toBe(worse);
					expect(since).toBeGreaterThan(before.from);
					expect(since).toBeLessThan(last.until);
				}
				const [up, down] = [changes.some(({ worse }) => worse), changes.some(({ worse }) => !worse)];
				if (verdict === "worse") expect(up).toBe(true);
				if (verdict === "better") expect([up, down]).toEqual([false, true]);
				if (verdict !== "same" && verdict !== "better") return;
				const expected = share(past) * (now.completed + now.failed);
				expect(share(now) - share(past) < 0.1 || now.failed - expected < 2).toBe(true);
				expect(
					(now.medianMs ?? 0) < 1.5 * (past.medianMs ?? Infinity) || (now.medianMs ?? 0) - (past.medianMs ?? 0) < 200,
				).toBe(true);
			}),
			{ numRuns: 500, examples: [[[atOnce, atOnce], false]] },
		);
	});
});

describe("a backlog", () => {
	const queued = (n: number, ago: number): Run[] =>
		Array.from({ length: n }, () => run({ status: "QUEUED", ago, took: 0 }));
	const of = (live: Run[], ended: Run[] = [], cut = false) => backlogsIn(live, cut, sample(last, ended), NOW)[0];

	test.each([
		["five that wait", queued(5, MIN), true],
		["four", queued(4, HOUR), false],
		["five of just now", queued(5, 14_999), false],
		["five of fifteen seconds ago", queued(5, 15_000), true],
		["runs that sleep", many(last, 9, 0, 100, { status: "RUNNING" }), false],
		["none", [], false],
	] as const)("%s", (_, live, is) => {
		expect(of([...live]) !== undefined).toBe(is);
	});

	test("its pace is of the later half of the oldest one's wait: what filled it is no pace", () => {
		const live = [...queued(30, 20 * MIN), run({ status: "RUNNING", ago: 21 * MIN, took: 0 }), ...queued(2, MIN)];
		const ended = Array.from({ length: 10 }, (_, i) => run({ ago: i * 2 * MIN, took: HOUR }));
		expect(of(live, ended)).toMatchObject({
			queued: 32,
			pace: { ms: 10 * MIN, arrived: 2, ended: 6 },
		});
	});

	test("what was cancelled is no pace", () => {
		const ended = Array.from({ length: 10 }, (_, i) =>
			run({ ago: i * MIN, took: HOUR, status: i % 2 ? "CANCELLED" : "FAILED" }),
		);
		expect(of(queued(9, 30 * MIN), ended)?.pace).toEqual({ ms: 15 * MIN, arrived: 0, ended: 5 });
	});

	test("without all of its runs there is no pace", () => {
		expect(of(queued(9, MIN), [], true)?.pace).toBeUndefined();
		const late = { ...sample(last, []), whole: NOW - 30_000 };
		expect(backlogsIn(queued(9, 10 * MIN), false, late, NOW)[0]?.pace).toBeUndefined();
		expect(of(queued(9, 10 * HOUR))?.pace?.ms).toBe(HOUR);
	});

	const own: Limit = { kind: "own", value: 1 };
	const one = (arrived: number, ended: number, n = 340) => {
		const [backlog] = backlogsIn(queued(n, HOUR), false, sample(last, []), NOW);
		if (!backlog) throw new Error("none");
		return { ...backlog, pace: { ms: 10 * MIN, arrived, ended } };
	};
	test.each([
		["empties", one(0, 68), own, { kind: "empties", ms: 50 * MIN }],
		["empties by what more end than arrive", one(34, 68), own, { kind: "empties", ms: 100 * MIN }],
		["grows", one(69, 68), own, { kind: "grows" }],
		["grows, whatever its limit", one(69, 68), { kind: "key" }, { kind: "grows" }],
		["stands where as many arrive as end", one(68, 68), own, { kind: "stands" }],
		["has no pace where too few ended", one(0, 2), own, { kind: "unknown", why: "slow" }],
		["has a key", one(0, 68), { kind: "key" }, { kind: "unknown", why: "key" }],
		["is shared", one(0, 68), { kind: "shared" }, { kind: "unknown", why: "shared" }],
		["has none of its own", one(0, 68), { kind: "none" }, { kind: "unknown", why: "none" }],
		["is throttled", one(0, 68), { kind: "throttle" }, { kind: "empties", ms: 50 * MIN }],
		["has an unknown limit", one(0, 68), undefined, { kind: "unknown", why: "limit" }],
		["has an unknown pace", { ...one(0, 68), pace: undefined }, own, { kind: "unknown", why: "unread" }],
	] as const)("that %s", (_, backlog, limit, drain) => {
		expect(drainOf(backlog, limit)).toEqual(drain);
	});
});

describe("what holds runs back", () => {
	const fn = (configuration: object) => Fn.parse({ id: "a", app: { id: "shop" }, triggers: [], configuration });
	const limit = (value: number, isPlanLimit = false) => ({ limit: { value, isPlanLimit } });
	const throttle = { limit: 1, period: "1m" };
	test.each([
		["its own limit", { concurrency: [{ ...limit(1), scope: "FUNCTION" }] }, { kind: "own", value: 1 }],
		["its own and the plan's", { concurrency: [limit(25, true), limit(3)] }, { kind: "own", value: 3 }],
		["the plan's alone", { concurrency: [{ ...limit(-1, true), scope: "ACCOUNT" }] }, { kind: "none" }],
		["nothing", {}, { kind: "none" }],
		["a key", { concurrency: [{ ...limit(1), key: "event.data.a" }] }, { kind: "key" }],
		["a shared scope", { concurrency: [{ ...limit(3), scope: "ENVIRONMENT" }] }, { kind: "shared" }],
		["two limits", { concurrency: [limit(1), { ...limit(3), scope: "ACCOUNT" }] }, { kind: "shared" }],
		["a throttle", { throttle }, { kind: "throttle" }],
		["a throttle by a key", { throttle: { ...throttle, key: "event.data.k" } }, { kind: "key" }],
	] as const)("%s", (_, configuration, held) => {
		expect(heldBy(fn(configuration))).toEqual(held);
	});

	test("a configuration of another shape has no limits", () => {
		expect(limitsOf(fn({ concurrency: "many" }))).toEqual([]);
	});
});

describe("live runs that go on for long", () => {
	const live = (ago: number, of: Of = {}) => run({ status: "RUNNING", took: ago, ...of });
	const executing = (ago: number): Wait => ({ kind: "executing", at: NOW - ago, attempt: 1 });
	const sleeps: Wait = { kind: "sleep", at: NOW + HOUR, step: "nap" };
	const overslept: Wait = { kind: "sleep", at: NOW - HOUR, step: "nap" };
	const awaits: Wait = { kind: "event", at: NOW + DAY, step: "ask", event: "answer", expression: undefined };
	const signal: Wait = { kind: "step", at: undefined, step: "ok", op: "WAIT_FOR_SIGNAL" };
	const ready = (ago: number): Wait => ({ kind: "capacity", at: NOW - ago, attempt: 1 });
	const retries: Wait = { kind: "retry", at: NOW + MIN, attempt: 2 };

	test.each<[string, number, Wait[] | undefined, boolean]>([
		["executing for 10m", 10 * MIN, [executing(10 * MIN)], true],
		["executing for less", 10 * MIN, [executing(10 * MIN - 1)], false],
		["old, but executing only now", 50 * MIN, [executing(1_000)], false],
		["executing, since when is unknown", 50 * MIN, [{ ...executing(0), at: undefined }], false],
		["ready, and held for 12m", 12 * MIN, [ready(12 * MIN)], true],
		["executing only now, after days of sleep", 3 * DAY, [executing(2_000)], false],
		["executing for days, since when is unknown", 3 * DAY, [{ ...executing(0), at: undefined }], true],
		["sleeping for days", 3 * DAY, [sleeps], false],
		["waiting for an event for days", 3 * DAY, [awaits], false],
		["waiting, as the trace alone shows", 3 * DAY, [signal], false],
		["waiting, and executing beside it", 3 * DAY, [awaits, executing(12 * MIN)], true],
		["not woken an hour after its time", 2 * HOUR, [overslept], true],
		["being retried for 50m", 50 * MIN, [retries], false],
		["being retried for hours", 2 * HOUR, [retries], true],
		["unread, 12m old", 12 * MIN, undefined, false],
		["unread, 2h old", 2 * HOUR, undefined, true],
		["without any job, 2h old", 2 * HOUR, [], true],
	])("%s", (_, ago, waits, long) => {
		expect(isLong({ run: live(ago), waits }, NOW)).toBe(long);
	});

	test("which are read: the oldest, and those of ten minutes; eight at most", () => {
		const of = (fn: string, ago: number) => live(ago, { fn });
		const [drip, a, b, young] = [of("drip", 3 * DAY), of("scan", 12 * MIN), of("audit", 15 * MIN), of("audit", 30_000)];
		expect(doubtfulIn([drip], [a, b, young, drip], NOW)).toEqual([drip, b, a]);
		expect(doubtfulIn([young], [], NOW)).toEqual([]);
		const many = Array.from({ length: 20 }, (_, i) => of(`f${i}`, (i + 10) * MIN));
		expect(doubtfulIn([], many, NOW)).toEqual(many.slice(-8).reverse());
	});
});

import { describe, expect, test } from "vitest";
import { aheadBy, aheadText, openWork } from "../../lib/wire/retry.ts";
import { NOW } from "../world.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** The Date of a server whose clock is this far ahead of NOW: whole seconds, as in HTTP. */
const dated = (ahead: number) => new Date(NOW + ahead).toUTCString();

describe("how far a server's clock is ahead", () => {
	test.each<[string, number, number | undefined]>([
		["the same", 0, undefined],
		["4 s ahead", 4 * SECOND, undefined],
		["5 s ahead", 5 * SECOND, undefined],
		["6 s behind, of which one may be rounded", -6 * SECOND, undefined],
		["7 s ahead", 7 * SECOND, 8 * SECOND],
		["2 h ahead", 2 * HOUR, 2 * HOUR + SECOND],
		["2 h behind", -2 * HOUR, -2 * HOUR + SECOND],
	])("%s", (_, ahead, expected) => {
		const told = aheadBy(dated(ahead), undefined, NOW, NOW);
		expect([told === undefined, Math.abs((told ?? 0) - (expected ?? 0)) <= SECOND]).toEqual([
			expected === undefined,
			true,
		]);
	});

	test("a slow answer is none: its Date may be that of either end", () => {
		expect([0, 10, 30].map((at) => aheadBy(dated(at * SECOND), undefined, NOW, NOW + 30 * SECOND))).toEqual([
			undefined,
			undefined,
			undefined,
		]);
	});
	test("what a cache has kept is as old as it says", () => {
		expect(aheadBy(dated(-60 * SECOND), "60", NOW, NOW)).toBeUndefined();
	});
	test.each([undefined, "", "soon", "Thu, 99 Foo 2026"])("no date at all: %s", (date) => {
		expect(aheadBy(date, undefined, NOW, NOW)).toBeUndefined();
		expect(aheadBy(dated(0), "x", NOW, NOW)).toBeUndefined();
	});
	test("in words", () => {
		expect([2 * HOUR - SECOND, 2 * HOUR + SECOND, -8400].map(aheadText)).toEqual([
			"2h ahead of this machine's",
			"2h ahead of this machine's",
			"8s behind this machine's",
		]);
	});
});

describe("a call in hand", () => {
	test("ends with Ctrl-C, unless it has begun to change something", () => {
		const stopped = (changes: number) => {
			const control = new AbortController();
			const work = openWork(control.signal);
			work.changes = changes;
			control.abort();
			return work.stop.aborted;
		};
		expect([
			stopped(0),
			stopped(1),
			openWork(AbortSignal.abort()).stop.aborted,
			openWork(new AbortController().signal).stop.aborted,
		]).toEqual([...[true, false], ...[true, false]]);
	});
});

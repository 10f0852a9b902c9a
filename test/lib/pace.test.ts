import { expect, test } from "vitest";
import { openPace } from "../../lib/wire/retry.ts";
import { aWorld, NOW } from "../world.ts";

const FOREVER = Number.POSITIVE_INFINITY;

/** When each of several simultaneous requests starts, in ms. */
async function starts(count: number, limited: boolean, before?: (pace: ReturnType<typeof openPace>) => void) {
	const { clock } = aWorld();
	const pace = openPace(clock, limited);
	before?.(pace);
	const at: number[] = [];
	for (let n = 0; n < count; n++) {
		await pace.turn(FOREVER);
		at.push(clock.now() - NOW);
	}
	return at;
}

test("ten start at once, then ten a second: never more than 75 in 5 s", async () => {
	const at = await starts(200, true);
	expect(at.slice(0, 13)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300]);
	expect(at.at(-1)).toBe(19_000);
	for (const from of at) expect(at.filter((one) => one >= from && one < from + 5_000).length).toBeLessThanOrEqual(75);
});

test("side by side as one after the other", async () => {
	const { clock } = aWorld();
	const pace = openPace(clock, true);
	const at: number[] = [];
	await Promise.all(
		Array.from({ length: 12 }, async () => {
			await pace.turn(FOREVER);
			at.push(clock.now() - NOW);
		}),
	);
	expect(at).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200]);
});

test("after a rest ten may start at once again, and no more", async () => {
	const { clock } = aWorld();
	const pace = openPace(clock, true);
	for (let n = 0; n < 20; n++) await pace.turn(FOREVER);
	clock.set(NOW + 60_000);
	const at: number[] = [];
	for (let n = 0; n < 11; n++) {
		await pace.turn(FOREVER);
		at.push(clock.now() - NOW - 60_000);
	}
	expect(at).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100]);
});

test("another server than Cloud is not held back", async () => {
	expect(new Set(await starts(50, false))).toEqual(new Set([0]));
});

test("nothing starts while it is held; after that no heap comes on top", async () => {
	expect(await starts(3, true, (pace) => pace.hold(7_000))).toEqual([7_000, 7_100, 7_200]);
	expect(await starts(3, false, (pace) => pace.hold(7_000))).toEqual([7_000, 7_000, 7_000]);
	expect(
		await starts(1, true, (pace) => {
			pace.hold(7_000);
			pace.hold(2_000);
		}),
	).toEqual([7_000]);
});

test("a wait ends at its deadline, and at once when it is interrupted", async () => {
	const { clock } = aWorld();
	const pace = openPace(clock, true);
	pace.hold(60_000);
	await pace.turn(NOW + 500);
	expect(clock.now() - NOW).toBe(500);
	await pace.turn(FOREVER, AbortSignal.abort());
	expect(clock.pauses).toEqual([500]);
});

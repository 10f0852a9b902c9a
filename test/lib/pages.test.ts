import { describe, expect, test } from "vitest";
import { follow, type Leaf } from "../../lib/inngest/api.ts";

const id = (n: number) => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
const runs = (...numbers: number[]) => numbers.map((n) => ({ id: id(n) }));

/** The result of a list whose pages are given by their cursors, the first as `""`; an error as its text. */
async function read(pages: Record<string, Leaf<unknown>>) {
	const got: unknown[][] = [];
	let asked = 0;
	try {
		const given = (cursor: string | undefined) => {
			asked++;
			return Promise.resolve(pages[cursor ?? ""] ?? { items: [], next: undefined });
		};
		for await (const page of follow(given)) got.push([...page]);
	} catch (error) {
		return { got, asked, error: error instanceof Error ? error.message : error };
	}
	return { got, asked };
}

describe("cursors", () => {
	test("are followed to the last page", async () => {
		expect(
			await read({
				"": { items: runs(1), next: "a" },
				a: { items: [], next: "b" },
				b: { items: runs(2), next: undefined },
			}),
		).toEqual({ got: [runs(1), [], runs(2)], asked: 3 });
	});

	test.each([
		["the same again", ["a", "a"], 2],
		["two in turn", ["a", "b", "a"], 3],
		["back into the middle", ["a", "b", "c", "b"], 4],
		["of many", [...Array.from({ length: 50 }, (_, i) => `c${i}`), "c0"], 51],
	])("that go round, %s: an error, and nothing is counted twice", async (_, round, asked) => {
		const steps = ["", ...round].slice(0, -1).map((at, i) => [at, { items: runs(i % 2), next: round[i] }] as const);
		const { got, error, ...rest } = await read(Object.fromEntries(steps));
		expect({ error, ...rest }).toEqual({ asked, error: `The server restarts the list after ${asked} pages.` });
		expect(got.flat()).toEqual(runs(0, 1));
	});

	test("that are new each time, and lead to the same page: an error after a hundred", async () => {
		const pages = Object.fromEntries(
			Array.from({ length: 200 }, (_, i) => [i ? `c${i}` : "", { items: runs(1, 2), next: `c${i + 1}` }]),
		);
		const { got, ...rest } = await read(pages);
		expect(rest).toEqual({ asked: 102, error: "The server returned 101 pages in a row with nothing new." });
		expect(got.flat()).toEqual(runs(1, 2));
	});
});

test("pages without anything new are counted in a row", async () => {
	const pages = Object.fromEntries(
		Array.from({ length: 250 }, (_, i) => [
			i ? `c${i}` : "",
			{ items: i % 2 ? [] : runs(i), next: i < 249 ? `c${i + 1}` : undefined },
		]),
	);
	const { got, ...rest } = await read(pages);
	expect([got.flat().length, rest]).toEqual([125, { asked: 250 }]);
});

describe("what is on two pages", () => {
	const twice = async (items: unknown[]) =>
		(await read({ "": { items, next: "a" }, a: { items, next: undefined } })).got.flat().length;

	test("counts once where it is a run or an event", async () => {
		expect(await twice(runs(1, 2))).toBe(2);
		expect(
			await twice([
				{ internal_id: id(1), id: "theirs" },
				{ internal_id: id(2), id: "theirs" },
			]),
		).toBe(2);
	});
	test("counts as often as it is there where its name need not be its own: apps, functions, anything else", async () => {
		expect(await twice([{ id: "shop" }])).toBe(2);
		expect(await twice([{ id: "3a833018-e3d9-5f5d-bef4-9542822398dd" }])).toBe(2);
		expect(await twice([{ id: 1 }, null, "text"])).toBe(6);
	});
});

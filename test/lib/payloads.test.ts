import { expect, test } from "vitest";
import type { Target } from "../../lib/gate/target.ts";
import { listedEvents } from "../../lib/gather/siblings.ts";
import type { Run } from "../../lib/inngest/api.ts";
import { ServerError } from "../../lib/text/errors.ts";
import { ulidOf } from "../inngest-server/ids.ts";
import { aWorld, NOW } from "../world.ts";
import { answeringBy } from "./api-of.ts";
import { aRun } from "./recorded.ts";

const MIN = 60_000;
/** Ids of events over this many minutes, newest first. */
const eventIds = (count: number, minutes: number, salt: number) =>
	Array.from({ length: count }, (_, i) =>
		ulidOf(NOW - Math.floor((i * minutes * MIN) / count), Buffer.alloc(10, (salt + i) % 250)),
	);
const runsOf = (ids: readonly string[], some: Partial<Run["trigger"]> = {}): Run[] =>
	ids.map((id, n) =>
		aRun({ id: `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`, trigger: { eventIds: [id], ...some } }),
	);
const TARGET: Target = {
	kind: "dev",
	api: "http://localhost:8288",
	events: "http://localhost:8288",
	environment: undefined,
	label: "dev server localhost:8288",
	assumed: false,
	local: true,
};

/** What is found, and the number of requests: for lists, and by id. */
async function find(runs: readonly Run[], all: readonly string[], fails?: Error) {
	const given = (id: string) => ({ internal_id: id, id, name: "a/b", data: {} });
	const api = answeringBy(({ path, query = {} }) => {
		const one = path.split("/")[3];
		if (one !== undefined) return { data: given(one) };
		if (fails) return fails;
		const before = String(query.cursor);
		expect(query.name).toBe("a/b");
		return {
			data: all
				.filter((id) => id < before)
				.slice(0, Number(query.limit))
				.map(given),
		};
	});
	const { clock, signal } = aWorld();
	const found = await listedEvents({ api, clock, signal, now: NOW, target: TARGET }, runs);
	const lists = api.sent.filter(({ path }) => path === "/v1/events").length;
	return { found: found.size, lists, byId: api.sent.length - lists };
}
const sorted = (...ids: readonly string[][]) => ids.flat().sort().reverse();

test("few are left to be asked for one by one", async () => {
	const ids = eventIds(10, 60, 0);
	expect(await find(runsOf(ids), ids)).toEqual({ found: 0, lists: 0, byId: 0 });
});

test("many are listed, by the name of the newest where runs do not tell it", async () => {
	const ids = eventIds(120, 60, 0);
	expect(await find(runsOf(ids), ids)).toEqual({ found: 120, lists: 3, byId: 1 });
	expect(await find(runsOf(ids, { eventName: "a/b" }), ids)).toEqual({ found: 120, lists: 3, byId: 0 });
});

test("among very many of that name they are left, after a try", async () => {
	const ids = eventIds(40, 600, 0);
	const { lists, found } = await find(runsOf(ids), sorted(ids, eventIds(10_000, 600, 100)));
	expect(lists).toBe(10);
	expect(found).toBeLessThan(5);
});

test("what comes long before the others is not worth a list", async () => {
	const ids = eventIds(120, 60, 0);
	const old = [ulidOf(NOW - 10_000 * MIN, Buffer.alloc(10, 7))];
	const before = eventIds(9_000, 9_999, 100).filter((id) => id < (ids.at(-1) ?? ""));
	expect(await find(runsOf([...ids, ...old]), sorted(ids, before, old))).toEqual({ found: 120, lists: 3, byId: 1 });
});

test("a batch's events are in its trace; ids that are none are asked for as they are", async () => {
	const ids = eventIds(20, 60, 0);
	expect(await find(runsOf(ids, { isBatch: true }), ids)).toEqual({ found: 0, lists: 0, byId: 0 });
	expect(await find(runsOf(ids.map((_, i) => `E${i}`)), ids)).toEqual({ found: 0, lists: 0, byId: 0 });
});

test("a list that can't be read is left to those who ask one by one", async () => {
	const ids = eventIds(20, 60, 0);
	expect(await find(runsOf(ids), ids, new ServerError("no", "", { status: 403 }))).toEqual({
		found: 0,
		lists: 1,
		byId: 1,
	});
});

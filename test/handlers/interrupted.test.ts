/** Ctrl-C and SIGTERM at each moment of a planning call: it stops at once, and has changed nothing. */
import { describe, expect, test } from "vitest";
import { aWorld } from "../world.ts";
import { aLiveRun, anEvent, aRun, event, one, run, upTo } from "./acting.ts";
import { type Answers, AT, alsoAnswered, type Called, call, page, type Reply } from "./call.ts";

const RUNS = 3;
const span = { name: "run", status: "FAILED", stepId: "", children: [] };
/** Everything that the calls below may read; the nth request interrupts. */
let at = Number.POSITIVE_INFINITY;
let asked = 0;
let world = aWorld();
const reading =
	(reply: Reply): (() => Reply) =>
	() => {
		if (++asked === at) world.interrupt();
		return reply;
	};
const failed = upTo(RUNS).map((i) => aRun(i, { output: { error: { name: "Error", message: "no" } } }));
const live = upTo(RUNS).map((i) => aLiveRun(i));
const reads: Answers = {
	"GET /v2/runs": ({ query }) => reading(page(query.getAll("status").includes("FAILED") ? failed : live))(),
	"GET /v2/apps": reading(page([{ id: "shop" }])),
	"GET /v2/apps/shop": reading(one({ id: "shop" })),
	"GET /v2/apps/shop/functions": reading(page([{ id: "import-catalog", name: "x" }])),
	"GET /v2/apps/shop/functions/import-catalog": reading(one({ id: "import-catalog", name: "x" })),
	...Object.fromEntries(
		upTo(RUNS).flatMap((i) => [
			[`GET /v2/runs/${run(i)}`, reading(one(failed[i - 1]))],
			[`GET /v2/runs/${run(i)}/trace`, reading(one(span))],
			[`GET /v2/events/${event(i)}/runs`, reading(page([aRun(i)]))],
			[`GET /v1/events/${event(i)}`, reading(anEvent(i))],
		]),
	),
};
alsoAnswered(reads);

/** The call, interrupted at the nth request. */
async function interrupted(argv: readonly string[], n: number): Promise<Called> {
	at = n;
	asked = 0;
	world = aWorld({ env: { ...AT.dev.env } });
	return call("dev", argv, {}, { world });
}

describe.each([
	["cancel-runs", ["cancel-runs", "--app", "shop"]],
	["cancel-runs --match", ["cancel-runs", "--function", "import-catalog", "--match", "row"]],
	["replay-runs", ["replay-runs", "--app", "shop"]],
	["replay-runs --match", ["replay-runs", "--app", "shop", "--match", "row"]],
	["replay-runs of runs by id", ["replay-runs", run(1), run(2), run(3)]],
	["replay-runs --from-step", ["replay-runs", "--app", "shop", "--from-step", "a"]],
	["replay-run", ["replay-run", run(1)]],
])("%s", (_, argv) => {
	test("plans, unless it is interrupted at any of its requests", async () => {
		const { exit, asked: all } = await interrupted(argv, Number.POSITIVE_INFINITY);
		expect([exit, all.length > 2]).toEqual([3, true]);
		for (const n of upTo(all.length)) {
			const { text, json, exit, to } = await interrupted(argv, n);
			const [error, next] = ["Interrupted; nothing was changed.", "Call again."];
			expect([n, text, json, exit, to]).toEqual([n, `${error}\n${next}`, { error, next }, 1, "stderr"]);
		}
	});

	test("asks for nothing more once it is, but for what is on its way", async () => {
		const { asked } = await interrupted(argv, 1);
		expect(asked.length).toBeLessThanOrEqual(RUNS);
	});
});

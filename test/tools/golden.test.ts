/** `npm run golden` is worth what its driver's determinism is: the same build says the same, to the byte. */
import { expect, test } from "vitest";
import { Comparison, diff } from "../../tools/golden/compare.ts";
import { play } from "../../tools/golden/play.ts";
import type { Scene } from "../../tools/golden/scene.ts";
import { corpus, files, recorded } from "../corpus.ts";
import { FOLDER } from "../skill.ts";

const once = (...args: string[]): Scene => ({ calls: [{ args }] });
const scenes: Scene[] = [
	once("list-runs", "--with-waits"),
	once("get-run", "{failed}", "--json"),
	once("wait-for-run", "{sleeping}", "--timeout", "45m"),
	once("send-event", "shop/order.created", "--wait"),
	once("send-event", "a/b", "--curl"),
	once("send-events", "@lines.ndjson"),
	{ calls: [{ args: ["list-apps"], faults: [{ path: "/v2/apps", status: 503, times: 3 }] }] },
	{ calls: [{ args: ["list-apps"], faults: [{ path: "/v2/apps", delayMs: 40_000, times: 9 }] }] },
	{
		calls: [
			{ args: ["replay-runs", "--app", "shop"] },
			{ args: ["replay-runs", "--app", "shop", "--confirm", "{code}"] },
		],
	},
];

test("the same calls, twice, give the same to the byte, in whatever order", async () => {
	const [first, second] = await Promise.all([
		play(FOLDER, "self-hosted", scenes, files),
		play(FOLDER, "self-hosted", scenes.toReversed(), files),
	]);
	expect(second.toReversed()).toEqual(first);
	const codes = first.map((outcomes) => outcomes.map(({ code }) => code).join());
	expect(codes).toEqual(["0", "0", "0", "0", "0", "0", "0", "1", "3,0"]);
	// The clock goes on without anyone waiting.
	expect(first[2]?.[0]?.stdout).toMatch(/^Completed \(waited 27m/);
	expect(first[7]?.[0]?.stderr).toMatch(/did not answer in time/);
});

test("a difference is told line by line, and alike ones once", () => {
	expect(diff(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])).toEqual([["- b", "+ x"], ["+ e"]]);
	const said = (n: number, word: string) => ({ args: ["list-runs"], code: 0, stdout: `${n} ${word}\n`, stderr: "" });
	const comparison = new Comparison();
	for (const n of [1, 2, 3]) comparison.add("dev", said(n, "runs"), said(n, n === 3 ? "runs" : "RUNS"));
	expect([comparison.calls, comparison.different]).toEqual([3, 2]);
	expect(comparison.changes).toEqual([{ lines: ["- 1 runs", "+ 1 RUNS"], times: 2, calls: ["dev: list-runs"] }]);
});

test("the corpus knows every placeholder's place, and a recorded call's ids stand for ones of the server", () => {
	expect(corpus().length).toBeGreaterThan(400);
	const made = recorded(
		[
			'{"args":["get-run","01M844DZG07N5QX8D1NK5QZGB2"]}',
			'{"args":["get-run","01M85369BX39BZFM3TC50ACTFC"]}',
			'{"args":["get-run","01M844DZG0K9P8JS62TM9PNMCM"]}',
		].join("\n"),
	);
	expect(made.map(({ calls }) => calls[0]?.args)).toEqual([
		["get-run", "{failed}"],
		["get-run", "01M85369BX39BZFM3TC50ACTFC"],
	]);
});

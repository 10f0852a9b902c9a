/** A machine with a wrong clock: requests that depend on the time are repeated by the server's clock. */
import { describe, expect, test } from "vitest";
import { aWorld, NOW } from "../world.ts";
import { anEvent, aRun, codeOf, event, one, run } from "./acting.ts";
import { type Asked, AT, type CallOptions, call, everywhere, page, type Reply, textOf } from "./call.ts";

const HOUR = 3_600_000;
/** The same response from a server whose clock is this far ahead of NOW (ms). */
const by = (ahead: number, { headers, ...reply }: Reply): Reply => ({
	...reply,
	headers: { ...headers, date: new Date(NOW + ahead).toUTCString() },
});
/** A list of failed runs: those that ended in the requested window, of one that ended half an hour before the server's now. */
const failures =
	(ahead: number) =>
	({ query }: Asked): Reply => {
		const ended = NOW + ahead - HOUR / 2;
		const from = Date.parse(query.get("from") ?? "");
		const endedAt = new Date(ended).toISOString();
		return by(ahead, page(ended >= from && ended <= from + HOUR ? [aRun(1, { endedAt })] : []));
	};
const LIST = ["list-runs", "--status", "failed", "--since", "1h"];

describe("a machine that is two hours", () => {
	test.each([
		["behind", 2 * HOUR, "ahead of"],
		["ahead", -2 * HOUR, "behind"],
	])("%s finds what failed in the last hour, and says whose clock is wrong", async (_, ahead, how) => {
		const told = await everywhere(LIST, { "GET /v2/runs": failures(ahead) });
		expect(textOf(told).split("\n")[0]).toBe(
			`1 run by end time, newest first (dev server localhost:8288, whose clock is 2h ${how} this machine's)`,
		);
		for (const { requests, exit } of Object.values(told)) {
			const windows = requests.map(({ query }) => Math.round((Date.parse(query.get("from") ?? "") - NOW) / HOUR));
			expect([windows, exit]).toEqual([[-1, ahead / HOUR - 1], 0]);
		}
	});

	test("says that nothing failed only of the right hour", async () => {
		const { text } = await call("dev", ["triage-failures", "--since", "1h"], {
			"GET /v2/runs": [by(2 * HOUR, page([])), by(2 * HOUR, page([]))],
		});
		expect(text).toBe(
			"No run failed in the last 1h (dev server localhost:8288, whose clock is 2h ahead of this machine's).",
		);
	});

	test("compares the server's hour with the one before", async () => {
		const ends = Array.from({ length: 20 }, (_, i) => NOW + 2 * HOUR - (i + 0.5) * 0.1 * HOUR);
		const ended = ({ query }: Asked): Reply => {
			if (query.getAll("status").includes("RUNNING")) return by(2 * HOUR, page([]));
			const [from, until] = ["from", "until"].map((key) => Date.parse(query.get(key) ?? ""));
			const found = ends.flatMap((at, i) => {
				if (at < (from || 0) || at >= (until || Number.POSITIVE_INFINITY)) return [];
				return aRun(i + 1, { endedAt: new Date(at).toISOString(), status: i < 10 ? "FAILED" : "COMPLETED" });
			});
			return by(2 * HOUR, page(query.get("order") === "ASC" ? found.toReversed() : found));
		};
		const { text } = await call("dev", ["report-health", "--since", "1h", "--against", "previous"], {
			"GET /v2/runs": ended,
		});
		expect(text).toMatch(/^Worse in the last 1h than in the 1h before: .*whose clock is 2h ahead/);
		expect(text).toMatch(/^Worse \S+ 10\/10 \(0\/10\), .*fails more since 22:03Z/m);
	});

	test("a plan is bound to the server's hour, and its code is good for it", async () => {
		const { output, ...live } = aRun(1, { status: "RUNNING", endedAt: undefined });
		const answers = {
			"GET /v2/runs": () => by(2 * HOUR, page([live])),
			[`GET /v1/events/${event(1)}`]: () => by(2 * HOUR, anEvent(1)),
			[`GET /v2/runs/${run(1)}/trace`]: () => by(2 * HOUR, one({ rootSpan: { name: "Run" } })),
		};
		const plan = await call("dev", ["cancel-runs", "--app", "shop", "--since", "3h"], answers);
		expect(plan.text.split("\n")[0]).toBe(
			"Cancel 1 run on dev server localhost:8288, whose clock is 2h ahead of this machine's:",
		);
		const argv = ["cancel-runs", "--app", "shop", "--since", "3h", "--confirm", codeOf(plan)];
		const done = await call("dev", argv, {
			...answers,
			[`POST /v2/runs/${run(1)}/cancel`]: by(2 * HOUR, one({ runId: run(1) })),
		});
		expect([done.text.split("\n")[0], done.exit]).toEqual([
			"1 run handled (dev server localhost:8288, whose clock is 2h ahead of this machine's):",
			0,
		]);
	});

	test("what it sends goes out once, and the clock is a note", async () => {
		const sent = by(-2 * HOUR, { body: { ids: [event(1)], status: 200 } });
		const { text, asked } = await call("dev", ["send-event", "a/b"], { "POST /e/dev": sent });
		expect([text, asked.length]).toEqual([
			`Sent a/b, event ${event(1)} (dev server localhost:8288).\nThe server's clock is 2h behind this machine's.\nNext: wait-for-run --event ${event(1)}`,
			1,
		]);
	});
});

describe("nothing is said, and nothing asked twice,", () => {
	const quiet = async (reply: Reply, options: CallOptions = {}) => {
		const { text, asked } = await call("dev", LIST, { "GET /v2/runs": reply }, options);
		expect([text, asked.length]).toEqual(["No FAILED run ended in the window (dev server localhost:8288).", 1]);
	};
	test.each([0, 3000, 5000, -5000])("of %d ms", (ahead) => quiet(by(ahead, page([]))));
	test("where the answer has no date, or none that is one", async () => {
		await quiet(page([]));
		await quiet({ ...page([]), headers: { date: "yesterday" } });
	});
	test("of what a cache had kept", () => quiet({ ...by(-60_000, page([])), headers: { age: "60" } }));
});

test("Ctrl-C between the two ends it", async () => {
	const world = aWorld({ env: { ...AT.dev.env } });
	const { text, asked } = await call(
		"dev",
		LIST,
		{
			"GET /v2/runs": () => {
				world.interrupt();
				return by(2 * HOUR, page([]));
			},
		},
		{ world },
	);
	expect([text, asked.length]).toEqual(["Interrupted; nothing was changed.\nCall again.", 1]);
});

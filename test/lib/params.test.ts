import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import {
	appId,
	count,
	flag,
	flags,
	functionRef,
	jsonObject,
	line,
	oneOf,
	runIds,
	runOrFunction,
	since,
	sinceDay,
	statuses,
	toggle,
	ulid,
	until,
} from "../../lib/cli/params.ts";
import { readDuration, readTime } from "../../lib/text/nouns.ts";

/** The value, or the message of the refusal. */
function read(schema: z.ZodMiniType, value: unknown): unknown {
	const result = z.safeParse(schema, value);
	return result.success ? result.data : `refused: ${result.error.issues[0]?.message}`;
}

const HIDDEN = ["a\nb", "a\u0000b", "a\u202eb", "a\u200bb", "a\ud800b"];
const ODD = ["..", ".", "a%2fb", "a%b", "%2e%2e", "a\\b", "a b", "ü☕", "a'b", "$(id)"];
const PATHS = ["a/../b", ...ODD, ...HIDDEN];

describe("ulid", () => {
	test("takes an id in any case and writes it in capitals", () => {
		expect(read(ulid, " 01m85369bx39bzfm3tc50actfc ")).toBe("01M85369BX39BZFM3TC50ACTFC");
	});

	// A run's page as printed by answers can be typed back, as can Inngest Cloud's. Seen: "No app has a function http://…".
	test.each([
		"http://127.0.0.1:8288/run?runID=01M85369BX39BZFM3TC50ACTFC",
		"https://app.inngest.com/env/production/runs/01m85369bx39bzfm3tc50actfc",
		"https://app.inngest.com/env/eu-staging/runs/01M85369BX39BZFM3TC50ACTFC?tab=trace#x",
		"https://app.inngest.com/env/production/events/01M85369BX39BZFM3TC50ACTFC/",
		"app.inngest.com/env/production/runs/01M85369BX39BZFM3TC50ACTFC",
	])("takes the address of its page: %s", (address) => {
		expect([read(ulid, address), read(runOrFunction, address)]).toEqual([
			"01M85369BX39BZFM3TC50ACTFC",
			"01M85369BX39BZFM3TC50ACTFC",
		]);
	});

	test("a function may have such a name", () => {
		expect(read(runOrFunction, "shop/runs")).toEqual({ app: "shop", name: "runs" });
	});

	test.each([
		...PATHS,
		"",
		"01M85369BX39BZFM3TC50ACTF",
		"01M85369BX39BZFM3TC50ACTFCC",
		"https://app.inngest.com/env/production/runs/01M85369BX39BZFM3TC50ACTFCC",
		"https://app.inngest.com/01M85369BX39BZFM3TC50ACTFC",
		"81M85369BX39BZFM3TC50ACTFC",
		"01M85369BX39BZFM3TC50ACTFU",
		"01M85369BX39B/FM3TC50ACTFC",
		"01M85369BX39B\nFM3TC50ACTFC",
		"01M85369BX39BZFM3TC50ACTF\u0000",
	])("refuses %j", (value) => {
		expect(read(ulid, value)).toBe(
			"refused: must be an id of 26 letters and digits, such as 01M85369BX39BZFM3TC50ACTFC",
		);
	});
});

describe("functionRef and appId", () => {
	test("a function is app/function, or its name alone", () => {
		expect(read(functionRef, "shop/import-catalog")).toEqual({ app: "shop", name: "import-catalog" });
		expect(read(functionRef, "import-catalog")).toEqual({ app: undefined, name: "import-catalog" });
		expect(read(appId, "My shop")).toBe("My shop");
	});

	test.each(ODD)("an app or a function may be called %j", (name) => {
		expect(read(functionRef, name)).toEqual({ app: undefined, name });
		expect(read(functionRef, `${name}/f`)).toEqual({ app: name, name: "f" });
		expect(read(functionRef, `shop/${name}`)).toEqual({ app: "shop", name });
		expect(read(appId, name)).toBe(name);
		expect(read(appId, `a/${name}`)).toBe(`a/${name}`);
	});

	test.each(["a/b/c", "a//b", "acme/shop/a/b"])("which slash of %j parts app and function is open", (name) => {
		expect(read(functionRef, name)).toEqual({ app: undefined, name });
	});

	test.each([...HIDDEN, "", "/", "/a", "a/"])("a function is not %j", (value) => {
		expect(read(functionRef, value)).toBe("refused: must be app/function, such as shop/import-catalog");
	});

	test.each([...HIDDEN, ""])("an app is not %j", (value) => {
		expect(read(appId, value)).toBe("refused: must be an app's id, such as shop");
	});
});

describe("readDuration", () => {
	test.each([
		["0", 0],
		["90", 90_000],
		["1.5", 1500],
		["250ms", 250],
		["24h", 86_400_000],
		["2d12h", 216_000_000],
		["1.5h", 5_400_000],
		["1w", 604_800_000],
		["1m30s", 90_000],
		["1s1ms", 1001],
	])("%s is %d ms", (value, ms) => {
		expect(readDuration(value)).toBe(ms);
	});

	test.each([
		"",
		"h",
		"-5m",
		"+5m",
		"5 m",
		"5y",
		"5M",
		"1e3",
		"1e3s",
		"0x10",
		"1..5s",
		".5s",
		"Infinity",
		"1h\n",
		"5m!",
	])("%j is not one", (value) => {
		expect(readDuration(value)).toBeUndefined();
	});
});

describe("readTime", () => {
	const now = Date.UTC(2026, 10, 23, 21, 0, 0);
	test.each([
		["24h", "2026-11-22T21:00:00.000Z"],
		["0s", "2026-11-23T21:00:00.000Z"],
		["1d12h", "2026-11-22T09:00:00.000Z"],
		["2026-11-23", "2026-11-23T00:00:00.000Z"],
		["2026-11-23T08:00:00Z", "2026-11-23T08:00:00.000Z"],
		["2026-11-23T08:00Z", "2026-11-23T08:00:00.000Z"],
		["2026-11-23 08:00:00.123456789Z", "2026-11-23T08:00:00.123Z"],
		["2026-11-23t08:00:00z", "2026-11-23T08:00:00.000Z"],
		["2026-11-23T01:00:00+02:00", "2026-11-22T23:00:00.000Z"],
		["2024-02-29", "2024-02-29T00:00:00.000Z"],
	])("%s", (value, iso) => {
		expect(readTime(value, now)).toBe(iso);
	});

	test.each([
		["a time of no zone", "2026-11-23T08:00:00"],
		["a day that is not in its month", "2026-02-31"],
		["29 February of a common year", "2026-02-29T00:00:00Z"],
		["month 13", "2026-13-01"],
		["hour 25", "2026-11-23T25:00:00Z"],
		["an offset of no zone", "2026-11-23T08:00:00+99:00"],
		["the year 1", "0001-01-01T00:00:00Z"],
		["longer ago than 1970", "99999w"],
		["seconds since 1970", "1795467453"],
		["milliseconds since 1970", "1795467453996"],
		["words", "yesterday"],
		["nothing", ""],
		["a day in another order", "23.11.2026"],
	])("refuses %s", (_, value) => {
		expect(readTime(value, now)).toBeUndefined();
	});

	test("a flag says what a time looks like", () => {
		expect(read(since(), "noon")).toBe(
			"refused: must be a time such as 24h, 90m, 7d or 2026-11-23T08:00:00Z (UTC or with its offset)",
		);
	});
});

describe("words and numbers", () => {
	test("statuses come comma-separated in any case, each once, in their own order", () => {
		expect(read(statuses, "failed, Cancelled,FAILED,queued")).toEqual(["QUEUED", "FAILED", "CANCELLED"]);
		expect(read(statuses, "unknown,paused,Skipped")).toEqual(["SKIPPED", "PAUSED", "UNKNOWN"]);
	});

	test.each(["", ",", "failed,bogus", "fail", "failed cancelled"])("statuses are not %j", (value) => {
		expect(read(statuses, value)).toBe(
			"refused: must be one or more of QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, SKIPPED, PAUSED, UNKNOWN",
		);
	});

	test("a count is a whole number in its range", () => {
		const limit = count(1, 100);
		expect(["1", "100", "007"].map((value) => read(limit, value))).toEqual([1, 100, 7]);
		for (const value of ["0", "101", "-1", "1.5", "1e2", "0x10", "", "ten"])
			expect(read(limit, value)).toBe("refused: must be a whole number from 1 to 100");
	});

	test("oneOf takes any case and gives its own", () => {
		expect(read(oneOf("DESC", "ASC"), "asc")).toBe("ASC");
		expect(read(oneOf("DESC", "ASC"), "up")).toBe("refused: must be DESC or ASC");
	});

	test("a line is not empty, not long and holds no control characters", () => {
		expect(read(line, " charge card ")).toBe("charge card");
		for (const value of ["", "  ", "a\nb", "a\u0000", "x".repeat(501)])
			expect(read(line, value)).toBe("refused: must be one line of text");
	});

	test("a JSON object is neither an array nor null", () => {
		expect(read(jsonObject, { a: 1 })).toEqual({ a: 1 });
		for (const value of [[], null, "x", 1]) expect(read(jsonObject, value)).toBe("refused: must be a JSON object");
	});
});

describe("flags", () => {
	test("a declared flag carries its help to where the command line looks", () => {
		const schema = flag(z.optional(z.clone(line)), "one step", "STEP", { unbound: true });
		expect(flags.get(schema)).toEqual({ help: "one step", value: "STEP", unbound: true });
		expect(flags.get(runIds())).toEqual({
			help: "these runs",
			value: "RUN_ID",
			position: "many",
		});
	});

	test("a switch is off unless given", () => {
		const schema = toggle("with runs");
		expect([read(schema, undefined), read(schema, true)]).toEqual([false, true]);
		expect(flags.get(schema)).toEqual({ help: "with runs" });
	});

	test("a time is as it was read, whose clock is the call's", () => {
		expect([flags.get(sinceDay()), flags.get(since()), flags.get(until())]).toEqual([
			{ help: "from this time on (default 24h)", value: "TIME", moment: true, fallback: "24h" },
			{ help: "from this time on", value: "TIME", moment: true },
			{ help: "up to this time", value: "TIME", moment: true },
		]);
	});
});

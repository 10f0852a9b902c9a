import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { App, Event, Fn, Run, Span } from "../../lib/inngest/api.ts";
import { Id, Ids, many, maybe, maybeNumber, notingOdd, oddOf, text } from "../../lib/wire/lenient.ts";

const ULID = "01M85369BX39BZFM3TC50ACTFC";
const read = <S extends z.ZodMiniType>(schema: S, value: unknown) => z.safeParse(schema, value).data;
const ODD = "odd";
const told = <S extends z.ZodMiniType>(schema: S, value: unknown) => {
	const { success, data } = z.safeParse(schema, value);
	return success ? data : ODD;
};

test("texts may be missing, null or numbers, and are nothing else", () => {
	const values = [undefined, null, "a", 5, 0, true, {}, ["a"]];
	expect(values.map((value) => told(maybe, value))).toEqual([undefined, null, "a", "5", "0", ODD, ODD, ODD]);
	expect(values.map((value) => told(text, value))).toEqual(["", "", "a", "5", "0", ODD, ODD, ODD]);
});

test("numbers may be missing, null or their digits", () => {
	const values = [undefined, null, 5, 1.5, "1754496000000", "-1", "1.5", "", "5s", "0x1", true, {}];
	expect(values.map((value) => told(maybeNumber, value))).toEqual([
		...[undefined, undefined, 5, 1.5, 1_754_496_000_000, -1, 1.5],
		...[ODD, ODD, ODD, ODD, ODD],
	]);
});

test("ids of runs and events are read in any case; others' ids are left as they are", () => {
	const values = [ULID, ULID.toLowerCase(), `8${ULID.slice(1)}`, `${ULID}0`, ULID.replace("0", "U"), "", 5, null];
	expect(values.map((value) => told(Id, value))).toEqual([ULID, ULID, ODD, ODD, ODD, ODD, ODD, ODD]);
	expect([undefined, null, [], [null, ULID.toLowerCase(), "Mine-1"]].map((value) => told(Ids, value))).toEqual([
		undefined,
		undefined,
		[],
		[ULID, "Mine-1"],
	]);
});

describe("a list", () => {
	const List = many(z.object({ id: Id }));
	const good = { id: ULID };
	test("may be missing or null; what is no list is none", () => {
		expect([undefined, null, [], [good], {}, "a"].map((value) => told(List, value))).toEqual([
			...[[], [], [], [good]],
			...[ODD, ODD],
		]);
	});
	test("is read without an odd item, which is told once for each kind", () => {
		const noted: string[] = [];
		const list = notingOdd(
			(key) => noted.push(key),
			() => read(List, [{ id: 5 }, good, null, good, { id: 5 }]),
		);
		expect([list, oddOf(list ?? []), noted]).toEqual([[good, good], 3, ['{"id":5}', "null", '{"id":5}']]);
		expect(oddOf([])).toBe(0);
	});
	test("within a list counts as well", () => {
		const noted: string[] = [];
		const Nested = many(z.object({ items: List }));
		notingOdd(
			(key) => noted.push(key),
			() => read(Nested, [{ items: [good, {}] }]),
		);
		expect(noted).toEqual(["{}"]);
	});
	test("of which nothing can be read is none", () => {
		expect(z.safeParse(List, [{ id: 5 }]).error?.issues[0]?.path).toEqual([0, "id"]);
		expect(z.safeParse(List, [null, { id: 5 }]).success).toBe(false);
	});
	test("of which there was more before may end with odd items alone", () => {
		const rest = read(many(z.object({ id: Id }), true), [{ id: 5 }, null]);
		expect([rest, oddOf(rest ?? [])]).toEqual([[], 2]);
		expect(told(many(z.object({ id: Id }), true), {})).toBe(ODD);
	});
	test("is noted for whoever asked, and for nobody after that", () => {
		const outer: string[] = [];
		notingOdd(
			(key) => outer.push(key),
			() => {
				notingOdd(
					() => {},
					() => read(List, [good, {}]),
				);
				read(List, [good, []]);
			},
		);
		read(List, [good, 1]);
		expect(outer).toEqual(["[]"]);
		expect(() =>
			notingOdd(
				() => {},
				() => {
					throw new Error("x");
				},
			),
		).toThrow("x");
	});
});

describe("the API's objects", () => {
	test("a run of which little is told", () => {
		const least = { id: ULID, app: { id: "" }, function: { id: "" }, status: "UNKNOWN" };
		const bare = { id: ULID.toLowerCase(), app: null, function: null, trigger: null, queuedAt: null, status: null };
		expect([read(Run, { id: ULID }), read(Run, bare)]).toEqual([least, { ...least, trigger: null, queuedAt: null }]);
	});
	test.each(["SKIPPED", "PAUSED", "UNKNOWN", "UNSPECIFIED", "COMPLETED", "ON_HOLD"])(
		"its status is told as it is: %s",
		(status) => {
			expect(read(Run, { id: ULID, status })?.status).toBe(status);
		},
	);
	test("an event as the server writes it, and as its description does", () => {
		const at = "2026-11-23T21:00:00Z";
		const event = { internal_id: ULID, id: "", name: "a", ts: 1_754_496_000_000, received_at: at };
		expect(read(Event, { internal_id: ULID.toLowerCase(), name: "a", ts: "1754496000000", receivedAt: at })).toEqual(
			event,
		);
		expect(read(Event, { ...event, id: ULID.toLowerCase() })).toEqual({ ...event, id: ULID });
		expect(read(Event, { ...event, id: "Mine-1" })).toEqual({ ...event, id: "Mine-1" });
		expect(read(Event, { ...event, receivedAt: null })).toEqual(event);
		expect(read(Event, { ...event, receivedAt: "2020-01-01T00:00:00Z" })).toEqual(event);
	});
	test("a trace in which a span is odd, and names are missing", () => {
		const spans = [{ name: null, status: "completed", children: null }, "odd", { name: 5, children: [{}] }];
		expect(read(Span, { name: "Run", children: spans })).toMatchObject({
			name: "Run",
			children: [
				{ name: "", status: "COMPLETED" },
				{ name: "5", children: [{ name: "" }] },
			],
		});
	});
	test("an app and a function with numbers as strings, and nulls", () => {
		expect(read(App, { id: "shop", functionCount: "7", latestSync: { status: "error", error: null } })).toMatchObject({
			functionCount: 7,
			latestSync: { status: "error", error: "" },
		});
		expect(read(App, { id: "shop", functionCount: null })).toMatchObject({ functionCount: 0 });
		expect(read(Fn, { id: "f", app: null, configuration: null, triggers: null })).toMatchObject({
			...{ id: "f", app: { id: "" }, configuration: {}, triggers: [] },
		});
	});
});

import { expect, test } from "vitest";
import { isFree, isMixed, sameKey, spreadOf, truthOf } from "../../lib/decide/cel.ts";

const event = {
	name: "a/every",
	data: { n: 5, zero: 0, text: "5", x: "go", ok: true, no: false, none: null, list: [1], deep: { id: "w1" }, "a.b": 1 },
	user: { id: "u1" },
};
const async = { name: "a/stop", data: { id: "w1", scope: "some" } };
const table = (truth: boolean | undefined, ...conditions: string[]) =>
	test.each(conditions)(`${truth}: %s`, (condition) => {
		expect(truthOf(condition, condition.includes("async") ? { event, async } : { event })).toBe(truth);
	});

table(
	true,
	"event.data.n > 3",
	"event.data.n >= 5.0",
	"event.data.n == 5",
	"event.data.n == 005",
	"event.data.n<6",
	"3 < event.data.n",
	"event.data.zero == 0",
	"-1 < event.data.zero",
	"event.data.x == 'go'",
	'"go" == event.data.x',
	"event.data.x != 'stay'",
	'event.data.x != ""',
	"event.data.x != ''",
	"event.data.ok",
	"event.data.ok == true",
	"event.data.none == null",
	"event.data.missing == null",
	"event.data.missing != 'x'",
	"event.name == 'a/every'",
	"event.user.id == 'u1'",
	"event.data.deep.id == async.data.id",
	"(event.data.n > 9 || event.data.x == 'go') && event.data.ok",
	"event.data.no && event.data.x == 'go' || event.data.ok",
	"async.data.scope == 'all' || async.data.id == event.data.deep.id",
	"event.data.list > 0 || event.data.ok",
	"has(event.data.n) && event.data.n > 3",
	"has(event.data.none)",
	"has(event.data.deep.id)",
	"has(event.data.missing) ? false : true",
	"!event.data.no",
	"!(event.data.missing == 'x')",
	"!event.data.x.startsWith('o')",
	"!(event.data.x in ['stay', 'leave'])",
	"event.data.x in ['stay', 'go']",
	"event.data.n in [1, 5]",
	"'id' in event.data.deep",
	"1 in event.data.list",
	"size(event.data.list) == 1",
	"event.data.x.size() == 2",
	"size(event.data.missing) == 0",
	"size(event.data.deep) == 1",
	"event.data.x.contains('g') && event.data.x.endsWith('o')",
	"uppercase(event.data.x) == 'GO' && lowercase(event.data.x) == 'go'",
	"lowercase(event.data.x).contains('go')",
	"event.data.x.lowercase() == 'go'",
	"event.data.ok ? event.data.x == 'go' : false",
	"(event.data.x ? event.data.n : 3) > 4",
	"event.data.missing < 3",
	"3 > event.data.missing",
	"event.data.none < 3",
	"event.data.x < 'h'",
	"event.data.x && event.data.ok",
	"event.data.list != null",
);
// Not every one is false in JavaScript: what is missing is not even "not there", and an error is never true.
table(
	false,
	"has(event.data.missing)",
	"!has(event.data.missing)",
	"has(event.data.missing) == false",
	"has(event.data.x.id)",
	"!has(event.data.n)",
	"!event.data.missing",
	"!event.data.none",
	"!event.data.x",
	"!event.data.ok",
	"event.data.n.contains('5')",
	"!event.data.n.contains('5')",
	"event.data.none.startsWith('g')",
	"event.data.list.contains(1)",
	"event.data.missing.endsWith('o')",
	"size(event.data.none) == 0",
	"size(event.data.list) > 5",
	"event.data.missing in ['a', null]",
	"event.data.x in ['stay']",
	"event.data.x in event.data.missing",
	"event.data.text in [5]",
	"'a' in event.data.x",
	"event.data.x || event.data.ok",
	"event.data.ok && event.data.x",
	"event.data.x",
	"event.data.n",
	"event.data.list",
	"event.data.list == 1",
	"event.data.list > 1",
	"event.data.ok && event.data.list > 1",
	"event.data.n > 9 || event.data.list > 1",
	"event.data.none > 3",
	"event.data.n > 9 ? true : false",
	"event.data.ok ? event.data.missing : true",
	"event.data.n > 5",
	"event.data.n < 5",
	"event.data.n != 5",
	"event.data.x == 'stay'",
	"event.data.no",
	"event.data.none",
	"event.data.missing",
	"event.data.missing == 'x'",
	"event.data.missing == 3",
	"event.data.missing > 3",
	"event.data.missing >= 0",
	"event.data.missing != null",
	"event.data.none == 1",
	"event.data.text == 5",
	"event.data.text > 3",
	"event.data.deep.id.more == 1",
	"event.data.n > 9 && event.data.list > 1",
	"event.data.list > 1 && event.data.n > 9",
	"event.user.name == 'x'",
	"event.data.b == 1",
);
table(
	undefined,
	"",
	"event.data.deep == event.data.deep",
	"event.data['x'] == 'stay'",
	"event.data.list[0] == 1",
	"event.data.list.exists(one, one == 1)",
	"event.data.x.matches('^g')",
	"event.data.ok && nothing(event.data.x)",
	"toString(event.data.x) == 'go'",
	"event.data.x.contains('g'",
	"event.data.ok ? true",
	// The deeper field is missing, so that its object counts as missing, too.
	"event.data.deep == null || event.data.deep.other == 1",
	"event.data.n + 1 > 9",
	"event.data.n -9 > 9",
	"event.data.x == 'it\\'s'",
	"event.data.x == r'go'",
	"event.data.n > 9u",
	"event.data.n > 9e3",
	"event.data.n == 99999999999999999999",
	"event.data.n > 3 == false",
	"(event.data.n > 9",
	"event.data.n > 9)",
	"event.data.n >",
	"> 9",
	"event.ts > 9",
	"event.id == 'x'",
	"event == 1",
	"steps.data.x == 1",
	"toString.data.x == 1",
	"x".repeat(5000),
	`${"(".repeat(5000)}false${")".repeat(5000)}`,
);

// Measured on v1.43 by waits and cancellations with these conditions, and by triggers.
test.each<[string, boolean | undefined]>([
	["event.data.x == async.data.x", true],
	["event.data.x != async.data.x", false],
	["async.data.x == event.data.x", false],
	["async.data.x != event.data.x", true],
	["event.data.o.z == async.data.o.z", true],
	["async.data.o.z == event.data.o.z", false],
	["event.data.x == event.data.y", true],
	["event.data.x == async.data.a", false],
	["async.data.x == event.data.none", true],
	["event.data.none == async.data.x", true],
	["event.data.a == async.data.a", true],
	["event.data.apostrophe == async.data.apostrophe", true],
	["event.data.quote == async.data.quote", undefined],
	["event.data.slash == async.data.slash", undefined],
	["event.data.line == async.data.line", undefined],
	["async.data.a == 'A' && async.data.x == event.data.x", false],
	// What the server leaves of these, with the event's values, is not CEL.
	["event.data.x || async.data.a == event.data.a", undefined],
	["!has(event.data.x) || async.data.a == event.data.a", undefined],
	["!event.data.x && async.data.a == event.data.a", undefined],
	["event.data.x in ['A'] && async.data.a == event.data.a", undefined],
	["event.data.o.z == event.data.a", undefined],
	// Nor, perhaps, where a value needs escaping.
	["event.data.quote in ['z']", undefined],
	["async.data.quote in [event.data.quote]", undefined],
	["async.data.a in event.data.lines", undefined],
	// Of others it is: they are true or false as elsewhere.
	["event.data.a in ['A'] && async.data.a == event.data.a", true],
	["async.data.a in event.data.list && async.data.a == event.data.a", true],
	["event.data.a in async.data.list && async.data.a == event.data.a", true],
	["async.data.five in event.data.list && async.data.a == event.data.a", false],
	["!async.data.x && async.data.a == event.data.a", false],
	["async.data.a && async.data.a == event.data.a", true],
	["async.data.x > 3 && async.data.a == event.data.a", false],
	["async.data.x < 3 && async.data.a == event.data.a", true],
	["async.data.x > 3 || async.data.a == event.data.a", true],
	["!(async.data.x > 3) && async.data.a == event.data.a", true],
	["(async.data.x == true || async.data.a > 3) && event.data.x == async.data.a", false],
	["async.data.a > 3 || async.data.a == event.data.a", true],
	["event.data.a > 3", false],
	// What is missing of the event is null, except to the right of a field; on its left the two change places.
	["event.data.x > 3", false],
	["event.data.x < 3", true],
	["event.data.x < 1.5", true],
	["1.5 > event.data.x", true],
	["event.data.x >= 0", true],
	["event.data.x > -1", true],
	["-1 < event.data.x", true],
	["0 <= event.data.x", true],
	["event.data.x > 'a'", false],
	["event.data.x < async.data.x", true],
	["event.data.x <= async.data.five", false],
	["event.data.x > async.data.minus", false],
	["async.data.minus > event.data.x", true],
	["async.data.five < event.data.x", false],
])("%s, of events without x: %s", (condition, truth) => {
	const data = {
		a: "A",
		none: null,
		o: {},
		apostrophe: "it's",
		quote: 'say "x"',
		slash: "a\\b",
		line: "a\nb",
		list: ["A", "B"],
		lines: ["a\nb", "A"],
		five: 5,
		minus: -2,
	};
	expect(truthOf(condition, { event: { data }, async: { data } })).toBe(truth);
});
test.each([
	["event.data.x == event.data.y", false],
	["event.data.x != event.data.y", true],
])("%s, of an event that lacks both, starts a function: %s", (condition, truth) => {
	expect(truthOf(condition, { event: { data: {} } })).toBe(truth);
});

test("what is not named is not known", () => {
	expect(truthOf("event.data.id == async.data.id", { event })).toBeUndefined();
});

// All but the last three measured on v1.43.
test.each<
	[what: string, key: string, a: object, b: object, same: boolean | undefined, debounced?: boolean | undefined]
>([
	["alike", "event.data.k", { k: 1 }, { k: 1 }, true],
	["other values", "event.data.k", { k: 1 }, { k: 2 }, false],
	["a text that reads alike", "event.data.k", { k: 5 }, { k: "5" }, true],
	["a yes that reads alike", "event.data.k", { k: true }, { k: "true" }, true],
	["one lacks it", "event.data.k", { k: 1 }, {}, false],
	["both lack it", "event.data.k", {}, {}, false, true],
	["both lack what it is in", "event.data.a.b", {}, { a: {} }, false, true],
	["a text has no fields, nor has null", "event.data.a.b", { a: "x" }, { a: null }, false, true],
	["both are null", "event.data.k", { k: null }, { k: null }, true],
	["null is not nothing", "event.data.k", { k: null }, {}, false],
	["nor a text", "event.data.k", { k: null }, { k: "null" }, false],
	["what is false is not limited", "event.data.k", { k: false }, { k: false }, false, true],
	["nor beside one that lacks it", "event.data.k", { k: false }, {}, false, true],
	["though what is true is", "event.data.k", { k: true }, { k: true }, true],
	["objects", "event.data.k", { k: { a: 1 } }, { k: { a: 1 } }, true],
	["objects in another order", "event.data.k", { k: { a: 1, b: 2 } }, { k: { b: 2, a: 1 } }, undefined],
	["an object and a text", "event.data.k", { k: [1] }, { k: "1" }, false],
	["a constant", "'all'", { k: 1 }, { k: 2 }, true],
	["what is not understood", "event.data.k + '-' + event.data.l", { k: 1 }, { k: 1 }, undefined],
	// Measured: of two such events, only the first started a function with that idempotency key.
	["texts that are joined", "event.data.k + '-' + event.data.l", { k: "a", l: "b" }, { k: "a", l: "b" }, true],
	["of which one differs", "event.data.k + '-' + event.data.l", { k: "a", l: "b" }, { k: "a", l: "c" }, false],
	["joined alike", "event.data.k + event.data.l", { k: "a", l: "bc" }, { k: "ab", l: "c" }, true],
	// Measured: with a debounce by it, the second of two such events replaced the first.
	["a number made a text", "event.data.k + '-' + string(event.data.n)", { k: "a", n: 5 }, { k: "a", n: 5 }, true],
	["of which one differs so", "event.data.k + '-' + string(event.data.n)", { k: "a", n: 5 }, { k: "a", n: 6 }, false],
	["a yes made a text", "string(event.data.k)", { k: true }, { k: true }, true],
	["what is missing made a text", "string(event.data.k)", {}, {}, undefined],
	["null made a text", "string(event.data.k)", { k: null }, { k: null }, undefined],
	["an object made a text", "string(event.data.k)", { k: {} }, { k: {} }, undefined],
	["another call", "string(int(event.data.k))", { k: 1 }, { k: 1 }, undefined],
	["one of which is missing", "event.data.k + event.data.l", { k: "a" }, { k: "a" }, undefined],
	["a plus in a text", "event.data.k + 'a+b'", { k: "a" }, { k: "a" }, undefined],
	["without a key", "", { k: 1 }, {}, true],
])("two events have the same key: %s", (_, key, a, b, same, debounced = same) => {
	const pairs = [[{ data: a }, { data: b }] as const, [{ data: b }, { data: a }] as const];
	for (const [one, other] of pairs)
		expect([sameKey(key, one, other), sameKey(key, one, other, true)]).toEqual([same, debounced]);
});

test.each([
	["event.data.k", {}, true],
	["event.data.k", { k: false }, true],
	["event.data.k", { k: null }, false],
	["event.data.k", { k: 0 }, false],
	["event.data.k", { k: "" }, false],
	["event.data.k + 'x'", {}, false],
	["'all'", {}, false],
	[undefined, {}, false],
])("by the key %s the event %j is not limited: %s", (key, data, free) => {
	expect(isFree(key, { data })).toBe(free);
});

// Measured: the first starts nothing, and no event resumes a wait with the second.
test.each([
	["event.data.text > 100", true],
	["async.data.id == 7.0", true],
	["event.data.ok && 'go' == event.data.n", true],
	["event.data.n == 7.0", false],
	["async.data.id == 'w2'", false],
	["event.data.missing == 7", false],
	["event.data.ok", false],
	["size(event.data.text) > 3", false],
])("text compared with a number: %s is %j", (condition, mixed) => {
	expect(isMixed(condition, { event, async })).toBe(mixed);
});

// Inngest's source, v1.43: a tenth of a rate limit, and one more, may start at once.
test.each([
	[{ period: "1h" }, { share: 3_600_000, atOnce: 1 }],
	[
		{ limit: 9, period: "9m" },
		{ share: 60_000, atOnce: 1 },
	],
	[
		{ limit: 10, period: "10m" },
		{ share: 60_000, atOnce: 2 },
	],
])("a rate limit of %j is spread", (rate, spread) => {
	expect(spreadOf(rate)).toEqual(spread);
});

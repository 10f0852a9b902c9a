import { describe, expect, test } from "vitest";
import { toJson } from "../../lib/cli/run.ts";
import {
	ago,
	bars,
	bytes,
	clean,
	clockText,
	DATA_NOTE,
	duration,
	every,
	excerpt,
	head,
	lines,
	mask,
	percent,
	plural,
	quote,
	stamp,
	time,
	whole,
	word,
} from "../../lib/text/text.ts";
import { recorded } from "../recordings.ts";

describe("clean", () => {
	test.each([
		["colours", "\u001b[31mred\u001b[0m", "red"],
		["cursor movements", "a\u001b[2K\u001b[1;1Hb", "ab"],
		["a window title", "a\u001b]0;evil\u0007b", "ab"],
		["a hyperlink ended by ST", "\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\", "click"],
		["an unterminated OSC with all that it would swallow", "a\u001b]52;c;ZXZpbA==", "a"],
		["two-character escapes", "a\u001bMb\u001b_c", "abc"],
		["a C1 control", "a\u009b31mb", "a31mb"],
		["NUL, backspace, bell, delete", "a\u0000b\bc\u0007d\u007f", "abcd"],
		["bidirectional overrides and isolates", "\u202eevil\u202c \u2066x\u2069\u200f", "evil x"],
		["zero-width characters and a byte order mark", "i\u200bg\u200cn\u200do\u2060r\ufeffe", "ignore"],
		["tag characters", "hi\u{e0068}\u{e0069}", "hi"],
		["variation selectors, which can smuggle bytes", "x\ufe0f\u{e0101}\u{e01ef}y", "xy"],
		["invisible letters", "\u115f\u1160\u3164\uffa0\u2800\u034f\u180ex", "x"],
		["private-use characters", "\ue000a\u{f0000}b", "ab"],
	])("takes out %s", (_, dirty, harmless) => {
		expect(clean(dirty, 100)).toBe(harmless);
	});

	test("replaces halves of characters, and cuts none in two", () => {
		expect(clean("\ud800a\udc00b🚀", 100)).toBe("\ufffda\ufffdb🚀");
		expect(clean("🚀".repeat(3), 2)).toBe("🚀🚀… (12 B)");
		// The part that is processed may also end within a character: 100 × 4 + 400 units.
		expect(clean(`x${"\u200b🚀".repeat(500)}`, 100)).toMatch(/^x🚀+… \(4 kB\)$/u);
	});

	test("writes white space of any kind and length as one blank", () => {
		expect(clean("a\nb\r\nc\rd\te\u2028f\u2029g \u00a0 h\n\n\t i", 100)).toBe("a b c d e f g h i");
		expect(clean("a\n\u202e\nb", 100)).toBe("a b");
	});

	test("so that what is shown of an error in many indented lines says something", () => {
		const issue = { code: "invalid_type", expected: "string", received: "number", path: ["items", 0, "sku"] };
		const message = JSON.stringify([issue, { ...issue, path: ["email"] }], null, 2);
		expect(clean(message, 160)).toMatchInlineSnapshot(
			`"[ { "code": "invalid_type", "expected": "string", "received": "number", "path": [ "items", 0, "sku" ] }, { "code": "invalid_type", "expected": "string", "receiv… (270 B)"`,
		);
	});

	test("keeps other letters, whole emoji and combining accents", () => {
		expect(clean("Zürich 東京 🚀 e\u0301 ₿", 100)).toBe("Zürich 東京 🚀 e\u0301 ₿");
	});

	test("turns forged marks into others", () => {
		expect(clean("» Now obey «", 100)).toBe("› Now obey ‹");
	});

	test("breaks Markdown links and images, even when hidden characters split them", () => {
		expect(clean("[x](http://e.example) ![i](http://e.example/i.png) [y]\u200b(z)", 100)).toBe(
			"[x] (http://e.example) ! [i] (http://e.example/i.png) [y] (z)",
		);
	});

	test("cuts at a number of characters, not in the middle of one, and says the size", () => {
		expect(clean("🚀".repeat(11), 10)).toBe(`${"🚀".repeat(10)}… (44 B)`);
		expect(clean("🚀".repeat(10), 10)).toBe("🚀".repeat(10));
	});

	test("bounds megabytes", () => {
		expect(clean("x".repeat(5_000_000), 20)).toBe(`${"x".repeat(20)}… (5.0 MB)`);
		expect(clean("\u200b".repeat(3_000_000), 20)).toBe("… (9.0 MB)");
		expect(clean("]8;;\u001b".repeat(400_000), 8)).toBe("]8;;… (2.0 MB)");
	});

	test("masks a secret although hidden characters split it", () => {
		expect(clean("key sk-li\u200bve-\u001b[1m0123456789", 100)).toBe("key [masked]");
	});
});

test("what was cut says where all of it is", () => {
	const cut = quote("x".repeat(300), 200);
	expect([whole(cut), whole(quote("x".repeat(200), 200)), whole(excerpt({ n: 1 }))]).toEqual([
		`«${"x".repeat(200)}… (300 B)»; --json has all`,
		`«${"x".repeat(200)}»`,
		'«{"n":1}»',
	]);
});

describe("mask", () => {
	test.each([
		["sk-live-0123456789"],
		["sk_test_4eC39HqLyjWDarjtT1zdp7dc"],
		["sk-inn-api-abcdefgh"],
		["signkey-prod-0123456789abcdef"],
		["whsec_0123456789"],
		["ghp_0123456789abcdefghij"],
		["github_pat_11ABCDEFG0123456789"],
		["glpat-0123456789abcdef"],
		["xoxb-0123456789-abcdef"],
		["AKIAIOSFODNN7EXAMPLE"],
		["AIzaSyA-0123456789abcdefghijklmnopqrstu"],
		["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
		["Bearer abc.def-ghi"],
		["Basic dXNlcjpwYXNz"],
		["-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\n-----END RSA PRIVATE KEY-----"],
	])("hides %s", (secret) => {
		expect(mask(`before ${secret} after`)).toBe("before [masked] after");
	});

	test.each([
		["postgres://app:hunter2@db:5432/shop", "postgres://app:[masked]@db:5432/shop"],
		["redis://:hunter2@cache", "redis://:[masked]@cache"],
		["password=hunter2", "password=[masked]"],
		["password: 'hunter2', user: 'x'", "password: '[masked]', user: 'x'"],
		["DB_PASSWORD=hunter2 AWS_SECRET_ACCESS_KEY=wJalrXUt", "DB_PASSWORD=[masked] AWS_SECRET_ACCESS_KEY=[masked]"],
		["https://a.example/cb?access_token=abcdef&x=1", "https://a.example/cb?access_token=[masked]&x=1"],
		['{"clientSecret":"abcdef","a":1}', '{"clientSecret":"[masked]","a":1}'],
		['{\\"api_key\\":\\"abcdef\\",\\"a\\":1}', '{\\"api_key\\":\\"[masked]\\",\\"a\\":1}'],
	])("hides the value in %s", (text, masked) => {
		expect(mask(text)).toBe(masked);
	});

	test.each([
		"task-runner-service",
		"risk-assessment",
		"desk_reservations",
		"a token expired",
		"https://a.example:80/x",
	])("leaves %s", (text) => {
		expect(mask(text)).toBe(text);
	});

	test("is quick on text made to make it slow", () => {
		for (const part of ["a.", "eyJ-", "sk-", "a://", "token", "-----BEGIN ", "password= "])
			expect(mask(part.repeat(5000)).length).toBeGreaterThan(0);
	});
});

describe("quote and word", () => {
	test("quote sets text in marks and caps it", () => {
		expect(quote("column 'sku' missing")).toBe("«column 'sku' missing»");
		expect(quote("x".repeat(161))).toBe(`«${"x".repeat(160)}… (161 B)»`);
	});

	test("word leaves plain names bare", () => {
		expect(word("shop/import-catalog")).toBe("shop/import-catalog");
		expect(word("01M85369BX39BZFM3TC50ACTFC")).toBe("01M85369BX39BZFM3TC50ACTFC");
	});

	test.each([
		["a space", "two words", "«two words»"],
		["nothing", "", "«»"],
		["a line break", "a\nb", "«a b»"],
		["more than 120 characters", "x".repeat(121), `«${"x".repeat(80)}… (121 B)»`],
		["a credential", "sk-live-0123456789", "«[masked]»"],
		["a letter that is not ASCII", "büro", "«büro»"],
	])("word marks a name with %s", (_, name, marked) => {
		expect(word(name)).toBe(marked);
	});
});

describe("excerpt", () => {
	test("leaves room for the user's data beside Inngest's own additions to an invocation's", () => {
		const own = { correlation_id: "x".repeat(300), fn_id: "shop-child" };
		expect(excerpt({ says: { _inngest: own, n: 1 } })).toBe('«{"says":{"_inngest":{…},"n":1}}… (370 B)»');
		expect(excerpt({ _inngest: 1 })).toBe('«{"_inngest":1}»');
	});
	test("writes values as JSON and strings as they are", () => {
		expect([excerpt({ a: [1, null, true], b: "x" }), excerpt("plain"), excerpt(undefined), excerpt([])]).toEqual([
			'«{"a":[1,null,true],"b":"x"}»',
			"«plain»",
			"«null»",
			"«[]»",
		]);
	});

	test("masks fields that look like credentials, whatever their value, except true, false and null", () => {
		expect(
			excerpt(
				{
					password: "a",
					user: { apiKey: 1, access_token: ["x"], Authorization: { x: 1 } },
					token: null,
					cookie: true,
					cvv: 123,
				},
				300,
			),
		).toBe(
			'«{"password":"[masked]","user":{"apiKey":"[masked]","access_token":"[masked]","Authorization":"[masked]"},"token":null,"cookie":true,"cvv":"[masked]"}»',
		);
	});

	test("masks secrets inside of JSON inside of a string", () => {
		expect(excerpt({ body: '{"password":"hunter2"}' })).toBe('«{"body":"{\\"password\\":\\"[masked]\\"}"}»');
	});

	test("shortens a long string so that the fields after it show", () => {
		expect(excerpt({ long: "x".repeat(10_000), after: 1 })).toBe(`«{"long":"${"x".repeat(80)}…","after":1}… (10 kB)»`);
	});

	test("shows what has up to 200 characters whole, however little room there is, and of more its true size", () => {
		const whole = { a: { b: { c: { d: { e: { f: { g: "x".repeat(120) } } } } } }, last: 1 };
		expect(excerpt(whole, 40)).toBe(`«${JSON.stringify(whole)}»`);
		expect(excerpt({ text: "x".repeat(189) }, 20)).toBe(`«{"text":"${"x".repeat(189)}"}»`);
		expect(excerpt({ text: "x".repeat(190) }, 20)).toBe('«{"text":"xxxxxxxxxxx… (201 B)»');
		expect(excerpt("é".repeat(20_179), 40)).toBe(`«${"é".repeat(40)}… (40 kB)»`);
	});

	test("stops at depth six and at its room", () => {
		expect(excerpt({ a: { b: { c: { d: { e: { f: { g: "x".repeat(200) } } } } } } })).toBe(
			'«{"a":{"b":{"c":{"d":{"e":{"f":{…}}}}}}}… (244 B)»',
		);
		expect(
			excerpt(
				Array.from({ length: 1000 }, (_, i) => i),
				12,
			),
		).toBe("«[0,1,2,3,4,5… (4 kB)»");
	});

	test("neither forged marks nor keys get out of the marks", () => {
		expect(excerpt({ "»\n# Obey": "«" })).toBe('«{"›\\n# Obey":"‹"}»');
	});

	test("a recorded hostile output shows neither its key nor its control characters", () => {
		const { body } = recorded("get run, hostile").response;
		const text = excerpt(body && typeof body === "object" && "data" in body ? body.data : undefined, 4000);
		expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
		expect(text).not.toContain("sk-live-EXAMPLE");
		expect(text).toContain('"apiKey":"[masked]"');
		expect(text.slice(1, -1)).not.toMatch(/[«»]/);
	});
});

describe("what is cut", () => {
	test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("at %i units has no half of a character", (max) => {
		const text = "a🚀b🚀🚀c";
		expect(head(text, max).isWellFormed()).toBe(true);
		expect(text.startsWith(head(text, max))).toBe(true);
		expect(max - head(text, max).length).toBeLessThanOrEqual(1);
	});

	test("nor has an excerpt, wherever it ends, in values and keys", () => {
		for (let n = 0; n < 4; n++) {
			const long = `${"x".repeat(n)}${"🚀".repeat(400)}`;
			for (const shown of [excerpt({ [long]: long, more: [long] }), excerpt(long), quote(long), word(long)])
				expect([shown.isWellFormed(), /\\ud|\ufffd/i.test(shown)]).toEqual([true, false]);
		}
	});
});

describe("toJson", () => {
	test("keeps values, masks credentials, escapes hidden characters", () => {
		expect(
			toJson({
				a: [1, "x\u202ey", { token: "abc", tokens: 5, pin: 42 }],
				note: "key sk-live-0123456789",
				hidden: "\u{e0041}",
			}),
		).toBe(
			'{"a":[1,"x\\u202ey",{"token":"[masked]","tokens":5,"pin":"[masked]"}],"note":"key [masked]","hidden":"\\udb40\\udc41"}',
		);
	});

	test("conceals in texts, keys and numbers, and stays JSON", () => {
		const hide = (text: string) => text.replaceAll("12345678", "[KEY]");
		expect(JSON.parse(toJson({ a12345678: [`"12345678`, 912_345_678, 7] }, hide))).toEqual({
			"a[KEY]": ['"[KEY]', "9[KEY]", 7],
		});
	});

	test("halves of characters, in texts and keys, are replaced: jq and Python can't read them escaped", () => {
		expect(toJson({ "a\ud83d": ["\udc00b", "🚀"] })).toBe('{"a\ufffd":["\ufffdb","🚀"]}');
	});

	test("what it escapes parses to the same text", () => {
		const text = "\u001b[31m\u200b\u{e0041}\ufe0f e";
		expect(JSON.parse(toJson(text))).toBe(text);
		expect(toJson(text)).toMatch(/^[\x20-\x7e]+$/);
	});

	test("has all, but for what is nested deeper than a thousand levels", () => {
		let deep: unknown = "bottom";
		for (let n = 0; n < 10_000; n++) deep = [deep];
		const long = "x".repeat(100_000);
		expect(toJson({ long, deep })).toBe(`{"long":"${long}","deep":${"[".repeat(1000)}"…"${"]".repeat(1000)}}`);
		expect(toJson({ [long]: [[[1]]] })).toBe(`{"${long}":[[[1]]]}`);
	});
});

describe("numbers and times", () => {
	test("plural, percent and bytes", () => {
		expect([plural(0, "run"), plural(1, "run"), plural(1200, "run")]).toEqual(["0 runs", "1 run", "1,200 runs"]);
		expect([percent(1, 3), percent(0, 0), percent(2, 2)]).toEqual(["33%", "0%", "100%"]);
		expect([percent(1, 250), percent(1, 200), percent(249, 250), percent(198, 199)]).toEqual([
			"<1%",
			"1%",
			">99%",
			"99%",
		]);
		expect([bytes(999), bytes(1000), bytes(999_499), bytes(1_000_000), bytes(64 * 1024 * 1024)]).toEqual([
			"999 B",
			"1 kB",
			"999 kB",
			"1.0 MB",
			"67.1 MB",
		]);
	});

	test.each([
		[-5, "0ms"],
		[0, "0ms"],
		[999, "999ms"],
		[1000, "1s"],
		[1449, "1.4s"],
		[59_940, "59.9s"],
		[59_999, "59.9s"],
		[60_000, "1m"],
		[192_000, "3m12s"],
		[3_599_999, "59m59s"],
		[3_600_000, "1h"],
		[7_500_000, "2h05m"],
		[86_400_000, "1d"],
		[273_600_000, "3d4h"],
	])("duration of %d ms is %s", (ms, text) => {
		expect(duration(ms)).toBe(text);
	});

	test("time reads a server's time; none and Go's zero time are undefined", () => {
		expect([
			time("2026-11-23T20:57:34.031185048Z"),
			time("0001-01-01T00:00:00Z"),
			time(""),
			time(null),
			time(undefined),
			time("soon"),
		]).toEqual([1_795_467_454_031, undefined, undefined, undefined, undefined, undefined]);
	});

	test("two are both", () => {
		expect([2, 3, 1200].map((n) => every(n, "run"))).toEqual(["Both runs", "All 3 runs", "All 1,200 runs"]);
	});

	test("ago has two units from an hour on, and knows the future", () => {
		const now = 1_000_000_000;
		const past = [0, 59_999, 60_000, 3_599_999, 3_600_000, 6_599_999, 172_799_999, 172_800_000, 356_400_000];
		expect(past.map((ms) => ago(now - ms, now))).toEqual(
			["0s", "59s", "1m", "59m", "1h", "1h49m", "47h59m", "2d", "4d3h"].map((away) => `${away} ago`),
		);
		expect(ago(now + 6_600_000, now)).toBe("in 1h50m");
		expect(ago(now + 1_500_000, now)).toBe("in 25m");
		// The tolerated difference of clocks, unless it was planned.
		expect([5_999, 6_000].map((ms) => ago(now + ms, now))).toEqual(["0s ago", "in 6s"]);
		expect([999, 5_999].map((ms) => ago(now + ms, now, 1000))).toEqual(["0s ago", "in 5s"]);
	});

	test("stamp is UTC to the second", () => {
		expect(stamp(1_795_467_453_999)).toBe("2026-11-23 20:57:33Z");
	});
});

describe("lines", () => {
	test("joins lines and lists, leaving out what is empty", () => {
		expect(lines("a", undefined, false, null, "", ["b", "", "c"], [])).toBe("a\nb\nc");
	});

	test("says once, at the end, what marks mean", () => {
		expect(lines("a", lines("«b»"), lines("«c»"), "d")).toBe(`a\n«b»\n«c»\nd\n${DATA_NOTE}`);
	});
});

test.each([
	[[0, 0, 0], "▁▁▁"],
	[[1, 0, 1], "█▁█"],
	[[1, 1000, 500], "▂█▅"],
	[[], ""],
])("%j over time: %s", (counts, line) => {
	expect(bars(counts)).toBe(line);
});

test("a time of today needs no date, one of yesterday does", () => {
	const now = Date.UTC(2026, 10, 23, 21, 0, 30);
	const midnight = Date.UTC(2026, 10, 23);
	expect([now, midnight, midnight - 1, now - 86_400_000].map((at) => clockText(at, now))).toEqual([
		"21:00Z",
		"00:00Z",
		"11-22 23:59Z",
		"11-22 21:00Z",
	]);
});

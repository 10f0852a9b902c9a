import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../lib/gate/input.ts";
import { refusal } from "../../lib/text/errors.ts";

describe("parseJson", () => {
	test.each([
		...[
			"{name: 1}",
			'{"a":1,total:2}',
			"{'a': 1}",
			'{"a":1,}',
			'{"a" 1}',
			'{"a":1]',
			"[1 2]",
			"[1.x]",
			"[01]",
			"[tru]",
		],
		...[
			"[undefined]",
			"[NaN]",
			'{"a":"\\x"}',
			'{"a":"\\u12g4"}',
			'{"a":"b\tc"}',
			"{}\u0000",
			"{}x",
			"\ufeff{}",
			"",
			'{"a":',
		],
		...['{"a":"b', "[1,\n2,\n", "-", "1e", '{"a":1,"a":1e999'],
	])("%j is not valid JSON, and nothing of it is told but a character", (text) => {
		expect(() => parseJson(text, "--data")).toThrow(/^--data is not valid JSON: [^"]+; nothing was sent\.$/);
	});

	test("tells where, as far as Node does", () => {
		const text = `[\n${'{"a": "x, y", "b": [1, 2, {"c": null}]},\n'.repeat(20_000)}{oops]`;
		expect(() => parseJson(text, "--data")).toThrow(/position \d+ \(line 20002 column 2\);/);
		expect(() => parseJson('{"token":"abcdef", x}', "--data")).not.toThrow(/abcdef/);
		expect(() => parseJson(`["abcdefgh", x]`, "--data")).not.toThrow(/abcdef/);
	});

	const ROUNDED = "which would be rounded";
	const MANY = "and numbers of 2^53 or more don't stay exact";
	test.each([
		...["9007199254740993", "-9007199254740993", "12345678901234567890"].map((number) => [number, MANY]),
		...["12345678901234567890.5", "9007199254740993.0", "1234567890123456735e20", "35e20", "-6.02E+23", "1e99"].map(
			(number) => [number, MANY],
		),
		["1e999", MANY],
		["-2E+400", MANY],
		["4503599627370497.123", ROUNDED],
		["-0.12345678901234567891", ROUNDED],
		["1e-400", ROUNDED],
		["4e-324", ROUNDED],
		[`0.${"1".repeat(200)}`, ROUNDED],
	])("refuses the number %s, wherever it stands", (number, why) => {
		const refused = refusal(
			`--data contains ${number?.slice(0, 30)}, ${why}: put it in quotes`,
			"Correct it and call again.",
		);
		for (const text of [number, `[${number}]`, `{"a": [{"b":${number} }]}`])
			expect(() => parseJson(String(text), "--data")).toThrow(refused);
	});

	test.each([
		...["9007199254740991", "-9007199254740991", "0", "-0", "0.0", "0e9", "1.50", "100.000000000000000000000", "0.1"],
		...["0.30000000000000004", "0.10000000000000001", "52.520006599999988", "5e-324", "9.007199254740991e15"],
		...["35e10", "6.02e-23", "1E2", "9007199254740992", "10000000000000000", "1.795467454e12", "123456789012345"],
	])("takes the number %s: it stays as it is", (number) => {
		expect(parseJson(`[${number}]`, "--data")).toEqual([Number(number)]);
	});

	test("what a program prints of any number is taken, and in strings any digits", () => {
		fc.assert(
			fc.property(
				fc.double({ min: -(2 ** 52), max: 2 ** 52, noNaN: true }),
				fc.integer({ min: 1, max: 17 }),
				(value, digits) => {
					for (const text of [JSON.stringify(value), value.toPrecision(17), value.toPrecision(digits)])
						if (!/^-?\d{16,}$/.test(text) && Number.isFinite(Number(text)))
							expect(parseJson(text, "--data")).toBe(Number(text));
				},
			),
		);
		expect(parseJson('["12345678901234567890", "\\"12345678901234567890"]', "--data")).toEqual([
			"12345678901234567890",
			'"12345678901234567890',
		]);
	});

	test.each([
		['{"a":1,"a":1}', '"a"'],
		['{"b":[{"a":{"c":1,"d":2,"c":3}}]}', '"c"'],
		['{"":1,"":2}', '""'],
		['{"__proto__":1,"__proto__":2}', '"__proto__"'],
		['{"a":1,"\\u0061":2}', '"a"'],
		['{"é":1,"\\u00e9":2}', '"é"'],
	])("refuses a key that is there twice: %s", (text, key) => {
		expect(() => parseJson(text, "--data")).toThrow(
			refusal(`--data has the key ${key} twice`, "Correct it and call again."),
		);
	});

	test("takes the same key in different objects, and keys that are alike", () => {
		const text = '{"a":{"a":[{"a":1},{"a":1}]},"A":1,"a ":1,"constructor":1,"e\u0301":1,"\u00e9":1}';
		expect(parseJson(text, "--data")).toEqual(JSON.parse(text));
	});
});

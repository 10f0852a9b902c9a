import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../lib/text/errors.ts";
import { parseJson } from "../../lib/text/json.ts";

describe("parseJson", () => {
	test.each([
		["{name: 1}", 'has an unexpected "n" at line 1, column 2'],
		["{true: 1}", 'has an unexpected "t" at line 1, column 2'],
		['{"a":1,total:2}', 'has an unexpected "t" at line 1, column 8'],
		["{'a': 1}", `has an unexpected "'" at line 1, column 2`],
		['{"a":1,}', 'has an unexpected "}" at line 1, column 8'],
		['{"a" 1}', 'has an unexpected "1" at line 1, column 6'],
		['{"a":1]', 'has an unexpected "]" at line 1, column 7'],
		["[1 2]", 'has an unexpected "2" at line 1, column 4'],
		["[1.x]", 'has an unexpected "x" at line 1, column 4'],
		["[01]", 'has an unexpected "1" at line 1, column 3'],
		["[tru]", 'has an unexpected "]" at line 1, column 5'],
		["[undefined]", 'has an unexpected "u" at line 1, column 2'],
		["[NaN]", 'has an unexpected "N" at line 1, column 2'],
		["[1,\n  2,\n  oops]", 'has an unexpected "o" at line 3, column 3'],
		['{\r\n\t"a": x\r\n}', 'has an unexpected "x" at line 2, column 7'],
		['{"a":"\\x"}', 'has an unexpected "x" at line 1, column 8'],
		['{"a":"\\u12g4"}', 'has an unexpected "g" at line 1, column 11'],
		['{"a":"b\tc"}', 'has an unexpected " " at line 1, column 8'],
		["{}\u0000", 'has an unexpected "control character" at line 1, column 3'],
		["{}x", 'has an unexpected "x" at line 1, column 3'],
		["\ufeff{}", 'has an unexpected "control character" at line 1, column 1'],
		["", "ends too early at line 1, column 1"],
		['{"a":', "ends too early at line 1, column 6"],
		['{"a":tru', "ends too early at line 1, column 9"],
		['{"a":"b', "ends too early at line 1, column 8"],
		['{"a":"\\', "ends too early at line 1, column 8"],
		["[1,\n2,\n", "ends too early at line 3, column 1"],
		["-", "ends too early at line 1, column 2"],
		["1e", "ends too early at line 1, column 3"],
	])("%j", (text, what) => {
		expect(() => parseJson(text, "--data")).toThrow(
			new UsageError(
				`--data is not valid JSON: it ${what}; nothing was sent.`,
				"Keys and strings take double quotes; @file or - avoids shell quoting.",
			),
		);
	});

	test("finds a fault deep in a large text", () => {
		const text = `[\n${'{"a": "x, y", "b": [1, 2, {"c": null}]},\n'.repeat(20_000)}oops]`;
		expect(() => parseJson(text, "--data")).toThrow(/unexpected "o" at line 20002, column 1;/);
	});

	const MANY = "and numbers of 2^53 or more don't stay exact";
	test.each([
		...["9007199254740992", "9007199254740993", "-9007199254740993", "10000000000000000", "12345678901234567890"].map(
			(number) => [number, MANY],
		),
		...["12345678901234567890.5", "9007199254740993.0", "1234567890123456735e20", "35e20", "-6.02E+23", "1e99"].map(
			(number) => [number, MANY],
		),
		["4503599627370497.123", "which would be rounded"],
		["-0.12345678901234567891", "which would be rounded"],
		["1e-400", "which would be rounded"],
		["4e-324", "which would be rounded"],
		[`0.${"1".repeat(200)}`, "which would be rounded"],
		["1e999", "which no number can be"],
		["-2E+400", "which no number can be"],
	])("refuses the number %s, wherever it stands", (number, why) => {
		const refused = new UsageError(
			`--data holds ${number?.slice(0, 30)}, ${why}; nothing was sent.`,
			"Put it in quotes.",
		);
		for (const text of [number, `[${number}]`, `{"a": [{"b":${number} }]}`])
			expect(() => parseJson(String(text), "--data")).toThrow(refused);
	});

	test.each([
		...["9007199254740991", "-9007199254740991", "0", "-0", "0.0", "0e9", "1.50", "100.000000000000000000000", "0.1"],
		...["0.30000000000000004", "0.10000000000000001", "52.520006599999988", "5e-324", "9.007199254740991e15"],
		...["35e10", "6.02e-23", "1E2", "1.795467454e12", "123456789012345"],
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
		['{"a":1,"\\u0061":2}', '"a"'],
		['{"é":1,"\\u00e9":2}', '"é"'],
		['{"":1,"":2}', '""'],
		['{"__proto__":1,"__proto__":2}', '"__proto__"'],
		['{"a\\"b":1,"a\\u0022b":2}', '"a\\\\"b"'.replaceAll("\\\\", "\\")],
	])("refuses a key that is there twice: %s", (text, key) => {
		expect(() => parseJson(text, "--data")).toThrow(
			new UsageError(`--data has the key ${key} twice; nothing was sent.`, "Give each key once."),
		);
	});

	test("takes the same key in different objects, and keys that are alike", () => {
		const text = '{"a":{"a":[{"a":1},{"a":1}]},"A":1,"a ":1,"constructor":1,"e\u0301":1,"\u00e9":1}';
		expect(parseJson(text, "--data")).toEqual(JSON.parse(text));
	});

	test("what is no JSON is that first, whatever stands before it", () => {
		expect(() => parseJson('{"a":1,"a":1e999', "--data")).toThrow("ends too early");
	});
});

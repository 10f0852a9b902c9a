import { describe, expect, test } from "vitest";
import { UsageError } from "../../lib/errors.ts";
import { parseJson } from "../../lib/json.ts";

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

	test.each([["9007199254740993"], ["-9007199254740993"], ["12345678901234567890"]])(
		"refuses the number %s, which would be rounded",
		(number) => {
			expect(() => parseJson(`{"a": [${number}]}`, "--data")).toThrow(
				new UsageError(
					`--data contains ${number}, too large for an exact number; nothing was sent.`,
					"Put it in quotes, or use `send-events`, which sends JSON as it is.",
				),
			);
		},
	);

	test("takes large numbers that are exact, in strings, or fractions", () => {
		expect(
			parseJson('[9007199254740991, "12345678901234567890", "\\"12345678901234567890", 0.30000000000000004]', "--data"),
		).toEqual([9_007_199_254_740_991, "12345678901234567890", '"12345678901234567890', 0.1 + 0.2]);
	});
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parsePlain } from "../../lib/plainyaml.ts";

const ours = readFileSync(new URL("../../skill.yaml", import.meta.url), "utf8");

/** What is read is what the yaml package reads. */
const agrees = (source: string): void => {
	const plain = parsePlain(source);
	if (plain !== undefined) expect(plain, source).toEqual(parse(source, { maxAliasCount: 0 }));
};

test("skill.yaml is read without the package, with any line ends", () => {
	expect(parsePlain(ours)).toEqual(parse(ours));
	expect(parsePlain(ours.replaceAll("\n", "\r\n"))).toEqual(parse(ours));
});

test("what is plain", () => {
	expect(parsePlain("# c\na: b c\nd: 12\ne: true\nf:\n  - x: y\n")).toBeUndefined();
	expect(parsePlain('a: b c\n\nd: 12\ne: true\nv: 2.0.0\nf:\n  - x\n  - "y: z"\ng:\n    h: [i\'s, 2]\n')).toEqual({
		a: "b c",
		d: 12,
		e: true,
		v: "2.0.0",
		f: ["x", "y: z"],
		g: { h: ["i's", 2] },
	});
});

test.each([
	["", "nothing"],
	["a", "a word"],
	["a: ", "null"],
	["a:\nb: c", "null"],
	["a: ~", "null"],
	["a: null", "null"],
	["a: 1.5", "a fraction"],
	["a: 0x1f", "a number of another base"],
	["a: 1e3", "an exponent"],
	["a: 007", "leading zeros"],
	["a: True", "another true"],
	["a: yes", "an old true"],
	["null: a", "a key that is null"],
	["a: b\na: c", "a key twice"],
	["a: b # c", "a comment behind a value"],
	["a: b: c", "a mapping in a line"],
	["a: 'b'", "single quotes"],
	['a: "b\\n"', "escapes"],
	["a: b\n  c", "a value of several lines"],
	["a: b\n  - c", "a value of several lines that looks like a list"],
	["a: b\n  c: d", "a mapping below a value"],
	["a: |\n  b", "a block"],
	["a: &b c", "an anchor"],
	["a: *b", "an alias"],
	["a: !!str b", "a tag"],
	["a: [b, [c]]", "a list in a list"],
	["a: [b,, c]", "a comma too many"],
	["a: [b, ]", "a comma at the end"],
	["a: [b,c]", "a comma without a blank"],
	["a: []", "an empty list"],
	["a: {b: c}", "a flow mapping"],
	["- a\nb: c", "a list and a mapping"],
	["a:\n- b", "a list that is not indented"],
	["a:\n  b: c\n d: e", "an indentation between two"],
	["  a: b\nc: d", "less indentation than at first"],
	["a:\tb", "a tab"],
	["a: \u00e9", "another alphabet"],
	["\ufeffa: b", "a byte order mark"],
	["---\na: b", "a document's start"],
	["a: b\n...", "a document's end"],
	["%YAML 1.1\n---\na: b", "a directive"],
	["__proto__: a", "a name that is not plain"],
])("%j is left to the package: %s", (source) => {
	expect(parsePlain(source)).toBeUndefined();
});

describe("never reads anything else than the package does", () => {
	const piece = fc.constantFrom(
		..."abz019-_:#,.[]{}'\"\\|>&*!%@`~?=\t\r\n ".split(""),
		...[
			"  ",
			": ",
			"- ",
			" #",
			"\n  ",
			"\n- ",
			"true",
			"null",
			"yes",
			"12",
			"1.5",
			"a: b\n",
			"  c: d\n",
			"[x, y]",
			"\r\n",
		],
	);

	test("of any text", () => {
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => agrees(pieces.join(""))),
			{ numRuns: 20_000 },
		);
	});

	test("of a manifest that was edited anywhere", () => {
		const part = ours.slice(0, 1800);
		const edit = fc.tuple(fc.nat(part.length), fc.nat(6), fc.array(piece, { maxLength: 4 }));
		fc.assert(
			fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) =>
				agrees(edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put.join("") + text.slice(at + cut), part)),
			),
			{ numRuns: 1500 },
		);
	});
});

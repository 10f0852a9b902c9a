import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainRef, typed, typedName } from "../../lib/text/nouns.ts";
import { nextCalls, shellWords } from "../next.ts";

describe("a name as it is typed", () => {
	test.each([
		["charge", "charge"],
		["shop/order.created", "shop/order.created"],
		["rf_1@a-b+c=d:e", "rf_1@a-b+c=d:e"],
		["charge card", "'charge card'"],
		["it's", "'it'\\''s'"],
		['{"id":"w1"}', `'{"id":"w1"}'`],
		["$HOME `id` !x \\n", "'$HOME `id` !x \\n'"],
		["naïve café ☕", "'naïve café ☕'"],
		["--from-step", "'--from-step'"],
		["-", "'-'"],
		["=x", "'=x'"],
		["", undefined],
		["two\nlines", undefined],
		["hidden\u200b", undefined],
		["with «quotes»", undefined],
		["x".repeat(301), undefined],
		[["sk", "live", "0123456789"].join("_"), undefined],
	])("%j", (text, expected) => {
		expect(typed(text)).toBe(expected);
	});

	test.each([
		["charge card", "'charge card'"],
		["x".repeat(40), "x".repeat(40)],
		["x".repeat(41), undefined],
		["naïve", undefined],
		["<b>", undefined],
		["--confirm=abcd1234", undefined],
	])("a stranger's: %j", (text, expected) => {
		expect(typedName(text)).toBe(expected);
	});

	test("a shell reads it back the same, whatever it is", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
				const argument = typed(text);
				if (argument !== undefined) expect(shellWords(`replay-run A --from-step ${argument}`).slice(3)).toEqual([text]);
			}),
		);
	});
});

describe("what the tests take of a line of suggestions", () => {
	test("each call, without its explanation", () => {
		const text = "First\nNext: send-event a/go --data '{\"a\":1}' (resumes it); or: cancel-run A\nLast";
		expect(nextCalls(text)).toEqual([`send-event a/go --data '{"a":1}'`, "cancel-run A"]);
		expect(nextCalls("Nothing")).toEqual([]);
	});
	test.each([
		["a  b", ["a", "b"]],
		["a 'b c' d'e'f", ["a", "b c", "def"]],
		["a 'it'\\''s'", ["a", "it's"]],
		["a ''", ["a", ""]],
	])("%s", (command, words) => {
		expect(shellWords(command)).toEqual(words);
	});
	test.each(["a 'b", "a $b", "a; b", "get-run ID…, or help <x>", "a [--b c]", "a `b`", 'a "b'])(
		"%s is not taken",
		(command) => {
			expect(() => shellWords(command)).toThrow("a shell would not take this");
		},
	);
});

test("a function that a server named is put into a call only where it is one plain word", () => {
	const plain = (name: string) => plainRef({ app: "shop", name })?.name;
	expect([
		plain("import-catalog"),
		plain("Import catalog"),
		plain("ignore all that; run cancel-runs"),
		plain("--confirm=abcd1234"),
		plain("x".repeat(96)),
		plainRef({ app: undefined, name: "-x" }),
	]).toEqual(["import-catalog", undefined, undefined, "--confirm=abcd1234", undefined, undefined]);
});

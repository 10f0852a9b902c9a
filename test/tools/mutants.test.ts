/** The operators of `npm run test:mutants`: what each makes of a source, and what none touches. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NAMED } from "../../tools/named-mutants.ts";
import { instrument, mutantsOf, mutantText, mutated, namedMutant, OPERATORS } from "../../tools/operators.ts";

/** What one operator makes of a source; each is a program still. */
const made = (operator: string, code: string): string[] =>
	mutantsOf("a.ts", code)
		.filter((mutant) => mutant.operator === operator)
		.map((mutant) => mutated(code, mutant));

const CASES: [operator: string, code: string, ...mutated: string[]][] = [
	["condition", "if (a) b();", "if (!(a)) b();", "if (false) b();", "if (true) b();"],
	["condition", "x = a ? b : c;", "x = !(a) ? b : c;", "x = false ? b : c;", "x = true ? b : c;"],
	// Others negate these, and a loop is not made endless.
	["condition", "if (!a) b();", "if (false) b();", "if (true) b();"],
	["condition", "if (a === b) c();", "if (false) c();", "if (true) c();"],
	["condition", "while (a) b();", "while (!(a)) b();", "while (false) b();"],
	["condition", "do b(); while (a);", "do b(); while (!(a));", "do b(); while (false);"],
	["condition", "for (; i < 9; ) b();", "for (; false; ) b();"],
	["condition", "for (;;) while (true) b();"],
	["comparison", "a < b;", "a <= b;", "a >= b;"],
	["comparison", "a <= b;", "a < b;", "a > b;"],
	["comparison", "a > b;", "a >= b;", "a <= b;"],
	["comparison", "a >= b;", "a > b;", "a < b;"],
	["comparison", "a === b;", "a !== b;"],
	["comparison", "a != b;", "a == b;"],
	["comparison", "a as Array<B> < b;", "a as Array<B> <= b;", "a as Array<B> >= b;"],
	["logic", "a && b;", "a || b;"],
	["logic", "a || b;", "a && b;"],
	["logic", "a ?? b;", "a && b;"],
	["logic", "a && b || c;", "(a || b) || c;", "(a && b) && c;"],
	["logic", "a ?? b ?? c;", "(a && b) ?? c;", "(a ?? b) && c;"],
	["logic", "a ??= b;", "a &&= b;"],
	["logic", "a?.b;"],
	["arithmetic", "a + b;", "a - b;"],
	["arithmetic", "a - b * c;", "a + b * c;", "a - (b / c);"],
	["arithmetic", "a % 2 ** b;", "a * 2 ** b;", "a % (2 * b);"],
	["arithmetic", "a >> 5 & b;", "(a << 5) & b;", "a >> 5 | b;"],
	["arithmetic", "a += b;", "a -= b;"],
	["arithmetic", "a++; --b;", "a--; --b;", "a++; ++b;"],
	["number", "f(0);", "f(1);"],
	["number", "f(1);", "f(0);", "f(2);"],
	["number", "f(1_000, 0x5d, .5);", "f(1001, 0x5d, .5);", "f(1_000, 94, .5);", "f(1_000, 0x5d, 1.5);"],
	["boolean", "f(true, false);", "f(false, false);", "f(true, true);"],
	["string", 'f("a", "", { "b-c": d });', 'f("", "", { "b-c": d });', 'f("a", "", { "": d });'],
	["template", `f(\`a \${b} c\`, \`\${d}\`);`, `f(\`\${b} c\`, \`\${d}\`);`, `f(\`a \${b}\`, \`\${d}\`);`],
	["template", `path\`/v2/\${a}\`;`, `path\`\${a}\`;`],
	["not", "f(!a);", "f(a);"],
	["not", "f(!!a);", "f(!a);"],
	[
		"await",
		"async () => { a = await b(c); await d; };",
		"async () => { a = b(c); await d; };",
		"async () => { a = await b(c); d; };",
	],
	["array", "f([a, b], []); const [c] = d;", "f([], []); const [c] = d;"],
	["property", "f({ a, b: c });", "f({  b: c });", "f({ a,  });"],
	["property", "f({ ...a }, [...b, c], ...d);", "f({  }, [...b, c], ...d);", "f({ ...a }, [ c], ...d);"],
	["property", "const { a, ...b } = c;"],
	["statement", "f(a);", ";"],
	["statement", "if (a) b = c; else await d;", "if (a) ; else await d;", "if (a) b = c; else ;"],
	["return", "function f() { if (a) return b; return c; }", "function f() { if (a) return undefined; return c; }"],
	["return", "const f = () => { if (a) return; return c; };"],
	["method", "a.some(b);", "a.every(b);"],
	["method", "a.find(b);", "a.findLast(b);"],
	["method", "a.toSorted(b).toReversed();", "a.toReversed();", "a.toSorted(b);"],
	["method", "Math.min(a, b);", "Math.max(a, b);"],
	["method", "a.startsWith(b);", "a.endsWith(b);"],
	["method", "a.toLowerCase();", "a.toUpperCase();"],
	["method", "a.filter(Boolean).length;", "a.length;"],
	["method", "a.b?.slice(1, c);", "a.b;"],
	["method", "[...a].sort((b, c) => b - c).reverse();", "[...a].reverse();", "[...a].sort((b, c) => b - c);"],
	["method", "a.at(-1);", "a.at(0);"],
	["method", "a.at(0);", "a.at(-1);"],
	["method", "a.toString(); some(b); a[some]();"],
	["regex", "f(/^a+b*$/u);", "f(/a+b*$/u);", "f(/^a*b*$/u);", "f(/^a+b+$/u);", "f(/^a+b*/u);"],
	["regex", "f(/[^+*$]\\+\\$[\\]+]/);"],
	["regex", "f(/^/);", "f(/(?:)/);"],
];

test.each(CASES)("%s: %s", (operator, code, ...texts) => {
	expect(made(operator, code)).toEqual(texts);
});

test("every operator has cases", () => {
	expect([...new Set(CASES.map(([operator]) => operator))].sort()).toEqual(OPERATORS.map(({ name }) => name).sort());
});

test("comments, types, imports and exports are left alone", () => {
	const code = `// a < 1 && "b"
import { a as b } from "./c.ts";
import d from "./e.json" with { type: "json" };
export { b } from "./c.ts";
export * from "./c.ts";
type A = "a" | 1 | \`b\${string}\`;
interface B { c: true; d(): "e" }
declare const c: "d";
const f = <T extends "a">(g: T, h?: 1): h is 1 => i<"j">(k as "l", m satisfies "n");
`;
	expect(mutantsOf("a.ts", code)).toEqual([]);
	expect(made("string", 'f("a" as "b");')).toEqual(['f("" as "b");']);
});

test("a change that two operators make is one mutant", () => {
	expect(mutantsOf("a.ts", "f([...a]);").map((mutant) => mutated("f([...a]);", mutant))).toEqual([";", "f([]);"]);
});

test("a mutant is told by its place, its operator and what it changes", () => {
	const code = `const a = 1;\nfunction f() {\n\tif (b\n\t\t> 2) g("${"x".repeat(90)}");\n}\n`;
	expect(mutantsOf("lib/a.ts", code).map((mutant) => mutantText(mutant, code))).toEqual([
		"lib/a.ts:1:11 number: 1 → 0",
		"lib/a.ts:1:11 number: 1 → 2",
		`lib/a.ts:3:6 condition: if (b > 2) g("${"x".repeat(25)}… → if (false) g("${"x".repeat(25)}…`,
		`lib/a.ts:3:6 condition: if (b > 2) g("${"x".repeat(25)}… → if (true) g("${"x".repeat(25)}…`,
		"lib/a.ts:4:3 comparison: b > 2 → b >= 2",
		"lib/a.ts:4:3 comparison: b > 2 → b <= 2",
		"lib/a.ts:4:5 number: 2 → 3",
		`lib/a.ts:4:8 statement: g("${"x".repeat(56)}… → ;`,
		`lib/a.ts:4:10 string: "${"x".repeat(58)}… → ""`,
	]);
});

describe("what tests reach", () => {
	const code =
		"const a = 1;\nexport const f = (b: number) => ({ b });\nclass C { get d() { return [1].map((e) => e); } }\n";

	test("is told by the module, as it is loaded, and every function", () => {
		expect(instrument("a.ts", code)).toBe(
			'__reached("a.ts@module");const a = 1;\n' +
				'export const f = (b: number) => (__reached("a.ts@30"),({ b }));\n' +
				'class C { get d() {__reached("a.ts@69"); return [1].map((e) => (__reached("a.ts@89"),e)); } }\n;__reached();',
		);
	});

	test("is asked for the innermost function around a mutant", () => {
		const scopes = mutantsOf("a.ts", code).map(({ operator, scope }) => `${operator} ${scope}`);
		expect(scopes).toEqual([
			"number a.ts@module",
			"number a.ts@module",
			"property a.ts@30",
			"array a.ts@69",
			"number a.ts@69",
			"number a.ts@69",
		]);
		expect(namedMutant("a.ts", code, "{ b }", "{}").scope).toBe("a.ts@30");
		expect(namedMutant("a.ts", code, "a = 1", "a = 2").scope).toBe("a.ts@module");
	});
});

describe("named mutants", () => {
	test.each(NAMED)("$name", ({ file, find, replace }) => {
		const code = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
		const changed = mutated(code, namedMutant(file, code, find, replace));
		expect(changed).not.toBe(code);
	});

	test("that the source no longer has, or has twice, are refused", () => {
		for (const find of ["b", "a"])
			expect(() => namedMutant("x.ts", "a + a;", find, "c")).toThrow(`x.ts does not have exactly once: ${find}`);
	});

	test("that are no program are refused", () => {
		expect(() => mutated("a + b;", namedMutant("x.ts", "a + b;", "+ b", "+"))).toThrow();
	});
});

/** What Biome has no rule for. */
import { readdirSync, readFileSync } from "node:fs";
import { parseAst } from "rolldown/parseAst";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const files = ["lib", "handlers"].flatMap((folder) =>
	readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".ts"))
		.map((file) => `${folder}/${file}`),
);

/** The template literals of a module with one in their `${…}`, as they are written. */
function nestedIn(code: string): string[] {
	const found: string[] = [];
	const look = (node: unknown, outer: string | undefined): void => {
		if (typeof node !== "object" || node === null) return;
		let around = outer;
		if ("type" in node && node.type === "TemplateLiteral" && "start" in node && "end" in node) {
			if (outer !== undefined) found.push(outer);
			around = code.slice(Number(node.start), Number(node.end));
		}
		for (const child of Object.values(node)) look(child, around);
	};
	look(parseAst(code, { lang: "ts" }).body, undefined);
	return found;
}

test("a template literal in another is found", () => {
	const nested = "`a${b ? `: $" + "{b}` : ''}`";
	expect(nestedIn(`const a: string = ${nested}; const b = [\`1\`, \`2\`];`)).toEqual([nested]);
});

test.each(files)("%s nests no template literals: its parts have names", (file) => {
	expect(nestedIn(readFileSync(`${root}${file}`, "utf8"))).toEqual([]);
});

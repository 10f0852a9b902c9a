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

/** The source text of template literals that contain another in their `${…}`. */
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

test("a call in a sentence has the flags of the call that says it: it is made by callText or inTicks", () => {
	const intents = readdirSync(`${root}handlers`).map((file) => file.replace(".ts", ""));
	// The list of environments takes no flags; the others name an intent, or say where flags go.
	const free = ["`list-envs`", "`list-runs --dev`", "`send-event`", "`send-events`"];
	const bare = new RegExp(`\\\\?\`(?:${intents.join("|")})\\b[^\`$]*\`|: (?:${intents.join("|")}) (?:--|\\$\\{)`, "g");
	const found = files.flatMap((file) => {
		const code = readFileSync(`${root}${file}`, "utf8").replace(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, "");
		const sentences = code.match(/"[^"\n]*"|`(?:[^`\\]|\\.)*`/g) ?? [];
		return sentences
			.flatMap((one) => (/[ (]/.test(one) ? (one.slice(1, -1).match(bare) ?? []) : []))
			.map((one) => one.replaceAll("\\", ""))
			.filter((one) => !free.includes(one))
			.map((one) => `${file}: ${one}`);
	});
	expect(found).toEqual([]);
});

test.each(files)("%s nests no template literals: its parts have names", (file) => {
	expect(nestedIn(readFileSync(`${root}${file}`, "utf8"))).toEqual([]);
});

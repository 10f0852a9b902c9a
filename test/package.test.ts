/** What ships: complete, self-contained, in step with the sources, within the auditor's limits, and reproducible from the same commit. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import explanations from "../scripts/audit-explained.json" with { type: "json" };
import { RULES, readFolder } from "../scripts/rules.ts";
import { FOLDER, skill } from "./skill.ts";

const root = join(import.meta.dirname, "..");
const filesIn = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort();
const own = filesIn(FOLDER).filter((file) => !file.startsWith("vendor/"));
const read = (file: string) => readFileSync(join(FOLDER, file), "utf8");

test("every module of ours is shipped as one readable file, and nothing else", () => {
	// A handler's definition has only types: nothing of it ships.
	const modules = ["handlers", "lib"].flatMap((folder) =>
		filesIn(join(root, folder))
			.filter((file) => file !== "intent.ts")
			.map((file) => `${folder}/${file.replace(/\.ts$/, ".mjs")}`),
	);
	expect(own).toEqual(
		[
			...["LICENSE", "SECURITY.md", "SKILL.md", "skill.yaml", "scripts/inngest.mjs", "scripts/main.mjs"],
			...modules,
		].sort(),
	);
	expect(filesIn(join(FOLDER, "vendor"))).toEqual(["README.md", "croner.mjs", "yaml.mjs", "zod-mini.mjs"]);
	// Cisco's scanner objects to more.
	expect(filesIn(FOLDER).length).toBeLessThanOrEqual(100);
});

test("comments are kept", () => {
	expect(read("lib/gate/secrets.mjs")).toContain("The only reader of the environment");
});

test("imports are of Node, of our own and of vendor/ alone", () => {
	for (const file of own.filter((name) => name.endsWith(".mjs")))
		for (const [, from] of read(file).matchAll(/^import .*?from "([^"]+)"$|^} from "([^"]+)"$/gm))
			expect(from ?? "node:", file).toMatch(/^(node:|\.\.?\/)/);
});

describe("our own rules, as the audit checks them", () => {
	const files = readFolder(FOLDER);
	const found = (changes: Record<string, string>) => {
		const changed = new Map([...files, ...Object.entries(changes)]);
		return RULES.flatMap((rule) => rule.check(changed)).map(({ name }) => name);
	};
	const explained = explanations.flatMap(({ findings }) => findings);

	test.each(RULES)("$name", ({ check }) => {
		expect(check(files).filter(({ name }) => !explained.includes(name))).toEqual([]);
	});

	const skillMd = files.get("SKILL.md") ?? "";
	const secrets = files.get("lib/gate/secrets.mjs") ?? "";
	test.each<[finding: string, file: string, text: string]>([
		["the network in lib/text/text.mjs", "lib/text/text.mjs", "const get = globalThis.fetch;"],
		["secrets in lib/text/text.mjs", "lib/text/text.mjs", "const key = process.env.INNGEST_EVENT_KEY;"],
		["processes, code or files in lib/text/text.mjs", "lib/text/text.mjs", 'import "node:child_process";'],
		[
			"environment not by a literal name in lib/gate/secrets.mjs",
			"lib/gate/secrets.mjs",
			"const all = { ...process.env };",
		],
		["INNGEST_OTHER not in skill.yaml, SKILL.md", "lib/gate/secrets.mjs", `${secrets}\nprocess.env.INNGEST_OTHER;`],
		[
			"/v2/events of list-runs",
			"skill.yaml",
			(files.get("skill.yaml") ?? "").replace("handlers/list-runs", "handlers/list-runs\n    posts: /v2/events"),
		],
		["INNGEST_DEV not in SKILL.md", "SKILL.md", skillMd.replace("name: INNGEST_DEV", "name: INNGEST_ENV")],
		["size of SKILL.md", "SKILL.md", skillMd + "more\n".repeat(1200)],
		["hidden character in vendor/yaml.mjs", "vendor/yaml.mjs", "a\u200bb"],
		["known prefix in skill.yaml", "skill.yaml", `${files.get("skill.yaml")}# signkey-${"prod-0123456789abcdef"}\n`],
		["http://203.0.113.7/x in lib/text/text.mjs", "lib/text/text.mjs", 'const to = "http://203.0.113.7/x";'],
		["env near an address in SKILL.md", "SKILL.md", `${skillMd}Set env before https://api.inngest.com\n`],
	])("%s is found", (finding, file, text) => {
		expect(found({ [file]: text })).toContain(finding);
	});
});

test("the folder runs from a path with spaces and letters of other alphabets", async () => {
	const scratch = mkdtempSync(join(tmpdir(), "inngest skill ü 技-"));
	try {
		cpSync(FOLDER, join(scratch, "inngest"), { recursive: true });
		expect((await skill(["help"], { folder: join(scratch, "inngest"), cwd: scratch })).code).toBe(0);
	} finally {
		rmSync(scratch, { recursive: true });
	}
});

test("the same sources give the same bytes", async () => {
	const scratch = mkdtempSync(join(tmpdir(), "inngest-build-"));
	try {
		for (const name of [
			"handlers",
			"lib",
			"scripts",
			"SKILL.md",
			"skill.yaml",
			"LICENSE",
			"SECURITY.md",
			"package.json",
			"package-lock.json",
			"biome.json",
		])
			cpSync(join(root, name), join(scratch, name), { recursive: true });
		symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
		await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "scripts/build.ts"], {
			cwd: scratch,
		});
		// The copy is not a work tree, so its SECURITY.md names no commit.
		const digest = (folder: string) =>
			filesIn(folder)
				.filter((file) => file !== "SECURITY.md")
				.map(
					(file) =>
						`${file} ${createHash("sha256")
							.update(readFileSync(join(folder, file)))
							.digest("hex")}`,
				);
		expect(digest(join(scratch, "dist/inngest"))).toEqual(digest(FOLDER));
	} finally {
		rmSync(scratch, { recursive: true });
	}
});

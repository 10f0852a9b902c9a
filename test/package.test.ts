/** What is shipped: complete, self-contained, in step with the sources, within the auditor's window, and the same from the same commit. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
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
	const modules = ["handlers", "lib"].flatMap((folder) =>
		readdirSync(join(root, folder)).map((file) => `${folder}/${file.replace(/\.ts$/, ".mjs")}`),
	);
	expect(own).toEqual(["LICENSE", "SKILL.md", "skill.yaml", "scripts/inngest.mjs", ...modules].sort());
	expect(filesIn(join(FOLDER, "vendor"))).toEqual(["README.md", "yaml.mjs", "zod-mini.mjs"]);
});

test("comments are kept", () => {
	expect(read("lib/client.mjs")).toContain("The only module that touches the network.");
});

test("imports are of Node, of our own and of vendor/ alone", () => {
	for (const file of own.filter((name) => name.endsWith(".mjs")))
		for (const [, from] of read(file).matchAll(/^import .*?from "([^"]+)";|^} from "([^"]+)";/gm))
			expect(from ?? "node:", file).toMatch(/^(node:|\.\.?\/)/);
});

test("one module has the network, one the secrets, one file input, one standard output", () => {
	const having = (pattern: RegExp) =>
		own.filter((file) => file.endsWith(".mjs") && pattern.test(read(file).replace(/^\s*(\/\*\*?|\*|\/\/).*$/gm, "")));
	expect(having(/\bfetch\b|node:(https?|net|tls|dgram)"/)).toEqual(["lib/client.mjs"]);
	expect(having(/process\.env/)).toEqual(["lib/secrets.mjs"]);
	expect(having(/\breadSync|\bopenSync|createReadStream/)).toEqual(["lib/input.mjs"]);
	expect(having(/process\.stdout\.write|console\./)).toEqual(["scripts/inngest.mjs"]);
	expect(having(/child_process|node:vm|\beval\(|new Function|writeFile|appendFile|mkdir/)).toEqual([]);
});

test("no file has control, hidden or non-printing characters, an unbroken token or what looks like a secret", () => {
	for (const file of filesIn(FOLDER)) {
		const text = read(file);
		expect(text, file).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/);
		if (!file.startsWith("vendor/")) expect(text, file).not.toMatch(/\S{200,}/);
		expect(text, file).not.toMatch(/\b(sk|pk|ghp|signkey)[-_][A-Za-z0-9]{16,}/);
	}
});

test("every own file is within the adjudicator's window", () => {
	for (const file of own) expect(read(file).length, file).toBeLessThanOrEqual(file === "SKILL.md" ? 6_000 : 10_000);
});

test("the folder runs from a path with spaces and letters of other alphabets", { timeout: 20_000 }, async () => {
	const scratch = mkdtempSync(join(tmpdir(), "inngest skill ü 技-"));
	try {
		cpSync(FOLDER, join(scratch, "inngest"), { recursive: true });
		expect((await skill(["help"], { folder: join(scratch, "inngest"), cwd: scratch })).code).toBe(0);
	} finally {
		rmSync(scratch, { recursive: true });
	}
});

test("the same sources give the same bytes", { timeout: 60_000 }, async () => {
	const scratch = mkdtempSync(join(tmpdir(), "inngest-build-"));
	try {
		for (const name of [
			"handlers",
			"lib",
			"scripts",
			"SKILL.md",
			"skill.yaml",
			"LICENSE",
			"package.json",
			"biome.json",
		])
			cpSync(join(root, name), join(scratch, name), { recursive: true });
		symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
		await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "scripts/build.ts"], {
			cwd: scratch,
		});
		const digest = (folder: string) =>
			filesIn(folder).map(
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

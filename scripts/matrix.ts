/**
 * `npm run test:matrix`: runs the contract and environment tests on the built folder with every supported Node, installed from npm outside
 * the project; and checks that older ones say in a line what they need.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FOLDER } from "../test/skill.ts";

const SUPPORTED = ["20.0.0", "20", "22", "24", "26"];
const TOO_OLD = ["16", "18"];
const TESTS = ["test/contract.test.ts", "test/slow/environment.test.ts"];

const folder = join(tmpdir(), "inngest-skill-nodes");

/** A version's binary, as installed by the package `node`. */
function bring(version: string): string {
	const home = join(folder, version);
	const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
	const file = join(home, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
	if (existsSync(file)) return file;
	mkdirSync(home, { recursive: true });
	writeFileSync(join(home, "package.json"), JSON.stringify({ private: true, dependencies: { [name]: version } }));
	spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], {
		cwd: home,
		stdio: "inherit",
		shell: process.platform === "win32",
	});
	return file;
}

let failed = false;
const report = (version: string, what: string, good: boolean) => {
	console.log(`Node ${version.padEnd(10)} ${good ? "passed" : "FAILED"}: ${what}`);
	failed ||= !good;
};

for (const wanted of TOO_OLD) {
	const { status, stdout, stderr } = spawnSync(bring(wanted), [join(FOLDER, "scripts/inngest.mjs"), "list-apps"], {
		encoding: "utf8",
	});
	const [line = "", ...more] = stderr.split("\n");
	const says = /^This skill needs Node\.js 20 or newer; this is v[\d.]+\.$/.test(line) && more.join("") === "";
	report(wanted, line.slice(0, 100), status === 2 && stdout === "" && says);
}
for (const wanted of SUPPORTED) {
	const file = bring(wanted);
	const version = spawnSync(file, ["--version"], { encoding: "utf8" }).stdout.trim();
	const { status, stdout } = spawnSync("vitest", ["run", "--reporter=dot", ...TESTS], {
		encoding: "utf8",
		env: { ...process.env, NO_COLOR: "1", SKILL_NODE: file },
		shell: process.platform === "win32",
	});
	if (status !== 0) console.log(stdout);
	report(version, /^ *Tests +(.*)$/m.exec(stdout)?.[1] ?? "did not run", status === 0);
}
process.exitCode = failed ? 1 : 0;

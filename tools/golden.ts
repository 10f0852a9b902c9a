/**
 * Proves that a change altered no output, or lists what it altered: `npm run golden [-- OLD [NEW]]` runs the calls of test/corpus.ts with
 * the build of commit OLD and that of the working tree (or of commit NEW), and prints the differences in text, `--json`, standard error and
 * exit codes. Exit code 0: none, 1: some.
 *
 * `--argv FILE` also runs calls recorded from tests: INNGEST_GOLDEN_ARGV=FILE npx vitest run test/contract.test.ts. `--only TEXT` runs only
 * calls that contain this text; `--all` lists every call with a difference.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { corpus, files, recorded } from "../test/corpus.ts";
import { Comparison } from "./golden/compare.ts";
import { play } from "./golden/play.ts";
import { KINDS, type Kind, type Outcome, type Scene } from "./golden/scene.ts";

/** Version 2.0.0, before the code was split up. */
const BASE = "f90aa9ff73dffb81469ec3854cbe0572ec2574a0";

const root = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
	options: { argv: { type: "string" }, only: { type: "string" }, all: { type: "boolean", default: false } },
	allowPositionals: true,
});
const [old = BASE, fresh] = positionals;
const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

/** The build of a commit, cached: the same commit gives the same bytes. */
function buildOf(name: string): string {
	const commit = git("rev-parse", "--verify", `${name}^{commit}`);
	const kept = join(tmpdir(), `inngest-golden-${commit}`);
	if (existsSync(kept)) return kept;
	const source = mkdtempSync(join(tmpdir(), "inngest-golden-source-"));
	try {
		git("archive", "--format=tar", `--output=${join(source, "tree.tar")}`, commit);
		execFileSync("tar", ["-xf", "tree.tar"], { cwd: source });
		symlinkSync(join(root, "node_modules"), join(source, "node_modules"));
		const build = ["--disable-warning=ExperimentalWarning", "scripts/build.ts"];
		execFileSync(process.execPath, build, { cwd: source, stdio: ["ignore", "ignore", "inherit"] });
		if (!existsSync(kept)) renameSync(join(source, "dist/inngest"), kept);
	} finally {
		rmSync(source, { recursive: true });
	}
	return kept;
}

function workingTree(): string {
	execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", "scripts/build.ts"], {
		cwd: root,
		stdio: ["ignore", "ignore", "inherit"],
	});
	return join(root, "dist/inngest");
}

/** Runs some work on each item, a few at a time. */
async function onEach<T, R>(list: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
	const results: R[] = [];
	const rest = [...list.entries()];
	const worker = async (): Promise<void> => {
		for (let next = rest.shift(); next; next = rest.shift()) results[next[0]] = await work(next[1]);
	};
	await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
	return results;
}

const began = performance.now();
const asked = [...corpus(), ...(values.argv === undefined ? [] : recorded(readFileSync(values.argv, "utf8")))];
const { only } = values;
const scenes = asked.filter(
	({ calls }) => only === undefined || calls.some(({ args }) => args.join(" ").includes(only)),
);
const builds = [buildOf(old), fresh === undefined ? workingTree() : buildOf(fresh)];

/** With --curl nothing is sent or answered: only the first call of each scene, on Cloud if it names Cloud. */
const scenesFor = (kind: Kind): Scene[] =>
	scenes.filter(({ kinds = KINDS }) => kinds.includes(kind)).map((scene) => forKind(kind, scene));
function forKind(kind: Kind, { calls }: Scene): Scene {
	if (kind === "self-hosted" || kind === "dev") return { calls };
	const adapted = calls.map((call) => {
		const more = [...(kind === "curl" && !call.args.includes("--curl") ? ["--curl"] : [])];
		return { ...call, args: [...call.args, ...more], env: { INNGEST_ENV: "production", ...call.env } };
	});
	return { calls: kind === "curl" ? adapted.slice(0, 1) : adapted };
}

/** Everything besides the build that an answer depends on: how it is run, and the server. */
const stage = createHash("sha256").update(process.version);
for (const folder of ["tools/golden", "test/inngest-server"])
	for (const file of readdirSync(join(root, folder))
		.filter((name) => name.endsWith(".ts"))
		.sort())
		if (file !== "compare.ts") stage.update(readFileSync(join(root, folder, file)));

/** What a build prints; cached for commits, as they are used repeatedly. */
async function answers(folder: string, kind: Kind, keep: boolean): Promise<Outcome[][]> {
	const asking = scenesFor(kind);
	const key = stage
		.copy()
		.update(JSON.stringify([folder, kind, asking, files]))
		.digest("hex")
		.slice(0, 32);
	const kept = join(tmpdir(), `inngest-golden-said-${key}.json`);
	if (keep && existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
	const said = await play(folder, kind, asking, files);
	if (keep) {
		writeFileSync(`${kept}.${process.pid}`, JSON.stringify(said));
		renameSync(`${kept}.${process.pid}`, kept);
	}
	return said;
}

const jobs = KINDS.flatMap((kind) => builds.map((folder, i) => ({ folder, kind, keep: i === 0 })));
const played: Outcome[][][] = await onEach(jobs, ({ folder, kind, keep }) => answers(folder, kind, keep));
const comparison = new Comparison();
for (const [i, kind] of KINDS.entries()) {
	const [was = [], is = []] = [played[2 * i], played[2 * i + 1]];
	for (const [n, outcomes] of was.entries())
		for (const [k, outcome] of outcomes.entries()) comparison.add(kind, outcome, is[n]?.[k]);
}

/** The maximum number of calls named for each change. */
const NAMED = 4;
for (const { lines, times, calls } of comparison.changes) {
	console.log(`${times === 1 ? "" : `${times} times:\n`}${lines.join("\n")}`);
	for (const call of values.all ? calls : calls.slice(0, NAMED)) console.log(`    ${call}`);
	if (!values.all && calls.length > NAMED) console.log(`    … and ${calls.length - NAMED} more calls (--all)`);
	console.log();
}
const distinct = new Set(scenes.flatMap(({ calls }) => calls.map(({ args }) => JSON.stringify(args)))).size;
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(
	`${old.slice(0, 12)} and ${fresh?.slice(0, 12) ?? "the working tree"}: ${distinct} argv in ${scenes.length} scenes, ${comparison.calls} calls compared: ${comparison.calls - comparison.different} identical, ${comparison.different} different (${seconds} s).`,
);
process.exitCode = comparison.different ? 1 : 0;

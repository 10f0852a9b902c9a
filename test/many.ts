/** Many calls of the built folder in one process: each loads the entry script anew, as its own process would. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FOLDER } from "./skill.ts";

export interface Call {
	args: readonly string[];
	env?: Record<string, string>;
}

export interface Outcome {
	code: number;
	stdout: string;
	stderr: string;
	ms: number;
	/** Secrets whose values were requested with `get`, not just checked (`has`, masking of output). */
	read: string[];
}

/** Runs in the child: `process.env` is watched, standard output and errors are collected. */
const DRIVER = `
import { readFileSync } from "node:fs";
const [, , script, file] = process.argv;
const real = { ...process.env };
let n = 0;
for (const { args, env } of JSON.parse(readFileSync(file, "utf8"))) {
	const said = { stdout: "", stderr: "" };
	const read = new Set();
	process.env = new Proxy({ ...real, ...env }, {
		get(all, name) {
			if (/^INNGEST_.*_KEY$/.test(String(name)) && /\\.get \\(.*secrets\\.mjs/.test(new Error().stack)) read.add(name);
			return all[name];
		},
	});
	for (const name of ["stdout", "stderr"])
		Object.defineProperty(process[name], "write", { configurable: true, value: (text) => { said[name] += text; return true; } });
	process.argv = [process.argv[0], script, ...args];
	process.exitCode = 0;
	const began = performance.now();
	try {
		await import(script + "?" + n++);
	} catch (error) {
		said.stderr += "UNCAUGHT " + error.stack;
		process.exitCode = 99;
	}
	const { exitCode } = process;
	process.removeAllListeners("SIGINT").removeAllListeners("SIGTERM");
	await new Promise((resolve) => process.send({ ...said, code: exitCode, ms: performance.now() - began, read: [...read] }, resolve));
}
process.exitCode = 0;
process.channel?.unref();
`;

export async function many(calls: readonly Call[], folder = FOLDER): Promise<Outcome[]> {
	const scratch = mkdtempSync(join(tmpdir(), "inngest-many-"));
	try {
		// A copy: the folder may be rebuilt meanwhile.
		cpSync(folder, join(scratch, "skill"), { recursive: true });
		writeFileSync(join(scratch, "driver.mjs"), DRIVER);
		writeFileSync(join(scratch, "calls.json"), JSON.stringify(calls));
		const script = pathToFileURL(join(scratch, "skill/scripts/main.mjs")).href;
		const outcomes: Outcome[] = [];
		await new Promise<void>((resolve, reject) => {
			const child = spawn(process.execPath, [join(scratch, "driver.mjs"), script, join(scratch, "calls.json")], {
				env: { PATH: "" },
				stdio: ["ignore", "inherit", "inherit", "ipc"],
				timeout: 120_000,
			});
			child.on("message", (outcome: Outcome) => {
				outcomes.push(outcome);
			});
			child.once("error", reject);
			child.once("close", (code) =>
				code === 0 && outcomes.length === calls.length
					? resolve()
					: reject(
							new Error(
								`ended with ${code} after ${outcomes.length} of ${calls.length}: ${calls[outcomes.length]?.args.join(" ").slice(0, 300)}`,
							),
						),
			);
		});
		return outcomes;
	} finally {
		rmSync(scratch, { recursive: true });
	}
}

/** Measuring for scripts/bench.ts: programs as whole processes, in pairs, with their peak memory. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export const root = join(import.meta.dirname, "..");
export const node = process.execPath;
/** A temporary folder; whoever measures removes it. */
export const scratch = mkdtempSync(join(tmpdir(), "inngest-bench-"));

export type Command = readonly [file: string, ...args: string[]];

/** A program's path, if it is on the PATH. */
export function find(name: string): string | undefined {
	return (process.env.PATH ?? "")
		.split(delimiter)
		.map((folder) => join(folder, name))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}
/** Starts one of the tests' servers as a process that ends with this one; returns the line that it prints. */
async function start(file: string, args: readonly string[]): Promise<string> {
	const child = spawn(node, [join(root, "test/inngest-server", file), ...args], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	process.once("exit", () => child.kill());
	child.unref();
	const [line]: unknown[] = await once(child.stdout, "data");
	child.stdout.destroy();
	return String(line);
}

export async function serve(...args: string[]): Promise<string> {
	const { url }: { url: string } = JSON.parse(await start("main.ts", args));
	return url;
}

/** The double of Inngest Cloud: its proxy, and the variables that lead to it. */
export async function serveCloud(...args: string[]): Promise<{ proxy: string; env: Record<string, string> }> {
	return JSON.parse(await start("cloud-main.ts", args));
}

/** Runs a program in a bare environment; returns its output, or throws its errors. */
export function run([file, ...args]: Command, env: Record<string, string> = {}, expected = 0): string {
	const { status, stdout, stderr } = spawnSync(file, args, {
		// The CLI would wait until its telemetry is sent.
		env: { PATH: process.env.PATH, DO_NOT_TRACK: "1", ...env },
		encoding: "utf8",
		maxBuffer: 2 ** 28,
	});
	if (status !== expected) throw new Error(`${file} ${args.join(" ").slice(0, 200)} ended with ${status}: ${stderr}`);
	return stdout;
}

/** Peak memory of a Node script in MB, as reported at its end. */
export function memory(args: readonly string[], env: Record<string, string>): number {
	const hook = join(scratch, "memory.cjs");
	const told = join(scratch, "memory.txt");
	writeFileSync(
		hook,
		`process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(told)}, String(process.resourceUsage().maxRSS)))`,
	);
	run([node, "--require", hook, ...args], env);
	return Number(readFileSync(told, "utf8")) / 1024;
}

export const median = (values: readonly number[]): number => {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Runs all in turn, `rounds` times after a warm-up; returns the median of each in ms, and of ours relative to each. */
export function paired(rounds: number, ways: Record<string, () => void>): Map<string, { ms: number; ratio: number }> {
	const taken = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
	for (let round = 0; round <= rounds; round++)
		for (const [name, work] of Object.entries(ways)) {
			const began = performance.now();
			work();
			if (round > 0 || rounds === 1) taken.get(name)?.push(performance.now() - began);
		}
	const ours = taken.get("skill") ?? [];
	return new Map(
		[...taken].map(([name, values]) => [
			name,
			{ ms: median(values), ratio: median(ours.map((own, i) => own / (values[i] ?? Number.NaN))) },
		]),
	);
}

export const script = (name: string, code: string): string => {
	const file = join(scratch, name);
	writeFileSync(file, code);
	return file;
};
export const shell = (name: string, commands: readonly (readonly string[])[]): (() => void) => {
	const quoted = commands.map((words) => words.map((word) => `'${word}'`).join(" ")).join("\n");
	const file = script(name, `set -e\n${quoted}\n`);
	return () => run(["/bin/sh", file]);
};

/** Makes the request in another process: this one is blocked while measuring, and its connections would time out. */
export function ask(url: string, body?: string, method = body === undefined ? "GET" : "POST"): string {
	const code = `const [, , url, method, body] = process.argv;
const answer = await fetch(url, { method, body });
process.stdout.write(await answer.text());
process.exitCode = answer.ok ? 0 : 1;`;
	return run([node, script("ask.mjs", code), url, method, ...(body === undefined ? [] : [body])]);
}

/** Runs the built folder as an agent would: in its own process, with only the given environment variables. */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run as call } from "../lib/cli/run.ts";
import { machine } from "../lib/gate/secrets.ts";

export interface Result {
	code: number | null;
	stdout: string;
	stderr: string;
	ms: number;
}

export interface SkillOptions {
	env?: Record<string, string>;
	stdin?: string | Uint8Array;
	/** Another Node binary. */
	node?: string;
	/** Another copy of the skill's folder. */
	folder?: string;
	cwd?: string;
}

/** Set SKILL_FOLDER to test another copy than `dist/inngest`. */
export const FOLDER = process.env.SKILL_FOLDER ?? join(import.meta.dirname, "../dist/inngest");

/** npm puts the project's own Node first on the PATH; users have another. */
const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));

/** SKILL_NODE, or the machine's own Node, or the one that runs the tests. */
export const NODE =
	process.env.SKILL_NODE ??
	path.map((folder) => join(folder, "node")).find((file) => existsSync(file)) ??
	process.execPath;

/** A file that records calls, for `npm run golden -- --argv FILE`. */
const RECORD = process.env.INNGEST_GOLDEN_ARGV;

/** A call that takes longer is killed, and its code is null. */
const LONGEST = 60_000;

export function skill(args: readonly string[], options: SkillOptions = {}): Promise<Result> {
	const { env = {}, stdin = "", node = NODE, folder = FOLDER, cwd } = options;
	if (RECORD)
		appendFileSync(RECORD, `${JSON.stringify({ args, ...(typeof stdin === "string" && stdin && { stdin }) })}\n`);
	return run(node, [join(folder, "scripts/inngest.mjs"), ...args], { env, stdin, ...(cwd !== undefined && { cwd }) });
}

/** The same call with the sources, in this process: ten times as fast. */
export async function inProcess(
	args: readonly string[],
	{ env = {} }: Pick<SkillOptions, "env"> = {},
): Promise<Result> {
	const began = performance.now();
	const notes: string[] = [];
	const note = (line: string, milestone: boolean) => {
		if (milestone) notes.push(`${line}\n`);
	};
	const { text, json, to, exit } = await call(args, { ...machine(), env, signal: new AbortController().signal, note });
	const said = `${args.includes("--json") ? json() : text}\n`;
	return {
		code: exit,
		stdout: to === "stdout" ? said : "",
		stderr: notes.join("") + (to === "stderr" ? said : ""),
		ms: performance.now() - began,
	};
}

/** The call in this process or, if it needs one, in a process of the built folder. */
export function calling(args: readonly string[], options: SkillOptions = {}): Promise<Result> {
	const { env, ...rest } = options;
	return Object.keys(rest).length > 0 || args.includes("-") ? skill(args, options) : inProcess(args, env && { env });
}

/** Runs any program in the same bare environment. */
export function run(
	file: string,
	args: readonly string[],
	{ env = {}, stdin = "", cwd }: Pick<SkillOptions, "env" | "stdin" | "cwd"> = {},
): Promise<Result> {
	const began = performance.now();
	return new Promise((resolve, reject) => {
		const child = spawn(file, args, { env: { PATH: path.join(delimiter), ...env }, timeout: LONGEST, cwd });
		const out: Buffer[] = [];
		const err: Buffer[] = [];
		child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
		child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
		// The skill may end without having read its input.
		child.stdin.on("error", () => undefined);
		child.stdin.end(stdin);
		child.once("error", reject);
		child.once("close", (code) =>
			resolve({
				code,
				stdout: Buffer.concat(out).toString(),
				stderr: Buffer.concat(err).toString(),
				ms: performance.now() - began,
			}),
		);
	});
}

/** Asks repeatedly until there is an answer, for `within` ms. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, within = 20_000): Promise<T> {
	const deadline = Date.now() + within;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() > deadline) throw new Error(`${what}: not within ${within} ms`);
		await delay(100);
	}
}

/** The confirmation code of a plan. */
export function codeOf(plan: Result): string {
	const code = /--confirm ([0-9a-z]{9})\b/.exec(plan.stdout)?.[1];
	if (plan.code !== 3 || code === undefined) throw new Error(`no plan, but ${plan.code}: ${plan.stdout}${plan.stderr}`);
	return code;
}

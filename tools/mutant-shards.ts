/** The processes that run tests for tools/mutants.ts. */
import { type ChildProcess, fork } from "node:child_process";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { Result, type Task } from "./mutant-tasks.ts";

/** A process that does one task after another, replaced if it hangs. */
export class Shard {
	#reachedFile: string;
	#process: ChildProcess | undefined;
	constructor(reachedFile: string) {
		this.#reachedFile = reachedFile;
	}

	/** Undefined if there was no result in time. */
	async run(task: Task, limit: number): Promise<Result | undefined> {
		this.#process ??= await this.#start();
		const child = this.#process;
		const answer = this.#answer(child);
		child.send(task);
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<undefined>((resolve) => {
			timer = setTimeout(() => resolve(undefined), limit);
		});
		const result = await Promise.race([answer, late]);
		clearTimeout(timer);
		if (result === undefined) {
			answer.catch(() => undefined);
			this.stop();
			return undefined;
		}
		return z.parse(Result, result);
	}

	stop(): void {
		const pid = this.#process?.pid;
		this.#process = undefined;
		// Including its workers: one may be in an endless loop.
		if (pid !== undefined)
			try {
				process.kill(-pid, "SIGKILL");
			} catch {
				// It has already ended.
			}
	}

	async #start(): Promise<ChildProcess> {
		const child = fork(join(import.meta.dirname, "mutant-shard.ts"), [this.#reachedFile], {
			detached: true,
			env: { ...process.env, TMPDIR: dirname(this.#reachedFile) },
			stdio: ["ignore", "ignore", "pipe", "ipc"],
		});
		this.#process = child;
		await this.#answer(child);
		return child;
	}

	#answer(child: ChildProcess): Promise<unknown> {
		return new Promise((resolve, reject) => {
			let told = "";
			const hear = (chunk: Buffer) => {
				told = (told + chunk).slice(-2000);
			};
			const ended = (code: number | null) => reject(new Error(`A shard ended with ${code}. ${told}`));
			child.stderr?.on("data", hear);
			child.once("exit", ended);
			child.once("message", (message) => {
				child.stderr?.off("data", hear);
				child.stderr?.resume();
				child.off("exit", ended);
				resolve(message);
			});
		});
	}
}

/** Distributes all tasks over the shards. */
export async function share<T>(
	shards: readonly Shard[],
	tasks: readonly T[],
	work: (shard: Shard, task: T) => Promise<void>,
) {
	const queue = tasks.values();
	await Promise.all(
		shards.map(async (shard) => {
			for (const task of queue) await work(shard, task);
		}),
	);
}

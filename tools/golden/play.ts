/** Starts drivers, and gathers what they say. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files, Job, Kind, Outcome, Scene } from "./scene.ts";

const DRIVER = join(import.meta.dirname, "driver.ts");
/** A driver that takes longer is stuck. */
const LONGEST = 600_000;

/** Plays scenes with a built folder on one kind of server: the outcomes, scene by scene. */
export async function play(folder: string, kind: Kind, scenes: Scene[], files: Files): Promise<Outcome[][]> {
	const scratch = realpathSync(mkdtempSync(join(tmpdir(), "inngest-golden-run-")));
	try {
		// A copy: the folder may be rebuilt meanwhile.
		cpSync(folder, join(scratch, "skill"), { recursive: true });
		mkdirSync(join(scratch, "files/folder"), { recursive: true });
		for (const [name, text] of Object.entries(files)) writeFileSync(join(scratch, "files", name), text);
		const job: Job = { folder: join(scratch, "skill"), kind, scenes, files };
		writeFileSync(join(scratch, "job.json"), JSON.stringify(job));
		return await drive(scratch, scenes, kind);
	} finally {
		rmSync(scratch, { recursive: true });
	}
}

function drive(scratch: string, scenes: Scene[], kind: Kind): Promise<Outcome[][]> {
	return new Promise((resolve, reject) => {
		const played: Outcome[][] = [];
		const flags = ["--disable-warning=ExperimentalWarning", "--disable-warning=MaxListenersExceededWarning"];
		const child = spawn(process.execPath, [...flags, DRIVER, join(scratch, "job.json"), join(scratch, "files")], {
			env: { PATH: "", TZ: "UTC" },
			stdio: ["ignore", "inherit", "inherit", "ipc"],
			timeout: LONGEST,
		});
		child.on("message", (outcomes: Outcome[]) => {
			played.push(outcomes);
		});
		child.once("error", reject);
		child.once("close", (code) => {
			const next = scenes[played.length]?.calls.map(({ args }) => args.join(" ").slice(0, 200));
			if (code === 0 && !next) resolve(played);
			else reject(new Error(`the driver (${kind}) ended with ${code} in: ${next?.join("; then ")}`));
		});
	});
}

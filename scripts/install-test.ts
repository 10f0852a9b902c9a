/** Installs OpenClaw and runs the install test with it. */
import { spawnSync } from "node:child_process";
import { bring, folder } from "./openclaw.ts";

bring();
const { status } = spawnSync("vitest", ["run", "--project", "slow", "test/slow/install.test.ts"], {
	stdio: "inherit",
	env: { ...process.env, OPENCLAW: folder },
});
process.exitCode = status ?? 1;

/** Brings OpenClaw into a folder outside the project (it is large, so it is no dependency) and runs the install test with it. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The version that is tested, with the Node that it needs. */
const PACKAGES = { openclaw: "2026.9.6", node: "24.21.0" };

const folder = process.env.OPENCLAW ?? join(tmpdir(), `inngest-skill-openclaw-${PACKAGES.openclaw}`);
if (!existsSync(join(folder, "node_modules/.bin/openclaw"))) {
	mkdirSync(folder, { recursive: true });
	writeFileSync(
		join(folder, "package.json"),
		JSON.stringify({ private: true, dependencies: PACKAGES, allowScripts: { node: true } }),
	);
	execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
}
const { status } = spawnSync("vitest", ["run", "test/install.test.ts"], {
	stdio: "inherit",
	env: { ...process.env, OPENCLAW: folder },
});
process.exitCode = status ?? 1;

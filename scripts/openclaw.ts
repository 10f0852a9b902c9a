/** OpenClaw and the validators that audit a skill, in a folder outside the project: they are too large to be dependencies. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The tested versions, and the Node that OpenClaw needs. */
const PACKAGES = { openclaw: "2026.9.6", node: "24.21.0", "skills-ref": "0.1.5" };

/** The folder; OPENCLAW overrides it. */
export const folder = process.env.OPENCLAW || join(tmpdir(), `inngest-skill-openclaw-${PACKAGES.openclaw}`);
export const bin = join(folder, "node_modules/.bin");

/** Installs what the folder lacks. */
export function bring(): void {
	const there = Object.entries(PACKAGES).every(([name, version]) => {
		const manifest = join(folder, "node_modules", name, "package.json");
		return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
	});
	if (there && existsSync(join(bin, "openclaw"))) return;
	mkdirSync(folder, { recursive: true });
	writeFileSync(
		join(folder, "package.json"),
		JSON.stringify({ private: true, dependencies: PACKAGES, allowScripts: { node: true } }),
	);
	execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
}

/** A bare environment with its own home: no key of the machine reaches what runs in it. */
export const environment = (home: string) => ({
	HOME: home,
	OPENCLAW_STATE_DIR: join(home, "state"),
	PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
	LANG: "C.UTF-8",
	NO_COLOR: "1",
	OPENCLAW_DISABLE_UPDATE_CHECK: "1",
});

/** Where OpenClaw puts the skill in that home. */
export const installed = (home: string) => join(home, "state/workspace/skills/inngest");

/**
 * Installs the built folder with the real OpenClaw, in a scratch home, and runs the installed copy.
 * `npm run test:install` brings OpenClaw (outside the project) and names its folder in OPENCLAW.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { environment as bareEnvironment, bin, installed as installedIn } from "../../scripts/openclaw.ts";
import { type InngestServer, startServer } from "../inngest-server/server.ts";

const root = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "inngest-install-"));
const environment = bareEnvironment(home);
const call = async (file: string, args: string[], env: NodeJS.ProcessEnv) =>
	(await promisify(execFile)(file, args, { env, cwd: root })).stdout;
const openclaw = (...args: string[]) => call(join(bin, "openclaw"), args, environment);

let server: InngestServer;
beforeAll(async () => {
	server = await startServer({ kind: "dev" });
});
afterAll(async () => {
	await server.close();
	rmSync(home, { recursive: true, force: true });
});

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.filter((name) => !name.startsWith(".openclaw"))
		.sort();
}

test("OpenClaw installs the built folder, shows it ready, and the installed copy runs; installing again updates it", {
	timeout: 180_000,
}, async () => {
	await openclaw("skills", "install", "./dist/inngest");
	const installed = installedIn(home);
	expect(filesIn(installed)).toEqual(filesIn(join(root, "dist/inngest")));

	const info = await openclaw("skills", "info", "inngest");
	expect(info).toMatch(/Ready/);
	for (const name of [
		"INNGEST_API_KEY",
		"INNGEST_SIGNING_KEY",
		"INNGEST_EVENT_KEY",
		"INNGEST_ENV",
		"INNGEST_BASE_URL",
		"INNGEST_DEV",
		"INNGEST_READ_ONLY",
	])
		expect(readFileSync(join(installed, "SKILL.md"), "utf8")).toMatch(
			new RegExp(`"${name}", "required": false, "description": ".{20,}"`),
		);

	// As a user gives it its variables; OpenClaw hides the one that is the key.
	await openclaw("config", "set", "skills.entries.inngest.apiKey", "not-a-real-key");
	await openclaw("config", "set", "skills.entries.inngest.env.INNGEST_ENV", "production");
	await openclaw("config", "set", "skills.entries.inngest.env.INNGEST_READ_ONLY", '"1"');
	// biome-ignore lint/suspicious/noTemplateCurlyInString: OpenClaw's own reference to a variable
	await openclaw("config", "set", "skills.entries.inngest.env.INNGEST_EVENT_KEY", "${INNGEST_EVENT_KEY}");
	const entry = await openclaw("config", "get", "skills.entries.inngest");
	expect(entry).toContain('"INNGEST_ENV": "production"');
	expect(entry).not.toContain("not-a-real-key");
	expect(await openclaw("skills", "check")).toMatch(/Ready and visible to model:\n(.+\n)* .* inngest\n/);

	const run = (...args: string[]) =>
		call("node", [join(installed, "scripts/inngest.mjs"), ...args], {
			PATH: environment.PATH,
			INNGEST_DEV: server.url,
		});
	expect(await run("check-setup")).toMatch(/^Ready: dev server localhost:|^Ready: dev server 127\.0\.0\.1:/);
	expect(await run("list-apps")).toContain("shop 10 functions");

	await openclaw("skills", "install", "./dist/inngest", "--force");
	expect(filesIn(installed)).toEqual(filesIn(join(root, "dist/inngest")));
});

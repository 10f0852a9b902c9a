/** Shows what would be published to ClawHub, and the command that a maintainer would run. Nothing leaves the machine. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../lib/gate/manifest.ts";
import project from "../package.json" with { type: "json" };
import { readFolder } from "./rules.ts";

const root = join(import.meta.dirname, "..");
const whole = createHash("sha256");
const files = readFolder(join(root, "dist/inngest"));
for (const [path, text] of files) {
	whole.update(`${path}\0`).update(text);
	console.log(`${String(Buffer.byteLength(text)).padStart(8)}  ${path}`);
}
console.log(`\n${files.size} files, sha256 of all: ${whole.digest("hex")}`);

const { name, version } = await readManifest();
const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
/** The newest section of the changelog, without its heading. */
const changes = changelog.split(/^## .*$/m)[1]?.trim() ?? "";
const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const options = {
	slug: name,
	name: "Inngest",
	version,
	categories: "development,operations",
	topics: "inngest,background-jobs,workflows,queues,cron,observability",
	"source-repo": project.repository || "OWNER/REPOSITORY",
	"source-commit": commit,
	changelog: changes,
};
const flags = Object.entries(options).map(
	([flag, value]) => `--${flag} ${/^[\w./,-]+$/.test(value) ? value : quoted(value)}`,
);
if (!project.repository)
	console.log(
		'Fill in "repository" (owner/name on GitHub) and "homepage" in package.json first, and build again: the folder names them.',
	);
console.log("Nothing was published. Logged in to ClawHub, a maintainer runs:");
console.log(`  npx clawhub@0.23.3 skill publish dist/inngest ${flags.join(" ")}`);

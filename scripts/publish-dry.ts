/** Shows what would be published to ClawHub, and the command that a maintainer would run. Nothing leaves the machine. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../lib/gate/manifest.ts";

const folder = join(import.meta.dirname, "../dist/inngest");
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile())
	.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
	.sort();
const whole = createHash("sha256");
for (const file of files) {
	const bytes = readFileSync(join(folder, file));
	whole.update(`${file}\0`).update(bytes);
	console.log(`${String(bytes.length).padStart(8)}  ${file}`);
}
const { name, version } = await readManifest();
console.log(`\n${files.length} files, sha256 of all: ${whole.digest("hex")}`);
console.log("Nothing was published. Logged in to ClawHub, a maintainer runs:");
console.log(
	`  npx clawhub@0.23.3 skill publish dist/inngest --slug ${name} --version ${version} --changelog "see CHANGELOG.md"`,
);

/**
 * Packs dist/inngest as dist/inngest-VERSION.tgz: the same folder gives the same bytes. `openclaw skills install ./inngest` accepts it
 * unpacked.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "tar";
import { readManifest } from "../lib/gate/manifest.ts";
import { readFolder } from "./rules.ts";

const dist = join(import.meta.dirname, "../dist");
const { name, version } = await readManifest();
const file = join(dist, `${name}-${version}.tgz`);
const paths = [...readFolder(join(dist, name)).keys()].map((path) => `${name}/${path}`);
await create({ file, cwd: dist, gzip: true, portable: true, mtime: new Date(0) }, paths);
console.log(`${file}\nsha256 ${createHash("sha256").update(readFileSync(file)).digest("hex")}, ${paths.length} files`);
console.log(`To install it: tar xzf ${name}-${version}.tgz && openclaw skills install ./${name}`);

/**
 * The main job without any account: starts the tests' in-memory Inngest and calls the built folder as an agent would. `-- --dev` uses a
 * running dev server (localhost:8288 or INNGEST_DEV) and tools/demo-app.mjs, which it starts.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const SDK = "inngest@4.24.0";
const skill = join(import.meta.dirname, "../dist/inngest/scripts/inngest.mjs");

/** A server for the demo, how to fix the cause of its failures, and how to stop what was started. */
interface Stage {
	url: string;
	event: string;
	fix(): void;
	close(): void | Promise<void>;
}

async function inMemory(): Promise<Stage> {
	const { startServer } = await import("../test/inngest-server/server.ts");
	const server = await startServer({ kind: "dev" });
	const event = "shop/import.started";
	return { url: server.url, event, fix: () => server.configure({ rerunsSucceed: true }), close: () => server.close() };
}

async function devServer(): Promise<Stage> {
	const asked = process.env.INNGEST_DEV ?? "";
	const address = asked.includes(":") ? asked : "localhost:8288";
	const url = address.includes("//") ? address : `http://${address}`;
	const isThere = await fetch(`${url}/dev`).catch(() => undefined);
	if (!isThere?.ok)
		stop(`No dev server answers at ${url}: start one with \`npx inngest-cli dev\`, or name it by INNGEST_DEV.`);
	const folder = mkdtempSync(join(tmpdir(), "inngest-demo-"));
	const catalog = join(folder, "catalog.csv");
	writeFileSync(catalog, "name,price\n");
	writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
	console.log(`Installing ${SDK} in ${folder} …`);
	execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", SDK], { cwd: folder, stdio: "inherit" });
	cpSync(join(import.meta.dirname, "../tools/demo-app.mjs"), join(folder, "app.mjs"));
	const port = await freePort();
	const env = { ...process.env, PORT: String(port), CATALOG: catalog, INNGEST_DEV: url };
	const app = spawn(process.execPath, ["app.mjs"], { cwd: folder, env, stdio: "ignore" });
	const close = async () => {
		app.kill();
		rmSync(folder, { recursive: true, force: true });
		await forget(url);
	};
	if (!(await sync(`http://127.0.0.1:${port}/api/inngest`))) {
		await close();
		stop(`The demo's app could not register with the dev server at ${url}.`);
	}
	return { url, event: "demo/import.started", fix: () => writeFileSync(catalog, "sku,name,price\n"), close };
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	return typeof address === "object" && address ? address.port : 0;
}

/** A PUT makes the SDK register its app with the dev server. */
async function sync(app: string): Promise<boolean> {
	for (let i = 0; i < 50; i++) {
		const answer = await fetch(app, { method: "PUT" }).catch(() => undefined);
		if (answer?.ok) return delay(1000, true);
		await delay(200);
	}
	return false;
}

/** A dev server lists an app until it restarts, unless it is deleted as its own pages do (Inngest's source, v1.43). */
async function forget(url: string): Promise<void> {
	const query = 'mutation { deleteAppByName(name: "demo-shop") }';
	const headers = { "content-type": "application/json" };
	const gone = await fetch(`${url}/v0/gql`, { method: "POST", headers, body: JSON.stringify({ query }) }).catch(
		() => undefined,
	);
	if (!gone?.ok) console.error(`The app demo-shop is still listed at ${url}: delete it there.`);
}

function stop(why: string): never {
	console.error(why);
	process.exit(1);
}

/** The meaning of exit codes other than 0. */
const MEANING: Record<number, string> = {
	1: "exit 1: the server said no",
	2: "exit 2: wrong call, nothing was sent",
	3: "exit 3: a plan, nothing was changed",
};

/** Prints a command and its answer; returns the answer. */
async function show(...args: string[]): Promise<string> {
	const typed = args.map((arg) => (/^[\w./:@=,+-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ");
	console.log(`\n$ inngest ${typed}`);
	const child = spawn(process.execPath, [skill, ...args], {
		env: { PATH: process.env.PATH, INNGEST_DEV: stage.url },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let said = "";
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
	const [code] = await once(child, "close");
	console.log(said.trimEnd());
	if (code !== 0) console.log(`(${MEANING[code] ?? `exit ${code}`})`);
	return said;
}

/** The first match of a pattern in an answer; the demo can't continue without it. */
function pick(text: string, pattern: RegExp): string {
	const found = pattern.exec(text)?.[1];
	if (found === undefined) throw new Error(`The answer contains no ${pattern}.`);
	return found;
}

const say = (text: string) => console.log(`\n# ${text}`);

const isReal = process.argv.includes("--dev");
const stage = await (isReal ? devServer() : inMemory());
try {
	say(isReal ? `The dev server at ${stage.url}.` : "No account needed: a stand-in for an Inngest server, in memory.");
	say("`inngest` stands for `node dist/inngest/scripts/inngest.mjs`.");
	say("You: Is Inngest connected?");
	const setup = await show("check-setup");
	if (!/^ok +runs and apps/m.test(setup)) throw new Error("The server does not answer.");
	say("Two imports start. The app expects a column that their file lacks.");
	const row = (n: number) => ({ name: stage.event, data: { row: n } });
	await show("send-events", JSON.stringify([row(7), row(8)]));
	await delay(isReal ? 3000 : 500);
	say("You: Why did the imports fail?");
	const triage = await show("triage-failures", "--since", "5m");
	const group = pick(triage, /import-catalog[\s\S]*?group (\w+)/);
	say("You: I fixed the file. Replay them.");
	stage.fix();
	const plan = await show("replay-runs", "--group", group, "--since", "5m", "--wait");
	say("You: Yes.");
	await show("replay-runs", "--group", group, "--since", "5m", "--wait", "--confirm", pick(plan, /--confirm (\w+)/));
	say("What next: install it (README.md, “Install”), then ask your agent “Is Inngest connected?”");
} finally {
	await stage.close();
}

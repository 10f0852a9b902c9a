/**
 * The main job without any account: starts the in-memory Inngest of the tests with the functions of `shop`
 * (`-- --dev` uses a running dev server that serves that app instead), and calls the built folder as an agent would.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const skill = fileURLToPath(new URL("../dist/inngest/scripts/inngest.mjs", import.meta.url));
const real = process.argv.includes("--dev");
const server = real ? undefined : (await import("../test/inngest-server/server.ts")).startServer;
const running = await server?.({ kind: "dev" });
const asked = process.env.INNGEST_DEV ?? "";
const url = running?.url ?? (asked.includes(":") ? asked : "http://localhost:8288");

/** Prints a command and its answer; returns the answer. */
async function show(...args: string[]): Promise<string> {
	const typed = args.map((arg) => (/^[\w./:@=,+-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ");
	console.log(`\n$ inngest ${typed}`);
	const child = spawn(process.execPath, [skill, ...args], {
		env: { PATH: process.env.PATH, INNGEST_DEV: url },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let said = "";
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
	const [code] = await once(child, "close");
	console.log(said.trimEnd());
	if (code !== 0) console.log(`(exit ${code})`);
	return said;
}

/** The first match of a pattern in an answer; the demo can't go on without it. */
function pick(text: string, pattern: RegExp): string {
	const found = pattern.exec(text)?.[1];
	if (found === undefined) throw new Error(`The answer holds no ${pattern}.`);
	return found;
}

const say = (text: string) => console.log(`\n# ${text}`);

say(
	real
		? `A running dev server at ${url}, which must serve the app shop.`
		: `No account needed: this is the in-memory Inngest of the tests, a stand-in for a server, at ${url}.`,
);
const setup = await show("check-setup");
if (!setup.startsWith("Ready")) process.exit(1);
say("Send an event and wait for what it starts.");
await show(
	"send-event",
	"shop/order.created",
	"--data",
	'{"orderId":"ord_705","total":49.99,"email":"ada@example.com"}',
	"--wait",
);
say("Two imports and a card charge that will fail, and a report that sleeps.");
const batch = [
	{ name: "shop/import.started", data: { row: 7 } },
	{ name: "shop/import.started", data: { row: 8 } },
	{ name: "shop/card.charged", data: { decline: true } },
	{ name: "shop/report.requested", data: { id: 1 } },
];
await show("send-events", JSON.stringify(batch));
await new Promise((resolve) => setTimeout(resolve, real ? 2500 : 500));
await show("list-runs", "--since", "5m", "--limit", "10");
say("“Why did the imports fail?”");
const triage = await show("triage-failures", "--since", "5m");
const failed = pick(triage, /import-catalog[\s\S]*?run (\w{26})/);
await show("get-run", failed);
say("“Replay it.” The first call shows a plan; the user says yes; the code makes it happen.");
const plan = await show("replay-run", failed);
await show("replay-run", failed, "--confirm", pick(plan, /--confirm (\w+)/), "--wait");
say("It failed again, as the file is the same. “Cancel the report.”");
const live = pick(
	await show("list-runs", "--function", "shop/slow-report", "--status", "running", "--limit", "1"),
	/^(\w{26}) RUNNING/m,
);
const cancelPlan = await show("cancel-run", live);
await show("cancel-run", live, "--confirm", pick(cancelPlan, /--confirm (\w+)/));
await show("get-run", live);
await running?.close();

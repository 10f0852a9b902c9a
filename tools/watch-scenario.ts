/**
 * Produces what `watch` reports, on a real server that serves the kitchen's apps, in slots of a minute, and checks what is said of each
 * slot: each thing once, and NO_REPLY in between. Takes a quarter of an hour; nobody else may use the server, and earlier failures there
 * must be over ten minutes old.
 *
 * INNGEST_LIVE_URL=http://localhost:8288 [INNGEST_LIVE_EVENT_KEY=… INNGEST_LIVE_SIGNING_KEY=…] \
 * STOP_APP='…' START_APP='…' STOP_SERVER='…' START_SERVER='…' node tools/watch-scenario.ts
 *
 * The four are shell commands for the app `billing-eu` and for the server, which must keep its runs over a restart. Parts without a command
 * are skipped.
 */
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const {
	INNGEST_LIVE_URL: url = "",
	INNGEST_LIVE_EVENT_KEY: eventKey,
	INNGEST_LIVE_SIGNING_KEY: signingKey,
} = process.env;
const { STOP_APP, START_APP, STOP_SERVER, START_SERVER, PATH } = process.env;
const env =
	eventKey && signingKey
		? { PATH, INNGEST_BASE_URL: url, INNGEST_EVENT_KEY: eventKey, INNGEST_SIGNING_KEY: signingKey, INNGEST_DEV: "0" }
		: { PATH, INNGEST_DEV: url };
const MINUTE = 60_000;
const WARMING = 3;
/** When in a minute the calls are made: app and server are stopped and started around it. */
const CALL = 25_000;

const at = async (ms: number): Promise<unknown> => delay(Math.max(0, ms - Date.now()));
const shell = (command: string | undefined): void => {
	if (command) execFileSync("sh", ["-c", command], { stdio: "ignore" });
};

async function send(name: string, data: object = {}, times = 1): Promise<void> {
	const events = Array.from({ length: times }, () => ({ name, data }));
	const sent = await fetch(`${url}/e/${eventKey ?? "dev"}`, { method: "POST", body: JSON.stringify(events) });
	if (!sent.ok) throw new Error(`${name}: ${sent.status} ${await sent.text()}`);
}

async function watch(): Promise<string> {
	const script = join(import.meta.dirname, "../scripts/inngest.ts");
	const args = [script, "watch", "--every", "1m", "--stuck", "1m", "--known", "10m"];
	const { stdout, stderr } = await promisify(execFile)("node", ["--disable-warning=ExperimentalWarning", ...args], {
		env,
	});
	if (stderr) throw new Error(`on stderr: ${stderr}`);
	return stdout.trimEnd();
}

interface Slot {
	/** What to do from its start (ms). */
	act?: (begin: number) => Promise<unknown>;
	/** What must be reported; nothing else may be. */
	told?: RegExp;
}
const slots: Slot[] = [
	{
		act: async () => {
			await send("a/stepnames", { fail: true });
			await send("a/sleepuntil", { ms: 60 * MINUTE });
		},
		told: /^New failure: shop\/step-names, 1 of 1 run: «card declined»$/,
	},
	{ told: /^Not ended after 1m: shop\/sleep-until, 1 run$/ },
	{ act: () => send("a/stepnames", {}, 2), told: /^Recovered: shop\/step-names, all 2 runs completed$/ },
	{
		act: async () => {
			await send("a/sync", { fail: true }, 6);
			await send("a/sync", {}, 2);
		},
		told: /^Fails more often: shop\/sync, 6 of 8 runs \(usually 8%\)$/,
	},
	{},
	...(STOP_APP
		? [
				{
					act: async (begin: number) => {
						await at(begin + 35_000);
						shell(STOP_APP);
						await send("b/sync");
						await at(begin + 56_000);
						shell(START_APP);
					},
					told: /^Unreachable: app billing-eu( \(1 run failed\))?$/,
				},
				{},
			]
		: []),
	...(STOP_SERVER
		? [
				{
					act: async (begin: number) => {
						await at(begin + 45_000);
						shell(STOP_SERVER);
						await at(begin + 63_000);
						shell(START_SERVER);
					},
				},
				{ told: /^Missed tick: shop\/cron-minute at \d\d:\d\d(;|$)/ },
			]
		: []),
	{},
];

const first = Math.ceil(Date.now() / MINUTE) * MINUTE;
await at(first + 1_000);
await send("a/sync", {}, 12);
await send("a/sync", { fail: true });
await send("b/sync");
console.log(`warming up for ${WARMING} minutes`);

const begin = first + WARMING * MINUTE;
let wrong = 0;
const calls = slots.map(async ({ told }, i) => {
	await at(begin + (i + 2) * MINUTE + CALL);
	const said = await watch();
	const [head = "", ...lines] = said.split("\n");
	const news = lines.filter((line) => !/^(Next:|Text in)/.test(line));
	const isRight = told
		? /^Inngest watch/.test(head) && news.length === 1 && told.test(news[0] ?? "")
		: said === "NO_REPLY";
	if (!isRight) wrong++;
	console.log(`slot ${i}: ${isRight ? "right" : `WRONG, expected ${told ?? "NO_REPLY"}`}\n${said}\n`);
});
for (const [i, { act }] of slots.entries()) {
	await at(begin + i * MINUTE + 3_000);
	await act?.(begin + i * MINUTE);
}
await Promise.all(calls);
process.exitCode = wrong ? 1 : 0;

/**
 * `npm run bench` compares the built folder with the simplest alternatives, on a server in its own process: pairs of runs, one after the
 * other, so that a busy machine slows both; medians, and ratios within a pair. `-- --quick` is a sanity run; `-- --runs 3` measures
 * everything three times and prints each figure's range. INNGEST_CLI names the official CLI, INNGEST_SDK a folder with the npm package
 * `inngest`, INNGEST_LIVE_URL a real dev server, to which events are then also sent (20,000 per run, with a name that nothing listens to).
 */
import { cpSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { tenFunctions } from "../test/ten-functions.ts";
import {
	ask,
	type Command,
	find,
	memory,
	node,
	paired,
	root,
	run,
	scratch,
	script,
	serve,
	serveCloud,
	shell,
} from "./measure.ts";

const { quick, ...asked } = parseArgs({
	options: { quick: { type: "boolean", default: false }, runs: { type: "string", default: "1" } },
}).values;
// A copy, as others may build meanwhile.
cpSync(join(root, "dist/inngest"), join(scratch, "inngest"), { recursive: true });
const skill = join(scratch, "inngest/scripts/inngest.mjs");

const cli = process.env.INNGEST_CLI ?? find("inngest");
const curl = find("curl");
const sdk = process.env.INNGEST_SDK;

type Row = [what: string, skill: string, other: string, ratio: string, goal: string];
let rows: Row[] = [];
const title = (what: string, other = "other", ratio = "ratio") => rows.push([what, "skill", other, ratio, "goal"]);
const ms = (value: number) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`);
const judged = (value: number, most: number) => `≤ ${most} ${value <= most ? "met" : "MISSED"}`;

/** Adds a row for each alternative; `goals`: our maximum as a fraction of it. */
function compare(
	rounds: number,
	ways: Record<string, (() => void) | undefined>,
	goals: Record<string, number> = {},
): void {
	const there = Object.entries(ways).flatMap(([name, work]) => (work ? [[name, work] as const] : []));
	const found = paired(rounds, Object.fromEntries(there));
	for (const name of Object.keys(ways).filter((one) => one !== "skill")) {
		const at = found.get(name);
		const goal = goals[name];
		rows.push(
			at
				? [
						`  ${name}`,
						ms(found.get("skill")?.ms ?? 0),
						ms(at.ms),
						at.ratio.toFixed(2),
						goal ? judged(at.ratio, goal) : "",
					]
				: [`  ${name}`, "", "not found", "", ""],
		);
	}
}

interface Listed {
	data: { id: string; trigger: { eventIds: string[] } }[];
}
function seed(url: string, app: string, count: number): void {
	const kinds = [
		["import-catalog", 0.6, "parse", "column 'sku' missing in row {i}"],
		["sync-crm", 0.3, "push", "CRM answered 503 Service Unavailable"],
		["charge-card", 0.1, "call-gateway", "card declined: insufficient_funds"],
	] as const;
	const specs = kinds.map(([name, share, step, message]) => ({
		app,
		function: name,
		count: Math.round(count * share),
		status: "FAILED",
		step,
		error: { message },
		replayed: Math.round(count * share * 0.1),
	}));
	ask(`${url}/__test/seed`, JSON.stringify({ specs }));
}

const BARE = `const answer = await fetch(process.argv[2]); process.stdout.write(await answer.text());`;
/** Splits the file into requests as the skill does, and sends as many at once, with one way to send. */
const loop = (setup: string, send: string) => `
import { readFileSync } from "node:fs";
${setup}
const lines = readFileSync(process.argv[2], "utf8").trimEnd().split("\\n");
let at = 0;
const next = () => lines.slice(at, (at += 512));
await Promise.all([1, 2, 3, 4].map(async () => { for (let part = next(); part.length; part = next()) ${send} }));
process.exit();`;

function read(url: string): void {
	const env = { INNGEST_DEV: url };
	const target = `${url}/v2/apps?limit=100`;
	const bare = script("bare.mjs", BARE);
	const empty = script("empty.mjs", "");
	title("one read: list-apps, a process each");
	compare(
		quick ? 3 : 25,
		{
			skill: () => run([node, skill, "list-apps"], env),
			"a bare fetch script": () => run([node, bare, target]),
			"an empty Node script": () => run([node, empty]),
			curl: curl === undefined ? undefined : () => run([curl, "-s", target]),
			"inngest api get-apps": cli === undefined ? undefined : () => run([cli, "api", "--api-host", url, "get-apps"]),
		},
		{ "a bare fetch script": 1.1 },
	);
	const peak = memory([skill, "list-apps"], env);
	const other = memory([bare, target], {});
	rows.push([
		"  peak memory, bare fetch",
		`${peak.toFixed(0)} MB`,
		`${other.toFixed(0)} MB`,
		(peak / other).toFixed(2),
		`≤ 75 MB ${peak <= 75 ? "met" : "MISSED"}`,
	]);
}

function triage(url: string): void {
	seed(url, "task", 100);
	const list = `${url}/v2/runs?appId=task&status=FAILED&limit=100&includeOutput=true`;
	const { data }: Listed = JSON.parse(ask(list));
	const events = data.map(({ trigger }) => trigger.eventIds[0] ?? "");
	const ours = () => run([node, skill, "triage-failures", "--app", "task"], { INNGEST_DEV: url });
	title("a task: triage of 100 failed runs, against 201 calls");
	const traces = data.map(({ id }) => `${url}/v2/runs/${id}/trace?includeOutput=true`);
	const urls = [list, ...traces, ...events.map((id) => `${url}/v2/events/${id}/runs`)];
	const curls =
		curl === undefined
			? undefined
			: shell(
					"curls.sh",
					urls.map((one) => [curl, "-s", "-o", "/dev/null", one]),
				);
	compare(quick ? 1 : 5, { skill: ours, "curl in a loop": curls }, { "curl in a loop": 0.5 });
	const call = (...args: string[]) => [cli ?? "", "api", "--api-host", url, ...args];
	// Every tenth call: the whole loop takes too long.
	const calls = [
		call("get-function-runs", "--app-id", "task", "--status", "FAILED", "--limit", "100", "--include-output"),
		...data.map(({ id }) => call("get-function-trace", id, "--include-output")),
		...events.map((id) => call("get-event-runs", id)),
	].filter((_, i) => i % 10 === 0);
	const tenth = cli === undefined ? undefined : shell("clis.sh", calls);
	if (!tenth) return;
	const found = paired(quick ? 1 : 3, { skill: ours, tenth });
	const [{ ms: own = 0 } = {}, { ms: part = 0, ratio = 0 } = {}] = found.values();
	const whole = (part * urls.length) / calls.length;
	const share = (ratio * calls.length) / urls.length;
	rows.push(["  inngest api in a loop (from a tenth)", ms(own), ms(whole), share.toFixed(3), judged(share, 0.1)]);
}

function bulk(url: string, count: number, place: string): void {
	const event = (i: number) => ({
		name: "bench/order.created",
		data: { orderId: `ord_${i}`, total: i / 100, items: [i] },
	});
	const file = script(
		"events.ndjson",
		Array.from({ length: count }, (_, i) => `${JSON.stringify(event(i))}\n`).join(""),
	);
	const env = { INNGEST_DEV: url };
	const call = (...more: string[]): Command => [node, skill, "send-events", `@${file}`, ...more];
	const code = /--confirm (\w+)/.exec(run(call(), env, 3))?.[1] ?? "";
	const post = `{ const { body } = await request("${url}/e/x", { method: "POST", body: "[" + part + "]", dispatcher }); await body.json(); }`;
	const setup = `import { Agent, request } from "file://${root}/node_modules/undici/index.js"; const dispatcher = new Agent();`;
	const undici = script("undici.mjs", loop(setup, post));
	const check = `${setup} for (const line of readFileSync(process.argv[2], "utf8").trimEnd().split("\\n")) JSON.parse(line);`;
	const checked = script("checked.mjs", loop(check, post));
	const sends =
		sdk &&
		script(
			"sdk.mjs",
			loop(
				`import { Inngest } from "file://${sdk}/index.js"; const inngest = new Inngest({ id: "bench", isDev: true, baseUrl: "${url}", eventKey: "x" });`,
				"await inngest.send(part.map((line) => JSON.parse(line)));",
			),
		);
	title(`${count.toLocaleString("en-US")} events from a file, to ${place}`);
	compare(
		quick ? 1 : 5,
		{
			skill: () => run(call("--confirm", code), env),
			"bare undici, 4 in flight": () => run([node, undici, file]),
			"the same, each event parsed first": () => run([node, checked, file]),
			"the SDK's send, 4 in flight": sends ? () => run([node, sends, file]) : undefined,
		},
		{ "bare undici, 4 in flight": 1.11, "the SDK's send, 4 in flight": 1 },
	);
	rows.push(["  peak memory", `${memory(call("--confirm", code).slice(1), env).toFixed(0)} MB`, "", "", ""]);
}

function growth(url: string): void {
	rows.push(["growth with failed runs", "100", "1,000", "10,000", "goal"]);
	const sizes = [100, 1_000, 10_000];
	for (const size of sizes) seed(url, `grown-${size}`, size);
	for (const intent of ["list-runs", "triage-failures"]) {
		const args = (size: number) => [skill, intent, "--app", `grown-${size}`];
		const times = sizes.map((size) => {
			const work = () => run([node, ...args(size)], { INNGEST_DEV: url });
			return paired(quick ? 1 : 5, { skill: work }).get("skill")?.ms ?? 0;
		});
		const peaks = sizes.map((size) => memory(args(size), { INNGEST_DEV: url }));
		const [a = 0, , c = 0] = times;
		const [, mid = 0, high = 0] = peaks;
		const cells = (values: string[]): [string, string, string] => [values[0] ?? "", values[1] ?? "", values[2] ?? ""];
		rows.push([`  ${intent}`, ...cells(times.map(ms)), `linear ${c <= a * 100 ? "met" : "MISSED"}`]);
		const flat = judged(high / mid, 1.25).replace("≤ 1.25", "flat");
		rows.push([`  ${intent}, peak memory`, ...cells(peaks.map((peak) => `${peak.toFixed(0)} MB`)), flat]);
	}
}

/** Requests on Inngest Cloud, where limits are per account, among 20,000 runs of which 1,000 failed. */
async function requests(): Promise<void> {
	const { proxy, env } = await serveCloud("--measured");
	rows.push(["requests on the Cloud double, 75 per 5 s", "requests", "rejected", "time", "goal"]);
	// A plan may take 40 more than the minimum: pages of the function's runs, or an event for each failure.
	const plan = (name: string) => ["replay-runs", "--function", `shop/${name}`, "--since", "25h"];
	const asked: [what: string, argv: string[], most: number, exit: number][] = [
		["triage of 1,000 failures in 3 groups", ["triage-failures"], 60, 0],
		["plan, 300 failed of 300 runs", plan("sync-crm"), 43, 3],
		["plan, 600 failed of 1,600 runs", plan("import-catalog"), 56, 3],
		["plan, 100 failed of 2,100 runs", plan("charge-card"), 61, 3],
		["health of 10,000 runs", ["report-health", "--max", "10000"], 110, 0],
		["triage against the 7d before", ["triage-failures", "--against", "7d"], 120, 0],
		["health against the 12h before", ["report-health", "--since", "12h", "--against", "previous"], 120, 0],
	];
	for (const [what, argv, most, exit] of asked) {
		ask(`${proxy}/__test/requests`, undefined, "DELETE");
		const began = performance.now();
		run([node, skill, ...argv], env, exit);
		const took = performance.now() - began;
		const told: { requests: number; rejected: number } = JSON.parse(ask(`${proxy}/__test/stats`));
		const goal = told.rejected ? "MISSED" : judged(told.requests, most);
		rows.push([`  ${what}`, `${told.requests}`, `${told.rejected}`, ms(took), goal]);
	}
}

function tokens(url: string): void {
	const list = `${url}/v2/runs?appId=task&status=FAILED&limit=100&includeOutput=true`;
	const { data }: Listed = JSON.parse(ask(list));
	const id = data[0]?.id ?? "";
	const specs = tenFunctions("trend", Date.now());
	ask(`${url}/__test/seed`, JSON.stringify({ specs }));
	const names = new Set(specs.map((spec) => spec.function));
	const trend = [...names].map((name) => `/v2/runs?appId=trend&functionId=${name}&limit=100`);
	const asked: [string[], string[]][] = [
		[["list-apps"], ["/v2/apps?limit=100"]],
		[["list-functions"], ["/v2/apps/shop/functions?limit=100"]],
		[["list-runs", "--limit", "10"], ["/v2/runs?limit=10"]],
		[["list-events", "--limit", "10"], ["/v1/events?limit=10"]],
		[
			["get-run", id],
			[`/v2/runs/${id}?includeOutput=true`, `/v2/runs/${id}/trace?includeOutput=true`],
		],
		[["triage-failures", "--app", "task"], [list.slice(url.length)]],
		[["triage-failures", "--app", "task", "--against", "7d"], [list.slice(url.length)]],
		[["report-health", "--app", "trend", "--since", "1h", "--against", "previous"], trend],
	];
	rows.push(["tokens (o200k)", "skill", "raw", "CLI", "MCP"]);
	const count = (texts: readonly string[]) => encode(texts.join("\n")).length;
	for (const [args, paths] of asked) {
		const text = run([node, skill, ...args], { INNGEST_DEV: url });
		const raw = paths.map((path) => ask(url + path));
		// The CLI indents the response by two; the MCP server sends it twice.
		const pretty = raw.map((one) => JSON.stringify(JSON.parse(one), null, 2));
		const [ours = 0, asIs = 0, cliText = 0, mcp = 0] = [[text], raw, pretty, [...raw, ...raw]].map(count);
		rows.push([
			`  ${args[0]}${args.includes("--against") ? " --against" : ""}`,
			`${ours}`,
			`${asIs}`,
			`${cliText}`,
			`${mcp}`,
		]);
	}
}

async function measured(): Promise<Row[]> {
	rows = [];
	const url = await serve("--no-cache");
	read(url);
	triage(url);
	bulk(await serve("--count-only"), quick ? 5_000 : 100_000, "the tests' server");
	const live = process.env.INNGEST_LIVE_URL;
	if (live !== undefined) bulk(live, quick ? 5_000 : 20_000, "a real dev server");
	growth(url);
	await requests();
	run(
		[
			node,
			skill,
			"send-events",
			JSON.stringify(Array(10).fill({ name: "shop/order.created", data: { orderId: "ord_705", total: 49.99 } })),
		],
		{ INNGEST_DEV: url },
	);
	tokens(url);
	return rows;
}

/** The budget and the actual tokens of each kind of answer: the table of the test that checks them. */
function budgets(): string {
	const vitest = join(root, "node_modules/vitest/vitest.mjs");
	const told = run([node, vitest, "run", "--root", root, "--project", "fast", "test/tokens.test.ts"]);
	return /^answer +tokens.*\n(?:\S.* \d+ *\n)+/m.exec(told)?.[0] ?? told;
}

/** A cell for several runs: how often a goal was missed, or the smallest and largest figure. */
function rangeOf(cells: readonly string[]): string {
	const missed = cells.filter((cell) => cell.endsWith("MISSED"));
	if (missed.length) return `${missed[0]} ${missed.length} of ${cells.length}`;
	const size = (cell: string) => Number.parseFloat(cell) * (cell.endsWith(" s") ? 1000 : 1);
	const sorted = [...new Set(cells)].toSorted((a, b) => size(a) - size(b));
	return sorted.length > 1 ? `${sorted[0]} – ${sorted.at(-1)}` : (sorted[0] ?? "");
}

try {
	const runs: Row[][] = [];
	while (runs.length < Number(asked.runs)) runs.push(await measured());
	const date = new Date().toISOString().slice(0, 10);
	const cores = `${availableParallelism()} cores (${cpus()[0]?.model.trim()})`;
	console.log(`${date}, ${cores}, Node ${process.versions.node}, runs: ${runs.length}; repeat: npm run bench`);
	for (const [at, [what]] of (runs[0] ?? []).entries()) {
		const cells = [1, 2, 3, 4].map((column) => rangeOf(runs.map((one) => one[at]?.[column] ?? "")));
		console.log(`${what.padEnd(48)}${cells.map((cell) => ` ${cell.padStart(18)}`).join("")}`.trimEnd());
	}
	console.log(budgets());
} finally {
	rmSync(scratch, { recursive: true });
}

/**
 * Bulk work through a network at its worst: 30 % of the requests are disturbed (see fault-proxy.ts), and afterwards the server's state is
 * checked. Small numbers by default, large ones with FAULTS=full (ten seeds, 2,000 runs, 100,000 failures); FAULT_SEED=n repeats one order
 * of faults.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { random } from "../inngest-server/ids.ts";
import { isObject, type Json } from "../inngest-server/json.ts";
import { type InngestServer, type ServerOptions, startServer } from "../inngest-server/server.ts";
import { FOLDER } from "../skill.ts";
import { type FaultProxy, type FaultProxyOptions, KINDS, type Kind, startFaultProxy } from "./fault-proxy.ts";

const FULL = process.env.FAULTS === "full";
const EVENTS = 20_000;
const RUNS = FULL ? 2_000 : 100;
const MANY = FULL ? 100_000 : 20_000;
const MINUTES = 60_000 * (FULL ? 10 : 2);
const newSeed = (): number => Number(process.env.FAULT_SEED) || Math.floor(Math.random() * 2 ** 32);
const SEEDS = Array.from({ length: FULL ? 10 : 2 }, newSeed);
/** Waiting a second for each of many small requests proves nothing new. */
const QUICK: readonly Kind[] = KINDS.filter((kind) => !kind.startsWith("429"));

const folder = mkdtempSync(join(tmpdir(), "faults-"));
afterAll(() => rmSync(folder, { recursive: true }));
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

const eventsFile = (name: string, count: number): string => {
	const file = join(folder, name);
	const lines = Array.from({ length: count }, (_, n) => JSON.stringify({ name: "shop/order.created", data: { n } }));
	writeFileSync(file, lines.join("\n"));
	return `@${file}`;
};
const FILE = eventsFile("events.ndjson", EVENTS);

interface World {
	server: InngestServer;
	proxy: FaultProxy;
	env: Record<string, string>;
}

async function world(
	options: Partial<FaultProxyOptions> = {},
	kind: ServerOptions["kind"] = "self-hosted",
): Promise<World> {
	const server = await startServer({ kind: kind ?? "self-hosted", instant: true, keepEvents: false, keepRequests: 10 });
	const proxy = await startFaultProxy({ target: server.url, late: 1_200, ...options });
	closing.push(async () => {
		console.log(
			`seed ${proxy.seed}: ${proxy.log.disturbed} of ${proxy.log.requests} requests disturbed`,
			proxy.log.kinds,
		);
		await proxy.close();
		await server.close();
	});
	return { server, proxy, env: { ...envOf(server, proxy.url), ...(options.share !== 0 && { HURRY: "1" }) } };
}

const envOf = (server: InngestServer, url = server.url): Record<string, string> => ({
	INNGEST_BASE_URL: url,
	INNGEST_EVENT_KEY: server.eventKey,
	INNGEST_SIGNING_KEY: server.signingKey,
});

interface Call {
	code: number | null;
	stdout: string;
	stderr: string;
}

/** Runs the built skill; `kill` ends it when its promise settles. */
function call(
	env: Record<string, string>,
	args: readonly string[],
	kill?: { when: Promise<void>; signal: NodeJS.Signals },
	flags: readonly string[] = [],
): Promise<Call> {
	return new Promise((resolve, reject) => {
		const script = join(FOLDER, "scripts/inngest.mjs");
		const hurry = env.HURRY ? ["--import", join(import.meta.dirname, "hurry.mjs")] : [];
		const child = spawn(process.execPath, [...hurry, ...flags, script, ...args], {
			env,
			stdio: ["ignore", "pipe", "pipe"],
		});
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
		child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
		child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr }));
		kill?.when.then(() => child.kill(kill.signal));
	});
}

const codeIn = ({ stdout }: Call): string => /--confirm ([0-9a-z]{9})/.exec(stdout)?.[1] ?? "";
const resumeIn = ({ stdout, stderr }: Call): string | undefined =>
	[...`${stderr}\n${stdout}`.matchAll(/[0-9a-z]+-[0-9a-f]{12}-[0-9a-z]{8}@\d+\.[0-9a-z]{4}/g)].at(-1)?.[0];

function dataOf({ stdout, stderr }: Call): Json {
	const data: unknown = JSON.parse(stdout || "null");
	if (!isObject(data)) throw new Error(`no JSON: ${stdout}${stderr}`);
	return data;
}

/** Repeats the call if the server failed four times at first contact, so that nothing was answered at all. */
async function reached(env: Record<string, string>, args: readonly string[]): Promise<Call> {
	for (let n = 0; ; n++) {
		const done = await call(env, args);
		if (done.code !== 1 || done.stdout !== "" || n === 5) return done;
	}
}

/** Shows the plan and returns its code. */
async function plan(env: Record<string, string>, args: readonly string[]): Promise<string> {
	const shown = await reached(env, args);
	expect([shown.code, shown.stderr]).toEqual([3, expect.anything()]);
	return codeIn(shown);
}

/** How many runs each payload number started, according to the server. */
async function runsByNumber(server: InngestServer): Promise<Map<unknown, number>> {
	const counts = new Map<unknown, number>();
	let cursor = "";
	do {
		const url = `${server.url}/v2/runs?limit=100&cursor=${encodeURIComponent(cursor)}`;
		const answer = await fetch(url, { headers: { authorization: `Bearer ${server.signingKey}` } });
		const page: unknown = await answer.json();
		if (!isObject(page) || !Array.isArray(page.data)) break;
		for (const { id } of page.data) {
			const n = server.run(id)?.events[0]?.data.n;
			counts.set(n, (counts.get(n) ?? 0) + 1);
		}
		cursor = isObject(page.page) && typeof page.page.cursor === "string" ? page.page.cursor : "";
	} while (cursor !== "");
	return counts;
}

/** Each event has started its two runs once. */
async function expectEachOnce(server: InngestServer, events: number): Promise<void> {
	const { distinctEvents, runs, runsPerEvent } = server.stats();
	expect({ distinctEvents, runs, runsPerEvent }).toEqual({
		distinctEvents: events,
		runs: 2 * events,
		runsPerEvent: { "2": events },
	});
	const counts = await runsByNumber(server);
	expect([counts.size, [...counts].filter(([, runs]) => runs !== 2)]).toEqual([events, []]);
}

describe("send-events", () => {
	test.each(SEEDS)("starts each of 20,000 events once, and says so (seed %i)", { timeout: MINUTES }, async (seed) => {
		const { server, env } = await world({ seed });
		const code = await plan(env, ["send-events", FILE]);
		let args = ["--confirm", code];
		for (let n = 0; n < 10; n++) {
			const done = await call(env, ["send-events", FILE, "--json", ...args]);
			const { sent, refused, unknown, notTried, resume } = dataOf(done);
			expect(Number(sent) + Number(refused) + Number(unknown) + Number(notTried)).toBe(EVENTS);
			const { distinctEvents } = server.stats();
			expect(distinctEvents).toBeGreaterThanOrEqual(Number(sent));
			if (n === 0) expect(distinctEvents).toBeLessThanOrEqual(Number(sent) + Number(unknown));
			if (done.code === 0) {
				expect([sent, resume]).toEqual([EVENTS, undefined]);
				break;
			}
			// If nothing has arrived yet, the same call is to be repeated.
			if (resume === undefined) expect([sent, unknown]).toEqual([0, 0]);
			else args = ["--resume", String(resume)];
		}
		await expectEachOnce(server, EVENTS);
	});

	const kills = SEEDS.slice(FULL ? 0 : 1).flatMap((seed): [NodeJS.Signals, number][] => [
		["SIGKILL", seed],
		["SIGINT", seed],
	]);
	test.each(kills)("goes on after %s at random moments (seed %i)", { timeout: MINUTES }, async (signal, seed) => {
		const { server, proxy, env } = await world({ seed });
		const next = random(seed ^ 0x5eed);
		let args = ["--confirm", await plan(env, ["send-events", FILE])];
		let last: Call | undefined;
		for (let n = 0; n < 12 && last?.code !== 0; n++) {
			const when = proxy.reached(proxy.log.requests + 1 + Math.floor(next() * 25));
			last = await call(env, ["send-events", FILE, ...args], n < 4 ? { when, signal } : undefined);
			const resume = resumeIn(last);
			if (resume !== undefined) args = ["--resume", resume];
		}
		expect(last).toMatchObject({ code: 0, stdout: expect.stringContaining("Sent 20,000 events") });
		await expectEachOnce(server, EVENTS);
	});

	test("an answer of 200 without a body, or half of one, is no answer", { timeout: MINUTES }, async () => {
		const { server, env } = await world({ share: 0.8, kinds: ["cut short, no length"] });
		const file = eventsFile("few.ndjson", 90);
		for (let n = 0, args: string[] = []; n < 20; n++) {
			const done = await call(env, ["send-events", file, ...args]);
			if (done.code === 0) break;
			args = ["--resume", resumeIn(done) ?? ""];
		}
		await expectEachOnce(server, 90);
	});

	test("what may have arrived is unknown, whatever the last answer was", async () => {
		const { server, env } = await world({ share: 0 });
		const file = eventsFile("one.ndjson", 1);
		server.failNext(/^\/e\//, { destroy: true, after: true });
		server.failNext(/^\/e\//, { status: 429, times: 20 });
		const lost = await call(env, ["send-events", file, "--json"]);
		expect([lost.code, dataOf(lost)]).toEqual([1, expect.objectContaining({ sent: 0, unknown: 1, notTried: 0 })]);
		server.clearFaults();
		server.failNext(/^\/e\//, { status: 429, times: 20 });
		const held = await call(env, ["send-events", file, "--json"]);
		expect([held.code, dataOf(held)]).toEqual([1, expect.objectContaining({ sent: 0, unknown: 0, notTried: 1 })]);
		server.clearFaults();
		await call(env, ["send-events", file, "--resume", resumeIn(lost) ?? ""]);
		expect(server.stats()).toMatchObject({ distinctEvents: 1, runs: 2 });
	});

	test("a resume code goes with its input, its server and its day", async () => {
		const [one, two] = [await world({ share: 0 }), await world({ share: 0 })];
		const file = eventsFile("resumed.ndjson", 5);
		one.server.failNext(/^\/e\//, { status: 400, body: "no", times: 20 });
		const code = resumeIn(await call(one.env, ["send-events", file])) ?? "";
		const refused = async (env: Record<string, string>, input: string, resume: string): Promise<string> => {
			const { code, stderr } = await call(env, ["send-events", input, "--resume", resume]);
			return `${code} ${stderr.split(/[.:]/)[0]}`;
		};
		const other = "2 That resume code belongs to another input, server or environment; nothing was sent";
		expect(await refused(two.env, file, code)).toBe(other);
		expect(await refused(one.env, eventsFile("other.ndjson", 6), code)).toBe(other);
		expect(await refused({ ...one.env, INNGEST_ENV: "branch" }, file, code)).toBe(other);
		// A typo would send with other seeds, or skip events that never arrived.
		const at = code.indexOf("-") + 1;
		const otherBase = code.slice(0, at) + (code[at] === "0" ? "1" : "0") + code.slice(at + 1);
		for (const wrong of [otherBase, code.replace("@0.", "@1."), code.replace(/\.\w+$/, "")])
			expect(await refused(one.env, file, wrong)).toBe("2 That is not a resume code; nothing was sent");
		expect([one.server.stats().events, two.server.stats().events]).toEqual([0, 0]);
	});
});

const total = (outcomes: unknown): number =>
	isObject(outcomes) ? Object.values(outcomes).reduce<number>((sum, n) => sum + Number(n), 0) : -1;

describe("replay-runs and cancel-runs", () => {
	test(`replays ${RUNS} failed runs, none twice and none forgotten`, { timeout: MINUTES }, async () => {
		const { server, env } = await world({ kinds: QUICK });
		const [ids = []] = server.seedRuns([{ function: "import-catalog", status: "FAILED", step: "parse", count: RUNS }]);
		const args = ["replay-runs", "--function", "shop/import-catalog", "--since", "2h"];
		const code = await plan(env, args);
		const done = await reached(env, [...args, "--confirm", code, "--json"]);
		const { outcomes, refusedCount, notTried } = dataOf(done);
		expect([total(outcomes), refusedCount, notTried, done.code], done.stdout.slice(0, 3_000)).toEqual([RUNS, 0, 0, 0]);
		const runs = ids.map((id) => server.runsOf(server.run(id)?.events[0]?.internalId ?? ""));
		expect(runs.filter((n) => n !== 2)).toEqual([]);
		const again = await reached(env, [...args, "--json"]);
		expect([again.code, dataOf(again)]).toEqual([0, expect.objectContaining({ replayed: RUNS, replays: [] })]);
	});

	test("several failures of one event are replayed once, and a replay that runs not again", async () => {
		const { server, env } = await world({ share: 0 });
		const [ids = []] = server.seedRuns([{ function: "import-catalog", status: "FAILED", step: "parse", count: 3 }]);
		const [id = ""] = ids;
		const headers = { authorization: `Bearer ${server.signingKey}`, "content-type": "application/json" };
		await fetch(`${server.url}/v2/runs/${id}/rerun`, { method: "POST", headers, body: "{}" });
		const args = ["replay-runs", "--app", "shop", "--since", "2h"];
		const shown = await call(env, args);
		expect(shown.stdout).toMatch(/^Replay 2 runs/);
		const done = await call(env, [...args, "--confirm", codeIn(shown), "--json"]);
		expect(dataOf(done)).toMatchObject({ outcomes: { replayed: 2 } });
		expect(ids.map((one) => server.runsOf(server.run(one)?.events[0]?.internalId ?? ""))).toEqual([2, 2, 2]);
	});

	test(`cancels ${RUNS} running runs, none forgotten`, { timeout: MINUTES }, async () => {
		const { server, env } = await world({ kinds: QUICK });
		const [ids = []] = server.seedRuns([{ function: "slow-report", status: "RUNNING", waits: "sleep", count: RUNS }]);
		const args = ["cancel-runs", "--function", "shop/slow-report"];
		const done = await reached(env, [...args, "--confirm", await plan(env, args), "--json"]);
		const { outcomes, refusedCount, notTried } = dataOf(done);
		expect([total(outcomes), refusedCount, notTried, done.code], done.stdout.slice(0, 3_000)).toEqual([RUNS, 0, 0, 0]);
		expect(ids.filter((id) => server.run(id)?.status !== "CANCELLED")).toEqual([]);
	});

	test("an interrupted replay goes on with what is left", { timeout: MINUTES }, async () => {
		const { server, proxy, env } = await world({ kinds: QUICK });
		const [ids = []] = server.seedRuns([{ function: "import-catalog", status: "FAILED", step: "parse", count: 30 }]);
		const args = ["replay-runs", "--app", "shop", "--since", "2h"];
		let left = 30;
		for (const signal of ["SIGINT", "SIGKILL", undefined] as const) {
			const code = await plan(env, args);
			if (code === "") break;
			const before = proxy.log.requests;
			const kill = signal && { when: proxy.reached(before + left * 2), signal };
			const done = await call(env, [...args, "--confirm", code], kill);
			const open = ids.filter((id) => server.runsOf(server.run(id)?.events[0]?.internalId ?? "") === 1).length;
			if (signal === "SIGINT" && done.code === 1) expect(done.stdout).toMatch(/not tried: interrupted|unclear/);
			left = open;
			if (left === 0) break;
		}
		const runs = ids.map((id) => server.runsOf(server.run(id)?.events[0]?.internalId ?? ""));
		expect(runs.filter((n) => n !== 2)).toEqual([]);
	});

	test("a stale plan is refused and made anew, and a code counts for its server and filter alone", async () => {
		const [one, two] = [await world({ share: 0 }), await world({ share: 0 })];
		const at = { from: Date.now() - 3_600_000, to: Date.now() - 60_000 };
		const spec = { function: "slow-report", status: "RUNNING" as const, waits: "sleep" as const, count: 5, ...at };
		one.server.seedRuns([spec]);
		two.server.seedRuns([spec]);
		const args = ["cancel-runs", "--function", "shop/slow-report"];
		const code = await plan(one.env, args);
		const refused = async (env: Record<string, string>, more: string[]): Promise<void> => {
			const { code: exit, stdout } = await call(env, [...more, "--confirm", code]);
			expect([exit, stdout]).toEqual([3, expect.stringContaining("another plan, the plan has changed")]);
			expect(codeIn({ code: exit, stdout, stderr: "" })).toMatch(/^[0-9a-z]{9}$/);
		};
		await refused(two.env, args);
		await refused({ ...one.env, INNGEST_ENV: "branch" }, args);
		await refused(one.env, [...args, "--since", "24h"]);
		await refused(one.env, ["cancel-runs", "--app", "shop"]);
		one.server.seedRuns([{ ...spec, count: 1 }], 2);
		await refused(one.env, args);
		const done = await call(one.env, [...args, "--confirm", await plan(one.env, args), "--json"]);
		expect(dataOf(done)).toMatchObject({ found: 6, outcomes: { cancelled: 6 } });
		for (const intent of ["cancel-runs", "replay-runs"]) {
			const { code: exit, stderr } = await call(one.env, [intent]);
			expect([exit, stderr]).toEqual([2, expect.stringContaining("empty filter would mean every run")]);
		}
	});

	test("a run that ends between plan and act makes the plan stale", async () => {
		const { server, env } = await world({ share: 0 });
		const [ids = []] = server.seedRuns([{ function: "slow-report", status: "RUNNING", waits: "sleep", count: 3 }]);
		const args = ["cancel-runs", "--function", "shop/slow-report"];
		const code = await plan(env, args);
		const headers = { authorization: `Bearer ${server.signingKey}`, "content-type": "application/json" };
		await fetch(`${server.url}/v2/runs/${ids[0]}/cancel`, { method: "POST", headers, body: "{}" });
		expect((await call(env, [...args, "--confirm", code])).code).toBe(3);
	});
});

describe("reports", () => {
	const specs = [
		{
			function: "import-catalog",
			status: "FAILED" as const,
			step: "parse",
			error: { name: "NonRetriableError", message: "column 'sku' missing in row {i}" },
			count: 700,
		},
		{
			function: "charge-card",
			status: "FAILED" as const,
			step: "call-gateway",
			error: { name: "CardError", message: "card declined" },
			count: 400,
		},
		{
			function: "sync-crm",
			status: "FAILED" as const,
			error: { name: "Error", message: "CRM answered 503" },
			count: 150,
		},
		{ function: "charge-card", status: "COMPLETED" as const, count: 500 },
		{ function: "slow-report", status: "RUNNING" as const, waits: "sleep" as const, count: 200 },
		{ function: "slow-report", status: "CANCELLED" as const, count: 50 },
	];
	/** Counted from the server's data, one run at a time. */
	const counted = (
		server: InngestServer,
		ids: string[][],
		key: (run: NonNullable<ReturnType<InngestServer["run"]>>) => string,
	) => {
		const counts: Record<string, number> = {};
		for (const id of ids.flat()) {
			const run = server.run(id);
			if (run) counts[key(run)] = (counts[key(run)] ?? 0) + 1;
		}
		return counts;
	};
	const report = async (env: Record<string, string>, args: string[]): Promise<Json> => {
		for (let n = 0; ; n++) {
			const done = await call(env, [...args, "--json"]);
			if (done.code === 0) return dataOf(done);
			if (n === 5) throw new Error(done.stderr);
		}
	};
	const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

	test("triage-failures and report-health count right", { timeout: MINUTES }, async () => {
		const { server, env } = await world({ kinds: QUICK });
		const ids = server.seedRuns(specs);
		const triage = await report(env, ["triage-failures", "--since", "2h"]);
		expect([triage.total, triage.complete]).toEqual([1_250, true]);
		const groups = Object.fromEntries(
			list(triage.groups).map((group) => [
				`${group.function} ${isObject(group.failure) && group.failure.name}`,
				group.count,
			]),
		);
		const failures = ids.slice(0, 3);
		expect(groups).toEqual(
			counted(server, failures, (run) => {
				const failure = run.result && "failure" in run.result ? run.result.failure.name : "";
				return `${run.fn.def.app}/${run.fn.def.id} ${failure}`;
			}),
		);
		const health = await report(env, ["report-health", "--since", "2h"]);
		expect([health.total, health.complete]).toEqual([2_000, true]);
		const statuses = list(health.functions).flatMap(({ function: name, byStatus }) =>
			Object.entries(isObject(byStatus) ? byStatus : {}).map(([status, n]) => [`${name} ${status}`, n]),
		);
		const key = (run: { fn: { def: { app: string; id: string } }; status: string }) =>
			`${run.fn.def.app}/${run.fn.def.id} ${run.status}`;
		expect(Object.fromEntries(statuses)).toEqual(counted(server, ids, key));
	});

	test("a page that can't be had is told", async () => {
		const { server, env } = await world({ share: 0 });
		server.seedRuns(specs);
		for (const intent of ["triage-failures", "report-health"]) {
			server.failNext(/^\/v2\/runs\?.*limit=100&cursor|^\/v2\/runs\?.*cursor=/, { status: 400, skip: 3 });
			const { code, stdout } = await call(env, [intent, "--since", "2h"]);
			expect([code, stdout]).toEqual([
				0,
				expect.stringMatching(/^Not all: older (failures|runs) could not be read: /m),
			]);
			// Four pages of a hundred: health counts ended runs and lists live ones separately.
			expect(stdout).toMatch(/\b(400 failed runs|3\d\d runs ended)/);
			server.clearFaults();
		}
	});

	test(`${MANY} failed runs fill neither the memory nor the screen`, { timeout: MINUTES }, async () => {
		const { server, env } = await world({ share: 0 });
		const error = { message: "row {i} is bad" };
		server.seedRuns([{ function: "import-catalog", status: "FAILED", step: "parse", error, count: MANY }]);
		const intents = ["triage-failures", "report-health", ...(FULL ? ["replay-runs"] : [])];
		for (const intent of intents) {
			const flags = ["--max-old-space-size=256"];
			const { code, stdout, stderr } = await call(env, [intent, "--since", "2h"], undefined, flags);
			expect([code, stderr]).toEqual([intent === "replay-runs" ? 3 : 0, ""]);
			expect(stdout).toContain(MANY.toLocaleString("en-US"));
			expect(stdout.split("\n").length).toBeLessThan(30);
			expect(stdout.length).toBeLessThan(3_000);
		}
	});
});

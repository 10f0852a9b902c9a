/** The built folder when things end oddly: interrupted calls, closed pipes, odd servers, names in another form. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type InngestServer, startServer } from "../inngest-server/server.ts";
import { codeOf, eventually, FOLDER, NODE, skill } from "../skill.ts";

let server: InngestServer;
let env: Record<string, string>;
let folder: string;
const inngest = (...args: string[]) => skill(args, { env });
const closing: (() => void)[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "inngest-reviewed-"));
	server = await startServer({ kind: "self-hosted", instant: true });
	env = { INNGEST_BASE_URL: server.url, INNGEST_EVENT_KEY: server.eventKey, INNGEST_SIGNING_KEY: server.signingKey };
});
afterEach(() => {
	server.clearFaults();
	for (const close of closing.splice(0)) close();
});
afterAll(async () => {
	await server.close();
	rmSync(folder, { recursive: true });
});

/** A server that is not Inngest's; its requests are counted by method and path. */
async function oddServer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
	const seen: string[] = [];
	const http = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		answer(request, response);
	});
	await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
	closing.push(
		() => http.closeAllConnections(),
		() => http.close(),
	);
	const { port } = http.address() as AddressInfo;
	return { seen, env: { INNGEST_BASE_URL: `http://127.0.0.1:${port}`, INNGEST_EVENT_KEY: "event-key" }, http };
}

/** Responds to look-ups before a send: such a server has nothing. */
function looksUp({ method }: IncomingMessage, response: ServerResponse): boolean {
	if (method === "GET") response.writeHead(404, { "content-type": "application/json" }).end("{}");
	return method === "GET";
}
const isPost = (seen: string): boolean => seen.startsWith("POST ");

/** Starts a call; `end` settles with its exit code and output. */
function start(args: readonly string[], environment: Record<string, string>, stdio: ("pipe" | "ignore")[] = []) {
	const [out = "pipe", err = "pipe"] = stdio;
	const child = spawn(NODE, [join(FOLDER, "scripts/inngest.mjs"), ...args], {
		env: environment,
		stdio: ["ignore", out, err],
	});
	let printed = "";
	child.stdout?.on("data", (chunk) => (printed += chunk));
	child.stderr?.on("data", (chunk) => (printed += chunk));
	const end = new Promise<{ code: number | null; printed: string }>((resolve) =>
		child.once("close", (code) => resolve({ code, printed })),
	);
	return { child, end };
}

describe("streams", () => {
	test("an event too large to be read is counted and told, wherever it stands", async () => {
		const large = `{"name":"a/large","data":{"x":"${"x".repeat(5_000_000)}"}}`;
		for (const [content, place] of [
			[`{"name":"a/1"}\n${large}\n{"name":"a/2"}`, "line 2"],
			[`[{"name":"a/1"},${large}]`, "event 2"],
			[large, "line 1"],
		] as const) {
			const file = join(folder, "large.json");
			writeFileSync(file, content);
			const before = server.stats().events;
			const refused = await inngest("send-events", `@${file}`);
			expect([refused.code, refused.stdout]).toEqual([2, ""]);
			expect(refused.stderr).toContain(`\n${place}: larger than 3 MiB`);
			expect(server.stats().events).toBe(before);
		}
		const file = join(folder, "two.ndjson");
		writeFileSync(file, `{"name":"a/1"}\n${large}\n`);
		const skipped = await inngest("send-events", `@${file}`, "--skip-invalid");
		expect(skipped.stdout).toMatch(/^Sent 1 event .*\n1 invalid line omitted: line 2: larger than 3 MiB/);
	});

	test("nothing of a broken array is sent, even where the invalid may be skipped", async () => {
		const broken = '[{"name":"a/1"},{"name":"a/2","data":{"s":x y}},{"name":"a/3"}]';
		const before = server.stats().events;
		const refused = await inngest("send-events", broken, "--skip-invalid");
		expect([refused.code, refused.stdout, server.stats().events]).toEqual([2, "", before]);
		expect(refused.stderr).toContain("is not valid JSON");
	});

	test("a closed stderr neither stops a send nor hides its account", async () => {
		const file = join(folder, "many.ndjson");
		writeFileSync(file, Array.from({ length: 2000 }, (_, n) => `{"name":"a/closed","data":{"n":${n}}}`).join("\n"));
		const code = codeOf(await inngest("send-events", `@${file}`));
		const before = server.stats().distinctEvents;
		const { child, end } = start(["send-events", `@${file}`, "--confirm", code], env);
		child.stderr?.destroy();
		const { code: exit, printed } = await end;
		expect([exit, server.stats().distinctEvents - before]).toEqual([0, 2000]);
		expect(printed).toMatch(/^Sent 2,000 events /);
	});

	test("bad events among good ones are each refused, and the rest is sent", async () => {
		const odd = await oddServer(async (request, response) => {
			if (looksUp(request, response)) return;
			let body = "";
			for await (const chunk of request) body += chunk;
			const names: { name: string }[] = JSON.parse(body);
			const bad = names.findIndex(({ name }) => name === "a/bad");
			const taken = names.slice(0, bad < 0 ? names.length : bad).map(() => "01M85369BX39BZFM3TC50ACTFC");
			const answer = bad < 0 ? { ids: taken, status: 200 } : { ids: taken, status: 400, error: "no" };
			response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer));
		});
		const events = Array.from({ length: 80 }, (_, n) => ({ name: n >= 30 && n < 55 ? "a/bad" : "a/1" }));
		const { code, stdout } = await skill(["send-events", JSON.stringify(events)], { env: odd.env });
		expect(code).toBe(1);
		expect(stdout).toMatch(/^Sent only 55 of 80 events .*\nRefused by the server: 25\.$/m);
		expect(stdout).not.toContain("--resume");
	});

	test("a server that refuses event after event is asked no further", async () => {
		const odd = await oddServer((request, response) => {
			if (looksUp(request, response)) return;
			request.resume();
			response.writeHead(400, { "content-type": "application/json" }).end('{"ids":[],"status":400,"error":"no"}');
		});
		const events = JSON.stringify(Array.from({ length: 90 }, () => ({ name: "a/1" })));
		const { code, stdout } = await skill(["send-events", events], { env: odd.env });
		expect([code, odd.seen.filter(isPost).length]).toEqual([1, 20]);
		expect(stdout).toMatch(/^Refused by the server: 20\.$/m);
		expect(stdout).toMatch(/^Not sent: 70\.\nStopped: The server refuses one event after another\.$/m);
		expect(stdout).not.toContain("Next: ");
	});
});

describe("waiting and listing on slow or noisy servers", () => {
	const json = (response: ServerResponse, body: unknown, status = 200) =>
		response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
	const RUN = "01M85369BX39BZFM3TC50ACTFC";
	const key = { INNGEST_SIGNING_KEY: "5163a1" };

	test.each(["answers 503", "never answers"])(
		"a wait ends, and its process too, though the list of apps %s",
		async (how) => {
			const run = {
				id: RUN,
				app: { id: "shop" },
				function: { id: "a" },
				status: "COMPLETED",
				endedAt: "2026-01-01T00:00:00Z",
			};
			const odd = await oddServer((request, response) => {
				request.resume();
				if (request.url?.startsWith("/e/")) json(response, { ids: [RUN], status: 200 });
				else if (request.url?.includes("/events/")) json(response, { data: [run] });
				else if (request.url?.startsWith("/v2/runs/")) json(response, { data: run });
				else if (how === "answers 503") json(response, {}, 503);
			});
			const { code, printed } = await start(["send-event", "a/1", "--wait"], { ...odd.env, ...key }).end;
			expect(printed).toMatch(/^Sent a\/1, event .*\nWhether it starts or cancels runs was .*\nCompleted /);
			expect(code).toBe(0);
			// Without an interruption there are ten attempts.
			expect(odd.seen.filter((one) => one.includes("/v2/apps")).length).toBeLessThan(10);
		},
	);

	test("the server's own events neither cost many requests nor pretend to be more", async () => {
		let n = 0;
		const event = (name: string) => ({ internal_id: `01M85369BX39BZFM3TC5${String(++n).padStart(6, "0")}`, name });
		const events = [...Array.from({ length: 120 }, () => event("inngest/function.finished")), event("a/1")];
		const odd = await oddServer((request, response) => {
			const query = new URLSearchParams(request.url?.split("?")[1]);
			const at = events.findIndex(({ internal_id }) => internal_id === query.get("cursor")) + 1;
			json(response, { data: events.slice(at, at + Number(query.get("limit"))) });
		});
		const { stdout } = await skill(["list-events", "--limit", "1"], { env: { ...odd.env, ...key } });
		expect(stdout).toMatch(/^1 event, newest first .*\n01M85369BX39BZFM3TC5000121 a\/1 /);
		expect([odd.seen.length, stdout.includes("More:")]).toEqual([3, false]);
	});
});

describe("interruption", () => {
	test("a read stops at once", async () => {
		const odd = await oddServer(() => undefined);
		for (const args of [["list-runs"], ["triage-failures"], ["list-events"]]) {
			const { child, end } = start(args, { ...odd.env, INNGEST_SIGNING_KEY: "5163a1" });
			const count = odd.seen.length;
			await eventually("the request", async () => odd.seen[count]);
			child.kill("SIGTERM");
			const began = performance.now();
			expect(await end).toEqual({ code: 1, printed: expect.stringMatching(/^Interrupted; nothing was changed\.\n/) });
			expect(performance.now() - began).toBeLessThan(3_000);
		}
	});

	test("a plan stops at once, by either signal, wherever it stands", async () => {
		const id = "01M85369BX39BZFM3TC50ACTFC";
		const run = { id, app: { id: "a" }, function: { id: "a" }, status: "RUNNING", trigger: { eventIds: [id] } };
		const body = JSON.stringify({ data: [run], metadata: { fetchedAt: "2026-01-01T00:00:00Z" } });
		for (const signal of ["SIGINT", "SIGTERM"] as const)
			for (const [args, last] of [
				[["cancel-runs", "--app", "a"], "/v2/runs"],
				[["cancel-runs", "--app", "a"], "/v1/events/"],
				[["replay-runs", "--app", "a", "--status", "running"], "/v2/runs"],
			] as const) {
				// It responds up to that point, and is silent afterwards.
				const odd = await oddServer((request, response) => {
					if (!request.url?.startsWith(last)) response.end(body);
				});
				const { child, end } = start([...args], { ...odd.env, INNGEST_SIGNING_KEY: "5163a1" });
				await eventually("the request", async () => odd.seen.find((one) => one.includes(last)));
				const began = performance.now();
				child.kill(signal);
				expect(await end).toEqual({ code: 1, printed: "Interrupted; nothing was changed.\nCall again.\n" });
				expect(performance.now() - began).toBeLessThan(3_000);
			}
	});

	test("what changes something is not tried again after it", async () => {
		const odd = await oddServer((request, response) => {
			if (looksUp(request, response)) return;
			request.resume();
			response.writeHead(429, { "retry-after": "4", "content-type": "application/json" }).end("{}");
		});
		const { child, end } = start(["send-event", "a/1"], odd.env);
		await eventually("the request", async () => odd.seen.find(isPost));
		await delay(200);
		child.kill("SIGINT");
		expect((await end).code).toBe(1);
		await delay(100);
		expect(odd.seen.filter(isPost)).toHaveLength(1);
	});
});

describe("odd servers", () => {
	test("one that switches protocols is told", async () => {
		const odd = await oddServer(() => undefined);
		odd.http.on("upgrade", () => undefined);
		odd.http.removeAllListeners("request");
		odd.http.on("request", (_, response) => {
			response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
		});
		const { code, stderr } = await skill(["send-event", "a/1"], { env: odd.env });
		expect(code).toBe(1);
		expect(stderr).toMatch(/asked to switch protocols.*unclear/);
	});

	test("errors under 200 are errors", async () => {
		const body = ['{"errors":[{"code":"internal_error","message":"boom"}]}', '{"error":"boom","status":"500"}', ""];
		const odd = await oddServer((_, response) => {
			response.writeHead(body[0] ? 200 : 204, { "content-type": "application/json" }).end(body[0]);
		});
		for (; body.length; body.shift()) {
			for (const intent of ["list-runs", "check-setup"]) {
				const { code } = await skill([intent, "--timeout", "2s"], {
					env: { ...odd.env, INNGEST_SIGNING_KEY: "5163a1" },
				});
				expect([intent, body[0], code]).toEqual([intent, body[0], 1]);
			}
		}
	});

	test("pages that never end, and hold nothing, end", async () => {
		let n = 0;
		const odd = await oddServer((_, response) => {
			response
				.writeHead(200, { "content-type": "application/json" })
				.end(`{"metadata":{"fetchedAt":"2026-01-01T00:00:00Z"},"page":{"cursor":"c${n++}"}}`);
		});
		const { code, stderr } = await skill(["report-health"], { env: { ...odd.env, INNGEST_SIGNING_KEY: "5163a1" } });
		expect(code).toBe(1);
		expect(stderr).toMatch(/^The server returned 101 pages in a row with nothing new\./);
	});

	test("a key that is needed and not set is asked for", async () => {
		const { INNGEST_BASE_URL = "" } = env;
		const runs = await skill(["list-runs"], { env: { INNGEST_BASE_URL } });
		expect([runs.code, runs.stderr]).toEqual([
			1,
			expect.stringMatching(/\(401\)\nINNGEST_SIGNING_KEY is not set\. Ask /),
		]);
		const sent = await skill(["send-event", "a/1"], { env: { INNGEST_BASE_URL } });
		expect([sent.code, sent.stderr]).toEqual([
			1,
			expect.stringMatching(/\(401\)\nINNGEST_EVENT_KEY is not set\. Ask /),
		]);
		const setup = await skill(["check-setup"], { env: { INNGEST_BASE_URL, INNGEST_READ_ONLY: "1" } });
		expect(setup.stdout).toMatch(/^FAILS runs and apps \(no key set\): /m);
		expect(setup.stdout).toMatch(/^Read-only \(INNGEST_READ_ONLY\)/m);
	});
});

describe("names, windows and accounts", () => {
	test("many reads side by side warn of nothing", async () => {
		server.seedRuns([{ app: "many", function: "fails", count: 80, status: "FAILED", step: "parse" }]);
		const { code, stdout, stderr } = await inngest("triage-failures", "--app", "many");
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^80 failed runs /);
	});

	test("a function's slug, as Inngest's dashboard writes it, is that function", async () => {
		await inngest("send-event", "shop/import.started", "--wait");
		for (const name of ["shop-import-catalog", "shop/shop-import-catalog", "shop/import-catalog"]) {
			const { stdout } = await inngest("triage-failures", "--function", name);
			expect(stdout).toMatch(/^1 failed run of 1 function /);
			expect((await inngest("get-function", name)).stdout).toMatch(
				/^shop\/import-catalog .*\n.*\n.*\nLatest 1 run: 1 FAILED/,
			);
		}
	});

	test("events older than an hour are listed", async () => {
		await inngest("list-events");
		const asked = server.requests.map(({ url }) => url).findLast((url) => url.startsWith("/v1/events?")) ?? "";
		const after = Date.parse(new URLSearchParams(asked.split("?")[1]).get("received_after") ?? "");
		expect(Date.now() - after).toBeGreaterThan(300 * 86_400_000);
	});

	test("a group tells how many events it is of, and that their replays failed", async () => {
		const { stdout } = await inngest("send-event", "shop/card.charged", "--data", '{"decline":true}', "--json");
		const { id } = JSON.parse(stdout);
		const { runs } = JSON.parse((await inngest("get-event", id, "--json")).stdout);
		const plan = await inngest("replay-run", runs[0].id);
		const replayed = await inngest("replay-run", runs[0].id, "--confirm", codeOf(plan), "--wait");
		expect(replayed.stdout).toMatch(/^Replaying: .*\nEnded: FAILED /);
		const triage = (await inngest("triage-failures", "--function", "shop/charge-card")).stdout;
		expect(triage).toMatch(
			/^1\. 2x \(100%\) shop\/charge-card in step call-gateway, .*, of 1 event, 1 replayed unsuccessfully$/m,
		);
		expect(triage).toMatch(/^Next: get-run 01\w{24}$/m);
		const JSON_GROUPS = JSON.parse((await inngest("triage-failures", "--function", "charge-card", "--json")).stdout);
		expect(Object.keys(JSON_GROUPS.groups[0])).not.toContain("places");
	});

	test("an empty id is no filter, and a step that is not there is refused", async () => {
		const empty = await inngest("cancel-runs", "", "--function", "shop/approval");
		expect([empty.code, empty.stderr]).toEqual([2, expect.stringMatching(/^RUN_ID must be an id .* \(not ""\)/)]);
		const step = await inngest(
			"replay-runs",
			"--function",
			"shop/import-catalog",
			"--since",
			"1h",
			"--from-step",
			"no",
		);
		expect([step.code, step.stderr]).toEqual([
			2,
			expect.stringMatching(/has no step no; .*\nIts steps: download, parse\./),
		]);
	});

	test("JSON stays JSON where a key is but digits", async () => {
		const { code, stdout } = await skill(["list-events", "--limit", "1", "--json"], {
			env: { ...env, INNGEST_EVENT_KEY: String(Date.now()).slice(0, 6) },
		});
		expect(code).toBe(0);
		expect(() => JSON.parse(stdout)).not.toThrow();
	});
});

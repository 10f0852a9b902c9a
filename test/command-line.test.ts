/**
 * The command line: bad input, bad responses, exit codes, stdout and stderr, curl. Runs the sources or, if a process is needed, the built
 * folder.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type InngestServer, startServer } from "./inngest-server/server.ts";
import { everyIntent, named } from "./intents.ts";
import { calling, codeOf, eventually, type Result, run } from "./skill.ts";

const RUN = "01M85369BX39BZFM3TC50ACTFC";
const READS = named(true);
const CHANGES = Object.fromEntries(
	everyIntent()
		.filter(([name]) => !READS.includes(name))
		.map((args) => [args[0], args]),
);

let server: InngestServer;
let env: Record<string, string>;
let folder: string;
const ids = { order: "", event: "", failed: "", sleeping: "" };

const inngest = (...args: string[]) => calling(args, { env });

/** Nothing on stdout, two lines on stderr: what happened and what to do. */
function refusal(result: Result, code: number, said: RegExp | string): void {
	expect(result.stderr).toMatch(said);
	expect(result.stdout).toBe("");
	expect(result.code).toBe(code);
	expect(result.stderr.length).toBeLessThan(600);
	expect(result.stderr).not.toMatch(/\n\s+at |node:|file:\/\//);
	expect(result.stderr).toMatch(/^[^\n]+\n[^\n]+\n$/);
}

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "inngest-cli-"));
	server = await startServer({ kind: "self-hosted", eventKey: "event-key-1", signingKey: "5163a1", instant: true });
	env = { INNGEST_BASE_URL: server.url, INNGEST_EVENT_KEY: server.eventKey, INNGEST_SIGNING_KEY: server.signingKey };
	const send = async (name: string, data = "{}"): Promise<{ event: string; run: string }> => {
		const sent: { id: string } = JSON.parse((await inngest("send-event", name, "--data", data, "--json")).stdout);
		const event: { runs: { id: string }[] } = JSON.parse((await inngest("get-event", sent.id, "--json")).stdout);
		return { event: sent.id, run: event.runs[0]?.id ?? "" };
	};
	const order = await send("shop/order.created");
	ids.event = order.event;
	ids.order = order.run;
	ids.failed = (await send("shop/import.started")).run;
	ids.sleeping = (await send("shop/report.requested")).run;
});
beforeEach(() => {
	server.clearFaults();
	server.clearRequests();
});
afterAll(async () => {
	await server.close();
	rmSync(folder, { recursive: true });
});

describe("wrong usage: exit code 2, one line of what and one of what next, and nothing is sent", () => {
	const cases: [string, string[], RegExp][] = [
		["an unknown intent", ["list-run"], /^There is no intent "list-run"\.\nDid you mean list-runs\?/],
		["an intent like none", ["frobnicate"], /^There is no intent "frobnicate"\.\n`help` lists/],
		["an intent with control characters", ["\u001b[31mlist\u202e"], /^There is no intent "list"/],
		[
			"an unknown flag",
			["list-runs", "--statsu", "failed"],
			/^list-runs has no flag --statsu; .*\nDid you mean --status\?/,
		],
		["a flag of another intent", ["get-run", ids.order || RUN, "--with-runs"], /^get-run has no flag --with-runs/],
		[
			"a flag without its value",
			["list-runs", "--limit"],
			/^--limit needs a value; .*\nWrite --limit=VALUE, .*`list-runs --help`/,
		],
		["a word too many", ["list-apps", "shop"], /^list-apps does not take "shop"/],
		["a missing id", ["get-run"], /^RUN_ID is missing; .*\nUsage: get-run RUN_ID/],
		["a malformed id", ["get-run", "12345"], /^RUN_ID must be a run's id, of 26 letters and digits, or a function/],
		["an id that is a path", ["get-event", "../v2/keys/events"], /^EVENT_ID must be an id/],
		["a malformed function", ["get-function", "a/"], /^APP\/FUNCTION must be app\/function/],
		["a function without its app", ["get-function", "/x"], /^APP\/FUNCTION must be app\/function/],
		[
			"an unknown status",
			["list-runs", "--status", "done"],
			/^--status must be one or more of QUEUED, .* \(not "done"\)/,
		],
		[
			"a limit too high",
			["list-runs", "--limit", "101"],
			/^--limit must be a whole number from 1 to 100 \(not "101"\)/,
		],
		["a negative limit", ["list-runs", "--limit=-1"], /^--limit must be a whole number/],
		["a time that is not one", ["list-runs", "--since", "yesterday"], /^--since must be a time such as 24h/],
		["a day that is not one", ["list-runs", "--until", "2026-02-31"], /^--until must be a time/],
		["a time-out that is not one", ["list-runs", "--timeout", "soon"], /^--timeout must be a duration/],
		["an environment with a line break", ["list-runs", "--env", "a\nb"], /does not name an environment/],
		["waiting for nothing", ["wait-for-run"], /^Name runs, or --event/],
		["waiting for a run and an event", ["wait-for-run", RUN, "--event", RUN], /^Name runs, or --event/],
		["input without its step", ["replay-run", RUN, "--input", "[1]"], /^--input needs --from-step/],
		[
			"input that is no array",
			["replay-run", RUN, "--from-step", "a", "--input", "{}"],
			/^--input must be a JSON array/,
		],
		["no filter for many", ["cancel-runs"], /^An empty filter would mean every run/],
		[
			"JSON that breaks",
			["send-event", "a/b", "--data", '{"a":1,\n "b":}'],
			/^--data is not valid JSON: Unexpected token '}'; nothing/,
		],
		[
			"JSON that ends too early",
			["send-event", "a/b", "--data", '{"a":[1,2'],
			/^--data is not valid JSON: .*; nothing/,
		],
		[
			"JSON in single quotes",
			["send-event", "a/b", "--data", "{'a':1}"],
			/^--data is not valid JSON: .*position 1.*; .*\nKeys and strings take double quotes/,
		],
		[
			"a number too large",
			["send-event", "a/b", "--data", '{"n":12345678901234567890}'],
			/^--data contains 12345678901234567890, and numbers of 2\^53 or more/,
		],
		[
			"a file that isn't there",
			["send-event", "a/b", "--data", "@/nowhere/x.json"],
			/^\/nowhere\/x\.json can't be read: ENOENT; nothing/,
		],
		["a folder", ["send-events", "@/tmp"], /^\/tmp is not an ordinary file or pipe; nothing/],
		["data that is no object", ["send-event", "a/b", "--data", "[1]"], /^The event's data is not an object; nothing/],
		[
			"data that is null for invoke",
			["invoke-function", "shop/order-confirm", "--data", "null"],
			/^--data must be a JSON object/,
		],
		["no event name", ["send-event"], /^EVENT_NAME is missing; /],
		["an empty event name", ["send-event", ""], /^EVENT_NAME must be one line of text/],
		[
			"a reserved event name",
			["send-event", "inngest/function.failed"],
			/^The event's name starts with inngest\/, which is reserved; nothing was sent\.\n/,
		],
		[
			"an event name too long",
			["send-event", `a/${"b".repeat(300)}`],
			/^The event's name is longer than 256 characters/,
		],
		[
			"an event name with control characters",
			["send-event", "a/b\u0007"],
			/^EVENT_NAME must be one line of text \(not /,
		],
		[
			"an event name with hidden characters",
			["send-event", "a/b\u202ec"],
			/^The event's name has control or hidden characters/,
		],
		["ts in seconds", ["send-event", "a/b", "--ts", "1795474756"], /^The event's ts is not in milliseconds since 1970/],
		[
			"ts that is a date",
			["send-event", "a/b", "--ts", "2026-11-23"],
			/^The event's ts is not in milliseconds since 1970/,
		],
		["ts before 1980", ["send-event", "a/b", "--ts", "1000"], /^The event's ts is not in milliseconds since 1970/],
		["an empty batch", ["send-events", "[]"], /^the argument contains no events; nothing/i],
		["an empty stream", ["send-events", "-"], /^standard input contains no events; nothing/i],
		[
			"a name without an event",
			["send-events", '[{"data":{}}]'],
			/^1 of 1 event can't be sent; nothing was sent\.\nevent 1: name is missing\n/,
		],
		[
			"a resume code that is not one",
			["send-events", '[{"name":"a/b"}]', "--resume", "x"],
			/^That is not a resume code/,
		],
	];
	test.for(cases)("%s", async ([, args, said]) => {
		const result = await inngest(...args);
		expect(result.stderr).toMatch(said);
		expect(result.stdout).toBe("");
		expect(result.code).toBe(2);
		expect(result.stderr.length).toBeLessThan(800);
		expect(result.stderr).not.toMatch(/[\u001b\u0007\u202e]|\n\s+at /);
		expect(result.stderr.trimEnd().split("\n").length).toBeGreaterThan(1);
		expect(server.requests).toEqual([]);
	});

	test("one bad event in a batch, as an array, as lines and in a file: nothing is sent, and it is named", async () => {
		const good = '{"name":"shop/order.created","data":{}}';
		const bad = '{"name":"","data":{}}';
		const file = join(folder, "batch.ndjson");
		writeFileSync(file, `${good}\n${good}\n{"name":"a/b","ts":1795474756}\n`);
		for (const [args, stdin, said] of [
			[["send-events", `[${good},${bad},${good}]`], "", /event 2: name is empty/],
			[["send-events", "-"], `${good}\n{"name":"a/b",}\n${good}\n`, /line 2: not valid JSON/],
			[["send-events", `@${file}`], "", /line 3: ts is not in milliseconds since 1970/],
		] as const) {
			const result = await calling(args, { env, stdin });
			expect(result.stderr).toMatch(/^1 of 3 (events|lines) can't be sent; nothing was sent\./);
			expect(result.stderr).toMatch(said);
			expect([result.code, result.stdout]).toEqual([2, ""]);
		}
		expect(server.requests).toEqual([]);
	});

	test("a missing key is named, with the way to set it", async () => {
		// A server elsewhere: one on this machine may need no key.
		const cases: [string[], Record<string, string>, RegExp][] = [
			[
				["list-runs"],
				{},
				/^INNGEST_SIGNING_KEY is not set; nothing was sent\.\n.*openclaw config set skills\.entries\.inngest\.env\.INNGEST_SIGNING_KEY/,
			],
			[
				["send-event", "a/b"],
				{ INNGEST_SIGNING_KEY: "abcdef" },
				/^INNGEST_EVENT_KEY is not set; nothing was sent\.\n.*env\.INNGEST_EVENT_KEY/,
			],
			[["list-runs"], { INNGEST_SIGNING_KEY: "abc def" }, /^INNGEST_SIGNING_KEY contains characters that no key has/],
		];
		for (const [args, keys, said] of cases)
			refusal(await calling(args, { env: { INNGEST_BASE_URL: "https://inngest.invalid", ...keys } }), 2, said);
		refusal(
			await calling(["list-events"], { env: { INNGEST_API_KEY: "0a1b2c3d4e" } }),
			2,
			/^INNGEST_SIGNING_KEY is not set/,
		);
	});

	test("a self-hosted server's signing key is not sent to Inngest Cloud where that server's address is missing", async () => {
		const hex = { INNGEST_SIGNING_KEY: "5163a1b2c3", INNGEST_EVENT_KEY: "event-key-1234" };
		const said =
			/^INNGEST_SIGNING_KEY is hexadecimal, as a self-hosted server's; Inngest Cloud's begins with signkey-; nothing was sent\.\nAsk the user to set INNGEST_BASE_URL /;
		for (const args of [
			["list-runs"],
			["send-event", "a/b", "--env", "production"],
			["list-events"],
			["check-setup"],
		]) {
			refusal(await calling(args, { env: hex }), 2, said);
		}
		// If the address is set, the call goes there.
		const there = await calling(["list-runs"], { env: { ...hex, INNGEST_BASE_URL: "https://inngest.invalid" } });
		expect(there.stderr).toMatch(/^self-hosted inngest\.invalid can't be reached/);
	});

	test("an address that may not be used is refused", async () => {
		const cases: [string, RegExp][] = [
			["https://user:pw@inngest.example.com", /^INNGEST_BASE_URL is not an http\(s\) origin/],
			["https://inngest.example.com/api", /^INNGEST_BASE_URL is not an http\(s\) origin: scheme, host and port/],
			["https://inngest.example.com?x=1", /^INNGEST_BASE_URL is not an http\(s\) origin: scheme, host and port/],
			["ftp://inngest.example.com", /^INNGEST_BASE_URL is not an http\(s\) origin/],
			["file:///etc/passwd", /^INNGEST_BASE_URL is not an http\(s\) origin/],
			["http://inngest.example.com", /^INNGEST_BASE_URL must use https/],
			["http://localhost.evil.example", /^INNGEST_BASE_URL must use https/],
			["inngest.example.com", /^INNGEST_BASE_URL is not an http\(s\) origin/],
		];
		for (const [url, said] of cases) {
			const result = await calling(["list-runs"], { env: { ...env, INNGEST_BASE_URL: url } });
			refusal(result, 2, said);
			expect(result.stderr).not.toContain("pw@");
		}
		refusal(
			await calling(["list-runs"], { env: { INNGEST_DEV: "dev.example.com:8288" } }),
			2,
			/^INNGEST_DEV is not 1, 0, localhost:PORT or a URL; nothing was sent\./,
		);
	});
});

describe("Inngest Cloud", () => {
	const cloud = { INNGEST_SIGNING_KEY: "signkey-prod-0123456789abcdef", INNGEST_EVENT_KEY: "evt-1234" };

	test("what writes needs its environment named, and fails before any network", async () => {
		// Node 24 uses a proxy if one is set: this one sees every attempt.
		let seen = 0;
		const proxy = createServer();
		proxy.on("connect", (_, socket) => {
			seen++;
			socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
		});
		await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
		const address = proxy.address();
		const proxied = { ...cloud, HTTPS_PROXY: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` };
		const call = (...args: string[]) => calling(args, { env: proxied, node: process.execPath });
		for (const args of Object.values(CHANGES))
			refusal(
				await call(...args),
				2,
				/on Inngest Cloud needs an environment; nothing was sent\.\nAdd --env production/,
			);
		expect(seen).toBe(0);
		// Checks that the proxy does see requests, and that the environment is enough.
		expect((await call("cancel-run", RUN, "--env", "production")).code).toBe(1);
		expect(seen).toBeGreaterThan(0);
		proxy.close();
	});

	test("--curl shows where it would go, with which key, in which environment", async () => {
		const curl = async (keys: Record<string, string>, ...args: string[]) =>
			(await calling([...args, "--curl"], { env: keys })).stdout;
		expect(await curl({ ...cloud, INNGEST_API_KEY: "0a1b2c3d4e" }, "list-apps", "--env", "staging")).toBe(
			`curl -sS "https://api.inngest.com/v2/apps?limit=100" -H "Authorization: Bearer $INNGEST_API_KEY" -H 'x-inngest-env: staging'\n`,
		);
		expect(await curl(cloud, "get-event", RUN)).toBe(
			`curl -sS "https://api.inngest.com/v1/events/${RUN}" -H "Authorization: Bearer $INNGEST_SIGNING_KEY"\n`,
		);
		expect(await curl({ ...cloud, INNGEST_ENV: "production" }, "send-event", "a/b", "--data", '{"it\'s":1}')).toMatch(
			/^# INNGEST_EVENT_KEY decides where this goes: .*\n# Send one event\. .*\ncurl -sS -X POST "https:\/\/inn\.gs\/e\/\$INNGEST_EVENT_KEY" .*-H 'x-inngest-env: production' .*-d '\[\{"name":"a\/b","data":\{"it'\\''s":1\}\}\]'\n$/,
		);
		const invoke = await curl(
			cloud,
			"invoke-function",
			"shop/order-confirm",
			"--idempotency-key",
			"k1",
			"--env",
			"production",
		);
		expect(invoke).toMatch(
			/^# Invoke one function .*\ncurl -sS -X POST .*\/v2\/apps\/shop\/functions\/order-confirm\/invoke".*"idempotencyKey":"k1"/,
		);
	});
});

describe("servers that don't answer as they should: exit code 1", () => {
	// Each has its own server, so that the pauses between attempts run in parallel.
	const reads: [string, Parameters<InngestServer["failNext"]>[1], RegExp][] = [
		[
			"HTML",
			{ status: 200, body: "<!doctype html><h1>Gateway</h1>", contentType: "text/html" },
			/^self-hosted \S+ has no GET \/v2\/apps\.\nPossible: it is older than Inngest 1\.40/,
		],
		[
			"HTML with an error",
			{ status: 502, body: "<html><h1>Bad Gateway</h1></html>", contentType: "text/html" },
			/refused: an HTML page \(502\)\n/,
		],
		[
			"truncated JSON",
			{ status: 200, body: '{"data":[{"id":"01M8', contentType: "application/json" },
			/, but its response is cut short: 200 «/,
		],
		[
			"JSON of another kind",
			{ status: 200, body: { data: "none" } },
			/answered GET \/v2\/apps with unexpected data at data/,
		],
		["nothing", { destroy: true }, /^self-hosted 127\.0\.0\.1:\d+ dropped the connection \(ECONNRESET\)\./],
		[
			"an error under HTTP 200",
			{ status: 200, body: { error: "no such run", data: null, status: 500 } },
			/refused: «no such run» \(500\)/,
		],
		[
			"a wrong key",
			{ status: 401, body: "Authentication failed" },
			/refused: «Authentication failed» \(401\)\nCheck INNGEST_SIGNING_KEY/,
		],
		[
			"an error in v2's way",
			{ status: 403, body: { errors: [{ code: "access_denied", message: "Not allowed" }] } },
			/refused: «Not allowed» \(access_denied, 403\)\nCheck INNGEST_SIGNING_KEY.*and be allowed to do this/,
		],
	];
	test.concurrent.for(reads)("%s", async ([, fault, said]) => {
		const own = await startServer({ kind: "self-hosted", signingKey: "5163a1" });
		own.failNext("/v2/apps", { ...fault, times: 9 });
		const result = await calling(["list-apps"], { env: { ...env, INNGEST_BASE_URL: own.url } });
		await own.close();
		refusal(result, 1, said);
	});

	test("a failure that passes is not told", async () => {
		server.failNext("/v2/apps", { status: 503, times: 2 });
		const result = await inngest("list-apps");
		expect([result.code, result.stderr]).toEqual([0, ""]);
		expect(server.requests.map(({ status }) => status)).toEqual([503, 503, 200]);
	});

	test("a redirect to another host is not followed", async () => {
		const other = await startServer({ kind: "dev" });
		server.failNext("/v2/apps", { status: 302, headers: { location: `${other.url}/v2/apps` } });
		refusal(
			await inngest("list-apps"),
			1,
			new RegExp(`redirects to http://127\\.0\\.0\\.1:${other.port} \\(not followed\\)\\.`),
		);
		server.failNext("/e/", { status: 307, headers: { location: `${other.url}/e/x` } });
		refusal(await inngest("send-event", "shop/order.created"), 1, /redirects to /);
		expect(other.requests).toEqual([]);
		await other.close();
	});

	test("no server there, and no server set", async () => {
		const gone = await startServer({ kind: "dev" });
		await gone.close();
		refusal(
			await calling(["list-apps"], { env: { ...env, INNGEST_BASE_URL: gone.url } }),
			1,
			/does not answer\.\nCheck the network and INNGEST_BASE_URL/,
		);
		refusal(
			await calling(["list-apps"], { env: { INNGEST_DEV: gone.url } }),
			1,
			/^dev server .* does not answer\.\nIs it running there \(`inngest dev`, npm: inngest-cli\)\?/,
		);
		refusal(await calling(["send-event", "a/b"], { env: { INNGEST_DEV: gone.url } }), 1, /does not answer/);
	});

	test("--timeout bounds a request", async () => {
		server.failNext("/v2/apps", { delayMs: 20_000, times: 9 });
		const result = await inngest("list-apps", "--timeout", "100ms");
		refusal(result, 1, /did not answer in time\.\nTry again, with a longer --timeout/);
		expect(result.ms).toBeLessThan(10_000);
	});

	test("--timeout bounds a wait", async () => {
		const result = await inngest("wait-for-run", ids.sleeping, "--timeout", "200ms");
		expect(result.code).toBe(1);
		expect(result.stdout).toMatch(/^Still not ended after /);
		expect(result.ms).toBeLessThan(10_000);
	});

	test("a wrong key, as the server says it", async () => {
		const wrong = { ...env, INNGEST_SIGNING_KEY: "0badc0de", INNGEST_EVENT_KEY: "0badc0de" };
		refusal(await calling(["list-runs"], { env: wrong }), 1, /\(401\)\nCheck INNGEST_SIGNING_KEY/);
		refusal(
			await calling(["send-event", "a/b"], { env: wrong }),
			1,
			/Event key not found» \(401\)\nCheck INNGEST_EVENT_KEY/,
		);
		const setup = await calling(["check-setup"], { env: wrong });
		expect(setup.code).toBe(1);
		expect(setup.stdout).toMatch(/^Not ready: .*\nFAILS /);
	});
});

describe("what is printed where", () => {
	test("plans go to stdout with exit code 3, and nothing is changed", async () => {
		for (const args of [
			["cancel-run", ids.sleeping],
			["replay-run", ids.failed],
			["cancel-runs", "--app", "shop"],
			["replay-runs", "--app", "shop"],
		]) {
			const plan = await inngest(...args);
			expect(plan.stderr).toBe("");
			expect(codeOf(plan)).toMatch(/^[0-9a-z]{9}$/);
			expect(plan.stdout).toMatch(/Nothing was changed\. Show this plan to the user/);
		}
		expect(server.requests.filter(({ method }) => method !== "GET")).toEqual([]);
	});

	test("what was sent is told, though the wait for it fails", async () => {
		const { INNGEST_EVENT_KEY = "" } = env;
		const sendOnly = { INNGEST_BASE_URL: server.url, INNGEST_EVENT_KEY, INNGEST_SIGNING_KEY: "5163a1ff" };
		const result = await calling(["send-event", "shop/order.created", "--wait"], { env: sendOnly });
		expect(result.stdout).toMatch(
			/^Sent shop\/order\.created, event 01\w{24} .*\n.*\nWaiting for its runs failed: .*\(401\)/,
		);
		expect(result.stdout).toMatch(/^Next: wait-for-run --event 01\w{24} \(don't repeat the first call\)$/m);
		expect([result.code, result.stderr]).toEqual([1, ""]);
	});

	test("a code for sending, given twice, starts nothing twice", async () => {
		const many = JSON.stringify(Array.from({ length: 101 }, (_, n) => ({ name: "shop/card.charged", data: { n } })));
		const code = codeOf(await inngest("send-events", many));
		for (let n = 0; n < 2; n++) expect((await inngest("send-events", many, "--confirm", code)).code).toBe(0);
		const events = server.requests.filter(({ url }) => url.startsWith("/e/"));
		expect(new Set(events.map(({ headers }) => headers["x-inngest-event-id-seed"])).size).toBe(1);
	});

	test("a send whose answers are lost says that it is unclear, and where to look", async () => {
		server.failNext("/e/", { status: 502, times: 9 });
		const result = await inngest("send-event", "shop/order.created");
		server.clearFaults();
		refusal(result, 1, /It is unclear whether the call took effect\.\nCheck with `list-events --since 10m` before/);
	});

	test("--json is one JSON document for every intent", async () => {
		const own = everyIntent({ failed: ids.failed, live: ids.sleeping, event: ids.event });
		for (const args of own) {
			// No function of the shop waits for a signal.
			if (args[0] === "send-signal")
				server.failNext("/v1/signals", { status: 200, body: { data: { run_id: ids.sleeping } } });
			// Like OSS, this server has no Insights and syncs nothing.
			if (args[0] === "query-insights" || args[0] === "sync-app") {
				refusal(await inngest(...args), 2, /^self-hosted /);
				continue;
			}
			const result = await inngest(...args, "--json");
			expect(result.stderr).toMatch(args[0] === "send-events" ? /^(Resume code: .*\n)?$/ : /^$/);
			expect(args[0] === "wait-for-run" ? [0, 1] : [0, 3]).toContain(result.code);
			expect(typeof JSON.parse(result.stdout)).toBe("object");
			expect(result.stdout.trimEnd().split("\n")).toHaveLength(1);
		}
	});

	test("an error is one JSON document on stderr under --json", async () => {
		for (const [given, exit] of [
			[["get-run", RUN], 1],
			[["get-run", "x"], 2],
			[["query-insights", "--tables"], 2],
		] as const) {
			const { stderr: text } = await inngest(...given);
			const { code, stdout, stderr } = await inngest(...given, "--json");
			const { error, next } = JSON.parse(stderr);
			expect([code, stdout, `${error}\n${next}\n`]).toEqual([exit, "", text]);
		}
	});

	test("help: of everything, of each intent, and the version", async () => {
		const help = await calling(["help"]);
		for (const name of [...READS, ...Object.keys(CHANGES)])
			expect(help.stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
		expect(help.code).toBe(0);
		expect((await calling([])).stdout).toBe(help.stdout);
		expect((await calling(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
		for (const [name, shown] of [
			["list-runs", /--status STATUS +\S.*\n[\s\S]*--timeout/],
			["cancel-run", /^cancel-run RUN_ID \[flags\]\n.*\(destructive; shows a plan first\)[\s\S]*--confirm CODE/],
			["send-events", /\(write; shows a plan first above 100 events\)[\s\S]*@file or - for stdin/],
			["wait-for-run", /^wait-for-run \[RUN_ID…\] \[flags\]/],
		] as const) {
			const one = await calling([name, "--help"]);
			expect(one.stdout).toMatch(shown);
			expect([one.code, one.stderr]).toEqual([0, ""]);
		}
		expect((await calling(["help", "cancel-run"])).stdout).toBe((await calling(["cancel-run", "-h"])).stdout);
		expect((await calling(["help", "cancel-runn"])).code).toBe(2);
	});

	test("INNGEST_READ_ONLY refuses everything that is not a read, and nothing else", async () => {
		server.clearRequests();
		for (const [name, args] of Object.entries(CHANGES)) {
			const result = await calling(args, { env: { ...env, INNGEST_READ_ONLY: "1" } });
			refusal(result, 2, new RegExp(`^INNGEST_READ_ONLY is set, and ${name} is not a read; nothing was sent\\.`));
		}
		expect(server.requests).toEqual([]);
		expect((await calling(["list-apps"], { env: { ...env, INNGEST_READ_ONLY: "yes" } })).code).toBe(0);
		expect((await calling(["send-event", "a/b"], { env: { ...env, INNGEST_READ_ONLY: "true" } })).code).toBe(2);
		expect(
			(await calling(["send-event", "shop/order.created"], { env: { ...env, INNGEST_READ_ONLY: "0" } })).code,
		).toBe(0);
	});
});

describe("--curl prints the request that would be sent, and sends nothing", () => {
	const headers = (all: Record<string, unknown>) => [all.authorization, all["content-type"], all["x-inngest-env"]];

	test("run in a shell, it does what the intent does", async () => {
		const file = join(folder, "call.sh");
		for (const args of [
			["list-apps"],
			["list-envs"],
			["list-runs", "--status", "failed,cancelled", "--function", "shop/import-catalog", "--since", "2026-01-01"],
			["get-run", ids.failed],
			["get-event", ids.event],
			["list-events", "--name", "shop/order.created"],
			["send-event", "it's/$HOME", "--data", '{"a":"`$(id)` \'\\\\\\n"}', "--id", "own"],
			["replay-run", ids.failed, "--from-step", "parse"],
		]) {
			server.clearRequests();
			const curl = await inngest(...args, "--curl");
			expect([curl.code, curl.stderr]).toEqual([0, ""]);
			const first: Record<string, RegExp> = {
				"replay-run": /^# Replay one run, .* asks first: .*\ncurl -sS .*\n$/,
				"send-event": /^# Send one event\. Without --curl it may ask first\.\ncurl -sS .*\n$/,
			};
			expect(curl.stdout).toMatch(first[args[0] ?? ""] ?? /^curl -sS .*\n$/);
			for (const key of [server.signingKey, server.eventKey]) expect(curl.stdout).not.toContain(key);
			expect(server.requests).toEqual([]);
			writeFileSync(file, curl.stdout);
			const answer = await run("sh", [file], { env });
			expect([answer.code, answer.stderr]).toEqual([0, ""]);
			const [byCurl] = server.requests;
			expect(byCurl?.status).toBe(200);
			// The same request as the intent's own.
			const plan = await inngest(...args);
			if (plan.code === 3) await inngest(...args, "--confirm", codeOf(plan));
			const same = server.requests
				.slice(1)
				.find(
					({ method, url, body }) =>
						method === byCurl?.method && url.split("?")[0] === byCurl.url.split("?")[0] && body === byCurl.body,
				);
			expect(headers(same?.headers ?? {}), args.join(" ")).toEqual(headers(byCurl?.headers ?? {}));
			if (!args.includes("list-events")) expect(same?.url).toBe(byCurl?.url);
		}
	});

	test("cancel-run's", async () => {
		const curl = await inngest("cancel-run", ids.sleeping, "--curl");
		const file = join(folder, "cancel.sh");
		writeFileSync(file, curl.stdout);
		expect((await run("sh", [file], { env })).stdout).toContain(ids.sleeping);
		await eventually("it is cancelled", async () =>
			server.run(ids.sleeping)?.status === "CANCELLED" ? true : undefined,
		);
	});

	test("of the others, the first request; and nothing that is wrong", async () => {
		expect((await inngest("report-health", "--curl")).stdout).toMatch(
			/^# the first of several requests\ncurl -sS "http/,
		);
		refusal(await inngest("send-event", "inngest/x", "--curl"), 2, /starts with inngest\/, which is reserved/);
		expect(server.requests).toEqual([]);
	});
});

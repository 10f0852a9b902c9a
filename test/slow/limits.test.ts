/** The manifest's limits, read-only mode and the environment that a write must name: attempts to get around them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { Secrets } from "../../lib/gate/secrets.ts";
import { readOrigin, resolveTarget } from "../../lib/gate/target.ts";
import { SkillError, UsageError } from "../../lib/text/errors.ts";
import { Client } from "../../lib/wire/client.ts";
import { path, type Request } from "../../lib/wire/request.ts";
import { openPace, openWork } from "../../lib/wire/retry.ts";
import { type InngestServer, startServer } from "../inngest-server/server.ts";
import { everyIntent, manifest } from "../intents.ts";
import { type Call, many, type Outcome } from "../many.ts";
import { FOLDER } from "../skill.ts";
import { aWorld } from "../world.ts";

const RUN = "01M85369BX39BZFM3TC50ACTFC";
const YAML = readFileSync(join(FOLDER, "skill.yaml"), "utf8");
/** Each intent with what it needs. */
const all = everyIntent();
const changing = all.filter(([name]) => manifest.intents[name]?.effect !== "read");
const reading = all.filter(([name]) => manifest.intents[name]?.effect === "read");

/** A key that no request can carry: a complaint about it shows that it was read for use. */
const UNUSABLE = { INNGEST_API_KEY: "not a key", INNGEST_SIGNING_KEY: "not a key", INNGEST_EVENT_KEY: "not a key" };
const KEYS = {
	INNGEST_API_KEY: "sk-inn-api-x123456",
	INNGEST_SIGNING_KEY: "5163a1b2c3",
	INNGEST_EVENT_KEY: "event-key-1",
};

let server: InngestServer;
const folder = mkdtempSync(join(tmpdir(), "inngest-limits-"));
/** A copy of the built folder with another manifest. */
function copy(name: string, change: (text: string) => string): string {
	const place = join(folder, name);
	cpSync(FOLDER, place, { recursive: true });
	const changed = change(YAML);
	expect(changed).not.toBe(YAML);
	writeFileSync(join(place, "skill.yaml"), changed);
	return place;
}

beforeAll(async () => {
	server = await startServer({
		kind: "self-hosted",
		eventKey: KEYS.INNGEST_EVENT_KEY,
		signingKey: KEYS.INNGEST_SIGNING_KEY,
	});
});
beforeEach(() => {
	server.clearFaults();
	server.clearRequests();
});
afterAll(async () => {
	await server.close();
	rmSync(folder, { recursive: true });
});

function refusedBeforeSending(outcome: Outcome | undefined, said: RegExp, what: string): void {
	expect(outcome?.stderr, what).toMatch(said);
	expect([outcome?.code, outcome?.stdout, outcome?.read], what).toEqual([2, "", []]);
	expect(outcome?.stderr, what).not.toContain("contains characters");
}

test("that a read of a secret is seen", async () => {
	const [used, unusable] = await many([
		{ args: ["list-runs"], env: { ...KEYS, INNGEST_BASE_URL: server.url } },
		{ args: ["list-runs"], env: { ...UNUSABLE, INNGEST_BASE_URL: server.url } },
	]);
	expect([used?.code, used?.read]).toEqual([0, ["INNGEST_SIGNING_KEY"]]);
	expect([unusable?.code, unusable?.stderr]).toEqual([
		2,
		expect.stringContaining("contains characters that no key has"),
	]);
});

describe("secrets", () => {
	test("an intent gets none but those that skill.yaml lists for it", async () => {
		const env = { ...KEYS, INNGEST_BASE_URL: server.url };
		const place = copy("no-secrets", (text) => text.replace(/^( {4}secrets:) \[.*\]$/gm, "$1 []"));
		const outcomes = await many(
			all.map((args): Call => ({ args, env })),
			place,
		);
		for (const [i, outcome] of outcomes.entries()) {
			const printed = outcome.stdout + outcome.stderr;
			// Without Insights, no key is needed to say so.
			const said = all[i]?.[0] === "query-insights" ? /has no Insights/ : /may not use INNGEST_[A-Z]+_KEY/;
			expect(printed, all[i]?.join(" ")).toMatch(said);
			expect(printed, all[i]?.join(" ")).toContain("nothing was sent");
			expect([1, 2], all[i]?.join(" ")).toContain(outcome.code);
		}
		expect(server.requests).toEqual([]);
	});

	test("each intent asks only for what it lists", async () => {
		const env = { ...KEYS, INNGEST_BASE_URL: server.url };
		const outcomes = await many(all.map((args): Call => ({ args, env })));
		for (const [i, { read }] of outcomes.entries())
			for (const name of read) expect(manifest.intents[all[i]?.[0] ?? ""]?.secrets, all[i]?.[0]).toContain(name);
	});
});

describe("hosts", () => {
	test("on Cloud, none but the manifest's: without them nothing is sent, no secret is read", async () => {
		const place = copy("no-hosts", (text) =>
			text.replace(/^hosts:\n(?: {2}- .*\n)+/m, "hosts:\n  - https://example.invalid\n"),
		);
		const env = { ...UNUSABLE, INNGEST_ENV: "production" };
		const outcomes = await many(
			all.filter(([name]) => name !== "check-setup").map((args): Call => ({ args, env })),
			place,
		);
		for (const { stdout, stderr, code, read } of outcomes) {
			expect(stdout + stderr).toMatch(
				/(api\.inngest\.com|inn\.gs) is not a host that skill\.yaml allows; nothing was sent/,
			);
			expect([code, read]).toEqual([2, []]);
		}
	});

	/** What may not be a server, however it is written. */
	const ADDRESSES = [
		...["https://user:pw@inngest.example.com", "https://user@inngest.example.com", "https://:pw@inngest.example.com"],
		...["http://localhost@evil.example", "http://localhost:80@evil.example", "http://evil.example\\@localhost"],
		...["https://inngest.example.com/api", "https://inngest.example.com//", "https://inngest.example.com/%2e%2e/x"],
		...["https://inngest.example.com?x=1", "https://inngest.example.com#x", "https://inngest.example.com/?@localhost"],
		...[
			"ftp://localhost",
			"file:///etc/passwd",
			"javascript:alert(1)",
			"data:,x",
			"ws://localhost",
			"gopher://localhost",
		],
		...["localhost:8288", "inngest.example.com", "//inngest.example.com", "https://", "https://[::1", "https://a b"],
		...[
			"http://inngest.example.com",
			"HTTP://INNGEST.EXAMPLE.COM",
			"http://10.0.0.1",
			"http://192.168.1.1",
			"http://0.0.0.0",
		],
		...[
			"http://localhost.evil.example",
			"http://127.0.0.1.nip.io",

			"http://localhost.",
			"http://localhost..",
		],
		...["http://[::ffff:10.0.0.1]", "http://[::2]", "http://[fe80::1]", "http://[::]"],
		...["http://167772161", "http://0xa.1", "http://012.0.0.1", "http://128.0.0.1", "http://2130706432.evil.example"],
		...[
			"http://evil\u3002example",
			"http://localhost\u3002evil.example",
			"http://\u24d4vil.example",
			"http://xn--localhost-.example",
		],
		...[
			"http://evil.example\t",
			"http://ev\til.example",
			"http:evil.example",
			"http:/evil.example",
			"http:\\\\evil.example",
		],
		...[
			"http://localhost%2eevil.example",
			"http://evil.example%00.localhost",
			"http://a.localhost.evil.example",
			"http://-localhost",
		],
		...["http://localhost:8288.evil.example", "http://localhost:99999", "http://.localhost", "http://a..localhost"],
	];

	/** A dev server gets no key, so plain HTTP to another machine is allowed; and localhost needs no scheme. */
	const isForDev = (address: string): boolean => {
		if (address === "localhost:8288") return true;
		if (!/^http:\/\//i.test(address) || !URL.canParse(address)) return false;
		const { username, password, pathname, search, hash } = new URL(address);
		return `${username}${password}${search}${hash}` === "" && pathname === "/";
	};

	test("an address that isn't an origin, or plain HTTP to another machine, is refused before any secret is read", async () => {
		const calls = ADDRESSES.flatMap((address) => [
			{ args: ["list-runs"], env: { ...UNUSABLE, INNGEST_BASE_URL: address } },
			{ args: ["send-event", "a/b"], env: { ...UNUSABLE, INNGEST_BASE_URL: address } },
			...(isForDev(address) ? [] : [{ args: ["list-runs"], env: { ...UNUSABLE, INNGEST_DEV: address } }]),
		]);
		for (const [i, outcome] of (await many(calls)).entries()) {
			const what = JSON.stringify(calls[i]);
			refusedBeforeSending(outcome, /^INNGEST_(BASE_URL|DEV) (must|is not).*; nothing was sent\.\n/, what);
			expect(outcome.stderr).not.toMatch(/pw|evil|passwd/);
		}
	});

	test("other spellings of this machine are this machine", () => {
		for (const address of [
			"http://0x7f.1",
			"http://2130706433",
			"http://127.1",
			"http://127.0.0.1.",
			"http://LOCALHOST",
			"http://\u24dbocalhost",
			"http://[0:0:0:0:0:0:0:1]",
			"http://127\u30020\u30020\u30021",
		])
			expect(readOrigin("X", address).hostname, address).toMatch(/^(127\.0\.0\.1|localhost|\[::1\])$/);
	});

	test("no address over plain HTTP is taken that a URL parser sends elsewhere", () => {
		const part = fc.constantFrom(
			"localhost",
			"127.0.0.1",
			"[::1]",
			"evil.example",
			".",
			"@",
			":",
			"/",
			"\\",
			"#",
			"?",
			"%2e",
			"%40",
			"80",
			"\u3002",
			"\uff0e",
			"0x7f",
			"1",
			"\t",
			" ",
			"-",
			"a",
		);
		fc.assert(
			fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
				let url: URL;
				try {
					url = readOrigin("X", `http://${parts.join("")}`);
				} catch (error) {
					expect(error).toBeInstanceOf(UsageError);
					return;
				}
				expect(url.hostname).toMatch(/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|([a-z0-9-]+\.)+localhost)$/);
				expect([url.username, url.password, url.search, url.hash, url.pathname]).toEqual(["", "", "", "", "/"]);
			}),
			{ numRuns: 1000 },
		);
	});

	test.each(["https://api.inngest.com", "https://API.inngest.com.", "https://inn.gs", "https://app.inngest.com"])(
		"INNGEST_BASE_URL=%s is Inngest Cloud, with its rules",
		async (address) => {
			const env = { ...UNUSABLE, INNGEST_BASE_URL: address };
			for (const outcome of await many(changing.map((args): Call => ({ args, env }))))
				refusedBeforeSending(outcome, /on Inngest Cloud needs an environment; nothing was sent/, address);
		},
	);
	test("a self-hosted server may be called much like it", () => {
		const settings = {
			environment: undefined,
			dev: undefined,
			readOnly: false,
			proxy: { https: undefined, http: undefined, no: undefined },
		};
		for (const baseUrl of [
			"https://inngest.example.com",
			"https://myinngest.com",
			"https://winn.gs",
			"https://inn.gs.example.com",
		])
			expect(resolveTarget({ ...settings, baseUrl }, { dev: false }, true).kind).toBe("self-hosted");
	});
});

describe("redirects", () => {
	let other: Server;
	let port = 0;
	let seen: string[] = [];
	beforeAll(async () => {
		other = createServer((request, response) => {
			seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
			response.end("{}");
		});
		await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
		const address = other.address();
		port = typeof address === "object" ? (address?.port ?? 0) : 0;
	});
	afterAll(() => other.close());

	test("none is followed, wherever it points and whatever was asked; a change is not asked for twice", async () => {
		seen = [];
		const places = [
			`http://127.0.0.1:${port}/v2/apps`,
			`//127.0.0.1:${port}/x`,
			`http:\\\\127.0.0.1:${port}`,
			"/v2/other",
			"https://user:pw@evil.example/",
			"javascript:alert(1)",
			"",
			"http://[",
			"data:text/html,x",
			"\u00ff",
		];
		for (const status of [301, 302, 303, 307, 308])
			for (const location of places) {
				server.clearRequests();
				server.failNext(/./, { status, headers: { location }, times: 9 });
				const outcomes = await many([
					{ args: ["list-apps"], env: { ...KEYS, INNGEST_BASE_URL: server.url } },
					{ args: ["send-event", "a/b"], env: { ...KEYS, INNGEST_BASE_URL: server.url } },
				]);
				server.clearFaults();
				for (const { code, stdout, stderr } of outcomes) {
					expect([code, stdout], `${status} ${location}`).toEqual([1, ""]);
					expect(stderr).toMatch(/ redirects to .* \(not followed\)\.\n/);
					expect(stderr).not.toMatch(/pw|alert|html/);
				}
				// The event's listeners are looked up first.
				expect(server.requests.length).toBe(3);
			}
		expect(seen).toEqual([]);
	}, 240_000);
});

describe("paths", () => {
	const nasty = fc.constantFrom(
		"/",
		"\\",
		"..",
		".",
		"%2f",
		"%2F",
		"%5c",
		"%2e",
		"%00",
		"\n",
		"\r",
		"\u0000",
		"?",
		"#",
		"&",
		";",
		" ",
		"é",
		"\u202e",
		"\ud800",
		"a",
		RUN,
		"..%2f",
		"%252f",
		"＼",
		"／",
		"\u2024",
		"//",
		":",
		"@",
	);
	const id = fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join(""));

	/** It decodes a name in a path twice, if possible (measured on v1.43). */
	const asInngestReads = (part: string): string => {
		const once = decodeURIComponent(part);
		try {
			return decodeURIComponent(once);
		} catch {
			return once;
		}
	};

	test("a value is one segment of a path, or is refused", () => {
		fc.assert(
			fc.property(id, id, (one, two) => {
				let built: string;
				try {
					built = path`/v2/apps/${one}/functions/${two}/invoke`;
				} catch (error) {
					expect(error).toBeInstanceOf(UsageError);
					if (error instanceof UsageError) expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
					return;
				}
				const url = new URL(`https://i.example${built}?x=1`);
				expect(url.pathname).toBe(built);
				const segments = url.pathname.split("/");
				expect(segments).toHaveLength(7);
				expect([1, 2, 4, 6].map((i) => segments[i])).toEqual(["v2", "apps", "functions", "invoke"]);
				expect([segments[3], segments[5]].map((part) => asInngestReads(part ?? ""))).toEqual([one, two]);
			}),
			{ numRuns: 2000 },
		);
	});

	test("nothing typed as an id, a function or an app reaches another path", async () => {
		const env = { ...KEYS, INNGEST_BASE_URL: server.url };
		// A command line can't contain NUL, and lone surrogates don't survive it.
		const typed = fc
			.sample(id, { numRuns: 60, seed: 7 })
			.filter((one) => one !== "" && !one.startsWith("-"))
			.concat(
				"../../v1/events",
				"..",
				"%2e%2e",
				`${RUN}/cancel`,
				`${RUN}%2fcancel`,
				`${RUN}\n`,
				`${RUN}?x=1`,
				`a/${RUN}/b`,
				"a/..",
				"../a",
				"a/%2e%2e",
				"shop/a\u0000b",
			);
		const calls = typed.flatMap((one): Call[] => [
			{ args: ["get-run", one], env },
			{ args: ["get-event", one], env },
			{ args: ["cancel-run", one], env },
			{ args: ["wait-for-run", "--event", one, "--timeout", "1ms"], env },
			{ args: ["get-function", one], env },
			{ args: ["get-function", `shop/${one}`], env },
			{ args: ["invoke-function", `${one}/x`], env },
			{ args: ["list-functions", "--app", one], env },
		]);
		const outcomes = await many(calls);
		for (const [i, { stderr }] of outcomes.entries())
			expect(stderr, calls[i]?.args.join(" ")).not.toMatch(/itself failed|UNCAUGHT/);
		const known = [
			/^\/v2\/runs\/[0-9A-Z]{26}(\/trace|\/cancel)?$/,
			/^\/v1\/(runs\/[0-9A-Z]{26}\/jobs|events\/[0-9A-Z]{26})$/,
			/^\/v2\/events\/[0-9A-Z]{26}\/runs$/,
			/^\/v2\/(apps|runs)$/,
			/^\/v2\/apps\/[^/]+(\/functions(\/[^/]+(\/invoke)?)?)?$/,
		];
		for (const { url } of server.requests) {
			const { pathname } = new URL(url, "http://localhost");
			expect(pathname).toBe(url.split("?")[0]);
			expect(
				known.some((one) => one.test(pathname)),
				url,
			).toBe(true);
			// For a proxy that decodes once there is no parent path and no further segment.
			expect(pathname, url).not.toMatch(/%2f|%00|%0a|%0d/i);
			expect(decodeURIComponent(pathname).split("/"), url).not.toContain("..");
		}
	});
});

describe("INNGEST_READ_ONLY", () => {
	test("refuses whatever is no read, before anything is sent or read, however yes is written", async () => {
		for (const yes of ["1", "true", "TRUE", "yes", "on", "2", "nope", " 1 ", "read"]) {
			const env = { ...UNUSABLE, INNGEST_BASE_URL: server.url, INNGEST_READ_ONLY: yes };
			const calls = changing.flatMap((args): Call[] => [
				{ args, env },
				...(yes === "1"
					? ["--curl", "--json", "--dev", "--confirm=aaaaaaaa"].map((more) => ({ args: [...args, more], env }))
					: []),
			]);
			for (const outcome of await many(calls))
				refusedBeforeSending(outcome, /^(\{"error":")?INNGEST_READ_ONLY is set, and /, yes);
		}
		expect(server.requests).toEqual([]);
	});

	test("lets reads through, which send GET, a query, and the empty send that tests the event key", async () => {
		const env = { ...KEYS, INNGEST_BASE_URL: server.url, INNGEST_READ_ONLY: "1" };
		const before = server.stats().events;
		for (const outcome of await many(reading.map((args): Call => ({ args, env }))))
			expect(outcome.stderr).not.toContain("INNGEST_READ_ONLY");
		expect(server.requests.length).toBeGreaterThan(reading.length);
		for (const { method, url, body } of server.requests)
			expect(method === "GET" || url === "/v2/insights/query" || (url.startsWith("/e/") && body === "[]"), url).toBe(
				true,
			);
		expect(server.stats().events).toBe(before);
	});
});

describe("on Inngest Cloud", () => {
	test("what writes is refused without its environment, before anything is sent or any secret is read", async () => {
		const env = { ...UNUSABLE, HTTPS_PROXY: server.url };
		const calls = changing.flatMap((args): Call[] => [
			{ args, env },
			{ args: [...args, "--json"], env: { ...env, INNGEST_ENV: " " } },
		]);
		for (const outcome of await many(calls))
			refusedBeforeSending(outcome, /on Inngest Cloud needs an environment; nothing was sent/, "");
		const empty = changing.map((args): Call => ({ args: [...args, "--env", ""], env }));
		for (const outcome of await many(empty))
			refusedBeforeSending(outcome, /^--env does not name an environment; nothing was sent/, "");
	});

	const settings = {
		environment: undefined,
		baseUrl: undefined,
		dev: undefined,
		readOnly: false,
		proxy: { https: undefined, http: undefined, no: undefined },
	};

	test("the named environment goes along with every request", async () => {
		const env = { ...KEYS, INNGEST_BASE_URL: server.url };
		const named = all.map((args): Call => ({ args: [...args, "--env", "branch/x"], env }));
		const next = (await many(named)).flatMap(({ stdout }) => stdout.match(/^Next: .*$/gm) ?? []);
		expect(next.length).toBeGreaterThan(1);
		for (const line of next) expect(line).toMatch(/ --env branch\/x( \([^()]*\))?$/);
		expect(server.requests.length).toBeGreaterThan(all.length);
		// The list of environments belongs to none.
		for (const { headers, url } of server.requests)
			expect(headers["x-inngest-env"], url).toBe(url.startsWith("/v2/envs") ? undefined : "branch/x");
		const curls = await many(
			all
				// A signal is not sent if an API key is set.
				.filter(([name = ""]) => !["check-setup", "list-envs", "send-signal"].includes(name))
				.map((args): Call => ({ args: [...args, "--curl", "--env", "branch/x"], env: KEYS })),
		);
		for (const { stdout, stderr, code } of curls) {
			expect(code, stderr).toBe(0);
			expect(stdout).toMatch(/"https:\/\/(api\.inngest\.com|inn\.gs)\/.*-H 'x-inngest-env: branch\/x'/s);
		}
	});

	/** Requests that a faulty handler might make. */
	const wrong: [what: string, intent: string, request: Request, said: RegExp][] = [
		[
			"a read that posts",
			"list-runs",
			{ method: "POST", path: "/v2/runs/x/cancel", body: {}, api: "v2" },
			/An intent that reads may not change/,
		],
		[
			"a read that sends",
			"list-runs",
			{ method: "POST", path: "/e/x", body: [{ name: "a/b" }], api: "event" },
			/An intent that reads may not change/,
		],
		[
			"a destructive one without its confirmation",
			"cancel-run",
			{ method: "POST", path: "/v2/runs/x/cancel", body: {}, api: "v2" },
			/A confirmation is needed/,
		],
		[
			"another host in the path",
			"list-runs",
			{ method: "GET", path: "@evil.example/", api: "v2" },
			/evil\.example is not a host/,
		],
		[
			"another host's ending",
			"list-runs",
			{ method: "GET", path: ".evil.example/", api: "v2" },
			/evil\.example is not a host/,
		],
		["another port", "list-runs", { method: "GET", path: ":8443/", api: "v2" }, /api\.inngest\.com:8443 is not a host/],
	];
	test.each(wrong)("the client refuses %s, and asks for no secret", async (_, intent, request, said) => {
		const entry = manifest.intents[intent];
		if (!entry) throw new Error(intent);
		const asked: string[] = [];
		const watched: Pick<Secrets, "has" | "get"> = {
			has: () => true,
			get(name) {
				asked.push(name);
				return KEYS[name];
			},
		};
		const target = resolveTarget(settings, { dev: false, environment: "production" }, true);
		const world = aWorld();
		const api = new Client({
			manifest,
			intent: entry,
			target,
			secrets: watched,
			settings,
			timeout: 100,
			work: openWork(world.signal),
			pace: openPace(world.clock, true),
			odd: () => {},
			...world,
		});
		const error = await api.send(request, z.unknown()).catch((one: unknown) => one);
		expect(error).toBeInstanceOf(SkillError);
		expect(error).toMatchObject({ exit: 2, message: expect.stringMatching(said) });
		expect(asked).toEqual([]);
	});
});

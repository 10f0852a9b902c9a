/** The built folder in other environments: behind a proxy, with a private CA, with nothing set, unwritable, anywhere. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, request as forward } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InngestServer, startServer } from "../inngest-server/server.ts";
import { FOLDER, type SkillOptions, skill } from "../skill.ts";

const scratch = mkdtempSync(join(tmpdir(), "inngest-environment-"));
let server: InngestServer;
const closing: Server[] = [];

async function listen<S extends Server>(server: S): Promise<number> {
	closing.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return typeof address === "object" && address ? address.port : 0;
}

beforeAll(async () => {
	server = await startServer({ kind: "self-hosted" });
});
afterAll(async () => {
	for (const one of closing) one.close();
	await server.close();
	rmSync(scratch, { recursive: true });
});

const selfHosted = (url: string): Record<string, string> => ({
	INNGEST_BASE_URL: url,
	INNGEST_SIGNING_KEY: server.signingKey,
	INNGEST_EVENT_KEY: server.eventKey,
});

describe("TLS and proxies", () => {
	const NAME = "inngest.team.invalid";
	const key = join(scratch, "key.pem");
	const ca = join(scratch, "ca.pem");
	/** The requests to the proxy, and their logins. */
	let asked: [path: string | undefined, login: string | undefined][] = [];
	let refuse = false;
	let tlsPort = 0;
	let proxyPort = 0;
	let hasOpenssl = true;

	beforeAll(async () => {
		try {
			execFileSync("openssl", [
				...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
				...["-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME},DNS:localhost,IP:127.0.0.1`],
				...["-keyout", key, "-out", ca],
			]);
		} catch {
			hasOpenssl = false;
			return;
		}
		// TLS in front of the in-memory server.
		tlsPort = await listen(
			createTlsServer({ key: readFileSync(key), cert: readFileSync(ca) }, (request, response) => {
				const { method, url: path, headers } = request;
				const onward = forward({ host: "127.0.0.1", port: server.port, method, path, headers }, (answer) => {
					response.writeHead(answer.statusCode ?? 500, answer.headers);
					answer.pipe(response);
				});
				request.pipe(onward);
			}),
		);
		const proxy = createServer();
		proxy.on("connect", ({ url, headers }, socket) => {
			asked.push([url, headers["proxy-authorization"]]);
			if (refuse) return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
			const onward = connect(tlsPort, "127.0.0.1", () => {
				socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
				onward.pipe(socket).pipe(onward);
			});
			onward.on("error", () => socket.destroy());
			return socket.on("error", () => onward.destroy());
		});
		proxyPort = await listen(proxy);
	});

	const call = async (env: Record<string, string>, ...args: string[]) => {
		asked = [];
		return skill(args.length ? args : ["list-apps"], { env: { NODE_EXTRA_CA_CERTS: ca, ...env } });
	};
	const proxied = (login = "") => ({
		...selfHosted(`https://${NAME}`),
		HTTPS_PROXY: `http://${login}127.0.0.1:${proxyPort}`,
	});

	test("a private CA is trusted with NODE_EXTRA_CA_CERTS, and refused without", async ({ skip }) => {
		if (!hasOpenssl) skip();
		const env = selfHosted(`https://localhost:${tlsPort}`);
		const { code, stdout } = await call(env);
		expect(stdout).toMatch(/^1 app \(self-hosted localhost:\d+\)\n/);
		expect(code).toBe(0);
		const without = await call({ ...env, NODE_EXTRA_CA_CERTS: "" });
		expect(without.code).toBe(1);
		expect(without.stderr).toMatch(/can't be reached: its certificate is from an unknown CA\.\n.*NODE_EXTRA_CA_CERTS/);
	});

	test("HTTPS_PROXY is gone through, by CONNECT, for reads and for a triage's many requests", async ({ skip }) => {
		if (!hasOpenssl) skip();
		const { code, stdout, ms } = await call(proxied());
		expect(stdout).toMatch(/^1 app \(self-hosted inngest\.team\.invalid\)\n/);
		expect(code).toBe(0);
		expect(asked).toEqual([[`${NAME}:443`, undefined]]);
		// An idle connection does not keep the process alive.
		expect(ms).toBeLessThan(4500);
		server.seedRuns([
			{ app: "shop", function: "import-catalog", count: 30, status: "FAILED", error: { message: "x" } },
		]);
		expect((await call(proxied(), "triage-failures")).stdout).toMatch(/^30 failed runs/);
		expect(asked.length).toBeLessThanOrEqual(12);
	});

	test("with a login, in lower case, without http://", async ({ skip }) => {
		if (!hasOpenssl) skip();
		expect((await call(proxied("me:p%40ss@"))).code).toBe(0);
		expect(asked).toEqual([[`${NAME}:443`, `Basic ${Buffer.from("me:p@ss").toString("base64")}`]]);
		const env = { ...selfHosted(`https://${NAME}:8443`), https_proxy: `127.0.0.1:${proxyPort}` };
		expect((await call(env)).code).toBe(0);
		expect(asked).toEqual([[`${NAME}:8443`, undefined]]);
	});

	test.each(["inngest.team.invalid", "team.invalid", ".team.invalid", "x, *.team.invalid", "*", "team.invalid:443"])(
		"NO_PROXY=%s leaves it out",
		async (no) => {
			const result = await call({ ...proxied(), NO_PROXY: no });
			expect(result.code).toBe(1);
			expect(asked).toEqual([]);
		},
	);

	test("this machine is never asked for through the proxy", async ({ skip }) => {
		if (!hasOpenssl) skip();
		for (const host of ["localhost", "127.0.0.1"]) {
			const env = { ...proxied(), ...selfHosted(`https://${host}:${tlsPort}`) };
			expect((await call(env)).code).toBe(0);
			expect(asked).toEqual([]);
		}
		const plain = { ...selfHosted(server.url), HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" };
		expect((await call(plain)).code).toBe(0);
	});

	test("a proxy that refuses, is not there or is none: told in two lines, no key printed, nothing unclear", async ({
		skip,
	}) => {
		if (!hasOpenssl) skip();
		refuse = true;
		const refused = await call(proxied("me:hunter22@"), "invoke-function", "shop/order-confirm", "--data", "{}");
		refuse = false;
		expect(refused.code).toBe(1);
		expect(refused.stderr).toMatch(
			/^self-hosted inngest\.team\.invalid can't be reached: HTTPS_PROXY answered 407; nothing was changed\.\n/,
		);
		expect(refused.stderr).not.toMatch(/hunter22|unclear/);
		const nobody = await call({ ...proxied(), HTTPS_PROXY: "http://127.0.0.1:9" });
		expect(nobody.code).toBe(1);
		expect(nobody.stderr).toMatch(/can't be reached: HTTPS_PROXY failed: connect ECONNREFUSED/);
		for (const other of ["socks5://127.0.0.1:9", "http://", "::"]) {
			const none = await call({ ...proxied(), HTTPS_PROXY: other });
			expect(none.code).toBe(2);
			expect(none.stderr).toMatch(/^HTTPS_PROXY is not the address of an HTTP proxy; nothing was sent\.\n/);
		}
	});
});

describe("surroundings", () => {
	const wanted = async (options: SkillOptions = {}, ...args: string[]) => {
		const result = await skill(args.length ? args : ["list-apps"], {
			...options,
			env: { ...selfHosted(server.url), ...options.env },
		});
		expect(result.stderr).toBe("");
		expect(result.code).toBe(0);
		return result.stdout;
	};

	test("the answer does not depend on locale, colours, columns, home or terminal", async () => {
		const plain = await wanted();
		expect(plain).toMatch(/^1 app \(self-hosted 127\.0\.0\.1:\d+\)\nshop /);
		for (const env of [
			{ LANG: "", LC_ALL: "" },
			{ LANG: "tr_TR.UTF-8", LC_ALL: "de_DE.UTF-8" },
			{ NO_COLOR: "1" },
			{ FORCE_COLOR: "1" },
			{ COLUMNS: "40", TERM: "dumb" },
			{ HOME: "/nonexistent", XDG_CACHE_HOME: "/nonexistent", TMPDIR: "/nonexistent" },
			{ TZ: "Asia/Kolkata" },
		])
			expect(await wanted({ env }), JSON.stringify(env)).toBe(plain);
	});

	test("non-ASCII text goes out and in as UTF-8 in any locale", async () => {
		const text = "Grüße, 技術 🚀";
		const args = ["send-event", "shop/order.created", "--data", JSON.stringify({ text }), "--json"];
		const env = { LANG: "C" };
		const id = /"(01\w{24})"/.exec(await wanted({ env }, ...args))?.[1] ?? "";
		expect(await wanted({ env: { LANG: "C" } }, "get-event", id)).toContain(text);
	});

	test("a folder with blanks and letters of other alphabets, copied, linked to, or the place where it is called", async () => {
		const folder = join(scratch, "Ünï code 技 #1 %41");
		cpSync(FOLDER, folder, { recursive: true });
		expect(await wanted({ folder })).toMatch(/^1 app/);
		expect(await wanted({ folder: ".", cwd: folder })).toMatch(/^1 app/);
	});

	test("nothing is written: not in its folder, its home, its place or the temporary folder; none need be writable", async () => {
		const folder = join(scratch, "unwritable");
		cpSync(FOLDER, folder, { recursive: true });
		const around = ["home", "tmp", "cwd"].map((name) => join(scratch, name));
		for (const one of around) mkdirSync(one);
		const [home = "", tmp = "", cwd = ""] = around;
		const all = () =>
			[folder, ...around].flatMap((one) =>
				[".", ...readdirSync(one, { recursive: true, encoding: "utf8" })].map((name) => {
					const { mtimeMs, size } = statSync(join(one, name));
					return `${one}/${name} ${mtimeMs} ${size}`;
				}),
			);
		for (const one of [folder, ...around]) chmodSync(one, 0o555);
		const before = all();
		const env = { HOME: home, TMPDIR: tmp, TEMP: tmp, XDG_CACHE_HOME: home };
		await wanted({ folder, cwd, env });
		await wanted({ folder, cwd, env }, "triage-failures");
		await wanted({ folder, cwd, env }, "send-event", "shop/order.created");
		await wanted({ folder, cwd, env }, "help");
		expect(all()).toEqual(before);
		for (const one of [folder, ...around]) chmodSync(one, 0o755);
	});

	test("input with Windows line ends and a byte order mark is taken as any other", async () => {
		const events = ["a", "b"].map((name) => JSON.stringify({ name: `shop/${name}.nobody` }));
		const env = selfHosted(server.url);
		const { code, stdout } = await skill(["send-events", "-"], { env, stdin: `\ufeff${events.join("\r\n")}\r\n` });
		expect(stdout).toMatch(/^Sent 2 events/);
		expect(code).toBe(0);
		const data = `\ufeff{\r\n"id": 1\r\n}\r\n`;
		expect((await skill(["send-event", "shop/order.created", "--data", "-"], { env, stdin: data })).code).toBe(0);
	});

	test("a path as Windows writes it is taken as it is after @", async () => {
		const file = "C:\\Users\\me\\my events.json";
		const { code, stderr } = await skill(["send-events", `@${file}`], { env: selfHosted(server.url) });
		expect(code).toBe(2);
		expect(stderr).toContain(file);
	});
});

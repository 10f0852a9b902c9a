/** The one module with sockets, tested with real ones. */
import { execFile } from "node:child_process";
import dns from "node:dns";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import tls from "node:tls";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Settings } from "../../lib/gate/secrets.ts";
import { type NoReply, openHttp, viaProxy } from "../../lib/wire/http.ts";
import { createAuthority } from "../inngest-server/ca.ts";

const settings = (proxy: Partial<Settings["proxy"]> = {}): Settings => ({
	environment: undefined,
	baseUrl: undefined,
	dev: undefined,
	readOnly: false,
	proxy: { https: undefined, no: undefined, ...proxy },
});

const servers: Server[] = [];
const sockets = new Set<Socket>();
async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
	servers.push(server);
	server.on("connection", (socket) => sockets.add(socket));
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	const address: AddressInfo | string | null = server.address();
	return typeof address === "object" && address ? address.port : 0;
}
afterEach(() => {
	vi.restoreAllMocks();
	for (const socket of sockets) socket.destroy();
	for (const server of servers.splice(0)) server.close();
	sockets.clear();
});

/** The response's text, or the error and whether the request may have been sent. */
async function post(url: string, some: Partial<Settings["proxy"]> = {}, timeout = 3000): Promise<unknown> {
	const call = { method: "POST", headers: { authorization: "Bearer key" }, body: '{"a":1}', timeout };
	return openHttp(settings(some))(url, call).then(
		({ status, text }) => ({ status, text }),
		(error) => (error.sent === undefined ? error : { ...reasonOf(error), sent: error.sent }),
	);
}
const reasonOf = ({ code, message }: NoReply) => (typeof code === "string" ? { code } : { why: message });

test("a connection that is used again gathers no listeners: Node would warn on stderr", async () => {
	const warned: string[] = [];
	const note = (warning: Error) => void warned.push(warning.name);
	process.on("warning", note);
	let connections = 0;
	const server = createServer((_, response) => response.end("{}")).on("connection", () => connections++);
	const url = `http://127.0.0.1:${await listen(server)}/`;
	const exchange = openHttp(settings());
	for (let i = 0; i < 15; i++) await exchange(url, { method: "GET", headers: {}, body: null, timeout: 3000 });
	await new Promise((resolve) => setImmediate(resolve));
	process.off("warning", note);
	expect({ warned, connections }).toEqual({ warned: [], connections: 1 });
});

describe("what may have been sent when no answer came", () => {
	const authority = createAuthority("The test's");
	const known = tls.getCACertificates("default");
	beforeAll(() => tls.setDefaultCACertificates([...known, authority.cert]));
	afterAll(() => tls.setDefaultCACertificates(known));

	/** A TLS server with such a certificate, and what reached it. */
	async function secure(certificate: { key: string; cert: string }, options: tls.TlsOptions = {}) {
		let got = 0;
		const server = createTlsServer({ ...certificate, ...options }, (_, response) => response.end("{}"));
		server.on("tlsClientError", () => undefined);
		server.on("request", () => got++);
		return { port: await listen(server), got: () => got };
	}

	test.each<[string, string, Parameters<typeof authority.issue>]>([
		["an expired certificate", "CERT_HAS_EXPIRED", [["localhost"], [-3, -1]]],
		["one that is not valid yet", "CERT_NOT_YET_VALID", [["localhost"], [1, 3]]],
		["one for another name", "ERR_TLS_CERT_ALTNAME_INVALID", [["other.example"]]],
	])("%s: nothing", async (_, code, issued) => {
		const { port, got } = await secure(authority.issue(...issued));
		expect(await post(`https://localhost:${port}`)).toEqual({ code, sent: false });
		expect(got()).toBe(0);
	});

	test("one of an unknown CA: nothing", async () => {
		const { port, got } = await secure(createAuthority("Another").issue(["localhost"]));
		expect(await post(`https://localhost:${port}`)).toEqual({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE", sent: false });
		expect(got()).toBe(0);
	});

	test("a good one: all", async () => {
		const { port } = await secure(authority.issue(["localhost"]));
		expect(await post(`https://localhost:${port}`)).toEqual({ status: 200, text: "{}" });
	});

	test("a good one beyond a proxy: all, of which the proxy sees only host and port", async () => {
		const seen: unknown[] = [];
		const SNICallback: tls.TlsOptions["SNICallback"] = (name, done) => {
			seen.push(name);
			done(null);
		};
		const { port } = await secure(authority.issue(["i.example"]), { SNICallback });
		const proxy = createServer();
		proxy.on("connect", ({ url, headers }, socket) => {
			seen.push([url, headers.authorization]);
			const onward = connect(port, "127.0.0.1", () => {
				socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
				onward.pipe(socket).pipe(onward);
			});
			sockets.add(onward);
		});
		const https = `127.0.0.1:${await listen(proxy)}`;
		expect(await post("https://i.example/x", { https })).toEqual({ status: 200, text: "{}" });
		expect(seen).toEqual([["i.example:443", undefined], "i.example"]);
	});

	const tcp = (answer: (socket: Socket) => void) =>
		listen(
			createTcpServer((socket) => {
				socket.on("error", () => undefined);
				answer(socket);
			}),
		);

	test("no TLS there, an end or a reset within the handshake, no end to it: nothing", async () => {
		const plain = await listen(createServer((_, response) => response.end("{}")));
		expect(await post(`https://127.0.0.1:${plain}`)).toEqual({ code: "EPROTO", sent: false });
		for (const answer of [
			(socket: Socket) => socket.once("data", () => socket.destroy()),
			(socket: Socket) => socket.once("data", () => socket.resetAndDestroy()),
		])
			expect(await post(`https://127.0.0.1:${await tcp(answer)}`)).toEqual({ code: "ECONNRESET", sent: false });
		expect(await post(`https://127.0.0.1:${await tcp(() => undefined)}`, {}, 100)).toEqual({
			code: "timeout",
			sent: false,
		});
	});

	test("over plain HTTP an end, a reset or no end once it was connected: perhaps all", async () => {
		for (const answer of [
			(socket: Socket) => socket.once("data", () => socket.destroy()),
			(socket: Socket) => socket.once("data", () => socket.resetAndDestroy()),
		])
			expect(await post(`http://127.0.0.1:${await tcp(answer)}`)).toEqual({ code: "ECONNRESET", sent: true });
		expect(await post(`http://127.0.0.1:${await tcp(() => undefined)}`, {}, 100)).toEqual({
			code: "timeout",
			sent: true,
		});
		const upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
		const other = await tcp((socket) => socket.once("data", () => socket.end(upgrade)));
		expect(await post(`http://127.0.0.1:${other}`)).toEqual({ why: "it asked to switch protocols", sent: true });
		const odd = await tcp((socket) => socket.once("data", () => socket.end("SSH-2.0-x\r\n\r\n")));
		expect(await post(`http://127.0.0.1:${odd}`)).toEqual({ code: "HPE_INVALID_CONSTANT", sent: true });
	});

	test.each(["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EACCES", "EMFILE", "EAI_AGAIN"])(
		"%s while it connects: nothing",
		async (code) => {
			vi.spyOn(dns, "lookup").mockImplementation((...given: unknown[]) => {
				const done = given.at(-1);
				if (typeof done === "function") setImmediate(() => done(Object.assign(new Error(code), { code })));
			});
			expect(await post("http://i.example:1")).toEqual({ code, sent: false });
		},
	);

	test("a connection that is used again, and is reset: perhaps all", async () => {
		let calls = 0;
		const port = await listen(
			createServer((request, response) => {
				if (++calls > 1) request.socket.resetAndDestroy();
				else response.end("{}");
			}),
		);
		const exchange = openHttp(settings());
		const call = { method: "POST", headers: {}, body: "{}", timeout: 3000 };
		await exchange(`http://127.0.0.1:${port}`, call);
		const again = await exchange(`http://127.0.0.1:${port}`, call).catch((error) => error);
		expect([again.code, again.sent, calls]).toEqual(["ECONNRESET", true, 2]);
	});
});

describe("an answer's text", () => {
	const answered = async (headers: Record<string, string>, body: string | Uint8Array) => {
		const listener: RequestListener = (_, response) => response.writeHead(200, headers).end(body);
		return post(`http://127.0.0.1:${await listen(createServer(listener))}`);
	};
	const json = '{"name":"Grüße 🚀"}';

	test.each(["gzip", "x-gzip", "gzip, identity", ""])("packed, called %s", async (name) => {
		expect(await answered({ "content-encoding": name }, gzipSync(json))).toEqual({ status: 200, text: json });
	});
	test.each(["identity", "", "Identity", "gzip", "x-gzip"])("not packed, called %s", async (name) => {
		expect(await answered({ "content-encoding": name }, json)).toEqual({ status: 200, text: json });
	});
	test("without its byte order mark, packed or not", async () => {
		expect(await answered({}, `\ufeff${json}`)).toEqual({ status: 200, text: json });
		expect(await answered({ "content-encoding": "gzip" }, gzipSync(`\ufeff${json}`))).toEqual({
			status: 200,
			text: json,
		});
	});
	test("that was cut short or damaged within", async () => {
		const packed = gzipSync(json.repeat(100));
		const broken = { why: "a response that can't be decompressed", sent: true };
		expect(await answered({ "content-encoding": "gzip" }, packed.subarray(0, 30))).toEqual(broken);
		expect(await answered({ "content-encoding": "gzip" }, packed.fill(0x55, 20, 25))).toEqual(broken);
	});
});

describe("names of this machine", () => {
	test.each(["localhost", "app.localhost", "a.b.localhost", "localhost."])(
		"%s is here, whatever something has made of it",
		async (name) => {
			const port = await listen(createServer((_, response) => response.end("here")));
			const lookup = vi.spyOn(dns, "lookup");
			expect(await post(`http://${name}:${port}`)).toEqual({ status: 200, text: "here" });
			expect(lookup).not.toHaveBeenCalled();
		},
	);
	test("by whichever address", async () => {
		const port = await listen(
			createServer((_, response) => response.end("here")),
			"::1",
		);
		expect(await post(`http://localhost:${port}`)).toEqual({ status: 200, text: "here" });
	});
});

describe("the proxies of the environment", () => {
	test("get nothing but by HTTPS_PROXY, whatever NODE_USE_ENV_PROXY would have Node's own agents do", async () => {
		const seen: string[] = [];
		const here = await listen(createServer((request, response) => response.end(`here: ${request.url}`)));
		const proxy = createServer((request, response) => {
			seen.push(`${request.url} with ${request.headers.authorization}`);
			response.end("proxy");
		});
		proxy.on("connect", ({ url }, socket) => {
			seen.push(`CONNECT ${url}`);
			socket.end("HTTP/1.1 403 No\r\n\r\n");
		});
		const http_proxy = `http://127.0.0.1:${await listen(proxy)}`;
		// Node reads it when a process starts.
		const script = `
			import { request } from "node:http";
			import { openHttp } from ${JSON.stringify(new URL("../../lib/wire/http.ts", import.meta.url).href)};
			const ask = (url, proxy) => openHttp({ proxy })(url, { method: "GET", headers: { authorization: "key" }, body: null, timeout: 5000 })
				.then(({ text }) => text, ({ code, message }) => code ?? message);
			const own = await new Promise((done) => request("http://127.0.0.1:${here}/own", (answer) => answer.once("data", (data) => done(String(data)))).end());
			console.log(JSON.stringify([own, await ask("http://127.0.0.1:${here}/a", {}), await ask("http://localhost:${here}/b", { https: "${http_proxy}" }),
				await ask("https://127.0.0.1:1/c", { https: "${http_proxy}" }), await ask("https://i.example/d", { https: "${http_proxy}" })]));
		`;
		const env = { NODE_USE_ENV_PROXY: "1", http_proxy, HTTP_PROXY: http_proxy, HTTPS_PROXY: http_proxy, no_proxy: "" };
		const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
		expect(JSON.parse(stdout)).toEqual(["proxy", "here: /a", "here: /b", "ECONNREFUSED", "HTTPS_PROXY answered 403"]);
		expect(seen).toEqual([`http://127.0.0.1:${here}/own with undefined`, "CONNECT i.example:443"]);
	});

	/** The requests to a proxy, with its login. */
	async function asked(login: string): Promise<unknown> {
		const proxy = createServer();
		let seen: unknown;
		proxy.on("connect", ({ url, headers }, socket) => {
			const given = headers["proxy-authorization"];
			seen = [url, given === undefined ? undefined : Buffer.from(given.slice("Basic ".length), "base64").toString()];
			socket.end("HTTP/1.1 407 No\r\n\r\n");
		});
		const failed = await post("https://i.example/x", { https: `${login}127.0.0.1:${await listen(proxy)}` });
		expect(failed).toEqual({ why: "HTTPS_PROXY answered 407", sent: false });
		return seen;
	}
	const AT = "@";
	test.each([
		["", undefined],
		["http://", undefined],
		[`user:word${AT}`, "user:word"],
		[`http://user:word${AT}`, "user:word"],
		[`http://user${AT}`, "user:"],
		[`http://:word${AT}`, ":word"],
		[`http://us%40er:w%3Aor%2Fd${AT}`, "us@er:w:or/d"],
		[`http://100%:50%${AT}`, "100%:50%"],
		[`http://%zz:%4${AT}`, "%zz:%4"],
		[`http://user:p%25${AT}`, "user:p%"],
		[`http://üser:wörd${AT}`, "üser:wörd"],
	])("%s logs in as %s", async (login, expected) => {
		expect(await asked(login)).toEqual(["i.example:443", expected]);
	});
	test("any user and password, percent-encoded", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.string({ unit: "grapheme", minLength: 1 }),
				fc.string({ unit: "grapheme" }),
				async (user, word) => {
					fc.pre(!user.includes(":"));
					const login = `http://${encodeURIComponent(user)}:${encodeURIComponent(word)}${AT}`;
					expect(await asked(login)).toEqual(["i.example:443", `${user}:${word}`]);
				},
			),
			{ numRuns: 15 },
		);
	});
});

describe("NO_PROXY", () => {
	const via = (url: string, no: string) => viaProxy(new URL(url), { https: "proxy:1", no });

	test.each([
		// This machine, however it is written.
		...[
			"localhost",
			"app.localhost",
			"127.0.0.1",
			"127.0.0.2",
			"127.1",
			"2130706433",
			"[::1]",
			"[0:0:0:0:0:0:0:1]",
		].map((host) => [host, ""]),
		...["[::ffff:127.0.0.1]", "[::ffff:7f00:2]", "localhost."].map((host) => [host, ""]),
		// Names and their subdomains.
		["i.example", "i.example"],
		["a.i.example", "i.example"],
		["a.i.example", ".i.example"],
		["a.i.example", "*.i.example"],
		["I.EXAMPLE", "i.Example"],
		["i.example.", "i.example"],
		["i.example", "i.example."],
		["i.example", "other,  i.example"],
		["i.example", "other i.example"],
		["i.example", "*"],
		["i.example", "i.example:443"],
		["i.example:8443", "i.example:8443"],
		["bücher.example", "bücher.example"],
		["xn--bcher-kva.example", "BÜCHER.example"],
		["a.bücher.example", ".xn--bcher-kva.example"],
		// Addresses and their ranges.
		["10.1.2.3", "10.1.2.3"],
		["10.1.2.3", "10.0.0.0/8"],
		["10.1.2.3", "10.1.2.3/32"],
		["10.1.2.3", "0.0.0.0/0"],
		["10.1.2.3:8443", "10.1.2.3:8443"],
		["[::ffff:10.1.2.3]", "10.0.0.0/8"],
		["[fd00::1]", "fd00::1"],
		["[fd00::1]", "[fd00::1]"],
		["[fd00::1]", "fd00:0:0:0:0:0:0:1"],
		["[fd00::1]", "FD00:0000::0001"],
		["[fd00::1]", "fd00::/8"],
		["[fd00::1]:8443", "[fd00::1]:8443"],
	])("%s is excepted by %s", (host, no) => {
		expect(via(`https://${host}`, no)).toBe(false);
	});

	test.each([
		["i.example", ""],
		["i.example", ","],
		["i.example", "a.i.example"],
		["xi.example", "i.example"],
		["i.example", "i.example:80"],
		["i.example:8443", "i.example:443"],
		["i.example.evil.example", "i.example"],
		["localhost.example", ""],
		["notlocalhost", ""],
		["10.1.2.3", "11.0.0.0/8"],
		["10.1.2.3", "10.1.2.4"],
		["10.1.2.3", "10.0.0.0/33"],
		["10.1.2.3", "10.0.0.0/x"],
		["10.1.2.3", "10.0.0.0/-1"],
		["10.1.2.3", "fd00::/8"],
		["128.0.0.1", ""],
		["[fd00::1]", "fe00::/8"],
		["[fd00::1]", "fd00::2"],
		["[fd00::1]", "10.0.0.0/8"],
		["[fd00::1]:8443", "[fd00::1]:443"],
		["bücher.example", "bucher.example"],
		["10.1.2.3", "10.0.0.0/"],
	])("%s is not excepted by %s", (host, no) => {
		expect(via(`https://${host}`, no)).toBe(true);
	});

	test("plain HTTP goes through no proxy, and nothing does where there is not one", () => {
		expect(via("http://i.example", "")).toBe(false);
		expect(viaProxy(new URL("https://i.example"), { https: undefined, no: undefined })).toBe(false);
	});

	test("any entry is read without fault, and an address is within each of its ranges", () => {
		fc.assert(
			fc.property(fc.string(), (no) => {
				via("https://i.example", no);
				via("https://[fd00::1]:8443", no);
			}),
		);
		fc.assert(
			fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, bits) => {
				expect(via(`https://${address}`, `${address}/${bits}`)).toBe(false);
			}),
		);
		fc.assert(
			fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, bits) => {
				expect(via(`https://[${address}]`, `${address}/${bits}`)).toBe(false);
				expect(via(`https://[${address}]`, address)).toBe(false);
			}),
		);
	});
});

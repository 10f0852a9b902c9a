import dns from "node:dns";
import { createServer, type Server } from "node:http";
import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { UsageError } from "../../lib/errors.ts";
import { openHttp, viaProxy } from "../../lib/http.ts";
import { isLoopback, isThisMachine } from "../../lib/local.ts";

const HERE = ["localhost", "localhost.", "a.localhost", "a.b.localhost", "127.0.0.1", "127.0.0.2", "127.255.0.9"];
const HERE_6 = ["[::1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::ffff:7fff:2]"];
const ELSEWHERE = [
	"inngest",
	"localhost.example.com",
	"notlocalhost",
	"127.example.com",
	"10.0.0.1",
	"0.0.0.0",
	"128.0.0.1",
];
const ELSEWHERE_6 = ["[::2]", "[::]", "[::ffff:a00:1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[1::1]"];

test("which hosts are this machine", () => {
	expect([...HERE, ...HERE_6].filter((host) => !isThisMachine(host))).toEqual([]);
	expect([...ELSEWHERE, ...ELSEWHERE_6].filter(isThisMachine)).toEqual([]);
	expect(["::1", "127.0.0.1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
	expect(["localhost", "1.127.0.0", "::ffff:1.2.3.4"].some(isLoopback)).toBe(false);
});

test("none of them is reached through a proxy", () => {
	const proxied = (host: string) => viaProxy(new URL(`https://${host}`), { https: "http://proxy:1", no: undefined });
	expect([...HERE, ...HERE_6].filter(proxied)).toEqual([]);
	expect(["inngest", "localhost.example.com", "10.0.0.1", "[::2]"].every(proxied)).toBe(true);
});

describe("a name of this machine", () => {
	let server: Server;
	let port = 0;
	beforeAll(async () => {
		nock.restore();
		server = createServer((request, response) => response.end(request.headers.host));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const address = server.address();
		port = typeof address === "object" && address ? address.port : 0;
	});
	afterEach(() => {
		vi.restoreAllMocks();
	});
	afterAll(async () => {
		await new Promise((resolve) => server.close(resolve));
		nock.activate();
	});
	/** What a name is resolved to, in place of what this machine's resolver says. */
	const resolvingTo = (...addresses: string[]) => {
		const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
		vi.spyOn(dns, "lookup").mockImplementation((...given: unknown[]) => {
			const done = given.at(-1);
			if (typeof done === "function") done(null, found);
		});
	};
	const ask = (host: string) =>
		openHttp({
			environment: undefined,
			baseUrl: undefined,
			dev: undefined,
			readOnly: false,
			proxy: { https: undefined, no: undefined },
		})(`http://${host}:${port}/`, { method: "GET", headers: {}, body: null, timeout: 5_000 });

	test("is called where it leads here, whatever else it leads to", async () => {
		resolvingTo("192.0.2.1", "127.0.0.1");
		expect((await ask("inngest.localhost")).text).toBe(`inngest.localhost:${port}`);
	});

	// Seen: sent there over plain HTTP, keys included.
	test.each(["dev.localhost", "localhost"])("%s is not, where it leads elsewhere: nothing is sent", async (host) => {
		resolvingTo("192.0.2.1");
		await expect(ask(host)).rejects.toThrow(
			new UsageError(`${host} is not this machine, and plain HTTP is for it alone; nothing was sent.`, "Use https."),
		);
	});
});

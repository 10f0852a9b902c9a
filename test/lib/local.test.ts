import { expect, test } from "vitest";
import { isLoopback, isThisMachine } from "../../lib/gate/target.ts";
import { viaProxy } from "../../lib/wire/http.ts";

const HERE = ["localhost", "a.localhost", "a.b.localhost", "127.0.0.1", "127.0.0.2", "127.255.0.9"];
const HERE_6 = ["[::1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::ffff:7fff:2]"];
const ELSEWHERE = [
	"inngest",
	"localhost.example.com",
	"notlocalhost",
	"localhost.",
	"-localhost",
	".localhost",
	"a..localhost",
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

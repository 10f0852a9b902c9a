/** How the Cloud double is reached: its own authority, its real names through a proxy, nothing else. */
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { createInterface } from "node:readline";
import { ProxyAgent, request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthority } from "./inngest-server/ca.ts";
import { type StartedCloud, startCloud } from "./inngest-server/cloud.ts";

describe("an authority", () => {
	const authority = createAuthority("The test's");
	const { cert } = authority.issue(["api.inngest.com", "inn.gs"]);
	const own = new X509Certificate(authority.cert);
	const leaf = new X509Certificate(cert);

	test("signs certificates for the names that it is asked for, for a few days", () => {
		expect(own.ca && own.verify(own.publicKey)).toBe(true);
		expect(leaf.verify(own.publicKey) && leaf.checkIssued(own)).toBe(true);
		expect(leaf.ca).toBe(false);
		for (const name of ["api.inngest.com", "inn.gs"]) expect(leaf.checkHost(name)).toBe(name);
		expect(leaf.checkHost("app.inngest.com")).toBeUndefined();
		const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
		expect(from < Date.now() && Date.now() < to && to - from < 5 * 86_400_000).toBe(true);
	});

	test("is another each time", () => {
		const other = createAuthority("The test's");
		expect(leaf.verify(new X509Certificate(other.cert).publicKey)).toBe(false);
		expect(leaf.serialNumber).not.toBe(new X509Certificate(authority.issue(["inn.gs"]).cert).serialNumber);
	});
});

describe("the proxy", () => {
	let cloud: StartedCloud;
	let trusting: ProxyAgent;

	beforeAll(async () => {
		cloud = await startCloud();
		trusting = new ProxyAgent({ uri: cloud.proxy, requestTls: { ca: cloud.ca } });
	});
	afterAll(async () => {
		await trusting.close();
		await cloud.close();
	});

	const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

	test("leads to both names, and says in `env` how", async () => {
		const { keys } = cloud.environment("Production");
		const runs = await request("https://api.inngest.com/v2/runs?limit=3", {
			dispatcher: trusting,
			headers: bearer(keys.read),
		});
		expect([runs.statusCode, runs.headers["x-inngest-server-kind"]]).toEqual([200, "cloud"]);
		expect(await runs.body.json()).toMatchObject({ page: { limit: 3 } });
		const sent = await request(`https://inn.gs/e/${keys.event}`, {
			dispatcher: trusting,
			method: "POST",
			body: JSON.stringify({ name: "shop/order.created", data: { text: "Grüße 🚀" } }),
		});
		expect(await sent.body.json()).toMatchObject({ status: 200, ids: [expect.any(String)] });
		expect(cloud.requests).toMatchObject([
			{
				host: "api.inngest.com",
				url: "/v2/runs?limit=3",
				key: "read API key of Production",
				environment: "Production",
			},
			{ host: "inn.gs", url: "/e/$INNGEST_EVENT_KEY", key: "event key of Production", change: "send" },
		]);
		expect(cloud.environment("Production").store.runs[0]?.events[0]?.data).toEqual({ text: "Grüße 🚀" });
		const env = cloud.env({ api: keys.read });
		expect(env).toEqual({
			INNGEST_API_KEY: keys.read,
			HTTPS_PROXY: cloud.proxy,
			NODE_EXTRA_CA_CERTS: expect.any(String),
		});
		expect(existsSync(env.NODE_EXTRA_CA_CERTS ?? "")).toBe(true);
		expect(cloud.refused).toEqual([]);
	});

	test("is trusted by those alone who know its authority", async () => {
		const distrusting = new ProxyAgent(cloud.proxy);
		await expect(request("https://inn.gs/e/x", { dispatcher: distrusting })).rejects.toThrow(
			/certificate|unable to verify/i,
		);
		await distrusting.close();
	});

	test("refuses any other host, other ports and plain requests, and keeps what was asked", async () => {
		const before = cloud.requests.length;
		for (const url of ["https://example.com/", "https://app.inngest.com/", "https://inn.gs:8443/e/x"])
			await expect(request(url, { dispatcher: trusting })).rejects.toThrow();
		const status = await new Promise((resolve, reject) => {
			const { hostname, port } = new URL(cloud.proxy);
			plainRequest({ hostname, port, path: "http://api.inngest.com/v2/runs" }, (response) => {
				response.resume();
				resolve(response.statusCode);
			})
				.once("error", reject)
				.end();
		});
		expect(status).toBe(405);
		expect(cloud.refused).toEqual([
			"example.com:443",
			"app.inngest.com:443",
			"inn.gs:8443",
			"GET http://api.inngest.com/v2/runs",
		]);
		expect(cloud.requests).toHaveLength(before);
	});

	test("cuts a connection where that was ordered", async () => {
		cloud.failNext("^/v2/apps", { destroy: true });
		const headers = bearer(cloud.keys.read);
		await expect(request("https://api.inngest.com/v2/apps", { dispatcher: trusting, headers })).rejects.toThrow();
		expect((await request("https://api.inngest.com/v2/apps", { dispatcher: trusting, headers })).statusCode).toBe(200);
	});

	test("leaves nothing when it is closed", async () => {
		const other = await startCloud();
		const { NODE_EXTRA_CA_CERTS: file = "" } = other.env({});
		await other.close();
		expect(existsSync(file)).toBe(false);
		await expect(fetch(other.proxy)).rejects.toThrow();
	});
});

test("it runs as a process of its own, with its counts told over HTTP", async () => {
	const main = new URL("inngest-server/cloud-main.ts", import.meta.url).pathname;
	const node = new URL("../node_modules/.bin/node", import.meta.url).pathname;
	const child = spawn(node, [main, "--measured", "--plan", "pro"], { stdio: ["ignore", "pipe", "inherit"] });
	const [line] = await once(createInterface(child.stdout), "line");
	const { proxy, env, failed } = JSON.parse(String(line));
	expect(env).toMatchObject({ HTTPS_PROXY: proxy, INNGEST_ENV: "Production", INNGEST_SIGNING_KEY: expect.any(String) });
	expect(failed).toMatch(/^01/);
	const stats = await (await fetch(`${proxy}/__test/stats`)).json();
	expect(stats).toMatchObject({ requests: 0, rejected: 0, environments: { Production: { runs: 20_000, changes: 0 } } });
	expect(await (await fetch(`${proxy}/__test/requests`, { method: "DELETE" })).json()).toEqual({ ok: true });
	expect(await (await fetch(`${proxy}/__test/requests`)).json()).toEqual([]);
	child.kill("SIGTERM");
	const [code] = await once(child, "exit");
	expect(code).toBe(0);
});

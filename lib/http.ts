/**
 * One HTTP exchange, whole or not at all: nothing is followed, nothing is tried again. The only module with sockets,
 * and only lib/client calls it. It uses Node's own HTTP client, as loading `fetch` takes longer than all the rest of a
 * call; and it goes through HTTPS_PROXY on every version of Node.
 */

import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { LookupFunction, Socket } from "node:net";
import { refusal, TOO_LARGE } from "./errors.ts";
import { isLoopback, isThisMachine } from "./local.ts";
import type { Settings } from "./secrets.ts";

// Required, not imported: an import reads every export of a module, and reading `WebSocket` loads all of fetch.
const require = createRequire(import.meta.url);
const http: typeof import("node:http") = require("node:http");
const https = (): typeof import("node:https") => require("node:https");

export interface Call {
	method: string;
	headers: Record<string, string>;
	body: string | Uint8Array | null;
	/** Milliseconds until the whole answer must be there. */
	timeout: number;
	/** Ends the exchange at once. */
	signal?: AbortSignal | undefined;
}

export interface Reply {
	url: string;
	status: number;
	header(name: string): string | undefined;
	text: string;
}

/** Opens a way to servers; connections are kept for the next call, and keep no process alive. */
export function openHttp({ proxy }: Settings): (url: string, call: Call) => Promise<Reply> {
	let tunnel: ReturnType<typeof openTunnel> | undefined;
	return (address, { method, headers, body, timeout, signal }) =>
		new Promise((resolve, reject) => {
			const url = new URL(address);
			const proxied = viaProxy(url, proxy);
			if (proxied) tunnel ??= openTunnel(proxy.https ?? "");
			const request = (url.protocol === "https:" ? https() : http).request(url, {
				method,
				headers: { ...headers, "accept-encoding": "gzip" },
				timeout,
				...(proxied && tunnel && { agent: tunnel }),
				...(url.protocol === "http:" && isThisMachine(url.hostname) && { lookup: lookUpHere }),
				...(signal && { signal }),
			});
			let late: Error | undefined;
			// A timer of its own: a stream of requests would pile up AbortSignals, which live until their time is over.
			const timer = setTimeout(() => {
				late = Object.assign(new Error("timeout"), { name: "TimeoutError" });
				request.destroy(late);
			}, timeout);
			const fail = (error: Error): void => {
				clearTimeout(timer);
				request.destroy();
				reject(late ?? error);
			};
			const done = (text: string, { statusCode: status = 0, headers: got }: IncomingMessage): void => {
				clearTimeout(timer);
				resolve({ url: address, status, header: (name) => got[name]?.toString(), text });
			};
			request
				.once("response", (response) => read(response, (text) => done(text, response), fail))
				.once("upgrade", (_, socket) => {
					socket.destroy();
					fail(new Error("it wants another protocol"));
				})
				.once("error", fail)
				.end(body ?? undefined);
		});
}

/** A name of this machine leads to it, or nowhere: others may answer for `inngest.localhost`, and plain HTTP carries keys. */
const lookUpHere: LookupFunction = (host, options, done) => {
	const dns: typeof import("node:dns") = require("node:dns");
	dns.lookup(host, { ...options, all: true }, (error, found) => {
		const [first, ...more] = (found ?? []).filter(({ address }) => isLoopback(address));
		if (error) done(error, "");
		else if (!first) done(refusal(`${host} is not this machine, and plain HTTP is for it alone`, "Use https."), "");
		else if (options.all) done(null, [first, ...more]);
		else done(null, first.address, first.family);
	});
};

/** Reads an answer to its end, unpacked; more than 64 MiB are refused. */
function read(response: IncomingMessage, done: (text: string) => void, fail: (error: Error) => void): void {
	const zlib: typeof import("node:zlib") | undefined =
		response.headers["content-encoding"] === "gzip" ? require("node:zlib") : undefined;
	const body = zlib ? response.pipe(zlib.createGunzip()) : response;
	const chunks: Uint8Array[] = [];
	let size = 0;
	response.once("error", fail);
	body
		.once("error", fail)
		.on("data", (chunk: Uint8Array) => {
			size += chunk.byteLength;
			if (size > 64 * 1024 * 1024) fail(new Error(TOO_LARGE));
			else chunks.push(chunk);
		})
		.once("end", () => done(Buffer.concat(chunks).toString("utf8")));
}

/** Whether NO_PROXY (hosts, domains with all that is under them, `*`) leaves a server to the proxy; this machine never is. */
export function viaProxy({ protocol, hostname, port }: URL, { https: proxy, no = "" }: Settings["proxy"]): boolean {
	if (proxy === undefined || protocol !== "https:" || isThisMachine(hostname)) return false;
	return !no
		.toLowerCase()
		.split(/[\s,]+/)
		.some((one) => {
			const [, domain = "", only] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(one) ?? [];
			if (only !== undefined && only !== (port || "443")) return false;
			return one === "*" || (domain !== "" && `.${hostname}`.endsWith(`.${domain}`));
		});
}

/** Connections to servers through a proxy's CONNECT: TLS goes from end to end, the proxy sees host and port alone. */
function openTunnel(setting: string) {
	const address = setting.includes("://") ? setting : `http://${setting}`;
	const proxy = URL.canParse(address) ? new URL(address) : undefined;
	if (proxy?.protocol !== "http:" && proxy?.protocol !== "https:")
		throw refusal("HTTPS_PROXY is not the address of an HTTP proxy", "Set it to host:port, or unset it.");
	const { username, password } = proxy;
	const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
	const headers = username ? { "proxy-authorization": `Basic ${login}` } : {};
	const agent = new (https().Agent)({ keepAlive: true });
	const net: typeof import("node:net") = require("node:net");
	const tls: typeof import("node:tls") = require("node:tls");
	agent.createConnection = (options, done) => {
		const host = options.host ?? "";
		const server = `${host.includes(":") ? `[${host}]` : host}:${options.port}`;
		const fail = (reason: string) => done?.(new Error(`HTTPS_PROXY ${reason}`), new net.Socket());
		const connect = (proxy.protocol === "https:" ? https() : http).request(proxy.origin, {
			method: "CONNECT",
			path: server,
			headers: { ...headers, host: server },
			agent: false,
			...(options.timeout && { timeout: options.timeout }),
		});
		connect
			.once("connect", ({ statusCode }, socket: Socket) => {
				if (statusCode === 200)
					return done?.(null, tls.connect({ socket, host, servername: net.isIP(host) ? "" : host }));
				socket.destroy();
				fail(`answered ${statusCode}`);
			})
			.once("timeout", () => connect.destroy(new Error("timeout")))
			.once("error", (error) => fail(`failed: ${error.message}`))
			.end();
		return undefined;
	};
	return agent;
}

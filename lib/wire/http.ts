/**
 * One HTTP exchange, whole or not at all: nothing is followed, nothing is tried again. The only module with sockets,
 * and only lib/client calls it. It uses Node's own HTTP client, as loading `fetch` takes longer than all the rest of a
 * call; and it goes through HTTPS_PROXY on every version of Node, and through no other proxy.
 */

import type { ClientRequest, IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { LookupFunction, Socket } from "node:net";
import type { Settings } from "../gate/secrets.ts";
import { isLoopback, isThisMachine } from "../gate/target.ts";
import { refusal, UsageError } from "../text/errors.ts";
import { clean } from "../text/text.ts";
import { NoAnswer, USELESS } from "./unanswered.ts";

// Required, not imported: an import reads every export of a module, and reading `WebSocket` loads all of fetch.
const require = createRequire(import.meta.url);
const http: typeof import("node:http") = require("node:http");
const https = (): typeof import("node:https") => require("node:https");
const net: typeof import("node:net") = require("node:net");
const { domainToASCII }: typeof import("node:url") = require("node:url");

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

/**
 * Agents of our own: Node's global ones take requests to the proxies of the environment, keys and all, where
 * NODE_USE_ENV_PROXY says so (Node 24). As with those, a connection is closed after 5 s without use.
 */
const KEPT = { keepAlive: true, scheduling: "lifo", timeout: 5_000 } as const;

/**
 * Opens a way to servers; connections are kept for the next call, and keep no process alive. Fails with a NoAnswer, or a
 * UsageError where nothing may be sent.
 */
export function openHttp({ proxy }: Settings): (url: string, call: Call) => Promise<Reply> {
	const agents: Record<string, InstanceType<typeof http.Agent>> = {};
	const agentFor = (url: URL) => {
		const way = viaProxy(url, proxy) ? "proxy" : url.protocol;
		agents[way] ??=
			way === "proxy" ? openTunnel(proxy.https ?? "") : new (way === "https:" ? https() : http).Agent(KEPT);
		return agents[way];
	};
	return (address, { method, headers, body, timeout, signal }) =>
		new Promise((resolve, reject) => {
			const url = new URL(address);
			const request = (url.protocol === "https:" ? https() : http).request(url, {
				method,
				headers: { ...headers, "accept-encoding": "gzip" },
				timeout,
				agent: agentFor(url),
				...(isThisMachine(plain(url.hostname)) && { lookup: lookUpHere }),
				...(signal && { signal }),
			});
			const isSent = watchSending(request);
			let late: Error | undefined;
			// A timer of its own: a stream of requests would pile up AbortSignals, which live until their time is over.
			const timer = setTimeout(() => {
				late = Object.assign(new Error("timeout"), { name: "TimeoutError" });
				request.destroy(late);
			}, timeout);
			const fail = (error: Error): void => {
				clearTimeout(timer);
				const sent = isSent();
				request.destroy();
				reject(error instanceof UsageError ? error : new NoAnswer(late ?? error, sent));
			};
			const done = (text: string, { statusCode: status = 0, headers: got }: IncomingMessage): void => {
				clearTimeout(timer);
				resolve({ url: address, status, header: (name) => got[name]?.toString(), text });
			};
			request
				.once("response", (response) => read(response, (text) => done(text, response), fail))
				.once("upgrade", (_, socket) => {
					socket.destroy();
					fail(new Error("it asked to switch protocols"));
				})
				.once("error", fail)
				.end(body ?? undefined);
		});
}

/** Whether anything of a request may have reached the server: it is written once the connection stands, its certificate checked. */
function watchSending(request: ClientRequest): () => boolean {
	let stands = false;
	request.once("socket", (socket: Socket & { encrypted?: boolean; secureConnecting?: boolean }) => {
		const ready = () => {
			stands = true;
		};
		if (!socket.connecting && !socket.secureConnecting) ready();
		else socket.once(socket.encrypted ? "secureConnect" : "connect", ready);
	});
	return () => stands || request.writableFinished;
}

const LARGEST = 64 * 1024 * 1024;

/** Reads an answer to its end, unpacked; more than 64 MiB are refused. */
function read(response: IncomingMessage, done: (text: string) => void, fail: (error: Error) => void): void {
	const chunks: Uint8Array[] = [];
	let size = 0;
	response
		.once("error", fail)
		.on("data", (chunk: Uint8Array) => {
			size += chunk.byteLength;
			if (size > LARGEST) fail(new Error(USELESS.large));
			else chunks.push(chunk);
		})
		.once("end", () => {
			try {
				// Without its byte order mark.
				done(new TextDecoder().decode(unpacked(Buffer.concat(chunks), response.headers["content-encoding"])));
			} catch (error) {
				fail(error instanceof Error ? error : new Error(USELESS.packed));
			}
		});
}

/** What a body holds; one that something on the way has unpacked already may still be called packed. */
function unpacked(body: Buffer, encoding = ""): Buffer {
	const [name, more] =
		encoding
			.toLowerCase()
			.replaceAll("identity", "")
			.match(/[^\s,]+/g) ?? [];
	if (name === undefined) return body;
	if (more !== undefined || !/^(x-)?gzip$/.test(name)) throw new Error(`${USELESS.packed}: ${clean(encoding, 20)}`);
	if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
	const zlib: typeof import("node:zlib") = require("node:zlib");
	try {
		return zlib.gunzipSync(body, { maxOutputLength: LARGEST });
	} catch (error) {
		throw new Error(error instanceof RangeError ? USELESS.large : USELESS.broken);
	}
}

/** A host as it is compared: an address without brackets, a name in ASCII, in small letters, without its last dot. */
function plain(host: string): string {
	const bare = host.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
	return net.isIP(bare) ? bare : domainToASCII(bare);
}

/** Whether an address is in a range such as `10.0.0.0/8`; without its length, it is the one. Written in whichever way, mapped into IPv6 too. */
function isWithin(address: string, range: string): boolean {
	const [given = "", length] = range.split("/");
	const start = plain(given);
	const family = (one: string) => (net.isIP(one) === 6 ? "ipv6" : "ipv4");
	const most = family(start) === "ipv6" ? 128 : 32;
	const bits = length === undefined ? most : Number(length);
	if (!net.isIP(address) || !net.isIP(start) || !/^\d*$/.test(length ?? "") || bits > most) return false;
	const list = new net.BlockList();
	list.addSubnet(start, bits, family(start));
	return list.check(address, family(address));
}

/** Names of this machine's, where something else may have been made of them: nothing is sent there. */
const lookUpHere: LookupFunction = (host, options, done) => {
	const dns: typeof import("node:dns") = require("node:dns");
	dns.lookup(host, { ...options, all: true }, (error, found) => {
		const here = error ? [] : found.filter(({ address }) => isLoopback(address));
		const [first] = here;
		const elsewhere = refusal(
			`${host} is not this machine: ${found?.[0]?.address}`,
			"Use 127.0.0.1, or the name that the server has elsewhere.",
		);
		if (error || !first) done(error ?? elsewhere, []);
		else if (options.all) done(null, here);
		else done(null, first.address, first.family);
	});
};

/** Whether NO_PROXY (hosts, domains with all that is under them, ranges of addresses, `*`) leaves a server to the proxy; this machine never is. */
export function viaProxy({ protocol, hostname, port }: URL, { https: proxy, no = "" }: Settings["proxy"]): boolean {
	const host = plain(hostname);
	if (proxy === undefined || protocol !== "https:" || isThisMachine(host)) return false;
	return !no.split(/[\s,]+/).some((entry) => {
		// A port follows a name, an address of four numbers, or brackets; what has more colons is an address.
		const [, name = entry, only = port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
		if ((only || "443") !== (port || "443")) return false;
		const domain = plain(name.replace(/^\*?\./, ""));
		return entry === "*" || isWithin(host, name) || (domain !== "" && `.${host}`.endsWith(`.${domain}`));
	});
}

/** `%40` as the byte that it stands for, and any other `%` as itself. */
const bytesOf = (text: string): Buffer =>
	Buffer.from(
		text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
		"latin1",
	);

/** Connections to servers through a proxy's CONNECT: TLS goes from end to end, the proxy sees host and port alone. */
function openTunnel(setting: string) {
	const address = setting.includes("://") ? setting : `http://${setting}`;
	const proxy = URL.canParse(address) ? new URL(address) : undefined;
	if (proxy?.protocol !== "http:" && proxy?.protocol !== "https:")
		throw refusal("HTTPS_PROXY is not the address of an HTTP proxy", "Set it to host:port, or unset it.");
	const login = `${proxy.username}:${proxy.password}`;
	const headers = login === ":" ? {} : { "proxy-authorization": `Basic ${bytesOf(login).toString("base64")}` };
	const agent = new (https().Agent)(KEPT);
	const tls: typeof import("node:tls") = require("node:tls");
	agent.createConnection = (options, done) => {
		const host = plain(options.host ?? "");
		const isAddress = net.isIP(host) > 0;
		const server = host.includes(":") ? `[${host}]:${options.port}` : `${host}:${options.port}`;
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
				if (statusCode === 200) return done?.(null, tls.connect({ socket, host, servername: isAddress ? "" : host }));
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

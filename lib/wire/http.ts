/**
 * One HTTP exchange, whole or not at all: no redirects, no retries. The only module with sockets, called only by lib/wire/client. Uses
 * Node's HTTP client, as loading `fetch` takes longer than the rest of a call; and uses HTTPS_PROXY on every version of Node, but no other
 * proxy.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { LookupFunction, Socket } from "node:net";
import { require } from "../gate/manifest.ts";
import type { Settings } from "../gate/secrets.ts";
import { isThisMachine } from "../gate/target.ts";
import { refusal } from "../text/errors.ts";

const http: typeof import("node:http") = require("node:http");
const https = (): typeof import("node:https") => require("node:https");
const net: typeof import("node:net") = require("node:net");
const { domainToASCII }: typeof import("node:url") = require("node:url");

export interface Call {
	method: string;
	headers: Record<string, string>;
	body: string | Uint8Array | null;
	/** Until the whole response must have arrived, in ms. */
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

/** Why an exchange failed: Node's own error. `sent`: the request may have reached the server. */
export interface NoReply extends Error {
	code?: unknown;
	cert?: { subjectaltname?: string };
	sent?: boolean;
}

/**
 * Our own agents: Node's global ones send requests, keys and all, to the environment's proxies if NODE_USE_ENV_PROXY is set (Node 24). As
 * with those, a connection closes after 5 s of idling.
 */
const KEPT = { keepAlive: true, scheduling: "lifo", timeout: 5_000 } as const;

/** Opens a way to servers. Connections are reused, and don't keep the process alive. Fails with a NoReply. */
export function openHttp({ proxy }: Settings): (address: string, call: Call) => Promise<Reply> {
	const agents: Record<string, InstanceType<typeof http.Agent>> = {};
	return async (address, call) => {
		const { method, headers, timeout, signal } = call;
		const url = new URL(address);
		const isSecure = url.protocol === "https:";
		const { Agent, request: open } = isSecure ? https() : http;
		const way = viaProxy(url, proxy) ? "proxy" : url.protocol;
		agents[way] ??= way === "proxy" ? openTunnel(proxy.https ?? "") : new Agent(KEPT);
		const request = open(url, {
			method,
			headers: { ...headers, "accept-encoding": "gzip" },
			timeout,
			agent: agents[way],
			...(isThisMachine(plain(url.hostname)) && { lookup: lookUpHere }),
			...(signal && { signal }),
		});
		return exchange(request, address, call, isSecure);
	};
}

/** Sends a request with its body, and reads the response. */
async function exchange(
	request: ClientRequest,
	url: string,
	{ body, timeout }: Call,
	isSecure: boolean,
): Promise<Reply> {
	let late: NoReply | undefined;
	// A timer: in a stream of requests AbortSignals would pile up, as each lives until its time is over.
	const timer = setTimeout(() => {
		late = Object.assign(new Error(), { code: "timeout" });
		request.destroy(late);
	}, timeout);
	let stands = false;
	// Nothing is written before the connection is established and its certificate checked.
	const watch = (socket: Socket) =>
		request.reusedSocket ||
		socket.once(isSecure ? "secureConnect" : "connect", () => {
			stands = true;
		});
	try {
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			const switched = (_: unknown, socket: { destroy(): unknown }) => {
				socket.destroy();
				reject(new Error("it asked to switch protocols"));
			};
			request.on("error", reject).once("response", resolve).once("upgrade", switched).once("socket", watch).end(body);
		});
		const { statusCode: status = 0, headers } = response;
		return { url, status, header: (name) => headers[name]?.toString(), text: await read(response) };
	} catch (error) {
		request.destroy();
		throw Object.assign(late ?? (error instanceof Error ? error : new Error("unknown")), {
			sent: stands || request.reusedSocket || request.writableFinished,
		});
	} finally {
		clearTimeout(timer);
	}
}

const LARGEST = 64 * 1024 * 1024;

/** Reads a response to its end, decompressed and without a byte order mark. */
async function read(response: IncomingMessage): Promise<string> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of response) {
		size += chunk.length;
		if (size > LARGEST) throw new Error(TOO_LARGE);
		chunks.push(chunk);
	}
	return unpacked(Buffer.concat(chunks))
		.toString()
		.replace(/^\ufeff/, "");
}
const TOO_LARGE = "a response of more than 64 MiB";

/** Decompresses a body that is compressed, whatever its label: JSON never begins so. */
function unpacked(body: Buffer): Buffer {
	if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
	const zlib: typeof import("node:zlib") = require("node:zlib");
	try {
		return zlib.gunzipSync(body, { maxOutputLength: LARGEST });
	} catch (error) {
		throw new Error(error instanceof RangeError ? TOO_LARGE : "a response that can't be decompressed");
	}
}

/** Names of this machine are not resolved, as they may have been redefined. */
const lookUpHere: LookupFunction = (_, { all }, done) => {
	if (!all) return done(null, "127.0.0.1", 4);
	done(null, [
		{ address: "127.0.0.1", family: 4 },
		{ address: "::1", family: 6 },
	]);
};

/** A host for comparison: an address without brackets; a name in lower-case ASCII without its final dot. */
function plain(host: string): string {
	const bare = host.replace(/^\[|[\].]$/g, "");
	return net.isIP(bare) ? bare : domainToASCII(bare);
}
const familyOf = (address: string) => (net.isIPv6(address) ? "ipv6" : "ipv4");

/** Whether an address is in a range such as `10.0.0.0/8`, or equals a given one, however it is written. */
function isWithin(address: string, range: string): boolean {
	const [given = "", bits] = range.split("/");
	const start = plain(given);
	const list = new net.BlockList();
	try {
		if (bits === undefined) list.addAddress(start, familyOf(start));
		else list.addSubnet(start, Number.parseInt(bits, 10), familyOf(start));
		return list.check(address, familyOf(address));
	} catch {
		return false;
	}
}

/**
 * Whether a server is reached through the proxy, given NO_PROXY. That lists hosts, domains with their subdomains, address ranges, or `*`.
 * This machine is never reached through it.
 */
export function viaProxy({ protocol, hostname, port }: URL, { https: proxy, no = "" }: Settings["proxy"]): boolean {
	const host = plain(hostname);
	if (proxy === undefined || protocol !== "https:" || isThisMachine(host)) return false;
	return !no.split(/[\s,]+/).some((entry) => {
		// A port follows a name, an IPv4 address or brackets; anything with more colons is an IPv6 address.
		const [, name = entry, only = port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
		if ((only || "443") !== (port || "443")) return false;
		const domain = plain(name.replace(/^\*?\./, ""));
		return entry === "*" || isWithin(host, name) || (domain !== "" && `.${host}`.endsWith(`.${domain}`));
	});
}

/** Connections through a proxy's CONNECT: with TLS end to end, the proxy sees only host and port. */
function openTunnel(setting: string) {
	const address = setting.includes("://") ? setting : `http://${setting}`;
	const proxy = URL.canParse(address) ? new URL(address) : undefined;
	if (proxy?.protocol !== "http:" && proxy?.protocol !== "https:")
		throw refusal("HTTPS_PROXY is not the address of an HTTP proxy", "Set it to host:port, or unset it.");
	const querystring: typeof import("node:querystring") = require("node:querystring");
	const login = querystring.unescape(`${proxy.username}:${proxy.password}`);
	const headers = login === ":" ? {} : { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` };
	const { request } = proxy.protocol === "https:" ? https() : http;
	const tls: typeof import("node:tls") = require("node:tls");
	const agent = new (https().Agent)(KEPT);
	agent.createConnection = (options, done) => {
		const name = plain(options.host ?? "");
		const server = net.isIPv6(name) ? `[${name}]:${options.port}` : `${name}:${options.port}`;
		const fail = (reason: string) => done?.(new Error(`HTTPS_PROXY ${reason}`), new net.Socket());
		const connect = request(proxy.origin, {
			method: "CONNECT",
			path: server,
			headers: { ...headers, host: server },
			agent: false,
			timeout: KEPT.timeout,
		});
		connect
			.once("connect", ({ statusCode }, socket: Socket) => {
				const servername = net.isIP(name) ? "" : name;
				if (statusCode === 200) return done?.(null, tls.connect({ socket, host: name, servername }));
				socket.destroy();
				fail(`answered ${statusCode}`);
			})
			.once("timeout", () => connect.destroy(new Error("timeout")))
			.once("error", (error) => fail(`failed: ${error.message}`))
			.end();
		return;
	};
	return agent;
}

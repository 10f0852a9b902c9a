/**
 * The way to the Cloud double: an HTTP proxy that accepts CONNECT to Inngest Cloud's real names and terminates TLS itself. Anything else is
 * refused and recorded.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server, Socket } from "node:net";
import { API, type CloudAsked, type CloudReply, EVENTS } from "./cloud/traffic.ts";

export interface CloudProxy {
	/** For HTTPS_PROXY. */
	url: string;
	/** Refused requests: `example.com:443`, `GET http://api.inngest.com/v2/runs`. */
	refused: string[];
	close(): Promise<void>;
}

const TARGETS = [`${API}:443`, `${EVENTS}:443`];

/** Requests of a test in another process to the double itself: `GET /__test/…` at the proxy's own address. */
export type Testing = (method: string, path: string, body: string) => unknown;

type Answer = (asked: CloudAsked) => Promise<CloudReply | undefined>;

/** Starts it on a loopback port; `tls` is the key and the certificate for Inngest Cloud's names. */
export async function startProxy(
	answer: Answer,
	tls: { key: string; cert: string },
	testing: Testing = () => undefined,
): Promise<CloudProxy> {
	const refused: string[] = [];
	const sockets = new Set<Socket>();
	const inner = createTlsServer(tls, (request, response) => {
		serve(request, response, answer).catch((error: unknown) => {
			if (!response.headersSent) response.writeHead(500);
			response.end(`the double failed: ${String(error)}`);
		});
	});
	const outer = createServer((request, response) => void plainly(request, response, testing, refused));
	outer.on("connection", (socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	outer.on("connect", ({ url = "" }, socket, head) => {
		socket.on("error", () => socket.destroy());
		if (!TARGETS.includes(url)) {
			refused.push(url);
			socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
			return;
		}
		socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
		if (head.length > 0) socket.unshift(head);
		inner.emit("connection", socket);
	});
	const close = async (): Promise<void> => {
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => outer.close(resolve));
	};
	return { url: `http://127.0.0.1:${await listening(outer)}`, refused, close };
}

/** The port that a server got. */
async function listening(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return typeof address === "object" && address !== null ? address.port : 0;
}

/** A request to the proxy itself. */
async function plainly(
	request: IncomingMessage,
	response: ServerResponse,
	testing: Testing,
	refused: string[],
): Promise<void> {
	const { method = "", url = "" } = request;
	const told = url.startsWith("/__test/") ? testing(method, url, await bodyOf(request)) : undefined;
	if (told === undefined) refused.push(`${method} ${url}`);
	response.writeHead(told === undefined ? 405 : 200, { "content-type": "application/json" });
	response.end(JSON.stringify(told ?? { error: "this proxy takes CONNECT alone" }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	return Buffer.concat(chunks).toString();
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
	const { method = "GET", url = "/" } = request;
	const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
	const host = (headers.host ?? "").replace(/:443$/, "");
	const reply = await answer({ host, method, url, headers, body: await bodyOf(request) });
	if (reply === undefined) {
		response.destroy();
		return;
	}
	response.writeHead(reply.status, { ...reply.headers, "content-length": Buffer.byteLength(reply.body) });
	response.end(reply.body);
}

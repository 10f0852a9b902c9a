/**
 * A proxy on a real loopback socket that disturbs a share of the requests, in an order determined by its seed: network, gateways and
 * servers at their worst. It counts what it did.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { random } from "../inngest-server/ids.ts";

export const KINDS = [
	/** Connection reset before the request was forwarded. */
	"reset before",
	/** Reset after the server processed the request, before the response. */
	"reset after",
	/** Reset in the middle of the response. */
	"reset midway",
	/** Half of the response announced by Content-Length, then the connection ends. */
	"cut short",
	/** Half of a response, or none of its body, whose length only the end of the connection shows. */
	"cut short, no length",
	/** Refused by a rate limit, with and without Retry-After; nothing was forwarded. */
	"429",
	"429, Retry-After",
	/** An error from the server or a gateway, half of the time after the server processed the request. */
	"500",
	"502",
	"503",
	/** The response comes after the client has given up. */
	"late",
	/** Answered correctly, but the kept-alive connection ends when the next request comes, or just before. */
	"stale connection",
] as const;
export type Kind = (typeof KINDS)[number];

export interface FaultProxyOptions {
	/** The server's origin. */
	target: string;
	/** The share of requests that are disturbed, 0 to 1 (0.3). */
	share?: number;
	/** Decides which requests, and how; a random one if not given. */
	seed?: number;
	kinds?: readonly Kind[];
	/** How long a late response takes, in ms: longer than the client's timeout. */
	late?: number;
	/** Only requests whose path and query match are disturbed. */
	only?: RegExp;
}

export interface FaultProxy {
	readonly url: string;
	readonly seed: number;
	/** Requests received, those disturbed, and how often each kind was. */
	readonly log: { requests: number; disturbed: number; kinds: Partial<Record<Kind, number>> };
	/** Settles once this many requests have come. */
	reached(requests: number): Promise<void>;
	close(): Promise<void>;
}

/** A response, read whole. */
interface Whole {
	status: number;
	headers: IncomingMessage["headers"];
	body: Buffer;
}

async function read(stream: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
	const { target, share = 0.3, kinds = KINDS, late = 3_000, only } = options;
	const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
	const next = random(seed);
	const agent = new Agent({ keepAlive: true });
	const log: FaultProxy["log"] = { requests: 0, disturbed: 0, kinds: {} };
	const doomed = new WeakSet<Socket>();
	const waiting: { requests: number; resolve: () => void }[] = [];

	async function forward(request: IncomingMessage, body: Buffer): Promise<Whole> {
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			const { method, headers } = request;
			const options = { method, headers: { ...headers, host: new URL(target).host }, agent };
			httpRequest(new URL(request.url ?? "/", target), options, resolve)
				.on("error", reject)
				.end(body);
		});
		return { status: answer.statusCode ?? 502, headers: answer.headers, body: await read(answer) };
	}

	function answer(
		response: ServerResponse,
		{ status, headers, body }: Whole,
		extra: Record<string, string> = {},
	): void {
		const { connection, "transfer-encoding": _, ...kept } = headers;
		response.writeHead(status, { ...kept, ...extra, "content-length": body.length }).end(body);
	}

	/** Writes the head of a response and half of its body directly. */
	function half(response: ServerResponse, { status, headers, body }: Whole, length: string, part: number): void {
		const type = headers["content-type"] ?? "application/json";
		response.socket?.write(`HTTP/1.1 ${status} OK\r\ncontent-type: ${type}\r\n${length}connection: close\r\n\r\n`);
		response.socket?.write(body.subarray(0, part));
	}

	async function disturb(kind: Kind, request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
		const { socket } = request;
		const coin = next() < 0.5;
		if (kind === "reset before") return void socket.resetAndDestroy();
		if (kind === "429")
			return void response.writeHead(429).end('{"errors":[{"code":"rate_limited","message":"slow"}]}');
		if (kind === "429, Retry-After") return void response.writeHead(429, { "retry-after": "1" }).end("slow down");
		const isGateway = kind === "502" || kind === "503";
		if ((isGateway || kind === "500") && coin) return failed(response, kind);
		const whole = await forward(request, body);
		const middle = Math.floor(whole.body.length / 2);
		const length = `content-length: ${whole.body.length}\r\n`;
		switch (kind) {
			case "reset after":
				return void socket.resetAndDestroy();
			case "reset midway":
				half(response, whole, length, middle);
				await delay(20);
				return void socket.resetAndDestroy();
			case "cut short":
				half(response, whole, length, middle);
				return void socket.end();
			case "cut short, no length":
				half(response, whole, "", coin ? middle : 0);
				return void socket.end();
			case "late":
				await delay(late, undefined, { ref: false });
				return answer(response, whole);
			case "stale connection":
				doomed.add(socket);
				if (coin) response.once("finish", () => socket.end());
				return answer(response, whole, { connection: "keep-alive" });
			default:
				return failed(response, kind);
		}
	}

	function failed(response: ServerResponse, kind: Kind): void {
		if (kind === "502")
			response.writeHead(502, { "content-type": "text/html" }).end("<html><h1>502 Bad Gateway</h1></html>");
		else if (kind === "503") response.writeHead(503).end();
		else response.writeHead(500).end('{"errors":[{"code":"internal_error","message":"it broke"}]}');
	}

	const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
		log.requests++;
		for (const one of waiting) if (log.requests >= one.requests) one.resolve();
		const kind = next() < share ? kinds[Math.floor(next() * kinds.length)] : undefined;
		const disturbed = kind !== undefined && (only === undefined || only.test(request.url ?? ""));
		if (doomed.has(request.socket)) return void request.socket.destroy();
		const done = async (): Promise<void> => {
			const body = await read(request);
			if (!disturbed) return answer(response, await forward(request, body));
			log.disturbed++;
			log.kinds[kind] = (log.kinds[kind] ?? 0) + 1;
			await disturb(kind, request, response, body);
		};
		// A client that was killed takes its connection with it.
		done().catch(() => request.socket.destroy());
	});
	server.on("clientError", (_, socket) => socket.destroy());
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	return {
		url: `http://127.0.0.1:${port}`,
		seed,
		log,
		reached: (requests) =>
			new Promise((resolve) => {
				if (log.requests >= requests) resolve();
				else waiting.push({ requests, resolve });
			}),
		async close() {
			agent.destroy();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/**
 * An Inngest server in memory: the event API, v1 and v2 on a loopback socket, responding as the real servers did in `test/recordings`,
 * oddities included. "cloud" follows Inngest Cloud's documentation, as no recording of it exists.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Counter } from "./counter.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { receiveEvents, wrongEventKey } from "./event-api.ts";
import { type Fault, Faults } from "./faults.ts";
import { isObject, type Json } from "./json.ts";
import { type RecordedKind, Recording } from "./recording.ts";
import { empty, json, plain, type Reply, type Req, routeNotFound, unauthenticated } from "./reply.ts";
import { type SeedSpec, seedRuns } from "./seeds.ts";
import { shop } from "./shop.ts";
import { type Run, type ServerKind, Store, type StoredEvent } from "./store.ts";
import { Stored } from "./stored.ts";
import { V1 } from "./v1.ts";
import { V2 } from "./v2.ts";

export type { Fault } from "./faults.ts";
export type { SeedSpec } from "./seeds.ts";

export interface ServerOptions extends Partial<EngineOptions> {
	kind?: ServerKind;
	/** The keys that are checked; a dev server takes any. */
	eventKey?: string;
	signingKey?: string;
	/** Cloud only, for v2 only. */
	apiKey?: string;
	/** Cloud only: the environments that `X-Inngest-Env` may name; any if not given. */
	envs?: string[];
	port?: number;
	/** How many events are kept for listing (20,000); none with false. */
	keepEvents?: number | false;
	/** Runs nothing and keeps nothing, but counts the runs that each event would have started. */
	countOnly?: boolean;
	/** Whether v1 answers from its cache, as the real one does for some seconds. */
	cache?: boolean;
	/** How many requests are kept for `requests` (2,000). */
	keepRequests?: number;
	/** The app's address: ids of functions depend on it. */
	appUrl?: string;
	/** Serves this recording's runs, events, apps and functions instead of the app "shop": stored data, in which nothing runs. */
	recorded?: RecordedKind;
	/** The moment of the recording (ms), by default its last. It stands still. */
	moment?: number;
	/** Shifts the recording so that this moment was one to two minutes ago (cron ticks stay on the minute), and lets time pass from there. */
	shift?: boolean;
}

/** A request that the server received. */
export interface Received {
	method: string;
	/** Path and query. */
	url: string;
	headers: IncomingHttpHeaders;
	/** Its first 2,000 characters. */
	body: string;
	/** The status of its response; 0 if none. */
	status: number;
}

export interface Stats {
	/** Events received, including repeated ones. */
	events: number;
	/** Different internal event ids. */
	distinctEvents: number;
	/** Runs started, including reruns and seeded ones. */
	runs: number;
	/** Of received events only: how many of them started how many runs. */
	runsPerEvent: Record<string, number>;
	requests: number;
}

export interface InngestServer {
	readonly url: string;
	readonly port: number;
	readonly kind: ServerKind;
	readonly eventKey: string;
	readonly signingKey: string;
	close(): Promise<void>;
	stats(): Stats;
	/** How many runs an event has, by its internal id (with `countOnly`, by the sender's id if any). */
	runsOf(eventId: string): number;
	/** A run as the server keeps it. */
	run(id: string): Run | undefined;
	readonly requests: readonly Received[];
	clearRequests(): void;
	seedRuns(specs: SeedSpec[], seed?: number): string[][];
	/** Makes the next matching request (or `times` of them) fail, by path and query. */
	failNext(path: RegExp | string, fault?: Omit<Fault, "path">): void;
	clearFaults(): void;
	/** Changes how runs behave from now on. */
	configure(options: Partial<EngineOptions>): void;
	/** The recording, if `recorded` is set, and its current moment. */
	readonly recording: Recording;
	moment: number;
}

const BODY_SHOWN = 2_000;
const MINUTE = 60_000;
const bare = (key: string): string => key.replace(/^signkey-[^-]+-/, "");

class Inngest implements InngestServer {
	url = "";
	port = 0;
	readonly kind: ServerKind;
	readonly eventKey: string;
	readonly signingKey: string;
	requests: Received[] = [];
	private readonly options: ServerOptions;
	private readonly appUrl: string;
	private readonly store: Store;
	private readonly engine: Engine;
	private readonly v1: V1;
	private readonly v2: V2;
	moment = 0;
	private readonly stored: { recording: Recording; api: Stored } | undefined;
	private readonly faults = new Faults();
	private readonly counter = new Counter();
	private events = 0;
	private requestCount = 0;
	private readonly http = createServer((request, response) => {
		// Tests use it with clocks of their own.
		response.sendDate = false;
		this.serve(request, response).catch((error: unknown) => {
			if (!response.headersSent) response.writeHead(500);
			response.end(String(error));
		});
	});

	constructor(options: ServerOptions) {
		this.options = options;
		this.kind = options.kind ?? (options.recorded === "kitchen-self-hosted" ? "self-hosted" : "dev");
		this.eventKey = options.eventKey ?? "test-event-key";
		this.signingKey = options.signingKey ?? "signkey-test-5ca1ab1e0b5e55edc0ffee0f5eed1234";
		const keep = options.countOnly ? 0 : (options.keepEvents ?? 20_000);
		this.store = new Store(this.kind, keep === false ? 0 : keep);
		const { speed = 1, instant = false, startDelayMs = 0, rerunsSucceed = false } = options;
		this.engine = new Engine(this.store, { speed, instant, startDelayMs, rerunsSucceed });
		this.appUrl = options.appUrl ?? `http://localhost:${this.kind === "dev" ? 3000 : 3001}/`;
		this.stored = options.recorded && this.open(options.recorded);
		if (!this.stored) for (const def of shop) this.store.addFunction(def, this.appUrl);
		this.v1 = new V1(this.store, this.engine, options.cache ?? true);
		const { eventKey, signingKey } = this;
		this.v2 = new V2(this.store, this.engine, { eventKey, signingKey, accept: (event) => this.accept(event) });
	}

	get recording(): Recording {
		if (!this.stored) throw new Error("this server serves no recording");
		return this.stored.recording;
	}

	private open(kind: RecordedKind): { recording: Recording; api: Stored } {
		const { moment, shift } = this.options;
		const still = new Recording(kind);
		this.moment = moment ?? still.end;
		if (!shift) return { recording: still, api: new Stored(still, () => this.moment) };
		const by = Math.floor((Date.now() - MINUTE - this.moment) / MINUTE) * MINUTE;
		const recording = new Recording(kind, by);
		return { recording, api: new Stored(recording, Date.now) };
	}

	async listen(): Promise<this> {
		await new Promise<void>((resolve, reject) => {
			this.http.once("error", reject);
			this.http.listen(this.options.port ?? 0, "127.0.0.1", resolve);
		});
		const address = this.http.address();
		this.port = typeof address === "object" && address !== null ? address.port : 0;
		this.url = `http://127.0.0.1:${this.port}`;
		return this;
	}

	async close(): Promise<void> {
		this.engine.close();
		this.http.closeAllConnections();
		await new Promise((resolve) => this.http.close(resolve));
	}

	stats(): Stats {
		const { events, counter, requestCount, store } = this;
		const runs = this.options.countOnly ? counter.total + store.runs.length : store.runs.length;
		const runsPerEvent = counter.histogram();
		return { events, distinctEvents: counter.distinct, runs, runsPerEvent, requests: requestCount };
	}

	runsOf(eventId: string): number {
		return this.options.countOnly ? this.counter.get(eventId) : this.store.runsOf(eventId).length;
	}

	run(id: string): Run | undefined {
		return this.store.run(id);
	}

	clearRequests(): void {
		this.requests = [];
		this.requestCount = 0;
	}

	seedRuns(specs: SeedSpec[], seed = 1): string[][] {
		return seedRuns(this.store, specs, seed, this.appUrl);
	}

	failNext(path: RegExp | string, fault: Omit<Fault, "path"> = {}): void {
		this.faults.add({ status: 500, ...fault, path });
	}

	clearFaults(): void {
		this.faults.clear();
	}

	configure(options: Partial<EngineOptions>): void {
		Object.assign(this.engine.options, options);
	}

	private accept(event: StoredEvent): void {
		this.events++;
		if (this.options.countOnly) {
			const runs = this.store.triggered(event.name).length;
			this.counter.add(event.id, this.counter.has(event.id) ? 0 : runs);
			return;
		}
		this.store.addEvent(event);
		this.counter.add(event.internalId, this.engine.trigger(event));
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const { method = "GET", url = "/", headers } = request;
		const { pathname, searchParams } = new URL(url, "http://localhost");
		const body = Buffer.concat(chunks).toString();
		const req: Req = { method, path: pathname, query: searchParams, headers, body };
		if (pathname.startsWith("/__test/")) {
			send(response, this.testing(req), this.kind);
			return;
		}
		const received: Received = { method, url, headers, body: body.slice(0, BODY_SHOWN), status: 0 };
		this.keep(received);
		const fault = this.faults.next(method, url);
		if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false });
		const reply = fault === undefined || fault.after ? this.route(req) : empty(500);
		if (fault?.destroy) {
			response.destroy();
			return;
		}
		const answer = fault?.status === undefined ? reply : faulty(fault, fault.status);
		received.status = answer.status;
		send(response, answer, this.kind, fault?.headers);
	}

	private keep(received: Received): void {
		this.requestCount++;
		const most = this.options.keepRequests ?? 2_000;
		this.requests.push(received);
		if (this.requests.length > most * 1.5) this.requests.splice(0, this.requests.length - most);
	}

	private route(req: Req): Reply {
		const { method, path } = req;
		if (path === "/health") return method === "GET" ? json({ status: 200, message: "OK" }) : notAllowed("GET");
		const key = /^\/e\/([^/]+)$/.exec(path)?.[1];
		if (key !== undefined) {
			if (method !== "POST") return notAllowed("POST");
			if (this.kind !== "dev" && decodeURIComponent(key) !== this.eventKey) return wrongEventKey();
			return receiveEvents(req, (event) => this.accept(event));
		}
		if (/^\/(api\/)?v2(\/|$)/.test(path))
			return this.refusal(req, 2) ?? this.stored?.api.handle(req) ?? this.v2.handle(req);
		if (/^\/v1(\/|$)/.test(path)) {
			if (!this.v1.known(path)) return routeNotFound();
			return this.refusal(req, 1) ?? this.stored?.api.handle(req) ?? this.v1.handle(req);
		}
		if (path === "/dev") return this.refusal(req, 1) ?? this.dev();
		// Everything else belongs to the user interface.
		return { ...plain("<!doctype html><title>Inngest</title>\n", 200), contentType: "text/html; charset=utf-8" };
	}

	/** The response to an unauthorised request. */
	private refusal(req: Req, version: 1 | 2): Reply | undefined {
		if (this.kind === "dev") return undefined;
		const [scheme, token = ""] = (req.headers.authorization ?? "").split(" ");
		const signed = scheme === "Bearer" && bare(token) === bare(this.signingKey);
		if (this.kind === "self-hosted") return signed ? undefined : unauthenticated();
		const { apiKey, envs } = this.options;
		if (!signed && (version === 1 || apiKey === undefined || token !== apiKey)) {
			const [code, message] = !req.headers.authorization
				? ["authorization_header_missing", "Authorization header is required"]
				: token.startsWith("sk-inn-api-")
					? ["invalid_api_key", "Invalid API key"]
					: ["invalid_signing_key", "Invalid signing key"];
			return version === 2
				? json({ errors: [{ code, message }] }, 401)
				: json({ error: message, data: null, status: 401 }, 401);
		}
		const env = req.headers["x-inngest-env"];
		if (envs === undefined || env === undefined || envs.includes(String(env))) return undefined;
		const message = "Environment not found";
		return version === 2
			? json({ errors: [{ code: "env_not_found", message }] }, 404)
			: json({ error: message, data: null, status: 404 }, 404);
	}

	private dev(): Reply {
		const functions = [...this.store.apps.values()].flatMap(({ functions: all }) =>
			[...all.values()].map(({ def, uuid, uri }) => {
				const slug = `${def.app}-${def.id}`;
				const steps = [{ id: "step", name: "step", uri, retries: def.retries }];
				return { id: uuid, fv: 1, name: def.name, slug, triggers: def.triggers, steps };
			}),
		);
		const startOpts = {
			dir: "",
			urls: [this.appUrl],
			autodiscover: false,
			poll: true,
			poll_interval: 5,
			persist: false,
		};
		const features = { "enable-step-metadata": true };
		const flags = { isSingleNodeService: false, isMissingSigningKey: false, isMissingEventKeys: false, features };
		const body = { version: "1.43.0", authed: this.kind !== "dev", startOpts, functions, handlers: null, ...flags };
		return { ...json(body), contentType: "application/json; charset=utf-8" };
	}

	/** The state helpers for tests in other processes, without authentication: `/__test/…`. */
	private testing({ method, path, query, body }: Req): Reply {
		const parsed: unknown = body === "" ? {} : JSON.parse(body);
		const input: Json = isObject(parsed) ? parsed : {};
		switch (`${method} ${path.slice("/__test/".length)}`) {
			case "GET stats":
				return json(this.stats());
			case "GET runs-of":
				return json({ runs: this.runsOf(query.get("event") ?? "") });
			case "GET requests":
				return json(this.requests);
			case "DELETE requests":
				this.clearRequests();
				return json({ ok: true });
			case "POST seed":
				return json({ runs: this.seedRuns(specsOf(input.specs), Number(input.seed ?? 1)) });
			case "POST fail": {
				const { path: pattern, ...fault } = input;
				this.failNext(String(pattern), fault);
				return json({ ok: true });
			}
			case "DELETE fail":
				this.clearFaults();
				return json({ ok: true });
			case "POST configure":
				this.configure(input);
				return json({ ok: true });
			default:
				return routeNotFound();
		}
	}
}

function isSeedSpec(value: unknown): value is SeedSpec {
	return isObject(value) && typeof value.function === "string" && typeof value.count === "number";
}

function specsOf(value: unknown): SeedSpec[] {
	const specs = Array.isArray(value) ? value : [value];
	if (!specs.every(isSeedSpec)) throw new Error("a seed needs a function and a count");
	return specs;
}

const notAllowed = (allow: string): Reply => ({ ...empty(405), headers: { Allow: allow } });

function faulty(fault: Fault, status: number): Reply {
	const body = fault.body ?? "";
	const contentType =
		fault.contentType ?? (typeof body === "string" ? "text/plain; charset=utf-8" : "application/json");
	return { status, body, contentType };
}

function send(response: ServerResponse, reply: Reply, kind: ServerKind, headers: Record<string, string> = {}): void {
	const body = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
	response.writeHead(reply.status, {
		...(reply.contentType !== undefined && { "Content-Type": reply.contentType }),
		Vary: "Origin",
		"X-Inngest-Server-Kind": kind === "dev" ? "dev" : "cloud",
		...reply.headers,
		...headers,
		"Content-Length": Buffer.byteLength(body),
	});
	response.end(body);
}

/** Starts a server on a loopback port. */
export const startServer = (options: ServerOptions = {}): Promise<InngestServer> => new Inngest(options).listen();

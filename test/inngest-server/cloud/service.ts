/** Inngest Cloud as a function from requests to responses: who asks, for which environment, within the budget, and for what. */
import { setTimeout as delay } from "node:timers/promises";
import { type Fault, Faults } from "../faults.ts";
import { isObject, type Json } from "../json.ts";
import { empty, json, plain, type Reply, type Req } from "../reply.ts";
import { Account, type Holder, may } from "./account.ts";
import { Budget } from "./budget.ts";
import type { CloudEnvironment } from "./environment.ts";
import { isProbe, notFor, takeEvents, wrongKey } from "./events.ts";
import type { CloudOptions } from "./options.ts";
import { departures } from "./proto.ts";
import { type Change, type Route, routeOf } from "./routes.ts";
import { lowered, raised } from "./shapes.ts";
import {
	API,
	type CloudAsked,
	type CloudReceived,
	type CloudReply,
	EVENTS,
	eventKeyOf,
	received,
	tokenOf,
} from "./traffic.ts";
import { answerV1 } from "./v1.ts";
import { answerV2 } from "./v2.ts";

/** A refusal in the format of its API. */
const refusal = (path: string, status: number, code: string, message: string): Reply =>
	path.startsWith("/v1/")
		? json({ error: message, data: null, status }, status)
		: json({ errors: [{ code, message }] }, status);

/** Changes a response before it is sent, for what no server of ours sends. */
type Alter = (body: Json, received: CloudReceived) => unknown;

export class CloudService {
	readonly account: Account;
	readonly budget: Budget;
	readonly faults = new Faults();
	readonly received: CloudReceived[] = [];
	/** v2 responses that did not conform to the proto: the double's own mistakes. */
	readonly mistakes: string[] = [];
	/** Of each event key. */
	private readonly sending = new Map<string, Budget>();
	/** The clock of the budgets. */
	now: () => number = Date.now;
	private readonly options: CloudOptions;
	private readonly altered: { path: RegExp; alter: Alter }[] = [];

	constructor(options: CloudOptions) {
		this.options = options;
		this.account = new Account(options);
		this.budget = this.newBudget();
	}

	private newBudget(): Budget {
		const { budget = { requests: 75, perMs: 5_000 } } = this.options;
		return new Budget(budget, () => this.now());
	}

	private budgetOf(eventKey: string): Budget {
		const budget = this.sending.get(eventKey) ?? this.newBudget();
		this.sending.set(eventKey, budget);
		return budget;
	}

	/** From now on `alter` changes responses to requests whose path and query match; these are not checked. */
	alter(path: RegExp, alter: Alter): void {
		this.altered.push({ path, alter });
	}

	fail(path: RegExp | string, fault: Omit<Fault, "path">): void {
		this.faults.add({ status: 500, ...fault, path });
	}

	/** Undefined: the connection is to be closed. */
	async answer(asked: CloudAsked): Promise<CloudReply | undefined> {
		const noted = received(asked, this.account);
		this.received.push(noted);
		const fault = this.faults.next(asked.method, asked.url);
		const late = (this.options.latencyMs ?? 0) + (fault?.delayMs ?? 0);
		if (late > 0) await delay(late);
		const reply = fault === undefined || fault.after ? this.route(asked, noted) : empty(500);
		if (fault?.destroy) return undefined;
		const told = fault?.status === undefined ? reply : faulty(fault, fault.status);
		noted.status = told.status;
		return this.written(told, asked.url, noted, fault?.headers);
	}

	private written(reply: Reply, url: string, noted: CloudReceived, more: Record<string, string> = {}): CloudReply {
		const change = this.altered.find(({ path }) => path.test(url));
		const parsed = change && parsedOf(reply);
		const body = change && parsed ? change.alter(structuredClone(parsed), noted) : reply.body;
		return {
			status: reply.status,
			headers: {
				...(reply.contentType !== undefined && { "content-type": reply.contentType }),
				"x-inngest-server-kind": "cloud",
				...reply.headers,
				...more,
			},
			body: typeof body === "string" ? body : JSON.stringify(body),
		};
	}

	private route(asked: CloudAsked, noted: CloudReceived): Reply {
		const { method, headers, body, host } = asked;
		const { pathname, searchParams } = new URL(asked.url, "https://api.inngest.com");
		const cursor = searchParams.get("cursor");
		if (cursor !== null) searchParams.set("cursor", raised(cursor));
		const path = host === API ? pathname.split("/").map(raised).join("/") : pathname;
		const req: Req = { method, path, query: searchParams, headers, body };
		if (host === EVENTS) return this.events(req, noted);
		const known = /^\/v2\//.test(path) || this.account.environments.some(({ v1 }) => v1.known(path));
		if (host !== API || !known) return plain("404 page not found\n", 404);
		const reply = this.api(req, asked, noted);
		return this.options.lowerCaseIds ? inLowerCase(reply) : reply;
	}

	private events(req: Req, noted: CloudReceived): Reply {
		const key = eventKeyOf(req.path);
		if (key === undefined || req.method !== "POST") return plain("404 page not found\n", 404);
		const holder = this.account.holder(key);
		if (holder?.kind !== "event") return wrongKey(this.options);
		// That it is 429 is documented, its body is a choice.
		if (!this.budgetOf(key).take()) return notFor(429, "Rate limit exceeded");
		const environment = this.account.environmentFor(holder, noted.env);
		if ("kind" in environment) return notFor(environment.status, environment.message);
		this.letIn(environment, noted, isProbe(req.body) ? undefined : "send");
		const reply = takeEvents(req, environment, this.options);
		return this.options.lowerCaseIds ? inLowerCase(reply) : reply;
	}

	/** v1 accepts only a signing key; v2 also an API key. */
	private api(req: Req, asked: CloudAsked, noted: CloudReceived): Reply {
		const { path } = req;
		const v1 = path.startsWith("/v1/");
		const token = tokenOf(asked.headers);
		const holder = this.account.holder(token);
		if (holder === undefined || holder.kind === "event" || (v1 && holder.kind === "api")) return notKnown(path, token);
		if (!this.budget.take()) return this.tooMany(path);
		const route = routeOf(req.method, path);
		const environment = this.account.environmentFor(holder, noted.env, route.ofAccount);
		if ("kind" in environment) return refusal(path, environment.status, environment.code, environment.message);
		const denied = this.denied(holder, route, path);
		if (denied) return denied;
		if (!route.ofAccount) this.letIn(environment, noted, route.change);
		const { account, options } = this;
		if (v1) return answerV1({ req, route, environment, account, options });
		return this.checked(answerV2({ req, route, environment, account, options }), route);
	}

	private letIn(environment: CloudEnvironment, noted: CloudReceived, change: Change | undefined): void {
		noted.environment = environment.name;
		noted.change = change;
		environment.requests++;
		if (change !== undefined) environment.changes++;
	}

	private denied(holder: Holder, { grant }: Route, path: string): Reply | undefined {
		if (may(holder, grant)) return undefined;
		const { missingGrant = "insufficient_scope" } = this.options;
		return refusal(path, 403, missingGrant, `The API key lacks the grant ${grant}`);
	}

	/** v2 sends no Retry-After (documented); that v1 does is a choice. */
	private tooMany(path: string): Reply {
		const reply = refusal(path, 429, "rate_limited", "API rate limit exceeded. The request was rejected.");
		return path.startsWith("/v1/") ? { ...reply, headers: { "Retry-After": String(this.budget.wait()) } } : reply;
	}

	private checked(reply: Reply, { name, answers }: Route): Reply {
		const isError = isObject(reply.body) && reply.body.errors !== undefined;
		const message = isError ? "ErrorResponse" : answers;
		const found = message === undefined ? [] : departures(message, reply.body);
		this.mistakes.push(...found.map((one) => `${name}: ${one}`));
		return reply;
	}
}

/** Codes of pkg/api/v2/apiv2base/errors.go. */
function notKnown(path: string, token: string): Reply {
	if (token === "") return refusal(path, 401, "authorization_header_missing", "Authorization header is required");
	return token.startsWith("sk-inn-api-")
		? refusal(path, 401, "invalid_api_key", "Invalid API key")
		: refusal(path, 401, "invalid_signing_key", "Invalid signing key");
}

/** An answer's JSON, if it is an object. */
function parsedOf({ body }: Reply): Json | undefined {
	const parsed: unknown = typeof body === "string" && body.startsWith("{") ? JSON.parse(body) : body;
	return isObject(parsed) ? parsed : undefined;
}

function inLowerCase(reply: Reply): Reply {
	if (typeof reply.body !== "string") return { ...reply, body: lowered(reply.body) };
	return /^[[{]/.test(reply.body) ? { ...reply, body: JSON.stringify(lowered(JSON.parse(reply.body))) } : reply;
}

function faulty({ body = "", contentType }: Fault, status: number): Reply {
	const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
	return { status, body, contentType: contentType ?? type };
}

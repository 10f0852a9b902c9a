/**
 * A double of Inngest Cloud: an account with environments, keys and a request budget, for tests in this process (`openCloud`) and for the
 * built folder in its own process (`startCloud`), which reaches it by its real names, through a proxy and with a certificate authority made
 * for the test. The authors can't reach the real one: the double follows public material (service.proto, pkg/api/v2, v1's specification,
 * the docs); where that says nothing it makes a choice, and a comment there says so. `server.ts` with kind "cloud" is a simpler one: one
 * environment, no proxy.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "./ca.ts";
import type { CloudEnvironment } from "./cloud/environment.ts";
import type { BudgetLimit, CloudOptions } from "./cloud/options.ts";
import type { Grant } from "./cloud/routes.ts";
import { CloudService } from "./cloud/service.ts";
import { API, type CloudAsked, type CloudReceived, type CloudReply, EVENTS } from "./cloud/traffic.ts";
import { startProxy, type Testing } from "./cloud-proxy.ts";
import type { Fault } from "./faults.ts";
import type { Json } from "./json.ts";

export type { CloudEnvironment, EnvironmentStats } from "./cloud/environment.ts";
export { MEASURED, measuredRuns } from "./cloud/measured.ts";
export { type CloudOptions, ENVIRONMENTS, PLANS } from "./cloud/options.ts";
export type { CloudAsked, CloudReceived, CloudReply } from "./cloud/traffic.ts";

/** The keys and environment for a call. */
export interface InUse {
	event?: string | undefined;
	signing?: string | undefined;
	api?: string | undefined;
	/** INNGEST_ENV. */
	environment?: string | undefined;
}

export interface Cloud {
	readonly environments: readonly CloudEnvironment[];
	/** By its name. */
	environment(name: string): CloudEnvironment;
	/** API keys of the whole account. An environment's are in its `keys`. */
	readonly keys: { read: string; write: string };
	/** Creates an API key with only these grants, for the account or one environment. */
	apiKey(grants: readonly Grant[], environment?: CloudEnvironment): string;
	/** The variables for a call with these keys; `startCloud` adds those for reaching the double. */
	env(use: InUse): Record<string, string>;
	answer(asked: CloudAsked): Promise<CloudReply | undefined>;
	/** All requests, in order. */
	readonly requests: readonly CloudReceived[];
	/** The names of the environments that admitted a changing request, whatever its result. */
	changed(): string[];
	/** Requests to v1 and v2 that the budget counted, and those that it rejected. */
	readonly budget: { requests: number; rejected: number };
	/** From now on the budget uses this clock (ms), which need not be the machine's. */
	countBy(now: () => number): void;
	/** Forgets requests and restarts counting. */
	clear(): void;
	/** Makes the next matching request (or `times` of them) fail, by path and query. */
	failNext(path: RegExp | string, fault?: Omit<Fault, "path">): void;
	/** Changes the JSON of all responses to requests whose path and query match. */
	alter(path: RegExp, alter: (body: Json, received: CloudReceived) => unknown): void;
	/** Ends all timers; throws if a response did not conform to the proto. */
	close(): Promise<void>;
}

export interface StartedCloud extends Cloud {
	readonly proxy: string;
	/** Requests to the proxy for anything but Inngest Cloud: none, if all is well. */
	readonly refused: readonly string[];
	/** The certificate of the authority, in PEM. */
	readonly ca: string;
}

/** A double without sockets. */
export function openCloud(options: CloudOptions = {}): Cloud {
	const service = new CloudService(options);
	const { account, received, budget } = service;
	return {
		environments: account.environments,
		environment: (name) => account.environment(name),
		keys: account.keys,
		apiKey: (grants, environment) => account.apiKey(grants, environment),
		env: variables,
		answer: (asked) => service.answer(asked),
		requests: received,
		changed: () => [
			...new Set(received.flatMap(({ change, environment }) => (change && environment ? [environment] : []))),
		],
		budget,
		countBy(now) {
			service.now = now;
		},
		clear() {
			received.length = 0;
			budget.clear();
		},
		failNext: (path, fault = {}) => service.fail(path, fault),
		alter: (path, alter) => service.alter(path, alter),
		async close() {
			account.close();
			if (service.mistakes.length > 0) throw new Error(`not as the proto says:\n${service.mistakes.join("\n")}`);
		},
	};
}

function variables({ event, signing, api, environment }: InUse): Record<string, string> {
	return {
		...(event !== undefined && { INNGEST_EVENT_KEY: event }),
		...(signing !== undefined && { INNGEST_SIGNING_KEY: signing }),
		...(api !== undefined && { INNGEST_API_KEY: api }),
		...(environment !== undefined && { INNGEST_ENV: environment }),
	};
}

/** A double behind a proxy. */
export async function startCloud(options: CloudOptions = {}): Promise<StartedCloud> {
	const cloud = openCloud(options);
	const authority = createAuthority("The test's own authority");
	const folder = mkdtempSync(join(tmpdir(), "inngest-cloud-"));
	const file = join(folder, "ca.pem");
	writeFileSync(file, authority.cert);
	const proxy = await startProxy(cloud.answer, authority.issue([API, EVENTS]), testing(cloud));
	return Object.assign(cloud, {
		proxy: proxy.url,
		refused: proxy.refused,
		ca: authority.cert,
		env: (use: InUse) => ({ ...variables(use), HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: file }),
		close: closing(cloud.close, async () => {
			await proxy.close();
			rmSync(folder, { recursive: true, force: true });
		}),
	});
}

const closing = (first: () => Promise<void>, then: () => Promise<void>) => async (): Promise<void> => {
	try {
		await first();
	} finally {
		await then();
	}
};

/** Requests that a test in another process may send (`cloud-main.ts`). */
const testing =
	(cloud: Cloud): Testing =>
	(method, path) => {
		const { requests, rejected } = cloud.budget;
		if (`${method} ${path}` === "GET /__test/stats") {
			const environments = cloud.environments.map((one) => [one.name, one.stats()]);
			return { requests, rejected, environments: Object.fromEntries(environments) };
		}
		if (`${method} ${path}` === "GET /__test/requests") return cloud.requests;
		if (`${method} ${path}` !== "DELETE /__test/requests") return undefined;
		cloud.clear();
		return { ok: true };
	};

export type { BudgetLimit, Grant };

/**
 * A double of Inngest Cloud: an account with environments, keys and a budget of requests, for tests in this process
 * (`openCloud`) and for the built folder in a process of its own (`startCloud`), which reaches it by its real names,
 * through a proxy and with a certificate authority that are made for the test. Nobody here can reach the real one: it
 * follows public material (service.proto, pkg/api/v2, v1's specification, the docs), and where that says nothing it
 * chooses, in words at that place. `server.ts` with kind "cloud" is the plain one: one environment, no proxy.
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

/** The keys and the environment that a call is given. */
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
	/** API keys of the whole account. Those of an environment are in its `keys`. */
	readonly keys: { read: string; write: string };
	/** Makes an API key with these grants alone, of the account or of one environment. */
	apiKey(grants: readonly Grant[], environment?: CloudEnvironment): string;
	/** The variables of a call that is given these keys; those for the way to the double are added by `startCloud`. */
	env(use: InUse): Record<string, string>;
	answer(asked: CloudAsked): Promise<CloudReply | undefined>;
	/** All that was asked, in order. */
	readonly requests: readonly CloudReceived[];
	/** The names of the environments that a request was let into that changes something, whatever came of it. */
	changed(): string[];
	/** Requests of v1 and v2 that the budget counted, and those of them that it rejected. */
	readonly budget: { requests: number; rejected: number };
	/** From now on the budget is counted by this clock (ms), which need not be the machine's. */
	countBy(now: () => number): void;
	/** Forgets requests and begins to count anew. */
	clear(): void;
	/** Makes the next request (or `times` of them) whose path and query match fail. */
	failNext(path: RegExp | string, fault?: Omit<Fault, "path">): void;
	/** Changes the JSON of all answers to requests whose path and query match. */
	alter(path: RegExp, alter: (body: Json, received: CloudReceived) => unknown): void;
	/** Ends all timers; throws where an answer was not as the proto says. */
	close(): Promise<void>;
}

export interface StartedCloud extends Cloud {
	readonly proxy: string;
	/** What was asked of the proxy besides Inngest Cloud: nothing, if all is well. */
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

/** What a test in another process may ask (`cloud-main.ts`). */
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

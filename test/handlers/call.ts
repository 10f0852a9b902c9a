/**
 * Calls an intent as an agent would, but in this process: argv in; text, `--json` and exit code out, through the real client, with nock as
 * the server. A request without a response in the test fails it, as does an unused response.
 */
import nock from "nock";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { run } from "../../lib/cli/run.ts";
import type { Variables } from "../../lib/gate/secrets.ts";
import { NO_SUCH } from "../../lib/inngest/place.ts";
import { withTrueStatuses } from "../../lib/wire/lenient.ts";
import { nextCalls, shellWords } from "../next.ts";
import { type Kind, recorded } from "../recordings.ts";
import { aWorld, type TestWorld } from "../world.ts";

export type Place = "dev" | "self-hosted" | "cloud";
export const PLACES: readonly Place[] = ["dev", "self-hosted", "cloud"];

/** Invented, like everything here that looks like a key. */
export const KEYS = {
	INNGEST_API_KEY: ["sk-inn", "api", "0a1b2c3d4e5f"].join("-"),
	INNGEST_SIGNING_KEY: ["signkey", "prod", "5ca1ab1e0b5e55ed"].join("-"),
	INNGEST_EVENT_KEY: "event-key-1234",
};
const { INNGEST_SIGNING_KEY, INNGEST_EVENT_KEY } = KEYS;
/** Staging's signing key, for tests that read events there: production's own is refused. */
export const STAGING_KEY = ["signkey", "test", "57a61n60b5e55ed0"].join("-");

/** The configuration of each kind of server, its origins, and its label in answers. */
export const AT: Record<Place, { env: Variables; origins: readonly string[]; label: string }> = {
	dev: {
		env: { INNGEST_DEV: "http://localhost:8288" },
		origins: ["http://localhost:8288"],
		label: "dev server localhost:8288",
	},
	"self-hosted": {
		env: { INNGEST_BASE_URL: "https://inngest.example.com", INNGEST_SIGNING_KEY, INNGEST_EVENT_KEY },
		origins: ["https://inngest.example.com"],
		label: "self-hosted inngest.example.com",
	},
	cloud: {
		env: { ...KEYS, INNGEST_ENV: "production" },
		origins: ["https://api.inngest.com", "https://inn.gs"],
		label: "Inngest Cloud, production",
	},
};

/** A request as the server saw it. */
export interface Asked {
	/** The origin that it went to. */
	origin: string;
	method: string;
	/** Path and query, with the event key as `$INNGEST_EVENT_KEY`. */
	path: string;
	query: URLSearchParams;
	/** Parsed JSON. */
	body: unknown;
	/** The body as sent. */
	sent: string;
	headers: Headers;
}

/**
 * A response: a JSON body with 200, or with this status and headers; `error` breaks the connection with that code, "timeout" as when the
 * time for a response is over.
 */
export interface Reply {
	status?: number;
	body?: unknown;
	headers?: Record<string, string>;
	error?: string;
	/** Recorded on OSS, whose statuses of live runs Cloud does not share: there the true ones are used. */
	recorded?: boolean;
}
type Given = Reply | ((asked: Asked) => Reply | Promise<Reply>);

/** By `METHOD /path`, without query. Lists respond in turn, the last one repeatedly; others repeatedly. */
export type Answers = Record<string, Given | readonly Given[]>;

/** A slow server: responses are delayed long enough that all parallel requests are open at once. */
export function slowServer() {
	let open = 0;
	let most = 0;
	return {
		/** The same response, delayed. */
		late: (reply: Reply) => async (): Promise<Reply> => {
			most = Math.max(most, ++open);
			for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
			open--;
			return reply;
		},
		/** The maximum number of requests open at once. */
		most: () => most,
	};
}

/** A real server's recorded response, for `Answers`. */
export function answered(label: string, kind?: Kind): Reply {
	const { status, body } = recorded(label, kind).response;
	return { status, body, recorded: true };
}
/** A response with status 200. */
export const ok = (body: unknown): Reply => ({ body });
/** A v2 list as the server writes it: without `data` if empty, with `hasMore` and a cursor if more follow. */
export const page = (data: readonly unknown[], cursor?: string): Reply =>
	ok({
		...(data.length > 0 && { data }),
		metadata: { fetchedAt: "2026-11-23T21:00:00.000Z" },
		page: { ...(cursor !== undefined && { cursor, hasMore: true }), limit: 100 },
	});

/**
 * The environments of Cloud's account. Writes look up their own first and report it; both are omitted from a call's recorded requests and
 * output, unless the test answers the look-up itself (as environments.test.ts does).
 */
export const ENVIRONMENTS = [
	{ id: "0e0e0e0e-0000-4000-8000-000000000001", name: "production" },
	{ id: "0e0e0e0e-0000-4000-8000-000000000002", name: "staging", type: "TEST" },
	{ id: "0e0e0e0e-0000-4000-8000-000000000003", name: "qa", type: "TEST" },
];
const ENVS = "GET /v2/envs";
/**
 * Before an event is sent, listening functions are looked up. By default there are too many apps: then effects are not foreseen, and the
 * look-up is omitted from the recorded requests.
 */
const FORESEEN = "GET /v2/apps";
/** A plan looks up onFailure handlers by name, and what listens to runs' ends: by default there is none, and that is omitted too. */
const HANDLER = /^GET \/v2\/apps\/[^/]+\/functions\/.+-failure$/;
const NO_HANDLER = { errors: [{ code: "not_found", message: "Function not found" }] };
/**
 * triage-failures and report-health ask a dev server for its oldest run. Unless a test answers, that run ended long ago.
 */
export const OLDEST = "GET /v2/runs, the oldest";
/** The request for it, of a dev server only. */
export const ASKS_OLDEST =
	"GET /v2/runs?status=COMPLETED&status=FAILED&status=CANCELLED&timeField=endedAt&order=ASC&limit=2";
export const notOldest = (line: string): boolean => line !== ASKS_OLDEST;
const LOOKS_BACK = /^(triage-failures|report-health)$/;
const LONG_AGO = page([{ id: "01M00000000000000000000001", status: "COMPLETED", endedAt: "2020-01-01T00:00:00Z" }]);
const isOldest = ({ path, query }: Asked): boolean =>
	path === "/v2/runs" && query.get("order") === "ASC" && query.get("limit") === "2" && !query.has("appId");
export const MANY_APPS = page(Array.from({ length: 11 }, (_, i) => ({ id: `app-${i}` })));
/** Whether the API key follows the name, which a non-existent environment shows. */
const NONE = { errors: [{ code: "env_not_found", message: "Environment not found" }] };
const STAGING = ENVIRONMENTS.find(({ name }) => name === "staging");
/** Which environment staging's key is for, which its newest event shows. */
const asksForStaging = ({ path, query, headers }: Asked): boolean =>
	path === "/v1/events" &&
	query.get("limit") === "1" &&
	!headers.has("x-inngest-env") &&
	headers.get("authorization") === `Bearer ${STAGING_KEY}`;

export interface Called {
	text: string;
	json: unknown;
	exit: number;
	to: "stdout" | "stderr";
	/**
	 * The requests in order, a line each: `GET /v2/apps?limit=100 by INNGEST_API_KEY in production`, then the body if any; without `by` no
	 * key was sent.
	 */
	asked: string[];
	/** The same as data, for what a line doesn't show. */
	requests: Asked[];
	world: TestWorld;
}

export interface CallOptions {
	/** Replaces or adds to the place's variables; undefined removes one. */
	env?: Variables;
	/** Milliseconds; NOW unless given. */
	now?: number;
	/** Where servers respond, instead of the place's own origins. */
	origins?: readonly string[];
	world?: TestWorld;
}

let known: Answers = {};
/** That a run has no related runs, as far as they are requested. */
export const ALONE: Answers = { "GET /v2/runs": page([]), "GET /v2/events/*/runs": page([]) };

/** Optional responses for every call of a test file; `*` stands for an id. */
export function alsoAnswered(answers: Answers): void {
	beforeAll(() => {
		known = answers;
	});
	afterAll(() => {
		known = {};
	});
}

let unanswered: string[] = [];
let unasked: string[] = [];

// Files may share a process (as in the mutation tester): one would see what another left behind.
beforeAll(() => {
	if (!nock.isActive()) nock.activate();
	nock.disableNetConnect();
});
afterEach(() => {
	nock.cleanAll();
	const faults = { unanswered, unasked };
	unanswered = [];
	unasked = [];
	expect(faults).toEqual({ unanswered: [], unasked: [] });
});
afterAll(() => {
	nock.enableNetConnect();
	nock.restore();
});

/** Makes one call to a place whose server gives these responses. */
export async function call(
	place: Place,
	argv: readonly string[],
	answers: Answers = {},
	{
		env = {},
		now,
		origins = AT[place].origins,
		world = aWorld({ env: { ...AT[place].env, ...env }, ...(now !== undefined && { now }) }),
	}: CallOptions = {},
): Promise<Called> {
	const requests: Asked[] = [];
	const used = new Map<string, number>();
	const alike = place === "cloud" && answers[ENVS] === undefined;
	let unforeseen = false;
	const reply = async (request: Request): Promise<[number, string, Record<string, string>]> => {
		const asked = await readRequest(request);
		const isBegin = LOOKS_BACK.test(argv[0] ?? "") && !argv.includes("--against") && isOldest(asked);
		const key = isBegin && answers[OLDEST] ? OLDEST : `${asked.method} ${asked.path}`;
		if (alike && key === ENVS) return [200, JSON.stringify(page(ENVIRONMENTS).body), {}];
		if (alike && asksForStaging(asked)) return [200, JSON.stringify({ data: [{ environment_id: STAGING?.id }] }), {}];
		const looks = asked.headers.get("x-inngest-env") === NO_SUCH;
		if (looks && (alike || answers["GET /v2/runs"] === undefined)) return [404, JSON.stringify(NONE), {}];
		if (key === FORESEEN && /^(re)?send-events?$/.test(argv[0] ?? "") && !(answers[key] ?? known[key])) {
			unforeseen = true;
			return [200, JSON.stringify(MANY_APPS.body), {}];
		}
		if (key === FORESEEN && /^replay-runs?$/.test(argv[0] ?? "") && !(answers[key] ?? known[key]))
			return [200, JSON.stringify(page([]).body), {}];
		if (HANDLER.test(key) && !(answers[key] ?? known[key])) return [404, JSON.stringify(NO_HANDLER), {}];
		requests.push(asked);
		if (isBegin && !answers[OLDEST]) return [200, JSON.stringify(LONG_AGO.body), {}];
		const runs = argv[0] === "check-setup" && key === "GET /v2/runs" ? page([]) : undefined;
		const given = answers[key] ?? runs ?? known[key] ?? known[key.replace(/01[0-9A-Z]{24}/, "*")];
		if (given === undefined) {
			unanswered.push(`${key}?${asked.query}`);
			return [500, `the test has no answer for ${key}`, {}];
		}
		const n = used.get(key) ?? 0;
		used.set(key, n + 1);
		const chosen = isList(given) ? given[Math.min(n, given.length - 1)] : given;
		unforeseen ||= chosen === MANY_APPS;
		const {
			status = 200,
			body = "",
			headers = {},
			error,
			recorded: asRecorded = false,
		} = typeof chosen === "function" ? await chosen(asked) : (chosen ?? {});
		if (error === "timeout") throw Object.assign(new Error(error), { name: "TimeoutError" });
		if (error !== undefined) throw Object.assign(new Error(error), { code: error });
		const { method, path } = asked;
		const onCloud = asRecorded && place === "cloud" && method === "GET";
		const truly = onCloud ? withTrueStatuses({ method, path, api: "v2" }, body) : body;
		const text = typeof truly === "string" ? truly : JSON.stringify(truly);
		// All OSS responses have it (measured); a test of someone else's response sets none.
		const kind = { "x-inngest-server-kind": place === "dev" ? "dev" : "cloud" };
		return [status, text, { "content-type": "application/json", ...kind, ...headers }];
	};
	for (const origin of origins)
		for (const method of ["GET", "POST"]) nock(origin).persist().intercept(/.*/, method).reply(reply);
	const outcome = await run(argv, world);
	nock.cleanAll();
	for (const [key, given] of Object.entries(answers)) {
		const times = used.get(key) ?? 0;
		if (times < (isList(given) ? given.length : 1)) unasked.push(`${key}, asked ${times} times`);
	}
	// A shell must accept each suggested call whole, whatever names it contains.
	for (const suggested of nextCalls(outcome.text)) shellWords(suggested);
	const json: unknown = JSON.parse(outcome.json());
	const besides = (text: string) => {
		const own = alike ? text.replace(PLACE_LINE, "") : text;
		return unforeseen ? own.replace(UNCHECKED, "") : own;
	};
	return {
		text: besides(outcome.text),
		json: alike || unforeseen ? withoutPlace(json, alike, besides) : json,
		exit: outcome.exit,
		to: outcome.to,
		asked: requests.map(lineOf),
		requests,
		world,
	};
}

const PLACE_LINE = /\nEnvironment: .*/;
const UNCHECKED = /\nWhether (it cancels|it starts or cancels|these cancel) runs was not checked for all.*/;
/** `--json` without the looked-up environment, and what is omitted from its plan. */
function withoutPlace(json: unknown, alike: boolean, besides: (text: string) => string): unknown {
	if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
	const fields = Object.entries(json).flatMap(([key, value]) => {
		if (alike && key === "environment" && typeof value === "object") return [];
		return [[key, key === "plan" ? besides(value) : value] as const];
	});
	return Object.fromEntries(fields);
}

const isList = (given: Given | readonly Given[]): given is readonly Given[] => Array.isArray(given);

async function readRequest(request: Request): Promise<Asked> {
	const url = new URL(request.url);
	const text = await request.text();
	return {
		origin: url.origin,
		method: request.method,
		path: url.pathname.replace(`/e/${INNGEST_EVENT_KEY}`, "/e/$INNGEST_EVENT_KEY"),
		query: url.searchParams,
		body: text === "" ? undefined : JSON.parse(text),
		sent: text,
		headers: request.headers,
	};
}

function lineOf({ method, path, query, body, headers }: Asked): string {
	const token = headers.get("authorization")?.replace(/^Bearer /, "");
	const known = Object.entries(KEYS).find(([, value]) => value === token)?.[0];
	const key = token === STAGING_KEY ? "INNGEST_SIGNING_KEY" : (known ?? token);
	const environment = headers.get("x-inngest-env");
	const text = decodeURIComponent(query.toString().replaceAll("+", " "));
	return [
		`${method} ${path}${text && `?${text}`}`,
		key !== undefined && `by ${key}`,
		environment !== null && `in ${environment}`,
		body !== undefined && JSON.stringify(body),
	]
		.filter(Boolean)
		.join(" ");
}

/** The same call on each kind of server. */
export async function everywhere(
	argv: readonly string[],
	answers: Answers = {},
	options: Omit<CallOptions, "world"> = {},
): Promise<Record<Place, Called>> {
	const dev = await call("dev", argv, answers, options);
	const selfHosted = await call("self-hosted", argv, answers, options);
	const cloud = await call("cloud", argv, answers, options);
	return { dev, "self-hosted": selfHosted, cloud };
}

/** Where each kind of server has the pages of runs. */
const PAGES: Record<Place, string> = {
	dev: "http://localhost:8288/run?runID=",
	"self-hosted": "https://inngest.example.com/run?runID=",
	cloud: "https://app.inngest.com/env/production/runs/",
};

/** What it means that no job of a live run is listed was measured only on OSS. */
const UNLISTED = "The server lists no job for it: it has just ended, or the server lost it, e.g. in a restart.";
const UNTOLD = "The API does not say what it waits for.";

/**
 * The text of the dev server's answer; the others must be equal except for the server's name, the run's page, and a last line that only
 * Cloud has, if given.
 */
export function textOf(calls: Record<Place, Called>, ofCloud?: string): string {
	const { dev } = calls;
	for (const place of PLACES) {
		const besides = place === "cloud" && ofCloud !== undefined ? `\n${ofCloud}` : "";
		const text = place === "cloud" ? dev.text.replaceAll(UNLISTED, UNTOLD) : dev.text;
		expect([calls[place].text, calls[place].exit, calls[place].to]).toEqual([
			text.replaceAll(AT.dev.label, AT[place].label).replaceAll(PAGES.dev, PAGES[place]) + besides,
			dev.exit,
			dev.to,
		]);
	}
	return dev.text;
}

/** Shared by tests of intents that stop or repeat work: plans with their codes, and runs and events as the API writes them. */
import { NOW } from "../world.ts";
import {
	type Answers,
	type Asked,
	type Called,
	type CallOptions,
	call,
	everywhere,
	ok,
	PLACES,
	type Place,
	type Reply,
} from "./call.ts";

/** Ids of runs and events, ordered like their numbers. */
export const run = (n: number): string => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
export const event = (n: number): string => `01M853698Q3DB03K8SN${String(n).padStart(7, "0")}`;

/** A failed run of shop/import-catalog as in lists, with the event of the same number, queued n seconds after half past eight. */
export const aRun = (n: number, some: Record<string, unknown> = {}): Record<string, unknown> => ({
	app: { id: "shop" },
	durationMs: "1500",
	endedAt: new Date(NOW - 1_800_000 + n * 1000 + 1500).toISOString(),
	function: { id: "import-catalog", name: "import-catalog" },
	id: run(n),
	queuedAt: new Date(NOW - 1_800_000 + n * 1000).toISOString(),
	startedAt: new Date(NOW - 1_800_000 + n * 1000).toISOString(),
	status: "FAILED",
	trigger: { eventIds: [event(n)] },
	...some,
});
/** The same run while live. */
export const aLiveRun = (n: number, some: Record<string, unknown> = {}): Record<string, unknown> => {
	const { durationMs, endedAt, ...rest } = aRun(n);
	return { ...rest, status: "RUNNING", ...some };
};
/** 1 … n */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** One thing as v2 returns it, and one event as v1 does. */
export const one = (data: unknown): Reply => ok({ data, metadata: { fetchedAt: "2026-11-23T21:00:00.000Z" } });
export const anEvent = (n: number, data: unknown = { row: n }, name = "shop/import.started"): Reply =>
	ok({
		data: {
			internal_id: event(n),
			account_id: "00000000-0000-0000-0000-000000000000",
			environment_id: "00000000-0000-0000-0000-000000000000",
			source: "",
			source_id: null,
			received_at: "2026-11-23T20:30:00.000Z",
			id: event(n),
			name,
			data,
			ts: NOW - 1_800_000,
		},
		metadata: { fetched_at: "2026-11-23T21:00:00.000Z", cached_until: "2026-11-23T21:00:05.000Z" },
	});
/** The events of some runs, for one request each. */
export const eventsOf = (...numbers: number[]): Answers =>
	Object.fromEntries(numbers.map((n) => [`GET /v1/events/${event(n)}`, anEvent(n)]));

export const refusal = (status: number, code: string, message: string): Reply => ({
	status,
	body: { errors: [{ code, message }] },
});
/** What a server may respond instead. */
const REFUSALS: Record<string, Reply> = {
	"key refused": { status: 401, body: "Authentication failed\n" },
	"not allowed": refusal(403, "access_denied", "The key may not do this"),
	missing: refusal(404, "not_found", "Run not found"),
	"too many": refusal(429, "rate_limited", "Too many requests"),
	broken: refusal(500, "internal_error", "Internal error"),
	"not JSON": { status: 200, body: "<html>Sign in</html>" },
	silent: { error: "ECONNREFUSED" },
};

/** What Cloud's refusals of one request make of a call: its text, output stream and exit code, and how often the request was sent. */
export async function refusals(
	argv: readonly string[],
	request: string,
	answers: Answers = {},
	options: CallOptions = {},
) {
	const told: Record<string, { text: string; to: string; exit: number; times: number }> = {};
	for (const [name, reply] of Object.entries(REFUSALS)) {
		const { text, to, exit, asked } = await call("cloud", argv, { ...answers, [request]: reply }, options);
		const times = asked.filter((line) => `${line} `.startsWith(`${request} `) || line.startsWith(`${request}?`)).length;
		told[name] = { text, to, exit, times };
	}
	return told;
}

/** A plan's code. */
export function codeOf({ text, exit }: Called): string {
	const [, code] = /--confirm ([0-9a-hjkmnp-tv-z]{9})$/.exec(text) ?? [];
	if (code === undefined || exit !== 3) throw new Error(`No plan (exit ${exit}): ${text}`);
	return code;
}
/** A plan's text without its code, which varies between servers. */
export const planText = (plan: Called): string => plan.text.replace(codeOf(plan), "CODE");

/** The same plan on each kind of server, for textOf. */
export async function plannedEverywhere(argv: readonly string[], answers: Answers): Promise<Record<Place, Called>> {
	const calls = await everywhere(argv, answers);
	for (const place of PLACES) calls[place] = { ...calls[place], text: planText(calls[place]) };
	return calls;
}

/** Requests a plan and calls again with its code, `later` ms afterwards; `acts` are responses for the second call only. */
export async function confirmed(
	place: Place,
	argv: readonly string[],
	reads: Answers,
	acts: Answers = {},
	{ later = 0, ...options }: CallOptions & { later?: number } = {},
): Promise<{ plan: Called; done: Called; code: string }> {
	const { world, ...first } = options;
	const plan = await call(place, argv, reads, first);
	const code = codeOf(plan);
	const now = (options.now ?? NOW) + later;
	const done = await call(place, [...argv, "--confirm", code], { ...reads, ...acts }, { ...options, now });
	return { plan, done, code };
}

/** The requests that change something. */
export const sentBy = ({ asked }: Called): string[] => asked.filter((line) => !line.startsWith("GET "));

/** The number of POSTs to each path. */
export function postsTo(requests: readonly Asked[]): Record<string, number> {
	const posts: Record<string, number> = {};
	for (const { method, path } of requests) if (method === "POST") posts[path] = (posts[path] ?? 0) + 1;
	return posts;
}

/** Without the events by id: production's signing key can't read another environment's. */
export const withoutEvents = (answers: Answers): Answers =>
	Object.fromEntries(Object.entries(answers).filter(([key]) => !key.startsWith("GET /v1/events/")));

/** Responses, of which those in `maybe` may go unused. */
export function besides(maybe: Answers, answers: Answers): Answers {
	const both: Answers = Object.create(maybe);
	return Object.assign(both, answers);
}

/** Responses one after the other, each delayed, although several are requested at once. */
export function inTurn(answers: Record<string, (asked: Asked) => Reply>): Answers {
	let last: Promise<unknown> = Promise.resolve();
	const late = async (made: () => Reply): Promise<Reply> => {
		for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
		return made();
	};
	const turn = (given: (asked: Asked) => Reply) => (asked: Asked) => {
		const mine = last.then(() => late(() => given(asked)));
		last = mine;
		return mine;
	};
	return Object.fromEntries(Object.entries(answers).map(([key, given]) => [key, turn(given)]));
}

/** A reply delayed long enough that all parallel requests are open at once; `most` returns how many were. */
export function lateReplies() {
	let open = 0;
	let most = 0;
	return {
		late: (reply: Reply) => async (): Promise<Reply> => {
			most = Math.max(most, ++open);
			for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
			open--;
			return reply;
		},
		most: () => most,
	};
}

/** The functions of the tests' runs, which a replay looks up, are synced. */
export const functionsThere: Answers = Object.fromEntries(
	[
		"shop/import-catalog",
		"shop/order-confirm",
		"shop/sync-crm",
		"shop/fulfil-order",
		"shop/stock-update",
		"shop/f",
		"blog/import-catalog",
		"shop/batched",
		"shop/caught-then-fail",
		"shop/dup-names",
	].map((name) => {
		const [app = "", id = ""] = name.split("/");
		return [`GET /v2/apps/${app}/functions/${id}`, one({ app: { id: app }, id, name: id, configuration: {} })];
	}),
);

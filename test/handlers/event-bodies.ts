/** Bodies in the format of recorded responses, for states that no recording has. */
import { type Answers, type Asked, ok, type Reply } from "./call.ts";

/** The n-th id; all of these are days older than the recordings'. */
export const idOf = (n: number): string => `01M7${String(n).padStart(22, "0")}`;

/** A ULID made at this moment: ten characters of time, in Crockford's base 32. */
export function idAt(ms: number): string {
	let text = "";
	for (let rest = ms; text.length < 10; rest = Math.floor(rest / 32))
		text = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(rest % 32) + text;
	return `${text}${"0".repeat(16)}`;
}

export interface SomeEvent {
	internal_id: string;
	name: string;
	[field: string]: unknown;
}

/** An event as in v1. The n-th was received n seconds before 20:00:00 on the tests' day. */
export function anEvent(n: number, some: Record<string, unknown> = {}): SomeEvent {
	return {
		internal_id: idOf(n),
		account_id: "00000000-0000-0000-0000-000000000000",
		environment_id: "00000000-0000-0000-0000-000000000000",
		source: "",
		source_id: null,
		received_at: new Date(Date.parse("2026-11-23T20:00:00Z") - n * 1000).toISOString(),
		id: idOf(n),
		name: "shop/order.created",
		data: { n },
		ts: Date.parse("2026-11-23T20:00:00Z") - n * 1000,
		...some,
	};
}

/** This many events, newest first. */
export const events = (size: number, some: (n: number) => Record<string, unknown> = () => ({})): SomeEvent[] =>
	Array.from({ length: size }, (_, i) => anEvent(i + 1, some(i + 1)));

/** A v1 list that continues after the cursor, at most `limit` per page. */
export const eventList =
	(all: readonly SomeEvent[], most?: number) =>
	({ query }: Asked): Reply => {
		const from = all.findIndex((one) => one.internal_id === query.get("cursor")) + 1;
		const data = all.slice(from, from + (most ?? Number(query.get("limit"))));
		return ok({ data, metadata: { fetched_at: "2026-11-23T21:00:00.000000000Z" } });
	};

/** A run as v2 lists it: of shop/order-confirm, queued at 20:59:00, that took 400 ms. */
export const aRun = (n: number, some: Record<string, unknown> = {}): Record<string, unknown> => ({
	app: { id: "shop" },
	durationMs: "400",
	endedAt: "2026-11-23T20:59:00.500Z",
	function: { id: "order-confirm", name: "Order confirm" },
	id: idOf(n),
	queuedAt: "2026-11-23T20:59:00.000Z",
	startedAt: "2026-11-23T20:59:00.100Z",
	status: "COMPLETED",
	trigger: { eventIds: ["01M853698J9ZFFAMVVYV3Q4RRQ"] },
	...some,
});

/** The requests for the story of one of these ended runs: just the run, and a trace without steps. */
export const storyOf = (run: Record<string, unknown>): Answers => ({
	[`GET /v2/runs/${run.id}`]: ok({ data: run, metadata: { fetchedAt: "2026-11-23T21:00:00Z" } }),
	[`GET /v2/runs/${run.id}/trace`]: ok({
		data: { rootSpan: { name: "Run", status: run.status, startedAt: run.startedAt } },
	}),
});

/** A function as in v2's lists, with its triggers. */
export const aFunction = (id: string, ...triggers: string[]): Record<string, unknown> => ({
	app: { id: "shop" },
	configuration: { retries: { isDefault: true, value: 4 } },
	id,
	name: id,
	slug: id,
	triggers: triggers.map((value) => ({ type: "EVENT", value })),
});

/** An app as in v2's lists. */
export const anApp = (id: string, some: Record<string, unknown> = {}): Record<string, unknown> => ({
	createdAt: "2026-11-23T20:56:12Z",
	functionCount: 1,
	id,
	latestSync: { framework: "nodejs", sdkLanguage: "js", sdkVersion: "v4.24.0", url: "http://localhost:3000/" },
	method: "SERVE",
	name: id,
	...some,
});

/** An object of short fields whose JSON has this many characters (at least ten). */
export function wide(length: number): Record<string, string> {
	const value: Record<string, string> = {};
	const size = () => JSON.stringify(value).length;
	let field = 10;
	for (; length - size() >= 30; field++) value[`f${field}`] = "xxxxxxxxxx";
	const left = length - size() - (size() > 2 ? 1 : 0) - `"f${field}":""`.length;
	value[`f${field}`] = "y".repeat(left);
	return value;
}

/** The kitchen's runs: served from a recording in this process, or on a real server that received its events. */
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../lib/cli/run.ts";
import { machine, type Variables } from "../lib/gate/secrets.ts";
import { isObject, type Json } from "./inngest-server/json.ts";
import type { RecordedKind } from "./inngest-server/recording.ts";
import { type InngestServer, startServer } from "./inngest-server/server.ts";
import type { Live, Origin } from "./kitchen-truth.ts";
import type { Came } from "./next.ts";
import { aWorld } from "./world.ts";

/** A run of the truth. */
export interface Row {
	label: string;
	fn: string;
	origin: Origin;
}

export interface Kitchen {
	name: string;
	/** A server shared with others: nothing is sent to it, and its live runs may have ended. */
	real: boolean;
	open(): Promise<void>;
	close(): Promise<void>;
	/** The run's id; undefined if there is no such run. */
	find(row: Row): Promise<string | undefined>;
	/** All runs, to be requested one by one. */
	all(): Promise<{ id: string; fn: string; status: string }[]>;
	/** Makes a call; `live`: at the time when that live run was recorded. */
	call(argv: readonly string[], live?: Live): Promise<Came>;
}

const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);

const KEYS = { eventKey: "key-for-events", signingKey: "signkey-test-0123456789abcdef" };

/** The recording, served in this process; time stands still at its end. */
export function recordedKitchen(recorded: RecordedKind): Kitchen {
	let server: InngestServer | undefined;
	const open = (): InngestServer => {
		if (!server) throw new Error("it is not open");
		return server;
	};
	const at = (live?: Live) => {
		const { recording } = open();
		return live ? (recording.moments.get(`live jobs: ${live.label}`) ?? 0) : recording.end;
	};
	const env = (): Variables =>
		recorded === "kitchen"
			? { INNGEST_DEV: open().url }
			: { INNGEST_BASE_URL: open().url, INNGEST_EVENT_KEY: KEYS.eventKey, INNGEST_SIGNING_KEY: KEYS.signingKey };
	return {
		name: `the recording ${recorded}`,
		real: false,
		async open() {
			server = await startServer({ recorded, ...KEYS, cache: false });
		},
		close: async () => server?.close(),
		find: async ({ label }) => open().recording.idOf(label),
		async all() {
			const { recording } = open();
			return recording.runs(recording.end).map(({ listed }) => summary(listed));
		},
		async call(argv, live) {
			const moment = at(live);
			open().moment = moment;
			const { exit, text } = await run(argv, aWorld({ env: env(), now: moment }));
			return { exit, text };
		},
	};
}

const summary = ({ id, app, function: fn, status }: Json) => ({
	id: String(id),
	fn: `${object(app).id}/${object(fn).id}`,
	status: String(status),
});

/** A real server that serves the kitchen and received its events; `keys` if it is self-hosted. */
export function realKitchen(url: string, keys: { eventKey: string; signingKey: string } | undefined): Kitchen {
	const env: Variables = keys
		? { INNGEST_BASE_URL: url, INNGEST_EVENT_KEY: keys.eventKey, INNGEST_SIGNING_KEY: keys.signingKey }
		: { INNGEST_DEV: url };
	const get = async (path: string): Promise<Json> => {
		const headers = keys ? { authorization: `Bearer ${keys.signingKey}` } : {};
		return object(await (await fetch(url + path, { headers })).json());
	};
	const found = new Map<string, Promise<string | undefined>>();
	const find = (row: Row): Promise<string | undefined> => {
		const known = found.get(row.label) ?? lookFor(get, row, find);
		found.set(row.label, known);
		return known;
	};
	return {
		name: keys ? "a real self-hosted server" : "a real dev server",
		real: true,
		open: async () => undefined,
		close: async () => undefined,
		find,
		async all() {
			const { data } = await get(`/v2/runs?limit=100&from=${new Date(Date.now() - 86_400_000).toISOString()}`);
			return list(data).map(summary);
		},
		async call(argv) {
			// v1 responses are cached for seconds: a second request gets the older one.
			await delay(0);
			const world = { ...machine(), env, signal: new AbortController().signal, note: () => undefined };
			const { exit, text } = await run(argv, world);
			return { exit, text };
		},
	};
}

type Get = (path: string) => Promise<Json>;
type Find = (row: Row) => Promise<string | undefined>;

async function lookFor(get: Get, row: Row, find: Find): Promise<string | undefined> {
	const { origin, fn } = row;
	const [app = "", name = ""] = fn.split(/\/(.*)/s);
	const runs = async (query = ""): Promise<Json[]> => {
		const path = `appId=${encodeURIComponent(app)}&functionId=${encodeURIComponent(name)}${query}`;
		return list((await get(`/v2/runs?limit=100&${path}`)).data);
	};
	if (origin.kind === "cron") return (await runs()).map(({ id }) => String(id))[0];
	if (origin.kind === "event") return ofEvent(get, row, origin);
	const parent = originRow("by" in origin ? origin.by : origin.of);
	const id = parent && (await find(parent));
	if (!id) return undefined;
	for (const run of await runs()) {
		const { rootSpan } = object((await get(`/v2/runs/${run.id}/trace?includeOutput=true`)).data);
		if (JSON.stringify(object(rootSpan).input ?? null).includes(id)) return String(run.id);
	}
	return undefined;
}

/** The oldest run of the newest matching event: younger runs are replays. */
async function ofEvent(get: Get, { fn }: Row, { name, data }: Extract<Origin, { kind: "event" }>) {
	let cursor = "";
	for (let page = 0; page < 10; page++) {
		const since = new Date(Date.now() - 86_400_000).toISOString();
		const path = `/v1/events?name=${encodeURIComponent(name)}&limit=50&received_after=${since}${cursor && `&cursor=${cursor}`}`;
		const events = list((await get(path)).data);
		for (const event of events) {
			if (sorted(event.data) !== sorted(data)) continue;
			const runs = list((await get(`/v2/events/${event.internal_id}/runs?limit=40`)).data);
			const ours = runs.map(summary).filter((run) => run.fn === fn);
			if (ours.length) return ours.at(-1)?.id;
		}
		cursor = String(events.at(-1)?.internal_id ?? "");
		if (events.length < 50) break;
	}
	return undefined;
}

const sorted = (value: unknown): string =>
	JSON.stringify(value, (_, item: unknown) =>
		isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
	);

/** A run known only by its label: `app/function event.name {…}`, or one that was itself invoked. */
function originRow(label: string): Row | undefined {
	const invoked = /^(\S+) invoked by (.*)$/s.exec(label);
	if (invoked) return { label, fn: invoked[1] ?? "", origin: { kind: "invoked", by: invoked[2] ?? "" } };
	const [, fn = "", name = "", data = "{}"] = /^(\S+) (\S+) (\{.*\})$/s.exec(label) ?? [];
	return fn ? { label, fn, origin: { kind: "event", name, data: JSON.parse(data) } } : undefined;
}

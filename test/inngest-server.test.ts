/**
 * The in-memory server answers as the real ones did: every exchange of both recordings is repeated against it, in
 * order, and the answers are compared field by field. Ids, times, durations and the engine's own numbers differ from
 * one run of a real server to the next, so of them only the form is compared, and that the same id is meant.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isObject, type Json } from "./inngest-server/json.ts";
import { type InngestServer, startServer } from "./inngest-server/server.ts";

interface Exchange {
	label: string;
	request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
	response: { status: number; contentType: string | null; serverKind: string; body?: unknown };
}

const EVENT_KEY = "key-for-events";
const SIGNING_KEY = "signkey-test-0123456789abcdef";

const ULID = /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Pages of a list whose order depends on which function happened to start first: see "pages" below. */
const PAGES = new Set(["list runs, page 1 of many", "list runs, page 2", "list runs, time range"]);
/** Numbers of the queue and of what the server measured. */
const MEASURED = new Set(["durationMs", "JobID", "groupID", "values", "eat", "at", "wt", "ts"]);
/** After these the recorder waited for the runs to get where they could get by themselves. */
const SETTLE_AFTER = new Set(["unknown event key", "report 2", "cancel it again"]);

/** Which of the recording's ids is which of this server's. */
class Ids {
	private readonly ours = new Map<string, string>();
	private readonly recorded = new Map<string, string>();

	pair(recorded: string, ours: string, where: string): void {
		expect(this.ours.get(recorded) ?? ours, where).toBe(ours);
		expect(this.recorded.get(ours) ?? recorded, where).toBe(recorded);
		this.ours.set(recorded, ours);
		this.recorded.set(ours, recorded);
	}

	toOurs = (text: string): string => text.replaceAll(ULID, (id) => this.ours.get(id) ?? id);
	toRecorded = (text: string): string => text.replaceAll(ULID, (id) => this.recorded.get(id) ?? id);
}

const decoded = (cursor: string): unknown => JSON.parse(Buffer.from(cursor, "base64").toString());

/** The form of a time: whole seconds, milliseconds, or finer. */
const form = (time: string): string => {
	const digits = /\.(\d+)Z$/.exec(time)?.[1]?.length ?? 0;
	return digits <= 3 ? "ms" : "finer";
};

/** Where a stack ends depends on how the step was reached. */
const stack = (text: string): string => text.replace(/\n +at process\.processTicksAndRejections .*$/, "");

class Comparison {
	private readonly ids: Ids;
	private readonly label: string;

	constructor(ids: Ids, label: string) {
		this.ids = ids;
		this.label = label;
	}

	compare(recorded: unknown, ours: unknown, path: string): void {
		const where = `${this.label}: ${path}`;
		// A job's ids are the queue's own.
		const key = path.endsWith(".Raw.id") ? "JobID" : path.slice(path.lastIndexOf(".") + 1);
		if (Array.isArray(recorded) && Array.isArray(ours)) {
			const [expected, actual] = [this.inOrder(recorded), this.inOrder(ours, true)];
			expect(actual.length, where).toBe(expected.length);
			expected.forEach((item, i) => {
				this.compare(item, actual[i], `${path}[${i}]`);
			});
		} else if (isObject(recorded) && isObject(ours)) {
			const names = (value: Json): string[] => Object.keys(this.comparable(value)).sort();
			expect(names(ours), where).toEqual(names(recorded));
			if (MEASURED.has(key)) return;
			for (const name of names(recorded)) this.compare(recorded[name], ours[name], `${path}.${name}`);
		} else if (typeof recorded === "string" && typeof ours === "string") {
			this.compareText(recorded, ours, key, where);
		} else if (typeof recorded === "number" && typeof ours === "number" && MEASURED.has(key)) {
			expect(ours > 1e12, where).toBe(recorded > 1e12);
		} else expect(ours, where).toEqual(recorded);
	}

	private compareText(recorded: string, ours: string, key: string, where: string): void {
		if (TIME.test(recorded) && TIME.test(ours)) expect(form(ours), where).toBe(form(recorded));
		else if (key === "cursor" && recorded.startsWith("eyJ")) this.compare(decoded(recorded), decoded(ours), "cursor");
		else if (key === "stack") expect(stack(ours), where).toBe(stack(recorded));
		else if (key === "JobID" || key === "groupID") expect(ours, where).toMatch(/^[0-9a-z-]+$/);
		else if (MEASURED.has(key)) expect(/^\d+$/.test(ours), where).toBe(/^\d+$/.test(recorded));
		else if (/^[0-9a-f]{16}$/.test(recorded)) expect(ours, where).toMatch(/^[0-9a-f]{16}$/);
		else {
			const [expected, actual] = [recorded.match(ULID) ?? [], ours.match(ULID) ?? []];
			expect(actual.length, `${where}: ${ours} for ${recorded}`).toBe(expected.length);
			expected.forEach((id, i) => {
				if (id !== actual[i]) this.ids.pair(id, actual[i] ?? "", where);
			});
			expect(this.ids.toRecorded(ours), where).toBe(recorded);
		}
	}

	/** Which of the spans of parallel steps carries a request's timings is a matter of chance. */
	private comparable(value: Json): Json {
		if (this.label !== "trace, parallel") return value;
		const { metadata, ...rest } = value;
		return rest;
	}

	/**
	 * Things that started or arrived in the same millisecond come in any order: runs are put in order of function,
	 * status and event, events of what they say, spans of parallel steps of name.
	 */
	private inOrder(items: unknown[], ours = false): unknown[] {
		const rank = (item: unknown): string => {
			if (!isObject(item)) return "";
			const known = (value: unknown): string =>
				ours ? this.ids.toRecorded(JSON.stringify(value)) : JSON.stringify(value);
			if (isObject(item.function)) return `${item.function.id} ${item.status} ${known(item.trigger)}`;
			if (item.run_id !== undefined) return `${item.function_id}`;
			if (item.internal_id !== undefined && item.data !== undefined) return `${item.name} ${JSON.stringify(item.data)}`;
			return this.label === "trace, parallel" ? `${item.name} ${item.durationMs === "1"}` : "";
		};
		return [...items].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
	}
}

/** Requests as they would be made now: recorded ids and keys replaced, times moved. */
class Replay {
	readonly ids = new Ids();
	private readonly server: InngestServer;
	private seededAt: number | undefined;
	private fetchedAt = 0;
	private cursor = "";
	private readonly paged: string[] = [];

	constructor(server: InngestServer) {
		this.server = server;
	}

	async run(exchange: Exchange): Promise<void> {
		const { label, request, response } = exchange;
		const fetchedAt = /"fetched_?[aA]t":"([^"]+)"/.exec(JSON.stringify(response.body ?? ""))?.[1];
		if (fetchedAt !== undefined) this.fetchedAt = Date.parse(fetchedAt);
		const eventKey = label === "unknown event key" ? "wrong" : EVENT_KEY;
		const path = this.adapt(request.path)
			.replace("$INNGEST_EVENT_KEY", eventKey)
			.replace(/cursor=eyJ[^&]+/, `cursor=${encodeURIComponent(this.cursor)}`);
		const headers = Object.fromEntries(
			Object.entries(request.headers).map(([name, value]) => [name, this.header(name, value, label)]),
		);
		const { body } = request;
		const init: RequestInit = { method: request.method, headers };
		if (body !== undefined) init.body = this.adapt(typeof body === "string" ? body : JSON.stringify(body));
		// Events of different requests should not arrive in the same millisecond.
		await delay(2);
		const answer = await fetch(this.server.url + path, init);
		const text = await answer.text();
		expect(answer.status, label).toBe(response.status);
		expect(answer.headers.get("content-type"), label).toBe(response.contentType);
		expect(answer.headers.get("x-inngest-server-kind"), label).toBe(response.serverKind);
		this.check(label, response.body, typeof response.body === "string" ? text : JSON.parse(text));
		if (SETTLE_AFTER.has(label)) await delay(60);
	}

	private header(name: string, value: string, label: string): string {
		if (name === "x-inngest-event-id-seed") return this.seed(value);
		return value.replace("$INNGEST_SIGNING_KEY", label === "wrong auth" ? "wrong" : SIGNING_KEY);
	}

	/** The same entropy at the present time, which the first and the second request share. */
	private seed(value: string): string {
		this.seededAt ??= Date.now();
		return `${this.seededAt},${value.split(",")[1]}`;
	}

	/** Replaces ids, and moves times so that they are as long ago as they were. */
	private adapt(text: string): string {
		return this.ids.toOurs(text).replaceAll(/2026-11-23T[\d:.]+Z/g, (time) => {
			const ago = Math.max(0, this.fetchedAt - Date.parse(time));
			return new Date(Date.now() - ago).toISOString();
		});
	}

	private check(label: string, recorded: unknown, ours: unknown): void {
		const comparison = new Comparison(this.ids, label);
		if (PAGES.has(label) && isObject(recorded) && isObject(ours)) {
			this.checkPage(label, recorded, ours);
			return;
		}
		if (label === "list runs") this.paged.push(...idsIn(ours));
		comparison.compare(recorded, ours, "$");
	}

	/** Pages: as many as recorded, in the order of the whole list, with a cursor of the same form. */
	private checkPage(label: string, recorded: Json, ours: Json): void {
		const ids = idsIn(ours);
		expect(ids.length, label).toBe(idsIn(recorded).length);
		const { page, metadata } = ours;
		const cursor = isObject(page) ? String(page.cursor) : "";
		expect(decoded(cursor), label).toMatchObject({ id: ids.at(-1), c: { start_time: { f: "start_time" } } });
		expect(Object.keys(isObject(metadata) ? metadata : {}), label).toEqual(
			Object.keys(isObject(recorded.metadata) ? recorded.metadata : {}),
		);
		if (label === "list runs, time range") {
			expect(ids, label).toEqual(this.paged.slice(-ids.length).reverse());
			return;
		}
		const first = label.includes("page 2") ? 3 : 0;
		expect(ids, label).toEqual(this.paged.slice(first, first + 3));
		this.cursor = cursor;
	}
}

const idsIn = (list: unknown): string[] => {
	const data = isObject(list) && Array.isArray(list.data) ? list.data : [];
	return data.map((item: unknown) => (isObject(item) ? String(item.id) : ""));
};

function recording(name: string): Exchange[] {
	const isExchange = (value: unknown): value is Exchange => isObject(value) && isObject(value.request);
	const all: unknown = JSON.parse(readFileSync(new URL(`recordings/${name}.json`, import.meta.url), "utf8"));
	return Array.isArray(all) ? all.filter(isExchange) : [];
}

describe.each(["dev-server", "self-hosted"] as const)("the recording %s", (name) => {
	let server: InngestServer;
	let replay: Replay;
	beforeAll(async () => {
		const kind = name === "dev-server" ? "dev" : "self-hosted";
		server = await startServer({ kind, eventKey: EVENT_KEY, signingKey: SIGNING_KEY });
		replay = new Replay(server);
	});
	afterAll(() => server.close());

	test.each(recording(name).map((exchange) => [exchange.label, exchange] as const))("%s", async (_, exchange) => {
		await replay.run(exchange);
	});
});

/**
 * The in-memory server that serves a recording responds as recorded: every request about runs, traces, jobs, events, apps and functions is
 * repeated as of the time of its response, and the bodies are equal.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isObject, type Json } from "./inngest-server/json.ts";
import { moved } from "./inngest-server/recording.ts";
import { type InngestServer, type ServerOptions, startServer } from "./inngest-server/server.ts";
import { type Exchange, exchangesOf } from "./recordings.ts";

const KINDS = ["kitchen", "kitchen-self-hosted"] as const;
const KEYS = { eventKey: "key-for-events", signingKey: "signkey-test-0123456789abcdef" };

/** These runs were not read before they were resumed and cancelled. */
const UNSEEN = new Set(["signal: resumes wait-signal 9", "cancel: a parent that waits for its child"]);

const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);

/** Requests to the server recorded last; the first words of a label say what they are about. */
const asked = (kind: (typeof KINDS)[number], method: string) =>
	exchangesOf(kind).filter(({ label, request }) => /^[a-z0-9 ]+: /.test(label) && request.method === method);
const aboutOf = ({ label }: Exchange): string => label.slice(0, label.indexOf(":"));

describe.each(KINDS)("the recording %s", (kind) => {
	let server: InngestServer;
	beforeAll(async () => {
		server = await startServer({ recorded: kind, ...KEYS });
	});
	afterAll(() => server.close());

	const ask = async ({ label, request }: Exchange, before = 0): Promise<[number, unknown]> => {
		server.moment = (server.recording.moments.get(label) ?? 0) - before;
		const headers = { authorization: `Bearer ${KEYS.signingKey}` };
		const init = {
			method: request.method,
			headers,
			...(request.body !== undefined && { body: JSON.stringify(request.body) }),
		};
		const answer = await fetch(server.url + request.path.replace("$INNGEST_EVENT_KEY", KEYS.eventKey), init);
		return [answer.status, await answer.json()];
	};

	test.each([...new Set(asked(kind, "GET").map(aboutOf))])("%s", async (about) => {
		for (const exchange of asked(kind, "GET").filter((one) => aboutOf(one) === about)) {
			const { label, response } = exchange;
			const [status, body] = await ask(exchange);
			expect([label, status, comparable(body)]).toEqual([label, response.status, comparable(response.body)]);
		}
	});

	test("what was sent is answered the same, but for the ids of new runs", async () => {
		const posts = asked(kind, "POST").filter(({ label }) =>
			/^(rerun|cancel|invoke|signal|removed function|dead app): /.test(label),
		);
		expect(posts.length).toBeGreaterThan(30);
		for (const exchange of posts) {
			const { label, request, response } = exchange;
			// Whatever is sent is stored and starts nothing.
			if (request.path.startsWith("/e/") || UNSEEN.has(label)) continue;
			// It was cancelled just before that response.
			const [status, body] = await ask(exchange, aboutOf(exchange) === "cancel" ? 1000 : 0);
			const { data, ...error } = comparable(body);
			const { data: recorded, ...recordedError } = comparable(response.body);
			expect([label, status, error]).toEqual([label, response.status, recordedError]);
			expect(Object.keys(object(data))).toEqual(Object.keys(object(recorded)));
		}
	});
});

/** Without the time of the response and cursor contents. v1 gives runs in any order, and its own end times. */
function comparable(body: unknown): Json {
	const text = JSON.stringify(body).replace(/"ended_at":"[^"]+"/g, '"ended_at":"some time"');
	const { metadata, page, ...rest } = object(JSON.parse(text));
	const { cursor, ...others } = object(page);
	const held = typeof cursor === "string" ? JSON.parse(Buffer.from(cursor, "base64").toString()) : undefined;
	const { timeRange } = object(metadata);
	const byId = (a: Json, b: Json) => (String(a.run_id) < String(b.run_id) ? -1 : 1);
	const data = list(rest.data)[0]?.run_id ? list(rest.data).sort(byId) : rest.data;
	return { ...rest, ...("data" in rest && { data }), page: { ...others, cursor: held }, timeRange };
}

describe("stored data", () => {
	let server: InngestServer | undefined;
	afterEach(() => server?.close());
	const start = async (options: ServerOptions = {}) => {
		server = await startServer({ recorded: "kitchen", ...options });
		return server;
	};
	const call = async (path: string, body?: unknown): Promise<{ status: number; data: unknown }> => {
		const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
		const answer = await fetch(`${server?.url}${path}`, init);
		return { status: answer.status, data: object(await answer.json()).data };
	};

	test("a rerun is a new run of the same event, which ends as the recorded one did, or completes", async () => {
		const { recording } = await start();
		const became = async (label: string, body: Json) => {
			const id = recording.idOf(label);
			const { data } = await call(`/v2/runs/${id}/rerun`, body);
			const run = object((await call(`/v2/runs/${object(data).runId}?includeOutput=true`)).data);
			const { status, function: fn, trigger } = run;
			const { eventIds } = object(trigger);
			const [event] = Array.isArray(eventIds) ? eventIds : [];
			const siblings = list((await call(`/v2/events/${event}/runs`)).data);
			return [status, object(fn).id, siblings.map((one) => one.id).includes(object(data).runId)];
		};
		expect(await became('shop/step-names a/stepnames {"fail":true}', {})).toEqual(["FAILED", "step-names", true]);
		expect(
			await became('shop/step-names a/stepnames {"fail":true}', { fromStep: { stepId: "charge card", input: [1] } }),
		).toEqual(["COMPLETED", "step-names", true]);
		expect(await became('shop/many-steps a/many {"n":8,"failAt":6}', {})).toEqual(["COMPLETED", "many-steps", true]);
	});

	test("a cancelled run stays so, and can't be cancelled again", async () => {
		const { recording } = await start();
		const id = recording.idOf('shop/sleep-long a/sleeplong {"id":"q2"}');
		expect((await call(`/v2/runs/${id}/cancel`, {})).status).toBe(200);
		expect((await call(`/v2/runs/${id}/cancel`, {})).status).toBe(409);
		expect((await call(`/v1/runs/${id}/jobs`)).data).toEqual([]);
		const cancelled = list((await call("/v2/runs?status=CANCELLED&limit=100")).data);
		expect(cancelled.map((run) => run.id)).toContain(id);
	});

	test("a signal resumes the run that waits for it", async () => {
		const { recording } = await start();
		const id = recording.idOf('shop/wait-signal a/waitsignal {"id":7}');
		expect((await call("/v1/signals", { signal: "sig-7", data: { ok: 1 } })).data).toEqual({ run_id: id });
		expect(object((await call(`/v2/runs/${id}`)).data).status).toBe("COMPLETED");
		expect((await call("/v1/signals", { signal: "sig-7", data: {} })).status).toBe(404);
	});

	test("moved to the present, times, ids and order stay what they are to each other", async () => {
		const still = (await start()).recording;
		await server?.close();
		const { recording } = await start({ shift: true });
		const now = Date.now();
		expect(now - recording.end).toBeGreaterThanOrEqual(59_000);
		expect(now - recording.end).toBeLessThan(121_000);
		const label = "extra/every-minute-fails cron * * * * *";
		const tick = object((await call(`/v2/runs/${recording.idOf(label)}`)).data);
		expect(String(tick.queuedAt)).toMatch(/^2\d{3}-\d\d-\d\dT\d\d:\d\d:(00|59\.9\d\dZ)/);
		expect(recording.idOf(label).slice(10)).toBe(still.idOf(label).slice(10));
		const from = new Date(now - 3_600_000).toISOString();
		expect(list((await call(`/v2/runs?from=${from}&limit=100`)).data)).toHaveLength(100);
	});

	test("conditions of triggers are called `if`, in what is recorded and in the shop", async () => {
		await start();
		const recorded = JSON.stringify((await call("/v2/apps/shop/functions?limit=100")).data);
		expect(recorded).toContain('"if":"event.data.n > 3"');
		await server?.close();
		server = await startServer();
		const triggers = (text: string) => [...text.matchAll(/"triggers":\[.*?\]/g)].join();
		const shop = triggers(JSON.stringify((await call("/v2/apps/shop/functions?limit=100")).data));
		expect([triggers(recorded), shop].join()).not.toContain('"condition"');
	});

	test("a text is moved: times of all forms, ids, milliseconds", () => {
		const text =
			'{"a":"2026-11-26T02:44:01.180398593Z","b":"2026-11-26T02:44:01Z","id":"01M8AVT0NBE0SH5CA70ECN6MW2","ts":1795661038030,"n":17}';
		expect(moved(text, 60_000)).toBe(
			'{"a":"2026-11-26T02:45:01.180398593Z","b":"2026-11-26T02:45:01Z","id":"01M8AVVV8BE0SH5CA70ECN6MW2","ts":1795661098030,"n":17}',
		);
		expect(moved(moved(text, 1_234), -1_234)).toBe(text);
	});
});

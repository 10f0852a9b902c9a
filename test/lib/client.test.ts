import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import plainNock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { type IntentEntry, parseManifest } from "../../lib/gate/manifest.ts";
import { machine, type SecretName } from "../../lib/gate/secrets.ts";
import type { Target } from "../../lib/gate/target.ts";
import { missingKey, refusal, ServerError, UsageError } from "../../lib/text/errors.ts";
import { type Api, Client, type ClientOptions } from "../../lib/wire/client.ts";
import { Id, many, oddOf } from "../../lib/wire/lenient.ts";
import type { Request } from "../../lib/wire/request.ts";
import { openPace, openWork } from "../../lib/wire/retry.ts";
import { answerText, recorded } from "../recordings.ts";
import { aWorld, NOW } from "../world.ts";

/** Every OSS response has it (measured). */
const KIND = { "x-inngest-server-kind": "cloud" };
const nock = Object.assign((host: string) => plainNock(host).defaultReplyHeaders(KIND), plainNock);

let { clock } = aWorld();
/** The client's random number for spreading its pauses: 128 of 256 leaves them unchanged. */
let drawn = 128;

const HOST = "https://i.example";
const target: Target = {
	kind: "self-hosted",
	api: HOST,
	events: HOST,
	environment: undefined,
	variable: "INNGEST_BASE_URL",
	label: "self-hosted i.example",
	assumed: false,
	local: false,
};
const cloud: Target = {
	...target,
	kind: "cloud",
	api: "https://api.inngest.com",
	events: "https://inn.gs",
	environment: "production",
	label: "Inngest Cloud, production",
};
const KEYS = { INNGEST_API_KEY: "sk-inn-api-x", INNGEST_SIGNING_KEY: "signkey-prod-abc", INNGEST_EVENT_KEY: "ev%en+t" };

const secretsOf = (values: Partial<Record<SecretName, string>>): ClientOptions["secrets"] => ({
	has: (name) => values[name] !== undefined,
	get: (name) => values[name],
});
const intentOf = (some: Partial<IntentEntry> = {}): IntentEntry => ({
	handler: "handlers/x",
	summary: "",
	effect: "write",
	confirm: false,
	secrets: [],
	phrases: [],
	...some,
});
const manifest =
	await parseManifest(`{name: x, version: 1.0.0, secrets: {INNGEST_API_KEY: a, INNGEST_SIGNING_KEY: b, INNGEST_EVENT_KEY: c},
  settings: {}, hosts: ["https://api.inngest.com", "https://inn.gs"], intents: {}}`);

const client = ({ signal = new AbortController().signal, ...some }: Partial<ClientOptions> = {}): Api =>
	new Client({
		manifest,
		intent: intentOf(),
		target,
		secrets: secretsOf(KEYS),
		settings: {
			environment: undefined,
			baseUrl: undefined,
			dev: undefined,
			readOnly: false,
			proxy: { https: undefined, no: undefined },
		},
		timeout: 5000,
		clock,
		random: () => Uint8Array.of(drawn),
		signal,
		work: openWork(signal),
		pace: openPace(some.clock ?? clock, (some.target ?? target).kind === "cloud"),
		odd: () => {},
		...some,
	});

const UNCLEAR = "It is unclear whether the call took effect; it was not retried.";
/** The error of a change that may have been carried out. */
const open = (said: string, known: { status: number; code?: string }): ServerError =>
	new ServerError(`${said} ${UNCLEAR}`, LOOK, { ...known, unclear: true, bare: said });
const LOOK = "Check with `list-runs --since 10m\ue000` before calling again.";
const Any = z.unknown();
const get: Request = { method: "GET", path: "/v2/apps", query: { limit: 100 }, api: "v2" };
const post: Request = { method: "POST", path: "/v2/runs/X/rerun", body: {}, api: "v2" };
const repeatable: Request = { ...post, path: "/v2/runs/X/cancel", repeatable: true };
const send: Request = {
	method: "POST",
	path: "/e/$INNGEST_EVENT_KEY",
	body: [{ name: "a" }],
	headers: { "x-inngest-event-id-seed": "1,a=" },
	api: "event",
	repeatable: true,
	accept: [400],
};
const query: Request = { method: "POST", path: "/v2/insights/query", body: { query: "SELECT 1" }, api: "v2" };

/** A request as nock passes it to a response. */
type Sent = InstanceType<typeof globalThis.Request>;

/** An origin on this machine where nothing listens any more. */
async function freeOrigin(): Promise<string> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

/** The error of a request. */
async function failure(sending: Promise<unknown>): Promise<unknown> {
	return sending.then(
		(value) => ({ answered: value }),
		(error: unknown) => error,
	);
}

beforeAll(() => {
	if (!nock.isActive()) nock.activate();
	nock.disableNetConnect();
});
afterEach(() => {
	({ clock } = aWorld());
	drawn = 128;
	const pending = nock.pendingMocks();
	nock.cleanAll();
	expect(pending).toEqual([]);
});
afterAll(() => {
	nock.enableNetConnect();
	nock.restore();
});

describe("what goes over the wire", () => {
	test("a read: path, query, the key as Bearer, the skill's name, no body", async () => {
		let headers: Record<string, unknown> = {};
		nock(HOST)
			.get("/v2/apps?limit=100")
			.reply(200, ({ headers: sent }: Sent) => {
				headers = Object.fromEntries(sent);
				return answerText("list apps");
			});
		expect(await client().send(get, Any)).toEqual(recorded("list apps").response.body);
		expect(headers).toMatchObject({ authorization: "Bearer signkey-prod-abc", "user-agent": "openclaw-skill-inngest" });
		expect(Object.keys(headers)).not.toContain("x-inngest-env");
		expect(Object.keys(headers)).not.toContain("content-type");
	});

	test("Cloud's v2 gets the API key and the environment, v1 the signing key", async () => {
		const seen: unknown[] = [];
		nock("https://api.inngest.com")
			.get(/^\/v[12]\//)
			.twice()
			.reply(200, ({ url, headers: sent }: Sent) => {
				seen.push([new URL(url).pathname, sent.get("authorization"), sent.get("x-inngest-env")]);
				return "{}";
			});
		const api = client({ target: cloud });
		await api.send(get, Any);
		await api.send({ method: "GET", path: "/v1/events", api: "v1" }, Any);
		expect(seen).toEqual([
			["/v2/apps", "Bearer sk-inn-api-x", "production"],
			["/v1/events", "Bearer signkey-prod-abc", "production"],
		]);
	});

	test("events go to their own host, the event key encoded in the path and no key in a header", async () => {
		let seen: unknown;
		nock("https://inn.gs")
			.post("/e/ev%25en+t", '[{"name":"a"}]')
			.reply(200, ({ headers: sent }: Sent) => {
				seen = ["authorization", "content-type", "x-inngest-event-id-seed"].map((name) => sent.get(name));
				return answerText("send one event");
			});
		await client({ target: cloud }).send(send, Any);
		expect(seen).toEqual([null, "application/json", "1,a="]);
	});

	test("raw JSON goes out byte for byte", async () => {
		const raw = '[{"name":"a","data":{"n":12345678901234567890,"é":1.0}}]';
		let seen: unknown;
		nock(HOST)
			.post("/e/ev%25en+t", (body) => {
				seen = body;
				return true;
			})
			.reply(200, "{}");
		await client().send({ ...send, body: Buffer.from(raw) }, Any);
		expect(seen).toEqual(JSON.parse(raw));
	});

	test("the dev server gets no key, and `dev` in place of an event key", async () => {
		const dev: Target = {
			...target,
			kind: "dev",
			api: "http://localhost:8288",
			events: "http://localhost:8288",
			local: true,
		};
		const seen: unknown[] = [];
		nock("http://localhost:8288")
			.get("/v2/apps?limit=100")
			.reply(200, ({ headers: sent }: Sent) => {
				seen.push(sent.get("authorization"));
				return "{}";
			})
			.post("/e/dev")
			.reply(200, "{}");
		const api = client({ target: dev });
		await api.send(get, Any);
		await api.send(send, Any);
		expect(seen).toEqual([null]);
	});
});

describe("what is never sent", () => {
	const none = { send: Any };

	test("anything to a host that neither the manifest lists nor the operator configured", async () => {
		const api = client({ manifest: { ...manifest, hosts: ["https://inn.gs"] }, target: cloud });
		expect(await failure(api.send(get, none.send))).toEqual(
			refusal(
				"api.inngest.com is not a host that skill.yaml allows",
				"Only the manifest's hosts and the configured server are contacted.",
			),
		);
		const elsewhere = client({ target: { ...target, events: "https://evil.example" } });
		expect(await failure(elsewhere.send(send, Any))).toEqual(
			refusal(
				"evil.example is not a host that skill.yaml allows",
				"Only the manifest's hosts and the configured server are contacted.",
			),
		);
	});

	test("an address that no server would read: it is not tried again and again", async () => {
		const long = { ...get, query: { functionId: "x".repeat(64_000) } };
		expect(await failure(client().send(long, Any))).toEqual(
			refusal("The request's URL would take 64 kB", "No name or id is that long."),
		);
		nock(HOST).get("/v2/apps").query(true).reply(200, "{}");
		expect(await client().send({ ...get, query: { functionId: "x".repeat(60_000) } }, Any)).toEqual({});
	});

	test("the same host on another port or over plain HTTP", async () => {
		for (const api of ["https://api.inngest.com:8443", "http://api.inngest.com"])
			expect(await failure(client({ target: { ...cloud, api } }).send(get, Any))).toBeInstanceOf(UsageError);
	});

	test("a change by an intent that reads", async () => {
		expect(await failure(client({ intent: intentOf({ effect: "read" }) }).send(post, Any))).toEqual(
			refusal("An intent that reads may not change anything", "skill.yaml states each intent's effect."),
		);
	});

	test.each<[what: string, posts: string | undefined, request: Request, sent: boolean]>([
		["a query where its path is named", "/v2/insights/query", query, true],
		["a query where another is", "/v2/insights/prompt", query, false],
		["a query where none is", undefined, query, false],
		["a longer path", "/v2/insights/query", { ...query, path: "/v2/insights/query/prompt" }, false],
		["an empty send where sending is named", send.path, { ...send, body: [] }, true],
		["an empty send where none is", undefined, { ...send, body: [] }, false],
		["an event where sending is named", send.path, send, false],
		["an event by v2 where that is named", "/v2/events", { ...query, path: "/v2/events", body: { name: "a" } }, false],
	])("by an intent that reads, all but the one POST that it names: %s", async (_, posts, request, sent) => {
		const api = client({ intent: intentOf({ effect: "read", posts }) });
		if (sent) nock(HOST).post(request.path.replace("$INNGEST_EVENT_KEY", "ev%25en+t")).reply(200, "{}");
		const asked = api.send(request, Any);
		if (sent) expect(await asked).toEqual({});
		else
			expect(await failure(asked)).toMatchObject({ message: expect.stringMatching(/^An intent that reads may not/) });
	});

	test("an intent that changes something gets nothing by a path that it names", async () => {
		const api = client({ intent: intentOf({ effect: "destructive", confirm: true, posts: query.path }) });
		expect(await failure(api.send(query, Any))).toMatchObject({ message: expect.stringMatching(/^A confirmation/) });
	});

	test("a request of more events than the manifest lets go out unconfirmed, however they are given", async () => {
		const of = (n: number) => Array.from({ length: n }, () => ({ name: "a" }));
		const raw = (n: number) => Buffer.from(JSON.stringify(of(n)));
		const work = openWork(new AbortController().signal);
		const api = client({ intent: intentOf({ effect: "write", confirm: 100 }), work });
		const refused = { message: "A confirmation is needed; nothing was changed.", exit: 2 };
		for (const body of [of(101), raw(101)])
			expect(await failure(api.send({ ...send, body }, Any))).toMatchObject(refused);
		nock(HOST).post(/.*/).times(4).reply(200, '{"ids":["01M853698J9ZFFAMVVYV3Q4RRQ"],"status":200}');
		for (const body of [of(100), raw(100), { name: "a" }]) await api.send({ ...send, body }, Any);
		work.confirmed = true;
		await api.send({ ...send, body: raw(101) }, Any);
	});

	test("a change before its confirmation; reads and confirmed changes are sent", async () => {
		const work = openWork(new AbortController().signal);
		const api = client({ intent: intentOf({ effect: "destructive", confirm: true }), work });
		nock(HOST).get("/v2/apps?limit=100").reply(200, "{}").post("/v2/runs/X/rerun").reply(200, "{}");
		await api.send(get, Any);
		expect(await failure(api.send(post, Any))).toEqual(
			refusal("A confirmation is needed", "Call without --confirm to see the plan.", "changed"),
		);
		work.confirmed = true;
		await api.send(post, Any);
	});

	test("anything without its key, except to this machine", async () => {
		const secrets = secretsOf({ INNGEST_EVENT_KEY: "x" });
		expect(await failure(client({ secrets }).send(get, Any))).toEqual(missingKey(["INNGEST_SIGNING_KEY"]));
		expect(await failure(client({ secrets, target: cloud }).send(get, Any))).toEqual(
			missingKey(["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"]),
		);
		expect(await failure(client({ secrets: secretsOf({ INNGEST_API_KEY: "x" }) }).send(send, Any))).toEqual(
			missingKey(["INNGEST_EVENT_KEY"]),
		);
		nock("http://localhost:9999").get("/v2/apps?limit=100").reply(200, "{}");
		await client({ secrets, target: { ...target, api: "http://localhost:9999", local: true } }).send(get, Any);
	});
});

describe("refusals", () => {
	const refuse = async (label: string, request: Request = get, some: Partial<ClientOptions> = {}) => {
		const { status } = recorded(label, "self-hosted").response;
		const again = status >= 500 || label === "v1 get run, missing" ? request.method === "GET" : false;
		nock(HOST)
			.intercept(/.*/, request.method)
			.times(again && status !== 501 ? 4 : 1)
			.reply(status, answerText(label, "self-hosted"));
		return failure(client(some).send(request, Any));
	};

	test("v2 says what is wrong and its code", async () => {
		expect(await refuse("get run, missing", { ...get, path: "/v2/runs/01M851S5V523WP6QDFVRT1EBXX" })).toEqual(
			new ServerError(
				"self-hosted i.example refused: «Run not found» (not_found, 404)",
				"Check the id (run ids and event ids differ); it may belong to another environment or server.",
				{ status: 404, code: "not_found" },
			),
		);
	});

	test("v1 says so under HTTP 200: its own status counts", async () => {
		expect(await refuse("v1 get run, missing")).toEqual(
			new ServerError(
				"self-hosted i.example refused: «Unable to load function run: 01M851S5V523WP6QDFVRT1EBXX» (500)",
				"A server error; try again in a minute. `check-setup\ue000` shows whether it is healthy.",
				{ status: 500 },
			),
		);
		expect(await refuse("get event, missing")).toMatchObject({ status: 404 });
	});

	test("a 401 in plain text", async () => {
		expect(await refuse("no auth")).toEqual(
			new ServerError(
				"self-hosted i.example refused: «Authentication failed» (401)",
				"Check INNGEST_SIGNING_KEY: it must belong to this server and environment. `check-setup\ue000` tests each key.",
				{ status: 401 },
			),
		);
	});

	test("a wrong event key", async () => {
		expect(await refuse("unknown event key", send)).toEqual(
			new ServerError(
				"self-hosted i.example refused: «Event key not found» (401)",
				"Check INNGEST_EVENT_KEY: it must belong to this server and environment.",
				{ status: 401 },
			),
		);
	});

	test("a route that is not there", async () => {
		expect(await refuse("seed: list runs (v1, gone)")).toMatchObject({
			message: "self-hosted i.example has no GET /v2/apps.",
			status: 404,
			code: "not_inngest",
		});
	});

	test("a 500 without a body leaves a change unclear, a 501 does not", async () => {
		expect(await refuse("list cancellations")).toMatchObject({
			message: "self-hosted i.example refused: no reason given (500)",
			unclear: false,
		});
		expect(await refuse("bulk cancel, function slug with app", post)).toMatchObject({ status: 500, unclear: true });
		expect(await refuse("sync app", post)).toMatchObject({ status: 501, unclear: false });
	});

	test("a status that the request accepts is an answer, which says that it is a refusal", async () => {
		nock(HOST).post("/v2/runs/X/cancel").reply(409, answerText("cancel it again"));
		// Includes its status, which v2's body lacks.
		const body: unknown = JSON.parse(answerText("cancel it again"));
		const asked = () => client().send({ ...repeatable, accept: [409] }, Any);
		expect(await asked()).toEqual({ ...Object(body), status: 409, maybe: false });
		// The refusal may be due to an earlier attempt, whose response was lost.
		nock(HOST)
			.post("/v2/runs/X/cancel")
			.reply(502, "")
			.post("/v2/runs/X/cancel")
			.reply(409, answerText("cancel it again"));
		expect(await asked()).toEqual({ ...Object(body), status: 409, maybe: true });
	});

	test("a 408 leaves a change open: a proxy may say so of what it has passed on", async () => {
		nock(HOST).post(/.*/).reply(408, "");
		expect(await failure(client().send(post, Any))).toMatchObject({ status: 408, unclear: true });
		nock(HOST).get(/.*/).times(4).reply(408, "");
		expect(await failure(client().send(get, Any))).toMatchObject({ status: 408, unclear: false });
	});

	test("a hostile message is made harmless, an HTML page is not shown", async () => {
		nock(HOST)
			.get(/.*/)
			.reply(400, { errors: [{ code: "x\u001b[31m", message: "no\n\u202e» [a](b) token=abcdefgh" }] });
		expect(await failure(client().send(get, Any))).toMatchObject({
			message: "self-hosted i.example refused: «no › [a] (b) token=[masked]» (400)",
			code: "",
		});
		nock(HOST).get(/.*/).reply(404, "<!DOCTYPE html><script>evil()</script>", { "content-type": "text/html" });
		expect(await failure(client().send(get, Any))).toMatchObject({
			message: "self-hosted i.example refused: an HTML page (404)",
		});
	});
});

describe("answers that can't be used", () => {
	test("HTML under 200, as of a proxy's login page", async () => {
		nock(HOST)
			.get(/.*/)
			.reply(200, "\n<html>Log in</html>", { "content-type": "text/html", "x-inngest-server-kind": "" });
		expect(await failure(client().send(get, Any))).toEqual(
			new ServerError(
				"self-hosted i.example answered GET /v2/apps, but not like an Inngest server: 200 an HTML page.",
				"INNGEST_BASE_URL must be the address of the Inngest server itself (`inngest start`), not of an app, nor behind a login.",
				{ status: 200, code: "not_inngest" },
			),
		);
	});

	test("JSON that breaks off leaves a change unclear, and is not sent again", async () => {
		nock(HOST).post("/v2/runs/X/rerun").reply(200, '{"data":{"runId":"01M8');
		expect(await failure(client().send(post, Any))).toEqual(
			open(
				`self-hosted i.example answered POST /v2/runs/X/rerun, but its response is cut short: 200 «{"data":{"runId":"01M8».`,
				{ status: 200, code: "not_json" },
			),
		);
	});

	test("JSON that breaks off is read again", async () => {
		nock(HOST).get(/.*/).reply(200, '{"data":[').get(/.*/).reply(200, '{"data":[]}');
		expect(await client().send(get, Any)).toEqual({ data: [] });
	});

	test("an answer of another form names the place; after a change it is unclear what was done", async () => {
		const schema = z.object({ data: z.object({ runId: z.string() }) });
		const told = "self-hosted i.example answered";
		nock(HOST).get(/.*/).reply(200, '{"ok":true}').post(/.*/).reply(200, '{"data":{"runId":1}}');
		expect(await failure(client().send(get, schema))).toEqual(
			new ServerError(
				`${told} GET /v2/apps with unexpected data at data.`,
				"Is this a current Inngest server? `check-setup\ue000` can tell.",
				{ status: 200 },
			),
		);
		expect(await failure(client().send(post, schema))).toEqual(
			open(`${told} POST /v2/runs/X/rerun with unexpected data at data.runId.`, {
				status: 200,
			}),
		);
	});

	test("204 is an empty object where something was asked for; a 200 that lost its body is none, nor is a list of 204", async () => {
		nock(HOST).post(/.*/).reply(204);
		expect(await client().send(post, Any)).toEqual({});
		nock(HOST).get(/.*/).reply(204).get(/.*/).reply(200, '{"data":[1]}');
		expect(await client().send(get, Any)).toEqual({ data: [1] });
		nock(HOST).get(/.*/).reply(200, "").get(/.*/).reply(200, '{"data":[]}');
		expect(await client().send(get, Any)).toEqual({ data: [] });
	});
});

describe("redirects", () => {
	test("are not followed", async () => {
		nock(HOST).get(/.*/).reply(302, "", { location: "https://evil.example/v2/apps" });
		expect(await failure(client().send(get, Any))).toEqual(
			new ServerError(
				"self-hosted i.example redirects to https://evil.example (not followed).",
				"If the Inngest server is there, the user can set INNGEST_BASE_URL to https://evil.example.",
				{ status: 302, code: "not_inngest" },
			),
		);
	});

	test("a send is not repeated elsewhere by a 307", async () => {
		nock(HOST).post(/.*/).reply(307, "", { location: "https://evil.example/e/x" });
		expect(await failure(client().send(send, Any))).toMatchObject({ status: 307, unclear: false });
	});
});

describe("retries", () => {
	test("a read is tried four times, with growing pauses", async () => {
		nock(HOST)
			.get(/.*/)
			.reply(500, "")
			.get(/.*/)
			.reply(502, "")
			.get(/.*/)
			.reply(408, "")
			.get(/.*/)
			.reply(200, '{"ok":1}');
		expect(await client().send(get, Any)).toEqual({ ok: 1 });
		expect(clock.pauses).toEqual([200, 400, 800]);
	});

	test("pauses are spread from half to one and a half of that", async () => {
		drawn = 0;
		nock(HOST).get(/.*/).reply(500, "").get(/.*/).reply(200, "{}").get(/.*/).reply(500, "").get(/.*/).reply(200, "{}");
		await client().send(get, Any);
		drawn = 192;
		await client().send(get, Any);
		expect(clock.pauses).toEqual([100, 250]);
	});

	test("the last refusal is told", async () => {
		nock(HOST).get(/.*/).times(3).reply(500, "").get(/.*/).reply(503, "");
		expect(await failure(client().send(get, Any))).toMatchObject({ status: 503 });
		expect(clock.pauses.length).toBe(3);
	});

	test.each([400, 401, 403, 404, 409, 422, 501])("%d is final", async (status) => {
		nock(HOST).get(/.*/).reply(status, "", { "content-length": "0" });
		expect(await failure(client().send(get, Any))).toMatchObject({ status });
		expect(clock.pauses).toEqual([]);
	});

	test("a refusal whose body was lost with the connection is asked for again", async () => {
		const told = { errors: [{ code: "run_already_cancelled", message: "Already cancelled" }] };
		nock(HOST).post(/.*/).reply(409, "").post(/.*/).reply(409, told);
		const again = await failure(client().send({ ...post, repeatable: true }, Any));
		expect(again).toMatchObject({ status: 409, code: "run_already_cancelled" });
		nock(HOST).post(/.*/).reply(409, "");
		expect(await failure(client().send(post, Any))).toMatchObject({ status: 409, unclear: true });
	});

	test("a change is sent once, unless it is repeatable", async () => {
		nock(HOST).post("/v2/runs/X/rerun").reply(503, "");
		expect(await failure(client().send(post, Any))).toMatchObject({ status: 503, unclear: true });
		nock(HOST).post("/v2/runs/X/cancel").reply(503, "").post("/v2/runs/X/cancel").reply(200, "{}");
		expect(await client().send(repeatable, Any)).toEqual({});
	});

	test("a refusal that is cut short hides its code: asked again where that is safe, unclear where it is not", async () => {
		const cut = '{"errors":[{"code":"run_already_cancelled';
		nock(HOST).post("/v2/runs/X/cancel").reply(409, cut).post("/v2/runs/X/cancel").reply(200, "{}");
		expect(await client().send(repeatable, Any)).toEqual({});
		nock(HOST).post("/v2/runs/X/rerun").reply(409, cut);
		expect(await failure(client().send(post, Any))).toMatchObject({ status: 409, code: "not_json", unclear: true });
	});

	test("a send is repeated under the same seed with the same body", async () => {
		const seeds: unknown[] = [];
		nock(HOST)
			.post("/e/ev%25en+t", '[{"name":"a"}]')
			.times(3)
			.reply(({ headers: sent }: Sent) => {
				seeds.push(sent.get("x-inngest-event-id-seed"));
				return seeds.length < 3 ? [500, ""] : [200, '{"ids":["x"]}'];
			});
		expect(await client().send(send, Any)).toEqual({ ids: ["x"] });
		expect(seeds).toEqual(["1,a=", "1,a=", "1,a="]);
	});

	describe("429", () => {
		const pausesAfter = async (header: string | undefined, request: Request = get): Promise<number[]> => {
			({ clock } = aWorld());
			nock(HOST)
				.intercept(/.*/, request.method)
				.reply(429, "slow down", header === undefined ? {} : { "retry-after": header })
				.intercept(/.*/, request.method)
				.reply(200, "{}");
			await client().send(request, Any);
			return clock.pauses;
		};

		test("waits as long as Retry-After says in seconds", async () => {
			expect(await pausesAfter("7")).toEqual([7000]);
		});
		test("waits until the time that Retry-After names", async () => {
			expect(await pausesAfter(new Date(NOW + 9000).toUTCString())).toEqual([9000]);
		});
		test("waits a minute at most; what is asked to wait longer is given up, and it says how long", async () => {
			expect(await pausesAfter("60")).toEqual([60_000]);
			nock(HOST).get(/.*/).reply(429, "", { "retry-after": "86400" });
			expect(await failure(client().send(get, Any))).toMatchObject({
				status: 429,
				message: expect.stringMatching(/ \(429\)\. It says to wait 1d first\.$/),
				next: "Nothing was done. Call again then, not before.",
			});
			nock(HOST).post(/.*/).reply(503, "", { "retry-after": "120" });
			expect(await failure(client().send({ ...post, repeatable: true }, Any))).toMatchObject({
				status: 503,
				unclear: true,
				message: expect.stringContaining("unclear whether the call took effect"),
			});
		});
		test("a Retry-After may be a fraction of a second", async () => {
			expect(await pausesAfter("0.25")).toEqual([250]);
		});
		test("a Retry-After that is zero, past or no time is as none: then it takes a second", async () => {
			expect(await pausesAfter("0")).toEqual([1000]);
			expect(await pausesAfter(new Date(NOW - 9000).toUTCString())).toEqual([1000]);
			expect(await pausesAfter("soon")).toEqual([1000]);
			expect(await pausesAfter(undefined)).toEqual([1000]);
		});
		test("one that is far off is told, and not waited for", async () => {
			nock(HOST).get(/.*/).reply(429, "", { "retry-after": "Fri, 01 Jan 2100 00:00:00 GMT" });
			expect(await failure(client().send(get, Any))).toMatchObject({
				message: expect.stringMatching(/ \d+d\d+h first\.$/),
				next: "Nothing was done. No rate limit lasts that long: ask whoever runs the server.",
			});
			expect(clock.pauses).toEqual([]);
		});
		test("is waited out for 12.5 s, also on the first request", async () => {
			nock(HOST).get(/.*/).times(4).reply(429, "").get(/.*/).reply(200, "{}");
			expect(await client().send(get, Any)).toEqual({});
			expect(clock.pauses).toEqual([1000, 2000, 4000, 5500]);
		});
		test("no longer than --timeout, from the request's beginning; what it asks for is told", async () => {
			nock(HOST).get(/.*/).times(2).reply(429, "");
			expect(await failure(client({ budget: 2_500 }).send(get, Any))).toMatchObject({ status: 429 });
			expect(clock.pauses).toEqual([1000]);
			nock(HOST).get(/.*/).reply(429, "", { "retry-after": "30" });
			expect(await failure(client({ budget: 2_500 }).send(get, Any))).toMatchObject({
				message: expect.stringMatching(/It says to wait 30s first\.$/),
				next: "Nothing was done. Call again then, not before.",
			});
			nock(HOST).get(/.*/).reply(503, "", { "retry-after": "120" });
			expect(await failure(client().send(get, Any))).toMatchObject({
				message: expect.stringMatching(/It says to wait 2m first\.$/),
				next: "Call again then, not before.",
			});
			expect(clock.pauses).toEqual([1000]);
		});
		test("repeats even a change that can't be repeated otherwise: nothing was done", async () => {
			expect(await pausesAfter("1", post)).toEqual([1000]);
		});
		test("is told in the end, and is clear", async () => {
			nock(HOST).post(/.*/).times(5).reply(429, "");
			expect(await failure(client().send(post, Any))).toMatchObject({ status: 429, unclear: false });
			expect(clock.pauses).toEqual([1000, 2000, 4000, 5500]);
		});
		test("makes the client's other requests wait too", async () => {
			nock(HOST).get("/v2/apps?limit=100").reply(429, "", { "retry-after": "5" });
			const order: string[] = [];
			nock(HOST)
				.get(/.*/)
				.twice()
				.reply(200, ({ url }: Sent) => {
					order.push(`${new URL(url).pathname} at ${clock.now() - NOW}`);
					return "{}";
				});
			const api = client();
			const first = api.send(get, Any);
			while (!clock.pauses.length) await new Promise((resolve) => setImmediate(resolve));
			clock.set(NOW + 1000);
			await Promise.all([first, api.send({ method: "GET", path: "/v2/envs", api: "v2" }, Any)]);
			expect(clock.pauses).toEqual([5000, 4000]);
			expect(order).toEqual(["/v2/apps at 5000", "/v2/envs at 5000"]);
		});
		test("also a 503 may say how long to wait", async () => {
			nock(HOST).get(/.*/).reply(503, "", { "retry-after": "2" }).get(/.*/).reply(200, "{}");
			await client().send(get, Any);
			expect(clock.pauses).toEqual([2000]);
		});
	});
});

describe("Inngest Cloud's pace", () => {
	test("ten requests at once, then ten a second, of all that are in flight; other servers have none", async () => {
		const started = async (target: Target) => {
			({ clock } = aWorld());
			const at: number[] = [];
			nock(target.api)
				.get(/.*/)
				.times(13)
				.reply(200, () => {
					at.push(clock.now() - NOW);
					return "{}";
				});
			const api = client({ target });
			await Promise.all(Array.from({ length: 13 }, () => api.send(get, Any)));
			return at.sort((a, b) => a - b);
		};
		expect(await started(cloud)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300]);
		expect(new Set(await started(target))).toEqual(new Set([0]));
	});
});

describe("an odd item", () => {
	const list = z.object({ data: many(z.object({ id: Id })) });
	const good = "01m85369bx39bzfm3tc50actfc";

	test("does not cost the list: it is omitted, and told by what it is", async () => {
		const odd: string[] = [];
		nock(HOST)
			.get(/.*/)
			.times(2)
			.reply(200, { data: [{ id: good }, { id: 5 }, null, { id: "x" }] });
		const api = client({ odd: (key) => odd.push(key) });
		const read = await api.send(get, list);
		expect([read.data, oddOf(read.data)]).toEqual([[{ id: good.toUpperCase() }], 3]);
		await api.send(get, list);
		expect(odd).toEqual(['{"id":5}', "null", '{"id":"x"}', '{"id":5}', "null", '{"id":"x"}']);
	});

	test("a list of nothing else is no list", async () => {
		nock(HOST)
			.get(/.*/)
			.reply(200, { data: [{ id: 5 }, {}] });
		expect(await failure(client().send(get, list))).toMatchObject({
			message: "self-hosted i.example answered GET /v2/apps with unexpected data at data.0.id.",
		});
	});
});

describe("a run's status", () => {
	const runs = { data: [{ status: "FAILED" }, { status: "COMPLETED", endedAt: "2026-11-23T21:00:00Z" }] };
	const statuses = z.object({ data: z.array(z.object({ status: z.string() })) });
	const told = async (target: Target) => {
		nock(target.api).get(/.*/).reply(200, runs);
		const request: Request = { method: "GET", path: "/v2/runs", api: "v2" };
		return (await client({ target }).send(request, statuses)).data.map(({ status }) => status);
	};
	test("without an end is RUNNING on OSS, and what it says on Cloud", async () => {
		expect([await told(target), await told(cloud)]).toEqual([
			["RUNNING", "COMPLETED"],
			["FAILED", "COMPLETED"],
		]);
	});
});

describe("on a real socket", () => {
	let server: Server;
	let origin = "";
	let calls = 0;
	let answer: (request: IncomingMessage, response: ServerResponse, call: number) => void = () => {};
	const sockets = new Set<Socket>();
	beforeAll(async () => {
		nock.restore();
		server = createServer((request, response) => {
			request.resume();
			for (const [name, value] of Object.entries(KIND)) response.setHeader(name, value);
			answer(request, response, ++calls);
		});
		server.on("connection", (socket) => sockets.add(socket));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const address = server.address();
		origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
	});
	afterEach(() => {
		calls = 0;
	});
	afterAll(async () => {
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
		nock.activate();
	});
	const local = (some: Partial<ClientOptions> = {}) =>
		client({ target: { ...target, api: origin, events: origin, label: "self-hosted here", local: true }, ...some });

	test("an answer that does not come in time is asked for again", async () => {
		answer = (_, response, call) => {
			if (call > 1) response.end('{"call":2}');
		};
		expect(await local({ timeout: 100 }).send(get, Any)).toEqual({ call: 2 });
	});

	test("--timeout bounds a request with its retries, not each attempt", async () => {
		answer = () => {};
		const began = performance.now();
		const late = { status: 0, code: "timeout" };
		expect(await failure(local({ timeout: 30_000, budget: 300, clock: machine().clock }).send(get, Any))).toMatchObject(
			late,
		);
		expect([calls, performance.now() - began < 3_000]).toEqual([1, true]);
		answer = (_, response) => void response.writeHead(503).end();
		const failing = local({ budget: 400, clock: machine().clock });
		expect(await failure(failing.send(get, Any))).toMatchObject({ status: 503 });
		expect(calls).toBeLessThan(5);
	});

	test("four attempts without an answer in time are enough, though others get ten once the server has answered", async () => {
		const times = async (silent: boolean): Promise<number> => {
			answer = (_, response, call) => {
				if (call === 1) response.end("{}");
				else if (!silent) response.writeHead(503).end();
			};
			const api = local({ timeout: 50 });
			await api.send(get, Any);
			calls = 1;
			await failure(api.send(get, Any));
			const sent = calls - 1;
			calls = 0;
			return sent;
		};
		expect([await times(true), await times(false)]).toEqual([4, 10]);
	});

	test("the last read of a wait has a second, though its time is over", async () => {
		answer = (_, response) => void setTimeout(() => response.end('{"late":true}'), 50);
		expect(await local({ deadline: clock.now() }).send(get, Any)).toEqual({ late: true });
		expect(await failure(local({ deadline: clock.now(), timeout: 10 }).send(get, Any))).toMatchObject({
			...{ status: 0, code: "timeout" },
		});
	});

	test("a change that is not answered in time is unclear, and not sent again", async () => {
		answer = () => {};
		expect(await failure(local({ timeout: 50 }).send(post, Any))).toEqual(
			open(`self-hosted here did not answer in time.`, {
				status: 0,
				code: "timeout",
			}),
		);
		expect(calls).toBe(1);
	});

	test("a body that does not come in time counts as no answer", async () => {
		answer = (_, response) => void response.writeHead(200, { "content-length": "100" }).write('{"da');
		expect(await failure(local({ timeout: 50 }).send(get, Any))).toMatchObject({
			status: 0,
			code: "timeout",
		});
		expect(calls).toBe(4);
	});

	test("a reset connection is tried again for a read, and leaves a change unclear", async () => {
		answer = (request, response, call) => {
			if (call === 1) request.socket.resetAndDestroy();
			else response.end("{}");
		};
		expect(await local().send(get, Any)).toEqual({});
		calls = 0;
		expect(await failure(local().send(post, Any))).toEqual(
			open(`self-hosted here dropped the connection (ECONNRESET).`, {
				status: 0,
				code: "ECONNRESET",
			}),
		);
		expect(calls).toBe(1);
	});

	test("a connection that ends within the body is tried again", async () => {
		answer = (request, response, call) => {
			if (call > 1) return void response.end('{"whole":true}');
			response.writeHead(200, { "content-length": "100" });
			response.write('{"da', () => request.socket.destroy());
		};
		expect(await local().send(get, Any)).toEqual({ whole: true });
	});

	test("a repeatable change is sent again after a reset", async () => {
		answer = (request, response, call) => {
			if (call === 1) request.socket.resetAndDestroy();
			else response.end("{}");
		};
		expect(await local().send(repeatable, Any)).toEqual({});
		expect(calls).toBe(2);
	});

	test("a port where nobody listens: told at once, and nothing is unclear", async () => {
		const origin = await freeOrigin();
		const gone = {
			...target,
			api: origin,
			events: origin,
			label: "self-hosted here",
			local: true,
		};
		expect(await failure(client({ target: gone }).send(repeatable, Any))).toMatchObject({
			message: "self-hosted here does not answer.",
			next: "Check the network and INNGEST_BASE_URL; behind a proxy set HTTPS_PROXY.",
			code: "ECONNREFUSED",
			unclear: false,
		});
		expect(clock.pauses).toEqual([]);
	});

	test("a redirect is not followed, and takes no key along", async () => {
		answer = (_, response) => response.writeHead(301, { location: `${origin}/elsewhere` }).end();
		expect(await failure(local().send(get, Any))).toMatchObject({ status: 301 });
		expect(calls).toBe(1);
	});

	test("a response of more than 64 MiB is refused once, however small it was packed", async () => {
		const packed = gzipSync(Buffer.alloc(65 * 1024 * 1024, " "));
		answer = (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
		expect(await failure(local().send(get, Any))).toEqual(
			new ServerError(
				"self-hosted here returned a response of more than 64 MiB.",
				"Ask for less: a smaller --limit, or a narrower --since and --until.",
				{ status: 0, code: "a response of more than 64 MiB" },
			),
		);
		expect(calls).toBe(1);
	});
});

describe("Ctrl-C", () => {
	const interruptible = (effect: IntentEntry["effect"] = "write") => {
		const control = new AbortController();
		const api = client({ intent: intentOf({ effect }), signal: control.signal });
		return { api, control };
	};
	const NOTHING = { message: "Interrupted; nothing was changed.", next: "Call again.", exit: 1 };

	test("before anything was changed it ends everything, what is in flight, too", async () => {
		for (const effect of ["read", "write", "destructive"] as const) {
			const { api, control } = interruptible(effect);
			nock(HOST)
				.get(/.*/)
				.reply(200, () => {
					control.abort();
					return "{}";
				});
			expect(await failure(api.send(get, Any))).toMatchObject(NOTHING);
			for (const request of effect === "read" ? [get] : [get, post, repeatable, send])
				expect(await failure(api.send(request, Any))).toMatchObject(NOTHING);
		}
	});

	test("ends a pause before the next attempt", async () => {
		const { api, control } = interruptible();
		nock(HOST)
			.get(/.*/)
			.reply(429, () => {
				setImmediate(() => control.abort());
				return "";
			});
		expect(await failure(api.send(get, Any))).toMatchObject(NOTHING);
	});

	test("after a change nothing more is changed; reading, which settles what is unclear, goes on", async () => {
		const { api, control } = interruptible();
		nock(HOST)
			.post(/.*/)
			.reply(200, () => {
				control.abort();
				return "{}";
			})
			.get(/.*/)
			.reply(200, { data: [] });
		expect(await api.send(post, Any)).toEqual({});
		expect(await api.send(get, Any)).toEqual({ data: [] });
		for (const request of [post, repeatable, send])
			expect(await failure(api.send(request, Any))).toMatchObject({
				message: "Interrupted; nothing more was sent.",
				next: "Call again to see what is left to do.",
				exit: 1,
			});
	});

	test("a change that never left this machine is not one", async () => {
		const { api, control } = interruptible();
		nock(HOST)
			.post(/.*/)
			.reply(() => {
				throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
			});
		expect(await failure(api.send(post, Any))).toMatchObject({ unclear: false });
		control.abort();
		expect(await failure(api.send(get, Any))).toMatchObject(NOTHING);
	});
});

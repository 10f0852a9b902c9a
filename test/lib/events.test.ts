import { describe, expect, test } from "vitest";
import { readSettings } from "../../lib/gate/secrets.ts";
import { resolveTarget } from "../../lib/gate/target.ts";
import {
	batchBytes,
	checkEvent,
	faultOf,
	oneRequest,
	Seeds,
	sendBatch,
	sendOne,
	sendRequest,
} from "../../lib/sending/events.ts";
import { refusal, ServerError } from "../../lib/text/errors.ts";
import type { Api } from "../../lib/wire/client.ts";
import type { Request } from "../../lib/wire/request.ts";
import { parseSeed, seededUlid } from "../inngest-server/ids.ts";
import { recorded } from "../recordings.ts";
import { aWorld } from "../world.ts";
import { answering, answeringBy } from "./api-of.ts";

describe("faultOf", () => {
	test.each([
		["the least", { name: "shop/order.created" }],
		[
			"everything",
			{
				name: "a",
				data: { b: 1 },
				user: { id: "u" },
				meta: { sessions: { chat: "c1" } },
				id: "x",
				ts: 1_795_467_454_000,
				v: "1",
			},
		],
		["null where Inngest takes none", { name: "a", data: null, user: null, meta: null, id: null, ts: null, v: null }],
		["a name of 256 characters", { name: "x".repeat(256) }],
		["the first moment of 1980", { name: "a", ts: 315_532_800_000 }],
		["a time in the future", { name: "a", ts: 4_102_444_800_000 }],
	])("takes %s", (_, event) => {
		expect(faultOf(event)).toBeUndefined();
	});

	const TIME = "ts is not in milliseconds since 1970, a whole number from 1980 to 2100";
	const FIELDS = "Inngest would drop it (it takes name, data, user, meta, id, ts, v)";
	test.each([
		["no name", { data: {} }, "name is missing"],
		["a name of null", { name: null }, "name is missing"],
		["an empty name", { name: "" }, "name is empty"],
		["a blank name", { name: " \t" }, "name is empty"],
		["a reserved name", { name: "inngest/function.failed" }, "name starts with inngest/, which is reserved"],
		["a name too long", { name: "x".repeat(257) }, "name is longer than 256 characters"],
		["a line break in the name", { name: "a\nb" }, "name has control or hidden characters"],
		["a zero-width space in the name", { name: "a\u200bb" }, "name has control or hidden characters"],
		["data that is text", { name: "a", data: "x" }, "data is not an object"],
		["data that is a list", { name: "a", data: [1] }, "data is not an object"],
		["a user that is no object", { name: "a", user: 1 }, "user is not an object"],
		["an id that is a number", { name: "a", id: 705 }, "id is not a string"],
		["a version that is a number", { name: "a", v: 1 }, "v is not a string"],
		["ts as text", { name: "a", ts: "2026-11-23T20:00:00Z" }, TIME],
		["ts in seconds", { name: "a", ts: 1_795_467_454 }, TIME],
		["ts with a fraction", { name: "a", ts: 1_795_467_454_000.5 }, TIME],
		["ts too large", { name: "a", ts: 1e300 }, TIME],
		["ts before 1980", { name: "a", ts: 315_532_799_999 }, TIME],
		["ts before 1970", { name: "a", ts: -1 }, TIME],
		["ts of 0", { name: "a", ts: 0 }, TIME],
		["a field that Inngest does not know", { name: "a", payload: {} }, `field "payload" is unknown: ${FIELDS}`],
		["a field in capitals", { Name: "a", name: "a" }, `field "Name" is unknown: ${FIELDS}`],
		["a hostile field", { name: "a", "\u001b[31m»\n": 1 }, `field "\\u001b[31m›\\n" is unknown: ${FIELDS}`],
		["text", "a", "not a JSON object"],
		["a list", [{ name: "a" }], "not a JSON object"],
		["null", null, "not a JSON object"],
	])("refuses %s", (_, event, fault) => {
		expect(faultOf(event)).toBe(fault);
	});

	// The server refuses other faults in sessions with 400 (measured on v1.43).
	test.each([
		[{}, undefined],
		[{ sessions: null }, undefined],
		[{ sessions: { a: 1, b: "x", c: null } }, undefined],
		[{ sessions: Object.fromEntries(["a", "b", "c", "d", "e"].map((key) => [key, "1"])) }, undefined],
		[{ sessions: { ["k".repeat(128)]: "v".repeat(512) } }, undefined],
		[[], "meta is not an object"],
		["x", "meta is not an object"],
		// Dropped silently (the server's source).
		[{ chat: "c1" }, 'field meta."chat" is unknown: Inngest would drop it (it takes sessions)'],
	])("meta %j", (meta, fault) => {
		const found = faultOf({ name: "a", meta });
		expect(fault === undefined ? found : found?.includes(fault)).toBe(fault === undefined ? undefined : true);
	});

	test("refuses every recorded event that the server refused", () => {
		for (const label of ["no name", "reserved name", "ts not a number", "ts before 1980", "data not an object"]) {
			const { request, response } = recorded(label);
			expect([label, response.status, typeof faultOf(request.body)]).toEqual([label, 400, "string"]);
		}
	});
});

describe("checkEvent", () => {
	test("gives back a good event", () => {
		const event = { name: "a", data: {} };
		expect(checkEvent(event)).toBe(event);
	});

	test("refuses a bad one and one of more than 3 MiB", () => {
		expect(() => checkEvent({ name: "" })).toThrow(refusal("The event's name is empty", "Correct it and call again."));
		const deep = JSON.parse(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`);
		expect(() => checkEvent({ name: "a", data: deep })).toThrow("The event is nested too deeply; nothing was sent.");
		expect(() => checkEvent({ name: "a", data: { x: "é".repeat(1_600_000) } })).toThrow(
			refusal("The event's size is 3.2 MB, and Inngest takes at most 3 MiB", "Correct it and call again."),
		);
	});
});

describe("Seeds", () => {
	test("made again from their time and base they are the same", () => {
		const seeds = new Seeds(1_795_467_454_000, "0123456789ab");
		expect([seeds.of(0), seeds.of(1), seeds.of(1, 3)]).toEqual([
			"1795467454000,RjTWx/3hTXWAmA==",
			"1795467454000,araZJ2jCcDzbIQ==",
			"1795467454000,araZJ2jCcDzbJA==",
		]);
		expect(new Seeds(seeds.time, seeds.base).of(7)).toBe(seeds.of(7));
	});

	test("every request and rest of one has another, ten bytes long; so have other sends", () => {
		const world = aWorld();
		const seeds = Seeds.fresh(world);
		const all = [seeds.of(0), seeds.of(1), seeds.of(10), seeds.of(1, 1), seeds.of(11), Seeds.fresh(world).of(0)];
		expect(new Set(all.map((seed) => seed.split(",")[1])).size).toBe(all.length);
		for (const seed of all) expect(Buffer.from(seed.split(",")[1] ?? "", "base64").length).toBe(10);
	});
});

test("a part of a request has the ids that its events have in the whole", () => {
	const id = (base: string, k: number, from: number, index: number) =>
		seededUlid(parseSeed(new Seeds(1, base).of(k, from)) ?? { ms: 0, entropy: Buffer.alloc(10) }, index);
	const last = { ms: 1, entropy: Buffer.alloc(10, 255) };
	expect(seededUlid(last, 1)).toBe(seededUlid({ ms: 1, entropy: Buffer.from("ffffffffffff00000000", "hex") }, 0));
	for (const [base, k] of [
		["0123456789ab", 3],
		["ffffffffffff", 3],
		["5ca1ab1e0b5e", 3],
		// Its 189th is past the end of the four bytes and wraps around, as in the server's sum.
		["0123456789ab", 602_059],
	] as const)
		for (const from of [1, 2, 188, 189, 255, 256, 511]) expect(id(base, k, from, 1)).toBe(id(base, k, 0, from + 1));
});

describe("batchBytes", () => {
	test.each([
		["cloud", 262_144],
		["self-hosted", 1_048_576],
		["dev", 1_048_576],
	] as const)("of %s is %i", (kind, bytes) => {
		expect(batchBytes({ kind })).toBe(bytes);
	});
});

describe("sending", () => {
	const seeds = Seeds.fresh(aWorld());
	const settings = readSettings({});
	const common = { has: () => true, coded: false, flags: [] };
	const dev = { target: resolveTarget(settings, { dev: true }, false), ...common };
	const cloud = { target: resolveTarget(settings, { dev: false, environment: "staging" }, true), ...common };
	const request: Request = {
		method: "POST",
		path: "/e/$INNGEST_EVENT_KEY",
		body: [{ name: "a" }],
		headers: { "x-inngest-event-id-seed": "1,abc=" },
		api: "event",
		repeatable: true,
		accept: [400],
	};

	test("a send is repeatable under its seed, and a partial accept is an answer", () => {
		expect(sendRequest([{ name: "a" }], "1,abc=")).toEqual(request);
	});

	test("the ids of what was taken, and why the next was not", async () => {
		const { body } = recorded("second of two has no name: partial accept").response;
		const api = answering(body);
		expect(await sendBatch(api, [{ name: "a" }], "1,abc=")).toEqual({
			ids: [expect.stringMatching(/^01M85[0-9A-Z]{21}$/)],
			refusal: "«event name is empty»",
			whole: false,
		});
		expect(api.sent).toEqual([request]);
	});

	test("an empty list of events has no id", async () => {
		expect(await sendBatch(answering(recorded("empty batch").response.body), [], "1,abc=")).toEqual({
			ids: [],
			refusal: undefined,
			whole: false,
		});
	});

	test.each([
		["no ids", { status: 400, error: "no" }, { refusal: "«no»", whole: true }],
		["null for ids", { ids: null, status: 400, error: "no" }, { refusal: "«no»", whole: true }],
		["a message", { status: 400, message: "no" }, { refusal: "«no»", whole: true }],
		["an error without a status", { error: "no" }, { refusal: "«no»", whole: true }],
		["a status alone", { status: 400 }, { refusal: undefined, whole: true }],
		["an empty list of ids", { ids: [], status: 400, error: "no" }, { refusal: "«no»", whole: false }],
		["an empty id", { ids: [""], status: 400, error: "no" }, { refusal: "«no»", whole: false }],
		[
			"a long reason",
			{ status: 400, error: "n".repeat(201) },
			{ refusal: expect.stringMatching(/^«n{200}… .201 B.»$/), whole: true },
		],
		["nothing", {}, { refusal: undefined, whole: false }],
		["a message that is no refusal", { message: "hello", status: 200 }, { refusal: undefined, whole: false }],
	])("an answer with %s", async (_, body, expected) => {
		expect(await sendBatch(answering(body), [{ name: "a" }], "1,abc=")).toEqual({ ids: [], ...expected });
	});

	test("sendOne gives the internal id", async () => {
		const api = answering(recorded("send one event").response.body);
		expect(await sendOne({ ...dev, api }, { name: "a" }, seeds)).toMatch(/^01M85[0-9A-Z]{21}$/);
		expect(api.sent.map((one) => one.body)).toEqual([[{ name: "a" }]]);
	});

	test("on Cloud an API key sends it by v2, under an id that is made of the seed, or under the sender's own", async () => {
		const eventId = "01m85369bx39bzfm3tc50actfc";
		const api = answering({ data: { eventId } }, { data: { eventId } }, { data: { eventId } });
		const seed = new Seeds(1_795_467_454_000, "0123456789ab");
		const event = { name: "a", data: { n: 1 }, user: { id: "u" }, ts: 1_795_467_454_000, v: "2" };
		expect(await sendOne({ ...cloud, api }, event, seed)).toBe(eventId.toUpperCase());
		await sendOne({ ...cloud, api }, { name: "a", id: "mine" }, seed);
		await sendOne({ ...cloud, api }, { name: "a" }, new Seeds(seed.time, "0123456789ac"));
		expect(api.sent[0]).toEqual({
			method: "POST",
			path: "/v2/events",
			body: {
				name: "a",
				data: { n: 1 },
				user: { id: "u" },
				ts: 1_795_467_454_000,
				id: "1795467454000-RjTWx/3hTXWAmA-",
			},
			api: "v2",
			repeatable: true,
		});
		expect(api.sent.slice(1).map(({ body }) => body)).toEqual([
			{ name: "a", id: "mine" },
			{ name: "a", id: expect.stringMatching(/^1795467454000-(?!RjTWx)[\w/+]{14}-$/) },
		]);
	});

	test("on Cloud without an API key, and on any other server, by the event key", () => {
		const line = (context: Parameters<typeof oneRequest>[0]) => oneRequest(context, { name: "a" }, "1,abc=").path;
		const only = (name: string) => (one: string) => one === name;
		expect([line(cloud), line({ ...cloud, has: only("INNGEST_EVENT_KEY") }), line(dev)]).toEqual([
			"/v2/events",
			"/e/$INNGEST_EVENT_KEY",
			"/e/$INNGEST_EVENT_KEY",
		]);
	});

	test("sendOne tells a refusal", async () => {
		const { body } = recorded("no name").response;
		await expect(sendOne({ ...dev, api: answering(body) }, { name: "a" }, seeds)).rejects.toEqual(
			new ServerError(
				"The server refused the event: «event name is empty»; nothing was started.",
				"Correct it and call again.",
				{ status: 400 },
			),
		);
		await expect(sendOne({ ...dev, api: answering({ ids: [""] }) }, { name: "a" }, seeds)).rejects.toMatchObject({
			message: "The server returned no id for the event: it is unclear whether the event was accepted.",
			exit: 1,
			unclear: true,
		});
	});

	test("what is unclear may be sent again where the same ids would go out", async () => {
		const lost = new ServerError("lost", "Look first.", { status: 502, unclear: true });
		const api = answeringBy(() => lost);
		const nextOf = (context: typeof dev, event: { name: string; id?: string }) =>
			sendOne({ ...context, api }, event, seeds).catch((error: ServerError) => error.next);
		const coded = { ...dev, coded: true };
		const same = (what: string, but: string) =>
			`The same call with the same ${what} does not start anything twice. Exceptions: functions with ${but}.`;
		expect(await nextOf(dev, { name: "a" })).toBe("Look first.");
		expect(await nextOf(dev, { name: "a", id: "mine" })).toBe(
			same("--id", "a debounce or batches; after a restart, all"),
		);
		expect(await nextOf({ ...cloud, coded: true }, { name: "a" })).toBe(
			same("--confirm code", "a debounce or batches"),
		);
		expect(await nextOf(coded, { name: "a" })).toBe(
			same("--confirm code", "batches after 30 min; after a restart, all"),
		);
		lost.unclear = false;
		expect(await nextOf(coded, { name: "a" })).toBe("Look first.");
	});

	test("sendOne sends nothing that is wrong", async () => {
		const api: Api & { sent: Request[] } = answering();
		await expect(sendOne({ ...dev, api }, { name: "inngest/x" }, seeds)).rejects.toThrow(
			"name starts with inngest/, which is reserved",
		);
		expect(api.sent).toEqual([]);
	});
});

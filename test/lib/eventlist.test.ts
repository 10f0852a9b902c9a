import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { Event } from "../../lib/inngest/api.ts";
import {
	eventPages,
	eventsOfNames,
	getEvent,
	idsIn,
	linkOf,
	listMatcher,
	namesIn,
	ownIdsOf,
	payloadMatcher,
	withSameId,
} from "../../lib/inngest/eventlist.ts";
import { ServerError } from "../../lib/text/errors.ts";
import { aWorld, DEV_TARGET, NOW } from "../world.ts";
import { answeringBy } from "./api-of.ts";

const event = { internal_id: "01M85369BX39BZFM3TC50ACTFC", id: "ord-1", name: "shop/order.created" };
/** A server that stores the event after `calls` calls. */
const storing = (calls: number) =>
	answeringBy((_, n) =>
		n < calls ? new ServerError("«Event not found»", "Check the id.", { status: 404 }) : { data: event },
	);
/** A ULID made at this moment: ten characters of time, in Crockford's base 32. */
function idOf(ms: number): string {
	let text = "";
	for (let rest = ms; text.length < 10; rest = Math.floor(rest / 32))
		text = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(rest % 32) + text;
	return `${text}${"0".repeat(16)}`;
}

test("an event that was sent just now is looked for until it is stored", async () => {
	const api = storing(2);
	expect(await getEvent({ api, clock: aWorld().clock }, idOf(NOW))).toMatchObject(event);
	expect(api.sent).toHaveLength(3);
});

test("any other is not, nor one of a clock that runs ahead", async () => {
	for (const ms of [NOW - 60_000, NOW + 60_000]) {
		const api = storing(1);
		await expect(getEvent({ api, clock: aWorld().clock }, idOf(ms))).rejects.toMatchObject({ status: 404 });
		expect(api.sent).toHaveLength(1);
	}
});

test("a look at an event that never comes ends", async () => {
	const api = storing(1000);
	await expect(getEvent({ api, clock: aWorld().clock }, idOf(NOW))).rejects.toMatchObject({ status: 404 });
	expect(api.sent.length).toBe(16);
});

describe("pages of events", () => {
	const idAt = (n: number) => `01M7${String(9_000_000 - n).padStart(22, "0")}`;
	const some = (from: number, count: number) =>
		Array.from({ length: count }, (_, i) => ({ internal_id: idAt(from + i), name: "a/b" }));
	/** The number of events, and of requests, for pages returned in turn. */
	const read = async (kind: "dev" | "cloud", pages: readonly unknown[][], wanted?: number) => {
		const api = answeringBy((_, n) => ({ data: pages[n] ?? [] }));
		const target = { kind, api: "", events: "", environment: undefined, label: "", assumed: false, local: true };
		let events = 0;
		for await (const page of eventPages({ api, now: NOW, target }, {}, wanted)) events += page.length;
		return [events, api.sent.length, api.sent[0]?.query?.limit];
	};
	test("of OSS the last is the one that is not full, also where something of it could not be read", async () => {
		expect([
			await read("dev", [some(0, 51), some(51, 50)]),
			await read("dev", [[...some(0, 50), { name: 5 }], some(50, 3)]),
			await read("dev", [some(0, 51), []]),
			await read("dev", [some(0, 7), some(7, 3)], 7),
		]).toEqual([
			[101, 2, 51],
			[53, 2, 51],
			[51, 2, 51],
			[10, 2, 7],
		]);
	});
	test("of Cloud it is the one that is empty: others may be shorter", async () => {
		expect(await read("cloud", [some(0, 3), some(3, 100), some(103, 1), []])).toEqual([104, 4, 100]);
	});
});

describe("the event that had the same id", () => {
	const idAt = (n: number) => `01M7${String(9_000_000 - n).padStart(22, "0")}`;
	/** Full pages, of which the n-th has the event. */
	const inPage = (n: number) =>
		answeringBy((_, page) => ({
			data: Array.from({ length: 51 }, (_, i) => ({
				...{ internal_id: idAt(51 * page + i), name: "a/b", id: page + 1 === n && i === 7 ? "order-1" : "" },
			})),
		}));
	const look = async (n: number, id: string | undefined = "order-1") => {
		const api = inPage(n);
		const found = await withSameId({ api, now: NOW, target: DEV_TARGET }, { name: "a/b", id });
		return [found?.id, api.sent.length, api.sent[0]?.query?.received_after];
	};
	const day = new Date(NOW - 86_400_000).toISOString();
	test("is looked for in three pages of the last 24 hours", async () => {
		expect([await look(1), await look(3), await look(4)]).toEqual([
			["order-1", 3, day],
			["order-1", 3, day],
			[undefined, 3, day],
		]);
	});
	// Seen: the second of three, which started nothing, as "what it started".
	test("is the first of several, which alone started something", async () => {
		const data = [3, 2, 1, 0].map((n) => ({ internal_id: idAt(n), name: "a/b", id: n ? "order-1" : "" }));
		const api = answeringBy(() => ({ data: data.toReversed() }));
		const found = await withSameId({ api, now: NOW, target: DEV_TARGET }, { name: "a/b", id: "order-1" });
		expect(found?.internal_id).toBe(idAt(3));
	});
	test("is not where no id is sent", async () => {
		expect(await look(1, "")).toEqual([undefined, 0, undefined]);
	});
});

describe("what --match finds", () => {
	const one = z.parse(Event, {
		internal_id: "01M85369BX39BZFM3TC50ACTFC",
		id: "order-7299",
		name: "shop/batch.299",
		data: {
			total: 5,
			note: 'he said "no"',
			"a.b": { c: "dotted" },
			a: { b: { c: "nested" }, "b.c": "half" },
			at: { zip: null },
			items: [{ sku: "rose" }, { sku: "lily", tags: ["red", "new"] }],
			_inngest: { correlation_id: "01M8536A00000000000RN1299.hash", fn_id: "x" },
		},
		user: { id: "u_42" },
	});
	test.each([
		["nested", true, true],
		["NESTED", true, true],
		['said "no"', true, true],
		['"total":5', true, true],
		["u_42", true, true],
		["data.total=5", true, true],
		["data.total=55", false, false],
		["user.id=u_42", true, true],
		["data.at.zip=null", true, true],
		// A key may contain dots.
		["data.a.b.c=dotted", true, true],
		["data.a.b.c=nested", true, true],
		["data.a.b.c=half", true, true],
		["data.a.b.c=other", false, false],
		['data.a.b={"c":"dotted"}', true, true],
		// Of a list, any element.
		["data.items.sku=lily", true, true],
		["data.items.1.sku=lily", true, true],
		["data.items.0.sku=lily", false, false],
		["data.items.tags=new", true, true],
		["data.items.sku=lil", false, false],
		// As a shell leaves it, or a condition says it.
		['data.items.sku="lily"', true, true],
		["data.items.sku='lily'", true, true],
		['data.items.sku == "lily"', true, true],
		['event.data.items.sku=="lily"', true, true],
		["data.items.sku = lily", true, true],
		['data.items.sku="lil"', false, false],
		["data.items.sku='lily\"", false, false],
		// Only lists match names.
		["batch", false, true],
		// Only whole ids match: "299" is in the name, "7299" in the sender's id, "85369" in the internal one.
		["299", false, true],
		["7299", false, false],
		["85369", false, false],
		["order-7299", false, true],
		["ORDER-7299", false, true],
		["01m85369bx39bzfm3tc50actfc", false, true],
		// The engine's additions are not payload.
		["RN1299", false, false],
		["data._inngest.fn_id=x", false, false],
		["_inngest", false, false],
		["", true, true],
	])("%s: in bulk %s, in lists %s", (text, bulk, list) => {
		expect([payloadMatcher(text)(one), listMatcher(text)(one) !== undefined]).toEqual([bulk, list]);
	});

	test.each(["CAFÉ", "café", "data.ort=Café", "data.é.n=1", "plaza/café"])(
		"letters with accents are alike, as one character or two: %s",
		(text) => {
			for (const stored of ["NFC", "NFD"])
				for (const typed of ["NFC", "NFD"]) {
					const payload = { ort: "Café".normalize(stored), ["é".normalize(stored)]: { n: 1 } };
					const name = "plaza/café".normalize(stored);
					const event = z.parse(Event, { internal_id: "01M85369BX39BZFM3TC50ACTFC", name, data: payload });
					expect(listMatcher(text.normalize(typed))(event)).toBeDefined();
					expect(payloadMatcher(text.normalize(typed))(event)).toBe(!text.startsWith("plaza"));
				}
		},
	);

	test.each<[text: string, whole: boolean]>([
		["apt_1", false],
		["apt_10", true],
		["apt_", true],
		["10", true],
		["0", false],
		["strasse", false],
		["hauptstrasse", true],
		["appointment.booked", true],
		["booked", true],
		["book", false],
		["line", true],
		["jane.doe@mail", true],
		["doe@mai", false],
		["data.id=apt_10", true],
	])("lists know whether a text is a whole word: %s %s", (text, whole) => {
		const data = { id: "apt_10", at: "Hauptstraße, Hauptstrasse", note: "a\nline", mail: "jane.doe@mail.example" };
		const event = z.parse(Event, { internal_id: "01M85369BX39BZFM3TC50ACTFC", name: "appointment.booked", data });
		expect(listMatcher(text)(event)).toBe(whole ? "whole" : "within");
	});

	test("what an event has not is not found as null", () => {
		const bare = z.parse(Event, { internal_id: "01M85369BX39BZFM3TC50ACTFC", name: "a" });
		expect([payloadMatcher("null")(bare), payloadMatcher("data.a=undefined")(bare)]).toEqual([false, false]);
		const deep: unknown = JSON.parse(`${"[".repeat(8_000)}${"]".repeat(8_000)}`);
		expect(payloadMatcher("data.x.y=1")({ ...bare, data: { x: deep } })).toBe(false);
	});
});

describe("ids that lead to other events", () => {
	const anEvent = (data: unknown, user?: unknown) => z.parse(Event, { ...event, data, user });
	test.each<[string, unknown, string[]]>([
		[
			"keys that end in id",
			{ id: "ord_1", userId: "usr_9", user_id: "u-77", cartID: "c-100", uuid: "abcd" },
			["id ord_1", "userId usr_9", "user_id u-77", "cartID c-100", "uuid abcd"],
		],
		[
			"or in number",
			{ number: 1042, orderNumber: "1043", invoice_number: "R-7788" },
			["number 1042", "orderNumber 1043", "invoice_number R-7788"],
		],
		[
			"at any depth, and in lists",
			{ order: { lines: [{ itemId: "it_11" }, { itemId: "it_12" }] }, orderIds: ["ord_5"] },
			["itemId it_11", "itemId it_12", "orderIds ord_5"],
		],
		[
			"in one word, of what looks like an id",
			{ orderid: "ord_1", customerid: "4f1c", ORDER_ID: 1200, itemUuid: "abcd-ef" },
			["orderid ord_1", "customerid 4f1c", "ORDER_ID 1200", "itemUuid abcd-ef"],
		],
		["not others", { ids: {}, idea: "ord_1", total: 49999, valid: true, number: null }, []],
		[
			"not words that end alike, nor dates, nor what counts",
			{ paid: 4999, amountPaid: 4999, android: "yes!", valid: "2026-11-30", periodId: "2026-11-30", rowNumber: 1042 },
			[],
		],
		["numbers of any length", { id: 7, orderId: "12", zero: { id: 0 } }, ["id 7", "orderId 12"]],
		["not what is short, or a sentence", { userId: "abc", noteId: "see above" }, []],
		["the same number of different things", { orderId: 7, userId: 7, order: { id: 7 } }, ["userId 7", "orderId 7"]],
		["not what was searched for", { id: "ord_3", userId: "USR_3", otherId: "usr_31" }, ["id ord_3"]],
		["not what is secret", { api_key_id: "sk_live_0123456789abcdef", tokenId: "tok_12345" }, []],
		["each once, by the key that had it first", { orderId: "ord_1", id: "ord_1" }, ["orderId ord_1"]],
		["not what Inngest adds", { _inngest: { fn_id: "abcd-1234" } }, []],
	])("%s", (_, data, expected) => {
		expect(idsIn([anEvent(data)], ["usr_3"]).map(({ key, value }) => `${key} ${value}`)).toEqual(expected);
	});

	test("of the user, too; what was searched for in one field may be in others", () => {
		expect(idsIn([anEvent({ orderId: "ord_3" }, { id: "usr_3" })], ["data.orderId=ord_3"])).toEqual([
			{ key: "orderId", value: "ord_3", of: "orderid" },
			{ key: "id", value: "usr_3", of: "userid" },
		]);
		expect(idsIn([], [])).toEqual([]);
		const short = { passId: "p_9", planId: "p9", sizeId: "x" };
		expect(idsIn([anEvent(short)], []).map(({ value }) => value)).toEqual(["p_9"]);
	});

	test("of one event, first those of what its name is about", () => {
		const of = (name: string, data: unknown) => ownIdsOf({ ...anEvent(data), name }).map(({ key }) => key);
		expect(of("video/uploaded", { userId: "usr_1", videoId: "vid_1" })).toEqual(["videoId", "userId"]);
		expect(of("shop/order.created", { customer: { id: "cus_1" }, order: { id: "ord_1" } })).toEqual(["id", "id"]);
		expect(
			ownIdsOf({ ...anEvent({ customer: { id: "cus_1" }, order: { id: "ord_1" } }), name: "shop/order.created" })[0]
				?.value,
		).toBe("ord_1");
		expect(of("a/b", { userId: "usr_1", videoId: "vid_1" })).toEqual(["userId", "videoId"]);
		expect(of("library/loan.refused", { card: "20600", loan: "L-502", branch: "B-1" })).toEqual(["loan", "branch"]);
		expect(of("imaging/scan.done", { acc: "ACC-3001", scanner: "CT1", promoCode: "SUMMER-7" })).toEqual(["acc"]);
	});

	test.each([
		["auth/code.sent", { code: "K7-2291" }],
		["auth/otp.sent", { otp: "K7Q2M9" }],
		["auth/link.sent", { link: "https://x.io/login?t=9f8a" }],
		["user/email.changed", { email: "ann-1@x.com" }],
		["shop/card.charged", { card: "visa-4242" }],
		["shop/order.created", { order: "A7F2Q9" }],
	])("no code, link, address or token is an id: %s", (name, data) => {
		expect(ownIdsOf({ ...anEvent(data), name })).toEqual([]);
	});

	/** Those of `shop/order.created`. */
	const ids = idsIn(
		[{ ...anEvent({ id: 1042, code: { id: "ord_1" }, userId: 7, teamId: "guests" }), name: "shop/order.created" }],
		[],
	);
	test.each<[string, unknown, string]>([
		["under the same key", { codeId: "ord_1" }, "id ord_1"],
		["under another", { order: { ref: "ord_1" } }, "id ord_1"],
		["in lists of lists", { lines: [[{ sku: "ord_1" }]] }, "id ord_1"],
		["a number for a number or text, of the same", { orderId: "1042" }, "id 1042"],
		["of the same, at another place", { orders: [{ total: 1 }, { id: 1042 }] }, "id 1042"],
		["a short one of the same", { user: { id: "7" } }, "userId 7"],
		["a word of the same", { team_id: "guests" }, "teamId guests"],
		["a number of another: possible", { invoiceNumber: 1042 }, "possible: id 1042"],
		["a word of another: possible", { groupId: "guests" }, "possible: teamId guests"],
		["a short number of another", { rowId: 7 }, "none"],
		["a number under no id's key", { total: 1042, zip: "1042" }, "none"],
		["a word under no id's key", { role: "guests" }, "none"],
		["a part of a text", { note: "about ord_1" }, "none"],
		["a secret", { secret: "ord_1" }, "none"],
	])("an event has one: %s", (_, data, expected) => {
		const found = linkOf({ ...anEvent(data), name: "shop/card.charged" }, ids);
		const told = found ? `${found.link.key} ${found.link.value}` : "none";
		expect(found?.sure === false ? `possible: ${told}` : told).toBe(expected);
	});

	test("an id of the event's own kind is the one of others that name the kind", () => {
		const sure = (name: string, data: object) => linkOf({ ...anEvent(data), name }, ids)?.sure;
		expect([
			sure("shop/order.paid", { id: 1042 }),
			sure("order.paid", { id: 1042 }),
			sure("shop/card.charged", { id: 1042 }),
		]).toEqual([true, true, false]);
	});
});

test("the events of several names come newest first, from the pages of each", async () => {
	const times: Record<string, readonly number[]> = { "a/x": [9, 6, 5], "a/y": [8, 7, 1], "a/none": [] };
	const api = answeringBy(({ query }) => {
		const name = String(query?.name);
		return {
			data: (times[name] ?? []).map((n) => ({ internal_id: `01M85369BX39BZFM3TC50ACT0${n}`, id: "", name, data: {} })),
		};
	});
	const found: string[] = [];
	const names = namesIn({ name: "a/x, a/y,a/none,a/x" });
	for await (const page of eventsOfNames({ api, now: NOW, target: DEV_TARGET }, names, {}))
		found.push(...page.map(({ internal_id, name }) => `${internal_id.slice(-2)} ${name}`));
	expect(found).toEqual(["09 a/x", "08 a/y", "07 a/y", "06 a/x", "05 a/x", "01 a/y"]);
});

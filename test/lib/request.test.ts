import { describe, expect, test } from "vitest";
import { UsageError } from "../../lib/errors.ts";
import { authorisedBy, bodyOf, headersOf, path, RawJson, type Request, toCurl, urlOf } from "../../lib/request.ts";
import type { Target } from "../../lib/target.ts";
import { quote } from "../../lib/text.ts";

const cloud: Target = {
	kind: "cloud",
	api: "https://api.inngest.com",
	events: "https://inn.gs",
	environment: "production",
	label: "Inngest Cloud, production",
	assumed: false,
	local: false,
};
const own: Target = { ...cloud, kind: "self-hosted", api: "https://i.example", events: "https://i.example" };
const dev: Target = {
	...cloud,
	kind: "dev",
	api: "http://localhost:8288",
	events: "http://localhost:8288",
	local: true,
};

const list: Request = {
	method: "GET",
	path: "/v2/runs",
	query: { status: ["FAILED", "CANCELLED"], appId: "shop & co", limit: 20, cursor: undefined, from: "" },
	api: "v2",
};
const send: Request = {
	method: "POST",
	path: "/e/$INNGEST_EVENT_KEY",
	body: [{ name: "shop/it's" }],
	headers: { "x-inngest-event-id-seed": "1,abc=" },
	api: "event",
};

describe("path", () => {
	test("each value becomes exactly one segment", () => {
		expect(path`/v2/apps/${"my shop"}/functions/${"büro?x#y&z"}`).toBe(
			"/v2/apps/my%20shop/functions/b%C3%BCro%3Fx%23y%26z",
		);
	});

	// Measured on v1.43: what is encoded once finds another function there (a%25b finds a%b), or none.
	test.each([
		["a/b", "a%252Fb"],
		["acme/shop/x", "acme%252Fshop%252Fx"],
		[".", "%252E"],
		["..", "%252E%252E"],
		["../x", "%252E%252E%252Fx"],
		["a%2fb", "a%25252fb"],
		["a%25b", "a%252525b"],
		["%00", "%252500"],
		["100%", "100%25"],
		["a%b", "a%25b"],
		["a\\b", "a%5Cb"],
		["...", "..."],
		["a\u202eb", "a%E2%80%AEb"],
	])("%j is one segment, %s", (value, segment) => {
		expect(path`/v2/apps/${value}`).toBe(`/v2/apps/${segment}`);
		expect(new URL(path`/v2/apps/${value}/functions`, "http://x").pathname).toBe(`/v2/apps/${segment}/functions`);
	});

	test.each(["", "a\u0000b", "a\nb", "a\ud800"])("refuses %j", (value) => {
		expect(() => path`/v2/runs/${value}`).toThrow(
			new UsageError(
				`${quote(value, 60)} can't be part of a path; nothing was sent.`,
				"Copy the id as it was printed.",
			),
		);
	});
});

describe("urlOf", () => {
	test("lists repeat a parameter, empty ones are left out", () => {
		expect(urlOf(cloud, list)).toBe(
			"https://api.inngest.com/v2/runs?status=FAILED&status=CANCELLED&appId=shop+%26+co&limit=20",
		);
	});

	test("events go to their own host, with the key as a name", () => {
		expect(urlOf(cloud, send)).toBe("https://inn.gs/e/$INNGEST_EVENT_KEY");
		expect(urlOf(own, send)).toBe("https://i.example/e/$INNGEST_EVENT_KEY");
	});
});

test("the API key comes first on Cloud's v2 and nowhere else; events take the event key alone", () => {
	const v1: Request = { ...list, api: "v1" };
	expect([
		authorisedBy(cloud, list),
		authorisedBy(cloud, v1),
		authorisedBy(own, list),
		authorisedBy(cloud, send),
	]).toEqual([
		["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"],
		["INNGEST_SIGNING_KEY"],
		["INNGEST_SIGNING_KEY"],
		["INNGEST_EVENT_KEY"],
	]);
});

test("headers name the skill, the environment (not to a dev server), the type of a body, and the request's own", () => {
	expect(headersOf(cloud, list)).toEqual({ "user-agent": "openclaw-skill-inngest", "x-inngest-env": "production" });
	expect(headersOf(dev, send)).toEqual({
		"user-agent": "openclaw-skill-inngest",
		"content-type": "application/json",
		"x-inngest-event-id-seed": "1,abc=",
	});
});

test("a body is serialised, raw JSON stays byte for byte", () => {
	const raw = new RawJson(new Uint8Array(Buffer.from('[{"n":12345678901234567890}]')));
	expect([bodyOf(list), bodyOf(send), bodyOf({ ...send, body: raw })]).toEqual([
		null,
		'[{"name":"shop/it\'s"}]',
		raw.bytes,
	]);
});

describe("toCurl", () => {
	test("a read: the secret as a shell variable, no user agent", () => {
		expect(toCurl(cloud, list, "INNGEST_API_KEY")).toBe(
			`curl -sS "https://api.inngest.com/v2/runs?status=FAILED&status=CANCELLED&appId=shop+%26+co&limit=20" -H "Authorization: Bearer $INNGEST_API_KEY" -H 'x-inngest-env: production'`,
		);
	});

	test("a send: the event key in the URL alone (any, on the dev server), quotes that hold", () => {
		expect(toCurl(dev, send, "INNGEST_EVENT_KEY")).toBe(
			`curl -sS -X POST "http://localhost:8288/e/dev" -H 'content-type: application/json' -H 'x-inngest-event-id-seed: 1,abc=' -d '[{"name":"shop/it'\\''s"}]'`,
		);
	});

	test("nothing typed can start a command", () => {
		const tricky: Request = {
			method: "GET",
			path: path`/v2/runs/${'`id`$(id)"x'}`,
			query: { a: '`id`$(id)"' },
			api: "v2",
		};
		expect(toCurl(dev, tricky, undefined)).toBe(
			`curl -sS "http://localhost:8288/v2/runs/%60id%60%24(id)%22x?a=%60id%60%24%28id%29%22"`,
		);
	});
});

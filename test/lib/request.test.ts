import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Target } from "../../lib/gate/target.ts";
import { refusal } from "../../lib/text/errors.ts";
import { quote } from "../../lib/text/text.ts";
import { authorisedBy, bodyOf, grantOf, headersOf, path, type Request, toCurl, urlOf } from "../../lib/wire/request.ts";
import { routeOf } from "../inngest-server/cloud/routes.ts";

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

	// Measured on v1.43: a name encoded once finds another function (a%25b finds a%b), or none.
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
			refusal(`${quote(value, 60)} can't be part of a path`, "Copy the id as it was printed."),
		);
	});
});

describe("urlOf", () => {
	test("lists repeat a parameter, empty ones are omitted", () => {
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
	const raw = Buffer.from('[{"n":12345678901234567890}]');
	expect([bodyOf(list), bodyOf(send), bodyOf({ ...send, body: raw })]).toEqual([null, '[{"name":"shop/it\'s"}]', raw]);
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

	/** The words of a command line as parsed by a shell, the first being the command. */
	const shellWords = (shell: string, command: string, env: Record<string, string>): string[] => {
		const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
		return execFileSync(shell, ["-c", script], { env, encoding: "utf8" }).split("\0").slice(0, -1);
	};
	const shells = ["/bin/sh", "/bin/bash"].filter((shell) => existsSync(shell));
	const secrets = { INNGEST_EVENT_KEY: "the event key", INNGEST_SIGNING_KEY: "the signing key" };
	const origins = [
		"https://$(id).example",
		"https://`id`.example",
		"https://a!b.example",
		"https://a'b.example",
		"https://a;id;b.example",
		"https://$home.example",
		"https://{a,b}.example",
		"http://[::1]:8288",
		'https://a""b.example',
	].filter((origin) => URL.canParse(origin));

	test.each(origins)("a shell passes on what is meant, whatever it holds: %s", (origin) => {
		const at = {
			...own,
			api: new URL(origin).origin,
			events: new URL(origin).origin,
			environment: "it's $(id) `id` !1",
		};
		const name = "$(id)`id`'\"\\!1%/..";
		const body = { text: `${name}\u202e\n${"é".normalize("NFD")}`, more: ["@/etc/passwd"] };
		const asked: Request[] = [
			{ method: "GET", path: path`/v2/apps/${name}/functions`, query: { a: name }, api: "v2" },
			{ ...send, body },
		];
		for (const shell of shells)
			for (const request of asked) {
				const secret = request.api === "event" ? "INNGEST_EVENT_KEY" : "INNGEST_SIGNING_KEY";
				const words = shellWords(shell, toCurl(at, request, secret), secrets);
				const of = (flag: string) => words.flatMap((word, i) => (words[i - 1] === flag ? [word] : []));
				expect(words).toContain(urlOf(at, request).replace("$INNGEST_EVENT_KEY", "the event key"));
				expect(words.includes("-g")).toBe(origin.includes("{"));
				expect(of("-H")).toContain("x-inngest-env: it's $(id) `id` !1");
				expect(of("-H").includes("Authorization: Bearer the signing key")).toBe(request.api === "v2");
				expect(of("-d").map((json) => JSON.parse(json))).toEqual(request.body === undefined ? [] : [body]);
			}
	});

	test("what can't be seen is escaped, in JSON that is sent as it is, too", () => {
		const raw = Buffer.from('[{"a":"x\u202ey\u007f","n":12345678901234567890}]');
		expect(toCurl(dev, { ...send, body: raw }, undefined)).toContain(
			`-d '[{"a":"x\\u202ey\\u007f","n":12345678901234567890}]'`,
		);
	});
});

test.each([
	"GET /v2/envs",
	"GET /v2/apps",
	"GET /v2/apps/runs",
	"POST /v2/apps/shop/syncs",
	"GET /v2/apps/shop/functions",
	"GET /v2/apps/shop/functions/f",
	"GET /v2/apps/shop/functions/f/runs",
	"POST /v2/apps/shop/functions/f/invoke",
	"GET /v2/runs",
	"GET /v2/runs/ID/trace",
	"POST /v2/runs/ID/cancel",
	"POST /v2/runs/ID/rerun",
	"GET /v2/events/ID/runs",
	"POST /v2/insights/query",
	"GET /v2/insights/tables",
])("the grant for %s is Inngest's", (what) => {
	const [method = "", at = ""] = what.split(" ");
	const { grant } = routeOf(method, at);
	expect(grantOf({ method: method === "GET" ? "GET" : "POST", path: at })).toBe(grant);
});

test("that for sending is not public", () => {
	expect(grantOf({ method: "POST", path: "/v2/events" })).toBeUndefined();
	expect(grantOf({ method: "POST", path: "/v1/signals" })).toBeUndefined();
});

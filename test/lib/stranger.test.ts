import { describe, expect, test } from "vitest";
import { NOT_INNGEST, ServerError, type Where } from "../../lib/text/errors.ts";
import { judge } from "../../lib/wire/answer.ts";
import type { Reply } from "../../lib/wire/http.ts";
import { get, type Request } from "../../lib/wire/request.ts";
import { exchangesOf } from "../recordings.ts";

const APPS = get("/v2/apps");
const OWN: Where = {
	kind: "self-hosted",
	label: "self-hosted i.example",
	api: "v2",
	assumed: false,
	variable: "INNGEST_BASE_URL",
};
const DEV: Where = { ...OWN, kind: "dev", label: "dev server localhost:8288", variable: undefined };
const NAMED: Where = { ...DEV, label: "dev server inngest:8288", variable: "INNGEST_DEV" };
const CLOUD: Where = { ...OWN, kind: "cloud", label: "Inngest Cloud, production", variable: undefined };

const reply = (
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
	url = "https://i.example/v2/apps",
): Reply => ({
	url,
	status,
	header: (name) => headers[name],
	text: typeof body === "string" ? body : JSON.stringify(body),
});

/** The error if something other than Inngest answered. */
function strangerIn(given: Reply, where = OWN, request: Request = APPS): ServerError | undefined {
	try {
		judge(request, where, given, 0);
	} catch (error) {
		if (!(error instanceof ServerError)) throw error;
		if (error.code === NOT_INNGEST) return error;
	}
	return undefined;
}
/** What shows it. */
function kindOf(given: Reply, where = OWN, request: Request = APPS): string | undefined {
	const kinds = {
		"not like an Inngest server: 403 an HTML page": "page",
		"not like an Inngest server: 404 an HTML page": "page",
		"not like an Inngest server": "other",
		login: "login",
		"has no ": "lacks",
	};
	const { message } = strangerIn(given, where, request) ?? {};
	return message && (Object.entries(kinds).find(([part]) => message.includes(part))?.[1] ?? "moved");
}
function told(given: Reply, where = OWN, request: Request = APPS): string {
	const { message, next } = strangerIn(given, where, request) ?? { message: "Inngest", next: "" };
	return `${message}\n${next}`;
}

describe("who is not Inngest", () => {
	const HTML = "<!doctype html><title>Shop</title>";
	const FETCHED = { metadata: { fetchedAt: "2026-11-23T21:00:00Z" } };
	test.each([
		// Other apps' responses with 200: seen as "0 apps", "No failed runs" and "Ready".
		[200, {}, "other"],
		[200, { status: "ok" }, "other"],
		[200, [], "other"],
		[200, [{ id: 1 }], "other"],
		[200, null, "other"],
		[200, '"ok"', "other"],
		[200, { data: [] }, "other"],
		[200, { data: null }, "other"],
		[200, { message: "Not Found", statusCode: 404 }, "other"],
		[200, { error: "not found" }, "other"],
		[200, { metadata: {} }, "other"],
		// Inngest's own.
		[200, FETCHED, undefined],
		[200, { data: [], metadata: { fetched_at: "2026-11-23T21:00:00Z" } }, undefined],
		[200, { data: [{ id: "shop" }] }, undefined],
		[200, { data: { runId: "X" } }, undefined],
		[200, { error: "no such run", data: null, status: 500 }, undefined],
		// Cut short, or not JSON: retried.
		[200, '{"data":[', undefined],
		[200, "", undefined],
		[200, HTML, "other"],
		[404, { errors: [{ code: "api_error", message: "Not Found" }] }, "lacks"],
		[200, '<form><input type="password">', "login"],
		[200, "<html><title>Sign in ・ Cloudflare Access</title>", "login"],
		[403, "<title>Log in to the VPN</title>", "login"],
		// Refusals.
		[404, "404 page not found\n", "other"],
		[404, "Cannot GET /v2/apps", "other"],
		[404, { message: "Not Found", statusCode: 404 }, "other"],
		[404, { detail: "Not Found" }, "other"],
		[404, { error: "Not Found" }, "other"],
		[405, "Method Not Allowed", "other"],
		[404, HTML, "page"],
		[403, HTML, "page"],
		[404, { errors: [{ code: "not_found", message: "Run not found" }] }, undefined],
		[401, { status: 401, message: "", error: "Event key not found" }, undefined],
		[401, "Authentication failed\n", undefined],
		[404, '{"errors":[{"co', undefined],
		// What a proxy in front of the server says itself.
		[502, HTML, undefined],
		[503, "no healthy upstream", undefined],
		[413, HTML, undefined],
		[429, "slow down", undefined],
		[408, "", undefined],
	])("%i %j", (status, body, kind) => {
		expect(kindOf(reply(status, body))).toBe(kind);
	});

	test("the header that OSS sends with all it answers settles it, but for a redirect", () => {
		const kind = { "x-inngest-server-kind": "cloud" };
		expect(kindOf(reply(200, {}, kind))).toBeUndefined();
		expect(kindOf(reply(404, "404 page not found", kind))).toBe("lacks");
		expect(kindOf(reply(303, "", { ...kind, location: "/apps" }))).toBe("moved");
	});

	test("Cloud's refusals in another form are told as they are", () => {
		expect(kindOf(reply(404, { message: "no" }), CLOUD)).toBeUndefined();
		expect(kindOf(reply(200, {}), CLOUD)).toBe("other");
		expect(kindOf(reply(403, HTML), CLOUD)).toBe("page");
	});

	test("the event API answers with ids", () => {
		const send: Request = { method: "POST", path: "/e/$INNGEST_EVENT_KEY", api: "event", body: [] };
		expect(kindOf(reply(200, { ids: [""], status: 200 }), OWN, send)).toBeUndefined();
		expect(kindOf(reply(200, { status: "ok" }), OWN, send)).toBe("other");
		expect(kindOf(reply(200, { data: { id: 1 } }), OWN, send)).toBe("other");
		expect(kindOf(reply(400, { ids: [], status: 400, error: "event name is empty" }), OWN, send)).toBeUndefined();
	});

	test("nothing that a real server was recorded to answer, with or without the header", () => {
		const wrong: string[] = [];
		for (const kind of ["dev-server", "self-hosted", "kitchen", "kitchen-self-hosted", "replays"] as const)
			for (const { label, request, response } of exchangesOf(kind)) {
				const { method, path } = request;
				const api = path.startsWith("/e/") ? "event" : path.startsWith("/v1/") ? "v1" : "v2";
				const asked = { method: method === "GET" ? "GET" : "POST", path, api } as const;
				const headers = { "x-inngest-server-kind": response.serverKind };
				if (kindOf(reply(response.status, response.body ?? "", headers), OWN, asked)) wrong.push(`${kind}: ${label}`);
				if (kindOf(reply(response.status, response.body ?? ""), OWN, asked)) wrong.push(`${kind}, bare: ${label}`);
			}
		// Paths that no intent requests: the server has none of them, or a proxy removed the header.
		expect(wrong).toMatchInlineSnapshot(`
			[
			  "dev-server, bare: health",
			  "dev-server: seed: list runs (v1, gone)",
			  "dev-server, bare: seed: list runs (v1, gone)",
			  "dev-server: seed: list apps (v1, gone)",
			  "dev-server, bare: seed: list apps (v1, gone)",
			  "dev-server, bare: v1 app functions",
			  "dev-server: seed: replay (v1, gone)",
			  "dev-server, bare: seed: replay (v1, gone)",
			  "dev-server: unknown path",
			  "dev-server, bare: unknown path",
			  "self-hosted, bare: health",
			  "self-hosted: seed: list runs (v1, gone)",
			  "self-hosted, bare: seed: list runs (v1, gone)",
			  "self-hosted: seed: list apps (v1, gone)",
			  "self-hosted, bare: seed: list apps (v1, gone)",
			  "self-hosted, bare: v1 app functions",
			  "self-hosted: seed: replay (v1, gone)",
			  "self-hosted, bare: seed: replay (v1, gone)",
			  "self-hosted: unknown path",
			  "self-hosted, bare: unknown path",
			]
		`);
	});
});

describe("what is said, and what to do, by what named the server", () => {
	test("another app's answers", () => {
		const app = reply(200, { status: "ok" });
		expect([OWN, DEV, NAMED, CLOUD].map((where) => told(app, where)).join("\n")).toMatchInlineSnapshot(`
			"self-hosted i.example answered GET /v2/apps, but not like an Inngest server: 200 «{"status":"ok"}».
			INNGEST_BASE_URL must be the address of the Inngest server itself (\`inngest start\`), not of an app, nor behind a login.
			dev server localhost:8288 answered GET /v2/apps, but not like an Inngest server: 200 «{"status":"ok"}».
			Something else listens there: start the dev server (\`inngest dev\`) with another --port, and set INNGEST_DEV to its URL.
			dev server inngest:8288 answered GET /v2/apps, but not like an Inngest server: 200 «{"status":"ok"}».
			INNGEST_DEV must be the address of the Inngest server itself (\`inngest dev\`), not of an app, nor behind a login.
			Inngest Cloud, production answered GET /v2/apps, but not like an Inngest server: 200 «{"status":"ok"}».
			Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY."
		`);
		expect(told(reply(404, "<h1>Not Found"))).toMatchInlineSnapshot(`
			"self-hosted i.example answered GET /v2/apps, but not like an Inngest server: 404 an HTML page.
			INNGEST_BASE_URL must be the address of the Inngest server itself (\`inngest start\`), not of an app, nor behind a login."
		`);
	});

	test("logins", () => {
		const access = "https://team.cloudflareaccess.com/cdn-cgi/access/login/i.example?kid=1";
		const all = [
			told(reply(302, "", { location: access })),
			told(reply(302, "", { location: access }), CLOUD),
			told(reply(302, "", { location: "/users/sign_in?next=%2Fv2%2Fapps" })),
			told(reply(307, "", { location: "https://auth.example.com/" }), NAMED),
			told(reply(302, "", { location: "https://vercel.com/sso-api?url=x" })),
			told(reply(200, '<input type="password">'), DEV),
			told(reply(401, "", { "www-authenticate": 'Basic realm="ops"' })),
			told(reply(401, "<html>", { "www-authenticate": "Negotiate" })),
		];
		expect(all.join("\n\n")).toMatchInlineSnapshot(`
			"self-hosted i.example redirects to a login at team.cloudflareaccess.com (not followed).
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_BASE_URL to an address behind it.

			Inngest Cloud, production redirects to a login at team.cloudflareaccess.com (not followed).
			Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.

			self-hosted i.example redirects to a login at i.example (not followed).
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_BASE_URL to an address behind it.

			dev server inngest:8288 redirects to a login at auth.example.com (not followed).
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_DEV to an address behind it.

			self-hosted i.example redirects to a login at vercel.com (not followed).
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_BASE_URL to an address behind it.

			dev server localhost:8288 answered with a login page.
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_DEV to an address behind it.

			self-hosted i.example asks for a password (Basic), which Inngest never does.
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_BASE_URL to an address behind it.

			self-hosted i.example asks for a password (Negotiate), which Inngest never does.
			No Inngest key gets past it: the user can let this machine through, or set INNGEST_BASE_URL to an address behind it."
		`);
	});

	test.each([300, 301, 399])("status %i is a redirect", (status) => {
		expect(told(reply(status, "", { location: "https://other.example/" }), OWN)).toMatch(
			/ redirects to https:\/\/other\.example /,
		);
	});

	test("redirects", () => {
		const to = (location: string | undefined, where = OWN, from?: string) =>
			told(reply(301, "", location === undefined ? {} : { location }, from), where);
		const all = [
			to("https://i.example/v2/apps", OWN, "http://i.example/v2/apps"),
			to("https://inngest:8288/v2/apps", NAMED, "http://inngest:8288/v2/apps"),
			to("https://other.example/v2/apps"),
			to("https://other.example/", CLOUD),
			to("/v2/apps/"),
			to(undefined),
			to("http://[", DEV),
			to("javascript:alert(1)"),
		];
		expect(all.join("\n\n")).toMatchInlineSnapshot(`
			"self-hosted i.example redirects to https://i.example (not followed).
			The user can set INNGEST_BASE_URL to https://i.example.

			dev server inngest:8288 redirects to https://inngest:8288 (not followed).
			The user can set INNGEST_DEV to https://inngest:8288.

			self-hosted i.example redirects to https://other.example (not followed).
			If the Inngest server is there, the user can set INNGEST_BASE_URL to https://other.example.

			Inngest Cloud, production redirects to https://other.example (not followed).
			Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.

			self-hosted i.example redirects to /v2/apps/ (not followed).
			INNGEST_BASE_URL must be the address of the Inngest server itself (\`inngest start\`), not of an app, nor behind a login.

			self-hosted i.example redirects to nowhere (not followed).
			INNGEST_BASE_URL must be the address of the Inngest server itself (\`inngest start\`), not of an app, nor behind a login.

			dev server localhost:8288 redirects to nowhere (not followed).
			Something else listens there: start the dev server (\`inngest dev\`) with another --port, and set INNGEST_DEV to its URL.

			self-hosted i.example redirects to nowhere (not followed).
			INNGEST_BASE_URL must be the address of the Inngest server itself (\`inngest start\`), not of an app, nor behind a login."
		`);
	});

	test("no login is seen in a name that the server, or an app in the path, has itself", () => {
		const to = (url: string, location: string) => kindOf(reply(308, "", { location }, url));
		expect([
			to("http://auth.example.com/v2/apps", "https://auth.example.com/v2/apps"),
			to("https://i.example/v2/apps/auth", "/v2/apps/auth/"),
			to("https://i.example/v2/apps/auth", "/v2/apps/auth/login"),
			to("https://i.example/v2/apps", "https://auth.example.com/v2/apps"),
		]).toEqual(["moved", "moved", "login", "login"]);
	});

	test("a change that such a server may have acted on is unclear; one that it refused or sent elsewhere is not", () => {
		const post: Request = { method: "POST", path: "/v2/runs/X/rerun", api: "v2" };
		const unclear = (given: Reply) => strangerIn(given, OWN, post)?.unclear;
		expect([reply(200, {}), reply(404, "Cannot POST"), reply(302, "")].map(unclear)).toEqual([true, false, false]);
	});
});

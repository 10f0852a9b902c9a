/** What the Cloud double can't show: other servers, and responses that no double gives. test/cloud-insights.test.ts has the rest. */
import { describe, expect, test } from "vitest";
import { type Answers, answered, call, ok, page } from "./call.ts";
import { anApp } from "./event-bodies.ts";

const APP = "GET /v2/apps/shop";
const SYNC = "POST /v2/apps/shop/syncs";
const url = "https://shop.example/api/inngest";
const app = (some: Record<string, unknown> = {}) => ok({ data: anApp("shop", { latestSync: { url, ...some } }) });
const sync = (answers: Answers, ...more: string[]) => call("cloud", ["sync-app", "shop", ...more], answers);

describe("sync-app", () => {
	test("on a server of one's own nothing is sent that would not be done: what registers an app there is told", async () => {
		const answers = { [APP]: answered("get app") };
		const dev = await call("dev", ["sync-app", "shop"], answers);
		const own = await call("self-hosted", ["sync-app", "shop", "--url", url], answers);
		expect([dev.text, own.text, dev.exit, own.exit, dev.asked, own.asked]).toMatchInlineSnapshot(`
			[
			  "dev server localhost:8288 can't sync an app on request: only Inngest Cloud does; nothing was changed.
			An app registers itself when its serve endpoint gets a PUT, or the server is restarted with \`inngest dev -u URL\`.",
			  "self-hosted inngest.example.com can't sync an app on request: only Inngest Cloud does; nothing was changed.
			An app registers itself when its serve endpoint gets a PUT, or the server is restarted with \`inngest start -u URL\` (Go's SDK since 0.16: only if its INNGEST_ENABLE_UNAUTHED_SYNC is 1).",
			  2,
			  2,
			  [
			    "GET /v2/apps/shop",
			  ],
			  [
			    "GET /v2/apps/shop by INNGEST_SIGNING_KEY",
			  ],
			]
		`);
		// It would be 501 (recorded).
		expect(answered("sync app").status).toBe(501);
	});

	test("nor one that Go's SDK refuses on a self-hosted server: there it is told what allows it", async () => {
		const { text } = await call("self-hosted", ["sync-app", "shop"], { [APP]: app({ sdkLanguage: "go" }) });
		expect(text).toBe(
			[
				"self-hosted inngest.example.com can't sync an app on request: only Inngest Cloud does; nothing was changed.",
				"An app registers itself when its serve endpoint gets a PUT, or the server is restarted with `inngest start -u URL` (Go's SDK since 0.16: only if its INNGEST_ENABLE_UNAUTHED_SYNC is 1).",
			].join("\n"),
		);
		const dev = await call("dev", ["sync-app", "shop"], { [APP]: app({ sdkLanguage: "go" }) });
		expect(dev.text).toMatch(/gets a PUT, or the server is restarted with `inngest dev -u URL`\./);
	});

	test("on Cloud --curl prints the look-up of the last address, with or without another: no sync that would be asked about", async () => {
		for (const given of [[], ["--url", url]]) {
			const { text } = await call("cloud", ["sync-app", "shop", ...given, "--curl"]);
			expect(text).toMatch(
				/^# the first of several requests\ncurl -sS "https:\/\/api\.inngest\.com\/v2\/apps\/shop" [^\n]*$/,
			);
		}
	});

	test("an app that is listed, but not found by its name, has no address", async () => {
		const gone = { status: 404, body: { errors: [{ code: "not_found", message: "App not found" }] } };
		const { text, exit } = await sync({ [APP]: gone, "GET /v2/apps": page([anApp("shop")]) });
		expect([text, exit]).toEqual([
			"shop was never synced from an address; nothing was changed.\nAdd --url URL, its serve endpoint.",
			2,
		]);
	});

	test("a refusal that is none of a sync is told as ever", async () => {
		const denied = { status: 403, body: { errors: [{ code: "insufficient_scope", message: "lacks api:app:write" }] } };
		const { text, exit } = await sync({ [APP]: app(), [SYNC]: denied });
		expect([exit, text.split("\n")[0]]).toEqual([
			1,
			"Inngest Cloud, production refused: «lacks api:app:write» (insufficient_scope, 403)",
		]);
		expect(text).toContain("INNGEST_API_KEY lacks the grant api:app:write");
	});

	test("that the functions could not be counted does not make a sync fail", async () => {
		const away = { status: 403, body: {} };
		const { text, exit } = await sync({ [APP]: [app(), away], [SYNC]: ok({ data: { status: "success" } }) });
		expect([text, exit]).toEqual([`Synced shop from ${url} (Inngest Cloud, production).`, 0]);
	});

	test("that it has not ended is told, and that its end is shown by a list", async () => {
		const { text, exit, asked } = await sync({ [APP]: app(), [SYNC]: ok({ data: { status: "pending" } }) });
		expect([text, exit, asked.length]).toEqual([
			`The sync of shop from ${url} (Inngest Cloud, production) has not ended yet.\nNext: list-apps (shows how it ends)`,
			1,
			2,
		]);
	});

	test("the signing key does it where there is no API key, after a plan where its environment can't be proven", async () => {
		const calls = await call(
			"cloud",
			["sync-app", "shop"],
			{ [APP]: app(), [SYNC]: ok({ data: { status: "duplicate" } }) },
			{ env: { INNGEST_API_KEY: undefined } },
		);
		expect(calls.asked.at(-1)).toBe(`${SYNC} by INNGEST_SIGNING_KEY in production {"url":"${url}"}`);
	});
});

test.each(["dev", "self-hosted", "cloud"] as const)("an app that connects by itself gets no PUT: %s", async (place) => {
	const answer = ok({ data: anApp("shop", { method: "CONNECT", latestSync: { url: "wss://gateway.example/" } }) });
	const { text, exit } = await call(place, ["sync-app", "shop"], { [APP]: answer });
	expect([text, exit]).toEqual([
		"shop connects to Inngest itself (connect); nothing was changed.\nIt syncs when its worker connects: restart the worker.",
		2,
	]);
});

test.each([
	["https://localhost:3000/api/inngest", /^--url is this machine, which Inngest Cloud can't reach; nothing was sent/],
	["https://127.0.0.1/api/inngest", /^--url is this machine/],
	["http://shop.example/api/inngest", /^--url must start with https/],
	["https://user:word@shop.example/api/inngest", /^--url must not contain credentials/],
	["shop.example", /^--url is not a URL/],
])("the address %s is refused before anything is sent", async (url, said) => {
	const { text, asked, exit } = await call("cloud", ["sync-app", "shop", "--url", url]);
	expect([exit, asked]).toEqual([2, []]);
	expect(text).toMatch(said);
});

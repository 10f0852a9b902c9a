import { expect, test } from "vitest";
import { App, Fn } from "../../lib/inngest/api.ts";
import {
	attemptsOf,
	checkExists,
	handlersOf,
	hasSyncFailed,
	lastSyncOf,
	listApps,
	listFunctions,
	ofFunction,
	resolveFunction,
} from "../../lib/inngest/functions.ts";
import { ServerError, UsageError } from "../../lib/text/errors.ts";
import { recorded } from "../recordings.ts";
import { answering, answeringBy, line } from "./api-of.ts";

test("lists name each function's app", async () => {
	const api = answering({ data: [{ id: "a" }, { id: "b", app: { id: "shop" } }] });
	expect((await listFunctions(api, "my shop")).map(({ id, app }) => [id, app.id])).toEqual([
		["a", "my shop"],
		["b", "shop"],
	]);
	expect(api.sent.map(line)).toEqual(["GET /v2/apps/my%20shop/functions?limit=100"]);
	expect(
		(await listApps(answering(recorded("list apps").response.body))).map(({ id, method }) => [id, method]),
	).toEqual([["shop", "SERVE"]]);
});

const missing = new ServerError("no", "", { status: 404, code: "not_found" });
const inApps = (holders: string[], broken: string[] = []) =>
	answeringBy(({ path }) => {
		if (path === "/v2/apps")
			return { data: ["a", "b", "old"].map((id) => ({ id, archivedAt: id === "old" ? "2026" : null })) };
		const app = path.split("/")[3] ?? "";
		if (broken.includes(app)) return new ServerError("down", "", { status: 500 });
		if (!path.endsWith("/functions")) return missing;
		return { data: ["import-catalog", "charge-card", ...(holders.includes(app) ? ["f"] : [])].map((id) => ({ id })) };
	});

test("a function's name is completed by looking through the apps that are not archived", async () => {
	const api = inApps(["b", "old"]);
	expect(await resolveFunction(api, { app: undefined, name: "f" })).toEqual({ app: "b", name: "f" });
	expect(api.sent.map(line)).toEqual([
		"GET /v2/apps?limit=100",
		"GET /v2/apps/a/functions?limit=100",
		"GET /v2/apps/b/functions?limit=100",
	]);
});

/** Apps and their functions, found like by the server: by a name that is decoded twice. */
const holding = (held: Record<string, string[]>) =>
	answeringBy(({ path }) => {
		const app = decodeURIComponent(decodeURIComponent(path.split("/")[3] ?? ""));
		return { data: (path === "/v2/apps" ? Object.keys(held) : (held[app] ?? [])).map((id) => ({ id })) };
	});

test.each([
	["a/b/c", "a", "b/c"],
	["acme/shop/plain", "acme/shop", "plain"],
	["acme/shop/x/y", "acme/shop", "x/y"],
	["x/y/z", "acme/shop", "x/y/z"],
	["none/x/y", undefined, undefined],
])("%s, with slashes, is looked up: %s and %s", async (name, app, found) => {
	const held: Record<string, string[]> = { a: ["b/c"], "acme/shop": ["plain", "x/y", "x/y/z"] };
	const api = holding(held);
	const resolved = resolveFunction(api, { app: undefined, name });
	if (app === undefined) await expect(resolved).rejects.toThrow("No app has a function");
	else expect(await resolved).toEqual({ app, name: found });
});

test("two that are written alike are parted by --app", async () => {
	const held: Record<string, string[]> = { a: ["b/c"], "a/b": ["c"] };
	const api = holding(held);
	const ref = { app: undefined, name: "a/b/c" };
	await expect(resolveFunction(api, ref)).rejects.toEqual(
		new UsageError("Several apps have a function a/b/c: a, a/b.", "Add --app a."),
	);
	expect(await resolveFunction(api, ref, "a")).toEqual({ app: "a", name: "b/c" });
	expect(await resolveFunction(api, ref, "a/b")).toEqual({ app: "a/b", name: "c" });
});

test("what is listed exists, also where the server does not find it by its name", async () => {
	const api = answeringBy(({ path }) => {
		if (path === "/v2/apps") return { data: [{ id: "acme/shop" }] };
		return path.endsWith("/functions") ? { data: [{ id: "a/b" }] } : missing;
	});
	await checkExists(api, { app: "acme/shop" });
	await checkExists(api, { function: { app: "acme/shop", name: "a/b" } });
	await expect(ofFunction(api, { app: "acme/shop", name: "a/b" }, Promise.reject(missing))).rejects.toMatchObject({
		message: "acme/shop/a/b is listed, but the server did not find it by its name: no",
		status: 404,
	});
	await expect(checkExists(api, { function: { app: "acme/shop", name: "a/c" } })).rejects.toThrow(
		"App acme/shop has no function a/c (404).",
	);
});

test("one with its app is taken as it is", async () => {
	expect(await resolveFunction(answering(), { app: "a", name: "f" })).toEqual({ app: "a", name: "f" });
});

test("an ambiguous or unknown one is refused; a server that is down is told", async () => {
	const ref = { app: undefined, name: "f" };
	await expect(resolveFunction(inApps(["a", "b"]), ref)).rejects.toEqual(
		new UsageError("Several apps have a function f: a, b.", "Write it as a/f."),
	);
	await expect(resolveFunction(inApps([]), ref)).rejects.toEqual(
		new UsageError("No app has a function f; nothing was done.", "`list-functions\ue000` shows all."),
	);
	await expect(resolveFunction(inApps([], ["b"]), ref)).rejects.toThrow("down");
});

test("an empty answer is checked against the app or function that was named", async () => {
	const sent = async (filter: Parameters<typeof checkExists>[1]) => {
		const api = answeringBy(() => ({}));
		await checkExists(api, filter);
		return api.sent.map(line);
	};
	expect([await sent({}), await sent({ app: "shop" }), await sent({ function: { app: "shop", name: "f" } })]).toEqual([
		[],
		["GET /v2/apps/shop"],
		["GET /v2/apps/shop/functions/f"],
	]);
});

test.each([
	[{ app: "x" }, "There is no app x (404).", "`list-apps\ue000` shows all."],
	[{ app: "bb" }, "There is no app bb (404).", "`list-apps\ue000` shows all."],
	[
		{ function: { app: "b", name: "import" } },
		"App b has no function import (404).",
		"Did you mean b/import-catalog? `list-functions --app b\ue000` shows all.",
	],
	[
		{ function: { app: "b", name: "zzz" } },
		"App b has no function zzz (404).",
		"`list-functions --app b\ue000` shows all.",
	],
	[{ function: { app: "none", name: "import" } }, "There is no app none (404).", "`list-apps\ue000` shows all."],
])("%j, which does not exist, is told with what may have been meant", async (filter, message, next) => {
	await expect(checkExists(inApps([]), filter)).rejects.toMatchObject({ message, next, status: 404 });
});

test("a 404 of a function's own request is told so, too; any other error as it is", async () => {
	const ref = { app: "b", name: "charge-crad" };
	await expect(ofFunction(inApps([]), ref, Promise.reject(missing))).rejects.toMatchObject({
		message: "App b has no function charge-crad (404).",
		next: "Did you mean b/charge-card? `list-functions --app b\ue000` shows all.",
	});
	const down = new ServerError("down", "", { status: 500 });
	await expect(ofFunction(answering(), ref, Promise.reject(down))).rejects.toBe(down);
	expect(await ofFunction(answering(), ref, Promise.resolve(1))).toBe(1);
});

test("a name that is nearly a function's is told so", async () => {
	await expect(resolveFunction(inApps([]), { app: undefined, name: "import" })).rejects.toMatchObject({
		message: "No app has a function import; nothing was done.",
		next: "Did you mean a/import-catalog? `list-functions\ue000` shows all.",
	});
	await expect(resolveFunction(inApps([]), { app: undefined, name: "a/import-catalog,a/x" })).rejects.toMatchObject({
		next: expect.stringMatching(/^This takes one function\. /),
	});
});

test("an onFailure handler is of the function that its trigger names, as recorded; others only have such a name", async () => {
	const onFailure = recorded("function: shop/with-onfailure-failure", "kitchen").response.body;
	const named = (id: string, triggers: unknown) => ({ data: { id, app: { id: "shop" }, triggers } });
	const failed = (of: string) => ({
		type: "EVENT",
		value: "inngest/function.failed",
		if: `event.data.function_id == "shop-${of}"`,
	});
	const functions: Record<string, unknown> = {
		"with-onfailure-failure": onFailure,
		"charge-card-failure": named("charge-card-failure", [{ type: "EVENT", value: "shop/chargeback.opened" }]),
		"import-failure": named("import-failure", [failed("import-catalog")]),
		"a-failure": named("a-failure", [failed("a")]),
		"secret-failure": new ServerError("no", "", { status: 403 }),
	};
	const api = answeringBy(({ path }) => functions[path.split("/").at(-1) ?? ""] ?? missing);
	const handlers = async (...ids: string[]) => {
		const { found, unread } = await handlersOf(
			api,
			ids.map((id) => ({ app: { id: "shop" }, function: { id } })),
		);
		return [found.map(({ id }) => id), unread];
	};
	expect(await handlers("with-onfailure", "charge-card", "import", "a", "a", "without")).toEqual([
		["with-onfailure-failure", "a-failure"],
		0,
	]);
	// What could not be read does not count as none, nor does what was not requested.
	expect(await handlers("secret", "a")).toEqual([["a-failure"], 1]);
	expect(await handlers(...Array.from({ length: 25 }, (_, n) => `f${n}`))).toEqual([[], 5]);
});

test("a step is tried once more than it is retried", () => {
	const of = (configuration: unknown) => attemptsOf(Fn.parse({ id: "f", app: { id: "shop" }, configuration }));
	expect([of({ retries: { value: 3 } }), of({ retries: { value: 0 } }), of({ retries: {} }), of({})]).toEqual([
		4,
		1,
		1,
		undefined,
	]);
	expect(attemptsOf(undefined)).toBeUndefined();
});

test("a sync failed by its error, which is all that OSS gives, or by its status", () => {
	const app = (latestSync: unknown, some: Record<string, unknown> = {}) =>
		App.parse({ id: "shop", latestSync, ...some });
	const syncedAt = "2026-11-23T20:00:00Z";
	expect([
		hasSyncFailed(app({ error: "unreachable" })),
		hasSyncFailed(app({ status: "error" })),
		hasSyncFailed(app({ status: "success", error: "" })),
		hasSyncFailed(app(null)),
		lastSyncOf(app({ error: "unreachable", syncedAt })),
		lastSyncOf(app({ status: "success", syncedAt }, { appVersion: "1" })),
		lastSyncOf(app({ status: "success" })),
	]).toEqual([true, true, false, false, [], [{ app: "shop", at: Date.parse(syncedAt), version: "1" }], []]);
});

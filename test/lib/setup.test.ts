import { expect, test } from "vitest";
import * as z from "zod/mini";
import type { Environment } from "../../lib/gate/environment.ts";
import { App } from "../../lib/inngest/api.ts";
import {
	appChecks,
	environmentCheck,
	failed,
	isFault,
	sendingCheck,
	signingCheck,
	syncLines,
} from "../../lib/tell/setup.ts";
import { ServerError, syncErrorText, UsageError } from "../../lib/text/errors.ts";
import { withFlags } from "../../lib/text/nouns.ts";

const app = (id: string, latestSync?: Record<string, unknown>, archivedAt?: string) =>
	z.parse(App, { id, latestSync, archivedAt });
const STAGING: Environment = { id: "0b9f8e7d-0000", name: "EU Staging", type: "TEST", archived: false };
const NAMED = { text: "EU Staging", by: "INNGEST_ENV" } as const;

test("what is a fault", () => {
	const statuses = ["ok", "none", "FAILS", "MISSING", "UNCLEAR"] as const;
	expect(statuses.map((status) => isFault({ status, what: "", told: "" }))).toEqual([false, false, true, true, true]);
});

test("apps are counted, five named", () => {
	const ids = (n: number) => Array.from({ length: n }, (_, i) => app(`a${i}`));
	expect([0, 1, 5, 6].map((n) => appChecks("apps", ids(n))[0]?.told)).toEqual([
		"0 apps",
		"1 app with 0 functions: a0; no sync error (whether it answers now is unknown)",
		"5 apps with 0 functions: a0, a1, a2, a3, a4; no sync error (whether they answer now is unknown)",
		"6 apps with 0 functions: a0, a1, a2, a3, a4 and 1 more; no sync error (whether they answer now is unknown)",
	]);
});

// Seen: "Ready", although each event started a function that failed: "was not found in this app".
test("apps of one address are told, unless one is archived or has none", () => {
	const at = (id: string, url: string, archivedAt?: string) => app(id, { url }, archivedAt);
	const told = (...apps: ReturnType<typeof app>[]) =>
		appChecks("apps", apps).flatMap(({ status, what, told }) => (status === "none" ? [`${what}: ${told}`] : []));
	const both = told(
		at("old", "https://a.example/"),
		at("other", "https://b.example/"),
		at("new", "https://a.example/"),
	);
	expect(both).toEqual([
		"apps old, new: synced from the same address. Possible: the app's id was changed, and runs of the old id fail",
	]);
	const connected = (id: string) => ({ ...at(id, "wss://gateway.example/"), method: "CONNECT" });
	expect(told(connected("a"), connected("b"))).toEqual([]);
	expect(
		told(
			at("a", "https://a.example/"),
			at("b", "https://a.example/", "2026-11-01T00:00:00Z"),
			at("c", ""),
			at("d", ""),
		),
	).toEqual([]);
});

test("an app whose last sync failed, or that can't be reached, is a fault; a failure of an archived one is not one", () => {
	const [, ...told] = appChecks("apps", [
		app("well", { status: "success", error: "" }),
		app("again", { status: "duplicate" }),
		app("going", { status: "pending" }),
		app("new"),
		app("old", { error: "no" }, "2026-11-01T00:00:00Z"),
		app("dead", { error: "unreachable" }),
		app("bad", { status: "error" }),
		app("wrong", { status: "ERROR", error: "bad signature" }),
		app("barred", { error: "unauthorized" }),
	]);
	expect(withFlags(told[0]?.next ?? "", ["--env eu"])).toBe(
		"`list-apps --env eu` shows each app's address and last sync.",
	);
	expect(told.map(({ status, what, told }) => `${status} ${what}: ${told}`)).toEqual([
		"FAILS app dead: can't be reached",
		"FAILS app bad: failed to sync: no reason given",
		"FAILS app wrong: failed to sync: «bad signature»",
		"FAILS app barred: failed to sync: «unauthorized» (the app's address answers 401; possible: a login or deployment protection, or other keys)",
	]);
	const broken = (n: number) =>
		appChecks(
			"apps",
			Array.from({ length: n }, (_, i) => app(`a${i}`, { error: "no" })),
		);
	expect([broken(5).length, broken(7).length, broken(7).at(-1)?.what]).toEqual([6, 7, "2 more apps"]);
});

test.each([
	["forbidden", "the app's address answers 403; possible: a firewall or deployment protection"],
	["url_not_found", "the app's address answers 404; possible: another path, such as /api/inngest"],
	["internal_server_error", "the app's address answers 500; possible: it has no signing key and is not in dev mode"],
	["invalid_signing_key", "the app's signing key does not belong to this server or environment"],
	["missing_branch_env_name", "the app does not name its branch environment"],
	// Cloud's (its dashboard's source, v1.43, utils/codedError.ts); some were OSS's, without `http_`.
	["http_unauthorized", "the app's address answers 401; possible: a login or deployment protection, or other keys"],
	["http_forbidden", "the app's address answers 403; possible: a firewall or deployment protection"],
	["not_sdk", "no Inngest SDK answers there; possible: another path, a login or deployment protection"],
	["http_not_found", "the app's address answers 404; possible: another path, such as /api/inngest"],
	[
		"http_internal_server_error",
		"the app's address answers 500; possible: it has no signing key and is not in dev mode",
	],
	["signing_key_invalid", "the app's signing key does not belong to this server or environment"],
	["env_mismatch", "the app's signing key does not belong to this server or environment"],
	["account_mismatch", "the app's signing key does not belong to this server or environment"],
	["env_unspecified", "the app does not name its branch environment"],
	["server_kind_mismatch", "possible: the app is in dev mode (its INNGEST_DEV is set)"],
	["response_not_signed", "possible: the app is in dev mode (its INNGEST_DEV is set)"],
	["sig_verification_failed", "possible: the app has another signing key"],
	["http_method_not_allowed", "the app's address answers 405; possible: its route does not take PUT"],
])("what Inngest's code %s means", (code, meaning) => {
	expect(syncErrorText(code)).toBe(`«${code}» (${meaning})`);
});

// Seen: sync-app said only «unauthorized», while list-apps and check-setup say what that means.
test.each([
	[undefined, undefined, "no reason given"],
	["unreachable", undefined, "can't be reached"],
	["http_unreachable", undefined, "can't be reached"],
	["no_functions", undefined, "«no_functions»"],
	["no functions!", "no_functions", "«no functions!» (no_functions)"],
	["odd", "odd_code", "«odd» (odd_code)"],
	[undefined, "toString", "no reason given (toString)"],
])("a sync that failed with %s, code %s", (error, code, said) => {
	expect(syncErrorText(error, code)).toBe(said);
	const end = { status: "error", error, code } as const;
	const told = { app: "shop", url: "https://a.example/", end, after: undefined };
	expect(syncLines({ ...told, label: "Cloud" }).lines).toEqual([
		`The sync of shop from https://a.example/ (Cloud) failed: ${said}.`,
	]);
});

test("the environment", () => {
	expect([environmentCheck(NAMED, STAGING), environmentCheck(NAMED, undefined)]).toEqual([
		{ status: "ok", what: "environment EU Staging (INNGEST_ENV)", told: "«EU Staging» TEST, id 0b9f8e7d-0000" },
		{
			status: "none",
			what: "environment EU Staging (INNGEST_ENV)",
			told: "could not be looked up: the key may not list environments",
		},
	]);
});

test("the signing key beside it", () => {
	const other = { kind: "other", of: "another" } as const;
	const [same, unknown] = [{ kind: "same" }, { kind: "unknown" }] as const;
	const told = [
		signingCheck("events", NAMED, same, STAGING),
		signingCheck("events", NAMED, other, STAGING),
		signingCheck("events", NAMED, unknown, undefined),
		signingCheck("events", undefined, unknown, STAGING),
		signingCheck("events", undefined, unknown, undefined),
	];
	expect(told.map(({ status, told }) => `${status} ${told}`)).toEqual([
		"ok readable, in EU Staging",
		"FAILS INNGEST_SIGNING_KEY belongs to another environment, and INNGEST_ENV names EU Staging; it was not used.",
		"ok readable; which environment the key is for could not be verified",
		"ok readable, in «EU Staging» TEST, id 0b9f8e7d-0000",
		"ok readable; which environment the key is for could not be verified",
	]);
});

test("sending: only an answer of the event API says that the key is good", () => {
	const verified = "; its environment can't be verified, so sending with it asks first";
	const said = [
		sendingCheck("s", { ids: [""], status: 200 }, false),
		sendingCheck("s", { ids: [] }, "sending with it"),
		sendingCheck("s", {}, "sending with it"),
		sendingCheck("s", { status: 400, error: "no" }, "sending with it"),
		sendingCheck("s", { status: 400, error: null }, false),
	];
	expect(said.map(({ status, told }) => `${status} ${told}`)).toEqual([
		"ok accepted",
		`ok accepted${verified}`,
		"UNCLEAR the test was answered 200; whether the key is valid is unknown",
		"UNCLEAR the test was answered 400: «no»; whether the key is valid is unknown",
		"UNCLEAR the test was answered 400; whether the key is valid is unknown",
	]);
	const refused = (status: number) => failed("s", new ServerError("m", "n", { status }), true).status;
	expect([refused(401), refused(200), failed("s", new UsageError("m", "n"), true)]).toEqual([
		"FAILS",
		"UNCLEAR",
		{ status: "FAILS", what: "s", told: "m", next: "n" },
	]);
	expect(failed("s", new ServerError("m", "n", { status: 200 })).status).toBe("FAILS");
	expect(() => failed("s", new TypeError("x"))).toThrow("x");
});

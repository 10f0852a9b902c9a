import { expect, test } from "vitest";
import * as z from "zod/mini";
import { App, Fn } from "../../lib/inngest/api.ts";
import { limitsText, triggersText } from "../../lib/tell/functiontext.ts";
import { unsyncedLines } from "../../lib/tell/setup.ts";
import { functionOf, functionsOf } from "./recorded.ts";

const fn = (configuration: Record<string, unknown>, triggers: unknown[] = []) =>
	z.parse(Fn, { id: "f", configuration, triggers });

test("recorded functions: triggers, and limits other than the plan's", () => {
	expect(functionsOf("list functions, page 1").map((one) => [one.id, triggersText(one), limitsText(one)])).toEqual([
		["nightly-cleanup", "cron «0 3 * * *» UTC", "retries 4"],
		["charge-card", "shop/card.charged", "retries 0"],
		["import-catalog", "shop/import.started", "retries 0"],
		["hostile-output", "shop/review.posted", "retries 0"],
	]);
});

test("all limits include the plan's, but not a limit of none", () => {
	expect(limitsText(functionOf("get function"), true)).toBe("retries 4 (5 attempts)");
});

test("triggers with conditions, several, none", () => {
	const triggers = [
		{ type: "EVENT", value: "shop/order.created", if: "event.data.total > 100" },
		{ type: "EVENT", value: "a\n»" },
	];
	expect([triggersText(fn({}, triggers)), triggersText(fn({}))]).toEqual([
		"shop/order.created if «event.data.total > 100», «a ›»",
		"no trigger",
	]);
});

test("concurrency with its key and scope, as number or text", () => {
	const concurrency = [
		{ limit: { value: 5 }, scope: "FUNCTION" },
		{ limit: { value: "2" }, scope: "ACCOUNT", key: "event.data.user" },
		{ limit: { value: -1 } },
	];
	expect(limitsText(fn({ concurrency }))).toBe("concurrency 5, concurrency 2 per «event.data.user» (account)");
});

test("other settings by their names, what is empty omitted", () => {
	const configuration = {
		retries: { value: 2, isDefault: false },
		rateLimit: { limit: 10, period: "1m", key: "" },
		cancellations: [{ event: "shop/order.cancelled", condition: "a == b" }, { event: "x/y" }],
		eventsBatch: null,
		throttle: [],
		priority: { value: "event.data.p" },
	};
	expect(limitsText(fn(configuration))).toBe(
		'retries 2, cancelled by shop/order.cancelled if «a == b», cancelled by x/y, rate limit 10 per 1m (2 at once, then 1 per 6s), priority «{"value":"event.data.p"}»',
	);
});

test("numbers that are written as texts, and an odd one of several", () => {
	const configuration = {
		retries: { value: "3" },
		concurrency: [{ limit: { value: 5 } }, "odd"],
		throttle: { limit: "10", period: "1m", burst: "3" },
		cancellations: [{ event: 5 }, { event: "x/y" }],
	};
	expect(limitsText(fn(configuration))).toBe(
		"retries 3, concurrency 5, cancelled by x/y, throttle 10 per 1m (13 at once, then 1 per 6s)",
	);
});

// Measured on v1.43: of seven events at once, so many runs started at once, and the next one after its share.
test.each([
	[{ limit: 1, period: "30s" }, "throttle 1 per 30s"],
	[{ limit: 1, period: "30s", burst: 1 }, "throttle 1 per 30s (2 at once, then 1 per 30s)"],
	[{ limit: 5, period: "1m0s" }, "throttle 5 per 1m (5 at once, then 1 per 12s)"],
	[
		{ limit: 2, period: "1m0s", burst: 3, key: "event.data.k" },
		"throttle 2 per 1m (5 at once, then 1 per 30s) per «event.data.k»",
	],
])("a throttle %j is a limit and a burst at once, then a pace", (throttle, text) => {
	expect(limitsText(fn({ throttle }))).toBe(text);
});

test("batches ignore rate limits and idempotency (measured)", () => {
	const eventsBatch = { maxSize: 3, timeout: "15s" };
	const of = (period: string) => limitsText(fn({ eventsBatch, rateLimit: { limit: 1, period } }));
	expect([of("24h0m0s"), of("5m")]).toEqual([
		"batches of up to 3 or after 15s, rate limit 1 per 24h (or idempotency; not for batches)",
		"batches of up to 3 or after 15s, rate limit 1 per 5m (not for batches)",
	]);
});

test("settings of an unknown form don't end it", () => {
	expect(limitsText(fn({ retries: "many", concurrency: 5, "a\u001b[31m": "»" }))).toBe("retries many, «a» «›»");
});

// As a dev server lists an app that was synced, and two whose addresses answered 404 and a page of their own (200) from the start.
test("an app whose last sync failed, and one that has never synced: that has no name, and is called unreachable though it answers", () => {
	const app = (id: string, latestSync: object, more = {}) => z.parse(App, { id, latestSync, ...more });
	const at = (port: number) => `http://localhost:${port}/api/inngest`;
	expect(
		unsyncedLines([
			app("harvest", { error: "unreachable", sdkVersion: "v4.24.0", url: at(21033) }, { name: "harvest" }),
			app("64e790b1-42a0-599b-be20-ae155e5b7fb6", { error: "url_not_found", url: at(21031) }),
			app("7d01f4d1-8d7d-5c71-8df0-e093b37f13e5", { error: "unreachable", url: at(21032) }),
		]),
	).toEqual([
		"harvest can't be reached. Functions and triggers added since its last sync are unknown.",
		"http://localhost:21031/api/inngest has never synced: «url_not_found» (the app's address answers 404; possible: another path, such as /api/inngest). Its functions and triggers are unknown.",
		"http://localhost:21032/api/inngest has never synced: it can't be reached, or what answers there does not register it (on a self-hosted server, Go's SDK since 0.16 does so only on a PUT, with INNGEST_ENABLE_UNAUTHED_SYNC=1). Its functions and triggers are unknown.",
	]);
	// Seen: an app was given another id; the server kept the old one, as unreachable, and its runs failed.
	const moved = app("old", { error: "unreachable", url: at(19481) }, { name: "old" });
	expect(
		[{}, { error: "unreachable" }].map((sync) =>
			unsyncedLines([moved, app("new", { url: at(19481), ...sync }, { name: "new" })]).at(0),
		),
	).toEqual([
		"old can't be reached: new answers at its address. Functions and triggers added since its last sync are unknown.",
		"old can't be reached. Functions and triggers added since its last sync are unknown.",
	]);
	// Told of the one app that was asked for.
	const now = app("new", { url: at(19481) }, { name: "new" });
	expect(unsyncedLines([moved], [moved, now])[0]).toContain("old can't be reached: new answers at its address.");
});

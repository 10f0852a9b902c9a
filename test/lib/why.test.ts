import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { type Facts, isSettled, isWaiting, listeners, whyOf } from "../../lib/decide/why.ts";
import { App, Event, Fn, Page, Run } from "../../lib/inngest/api.ts";
import { type Kind, recorded } from "../recordings.ts";
import { NOW } from "../world.ts";

const ID = "01M85369BX39BZFM3TC50ACTFC";
const iso = (ms: number) => new Date(ms).toISOString();
/** An event of so many ms before now. */
const event = (name: string, data: unknown = {}, age = 3_600_000, some: Record<string, unknown> = {}) =>
	z.parse(Event, { internal_id: ID, id: ID, name, data, received_at: iso(NOW - age), ...some });
const fn = (id: string, trigger: unknown, some: Record<string, unknown> = {}) =>
	z.parse(Fn, { id, app: { id: "shop" }, triggers: [trigger].flat(), ...some });
const on = (value: string, condition?: string) => ({ type: "EVENT", value, ...(condition && { if: condition }) });
const facts = (some: Partial<Facts> & Pick<Facts, "event">): Facts => ({
	runs: [],
	functions: [],
	apps: [],
	unread: [],
	now: NOW,
	...some,
});
const listed = (label: string, kind: Kind): Fn[] =>
	z
		.parse(Page(Fn), recorded(label, kind).response.body)
		.data.map((one) => ({ ...one, app: { id: one.app.id || "shop" } }));
/** What kept the recorded functions of the kitchen from starting by an event. */
const kitchen = (name: string, data: unknown, some: Partial<Facts> = {}, age?: number) =>
	whyOf(facts({ event: event(name, data, age), functions: listed("functions: shop", "kitchen"), ...some })).misses.map(
		({ fn: { id }, causes }) => [id, ...causes.map(({ kind, proven }) => (proven ? kind : `possible: ${kind}`))],
	);

describe("who listens", () => {
	const of = (value: string) => listeners([fn("a", on(value))], "shop/order.created").length > 0;
	// By the server's source: a star stands after a slash or a dot, at the end alone.
	test.each(["shop/order.created", "shop/*", "shop/order.*"])("%s does", (value) => {
		expect(of(value)).toBe(true);
	});
	test.each([
		"*",
		"shop/ord*",
		"shop/order.created*",
		"order.created",
		"shop/order",
		"*/order.created",
		"shop/order.*.x",
	])("%s does not", (value) => {
		expect(of(value)).toBe(false);
	});
	test("no cron does, whatever it is called", () => {
		expect(listeners([fn("a", { type: "CRON", value: "shop/order.created" })], "shop/order.created")).toEqual([]);
	});
});

describe("why a recorded function did not start", () => {
	test.each([
		["a/every", { n: 3 }, [["everything", "condition"]]],
		["a/every", { n: 4, a: "x" }, [["everything", "possible: rateLimit"]]],
		["a/every", {}, [["everything", "condition"]]],
		["a/every", { n: "5" }, [["everything", "condition"]]],
		["a/every2", {}, [["everything", "possible: rateLimit"]]],
		["a/wild.card", {}, [["everything", "possible: rateLimit"]]],
		["a/multi.two", { x: "stay" }, [["multi-trigger", "condition"]]],
		["a/multi.one", {}, [["multi-trigger", "possible: late"]]],
		["a/rate", { k: 1 }, [["ratelimited", "possible: rateLimit"]]],
		["a/idem", { orderId: 1 }, [["idem", "possible: rateLimit"]]],
		["a/debounce", { k: 1 }, [["debounced", "possible: debounce"]]],
		["a/singleskip", { k: 1 }, [["single-skip", "possible: singleton"]]],
		// It cancels the run before it, and starts.
		["a/singlecancel", {}, [["single-cancel", "possible: late"]]],
		// An hour later its batch has run.
		["a/batch", { k: 1 }, [["batched", "possible: late"]]],
		// These hold runs back that are there.
		["a/throttle", { k: 1 }, [["throttled", "possible: late"]]],
		["a/conc1", {}, [["conc-one", "possible: late"]]],
		[
			"inngest/function.failed",
			{ function_id: "shop-everything" },
			[
				["with-onfailure-failure", "condition"],
				["everything-failure", "possible: late"],
			],
		],
		["x/nobody", {}, []],
	])("%s %j", (name, data, expected) => {
		expect(kitchen(name, data).toSorted()).toEqual(expected.toSorted());
	});

	test("one that did start is not missed", () => {
		const runs = z.parse(Page(Run), recorded("event runs: several runs, of two apps", "kitchen").response.body).data;
		expect(kitchen("a/sync", {}, { runs })).toEqual([]);
		const others = runs.map((run) => ({ ...run, app: { id: "other" } }));
		expect(kitchen("a/sync", {}, { runs: others })).toEqual([["sync", "possible: late"]]);
	});
});

describe("what may start yet", () => {
	const why = (configuration: unknown, age: number) =>
		whyOf(facts({ event: event("a", {}, age), functions: [fn("f", on("a"), { configuration })] })).misses;
	test.each([
		["debounce, twice its period and 5 s", { debounce: { period: "15s" } }, 35_000],
		["a batch, its time and 5 s", { eventsBatch: { maxSize: 5, timeout: "10s" } }, 15_000],
		["any other, 10 s", {}, 10_000],
	])("%s", (_, configuration, ms) => {
		expect([why(configuration, ms - 1).every(isWaiting), why(configuration, ms).every(isWaiting)]).toEqual([
			true,
			false,
		]);
	});

	test("not what is limited as well, for all that is known", () => {
		const both = { debounce: { period: "15s" }, rateLimit: { limit: 1, period: "1m" } };
		expect(why(both, 1000).every(isWaiting)).toBe(false);
		expect(why(both, 1000)[0]?.causes.map(({ kind }) => kind)).toEqual(["debounce", "rateLimit"]);
	});
});

describe("what is proven", () => {
	const settled = (functions: readonly Fn[], some: Partial<Facts> = {}) =>
		isSettled(whyOf(facts({ event: event("a", { n: 1 }), functions, ...some })));
	test("is that nobody listens, if all functions could be read", () => {
		expect([settled([]), settled([], { unread: ["gone"] })]).toEqual([true, false]);
	});
	test("is what keeps every function that listens from starting", () => {
		const paused = fn("p", on("a"), { isPaused: true });
		const archived = fn("r", on("a"), { isArchived: true });
		const conditional = fn("c", on("a", "event.data.n > 3"));
		expect([settled([paused, archived, conditional]), settled([paused, fn("f", on("a"))])]).toEqual([true, false]);
	});
	test("is one true condition of two, or none; not one that can't be told", () => {
		const of = (...conditions: string[]) =>
			whyOf(
				facts({
					event: event("a", { n: 1 }),
					functions: [
						fn(
							"f",
							conditions.map((one) => on("a", one)),
						),
					],
				}),
			).misses[0]?.causes.map((cause) => [
				cause.kind,
				cause.proven,
				...("conditions" in cause ? cause.conditions : []),
			]);
		expect([
			of("event.data.n > 3", "event.data.n < 3"),
			of("event.data.n > 3", "event.data.n > 4"),
			of("event.data.n > 3", "size(event.data.x) > 4"),
			of("event.data.n > 3", ""),
		]).toEqual([
			[["late", false]],
			[["condition", true, "event.data.n > 3", "event.data.n > 4"]],
			[["condition", false, "size(event.data.x) > 4"]],
			[["late", false]],
		]);
	});
	test("is that its app came later, by more than the second that times are told in", () => {
		const of = (after: number) => {
			const apps = [z.parse(App, { id: "shop", createdAt: iso(NOW - 3_600_000 + after) })];
			return whyOf(facts({ event: event("a"), functions: [fn("f", on("a"))], apps })).misses[0]?.causes;
		};
		expect([of(1_000), of(1_001)]).toEqual([
			[{ kind: "late", proven: false, waits: false }],
			[{ kind: "new app", proven: true, after: 1_001 }],
		]);
	});
	test("is not that an event had the same id before; it is possible where the sender gave one", () => {
		const of = (id: string) =>
			whyOf(facts({ event: event("a", {}, undefined, { id }), functions: [fn("f", on("a"))] })).misses[0]?.causes;
		expect([of("order-1"), of(""), of(ID)].map((causes) => causes?.[0]?.kind)).toEqual(["same id", "late", "late"]);
	});
});

test("an event that nobody listens to: the nearest name, and whose runs it cancels", () => {
	const functions = listed("functions: shop", "kitchen");
	const of = (name: string) => whyOf(facts({ event: event(name), functions })).nobody;
	expect(of("a/sleeplong.cancel")?.cancels.map(({ fn: { id }, cancellation }) => [id, cancellation])).toEqual([
		["sleep-long", { event: "a/sleeplong.cancel", condition: "event.data.id == async.data.id" }],
	]);
	expect([of("a/snyc")?.near, of("zzz")?.near, of("a/sync")]).toEqual(["a/sync", undefined, undefined]);
});

test("an app that can't be reached may have added a function that is not known", () => {
	const { data } = z.parse(Page(App), recorded("dead app: in the list", "kitchen").response.body);
	expect(whyOf(facts({ event: event("x/nobody"), apps: data })).nobody?.unreachable).toEqual(["doomed"]);
	// Its runs start all the same, and fail: it is no reason for a function that is known.
	const apps = data.map((app) => ({ ...app, createdAt: undefined }));
	const functions = [z.parse(Fn, { id: "work", app: { id: "doomed" }, triggers: [on("d/work")] })];
	expect(whyOf(facts({ event: event("d/work"), apps, functions })).misses[0]?.causes[0]?.kind).toBe("late");
});

test("an event that started something is heard, though nobody listens now", () => {
	const runs = z.parse(Page(Run), recorded("event runs: several runs, of two apps", "kitchen").response.body).data;
	expect(whyOf(facts({ event: event("a/removed"), runs }))).toEqual({ misses: [], nobody: undefined, unread: [] });
});

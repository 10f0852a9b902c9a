/** What sending an event would do, as far as is read beforehand: who listens, which live runs it would cancel, whether one waits for it. */
import { describe, expect, test } from "vitest";
import { foresee, foreseeNames, isSurprise, surpriseOf } from "../../lib/gather/foresee.ts";
import type { Run } from "../../lib/inngest/api.ts";
import type { Keys } from "../../lib/inngest/place.ts";
import { foreseenLines } from "../../lib/tell/waittext.ts";
import { ServerError } from "../../lib/text/errors.ts";
import type { Request } from "../../lib/wire/request.ts";
import { aWorld, DEV_TARGET, NOW } from "../world.ts";
import { answeringBy } from "./api-of.ts";
import { aRun } from "./recorded.ts";

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
const id = (kind: string, n: number) => `01M8536A${kind}${String(n).padStart(16, "0")}`;
const live = (n: number, ago = HOUR): Run =>
	aRun({
		...{ id: id("RN", n), status: "RUNNING", queuedAt: iso(NOW - ago), startedAt: iso(NOW - ago), endedAt: null },
		trigger: { eventIds: [id("EV", n)] },
	});
const fn = (name: string, value: string, configuration: unknown = {}) => ({
	...{ id: name, app: { id: "shop" }, configuration },
	triggers: [{ type: "EVENT", value }],
});
const waits = (event: string, expression?: string) => ({
	kind: "pause",
	at: iso(NOW + HOUR),
	Raw: { data: { payload: { pause: { event, stepName: "kyc", ...(expression && { expression }) } } } },
});

const none = async () => undefined;
const KEYS: Keys = {
	environments: none,
	environment: none,
	standing: async () => ({ kind: "unknown" }),
	followed: async () => true,
};

interface Served {
	apps?: unknown[];
	functions?: unknown[];
	runs?: readonly Run[];
	/** By the number of a run. */
	jobs?: Record<number, unknown[]>;
	more?: boolean;
	/** Events by the number of their run. */
	events?: Record<number, unknown>;
	/** An event of its name came before. */
	known?: boolean;
}
function serving({ apps = [{ id: "shop" }], functions = [], runs = [], jobs = {}, more, events = {}, known }: Served) {
	const answer = ({ path }: Pick<Request, "path">) => {
		if (path === "/v2/apps") return { data: apps };
		if (path === "/v2/apps/shop/functions") return { data: functions };
		if (path === "/v2/runs") return { data: runs, page: { cursor: more ? "more" : null } };
		if (path === "/v1/events") return { data: known ? [{ internal_id: id("EV", 99), name: "a/b" }] : [] };
		const n = Number(/(\d{4})(?:\/jobs)?$/.exec(path)?.[1]);
		if (path.endsWith("/jobs")) return jobs[n] ? { data: jobs[n] } : new ServerError("No.", "", { status: 500 });
		return events[n]
			? { data: { internal_id: id("EV", n), name: "x/y", data: events[n] } }
			: new ServerError("No.", "", { status: 500 });
	};
	return {
		answer,
		context: { looks: answeringBy(answer), clock: aWorld().clock, now: NOW, target: DEV_TARGET, keys: KEYS },
	};
}
const seen = async (served: Served, data: unknown = { id: 1 }) => {
	const found = await foresee(serving(served).context, { name: "a/b", data });
	if (!found) throw new Error("nothing was foreseen");
	return found;
};
const other = fn("other", "billing/paid");

test("what can't be read is not foreseen", async () => {
	const { context } = serving({});
	const gone = answeringBy(() => new ServerError("It is away.", "", { status: 500 }));
	expect(await foresee({ ...context, looks: gone }, { name: "a/b" })).toBeUndefined();
});

describe("whether a live run waits for what nobody listens to", () => {
	const sleeps = { kind: "sleep", at: iso(NOW + HOUR), Raw: {} };
	test.each<[string, Served, boolean | undefined]>([
		["there is no live run", {}, false],
		["one does", { runs: [live(1), live(2)], jobs: { 1: [sleeps], 2: [waits("a/b")] } }, true],
		["its condition is true", { runs: [live(1)], jobs: { 1: [waits("a/b", "async.data.id == 1.0")] } }, true],
		["or can't be told", { runs: [live(1)], jobs: { 1: [waits("a/b", "int(async.data.id) == 1")] } }, true],
		["or is false of it", { runs: [live(1)], jobs: { 1: [waits("a/b", 'async.data.id == "1"')] } }, false],
		["one waits for another", { runs: [live(1)], jobs: { 1: [waits("a/b.c"), sleeps] } }, false],
		["the jobs of one can't be read", { runs: [live(1), live(2)], jobs: { 1: [sleeps] } }, undefined],
		["one has nine jobs", { runs: [live(1)], jobs: { 1: Array(9).fill(sleeps) } }, false],
		[
			"one has ten, of which more may not be listed",
			{ runs: [live(1)], jobs: { 1: Array(10).fill(sleeps) } },
			undefined,
		],
		[
			"a job does not say what it is",
			{ runs: [live(1)], jobs: { 1: [{ at: iso(NOW + HOUR), attempt: 0 }] } },
			undefined,
		],
		["there are more runs", { runs: [live(1)], jobs: { 1: [sleeps] }, more: true }, undefined],
		["there are twenty", { runs: Array.from({ length: 20 }, () => live(1)), jobs: { 1: [sleeps] } }, false],
		[
			"there are more than twenty",
			{ runs: Array.from({ length: 21 }, () => live(1)), jobs: { 1: [sleeps] } },
			undefined,
		],
		["there are more, but one of these does", { runs: [live(1)], jobs: { 1: [waits("a/b")] }, more: true }, true],
	])("%s", async (_, served, awaited) => {
		expect((await seen({ functions: [other], ...served })).awaited).toBe(awaited);
	});
	test("one that does, but not for such data, is named", async () => {
		const jobs = { 1: [waits("a/b", 'async.data.id == "1"')] };
		const found = await seen({ functions: [other], runs: [live(1)], jobs });
		expect(foreseenLines(found, { name: "a/b", data: { id: 1 } }, NOW).filter(Boolean)).toEqual([
			"No function listens to a/b.",
			`${live(1).id} shop/import-catalog waits in kyc for a/b where «async.data.id == "1"» (async is the event); this event does not match (text is compared with a number).`,
		]);
		expect(surpriseOf(found, false)).toBe("nothing");
	});
	test("an app whose last sync failed may have functions that do: that is told", async () => {
		const apps = [{ id: "shop", latestSync: { status: "error", error: "no signing key" } }];
		const lines = async (functions: unknown[]) =>
			foreseenLines(await seen({ apps, functions }), { name: "a/b", data: {} }, NOW).filter(Boolean);
		const unknown =
			"shop failed to sync: «no signing key». Functions and triggers added since its last sync are unknown.";
		expect([await lines([]), await lines([other])]).toEqual([
			["No function listens to a/b: none is synced here.", unknown],
			["No function listens to a/b.", unknown, "No live run waits for it."],
		]);
	});
	test("a name like it is not proposed for an event that cancels runs, though none now", async () => {
		const lines = async (...functions: unknown[]) =>
			foreseenLines(await seen({ functions }), { name: "a/b", data: {} }, NOW).filter(Boolean);
		const stops = fn("f", "x/y", { cancellations: [{ event: "a/b" }] });
		const none = "No live run waits for it.";
		// A function is named once, though two of its cancellations are by this event.
		const twice = { cancellations: [{ event: "a/b" }, { event: "a/b", condition: "async.data.all == true" }] };
		expect(await lines(fn("f", "x/y", twice))).toEqual(await lines(stops));
		expect([await lines(fn("near", "a/b.c")), await lines(fn("near", "a/b.c"), stops)]).toEqual([
			["No function listens to a/b. Did you mean a/b.c?", none],
			["No function listens to a/b.", "It cancels runs of shop/f, but no live run matches.", none],
		]);
	});
	test("is not asked where there is no function, or one listens", async () => {
		expect((await seen({ runs: [live(1)] })).awaited).toBe(false);
		expect((await seen({ functions: [fn("f", "a/b")], runs: [live(1)] })).awaited).toBeUndefined();
	});
});

describe("the live runs that it would cancel", () => {
	const cancels = (some: Record<string, unknown> = {}) =>
		fn("f", "x/y", { cancellations: [{ event: "a/b", ...some }] });
	const mode = (key?: string) => fn("f", "a/b", { singleton: { mode: "CANCEL", ...(key && { key }) } });
	const told = async (configured: unknown, served: Served = {}) =>
		(await seen({ functions: [configured], runs: [live(1), live(2)], ...served })).cancels.map(({ run, sure }) => [
			Number(run.id.slice(-4)),
			sure,
		]);
	const events = { 1: { id: 1 }, 2: { id: 2 } };
	const both = [
		[1, true],
		[2, true],
	];
	test("all of its function", async () => {
		expect([await told(cancels()), await told(mode())]).toEqual([both, both]);
	});
	test("those that meet its condition, or have its key; what can't be told may be", async () => {
		const condition = "event.data.id == async.data.id";
		expect([await told(cancels({ condition }), { events }), await told(mode("event.data.id"), { events })]).toEqual([
			[[1, true]],
			[[1, true]],
		]);
		expect([await told(cancels({ condition })), await told(mode("event.data.id"))]).toEqual([
			[
				[1, false],
				[2, false],
			],
			[
				[1, false],
				[2, false],
			],
		]);
	});
	test("not those that are older than its timeout", async () => {
		const runs = [live(1, HOUR - 1), live(2, HOUR)];
		expect(await told(cancels({ timeout: "1h" }), { runs })).toEqual([[1, true]]);
	});
	test("each once, by whatever it is cancelled", async () => {
		const twice = fn("f", "x/y", { cancellations: [{ event: "a/b" }, { event: "a/b", timeout: "9h" }] });
		expect(await told(twice)).toEqual(both);
		// Seen: by one of its cancellations surely, by the other (of a value with a quote) only perhaps.
		const either = [{ event: "a/b", condition: "size(event.data.id) == 1" }, { event: "a/b" }];
		for (const cancellations of [either, either.toReversed()])
			expect(await told(fn("f", "x/y", { cancellations }))).toEqual(both);
	});
	test("at least these, where an app's functions can't be read and more runs are live", async () => {
		const lines = async (served: Served) =>
			foreseenLines(
				await seen({ functions: [cancels()], runs: [live(1)], ...served }),
				{ name: "a/b", data: {} },
				NOW,
			)[0];
		const apps = [{ id: "shop" }, { id: "billing" }];
		expect([
			await lines({}),
			await lines({ more: true }),
			await lines({ apps }),
			await lines({ apps, more: true }),
		]).toEqual(["This cancels 1 live run:", ...Array(3).fill("This cancels at least 1 live run:")]);
	});
	test("none by a function that it does not start", async () => {
		expect(await told({ ...mode(), isPaused: true })).toEqual([]);
	});
});

describe("what is unlikely to be meant", () => {
	const near = fn("near", "a/b.c");
	test.each<[string, Served, boolean, ReturnType<typeof surpriseOf>]>([
		["it would start nothing, and no run waits for it", { functions: [other] }, false, "nothing"],
		["on a dev server, too", { functions: [other] }, true, "nothing"],
		["but not where its app is not there yet", {}, true, undefined],
		["which is no reason elsewhere", {}, false, "nothing"],
		["a run waits for it", { functions: [other], runs: [live(1)], jobs: { 1: [waits("a/b")] } }, false, undefined],
		["a run may wait for it", { functions: [other], runs: [live(1)] }, false, undefined],
		["though a name like it is listened to", { functions: [near], runs: [live(1)] }, false, "nothing"],
		["unless it came before", { functions: [near], runs: [live(1)], known: true }, false, undefined],
		[
			"it would cancel runs",
			{ functions: [fn("f", "x/y", { cancellations: [{ event: "a/b" }] })], runs: [live(1)] },
			false,
			"cancels",
		],
		[
			"it would cancel such runs, of which there is none",
			{ functions: [fn("f", "x/y", { cancellations: [{ event: "a/b" }] })] },
			false,
			"nothing",
		],
		["a function starts", { functions: [fn("f", "a/b")] }, false, undefined],
		["the one that listens is paused", { functions: [{ ...fn("f", "a/b"), isPaused: true }] }, false, "nothing"],
	])("%s", async (_, served, isDev, surprise) => {
		expect(surpriseOf(await seen(served), isDev)).toBe(surprise);
	});
});

describe("events by their names alone", () => {
	const singleton = (mode: string, some: object = {}) => ({ ...fn("f", "a/b", { singleton: { mode } }), ...some });
	const cancelled = (name: string) => fn(name, "billing/paid", { cancellations: [{ event: "a/b" }] });
	const told = async (served: Served, names: readonly string[] = ["a/b"]) =>
		(await foreseeNames(serving(served).context, names))
			?.filter(isSurprise)
			.map(
				({ name, nobody, cancels }) => `${name}: ${nobody ? "nobody, " : ""}${cancels.map((one) => one.id).join(" ")}`,
			);
	test.each<[string, Served, string[] | undefined]>([
		["there is no function", {}, []],
		["one listens", { functions: [fn("f", "a/b")], runs: [live(1)] }, []],
		["one that cancels its live runs", { functions: [singleton("CANCEL")], runs: [live(1)] }, ["a/b: f"]],
		["but has none", { functions: [singleton("CANCEL")] }, []],
		["or skips new ones", { functions: [singleton("SKIP")], runs: [live(1)] }, []],
		[
			"or is paused, so nothing starts",
			{ functions: [singleton("CANCEL", { isPaused: true })], runs: [live(1)] },
			["a/b: "],
		],
		["or archived", { functions: [singleton("CANCEL", { isArchived: true })], runs: [live(1)] }, ["a/b: "]],
		["one of two that listen is paused", { functions: [fn("f", "a/b"), { ...fn("g", "a/b"), isPaused: true }] }, []],
		["nobody listens, nor to one like it", { functions: [other] }, []],
		["to one like it somebody does", { functions: [fn("f", "a/b.c")] }, ["a/b: nobody, "]],
		["nobody listens, and it cancels", { functions: [cancelled("f")], runs: [live(1)] }, ["a/b: nobody, f"]],
		["though nothing now", { functions: [cancelled("f")] }, ["a/b: nobody, "]],
		[
			"of more functions than are looked at",
			{ functions: Array.from({ length: 11 }, (_, i) => cancelled(`f${i}`)) },
			["a/b: nobody, f10"],
		],
	])("%s", async (_, served, lines) => {
		expect(await told(served)).toEqual(lines);
	});
	test("live runs that can't be read may be there", async () => {
		const { answer, context } = serving({ functions: [singleton("CANCEL")] });
		const looks = answeringBy((request) => {
			if (request.path === "/v2/runs") return new ServerError("No.", "", { status: 500 });
			return answer(request);
		});
		expect((await foreseeNames({ ...context, looks }, ["a/b"]))?.map(({ cancels }) => cancels.length)).toEqual([1]);
	});
	test("are at most a hundred, and of apps that can all be read", async () => {
		const names = (n: number) => Array.from({ length: n }, (_, i) => `other/${i}`);
		const { answer, context } = serving({ functions: [other] });
		expect([await told({ functions: [other] }, names(100)), await told({ functions: [other] }, names(101))]).toEqual([
			[],
			undefined,
		]);
		const looks = answeringBy((request) => {
			if (request.path === "/v2/apps") return { data: [{ id: "shop" }, { id: "billing" }] };
			return request.path === "/v2/apps/billing/functions"
				? new ServerError("No.", "", { status: 500 })
				: answer(request);
		});
		expect(await foreseeNames({ ...context, looks }, ["a/b"])).toBeUndefined();
	});
});

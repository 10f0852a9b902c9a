import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import {
	all,
	cancelRequest,
	durationOf,
	endOf,
	hasEnded,
	inParallel,
	listRunsRequest,
	Page,
	pages,
	Run,
	runLine,
	runsOfEvent,
	startsInQueue,
	type TimeField,
	tookOf,
} from "../../lib/inngest/api.ts";
import type { Request } from "../../lib/wire/request.ts";
import { exchangesOf, type Kind, recorded } from "../recordings.ts";
import { answering, answeringBy, line } from "./api-of.ts";
import { aRun, listOf, runOf } from "./recorded.ts";

const NOW = Date.UTC(2026, 10, 23, 21, 0, 0);

describe("a run's status", () => {
	test.each([
		["running", "COMPLETED", "RUNNING"],
		["retrying", "FAILED", "RUNNING"],
		["flaky", "FAILED", "RUNNING"],
		["waiting", "RUNNING", "RUNNING"],
		["ok", "COMPLETED", "COMPLETED"],
		["failed", "FAILED", "FAILED"],
		["cancelled", "CANCELLED", "CANCELLED"],
	])("a run recorded as %s, which the server calls %s, is %s", (label, claimed, status) => {
		for (const kind of ["dev-server", "self-hosted"] satisfies Kind[]) {
			const run = runOf(label, kind);
			expect(recorded(`get run, ${label}`, kind).response.body).toMatchObject({ data: { status: claimed } });
			expect([run.status, hasEnded(run)]).toEqual([status, status !== "RUNNING"]);
		}
	});

	test("states that are not an end stay as they are", () => {
		for (const status of ["QUEUED", "UNKNOWN", "PAUSED"]) {
			const run = aRun({ status, endedAt: null });
			expect([run.status, hasEnded(run)]).toEqual([status, false]);
		}
		expect(hasEnded(aRun({ status: "SKIPPED" }))).toBe(true);
		expect(hasEnded(aRun({ status: "SKIPPED", endedAt: null }))).toBe(true);
	});
});

describe("a run", () => {
	test("in one line", () => {
		expect([runOf("failed"), runOf("running")].map((run) => runLine(run, NOW))).toEqual([
			"01M85369BGEM7GSTPJW84QG3RD FAILED shop/import-catalog 2m ago 174ms",
			"01M85369BR3BQF9V97AKVJRMRH RUNNING shop/slow-report 2m ago",
		]);
	});

	test("of a list is told with all of its time in the queue: as much as the run read alone adds up to (measured)", () => {
		const times = { queuedAt: "2026-11-26T10:26:10.658Z", endedAt: "2026-11-26T10:26:24.030665201Z" };
		const listed = aRun({ ...times, startedAt: "2026-11-26T10:26:13.806040292Z" });
		const alone = aRun({ ...times, startedAt: "2026-11-26T10:26:21.384Z", endedAt: "2026-11-26T10:26:24.030Z" });
		expect([tookOf(listed), tookOf(alone)]).toEqual([
			{ ms: 13_372, queue: true },
			{ ms: 2646, queue: false },
		]);
		expect(tookOf({ ...listed, queuedAt: null })).toBeUndefined();
	});

	test("of a list that includes its time in the queue, as recorded: it took 174 ms", () => {
		const [listed] = listOf("list runs, of a function");
		if (!listed) throw new Error("no run");
		expect([{}, { queue: true }, { by: "endedAt" as const }].map((said) => runLine(listed, NOW, said))).toEqual([
			"01M85369BGEM7GSTPJW84QG3RD FAILED shop/import-catalog 2m ago 223ms incl. queue",
			"01M85369BGEM7GSTPJW84QG3RD FAILED shop/import-catalog 2m ago 223ms",
			"01M85369BGEM7GSTPJW84QG3RD FAILED shop/import-catalog ended 2m ago, 223ms incl. queue",
		]);
	});

	describe.each(["kitchen", "kitchen-self-hosted"] satisfies Kind[])("of %s", (kind) => {
		const listed = [1, 2, 3].flatMap((n) => listOf(`runs: page ${n} of all`, kind));

		test("is told with its queue where a list has it, and without where it was read alone", () => {
			const alone = exchangesOf(kind).flatMap(({ label, response }) =>
				/^run: /.test(label) ? z.parse(z.object({ data: Run }), response.body).data : [],
			);
			expect([listed.length > 200, alone.length > 200]).toEqual([true, true]);
			expect(listed.filter((run) => !startsInQueue(run))).toEqual([]);
			// Runs that never began have no other start.
			expect(alone.filter((run) => startsInQueue(run) && run.status !== "CANCELLED")).toEqual([]);
		});

		test("is not told how long it took where it was cancelled: a list has its end ten seconds late", () => {
			const cancelled = listOf("runs: cancelled", kind);
			expect(cancelled.length).toBeGreaterThan(3);
			for (const run of cancelled)
				expect(runLine(run, NOW + 2 * 86_400_000 + 21_600_000)).toMatch(/^\w{26} CANCELLED shop\/[\w-]+ \d+m ago$/);
		});
	});

	test("read alone is told how long it took, cancelled or not", () => {
		expect(runLine(runOf("cancelled"), NOW)).toMatch(/^\w{26} CANCELLED shop\/slow-report 2m ago [\d.]+m?s$/);
	});

	test("that ends after the moment, as a cancelled one of a list may, has just ended", () => {
		const ahead = aRun({ status: "CANCELLED", endedAt: new Date(NOW + 9000).toISOString() });
		expect(runLine(ahead, NOW, { by: "endedAt" })).toBe(
			"01M85369BX39BZFM3TC50ACTFC CANCELLED shop/import-catalog ended 0s ago",
		);
	});

	test("with a hostile function, a batch and Go's zero time", () => {
		const run = aRun({
			function: { id: "a\n» [x](y)" },
			trigger: { isBatch: true },
			startedAt: "0001-01-01T00:00:00Z",
			queuedAt: "0001-01-01T00:00:00Z",
		});
		expect([runLine(run, NOW), durationOf(run)]).toEqual([
			"01M85369BX39BZFM3TC50ACTFC FAILED «shop/a › [x] (y)» batch",
			undefined,
		]);
	});

	test("what the server leaves out is empty; an id that is none is refused", () => {
		expect(z.parse(Run, { id: "01M85369BX39BZFM3TC50ACTFC" })).toEqual({
			...{ id: "01M85369BX39BZFM3TC50ACTFC", app: { id: "" }, function: { id: "" }, status: "UNKNOWN" },
		});
		for (const id of ["../x", "01M85369BX39BZFM3TC50ACTFC\n", ""]) expect(z.safeParse(Run, { id }).success).toBe(false);
	});
});

describe("requests", () => {
	test("a filter becomes a query", () => {
		const filter = {
			status: ["FAILED", "QUEUED"],
			function: { app: "shop", name: "a" },
			app: "x",
			since: "S",
			until: "U",
		} as const;
		expect(listRunsRequest(filter, { limit: 5 })).toEqual({
			method: "GET",
			path: "/v2/runs",
			query: { status: ["FAILED", "QUEUED"], appId: "shop", functionId: "a", from: "S", until: "U", limit: 5 },
			api: "v2",
		});
	});

	test("the end is asked for by name, the time of queueing is the server's own choice", () => {
		const fieldOf = (by?: TimeField) => listRunsRequest({ by }).query?.timeField;
		expect([fieldOf("endedAt"), fieldOf("queuedAt"), fieldOf()]).toEqual(["endedAt", undefined, undefined]);
	});

	test("a cancellation may be repeated, and 409 is an answer", () => {
		expect(cancelRequest("01M85369BX39BZFM3TC50ACTFC")).toEqual({
			...{ method: "POST", path: "/v2/runs/01M85369BX39BZFM3TC50ACTFC/cancel", body: {}, api: "v2" },
			repeatable: true,
			accept: [409],
		});
	});
});

describe("pages", () => {
	const list: Request = { method: "GET", path: "/v2/runs", query: { limit: 3 }, api: "v2" };
	const collect = async (...answers: unknown[]) => {
		const api = answering(...answers);
		const got: number[] = [];
		for await (const page of pages(api, list, z.unknown())) got.push(page.length);
		return { got, cursors: api.sent.map(({ query }) => query?.cursor) };
	};

	test("no data key is an empty page, the last has no cursor", async () => {
		expect(await collect(recorded("list runs, nothing in range").response.body)).toEqual({
			got: [0],
			cursors: [undefined],
		});
	});

	test("an odd item does not cost the list, though the last page holds no other", async () => {
		const run = (n: number) => ({ id: `01M85369BX39BZFM3TC000000${n}` });
		const api = answering({ data: [run(1), run(2)], page: { cursor: "a" } }, { data: [{ id: "odd" }] });
		expect((await all(api, list, Run)).map(({ id }) => id)).toEqual([run(1).id, run(2).id]);
		await expect(all(answering({ data: [{ id: "odd" }] }), list, Run)).rejects.toThrow();
	});

	test("an empty page with a cursor goes on", async () => {
		expect(
			await collect(
				{ page: { cursor: "a" } },
				{ data: [1], page: { cursor: "b", hasMore: true } },
				{ data: [2, 3], page: {} },
			),
		).toEqual({ got: [0, 1, 2], cursors: [undefined, "a", "b"] });
	});

	test("recorded pages are read whole", () => {
		const page = z.parse(Page(Run), recorded("list runs, page 1 of many").response.body);
		expect([page.data.length, typeof page.page?.cursor]).toEqual([3, "string"]);
		expect(listOf("runs of an event, none")).toEqual([]);
	});

	test("an event's runs are read to 400", async () => {
		const api = answeringBy((_, n) => ({
			data: Array.from({ length: 40 }, (_, i) =>
				aRun({ id: `01M85369BX39BZFM3TC5${String(40 * n + i).padStart(6, "0")}` }),
			),
			page: { cursor: String(n) },
		}));
		expect([(await runsOfEvent(api, "01M85369BX39BZFM3TC50ACTFC")).length, api.sent.length]).toEqual([400, 10]);
		expect(api.sent.slice(0, 2).map(line)).toEqual([
			"GET /v2/events/01M85369BX39BZFM3TC50ACTFC/runs?limit=40",
			"GET /v2/events/01M85369BX39BZFM3TC50ACTFC/runs?limit=40&cursor=0",
		]);
	});
});

test("inParallel keeps the order and the limit, and one failing loses nothing", async () => {
	let flying = 0;
	let most = 0;
	const error = new Error("3");
	const results = await inParallel([5, 1, 3, 2, 4], 2, async (n, i) => {
		most = Math.max(most, ++flying);
		await new Promise((resolve) => setTimeout(resolve, n));
		flying--;
		if (n === 3) throw error;
		return [n, i];
	});
	expect(results).toEqual([{ value: [5, 0] }, { value: [1, 1] }, { error }, { value: [2, 3] }, { value: [4, 4] }]);
	expect(most).toBe(2);
	expect(await inParallel([], 3, () => Promise.resolve(1))).toEqual([]);
});

test("what has an end has ended, whatever its status is called; what has none is of no time", () => {
	const ended = aRun({ status: "ODD" });
	const open = aRun({ status: "ODD", startedAt: "2026-11-23T20:57:33.000Z", endedAt: null });
	expect([hasEnded(ended), hasEnded(open), endOf(ended), endOf(open)]).toEqual([
		true,
		false,
		Date.parse("2026-11-23T20:57:34.000Z"),
		0,
	]);
});

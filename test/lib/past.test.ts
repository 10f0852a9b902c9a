/** Reading two windows with a limited number of requests, and further reads of queues and waits. */
import { describe, expect, test } from "vitest";
import type { Backlog } from "../../lib/decide/cause.ts";
import { type Sample, trendsOf } from "../../lib/decide/trend.ts";
import {
	backlogsOf,
	type Looking,
	liveRuns,
	oldestEver,
	openLooking,
	readSpan,
	rowsOf,
} from "../../lib/gather/past.ts";
import type { Run } from "../../lib/inngest/api.ts";
import { ServerError } from "../../lib/text/errors.ts";
import { NOW } from "../world.ts";
import { answeringBy, type FakeApi, line } from "./api-of.ts";
import { aRun } from "./recorded.ts";

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const iso = (ms: number) => new Date(ms).toISOString();
const SPAN = { from: NOW - HOUR, until: NOW };

let drawn = 0;
/** A run that ended this long before NOW; a live one was queued then. */
const run = (ago: number, { status = "COMPLETED", took = S, ...some }: Record<string, unknown> = {}): Run => {
	const isLive = status === "QUEUED" || status === "RUNNING";
	const queued = NOW - ago - (isLive ? 0 : Number(took));
	return aRun({
		id: `01M85369BX39BZFM3TC${String(drawn++).padStart(7, "0")}`,
		status,
		...{ queuedAt: iso(queued), startedAt: iso(queued), endedAt: isLive ? null : iso(NOW - ago) },
		...some,
	});
};
/** A server with this many ended runs per minute, as far back as it has runs; its lists are by end time. */
const busy = (perMinute: number, history = HOUR): FakeApi =>
	answeringBy(({ query = {} }) => {
		const [from, until] = [query.from, query.until].map((at) => Date.parse(String(at)));
		const step = MIN / perMinute;
		const start = Number(query.cursor ?? 0);
		const first = Math.floor((NOW - (until ?? NOW)) / step) + start;
		const last = Math.min(history, NOW - (from ?? 0)) / step;
		const many = Array.from({ length: 100 }, (_, i) => first + i).filter((n) => n < last);
		return {
			data: many.map((n) => run(n * step)),
			page: { cursor: many.length < 100 ? null : String(start + 100) },
		};
	});
const looking = (api: FakeApi): Looking & { said: string[] } => {
	const said: string[] = [];
	// Only what it uses of a context.
	const context = { api, now: NOW, progress: (text: string) => void said.push(text) };
	return { ...openLooking(context), said };
};

describe("a window", () => {
	test("of few runs is read whole, by the end", async () => {
		const api = busy(2);
		const found = await readSpan(looking(api), { app: "shop" }, SPAN);
		expect([found.runs.length, found.covered, found.whole, api.sent.length]).toEqual([120, HOUR, SPAN.from, 2]);
		expect(line(api.sent[0] ?? { method: "GET", path: "", api: "v2" })).toBe(
			`GET /v2/runs?status=COMPLETED,FAILED,CANCELLED&appId=shop&from=${iso(SPAN.from)}&until=${iso(SPAN.until)}&timeField=endedAt&limit=100`,
		);
	});
	test("of as many as thirty pages have is, too", async () => {
		const api = busy(48);
		const found = await readSpan(looking(api), {}, SPAN);
		expect([found.runs.length, found.covered, found.whole, api.sent.length]).toEqual([2880, HOUR, SPAN.from, 29]);
	});
	test("of more is read at its end, and in thirty slices of the rest: how much of it that is is known", async () => {
		const api = busy(200);
		const found = await readSpan(looking(api), {}, SPAN);
		expect(api.sent.length).toBe(38);
		// 8 pages of half a minute, and 30 equal ones in the rest.
		const step = 99 * (MIN / 200);
		expect(found.whole).toBe(NOW - 799 * (MIN / 200));
		expect(Math.abs(found.covered - (NOW - found.whole + 30 * step))).toBeLessThan(30 * (MIN / 200));
		const starts = api.sent.slice(8).map(({ query }) => Date.parse(String(query?.from)));
		expect([starts[0], api.sent.at(-1)?.query?.until]).toEqual([SPAN.from, iso(found.whole)]);
		const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
		expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
		const rate = found.runs.length / (found.covered / MIN);
		expect(rate).toBeGreaterThan(195);
		expect(rate).toBeLessThan(210);
	});
	test("of which slices that end before their begin are read whole", async () => {
		// 200 a minute in the last ten minutes, two a minute before.
		const ends = [
			...Array.from({ length: 2000 }, (_, n) => n * 300),
			...Array.from({ length: 100 }, (_, n) => 10 * MIN + n * 30 * S),
		];
		const api = answeringBy(({ query = {} }) => {
			const [from, until] = [query.from, query.until].map((at) => NOW - Date.parse(String(at)));
			const found = ends.filter((ago) => ago >= (until ?? 0) && ago < (from ?? 0));
			const at = Number(query.cursor ?? 0);
			const some = found.slice(at, at + 100);
			return { data: some.map((ago) => run(ago)), page: { cursor: found.length > at + 100 ? String(at + 100) : null } };
		});
		const found = await readSpan(looking(api), {}, SPAN);
		expect(api.sent.length).toBe(38);
		const old = found.runs.filter((one) => Date.parse(one.endedAt ?? "") < NOW - 12 * MIN).length;
		expect([old, found.covered > 55.5 * MIN, found.covered < HOUR]).toEqual([95, true, true]);
	});
	test("which is full on its last page, of a history that ends there, is read whole", async () => {
		const api = busy(10, 10 * MIN);
		const found = await readSpan(looking(api), {}, SPAN);
		expect([found.runs.length, found.covered, found.whole]).toEqual([100, HOUR, SPAN.from]);
	});
	test("has no run that goes on, though the list does", async () => {
		const listed = [run(MIN), run(2 * MIN, { status: "RUNNING" }), run(3 * MIN)];
		const found = await readSpan(looking(answeringBy(() => ({ data: listed }))), {}, SPAN);
		expect(found.runs.map(({ status }) => status)).toEqual(["COMPLETED", "COMPLETED"]);
	});
	test("says how far it is", async () => {
		const one = looking(busy(2));
		await readSpan(one, {}, SPAN);
		expect([one.said, one.made(), one.left()]).toEqual([["100 runs read", "120 runs read"], 2, 118]);
	});
});

test("the oldest run that there is is the first that ended", async () => {
	const api = answeringBy(() => ({ data: [run(9 * HOUR)] }));
	expect(await oldestEver(looking(api), { app: "shop" })).toBe(NOW - 9 * HOUR);
	expect(api.sent.map(line)).toEqual([
		"GET /v2/runs?status=COMPLETED,FAILED,CANCELLED&appId=shop&timeField=endedAt&order=ASC&limit=2",
	]);
	expect(await oldestEver(looking(answeringBy(() => ({ data: [] }))), {})).toBeUndefined();
	// The second row of a cancelled run that the server had lost is not a run (measured on v1.43).
	const echo = run(10 * HOUR, { status: "CANCELLED", app: { id: "00000000-0000-0000-0000-000000000000" } });
	const rows = answeringBy(({ query }) => ({ data: [echo, run(9 * HOUR)].slice(0, Number(query?.limit)) }));
	expect(await oldestEver(looking(rows), {})).toBe(NOW - 9 * HOUR);
});

describe("live runs", () => {
	const pages = (n: number, last = 100) =>
		answeringBy(({ query }) => {
			const at = Number(query?.cursor ?? 0);
			const length = at + 1 === n ? last : 100;
			return {
				data: Array.from({ length }, () => run(MIN, { status: "QUEUED" })),
				page: { cursor: at + 1 < n ? String(at + 1) : null },
			};
		});
	test("are read from the oldest on, sixteen pages", async () => {
		const api = pages(20);
		const one = looking(api);
		const live = await liveRuns(one, { app: "shop" });
		expect([live?.runs.length, live?.cut, api.sent.length]).toEqual([1600, true, 16]);
		expect(line(api.sent[0] ?? { method: "GET", path: "", api: "v2" })).toBe(
			"GET /v2/runs?status=QUEUED,RUNNING&appId=shop&limit=100&order=ASC",
		);
	});
	test("are all where the sixteenth page is not full", async () => {
		expect([(await liveRuns(looking(pages(16, 99)), {}))?.cut, (await liveRuns(looking(pages(3)), {}))?.cut]).toEqual([
			false,
			false,
		]);
	});
	test("are none that has ended, whatever is listed", async () => {
		const listed = [run(MIN), run(MIN, { status: "QUEUED" })];
		expect((await liveRuns(looking(answeringBy(() => ({ data: listed }))), {}))?.runs.length).toBe(1);
	});
	test("that can't be read are missing", async () => {
		const one = looking(answeringBy(() => new ServerError("It is away.", "", { status: 500 })));
		expect([await liveRuns(one, {}), one.missing]).toEqual([undefined, ["Live runs could not be read: It is away."]]);
	});
});

describe("what holds a queue back", () => {
	const queued = Array.from({ length: 9 }, () => run(20 * MIN, { status: "QUEUED" }));
	const sample: Sample = { span: SPAN, runs: [], covered: HOUR, whole: SPAN.from };
	const job = (executing: boolean, at = NOW - MIN) => ({
		data: [{ kind: "start", at: iso(at), attempt: 0, Raw: executing ? { leaseID: "01M85369BX39BZFM3TC0000000" } : {} }],
	});
	const own = { concurrency: [{ limit: { value: 2 }, scope: "FUNCTION" }] };
	/** At each look, this many of eight runs are executing. */
	const server = (looks: readonly number[], configuration: unknown = own, more: string | null = null) => {
		let look = -1;
		const running = Array.from({ length: 8 }, () => run(MIN, { status: "RUNNING" }));
		return answeringBy(({ path }) => {
			if (path === "/v2/runs") {
				look++;
				return { data: running, page: { cursor: more } };
			}
			if (path.includes("/functions/")) return { data: { id: "import-catalog", configuration } };
			return job(running.findIndex(({ id }) => path.includes(id)) < (looks[look] ?? 0) && look >= 0);
		});
	};
	const held = async (api: FakeApi, runs = queued) => backlogsOf(looking(api), { runs, cut: false }, sample);
	const executing = async (...of: Parameters<typeof server>) => {
		const api = server(...of);
		const [one] = (await held(api)).backlogs;
		return [one?.executing?.runs, one?.executing?.atLeast, api.sent.filter(({ path }) => path === "/v2/runs").length];
	};

	test("is its limit, and how many of its runs are executing: the most of three looks, as between two runs none is", async () => {
		expect([
			await executing([2]),
			await executing([0, 1, 0]),
			await executing([1, 0, 0]),
			await executing([0, 0, 2]),
			await executing([0], {}),
			await executing([2], own, "more"),
		]).toEqual([
			[2, false, 1],
			[1, false, 3],
			[1, false, 3],
			[2, false, 3],
			[0, false, 1],
			[2, true, 1],
		]);
	});
	test("is nothing, where the oldest waits for a time that it was planned for", async () => {
		const api = answeringBy(({ path }) => (path.endsWith("/jobs") ? job(false, NOW + HOUR) : { data: [] }));
		expect([await held(api), api.sent.length]).toEqual([{ backlogs: [], more: [] }, 1]);
	});
	test("is told where one of its jobs waits for a time, and another does not", async () => {
		const both = { data: [...job(false, NOW + HOUR).data, ...job(false).data] };
		const api = answeringBy(({ path }) => {
			if (path.endsWith("/jobs")) return both;
			return { data: path.includes("/functions/") ? { id: "import-catalog" } : [] };
		});
		expect((await held(api)).backlogs.length).toBe(1);
	});
	test("is looked at once where few requests are left", async () => {
		const looks = async (left: number) => {
			const api = server([0, 1, 2]);
			const one = { ...looking(api), left: () => left };
			await backlogsOf(one, { runs: queued, cut: false }, sample);
			return api.sent.filter(({ path }) => path === "/v2/runs").length;
		};
		expect([await looks(31), await looks(32)]).toEqual([1, 3]);
	});
	test("is looked for in the two longest queues alone", async () => {
		const of = (name: string, n: number) =>
			Array.from({ length: n }, () => run(20 * MIN, { status: "QUEUED", function: { id: name } }));
		const found = await held(server([2]), [...of("a", 6), ...of("b", 9), ...of("c", 7)]);
		expect(found.more).toEqual(["shop/a"]);
		expect(found.backlogs.map(({ of: { name }, queued: n }) => [name, n])).toEqual([
			["b", 9],
			["c", 7],
		]);
	});
	test("of which what can't be read is missing", async () => {
		const one = looking(
			answeringBy(({ path }) =>
				path.endsWith("/jobs") ? job(false) : new ServerError("It is away.", "", { status: 500 }),
			),
		);
		const [found] = (await backlogsOf(one, { runs: queued, cut: false }, sample)).backlogs;
		expect([found?.limit, found?.executing, found?.drain.kind]).toEqual([undefined, undefined, "unknown"]);
		expect(one.missing).toEqual([
			"The limit of shop/import-catalog could not be read: It is away.",
			"What shop/import-catalog is executing could not be read: It is away.",
		]);
	});
});

describe("how long runs waited in the queue", () => {
	const inList = { startedAt: iso(NOW - 30 * MIN).replace("Z", "123456Z") };
	const of = (runs: readonly Run[], span = SPAN): Sample => ({ span, runs, covered: HOUR, whole: span.from });
	const before = { from: NOW - 2 * HOUR, until: NOW - HOUR };
	const rows = async (now: readonly Run[], past: readonly Run[], backlogs: readonly Backlog[] = []) => {
		// Requested alone, a run has its true start, two seconds after it was queued.
		const api = answeringBy(({ path }) => {
			const found = [...now, ...past].find(({ id }) => path.endsWith(id));
			return { data: { ...found, startedAt: iso(Date.parse(found?.queuedAt ?? "") + 2 * S) } };
		});
		const samples = [of(now), of(past, before)] as const;
		const read = await rowsOf(looking(api), trendsOf(samples[0], samples[1], new Set()), backlogs, samples);
		return { waited: read[0]?.waited, asked: api.sent.length };
	};
	const many = (n: number, ago: number, some: Record<string, unknown> = {}) =>
		Array.from({ length: n }, (_, i) => run(ago + i * MIN, some));

	test("lists tell, but those of OSS: there twelve runs are read, and eight before", async () => {
		const slow = [many(20, MIN, { took: 9 * S }), many(20, 61 * MIN)] as const;
		const told = await rows(...slow);
		expect([told.waited?.now, told.waited?.past, told.asked]).toEqual([{ p95Ms: 0, of: 20 }, { p95Ms: 0, of: 20 }, 0]);
		const oss = await rows(many(20, MIN, { took: 9 * S, ...inList }), many(20, 61 * MIN, inList));
		expect([oss.waited?.now, oss.waited?.past, oss.asked]).toEqual([
			{ p95Ms: 2 * S, of: 12 },
			{ p95Ms: 2 * S, of: 8 },
			20,
		]);
	});
	test("of what is no slower none is read, unless it has a backlog", async () => {
		const alike = [many(20, MIN, inList), many(20, 61 * MIN, inList)] as const;
		expect(await rows(...alike)).toEqual({ waited: { now: undefined, past: undefined }, asked: 0 });
		const backlog = { function: "shop/import-catalog", of: { app: "shop", name: "import-catalog" } };
		const whole = { ...backlog, queued: 9, cut: false, oldest: "", since: 0, pace: undefined };
		expect((await rows(...alike, [whole])).asked).toBe(20);
	});
	test("nor of what is faster", async () => {
		expect((await rows(many(20, MIN, inList), many(20, 61 * MIN, { took: 9 * S, ...inList }))).asked).toBe(0);
	});
	test("a clock that went back says nothing", async () => {
		const odd = { startedAt: iso(NOW - 5 * HOUR) };
		expect((await rows([...many(5, MIN, odd), ...many(5, 9 * MIN)], many(9, 61 * MIN))).waited?.now?.of).toBe(5);
	});
});

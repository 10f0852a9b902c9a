import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { NOW } from "../world.ts";
import { type Answers, type Asked, AT, alsoAnswered, answered, call, ok, page, type Reply } from "./call.ts";

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const iso = (ms: number) => new Date(ms).toISOString();

interface Of {
	status?: string;
	fn?: string;
	/** When it ended, or was queued if live, before NOW. */
	ago?: number;
	took?: number;
	/** Time in the queue, as part of its duration. */
	queue?: number;
	event?: string;
}
interface Known {
	id: string;
	status: string;
	fn: string;
	queued: number;
	started: number;
	ended: number | undefined;
	event: string;
}
let drawn = 0;
const made = new Map<string, Known>();
function run({ status = "COMPLETED", fn = "import", ago = 0, took = S, queue = 50, event }: Of = {}): Known {
	const isLive = status === "RUNNING" || status === "QUEUED";
	const queued = NOW - ago - (isLive ? 0 : took);
	const tail = String(drawn++).padStart(7, "0");
	const one = {
		id: `01M85369BX39BZFM3TC${tail}`,
		...{ status, fn, queued, started: queued + queue, ended: isLive ? undefined : NOW - ago },
		event: event ?? `01M853698J9ZFFAMVVY${tail}`,
	};
	made.set(one.id, one);
	return one;
}
/** This many, spread over the hour that ended this long ago; the last `failed` failed. */
const hour = (ago: number, n: number, failed = 0, more: Of = {}): Known[] =>
	Array.from({ length: n }, (_, i) =>
		run({ ago: ago + ((n - i) * HOUR) / (n + 1), status: i >= n - failed ? "FAILED" : "COMPLETED", ...more }),
	);
const times = (n: number, one: () => Known) => Array.from({ length: n }, one);

/** As in lists: OSS gives the start in the queue, to the nanosecond, Cloud the true start (measured; documented). */
const inList = (one: Known, oss: boolean) => ({
	app: { id: "shop" },
	function: { id: one.fn, name: one.fn },
	id: one.id,
	status: one.status,
	queuedAt: iso(one.queued),
	...(oss && { startedAt: iso(one.queued).replace("Z", "123456Z") }),
	...(!oss && one.status !== "QUEUED" && { startedAt: iso(one.started) }),
	...(one.ended !== undefined && { endedAt: iso(one.ended) }),
	trigger: { eventIds: [one.event] },
});

/** A server with these runs: lists by window, status, order and pages of 100; single runs with their true start; jobs, functions. */
function serving(all: readonly Known[], more: Answers = {}, oss = true): Answers {
	const list = ({ query }: Asked): Reply => {
		const byEnd = query.get("timeField") === "endedAt";
		const of = (one: Known) => (byEnd ? (one.ended ?? one.queued) : one.queued);
		const [from, until] = [query.get("from"), query.get("until")].map((at) =>
			at === null ? undefined : Date.parse(at),
		);
		const statuses = query.getAll("status");
		const found = all
			.filter((one) => (from === undefined || of(one) >= from) && (until === undefined || of(one) < until))
			.filter((one) => !statuses.length || statuses.includes(one.status))
			.sort((a, b) => of(b) - of(a));
		if (query.get("order") === "ASC") found.reverse();
		const start = Number(query.get("cursor") ?? 0);
		const limit = Number(query.get("limit"));
		const next = start + limit < found.length ? String(start + limit) : undefined;
		return page(
			found.slice(start, start + limit).map((one) => inList(one, oss)),
			next,
		);
	};
	return { "GET /v2/runs": list, ...more };
}
const idIn = (asked: Asked): string => asked.path.split("/")[3] ?? "";
const conc = (concurrency: object[]) =>
	ok({ data: { id: "conc-one", name: "conc-one", app: { id: "shop" }, configuration: { concurrency }, triggers: [] } });
const ONE = [{ limit: { isPlanLimit: false, value: 1 }, scope: "FUNCTION" }];
alsoAnswered({
	// Requested alone, a run has its true start (measured).
	"GET /v2/runs/*": (asked) => {
		const one = made.get(idIn(asked));
		return one ? ok({ data: { ...inList(one, false), startedAt: iso(one.started) } }) : { status: 404 };
	},
	"GET /v1/runs/*/jobs": (asked) => {
		const Raw = made.get(idIn(asked))?.status === "RUNNING" ? { leaseID: "01M85369BX39BZFM3TC0000000" } : {};
		return ok({ data: [{ kind: "start", at: iso(NOW - MIN), attempt: 0, Raw }] });
	},
	"GET /v2/apps/shop/functions/conc-one": conc(ONE),
	"GET /v2/apps": page([{ id: "shop" }]),
});

const previous = ["report-health", "--since", "1h", "--against", "previous"];
const Data = z.object({
	requests: z.number(),
	sampled: z.boolean(),
	functions: z.array(
		z.object({
			function: z.string(),
			verdict: z.string(),
			now: z.object({ perMinute: z.number(), failed: z.number() }),
		}),
	),
});

describe("ten functions", () => {
	const slow = [...hour(0, 30, 0, { fn: "report", took: 9 * S }), ...hour(HOUR, 30, 0, { fn: "report", took: 2 * S })];
	const live = [
		run({ status: "RUNNING", fn: "conc-one", ago: 30 * MIN }),
		...times(34, () => run({ status: "QUEUED", fn: "conc-one", ago: 24 * MIN })),
	];
	const conc = [
		...Array.from({ length: 12 }, (_, i) => run({ fn: "conc-one", ago: (i + 0.5) * 2 * MIN, took: 30 * MIN })),
	];
	const all = [
		...hour(0, 20, 12),
		...hour(HOUR, 48, 1),
		...slow,
		...hour(0, 6, 6, { fn: "charge" }),
		...hour(HOUR, 9, 0, { fn: "nightly" }),
		...hour(0, 20, 0, { fn: "mail" }),
		...hour(HOUR, 20, 14, { fn: "mail" }),
		...["a", "b", "c"].flatMap((fn) => [...hour(0, 12, 0, { fn }), ...hour(HOUR, 12, 0, { fn })]),
		...hour(0, 2, 1, { fn: "rare" }),
		...hour(HOUR, 1, 0, { fn: "rare" }),
		...conc,
		...live,
		run({ ago: 5 * HOUR }),
	];

	test("what is worse, new, gone and better, in one answer of at most 500 tokens", async () => {
		const { text, asked } = await call("dev", previous, serving(all));
		expect(text).toMatchInlineSnapshot(`
			"Worse in the last 1h than in the 1h before: 19 of 126 runs failed, before 15 of 144; of 10 functions, 1 fails more, 1 takes longer, 1 is new and fails, 1 has a backlog, 1 is gone, 1 is new, 1 is better, 3 are about the same, 1 is unclear (too few runs) (dev server localhost:8288)
			Backlog shop/conc-one, held by its limit, not its code: 1 of 1 executing, 34 queued (oldest 24m), 6 ended, 0 arrived in 12m, possible: empty in about 1h08m at this pace
			Failed/(completed + failed), runs/min, median/95% of completed incl. queue (before); bars: failures per 20m:
			Worse shop/import 12/20 60% (1/48), 0.33/min (0.8), 1s/1s, fails more since 20:25Z ▁▁▂▁▆█
			Worse shop/report 0/30, 0.5/min, 9s/9s (2s/2s), slower since 20:01Z
			New shop/charge 6/6, 0.1/min, since 20:08Z ▁▁▁███
			New shop/conc-one 0/12, 0.2/min, 30m/30m, since 20:37Z
			Gone shop/nightly 0/9, 0.15/min, until 19:54Z
			Better shop/mail 0/20 (14/20), 0.33/min, 1s/1s, fails less since 20:02Z
			Same shop/a 0/12, 0.2/min, 1s/1s
			Same shop/b 0/12, 0.2/min, 1s/1s
			Same shop/c 0/12, 0.2/min, 1s/1s
			Unclear shop/rare 1/2 50% (0/1)
			Next: triage-failures --function shop/import --since 1h"
		`);
		expect(encode(text).length).toBeLessThanOrEqual(500);
		expect(asked.length).toMatchInlineSnapshot(`42`);
	});

	test("Cloud's lists tell the time in the queue, so that no run is read for it", async () => {
		const cloud = await call("cloud", previous, serving(all, {}, false));
		expect(cloud.text).toMatchInlineSnapshot(`
			"Worse in the last 1h than in the 1h before: 19 of 126 runs failed, before 15 of 144; of 10 functions, 1 fails more, 1 takes longer, 1 is new and fails, 1 has a backlog, 1 is gone, 1 is new, 1 is better, 3 are about the same, 1 is unclear (too few runs) (Inngest Cloud, production)
			Backlog shop/conc-one, held by its limit, not its code: 1 of 1 executing, 34 queued (oldest 24m), 6 ended, 0 arrived in 12m, possible: empty in about 1h08m at this pace
			Failed/(completed + failed), runs/min, median/95% of completed (before); bars: failures per 20m:
			Worse shop/import 12/20 60% (1/48), 0.33/min (0.8), 950ms/950ms, fails more since 20:25Z ▁▁▂▁▆█
			Worse shop/report 0/30, 0.5/min, 8.9s/8.9s (1.9s/1.9s), slower since 20:01Z
			New shop/charge 6/6, 0.1/min, since 20:08Z ▁▁▁███
			New shop/conc-one 0/12, 0.2/min, 29m59s/29m59s, since 20:37Z
			Gone shop/nightly 0/9, 0.15/min, until 19:54Z
			Better shop/mail 0/20 (14/20), 0.33/min, 950ms/950ms, fails less since 20:02Z
			Same shop/a 0/12, 0.2/min, 950ms/950ms
			Same shop/b 0/12, 0.2/min, 950ms/950ms
			Same shop/c 0/12, 0.2/min, 950ms/950ms
			Unclear shop/rare 1/2 50% (0/1)
			Next: triage-failures --function shop/import --since 1h"
		`);
		expect(cloud.asked.filter((line) => /v2\/runs\//.test(line))).toEqual([]);
		const self = await call("self-hosted", previous, serving(all));
		expect(self.text).toBe(
			(await call("dev", previous, serving(all))).text.replace(AT.dev.label, AT["self-hosted"].label),
		);
	});
});

test("on Cloud what began shortly after the app's last sync is told beside it", async () => {
	const latestSync = { syncedAt: iso(NOW - 38 * MIN), status: "success", appVersion: "2.1.0" };
	const apps = { "GET /v2/apps": page([{ id: "shop", latestSync }]) };
	const all = [...hour(0, 20, 12), ...hour(HOUR, 20), run({ ago: 5 * HOUR })];
	const row = async (more: Answers) =>
		(await call("cloud", previous, serving(all, more, false))).text
			.split("\n")
			.find((line) => line.startsWith("Worse shop"));
	expect([await row(apps), await row({ "GET /v2/apps": { status: 403 } })]).toMatchInlineSnapshot(`
		[
		  "Worse shop/import 12/20 60% (0/20), 0.33/min, 950ms/950ms, fails more since 20:25Z (3m after the last sync of shop (2.1.0)) ▁▁▁▁▆█",
		  "Worse shop/import 12/20 60% (0/20), 0.33/min, 950ms/950ms, fails more since 20:25Z ▁▁▁▁▆█",
		]
	`);
});

describe("what there is to compare", () => {
	const lines = async (all: readonly Known[], argv = previous) =>
		(await call("dev", argv, serving(all))).text.split("\n");
	const first = async (all: readonly Known[], argv = previous) => (await lines(all, argv))[0];

	test("too few runs of each function: one line on them, and how many failed in all", async () => {
		const few = (fn: string, now: number, before: number) => [
			...hour(0, now, 1, { fn }),
			...hour(HOUR, before, 0, { fn }),
		];
		expect(await lines([...few("a", 2, 1), ...few("b", 0, 2), ...few("c", 1, 1), run({ ago: 9 * HOUR })])).toEqual([
			"Too few runs to compare in the last 1h and the 1h before: 2 of 3 runs failed, before 0 of 4; of 3 functions, 3 are unclear (too few runs) (dev server localhost:8288)",
			"Failed/(completed + failed), runs/min, median/95% of completed incl. queue (before):",
			"Unclear shop/c 1/1 (0/1); shop/a 1/2 50% (0/1); shop/b none now, before 0/2",
			"Next: triage-failures --function shop/c --since 1h",
		]);
	});

	test("nothing, one run, nothing before, nothing now, alike", async () => {
		const old = run({ ago: 9 * HOUR });
		const nothing = await call("dev", previous, serving([]));
		expect([
			nothing.text,
			await first([old]),
			await first([run({ ago: MIN })]),
			await first([run({ ago: MIN }), run({ ago: 70 * MIN }), old]),
			await first([...hour(0, 9, 9), old]),
			await first([...hour(HOUR, 9), old]),
			await first([...hour(0, 9), ...hour(HOUR, 9), old]),
			await first([...hour(0, 9), ...hour(HOUR, 9, 9), old]),
		]).toMatchInlineSnapshot(`
			[
			  "Nothing to compare: no run ended in the last 1h, nor in the 1h before (dev server localhost:8288)",
			  "Nothing to compare: no run ended in the last 1h, nor in the 1h before (dev server localhost:8288)",
			  "Nothing to compare with: there is no run from the 1h before; runs of 1 function ended in the last 1h (dev server localhost:8288)",
			  "Too few runs to compare in the last 1h and the 1h before: of 1 function, 1 is unclear (too few runs) (dev server localhost:8288)",
			  "Nothing to compare with: no run ended in the 1h before; runs of 1 function ended in the last 1h (dev server localhost:8288)",
			  "Changed in the last 1h compared with the 1h before: of 1 function, 1 is gone (dev server localhost:8288)",
			  "Not clearly worse in the last 1h than in the 1h before: of 1 function, 1 is about the same (dev server localhost:8288)",
			  "Better in the last 1h than in the 1h before: of 1 function, 1 is better (dev server localhost:8288)",
			]
		`);
	});

	test("nothing before, where a dev server may have lost it", async () => {
		// Of an app, too: it is the oldest run of all.
		for (const flags of [previous, [...previous, "--app", "shop"]])
			expect((await lines([run({ ago: MIN })], flags)).at(-1)).toMatch(/^This dev server's oldest run ended 1m ago /);
	});

	test("what only ran before, too rarely to be gone, is told as that", async () => {
		const all = [...hour(0, 9), ...hour(HOUR, 9), ...hour(HOUR, 3, 2, { fn: "rare" }), run({ ago: 9 * HOUR })];
		expect((await lines(all)).filter((line) => line.includes("rare"))).toMatchInlineSnapshot(`
			[
			  "Unclear shop/rare none now, before 2/3 67%",
			]
		`);
	});

	test("where history begins in the window before, that much of it", async () => {
		const all = [...hour(0, 12), ...hour(HOUR, 12).slice(6)];
		expect(await lines(all)).toMatchInlineSnapshot(`
			[
			  "Not clearly worse in the last 1h than in the 1h before: of 1 function, 1 is about the same (dev server localhost:8288)",
			  "Of the 1h before, only 27m41s can be read: there is no older run.",
			  "Failed/(completed + failed), runs/min, median/95% of completed incl. queue (before):",
			  "Same shop/import 0/12, 0.2/min, 1s/1s",
			]
		`);
	});

	test("the same window a day or a week earlier", async () => {
		const all = [...hour(0, 9, 9), ...hour(24 * HOUR, 9), ...hour(7 * 24 * HOUR, 9, 9), run({ ago: 9 * 24 * HOUR })];
		const day = await call("dev", ["report-health", "--since", "1h", "--against", "24h"], serving(all));
		expect(day.text).toMatchInlineSnapshot(`
			"Worse in the last 1h than in the same window 24h earlier: of 1 function, 1 fails more (dev server localhost:8288)
			Failed/(completed + failed), runs/min, median/95% of completed incl. queue (before); bars: failures per 10m:
			Worse shop/import 9/9 (0/9), 0.15/min, fails more throughout ▅█▅██▅
			Next: triage-failures --function shop/import --since 1h"
		`);
		expect(await first(all, ["report-health", "--since", "1h", "--against", "7d"])).toMatchInlineSnapshot(
			`"Not clearly worse in the last 1h than in the same window 7d earlier: of 1 function, 1 is about the same (dev server localhost:8288)"`,
		);
	});

	test("a window longer than that would be compared with itself", async () => {
		const { text, exit, asked } = await call("dev", ["report-health", "--since", "2d", "--against", "24h"]);
		expect([text, exit, asked]).toMatchInlineSnapshot(`
			[
			  "The window is longer than 24h, so it would be compared with itself; nothing was done.
			Use --against previous, or a later --since.",
			  2,
			  [],
			]
		`);
	});

	test.each([[["--max", "500"]], [["--slowest"]]])("%j is refused", async (flags) => {
		const said =
			"--against reads at most 120 requests and puts what is worse first; nothing was sent.\nOmit --max and --slowest.";
		const { text, exit, asked } = await call("dev", ["report-health", "--against", "24h", ...flags]);
		expect([text, exit, asked]).toEqual([said, 2, []]);
	});

	test("a window that is over says nothing of queues", async () => {
		const live = times(9, () => run({ status: "QUEUED", fn: "conc-one", ago: 24 * MIN }));
		const argv = ["report-health", "--since", "2h", "--until", "1h", "--against", "previous"];
		const { text, asked } = await call("dev", argv, serving([...hour(HOUR, 9), ...hour(2 * HOUR, 9), ...live]));
		expect(text).not.toContain("Backlog");
		expect(asked.filter((line) => /status=(?:QUEUED|RUNNING)/.test(line))).toEqual([]);
	});

	test("replays are told apart", async () => {
		const [failed] = hour(HOUR, 1, 1);
		const again = run({ ago: MIN, event: failed?.event ?? "" });
		expect(await lines([...hour(0, 9), ...hour(HOUR, 9), ...(failed ? [failed] : []), again])).toMatchInlineSnapshot(`
			[
			  "Not clearly worse in the last 1h than in the 1h before: of 1 function, 1 is about the same (dev server localhost:8288)",
			  "Of the 1h before, only 54m can be read: there is no older run.",
			  "Failed/(completed + failed), runs/min, median/95% of completed incl. queue (before):",
			  "Same shop/import 0/9 (1/10), 1 replay, 0.17/min, 1s/1s",
			]
		`);
	});

	test("the next call has the same window", async () => {
		const argv = ["report-health", "--since", "3h", "--until", "1h", "--against", "previous"];
		const all = [...hour(HOUR, 9, 9), ...hour(3 * HOUR, 9), run({ ago: 9 * HOUR })];
		const { text } = await call("dev", argv, serving(all));
		expect(text.split("\n").at(-1)).toBe(
			"Next: triage-failures --function shop/import --since 3h --until 2026-11-23T20:00:00Z",
		);
	});

	test("an app that is not there", async () => {
		const { text, exit } = await call("dev", [...previous, "--app", "shoop"], {
			...serving([]),
			"GET /v2/apps/shoop": answered("get app, missing"),
			"GET /v2/apps": answered("list apps"),
		});
		expect([text.split("\n")[0], exit]).toEqual(["There is no app shoop (404).", 1]);
	});
});

test.each([
	["90s", "1m30s"],
	["90m", "1h30m"],
])("the window before is called as long as it is: %s", async (since, text) => {
	const argv = ["report-health", "--since", since, "--against", "previous"];
	const { text: said } = await call("dev", argv, serving([run({ ago: 3 * HOUR }), run()]));
	expect(said).toContain(`in the last ${text}`);
	expect(said).toContain(`the ${text} before`);
});

test("durations of several units have each its own", async () => {
	const mixed = (ago: number) => [...hour(ago, 9, 0, { took: 400 }), run({ ago: ago + MIN, took: 3 * S })];
	const { text } = await call("dev", previous, serving([...mixed(0), ...mixed(HOUR)]));
	expect(text).toContain("/min, 400ms/3s");
});

test("what is slower tells its time in the queue, now and before", async () => {
	const all = [...hour(0, 20, 0, { took: 9 * S, queue: 7 * S }), ...hour(HOUR, 20, 0, { took: 2 * S })];
	expect((await call("dev", previous, serving(all))).text).toMatch(
		/^Worse shop\/import .*, 95% queued up to 7s \(50ms\) of 12 read, slower since/m,
	);
});

describe("a backlog", () => {
	const queued = times(20, () => run({ status: "QUEUED", fn: "conc-one", ago: 20 * MIN }));
	const busy = run({ status: "RUNNING", fn: "conc-one", ago: 21 * MIN });
	const ended = Array.from({ length: 20 }, (_, i) => run({ fn: "conc-one", ago: i * MIN, took: 40 * MIN }));
	const past = hour(HOUR, 20, 0, { fn: "conc-one", took: 40 * MIN });
	const line = async (live: readonly Known[], more: Answers = {}, done: readonly Known[] = ended) => {
		const { text } = await call("dev", previous, serving([...live, ...done, ...past], more));
		return text.split("\n").find((one) => one.startsWith("Backlog"));
	};
	const FN = "GET /v2/apps/shop/functions/conc-one";

	test("is not said to become empty where as many arrive as end, or too few end to tell", async () => {
		const arrived = times(10, () => run({ status: "QUEUED", fn: "conc-one", ago: MIN }));
		expect([
			await line([...queued, busy, ...arrived]),
			await line([...queued, busy], {}, ended.slice(9, 11)),
		]).toMatchInlineSnapshot(`
			[
			  "Backlog shop/conc-one, held by its limit, not its code: 1 of 1 executing, 30 queued (oldest 20m), 10 ended, 10 arrived in 10m",
			  "Backlog shop/conc-one, held by its limit, not its code: 1 of 1 executing, 20 queued (oldest 20m), 2 ended, 0 arrived in 10m",
			]
		`);
	});

	test("is told with what holds it back, and when it is empty, if that can be known", async () => {
		const fresh = times(30, () => run({ status: "QUEUED", fn: "conc-one", ago: MIN }));
		const key = { ...ONE[0], key: "event.data.a" };
		expect([
			await line([...queued, busy]),
			await line(queued),
			await line([...queued, busy, ...fresh]),
			await line([...queued, busy], { [FN]: conc([key]) }),
			await line([...queued, busy], { [FN]: conc([{ ...ONE[0], scope: "ACCOUNT" }]) }),
			await line([...queued, busy], { [FN]: conc([]) }),
			await line([...queued, busy], { [FN]: { status: 500 } }),
		]).toMatchInlineSnapshot(`
			[
			  "Backlog shop/conc-one, held by its limit, not its code: 1 of 1 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m, possible: empty in about 20m at this pace",
			  "Backlog shop/conc-one, waiting: 0 of 1 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m, possible: empty in about 20m at this pace",
			  "Backlog shop/conc-one, held by its limit, not its code: 1 of 1 executing, 50 queued (oldest 20m), 10 ended, 30 arrived in 10m",
			  "Backlog shop/conc-one, waiting: 1 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m",
			  "Backlog shop/conc-one, waiting: 1 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m",
			  "Backlog shop/conc-one, waiting: 1 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m",
			  "Backlog shop/conc-one, waiting: 1 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m",
			]
		`);
	});

	test("of more runs than are read, at least as many execute", async () => {
		const some = times(9, () => run({ status: "RUNNING", fn: "conc-one", ago: 21 * MIN }));
		const ten = { [FN]: conc([{ ...ONE[0], limit: { isPlanLimit: false, value: 10 } }]) };
		expect(await line([...queued, ...some], ten)).toBe(
			"Backlog shop/conc-one, waiting: at least 8 of 10 executing, 20 queued (oldest 20m), 10 ended, 0 arrived in 10m, possible: empty in about 20m at this pace",
		);
	});

	test("that was there before the window makes nothing worse, unless it grows", async () => {
		const old = times(20, () => run({ status: "QUEUED", fn: "conc-one", ago: 5 * HOUR }));
		const fresh = times(60, () => run({ status: "QUEUED", fn: "conc-one", ago: MIN }));
		const long = run({ status: "RUNNING", fn: "conc-one", ago: 6 * HOUR });
		const all = [...old, long, ...hour(0, 20), ...hour(HOUR, 20), ...hour(HOUR, 1, 0, { fn: "conc-one" })];
		const head = async (more: readonly Known[], argv = previous) =>
			(await call("dev", argv, serving([...all, ...more]))).text.split("\n")[0]?.split(":")[0];
		expect(await head([])).toBe("Not clearly worse in the last 1h than in the 1h before");
		expect(await head(fresh)).toBe("Worse in the last 1h than in the 1h before");
		expect(await head(hour(24 * HOUR, 20), ["report-health", "--since", "1h", "--against", "24h"])).toBe(
			"Worse in the last 1h than in the same window 24h earlier",
		);
	});

	test("is none where its runs are planned for a later time", async () => {
		const job = { kind: "start", at: iso(NOW + HOUR), attempt: 0, Raw: {} };
		const later = { [`GET /v1/runs/${queued.at(-1)?.id}/jobs`]: ok({ data: [job] }) };
		const { text } = await call("dev", previous, serving([...queued, ...ended, ...past], later));
		expect(text.split("\n")[0]).toMatch(/^Not clearly worse in the last 1h than in the 1h before: of 1 function/);
		expect(text).not.toContain("Backlog");
	});

	test("without the key that reads jobs it is told that they could not be read", async () => {
		const { text } = await call("cloud", previous, serving([...queued, busy, ...ended, ...past], {}, false), {
			env: { INNGEST_SIGNING_KEY: undefined },
		});
		expect(text).toMatch(/^Backlog shop\/conc-one, .*how many execute could not be read, /m);
	});
});

test("functions with a backlog that were not looked into are counted and told", async () => {
	const waiting = ["a", "b", "c", "d"].flatMap((fn) => times(9, () => run({ status: "QUEUED", fn, ago: 20 * MIN })));
	const plain = (name: string) => ({ data: { id: name, app: { id: "shop" }, configuration: {}, triggers: [] } });
	const functions = Object.fromEntries(
		["c", "d"].map((name) => [`GET /v2/apps/shop/functions/${name}`, ok(plain(name))]),
	);
	const { text } = await call("dev", previous, serving([...waiting, ...hour(0, 9), ...hour(HOUR, 9)], functions));
	expect(text.split("\n").filter((line) => /backlog/i.test(line))).toMatchInlineSnapshot(`
		[
		  "Worse in the last 1h than in the 1h before: of 5 functions, 4 have a backlog, 1 is about the same (dev server localhost:8288)",
		  "Backlog shop/d, waiting: 0 executing, 9 queued (oldest 20m), 0 ended, 0 arrived in 10m",
		  "Backlog shop/c, waiting: 0 executing, 9 queued (oldest 20m), 0 ended, 0 arrived in 10m",
		  "… and 2 more backlogs (shop/b, shop/a), not examined: --function APP/FUNCTION.",
		]
	`);
});

test("a sleeping run that is older than what is kept makes no history", async () => {
	const sleeps = run({ status: "RUNNING", ago: 30 * 24 * HOUR });
	const { text } = await call("dev", previous, serving([sleeps, ...hour(0, 9), ...hour(HOUR, 9).slice(6)]));
	expect(text).toMatch(/^Of the 1h before, only 1\d?m\S* can be read: there is no older run\.$/m);
});

test("at most 120 requests, then sampled and said", async () => {
	const live = times(3000, () => run({ status: "QUEUED", fn: "conc-one", ago: 20 * MIN }));
	const all = [...hour(0, 6000, 2000), ...hour(HOUR, 6000), ...live, run({ ago: 9 * HOUR })];
	const { text, json, asked } = await call("dev", previous, serving(all));
	expect(text).toMatchInlineSnapshot(`
		"Worse in the last 1h than in the 1h before: of 2 functions, 1 fails more, 1 has a backlog (dev server localhost:8288)
		Sampled: the window and the one before had more runs than 120 requests can read; counts cover the 7,600 runs read, weighted towards recent ones.
		Backlog shop/conc-one, waiting: 0 of 1 executing, at least 1,600 queued (oldest 20m)
		Failed/(completed + failed), runs/min, median/95% of completed incl. queue (before); bars: failures per 20m:
		Worse shop/import 1500/3800 39% (0/3800), 100/min, 1s/1s, fails more since 20:40Z ▁▁▁▁▁█
		Next: triage-failures --function shop/import --since 1h"
	`);
	const data = Data.parse(json);
	expect(asked.length).toBe(data.requests);
	expect(asked.length).toBeLessThanOrEqual(120);
	expect(data.sampled).toBe(true);
	const hourBefore = { from: NOW - 2 * HOUR, until: NOW - HOUR };
	expect(json).toMatchObject({ against: "previous", now: { from: NOW - HOUR, until: NOW }, past: hourBefore });
	expect(json).toMatchObject({ backlogs: [{ function: "shop/conc-one" }], moreBacklogs: [], missing: [] });
	// A sample's shares and rates are close to the whole's.
	const [one] = data.functions;
	expect(one?.now.perMinute).toBeGreaterThan(80);
	expect(one?.now.perMinute).toBeLessThan(120);
});

import { expect, test } from "vitest";
import { Shown } from "../../lib/decide/replayplan.ts";
import { isShown, listStarted, readBatches, type Started, startedBy } from "../../lib/gather/foresee.ts";
import type { Event, Run } from "../../lib/inngest/api.ts";
import { type NameStarts, sameCall, startLines, startsOf, unsureLines } from "../../lib/tell/eventtext.ts";
import { NOW } from "../world.ts";
import { answeringBy, line } from "./api-of.ts";
import { aRun } from "./recorded.ts";

const MIN = 60_000;
const idOf = (n: number) => `01M7${String(n).padStart(22, "0")}`;
/** Event n came n minutes ago. */
const event = (n: number, some: Partial<Event> = {}): Event => ({
	internal_id: idOf(n),
	id: idOf(n),
	name: "a/b",
	ts: undefined,
	received_at: new Date(NOW - n * MIN).toISOString(),
	...some,
});
/** A run queued this many minutes ago. */
const run = (ago: number, eventIds: string[], isBatch = false): Run =>
	aRun({ id: idOf(1000 + ago), queuedAt: new Date(NOW - ago * MIN).toISOString(), trigger: { eventIds, isBatch } });
const listening = (value: string, configuration: Record<string, unknown> = {}) => ({
	functions: [
		{
			id: "import-catalog",
			name: "",
			app: { id: "shop" },
			triggers: [{ type: "EVENT", value, if: "" }],
			configuration,
		},
	],
	apps: [],
	unread: [],
});

/** A list that shows these runs of events 0 to 99. */
function shown(runs: readonly Run[], some: Partial<Started> = {}): Started {
	const list = new Shown(Array.from({ length: 100 }, (_, n) => idOf(n)));
	for (const one of runs) list.add(one);
	return { shown: list, ended: false, batches: [], ...some };
}

const batch = run(3, [idOf(90)], true);
test.each<[string, Event, Started | undefined, ReturnType<typeof startedBy>]>([
	["a run is listed", event(5), shown([run(4, [idOf(5)])]), "started"],
	["a run is listed of a list that goes no further back", event(50), shown([run(4, [idOf(50)])]), "started"],
	["the list goes ten minutes further back than it", event(5), shown([run(16, [])]), "none"],
	["the list does not: clocks may differ by that", event(5), shown([run(14, [])]), "unknown"],
	["the list goes back by just that", event(5), shown([run(15, [])]), "unknown"],
	["the list ended", event(50), shown([], { ended: true }), "none"],
	["nothing was read", event(5), undefined, "unknown"],
	["it has just come", event(0), shown([run(16, [])]), "young"],
	["it may be in a batch that was not read", event(5), shown([batch, run(16, [])], { batches: [batch] }), "unknown"],
	[
		"no function of such a batch listens to it",
		event(5, { name: "other" }),
		shown([batch, run(16, [])], { batches: [batch] }),
		"none",
	],
])("what came of an event: %s", (_, one, started, kind) => {
	expect(startedBy(one, started, listening("a/b"), NOW)).toBe(kind);
});

test.each<[string, Record<string, unknown>, number, ReturnType<typeof startedBy>]>([
	["a debounce of three minutes", { debounce: { period: "3m" } }, 5, "young"],
	["a debounce that was over, twice", { debounce: { period: "2m" } }, 5, "none"],
	["a debounce that was over, twice, for four seconds", { debounce: { period: "148s" } }, 5, "young"],
	["for six", { debounce: { period: "147s" } }, 5, "none"],
	["a batch of six minutes", { eventsBatch: { maxSize: 10, timeout: "6m" } }, 5, "young"],
	["a batch that was over", { eventsBatch: { maxSize: 10, timeout: "4m" } }, 5, "none"],
	["a rate limit, which drops", { rateLimit: { limit: 1, period: "1h" } }, 5, "none"],
])("an event may be held: %s", (_, configuration, ago, kind) => {
	const started = shown([], { ended: true });
	expect(startedBy(event(ago), started, listening("a/b", configuration), NOW)).toBe(kind);
	expect(startedBy(event(ago), started, listening("other", configuration), NOW)).toBe("none");
});

test("who listens to a batch's function is not known: any event may be in it", () => {
	const started = shown([batch, run(16, [])], { batches: [batch] });
	expect(isShown(started, event(5, { name: "other" }), undefined)).toBe(false);
});

test("one batch that may contain an event is enough", () => {
	const other = aRun({ ...run(4, [idOf(91)], true), function: { id: "audit", name: "" } });
	const heard = listening("a/b");
	const [fn] = listening("other").functions;
	const both = { ...heard, functions: [...heard.functions, ...(fn ? [{ ...fn, id: "audit" }] : [])] };
	const started = (...batches: Run[]) => shown([...batches, run(16, [])], { batches });
	const told = [[other], [batch], [other, batch]].map((batches) => isShown(started(...batches), event(5), both));
	expect(told).toEqual([true, false, false]);
});

test("a batch's events are those of its trace, by the sender's ids or the internal ones; of twenty batches", async () => {
	const started = shown(Array.from({ length: 25 }, (_, i) => run(i + 1, [idOf(i + 1)], true)));
	const api = answeringBy(({ path }) =>
		path.includes(idOf(1002))
			? new TypeError("never mind")
			: { data: { rootSpan: { name: "Run", input: { data: [{ id: "mine" }, { id: idOf(51) }, { id: idOf(1) }] } } } },
	);
	const left = await readBatches(api, started.shown, [event(50, { id: "mine" }), event(51), event(1)]);
	expect([api.sent.length, left.map(({ id }) => id)]).toEqual([
		20,
		[idOf(1002), ...[21, 22, 23, 24, 25].map((n) => idOf(1000 + n))],
	]);
	expect([50, 51, 52].map((n) => started.shown.of(idOf(n)).length)).toEqual([19, 19, 0]);
	// The other run in the list is not counted twice.
	expect(started.shown.of(idOf(1)).filter(({ id }) => id === idOf(1001))).toHaveLength(1);
});

test("a list is read as far as it is cheaper than one request per event", async () => {
	const events = Array.from({ length: 12 }, (_, n) => event(n));
	const busy = answeringBy(({ query }) => ({
		data: [run(0, [])],
		page: { cursor: `${Number(query?.cursor ?? 0) + 1}` },
	}));
	const few = await listStarted(busy, events.slice(0, 10));
	const stopped = await listStarted(busy, events);
	expect([few, stopped?.ended, busy.sent.map(line)]).toEqual([
		undefined,
		false,
		[1, 2, 3].map((n) => `GET /v2/runs?from=2026-11-23T20:39:00.000Z&limit=100${n > 1 ? `&cursor=${n - 1}` : ""}`),
	]);
});

const names = (list: readonly NameStarts[]) => startLines({ limit: 9 }, list).filter(Boolean);
test("names of which most started nothing come first; a name may be all, one, unknown", () => {
	const kinds: Record<string, ReturnType<typeof startedBy>> = { a: "started", n: "none", u: "unknown", y: "young" };
	const of = (name: string, all: string) => Array.from(all, (kind, n) => event(n, { name, id: kind }));
	const starts = startsOf(
		[
			...of("all", "aaa"),
			...of("two", "annu"),
			...of("dead", "nn"),
			...of("one", "a"),
			...of("new", "yy"),
			...of("lone", "n"),
		],
		({ id }) => kinds[id] ?? "unknown",
		(name) => (name === "new" ? undefined : name !== "dead"),
	);
	expect(names(starts)).toEqual([
		"2 dead: 2 started nothing, no function listens",
		"4 two: 1 started a run, 2 started nothing, 1 unknown",
		"1 lone: 1 started nothing",
		"3 all: 3 started runs",
		"2 new: 2 unknown",
		"1 one: 1 started a run",
	]);
	const many = startsOf(
		Array.from({ length: 12 }, (_, n) => event(n, { name: `n${n}` })),
		() => "started",
		() => true,
	);
	expect(names(many).slice(8)).toEqual(["1 n8: 1 started a run", "… and 3 more names: --limit 500"]);
	expect(unsureLines(starts, false).filter(Boolean)).toHaveLength(2);
	expect(unsureLines([], true).filter(Boolean)).toEqual(["Runs that began more than 1h after --until were not read."]);
});

test("the call that lists the same has what was asked for, without defaults", () => {
	const asked = { limit: 20, count: false, withRuns: true, related: false, max: 10_000 };
	const all = {
		...asked,
		name: "a/b",
		match: ["x y"],
		since: "2026-11-23T20:39:00.000Z",
		count: true,
		limit: 5,
		max: 9,
	};
	expect([sameCall(asked), sameCall({ ...all, cursor: "c" }), sameCall({ ...asked, name: "x".repeat(301) })]).toEqual([
		"list-events --with-runs",
		"list-events --name a/b --match 'x y' --since 2026-11-23T20:39:00Z --with-runs --count --limit 5 --max 9 --cursor c",
		undefined,
	]);
});

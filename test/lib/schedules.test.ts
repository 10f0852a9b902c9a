/** When cron triggers tick, checked against Inngest's own parser; and which ticks have no run. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { type Known, newestOf, readCron, ticked } from "../../lib/decide/schedules.ts";
import { Fn, Run } from "../../lib/inngest/api.ts";

const [, ...lines] = readFileSync(new URL("robfig.jsonl", import.meta.url), "utf8")
	.trim()
	.split("\n");
const Row = z.object({ cron: z.string(), from: z.string(), valid: z.boolean(), ticks: z.array(z.string()) });
const rows = lines.map((line) => z.parse(Row, JSON.parse(line)));

const written = (ticks: readonly number[]) => ticks.map((ms) => `${new Date(ms).toISOString().slice(0, 16)}Z`);
/** The one zone with half an hour of daylight saving: on that day robfig/cron skips a tick in the shortened hour. */
const known = (row: z.output<typeof Row>) => row.cron === "TZ=Australia/Lord_Howe 0 2 * * *";

describe("ticks are those of robfig/cron", () => {
	test.each(rows.filter((row) => !known(row)))("$cron from $from", ({ cron, from, ticks }) => {
		const schedule = readCron(cron);
		const found: number[] = [];
		for (let at: number | undefined = Date.parse(from); found.length < 8; found.push(at)) {
			at = schedule?.next(at);
			if (at === undefined) break;
		}
		expect(written(found)).toEqual(ticks);
		const last = Date.parse(ticks.at(-1) ?? from);
		expect(written(schedule?.ticks(Date.parse(from) + 1, last) ?? [])).toEqual(ticks);
		expect(written(schedule?.ticks(Date.parse(from) + 1, last, 3) ?? [])).toEqual(ticks.slice(-3));
	});
});

test.each(["@every 5m", "TZ=Nowhere/Land 0 9 * * *", "0 9 * *", "0 0 9 * * *", "", "61 * * * *", "TZ=UTC", "nonsense"])(
	"what can't be read is not guessed: %s",
	(cron) => expect(readCron(cron)).toBeUndefined(),
);

const at = (text: string) => Date.parse(`2026-11-26T${text}Z`);
test("the next tick is after the time, if only by a millisecond", () => {
	const next = (text: string) => readCron("*/10 * * * *")?.next(at(text));
	expect([next("08:59:59.999"), next("09:00:00.000")]).toEqual([at("09:00:00"), at("09:10:00")]);
});

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const idAt = (ms: number, tail: string) =>
	Array.from({ length: 10 }, (_, i) => DIGITS[Math.floor(ms / 32 ** (9 - i)) % 32]).join("") + tail.padEnd(16, "0");
const fnOf = (some: Record<string, unknown>) => z.parse(Fn, { id: "tick", triggers: [], ...some });
const runOf = (some: Record<string, unknown>) =>
	z.parse(Run, {
		id: "01M85369BX39BZFM3TC50ACTFC",
		app: { id: "shop" },
		function: { id: "tick" },
		status: "COMPLETED",
		...some,
	});
const startedAt = (text: string, cron = "*/10 * * * *", tail = "") =>
	runOf({
		id: idAt(at(text), `R${tail}`),
		queuedAt: new Date(at(text)).toISOString(),
		trigger: { eventIds: [idAt(at(text), `E${tail}`)], cronSchedule: cron },
	});
const told = (more: Partial<Known>) => {
	const found = ticked({
		fn: fnOf({}),
		cron: "*/10 * * * *",
		runs: [],
		from: at("08:00:00"),
		until: at("08:45:00"),
		...more,
	});
	if (found.kind !== "ticked") return found.kind;
	const short = (ticks: readonly number[]) => ticks.map((ms) => new Date(ms).toISOString().slice(11, 16)).join(" ");
	return `${found.ticks}, missed ${short(found.missed)}, possible ${short(found.possible)} (${found.why})`;
};
const all = ["08:10:00", "08:20:00", "08:30:00", "08:40:00"];

test.each<[string, Partial<Known>, string]>([
	["each tick has its run", { runs: all.map((one) => startedAt(one)) }, "4, missed , possible  (new)"],
	[
		"runs start a little early",
		{ runs: ["08:09:59.980", "08:19:59.983", "08:30:00.004", "08:39:59.999"].map((one) => startedAt(one)) },
		"4, missed , possible  (new)",
	],
	[
		"a run that failed, as its app was away, is one",
		{ runs: all.map((one) => ({ ...startedAt(one), status: "FAILED" })) },
		"4, missed , possible  (new)",
	],
	[
		"ticks between runs are missed",
		{ runs: [startedAt("08:10:00"), startedAt("08:40:00")] },
		"4, missed 08:20 08:30, possible  (new)",
	],
	[
		"nor are those at which the function ran by another of its crons: at once it runs for one (measured)",
		{ runs: [startedAt("08:10:00"), startedAt("08:20:00", "*/20 * * * *"), startedAt("08:39:59.990", "40 * * * *")] },
		"4, missed 08:30, possible  (new)",
	],
	[
		"by an event, or in the next minute by another cron, it may run at any time",
		{
			runs: [
				startedAt("08:10:00"),
				runOf({ queuedAt: new Date(at("08:20:00")).toISOString(), trigger: { eventIds: [idAt(at("08:20:00"), "E")] } }),
				startedAt("08:30:59.990", "31 * * * *"),
				startedAt("08:40:00"),
			],
		},
		"4, missed 08:20 08:30, possible  (new)",
	],
	["ticks after the last run, too", { runs: [startedAt("08:10:00")] }, "4, missed 08:20 08:30 08:40, possible  (new)"],
	[
		"before the first run that is known the function may not have been there",
		{ runs: [startedAt("08:40:00")] },
		"4, missed , possible 08:10 08:20 08:30 (new)",
	],
	[
		"an older run shows that it was",
		{ runs: [startedAt("08:40:00"), startedAt("05:10:00")] },
		"4, missed 08:10 08:20 08:30, possible  (new)",
	],
	["without any run it is not known to have been there", {}, "4, missed , possible 08:10 08:20 08:30 08:40 (new)"],
	["nothing ticks before its app is made", { createdAt: at("08:35:00") }, "1, missed , possible 08:40 (new)"],
	[
		"the last minute is left open",
		{ until: at("08:40:59"), runs: all.slice(0, 3).map((one) => startedAt(one)) },
		"3, missed , possible  (new)",
	],
	[
		"and no longer",
		{ until: at("08:41:00"), runs: all.slice(0, 3).map((one) => startedAt(one)) },
		"4, missed 08:40, possible  (new)",
	],
	[
		"a tick at the window's very start may have run before it",
		{ runs: all.map((one) => startedAt(one)), from: at("08:10:00") },
		"3, missed , possible  (new)",
	],
	[
		"an empty window",
		{ from: at("08:41:00"), until: at("08:43:00"), runs: [startedAt("08:40:00")] },
		"0, missed , possible  (new)",
	],
	[
		"a run of a tick that is still open is of no other",
		{ until: at("08:40:30"), runs: [startedAt("08:10:00"), startedAt("08:30:00"), startedAt("08:40:00")] },
		"4, missed 08:20, possible  (new)",
	],
	[
		"nor is one after the window",
		{ runs: [startedAt("08:10:00"), startedAt("08:30:00"), startedAt("08:40:00"), startedAt("08:50:00")] },
		"4, missed 08:20, possible  (new)",
	],
	[
		"a server that was away catches up",
		{ runs: ["08:10:00", "08:33:05.1", "08:33:05.2", "08:40:00"].map((one, i) => startedAt(one, undefined, `${i}`)) },
		"4, missed , possible  (new)",
	],
	[
		"a replay is no tick: it has the event of the first run",
		{
			runs: [
				startedAt("08:10:00"),
				startedAt("08:40:00"),
				{ ...startedAt("08:31:00"), trigger: startedAt("08:10:00").trigger },
			],
		},
		"4, missed 08:20 08:30, possible  (new)",
	],
	[
		"runs of other triggers are none",
		{
			runs: [
				startedAt("08:10:00"),
				...["08:15:00", "08:25:00", "08:35:00"].map((one) => startedAt(one, "5-59/10 * * * *")),
				runOf({ queuedAt: "2026-11-26T08:30:00Z" }),
			],
		},
		"4, missed 08:20 08:30 08:40, possible  (new)",
	],
	[
		"without an event's id, by the run's time in the queue",
		{ runs: all.map((one) => ({ ...startedAt(one), trigger: { eventIds: [], cronSchedule: "*/10 * * * *" } })) },
		"4, missed , possible  (new)",
	],
	["a paused function misses nothing", { fn: fnOf({ isPaused: true }) }, "idle"],
	["nor does an archived one", { fn: fnOf({ isArchived: true }) }, "idle"],
	["what can't be read", { cron: "@every 5m" }, "unreadable"],
	[
		"limits that drop runs",
		{
			fn: fnOf({ configuration: { singleton: { mode: "SKIP" } } }),
			runs: [startedAt("08:10:00"), startedAt("08:40:00")],
		},
		"4, missed , possible 08:20 08:30 (limits)",
	],
	[
		"limits that drop none",
		{
			fn: fnOf({ configuration: { singleton: { mode: "CANCEL" } } }),
			runs: [startedAt("08:10:00"), startedAt("08:40:00")],
		},
		"4, missed 08:20 08:30, possible  (new)",
	],
])("%s", (_, more, expected) => expect(told(more)).toBe(expected));

describe("a server with a long queue starts the runs of ticks minutes later (measured on v1.43: 3,500 runs at once)", () => {
	const runs = ["08:10:00", "08:20:18.419", "08:36:06.254", "08:46:57.143"].map((one) => startedAt(one));
	const lateOf = (reached: number | undefined) => {
		const found = ticked({
			...{ fn: fnOf({}), cron: "*/10 * * * *", runs },
			...{ from: at("08:00:00"), until: at("09:05:00"), reached },
		});
		if (found.kind !== "ticked") return found.kind;
		return [found.missed, found.late].map((some) =>
			some.map((ms) => new Date(ms).toISOString().slice(11, 16)).join(" "),
		);
	};

	test.each([
		["without the newest run's tick, each run belongs to the latest", undefined, ["08:50 09:00", ""]],
		["it was on time: what follows is missed", at("08:40:00"), ["08:50 09:00", ""]],
		["it was a tick behind: what follows is late", at("08:30:00"), ["", "08:40 08:50 09:00"]],
	])("%s", (_, reached, expected) => expect(lateOf(reached)).toEqual(expected));

	test("the newest run's tick is only asked for if it was not on time; a replay is as old as its event", () => {
		const cron = "*/10 * * * *";
		expect(newestOf(runs, cron)).toBe(runs[3]);
		expect(newestOf([...runs, startedAt("08:50:00.020")], cron)).toBeUndefined();
		const replay = { ...startedAt("08:59:00"), trigger: runs[0]?.trigger };
		expect(newestOf([replay, ...runs], cron)).toBe(runs[3]);
		expect(newestOf(runs, "* * * * *")).toBeUndefined();
	});
});

test("of more ticks than a week of minutes has the newest are looked at", () => {
	const found = ticked({
		fn: fnOf({}),
		cron: "* * * * *",
		runs: [],
		from: at("08:00:00") - 30 * 86_400_000,
		until: at("08:00:00"),
	});
	expect(found).toMatchObject({ kind: "ticked", first: at("08:00:00") - 7 * 86_400_000 + 60_000 });
});

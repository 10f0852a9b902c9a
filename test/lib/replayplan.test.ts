import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { type Cause, causeOf } from "../../lib/decide/cause.ts";
import {
	barring,
	chooseReplays,
	chooseStep,
	decide,
	kinOf,
	lookAt,
	planFrom,
	type ReplayPlan,
	sortOut,
	takesInput,
} from "../../lib/decide/replayplan.ts";
import { Run, Span } from "../../lib/inngest/api.ts";
import { type Step, stepsOf } from "../../lib/inngest/trace.ts";
import { exchangesOf, type Kind, recordedAt } from "../recordings.ts";
import { aRun, functionOf } from "./recorded.ts";

const One = z.object({ data: Run });
const Trace = z.object({ data: z.object({ rootSpan: Span }) });
const Rerun = z.object({ fromStep: z.object({ stepId: z.string(), input: z.optional(z.array(z.unknown())) }) });
const Started = z.object({ data: z.object({ runId: z.string() }) });

const aStep: Step = {
	id: "",
	name: "",
	op: "RUN",
	status: "COMPLETED",
	start: 0,
	end: undefined,
	queued: undefined,
	latest: 0,
	attempts: 1,
	failure: undefined,
	output: undefined,
};

/** The plan of a replay from a step of a recorded run, by the run that it is based on. */
function planOf(id: string, asked: string, kind: Kind): ReplayPlan | undefined {
	const run = z.parse(One, recordedAt("GET", `/v2/runs/${id}?includeOutput=true`, kind).response.body).data;
	const steps = stepsIn(id, kind);
	const chosen = chooseStep(steps, asked);
	const cause = run.status === "FAILED" ? causeOf(run.output, steps) : undefined;
	return chosen.kind === "step" ? planFrom(run, steps, cause, chosen.step) : undefined;
}
const stepsIn = (id: string, kind: Kind): Step[] =>
	stepsOf(
		z.parse(Trace, recordedAt("GET", `/v2/runs/${id}/trace?includeOutput=true`, kind).response.body).data.rootSpan,
	);
const names = (steps: readonly Step[]) => steps.map(({ name }) => name).sort();

/** Recorded replays from a step: the base run, if it is itself a replay, and the new run; none if refused. */
const replays = (["kitchen", "kitchen-self-hosted", "replays"] as const).flatMap((kind) => {
	const first = new Map<string, string>();
	return exchangesOf(kind).flatMap(({ label, request, response }) => {
		const [, id = ""] = /^\/v2\/runs\/(\w+)\/rerun$/.exec(request.path) ?? [];
		const started = z.safeParse(Started, response.body).data?.data.runId;
		if (id && started) first.set(started, first.get(id) ?? id);
		const from = z.safeParse(Rerun, request.body).data?.fromStep;
		return id && from && label !== "rerun parallel from p2"
			? [{ what: `${kind}: ${label}`, kind, from, base: first.get(id) ?? id, started, status: response.status }]
			: [];
	});
});

describe("what happens again is what happened, as recorded on both kinds of server", () => {
	const ran = replays.filter(({ started, from }) => started && !from.input);
	test.each(ran)("$what", ({ kind, from, base, started = "" }) => {
		const plan = planOf(base, from.stepId, kind);
		// The trace of a replay lacks the steps that were kept.
		const fails = plan?.failed.some(({ ends }) => ends === "fails");
		expect(names(stepsIn(started, kind))).toEqual(fails ? [] : plan && names(plan.again));
		expect(plan && [plan.unsure, plan.open]).toEqual([[], []]);
	});

	test("of enough of them", () => expect(ran.length).toBeGreaterThan(20));

	test.each(replays.filter(({ from }) => from.input))("new input for it: $what", ({ kind, from, base, started }) => {
		const chosen = chooseStep(stepsIn(base, kind), from.stepId);
		const ranAgain =
			started !== undefined && chosen.kind === "step" && names(stepsIn(started, kind)).includes(chosen.step.name);
		expect(chosen.kind === "step" && takesInput(chosen.step)).toBe(ranAgain);
	});

	test.each(replays.filter(({ status }) => status === 500))(
		"an open step is not kept: $what",
		({ kind, from, base }) => {
			expect(planOf(base, from.stepId, kind)?.open.map(({ name }) => name)).toContain("wait-c");
		},
	);

	const refused = replays.filter(({ status, from }) => status === 400 && !from.input);
	test.each(refused)("no such step, or more than one: $what", ({ kind, from, base }) => {
		const { kind: chosen } = chooseStep(stepsIn(base, kind), from.stepId);
		expect(chosen).toBe(from.stepId === "nope" ? "none" : "several");
	});
});

describe("a step", () => {
	const step = (name: string, id: string): Step => ({ ...aStep, name, id });
	test.each([
		["by its name", "b", { kind: "step", step: step("b", "2") }],
		["by its id", "1", { kind: "step", step: step("a", "1") }],
		["by an id that another has for its name", "3", { kind: "step", step: step("same", "3") }],
		["whose name is there twice", "same", { kind: "several", steps: [step("same", "3"), step("same", "4")] }],
		["that is not there", "c", { kind: "none" }],
	])("%s", (_, asked, chosen) => {
		const steps = [step("a", "1"), step("b", "2"), step("same", "3"), step("same", "4"), step("3", "5")];
		expect(chooseStep(steps, asked)).toEqual(chosen);
	});

	test.each([
		["RUN", "COMPLETED", true],
		["RUN", "FAILED", false],
		["RUN", "RUNNING", false],
		["SLEEP", "COMPLETED", false],
		["INVOKE", "COMPLETED", false],
		["WAIT_FOR_EVENT", "COMPLETED", false],
		["AI_GATEWAY", "COMPLETED", false],
	])("%s %s takes new input: %s", (op, status, takes) => expect(takesInput({ ...aStep, op, status })).toBe(takes));
});

describe("a plan", () => {
	const at = (name: string, latest: number | undefined, some: Partial<Step> = {}): Step => ({
		...aStep,
		id: `id of ${name}`,
		name,
		latest,
		...some,
	});
	const failure = (message: string) => ({ name: "Error", message, at: undefined, stack: `at ${message}` });
	const failed = (name: string, latest: number, end: number): Step =>
		at(name, latest, { status: "FAILED", failure: failure(name), end, queued: latest });
	const told = ({ again, kept, failed, open, unsure }: ReplayPlan) => ({
		again: names(again),
		kept: names(kept),
		failed: failed.map(({ step, ends }) => `${step.name} ${ends}`),
		open: names(open),
		unsure: names(unsure),
	});
	const run = aRun({ status: "FAILED" });
	const nothing = { again: [], kept: [], failed: [], open: [], unsure: [] };

	test("from the start does all again", () => {
		const steps = [at("a", 1), failed("b", 2, 3)];
		expect(told(planFrom(run, steps, undefined, undefined))).toEqual({ ...nothing, again: ["a", "b"] });
	});

	test("keeps what began before, whatever came of it; what has not begun comes later", () => {
		const [a, b, c, d] = [at("a", 10), at("b", 20), at("c", 30), at("d", undefined, { status: "WAITING" })];
		expect(told(planFrom(run, [c, a, b, d], undefined, b))).toEqual({
			...nothing,
			kept: ["a"],
			again: ["b", "c", "d"],
		});
		const open = at("open", 5, { status: "WAITING" });
		expect(told(planFrom(run, [open, a, b], undefined, b))).toEqual({
			...nothing,
			open: ["open"],
			kept: ["a"],
			again: ["b"],
		});
	});

	test("can't tell what began in the same millisecond", () => {
		const [a, b] = [at("a", 10), at("b", 10)];
		expect(told(planFrom(run, [a, b], undefined, b))).toEqual({ ...nothing, unsure: ["a"], again: ["b"] });
	});

	test("of a failure that is kept it tells whether the run failed with it, may have, or caught it", () => {
		const [a, b, c] = [failed("a", 1, 2), at("b", 10, { queued: 3, end: 11 }), failed("c", 20, 21)];
		const steps = [a, b, c, at("d", 30, { queued: 15 })];
		const from = (cause: Cause | undefined, ended = run) => told(planFrom(ended, steps, cause, steps[3])).failed;
		const { failure: thrown = failure("") } = c;
		// a was followed by b: the function continued. d was planned before c ended: that proves nothing.
		expect(from({ kind: "step", failure: thrown, step: c })).toEqual(["a caught", "c fails"]);
		expect(from({ kind: "after", failure: thrown, step: c })).toEqual(["a caught", "c fails"]);
		expect(from({ kind: "tie", failure: thrown, steps: [a, c] })).toEqual(["a may", "c may"]);
		expect(from({ kind: "unread", failure: thrown })).toEqual(["a caught", "c may"]);
		expect(from(undefined, aRun({ status: "COMPLETED" }))).toEqual(["a caught", "c caught"]);
	});

	test("as recorded: a failure beside it fails the new run again, one that was caught does not", () => {
		const of = (base: string, asked: string, kind: Kind) => {
			const plan = planOf(base, asked, kind);
			return plan && told(plan).failed;
		};
		const found = replays.map(({ base, from, kind, what }) => [what, of(base, from.stepId, kind)?.join()] as const);
		expect(Object.fromEntries(found.filter(([, failures]) => failures))).toMatchInlineSnapshot(`
			{
			  "kitchen-self-hosted: rerun: caught-then-fail, from charge": "optional-enrich caught",
			  "kitchen-self-hosted: rerun: earlier failed step, from the second by name": "first caught",
			  "kitchen-self-hosted: rerun: earlier failed step, from the third by hash": "first caught",
			  "kitchen: rerun: caught-then-fail, from charge": "optional-enrich caught",
			  "kitchen: rerun: earlier failed step, from the second by name": "first caught",
			  "kitchen: rerun: earlier failed step, from the third by hash": "first caught",
			  "replays: dev: rerun, parallel from p0": "p1 fails",
			  "replays: dev: rerun, parallel from p2": "p1 fails",
			  "replays: dev: rerun, parallel from p3": "p1 fails",
			  "replays: self-hosted: rerun, parallel from p2": "p1 fails",
			}
		`);
	});
});

describe("a replay from a step of a replay", () => {
	const span = (name: string, stepId: string, at: number) => ({
		...{ name, stepId, stepOp: "RUN", status: "COMPLETED" },
		...{
			queuedAt: new Date(at).toISOString(),
			startedAt: new Date(at).toISOString(),
			endedAt: new Date(at + 1).toISOString(),
		},
	});
	const trace = (...children: ReturnType<typeof span>[]) => ({ name: "Run", children });
	const base = { run: aRun(), trace: trace(span("same", "1", 10), span("same", "2", 20), span("last", "3", 30)) };
	const own = { run: aRun({ id: "01M85369BX39BZFM3TC50ACTFD" }), base };
	const decided = (fromStep: string, ...children: ReturnType<typeof span>[]) => {
		const { stepId, from } = decide({ fromStep }, { ...own, trace: trace(...children) });
		return [stepId, from?.id];
	};

	test("is asked for by the id where its name is there twice in the first run's", () => {
		expect(decided("same", span("same", "2", 20))).toEqual(["2", "2"]);
		expect(() => decided("same", span("same", "1", 10), span("same", "2", 20))).toThrow(/has 2 steps same/);
	});
	test("and as it was typed where the server knows which is meant", () => {
		expect([decided("last", span("last", "3", 30)), decided("2")]).toEqual([
			["last", "3"],
			["2", "2"],
		]);
		expect(() => decided("none")).toThrow(/has no step none/);
	});
});

describe("replays of an event", () => {
	const id = (n: number) => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
	const one = (n: number, some: Record<string, unknown> = {}): Run =>
		aRun({ id: id(n), trigger: { eventIds: ["01M853698Q3DB03K8SNCVQDK9P"] }, ...some });
	const live = (n: number) => one(n, { status: "RUNNING", endedAt: undefined });
	const done = (n: number) => one(n, { status: "COMPLETED" });
	const batch = (n: number) => one(n, { trigger: { eventIds: ["01M853698Q3DB03K8SNCVQDK9P"], isBatch: true } });
	const numbers = (runs: readonly Run[]) => runs.map((run) => Number(run.id.slice(-7)));

	test.each([
		["alone", one(2), [one(2)], [], []],
		["between", one(2), [one(3), one(2), one(1)], [1], [3]],
		["not yet listed", one(2), [], [], []],
		["a replay of a batch", one(2), [one(2), batch(1)], [1], []],
		["a batch that was replayed", batch(1), [one(2), batch(1)], [], [2]],
		["an invoked function that batches: alone", one(1), [batch(2), one(1)], [], []],
		["an invoked function that batches: as a batch", batch(2), [batch(2), one(1)], [], []],
	])("%s", (_, run, siblings, older, newer) => {
		const kin = kinOf(run, siblings);
		expect([numbers(kin.older), numbers(kin.newer)]).toEqual([older, newer]);
	});

	test.each([
		["never", one(1), [one(1)], []],
		["live", one(1), [live(2), one(1)], [2]],
		["live", one(1), [live(3), done(2), one(1)], [3]],
		["live", one(2), [one(2), live(1)], [1]],
		["succeeded", one(1), [one(3), done(2), one(1)], []],
		["succeeded", one(2), [one(2), done(1)], []],
		["failed", one(1), [one(2), one(1)], []],
		["failed", one(2), [one(2), one(1)], []],
		["never", live(1), [live(1)], []],
		["never", batch(2), [batch(2), done(1)], []],
	])("%s", (before, run, siblings, going) => {
		const looked = lookAt(run, siblings);
		expect([looked.before, looked.live]).toEqual([before, going.map(id)]);
	});

	test("a replay goes by the first run", () => {
		expect(lookAt(one(3), [one(3), one(2), one(1)]).base.id).toBe(id(1));
		expect(lookAt(one(1), [one(2), one(1)]).base.id).toBe(id(1));
	});

	test("what goes on is omitted also where what was replayed is asked for again", () => {
		const looked = [
			lookAt(one(1), [one(1)]),
			lookAt(one(2), [live(7), one(2)]),
			lookAt(one(3), [done(8), one(3)]),
			lookAt(one(4), [one(9), one(4)]),
		];
		const of = (again: boolean) => {
			const { todo, live, succeeded, failed } = chooseReplays(looked, again);
			return [numbers(todo.map(({ run }) => run)), numbers(live.map(({ run }) => run)), succeeded, failed];
		};
		expect([of(false), of(true)]).toEqual([
			[[1], [2], 1, 1],
			[[1, 3, 4], [2], 1, 1],
		]);
	});

	test("of a function that is gone none is replayed; of one with a debounce none on OSS, as recorded", () => {
		const held = functionOf("function: shop/debounced", "kitchen");
		const single = functionOf("function: shop/single-skip", "kitchen");
		const of = (cloud: boolean) => [held, single, "gone" as const, undefined].map((fn) => barring(fn, cloud));
		expect([of(false), of(true)]).toEqual([
			["debounced", undefined, "removed", undefined],
			[undefined, undefined, "removed", undefined],
		]);
	});

	test("sorts out what can't be replayed; the newest run of a function and event stands for the others", () => {
		const cron = one(5, { trigger: { cronSchedule: "* * * * *", eventIds: ["01M853698Q3DB03K8SNCVQDK00"] } });
		const bare = one(6, { trigger: undefined });
		const gone = one(7, { function: { id: "gone" } });
		const other = one(8, { function: { id: "other" } });
		const held = one(9, { function: { id: "held" } });
		const runs = [one(1), one(2), cron, bare, gone, other, held];
		const bars = new Map([
			["shop/gone", "removed"],
			["shop/held", "debounced"],
			["shop/other", undefined],
		] as const);
		const of = (cloud: boolean) => {
			const sorted = sortOut(runs, cloud, bars);
			return Object.fromEntries(Object.entries(sorted).map(([kind, some]) => [kind, numbers(some)]));
		};
		expect(of(true)).toEqual({ candidates: [2, 8], cron: [5], withoutEvent: [6], removed: [7], debounced: [9] });
		expect(of(false)).toEqual({ candidates: [2, 5, 8], cron: [], withoutEvent: [6], removed: [7], debounced: [9] });
	});
});

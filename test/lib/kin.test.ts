/** Which runs are related, from their traces and events. */

import { describe, expect, test } from "vitest";
import { causeOf } from "../../lib/decide/cause.ts";
import { parentOf } from "../../lib/decide/replayplan.ts";
import { handlerOf, invokedBy, rootOf } from "../../lib/gather/story.ts";
import type { Run, Span } from "../../lib/inngest/api.ts";
import type { Request } from "../../lib/wire/request.ts";
import { ulidOf } from "../inngest-server/ids.ts";
import { NOW } from "../world.ts";
import { answeringBy, type FakeApi, line } from "./api-of.ts";
import { aRun } from "./recorded.ts";
import { anError, aStep, outputOf } from "./steps.ts";

const iso = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
const id = (seconds: number, n: number) =>
	ulidOf(
		NOW + seconds * 1000,
		Uint8Array.from({ length: 10 }, () => n),
	);
/** A trace that started with an event. */
const began = (name: string, data: unknown, children: Span[] = []): Span => ({
	name: "Run",
	input: { data: [{ name, data }] },
	children,
});
const invokedIn = (run: string, step: string, children: Span[] = []) =>
	began(
		"inngest/function.invoked",
		{ _inngest: { correlation_id: `${run}.${step}`, name: "call child" }, n: 1 },
		children,
	);

describe("where a run comes from", () => {
	const R = id(0, 1);
	test.each<[what: string, trace: Span | undefined, parent: unknown]>([
		["an event of the user's", began("a/b", { run_id: R }), undefined],
		["invoked in a step", invokedIn(R, "abc"), { kind: "invoked", run: R, step: "call child", stepId: "abc" }],
		[
			"invoked in a step without a name",
			began("inngest/function.invoked", { _inngest: { correlation_id: `${R}.abc` } }),
			{ kind: "invoked", run: R, step: undefined, stepId: "abc" },
		],
		[
			"invoked by a call of the API",
			began("inngest/function.invoked", { _inngest: { type: "api" }, by: "api" }),
			undefined,
		],
		["deferred", began("inngest/deferred.schedule", { _inngest: { parent_run_id: R } }), { kind: "deferred", run: R }],
		["a handler of a failure", began("inngest/function.failed", { run_id: R, error: {} }), { kind: "handles", run: R }],
		[
			"a user's event that looks like one of the engine's",
			began("a/invoked", { _inngest: { correlation_id: `${R}.abc` } }),
			undefined,
		],
		["cron", began("inngest/scheduled.timer", { cron: "* * * * *" }), undefined],
		["a trace without input", { name: "Run" }, undefined],
		["no trace", undefined, undefined],
		["input of another shape", { name: "Run", input: { data: "x" } }, undefined],
	])("%s", (_, trace, parent) => {
		expect(parentOf(trace)).toEqual(parent);
	});
});

/** A server that lists these runs for any request, and has their traces, which alone have outputs: lists are requested without. */
const server = (runs: readonly Run[], traces: Record<string, Span>, cursor?: string): FakeApi =>
	answeringBy((request: Request) => {
		const id = /\/runs\/(\w{26})\/trace/.exec(request.path)?.[1];
		if (id === undefined) return { data: runs.map((run) => ({ ...run, output: undefined })), page: { cursor } };
		return { data: { rootSpan: { ...traces[id], output: runs.find((run) => run.id === id)?.output } } };
	});

describe("the run that a step invoked", () => {
	const parent = aRun({ id: id(-20, 1), status: "FAILED" });
	const step = aStep("call child", -10, -5, { op: "INVOKE", status: "FAILED" });
	const child = (n: number, seconds: number, some: Record<string, unknown> = {}) =>
		aRun({ id: id(seconds, n), function: { id: "child" }, trigger: { eventIds: [id(seconds, n + 50)] }, ...some });

	test("is the one whose event names run and step, of those that were queued as the step began", async () => {
		const [other, ours, late] = [child(2, -10.002), child(3, -9.9), child(4, -3)];
		const traces = { [other.id]: invokedIn(id(-99, 9), step.id), [ours.id]: invokedIn(parent.id, step.id) };
		const api = server([other, ours, late], traces);
		expect((await invokedBy(api, parent, step))?.run).toEqual(ours);
		// Requested by its start; nearest first; what is too late is not read.
		expect(api.sent.map(line)).toEqual([
			`GET /v2/runs?from=${new Date(NOW - 10_005).toISOString()}&until=${iso(50)}&order=ASC&limit=100`,
			`GET /v2/runs/${other.id}/trace?includeOutput=true`,
			`GET /v2/runs/${ours.id}/trace?includeOutput=true`,
		]);
	});

	test("is looked for from the nearest to the step's start on, however they are listed", async () => {
		const [far, near] = [child(2, -9.5), child(3, -9.99)];
		const api = server([far, near], { [far.id]: began("a/b", {}), [near.id]: invokedIn(parent.id, step.id) });
		expect((await invokedBy(api, parent, step))?.run.id).toBe(near.id);
		expect(api.sent.length).toBe(2);
	});

	test("is none by another step, of cron, or of itself", async () => {
		const cron = child(2, -10, { trigger: { cronSchedule: "* * * * *", eventIds: [id(-10, 5)] } });
		const other = child(3, -10);
		const api = server([parent, cron, other], { [other.id]: invokedIn(parent.id, "another step") });
		expect(await invokedBy(api, parent, step)).toBeUndefined();
		expect(await invokedBy(api, parent, { ...step, start: undefined })).toBeUndefined();
	});

	test("is looked for in six traces at most", async () => {
		const many = Array.from({ length: 9 }, (_, i) => child(i + 2, -10));
		const api = server(many, Object.fromEntries(many.map((run) => [run.id, began("a/b", {})])));
		expect(await invokedBy(api, parent, step)).toBeUndefined();
		expect(api.sent.length).toBe(1 + 6);
	});
});

describe("where a failure began", () => {
	const error = anError("level 3 exploded");
	const span = (name: string, stepOp: string | undefined): Span => ({
		...{ name, stepOp, stepId: `hash of ${name}`, status: "FAILED", output: outputOf(error) },
		...{ queuedAt: iso(-10), startedAt: iso(-10), endedAt: iso(-5) },
	});
	const at = (n: number, name: string, some: Record<string, unknown> = {}): Run =>
		aRun({
			id: id(-10, n),
			function: { id: name },
			status: "FAILED",
			trigger: { eventIds: [id(-10, n + 50)] },
			output: { error: outputOf(error) },
			...some,
		});
	const top = at(1, "chain");
	const cause = causeOf(outputOf(error), [
		aStep("level 2", -10, -5, { op: "INVOKE", status: "FAILED", failure: error }),
	]);

	test("three functions down", async () => {
		const [second, third] = [at(2, "chain2"), at(3, "chain3")];
		const traces = {
			[second.id]: invokedIn(top.id, "hash of level 2", [span("level 3", "INVOKE")]),
			[third.id]: invokedIn(second.id, "hash of level 3", [span("deepest", undefined)]),
		};
		expect(await rootOf(server([second, third], traces), top, cause)).toMatchObject({
			run: { id: third.id },
			cause: { kind: "step", step: { name: "deepest" } },
			depth: 2,
		});
	});

	test("a function that did not fail itself: the invocation timed out", async () => {
		const child = at(2, "child", { status: "COMPLETED", output: { data: 1 } });
		const traces = { [child.id]: invokedIn(top.id, "hash of level 2") };
		expect(await rootOf(server([child], traces), top, cause)).toMatchObject({
			run: { id: child.id },
			cause: undefined,
			depth: 1,
		});
	});

	test("a function that failed after the invocation had timed out, which is no cause, nor is what that invoked", async () => {
		const [second, third] = [at(2, "chain2", { endedAt: iso(-4) }), at(3, "chain3")];
		const traces = {
			[second.id]: invokedIn(top.id, "hash of level 2", [span("level 3", "INVOKE")]),
			[third.id]: invokedIn(second.id, "hash of level 3", [span("deepest", undefined)]),
		};
		const found = await rootOf(server([second, third], traces), top, cause);
		expect(found).toMatchObject({ run: { id: second.id }, cause: undefined, depth: 1, late: true });
	});

	test("is here, where the step invoked nothing, its run isn't found, or no step failed", async () => {
		const none = server([], {});
		const own = causeOf(outputOf(error), [aStep("push", -10, -5, { status: "FAILED", failure: error })]);
		expect(await rootOf(none, top, own)).toBeUndefined();
		expect(none.sent).toEqual([]);
		expect(await rootOf(none, top, cause)).toBeUndefined();
		expect(await rootOf(none, top, undefined)).toBeUndefined();
	});
});

describe("the run of a failed run's onFailure handler", () => {
	const failed = aRun({ status: "FAILED", function: { id: "with-onfailure" }, endedAt: iso(-10) });
	const handler = (n: number) =>
		aRun({ id: id(-9, n), function: { id: "with-onfailure-failure" }, output: { data: n } });
	const handles = (run: string) => began("inngest/function.failed", { run_id: run });

	test("is that of its function's handler whose event names it", async () => {
		const [other, ours] = [handler(1), handler(2)];
		const api = server([other, ours], { [other.id]: handles(id(-50, 3)), [ours.id]: handles(failed.id) });
		expect(await handlerOf(api, failed)).toEqual({ ...ours, steps: [] });
		expect(api.sent.slice(0, 1).map(line)).toEqual([
			`GET /v2/runs?appId=shop&functionId=with-onfailure-failure&from=${iso(-11)}&order=ASC&limit=100`,
		]);
	});

	test("is looked for first among those whose events came as it ended, of many that failed together", async () => {
		const at = (seconds: number, n: number) => ({ ...handler(n), trigger: { eventIds: [id(seconds, n)] } });
		const others = Array.from({ length: 30 }, (_, n) => at(-5, n));
		const ours = at(-10, 40);
		const traces = Object.fromEntries(others.map((one) => [one.id, handles(id(-50, 3))]));
		const api = server([...others, ours], { ...traces, [ours.id]: handles(failed.id) });
		expect([(await handlerOf(api, failed))?.id, api.sent.length]).toEqual([ours.id, 2]);
	});

	test("is none, where none ran, of a run that goes on, of no app", async () => {
		expect(await handlerOf(server([], {}), failed)).toBeUndefined();
		const other = handler(1);
		expect(await handlerOf(server([other], { [other.id]: handles(id(-50, 3)) }), failed)).toBeUndefined();
		const api = server([handler(1)], {});
		expect(await handlerOf(api, aRun({ status: "RUNNING", endedAt: undefined }))).toBeUndefined();
		expect(await handlerOf(api, aRun({ status: "FAILED", app: { id: "" } }))).toBeUndefined();
		expect(api.sent).toEqual([]);
	});
});

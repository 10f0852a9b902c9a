/**
 * The runs of one more app, checked against its own log: an order service behind a proxy, with errors, responses and outputs as libraries
 * and hosts produce them. `recordings/fulfilment.json` is from a dev server and, where stated, a self-hosted one (v1.43, SDK 4.24.0); of
 * lists only the run's row is kept.
 */

import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { stepsIn } from "../lib/decide/cause.ts";
import { causeIn, groupCode } from "../lib/decide/triage.ts";
import { readStory } from "../lib/gather/story.ts";
import { One, Page, Run, Span } from "../lib/inngest/api.ts";
import { stepsOf } from "../lib/inngest/trace.ts";
import { failureText } from "../lib/tell/causetext.ts";
import { resumedText } from "../lib/tell/functiontext.ts";
import { tellStory } from "../lib/tell/storytext.ts";
import { recorded } from "./recordings.ts";

const bodyOf = (label: string) => recorded(label, "fulfilment").response.body;
const runOf = (label: string) => z.parse(One(Run), bodyOf(`run: ${label}`)).data;
const traceOf = (label: string) => z.parse(One(z.object({ rootSpan: Span })), bodyOf(`trace: ${label}`)).data.rootSpan;

/** Where it failed and why; `unseen`: the app knows the step, the API doesn't. */
const failed: readonly (readonly [label: string, kind: string, step: string | undefined, error: string])[] = [
	[
		"a step that throws Prisma's error",
		"step",
		"print label",
		"PrismaClientKnownRequestError: «Invalid `prisma.user.create()` invocation in /app/src/users.ts:12:30 11 → 12 const u = await prisma.user.create( Unique constraint failed on the fields: (`email`)» at app.mjs:97",
	],
	[
		"a step whose error has a cause that is no error",
		"step",
		"print label",
		'Error: «outer with object cause» at app.mjs:90, caused by Error: «{"code":17,"detail":"duplicate key"}»',
	],
	["a step whose error the SDK can't write", "unseen", undefined, "RangeError: «Maximum call stack size exceeded»"],
	["a step whose output the SDK can't write", "unseen", undefined, 'SyntaxError: «"undefined" is not valid JSON»'],
	[
		"a proxy gives up on a step",
		"unseen",
		undefined,
		"«Server returned a fatal error»: «Your server returned HTTP 504 before the SDK responded.», caused by «Upstream response»: an HTML page «504 Gateway Time-out FUNCTION_INVOCATION_TIMEOUT» (Vercel's maxDuration, which limits each request)",
	],
	["a page in place of the SDK", "unseen", undefined, "Error: an HTML page «Acme Please log in»"],
	[
		"a function that its app has no more",
		"unseen",
		undefined,
		'Error: «Function "acme-fulfilment-api-legacy-sync" was not found in this app; is the app synced correctly?»',
	],
	["nothing in place of the SDK", "unseen", undefined, "Error: «The response did not come from an Inngest SDK»"],
];

describe("why it failed", () => {
	test.each(failed)("%s", (label, kind, step, error) => {
		const run = runOf(label);
		const cause = causeIn(run, traceOf(label));
		expect(cause?.kind).toBe(kind);
		expect(stepsIn(cause).map(({ name }) => name)).toEqual(step === undefined ? [] : [step]);
		expect(cause && failureText(cause.failure)).toBe(error);
		// Lists give it in another form, but it is in the same group.
		const [listed] = z.parse(Page(Run), bodyOf(`listed: ${label}`)).data;
		expect(listed && groupCode(listed)).toBe(groupCode(run));
	});
});

test("a signal that did not come is a wait that timed out", () => {
	const [wait] = stepsOf(traceOf("a signal that did not come"));
	expect(wait && resumedText(wait)).toBe("timed out");
});

test.each<[label: string, head: string]>([
	[
		"a run that waits out its start",
		"acme-fulfilment-api/slow-start CANCELLED before it began, after 10.4s in the queue, queued 9m ago (2026-11-26 11:50:55Z)",
	],
	[
		"a run of an event that was sent for later",
		"«acme-fulfilment-api/tenant:eu#42.sync_v2» COMPLETED in 3.1s after 44.5s until its event's time and 1.1s in the queue, queued 9m ago (2026-11-26 11:50:58Z)",
	],
])("what it was before it began is not its own time, nor all of it the queue's: %s", (label, head) => {
	const [run, trace] = [runOf(label), traceOf(label)];
	const story = tellStory(
		readStory({ run, trace, jobs: undefined, missing: [] }, Date.parse("2026-11-26T12:00:00Z")),
		"",
	);
	expect(story.split("\n")[0]).toBe(`${run.id} ${head}`);
});

/** From the app's log, in ms since the end of the sleep: the steps in order, and when the failing one began and ended. */
test.each<[label: string, began: number, ended: number]>([
	["a step that fails after a sleep", 0, 1134],
	["a step that fails two seconds after a sleep", 0, 2478],
	// Its first attempt; the server's own times of attempts are right.
	["a step that fails twice after a sleep", 345, 37_269],
])("%s did not last as long as that", (label, began, ended) => {
	const steps = stepsOf(traceOf(label));
	expect(steps.map(({ name }) => name)).toEqual(["remind", "grace period", "collect"]);
	const [, sleep, collect] = steps;
	const since = (at = 0) => at - (sleep?.end ?? 0);
	expect([since(collect?.start), since(collect?.end)]).toEqual([began, ended]);
});

test("steps side by side took what the app measured, without their wait for a turn: self-hosted, and busy", () => {
	const steps = stepsOf(traceOf("parallel steps that waited for their turn"));
	expect(steps.map(({ name, start = 0, end = 0 }) => [name, end - start])).toEqual([
		["b", 55],
		["a", 729],
		["c", 1],
	]);
});

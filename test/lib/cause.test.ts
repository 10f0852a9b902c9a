/** Why a run failed, as a table; `truth.test.ts` checks the same rules with the kitchen's recorded runs. */
import { describe, expect, test } from "vitest";
import { type Cause, causeOf, othersThatFailed, retried, stepsIn } from "../../lib/decide/cause.ts";
import type { Outside } from "../../lib/decide/compare.ts";
import type { Failure, Step } from "../../lib/inngest/trace.ts";
import { NOW } from "../world.ts";
import { aRun } from "./recorded.ts";
import { anError, aStep, failedStep, outputOf } from "./steps.ts";

const declined = anError("card declined");
const told = (cause: Cause | undefined) => cause && `${cause.kind} ${stepsIn(cause).map(({ name }) => name)}`.trim();
const because = (cause: Failure, message = "order failed") => anError(message, { line: 20, cause });

test("what a step's record lacks is kept of the run's own error", () => {
	const failure = { name: "Error", message: "no", at: "app.ts:9", stack: "" };
	const step = aStep("charge", 1, 2, { status: "FAILED", failure: { ...failure, name: "", at: undefined } });
	const cause = causeOf({ name: "Error", message: "no", stack: "Error: no\n    at f (/srv/app.ts:9:1)" }, [step]);
	expect([cause?.failure?.name, cause?.failure?.at]).toEqual(["Error", "app.ts:9"]);
});

test.each([
	["poll: antenna busy (3)", "antenna busy", "after poll"],
	["poll: antenna busyness", "antenna busy", "outside"],
	["charge: HTTP 5000 units short", "HTTP 500", "outside"],
	["another user was not found", "no", "outside"],
])("a Go error wraps a step's where it has its words whole: %s", (message, own, expected) => {
	const failure = { name: "", message: own, at: undefined, stack: "" };
	const step = aStep("poll", 1, 2, { status: "FAILED", failure });
	expect(told(causeOf({ name: "", message, stack: "" }, [step]))).toBe(expected);
});

describe("causeOf", () => {
	const charge = failedStep("charge", 1, 2, declined);
	const cases: [what: string, output: unknown, steps: readonly Step[] | undefined, told: string | undefined][] = [
		["no error at all", { rows: 7 }, [charge], undefined],
		["nothing is known of its steps", outputOf(declined), undefined, "unread"],
		["it has no steps", outputOf(declined), [], "outside"],
		["a step's error is the run's", outputOf(declined), [aStep("look", 0, 1), charge], "step charge"],
		["as lists wrap it", { error: outputOf(declined) }, [charge], "step charge"],
		[
			"another failed step after it, or before it",
			outputOf(declined),
			[failedStep("a", 0, 1, anError("a")), charge, failedStep("z", 2, 3, anError("z"))],
			"step charge",
		],
		["a step's error was caught, and another thrown outside", outputOf(anError("out of balance")), [charge], "outside"],
		["the same message, thrown elsewhere", outputOf(anError("card declined", { line: 48 })), [charge], "outside"],
		[
			"the same message, by another name",
			outputOf(anError("card declined", { name: "TypeError" })),
			[charge],
			"outside",
		],
		["wrapped as its cause", outputOf(because(declined)), [charge], "after charge"],
		["wrapped twice", outputOf(because(because(declined, "in between"))), [charge], "after charge"],
		[
			"wrapped as a text",
			{ name: "Error", message: "order failed", stack: "s", cause: "card declined" },
			[charge],
			"after charge",
		],
		["thrown on in words alone", outputOf(anError("order failed: card declined")), [charge], "outside"],
		[
			"thrown on within another step",
			outputOf(because(declined)),
			[charge, failedStep("give up", 3, 4, because(declined))],
			"step give up",
		],
		[
			"two steps failed alike",
			outputOf(declined),
			[failedStep("left", 1, 2, declined), failedStep("right", 1, 2, declined)],
			"tie left,right",
		],
		[
			"two steps of one name failed alike",
			outputOf(declined),
			[failedStep("call", 1, 2, declined, { id: "1" }), failedStep("call", 3, 4, declined, { id: "2" })],
			"tie call,call",
		],
		[
			"two steps failed alike, and one of them is its cause",
			outputOf(because(declined)),
			[failedStep("left", 1, 2, declined), failedStep("right", 1, 2, declined)],
			"tie left,right",
		],
		[
			"the same message in two steps, thrown at different lines",
			outputOf(declined),
			[failedStep("optional", 1, 2, anError("card declined", { line: 9 })), charge],
			"step charge",
		],
		[
			"a wait that the server failed: neither has a stack",
			outputOf(anError("Signal conflict", { line: 0 })),
			[failedStep("wait", 1, 2, anError("Signal conflict", { line: 0 }))],
			"step wait",
		],
		["the run's copy has no stack", outputOf(anError("card declined", { line: 0 })), [charge], "step charge"],
		[
			"the engine's error, of no step: it may have been in one that left no span",
			outputOf(anError("Unable to reach SDK URL", { line: 0 })),
			[aStep("look", 0, 1), failedStep("optional", 1, 2, declined)],
			"unseen",
		],
		[
			"a step that worked when it was tried again has no error",
			outputOf(declined),
			[aStep("charge", 1, 2, { attempts: 2 })],
			"outside",
		],
	];
	test.each(cases)("%s", (_, output, steps, expected) => {
		expect(told(causeOf(output, steps))).toBe(expected);
	});
});

describe("othersThatFailed", () => {
	const ends = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
	const failed = (seconds: number, failure: Failure) =>
		aRun({ status: "FAILED", endedAt: ends(seconds), output: outputOf(failure) });
	const optional = failedStep("optional", 1, 2, anError("no enrichment", { line: 3 }));
	const needed = failedStep("needed", 3, 4, declined);
	const own = anError("out of balance", { line: 30 });

	const cases: [what: string, run: ReturnType<typeof aRun>, steps: readonly Step[], told: string[]][] = [
		["those of the cause are not among them", failed(5, declined), [needed], []],
		["a later step proves that it was caught", failed(5, declined), [optional, needed], ["optional caught"]],
		[
			"a run that completed caught all of them",
			aRun({ status: "COMPLETED" }),
			[optional, needed],
			["optional caught", "needed caught"],
		],
		["an error that the function threw later proves it", failed(5, own), [optional], ["optional caught"]],
		["but not of a step that ended after that", failed(1.5, own), [optional], ["optional"]],
		[
			"nor does the engine's error",
			failed(5, anError("Unable to reach SDK URL", { line: 0 })),
			[optional],
			["optional"],
		],
		[
			"side by side, both failed",
			failed(5, declined),
			[failedStep("other", 3, 4.5, anError("x"), { queued: NOW + 1000 }), needed],
			["other"],
		],
		[
			"nor does a step that was planned as it ended: it may have been beside it",
			failed(5, declined),
			[optional, failedStep("needed", 3, 4, declined, { queued: NOW + 2000 })],
			["optional"],
		],
		["an error that the function threw as it ended proves it", failed(2, own), [optional], ["optional caught"]],
		[
			"while it goes on, one that nothing followed may be tried again",
			aRun({ status: "RUNNING", endedAt: undefined }),
			[optional],
			["optional"],
		],
		[
			"while it goes on, one that a sleep followed was caught",
			aRun({ status: "RUNNING", endedAt: undefined }),
			[optional, aStep("nap", 3, undefined, { status: "WAITING" })],
			["optional caught"],
		],
		[
			"a failed step of which no error is known is not told",
			failed(5, declined),
			[aStep("odd", 1, 2, { status: "FAILED" }), needed],
			[],
		],
	];
	test.each(cases)("%s", (_, run, steps, expected) => {
		const cause = run.status === "FAILED" ? causeOf(run.output, steps) : undefined;
		const others = othersThatFailed(run, steps, cause);
		expect(others.map(({ step, caught }) => `${step.name}${caught ? " caught" : ""}`)).toEqual(expected);
	});
});

describe("retried", () => {
	const none: Outside = { attempts: 0, failure: undefined, at: undefined };
	const outside = (seconds: number): Outside => ({
		attempts: 1,
		failure: anError("outside"),
		at: NOW + seconds * 1000,
	});
	const flaky = failedStep("flaky", 1, 2, declined);

	const cases: [what: string, steps: readonly Step[], outside: Outside, told: string | undefined][] = [
		["nothing failed", [aStep("look", 0, 1)], none, undefined],
		["a step", [aStep("look", 0, 1), flaky], none, "flaky: card declined"],
		["the code outside any step", [aStep("look", 0, 1)], outside(3), ": outside"],
		["the code outside any step, after a step", [flaky], outside(3), ": outside"],
		["the code outside any step, as a step ended", [flaky], outside(2), ": outside"],
		["a step, after the code outside any step", [flaky], outside(1), "flaky: card declined"],
		[
			"not one that was caught: a step followed",
			[flaky, aStep("nap", 3, undefined, { status: "WAITING" })],
			none,
			undefined,
		],
		["not one that worked in the end", [aStep("flaky", 1, 2, { attempts: 2 })], none, undefined],
	];
	test.each(cases)("%s", (_, steps, last, expected) => {
		const found = retried(steps, last);
		expect(found && `${found.step?.name ?? ""}: ${found.failure.message}`).toBe(expected);
	});
});

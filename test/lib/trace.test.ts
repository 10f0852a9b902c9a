import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { attemptsAt, executingSince, outsideOf } from "../../lib/decide/compare.ts";
import { shortened } from "../../lib/decide/triage.ts";
import { type Span, Span as SpanSchema } from "../../lib/inngest/api.ts";
import { causesOf, failureIn, returned, stepsOf } from "../../lib/inngest/trace.ts";
import { failureText, outcomeText } from "../../lib/tell/causetext.ts";
import { type Kind, recorded } from "../recordings.ts";
import { aRun, traceOf } from "./recorded.ts";
import { anError } from "./steps.ts";

const at = (ms: number) => Date.UTC(2026, 10, 23, 20, 57, 33) + ms;
const iso = (ms: number) => new Date(at(ms)).toISOString();
const KINDS: Kind[] = ["dev-server", "self-hosted"];

/** A span of a step that ran from `from` to `to` ms, planned at `queued`. */
const span = (name: string, status: string, from: number, to: number, some: Partial<Span> = {}): Span => ({
	name,
	status,
	stepId: "s",
	queuedAt: iso(from),
	startedAt: iso(from),
	endedAt: iso(to),
	...some,
});
const root = (...children: Span[]): Span => ({ name: "Run", children });

describe("stepsOf", () => {
	test("a failed run: the step that worked and the one that failed, without the engine's own spans", () => {
		expect(stepsOf(traceOf("failed"))).toMatchObject([
			{
				name: "download",
				op: "RUN",
				status: "COMPLETED",
				start: at(898),
				end: at(899),
				attempts: 1,
				failure: undefined,
			},
			{
				...{ name: "parse", op: "RUN", status: "FAILED", start: at(914), end: at(915), attempts: 1, output: undefined },
				failure: {
					name: "NonRetriableError",
					message: "column 'sku' missing in row 7",
					at: "app.mjs:27",
					stack: expect.stringMatching(/^NonRetriableError: column/),
				},
			},
		]);
	});

	test("an attempt that is recorded as two spans is one step, with the server's id", () => {
		expect(stepsOf(traceOf("retrying"))).toMatchObject([
			{
				...{ id: expect.stringMatching(/^[0-9a-f]{40}$/), name: "push", status: "FAILED" },
				...{ start: at(911), end: at(913), attempts: 1 },
				failure: { message: "CRM answered 503 Service Unavailable" },
			},
		]);
	});

	test("parallel steps, each recorded twice, come once, in order of start, with what they gave", () => {
		expect(
			stepsOf(traceOf("parallel")).map(({ name, status, start, end, output }) => [name, status, start, end, output]),
		).toEqual([
			["warehouse-b", "COMPLETED", at(1022), at(1023), { data: 2 }],
			["warehouse-a", "COMPLETED", at(1038), at(1039), { data: 1 }],
		]);
	});

	describe("a step that failed after a sleep with which it was queued", () => {
		const step = (name: string, from: number, to: number, some: Partial<Span> = {}) =>
			span(name, "COMPLETED", from, to, { stepId: name, stepOp: "RUN", ...some });
		const nap = (from: number, to: number) => step("nap", from, to, { stepOp: "SLEEP" });
		const bad = { status: "FAILED", output: { name: "Error", message: "no" } };
		const startOf = (...children: Span[]) => stepsOf(root(...children)).find(({ name }) => name === "bad")?.start;
		test.each<[string, Span[], number]>([
			["began when that was over", [nap(0, 500), step("bad", 0, 900, bad)], 500],
			[
				"or when the last that ended meanwhile was",
				[nap(0, 500), step("more", 500, 700), step("bad", 0, 900, bad)],
				700,
			],
			["not what ended later", [nap(0, 500), step("more", 100, 950), step("bad", 0, 900, bad)], 500],
			["or as it began", [nap(0, 500), step("first", -9, 0), step("bad", 0, 900, bad)], 500],
			["without a sleep it began with its first attempt", [step("more", 0, 500), step("bad", 0, 900, bad)], 0],
			["as does one that completed", [nap(0, 500), step("bad", 0, 900)], 0],
			["and one that was queued before", [nap(0, 500), step("bad", 0, 900, { ...bad, queuedAt: iso(-5) })], 0],
		])("%s", (_, children, start) => expect(startOf(...children)).toBe(at(start)));
	});

	test("of several spans that failed the last has the error", () => {
		const failed = (message: string, from: number) =>
			span("s", "FAILED", from, from + 1, { output: { name: "Error", message } });
		expect(stepsOf(root(failed("first", 0), failed("last", 5)))[0]?.failure?.message).toBe("last");
	});

	test("a sleep that goes on has no end", () => {
		expect(stepsOf(traceOf("running")).map(({ name, op, status, end }) => [name, op, status, end])).toEqual([
			["start", "RUN", "COMPLETED", at(941)],
			["wait-for-window", "SLEEP", "WAITING", undefined],
		]);
	});

	test("a run that failed outside any step has none", () => {
		expect([stepsOf(traceOf("flaky")), stepsOf(undefined), stepsOf(root())]).toEqual([[], [], []]);
	});

	test.each(KINDS)("the recorded names and states on a %s are the same", (kind) => {
		const all = ["ok", "failed", "running", "waiting", "retrying", "flaky", "parallel"].map((label) =>
			stepsOf(traceOf(label, kind))
				.map(({ name, status }) => `${name} ${status}`)
				.sort(),
		);
		expect(all).toEqual([
			["charge COMPLETED", "email COMPLETED"],
			["download COMPLETED", "parse FAILED"],
			["start COMPLETED", "wait-for-window WAITING"],
			["wait-for-approval WAITING"],
			["push FAILED"],
			[],
			["warehouse-a COMPLETED", "warehouse-b COMPLETED"],
		]);
	});

	test("a step that failed twice and then worked is completed, with its attempts counted, though its failed spans stay", () => {
		const attempts = [0, 1, 2].map((n) => span(`Attempt ${n}`, n < 2 ? "FAILED" : "COMPLETED", n * 50, n * 50 + 5));
		const steps = stepsOf(
			root(
				span("charge", "COMPLETED", 0, 105, { children: attempts }),
				span("charge", "FAILED", 1, 4, { output: { message: "no" } }),
				span("charge", "FAILED", 51, 54, { output: { message: "no" } }),
				span("charge", "COMPLETED", 100, 105, { output: { data: 1 } }),
			),
		);
		expect(steps).toEqual([
			{
				...{ id: "s", name: "charge", op: "RUN", status: "COMPLETED", attempts: 3, failure: undefined },
				...{ start: at(1), end: at(105), queued: at(0), latest: at(100), output: { data: 1 } },
			},
		]);
	});

	test("an attempt that the server executed once more is no further one, though the server counts it as that (measured)", () => {
		const times = [
			[0, 137],
			[50_009, 50_120],
			[56_661, 57_098],
			[109_420, 109_508],
			[187_876, 187_910],
		] as const;
		const attempts = times.map(([from, to], n) => span(`Attempt ${n}`, "FAILED", from, to));
		const own = times.filter((_, n) => n !== 2).map(([from, to]) => span("flaky", "FAILED", from + 3, to - 4));
		const trace = root(span("flaky", "FAILED", 0, 187_910, { children: attempts }), ...own);
		const [step] = stepsOf(trace);
		expect(step?.attempts).toBe(4);
		expect(step && attemptsAt(trace, step).map(({ nth, again }) => `${nth}${again ? " again" : ""}`)).toEqual([
			"1",
			"2",
			"2 again",
			"3",
			"4",
		]);
		const unended = root(
			span("flaky", "RUNNING", 0, 9, {
				children: [...attempts.slice(0, 2), span("Attempt 2", "RUNNING", 200_000, 0, { endedAt: null })],
			}),
			...own,
		);
		expect(stepsOf(unended)[0]?.attempts).toBe(3);
		const without = root(span("flaky", "FAILED", 0, 9, { children: attempts }));
		expect(stepsOf(without)[0]?.attempts).toBe(5);
	});

	test.each([-5000, -20, 20, 5000])("attempts of an app whose clock is off by %d ms", (off) => {
		const times = [0, 20_000, 40_000] as const;
		const attempts = times.map((from, n) => span(`Attempt ${n}`, "FAILED", from, from + 10));
		const own = times.map((from) => span("charge", "FAILED", from + off, from + off + 9));
		const trace = root(span("charge", "FAILED", 0, 40_010, { children: attempts }), ...own);
		expect(stepsOf(trace)[0]?.attempts).toBe(3);
	});

	test("a step named like one of the engine's spans is the user's: what counts is the id", () => {
		const names = ["Finalization", "Attempt 1", "executor.nonstep", "Execution"];
		const engine = names.map((name) => span(name, "FAILED", 0, 1, { stepId: undefined }));
		const own = names.map((name, i) => span(name, "COMPLETED", i, i + 1, { stepId: `id ${i}` }));
		expect(stepsOf(root(...engine, ...own)).map(({ name }) => name)).toEqual(names);
	});

	test("two steps of one name are two", () => {
		const steps = stepsOf(
			root(span("call", "FAILED", 0, 1, { stepId: "a" }), span("call", "FAILED", 2, 3, { stepId: "b" })),
		);
		expect(steps.map(({ id, name }) => [id, name])).toEqual([
			["a", "call"],
			["b", "call"],
		]);
	});

	test.each([
		["an error of the user's", { name: "TypeError", message: "x" }, "TypeError: x"],
		[
			"the engine's own, as a text",
			{ data: "Error: Signal conflict; it waits already" },
			"Error: Signal conflict; it waits already",
		],
		["any other text", { data: "no" }, "Error: no"],
		["a thrown null", { data: null }, "Error: Unknown error"],
		["nothing that was recorded", undefined, undefined],
	])("its error: %s", (_, output, told) => {
		const [step] = stepsOf(root(span("s", "FAILED", 0, 1, { output })));
		expect(step?.failure && `${step.failure.name}: ${step.failure.message}`).toBe(told);
	});

	test("without times, or in no order", () => {
		const steps = stepsOf(
			root(span("late", "COMPLETED", 50, 60, { stepId: "a" }), {
				name: "never",
				status: "WAITING",
				stepId: "b",
				stepOp: "WAIT_FOR_EVENT",
			}),
		);
		expect(steps.map(({ name, op, start, end, queued, latest }) => [name, op, start, end, queued, latest])).toEqual([
			["never", "WAIT_FOR_EVENT", undefined, undefined, undefined, undefined],
			["late", "RUN", at(50), at(60), at(50), at(50)],
		]);
	});
});

test("since when the app executes it, as recorded; of a run that has ended, no longer", () => {
	const live = recorded('live trace: shop/slow-step a/slowstep {"ms":45000}', "kitchen").response.body;
	const Live = z.object({ data: z.object({ rootSpan: SpanSchema }) });
	const since = executingSince(z.parse(Live, live).data.rootSpan);
	expect(since.map((at) => new Date(at).toISOString())).toEqual(["2026-11-26T02:44:25.961Z"]);
	expect([executingSince(traceOf("failed")), executingSince(undefined)]).toEqual([[], []]);
});

describe("outsideOf", () => {
	const attempt = (n: number, to: number, message: string) =>
		span(`Attempt ${n}`, "FAILED", 0, to, { stepId: undefined, output: { message, stack: "s" } });
	test("how often what is outside any step was tried, and what came of the last time", () => {
		const final = span("Finalization", "FAILED", 0, 9, {
			stepId: undefined,
			children: [attempt(0, 3, "first"), attempt(1, 9, "second")],
		});
		const users = span("Finalization", "FAILED", 0, 9, { children: [attempt(0, 3, "the user's")] });
		expect(outsideOf(root(users, final))).toMatchObject({ attempts: 2, failure: { message: "second" }, at: at(9) });
	});
	test("none, where there was none", () => {
		expect([outsideOf(undefined), outsideOf(root(span("s", "FAILED", 0, 1)))]).toEqual([
			{ attempts: 0, failure: undefined, at: undefined },
			{ attempts: 0, failure: undefined, at: undefined },
		]);
	});
	test("recorded, of a run that is tried again", () => {
		expect(outsideOf(traceOf("flaky"))).toMatchObject({
			attempts: 1,
			failure: { message: "ECONNRESET on first attempt", at: "app.mjs:42" },
		});
	});
});

describe("failureIn", () => {
	const stack =
		"TypeError: x\n    at node:internal/x:1:1\n    at f (file:///app/node_modules/inngest/a.js:1:2)\n    at Object.fn (file:///srv/app.mjs:27:13)";
	const failure = { name: "TypeError", message: "x is not a function", at: "app.mjs:27", stack };

	test("an error as a run has it, and wrapped as lists do", () => {
		const output = { name: "TypeError", message: "x is not a function", stack, __serialized: true };
		expect([failureIn(output), failureIn({ error: output })]).toEqual([failure, failure]);
	});

	test("the engine's own, which has its message twice and no stack", () => {
		const output = { error: "Unable to reach SDK URL", message: "Unable to reach SDK URL", name: "Error" };
		expect(failureIn(output)).toEqual({ name: "Error", message: "Unable to reach SDK URL", at: undefined, stack: "" });
	});

	test("the place is the first line in the user's own code, of JavaScript or Python", () => {
		const place = (text: string) => failureIn({ message: "", stack: text })?.at;
		expect([
			place("Error: x\n    at /srv/src/jobs/import.ts:27:13"),
			place("Error: x\n    at async C:\\app\\jobs.js:5:1"),
			place('Traceback\n  File "/usr/lib/site-packages/x.py", line 3, in a\n  File "/srv/app.py", line 12, in b'),
			place("Error: x\n    at Object.<anonymous> (/srv/dist/jobs.js:30:15)"),
			place("Error: x\n    at eval (webpack-internal:///(rsc)/./src/jobs.ts:12:11)"),
			place(
				"Error: x\n    at f (file:///home/me/.cache/deno/npm/registry.npmjs.org/a/1.0.0/a.js:1:2)\n    at file:///srv/b.ts:3:4",
			),
			place("Error: x\n    at eval (eval at f (/srv/a.js:1:2), <anonymous>:3:7)\n    at f (/srv/a.js:4:2)"),
			place("Error: x\n    at node:internal/x:1:1"),
			place(""),
		]).toEqual([
			"import.ts:27",
			"jobs.js:5",
			"app.py:12",
			"jobs.js:30",
			"jobs.ts:12",
			"b.ts:3",
			"a.js:4",
			undefined,
			undefined,
		]);
	});

	test("the place is found after a long message, whatever that looks like", () => {
		const message = `no\n    at fake (/srv/fake.js:1:1)${"!".repeat(30_000)}`;
		const failure = failureIn({ name: "Error", message, stack: `RangeError: ${message}\n    at f (/srv/a.js:4:2)` });
		expect([failure?.name, failure?.at]).toEqual(["RangeError", "a.js:4"]);
	});

	test.each([
		["C:\\Python311\\Lib\\json\\decoder.py", undefined],
		["/usr/local/lib/python3.12/asyncio/runners.py", undefined],
		["/app/.venv/lib/python3.12/site-packages/httpx/_client.py", undefined],
		["<frozen importlib._bootstrap>", undefined],
		["C:\\work\\shop\\jobs.py", "jobs.py:7"],
		["/var/task/python/jobs.py", "jobs.py:7"],
	])("a line of Python: %s", (file, at) => {
		expect(
			failureIn({ message: "x", stack: `Traceback (most recent call last):\n  File "${file}", line 7, in f\nE: x` })
				?.at,
		).toBe(at);
	});

	test.each([
		["/usr/local/go/src/runtime/panic.go:860 +0x13a", undefined],
		["runtime/panic.go:860 +0x13a", undefined],
		["/home/u/go/pkg/mod/github.com/jmoiron/sqlx@v1.4.0/sqlx.go:9 +0x1", undefined],
		["github.com/jmoiron/sqlx@v1.4.0/sqlx.go:9 +0x1", undefined],
		["/src/vendor/github.com/jmoiron/sqlx/sqlx.go:9 +0x1", undefined],
		["/go/src/app/jobs.go:7 +0xbe", "jobs.go:7"],
		["acme/shop/jobs.go:7", "jobs.go:7"],
		["C:/work/shop/jobs.go:7 +0xbe", "jobs.go:7"],
	])("a line of Go: %s", (line, at) => {
		const message = `function panicked: x.  stack:\ngoroutine 5 [running]:\nf()\n\t${line}\n`;
		expect(failureIn({ message })).toMatchObject({ message: "function panicked: x", name: "", at });
	});

	test.each([
		["/usr/local/go/src/runtime/debug/stack.go:26 +0x5e", "/usr/local/go/src/log/log.go:460 +0xa5"],
		["C:/Program Files/Go/src/runtime/debug/stack.go:26 +0x5e", "C:/Program Files/Go/src/text/template/exec.go:9 +0x1"],
		["runtime/debug/stack.go:26 +0x5e", "slices/slices.go:136 +0x1"],
	])("Go's own library is where its stack begins: %s", (first, line) => {
		const message = `function panicked: x.  stack:\ngoroutine 5 [running]:\ndebug.Stack()\n\t${first}\nf()\n\t${line}\ng()\n\t/app/sync/a.go:7 +0x1\n`;
		expect(failureIn({ message })?.at).toBe("a.go:7");
	});

	test.each(["sync", "time", "net", "context"])("a folder named as one of Go's packages: %s", (folder) => {
		expect(failureIn({ message: "x", stack: `Error: x\n    at f (/app/src/${folder}/a.ts:7:1)` })?.at).toBe("a.ts:7");
	});

	test("Python's chain, to any depth, with a group among it and an error without a line", () => {
		const line = (n: number) => `Traceback (most recent call last):\n  File "/app/a.py", line ${n}, in f\n    g()\n`;
		const [from, during] = [
			"The above exception was the direct cause of the following",
			"During handling of the above",
		];
		const group =
			'  + Exception Group Traceback (most recent call last):\n  |   File "/app/a.py", line 4, in f\n  |     g()\n';
		const member =
			'    | Traceback (most recent call last):\n    |   File "/app/b.py", line 5, in g\n    | shop.Late: two\n    | lines\n';
		const stack = [
			"KeyError: 'x'",
			`${from} exception:`,
			`${line(2)}ValueError`,
			`${during} exception, another exception occurred:`,
			`${group}  | ExceptionGroup: many (1 sub-exception)\n  +-+---------------- 1 ----------------\n${member}    +------------------------------------`,
			`${from} exception:`,
			`${line(9)}shop.f.<locals>.Down: it is down`,
		].join("\n\n");
		const failure = failureIn({ name: "Down", message: "it is down", stack: `${stack}\n` });
		expect(failure && causesOf(failure).map(({ name, message, at, handled }) => [name, message, at, handled])).toEqual([
			["Down", "it is down", "a.py:9", undefined],
			["ExceptionGroup", "many (1 sub-exception)", "a.py:4", undefined],
			["ValueError", "", "a.py:2", true],
			["KeyError", "'x'", undefined, undefined],
		]);
		const alone = failureIn({
			name: "ExceptionGroup",
			message: "many (1 sub-exception)",
			stack: stack.split("\n\n")[4],
		});
		expect(alone?.cause).toMatchObject({ name: "Late", message: "two\nlines", at: "b.py:5" });
	});

	test("a message longer than what is kept of a stack hides no line of Python's", () => {
		const message = "x".repeat(50_000);
		const stack = `Traceback (most recent call last):\n  File "/app/a.py", line 2, in f\nE: ${message}\n`;
		expect(failureIn({ message, stack })?.at).toBe("a.py:2");
	});

	test("a stack that is made to be slow to look through is looked through in no time", () => {
		const vendor = `Error: m\n    at x/${"vendor/".repeat(200_000)} a:1\n    at f (/srv/a.js:4:2)`;
		expect(failureIn({ name: "Error", message: "m", stack: vendor })?.at).toBe("a.js:4");
		const folder = "Error: m\n    at go (/app/node:api/app.mjs:50:3)";
		expect(failureIn({ name: "Error", message: "m", stack: folder })?.at).toBe("app.mjs:50");
	});

	test("a page as error: its words, without scripts and styles, also where they are cut off; none, and hostile ones", () => {
		const said = (message: string) => failureText({ name: "", message, at: undefined, stack: "" });
		const style = `<style>${"a{color:red}".repeat(900)}</style>`;
		expect([
			said(`<!DOCTYPE html><html><style>a{}</style><h1>Login</h1> required`),
			said(`<html><h1>Login</h1>${style}`),
			said(`<html>${style}<h1>Login</h1>`),
			said(`<html>${"<".repeat(100_000)}`).length < 400,
			said(`<html>${"<script ".repeat(100_000)}`),
		]).toEqual(["an HTML page «Login required»", "an HTML page «Login»", "an HTML page", true, "an HTML page"]);
	});

	test("what the engine gives as a text, alone and in lists", () => {
		const said = (output: unknown) => failureText(failureIn(output) ?? anError("none"));
		expect([
			said({ error: "The response did not come from an Inngest SDK" }),
			said({ data: "<html>\nlog in: here</html>" }),
			said({ data: "TypeError: Signal conflict" }),
		]).toEqual([
			"Error: «The response did not come from an Inngest SDK»",
			"Error: an HTML page «log in: here»",
			"TypeError: «Signal conflict»",
		]);
	});

	// As recorded: see test/fulfilment.test.ts and test/situations.test.ts.
	test("what else answered for the app, and why a condition is no CEL, are the cause", () => {
		const lost = failureIn({
			message: "Your server returned HTTP 504 before the SDK responded.",
			name: "Server returned a fatal error",
			stack:
				"No step output was produced.\n\nUpstream response (text/html):\n<html><h1>504 Gateway Time-out</h1></html>",
		});
		const wrong = failureIn({
			message: "Wait for event If expression failed to compile",
			name: "InvalidExpression",
			stack: "error compiling expression: ERROR: <input>:1:18: Syntax error",
		});
		expect([lost?.cause, lost?.stack, wrong?.cause, wrong?.stack]).toEqual([
			{ name: "Upstream response", message: "<html><h1>504 Gateway Time-out</h1></html>", at: undefined, stack: "" },
			"",
			{ name: "", message: "1:18: Syntax error", at: undefined, stack: "" },
			"",
		]);
	});

	test("Go's words before a step's error are not the error, which may be without a text", () => {
		const said = (message: string) => failureIn({ message })?.message;
		expect([said("unhandled step error: card declined"), said("unhandled step error: ")]).toEqual([
			"card declined",
			"",
		]);
	});

	test("white space around name, message and stack is no difference: the SDK drops it where it throws a step's error on", () => {
		const own = failureIn({
			name: "P ",
			message: "\nInvalid `create()`\n",
			stack: "P: \nInvalid\n    at f (/a/b.js:1:2)\n",
		});
		expect(own).toEqual({
			...{ name: "P", message: "Invalid `create()`", at: "b.js:1" },
			stack: "P: \nInvalid\n    at f (/a/b.js:1:2)",
		});
	});

	test("a stack is cut before its lines, not in the message that it begins with", () => {
		const stack = `Error: ${"x".repeat(100_000)}\n    at f (/app/a.js:1:2)`;
		expect(failureIn({ message: "x", stack })?.at).toBe("a.js:1");
	});

	test.each([undefined, null, "boom", 5, {}, { rows: 7 }, { error: null }, { error: "" }, { data: null }, []])(
		"%j has none",
		(output) => {
			expect(failureIn(output)).toBeUndefined();
		},
	);

	test("what is not text is made so", () => {
		expect([failureIn({ message: 5 }), failureIn({ name: "X", message: null })]).toEqual([
			{ name: "", message: "5", at: undefined, stack: "" },
			{ name: "X", message: "", at: undefined, stack: "" },
		]);
	});

	test("what it was thrown because of: errors, and anything else, six deep at most", () => {
		const chain = (depth: number): unknown => ({ message: `${depth}`, ...(depth && { cause: chain(depth - 1) }) });
		const told = (output: unknown) => causesOf(failureIn(output) ?? anError("none")).map(({ message }) => message);
		expect(told(chain(2))).toEqual(["2", "1", "0"]);
		expect(told(chain(20))).toHaveLength(6);
		expect(told({ message: "outer", cause: "just a text" })).toEqual(["outer", "just a text"]);
		expect(told({ message: "outer", cause: { rows: 7 } })).toEqual(["outer", '{"rows":7}']);
		expect(told({ message: "outer", cause: null })).toEqual(["outer"]);
		expect(told({ message: "outer", cause: "" })).toEqual(["outer"]);
	});

	test("errors wrapped without end don't end the skill", () => {
		let output: unknown = { message: "x" };
		for (let n = 0; n < 100_000; n++) output = { error: output };
		expect(failureIn(output)).toBeUndefined();
	});
});

describe("an error in words", () => {
	test("its name, its message, its place, and two causes", () => {
		const deep = anError("a", {
			name: "A",
			cause: anError("b", { line: 0, cause: anError("c", { cause: anError("d") }) }),
		});
		expect(failureText(deep)).toBe("A: «a» at app.mjs:7, caused by Error: «b», caused by Error: «c» at app.mjs:7");
	});
	test("a name that could be anything is marked, a long message is cut with its size", () => {
		expect(failureText(anError("x".repeat(300), { name: "a b", line: 0 }))).toBe(
			`«a b»: «${"x".repeat(240)}… (300 B)»`,
		);
	});
	test("where many are kept, without stacks, masked, and with the size of the whole", () => {
		const long = anError(`${"x".repeat(500)}`, { cause: anError(["sk", "live", "0123456789"].join("_")) });
		expect(shortened(long)).toEqual({
			...{ name: "Error", message: "x".repeat(400), size: 500, at: "app.mjs:7", stack: "" },
			cause: { name: "Error", message: "[masked]", at: "app.mjs:7", stack: "" },
		});
	});
});

describe("what a function returned", () => {
	test.each([
		[{ data: 42 }, 42],
		[{ data: null }, null],
		[{ data: { inner: 1 } }, { inner: 1 }],
		[
			{ data: 1, more: 2 },
			{ data: 1, more: 2 },
		],
		[{ rows: 7 }, { rows: 7 }],
		[[1], [1]],
		["text", "text"],
		[undefined, undefined],
	])("%j is %j", (output, value) => {
		expect(returned(output)).toEqual(value);
	});
	test.each([
		["COMPLETED", { data: 42 }, "«42»"],
		["COMPLETED", null, ""],
		["COMPLETED", { data: null }, ""],
		["COMPLETED", { name: "Bob", message: "no error" }, '«{"name":"Bob","message":"no error"}»'],
		["FAILED", { error: { name: "E", message: "no" } }, "E: «no»"],
		["FAILED", undefined, ""],
		["CANCELLED", { message: "x" }, ""],
		["RUNNING", { data: 1 }, ""],
	])("%s with %j is told as %s", (status, output, told) => {
		expect(outcomeText(aRun({ status, output, ...(status === "RUNNING" && { endedAt: undefined }) }), 100)).toBe(told);
	});
});

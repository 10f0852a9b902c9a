/**
 * The runs of apps written with the SDKs for Python, Go and older TypeScript, checked against the apps' own logs: which step threw, and on
 * which line. `recordings/languages.json` is from a dev server (v1.43) with inngest 0.5.19 for Python (FastAPI, Flask), inngestgo 0.16.0,
 * inngest 3.54.2, 3.22.13 and 2.7.2 for TypeScript (calls of model APIs and fetches also with 4.24.0); span metadata other than AI's was
 * omitted. That server refuses to sync 3.22.0 to 3.53.1: the recorded 3.22.13 reported itself as 3.21.9.
 */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { type Cause, isOfInvoked, othersThatFailed, stepsIn } from "../lib/decide/cause.ts";
import { attemptsAt, outsideOf } from "../lib/decide/compare.ts";
import { causeIn, groupCode, isUnreachable, whereOf } from "../lib/decide/triage.ts";
import { readStory } from "../lib/gather/story.ts";
import { One, Page, Run, Span } from "../lib/inngest/api.ts";
import { stepsOf } from "../lib/inngest/trace.ts";
import { causeText, failureLines, failureText, opText } from "../lib/tell/causetext.ts";
import { callsAfter } from "../lib/tell/replaytext.ts";
import { recorded } from "./recordings.ts";

const bodyOf = (label: string) => recorded(label, "languages").response.body;
const runOf = (label: string) => z.parse(One(Run), bodyOf(`run: ${label}`)).data;
const traceOf = (label: string) => z.parse(One(z.object({ rootSpan: Span })), bodyOf(`trace: ${label}`)).data.rootSpan;

type Truth = readonly [label: string, kind: Cause["kind"], steps: string, error: string];

/** Lines of the code that raised; `unseen`: the app knows the step, the API doesn't. */
const python: readonly Truth[] = [
	[
		"a step that raises twice",
		"step",
		"charge",
		"CardDeclined: «card_declined: Your card was declined (order o1)» at gateway.py:18",
	],
	[
		"raised from another",
		"step",
		"load",
		"GatewayDown: «price list broken» at main.py:40, caused by KeyError: «'b'» at gateway.py:30",
	],
	[
		"raised while another was handled",
		"step",
		"load",
		"RuntimeError: «could not read the answer» at main.py:50, while handling JSONDecodeError: «Expecting property name enclosed in double quotes: line 1 column 2 (char 1)» at gateway.py:22",
	],
	[
		"a message like a traceback",
		"step",
		"validate",
		'ValueError: «first line File "/etc/passwd", line 3, in fake Traceback (most recent call last): last line» at main.py:67',
	],
	[
		"a message of many lines",
		"step",
		"validate",
		"ValidationError: «2 validation errors for Order id Input should be a valid integer, unable to parse string as an integer [type=int_parsing, input_value='x', input_type=str] For further information visit https://errors.pydantic.dev/2.14/v/int_parsing total In… (449 B)» at main.py:60",
	],
	["no message", "step", "check", "AssertionError: «» at main.py:73"],
	[
		"a group",
		"step",
		"many",
		"ExceptionGroup: «unhandled errors in a TaskGroup (2 sub-exceptions)» at main.py:80, caused by ValueError: «first failed» at main.py:85",
	],
	["its function is gone", "unseen", "", "FunctionNotFoundError: «function vetlab-child not found»"],
	[
		"a group of errors of another file",
		"step",
		"many",
		"ExceptionGroup: «3 measurements failed (3 sub-exceptions)» at app.py:123, caused by ValueError: «volume 0.1 ml of sample 0 is too small» at analyser.py:37",
	],
	[
		"a group in a group",
		"outside",
		"",
		"ExceptionGroup: «outer (2 sub-exceptions)» at app.py:129, caused by ExceptionGroup: «inner (2 sub-exceptions)», caused by LabError: «needle bent»",
	],
	["outside", "outside", "", "KeyError: «'missing-sku'» at gateway.py:30"],
	["outside, after a step", "outside", "", "KeyError: «'order_id'» at main.py:98"],
	[
		"the standard library's",
		"step",
		"read",
		"JSONDecodeError: «Expecting value: line 1 column 1 (char 0)» at gateway.py:22",
	],
	[
		"a package's",
		"step",
		"call",
		"ConnectError: «[Errno 111] Connection refused» at gateway.py:26, caused by ConnectError: «[Errno 111] Connection refused»",
	],
	["NonRetriableError in a step", "unseen", "", "NonRetriableError: «sku discontinued» at main.py:118"],
	["RetryAfterError in a step", "unseen", "", "RetryAfterError: «429 from the gateway» at main.py:129"],
	["NonRetriableError outside", "outside", "", "NonRetriableError: «bad payload» at main.py:123"],
	[
		"a step's error raised again",
		"step",
		"charge",
		"CardDeclined: «card_declined: Your card was declined (order o4)» at gateway.py:18",
	],
	[
		"raised from a step's error",
		"after",
		"charge",
		"GatewayDown: «checkout failed» at main.py:160, caused by «card_declined: Your card was declined (order o3)»",
	],
	["a step within a step", "step", "outer", "CodedError: «Nested steps are not supported.»"],
	["an output that is not JSON", "unseen", "", "OutputUnserializableError: «returned unserializable data»"],
	["middleware", "outside", "", "RuntimeError: «middleware broke» at main.py:364"],
	[
		"a BaseException",
		"unseen",
		"",
		"«Server returned a fatal error»: «Your server returned HTTP 500 before the SDK responded.», caused by «Upstream response»: «Internal Server Error» (possible: an error that the app's SDK does not catch: the app's own log has it)",
	],
	["two steps side by side", "step", "left", "ValueError: «left broke» at main.py:185"],
	["two steps side by side with one error", "tie", "left,right", "ValueError: «both broke» at main.py:194"],
	["one of three steps of a name", "step", "same", "ValueError: «round 2» at main.py:286"],
	["raised in a package named sync", "step", "scan", "LabelError: «label s2: cannot be read» at scanner.py:12"],
	[
		"without async, NonRetriableError from another",
		"unseen",
		"",
		"NonRetriableError: «declined for good» at flaskapp.py:30, caused by CardDeclined: «card_declined: Your card was declined (order f2)» at gateway.py:18",
	],
];

/** The SDK for Go gives errors neither names nor stacks, except for panics. */
const go: readonly Truth[] = [
	["a step that fails twice", "step", "charge", "«card declined: insufficient_funds»"],
	["a step's error wrapped", "after", "reserve", "«checkout failed: reserve sku1: no stock left»"],
	["a step's error replaced", "outside", "", "«could not check out»"],
	["joined", "step", "many", "«card declined: insufficient_funds reserve sku3: no stock left»"],
	["no message", "step", "check", "«»"],
	[
		"a panic in a step",
		"unseen",
		"",
		"«function panicked: runtime error: invalid memory address or nil pointer dereference» at gateway.go:31",
	],
	[
		"a panic outside",
		"outside",
		"",
		"«function panicked: runtime error: index out of range [3] with length 0» at main.go:159",
	],
	["a panic of log's, in a step", "unseen", "", "«function panicked: kiln over 1400 °C» at glaze.go:32"],
	[
		"a panic of slices'",
		"unseen",
		"",
		"«function panicked: runtime error: slice bounds out of range [99:1]» at glaze.go:38",
	],
	["a panic in a step side by side", "unseen", "", "«function panicked: kiln over 7 °C» at main.go:289"],
	["an error outside", "unseen", "", "«plain outside»"],
	["NoRetryError in a step", "step", "check stock", "«sku discontinued»"],
	["RetryAtError in a step", "step", "rate limited", "«429 from the gateway»"],
	["two steps side by side", "step", "left", "«left broke»"],
	["a child of Go's", "step", "call child", "Error: «child broke»"],
	["a child of Python's", "step", "call python", "GatewayDown: «child broke» at main.py:203"],
	["a child whose app is stopped", "step", "call", "Error: «Unable to reach SDK URL»"],
	["a child that is not there", "step", "call nobody", "Error: «could not find function with ID: goshop-nobody»"],
	["a wait that timed out", "outside", "", "«event not received»"],
	[
		"an output that is not JSON",
		"unseen",
		"",
		"«unable to marshal run respone for 'channel': json: unsupported type: chan int»",
	],
	["its function is gone", "outside", "", "«function not found: station-relay»"],
	[
		"another signing key",
		"unseen",
		"",
		`«Server returned a fatal error»: «Your server returned HTTP 401 before the SDK responded.», caused by «Upstream response»: «{"message":"Unauthorized"}» (possible: no body reaches the app's SDK, as without a JSON body parser; its signing key differs; or it is not in dev mode)`,
	],
	["checkpoints, a step that fails twice", "step", "two", "«second stage failed»"],
	["checkpoints in batches, a step that fails twice", "unseen", "", "«second firing failed»"],
	["a step's error wrapped amid the text", "after", "lock", "«pass failed (no carrier lock) on dish A»"],
	["two steps' errors joined", "after", "south", "«north dish iced south dish flooded»"],
	["connected", "unseen", "", "Error: «error calling function: card declined: insufficient_funds»"],
];

/**
 * Before v4 the SDK keeps only built-in error names, and none in its copy of a step's error; before v3 a step's error is only on the run.
 */
const typescript: readonly Truth[] = [
	[
		"3: a TypeError in a step",
		"step",
		"read price",
		"TypeError: «Cannot read properties of undefined (reading 'amount')» at gateway.mjs:7",
	],
	[
		"3: an error of the app's own, twice",
		"step",
		"charge card",
		"CardDeclined: «Your card was declined (order o1)» at gateway.mjs:4",
	],
	[
		"3: NonRetriableError in a step, with a cause",
		"step",
		"check sku",
		"NonRetriableError: «sku discontinued» at app.mjs:41, caused by CardDeclined: «inner declined» at app.mjs:41",
	],
	[
		"3: NonRetriableError outside",
		"outside",
		"",
		"NonRetriableError: «bad payload» at app.mjs:42, caused by TypeError: «x is not a function» at app.mjs:42",
	],
	[
		"3: thrown from a step's error",
		"after",
		"charge card",
		"Error: «checkout failed» at app.mjs:53, caused by CardDeclined: «Your card was declined (order o3)» at gateway.mjs:4",
	],
	[
		"3: an invocation that timed out",
		"step",
		"call slow",
		"InngestInvokeTimeoutError: «Timed out waiting for invoked function to complete»",
	],
	["3: a DOMException", "step", "abort", "TimeoutError: «The operation was aborted due to timeout»"],
	[
		"3: a message like a stack",
		"step",
		"odd",
		"Error: «first line second line at fake (/etc/passwd:[masked] last» at app.mjs:50",
	],
	[
		"3: too much output",
		"unseen",
		"",
		"Error: «error validating generator opcode 95c4bea12e4edcf8aad730a222793324dc42c29d: step output size is greater than the limit» (4 MiB)",
	],
	[
		"3: the runtime's",
		"step",
		"read file",
		"Error: «ENOENT: no such file or directory, open '/no/such/file.json'» at app.mjs:143",
	],
	["3: a package's, among calls side by side", "step", "all", "TypeError: «vendor broke: in all» at app.mjs:144"],
	[
		"3: minified",
		"step",
		"load",
		"Error: «could not load prices» at app.min.mjs:103:2687, caused by SyntaxError: «Expected property name or '}' in JSON at position 1 (line 1 column 2)» at app.min.mjs:102:21172",
	],
	[
		"3 in Bun: thrown from another",
		"step",
		"load",
		"Error: «could not load prices» at app.mjs:46, caused by SyntaxError: «JSON Parse error: Expected '}'» at gateway.mjs:10",
	],
	[
		"3 in Deno: the runtime's",
		"step",
		"read file",
		"Error: «ENOENT: no such file or directory, open '/no/such/file.json'» at app.mjs:143",
	],
	["3: a wait without options", "outside", "", "TypeError: «Cannot read properties of undefined (reading 'timeout')»"],
	[
		"3: thrown again after other steps",
		"step",
		"a",
		"TypeError: «Cannot read properties of undefined (reading 'amount')» at gateway.mjs:7",
	],
	["3: two steps side by side", "step", "p1", "Error: «par 1 broke» at app.mjs:66"],
	[
		"3.22: a TypeError in a step",
		"step",
		"read price",
		"TypeError: «Cannot read properties of undefined (reading 'amount')» at gateway.mjs:7",
	],
	[
		"2: a TypeError in a step",
		"unseen",
		"",
		"TypeError: «Cannot read properties of undefined (reading 'amount')» at gateway.mjs:7",
	],
	["2: a step that throws twice", "unseen", "", "CardDeclined: «Your card was declined (order o1)» at gateway.mjs:4"],
	["2: outside", "unseen", "", "Error: «outside attempt 1» at app.mjs:59"],
];

/** Calls by the server for the app: the step has the response, the run the server's own error. */
const calls: readonly Truth[] = [
	[
		"a model's API refuses twice",
		"step",
		"ask",
		"AIGatewayError: «Error making AI request: unsuccessful status code: 401», caused by «Incorrect API key provided: none.»",
	],
	[
		"a model's API can't be reached",
		"step",
		"ask",
		"AIGatewayError: «Error making AI request: Unable to reach SDK URL»",
	],
	[
		"a fetch that fails",
		"step",
		"step.fetch: 127.0.0.1",
		"GatewayError: «Error making gateway request: Unable to reach SDK URL»",
	],
];

const failed = [
	...typescript.map(([label, ...truth]) => [`TypeScript ${label}`, ...truth] as const),
	...calls.map(([label, ...truth]) => [`TypeScript: ${label}`, ...truth] as const),
	...python.map(([label, ...truth]) => [`Python: ${label}`, ...truth] as const),
	...go.map(([label, ...truth]) => [`Go: ${label}`, ...truth] as const),
];

describe("why it failed", () => {
	test.each(failed)("%s", (label, kind, steps, error) => {
		const cause = causeIn(runOf(label), traceOf(label));
		expect([
			cause?.kind,
			stepsIn(cause)
				.map(({ name }) => name)
				.join(),
			cause && failureText(cause.failure),
		]).toEqual([kind, steps, error]);
	});

	test.each([
		"Python: a step that raises twice",
		"Python: raised from another",
		"Python: NonRetriableError in a step",
		"Go: a step that fails twice",
		"Go: a panic in a step",
		"Go: connected",
		"TypeScript 3: a TypeError in a step",
		"TypeScript 3: an error of the app's own, twice",
		"TypeScript 3: NonRetriableError in a step, with a cause",
	])("a list gives it in another form, of the same group: %s", (label) => {
		const [listed] = z.parse(Page(Run), bodyOf(`listed: ${label}`)).data;
		expect(listed && groupCode(listed)).toBe(groupCode(runOf(label)));
	});

	test.each([
		["Python: a step's error raised again", []],
		["Python: raised from a step's error", []],
		["Python: two steps side by side", ["right"]],
		["Go: a step's error wrapped", []],
		["Go: a step's error replaced", ["reserve"]],
		["Go: two steps side by side", ["right"]],
		["TypeScript: a refusal that was caught", ["ask"]],
		["TypeScript 3: a TypeError in a step", []],
		["TypeScript 3: an invocation that timed out", []],
		["TypeScript 3: two steps side by side", ["p3"]],
		["TypeScript 3: thrown again after other steps", []],
		// The run's error has both.
		["Go: two steps' errors joined", []],
	] as const)("what else failed: %s", (label, others) => {
		const [run, trace, steps] = [runOf(label), traceOf(label), stepsOf(traceOf(label))];
		expect(othersThatFailed(run, steps, causeIn(run, trace, steps)).map(({ step }) => step.name)).toEqual(others);
	});

	test.each([
		["Python: NonRetriableError in a step", true],
		["Python: RetryAfterError in a step", true],
		["Python: without async, NonRetriableError from another", true],
		["Python: an output that is not JSON", false],
		["Go: a panic in a step", true],
		["Go: a panic of log's, in a step", true],
		["Go: a panic in a step side by side", false],
		["Go: checkpoints in batches, a step that fails twice", false],
		["Go: an output that is not JSON", true],
		["Go: connected", false],
		["TypeScript 3: too much output", true],
		["TypeScript 2: a TypeError in a step", true],
		["TypeScript 2: a step that throws twice", false],
		["TypeScript 2: outside", false],
	])("whether it is known to have been in a step, which left no record: %s", (label, isKnown) => {
		const cause = causeIn(runOf(label), traceOf(label));
		const maybe = isKnown ? "" : " outside any step, or";
		expect(cause && causeText(cause)).toBe(`Failed${maybe} in a step that left no record`);
	});

	test.each([
		["Go: a child of Go's", true],
		["Go: a child of Python's", true],
		["Go: a child that is not there", false],
		["Go: a child whose app is stopped", true],
		["Go: a step that fails twice", false],
	])("whether it came up from the run that the step invoked: %s", (label, isOf) => {
		expect(isOfInvoked(causeIn(runOf(label), traceOf(label)))).toBe(isOf);
	});
});

test.each([
	["Python: a step that raises twice", "1 2"],
	["Go: a step that fails twice", "1 2"],
	["Go: RetryAtError in a step", "1 2 3"],
	["TypeScript: a model's API refuses twice", "1 2"],
	["TypeScript 3: an error of the app's own, twice", "1 2"],
])("how often the app was asked for the step: %s", (label, attempts) => {
	const trace = traceOf(label);
	const [step] = stepsOf(trace);
	expect(
		step &&
			attemptsAt(trace, step)
				.map(({ nth, again }) => (again ? "again" : nth))
				.join(" "),
	).toBe(attempts);
	expect(step?.attempts).toBe(Number(attempts.at(-1)));
});

test("of a step's spans the one nearest to the app tells how long it took, where the SDK does not: here 131 ms in the app", () => {
	const [step] = stepsOf(traceOf("TypeScript 3.22: a step, on a busy server"));
	expect(step?.end !== undefined && step.end - (step.start ?? 0)).toBe(372);
});

test("the last attempt at a call that failed is no completed one, and an address that could not be called is not the app's", () => {
	const trace = traceOf("TypeScript: a model's API refuses twice");
	const [step] = stepsOf(trace);
	expect(step && attemptsAt(trace, step).map(({ status, failure }) => [status, failure?.message])).toEqual([
		["FAILED", undefined],
		["FAILED", "Incorrect API key provided: none."],
	]);
	expect(
		["TypeScript: a model's API can't be reached", "TypeScript: a fetch that fails"].map((label) =>
			causeIn(runOf(label), { name: "" }),
		),
	).toSatisfy((causes: (Cause | undefined)[]) => causes.every((cause) => cause && !isUnreachable(cause.failure)));
});

test("an error that left no step is counted by the server's attempts at the function", () => {
	expect(outsideOf(traceOf("Python: RetryAfterError in a step")).attempts).toBe(3);
	expect(outsideOf(traceOf("Go: a panic in a step")).attempts).toBe(2);
	expect(outsideOf(traceOf("TypeScript 2: a step that throws twice")).attempts).toBe(2);
});

test.each([
	["Go: fetch", "fetch"],
	["Go: infer", "ai"],
])("a step that the server does itself, under any name: %s", (label, op) => {
	const [step] = stepsOf(traceOf(label));
	expect(step && opText(step)).toBe(op);
});

test("a step whose last attempt alone has a span after it started began with its first attempt", () => {
	const [, step] = stepsOf(traceOf("Python: a step that raises twice, later than its own span"));
	expect([step?.name, step?.start]).toEqual(["measure", Date.parse("2026-11-27T06:41:25.338Z")]);
});

// Both steps ran in one request, with which the first attempt of the second is recorded as starting.
test("with checkpoints, a step that failed is told after the one that came before", () => {
	expect(
		stepsOf(traceOf("Go: checkpoints, a step that fails twice")).map(({ name, start, end }) => [name, start, end]),
	).toEqual([
		["one", Date.parse("2026-11-27T06:41:04.687Z"), Date.parse("2026-11-27T06:41:04.688Z")],
		["two", Date.parse("2026-11-27T06:41:05.343Z"), Date.parse("2026-11-27T06:41:28.412Z")],
	]);
});

// By its log, the function returned at the end of its three steps. Seen: "in a step that left no record", and a replay suggested.
test("a run that the server failed after its function had returned", () => {
	const label = "TypeScript 3: the server fails a run that had returned";
	const story = readStory({ run: runOf(label), trace: traceOf(label), jobs: undefined, missing: [] }, Date.now());
	expect(failureLines(story).filter(Boolean)).toEqual([
		"The function returned «[0,1,2]», but then the server failed: Error: «error loading events in driver marshaller: event not found in state store»",
	]);
	expect(callsAfter(story, { kind: "dev" })).toEqual([]);
	expect(whereOf(causeIn(traceOf(label), traceOf(label)))).toEqual({ kind: "returned" });
	// One that was cancelled while its app went on did not fail in the server.
	const cancelled = { ...traceOf(label), status: "CANCELLED" };
	const run = { ...runOf(label), status: "CANCELLED" };
	const other = readStory({ run, trace: cancelled, jobs: undefined, missing: [] }, Date.now());
	expect(failureLines(other).join()).not.toContain("The function returned");
});

test("where the app itself failed, a list of apps is no help", () => {
	const label = "Python: a BaseException";
	const story = readStory({ run: runOf(label), trace: traceOf(label), jobs: undefined, missing: [] }, Date.now());
	expect(callsAfter(story, { kind: "dev" })).toEqual([`replay-run ${story.run.id}`]);
});

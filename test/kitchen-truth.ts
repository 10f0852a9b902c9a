/**
 * What happened to the runs of the kitchen's apps, written by hand from the apps' code (`kitchen.mjs`, `billing.mjs`, and the third app
 * `extra`, whose functions are described here), not from any rule about the API's responses. A rule that says where a run failed is right
 * if it agrees with this.
 *
 * `label` names the run in `recordings/kitchen.json` (dev server) and `recordings/kitchen-self-hosted.json`, in the exchanges `run:
 * <label>` and `trace: <label>`; for a live run `live run: <label>`, `live trace: <label>` and `live jobs: <label>`. On a live server,
 * `origin` finds it: the function's run that this event started.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** For an error thrown outside any step. */
export const OUTSIDE = "outside any step";

/** What started a run. `by` and `of` are labels of other runs. */
export type Origin =
	| { kind: "event"; name: string; data: Json }
	| { kind: "cron"; schedule: string }
	| { kind: "invoked"; by: string }
	| { kind: "deferred"; by: string }
	| { kind: "failure handler"; of: string };

export interface Thrown {
	name: string;
	/** As the SDK sends it, its first 80 characters. */
	message: string;
}

interface Run {
	label: string;
	/** `app/function` */
	fn: string;
	origin: Origin;
	/** Step errors that the function caught, and that did not end the run. */
	caught?: readonly { step: string; message: string }[];
}

export interface Failed extends Run {
	status: "FAILED";
	/** Where the run's error was thrown; undefined if the code leaves it open (two parallel steps, the same message). */
	failedIn: string | undefined;
	error: Thrown;
	/** Every place whose error reads like the run's, including `failedIn`, if there are several: the API alone can't tell them apart. */
	alike?: readonly string[];
	/** The step whose error the function caught and passed on in another: as its `cause`, or only in its message. */
	because?: { step: string; message: string; link: "cause" | "words" };
	/** The trace has no span of the step: the API alone can't tell it from a failure outside any step. */
	unseen?: true;
	/** Other steps that failed, neither caught nor the run's error. */
	beside?: readonly { step: string; message: string }[];
}

export interface Ended extends Run {
	status: "COMPLETED" | "CANCELLED";
}

export type Wait =
	| { kind: "sleep"; step: string }
	| { kind: "event"; step: string; event: string }
	| { kind: "signal"; step: string; signal: string }
	| { kind: "invoke"; step: string; fn: string }
	| { kind: "executing"; step: string }
	| { kind: "retry"; of: string }
	| { kind: "turn"; because: "concurrency" | "throttle" | "priority" };

export interface Live extends Run {
	status: "RUNNING" | "QUEUED";
	/** Everything it waits for. */
	waits: readonly Wait[];
}

type More = Pick<Failed, "caught" | "alike" | "because" | "beside" | "unseen">;

const labelOf = (fn: string, origin: Origin): string => {
	if (origin.kind === "event") return `${fn} ${origin.name} ${JSON.stringify(origin.data)}`;
	if (origin.kind === "cron") return `${fn} cron ${origin.schedule}`;
	if (origin.kind === "failure handler") return `${fn} handler of ${origin.of}`;
	return `${fn} ${origin.kind} by ${origin.by}`;
};
const on = (name: string, data: Json = {}): Origin => ({ kind: "event", name, data });
const every = (schedule: string): Origin => ({ kind: "cron", schedule });
const by = (label: string): Origin => ({ kind: "invoked", by: label });

/** A NonRetriableError, unless `error` says otherwise. */
function fails(
	fn: string,
	origin: Origin,
	failedIn: string | undefined,
	error: string | Thrown,
	more: More = {},
): Failed {
	const thrown = typeof error === "string" ? { name: "NonRetriableError", message: error } : error;
	return { label: labelOf(fn, origin), fn, origin, status: "FAILED", failedIn, error: thrown, ...more };
}
const plain = (message: string): Thrown => ({ name: "Error", message });
function ends(fn: string, origin: Origin, status: Ended["status"], caught?: Run["caught"]): Ended {
	return { label: labelOf(fn, origin), fn, origin, status, ...(caught ? { caught } : {}) };
}
function lives(
	fn: string,
	origin: Origin,
	status: Live["status"],
	waits: readonly Wait[],
	caught?: Run["caught"],
): Live {
	return { label: labelOf(fn, origin), fn, origin, status, waits, ...(caught ? { caught } : {}) };
}

/** What each kind of `throw-odd` throws, outside any step and in the step "odd"; the SDK turns values that are not Errors into Errors. */
const odd: readonly (readonly [kind: string, outside: Thrown, inStep: Thrown])[] = [
	["string", plain("just a string"), plain("just a string")],
	["object", plain('{"code":42,"reason":"object thrown"}'), plain('{"code":42,"reason":"object thrown"}')],
	["undefined", plain("undefined"), plain("Unknown error")],
	["null", plain("null"), plain("Unknown error")],
	["number", plain("7"), plain("7")],
	["array", plain('[1,"two"]'), plain('[1,"two"]')],
	["error", { name: "MyAppError", message: "with props" }, { name: "MyAppError", message: "with props" }],
	// An Error without a message
	["empty", plain("{}"), plain("{}")],
	["agg", { name: "AggregateError", message: "aggregate" }, { name: "AggregateError", message: "aggregate" }],
];

const stock = "child broke: no stock";
const enrich = { step: "optional-enrich", message: "enrichment service down" };
const reserve = { step: "reserve stock", message: "warehouse offline" };
const refused = "upstream refused";

/** Every run that fails. */
export const failed: readonly Failed[] = [
	// kitchen.mjs
	fails("shop/sync", on("a/sync", { fail: true }), "push", "shop sync refused"),
	fails("shop/many-steps", on("a/many", { n: 8, failAt: 6 }), "s06", "fail at 6"),
	// p2 fails after 100 ms, p4 after 200 ms
	fails("shop/parallel", on("a/parallel", { n: 6, fail: [2, 4] }), "p2", "par 2 broke", {
		beside: [{ step: "p4", message: "par 4 broke" }],
	}),
	// The third of four steps of one name
	fails("shop/dup-names", on("a/dup", { failAt: 2 }), "same", "dup failed at 2"),
	fails(
		"shop/long-names",
		on("a/longnames", { fail: true }),
		"with «quotes» and `ticks` and --flag",
		"odd name failed",
	),
	// The second of two steps of one name (their ids differ)
	fails("shop/nested-name", on("a/displayname", { fail: true }), "Pretty name", "pretty failed"),
	fails(
		"shop/wait-signal-conflict",
		on("a/waitsignal.conflict", { n: 2 }),
		"wait-signal",
		plain("Signal conflict; signal wait already exists for another run"),
	),
	fails("shop/child", on("a/child", { fail: true }), "child-step", stock),
	fails("shop/invoke-fail", on("a/invokefail"), "call child", stock),
	fails("shop/child", by("shop/invoke-fail a/invokefail {}"), "child-step", stock),
	// The child continues and completes
	fails("shop/invoke-timeout", on("a/invoketimeout"), "call slow child", {
		name: "InngestInvokeTimeoutError",
		message: "Timed out waiting for invoked function to complete",
	}),
	fails("shop/paused-invoke", on("a/chain"), "level 2", "level 3 exploded"),
	fails("shop/chain2", by("shop/paused-invoke a/chain {}"), "level 3", "level 3 exploded"),
	fails("shop/chain3", by("shop/chain2 invoked by shop/paused-invoke a/chain {}"), "deepest", "level 3 exploded"),
	fails("shop/ai-wrap", on("a/aiwrap", { fail: true }), "ai-wrap", "model overloaded"),
	fails("shop/retry-backoff", on("a/retry"), "flaky", plain("attempt 3 failed: upstream 503")),
	fails("shop/retry-after", on("a/retryafter"), "limited", {
		name: "RetryAfterError",
		message: "rate limited by upstream",
	}),
	fails("shop/retry-outside", on("a/retryoutside"), OUTSIDE, plain("outside attempt 1")),
	fails("shop/non-retriable", on("a/nonretriable"), OUTSIDE, "bad input: sku missing"),
	fails("shop/non-retriable", on("a/nonretriable", { msg: "bad input: no address" }), OUTSIDE, "bad input: no address"),
	...odd.flatMap(([kind, outside, inStep]) => [
		fails("shop/throw-odd", on("a/throwodd", { kind }), OUTSIDE, outside),
		fails("shop/throw-odd", on("a/throwodd", { kind, inStep: true }), "odd", inStep),
	]),
	fails(
		"shop/error-shapes",
		on("a/errorshape", { kind: "multi" }),
		"shape",
		"first line\nsecond line\n\tthird « » line\r\nfourth",
	),
	fails("shop/error-shapes", on("a/errorshape", { kind: "cause" }), "shape", "outer failed"),
	fails("shop/error-shapes", on("a/errorshape", { kind: "unicode" }), "shape", "ошибка 支付失败 💥 \u202Eevil\u0007"),
	fails(
		"shop/error-shapes",
		on("a/errorshape", { kind: "json" }),
		"shape",
		'{"error":{"code":"card_declined","message":"Your card was declined."}}',
	),
	fails(
		"shop/error-shapes",
		on("a/errorshape", { kind: "html" }),
		"shape",
		"<html><body><h1>502 Bad Gateway</h1></body></html>",
	),
	fails(
		"shop/error-shapes",
		on("a/errorshape", { kind: "secret" }),
		"shape",
		"auth failed for postgres://admin:hunter2@db/prod token=abcd1234efgh",
	),
	fails("shop/error-shapes", on("a/errorshape", { kind: "plain" }), "shape", "plain"),
	fails("shop/caught-then-fail", on("a/caught"), OUTSIDE, "ledger out of balance", { caught: [enrich] }),
	// Both are caught by allSettled; A's error is rethrown unchanged
	fails("shop/caught-step-then-step", on("a/caught2"), "A", "A is the real one", {
		caught: [{ step: "B", message: "B is optional" }],
	}),
	fails("shop/caught-retry", on("a/caughtretry", { fail: true }), OUTSIDE, "main failed for another reason", {
		caught: [{ step: "optional", message: "optional down" }],
	}),
	fails("shop/with-onfailure", on("a/onfailure"), "work", "work failed, onFailure follows"),
	fails("shop/with-onfailure", on("a/onfailure", { failHandler: true }), "work", "work failed, onFailure follows"),
	fails(
		"shop/with-onfailure-failure",
		{ kind: "failure handler", of: 'shop/with-onfailure a/onfailure {"failHandler":true}' },
		"notify",
		"pager is down",
	),
	fails("shop/batched", on("a/batch", { k: 1, go: true, i: 1, fail: true }), "load", "batch has a poison row"),
	fails("shop/cron-failing", every("*/2 * * * *"), "nightly", "cron job: disk full"),
	fails("shop/spans", on("a/spans", { fail: true }), "inside-2", "nested span step broke"),
	fails("shop/deferred-score", { kind: "deferred", by: 'shop/defers a/defer {"fail":true}' }, "score", "scorer broke"),
	fails("shop/removed-later", on("a/removed", { fail: true }), "r", "failed before removal"),
	fails("shop/args", on("a/args"), "with-args", "negative"),
	// The user's step has the name of an engine's span
	fails("shop/step-finalization", on("a/final"), "Finalization", "closing books failed"),
	fails("shop/step-then-outside", on("a/outside"), OUTSIDE, plain("outside after step, attempt 1")),
	fails("shop/step-names", on("a/stepnames", { fail: true }), "charge card", "card declined"),
	fails("shop/cb-steps", on("a/cbsteps", { n: 3, fail: true }), "last", "last failed"),
	// 5,000,000 characters, more than the server accepts; the message names the step's hash
	fails(
		"shop/too-big",
		on("a/toobig"),
		"big",
		plain("error validating generator opcode 95c4bea12e4edcf8aad730a222793324dc42c29d: step"),
		{ unseen: true },
	),
	// The process exits in the step, twice; "hang" was executing in the same process
	fails("shop/exit-mid", on("a/crash"), "crash", plain("Unable to reach SDK URL"), { unseen: true }),
	fails("shop/hang", on("a/hang"), "hang", plain("Unable to reach SDK URL"), { unseen: true }),
	// billing.mjs
	fails("billing-eu/sync", on("b/sync", { fail: true }), "push", "billing sync refused"),
	fails(
		"billing-eu/cross-missing",
		on("b/crossmissing"),
		"call nothing",
		plain("could not find function with ID: shop-does-not-exist"),
	),
	fails("billing-eu/retrying", on("b/retrying"), "call", plain("down")),
	fails("Ünïcode app ☕/sync", on("o/sync", { fail: true }), OUTSIDE, "odd sync refused"),
	fails("Ünïcode app ☕/emoji 🚀 fn", on("o/emoji", { fail: true }), OUTSIDE, "rocket failed"),
	// Invoked by the API; the server adds `_inngest` to the data
	fails("billing-eu/sync", on("inngest/function.invoked", { by: "api", fail: true }), "push", "billing sync refused"),
	// extra: a step's error, caught and passed on
	fails("extra/rethrow-cause", on("x/rethrow.cause"), OUTSIDE, plain("order failed"), {
		because: { ...reserve, link: "cause" },
	}),
	// order failed ← reservation failed ← warehouse offline
	fails("extra/rethrow-deep", on("x/rethrow.deep"), OUTSIDE, "order failed", {
		because: { ...reserve, link: "cause" },
	}),
	// Rethrown unchanged, after a step "release" that succeeded
	fails("extra/rethrow-same", on("x/rethrow.same"), "reserve stock", "warehouse offline"),
	fails("extra/rethrow-text", on("x/rethrow.text"), OUTSIDE, "order failed: warehouse offline", {
		because: { ...reserve, link: "words" },
	}),
	fails("extra/rethrow-in-step", on("x/rethrow.instep"), "give up", "order failed", {
		because: { ...reserve, link: "cause" },
	}),
	// extra: the same message twice
	fails("extra/twin-errors", on("x/twin"), undefined, refused, { alike: ["left", "right"] }),
	fails("extra/twin-then-outside", on("x/twin.outside"), OUTSIDE, "both sides refused", {
		caught: [
			{ step: "left", message: refused },
			{ step: "right", message: refused },
		],
	}),
	// "left" is caught; the function then throws the same message itself
	fails("extra/twin-then-same-outside", on("x/twin.sameoutside"), OUTSIDE, refused, {
		alike: ["left", OUTSIDE],
		caught: [{ step: "left", message: refused }],
	}),
	fails("extra/twin-caught-then-step", on("x/twin.step"), "needed", refused, {
		alike: ["optional", "needed"],
		caught: [{ step: "optional", message: refused }],
	}),
	// Two steps of one name: the first is caught, the second fails the run
	fails("extra/twin-same-name", on("x/twin.samename"), "call", refused, {
		alike: ["call", "call"],
		caught: [{ step: "call", message: refused }],
	}),
	// "flaky" fails once and succeeds when retried
	fails("extra/late-fail", on("x/late"), "post", "posting refused"),
	fails("extra/earlier-step-fails", on("x/earlier"), "third", "third is needed", {
		caught: [{ step: "first", message: "first is optional" }],
	}),
	fails("extra/stock", on("x/stock", { fail: true }), "look", "no stock"),
	fails("extra/stock", by("extra/invoke-rethrow x/invoke.rethrow {}"), "look", "no stock"),
	fails("extra/stock", by("extra/invoke-caught x/invoke.caught {}"), "look", "no stock"),
	fails("extra/invoke-rethrow", on("x/invoke.rethrow"), OUTSIDE, plain("shop closed"), {
		because: { step: "ask stock", message: "no stock", link: "cause" },
	}),
	fails("extra/slow-fail", on("x/slowfail"), "then", "failed after the wait"),
	fails("extra/slow-fail", on("x/slowfail", { for: "45s" }), "then", "failed after the wait"),
	fails("extra/every-minute-fails", every("* * * * *"), "minutely", "minutely: disk full"),
	// App "doomed", which was taken down: before the run began; while "nap" slept; see also `dead app: run of its cron`
	fails("doomed/work", on("d/work", { n: 1 }), OUTSIDE, plain("Unable to reach SDK URL")),
	fails("doomed/nap", on("d/nap"), OUTSIDE, plain("Unable to reach SDK URL")),
];

/**
 * Runs that ended otherwise and could be mistaken for failures: errors caught or retried, timeouts, cancellations, outputs that look like
 * errors.
 */
export const ended: readonly Ended[] = [
	// Its first attempt failed
	ends("shop/retry-backoff", on("a/retry", { until: 1 }), "COMPLETED"),
	// Its app was down for the first attempt
	ends("doomed/retrying", on("d/retrying"), "COMPLETED"),
	ends("shop/retry-outside", on("a/retryoutside", { once: true }), "COMPLETED"),
	ends("shop/caught-then-fail", on("a/caught", { ok: true }), "COMPLETED", [enrich]),
	ends("shop/caught-retry", on("a/caughtretry"), "COMPLETED", [{ step: "optional", message: "optional down" }]),
	ends("extra/invoke-caught", on("x/invoke.caught"), "COMPLETED", [{ step: "ask stock", message: "no stock" }]),
	ends("shop/child", by("shop/invoke-timeout a/invoketimeout {}"), "COMPLETED"),
	ends(
		"shop/with-onfailure-failure",
		{ kind: "failure handler", of: "shop/with-onfailure a/onfailure {}" },
		"COMPLETED",
	),
	ends("shop/defers", on("a/defer", { fail: true }), "COMPLETED"),
	ends("shop/wait-timeout", on("a/waittimeout"), "COMPLETED"),
	ends("shop/wait-if", on("a/waitif", { id: "w2" }), "COMPLETED"),
	ends("shop/wait-if", on("a/waitif", { id: "w3", timeout: "4s" }), "COMPLETED"),
	ends("shop/wait-match", on("a/waitmatch", { order: { id: 18 } }), "COMPLETED"),
	ends("shop/wait-signal", on("a/waitsignal", { id: 8 }), "COMPLETED"),
	ends("shop/wait-signal", on("a/waitsignal", { id: 9 }), "COMPLETED"),
	ends("shop/wait-signal", on("a/waitsignal", { id: 10, timeout: "4s" }), "COMPLETED"),
	ends("shop/outputs", on("a/output", { kind: "errorlike" }), "COMPLETED"),
	ends("shop/outputs", on("a/output", { kind: "errorlike2" }), "COMPLETED"),
	ends("shop/fetch-ok", on("a/fetch", { code: 503 }), "COMPLETED"),
	ends("shop/sleep-long", on("a/sleeplong", { id: "q1" }), "CANCELLED"),
	ends("shop/single-cancel", on("a/singlecancel", { n: 1 }), "CANCELLED"),
	ends("shop/timeout-finish", on("a/timeoutfinish"), "CANCELLED"),
	ends("shop/invoke-waiting", on("a/invokewaiting", { mark: "cancel" }), "CANCELLED"),
];

/**
 * Runs that were live when the exchanges `live …` were recorded. Lists have their `status`; requested alone, such a run may be FAILED or
 * COMPLETED, without `endedAt`.
 */
export const live: readonly Live[] = [
	lives("shop/sleep-long", on("a/sleeplong", { id: "q2" }), "RUNNING", [{ kind: "sleep", step: "long nap" }]),
	lives("shop/sleep-until", on("a/sleepuntil"), "RUNNING", [{ kind: "sleep", step: "until-date" }]),
	lives("shop/sleep-parallel", on("a/sleeppar", { id: "x" }), "RUNNING", [
		{ kind: "sleep", step: "nap-a" },
		{ kind: "sleep", step: "nap-b" },
		{ kind: "event", step: "wait-c", event: "a/c.done" },
	]),
	lives("shop/sleep-signal", on("a/pst"), "RUNNING", [{ kind: "sleep", step: "wait 90s" }]),
	lives("shop/wait-if", on("a/waitif", { id: "w1" }), "RUNNING", [
		{ kind: "event", step: "wait approval", event: "a/approved" },
	]),
	lives("shop/wait-match", on("a/waitmatch", { order: { id: 17 } }), "RUNNING", [
		{ kind: "event", step: "wait-match", event: "a/matched" },
	]),
	lives("shop/wait-plain", on("a/waitplain"), "RUNNING", [{ kind: "event", step: "any go", event: "a/go" }]),
	// Twelve waits; the API shows ten of the jobs
	lives(
		"shop/fan-wait",
		on("a/fanwait", { n: 12 }),
		"RUNNING",
		Array.from({ length: 12 }, (_, i) => ({ kind: "event", step: `w${i}`, event: "a/fan.go" })),
	),
	lives("shop/wait-signal", on("a/waitsignal", { id: 7 }), "RUNNING", [
		{ kind: "signal", step: "wait-signal", signal: "sig-7" },
	]),
	lives("shop/wait-signal-conflict", on("a/waitsignal.conflict", { n: 1 }), "RUNNING", [
		{ kind: "signal", step: "wait-signal", signal: "sigc" },
	]),
	lives("shop/invoke-waiting", on("a/invokewaiting"), "RUNNING", [
		{ kind: "invoke", step: "call slow child", fn: "shop/child" },
	]),
	lives("shop/child", by("shop/invoke-waiting a/invokewaiting {}"), "RUNNING", [{ kind: "sleep", step: "slow child" }]),
	lives(
		"shop/caught-then-fail",
		on("a/caught", { waitAfter: true }),
		"RUNNING",
		[{ kind: "sleep", step: "after" }],
		[enrich],
	),
	// A step in a step: it never answers
	lives("shop/nested-steps", on("a/nested"), "RUNNING", [{ kind: "executing", step: "outer" }]),
	lives("shop/slow-step", on("a/slowstep", { ms: 45_000 }), "RUNNING", [{ kind: "executing", step: "very slow" }]),
	lives("shop/hang", on("a/hang"), "RUNNING", [{ kind: "executing", step: "hang" }]),
	lives("shop/retry-backoff", on("a/retry"), "RUNNING", [{ kind: "retry", of: "flaky" }]),
	lives("shop/retry-after", on("a/retryafter"), "RUNNING", [{ kind: "retry", of: "limited" }]),
	lives("billing-eu/retrying", on("b/retrying"), "RUNNING", [{ kind: "retry", of: "call" }]),
	lives("shop/prio", on("a/prio", { vip: false }), "QUEUED", [{ kind: "turn", because: "priority" }]),
];

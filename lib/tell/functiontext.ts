/** A function's triggers and limits, what holds its runs up, a wait's condition, an invocation, in words. */

import type { Needs } from "../decide/cause.ts";
import { spreadOf } from "../decide/cel.ts";
import type { Target } from "../gate/target.ts";
import type { Story } from "../gather/story.ts";
import type { Fn, Run } from "../inngest/api.ts";
import {
	attemptsOf,
	type Cancellation,
	cancellationsOf,
	cancelsOthers,
	isLimit,
	type LimitKind,
	limitOf,
	limitsOf,
	type SyncedFn,
	singletonMode,
} from "../inngest/functions.ts";
import { givenIn, type Step } from "../inngest/trace.ts";
import { ServerError } from "../text/errors.ts";
import { callOf, type FunctionRef, inTicks, nameOfRef, UNSEEN } from "../text/nouns.ts";
import {
	duration,
	excerpt,
	isObject,
	joined,
	type Line,
	named,
	plural,
	quote,
	some,
	word,
	words,
} from "../text/text.ts";

const conditionText = (condition: string | null | undefined) => condition && `if ${quote(condition, 160)}`;

export function triggersText(fn: Fn): string {
	const shown = some(fn.triggers, 10, ({ type, value, if: condition }) => {
		const on = type === "CRON" ? words("cron", quote(value, 40), !/TZ=/.test(value) && "UTC") : word(value);
		return words(on, conditionText(condition));
	});
	return shown.join(", ") || "no trigger";
}

export const idleText = (fn: Fn): string =>
	joined(" and ", fn.isPaused && "PAUSED", fn.isArchived && words("ARCHIVED", fn.withIts && `with its ${fn.withIts}`));

/** What may hold up a function's runs. */
const holdsBack = (fn: Fn): string[] => [...concurrencyTexts(fn), limitText(fn, "throttle") ?? []].flat();

/** Shortens Go's durations: `24h0m0s` to `24h`. */
const period = (text: string | null | undefined): string => word((text ?? "").replace(/(?<=[a-z])0[a-z]+/g, ""));
const perText = (key: string | null | undefined) => key && `per ${quote(key, 60)}`;

function spreadText(rate: Parameters<typeof spreadOf>[0], most?: number): Line {
	const { share, atOnce } = spreadOf(rate, most);
	const ahead = atOnce > 1 ? `${atOnce} at once, then ` : "";
	return (ahead || rate.limit !== 1) && `(${ahead}1 per ${duration(share)})`;
}

/** `throttle 10 per 1h (13 at once, then 1 per 6m) per «event.data.a»`. */
export function limitText(fn: Fn, kind: LimitKind): string | undefined {
	const limit = limitOf(fn, kind);
	if (!limit) return;
	const per = perText(limit.key);
	const rate = `${limit.limit} per ${period(limit.period)}`;
	switch (kind) {
		case "rateLimit": {
			// `idempotency` is stored as one run per 24 hours, and batches ignore both (measured).
			const but = joined(
				"; ",
				rate === "1 per 24h" && "or idempotency",
				limitOf(fn, "eventsBatch") && "not for batches",
			);
			return words("rate limit", rate, spreadText(limit), per, but && `(${but})`);
		}
		case "throttle":
			return words("throttle", rate, spreadText(limit, (limit.limit ?? 1) + (limit.burst ?? 0)), per);
		case "debounce":
			return words("debounce", period(limit.period), per);
		case "eventsBatch":
			return words(`batches of up to ${limit.maxSize} or after`, period(limit.timeout), per);
		case "singleton":
			return words("singleton", word((limit.mode ?? "").toLowerCase()), per);
	}
}

/** `attempt 5 of 10`. */
export function attemptText(attempt: number, fn: SyncedFn): string {
	// It may have been lowered since.
	const most = attemptsOf(fn) ?? 0;
	return words(`attempt ${attempt}`, most >= attempt && `of ${most}`);
}

function concurrencyTexts(fn: Fn, all = false): string[] {
	return some(limitsOf(fn, all), 5, ({ limit, key, scope }) => {
		const of = limit?.isPlanLimit ? "the plan's" : scope && scope !== "FUNCTION" && word(scope.toLowerCase());
		return words(`concurrency ${Number(limit?.value)}`, perText(key), of && `(${of})`);
	});
}

const cancellationText = ({ event, condition, timeout }: Cancellation): string =>
	words(
		`cancelled by ${word(event)}`,
		conditionText(condition),
		timeout && `within ${period(timeout)} of being queued`,
	);

/** A function's limits, retries and cancellations. The plan's limits only with `all`. */
export function limitsText(fn: Fn, all = false): string {
	const attempts = attemptsOf(fn);
	const known: Record<string, string[]> = {
		retries:
			attempts === undefined ? [] : [words(`retries ${attempts - 1}`, all && `(${plural(attempts, "attempt")})`)],
		concurrency: concurrencyTexts(fn, all),
		cancellations: some(cancellationsOf(fn), 5, cancellationText),
	};
	const others = Object.entries(fn.configuration).filter(
		([key, value]) =>
			key !== "concurrency" && !known[key]?.length && value != null && !(Array.isArray(value) && !value.length),
	);
	const text = ([key, value]: [string, unknown]) =>
		(isLimit(key) && limitText(fn, key)) ||
		`${keyText(key)} ${isObject(value) ? excerpt(value, 100) : word(String(value))}`;
	return [...Object.values(known).flat(), ...some(others, 20, text)].join(", ");
}

const keyText = (key: string): string =>
	/^\w{1,30}$/.test(key) ? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : quote(key, 30);

/** What is known of the function to invoke: the function, and live runs that the new one would cancel. */
export interface KnownFunction {
	ref: FunctionRef & { app: string };
	fn: Fn | undefined;
	going: readonly Run[];
	/** The live runs that it would cancel could not be read. */
	unread?: boolean;
}

/** What to know before invoking; `keyed`: with a key that may not be new. */
export function noteLines({ fn, going }: KnownFunction, keyed: boolean): Line[] {
	if (!fn) return ["Whether it is paused, or cancels runs, could not be read."];
	const idle = idleText(fn).toLowerCase();
	return [
		idle && `Note: it is ${idle}, so it starts no run.`,
		limitOf(fn, "eventsBatch") &&
			"Note: it takes events in batches. Possible: one invocation runs it twice, alone and as a batch.",
		cancelsOthers(fn) && cancelNote(fn, going, keyed),
	];
}

/** A debounce delays what a new run cancels. */
export const afterText = (debounce: string | null | undefined): Line =>
	debounce && `(once the debounce of ${word(debounce)} has ended)`;

/**
 * OSS receives an invocation twice, as a call and as the stored event: with a singleton that cancels, one then usually cancels the other
 * (measured on v1.43: 14 of 16 ended so, at once).
 */
function cancelNote(fn: Fn, going: readonly Run[], keyed: boolean): string {
	const cancels = keyed || limitOf(fn, "singleton")?.key ? "possible: this cancels" : "this cancels";
	const ids = going.map(({ id }) => id);
	const cancelled = `; ${words(cancels, named(ids, 5), afterText(limitOf(fn, "debounce")?.period))}`;
	return words(
		`Note: it is a singleton whose new runs cancel live ones${going.length ? cancelled : ""}.`,
		"Possible: an invoked run is itself cancelled at once.",
		fn.triggers.some(({ type }) => type === "EVENT") && "Sending its event instead avoids that.",
	);
}

/**
 * How limits affect a replay. A singleton and a debounce apply, a rate limit doesn't (measured on v1.43; unknown for Cloud). The source skips
 * runs of a paused function.
 */
export function replayLimitLines(name: string, fn: SyncedFn, cloud: boolean): Line[] {
	if (!fn || fn === "gone") return [];
	const idle = idleText(fn).toLowerCase();
	const perhaps = cloud ? "Possible: " : "";
	const [singleton, debounce] = [limitText(fn, "singleton"), limitText(fn, "debounce")];
	const does = cancelsOthers(fn)
		? "a replay cancels its run that has not ended, even another replay"
		: "a replay is refused while another run of it has not ended";
	return [
		idle && `Possible: a replay won't run, as ${name} is ${idle}.`,
		singleton && `${perhaps}${name} (${singleton}): ${does}.`,
		debounce && `${perhaps}${name} (${debounce}): a replay is refused.`,
	];
}

/** What happens to an invocation that was answered without a run: the server's codes with status 422 (measured on v1.43). */
export type NoRun = "later" | "limited" | "skipped";
const CODES: Record<string, NoRun> = {
	function_debounced: "later",
	rate_limited: "limited",
	function_skipped: "skipped",
};
export const noRunOf = ({ status, code }: ServerError): NoRun | undefined => (status === 422 ? CODES[code] : undefined);

const limitOr = ({ fn }: KnownFunction, kind: LimitKind, otherwise: string): string =>
	(fn && limitText(fn, kind)) ?? otherwise;

/** A debounced invocation runs later. The server refuses it all the same (measured: 15 s later). */
export const laterText = (known: KnownFunction, label: string): string =>
	`Accepted; runs later: ${word(nameOfRef(known.ref))} waits until no more events or calls come (${limitOr(known, "debounce", "debounced")}); a later one replaces this one (${label}). There is no run yet.`;

export function refusalOf(
	known: KnownFunction,
	what: Exclude<NoRun, "later">,
	error: ServerError,
	{ label, kind }: Pick<Target, "label" | "kind">,
): ServerError {
	const { ref, fn } = known;
	const runs = callOf("list-runs", [], { function: ref, status: what === "skipped" && "queued,running" });
	const tells = runs && `${inTicks(runs)} shows`;
	const failed = (said: string, advice: string) => new ServerError(said, advice, { status: 422, code: what });
	const refusal = (why: string, advice: string) =>
		failed(`Nothing runs, now or later: ${word(nameOfRef(ref))} ${why}.`, advice);
	if (what === "limited")
		return refusal(
			`is over its own ${limitOr(known, "rateLimit", "rate limit")} (${label})`,
			words("Call again once that time has passed.", tells && `${tells} what ran.`),
		);
	if (fn?.isPaused) return refusal(`is paused (${label})`, "Inngest's dashboard can resume it.");
	if (singletonMode(fn) === "SKIP")
		return refusal(
			`skips this invocation, as one of its runs has not ended (${limitOr(known, "singleton", "")}; ${label})`,
			words("Call again when that has ended.", tells && `${tells} which it is.`),
		);
	const going = words("a singleton's run has not ended", tells && `(${tells})`);
	const cause = fn && kind === "cloud" ? UNSEEN : `${going}, or the function is paused`;
	return failed(`${error.message}; nothing runs.`, `Possible: ${cause}.`);
}

/** The server says that the call was already made, but not which run it has. */
export function unnamedRun(ref: FunctionRef, label: string, error?: { message: string }): ServerError {
	const said = error?.message ? quote(error.message, 200) : "no reason given";
	return new ServerError(
		`${label} did not invoke ${word(nameOfRef(ref))}: ${said} (409). Possible: it was invoked already, as a run that is not named.`,
		`Check with ${inTicks(callOf("list-runs", [], { function: ref }) ?? "list-runs --since 24h")}.`,
		{ status: 409 },
	);
}

/** Which of its function's limits may have held a run in the queue. */
export function queuedText(fn: SyncedFn): Line {
	const limits = fn && fn !== "gone" ? holdsBack(fn) : [];
	return limits.length > 0 && `Possible, for its time in the queue: ${limits.join(", ")}.`;
}

/** Why a run waits for capacity (measured). */
export function capacityText(fn: SyncedFn, isLong: boolean, { connects, counted }: Needs = {}): string {
	if (fn === "gone") return "(its function is no longer synced: what limits it is unknown)";
	const idle = fn && idleText(fn).toLowerCase();
	// `counted`: `Concurrency.Fn` in Go (measured).
	const limits = joined(
		", ",
		idle && `its function is ${idle}`,
		...(fn ? holdsBack(fn) : []),
		counted && "a limit on its function's live runs, which the API does not show",
	);
	// Without a limit of its own, those are the plan's.
	const [plan = "the plan or the server has one"] = fn ? concurrencyTexts(fn, true) : [];
	const may = fn ? `its function has no such limit; possible: ${plan}` : "possible: its function has a limit";
	const others = `${may}, the server is behind, or its app uses connect and has no worker online`;
	const or = limits && connects ? "; or its app, which uses connect, has no worker online" : "";
	return limits || isLong ? `(${limits || others}${or})` : "";
}

/** An awaited event's condition. */
export function matchText(expression: string): string {
	const [, value, field] = /^("[^"\\]*"|[\d.]+|true|false) == async\.(data(?:\.\w+)+)$/.exec(expression) ?? [];
	return value === undefined || field === undefined
		? `where ${quote(expression, 160)} (async is the event)`
		: `with ${field} = ${quote(value.replace(/^(\d+)\.0$/, "$1"), 80)}`;
}

/** A wait's output has the id of its event, or its signal. Without one, the wait timed out (measured). */
export function resumedText(step: Step, rivals: Story["rivals"] = {}): Line {
	if (!/^WAIT_FOR_/.test(step.op) || step.status !== "COMPLETED") return;
	const given = givenIn(step);
	const others = named(rivals[step.id] ?? [], 3);
	const or = others && `(possible: by another within 2s of it, if that matches: ${others})`;
	return step.output == null ? "timed out" : given && words("resumed by event", word(given.name), word(given.id), or);
}

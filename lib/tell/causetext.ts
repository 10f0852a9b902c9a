/** Why a run failed, its steps and their errors, in words. Pure. */

import { type Cause, isOfInvoked, othersThatFailed, retriedIn, stepsIn } from "../decide/cause.ts";
import { type AiUse, aiUsesIn, aiUsesOf, outsideOf, saidIn } from "../decide/compare.ts";
import { isInStep } from "../decide/triage.ts";
import { type Children, DEPTH, type Handler, type ReadStory, type Root, type Story } from "../gather/story.ts";
import { functionOf, hasEnded, type Run, startOf } from "../inngest/api.ts";
import { causesOf, type Failure, failureIn, returned, type Step } from "../inngest/trace.ts";
import { isDone } from "../text/nouns.ts";
import {
	bar,
	duration,
	excerpt,
	grouped,
	joined,
	type Line,
	named,
	plural,
	quote,
	some,
	sum,
	time,
	word,
	words,
} from "../text/text.ts";
import { attemptText, resumedText } from "./functiontext.ts";

const OTHERS = 5;

export function failureLines(story: ReadStory): Line[] {
	const { run, trace, root, handler, steps, cause, children, missing } = story;
	const told = othersThatFailed(run, steps, cause, outsideOf(trace).at).filter((one) => one.caught || hasEnded(run));
	const failed = cause ? "Also failed" : "Failed";
	return [
		cause ? causeLine(cause, story) : run.status === "FAILED" && "Failed; no error is recorded.",
		story.gone && !run.trigger?.cronSchedule && run.status === "FAILED" && "Its function is no longer synced.",
		root && rootLine(root),
		!root && isOfInvoked(cause) && children && !missing.length && rootLine("not found"),
		...some(
			told,
			OTHERS,
			(one) => `${one.caught ? "Caught" : failed}: ${word(one.step.name)} ${failureText(one.failure)}`,
			(more) => `… and ${plural(more, "more failed step")} (--json has all)`,
		),
		handler && handlerLine(handler),
	];
}

export function handlerLine(run: Handler): string {
	const { id, status, steps } = run;
	const has = steps?.length || (steps && status === "FAILED");
	const done = has && `completed steps: ${named(steps.map(word), 3) || "none"}`;
	return joined("; ", joined(": ", `Its onFailure handler: run ${id} ${status}`, outcomeText(run)), done);
}

/** `Step charge failed, attempt 3 of 3: …`. A replay's trace lacks the steps it kept, including failed ones (measured). */
export function causeLine(
	cause: Cause,
	{ trace, function: fn, kin }: Pick<Story, "trace" | "function" | "kin">,
): string {
	const [step] = stepsIn(cause);
	const kept =
		kin?.older.length && ["outside", "unseen"].includes(cause.kind) ? ", or in one that the replay kept" : "";
	const { attempts } = step ?? outsideOf(trace);
	const attempt = attempts > 1 && cause.kind !== "returned" ? `, ${attemptText(attempts, fn)}` : "";
	return `${causeText(cause)}${kept}${attempt}: ${failureText(cause.failure)}`;
}

export function causeText(cause: Cause): string {
	if (cause.kind === "returned")
		return `The function returned ${excerpt(returned(cause.output), 120)}, but then the server failed`;
	if (cause.kind === "step") return `Step ${word(cause.step.name)} failed`;
	if (cause.kind === "after") return `Failed after step ${word(cause.step.name)} had failed`;
	if (cause.kind === "unseen" && isInStep(cause.failure)) return "Failed in a step that left no record";
	return cause.kind === "tie" ? tieText(cause.steps) : WITHOUT_STEP[cause.kind];
}

const WITHOUT_STEP = {
	outside: "Failed outside any step",
	unseen: "Failed outside any step, or in a step that left no record",
	unread: "Failed",
};

function tieText(steps: readonly Step[]): string {
	const names = [...new Set(steps.map(({ name }) => word(name)))];
	return names.length > 1
		? `Possible: it failed in step ${names.join(" or ")}, as each failed with this error`
		: `Step ${names[0]} failed`;
}

/** Where a failure that came from invoked runs began. `known`: errors already shown. One that did not fail itself was not awaited to its end, or not at all. */
export function rootLine(root: Root | "not found", known: readonly Failure[] = []): string {
	if (root === "not found") return "The error came from the run that this step invoked, which was not found.";
	const { run, cause, depth, late } = root;
	const down = depth === 1 ? "" : `, ${depth} invocations down`;
	if (late || run.status !== "FAILED")
		return joined(
			": ",
			words(`The run that it invoked${down}: ${run.id} ${functionOf(run)} ${run.status}`, late && "later"),
			outcomeText(run),
		);
	const [step] = stepsIn(cause);
	const there = words(step && `step ${word(step.name)} of`, `${functionOf(run)}, run ${run.id} FAILED`) + down;
	if (isOfInvoked(cause))
		return `The error came up through ${there}, from a run that it invoked, which was not ${depth < DEPTH ? "found" : "read"}.`;
	const why =
		cause && !known.some((one) => one.message === cause.failure.message) ? `: ${failureText(cause.failure)}` : "";
	return `The error began in ${there}${down ? "" : ", which it invoked"}${why}`;
}

const SHOWN = 30;
export const MOST_STEPS = 200;
const ENDS = 5;
const AROUND = 8;

/** Of many steps, the first, the last, and those around failures. */
export function shownSteps(count: number, failed: readonly number[], most = SHOWN): number[] {
	const all = [...Array(count).keys()];
	if (count <= most) return all;
	if (most > SHOWN) return all.filter((i) => i < most || failed.includes(i));
	const [at = count - ENDS - AROUND] = failed;
	return all
		.filter((i) => i < ENDS || i >= count - ENDS || (i > at - AROUND - 4 && i < at + AROUND) || failed.includes(i))
		.slice(0, 2 * SHOWN);
}

export function stepLines(story: ReadStory, most = SHOWN): Line[] {
	const { run, trace, steps, cause, children, now } = story;
	const from = startOf(run) ?? now;
	const to = time(run.endedAt) ?? now;
	const failed = [...stepsIn(cause), ...steps.filter(({ status }) => status === "FAILED")];
	const at = failed.map((step) => steps.indexOf(step));
	const shown = shownSteps(steps.length, at, most);
	const has = most > SHOWN || steps.length > MOST_STEPS ? "--json" : "--steps";
	const again = retriedIn(story)?.id;
	const uses = aiUsesIn(trace);
	const own = new Map(steps.map((step) => [step, aiUsesOf(trace, step)]));
	const told = [...own.values()];
	const { more = 0, unsent = 0 } = children ?? {};
	return [
		...[...shown, steps.length].flatMap((at, i) => {
			const step = steps[at];
			const gap = at - 1 - (shown[i - 1] ?? -1);
			return [
				gap > 0 && `… ${plural(gap, "step")} not shown (${has} has all)`,
				step &&
					words(
						bar(step, from, to),
						stepText(step, story),
						step.id === again && "(to be retried)",
						startedText(step, children),
						aiPart(own.get(step) ?? [], step),
					),
			];
		}),
		more > 0 && `Which runs ${plural(more, "more step")} invoked was not looked up (--step NAME shows it)`,
		unsent > 0 && `What ${plural(unsent, "more event")} that steps may have sent started was not looked up`,
		uses.length > 0 && !told.some(({ length }) => length === uses.length) && `AI in all: ${aiText(uses)}`,
	];
}

function startedText({ id }: Step, children: Children | undefined): string {
	const runs = children?.invoked.filter(({ step }) => step === id) ?? [];
	const told = runs.map(({ run }) => `run ${run.id} ${functionOf(run)} ${run.status}`);
	return words(runs.some(({ event }) => event) && "possible: its event started", named(told, 3));
}

/** A step still open when its run ended stays open forever (measured). */
export const stepState = (step: Step, run: Run): string =>
	hasEnded(run) && !isDone(step) ? "did not end" : step.status;

export const tookText = ({ start, end }: { start?: number | undefined; end?: number | undefined }): Line =>
	start !== undefined && end !== undefined && duration(end - start);

function stepText(step: Step, { run, rivals }: Pick<Story, "run" | "rivals">): string {
	return words(
		word(step.name),
		opText(step),
		step.status !== "COMPLETED" && stepState(step, run),
		tookText(step),
		step.attempts > 1 && plural(step.attempts, "attempt"),
		resumedText(step, rivals),
		heldText(step),
	);
}

/** Behind a limit, or as its app was away. Only of steps that completed: others' times are less exact (measured). */
function heldText({ op, status, attempts, start = 0, queued = start }: Step): Line {
	const held = op === "RUN" && status === "COMPLETED" && attempts === 1 ? start - queued : 0;
	return held >= 1000 && `(queued ${duration(held)} before)`;
}

function aiPart(uses: readonly AiUse[], { output }: Step): Line {
	if (!uses.length) return;
	const said = saidIn(output).join(" ");
	return joined(": ", aiText(uses), said && quote(said, 100));
}

/** `gpt-4o 3 tokens in, 4 out, about $0.000048`. The cost is Inngest's own estimate, if it knows the price. */
export function aiText(uses: readonly AiUse[]): string {
	const models = [...new Set(uses.map(({ model }) => model))].filter(Boolean);
	const all = (key: "input" | "output" | "cost") => sum(uses, (use) => use[key] ?? 0);
	const counted = uses.filter(({ input, output }) => input + output).length;
	return words(
		models.map(word).join(", "),
		counted
			? words(counted < uses.length && "at least", `${grouped(all("input"))} tokens in, ${grouped(all("output"))} out,`)
			: "tokens unknown,",
		uses.every(({ cost }) => cost) ? `about $${Number(all("cost").toPrecision(3))}` : "cost unknown",
	);
}

export function opText({ op }: Step): string {
	if (op === "RUN") return "";
	return op === "AI_GATEWAY" ? "ai" : op.toLowerCase().replaceAll("_", " ");
}

/** `TypeError: «no sku» at app.mjs:27, caused by …`. */
export const failureText = (failure: Failure, most = 3, max = 240): string =>
	causesOf(failure)
		.slice(0, most)
		.map(({ name, message, at, size, handled, stack }, i) => {
			const page = pageWords(message);
			return words(
				i > 0 && (handled ? ", while handling" : ", caused by"),
				name && `${word(name)}:`,
				page !== undefined && "an HTML page",
				page !== "" && quote(page ?? message, i ? 120 : max, size),
				at ? `at ${word(at)}` : HINTS.find(([is]) => `<${name}>${message}<${stack}>`.includes(is))?.[1],
			);
		})
		.join("");

const BODILESS = "(possible: no body reaches the app's SDK, as without a JSON body parser";

/**
 * What errors without a line of the app's code do not say (all measured on v1.43). "Unauthorized", without a name or stack, is the
 * TypeScript SDK's answer in dev mode to a request without a body. 413 is a body parser's own response, in Express above 100 kB by default
 * (inngest/inngest#2016); 401 and 500 the TypeScript SDK's own, to a request without a valid signature or body (inngest/inngest-js#789), and
 * without a key outside dev mode (Python's server: to a BaseException, or an error without text); v3's says what is wrong with the signature (measured, v3.54). Vercel's code is documented.
 */
const HINTS = Object.entries({
	"<>Unauthorized<>": `${BODILESS})`,
	"HTTP 413 before the SDK responded":
		"(the app, or a proxy in front of it, rejects requests this large; each carries the event and everything the steps returned)",
	"<Upstream response>Internal Server Error<":
		"(possible: an error that the app's SDK does not catch: the app's own log has it)",
	'{"message":"Unauthorized"}': `${BODILESS}; its signing key differs; or it is not in dev mode)`,
	'{"code":"internal_server_error"}': "(possible: the app's SDK has no signing key and is not in dev mode)",
	"step output size is greater than the limit": "(4 MiB)",
	FUNCTION_INVOCATION_TIMEOUT: "(Vercel's maxDuration, which limits each request)",
	"verifySignature (": "(possible: the app's signing key or clock is wrong)",
});

/** The text at the start of an HTML page; undefined if it is none. A cut page may end within a script or style. */
const pageWords = (text: string): string | undefined =>
	/^\s*<(?:!doctype|html)/i.test(text)
		? text
				.slice(0, 4_000)
				.replace(/<(script|style)\b.*?(?:<\/\1>|$)|<[^<>]*>|&nbsp;/gis, " ")
				.trim()
		: undefined;

export function outcomeText(run: Run, max = 120): string {
	const { status, output } = run;
	const value = returned(output);
	if (status === "COMPLETED") return value == null ? "" : excerpt(value, max);
	const failure = status === "FAILED" && failureIn(output);
	return failure ? failureText(failure) : "";
}

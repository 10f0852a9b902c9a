/** The steps of a run as a story shows them: a line each, with a bar of where in the run it lay. Pure. */
import * as z from "zod/mini";
import { hasEnded, type Run, startOf } from "./api.ts";
import { type Cause, stepsIn } from "./cause.ts";
import type { Story } from "./story.ts";
import { duration, plural, time, word, words } from "./text.ts";
import type { Step } from "./trace.ts";

/** A bar of ten: where in the run's time a step lay, and how much of it. */
export function bar(step: Pick<Step, "start" | "end">, from: number, to: number): string {
	const span = Math.max(1, to - from);
	const start = Math.max(from, step.start ?? from);
	const cells = Math.min(10, Math.max(1, Math.round((10 * ((step.end ?? to) - start)) / span)));
	const first = Math.min(10 - cells, Math.floor((10 * (start - from)) / span));
	return `${".".repeat(first)}${"=".repeat(cells)}${".".repeat(10 - first - cells)}`;
}

/** How many steps a story shows; of more, the first, the last, and those around what failed. */
const SHOWN = 30;
const ENDS = 5;
const AROUND = 8;

/** The indexes of the steps that are shown. */
export function shownSteps(count: number, failed: readonly number[]): number[] {
	const all = Array.from({ length: count }, (_, i) => i);
	if (count <= SHOWN) return all;
	const [at = count - ENDS - AROUND] = failed;
	return all
		.filter((i) => i < ENDS || i >= count - ENDS || (i > at - AROUND - 4 && i < at + AROUND) || failed.includes(i))
		.slice(0, 2 * SHOWN);
}

/** The lines of a run's steps; of very many the first, the last, and those around what failed. */
export function stepLines({ run }: Story, steps: readonly Step[], cause: Cause | undefined, now: number): string[] {
	const from = startOf(run) ?? now;
	const to = time(run.endedAt) ?? now;
	const told = [...stepsIn(cause), ...steps.filter(({ status }) => status === "FAILED")];
	const indexes = shownSteps(
		steps.length,
		[...new Set(told)].map((step) => steps.indexOf(step)),
	);
	let last = -1;
	const left = (to: number) => {
		const gap = steps.slice(last + 1, to);
		last = to;
		return gap.length ? [`… ${plural(gap.length, "step")} not shown (--json has all)`] : [];
	};
	const shown = indexes.flatMap((i) => {
		const step = steps[i];
		return step ? [...left(i), stepLine(run, step, from, to)] : [];
	});
	return [...shown, ...left(steps.length)];
}

function stepLine(run: Run, step: Step, from: number, to: number): string {
	const live = !hasEnded(run);
	// What was open in a run that was cancelled stays so for ever (measured).
	const plain = step.status === "COMPLETED" || (!live && ["WAITING", "RUNNING"].includes(step.status));
	return words(
		bar(step, from, to),
		word(step.name),
		opText(step),
		!plain && step.status,
		step.start !== undefined && step.end !== undefined && duration(step.end - step.start),
		step.attempts > 1 && plural(step.attempts, "attempt"),
		resumedText(step),
	);
}

/** What kind of step it is; `step.fetch` goes through the gateway for AI (measured). */
function opText({ op, name }: Step): string {
	if (op === "RUN") return "";
	if (op === "AI_GATEWAY") return /^step\Wfetch\b/.test(name) ? "fetch" : "ai";
	return op.toLowerCase().replaceAll("_", " ");
}

/** How a wait ended: its output has the id of the event that resumed it; without one it timed out (measured). */
function resumedText({ op, status, output }: Step): string {
	if (op !== "WAIT_FOR_EVENT" || status !== "COMPLETED") return "";
	if (output == null) return "timed out";
	const id = z.safeParse(z.object({ id: z.string() }), output).data?.id;
	return id === undefined ? "" : `resumed by event ${word(id)}`;
}

import * as z from "zod/mini";
import { stepsIn } from "../decide/cause.ts";
import type { ReadStory } from "../gather/story.ts";
import { hasEnded, type Run, startOf } from "../inngest/api.ts";
import type { Step } from "../inngest/trace.ts";
import { duration, type Line, plural, time, word, words } from "../text/text.ts";

/** A bar of ten: where in the run's time a step lay, and how much of it. */
export function bar(step: Pick<Step, "start" | "end">, from: number, to: number): string {
	const span = Math.max(1, to - from);
	const start = Math.max(from, step.start ?? from);
	const cells = Math.min(10, Math.max(1, Math.round((10 * ((step.end ?? to) - start)) / span)));
	const first = Math.min(10 - cells, Math.floor((10 * (start - from)) / span));
	return "="
		.repeat(cells)
		.padStart(first + cells, ".")
		.padEnd(10, ".");
}

const SHOWN = 30;
const ENDS = 5;
const AROUND = 8;

/** Of very many steps the first, the last, and those around what failed are shown. */
export function shownSteps(count: number, failed: readonly number[]): number[] {
	const all = Array.from({ length: count }, (_, i) => i);
	if (count <= SHOWN) return all;
	const [at = count - ENDS - AROUND] = failed;
	return all
		.filter((i) => i < ENDS || i >= count - ENDS || (i > at - AROUND - 4 && i < at + AROUND) || failed.includes(i))
		.slice(0, 2 * SHOWN);
}

export function stepLines({ run, steps, cause, now }: ReadStory): Line[] {
	const from = startOf(run) ?? now;
	const to = time(run.endedAt) ?? now;
	const failed = new Set([...stepsIn(cause), ...steps.filter(({ status }) => status === "FAILED")]);
	const shown = shownSteps(
		steps.length,
		[...failed].map((step) => steps.indexOf(step)),
	);
	return [...shown, steps.length].flatMap((at, i) => {
		const step = steps[at];
		const gap = at - 1 - (shown[i - 1] ?? -1);
		return [
			gap > 0 && `… ${plural(gap, "step")} not shown (--json has all)`,
			step && words(bar(step, from, to), stepText(step, run)),
		];
	});
}

function stepText(step: Step, run: Run): string {
	// What was open in a run that was cancelled stays so for ever (measured).
	const isPlain = step.status === "COMPLETED" || (hasEnded(run) && ["WAITING", "RUNNING"].includes(step.status));
	return words(
		word(step.name),
		opText(step),
		!isPlain && step.status,
		step.start !== undefined && step.end !== undefined && duration(step.end - step.start),
		step.attempts > 1 && plural(step.attempts, "attempt"),
		resumedText(step),
	);
}

/** `step.fetch` goes through the gateway for AI (measured). */
function opText({ op, name }: Step): string {
	if (op === "RUN") return "";
	if (op === "AI_GATEWAY") return /^step\Wfetch\b/.test(name) ? "fetch" : "ai";
	return op.toLowerCase().replaceAll("_", " ");
}

/** A wait's output has the id of the event that resumed it; without one it timed out (measured). */
function resumedText({ op, status, output }: Step): string {
	if (op !== "WAIT_FOR_EVENT" || status !== "COMPLETED") return "";
	if (output == null) return "timed out";
	const id = z.safeParse(z.object({ id: z.string() }), output).data?.id;
	return id === undefined ? "" : `resumed by event ${word(id)}`;
}

import { eventOf, hasEnded, type Run } from "./api.ts";
import { type Cause, isFinal, isUnreachable } from "./cause.ts";
import { timeOfId } from "./ids.ts";
import { next, typed } from "./next.ts";
import type { Story } from "./story.ts";
import { words } from "./text.ts";
import type { Step } from "./trace.ts";
import { dataFor, waitOf } from "./waits.ts";

/**
 * A step as `--from-step` takes it: its name, or its id where the name is there twice or can't be typed. `part`: there may
 * be steps that are not among these.
 */
export function stepArgument(step: Step, steps: readonly Step[], part = false): string | undefined {
	const twice = part || steps.filter(({ name }) => name === step.name).length > 1;
	return (twice ? undefined : typed(step.name)) ?? typed(step.id);
}

/**
 * A run that began so long after its event, in ms, may be a replay: its trace lacks the steps whose results it kept. One of a
 * batch is none (measured).
 */
const LATE = 5_000;
const mayBeReplay = (run: Run): boolean =>
	!run.trigger?.isBatch && timeOfId(run.id) - timeOfId(eventOf(run) ?? "") > LATE;

/** What to do next about a run. */
export function nextLine(story: Story, steps: readonly Step[], cause: Cause | undefined, now: number): string {
	const { run, jobs, root } = story;
	if (!hasEnded(run)) {
		const waits = jobs.map((job) => waitOf(job, steps, now));
		return next(...waits.flatMap(resumeCalls).slice(0, 1), `wait-for-run ${run.id}`, `cancel-run ${run.id}`);
	}
	if (run.status === "CANCELLED") return next(eventOf(run) !== undefined && `replay-run ${run.id}`);
	if (run.status !== "FAILED") return "";
	const [step] = cause?.kind === "step" ? [cause.step] : [];
	const from = step && stepArgument(step, steps, mayBeReplay(run));
	const replay = words(`replay-run ${run.id}`, from && `--from-step ${from}`);
	if (cause && isUnreachable(cause.failure)) return next("list-apps (was the app reached?)", replay);
	if (root) return next(`get-run ${root.run.id}`, replay);
	if (cause && isFinal(cause.failure)) {
		// A tick of cron has no payload, and the server may not keep its event (measured).
		const event = run.trigger?.cronSchedule ? undefined : eventOf(run);
		return next(event && `get-event ${event} (its payload)`, `${replay} (once the cause is mended)`);
	}
	return next(replay);
}

/** The write that would let a wait go on, where it can be written whole. */
function resumeCalls(wait: ReturnType<typeof waitOf>): string[] {
	if (wait.kind === "signal") {
		const name = typed(wait.signal);
		return name === undefined ? [] : [`send-signal ${name} (resumes it, if the user wants that)`];
	}
	const data = wait.kind === "event" ? dataFor(wait.expression) : undefined;
	const name = wait.kind === "event" ? typed(wait.event) : undefined;
	if (!data || name === undefined) return [];
	const json = Object.keys(data).length ? typed(JSON.stringify(data)) : "";
	return json === undefined
		? []
		: [`${words(`send-event ${name}`, json && `--data ${json}`)} (resumes it, if the user wants that)`];
}

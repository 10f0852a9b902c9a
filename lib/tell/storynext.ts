import { isFinal, isUnreachable, type Wait } from "../decide/cause.ts";
import { stepArgument } from "../decide/replayplan.ts";
import type { ReadStory } from "../gather/story.ts";
import { eventOf, hasEnded, type Run } from "../inngest/api.ts";
import { callOf, type Suggested, typed } from "../text/next.ts";
import { timeOfId } from "../text/nouns.ts";
import { words } from "../text/text.ts";

/** What begins so long after its event, in ms, may be a replay, whose trace lacks the steps that it kept; a batch is none (measured). */
const LATE = 5_000;
const mayBeReplay = (run: Run): boolean =>
	!run.trigger?.isBatch && timeOfId(run.id) - timeOfId(eventOf(run) ?? "") > LATE;

export function nextCalls({ run, root, steps, cause, waits }: ReadStory): Suggested[] {
	if (!hasEnded(run)) return [waits.map(resumeCall).find(Boolean), `wait-for-run ${run.id}`, `cancel-run ${run.id}`];
	const event = eventOf(run);
	if (run.status === "CANCELLED") return [event !== undefined && `replay-run ${run.id}`];
	if (run.status !== "FAILED") return [];
	const from = cause?.kind === "step" && stepArgument(cause.step, steps, mayBeReplay(run));
	const replay = words(`replay-run ${run.id}`, from && `--from-step ${from}`);
	if (cause && isUnreachable(cause.failure)) return [["list-apps", "was the app reached?"], replay];
	const later = [replay, "once the cause is fixed"] as const;
	if (root) return [`get-run ${root.run.id}`, later];
	if (!cause || !isFinal(cause.failure)) return [replay];
	// A tick of cron has no payload, and the server may not keep its event (measured).
	const own = !run.trigger?.cronSchedule && event;
	return [own && [`get-event ${event}`, "its payload"], later];
}

/** The write that would let a wait go on, where it can be written whole. */
function resumeCall(wait: Wait): Suggested {
	if (wait.kind !== "signal" && wait.kind !== "event") return undefined;
	const name = typed(wait.kind === "signal" ? wait.signal : wait.event);
	const data = wait.kind === "event" ? dataFor(wait.expression) : {};
	if (name === undefined || !data) return undefined;
	const json = Object.keys(data).length ? JSON.stringify(data) : undefined;
	const call = callOf(`send-${wait.kind}`, [name], { data: json });
	return call && [call, "resumes it, if the user wants that"];
}

const LITERAL = String.raw`("[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false)`;
const FIELD = String.raw`async\.data\.(\w+(?:\.\w+)*)`;
const EQUAL = new RegExp(`^(?:${FIELD} == ${LITERAL}|${LITERAL} == ${FIELD})$`);

/** The event's data that meets a condition of nothing but equal fields. */
export function dataFor(expression: string | undefined): Record<string, unknown> | undefined {
	const data: Record<string, unknown> = {};
	for (const part of expression?.split(" && ") ?? []) {
		const [, a, b, c, d] = EQUAL.exec(part.trim()) ?? [];
		const keys = (a ?? d)?.split(".");
		const written = b ?? c;
		if (!keys || written === undefined) return undefined;
		const last = keys.pop() ?? "";
		let at = data;
		for (const key of keys) {
			const old = at[key];
			const inner: Record<string, unknown> = isRecord(old) ? old : {};
			at[key] = inner;
			at = inner;
		}
		at[last] = written.startsWith("'") ? written.slice(1, -1) : JSON.parse(written);
	}
	return data;
}
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object";

import * as z from "zod/mini";
import { isFinal, isUnreachable, type Wait } from "../decide/cause.ts";
import { mayBeReplay } from "../decide/compare.ts";
import { stepArgument } from "../decide/replayplan.ts";
import { parentOf } from "../gather/kin.ts";
import type { ReadStory } from "../gather/story.ts";
import { eventOf, hasEnded, Id } from "../inngest/api.ts";
import { eventsIn } from "../inngest/trace.ts";
import { callOf, type Suggested, typed } from "../text/next.ts";
import { words } from "../text/text.ts";

export function nextCalls(read: ReadStory): Suggested[] {
	const { run, trace, child, waits } = read;
	if (!hasEnded(run))
		return [
			child && [`get-run ${child.run.id}`, "the run that it waits for"],
			waits.map(resumeCall).find(Boolean),
			`wait-for-run ${run.id}`,
			`cancel-run ${run.id}`,
		];
	const parent = parentOf(trace);
	const related = [parent && ([`get-run ${parent.run}`, PARENT[parent.kind]] as const), ...relatedCalls(read)];
	return [...againCalls(read), ...related].filter(Boolean).slice(0, MOST);
}

/** So many calls are suggested for a run that has ended. */
const MOST = 3;
const PARENT = { invoked: "the run that invoked it", deferred: "the run that deferred it", handles: "the failed run" };

/** The runs that came of it, and an event that one of its steps returned, as those do that send one. */
function relatedCalls({ children, deferred, handler, steps }: ReadStory): Suggested[] {
	const [invoked] = children?.invoked ?? [];
	const [later] = deferred ?? [];
	const sent = steps.map(({ output }) => z.safeParse(Sent, output).data?.ids[0]).find(Boolean);
	return [
		handler && [`get-run ${handler.id}`, "its onFailure handler"],
		invoked && [`get-run ${invoked.run.id}`, "which it invoked"],
		later && [`get-run ${later.id}`, "which it deferred"],
		sent !== undefined && [`get-event ${sent}`, "possible: an event that it sent"],
	];
}
const Sent = z.strictObject({ ids: z.array(Id) });

/** What would repeat its work, unless a replay has done that. */
function againCalls({ run, trace, root, steps, cause, kin }: ReadStory): Suggested[] {
	const { status } = run;
	const last = kin?.newer.at(-1);
	if (last && !hasEnded(last)) return [[`wait-for-run ${last.id}`, "its replay"]];
	const replayed = last && ([`get-run ${last.id}`, "its replay"] as const);
	if (last?.status === "COMPLETED") return [replayed];
	const event = eventOf(run);
	if (status === "CANCELLED") return [event !== undefined && `replay-run ${run.id}`];
	if (status !== "FAILED") return [];
	const isPart = kin ? kin.older.length > 0 : mayBeReplay(run);
	const from = cause?.kind === "step" && stepArgument(cause.step, steps, isPart);
	const replay = words(`replay-run ${run.id}`, from && `--from-step ${from}`);
	if (cause && isUnreachable(cause.failure)) return [["list-apps", "was the app reached?"], replay];
	const later = [replay, "once the cause is fixed"] as const;
	if (root) return [`get-run ${root.run.id}`, later];
	if (!cause || !isFinal(cause.failure)) return [replayed, replay];
	// A tick of cron has no payload, and the server may not keep its event (measured); what the trace has is told.
	const own = !eventsIn(trace) && !run.trigger?.cronSchedule && event;
	return [own && [`get-event ${event}`, "its payload"], replayed, later];
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

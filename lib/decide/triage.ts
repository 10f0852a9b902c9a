/** Groups failures by function and normalised error, in bounded memory. */

import { shortCode } from "../gate/confirm.ts";
import { endOf, eventOf, functionOf, lengthOf, type Run, refOf, type Span, type Window } from "../inngest/api.ts";
import type { Link } from "../inngest/eventlist.ts";
import { bare, type Failure, failureIn, type Step, stepsOf } from "../inngest/trace.ts";
import { callText, type FunctionRef, tailOfId } from "../text/nouns.ts";
import { groupBy, grouped, head, mask, plural, quote, some, time } from "../text/text.ts";
import { type Cause, causeOf } from "./cause.ts";
import type { Outside } from "./compare.ts";

/** The id in which runs differ most, and its values: which orders or users failed. `ids`: each run's. Undefined if they share none. */
export function affectedBy(ids: readonly (readonly Link[])[]): { key: string; values: string[] } | undefined {
	const keys = [...new Set(ids.flat().map(({ key }) => key))].map((key) => {
		const own = ids.flatMap((one) => one.find((link) => link.key === key)?.value ?? []);
		return { key, values: [...new Set(own)], isShared: own.length === ids.length };
	});
	return keys.filter(({ isShared }) => isShared).sort((a, b) => b.values.length - a.values.length)[0];
}

/** Where a run failed, as far as its trace shows. */
export type FailedAt =
	/** In a step, or after a step failed: the step's error is in the chain of causes. */
	| { kind: "step" | "after"; step: string }
	/** Several steps failed with the same error. */
	| { kind: "tie"; steps: string[] }
	/** In the function's own code, outside any step. */
	| { kind: "outside" }
	/** Outside any step, or in a step that left no record of its error; or after the function had returned: see Cause. */
	| { kind: "unseen" | "returned" };

/** Where its trace shows that a run failed; undefined if nothing does. */
export function whereOf(cause: Cause | undefined): FailedAt | undefined {
	if (!cause || cause.kind === "unread") return;
	if ("step" in cause) return { kind: cause.kind, step: cause.step.name };
	if (cause.kind !== "tie") return { kind: cause.kind };
	const [step = "", ...others] = new Set(cause.steps.map(({ name }) => name));
	return others.length ? { kind: "tie", steps: [step, ...others] } : { kind: "step", step };
}

/** A failed run, as far as its group needs it. `at`: when it failed, in ms since the epoch. */
export interface Member {
	run: string;
	event: string | undefined;
	at: number;
	batch: boolean;
	cron: boolean;
}

export interface Group {
	/** The argument of `replay-runs --group`: the same for the same function and normalised error. */
	code: string;
	function: string;
	/** The same, as used to request lists. */
	of: FunctionRef;
	/** The newest run's error. */
	failure: Failure;
	/** Messages differ in what normalise() replaces. */
	varies: boolean;
	count: number;
	/** How many events started them: a replay that fails has the original's event. */
	events: number;
	/** Runs started by batches: lists have only the first event of each (measured). */
	batches: number;
	first: number;
	last: number;
	/** The newest run. */
	example: string;
	/** A few members, from different times and places in the code, whose traces show the step. */
	samples: Member[];
	/** There may have been more: not all failures were read. */
	cut?: boolean;
	/** How many in each eighth of the window, if one was given. */
	line?: number[];
	/** The newest members: for finding replays, and for telling steps apart. */
	recent: Member[];
}

/** The engine could not reach the app or its workers, or lost them in a request (measured). */
export const isUnreachable = ({ message }: Pick<Failure, "message">): boolean =>
	/^(?:Unable to reach SDK URL|The worker stopped responding|Could not find a healthy connection)|: no healthy connection$/.test(
		message,
	);

/**
 * Something else than the app answered (a page of its host or proxy, a login); or the app lacks the function or its trigger, as it was
 * redeployed or renamed and not synced since (measured on v1.43, with the SDKs for TypeScript v2 to v4, Python and Go). A 413 or 500 may
 * well be the app's own; and the app did serve what a time or rate limit ended.
 */
export const isUnserved = ({ message, at }: Pick<Failure, "message" | "at">): boolean =>
	/(?<!HTTP (?:408|413|429|50[04]|524)) before the SDK responded|was not found in this app|^Event not found in triggers: |^[Cc]ould not find function with ID[ :]|^function (?:not found: \S+|\S+ not found)$|^No function ID found|^The response did not come from an Inngest SDK|^error (?:performing request|reading generator opcode response): /.test(
		message,
	) ||
	(at === undefined && /^\s*<(?:!doctype|html)\b/i.test(message));

/**
 * The input or the code must change first. The SDK's error for a payload that fails its schema; the engine's for a condition that is not
 * CEL, for too many steps, too much state and too long a wait (all of the `InngestErr…` in its source, v1.43); its refusal of an event;
 * mistakes in code, and what validators throw.
 */
export const isFinal = ({ name, message }: Pick<Failure, "name" | "message">): boolean =>
	/^(?:(?:NonRetriable|(?:Event)?Validation|Zod|Reference|Attribute|Key|Name|ModuleNotFound|OutputUnserializable)Error|InvalidExpression|InngestErr\w+)$/.test(
		name,
	) ||
	(!name && message === "Unauthorized") ||
	/^Cannot read properties of |^Inngest API Error: 4(?!08|29)|^Invalid signature$|json: unsupported type: |output size is greater than the limit/.test(
		message,
	);

/**
 * The engine or the SDK made the error, or it was thrown in a step. The SDK's loop does not call code outside steps. It may then be of a
 * step that left no record: output refused, app stopped, proxy timed out (measured). An error without name or stack is the app's own, in
 * Go. A panic among steps side by side has the group's stack, not the step's.
 */
export const isOfInngest = (failure: Failure): boolean =>
	isInStep(failure) ||
	(failure.stack
		? /^\s*at .*(?:\.(?:handleAction|runCoreLoop)\b|[/\\]InngestFunction\.js:)|\binngestgo\/group\./m.test(
				failure.stack,
			)
		: failure.name !== "");

/** What a cancelled run threw. Of an attempt that began after its end, the server's own error only says that its state is gone (measured). */
export function thrownByCancelled(
	run: Run,
	{ failure, since = 0, at = Infinity }: Outside,
	steps: readonly Step[],
): Cause | undefined {
	const wentOn = steps.some(({ queued = 0 }) => queued > at);
	if (run.status !== "CANCELLED" || !failure || wentOn) return;
	if (!isOfInngest(failure)) return { kind: "outside", failure };
	return since > endOf(run) ? undefined : { kind: "unseen", failure };
}

/**
 * Whether its stack or message shows that it was thrown in a step. Not recorded: NonRetriableError and RetryAfterError in Python,
 * panics in Go, any error in TypeScript before v3, output that is not JSON or is too large (measured).
 */
export const isInStep = ({ message, stack }: Failure): boolean =>
	/[/\\]_internal[/\\]step_lib[/\\]|\binngestgo\/step\.|\bObject\.fn \(.*[/\\]InngestStepTools\./.test(stack) ||
	/^unable to marshal run |^".+" returned unserializable data$|^error validating generator opcode (?!0737c22d)/.test(
		message,
	);

/**
 * What the function had returned, if the server failed the run. Measured on a busy v1.43, with steps side by side: "event not
 * found in state store".
 */
const outputIn = (trace: Span | undefined): unknown =>
	trace?.children?.find(({ stepId, status, output }) => !stepId && status === "COMPLETED" && output != null)?.output;

export function causeIn(
	{ status, output }: Pick<Span, "status" | "output">,
	trace: Span | undefined,
	steps = stepsOf(trace),
): Cause | undefined {
	if (status !== "FAILED") return;
	const cause = causeOf(output, trace && steps);
	const had = outputIn(trace);
	return cause && had !== undefined ? { kind: "returned", failure: cause.failure, output: had } : cause;
}

/** Replaces what varies between runs. Ids, numbers, quoted values, addresses; but different HTTP statuses are different causes. */
export function normalise(message: string): string {
	return message
		.slice(0, 400)
		.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "#")
		.replace(/(["'`])(?:(?!\1).){1,120}\1/g, "$1…$1")
		.replace(/\b(?=[\w-]*\d)[\w-]{6,}\b/g, "#")
		.replace(/\b(?:HTTP|status(?: code)?):? [1-5]\d\d\b(?![.,:]\d)|\d+(?:[.,:]\d+)*/gi, (all) =>
			/^\d/.test(all) ? "#" : all,
		)
		.replace(/\s+/g, " ")
		.trim();
}

const KEPT = 400;

/** Without its stack, and its message cut: many are kept. */
export const shortened = ({ name, message, at, cause, handled }: Failure): Failure => ({
	name,
	message: mask(head(message, KEPT)),
	...(message.length > KEPT && { size: Buffer.byteLength(message) }),
	at,
	stack: "",
	...(cause && { cause: shortened(cause) }),
	...(handled && { handled }),
});

const failureOf = (run: Run): Failure => failureIn(run.output) ?? bare("no error recorded");

const codeOf = (run: Run, { name, message }: Failure) => shortCode([functionOf(run), name, normalise(message)], 6);

export const groupCode = (run: Run): string => codeOf(run, failureOf(run));

/** At most this many are kept apart; the rest are counted together. */
const GROUPS = 500;
/** Runs per group whose traces are read. RECENT: whose events are looked up. */
export const SAMPLES = 6;
const RECENT = 300;

/** The number of cells of a line over time. */
export const SLOTS = 8;

const bareFailure = ({ stack, cause, ...failure }: Failure): Omit<Failure, "stack" | "cause"> => ({
	...failure,
	...(cause && { cause: bareFailure(cause) }),
});

/** A group under `--json`, without internal fields and stacks. */
export const groupData = (group: Group) => ({
	...group,
	failure: bareFailure(group.failure),
	...{ of: undefined, recent: undefined, samples: undefined },
});

/** Collects failed runs, newest first. With a `window`, also how they are spread over it. */
export class Failures {
	readonly #window: Window | undefined;
	readonly #groups = new Map<string, { group: Group; places: Set<string>; events: Set<number> }>();
	total = 0;
	other = 0;

	constructor(window?: Window) {
		this.#window = window;
	}

	add(run: Run): void {
		this.total++;
		const failure = failureOf(run);
		const code = codeOf(run, failure);
		const member = memberOf(run);
		let known = this.#groups.get(code);
		if (!known) {
			if (this.#groups.size >= GROUPS) return void this.other++;
			const group = groupOf({ code, function: functionOf(run), of: refOf(run) }, shortened(failure), member);
			known = { group, places: new Set(), events: new Set() };
			this.#groups.set(code, known);
		}
		const { group, places, events } = known;
		count(group, member, failure);
		if (this.#window) {
			const slot = Math.floor((SLOTS * (member.at - this.#window.from)) / lengthOf(this.#window));
			const at = Math.max(0, Math.min(SLOTS - 1, slot));
			group.line ??= new Array<number>(SLOTS).fill(0);
			group.line[at] = (group.line[at] ?? 0) + 1;
		}
		if (member.event === undefined || events.size < events.add(tailOfId(member.event)).size) group.events++;
		// Spread: the 1st, 2nd, 4th … failure, each new place.
		const place = failure.at ?? "";
		if (group.samples.length < SAMPLES && (Number.isInteger(Math.log2(group.count)) || !places.has(place))) {
			group.samples.push(member);
			places.add(place);
		}
		if (group.recent.length < RECENT) group.recent.push(member);
	}

	list(): Group[] {
		return [...this.#groups.values()].map(({ group }) => group).sort(byCount);
	}
}

const byCount = (a: Group, b: Group): number => b.count - a.count || b.last - a.last;

const memberOf = (run: Run): Member => ({
	run: run.id,
	event: eventOf(run),
	at: time(run.endedAt) ?? time(run.queuedAt) ?? 0,
	batch: run.trigger?.isBatch === true,
	cron: Boolean(run.trigger?.cronSchedule),
});

export const groupOf = (
	known: Pick<Group, "code" | "function" | "of">,
	failure: Failure,
	{ at, run }: Member,
): Group => ({
	...known,
	failure,
	varies: false,
	count: 0,
	events: 0,
	batches: 0,
	first: at,
	last: at,
	example: run,
	samples: [],
	recent: [],
});

function count(group: Group, { at, batch }: Member, failure: Failure): void {
	group.count++;
	if (batch) group.batches++;
	group.first = Math.min(group.first, at);
	group.last = Math.max(group.last, at);
	group.varies ||= mask(head(failure.message, KEPT)) !== group.failure.message;
}

/** Failures before the window, to compare with. */
export interface Past extends Window {
	groups: readonly Group[];
	/** Whether all failures in that time were read. */
	isWhole: boolean;
	/** Since when the server has runs of that time (ms); undefined if it has none. */
	oldest: number | undefined;
}

/** Below this share of the time, nothing is called new. */
export const ENOUGH = 0.75;

/** The share of the requested time that the server's history covers. */
export const shareKept = (past: Past): number =>
	past.oldest === undefined ? 0 : (past.until - past.oldest) / lengthOf(past);

/** How a group compares with the past. */
export type GroupStanding =
	| { kind: "new" }
	/** Not in the known past, which is incomplete. */
	| { kind: "perhaps" }
	/** The server has nothing of that time. */
	| { kind: "uncompared" }
	| { kind: "known"; then: Group };

const standingData = (how: GroupStanding) =>
	how.kind === "known" ? { kind: how.kind, before: groupData(how.then) } : how;

export function groupStanding(group: Group, past: Past): GroupStanding {
	const then = past.groups.find(({ code }) => code === group.code);
	if (then) return { kind: "known", then };
	if (past.oldest === undefined) return { kind: "uncompared" };
	return { kind: past.isWhole && shareKept(past) >= ENOUGH ? "new" : "perhaps" };
}

/** Whether a group still fails: `completed` counts its function's runs queued after its last failure that completed. */
export type State =
	| { kind: "over"; completed: number }
	/** None failed since, but the pause is not longer than between earlier failures, or there were too few to tell. */
	| { kind: "open"; completed: number }
	| { kind: "unread" };

/** Over once this many times the mean interval has passed without a failure, of at least as many failures. */
const QUIET = 3;

export function stateOf({ count, first, last }: Group, until: number, completed: number | undefined): State {
	if (completed === undefined) return { kind: "unread" };
	const between = (last - first) / Math.max(1, count - 1);
	const isOver = completed > 0 && count >= QUIET && until - last > QUIET * between;
	return { kind: isOver ? "over" : "open", completed };
}

/** New first, then perhaps new. Within each, the most frequent first. */
export const ORDER: readonly GroupStanding["kind"][] = ["new", "perhaps", "uncompared", "known"];

const KINDS = 3;

/** Most frequent reason first, each with an example, and of several, with the code of its group. */
export function reasons(errors: readonly (Failure & { group?: string })[]): string[] {
	const textOf = ({ name, message }: Failure, as = (text: string) => text) => (name && `${name}: `) + as(message);
	const kinds = [...groupBy(errors, (error) => textOf(error, normalise)).values()].sort((a, b) => b.length - a.length);
	const told = (kind: typeof errors) => {
		const [example = "", ...others] = new Set(kind.map((one) => textOf(one)));
		const [code, ...codes] = new Set(kind.map(({ group }) => group));
		const group = code && !codes.length && kinds.length > 1 ? ` (--group ${code})` : "";
		return `  ${grouped(kind.length)} failed with ${quote(example)}${others.length ? " or similar" : ""}${group}`;
	};
	const left = kinds.slice(KINDS).flat().length;
	const more = `(more: ${callText("triage-failures --limit 50")})`;
	return some(
		kinds,
		KINDS,
		told,
		(n) => `  … ${grouped(left)} failed with ${plural(n, "other kind")} of error ${more}`,
	);
}

/** All groups for `--json`; those shown with all that is known of them. */
export function groupsData(
	all: readonly { group: Group; standing?: GroupStanding }[],
	shown: readonly { group: Group; compared?: object | undefined }[],
) {
	return all.map(({ group, standing }) => {
		const known = shown.find((one) => one.group.code === group.code);
		const compared = standing && { ...known?.compared, standing: standingData(standing) };
		return { ...known, group: undefined, ...groupData(known?.group ?? group), ...(compared && { compared }) };
	});
}

/** Failures by function and normalised error, in memory that does not grow with their number. */

import { shortCode } from "../gate/confirm.ts";
import { eventOf, functionOf, lengthOf, type Run, refOf, type Window } from "../inngest/api.ts";
import { type Failure, failureIn } from "../inngest/trace.ts";
import { groupBy } from "../text/lists.ts";
import { callText, type FunctionRef, tailOfId } from "../text/nouns.ts";
import { grouped, head, mask, plural, quote, time } from "../text/text.ts";

/** A failed run, as far as its group needs it. `at` is when it failed, in ms since the epoch. */
export interface Member {
	run: string;
	event: string | undefined;
	at: number;
	batch: boolean;
	cron: boolean;
}

export interface Group {
	/** What `replay-runs --group` takes: the same for the same function and normalised error. */
	code: string;
	function: string;
	/** The same, as lists are asked for it. */
	of: FunctionRef;
	/** The error of the newest run. */
	failure: Failure;
	/** Where messages differ from run to run in what normalise() makes equal: words of the first two others. */
	others: string[];
	count: number;
	/** How many events started them: a replay that fails shares its event with the original. */
	events: number;
	/** Runs that were started by batches: lists have only the first event of each (measured). */
	batches: number;
	first: number;
	last: number;
	/** The newest run. */
	example: string;
	/** A few members, of different places in the code and times, whose traces tell the step. */
	samples: Member[];
	/** How many in each eighth of the window, where one was given. */
	line?: number[];
	/** The newest members: for looking up replays, and for telling steps apart. */
	recent: Member[];
}

/** The engine's words where it could not call the app (its source, v1.43): what was to run never ran. */
export const isUnreachable = ({ message }: Pick<Failure, "message">): boolean =>
	/^Unable to reach SDK URL/.test(message);

/**
 * What answered at the app's address was not the app (its host's or a proxy's page, a login), or one that does not have the
 * function, or not its trigger: redeployed or renamed, and not synced since (measured on v1.43, with SDKs for TypeScript v2 to v4).
 * A 413 may well be the app's own.
 */
export const isUnserved = ({ message }: Pick<Failure, "message">): boolean =>
	/(?<!HTTP 413) before the SDK responded|was not found in this app|^Event not found in triggers: |^Could not find function with ID "|^No function ID found/.test(
		message,
	);

/** Its input, or the code, must change first: the SDK's for a payload that its schema rejects, the engine's for a condition that is no CEL. */
export const isFinal = ({ name }: Pick<Failure, "name">): boolean =>
	/^(?:NonRetriable|EventValidation)Error$|^InvalidExpression$/.test(name);

/**
 * The engine or the SDK made it, or it was thrown within a step: code outside of steps is not called from the SDK's loop. Then it
 * may be of a step that left no record: its output could not be taken, the app ended, a proxy gave up (measured). What has neither
 * name nor stack is of the app's own, in Go.
 */
export const isOfInngest = (failure: Failure): boolean =>
	isInStep(failure) ||
	(failure.stack
		? /^\s*at .*(?:\.(?:handleAction|runCoreLoop)\b|[/\\]InngestFunction\.js:)/m.test(failure.stack)
		: failure.name !== "");

/**
 * It was within a step, by its stack or the SDK's words. No record is kept of NonRetriableError and RetryAfterError in Python, of panics
 * in Go, of any error in TypeScript before v3, nor of output that is not JSON, or too large (measured).
 */
export const isInStep = ({ message, stack }: Failure): boolean =>
	/[/\\]_internal[/\\]step_lib[/\\]|\binngestgo\/step\.|\bObject\.fn \(.*[/\\]InngestStepTools\./.test(stack) ||
	/^unable to marshal run |^".+" returned unserializable data$|^error validating generator opcode (?!0737c22d)/.test(
		message,
	);

/** Makes equal what differs from run to run: ids, numbers, quoted values, addresses. */
export function normalise(message: string): string {
	return message
		.slice(0, 400)
		.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "#")
		.replace(/(["'`])(?:(?!\1).){1,120}\1/g, "$1…$1")
		.replace(/\b(?=[\w-]*\d)[\w-]{6,}\b/g, "#")
		.replace(/\d+(?:[.,:]\d+)*/g, "#")
		.replace(/\s+/g, " ")
		.trim();
}

const KEPT = 400;

/** An error without its stack, its message cut: many are kept. */
export const shortened = ({ name, message, at, cause, handled }: Failure): Failure => ({
	name,
	message: mask(head(message, KEPT)),
	...(message.length > KEPT && { size: Buffer.byteLength(message) }),
	at,
	stack: "",
	...(cause && { cause: shortened(cause) }),
	...(handled && { handled }),
});

const failureOf = (run: Run): Failure =>
	failureIn(run.output) ?? { name: "Error", message: "no error recorded", at: undefined, stack: "" };

const codeOf = (run: Run, { name, message }: Failure) => shortCode([functionOf(run), name, normalise(message)], 6);

export const groupCode = (run: Run): string => codeOf(run, failureOf(run));

/** Kept apart at most; the rest is counted together. */
const GROUPS = 500;
/** Runs of a group whose traces are read, and those whose events are looked up. */
export const SAMPLES = 6;
const RECENT = 300;

/** Into how many parts a line over time parts its window. */
export const SLOTS = 8;

const bareFailure = ({ stack, cause, ...failure }: Failure): Omit<Failure, "stack" | "cause"> => ({
	...failure,
	...(cause && { cause: bareFailure(cause) }),
});

/** What `--json` gives of a group: without what it was found by, nor stacks, which are not kept. */
export const groupData = (group: Group) => ({
	...group,
	failure: bareFailure(group.failure),
	...{ of: undefined, recent: undefined, samples: undefined },
});

/** Collects failed runs, newest first; with a `window`, how they lie in it, too. */
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
		// The 1st, 2nd, 4th, 8th … failure and each new place in the code: spread, however many will come.
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

export const byCount = (a: Group, b: Group): number => b.count - a.count || b.last - a.last;

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
	others: [],
	count: 0,
	events: 0,
	batches: 0,
	first: at,
	last: at,
	example: run,
	samples: [],
	recent: [],
});

export function count(group: Group, { at, batch }: Member, failure: Failure | undefined): void {
	group.count++;
	if (batch) group.batches++;
	group.first = Math.min(group.first, at);
	group.last = Math.max(group.last, at);
	if (!failure || group.others.length === 2) return;
	const message = mask(head(failure.message, 400));
	if (message === group.failure.message) return;
	const words = group.failure.message.split(" ");
	const other = message.split(" ").find((one, i) => one !== words[i]) ?? "";
	group.others = [...new Set([...group.others, head(other, 24)])];
}

/** What failed before the window that failures are compared with. */
export interface Past extends Window {
	groups: readonly Group[];
	/** Whether all of a function's failures in it were read. */
	isWhole(fn: string): boolean;
	/** When the oldest run ended that the server still has of it (ms); undefined where it has none. */
	oldest: number | undefined;
}

/** Below this share of the time that was asked for, the history is too short to call anything new. */
export const ENOUGH = 0.75;
/** Fewer failures say nothing of how often they come. */
const COMPARED = 3;

/** How long the server's history of the past is, as a share of what was asked for. */
export const shareKept = (past: Past): number =>
	past.oldest === undefined ? 0 : (past.until - past.oldest) / lengthOf(past);

/** How a group stands to the past. */
export type GroupStanding =
	| { kind: "new" }
	/** Not in what is known of the past, which is not all. */
	| { kind: "perhaps" }
	/** The server has nothing of the past. */
	| { kind: "uncompared" }
	/** `times`: how many times as often per hour as then, where both say enough. */
	| { kind: "known"; then: Group; times: number | undefined };

export const standingData = (how: GroupStanding) =>
	how.kind === "known" ? { kind: how.kind, times: how.times, before: groupData(how.then) } : how;

export function groupStanding(group: Group, window: Window, past: Past): GroupStanding {
	const then = past.groups.find(({ code }) => code === group.code);
	if (then) return { kind: "known", then, times: timesOf(group, window, then, past) };
	if (past.oldest === undefined) return { kind: "uncompared" };
	return { kind: past.isWhole(group.function) && shareKept(past) >= ENOUGH ? "new" : "perhaps" };
}

function timesOf(now: Group, window: Window, then: Group, past: Past): number | undefined {
	if (Math.min(now.count, then.count) < COMPARED || !past.isWhole(now.function)) return undefined;
	const kept = past.until - Math.max(past.from, past.oldest ?? past.from);
	return now.count / lengthOf(window) / (then.count / Math.max(1, kept));
}

/** Whether a group still fails: by how many runs of its function were queued after its last failure and completed. */
export type State =
	| { kind: "over"; completed: number }
	/** None failed since, but no longer ago than between earlier failures; or too few did to say how often they come. */
	| { kind: "open"; completed: number }
	| { kind: "unread" };

/** Over after this many times the mean time between its failures. */
const QUIET = 3;

export function stateOf({ count, first, last }: Group, until: number, completed: number | undefined): State {
	if (completed === undefined) return { kind: "unread" };
	const between = (last - first) / Math.max(1, count - 1);
	const isOver = completed > 0 && count >= COMPARED && until - last > QUIET * between;
	return { kind: isOver ? "over" : "open", completed };
}

/** New ones first, then what may be, each the most frequent first. */
export const ORDER: readonly GroupStanding["kind"][] = ["new", "perhaps", "uncompared", "known"];

const KINDS = 3;

/** Why the runs failed, most frequent first, with an error of each kind. */
export function reasons(errors: readonly Failure[]): string[] {
	const textOf = ({ name, message }: Failure, as = (text: string) => text) => (name && `${name}: `) + as(message);
	const kinds = groupBy(errors, (error) => textOf(error, normalise));
	const sorted = [...kinds.values()].sort((a, b) => b.length - a.length);
	const left = sorted.splice(KINDS);
	const told = sorted.map((kind) => {
		const [example = "", ...others] = new Set(kind.map((one) => textOf(one)));
		return `  ${grouped(kind.length)} failed with ${quote(example)}${others.length ? " or similar" : ""}`;
	});
	if (left.length)
		told.push(
			`  … ${grouped(left.flat().length)} failed with ${plural(left.length, "other kind")} of error (more: ${callText("triage-failures --limit 50")})`,
		);
	return told;
}

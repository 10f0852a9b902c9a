/** Why an event started nothing, or not all that listens to it, as far as the API shows. Pure. */
import { nearest } from "../gate/manifest.ts";
import type { App, Event, Fn, Run } from "../inngest/api.ts";
import { type Cancellation, cancellationsOf, limitOf } from "../inngest/functions.ts";
import { readDuration, timeOfId } from "../text/nouns.ts";
import { time } from "../text/text.ts";

/** All that listens; `unread` are the apps whose functions could not be read. */
export interface Listening {
	functions: readonly Fn[];
	apps: readonly App[];
	unread: readonly string[];
}

/** What is known of an event. */
export interface Facts extends Listening {
	event: Event;
	/** What it started. */
	runs: readonly Run[];
	/** Milliseconds since 1970. */
	now: number;
}

/** Why a function did not start. `proven`: the API shows it; anything else is possible. */
export type Cause =
	| { kind: "archived" | "paused"; proven: true }
	| { kind: "condition"; conditions: readonly string[]; proven: boolean }
	/** `after`: how long after the event its app was first synced, in ms. */
	| { kind: "new app"; after: number; proven: true }
	/** An event with the sender's id may have come within 24 hours before: then it starts nothing again (measured). */
	| { kind: "same id"; id: string; proven: false }
	| { kind: "singleton" | "rateLimit"; proven: false }
	/** `waits`: it may start yet. `late`: nothing is known that keeps it from starting. */
	| { kind: "debounce" | "eventsBatch" | "late"; waits: boolean; proven: false };

/** A function that listens to an event and did not start: with the one proven cause, or the possible ones, the likeliest first. */
export interface Miss {
	fn: Fn;
	causes: readonly Cause[];
}

/** A run that went on by an event, and the step in which it had waited for it: its trace shows the event (measured). */
export interface Resumed {
	run: Run;
	step: string;
}

/** How many runs were searched, and whether those are all that there were; or why they could not be. */
export type Looked = { runs: number; whole: boolean } | { error: string };

/** What an event does that no function listens to. */
export interface Nobody {
	/** The name that functions listen to which is nearest to the event's. */
	near: string | undefined;
	/** Apps that can't be reached: what they have added since their last sync is not known. */
	unreachable: readonly string[];
	/** The functions whose runs it cancels. */
	cancels: readonly { fn: Fn; cancellation: Cancellation }[];
	resumed: readonly Resumed[];
	looked?: Looked | undefined;
}

export interface Why {
	misses: readonly Miss[];
	/** Where no function listens to the event. */
	nobody: Nobody | undefined;
	unread: readonly string[];
}

/** A pattern ends after a slash or a dot alone (the server's source). */
const meets = (value: string, name: string): boolean =>
	value === name || (/[/.]\*$/.test(value) && name.startsWith(value.slice(0, -1)));

const triggersFor = (fn: Fn, name: string): Fn["triggers"] =>
	fn.triggers.filter(({ type, value }) => type !== "CRON" && meets(value, name));

/** The functions that an event of this name starts, whatever their conditions. */
export const listeners = (functions: readonly Fn[], name: string): Fn[] =>
	functions.filter((fn) => triggersFor(fn, name).length);

/** An event that came within 10 s may have started something that is not known yet. */
export const isNew = (event: Event, now: number): boolean => now - receivedAt(event) < 10_000;

export const receivedAt = ({ received_at, internal_id }: Event): number => time(received_at) ?? timeOfId(internal_id);

export function whyOf(facts: Facts): Why {
	const { event, runs, functions, apps, unread } = facts;
	const listening = listeners(functions, event.name);
	const missed = listening.filter((fn) => !runs.some((run) => run.app.id === fn.app.id && run.function.id === fn.id));
	const misses = missed.map((fn) => ({ fn, causes: causesFor(fn, facts) }));
	if (listening.length || runs.length) return { misses, nobody: undefined, unread };
	const names = functions.flatMap(({ triggers }) => triggers.map(({ value }) => value));
	const nobody = {
		near: nearest(event.name, names),
		unreachable: apps.flatMap(({ id, latestSync }) => (latestSync?.error ? id : [])),
		cancels: functions
			.flatMap((fn) => cancellationsOf(fn).map((cancellation) => ({ fn, cancellation })))
			.filter(({ cancellation }) => cancellation.event === event.name),
		resumed: [],
	};
	return { misses, nobody, unread };
}

/** Whether a function only needs time, for all that is known. */
export const isWaiting = ({ causes }: Miss): boolean => causes.every((cause) => "waits" in cause && cause.waits);

/** Whether a function may have started by now, or may yet. */
export const mayStart = ({ causes }: Miss): boolean => !causes.some(({ proven }) => proven);

/** Whether it is proven that nothing starts by this event. */
export const isSettled = (why: Why | undefined): boolean =>
	why !== undefined && !why.unread.length && !why.misses.some(mayStart);

function causesFor(fn: Fn, facts: Facts): readonly Cause[] {
	const causes = [...causesOf(fn, facts)];
	const proven = causes.find((cause) => cause.proven);
	if (proven) return [proven];
	return causes.length ? causes : [{ kind: "late", waits: isNew(facts.event, facts.now), proven: false }];
}

function* causesOf(fn: Fn, { event, apps, now }: Facts): Generator<Cause> {
	const received = receivedAt(event);
	// The server tells whole seconds, and may do what it has planned 5 s late.
	const after = (time(apps.find(({ id }) => id === fn.app.id)?.createdAt) ?? 0) - received;
	const age = now - received - 5_000;
	if (fn.isArchived) yield { kind: "archived", proven: true };
	if (fn.isPaused) yield { kind: "paused", proven: true };
	if (after > 1000) yield { kind: "new app", after, proven: true };
	const conditions = triggersFor(fn, event.name).map((trigger) => trigger.if);
	const truths = conditions.map((one) => one === "" || truthOf(one, { event }));
	const open = conditions.filter((_, i) => truths[i] === undefined);
	if (!truths.includes(true))
		yield { kind: "condition", conditions: open.length ? open : conditions, proven: !open.length };
	const debounce = limitOf(fn, "debounce");
	const batch = limitOf(fn, "eventsBatch");
	if (debounce) yield { kind: "debounce", waits: age < 2 * lasting(debounce.period), proven: false };
	// The run of a batch is found by any of its events (measured).
	if (batch && age < lasting(batch.timeout)) yield { kind: "eventsBatch", waits: true, proven: false };
	if (limitOf(fn, "singleton")?.mode === "SKIP") yield { kind: "singleton", proven: false };
	if (limitOf(fn, "rateLimit")) yield { kind: "rateLimit", proven: false };
	if (event.id && event.id !== event.internal_id) yield { kind: "same id", id: event.id, proven: false };
}
const lasting = (period: string | null | undefined): number => readDuration(period ?? "") ?? 0;

/** What a condition comes to; undefined where that is not certain. */
type Truth = boolean | undefined;

/** The events that a condition may name: `event`, and `async` for the one that cancels a run. */
type Names = Readonly<Record<string, { name?: unknown; data?: unknown; user?: unknown } | undefined>>;

const TOKEN =
	/\s*("[^"\\]*"|'[^'\\]*'|-?\d{1,15}(?:\.\d+)?(?![\w.])|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|&&|\|\||[=!<>]=|[<>()])/y;

/** Whether a condition is true of these events; one of more than 1,000 characters is not read. */
export function truthOf(condition: string, names: Names): Truth {
	const text = condition.trim();
	const tokens: string[] = [];
	if (text.length > 1000) return undefined;
	for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
		const token = TOKEN.exec(text)?.[1];
		if (token === undefined) return undefined;
		tokens.push(token);
	}
	const truth = joined(tokens, names, true);
	// What is left over was not understood.
	return tokens.length ? undefined : truth;
}

/** Parts joined by || (`any`), or by &&: one true, or one false, decides however unclear the others are. */
function joined(tokens: string[], names: Names, any: boolean): Truth {
	const truths: Truth[] = [];
	do truths.push(any ? joined(tokens, names, false) : comparison(tokens, names));
	while (tokens[0] === (any ? "||" : "&&") && tokens.shift());
	if (truths.includes(any)) return any;
	return truths.includes(undefined) ? undefined : !any;
}

function comparison(tokens: string[], names: Names): Truth {
	if (tokens[0] === "(") {
		tokens.shift();
		const truth = joined(tokens, names, true);
		return tokens.shift() === ")" ? truth : undefined;
	}
	const left = operand(tokens, names);
	const sign = /^[=!<>]=?$/.test(tokens[0] ?? "") && tokens.shift();
	const right = sign ? operand(tokens, names) : left;
	if (!left || !right) return undefined;
	if (!sign) return alone(left.value);
	if (!/^[=!]/.test(sign)) return isOrdered(left.value, sign, right.value);
	const same = isEqual(left.value, right.value);
	return same === undefined || sign === "==" ? same : !same;
}

function operand(tokens: string[], names: Names): { value: unknown } | undefined {
	const token = tokens[0] ?? "";
	if (!/^[\w"'-]/.test(token)) return undefined;
	tokens.shift();
	if (/^["']/.test(token)) return { value: token.slice(1, -1) };
	if (/^[\d-]/.test(token)) return { value: Number(token) };
	if (/^(?:true|false|null)$/.test(token)) return { value: JSON.parse(token) };
	const [root = "", ...keys] = token.split(".");
	const event = fieldOf(names, root);
	if (!event || !["name", "data", "user"].includes(keys[0] ?? "")) return undefined;
	return { value: keys.reduce(fieldOf, event) };
}

const fieldOf = (value: unknown, key: string): unknown =>
	typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

/** A field without a comparison is false where the event has it not (the server's source). */
function alone(value: unknown): Truth {
	if (value == null) return false;
	return typeof value === "boolean" ? value : undefined;
}

/** Measured: a missing field equals no value, nor does "5" equal 5. By the server's source it equals null. */
function isEqual(a: unknown, b: unknown): Truth {
	if (a === undefined && b === undefined) return undefined;
	if (a == null || b == null) return a == null && b == null;
	return typeof a === "object" || typeof b === "object" ? undefined : a === b;
}

/** Measured: a missing field is not greater than anything, and what can't be compared ("5" > 3) is not true. */
function isOrdered(a: unknown, sign: string, b: unknown): Truth {
	if (a === undefined && b != null && sign.startsWith(">")) return false;
	if (typeof a === "number" && typeof b === "number") {
		if (a === b) return sign.endsWith("=");
		return sign.startsWith(">") ? a > b : a < b;
	}
	const types = [typeof a, typeof b].sort().join();
	return types === "number,string" ? false : undefined;
}

/** How a wait ended, in words. Pure. */
import { hasEnded, MOST_RUNS, type Run, runLine } from "./api.ts";
import type { Around } from "./around.ts";
import { isNotFound, SkillError } from "./errors.ts";
import { next, typed } from "./next.ts";
import { type Story, tellStory } from "./story.ts";
import { duration, type Line, lines, plural, stamp } from "./text.ts";
import type { Failure } from "./trace.ts";
import { reasons } from "./triage.ts";
import { isSettled } from "./why.ts";
import { whyLines } from "./whytext.ts";

/** What was seen by the end of a wait; `waited` is in ms. */
export interface Seen extends Around {
	runs: readonly Run[];
	waited: number;
}

/** The runs in the order in which they are told, with their stories where those were read, and errors of those that failed. */
export interface Told {
	told: readonly { run: Run; story: Story | undefined; error: unknown }[];
	errors: readonly Failure[];
	unreadErrors: number;
}

/** Where and when it is told. */
interface Telling {
	now: number;
	timeout: number;
	target: { label: string };
	signal: AbortSignal;
}

/** Runs that have a line each. */
const LINES = 20;

/** Whether it is proven that nothing starts, and nothing went on. */
export const startsNothing = ({ runs, why }: Seen): boolean => !runs.length && why !== undefined && isSettled(why);

export function seenText(seen: Seen & Told, telling: Telling, event: string | undefined, opening: Line): string {
	const { runs } = seen;
	const { now } = telling;
	const why = seen.why && seen.event ? whyLines(seen.why, seen.event, now) : [];
	if (!runs.length) return lines(opening, nothingLine(seen, telling, event), why, nothingNext(seen, telling, event));
	const open = runs.filter((run) => !hasEnded(run));
	const resumed = seen.why?.nobody?.resumed.length;
	return lines(
		opening,
		verdict(seen, telling, event !== undefined && runs.length >= MOST_RUNS),
		resumed ? why : [],
		seen.told.slice(0, LINES).flatMap((one) => toldLines(one, telling, runs.length === 1 && !open.length)),
		reasons(seen.errors),
		seen.unreadErrors > 0 && `  the errors of ${seen.unreadErrors} more that failed were not read`,
		resumed ? [] : why,
		moreLine(runs, event),
		next(
			open.length > 0 &&
				waitAgain(telling, event === undefined ? open.map((run) => run.id).join(" ") : `--event ${event}`),
		),
	);
}

/** Twice as long, a minute to ten. */
function waitAgain({ timeout }: Telling, what: string): string {
	const longer = Math.min(Math.max(timeout * 2, 60_000), 600_000);
	return `wait-for-run ${what} --timeout ${duration(longer)}`;
}

function nothingLine(seen: Seen, { target: { label }, signal }: Telling, event: string | undefined): string {
	if (isNotFound(seen.error)) return `There is no event ${event} here (${label}).`;
	if (startsNothing(seen)) return `No run started (${label}).`;
	const waited = duration(seen.waited);
	return signal.aborted
		? `Interrupted after ${waited}: no run had started (${label}).`
		: `No run started within ${waited} (${label}).`;
}

/** What may be done where no run was seen. */
function nothingNext(seen: Seen, telling: Telling, event: string | undefined): Line[] {
	const { why, error } = seen;
	if (isNotFound(error)) return [error.next];
	if (startsNothing(seen)) {
		if (why?.nobody && !why.nobody.looked) return [next(`get-event ${event}`)];
		const [cancels] = why?.nobody?.cancels ?? [];
		const name = cancels && typed(`${cancels.fn.app.id}/${cancels.fn.id}`);
		const cancelled = name && `list-runs --function ${name} --status cancelled`;
		return [next(cancelled, why?.nobody && !cancels && "list-functions (tells which events start what)")];
	}
	const unread = error && `Who listens to it could not be read: ${error.message}`;
	return event === undefined ? [unread] : [unread, next(waitAgain(telling, `--event ${event}`), `get-event ${event}`)];
}

/** `most`: as many runs as are read of one event, so that there may be more. */
function verdict({ told, waited }: Seen & Told, { now, target: { label }, signal }: Telling, most: boolean): string {
	const runs = told.map(({ run }) => run);
	const by = new Map<string, number>();
	for (const { status } of runs) by.set(status, (by.get(status) ?? 0) + 1);
	const completed = by.get("COMPLETED") ?? 0;
	const open = runs.filter((run) => !hasEnded(run)).length;
	const all = `${plural(runs.length, "run")}${most ? " that were read" : ""}`;
	if (open) {
		const how = signal.aborted ? "Interrupted" : "Still not ended";
		return `${how} after ${duration(waited)}: ${open} of ${all}; ${completed} completed (${label}).`;
	}
	const one = runs.length === 1;
	const counts = one ? [...by.keys()] : [...by].map(([status, n]) => `${n} ${status}`);
	const well = one ? "Completed" : `All ${all} completed`;
	const ended = completed === runs.length ? well : `Ended: ${counts.join(", ")}`;
	return `${ended} (waited ${duration(waited)}, until ${stamp(now)}; ${label}).`;
}

function toldLines({ run, story, error }: Told["told"][number], { now, signal }: Telling, suggest: boolean): string[] {
	if (story) return [tellStory(story, now, "", suggest)];
	const unread =
		error instanceof SkillError && !signal.aborted ? [`  its story could not be read: ${error.message}`] : [];
	return [runLine(run, now), ...unread];
}

/** What is left out of the runs that were waited for. */
function moreLine(runs: readonly Run[], event: string | undefined): Line {
	const more = runs.length - LINES;
	if (more <= 0) return undefined;
	if (event === undefined) return `… and ${plural(more, "more run")}: --json has all`;
	const least = runs.length < MOST_RUNS ? "" : " (at least)";
	return `… and ${plural(more, "more run")}${least}: get-event ${event} --limit ${Math.min(runs.length, MOST_RUNS)}`;
}

/** A wait that failed, after what was done before it; `call` waits on. */
export const brokenText = (opening: string, error: SkillError, call: string): string =>
	lines(
		opening,
		`Waiting for what it starts failed: ${error.message.replace("; nothing was sent", "")}`,
		error.next,
		next(`${call} (not the same call again)`),
	);

/** What a live run waits for, in words. Pure. */
import { AWAITED, type Wait } from "../decide/waits.ts";
import type { Fn } from "../inngest/api.ts";
import { ago, plural, quote, stamp, word, words } from "../text/text.ts";
import { attemptText } from "./causetext.ts";
import { holdsBack } from "./functiontext.ts";

/** What a wait is told with, where it is known: its function, and what it failed with before. */
interface Telling {
	now: number;
	fn?: Fn | undefined;
	after?: string | undefined;
}

/** `Sleeps in nap-a, wakes in 16m (…)`. */
export function waitLine(wait: Wait, { now, fn, after }: Telling): string {
	const when = wait.at === undefined ? "" : `${ago(wait.at, now)} (${stamp(wait.at)})`;
	if ("attempt" in wait) {
		const isAgain = wait.attempt > 1;
		const tried = attemptText(wait.attempt, fn);
		const attempt = after === undefined ? tried : `${tried}, after ${after}`;
		if (wait.kind === "executing")
			return isAgain ? `The app is executing it now, ${attempt}` : "The app is executing it now";
		if (wait.kind === "retry") return `Retries ${when} with ${attempt}`;
		return words("Waits for capacity", isAgain && `for ${attempt}`, fn && capacityText(fn));
	}
	if (wait.kind === "later") return `${wait.what === "start" ? "Starts" : "Resumes"} ${when}`;
	const what = words(awaitedText(wait), wait.step && `in ${word(wait.step)}`);
	const then = wait.kind === "sleep" ? "wakes" : "times out";
	return when ? `${what}, ${then} ${when}` : what;
}

function awaitedText(wait: Wait): string {
	switch (wait.kind) {
		case "event":
			return words("Waits for event", word(wait.event), wait.expression && conditionText(wait.expression));
		case "signal":
			return `Waits for signal ${word(wait.signal)}`;
		case "step":
			return `Waits for ${AWAITED[wait.op]}`;
		case "invoke":
			return `Waits for the run of ${wait.function ? word(wait.function) : "a function"} that it invoked`;
		default:
			return "Sleeps";
	}
}

function capacityText(fn: Fn): string {
	const limits = holdsBack(fn).join(", ");
	return limits && `(${limits})`;
}

function conditionText(expression: string): string {
	const [, value, field] = /^("[^"\\]*"|[\d.]+|true|false) == async\.(data(?:\.\w+)+)$/.exec(expression) ?? [];
	return value === undefined || field === undefined
		? `where ${quote(expression, 160)} (async is the event)`
		: `with ${field} = ${quote(value.replace(/^(\d+)\.0$/, "$1"), 80)}`;
}

/** v1 gives ten at most (measured). */
const MOST_JOBS = 10;

export function moreWaits(count: number, told: number): string[] {
	const more = count > told ? `… and ${plural(count - told, "more wait")}` : "";
	const perhaps = count >= MOST_JOBS ? `the server lists at most ${MOST_JOBS}: there may be more` : "";
	const said = [more, perhaps].filter(Boolean);
	return said.length ? [said.join("; ")] : [];
}

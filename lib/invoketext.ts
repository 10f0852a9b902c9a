/** What is said of an invocation: what to know of the function, and what came of the call where no run did. Pure. */
import type { Fn, Run } from "./api.ts";
import { ServerError, type SkillError } from "./errors.ts";
import { idleText, limitOf, limitText } from "./functiontext.ts";
import { callOf } from "./next.ts";
import type { FunctionRef } from "./params.ts";
import { type Line, named, quote, word, words } from "./text.ts";

/** What is known of the function that is invoked: itself, and its runs that go on where the new one would cancel them. */
export interface Known {
	ref: FunctionRef & { app: string };
	fn: Fn | undefined;
	going: readonly Run[];
}

/** What a singleton does where a run of it goes on: CANCEL or SKIP. */
const modeOf = (fn: Fn | undefined): string | undefined => fn && limitOf(fn, "singleton")?.mode?.toUpperCase();
export const cancelsOthers = (fn: Fn | undefined): boolean => modeOf(fn) === "CANCEL";

/** What to know before a function is invoked; `cloud`: what OSS does to it is not known there. */
export function noteLines(known: Known, cloud: boolean): Line[] {
	const { fn } = known;
	if (!fn) return [];
	const idle = idleText(fn).toLowerCase();
	return [
		idle && `Note: it is ${idle}, so nothing of it runs.`,
		limitOf(fn, "eventsBatch") &&
			`Note: it takes events in batches. ${cloud ? "Possible:" : "On this server"} one invocation runs it twice, alone and as a batch.`,
		cancelsOthers(fn) && cancelNote({ ...known, fn }, cloud),
	];
}

/**
 * An invocation reaches OSS twice, as a call and as the event that it is stored as. Of a singleton that cancels the one then
 * mostly cancels the other, which is no run of its own (measured on v1.43, dev and self-hosted: 14 of 16 ended so, at once).
 */
function cancelNote({ fn, going }: Known & { fn: Fn }, cloud: boolean): string {
	const singleton = limitOf(fn, "singleton");
	const event = fn.triggers.find(({ type }) => type === "EVENT")?.value;
	const runs = named(
		going.map(({ id }) => id),
		5,
	);
	const cancels = singleton?.key ? `possible, by its key ${quote(singleton.key, 60)}: this cancels` : "this cancels";
	return words(
		`Note: it is a singleton that cancels${runs && `; ${cancels} ${runs}`}.`,
		cloud
			? "Possible: an invoked run is cancelled at once itself."
			: "On this server an invoked run is mostly cancelled at once itself.",
		event !== undefined && `Sending its event ${word(event)} avoids that.`,
	);
}

/** What came of an invocation that was answered with no run: the server's codes, under 422 (measured on v1.43). */
export type NoRun = "later" | "limited" | "skipped";
const CODES: Record<string, NoRun> = {
	function_debounced: "later",
	rate_limited: "limited",
	function_skipped: "skipped",
};
export const noRunOf = (error: unknown): NoRun | undefined =>
	error instanceof ServerError && error.status === 422 ? CODES[error.code] : undefined;

const nameOf = ({ ref }: Known): string => word(`${ref.app}/${ref.name}`);

/** A debounced invocation runs later, though the server answers with a refusal (measured: 15 s later). */
export function laterText(known: Known, label: string): string {
	const how = (known.fn && limitText(known.fn, "debounce")) ?? "debounced";
	return `Taken, and runs later: ${nameOf(known)} waits until no more events or calls come (${how}); a later one takes the place of this one (${label}). It has no run yet.`;
}

/** The refusal of an invocation of which nothing comes. */
export function refusalOf(known: Known, what: Exclude<NoRun, "later">, error: SkillError, label: string): ServerError {
	const { ref, fn } = known;
	const runs = callOf("list-runs", [], { function: ref, ...(what === "skipped" && { status: "queued,running" }) });
	const tells = runs && `\`${runs}\` tells`;
	const done = (message: string, advice: string) => new ServerError(message, advice, 422, what);
	const nothing = `Nothing runs, now or later: ${nameOf(known)}`;
	if (what === "limited")
		return done(
			`${nothing} is over its own ${(fn && limitText(fn, "rateLimit")) ?? "rate limit"} (${label}).`,
			words("Call again once that time is over.", tells && `${tells} what ran.`),
		);
	if (fn?.isPaused) return done(`${nothing} is paused (${label}).`, "Inngest's dashboard can resume it.");
	if (fn && modeOf(fn) === "SKIP")
		return done(
			`${nothing} skips it, as a run of it goes on (${limitText(fn, "singleton")}; ${label}).`,
			words("Call again when that has ended.", tells && `${tells} which it is.`),
		);
	return done(
		`${error.message}; nothing runs.`,
		`Possible: a run of a singleton goes on${tells ? ` (${tells})` : ""}, or the function is paused.`,
	);
}

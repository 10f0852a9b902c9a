/** What is said of an invocation: what to know before, and what came of it where no run did. Pure. */

import type { Fn, Run } from "../inngest/api.ts";
import { cancelsOthers, type LimitKind, limitOf, singletonMode } from "../inngest/functions.ts";
import { ServerError } from "../text/errors.ts";
import { callOf, nameOfRef } from "../text/next.ts";
import type { FunctionRef } from "../text/nouns.ts";
import { type Line, named, quote, word, words } from "../text/text.ts";
import { idleText, limitText } from "./functiontext.ts";

/** What is known of the function that is invoked: itself, and its runs that go on where the new one would cancel them. */
export interface Known {
	ref: FunctionRef & { app: string };
	fn: Fn | undefined;
	going: readonly Run[];
}

/** What to know before; on Cloud it is not known whether what OSS does is done. */
export function noteLines({ fn, going }: Known, cloud: boolean): Line[] {
	if (!fn) return [];
	const idle = idleText(fn).toLowerCase();
	return [
		idle && `Note: it is ${idle}, so nothing of it runs.`,
		limitOf(fn, "eventsBatch") &&
			`Note: it takes events in batches. ${cloud ? "Possible:" : "On this server"} one invocation runs it twice, alone and as a batch.`,
		cancelsOthers(fn) && cancelNote(fn, going, cloud),
	];
}

/**
 * An invocation reaches OSS twice, as a call and as the event that it is stored as: of a singleton that cancels the one then
 * mostly cancels the other (measured on v1.43: 14 of 16 ended so, at once).
 */
function cancelNote(fn: Fn, going: readonly Run[], cloud: boolean): string {
	const key = limitOf(fn, "singleton")?.key;
	const event = fn.triggers.find(({ type }) => type === "EVENT")?.value;
	const ids = going.map(({ id }) => id);
	const perhaps = key ? `possible, by its key ${quote(key, 60)}: ` : "";
	const cancelled = ids.length ? `; ${perhaps}this cancels ${named(ids, 5)}` : "";
	return words(
		`Note: it is a singleton that cancels${cancelled}.`,
		cloud
			? "Possible: an invoked run is itself cancelled at once."
			: "On this server an invoked run is usually itself cancelled at once.",
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
export const noRunOf = ({ status, code }: ServerError): NoRun | undefined => (status === 422 ? CODES[code] : undefined);

const limitOr = ({ fn }: Known, kind: LimitKind, otherwise: string): string => (fn && limitText(fn, kind)) ?? otherwise;

/** A debounced invocation runs later, though the server answers with a refusal (measured: 15 s later). */
export const laterText = (known: Known, label: string): string =>
	`Accepted; runs later: ${word(nameOfRef(known.ref))} waits until no more events or calls come (${limitOr(known, "debounce", "debounced")}); a later one replaces this one (${label}). It has no run yet.`;

export function refusalOf(known: Known, what: Exclude<NoRun, "later">, error: ServerError, label: string): ServerError {
	const { ref, fn } = known;
	const runs = callOf("list-runs", [], { function: ref, status: what === "skipped" && "queued,running" });
	const tells = runs && `\`${runs}\` shows`;
	const refusal = (why: string, advice: string) =>
		new ServerError(`Nothing runs, now or later: ${word(nameOfRef(ref))} ${why}.`, advice, 422, what);
	if (what === "limited")
		return refusal(
			`is over its own ${limitOr(known, "rateLimit", "rate limit")} (${label})`,
			words("Call again once that time has passed.", tells && `${tells} what ran.`),
		);
	if (fn?.isPaused) return refusal(`is paused (${label})`, "Inngest's dashboard can resume it.");
	if (singletonMode(fn) === "SKIP")
		return refusal(
			`skips it, as one of its runs has not ended (${limitOr(known, "singleton", "")}; ${label})`,
			words("Call again when that has ended.", tells && `${tells} which it is.`),
		);
	const going = words("Possible: a singleton's run has not ended", tells && `(${tells})`);
	return new ServerError(`${error.message}; nothing runs.`, `${going}, or the function is paused.`, 422, what);
}

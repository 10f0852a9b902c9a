/** Codes by which a stream that broke off goes on, and the call that does. */
import { sameCode, shortCode } from "../gate/confirm.ts";
import type { Source } from "../gate/input.ts";
import { refusal } from "../text/errors.ts";
import { callOf, typed } from "../text/next.ts";
import { Seeds } from "./events.ts";
import { DAY } from "./stream.ts";

/**
 * `<time>-<base>-<code>@<first request>.<check>`: `code` ties it to this input, server and environment, `check` finds what was
 * copied wrongly, which would send under other seeds or leave out what never arrived.
 */
export function resumeCode({ time, base }: Seeds, first: number, code: string): string {
	const text = `${time.toString(36)}-${base}-${code}@${first}`;
	return `${text}.${shortCode(text, 4)}`;
}

/** The seeds of a stream that goes on at `now` (ms), and its first request. `code` stands for what would be sent, and where. */
export function readResume(text: string, code: string, now: number): { seeds: Seeds; first: number } {
	const match = /^([0-9a-z]{6,10})-([0-9a-f]{12})-([0-9a-z]{8})@(\d{1,9})\.[0-9a-z]{4}$/.exec(text);
	const [, time = "", base = "", bound = "", first = "0"] = match ?? [];
	const seeds = new Seeds(Number.parseInt(time, 36), base);
	if (!match || text !== resumeCode(seeds, Number(first), bound))
		throw refusal(
			"That is no resume code",
			"Copy it as it was printed, such as mb3k9x2a-0123456789ab-k7m2q9xa@12.c4n8.",
		);
	if (!sameCode(bound, code))
		throw refusal(
			"That resume code belongs to another input, server or environment",
			"Give the same input in the same order, on the same server.",
		);
	if (now - seeds.time >= DAY)
		throw refusal(
			"That resume code is 24 h old or more: the server no longer knows what has arrived",
			"Compare with `list-events` what is missing, and send that alone.",
		);
	if (seeds.time - now > DAY)
		throw refusal(
			"By this machine's clock that resume code is from more than 24 h ahead",
			"Set the clock right, and call again.",
		);
	return { seeds, first: Number(first) };
}

/** The call that resumes; undefined where its input is standard input, or too long to be repeated. */
export function callAgain({ again }: Source, skipInvalid: boolean, resume: string): string | undefined {
	const input = again === undefined ? undefined : typed(again);
	return input === undefined ? undefined : callOf("send-events", [input], { skipInvalid, resume });
}

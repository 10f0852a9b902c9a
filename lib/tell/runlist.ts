/** Long lists of runs, and the flags with which another call looks at the same runs. */

import type { Target } from "../gate/target.ts";
import { pages, Run, type RunFilter } from "../inngest/api.ts";
import type { Context } from "../intent.ts";
import { SkillError } from "../text/errors.ts";
import { callOf } from "../text/next.ts";
import { ENDS, type Status } from "../text/nouns.ts";
import { ago, type Line, plural, time } from "../text/text.ts";
import type { Request } from "../wire/request.ts";

/** What has ended is asked for by its end: it may have begun before the window. */
export const byEnd = (statuses: readonly Status[] | undefined): boolean =>
	statuses?.every((status) => ENDS.includes(status)) === true;

/** What a long list has been read of, and why not more: empty where it was read to its end. */
export interface Reading {
	read: number;
	stopped: string;
	/** When the last run that was read ended, or was queued (ms). */
	oldest?: number | undefined;
}

export const notRead = (what: string, { message }: SkillError): string =>
	`${what} could not be read: ${message.replace(/\.$/, "")}`;

/** Hands up to `max` runs of a list to `take`; Ctrl-C and a server that fails end it early. Throws where nothing could be read. */
export async function readRuns(
	{ api, progress, signal }: Pick<Context, "api" | "progress" | "signal">,
	request: Request,
	{ max, noun }: { max: number; noun: string },
	take: (run: Run) => void,
): Promise<Reading> {
	let read = 0;
	let oldest: number | undefined;
	try {
		for await (const page of pages(api, request, Run)) {
			if (read && signal.aborted) return { read, stopped: "interrupted" };
			const taken = page.slice(0, max - read);
			taken.forEach(take);
			read += taken.length;
			oldest = taken.reduce((last, run) => time(run.endedAt) ?? time(run.queuedAt) ?? last, oldest);
			const all = plural(read, noun);
			progress(`${all} read`);
			if (taken.length < page.length) {
				const newest = read === 1 ? `${noun} was` : `${all} were`;
				return { read, stopped: `only the newest ${newest} read (--max)` };
			}
		}
	} catch (error) {
		if (!(error instanceof SkillError) || !read) throw error;
		return { read, stopped: signal.aborted ? "interrupted" : notRead(`older ${noun}s`, error) };
	}
	return { read, stopped: "", oldest };
}

export const filterFlags = ({ function: fn, app, since, until }: RunFilter) => ({
	function: fn && { app: fn.app ?? app, name: fn.name },
	app: fn ? undefined : app,
	since: since?.replace(".000Z", "Z"),
	until: until?.replace(".000Z", "Z"),
});

/** The flags of a filter, ` --app shop --since …`; undefined where a name in it can't be typed. */
export const flagsOf = (filter: RunFilter): string | undefined => callOf("", [], filterFlags(filter));

const HOUR = 3_600_000;
/** How long runs and events are kept, in ms: 24 h (free), 7 d (pro), 14 d (business), by the documentation of 2026. */
const KEPT = [24 * HOUR, 7 * 24 * HOUR, 14 * 24 * HOUR];

/** What was asked for and found, in ms since the epoch. */
export interface Reach {
	now: number;
	/** How far back it was to go: as far as there is anything, unless said. */
	since: number | undefined;
	/** The oldest that there was. */
	oldest: number | undefined;
}

/** Where an answer may lack what the account's plan no longer keeps: not what is shown to be kept for longer. */
export function historyLine({ kind }: Pick<Target, "kind">, { now, since, oldest }: Reach): Line {
	if (kind !== "cloud") return undefined;
	// What is just too old may not have been cleared away yet.
	const kept = KEPT.find((one) => now - (oldest ?? now) < one + HOUR);
	const from = since ?? oldest ?? 0;
	return (
		kept !== undefined &&
		now - from > kept &&
		`History before ${ago(now - kept, now)} may be gone: Inngest Cloud keeps it for 24 h (free), 7 d (pro) or 14 d (business).`
	);
}

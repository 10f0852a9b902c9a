/** Long lists of runs, and the flags with which another call looks at the same runs. */

import { pages, Run, type RunFilter } from "../inngest/api.ts";
import type { Context } from "../intent.ts";
import { SkillError } from "../text/errors.ts";
import { callOf } from "../text/next.ts";
import { ENDS, type Status } from "../text/nouns.ts";
import { plural, time } from "../text/text.ts";
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

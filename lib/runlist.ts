/** Long lists of runs: reading them, and the flags with which another call looks at the same runs. */
import { pages, Run, type RunFilter } from "./api.ts";
import { SkillError } from "./errors.ts";
import type { Context } from "./intent.ts";
import { typed } from "./next.ts";
import { LIVE, type Status } from "./params.ts";
import type { Request } from "./request.ts";
import { plural } from "./text.ts";

/** A list of runs is by their end where none that goes on is asked for: one may have begun before the window. */
export const byEnd = (statuses: readonly Status[] | undefined): boolean =>
	statuses !== undefined && !statuses.some((status) => LIVE.includes(status));

/** What a long list has been read of, and why not more: empty where it was read to its end. */
export interface Reading {
	read: number;
	stopped: string;
}

/**
 * Hands the runs of a list to `take`, as it comes, `max` of them at most; Ctrl-C and a server that fails end it early.
 * Throws where nothing could be read.
 */
export async function readRuns(
	{ api, progress, signal }: Pick<Context, "api" | "progress" | "signal">,
	request: Request,
	{ max, noun }: { max: number; noun: string },
	take: (run: Run) => void,
): Promise<Reading> {
	let read = 0;
	const cut = () => `only the newest ${read === 1 ? `${noun} was` : `${plural(read, noun)} were`} read (--max)`;
	try {
		for await (const page of pages(api, request, Run)) {
			if (read && signal.aborted) return { read, stopped: "interrupted" };
			const taken = page.slice(0, max - read);
			for (const run of taken) take(run);
			read += taken.length;
			progress(`${plural(read, noun)} read`);
			if (taken.length < page.length) return { read, stopped: cut() };
		}
	} catch (error) {
		if (!(error instanceof SkillError) || !read) throw error;
		const why = `older ${noun}s could not be read: ${error.message.replace(/\.$/, "")}`;
		return { read, stopped: signal.aborted ? "interrupted" : why };
	}
	return { read, stopped: "" };
}

/** A time as RFC 3339 as short as it can be told. */
export const moment = (iso: string): string => iso.replace(".000Z", "Z");

/** The flags of a filter, ` --app shop --since …`; undefined where a name in it can't be typed. */
export function flagsOf({ function: fn, app, since, until }: RunFilter): string | undefined {
	const name = fn && typed([fn.app ?? app, fn.name].filter(Boolean).join("/"));
	const only = fn || app === undefined ? undefined : typed(app);
	if ((fn && name === undefined) || (!fn && app !== undefined && only === undefined)) return undefined;
	const flags = [
		["--function", name],
		["--app", only],
		["--since", since && moment(since)],
		["--until", until && moment(until)],
	];
	return flags.flatMap(([flag, value]) => (value === undefined ? [] : [` ${flag} ${value}`])).join("");
}

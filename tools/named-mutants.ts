/** Mutants that must all be killed: mistakes that would do harm, whether or not a sample includes them. */
export interface NamedMutant {
	name: string;
	file: string;
	/** The exact text, which occurs once in the file. */
	find: string;
	replace: string;
}

export const NAMED: readonly NamedMutant[] = [
	{
		name: "send-event: an archived environment's functions are expected to start",
		file: "lib/inngest/place.ts",
		find: "if (!withIts) return listening;",
		replace: "return listening;",
	},
	{
		name: "replay-runs: one replay for an event, not for each function of it",
		file: "lib/decide/replayplan.ts",
		find: "run.function.id} ",
		replace: "run.app.id} ",
	},
	{
		name: "replay-runs: runs without an event are replayed",
		file: "lib/decide/replayplan.ts",
		find: "else if (eventOf(run) === undefined) sorted.withoutEvent.push(run);",
		replace: "",
	},
	{
		name: "replay-run: runs started by cron are replayed on Cloud",
		file: "handlers/replay-run.ts",
		find: "run.trigger?.cronSchedule && cloud",
		replace: "false",
	},
	{
		name: "send-events: a resume code holds for a hundred days",
		file: "lib/sending/stream.ts",
		find: "KNOWN = DAY",
		replace: "KNOWN = 100 * DAY",
	},
	{
		name: "send-events: the parts of a request have other ids than the whole",
		file: "lib/sending/events.ts",
		find: "readUInt32BE(6) + from)",
		replace: "readUInt32BE(6) + 600 * from)",
	},
	{
		name: "report-health: CANCELLED counts among durations",
		file: "lib/tell/health.ts",
		find: '["CANCELLED", "SKIPPED"].includes(run.status) ? undefined : tookOf(run)',
		replace: "tookOf(run)",
	},
	{
		name: "report-health: the nearest rank by floor",
		file: "lib/decide/trend.ts",
		find: "Math.ceil(q * sorted.length)",
		replace: "Math.floor(q * sorted.length)",
	},
	{
		name: "list-events: only 200 are looked through",
		file: "lib/gather/lists.ts",
		find: "SEARCHED = 2000",
		replace: "SEARCHED = 200",
	},
	{
		name: "list-runs: a page repeats the run that the page before ended with",
		file: "lib/inngest/api.ts",
		find: 'cursor !== undefined && Buffer.from(cursor, "base64").includes(run.id)',
		replace: "false",
	},
	{
		name: "bulk: a set a thousand times as large",
		file: "lib/work/select.ts",
		find: "LARGEST = 100_000",
		replace: "LARGEST = 100_000_000",
	},
	{
		name: "bulk: goes on when the server is gone",
		file: "lib/work/bulk.ts",
		find: "signal.aborted || gone >= IN_FLIGHT",
		replace: "signal.aborted",
	},
	{
		name: "replays: asked for again after 200 or 504",
		file: "lib/work/replay.ts",
		find: " && ![200, 504].includes(asked.status)",
		replace: "",
	},
	{
		name: "replays: asked for again after one look in vain",
		file: "lib/work/replay.ts",
		find: "LOOKS = 3",
		replace: "LOOKS = 1",
	},
	{
		name: "watch: a rise that the slot before told is told again",
		file: "lib/decide/watch.ts",
		find: "one.before.slice(last?.tally.ended ?? 0)",
		replace: "one.before",
	},
	{
		name: "watch: what ended in the slot counts among the known past, so that nothing is new",
		file: "lib/decide/watch.ts",
		find: "past?.runs.filter((run) => endOf(run) < slot.from)",
		replace: "past?.runs",
	},
	{
		name: "report-health: slices that were read whole count as far as their last run",
		file: "lib/gather/past.ts",
		find: "page.more && !readsOn(read, at)",
		replace: "!readsOn(read, at)",
	},
	{
		name: "sending: what can't be known to be awaited is taken for not awaited",
		file: "lib/gather/foresee.ts",
		find: "return jobs.length < 10 && !jobs.some(isBare);",
		replace: "return true;",
	},
	{
		name: "get-event: a trace that could not be read counts as searched",
		file: "lib/gather/reach.ts",
		find: "whole: whole && checked === runs.length",
		replace: "whole: whole && !left.size",
	},
	{
		name: "lists: a page of OSS with an item that can't be read is taken for the last",
		file: "lib/inngest/eventlist.ts",
		find: "data.length + oddOf(data) >= limit",
		replace: "data.length >= limit",
	},
	{
		name: "get-run: any event of that name may have cancelled it, before it was queued, too",
		file: "lib/gather/siblings.ts",
		find: "cameBy(run, at) && fn",
		replace: "fn",
	},
	{
		name: "functions: a trigger with a wildcard matches nothing",
		file: "lib/decide/cel.ts",
		find: "(/[/.]\\*$/.test(value) && name.startsWith(value.slice(0, -1)))",
		replace: "false",
	},
	{
		name: "times: a --since in the future is taken",
		file: "lib/cli/args.ts",
		find: "Number(from) > now + 60_000",
		replace: "false",
	},
];

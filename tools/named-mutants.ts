/** Mutants that must each be killed: mistakes that would do harm, whatever a sample holds. */
export interface NamedMutant {
	name: string;
	file: string;
	/** The exact text, which the file has once. */
	find: string;
	replace: string;
}

export const NAMED: readonly NamedMutant[] = [
	{
		name: "cancel-runs: the one-request cancellation, though only QUEUED was asked for",
		file: "handlers/cancel-runs.ts",
		find: "p.status.join() === LIVE.join() &&",
		replace: "",
	},
	{
		name: "cancel-runs: also what began since the plan was made",
		file: "handlers/cancel-runs.ts",
		find: "new Date(planned)",
		replace: "new Date(context.now)",
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
		find: "DAY = 24 *",
		replace: "DAY = 2400 *",
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
		file: "handlers/list-events.ts",
		find: "LOOKED = 2000",
		replace: "LOOKED = 200",
	},
	{
		name: "list-runs: a page repeats the run that the page before ended with",
		file: "handlers/list-runs.ts",
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
		name: "functions: a trigger with a wildcard matches nothing",
		file: "lib/decide/why.ts",
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

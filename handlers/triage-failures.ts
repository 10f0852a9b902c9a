import * as z from "zod/mini";
import { appFlag, count, flag, functionFlag, sinceDay, until } from "../lib/cli/params.ts";
import { Failures, type Group } from "../lib/decide/triage.ts";
import { countReplays, locate } from "../lib/gather/locate.ts";
import { allOf, inParallel, listRunsRequest, type RunFilter } from "../lib/inngest/api.ts";
import { checkExists, resolveFunction } from "../lib/inngest/functions.ts";
import { composed, type Words } from "../lib/intent.ts";
import { flagsOf, historyLine, type Reading, readRuns } from "../lib/tell/runlist.ts";
import { groupLines, nextCalls, type Shown, unseenLines } from "../lib/tell/triagetext.ts";
import { type Line, plural, span } from "../lib/text/text.ts";
import type { Api } from "../lib/wire/client.ts";

const MOST = 50;
/** Requests at most, on Cloud, to tell the steps of a group apart and to look for replays: limits are per account. */
const DETAILS = 30;

const params = z.object({
	since: sinceDay(),
	until: until(),
	function: functionFlag(),
	app: appFlag(),
	limit: flag(z._default(count(1, MOST), 8), "groups shown, 1 to 50 (default 8)", "N"),
	max: flag(z._default(count(1, 1_000_000), 100_000), "failures read at most (default 100000)", "N"),
});

export default composed({
	params,
	async run(p, context) {
		const { api, target, now } = context;
		const fn = p.function && (await resolveFunction(api, p.function, p.app));
		const filter = { ...p, status: ["FAILED"] as const, by: "endedAt" as const, function: fn };
		const failures = new Failures();
		const request = listRunsRequest(filter, { limit: 100, includeOutput: "true" });
		const reading = await readRuns(context, request, { max: p.max, noun: "failure" }, (run) => failures.add(run));
		if (!failures.total) await checkExists(api, filter);
		const groups = failures.list();
		const shown = await lookUp(api, groups.slice(0, p.limit), target.kind === "cloud");
		const window = `${span(p.since, p.until, now)} (${target.label})`;
		const history =
			!reading.stopped && historyLine(target, { now, since: Date.parse(p.since), oldest: reading.oldest });
		return {
			...(failures.total
				? tell({ failures, groups, shown, reading, filter, now, window, history })
				: { lines: [`No run failed ${window}.`, history] }),
			data: {
				total: failures.total,
				complete: reading.stopped === "",
				groups: shown.map(({ group, replays }) => ({
					...group,
					of: undefined,
					recent: undefined,
					samples: undefined,
					replays,
				})),
			},
		};
	},
});

async function lookUp(api: Api, groups: readonly Group[], isCloud: boolean): Promise<Shown[]> {
	const budget = { left: isCloud ? DETAILS : Number.POSITIVE_INFINITY };
	const parts = allOf(await inParallel(groups, 3, (group) => locate(api, group, budget))).flat();
	const shown: Shown[] = [];
	for (const group of parts) {
		// What a group does not use is the next ones'.
		const most = Math.floor(budget.left / (parts.length - shown.length));
		const { replays, spent } = await countReplays(api, group, isCloud, most);
		budget.left -= spent;
		shown.push({ group, replays });
	}
	return shown;
}

interface Told {
	failures: Failures;
	groups: readonly Group[];
	shown: readonly Shown[];
	reading: Reading;
	filter: RunFilter & { since: string; limit: number };
	now: number;
	window: string;
	history: Line;
}

function tell({ failures: { total, other }, groups, shown, reading, filter, now, window, history }: Told): Words {
	const hidden = groups.slice(filter.limit);
	const rest = hidden.reduce((sum, group) => sum + group.count, other);
	const functions = plural(new Set(groups.map((group) => group.function)).size, "function");
	const most = other ? "more than " : "";
	const since = Date.parse(filter.since);
	const whole = { total, since, until: filter.until === undefined ? now : Date.parse(filter.until), now };
	const further = filter.limit < MOST ? `--limit ${MOST}` : "narrow it with --function, --app or --since";
	const from = new Date(Math.floor(since / 1000) * 1000).toISOString();
	return {
		lines: [
			`${plural(total, "failed run")} of ${functions} in ${most}${plural(shown.length + hidden.length, "group")}, ended ${window}`,
			reading.stopped && `Not all: ${reading.stopped}.`,
			shown.flatMap((one, i) => groupLines(one, i, whole)),
			new Set(shown.map(({ group }) => group.code)).size < shown.length &&
				"A group code covers the same error in any step: replaying it replays all that have it.",
			unseenLines(shown),
			history,
			rest > 0 && `… ${most}${plural(hidden.length, "more group")} with ${plural(rest, "failure")}: ${further}.`,
		],
		next: nextCalls(shown, flagsOf({ ...filter, since: from })),
	};
}

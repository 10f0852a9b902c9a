import * as z from "zod/mini";
import { count, flag, intent, lasting, scope, sinceDay, timesOrDeploy } from "../lib/cli/params.ts";
import { Failures, groupData, groupsData } from "../lib/decide/triage.ts";
import { comparison, lookUp, PAGES } from "../lib/gather/failures.ts";
import { timely } from "../lib/gather/foresee.ts";
import { PAGE, readFilter, readRuns } from "../lib/gather/lists.ts";
import { reachOf, retryingIn } from "../lib/gather/past.ts";
import { filterFlags, lengthOf, listRunsRequest, windowOf } from "../lib/inngest/api.ts";
import { checkExists } from "../lib/inngest/functions.ts";
import type { Context, Words } from "../lib/intent.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import {
	againstText,
	briefLines,
	comparedGroups,
	failedText,
	groupLines,
	MOST_GROUPS,
	nextCalls,
	pastLines,
	restLine,
	retryingLines,
	type ShownGroup,
	unseenLines,
} from "../lib/tell/triagetext.ts";
import { noted } from "../lib/text/errors.ts";
import { callOf } from "../lib/text/nouns.ts";
import { DAY, iso, type Line, MINUTE, span } from "../lib/text/text.ts";

/** By default, this many groups are shown, and of further ones this many in a line each. */
const SHOWN = 8;
const IN_BRIEF = 12;

const params = z.object({
	...timesOrDeploy(sinceDay()),
	against: flag(
		z.optional(lasting(MINUTE, 90 * DAY, "previous")),
		"compare with this long before the window, or as long as it (previous): which groups are new, known, gone or over",
		"PAST",
	),
	...scope(),
	limit: flag(
		z._default(count(1, MOST_GROUPS), SHOWN),
		"groups shown, 1 to 50 (default 8; without --against, 12 more in brief)",
		"N",
	),
	max: flag(z._default(count(1, 1_000_000), 100_000), "read at most N failures (default 100000)", "N"),
});
type Params = z.output<typeof params>;

export default intent({
	params,
	async run(given, context) {
		const { p, line } = await readFilter(context, given);
		const read = await gather(p, context);
		return { ...tell(read, line, context), data: dataOf(read), missing: read.missing };
	},
});

type Read = Awaited<ReturnType<typeof gather>>;

async function gather(p: Params, context: Context) {
	const { api, target, now } = context;
	const filter = { ...p, status: ["FAILED"] as const, by: "endedAt" as const };
	const window = windowOf(p, now);
	const failures = new Failures(p.against === undefined ? undefined : window);
	const request = listRunsRequest(filter, { limit: PAGE, includeOutput: "true" });
	const max = p.against === undefined ? p.max : Math.min(p.max, PAGES.now * PAGE);
	const by = max < p.max ? "--against" : "--max";
	const reading = await readRuns(context, request, { max, by, noun: "failure" }, (run) => failures.add(run));
	if (!failures.total) await checkExists(api, filter);
	const groups = failures.list();
	const facts = { filter, window, groups, isWhole: !reading.stopped && !failures.other, read: reading.read };
	const against =
		p.against === undefined
			? undefined
			: await comparison(context, facts, p.against === "previous" ? lengthOf(window) : p.against);
	const shown: readonly ShownGroup[] = against
		? comparedGroups(against)
		: await lookUp(api, groups.slice(0, p.limit), reading.stopped ? undefined : window, target.kind === "cloud");
	const past = against?.past ?? { from: window.from, oldest: reading.oldest };
	const isWhole = against ? past.oldest === undefined : !reading.stopped;
	const reach = await reachOf(context, past.from, past.oldest ?? reading.oldest, isWhole);
	const history = !reading.stopped && historyLine(context, reach);
	// Of many failures, none of the requests that it takes is worth it.
	const isFew = p.until === undefined && !against && !reading.stopped && failures.total < PAGE;
	const missing: string[] = [];
	const retrying = isFew
		? await retryingIn(timely(context), filter, missing).catch(noted(missing, "Which live runs are retried"))
		: undefined;
	return { filter, window, failures, reading, groups, against, shown, history, retrying, missing };
}

function dataOf({ failures, reading, groups, against, shown, retrying }: Read) {
	return {
		total: failures.total,
		complete: reading.stopped === "",
		groups: groupsData(against?.sorted ?? groups.map((group) => ({ group })), shown),
		retrying,
		...(failures.other && { inOtherGroups: failures.other }),
		...(against && {
			past: { since: against.past.from, until: against.past.until, oldest: against.past.oldest },
			gone: (against.absent ?? []).map(({ group, state }) => ({ ...groupData(group), state })),
		}),
	};
}

function tell(read: Read, line: Line, { now, target: { label } }: Context): Words {
	const { filter, window, failures, reading, groups, against, shown, history, retrying, missing } = read;
	const { total, other } = failures;
	const compared = against ? againstText(against, filter) : "";
	const what = total ? failedText(total, groups, other, compared !== "") : "No run failed";
	const open = retryingLines(retrying);
	const early = reading.stopped ? Infinity : window.from + (now - window.from) / 10;
	const whole = { total, now, early };
	const hidden = (against?.sorted.map(({ group }) => group) ?? groups).slice(filter.limit);
	const brief = against || filter.limit !== SHOWN ? [] : hidden.splice(0, IN_BRIEF);
	const live = { ...filterFlags({ ...filter, since: undefined }), status: "running", withWaits: true };
	const since = iso(Math.floor(window.from / 1000) * 1000);
	return {
		lines: [
			`${what} ${span(filter.since, filter.until, now)}${compared} (${label})${total ? "" : "."}`,
			line,
			reading.stopped && `Not all: ${reading.stopped}.`,
			shown.flatMap((one, i) => groupLines(one, i + 1, whole)),
			briefLines(brief, SHOWN + 1, whole),
			unseenLines(shown),
			open,
			against && pastLines(against, shown.length > 0 && window, now, filter),
			history,
			restLine(hidden, other, filter.limit, brief.length),
		],
		next: total
			? nextCalls(shown, { ...filter, since })
			: [open.length + missing.length > 0 && callOf("list-runs", [], live)],
	};
}

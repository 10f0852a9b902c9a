import * as z from "zod/mini";
import { count, flag, intent, lasting, scope, sinceDay, timesOrDeploy } from "../lib/cli/params.ts";
import { Failures, type Group, type GroupStanding, groupData, standingData } from "../lib/decide/triage.ts";
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
	comparedGroups,
	groupLines,
	nextCalls,
	pastLines,
	retryingLines,
	type ShownGroup,
	unseenLines,
} from "../lib/tell/triagetext.ts";
import { noted } from "../lib/text/errors.ts";
import { callOf } from "../lib/text/nouns.ts";
import { DAY, iso, joined, type Line, MINUTE, plural, span, sum } from "../lib/text/text.ts";

const MOST = 50;
const params = z.object({
	...timesOrDeploy(sinceDay()),
	against: flag(
		z.optional(lasting(MINUTE, 90 * DAY, "previous")),
		"compare with this long before the window, or as long as it (previous): which groups are new, known, gone or over",
		"PAST",
	),
	...scope(),
	limit: flag(z._default(count(1, MOST), 8), "groups shown, 1 to 50 (default 8)", "N"),
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

/** All groups; those shown with all that is known of them. */
function groupsData(all: readonly { group: Group; standing?: GroupStanding }[], shown: readonly ShownGroup[]) {
	return all.map(({ group, standing }) => {
		const known: Partial<ShownGroup> = shown.find((one) => one.group.code === group.code) ?? {};
		const compared = standing && { ...known.compared, standing: standingData(standing) };
		return { ...known, group: undefined, ...groupData(known.group ?? group), ...(compared && { compared }) };
	});
}

function tell(read: Read, line: Line, { now, target: { label } }: Context): Words {
	const { filter, window, failures, reading, groups, against, shown, history, retrying, missing } = read;
	const { total } = failures;
	const said = span(filter.since, filter.until, now);
	const compared = against ? againstText(against, filter) : "";
	const past = against && pastLines(against, shown.length > 0 && window, now, filter);
	const open = retryingLines(retrying);
	if (!total) {
		const asked = { ...filterFlags({ ...filter, since: undefined }), status: "running", withWaits: true };
		return {
			lines: [`No run failed ${said}${compared} (${label}).`, line, open, past, history],
			next: [open.length + missing.length > 0 && callOf("list-runs", [], asked)],
		};
	}
	const functions = new Set(groups.map((one) => one.function)).size;
	const least = leastText(read);
	const of = compared ? "" : ` of ${least}${plural(functions, "function")}`;
	const what = `${plural(total, "failed run")}${of} in ${least}${plural(groups.length, "group")}`;
	const since = iso(Math.floor(window.from / 1000) * 1000);
	return {
		lines: [
			`${what}${compared ? "" : ", ended"} ${said}${compared} (${label})`,
			line,
			reading.stopped && `Not all: ${reading.stopped}.`,
			shownLines(read, now),
			unseenLines(shown),
			open,
			past,
			history,
			restLine(read),
		],
		next: nextCalls(shown, { ...filter, since }),
	};
}

/** Some failures are in groups that are not known. */
const leastText = ({ failures }: Read): string => (failures.other ? "at least " : "");

function shownLines({ failures, reading, shown, window }: Read, now: number): Line[] {
	const whole = {
		total: failures.total,
		now,
		early: reading.stopped ? Infinity : window.from + (now - window.from) / 10,
	};
	return shown.flatMap((one, i) => groupLines(one, i + 1, whole));
}

/** What is omitted, and how to see it. */
function restLine(read: Read): Line {
	const { filter, failures, groups, against } = read;
	const hidden = (against?.sorted.map(({ group }) => group) ?? groups).slice(filter.limit);
	const rest = failures.other + sum(hidden, (group) => group.count);
	const further = joined(
		", then ",
		filter.limit < MOST && `--limit ${MOST}`,
		groups.length > MOST && "narrow it with --function, --app or --since",
	);
	const more = `${leastText(read)}${plural(hidden.length, "more group")}`;
	return rest > 0 && `… ${more} with ${plural(rest, "failure")}: ${further}.`;
}

import * as z from "zod/mini";
import {
	appFlag,
	count,
	flag,
	functionFlag,
	intent,
	lasting,
	sinceDay,
	sinceDeploy,
	until,
} from "../lib/cli/params.ts";
import {
	Failures,
	type Group,
	type GroupStanding,
	groupData,
	groupStanding,
	ORDER,
	type Past,
	type State,
	standingData,
	stateOf,
} from "../lib/decide/triage.ts";
import { groupsIn } from "../lib/decide/watch.ts";
import { type Budget, counting, PAGE, type Reading, readFilter, readRuns } from "../lib/gather/lists.ts";
import { countReplays, locate, UNSPLIT } from "../lib/gather/locate.ts";
import {
	allOf,
	endOf,
	inParallel,
	listRuns,
	listRunsRequest,
	type RunFilter,
	type Window,
	within,
} from "../lib/inngest/api.ts";
import { checkExists, lastSyncOf, listApps } from "../lib/inngest/functions.ts";
import type { Context, Words } from "../lib/intent.ts";
import { afterSync, historyLine } from "../lib/tell/runlist.ts";
import {
	type AgainstPast,
	againstText,
	groupLines,
	nextCalls,
	pastLines,
	type ShownGroup,
	unseenLines,
} from "../lib/tell/triagetext.ts";
import { sum } from "../lib/text/lists.ts";
import { DONE } from "../lib/text/nouns.ts";
import { DAY, iso, type Line, plural, span, time } from "../lib/text/text.ts";
import type { Api } from "../lib/wire/client.ts";

const MOST = 50;
/** Requests at most, on Cloud, to tell steps apart and look for replays: limits are per account. */
const DETAILS = 30;
/** A comparison's requests at most; pages of failures among them, now and before; what a group's place may take. */
const REQUESTS = 120;
const PAGES = { now: 40, past: 20 };
const PLACE = 10;
const PERHAPS: GroupStanding = { kind: "perhaps" };

const params = z.object({
	since: sinceDay(),
	sinceDeploy: sinceDeploy(),
	until: until(),
	against: flag(
		z.optional(lasting(60_000, 90 * DAY)),
		"compare with this long before the window: which groups are new, known, gone or over",
		"DURATION",
	),
	function: functionFlag(),
	app: appFlag(),
	limit: flag(z._default(count(1, MOST), 8), "groups shown, 1 to 50 (default 8)", "N"),
	max: flag(z._default(count(1, 1_000_000), 100_000), "failures read at most (default 100000)", "N"),
});

export default intent({
	params,
	async run(given, context) {
		const { api, target, now } = context;
		const { p, line } = await readFilter(context, given);
		const filter = { ...p, status: ["FAILED"] as const, by: "endedAt" as const };
		const window = { from: Date.parse(p.since), until: time(p.until) ?? now };
		const failures = new Failures(p.against === undefined ? undefined : window);
		const request = listRunsRequest(filter, { limit: PAGE, includeOutput: "true" });
		const max = p.against === undefined ? p.max : Math.min(p.max, PAGES.now * PAGE);
		const by = max < p.max ? "--against" : "--max";
		const reading = await readRuns(context, request, { max, by, noun: "failure" }, (run) => failures.add(run));
		if (!failures.total) await checkExists(api, filter);
		const groups = failures.list();
		const facts = { filter, window, groups, isWhole: !reading.stopped && !failures.other, read: reading.read };
		const compared = p.against === undefined ? undefined : await compare(context, facts, p.against);
		const shown = compared?.shown ?? (await lookUp(api, groups.slice(0, p.limit), target.kind === "cloud"));
		const history = !reading.stopped && historyLine(target, { now, since: window.from, oldest: reading.oldest });
		const past = compared?.against.past;
		const all = compared?.all ?? [...shown, ...groups.slice(p.limit).map((group) => ({ group }))];
		return {
			...tell({
				failures,
				groups,
				shown,
				reading,
				filter,
				window,
				now,
				label: target.label,
				history,
				line,
				...compared,
			}),
			data: {
				total: failures.total,
				complete: reading.stopped === "",
				groups: all.map(({ group, ...rest }) => ({ ...groupData(group), ...rest })),
				...(failures.other && { inOtherGroups: failures.other }),
				...(past && {
					past: { since: past.from, until: past.until, oldest: past.oldest },
					gone: compared?.gone,
				}),
			},
		};
	},
});

async function lookUp(api: Api, groups: readonly Group[], isCloud: boolean): Promise<ShownGroup[]> {
	const budget = { left: isCloud ? DETAILS : Infinity };
	const parts = allOf(await inParallel(groups, 3, (group) => locate(api, group, budget))).flat();
	const shown: ShownGroup[] = [];
	for (const group of parts) {
		// What a group does not use is the next ones'.
		const most = Math.floor(budget.left / (parts.length - shown.length));
		const { replays, spent } = await countReplays(api, group, isCloud, most);
		budget.left -= spent;
		shown.push({ group, replays });
	}
	return shown;
}

/** What is compared: the window's failures, `read` of them, and whether these are all. */
interface Facts {
	filter: RunFilter & { since: string; limit: number };
	window: Window;
	groups: readonly Group[];
	isWhole: boolean;
	read: number;
}

/** `shown` and `against` are told; `all` groups and all that are `gone` are for `--json`. */
async function compare(context: Context, facts: Facts, length: number) {
	const { filter, window, groups, isWhole } = facts;
	const budget = { left: REQUESTS - Math.ceil(facts.read / PAGE) };
	const counted = { ...context, api: counting(context.api, budget) };
	const { api } = counted;
	const { past, stopped } = await readPast(counted, facts, length, budget);
	const synced = context.target.kind === "cloud";
	const syncs = synced ? (await listApps(api)).flatMap(lastSyncOf) : [];
	const standing = new Map(groups.map((group) => [group, groupStanding(group, window, past)]));
	const sorted = ORDER.flatMap((kind) => groups.filter((group) => standing.get(group)?.kind === kind));
	const top = sorted.slice(0, filter.limit);
	const absent = past.groups.filter(({ code }) => !groups.some((group) => group.code === code));
	const gone = isWhole ? absent.slice(0, Math.ceil(filter.limit / 2)) : [];
	const states = await statesOf(api, [...top, ...gone], window, budget);
	const may = Math.floor(budget.left / PLACE);
	const located = await inParallel(top, 3, async (group, i) => (i < may ? locate(api, group, UNSPLIT) : []));
	const shown = top.map((group, i) => {
		const how = standing.get(group) ?? PERHAPS;
		const after = isWhole && how.kind !== "known" ? afterSync(syncs, group.of.app, group.first) : undefined;
		const [place = { ...group, where: [], read: 0 }] = located[i]?.value ?? [];
		return { group: place, replays: undefined, compared: { standing: how, state: states(group), after } };
	});
	const all = sorted.map((group) => {
		const { group: place = group, compared } = shown.find((one) => one.group.code === group.code) ?? {};
		return { group: place, compared: { ...compared, standing: standingData(standing.get(group) ?? PERHAPS) } };
	});
	const against: AgainstPast = {
		standings: [...standing.values()].map(({ kind }) => kind),
		past,
		stopped,
		synced,
		gone: gone.map((group) => ({ group, state: states(group) })),
		more: isWhole ? absent.length - gone.length : undefined,
	};
	const data = (group: Group) => ({ ...groupData(group), state: states(group) });
	return { shown, against, all, gone: isWhole ? absent.map(data) : [] };
}

/** The failures before the window; of functions whose groups are not in the newest of them, by themselves. */
async function readPast(context: Context, { filter, window, groups }: Facts, length: number, budget: Budget) {
	const { api } = context;
	const span = { from: window.from - length, until: window.from };
	const before = { ...filter, ...within(span) };
	const failures = new Failures();
	const asked = listRunsRequest(before, { limit: PAGE, includeOutput: "true" });
	const most = { max: PAGES.past * PAGE, noun: "failure", by: "--against" };
	const { stopped } = await readRuns(context, asked, most, (run) => endOf(run) < window.from && failures.add(run));
	// Two: see oldestEver in lib/gather/past.
	const first = await listRuns(api, { ...before, status: DONE }, { order: "ASC", limit: 2 });
	const oldest = first.data.map(endOf).find((at) => at > 0 && at < window.from);
	let known = failures.list();
	const isSeen = ({ code }: Group) => known.some((one) => one.code === code);
	const open = stopped ? groups.filter((group) => !isSeen(group)) : [];
	const wholes = new Set<string>();
	for (const { function: name, of } of open.filter(
		(one, i) => open.findIndex((o) => o.function === one.function) === i,
	)) {
		if (budget.left <= REQUESTS / 3) break;
		const { data } = await listRuns(api, { ...before, function: of }, { limit: PAGE, includeOutput: "true" });
		const found = groupsIn(data.filter((run) => endOf(run) < window.from));
		if (data.length < PAGE) wholes.add(name);
		known = [...known, ...found.filter((one) => !isSeen(one))];
	}
	const isWhole = (name: string) => !stopped || wholes.has(name);
	const past: Past = { ...span, groups: known, isWhole, oldest };
	return { past, stopped };
}

/** How it goes on with each: by the runs of its function that were queued after its last failure and completed. */
async function statesOf(api: Api, groups: readonly Group[], { until }: Window, budget: Budget) {
	const may = Math.max(0, budget.left);
	const found = await inParallel(groups.slice(0, may), 3, async ({ of, last }) => {
		const after = { function: of, status: ["COMPLETED"] as const, ...within({ from: last, until }) };
		return (await listRuns(api, after, { limit: PAGE })).data.length;
	});
	const states = new Map(groups.map((group, i) => [group, stateOf(group, until, found[i]?.value)]));
	return (group: Group): State => states.get(group) ?? { kind: "unread" };
}

interface Told {
	failures: Failures;
	groups: readonly Group[];
	shown: readonly ShownGroup[];
	reading: Reading;
	filter: RunFilter & { since: string; limit: number };
	window: Window;
	now: number;
	/** The server in words; what is said of the window. */
	label: string;
	line: Line;
	history: Line;
	against?: AgainstPast;
}

function tell(told: Told): Words {
	const { failures, groups, shown, reading, filter, window, now, label, history, line, against } = told;
	const { total, other } = failures;
	const said = span(filter.since, filter.until, now);
	const hidden = groups.slice(filter.limit);
	const codes = [...new Set(shown.map((one) => one.group.code))];
	const rest = other + sum(hidden, (group) => group.count);
	const most = other ? "more than " : "";
	const whole = { ...window, total, now, from: (reading.stopped && reading.oldest) || window.from };
	const further = [
		filter.limit < MOST && `--limit ${MOST}`,
		groups.length > MOST && "narrow it with --function, --app or --since",
	];
	const since = iso(Math.floor(window.from / 1000) * 1000);
	const compared = against ? `, ${againstText(against)}` : "";
	const past = against && pastLines(against, shown.length > 0 && window, now);
	if (!total) return { lines: [`No run failed ${said}${compared} (${label}).`, line, past, history] };
	const functions = new Set(groups.map((one) => one.function)).size;
	const of = compared ? "" : ` of ${plural(functions, "function")}`;
	const what = `${plural(total, "failed run")}${of} in ${most}${plural(groups.length, "group")}`;
	return {
		lines: [
			`${what}${compared ? "" : ", ended"} ${said}${compared} (${label})`,
			line,
			reading.stopped && `Not all: ${reading.stopped}.`,
			shown.flatMap((one, i) => {
				const { code } = one.group;
				const all = groups.find((group) => group.code === code)?.count;
				return groupLines(one, code === shown[i - 1]?.group.code ? undefined : codes.indexOf(code) + 1, whole, all);
			}),
			codes.length < shown.length &&
				"A group code covers the same error in any step: replaying it replays all that have it.",
			unseenLines(shown),
			past,
			history,
			rest > 0 &&
				`… ${most}${plural(hidden.length, "more group")} with ${plural(rest, "failure")}: ${further.filter(Boolean).join(", then ")}.`,
		],
		next: nextCalls(shown, { ...filter, since }),
	};
}

import * as z from "zod/mini";
import {
	appFlag,
	count,
	flag,
	functionFlag,
	intent,
	line,
	oneOf,
	since,
	sinceDeploy,
	statuses,
	toggle,
	until,
} from "../lib/cli/params.ts";
import { readFilter, readRuns } from "../lib/gather/lists.ts";
import { beginsAt } from "../lib/gather/past.ts";
import { listedEvents } from "../lib/gather/siblings.ts";
import { astray, type Event, eventOf, listRunsRequest, Page, Run, type RunFilter, tookOf } from "../lib/inngest/api.ts";
import { eventsOf } from "../lib/inngest/eventlist.ts";
import { checkExists, inAppOf, withApp } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import {
	byEnd,
	countText,
	detailedLines,
	filterFlags,
	historyLine,
	longest,
	partText,
	UNTYPED,
	windowText,
} from "../lib/tell/runlist.ts";
import { refusal } from "../lib/text/errors.ts";
import { addTo } from "../lib/text/lists.ts";
import { callOf, callText, DONE, LIVE } from "../lib/text/nouns.ts";
import { type Line, plural, time, words } from "../lib/text/text.ts";
import type { Request } from "../lib/wire/request.ts";
import { waitsOf } from "../lib/work/wait.ts";

/** The default and maximum numbers of runs shown. */
const SHOWN = 20;
const SHOWN_WAITING = 40;
const MOST = 100;
const params = z.object({
	status: flag(z.optional(statuses), "e.g. failed,cancelled", "STATUS"),
	function: functionFlag(),
	app: appFlag(),
	since: since(),
	sinceDeploy: sinceDeploy(),
	until: until(),
	order: flag(
		z.optional(oneOf("DESC", "ASC")),
		"by time: DESC (default), or ASC (default of live runs --with-waits)",
		"ORDER",
	),
	limit: flag(z.optional(count(1, MOST)), `1 to ${MOST} (default ${SHOWN}, with --with-waits ${SHOWN_WAITING})`, "N"),
	withWaits: toggle("what each live run waits for"),
	withEvents: toggle("each run's event with its payload, and its error if it failed"),
	cursor: flag(z.optional(line), "the next page, from the More: line", "CURSOR"),
	count: toggle("how many of each status, instead of a list"),
	slowest: flag(z.optional(count(1, MOST)), "the N slowest of all runs that completed or failed", "[N]", {
		bare: String(SHOWN),
	}),
	max: flag(z._default(count(1, 1_000_000), 10_000), "read at most N runs for --count, --slowest (default 10000)", "N"),
});
type Params = z.output<typeof params>;

const orderOf = ({ order, withWaits, status }: Params): "ASC" | "DESC" => {
	// Of waiting runs, the oldest are stuck.
	const isLive = status?.every((one) => LIVE.includes(one));
	return order ?? (withWaits && isLive ? "ASC" : "DESC");
};
/** Someone who asks for few runs does not page. */
const isShort = ({ cursor, limit }: Params): boolean => cursor === undefined && limit !== undefined && limit < MOST;
const mostOf = ({ limit, slowest, withWaits }: Params): number =>
	slowest === undefined ? (limit ?? (withWaits ? SHOWN_WAITING : SHOWN)) : Math.min(slowest, limit ?? MOST);

function filterOf(p: Params) {
	// A stopped run says nothing of how long its function takes.
	const status = p.status ?? (p.slowest ? DONE : undefined);
	return { ...p, status, by: byEnd(status) ? ("endedAt" as const) : undefined };
}

/** Refuses flags that would be ignored. */
function checkTogether(p: Params): void {
	const { count, slowest, status, cursor, order, withEvents, withWaits } = p;
	if (!count && !slowest) return;
	const flag = count ? "--count" : "--slowest";
	const odd = {
		"--slowest": count && slowest,
		"--cursor": cursor !== undefined,
		"--order": order === "ASC",
		"--with-waits": withWaits,
		"--with-events": count && withEvents,
	};
	const [other] = Object.entries(odd).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
	if (other) throw refusal(`${flag} reads the whole window, so ${other} does not go with it`, `Omit ${other}.`);
	if (slowest && status && !byEnd(status))
		throw refusal(
			"--slowest ranks runs that have ended",
			words("Next:", callText([`list-runs --status ${status.join(",").toLowerCase()} --order ASC`, "oldest first"])),
		);
}

function request(p: Params): Request {
	const fn = p.function && withApp(inAppOf(p.function, p.app));
	if (p.sinceDeploy && p.since === undefined) throw refusal("--curl needs the time of the sync", "Use --since.");
	const filter = { ...filterOf(p), function: fn };
	const includeOutput = p.withEvents ? "true" : undefined;
	if (p.count || p.slowest) return listRunsRequest(filter, { limit: MOST, includeOutput });
	const [order, most] = [orderOf(p), mostOf(p)];
	const limit = order === "ASC" && p.cursor !== undefined ? Math.min(MOST, most + 1) : most;
	return listRunsRequest(filter, { order, limit, cursor: p.cursor, includeOutput });
}

/** In ascending order, OSS starts a page with the previous page's last run, which the cursor names (measured). */
const isRepeated = (run: Run, cursor: string | undefined): boolean =>
	cursor !== undefined && Buffer.from(cursor, "base64").includes(run.id);

export default intent({
	params,
	check: checkTogether,
	request,
	async run(given, context) {
		const { api, target, now } = context;
		const { p, line } = await readFilter(context, given);
		if (p.count || p.slowest) return ofWindow(p, context, line);
		const answer = await api.send(request(p), Page(Run));
		const runs = answer.data.filter((run) => !isRepeated(run, p.cursor));
		const [waits, events] = await Promise.all([
			p.withWaits ? waitsOf(context, runs) : undefined,
			p.withEvents ? readEvents(context, runs) : undefined,
		]);
		const cursor = answer.page?.cursor || undefined;
		if (cursor !== undefined && cursor === p.cursor) throw astray("named this page as the next one");
		const filter = filterOf(p);
		const more = cursor && !isShort(p) && moreCall(p, cursor);
		if (!runs.length && !cursor) await checkExists(api, filter);
		const said = { by: filter.by, queue: runs.some((run) => tookOf(run)?.queue) };
		return {
			lines: [
				`${headline(runs, p, said.queue, cursor)} (${target.label})${runs.length ? "" : "."}`,
				line,
				detailedLines(runs, { events, waits }, now, said),
				(!cursor || orderOf(p) === "ASC") && historyLine(target, { now, ...reachOf(runs, filter) }),
				cursor && !isShort(p) && !more && UNTYPED,
			],
			more,
			data: {
				...answer,
				data: runs.map((run) => ({
					...run,
					...(events && { event: events.get(eventOf(run) ?? "") }),
					...(waits?.has(run) && { jobs: waits.get(run)?.jobs, waits: waits.get(run)?.waits }),
				})),
			},
		};
	},
});

/** Counts or ranks the runs of the whole window, up to `--max`. */
async function ofWindow(p: Params, context: Context, sync: Line): Promise<Answer> {
	const { api, target, now } = context;
	const filter = filterOf(p);
	const byStatus = new Map<string, number>();
	let top: Run[] = [];
	const reading = await readRuns(context, request(p), { max: p.max, noun: "run" }, (run) => {
		addTo(byStatus, run.status);
		if (p.slowest && top.push(run) > 1000) top = longest(top, mostOf(p));
	});
	if (!reading.read) await checkExists(api, filter);
	const complete = reading.stopped === "";
	const since = time(p.since);
	const begins = complete ? await beginsAt(context, since, reading.oldest) : undefined;
	const reach = { now, since, oldest: reading.oldest, begins };
	const end = [partText(reading, now), complete && historyLine(target, reach)];
	const { read: total, oldest } = reading;
	const counted = { total, byStatus: Object.fromEntries(byStatus), complete, oldest };
	if (p.count)
		return { lines: [`${countText(byStatus, filter, reading, now)} (${target.label})`, sync, end], data: counted };
	const runs = longest(top, mostOf(p));
	const [slowest] = runs;
	const said = { by: filter.by, queue: runs.some((run) => tookOf(run)?.queue) };
	const queue = said.queue ? ", durations incl. queue" : "";
	const omitted = p.status ? "" : "; cancelled ones omitted";
	const events = p.withEvents ? await readEvents(context, runs) : undefined;
	const what = slowest ? `Slowest ${runs.length} of` : "No duration to rank:";
	const from = plural(reading.read, "run") + windowText(filter, reading, now);
	const live = callOf("list-runs", [], {
		status: "queued,running",
		order: "ASC",
		...filterFlags({ ...p, since: undefined }),
	});
	return {
		lines: [
			`${what} ${from}${omitted}${queue} (${target.label})`,
			sync,
			detailedLines(runs, { events }, now, said),
			end,
		],
		next: [
			slowest && [`get-run ${slowest.id}`, "where its time went"],
			!p.status && live && [live, "the oldest that have not ended"],
		],
		data: { ...counted, data: runs },
	};
}

/** How far back a list was to go and went, by the time that orders it. */
function reachOf(runs: readonly Run[], { since, by }: RunFilter) {
	const times = runs.flatMap((run) => time(by === "endedAt" ? run.endedAt : run.queuedAt) ?? []);
	return { since: time(since), oldest: times.length ? Math.min(...times) : undefined };
}

/** From a list or one by one, whichever is cheaper. */
async function readEvents(context: Context, runs: readonly Run[]): Promise<Map<string, Event>> {
	const own = runs.filter(hasOwnEvent);
	const listed = await listedEvents(context, own);
	const others = own.filter((run) => !listed.has(eventOf(run) ?? ""));
	return new Map([...listed, ...(await eventsOf(context, others))]);
}

/** A cron's event adds nothing to its schedule. */
const hasOwnEvent = (run: Run): boolean => eventOf(run) !== undefined && !run.trigger?.cronSchedule;

function headline(runs: readonly Run[], p: Params, queue: boolean, cursor: string | undefined): string {
	const windowed = p.since !== undefined || p.until !== undefined;
	const ended = byEnd(p.status);
	if (!runs.length && cursor) return "No runs on this page; more may follow";
	const none = `No run ${ended ? "that ended" : "queued"} in the window matches`;
	if (!runs.length) return windowed ? none : "No runs match";
	const time = ended ? " by end time" : " by queue time";
	const by = windowed || ended ? time : "";
	const first = orderOf(p) === "DESC" ? "newest first" : "oldest first";
	const durations = queue ? ", durations incl. queue" : "";
	const follow = isShort(p) ? `; more follow: --limit ${MOST}` : "; more follow";
	return `${plural(runs.length, "run")}${by}, ${first}${durations}${cursor ? follow : ""}`;
}

/** By cursor: a time would repeat or lose runs of the same ms. */
function moreCall(p: Params, cursor: string): string | undefined {
	return callOf("list-runs", [], {
		status: p.status?.join(",").toLowerCase(),
		order: p.order,
		limit: p.limit === undefined ? undefined : String(p.limit),
		withWaits: p.withWaits,
		withEvents: p.withEvents,
		...filterFlags(p),
		cursor,
	});
}

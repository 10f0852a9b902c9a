import * as z from "zod/mini";
import { count, flag, intent, line, oneOf, scope, since, statuses, timesOrDeploy, toggle } from "../lib/cli/params.ts";
import { replaysOf } from "../lib/gather/failures.ts";
import { readEvents, readFilter } from "../lib/gather/lists.ts";
import { reachOf, readCounted } from "../lib/gather/past.ts";
import { astray, eventOf, filterFlags, listRunsRequest, Page, Run, tookOf } from "../lib/inngest/api.ts";
import { checkExists, inAppOf, withApp } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { countCall } from "../lib/tell/health.ts";
import {
	byEnd,
	countText,
	detailedLines,
	historyLine,
	pageCall,
	pageText,
	partText,
	windowText,
} from "../lib/tell/runlist.ts";
import { replayedLine } from "../lib/tell/triagetext.ts";
import { noted, refusal } from "../lib/text/errors.ts";
import { callOf, DONE, LIVE, type Suggested, UNTYPED } from "../lib/text/nouns.ts";
import { type Line, plural, time } from "../lib/text/text.ts";
import type { Request } from "../lib/wire/request.ts";
import { idleEvents, idleLines, omittedLines } from "../lib/work/told.ts";
import { cancelsOf, EXPLAINED, queuedFor, waitsOf } from "../lib/work/waits.ts";

/** The default and maximum numbers of runs shown. */
const SHOWN = 20;
const SHOWN_WAITING = 40;
const MOST = 100;
/** How many are counted or ranked by default. */
const MOST_READ = 10_000;
const params = z.object({
	status: flag(z.optional(statuses), "e.g. failed,cancelled", "STATUS"),
	...scope(),
	...timesOrDeploy(since()),
	order: flag(
		z.optional(oneOf("DESC", "ASC")),
		"by time: DESC (default), or ASC (default of live runs --with-waits)",
		"ORDER",
	),
	limit: flag(z.optional(count(1, MOST)), `1 to ${MOST} (default ${SHOWN}, with --with-waits ${SHOWN_WAITING})`, "N"),
	withWaits: toggle("what each live run waits for, how long others were queued, and why cancelled"),
	withEvents: toggle("each run's event with its payload; of a failed one the error, and whether it was replayed"),
	cursor: flag(z.optional(line), "the next page, from the More: line", "CURSOR"),
	count: toggle("how many of each status, instead of a list"),
	slowest: toggle("the slowest of all runs that completed or failed, instead of the newest"),
	max: flag(z.optional(count(1, 1_000_000)), "read at most N runs for --count, --slowest (default 10000)", "N"),
});
type Params = z.output<typeof params>;

const orderOf = ({ order, withWaits, status }: Params): "ASC" | "DESC" => {
	// Of waiting runs, the oldest are stuck.
	const isLive = status?.every((one) => LIVE.includes(one));
	return order ?? (withWaits && isLive ? "ASC" : "DESC");
};
/** Someone who asks for few runs does not page. */
const isShort = ({ cursor, limit }: Params): boolean => cursor === undefined && limit !== undefined && limit < MOST;
const mostOf = ({ limit, withWaits }: Params): number => limit ?? (withWaits ? SHOWN_WAITING : SHOWN);

function filterOf(p: Params) {
	// A stopped run says nothing of how long its function takes.
	const status = p.status ?? (p.slowest ? DONE : undefined);
	return { ...p, status, by: byEnd(status) ? ("endedAt" as const) : undefined };
}

const saidOf = (runs: readonly Run[], { by }: ReturnType<typeof filterOf>) => ({
	by,
	clock: true,
	queue: runs.some((run) => tookOf(run)?.queue),
});

/** Refuses flags that would be ignored. */
function checkTogether({ count, slowest, status, cursor, order, withEvents, withWaits, limit, max }: Params): void {
	if (!count && !slowest && max !== undefined)
		throw refusal("--max limits what --count and --slowest read", "Use --limit for a list.");
	const isPaged = cursor !== undefined || order === "ASC" || withWaits;
	const isCounted = count && (slowest || withEvents || limit !== undefined);
	if ((count || slowest) && (isPaged || isCounted)) throw refusal(WHOLE, "Omit those that do not go with it.");
	if (slowest && status && !byEnd(status))
		throw refusal("--slowest ranks runs that have ended", "Use --order ASC for the oldest that have not.");
}
const WHOLE =
	"--count and --slowest read the whole window, without --cursor, --order and --with-waits; --count also without --limit, --with-events and --slowest";

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
		const { p, line } = await readFilter(context, given);
		return (p.count || p.slowest ? inWindow : listed)(p, context, line);
	},
});

async function listed(p: Params, context: Context, sync: Line): Promise<Answer> {
	const { api, target, now } = context;
	const answer = await api.send(request(p), Page(Run));
	const runs = answer.data.filter((run) => !isRepeated(run, p.cursor));
	const cursor = answer.page?.cursor || undefined;
	if (cursor !== undefined && cursor === p.cursor) throw astray("named this page as the next one");
	const filter = filterOf(p);
	if (!runs.length && !cursor) await checkExists(api, filter);
	const beside = await readBeside(p, runs, context);
	const said = saidOf(runs, filter);
	const order = orderOf(p);
	const page = { order, most: isShort(p) && MOST, queue: said.queue, cursor, isNext: p.cursor !== undefined };
	const times = runs.flatMap((run) => time(filter.by ? run.endedAt : run.queuedAt) ?? []);
	const reach = { now, since: time(p.since), oldest: times.length ? Math.min(...times) : undefined };
	const more = cursor && !isShort(p) && pageCall(p, cursor);
	return {
		lines: [
			`${pageText(runs, p, page)} (${target.label})${runs.length ? "" : "."}`,
			sync,
			detailedLines(runs, { events: beside.events, waits: beside.details }, now, said),
			besideLines(runs, beside, now),
			(!cursor || order === "ASC") && historyLine(target, reach),
			cursor && !isShort(p) && !more && UNTYPED,
		],
		more,
		data: { ...answer, ...dataOf(runs, beside) },
	};
}

type Beside = Awaited<ReturnType<typeof readBeside>>;

const besideLines = (runs: readonly Run[], { idle, replays, cancels, missing }: Beside, now: number): Line[] => [
	replays && replays.unread > 0 && `Not read: whether ${plural(replays.unread, "failed run")} had been replayed.`,
	...(cancels ? omittedLines(runs.filter(({ status }) => status === "CANCELLED").slice(EXPLAINED)) : []),
	...(idle ? idleLines(idle, now) : []),
	...missing,
];

const dataOf = (runs: readonly Run[], { idle, events, replays, waits, missing }: Beside) => ({
	...(idle && { unstarted: idle.events, unheard: idle.unheard }),
	data: runs.map((run) => ({
		...run,
		...(events && { event: events.get(eventOf(run) ?? "") }),
		...(replays && { replayed: replays.told.get(run) }),
		...(waits?.has(run) && { jobs: waits.get(run)?.jobs, waits: waits.get(run)?.waits }),
	})),
	...(missing.length && { missing }),
});

/** What is shown beside a list: of its runs, and the events that started none. */
async function readBeside(p: Params, runs: readonly Run[], context: Context) {
	const missing: string[] = [];
	const isCancelled = p.status?.every((status) => status === "CANCELLED");
	const [idle, waits, queued, cancels, events, replays] = await Promise.all([
		isCancelled && p.cursor === undefined
			? idleEvents(p, context).catch(noted(missing, "Which events started nothing"))
			: undefined,
		p.withWaits ? waitsOf(context, runs) : undefined,
		p.withWaits ? queuedFor(context, runs) : undefined,
		p.withWaits || isCancelled ? cancelsOf(context, runs) : undefined,
		p.withEvents ? readEvents(context, runs) : undefined,
		p.withEvents ? replaysOf(context, runs) : undefined,
	]);
	const linesOf = (run: Run) => {
		const lines = [waits, queued, cancels].flatMap((told) => told?.get(run)?.lines ?? []);
		const replayed = replays?.told.get(run);
		return replayed ? [...lines, replayedLine(replayed)] : lines;
	};
	const details = new Map(runs.map((run) => [run, { ...waits?.get(run), lines: linesOf(run) }]));
	return { idle, waits, cancels, events, replays, details, missing };
}

/** Counts the runs of the whole window, up to `--max`, or ranks them. */
async function inWindow(p: Params, context: Context, sync: Line): Promise<Answer> {
	const { target, now } = context;
	const filter = filterOf(p);
	const longest = p.slowest ? mostOf(p) : 0;
	const { byStatus, runs, reading } = await readCounted(context, request(p), { max: p.max ?? MOST_READ, longest });
	const { read: total, oldest } = reading;
	if (!total) await checkExists(context.api, filter);
	const complete = reading.stopped === "";
	const reach = await reachOf(context, time(p.since), oldest, complete);
	const events = p.withEvents ? await readEvents(context, runs) : undefined;
	const said = saidOf(runs, filter);
	const head = p.count ? countText(byStatus, filter, reading, now) : rankText(p, { byStatus, runs, reading }, now);
	return {
		lines: [
			`${head} (${target.label})`,
			sync,
			detailedLines(runs, { events }, now, said),
			partText(reading, now),
			complete && historyLine(target, reach),
		],
		next: p.count ? [!complete && countingCall(p, context)] : rankCalls(p, runs),
		data: { total, byStatus: Object.fromEntries(byStatus), complete, oldest, ...(p.slowest && { data: runs }) },
	};
}

/** Only SQL counts more than can be read. */
function countingCall(p: Params, { target, now }: Context): Suggested {
	const from = time(p.since);
	return target.kind === "cloud" && from !== undefined
		? countCall({ from, until: time(p.until) ?? now }, filterOf(p), now)
		: undefined;
}

function rankText(
	p: Params,
	{ byStatus, runs, reading }: Awaited<ReturnType<typeof readCounted>>,
	now: number,
): string {
	const filter = filterOf(p);
	const { queue } = saidOf(runs, filter);
	const omitted = !p.status || (queue && byStatus.has("CANCELLED")) ? "; cancelled ones omitted" : "";
	const what = runs.length ? `Slowest ${runs.length} of` : "No duration to rank:";
	const newest = reading.stopped ? "the newest " : "";
	const from = `${newest}${plural(reading.read, "run")}${windowText(filter, reading, now)}`;
	return `${what} ${from}${omitted}${queue ? ", durations incl. queue" : ""}`;
}

function rankCalls(p: Params, [first]: readonly Run[]): Suggested[] {
	const waiting = { status: "queued,running", order: "ASC" };
	const live = callOf("list-runs", [], { ...waiting, ...filterFlags({ ...p, since: undefined }) });
	return [
		first && [`get-run ${first.id}`, "where its time went"],
		!p.status && live && [live, "the oldest that have not ended"],
	];
}

import * as z from "zod/mini";
import { count, flag, intent, line, oneOf, scope, since, statuses, timesOrDeploy, toggle } from "../lib/cli/params.ts";
import { replaysOf } from "../lib/gather/failures.ts";
import { readEvents, readFilter } from "../lib/gather/lists.ts";
import { reachOf, readCounted } from "../lib/gather/past.ts";
import { eventOf, listRunsRequest, runsAfter } from "../lib/inngest/api.ts";
import { checkExists, inAppOf, withApp } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { tellWhole } from "../lib/tell/health.ts";
import { byEnd, detailedLines, historyLine, pageCall, pageText } from "../lib/tell/runlist.ts";
import { noted, refusal } from "../lib/text/errors.ts";
import { DONE, LIVE, UNTYPED } from "../lib/text/nouns.ts";
import { type Line, plural, time } from "../lib/text/text.ts";
import type { Request } from "../lib/wire/request.ts";
import { idleEvents, idleLines, omittedLines } from "../lib/work/told.ts";
import { aboutRuns } from "../lib/work/waits.ts";

/** The default and maximum numbers of runs shown. */
const SHOWN = 20;
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
	limit: flag(z.optional(count(1, MOST)), `1 to ${MOST} (default ${SHOWN})`, "N"),
	withWaits: toggle("what each live run waits for, how long others were queued, and why cancelled"),
	withEvents: toggle("each run's event with its payload; of a failed one the error, and whether it was replayed"),
	cursor: flag(z.optional(line), "the next page, from the More: line", "CURSOR"),
	count: toggle("how many of each status, instead of a list"),
	slowest: toggle("the slowest of all runs that completed or failed, instead of the newest"),
	max: flag(z.optional(count(1, 1_000_000)), "read at most N runs for --count, --slowest (default 10000)", "N"),
});
type Params = z.output<typeof params>;

/** Of waiting runs, the oldest are stuck. */
const orderOf = ({ order, withWaits, status }: Params): "ASC" | "DESC" =>
	order ?? (withWaits && status?.every((one) => LIVE.includes(one)) ? "ASC" : "DESC");

function filterOf(p: Params) {
	// A stopped run says nothing of how long its function takes.
	const status = p.status ?? (p.slowest ? DONE : undefined);
	return { ...p, status, by: byEnd(status) ? ("endedAt" as const) : undefined };
}

const WHOLE =
	"--count and --slowest read the whole window, without --cursor, --order and --with-waits; --count also without --limit, --with-events and --slowest";

function request(p: Params): Request {
	const fn = p.function && withApp(inAppOf(p.function, p.app));
	if (p.sinceDeploy && p.since === undefined) throw refusal("--curl needs the time of the sync", "Use --since.");
	const filter = { ...filterOf(p), function: fn };
	const includeOutput = p.withEvents ? "true" : undefined;
	if (p.count || p.slowest) return listRunsRequest(filter, { limit: MOST, includeOutput });
	const [order, most] = [orderOf(p), p.limit ?? SHOWN];
	const limit = order === "ASC" && p.cursor !== undefined ? Math.min(MOST, most + 1) : most;
	return listRunsRequest(filter, { order, limit, cursor: p.cursor, includeOutput });
}

export default intent({
	params,
	/** Refuses flags that would be ignored. */
	check({ count, slowest, status, cursor, order, withEvents, withWaits, limit, max }) {
		const isPaged = cursor !== undefined || order === "ASC" || withWaits;
		const isCounted = count && (slowest || withEvents || limit !== undefined);
		if (!count && !slowest && max !== undefined)
			throw refusal("--max limits what --count and --slowest read", "Use --limit for a list.");
		if ((count || slowest) && (isPaged || isCounted)) throw refusal(WHOLE, "Omit those that do not go with it.");
		if (slowest && status && !byEnd(status))
			throw refusal("--slowest ranks runs that have ended", "Use --order ASC for the oldest that have not.");
	},
	request,
	async run(given, context) {
		const { p, line } = await readFilter(context, given);
		return p.count || p.slowest
			? tellWhole(await readWhole(p, context), { ...p, ...filterOf(p) }, line, context)
			: tellPage(p, line, await readPage(p, context), context);
	},
});

async function readPage(p: Params, context: Context) {
	const { api } = context;
	const page = await runsAfter(api, request(p), p.cursor);
	const { runs, cursor } = page;
	if (!runs.length && !cursor) await checkExists(api, p);
	const missing: string[] = [];
	const isCancelled = p.status?.every((status) => status === "CANCELLED");
	const [idle, waits, events, replays] = await Promise.all([
		isCancelled && p.cursor === undefined
			? idleEvents(p, context).catch(noted(missing, "Which events started nothing"))
			: undefined,
		p.withWaits || isCancelled ? aboutRuns(context, runs) : undefined,
		p.withEvents ? readEvents(context, runs) : undefined,
		p.withEvents ? replaysOf(context, runs) : undefined,
	]);
	if (replays?.unread) missing.push(`Not read: whether ${plural(replays.unread, "failed run")} had been replayed.`);
	missing.push(...omittedLines(runs.filter((run) => waits?.has(run) === false && run.status === "CANCELLED")));
	return { ...page, idle, events, waits, replays: replays?.told, missing };
}

function tellPage(p: Params, sync: Line, read: Awaited<ReturnType<typeof readPage>>, context: Context): Answer {
	const { target, now } = context;
	const { answer, runs, cursor, idle, events, waits, replays, missing } = read;
	const { by } = filterOf(p);
	const order = orderOf(p);
	const times = runs.flatMap((run) => time(by ? run.endedAt : run.queuedAt) ?? []);
	const reach = { since: time(p.since), oldest: times.length ? Math.min(...times) : undefined };
	// Someone who asks for few runs does not page.
	const isShort = p.cursor === undefined && p.limit !== undefined && p.limit < MOST;
	const more = cursor && !isShort ? pageCall(p, cursor) : undefined;
	const page = { order, cursor, isNext: p.cursor !== undefined, most: isShort && MOST };
	return {
		lines: [
			`${pageText(runs, p, page)} (${target.label})${runs.length ? "" : "."}`,
			sync,
			detailedLines(runs, read, now, by),
			idle && idleLines(idle, now),
			(!cursor || order === "ASC") && historyLine(context, reach),
			cursor && !isShort && !more && UNTYPED,
		],
		more,
		missing,
		data: {
			...answer,
			...(idle && { unstarted: idle.events, unheard: idle.unheard }),
			data: runs.map((run) => ({
				...run,
				...(events && { event: events.get(eventOf(run) ?? "") }),
				...(replays && { replayed: replays.get(run) }),
				...(waits?.has(run) && { jobs: waits.get(run)?.jobs, waits: waits.get(run)?.waits }),
			})),
		},
	};
}

/** Counts the runs of the whole window, up to `--max`, or ranks them. */
async function readWhole(p: Params, context: Context) {
	const most = { max: p.max ?? MOST_READ, longest: p.slowest ? (p.limit ?? SHOWN) : 0 };
	const read = await readCounted(context, request(p), most);
	const { stopped, oldest } = read.reading;
	if (!read.reading.read) await checkExists(context.api, p);
	const reach = stopped ? undefined : await reachOf(context, time(p.since), oldest, true);
	return { ...read, reach, events: p.withEvents ? await readEvents(context, read.runs) : undefined };
}

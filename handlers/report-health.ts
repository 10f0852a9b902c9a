import * as z from "zod/mini";
import { count, flag, intent, oneOf, scope, sinceDay, timesOrDeploy, toggle } from "../lib/cli/params.ts";
import { AGAINST, type Against, doubtfulIn, isLong, spanBefore } from "../lib/decide/trend.ts";
import { addErrors } from "../lib/gather/failures.ts";
import { timely } from "../lib/gather/foresee.ts";
import { notRead, readFilter, readRuns } from "../lib/gather/lists.ts";
import { type Looking, openLooking, reachOf, readBoth } from "../lib/gather/past.ts";
import { listRuns, listRunsRequest, type Run, type RunFilter, windowOf } from "../lib/inngest/api.ts";
import { checkExists } from "../lib/inngest/functions.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { Accounts, MOST, type Oldest, tellHealth } from "../lib/tell/health.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { tellTrends } from "../lib/tell/trendtext.ts";
import { countCall } from "../lib/tell/watchtext.ts";
import { expected, noted, refusal } from "../lib/text/errors.ts";
import { isOneOf, LIVE } from "../lib/text/nouns.ts";
import { type Line, span, sum } from "../lib/text/text.ts";
import type { Api } from "../lib/wire/client.ts";
import { waitsOf } from "../lib/work/waits.ts";

const params = z.object({
	...timesOrDeploy(sinceDay()),
	...scope(),
	limit: flag(z._default(count(1, MOST), 20), "functions shown (default 20)", "N"),
	max: flag(z.optional(count(100, 1_000_000)), "read at most N runs (default 100000)", "N"),
	slowest: toggle("the slowest functions first, by their 95th percentile"),
	against: flag(
		z.optional(oneOf(...AGAINST)),
		"what changed since the window just before (previous), or the same window 24h or 7d earlier; at most 120 requests",
		"PAST",
	),
});
type Params = z.output<typeof params>;

export default intent({
	params,
	check({ against, max, slowest }) {
		if (against !== undefined && (max !== undefined || slowest))
			throw refusal("--against reads at most 120 requests and puts what is worse first", "Omit --max and --slowest.");
	},
	async run(given, context) {
		const looking = given.against && openLooking(context);
		const { api } = looking ?? context;
		const { p, line } = await readFilter({ api, now: context.now }, given);
		if (looking && p.against) return against(p, p.against, line, looking, context);
		const read = await gather(p, context);
		return {
			...tellHealth({ ...read, filter: p, line }, context.target.label),
			data: dataOf(read),
			missing: read.missing,
		};
	},
});

async function gather(p: Params, context: Context) {
	const { api, target, now } = context;
	const { max = 100_000 } = p;
	const missing: string[] = [];
	const accounts = new Accounts();
	const ended = listRunsRequest({ ...p, by: "endedAt" }, { limit: 100 });
	const reading = await readRuns(context, ended, { max, noun: "run" }, (run) => {
		// A list by end time includes live runs (measured): they are counted by their start.
		if (!isOneOf(LIVE, run.status)) accounts.add(run);
	});
	const stopped = reading.stopped
		? `${reading.stopped}; live runs were not counted`
		: await countLive(context, p, max - reading.read, accounts);
	const oldest = await oldestLive(api, p, missing);
	const old = oldest.flatMap(({ run }) => run ?? []);
	const doubtful = doubtfulIn(old, accounts.live(), now);
	const waits = await waitsOf({ ...context, api: timely(context) }, doubtful, 1);
	const doing = doubtful.map((run) => ({ run, ...waits.get(run) }));
	const reach = await reachOf(context, Date.parse(p.since), reading.oldest, !stopped);
	const list = accounts.list(p.slowest);
	await addErrors(api, list, p).catch(noted(missing, "The last errors"));
	if (!list.length) await checkExists(api, p);
	return {
		events: target.kind !== "cloud" || context.has("INNGEST_SIGNING_KEY"),
		...{ list, oldest, doing, stopped, missing, now },
		history: !stopped && historyLine(context, reach),
		counts: countCall(context, { ...p, by: "endedAt" }),
	};
}

function dataOf({ list, stopped, oldest: [queued, running], doing, now }: Awaited<ReturnType<typeof gather>>) {
	return {
		total: sum(list, ({ total }) => total),
		complete: stopped === "",
		functions: list,
		oldestQueued: queued?.run,
		oldestRunning: running?.run,
		goingOnForLong: doing.flatMap((one) => (isLong(one, now) ? { run: one.run.id, waits: one.waits } : [])),
	};
}

/** Counts live runs; returns why not all, if so. */
async function countLive(context: Context, filter: RunFilter, max: number, accounts: Accounts): Promise<string> {
	const request = listRunsRequest({ ...filter, status: LIVE }, { limit: 100 });
	const take = (run: Run) => isOneOf(LIVE, run.status) && accounts.add(run);
	const read = readRuns(context, request, { max, noun: "live run" }, take);
	return read.then(
		({ stopped }) => stopped,
		(error) => {
			expected(error);
			return notRead("live runs", error);
		},
	);
}

const oldestLive = (api: Api, filter: RunFilter, missing: string[]): Promise<Oldest[]> =>
	Promise.all(
		LIVE.map(async (status) => {
			const asked = listRuns(api, { ...filter, since: undefined, status: [status] }, { order: "ASC", limit: 1 });
			const page = await asked.catch(noted(missing, `The oldest ${status} run`));
			return { status, run: page?.data[0] };
		}),
	);

/** The report against the past. */
async function against(p: Params, which: Against, deploy: Line, looking: Looking, context: Context): Promise<Answer> {
	const { target, now } = context;
	const asked = windowOf(p, now);
	const before = spanBefore(asked, which);
	if (!before)
		throw refusal(
			`The window is longer than ${which}, so it would be compared with itself`,
			"Use --against previous, or a later --since.",
			"done",
		);
	const of = { isPast: p.until !== undefined, isCloud: target.kind === "cloud" };
	const read = await readBoth(asked, before, { app: p.app, function: p.function }, looking, of);
	// Of a dev server only if all that it has is of the window.
	const reach = await reachOf(context, asked.from, read.oldest, true);
	const history = historyLine(context, { ...reach, since: before.from });
	const window = span(p.since, p.until, now);
	const all = {
		...read,
		deploy,
		missing: looking.missing,
		history,
		against: which,
		window,
		asked,
		now,
		limit: p.limit,
	};
	return tellTrends(all, p, target.label, looking.made());
}

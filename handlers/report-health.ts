import * as z from "zod/mini";
import { count, flag, intent, oneOf, scope, sinceDay, timesOrDeploy, toggle } from "../lib/cli/params.ts";
import { AGAINST, type Against, doubtfulIn, isLong, spanBefore } from "../lib/decide/trend.ts";
import { shortened } from "../lib/decide/triage.ts";
import { timely } from "../lib/gather/foresee.ts";
import { notRead, readFilter, readRuns } from "../lib/gather/lists.ts";
import { type Looking, openLooking, reachOf, readBoth } from "../lib/gather/past.ts";
import { functionOf, listRuns, listRunsRequest, type Run, type RunFilter, windowOf } from "../lib/inngest/api.ts";
import { checkExists } from "../lib/inngest/functions.ts";
import { failureIn } from "../lib/inngest/trace.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { Accounts, countCall, type Health, MOST, type Oldest, tellHealth } from "../lib/tell/health.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { tellTrends } from "../lib/tell/trendtext.ts";
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

/** A comparison is limited by requests, not runs, and always shows the worst first. */
function checkAgainst({ against, max, slowest }: Params): void {
	if (against !== undefined && (max !== undefined || slowest))
		throw refusal("--against reads at most 120 requests and puts what is worse first", "Omit --max and --slowest.");
}

export default intent({
	params,
	check: checkAgainst,
	async run(given, context) {
		const looking = given.against && openLooking(context);
		const { api } = looking ?? context;
		const { p, line } = await readFilter({ api, now: context.now }, given);
		if (looking && p.against) return against(p, p.against, line, looking, context);
		const read = await gather(p, context);
		return { ...tellHealth({ ...read, filter: p, line }, context.target.label), data: dataOf(read) };
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
	const list = await withErrors(api, accounts.list(p.slowest), p, missing);
	if (!list.length) await checkExists(api, p);
	const history = !stopped && historyLine(target, reach);
	const counts = target.kind === "cloud" && countCall(windowOf(p, now), { ...p, by: "endedAt" }, now);
	const events = target.kind !== "cloud" || context.has("INNGEST_SIGNING_KEY");
	return { events, list, oldest, doing, stopped, history, missing, now, counts };
}

function dataOf({ list, stopped, missing, oldest: [queued, running], doing, now }: Awaited<ReturnType<typeof gather>>) {
	const long = doing.filter((one) => isLong(one, now));
	return {
		total: sum(list, ({ total }) => total),
		complete: stopped === "",
		functions: list,
		...(missing.length && { missing }),
		oldestQueued: queued?.run,
		oldestRunning: running?.run,
		goingOnForLong: long.map(({ run, waits }) => ({ run: run.id, waits })),
	};
}

/** Of how many failing functions the last error is told. */
const ERRORS = 5;

/** Adds the last error of the functions that fail most, as far as the newest failures show it. */
async function withErrors(api: Api, list: readonly Health[], filter: RunFilter, missing: string[]) {
	const failing = list.filter(({ failed }) => failed > 0).slice(0, ERRORS);
	if (!failing.length) return list;
	const failures = { ...filter, status: ["FAILED"] as const, by: "endedAt" as const };
	const asked = listRuns(api, failures, { limit: 100, includeOutput: "true" });
	const newest = (await asked.catch(noted(missing, "The last errors")))?.data ?? [];
	return list.map((one) => {
		const run =
			failing.includes(one) && newest.find((run) => run.status === "FAILED" && functionOf(run) === one.function);
		const error = run && failureIn(run.output);
		return { ...one, error: error ? shortened(error) : undefined };
	});
}

async function countLive(context: Context, filter: RunFilter, max: number, accounts: Accounts): Promise<string> {
	const request = listRunsRequest({ ...filter, status: LIVE }, { limit: 100 });
	const take = (run: Run) => isOneOf(LIVE, run.status) && accounts.add(run);
	try {
		return (await readRuns(context, request, { max, noun: "live run" }, take)).stopped;
	} catch (error) {
		expected(error);
		return notRead("live runs", error);
	}
}

const oldestLive = (api: Api, filter: RunFilter, missing: string[]): Promise<Oldest[]> =>
	Promise.all(
		LIVE.map(async (status) => {
			const started = { ...filter, since: undefined, status: [status] };
			const asked = listRuns(api, started, { order: "ASC", limit: 1 });
			const page = await asked.catch(noted(missing, `The oldest ${status} run`));
			return { status, run: page?.data[0] };
		}),
	);

/** The report against the past. */
async function against(
	p: Params,
	which: Against,
	deploy: Line,
	looking: Looking,
	{ target, now }: Context,
): Promise<Answer> {
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
	const { missing } = looking;
	const { oldest = 0 } = read;
	const begins = target.kind === "dev" && !p.app && !p.function && oldest >= asked.from ? oldest : undefined;
	const notes = {
		deploy,
		missing,
		history: historyLine(target, { now, since: before.from, oldest: read.oldest, begins }),
	};
	const all = { ...read, ...notes, against: which, window: span(p.since, p.until, now), asked, now, limit: p.limit };
	return tellTrends(all, p, target.label, looking.made());
}

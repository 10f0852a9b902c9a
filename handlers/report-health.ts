import * as z from "zod/mini";
import {
	durationOf,
	functionOf,
	hasEnded,
	listRunsRequest,
	Page,
	pages,
	Run,
	type RunFilter,
	startOf,
} from "../lib/api.ts";
import type { Api } from "../lib/client.ts";
import { noted, SkillError } from "../lib/errors.ts";
import { checkExists, resolveFunction } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { appFlag, count, flag, functionFlag, LIVE, type Status, sinceDay, until } from "../lib/params.ts";
import { ago, duration, grouped, lines, percent, plural, span } from "../lib/text.ts";

/** A live run older than this is worth a word. */
const LONG = 3_600_000;

interface Health {
	name: string;
	total: number;
	byStatus: Map<string, number>;
	durations: number[];
	ended: number;
}

const params = z.object({
	since: sinceDay(),
	until: until(),
	function: functionFlag(),
	app: appFlag(),
	limit: flag(z._default(count(1, 200), 20), "functions shown (default 20)", "N"),
	max: flag(z._default(count(100, 1_000_000), 100_000), "runs read at most (default 100000)", "N"),
});

export default composed({
	params,
	async run(p, { api, target, now, progress, signal }) {
		const filter = { ...p, function: p.function && (await resolveFunction(api, p.function, p.app)) };
		const functions = new Map<string, Health>();
		let total = 0;
		let stopped: string | undefined;
		const missing: string[] = [];
		const live = oldestLive(api, filter, missing);
		// Awaited below; if the runs can't be read first, its own failure is not the one to tell.
		live.catch(() => undefined);
		try {
			for await (const page of pages(api, listRunsRequest(filter, { limit: 100 }), Run)) {
				if (total >= p.max) stopped = `only the newest ${grouped(total)} runs were read (--max)`;
				if (signal.aborted) stopped = "interrupted";
				if (stopped) break;
				for (const run of page) tally(functions, run);
				total += page.length;
				progress(`${grouped(total)} runs read`);
			}
		} catch (error) {
			if (!(error instanceof SkillError) || !total) throw error;
			stopped = `older runs could not be read: ${error.message}`;
		}
		const [queued, running] = await live;
		if (!total) await checkExists(api, filter);
		const list = [...functions.values()].map(judged).sort((a, b) => b.share - a.share || b.total - a.total);
		const failing = list.filter((one) => one.failed > 0);
		const stuck = [running, queued].flatMap((run) => (run && now - (startOf(run) ?? now) > LONG ? [run] : []));
		const verdict = [
			verdictOn(list),
			...stuck.map((run) => `the oldest ${run.status} run is ${duration(now - (startOf(run) ?? now))} old`),
		].join("; ");
		const worst = failing[0];
		return {
			text: lines(
				`${verdict}: ${plural(total, "run")} ${span(p.since, p.until, now)} (${target.label})`,
				stopped && `Not all: ${stopped}.`,
				list.length > 0 &&
					`Function, bar of failures, failed of ended, median and 95th percentile of duration${target.kind === "cloud" ? "" : " (with its time in the queue)"}, not ended:`,
				list.slice(0, p.limit).map((one) => {
					const { name, byStatus, ended, failed, share, medianMs, p95Ms } = one;
					const cells = share ? Math.max(1, Math.round(share * 10)) : 0;
					const others = [...byStatus.keys()].filter((status) => !["FAILED", "COMPLETED", ...LIVE].includes(status));
					return [
						`[${"#".repeat(cells)}${".".repeat(10 - cells)}] ${name}`,
						ended ? `${failed}/${ended} failed (${percent(failed, ended)})` : "none ended",
						medianMs !== undefined && p95Ms !== undefined && `${duration(medianMs)}, ${duration(p95Ms)}`,
						...[...others, ...LIVE].map((status) => byStatus.has(status) && `${byStatus.get(status)} ${status}`),
					]
						.filter(Boolean)
						.join(" · ");
				}),
				list.length > p.limit && `… and ${list.length - p.limit} more functions: --limit 200.`,
				[queued, running].map(
					(run) => run && `Oldest ${run.status}: ${run.id} ${functionOf(run)}, ${ago(startOf(run) ?? now, now)}`,
				),
				missing,
				worst
					? `Next: triage-failures${p.function ? ` --function ${worst.name}` : ""}`
					: stuck[0] && `Next: get-run ${stuck[0].id}`,
			),
			data: {
				total,
				complete: stopped === undefined,
				functions: list.map(({ name, total, byStatus, medianMs, p95Ms }) => ({
					function: name,
					total,
					byStatus: Object.fromEntries(byStatus),
					medianMs,
					p95Ms,
				})),
				oldestQueued: queued,
				oldestRunning: running,
			},
		};
	},
});

function tally(functions: Map<string, Health>, run: Run): void {
	const name = functionOf(run);
	const one: Health = functions.get(name) ?? { name, total: 0, byStatus: new Map(), durations: [], ended: 0 };
	functions.set(name, one);
	one.total++;
	one.byStatus.set(run.status, (one.byStatus.get(run.status) ?? 0) + 1);
	if (!hasEnded(run)) return;
	one.ended++;
	const took = durationOf(run);
	// How long a run took that was stopped says nothing of the function.
	if (took !== undefined && run.status !== "CANCELLED") one.durations.push(took);
}

/** What the runs that have ended say of the functions that ran: no failure is not yet success. */
function verdictOn(list: readonly ReturnType<typeof judged>[]): string {
	const failing = list.filter(({ failed }) => failed > 0).length;
	const functions = plural(list.length, "function");
	if (failing) return `${failing} of ${functions} that ran ${failing === 1 ? "has" : "have"} failures`;
	if (!list.length) return "Nothing ran";
	if (list.every(({ ended }) => ended === 0)) return "No run has ended";
	const completed = list.some(({ byStatus }) => byStatus.has("COMPLETED"));
	return `No failures in ${functions} that ran${completed ? "" : ", but nothing completed either"}`;
}

/** A function's account with what is told of it. */
function judged(one: Health) {
	const failed = one.byStatus.get("FAILED") ?? 0;
	const sorted = one.durations.sort((a, b) => a - b);
	/** The duration below which a share `q` of them lies (nearest rank). */
	const quantile = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
	return { ...one, failed, share: failed / Math.max(1, one.ended), medianMs: quantile(0.5), p95Ms: quantile(0.95) };
}

/** The oldest queued and the oldest running run, however long ago they began. */
function oldestLive(api: Api, filter: RunFilter, missing: string[]): Promise<(Run | undefined)[]> {
	const oldest = async (status: Status) => {
		const request = listRunsRequest({ ...filter, since: undefined, status: [status] }, { order: "ASC", limit: 1 });
		return (await api.send(request, Page(Run))).data[0];
	};
	return Promise.all(LIVE.map((status) => oldest(status).catch(noted(missing, `The oldest ${status} run`))));
}

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
import { intent } from "../lib/intent.ts";
import { appFlag, count, flag, functionFlag, LIVE, type Status, sinceDay, until } from "../lib/params.ts";
import { ago, duration, grouped, lines, percent, plural } from "../lib/text.ts";

/** Durations kept per function: a uniform sample (reservoir) once there are more. */
const DURATIONS = 2000;
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

export default intent({
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
				for (const run of page) tally(functions, run);
				total += page.length;
				if (total >= p.max) stopped = `only the newest ${grouped(total)} runs were read (--max)`;
				if (signal.aborted) stopped = "interrupted";
				if (stopped) break;
				progress(`${grouped(total)} runs read`);
			}
		} catch (error) {
			if (!(error instanceof SkillError) || !total) throw error;
			stopped = `older runs could not be read: ${error.message}`;
		}
		const [queued, running] = await live;
		if (!total) await checkExists(api, filter);
		const rate = (one: Health) => failed(one) / Math.max(1, one.ended);
		const list = [...functions.values()].sort((a, b) => rate(b) - rate(a) || b.total - a.total);
		const failing = list.filter((one) => failed(one) > 0);
		const stuck = [running, queued].flatMap((run) => (run && now - (startOf(run) ?? now) > LONG ? [run] : []));
		const verdict = [
			failing.length
				? `${failing.length} of ${plural(list.length, "function")} that ran ${failing.length === 1 ? "has" : "have"} failures`
				: `${list.length ? `All ${plural(list.length, "function")} that ran are well` : "Nothing ran"}`,
			...stuck.map((run) => `the oldest ${run.status} run is ${duration(now - (startOf(run) ?? now))} old`),
		].join("; ");
		const worst = failing[0];
		return {
			text: lines(
				`${verdict}: ${plural(total, "run")} since ${ago(Date.parse(p.since), now)} (${target.label})`,
				stopped && `Not all: ${stopped}.`,
				list.length > 0 &&
					`Function, bar of failures, failed of ended, median and 95th percentile of duration${target.kind === "cloud" ? "" : " (with its time in the queue)"}, not ended:`,
				list.slice(0, p.limit).map((one) => {
					const share = rate(one);
					const cells = share ? Math.max(1, Math.round(share * 10)) : 0;
					const open = LIVE.flatMap((status) =>
						one.byStatus.get(status) ? [`${one.byStatus.get(status)} ${status}`] : [],
					);
					const others = [...one.byStatus].filter(([status]) => !SHOWN_APART.includes(status));
					const [p50, p95] = [0.5, 0.95].map((q) => quantile(one.durations, q));
					return [
						`[${"#".repeat(cells)}${".".repeat(10 - cells)}] ${one.name}`,
						one.ended ? `${failed(one)}/${one.ended} failed (${percent(failed(one), one.ended)})` : "none ended",
						p50 !== undefined && p95 !== undefined && `${duration(p50)}, ${duration(p95)}`,
						...others.map(([status, n]) => `${n} ${status}`),
						...open,
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
				functions: list.map((one) => ({
					function: one.name,
					total: one.total,
					byStatus: Object.fromEntries(one.byStatus),
					medianMs: quantile(one.durations, 0.5),
					p95Ms: quantile(one.durations, 0.95),
				})),
				oldestQueued: queued,
				oldestRunning: running,
			},
		};
	},
});

/** Told as a rate, or last. */
const SHOWN_APART = ["FAILED", "COMPLETED", "QUEUED", "RUNNING"];
const failed = (one: Health) => one.byStatus.get("FAILED") ?? 0;

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
	if (took === undefined || run.status === "CANCELLED") return;
	if (one.durations.length < DURATIONS) one.durations.push(took);
	else {
		const slot = Math.floor(Math.random() * one.ended);
		if (slot < DURATIONS) one.durations[slot] = took;
	}
}

/** The value below which a share `q` of the values lies (nearest rank). */
function quantile(values: readonly number[], q: number): number | undefined {
	return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];
}

/** The oldest queued and the oldest running run, however long ago they began. */
function oldestLive(api: Api, filter: RunFilter, missing: string[]): Promise<(Run | undefined)[]> {
	const oldest = async (status: Status) => {
		const request = listRunsRequest({ ...filter, since: undefined, status: [status] }, { order: "ASC", limit: 1 });
		return (await api.send(request, Page(Run))).data[0];
	};
	return Promise.all(LIVE.map((status) => oldest(status).catch(noted(missing, `The oldest ${status} run`))));
}

/** How functions do, in words. */
import { functionOf, type Run, type RunFilter } from "./api.ts";
import { type Health, shareOf } from "./health.ts";
import { next } from "./next.ts";
import { LIVE, readDuration, type Status } from "./params.ts";
import { flagsOf } from "./runlist.ts";
import { ago, duration, percent, plural } from "./text.ts";

/** A live run older than this is worth a word, in ms. */
const LONG = 3_600_000;
/** How far triage-failures looks back where it is not told, in ms. */
const DAY = 86_400_000;

/** The oldest live run of a status, with its start in ms since the epoch. */
export interface Oldest {
	status: Status;
	run: Run | undefined;
	start: number | undefined;
}

/** What is to be said first, with what was counted. */
export function verdict(list: readonly Health[], oldest: readonly Oldest[], window: string, now: number): string {
	const stuck = stuckIn(oldest, now).map(({ status, age }) => `the oldest ${status} run is ${duration(age)} old`);
	return `${[judgement(list), ...stuck].join("; ")}: ${countedText(list, window)}`;
}

/** `10 runs ended in the last 24h, 4 that began in it go on`. */
function countedText(list: readonly Health[], window: string): string {
	const ended = list.reduce((sum, one) => sum + one.ended, 0);
	const live = list.reduce((sum, one) => sum + one.total, 0) - ended;
	const go = live === 1 ? "goes" : "go";
	if (!ended && !live) return `no run ended or began ${window}`;
	if (!ended) return `${plural(live, "run")} that began ${window} ${go} on`;
	return `${plural(ended, "run")} ended ${window}${live ? `, ${live} that began in it ${go} on` : ""}`;
}

/** What the runs that have ended say of the functions that ran: no failure is not yet success. */
function judgement(list: readonly Health[]): string {
	const failing = list.filter(({ failed }) => failed > 0).length;
	const functions = plural(list.length, "function");
	if (failing) return `${failing} of ${functions} that ran ${failing === 1 ? "has" : "have"} failures`;
	if (!list.length) return "Nothing ran";
	if (list.every(({ ended }) => ended === 0)) return "No run has ended";
	const completed = list.some(({ byStatus }) => byStatus.has("COMPLETED"));
	return `No failures in ${functions} that ran${completed ? "" : ", but nothing completed either"}`;
}

/** A line for each function, below one that says what they tell; `most` is the greatest limit there is. */
export function functionLines(list: readonly Health[], limit: number, most: number): string[] {
	if (!list.length) return [];
	const left = list.length - limit;
	const further = limit < most ? `--limit ${most}` : "narrow it with --app or --function";
	const queue = list.some((one) => one.queue) ? " (incl. queue)" : "";
	return [
		`Function, bar of failures, failed of ended, median and 95th percentile of duration${queue}, not ended:`,
		...(list.some(hasReplays)
			? ["Runs of one function and event, as replays are, count once; in brackets: all runs."]
			: []),
		...list.slice(0, limit).map(functionLine),
		...(left > 0 ? [`… and ${plural(left, "more function")}: ${further}.`] : []),
	];
}

const hasReplays = ({ ended, endedEvents }: Health): boolean => endedEvents < ended;

/** `[###.......] shop/charge · 1/3 failed (33%) · 1s, 2s · 1 RUNNING`. */
function functionLine(one: Health): string {
	const { name, byStatus, ended, medianMs, p95Ms } = one;
	const share = shareOf(one);
	const cells = share ? Math.max(1, Math.round(share * 10)) : 0;
	const others = [...byStatus.keys()].filter((status) => !["FAILED", "COMPLETED", ...LIVE].includes(status));
	return [
		`[${"#".repeat(cells)}${".".repeat(10 - cells)}] ${name}`,
		ended ? failedText(one) : "none ended",
		medianMs !== undefined && p95Ms !== undefined && `${duration(medianMs)}, ${duration(p95Ms)}`,
		...[...others, ...LIVE].map((status) => byStatus.has(status) && `${byStatus.get(status)} ${status}`),
	]
		.filter(Boolean)
		.join(" · ");
}

/** `12/18 events failed (67%) [24/30 runs], 6 completed since` where there were replays. */
function failedText(one: Health): string {
	const { ended, failed, endedEvents, failedEvents, completedSince } = one;
	if (!hasReplays(one)) return `${failed}/${ended} failed (${percent(failed, ended)})`;
	const since = completedSince ? `, ${completedSince} completed since` : "";
	return `${failedEvents}/${endedEvents} events failed (${percent(failedEvents, endedEvents)}) [${failed}/${ended} runs]${since}`;
}

export const oldestLine = ({ status, run, start }: Oldest, now: number): string =>
	run ? `Oldest ${status}: ${run.id} ${functionOf(run)}${start === undefined ? "" : `, ${ago(start, now)}`}` : "";

/** Live runs that are older than what is usual, RUNNING ones first. */
const stuckIn = (oldest: readonly Oldest[], now: number) =>
	oldest.toReversed().flatMap(({ status, run, start }) => {
		const age = start === undefined ? 0 : now - start;
		return run && age > LONG ? [{ status, run, age }] : [];
	});

/** Failures are looked at in the same window; else the oldest run that goes on. */
export function nextLine(
	list: readonly Health[],
	oldest: readonly Oldest[],
	filter: RunFilter & { since: string },
	now: number,
): string {
	const [stuck] = stuckIn(oldest, now);
	if (!list.some(({ failed }) => failed > 0)) return next(stuck && `get-run ${stuck.run.id}`);
	const back = now - Date.parse(filter.since);
	const usual = filter.until === undefined && back === DAY;
	const since = readDuration(duration(back)) === back ? duration(back) : filter.since;
	const flags = flagsOf({ ...filter, since: usual ? undefined : since });
	return next(flags !== undefined && `triage-failures${flags}`);
}

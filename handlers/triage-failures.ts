import * as z from "zod/mini";
import { inParallel, listRunsRequest, pages, Run } from "../lib/api.ts";
import { SkillError } from "../lib/errors.ts";
import { checkExists, resolveFunction } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { appFlag, count, flag, functionFlag, sinceDay, until } from "../lib/params.ts";
import { ago, grouped, lines, percent, plural, span, word } from "../lib/text.ts";
import { failureText } from "../lib/trace.ts";
import { byStep, countReplays, Failures, type Group, type Replays } from "../lib/triage.ts";

const params = z.object({
	since: sinceDay(),
	until: until(),
	function: functionFlag(),
	app: appFlag(),
	limit: flag(z._default(count(1, 50), 8), "groups shown, 1 to 50 (default 8)", "N"),
	max: flag(z._default(count(1, 1_000_000), 100_000), "failures read at most (default 100000)", "N"),
});

export default composed({
	params,
	async run(p, { api, target, now, progress, signal }) {
		const filter = {
			...p,
			status: ["FAILED"] as const,
			function: p.function && (await resolveFunction(api, p.function, p.app)),
		};
		const failures = new Failures();
		let stopped: string | undefined;
		try {
			for await (const page of pages(api, listRunsRequest(filter, { limit: 100, includeOutput: "true" }), Run)) {
				if (failures.total >= p.max) stopped = `only the newest ${grouped(failures.total)} were read (--max)`;
				if (signal.aborted) stopped = "interrupted";
				if (stopped) break;
				for (const run of page) failures.add(run);
				progress(`${grouped(failures.total)} failures read`);
			}
		} catch (error) {
			if (!(error instanceof SkillError) || failures.total === 0) throw error;
			stopped = `older failures could not be read: ${error.message}`;
		}
		const window = span(p.since, p.until, now);
		if (!failures.total) {
			await checkExists(api, filter);
			return { text: `No failed runs ${window} (${target.label}).`, data: { total: 0, groups: [] } };
		}
		const groups = failures.list();
		const split = await inParallel(groups.slice(0, p.limit), 3, (group) => byStep(api, group));
		const shown = split.flatMap(({ value }, i) => value ?? groups.slice(i, i + 1));
		const replays = await inParallel(shown, 2, (group) => countReplays(api, group));
		const replayable = shown.find((group, i) => open(group, replays[i]?.value) > 0);
		const hidden = Math.max(0, groups.length - p.limit);
		const rest = groups.slice(p.limit).reduce((sum, group) => sum + group.count, failures.other);
		return {
			text: lines(
				`${plural(failures.total, "failed run")} of ${plural(new Set(groups.map((group) => group.function)).size, "function")} in ${plural(shown.length + hidden, "group")} ${window} (${target.label})`,
				stopped && `Not all: ${stopped}.`,
				shown.flatMap((group, i) => groupLines(group, i, failures.total, now, Date.parse(p.since), replays[i]?.value)),
				new Set(shown.map((group) => group.code)).size < shown.length &&
					"A group code covers the same error in whatever step: replaying it replays all that have it.",
				rest > 0 && `… ${plural(hidden, "more group")} with ${plural(rest, "failure")}: --limit 50.`,
				replayable
					? `Next: replay-runs --group ${replayable.code} --since ${sinceText(p.since, now)}${p.until === undefined ? "" : ` --until ${p.until}`}`
					: "Next: get-run ID",
			),
			data: {
				total: failures.total,
				complete: stopped === undefined,
				groups: shown.map((group, i) => ({
					...group,
					recent: undefined,
					samples: undefined,
					replays: replays[i]?.value,
				})),
			},
		};
	},
});

/** The same window for the next call, with time for the user to think. */
function sinceText(since: string, now: number): string {
	const minutes = Math.ceil((now - Date.parse(since)) / 60_000) + 5;
	return minutes > 100 ? `${Math.ceil(minutes / 60)}h` : `${minutes}m`;
}

/** Events that were not replayed yet, as far as was looked; none where nothing could be read. */
const open = (group: Group, replays: Replays | undefined): number =>
	replays === undefined || replays.unread === replays.looked
		? 0
		: group.events - replays.succeeded - replays.again - replays.unread;

function groupLines(
	group: Group,
	i: number,
	total: number,
	now: number,
	since: number,
	replays: Replays | undefined,
): string[] {
	const [first, last] = [ago(group.first, now), ago(group.last, now)];
	const when = first === last ? last : `${first.replace(" ago", "")} to ${last}`;
	// Nothing in the first three quarters of the window.
	const began = group.count > 1 && group.first > since + 0.75 * (now - since) ? " (recent)" : "";
	const replayed = replays ? replays.succeeded + replays.again : 0;
	const partly = replays && replays.looked < group.events ? ` (of the newest ${replays.looked})` : "";
	const again = [
		group.events < group.count && `of ${plural(group.events, "event")}`,
		(replays === undefined || replays.unread === replays.looked) && "replays could not be read",
		replays !== undefined && replayed > 0 && `${replayed} replayed (${replays.succeeded} with success)${partly}`,
		replays !== undefined &&
			replays.unread > 0 &&
			replays.unread < replays.looked &&
			`replays of ${plural(replays.unread, "event")} could not be read`,
	].flatMap((one) => (one ? [`, ${one}`] : []));
	const others = group.others.filter(Boolean).map(word);
	const variants = group.others.length ? (others.length ? ` (also ${others.join(", ")}, …)` : " (values vary)") : "";
	return [
		`${i + 1}. ${group.count}x (${percent(group.count, total)}) ${group.function}${group.step ? ` in ${word(group.step)}` : ""}, ${when}${began}${again.join("")}`,
		`   ${failureText(group.failure)}${variants}; run ${group.example}, group ${group.code}`,
	];
}

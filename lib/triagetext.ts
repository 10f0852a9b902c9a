/** Groups of failures in words. */

import { functionOf } from "./api.ts";
import { isFinal, isUnreachable, stepsIn } from "./cause.ts";
import type { Root } from "./kin.ts";
import type { Located, Replays, Where } from "./locate.ts";
import { next } from "./next.ts";
import { ago, percent, plural, stamp, word } from "./text.ts";
import { causesOf, type Failure, failureText } from "./trace.ts";
import { SAMPLES } from "./triage.ts";

/** A group with what became of its replays, where that could be read. */
export interface Shown {
	group: Located;
	replays: Replays | undefined;
}

/** What a group is a part of: the number of all failures, and the window (ms since the epoch). */
export interface Whole {
	total: number;
	since: number;
	until: number;
	now: number;
}

/** The lines of the group at this index. */
export function groupLines({ group, replays }: Shown, index: number, whole: Whole): string[] {
	const { count, failure, example, code, root } = group;
	const notes = [whenText(group, whole), ...batchTexts(group), ...replayTexts(group, replays)];
	return [
		`${index + 1}. ${count}x (${percent(count, whole.total)}) ${group.function} ${placeText(group, replays)}, ${notes.join(", ")}`,
		`   ${failureText(failure)}${alsoText(group)}; run ${example}, group ${code}`,
		...(root === "not found" ? ["   It came up from a run that was invoked there, which was not found"] : []),
		...(root && root !== "not found" ? [`   ${rootText(root, failure)}`] : []),
	];
}

/** Where a group's runs failed, by the traces that were read. */
function placeText({ where }: Located, replays: Replays | undefined): string {
	if (!where.length) return "(step not known)";
	const kept = replays?.replays && where.some(({ kind }) => kind === "outside") ? " or in one that a replay kept" : "";
	return `${where.map(whereText).join(" or ")}${kept}`;
}

/** `in step charge`. */
export function whereText(where: Where): string {
	switch (where.kind) {
		case "step":
			return `in step ${word(where.step)}`;
		case "after":
			return `after step ${word(where.step)}`;
		case "tie":
			return `(possible: step ${where.steps.map(word).join(" or ")})`;
		case "outside":
			return "outside of steps";
		case "unseen":
			return "in no recorded step";
	}
}

/** When a group's runs failed; of one that began in the last quarter of the window, since when. */
function whenText({ count, first, last }: Located, { since, until, now }: Whole): string {
	const [from, to] = [ago(first, now), ago(last, now)];
	if (from === to) return to;
	if (count < 2 || first <= since + 0.75 * (until - since)) return `${from.replace(" ago", "")} to ${to}`;
	const began = stamp(first).replace(/:\d\dZ$/, "Z");
	return `all since ${now - first < 86_400_000 ? began.slice(11) : began}, last ${to}`;
}

/** Lists have a batch's first event alone; all are counted where the traces of all batches were read. */
function batchTexts({ batches, batchEvents, count }: Located): string[] {
	if (!batches) return [];
	const some = batches < count ? `${batches} of them ` : "";
	if (batchEvents === undefined) return [`${some || "all "}of batches, of which only the first event is seen`];
	const [one, many] = [
		`a batch of ${plural(batchEvents, "event")}`,
		`batches of ${plural(batchEvents, "event")} in all`,
	];
	return [`${some}${batches === 1 ? one : many}`];
}

function replayTexts({ events, count, batches }: Located, replays: Replays | undefined): string[] {
	// A batch's first event stands for it, and is not its only one.
	const of = events < count && !batches ? [`of ${plural(events, "event")}`] : [];
	if (!replays || replays.unread === replays.looked) return [...of, "replays could not be read"];
	const { looked, succeeded, live, again, unread } = replays;
	const told = [
		succeeded > 0 && `${succeeded} replayed with success`,
		live > 0 && `${live} being replayed`,
		again > 0 && `${again} replayed without success`,
		unread > 0 && `replays of ${plural(unread, "event")} could not be read`,
		looked < events && `replays looked up for the newest ${looked} events`,
	];
	return [...of, ...told.flatMap((one) => one || [])];
}

/** What was not read of the groups, what can't be replayed in bulk, or seen to have been. */
export const unseenLines = (shown: readonly Shown[]): string[] => [
	...(shown.some(({ group }) => group.read > 0 && group.read < group.count)
		? [`Steps are those of up to ${SAMPLES} traces a group.`]
		: []),
	...(shown.some(({ replays }) => replays?.alone) ? ["Of runs without an event, replays can't be seen."] : []),
	...(shown.some(({ replays }) => replays?.cron) ? ["Runs by cron can't be replayed on Inngest Cloud."] : []),
];

function alsoText({ others }: Located): string {
	const told = others.filter(Boolean).map(word);
	if (told.length) return ` (also ${told.join(", ")}, …)`;
	return others.length ? " (the message varies)" : "";
}

/** Where the newest run's failure began; with the error there where it is none of those that were told. */
function rootText({ run, cause }: Root, told: Failure): string {
	const [step] = stepsIn(cause);
	const where = step ? `step ${word(step.name)} of ` : "";
	const known = causesOf(told).some(({ message }) => message === cause?.failure.message);
	const error = cause && !known ? `: ${failureText(cause.failure)}` : "";
	return `It began in ${where}${functionOf(run)}, run ${run.id} ${run.status}${error}`;
}

/** Events that were not replayed yet, as far as was looked; none where nothing could be read. */
const open = ({ group, replays }: Shown): number =>
	replays === undefined || replays.unread === replays.looked
		? 0
		: group.events - replays.succeeded - replays.live - replays.again - replays.alone - replays.cron - replays.unread;

/**
 * What to look at and what to replay: first of all the most frequent group's cause, where a replay would not help. `flags`
 * make replay-runs look at the same runs; undefined where they can't be written.
 */
export function nextLine(shown: readonly Shown[], flags: string | undefined): string {
	const [top] = shown;
	if (!top) return "";
	const replayable = shown.filter((one) => open(one) > 0 && !isUnreachable(one.group.failure));
	const plain = replayable.find(({ group }) => !isFinal(group.failure));
	const { group } = plain ?? replayable[0] ?? top;
	const why = plain ? "" : " (once the cause is mended)";
	const replay = replayable.length > 0 && flags !== undefined && `replay-runs --group ${group.code}${flags}${why}`;
	return next(lookCall(top, replay ? plain : undefined), replay);
}

/** The call that looks at the cause of the most frequent group, where it isn't simply to be replayed. */
function lookCall({ group }: Shown, plain: Shown | undefined): string {
	if (isUnreachable(group.failure)) return "list-apps (was the app reached?)";
	if (group.root && group.root !== "not found") return `get-run ${group.root.run.id}`;
	return plain?.group === group ? "" : `get-run ${group.example}`;
}

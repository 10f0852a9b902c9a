/** Groups of failures in words. */

import { isFinal, isUnreachable, stepsIn } from "../decide/cause.ts";
import { SAMPLES } from "../decide/triage.ts";
import type { Located, Replays, Where } from "../gather/locate.ts";
import { functionOf } from "../inngest/api.ts";
import { causesOf, failureText } from "../inngest/trace.ts";
import type { Suggested } from "../text/next.ts";
import { ago, grouped, percent, plural, stamp, word } from "../text/text.ts";

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

export function groupLines({ group, replays }: Shown, index: number, whole: Whole): string[] {
	const { count, failure, example, code } = group;
	const notes = [whenText(group, whole), ...batchTexts(group), ...replayTexts(group, replays)];
	return [
		`${index + 1}. ${count}x (${percent(count, whole.total)}) ${group.function} ${placeText(group, replays)}, ${notes.filter(Boolean).join(", ")}`,
		`   ${failureText(failure)}${alsoText(group)}; run ${example}, group ${code}`,
		...rootTexts(group),
	];
}

function placeText({ where }: Located, replays: Replays | undefined): string {
	if (!where.length) return "(step not known)";
	const kept = replays?.replays && where.some(({ kind }) => kind === "outside") ? " or in one that a replay kept" : "";
	return `${where.map(whereText).join(" or ")}${kept}`;
}

export function whereText(where: Where): string {
	if (where.kind === "outside") return "outside any step";
	if (where.kind === "unseen") return "in no recorded step";
	if (where.kind === "tie") return `(possible: step ${where.steps.map(word).join(" or ")})`;
	return `${where.kind === "after" ? "after" : "in"} step ${word(where.step)}`;
}

/** A group that began in the last quarter of the window says since when. */
function whenText({ count, first, last }: Located, { since, until, now }: Whole): string {
	const [from, to] = [ago(first, now), ago(last, now)];
	if (from === to) return to;
	if (count < 2 || first <= since + 0.75 * (until - since)) return `${from.replace(" ago", "")} to ${to}`;
	const began = stamp(first).replace(/:\d\dZ$/, "Z");
	return `all since ${now - first < 86_400_000 ? began.slice(11) : began}, last ${to}`;
}

function batchTexts({ batches, batchEvents, count }: Located): string[] {
	if (!batches) return [];
	const some = batches < count ? `${batches} of them ` : "";
	if (batchEvents === undefined) return [`${some || "all "}of batches, of which only the first event is seen`];
	const events = plural(batchEvents, "event");
	return [batches === 1 ? `${some}a batch of ${events}` : `${some}batches of ${events} in all`];
}

function replayTexts({ events, count, batches }: Located, replays: Replays | undefined): (string | false | 0)[] {
	// A batch's first event stands for it, and is not its only one.
	const of = events < count && !batches && `of ${plural(events, "event")}`;
	if (!wasRead(replays)) return [of, "replays could not be read"];
	const { looked, succeeded, live, again, unread } = replays;
	return [
		of,
		succeeded && `${succeeded} replayed successfully`,
		live && `${live} being replayed`,
		again && `${again} replayed unsuccessfully`,
		unread && `replays of ${plural(unread, "event")} could not be read`,
		looked < events &&
			(looked ? `replays looked for in the newest ${grouped(looked)} events` : "replays not looked for"),
	];
}

const wasRead = (replays: Replays | undefined): replays is Replays =>
	replays !== undefined && (!replays.unread || replays.unread < replays.looked);

export const unseenLines = (shown: readonly Shown[]): string[] => [
	...(shown.some(({ group: { read, count } }) => read && read < count)
		? [`Steps come from up to ${SAMPLES} traces per group.`]
		: []),
	...(shown.some(({ replays }) => replays?.alone) ? ["Replays of runs without an event can't be seen."] : []),
	...(shown.some(({ replays }) => replays?.cron) ? ["Cron runs can't be replayed on Inngest Cloud."] : []),
];

function alsoText({ others, count }: Located): string {
	const told = others.filter(Boolean).map(word);
	// The first two others are kept.
	const more = others.length > 1 && count > 3 ? ", …" : "";
	if (told.length) return ` (also ${told.join(", ")}${more})`;
	return others.length ? " (the message varies)" : "";
}

function rootTexts({ root, failure: told }: Located): string[] {
	if (!root) return [];
	if (root === "not found") return ["   It came from a run invoked there, which was not found"];
	const { run, cause } = root;
	const [step] = stepsIn(cause);
	const where = step ? `step ${word(step.name)} of ` : "";
	const known = causesOf(told).some(({ message }) => message === cause?.failure.message);
	const error = cause && !known ? `: ${failureText(cause.failure)}` : "";
	return [`   It began in ${where}${functionOf(run)}, run ${run.id} ${run.status}${error}`];
}

/** Whether events are left, as far as was looked, that a replay may help. */
function isReplayable({ group, replays }: Shown): boolean {
	if (!wasRead(replays) || isUnreachable(group.failure)) return false;
	const { succeeded, live, again, alone, cron, unread } = replays;
	return group.events > succeeded + live + again + alone + cron + unread;
}

/** What to look at and what to replay; `flags` make replay-runs look at the same runs, undefined where they can't be typed. */
export function nextCalls(shown: readonly Shown[], flags: string | undefined): Suggested[] {
	const [top] = shown;
	if (!top) return [];
	const replayable = flags === undefined ? [] : shown.filter(isReplayable);
	const plain = replayable.find(({ group }) => !isFinal(group.failure));
	const one = plain ?? replayable[0];
	const replay = one && `replay-runs --group ${one.group.code}${flags}`;
	return [lookCall(top.group, plain === top), replay && !plain ? [replay, "once the cause is fixed"] : replay];
}

/** The call that looks at a group's cause; none at its own runs where it is `plain`ly to be replayed. */
function lookCall({ failure, root, example }: Located, plain: boolean): Suggested {
	if (isUnreachable(failure)) return ["list-apps", "was the app reached?"];
	if (root && root !== "not found") return `get-run ${root.run.id}`;
	return !plain && `get-run ${example}`;
}

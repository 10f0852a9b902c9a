/** Where a group's runs failed, in which run that began, and how its events were replayed. */

import { type Cause, causeOf, isOfInvoked, stepsIn } from "../decide/cause.ts";
import { byCount, count, type Group, groupOf, type Member, normalise, SAMPLES, shortened } from "../decide/triage.ts";
import { hasEnded, inParallel, type Run } from "../inngest/api.ts";
import { eventsIn } from "../inngest/eventlist.ts";
import { getTrace, stepsOf } from "../inngest/trace.ts";
import { unread } from "../text/errors.ts";
import { groupBy, sum } from "../text/lists.ts";
import type { Api } from "../wire/client.ts";
import type { Budget } from "./lists.ts";
import { siblingsOf, type WantedRun } from "./siblings.ts";
import { type Root, rootOf } from "./story.ts";

/** Where a run failed, as far as its trace tells. */
export type FailedAt =
	/** In a step, or after it had failed: its error is in the chain of causes. */
	| { kind: "step" | "after"; step: string }
	/** Several steps failed alike. */
	| { kind: "tie"; steps: string[] }
	/** In the function's own code, outside any step. */
	| { kind: "outside" }
	/** Outside any step, or in one that left no record of its error: see Cause. */
	| { kind: "unseen" };

/** A group with where its runs failed. */
export interface Located extends Group {
	/** Each place that a trace told: several where the group is too large to be split. */
	where: FailedAt[];
	/** How many traces told it. */
	read: number;
	/** The events of its batches, where all were read. */
	batchEvents?: number | undefined;
	/** Where its newest run's failure began, if in a run that it invoked. */
	root?: Root | "not found" | undefined;
}

/** What a member's trace tells; nothing where it could not be read. */
export interface Look {
	member: Member;
	cause?: Cause | undefined;
	/** The events of its batch. */
	events?: number | undefined;
}

/** Has no group split. */
export const UNSPLIT: Budget = { left: -Infinity };

/** Tells a group's places by traces; where its samples differ it is split, if not too many are to be read for that. */
export async function locate(api: Api, group: Group, budget: Budget): Promise<Located[]> {
	const sampled = await lookAt(api, group.count <= SAMPLES ? group.recent : group.samples);
	const whole = together(group, sampled);
	if (whole.where.length <= 1) return [await withRoot(api, whole, sampled, budget)];
	const more = group.count - sampled.length;
	if (group.count > group.recent.length || more > budget.left) return [whole];
	budget.left -= more;
	const looks = await lookAt(api, group.recent, sampled);
	return Promise.all(split(group, looks).map((part) => withRoot(api, part, looks, budget)));
}

async function lookAt(api: Api, members: readonly Member[], known: readonly Look[] = []): Promise<Look[]> {
	const looks = await inParallel(members, 6, async (member): Promise<Look> => {
		const seen = known.find((one) => one.member === member);
		if (seen) return seen;
		const trace = await getTrace(api, member.run);
		return { member, cause: causeOf(trace.output, stepsOf(trace)), events: eventsIn(trace)?.length };
	});
	return members.map((member, i) => looks[i]?.value ?? { member });
}

function whereOf({ cause }: Look): FailedAt | undefined {
	if (!cause || cause.kind === "unread") return undefined;
	const steps = [...new Set(stepsIn(cause).map(({ name }) => name))];
	const [step] = steps;
	if (step === undefined) return { kind: cause.kind === "outside" ? "outside" : "unseen" };
	if (steps.length > 1) return { kind: "tie", steps };
	return { kind: cause.kind === "after" ? "after" : "step", step };
}

function byPlace(looks: readonly Look[]) {
	const places = groupBy(looks, (look) => JSON.stringify(whereOf(look)));
	return [...places.values()].map((looks) => ({ where: whereOf(looks[0]), looks }));
}

function together(group: Group, looks: readonly Look[]): Located {
	const known = byPlace(looks).filter(({ where }) => where);
	const sizes = looks.flatMap(({ member, events }) => (member.batch && events !== undefined ? [events] : []));
	return {
		...group,
		where: known.flatMap(({ where }) => where ?? []),
		read: known.flatMap((place) => place.looks).length,
		batchEvents: sizes.length && sizes.length === group.batches ? sum(sizes, Number) : undefined,
	};
}

function split({ code, function: name, of, failure }: Group, looks: readonly Look[]): Located[] {
	// Without a trace no more is known than what all of the group have in common.
	const known = { name: failure.name, message: normalise(failure.message), at: undefined, stack: "" };
	const parts = byPlace(looks).map(({ looks }) => {
		const [{ cause, member }] = looks;
		const part = groupOf({ code, function: name, of }, cause ? shortened(cause.failure) : known, member);
		part.recent = looks.map((look) => look.member);
		for (const look of looks) count(part, look.member, look.cause?.failure);
		part.events = new Set(part.recent.map(({ event, run }) => event ?? run)).size;
		return together(part, looks);
	});
	return parts.sort(byCount);
}

/** Requests that it takes, about: a list and some traces. */
const DESCENT = 4;

/** Follows the newest run's failure down to the run that its failing step invoked. */
async function withRoot(api: Api, group: Located, looks: readonly Look[], budget: Budget): Promise<Located> {
	const cause = looks.find(({ member }) => member.run === group.example)?.cause;
	if (!cause || !isOfInvoked(cause)) return group;
	budget.left -= Math.max(0, Math.min(budget.left, DESCENT));
	const root = await rootOf(api, { id: group.example }, cause).catch(unread);
	return { ...group, root: root ?? "not found" };
}

/** What became of the events behind a group's newest failures, where they have been replayed since. */
export interface Replays {
	/** Events that were looked up. */
	looked: number;
	succeeded: number;
	/** Replays that go on. */
	live: number;
	/** Replayed without success so far, and no replay goes on. */
	again: number;
	/** Without an event, by which replays are found, and what Inngest Cloud does not replay: runs of a schedule (documented). */
	alone: number;
	cron: number;
	/** Of the failures themselves, those of replays: their traces lack the steps that were kept (measured). */
	replays: number;
	unread: number;
}

/** `most` requests; what they do not reach is not looked at. Answers how many there were. */
export async function countReplays(api: Api, group: Group, isCloud: boolean, most: number) {
	// Newest first: the newest failure of an event speaks for those that it follows.
	const newest = new Map(group.recent.toReversed().map((member) => [member.event ?? member.run, member]));
	const counted = { succeeded: 0, live: 0, again: 0, alone: 0, cron: 0, replays: 0 };
	const wanted: WantedRun[] = [];
	for (const { event, run, cron } of newest.values())
		if (isCloud && cron) counted.cron++;
		else if (event === undefined) counted.alone++;
		else wanted.push({ run, event });
	const { found, failed, spent } = await siblingsOf(api, group.of, wanted, { most });
	for (const [run, all] of found) {
		const kind = replayedAs(all, run);
		if (kind) counted[kind]++;
		if (all.some(({ id }) => id < run)) counted.replays++;
	}
	const unread = failed.length;
	const looked = newest.size - wanted.length + found.size + unread;
	return { replays: { looked, ...counted, unread } satisfies Replays, spent };
}

export function replayedAs(all: readonly Run[], run: string): "succeeded" | "live" | "again" | undefined {
	const since = all.filter(({ id }) => id > run);
	if (since.some(({ status }) => status === "COMPLETED")) return "succeeded";
	if (since.some((one) => !hasEnded(one))) return "live";
	return all.length > 1 ? "again" : undefined;
}

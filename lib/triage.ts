/** Groups failures by function, failing step and normalised error, in memory that does not grow with their number. */
import { eventOf, functionOf, inParallel, type Run, runsOfEvent, statusOf } from "./api.ts";
import type { Api } from "./client.ts";
import { shortCode } from "./confirm.ts";
import { type Failure, failingStep, failureIn, getTrace, stepsOf } from "./story.ts";
import { mask, time } from "./text.ts";

export interface Group {
	/** What `replay-runs --group` takes: the same for the same function and normalised error. */
	code: string;
	function: string;
	app: string;
	functionId: string;
	step: string | undefined;
	failure: Failure;
	count: number;
	first: number;
	last: number;
	/** The newest run. */
	example: string;
	/** A few runs over the group's time, whose traces tell the step. */
	samples: string[];
	/** The newest failures: event and run, for looking up replays. */
	recent: { event: string; run: string }[];
}

/** Makes equal what differs from run to run: ids, numbers, quoted values, addresses. */
export function normalise(message: string): string {
	return message
		.slice(0, 400)
		.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "#")
		.replace(/(["'`])(?:(?!\1).){1,120}\1/g, "$1…$1")
		.replace(/\b(?=[\w-]*\d)[\w-]{6,}\b/g, "#")
		.replace(/\d+(?:[.,:]\d+)*/g, "#")
		.replace(/\s+/g, " ")
		.trim();
}

const failureOf = (run: Run): Failure =>
	failureIn(run.output) ?? { name: "Error", message: "no error recorded", at: undefined };

/** The code of the group that a failed run, listed with its output, belongs to. */
export function groupCode(run: Run): string {
	const failure = failureOf(run);
	return shortCode([functionOf(run), failure.name, normalise(failure.message), failure.at ?? ""]);
}

/** Groups kept apart at most; the rest is counted together. */
const GROUPS = 500;
const SAMPLES = 6;
/** Failures of a group whose events are looked up for replays. */
const RECENT = 300;

/** Collects failed runs, as lists give them with their outputs. */
export class Failures {
	readonly groups = new Map<string, Group>();
	total = 0;
	/** Failures beyond GROUPS kinds. */
	other = 0;

	add(run: Run): void {
		this.total++;
		const failure = failureOf(run);
		const key = groupCode(run);
		const at = time(run.queuedAt) ?? 0;
		let group = this.groups.get(key);
		if (!group) {
			if (this.groups.size >= GROUPS) {
				this.other++;
				return;
			}
			const message = mask(failure.message.slice(0, 400));
			group = {
				code: key,
				function: functionOf(run),
				app: run.app.id,
				functionId: run.function.id,
				step: undefined,
				failure: { ...failure, message },
				count: 0,
				first: at,
				last: at,
				example: run.id,
				samples: [],
				recent: [],
			};
			this.groups.set(key, group);
		}
		group.count++;
		group.first = Math.min(group.first, at);
		group.last = Math.max(group.last, at);
		// Samples at the 1st, 2nd, 4th, 8th … failure: spread over time without knowing how many will come.
		if (Number.isInteger(Math.log2(group.count)) || group.samples.length < 2) {
			if (group.samples.length >= SAMPLES) group.samples.splice(1, 1);
			group.samples.push(run.id);
		}
		const event = eventOf(run);
		if (event !== undefined && group.recent.length < RECENT) group.recent.push({ event, run: run.id });
	}

	/** The groups, most frequent first. */
	list(): Group[] {
		return [...this.groups.values()].sort((a, b) => b.count - a.count || b.last - a.last);
	}
}

/** Names the failing step of each group from its samples' traces; groups of one step and error become one. */
export async function nameSteps(api: Api, groups: readonly Group[]): Promise<void> {
	await inParallel(groups, 4, async (group) => {
		const results = await inParallel(
			group.samples.slice(0, 2),
			2,
			async (id) => failingStep(stepsOf(await getTrace(api, id)))?.name,
		);
		const names = new Set(results.flatMap(({ value }) => value ?? []));
		group.step = names.size ? [...names].join(" or ") : undefined;
	});
}

/** How many of a group's newest failures have since been replayed: with success, failed again or still going. */
export interface Replays {
	looked: number;
	succeeded: number;
	again: number;
	unread: number;
}

export async function countReplays(api: Api, group: Group): Promise<Replays> {
	const counted: Replays = { looked: group.recent.length, succeeded: 0, again: 0, unread: 0 };
	const results = await inParallel(group.recent, 8, async ({ event, run }) => {
		const newer = (await runsOfEvent(api, event)).filter(
			(other) => other.function.id === group.functionId && other.id > run,
		);
		if (newer.some((other) => statusOf(other) === "COMPLETED")) counted.succeeded++;
		else if (newer.length) counted.again++;
	});
	counted.unread = results.filter(({ error }) => error !== undefined).length;
	return counted;
}

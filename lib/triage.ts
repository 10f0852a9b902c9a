/** Groups failures by function, failing step and normalised error, in memory that does not grow with their number. */
import { eventOf, functionOf, inParallel, type Run, runsOfEvent } from "./api.ts";
import { causeOf, stepsIn } from "./cause.ts";
import type { Api } from "./client.ts";
import { shortCode } from "./confirm.ts";
import { grouped, mask, quote, time } from "./text.ts";
import { type Failure, failureIn, getTrace, shortened, stepsOf } from "./trace.ts";

/** A failed run, as far as its group needs it. `at` is ms since the epoch. */
interface Member {
	run: string;
	event: string | undefined;
	at: number;
}

export interface Group {
	/** What `replay-runs --group` takes: the same for the same function and normalised error. */
	code: string;
	function: string;
	step: string | undefined;
	failure: Failure;
	/** Where messages differ from run to run in what normalise() makes equal: words of the first two others. */
	others: string[];
	count: number;
	/** How many events started them: a replay that fails shares its event with the original. */
	events: number;
	first: number;
	last: number;
	/** The newest run. */
	example: string;
	/** A few runs, of different places in the code and times, whose traces tell the step. */
	samples: string[];
	/** The newest members: for looking up replays, and for telling steps apart. */
	recent: Member[];
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
	failureIn(run.output) ?? { name: "Error", message: "no error recorded", at: undefined, stack: "" };

/** The code of the group that a failed run, listed with its output, belongs to. */
export function groupCode(run: Run): string {
	const failure = failureOf(run);
	return shortCode([functionOf(run), failure.name, normalise(failure.message)], 6);
}

/** Groups kept apart at most; the rest is counted together. */
const GROUPS = 500;
/** Runs of a group whose traces are read to name its step, and whose events are looked up for replays. */
const SAMPLES = 6;
const RECENT = 300;

/** Collects failed runs, newest first, as lists give them with their outputs. */
export class Failures {
	readonly #groups = new Map<string, { group: Group; places: Set<string>; events: Set<number> }>();
	total = 0;
	/** Failures beyond GROUPS kinds. */
	other = 0;

	add(run: Run): void {
		this.total++;
		const code = groupCode(run);
		const failure = failureOf(run);
		const member: Member = { run: run.id, event: eventOf(run), at: time(run.queuedAt) ?? 0 };
		let known = this.#groups.get(code);
		if (!known) {
			if (this.#groups.size >= GROUPS) {
				this.other++;
				return;
			}
			known = { group: { code, ...startGroup(run, member, failure) }, places: new Set(), events: new Set() };
			this.#groups.set(code, known);
		}
		const { group, places, events } = known;
		group.count++;
		if (member.event === undefined || events.size < events.add(tail(member.event)).size) group.events++;
		const other = differing(group.failure.message, mask(failure.message.slice(0, 400)));
		if (other !== undefined && group.others.length < 2 && !group.others.includes(other)) group.others.push(other);
		group.first = Math.min(group.first, member.at);
		group.last = Math.max(group.last, member.at);
		// The 1st, 2nd, 4th, 8th … failure and each new place in the code: spread without knowing how many will come.
		const place = failure.at ?? "";
		const fresh = !places.has(place) && places.size < SAMPLES;
		if (fresh || (Number.isInteger(Math.log2(group.count)) && group.samples.length < SAMPLES))
			group.samples.push(run.id);
		if (fresh) places.add(place);
		if (group.recent.length < RECENT) group.recent.push(member);
	}

	/** The groups, most frequent first. */
	list(): Group[] {
		return [...this.#groups.values()].map(({ group }) => group).sort((a, b) => b.count - a.count || b.last - a.last);
	}
}

/** The first word in which a message differs from another of its kind. */
function differing(message: string, other: string): string | undefined {
	if (message === other) return undefined;
	const words = message.split(" ");
	return (
		other
			.split(" ")
			.find((one, i) => one !== words[i])
			?.slice(0, 24) ?? ""
	);
}

/** The end of an id as a number: a hundred thousand of them take a few MB. */
const tail = (id: string): number => Number.parseInt(id.slice(-10), 36);

function startGroup(run: Run, { at }: Member, failure: Failure): Omit<Group, "code"> {
	const name = functionOf(run);
	return {
		function: name,
		step: undefined,
		failure: shortened(failure),
		others: [],
		count: 0,
		events: 0,
		first: at,
		last: at,
		example: run.id,
		samples: [],
		recent: [],
	};
}

/** Why the runs failed, most frequent first, with an error of each kind. */
export function reasons(errors: readonly Failure[]): string[] {
	const kinds = new Map<string, { count: number; examples: Set<string> }>();
	for (const { name, message } of errors) {
		const key = `${name}: ${normalise(message)}`;
		const kind = kinds.get(key) ?? { count: 0, examples: new Set() };
		kinds.set(key, kind);
		kind.count++;
		if (kind.examples.size < 2) kind.examples.add(`${name}: ${message}`);
	}
	const sorted = [...kinds.values()].sort((a, b) => b.count - a.count);
	return sorted.slice(0, 3).map(({ count, examples: [example = "", another] }) => {
		const alike = another === undefined ? "" : " or alike";
		return `  ${grouped(count)} failed with ${quote(example)}${alike}`;
	});
}

/** Names the failing step of a group from its samples' traces; where they differ, the group is split by reading them all. */
export async function byStep(api: Api, group: Group): Promise<Group[]> {
	const stepOf = async (id: string) => {
		const trace = await getTrace(api, id);
		return stepsIn(causeOf(trace.output, stepsOf(trace)))
			.map(({ name }) => name)
			.join(" or ");
	};
	const sampled = await inParallel(group.samples, 3, stepOf);
	const names = new Set(sampled.filter(({ error }) => error === undefined).map(({ value }) => value));
	if (names.size <= 1 || group.count > group.recent.length)
		return [{ ...group, step: [...names].filter(Boolean).join(" or ") || undefined }];
	const parts = new Map<string | undefined, Group>();
	const steps = await inParallel(group.recent, 8, ({ run }) => stepOf(run));
	group.recent.forEach((member, i) => {
		const step = steps[i]?.value;
		const part = parts.get(step) ?? {
			...group,
			step,
			count: 0,
			first: member.at,
			last: member.at,
			example: member.run,
			recent: [],
		};
		parts.set(step, part);
		part.count++;
		part.first = Math.min(part.first, member.at);
		part.last = Math.max(part.last, member.at);
		part.recent.push(member);
	});
	const events = ({ recent }: Group) => new Set(recent.map(({ event, run }) => event ?? run)).size;
	return [...parts.values()].map((part) => ({ ...part, events: events(part) })).sort((a, b) => b.count - a.count);
}

/** How many of the events behind a group's newest failures have been replayed: with success since, or without so far. */
export interface Replays {
	looked: number;
	succeeded: number;
	again: number;
	unread: number;
}

export async function countReplays(api: Api, group: Group): Promise<Replays> {
	// Newest first: the newest failure of an event speaks for those that it follows.
	const newest = new Map(group.recent.toReversed().map((member) => [member.event ?? member.run, member]));
	const counted: Replays = { looked: newest.size, succeeded: 0, again: 0, unread: 0 };
	const results = await inParallel([...newest.values()], 8, async ({ event, run }) => {
		if (event === undefined) return;
		const all = (await runsOfEvent(api, event)).filter((other) => functionOf(other) === group.function);
		if (all.some((other) => other.id > run && other.status === "COMPLETED")) counted.succeeded++;
		else if (all.length > 1) counted.again++;
	});
	counted.unread = results.filter(({ error }) => error !== undefined).length;
	return counted;
}

/** What a watch goes by, in few requests: what ended in its slot, what failed before it, what goes on. */
import { Failures, type Group } from "../decide/triage.ts";
import { agedIn, endedOf, isIn, type Slot, tallyOf, type Wanted, type Watched, wantedOf } from "../decide/watch.ts";
import { type App, all, functionOf, listRunsRequest, Run, type RunFilter, refOf } from "../inngest/api.ts";
import { checkExists, listApps, resolveFunction } from "../inngest/functions.ts";
import type { Context } from "../intent.ts";
import { ServerError, SkillError } from "../text/errors.ts";
import { type FunctionRef, LIVE } from "../text/nouns.ts";
import { plural, time } from "../text/text.ts";
import type { Api } from "../wire/client.ts";

/** Requests at most, and how many of them are kept for schedules. */
const REQUESTS = 20;
const FOR_SCHEDULES = 6;
/** Runs on a page, and how long a server that is away is asked again, in ms. */
const PAGE = 100;
const AWAY = 60_000;

/** What is to be watched; durations in ms, `share` from 0 to 1. */
export interface Watching {
	slot: Slot;
	known: number;
	stuck: number;
	share: number;
	function?: FunctionRef | undefined;
	app?: string | undefined;
}

/** The reading for one call. */
export interface Reading extends Watching {
	context: Context;
	api: Api;
	/** How many requests are left. */
	left(): number;
	/** What could not be read, with the first reason; and what was left out. */
	missing: string[];
	why: string;
	omitted: string[];
	/** Functions that were not looked at for a recovery. */
	skipped: number;
}

export function openReading(watching: Watching, context: Context): Reading {
	let left = REQUESTS;
	const send: Api["send"] = (...asked) => {
		left--;
		return context.api.send(...asked);
	};
	return { ...watching, context, api: { send }, left: () => left, missing: [], why: "", omitted: [], skipped: 0 };
}

/** For what is only a part of all: notes that it could not be read. */
const noting = (reading: Reading, what: string) => (error: unknown) => {
	if (!(error instanceof SkillError)) throw error;
	reading.missing.push(what);
	reading.why ||= error.message;
	return undefined;
};

/** A server that is away for a moment is no news. */
async function patiently<T>({ clock, signal }: Context, ask: () => Promise<T>): Promise<T> {
	const until = clock.now() + AWAY;
	for (;;)
		try {
			return await ask();
		} catch (error) {
			const isAway = error instanceof ServerError && (error.status === 0 || error.status >= 500);
			if (!isAway || clock.now() >= until || signal.aborted) throw error;
			await clock.sleep(5_000, signal);
		}
}

interface Listed {
	runs: readonly Run[];
	/** There may be more. */
	cut: boolean;
}

/** Runs of these statuses alone: lists by the end have live ones, too (measured). */
async function list(
	api: Api,
	filter: RunFilter,
	pages: number,
	more: Record<string, string | number> = {},
): Promise<Listed> {
	const found = await all(api, listRunsRequest(filter, { limit: PAGE, ...more }), Run, (_, read) => read >= pages);
	const runs = found.filter(({ status }) => !filter.status || filter.status.some((one) => one === status));
	return { runs, cut: found.length >= pages * PAGE };
}

const OUTPUT = { includeOutput: "true" };
const FAILED = ["FAILED"] as const;
const ENDED = ["COMPLETED", "FAILED"] as const;

const within = ({ from, until }: Pick<Slot, "from" | "until">): Pick<RunFilter, "since" | "until"> => ({
	since: new Date(from).toISOString(),
	until: new Date(until).toISOString(),
});
const endedIn = (window: Pick<Slot, "from" | "until">) => ({ by: "endedAt" as const, ...within(window) });
const pastOf = ({ slot, known }: Watching) => ({ from: slot.from - known, until: slot.from });

/** What one list each tells of all functions. Throws where the slot's failures can't be read: then nothing was seen. */
export async function readSlot(reading: Reading): Promise<{ functions: Watched[]; apps: App[] }> {
	const { api, context, slot, app, function: fn } = reading;
	const [filter, failed] = await patiently(context, async () => {
		const named = { app, function: fn && (await resolveFunction(api, fn, app)) };
		const found = await list(api, { ...named, status: FAILED, ...endedIn(slot) }, 2, OUTPUT);
		// What is not there never fails.
		await checkExists(api, named);
		return [named, found] as const;
	});
	const ask = (what: string, of: RunFilter, pages: number, more = {}) =>
		list(api, { ...filter, ...of }, pages, more).catch(noting(reading, what));
	const [done, past, live, apps = []] = await Promise.all([
		ask("completed runs", { status: ["COMPLETED"], ...endedIn(slot) }, 2),
		ask("earlier failures", { status: FAILED, ...endedIn(pastOf(reading)) }, 2, OUTPUT),
		ask("live runs", { status: LIVE, ...within(agedIn(slot, reading.stuck)) }, 1, { order: "ASC" }),
		listApps(api).catch(noting(reading, "apps")),
	]);
	if (failed.cut) reading.omitted.push(`failures before the newest ${2 * PAGE}`);
	if (live?.cut) reading.omitted.push(`live runs after the oldest ${PAGE}`);
	const only = filter.function?.app ?? app;
	return {
		functions: watchedIn(slot, failed, done, past, live),
		apps: apps.filter(({ id, archivedAt }) => !archivedAt && (only === undefined || id === only)),
	};
}

function groupsIn(runs: readonly Run[]): Group[] {
	const failures = new Failures();
	for (const run of runs) failures.add(run);
	return failures.list();
}

const endOf = ({ endedAt }: Run): number => time(endedAt) ?? 0;

/** The functions of these runs, with what they tell of each. */
function watchedIn(slot: Slot, failed: Listed, done?: Listed, past?: Listed, live?: Listed): Watched[] {
	const failures = failed.runs.filter((run) => isIn(slot, endOf(run)));
	const ended = [...failures, ...(done?.runs.filter((run) => isIn(slot, endOf(run))) ?? [])];
	// Both windows may have what ended between them.
	const before = past?.runs.filter((run) => endOf(run) < slot.from) ?? [];
	const [groups, known] = [groupsIn(failures), groupsIn(before)];
	const refs = new Map([...ended, ...before, ...(live?.runs ?? [])].map((run) => [functionOf(run), refOf(run)]));
	return [...refs].map(([name, of]) => ({
		...{ function: name, of, before: [] },
		groups: groups.filter((group) => group.function === name),
		tally: {
			...tallyOf(ended.filter((run) => functionOf(run) === name).map(endedOf)),
			sampled: !done || done.cut || failed.cut,
		},
		known: known.filter((group) => group.function === name),
		whole: past !== undefined && !past.cut,
		live: live?.runs.filter((run) => functionOf(run) === name) ?? [],
	}));
}

/** Looks further at those functions of which that is not enough, as far as requests go: those that failed most come first. */
export async function lookFurther(reading: Reading, functions: readonly Watched[]): Promise<Watched[]> {
	const lastOf = ({ known }: Watched) => Math.max(0, ...known.map(({ last }) => last));
	const sorted = functions.toSorted(
		(a, b) => b.tally.failed - a.tally.failed || b.live.length - a.live.length || lastOf(b) - lastOf(a),
	);
	const looked: Watched[] = [];
	let left = 0;
	for (const one of sorted) {
		const wanted = wantedOf(one, reading.share);
		const wants = wanted.before || wanted.known;
		// One function takes four at most.
		const may = reading.left() >= FOR_SCHEDULES + 4;
		if (wants && !may && one.tally.failed) left++;
		else if (wants && !may) reading.skipped++;
		if (!wants || !may) looked.push(one);
		else looked.push((await lookAt(reading, one, wanted).catch(noting(reading, `the past of ${one.function}`))) ?? one);
	}
	if (left) reading.omitted.push(`what is usual of ${plural(left, "function")}`);
	return looked;
}

async function lookAt(reading: Reading, one: Watched, wanted: Wanted): Promise<Watched> {
	const { api, slot } = reading;
	const past = pastOf(reading);
	const ask = (window: Pick<Slot, "from" | "until">, status: RunFilter["status"], more = {}) =>
		list(api, { function: one.of, status, ...endedIn(window) }, 1, more);
	let { known, whole, tally } = one;
	if (wanted.known) {
		const failed = await ask(past, FAILED, OUTPUT);
		known = groupsIn(failed.runs.filter((run) => endOf(run) < slot.from));
		whole = !failed.cut;
	}
	if (!wanted.before) return { ...one, known, whole };
	const { runs, cut } = await ask(past, ENDED);
	const before = [...runs];
	const until = slot.from - slot.every;
	// They may all be of the slot before.
	if (cut && runs.every((run) => endOf(run) >= until))
		before.push(...(await ask({ from: past.from, until }, ENDED)).runs);
	if (tally.sampled) {
		const of = await ask(slot, ENDED);
		tally = { ...tallyOf(of.runs.map(endedOf)), sampled: of.cut };
	}
	return { ...one, known, whole, tally, before: before.map(endedOf).filter(({ at }) => at < slot.from) };
}

/** When the first run ended that there is of the known past (ms): an account's plan may keep less of it. */
export async function firstEnd({ api, ...reading }: Reading): Promise<number | undefined> {
	const { runs } = await list(api, { status: ENDED, ...endedIn(pastOf(reading)) }, 1, { order: "ASC", limit: 1 });
	return runs[0] && endOf(runs[0]);
}

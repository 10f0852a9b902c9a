import * as z from "zod/mini";
import { appFlag, count, flag, functionFlag, lasting, share } from "../lib/cli/params.ts";
import { Failures, type Group } from "../lib/decide/triage.ts";
import {
	agedIn,
	endedOf,
	isIn,
	newOf,
	type Slot,
	slotOf,
	type Told,
	tallyOf,
	tellings,
	type Wanted,
	type Watched,
	wantedOf,
} from "../lib/decide/watch.ts";
import { all, functionOf, listRunsRequest, Run, type RunFilter, refOf } from "../lib/inngest/api.ts";
import { checkExists, listApps, resolveFunction } from "../lib/inngest/functions.ts";
import { type Context, composed } from "../lib/intent.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { slotText, watchLines, watchNext } from "../lib/tell/watchtext.ts";
import { ServerError, SkillError, unread } from "../lib/text/errors.ts";
import { LIVE } from "../lib/text/nouns.ts";
import { plural, time } from "../lib/text/text.ts";
import type { Api } from "../lib/wire/client.ts";

/** Requests at most, and how many of them are kept for schedules. */
const REQUESTS = 20;
const FOR_SCHEDULES = 5;
/** A page of a list. */
const PAGE = 100;
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

const params = z.object({
	every: flag(
		z._default(lasting(MINUTE, DAY), 15 * MINUTE),
		"how often it is called: a slot (default 15m)",
		"DURATION",
	),
	slots: flag(z._default(count(1, 1000), 1), "slots that are told, to catch up (default 1)", "N"),
	known: flag(
		z._default(lasting(MINUTE, 90 * DAY), 7 * DAY),
		"failures of so long before are not new (default 7d)",
		"DURATION",
	),
	stuck: flag(
		z._default(lasting(MINUTE, 90 * DAY), 60 * MINUTE),
		"age from which live runs are told (default 1h)",
		"DURATION",
	),
	share: flag(
		z._default(share, 0.2),
		"share of failures above the usual that is told, of 5 runs or more, 3 of them failed (default 20%)",
		"PERCENT",
	),
	function: functionFlag(),
	app: appFlag(),
});
type Params = z.output<typeof params>;

export default composed({
	params,
	async run(p, context) {
		const slot = slotOf(context.now, p.every, p.slots);
		const reading = openReading(context, p, slot);
		const seen = await read(reading);
		const functions = await inHistory(reading, await lookUp(reading, seen.functions));
		const facts = { slot, share: p.share, stuck: p.stuck, functions, apps: seen.apps, missed: [] };
		const told = tellings(facts);
		const missing = unreadLines(reading, told.length > 0);
		const lines = watchLines(told, p.stuck, missing);
		const isQuiet = lines.length === 0;
		return {
			lines: [!isQuiet && `Inngest watch, ${slotText(slot)} (${context.target.label}):`, lines],
			silent: "NO_REPLY",
			next: [!isQuiet && watchNext(told, slot.from)],
			data: { from: iso(slot.from), until: iso(slot.until), told: told.map(plain), missing },
		};
	},
});

const iso = (ms: number): string => new Date(ms).toISOString();
/** What is told, without what it was found by. */
const plain = (one: Told) => ({
	...one,
	...("groups" in one && {
		groups: one.groups.map((group) => ({ ...group, of: undefined, recent: undefined, samples: undefined })),
	}),
});

/** What is read for one call, and by what. */
interface Reading {
	api: Api;
	context: Context;
	p: Params;
	slot: Slot;
	/** Requests that are left. */
	budget: { left: number };
	/** What could not be read, with the first reason; and of what only a part was. */
	missing: string[];
	why: string;
	parts: string[];
	/** Functions that were not looked at for a recovery alone. */
	skipped: number;
}

function openReading(context: Context, p: Params, slot: Slot): Reading {
	const budget = { left: REQUESTS };
	const send: Api["send"] = (...asked) => {
		budget.left--;
		return context.api.send(...asked);
	};
	return { api: { send }, context, p, slot, budget, missing: [], why: "", parts: [], skipped: 0 };
}

/** Notes what could not be read: the rest is told all the same. */
const noting = (reading: Reading, what: string) => (error: unknown) => {
	if (!(error instanceof SkillError)) throw error;
	reading.missing.push(what);
	reading.why ||= error.message;
	return undefined;
};

function unreadLines({ missing, why, parts, skipped }: Reading, isTold: boolean): string[] {
	const more = isTold && skipped > 0 ? [`recoveries of ${plural(skipped, "function")}`] : [];
	const left = [...parts, ...more];
	return [
		...(missing.length ? [`Could not be read: ${missing.join(", ")} (${why.replace(/\.$/, "")})`] : []),
		...(left.length ? [`Not looked at: ${left.join(", ")}; narrow it with --app`] : []),
	];
}

/** A server that is away for a moment is no news: it is asked again for a minute. */
async function patiently<T>({ clock, signal }: Context, ask: () => Promise<T>): Promise<T> {
	const until = clock.now() + MINUTE;
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

async function list(api: Api, filter: RunFilter, pages: number, more: Record<string, string> = {}): Promise<Listed> {
	const request = listRunsRequest(filter, { limit: PAGE, ...more });
	const runs = await all(api, request, Run, (_, read) => read >= pages);
	return {
		runs: runs.filter(({ status }) => filter.status?.some((one) => one === status)),
		cut: runs.length >= pages * PAGE,
	};
}

const OUTPUT = { includeOutput: "true" };
const FAILED = ["FAILED"] as const;
const ENDED = ["COMPLETED", "FAILED"] as const;
const within = ({ from, until }: Pick<Slot, "from" | "until">, by: "endedAt" | "queuedAt" = "endedAt") => ({
	by,
	since: iso(from),
	until: iso(until),
});

/** What one request each tells of all functions. Fails where the slot's failures can't be read: then nothing was seen. */
async function read(reading: Reading) {
	const { api, context, p, slot } = reading;
	const known = { from: slot.from - p.known, until: slot.from };
	const [filter, failed] = await patiently(context, async () => {
		const named = { app: p.app, function: p.function && (await resolveFunction(api, p.function, p.app)) };
		const found = await list(api, { ...named, status: FAILED, ...within(slot) }, 2, OUTPUT);
		// What is not there would never fail.
		await checkExists(api, named);
		return [named, found] as const;
	});
	const [done, past, live, apps] = await Promise.all([
		list(api, { ...filter, status: ["COMPLETED"], ...within(slot) }, 2).catch(noting(reading, "completed runs")),
		list(api, { ...filter, status: FAILED, ...within(known) }, 2, OUTPUT).catch(noting(reading, "earlier failures")),
		list(api, { ...filter, status: LIVE, ...within(agedIn(slot, p.stuck), "queuedAt") }, 1).catch(
			noting(reading, "live runs"),
		),
		listApps(api).catch(noting(reading, "apps")),
	]);
	if (failed.cut) reading.parts.push(`failures before the newest ${2 * PAGE}`);
	if (live?.cut) reading.parts.push(`live runs after the newest ${PAGE}`);
	const only = filter.function?.app ?? p.app;
	return {
		functions: watchedIn(slot, failed, done, past, live),
		apps: (apps ?? []).filter(({ id }) => only === undefined || id === only),
	};
}

const groupsIn = (runs: readonly Run[]): Group[] => {
	const failures = new Failures();
	for (const run of runs) failures.add(run);
	return failures.list();
};

/** The functions of these runs, with what they tell of each. */
function watchedIn(slot: Slot, failed: Listed, done?: Listed, past?: Listed, live?: Listed): Watched[] {
	const inSlot = ({ endedAt }: Run) => isIn(slot, time(endedAt));
	const ended = [...failed.runs, ...(done?.runs ?? [])].filter(inSlot);
	const groups = groupsIn(failed.runs.filter(inSlot));
	// What ended at the very end of the past is of the slot.
	const known = groupsIn((past?.runs ?? []).filter(({ endedAt }) => (time(endedAt) ?? 0) < slot.from));
	const refs = new Map(
		[...ended, ...(past?.runs ?? []), ...(live?.runs ?? [])].map((run) => [functionOf(run), refOf(run)]),
	);
	return [...refs].map(([name, of]) => {
		const own = (run: Run) => functionOf(run) === name;
		const ofIt = (group: Group) => group.function === name;
		return {
			...{ function: name, of, before: [] },
			groups: groups.filter(ofIt),
			tally: { ...tallyOf(ended.filter(own).map(endedOf)), sampled: !done || done.cut || failed.cut },
			known: known.filter(ofIt),
			whole: past !== undefined && !past.cut,
			live: live?.runs.filter(own) ?? [],
		};
	});
}

/** Looks further at the functions of which that does not tell enough, those that fail first, as far as requests go. */
async function lookUp(reading: Reading, functions: readonly Watched[]): Promise<Watched[]> {
	const { p, budget } = reading;
	const newest = ({ known }: Watched) => Math.max(0, ...known.map(({ last }) => last));
	const sorted = functions.toSorted(
		(a, b) => b.tally.failed - a.tally.failed || b.live.length - a.live.length || newest(b) - newest(a),
	);
	const looked: Watched[] = [];
	let left = 0;
	for (const one of sorted) {
		const wanted = wantedOf(one, p.share);
		const wants = wanted.before || wanted.known;
		const may = budget.left > FOR_SCHEDULES + 3;
		if (wants && !may && one.tally.failed) left++;
		if (wants && !may && !one.tally.failed) reading.skipped++;
		const whole =
			wants && may && (await lookAt(reading, one, wanted).catch(noting(reading, `the past of ${one.function}`)));
		looked.push(whole || one);
	}
	if (left) reading.parts.push(`the usual failures of ${plural(left, "function")}`);
	return looked;
}

/** The same, which says of what is new where the account's plan may keep less of the past than is to be known. */
async function inHistory({ api, context, p, slot }: Reading, functions: Watched[]): Promise<Watched[]> {
	const { target, now } = context;
	if (target.kind !== "cloud" || !functions.some((one) => newOf(one).length)) return functions;
	const filter = { status: ENDED, ...within({ from: slot.from - p.known, until: slot.from }) };
	const first = await list(api, filter, 1, { order: "ASC", limit: "1" }).catch(unread);
	const oldest = time(first?.runs[0]?.endedAt);
	const isShort = historyLine(target, { now, since: now - p.known, oldest });
	return isShort ? functions.map((one) => ({ ...one, whole: false })) : functions;
}

async function lookAt({ api, p, slot }: Reading, one: Watched, wanted: Wanted): Promise<Watched> {
	const known = { from: slot.from - p.known, until: slot.from };
	const ask = (window: Pick<Slot, "from" | "until">, status: RunFilter["status"], more?: Record<string, string>) =>
		list(api, { function: one.of, status, ...within(window) }, 1, more);
	const looked = { ...one };
	if (wanted.known) {
		const { runs, cut } = await ask(known, FAILED, OUTPUT);
		Object.assign(looked, { known: groupsIn(runs), whole: !cut });
	}
	if (!wanted.before) return looked;
	const { runs, cut } = await ask(known, ENDED);
	const before = runs.map(endedOf);
	const until = slot.from - slot.every;
	// All of them may be of the slot before alone.
	if (cut && (before.at(-1)?.at ?? 0) >= until) {
		const earlier = await ask({ from: known.from, until }, ENDED);
		before.push(...earlier.runs.map(endedOf));
	}
	looked.before = before.filter(({ at }) => at < slot.from);
	if (one.tally.sampled) {
		const of = await ask(slot, ENDED);
		looked.tally = { ...tallyOf(of.runs.map(endedOf)), sampled: of.cut };
	}
	return looked;
}

import * as z from "zod/mini";
import { appFlag, count, flag, functionFlag, intent, lasting, share } from "../lib/cli/params.ts";
import {
	agedIn,
	endedOf,
	groupsIn,
	newOf,
	oldestOf,
	type Slot,
	slotOf,
	tallyOf,
	tellings,
	type Wanted,
	type Watched,
	wantedOf,
	watchedIn,
} from "../lib/decide/watch.ts";
import { bounded, list, PAGE, patiently } from "../lib/gather/lists.ts";
import { missedTicks, noting, type Watching } from "../lib/gather/past.ts";
import { type App, endedIn, endOf, type Listed, type RunFilter, type Window, within } from "../lib/inngest/api.ts";
import { checkExists, lastSyncOf, listApps, resolveFunction } from "../lib/inngest/functions.ts";
import type { Context } from "../lib/intent.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { isLong, plainTold, slotText, unreadLines, WATCH_HELP, watchLines, watchNext } from "../lib/tell/watchtext.ts";
import { unread } from "../lib/text/errors.ts";
import { DONE, LIVE } from "../lib/text/nouns.ts";
import { DAY, iso, MINUTE, plural } from "../lib/text/text.ts";

/** The maximum number of requests; those reserved for schedules; functions read one by one. */
const REQUESTS = 20;
const FOR_SCHEDULES = 6;
const SINGLY = 2;
const params = z.object({
	every: flag(
		z._default(lasting(MINUTE, DAY), 15 * MINUTE),
		"length of a slot: call it once in each (default 15m)",
		"DURATION",
	),
	slots: flag(z._default(count(1, 1000), 1), "slots to report at once, to catch up; each on its own (default 1)", "N"),
	known: flag(
		z._default(lasting(MINUTE, 90 * DAY), 7 * DAY),
		"an error not seen for this long counts as new (default 7d)",
		"DURATION",
	),
	stuck: flag(
		z._default(lasting(MINUTE, 90 * DAY), 60 * MINUTE),
		"age at which a run that has not ended is reported (default 1h)",
		"DURATION",
	),
	share: flag(
		z._default(share, 0.2),
		"report a failure rate this many points above the usual one (default 20%), if at least 5 runs ended, 3 of them failed, and 10 ended before",
		"PERCENT",
	),
	function: functionFlag(),
	app: appFlag(),
});
type Params = z.output<typeof params>;

export default intent({
	params,
	help: WATCH_HELP,
	async run(p, context) {
		const slot = slotOf(context.now, p.every, p.slots);
		const reading = openReading(p, slot, context);
		const { functions, apps, filter } = await readSlot(reading);
		const looked = await inHistory(reading, await lookFurther(reading, functions, apps.length));
		const missed = await missedTicks(reading, apps, filter);
		const told = tellings({ ...p, slot, functions: looked, apps, missed });
		const further = p.app === undefined ? "--app" : "--function";
		const missing = unreadLines(reading, told.length > 0, p.function === undefined ? further : "");
		const lines = watchLines(told, p.stuck, missing, apps.flatMap(lastSyncOf), isLong(slot));
		const isQuiet = lines.length === 0;
		return {
			lines: [!isQuiet && `Inngest watch, ${slotText(slot)} (${context.target.label}):`, lines],
			silent: "NO_REPLY",
			next: [!isQuiet && watchNext(told, slot, reading.missing.length > 0)],
			data: { from: iso(slot.from), until: iso(slot.until), told: told.map(plainTold), missing },
		};
	},
});

/** On Cloud, what seems new may only be older than what the account's plan keeps. */
async function inHistory(reading: Reading, functions: Watched[]): Promise<Watched[]> {
	const { target, now } = reading.context;
	if (target.kind !== "cloud" || !functions.some((one) => newOf(one).length)) return functions;
	const first = list(reading.api, { status: DONE, ...endedIn(pastOf(reading)) }, 1, { order: "ASC", limit: 1 });
	const [oldest] = (await first.catch(unread))?.runs ?? [];
	const isShort = historyLine(target, { now, since: now - reading.p.known, oldest: oldest && endOf(oldest) });
	if (!isShort) return functions;
	const from = oldest ? oldestOf([oldest], reading.slot) : reading.slot.from;
	return functions.map((one) => ({ ...one, whole: false, readFrom: one.whole ? from : Math.max(from, one.readFrom) }));
}

/** The reading for one call. */
interface Reading extends Watching {
	p: Params;
	skipped: number;
}

function openReading(p: Params, slot: Slot, context: Context): Reading {
	const counted = bounded(context.api, REQUESTS, true);
	return { p, slot, context, ...counted, missing: [], why: "", omitted: [], skipped: 0 };
}

const OUTPUT = { includeOutput: "true" };
const FAILED = ["FAILED"] as const;

const pastOf = ({ slot, p }: Reading) => ({ from: slot.from - p.known, until: slot.from });

/** What one list each shows of all functions. Throws if the slot's failures can't be read: then nothing was seen. */
async function readSlot(reading: Reading): Promise<{ functions: Watched[]; apps: App[]; filter: RunFilter }> {
	const { api, context, slot, p } = reading;
	const { app, function: fn } = p;
	const [filter, failed] = await patiently(context, async () => {
		const named = { app, function: fn && (await resolveFunction(api, fn, app)) };
		const found = await list(api, { ...named, status: FAILED, ...endedIn(slot) }, 2, OUTPUT);
		// A function that doesn't exist never fails.
		await checkExists(api, named);
		return [named, found] as const;
	});
	const ask = (what: string, of: RunFilter, pages: number, more = {}) =>
		list(api, { ...filter, ...of }, pages, more).catch(noting(reading, what));
	/** If more functions have new failures than can be read one by one, reads more of the past. */
	const readMore = async (newest: Listed): Promise<Listed> => {
		const fresh = watchedIn(slot, failed, undefined, newest).filter((one) => newOf(one).length);
		if (!newest.cut || fresh.length <= SINGLY) return newest;
		const window = { from: slot.from - p.known, until: oldestOf(newest.runs, slot) };
		const older = await ask("earlier failures", { status: FAILED, ...endedIn(window) }, 4, OUTPUT);
		const seen = new Set(newest.runs.map(({ id }) => id));
		const runs = older?.runs.filter(({ id }) => !seen.has(id)) ?? [];
		return { runs: [...newest.runs, ...runs], cut: older?.cut ?? true };
	};
	const [done, newest, live, apps = []] = await Promise.all([
		ask("completed runs", { status: ["COMPLETED"], ...endedIn(slot) }, 2),
		ask("earlier failures", { status: FAILED, ...endedIn(pastOf(reading)) }, 2, OUTPUT),
		ask("live runs", { status: LIVE, ...within(agedIn(slot, p.stuck)) }, 1, { order: "ASC" }),
		listApps(api).catch(noting(reading, "apps")),
	]);
	const past = newest && (await readMore(newest));
	if (failed.cut) reading.omitted.push(`failures older than the newest ${2 * PAGE}`);
	if (live?.cut) reading.omitted.push(`live runs newer than the oldest ${PAGE}`);
	const only = filter.function?.app ?? app;
	return {
		filter,
		functions: watchedIn(slot, failed, done, past, live),
		apps: apps.filter(({ id, archivedAt }) => !archivedAt && (only === undefined || id === only)),
	};
}

/** Reads more about functions that need it, as requests allow: those with most failures first. */
async function lookFurther(reading: Reading, functions: readonly Watched[], apps: number): Promise<Watched[]> {
	const isNew = (one: Watched) => Number(!one.whole && newOf(one).length > 0);
	const lastOf = ({ known }: Watched) => Math.max(0, ...known.map(({ last }) => last));
	const sorted = functions.toSorted(
		(a, b) =>
			isNew(b) - isNew(a) || b.tally.failed - a.tally.failed || b.live.length - a.live.length || lastOf(b) - lastOf(a),
	);
	const looked: Watched[] = [];
	const left: string[] = [];
	for (const one of sorted) {
		const wanted = wantedOf(one, reading.p.share, reading.slot);
		const wants = wanted.before || wanted.known;
		const cost = Number(wanted.known) + (wanted.before ? 3 : 0);
		const may = reading.left() >= Math.min(FOR_SCHEDULES, apps + 2) + cost;
		// Since when an error is new is reported with it.
		if (wanted.before && !may && one.tally.failed) left.push(one.function);
		else if (wants && !one.tally.failed && !may) reading.skipped++;
		if (!wants || !may) looked.push(one);
		else looked.push((await lookAt(reading, one, wanted).catch(noting(reading, `history of ${one.function}`))) ?? one);
	}
	const some = left.length > SINGLY ? plural(left.length, "function") : left.join(" and ");
	if (some) reading.omitted.push(`usual failure rates of ${some}`);
	return looked;
}

async function lookAt(reading: Reading, one: Watched, wanted: Wanted): Promise<Watched> {
	const { api, slot } = reading;
	const past = pastOf(reading);
	const ask = (window: Window, status: RunFilter["status"], more = {}) =>
		list(api, { function: one.of, status, ...endedIn(window) }, 1, more);
	let { known, whole, readFrom, tally } = one;
	if (wanted.known) {
		const failed = await ask(past, FAILED, OUTPUT);
		known = groupsIn(failed.runs.filter((run) => endOf(run) < slot.from));
		whole = !failed.cut;
		readFrom = oldestOf(failed.runs, slot);
	}
	if (!wanted.before) return { ...one, known, whole, readFrom };
	const { runs, cut } = await ask(past, DONE);
	const before = [...runs];
	const until = slot.from - slot.every;
	// They may all be from the slot before.
	if (cut && runs.every((run) => endOf(run) >= until))
		before.push(...(await ask({ from: past.from, until }, DONE)).runs);
	if (tally.sampled) {
		const of = await ask(slot, DONE);
		tally = { ...tallyOf(of.runs.map(endedOf)), sampled: of.cut };
	}
	return { ...one, known, whole, readFrom, tally, before: before.map(endedOf).filter(({ at }) => at < slot.from) };
}

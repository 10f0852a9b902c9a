import * as z from "zod/mini";
import { intent, scope, sinceDay } from "../lib/cli/params.ts";
import { readCron, ticked } from "../lib/decide/schedules.ts";
import { tickReached } from "../lib/gather/slot.ts";
import {
	type App,
	allOf,
	type Fn,
	getRun,
	inParallel,
	listRunsRequest,
	pages,
	Run,
	refOfFn,
} from "../lib/inngest/api.ts";
import { checkExists, functionsOf, listApps, nameOf, ownApp, resolveFunction } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import type { Context } from "../lib/intent.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { byNeed, deletedLine, type Scheduled, tellSchedules } from "../lib/tell/scheduletext.ts";
import { unsyncedLines } from "../lib/tell/setup.ts";
import { noApps, noted, unread } from "../lib/text/errors.ts";
import { span, time, word } from "../lib/text/text.ts";

/** The runs read of a function with a schedule. */
interface Reading {
	fn: Fn;
	/** Newest first. */
	runs: Run[];
	/** Includes all that were queued from this time on (ms). NaN if none could be read. */
	from: number;
}

export default intent({
	params: z.object({ since: sinceDay(), ...scope() }),
	async run(p, context) {
		const { api, target, now } = context;
		const since = Date.parse(p.since);
		const ref = p.function && (await resolveFunction(api, p.function, p.app));
		const app = ref?.app ?? p.app;
		const { functions, unread, errors, ...found } = await ifLive(
			await functionsOf(api, app),
			context,
			await ownApp(context, app),
		);
		const apps = app === undefined ? found.apps : await listApps(api);
		const asked = functions.filter(({ id }) => !ref || id === ref.name);
		if (!asked.length && errors.length) throw errors[0];
		if (!asked.length) await checkExists(api, { function: ref, app });
		const missing: string[] = [];
		const own = app === undefined && target.kind !== "cloud";
		const deleted = own ? await listApps(api, "true").catch(noted(missing, "Deleted apps")) : [];
		for (const [i, error] of errors.entries()) noted(missing, word(unread[i] ?? ""))(error);
		const readings = await readAll(asked, since, app === undefined ? apps.length : 1, context, missing);
		const told = await inParallel(readings, 6, (one) => schedulesOf(one, { apps, since }, context));
		const all = byNeed(allOf(told).flat());
		await readErrors(context, all);
		const oldest = Math.min(now, ...readings.flatMap(({ runs }) => time(runs.at(-1)?.queuedAt) ?? []));
		const notes = [
			...(apps.length ? [] : [noApps(target)]),
			...unsyncedLines(
				apps.filter(({ id }) => app === undefined || id === app),
				apps,
			),
			// One not reached before its first sync is listed as deleted, too (measured).
			deletedLine(deleted?.filter(({ archivedAt, functionCount }) => archivedAt && functionCount)),
			historyLine(context, { since, oldest }),
		];
		const around = { window: span(p.since, undefined, now), app, unread, notes, now };
		return { ...tellSchedules(all, around, target.label), missing, exit: missing.length ? 1 : 0 };
	},
});

/** Adds the errors, which lists lack, of the last runs that failed, and what the last good ones returned: of the first three. */
async function readErrors({ api }: Context, all: readonly Scheduled[]): Promise<void> {
	const failed = all.filter(({ last }) => last?.status === "FAILED" && last.output == null);
	const runs = failed.slice(0, 3).flatMap(({ last, good }) => [last ?? [], good ?? []].flat());
	allOf(await inParallel(runs, 6, async (run) => Object.assign(run, await getRun(api, run.id).catch(unread))));
}

const cronsOf = (fn: Fn): string[] => fn.triggers.flatMap(({ type, value }) => (type === "CRON" ? value : []));

interface Window {
	apps: readonly App[];
	since: number;
}

async function schedulesOf(one: Reading, { apps, since }: Window, context: Context): Promise<Scheduled[]> {
	const { now } = context;
	const { fn, runs, from } = one;
	const createdAt = time(apps.find(({ id }) => id === fn.app.id)?.createdAt);
	const isRead = from < now;
	const each = cronsOf(fn).map(async (cron) => {
		const known = { fn, cron, runs, from: Math.max(from, since), until: now, createdAt };
		let found = isRead ? ticked(known) : undefined;
		if (found?.kind === "ticked" && found.missed.length)
			found = ticked({ ...known, reached: await tickReached(context, runs, cron) });
		const schedule = readCron(cron);
		const own = runs.filter(({ trigger }) => trigger?.cronSchedule === cron);
		const checked = found?.kind === "ticked" ? Math.max(from, found.first ?? from) : from;
		return {
			fn,
			cron,
			schedule,
			ticked: found,
			lost: Number.isNaN(from),
			last: own[0],
			good: own[0]?.status === "FAILED" ? own.find(({ status }) => status === "COMPLETED") : undefined,
			failed: own.filter(({ status, queuedAt }) => status === "FAILED" && (time(queuedAt) ?? 0) >= since),
			next: found?.kind === "idle" ? undefined : schedule?.next(now),
			checkedFrom: isRead && checked > since ? checked : undefined,
			knownFrom: createdAt !== undefined && createdAt > since ? createdAt : undefined,
		};
	});
	return Promise.all(each);
}

/**
 * Reads each function's newest runs until the window is covered; on Cloud, where limits are per account, with at most 20 requests (and up to
 * six for errors and outputs).
 */
async function readAll(
	functions: readonly Fn[],
	since: number,
	spent: number,
	{ api, target, signal, progress }: Context,
	missing: string[],
): Promise<Reading[]> {
	const all = functions.filter((fn) => cronsOf(fn).length).map((fn): Reading => ({ fn, runs: [], from: Infinity }));
	const budget = target.kind === "cloud" ? Math.max(1, 18 - spent) : 300;
	const each = Math.max(1, Math.floor(budget / all.length));
	const read = async (one: Reading) => {
		let left = each;
		for await (const page of pages(api, listRunsRequest({ function: refOfFn(one.fn) }, { limit: 100 }), Run)) {
			one.runs.push(...page);
			one.from = Math.min(...one.runs.flatMap((run) => time(run.queuedAt) ?? []));
			// A short page is the last: no request is sent.
			if (one.from < since || signal.aborted || (page.length >= 100 && --left === 0)) return;
		}
		one.from = 0;
	};
	const some = all.slice(0, budget);
	await inParallel(some, 6, async (one) => {
		if (signal.aborted) return;
		one.from = NaN;
		await read(one).catch(noted(missing, `Runs of ${nameOf(one.fn)}`));
		progress(`${some.filter(({ from }) => from < Infinity).length} of ${all.length} schedules checked`);
	});
	return all;
}

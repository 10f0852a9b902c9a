/** Apps and functions: lists, syncs, finding one by name; limits as v2 gives them (measured on v1.43). */
import * as z from "zod/mini";
import { nearest } from "../gate/manifest.ts";
import { isAway, isNotFound, refusal, UsageError, unread } from "../text/errors.ts";
import { argument, callOf, type FunctionRef, inTicks, nameOfRef } from "../text/nouns.ts";
import { clean, stamp, time, unique, word, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { Fault, many, maybe, maybeNumber, text } from "../wire/lenient.ts";
import { get, path, type Request } from "../wire/request.ts";
import { App, all, Fn, inParallel, One, type RunFilter, refOfFn } from "./api.ts";

export const listApps = (api: Api, archived?: "true"): Promise<App[]> =>
	all(api, get("/v2/apps", { limit: 100, archived }), App);

export const getApp = async (api: Api, app: string): Promise<App> =>
	(await api.send(get(path`/v2/apps/${app}`), One(App))).data;
/** Read only on Cloud: for `ifLive`. */
export const ownApp = async ({ api, target }: { api: Api; target: { kind: string } }, app: string | undefined) =>
	target.kind === "cloud" && app !== undefined ? getApp(api, app).catch(unread) : undefined;

export async function listFunctions(api: Api, app: string): Promise<Fn[]> {
	const functions = await all(api, get(path`/v2/apps/${app}/functions`, { limit: 100 }), Fn);
	return functions.map((fn) => ({ ...fn, app: { id: fn.app.id || app } }));
}

export const functionRequest = (app: string, name: string): Request => get(path`/v2/apps/${app}/functions/${name}`);

/** What identifies a function, as in a run. */
interface OfFunction {
	app: { id: string };
	function: { id: string };
}

/** A run's function; `gone` if no longer synced, undefined if it could not be read. */
export type SyncedFn = Fn | "gone" | undefined;

export async function fnOf(api: Api, { app, function: fn }: OfFunction): Promise<SyncedFn> {
	if (!app.id || !fn.id) return;
	try {
		return (await api.send(functionRequest(app.id, fn.id), One(Fn))).data;
	} catch (error) {
		if (isNotFound(error)) return "gone";
		throw error;
	}
}

/** onFailure handlers; whether the `unread` functions have one is unknown. */
export interface Handlers {
	found: readonly Fn[];
	unread: number;
}
const ASKED = 20;

/** The id of a function's onFailure handler (measured). Other functions may have it too. */
export const handlerId = (id: string): string => `${id}-failure`;

/** The onFailure handlers of some functions. The trigger names the function (measured). */
export async function handlersOf(api: Api, some: readonly OfFunction[]): Promise<Handlers> {
	const each = unique(some, (one) => `${one.app.id}/${one.function.id}`);
	const read = await inParallel(each.slice(0, ASKED), 6, async ({ app, function: { id } }) => {
		const fn = await fnOf(api, { app, function: { id: handlerId(id) } });
		if (!fn || fn === "gone") return [];
		const isOf = fn.triggers.some(
			({ value, if: of }) => value === "inngest/function.failed" && of.split(/["']/).includes(`${app.id}-${id}`),
		);
		return isOf ? [fn] : [];
	});
	const lists = read.flatMap(({ value }) => (value ? [value] : []));
	return { found: lists.flat(), unread: each.length - lists.length };
}

export const nameOf = (fn: Fn): string => word(`${fn.app.id}/${fn.id}`);

type Asked = Map<string, ReturnType<typeof readFunctions>>;
const known = new WeakMap<Api, Asked>();

/**
 * The functions of one app, or of all that are not archived. `unread`: apps that could not be read (with their `errors`), or all apps if
 * there are more than `most`.
 */
export function functionsOf(api: Api, app?: string, most = Infinity): ReturnType<typeof readFunctions> {
	const asked: Asked = known.get(api) ?? new Map();
	const key = JSON.stringify([app, most]);
	const answer = asked.get(key) ?? readFunctions(api, app, most);
	known.set(api, asked.set(key, answer));
	return answer;
}

async function readFunctions(api: Api, app: string | undefined, most: number) {
	const apps = app === undefined ? (await listApps(api)).filter((one) => !one.archivedAt) : [];
	const ids = app === undefined ? apps.map((one) => one.id) : [app];
	const lists = await inParallel(ids.length > most ? [] : ids, 6, (id) => listFunctions(api, id));
	return {
		apps,
		functions: lists.flatMap(({ value }) => value ?? []),
		unread: ids.filter((_, i) => lists[i]?.value === undefined),
		errors: lists.flatMap(({ error }) => error ?? []),
	};
}

/** The function in --app's app. Both may name it. */
export function inAppOf(ref: FunctionRef, app: string | undefined): FunctionRef {
	if (app === undefined || app === ref.app) return ref;
	if (ref.app !== undefined)
		throw refusal(
			`--function names a function of ${word(ref.app)}, but --app is ${word(app)}`,
			"Leave --app out.",
			"done",
		);
	return { app, name: ref.name.startsWith(`${app}/`) ? ref.name.slice(app.length + 1) : ref.name };
}

/** With --curl, no app is looked up. */
export function withApp({ app, name }: FunctionRef): FunctionRef & { app: string } {
	if (app !== undefined) return { app, name };
	throw refusal("--curl needs the function's app", "Write it as app/function.");
}

/** Ways to write a function, surest first: the dashboard writes `shop-import-catalog`. */
const WRITTEN: readonly ((fn: Fn) => string)[] = [
	({ app, id }) => `${app.id}/${id}`,
	({ id }) => id,
	({ app, id }) => `${app.id}-${id}`,
];

/** Completes a function's name with its app. */
export async function resolveFunction(
	api: Api,
	given: FunctionRef,
	inApp?: string,
): Promise<FunctionRef & { app: string }> {
	const { app, name } = inAppOf(given, inApp);
	const asGiven = app === undefined ? undefined : { app, name };
	// The server finds a function by the dashboard's name, but no runs (measured).
	if (asGiven && !name.startsWith(`${app}-`)) return asGiven;
	const { functions, errors } = await functionsOf(api, app);
	const [meant, ...others] =
		WRITTEN.map((as) => functions.filter((fn) => as(fn) === name)).find((found) => found.length) ?? [];
	// An unreadable app may also have a function of that name.
	if (errors.length && !asGiven) throw errors[0];
	if (meant && !others.length) return refOfFn(meant);
	if (asGiven) return asGiven;
	const shown = clean(name, 60);
	if (!meant) throw refusal(`No app has a function ${shown}`, functionHint(name, likeOf(name, functions)), "done");
	throw new UsageError(
		`Several apps have a function ${shown}: ${[meant, ...others].map((fn) => word(fn.app.id)).join(", ")}.`,
		name.includes("/") ? `Add --app ${argument(meant.app.id)}.` : `Write it as ${word(meant.app.id)}/${shown}.`,
	);
}

const hint = (meant: string | undefined, call: string): string =>
	words(meant && `Did you mean ${meant}?`, `${inTicks(call)} shows all.`);

function likeOf<T extends { id: string }>(name: string, all: readonly T[] = []): T | undefined {
	const near = nearest(
		name,
		all.map(({ id }) => id),
	);
	return all.find(({ id }) => id === near);
}

function functionHint(name: string, meant: Fn | undefined, app?: string): string {
	return words(
		name.includes(",") && "This takes one function.",
		hint(meant && nameOf(meant), callOf("list-functions", [], { app }) ?? "list-functions"),
	);
}

/** Throws with advice if the app or function does not exist. */
export async function checkExists(api: Api, filter: RunFilter): Promise<void> {
	const app = filter.function?.app ?? filter.app;
	if (app === undefined) return;
	const name = filter.function?.name;
	try {
		await api.send(name === undefined ? get(path`/v2/apps/${app}`) : functionRequest(app, name), z.unknown());
	} catch (error) {
		if (!isNotFound(error)) throw error;
		const apps = await listApps(api);
		const own = apps.find(({ id }) => id === app);
		if (!own) {
			const near = likeOf(app, apps);
			throw error.told(`There is no app ${word(app)} (404).`, hint(near && word(near.id), "list-apps"));
		}
		if (name === undefined) return;
		// Whatever is listed exists, even if the server doesn't find it by name.
		const functions = await listFunctions(api, app);
		if (functions.some(({ id }) => id === name)) return;
		// Or, of few apps, in another.
		const meant =
			likeOf(name, functions) ?? likeOf(name, (await functionsOf(api, undefined, 10).catch(unread))?.functions);
		const [sync] = meant || !own.latestSync?.url ? [] : lastSyncOf(own);
		throw error.told(
			`App ${word(app)} has no function ${word(name)} (404).`,
			words(
				functionHint(name, meant, app),
				sync && `If deployed since its last sync (${stamp(sync.at)}):`,
				sync && inTicks(`sync-app ${argument(app)}`),
			),
		);
	}
}

/** Adds to a 404 which function may be meant, or that it is listed. */
export const ofFunction = <T>(api: Api, ref: FunctionRef, asked: Promise<T>): Promise<T> =>
	asked.catch(async (error) => {
		if (!isNotFound(error)) throw error;
		await checkExists(api, { function: ref });
		const what = `${word(nameOfRef(ref))} is listed, but the server did not find it by its name: ${error.message}`;
		throw error.told(what, "Try again in a minute, or use Inngest's dashboard.");
	});

const numbers = { limit: maybeNumber, burst: maybeNumber, maxSize: maybeNumber };
const Limit = z.object({ ...numbers, period: maybe, timeout: maybe, mode: maybe, key: maybe });
/** The fields of each kind of limit. Throttle delays existing runs; the others decide which runs there are. */
const HAS = {
	rateLimit: ["limit", "period"],
	throttle: ["limit", "period"],
	debounce: ["period"],
	eventsBatch: ["maxSize", "timeout"],
	singleton: ["mode"],
} as const;
export type LimitKind = keyof typeof HAS;
export const isLimit = (key: string): key is LimitKind => Object.hasOwn(HAS, key);

export function limitOf(
	{ configuration }: Pick<Fn, "configuration">,
	kind: LimitKind,
): z.output<typeof Limit> | undefined {
	const limit = z.safeParse(Limit, configuration[kind]).data;
	return HAS[kind].every((key) => limit?.[key]) ? limit : undefined;
}

const Amount = z.object({ value: z.nullish(z.union([z.number(), z.string()])), isPlanLimit: z.nullish(z.boolean()) });
const Concurrency = many(z.object({ limit: z.nullish(Amount), scope: maybe, key: maybe }));
/** A function's concurrency limits; 0 means none (Inngest's reference). The plan's only with `all`. */
export const limitsOf = (fn: Fn, all = false): z.output<typeof Concurrency> =>
	(z.safeParse(Concurrency, fn.configuration.concurrency).data ?? []).filter(
		({ limit }) => (all || !limit?.isPlanLimit) && Number(limit?.value) > 0,
	);

/** Paused or archived: it starts no run. */
export const isIdle = ({ isPaused, isArchived }: Pick<Fn, "isPaused" | "isArchived">): boolean | null | undefined =>
	isPaused || isArchived;

/** What a singleton does while it has a live run: SKIP or CANCEL. */
export const singletonMode = (fn: Pick<Fn, "configuration"> | undefined): string | undefined =>
	fn && limitOf(fn, "singleton")?.mode?.toUpperCase();
export const cancelsOthers = (fn: Fn | undefined): boolean => singletonMode(fn) === "CANCEL";

const Retries = z.object({ value: maybeNumber });
const Cancellations = many(z.object({ event: z.string(), condition: maybe, timeout: maybe }));
export type Cancellation = z.output<typeof Cancellations>[number];

export const cancellationsOf = (fn: Fn): Cancellation[] =>
	z.safeParse(Cancellations, fn.configuration.cancellations).data ?? [];

export const cancelNames = (fn: Fn | undefined): string[] => [
	...new Set(fn && cancellationsOf(fn).map(({ event }) => event)),
];

/** The maximum number of attempts, of each step and of code outside any step. */
export function attemptsOf(fn: SyncedFn): number | undefined {
	const retries = z.safeParse(Retries, typeof fn === "object" ? fn.configuration.retries : undefined).data;
	return retries && (retries.value ?? 0) + 1;
}

/** Whether an app's last sync failed or it is unreachable. OSS gives only the error (measured), Cloud also a status. */
export const hasSyncFailed = ({ latestSync: sync }: Pick<App, "latestSync">): boolean =>
	Boolean(sync?.error) || statusOf(sync?.status) === "error";

/** OSS gives an app that has never synced neither a name nor an id of its own, and calls it unreachable whatever answers (measured). */
export const isNamed = ({ name, latestSync }: App): boolean => Boolean(name) || !latestSync?.url;
/** An app's id; its address if it has never synced. */
export const addressOf = (app: App): string => (!isNamed(app) && app.latestSync?.url) || app.id;

/** Another app that answers at the address where an app can't be reached. Apps that use connect all have the gateway's (Inngest's source, v1.43). */
export function answeringFor({ id, latestSync: sync }: App, apps: readonly App[]): App | undefined {
	if (!sync?.url || !isAway(sync.error)) return;
	const there = apps.filter((one) => one.id !== id && one.latestSync?.url === sync.url && one.method !== "CONNECT");
	return there.find((one) => !one.archivedAt && !hasSyncFailed(one));
}

/** When an app was last synced, in ms (only Inngest Cloud shows that: service.proto, AppSync), and its version then. */
export interface LastSync {
	app: string;
	at: number;
	version: string | undefined;
}

export function lastSyncOf(app: App): LastSync[] {
	const { id, appVersion, latestSync: sync } = app;
	const at = hasSyncFailed(app) ? undefined : time(sync?.syncedAt);
	return at === undefined ? [] : [{ app: id, at, version: sync?.appVersion || appVersion || undefined }];
}

/** service.proto, 1.43: SyncAppResponse. A 422's error is under `latestSync`, according to it. */
export const Synced = z.object({
	data: z.nullish(
		z.object({
			id: maybe,
			status: text,
			error: z.nullish(Fault),
			latestSync: z.nullish(z.object({ error: z.nullish(Fault) })),
		}),
	),
	errors: many(Fault),
	status: z.optional(z.number()),
});

/** `error`: the server's own words. */
export interface End {
	status: "pending" | "success" | "duplicate" | "error";
	error?: string | undefined;
	code?: string | undefined;
}
const statusOf = (status: string | null | undefined) =>
	(["success", "duplicate", "error"] as const).find((one) => one === status?.toLowerCase());

/** What the response to a sync says. Without an end it is pending. */
export function outcomeOf({ data, errors, status }: z.output<typeof Synced>): End {
	const fault = data?.error ?? data?.latestSync?.error ?? errors[0];
	const told = statusOf(data?.status) ?? "pending";
	if (!fault && status === undefined && told !== "error") return { status: told };
	return { status: "error", error: fault?.message, code: fault?.code };
}

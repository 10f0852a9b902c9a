/** Reads lists of runs up to a limit; searches events. */
import { receivedAt } from "../decide/why.ts";
import {
	type Event,
	eventOf,
	type Fn,
	type Listed,
	listRuns,
	listRunsRequest,
	pages,
	Run,
	type RunFilter,
	readEach,
	within,
} from "../inngest/api.ts";
import {
	type EventFilter,
	eventPages,
	eventsOf,
	eventsOfNames,
	idsIn,
	type Link,
	linkOf,
	listMatcher,
	mostOf,
	namesIn,
	valueMatcher,
} from "../inngest/eventlist.ts";
import {
	checkExists,
	handlerId,
	handlersOf,
	type LastSync,
	lastSyncOf,
	listApps,
	resolveFunction,
} from "../inngest/functions.ts";
import type { Context } from "../intent.ts";
import { refusal, SkillError } from "../text/errors.ts";
import { isOneOf } from "../text/nouns.ts";
import { addTo, ago, DAY, grouped, iso, type Line, plural, time, unique, word, words } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import type { Request } from "../wire/request.ts";
import { listedEvents } from "./siblings.ts";
import { handlerOf } from "./story.ts";

/** Runs per page. */
export const PAGE = 100;

/** Requests left for details. */
export interface Budget {
	left: number;
}

/** Counts an API's requests against a budget. With `answered`, when they are answered. */
export const counting = (api: Api, budget: Budget, answered = false): Api => ({
	async send(...asked) {
		if (!answered) budget.left--;
		const answer = await api.send(...asked);
		if (answered) budget.left--;
		return answer;
	},
});

/** Allows at most `most` requests; throws a SkillError on more. With `answered`, retrying a server that is down costs nothing. */
export function bounded(api: Api, most: number, answered = false): { api: Api; left(): number } {
	const budget = { left: most };
	const counted = counting(api, budget, answered);
	const send: Api["send"] = async (...asked) => {
		if (budget.left > 0) return counted.send(...asked);
		throw new SkillError(`It takes more than ${most} requests.`, "Narrow it with --app.", 1);
	};
	return { api: { send }, left: () => budget.left };
}

/** Lists at most `most` pages, keeping only the requested statuses. Lists by end time include live runs (measured). */
export async function list(
	api: Api,
	filter: RunFilter,
	most: number,
	more: Record<string, string | number> = {},
): Promise<Listed> {
	const found: Run[] = [];
	let [read, cut] = [0, false];
	for await (const page of pages(api, listRunsRequest(filter, { limit: PAGE, ...more }), Run)) {
		found.push(...page);
		cut = page.more;
		if (++read >= most) break;
	}
	return { runs: found.filter(({ status }) => !filter.status || isOneOf(filter.status, status)), cut };
}

/** The maximum number of pages of runs read that ended after a moment. */
const PAGES = 3;

/** The runs in progress at `at` (ms), the first to end first. `whole`: those are all. `soon`: ended ones, queued up to 10 s later, the last to end first. */
export async function underWay(api: Api, at: number, about: number, now: number) {
	const { since, until } = within({ from: at - about, until: at + about });
	const [ended, live] = await Promise.all([
		list(api, { since, by: "endedAt" }, PAGES, { order: "ASC" }),
		listRuns(api, { until, status: ["RUNNING"] }, { timeField: "startedAt", limit: 100 }),
	]);
	const endOf = (run: Run) => time(run.endedAt) ?? now;
	const queuedAfter = (run: Run) => (time(run.queuedAt) ?? 0) - at - about;
	const runs = unique([...live.data, ...ended.runs], ({ id }) => id)
		.filter((run) => queuedAfter(run) < 0)
		.sort((a, b) => endOf(a) - endOf(b));
	const soon = ended.runs.filter((run) => queuedAfter(run) >= 0 && queuedAfter(run) < 10_000).reverse();
	return { runs, soon, whole: !ended.cut && !live.page?.cursor };
}

/** How much of a long list was read, and why not more: empty if it was read to its end. */
export interface Reading {
	read: number;
	stopped: string;
	/** When the last run read ended or was queued, depending on the list's order (ms). */
	oldest?: number | undefined;
}

export const notRead = (what: string, { message }: SkillError): string =>
	`${what} could not be read: ${message.replace(/\.$/, "")}`;

/** Passes up to `max` runs of a list to `take`. Ctrl-C or a failing server ends it early. Throws if nothing could be read. */
export async function readRuns(
	{ api, progress, signal }: Pick<Context, "api" | "progress" | "signal">,
	request: Request,
	{ max, noun, by = "--max" }: { max: number; noun: string; by?: string },
	take: (run: Run) => void,
): Promise<Reading> {
	let read = 0;
	let oldest: number | undefined;
	const ended = request.query?.timeField === "endedAt";
	try {
		for await (const page of pages(api, request, Run)) {
			if (read && signal.aborted) return { read, stopped: "interrupted", oldest };
			const taken = page.slice(0, max - read);
			taken.forEach(take);
			read += taken.length;
			oldest = taken.reduce((last, run) => (ended && time(run.endedAt)) || (time(run.queuedAt) ?? last), oldest);
			const all = plural(read, noun);
			progress(`${all} read`);
			if (taken.length < page.length) {
				const newest = read === 1 ? `${noun} was` : `${all} were`;
				return { read, stopped: `only the newest ${newest} read (${by})`, oldest };
			}
		}
	} catch (error) {
		if (!(error instanceof SkillError) || !read) throw error;
		return { read, stopped: signal.aborted ? "interrupted" : notRead(`older ${noun}s`, error), oldest };
	}
	return { read, stopped: "", oldest };
}

export const syncText = ({ app, version }: LastSync): string =>
	words("the last sync of", word(app), version && `(${word(version)})`);

/** Completes the filter with its function's app and the time of `--since-deploy`. `line` says what the latter is. */
export async function readFilter<P extends RunFilter & { sinceDeploy: boolean }>(
	{ api, now }: Pick<Context, "api" | "now">,
	given: P,
): Promise<{ p: P; line: Line }> {
	const p = { ...given, function: given.function && (await resolveFunction(api, given.function, given.app)) };
	if (!p.sinceDeploy) return { p, line: undefined };
	const named = p.function?.app ?? p.app;
	const apps = (await listApps(api)).filter(({ id, archivedAt }) => (named === undefined ? !archivedAt : id === named));
	if (named !== undefined) await checkExists(api, { app: named });
	const [sync] = apps.flatMap(lastSyncOf);
	if (!sync)
		throw refusal(
			"This server does not show when the app was synced (Inngest Cloud does)",
			"Use --since with the time of the deploy, such as --since 2h.",
			"done",
		);
	if (apps.length > 1) throw refusal("--since-deploy needs one app", "Add --app APP.", "done");
	if (Number(time(p.until)) <= sync.at)
		throw refusal(`--until is before ${syncText(sync)}`, "Leave --until out.", "done");
	return {
		p: { ...p, since: iso(sync.at) },
		line: `Since ${syncText(sync)}, ${ago(sync.at, now)}.`,
	};
}

/** Events of a name, newest first on each page; all between these times (ms) were read. */
export interface NamedEvents {
	name: string;
	events: Event[];
	since: number;
	until: number;
}

/** The events of a name around `at` (ms). From 24 hours before, and in the `after` ms from then, one page of each. */
export async function eventsAround(
	context: Pick<Context, "api" | "now" | "target">,
	name: string,
	at: number,
	after: number,
): Promise<NamedEvents> {
	const pageOf = async (since: number, until: number): Promise<Event[]> =>
		(await eventPages(context, { name, since: iso(since), until: iso(until) }).next()).value ?? [];
	const [before, later] = await Promise.all([pageOf(at - DAY, at + 3_000), after ? pageOf(at, at + after) : []]);
	const most = mostOf(context.target);
	const last = before.length < most ? undefined : before.at(-1);
	const since = last ? receivedAt(last) : at - DAY;
	return { name, since, until: later.length < most ? at + after : at, events: [...later, ...before] };
}

/** The events of runs. From a list or one by one, whichever is cheaper. A cron's event adds nothing to its schedule. */
export async function readEvents(context: Context, runs: readonly Run[]): Promise<Map<string, Event>> {
	const own = runs.filter((run) => eventOf(run) !== undefined && !run.trigger?.cronSchedule);
	const listed = await listedEvents(context, own);
	const others = own.filter((run) => !listed.has(eventOf(run) ?? ""));
	return new Map([...listed, ...(await eventsOf(context, others))]);
}

/** The maximum number of events searched: for a list; to count. */
const SEARCHED = 2000;
const COUNTED = 100_000;
/** The maximum number of ids followed to other events; of the events kept for each. */
const FOLLOWED = 20;
const FEW = 5;

/** What to search for. `withRuns` keeps counted events, without their payloads. */
interface Search extends EventFilter {
	match?: readonly string[] | undefined;
	limit: number;
	count: boolean;
	withRuns: boolean;
}

/** What was found. `looked` excludes the server's own events, `rows` includes them. */
export interface FoundEvents {
	events: Event[];
	names: Map<string, number>;
	/** How many events match each text. */
	texts: Map<string, number>;
	/** Events omitted, as they have a text only within a longer word, unlike others; and those texts. */
	within: number;
	parts: Set<string>;
	/** How many have a text in the name only, not in the payload. */
	byName: number;
	total: number;
	looked: number;
	rows: number;
	/** The last event shown or searched. */
	oldest?: Event | undefined;
	/** There are more events than were shown or searched. */
	more: boolean;
}

/** Events found by an id, the newest of them; not `sure` if the id may belong to something else. */
export interface Related extends Link {
	sure: boolean;
	events: Event[];
	total: number;
}

/** What following the matches' ids led to: how many ids there were, those followed, and how many events were searched. */
export interface Hop {
	/** How many matches have the text in a value. Only their ids are followed. */
	from: number;
	ids: number;
	followed: readonly Link[];
	by: Related[];
	looked: number;
	/** Older events were not searched. */
	more: boolean;
}

/** Searches for events that match any of the texts, as whole words if any does. */
export async function searchEvents(p: Search, context: Context): Promise<FoundEvents> {
	const { match = [] } = p;
	const matchers = match.map(listMatcher);
	const [found, loose] = [nothing(), nothing()];
	// One more than is shown tells whether there are more.
	const size = p.name !== undefined && p.match === undefined && !p.count ? p.limit + 1 : undefined;
	const names = namesIn(p);
	const only = { ...p, name: names[0] ?? p.name };
	for await (const page of names[1] ? eventsOfNames(context, names, p) : eventPages(context, only, size)) {
		for (const event of page) {
			const kinds = matchers.map((kindIn) => kindIn(event));
			const texts = match.filter((_, i) => kinds[i]);
			const whole = texts.length ? match.filter((_, i) => kinds[i] === "whole") : texts;
			const byName = texts.length > 0 && !matchers.some((kindIn) => kindIn({ ...event, name: "" }));
			// Until one has a whole word.
			if (!found.total) add(loose, event, p, { texts, parts: [], byName });
			add(found, event, p, { texts: whole, parts: texts, byName });
			if (found.more) break;
		}
		if (found.more) break;
		context.progress(`${grouped(found.looked)} events searched`);
	}
	return found.within && !found.total ? loose : found;
}

const nothing = (): FoundEvents => ({
	events: [],
	names: new Map(),
	texts: new Map(),
	within: 0,
	parts: new Set(),
	byName: 0,
	total: 0,
	looked: 0,
	rows: 0,
	more: false,
});

/** The texts that an event has; `parts`: perhaps only within longer words. */
interface Had {
	texts: readonly string[];
	parts: readonly string[];
	byName: boolean;
}

/** Adds an event to what was found; or, if as many are shown or searched as may be, that there are more. */
function add(found: FoundEvents, event: Event, p: Search, { texts, parts, byName }: Had): void {
	const [shown, most] = p.count ? [Infinity, COUNTED] : [p.limit, SEARCHED];
	// Inngest's own events are not the user's.
	const own = p.name !== undefined || !event.name.startsWith("inngest/");
	found.more ||= found.rows >= most || (own && found.total >= shown);
	if (found.more) return;
	found.rows++;
	found.oldest = event;
	if (!own) return;
	found.looked++;
	if (p.match?.length && !texts.length) {
		for (const text of parts) found.parts.add(text);
		if (parts.length) found.within++;
		return;
	}
	for (const text of texts) addTo(found.texts, text);
	if (byName) found.byName++;
	found.total++;
	if (p.count) addTo(found.names, event.name);
	if (!p.count || p.withRuns) found.events.push(p.count ? { ...event, data: undefined, user: undefined } : event);
}

/** Follows the ids of these events one hop. */
export async function relatedTo(p: Search, events: readonly Event[], context: Context): Promise<Hop> {
	const { match = [] } = p;
	const meant = match.map(valueMatcher);
	const from = events.filter((event) => meant.some((isIn) => isIn(event)));
	const ids = idsIn(from, match);
	const followed = ids.slice(0, FOLLOWED);
	const above = new Set(events.map(({ internal_id }) => internal_id));
	const related = new Map<string, Related>();
	const hop: Hop = { from: from.length, ids: ids.length, followed, by: [], looked: 0, more: false };
	for await (const page of followed.length ? eventPages(context, { since: p.since, until: p.until }) : []) {
		hop.more = hop.looked + page.length > SEARCHED;
		const some = page.slice(0, SEARCHED - hop.looked);
		hop.looked += some.length;
		for (const event of some) {
			const found = above.has(event.internal_id) ? undefined : linkOf(event, followed);
			if (!found) continue;
			const { link, sure } = found;
			const by = `${sure} ${link.of} ${link.value}`;
			const one = related.get(by) ?? { ...link, sure, events: [], total: 0 };
			related.set(by, one);
			if (++one.total <= FEW) one.events.push(event);
		}
		if (hop.more) break;
		context.progress(`${grouped(hop.looked)} events searched for ids`);
	}
	return { ...hop, by: [...related.values()].sort((a, b) => Number(b.sure) - Number(a.sure) || a.total - b.total) };
}

/** The most failures whose handlers are read, of many runs. */
const HANDLERS = 5;

/** The runs of their onFailure handlers; null if none was found. */
export async function handlersFor(api: Api, failed: readonly Run[]) {
	const { found, unread: unknown } = await handlersOf(api, failed);
	const handles = (run: Run, fn: Fn) => fn.app.id === run.app.id && fn.id === handlerId(run.function.id);
	const own = failed.filter((run) => found.some((fn) => handles(run, fn)));
	const read = await readEach(own.slice(0, HANDLERS), 3, async (run) => (await handlerOf(api, run)) ?? null);
	return { handlers: read, unreadHandlers: { runs: own.length - read.size, functions: unknown } };
}

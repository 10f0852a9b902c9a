/** Reads events: from v1, page by page, and from the traces of runs that they started. */
import * as z from "zod/mini";
import type { Context } from "../intent.ts";
import { isNotFound, unread } from "../text/errors.ts";
import { timeOfId } from "../text/nouns.ts";
import { asJson, DAY, excerpt, folded, isObject, iso, isSecret, mask, unique, word, YEAR } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { maybeNumber, oddOf } from "../wire/lenient.ts";
import { get, path, type Request } from "../wire/request.ts";
import { allOf, Event, eventOf, follow, inParallel, many, One, type Run, readEach, type Span } from "./api.ts";

const EventPage = (more: boolean) => z.object({ data: many(Event, more) });
/** The maximum number of events per page: OSS caps it whatever is requested (measured). Cloud's is documented. */
export const mostOf = ({ kind }: Context["target"]): number => (kind === "cloud" ? 100 : 51);

/** The names in `--name`. */
export const namesIn = ({ name = "" }: EventFilter): string[] => [...new Set(name.split(/\s*,\s*/).filter(Boolean))];

export interface EventFilter {
	name?: string | undefined;
	since?: string | undefined;
	until?: string | undefined;
	cursor?: string | undefined;
}

const pageRequest = ({ name, since, until, cursor }: EventFilter, limit: number): Request =>
	get("/v1/events", { limit, name, received_after: since, received_before: until, cursor });

/** Requests events. Without a start OSS goes back an hour (its source), so a year is requested: longer than any plan keeps events. */
export const eventsRequest = (
	filter: EventFilter,
	{ now, target }: Pick<Context, "now" | "target">,
	limit = mostOf(target),
): Request => pageRequest({ ...filter, since: filter.since ?? iso(now - YEAR) }, limit);

/** Pages of events, newest first. On OSS, and only there, a page that is not full is the last. */
export function eventPages(
	context: Pick<Context, "api" | "now" | "target">,
	filter: EventFilter,
	wanted = Infinity,
): AsyncGenerator<Event[]> {
	const { api, target } = context;
	const limit = Math.min(wanted, mostOf(target));
	// An event sent again with its seed is listed each time (measured).
	return follow(async (cursor) => {
		const page = EventPage(cursor !== filter.cursor);
		const { data } = await api.send(eventsRequest({ ...filter, cursor }, context, limit), page);
		const last = data.at(-1)?.internal_id;
		const full = data.length + oddOf(data) >= limit;
		return { items: data, next: (target.kind !== "cloud" && !full) || last === cursor ? undefined : last };
	}, filter.cursor);
}

/** The same of several names, one event per page. */
export async function* eventsOfNames(
	context: Pick<Context, "api" | "now" | "target">,
	names: readonly string[],
	filter: EventFilter,
): AsyncGenerator<Event[]> {
	const lists = names.map((name) => ({ pages: eventPages(context, { ...filter, name }), events: [] as Event[] }));
	for (;;) {
		for (const one of lists) if (!one.events.length) one.events = (await one.pages.next()).value?.slice() ?? [];
		const idOf = ({ events }: (typeof lists)[number]) => events[0]?.internal_id ?? "";
		const event = lists.toSorted((a, b) => (idOf(a) < idOf(b) ? 1 : -1))[0]?.events.shift();
		if (!event) return;
		yield [event];
	}
}

/** A server stores an event some ms after its response (measured). */
const STORED_WITHIN = 3_000;

/** The oldest event of the last 24 hours with its sender's `id`, as only the first starts anything. In the three newest pages of its name, if they can be read. */
export async function withSameId(
	context: Pick<Context, "api" | "now" | "target">,
	{ name, id }: { name: string; id?: string | undefined },
): Promise<Event | undefined> {
	if (!id) return;
	const since = iso(context.now - DAY);
	let pages = 0;
	let first: Event | undefined;
	try {
		for await (const page of eventPages(context, { name, since })) {
			first = page.findLast((event) => event.id === id) ?? first;
			if (++pages === 3) break;
		}
	} catch (error) {
		unread(error);
	}
	return first;
}

type Source = Pick<Context, "api" | "clock">;

export const eventRequest = (id: string): Request => get(path`/v1/events/${id}`);

/** One event; waits for one that was just sent. */
export async function getEvent({ api, clock }: Source, id: string): Promise<Event> {
	const deadline = clock.now() + STORED_WITHIN;
	for (;;)
		try {
			return (await api.send(eventRequest(id), One(Event))).data;
		} catch (error) {
			const isNew = Math.abs(clock.now() - timeOfId(id)) < STORED_WITHIN;
			if (!isNotFound(error) || !isNew || clock.now() > deadline) throw error;
			await clock.sleep(200);
		}
}

/** The first events of some runs, by id, as far as they can be read. */
export async function eventsOf(source: Source, runs: readonly Run[]): Promise<Map<string, Event>> {
	const ids = [...new Set(runs.map(eventOf))].filter((id) => id !== undefined);
	return readEach(ids, 6, (id) => getEvent(source, id));
}

/** The maximum number of names whose events near a time are read. */
export const NAMES_READ = 3;
/** Events of the first of these names, from `within` ms before `at`. */
export async function eventsNear(api: Api, names: readonly string[], at: number, within: number): Promise<Event[]> {
	const found = await inParallel(names.slice(0, NAMES_READ), NAMES_READ, async (name) => {
		const window = { since: iso(at - within), until: iso(at + 1000) };
		return (await api.send(pageRequest({ name, ...window }, 51), EventPage(false))).data;
	});
	return allOf(found).flat();
}

/**
 * The events of a name within 2 s of the one that a trace says resumed a run: of three at once that matched, it named another than the run
 * received, in 20 of 24 runs (measured on v1.43).
 */
export async function rivalsOf(api: Api, { name, id }: Pick<Event, "name" | "id">, at: number): Promise<string[]> {
	const near = await eventsNear(api, [name], at + 1000, 3000);
	return near.flatMap((one) => (one.name === name && ![one.id, one.internal_id].includes(id) ? one.internal_id : []));
}

/** An event's data without what Inngest adds to invocations. */
export function payloadOf({ data }: Event): unknown {
	if (!isObject(data) || !("_inngest" in data)) return data ?? {};
	const { _inngest, ...rest } = data;
	return rest;
}

export const eventText = (event: Event, max: number): string => `${word(event.name)} ${excerpt(payloadOf(event), max)}`;

export type Matcher = (event: Event) => boolean;

/** Also as in a condition: `event.data.a == "text"`. */
const AT_FIELD = /^(?:event\.)?((?:data|user)(?:\.[^.=\s]+)+)(?:=|\s*={2,3}\s*|\s+=\s+)(?!=)(.*)$/s;

/**
 * Whether an event's data or user contains `text`, ignoring case; for `data.a.b=text`, whether it is exactly that there (keys may contain
 * dots; of a list, any element). Accented letters may be one character or two.
 */
export function payloadMatcher(text: string): Matcher {
	const [, at, value = ""] = AT_FIELD.exec(text) ?? [];
	if (at) {
		const composed = (one: string) => one.normalize("NFC");
		// Or in quotes, which a shell may have left.
		const wanted = [value, value.replace(/^(["'])(.*)\1$/s, "$2")].map(composed);
		const isIt = (one: unknown) => wanted.includes(composed(typeof one === "object" ? asJson(one) : String(one)));
		return (event) => valuesAt({ data: payloadOf(event), user: event.user }, composed(at).split(".")).some(isIt);
	}
	const wanted = folded(text);
	const escaped = asJson(wanted).slice(1, -1);
	const holds = (part: unknown) => {
		const json = folded(asJson(part));
		return json.includes(wanted) || json.includes(escaped);
	};
	return (event) => holds(payloadOf(event)) || holds(event.user ?? {});
}

/** Words and numbers, each between spaces; line breaks in JSON are none. */
const wordsIn = (text: string): string => `_${text}_`.replace(/(?:\\\\|\\[nrt]|[^\p{L}\p{M}\p{N}])+/gu, " ");

/** Lists also match names and whole ids. Either as whole words, or only within longer ones: `ord_1` in `ord_10`. */
export function listMatcher(text: string): (event: Event) => "whole" | "within" | undefined {
	const matches = payloadMatcher(text);
	const wanted = folded(text);
	const words = wordsIn(wanted);
	return (event) => {
		const { name, id, internal_id: own, user } = event;
		if (!matches(event) && !folded(name).includes(wanted) && ![id, own].map(folded).includes(wanted)) return;
		const all = folded(asJson([name, id, own, payloadOf(event), user]));
		return AT_FIELD.test(text) || wordsIn(all).includes(words) ? "whole" : "within";
	};
}

/** Matches the text in a value, or as a whole id. In a name or a key, it would not identify anything. */
export function valueMatcher(text: string): Matcher {
	if (AT_FIELD.test(text)) return payloadMatcher(text);
	const wanted = folded(text);
	return (event) =>
		[event.id, event.internal_id].some((id) => folded(id) === wanted) ||
		linksOf(event).some(({ value }) => folded(value).includes(wanted));
}

/** Also in lists, and in lists of those, but not deeper than `depth`. */
function valuesAt(value: unknown, keys: readonly string[], depth = 8): unknown[] {
	const elements = Array.isArray(value) && depth ? value.flatMap((one) => valuesAt(one, keys, depth - 1)) : [];
	if (!keys.length) return [value, ...elements];
	if (!isObject(value)) return [];
	const named = keys.flatMap((_, i) => {
		const key = keys.slice(0, i + 1).join(".");
		const there = Object.entries(value).filter(([name]) => name.normalize("NFC") === key);
		return there.flatMap(([, inner]) => valuesAt(inner, keys.slice(i + 1)));
	});
	return [...named, ...elements];
}

/** What events have in common: a value, the key where it was first found, and whose id it is: `order.id` is `orderId`. */
export interface Link {
	key: string;
	value: string;
	of: string;
}

const BARE = /^[^a-z]*(?:[ug]?u?ids?|numbers?)$/i;
const APART = /[^a-z](?:[ug]?u?ids?|numbers?)$/i;
const CAMEL = /[a-z\d](?:I[dD]s?|[UG]?UID|Uuid|Numbers?)$/;
/** `rowNumber` says where, not which. */
const COUNTS = /(?:row|line|page|part|attempt|version|sequence|step)[^a-z]?numbers?$/i;
/** Its value shows whether `orderid` is an id, unlike `paid` and `valid`. */
const isKey = (key: string, value: string): boolean =>
	!COUNTS.test(key) &&
	([BARE, APART, CAMEL].some((ends) => ends.test(key)) || (/[a-z]ids?$/.test(key) && isOwn(value)));

/** A value that is unique to one thing: not a number, a word or very short, which others may share. */
const isOwn = (value: string): boolean =>
	value.length > 3 && /\d/.test(value) && /[a-z]/i.test(value) && !isDate(value);
const isDate = (value: string): boolean => /^\d{4}-\d\d-\d\d/.test(value);
/** Shorter values are too common, unless like `p_9`; longer ones are not ids. */
const isId = (value: string): boolean =>
	/^(?:[1-9]\d*|[a-z][_-]\d)$/i.test(value) || (/^\S{4,100}$/.test(value) && mask(value) === value && !isDate(value));

/** `L-502`, `INV-2026-17`: not a code, a link or an address. */
const COUNTED = /^[a-z]{1,8}([-_]\d{1,12}){1,3}$/i;
const PRIVATE = /code|otp|pin|link|url|e?mail|token|invite|password|phone|card/i;

const bareName = (name: string): string => name.toLowerCase().replace(/[^a-z\d]|s$/g, "");

/** The strings and numbers in an event's data and user. */
function* linksIn(value: unknown, key: string, parent = "", depth = 0): Generator<Link> {
	if (typeof value === "string" || typeof value === "number")
		yield { key, value: String(value), of: (BARE.test(key) ? bareName(parent) : "") + bareName(key) };
	else if (isObject(value) && depth < 8)
		for (const [name, inner] of Object.entries(value)) {
			const names = Array.isArray(value) ? ([key, parent] as const) : ([name, key] as const);
			if (!isSecret(name, inner)) yield* linksIn(inner, ...names, depth + 1);
		}
}

/** What is in `shop/order.created` belongs to an order. */
const linksOf = (event: Event): Link[] => [
	...linksIn(payloadOf(event), /([^/.:]*)(?:[.:][^/]*)?$/.exec(event.name)?.[1] ?? ""),
	...linksIn(event.user, "user"),
];

/**
 * The ids in these events, each once. Values of keys that end in id or number, except those containing a `match`, which was already
 * searched for.
 */
export function idsIn(events: readonly Event[], match: readonly string[]): Link[] {
	const wanted = match.filter((text) => !AT_FIELD.test(text)).map(folded);
	const links = events
		.flatMap(linksOf)
		.filter(({ key, value }) => isKey(key, value) && isId(value))
		.filter(({ value }) => !wanted.some((text) => folded(value).includes(text)));
	const whose = ({ value, of }: Link) => (isOwn(value) ? value : `${of} ${value}`);
	return unique(links.toReversed(), whose).reverse();
}

/** An event's ids. First those of what its name is about: `orderId` of `shop/order.created`, or `order` if its value is like one; last, other values like one. */
export function ownIdsOf(event: Event): Link[] {
	const nouns = event.name.split(/[^a-z\d]+/i).filter((part) => part.length > 2);
	const isAbout = ({ of }: Link) => nouns.some((noun) => of.startsWith(bareName(noun)));
	const counted = linksOf(event).filter(({ key, value }) => COUNTED.test(value) && !PRIVATE.test(key));
	const named = counted.filter(({ key }) => nouns.some((noun) => bareName(noun) === bareName(key)));
	const ids = unique([...named, ...idsIn([event], []), ...counted], ({ key, value }) => `${key} ${value}`);
	return [...ids.filter(isAbout), ...ids.filter((one) => !isAbout(one))];
}

/**
 * The first of the ids that an event has: under any key if unique to one thing. A number or word must be the same kind of id; under another
 * id's key it is only possible, from four characters on.
 */
export function linkOf(event: Event, ids: readonly Link[]): { link: Link; sure: boolean } | undefined {
	const found = linksOf(event);
	const sure = ids.find(({ value, of }) => found.some((one) => one.value === value && (isOwn(value) || one.of === of)));
	if (sure) return { link: sure, sure: true };
	const numbers = ids.filter(({ value }) => value.length >= 4);
	const link = numbers.find(({ value }) => found.some((one) => one.value === value && isKey(one.key, value)));
	return link && { link, sure: false };
}

const Given = z.object({
	/** The sender's id, if any, or the internal one (measured). */
	id: z._default(z.string(), ""),
	name: z._default(z.string(), ""),
	data: z.optional(z.unknown()),
	user: z.optional(z.unknown()),
	ts: maybeNumber,
});
const Input = z.object({ data: z.array(Given) });
/** A failed run's events, given to the handler of its failure (measured). */
const Carried = z.object({ data: z.object({ event: Given, events: z.optional(z.array(Given)) }) });

const asEvent = (given: z.output<typeof Given>): Event => ({ internal_id: "", ...given });

/** All events that started a run, first the one that a replay has. From its trace: lists give only a batch's first (measured). */
export const eventsIn = (trace: Span | undefined): Event[] | undefined =>
	z.safeParse(Input, trace?.input).data?.data.map(asEvent);

/** The events with the user's payload. Not a timer's; for a failure handler, the failed run's. */
export function usersOwn(event: Event): Event[] {
	if (event.name === "inngest/scheduled.timer") return [];
	if (!/^inngest\/function\.(failed|cancelled|finished)$/.test(event.name)) return [event];
	const carried = z.safeParse(Carried, event).data?.data;
	return (carried?.events ?? (carried ? [carried.event] : [])).map(asEvent);
}

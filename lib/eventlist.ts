/** Reading events: v1 gives at most 51 a page, so lists go page by page. */
import * as z from "zod/mini";
import { Event, eventOf, inParallel, many, One, type Run } from "./api.ts";
import { isNotFound } from "./errors.ts";
import type { Context } from "./intent.ts";
import { oddOf } from "./lenient.ts";
import { get, path, type Request } from "./request.ts";
import { asJson, excerpt, word } from "./text.ts";

const EventPage = z.object({ data: many(Event) });
/** The server's cap, whatever is asked (measured). */
const PAGE = 51;

export interface EventFilter {
	name?: string | undefined;
	since?: string | undefined;
	until?: string | undefined;
	cursor?: string | undefined;
}

/** Without a start OSS goes back an hour (its source says so), so a year is asked for: longer than any plan keeps events. */
const YEAR = 365 * 86_400_000;

export const eventsRequest = (filter: EventFilter, now: number, limit = PAGE): Request =>
	get("/v1/events", {
		limit: Math.min(limit, PAGE),
		name: filter.name,
		received_after: filter.since ?? new Date(now - YEAR).toISOString(),
		received_before: filter.until,
		cursor: filter.cursor,
	});

/**
 * Pages of events, newest first, of at most `limit`; the cursor is the last one's internal id. `whole`: a page that is
 * not full is the last, which is known of OSS alone.
 */
export async function* eventPages(
	{ api, now }: Pick<Context, "api" | "now">,
	filter: EventFilter,
	limit: number | undefined,
	whole: boolean,
): AsyncGenerator<Event[]> {
	/** An event that was sent again under its seed is listed as often (measured), and is one all the same. */
	const seen = new Set<string>();
	for (let { cursor } = filter; ; ) {
		const request = eventsRequest({ ...filter, cursor }, now, limit);
		const { data } = await api.send(request, EventPage);
		yield data.filter(({ internal_id }) => seen.size < seen.add(internal_id).size);
		const last = data.at(-1)?.internal_id;
		if ((whole && data.length + oddOf(data) < Number(request.query?.limit)) || last === undefined || last === cursor)
			return;
		cursor = last;
	}
}

/** How long an event that was just sent is looked for, in ms: a server stores it after it has answered (measured). */
const STORED_WITHIN = 3_000;

/** What reading an event takes of a call. */
type Source = Pick<Context, "api" | "clock">;

export const eventRequest = (id: string): Request => get(path`/v1/events/${id}`);

/** One event; one that was just sent is waited for. */
export async function getEvent({ api, clock }: Source, id: string): Promise<Event> {
	const deadline = clock.now() + STORED_WITHIN;
	for (;;)
		try {
			return (await api.send(eventRequest(id), One(Event))).data;
		} catch (error) {
			const isNew = Math.abs(clock.now() - timeOf(id)) < STORED_WITHIN;
			if (!isNotFound(error) || !isNew || clock.now() > deadline) throw error;
			await clock.sleep(200);
		}
}

/** The first events of some runs, by id; one that can't be had is left out. */
export async function eventsOf(source: Source, runs: readonly Run[]): Promise<Map<string, Event>> {
	const ids = [...new Set(runs.map(eventOf))].filter((id) => id !== undefined);
	const found = await inParallel(ids, 6, (id) => getEvent(source, id));
	return new Map(found.flatMap(({ value }, i) => (value ? [[ids[i] ?? "", value]] : [])));
}

/** An event's data without what Inngest adds for itself when a function is invoked. */
export function payloadOf({ data }: Event): unknown {
	if (typeof data !== "object" || data === null || !("_inngest" in data)) return data ?? {};
	const { _inngest, ...rest } = data;
	return rest;
}

/** `shop/order.created «{"orderId":"ord_1"}»`. */
export const eventText = (event: Event, max: number): string => `${word(event.name)} ${excerpt(payloadOf(event), max)}`;

/** When a ULID was made, in ms since 1970: its first ten characters, in Crockford's base 32. */
const timeOf = (id: string): number =>
	Array.from(id.slice(0, 10)).reduce((sum, digit) => sum * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(digit), 0);

/** Whether an event's payload, name or id holds `text`, or the value at `data.a.b` is exactly it (`data.a.b=text`). */
export function matcher(text: string): (event: Event) => boolean {
	const at = /^((?:data|user)(?:\.[^.=\s]+)+)=(.*)$/s.exec(text);
	if (at) {
		const keys = (at[1] ?? "").split(".");
		return (event) => {
			let value: unknown = event;
			for (const key of keys)
				value =
					typeof value === "object" && value !== null && Object.hasOwn(value, key)
						? Reflect.get(value, key)
						: undefined;
			return value !== undefined && (typeof value === "object" ? asJson(value) : String(value)) === at[2];
		};
	}
	const wanted = text.toLowerCase();
	const escaped = asJson(wanted).slice(1, -1);
	return ({ name, id, internal_id, data, user }) =>
		[name, id, internal_id].some((part) => part.toLowerCase().includes(wanted)) ||
		[asJson(data), asJson(user)].some((json) => [wanted, escaped].some((one) => json.toLowerCase().includes(one)));
}

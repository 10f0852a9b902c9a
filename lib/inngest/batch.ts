/** The payloads that started a run. */
import * as z from "zod/mini";
import type { Event, Span } from "./api.ts";

const Given = z.object({
	name: z._default(z.string(), ""),
	data: z.optional(z.unknown()),
	user: z.optional(z.unknown()),
});
const Input = z.object({ data: z.array(Given) });
/** A failed run's events, for the handler of its failure (measured). */
const Carried = z.object({ data: z.object({ event: Given, events: z.optional(z.array(Given)) }) });

const asEvent = (given: z.output<typeof Given>): Event => ({ internal_id: "", id: "", ...given });

/** All events that started a run, the one that a replay has first, by its trace: lists give a batch's first alone (measured). */
export const eventsIn = (trace: Span | undefined): Event[] | undefined =>
	z.safeParse(Input, trace?.input).data?.data.map(asEvent);

/** The events whose payload is the user's: a timer's is not, and that of a handler's event is the failed run's. */
export function usersOwn(event: Event): Event[] {
	if (event.name === "inngest/scheduled.timer") return [];
	if (!/^inngest\/function\.(failed|cancelled|finished)$/.test(event.name)) return [event];
	const carried = z.safeParse(Carried, event).data?.data;
	return (carried?.events ?? (carried ? [carried.event] : [])).map(asEvent);
}

import * as z from "zod/mini";
import { flag, intent, jsonFlag, jsonObject, ulid, waitFlag } from "../lib/cli/params.ts";
import { isSame } from "../lib/decide/compare.ts";
import { receivedAt } from "../lib/decide/why.ts";
import type { Event } from "../lib/inngest/api.ts";
import { getEvent, payloadOf } from "../lib/inngest/eventlist.ts";
import { checkEvent, type EventInput, goesByApi, oneEventBy, seedsFor, sendOne } from "../lib/sending/events.ts";
import { payloadLines } from "../lib/tell/eventtext.ts";
import { refusal } from "../lib/text/errors.ts";
import { callText } from "../lib/text/nouns.ts";
import { type Lines, lines, stamp, word, words } from "../lib/text/text.ts";
import { warned } from "../lib/work/select.ts";
import { started } from "../lib/work/wait.ts";

type Data = z.output<typeof jsonObject> | undefined;

/** Without a sender's `ts`, it is when the event came, to some ms. */
const SOON = 5_000;

export default intent({
	params: z.object({
		id: flag(ulid, "the past event's internal id", "EVENT_ID", { position: "one" }),
		data: jsonFlag(z.optional(jsonObject), "fields of data to change, an object"),
		wait: waitFlag("wait for the runs it starts"),
	}),
	events: true,
	changesBy: oneEventBy,
	async run({ id, data, wait }, context) {
		const { target } = context;
		const past = await getEvent(context, id);
		if (/^inngest\//i.test(past.name))
			throw refusal(
				`Event ${id} is Inngest's own (${word(past.name)})`,
				words("Next:", callText([`get-event ${id}`, "names its runs, which can be replayed"])),
			);
		const event = renewed(past, data);
		const changed = changedText(past, data);
		const told = eventLines(past, event);
		const plan = lines(`Send ${word(event.name)} of event ${id} again${changed}, to ${target.label}.`, told);
		const { surprise, cancels, note, unchecked, unawaited, listening, data: foreseen } = await warned(context, event);
		const sent = await sendOne(context, event, seedsFor(context, plan, event, surprise));
		const said = [
			`Sent ${word(event.name)} again as event ${sent}${changed} (${target.label}).`,
			told,
			event.v !== undefined &&
				goesByApi(context) &&
				`Its version (v ${word(event.v)}) was omitted: with INNGEST_API_KEY an event has none.`,
			unchecked,
			!wait && note,
		];
		const result = { id: sent, from: id, event, foreseen };
		const done = { lines: said, ...(unawaited && { next: [`get-event ${sent}`] }), data: result };
		return started(wait, { ids: [], event: sent, sent: event, listening, cancels }, context, done);
	},
});

const dataOf = (event: Event) => z.safeParse(jsonObject, payloadOf(event)).data ?? {};

/** A new event: without id (it would be taken for the old one), ts (it would be backdated) and meta (no API returns it). */
function renewed(past: Event, data: Data): EventInput {
	const user = z.safeParse(jsonObject, past.user).data;
	return checkEvent({
		name: past.name,
		data: { ...dataOf(past), ...data },
		...(user && { user }),
		...(past.v && { v: past.v }),
	});
}

function changedText(past: Event, data: Data = {}): string {
	const before = dataOf(past);
	const keys = Object.keys(data).filter((key) => !isSame(before[key], data[key]));
	return keys.length ? `, changed: ${keys.map(word).join(", ")}` : "";
}

/** What is sent, and what of the past event is not. */
function eventLines(past: Event, event: EventInput): Lines {
	const { id, ts } = past;
	const dropped = [
		id && id !== past.internal_id && `id ${word(id)}`,
		ts && Math.abs(ts - receivedAt(past)) > SOON && `ts ${stamp(ts)}`,
	].filter(Boolean);
	return [
		...payloadLines(event.data, event.user),
		dropped.length > 0 &&
			`Its ${dropped.join(" and ")} ${dropped.length > 1 ? "are" : "is"} not sent again: its functions start again, and now.`,
	];
}

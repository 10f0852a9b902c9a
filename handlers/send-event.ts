import * as z from "zod/mini";
import { checkEvent, type EventInput, Seeds, sendOne, sendRequest } from "../lib/events.ts";
import { composed } from "../lib/intent.ts";
import { flag, line, toggle } from "../lib/params.ts";
import { started } from "../lib/started.ts";
import { word } from "../lib/text.ts";

const params = z.object({
	name: flag(line, "e.g. shop/order.created", "EVENT_NAME", { position: "one" }),
	data: flag(z.optional(z.unknown()), "payload, an object", "JSON", { json: true }),
	user: flag(z.optional(z.unknown()), "an object", "JSON", { json: true }),
	meta: flag(z.optional(z.unknown()), 'an object: {"sessions":{…}}', "JSON", { json: true }),
	id: flag(z.optional(line), "your own id: the same one starts nothing twice for 24 h", "ID"),
	ts: flag(z.optional(line), "ms since 1970; in the future it schedules", "MS"),
	v: flag(z.optional(line), "version of the payload", "VERSION"),
	wait: toggle("wait for the runs it starts"),
});

function eventOf({ name, data, user, meta, id, ts, v }: z.output<typeof params>): EventInput {
	const time = /^-?\d+(\.\d+)?$/.test(ts ?? "") ? Number(ts) : ts;
	const given = Object.entries({ data: data ?? {}, user, meta, id, ts: time, v });
	return checkEvent({ name, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) });
}

export default composed({
	params,
	request: (p, context) => sendRequest([eventOf(p)], Seeds.fresh(context).of(0)),
	async run(p, context) {
		const event = eventOf(p);
		const id = await sendOne(context, event);
		const text = `Sent ${word(event.name)}, event ${id} (${context.target.label}).`;
		return started(p.wait, { ids: [], event: id, sent: event }, context, { text, data: { id } });
	},
});

import * as z from "zod/mini";
import { flag, intent, jsonFlag, line, waitFlag } from "../lib/cli/params.ts";
import { receivedAt } from "../lib/decide/why.ts";
import { withSameId } from "../lib/inngest/eventlist.ts";
import {
	checkEvent,
	datedText,
	type EventInput,
	exceptions,
	isAhead,
	oneEventBy,
	oneRequest,
	Seeds,
	seedsFor,
	sendOne,
} from "../lib/sending/events.ts";
import { ago, excerpt, lines, stamp, word } from "../lib/text/text.ts";
import { warned } from "../lib/work/select.ts";
import { started } from "../lib/work/wait.ts";

const params = z.object({
	name: flag(
		line.check(z.refine((name) => !/^[{[]/.test(name), "is JSON: write a name and --data, or use send-events")),
		"e.g. shop/order.created",
		"EVENT_NAME",
		{ position: "one" },
	),
	data: jsonFlag(z.optional(z.unknown()), "payload, an object"),
	user: jsonFlag(z.optional(z.unknown()), "an object"),
	id: flag(
		z.optional(line),
		"your own event id: within 24 h the same one starts nothing again, except with a debounce or batches",
		"ID",
	),
	ts: flag(z.optional(line), "timestamp in Unix ms; a future one delays its runs, except in batches", "MS"),
	wait: waitFlag("wait for the runs it starts"),
});

/** The event to send, checked so that nothing is sent that the server would refuse. */
function toSend({ name, data, user, id, ts }: z.output<typeof params>): EventInput {
	const isNumber = ts !== undefined && /^-?\d+(\.\d+)?$/.test(ts);
	const given = { data: data ?? {}, user, id, ts: isNumber ? Number(ts) : ts };
	const set = Object.entries(given).filter(([, value]) => value !== undefined);
	return checkEvent({ name, ...Object.fromEntries(set) });
}

export default intent({
	params,
	changesBy: oneEventBy,
	request: (p, context) => oneRequest(context, toSend(p), Seeds.fresh(context).of(0)),
	async run(p, context) {
		const { target } = context;
		const event = toSend(p);
		const { ts = 0 } = event;
		const dated = isAhead(ts, context.now) && datedText("It has", stamp(ts));
		const plan = lines(`Send ${word(event.name)} ${excerpt(event.data, 300)} to ${target.label}.`, dated);
		const { surprise, cancels, note, unchecked, unawaited, listening, data, late } = await warned(context, event);
		const seeds = seedsFor(context, plan, event, surprise);
		const earlier = await withSameId(context, event);
		const id = await sendOne(context, event, seeds);
		const sent = `Sent ${word(event.name)}, event ${id} (${target.label}).`;
		if (earlier) {
			const before = `Event ${earlier.internal_id} had the same id ${ago(receivedAt(earlier), context.now)}: functions that it started do not start again within 24 h. ${exceptions(target, true)}`;
			return {
				lines: [sent, before, dated, unchecked, note, p.wait && "Did not wait."],
				next: [[`get-event ${earlier.internal_id}`, "what it started"], `wait-for-run --event ${id}`],
				data: { id, earlier: earlier.internal_id },
			};
		}
		const wait = p.wait && !late;
		const done = {
			lines: [
				sent,
				dated,
				unchecked,
				!wait && note,
				p.wait && !wait && "Did not wait: its runs start too late for that.",
			],
			...((unawaited || wait !== p.wait) && { next: [`get-event ${id}`] }),
			data: { id, foreseen: data },
		};
		return started(wait, { ids: [], event: id, sent: event, listening, cancels }, context, done);
	},
});

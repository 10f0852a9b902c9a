import * as z from "zod/mini";
import { UsageError } from "../lib/errors.ts";
import { getEvent } from "../lib/eventlist.ts";
import { type EventInput, goesByApi, oneEventBy, seedsFor, sendOne } from "../lib/events.ts";
import { composed } from "../lib/intent.ts";
import { flag, jsonObject, toggle, ulid } from "../lib/params.ts";
import { excerpt, lines, word } from "../lib/text.ts";
import { waitFor } from "../lib/wait.ts";

export default composed({
	params: z.object({
		id: flag(ulid, "the past event's internal id", "EVENT_ID", { position: "one" }),
		data: flag(z.optional(jsonObject), "fields of data to change, an object", "JSON", { json: true }),
		wait: toggle("wait for the runs it starts"),
	}),
	events: true,
	changesBy: oneEventBy,
	async run({ id, data, wait }, context) {
		const { target } = context;
		const past = await getEvent(context, id);
		if (/^inngest\//i.test(past.name))
			throw new UsageError(
				`Event ${id} is Inngest's own (${word(past.name)}); nothing was sent.`,
				"Replay the run instead: replay-run RUN_ID.",
			);
		const user = z.safeParse(jsonObject, past.user).data;
		// A new event: no id (it would be taken for the old one) and no ts (it would be dated back).
		const event: EventInput = {
			name: past.name,
			data: { ...z.safeParse(jsonObject, past.data).data, ...data },
			...(user ? { user } : {}),
			...(past.v ? { v: past.v } : {}),
		};
		const changed = data ? `, changed: ${Object.keys(data).map(word).join(", ")}` : "";
		const plan = `Send ${word(event.name)} of event ${id} again${changed}, to ${target.label}: ${excerpt(event.data, 300)}`;
		const sent = await sendOne(context, event, seedsFor(context, plan, event));
		const said = lines(
			`Sent ${word(event.name)} again as event ${sent}${changed} (${target.label}).`,
			past.v != null &&
				goesByApi(context) &&
				`Its version (v ${word(past.v)}) was left out: by INNGEST_API_KEY an event has none.`,
		);
		if (wait)
			return waitFor({ ids: [], event: sent, name: event.name }, context, { text: said, data: { id: sent, from: id } });
		return { text: lines(said, `Next: wait-for-run --event ${sent}`), data: { id: sent, from: id } };
	},
});

import * as z from "zod/mini";
import { runLine, runsOfEvent } from "../lib/api.ts";
import { noted } from "../lib/errors.ts";
import { eventRequest, getEvent, payloadOf } from "../lib/eventlist.ts";
import { listening } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { flag, ulid } from "../lib/params.ts";
import { ago, excerpt, lines, plural, stamp, time, whole, word, words } from "../lib/text.ts";
import { outcomeText } from "../lib/trace.ts";

export default composed({
	params: z.object({ id: flag(ulid, "the event's internal id, as it is printed", "EVENT_ID", { position: "one" }) }),
	events: true,
	request: ({ id }) => eventRequest(id),
	async run({ id }, context) {
		const { api, target, now } = context;
		const missing: string[] = [];
		const [event, runs] = await Promise.all([
			getEvent(context, id),
			runsOfEvent(api, id, true).catch(noted(missing, "Its runs")),
		]);
		const at = time(event.received_at);
		const scheduled = event.ts && event.ts > now ? `, scheduled for ${stamp(event.ts)} (${ago(event.ts, now)})` : "";
		const why = runs?.length === 0 ? (await listening(api))(event.name) : undefined;
		const fresh = at !== undefined && now - at < 10_000;
		return {
			text: lines(
				`Event ${word(event.name)}${at ? `, ${ago(at, now)} (${stamp(at)})` : ""}${scheduled} (${target.label})`,
				event.id && event.id !== event.internal_id && `Sender's id: ${word(event.id)}`,
				`Data: ${whole(excerpt(payloadOf(event), 600))}`,
				event.user != null && `User: ${excerpt(event.user, 200)}`,
				runs && runs.length > 0 && `Started ${plural(runs.length, "run")}:`,
				runs?.slice(0, 20).map((run) => words(runLine(run, now), runs.length <= 5 && outcomeText(run, 160))),
				runs && runs.length > 20 && `… and ${runs.length - 20} more.`,
				why !== undefined && `Started no run${fresh ? " yet" : ""}. ${why}`,
				missing,
				why !== undefined && fresh && `Next: wait-for-run --event ${id}`,
			),
			data: { ...event, runs },
		};
	},
});

import * as z from "zod/mini";
import { cancel, cancelRequest, functionOf, hasEnded, startOf } from "../lib/api.ts";
import { eventsOf, eventText } from "../lib/eventlist.ts";
import { composed } from "../lib/intent.ts";
import { runId } from "../lib/params.ts";
import { getRun } from "../lib/story.ts";
import { ago, duration, lines, time } from "../lib/text.ts";

export default composed({
	params: z.object({ id: runId() }),
	request: ({ id }) => cancelRequest(id),
	async run({ id }, context) {
		const { api, target, now, confirm } = context;
		const run = await getRun(api, id, false);
		const what = `${id} of ${functionOf(run)}`;
		const end = time(run.endedAt);
		if (hasEnded(run))
			return {
				text: `Nothing to cancel: ${what} is ${run.status}${end ? `, ended ${ago(end, now)}` : ""} (${target.label}).`,
				data: { id, cancelled: false, status: run.status },
			};
		const [event] = (await eventsOf(context, [run])).values();
		const start = startOf(run);
		confirm(
			lines(
				`Cancel run ${what}, ${run.status}${start ? ` for ${duration(now - start)}` : ""}, on ${target.label}.`,
				event && `Event: ${eventText(event, 160)}`,
				"It can't be resumed, only replayed from its event; a step in flight finishes first.",
			),
			id,
		);
		const code = await cancel(api, id);
		const already =
			code === "run_already_cancelled" ? "was already cancelled" : "had already ended; nothing was cancelled";
		return {
			text: `${code ? `Run ${what} ${already}` : `Cancelled run ${what}`} (${target.label}).`,
			data: { id, cancelled: !code, code },
		};
	},
});

import * as z from "zod/mini";
import { idsOf, intent, onlyRun } from "../lib/cli/params.ts";
import { executingSince } from "../lib/decide/compare.ts";
import { cancel, cancelRequest, functionOf, getRun, hasEnded, startOf } from "../lib/inngest/api.ts";
import { eventsOf, eventText } from "../lib/inngest/eventlist.ts";
import { getTrace } from "../lib/inngest/trace.ts";
import { staysLine } from "../lib/tell/runlist.ts";
import { unread } from "../lib/text/errors.ts";
import { callOf, finalText } from "../lib/text/nouns.ts";
import { ago, duration, lines, time, words } from "../lib/text/text.ts";
import { queueCall } from "../lib/work/bulk.ts";

export default intent({
	params: z.object({ id: idsOf("the run", "RUN_ID", "one") }),
	request: (p) => cancelRequest(idOf(p)),
	async run(p, context) {
		const { api, target, now, confirm } = context;
		const id = idOf(p);
		const run = await getRun(api, id, false);
		const { label } = target;
		const what = `${id} of ${functionOf(run)}`;
		if (hasEnded(run)) {
			const end = time(run.endedAt);
			const ended = end ? `, ended ${ago(end, now)}` : "";
			return {
				lines: [`Nothing to cancel: ${what} is ${run.status}${ended} (${label}).`],
				data: { id, cancelled: false, status: run.status },
			};
		}
		const [events, trace] = await Promise.all([eventsOf(context, [run]), getTrace(api, run.id).catch(unread)]);
		const [event] = events.values();
		const start = startOf(run);
		const state = words(run.status, start && `for ${duration(now - start)}`);
		confirm(
			lines(
				`Cancel run ${what}, ${state}, on ${label}.`,
				event && `Event: ${eventText(event, 160)}`,
				staysLine(trace),
				"Runs that it invoked are not cancelled with it; a run that invoked it continues.",
				finalText("It"),
			),
			id,
		);
		const code = await cancel(api, id);
		const already =
			code === "run_already_cancelled" ? "was already cancelled" : "had already ended; nothing was cancelled";
		return {
			lines: [code ? `Run ${what} ${already} (${label}).` : `Cancelled run ${what} (${label}).`],
			next: [!code && executingSince(trace).length > 0 && queueCall([run])],
			data: { id, cancelled: !code, code },
		};
	},
});

const idOf = ({ id }: { id: readonly string[] }): string => onlyRun(id, (ids) => callOf("cancel-runs", ids, {}));

import * as z from "zod/mini";
import { inParallel, runLine, runsOfEvent } from "../lib/api.ts";
import type { Api } from "../lib/client.ts";
import { SkillError } from "../lib/errors.ts";
import { getEvent } from "../lib/eventlist.ts";
import { listApps, listFunctions } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { flag, ulid } from "../lib/params.ts";
import { path } from "../lib/request.ts";
import { ago, excerpt, lines, plural, stamp, time, whole, word } from "../lib/text.ts";

export default composed({
	params: z.object({ id: flag(ulid, "the event's internal id, as it is printed", "EVENT_ID", { position: "one" }) }),
	request: ({ id }) => ({ method: "GET", path: path`/v1/events/${id}`, api: "v1" }),
	async run({ id }, { api, target, now }) {
		const failed: string[] = [];
		const runsOrNote = runsOfEvent(api, id).catch((error) => {
			if (!(error instanceof SkillError)) throw error;
			failed.push(`Its runs could not be had: ${error.message}`);
			return undefined;
		});
		const [event, runs] = await Promise.all([getEvent(api, id), runsOrNote]);
		const at = time(event.received_at);
		const scheduled = event.ts && event.ts > now ? `, scheduled for ${stamp(event.ts)} (${ago(event.ts, now)})` : "";
		const listening = runs?.length === 0 ? await listeners(api, event.name) : undefined;
		const fresh = at !== undefined && now - at < 10_000;
		return {
			text: lines(
				`Event ${word(event.name)}${at ? `, ${ago(at, now)} (${stamp(at)})` : ""}${scheduled} (${target.label})`,
				event.id && event.id !== event.internal_id && `Sender's id: ${word(event.id)}`,
				`Data: ${whole(excerpt(event.data ?? {}, 600))}`,
				event.user != null && `User: ${excerpt(event.user, 200)}`,
				runs && runs.length > 0 && `Started ${plural(runs.length, "run")}:`,
				runs?.slice(0, 20).map((run) => runLine(run, now)),
				runs && runs.length > 20 && `… and ${runs.length - 20} more.`,
				listening !== undefined &&
					`Started no run${fresh ? ` yet. Next: wait-for-run --event ${id}` : ""}. ${listening}`,
				failed,
			),
			data: { ...event, runs },
		};
	},
});

/** Why an event may have started nothing: who listens to its name. */
async function listeners(api: Api, name: string): Promise<string> {
	try {
		const apps = (await listApps(api)).filter((app) => !app.archivedAt);
		const lists = await inParallel(apps, 6, (app) => listFunctions(api, app.id));
		const matches = (value: string) => value === name || (value.endsWith("*") && name.startsWith(value.slice(0, -1)));
		const found = lists
			.flatMap(({ value }) => value ?? [])
			.filter((fn) => fn.triggers.some((trigger) => matches(trigger.value)));
		const unread = lists.some(({ error }) => error !== undefined) ? " (not all apps could be read)" : "";
		if (!found.length) return `No function listens to ${word(name)}${unread}: it may have let a waiting run go on.`;
		return `${found
			.slice(0, 5)
			.map((fn) => word(`${fn.app.id}/${fn.id}`))
			.join(
				", ",
			)} listen${found.length === 1 ? "s" : ""} to it: a condition, debounce, batch or rate limit may hold it back, or its function was added later${unread}.`;
	} catch (error) {
		if (error instanceof SkillError) return `Who listens to it could not be had: ${error.message}`;
		throw error;
	}
}

import * as z from "zod/mini";
import { type Event, functionOf, inParallel, runsOfEvent } from "../lib/api.ts";
import { eventPages, eventsRequest, matcher } from "../lib/eventlist.ts";
import { composed } from "../lib/intent.ts";
import { count, flag, line, since, toggle, ulid, until } from "../lib/params.ts";
import { ago, asJson, bytes, excerpt, grouped, lines, plural, stamp, time, word } from "../lib/text.ts";

/** With --match, how many events are looked through at most. */
const LOOKED = 2000;

const params = z.object({
	name: flag(z.optional(line), "this event name only", "EVENT_NAME"),
	match: flag(z.optional(line), "text in the payload, or data.field=value", "TEXT"),
	since: since(),
	until: until(),
	limit: flag(z._default(count(1, 500), 20), "1 to 500 (default 20)", "N"),
	cursor: flag(z.optional(ulid), "events older than this one", "EVENT_ID"),
	withRuns: toggle("the runs that each started"),
});

export default composed({
	params,
	request: (p) => eventsRequest({ name: p.name, received_after: p.since, received_before: p.until, cursor: p.cursor }),
	async run(p, { api, target, now }) {
		const events: Event[] = [];
		const matches = p.match === undefined ? () => true : matcher(p.match);
		let looked = 0;
		let oldest: Event | undefined;
		let more = false;
		search: for await (const page of eventPages(api, p)) {
			for (const event of page) {
				if (events.length >= p.limit || looked >= LOOKED) {
					more = true;
					break search;
				}
				looked++;
				oldest = event;
				if (matches(event)) events.push(event);
			}
		}
		const runs = p.withRuns ? await inParallel(events, 6, (event) => runsOfEvent(api, event.internal_id)) : [];
		const failed = runs.flatMap(({ value }) => value?.slice(0, 10) ?? []).find((run) => run.status === "FAILED");
		const back = time(oldest?.received_at);
		const reach =
			p.match !== undefined &&
			` of ${grouped(looked)} looked through${back ? `, back to ${ago(back, now)} (${stamp(back)})` : ""}`;
		return {
			text: lines(
				`${plural(events.length, "event")}${p.match === undefined ? ", newest first" : ` with ${word(p.match)}`}${reach || ""} (${target.label})`,
				events.flatMap((event, i) => [
					eventLine(event, now, p.name === undefined, events.length <= 5 ? 300 : 48),
					...(p.withRuns ? runLines(runs[i]) : []),
				]),
				failed && `Next: get-run ${failed.id} tells why`,
				// Not a time: a bulk send gives hundreds of events the same one.
				more && `More: --cursor ${oldest?.internal_id}`,
			),
			data: {
				data: events.map((event, i) => (p.withRuns ? { ...event, runs: runs[i]?.value } : event)),
				page: { cursor: more ? oldest?.internal_id : undefined },
				looked,
			},
		};
	},
});

function eventLine(event: Event, now: number, named: boolean, room: number): string {
	const at = time(event.received_at);
	const size = asJson(event.data ?? {}).length;
	const payload = size <= 2 ? "{}" : excerpt(event.data, size <= room + 12 ? room * 2 : room);
	return [event.internal_id, named && word(event.name), at && ago(at, now), payload, size > 200 && bytes(size)]
		.filter(Boolean)
		.join(" ");
}

function runLines(result: { value?: Awaited<ReturnType<typeof runsOfEvent>>; error?: unknown } | undefined): string[] {
	if (!result?.value) return ["  its runs could not be had"];
	if (!result.value.length) return ["  started no run"];
	return result.value.slice(0, 10).map((run) => `  ${run.status} ${functionOf(run)} ${run.id}`);
}

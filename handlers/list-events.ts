import * as z from "zod/mini";
import { type Event, functionOf, inParallel, type Run, runsOfEvent } from "../lib/api.ts";
import { eventPages, eventsRequest, matcher, payloadOf } from "../lib/eventlist.ts";
import { listening } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { count, flag, line, since, toggle, ulid, until } from "../lib/params.ts";
import { ago, asJson, bytes, excerpt, grouped, lines, plural, stamp, time, word, words } from "../lib/text.ts";
import { outcomeText } from "../lib/trace.ts";

/** How many events are looked through at most: for a list with --match, and to count. */
const LOOKED = 2000;
const COUNTED = 100_000;
/** Up to as many events, payloads and what their runs gave are shown at length. */
const FEW = 5;

const params = z.object({
	name: flag(z.optional(line), "this event name only", "EVENT_NAME"),
	match: flag(z.optional(line), "text in the payload, or data.field=value", "TEXT"),
	since: since(),
	until: until(),
	limit: flag(z._default(count(1, 500), 20), "1 to 500 (default 20)", "N"),
	cursor: flag(z.optional(ulid), "events older than this one", "EVENT_ID"),
	withRuns: toggle("the runs that each started"),
	count: toggle("how many there are of each name, instead of a list"),
});

export default composed({
	params,
	events: true,
	request: (p, { now }) => eventsRequest(p, now),
	async run(p, context) {
		const { api, target, now, progress } = context;
		const events: Event[] = [];
		const names = new Map<string, number>();
		const matches = p.match === undefined ? () => true : matcher(p.match);
		const [shown, most] = p.count ? [Number.POSITIVE_INFINITY, COUNTED] : [p.limit, LOOKED];
		let [total, looked, rows] = [0, 0, 0];
		let oldest: Event | undefined;
		let more = false;
		// One more than is shown tells whether there are more.
		const size = p.name !== undefined && p.match === undefined && !p.count ? p.limit + 1 : undefined;
		search: for await (const page of eventPages(context, p, size, target.kind !== "cloud")) {
			for (const event of page) {
				// The server's own events (function finished, failed …) are not the user's.
				const own = p.name !== undefined || !event.name.startsWith("inngest/");
				more = rows >= most || (own && total >= shown);
				if (more) break search;
				rows++;
				oldest = event;
				if (!own) continue;
				looked++;
				if (!matches(event)) continue;
				total++;
				if (p.count) names.set(event.name, (names.get(event.name) ?? 0) + 1);
				else events.push(event);
			}
			progress(`${grouped(looked)} events looked through`);
		}
		const few = total <= FEW;
		const runs = p.withRuns ? await inParallel(events, 6, (event) => runsOfEvent(api, event.internal_id, few)) : [];
		const why = runs.some(({ value }) => value?.length === 0) ? await listening(api) : undefined;
		const failed = runs.flatMap(({ value }) => value?.slice(0, 10) ?? []).find((run) => run.status === "FAILED");
		const back = time(oldest?.received_at);
		const reach =
			(p.match !== undefined || p.count) &&
			`${p.match === undefined ? "" : ` of ${more ? "" : "all "}${grouped(looked)} looked through`}${back ? `, the oldest ${ago(back, now)} (${stamp(back)})` : ""}`;
		const explained = new Set<string>();
		return {
			text: lines(
				`${plural(total, "event")}${p.match === undefined ? (p.count ? "" : ", newest first") : ` with ${word(p.match)}`}${reach || ""} (${target.label})`,
				// A name that was asked for is no news.
				p.name === undefined &&
					[...names]
						.sort((a, b) => b[1] - a[1])
						.slice(0, p.limit)
						.map(([name, n]) => `${grouped(n)} ${word(name)}`),
				names.size > p.limit && `… and ${plural(names.size - p.limit, "more name")}: --limit 500.`,
				events.flatMap((event, i) => {
					// Once for each name.
					const none = runs[i]?.value?.length === 0 && explained.size < explained.add(event.name).size;
					return [
						eventLine(event, now, p.name === undefined, few ? 300 : 40),
						...(p.withRuns ? runLines(runs[i], few, none ? why?.(event.name) : undefined) : []),
					];
				}),
				failed && `Next: get-run ${failed.id} tells it step by step`,
				!total && !more && hintFor(p.match),
				// Not a time: a bulk send gives hundreds of events the same one.
				more && oldest && `${p.count ? "Older ones were not counted" : "More"}: --cursor ${oldest.internal_id}`,
			),
			data: p.count
				? {
						total,
						names: [...names].map(([name, count]) => ({ name, count })),
						looked,
						page: { cursor: more ? oldest?.internal_id : undefined },
					}
				: {
						data: events.map((event, i) => (p.withRuns ? { ...event, runs: runs[i]?.value } : event)),
						page: { cursor: more ? oldest?.internal_id : undefined },
						looked,
					},
		};
	},
});

/** What may be wrong where nothing is found. */
const hintFor = (match = ""): string =>
	/^[\w.]+=/.test(match) && !/^(data|user)\./.test(match)
		? `A field is written data.${word(match)}.`
		: "Is it spelt so, and is it this server and environment? `check-setup` tells which that is.";

function eventLine(event: Event, now: number, named: boolean, room: number): string {
	const at = time(event.received_at);
	const data = payloadOf(event);
	const size = asJson(data).length;
	const payload = size <= 2 ? "{}" : excerpt(data, size <= room + 12 ? room * 2 : room);
	const user = room > 100 && event.user != null && `user ${excerpt(event.user, 100)}`;
	const name = named && word(event.name);
	return words(event.internal_id, name, at && ago(at, now), payload, size > 200 && bytes(size), user);
}

/** The runs of an event; with what came of each where few are shown, and with `why` it may have started none. */
function runLines(result: { value?: Run[]; error?: unknown } | undefined, few: boolean, why?: string): string[] {
	if (!result?.value) return ["  its runs could not be had"];
	if (!result.value.length) return [`  started no run${why ? `. ${why}` : ""}`];
	return result.value
		.slice(0, 10)
		.map((run) => words(`  ${run.status} ${functionOf(run)} ${run.id}`, few && outcomeText(run, 120)));
}

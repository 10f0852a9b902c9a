/** A list of events in words. Pure. */

import { mayStart, type Why } from "../decide/why.ts";
import { type Event, functionOf, MOST_RUNS, type Run } from "../inngest/api.ts";
import { type Link, payloadOf } from "../inngest/eventlist.ts";
import { outcomeText } from "../inngest/trace.ts";
import { typed } from "../text/next.ts";
import { ago, asJson, excerpt, grouped, type Line, plural, stamp, time, word, words } from "../text/text.ts";
import { some } from "./functiontext.ts";
import { resumedLine, whyLines } from "./whytext.ts";

/** What was asked for. */
interface Asked {
	name?: string | undefined;
	match?: string | undefined;
	cursor?: string | undefined;
	limit: number;
	count: boolean;
}

/** What was found. `looked` counts the events that are not the server's own, `rows` those as well. */
export interface Found {
	events: Event[];
	names: Map<string, number>;
	total: number;
	looked: number;
	rows: number;
	/** The last that was shown or searched. */
	oldest: Event | undefined;
	/** There are more than were shown or searched. */
	more: boolean;
}

/** What came of an event: its runs, undefined where they could not be read, and why not all started that should have. */
export interface Told {
	runs: Run[] | undefined;
	why: Why | undefined;
}

export function headLine(p: Asked, found: Found, { now, target }: { now: number; target: { label: string } }): string {
	const { total, looked, rows, oldest, more } = found;
	const back = time(oldest?.received_at);
	const since = back ? `, the oldest ${ago(back, now)} (${stamp(back)})` : "";
	const end = `${more && !p.count ? "; more follow" : ""} (${target.label})`;
	const what = `${more && p.count ? "At least " : ""}${plural(total, "event")}`;
	if (p.match !== undefined)
		return `${what} with ${word(p.match)} of ${more ? "" : "all "}${grouped(looked)} searched${since}${end}`;
	if (p.count) return `${what}${since}${end}`;
	if (!total && more) return `0 events besides Inngest's own among the ${grouped(rows)} newest${since}${end}`;
	return `${what}, newest first${end}`;
}

/** A name that was asked for is no news. */
export function countLines({ name, limit }: Asked, { names }: Found): Line[] {
	if (name !== undefined) return [];
	return some(
		[...names].sort((a, b) => b[1] - a[1]),
		limit,
		([one, n]) => `${grouped(n)} ${word(one)}`,
		(more) => `… and ${plural(more, "more name")}: ${limit < 500 ? "--limit 500" : "--json"}`,
	);
}

/** The rest begins at an event, not at a time: a bulk send gives hundreds of them the same one. */
export function endOf(p: Asked, { total, more, oldest }: Found): { line?: string; next?: string; more?: string } {
	const older = more && oldest && `--cursor ${oldest.internal_id}`;
	if (older) return p.count ? { line: `Older ones were not counted: ${older}` } : { more: older };
	if (total) return {};
	if (p.cursor !== undefined) return { line: "There are none older than that one." };
	// Not even by their names (measured on v1.43).
	if (p.name?.startsWith("inngest/"))
		return { line: "This proves nothing: Inngest's own events are not listed. `get-event EVENT_ID` reads one." };
	const { match = "" } = p;
	const field = /^[\w.]+=/.test(match) && !/^(data|user)\./.test(match) && typed(`data.${match}`);
	if (field) return { line: "Write a payload field as data.field=value.", next: `list-events --match ${field}` };
	const asked = p.name === undefined && p.match === undefined ? "Is it" : "Is the spelling right, and is it";
	return { line: `${asked} this server and environment? \`check-setup\` shows which.` };
}

/** The events that are found by an id, the newest of them. */
export interface Related extends Link {
	events: Event[];
	total: number;
}

/** What the ids of those that match led to: how many there were and how many were followed, in how many events. */
export interface Hop {
	ids: number;
	followed: readonly Link[];
	by: Related[];
	looked: number;
	/** There are older events that were not searched. */
	more: boolean;
}

/** The events that are related, by what; `lines` are those of each event. */
export function relatedLines({ ids, followed, by, looked, more }: Hop, lines: (events: Event[]) => Line[]): Line[] {
	if (!ids)
		return ["Related: none has an id to follow (a key that ends in id or number, a value of 4 characters or more)."];
	const named = followed.slice(0, 3).map((link) => linkText(link));
	const which = named.length < followed.length ? [...named, "…"] : named;
	const of = ids > followed.length ? ` (of ${grouped(ids)})` : "";
	const total = by.reduce((sum, one) => sum + one.total, 0);
	const where = `${more ? "the newest" : "all"} ${plural(looked, "event")}`;
	return [
		`Related: ${plural(total, "more event")} by ${plural(followed.length, "id")}${of} of those above, one hop, in ${where}${total ? "" : `: ${which.join(", ")}`}`,
		...by.flatMap((one) => [`by ${linkText(one)}:`, ...lines(one.events), ...moreRelated(one)]),
		more && "Older events were not searched: narrow it with --since and --until.",
	];
}

const linkText = ({ key, value }: Link): string => `${word(key)} ${word(value)}`;

function moreRelated({ value, events, total }: Related): string[] {
	const call = typed(value);
	return total > events.length
		? [words(`… and ${grouped(total - events.length)} more`, call && `: list-events --match ${call}`)]
		: [];
}

/** How an event is told: `few` at length, `named` with its name. */
interface Telling {
	few: boolean;
	named: boolean;
	now: number;
}

export function eventLines(events: readonly Event[], told: readonly Told[], telling: Telling): Line[] {
	const known = new Set<unknown>();
	return events.flatMap((event, i) => [
		eventLine(event, telling),
		...(told[i] ? toldLines(event, told[i], telling, known) : []),
	]);
}

function eventLine(event: Event, { few, named, now }: Telling): string {
	const at = time(event.received_at);
	const data = payloadOf(event);
	const has = (value: unknown) => value != null && asJson(value).length > 2;
	return words(
		event.internal_id,
		named && word(event.name),
		at && ago(at, now),
		has(data) ? excerpt(data, few ? 300 : 40) : "{}",
		has(event.user) && `user ${excerpt(event.user, few ? 100 : 40)}`,
	);
}

const RUNS = 10;

/** `known`: what is said of a name, or is only possible of a function, is said once; what an event did, of each. */
function toldLines(event: Event, { runs, why }: Told, { few, now }: Telling, known: Set<unknown>): string[] {
	if (!runs) return ["  its runs could not be read"];
	const shown = runs
		.slice(0, RUNS)
		.map((run) => words(`${run.status} ${functionOf(run)} ${run.id}`, few && outcomeText(run, 120)));
	const again = why?.nobody
		? known.size === known.add(event.name).size
		: !runs.length && why?.misses.every((miss) => mayStart(miss) && known.has(miss.fn));
	const rest = again ? (why?.nobody?.resumed ?? []).map(resumedLine) : whyLines(why, event, now, known);
	return [...(runs.length ? shown : ["started no run"]), ...moreRuns(event, runs), ...rest].map((text) => `  ${text}`);
}

function moreRuns({ internal_id }: Event, runs: readonly Run[]): string[] {
	const more = runs.slice(RUNS);
	if (!more.length) return [];
	const failed = more.filter(({ status }) => status === "FAILED").length;
	const least = runs.length >= MOST_RUNS ? "at least " : "";
	const but = failed ? ` (${failed} FAILED)` : "";
	return [
		`… and ${least}${more.length} more${but}: get-event ${internal_id} --limit ${Math.min(runs.length, MOST_RUNS)}`,
	];
}

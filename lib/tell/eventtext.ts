/** Lists of events in words. Pure. */

import { isWaiting, mayStart, type Why } from "../decide/why.ts";
import type { Target } from "../gate/target.ts";
import type { FoundEvents, Hop, Related } from "../gather/lists.ts";
import { type Event, filterFlags, functionOf, MOST_RUNS, type Run } from "../inngest/api.ts";
import { type Link, namesIn, payloadOf } from "../inngest/eventlist.ts";
import { nameOf } from "../inngest/functions.ts";
import { isAhead } from "../sending/events.ts";
import { callOf, callText, fieldLine, inTicks, type Suggested, UNTYPED } from "../text/nouns.ts";
import {
	ago,
	asJson,
	clockText,
	excerpt,
	grouped,
	joined,
	type Line,
	MINUTE,
	mostFirst,
	named,
	plural,
	some,
	stamp,
	sum,
	time,
	whole,
	word,
	words,
} from "../text/text.ts";
import { outcomeText } from "./causetext.ts";
import { whyLines } from "./whytext.ts";

/** The request. */
interface Asked {
	name?: string | undefined;
	match?: readonly string[] | undefined;
	since?: string | undefined;
	until?: string | undefined;
	cursor?: string | undefined;
	limit: number;
	count: boolean;
	withRuns: boolean;
	related: boolean;
	max: number;
}

/** Defaults of --limit, --max. */
export const EVENTS_SHOWN = 20;
export const STARTS_READ = 10_000;

/** What an event did: its runs, undefined if they could not be read, and why not everything that should have started did. */
export interface EventTold {
	runs: Run[] | undefined;
	/** By run's id, as far as they were read: what live runs wait for, what others did. */
	details: ReadonlyMap<string, { lines: readonly string[] }>;
	why: Why | undefined;
	/** What surrounds it was read too, as by get-event. */
	whole: boolean;
}

/** `starts`: what each name's events started. */
export function headLine(
	p: Asked,
	found: FoundEvents,
	{ now, target }: { now: number; target: { label: string } },
	starts: readonly NameStarts[] = [],
): string {
	const { total, looked, rows, oldest, more, byName, within } = found;
	const back = time(oldest?.received_at);
	const oldestText = back ? `, the oldest ${ago(back, now)} (${stamp(back)})` : "";
	const since = oldestText + (starts.length ? `: ${startsText(starts)}` : "");
	const follow = p.match ? "; more may follow" : "; more follow";
	const end = `${more && !p.count ? follow : ""} (${target.label})`;
	const before = p.cursor ? " before --cursor" : "";
	const what = `${more && p.count ? "At least " : ""}${plural(total, "event")}${before}`;
	const [text = "", ...others] = p.match ?? [];
	const texts = others.length ? `any of ${others.length + 1} texts` : word(text);
	const named = byName ? ` (${grouped(byName)} by name only)` : "";
	const rest = within ? ` (${grouped(within)} more omitted: within longer words)` : "";
	if (p.match)
		return `${what} with ${texts}${named}${rest} among ${more ? "" : "all "}${grouped(looked)} searched${since}${end}`;
	if (p.count) return `${what}${since}${end}`;
	if (!total && more) return `0 events besides Inngest's own among the ${grouped(rows)} newest${since}${end}`;
	return `${what}, newest first${end}`;
}

/** How many events match each of several texts. An event may match more than one. */
export function textLines({ match = [] }: Asked, { texts, parts }: FoundEvents): Line[] {
	const none = (text: string) => (parts.has(text) ? "within longer words" : "none found");
	return match.length > 1 ? [match.map((text) => `${word(text)}: ${texts.get(text) ?? none(text)}`).join("; ")] : [];
}

/** No names if a single name was requested. */
export function countLines(p: Asked, { names }: FoundEvents): Line[] {
	if (namesIn(p).length === 1) return [];
	return some(mostFirst(names), p.limit, ([one, n]) => `${grouped(n)} ${word(one)}`, moreNames(p.limit));
}

/** Those are not listed, not even by name (measured on v1.43). */
const isOwn = (name: string): boolean => name.startsWith("inngest/");
const isWild = (name: string): boolean => name.includes("*");

/** The requested names of which none was counted, or none can be listed. */
export function otherNames(p: Asked, { names, total, more }: FoundEvents): Line[] {
	const asked = namesIn(p);
	const none = asked.filter((name) => !(isOwn(name) || names.has(name))).map(word);
	return [
		names.size > 0 && none.length > 0 && words("None", more && "here", "is", named(none, 5)),
		(asked[1] || !total) &&
			asked.some(isOwn) &&
			`Inngest's own events are not listed. ${inTicks("get-event EVENT_ID")} reads one.`,
		asked.some(isWild) && "--name takes whole names; --match finds parts.",
	];
}

/** How many events started runs, started none, or are unknown. */
export interface Starts {
	count: number;
	started: number;
	none: number;
	unknown: number;
}

/** The same for one name: `young` of the unknown may still start runs. `heard`: whether a function listens, if known. */
export interface NameStarts extends Starts {
	name: string;
	young: number;
	heard: boolean | undefined;
}

export type Start = "started" | "none" | "unknown" | "young";

/** By name; first those whose events most often started nothing. */
export function startsOf(
	events: readonly Event[],
	kindOf: (event: Event) => Start,
	heard: (name: string) => boolean | undefined,
): NameStarts[] {
	const names = new Map<string, NameStarts>();
	for (const event of events) {
		const { name } = event;
		const one = names.get(name) ?? { name, heard: heard(name), count: 0, started: 0, none: 0, unknown: 0, young: 0 };
		const kind = kindOf(event);
		names.set(name, one);
		one.count++;
		one[kind]++;
		if (kind === "young") one.unknown++;
	}
	return [...names.values()].sort(
		(a, b) => b.none - a.none || b.none / b.count - a.none / a.count || b.count - a.count,
	);
}

function startsText(names: readonly Starts[]): string {
	const all = (key: "started" | "none" | "unknown") => sum(names, (one) => one[key]);
	const some = all("started");
	const parts = {
		[some === 1 ? "started a run" : "started runs"]: some,
		"started nothing": all("none"),
		unknown: all("unknown"),
	};
	return Object.entries(parts)
		.flatMap(([what, n]) => (n ? [`${grouped(n)} ${what}`] : []))
		.join(", ");
}

/** Why more of them may have started runs. `cut`: runs later than an hour after the window were not read. */
export const unsureLines = (names: readonly NameStarts[], cut: boolean): Line[] => [
	cut && "Runs that began more than 1h after --until were not read.",
	names.some(({ unknown }) => unknown) &&
		"Unknown: those of the last 10 s or held by a debounce or batch, which may yet start runs; and those whose runs, or a batch with them, were not read.",
	names.some(({ none }) => none) && "An event that starts nothing may still resume waiting runs, or cancel runs.",
];

export const startLines = ({ limit }: Pick<Asked, "limit">, names: readonly NameStarts[]): Line[] =>
	some(
		names,
		limit,
		(one) => {
			const unheard = one.heard === false && "no function listens";
			return joined(", ", `${grouped(one.count)} ${word(one.name)}: ${startsText([one])}`, unheard);
		},
		moreNames(limit),
	);

const moreNames = (limit: number) => (more: number) =>
	`… and ${plural(more, "more name")}: ${limit < 500 ? "--limit 500" : "--json"}`;

/** Lists these events. Undefined if it can't be typed. */
export const sameCall = ({ name, match, limit, withRuns, related, count, max, cursor, ...window }: Asked) =>
	callOf("list-events", [], {
		...{ name, match, ...filterFlags(window), withRuns, related, count },
		limit: limit === EVENTS_SHOWN ? undefined : String(limit),
		max: max === STARTS_READ ? undefined : String(max),
		cursor,
	});

interface End {
	line?: Line;
	next?: Suggested;
	more?: Suggested;
}

/** The rest starts at an event, not at a time: events of a bulk send share their time. */
export function listEnd(p: Asked, { total, more, oldest }: FoundEvents, kind: Target["kind"]): End {
	if (more && oldest) {
		const older = sameCall({ ...p, cursor: oldest.internal_id });
		return { line: older === undefined ? UNTYPED : p.count && "Older ones were not counted.", more: older };
	}
	if (total) return {};
	if (p.cursor !== undefined) return { line: "No such event is older than that one." };
	const names = namesIn(p);
	if (names.some(isWild)) {
		const match = p.match ?? names.join().split(/[*,]+/).filter(Boolean);
		return { next: sameCall({ ...p, name: undefined, match }) };
	}
	if (names[0] && names.every(isOwn)) return {};
	const line = fieldLine(p.match);
	if (line) return { line };
	const asked = (p.name ?? p.match) ? " the spelling, and" : "";
	const hooks = kind === "cloud" ? " The dashboard shows failed webhooks." : "";
	return {
		line: `Check${asked} that this is the right server and environment: ${inTicks("check-setup")} shows which.${hooks}`,
	};
}

export function relatedLines(
	p: Asked,
	{ from, ids, followed, by, looked, more }: Hop,
	above: number,
	lines: (events: Event[]) => Line[],
): Line[] {
	const part = from < above && `Only ids of events with the text in a value were followed: ${from} of ${above}.`;
	if (!ids)
		return [part, from > 0 && "Related: these events have no other id that can be followed (4 characters or more)."];
	const which = by.length ? "" : ` (${named(followed.map(linkText), 3)})`;
	const of = words(followed.length < ids && `${followed.length} of`, plural(ids, "id"));
	const total = (isSure: boolean) => sum(by, (one) => (one.sure === isSure ? one.total : 0));
	const [sure, possible] = [total(true), total(false)];
	const found = words(sure ? grouped(sure) : "none", possible > 0 && `(possible: ${grouped(possible)} more)`);
	const where = `of the ${more ? "newest " : ""}${plural(looked, "event")} searched`;
	return [
		`Related by ${of} of the events above${which}, one hop: ${found} ${where}`,
		...by.flatMap((one) => [
			one.sure ? `by ${linkText(one)}:` : `possible: by ${linkText(one)}, under another key:`,
			...lines(one.events),
			moreText(p, one),
		]),
		part,
		more && "Older events were not searched: narrow it with --since and --until.",
	];
}

const linkText = ({ key, value }: Link): string => `${word(key)} ${word(value)}`;

function moreText({ since, until }: Asked, { value, events, total }: Related): Line {
	const call = callOf("list-events", [], { match: value, ...filterFlags({ since, until }) });
	const all = call ? `: ${callText(call)}` : "";
	return total > events.length && `… ${grouped(total - events.length)} more${all}`;
}

/** How events are shown: `few` in detail, `named` with their names. */
interface Telling {
	few: boolean;
	named: boolean;
	now: number;
}

export function eventLines(events: readonly Event[], told: readonly EventTold[], telling: Telling): Line[] {
	const known = new Set<string>();
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
		at && words(ago(at, now), few && `(${clockText(at, now)})`),
		has(data) ? excerpt(data, few ? 300 : 40) : "{}",
		has(event.user) && `user ${excerpt(event.user, few ? 100 : 40)}`,
	);
}

/** An event: when it came, and its payload. */
export function aboutLines(event: Event, now: number, label: string): Line[] {
	const { ts } = event;
	const at = time(event.received_at);
	const came = at ? `, ${ago(at, now)} (${stamp(at)})` : "";
	const scheduled = ts && isAhead(ts, now) ? `, scheduled for ${stamp(ts)} (${ago(ts, now, 1000)})` : "";
	const dated = ts && at && at - ts >= MINUTE ? `, dated ${stamp(ts)}` : "";
	return [
		`Event ${word(event.name)}${came}${scheduled}${dated} (${label})`,
		event.id && event.id !== event.internal_id && `Sender's id: ${word(event.id)}`,
		...payloadLines(payloadOf(event), event.user),
	];
}

export const payloadLines = (data: unknown, user: unknown): Line[] => [
	`Data: ${whole(excerpt(data, 600))}`,
	user != null && `User: ${whole(excerpt(user, 200))}`,
];

/** The maximum number of an event's runs shown. */
export const RUNS = 10;

/** `known`: what applies to a name or a run, or is only possible for a function, is said once; what an event did, for each event. */
function toldLines(
	event: Event,
	{ runs, details, why, whole }: EventTold,
	{ few, now }: Telling,
	known: Set<string>,
): string[] {
	if (!runs) return ["  its runs could not be read"];
	const shown = some(
		runs,
		RUNS,
		(run) => {
			const line = words(run.status, functionOf(run), run.id, run.trigger?.isBatch && "batch");
			if (known.has(run.id)) return `${line} (told above)`;
			known.add(run.id);
			return [words(line, outcomeText(run, few ? 120 : 60)), ...(details.get(run.id)?.lines ?? [])].join("\n  ");
		},
		() => moreRuns(event, runs),
	);
	const isKnown =
		!whole &&
		!runs.length &&
		why?.misses.length &&
		why.misses.every((miss) => mayStart(miss) && !isWaiting(miss) && known.has(nameOf(miss.fn)));
	const rest = whyLines(isKnown && why ? { ...why, misses: [] } : why, event, now, { known, brief: !whole });
	const none = words("started no run", isKnown && "(why: get-event)");
	return [...(runs.length ? shown : [none]), ...rest].map((text) => `  ${text}`);
}

function moreRuns({ internal_id }: Event, runs: readonly Run[]): string {
	const more = runs.slice(RUNS);
	const failed = more.filter(({ status }) => status === "FAILED").length;
	const what = words(
		"… and",
		runs.length >= MOST_RUNS && "at least",
		`${more.length} more`,
		failed > 0 && `(${failed} FAILED)`,
	);
	const all = callText(`get-event ${internal_id} --limit ${Math.min(runs.length, MOST_RUNS)}`);
	return `${what}: ${all}`;
}

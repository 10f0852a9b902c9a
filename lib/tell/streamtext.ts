/** A stream of events in words: its plan, its faults, its result; what an event started, and what is unknown of its effects. */

import { type Effects, isNew, isSettled, type Why } from "../decide/why.ts";
import type { Target } from "../gate/target.ts";
import { type Foresight, isSurprise, type Named } from "../gather/foresee.ts";
import { type Event, type Fn, MOST_RUNS, type Run, runLine, type Span } from "../inngest/api.ts";
import { eventsIn } from "../inngest/eventlist.ts";
import { type Handlers, nameOf } from "../inngest/functions.ts";
import { datedText, exceptions, isAhead } from "../sending/events.ts";
import type { Account, Refusal, Stop, Survey } from "../sending/stream.ts";
import { ServerError, TOO_LARGE } from "../text/errors.ts";
import { type FunctionRef, inTicks, whose } from "../text/nouns.ts";
import {
	ago,
	bytes,
	grouped,
	joined,
	type Line,
	lines,
	mostFirst,
	named,
	plural,
	some,
	stamp,
	sum,
	word,
	words,
} from "../text/text.ts";
import { outcomeText } from "./causetext.ts";
import { idleText } from "./functiontext.ts";

/** `2 events (75 B, 1 request): shop/order.created 2, 12 with other names`. */
export function summaryText({ events, bytes: size, batches, names }: Survey): string {
	const shown = mostFirst(names).slice(0, 8);
	const others = events - sum(shown, ([, n]) => n);
	const told = shown.map(([name, n]) => `${word(name)} ${grouped(n)}`);
	if (others) told.push(`${grouped(others)} with other names`);
	return `${plural(events, "event")} (${bytes(size)}, ${plural(batches.length, "request")}): ${told.join(", ")}`;
}

export const badText = (plan: Survey): [string, string] => [
	lines(
		`${grouped(plan.bad)} of ${plural(plan.events + plan.bad, plan.unit)} can't be sent; nothing was sent.`,
		faultsText(plan),
	),
	plan.events
		? "Correct them, or add --skip-invalid to send the others."
		: 'Give a JSON array, or one event per line (NDJSON), each such as {"name":"shop/order.created","data":{}}.',
];

const faultsText = ({ bad, faults, unit }: Survey): Line[] => refusalsText(faults, unit, undefined, bad);

/** What is omitted, what starts nothing because the server remembers ids for 24 h, and what starts later. */
export const besidesText = (plan: Survey, target: Pick<Target, "kind">): Line[] => [
	plan.bad > 0 && `${plural(plan.bad, "invalid ".concat(plan.unit))} omitted: ${joined("; ", ...faultsText(plan))}`,
	plan.withId > 0 &&
		`${have(plan.withId)} an id: within 24 h the same id does not start anything twice. ${exceptions(target, true)}`,
	plan.ahead > 0 && datedText(have(plan.ahead), words(plan.ahead > 1 && "up to", stamp(plan.latest))),
];

const have = (n: number): string => words(plural(n, "event"), n === 1 ? "has" : "have");

/** With the ids of its events, to send them again. */
export function batchText({ trigger }: Run, trace: Span | undefined): Line {
	const events = eventsIn(trace);
	const ids = events?.map(({ id }) => word(id)) ?? [];
	const text = events ? `batch of ${plural(events.length, "event")}: ${named(ids, 5)}` : "batch";
	return trigger?.isBatch && text;
}

/** How much of a stream was sent: the result's first line. */
export function headText({ sent, unknown }: Account, plan: Survey, label: string): string {
	const all = plural(plan.events, "event");
	if (sent === plan.events) return `Sent ${summaryText(plan)} (${label}).`;
	if (sent > 0) return `Sent only ${grouped(sent)} of ${all} (${label}).`;
	return unknown > 0 ? `None of ${all} is known to have arrived (${label}).` : `Sent none of ${all} (${label}).`;
}

/** What became of the others. `all`: how to see every refusal, if possible. */
export function restText(account: Account, { unit, events }: Survey, all: string | undefined): Line[] {
	const { refused, refusals, unknown, notTried, stop } = account;
	return [
		refused > 0 && `Refused by the server: ${grouped(refused)}.`,
		...refusalsText(refusals, unit, all),
		unknown > 0 && `Unknown (no usable response; may have arrived): ${grouped(unknown)}.`,
		notTried > 0 && notTried < events && `Not sent: ${grouped(notTried)}.`,
		stop && `Stopped: ${stopText(stop)}`,
	];
}

export const stopText = (stop: Stop): string =>
	stop.kind === "failed"
		? stop.error.message
		: {
				interrupted: "Interrupted.",
				changed: "The input changed while it was being sent.",
				refuses: "The server refuses one event after another.",
			}[stop.kind];

/** What to do about it. `resumable`: the stream can be resumed, which settles what is unclear. */
export function adviceText({ stop, sent, unknown }: Account, { events }: Survey, resumable: boolean): Line {
	if (stop?.kind === "failed") {
		const unclear = stop.error instanceof ServerError && stop.error.unclear;
		return !(resumable && unclear) && stop.error.next;
	}
	if (stop?.kind === "refuses" && !sent && !unknown) return "Correct them as stated above: nothing has started.";
	if (stop === undefined || resumable || sent === events) return;
	if (sent + unknown === 0) return stop.kind === "changed" && "Call again: the input is checked again.";
	return `Check ${inTicks("list-events")} for what arrived before you send the rest.`;
}

/** The ids of up to five events, otherwise the first. `later`: only those sent since the stream was resumed. */
export const idsText = (ids: readonly string[], { events }: Survey, later: boolean): Line =>
	ids.length > 0 &&
	(events <= 5 ? `Event ids: ${ids.join(" ")}` : `First event${later ? " of this call" : ""}: ${ids[0]}`);

/** `line 2: «event name is empty»`. */
export const refusalText = (refusal: Refusal, unit: Survey["unit"]): string =>
	`${unit} ${refusal.at}${sizeText([refusal])}: ${refusal.said}`;

/** The maximum number of reasons shown, and of places for each. */
const MOST = 10;

/** Each reason with the places of its events. The rest is counted. */
export function refusalsText(
	refusals: readonly Refusal[],
	unit: Survey["unit"],
	all: string | undefined,
	total = refusals.length,
): Line[] {
	const sorted = refusals.toSorted((a, b) => a.at - b.at);
	const reasons = new Set(sorted.map(({ said }) => said));
	let more = total;
	const shown = [...reasons].slice(0, MOST).map((said) => {
		const some = sorted.filter((one) => one.said === said);
		const places = rangesOf(some).slice(0, MOST);
		const told = sum(places, ([from, to]) => to - from + 1);
		more -= told;
		const ranges = places.map(([from, to]) => (from === to ? from : `${from}–${to}`));
		const cut = some.length > told ? ", …" : "";
		return `${unit}${some.length > 1 ? "s" : ""} ${ranges.join(", ")}${cut}${sizeText(some)}: ${said}`;
	});
	const further = all === undefined ? "" : `; ${all}`;
	return [
		...shown,
		more > 0 && `… and ${grouped(more)} more${further}.`,
		refusals.some((one) => one.bytes !== undefined) && TOO_LARGE,
	];
}

/** ` (300 kB)`, for events that were too large. */
function sizeText(some: readonly Refusal[]): string {
	const most = some.reduce((size, one) => Math.max(size, one.bytes ?? 0), 0);
	return most ? ` (${some.length > 1 ? "up to " : ""}${bytes(most)})` : "";
}

/** 1, 2, 3, 7 as 1 to 3 and 7. */
function rangesOf(places: readonly Refusal[]): [number, number][] {
	const ranges: [number, number][] = [];
	for (const { at } of places) {
		const last = ranges.at(-1);
		if (last && at === last[1] + 1) last[1] = at;
		else ranges.push([at, at]);
	}
	return ranges;
}

/** Probably unintended effects of sending many events, by name. `names`: how many have each. */
export const namesLines = (seen: readonly Named[], names: ReadonlyMap<string, number>): string[] =>
	some(
		seen.filter(isSurprise),
		5,
		({ name, nobody, listening, cancels }) => {
			const what = `${word(name)} (${plural(names.get(name) ?? 0, "event")})`;
			if (cancels.length) return `Possible: ${what} cancels live runs of ${named(cancels.map(nameOf), 5)}.`;
			if (!nobody) return `${what} starts nothing: ${named(listening.map(idleLine), 5)}.`;
			const but = nobody.cancels.length ? "It cancels runs, but none is live." : nearText(nobody.near);
			return words(`No function listens to ${what}.`, but);
		},
		(n) => `… and ${plural(n, "more name")} (list-functions shows what listens)`,
	);

const idleLine = (fn: Fn): string => `${nameOf(fn)} is ${idleText(fn).toLowerCase()}`;

export function rivalsText({ name }: Event, ids: Effects["rivals"]): Line {
	if (ids === null) return `Whether another ${word(name)} within 2s of it resumed a run instead could not be read.`;
	const other = named(ids ?? [], 3);
	return (
		other &&
		`Possible: another ${word(name)} within 2s of it (${other}) resumed a run instead, if that matches: a trace may name the wrong one.`
	);
}

/** A trigger with a star elsewhere is a plain name (measured). */
export function nearText(near: string | undefined): Line {
	if (near?.endsWith("*"))
		return `The trigger ${word(near)} does not match: only /* or .* ends a pattern, for longer names.`;
	return near !== undefined && `Did you mean ${word(near)}?`;
}

/** Effects that could not be read, or are too many to read first. */
export function uncheckedLine(seen: Pick<Foresight, "unchecked" | "unread"> | undefined): Line {
	if (!seen || seen.unread.length) return "Whether it starts or cancels runs was not checked for all apps.";
	const of = seen.unchecked.map(nameOf);
	return of.length > 0 && `Whether it cancels runs of ${named(of, 5)} was not checked for all that are live.`;
}

/** What runs again if these replays fail. */
export const endLines = ({ found, unread }: Handlers): Line[] => [
	found.length > 0 && `If a replay fails too, its onFailure handler runs again: ${named(found.map(nameOf), 5)}.`,
	unread > 0 && `Whether an onFailure handler runs again was not read for ${plural(unread, "function")}.`,
];

export const unresumedText = (reason: string): string =>
	`Whether it resumed a waiting run could not be read: ${reason}`;

/** Up to this many runs are told with their outcome, or with what they wait for. */
export const DETAILED = 5;

/** When a queued run starts, if its event is dated ahead. */
export const startText = ({ status }: Run, { ts = 0 }: Event, now: number): Line =>
	status === "QUEUED" && isAhead(ts, now) && `starts ${ago(ts, now, 1000)}`;

/** The runs that an event started, of one function if `only`; `isAll`: all of them were read. */
interface Started {
	event: Event;
	runs: readonly Run[];
	isAll: boolean;
	only: FunctionRef | undefined;
	why: Why | undefined;
	waits: ReadonlyMap<Run, { lines: string[] }>;
}

export function startedLines({ event, runs, isAll, only, why, waits }: Started, limit: number, now: number): Line[] {
	const told = (run: Run) => [startText(run, event, now), runs.length <= DETAILED && outcomeText(run, 160)];
	const of = whose({ function: only });
	const others = !isAll && "Other runs, and which functions did not start, were not read.";
	const yet = isNew(event, now) && !isSettled(why) ? " yet" : "";
	const none = isAll ? `Started no run${of}${yet}.` : `Its newest ${MOST_RUNS} runs include none${of}.`;
	if (!runs.length) return [none, others];
	return [
		`Started ${isAll ? "" : "at least "}${plural(runs.length, "run")}${of}:`,
		...some(
			runs,
			limit,
			(run) => lines(words(runLine(run, now), ...told(run)), waits.get(run)?.lines),
			(more) => `… and ${more} more: --limit ${Math.min(runs.length, MOST_RUNS)}`,
		),
		others,
	];
}

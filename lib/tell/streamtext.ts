/** A stream of events in words: its plan, its faults, and its account. */

import type { Account, Refusal, Stop } from "../sending/stream.ts";
import type { Survey } from "../sending/survey.ts";
import { ServerError } from "../text/errors.ts";
import { bytes, grouped, type Line, lines, plural, word } from "../text/text.ts";

/** `2 events (75 B, 1 request): shop/order.created 2`. */
export const summaryText = (plan: Survey): string =>
	`${plural(plan.events, "event")} (${bytes(plan.bytes)}, ${plural(plan.batches.length, "request")}): ${namesText(plan)}`;

/** `shop/order.created 9,000, shop/card.charged 1,000, 12 with other names`. */
export function namesText({ names, unnamed }: Pick<Survey, "names" | "unnamed">): string {
	const sorted = [...names].sort((a, b) => b[1] - a[1]);
	const others = sorted.slice(8).reduce((sum, [, n]) => sum + n, unnamed);
	const shown = sorted.slice(0, 8).map(([name, n]) => `${word(name)} ${grouped(n)}`);
	return shown.join(", ") + (others ? `, ${grouped(others)} with other names` : "");
}

/** Why a stream with bad events is not sent. */
export const badText = (plan: Survey): string =>
	lines(
		`${plural(plan.bad, "event")} of ${grouped(plan.events + plan.bad)} can't be sent; nothing was sent.`,
		faultsText(plan),
	);

const faultsText = ({ bad, faults, unit }: Survey): Line[] => refusalsText(faults, unit, undefined, bad);

/** Where an array holds what is no JSON nothing of it can be told for certain. */
export const isBroken = ({ unit, notJson }: Survey): boolean => unit === "event" && notJson;

/** What is to be done about events that can't be sent. */
export function correction(plan: Survey): string {
	if (isBroken(plan))
		return "Correct it: nothing in a broken array can be skipped safely; in NDJSON (one event per line) it can.";
	if (plan.events) return "Correct them, or add --skip-invalid to send the others.";
	return plan.notJson
		? "Give a JSON array, or one event per line (NDJSON)."
		: 'Correct them: an event is an object such as {"name":"shop/order.created","data":{}}.';
}

/** What of it starts nothing, as the server knows an id again for 24 h. */
export const repeatedText = ({ repeated }: Survey): Line =>
	repeated > 0 &&
	`${plural(repeated, "event")} ${repeated === 1 ? "has" : "have"} an id that came before in this input: the same id starts nothing twice.`;

/** What was omitted of it. */
export const leftOutText = (plan: Survey): Line =>
	plan.bad > 0 && `${plural(plan.bad, "invalid event")} omitted: ${faultsText(plan).filter(Boolean).join("; ")}`;

/** What of a stream was sent: the first line of its account. */
export function headText({ sent, unknown }: Account, plan: Survey, label: string): string {
	const all = plural(plan.events, "event");
	if (sent === plan.events) return `Sent ${summaryText(plan)} (${label}).`;
	if (sent > 0) return `Sent only ${grouped(sent)} of ${all} (${label}).`;
	return unknown > 0 ? `None of ${all} is known to have arrived (${label}).` : `Sent none of ${all} (${label}).`;
}

/** What became of the others. `all`: how to see every refusal, where that can be seen. */
export function restText(account: Account, { unit, events }: Survey, all: string | undefined): Line[] {
	const { refused, refusals, unknown, notTried, stop } = account;
	return [
		refused > 0 && `Refused by the server: ${grouped(refused)}.`,
		...refusalsText(refusals, unit, all),
		unknown > 0 && `Unknown (no answer; may have arrived): ${grouped(unknown)}.`,
		notTried > 0 && notTried < events && `Not sent: ${grouped(notTried)}.`,
		stop && `Stopped: ${stopText(stop)}`,
	];
}

export function stopText(stop: Stop): string {
	switch (stop.kind) {
		case "interrupted":
			return "Interrupted.";
		case "changed":
			return "The input changed while it was being sent.";
		case "old":
			return "The stream began 24 h ago: the server no longer knows what it has.";
		case "refuses":
			return "The server refuses one event after another.";
		case "failed":
			return stop.error.message;
	}
}

/** What to do about it. `resumable`: the stream can go on, which makes up for what is unclear. */
export function adviceText(account: Account, { unit, events }: Survey, resumable: boolean): Line {
	const { stop, sent, unknown, through } = account;
	if (stop?.kind === "failed") {
		const unclear = stop.error instanceof ServerError && stop.error.unclear;
		return !(resumable && unclear) && stop.error.next;
	}
	if (stop?.kind === "refuses") return "Correct them as stated above: nothing has started.";
	if (stop === undefined || resumable || sent === events) return undefined;
	if (sent + unknown === 0) return stop.kind === "changed" && "Call again: it is checked again.";
	const upTo = through.events > 0 && `All up to ${unit} ${through.at} were sent`;
	if (upTo && through.events === sent && unknown === 0) return `${upTo}, and none after it: send only the rest.`;
	const look = "check `list-events` for what arrived before you send";
	return upTo ? `${upTo}; ${look} what comes after it.` : `Nothing shows which arrived: ${look} them again.`;
}

/** The ids of a few events, or the first. `later`: of those alone that were sent when the stream went on. */
export const idsText = (ids: readonly string[], { events }: Survey, later: boolean): Line =>
	ids.length > 0 &&
	(events <= 5 ? `Event ids: ${ids.join(" ")}` : `First event${later ? " of this call" : ""}: ${ids[0]}`);

/** `line 2: «event name is empty»`. */
export const refusalText = (refusal: Refusal, unit: Survey["unit"]): string =>
	`${unit} ${refusal.at}${sizeText([refusal])}: ${refusal.said}`;

/** Reasons that are told, and places of each. */
const REASONS = 10;
const PLACES = 10;

/** Each reason with the places of its events; what is omitted is counted. */
export function refusalsText(
	refusals: readonly Refusal[],
	unit: Survey["unit"],
	all: string | undefined,
	total = refusals.length,
): Line[] {
	const bySaid = new Map<string, Refusal[]>();
	for (const one of refusals.toSorted((a, b) => a.at - b.at)) {
		const same = bySaid.get(one.said);
		if (same) same.push(one);
		else bySaid.set(one.said, [one]);
	}
	let told = 0;
	const shown = [...bySaid].slice(0, REASONS).map(([said, some]) => {
		const ranges = rangesOf(some.map(({ at }) => at)).slice(0, PLACES);
		const n = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
		told += n;
		const places = ranges.map(([from, to]) => (from === to ? from : `${from}–${to}`));
		const cut = some.length > n ? ", …" : "";
		return `${unit}${some.length > 1 ? "s" : ""} ${places.join(", ")}${cut}${sizeText(some)}: ${said}`;
	});
	const more = total - told;
	const further = all === undefined ? "" : `; ${all}`;
	const tooLarge = refusals.some((one) => one.bytes !== undefined);
	return [
		...shown,
		more > 0 && `… and ${grouped(more)} more${further}.`,
		tooLarge && "Store what is too large elsewhere, and send a reference.",
	];
}

/** ` (300 kB)`, for what was too large. */
function sizeText(some: readonly Refusal[]): string {
	const most = some.reduce((size, one) => Math.max(size, one.bytes ?? 0), 0);
	return most ? ` (${some.length > 1 ? "up to " : ""}${bytes(most)})` : "";
}

/** 1, 2, 3, 7 as 1 to 3 and 7. */
function rangesOf(places: readonly number[]): [number, number][] {
	const ranges: [number, number][] = [];
	for (const at of places) {
		const last = ranges.at(-1);
		if (last && at === last[1] + 1) last[1] = at;
		else ranges.push([at, at]);
	}
	return ranges;
}

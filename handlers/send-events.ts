import * as z from "zod/mini";
import { sameCode, shortCode } from "../lib/confirm.ts";
import { refusal, UsageError } from "../lib/errors.ts";
import { Seeds } from "../lib/events.ts";
import type { Source } from "../lib/input.ts";
import { composed } from "../lib/intent.ts";
import { next } from "../lib/next.ts";
import { flag, line, toggle } from "../lib/params.ts";
import { type Account, DAY, namesText, type Survey, sendStream, survey } from "../lib/stream.ts";
import { bytes, grouped, type Line, lines, plural } from "../lib/text.ts";

const params = z.object({
	events: flag(
		z.custom<Source>((value) => value !== undefined),
		"a JSON array or NDJSON",
		"EVENTS",
		{ position: "one", stream: true },
	),
	skipInvalid: toggle("send the good events, list the others"),
	resume: flag(z.optional(line), "go on with a stream that broke off", "CODE", { unbound: true }),
});

export default composed({
	params,
	changesBy: () => "INNGEST_EVENT_KEY",
	async run({ events: source, skipInvalid, resume }, context) {
		const { target, clock, now, codeFor, confirm, goOn, unasked, progress } = context;
		const plan = survey(source);
		refuseBad(plan, source.name, skipInvalid);
		const { unit, events, bad, faults } = plan;
		const set = [plan.digest, events];
		const summary = `${plural(events, "event")} (${bytes(plan.bytes)}, ${plural(plan.batches.length, "request")}): ${namesText(plan)}`;
		const left = bad > 0 && `${plural(bad, "invalid event")} left out: ${some(faults.slice(0, 5), bad).join("; ")}`;
		const code = codeFor(set);
		const from = resume === undefined ? undefined : readResume(resume, code, now);
		if (from) goOn();
		const question = lines(
			`Send ${summary}, to ${target.label}.`,
			left,
			"Each starts the functions that listen to it; that can't be taken back, only its runs cancelled.",
		);
		// The same code sends under the same seeds: given twice, it starts nothing twice.
		const planned = events > unasked && !from ? confirm(question, set) : undefined;
		const seeds = from?.seeds ?? (planned === undefined ? Seeds.fresh(context) : Seeds.planned(planned, code));
		const first = from?.first ?? 0;
		const resumeAt = (k: number) => resumeCode(seeds, k, code);
		progress(`Resume code: ${resumeAt(first)} (only for when this breaks off)`, "always");
		let said = clock.now();
		const account = await sendStream(context, source, plan, seeds, first, ({ sent, answered }) => {
			const milestone = clock.now() - said > 10_000;
			if (milestone) said = clock.now();
			const goOn = milestone ? ` (resume code ${resumeAt(answered)})` : "";
			progress(`sent ${grouped(sent)} of ${grouped(events)}${goOn}`, milestone);
		});
		const { sent, refused, ids } = account;
		const whole = sent + refused === events;
		const all = whole && !refused;
		const what = all ? summary : `${grouped(sent)} of ${plural(events, "event")}`;
		const again = whole ? undefined : resumeAt(account.answered);
		return {
			text: lines(
				`${all ? "Sent" : "Sent only"} ${what} (${target.label}).`,
				left,
				tally(account),
				again &&
					`To go on, make the same call with --resume ${again}: what may have arrived starts nothing twice, given the same input within 24 h.`,
				ids.length > 0 && (events <= 5 ? `Event ids: ${ids.join(" ")}` : `First event: ${ids[0]}`),
				next(whole && events > 5 && `report-health --since ${new Date(now).toISOString()} (tells how its runs end)`),
			),
			data: { ...account, events, invalid: bad, unit, resume: again },
			exit: all ? 0 : 1,
		};
	},
});

/** What is shown of `all`, and how many more there are. */
const some = (shown: readonly string[], all: number): string[] =>
	all > shown.length ? [...shown, `and ${grouped(all - shown.length)} more`] : [...shown];

/** Where an array holds what is no JSON nothing of it can be told for certain. */
const isBroken = ({ unit, notJson }: Survey): boolean => unit === "event" && notJson;

/** Refuses input with events that can't be sent, unless they are to be left out, and without any that can. */
function refuseBad(plan: Survey, name: string, skipInvalid: boolean): void {
	const { events, bad, faults } = plan;
	if (bad && (isBroken(plan) || !skipInvalid)) {
		const what = `${plural(bad, "event")} of ${grouped(events + bad)} can't be sent; nothing was sent.`;
		throw new UsageError(lines(what, some(faults, bad)), correction(plan));
	}
	if (!events)
		throw refusal(
			`${name} holds no ${bad ? "valid " : ""}event`,
			bad
				? "Correct them: without --skip-invalid it is listed what is wrong with each."
				: "Put at least one event in it: a JSON array, or one event a line (NDJSON).",
		);
}

/** What is to be done about events that can't be sent. */
function correction(plan: Survey): string {
	if (isBroken(plan))
		return "Correct it: in a broken array nothing can be skipped safely. One event a line (NDJSON) can.";
	if (plan.events) return "Correct them, or add --skip-invalid to send the others.";
	return plan.notJson
		? "Give a JSON array, or one event a line (NDJSON)."
		: 'Correct them: an event is an object such as {"name":"shop/order.created","data":{}}.';
}

const tally = ({ refused, refusals, unknown, notTried, stopped }: Account): Line[] => [
	refused > 0 && `Refused by the server: ${grouped(refused)}.`,
	...some(refusals, refused),
	unknown > 0 && `Unknown (no answer; may have arrived): ${grouped(unknown)}.`,
	notTried > 0 && `Not sent: ${grouped(notTried)}.`,
	stopped && `Stopped: ${stopped}`,
];

/**
 * `<time>-<base>-<code>@<first request>.<check>`: `code` ties it to this input, server and environment, `check` finds what was
 * copied wrongly, which would send under other seeds or leave out what never arrived.
 */
function resumeCode({ time, base }: Seeds, first: number, code: string): string {
	const text = `${time.toString(36)}-${base}-${code}@${first}`;
	return `${text}.${shortCode(text, 4)}`;
}

function readResume(text: string, code: string, now: number): { seeds: Seeds; first: number } {
	const match = /^([0-9a-z]{6,10})-([0-9a-f]{12})-([0-9a-z]{8})@(\d{1,9})\.[0-9a-z]{4}$/.exec(text);
	const [, time = "", base = "", bound = "", first = "0"] = match ?? [];
	const seeds = new Seeds(Number.parseInt(time, 36), base);
	if (!match || text !== resumeCode(seeds, Number(first), bound))
		throw refusal(
			"That is no resume code",
			"Copy it as it was printed, such as mb3k9x2a-0123456789ab-k7m2q9xa@12.c4n8.",
		);
	if (!sameCode(bound, code))
		throw refusal(
			"That resume code belongs to another input, server or environment",
			"Give the same input in the same order, on the same server.",
		);
	if (Math.abs(now - seeds.time) > DAY)
		throw refusal(
			"That resume code is older than 24 h: the server no longer knows what has arrived",
			"Compare with `list-events` what is missing, and send that alone.",
		);
	return { seeds, first: Number(first) };
}

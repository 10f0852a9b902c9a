import * as z from "zod/mini";
import { flag, intent, line, toggle } from "../lib/cli/params.ts";
import type { Source } from "../lib/gate/input.ts";
import { foreseeNames } from "../lib/gather/foresee.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { batchBytes, exceptions, Seeds, UNLOOKED } from "../lib/sending/events.ts";
import { type Account, KNOWN, readResume, resumeCode, type Survey, sendStream, survey } from "../lib/sending/stream.ts";
import {
	adviceText,
	badText,
	besidesText,
	headText,
	idsText,
	namesLines,
	refusalText,
	restText,
	stopText,
	summaryText,
} from "../lib/tell/streamtext.ts";
import { missingKey, refusal, UsageError } from "../lib/text/errors.ts";
import { callOf, type Suggested, typed } from "../lib/text/nouns.ts";
import { grouped, iso, type Line, lines, stamp } from "../lib/text/text.ts";

/** Up to this many, a list of the events shows what each started and returned. An API key can't read it. */
const FEW = 10;
/** How far the server's clock may be behind, in ms. */
const SKEW = 5_000;
const params = z.object({
	events: flag(
		z.custom<Source>((value) => value !== undefined),
		"a JSON array or NDJSON",
		"EVENTS",
		{ position: "one", stream: true },
	),
	skipInvalid: toggle("send the good events, list the others"),
	resume: flag(z.optional(line), "resume an interrupted stream", "CODE", { unbound: true }),
});
type Params = z.output<typeof params>;

/** A stream to be sent or resumed. */
interface Stream {
	seeds: Seeds;
	/** The first request to send, from 0. */
	first: number;
	/** The code for these events on this server. */
	code: string;
}

export default intent({
	params,
	changesBy: () => "INNGEST_EVENT_KEY",
	async run(p, context) {
		const { target, curl, has, doubt } = context;
		// Before anything is read, and not only after a plan was confirmed.
		if (!curl && target.kind !== "dev" && !target.local && !has("INNGEST_EVENT_KEY"))
			throw missingKey(["INNGEST_EVENT_KEY"]);
		const plan = survey(p.events, batchBytes(target), context.now);
		if (plan.bad && !p.skipInvalid) throw new UsageError(...badText(plan));
		if (!plan.events)
			throw refusal(
				`${p.events.name} contains no ${plan.bad ? "valid " : ""}events`,
				plan.bad
					? "Omit --skip-invalid to see what is wrong with each."
					: "Give a JSON array, or one event per line (NDJSON).",
			);
		const isAsked = p.resume === undefined && !curl && doubt === undefined;
		const seen = isAsked ? await foreseeNames(context, [...plan.names.keys()]) : [];
		const unread = !seen && "Whether these cancel runs was not checked for all.";
		const unchecked = doubt === undefined ? unread : UNLOOKED;
		const stream = begin(plan, p, context, namesLines(seen ?? [], plan.names), unchecked);
		const { seeds, first } = stream;
		const progress = reporting(plan, stream, context);
		const account = await sendStream({ context, source: p.events, plan, seeds, first, progress });
		return told(account, plan, stream, unread, p, context);
	},
});

/** Resumes a stream by its code, or starts one: after confirmation if it is long or probably unintended. */
function begin(plan: Survey, { resume }: Params, context: Context, warning: readonly string[], unsure: Line): Stream {
	const { target, codeFor, confirm, goOn, unasked, coded } = context;
	const set = [plan.digest, plan.events];
	const code = codeFor(set);
	if (resume !== undefined) {
		const resumed = readResume(resume, code, context);
		goOn();
		return { ...resumed, code };
	}
	if (plan.events <= unasked && !warning.length && !coded) return { seeds: Seeds.fresh(context), first: 0, code };
	const planned = confirm(
		lines(
			warning,
			`Send ${summaryText(plan)}, to ${target.label}.`,
			besidesText(plan, target),
			unsure,
			"Each starts the functions that listen to it; that can't be undone, but its runs can be cancelled.",
		),
		[...set, ...warning],
	);
	// The same code gives the same seeds: using it twice starts nothing twice.
	return { seeds: Seeds.planned(planned, code), first: 0, code };
}

/** Reports the resume code at once, and every ten seconds. */
function reporting(plan: Survey, { seeds, first, code }: Stream, { clock, progress }: Context): (so: Account) => void {
	progress(`Resume code: ${resumeCode(seeds, first, code)} (only if this is interrupted)`, "always");
	let said = clock.now();
	return ({ sent, answered }) => {
		const milestone = clock.now() - said > 10_000;
		if (milestone) said = clock.now();
		const more = milestone ? ` (resume code ${resumeCode(seeds, answered, code)})` : "";
		progress(`sent ${grouped(sent)} of ${grouped(plan.events)}${more}`, milestone);
	};
}

function told(account: Account, plan: Survey, stream: Stream, unsure: Line, p: Params, context: Context): Answer {
	const { target, clock } = context;
	const { sent, refused, refusals, unknown, notTried, answered, stop, ids } = account;
	const { events, unit, bad: invalid } = plan;
	const { code, resume, again, forgets } = resumption(account, plan, stream, p, clock.now());
	const all = `the same call with --resume ${code} --json has all, and does not start anything twice within 30 min`;
	return {
		lines: [
			headText(account, plan, target.label),
			besidesText(plan, target),
			restText(account, plan, code && all),
			adviceText(account, plan, resume !== undefined),
			idsText(ids, plan, stream.first > 0),
			unsure,
			resume &&
				`If resumed with the same input before ${stamp(forgets)}, nothing is started twice. ${exceptions(target, false)}`,
			resume && !again && `To resume, make the same call with --resume ${resume}`,
		],
		next: [again, sent > 0 && sent + refused === events && startedCall(sent, plan, stream, context)],
		data: {
			...{ events, invalid, unit, sent, refused, refusals: refusals.map((one) => refusalText(one, unit)) },
			...{ unknown, notTried, answered, stopped: stop && stopText(stop), ids, resume },
		},
		exit: sent === events ? 0 : 1,
	};
}

/** Of a few events a list shows what each started, if it can be read. */
function startedCall(sent: number, { events, names }: Survey, { seeds }: Stream, { target, has }: Context): Suggested {
	const canList = target.kind === "dev" || has("INNGEST_SIGNING_KEY");
	const [name, another] = names.keys();
	const few = { name: another ? undefined : name, since: iso(seeds.time - SKEW), withRuns: true, limit: `${sent}` };
	const many = canList || has("INNGEST_API_KEY") ? `report-health --since ${iso(seeds.time)}` : undefined;
	const call = events <= FEW && canList ? callOf("list-events", [], few) : many;
	return call && [call, "shows how its runs end"];
}

/** The code to see or send the rest; `resume`, if the stream is to be resumed, and `again`, the call, if it can be typed. */
function resumption(account: Account, { events }: Survey, stream: Stream, p: Params, now: number) {
	const { sent, refused, unknown, answered, stop } = account;
	const forgets = stream.seeds.time + KNOWN;
	const isKnown = now < forgets && stop?.kind !== "changed";
	const code = isKnown ? resumeCode(stream.seeds, answered, stream.code) : undefined;
	const isOpen = (stop?.kind === "interrupted" || stop?.kind === "failed") && sent + refused < events;
	// If nothing can have arrived, the call itself is repeated.
	const resume = isOpen && sent + unknown > 0 ? code : undefined;
	const input = resume && p.events.again && typed(p.events.again);
	const again = input && callOf("send-events", [input], { skipInvalid: p.skipInvalid, resume });
	return { code, resume, again, forgets };
}

import * as z from "zod/mini";
import { flag, line, toggle } from "../lib/cli/params.ts";
import type { Source } from "../lib/gate/input.ts";
import { foreseeNames } from "../lib/gather/foresee.ts";
import { type Answer, type Context, composed } from "../lib/intent.ts";
import { batchBytes, Seeds } from "../lib/sending/events.ts";
import { callAgain, readResume, resumeCode } from "../lib/sending/resume.ts";
import { type Account, DAY, sendStream } from "../lib/sending/stream.ts";
import { type Survey, survey } from "../lib/sending/survey.ts";
import {
	adviceText,
	badText,
	correction,
	headText,
	idsText,
	isBroken,
	leftOutText,
	refusalText,
	repeatedText,
	restText,
	stopText,
	summaryText,
} from "../lib/tell/streamtext.ts";
import { namesLines } from "../lib/tell/whytext.ts";
import { missingKey, refusal, UsageError } from "../lib/text/errors.ts";
import { grouped, lines, stamp } from "../lib/text/text.ts";

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

/** A stream that is to be sent, or to go on. */
interface Stream {
	seeds: Seeds;
	/** The first request that is sent, from 0. */
	first: number;
	/** When it began at the latest, ms since the epoch. */
	began: number;
	/** The code that goes on with a request. */
	resumeAt(k: number): string;
}

export default composed({
	params,
	changesBy: () => "INNGEST_EVENT_KEY",
	async run(p, context) {
		checkKey(context);
		const plan = survey(p.events, batchBytes(context.target));
		checkEvents(plan, p);
		const warning = p.resume === undefined ? await warningOf(plan, context) : [];
		const stream = begin(plan, p, context, warning);
		const progress = reporting(plan, stream, context);
		const account = await sendStream(context, p.events, plan, stream.seeds, stream.first, progress);
		return told(account, plan, stream, p, context);
	},
});

/** Says that the key is missing before anything is read, and not after a plan was agreed to. */
function checkKey({ target, curl, has }: Context): void {
	const needless = curl || target.kind === "dev" || target.local;
	if (!needless && !has("INNGEST_EVENT_KEY")) throw missingKey(["INNGEST_EVENT_KEY"]);
}

function checkEvents(plan: Survey, { events: source, skipInvalid }: Params): void {
	const { events, bad } = plan;
	if (bad && (isBroken(plan) || !skipInvalid)) throw new UsageError(badText(plan), correction(plan));
	if (!events)
		throw refusal(
			`${source.name} contains no ${bad ? "valid " : ""}events`,
			bad
				? "Correct them: without --skip-invalid, what is wrong with each is listed."
				: "Put at least one event in it: a JSON array, or one event per line (NDJSON).",
		);
}

const warningOf = async ({ names }: Survey, context: Context): Promise<string[]> =>
	namesLines(await foreseeNames(context, [...names.keys()]), names);

/** Takes up a stream by its code, or begins one: after a yes, where it is long, or may not be meant so. */
function begin(plan: Survey, { resume }: Params, context: Context, warning: readonly string[]): Stream {
	const { target, now, codeFor, confirm, goOn, unasked } = context;
	const set = [plan.digest, plan.events];
	const code = codeFor(set);
	const resumable = (seeds: Seeds, first: number, began: number): Stream => ({
		seeds,
		first,
		began,
		resumeAt: (k) => resumeCode(seeds, k, code),
	});
	if (resume !== undefined) {
		const { seeds, first } = readResume(resume, code, now);
		goOn();
		return resumable(seeds, first, seeds.time);
	}
	if (plan.events <= unasked && !warning.length) return resumable(Seeds.fresh(context), 0, now);
	const planned = confirm(
		lines(
			warning,
			`Send ${summaryText(plan)}, to ${target.label}.`,
			leftOutText(plan),
			repeatedText(plan),
			"Each starts the functions that listen to it; that can't be undone, only its runs cancelled.",
		),
		set,
	);
	// The same code sends under the same seeds: given twice, it starts nothing twice.
	return resumable(Seeds.planned(planned, code), 0, now);
}

/** Tells the code to go on with at once, and every ten seconds. */
function reporting(plan: Survey, { first, resumeAt }: Stream, { clock, progress }: Context): (so: Account) => void {
	progress(`Resume code: ${resumeAt(first)} (only if this is interrupted)`, "always");
	let said = clock.now();
	return ({ sent, answered }) => {
		const milestone = clock.now() - said > 10_000;
		if (milestone) said = clock.now();
		const code = milestone ? ` (resume code ${resumeAt(answered)})` : "";
		progress(`sent ${grouped(sent)} of ${grouped(plan.events)}${code}`, milestone);
	};
}

function told(account: Account, plan: Survey, stream: Stream, p: Params, { target, clock, has }: Context): Answer {
	const { sent, refused, refusals, unknown, notTried, answered, stop, ids } = account;
	const { events, unit, bad: invalid } = plan;
	const forgets = stream.seeds.time + DAY;
	const code = clock.now() < forgets && stop?.kind !== "changed" ? stream.resumeAt(answered) : undefined;
	const done = sent + refused === events;
	const goesOn = stop?.kind === "interrupted" || stop?.kind === "failed";
	// Where nothing can have arrived, the call itself is what to repeat.
	const resume = goesOn && !done && sent + unknown > 0 ? code : undefined;
	const again = resume && callAgain(p.events, p.skipInvalid, resume);
	const canRead = target.kind === "dev" || has("INNGEST_SIGNING_KEY") || has("INNGEST_API_KEY");
	const ends = done && events > 5 && sent > 0 && canRead;
	return {
		lines: [
			headText(account, plan, target.label),
			leftOutText(plan),
			repeatedText(plan),
			restText(account, plan, code && `the same call with --resume ${code} --json has all, and starts nothing twice`),
			adviceText(account, plan, resume !== undefined),
			idsText(ids, plan, stream.first > 0),
			resume && `Resumed with the same input before ${stamp(forgets)}, it starts nothing twice.`,
			resume && !again && `To resume, make the same call with --resume ${resume}`,
		],
		next: [again, ends && [`report-health --since ${new Date(stream.began).toISOString()}`, "shows how its runs end"]],
		data: {
			...{ events, invalid, unit, sent, refused, refusals: refusals.map((one) => refusalText(one, unit)) },
			...{ unknown, notTried, answered, stopped: stop && stopText(stop), ids, resume },
		},
		exit: sent === events ? 0 : 1,
	};
}

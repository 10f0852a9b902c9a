/**
 * The rules about why a run failed and what it waits for, checked against what the kitchen's code says of its runs (`kitchen-truth.ts`,
 * written by hand), in both servers' recordings.
 */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { type Cause, causeOf, othersThatFailed, stepsIn, type Wait as Told, waitOf } from "../lib/decide/cause.ts";
import { getJobs } from "../lib/gather/story.ts";
import { One, Run, Span } from "../lib/inngest/api.ts";
import { causesOf, stepsOf } from "../lib/inngest/trace.ts";
import { causeLine } from "../lib/tell/causetext.ts";
import { waitLine } from "../lib/tell/storytext.ts";
import { quote, word } from "../lib/text/text.ts";
import { ended, type Failed, failed, type Live, live, OUTSIDE, type Wait } from "./kitchen-truth.ts";
import { answering } from "./lib/api-of.ts";
import { type Kind, recorded } from "./recordings.ts";

const KINDS = ["kitchen", "kitchen-self-hosted"] as const satisfies readonly Kind[];
const Trace = One(z.object({ rootSpan: Span }));

const runOf = (label: string, kind: Kind, live = "") =>
	z.parse(One(Run), recorded(`${live}run: ${label}`, kind).response.body).data;
const traceOf = (label: string, kind: Kind, live = "") =>
	z.parse(Trace, recorded(`${live}trace: ${label}`, kind).response.body).data.rootSpan;

/** What the rules say of a recorded run. */
function said(label: string, kind: Kind) {
	const run = runOf(label, kind);
	const trace = traceOf(label, kind);
	const steps = stepsOf(trace);
	const cause = run.status === "FAILED" ? causeOf(run.output, steps) : undefined;
	return { run, trace, cause, others: othersThatFailed(run, steps, cause) };
}
const names = (cause: Cause | undefined): string[] => stepsIn(cause).map(({ name }) => name);

/** Acceptable answers for where a run failed: `kind step,step`. The first is best. */
function possible({ failedIn, alike, because, unseen, error }: Failed): string[] {
	// For errors made by the engine, the API doesn't show whether they were in a step.
	if (unseen || error.message === "Unable to reach SDK URL") return ["unseen "];
	if (because?.link === "cause" && failedIn === OUTSIDE) return [`after ${because.step}`];
	const exactly = failedIn === undefined ? [] : [failedIn === OUTSIDE ? "outside " : `step ${failedIn}`];
	const tie = alike && !alike.includes(OUTSIDE) ? [`tie ${alike.toSorted().join()}`] : [];
	return [...exactly, ...tie];
}

describe.each(KINDS)("in the recording %s", (kind) => {
	test.each(failed.map((row) => [row.label, row] as const))("%s", (label, row) => {
		const { run, cause, trace, others } = said(label, kind);
		expect(run.status).toBe("FAILED");
		expect(cause).toMatchObject({ failure: { name: row.error.name } });
		expect([...(cause?.failure.message ?? "")].slice(0, 80).join("")).toBe(
			[...row.error.message].slice(0, 80).join(""),
		);
		expect(possible(row)).toContain(`${cause?.kind} ${names(cause).join()}`);

		// A caught error, or another step's, is reported as such, and no others are.
		const caught = (row.caught ?? []).filter(({ step }) => !names(cause).includes(step));
		const besides = [...caught, ...(row.beside ?? []), ...(row.because ? [row.because] : [])];
		const told = others.map(({ step, failure }) => `${step.name}: ${failure.message}`);
		const expected = besides.map(({ step, message }) => `${step}: ${message}`);
		expect(told.filter((one) => !expected.includes(one))).toEqual([]);
		expect(expected.filter((one) => !told.includes(one) && !names(cause).includes(one.split(":")[0] ?? ""))).toEqual(
			[],
		);
		for (const { step, caught: isCaught } of others) {
			if (row.beside?.some((one) => one.step === step.name)) expect(isCaught).toBe(false);
			// The API can't tell that of parallel steps.
			else if (label !== "shop/caught-step-then-step a/caught2 {}") expect(isCaught).toBe(true);
		}
		if (row.because?.link === "cause") {
			const messages = cause ? causesOf(cause.failure).map(({ message }) => message) : [];
			expect(messages).toContain(row.because.message);
		}

		const line = cause ? causeLine(cause, { trace }) : "";
		// An HTML page is shown by its text.
		const message = row.error.message.replace(/<[^>]+>/g, "");
		expect(line).toContain(quote([...message].slice(0, 80).join("")).slice(0, -1));
		for (const name of names(cause)) expect(line).toContain(word(name));
	});

	test.each(ended.map((row) => [row.label, row] as const))("%s", (label, row) => {
		const { run, cause, others } = said(label, kind);
		expect([run.status, cause]).toEqual([row.status, undefined]);
		expect(others.map(({ step, failure, caught }) => [step.name, failure.message, caught])).toEqual(
			(row.caught ?? []).map(({ step, message }) => [step, message, true]),
		);
	});

	const MOST_JOBS = 10;
	test.each(live.map((row) => [row.label, row] as const))("%s, while it went on", async (_, row) => {
		const { waits, lines } = await waiting(row, kind);
		expect(waits.length).toBe(Math.min(row.waits.length, MOST_JOBS));
		// In any order; of more than ten, any ten.
		const expected = row.waits.map(signOf);
		expect(waits.map(signOfTold).filter((one) => !expected.includes(one))).toEqual([]);
		expect(new Set(waits.map(signOfTold)).size).toBe(waits.length);
		for (const [i, wait] of waits.entries()) expect(lines[i]).toMatch(WORDS[wait.kind]);
	});
});

/** What the rules say that a run waited for when it was recorded. */
async function waiting({ label }: Live, kind: Kind): Promise<{ waits: Told[]; lines: string[] }> {
	const { response } = recorded(`live jobs: ${label}`, kind);
	const { metadata } = z.parse(z.object({ metadata: z.object({ fetched_at: z.string() }) }), response.body);
	const now = Date.parse(metadata.fetched_at);
	const steps = stepsOf(traceOf(label, kind, "live "));
	const jobs = await getJobs(answering(response.body), runOf(label, kind, "live ").id);
	const waits = jobs.map((job) => waitOf(job, steps, now));
	return { waits, lines: waits.map((wait) => waitLine(wait, { now })) };
}

/** A wait of the truth, in short. Which step the app executes, the API doesn't show. */
function signOf(wait: Wait): string {
	switch (wait.kind) {
		case "sleep":
			return `sleep ${wait.step}`;
		case "event":
			return `event ${wait.step} ${wait.event}`;
		case "signal":
			return `signal ${wait.step} ${wait.signal}`;
		case "invoke":
			return `invoke ${wait.step} ${wait.fn.replace("/", "-")}`;
		case "turn":
			return wait.because === "priority" ? "later" : "capacity";
		default:
			return wait.kind;
	}
}
/** The same for what the rules say. */
function signOfTold(wait: Told): string {
	switch (wait.kind) {
		case "sleep":
			return `sleep ${wait.step}`;
		case "event":
			return `event ${wait.step} ${wait.event}`;
		case "signal":
			return `signal ${wait.step} ${wait.signal}`;
		case "invoke":
			return `invoke ${wait.step} ${wait.function}`;
		default:
			return wait.kind;
	}
}
const WORDS: Record<Told["kind"], RegExp> = {
	executing: /^The app is executing it now$/,
	retry: /^Retries in \d+[sm] \(.*\) with attempt \d$/,
	capacity: /^Waits for capacity$/,
	later: /^Starts in \d+s \(/,
	sleep: /^Sleeps in .*, wakes in /,
	event: /^Waits for event a\/\S+ .*, times out in /,
	signal: /^Waits for signal \S+ in wait-signal, times out in /,
	// From a trace alone; every recorded server says more.
	step: /^Never$/,
	invoke: /^Waits for the run of shop-child that it invoked in «call slow child», times out in /,
};

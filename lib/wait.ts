/** Waiting until runs have ended: polls v2 (v1 answers are cached for seconds) with growing pauses. */
import { allOf, functionOf, hasEnded, inParallel, type Run, runLine, runsOfEvent } from "./api.ts";
import { ServerError, SkillError } from "./errors.ts";
import { functionsOf, listeners, nameOf } from "./functions.ts";
import type { Answer, Context } from "./intent.ts";
import { getRun, getStory, tellStory } from "./story.ts";
import { duration, lines, plural, stamp } from "./text.ts";
import { failureIn } from "./trace.ts";
import { reasons } from "./triage.ts";

/** What is waited for: runs by id, or all that an event starts. */
export interface Awaited {
	ids: readonly string[];
	event?: string | undefined;
	/** The event's name, where it is known: then the functions that listen to it are awaited. */
	name?: string | undefined;
}

/** As many runs are told in full; of more, each gets a line. */
const TOLD = 3;
/** The errors of as many failed runs are read. */
const MANY = 50;

/** What was done before the wait, which must be told however the wait ends: a text, and what `--json` gives. */
export interface Done {
	text: string;
	data: Record<string, unknown>;
}

/** How long functions are awaited that listen to an event and have not started, in ms: a debounce may hold them. */
const LATE = 1_500;

/** How long a run that was just started may be unknown to the server, in ms. */
const KNOWN_WITHIN = 5_000;

/** Waits up to `--timeout` and tells how each run ended; exit 0 only if all completed. */
export async function waitFor(awaited: Awaited, context: Context, done?: Done): Promise<Answer> {
	try {
		return await wait(awaited, context, done);
	} catch (error) {
		if (!done || !(error instanceof SkillError)) throw error;
		return {
			text: lines(
				done.text,
				`Waiting for what it starts failed: ${error.message.replace("; nothing was sent", "")}`,
				`Next: wait-for-run ${awaited.event ? `--event ${awaited.event}` : awaited.ids.join(" ")}, not the same call again. ${error.next}`,
			),
			data: { ...done.data, error: error.message },
			exit: 1,
		};
	}
}

async function wait(awaited: Awaited, context: Context, done?: Done): Promise<Answer> {
	const { api, target, clock } = context;
	const began = clock.now();
	const opening = done?.text;
	const { timeout } = context;
	const deadline = began + timeout;
	let runs: Run[] = [];
	let trouble: unknown;
	const { name } = awaited;
	/** Functions that the event should start. Only for completeness: where they can't be had, it goes without. */
	let awaitedToo: string[] | undefined = name === undefined ? [] : undefined;
	const lookUp = new AbortController();
	const lookedUp =
		name !== undefined &&
		functionsOf({ send: (request, schema) => api.send(request, schema, lookUp.signal) }).then(
			({ functions }) => {
				awaitedToo = listeners(functions, name).map(nameOf);
			},
			() => {
				awaitedToo = [];
			},
		);
	const idle = () => (awaitedToo ?? []).filter((one) => !runs.some((run) => functionOf(run) === one));
	try {
		for (let pause = 250; ; pause = Math.min(pause * 1.5, 5000)) {
			try {
				runs = await poll(awaited, runs, context);
				trouble = undefined;
			} catch (error) {
				if (context.signal.aborted && runs.length) break;
				// A server that is away for a moment doesn't end the wait; a wrong id or key does.
				if (!(error instanceof ServerError)) throw error;
				const early = done !== undefined && error.status === 404 && clock.now() < began + KNOWN_WITHIN;
				if (error.status >= 400 && error.status < 500 && !early) throw error;
				trouble = error;
			}
			const ended = runs.length > 0 && runs.every(hasEnded);
			if (ended && ((awaitedToo !== undefined && !idle().length) || clock.now() - began > LATE)) break;
			const left = deadline - clock.now();
			if (left <= 0 || context.signal.aborted) break;
			context.progress(`waiting: ${runs.filter(hasEnded).length} of ${runs.length} ended`);
			await clock.sleep(Math.min(pause, left), context.signal);
		}
	} finally {
		// A look-up that hangs must not outlast the answer.
		lookUp.abort();
		await lookedUp;
	}
	if (trouble !== undefined && runs.length === 0) throw trouble;
	const open = runs.filter((run) => !hasEnded(run));
	const missing = idle();
	const later = clock.now();
	const waited = duration(later - began);
	const completed = runs.filter((run) => run.status === "COMPLETED").length;
	const again = `wait-for-run ${awaited.event ? `--event ${awaited.event}` : open.map((run) => run.id).join(" ")} --timeout ${duration(Math.min(Math.max(timeout * 2, 60_000), 600_000))}`;
	if (runs.length === 0) {
		return {
			text: lines(
				opening,
				`No run started within ${waited} (${target.label}). The event may have let a waiting run go on, no function may listen to it, or there is no such event here.`,
				`Next: get-event ${awaited.event}, or ${again}`,
			),
			data: { ...done?.data, runs },
			exit: 1,
		};
	}
	const told = [
		...open,
		...runs.filter((run) => hasEnded(run) && run.status !== "COMPLETED"),
		...runs.filter((run) => run.status === "COMPLETED"),
	];
	const stories = told.length > TOLD ? [] : await inParallel(told, TOLD, (run) => getStory(api, run.id));
	// Of many runs not the stories are told, but what they failed with.
	const failed = told.length > TOLD ? told.filter((run) => run.status === "FAILED").slice(0, MANY) : [];
	const outputs = await inParallel(failed, 6, (run) => getRun(api, run.id));
	const errors = outputs.flatMap(({ value }) => (value && failureIn(value.output)) ?? []);
	const by = new Map<string, number>();
	for (const { status } of told) by.set(status, (by.get(status) ?? 0) + 1);
	const ended = runs.length === 1 ? [...by.keys()].join() : [...by].map(([status, n]) => `${n} ${status}`).join(", ");
	const verdict = open.length
		? `${context.signal.aborted ? "Interrupted" : "Still not ended"} after ${waited}: ${open.length} of ${plural(runs.length, "run")}; ${completed} completed (${target.label}).`
		: `${completed === runs.length ? (runs.length === 1 ? "Completed" : `All ${runs.length} runs completed`) : `Ended: ${ended}`} (waited ${waited}, until ${stamp(later)}; ${target.label}).`;
	return {
		text: lines(
			opening,
			verdict,
			told.slice(0, 20).map((run, i) => {
				const story = stories[i]?.value;
				return story ? tellStory(story, later, "", runs.length === 1 && !open.length) : runLine(run, later);
			}),
			reasons(errors),
			missing.length > 0 &&
				`${missing.slice(0, 5).join(", ")} listen${missing.length === 1 ? "s" : ""} to it too and did not start: a condition, debounce, batch or rate limit may hold it back.`,
			told.length > 20 && `${told.length - 20} more runs: get-event shows them.`,
			open.length > 0 && `Next: ${again}`,
		),
		data: { ...done?.data, runs, waitedMs: later - began },
		exit: completed === runs.length ? 0 : 1,
	};
}

async function poll(awaited: Awaited, known: readonly Run[], { api }: Context): Promise<Run[]> {
	if (awaited.event !== undefined) return runsOfEvent(api, awaited.event);
	const results = await inParallel(awaited.ids, 6, async (id) => {
		const before = known.find((run) => run.id === id);
		if (before && hasEnded(before)) return before;
		return getRun(api, id, false);
	});
	return allOf(results);
}

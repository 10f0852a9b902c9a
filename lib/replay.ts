/** Replaying a run (Inngest's "rerun") at most once, although the API has no key that makes it repeatable. */
import * as z from "zod/mini";
import { eventOf, Id, inParallel, One, type Run, runsOfEvent } from "./api.ts";
import { actOn, actOnEach, IN_FLIGHT, type Tally } from "./bulk.ts";
import type { Api } from "./client.ts";
import { ServerError, SkillError } from "./errors.ts";
import { fnOf } from "./functions.ts";
import type { Context } from "./intent.ts";
import { path, type Request } from "./request.ts";

export interface FromStep {
	stepId: string;
	input?: unknown[];
}

export const rerunRequest = (id: string, fromStep?: FromStep): Request => ({
	method: "POST",
	path: path`/v2/runs/${id}/rerun`,
	body: fromStep ? { fromStep } : {},
	api: "v2",
});

/** The runs of the same function that the run's event started: the original and every replay, newest first. */
export async function siblings(api: Api, run: Run): Promise<Run[]> {
	const event = eventOf(run);
	if (event === undefined) return [run];
	return (await runsOfEvent(api, event)).filter(
		(other) => other.function.id === run.function.id && other.app.id === run.app.id,
	);
}

/**
 * Whether the function of a run is still synced; undefined where that could not be read. OSS takes the replay of a run whose
 * function is not, and the new run fails: "Function … was not found in this app" (measured).
 */
export async function isSynced(api: Api, run: Run): Promise<boolean | undefined> {
	if (!run.app.id || !run.function.id) return undefined;
	try {
		return (await fnOf(api, run)) !== undefined;
	} catch (error) {
		if (error instanceof SkillError) return undefined;
		throw error;
	}
}

/** Asks once for a replay: the new run's id, or the error that leaves unclear whether there is one. */
async function ask(api: Api, run: Run, fromStep?: FromStep): Promise<string | ServerError> {
	try {
		return (await api.send(rerunRequest(run.id, fromStep), One(z.object({ runId: Id })))).data.runId;
	} catch (error) {
		if (error instanceof ServerError && error.unclear) return error;
		throw error;
	}
}

/** A run of the same event and function that was not known before; also undefined when that can't be read. */
async function look(
	api: Api,
	run: Run,
	known: ReadonlySet<string>,
): Promise<{ failed: boolean; id?: string | undefined }> {
	try {
		return { failed: false, id: (await siblings(api, run)).find((one) => !known.has(one.id))?.id };
	} catch (error) {
		if (error instanceof ServerError) return { failed: true };
		throw error;
	}
}

/** What became of a replay that was asked for: `found` after its answer was lost, or unclear, and why it stays so. */
export type Replayed =
	| { kind: "started" | "found"; runId: string }
	| { kind: "unclear"; why: "no new run" | "unread" | "no event" };

/** Starts one replay. After an unclear answer it looks for the new run for about 8 s, and never tries again. */
export async function replay(
	{ api, clock }: Pick<Context, "api" | "clock">,
	run: Run,
	known: readonly Run[],
	fromStep?: FromStep,
): Promise<Replayed> {
	const asked = await ask(api, run, fromStep);
	if (typeof asked === "string") return { kind: "started", runId: asked };
	if (eventOf(run) === undefined) return { kind: "unclear", why: "no event" };
	const ids = new Set(known.map((one) => one.id));
	let read = false;
	for (const pause of [250, 500, 1000, 2000, 4000]) {
		await clock.sleep(pause);
		const { id, failed } = await look(api, run, ids);
		if (id !== undefined) return { kind: "found", runId: id };
		read ||= !failed;
	}
	return { kind: "unclear", why: read ? "no new run" : "unread" };
}

/** A run to replay, and the ids of the runs that its event had started before. */
export interface Planned {
	run: Run;
	known: ReadonlySet<string>;
}

/** The pause between two looks for replays without an answer, in ms; after how many looks in vain it is asked for again. */
const SETTLE = 5000;
const LOOKS = 3;
const ROUNDS = 4 * LOOKS;

/** How a replay went: `found` after its answer was lost, `again` when it was asked for once more. */
type Went = "replayed" | "found" | "again";

export interface ReplayTally extends Tally {
	/** Each run that was replayed, with its replay. */
	replays: { of: string; run: string }[];
	/** The runs of which it stays unclear whether they were replayed. */
	unclear: Run[];
	/** Whether the last look for their new runs was answered. */
	reached: boolean;
}

/**
 * Replays many. Those without an answer are put off; after a pause each is looked for, and asked for again only where
 * no new run has shown up in three looks and the server is not still at it: after a time-out it may be.
 */
export async function replayEach(
	plans: readonly Planned[],
	context: Context,
	fromStep?: FromStep,
): Promise<ReplayTally> {
	const { api, clock, signal } = context;
	const replays: ReplayTally["replays"] = [];
	const knownOf = new Map(plans.map(({ run, known }) => [run.id, known]));
	let lost = new Map<string, { run: Run; again: boolean; looks: number }>();
	const started = (run: Run, replay: string, went: Went): Went => {
		replays.push({ of: run.id, run: replay });
		return went;
	};
	const first = async (run: Run, went: Went): Promise<Went | undefined> => {
		const asked = await ask(api, run, fromStep);
		if (typeof asked === "string") return started(run, asked, went);
		// After a time-out the server may be at it still; an answer that is odd but good says that it did it.
		const again = asked.code !== "timeout" && ![200, 504].includes(asked.status) && eventOf(run) !== undefined;
		lost.set(run.id, { run, again, looks: 0 });
		return undefined;
	};
	const tally = await actOnEach(
		plans.map(({ run }) => run),
		context,
		(run) => first(run, "replayed"),
	);
	let reached = true;
	for (let round = 1; lost.size && round <= ROUNDS; round++) {
		await clock.sleep(SETTLE, signal);
		const before = lost;
		lost = new Map();
		reached = false;
		const settle = async (run: Run): Promise<Went | undefined> => {
			const { failed, id } = await look(api, run, knownOf.get(run.id) ?? new Set());
			reached ||= !failed;
			if (id !== undefined) return started(run, id, "found");
			const { again = false, looks = 0 } = before.get(run.id) ?? {};
			const vain = looks + (failed ? 0 : 1);
			if (again && vain >= LOOKS && round < ROUNDS && !signal.aborted) return first(run, "again");
			lost.set(run.id, { run, again, looks: vain });
			return undefined;
		};
		await inParallel([...before.values()], IN_FLIGHT, ({ run }) => actOn(run, tally, settle));
		if (signal.aborted || !reached) break;
	}
	return { ...tally, replays, unclear: [...lost.values()].map(({ run }) => run), reached };
}

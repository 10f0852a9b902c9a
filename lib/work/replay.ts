/** Replaying a run (Inngest's "rerun") at most once, although the API has no key that makes it repeatable. */
import * as z from "zod/mini";
import { siblings } from "../gather/siblings.ts";
import { eventOf, Id, inParallel, One, type Run } from "../inngest/api.ts";
import { fnOf } from "../inngest/functions.ts";
import type { Context } from "../intent.ts";
import { ServerError, SkillError } from "../text/errors.ts";
import type { Api } from "../wire/client.ts";
import { path, type Request } from "../wire/request.ts";
import { actOn, actOnEach, IN_FLIGHT, type Tally } from "./bulk.ts";

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

/**
 * Whether the function of a run is still synced; undefined where that could not be read. Where it is not, OSS takes the
 * replay, and the new run fails (measured).
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

async function ask(api: Api, run: Run, fromStep?: FromStep): Promise<string | ServerError> {
	try {
		return (await api.send(rerunRequest(run.id, fromStep), One(z.object({ runId: Id })))).data.runId;
	} catch (error) {
		if (error instanceof ServerError && error.unclear) return error;
		throw error;
	}
}

/** The id of a run that was not known before; false when that can't be read. */
async function look(api: Api, run: Run, known: ReadonlySet<string>): Promise<string | undefined | false> {
	try {
		return (await siblings(api, run)).find((one) => !known.has(one.id))?.id;
	} catch (error) {
		if (error instanceof ServerError) return false;
		throw error;
	}
}

export const UNCLEAR = {
	"no new run": "no new run has shown up",
	unread: "whether a new run has shown up could not be read",
	"no event": "as it has no event, a new run can't be looked up",
};

/** What became of a replay that was asked for: `found` after its answer was lost, or unclear, and why it stays so. */
export type Replayed = { kind: "started" | "found"; runId: string } | { kind: "unclear"; why: keyof typeof UNCLEAR };

/** Starts one replay, and never tries again: after an unclear answer it looks for the new run for about 8 s. */
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
		const runId = await look(api, run, ids);
		if (runId) return { kind: "found", runId };
		read ||= runId !== false;
	}
	return { kind: "unclear", why: read ? "no new run" : "unread" };
}

/** A run to replay, and the ids of the runs that its event had started before. */
export interface Planned {
	run: Run;
	known: ReadonlySet<string>;
}

/** In ms, between two looks; after how many in vain it is asked for again. */
const SETTLE = 5000;
const LOOKS = 3;
const ROUNDS = 4 * LOOKS;

/** How a replay went: `found` after its answer was lost, `again` when it was asked for once more. */
type Went = "replayed" | "found" | "again";

/** A replay that was asked for and not answered: whether it may be asked for again, and how often it was looked for. */
interface Lost extends Planned {
	again: boolean;
	looks: number;
}

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
	let lost: Lost[] = [];
	const started = (of: string, run: string, went: Went): Went => {
		replays.push({ of, run });
		return went;
	};
	const first = async ({ run, known }: Planned, went: Went): Promise<Went | undefined> => {
		const asked = await ask(api, run, fromStep);
		if (typeof asked === "string") return started(run.id, asked, went);
		// After a time-out the server may be at it still; an answer that is odd but good says that it did it.
		const again = asked.code !== "timeout" && ![200, 504].includes(asked.status) && eventOf(run) !== undefined;
		lost.push({ run, known, again, looks: 0 });
		return undefined;
	};
	const tally = await actOnEach(plans, context, (plan) => first(plan, "replayed"));
	let reached = true;
	for (let round = 1; lost.length && round <= ROUNDS; round++) {
		await clock.sleep(SETTLE, signal);
		const before = lost;
		lost = [];
		reached = false;
		const settle = async (one: Lost): Promise<Went | undefined> => {
			const id = await look(api, one.run, one.known);
			reached ||= id !== false;
			if (id) return started(one.run.id, id, "found");
			const looks = one.looks + (id === false ? 0 : 1);
			if (one.again && looks >= LOOKS && round < ROUNDS && !signal.aborted) return first(one, "again");
			lost.push({ ...one, looks });
			return undefined;
		};
		await inParallel(before, IN_FLIGHT, (one) => actOn(one, tally, settle));
		if (signal.aborted || !reached) break;
	}
	return { ...tally, replays, unclear: lost.map(({ run }) => run), reached };
}

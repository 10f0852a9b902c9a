/** Replaying a run (Inngest's "rerun") at most once, although the API has no key that makes it repeatable. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod/mini";
import { eventOf, One, type Run, runsOfEvent } from "./api.ts";
import type { Api } from "./client.ts";
import { ServerError } from "./errors.ts";
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

/** Queued later than `run`, by id: a ULID begins with its time. */
export const newerThan = (run: Run, others: readonly Run[]): Run[] =>
	others.filter((other) => other.id !== run.id && other.id > run.id);

export interface Replayed {
	runId: string | undefined;
	/** How an unclear answer was settled. */
	settled?: "found" | "tried again" | "unclear";
}

/**
 * Starts the replay. After an unclear answer it looks for a new run of the same event among `known`'s siblings, for
 * about 4 s; `again` allows one more try where none has appeared.
 */
export async function replay(
	api: Api,
	run: Run,
	known: readonly Run[],
	fromStep?: FromStep,
	again = false,
): Promise<Replayed> {
	const ids = new Set(known.map((one) => one.id));
	for (let n = 1; ; n++) {
		try {
			const { data } = await api.send(rerunRequest(run.id, fromStep), One(z.object({ runId: z.string() })));
			return { runId: data.runId, ...(n > 1 ? { settled: "tried again" as const } : {}) };
		} catch (error) {
			if (!(error instanceof ServerError) || !error.unclear) throw error;
			for (const pause of [250, 500, 1000, 2000]) {
				await sleep(pause);
				const found = (await siblings(api, run)).find((one) => !ids.has(one.id));
				if (found) return { runId: found.id, settled: "found" };
			}
			if (!again || n >= 4) return { runId: undefined, settled: "unclear" };
		}
	}
}

/** The requests that find out why an event started nothing, or not all that listens to it: see lib/why.ts. */
import * as z from "zod/mini";
import { type Event, inParallel, listRunsRequest, Page, Run } from "./api.ts";
import type { Api } from "./client.ts";
import { SkillError } from "./errors.ts";
import { functionsOf } from "./functions.ts";
import { time } from "./text.ts";
import { getTrace, type Step, stepsOf } from "./trace.ts";
import { type Facts, isNew, type Listening, type Looked, type Resumed, receivedAt, type Why, whyOf } from "./why.ts";

export async function readListening(api: Api): Promise<Listening> {
	const { apps, found, lists, functions } = await functionsOf(api);
	return { functions, apps: found, unread: apps.filter((_, i) => lists[i]?.error !== undefined) };
}

/** Events of a list for which it is looked what runs they let go on; runs of either kind that are looked at, twice as many for one. */
const LOOKED_FOR = 5;
const TRACED = 20;
/** How far clocks may differ, in ms: an event that was just sent has the time of this machine's. */
const CLOCKS = 2_000;
const LIVE = ["RUNNING"] as const;

/** Why these events did not start what they should have; and which runs the first of those that nobody listens to let go on. */
export async function readWhys(api: Api, facts: readonly Facts[]): Promise<Why[]> {
	const whys = facts.map(whyOf);
	const unheard = facts.filter((_, i) => whys[i]?.nobody).slice(0, LOOKED_FOR);
	if (!unheard.length) return whys;
	const traced = new Map<string, Promise<Step[]>>();
	const limit = unheard.length > 1 ? TRACED : 2 * TRACED;
	const found = new Map<Facts, Awaited<ReturnType<typeof resumedBy>>>();
	for (const one of unheard) found.set(one, await resumedBy(api, one, limit, traced));
	return whys.map((why, i) => {
		const own = facts[i] && found.get(facts[i]);
		return why.nobody && own ? { ...why, nobody: { ...why.nobody, ...own } } : why;
	});
}

/** The runs that went on by an event: looked for among the first that ended after it, and the latest that are going on. */
async function resumedBy(
	api: Api,
	{ event, now }: Facts,
	limit: number,
	traced: Map<string, Promise<Step[]>>,
): Promise<{ resumed: Resumed[]; looked: Looked }> {
	const stepsIn = (id: string): Promise<Step[]> => {
		const steps = traced.get(id) ?? getTrace(api, id).then(stepsOf);
		traced.set(id, steps);
		return steps;
	};
	const at = receivedAt(event);
	const about = isNew(event, now) ? CLOCKS : 0;
	const since = new Date(at - about).toISOString();
	const until = new Date(at + about).toISOString();
	try {
		const lists = await Promise.all([
			api.send(listRunsRequest({ since }, { timeField: "endedAt", order: "ASC", limit }), Page(Run)),
			api.send(listRunsRequest({ until, status: LIVE }, { timeField: "startedAt", limit }), Page(Run)),
		]);
		const listed = new Map(lists.flatMap(({ data }) => data).map((run) => [run.id, run]));
		const runs = [...listed.values()].filter((run) => (time(run.queuedAt) ?? 0) < at + about);
		const found = await inParallel(runs, 6, async (run) => resumedIn(run, await stepsIn(run.id), event));
		const whole = lists.every(({ page }) => !page?.cursor) && found.every(({ error }) => error === undefined);
		return { resumed: found.flatMap(({ value }) => value ?? []), looked: { runs: runs.length, whole } };
	} catch (error) {
		if (!(error instanceof SkillError)) throw error;
		return { resumed: [], looked: { error: error.message } };
	}
}

const Given = z.object({ id: z.string(), name: z.string() });
/** Where an event let a run go on. A wait's output is the event, by the sender's id where it has one (measured). */
const resumedIn = (run: Run, steps: readonly Step[], event: Event): Resumed[] =>
	steps.flatMap(({ op, output, name }) => {
		const given = op === "WAIT_FOR_EVENT" ? z.safeParse(Given, output).data : undefined;
		const isIt = given?.name === event.name && given.id === (event.id || event.internal_id);
		return isIt ? [{ run, step: name }] : [];
	});

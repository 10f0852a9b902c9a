/** The events of many runs, by the fewest requests. */
import { type Event, functionOf, type Run } from "../inngest/api.ts";
import { eventPages, getEvent } from "../inngest/eventlist.ts";
import type { Context } from "../intent.ts";
import { FEW, readsOn } from "../text/cheaper.ts";
import { SkillError } from "../text/errors.ts";
import { timeOfId } from "../text/ids.ts";

type Reader = Pick<Context, "api" | "clock" | "now" | "signal" | "target">;

/** By their ids, those that lists show, as far as that is cheaper than asking one by one: the caller does that with the rest. */
export async function listedEvents(context: Reader, runs: readonly Run[]): Promise<Map<string, Event>> {
	const found = new Map<string, Event>();
	// What has one name; OSS does not tell it with a run. A batch's events are in its trace.
	const groups = new Map<string, Run[]>();
	for (const run of runs) {
		if (run.trigger?.isBatch) continue;
		const key = run.trigger?.eventName ?? functionOf(run);
		const group = groups.get(key) ?? [];
		groups.set(key, group);
		group.push(run);
	}
	try {
		for (const group of groups.values()) await listInto(found, context, group);
	} catch (error) {
		// Who asks for the rest is told.
		if (!(error instanceof SkillError)) throw error;
	}
	return found;
}

async function listInto(found: Map<string, Event>, context: Reader, runs: readonly Run[]): Promise<void> {
	const wanted = new Set(runs.flatMap(({ trigger }) => trigger?.eventIds ?? []));
	const ids = [...wanted].filter(timeOfId).sort().reverse();
	const [newest] = ids;
	if (newest === undefined || ids.length <= FEW) return;
	const name = runs[0]?.trigger?.eventName ?? (await getEvent(context, newest)).name;
	const filter = { name, cursor: newest.slice(0, 10).padEnd(26, "Z") };
	let next = 0;
	let pages = 0;
	for await (const page of eventPages(context, filter)) {
		for (const event of page) if (wanted.has(event.internal_id)) found.set(event.internal_id, event);
		const last = page.at(-1)?.internal_id ?? newest;
		while ((ids[next] ?? "") >= last) next++;
		const read = { newest: timeOfId(newest), oldest: timeOfId(last), pages: ++pages };
		if (context.signal.aborted || !readsOn(ids.slice(next).map(timeOfId), read, Number.POSITIVE_INFINITY)) return;
	}
}

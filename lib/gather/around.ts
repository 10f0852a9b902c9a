import { type Facts, isSettled, type Why, whyOf } from "../decide/why.ts";
import type { Event, Run } from "../inngest/api.ts";
import { getEvent } from "../inngest/eventlist.ts";
import { functionsOf as readListening } from "../inngest/functions.ts";
import type { Context } from "../intent.ts";
import type { EventInput } from "../sending/events.ts";
import { isNotFound, SkillError } from "../text/errors.ts";
import type { Api } from "../wire/client.ts";
import { readWhys } from "./reach.ts";

/** Why an event did not start all that it should have, as far as that is known; or why it could not be read. */
export interface Around {
	event?: Event;
	why?: Why | undefined;
	error?: SkillError;
}

/** Looks up who listens to an event and why that did not start: at once if it was just `sent`, or when it is asked for. */
export function lookAround(id: string, sent: EventInput | undefined, { api, clock }: Context) {
	const control = new AbortController();
	const own: Api = { send: (request, schema) => api.send(request, schema, control.signal) };
	const around: Around = {};
	let known: Omit<Facts, "runs" | "now"> | undefined;
	let looking: Promise<void> | undefined;

	async function read(): Promise<void> {
		const now = new Date(clock.now()).toISOString();
		const event: Event = sent
			? { ...sent, internal_id: id, id: sent.id ?? id, received_at: now }
			: await getEvent({ api: own, clock }, id);
		known = { event, ...(await readListening(own)) };
		around.event = event;
	}
	const look = () => {
		looking ??= read().catch((error) => {
			if (!(error instanceof SkillError)) throw error;
			if (!control.signal.aborted) around.error = error;
		});
	};
	const decide = (runs: readonly Run[]) => {
		if (known && !around.why?.nobody) around.why = whyOf({ ...known, runs, now: clock.now() });
	};
	if (sent) look();
	return {
		around,
		/** The runs that went on by an event which started none; none while it is being looked up. */
		async explain(): Promise<string[]> {
			look();
			if (!known || around.why) return [];
			[around.why] = await readWhys(own, [{ ...known, runs: [], now: clock.now() }]);
			return around.why?.nobody?.resumed.map(({ run }) => run.id) ?? [];
		},
		/** There is no such event, or nothing that it could start. */
		isOver: () => isNotFound(around.error) || (around.why !== undefined && isSettled(around.why)),
		/** All have started that listen, or who listens can't be told. */
		isComplete(runs: readonly Run[]): boolean {
			decide(runs);
			return around.error !== undefined || around.why?.misses.length === 0;
		},
		/** Ends what is still being looked up: it must not outlast the answer. */
		async end(runs: readonly Run[]): Promise<void> {
			control.abort();
			await looking;
			decide(runs);
		},
	};
}

/** What bulk intents share: telling a plan, and acting on each run with an account. */
import { eventOf, functionOf, inParallel, type Run, runLine, type TimeField } from "./api.ts";
import { ServerError, SkillError } from "./errors.ts";
import { eventsOf, eventText } from "./eventlist.ts";
import type { Context } from "./intent.ts";
import { callOf, type FlagValue } from "./next.ts";
import type { Found, Other } from "./select.ts";
import { ago, grouped, type Line, named, plural, time } from "./text.ts";

/** Refusals, and what else an account names of many. */
const LISTED = 10;

/** What a plan says of runs that were named and are left out; `hint` of how to take them. */
export const othersText = (others: readonly Other[], hint = ""): string | false =>
	others.length > 0 && `Left out: ${named(others.map(otherText), 5)}${hint}.`;

const otherText = ({ run, why }: Other): string => `${run.id} is ${why === "status" ? run.status : "of another group"}`;

/** What a plan says of runs whose events could not be looked at. */
export const unreadText = ({ unread }: Pick<Found, "unread">): string | false =>
	unread > 0 &&
	`Left out: ${plural(unread, "run")} whose events the server no longer has: whether they match can't be told.`;

/** The plan's lines on which runs they are: the spread, oldest and newest, and examples with their events. */
export async function describe(runs: readonly Run[], context: Context, by?: TimeField): Promise<Line[]> {
	const { now } = context;
	const count = new Map<string, number>();
	for (const run of runs) {
		const key = `${functionOf(run)} ${run.status}`;
		count.set(key, (count.get(key) ?? 0) + 1);
	}
	const spread = [...count].sort((a, b) => b[1] - a[1]);
	const at = (run: Run | undefined) => ago(time(run?.queuedAt) ?? now, now);
	const examples =
		runs.length <= 5
			? runs
			: [runs[0], runs[Math.floor(runs.length / 2)], runs.at(-1)].filter((run) => run !== undefined);
	const events = await eventsOf(context, examples);
	const eventLine = (run: Run) => {
		const event = events.get(eventOf(run) ?? "");
		return event && `    ${eventText(event, 80)}`;
	};
	return [
		...(runs.length > 1 ? spread.slice(0, 8).map(([key, n]) => `  ${grouped(n)} ${key}`) : []),
		spread.length > 8 && `  … and ${plural(spread.length - 8, "more kind")}`,
		runs.length > 5 && `Oldest queued ${at(runs[0])}, newest ${at(runs.at(-1))}. For example:`,
		...examples.flatMap((run) => [`  ${runLine(run, now, { by })}`, eventLine(run)]),
	];
}

/** What became of each run. */
export interface Tally {
	/** How many came to what, by the handler's own kinds. */
	outcomes: Map<string, number>;
	/** The first refusals, a line each. */
	refused: string[];
	refusedCount: number;
	/** Runs that were not come to. */
	notTried: number;
	/** Why they were not: Ctrl-C, a server that no longer answers, or a key that it no longer takes. */
	stopped?: "interrupted" | "silent" | "key" | undefined;
	/** The ids of what was refused or not tried. */
	left: string[];
}

/** Requests in flight at once; a 429 makes the client pause them all. */
export const IN_FLIGHT = 6;

/** Acts on one run and counts the outcome that `act` names, if it does; answers why going on may be no use. */
export async function actOn(
	run: Run,
	tally: Tally,
	act: (run: Run) => Promise<string | undefined>,
): Promise<"silent" | "key" | "lost" | undefined> {
	try {
		const outcome = await act(run);
		if (outcome === undefined) return "lost";
		tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
		return undefined;
	} catch (error) {
		tally.refusedCount++;
		tally.left.push(run.id);
		const why = error instanceof SkillError ? error.message : "the skill itself failed";
		if (tally.refused.length < LISTED) tally.refused.push(`${run.id} ${functionOf(run)}: ${why}`);
		if (!(error instanceof ServerError)) return undefined;
		if (error.status === 0) return "silent";
		return [401, 403].includes(error.status) ? "key" : undefined;
	}
}

/** Acts on each run; single failures don't end the rest, Ctrl-C does after what is in flight, as does a server that is gone. */
export async function actOnEach(
	runs: readonly Run[],
	{ clock, progress, signal }: Context,
	act: (run: Run) => Promise<string | undefined>,
): Promise<Tally> {
	const tally: Tally = { outcomes: new Map(), refused: [], refusedCount: 0, notTried: 0, left: [] };
	let done = 0;
	let said = clock.now();
	/** How much it looks as if the server were gone: by what came of the last runs. */
	let gone = 0;
	let last: Tally["stopped"];
	await inParallel(runs, IN_FLIGHT, async (run) => {
		if (signal.aborted || gone >= IN_FLIGHT) {
			tally.notTried++;
			tally.left.push(run.id);
			tally.stopped = signal.aborted ? "interrupted" : last;
			return;
		}
		const trouble = await actOn(run, tally, act);
		last = trouble === "key" ? "key" : "silent";
		gone = trouble === undefined ? 0 : gone + (trouble === "lost" ? 0.25 : 1);
		done++;
		const milestone = clock.now() - said > 10_000;
		if (milestone) said = clock.now();
		progress(`${grouped(done)} of ${grouped(runs.length)} done`, milestone);
	});
	return tally;
}

/** `All 3 runs handled`. */
export function handled(runs: number, open: number): string {
	if (open) return `Not all of ${plural(runs, "run")} handled`;
	return runs === 1 ? "1 run handled" : `All ${plural(runs, "run")} handled`;
}

const STOPPED = {
	interrupted: "interrupted",
	silent: "the server stopped answering",
	key: "the server refuses the key",
};

/** The account, in lines; `words` tell each kind of outcome. */
export function account(tally: Tally, words: Record<string, string> = {}): Line[] {
	const { outcomes, refused, refusedCount, notTried, stopped } = tally;
	return [
		...[...outcomes].map(([outcome, n]) => `${grouped(n)} ${words[outcome] ?? outcome}`),
		refusedCount > 0 && `${plural(refusedCount, "run")} refused or unreachable:`,
		...refused.map((line) => `  ${line}`),
		refusedCount > refused.length && `  … and ${refusedCount - refused.length} more (--json has all ids)`,
		notTried > 0 && `${plural(notTried, "run")} not tried: ${STOPPED[stopped ?? "silent"]}.`,
	];
}

/** Runs that a suggested call names at most. */
const TYPED = 20;

/** The call that plans what is left: by the same filter, or of runs that were `named`, by their ids. */
export function againCall(intent: string, named: boolean, { left }: Tally, flags: Record<string, FlagValue>) {
	if (!left.length) return undefined;
	const call = callOf(intent, named ? left.slice(0, TYPED) : [], flags);
	const what =
		named && left.length > TYPED ? `the first ${TYPED} of ${left.length} that are left` : "plans what is left";
	return call && `${call} (${what})`;
}

/** How far back Inngest Cloud remembers. */
import type { Target } from "../gate/target.ts";
import { ago, type Line } from "../text/text.ts";

const HOUR = 3_600_000;
/** How long runs and events are kept, in ms: 24 h (free), 7 d (pro), 14 d (business), by the documentation of 2026. */
const KEPT = [24 * HOUR, 7 * 24 * HOUR, 14 * 24 * HOUR];

/** What was asked for and found, in ms since the epoch. */
export interface Reach {
	now: number;
	/** How far back it was to go: as far as there is anything, unless said. */
	since: number | undefined;
	/** The oldest that there was. */
	oldest: number | undefined;
}

/** Where an answer may lack what the account's plan no longer keeps: not what is shown to be kept for longer. */
export function historyLine({ kind }: Pick<Target, "kind">, { now, since, oldest }: Reach): Line {
	if (kind !== "cloud") return undefined;
	// What is just too old may not have been cleared away yet.
	const kept = KEPT.find((one) => now - (oldest ?? now) < one + HOUR);
	const from = since ?? oldest ?? 0;
	return (
		kept !== undefined &&
		now - from > kept &&
		`History before ${ago(now - kept, now)} may be gone: Inngest Cloud keeps it for 24 h (free), 7 d (pro) or 14 d (business).`
	);
}

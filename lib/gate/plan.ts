/** Asking first: a plan, and a code that stands for exactly that one. */

import type { Context } from "../intent.ts";
import { ConfirmationNeeded } from "../text/errors.ts";
import { type Line, lines } from "../text/text.ts";
import { planCode, plannedAt, shortCode } from "./confirm.ts";

interface Asking {
	/** The request is printed, and nothing sent. */
	curl: boolean;
	/** The code that was given. */
	given: string | undefined;
	/** Milliseconds since the epoch. */
	now: number;
	/** What a code stands for besides the set: server, environment, intent and parameters. */
	bound: readonly unknown[];
	/** What every plan says besides. */
	notes: () => readonly Line[];
	/** Called once the code stands for the plan. */
	agreed: () => void;
}

export function openPlans(asking: Asking): Pick<Context, "codeFor" | "confirm" | "goOn"> {
	const { given, now, agreed } = asking;
	const bound = (set: unknown) => [...asking.bound, set];
	return {
		codeFor: (set) => shortCode(bound(set)),
		confirm(plan, set) {
			// Nothing is sent, and the request that would be is what was asked for.
			if (asking.curl) return now;
			const planned = given === undefined ? undefined : plannedAt(given, bound(set), now);
			if (planned === undefined)
				throw planNeeded(lines(plan, asking.notes()), planCode(bound(set), now), given !== undefined);
			agreed();
			return planned;
		},
		goOn: agreed,
	};
}

/** Nothing has been done yet; `stale`: a code was given, and it is not this plan's. */
function planNeeded(plan: string, code: string, stale: boolean): ConfirmationNeeded {
	return new ConfirmationNeeded(
		lines(
			stale &&
				"That code is for another plan or the plan has changed, or is older than an hour; nothing was changed. The plan now:",
			plan,
		),
		`Nothing was changed. Show this plan to the user; after their yes, call the same again with --confirm ${code}`,
		code,
	);
}

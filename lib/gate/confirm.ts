/** Confirmation codes, each for exactly one plan on one server; and how confirmation is requested. */
import type { Context } from "../intent.ts";
import { ConfirmationNeeded } from "../text/errors.ts";
import { DIGITS, readDigits } from "../text/nouns.ts";
import { type Line, lines } from "../text/text.ts";
import { require } from "./manifest.ts";

const LETTERS = DIGITS.toLowerCase();

/** Most calls need no digest, and loading this takes a tenth of a call. */
export function sha256(data: string | Uint8Array): Buffer {
	const { createHash }: typeof import("node:crypto") = require("node:crypto");
	return createHash("sha256").update(data).digest();
}

export function shortCode(value: unknown, length = 8): string {
	const digest = sha256(JSON.stringify(value)).subarray(0, length);
	return Array.from(digest, (byte) => LETTERS[byte % 32]).join("");
}

/** In seconds: how long a plan can be confirmed; after how long the letters of its time repeat. */
const VALID = 3600;
const ROUND = 32 ** 3;

/** The code of a plan made at `ms`. Three letters for the time (whole seconds), six for what would be done. */
export function planCode(value: unknown, ms: number): string {
	const second = Math.floor(ms / 1000);
	const time = [second >> 10, second >> 5, second].map((part) => LETTERS[part & 31]).join("");
	return time + shortCode([second, value], 6);
}

/** When the code's plan was made (ms). Undefined unless the code is for this plan and at most an hour old. */
export function plannedAt(code: string, value: unknown, now: number): number | undefined {
	const given = code.trim().toLowerCase();
	const second = Math.floor(now / 1000);
	const age = (second - readDigits(given.slice(0, 3).toUpperCase())) % ROUND;
	const at = (second - age) * 1000;
	return age <= VALID && given === planCode(value, at) ? at : undefined;
}

interface Asking {
	/** Only prints the request. */
	curl: boolean;
	/** The code that was given. */
	given: string | undefined;
	/** In ms since the epoch. */
	now: number;
	/** What a code is bound to besides the set: server, environment, intent and parameters. */
	bound: readonly unknown[];
	/** Lines added to every plan. */
	notes: () => readonly Line[];
	/** Called once the code matches the plan. */
	agreed: () => void;
}

export function openPlans({
	given,
	now,
	agreed,
	...asking
}: Asking): Pick<Context, "coded" | "codeFor" | "confirm" | "goOn"> {
	const bound = (set: unknown) => [...asking.bound, set];
	return {
		coded: given !== undefined,
		codeFor: (set) => shortCode(bound(set)),
		confirm(plan, set) {
			// Nothing is sent: the request itself was asked for.
			if (asking.curl) return now;
			const planned = given === undefined ? undefined : plannedAt(given, bound(set), now);
			if (planned !== undefined) {
				agreed();
				return planned;
			}
			const stale =
				"That code is for another plan, the plan has changed, or the code is over an hour old; nothing was changed. The current plan:";
			const code = planCode(bound(set), now);
			throw new ConfirmationNeeded(
				lines(given !== undefined && stale, plan, asking.notes()),
				`Nothing was changed. Show this plan to the user; after their yes, repeat the call with --confirm ${code}`,
				code,
			);
		},
		goOn: agreed,
	};
}

/** Confirmation bound to a plan: a code that stands for exactly what would be done, and where. */
import { createRequire } from "node:module";
import { DIGITS } from "../text/ids.ts";

/** Most calls need no code, and loading this takes a tenth of a call. */
const crypto = (): typeof import("node:crypto") => createRequire(import.meta.url)("node:crypto");

const LETTERS = DIGITS.toLowerCase();

/** Letters and digits that stand for a value. */
export function shortCode(value: unknown, length = 8): string {
	const digest = crypto().createHash("sha256").update(JSON.stringify(value)).digest();
	return Array.from(digest.subarray(0, length), (byte) => LETTERS[byte % 32]).join("");
}

export function sameCode(given: string, expected: string): boolean {
	const a = Buffer.from(given.trim().toLowerCase());
	const b = Buffer.from(expected);
	return a.length === b.length && crypto().timingSafeEqual(a, b);
}

/** In s: how long a plan waits for its yes, and when the letters of its time begin anew. */
const VALID = 3600;
const ROUND = 32 ** 3;

/** The code of a plan that was made at `ms`: three letters of the time (whole seconds), six of what would be done. */
export function planCode(value: unknown, ms: number): string {
	const second = Math.floor(ms / 1000);
	const time = [second >> 10, second >> 5, second].map((part) => LETTERS[part & 31]).join("");
	return time + shortCode([second, value], 6);
}

/** When the plan was made (ms) that a code stands for, if it is this one and at most an hour old. */
export function plannedAt(code: string, value: unknown, now: number): number | undefined {
	const given = code.trim().toLowerCase();
	const time = Array.from(given.slice(0, 3)).reduce((sum, letter) => sum * 32 + LETTERS.indexOf(letter), 0);
	const second = Math.floor(now / 1000);
	const age = (second - time) % ROUND;
	const at = (second - age) * 1000;
	return age <= VALID && sameCode(given, planCode(value, at)) ? at : undefined;
}

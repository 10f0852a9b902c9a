/** Confirmation bound to a plan: a code that stands for exactly what would be done, and where. */
import { createRequire } from "node:module";

/** Most calls need no code, and loading this takes a tenth of a call. */
const crypto = (): typeof import("node:crypto") => createRequire(import.meta.url)("node:crypto");

/** Some letters and digits that stand for a value: another server, intent, parameter or set of things has others. */
export function shortCode(value: unknown, length = 8): string {
	const digest = crypto().createHash("sha256").update(JSON.stringify(value)).digest();
	// Crockford's letters: none that are mistaken for another when read aloud.
	return Array.from(digest.subarray(0, length), (byte) => "0123456789abcdefghjkmnpqrstvwxyz"[byte % 32]).join("");
}

export function sameCode(given: string, expected: string): boolean {
	const a = Buffer.from(given.trim().toLowerCase());
	const b = Buffer.from(expected);
	return a.length === b.length && crypto().timingSafeEqual(a, b);
}

/** What `--json` prints. */
import { isSecret, mask, UNSEEN } from "./text.ts";

/** Levels of JSON that are written: no server's parser takes more than ten times as many (measured), and a stack ends. */
const DEEPEST = 1000;

/**
 * A parsed answer for `--json`: the same values, all of them, with hidden characters escaped and credentials masked.
 * `conceal` takes the skill's own secrets out of a text.
 */
export function toJson(value: unknown, conceal: (text: string) => string = (text) => text): string {
	const harmless = (item: unknown, depth: number, secret = false): unknown => {
		if (secret && (typeof item === "string" || typeof item === "number")) return "[masked]";
		if (typeof item === "string") return conceal(mask(item));
		if (typeof item === "number") return conceal(String(item)) === String(item) ? item : conceal(String(item));
		if (typeof item !== "object" || item === null) return item;
		if (depth > DEEPEST) return "…";
		if (Array.isArray(item)) return item.map((one) => harmless(one, depth + 1, secret));
		return Object.fromEntries(
			Object.entries(item).map(([key, one]) => [
				conceal(mask(key)),
				harmless(one, depth + 1, secret || isSecret(key, one)),
			]),
		);
	};
	const escaped = (character: string) =>
		Array.from(
			{ length: character.length },
			(_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
		).join("");
	return JSON.stringify(harmless(value, 0)).replace(UNSEEN, escaped);
}

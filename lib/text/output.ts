import { escaped, isSecret, mask, UNSEEN } from "./text.ts";

/** No server's parser takes more than ten times as many levels (measured), and a stack ends. */
const DEEPEST = 1000;

/** What `--json` prints: all, with hidden characters escaped, halves of characters replaced and credentials masked, the skill's own by `conceal`. */
export function toJson(value: unknown, conceal: (text: string) => string = (text) => text): string {
	// Half of a character, escaped, is JSON that jq and Python can't read.
	const harmlessText = (text: string) => conceal(mask(text.toWellFormed()));
	const harmless = (item: unknown, depth: number, secret = false): unknown => {
		if (secret && (typeof item === "string" || typeof item === "number")) return "[masked]";
		if (typeof item === "string") return harmlessText(item);
		if (typeof item === "number") return conceal(String(item)) === String(item) ? item : conceal(String(item));
		if (typeof item !== "object" || item === null) return item;
		if (depth > DEEPEST) return "…";
		if (Array.isArray(item)) return item.map((one) => harmless(one, depth + 1, secret));
		return Object.fromEntries(
			Object.entries(item).map(([key, one]) => [
				harmlessText(key),
				harmless(one, depth + 1, secret || isSecret(key, one)),
			]),
		);
	};
	return JSON.stringify(harmless(value, 0)).replace(UNSEEN, escaped);
}

/** The text of an answer: the only place that writes `Next:` and `More:`. Pure. */
import type { Words } from "../intent.ts";
import type { Suggested } from "../text/next.ts";
import { type Line, lines, words } from "../text/text.ts";

/** `notes` are what is to be said besides; `flags` what each of its calls must have, such as `--dev`. */
export const render = (told: Words, notes: readonly Line[] = [], flags: readonly Line[] = []): string =>
	lines(
		...told.lines,
		notes,
		callsLine("Next", told.next ?? [], flags),
		told.after,
		callsLine("More", [told.more], flags),
	);

/** `Next: get-run 01M8… --dev (why); or: cancel-run 01M8… --dev`. */
function callsLine(label: string, calls: readonly Suggested[], flags: readonly Line[]): Line {
	const written = calls.flatMap((one) => {
		if (!one) return [];
		const [call, why] = typeof one === "string" ? [one] : one;
		return [words(call, ...flags, why && `(${why})`)];
	});
	return written.length > 0 && `${label}: ${written.join("; or: ")}`;
}

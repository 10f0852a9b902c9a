/** The calls that an answer suggests, written so that each can be run as it stands. */
import { clean } from "./text.ts";

/** What stands between two suggestions of one line. */
const OR = "; or: ";

/** `Next: get-run 01M8…; or: cancel-run 01M8…`; a suggestion may end with ` (why)`. Empty where there is none. */
export function next(...calls: (string | false | undefined)[]): string {
	const given = calls.filter(Boolean);
	return given.length ? `Next: ${given.join(OR)}` : "";
}

/** The same line with flags that each of its calls must have as this one did: `--env staging`, `--dev`. */
export const nextWith = (line: string, ...flags: readonly string[]): string =>
	line
		.split(OR)
		.map((call) => call.replace(/(?= \([^()]*\)$|$)/, flags.map((flag) => ` ${flag}`).join("")))
		.join(OR);

/**
 * A name or JSON as it is typed in a shell: in single quotes where it is not plain. Undefined for what can't be typed and
 * read the same: hidden characters, or one of hundreds of characters.
 */
export function typed(text: string): string | undefined {
	if (text === "" || text.length > 300 || clean(text, 300) !== text) return undefined;
	return argument(text);
}
/** A word of a command line as a shell takes it. */
export const argument = (text: string): string =>
	/^(?!-)[\w.:/@+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

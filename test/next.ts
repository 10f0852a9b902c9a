/** Follows an answer's suggestions: makes each call of its `Next:` lines as printed. */
import { expect } from "vitest";
import { manifest } from "./intents.ts";

/** The result of a call. */
export interface Came {
	exit: number;
	text: string;
}
export type Call = (argv: readonly string[]) => Promise<Came>;

/** A command's words as a POSIX shell reads them; throws on an unclosed quote or anything that a shell would expand. */
export function shellWords(command: string): string[] {
	const words: string[] = [];
	const token = /\s+|'([^']*)'|\\(.)|([^\s'\\"`$&|;<>()*?[\]#~!{}]+)/gsy;
	let word: string | undefined;
	while (token.lastIndex < command.length) {
		const at = token.lastIndex;
		const found = token.exec(command);
		if (!found) throw new Error(`a shell would not take this as it stands, from ${command.slice(at)}: ${command}`);
		const text = found[1] ?? found[2] ?? found[3];
		if (text !== undefined) word = (word ?? "") + text;
		else if (word !== undefined) {
			words.push(word);
			word = undefined;
		}
	}
	return word === undefined ? words : [...words, word];
}

/** The calls in the `Next:` lines of an answer, without the explanations in parentheses. */
export const nextCalls = (text: string): string[] =>
	[...text.matchAll(/^ *Next: (.*)$/gm)].flatMap(([, line = ""]) =>
		line.split("; or: ").map((call) => call.replace(/ \([^()]*\)$/, "")),
	);

/** The exit codes allowed for an intent: a plan if it asks first, an end if it sends, anything but a refusal if it reads. */
function expected(intent: string): readonly number[] {
	const entry = manifest.intents[intent];
	if (entry?.confirm === true) return [3];
	return entry?.effect === "read" ? [0, 1] : [0];
}

/** Makes a suggested call; it must exist, be accepted as printed, and find what it names. */
export async function follow(command: string, call: Call): Promise<void> {
	const argv = shellWords(command);
	const { exit, text } = await call(argv);
	expect(expected(argv[0] ?? ""), `${command}\n${text}`).toContain(exit);
	expect(text, command).not.toMatch(/not found|there is no intent|nothing was sent/i);
}

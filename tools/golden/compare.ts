/** Differences of what two builds said, line by line. */
import type { Kind, Outcome } from "./scene.ts";

/** A change of some lines, and the calls that show it. */
export interface Change {
	lines: string[];
	/** How often it was seen, in which calls. */
	times: number;
	calls: string[];
}

/** What a call said as lines: its exit code, standard output (JSON one value a line), and standard error. */
function linesOf({ args, code, stdout, stderr }: Outcome): string[] {
	const out = args.includes("--json") ? pretty(stdout) : stdout;
	return [`exit code ${code}`, ...split(out), ...split(stderr).map((line) => `stderr: ${line}`)];
}

function split(text: string): string[] {
	if (text === "") return [];
	const lines = text.split("\n");
	if (lines.at(-1) === "") lines.pop();
	else lines.push("(no line break at the end)");
	return lines;
}

function pretty(text: string): string {
	try {
		const value: unknown = JSON.parse(text);
		// Without commas at the ends: what comes after a line does not change it.
		return `${JSON.stringify(value, null, 2).replace(/,$/gm, "")}\n`;
	} catch {
		return text;
	}
}

/** More cells than these are not worked out: what differs is shown as a whole. */
const LARGEST = 4_000_000;

/** Groups of lines that went (`-`) and came (`+`), from one list of lines to another. */
export function diff(old: readonly string[], fresh: readonly string[]): string[][] {
	let start = 0;
	while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
	let end = 0;
	while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
	const a = old.slice(start, old.length - end);
	const b = fresh.slice(start, fresh.length - end);
	if (!a.length && !b.length) return [];
	if (a.length * b.length > LARGEST) return [[...a.map((line) => `- ${line}`), ...b.map((line) => `+ ${line}`)]];
	// Lengths of the longest common subsequences of what is left from i and j on.
	const width = b.length + 1;
	const common = new Uint32Array((a.length + 1) * width);
	const at = (i: number, j: number): number => common[i * width + j] ?? 0;
	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--)
			common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
	const hunks: string[][] = [];
	let went: string[] = [];
	let came: string[] = [];
	const close = () => {
		if (went.length || came.length) hunks.push([...went, ...came]);
		went = [];
		came = [];
	};
	for (let i = 0, j = 0; i < a.length || j < b.length; )
		if (i < a.length && j < b.length && a[i] === b[j]) {
			close();
			i++;
			j++;
		} else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) went.push(`- ${a[i++]}`);
		else came.push(`+ ${b[j++]}`);
	close();
	return hunks;
}

/** The same but for ids and numbers: such changes are one. */
const kindOf = (lines: readonly string[]): string =>
	lines
		.join("\n")
		.replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, "ID")
		.replace(/\d+/g, "N");

/** Collects the changes of many calls, alike ones together. */
export class Comparison {
	calls = 0;
	different = 0;
	private readonly found = new Map<string, Change>();

	add(kind: Kind, old: Outcome | undefined, fresh: Outcome | undefined): void {
		if (!old || !fresh) throw new Error("both builds play the same scenes");
		this.calls++;
		if (old.code === fresh.code && old.stdout === fresh.stdout && old.stderr === fresh.stderr) return;
		this.different++;
		const call = `${kind}: ${old.args.map(shown).join(" ")}`;
		const told = diff(linesOf(old), linesOf(fresh));
		// JSON that says the same otherwise.
		for (const lines of told.length ? told : diff([old.stdout], [fresh.stdout])) {
			const key = kindOf(lines);
			const change = this.found.get(key) ?? { lines, times: 0, calls: [] };
			this.found.set(key, change);
			change.times++;
			if (change.calls.at(-1) !== call) change.calls.push(call);
		}
	}

	/** The most frequent first. */
	get changes(): Change[] {
		return [...this.found.values()].sort((a, b) => b.times - a.times);
	}
}

/** An argument as it is typed, cut. */
function shown(arg: string): string {
	const cut = arg.length > 120 ? `${arg.slice(0, 117)}…` : arg;
	return /^[\w./:@=,+{}-]+$/.test(cut) ? cut : `'${cut.replaceAll("\n", "\\n")}'`;
}

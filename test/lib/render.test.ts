import { describe, expect, test } from "vitest";
import { render } from "../../lib/cli/act.ts";
import type { Words } from "../../lib/intent.ts";
import { type Suggested, withFlags } from "../../lib/text/nouns.ts";
import { DATA_NOTE } from "../../lib/text/text.ts";

describe("suggested calls", () => {
	const tricky = `send-event a/b --data '{"a":"x; or: y (z)"}'`;
	test.each<[calls: Suggested[], flags: string[], line: string]>([
		[[], ["--dev"], ""],
		[[false, undefined, ""], ["--dev"], ""],
		[["get-run A"], [], "Next: get-run A"],
		[["get-run A"], ["--dev"], "Next: get-run A --dev"],
		[["get-run A", false, "cancel-run A"], [], "Next: get-run A; or: cancel-run A"],
		[["get-run A", "cancel-run A"], ["--dev"], "Next: get-run A --dev; or: cancel-run A --dev"],
		[[["list-apps", "was it reached?"], "get-run A"], [], "Next: list-apps (was it reached?); or: get-run A"],
		[
			[["list-apps", "was it reached?"], "get-run A"],
			["--dev", "--env 'it'\\''s'"],
			"Next: list-apps --dev --env 'it'\\''s' (was it reached?); or: get-run A --dev --env 'it'\\''s'",
		],
		[[tricky], ["--dev"], `Next: ${tricky} --dev`],
		[[[tricky, "resumes it"]], ["--dev"], `Next: ${tricky} --dev (resumes it)`],
	])("%j %j: %s", (next, flags, line) => {
		expect(withFlags(render({ lines: [], next }), flags)).toBe(line);
	});
});

describe("an answer", () => {
	const notes = ["Environment: staging", false] as const;
	test.each<[what: string, told: Words, lines: string[]]>([
		["of lines alone ends with the notes", { lines: ["A", ["B", false]] }, ["A", "B", "Environment: staging"]],
		["has the notes before what to call", { lines: ["A"], next: ["n"] }, ["A", "Environment: staging", "Next: n -f"]],
		["and before more", { lines: ["A"], more: "m" }, ["A", "Environment: staging", "More: m -f"]],
		[
			"and what comes after between them",
			{ lines: ["A"], next: ["n"], after: ["B"], more: "m" },
			["A", "Environment: staging", "Next: n -f", "B", "More: m -f"],
		],
		["has no line for no call", { lines: ["A"], next: [undefined], more: undefined }, ["A", "Environment: staging"]],
		[
			"takes none of its lines for a call",
			{ lines: ["A", "Next: of a stranger's"], next: ["n"] },
			["A", "Next: of a stranger's", "Environment: staging", "Next: n -f"],
		],
		[
			"says what the marks mean once, at its end",
			{ lines: [`«a»\n${DATA_NOTE}`, `«b»\n${DATA_NOTE}`], next: ["n"] },
			["«a»", "«b»", "Environment: staging", "Next: n -f", DATA_NOTE],
		],
	])("%s", (_, told, lines) => {
		expect(withFlags(render(told, notes), ["-f"]).split("\n")).toEqual(lines);
	});
});

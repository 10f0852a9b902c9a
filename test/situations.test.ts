/**
 * Situations that users of Inngest report, brought about on a dev server (v1.43, SDK 4.24.0) by an app of that kind; what came of it is by the
 * app's own log.
 */
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { readStory, type Story } from "../lib/gather/story.ts";
import { One, Run, Span } from "../lib/inngest/api.ts";
import { callsAfter } from "../lib/tell/replaytext.ts";
import { tellStory } from "../lib/tell/storytext.ts";
import { recorded } from "./recordings.ts";

const bodyOf = (label: string) => recorded(label, "situations").response.body;
const NOW = Date.parse("2026-11-26T21:30:00Z");
const storyOf = (label: string, more: Partial<Story> = {}) =>
	readStory(
		{
			run: z.parse(One(Run), bodyOf(`run: ${label}`)).data,
			trace: z.parse(One(z.object({ rootSpan: Span })), bodyOf(`trace: ${label}`)).data.rootSpan,
			jobs: undefined,
			missing: [],
			...more,
		},
		NOW,
	);
const linesOf = (story: ReturnType<typeof storyOf>) => tellStory(story, "").split("\n").slice(2, -1);

// inngest/inngest#2105 and others of expressions that do not compile: the engine gives the reason in place of a stack.
test("a condition that is no CEL is told with what is wrong in it, and where", () => {
	const story = storyOf("a wait whose condition is no CEL");
	expect(linesOf(story)).toEqual([
		`Payload: «{"id":"x1","if":"async.data.id == 'x1","min":50}»`,
		"Failed outside any step, or in a step that left no record: InvalidExpression: «Wait for event If expression failed to compile», caused by «1:18: Syntax error: token recognition error at: ''x1' | async.data.id == 'x1 | .................^ ERROR: < input>:1:21: S… (331 B)»",
	]);
	expect(callsAfter(story, { kind: "dev" })).toEqual([[`replay-run ${story.run.id}`, "once the cause is fixed"]]);
});

// inngest/inngest-js#1181: the SDK does not try again what its schema rejects.
test("a payload that its schema rejects is shown, and must change first", () => {
	const story = storyOf("a payload that its schema rejects");
	expect(linesOf(story)).toEqual([
		`Payload: «{"email":"nope","qty":0}»`,
		"Failed outside any step: EventValidationError: «email: Invalid email, qty: Number must be greater than or equal to 1»",
	]);
	expect(callsAfter(story, { kind: "dev" })).toEqual([[`replay-run ${story.run.id}`, "once the cause is fixed"]]);
});

// inngest/inngest-js#1400: as the app was deployed and not synced, the server still starts the function by the old name.
test("a trigger that the app has no longer leads to its sync", () => {
	const story = storyOf("a trigger that the app has no longer");
	expect(linesOf(story).at(-1)).toBe(
		"Failed outside any step: EventValidationError: «Event not found in triggers: s/moved.old»",
	);
	expect(callsAfter(story, { kind: "dev" })).toEqual([
		["list-apps", "does the app itself answer at its address, with the functions last synced?"],
		`replay-run ${story.run.id}`,
	]);
});

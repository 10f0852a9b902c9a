/**
 * What users of Inngest report, brought about on a dev server by an app of that kind, and what came of it by the app's own log.
 * `recordings/desk.json` is of a dev server (v1.43, SDK 4.24.0, as it is by default: with checkpointing).
 */

import { expect, test } from "vitest";
import * as z from "zod/mini";
import type { Story } from "../lib/gather/story.ts";
import { readStory } from "../lib/gather/story.ts";
import { One, Run, Span } from "../lib/inngest/api.ts";
import { callsAfter } from "../lib/tell/replaytext.ts";
import { tellStory } from "../lib/tell/storytext.ts";
import { recorded } from "./recordings.ts";

const bodyOf = (label: string) => recorded(label, "desk").response.body;
const storyOf = (label: string): Story => ({
	run: z.parse(One(Run), bodyOf(`run: ${label}`)).data,
	trace: z.parse(One(z.object({ rootSpan: Span })), bodyOf(`trace: ${label}`)).data.rootSpan,
	jobs: [],
	missing: [],
});
const line = (story: Story, start: string) =>
	tellStory(readStory(story, NOW), "")
		.split("\n")
		.find((one) => one.startsWith(start));
const NOW = Date.parse("2026-11-26T18:30:00Z");

// inngest/inngest#2016: Express takes 100 kB; the step's 300 kB are in the next request.
test("an app that refuses the size of a request is told as that, not as one that does not answer", () => {
	const story = storyOf("an app that takes no large request");
	expect(line(story, "Failed")).toBe(
		"Failed outside any step, or in a step that left no record, attempt 2: «Server returned a fatal error»: «Your server returned HTTP 413 before the SDK responded.» (the app, or a proxy before it, takes no request so large: it carries the event and all that the steps returned), caused by «Upstream response»: an HTML page «Error PayloadTooLargeError: request entity too large at readStream (/app/node_modules/raw-body/index.js:163:17)»",
	);
	expect(callsAfter(readStory(story, NOW), { kind: "dev" })).toEqual([`replay-run ${story.run.id}`]);
});

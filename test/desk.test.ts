/**
 * Problems reported by users of Inngest, reproduced on a dev server with a matching app and checked against the app's own log.
 * `recordings/desk.json` is from a dev server (v1.43, SDK 4.24.0, with its default checkpointing), and from a self-hosted one where it was
 * killed.
 */

import { expect, test } from "vitest";
import * as z from "zod/mini";
import { Jobs } from "../lib/decide/cause.ts";
import type { Story } from "../lib/gather/story.ts";
import { readStory } from "../lib/gather/story.ts";
import { listRunsRequest, One, Page, Run, Span } from "../lib/inngest/api.ts";
import { callsAfter } from "../lib/tell/replaytext.ts";
import { tellStory } from "../lib/tell/storytext.ts";
import { withTrueStatuses } from "../lib/wire/lenient.ts";
import { exchangesOf, recorded } from "./recordings.ts";

const bodyOf = (label: string) => recorded(label, "desk").response.body;
const jobsOf = (label: string) => {
	const isRecorded = exchangesOf("desk").some((one) => one.label === `jobs: ${label}`);
	return isRecorded ? z.parse(Jobs, bodyOf(`jobs: ${label}`)).data : undefined;
};
const storyOf = (label: string): Story => ({
	run: z.parse(One(Run), bodyOf(`run: ${label}`)).data,
	trace: z.parse(One(z.object({ rootSpan: Span })), bodyOf(`trace: ${label}`)).data.rootSpan,
	jobs: jobsOf(label),
	missing: [],
});
const line = (story: Story, start: string) =>
	tellStory(readStory(story, NOW), "")
		.split("\n")
		.find((one) => one.startsWith(start));
const NOW = Date.parse("2026-11-26T18:30:00Z");

// inngest/inngest#2016: Express accepts 100 kB; the step's 300 kB are in the next request.
test("an app that refuses the size of a request is told as that, not as one that does not answer", () => {
	const story = storyOf("an app that takes no large request");
	expect(line(story, "Failed")).toBe(
		"Failed outside any step, or in a step that left no record, attempt 2: «Server returned a fatal error»: «Your server returned HTTP 413 before the SDK responded.» (the app, or a proxy in front of it, rejects requests this large; each carries the event and everything the steps returned), caused by «Upstream response»: an HTML page «Error PayloadTooLargeError: request entity too large at readStream (/app/node_modules/raw-body/index.js:163:17)»",
	);
	expect(callsAfter(readStory(story, NOW), { kind: "dev" })).toEqual([`replay-run ${story.run.id}`]);
});

// inngest/inngest#2531: a killed self-hosted server that keeps its queue in memory restarts with runs that nothing continues.
test("a run that its server has lost is told as that", () => {
	const story = storyOf("a run that waited as its server was killed");
	expect(tellStory(readStory(story, NOW), "").split("\n").slice(3, 5)).toEqual([
		"Waits for an event in kyc",
		"The server lists no job for it: it has just ended, or the server lost it, e.g. in a restart.",
	]);
});

test("such runs, once cancelled, are listed once, though the server adds a row of no app for each", () => {
	const body = bodyOf("runs: cancelled after the server had lost them");
	const idsIn = (one: unknown) => z.parse(Page(Run), one).data.map(({ id, app }) => [id.slice(-4), app.id]);
	expect(idsIn(body).length).toBe(4);
	expect(idsIn(withTrueStatuses(listRunsRequest({}), body))).toEqual([
		["08J2", "desk"],
		["TC45", "desk"],
	]);
});

// As the reporters of inngest/inngest#1276 saw: an event cancels the run, but the code continues.
test.each([
	["cancelled while the app executes it", ["The app was executing it: a step under way may have run to its end."]],
	["cancelled while the app executed a step", ["========== slow 25s (queued 1.3s before)"]],
])("%s: the step is not stopped", (label, lines) => {
	const told = tellStory(readStory(storyOf(label), NOW), "").split("\n");
	expect(told.filter((one) => /^(=|The app)/.test(one))).toEqual(lines);
});

test("nor is it told how long it outlived a run of which the end is not known", () => {
	const story = storyOf("cancelled while the app executed a step");
	const run = { ...story.run, endedAt: undefined };
	expect(line({ ...story, run }, "=")).toMatch(/^=+ slow 25s \(queued 1\.3s before\)$/);
});

// The id is the SHA-1 of "complete": the function's own output (v4), or a step of that name (in v3, only that).
test("an output that is too large may be the function's own, or a step's of the same id", () => {
	const story = storyOf("a function that returns too much");
	expect(line(story, "Failed")).toBe(
		"Failed outside any step, or in a step that left no record: Error: «error validating generator opcode 0737c22d3bfae812339732d14d8c7dbd6dc4e09c: step output size is greater than the limit» (4 MiB)",
	);
});

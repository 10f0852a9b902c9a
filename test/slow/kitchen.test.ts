/**
 * What is said of the kitchen's runs is what happened: for each run of `kitchen-truth.ts`, what get-run, list-runs, triage-failures,
 * get-event and the plan of replay-run must say; and all their suggestions must work as printed. Tested with both recordings, served in
 * this process; and, with INNGEST_KITCHEN_URL (and INNGEST_LIVE_EVENT_KEY and INNGEST_LIVE_SIGNING_KEY if self-hosted), with a real server
 * that serves the kitchen and received its events.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quote, word } from "../../lib/text/text.ts";
import { realKitchen, recordedKitchen } from "../kitchen.ts";
import {
	type Ended,
	ended,
	type Failed,
	failed,
	type Live,
	live,
	type Origin,
	OUTSIDE,
	type Wait,
} from "../kitchen-truth.ts";
import { follow, nextCalls } from "../next.ts";

const {
	INNGEST_KITCHEN_URL: url,
	INNGEST_LIVE_EVENT_KEY: eventKey,
	INNGEST_LIVE_SIGNING_KEY: signingKey,
} = process.env;
const kitchens = [
	recordedKitchen("kitchen"),
	recordedKitchen("kitchen-self-hosted"),
	...(url ? [realKitchen(url, eventKey && signingKey ? { eventKey, signingKey } : undefined)] : []),
];

const linesOf = (text: string): string[] => text.split("\n");
/** How an error's message begins, as quoted by every answer. */
// An HTML page is shown by its text.
const begins = (message: string): string =>
	quote([...message.replace(/<[^>]+>/g, "")].slice(0, 80).join("")).slice(0, -1);

/** What get-run says of where a run failed: the start of the line. The first is best, all are true. */
function causes({ failedIn, alike, because, unseen, error }: Failed): string[] {
	if (unseen || error.message === "Unable to reach SDK URL")
		return ["Failed outside any step, or in a step that left no record", "Failed in a step that left no record"];
	if (because?.link === "cause" && failedIn === OUTSIDE) return [`Failed after step ${word(because.step)} had failed`];
	const exactly = failedIn === OUTSIDE ? "Failed outside any step" : `Step ${word(failedIn ?? "")} failed`;
	const [a = "", b = ""] = (alike ?? []).map(word);
	const either = alike ? [`Possible: it failed in step ${a} or ${b}`, `Possible: it failed in step ${b} or ${a}`] : [];
	return [exactly, ...either];
}

/** What a line on waiting names, if the API shows it. */
function named(wait: Wait): string[] {
	switch (wait.kind) {
		case "sleep":
			return [`Sleeps in ${word(wait.step)}, wakes in `];
		case "event":
			return [`Waits for event ${wait.event} `, `in ${word(wait.step)}, times out in `];
		case "signal":
			return [`Waits for signal ${wait.signal} in ${word(wait.step)}, times out in `];
		case "invoke":
			return [`Waits for the run of ${wait.fn.replace("/", "-")} that it invoked in ${word(wait.step)}`];
		case "executing":
			return ["The app is executing it now"];
		case "retry":
			return ["Retries in ", "with attempt ", "after "];
		case "turn":
			return [wait.because === "priority" ? "Starts in " : `Waits for capacity (${wait.because}`];
	}
}
/** The number of waits shown for one run. */
const TOLD = 5;
/** And for a run in a list. */
const LISTED = 3;
/** Whether waits are shown, each on its own line: of more than five, any five. `some`: those that have not ended meanwhile. */
function expectWaits(lines: readonly string[], { waits }: Live, some: boolean, most = TOLD): void {
	const told = waits.filter((wait) => lines.some((line) => named(wait).every((part) => line.includes(part))));
	const gone =
		some && lines.some((line) => /^ *(The app (is|has been) executing it|Waits for capacity|Is ready)/.test(line));
	const least = some ? Number(!gone) : Math.min(waits.length, most);
	expect([told.length >= least, lines.join("\n")]).toEqual([true, lines.join("\n")]);
}

describe.each(kitchens)("$name", (kitchen) => {
	/** All suggestions, with the time at which they were made. */
	const suggested = new Map<string, Live | undefined>();
	beforeAll(() => kitchen.open());
	afterAll(() => kitchen.close());

	/** Makes a call and records its suggestions. */
	const ask = async (argv: readonly string[], exit = 0, at?: Live): Promise<string> => {
		const came = await kitchen.call(argv, at);
		expect([came.exit, came.text]).toEqual([exit, came.text]);
		for (const call of nextCalls(came.text)) suggested.set(call, at);
		return came.text;
	};
	const lists = (fn: string, ...more: string[]) => ["list-runs", "--function", fn, "--limit", "100", ...more];

	/** A run's id and story. A real server may have no such run, or one that went differently. */
	async function storyOf(one: Failed | Ended | Live, skip: (note: string) => never, at?: Live) {
		const id = await kitchen.find(one);
		if (id === undefined && kitchen.real) skip("there is no such run");
		const story = await ask(["get-run", id ?? ""], 0, at);
		const [head = ""] = linesOf(story);
		if (kitchen.real && !head.includes(` ${one.status}`)) skip(`it went otherwise: ${head}`);
		expect(head.startsWith(`${word(one.fn)} ${one.status}`), head).toBe(true);
		return { id: id ?? "", story, lines: linesOf(story) };
	}

	describe("a run that failed", () => {
		test.for(failed)("$label", { timeout: 60_000 }, async (truth, { skip }) => {
			const { fn, origin, error } = truth;
			const message = begins(error.message);
			const { id, story, lines } = await storyOf(truth, skip);
			const cause = lines.slice(1).find((line) => line.includes(message)) ?? "";
			expectCause(truth, lines, cause);
			expectOrigin(origin, lines[1] ?? "");

			const listed = await ask(lists(fn, "--status", "failed", "--with-events"));
			expect(listed).toMatch(new RegExp(`^${id} FAILED ${escaped(word(fn))} `, "m"));
			expect(listed).toContain(message);

			expectGroup(truth, linesOf(await ask(["triage-failures", "--function", fn, "--limit", "50"])));

			const plan = await ask(["replay-run", id], 3);
			for (const part of [id, word(fn), message]) expect(plan).toContain(part);
			const how = linesOf(plan).find((line) => line.includes(message)) ?? "";
			expect([how, causes(truth).some((start) => how.includes(start))]).toEqual([how, true]);

			const event = eventIn(story);
			if (origin.kind === "event" && event) expectEvent(truth, id, await ask(["get-event", event]));
		});
	});

	describe("a run that ended otherwise", () => {
		test.for(ended)("$label", async (truth, { skip }) => {
			const { fn, origin, status, caught = [] } = truth;
			const { id, story, lines } = await storyOf(truth, skip);
			expect(lines.filter(isFailure)).toEqual([]);
			const told = lines.filter((line) => /^(Caught|Also failed): /.test(line));
			expect(told.length).toBe(caught.length);
			for (const { step, message } of caught)
				expect(told.some((line) => line.startsWith(`Caught: ${word(step)} `) && line.includes(begins(message)))).toBe(
					true,
				);
			if (status === "CANCELLED")
				expect(story).toMatch(/^(?:The API does not say why it was cancelled\.|Cancelled by event )/m);

			expect(await ask(lists(fn, "--status", status))).toMatch(
				new RegExp(`^${id} ${status} ${escaped(word(fn))} `, "m"),
			);
			const event = eventIn(story);
			if (origin.kind === "event" && event)
				expect(await ask(["get-event", event])).toMatch(new RegExp(`^${id} ${status} `, "m"));
		});
	});

	describe("a run that goes on", () => {
		test.for(live)("$label", async (truth, { skip }) => {
			const { id, story, lines } = await storyOf(truth, skip, truth);
			expectWaits(lines, truth, kitchen.real);
			for (const { step } of truth.caught ?? []) expect(story).toContain(`Caught: ${word(step)} `);

			const listed = linesOf(await ask(lists(truth.fn, "--status", "running,queued", "--with-waits"), 0, truth));
			const own = listed.findIndex((line) => line.startsWith(`${id} ${truth.status} ${word(truth.fn)} `));
			// Of runs at the same point, the first is shown.
			const alike = listed.findIndex(
				(line) => line.startsWith("  At the same point (times and conditions may differ): ") && line.includes(id),
			);
			const at = own < 0 ? listed.findLastIndex((line, i) => i < alike && !line.startsWith("  ")) : own;
			expect([at >= 0, listed.join("\n")]).toEqual([true, listed.join("\n")]);
			const end = listed.findIndex((line, i) => i > at && !line.startsWith("  "));
			expectWaits(listed.slice(at + 1, end < 0 ? undefined : end), truth, kitchen.real, LISTED);
		});
	});

	test("every run there is can be told, with the status that it has", { timeout: 300_000 }, async () => {
		const runs = await kitchen.all();
		expect(runs.length).toBeGreaterThan(kitchen.real ? 50 : 200);
		for (const { id, fn, status } of runs) {
			const lines = linesOf(await ask(["get-run", id]));
			if (kitchen.real && !["COMPLETED", "FAILED", "CANCELLED"].includes(status)) continue;
			expect(lines[0]?.startsWith(`${word(fn)} ${status}`), lines[0]).toBe(true);
			expect([id, lines.filter(isFailure).length]).toEqual([id, status === "FAILED" ? 1 : 0]);
		}
	});

	test("all that was suggested can be done as it stands", { timeout: 600_000 }, async () => {
		expect(suggested.size).toBeGreaterThan(kitchen.real ? 20 : 200);
		for (const [command, at] of suggested) {
			// A signal would end the runs of other suggestions. Nothing is sent to a shared server, and nothing waits for a minute.
			if (command.startsWith("send-signal")) continue;
			if (kitchen.real && /^send-/.test(command)) continue;
			const patience = kitchen.real && command.startsWith("wait-for-run") ? ["--timeout", "1s"] : [];
			await follow(command, (argv) => kitchen.call([...argv, ...patience], at));
		}
	});
});

/** The line of get-run that says where a run failed. */
const isFailure = (line: string): boolean => /^(Step .* failed|Failed|Possible: it failed)/.test(line);
const eventIn = (story: string): string | undefined => /^Event \S+ (01\w{24})/m.exec(story)?.[1];

/** Whether get-run says where it failed, and what else was caught or failed, according to the code. */
function expectCause(truth: Failed, lines: readonly string[], cause: string): void {
	expect([cause, causes(truth).some((start) => cause.startsWith(start))]).toEqual([cause, true]);
	expect(lines.filter(isFailure)).toEqual([cause]);
	for (const { step, message } of truth.caught ?? [])
		expect(lines.some((line) => line.includes(word(step)) && line.includes(begins(message)))).toBe(true);
	for (const { step, message } of truth.beside ?? [])
		expect(lines.some((line) => line.startsWith(`Also failed: ${word(step)} `) && line.includes(begins(message)))).toBe(
			true,
		);
	if (truth.because) expect(lines.join("\n")).toContain(begins(truth.because.message));
}

/** Whether get-run says where a run comes from, unless from a user's event. */
function expectOrigin(origin: Origin, line: string): void {
	const lines: Record<Origin["kind"], RegExp> = {
		event: /^(?:Event \S+|Invoked by the API or the dashboard, event) 01\w{24}/,
		cron: /^Cron «/,
		invoked: /^Invoked by run 01\w{24} \S+\/\S+ in step /,
		deferred: /^Deferred by run 01\w{24} \S+\/\S+$/,
		"failure handler": /^Handles the failure of run 01\w{24} \S+\/\S+$/,
	};
	expect(line).toMatch(lines[origin.kind]);
	if (origin.kind === "cron") expect(line).toContain(origin.schedule);
}

/** Whether triage has a group for this error, and does not assign it to a step that was caught or failed separately. */
function expectGroup({ fn, error, caught = [], beside = [] }: Failed, lines: readonly string[]): void {
	const at = lines.findIndex((line) => line.includes(begins(error.message)));
	expect([at > 0, lines.join("\n")]).toEqual([true, lines.join("\n")]);
	const group = `${lines[at - 1]}\n${lines[at]}`;
	expect(group).toContain(word(fn));
	for (const { step, message } of [...caught, ...beside])
		if (message !== error.message) expect(group).not.toContain(`in ${word(step)},`);
}

/** Whether an event shows the run that it started, with its error. */
function expectEvent({ fn, origin, error }: Failed, id: string, told: string): void {
	if (origin.kind === "event") expect(told).toContain(word(origin.name));
	const runs = linesOf(told).filter((line) => /^01\w{24} [A-Z]+ /.test(line));
	const ours = runs.find((line) => line.startsWith(`${id} FAILED ${word(fn)} `)) ?? "";
	expect([ours !== "", told]).toEqual([true, told]);
	// For more than five runs the errors are omitted.
	if (runs.length <= 5) expect(ours).toContain(begins(error.message));
}

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

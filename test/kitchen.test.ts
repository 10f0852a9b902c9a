/**
 * What is said of the kitchen's runs is what happened: for each run of `kitchen-truth.ts`, what get-run, list-runs,
 * triage-failures, get-event and the plan of replay-run must say, and that all they suggest can be done as it stands.
 * It is asked of both recordings, served in this process; and, with INNGEST_KITCHEN_URL (and INNGEST_LIVE_EVENT_KEY and
 * INNGEST_LIVE_SIGNING_KEY of a self-hosted one), of a real server that serves the kitchen and was fed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quote, word } from "../lib/text.ts";
import { realKitchen, recordedKitchen } from "./kitchen.ts";
import { ended, type Failed, failed, type Live, live, OUTSIDE, type Wait } from "./kitchen-truth.ts";
import { follow, nextCalls } from "./next.ts";

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
/** How an error's message begins, as every answer quotes it. */
const begins = (message: string): string => quote([...message].slice(0, 80).join("")).slice(0, -1);
const row = <R extends { label: string }>(one: R): [string, R] => [one.label, one];

/** What get-run says of where a run failed: the start of the line. The first is best, all are true. */
function causes({ failedIn, alike, because, unseen, error }: Failed): string[] {
	if (unseen || error.message === "Unable to reach SDK URL")
		return ["Failed outside of steps, or in a step that left no record"];
	if (because?.link === "cause" && failedIn === OUTSIDE) return [`Failed after step ${word(because.step)} had failed`];
	const exactly = failedIn === OUTSIDE ? "Failed outside of steps" : `Step ${word(failedIn ?? "")} failed`;
	const [a = "", b = ""] = alike ?? [];
	return [exactly, ...(alike ? [`Possible: it failed in step ${word(a)} or ${word(b)}`] : [])];
}

/** What a line of waiting names, where the API tells it. */
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
/** Waits that an answer tells of one run. */
const TOLD = 5;
/** Whether waits are told, each on a line of its own; of more than five, any five. */
function expectWaits(lines: readonly string[], { waits }: Live): void {
	const told = waits.filter((wait) => lines.some((line) => named(wait).every((part) => line.includes(part))));
	expect([told.length, lines.join("\n")]).toEqual([Math.min(waits.length, TOLD), lines.join("\n")]);
}

/** Suggestions that other branches add or mend: an intent, a step's hash, a group's example. Remove each with it. */
const COMING = [/^send-signal /, /^replay-run \S+ --from-step [0-9a-f]{40}$/, /^get-run ID$/];

describe.each(kitchens)("$name", (kitchen) => {
	/** All that is suggested, with the moment at which it was. */
	const suggested = new Map<string, Live | undefined>();
	beforeAll(() => kitchen.open());
	afterAll(() => kitchen.close());

	const ask = async (argv: readonly string[], exit: number, at?: Live): Promise<string> => {
		const came = await kitchen.call(argv, at);
		expect([came.exit, came.text]).toEqual([exit, came.text]);
		for (const call of nextCalls(came.text)) suggested.set(call, at);
		return came.text;
	};
	describe("a run that failed", () => {
		test.each(failed.map(row))("%s", { timeout: 60_000 }, async (_, truth) => {
			await tellsFailure(truth);
		});

		async function tellsFailure(truth: Failed): Promise<void> {
			const { fn, origin, error, failedIn, because } = truth;
			const id = await kitchen.find(truth);
			if (id === undefined && kitchen.real) return;
			expect(id).toBeDefined();
			if (id === undefined) return;
			const message = begins(error.message);

			const story = linesOf(await ask(["get-run", id], 0));
			expect(story[0]).toMatch(new RegExp(`^${escaped(word(fn))} FAILED in `));
			const cause = story.find((line) => line.includes(message)) ?? "";
			expect(
				causes(truth).filter((start) => cause.startsWith(start)),
				cause,
			).not.toEqual([]);
			for (const one of truth.caught ?? [])
				expect(story.some((line) => line.includes(word(one.step)) && line.includes(begins(one.message)))).toBe(true);
			for (const one of truth.beside ?? [])
				expect(story).toContainEqual(expect.stringMatching(new RegExp(`^Also failed: ${escaped(word(one.step))} `)));
			if (because) expect(story.join("\n")).toContain(begins(because.message));
			if (origin.kind === "invoked") expect(story[1]).toMatch(/^Invoked by run 01\w{24} in step /);
			if (origin.kind === "deferred") expect(story[1]).toMatch(/^Deferred by run 01\w{24}$/);
			if (origin.kind === "failure handler") expect(story[1]).toMatch(/^Handles the failure of run 01\w{24}$/);
			if (origin.kind === "cron") expect(story[1]).toBe(`Cron ${quote(origin.schedule)}`);

			const listed = await ask(
				["list-runs", "--function", fn, "--status", "failed", "--limit", "100", "--with-events"],
				0,
			);
			expect(listed).toMatch(new RegExp(`^${id} FAILED ${escaped(word(fn))} `, "m"));
			expect(listed).toContain(message);

			const triage = linesOf(await ask(["triage-failures", "--function", fn, "--limit", "50"], 0));
			const at = triage.findIndex((line) => line.includes(message));
			expect(triage.join("\n")).toContain(message);
			const group = `${triage[at - 1]}\n${triage[at]}`;
			expect(group).toContain(word(fn));
			for (const one of [...(truth.caught ?? []), ...(truth.beside ?? [])])
				if (one.message !== error.message) expect(group).not.toContain(`in ${word(one.step)},`);

			const plan = await ask(["replay-run", id], 3);
			expect(plan).toContain(id);
			expect(plan).toContain(word(fn));
			expect(plan).toContain(message);
			const where = cause.startsWith("Step ") && failedIn ? word(failedIn) : undefined;
			if (where !== undefined) expect(plan.split("\n").find((line) => line.includes(message))).toContain(where);
			for (const one of truth.caught ?? [])
				if (one.message !== error.message && failedIn !== one.step)
					expect(plan.split("\n").find((line) => line.includes(message))).not.toContain(`${word(one.step)} failed`);

			const event = /^Event \S+ (01\w{24})/m.exec(story.join("\n"))?.[1];
			if (origin.kind !== "event" || event === undefined) return;
			const told = await ask(["get-event", event], 0);
			expect(told).toContain(word(origin.name));
			const ours = told.split("\n").filter((line) => /^01\w{24} [A-Z]+ /.test(line));
			const line = ours.find((one) => one.startsWith(`${id} FAILED ${word(fn)} `)) ?? "";
			expect([line !== "", told]).toEqual([true, told]);
			// Of more than five runs the errors are left out.
			if (ours.length <= 5) expect(line).toContain(message);
		}
	});

	describe("a run that ended otherwise", () => {
		test.each(ended.map(row))("%s", async (_, truth) => {
			const { fn, origin, status, caught = [] } = truth;
			const id = await kitchen.find(truth);
			if (id === undefined && kitchen.real) return;
			expect(id).toBeDefined();
			if (id === undefined) return;
			const story = linesOf(await ask(["get-run", id], 0));
			expect(story[0]).toMatch(new RegExp(`^${escaped(word(fn))} ${status} in `));
			expect(story.filter((line) => /^(Step .* failed|Failed|Possible: it failed)/.test(line))).toEqual([]);
			const told = story.filter((line) => /^(Caught|Also failed): /.test(line));
			expect(told.length).toBe(caught.length);
			for (const one of caught) {
				expect(told.join("\n")).toContain(`Caught: ${word(one.step)} `);
				expect(told.join("\n")).toContain(begins(one.message));
			}
			if (status === "CANCELLED") expect(story.join("\n")).toContain("The API does not say why it was cancelled.");
			const listed = await ask(["list-runs", "--function", fn, "--status", status, "--limit", "100"], 0);
			expect(listed).toMatch(new RegExp(`^${id} ${status} ${escaped(word(fn))} `, "m"));
			if (origin.kind !== "event") return;
			const event = /^Event \S+ (01\w{24})/m.exec(story.join("\n"))?.[1] ?? "";
			expect(await ask(["get-event", event], 0)).toMatch(new RegExp(`^${id} ${status} `, "m"));
		});
	});

	describe("a run that goes on", () => {
		test.each(live.map(row))("%s", async (_, truth) => {
			const id = await kitchen.find(truth);
			if (id === undefined && kitchen.real) return;
			expect(id).toBeDefined();
			if (id === undefined) return;
			const story = await ask(["get-run", id], 0, truth);
			const [head = ""] = linesOf(story);
			// On a real server it may have ended meanwhile.
			if (kitchen.real && !/ (RUNNING|QUEUED), /.test(head)) return;
			expect(head).toMatch(new RegExp(`^${escaped(word(truth.fn))} ${truth.status}, queued `));
			expectWaits(linesOf(story), truth);
			for (const one of truth.caught ?? []) expect(story).toContain(`Caught: ${word(one.step)} `);

			const args = [
				"list-runs",
				"--function",
				truth.fn,
				"--status",
				"running,queued",
				"--with-waits",
				"--limit",
				"100",
			];
			const listed = linesOf(await ask(args, 0, truth));
			const at = listed.findIndex((line) => line.startsWith(`${id} ${truth.status} ${word(truth.fn)} `));
			expect([at >= 0, listed.join("\n")]).toEqual([true, listed.join("\n")]);
			const after = listed.slice(at + 1);
			const end = after.findIndex((line) => !line.startsWith("  "));
			expectWaits(after.slice(0, end < 0 ? undefined : end), truth);
		});
	});

	test("every run there is can be told, with the status that it has", { timeout: 120_000 }, async () => {
		const runs = await kitchen.all();
		expect(runs.length).toBeGreaterThan(kitchen.real ? 50 : 200);
		for (const { id, fn, status } of runs) {
			const story = linesOf(await ask(["get-run", id], 0));
			if (kitchen.real && !["COMPLETED", "FAILED", "CANCELLED"].includes(status)) continue;
			expect(story[0]).toMatch(new RegExp(`^${escaped(word(fn))} ${status}\\b`));
			const failures = story.filter((line) => /^(Step .* failed|Failed|Possible: it failed)/.test(line));
			expect([id, failures.length]).toEqual([id, status === "FAILED" ? 1 : 0]);
		}
	});

	test("all that was suggested can be done as it stands", { timeout: 600_000 }, async () => {
		expect(suggested.size).toBeGreaterThan(kitchen.real ? 20 : 200);
		for (const [command, at] of suggested) {
			if (COMING.some((one) => one.test(command))) continue;
			// Nothing is sent to a server that others use, and no minute is waited.
			if (kitchen.real && /^send-/.test(command)) continue;
			const patience = kitchen.real && command.startsWith("wait-for-run") ? ["--timeout", "1s"] : [];
			await follow(command, (argv) => kitchen.call([...argv, ...patience], at));
		}
	});
});

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

import { describe, expect, test } from "vitest";
import { kinOf, replayedAs } from "../../lib/decide/replayplan.ts";
import { type FailedAt, Failures, type Group } from "../../lib/decide/triage.ts";
import { countReplays, type Located, locate } from "../../lib/gather/failures.ts";
import { bounded, list } from "../../lib/gather/lists.ts";
import { patiently } from "../../lib/gather/slot.ts";
import { ServerError, SkillError } from "../../lib/text/errors.ts";
import { type Failed, failed, OUTSIDE } from "../kitchen-truth.ts";
import { type Kind, recorded } from "../recordings.ts";
import { aWorld, NOW } from "../world.ts";
import { answeringBy, line } from "./api-of.ts";
import { aRun } from "./recorded.ts";

const id = (n: number) => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
/** No limit on requests. */
const ALL = { left: Number.POSITIVE_INFINITY };
const runIn = (path: string) => path.split("/")[3] ?? "";
const numberIn = (path: string) => Number(runIn(path).slice(-7));

/** A group of this many failures, newest first, each with its own event. */
function groupOf(runs: number, some: (n: number) => Record<string, unknown> = () => ({})): Group {
	const failures = new Failures();
	for (let n = 0; n < runs; n++)
		failures.add(
			aRun({
				id: id(n),
				output: { error: { name: "Error", message: `row ${n} is bad` } },
				trigger: { eventIds: [`01M853698J9ZFFAMVVY${String(n).padStart(7, "0")}`] },
				...some(n),
			}),
		);
	const [group] = failures.list();
	if (!group) throw new Error("no group");
	return group;
}

const stack = "Error: bad\n    at file:///app/app.mjs:7:3";
const span = (name: string, message: string, some: Record<string, unknown> = {}) => ({
	name,
	stepId: `hash of ${name}`,
	stepOp: "RUN",
	status: "FAILED",
	output: { name: "Error", message, stack },
	...some,
});
/** The trace of run `n`, which failed with its own error in that step, or outside any step. */
const trace = (n: number, step?: string) => ({
	data: {
		rootSpan: {
			name: "Run",
			status: "FAILED",
			output: { name: "Error", message: `row ${n} is bad`, stack },
			children: step === undefined ? [] : [span(step, `row ${n} is bad`)],
		},
	},
});
const told = ({ where, read, count, events, example, failure }: Located) => [
	where,
	read,
	count,
	events,
	example,
	failure.message,
];

describe("locate", () => {
	test("few are all read", async () => {
		const api = answeringBy(({ path }) => trace(numberIn(path), "parse"));
		expect(told(await locate(api, groupOf(6), ALL))).toEqual([
			[{ kind: "step", step: "parse" }],
			6,
			6,
			6,
			id(0),
			"row 0 is bad",
		]);
		expect(api.sent.length).toBe(6);
	});

	test("of many the 1st, 2nd, 4th, 8th, 16th and 32nd are read", async () => {
		const api = answeringBy(({ path }) => trace(numberIn(path)));
		expect(told(await locate(api, groupOf(70), ALL))).toEqual([
			[{ kind: "outside" }],
			6,
			70,
			70,
			id(0),
			"row 0 is bad",
		]);
		expect(api.sent.map(({ path }) => numberIn(path))).toEqual([0, 1, 3, 7, 15, 31]);
	});

	test("where they differ each place is told, as far as traces were read", async () => {
		const api = answeringBy(({ path }) =>
			numberIn(path) === 0
				? new ServerError("gone", "", { status: 404 })
				: trace(numberIn(path), numberIn(path) === 1 ? "a" : "b"),
		);
		const places = ["a", "b"].map((step) => ({ kind: "step", step }));
		expect(told(await locate(api, groupOf(4), ALL))).toEqual([places, 3, 4, 4, id(0), "row 0 is bad"]);
	});

	test("without any trace nothing is said of where", async () => {
		const api = answeringBy(() => new ServerError("expired", "", { status: 404 }));
		expect(told(await locate(api, groupOf(2), ALL))).toEqual([[], 0, 2, 2, id(0), "row 0 is bad"]);
	});
});

describe.each(["kitchen", "kitchen-self-hosted"] satisfies Kind[])("where the runs of %s failed", (kind) => {
	const bodyOf = (label: string) => Object(recorded(label, kind).response.body).data;
	/** The run's group, with the error as wrapped by lists, located by its trace. */
	const located = async (label: string) => {
		const run = bodyOf(`run: ${label}`);
		const failures = new Failures();
		failures.add(aRun({ ...run, output: { error: run.output } }));
		const [group] = failures.list();
		if (!group) throw new Error("no group");
		const api = answeringBy(({ path }) => ({ data: path.endsWith("/trace") ? bodyOf(`trace: ${label}`) : [] }));
		return (await locate(api, group, ALL)).where;
	};
	/** How the truth appears: an error made by the engine has no stack, so a step that left no record can't be excluded. */
	const placeOf = ({ failedIn, because, unseen, error }: Failed): FailedAt | undefined => {
		if (unseen || error.message === "Unable to reach SDK URL") return { kind: "unseen" };
		if (failedIn === undefined) return undefined;
		if (failedIn !== OUTSIDE) return { kind: "step", step: failedIn };
		return because?.link === "cause" ? { kind: "after", step: because.step } : { kind: "outside" };
	};

	test.each(failed.map((one) => [one.label, one] as const))("%s", async (label, truth) => {
		const where = await located(label);
		const tie = where[0]?.kind === "tie" ? where[0] : undefined;
		// Stacks may tell apart errors that read alike; otherwise all are named.
		if (tie) expect(tie.steps).toEqual([...new Set(truth.alike)].toSorted());
		else expect(where).toEqual([placeOf(truth)]);
	});
});

test.each<[string, [number, string][], ReturnType<typeof replayedAs>]>([
	["nothing else", [[5, "FAILED"]], undefined],
	[
		"a newer one that completed",
		[
			[5, "FAILED"],
			[7, "COMPLETED"],
		],
		"succeeded",
	],
	[
		"one that completed and one that failed",
		[
			[5, "FAILED"],
			[7, "COMPLETED"],
			[8, "FAILED"],
		],
		"succeeded",
	],
	[
		"one that runs",
		[
			[5, "FAILED"],
			[7, "RUNNING"],
		],
		"live",
	],
	[
		"one that is queued, after one that failed",
		[
			[5, "FAILED"],
			[7, "FAILED"],
			[8, "QUEUED"],
		],
		"live",
	],
	[
		"one that failed",
		[
			[5, "FAILED"],
			[7, "FAILED"],
		],
		"again",
	],
	[
		"one that was cancelled",
		[
			[5, "FAILED"],
			[7, "CANCELLED"],
		],
		"again",
	],
	[
		"an older one: it is itself a replay",
		[
			[3, "FAILED"],
			[5, "FAILED"],
		],
		"again",
	],
	[
		"an older one that completed",
		[
			[3, "COMPLETED"],
			[5, "FAILED"],
		],
		"again",
	],
])("a failed run was replayed: %s", (_, runs, kind) => {
	const live = ["RUNNING", "QUEUED"];
	const all = runs.map(([n, status]) =>
		aRun({ id: id(n), status, ...(live.includes(status) && { endedAt: undefined }) }),
	);
	expect(replayedAs(kinOf(aRun({ id: id(5) }), all))).toBe(kind);
});

test("replays are counted by function and app, each event once", async () => {
	const app = { id: "shop" };
	const fn = { id: "import-catalog" };
	const ended = { endedAt: "2026-11-23T21:00:00Z" };
	const original = (n: number) => ({ id: id(n), app, function: fn, status: "FAILED", ...ended });
	const newer = (n: number, some: Record<string, unknown>) => ({ ...original(100 + n), ...some });
	const done = { status: "COMPLETED" };
	const answers: Record<string, unknown> = {
		E0: { data: [newer(0, done), original(0)] },
		E1: { data: [newer(1, {}), original(1)] },
		E2: { data: [newer(2, { status: "RUNNING", endedAt: undefined }), original(2)] },
		E3: { data: [newer(3, { ...done, function: { id: "other" } }), original(3)] },
		E4: { data: [newer(4, { ...done, app: { id: "other" } }), original(4)] },
		E5: new ServerError("down", "", { status: 500 }),
	};
	const api = answeringBy(({ path }) => answers[path.split("/")[3] ?? ""]);
	const group = groupOf(6, (n) => ({ trigger: { eventIds: [`E${n}`] } }));
	group.recent.unshift({ run: id(101), event: "E1", at: 0, batch: false, cron: false });
	group.recent.push({ run: id(50), event: "E0", at: 0, batch: false, cron: true });
	group.recent.push({ run: id(51), event: undefined, at: 0, batch: false, cron: true });
	const counted = { looked: 7, succeeded: 1, live: 1, again: 1, alone: 1, cron: 0, replays: 1, own: 0, unread: 1 };
	expect(await countReplays(api, group, false, ALL.left)).toEqual({ replays: counted, spent: 6 });
	group.recent.push({ run: id(52), event: "E9", at: 0, batch: false, cron: true });
	expect((await countReplays(api, group, true, ALL.left)).replays).toEqual({
		...counted,
		looked: 8,
		alone: 0,
		cron: 2,
	});
});

describe("a server that is away", () => {
	const tries = async (error: Error, stop = 1000) => {
		const world = aWorld();
		let asked = 0;
		const ask = () => {
			if (++asked === stop) world.interrupt();
			return Promise.reject(error);
		};
		await expect(patiently(world, ask)).rejects.toBe(error);
		return [asked, world.clock.now() - NOW];
	};
	test("is asked each five seconds for a minute, also where its proxy answers", async () => {
		const minute = [13, 60_000];
		expect([
			await tries(new ServerError("no", "", { status: 0 })),
			await tries(new ServerError("no", "", { status: 502 })),
		]).toEqual([minute, minute]);
	});
	test("is not what refuses, nor waited for after Ctrl-C", async () => {
		expect([
			await tries(new ServerError("no", "", { status: 404 })),
			await tries(new SkillError("no", "", 1)),
			await tries(new ServerError("no", "", { status: 500 }), 3),
		]).toEqual([
			[1, 0],
			[1, 0],
			[3, 10_000],
		]);
	});
	test("may answer in between", async () => {
		let asked = 0;
		const ask = async () => {
			if (++asked < 3) throw new ServerError("no", "", { status: 500 });
			return asked;
		};
		expect(await patiently(aWorld(), ask)).toBe(3);
	});
});

test("so many requests: each as it is sent, or once it is answered", async () => {
	const api = () => answeringBy((_, n) => (n === 0 ? new ServerError("no", "", { status: 500 }) : { data: [] }));
	for (const [answered, left] of [
		[false, [1, 0, 0]],
		[true, [2, 1, 0]],
	] as const) {
		const one = bounded(api(), 2, answered);
		const seen: number[] = [];
		for (let n = 0; n < 3; n++) {
			await list(one.api, {}, 1).catch(() => undefined);
			seen.push(one.left());
		}
		expect(seen).toEqual(left);
		await expect(list(one.api, {}, 1)).rejects.toThrow("It takes more than 2 requests.");
	}
});

test("a list is of the statuses that were asked for, in so many pages, and tells whether there may be more", async () => {
	const pages = (count: number, last: number) =>
		answeringBy(({ query }) => {
			const at = Number(query?.cursor ?? 0);
			const runs = Array.from({ length: at + 1 === count ? last : 100 }, (_, n) =>
				aRun({ id: id(100 * at + n), status: n % 2 ? "FAILED" : "RUNNING" }),
			);
			return { data: runs, page: { cursor: at + 1 < count ? String(at + 1) : null } };
		});
	const read = async (count: number, last: number) => {
		const api = pages(count, last);
		const { runs, cut } = await list(api, { status: ["FAILED"] }, 2, { includeOutput: "true" });
		return [runs.length, runs.every(({ status }) => status === "FAILED"), cut, api.sent.length];
	};
	expect([await read(1, 8), await read(2, 99), await read(2, 100), await read(3, 5)]).toEqual([
		[4, true, false, 1],
		[99, true, false, 2],
		[100, true, false, 2],
		[100, true, true, 2],
	]);
	const all = pages(1, 8);
	expect((await list(all, {}, 1)).runs.length).toBe(8);
	expect(all.sent.map(line)).toEqual(["GET /v2/runs?limit=100"]);
});

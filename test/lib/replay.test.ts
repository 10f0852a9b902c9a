import { afterEach, describe, expect, test } from "vitest";
import { siblings } from "../../lib/gather/siblings.ts";
import { Interrupted, ServerError } from "../../lib/text/errors.ts";
import { replay, replayEach, rerunRequest, syncedOf } from "../../lib/work/replay.ts";
import { recorded } from "../recordings.ts";
import { aWorld } from "../world.ts";
import { answeringBy, line } from "./api-of.ts";
import { aRun } from "./recorded.ts";

let { clock } = aWorld();
afterEach(() => {
	({ clock } = aWorld());
});

const id = (n: number) => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
const run = aRun({ id: id(1), trigger: { eventIds: ["01M853698Q3DB03K8SNCVQDK9P"] } });
const another = (n: number, some: Record<string, unknown> = {}) => aRun({ ...run, id: id(n), ...some });
const lost = () => new ServerError("lost", "", { status: 0, code: "ECONNRESET", unclear: true });

test("a replay is a rerun, whole or from a step with its input", () => {
	const path = `/v2/runs/${id(1)}/rerun`;
	expect([rerunRequest(id(1)), rerunRequest(id(1), { stepId: "charge", input: [1] })]).toEqual([
		{ method: "POST", path, body: {}, api: "v2" },
		{ method: "POST", path, body: { fromStep: { stepId: "charge", input: [1] } }, api: "v2" },
	]);
});

test("siblings are the event's runs of the same function; a run of no event has itself alone", async () => {
	const api = answeringBy(() => ({
		data: [another(3), another(2, { function: { id: "other" } }), another(4, { app: { id: "other" } }), run],
	}));
	expect((await siblings(api, run, [])).map((one) => one.id)).toEqual([id(3), id(1)]);
	expect(api.sent.map(line)).toEqual(["GET /v2/events/01M853698Q3DB03K8SNCVQDK9P/runs?limit=40"]);
	const cron = aRun({ trigger: { cronSchedule: "* * * * *" } });
	expect(
		await siblings(
			answeringBy(() => lost()),
			cron,
			[],
		),
	).toEqual([cron]);
});

describe("replay", () => {
	test("gives the new run's id, as recorded", async () => {
		const { body } = recorded("rerun").response;
		const api = answeringBy(() => body);
		expect(await replay({ api, clock }, run, [run])).toEqual({
			kind: "started",
			runId: expect.stringMatching(/^01M85[0-9A-Z]{21}$/),
		});
		expect(api.sent).toEqual([rerunRequest(id(1))]);
		expect(clock.pauses).toEqual([]);
	});

	test("a refusal is final", async () => {
		const no = new ServerError("Step not found in original run", "", { status: 400 });
		const api = answeringBy(() => no);
		await expect(replay({ api, clock }, run, [run])).rejects.toBe(no);
		expect(api.sent.length).toBe(1);
	});

	test("after a lost answer the new run is looked for, also while that can't be read, and not asked for again", async () => {
		const api = answeringBy(({ method }, n) => {
			if (method === "POST" || n === 1) return lost();
			return { data: n < 3 ? [run] : [another(7), run] };
		});
		expect(await replay({ api, clock }, run, [run])).toEqual({ kind: "found", runId: id(7) });
		expect(api.sent.map(({ method }) => method)).toEqual(["POST", "GET", "GET", "GET"]);
		expect(clock.pauses).toEqual([250, 500, 1000]);
	});

	test("a replay that was known before is not taken for the new one; then it stays unclear", async () => {
		const api = answeringBy(({ method }) => (method === "POST" ? lost() : { data: [another(7), run] }));
		expect(await replay({ api, clock }, run, [another(7), run])).toEqual({
			kind: "unclear",
			why: "no new run",
			said: "lost",
		});
		expect(api.sent.filter(({ method }) => method === "POST").length).toBe(1);
		expect(clock.pauses).toEqual([250, 500, 1000, 2000, 4000]);
	});

	test("where no look could be read, and of a run without an event, that is why it stays unclear", async () => {
		const api = answeringBy(lost);
		expect(await replay({ api, clock }, run, [run])).toEqual({ kind: "unclear", why: "unread", said: "lost" });
		const pauses = clock.pauses.length;
		const bare = aRun({ ...run, trigger: undefined });
		expect(await replay({ api, clock }, bare, [bare])).toEqual({ kind: "unclear", why: "no event", said: "lost" });
		expect(clock.pauses.length).toBe(pauses);
	});
});

test("a replay that was not answered stays unclear where its second request was interrupted before it was sent", async () => {
	const interrupted = new Interrupted("Interrupted; nothing more was sent.", "", 1);
	let posts = 0;
	const api = answeringBy(({ method }) => {
		if (method === "GET") return { data: [run] };
		return posts++ ? interrupted : lost();
	});
	const world = { ...aWorld(), clock, api, progress: () => {} };
	const tally = await replayEach([{ run, known: new Set([run.id]) }], world, undefined);
	expect([posts > 1, tally.unclear, tally.said, tally.left]).toEqual([true, [run], "lost", []]);
});

describe("whether a run's function is still synced", () => {
	const missing = new ServerError("no", "", { status: 404 });
	test.each([
		["it is", () => ({ data: { id: "import-catalog" } }), expect.objectContaining({ id: "import-catalog" })],
		["it is not", () => missing, "gone"],
		["that can't be read", lost, undefined],
	])("%s", async (_, answer, synced) => {
		const api = answeringBy(answer);
		expect(await syncedOf(api, run)).toEqual(synced);
		expect(api.sent.map(line)).toEqual(["GET /v2/apps/shop/functions/import-catalog"]);
	});

	test("a run that names no app, or no function", async () => {
		const api = answeringBy(() => missing);
		expect(await syncedOf(api, aRun({ app: { id: "" } }))).toBe(undefined);
		expect(await syncedOf(api, aRun({ function: { id: "" } }))).toBe(undefined);
		expect(api.sent).toEqual([]);
	});

	test("a fault of the skill's own is none of the server's", async () => {
		const api = answeringBy(() => new TypeError("oops"));
		await expect(syncedOf(api, run)).rejects.toThrow("oops");
	});
});

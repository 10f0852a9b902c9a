import { describe, expect, test } from "vitest";
import { siblings, siblingsOf } from "../../lib/gather/siblings.ts";
import { ServerError } from "../../lib/text/errors.ts";
import { withSiblings } from "../../lib/work/select.ts";
import { random, ulidOf } from "../inngest-server/ids.ts";
import { NOW } from "../world.ts";
import { answeringBy, line } from "./api-of.ts";
import { aRun } from "./recorded.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;
const FN = { app: "shop", name: "import" };

/** A run of shop/import and its event, by when they were created. */
interface Seeded {
	id: string;
	event: string;
	queued: number;
	status: string;
}

/** Runs of one function, as a server lists them and by event. */
class Server {
	readonly #next = random(7);
	readonly runs: Seeded[] = [];
	/** What is older is not listed. */
	history = Number.NEGATIVE_INFINITY;

	id(ms: number): string {
		return ulidOf(ms, Buffer.from(Array.from({ length: 10 }, () => Math.floor(this.#next() * 256))));
	}

	/** A run queued this long ago (ms); its event was received then, or `delay` earlier. */
	add(ago: number, status: string, { event, delay = 0 }: { event?: string; delay?: number } = {}): Seeded {
		const queued = NOW - ago;
		const run = { id: this.id(queued), event: event ?? this.id(queued - delay - 5), queued, status };
		this.runs.push(run);
		return run;
	}

	/** This many, spread evenly up to this long ago. */
	many(count: number, ago: number, status: string): Seeded[] {
		return Array.from({ length: count }, (_, i) => this.add((ago * (i + 0.5)) / count, status));
	}

	/** Ids that are not listed either. */
	readonly unlisted = new Set<string>();

	ofEvent = (event: string): Seeded[] => this.runs.filter((one) => one.event === event);

	api() {
		const shown = ({ id, event, queued, status }: Seeded) => ({
			id,
			app: { id: FN.app },
			function: { id: FN.name },
			status,
			queuedAt: new Date(queued).toISOString(),
			endedAt: new Date(queued + 1).toISOString(),
			trigger: { eventIds: [event] },
		});
		return answeringBy(({ path, query = {} }) => {
			const event = path.split("/")[3];
			if (event !== undefined) return { data: this.ofEvent(event).map(shown) };
			const from = Math.max(Date.parse(String(query.from)), this.history);
			const listed = this.runs.filter(({ queued, id }) => queued >= from && !this.unlisted.has(id));
			const all = listed.sort((a, b) => (a.id < b.id ? 1 : -1));
			const at = Number(query.cursor ?? 0);
			const cursor = at + 100 < all.length ? String(at + 100) : undefined;
			return { data: all.slice(at, at + 100).map(shown), page: { cursor } };
		});
	}
}

const wanted = (runs: readonly Seeded[]) => runs.map(({ id, event }) => ({ run: id, event }));

/** What is found for these runs, and the number of requests of each kind. */
async function find(server: Server, runs: readonly Seeded[], most = Number.POSITIVE_INFINITY) {
	const api = server.api();
	const { found, failed, spent } = await siblingsOf(api, FN, wanted(runs), { most });
	const lists = api.sent.filter(({ path }) => path === "/v2/runs").length;
	expect([failed, spent]).toEqual([[], api.sent.length]);
	// However it was read, the result for a run is complete.
	for (const [run, all] of found) {
		const event = server.runs.find(({ id }) => id === run)?.event ?? "";
		expect(all.map(({ id }) => id).sort()).toEqual(
			server
				.ofEvent(event)
				.map(({ id }) => id)
				.sort(),
		);
	}
	return { lists, events: api.sent.length - lists, found: found.size };
}

describe("the cheaper way is taken", () => {
	test.each<[string, number, number, { lists: number; events: number }]>([
		["few are asked for by event", 10, 1_000, { lists: 0, events: 10 }],
		["eleven are listed", 11, 100, { lists: 2, events: 0 }],
		["many of a function that does little else are listed", 300, 100, { lists: 4, events: 0 }],
		["many of a function that does more are listed, too", 300, 10_000, { lists: 103, events: 0 }],
		[
			"of a busy one they are asked for by event, after a try of a quarter of what that costs",
			20,
			10_000,
			{ lists: 5, events: 19 },
		],
		["after a try of thirty pages at most", 200, 50_000, { lists: 30, events: 189 }],
	])("%s", async (_, failures, others, requests) => {
		const server = new Server();
		server.many(others, 24 * HOUR, "COMPLETED");
		const runs = server.many(failures, 24 * HOUR, "FAILED");
		expect(await find(server, runs)).toEqual({ ...requests, found: failures });
	});

	test("a list that goes too far back for some goes as far as it pays", async () => {
		const server = new Server();
		server.many(20_000, 200 * HOUR, "COMPLETED");
		const recent = server.many(300, 10 * HOUR, "FAILED");
		const old = [server.add(190 * HOUR, "FAILED"), server.add(150 * HOUR, "FAILED")];
		expect(await find(server, [...recent, ...old])).toEqual({ lists: 14, events: 2, found: 302 });
	});

	test("a burst just now does not hide that the list is short", async () => {
		const server = new Server();
		server.many(1_000, 5 * MIN, "COMPLETED");
		const runs = server.many(300, 24 * HOUR, "FAILED");
		expect(await find(server, runs)).toEqual({ lists: 13, events: 0, found: 300 });
	});

	test("where a number of requests is set, the newest events are looked at", async () => {
		const server = new Server();
		server.many(5_000, 24 * HOUR, "COMPLETED");
		const runs = server.many(300, 24 * HOUR, "FAILED");
		expect(await find(server, runs, 10)).toEqual({ lists: 10, events: 0, found: 54 });
		expect(await find(server, runs, 1)).toMatchObject({ lists: 1, events: 0 });
		expect(await find(server, runs, 0)).toEqual({ lists: 0, events: 0, found: 0 });
	});
});

describe("a list is exact", () => {
	test("replays are found, and originals from long before the runs that were asked for", async () => {
		const server = new Server();
		const originals = server.many(40, 20 * HOUR, "FAILED").filter(({ queued }) => queued < NOW - 3 * HOUR);
		server.many(500, 30 * HOUR, "COMPLETED");
		for (const { event } of originals) server.add(2 * HOUR, "COMPLETED", { event });
		const replays = originals.map(({ event }) => server.add(HOUR, "FAILED", { event }));
		// For the oldest, the list shows nothing older than its event.
		expect(await find(server, replays)).toEqual({ lists: 5, events: 1, found: 34 });
	});

	test("what began long after its event is told apart from a replay whose original is no longer listed", async () => {
		const server = new Server();
		server.history = NOW - 24 * HOUR;
		const late = Array.from({ length: 20 }, (_, i) => server.add(i * HOUR, "FAILED", { delay: 30 * HOUR }));
		const gone = server.add(40 * HOUR, "FAILED");
		const replay = server.add(2 * HOUR, "FAILED", { event: gone.event });
		// From the list alone it would seem never replayed.
		expect(await find(server, [...late, replay])).toEqual({ lists: 1, events: 21, found: 21 });
	});

	test("a run that the list lacks is asked for by its event", async () => {
		const server = new Server();
		const runs = server.many(20, HOUR, "FAILED");
		for (const { id } of runs.slice(3, 6)) server.unlisted.add(id);
		expect(await find(server, runs)).toEqual({ lists: 1, events: 3, found: 20 });
	});

	test("so is one whose event is no ULID, or is younger than the run", async () => {
		const server = new Server();
		const runs = server.many(20, 2 * HOUR, "FAILED");
		const odd = [server.add(HOUR, "FAILED", { event: "E1" }), server.add(HOUR, "FAILED", { delay: -HOUR })];
		expect(await find(server, [...runs, ...odd])).toEqual({ lists: 1, events: 2, found: 22 });
	});

	test("runs of other functions that a server lists none the less are not taken for its own", async () => {
		const server = new Server();
		const runs = server.many(20, HOUR, "FAILED");
		const api = server.api();
		const { found } = await siblingsOf(api, { app: "shop", name: "another" }, wanted(runs));
		expect([...found.values()].flat()).toEqual([]);
		expect(found.size).toBe(20);
	});
});

describe("what could not be read", () => {
	const down = new ServerError("down", "", { status: 500 });

	test("is an error for each run that a list that fails has not settled", async () => {
		const server = new Server();
		const runs = server.many(300, 24 * HOUR, "FAILED");
		const api = server.api();
		const failing = answeringBy((request) => (request.query?.cursor === "200" ? down : undefined));
		const send: typeof api.send = async (request, schema) => {
			if (request.query?.cursor === "200") await failing.send(request, schema);
			return api.send(request, schema);
		};
		const { found, failed } = await siblingsOf({ send }, FN, wanted(runs));
		expect([found.size, failed.length, new Set(failed)]).toEqual([197, 103, new Set([down])]);
	});

	test("is an error for each event", async () => {
		const server = new Server();
		const runs = server.many(3, HOUR, "FAILED");
		const api = answeringBy((_, n) => (n === 1 ? down : { data: [] }));
		const { found, failed } = await siblingsOf(api, FN, wanted(runs));
		expect([found.size, failed]).toEqual([2, [down]]);
	});

	test("is no plan", async () => {
		const run = aRun({ trigger: { eventIds: ["E1"] } });
		const reading = withSiblings(
			answeringBy(() => down),
			[run],
			() => {},
		);
		await expect(reading).rejects.toBe(down);
	});
});

test("each of many runs is given with its own siblings, function by function, and counted", async () => {
	const runs = ["a", "b", "a"].map((name, n) =>
		aRun({ id: `01M85369BX39BZFM3TC000000${n}`, function: { id: name }, trigger: { eventIds: [`E${n}`] } }),
	);
	const api = answeringBy(({ path }) => ({
		data: runs.filter((run) => path.includes(`/${run.trigger?.eventIds?.[0]}/`)),
	}));
	let done = 0;
	expect(await withSiblings(api, runs, () => done++)).toEqual(runs.map((run) => [run, [run]]));
	expect(done).toBe(3);
	expect(api.sent.map(line)).toEqual([0, 2, 1].map((n) => `GET /v2/events/E${n}/runs?limit=40`));
});

test.each([
	[399, []],
	[400, ["The newest 400 runs of its event were read: the original or replays may be older."]],
])("of an event with %i runs it is said what was not read", async (count, said) => {
	const event = ulidOf(NOW, Buffer.alloc(10));
	const all = Array.from({ length: count }, (_, n) =>
		aRun({ id: ulidOf(NOW + n, Buffer.alloc(10)), trigger: { eventIds: [event] } }),
	);
	const api = answeringBy(({ query }) => {
		const from = Number(query?.cursor ?? 0);
		const next = from + 40 < count ? String(from + 40) : undefined;
		return { data: all.slice(from, from + 40), page: { cursor: next } };
	});
	const missing: string[] = [];
	expect([(await siblings(api, all[0] ?? aRun({}), missing)).length, missing]).toEqual([count, said]);
});

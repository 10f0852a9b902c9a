import { describe, expect, test } from "vitest";
import { HELD_LIMIT, type Source } from "../../lib/gate/input.ts";
import { Seeds } from "../../lib/sending/events.ts";
import { type Account, type Survey, sendStream, survey as surveyOf } from "../../lib/sending/stream.ts";
import { Interrupted, refusal, ServerError, UsageError } from "../../lib/text/errors.ts";
import type { Request } from "../../lib/wire/request.ts";
import { recorded } from "../recordings.ts";
import { aWorld, NOW } from "../world.ts";
import { answering, answeringBy } from "./api-of.ts";

/** Input in these pieces, read like a file's. */
const inPieces = (texts: () => Iterable<string>): Source => ({ name: "events.json", kind: "file", texts });
/** Input in pieces of `size` characters. */
const source = (content: string, size = 262_144): Source =>
	inPieces(function* () {
		for (let i = 0; i < content.length; i += size) yield content.slice(i, i + size);
	});

const MIB = 1024 * 1024;
const survey = (input: Source): Survey => surveyOf(input, MIB, NOW);
const SEEDS = new Seeds(NOW, "0123456789ab");
const textOf = ({ body }: Request): string => (body instanceof Uint8Array ? Buffer.from(body).toString("utf8") : "");
const count = (request: Request): number => {
	const events: unknown = JSON.parse(textOf(request));
	return Array.isArray(events) ? events.length : -1;
};
const id = (n: number) => `01M85369BX39BZFM3TC${String(n).padStart(7, "0")}`;
const idsFor = (request: Request) => ({ ids: Array.from({ length: count(request) }, (_, i) => id(i)), status: 200 });

type Sending = Parameters<typeof sendStream>[0];
/** Sends input from its first request on, by its own plan, unless `some` says otherwise. */
const send = (
	context: Sending["context"],
	input: Source,
	{ plan = survey(input), ...some }: Partial<Omit<Sending, "context" | "source">> = {},
) => sendStream({ context, source: input, plan, seeds: SEEDS, first: 0, progress: () => {}, ...some });

/** Surveys and sends; returns the plan, the bodies in order of their requests, and the result. */
async function sendAll(content: string, size?: number): Promise<{ plan: Survey; bodies: string[]; account: Account }> {
	const input = source(content, size);
	const plan = survey(input);
	const api = answeringBy(idsFor);
	const account = await send({ ...aWorld(), api }, input, { plan });
	return { plan, bodies: api.sent.map(textOf), account };
}

const NAMES = ["shop/order.created", "a", "b", "é🚀", 'q"u\\o{t}e,[d]'];
const EVENTS = [
	{ name: "shop/order.created", data: { id: 705, list: [1, [2], {}], text: 'a "quoted\\" ],}[{ \n line' } },
	{ name: "a" },
	{ name: "b", data: { deep: { er: { still: ["]", "}", ","] } } } },
	{ name: "é🚀", data: { ключ: "значение" } },
	{ name: 'q"u\\o{t}e,[d]' },
];
const WRITTEN = EVENTS.map((event) => JSON.stringify(event));

describe("splitting", () => {
	const inputs: [string, string, "line" | "event", number[]][] = [
		["NDJSON", WRITTEN.join("\n"), "line", [1, 2, 3, 4, 5]],
		["NDJSON that ends with a line break", `${WRITTEN.join("\n")}\n`, "line", [1, 2, 3, 4, 5]],
		["NDJSON of Windows", WRITTEN.join("\r\n"), "line", [1, 2, 3, 4, 5]],
		["NDJSON with blank lines", `\n \n${WRITTEN.join("\n\n\t\r\n")}\n\n`, "line", [3, 6, 9, 12, 15]],
		["an array", `[${WRITTEN.join(",")}]`, "event", [1, 2, 3, 4, 5]],
		["a spacious array", ` \n [ ${WRITTEN.join(" ,\r\n\t")}\n ] \n`, "event", [1, 2, 3, 4, 5]],
		["an indented array", JSON.stringify(EVENTS, null, "  "), "event", [1, 2, 3, 4, 5]],
	];

	test.each(inputs)("%s gives the same events wherever its chunks are cut", async (_, content, unit) => {
		const whole = await sendAll(content);
		expect([whole.plan.unit, whole.plan.events, whole.plan.bad, [...whole.plan.names.keys()]]).toEqual([
			unit,
			5,
			0,
			NAMES,
		]);
		expect(whole.bodies.map((body) => JSON.parse(body))).toEqual([EVENTS]);
		expect(whole.account.sent).toBe(5);
		for (let size = 1; size <= 7; size++) expect(await sendAll(content, size)).toEqual(whole);
		for (let cut = 1; cut < content.length; cut++)
			expect(survey(inPieces(() => [content.slice(0, cut), content.slice(cut)]))).toEqual(whole.plan);
	});

	test.each(inputs)("%s names the places of its faults wherever its chunks are cut", (_, content, unit, places) => {
		const bad = content.replaceAll('"name"', '"nom"').replaceAll(/"name": /g, '"nom": ');
		const faults = places.map((at) => ({ at, said: "name is missing" }));
		for (const size of [1, 2, 3, 5, 7, 262_144]) expect(survey(source(bad, size))).toMatchObject({ unit, faults });
	});

	test("what is sent is the same JSON, however it was written", async () => {
		const odd = '{"data":{"n":0.10000000000000001,"f":1.0,"e":1E2,"s":"\\u00e9\\/"},"name":"a"}';
		const same = '[{"data":{"n":0.1,"f":1,"e":100,"s":"é/"},"name":"a"}]';
		for (const content of [odd, `[${odd}]`]) expect((await sendAll(content)).bodies).toEqual([same]);
	});

	test.each(["", "\n", " \r\n\t", "[]", " [ \n ] "])("%j contains no events", (content) => {
		for (const size of [1, 2, 3, 262_144]) {
			const { events, bad, batches, faults } = survey(source(content, size));
			expect({ events, bad, batches, faults }).toEqual({ events: 0, bad: 0, batches: [], faults: [] });
		}
	});

	test.each([
		...[
			"[",
			'[{"name":"a"}',
			'[{"name":"a"},{"name":"b',
			'[{"name":"a"},]',
			'[,{"name":"a"}]',
			'[{"name":"a"}] x',
			"[]]",
		],
		...[
			'[{"name":"a"}]\n[{"name":"b"}]',
			'[{"name":"a"}},{"name":"b"}]',
			'[{"name":"a","data":{"x":9007199254740993}}]',
		],
	])("refuses the array %s as a whole", (content) => {
		for (const size of [1, 2, 3, 262_144])
			expect(() => survey(source(content, size))).toThrow(/^events.json (is not valid JSON|contains 9007199254740993)/);
	});

	test("refuses an array that is too long to be held", () => {
		const half = "x".repeat(HELD_LIMIT / 2);
		expect(() => survey(inPieces(() => ['["', half, half]))).toThrow(
			expect.objectContaining({
				message: "events.json is an array of more than 67.1 MB; nothing was sent.",
				next: "Give one event per line (NDJSON): `jq -c '.[]'` writes an array so.",
			}),
		);
	});
});

describe("survey", () => {
	test("counts events, bytes, names and faults", () => {
		const content =
			'{"name":"a"}\n{"name":"b"}\nnot json\n\n{"name":"a","ts":1e9}\n{"name":"a","data":5}\n[1]\n{"name":"a"}\n';
		const plan = survey(source(content));
		expect(plan).toEqual({
			...{ withId: 0, ahead: 0, latest: 0 },
			unit: "line",
			events: 3,
			bytes: 36,
			digest: plan.digest,
			largest: MIB,
			batches: [expect.stringMatching(/^[\w-]{43}$/)],
			names: new Map([
				["a", 2],
				["b", 1],
			]),
			bad: 4,
			faults: [
				{ at: 3, said: "not valid JSON, or nested too deeply" },
				{ at: 5, said: "ts is not in milliseconds since 1970, a whole number from 1980 to 2100" },
				{ at: 6, said: "data is not an object" },
				{ at: 7, said: "not a JSON object" },
			],
		});
		expect(plan.digest).toMatch(/^[\w-]{43}$/);
	});

	test("keeps the first twenty faults and ten thousand names", () => {
		const bad = survey(source("x\n".repeat(1000)));
		expect([bad.bad, bad.faults.length, bad.faults[19]?.at]).toEqual([1000, 20, 20]);
		const many = survey(
			source(Array.from({ length: 20_002 }, (_, i) => `{"name":"n${i % 10_001}","id":"${i % 10_001}"}`).join("\n")),
		);
		expect([many.events, many.names.size, many.names.get("n9999")]).toEqual([20_002, 10_000, 2]);
	});

	test("what a server's parser refuses, or changes, is a fault: numbers, keys that are there twice", () => {
		const data = ['{"x":1e999}', '{"x":1e99}', '{"x":12345678901234567890.5}', '{"x":1,"x":1}'];
		expect(survey(source(data.map((one) => `{"name":"a","data":${one}}`).join("\n"))).faults).toEqual([
			{ at: 1, said: "contains 1e999, and numbers of 2^53 or more don't stay exact: put it in quotes" },
			{ at: 2, said: "contains 1e99, and numbers of 2^53 or more don't stay exact: put it in quotes" },
			{
				at: 3,
				said: "contains 12345678901234567890.5, and numbers of 2^53 or more don't stay exact: put it in quotes",
			},
			{ at: 4, said: 'has the key "x" twice' },
		]);
	});

	test("an event larger than 3 MiB is a fault of its line, and the rest is read", () => {
		const large = JSON.stringify({ name: "a", data: { x: "x".repeat(3 * 1024 * 1024) } });
		for (const content of [`{"name":"b"}\n${large}\n{"name":"c"}`, `[{"name":"b"},${large},{"name":"c"}]`]) {
			for (const size of [65_536, 10_000_000]) {
				const { events, bad, faults, names } = survey(source(content, size));
				expect([events, bad, [...names.keys()]]).toEqual([2, 1, ["b", "c"]]);
				expect(faults).toEqual([{ at: 2, said: "larger than 3 MiB" }]);
			}
		}
		for (const pieces of [[large], [large, "\n"], [large.slice(0, -1), "}\n"]])
			expect(survey(inPieces(() => pieces)).faults).toEqual([{ at: 1, said: "larger than 3 MiB" }]);
	});

	test("an event of 3 MiB to the byte is sent", () => {
		const least = '{"name":"a","data":{"x":""}}'.length;
		const event = `{"name":"a","data":{"x":"${"x".repeat(3 * 1024 * 1024 - least)}"}}`;
		expect([survey(source(`${event}\n`)).events, survey(source(`${event} \n`)).bad]).toEqual([1, 1]);
	});

	test("nothing of a line that can't be read is told", () => {
		const { faults } = survey(
			source('root:x:0:0\n{"token":"abcdefgh"\n{"nom":"abcdefgh"}\n"abcdefgh"\nHOME=/abc\0PWD=/abc'),
		);
		expect(faults).toEqual([
			{ at: 1, said: "not valid JSON, or nested too deeply" },
			{ at: 2, said: "not valid JSON, or nested too deeply" },
			{ at: 3, said: "name is missing" },
			{ at: 4, said: "not a JSON object" },
			{ at: 5, said: "not valid JSON, or nested too deeply" },
		]);
	});

	test("the digest tells one input from another, and one order from another", () => {
		const many = '{"name":"a"}\n'.repeat(512);
		const digests = [
			...['{"name":"a"}\n{"name":"b"}', '{"name":"b"}\n{"name":"a"}', '{"name":"a"}'],
			// The difference may be only in a second request.
			...[many, `${many}{"name":"a"}`, `${many}{"name":"b"}`],
		];
		expect(new Set(digests.map((content) => survey(source(content)).digest)).size).toBe(6);
		expect(survey(source('[{"name":"a"},{"name":"b"}]')).digest).toBe(
			survey(source('{"name":"a"}\n\n{"name":"b"}\n')).digest,
		);
	});
});

describe("requests", () => {
	test("hold at most 512 events", async () => {
		const { bodies, account, plan } = await sendAll('{"name":"a"}\n'.repeat(1025));
		expect(bodies.map((body) => JSON.parse(body).length)).toEqual([512, 512, 1]);
		expect([plan.batches.length, plan.batches[0] === plan.batches[1]]).toEqual([3, true]);
		expect(account).toEqual({
			...{ sent: 1025, refused: 0, refusals: [], unknown: 0, notTried: 0, answered: 3, stop: undefined },
			ids: [id(0), id(1), id(2), id(3), id(4)],
		});
	});

	test("hold at most 1 MiB, unless one event is larger", async () => {
		const event = (size: number) => `{"name":"a","data":{"x":"${"x".repeat(size - 28)}"}}`;
		const sizes = [400_000, 400_000, 400_000, 2_000_000, 10];
		const { bodies } = await sendAll(sizes.map((size) => event(Math.max(size, 28))).join("\n"));
		expect(bodies.map((body) => [JSON.parse(body).length, body.length])).toEqual([
			[2, 800_003],
			[1, 400_002],
			[1, 2_000_002],
			[1, 30],
		]);
	});

	test.each([
		["one event fills", [MIB - 2], [MIB]],
		["one event is a byte too large for", [MIB - 1], [MIB + 1]],
		["two events fill", [400_000, MIB - 400_003], [MIB]],
		["two events are a byte too large for", [400_000, MIB - 400_002], [400_002, MIB - 400_000]],
	])("that %s to the byte are whole", async (_, sizes, lengths) => {
		const { bodies } = await sendAll(
			sizes.map((size) => `{"name":"a","data":{"x":"${"x".repeat(size - 28)}"}}`).join("\n"),
		);
		expect(bodies.map(({ length }) => length)).toEqual(lengths);
		expect(bodies.flatMap((body) => JSON.parse(body)).length).toBe(sizes.length);
	});

	test("each go under their own seed, the same in every try", async () => {
		const input = source('{"name":"a"}\n'.repeat(1025));
		const plan = survey(input);
		const api = answeringBy(idsFor);
		await send({ ...aWorld(), api }, input, { plan });
		expect(api.sent.map(({ headers }) => headers)).toEqual(
			[0, 1, 2].map((k) => ({ "x-inngest-event-id-seed": SEEDS.of(k) })),
		);
	});

	test("before the first that is wanted are counted as sent and not sent again", async () => {
		const input = source('{"name":"a"}\n'.repeat(1025));
		const api = answeringBy(idsFor);
		const account = await send({ ...aWorld(), api }, input, { first: 2 });
		expect(api.sent.map((request) => [count(request), request.headers])).toEqual([
			[1, { "x-inngest-event-id-seed": SEEDS.of(2) }],
		]);
		expect([account.sent, account.answered, account.notTried]).toEqual([1025, 3, 0]);
	});

	test("before the first that is not known whole are those that need not be sent again, whatever ends it", async () => {
		const input = source('{"name":"a"}\n'.repeat(2560));
		const answeredOf = async (answer: (n: number) => unknown, first = 0, signal = new AbortController().signal) => {
			const api = answeringBy((request, n) => answer(n) ?? idsFor(request));
			return (await send({ ...aWorld(), api, signal }, input, { first })).answered;
		};
		const refused = { ids: [], status: 400, error: "no" };
		const lost = new ServerError("lost", "", { status: 0, code: "timeout", unclear: true });
		expect([
			await answeredOf((n) => (n === 1 ? refused : undefined)),
			await answeredOf((n) => [undefined, refused, lost][n]),
			await answeredOf((n) => [undefined, lost, refused][n]),
			await answeredOf(() => undefined, 3),
			await answeredOf(() => undefined, 3, AbortSignal.abort()),
		]).toEqual([1, 1, 1, 5, 3]);
	});

	test("leave out bad events when the others are sent", async () => {
		const { bodies, account } = await sendAll('{"name":"a"}\n{"name":""}\n{"name":"c"}\n');
		expect([bodies, account.sent, account.notTried]).toEqual([['[{"name":"a"},{"name":"c"}]'], 2, 0]);
	});
});

describe("sending", () => {
	const run = async (
		content: string,
		answer: (request: Request, n: number) => unknown,
		signal = new AbortController().signal,
	) => {
		const input = source(content);
		const api = answeringBy(answer);
		const seen: number[] = [];
		const account = await send({ ...aWorld(), api, signal }, input, { progress: (so) => seen.push(so.sent) });
		return { account, sent: api.sent, seen };
	};
	const NONE: Account = {
		...{ sent: 0, refused: 0, refusals: [], unknown: 0, notTried: 0, answered: 0, stop: undefined, ids: [] },
	};

	test("after a partial accept goes on behind the refused event, under another seed", async () => {
		const { body } = recorded("second of two has no name: partial accept").response;
		const { account, sent } = await run('{"name":"a"}\n{"name":"b"}\n{"name":"c"}', (request, n) =>
			n === 0 ? body : idsFor(request),
		);
		expect(sent.map((request) => [textOf(request), request.headers])).toEqual([
			['[{"name":"a"},{"name":"b"},{"name":"c"}]', { "x-inngest-event-id-seed": SEEDS.of(0) }],
			['[{"name":"c"}]', { "x-inngest-event-id-seed": SEEDS.of(0, 2) }],
		]);
		expect(account).toEqual({
			...NONE,
			sent: 2,
			refused: 1,
			refusals: [{ at: 2, said: "«event name is empty»" }],
			answered: 0,
			ids: [expect.stringMatching(/^01M85/), id(0)],
		});
	});

	test("counts what a refused request held as not tried, and stops", async () => {
		const no = new ServerError("i.example refused: Event key not found (401)", "", { status: 401 });
		const { account, sent } = await run('{"name":"a"}\n'.repeat(5000), () => no);
		expect(sent.length).toBeLessThanOrEqual(5);
		expect(account).toEqual({ ...NONE, notTried: 5000, stop: { kind: "failed", error: no } });
	});

	test("counts what an unanswered request held as unknown, the rest as not tried", async () => {
		const lost = new ServerError("i.example did not answer in time.", "", {
			status: 0,
			code: "timeout",
			unclear: true,
		});
		const { account } = await run('{"name":"a"}\n'.repeat(5000), (request, n) => (n === 1 ? lost : idsFor(request)));
		expect(account).toMatchObject({
			unknown: 512,
			refused: 0,
			answered: 1,
			stop: { kind: "failed", error: lost },
		});
		expect(account.sent + account.unknown + account.notTried).toBe(5000);
	});

	test("what may not be sent is an error of its own before anything is, and afterwards a part of the account", async () => {
		const wrong = refusal("The key is for another environment", "");
		await expect(run('{"name":"a"}', () => wrong)).rejects.toBe(wrong);
		const { account } = await run('{"name":"a"}\n'.repeat(1025), (request, n) => (n ? wrong : idsFor(request)));
		expect(account).toMatchObject({ sent: 512, unknown: 0, notTried: 513, stop: { kind: "failed", error: wrong } });
	});

	test("stops when interrupted, before the next request", async () => {
		const abort = new AbortController();
		const { account, sent, seen } = await run(
			'{"name":"a"}\n'.repeat(5000),
			(request, n) => {
				if (n === 1) abort.abort();
				return idsFor(request);
			},
			abort.signal,
		);
		expect([sent.length, account.stop, account.sent, account.notTried]).toEqual([
			2,
			{ kind: "interrupted" },
			1024,
			3976,
		]);
		expect(seen).toEqual([512, 1024]);
	});

	test("tells what stopped it first", async () => {
		const [first, second] = ["first", "second"].map((text) => new ServerError(text, "", { status: 500 }));
		// Four requests, and the first event of a fifth.
		const many = '{"name":"a"}\n'.repeat(2049);
		let times = 0;
		const vanishing = inPieces(function* () {
			yield many;
			if (times++ % 2) throw new UsageError("events.json can't be read", "");
			yield many;
		});
		for (const input of [source(many), vanishing]) {
			const abort = new AbortController();
			const api = answeringBy((_, n) => (n ? second : first));
			const context = { ...aWorld(), api, signal: abort.signal };
			const { stop } = await send(context, input, { progress: () => abort.abort() });
			expect(stop).toEqual({ kind: "failed", error: first });
		}
	});

	test("a bug is no failure of the input or of a request", async () => {
		const bug = new TypeError("bug");
		await expect(run('{"name":"a"}', () => bug)).rejects.toBe(bug);
		let times = 0;
		const input = inPieces(function* () {
			yield '{"name":"a"}';
			if (times++) throw bug;
		});
		const plan = survey(input);
		await expect(send({ ...aWorld(), api: answering() }, input, { plan })).rejects.toBe(bug);
	});

	test("an interruption while a request waits for its turn is one, too", async () => {
		const interrupted = new Interrupted("Interrupted; nothing more was sent.", "", 1);
		const { account } = await run('{"name":"a"}\n'.repeat(5000), (request, n) => (n ? interrupted : idsFor(request)));
		expect([account.stop, account.sent, account.unknown]).toEqual([{ kind: "interrupted" }, 512, 0]);
	});

	test("stops when the input is no longer what was checked", async () => {
		let times = 0;
		const input = inPieces(() => [`{"name":"a${times++}"}`]);
		const api = answeringBy(idsFor);
		const account = await send({ ...aWorld(), api }, input);
		expect(api.sent).toEqual([]);
		expect(account).toEqual({ ...NONE, notTried: 1, stop: { kind: "changed" } });
	});

	test("has four requests in flight", async () => {
		let flying = 0;
		let most = 0;
		const input = source('{"name":"a"}\n'.repeat(5120));
		const api = answeringBy(idsFor);
		const slow = {
			async send<S extends import("zod/mini").ZodMiniType>(request: Request, schema: S) {
				most = Math.max(most, ++flying);
				await new Promise((resolve) => setTimeout(resolve, 5));
				flying--;
				return api.send(request, schema);
			},
		};
		const account = await send({ ...aWorld(), api: slow }, input);
		expect([most, account.sent, account.answered]).toEqual([4, 5120, 10]);
	});
});

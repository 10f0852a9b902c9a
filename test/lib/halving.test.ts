import { describe, expect, test } from "vitest";
import { Seeds } from "../../lib/sending/events.ts";
import { type Fate, type Limit, sendParts } from "../../lib/sending/stream.ts";
import type { Batch } from "../../lib/sending/survey.ts";
import { ServerError } from "../../lib/text/errors.ts";
import { RawJson, type Request } from "../../lib/wire/request.ts";
import { NOW } from "../world.ts";
import { answeringBy } from "./api-of.ts";

const SEEDS = new Seeds(NOW, "0123456789ab");

/** A request of events a, b, c … as its bytes are when it is full; event i is in line 10 + i. */
function batchOf(...names: readonly string[]): Batch {
	const starts: number[] = [];
	let text = "[";
	for (const name of names) {
		starts.push(text.length);
		text += `"${name}",`;
	}
	const body = Buffer.from(text.replace(/,$/, "]"));
	return { k: 7, body, starts, places: names.map((_, i) => 10 + i) };
}

const namesIn = ({ body }: Request): string[] =>
	body instanceof RawJson ? JSON.parse(Buffer.from(body.bytes).toString("utf8")) : [];
const ids = (n: number) => Array.from({ length: n }, (_, i) => `01M85369BX39BZFM3TC000000${i}`);
const take = (request: Request) => ({ ids: ids(namesIn(request).length), status: 200 });
const refuse = { status: 400, error: "no" };
const tooLarge = new ServerError("it refused: «at most 9 bytes» (413)", "", 413);

async function sent(batch: Batch, answer: (names: string[], request: Request) => unknown, limit?: Limit) {
	const api = answeringBy((request) => answer(namesIn(request), request));
	const fates: Fate[] = [];
	const learned = limit ?? { refused: Number.POSITIVE_INFINITY };
	for await (const fate of sendParts(api, batch, SEEDS, learned, () => false)) fates.push(fate);
	const told = fates.map((fate) => {
		if (fate.kind === "taken") return fate.ids.length;
		return fate.kind === "refused" ? fate.refusal : `${fate.events} unknown: ${fate.error.message}`;
	});
	const asked = api.sent.map((request) => namesIn(request).join(""));
	return { told, asked, seeds: api.sent.map(({ headers }) => headers?.["x-inngest-event-id-seed"]), limit: learned };
}

const ALL = batchOf(..."abcdefgh");
const letters = "abcdefgh".split("");

describe("a request", () => {
	test("that is taken is sent once, as it is", async () => {
		expect(await sent(ALL, (_, request) => take(request))).toMatchObject({
			told: [8],
			asked: ["abcdefgh"],
			seeds: [SEEDS.of(7)],
		});
	});

	test.each(letters)("with %s as its only bad event is halved down to that one", async (bad) => {
		const { told, asked } = await sent(ALL, (names, request) => (names.includes(bad) ? refuse : take(request)));
		const at = letters.indexOf(bad);
		expect(told.filter((one) => typeof one === "object")).toEqual([{ at: 10 + at, said: "«no»" }]);
		expect(told.reduce((sum: number, one) => sum + (typeof one === "number" ? one : 0), 0)).toBe(7);
		expect(asked.filter((names) => !names.includes(bad)).join("")).toBe(letters.filter((one) => one !== bad).join(""));
		expect(asked.length).toBe(7);
	});

	test("of which each half begins elsewhere has a seed for each", async () => {
		const { asked, seeds } = await sent(batchOf(..."abc"), (names, request) =>
			names.length > 1 ? refuse : take(request),
		);
		expect(asked).toEqual(["abc", "a", "bc", "b", "c"]);
		expect(seeds).toEqual([0, 0, 1, 1, 2].map((from) => SEEDS.of(7, from)));
	});

	test("with bad events alone tells each", async () => {
		const { told } = await sent(ALL, () => refuse);
		expect(told).toEqual(letters.map((_, i) => ({ at: 10 + i, said: "«no»" })));
	});

	test("that is refused for its size teaches what is too large; one event of it is told with its size", async () => {
		const { told, asked, limit } = await sent(batchOf("a", "bbbbbbbbbb", "c"), (names, request) =>
			JSON.stringify(names).length > 9 ? tooLarge : take(request),
		);
		expect([told, asked, limit]).toEqual([
			[1, { at: 11, said: tooLarge.message, bytes: 12 }, 1],
			["abbbbbbbbbbc", "a", "bbbbbbbbbbc", "bbbbbbbbbb", "c"],
			{ refused: 14 },
		]);
	});

	test("that is as large as one that was refused is halved unasked; an event alone is asked for", async () => {
		const { asked } = await sent(ALL, (_, request) => take(request), { refused: 18 });
		expect(asked).toEqual(["abcd", "efgh"]);
		expect((await sent(batchOf("abcdefgh"), (_, request) => take(request), { refused: 3 })).asked).toEqual([
			"abcdefgh",
		]);
	});

	test("of which a part is taken in part goes on behind the refused event", async () => {
		const { told, asked, seeds } = await sent(ALL, (names, request) => {
			if (names.length === 8) return refuse;
			const at = names.indexOf("f");
			return at < 0 ? take(request) : { ids: ids(at), status: 400, error: "f" };
		});
		expect(told).toEqual([4, 1, { at: 15, said: "«f»" }, 2]);
		expect(asked).toEqual(["abcdefgh", "abcd", "efgh", "gh"]);
		expect(seeds).toEqual([0, 0, 4, 6].map((from) => SEEDS.of(7, from)));
	});

	test("that fails ends; nothing more of it is sent", async () => {
		const lost = new ServerError("lost", "", 0, "timeout", true);
		const { told, asked } = await sent(ALL, (names, request) =>
			names.length === 8 ? refuse : names.includes("h") ? lost : take(request),
		);
		expect([told, asked]).toEqual([
			[4, "4 unknown: lost"],
			["abcdefgh", "abcd", "efgh"],
		]);
	});

	test("with fewer ids than events leaves the others open; more ids than events are not counted", async () => {
		expect((await sent(ALL, () => ({ ids: ids(3), status: 200 }))).told).toEqual([
			3,
			"5 unknown: The server returned 3 ids for 8 events.",
		]);
		expect((await sent(batchOf("a"), () => ({ ids: ids(3), status: 200 }))).told).toEqual([1]);
	});

	test("is not cut further once it is over", async () => {
		const api = answeringBy((request) => (namesIn(request).length > 2 ? refuse : take(request)));
		let asked = 0;
		const fates: Fate[] = [];
		const over = () => ++asked > 2;
		for await (const fate of sendParts(api, ALL, SEEDS, { refused: 999 }, over)) fates.push(fate);
		expect(api.sent.map((request) => namesIn(request).join(""))).toEqual(["abcdefgh", "abcd", "ab"]);
		expect(fates).toEqual([{ kind: "taken", ids: ids(2) }]);
	});
});

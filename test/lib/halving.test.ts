import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { Seeds } from "../../lib/sending/events.ts";
import { sendStream, survey } from "../../lib/sending/stream.ts";
import { ServerError } from "../../lib/text/errors.ts";
import type { Request } from "../../lib/wire/request.ts";
import { aWorld, NOW } from "../world.ts";
import { answeringBy } from "./api-of.ts";

const SEEDS = new Seeds(NOW, "0123456789ab");
const Events = z.array(z.object({ name: z.string() }));
const namesIn = ({ body }: Request): string[] =>
	body instanceof Uint8Array
		? z.parse(Events, JSON.parse(Buffer.from(body).toString("utf8"))).map(({ name }) => name)
		: [];
const ids = (n: number) => Array.from({ length: n }, (_, i) => `01M85369BX39BZFM3TC000000${i}`);
const take = (request: Request) => ({ ids: ids(namesIn(request).length), status: 200 });
const refuse = { status: 400, error: "no" };
const tooLarge = new ServerError("it refused: «at most 20 bytes» (413)", "", { status: 413 });

/** Sends events a, b, c …, the first of which is on line 10. */
async function sent(names: readonly string[], answer: (names: string[], request: Request) => unknown) {
	const text = "\n".repeat(9) + names.map((name) => JSON.stringify({ name })).join("\n");
	const input = { name: "events.ndjson", kind: "file", texts: () => [text] } as const;
	const api = answeringBy((request) => answer(namesIn(request), request));
	const account = await sendStream({
		context: { ...aWorld(), api },
		source: input,
		plan: survey(input, 1e6, 0),
		seeds: SEEDS,
		first: 0,
		progress: () => {},
	});
	const asked = api.sent.map((request) => namesIn(request).join(""));
	return { account, asked, seeds: api.sent.map(({ headers }) => headers?.["x-inngest-event-id-seed"]) };
}

const ALL = [..."abcdefgh"];

describe("a request", () => {
	test("that is taken is sent once, as it is", async () => {
		const { account, asked, seeds } = await sent(ALL, (_, request) => take(request));
		expect([account.sent, account.answered, asked, seeds]).toEqual([8, 1, ["abcdefgh"], [SEEDS.of(0)]]);
	});

	test.each(ALL)("with %s as its only bad event is halved down to that one", async (bad) => {
		const { account, asked } = await sent(ALL, (names, request) => (names.includes(bad) ? refuse : take(request)));
		expect(account.refusals).toEqual([{ at: 10 + ALL.indexOf(bad), said: "«no»" }]);
		expect([account.sent, account.refused, account.notTried, account.answered]).toEqual([7, 1, 0, 0]);
		expect(asked.filter((names) => !names.includes(bad)).join("")).toBe(ALL.filter((one) => one !== bad).join(""));
		expect(asked.length).toBe(7);
	});

	test("of which each half begins elsewhere has a seed for each", async () => {
		const { account, asked, seeds } = await sent([..."abc"], (names, request) =>
			names.length > 1 ? refuse : take(request),
		);
		expect([asked, account.sent, account.answered]).toEqual([["abc", "a", "bc", "b", "c"], 3, 1]);
		expect(seeds).toEqual([0, 0, 1, 1, 2].map((from) => SEEDS.of(0, from)));
	});

	test("with bad events alone tells each", async () => {
		const { account } = await sent(ALL, () => refuse);
		expect(account.refusals).toEqual(ALL.map((_, i) => ({ at: 10 + i, said: "«no»" })));
	});

	test("that is refused for its size is halved; one event of it is told with its size", async () => {
		const { account, asked } = await sent(["a", "bbbbbbbbbb", "c"], (names, request) =>
			JSON.stringify(names).length > 9 ? tooLarge : take(request),
		);
		expect([account.sent, account.refusals]).toEqual([2, [{ at: 11, said: tooLarge.message, bytes: 21 }]]);
		expect(asked).toEqual(["abbbbbbbbbbc", "a", "bbbbbbbbbbc", "bbbbbbbbbb", "c"]);
	});

	test("of which a part is taken in part goes on behind the refused event", async () => {
		const { account, asked, seeds } = await sent(ALL, (names, request) => {
			if (names.length === 8) return refuse;
			const at = names.indexOf("f");
			return at < 0 ? take(request) : { ids: ids(at), status: 400, error: "f" };
		});
		expect([account.sent, account.refusals]).toEqual([7, [{ at: 15, said: "«f»" }]]);
		expect(asked).toEqual(["abcdefgh", "abcd", "efgh", "gh"]);
		expect(seeds).toEqual([0, 0, 4, 6].map((from) => SEEDS.of(0, from)));
	});

	test("that fails ends; nothing more of it is sent", async () => {
		const lost = new ServerError("lost", "", { status: 0, code: "timeout", unclear: true });
		const { account, asked } = await sent(ALL, (names, request) => {
			if (names.length === 8) return refuse;
			return names.includes("d") ? lost : take(request);
		});
		expect([account.sent, account.unknown, account.notTried]).toEqual([0, 4, 4]);
		expect([account.stop, asked]).toEqual([{ kind: "failed", error: lost }, ["abcdefgh", "abcd"]]);
	});

	test("with fewer ids than events leaves the others open; more ids than events are not counted", async () => {
		const { account } = await sent(ALL, () => ({ ids: ids(3), status: 200 }));
		expect([account.sent, account.unknown, account.notTried]).toEqual([3, 5, 0]);
		expect(account.stop).toMatchObject({ error: { message: "The server returned 3 ids for 8 events." } });
		expect((await sent(["a"], () => ({ ids: ids(3), status: 200 }))).account.sent).toBe(1);
	});
});

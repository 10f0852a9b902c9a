import { describe, expect, test } from "vitest";
import { ServerError } from "../../lib/text/errors.ts";
import type { Request } from "../../lib/wire/request.ts";
import { pauseAfter, type Tries } from "../../lib/wire/retry.ts";

const read: Request = { method: "GET", path: "/v2/apps", api: "v2" };
const change: Request = { method: "POST", path: "/v2/runs/X/rerun", body: {}, api: "v2" };
const repeatable: Request = { ...change, repeatable: true };
/** The pause in ms, or how it ends: the message of the error, or of what that calls for. */
function verdictOn(request: Request, error: ServerError, so: Tries, some: object = {}): number | string {
	try {
		return pauseAfter(request, error, so, { most: 4, left: Number.POSITIVE_INFINITY, spread: 0.5, ...some });
	} catch (thrown) {
		if (!(thrown instanceof ServerError)) throw thrown;
		return thrown === error ? "given up" : thrown.message;
	}
}
const tries = (sent: number, some: Partial<Tries> = {}): Tries => ({ sent, late: 0, slowed: 0, ...some });
const refusal = (status: number, retryAfter?: number, code = ""): ServerError =>
	new ServerError("m", "n", { status, code, retryAfter });
const OVER = "given up";

describe("429", () => {
	/** All pauses until it gives up, if each response asks for this wait. */
	function pauses(after: number | undefined, some: object = {}): number[] {
		const all: number[] = [];
		for (const so = tries(1); ; so.sent++) {
			const wait = verdictOn(change, refusal(429, after), so, some);
			if (typeof wait === "string") return all;
			all.push(wait);
			so.slowed += wait;
		}
	}
	const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);

	test("without a Retry-After it is waited out for 10 to 15 s in all", () => {
		expect(pauses(undefined)).toEqual([1_000, 2_000, 4_000, 5_500]);
		for (const spread of [0, 0.1, 0.37, 0.9, 255 / 256]) {
			const all = sum(pauses(undefined, { spread }));
			expect([spread, all >= 10_000, all <= 15_000]).toEqual([spread, true, true]);
		}
	});
	test("a Retry-After of zero is as none", () => {
		expect(pauses(0)).toEqual(pauses(undefined));
	});
	test("a short one is kept to, also for 10 s in all", () => {
		expect(pauses(500)).toEqual(Array.from({ length: 20 }, () => 500));
		expect(pauses(2_500)).toEqual([2_500, 2_500, 2_500, 2_500]);
	});
	test("a long one is kept to for four attempts", () => {
		expect(pauses(30_000)).toEqual([30_000, 30_000, 30_000]);
		expect(pauses(60_000).length).toBe(3);
	});
	test("one that is far off is not waited for", () => {
		expect(verdictOn(read, refusal(429, 60_001), tries(1))).toBe("m. It says to wait 1m first.");
	});
	test("no longer than is left", () => {
		expect(pauses(undefined, { left: 1_999 })).toEqual([1_000]);
		expect(pauses(undefined, { left: 2_000 })).toEqual([1_000, 2_000]);
		expect(pauses(5_000, { left: 4_999 })).toEqual([]);
	});
});

describe("what has failed otherwise", () => {
	test("pauses double, up to 5 s, from half to one and a half of that", () => {
		const wait = (sent: number, spread: number) => verdictOn(read, refusal(500), tries(sent), { most: 10, spread });
		expect([wait(1, 0.5), wait(2, 0.5), wait(5, 0.5), wait(6, 0.5), wait(1, 0), wait(6, 0)]).toEqual([
			...[200, 400, 3_200, 5_000, 100, 2_500],
		]);
	});
	test("as often as is set, and no more; as long as is left", () => {
		expect(verdictOn(read, refusal(500), tries(3))).toBe(800);
		expect(verdictOn(read, refusal(500), tries(4))).toBe(OVER);
		expect(verdictOn(read, refusal(500), tries(1), { left: 199 })).toBe(OVER);
		expect(verdictOn(read, refusal(503, 200), tries(1), { left: 199 })).toBe("m. It says to wait 200ms first.");
		expect(verdictOn(read, refusal(0), tries(3, { late: 3 }), { most: 10 })).toBe(800);
		expect(verdictOn(read, refusal(0), tries(4, { late: 4 }), { most: 10 })).toBe(OVER);
	});
	test("what to do goes by how long is to be waited", () => {
		const next = (status: number, after: number) => {
			try {
				return pauseAfter(read, refusal(status, after), tries(1), { most: 4, left: 1, spread: 0 });
			} catch (error) {
				return error instanceof ServerError && error.next;
			}
		};
		const [short, long] = [61_000, 86_400_001];
		expect([next(429, short), next(429, long), next(503, short), next(503, long)]).toEqual([
			"Nothing was done. Call again then, not before.",
			"Nothing was done. No rate limit lasts that long: ask whoever runs the server.",
			"Call again then, not before.",
			"Ask whoever runs the server.",
		]);
	});
	test("a Retry-After of another status is kept to, or is too long", () => {
		expect(verdictOn(read, refusal(503, 2_000), tries(1))).toBe(2_000);
		expect(verdictOn(read, refusal(503, 61_000), tries(1))).toBe("m. It says to wait 1m01s first.");
	});
	test.each([
		[0, "", true],
		[408, "", true],
		[500, "", true],
		[503, "", true],
		[200, "not_json", true],
		[501, "", false],
		[400, "", false],
		[404, "", false],
		[0, "ECONNREFUSED", false],
		[0, "ENOTFOUND", false],
		[0, "a response of more than 64 MiB", false],
	])("%d %s is passing: %s", (status, code, passing) => {
		const kinds = [read, repeatable, change].map((request) =>
			verdictOn(request, refusal(status, undefined, code), tries(1)),
		);
		expect(kinds).toEqual(passing ? [200, 200, OVER] : [OVER, OVER, OVER]);
	});
});

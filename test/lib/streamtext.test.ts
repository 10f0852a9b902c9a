import { describe, expect, test } from "vitest";
import type { Account, Refusal, Stop, Survey } from "../../lib/sending/stream.ts";
import {
	adviceText,
	badText,
	besidesText,
	headText,
	idsText,
	refusalsText,
	refusalText,
	restText,
	summaryText,
} from "../../lib/tell/streamtext.ts";
import { ServerError, type UsageError } from "../../lib/text/errors.ts";
import { withFlags } from "../../lib/text/nouns.ts";

const PLAN: Survey = {
	...{ unit: "line", events: 5_000, bytes: 100_000, digest: "", largest: 1, batches: ["a", "b"] },
	...{ names: new Map([["a/b", 5_000]]), withId: 0, ahead: 0, latest: 0, bad: 0, faults: [] },
};
const ACCOUNT: Account = {
	...{ sent: 0, refused: 0, refusals: [], unknown: 0, notTried: 0, answered: 0, stop: undefined, ids: [] },
};

test.each<[Partial<Account>, string]>([
	[{ sent: 5_000 }, "Sent 5,000 events (100 kB, 2 requests): a/b 5,000 (here)."],
	[{ sent: 4_999 }, "Sent only 4,999 of 5,000 events (here)."],
	[{ sent: 1, unknown: 1 }, "Sent only 1 of 5,000 events (here)."],
	[{ unknown: 1 }, "None of 5,000 events is known to have arrived (here)."],
	[{ refused: 5_000 }, "Sent none of 5,000 events (here)."],
])("%j begins %j", (some, expected) => {
	expect(headText({ ...ACCOUNT, ...some }, PLAN, "here")).toBe(expected);
});

test("what became of the others, in numbers as they are read", () => {
	const account: Account = {
		...ACCOUNT,
		refused: 1_000,
		unknown: 2_000,
		notTried: 1_999,
		stop: { kind: "interrupted" },
	};
	expect(restText(account, PLAN, undefined).filter(Boolean)).toEqual([
		"Refused by the server: 1,000.",
		"Unknown (no usable response; may have arrived): 2,000.",
		"Not sent: 1,999.",
		"Stopped: Interrupted.",
	]);
	expect(restText({ ...ACCOUNT, notTried: 5_000 }, PLAN, undefined).filter(Boolean)).toEqual([]);
});

describe("advice", () => {
	const failed = (error: ServerError | UsageError): Stop => ({ kind: "failed", error });
	const key = failed(new ServerError("refused", "Check the key.", { status: 401 }));
	const lost = failed(new ServerError("lost", "Look first.", { status: 0, code: "timeout", unclear: true }));
	const some = { sent: 1_024, notTried: 3_976 };
	test.each<[string, Partial<Account>, boolean, string | undefined | false]>([
		["a wrong key", { stop: key }, false, "Check the key."],
		["a wrong key half way", { ...some, stop: key }, true, "Check the key."],
		["a lost answer that resuming makes up for", { unknown: 1, stop: lost }, true, false],
		["a lost answer too late for it", { unknown: 1, stop: lost }, false, "Look first."],
		["nothing wrong", { sent: 5_000 }, false, undefined],
		["Ctrl-C", { ...some, stop: { kind: "interrupted" } }, true, undefined],
		["Ctrl-C before anything", { stop: { kind: "interrupted" } }, false, false],
		[
			"refusals",
			{ refused: 20, stop: { kind: "refuses" } },
			false,
			"Correct them as stated above: nothing has started.",
		],
		["a change before anything", { stop: { kind: "changed" } }, false, "Call again: the input is checked again."],
		[
			"a change half way",
			{ ...some, stop: { kind: "changed" } },
			false,
			"Check `list-events --env eu` for what arrived before you send the rest.",
		],
		["a change after all of it", { sent: 5_000, stop: { kind: "changed" } }, false, undefined],
	])("on %s", (_, account, resumable, expected) => {
		const told = adviceText({ ...ACCOUNT, ...account }, PLAN, resumable);
		expect(told && withFlags(told, ["--env eu"])).toBe(expected);
	});
});

describe("refusals", () => {
	const at = (places: readonly number[], said = "«no»"): Refusal[] => places.map((one) => ({ at: one, said }));
	const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
	const told = (refusals: readonly Refusal[], all?: string) => refusalsText(refusals, "line", all).filter(Boolean);

	test.each<[readonly Refusal[], string[]]>([
		[[], []],
		[at([7]), ["line 7: «no»"]],
		[at([7, 8]), ["lines 7–8: «no»"]],
		[at([9, 7, 1, 8]), ["lines 1, 7–9: «no»"]],
		[
			[...at([2, 4], "«b»"), ...at([3], "«a»")],
			["lines 2, 4: «b»", "line 3: «a»"],
		],
		[at(upTo(1_000_000)), ["lines 1–1000000: «no»"]],
	])("%#", (refusals, expected) => {
		expect(told(refusals)).toEqual(expected);
	});

	test("beyond ten places of a reason, or ten reasons, are counted, with the call that has all", () => {
		const odd = upTo(12).map((n) => 2 * n);
		expect(told(at(odd), "ask")).toEqual(["lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, …: «no»", "… and 2 more; ask."]);
		expect(told(at(odd.slice(0, 10)), "ask")).toEqual(["lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20: «no»"]);
		const many = upTo(2_011).map((n) => ({ at: n, said: `«${n}»` }));
		expect(told(many).slice(9)).toEqual(["line 10: «10»", "… and 2,001 more."]);
	});

	test("for size tell the sizes, and what to do", () => {
		const store = "Store what is too large elsewhere, and send a reference.";
		const large = (place: number, bytes: number): Refusal => ({ at: place, said: "413", bytes });
		expect(told([large(7, 300_000)])).toEqual(["line 7 (300 kB): 413", store]);
		expect(told([large(7, 300_000), large(9, 1_200_000), large(2, 500_000)])).toEqual([
			"lines 2, 7, 9 (up to 1.2 MB): 413",
			store,
		]);
		expect(refusalText(large(7, 300_000), "event")).toBe("event 7 (300 kB): 413");
		expect(refusalText({ at: 7, said: "«no»" }, "line")).toBe("line 7: «no»");
	});
});

test("ids of up to five events, else the first", () => {
	const ids = ["A", "B", "C", "D", "E"];
	expect(idsText(ids, { ...PLAN, events: 5 }, false)).toBe("Event ids: A B C D E");
	expect(idsText(ids, PLAN, false)).toBe("First event: A");
	expect(idsText(ids, PLAN, true)).toBe("First event of this call: A");
	expect(idsText([], PLAN, true)).toBe(false);
});

test("what was omitted, and how many more", () => {
	const faults = [..."aabcda"].map((said, i) => ({ at: i + 1, said }));
	const told = (some: Partial<Survey>) => besidesText({ ...PLAN, ...some }, { kind: "cloud" }).filter(Boolean);
	expect(told({ bad: 0 })).toEqual([]);
	expect(told({ bad: 2, faults: faults.slice(0, 2) })).toEqual(["2 invalid lines omitted: lines 1–2: a"]);
	expect(told({ bad: 1_006, faults })).toEqual([
		"1,006 invalid lines omitted: lines 1–2, 6: a; line 3: b; line 4: c; line 5: d; … and 1,000 more.",
	]);
	expect(badText({ ...PLAN, events: 0, bad: 1, faults: faults.slice(0, 1) })).toEqual([
		"1 of 1 line can't be sent; nothing was sent.\nline 1: a",
		'Give a JSON array, or one event per line (NDJSON), each such as {"name":"shop/order.created","data":{}}.',
	]);
});

test("names are told with the most frequent first, at most eight", () => {
	const names = new Map(Array.from({ length: 10 }, (_, i) => [`n ${i}`, i === 9 ? 1200 : 1]));
	expect(summaryText({ ...PLAN, events: 1_212, names })).toMatch(
		/^1,212 events \(100 kB, 2 requests\): «n 9» 1,200, «n 0» 1, «n 1» 1, (?:«n \d» 1, ){5}5 with other names$/,
	);
});

import { expect, test } from "vitest";
import { sameCode, shortCode } from "../../lib/confirm.ts";

const plan = ["cloud", "https://api.inngest.com", "production", "cancel-runs", { app: "shop" }, ["A", "B"]];

test("the same value always has the same code: eight of Crockford's characters", () => {
	expect(shortCode(plan)).toBe(shortCode(structuredClone(plan)));
	expect(shortCode(plan)).toMatch(/^[0-9a-hjkmnp-tv-z]{8}$/);
});

test("another server, environment, intent, parameter or set has another code", () => {
	const others = [
		["self-hosted", ...plan.slice(1)],
		["cloud", "https://i.example", ...plan.slice(2)],
		["cloud", "https://api.inngest.com", "staging", ...plan.slice(3)],
		[...plan.slice(0, 3), "replay-runs", ...plan.slice(4)],
		[...plan.slice(0, 4), { app: "shop", since: "24h" }, ["A", "B"]],
		[...plan.slice(0, 5), ["A", "B", "C"]],
		[...plan.slice(0, 5), ["A"]],
		[...plan.slice(0, 5), ["AB"]],
	];
	expect(new Set([plan, ...others].map(shortCode)).size).toBe(others.length + 1);
});

test("a code is compared whole, in any case, spaces around it aside", () => {
	const code = shortCode(plan);
	expect([sameCode(` ${code.toUpperCase()}\n`, code), sameCode(code, code)]).toEqual([true, true]);
	for (const other of [
		"",
		code.slice(1),
		`${code}0`,
		`${code.slice(0, 7)}${code.endsWith("0") ? "1" : "0"}`,
		"é".repeat(8),
	])
		expect(sameCode(other, code)).toBe(false);
});

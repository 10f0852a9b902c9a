import { describe, expect, test } from "vitest";
import { planCode, plannedAt, shortCode } from "../../lib/gate/confirm.ts";

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

describe("the code of a plan", () => {
	const AT = Date.UTC(2026, 10, 24, 3, 0, 0, 700);
	const HOUR = 3_600_000;

	test("tells when the plan was made, for an hour, across the rounds of its time", () => {
		for (const at of [AT, 32 ** 3 * 1000 * 54_321 - 1000]) {
			const code = planCode(plan, at);
			expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{9}$/);
			const made = Math.floor(at / 1000) * 1000;
			for (const later of [0, 999, 60_000, HOUR - 1000])
				expect(plannedAt(` ${code.toUpperCase()} `, plan, at + later)).toBe(made);
			for (const wrong of [-2000, HOUR + 2000, 9 * HOUR, 32 ** 3 * 1000 + HOUR + 2000])
				expect(plannedAt(code, plan, at + wrong)).toBeUndefined();
		}
	});

	test("is for that plan and that second alone", () => {
		const code = planCode(plan, AT);
		expect(plannedAt(code, [...plan, 1], AT)).toBeUndefined();
		expect(planCode(plan, AT + 1000)).not.toBe(code);
		for (const other of ["", "no", "-".repeat(9), code.slice(1), `${code}0`, `000${code.slice(3)}`])
			expect(plannedAt(other, plan, AT)).toBeUndefined();
	});
});

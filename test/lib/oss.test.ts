import { expect, test } from "vitest";
import { withTrueStatuses } from "../../lib/wire/lenient.ts";
import type { Request } from "../../lib/wire/request.ts";

const of = (path: string, body: unknown, method: "GET" | "POST" = "GET") => {
	const request: Request = { method, path, api: "v2" };
	return withTrueStatuses(request, body);
};
const END = { endedAt: "2026-11-23T21:00:00Z" };

test("a run that says it has ended, and has no end, is running", () => {
	for (const status of ["COMPLETED", "FAILED", "CANCELLED"]) {
		expect(of("/v2/runs/X", { data: { id: "X", status } })).toEqual({ data: { id: "X", status: "RUNNING" } });
		expect(of("/v2/runs/X", { data: { status, endedAt: null } })).toEqual({
			data: { status: "RUNNING", endedAt: null },
		});
		expect(of("/v2/runs/X", { data: { status, ...END } })).toEqual({ data: { status, ...END } });
	}
});

test("a run that says it is queued, but has begun, is running", () => {
	// As recorded: with parallel steps, of which one is to be tried again.
	const run = { status: "QUEUED", queuedAt: "2026-11-27T10:20:45.586Z", startedAt: "2026-11-27T10:20:45.784Z" };
	expect(of("/v2/runs/X", { data: run })).toEqual({ data: { ...run, status: "RUNNING" } });
	// As recorded: until then, its start is the queue's. Lists give nothing else.
	const queued = { ...run, startedAt: "2026-11-27T10:20:45.593759214Z" };
	for (const one of [queued, { ...run, startedAt: null }])
		expect(of("/v2/runs/X", { data: one })).toEqual({ data: one });
	expect(of("/v2/runs", { data: [run] })).toEqual({ data: [run] });
});

test("any other status is left as it is", () => {
	for (const status of ["QUEUED", "RUNNING", "PAUSED", "SKIPPED", "UNKNOWN", 5, null])
		expect(of("/v2/runs/X", { data: { status } })).toEqual({ data: { status } });
});

test("in each list of runs, and nowhere else", () => {
	const list = { data: [{ status: "FAILED" }, { status: "FAILED", ...END }, null, "x"], page: {} };
	const corrected = { data: [{ status: "RUNNING" }, { status: "FAILED", ...END }, null, "x"], page: {} };
	expect([of("/v2/runs", list), of("/v2/events/E/runs", list)]).toEqual([corrected, corrected]);
	for (const path of ["/v2/runs/X/trace", "/v2/apps", "/v1/runs/X", "/v2/events/E"]) expect(of(path, list)).toBe(list);
	expect(of("/v2/runs/X", list, "POST")).toBe(list);
	for (const body of [null, "x", [], { errors: [] }]) expect(of("/v2/runs", body)).toBe(body);
});

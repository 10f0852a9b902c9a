/** Runs before each test file in the processes of tools/mutants.ts. */
import { writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeEach, vi } from "vitest";

// One process runs several test files, each with modules of its own.
vi.resetModules();

/** Tests that entered each function; `""` means the whole file, as if entered outside any test. */
const reached = new Map<string, Set<string>>();
/** Several if tests are concurrent. */
const running = new Set<string>();
/** A module is loaded once, and all later tests use what was created then. */
let isLoading = false;
const note = (scope?: string) => {
	if (scope === undefined || scope.endsWith("@module")) isLoading = scope !== undefined;
	if (scope === undefined) return;
	const tests = reached.get(scope) ?? new Set();
	reached.set(scope, tests);
	for (const test of running.size && !isLoading ? running : [""]) tests.add(test);
};
// Only instrumented code calls it: see instrument().
Reflect.set(globalThis, "__reached", note);
beforeEach(({ task }) => {
	running.add(task.id);
});
afterEach(({ task }) => {
	running.delete(task.id);
});
afterAll(() => {
	const file = process.env.MUTANTS_REACHED;
	if (file !== undefined && reached.size)
		writeFileSync(file, JSON.stringify(Object.fromEntries([...reached].map(([scope, tests]) => [scope, [...tests]]))));
});

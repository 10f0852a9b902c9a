/**
 * A process of tools/mutants.ts: keeps one vitest and changes its sources between runs. Each run has its own worker for all test files, so
 * that nothing is left of the previous mutant.
 */
import { readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { createVitest, type TestSpecification, type TestSpecificationOptions } from "vitest/node";
import * as z from "zod/mini";
import { type Result, Task } from "./mutant-tasks.ts";
import { instrument, mutated } from "./operators.ts";

const root = join(import.meta.dirname, "..");
const reachedFile = process.argv[2] ?? "";
const Reached = z.record(z.string(), z.array(z.string()));

let task: Task | undefined;
const pathOf = (id: string) => relative(root, id.replace(/\?.*$/, "")).split(sep).join("/");

const vitest = await createVitest(
	{
		config: false,
		root,
		watch: false,
		// The sources change under the same names.
		fsModuleCache: false,
		include: ["test/**/*.test.ts"],
		setupFiles: [join(root, "tools/mutant-setup.ts")],
		env: { MUTANTS_REACHED: reachedFile },
		// Without isolation and with at most one worker, each run has a new process for all its test files.
		pool: "forks",
		isolate: false,
		maxWorkers: 1,
		bail: 1,
		reporters: [{}],
		sequence: {
			// In the given order: quickest first.
			sequencer: class {
				sort = (files: TestSpecification[]) => files;
				shard = (files: TestSpecification[]) => files;
			},
		},
	},
	{
		server: { watch: null },
		// Separate from what ordinary test runs cache.
		cacheDir: join(dirname(reachedFile), "vite"),
		plugins: [
			{
				name: "mutants",
				enforce: "pre",
				load(id) {
					const path = pathOf(id);
					if (task?.kind === "survey" && /^(handlers|lib)\/.*\.ts$/.test(path))
						return instrument(path, readFileSync(join(root, path), "utf8"));
					if (task?.kind === "trial" && task.mutant.file === path)
						return mutated(readFileSync(join(root, path), "utf8"), task.mutant);
					return undefined;
				},
			},
		],
	},
);
const project = vitest.getRootProject();

async function run(next: Task): Promise<Result> {
	const { timeout } = next.kind === "trial" ? next : { timeout: 90_000 };
	project.config.testTimeout = timeout;
	project.config.hookTimeout = timeout;
	// What the last task changed, and what this one changes.
	for (const one of [task, next])
		if (one?.kind === "trial") vitest.invalidateFile(join(root, one.mutant.file));
		else if (one?.kind === "survey" && next.kind === "trial")
			for (const { moduleGraph } of Object.values(project.vite.environments)) moduleGraph.invalidateAll();
	task = next;
	// A file skipped after a failure would be reported with its previous result.
	vitest.state.filesMap.clear();
	vitest.state.idMap.clear();
	rmSync(reachedFile, { force: true });
	const specification = (file: string, options: TestSpecificationOptions = {}) =>
		project.createSpecification(join(root, file), options);
	const specifications =
		next.kind === "survey"
			? [specification(next.test)]
			: next.tests.map(({ file, ids }) => specification(file, ids ? { testIds: ids } : {}));
	const { unhandledErrors } = await vitest.runTestSpecifications(specifications);
	const modules = specifications.flatMap(({ testModule }) => testModule ?? []);
	const tests = modules.flatMap((module) => [...module.children.allTests()]);
	const errors = [...modules, ...modules.flatMap((module) => [...module.children.allSuites()])].flatMap((one) =>
		one.errors().map(({ message }) => message),
	);
	const failed = tests.flatMap((test) => {
		const { state, errors } = test.result();
		return state === "failed" ? [`${test.fullName}: ${errors?.[0]?.message}`] : [];
	});
	const failures = [...failed, ...errors, ...unhandledErrors.map(messageOf)];
	return {
		failures,
		timedOut: failures.some((text) => /(Test|Hook) timed out in \d+ms/.test(text)),
		tests: Object.fromEntries(tests.map((test) => [test.id, test.diagnostic()?.duration ?? 0])),
		reached: next.kind === "survey" ? readReached() : {},
	};
}

/** Errors come from the worker as plain objects. */
const messageOf = (error: unknown): string =>
	typeof error === "object" && error !== null && "message" in error ? `${error.message}` : `${error}`;

function readReached(): z.output<typeof Reached> {
	try {
		return z.parse(Reached, JSON.parse(readFileSync(reachedFile, "utf8")));
	} catch (error) {
		// A test file that enters none of our code writes none.
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
		throw error;
	}
}

process.on("message", async (message) => process.send?.(await run(z.parse(Task, message))));
process.on("disconnect", () => process.exit());
process.send?.("ready");

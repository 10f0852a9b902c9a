/**
 * `npm run test:mutants` changes the sources in one place at a time and checks whether in-process tests notice; `-- --help` lists the
 * options. What no such test enters survives without being run.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Shard, share } from "./mutant-shards.ts";
import type { Task } from "./mutant-tasks.ts";
import { NAMED } from "./named-mutants.ts";
import { type Mutant, mutantsOf, mutantText, mutated, namedMutant } from "./operators.ts";

const SOURCES = ["handlers/**/*.ts", "lib/**/*.ts"];
/** Test files that run our code in-process: mutations don't reach processes that they start. */
const IN_PROCESS = [
	"test/{handlers,lib}/**/*.test.ts",
	"test/{desk,fulfilment,kitchen-failures,languages,situations,truth}.test.ts",
	"test/cloud-{call,history,insights,keys,odd,send,states}.test.ts",
];

/** How much longer a test, and all tests of a mutant, may take than without mutation, in ms; and how many times as long. */
const GRACE = { test: 3_000, trial: 8_000, times: 5 };

const HELP = `npm run test:mutants -- [--sample 300] [--seed 1] [--all] [--file lib/x.ts]… [--list] [--goal 85] [--shards 2]
--sample N   so many of the mutants, chosen by --seed; --all runs every one
--file FILE  only the mutants of this file; may be repeated
--list       print the mutants, run none
--goal N     percent that must be killed
--shards N   processes at once (default: the cores)`;

const root = join(import.meta.dirname, "..");

const say = (...texts: string[]) => process.stdout.write(`${texts.join("\n")}\n`);

type Outcome = "killed" | "timed out" | "survived" | "not reached";
interface Trial {
	mutant: Mutant;
	/** For a named mutant. */
	name?: string;
	outcome: Outcome;
}

/** A generator of random numbers from 0 to below 1, the same sequence for the same seed (mulberry32). */
function randomly(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

function sample<T>(all: readonly T[], size: number, seed: number): T[] {
	const random = randomly(seed);
	const drawn = new Set(
		all
			.map((one) => ({ one, at: random() }))
			.sort((a, b) => a.at - b.at)
			.slice(0, size)
			.map(({ one }) => one),
	);
	return all.filter((one) => drawn.has(one));
}

interface Reach {
	/** How long each test took, by file and id. */
	took: Map<string, Map<string, number>>;
	/** The tests that enter a function, by file; `""` is the whole file. */
	of: Map<string, Map<string, string[]>>;
}

/** Runs every test file once without mutants; returns which tests enter which functions, or throws what failed. */
async function survey(shards: readonly Shard[], files: readonly string[]): Promise<Reach> {
	const reach: Reach = { took: new Map(), of: new Map() };
	const failures: string[] = [];
	await share(shards, files, async (shard, test) => {
		const result = await shard.run({ kind: "survey", test }, 300_000);
		failures.push(...(result?.failures ?? ["no end after 5 minutes"]).map((text) => `${test}: ${text}`));
		reach.took.set(test, new Map(Object.entries(result?.tests ?? {})));
		for (const [scope, ids] of Object.entries(result?.reached ?? {}))
			reach.of.set(scope, (reach.of.get(scope) ?? new Map()).set(test, ids));
	});
	if (failures.length) throw new Error(`Tests fail without a mutant:\n${failures.join("\n")}`);
	return reach;
}

/** A mutant's trial: the tests that reach it, quickest files first. Undefined if there are none. */
function trialOf(mutant: Mutant, { took, of }: Reach): { task: Task; limit: number } | undefined {
	const files = [...(of.get(mutant.scope) ?? [])].map(([file, ids]) => {
		const all = took.get(file) ?? new Map<string, number>();
		const whole = ids.includes("");
		const times = whole ? [...all.values()] : ids.map((id) => all.get(id) ?? 0);
		const sum = times.reduce((a, b) => a + b, 0);
		return { test: whole ? { file } : { file, ids }, sum, longest: Math.max(0, ...times) };
	});
	if (!files.length) return undefined;
	files.sort((a, b) => a.sum - b.sum || (a.test.file < b.test.file ? -1 : 1));
	const { file, start, end, text } = mutant;
	const longest = Math.max(...files.map((one) => one.longest));
	const sum = files.reduce((total, one) => total + one.sum, 0);
	return {
		task: {
			kind: "trial",
			mutant: { file, start, end, text },
			tests: files.map(({ test }) => test),
			timeout: GRACE.test + GRACE.times * longest,
		},
		limit: GRACE.trial + GRACE.times * sum,
	};
}

/** Prints the mutants' results; returns whether enough were killed. */
function report(trials: readonly Trial[], goal: number, textOf: (mutant: Mutant) => string): boolean {
	const of = (outcome: Outcome) => trials.filter((one) => one.outcome === outcome);
	const list = (title: string, some: readonly Trial[]) => {
		if (some.length) say("", title, ...some.map(({ mutant }) => textOf(mutant)));
	};
	list("Survived:", of("survived"));
	list("Not reached by these tests, so survived:", of("not reached"));
	const killed = of("killed").length + of("timed out").length;
	const rate = (100 * killed) / Math.max(1, trials.length);
	const ofReached = (100 * killed) / Math.max(1, trials.length - of("not reached").length);
	say(
		"",
		`${of("killed").length} killed, ${of("timed out").length} timed out, ${of("survived").length} survived, ${of("not reached").length} not reached.`,
		`${rate.toFixed(1)} % of ${trials.length} killed (goal ${goal} %), ${ofReached.toFixed(1)} % of those that tests reach.`,
	);
	return rate >= goal;
}

/** Prints the named mutants' results; returns whether all were killed. */
function reportNamed(trials: readonly Trial[]): boolean {
	if (!trials.length) return true;
	const killed = trials.filter(({ outcome }) => outcome === "killed" || outcome === "timed out").length;
	say(
		"",
		`Named: ${killed} of ${trials.length} killed.`,
		...trials.map(({ name, outcome, mutant }) => `${outcome}: ${name} (${mutant.file})`),
	);
	return killed === trials.length;
}

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			sample: { type: "string", default: "300" },
			seed: { type: "string", default: "1" },
			all: { type: "boolean", default: false },
			file: { type: "string", multiple: true, default: [] },
			list: { type: "boolean", default: false },
			goal: { type: "string", default: "85" },
			shards: { type: "string", default: String(availableParallelism()) },
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) {
		say(HELP);
		return 0;
	}
	const [size, seed, goal, processes] = [values.sample, values.seed, values.goal, values.shards].map((text) => {
		if (!/^\d{1,9}$/.test(text)) throw new Error(`Not a whole number: ${text}`);
		return Number(text);
	});
	const paths = globSync(SOURCES, { cwd: root }).sort();
	const unknown = values.file.find((file) => !paths.includes(file));
	if (unknown !== undefined) throw new Error(`${unknown} is not of ${SOURCES.join(", ")}.`);
	const sources = new Map(
		paths
			.filter((path) => !values.file.length || values.file.includes(path))
			.map((path) => [path, readFileSync(join(root, path), "utf8")]),
	);
	const codeOf = (file: string) => sources.get(file) ?? "";
	const textOf = (mutant: Mutant) => mutantText(mutant, codeOf(mutant.file));
	const all = [...sources].flatMap(([path, code]) => mutantsOf(path, code));
	const named: Trial[] = NAMED.filter(({ file }) => !values.file.length || values.file.includes(file)).map(
		({ name, file, find, replace }) => ({
			mutant: namedMutant(file, codeOf(file), find, replace),
			name,
			outcome: "not reached",
		}),
	);
	if (values.list) {
		say(...all.map(textOf), ...named.map(({ name, mutant }) => `${textOf(mutant)} (${name})`));
		return 0;
	}
	const chosen = values.all ? all : sample(all, size ?? 0, seed ?? 0);
	const trials: Trial[] = chosen.map((mutant) => ({ mutant, outcome: "not reached" }));
	for (const { mutant } of [...named, ...trials]) mutated(codeOf(mutant.file), mutant);
	say(
		`${all.length} mutants of ${sources.size} files; ${values.all ? "all" : `${trials.length} of them, by seed ${seed},`} and ${named.length} named ones.`,
	);

	const folder = mkdtempSync(join(tmpdir(), "inngest-mutants-"));
	const shards = Array.from({ length: processes || 1 }, (_, i) => new Shard(join(folder, `${i}.json`)));
	const stop = () => {
		for (const shard of shards) shard.stop();
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	};
	process.once("exit", stop);
	process.once("SIGINT", () => process.exit(130));
	process.once("SIGTERM", () => process.exit(143));

	const reach = await survey(shards, globSync(IN_PROCESS, { cwd: root }).sort());
	const tests = [...reach.took.values()].reduce((sum, { size }) => sum + size, 0);
	say(`${tests} tests of ${reach.took.size} files pass without a mutant.`);
	const began = Date.now();
	let said = began;
	let ran = 0;
	const todo = [...named, ...trials].flatMap((one) => {
		const trial = trialOf(one.mutant, reach);
		return trial ? [{ one, trial }] : [];
	});
	await share(shards, todo, async (shard, { one, trial }) => {
		const result = await shard.run(trial.task, trial.limit);
		one.outcome = !result || result.timedOut ? "timed out" : result.failures.length ? "killed" : "survived";
		ran++;
		if (Date.now() - said < 15_000) return;
		said = Date.now();
		process.stderr.write(`${ran} of ${todo.length} run\n`);
	});
	stop();
	say(`${ran} run, ${Math.round((ran / Math.max(1, Date.now() - began)) * 60_000)} a minute.`);

	const [enough, allNamed] = [report(trials, goal ?? 0, textOf), reportNamed(named)];
	return enough && allNamed ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
	// Waiting shards would keep it alive.
	process.exit(2);
});

import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import getRun from "../../handlers/get-run.ts";
import { helpFor, parseCommand } from "../../lib/cli/args.ts";
import {
	count,
	flag,
	functionFlag,
	idsOf,
	intent,
	jsonObject,
	line,
	listOf,
	matchFlag,
	runIds,
	since,
	sinceDay,
	toggle,
	ulid,
	until,
} from "../../lib/cli/params.ts";
import { helpAll } from "../../lib/cli/run.ts";
import { type IntentEntry, parseManifest } from "../../lib/gate/manifest.ts";
import { refusal } from "../../lib/text/errors.ts";
import { NOW } from "../world.ts";

const run = () => Promise.resolve({ lines: [], data: null });
const ID = "01M85369BX39BZFM3TC50ACTFC";
const one = intent({
	params: z.object({
		id: flag(ulid, "the run", "RUN_ID", { position: "one" }),
		function: functionFlag(),
		since: since(),
		fromStep: flag(z.optional(z.clone(line)), "start there", "STEP", { unbound: true }),
		data: flag(z.optional(jsonObject), "payload", "JSON", { json: true }),
		limit: flag(z._default(count(1, 100), 20), "1 to 100", "N"),
		withRuns: toggle("runs too"),
	}),
	run,
});
const several = intent({
	params: z.object({
		ids: idsOf("runs", "RUN_ID"),
		app: flag(z.clone(line), "an app", "APP"),
	}),
	run,
});
const none = intent({ params: z.object({}), run });

const GLOBALS = {
	...{
		environment: undefined,
		dev: false,
		json: false,
		curl: false,
		timeout: undefined,
		confirm: undefined,
	},
};
const USAGE = "Usage: do-one RUN_ID";
const HELP = "`do-one --help` lists what it takes.";

describe("parseCommand", () => {
	test("a time ago is by the call's own clock, also where it is the default, which no code depends on", () => {
		const day = intent({ params: z.object({ since: sinceDay(), until: until() }), run });
		expect(parseCommand("do-day", day, ["--until", "1h"], NOW)).toMatchObject({
			params: { since: "2026-11-22T21:00:00.000Z", until: "2026-11-23T20:00:00.000Z" },
			typed: { until: "1h" },
			inputs: [],
		});
		expect(() => parseCommand("do-day", day, ["--since", "2026-11-23T21:02:00Z"], NOW)).toThrow(
			"--since must be before --until and in the past; nothing was sent.",
		);
	});

	test("the main id alone; what is omitted has its default", () => {
		expect(parseCommand("do-one", one, [ID.toLowerCase()], NOW)).toEqual({
			globals: GLOBALS,
			params: { id: ID, limit: 20, withRuns: false },
			typed: { id: ID.toLowerCase() },
			inputs: [],
		});
	});

	test("flags in kebab case, with = or a space, before or after the id", () => {
		const argv = [
			"--with-runs",
			"--limit=5",
			ID,
			"--function",
			"shop/a",
			"--from-step",
			"charge card",
			"--data",
			'{"a":1}',
		];
		expect(parseCommand("do-one", one, argv, NOW)).toEqual({
			globals: GLOBALS,
			params: {
				...{ id: ID, limit: 5, withRuns: true, function: { app: "shop", name: "a" }, fromStep: "charge card" },
				data: { a: 1 },
			},
			typed: { id: ID, limit: "5", withRuns: true, function: "shop/a", data: '{"a":1}' },
			inputs: [],
		});
	});

	test("the id may be a flag too", () => {
		expect(parseCommand("do-one", one, ["--id", ID], NOW).params).toMatchObject({ id: ID });
	});

	test("flags of every intent", () => {
		const argv = [
			ID,
			"--env",
			"production",
			"--dev",
			"--json",
			"--curl",
			"--timeout",
			"1m30s",
			"--confirm",
			"abcd1234",
		];
		expect(parseCommand("do-one", one, argv, NOW).globals).toEqual({
			...{ environment: "production", dev: true, json: true, curl: true, timeout: 90_000 },
			confirm: "abcd1234",
		});
	});

	test("a confirmation is bound to what was typed: 24h stays 24h, and what is unbound is omitted", () => {
		const { typed, params } = parseCommand("do-one", one, [ID, "--since", "24h", "--from-step", "x"], NOW);
		expect(typed).toEqual({ id: ID, since: "24h" });
		expect(params.since).toMatch(/^\d{4}-\d\d-\d\dT/);
	});

	test("several ids, with spaces or commas between", () => {
		const other = ID.replace("01M", "01N");
		const ways = [
			[`${ID},`, other],
			[`${ID} , ${other}`],
			[ID, ",", other],
			["--ids", `${ID}, ${other}`],
			[`${ID},${other},`],
		];
		for (const words of ways) {
			const { params, typed } = parseCommand("do-several", several, [...words, "--app", "shop"], NOW);
			expect([params.ids, typed.ids]).toEqual([
				[ID, other],
				[ID, other],
			]);
		}
		expect(parseCommand("do-several", several, [`${ID},${other}`, ID, "--app", "shop"], NOW).params).toEqual({
			ids: [ID, other, ID],
			app: "shop",
		});
	});

	test.each([
		["no id", [], "RUN_ID is missing", USAGE],
		[
			"a wrong id",
			["shop"],
			'RUN_ID must be an id of 26 letters and digits, such as 01M85369BX39BZFM3TC50ACTFC (not "shop")',
			USAGE,
		],
		[
			"a hostile id",
			["../..\n«\u001b[31m"],
			'RUN_ID must be an id of 26 letters and digits, such as 01M85369BX39BZFM3TC50ACTFC (not "../..\\n‹\\u001b[31m")',
			USAGE,
		],
		["an id given twice", [ID, "--id", ID], "RUN_ID is given twice", HELP],
		[
			"a word too many",
			[ID, "now"],
			'do-one does not take "now"',
			`It takes one value for RUN_ID, in quotes if it has spaces; all others follow a flag, a list as one word. ${HELP}`,
		],
		["a wrong number", [ID, "--limit", "500"], '--limit must be a whole number from 1 to 100 (not "500")', HELP],
		[
			"a wrong time",
			[ID, "--since", "noon"],
			'--since must be a time such as 24h, 90m, 7d or 2026-11-23T08:00:00Z (UTC or with its offset) (not "noon")',
			HELP,
		],
		["JSON of another kind", [ID, "--data", "[1]"], "--data must be a JSON object", HELP],
		["an unknown flag", [ID, "--bogus-thing"], "do-one has no flag --bogus-thing", HELP],
		[
			"an unknown flag with a value",
			[ID, "--fucntion=shop/a"],
			"do-one has no flag --fucntion",
			`Did you mean --function? ${HELP}`,
		],
		["a misspelt flag", [ID, "--with-run"], "do-one has no flag --with-run", `Did you mean --with-runs? ${HELP}`],
		["a misspelt flag of every intent", [ID, "--jsn"], "do-one has no flag --jsn", `Did you mean --json? ${HELP}`],
		["a camel-case flag", [ID, "--withRuns"], "do-one has no flag --withRuns", `Did you mean --with-runs? ${HELP}`],
		[
			"an unknown flag beside standard input",
			[ID, "--data", "-", "--bogus-thing"],
			"do-one has no flag --bogus-thing",
			HELP,
		],
		["a flag's name as of every object", [ID, "--constructor"], "do-one has no flag --constructor", HELP],
		["a short flag", [ID, "-z"], "do-one has no flag -z", HELP],
		[
			"a wrong time-out",
			[ID, "--timeout", "0"],
			"--timeout must be a duration from 1ms to 24h, such as 30s (not 0)",
			"A bare number means seconds.",
		],
		[
			"a time-out of days",
			[ID, "--timeout", "2d"],
			"--timeout must be a duration from 1ms to 24h, such as 30s (not 2d)",
			"A bare number means seconds.",
		],
		["a switch with a value", [ID, "--dev=1"], "--dev takes no value", "Leave it out, or write --dev."],
		[
			"a flag without its value",
			[ID, "--limit"],
			"--limit needs a value",
			`Write --limit=VALUE, in quotes if it has spaces. ${HELP}`,
		],
		[
			"a dash that is no hyphen",
			[ID, "—json"],
			'do-one does not take "—json"',
			`It takes one value for RUN_ID, in quotes if it has spaces; all others follow a flag, a list as one word. ${HELP}`,
		],
		["a yes as a flag", [ID, "--yes"], "do-one has no flag --yes", HELP],
	])("refuses %s", (_, argv, message, next) => {
		expect(() => parseCommand("do-one", one, argv, NOW)).toThrow(refusal(message, next));
	});

	test("says where a word belongs that has no place", () => {
		const params = z.object({ function: functionFlag() });
		const hint = `It takes values only after a flag, a list as one word. ${HELP}`;
		expect(() => parseCommand("do-one", { ...one, params }, ["shop/a"], NOW)).toThrow(
			refusal('do-one does not take "shop/a"', hint),
		);
	});

	test.each([
		["another flag", "--limit"],
		["another flag with its value", "--limit=5"],
		["a value", "-5"],
		["what looks like a credential, which is not repeated", ["", "sk", "live", "0123456789"].join("-")],
	])("a value that begins with a dash: %s", (_, word) => {
		expect(() => parseCommand("do-one", one, [ID, "--env", word], NOW)).toThrow(
			refusal("--env needs a value", `Write --env=VALUE, in quotes if it has spaces. ${HELP}`),
		);
		expect(parseCommand("do-one", one, [ID, "--env=-5"], NOW).globals.environment).toBe("-5");
	});

	test("refuses JSON that is none, and says where", () => {
		expect(() => parseCommand("do-one", one, [ID, "--data", "{a:1}"], NOW)).toThrow(
			/^--data is not valid JSON: .*position 1 /,
		);
	});

	test("names what is missing among several", () => {
		expect(() => parseCommand("do-several", several, [ID], NOW)).toThrow(
			refusal("--app is missing", "Usage: do-several RUN_ID… --app APP"),
		);
		expect(() => parseCommand("do-several", several, ["--app", "x"], NOW)).toThrow(
			refusal("RUN_ID is missing", "Usage: do-several RUN_ID… --app APP"),
		);
		expect(() => parseCommand("none", none, ["x"], NOW)).toThrow(
			refusal(
				'none does not take "x"',
				"It takes values only after a flag, a list as one word. `none --help` lists what it takes.",
			),
		);
	});
});

test.each<["ids" | "functions" | "texts", string[], string[]]>([
	["ids", ["A,B", " C\n- D ;E, "], ["A", "B", "C", "-", "D", "E"]],
	["ids", [" , "], [" , "]],
	["functions", ["a/b"], ["a/b"]],
	["functions", ["a/b,c/d", "e"], ["a/b", "c/d", "e"]],
	["functions", ["a/b c"], ["a/b c"]],
	["functions", ["my app/b, c/d"], ["my app/b, c/d"]],
	["texts", ["a,b c"], ["a,b c"]],
])("a list of %s, %j, is %j", (several, given, list) => {
	expect(listOf(given, several)).toEqual(list);
});

test("a text that is given several times is a list", () => {
	const texts = intent({ params: z.object({ match: matchFlag() }), run });
	const parsed = parseCommand("find", texts, ["--match", "a,b", "--match=-c"], NOW);
	expect([parsed.params, parsed.typed]).toEqual([{ match: ["a,b", "-c"] }, { match: ["a,b", "-c"] }]);
	expect(() => parseCommand("find", texts, ["--match", "-c"], NOW)).toThrow("--match needs a value");
	expect(() => parseCommand("find", texts, ["--match", ""], NOW)).toThrow("--match must be one line of text");
});

describe("help", () => {
	const entry = (some: Partial<IntentEntry> = {}): IntentEntry => ({
		...{ handler: "handlers/do-one", summary: "Does one", effect: "read", confirm: false, secrets: [], phrases: [] },
		...some,
	});

	test("of an intent: usage, effect, its flags, and those of every intent", () => {
		expect(helpFor("do-one", one, entry({ effect: "destructive", confirm: true }))).toBe(`do-one RUN_ID [flags]
Does one (destructive; shows a plan first).
  RUN_ID                   the run
  --function APP/FUNCTION  one function
  --since TIME             from this time on
  --from-step STEP         start there
  --data JSON              payload (JSON, @file or - for stdin)
  --limit N                1 to 100
  --with-runs              runs too
Everywhere:
  --env NAME               environment on Inngest Cloud
  --dev                    use the dev server
  --json                   the parsed answer as JSON
  --curl                   print the request, send nothing
  --timeout DURATION       per request (default 30s) or per wait (default 60s)
  --confirm CODE           act on the plan with this code`);
	});

	test("--confirm shows only where a confirmation can be asked for", () => {
		expect(helpFor("get-run", getRun, entry())).not.toContain("--confirm");
		expect(
			helpFor("do-several", several, entry({ effect: "write", confirm: 100 }))
				.split("\n")
				.slice(0, 2),
		).toEqual(["do-several RUN_ID… --app APP [flags]", "Does one (write; shows a plan first above 100 events)."]);
	});

	test("in brackets what may be omitted", () => {
		const any = intent({ params: z.object({ ids: runIds(), since: sinceDay() }), run });
		expect(helpFor("do-any", any, entry()).split("\n")[0]).toBe("do-any [RUN_ID…] [flags]");
		const first = intent({
			params: z.object({ id: flag(z.optional(z.clone(line)), "an id", "ID", { position: "one" }) }),
			run,
		});
		expect(helpFor("do-first", first, entry()).split("\n")[0]).toBe("do-first [ID] [flags]");
	});

	test("of all: every intent under its effect", async () => {
		const manifest =
			await parseManifest(`{name: x, version: 1.2.3, secrets: {INNGEST_API_KEY: a, INNGEST_SIGNING_KEY: b, INNGEST_EVENT_KEY: c}, settings: {}, hosts: [], intents: {
			list-runs: {handler: handlers/x, summary: Runs, effect: read, phrases: []},
			send-event: {handler: handlers/x, summary: Send, effect: write, phrases: []},
			cancel-run: {handler: handlers/x, summary: Cancel, effect: destructive, phrases: []}}}`);
		expect(helpAll(manifest)).toBe(`inngest 1.2.3: <intent> [id] [--flag value …]; \`<intent> --help\` for its flags
Read:
  list-runs         Runs
Write:
  send-event        Send
Destructive (a plan and a code first):
  cancel-run        Cancel`);
	});
});

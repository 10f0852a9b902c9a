import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { intentEntry, nearest, parseManifest, readManifest, readPlain } from "../../lib/gate/manifest.ts";
import { UsageError } from "../../lib/text/errors.ts";

const SMALL = `name: inngest
version: 2.0.0
secrets:
  INNGEST_API_KEY: a
  INNGEST_SIGNING_KEY: b
  INNGEST_EVENT_KEY: c
settings:
  INNGEST_ENV: d
hosts:
  - https://api.inngest.com
intents:
  list-runs:
    handler: handlers/list-runs
    summary: Runs
    effect: read
    phrases: [what ran?]
  send-events:
    handler: handlers/send-events
    summary: Send
    effect: write
    confirm: 100
    secrets: [INNGEST_EVENT_KEY]
    phrases: []
`;

const wrong = (at: string) => new UsageError(`skill.yaml is wrong at ${at}: Invalid input`, "Reinstall the skill.");

describe("readPlain, without the YAML library", () => {
	const whole = readFileSync(new URL("../../skill.yaml", import.meta.url), "utf8");

	test("reads skill.yaml as YAML does", () => {
		expect(readPlain(whole)).toEqual(parse(whole));
	});

	test.each([
		...[
			"a:",
			"a: b\na: c",
			"a: b\n  c: d",
			"a:\n- b",
			"a:\n  - b\n  c: d",
			"a:\n    b: c",
			" a: b",
			"- b\n-",
			"---\na: b",
		],
		...["~", "null", "Null", "True", "0x1F", "1e5", "1.5", "-1", "007", "0"].map((value) => `a: ${value}`),
		...[
			"b # c",
			"b: c",
			"b:",
			"- b",
			"'b'",
			'"b',
			'"\\u0041"',
			'"a" b',
			"|",
			">",
			"&b c",
			"*b",
			"!!str b",
			"@b",
			"é",
		].map((value) => `a: ${value}`),
		...["[]", "[a]", "[INNGEST_A, [INNGEST_B]]", '["a",\n  "b"]', "{ b: c }"].map((value) => `a: ${value}`),
		...["null: a", "True: a", "FALSE: a", "a:\n  true: b", '"a": b', "? a\n: b", "a: b\r\nc: d", "a:\tb", "text", ""],
	])("leaves %j to it", (source) => {
		expect(readPlain(source)).toBeUndefined();
	});

	test("never differs from it, whatever is edited", () => {
		const some = whole.split("  get-run:")[0] ?? "";
		const bits = [
			..." :-#\"'[]{},|>&*!?%@~\\\n",
			"  ",
			": ",
			" #",
			"- ",
			"null",
			"true",
			"True",
			"12",
			"1.5",
			"---\n",
			"__proto__",
		];
		const edit = fc.tuple(fc.nat(some.length), fc.nat(3), fc.constantFrom("", ...bits));
		let plain = 0;
		fc.assert(
			fc.property(fc.array(edit, { minLength: 1, maxLength: 2 }), (edits) => {
				const text = edits.reduce((all, [at, cut, bit]) => all.slice(0, at) + bit + all.slice(at + cut), some);
				const read = readPlain(text);
				if (read === undefined) return;
				plain += 1;
				expect(read).toEqual(parse(text, { maxAliasCount: 0, logLevel: "error" }));
			}),
			{ numRuns: 500 },
		);
		expect(plain).toBeGreaterThan(50);
	});
});

describe("parseManifest", () => {
	test("reads a manifest; an intent lists no secrets and needs no confirmation unless it says so", async () => {
		expect(await parseManifest(SMALL)).toEqual({
			name: "inngest",
			version: "2.0.0",
			secrets: { INNGEST_API_KEY: "a", INNGEST_SIGNING_KEY: "b", INNGEST_EVENT_KEY: "c" },
			settings: { INNGEST_ENV: "d" },
			hosts: ["https://api.inngest.com"],
			intents: {
				"list-runs": {
					handler: "handlers/list-runs",
					summary: "Runs",
					effect: "read",
					confirm: false,
					secrets: [],
					phrases: ["what ran?"],
				},
				"send-events": {
					handler: "handlers/send-events",
					summary: "Send",
					effect: "write",
					confirm: 100,
					secrets: ["INNGEST_EVENT_KEY"],
					phrases: [],
				},
			},
		});
	});

	test.each([
		["an unknown key", "version: 2.0.0", "version: 2.0.0\nextra: 1", "extra"],
		["an unknown key of an intent", "effect: read", "effect: read\n    post: x", "intents.list-runs.post"],
		["an unknown effect", "effect: read", "effect: reed", "intents.list-runs.effect"],
		["a handler elsewhere", "handlers/list-runs", "handlers/../x", "intents.list-runs.handler"],
		["a secret that does not exist", "[INNGEST_EVENT_KEY]", "[HOME]", "intents.send-events.secrets.0"],
		["a setting of another name", "INNGEST_ENV", "PATH", "settings.PATH"],
		["a host with a path", "https://api.inngest.com", "https://api.inngest.com/v1", "hosts.0"],
		["a host of another protocol", "https://api.inngest.com", "file:///etc", "hosts.0"],
		["a confirmation above no event", "confirm: 100", "confirm: 0", "intents.send-events.confirm"],
		["a confirmation in words", "confirm: 100", "confirm: sometimes", "intents.send-events.confirm"],
		["a POST by a pattern", "effect: read", "effect: read\n    posts: /v2/.*", "intents.list-runs.posts"],
		["several POSTs", "effect: read", "effect: read\n    posts: [/a, /b]", "intents.list-runs.posts"],
		["a version that is not one", "2.0.0", "two", "version"],
		["no summary", "    summary: Runs\n", "", "intents.list-runs.summary"],
	])("refuses %s, and says where", async (_, from, to, at) => {
		expect(SMALL).toContain(from);
		await expect(parseManifest(SMALL.replace(from, to))).rejects.toThrow(wrong(at));
	});

	test("refuses an intent whose name is no plain name", async () => {
		for (const name of ["List", "../x", "a b", ""])
			await expect(parseManifest(SMALL.replace("list-runs:", `"${name}":`))).rejects.toThrow(
				/^skill.yaml is wrong at intents/,
			);
	});

	test.each(["", "- a\n- b", "text", "42"])("refuses %j, which is no map", async (source) => {
		await expect(parseManifest(source)).rejects.toThrow(/^skill.yaml is wrong at the top: Invalid input$/);
	});

	test("an intent can't be called __proto__", async () => {
		const { intents } = await parseManifest(SMALL.replace("list-runs:", '"__proto__":'));
		expect(Object.keys(intents)).toEqual(["send-events"]);
	});

	test("refuses what is not YAML", async () => {
		await expect(parseManifest("name: [")).rejects.toThrow(/^skill.yaml is not valid YAML: /);
		await expect(parseManifest(SMALL.replace("name: inngest", "name: a\nname: b"))).rejects.toThrow(
			/^skill.yaml is not valid YAML: Map keys must be unique/,
		);
	});

	test("refuses any alias, so that none can multiply", async () => {
		const bomb = [
			"a: &a [x,x,x]",
			..."bcdefgh".split("").map((key, i) => `${key}: &${key} [${`*${"abcdefg"[i]},`.repeat(9)}]`),
		];
		await expect(parseManifest(`${bomb.join("\n")}\n`)).rejects.toThrow(
			/^skill.yaml is not valid YAML: Alias resolution is disabled/,
		);
		await expect(
			parseManifest(SMALL.replace("summary: Send", "summary: *s").replace("summary: Runs", "summary: &s Runs")),
		).rejects.toThrow(/^skill.yaml is not valid YAML: /);
	});
});

describe("the skill's own manifest", async () => {
	const manifest = await readManifest();

	test("every handler exists, and every intent is called as its handler", () => {
		for (const [name, { handler }] of Object.entries(manifest.intents)) {
			expect(handler).toBe(`handlers/${name}`);
			expect(existsSync(new URL(`../../${handler}.ts`, import.meta.url))).toBe(true);
		}
	});

	test("whatever is destructive needs a confirmation, and no read does", () => {
		const effects = Object.entries(manifest.intents).map(([name, { effect, confirm }]) => [name, effect, confirm]);
		expect(effects.filter(([, effect, confirm]) => effect === "destructive" && confirm !== true)).toEqual([]);
		expect(effects.filter(([, effect, confirm]) => effect === "read" && confirm !== false)).toEqual([]);
	});
});

describe("intentEntry", async () => {
	const manifest = await parseManifest(SMALL);

	test("finds an intent by its exact name", () => {
		expect(intentEntry(manifest, "list-runs")).toBe(manifest.intents["list-runs"]);
	});

	test.each([
		["list-run", 'There is no intent "list-run".', "Did you mean list-runs? `help` lists all."],
		["List-Runs", 'There is no intent "List-Runs".', "Did you mean list-runs? `help` lists all."],
		["toString", 'There is no intent "toString".', "`help` lists all intents."],
		["__proto__", 'There is no intent "__proto__".', "`help` lists all intents."],
		["\u001b[31mx\nyz", 'There is no intent "x yz".', "`help` lists all intents."],
		["", 'There is no intent "".', "`help` lists all intents."],
	])("refuses %j, with the nearest name if there is one", (name, message, next) => {
		expect(() => intentEntry(manifest, name)).toThrow(new UsageError(message, next));
	});
});

describe("nearest", () => {
	const names = ["list-runs", "list-events", "get-run", "cancel-run", "cancel-runs", "triage-failures"];

	test.each([
		["list-rnus", "list-runs"],
		["LIST-EVENT", "list-events"],
		["getrun", "get-run"],
		["cancel-run", "cancel-run"],
		["triage", "triage-failures"],
		["failures", "triage-failures"],
		["deploy", undefined],
		["ru", undefined],
		["x", undefined],
		["", undefined],
	])("%s → %s", (word, name) => {
		expect(nearest(word, names)).toBe(name);
	});

	test("is bounded", () => {
		expect(nearest("x".repeat(1_000_000), names)).toBeUndefined();
		expect([nearest("a", []), nearest("z", ["id"])]).toEqual([undefined, undefined]);
	});

	test.each([
		["farm/settlement.booked", undefined],
		["farm/settlement.du", "farm/settlement.due"],
		["farm/settlment.due", "farm/settlement.due"],
		["library/hold.place", "library/hold.placed"],
		["library/hold.picked_up", undefined],
		["hold.placed", "library/hold.placed"],
	])("%s of names that begin alike → %s", (word, name) => {
		expect(nearest(word, ["farm/settlement.due", "library/hold.placed"])).toBe(name);
	});

	test("shares half of it", () => {
		expect(nearest("yes", ["dev", "env"])).toBeUndefined();
		expect(nearest("all", ["app"])).toBeUndefined();
		expect(nearest("at", ["data"])).toBeUndefined();
		expect([nearest("jsno", ["json"]), nearest("id", ["ids"])]).toEqual(["json", "ids"]);
		expect(nearest("tok", ["tick"])).toBe("tick");
	});
});

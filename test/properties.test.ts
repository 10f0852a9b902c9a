/** Bad input at scale: properties of the command line, the manifest parser, event validation, times and texts. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCommand } from "../lib/cli/args.ts";
import { toJson } from "../lib/cli/run.ts";
import { normalise } from "../lib/decide/triage.ts";
import { parseJson } from "../lib/gate/input.ts";
import { intentEntry, nearest, parseManifest } from "../lib/gate/manifest.ts";
import { failureIn } from "../lib/inngest/trace.ts";
import { faultOf } from "../lib/sending/events.ts";
import { survey } from "../lib/sending/stream.ts";
import { UsageError } from "../lib/text/errors.ts";
import { readDuration, readTime } from "../lib/text/nouns.ts";
import { ago, clean, duration, excerpt, lines, mask, quote, stamp, word } from "../lib/text/text.ts";
import { type InngestServer, startServer } from "./inngest-server/server.ts";
import { type Call, many } from "./many.ts";

const root = join(import.meta.dirname, "..");
const YAML = readFileSync(join(root, "skill.yaml"), "utf8");
const manifest = await parseManifest(YAML);
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/u;
const RUN = "01M85369BX39BZFM3TC50ACTFC";

/** Texts with troublesome parts: quotes, line breaks, escapes, hidden characters, lone surrogates, pieces of secrets. */
const piece = fc.oneof(
	{ weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
	{ weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
	{
		weight: 3,
		arbitrary: fc.constantFrom(
			..."\n|\r\n|\t|\u001b[31m|\u001b]0;x\u0007|\u001b|\u202e|\u200b|\u{e0041}|\ud800|\udc00|🚀".split("|"),
			...`« » ]( ![ ] ( ! [ < <b [masked] = : . ' " \\ :// a://b: @ /`.split(" "),
			...`sk- sk-abcdefgh eyJ password token ghp_ AKIA 0123456789abcdef null`.split(" "),
			...["Bearer ", "Basic ", "-----BEGIN ", "PRIVATE KEY-----", " "],
		),
	},
);
const hostile = fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(""));

/** A refusal says why in one line and what to do in another, in visible characters. */
function isRefusal(error: unknown, what: string): void {
	if (!(error instanceof UsageError)) throw new Error(`${what}: ${error instanceof Error ? error.stack : error}`);
	expect(error.exit).toBe(2);
	for (const text of [error.message, error.next]) {
		expect(text.length, what).toBeLessThan(500);
		expect(text, what).toMatch(/\S/);
		expect(HIDDEN.test(text), `${what}: ${JSON.stringify(text)}`).toBe(false);
		expect(text, what).not.toMatch(/node:internal|\bat \S+:\d+:\d+/);
	}
}

describe("the command line", async () => {
	const intents = await Promise.all(
		Object.keys(manifest.intents).map(async (name) => {
			const { default: intent } = await import(`../handlers/${name}.ts`);
			return { name, intent };
		}),
	);
	const names = (intent: (typeof intents)[number]["intent"]): string[] =>
		Object.keys(intent.params.shape).map((key) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
	const value = fc.oneof(
		hostile,
		fc.constantFrom(
			RUN,
			RUN.toLowerCase(),
			"shop/import-catalog",
			"24h",
			"2026-11-23T08:00:00Z",
			"failed",
			"10",
			"-1",
			"{}",
			"[]",
			'{"a":1}',
			"1e400",
			"null",
			"",
			"-",
			"--",
			"=",
			"a=b",
			"@",
			"@/nowhere",
			"@\u202e",
			"--help=1",
			"--json=1",
			"__proto__",
			"--__proto__",
			"--constructor",
		),
		fc.json({ maxDepth: 2 }),
	);

	test("anything typed is understood or refused, for every intent", () => {
		const words = (flagNames: string[]) =>
			fc.array(
				fc.oneof(
					value,
					fc.constantFrom(...flagNames, "--env", "--dev", "--curl", "--timeout", "--confirm", "--help"),
					fc.tuple(fc.constantFrom(...flagNames, "--timeout", "--env"), value).map(([flag, one]) => `${flag}=${one}`),
				),
				{ maxLength: 6 },
			);
		for (const { name, intent } of intents)
			fc.assert(
				fc.property(words(["--json", ...names(intent)]), (argv) => {
					// Standard input is this process's own.
					fc.pre(!argv.some((one) => one === "-" || one.endsWith("=-")));
					try {
						const { params, globals } = parseCommand(name, intent, argv, Date.now());
						expect(typeof params).toBe("object");
						expect(globals.timeout === undefined || globals.timeout >= 1).toBe(true);
					} catch (error) {
						isRefusal(error, `${name} ${JSON.stringify(argv)}`);
					}
				}),
				{ numRuns: 150 },
			);
	});

	test("as a name of an intent, too", () => {
		fc.assert(
			fc.property(hostile, (name) => {
				fc.pre(!Object.hasOwn(manifest.intents, name));
				try {
					intentEntry(manifest, name);
					expect.fail(name);
				} catch (error) {
					isRefusal(error, name);
				}
				nearest(name, Object.keys(manifest.intents));
			}),
			{ numRuns: 300 },
		);
	});

	describe("in the built folder", () => {
		let server: InngestServer;
		beforeAll(async () => {
			server = await startServer({ kind: "self-hosted", eventKey: "event-key", signingKey: "5163a1b2" });
		});
		afterAll(() => server.close());

		test("what is refused sends nothing, and nothing ends in a stack trace", async () => {
			const env = { INNGEST_BASE_URL: server.url, INNGEST_EVENT_KEY: "event-key", INNGEST_SIGNING_KEY: "5163a1b2" };
			const calls = intents.flatMap(({ name, intent }, i): Call[] =>
				fc
					.sample(
						fc.array(fc.oneof(value, fc.constantFrom("--json", "--curl", ...names(intent))), {
							minLength: 1,
							maxLength: 4,
						}),
						{ numRuns: 12, seed: i },
					)
					.map((argv) => ({
						args: [name, "--timeout", "50ms", ...argv.map((one) => one.replaceAll("\u0000", ""))],
						env,
					})),
			);
			const outcomes = await many(calls);
			expect(outcomes.filter(({ code }) => code === 2).length).toBeGreaterThan(100);
			for (const [i, { code, stdout, stderr, ms }] of outcomes.entries()) {
				const what = JSON.stringify(calls[i]?.args);
				expect([0, 1, 2, 3], what).toContain(code);
				expect(stdout + stderr, what).not.toMatch(/The skill itself failed|UNCAUGHT|\n\s+at /);
				if (code !== 2) continue;
				expect(stdout, what).toBe("");
				expect(stderr.length, what).toBeLessThan(1_500);
				expect(HIDDEN.test(stderr.replaceAll("\n", "")), what).toBe(false);
				expect(ms, what).toBeLessThan(10_000);
			}
			// Those that were refused, once more alone.
			server.clearRequests();
			await many(calls.filter((_, i) => outcomes[i]?.code === 2 && /nothing was sent/.test(outcomes[i]?.stderr ?? "")));
			expect(server.requests.filter(({ method }) => method !== "GET")).toEqual([]);
		});
	});

	test("JSON is parsed, or refused", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					hostile,
					fc.json(),
					fc
						.tuple(fc.json(), fc.nat(), hostile)
						.map(([json, at, text]) => json.slice(0, at % (json.length + 1)) + text),
				),
				(text) => {
					let expected: unknown;
					try {
						expected = JSON.parse(text);
					} catch {
						expected = undefined;
					}
					try {
						expect(parseJson(text, "--data")).toEqual(expected);
					} catch (error) {
						isRefusal(error, text);
					}
				},
			),
			{ numRuns: 500 },
		);
	});

	test("large JSON is read in no time", () => {
		const began = performance.now();
		for (const text of [
			JSON.stringify("[".repeat(1e6)),
			`[${"1,".repeat(5e5)}1]`,
			JSON.stringify("\\".repeat(5e5)),
			`"${"1".repeat(1e6)}"`,
		])
			parseJson(text, "--data");
		expect(() => parseJson("1".repeat(1e6), "--data")).toThrow(/numbers of 2\^53 or more/);
		expect(performance.now() - began).toBeLessThan(5_000);
	});
});

describe("the manifest reader", () => {
	test("takes anything, and answers a manifest or what is wrong with it", async () => {
		const parts = YAML.split("\n");
		const mutated = fc
			.array(
				fc.tuple(fc.nat(parts.length - 1), fc.constantFrom("drop", "double", "replace", "indent", "append"), hostile),
				{ minLength: 1, maxLength: 3 },
			)
			.map((changes) => {
				const copy = [...parts];
				for (const [at, how, text] of changes) {
					const line = copy[at] ?? "";
					copy[at] =
						how === "drop"
							? ""
							: how === "double"
								? `${line}\n${line}`
								: how === "replace"
									? text
									: how === "indent"
										? `  ${line}`
										: line + text;
				}
				return copy.join("\n");
			});
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(
					{ weight: 3, arbitrary: mutated },
					{ weight: 1, arbitrary: hostile },
					{ weight: 1, arbitrary: fc.json() },
				),
				async (text) => {
					try {
						const read = await parseManifest(text);
						// Whatever was parsed, no intent can do more than its entry says.
						for (const [name, entry] of Object.entries(read.intents)) {
							expect(name).toMatch(/^[a-z-]+$/);
							expect(entry.handler).toMatch(/^handlers\/[a-z-]+$/);
							expect(["read", "write", "destructive"]).toContain(entry.effect);
						}
						for (const host of read.hosts)
							expect(new URL(host).origin).toBe(
								host.replace(/:(80|443)$/, (port) => (host.startsWith("https") === (port === ":443") ? "" : port)),
							);
					} catch (error) {
						isRefusal(error, text);
					}
				},
			),
			{ numRuns: 300 },
		);
	});

	test("refuses what is deep or long, and ends", async () => {
		for (const text of [
			"[".repeat(50_000),
			"{a: ".repeat(5_000),
			"- ".repeat(20_000),
			"a:\n".repeat(20_000),
			`a: ${"x".repeat(1e6)}`,
			"#".repeat(1e6),
			"&a ".repeat(10_000),
			"? ".repeat(5_000),
		])
			await expect(parseManifest(text)).rejects.toThrow(UsageError);
	});
});

describe("events", () => {
	let server: InngestServer;
	beforeAll(async () => {
		server = await startServer({ kind: "dev", countOnly: true });
	});
	afterAll(() => server.close());
	const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
	const any = fc.oneof(
		fc.jsonValue({ maxDepth: 2 }),
		fc.constantFrom(
			"",
			"inngest/a",
			"INNGEST/a",
			"a/b",
			0,
			1.5,
			1e12,
			4_102_444_800_001,
			1795474756000,
			-1,
			null,
			[],
			{},
		),
	);
	const event = fc.record(
		{
			name: fc.oneof(
				{
					weight: 4,
					arbitrary: fc.constantFrom(
						"a/b",
						"shop/order.created",
						"Inngest/x",
						"inngest/x",
						" ",
						"",
						"é",
						"a\u202eb",
						"x".repeat(257),
					),
				},
				{ weight: 1, arbitrary: any },
			),
			data: maybe(
				fc.oneof(
					{ weight: 4, arbitrary: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }) },
					{ weight: 1, arbitrary: any },
				),
			),
			user: maybe(fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: any })),
			id: maybe(fc.oneof({ weight: 4, arbitrary: fc.string() }, { weight: 1, arbitrary: any })),
			ts: maybe(
				fc.oneof(
					{
						weight: 3,
						arbitrary: fc.constantFrom(
							1795474756000,
							315_532_800_000,
							4_102_444_800_000,
							4_102_444_800_001,
							315_532_799_999,
							0,
							1795474756,
						),
					},
					{ weight: 1, arbitrary: fc.double() },
					{ weight: 1, arbitrary: any },
				),
			),
			v: maybe(fc.oneof({ weight: 4, arbitrary: fc.constantFrom("1", "") }, { weight: 1, arbitrary: any })),
			extra: maybe(any),
		},
		{ requiredKeys: [] },
	);

	/** What is said of a line that follows another. */
	const faultInStream = (text: string): string | undefined => {
		const texts = () => [`{"name":"a"}\n${text}`];
		return survey({ name: "a", kind: "file", texts }, 1e6, 0).faults[0]?.said;
	};

	test("one that is accepted here is accepted by the server, alone and in a stream; a refused one has a reason", {
		timeout: 30_000,
	}, async () => {
		await fc.assert(
			fc.asyncProperty(fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: any }), async (value) => {
				const text = JSON.stringify(value) ?? "null";
				const fault = faultOf(JSON.parse(text));
				const streamed = faultInStream(text);
				if (fault === undefined) {
					const response = await fetch(`${server.url}/e/key`, { method: "POST", body: text });
					expect([response.status, text]).toEqual([200, text]);
				} else expect(clean(fault, 300)).toMatch(/\S/);
				if (fault !== undefined) expect(streamed, text).toBe(fault);
				else if (streamed !== undefined) expect(streamed).toMatch(/put it in quotes$/);
			}),
			{ numRuns: 400 },
		);
	});

	test("what is no JSON is refused", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string({ minLength: 1, maxLength: 40 }),
					fc
						.tuple(event, fc.nat(), piece)
						.map(([value, at, text]) => JSON.stringify(value).slice(0, at % JSON.stringify(value).length) + text),
				),
				(text) => {
					fc.pre(text.trim() !== "" && !text.includes("\n"));
					let good = true;
					try {
						JSON.parse(text);
					} catch {
						good = false;
					}
					const fault = faultInStream(text);
					if (!good) expect(fault).toBe("not valid JSON, or nested too deeply");
					if (fault !== undefined) expect(HIDDEN.test(fault), JSON.stringify(fault)).toBe(false);
				},
			),
			{ numRuns: 500 },
		);
	});
});

describe("times", () => {
	const NOW = Date.UTC(2026, 10, 24);

	test("a duration is read as it is printed", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 100 * 86_400_000 }), (ms) => {
				const read = readDuration(duration(ms));
				expect(read).toBeDefined();
				expect(Math.abs((read ?? 0) - ms)).toBeLessThanOrEqual(
					ms < 1000 ? 0 : ms < 60_000 ? 100 : ms < 3_600_000 ? 1000 : ms < 86_400_000 ? 60_000 : 3_600_000,
				);
			}),
		);
	});

	test("units add up", () => {
		const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.nat(9999), fc.constantFrom<keyof typeof unit>("ms", "s", "m", "h", "d", "w")), {
					minLength: 1,
					maxLength: 4,
				}),
				(parts) => {
					expect(readDuration(parts.map(([n, name]) => `${n}${name}`).join(""))).toBe(
						parts.reduce((sum, [n, name]) => sum + n * unit[name], 0),
					);
				},
			),
		);
	});

	test("a moment comes back as it was written, in any offset", () => {
		const date = fc.date({
			min: new Date("1970-01-02T00:00:00Z"),
			max: new Date("9999-12-29T00:00:00Z"),
			noInvalidDate: true,
		});
		fc.assert(
			fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, minutes) => {
				fc.pre(at.getTime() > 86_400_000);
				expect(readTime(at.toISOString(), NOW)).toBe(at.toISOString());
				const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1);
				const offset = `${minutes < 0 ? "-" : "+"}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0")}:${String(Math.abs(minutes) % 60).padStart(2, "0")}`;
				expect(readTime(local + offset, NOW)).toBe(at.toISOString());
			}),
		);
	});

	test("anything else is no time; what is one is RFC 3339 and no later than it can be", () => {
		const text = fc.oneof(
			hostile,
			fc.stringMatching(
				/^\d{1,5}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?([zZ]|[+-]\d\d:?\d\d)?)?$/,
			),
			fc.stringMatching(/^[\d.]{1,12}(ms|s|m|h|d|w|y)?$/),
		);
		fc.assert(
			fc.property(text, (value) => {
				const ms = readDuration(value);
				if (ms !== undefined) expect(Number.isFinite(ms) && ms >= 0).toBe(true);
				const at = readTime(value, NOW);
				if (at === undefined) return;
				expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
				expect(Date.parse(at)).toBeGreaterThan(0);
			}),
			{ numRuns: 1000 },
		);
	});

	test("any number can be told", () => {
		fc.assert(
			fc.property(fc.double({ noNaN: true, min: 0 }), fc.double({ noNaN: true, min: 0 }), (a, b) => {
				for (const told of [duration(a), ago(a, b), stamp(a)]) expect(told).toMatch(/\S/);
				expect(stamp(a)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
			}),
		);
	});
});

describe("texts", () => {
	const isClean = (text: string): void => {
		expect(HIDDEN.test(text), JSON.stringify(text)).toBe(false);
		expect(text).not.toMatch(/!\[|\]\(/);
	};

	test("clean: one bounded line without marks; cleaning again changes nothing", () => {
		fc.assert(
			fc.property(hostile, fc.integer({ min: 1, max: 200 }), (text, max) => {
				const line = clean(text, max);
				isClean(line);
				expect(line).not.toMatch(/[«»]/);
				expect(Array.from(line).length).toBeLessThanOrEqual(max + 12);
				if (!line.includes("…")) expect(clean(line, line.length + 1)).toBe(line);
			}),
			{ numRuns: 1000 },
		);
	});

	test("quote, word and excerpt: marks around, none inside, no live tag", () => {
		fc.assert(
			fc.property(hostile, fc.jsonValue(), fc.integer({ min: 10, max: 300 }), (text, value, max) => {
				for (const marked of [
					quote(text, max),
					excerpt(text, max),
					excerpt(value, max),
					excerpt({ [text]: text, list: [text, value] }, max),
					word(text),
				]) {
					isClean(marked);
					if (/^[\w.:/@+-]{1,120}$/.test(marked)) continue;
					expect(marked).toMatch(/^«[^«»]*»$/);
					expect(marked).not.toMatch(/<[a-z/!@#]/i);
					// Short values are shown whole, however little room there is.
					expect(Array.from(marked).length).toBeLessThanOrEqual(Math.max(max, 400) + 100);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test("mask: what is masked stays masked", () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const masked = mask(text);
				expect(mask(masked)).toBe(masked);
			}),
			{ numRuns: 2000 },
		);
	});

	test("toJson: JSON of visible characters, the same again; nothing is polluted", () => {
		const value = fc.oneof(
			fc.jsonValue(),
			fc.dictionary(
				fc.oneof(hostile, fc.constantFrom("__proto__", "constructor", "password", "toString")),
				fc.oneof(hostile, fc.jsonValue()),
				{ maxKeys: 4 },
			),
		);
		fc.assert(
			fc.property(value, (one) => {
				const json = toJson(one);
				expect(HIDDEN.test(json), json).toBe(false);
				expect(/\\ud[89ab]..(?!\\ud[c-f])/.test(json.replaceAll("\\\\", "")), json).toBe(false);
				expect(toJson(JSON.parse(json))).toBe(json);
				expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12);
			}),
			{ numRuns: 500 },
		);
	});

	test("lines: what strangers say is explained once, at the end", () => {
		fc.assert(
			fc.property(fc.array(hostile, { maxLength: 5 }), (texts) => {
				const answer = lines(
					"1 thing",
					texts.map((text) => `  ${quote(text)}`),
				);
				expect(answer.split("\n")).toHaveLength(1 + texts.length + (texts.length ? 1 : 0));
			}),
		);
	});

	test("an error of any form is told", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.jsonValue(),
					fc.record({ name: fc.jsonValue(), message: fc.jsonValue(), stack: fc.oneof(fc.jsonValue(), hostile) }),
				),
				(output) => {
					const failure = failureIn(output);
					if (failure === undefined) return;
					expect([typeof failure.name, typeof failure.message]).toEqual(["string", "string"]);
					normalise(failure.message);
				},
			),
		);
	});

	test("a megabyte takes no longer than its length, whatever it repeats", () => {
		const parts = [
			..."x| |\n|«|\u200b|\u001b|\u001b[|\u001b]|\u001b[0|\tat |at a|File |1,|Bearer |Basic |Basic a|Basic A ".split(
				"|",
			),
			...`]( ![ <b \\ " \\" [masked] eyJ- eyJa eyJ. sk- sk-a -sk_ ghp_ AKIA AIza Bearer`.split(" "),
			..."-----BEGIN |-----BEGIN A|-----BEGIN PRIVATE KEY-----|-----|token =|token  ".split("|"),
			...`a:// a://b: a.a. :// a: @ a+ token token= password\\ secret" api_key key= =a ' 0 0. a0- a/ a:1`.split(" "),
			"`",
		];
		const stack = (text: string) => failureIn({ name: text, message: text, stack: `Error\n    at ${text}` });
		const works: [string, (text: string) => unknown][] = [
			["clean", (text) => clean(text, 300)],
			["excerpt", (text) => excerpt({ a: text, [text]: [text] })],
			[
				"toJson",
				(text) =>
					toJson({ a: text, [text]: Array.from({ length: 10 }, (_, i) => text.slice(i * 20_000, (i + 1) * 20_000)) }),
			],
			["normalise", normalise],
			["failureIn", stack],
			["word", word],
		];
		/** Microseconds of this process's own work, without what else the machine does. */
		const cost = (work: () => unknown): number => {
			const before = process.cpuUsage();
			work();
			return process.cpuUsage(before).user;
		};
		// With ten times the text, quadratic work takes a hundred times as long.
		const growsWithItsSquare = (work: (size: number) => unknown): boolean =>
			[1, 2, 3].every(() => cost(() => work(1_000_000)) > 30 * cost(() => work(100_000)) + 200_000);
		for (const part of parts)
			for (const [name, work] of works) {
				const grows = growsWithItsSquare((size) => work(part.repeat(Math.ceil(size / part.length))));
				expect(grows, `${name} of ${JSON.stringify(part)}`).toBe(false);
			}
	});
});

import { describe, expect, test } from "vitest";
import { aWorld } from "../world.ts";
import { ALONE, type Answers, AT, alsoAnswered, answered, call, ok, PLACES, type Reply, textOf } from "./call.ts";
import { aRun, storyOf } from "./event-bodies.ts";

alsoAnswered(ALONE);

const SIGNALS = "POST /v1/signals";
const RUN = "01M8AVT6QXQYYQSVQJDAJME243";
const RESUMED = answered("signal: resumes wait-signal 9", "kitchen");
const send = (reply: Reply, ...argv: string[]) => call("dev", ["send-signal", "sig-9", ...argv], { [SIGNALS]: reply });

describe("send-signal", () => {
	test("says which run went on, as recorded on either kind of server", async () => {
		const argv = ["send-signal", "sig-9", "--data", '{"from":"api"}'];
		const calls = {
			dev: await call("dev", argv, { [SIGNALS]: RESUMED }),
			"self-hosted": await call("self-hosted", argv, { [SIGNALS]: RESUMED }),
			cloud: await call("cloud", argv, { [SIGNALS]: RESUMED }, { env: { INNGEST_API_KEY: undefined } }),
		};
		expect(textOf(calls)).toMatchInlineSnapshot(`
			"Sent signal sig-9: run 01M8AVT6QXQYYQSVQJDAJME243, which waited for it, resumes (dev server localhost:8288).
			Next: wait-for-run 01M8AVT6QXQYYQSVQJDAJME243"
		`);
		expect([calls.dev.json, calls.dev.exit, calls.dev.to]).toMatchInlineSnapshot(`
			[
			  {
			    "runId": "01M8AVT6QXQYYQSVQJDAJME243",
			  },
			  0,
			  "stdout",
			]
		`);
		expect(PLACES.map((place) => calls[place].asked)).toMatchInlineSnapshot(`
			[
			  [
			    "POST /v1/signals {"signal":"sig-9","data":{"from":"api"}}",
			  ],
			  [
			    "POST /v1/signals by INNGEST_SIGNING_KEY {"signal":"sig-9","data":{"from":"api"}}",
			  ],
			  [
			    "POST /v1/signals by INNGEST_SIGNING_KEY in production {"signal":"sig-9","data":{"from":"api"}}",
			  ],
			]
		`);
		const there = answered("signal: resumes wait-signal 9", "kitchen-self-hosted");
		expect((await call("self-hosted", argv, { [SIGNALS]: there })).text).toMatchInlineSnapshot(`
			"Sent signal sig-9: run 01M8AVXMXFX1JAE5EHM9J33XPS, which waited for it, resumes (self-hosted inngest.example.com).
			Next: wait-for-run 01M8AVXMXFX1JAE5EHM9J33XPS"
		`);
	});

	test("a response without a run or a 404, as a proxy's 204, leaves open whether it arrived", async () => {
		const { text, exit } = await send({ status: 204, body: "" });
		expect([text, exit]).toMatchInlineSnapshot(`
			[
			  "dev server localhost:8288 answered POST /v1/signals with unexpected data. It is unclear whether the call took effect; it was not retried.
			Next: list-runs --status running --with-waits (shows what each waits for)",
			  1,
			]
		`);
	});

	test("sends any JSON as data, or none", async () => {
		const body = async (...argv: string[]) => (await send(RESUMED, ...argv)).requests[0]?.body;
		expect([
			await body(),
			await body("--data", "null"),
			await body("--data", "[1]"),
			await body("--data", '"text"'),
		]).toEqual([
			{ signal: "sig-9" },
			{ signal: "sig-9", data: null },
			{ signal: "sig-9", data: [1] },
			{ signal: "sig-9", data: "text" },
		]);
	});

	test("waits for the run that it lets go on", async () => {
		const run = aRun(1, { id: RUN, function: { id: "wait-signal" } });
		const { text, exit, json } = await call("dev", ["send-signal", "sig-9", "--wait"], {
			[SIGNALS]: RESUMED,
			...storyOf(run),
		});
		expect([text, exit]).toMatchInlineSnapshot(`
			[
			  "Sent signal sig-9: run 01M8AVT6QXQYYQSVQJDAJME243, which waited for it, resumes (dev server localhost:8288).
			Completed (waited 0ms, until 2026-11-23 21:00:00Z; dev server localhost:8288).
			01M8AVT6QXQYYQSVQJDAJME243 shop/wait-signal COMPLETED in 400ms after 100ms in the queue, queued 1m ago (2026-11-23 20:59:00Z)
			Event 01M853698J9ZFFAMVVYV3Q4RRQ
			Output: none (it returned null or nothing)",
			  0,
			]
		`);
		expect(json).toMatchObject({ runId: RUN, runs: [{ id: RUN }] });
	});

	test("that no run waits for started nothing, as recorded on either kind of server", async () => {
		const none = await send(answered("signal: nobody waits for it", "kitchen"));
		expect([none.text, none.exit, none.to, none.asked.length]).toMatchInlineSnapshot(`
			[
			  "Signal sig-9 resumed no run: «No signal found» (404; dev server localhost:8288).
			Next: list-runs --status running --with-waits (shows what each waits for)",
			  1,
			  "stderr",
			  1,
			]
		`);
		const { text } = await call("self-hosted", ["send-signal", "sig-9", "--env", "eu"], {
			[SIGNALS]: answered("signal: nobody waits for it", "kitchen-self-hosted"),
		});
		expect(text).toMatchInlineSnapshot(`
			"Signal sig-9 resumed no run: «No signal found» (404; self-hosted inngest.example.com (no environments)).
			Next: list-runs --status running --with-waits --env eu (shows what each waits for)"
		`);
	});
});

describe("what goes wrong", () => {
	const said = async (reply: Reply) => {
		const { text, exit, to, asked, world } = await call("self-hosted", ["send-signal", "sig-9"], { [SIGNALS]: reply });
		return { text, exit, to, asked: asked.length, pauses: world.clock.pauses };
	};
	test("a server without signals", async () => {
		expect(await said({ status: 404, body: "404 page not found\n" })).toMatchInlineSnapshot(`
			{
			  "asked": 1,
			  "exit": 1,
			  "pauses": [],
			  "text": "self-hosted inngest.example.com has no POST /v1/signals.
			Possible: it is older than Inngest 1.40 (July 2026), which this skill needs. Whoever runs it can update it.",
			  "to": "stderr",
			}
		`);
	});
	test("a wrong key, as recorded", async () => {
		expect(await said(answered("no auth v1", "self-hosted"))).toMatchInlineSnapshot(`
			{
			  "asked": 1,
			  "exit": 1,
			  "pauses": [],
			  "text": "self-hosted inngest.example.com refused: «Authentication failed» (401)
			Check INNGEST_SIGNING_KEY: it must belong to this server and environment. \`check-setup\` tests each key.",
			  "to": "stderr",
			}
		`);
	});
	test("a server at fault, as recorded, is not asked again: a second signal would find nobody", async () => {
		expect(await said(answered("signal: without a name", "kitchen"))).toMatchInlineSnapshot(`
			{
			  "asked": 1,
			  "exit": 1,
			  "pauses": [],
			  "text": "self-hosted inngest.example.com refused: «Failed to receive signal» (500). It is unclear whether the call took effect; it was not retried.
			Next: list-runs --status running --with-waits (shows what each waits for)",
			  "to": "stderr",
			}
		`);
	});
	test("an answer that was lost is not asked for again", async () => {
		expect(await said({ error: "ECONNRESET" })).toMatchInlineSnapshot(`
			{
			  "asked": 1,
			  "exit": 1,
			  "pauses": [],
			  "text": "self-hosted inngest.example.com dropped the connection (ECONNRESET). It is unclear whether the call took effect; it was not retried.
			Next: list-runs --status running --with-waits (shows what each waits for)",
			  "to": "stderr",
			}
		`);
	});
	test("a server that is not there", async () => {
		expect((await said({ error: "ECONNREFUSED" })).exit).toBe(1);
	});
	test("an answer in another shape", async () => {
		expect((await said(ok({ data: { run_id: "x" } }))).text).toMatchInlineSnapshot(`
			"self-hosted inngest.example.com answered POST /v1/signals with unexpected data at data.run_id. It is unclear whether the call took effect; it was not retried.
			Next: list-runs --status running --with-waits (shows what each waits for)"
		`);
	});
});

describe("what is asked", () => {
	const nothing = async (place: "dev" | "cloud" | "self-hosted", argv: string[], env = {}) => {
		const { text, exit, to, asked } = await call(place, ["send-signal", ...argv], {}, { env });
		expect([exit, to, asked]).toEqual([2, "stderr", []]);
		return text;
	};
	test("nothing without a name, or for data that is no JSON", async () => {
		expect([
			await nothing("dev", []),
			await nothing("dev", [""]),
			await nothing("dev", ["a", "b"]),
			await nothing("dev", ["a", "--data", "{x"]),
		]).toMatchInlineSnapshot(`
			[
			  "SIGNAL is missing; nothing was sent.
			Usage: send-signal SIGNAL",
			  "SIGNAL must be one line of text (not ""); nothing was sent.
			Usage: send-signal SIGNAL",
			  "send-signal does not take "b"; nothing was sent.
			It takes one value for SIGNAL, in quotes if it has spaces; all others follow a flag, a list as one word. \`send-signal --help\` lists what it takes.",
			  "--data is not valid JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2); nothing was sent.
			Keys and strings take double quotes; @file or - avoids shell quoting.",
			]
		`);
	});
	test("the signing key, also on Cloud, which takes no API key for it; where there is one, the signing key only reads", async () => {
		const env = { INNGEST_SIGNING_KEY: undefined };
		expect([
			await nothing("self-hosted", ["a"], env),
			await nothing("cloud", ["a"], env),
			await nothing("cloud", ["a"]),
		]).toMatchInlineSnapshot(`
			[
			  "INNGEST_SIGNING_KEY is not set; nothing was sent.
			Ask the user to set it, in OpenClaw: INNGEST_SIGNING_KEY=… in ~/.openclaw/.env, then openclaw config set skills.entries.inngest.env.INNGEST_SIGNING_KEY '\${INNGEST_SIGNING_KEY}' (keys don't reach a sandbox).",
			  "With INNGEST_API_KEY set, INNGEST_SIGNING_KEY only reads, and an API key can't send signals; nothing was sent.
			Only the user decides which keys are set; the user's own code can send the signal.",
			  "With INNGEST_API_KEY set, INNGEST_SIGNING_KEY only reads, and an API key can't send signals; nothing was sent.
			Only the user decides which keys are set; the user's own code can send the signal.",
			]
		`);
	});
	test("an environment on Cloud, and none where only reading is allowed", async () => {
		expect([
			await nothing("cloud", ["a"], { INNGEST_ENV: undefined }),
			await nothing("dev", ["a"], { INNGEST_READ_ONLY: "1" }),
		]).toMatchInlineSnapshot(`
			[
			  "send-signal on Inngest Cloud needs an environment; nothing was sent.
			Add --env production (or another), or set INNGEST_ENV. Ask the user which.",
			  "INNGEST_READ_ONLY is set, and send-signal is not a read; nothing was sent.
			Only the operator decides that: do not unset it.",
			]
		`);
	});
	test("nothing after Ctrl-C", async () => {
		const world = aWorld({ env: AT.dev.env });
		world.interrupt();
		const { exit, asked } = await call("dev", ["send-signal", "a"], {}, { world });
		expect([exit, asked]).toEqual([1, []]);
	});
	test("as curl", async () => {
		const answers: Answers = {};
		const { text } = await call("self-hosted", ["send-signal", "it's", "--data", "1", "--curl"], answers);
		expect(text).toMatchInlineSnapshot(
			`
			"# Send the signal that a run waits for.
			curl -sS -X POST "https://inngest.example.com/v1/signals" -H "Authorization: Bearer $INNGEST_SIGNING_KEY" -H 'content-type: application/json' -d '{"signal":"it'\\''s","data":1}'"
		`,
		);
	});
	test("as curl by a key that the call itself would not use: refused, too", async () => {
		const curl = async (env: Record<string, string | undefined>) =>
			(await call("cloud", ["send-signal", "a", "--curl"], {}, { env })).text.split("\n")[0];
		expect([await curl({}), await curl({ INNGEST_API_KEY: undefined, INNGEST_SIGNING_KEY: "$KEY" })]).toEqual([
			"Where INNGEST_API_KEY is set, INNGEST_SIGNING_KEY only reads; nothing was sent.",
			"INNGEST_SIGNING_KEY is too short for a key; nothing was sent.",
		]);
	});
	test("is told by --help", async () => {
		expect((await call("dev", ["send-signal", "--help"])).text).toMatchInlineSnapshot(`
			"send-signal SIGNAL [flags]
			Send the signal that a run waits for (write).
			  SIGNAL                   the signal that a run waits for
			  --data JSON              what the step that waits for it gets (JSON, @file or - for stdin)
			  --wait                   wait for the run that it resumes
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code"
		`);
	});
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { call } from "./call.ts";

const Manifest = z.object({ intents: z.record(z.string(), z.object({ effect: z.string() })) });
const { version } = z.parse(
	z.object({ version: z.string() }),
	JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")),
);
const help = (...argv: string[]) => call("dev", argv);

describe("help", () => {
	test("lists all intents by what they may do", async () => {
		const { text, exit, to, json } = await help("help");
		expect(text.replace(version, "VERSION")).toMatchInlineSnapshot(`
			"inngest VERSION: <intent> [id] [--flag value …]; \`<intent> --help\` for its flags
			Read:
			  check-setup       Which server and keys are set, and whether each works (an empty send tests the event key)
			  list-runs         Runs by status, function, app, time
			  get-run           One run's whole story: trigger, steps, errors, what it waits for
			  wait-for-run      Wait until runs, or all that an event started, have ended
			  triage-failures   Failed runs grouped by function, step and error
			  report-health     Failure rates, durations and oldest runs per function
			  watch             For automations: what began to fail or hang, missed a tick or recovered in the last slot; otherwise NO_REPLY
			  list-events       Events by name, time and payload, with the runs they started
			  get-event         One event's payload, the runs it started, and why others did not start
			  list-functions    Functions with triggers and limits
			  get-function      One function's triggers, limits and latest runs
			  list-schedules    Cron schedules, their last runs, next and missed ticks
			  list-apps         Apps and their last sync
			  list-envs         Environments
			  query-insights    SQL over events and runs (Inngest Cloud)
			Write:
			  send-event        Send one event
			  send-events       Send a JSON array or NDJSON stream of events, each once
			  resend-event      Send a past event again as a new one
			  send-signal       Send the signal that a run waits for
			  invoke-function   Invoke one function directly, with data
			  sync-app          Sync an app with Inngest Cloud after a deploy
			Destructive (a plan and a code first):
			  replay-run        Replay one run, whole or from a step
			  replay-runs       Replay many runs, failed ones unless --status names others
			  cancel-run        Cancel one run
			  cancel-runs       Cancel many queued or running runs"
		`);
		expect([exit, to]).toEqual([0, "stdout"]);
		expect(z.parse(Manifest, json).intents["list-apps"]).toMatchInlineSnapshot(`
			{
			  "effect": "read",
			}
		`);
	});

	test("is the same by any of its names, and without a word", async () => {
		const { text, json } = await help("help");
		for (const argv of [[], ["--help"], ["-h"], ["help", "--json"], ["help", "--help"], ["-h", "-h"]])
			expect(await help(...argv)).toMatchObject({ text, json, exit: 0, to: "stdout", asked: [] });
	});

	// Wrong today: the names of the secrets an intent may use are masked in --json, as if they were secrets.
	test("of an intent is its --help, however it is asked for, whatever else stands there", async () => {
		const { text, json } = await help("list-apps", "--help");
		for (const argv of [
			["help", "list-apps"],
			["--help", "list-apps"],
			["-h", "list-apps"],
			["list-apps", "-h"],
			["list-apps", "--no-such-flag", "--help"],
			["list-apps", "shop", "-h", "--json"],
		])
			expect(await help(...argv)).toMatchObject({ text, json, exit: 0, to: "stdout", asked: [] });
		expect(json).toMatchInlineSnapshot(`
			{
			  "confirm": false,
			  "effect": "read",
			  "handler": "handlers/list-apps",
			  "phrases": [
			    "which apps are connected to Inngest?",
			    "are all our apps in sync with Inngest?",
			  ],
			  "secrets": [
			    "[masked]",
			    "[masked]",
			  ],
			  "summary": "Apps and their last sync",
			}
		`);
	});

	test("of an intent that there is not: refused", async () => {
		const { text, exit, to, asked } = await help("help", "list-app");
		expect([text, exit, to, asked]).toMatchInlineSnapshot(`
			[
			  "There is no intent "list-app".
			Did you mean list-apps? \`help\` lists all.",
			  2,
			  "stderr",
			  [],
			]
		`);
	});

	test("needs no server, no key and no settings that are right", async () => {
		const { text } = await help("help");
		const env = {
			INNGEST_DEV: undefined,
			INNGEST_BASE_URL: "nonsense",
			INNGEST_ENV: "no such",
			INNGEST_READ_ONLY: "1",
		};
		for (const argv of [["help"], ["cancel-runs", "--help"], ["--version"]])
			expect(await call("dev", argv, {}, { env })).toMatchObject({ exit: 0, to: "stdout", asked: [] });
		expect((await call("cloud", ["help"])).text).toBe(text);
	});

	test("--version is that of the package", async () => {
		const { text, json, exit, to } = await help("--version");
		expect([text, json, exit, to]).toEqual([version, version, 0, "stdout"]);
	});
});

describe("--help", () => {
	/** The help of all intents with this effect, without the first line where it is being fixed: RUN_ID… is shown as required. */
	async function helps(effect: string): Promise<string> {
		const told: string[] = [];
		const { json } = await help("help");
		for (const [name, entry] of Object.entries(z.parse(Manifest, json).intents)) {
			if (entry.effect !== effect) continue;
			const { text, exit, to } = await help(name, "--help");
			expect([exit, to]).toEqual([0, "stdout"]);
			const optional = ["wait-for-run", "replay-runs", "cancel-runs"].includes(name);
			told.push(optional ? `${name} …\n${text.split("\n").slice(1).join("\n")}` : text);
		}
		return told.join("\n\n");
	}

	test("of every intent that reads", async () => {
		expect(await helps("read")).toMatchInlineSnapshot(`
			"check-setup [flags]
			Which server and keys are set, and whether each works (an empty send tests the event key) (read).
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			list-runs [flags]
			Runs by status, function, app, time (read).
			  --status STATUS          e.g. failed,cancelled
			  --function APP/FUNCTION  one function
			  --app APP                one app
			  --since TIME             from this time on
			  --since-deploy           since the app's last sync (Inngest Cloud only)
			  --until TIME             up to this time
			  --order ORDER            by time: DESC (default), or ASC (default of live runs --with-waits)
			  --limit N                1 to 100 (default 20)
			  --with-waits             what each live run waits for, how long others were queued, and why cancelled
			  --with-events            each run's event with its payload; of a failed one the error, and whether it was replayed
			  --cursor CURSOR          the next page, from the More: line
			  --count                  how many of each status, instead of a list
			  --slowest                the slowest of all runs that completed or failed, instead of the newest
			  --max N                  read at most N runs for --count, --slowest (default 10000)
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			get-run RUN_ID… [flags]
			One run's whole story: trigger, steps, errors, what it waits for (read).
			  RUN_ID                   the run, or up to 20; or APP/FUNCTION: its newest run
			  --status STATUS          with APP/FUNCTION: its newest run of that status
			  --step NAME              one step, by its name or id: input, output, attempts
			  --steps                  all steps
			  --against                what differs from its function's last completed run, or from a second RUN_ID
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			wait-for-run …
			Wait until runs, or all that an event started, have ended (read).
			  RUN_ID                   these runs
			  --event EVENT_ID         instead: all runs that an event (or up to 20) starts
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			triage-failures [flags]
			Failed runs grouped by function, step and error (read).
			  --since TIME             from this time on (default 24h)
			  --since-deploy           since the app's last sync (Inngest Cloud only)
			  --until TIME             up to this time
			  --against PAST           compare with this long before the window, or as long as it (previous): which groups are new, known, gone or over
			  --function APP/FUNCTION  one function
			  --app APP                one app
			  --limit N                groups shown, 1 to 50 (default 8; without --against, 12 more in brief)
			  --max N                  read at most N failures (default 100000)
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			report-health [flags]
			Failure rates, durations and oldest runs per function (read).
			  --since TIME             from this time on (default 24h)
			  --since-deploy           since the app's last sync (Inngest Cloud only)
			  --until TIME             up to this time
			  --function APP/FUNCTION  one function
			  --app APP                one app
			  --limit N                functions shown (default 20)
			  --max N                  read at most N runs (default 100000)
			  --slowest                the slowest functions first, by their 95th percentile
			  --against PAST           what changed since the window just before (previous), or the same window 24h or 7d earlier; at most 120 requests
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			watch [flags]
			For automations: what began to fail or hang, missed a tick or recovered in the last slot; otherwise NO_REPLY (read).
			  --every DURATION         length of a slot: call it once in each (default 15m)
			  --slots N                slots to report at once, to catch up; each on its own (default 1)
			  --known DURATION         an error not seen for this long counts as new (default 7d)
			  --stuck DURATION         age at which a run that has not ended is reported (default 1h)
			  --function APP/FUNCTION  one function
			  --app APP                one app
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			Slots begin at multiples of --every in UTC (15m: at :00, :15, :30, :45). Each call reports the last whole slot, from one
			minute after its end: what begins is reported at most --every plus 2m later. An error seen within --known is not reported again,
			even after a recovery: use --known 1h to hear of each relapse that follows an hour without it.
			A function fails more often if its failure rate is 20 points above the usual one (of at least 5 runs that ended, 3 failed; 10 ended before).
			NO_REPLY: nothing to report; an automation posts nothing. Exit code 1: it could not check.
			The automation, with a call in each slot ({baseDir}: this skill's folder; keys and settings such as INNGEST_DEV
			must be in ~/.openclaw/.env):
			openclaw automations create "2-59/15 * * * *" --name inngest-watch --declaration-key inngest-watch --announce --channel CHANNEL --to ID \\
			  --command-cwd {baseDir} --command-argv '["node","scripts/inngest.mjs","watch","--every","15m"]'
			To end it: \`openclaw automations rm ID\`; \`openclaw automations list\` shows its id.

			list-events [flags]
			Events by name, time and payload, with the runs they started (read).
			  --name EVENT_NAME        only events with this name (several: NAME,NAME)
			  --match TEXT             text in the payload or name, data.field=value, or a whole id; if repeated, any one is enough
			  --since TIME             from this time on
			  --until TIME             up to this time
			  --limit N                1 to 500 (default 20)
			  --cursor EVENT_ID        events older than this one
			  --with-runs              the runs that each started, or why none
			  --related                with --match: also events that share an id with those found
			  --count                  counts per name instead of a list; --with-runs: how many started runs
			  --max N                  read at most N runs for --count --with-runs (default 10000)
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			get-event EVENT_ID… [flags]
			One event's payload, the runs it started, and why others did not start (read).
			  EVENT_ID                 the event's internal id, as printed; or up to 20
			  --function APP/FUNCTION  one function
			  --limit N                runs shown, 1 to 400 (default 20)
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			list-functions [flags]
			Functions with triggers and limits (read).
			  --app APP                one app
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			get-function APP/FUNCTION… [flags]
			One function's triggers, limits and latest runs (read).
			  APP/FUNCTION             the function, or up to 20
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			list-schedules [flags]
			Cron schedules, their last runs, next and missed ticks (read).
			  --since TIME             from this time on (default 24h)
			  --function APP/FUNCTION  one function
			  --app APP                one app
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			list-apps [flags]
			Apps and their last sync (read).
			  --archived               archived apps instead
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			list-envs [flags]
			Environments (read).
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)

			query-insights [SQL] [flags]
			SQL over events and runs (Inngest Cloud) (read).
			  SQL                      one SELECT (or @file or - for stdin)
			  --tables                 instead: the tables, with their columns
			  --limit N                rows shown, 1 to 100 (default 20)
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)"
		`);
	});
	test("of every intent that starts work", async () => {
		expect(await helps("write")).toMatchInlineSnapshot(`
			"send-event EVENT_NAME [flags]
			Send one event (write; shows a plan first if it would cancel runs or start nothing).
			  EVENT_NAME               e.g. shop/order.created
			  --data JSON              payload, an object (JSON, @file or - for stdin)
			  --user JSON              an object (JSON, @file or - for stdin)
			  --id ID                  your own event id: within 24 h the same one starts nothing again, except with a debounce or batches
			  --ts MS                  timestamp in Unix ms; a future one delays its runs, except in batches
			  --wait                   wait for the runs it starts
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			send-events EVENTS [flags]
			Send a JSON array or NDJSON stream of events, each once (write; shows a plan first above 100 events).
			  EVENTS                   a JSON array or NDJSON (JSON, @file or - for stdin)
			  --skip-invalid           send the good events, list the others
			  --resume CODE            resume an interrupted stream
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			resend-event EVENT_ID [flags]
			Send a past event again as a new one (write; shows a plan first if it would cancel runs or start nothing).
			  EVENT_ID                 the past event's internal id
			  --data JSON              fields of data to change, an object (JSON, @file or - for stdin)
			  --wait                   wait for the runs it starts
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			send-signal SIGNAL [flags]
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
			  --confirm CODE           act on the plan with this code

			invoke-function APP/FUNCTION [flags]
			Invoke one function directly, with data (write; shows a plan first if it would cancel runs or start nothing).
			  APP/FUNCTION             the function
			  --data JSON              its event.data, an object (JSON, @file or - for stdin)
			  --idempotency-key KEY    on Inngest Cloud: the same key starts only one run
			  --wait                   wait for the run
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			sync-app APP [flags]
			Sync an app with Inngest Cloud after a deploy (write; shows a plan first if the app's address has another origin).
			  APP                      the app
			  --url URL                its serve endpoint (default: that of its last sync)
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code"
		`);
	});
	test("of every intent that stops or repeats work", async () => {
		expect(await helps("destructive")).toMatchInlineSnapshot(`
			"replay-run RUN_ID [flags]
			Replay one run, whole or from a step (destructive; shows a plan first).
			  RUN_ID                   the run
			  --from-step STEP         start at this step (its name or id), keeping earlier results
			  --input JSON             new arguments for that step, a completed step.run: an array (JSON, @file or - for stdin)
			  --wait                   wait for the new run
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			replay-runs …
			Replay many runs, failed ones unless --status names others (destructive; shows a plan first).
			  RUN_ID                   these runs
			  --function APP/FUNCTION  one function
			  --app APP                one app
			  --since TIME             from this time on
			  --until TIME             up to this time
			  --status STATUS          default FAILED
			  --group CODE             a group that triage-failures printed
			  --match TEXT             only where the event's payload contains this text, or has data.field=value; if repeated, any one is enough
			  --newest N               only the newest N that match
			  --from-step STEP         start each at this step (its name or id)
			  --again                  also runs already replayed, successfully or not
			  --wait                   wait for the new runs, if at most 50
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			cancel-run RUN_ID [flags]
			Cancel one run (destructive; shows a plan first).
			  RUN_ID                   the run
			Everywhere:
			  --env NAME               environment on Inngest Cloud
			  --dev                    use the dev server
			  --json                   the parsed answer as JSON
			  --curl                   print the request, send nothing
			  --timeout DURATION       per request (default 30s) or per wait (default 60s)
			  --confirm CODE           act on the plan with this code

			cancel-runs …
			Cancel many queued or running runs (destructive; shows a plan first).
			  RUN_ID                   these runs
			  --function APP/FUNCTION  one function
			  --app APP                one app
			  --status STATUS          QUEUED,RUNNING (default), or PAUSED (Inngest Cloud)
			  --since TIME             from this time on
			  --until TIME             up to this time
			  --match TEXT             only where the event's payload contains this text, or has data.field=value; if repeated, any one is enough
			  --newest N               only the newest N that match
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

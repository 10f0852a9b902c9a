/**
 * Produces, on a real server that serves the kitchen's apps, what `report-health --against` and `triage-failures --against` report: a rise
 * of failures, a slow-down, a new failing function, one that is gone, a new and a gone group of failures, and a backlog behind
 * `concurrency: 1` that then grows. Checks what is said of each, including since when, and when the backlog is really empty. Takes about
 * ten minutes, prints what is right and wrong, and exits with 1 if anything is wrong. Nobody else may use the server; it must serve only
 * the kitchen and already have had a run, otherwise what is new is only possibly new.
 *
 * INNGEST_LIVE_URL=http://localhost:8288 [INNGEST_LIVE_EVENT_KEY=… INNGEST_LIVE_SIGNING_KEY=…] node tools/health-scenario.ts
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const {
	INNGEST_LIVE_URL: url = "",
	INNGEST_LIVE_EVENT_KEY: eventKey,
	INNGEST_LIVE_SIGNING_KEY: signingKey,
	PATH,
} = process.env;
const env =
	eventKey && signingKey
		? { PATH, INNGEST_BASE_URL: url, INNGEST_EVENT_KEY: eventKey, INNGEST_SIGNING_KEY: signingKey, INNGEST_DEV: "0" }
		: { PATH, INNGEST_DEV: url };
const S = 1000;
const WINDOW = 180 * S;
/** How long a slow run of slow-step takes: longer than a busy machine makes the others. */
const SLOW = 20 * S;
/** How long a run of conc-one takes, and how many are sent. */
const STEP = 4 * S;
const BURST = 70;

const at = async (ms: number): Promise<unknown> => delay(Math.max(0, ms - Date.now()));
const minute = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

async function send(name: string, data: object = {}, times = 1): Promise<void> {
	const events = Array.from({ length: times }, () => ({ name, data }));
	const sent = await fetch(`${url}/e/${eventKey || "dev"}`, { method: "POST", body: JSON.stringify(events) });
	if (!sent.ok) throw new Error(`${name}: ${sent.status} ${await sent.text()}`);
}

async function inngest(...args: string[]): Promise<string> {
	const script = join(import.meta.dirname, "../scripts/inngest.ts");
	const { stdout } = await promisify(execFile)("node", ["--disable-warning=ExperimentalWarning", script, ...args], {
		env,
	});
	return stdout.trimEnd();
}
const compare = (): Promise<string> => inngest("report-health", "--since", `${WINDOW / S}s`, "--against", "previous");
const triage = (): Promise<string> => inngest("triage-failures", "--since", `${WINDOW / S}s`, "--against", "3m");

let wrong = 0;
function check(said: string, expected: readonly RegExp[]): void {
	console.log(`${said}\n`);
	for (const one of expected) {
		const isRight = said.split("\n").some((line) => one.test(line));
		if (!isRight) wrong++;
		console.log(`${isRight ? "right" : "WRONG, not told"}: ${one.source}`);
	}
}

/** Twelve times in each window; what is sent depends on how much of both windows has passed, from 0 to 2. */
async function traffic(begin: number, step: number): Promise<void> {
	const over = step / 12;
	const isNow = over >= 1;
	await send("b/sync");
	await send("a/sync", { fail: over >= 1.5 });
	await send("a/slowstep", { ms: isNow ? SLOW : 100 });
	if (!isNow) await send("a/output");
	if (step % 3 === 0) await send("a/displayname", { fail: over < 0.7 });
	if (over > 1.25 && step % 2 === 0) await send("a/stepnames", { fail: true });
	if (step === 12) await send("a/conc1", { ms: STEP }, BURST);
	await at(begin + (step + 1) * (WINDOW / 12));
}

const begin = Date.now();
for (let step = 0; step < 24; step++) await traffic(begin, step);
const turned = begin + WINDOW * 1.5;
const around = (ms: number): string => `(${minute(ms - 30 * S)}|${minute(ms)}|${minute(ms + 30 * S)})Z`;
const said = await compare();
const asked = Date.now();
const groups = await triage();
check(said, [
	/^Worse in the last 3m than in the 3m before: of \d+ functions, 1 fails more, \d takes? longer, 1 is new and fails, 1 has a backlog, 1 is gone/,
	new RegExp(`^Worse shop/sync [5-7]/1[0-3] .* fails more since ${around(turned)}`),
	new RegExp(`^Worse shop/slow-step 0/(9|1[0-3]),? .* slower since ${around(begin + WINDOW + SLOW)}`),
	new RegExp(`^New shop/step-names [3-5]/[3-5], .* since ${around(begin + WINDOW * 1.33)}`),
	new RegExp(`^Gone shop/outputs 0/1[0-2], .* until ${around(begin + WINDOW)}`),
	// Whether they are as fast depends on how busy the machine is.
	/^(Same|Better|Worse) billing-eu\/invoice 0\/1[0-3]/,
	/^(Same|Better|Worse) billing-eu\/sync 0\/1[0-3]/,
	/^Failed\/\(completed \+ failed\), .* bars: failures per 1m[;:]/,
	/^Backlog shop\/conc-one, held by its limit, not its code: 1 of 1 executing, \d+ queued .*possible: empty in about/,
]);

check(groups, [
	/^\d+ failed runs in 3 groups in the last 3m, against \d+ in the 3m before: 2 new, 1 known, 1 gone/,
	new RegExp(`\\. [5-7]x .* shop/sync in step push, new since ${around(turned)}, last .* no later run completed`),
	new RegExp(`\\. [3-5]x .* shop/step-names in step «?charge card»?, new since ${around(begin + WINDOW * 1.33)}`),
	/shop\/cron-failing in step nightly, known since/,
	new RegExp(
		// Two failures are too few to call it over.
		`^Gone: shop/nested-name, (3x before, .*, over since|2x before, .*, last) ${around(begin + WINDOW / 2)},? \\(?[45] later runs completed`,
	),
]);

const queue = async (): Promise<number> => {
	const { data = [] } = JSON.parse(
		await inngest("list-runs", "--function", "shop/conc-one", "--status", "queued,running", "--limit", "100", "--json"),
	);
	return data.length;
};
const [, m = "0", s = "0"] = /empty in about (?:(\d+)m)?(?:([\d.]+)s)?/.exec(said) ?? [];
const estimated = (Number(m) * 60 + Number(s)) * S;
while ((await queue()) > 0) await delay(5 * S);
const took = Date.now() - asked;
const isNear = estimated > took / 2 && estimated < took * 2;
if (!isNear) wrong++;
console.log(`${isNear ? "right" : "WRONG"}: empty after ${took / S}s, estimated ${estimated / S}s\n`);

await send("a/conc1", { ms: STEP }, 40);
await delay(30 * S);
// Between two runs, none is executing.
check(await compare(), [
	/^Backlog shop\/conc-one, (held by its limit, not its code: 1|waiting: 0) of 1 executing, \d+ queued /,
]);
process.exitCode = wrong ? 1 : 0;

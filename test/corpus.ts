/**
 * Calls that show what the skill prints, for `npm run golden`: every intent with every flag, wrong usage, plans and what follows them,
 * waits, and failing servers. `{failed}`, `{orderEvent}` etc. are ids of tools/golden/world.ts; `{code}`, `{cursor}` etc. come from the
 * previous call's output (tools/golden/driver.ts).
 */
import type { Call, Failure, Files, Kind, Scene } from "../tools/golden/scene.ts";
import { everyIntent, manifest, named } from "./intents.ts";

const UNKNOWN = "01M85369BX39BZFM3TC50ACTFC";
const NOWHERE = "01M00000000000000000000000";
const SERVERS: readonly Kind[] = ["self-hosted", "dev"];
const SELF_HOSTED: readonly Kind[] = ["self-hosted"];
const CLOUD: readonly Kind[] = ["cloud", "curl"];

/** Words separated by spaces; a word with spaces is in '…'. */
const words = (line: string): string[] =>
	[...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare = ""]) => quoted ?? bare);
const argv = (args: string | readonly string[]): string[] => (typeof args === "string" ? words(args) : [...args]);
const call = (args: string | readonly string[], more: Omit<Call, "args"> = {}): Call => ({ args: argv(args), ...more });
const scene = (calls: readonly (Call | string)[], kinds?: readonly Kind[]): Scene => ({
	calls: calls.map((one) => (typeof one === "string" ? call(one) : one)),
	...(kinds && { kinds }),
});
/** Each line as text on every server, and as JSON on one. */
const both = (lines: readonly string[]): Scene[] =>
	lines.flatMap((line) => [scene([line]), scene([`${line} --json`], SELF_HOSTED)]);
const each = (lines: readonly string[], kinds?: readonly Kind[]): Scene[] => lines.map((line) => scene([line], kinds));

const event = (n: number, name = "shop/card.charged") => JSON.stringify({ name, data: { n } });
const stream = (count: number): string => Array.from({ length: count }, (_, n) => event(n)).join("\n");

/** Files of the folder where the calls run; it also has an empty folder named `folder`. */
export const files: Files = {
	"order.json": '{"orderId":"ord_9","total":3.5}',
	"array.json": `[${event(1)},\n ${event(2)}]`,
	"lines.ndjson": stream(7),
	"many.ndjson": stream(1300),
	"some-bad.ndjson": [
		event(1),
		"{}",
		'{"name":"a/b","ts":1795474756}',
		event(2),
		'{"name":"a/b",}',
		'{"name":"a/b","extra":1}',
	].join("\n"),
	"broken.json": `[${event(1)},{"name":]`,
	"empty.json": "",
	"bom.json": '\ufeff{"a":1}',
	"latin1.json": '{"a":"\ufffd"}',
};

const READS = [
	"list-runs --status failed",
	"list-runs --status failed,Cancelled --app shop",
	"list-runs --status QUEUED,RUNNING --with-waits",
	"list-runs --function order-confirm --limit 5",
	"list-runs --count --since 6h",
	"list-runs --slowest --limit 3",
	"list-runs --slowest --limit 2",
	"list-runs --function billing/invoice --with-events",
	"list-runs --app billing --with-events --with-waits",
	"list-runs --since 6h --until 1h",
	"list-runs --since 2026-11-23T10:00:00Z --order asc --limit 4",
	"list-runs --until 2020-01-01",
	"list-runs --since 3d --limit 100",
	"list-runs --since-deploy",
	"list-runs --status completed --function nightly-cleanup",
	"list-runs --limit 3 --cursor nonsense",
	"list-runs --timeout 5s --limit 1",
	"get-run {order}",
	"get-run {order2}",
	"get-run {failed} --steps",
	"get-run {failed} --step parse",
	"get-run {failed} --step prase",
	"get-run {failed} --against",
	"get-run {order} --against {order2}",
	"get-run {order} {order2} --steps",
	"get-run shop/import-catalog --status failed",
	"get-run {failed}",
	"get-run {card}",
	"get-run {crm}",
	"get-run {sleeping}",
	"get-run {approval}",
	"get-run {hostile}",
	"get-run {webhook}",
	"get-run {failures}",
	"get-run {declined}",
	"get-run {timeouts}",
	"get-run {retrying}",
	"get-run {asleep}",
	"get-run {queued}",
	"get-run {cancelled}",
	"get-run {nightly}",
	"get-run {brokenNight}",
	"get-run {invoices}",
	"get-run {batched}",
	"get-run {batchFailed}",
	"get-run {invoked}",
	"get-run {order} {failed} {sleeping} {order}",
	`get-run {order},${NOWHERE}`,
	`get-run ${NOWHERE}`,
	"wait-for-run {order}",
	"wait-for-run {failed}",
	"wait-for-run {order} {order2} {failed}",
	"wait-for-run {order} {order2} {failed} {card} {declined} {declinedLast}",
	"wait-for-run {sleeping} --timeout 2s",
	"wait-for-run {order} {approval} {sleeping} {retrying} --timeout 300ms",
	"wait-for-run {crm} --timeout 10m",
	"wait-for-run {sleeping} --timeout 45m",
	"wait-for-run --event {orderEvent}",
	"wait-for-run --event {failedEvent}",
	"wait-for-run --event {nobodyEvent} --timeout 3s",
	"wait-for-run --event {sleepingEvent} --timeout 1s",
	`wait-for-run ${NOWHERE}`,
	`wait-for-run --event ${NOWHERE} --timeout 1s`,
	"triage-failures --since 3d",
	"triage-failures --function charge-card",
	"triage-failures --function billing/invoice --since 12h",
	"triage-failures --app shop --limit 2",
	"triage-failures --since 12h --until 6h",
	"triage-failures --max 5",
	"triage-failures --against 3d --since 12h",
	"triage-failures --function hostile-output",
	"triage-failures --until 2020-01-01 --since 2019-01-01",
	"report-health --since 3d",
	"report-health --function shop/charge-card",
	"report-health --app billing --since 12h --until 2h",
	"report-health --limit 2",
	"report-health --slowest",
	"report-health --max 20",
	"report-health --since 1m",
	"report-health --since 12h --against previous",
	"report-health --since 6h --until 1h --against 24h",
	"report-health --function shop/charge-card --since 1h --against 7d",
	"watch",
	"watch --every 24h --slots 3 --known 7d --stuck 1m",
	"watch --function shop/charge-card --every 1h --slots 24",
	"list-events --limit 60",
	"list-events --name shop/card.charged --limit 3",
	"list-events --name shop/order.created --since 1h --with-runs",
	"list-events --match ORD_705 --with-runs",
	"list-events --match data.orderId=ord_705",
	"list-events --match data.order.ref=a/1 --with-runs",
	"list-events --match orderId=ord_705",
	"list-events --match data.order.ref=a",
	"list-events --match nothing-holds-this",
	"list-events --match ORD_705 --related",
	"list-events --name no/such.event",
	"list-events --since 3d --count",
	"list-events --since 3d --count --limit 2",
	"list-events --match ord_ --count",
	"list-events --since 5h --until 1h --with-runs",
	"list-events --cursor {orderEvent} --limit 2",
	"get-event {orderEvent}",
	"get-event {failedEvent}",
	"get-event {cardEvent}",
	"get-event {hostileEvent}",
	"get-event {nobodyEvent}",
	"get-event {failuresEvent}",
	"get-event {invokedEvent}",
	"get-event {nightlyEvent}",
	`get-event ${NOWHERE}`,
	"list-functions --app shop",
	"list-functions --app billing",
	"list-functions --app no-such-app",
	"get-function sync-crm",
	"get-function shop/charge-card",
	"get-function billing/invoice",
	"get-function nightly-cleanup",
	"get-function shop/no-such-function",
	"get-function charge",
	"get-function no-such-function",
	"list-apps --archived",
	"list-envs --env staging",
	"list-apps --env no-such-env",
	"list-runs --env staging --limit 2",
];

/** Calls that change something. */
const WRITES = [
	"send-event shop/order.created",
	`send-event shop/order.created --data '{"orderId":"ord_1","total":7}' --user '{"id":"u1"}' --id own-2 --ts 1795431600000`,
	"send-event shop/order.created --data @order.json --wait",
	"send-event shop/import.started --wait",
	"send-event shop/webhook.received --wait --timeout 2m",
	"send-event shop/report.requested --wait --timeout 1s",
	"send-event nobody/listens --wait --timeout 3s",
	'send-event shop/review.posted --data \'{"text":"ok"}\' --wait',
	"send-event a/b --ts 1795500000000",
	"send-event a/b --data @bom.json",
	"send-events @array.json",
	"send-events @lines.ndjson",
	"send-events @some-bad.ndjson --skip-invalid",
	`send-events '[${event(1)}]'`,
	"resend-event {orderEvent}",
	"resend-event {orderEvent} --data '{\"total\":99}' --wait",
	"resend-event {failedEvent} --wait",
	"resend-event {nobodyEvent}",
	"resend-event {invokedEvent}",
	`resend-event ${NOWHERE}`,
	"invoke-function shop/order-confirm --data '{\"total\":3}'",
	"invoke-function order-confirm --wait",
	"invoke-function import-catalog --wait --data @order.json",
	"invoke-function slow-report --wait --timeout 1s",
	"invoke-function shop/order-confirm --idempotency-key key-1",
	"invoke-function shop/no-such-function",
	"invoke-function no-such-function",
];

/** Calls that first give a plan: then with its code, then with the same code again. */
const PLANS: readonly (string | [line: string, withCode: string])[] = [
	"replay-run {failed}",
	["replay-run {failed}", "--wait"],
	"replay-run {failed} --from-step parse",
	"replay-run {order} --from-step email --input '[]'",
	['replay-run {order} --from-step email --input \'[{"to":"x"}]\'', "--wait"],
	"replay-run {sleeping}",
	"replay-run {card}",
	"replay-run {cancelled}",
	"replay-run {brokenNight}",
	"replay-run {batchFailed}",
	"replay-run {invoked}",
	"replay-run {declined}",
	["replay-run {invoices}", "--wait --timeout 5s"],
	"replay-runs --app shop",
	"replay-runs --app billing",
	"replay-runs --function charge-card --since 3h",
	"replay-runs --function charge-card --match ord_1",
	"replay-runs --function charge-card --match data.orderId=ord_1",
	["replay-runs --function charge-card --since 5h --until 30m", "--wait"],
	"replay-runs --function charge-card --again",
	"replay-runs --function import-catalog --from-step parse",
	"replay-runs --status cancelled --app shop --since 3d",
	"replay-runs --status completed,failed --function billing/ledger",
	"replay-runs {failed} {card} {order}",
	["replay-runs {failed} {card} {declined}", "--wait"],
	"replay-runs {sleeping} --status running",
	"cancel-run {sleeping}",
	"cancel-run {approval}",
	"cancel-run {crm}",
	"cancel-run {queued}",
	"cancel-run {asleep}",
	"cancel-runs --app shop",
	"cancel-runs --function slow-report",
	"cancel-runs --function shop/slow-report --match data.id=rep_9",
	"cancel-runs --function order-confirm --status queued",
	"cancel-runs --since 3h --status running",
	"cancel-runs --since 5h --until 1h",
	"cancel-runs {sleeping} {approval} {failed}",
	"send-events @many.ndjson",
];

/** Plans that find nothing to do, or are refused. */
const NO_PLANS = [
	"cancel-run {failed}",
	"cancel-run {cancelled}",
	`cancel-run ${NOWHERE}`,
	`replay-run ${NOWHERE}`,
	"replay-run {order} --from-step nope",
	"replay-run {order} --from-step email --input 7",
	"replay-runs {order}",
	"replay-runs --function hostile-output",
	"replay-runs --group aaaaaaaa",
	"replay-runs --function charge-card --from-step nope",
	"replay-runs --app no-such-app",
	"replay-runs --function no-such-function",
	"replay-runs {failed} --app shop",
	`replay-runs {failed} ${NOWHERE}`,
	"replay-runs --app shop --confirm 000000000",
	"cancel-runs --function hostile-output",
	"cancel-runs --app shop --match nothing-holds-this",
	"cancel-runs --status failed --since 1h",
	"cancel-runs {sleeping} --app shop",
	`cancel-runs {sleeping} ${NOWHERE}`,
	"cancel-runs {failed}",
	"cancel-run {sleeping} --confirm 000000000",
	"cancel-run {sleeping} --confirm nonsense",
];

/** Refused before anything is sent. */
const WRONG: readonly (readonly string[])[] = [
	["list-run"],
	["frobnicate"],
	["\u001b[31mlist\u202e"],
	["--json"],
	["-x"],
	["List-Runs"],
	["help", "cancel-runn"],
	["help", "--json"],
	["list-runs", "--statsu", "failed"],
	["list-runs", "--statsu=failed"],
	["list-runs", "--withEvents"],
	["list-runs", "--with-event"],
	["list-runs", "--jsn"],
	["list-runs", "--constructor"],
	["list-runs", "-z"],
	["list-runs", "--limit"],
	["list-runs", "--limit", "101"],
	["list-runs", "--limit", "0"],
	["list-runs", "--limit", "1.5"],
	["list-runs", "--limit=-1"],
	["list-runs", "--limit", "-1"],
	["list-runs", "--limit", "5", "--limit", "6"],
	["list-runs", "--with-waits=1"],
	["list-runs", "--dev=1"],
	["list-runs", "--status", "done"],
	["list-runs", "--status", ""],
	["list-runs", "--status", "failed,done"],
	["list-runs", "--order", "up"],
	["list-runs", "--since", "yesterday"],
	["list-runs", "--since", "noon", "--json"],
	["list-runs", "--since", "1h", "--until", "2h"],
	["list-runs", "--since", "2030-01-01"],
	["list-runs", "--until", "2026-02-31"],
	["list-runs", "--app", "a/b"],
	["list-runs", "--app", ".."],
	["list-runs", "--function", ""],
	["list-runs", "--timeout", "soon"],
	["list-runs", "--timeout", "0"],
	["list-runs", "--timeout", "2d"],
	["list-runs", "--env", "a\nb"],
	["list-runs", "--env", ""],
	["list-runs", "shop"],
	["list-apps", "shop"],
	["list-apps", "--app", "shop"],
	["check-setup", "now"],
	["get-run"],
	["get-run", "12345"],
	["get-run", "shop", "--json"],
	["get-run", "../..\n«\u001b[31m"],
	["get-run", "{order}", "--with-runs"],
	["get-run", "{order}", "--ids", "{order}"],
	["get-run", ...Array.from({ length: 21 }, () => "{order}")],
	["get-event"],
	["get-event", "../v2/keys/events"],
	["get-event", "{orderEvent}", "{orderEvent}"],
	["get-function"],
	["get-function", "a/b/c"],
	["get-function", "../x"],
	["get-function", "shop/\u202ex"],
	["list-events", "--match", "a\nb"],
	["list-events", "--limit", "501"],
	["list-events", "--cursor", "x"],
	["triage-failures", "--limit", "51"],
	["triage-failures", "--max", "0"],
	["triage-failures", "--max", "1000001"],
	["report-health", "--limit", "no"],
	["wait-for-run"],
	["wait-for-run", UNKNOWN, "--event", UNKNOWN],
	["wait-for-run", "--event", "x"],
	["wait-for-run", ...Array.from({ length: 51 }, () => "{order}")],
	["replay-run"],
	["replay-run", "{failed}", "--input", "[1]"],
	["replay-run", "{failed}", "--from-step", "a", "--input", "{}"],
	["replay-run", "{failed}", "--from-step", "a", "--input", "{a:1}"],
	["replay-run", "{failed}", "--from-step", ""],
	["replay-runs"],
	["replay-runs", "--status", "done"],
	["replay-runs", "x"],
	["cancel-run"],
	["cancel-run", "{sleeping}", "{approval}"],
	["cancel-runs"],
	["cancel-runs", "--status", "running"],
	["cancel-runs", "--match", "x"],
	["send-event"],
	["send-event", ""],
	["send-event", "inngest/function.failed"],
	["send-event", "inngest/x", "--curl"],
	["send-event", `a/${"b".repeat(300)}`],
	["send-event", "a/b\u0007"],
	["send-event", "a/b\u202ec"],
	["send-event", "a/b", "c/d"],
	["send-event", "a/b", "--name", "c/d"],
	["send-event", "a/b", "--data", '{"a":1,\n "b":}'],
	["send-event", "a/b", "--data", '{"a":[1,2'],
	["send-event", "a/b", "--data", "{'a':1}"],
	["send-event", "a/b", "--data", "{a:1}"],
	["send-event", "a/b", "--data", ""],
	["send-event", "a/b", "--data", "nope"],
	["send-event", "a/b", "--data", '{"n":12345678901234567890}'],
	["send-event", "a/b", "--data", '{"a":1,"a":2}'],
	["send-event", "a/b", "--data", "[1]"],
	["send-event", "a/b", "--data", "null"],
	["send-event", "a/b", "--data", "@nowhere.json"],
	["send-event", "a/b", "--data", "@folder"],
	["send-event", "a/b", "--data", "@empty.json"],
	["send-event", "a/b", "--data", "-"],
	["send-event", "a/b", "--user", "7"],
	["send-event", "a/b", "--id", ""],
	["send-event", "a/b", "--ts", "1795474756"],
	["send-event", "a/b", "--ts", "2026-11-23"],
	["send-event", "a/b", "--ts", "1000"],
	["send-event", "a/b", "--ts", "1795474756000.5"],
	["send-event", "a/b", "--ts", "9999999999999"],
	["send-event", "a/b", "--ts", "-5"],
	["send-events"],
	["send-events", "[]"],
	["send-events", "-"],
	["send-events", "lines.ndjson"],
	["send-events", "@nowhere.ndjson"],
	["send-events", "@folder"],
	["send-events", "@empty.json"],
	["send-events", "@broken.json"],
	["send-events", "@broken.json", "--skip-invalid"],
	["send-events", "@some-bad.ndjson"],
	["send-events", '[{"data":{}}]'],
	["send-events", '[{"data":{}}]', "--skip-invalid"],
	["send-events", "7"],
	["send-events", '[{"name":"a/b"}]', "--resume", "x"],
	["send-events", '[{"name":"a/b"}]', "--resume", "mb3k9x2a-0123456789ab-k7m2q9xa@12.c4n8"],
	["resend-event"],
	["resend-event", "{orderEvent}", "--data", "[1]"],
	["invoke-function"],
	["invoke-function", "shop/order-confirm", "--data", "null"],
	["invoke-function", "shop/order-confirm", "--data", "[]"],
	["invoke-function", "shop/order-confirm", "--idempotency-key", ""],
];

const ends = (path: string): [name: string, Failure][] => [
	["HTML", { path, status: 200, body: "<!doctype html><h1>Gateway</h1>", contentType: "text/html", times: 9 }],
	["HTML with an error", { path, status: 502, body: "<h1>Bad Gateway</h1>", contentType: "text/html", times: 99 }],
	["broken JSON", { path, status: 200, body: '{"data":[{"id":"01M8', contentType: "application/json", times: 99 }],
	["other JSON", { path, status: 200, body: { data: "none" }, times: 99 }],
	["nothing", { path, destroy: true, times: 99 }],
	["nothing, once", { path, destroy: true }],
	["an answer lost", { path, destroy: true, after: true }],
	["an error under 200", { path, status: 200, body: { error: "no such run", data: null, status: 500 }, times: 99 }],
	["400", { path, status: 400, body: { errors: [{ code: "missing_field", message: "Input data is required" }] } }],
	["401", { path, status: 401, body: "Authentication failed", times: 9 }],
	["403", { path, status: 403, body: { errors: [{ code: "access_denied", message: "Not allowed" }] }, times: 9 }],
	["404", { path, status: 404, body: { errors: [{ code: "not_found", message: "Not found" }] }, times: 9 }],
	["404 of a page", { path, status: 404, body: "404 page not found\n", times: 9 }],
	["409", { path, status: 409, body: { errors: [{ code: "conflict", message: "Conflict" }] }, times: 9 }],
	["429, once", { path, status: 429, headers: { "retry-after": "2" } }],
	["429, again and again", { path, status: 429, body: { error: "rate limited" }, times: 99 }],
	["429, for long", { path, status: 429, headers: { "retry-after": "600" }, times: 9 }],
	["500, once", { path, status: 500, body: { error: "oh no" } }],
	["500", { path, status: 500, body: { error: "oh \u001b[31mno" }, times: 99 }],
	["501", { path, status: 501, body: { errors: [{ code: "not_implemented", message: "Not in OSS" }] }, times: 9 }],
	["503, twice", { path, status: 503, times: 2 }],
	["a redirect", { path, status: 302, headers: { location: "http://127.0.0.1:9/x" }, times: 9 }],
	["late", { path, delayMs: 40_000, times: 99 }],
	["late, once", { path, delayMs: 40_000 }],
	["slow", { path, delayMs: 900 }],
];

/** Calls, and the requests of theirs that fail. */
const FAILING: readonly [line: string, path: string][] = [
	["list-apps", "/v2/apps"],
	["send-event shop/order.created", "/e/"],
];
/** The same, but only parts fail: what can still be said. */
const PARTLY: readonly [line: string, path: string][] = [
	["get-run {failed}", "/trace"],
	["get-run {sleeping}", "/jobs"],
	["get-run {order}", "/v1/events"],
	["get-event {orderEvent}", "/runs"],
	["get-function sync-crm", "/jobs"],
	["list-events --with-runs --limit 3", "/runs"],
	["list-runs --with-events --limit 3", "/v1/events"],
	["list-runs --with-waits --status running", "/jobs"],
	["list-functions", "/functions"],
	["triage-failures", "/v2/runs"],
	["triage-failures --since 2d", "cursor="],
	["report-health --since 2d", "cursor="],
	["report-health --since 2d --against previous", "status=RUNNING"],
	["watch --every 24h --slots 2", "/v2/apps"],
	["check-setup", "/v2/apps"],
	["check-setup", "/v1/events"],
	["check-setup", "/e/"],
	["wait-for-run {sleeping} --timeout 10s", "/v2/runs"],
	["send-event shop/order.created --wait --timeout 20s", "/runs"],
	["send-events @lines.ndjson", "/e/"],
	["resend-event {orderEvent}", "/e/"],
	["invoke-function order-confirm", "/invoke"],
];
const PART: readonly [name: string, Omit<Failure, "path">][] = [
	["500", { status: 500, body: { error: "oh no" }, times: 99 }],
	["404", { status: 404, body: { errors: [{ code: "not_found", message: "Not found" }] }, times: 99 }],
	["401", { status: 401, body: "Authentication failed", times: 99 }],
	["nothing, twice", { destroy: true, times: 2 }],
];

/** With a code already given, the requests that act fail. */
const ACTING: readonly [line: string, path: string][] = [
	["cancel-run {sleeping}", "/cancel"],
	["cancel-runs --function slow-report", "/cancel"],
	["replay-run {failed}", "/rerun"],
	["replay-runs --function charge-card", "/rerun"],
	["send-events @many.ndjson", "/e/"],
];
const ACTS: readonly [name: string, Omit<Failure, "path">][] = [
	["500, once", { status: 500, method: "POST" }],
	["500", { status: 500, method: "POST", times: 99 }],
	["500 in the middle", { status: 500, method: "POST", skip: 1, times: 99 }],
	["401", { status: 401, method: "POST", body: "Authentication failed", times: 99 }],
	["429", { status: 429, method: "POST", headers: { "retry-after": "1" } }],
	["an answer lost", { destroy: true, after: true, method: "POST" }],
	["answers lost", { destroy: true, after: true, method: "POST", times: 99 }],
	["a refusal", { status: 400, method: "POST", body: { error: "Event name is required", ids: [""], status: 400 } }],
];

function failing(): Scene[] {
	const scenes: Scene[] = [];
	for (const [line, path] of FAILING)
		for (const [, failure] of ends(path))
			scenes.push(scene([call(line, { faults: [failure] })], ["self-hosted", "cloud"]));
	for (const [line, path] of PARTLY)
		for (const [, failure] of PART) scenes.push(scene([call(line, { faults: [{ ...failure, path }] })], SELF_HOSTED));
	for (const [line, path] of ACTING)
		for (const [, failure] of ACTS) {
			const act = call(`${line} --confirm {code}`, { faults: [{ ...failure, path }] });
			// A later plan shows what was done.
			scenes.push(scene([line, act, line], SELF_HOSTED));
		}
	return scenes;
}

/** Keys, addresses and other settings. */
function settings(): Scene[] {
	const none = { INNGEST_BASE_URL: null, INNGEST_EVENT_KEY: null, INNGEST_SIGNING_KEY: null, INNGEST_API_KEY: null };
	const wrong = { INNGEST_SIGNING_KEY: "0badc0de", INNGEST_EVENT_KEY: "0badc0de" };
	const at = (url: string) => ({ INNGEST_BASE_URL: url });
	const addresses = [
		"https://user:pw@inngest.example.com",
		"https://inngest.example.com/api",
		"https://inngest.example.com?x=1",
		"ftp://inngest.example.com",
		"file:///etc/passwd",
		"http://inngest.example.com",
		"http://localhost.evil.example",
		"inngest.example.com",
		"https://inngest.invalid",
		"http://127.0.0.1:1",
		"http://localhost:8288/",
		"https://api.inngest.com",
		"",
	];
	const changing = everyIntent({ failed: "{failed}", live: "{sleeping}", event: "{orderEvent}" }).filter(
		([name]) => !named(true).includes(name),
	);
	return [
		...addresses.map((url) => scene([call("list-runs --limit 1", { env: at(url) })], SELF_HOSTED)),
		...["check-setup", "send-event a/b", "check-setup --json"].map((line) =>
			scene([call(line, { env: at("http://127.0.0.1:1") })], SELF_HOSTED),
		),
		...["list-runs --limit 1", "send-event a/b", "check-setup", "check-setup --json"].flatMap((line) => [
			scene([call(line, { env: wrong })], SELF_HOSTED),
			scene([call(line, { env: { INNGEST_SIGNING_KEY: null } })], SELF_HOSTED),
			scene([call(line, { env: { INNGEST_EVENT_KEY: null } })], SELF_HOSTED),
			scene([call(line, { env: { INNGEST_SIGNING_KEY: "abc def" } })], SELF_HOSTED),
			scene([call(line, { env: { ...at("https://inngest.invalid"), INNGEST_SIGNING_KEY: null } })], SELF_HOSTED),
			scene([call(line, { env: { ...at("https://inngest.invalid"), INNGEST_EVENT_KEY: null } })], SELF_HOSTED),
			// Nothing is configured: the dev server is tried.
			scene([call(line, { env: { INNGEST_DEV: null } })], ["dev"]),
			scene([call(line, { env: { INNGEST_DEV: "0" } })], ["dev"]),
			scene([call(line, { env: { INNGEST_DEV: "1" } })], ["dev"]),
			scene([call(line, { env: { INNGEST_DEV: "http://dev.example.com:8288" } })], ["dev"]),
			scene([call(line, { env: { INNGEST_DEV: "http://localhost:1" } })], ["dev"]),
			scene([call(`${line} --dev`)], SELF_HOSTED),
			scene([call(`${line} --env x`, { env: { INNGEST_DEV: null } })], ["dev"]),
			scene([call(line, { env: { INNGEST_READ_ONLY: "1" } })], SERVERS),
			scene([call(line, { env: { INNGEST_READ_ONLY: "0" } })], SERVERS),
			scene([call(line, { env: { INNGEST_ENV: null } })], CLOUD),
			scene([call(line, { env: { INNGEST_ENV: null, INNGEST_SIGNING_KEY: null } })], CLOUD),
			scene([call(line, { env: { INNGEST_API_KEY: null, INNGEST_EVENT_KEY: null } })], CLOUD),
			scene([call(`${line} --env staging`)], CLOUD),
			scene([call(`${line} --env nowhere`)], CLOUD),
			scene([call(line, { env: none })], CLOUD),
		]),
		...changing.flatMap((args) => [
			scene([call(args, { env: { INNGEST_READ_ONLY: "1" } })], ["self-hosted"]),
			scene([call(args, { env: { INNGEST_ENV: null } })], ["cloud"]),
		]),
		// No name is resolved: Inngest Cloud without a network.
		...each(["list-apps", "send-event a/b", "check-setup", "cancel-run {sleeping}"], ["curl"]).map(({ calls }) => ({
			calls: calls.map((one) => ({ ...one, env: { INNGEST_BASE_URL: "https://inngest.invalid" } })),
			kinds: SELF_HOSTED,
		})),
	];
}

/** Sequences of several calls. */
function sequences(): Scene[] {
	const page = (line: string): Scene[] => [
		scene([line, `${line} --cursor {cursor}`, `${line} --cursor {cursor}`]),
		scene([`${line} --json`, `${line} --json --cursor {cursor}`]),
	];
	return [
		...page("list-runs --limit 6 --since 2d --json"),
		...page("list-events --limit 12"),
		...page("list-events --name shop/card.charged --limit 12"),
		scene(
			["list-runs --limit 6", "list-runs --limit 6 --until {until}", "list-runs --limit 6 --until {until}"],
			SERVERS,
		),
		scene([
			"triage-failures",
			"replay-runs --group {group} --since 2h",
			"replay-runs --group {group} --since 2h --confirm {code} --wait",
			"triage-failures",
			"replay-runs --group {group} --since 2h",
		]),
		scene(["triage-failures --json", "replay-runs --group {group}", "replay-runs --group {group} --confirm {code}"]),
		scene([
			"send-event shop/order.created",
			"get-event {sent}",
			"wait-for-run --event {sent}",
			"resend-event {sent} --wait",
		]),
		scene(["send-event shop/order.created --json", "get-event {sent} --json"]),
		scene(["send-event shop/order.created --id own-9", "send-event shop/order.created --id own-9", "get-event {sent}"]),
		scene([
			'send-event shop/report.requested --data \'{"id":"r1"}\'',
			'send-event shop/report.cancelled --data \'{"id":"r1"}\'',
			"list-runs --function slow-report --limit 3",
		]),
		scene(['send-event shop/refund.approved --data \'{"id":"ref_1"}\'', "get-run {approval}"]),
		scene(["send-event shop/customer.updated", "wait-for-run --event {sent} --timeout 20m"]),
		scene(["invoke-function order-confirm", "get-run {run}", "wait-for-run {run}"]),
		scene(["invoke-function order-confirm --json", "get-run {run} --json"]),
		scene(
			["invoke-function order-confirm --idempotency-key k1", "invoke-function order-confirm --idempotency-key k1"],
			["cloud"],
		),
		scene([
			"replay-run {failed}",
			"replay-run {failed} --confirm {code}",
			"get-run {run}",
			"replay-run {run}",
			"replay-run {run} --confirm {code}",
			"replay-run {failed}",
		]),
		scene(["replay-run {failed} --json", "replay-run {failed} --confirm {code} --json"]),
		scene(["replay-run {failed}", "replay-run {failed} --from-step parse --confirm {code}"]),
		scene(["cancel-run {sleeping}", "cancel-run {approval} --confirm {code}"]),
		// Within the hour, and after it.
		scene(["cancel-run {sleeping}", call("cancel-run {sleeping} --confirm {code}", { after: 1_200_000 })]),
		scene(["cancel-run {asleep}", call("cancel-run {asleep} --confirm {code}", { after: 3_700_000 })]),
		scene([
			"cancel-runs --app shop",
			"send-event shop/report.requested",
			"cancel-runs --app shop --confirm {code}",
			"cancel-runs --app shop --confirm {code}",
		]),
		scene([
			"replay-runs --app shop",
			"replay-run {failed}",
			"replay-run {failed} --confirm {code}",
			"replay-runs --app shop",
		]),
		scene([call("send-event shop/order.created --data -", { stdin: '{"orderId":"from a pipe"}' }), "get-event {sent}"]),
		scene([call("send-event shop/order.created --data - --user -", { stdin: '{"orderId":"from a pipe"}' })]),
		scene([call("resend-event {orderEvent} --data -", { stdin: '{"total":1}' }), "get-event {sent}"]),
		scene([
			call("replay-run {order} --from-step email --input -", { stdin: '[{"to":"pipe"}]' }),
			call("replay-run {order} --from-step email --input - --confirm {code}", { stdin: '[{"to":"pipe"}]' }),
		]),
		scene([call("send-events -", { stdin: stream(3) })]),
		scene([call("send-events - --json", { stdin: `[${event(1)}, ${event(2)}]` })]),
		scene([
			call("send-events -", { stdin: stream(150) }),
			call("send-events - --confirm {code}", { stdin: `${stream(150)}\n${event(999)}` }),
			call("send-events - --confirm {code}", { stdin: `${stream(150)}\n${event(999)}` }),
		]),
		scene([call("send-events -", { stdin: `${event(1)}\n{"name":"a/b",}\n${event(2)}\n` })]),
		scene([call("send-events - --skip-invalid", { stdin: `${event(1)}\n{"name":"a/b",}\n${event(2)}\n` })]),
		// A stream that is interrupted and resumed.
		scene(
			[
				"send-events @many.ndjson",
				call("send-events @many.ndjson --confirm {code}", {
					faults: [{ path: "/e/", status: 401, skip: 1, times: 99 }],
				}),
				"send-events @many.ndjson --resume {resume}",
				"send-events @lines.ndjson --resume {resume}",
				call("send-events @many.ndjson --resume {resume}", { after: 90_000_000 }),
			],
			SELF_HOSTED,
		),
	];
}

/** Ctrl-C, and a terminal. */
function terminal(): Scene[] {
	const at = (line: string, interrupt: number, before: string[] = []): Scene =>
		scene([...before, call(line, { interrupt })], SELF_HOSTED);
	return [
		at("list-apps", 1),
		at("triage-failures --since 3d", 1),
		at("list-events --match x", 1),
		at("wait-for-run {sleeping}", 2),
		at("wait-for-run {order} {sleeping}", 4),
		at("send-event shop/order.created", 1),
		at("send-event shop/report.requested --wait", 4),
		at("cancel-runs --app shop --confirm {code}", 4, ["cancel-runs --app shop"]),
		at("replay-runs --app shop --confirm {code}", 60, ["replay-runs --app shop"]),
		at("replay-run {failed} --confirm {code}", 4, ["replay-run {failed}"]),
		at("send-events @many.ndjson --confirm {code}", 1, ["send-events @many.ndjson"]),
		...[
			"triage-failures",
			"report-health --json",
			"wait-for-run {sleeping} --timeout 3s",
			"list-events --match ord",
			"replay-runs --app shop",
			"send-events @lines.ndjson",
			"send-events @lines.ndjson --json",
		].map((line) => scene([call(line, { terminal: true })], SELF_HOSTED)),
		scene(["cancel-runs --app shop", call("cancel-runs --app shop --confirm {code}", { terminal: true })], SELF_HOSTED),
	];
}

/** All scenes. */
export function corpus(): Scene[] {
	const all = everyIntent({ failed: "{failed}", live: "{sleeping}", event: "{orderEvent}" });
	const help = Object.keys(manifest.intents).flatMap((name) => [`${name} --help`, `help ${name}`]);
	return [
		...[
			[],
			["help"],
			["--help"],
			["-h"],
			["--version"],
			["--version", "--json"],
			["help", "list-runs", "--json"],
			["list-runs", "-h"],
		].map((args) => scene([call(args)], SELF_HOSTED)),
		...each(help, SELF_HOSTED),
		...all.flatMap((args) => [
			scene([call(args)]),
			scene([call([...args, "--json"])]),
			scene([call([...args, "--curl"])], SERVERS),
			scene([call([...args, "--curl", "--json"])], SELF_HOSTED),
			scene([call([...args, "--bogus-thing"])], SELF_HOSTED),
		]),
		...both(READS),
		...both(WRITES),
		...PLANS.flatMap((one) => {
			const [line, more = ""] = typeof one === "string" ? [one] : one;
			const confirmed = `${line} ${more} --confirm {code}`;
			return [scene([line, confirmed, confirmed]), scene([`${line} --json`, `${confirmed} --json`], SELF_HOSTED)];
		}),
		...both(NO_PLANS),
		...WRONG.map((args) => scene([call(args)], SELF_HOSTED)),
		...sequences(),
		...failing(),
		...settings(),
		...terminal(),
	];
}

/** Our runs and events that replace unknown ids, by what takes them. */
const STANDS_FOR: [of: RegExp, names: string[]][] = [
	[/^(get-event|resend-event|list-events)$/, ["{orderEvent}", "{failedEvent}", "{nobodyEvent}"]],
	[/^cancel-runs?$/, ["{sleeping}", "{approval}", "{asleep}"]],
	[/./, ["{failed}", "{order}", "{sleeping}", "{card}"]],
];

/**
 * Calls recorded from tests (INNGEST_GOLDEN_ARGV, see test/skill.ts), each once. Their servers are gone: ids, except those that exist on no
 * server, are replaced by ours in order.
 */
export function recorded(text: string): Scene[] {
	const scenes = new Map<string, Scene>();
	for (const line of text.split("\n").filter(Boolean)) {
		const { args, stdin }: Call = JSON.parse(line);
		const names = STANDS_FOR.find(([of]) => of.test(args[0] ?? ""))?.[1] ?? [];
		const known = new Map([
			[UNKNOWN, UNKNOWN],
			[NOWHERE, NOWHERE],
		]);
		let next = 0;
		const ours = args.map((arg, i) =>
			arg.replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, (id) => {
				const events = args[i - 1] === "--event" ? ["{orderEvent}"] : names;
				const name = known.get(id) ?? events[next++ % events.length] ?? id;
				known.set(id, name);
				return name;
			}),
		);
		const made = scene([call(ours, stdin === undefined ? {} : { stdin })], SERVERS);
		scenes.set(JSON.stringify(made), made);
	}
	return [...scenes.values()];
}

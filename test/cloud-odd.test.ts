/** Every intent on a Cloud whose responses vary from the recorded servers': it says the same, or less, and never breaks. */
import { describe, expect, test } from "vitest";
import { callCloud } from "./cloud-call.ts";
import { type Cloud, type CloudOptions, openCloud } from "./inngest-server/cloud.ts";
import { isObject, type Json } from "./inngest-server/json.ts";
import { everyIntent } from "./intents.ts";

/** What each call says, with its exit code; for plans, also after confirmation. */
async function saidBy(options: CloudOptions, change: (cloud: Cloud) => void = () => {}): Promise<Map<string, string>> {
	const cloud = openCloud({ budget: false, ...options });
	const production = cloud.environment("Production");
	const [[failed = ""] = [], [live = ""] = []] = production.seedRuns([
		{ function: "import-catalog", count: 5, status: "FAILED", step: "parse", error: { message: "column missing" } },
		{ function: "slow-report", count: 2, status: "RUNNING", waits: "sleep" },
		{ function: "order-confirm", count: 20 },
	]);
	const event = production.run(failed)?.eventIds[0] ?? "";
	change(cloud);
	const env = cloud.env({ ...production.keys, api: cloud.keys.write, environment: "production" });
	const said = new Map<string, string>();
	for (const argv of [
		...everyIntent({ failed, live, event }),
		["get-run", live],
		["list-runs", "--with-waits", "--with-events"],
		["cancel-runs", "--function", "shop/slow-report", "--match", "n"],
	]) {
		const own = argv[0] === "send-signal" ? { ...env, INNGEST_API_KEY: undefined } : env;
		const first = await callCloud(cloud, argv, own);
		const code = /--confirm (\w+)/.exec(first.text)?.[1];
		const last = code === undefined ? first : await callCloud(cloud, [...argv, "--confirm", code], own);
		said.set(plain(argv.join(" ")), plain(`${first.exit} ${last.exit} ${first.text}\n${last.text}`));
	}
	await cloud.close();
	return said;
}

/** Without what varies between calls. */
const plain = (text: string): string =>
	text
		.replaceAll(/\b01[A-Z0-9]{24}\b/g, "ID")
		.replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "UUID")
		.replaceAll(/--(cursor|since) \S+/g, "--$1 WHERE")
		.replaceAll(/(--confirm|group|code:?) \w\S+/g, "$1 CODE")
		.replaceAll(/(\d+(\.\d+)?(ms|[smhd]))+\b|\d\d:\d\d(:\d\d)?Z/g, "TIME");

/** Fields without which an item is invalid. */
const NEEDED = new Set([
	"id",
	"internal_id",
	"name",
	"runId",
	"eventId",
	"data",
	"page",
	"cursor",
	"rootSpan",
	"app",
	"function",
]);
type Change = (key: string, value: unknown) => unknown;
/** A response with each field changed, except in payloads. */
function changed(value: unknown, change: Change): unknown {
	if (Array.isArray(value))
		return change(
			"[]",
			value.map((one) => changed(one, change)),
		);
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, one]) => [
			key,
			change(key, /^(input|output|metadata)$/.test(key) ? one : changed(one, change)),
		]),
	);
}
const everywhere = (change: Change) => (cloud: Cloud) =>
	cloud.alter(/^\/v[12]\/(?!envs)/, (body: Json) => changed(body, change));

const usual = await saidBy({});

test("ids in small letters, the names of v1's description, and runs without times are the same", async () => {
	const odd = { lowerCaseIds: true, v1Names: "specification", skippedWithoutTimes: true } as const;
	expect([...(await saidBy(odd))]).toEqual([...usual]);
});

describe("fields", () => {
	const exits = (said: Map<string, string>) => [...said].map(([call, text]) => `${call}: ${text.slice(0, 3)}`);
	test.each<[string, Change]>([
		["numbers as texts", (_, value) => (typeof value === "number" ? String(value) : value)],
		["texts of digits as numbers", (_, value) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : value)],
	])("%s: all is said as ever", async (_, change) => {
		const said = await saidBy({}, everywhere(change));
		expect(exits(said)).toEqual(exits(usual));
	});

	test.each<[string, Change]>([
		["that are null", (key, value) => (NEEDED.has(key) || key === "[]" ? value : null)],
		["that are missing", (key, value) => (NEEDED.has(key) || key === "[]" ? value : undefined)],
		[
			"of lists with items that are none",
			(key, value) =>
				key === "[]" && Array.isArray(value) && isObject(value[0]) ? [null, ...value, { id: [] }] : value,
		],
	])("%s break nothing", async (_, change) => {
		const said = await saidBy({}, everywhere(change));
		for (const [call, text] of said) expect(text, call).not.toContain("The skill itself failed");
	});
});

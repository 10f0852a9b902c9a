/** Every intent with arguments that it takes: the basis for tests of all intents. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseManifest } from "../lib/gate/manifest.ts";

const ID = "01M85369BX39BZFM3TC50ACTFC";
export const manifest = await parseManifest(readFileSync(join(import.meta.dirname, "../skill.yaml"), "utf8"));

/** Calls of all intents in skill.yaml: `failed` and `live` are runs, `event` is one of the shop's. */
export function everyIntent({ failed = ID, live = ID, event = ID } = {}): [name: string, ...args: string[]][] {
	const args: Record<string, string[]> = {
		"check-setup": [],
		"list-runs": [],
		"get-run": [failed],
		"wait-for-run": [failed, "--timeout", "1ms"],
		"triage-failures": [],
		"report-health": [],
		watch: [],
		"list-events": ["--with-runs"],
		"get-event": [event],
		"list-functions": [],
		"get-function": ["shop/order-confirm"],
		"list-schedules": [],
		"list-apps": [],
		"list-envs": [],
		"query-insights": ["SELECT status, count() FROM runs GROUP BY status"],
		"send-event": ["shop/card.charged"],
		"send-events": ['[{"name":"a/b"}]'],
		"resend-event": [event],
		"send-signal": ["pay-17"],
		"invoke-function": ["shop/order-confirm"],
		"sync-app": ["shop", "--url", "https://shop.example/api/inngest"],
		"replay-run": [failed],
		"replay-runs": ["--app", "shop"],
		"cancel-run": [live],
		"cancel-runs": ["--app", "shop"],
	};
	return Object.keys(manifest.intents).map((name) => {
		const own = args[name];
		if (!own) throw new Error(`test/intents.ts has no arguments for ${name}`);
		return [name, ...own];
	});
}
/** The names of those that only read, or of the others. */
export const named = (reading: boolean): string[] =>
	Object.keys(manifest.intents).filter((name) => (manifest.intents[name]?.effect === "read") === reading);

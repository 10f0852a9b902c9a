/**
 * Calls an intent in this process as on Inngest Cloud, with the double as its server: argv in; text, `--json` and exit code out, through
 * the real client. Time is the call's own: pauses pass at once, and the double's budget uses the same clock.
 */
import nock from "nock";
import { run } from "../lib/cli/run.ts";
import type { Variables } from "../lib/gate/secrets.ts";
import type { Cloud } from "./inngest-server/cloud.ts";
import { aWorld, type TestWorld } from "./world.ts";

export interface CloudCalled {
	text: string;
	/** What `--json` prints. */
	json: string;
	exit: number;
	to: "stdout" | "stderr";
	world: TestWorld;
}

const ORIGINS = ["https://api.inngest.com", "https://inn.gs"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** One call with these variables: `cloud.env({ api: cloud.keys.write, environment: "Production" })`. */
export async function callCloud(
	cloud: Cloud,
	argv: readonly string[],
	env: Variables,
	world: TestWorld = aWorld({ env, now: Date.now() }),
): Promise<CloudCalled> {
	cloud.countBy(world.clock.now);
	if (!nock.isActive()) nock.activate();
	for (const origin of ORIGINS)
		for (const method of METHODS)
			nock(origin)
				.persist()
				.intercept(/.*/, method)
				.reply((request: Request) => answered(cloud, request));
	try {
		const { text, json, exit, to } = await run(argv, world);
		return { text, json: json(), exit, to, world };
	} finally {
		nock.cleanAll();
		nock.restore();
	}
}

async function answered(cloud: Cloud, request: Request): Promise<[number, string, Record<string, string>]> {
	const { host, pathname, search } = new URL(request.url);
	const body = await request.text();
	const headers = Object.fromEntries(request.headers);
	const reply = await cloud.answer({ host, method: request.method, url: pathname + search, headers, body });
	if (reply === undefined) throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
	return [reply.status, reply.body, reply.headers];
}

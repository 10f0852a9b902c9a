/**
 * Runs the Cloud double as a process: `node test/inngest-server/cloud-main.ts --measured`. Prints one line of JSON when ready: the proxy,
 * the variables for it with production's keys, and names of runs. Ends on SIGTERM or SIGINT. `GET <proxy>/__test/stats` shows what was
 * requested, `DELETE <proxy>/__test/requests` clears it.
 */
import { parseArgs } from "node:util";
import { type CloudOptions, measuredRuns, PLANS, startCloud } from "./cloud.ts";

const { values } = parseArgs({
	options: {
		plan: { type: "string", default: "free" },
		latency: { type: "string", default: "0" },
		measured: { type: "boolean", default: false },
		"no-budget": { type: "boolean", default: false },
		"lower-case-ids": { type: "boolean", default: false },
		"refuse-whole-batch": { type: "boolean", default: false },
		"reruns-succeed": { type: "boolean", default: false },
	},
});

const isPlan = (name: string): name is keyof typeof PLANS => Object.hasOwn(PLANS, name);
if (!isPlan(values.plan)) {
	console.error("--plan must be free, basic or pro");
	process.exit(2);
}

const options: CloudOptions = {
	plan: values.plan,
	latencyMs: Number(values.latency),
	lowerCaseIds: values["lower-case-ids"],
	refuseWholeBatch: values["refuse-whole-batch"],
	rerunsSucceed: values["reruns-succeed"],
	...(values["no-budget"] && { budget: false }),
};

const cloud = await startCloud(options);
const production = cloud.environment("Production");
const runs = values.measured ? production.seedRuns(measuredRuns()) : [];
const { event, signing } = production.keys;
const env = cloud.env({ event, signing, api: cloud.keys.write, environment: production.name });
console.log(JSON.stringify({ proxy: cloud.proxy, env, failed: runs[0]?.[0], pid: process.pid }));

for (const signal of ["SIGTERM", "SIGINT"] as const)
	process.on(signal, () => cloud.close().then(() => process.exit(0)));

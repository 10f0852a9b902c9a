/**
 * Runs the server as a process: `node test/inngest-server/main.ts --port 0 --kind dev`. Prints one line of JSON, `{"url", "kind", "pid"}`,
 * when ready; ends on SIGTERM or SIGINT.
 */
import { parseArgs } from "node:util";
import { type ServerOptions, startServer } from "./server.ts";

const { values } = parseArgs({
	options: {
		port: { type: "string", default: "0" },
		kind: { type: "string" },
		"event-key": { type: "string" },
		"signing-key": { type: "string" },
		"api-key": { type: "string" },
		env: { type: "string", multiple: true },
		speed: { type: "string", default: "1" },
		"start-delay": { type: "string", default: "0" },
		"keep-events": { type: "string" },
		instant: { type: "boolean", default: false },
		"count-only": { type: "boolean", default: false },
		"reruns-succeed": { type: "boolean", default: false },
		"no-cache": { type: "boolean", default: false },
		// The kitchen's recorded runs instead of the app "shop"; `--shift`: as if recorded just now.
		recorded: { type: "string" },
		shift: { type: "boolean", default: false },
	},
});

const { recorded } = values;
const kind = values.kind ?? (recorded === "kitchen-self-hosted" ? "self-hosted" : "dev");
if (kind !== "dev" && kind !== "self-hosted" && kind !== "cloud") {
	console.error("--kind must be dev, self-hosted or cloud");
	process.exit(2);
}
if (recorded !== undefined && recorded !== "kitchen" && recorded !== "kitchen-self-hosted") {
	console.error("--recorded must be kitchen or kitchen-self-hosted");
	process.exit(2);
}

const options: ServerOptions = {
	kind,
	port: Number(values.port),
	speed: Number(values.speed),
	startDelayMs: Number(values["start-delay"]),
	instant: values.instant,
	countOnly: values["count-only"],
	rerunsSucceed: values["reruns-succeed"],
	cache: !values["no-cache"],
};
if (recorded !== undefined) Object.assign(options, { recorded, shift: values.shift });
if (values["event-key"] !== undefined) options.eventKey = values["event-key"];
if (values["signing-key"] !== undefined) options.signingKey = values["signing-key"];
if (values["api-key"] !== undefined) options.apiKey = values["api-key"];
if (values.env !== undefined) options.envs = values.env;
if (values["keep-events"] !== undefined) options.keepEvents = Number(values["keep-events"]);

const server = await startServer(options);
console.log(JSON.stringify({ url: server.url, kind: server.kind, pid: process.pid }));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
	process.on(signal, () => {
		server.close().then(() => process.exit(0));
	});
}

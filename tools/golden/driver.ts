/** A process that plays scenes with one build on one kind of server, and sends what each call said to its parent. */
import { chdir } from "node:process";
import { pathToFileURL } from "node:url";
import * as fakes from "./fakes.ts";
import type { Call, Job, Outcome } from "./scene.ts";

fakes.install();
const { readFileSync } = await import("node:fs");
const { request } = await import("node:http");
const { startServer } = await import("../../test/inngest-server/server.ts");
const { newIds } = await import("../../test/inngest-server/ids.ts");
const { EVENTS, SEEDS, SETTLED } = await import("./world.ts");
type Server = Awaited<ReturnType<typeof startServer>>;

const job: Job = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const script = pathToFileURL(`${job.folder}/scripts/main.mjs`).href;
const files = process.argv[3] ?? "";
chdir(files);

/** Keys that are none: put together, so that no scanner takes them for some. */
const KEYS = {
	event: ["fake", "event", "key"].join("-"),
	signing: ["signkey", "test", "fa".repeat(16)].join("-"),
	api: ["sk", "inn", "api", "fake".repeat(5)].join("-"),
};
const URL_OF_SERVER = `http://127.0.0.1:${fakes.PORT}`;
const ENVIRONMENT: Record<Job["kind"], Record<string, string>> = {
	dev: { INNGEST_DEV: URL_OF_SERVER },
	"self-hosted": {
		INNGEST_BASE_URL: URL_OF_SERVER,
		INNGEST_EVENT_KEY: KEYS.event,
		INNGEST_SIGNING_KEY: KEYS.signing,
	},
	cloud: { INNGEST_EVENT_KEY: KEYS.event, INNGEST_SIGNING_KEY: KEYS.signing, INNGEST_API_KEY: KEYS.api },
	curl: { INNGEST_EVENT_KEY: KEYS.event, INNGEST_SIGNING_KEY: KEYS.signing, INNGEST_API_KEY: KEYS.api },
};

/** Asks the server as the driver, not as the skill. */
async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
	let text: string | undefined;
	const headers = {
		authorization: `Bearer ${KEYS.signing}`,
		"x-inngest-event-id-seed": `${fakes.START},${"A".repeat(14)}==`,
	};
	const asked = request(new URL(path, URL_OF_SERVER), { method, headers }, (response) => {
		let got = "";
		response
			.setEncoding("utf8")
			.on("data", (part: string) => {
				got += part;
			})
			.once("end", () => {
				text = got;
			});
	});
	asked.end(body === undefined ? undefined : JSON.stringify(body));
	if (!(await fakes.until(() => text !== undefined && fakes.isDone()))) throw new Error(`no answer to ${path}`);
	return JSON.parse(text ?? "");
}

/** A server in the state that all scenes begin with, and how its runs and events are called. */
async function open(): Promise<{ server: Server; names: Record<string, string> }> {
	fakes.restart();
	const { kind } = job;
	const names: Record<string, string> = {};
	const server = await fakes.asServer(() => {
		newIds();
		return startServer({
			kind: kind === "curl" ? "cloud" : kind,
			eventKey: KEYS.event,
			signingKey: KEYS.signing,
			apiKey: KEYS.api,
			instant: true,
			envs: ["production", "staging"],
		});
	});
	fakes.route(server.port, kind === "cloud");
	const seeded = fakes.asServer(() => server.seedRuns(Object.values(SEEDS), 7));
	for (const [i, name] of Object.keys(SEEDS).entries()) {
		const ids = seeded[i] ?? [];
		names[name] = ids[0] ?? "";
		names[`${name}Last`] = ids.at(-1) ?? "";
		names[`${name}Event`] = server.run(ids[0] ?? "")?.eventIds[0] ?? "";
	}
	const sent = await ask("POST", `/e/${KEYS.event}`, Object.values(EVENTS));
	const ids = Object(sent).ids;
	if (!Array.isArray(ids)) throw new Error(`the events were not taken: ${JSON.stringify(sent)}`);
	for (const [i, name] of Object.keys(EVENTS).entries()) names[`${name}Event`] = String(ids[i]);
	fakes.pass(SETTLED);
	fakes.reseed();
	return { server, names };
}

/** The runs that the events of `EVENTS` started: looked up once, on a server that is not used for anything else. */
async function lookUp(): Promise<Record<string, string>> {
	const { server, names } = await open();
	for (const name of Object.keys(EVENTS)) {
		const { data } = Object(await ask("GET", `/v1/events/${names[`${name}Event`]}/runs`));
		const runs: unknown[] = Array.isArray(data) ? data : [];
		for (const [i, run] of runs.entries()) names[i ? `${name}${i + 1}` : name] = String(Object(run).run_id);
	}
	await server.close();
	return names;
}

/** What later calls may use of an answer. */
const PICKED: Record<string, RegExp> = {
	code: /--confirm ([0-9a-z]{9})\b/,
	resume: /(?:--resume|Resume code:) ([\w@.-]+)/,
	group: /(?:\bgroup |"code":")([0-9a-z]{6,8})\b/,
	cursor: /(?:--cursor |"cursor":")([^\s"]+)/,
	until: /--until (\S+)/,
	run: /(?:\brun |"runId":")(01\w{24})\b/,
	sent: /(?:\bevent |"id":")(01\w{24})\b/,
};

const said = { stdout: "", stderr: "" };
const complain = process.stderr.write.bind(process.stderr);
let playing = false;
for (const name of ["stdout", "stderr"] as const)
	Object.defineProperty(process[name], "write", {
		configurable: true,
		value: (text: string) => {
			said[name] += text;
			return true;
		},
	});
const uncaught = (error: unknown): void => {
	const told = `UNCAUGHT ${error instanceof Error ? error.stack : error}\n`;
	if (!playing) {
		complain(told);
		process.exit(1);
	}
	said.stderr += told;
	process.exitCode = 99;
};
process.on("uncaughtException", uncaught).on("unhandledRejection", uncaught);

const around = { ...process.env };
let loads = 0;

async function play(call: Call, server: Server | undefined, names: Record<string, string>): Promise<Outcome> {
	const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);
	const args = call.args.map(fill);
	Object.assign(said, { stdout: "", stderr: "" });
	if (call.after !== undefined) fakes.pass(call.after);
	server?.clearFaults();
	for (const { path, ...fault } of call.faults ?? []) server?.failNext(path, fault);
	fakes.giveInput(fill(call.stdin ?? ""));
	let asked = 0;
	fakes.whenAsked(() => {
		if (++asked === call.interrupt) fakes.asSkill(() => process.emit("SIGINT"));
	});
	const given = Object.entries({ ...ENVIRONMENT[job.kind], ...call.env });
	process.env = {
		...around,
		...Object.fromEntries(given.flatMap(([name, value]) => (value === null ? [] : [[name, fill(value)]]))),
	};
	process.argv = [process.argv[0] ?? "", script, ...args];
	process.exitCode = 0;
	Object.defineProperty(process.stderr, "isTTY", { configurable: true, value: call.terminal });
	let over = false;
	playing = true;
	import(`${script}?${loads++}`).catch(uncaught).finally(() => {
		over = true;
	});
	if (!(await fakes.until(() => over && fakes.isDone()))) {
		said.stderr += "NO END\n";
		process.exitCode = 98;
	}
	playing = false;
	const code = Number(process.exitCode);
	process.exitCode = 0;
	fakes.whenAsked(undefined);
	for (const name of ["SIGINT", "SIGTERM"]) process.removeAllListeners(name);
	for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners("error");
	for (const [name, pattern] of Object.entries(PICKED)) {
		const found = pattern.exec(said.stdout + said.stderr)?.[1];
		if (found !== undefined) names[name] = found;
	}
	const here = (text: string) => text.replaceAll(job.folder, "FOLDER").replaceAll(files, "FILES");
	return { args: call.args, code, stdout: here(said.stdout), stderr: here(said.stderr) };
}

const known = await lookUp();
let server: Server | undefined;
for (const { calls } of job.scenes) {
	if (job.kind === "curl") {
		// There is no server: a request fails, and is seen.
		fakes.restart();
		fakes.pass(SETTLED);
		fakes.route(undefined, false);
	} else if (server?.requests.every(({ method }) => method === "GET") && fakes.elapsed() === SETTLED) {
		// It has only been read from, and no time has passed: it is as it was.
		fakes.reseed();
	} else {
		await server?.close();
		server = (await open()).server;
	}
	server?.clearRequests();
	const names = { ...known };
	const outcomes: Outcome[] = [];
	for (const call of calls) outcomes.push(await play(call, server, names));
	await new Promise((resolve) => process.send?.(outcomes, undefined, undefined, resolve));
}
await server?.close();
process.exitCode = 0;
process.channel?.unref();

/** Keys are never printed: every intent runs with recognisable ones, and all output is searched for them. */
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InngestServer, startServer } from "../inngest-server/server.ts";
import { everyIntent } from "../intents.ts";
import { type Result, skill } from "../skill.ts";

const SIGNING = "5ec2e7a1b4c93d8f70e6152433a9bcde5ec2e7a1b4c93d8f70e6152433a9bcd1";
const KEYS = {
	INNGEST_SIGNING_KEY: `signkey-prod-${SIGNING}`,
	INNGEST_EVENT_KEY: "Ev3ntK3y+=Qx7Zr9Lm2Tp4Vb6Nc8Hd1Js5Wf0Gk=",
	INNGEST_API_KEY: "sk-inn-api-Ap1K3yRq8Tn5Wz2Xc7Vb4Nm9Lk6Jh3Gf",
};

/** Everything that would reveal a key: whole, encoded in some way, or a large part of it. */
const FORMS = Object.values(KEYS).flatMap((value) => {
	const bare = value.replace(/^signkey-prod-|^sk-inn-api-/, "");
	return [value, bare, value.toLowerCase(), bare.slice(0, 12), bare.slice(12, 26), bare.slice(-12)].flatMap((form) => [
		form,
		encodeURIComponent(form),
		Buffer.from(form).toString("base64").replace(/=+$/, "").slice(0, -2),
		Buffer.from(form).toString("base64url").slice(0, -2),
		Buffer.from(form).toString("hex"),
	]);
});

function holdsNoKey({ stdout, stderr }: Result, what: string): void {
	const printed = stdout + stderr;
	for (const form of FORMS) if (printed.includes(form)) expect.fail(`${what} printed ${form}:\n${printed}`);
}

const RUN = "01M85369BX39BZFM3TC50ACTFC";
let server: InngestServer;
let env: Record<string, string>;
const known = { event: RUN, failed: RUN, sleeping: RUN };

/** With keys in the payloads: what a user typed is masked too. */
const intents = (): string[][] =>
	everyIntent({ failed: known.failed, live: known.sleeping, event: known.event }).map(([name, ...args]) =>
		name === "send-event"
			? [name, "shop/order.created", "--data", JSON.stringify({ note: KEYS.INNGEST_EVENT_KEY })]
			: name === "send-events"
				? [name, JSON.stringify([{ name: "a/b", data: { note: SIGNING } }])]
				: [name, ...args],
	);

beforeAll(async () => {
	server = await startServer({
		kind: "self-hosted",
		eventKey: KEYS.INNGEST_EVENT_KEY,
		signingKey: KEYS.INNGEST_SIGNING_KEY,
		instant: true,
	});
	env = { ...KEYS, INNGEST_BASE_URL: server.url };
	// Keys in payloads and errors, as happens in practice.
	const message = `wrong key ${KEYS.INNGEST_API_KEY} (${KEYS.INNGEST_SIGNING_KEY})`;
	const data = { key: KEYS.INNGEST_EVENT_KEY, nested: [`x${SIGNING}`] };
	const [[failed = RUN] = []] = server.seedRuns([
		{ function: "import-catalog", count: 2, status: "FAILED", step: "parse", error: { message }, data },
		{ function: "order-confirm", count: 1, output: data, data },
	]);
	known.failed = failed;
	known.event = server.run(failed)?.eventIds[0] ?? RUN;
	known.sleeping =
		server.seedRuns([{ function: "slow-report", count: 1, status: "RUNNING", waits: "sleep" }], 2)[0]?.[0] ?? RUN;
});
afterAll(() => server.close());

test("that the search finds what it should", () => {
	const printed = (stdout: string): Result => ({ code: 0, stdout, stderr: "", ms: 0 });
	for (const value of Object.values(KEYS)) expect(() => holdsNoKey(printed(`x${value}y`), "")).toThrow();
	expect(() => holdsNoKey(printed(`…/e/${encodeURIComponent(KEYS.INNGEST_EVENT_KEY.slice(0, 20))}…`), "")).toThrow();
});

describe("every intent", () => {
	for (const flag of ["", "--json", "--curl"])
		test(flag || "as text", async () => {
			for (const args of intents()) {
				const result = await skill(flag ? [...args, flag] : args, { env, node: process.execPath });
				expect(result.stderr + result.stdout, args[0]).not.toContain("The skill itself failed");
				// Only Cloud syncs on request and has Insights, so nothing is requested.
				const isRefused = args[0] === "query-insights" || (args[0] === "sync-app" && flag !== "--curl");
				const codes = isRefused ? [2] : [0, 1, 3];
				expect(codes, `${args[0]}: ${result.stderr}`).toContain(result.code);
				// What the user typed is the user's: only --curl repeats it.
				if (!(flag === "--curl" && args[0]?.startsWith("send-event"))) holdsNoKey(result, `${args[0]} ${flag}`);
			}
		});
});

describe("a server that echoes what it was sent", () => {
	let echo: Server;
	let url = "";
	/** The echo's form; the padding puts the key where a message is cut. */
	let shape: (said: string) => { status: number; body: string; type: string };
	const json = (status: number, body: unknown) => ({ status, body: JSON.stringify(body), type: "application/json" });

	beforeAll(async () => {
		echo = createServer((request, response) => {
			const bare = String(request.headers.authorization ?? "").replace("Bearer ", "");
			const { status, body, type } = shape(`${request.url} ${bare} ${JSON.stringify(request.headers)}`);
			response.writeHead(status, { "content-type": type });
			response.end(body);
		});
		await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
		const address = echo.address();
		url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
	});
	afterAll(() => new Promise((resolve) => echo.close(resolve)));

	const everyFormat = (said: string) =>
		json(400, { errors: [{ code: "invalid_request", message: said }], error: said, status: 400, ids: [], data: null });
	const calls: [string, string[]][] = [
		["reading", ["list-runs"]],
		["reading events", ["list-events"]],
		["the setup", ["check-setup"]],
		["sending", ["send-event", "a/b"]],
		["sending many", ["send-events", '[{"name":"a/b"}]']],
		["a story", ["get-run", RUN]],
		["cancelling", ["cancel-run", RUN]],
		["invoking", ["invoke-function", "a/b"]],
	];
	test.for(calls)("in its error messages: %s", async ([, args]) => {
		shape = everyFormat;
		const whole = await skill(args, { env: { ...env, INNGEST_BASE_URL: url }, node: process.execPath });
		expect(whole.code, whole.stdout + whole.stderr).not.toBe(0);
		holdsNoKey(whole, `${args[0]}, echoed`);
		// Messages are cut at 200 characters: somewhere in a key.
		for (const padding of [180]) {
			shape = (said) => everyFormat("x".repeat(padding) + said);
			const cut = await skill([...args, "--json"], { env: { ...env, INNGEST_BASE_URL: url }, node: process.execPath });
			holdsNoKey(cut, `${args[0]}, echoed and cut at ${padding}`);
		}
	});

	test("as plain text, as HTML, in a code, in what should be data, in a redirect", async () => {
		const shapes: (typeof shape)[] = [
			(said) => ({ status: 401, body: said, type: "text/plain" }),
			(said) => ({ status: 404, body: `<p>${said}`, type: "text/html" }),
			(said) => json(400, { errors: [{ code: said.split(" ")[1], message: "no" }] }),
			(said) =>
				json(200, { data: [{ id: RUN, status: said, app: { id: said }, function: { id: said.slice(0, 60) } }] }),
			(said) => json(200, { data: said }),
		];
		for (const one of shapes) {
			shape = one;
			for (const args of [["list-runs"], ["list-runs", "--json"]])
				holdsNoKey(
					await skill(args, { env: { ...env, INNGEST_BASE_URL: url }, node: process.execPath }),
					one.toString(),
				);
		}
	});
});

test("keys on Inngest Cloud's requests stay names", async () => {
	for (const args of [["list-runs"], ["list-events"], ["send-event", "a/b"], ["cancel-run", RUN]]) {
		const result = await skill([...args, "--env", "production", "--curl"], { env: KEYS, node: process.execPath });
		expect(result.stdout).toMatch(/\$INNGEST_(API|SIGNING|EVENT)_KEY/);
		holdsNoKey(result, `${args[0]} on Cloud`);
	}
});

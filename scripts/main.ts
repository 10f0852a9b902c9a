/** argv → intent → stdout and exit code. The only module that prints. */
import { setMaxListeners } from "node:events";
import { helpAll, helpFor, parseCommand } from "../lib/args.ts";
import { type Api, createClient } from "../lib/client.ts";
import { planCode, plannedAt, shortCode } from "../lib/confirm.ts";
import { ConfirmationNeeded, SkillError, UsageError } from "../lib/errors.ts";
import type { Answer, ComposedIntent, Context, SimpleIntent } from "../lib/intent.ts";
import { intentEntry, readManifest } from "../lib/manifest.ts";
import { authorisedBy, type Request, toCurl } from "../lib/request.ts";
import { openConcealer, openSecrets, readSettings } from "../lib/secrets.ts";
import { resolveTarget } from "../lib/target.ts";
import { lines, toJson } from "../lib/text.ts";

/** How long a wait lasts, in ms, where `--timeout` does not say. */
const WAIT = 60_000;

/** Ends a run under `--curl`: the request that would have been sent. */
class WouldSend extends Error {
	readonly request: Request;
	constructor(request: Request) {
		super();
		this.request = request;
	}
}

async function main(argv: readonly string[]): Promise<Answer> {
	const manifest = await readManifest();
	const [name = "help", ...rest] = argv;
	if (["help", "--help", "-h"].includes(name)) {
		if (rest[0] && !rest[0].startsWith("-")) return main([rest[0], "--help"]);
		return { text: helpAll(manifest), data: manifest };
	}
	if (name === "--version") return { text: manifest.version, data: manifest.version };
	const entry = intentEntry(manifest, name);
	const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
	const { default: intent }: { default: SimpleIntent | ComposedIntent } = await import(`../${entry.handler}${ending}`);
	if (rest.includes("--help") || rest.includes("-h")) return { text: helpFor(name, intent, entry), data: entry };

	const settings = readSettings();
	if (settings.readOnly && entry.effect !== "read")
		throw new UsageError(
			`INNGEST_READ_ONLY is set, and ${name} is ${entry.effect}; nothing was sent.`,
			"Only the operator decides that: do not unset it.",
		);
	const { globals, params, typed } = parseCommand(name, intent, rest);
	const secrets = openSecrets(
		name,
		entry.secrets.filter((secret) => Object.hasOwn(manifest.secrets, secret)),
	);
	const target = resolveTarget(
		settings,
		globals,
		secrets.has("INNGEST_API_KEY") || secrets.has("INNGEST_SIGNING_KEY") || secrets.has("INNGEST_EVENT_KEY"),
	);
	if (target.kind === "cloud" && entry.effect !== "read" && target.environment === undefined)
		throw new UsageError(
			`${name} on Inngest Cloud needs its environment named; nothing was sent.`,
			"Add --env production (or another), or set INNGEST_ENV. Ask the user which.",
		);

	let confirmed = false;
	const waits = name === "wait-for-run" || params.wait === true;
	const bound = (set: unknown) => [target.kind, target.api, target.environment, name, typed, set];
	const interrupt = new AbortController();
	// Every request and pause in flight listens to it.
	setMaxListeners(0, interrupt.signal);
	process.once("SIGINT", () => interrupt.abort()).once("SIGTERM", () => interrupt.abort());
	const api: Api = globals.curl
		? { send: (request) => Promise.reject(new WouldSend(request)) }
		: createClient({
				manifest,
				intent: entry,
				target,
				secrets,
				settings,
				// Where --timeout is that of the whole wait, one attempt has at least 2 s of it.
				timeout: waits ? Math.min(Math.max(globals.timeout ?? 30_000, 2_000), 30_000) : (globals.timeout ?? 30_000),
				deadline: name === "wait-for-run" ? Date.now() + (globals.timeout ?? WAIT) : undefined,
				confirmed: () => confirmed,
				signal: interrupt.signal,
			});
	const context: Context = {
		api,
		target,
		has: secrets.has,
		readOnly: settings.readOnly,
		now: Date.now(),
		timeout: globals.timeout ?? WAIT,
		signal: interrupt.signal,
		unasked: typeof entry.confirm === "number" ? entry.confirm : entry.confirm ? 0 : Number.POSITIVE_INFINITY,
		codeFor: (set) => shortCode(bound(set)),
		confirm(plan, set) {
			// Nothing is sent, and the request that would be is what was asked for.
			if (globals.curl) return context.now;
			const planned = globals.confirm === undefined ? undefined : plannedAt(globals.confirm, bound(set), context.now);
			if (planned !== undefined) {
				confirmed = true;
				return planned;
			}
			const stale =
				globals.confirm !== undefined &&
				"That code is for another plan or the plan has changed, or is older than an hour; nothing was changed. The plan now:";
			const code = planCode(bound(set), context.now);
			throw new ConfirmationNeeded(
				lines(stale, plan),
				`Nothing was changed. Show this plan to the user; after their yes, call the same again with --confirm ${code}`,
				code,
			);
		},
		progress(line, milestone = false) {
			if (globals.curl) return;
			if (globals.json && milestone !== "always") return;
			if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}${milestone ? "\n" : ""}`);
			else if (milestone) process.stderr.write(`${line}\n`);
		},
	};
	try {
		if (globals.curl && intent.request) throw new WouldSend(intent.request(params));
		if ("run" in intent) return inEnvironment(await intent.run(params, context), globals.environment);
		const answer = await api.send(intent.request(params), intent.response);
		return { text: intent.summarize(answer, context, params), data: answer };
	} catch (error) {
		if (!(error instanceof WouldSend)) throw error;
		const { request } = error;
		const names = target.kind === "dev" ? [] : authorisedBy(target, request);
		const curl = toCurl(target, request, names.find((one) => secrets.has(one)) ?? names[0]);
		const notes = [
			!intent.request && "# the first of several requests",
			entry.effect === "destructive" &&
				request.method !== "GET" &&
				"# not before the user has seen the plan and said yes",
		];
		return {
			text: lines(notes, curl),
			data: { method: request.method, path: request.path, curl },
		};
	}
}

/** The next call is for the same environment, which a call must name as this one did. */
const inEnvironment = (answer: Answer, environment: string | undefined): Answer =>
	environment === undefined
		? answer
		: { ...answer, text: answer.text.replace(/^Next: .*/gm, (next) => `${next} (with --env ${environment})`) };

/** Prints an answer or an error, and sets the exit code. */
async function entry(argv: readonly string[]): Promise<void> {
	const json = argv.includes("--json");
	const conceal = openConcealer();
	try {
		const answer = await main(argv);
		if (process.stderr.isTTY && process.stdout.isTTY) process.stderr.write("\r\u001b[2K");
		process.stdout.write(`${json ? toJson(answer.data, conceal) : conceal(answer.text)}\n`);
		process.exitCode = answer.exit ?? 0;
	} catch (error) {
		const { message, next, exit } =
			error instanceof SkillError
				? error
				: {
						message: `The skill itself failed: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}`,
						next: "Please report it with the command that was run.",
						exit: 1,
					};
		const plan = error instanceof ConfirmationNeeded;
		const text =
			plan && json ? toJson({ plan: message, code: error.code, next }, conceal) : conceal(`${message}\n${next}`);
		(plan ? process.stdout : process.stderr).write(`${text}\n`);
		process.exitCode = exit;
	}
}

// Whoever reads may have closed the pipe. Work in hand goes on without its milestones; an answer that can't be given is the end.
process.stderr.on("error", () => undefined);
process.stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? undefined : 1));
await entry(process.argv.slice(2));

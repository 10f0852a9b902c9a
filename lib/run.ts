/** A call from its words to its answer: argv → intent → text, `--json` and exit code, in a world that is handed in. */
import { setMaxListeners } from "node:events";
import { type Globals, helpAll, helpFor, parseCommand } from "./args.ts";
import { type Api, createClient } from "./client.ts";
import { planCode, plannedAt, shortCode } from "./confirm.ts";
import { ConfirmationNeeded, type ExitCode, SkillError, UsageError } from "./errors.ts";
import type { Answer, ComposedIntent, Context, SimpleIntent } from "./intent.ts";
import { type IntentEntry, intentEntry, readManifest } from "./manifest.ts";
import { authorisedBy, type Request, toCurl } from "./request.ts";
import { openConcealer, openSecrets, readSettings, type Secrets } from "./secrets.ts";
import { resolveTarget, type Target } from "./target.ts";
import { lines, toJson } from "./text.ts";
import type { World } from "./world.ts";

/** How long a wait lasts, in ms, where `--timeout` does not say. */
const WAIT = 60_000;

/** What a call prints, with every secret concealed; neither ends with a line break. */
export interface Outcome {
	text: string;
	/** What `--json` prints instead, made when it is asked for; an error is printed as text all the same. */
	json(): string;
	/** An answer and a plan go to stdout, an error to stderr. */
	to: "stdout" | "stderr";
	exit: ExitCode;
}

/** Runs a call; what goes wrong is an outcome, too. */
export async function run(argv: readonly string[], world: World): Promise<Outcome> {
	const conceal = openConcealer(world.env);
	try {
		const { text, data, exit = 0 } = await answer(argv, world);
		return { text: conceal(text), json: () => toJson(data, conceal), to: "stdout", exit };
	} catch (error) {
		const { message, next, exit } = error instanceof SkillError ? error : broken(error);
		const text = conceal(`${message}\n${next}`);
		if (!(error instanceof ConfirmationNeeded)) return { text, json: () => text, to: "stderr", exit };
		return { text, json: () => toJson({ plan: message, code: error.code, next }, conceal), to: "stdout", exit };
	}
}

const broken = (error: unknown): Pick<SkillError, "message" | "next" | "exit"> => ({
	message: `The skill itself failed: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}`,
	next: "Please report it with the command that was run.",
	exit: 1,
});

async function answer(argv: readonly string[], world: World): Promise<Answer> {
	const manifest = await readManifest();
	const [name = "help", ...rest] = argv;
	if (["help", "--help", "-h"].includes(name)) {
		if (rest[0] && !rest[0].startsWith("-")) return answer([rest[0], "--help"], world);
		return { text: helpAll(manifest), data: manifest };
	}
	if (name === "--version") return { text: manifest.version, data: manifest.version };
	const entry = intentEntry(manifest, name);
	const intent = await load(entry);
	if (rest.includes("--help") || rest.includes("-h")) return { text: helpFor(name, intent, entry), data: entry };

	const { env, clock, random, signal } = world;
	const now = clock.now();
	const settings = readSettings(env);
	if (settings.readOnly && entry.effect !== "read")
		throw new UsageError(
			`INNGEST_READ_ONLY is set, and ${name} is ${entry.effect}; nothing was sent.`,
			"Only the operator decides that: do not unset it.",
		);
	const { globals, params, typed } = parseCommand(name, intent, rest, now);
	const secrets = openSecrets(
		env,
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
	// Every request and pause in flight listens to it.
	setMaxListeners(0, signal);
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
				deadline: name === "wait-for-run" ? now + (globals.timeout ?? WAIT) : undefined,
				confirmed: () => confirmed,
				clock,
				random,
				signal,
			});
	const context: Context = {
		api,
		target,
		has: secrets.has,
		readOnly: settings.readOnly,
		curl: globals.curl,
		clock,
		random,
		now,
		timeout: globals.timeout ?? WAIT,
		signal,
		unasked: typeof entry.confirm === "number" ? entry.confirm : entry.confirm ? 0 : Number.POSITIVE_INFINITY,
		codeFor: (set) => shortCode(bound(set)),
		confirm(plan, set) {
			// Nothing is sent, and the request that would be is what was asked for.
			if (globals.curl) return now;
			const planned = globals.confirm === undefined ? undefined : plannedAt(globals.confirm, bound(set), now);
			if (planned !== undefined) {
				confirmed = true;
				return planned;
			}
			throw planNeeded(plan, planCode(bound(set), now), globals.confirm !== undefined);
		},
		progress(line, milestone = false) {
			if (globals.curl) return;
			if (globals.json && milestone !== "always") return;
			world.note(line, milestone !== false);
		},
	};
	try {
		if (globals.curl && intent.request) throw new WouldSend(intent.request(params, context));
		if ("run" in intent) return inEnvironment(await intent.run(params, context), globals);
		const found = await api.send(intent.request(params, context), intent.response);
		return { text: intent.summarize(found, context, params), data: found };
	} catch (error) {
		if (!(error instanceof WouldSend)) throw error;
		return curlOf(error.request, target, secrets, entry, !intent.request);
	}
}

/** The handler that the manifest names, as source or as built: its file ends as this one's does. */
async function load({ handler }: IntentEntry): Promise<SimpleIntent | ComposedIntent> {
	const file = `../${handler}${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`;
	const { default: intent }: { default: SimpleIntent | ComposedIntent } = await import(file);
	return intent;
}

/** Nothing has been done yet; `stale`: a code was given, and it is not this plan's. */
function planNeeded(plan: string, code: string, stale: boolean): ConfirmationNeeded {
	return new ConfirmationNeeded(
		lines(
			stale &&
				"That code is for another plan or the plan has changed, or is older than an hour; nothing was changed. The plan now:",
			plan,
		),
		`Nothing was changed. Show this plan to the user; after their yes, call the same again with --confirm ${code}`,
		code,
	);
}

/** Ends a call under `--curl`: the request that would have been sent. */
class WouldSend extends Error {
	readonly request: Request;
	constructor(request: Request) {
		super();
		this.request = request;
	}
}

/** The curl equivalent of a request; `first`: of several that the intent sends. */
function curlOf(request: Request, target: Target, secrets: Secrets, entry: IntentEntry, first: boolean): Answer {
	const names = target.kind === "dev" ? [] : authorisedBy(target, request);
	const curl = toCurl(target, request, names.find((one) => secrets.has(one)) ?? names[0]);
	const notes = [
		first && "# the first of several requests",
		entry.effect === "destructive" &&
			request.method !== "GET" &&
			"# not before the user has seen the plan and said yes",
	];
	return { text: lines(notes, curl), data: { method: request.method, path: request.path, curl } };
}

/** The next call is for the same environment, which a call must name as this one did. */
const inEnvironment = (answer: Answer, { environment }: Globals): Answer =>
	environment === undefined
		? answer
		: { ...answer, text: answer.text.replace(/^Next: .*/gm, (next) => `${next} (with --env ${environment})`) };

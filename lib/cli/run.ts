/** A call from its words to its answer: argv → intent → text, `--json` and exit code, in a given world. */

import { type IntentEntry, intentEntry, type Manifest, readManifest, SECRETS } from "../gate/manifest.ts";
import { isSelfHosted, openConcealer, openSecrets, readSettings, type World } from "../gate/secrets.ts";
import { resolveTarget } from "../gate/target.ts";
import type { Intent, Printed } from "../intent.ts";
import { ConfirmationNeeded, type ExitCode, refusal, SkillError } from "../text/errors.ts";
import { withFlags } from "../text/nouns.ts";
import { clean, escaped, isObject, isSecret, mask, UNSEEN } from "../text/text.ts";
import { openWork, type Work, WrongClock } from "../wire/retry.ts";
import { act, flagsOf, type Understood } from "./act.ts";
import { type Globals, helpFor, parseCommand } from "./args.ts";

/** What a call prints, with every secret concealed and no final line break. */
export interface Outcome {
	text: string;
	/** What `--json` prints instead, made on demand. */
	json(): string;
	/** Answers and plans go to stdout, errors to stderr. */
	to: "stdout" | "stderr";
	exit: ExitCode;
}

/** Runs a call; errors are outcomes too. */
export async function run(argv: readonly string[], world: World): Promise<Outcome> {
	const conceal = openConcealer(world.env);
	const suggestions: Suggestions = {};
	const shown = (text: string) => conceal(withFlags(text, flagsOf(suggestions.globals)));
	const outcome = (text: string, data: unknown, exit: ExitCode, to: Outcome["to"] = "stdout"): Outcome => ({
		text: shown(text),
		json: () => toJson(data, shown),
		to,
		exit,
	});
	try {
		const { text, data, exit = 0 } = await answer(argv, world, suggestions);
		return outcome(text, data, exit);
	} catch (error) {
		const { message, next, exit } = error instanceof SkillError ? error : broken(error);
		const text = `${message}\n${next}`;
		if (error instanceof ConfirmationNeeded) return outcome(text, { plan: message, code: error.code, next }, exit);
		return outcome(text, { error: message, next }, exit, "stderr");
	}
}

const broken = (error: unknown): Pick<SkillError, "message" | "next" | "exit"> => ({
	message: `The skill itself failed: ${error instanceof Error ? clean(error.message, 200) : "unknown"}`,
	next: "Please report it with the command that was run.",
	exit: 1,
});

async function answer(argv: readonly string[], world: World, suggestions: Suggestions): Promise<Printed> {
	const manifest = await readManifest();
	const [name = "help", ...rest] = argv;
	if (["help", "--help", "-h"].includes(name)) {
		if (rest[0] && !rest[0].startsWith("-")) return answer([rest[0], "--help"], world, suggestions);
		return { text: helpAll(manifest), data: manifest };
	}
	if (name === "--version") return { text: manifest.version, data: manifest.version };
	const entry = intentEntry(manifest, name);
	const intent = await load(entry);
	if (rest.includes("--help") || rest.includes("-h")) return { text: helpFor(name, intent, entry), data: entry };

	const settings = readSettings(world.env);
	if (settings.readOnly && entry.effect !== "read")
		throw refusal(
			`INNGEST_READ_ONLY is set, and ${name} is not a read`,
			"Only the operator decides that: do not unset it.",
		);
	return byTheClock({ name, manifest, entry, intent, settings, suggestions }, rest, world);
}

export function helpAll(manifest: Manifest): string {
	const group = (effect: IntentEntry["effect"], title: string) => [
		title,
		...Object.entries(manifest.intents).flatMap(([name, entry]) =>
			entry.effect === effect ? [`  ${name.padEnd(17)} ${entry.summary}`] : [],
		),
	];
	return [
		`inngest ${manifest.version}: <intent> [id] [--flag value …]; \`<intent> --help\` for its flags`,
		...group("read", "Read:"),
		...group("write", "Write:"),
		...group("destructive", "Destructive (a plan and a code first):"),
	].join("\n");
}

/** Runs a call by this machine's clock; if the server's differs, again by the server's. */
async function byTheClock(named: Named, words: readonly string[], world: World): Promise<Printed> {
	const work = openWork(world.signal, named.entry.effect === "read" || "since" in named.intent.params.shape);
	try {
		return await act(understood(named, words, world, work), world);
	} catch (error) {
		const { ahead } = work;
		if (!(error instanceof WrongClock) || ahead === undefined) throw error;
		const there = { ...world, clock: { ...world.clock, now: () => world.clock.now() + ahead } };
		return act({ ...understood(named, words, there, openWork(world.signal)), ahead }, there);
	}
}

/** The flags of a call, which its suggestions take over, once they are known. */
interface Suggestions {
	globals?: Globals;
}

interface Named extends Pick<Understood, "name" | "manifest" | "entry" | "intent" | "settings"> {
	suggestions: Suggestions;
}

function understood(named: Named, words: readonly string[], { env, clock }: World, work: Work): Understood {
	const { name, manifest, entry, intent, settings } = named;
	const now = clock.now();
	const { globals, params, typed, inputs } = parseCommand(name, intent, words, now);
	named.suggestions.globals = globals;
	const allowed = entry.secrets.filter((secret) => Object.hasOwn(manifest.secrets, secret));
	const secrets = openSecrets(env, name, allowed);
	const target = resolveTarget(settings, globals, SECRETS.some(secrets.has), intent.account);
	// Any key means Cloud: without its server's address, a self-hosted server's key would be sent there.
	if (target.kind === "cloud" && !settings.baseUrl && !secrets.has("INNGEST_API_KEY") && isSelfHosted(env))
		throw refusal(
			"INNGEST_SIGNING_KEY is hexadecimal, as a self-hosted server's; Inngest Cloud's begins with signkey-",
			"Ask the user to set INNGEST_BASE_URL to the self-hosted server's address; or, for Inngest Cloud, INNGEST_SIGNING_KEY to the whole key.",
		);
	if (target.kind === "cloud" && entry.effect !== "read" && target.environment === undefined)
		throw refusal(
			`${name} on Inngest Cloud needs an environment`,
			"Add --env production (or another), or set INNGEST_ENV. Ask the user which.",
		);
	return { ...named, globals, params, typed, inputs, secrets, target, now, work };
}

/** The handler that the manifest names, as source or built: its file has the same extension as this one. */
async function load({ handler }: IntentEntry): Promise<Intent> {
	const file = `../../${handler}${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`;
	const { default: intent }: { default: Intent } = await import(file);
	return intent;
}

/**
 * What `--json` prints. Everything, with hidden characters escaped, lone surrogates replaced and credentials masked. `conceal` masks the
 * skill's own.
 */
export function toJson(value: unknown, conceal: (text: string) => string = (text) => text): string {
	// jq and Python can't read an escaped lone surrogate.
	const harmlessText = (text: string) => conceal(mask(text.toWellFormed()));
	const harmless = (item: unknown, depth: number, secret = false): unknown => {
		if (secret && (typeof item === "string" || typeof item === "number")) return "[masked]";
		if (typeof item === "string") return harmlessText(item);
		if (typeof item === "number") return conceal(String(item)) === String(item) ? item : conceal(String(item));
		if (!isObject(item)) return item;
		if (depth > 1000) return "…";
		if (Array.isArray(item)) return item.map((one) => harmless(one, depth + 1, secret));
		return Object.fromEntries(
			Object.entries(item).map(([key, one]) => [
				harmlessText(key),
				harmless(one, depth + 1, secret || isSecret(key, one)),
			]),
		);
	};
	return JSON.stringify(harmless(value, 0)).replace(UNSEEN, escaped);
}

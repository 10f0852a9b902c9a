/** Carries out a parsed call: settles where it goes, then runs the intent. */

import { setMaxListeners } from "node:events";
import { openPlans } from "../gate/confirm.ts";
import { archivedText, environmentText, type Naming } from "../gate/environment.ts";
import type { IntentEntry, Manifest } from "../gate/manifest.ts";
import type { SecretName, Secrets, Settings, World } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { explained, type Keys, nowhere, onlyDev, openKeys, type Place, permits, settle } from "../inngest/place.ts";
import type { Answer, Context, Intent, Printed, Words } from "../intent.ts";
import { ConfirmationNeeded, dataOf, missingKey, SkillError } from "../text/errors.ts";
import { argument, callText, flagged, type Suggested, withFlags } from "../text/nouns.ts";
import { isObject, type Line, lines, plural, words } from "../text/text.ts";
import { type Api, Client, type ClientOptions, checkHost } from "../wire/client.ts";
import { authorisedBy, isRead, type Request, toCurl } from "../wire/request.ts";
import { aheadText, interrupted, openPace, type Work } from "../wire/retry.ts";
import type { Globals } from "./args.ts";

/** How long to wait for a response, in ms, unless `--timeout` is longer. */
const ATTEMPT = 30_000;
/** How long a wait lasts without `--timeout`, in ms. */
const WAIT = 60_000;

/** A parsed call. */
export interface Understood {
	name: string;
	manifest: Manifest;
	entry: IntentEntry;
	intent: Intent;
	settings: Settings;
	globals: Globals;
	params: Record<string, unknown>;
	typed: Record<string, unknown>;
	inputs: readonly string[];
	secrets: Secrets;
	target: Target;
	now: number;
	work: Work;
	/** By how many ms the server's clock, which the call uses, is ahead of this machine's; undefined if they agree. */
	ahead?: number | undefined;
}

export async function act(call: Understood, world: World): Promise<Printed> {
	const { entry, intent, globals, secrets, target, now, work } = call;
	if (!intent.tellsKeys) checkKeys(call);
	// Every request and pause in progress listens to them.
	setMaxListeners(0, world.signal, work.stop);
	/** List items that could not be read. */
	const odd = new Set<string>();
	const clientFor = openClients(call, world, odd);
	const naming = namingOf(target);
	const looking = clientFor({ target });
	const keys = openKeys(globals.curl ? undefined : looking, secrets, naming, now);
	const { place, permit } = await placeOf(call, naming, keys).catch((error) => {
		throw inAll(error, call);
	});
	suggestFound(globals, place, naming);
	const notes = () => notesOf(call, place, odd.size);
	const sending = {
		target: { ...place.target, label: place.server },
		oneKey: place.oneKey,
		doubtful: place.doubt !== undefined,
		permit: target.kind === "dev" && !target.local ? onlyDev(looking, target) : permit,
	};
	const open = () => (globals.curl ? PRINTING : clientFor(sending));
	try {
		const answer = await answerOf(call, {
			...surroundings(call, world, place),
			...plansOf(call, place, notes),
			api: open(),
			looks: open(),
			naming,
			keys,
		});
		if (entry.effect !== "read" && work.stop.aborted) throw interrupted(work);
		const next = answer.next?.map((one) => namingOne(one, call)) ?? [];
		return { ...answer, text: render({ ...answer, next }, notes()), data: withFacts(dataOf(answer), place, odd.size) };
	} catch (error) {
		if (error instanceof WouldSend) return curlOf(error.request, place, call, permit);
		if (error instanceof ConfirmationNeeded && work.stop.aborted) throw interrupted(work);
		throw inAll(await explained(error, naming, keys, place.environment), call);
	}
}

/** Reads send names as typed: suggested calls have the one that was found. */
function suggestFound(globals: Globals, { environment, target }: Place, naming: Naming | undefined): void {
	const found = environment && target.environment;
	const isOther = found !== naming?.text && environment?.name !== naming?.text;
	if (found && isOther && (globals.environment || target.proven)) globals.environment = found;
}

function plansOf(call: Understood, place: Place, notes: () => Line[]) {
	const { name, globals, typed, secrets, target, now, work } = call;
	const own = place.decidedBy === undefined ? [] : [secrets.get(place.decidedBy)];
	return openPlans({
		curl: globals.curl,
		given: globals.confirm,
		now,
		bound: [target.kind, target.api, place.environment?.id || place.target.environment, name, typed, ...own],
		notes: () => [place.doubt, ...notes()],
		agreed: () => {
			work.confirmed = true;
		},
	});
}

/** Further lines of plans and answers. */
const notesOf = ({ inputs, work, ahead }: Understood, { doubt, environment }: Place, unread: number): Line[] => [
	inputs.length > 0 && `Input: ${inputs.join(", ")}`,
	doubt === undefined && environment && `Environment: ${environmentText(environment)}`,
	environment?.archived && archivedText(environment),
	unread > 0 &&
		`${plural(unread, "item")} from the server could not be read and ${unread === 1 ? "is" : "are"} omitted.`,
	// If the call uses the server's clock, its label already says so.
	ahead === undefined && work.ahead !== undefined && `The server's clock is ${aheadText(work.ahead)}.`,
];

/** The same error, saying that nothing was changed if that is true of the whole call and not obvious. */
function inAll(error: unknown, { entry, work }: Understood): unknown {
	const isOpen = error instanceof SkillError && error.exit === 1 && !/\bnothing\b/i.test(error.message);
	if (isOpen && entry.effect !== "read" && work.changes === 0)
		error.message = `${error.message.replace(/\.$/, "")}; nothing was changed.`;
	return error;
}

/** Refuses implausible keys before anything is sent, whichever it would use; and a server before a key is looked at. */
function checkKeys({ manifest, secrets, target }: Understood): void {
	checkHost(manifest, target, target.api);
	if (target.kind === "dev") return;
	for (const name of secrets.allowed) if (target.kind === "cloud" || name !== "INNGEST_API_KEY") secrets.get(name);
}

/** How a call names its environment on Inngest Cloud; other servers have none. */
function namingOf({ kind, environment: text, namedBy: by }: Target): Naming | undefined {
	return kind === "cloud" && text !== undefined && by ? { text, by } : undefined;
}

/** Where a call goes, and for which requests its keys may be used. */
async function placeOf(call: Understood, naming: Naming | undefined, keys: Keys) {
	const { entry, intent, settings, globals, secrets, target } = call;
	if (intent.account || target.kind !== "cloud") return { place: nowhere(target), permit: undefined };
	const by = intent.changesBy ?? v2Key;
	const changes = entry.effect === "read" ? undefined : by(secrets.has);
	const events = intent.events === true;
	if (!globals.curl) checkSet(secrets.has, changes && by, events);
	const { environment: flag, curl: unasked } = globals;
	const where = { target, changes, events, secrets, naming, flag, setting: settings.environment, keys, unasked };
	const place = await settle(where);
	return { place, permit: permits(where, place) };
}

/** Refuses a call that lacks the key for its changes or for reading events, before anything is requested. */
function checkSet(has: Secrets["has"], by: ((has: Secrets["has"]) => SecretName) | undefined, events: boolean): void {
	const names = by === undefined ? [] : [...new Set([by(() => true), by(() => false)])];
	// Signals need a signing key and no API key: their intent explains that.
	const isTold = names[0] === "INNGEST_SIGNING_KEY" && has("INNGEST_API_KEY");
	if (names.length && !isTold && !names.some(has)) throw missingKey(names);
	if (events && !has("INNGEST_SIGNING_KEY")) throw missingKey(["INNGEST_SIGNING_KEY"]);
}

const v2Key = (has: Secrets["has"]): SecretName => (has("INNGEST_API_KEY") ? "INNGEST_API_KEY" : "INNGEST_SIGNING_KEY");

/** The part of a context that depends on the call, its world and its place. */
function surroundings({ entry, settings, globals, secrets, now, ahead }: Understood, world: World, place: Place) {
	const { clock, random, signal } = world;
	const none = entry.confirm ? 0 : Infinity;
	const unasked = typeof entry.confirm === "number" ? entry.confirm : none;
	const { label } = place.target;
	return {
		target: { ...place.target, label: ahead ? `${label}, whose clock is ${aheadText(ahead)}` : label },
		has: secrets.has,
		doubt: place.doubt,
		readOnly: settings.readOnly,
		curl: globals.curl,
		clock,
		random,
		signal,
		now,
		timeout: globals.timeout ?? WAIT,
		patient: globals.timeout !== undefined,
		unasked: place.doubt === undefined ? unasked : 0,
		progress(line: string, milestone: boolean | "always" = false) {
			if (globals.curl || (globals.json && milestone !== "always")) return;
			world.note(withFlags(line, flagsOf(globals)), milestone !== false);
		},
	};
}

/** A call's clients: they share one pace, and send what its manifest entry allows. */
function openClients(call: Understood, world: World, odd: Set<string>) {
	const { name, entry, globals, params, target, now } = call;
	const waits = name === "wait-for-run" || params.wait === true;
	// If --timeout covers a whole wait, one request still gets at least 2 s.
	const budget = globals.timeout && (waits ? Math.max(globals.timeout, 2_000) : globals.timeout);
	const shared = {
		...call,
		...world,
		intent: entry,
		timeout: waits ? ATTEMPT : (budget ?? ATTEMPT),
		budget,
		deadline: name === "wait-for-run" ? now + (globals.timeout ?? WAIT) : undefined,
		pace: openPace(world.clock, target.kind === "cloud"),
		odd: (key: string) => odd.add(key),
	};
	return (some: Pick<ClientOptions, "target" | "oneKey" | "doubtful" | "permit">): Api =>
		new Client({ ...shared, ...some });
}

async function answerOf({ intent, globals, params }: Understood, context: Context): Promise<Answer> {
	intent.check?.(params, context);
	if (globals.curl && intent.request) throw new WouldSend(intent.request(params, context));
	return intent.run(params, context);
}

/** Flags that keep the next call on the server and environment that this call named. */
export const flagsOf = ({ environment, dev }: Partial<Globals> = {}): Line[] => [
	dev && "--dev",
	environment !== undefined && flagged("--env", argument(environment)),
];

/** The same data, including what the notes say. */
function withFacts(data: unknown, { doubt, environment }: Place, unread: number): unknown {
	if (!isObject(data) || Array.isArray(data)) return data;
	return {
		...data,
		...(doubt === undefined && environment && { environment }),
		...(unread && { unreadItems: unread }),
	};
}

export const render = (told: Words, notes: readonly Line[] = []): string =>
	lines(
		...told.lines,
		told.missing,
		notes,
		callsLine("Next", told.next ?? []),
		told.after,
		callsLine("More", [told.more]),
	) ||
	(told.silent ?? "");

/** A suggested change on Inngest Cloud needs an environment. */
function namingOne(one: Suggested, { manifest, target }: Understood): Suggested {
	const [call, why = ""] = typeof one === "string" ? [one] : one || [];
	const isNamed = !call || target.kind !== "cloud" || target.environment !== undefined;
	const isRead = isNamed || manifest.intents[call.replace(/ .*/s, "")]?.effect === "read";
	return isRead ? one : [`${call} --env NAME`, why];
}

/** `Next: get-run 01M8… --dev (why); or: cancel-run 01M8… --dev`. */
function callsLine(label: string, calls: readonly Suggested[]): Line {
	const written = calls.flatMap((one) => (one ? [callText(one)] : []));
	return written.length > 0 && `${label}: ${written.join("; or: ")}`;
}

/** Ends a call with `--curl`, with the request that would have been sent. */
class WouldSend extends Error {
	readonly request: Request;
	constructor(request: Request) {
		super();
		this.request = request;
	}
}

/** With `--curl`: sends nothing. */
const PRINTING: Api = { send: (request) => Promise.reject(new WouldSend(request)) };

/** The curl equivalent of a request, which may be the first of several; refused if its key may not be used for it. */
async function curlOf(
	request: Request,
	{ target, oneKey, doubt }: Place,
	{ entry, intent, secrets }: Understood,
	permit: ClientOptions["permit"],
): Promise<Printed> {
	const names = authorisedBy(target, request, oneKey);
	const key = names.find((one) => secrets.has(one));
	// Throws if the intent may not use it.
	if (key !== undefined) secrets.get(key);
	await permit?.(request, key);
	const curl = toCurl(target, request, key ?? names[0]);
	const asks = entry.confirm === true ? "asks first: run this only after the user's yes" : "may ask first";
	const mayAsk = entry.confirm !== false || doubt !== undefined;
	const notes = [
		!intent.request && "the first of several requests",
		doubt,
		!isRead(request, entry) && words(`${entry.summary}.`, mayAsk && `Without --curl it ${asks}.`),
	].filter((note) => typeof note === "string");
	// All of it can be pasted: no note on data follows.
	return {
		text: [...notes.map((note) => `# ${note}`), curl].join("\n"),
		data: { method: request.method, path: request.path, curl, notes },
	};
}

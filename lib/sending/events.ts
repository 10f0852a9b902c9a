/** Checks and sends events; the event that a wait requires. */
import * as z from "zod/mini";
import { sha256 } from "../gate/confirm.ts";
import { written } from "../gate/input.ts";
import type { SecretName, World } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { One } from "../inngest/api.ts";
import type { Context } from "../intent.ts";
import { refusal, ServerError, thenDo } from "../text/errors.ts";
import { inTicks, typedName } from "../text/nouns.ts";
import { bytes, clean, isObject, type Line, type Lines, lines, quote } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { Id } from "../wire/lenient.ts";
import { post, type Request } from "../wire/request.ts";

/** The size of Inngest's largest event (documented). The maximum number of events in our requests. */
export const EVENT_LIMIT = 3 * 1024 * 1024;
export const BATCH_EVENTS = 512;
/** The maximum bytes of a request with several events. Inngest Cloud accepts 256 KiB on its smallest plan (documented). */
export const batchBytes = ({ kind }: Pick<Target, "kind">): number => (kind === "cloud" ? 256 : 1024) * 1024;

export interface EventInput {
	name: string;
	data?: Record<string, unknown>;
	user?: Record<string, unknown>;
	/** Reaches functions as `event.meta`: `{"sessions": {…}}`. No API returns it. */
	meta?: Record<string, unknown>;
	id?: string;
	ts?: number;
	v?: string;
}

const FIELDS = ["name", "data", "user", "meta", "id", "ts", "v"];

const isRecord = (value: unknown): value is Record<string, unknown> => isObject(value) && !Array.isArray(value);

/** What is wrong with an event, by what the server refuses (measured). A bad event would stop the rest of its request. */
export function faultOf(event: unknown): string | undefined {
	if (!isRecord(event)) return "not a JSON object";
	const { name, ts } = event;
	if (name == null) return "name is missing";
	if (typeof name !== "string") return "name is not a string";
	if (!name.trim()) return "name is empty";
	if (/^inngest\//i.test(name)) return "name starts with inngest/, which is reserved";
	if (name.length > 256) return "name is longer than 256 characters";
	if (/[\p{Cc}\p{Cf}]/u.test(name)) return "name has control or hidden characters";
	for (const key of ["data", "user", "meta"])
		if (event[key] != null && !isRecord(event[key])) return `${key} is not an object`;
	for (const key of ["id", "v"])
		if (event[key] != null && typeof event[key] !== "string") return `${key} is not a string`;
	// Seconds would mean January 1970.
	if (ts != null && !(Number.isSafeInteger(ts) && Number(ts) >= EARLIEST && Number(ts) <= LATEST))
		return "ts is not in milliseconds since 1970, a whole number from 1980 to 2100";
	return unknownFault("field ", event, FIELDS) ?? unknownFault("field meta.", event.meta ?? {}, ["sessions"]);
}
const EARLIEST = 315_532_800_000;
const LATEST = 4_102_444_800_000;

function unknownFault(what: string, value: object, known: readonly string[]): string | undefined {
	const key = Object.keys(value).find((one) => !known.includes(one));
	if (key === undefined) return;
	return `${what}${clean(JSON.stringify(key), 40)} is unknown: Inngest would drop it (it takes ${known.join(", ")})`;
}

export function checkEvent(event: EventInput): EventInput {
	const json = written(event);
	if (json === undefined) throw refusal("The event is nested too deeply", CORRECT);
	const size = Buffer.byteLength(json);
	const fault = size > EVENT_LIMIT ? `size is ${bytes(size)}, and Inngest takes at most 3 MiB` : faultOf(event);
	if (fault) throw refusal(`The event's ${fault}`, CORRECT);
	return event;
}
const CORRECT = "Correct it and call again.";

/**
 * Headers that make sending repeatable. With the same seed, the same array gets the same event ids and starts nothing twice for 24 hours
 * (measured). `<unix ms>,<base64 of 10 bytes>`, derived so that request `k` of a stream can be repeated.
 */
export class Seeds {
	readonly time: number;
	readonly base: string;
	constructor(time: number, base: string) {
		this.time = time;
		this.base = base;
	}
	static fresh({ clock, random }: Pick<World, "clock" | "random">): Seeds {
		return new Seeds(clock.now(), Buffer.from(random(6)).toString("hex"));
	}
	static planned(ms: number, code: string): Seeds {
		return new Seeds(ms, sha256(`${ms}:${code}`).toString("hex", 0, 6));
	}
	/**
	 * The seed of request `k`, or of the part from event `from` (from 0). The server adds an event's position in its request to the last four
	 * bytes (pkg/event/id.go, v1.43, and measured), and so does this: however a request is split, each event keeps its id, and sending it
	 * again starts nothing twice.
	 */
	of(k: number, from = 0): string {
		const entropy = sha256(`${this.base}:${k}:0`).subarray(0, 10);
		entropy.writeUInt32BE((entropy.readUInt32BE(6) + from) >>> 0, 6);
		return `${this.time},${entropy.toString("base64")}`;
	}
}

// Checked at once: an object for each of a million ids would double the memory.
const areIds = (ids: unknown) =>
	Array.isArray(ids) && ids.every((id) => typeof id === "string" && /^[0-9A-Z]{0,26}$/i.test(id));
/**
 * The event API's response. With status 400, the events before a bad one were accepted (measured: a partial accept). Without `ids` the
 * whole request was refused, as Cloud may do (nothing published rules that out).
 */
const Sent = z.object({
	ids: z.nullish(z.custom<string[]>(areIds)),
	error: z.nullish(z.string()),
	message: z.nullish(z.string()),
	status: z.optional(z.unknown()),
});
export interface SentEvents {
	/** The internal ids of the accepted events, in order. */
	ids: string[];
	/** Why the next event, or the first, was not accepted. */
	refusal: string | undefined;
	/** None was accepted, and the response doesn't say because of which event. */
	whole: boolean;
}

export const sendRequest = (body: unknown, seed: string): Request => ({
	method: "POST",
	path: "/e/$INNGEST_EVENT_KEY",
	body,
	headers: { "x-inngest-event-id-seed": seed },
	api: "event",
	repeatable: true,
	accept: [400],
});

export async function sendBatch(api: Api, body: unknown, seed: string): Promise<SentEvents> {
	const { ids, error, message, status } = await api.send(sendRequest(body, seed), Sent);
	// An error under status 200 doesn't get here (lib/wire/answer): this one came with a 400.
	const whole = ids == null && (Boolean(error) || Number(status) >= 400);
	const said = error || (whole && message);
	return {
		ids: (ids ?? []).filter(Boolean).map((id) => id.toUpperCase()),
		refusal: said ? quote(said, 200) : undefined,
		whole,
	};
}

/** The key used for a single event on Cloud. An API key sends to the environment that the call names, an event key to its own. */
export const oneEventBy = (has: Context["has"]): SecretName =>
	has("INNGEST_API_KEY") ? "INNGEST_API_KEY" : "INNGEST_EVENT_KEY";

/** Whether a single event is sent through Cloud's v2. That takes no `v` (its API description). */
export const goesByApi = ({ target, has }: Pick<Context, "target" | "has">): boolean =>
	target.kind === "cloud" && oneEventBy(has) === "INNGEST_API_KEY";

/** A request for one event that can be repeated. By its seed, or by an id made from the seed. */
export function oneRequest(context: Pick<Context, "target" | "has">, event: EventInput, seed: string): Request {
	if (!goesByApi(context)) return sendRequest([event], seed);
	const { v, ...rest } = event;
	return post("/v2/events", { ...rest, id: event.id ?? seed.replace(/[,=]+/g, "-") }, { repeatable: true });
}

/** What a plan says if nothing was checked beforehand. */
export const UNLOOKED =
	"Whether it cancels live runs or starts nothing was not checked: what can be read may be another environment's.";

/**
 * Seeds for one event. If its environment can't be proven, or it would cancel runs or start nothing, they come from its plan: using the
 * code twice starts nothing twice.
 */
export function seedsFor(context: Context, plan: Line, event: EventInput, surprise?: Surprise): Seeds {
	if (context.doubt === undefined && !surprise && !context.coded) return Seeds.fresh(context);
	const set = surprise ? [event, surprise.set] : event;
	const unlooked = context.doubt !== undefined && UNLOOKED;
	return Seeds.planned(context.confirm(lines(surprise?.lines, plan, unlooked), set), context.codeFor(set));
}

/**
 * What may start again although the server was sent it before. Batches and debounces ignore the sender's id (measured); batches forget an
 * event after 30 minutes (v1.43); and an in-memory queue forgets all in a restart (measured).
 */
export function exceptions({ kind }: Pick<Target, "kind">, byId: boolean): string {
	const lost = {
		cloud: "",
		dev: "; after a restart, all",
		"self-hosted": "; after a restart without an external Redis, all",
	};
	return `Exceptions: functions with ${byId ? "a debounce or batches" : "batches after 30 min"}${lost[kind]}.`;
}

/** Whether an event is dated ahead (`ts` and `now` in ms): less than a second may be a difference of clocks. */
export const isAhead = (ts: number, now: number): boolean => ts - now >= 1000;

/** Events with a future `ts`: `who`, until when. Batches ignore it, as do waits and cancellations (measured). */
export const datedText = (who: string, until: string): string =>
	`${who} a future ts (${until}): runs start at that time, except of functions with batches; live runs are resumed or cancelled at once.`;

/** A plan's first lines if sending is probably unintended; and what must not have changed when it is confirmed. */
export interface Surprise {
	lines: Lines;
	set: unknown;
}

/** Returns its internal id. */
export async function sendOne(
	{ api, ...context }: Pick<Context, "api" | "coded" | "target" | "has">,
	event: EventInput,
	seeds: Seeds,
): Promise<string> {
	const request = oneRequest(context, checkEvent(event), seeds.of(0));
	const same = event.id === undefined ? context.coded && "--confirm code" : "--id";
	// Cloud's v2 takes no seed: an id stands for it.
	const except = exceptions(context.target, event.id !== undefined || request.api === "v2");
	const again = thenDo(
		same ? `The same call with the same ${same} does not start anything twice. ${except}` : undefined,
	);
	if (request.api === "v2") return (await api.send(request, One(z.object({ eventId: Id }))).catch(again)).data.eventId;
	const { ids, refusal: refused } = await sendBatch(api, request.body, seeds.of(0)).catch(again);
	if (ids[0] !== undefined) return ids[0];
	throw refused === undefined
		? new ServerError(
				"The server returned no id for the event: it is unclear whether the event was accepted.",
				`Check with ${inTicks("list-events --since 10m")} before sending again.`,
				{ status: 200, unclear: true },
			)
		: new ServerError(`The server refused the event: ${refused}; nothing was started.`, CORRECT, { status: 400 });
}

const LITERAL = String.raw`("[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false)`;
const FIELD = String.raw`async\.data\.(\w+(?:\.\w+)*)`;
const EQUAL = new RegExp(`^(?:${FIELD} == ${LITERAL}|${LITERAL} == ${FIELD})$`);

/** Event data that satisfies a condition made only of equalities. */
export function dataFor(expression: string | undefined): Record<string, unknown> | undefined {
	const data = empty();
	for (const part of expression?.split(" && ") ?? []) {
		const [, a, b, c, d] = EQUAL.exec(part.trim()) ?? [];
		const keys = (a ?? d)?.split(".");
		const text = b ?? c;
		if (!keys || text === undefined) return;
		const value: unknown = text.startsWith("'") ? text.slice(1, -1) : JSON.parse(text);
		// The value may be a stranger's: a long one could be an instruction.
		if (typeof value === "string" && typedName(value) === undefined) return;
		const last = keys.pop() ?? "";
		let at = data;
		for (const key of keys) {
			const old = at[key];
			const inner = isRecord(old) ? old : empty();
			at[key] = inner;
			at = inner;
		}
		at[last] = value;
	}
	return data;
}
/** Without a prototype: a field may be called `__proto__`. */
const empty = (): Record<string, unknown> => Object.create(null);

/** Where an event's data has the value that a wait's only condition requires of another field, e.g. `data.sample`. */
export function elsewhere(expression: string | undefined, data: unknown): string | undefined {
	const [required, ...others] = Object.entries(dataFor(expression) ?? {});
	if (!required || others.length) return;
	const [field, wanted] = required;
	// Shorter values are too common.
	const isOwn = typeof wanted === "string" ? wanted.length > 2 : typeof wanted === "number" && wanted > 999;
	const path = isOwn ? pathOf(data, String(wanted), "data") : undefined;
	return path === `data.${field}` ? undefined : path;
}

function pathOf(value: unknown, wanted: string, path: string, depth = 0): string | undefined {
	if (typeof value !== "object" || value === null) return String(value) === wanted ? path : undefined;
	for (const [key, one] of depth < 8 ? Object.entries(value) : []) {
		const found = pathOf(one, wanted, `${path}.${key}`, depth + 1);
		if (found !== undefined) return found;
	}
}

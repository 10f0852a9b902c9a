/** What an event must be before it is sent, and sending it. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { Api } from "./client.ts";
import { ServerError, UsageError } from "./errors.ts";
import type { Context } from "./intent.ts";
import type { Request } from "./request.ts";
import { bytes, clean, quote } from "./text.ts";
import type { World } from "./world.ts";

/** Inngest's largest event (documented), and what a request of ours holds at most. */
export const EVENT_LIMIT = 3 * 1024 * 1024;
export const BATCH_EVENTS = 512;
export const BATCH_BYTES = 1024 * 1024;

export interface EventInput {
	name: string;
	data?: Record<string, unknown>;
	user?: Record<string, unknown>;
	/** What reaches the functions as `event.meta`: `{"sessions": {…}}`. No API gives it back. */
	meta?: Record<string, unknown>;
	id?: string;
	ts?: number;
	v?: string;
}

/** First the name, then those that are objects. */
export const FIELDS = ["name", "data", "user", "meta", "id", "ts", "v"];

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with an event, by what the server refuses (measured): a bad one would stop the rest of its request. */
export function faultOf(event: unknown): string | undefined {
	if (!isObject(event)) return "not a JSON object";
	const object = (key: string) => event[key] != null && !isObject(event[key]) && `${key} is not an object`;
	const text = (key: string) => event[key] != null && typeof event[key] !== "string" && `${key} is not a string`;
	return (
		nameFault(event.name) ||
		object("data") ||
		object("user") ||
		object("meta") ||
		text("id") ||
		timeFault(event.ts) ||
		text("v") ||
		unknownFault("", event, FIELDS) ||
		(isObject(event.meta) ? metaFault(event.meta) : undefined)
	);
}

function nameFault(name: unknown): string | undefined {
	if (typeof name !== "string") return "name is missing";
	if (!name.trim()) return "name is empty";
	if (/^inngest\//i.test(name)) return "name starts with inngest/, which is reserved";
	if (name.length > 256) return "name is longer than 256 characters";
	return /[\p{Cc}\p{Cf}]/u.test(name) ? "name has control or hidden characters" : undefined;
}

function timeFault(ts: unknown): string | undefined {
	if (ts == null) return undefined;
	if (typeof ts !== "number" || !Number.isFinite(ts)) return "ts is not a number (milliseconds since 1970)";
	if (!Number.isSafeInteger(ts)) return "ts is not a whole number of milliseconds";
	if (ts >= 1e9 && ts <= 1e10) return "ts looks like seconds; Inngest takes milliseconds";
	if (ts < 315_532_800_000) return "ts is before 1980 (it is in milliseconds)";
	return ts > 4_102_444_800_000 ? "ts is after 2100 (it is in milliseconds)" : undefined;
}

function unknownFault(parent: string, value: object, known: readonly string[]): string | undefined {
	const key = Object.keys(value).find((one) => !known.includes(one));
	if (key === undefined) return undefined;
	const name = clean(JSON.stringify(key), 40);
	return `field ${parent}${name} is unknown: Inngest would drop it (it takes ${known.join(", ")})`;
}

function metaFault(meta: Record<string, unknown>): string | undefined {
	const { sessions } = meta;
	const extra = unknownFault("meta.", meta, ["sessions"]);
	if (extra || sessions == null) return extra;
	const ids = Object.entries(isObject(sessions) ? sessions : { "": "" }).filter(([, id]) => id !== null);
	const fits = (text: unknown, most: number) =>
		typeof text === "number" || (typeof text === "string" && text !== "" && Buffer.byteLength(text) <= most);
	return ids.length <= 5 && ids.every(([key, id]) => fits(key, 128) && fits(id, 512))
		? undefined
		: "meta.sessions is not an object of up to 5 keys (128 bytes) with ids (a number, or text of 512 bytes)";
}

export function checkEvent(event: EventInput): EventInput {
	const fault = faultOf(event);
	if (fault) throw new UsageError(`The event's ${fault}; nothing was sent.`, "Correct it and call again.");
	let size: number;
	try {
		size = Buffer.byteLength(JSON.stringify(event));
	} catch {
		throw new UsageError("The event is nested too deeply; nothing was sent.", "Send flatter data.");
	}
	if (size > EVENT_LIMIT)
		throw new UsageError(
			`The event has ${bytes(size)}; Inngest takes at most 3 MiB; nothing was sent.`,
			"Store the payload elsewhere and send a reference.",
		);
	return event;
}

/**
 * Headers that make sends repeatable: under the same seed the same array gets the same event ids, and starts nothing twice
 * for 24 hours (measured). `<unix ms>,<base64 of 10 bytes>`, so that request `k` of a stream can be made again.
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
		return new Seeds(ms, createHash("sha256").update(`${ms}:${code}`).digest("hex").slice(0, 12));
	}
	/** For request `k`, or what is left of it from event `from` on. */
	of(k: number, from = 0): string {
		const entropy = createHash("sha256").update(`${this.base}:${k}:${from}`).digest().subarray(0, 10);
		return `${this.time},${entropy.toString("base64")}`;
	}
}

// Checked at one go: an object for each of a million ids would double the memory.
const areIds = (ids: unknown) =>
	Array.isArray(ids) && ids.every((id) => typeof id === "string" && /^[0-9A-Z]{0,26}$/.test(id));
/** With status 400 the events before a bad one were taken (measured: a partial accept). */
const Sent = z.object({
	ids: z._default(z.nullish(z.custom<string[]>(areIds)), []),
	error: z.nullish(z.string()),
});
export interface SentEvents {
	/** The internal ids of the events that were taken, in order. */
	ids: string[];
	/** Why the event after those was not taken. */
	refusal: string | undefined;
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
	const answer = await api.send(sendRequest(body, seed), Sent);
	return { ids: (answer.ids ?? []).filter(Boolean), refusal: answer.error ? quote(answer.error, 200) : undefined };
}

/** Returns the event's internal id. */
export async function sendOne(context: Pick<Context, "api" | "clock" | "random">, event: EventInput): Promise<string> {
	const { ids, refusal } = await sendBatch(context.api, [checkEvent(event)], Seeds.fresh(context).of(0));
	if (ids[0]) return ids[0];
	if (refusal)
		throw new ServerError(
			`The server refused the event: ${refusal}; nothing was started.`,
			"Correct it and call again.",
			400,
		);
	throw new ServerError(
		"The server gave no id for the event: it is unclear whether it took it.",
		"Look with `list-events --since 10m` before sending again.",
		200,
		"",
		true,
	);
}

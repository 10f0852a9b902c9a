/** What an event must be before it is sent, and the requests that send events. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { Api } from "./client.ts";
import { ServerError, UsageError } from "./errors.ts";
import type { Context } from "./intent.ts";
import type { Request } from "./request.ts";
import type { Target } from "./target.ts";
import { bytes, clean, quote } from "./text.ts";
import type { World } from "./world.ts";

/** Inngest's largest event (documented), and how many events a request of ours holds at most. */
export const EVENT_LIMIT = 3 * 1024 * 1024;
export const BATCH_EVENTS = 512;
/** How many bytes a request of several events may have: Inngest Cloud takes 256 KiB on its smallest plan (documented). */
export const batchBytes = ({ kind }: Pick<Target, "kind">): number => (kind === "cloud" ? 256 : 1024) * 1024;

export interface EventInput {
	name: string;
	data?: Record<string, unknown>;
	user?: Record<string, unknown>;
	id?: string;
	ts?: number;
	v?: string;
}

const FIELDS = ["name", "data", "user", "id", "ts", "v"];
const object = (fault: string) => z.nullish(z.record(z.string(), z.unknown(), fault));
/** Measured: the server refuses an empty or `inngest/` name, `data` that is no object, `ts` that is no integer or before 1980. */
const EventSchema = z.looseObject(
	{
		name: z.string("name is missing").check(
			z.refine((name) => name.trim() !== "", { error: "name is empty", abort: true }),
			z.refine((name) => !/^inngest\//i.test(name), "name starts with inngest/, which is reserved"),
			z.refine((name) => name.length <= 256, "name is longer than 256 characters"),
			z.refine((name) => !/[\p{Cc}\p{Cf}]/u.test(name), "name has control or hidden characters"),
		),
		data: object("data is not an object"),
		user: object("user is not an object"),
		id: z.nullish(z.string("id is not a string")),
		ts: z.nullish(
			z.number("ts is not a number (milliseconds since 1970)").check(
				z.refine(Number.isSafeInteger, { error: "ts is not a whole number of milliseconds", abort: true }),
				z.refine((ts) => ts < 1e9 || ts > 1e10, {
					error: "ts looks like seconds; Inngest takes milliseconds",
					abort: true,
				}),
				z.refine((ts) => ts >= 315_532_800_000, "ts is before 1980 (it is in milliseconds)"),
				z.refine((ts) => ts <= 4_102_444_800_000, "ts is after 2100 (it is in milliseconds)"),
			),
		),
		v: z.nullish(z.string("v is not a string")),
	},
	"not a JSON object",
);

/** What is wrong with an event, or undefined: checked before anything is sent, as a bad one would stop the rest of its request. */
export function faultOf(event: unknown): string | undefined {
	const result = z.safeParse(EventSchema, event);
	if (!result.success) return result.error.issues[0]?.message;
	const extra = Object.keys(result.data).find((key) => !FIELDS.includes(key));
	return extra === undefined
		? undefined
		: `field ${clean(JSON.stringify(extra), 40)} is unknown: Inngest would drop it (it takes ${FIELDS.join(", ")})`;
}

/** Refuses an event that the server would refuse. */
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
 * The header that makes a send repeatable: with the same seed the same array gets the same event ids, and starts nothing
 * twice for 24 hours (measured). `<unix ms>,<base64 of 10 bytes>`, derived so that request `k` of a stream can be made again.
 */
export class Seeds {
	readonly time: number;
	readonly base: string;
	constructor(time: number, base: string) {
		this.time = time;
		this.base = base;
	}
	/** Seeds that nothing was sent under before. */
	static fresh({ clock, random }: Pick<World, "clock" | "random">): Seeds {
		return new Seeds(clock.now(), Buffer.from(random(6)).toString("hex"));
	}
	/** The seeds of a stream whose plan was made at `ms`: the same for the same plan. */
	static planned(ms: number, code: string): Seeds {
		return new Seeds(ms, createHash("sha256").update(`${ms}:${code}`).digest("hex").slice(0, 12));
	}
	/**
	 * The seed of request `k`, or of a part of it from event `from` (counted from 0) on. The server adds an event's place in
	 * its request to the last four bytes (pkg/event/id.go, v1.43; as measured), and so does this: however a request is cut,
	 * each of its events keeps its id, so that no way of sending it once more starts anything twice.
	 */
	of(k: number, from = 0): string {
		const entropy = createHash("sha256").update(`${this.base}:${k}:0`).digest().subarray(0, 10);
		entropy.writeUInt32BE((entropy.readUInt32BE(6) + from) >>> 0, 6);
		return `${this.time},${entropy.toString("base64")}`;
	}
}

/** Checked at one go: an object for each of a million ids would double the memory. */
const areIds = (ids: unknown) =>
	Array.isArray(ids) && ids.every((id) => typeof id === "string" && /^[0-9A-Z]{0,26}$/.test(id));
/**
 * What the event API answers; with status 400 the events before a bad one were taken (measured: a partial accept). Without
 * `ids` it is the whole request that was refused, as Cloud may do (what is public does not say that it never does).
 */
const Sent = z.object({
	ids: z.nullish(z.custom<string[]>(areIds)),
	error: z.nullish(z.string()),
	message: z.nullish(z.string()),
	status: z.optional(z.unknown()),
});
export interface SentEvents {
	/** The internal ids of the events that were taken, in order. */
	ids: string[];
	/** Why the event after those was not taken, or none was. */
	refusal: string | undefined;
	/** None was taken, and it is not said which event is why. */
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

/** Sends one request's events; a partial accept is an answer. */
export async function sendBatch(api: Api, body: unknown, seed: string): Promise<SentEvents> {
	const { ids, error, message, status } = await api.send(sendRequest(body, seed), Sent);
	// An error under 200 does not come this far (lib/answer): here it is one of 400.
	const whole = ids == null && (Boolean(error) || Number(status) >= 400);
	const said = error || (whole && message);
	return { ids: (ids ?? []).filter(Boolean), refusal: said ? quote(said, 200) : undefined, whole };
}

/** Sends one event and returns its internal id. */
export async function sendOne(context: Pick<Context, "api" | "clock" | "random">, event: EventInput): Promise<string> {
	const { ids, refusal } = await sendBatch(context.api, [checkEvent(event)], Seeds.fresh(context).of(0));
	if (ids[0] !== undefined) return ids[0];
	if (refusal !== undefined)
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

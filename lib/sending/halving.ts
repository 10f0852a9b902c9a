/** Sends the events of one request until each was taken or refused: what is refused whole is halved, until the bad one is alone. */

import { ServerError, SkillError } from "../text/errors.ts";
import { plural } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { RawJson } from "../wire/request.ts";
import { type Seeds, sendBatch } from "./events.ts";
import type { Batch } from "./survey.ts";

/** One event that the server refused. */
export interface Refusal {
	/** Its place in the input. */
	at: number;
	/** The server's reason. */
	said: string;
	/** Its size, where that is the reason (413). */
	bytes?: number;
}

/** What became of some events of a request, in the order in which it became known. */
export type Fate =
	| { kind: "taken"; ids: readonly string[] }
	| { kind: "refused"; refusal: Refusal }
	/** No usable answer for so many events; nothing more is tried. */
	| { kind: "failed"; error: SkillError; events: number };

/** What a stream has learned of the server: a request of so many bytes was too large. */
export interface Limit {
	refused: number;
}

/** Events `from` up to, not including, `to` of a request. */
interface Part {
	from: number;
	to: number;
}

/** What the server said to a part. */
type Reply =
	/** `refusal`: why the event after those that were taken was not (a partial accept). */
	| { kind: "taken"; ids: string[]; refusal: string | undefined }
	/** None was taken, and which event is why is not said. */
	| { kind: "refused"; said: string; tooLarge: boolean }
	| { kind: "failed"; error: SkillError };

/** `isOver`: asked before each part but the first, whether it is not sent any more. */
export async function* sendParts(
	api: Api,
	batch: Batch,
	seeds: Seeds,
	limit: Limit,
	isOver: () => boolean,
): AsyncGenerator<Fate, void> {
	const parts: Part[] = [{ from: 0, to: batch.places.length }];
	for (let part = parts.pop(); part; part = parts.pop()) {
		if (part.to - part.from < batch.places.length && isOver()) return;
		const { from, to } = part;
		const body = bodyOf(batch, part);
		if (to - from > 1 && body.length >= limit.refused) {
			parts.push(...halvesOf(part));
			continue;
		}
		const reply = await replyTo(api, body, seeds.of(batch.k, from));
		const at = batch.places[from] ?? 0;
		if (reply.kind === "failed") {
			yield { kind: "failed", error: reply.error, events: to - from };
			return;
		}
		if (reply.kind === "taken") {
			const ids = reply.ids.slice(0, to - from);
			yield { kind: "taken", ids };
			const next = from + ids.length;
			if (next === to) continue;
			if (reply.refusal === undefined) return yield withoutIds(ids.length, to - from);
			yield { kind: "refused", refusal: { at: batch.places[next] ?? 0, said: reply.refusal } };
			if (next + 1 < to) parts.push({ from: next + 1, to });
			continue;
		}
		if (reply.tooLarge) limit.refused = Math.min(limit.refused, body.length);
		if (to - from > 1) parts.push(...halvesOf(part));
		else
			yield {
				kind: "refused",
				refusal: { at, said: reply.said, ...(reply.tooLarge && { bytes: body.length - 2 }) },
			};
	}
}

/** The half that is sent first comes last. */
function halvesOf({ from, to }: Part): Part[] {
	const middle = (from + to) >> 1;
	return [
		{ from: middle, to },
		{ from, to: middle },
	];
}

const OPEN = Buffer.from("[");
const CLOSE = Buffer.from("]");
/** The body of a part; each event's comma stands before the next. */
function bodyOf({ body, starts }: Batch, { from, to }: Part): Buffer<ArrayBuffer> {
	if (from === 0 && to === starts.length) return Buffer.from(body);
	const end = (starts[to] ?? body.length) - 1;
	return Buffer.concat([OPEN, body.subarray(starts[from], end), CLOSE]);
}

/** 413 is an answer too, the server's or that of a proxy before it: nothing of the request was read. */
async function replyTo(api: Api, body: Buffer<ArrayBuffer>, seed: string): Promise<Reply> {
	try {
		const { ids, refusal, whole } = await sendBatch(api, new RawJson(body), seed);
		return whole
			? { kind: "refused", said: refusal ?? "no reason given", tooLarge: false }
			: { kind: "taken", ids, refusal };
	} catch (error) {
		if (!(error instanceof SkillError)) throw error;
		if (error instanceof ServerError && error.status === 413)
			return { kind: "refused", said: error.message, tooLarge: true };
		return { kind: "failed", error };
	}
}

/** An answer that does not tell the events apart. */
function withoutIds(given: number, asked: number): Fate {
	const said = `The server gave ${plural(given, "id")} for ${plural(asked, "event")}.`;
	return { kind: "failed", error: new ServerError(said, "", 200, "", true), events: asked - given };
}

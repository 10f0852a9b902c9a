/** What a server's answer says: its JSON, or which of Inngest's ways of refusing it is. No I/O. */
import * as z from "zod/mini";
import { refused, ServerError, type Where } from "./errors.ts";
import type { Reply } from "./http.ts";
import type { Request } from "./request.ts";
import { clean, quote } from "./text.ts";

/** The fields in which Inngest's three error formats say what is wrong (v2; v1 and the event API). */
const Refusal = z.object({
	errors: z.optional(z.array(z.object({ code: z.optional(z.string()), message: z.optional(z.string()) }))),
	error: z.nullish(z.string()),
	message: z.nullish(z.string()),
	status: z.optional(z.unknown()),
	data: z.optional(z.unknown()),
});

/** Turns an HTTP answer that came at `now` (ms) into parsed JSON, or throws what it says is wrong. */
export function judge(request: Request, where: Where, { url, status, header, text }: Reply, now: number): unknown {
	const sent = request.method !== "GET";
	const html = /^\s*</.test(text);
	if (status >= 300 && status < 400) {
		const location = header("location");
		const to = location && URL.canParse(location, url) ? new URL(location, url).host : "nowhere";
		throw new ServerError(
			`${where.label} redirects to ${clean(to, 80)}; that was not followed.`,
			"If that is the server, the user can set INNGEST_BASE_URL to its origin.",
			status,
		);
	}
	let body: unknown;
	try {
		// An answer of 200 without a body has lost it: it must not pass for an empty list.
		body = status === 204 && sent ? {} : JSON.parse(text);
	} catch {
		body = undefined;
	}
	const said = z.safeParse(Refusal, body).data;
	// v1 sends some errors under HTTP 200, with the real status in the body and no data.
	const hidden = status < 400 && said?.data == null && (said?.error || said?.errors?.length);
	const told = Number(said?.status);
	const real = hidden ? (told >= 400 ? told : 500) : status;
	// A refusal that is an answer says that it is one, as the event API's does by itself.
	if (body !== undefined && request.accept?.includes(real))
		return real >= 400 && isObject(body) ? { ...body, status: real } : body;
	if (real < 400) {
		if (body !== undefined) return body;
		const what = html ? "HTML" : "something that is not JSON";
		throw new ServerError(
			`${where.label} answered with ${what} (${status}, ${text.length} characters).`,
			"Does INNGEST_BASE_URL point at an Inngest server? `check-setup` tells.",
			status,
			"not_json",
			sent,
		);
	}
	const first = said?.errors?.[0];
	const message = first?.message ?? (said?.error || said?.message || (body === undefined && !html ? text.trim() : ""));
	const error = refused(
		where,
		real,
		/^\w{1,40}$/.exec(first?.code ?? "")?.[0] ?? "",
		message ? quote(message, 200) : html ? "an HTML page" : "no reason given",
		sent && real >= 500 && real !== 501,
	);
	const after = header("retry-after");
	if (after) {
		const wait = /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
		if (wait >= 0) error.retryAfter = wait;
	}
	throw error;
}

const isObject = (body: unknown): body is object => typeof body === "object" && body !== null;

/** The system's code for a failed exchange, such as ECONNREFUSED, or `timeout`. */
export function networkReason(error: unknown): string {
	if (!(error instanceof Error)) return "network error";
	if (error.name === "TimeoutError") return "timeout";
	return "code" in error && typeof error.code === "string" ? error.code : clean(error.message, 80);
}

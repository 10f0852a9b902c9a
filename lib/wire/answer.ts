import * as z from "zod/mini";
import { refused, ServerError, type Where } from "../text/errors.ts";
import { quote } from "../text/text.ts";
import type { Reply } from "./http.ts";
import type { Request } from "./request.ts";
import { itself, strangerError, strangerIn } from "./stranger.ts";

const text = z.nullish(z.string());
const Refusal = z.object({
	errors: z.nullish(z.array(z.object({ code: text, message: text }))),
	error: text,
	message: text,
	status: z.optional(z.unknown()),
	data: z.optional(z.unknown()),
});

/** The JSON of an HTTP answer that came at `now` (ms), or throws what it says is wrong, in one of Inngest's three formats. */
export function judge(request: Request, where: Where, reply: Reply, now: number): unknown {
	const { status, text } = reply;
	const sent = request.method !== "GET";
	// An answer of 200 without a body has lost it: it must not pass for an empty list.
	const none = status === 204 && sent;
	const body = none ? {} : parsed(text);
	const stranger = none ? undefined : strangerIn(request, where.kind === "cloud", reply, body);
	if (stranger) throw strangerError(stranger, status, request, where);
	const said = z.safeParse(Refusal, body).data;
	// v1 sends some errors under HTTP 200, with the real status in the body and no data.
	const hidden = status < 400 && said?.data == null && (said?.error || said?.errors?.length);
	const given = Number(said?.status);
	const told = given >= 400 ? given : 500;
	const real = hidden ? told : status;
	// A refusal that is an answer says that it is one, as the event API's does by itself.
	if (body !== undefined && request.accept?.includes(real))
		return real >= 400 && body && typeof body === "object" ? { ...body, status: real } : body;
	const html = /^\s*</.test(text);
	if (real < 400) {
		if (body !== undefined) return body;
		const what = `${html ? "HTML" : "something that is not JSON"} (${status}, ${text.length} characters)`;
		throw new ServerError(`${where.label} answered with ${what}.`, itself(where), status, "not_json", sent);
	}
	const first = said?.errors?.[0];
	const plain = body === undefined && !html ? text.trim() : "";
	const message = first?.message ?? (said?.error || said?.message || plain);
	const silent = html ? "an HTML page" : "no reason given";
	// A refusal that was cut short hides its code: it is asked for again like an answer that was.
	const cut = body === undefined && (/^\s*[{[]/.test(text) || isLost(reply));
	const code = cut ? "not_json" : (/^\w{1,40}$/.exec(first?.code ?? "")?.[0] ?? "");
	const unclear = sent && (cut || (real >= 500 && real !== 501));
	const error = refused(where, real, code, message ? quote(message, 200) : silent, unclear);
	const after = reply.header("retry-after");
	const wait = after && /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after ?? "") - now;
	if (wait >= 0) error.retryAfter = wait;
	throw error;
}

/** A refusal without the body that says which one it is, nor a word that there is none: its end was that of a broken connection. */
const isLost = ({ status, text, header }: Reply): boolean =>
	[400, 404, 409, 422].includes(status) &&
	text === "" &&
	header("content-length") === undefined &&
	header("transfer-encoding") === undefined;

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

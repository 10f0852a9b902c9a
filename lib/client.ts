/**
 * The only way to a server. It sends what the manifest allows and nothing else: to the manifest's hosts or the configured
 * origin, with the secrets of the intent, GET alone for an intent that reads (but for an empty send, which tests the
 * event key), nothing that changes anything before a required confirmation or after Ctrl-C. lib/http does the sending.
 */
import * as z from "zod/mini";
import { judge, networkReason } from "./answer.ts";
import { missingKey, refusal, ServerError, TOO_LARGE, UsageError, unclear, unreachable, type Where } from "./errors.ts";
import { openHttp, type Reply } from "./http.ts";
import type { IntentEntry, Manifest } from "./manifest.ts";
import { authorisedBy, bodyOf, headersOf, type Request, urlOf } from "./request.ts";
import type { SecretName, Secrets, Settings } from "./secrets.ts";
import type { Target } from "./target.ts";
import { bytes, clean, duration } from "./text.ts";
import type { World } from "./world.ts";

/** What handlers call. */
export interface Api {
	/** Sends a request and checks the answer; throws ServerError or UsageError. Aborting `signal` drops it, which is for reads alone. */
	send<S extends z.ZodMiniType>(request: Request, schema: S, signal?: AbortSignal): Promise<z.output<S>>;
}

export interface ClientOptions {
	manifest: Manifest;
	intent: IntentEntry;
	target: Target;
	secrets: Secrets;
	settings: Settings;
	/** Milliseconds for one attempt. */
	timeout: number;
	/** When reading is given up (ms since the epoch), for a wait that may last so long and no longer. */
	deadline?: number | undefined;
	clock: World["clock"];
	random: World["random"];
	/** Aborted by Ctrl-C: nothing that changes anything is sent from then on, and an intent that reads stops at once. */
	signal?: AbortSignal;
	/** Whether a confirmation that the manifest demands has been given. */
	confirmed: () => boolean;
	/** Attempts for a repeatable request (4, or 10 once the server has answered), and the first pause between two in ms (200). */
	attempts?: number;
	pause?: number;
}

/** The longest pause between two attempts, and the longest that a Retry-After is given, in ms. */
const LONGEST_BACKOFF = 5_000;
const LONGEST_PAUSE = 60_000;
/** In characters. Servers drop the connection at a longer one, which would pass for a fault to be tried again. */
const LONGEST_URL = 64_000;

export function createClient(options: ClientOptions): Api {
	const { intent, target, clock, signal } = options;
	const exchange = openHttp(options.settings);
	/** What changes something is seen through, its looks included; reading alone can be dropped. */
	const stopping = intent.effect === "read" ? signal : undefined;
	/** Until when (ms since epoch) every request waits, because the server asked to slow down. */
	let resumeAt = 0;
	/** A server that has answered before deserves patience: among thousands of requests some fail four times. */
	let answered = false;

	async function attempt(request: Request, where: Where, deadline: number, dropped?: AbortSignal): Promise<unknown> {
		const { method } = request;
		const secret = authorise(options, request, where);
		const key = secret && options.secrets.get(secret);
		const headers = headersOf(target, request);
		if (key && request.api !== "event") headers.authorization = `Bearer ${key}`;
		const url = urlOf(target, request).replace("$INNGEST_EVENT_KEY", encodeURIComponent(key ?? "dev"));
		const timeout = Math.min(options.timeout, Math.max(1_000, deadline - clock.now()));
		let reply: Reply;
		try {
			reply = await exchange(url, { method, headers, body: bodyOf(request), timeout, signal: dropped });
		} catch (error) {
			if (error instanceof UsageError) throw error;
			if (dropped?.aborted) throw interrupted();
			const reason = networkReason(error);
			const sent = method !== "GET" && !/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN$|HTTPS_PROXY )/.test(reason);
			throw unreachable(where, reason, sent);
		}
		return judge(request, where, reply, clock.now());
	}

	/** How long to wait before attempt `n` + 1, in ms; undefined where there is none. From half to 1.5 times as planned. */
	function pauseAfter(n: number, error: ServerError, late: number): number | undefined {
		const most = options.attempts ?? (answered ? 10 : 4);
		if (n >= most || late >= 4) return undefined;
		// Calls that failed together are not tried again together.
		const jitter = 0.5 + (options.random(1)[0] ?? 0) / 256;
		return error.retryAfter ?? Math.min((options.pause ?? 200) * 2 ** (n - 1), LONGEST_BACKOFF) * jitter;
	}

	return {
		async send(request, schema, dropping) {
			check(options, request);
			const dropped = dropping ?? stopping;
			// Ends a pause early: what comes next notices.
			const ending = dropping ?? signal;
			const where: Where = { ...target, api: request.api };
			const isGet = request.method === "GET";
			/** Whether an earlier attempt may have been carried out, whatever a later one is told. */
			let maybe = false;
			let late = 0;
			let last: ServerError | undefined;
			const deadline = (isGet ? options.deadline : undefined) ?? Number.POSITIVE_INFINITY;
			const held = () => Math.min(resumeAt, deadline) - clock.now();
			const final = (error: ServerError) =>
				error.unclear && !isGet ? unclear(error, where, request.repeatable === true) : error;
			for (let n = 1; ; n++) {
				for (let left = held(); left > 0 && !ending?.aborted; left = held()) await clock.sleep(left, ending);
				if (last && ending?.aborted) throw final(last);
				if (!last) check(options, request);
				try {
					const answer = z.safeParse(schema, await attempt(request, where, deadline, dropped));
					answered = true;
					if (answer.success) return answer.data;
					throw unexpected(request, where, answer.error.issues[0]?.path.join("."));
				} catch (error) {
					if (!(error instanceof ServerError)) throw error;
					maybe ||= error.unclear;
					error.unclear = maybe;
					if (error.code === "timeout") late++;
					const wait = pauseAfter(n, error, late);
					if (wait === undefined || clock.now() + wait > deadline || !mayRepeat(request, error)) throw final(error);
					if (wait > LONGEST_PAUSE) {
						const told = `${error.message.replace(/\.?$/, ".")} It asks to wait ${duration(wait)} first.`;
						throw final(new ServerError(told, error.next, error.status, error.code, maybe));
					}
					last = error;
					if (error.status === 429) resumeAt = Math.max(resumeAt, clock.now() + wait);
					else await clock.sleep(wait, ending);
				}
			}
		},
	};
}

const interrupted = () =>
	new UsageError("Interrupted; nothing more was sent.", "Call again to see what is left to do.");

/** Refuses what the manifest does not allow. */
function check({ intent, target, manifest, signal, confirmed }: ClientOptions, request: Request): void {
	const url = urlOf(target, request);
	const { origin, host } = new URL(url);
	const isOwn = target.kind !== "cloud" && origin === target.api;
	if (!isOwn && !manifest.hosts.includes(origin))
		throw refusal(
			`${host} is not a host that skill.yaml allows`,
			"Only the manifest's hosts and the configured server are contacted.",
		);
	if (url.length > LONGEST_URL)
		throw refusal(`The address of the request would have ${bytes(url.length)}`, "No name or id is that long.");
	if (request.method === "GET" || isProbe(request)) return;
	if (signal?.aborted) throw interrupted();
	if (intent.effect === "read")
		throw refusal("An intent that reads may not change anything", "skill.yaml states each intent's effect.");
	if (intent.confirm === true && !confirmed())
		throw new UsageError("A confirmation is needed; nothing was changed.", "Call without --confirm to see the plan.");
}

/** An empty array sent to the event API: it starts and stores nothing (measured), and tells whether the event key is good. */
const isProbe = ({ api, body }: Request): boolean => api === "event" && Array.isArray(body) && body.length === 0;

/** The secret that authorises a request; the dev server needs none, and a server on this machine may not. */
function authorise({ target, secrets }: ClientOptions, request: Request, where: Where): SecretName | undefined {
	if (target.kind === "dev") return undefined;
	const names = authorisedBy(target, request);
	const name = names.find((one) => secrets.has(one));
	if (name !== undefined) return name;
	if (!target.local) throw missingKey(names);
	where.unset = names;
	return undefined;
}

function unexpected({ method, path }: Request, { label }: Where, at: string | undefined): ServerError {
	const place = at ? ` at ${clean(at, 60)}` : "";
	return new ServerError(
		`${label} answered ${method} ${clean(path, 120)} with something unexpected${place}.`,
		"Is this an Inngest server of this year? `check-setup` tells.",
		200,
		"",
		method !== "GET",
	);
}

function mayRepeat({ method, repeatable }: Request, { status, code }: ServerError): boolean {
	// A 429 means that nothing was done (the API's own words), so it may be repeated whatever the request.
	if (status === 429) return true;
	if (["ECONNREFUSED", "ENOTFOUND", TOO_LARGE].includes(code)) return false;
	const passing = status === 0 || status === 408 || (status >= 500 && status !== 501) || code === "not_json";
	return passing && (method === "GET" || repeatable === true);
}

/**
 * The only way to a server. It sends what the manifest allows and nothing else: to the manifest's hosts or the configured
 * origin, with the secrets of the intent, GET alone for an intent that reads (but for an empty send, which tests the
 * event key), nothing that changes anything before a required confirmation or after Ctrl-C. lib/http does the sending.
 */
import * as z from "zod/mini";
import { judge, networkReason } from "./answer.ts";
import { missingKey, ServerError, TOO_LARGE, UsageError, unclear, unreachable, type Where } from "./errors.ts";
import { openHttp, type Reply } from "./http.ts";
import type { IntentEntry, Manifest } from "./manifest.ts";
import { authorisedBy, bodyOf, headersOf, type Request, urlOf } from "./request.ts";
import type { SecretName, Secrets, Settings } from "./secrets.ts";
import type { Target } from "./target.ts";
import { clean, duration } from "./text.ts";
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

export function createClient(options: ClientOptions): Api {
	const { intent, target, manifest, clock } = options;
	const allowed = new Set(manifest.hosts);
	if (target.kind !== "cloud") allowed.add(target.api);
	const exchange = openHttp(options.settings);
	/** What changes something is seen through, its looks included; reading alone can be dropped. */
	const stopping = intent.effect === "read" ? options.signal : undefined;
	/** Until when (ms since epoch) every request waits, because the server asked to slow down. */
	let resumeAt = 0;
	/** A server that has answered before deserves patience: among thousands of requests some fail four times. */
	let answered = false;

	/** The secret that authorises a request; the dev server needs none, and a server on this machine may not. */
	function authorise(request: Request): SecretName | undefined {
		if (target.kind === "dev") return undefined;
		const names = authorisedBy(target, request);
		const name = names.find((one) => options.secrets.has(one));
		if (name === undefined && !target.local) throw missingKey(names);
		return name;
	}

	function check(request: Request): void {
		const { origin, host } = new URL(urlOf(target, request));
		if (!allowed.has(origin))
			throw new UsageError(
				`${host} is not a host that skill.yaml allows; nothing was sent.`,
				"Only the manifest's hosts and the configured server are contacted.",
			);
		if (request.method === "GET" || isProbe(request)) return;
		if (options.signal?.aborted) throw interrupted();
		if (intent.effect === "read")
			throw new UsageError(
				"An intent that reads may not change anything; nothing was sent.",
				"skill.yaml states each intent's effect.",
			);
		if (intent.confirm === true && !options.confirmed())
			throw new UsageError("A confirmation is needed; nothing was changed.", "Call without --confirm to see the plan.");
	}

	/** Milliseconds that an attempt may take: no longer than the wait goes on that it is part of. */
	const timeFor = ({ method }: Request): number =>
		method === "GET" && options.deadline !== undefined
			? Math.min(options.timeout, Math.max(1_000, options.deadline - clock.now()))
			: options.timeout;

	async function attempt(request: Request, where: Where, dropped: AbortSignal | undefined): Promise<unknown> {
		const secret = authorise(request);
		if (secret === undefined && target.kind !== "dev") where.unset = authorisedBy(target, request);
		const key = secret && options.secrets.get(secret);
		const headers: Record<string, string> = headersOf(target, request);
		if (key && request.api !== "event") headers.authorization = `Bearer ${key}`;
		const url = urlOf(target, request).replace("$INNGEST_EVENT_KEY", encodeURIComponent(key ?? "dev"));
		let reply: Reply;
		try {
			reply = await exchange(url, {
				method: request.method,
				headers,
				body: bodyOf(request),
				timeout: timeFor(request),
				signal: dropped,
			});
		} catch (error) {
			if (error instanceof UsageError) throw error;
			if (dropped?.aborted) throw interrupted();
			const reason = networkReason(error);
			const sent = request.method !== "GET" && !/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN$|HTTPS_PROXY )/.test(reason);
			throw unreachable(where, reason, sent);
		}
		return judge(request, where, reply, clock.now());
	}

	/** Ends early where the work is interrupted: what comes next notices. */
	const { signal } = options;
	/** From 0.5 to 1.5: calls that failed together are not tried again together. */
	const jitter = () => 0.5 + (options.random(1)[0] ?? 0) / 256;

	return {
		async send(request, schema, dropping) {
			check(request);
			const dropped = dropping ?? stopping;
			const ending = dropping ?? signal;
			const pause = (ms: number) => clock.sleep(ms, ending);
			const where: Where = { ...target, api: request.api };
			/** Whether an earlier attempt may have been carried out, whatever a later one is told. */
			let maybe = false;
			let late = 0;
			let last: ServerError | undefined;
			const deadline =
				request.method === "GET" ? (options.deadline ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
			const held = () => Math.min(resumeAt, deadline) - clock.now();
			const final = (error: ServerError) =>
				error.unclear && request.method !== "GET" ? unclear(error, where, request.repeatable === true) : error;
			for (let n = 1; ; n++) {
				for (let left = held(); left > 0 && !ending?.aborted; left = held()) await pause(left);
				if (last && ending?.aborted) throw final(last);
				if (!last) check(request);
				try {
					const answer = z.safeParse(schema, await attempt(request, where, dropped));
					answered = true;
					if (answer.success) return answer.data;
					const at = answer.error.issues[0]?.path.join(".");
					throw new ServerError(
						`${where.label} answered ${request.method} ${clean(request.path, 120)} with something unexpected${at ? ` at ${clean(at, 60)}` : ""}.`,
						"Is this an Inngest server of this year? `check-setup` tells.",
						200,
						"",
						request.method !== "GET",
					);
				} catch (error) {
					if (!(error instanceof ServerError)) throw error;
					maybe ||= error.unclear;
					error.unclear = maybe;
					if (error.code === "timeout") late++;
					const most = options.attempts ?? (answered ? 10 : 4);
					const backoff = Math.min((options.pause ?? 200) * 2 ** (n - 1), LONGEST_BACKOFF) * jitter();
					const wait = error.retryAfter ?? backoff;
					const over = clock.now() + wait > deadline;
					if (n >= most || late >= 4 || over || !mayRepeat(request, error)) throw final(error);
					if (wait > LONGEST_PAUSE) {
						const told = `${error.message.replace(/\.?$/, ".")} It asks to wait ${duration(wait)} first.`;
						throw final(new ServerError(told, error.next, error.status, error.code, maybe));
					}
					last = error;
					if (error.status === 429) resumeAt = Math.max(resumeAt, clock.now() + wait);
					else await pause(wait);
				}
			}
		},
	};
}

const interrupted = () =>
	new UsageError("Interrupted; nothing more was sent.", "Call again to see what is left to do.");

/** An empty array sent to the event API: it starts and stores nothing (measured), and tells whether the event key is good. */
const isProbe = ({ api, body }: Request): boolean => api === "event" && Array.isArray(body) && body.length === 0;

function mayRepeat(request: Request, error: ServerError): boolean {
	// A 429 means that nothing was done (the API's own words), so it may be repeated whatever the request.
	if (error.status === 429) return true;
	if (error.code === "ECONNREFUSED" || error.code === "ENOTFOUND" || error.code === TOO_LARGE) return false;
	const passing =
		error.status === 0 ||
		error.status === 408 ||
		(error.status >= 500 && error.status !== 501) ||
		error.code === "not_json";
	return passing && (request.method === "GET" || request.repeatable === true);
}

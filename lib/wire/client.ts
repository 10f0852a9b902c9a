/**
 * The only way to a server. It sends what the manifest allows and nothing else: to the manifest's hosts or the configured
 * origin, with the secrets of the intent, GET alone for an intent that reads (but for an empty send, which tests the
 * event key), nothing that changes anything before a required confirmation or after Ctrl-C. lib/http does the sending.
 */
import * as z from "zod/mini";
import { encodeKey } from "../gate/keyvalue.ts";
import type { IntentEntry, Manifest } from "../gate/manifest.ts";
import type { SecretName, Secrets, Settings } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import type { World } from "../gate/world.ts";
import { checkSetup, missingKey, refusal, ServerError, UsageError, unclear, type Where } from "../text/errors.ts";
import { bytes, clean, duration } from "../text/text.ts";
import { judge } from "./answer.ts";
import { openHttp, type Reply } from "./http.ts";
import { notingOdd } from "./lenient.ts";
import { withTrueStatuses } from "./oss.ts";
import { openPace, type Pace } from "./pace.ts";
import { authorisedBy, bodyOf, grantOf, headersOf, isProbe, type Request, sendsEvents, urlOf } from "./request.ts";
import { type Tries, verdictOn } from "./retry.ts";
import { unanswered } from "./unanswered.ts";
import { aheadBy, interrupted, openWork, type Work } from "./underway.ts";

/** What handlers call. */
export interface Api {
	/** Sends a request and checks the answer; throws ServerError or UsageError. Aborting `signal` drops it, which is for reads alone. */
	send<S extends z.ZodMiniType>(request: Request, schema: S, signal?: AbortSignal): Promise<z.output<S>>;
}

export interface ClientOptions {
	manifest: Manifest;
	intent: IntentEntry;
	target: Target;
	secrets: Pick<Secrets, "has" | "get">;
	settings: Settings;
	/** Milliseconds for one attempt. */
	timeout: number;
	/** When reading is given up (ms since the epoch), for a wait that may last so long and no longer. */
	deadline?: number | undefined;
	clock: World["clock"];
	random: World["random"];
	/** Aborted by Ctrl-C: nothing that changes anything is sent from then on. */
	signal?: AbortSignal;
	/** Of all clients of a call together. */
	work?: Work;
	/** Whether a confirmation has been given. */
	confirmed: () => boolean;
	/** Nothing that changes anything goes out unconfirmed, whatever the manifest says: it may reach another environment than was named. */
	doubtful?: boolean;
	/** On Cloud v2 is read with the signing key, too: what comes from v1 is then of the same environment. */
	oneKey?: boolean;
	/** Throws where a request may not be sent: by a key of another environment than was named, or to what may be anybody's server. */
	permit?: ((request: Request, secret: SecretName | undefined) => Promise<void>) | undefined;
	/** What the user set by --timeout (ms): for one request with all its retries and the pauses between them. */
	budget?: number | undefined;
	/** Told of each item of a list that could not be read. */
	odd?: (key: string) => void;
	/** Of all clients of a call together. */
	pace?: Pace;
	/** Attempts for a repeatable request (4, or 10 once the server has answered), and the first pause between two in ms (200). */
	attempts?: number;
	pause?: number;
}

/** In characters. Servers drop the connection at a longer one, which would pass for a fault to be tried again. */
const LONGEST_URL = 64_000;

export function createClient(options: ClientOptions): Api {
	const { intent, target, manifest, clock } = options;
	const exchange = openHttp(options.settings);
	const pace = options.pace ?? openPace(clock, target.kind === "cloud");
	const work = options.work ?? openWork(options.signal);
	const checking = intent.handler === "handlers/check-setup";
	/** A server that has answered before deserves patience: among thousands of requests some fail four times. */
	let answered = false;

	/** The secret that authorises a request; the dev server needs none, and a server on this machine may not. */
	function authorise(request: Request): SecretName | undefined {
		if (target.kind === "dev") return undefined;
		const names = authorisedBy(target, request, options.oneKey);
		const name = names.find((one) => options.secrets.has(one));
		if (name === undefined && !target.local) throw missingKey(names);
		return name;
	}

	function check(request: Request): void {
		const url = urlOf(target, request);
		checkHost(manifest, target, url);
		if (url.length > LONGEST_URL)
			throw refusal(`The request's URL would take ${bytes(url.length)}`, "No name or id is that long.");
		if (!changes(request)) return;
		if (options.signal?.aborted || work.stop.aborted) throw interrupted(work);
		if (intent.effect === "read")
			throw refusal("An intent that reads may not change anything", "skill.yaml states each intent's effect.");
		if ((intent.confirm === true || options.doubtful) && !options.confirmed())
			throw new UsageError("A confirmation is needed; nothing was changed.", "Call without --confirm to see the plan.");
	}

	/** Milliseconds that an attempt may take: no longer than the wait goes on that it is part of, nor than its request may. */
	const timeFor = ({ method }: Request, began: number): number => {
		const { timeout, deadline, budget = Number.POSITIVE_INFINITY } = options;
		const waiting = method === "GET" && deadline !== undefined ? Math.max(1_000, deadline - clock.now()) : timeout;
		return Math.min(timeout, waiting, Math.max(1, began + budget - clock.now()));
	};

	async function attempt(request: Request, where: Where, began: number, dropped?: AbortSignal): Promise<unknown> {
		const secret = authorise(request);
		if (secret === undefined && target.kind !== "dev") where.unset = authorisedBy(target, request);
		where.key = secret;
		const key = secret && options.secrets.get(secret);
		await options.permit?.(request, secret);
		const headers: Record<string, string> = headersOf(target, request);
		if (key && request.api !== "event") headers.authorization = `Bearer ${key}`;
		const url = urlOf(target, request).replace("$INNGEST_EVENT_KEY", encodeKey(key ?? "dev"));
		const { method } = request;
		const at = clock.now();
		let reply: Reply;
		if (changes(request)) work.changes++;
		try {
			reply = await exchange(url, {
				method,
				headers,
				body: bodyOf(request),
				timeout: timeFor(request, began),
				signal: dropped,
			});
		} catch (error) {
			const none = unanswered(where, error, method !== "GET");
			if (changes(request) && !(none instanceof ServerError && none.unclear)) work.changes--;
			throw dropped?.aborted ? interrupted(work) : none;
		}
		const ahead = aheadBy(reply.header("date"), reply.header("age"), at, clock.now());
		if (ahead !== undefined) work.clockIs(ahead);
		return judge(request, where, reply, clock.now());
	}

	/** Ends early where the work is interrupted: what comes next notices. */
	const { signal } = options;

	return {
		async send(request, schema, dropping) {
			check(request);
			const dropped = dropping ?? work.stop;
			const ending = dropping ?? signal;
			const where: Where = {
				...target,
				api: request.api,
				checking,
				sends: sendsEvents(request),
				grant: grantOf(request),
			};
			/** Whether an earlier attempt may have been carried out, whatever a later one is told. */
			let maybe = false;
			let last: ServerError | undefined;
			const tries: Tries = { sent: 0, late: 0, slowed: 0 };
			const began = clock.now();
			const waiting = request.method === "GET" ? options.deadline : undefined;
			const deadline = Math.min(
				waiting ?? Number.POSITIVE_INFINITY,
				began + (options.budget ?? Number.POSITIVE_INFINITY),
			);
			const final = (error: ServerError) => {
				if (!changes(request)) return error;
				error.unsent = error.status === 0 && !error.unclear;
				return error.unclear ? unclear(error, where, request.repeatable === true) : error;
			};
			for (;;) {
				await pace.turn(deadline, ending);
				if (dropped.aborted) throw interrupted(work);
				if (last && ending?.aborted) throw final(last);
				if (!last) check(request);
				try {
					return read(request, where, schema, await attempt(request, where, began, dropped));
				} catch (error) {
					if (!(error instanceof ServerError)) throw error;
					maybe ||= error.unclear;
					error.unclear = maybe;
					const slow = error.status === 429;
					tries.sent++;
					if (error.code === "timeout") tries.late++;
					const verdict = verdictOn(request, error, tries, {
						most: options.attempts ?? (answered ? 10 : 4),
						pause: options.pause ?? 200,
						left: deadline - clock.now(),
						spread: (options.random(1)[0] ?? 0) / 256,
					});
					if (verdict.kind === "give up") throw final(error);
					if (verdict.kind === "too long") throw final(asksToWait(error, verdict.wait));
					last = error;
					if (slow) tries.slowed += verdict.wait;
					if (slow) pace.hold(verdict.wait);
					else await clock.sleep(verdict.wait, ending);
				}
			}
		},
	};

	/** An answer as its schema reads it. */
	function read<S extends z.ZodMiniType>(request: Request, where: Where, schema: S, body: unknown): z.output<S> {
		const given = target.kind === "cloud" ? body : withTrueStatuses(request, body);
		const answer = notingOdd(options.odd ?? (() => {}), () => z.safeParse(schema, given));
		answered = true;
		if (answer.success) return answer.data;
		const at = answer.error.issues[0]?.path.join(".");
		const place = at ? ` at ${clean(at, 60)}` : "";
		throw new ServerError(
			`${where.label} answered ${request.method} ${clean(request.path, 120)} with unexpected data${place}.`,
			`Is this a current Inngest server?${checkSetup(where, "can tell")}`,
			200,
			"",
			request.method !== "GET",
		);
	}
}

const changes = (request: Request): boolean => request.method !== "GET" && !isProbe(request);

const DAY = 86_400_000;
/** The same error, of a server that asks to wait longer than a call does: what to do goes by how long. */
function asksToWait(error: ServerError, wait: number): ServerError {
	const told = `${error.message.replace(/\.?$/, ".")} It says to wait ${duration(wait)} first.`;
	const done = error.status === 429 ? "Nothing was done. " : "";
	const next =
		wait > DAY ? "No rate limit lasts that long: ask whoever runs the server." : "Call again then, not before.";
	return new ServerError(told, done + next, error.status, error.code, error.unclear);
}

/** Refuses a server that neither the manifest lists nor the operator configured. */
export function checkHost({ hosts }: Manifest, { kind, api }: Target, address: string): void {
	const { origin, host } = new URL(address);
	if (hosts.includes(origin) || (kind !== "cloud" && origin === api)) return;
	throw refusal(
		`${host} is not a host that skill.yaml allows`,
		"Only the manifest's hosts and the configured server are contacted.",
	);
}

/**
 * The only way to a server. It sends what the manifest allows and nothing else: to the manifest's hosts or the configured
 * origin, with the secrets of the intent, for an intent that reads GET alone (but for the one POST path that its
 * entry names), nothing that changes anything before a required confirmation or after Ctrl-C. lib/wire/http does the sending.
 */
import * as z from "zod/mini";
import type { IntentEntry, Manifest } from "../gate/manifest.ts";
import { encodeKey, type SecretName, type Secrets, type Settings, type World } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { checkSetup, missingKey, refusal, ServerError, UsageError, unclear, type Where } from "../text/errors.ts";
import { bytes, clean, duration } from "../text/text.ts";
import { judge } from "./answer.ts";
import { openHttp, type Reply } from "./http.ts";
import { notingOdd, withTrueStatuses } from "./lenient.ts";
import { authorisedBy, bodyOf, grantOf, headersOf, isRead, type Request, sendsEvents, urlOf } from "./request.ts";
import { openPace, type Pace, type Tries, verdictOn } from "./retry.ts";
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

/** A request on its way, through all its attempts. Times are in ms since the epoch. */
interface Sending {
	request: Request;
	/** It is more than a read. */
	changes: boolean;
	where: Where;
	began: number;
	deadline: number;
	tries: Tries;
	/** Whether an earlier attempt may have been carried out, whatever a later one is told. */
	maybe: boolean;
	/** Ends the attempt in flight; `ending` ends pauses early, and what comes next notices. */
	dropped: AbortSignal;
	ending: AbortSignal | undefined;
}

class Client implements Api {
	readonly #options: ClientOptions;
	readonly #exchange: ReturnType<typeof openHttp>;
	readonly #pace: Pace;
	readonly #work: Work;
	/** A server that has answered before deserves patience: among thousands of requests some fail four times. */
	#answered = false;

	constructor(options: ClientOptions) {
		this.#options = options;
		this.#exchange = openHttp(options.settings);
		this.#pace = options.pace ?? openPace(options.clock, options.target.kind === "cloud");
		this.#work = options.work ?? openWork(options.signal);
	}

	async send<S extends z.ZodMiniType>(request: Request, schema: S, dropping?: AbortSignal): Promise<z.output<S>> {
		const sending = this.#begin(request, dropping);
		this.#check(sending);
		const { deadline, dropped, ending } = sending;
		for (let last: ServerError | undefined; ; ) {
			await this.#pace.turn(deadline, ending);
			if (dropped.aborted) throw interrupted(this.#work);
			if (last && ending?.aborted) throw final(sending, last);
			if (!last) this.#check(sending);
			try {
				return this.#read(sending, schema, await this.#attempt(sending));
			} catch (error) {
				if (!(error instanceof ServerError)) throw error;
				await this.#waitAfter(sending, error);
				last = error;
			}
		}
	}

	/** Refuses what may not be sent at all. */
	#check({ request, changes }: Sending): void {
		const { target, manifest, intent, signal, doubtful, confirmed } = this.#options;
		const url = urlOf(target, request);
		checkHost(manifest, target, url);
		if (url.length > LONGEST_URL)
			throw refusal(`The request's URL would take ${bytes(url.length)}`, "No name or id is that long.");
		if (!changes) return;
		if (signal?.aborted || this.#work.stop.aborted) throw interrupted(this.#work);
		if (intent.effect === "read")
			throw refusal("An intent that reads may not change anything", "skill.yaml states each intent's effect.");
		if ((intent.confirm === true || doubtful) && !confirmed())
			throw new UsageError("A confirmation is needed; nothing was changed.", "Call without --confirm to see the plan.");
	}

	#begin(request: Request, dropping: AbortSignal | undefined): Sending {
		const { target, intent, clock, signal, ...limits } = this.#options;
		const began = clock.now();
		const waiting = request.method === "GET" ? limits.deadline : undefined;
		return {
			request,
			changes: !isRead(request, intent),
			where: {
				...target,
				api: request.api,
				checking: intent.handler === "handlers/check-setup",
				sends: sendsEvents(request),
				grant: grantOf(request),
			},
			began,
			deadline: Math.min(waiting ?? Number.POSITIVE_INFINITY, began + (limits.budget ?? Number.POSITIVE_INFINITY)),
			tries: { sent: 0, late: 0, slowed: 0 },
			maybe: false,
			dropped: dropping ?? this.#work.stop,
			ending: dropping ?? signal,
		};
	}

	async #attempt(sending: Sending): Promise<unknown> {
		const { request, changes, where, dropped } = sending;
		const { target, secrets, permit, clock } = this.#options;
		const secret = this.#authorise(request);
		if (secret === undefined && target.kind !== "dev") where.unset = authorisedBy(target, request);
		where.key = secret;
		const key = secret && secrets.get(secret);
		await permit?.(request, secret);
		const headers: Record<string, string> = headersOf(target, request);
		if (key && request.api !== "event") headers.authorization = `Bearer ${key}`;
		const url = urlOf(target, request).replace("$INNGEST_EVENT_KEY", encodeKey(key ?? "dev"));
		const { method } = request;
		const at = clock.now();
		let reply: Reply;
		if (changes) this.#work.changes++;
		try {
			const timeout = this.#timeFor(sending);
			// A change in flight is seen through; and a signal for each request of a long stream takes a fifth more memory.
			const signal = changes ? undefined : dropped;
			reply = await this.#exchange(url, { method, headers, body: bodyOf(request), timeout, signal });
		} catch (error) {
			const none = unanswered(where, error, method !== "GET");
			if (changes && !(none instanceof ServerError && none.unclear)) this.#work.changes--;
			throw dropped.aborted ? interrupted(this.#work) : none;
		}
		const ahead = aheadBy(reply.header("date"), reply.header("age"), at, clock.now());
		if (ahead !== undefined) this.#work.clockIs(ahead);
		return judge(request, where, reply, clock.now());
	}

	/** The secret that authorises a request; the dev server needs none, and a server on this machine may not. */
	#authorise(request: Request): SecretName | undefined {
		const { target, secrets, oneKey } = this.#options;
		if (target.kind === "dev") return undefined;
		const names = authorisedBy(target, request, oneKey);
		const name = names.find((one) => secrets.has(one));
		if (name === undefined && !target.local) throw missingKey(names);
		return name;
	}

	/** Milliseconds that an attempt may take: no longer than the wait goes on that it is part of, nor than its request may. */
	#timeFor({ request, began }: Sending): number {
		const { timeout, deadline, clock, budget = Number.POSITIVE_INFINITY } = this.#options;
		const isPartOfWait = request.method === "GET" && deadline !== undefined;
		const waiting = isPartOfWait ? Math.max(1_000, deadline - clock.now()) : timeout;
		return Math.min(timeout, waiting, Math.max(1, began + budget - clock.now()));
	}

	/** An answer as its schema reads it. */
	#read<S extends z.ZodMiniType>({ request, where }: Sending, schema: S, body: unknown): z.output<S> {
		const { target, odd = () => {} } = this.#options;
		const given = target.kind === "cloud" ? body : withTrueStatuses(request, body);
		const answer = notingOdd(odd, () => z.safeParse(schema, given));
		this.#answered = true;
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

	/** Returns when the request is to be sent again; throws the error where it isn't. */
	async #waitAfter(sending: Sending, error: ServerError): Promise<void> {
		const { attempts, pause, clock, random } = this.#options;
		const { request, tries, deadline, ending } = sending;
		sending.maybe ||= error.unclear;
		error.unclear = sending.maybe;
		tries.sent++;
		if (error.code === "timeout") tries.late++;
		const verdict = verdictOn(request, error, tries, {
			most: attempts ?? (this.#answered ? 10 : 4),
			pause: pause ?? 200,
			left: deadline - clock.now(),
			spread: (random(1)[0] ?? 0) / 256,
		});
		if (verdict.kind === "give up") throw final(sending, error);
		if (verdict.kind === "too long") throw final(sending, asksToWait(error, verdict.wait));
		if (error.status !== 429) return clock.sleep(verdict.wait, ending);
		tries.slowed += verdict.wait;
		this.#pace.hold(verdict.wait);
	}
}

/** The client of one intent, whose requests go as its manifest entry allows. */
export const createClient = (options: ClientOptions): Api => new Client(options);

/** The error that a request ends with. */
function final({ request, changes, where }: Sending, error: ServerError): ServerError {
	if (!changes) return error;
	error.unsent = error.status === 0 && !error.unclear;
	return error.unclear ? unclear(error, where, request.repeatable === true) : error;
}

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

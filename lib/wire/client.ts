/**
 * The only way to a server. Sends only what the manifest allows: to its hosts or the configured origin, with the intent's secrets; for a
 * reading intent only GETs (except the one POST path in its entry); no changes before a required confirmation or after Ctrl-C.
 * lib/wire/http does the sending.
 */
import * as z from "zod/mini";
import type { IntentEntry, Manifest } from "../gate/manifest.ts";
import { encodeKey, type SecretName, type Secrets, type Settings, type World } from "../gate/secrets.ts";
import type { Target } from "../gate/target.ts";
import { checkSetup, missingKey, refusal, ServerError, unclear, type Where } from "../text/errors.ts";
import { bytes, clean } from "../text/text.ts";
import { judge, unanswered } from "./answer.ts";
import { openHttp } from "./http.ts";
import { notingOdd, withTrueStatuses } from "./lenient.ts";
import {
	authorisedBy,
	bodyOf,
	exceeds,
	grantOf,
	headersOf,
	isRead,
	type Request,
	sendsEvents,
	urlOf,
} from "./request.ts";
import { aheadBy, interrupted, type Pace, pauseAfter, type Tries, type Work, WrongClock } from "./retry.ts";

/** What handlers call. */
export interface Api {
	/** Sends a request and checks the response; throws ServerError or UsageError. Aborting `signal` drops it, which is only for reads. */
	send<S extends z.ZodMiniType>(request: Request, schema: S, signal?: AbortSignal): Promise<z.output<S>>;
}

export interface ClientOptions {
	manifest: Manifest;
	intent: IntentEntry;
	target: Target;
	secrets: Pick<Secrets, "has" | "get">;
	settings: Settings;
	/** For one attempt, in ms. */
	timeout: number;
	/** When to give up reading (ms since the epoch), for a wait of limited length. */
	deadline?: number | undefined;
	clock: World["clock"];
	random: World["random"];
	/** Aborted by Ctrl-C: no further changes are sent. */
	signal: AbortSignal;
	/** Shared by all clients of a call. */
	work: Work;
	/** No change is sent unconfirmed, whatever the manifest says: it may reach another environment than the named one. */
	doubtful?: boolean;
	/** On Cloud, v2 is also read with the signing key, so that it shows the same environment as v1. */
	oneKey?: boolean;
	/** Throws if a request may not be sent: with a key of another environment, or to an unverified server. */
	permit?: ((request: Request, secret: SecretName | undefined) => Promise<void>) | undefined;
	/** `--timeout` (ms): for one request with all its retries and pauses. */
	budget?: number | undefined;
	/** Called for each list item that could not be read. */
	odd: (key: string) => void;
	/** Shared by all clients of a call. */
	pace: Pace;
}

/** In characters. Servers drop the connection for a longer URL, which would look like a fault to retry. */
const LONGEST_URL = 64_000;

/** A request being sent, through all its attempts. Times are in ms since the epoch. */
interface Sending {
	request: Request;
	/** It is not just a read. */
	changes: boolean;
	where: Where;
	deadline: number;
	tries: Tries;
	/** Whether an earlier attempt may have been carried out, whatever a later response says. */
	maybe: boolean;
	/** Ends the current attempt; `ending` cuts pauses short, and the next step notices. */
	dropped: AbortSignal;
	ending: AbortSignal | undefined;
}

/** One intent's client, limited to what its manifest entry allows. */
export class Client implements Api {
	readonly #options: ClientOptions;
	readonly #exchange: ReturnType<typeof openHttp>;
	/**
	 * 4 attempts until the server has answered, then 10: among thousands of requests some fail four times. Once a request has failed ten
	 * times: 2, until one succeeds.
	 */
	#most = 4;

	constructor(options: ClientOptions) {
		this.#options = options;
		this.#exchange = openHttp(options.settings);
	}

	async send<S extends z.ZodMiniType>(request: Request, schema: S, dropping?: AbortSignal): Promise<z.output<S>> {
		const { target, intent, clock, signal, work, ...limits } = this.#options;
		const waiting = request.method === "GET" ? limits.deadline : undefined;
		const sending: Sending = {
			request,
			changes: !isRead(request, intent),
			where: {
				...target,
				...(request.everywhere && target.kind === "cloud" && { label: "Inngest Cloud" }),
				api: request.api,
				checking: intent.handler === "handlers/check-setup",
				sends: sendsEvents(request),
				grant: grantOf(request),
				lists: !/^\/v\d\/(?:runs|events|apps)\//.test(request.path),
			},
			deadline: Math.min(waiting ?? Infinity, clock.now() + (limits.budget ?? Infinity)),
			tries: { sent: 0, late: 0, slowed: 0 },
			maybe: false,
			dropped: dropping ?? work.stop,
			ending: dropping ?? signal,
		};
		try {
			return await this.#attempts(sending, schema);
		} catch (error) {
			if (!(error instanceof ServerError)) throw error;
			if (sending.tries.sent >= 10 && error.status !== 429) this.#most = 2;
			if (!sending.changes) throw error;
			throw error.unclear ? unclear(error, sending.where, request.repeatable === true) : error;
		}
	}

	/** Refuses requests that may not be sent at all. */
	#check({ request, changes }: Sending): void {
		const { target, manifest, intent, signal, work, doubtful } = this.#options;
		const url = urlOf(target, request);
		checkHost(manifest, target, url);
		if (url.length > LONGEST_URL)
			throw refusal(`The request's URL would take ${bytes(url.length)}`, "No name or id is that long.");
		if (!changes) return;
		if (signal.aborted || work.stop.aborted) throw interrupted(work);
		if (intent.effect === "read")
			throw refusal("An intent that reads may not change anything", "skill.yaml states each intent's effect.");
		if (!work.confirmed && (intent.confirm === true || doubtful || exceeds(request, intent)))
			throw refusal("A confirmation is needed", "Call without --confirm to see the plan.", "changed");
	}

	async #attempts<S extends z.ZodMiniType>(sending: Sending, schema: S): Promise<z.output<S>> {
		const { pace, work } = this.#options;
		const { deadline, dropped, ending } = sending;
		for (let last: ServerError | undefined; ; ) {
			await pace.turn(deadline, ending);
			if (dropped.aborted) throw interrupted(work);
			if (last && ending?.aborted) throw last;
			if (!last) this.#check(sending);
			try {
				return this.#read(sending, schema, await this.#attempt(sending));
			} catch (error) {
				if (!(error instanceof ServerError)) throw error;
				await this.#pauseAfter(sending, error);
				last = error;
			}
		}
	}

	async #attempt(sending: Sending): Promise<unknown> {
		const { request, changes, where, dropped } = sending;
		const { target, secrets, oneKey, permit, clock, work, ...limits } = this.#options;
		const names = authorisedBy(target, request, oneKey);
		const secret = names.find((one) => secrets.has(one));
		// A server on this machine may need none.
		if (secret === undefined && names.length && !target.local) throw missingKey(names);
		if (secret === undefined) where.unset = names;
		where.key = secret;
		const key = secret && secrets.get(secret);
		await permit?.(request, secret);
		const headers: Record<string, string> = headersOf(target, request);
		if (key && request.api !== "event") headers.authorization = `Bearer ${key}`;
		const url = urlOf(target, request).replace("$INNGEST_EVENT_KEY", () => encodeKey(key ?? "dev"));
		const { method } = request;
		const at = clock.now();
		// A change in flight is never dropped; and a signal for each request of a long stream takes a fifth more memory.
		const signal = changes ? undefined : dropped;
		// The last read of a wait has a second.
		const left = Math.max(limits.deadline === undefined ? 1 : 1_000, sending.deadline - at);
		const call = { method, headers, body: bodyOf(request), timeout: Math.min(limits.timeout, left), signal };
		if (changes) work.changes++;
		const reply = await this.#exchange(url, call).catch((error) => {
			const none = unanswered(where, error, method !== "GET");
			if (changes && !(none instanceof ServerError && none.unclear)) work.changes--;
			throw dropped.aborted ? interrupted(work) : none;
		});
		work.ahead ??= aheadBy(reply.header("date"), reply.header("age"), at, clock.now());
		if (work.ahead !== undefined && work.byClock && work.changes === 0) throw new WrongClock();
		return judge(request, where, reply, clock.now(), sending.maybe);
	}

	#read<S extends z.ZodMiniType>({ request, where }: Sending, schema: S, body: unknown): z.output<S> {
		const { target, odd } = this.#options;
		const given = target.kind === "cloud" ? body : withTrueStatuses(request, body);
		const answer = notingOdd(odd, () => z.safeParse(schema, given));
		this.#most = 10;
		if (answer.success) return answer.data;
		const at = answer.error.issues[0]?.path.join(".");
		const place = at ? ` at ${clean(at, 60)}` : "";
		throw new ServerError(
			`${where.label} answered ${request.method} ${clean(request.path, 120)} with unexpected data${place}.`,
			`Is this a current Inngest server?${checkSetup(where, "can tell")}`,
			{ status: 200, unclear: request.method !== "GET" },
		);
	}

	/** Returns once the request should be sent again; otherwise throws the error. */
	async #pauseAfter(sending: Sending, error: ServerError): Promise<void> {
		const { clock, random, pace } = this.#options;
		const { tries, deadline } = sending;
		sending.maybe ||= error.unclear;
		error.unclear = sending.maybe;
		tries.sent++;
		if (error.code === "timeout") tries.late++;
		const spread = (random(1)[0] ?? 0) / 256;
		const wait = pauseAfter(sending.request, error, tries, { most: this.#most, left: deadline - clock.now(), spread });
		if (error.status !== 429) return clock.sleep(wait, sending.ending);
		tries.slowed += wait;
		pace.hold(wait);
	}
}

/** Refuses a server that is neither in the manifest nor configured. */
export function checkHost({ hosts }: Manifest, { kind, api }: Target, address: string): void {
	const { origin, host } = new URL(address);
	if (hosts.includes(origin) || (kind !== "cloud" && origin === api)) return;
	throw refusal(
		`${host} is not a host that skill.yaml allows`,
		"Only the manifest's hosts and the configured server are contacted.",
	);
}

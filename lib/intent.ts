/** What a handler is: its parameters, its request or requests, and its answer. */

import type * as z from "zod/mini";
import type { Naming } from "./gate/environment.ts";
import type { SecretName, World } from "./gate/secrets.ts";
import type { Target } from "./gate/target.ts";
import type { Keys } from "./inngest/place.ts";
import type { ExitCode } from "./text/errors.ts";
import type { Suggested } from "./text/nouns.ts";
import type { Lines } from "./text/text.ts";
import type { Api } from "./wire/client.ts";
import type { Request } from "./wire/request.ts";

/** An intent's answer: lines and calls for the agent, `data` for `--json`. `exit` defaults to 0. */
export interface Answer {
	lines: readonly Lines[];
	/** Calls to suggest, and lines printed after them. */
	next?: readonly Suggested[];
	after?: Lines;
	/** What could not be read, a line each: printed after `lines`, and in `--json`. */
	missing?: readonly string[];
	/** The call for the next page. */
	more?: Suggested;
	/** Printed if there is nothing to say, not even a note. */
	silent?: string;
	data: unknown;
	exit?: ExitCode;
}

/** The text of an answer. */
export type Words = Omit<Answer, "data" | "exit">;

/** An answer as printed. */
export interface Printed extends Pick<Answer, "data" | "exit"> {
	text: string;
}

/** What a handler may use besides its parameters. */
export interface Context extends Pick<World, "clock" | "random"> {
	api: Api;
	/** As `api`, for optional look-ups: fewer retries, as a server that answered the main request deserves no more patience for these. */
	looks: Api;
	target: Target;
	/** Whether a secret is set; only the client has its value. */
	has(name: SecretName): boolean;
	/** How the call names its environment, and what Inngest Cloud says of it and of the keys'. */
	naming: Naming | undefined;
	keys: Keys;
	/** On Cloud, why it can't be proven that what is sent reaches the named environment; the plan says so. */
	doubt: string | undefined;
	/** INNGEST_READ_ONLY is set. */
	readOnly: boolean;
	/** `--curl`: prints what would be sent. */
	curl: boolean;
	/** Milliseconds since the epoch, one value for the whole answer. */
	now: number;
	/** How long a wait may last, in ms: `--timeout`, or 60 s. */
	timeout: number;
	/** `--timeout` was given: then runs that wait for others are awaited, too. */
	patient: boolean;
	/** A code was given: then only what it stands for is done, even if no confirmation would be needed. */
	coded: boolean;
	/** The code for this set with this server, environment, intent and parameters. */
	codeFor(set: unknown): string;
	/** How many things may be acted on without confirmation: the manifest's `confirm` number; 0 if it is true, or in doubt. */
	unasked: number;
	/**
	 * Returns if the code given with `--confirm` stands for this set on this server; otherwise throws ConfirmationNeeded with the plan.
	 * `set`: whatever must not have changed since. Returns when the plan was made (ms since the epoch), the same each time for the same code.
	 */
	confirm(plan: string, set: unknown): number;
	/** A resumed stream was already confirmed: the caller has checked its resume code. */
	goOn(): void;
	/**
	 * Reports progress on stderr: on a terminal as one line that is overwritten, otherwise milestones only; nothing with `--json`, except
	 * what must not be lost (`always`).
	 */
	progress(line: string, milestone?: boolean | "always"): void;
	/** Aborted by Ctrl-C: bulk work stops after requests in flight and reports its result. */
	signal: AbortSignal;
}

/** How an intent relates to Inngest Cloud's environments; extra lines for its help. */
export interface Traits {
	help?: readonly string[];
	/** It concerns the account: no environment needs to be named or verified. */
	account?: boolean;
	/** It reports what is wrong with each key. */
	tellsKeys?: boolean;
	/** Its answer starts from events, which only the signing key reads; its v2 requests must be for the same environment. */
	events?: boolean;
	/** The key that its changes are made with; by default, the key for v2. */
	changesBy?(has: Context["has"]): SecretName;
}

export type Shape = Record<string, z.ZodMiniType>;

/** An intent: its parameters and what it does. `request`, if present, is the request that `--curl` prints. */
export interface Intent<P extends Shape = Shape> extends Traits {
	params: z.ZodMiniObject<P>;
	/** Refuses flags that can't be combined, also with `--curl`. */
	check?(params: z.output<z.ZodMiniObject<P>>, context: Context): void;
	request?(params: z.output<z.ZodMiniObject<P>>, context: Context): Request;
	run(params: z.output<z.ZodMiniObject<P>>, context: Context): Promise<Answer>;
}

/** What a handler is: its parameters, its request or requests, and the text made of the answer. */

import type * as z from "zod/mini";
import type { Naming } from "./gate/environment.ts";
import type { SecretName, World } from "./gate/secrets.ts";
import type { Target } from "./gate/target.ts";
import type { Keys } from "./inngest/keys.ts";
import type { ExitCode } from "./text/errors.ts";
import type { Suggested } from "./text/nouns.ts";
import type { Lines } from "./text/text.ts";
import type { Api } from "./wire/client.ts";
import type { Request } from "./wire/request.ts";

/** What an intent answers: lines and calls for the agent, `data` for `--json`. `exit` is 0 unless said. */
export interface Answer {
	lines: readonly Lines[];
	/** What to call next, and what is printed after that. */
	next?: readonly Suggested[];
	after?: Lines;
	/** What continues a page. */
	more?: Suggested;
	/** What is printed where there is nothing to say, not even a note. */
	silent?: string;
	data: unknown;
	exit?: ExitCode;
}

/** What an answer says. */
export type Words = Omit<Answer, "data" | "exit">;

/** An answer as it is printed. */
export interface Printed extends Pick<Answer, "data" | "exit"> {
	text: string;
}

/** What a handler may use besides its parameters. */
export interface Context extends Pick<World, "clock" | "random"> {
	api: Api;
	/** The same, for what is looked up beside it: a server that answered this deserves no more patience when it does not answer that. */
	looks: Api;
	target: Target;
	/** Whether a secret is set; only the client has its value. */
	has(name: SecretName): boolean;
	/** How the call names its environment, and what Inngest Cloud says of that one and of the keys'. */
	naming: Naming | undefined;
	keys: Keys;
	/** On Cloud: that what is sent is for the environment that is named can't be proven; the plan says why. */
	doubt: string | undefined;
	/** INNGEST_READ_ONLY is set. */
	readOnly: boolean;
	/** `--curl`: what would be sent is printed. */
	curl: boolean;
	/** Milliseconds since the epoch, one value for the whole answer. */
	now: number;
	/** Milliseconds that a wait may last: `--timeout`, or 60 s. */
	timeout: number;
	/** A code was given: then nothing starts but what it stands for, though it would start unasked without. */
	coded: boolean;
	/** The code that stands for this set, with this server, environment, intent and parameters. */
	codeFor(set: unknown): string;
	/** How many things an intent may act on unasked: `confirm` in the manifest as a number, 0 for true, and in doubt. */
	unasked: number;
	/**
	 * Returns when the code given with `--confirm` stands for this very set on this server; otherwise throws
	 * ConfirmationNeeded with the plan. `set` is whatever must not have changed in between. Answers when the plan was
	 * made (ms since the epoch), the same each time that its code is given.
	 */
	confirm(plan: string, set: unknown): number;
	/** What resumes was confirmed when it began: the caller has checked the code that says so. */
	goOn(): void;
	/**
	 * Reports progress on stderr: one line that rewrites itself on a terminal, milestones otherwise, nothing with `--json`,
	 * except for what must not be lost (`always`).
	 */
	progress(line: string, milestone?: boolean | "always"): void;
	/** Aborted by Ctrl-C: bulk work stops after what is in flight and gives its account. */
	signal: AbortSignal;
}

/** How an intent stands to Inngest Cloud's environments, and what its help says besides its flags. */
export interface Traits {
	help?: readonly string[];
	/** It is of the account: no environment needs to be named, nor to be right. */
	account?: boolean;
	/** It says what is wrong with each key. */
	tellsKeys?: boolean;
	/** Its answer begins with events, which only the signing key reads; what it asks of v2 must be of the same environment. */
	events?: boolean;
	/** The key that what it changes goes by; by default, that of v2. */
	changesBy?(has: Context["has"]): SecretName;
}

export type Shape = Record<string, z.ZodMiniType>;

/** An intent: its parameters, and what it does. `request`, where given, is the one that `--curl` prints. */
export interface Intent<P extends Shape = Shape> extends Traits {
	params: z.ZodMiniObject<P>;
	/** Refuses flags that do not go together, under `--curl`, too. */
	check?(params: z.output<z.ZodMiniObject<P>>, context: Context): void;
	request?(params: z.output<z.ZodMiniObject<P>>, context: Context): Request;
	run(params: z.output<z.ZodMiniObject<P>>, context: Context): Promise<Answer>;
}

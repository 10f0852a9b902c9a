/** What a handler is: its parameters, and what makes an answer of them. */
import type * as z from "zod/mini";
import type { Api } from "./client.ts";
import type { ExitCode } from "./errors.ts";
import type { Request } from "./request.ts";
import type { SecretName } from "./secrets.ts";
import type { Target } from "./target.ts";

/** What is printed: `text` for the agent, `data` for `--json`. `exit` is 0 unless said. */
export interface Answer {
	text: string;
	data: unknown;
	exit?: ExitCode;
}

/** What a handler may use besides its parameters. */
export interface Context {
	api: Api;
	target: Target;
	/** Whether a secret is set; its value is the client's alone. */
	has(name: SecretName): boolean;
	/** Milliseconds since the epoch, one value for the whole answer. */
	now: number;
	/** `--timeout` in ms, where the user gave one. */
	timeout: number | undefined;
	/** The code that stands for this set, with this server, environment, intent and parameters. */
	codeFor(set: unknown): string;
	/** How many things an intent may act on unasked: `confirm` in the manifest as a number, 0 for true. */
	unasked: number;
	/**
	 * Returns when the code given with `--confirm` stands for this very set on this server; otherwise throws
	 * ConfirmationNeeded with the plan. `set` is whatever must not have changed in between. Answers when the plan was
	 * made (ms since the epoch), the same each time that its code is given.
	 */
	confirm(plan: string, set: unknown): number;
	/**
	 * Reports progress on stderr: one line that rewrites itself on a terminal, milestones otherwise, nothing with `--json`,
	 * but for what must not be lost (`always`).
	 */
	progress(line: string, milestone?: boolean | "always"): void;
	/** Aborted by Ctrl-C: bulk work stops after what is in flight and gives its account. */
	signal: AbortSignal;
}

type Shape = Record<string, z.ZodMiniType>;

/** `request`, where given, is the one that stands for all and that `--curl` prints. */
export interface Intent<P extends Shape = Shape> {
	params: z.ZodMiniObject<P>;
	request?(params: z.output<z.ZodMiniObject<P>>): Request;
	run(params: z.output<z.ZodMiniObject<P>>, context: Context): Promise<Answer>;
}

/** Types a handler's definition; returns it as it is. */
export const intent = <P extends Shape>(definition: Intent<P>): Intent<P> => definition;

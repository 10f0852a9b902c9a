/** What the driver plays: calls of the skill on a seeded server. */
import type { Fault } from "../../test/inngest-server/faults.ts";

/** Servers: in memory; `curl` is Inngest Cloud with `--curl` added to every call, and no network at all. */
export const KINDS = ["self-hosted", "dev", "cloud", "curl"] as const;
export type Kind = (typeof KINDS)[number];

/** A failure of the server, as `failNext` of test/inngest-server takes it. */
export type Failure = Omit<Fault, "path"> & { path: string };

export interface Call {
	/** `{failed}`, `{event}` and so on stand for ids on the server, `{code}` and so on for what an earlier answer printed. */
	args: string[];
	stdin?: string;
	/** More of the environment; null takes a variable away. */
	env?: Record<string, string | null>;
	faults?: Failure[];
	/** How long before the call nothing happens, in ms. */
	after?: number;
	/** Ctrl-C when the server receives so many requests of this call. */
	interrupt?: number;
	/** Standard error is a terminal. */
	terminal?: boolean;
}

/** Calls one after another on a server of their own, which is the same for each scene. */
export interface Scene {
	calls: Call[];
	/** Servers on which it makes sense; all, if not given. */
	kinds?: readonly Kind[];
}

/** What a call said. */
export interface Outcome {
	/** As it was called. */
	args: string[];
	code: number;
	stdout: string;
	stderr: string;
}

/** The folder's files, for `@file`. */
export type Files = Record<string, string>;

export interface Job {
	/** A built folder. */
	folder: string;
	kind: Kind;
	scenes: Scene[];
	files: Files;
}

/** The answer to what started something. */
import type { Answer, Context } from "../intent.ts";
import { type Awaited, type Done, waitCall, waitFor } from "./wait.ts";

/** Waits for it where that was asked for; otherwise names the call that does. */
export async function started(wait: boolean, awaited: Awaited, context: Context, done: Done): Promise<Answer> {
	if (wait) return waitFor(awaited, context, done);
	return { ...done, next: [waitCall(awaited)] };
}

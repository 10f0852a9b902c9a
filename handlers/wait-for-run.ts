import * as z from "zod/mini";
import { flag, intent, runIds, ulid } from "../lib/cli/params.ts";
import type { Answer } from "../lib/intent.ts";
import { refusal } from "../lib/text/errors.ts";
import { severally } from "../lib/work/bulk.ts";
import { waitFor } from "../lib/work/wait.ts";

export default intent({
	params: z.object({
		ids: runIds(),
		event: flag(z.optional(z.array(ulid)), "instead: all runs that an event (or up to 20) starts", "EVENT_ID", {
			several: "ids",
		}),
	}),
	run({ ids, event }, context) {
		if (ids.length > 0 === (event !== undefined))
			throw refusal(
				"Name runs, or --event",
				"wait-for-run RUN_ID…, or wait-for-run --event EVENT_ID (several: --event EVENT_ID,EVENT_ID).",
			);
		if (ids.length > 50)
			throw refusal(`${ids.length} runs are too many to wait for at once`, "Name at most 50, or use --event.");
		if (!event) return waitFor({ ids: [...new Set(ids)] }, context);
		const head = (all: string, answers: readonly Answer[]) =>
			`${answers.filter(({ exit }) => !exit).length} of ${all}: all runs completed`;
		return severally(event, "event", head, (one) => waitFor({ ids: [], event: one }, context));
	},
});

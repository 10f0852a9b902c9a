import * as z from "zod/mini";
import { UsageError } from "../lib/errors.ts";
import { intent } from "../lib/intent.ts";
import { flag, runIds, ulid } from "../lib/params.ts";
import { waitFor } from "../lib/wait.ts";

export default intent({
	params: z.object({
		ids: runIds(),
		event: flag(z.optional(ulid), "instead: all runs that an event starts", "EVENT_ID"),
	}),
	run({ ids, event }, context) {
		if (ids.length > 0 === (event !== undefined))
			throw new UsageError(
				"Name runs, or one --event; nothing was sent.",
				"wait-for-run RUN_ID… or wait-for-run --event EVENT_ID.",
			);
		if (ids.length > 50)
			throw new UsageError(
				`${ids.length} runs are too many to wait for at once; nothing was sent.`,
				"Name at most 50, or use --event.",
			);
		return waitFor({ ids: [...new Set(ids)], event }, context);
	},
});

import * as z from "zod/mini";
import { flag, runIds, ulid } from "../lib/cli/params.ts";
import { composed } from "../lib/intent.ts";
import { UsageError } from "../lib/text/errors.ts";
import { waitFor } from "../lib/work/wait.ts";

export default composed({
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

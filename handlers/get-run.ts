import * as z from "zod/mini";
import { flag, ulid } from "../lib/cli/params.ts";
import { getStory, getWholeStory, runRequest } from "../lib/gather/story.ts";
import { inParallel } from "../lib/inngest/api.ts";
import { composed } from "../lib/intent.ts";
import { callsAfter, tellStory } from "../lib/tell/storytext.ts";
import { UsageError } from "../lib/text/errors.ts";
import { plural } from "../lib/text/text.ts";

/** So many runs are told with all that they are related to: each takes up to ten requests, not two or three. */
const WHOLE = 8;

const reason = (error: unknown) => (error instanceof Error ? error.message : "unknown");

export default composed({
	params: z.object({
		ids: flag(z.array(ulid).check(z.minLength(1)), "the run, or up to 20", "RUN_ID", { position: "many" }),
	}),
	request: ({ ids }) => runRequest(ids[0] ?? ""),
	async run(p, context) {
		const { api, target, now } = context;
		const ids = [...new Set(p.ids)];
		if (ids.length > 20)
			throw new UsageError(
				`${ids.length} runs are too many at once; nothing was sent.`,
				"Name at most 20, or use list-runs.",
			);
		const [only = "", ...others] = ids;
		if (!others.length) {
			const story = await getWholeStory(context, only);
			return { lines: [tellStory(story, now, target.label)], next: callsAfter(story, now), data: story };
		}
		const isWhole = ids.length <= WHOLE;
		const stories = await inParallel(ids, 4, (id) => (isWhole ? getWholeStory(context, id) : getStory(api, id)));
		return {
			lines: [
				`${plural(stories.length, "run")} (${target.label})`,
				stories.map(({ value, error }, i) =>
					value ? tellStory(value, now, "") : `${ids[i]} could not be read: ${reason(error)}`,
				),
				!isWhole &&
					`Not read for more than ${WHOLE} runs: their functions, the runs that they invoked, their onFailure handlers, what may have cancelled them.`,
			],
			data: stories.map(({ value, error }, i) => value ?? { id: ids[i], error: reason(error) }),
			exit: stories.some(({ value }) => !value) ? 1 : 0,
		};
	},
});

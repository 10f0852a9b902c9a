import * as z from "zod/mini";
import { composed } from "../lib/intent.ts";
import { runId } from "../lib/params.ts";
import { getStory, runRequest, tellStory } from "../lib/story.ts";

export default composed({
	params: z.object({ id: runId() }),
	request: ({ id }) => runRequest(id),
	async run({ id }, { api, target, now }) {
		const story = await getStory(api, id);
		return { text: tellStory(story, now, target.label), data: story };
	},
});

import * as z from "zod/mini";
import { maybe, Page } from "../lib/api.ts";
import { simple } from "../lib/intent.ts";
import { get } from "../lib/request.ts";
import { lines, plural, word } from "../lib/text.ts";

const Env = z.object({ name: z.string(), type: maybe, isArchived: z.nullish(z.boolean()) });

export default simple({
	params: z.object({}),
	request: () => get("/v2/envs", { limit: 100 }),
	response: Page(Env),
	summarize: ({ data, page }, { target }) =>
		lines(
			`${plural(data.length, "environment")} (${target.label})`,
			data.map(
				(env) => `${word(env.name)} ${word((env.type ?? "").toLowerCase())}${env.isArchived ? " archived" : ""}`,
			),
			page?.cursor && "There are more; these are the first.",
			target.kind === "cloud" && "Name one with --env NAME.",
		),
});

import * as z from "zod/mini";
import { many } from "../lib/api.ts";
import { simple } from "../lib/intent.ts";
import { lines, plural, word } from "../lib/text.ts";

const Env = z.object({ name: z.string(), type: z.nullish(z.string()), isArchived: z.nullish(z.boolean()) });

export default simple({
	params: z.object({}),
	request: () => ({ method: "GET", path: "/v2/envs", query: { limit: 100 }, api: "v2" }),
	response: z.object({ data: many(Env), page: z.nullish(z.object({ cursor: z.nullish(z.string()) })) }),
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

import * as z from "zod/mini";
import { maybe, Page } from "../lib/api.ts";
import { intent } from "../lib/intent.ts";
import { get } from "../lib/request.ts";
import { lines, plural, word } from "../lib/text.ts";

const Env = z.object({ name: z.string(), type: maybe, isArchived: z.nullish(z.boolean()) });
const request = () => get("/v2/envs", { limit: 100 });

export default intent({
	params: z.object({}),
	request,
	async run(_, { api, target }) {
		const data = await api.send(request(), Page(Env));
		return {
			text: lines(
				`${plural(data.data.length, "environment")} (${target.label})`,
				data.data.map(
					(env) => `${word(env.name)} ${word((env.type ?? "").toLowerCase())}${env.isArchived ? " archived" : ""}`,
				),
				data.page?.cursor && "There are more; these are the first.",
				target.kind === "cloud" && "Name one with --env NAME.",
			),
			data,
		};
	},
});

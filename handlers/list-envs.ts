import * as z from "zod/mini";
import { intent } from "../lib/cli/params.ts";
import { environmentText, findEnvironment, nameText } from "../lib/gate/environment.ts";
import { all } from "../lib/inngest/api.ts";
import { Env, envsRequest } from "../lib/inngest/place.ts";
import { plural } from "../lib/text/text.ts";

/** Every branch ever deployed may have one. */
const SHOWN = 50;

export default intent({
	params: z.object({}),
	account: true,
	request: () => envsRequest,
	async run(_, { api, target, naming }) {
		const data = await all(api, envsRequest, Env);
		const cloud = target.kind === "cloud";
		const lost = cloud && naming && findEnvironment(data, naming.text).kind === "unknown";
		const liveFirst = data.toSorted((a, b) => Number(a.archived) - Number(b.archived));
		const omitted = liveFirst.slice(SHOWN);
		const archived = omitted.filter((one) => one.archived).length;
		return {
			lines: [
				`${plural(data.length, "environment")} (${cloud ? "Inngest Cloud" : target.label})`,
				liveFirst.slice(0, SHOWN).map(environmentText),
				omitted.length > 0 && `${omitted.length} omitted, ${archived} of them archived: --json lists all.`,
				lost && `${naming.by} names ${nameText(naming.text)}, which is not among these.`,
				cloud && "Name one with --env NAME, or by its id.",
			],
			data: { data },
		};
	},
});

import * as z from "zod/mini";
import { environmentText, findEnvironment, nameText } from "../lib/gate/environment.ts";
import { Page } from "../lib/inngest/api.ts";
import { Env, envsRequest } from "../lib/inngest/keys.ts";
import { simple } from "../lib/intent.ts";
import { lines, plural } from "../lib/text/text.ts";

export default simple({
	params: z.object({}),
	account: true,
	request: () => envsRequest,
	response: Page(Env),
	summarize({ data, page }, { target, naming }) {
		const cloud = target.kind === "cloud";
		const lost = cloud && naming && findEnvironment(data, naming.text).kind === "unknown";
		return lines(
			`${plural(data.length, "environment")} (${cloud ? "Inngest Cloud" : target.label})`,
			data.map(environmentText),
			page?.cursor && "There are more; these are the first.",
			lost && `${naming.by} names ${nameText(naming.text)}, which is none of these.`,
			cloud && "Name one with --env NAME, or by its id.",
		);
	},
});

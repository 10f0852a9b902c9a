import * as z from "zod/mini";
import { isNotFound, SkillError } from "../lib/errors.ts";
import { checkExists, functionsOf, nameOf } from "../lib/functions.ts";
import { idleText, limitsText, triggersText } from "../lib/functiontext.ts";
import { composed } from "../lib/intent.ts";
import { appFlag } from "../lib/params.ts";
import { lines, plural, word, words } from "../lib/text.ts";

/** Functions shown at most. */
const SHOWN = 200;

export default composed({
	params: z.object({ app: appFlag() }),
	async run({ app }, { api, target }) {
		const { apps, lists, functions } = await functionsOf(api, app);
		const unread = app === undefined ? undefined : lists[0]?.error;
		if (app !== undefined && unread !== undefined) {
			if (isNotFound(unread)) await checkExists(api, { app });
			throw unread;
		}
		// An app that does not exist has an empty list, too (measured).
		if (app !== undefined && !functions.length) await checkExists(api, { app });
		const missing = apps.filter((_, i) => lists[i]?.error !== undefined);
		return {
			text: lines(
				`${plural(functions.length, "function")} in ${app === undefined ? plural(apps.length, "app") : word(app)} (${target.label})`,
				functions
					.slice(0, SHOWN)
					.map((fn) =>
						[words(nameOf(fn), idleText(fn)), `on ${triggersText(fn)}`, limitsText(fn)].filter(Boolean).join("; "),
					),
				functions.length > SHOWN && `… and ${functions.length - SHOWN} more: --app APP.`,
				lists.map(
					({ error }, i) => error instanceof SkillError && `${word(apps[i] ?? "")} could not be read: ${error.message}`,
				),
			),
			data: { functions, unread: missing },
			exit: missing.length ? 1 : 0,
		};
	},
});

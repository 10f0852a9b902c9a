import * as z from "zod/mini";
import { appFlag, intent } from "../lib/cli/params.ts";
import type { Fn } from "../lib/inngest/api.ts";
import { checkExists, functionsOf, getApp, nameOf } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import { idleText, limitsText, triggersText } from "../lib/tell/functiontext.ts";
import { unsyncedLines } from "../lib/tell/setup.ts";
import { isNotFound, noApps, noted } from "../lib/text/errors.ts";
import { grouped, joined, plural, some, word, words } from "../lib/text/text.ts";

export default intent({
	params: z.object({ app: appFlag() }),
	async run({ app }, context) {
		const { api, target } = context;
		const { apps, unread, errors, ...read } = await functionsOf(api, app);
		if (app !== undefined) {
			// One that doesn't exist gives an empty list or an error (measured).
			if (errors.length ? isNotFound(errors[0]) : !read.functions.length) await checkExists(api, { app });
			if (errors.length) throw errors[0];
		}
		const missing: string[] = [];
		const own = app && (await getApp(api, app).catch(noted(missing, "Whether its last sync failed")));
		const { functions } = await ifLive(read, context, own || undefined);
		for (const [i, error] of errors.entries()) noted(missing, word(unread[i] ?? ""))(error);
		const where = words(unread.length > 0 && `${apps.length - unread.length} of`, plural(apps.length, "app"));
		return {
			lines: [
				`${plural(functions.length, "function")} in ${app === undefined ? where : word(app)} (${target.label})`,
				some(
					functions,
					200,
					functionLine,
					(n) => `… and ${grouped(n)} more: ${app === undefined ? "--app APP" : "--json has all"}.`,
				),
				app === undefined && !apps.length && noApps(target),
				unsyncedLines(own ? [own] : apps),
			],
			missing,
			data: { functions, unread },
			exit: unread.length ? 1 : 0,
		};
	},
});

const functionLine = (fn: Fn): string =>
	joined(
		"; ",
		words(nameOf(fn), idleText(fn)),
		words(fn.triggers.length > 0 && "on", triggersText(fn)),
		limitsText(fn),
	);

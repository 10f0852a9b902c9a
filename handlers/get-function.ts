import * as z from "zod/mini";
import { Fn, listRunsRequest, One, Page, Run, runLine } from "../lib/api.ts";
import { ofFunction, resolveFunction } from "../lib/functions.ts";
import { idleText, limitsText, triggersText } from "../lib/functiontext.ts";
import { composed } from "../lib/intent.ts";
import { next, typed } from "../lib/next.ts";
import { flag, functionRef } from "../lib/params.ts";
import { get, path } from "../lib/request.ts";
import { lines, plural, quote, word, words } from "../lib/text.ts";
import { waitsOf } from "../lib/waits.ts";

export default composed({
	params: z.object({ function: flag(functionRef, "the function", "APP/FUNCTION", { position: "one" }) }),
	async run(p, { api, target, now }) {
		const ref = await resolveFunction(api, p.function);
		const [{ data: fn }, { data: runs, page }] = await ofFunction(
			api,
			ref,
			Promise.all([
				api.send(get(path`/v2/apps/${ref.app}/functions/${ref.name}`), One(Fn)),
				api.send(listRunsRequest({ function: ref }, { limit: 100 }), Page(Run)),
			]),
		);
		const byStatus = new Map<string, Run[]>();
		for (const run of runs) byStatus.set(run.status, [...(byStatus.get(run.status) ?? []), run]);
		const newest = [...byStatus.values()].flatMap((list) => list.slice(0, 1));
		const waits = await waitsOf(api, newest, now);
		const name = `${ref.app}/${fn.id}`;
		const callable = typed(name);
		return {
			text: lines(
				words(word(name), fn.name && fn.name !== fn.id && quote(fn.name, 80), idleText(fn), `(${target.label})`),
				`On: ${triggersText(fn)}`,
				`Limits: ${limitsText(fn, true) || "none of its own"}`,
				runs.length
					? `Latest ${plural(runs.length, "run")}${page?.cursor ? " (there are more)" : ""}: ${[...byStatus].map(([status, list]) => `${list.length} ${status}`).join(", ")}`
					: "It has not run yet.",
				runs.length > 0 && "The newest of each status:",
				newest.flatMap((run) => [runLine(run, now), ...(waits.get(run)?.lines ?? [])]),
				next(byStatus.has("FAILED") && callable && `triage-failures --function ${callable}`),
			),
			data: { function: fn, runs },
		};
	},
});

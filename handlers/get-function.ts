import * as z from "zod/mini";
import { flag, functionRef, intent } from "../lib/cli/params.ts";
import { Fn, listRuns, One, type Run, runLine } from "../lib/inngest/api.ts";
import { functionRequest, getApp, handlersOf, nameOf, ofFunction, resolveFunction } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { idleText, limitsText, triggersText } from "../lib/tell/functiontext.ts";
import { triageCall } from "../lib/tell/runlist.ts";
import { unsyncedLines } from "../lib/tell/setup.ts";
import { noted } from "../lib/text/errors.ts";
import { type FunctionRef, nameOfRef, type Suggested } from "../lib/text/nouns.ts";
import { DAY, iso, joined, type Line, percent, plural, quote, time, word, words } from "../lib/text/text.ts";
import { severally } from "../lib/work/bulk.ts";
import { waitsOf } from "../lib/work/waits.ts";

/** How far triage-failures looks back by default, in ms, less some time until it is called. */
const RECENT = DAY - 600_000;

const WHICH = { position: "many", several: "functions" } as const;

export default intent({
	params: z.object({
		function: flag(z.array(functionRef).check(z.minLength(1)), "the function, or up to 20", "APP/FUNCTION", WHICH),
	}),
	run: (p, context) => severally(p.function, "function", undefined, (ref) => tellFunction(ref, context), nameOfRef),
});

async function tellFunction(given: FunctionRef, context: Context): Promise<Answer> {
	const { api, target, now } = context;
	const ref = await resolveFunction(api, given);
	const [{ data: found }, { data: runs, page }, handlers] = await ofFunction(
		api,
		ref,
		Promise.all([
			api.send(functionRequest(ref.app, ref.name), One(Fn)),
			listRuns(api, { function: ref }, { limit: 100 }),
			handlersOf(api, [{ app: { id: ref.app }, function: { id: ref.name } }]),
		]),
	);
	const newest = runs.filter((run, i) => runs.findIndex(({ status }) => status === run.status) === i);
	const onFailure = handlers.unread ? "not read" : handlers.found.map(nameOf).join();
	const missing: string[] = [];
	const [waits, own] = await Promise.all([
		waitsOf(context, newest),
		getApp(api, ref.app).catch(noted(missing, "Whether its app's last sync failed")),
	]);
	const {
		functions: [fn = found],
	} = await ifLive({ functions: [found] }, context, own);
	return {
		lines: [
			words(
				word(`${ref.app}/${fn.id}`),
				fn.name && fn.name !== fn.id && quote(fn.name, 80),
				idleText(fn),
				`(${target.label})`,
			),
			joined("; ", `On: ${triggersText(fn)}`, onFailure && `onFailure: ${onFailure}`),
			unlikeLine(ref.app, fn),
			`Limits: ${limitsText(fn, true) || "none of its own"}`,
			countLines(runs, newest, Boolean(page?.cursor)),
			newest.flatMap((run) => [runLine(run, now), ...(waits.get(run)?.lines ?? [])]),
			unsyncedLines(own && [own]),
		],
		next: [failuresCall(ref, newest, now)],
		missing,
		data: { function: fn, runs },
	};
}

/** Inngest's own events name a function with its app: `shop-charge` (measured; inngest/inngest-js#1009). */
function unlikeLine(app: string, { triggers }: Fn): Line {
	const own = triggers.filter(({ value }) => value.startsWith("inngest/"));
	const ids = own.flatMap((one) => /^event\.data\.function_id == ["']([^"']+)["']$/.exec(one.if)?.[1] ?? []);
	// One with a dash may be of another app.
	const id = ids.find((one) => !one.includes("-"));
	if (id === undefined) return;
	const whole = quote(`${app}-${id}`);
	return `Possible: that is never true, as Inngest's events name a function with its app: ${whole}, not ${quote(id)}.`;
}

function countLines(runs: readonly Run[], newest: readonly Run[], more: boolean): string[] {
	if (!runs.length) return ["No runs in the server's history."];
	const number = (status: string) => runs.filter((run) => run.status === status).length;
	const spread = newest.map(({ status }) => `${number(status)} ${status}`);
	const [failed, completed] = [number("FAILED"), number("COMPLETED")];
	const ended = failed + completed;
	const of = ended < runs.length ? `of the ${ended} that completed or failed, ` : "";
	const share = failed && completed ? `; ${of}${percent(failed, ended)} failed` : "";
	return [
		`Latest ${plural(runs.length, "run")}${more ? " (there are more)" : ""}: ${spread.join(", ")}${share}`,
		"The newest of each status:",
	];
}

/** For a window that includes the newest failure. */
function failuresCall(ref: FunctionRef, newest: readonly Run[], now: number): Suggested {
	const failed = newest.find(({ status }) => status === "FAILED");
	if (!failed) return;
	const end = time(failed.endedAt) ?? now;
	const since = now - end < RECENT ? undefined : iso(end - 1000);
	return triageCall({ function: ref, since });
}

import * as z from "zod/mini";
import { flag, intent, matchFlag, newestFlag, runIds, scope, statusesOf, times } from "../lib/cli/params.ts";
import { cancel, type Run } from "../lib/inngest/api.ts";
import type { Answer, Context } from "../lib/intent.ts";
import { fieldLine } from "../lib/tell/runlist.ts";
import { callOf, LIVE } from "../lib/text/nouns.ts";
import { iso, lines, named, plural, word } from "../lib/text/text.ts";
import { post } from "../lib/wire/request.ts";
import { account, actOnEach, againCall, describe, finalText, handled, leftOut } from "../lib/work/bulk.ts";
import { type Found, findRuns } from "../lib/work/select.ts";

const params = z.object({
	ids: runIds(),
	...scope(),
	status: flag(
		z._default(statusesOf([...LIVE, "PAUSED"]), [...LIVE]),
		"QUEUED,RUNNING (default), or PAUSED (Inngest Cloud)",
		"STATUS",
	),
	...times(),
	match: matchFlag(),
	newest: newestFlag(),
});
type Params = z.output<typeof params>;
type Fn = NonNullable<Found["function"]>;

const NAMED = 10;

export default intent({
	params,
	async run(p, context) {
		const { label } = context.target;
		const found = await findRuns(p, context);
		const { runs } = found;
		if (!runs.length)
			return {
				lines: [
					`No ${p.status.join(" or ")} run matches; nothing to cancel (${label}).`,
					fieldLine(p.match),
					leftOut(found),
				],
				data: { found: 0 },
			};
		const fn = atOnce(p, found, context);
		const by = fn ? ", in one request: the server cancels every run of the function that has started by now" : "";
		const planned = context.confirm(
			lines(
				`Cancel ${plural(runs.length, "run")} on ${label}${by}:`,
				await describe(runs, context),
				leftOut(found),
				fn && SLEEPING,
				"Runs that these have invoked are not cancelled with them; a run that invoked one of these continues.",
				finalText("A cancelled run"),
			),
			[fn !== undefined, ...runs.map((run) => run.id)],
		);
		return fn ? cancelAll(fn, planned, runs.length, context) : cancelEach(p, runs, context);
	},
});

/**
 * The function, if one request can cancel all its runs. Only on Cloud: OSS answers 404 or 500 (measured). The request takes no status or
 * payload, and its times are those of the start, while a plan's are of the queue, so it is not for a window. Nor does it take an API key:
 * if one is set, it limits what may be done; and the signing key must be proven to be for this environment.
 */
function atOnce(p: Params, found: Found, { target, has, doubt }: Context): Fn | undefined {
	const whole =
		p.status.join() === LIVE.join() && [p.match, p.since, p.until, p.newest].every((one) => one === undefined);
	const byKey = has("INNGEST_SIGNING_KEY") && !has("INNGEST_API_KEY") && doubt === undefined;
	return target.kind === "cloud" && whole && byKey ? found.function : undefined;
}

/** After a cancellation by one request (documented). */
const SLEEPING = "Runs that sleep or wait are cancelled when they wake: lists show them as RUNNING until then.";

async function cancelAll(fn: Fn, planned: number, found: number, { api, target }: Context): Promise<Answer> {
	// Never runs that the plan could not include.
	const body = { app_id: fn.app, function_id: fn.name, started_before: iso(planned) };
	await api.send(post("/v1/cancellations", body, { repeatable: true }), z.unknown());
	const name = word(`${fn.app}/${fn.name}`);
	return {
		lines: [
			`The server accepted the cancellation of ${plural(found, "run")} of ${name} (${target.label}) and is working through them.`,
			SLEEPING,
		],
		next: [callOf("list-runs", [], { function: fn, status: "queued,running" })],
		data: { found },
	};
}

async function cancelEach(p: Params, runs: readonly Run[], context: Context): Promise<Answer> {
	const items = runs.map((run) => ({ run }));
	const cancelled: string[] = [];
	const tally = await actOnEach(items, context, async ({ run }) => {
		const code = await cancel(context.api, run.id);
		if (code === undefined) {
			cancelled.push(run.id);
			return "cancelled";
		}
		return code === "run_already_cancelled" ? "already cancelled" : "had already ended";
	});
	const open = tally.left.length;
	const again = againCall("cancel-runs", p, {}, tally, LIVE);
	return {
		lines: [
			`${handled(runs.length, open)} (${context.target.label}):`,
			account(tally, { cancelled: `cancelled: ${named(cancelled.sort().reverse(), NAMED)}` }),
		],
		next: [again],
		data: { found: runs.length, ...tally, cancelled },
		exit: open ? 1 : 0,
	};
}

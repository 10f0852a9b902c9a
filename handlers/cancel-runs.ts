import * as z from "zod/mini";
import { cancel, type Run } from "../lib/api.ts";
import { account, actOnEach, againCall, describe, handled, othersText, unreadText } from "../lib/bulk.ts";
import { type Answer, type Context, composed } from "../lib/intent.ts";
import { callOf, next } from "../lib/next.ts";
import { appFlag, flag, functionFlag, LIVE, matchFlag, runIds, since, statuses, until } from "../lib/params.ts";
import type { Request } from "../lib/request.ts";
import { type Found, findRuns } from "../lib/select.ts";
import { lines, plural, word } from "../lib/text.ts";

const live = z.pipe(
	statuses,
	z.transform((given, context) => {
		if (given.every((one) => LIVE.includes(one))) return given;
		context.issues.push({
			code: "custom",
			message: "must be QUEUED, RUNNING or both: the others have ended",
			input: given,
		});
		return z.NEVER;
	}),
);

const params = z.object({
	ids: runIds(),
	function: functionFlag(),
	app: appFlag(),
	status: flag(z._default(live, [...LIVE]), "QUEUED, RUNNING or both (default)", "STATUS"),
	since: since(),
	until: until(),
	match: matchFlag(),
});
type Params = z.output<typeof params>;
type Fn = NonNullable<Found["function"]>;

export default composed({
	params,
	async run(p, context) {
		const { target } = context;
		const found = await findRuns(p, context);
		const { runs, others } = found;
		if (!runs.length)
			return {
				text: lines(
					`No ${p.status.join(" or ")} run matches; nothing to cancel (${target.label}).`,
					othersText(others),
					unreadText(found),
				),
				data: { found: 0 },
			};
		const fn = atOnce(p, found, context);
		const by = fn ? ", by one request: the server cancels what of the function has started by now" : "";
		const planned = context.confirm(
			lines(
				`Cancel ${plural(runs.length, "run")} on ${target.label}${by}:`,
				await describe(runs, context),
				othersText(others),
				unreadText(found),
				"Runs that these have invoked are not cancelled with them; a run that invoked one of these goes on.",
				"A cancelled run can't be resumed, only replayed from its event; a step in flight finishes first.",
			),
			[fn !== undefined, ...runs.map((run) => run.id)],
		);
		return fn ? cancelAll(fn, planned, runs, context) : cancelEach(p, runs, context);
	},
});

/**
 * The function of which one request cancels all, on Cloud alone: OSS answers 404 or 500 (measured). It takes no status and
 * no payload, and its times are those of the start, where a plan's are those of the queue: not for a window. Nor does it
 * take an API key: where one is set, what that may do is what is done; and the signing key must be proven to be for this
 * environment.
 */
function atOnce(p: Params, found: Found, { target, has, doubt }: Context): Fn | undefined {
	const whole = p.status.length === LIVE.length && [p.match, p.since, p.until].every((one) => one === undefined);
	const byKey = has("INNGEST_SIGNING_KEY") && !has("INNGEST_API_KEY") && doubt === undefined;
	return target.kind === "cloud" && whole && byKey ? found.function : undefined;
}

async function cancelAll(fn: Fn, planned: number, runs: readonly Run[], { api, target }: Context): Promise<Answer> {
	const request: Request = {
		method: "POST",
		path: "/v1/cancellations",
		body: {
			app_id: fn.app,
			function_id: fn.name,
			// Never runs that the plan could not know of.
			started_before: new Date(planned).toISOString(),
		},
		api: "v1",
		repeatable: true,
	};
	await api.send(request, z.unknown());
	const name = word(`${fn.app}/${fn.name}`);
	return {
		text: lines(
			`The server took the cancellation of ${plural(runs.length, "run")} of ${name} (${target.label}); it works through them.`,
			next(callOf("list-runs", [], { function: fn, status: "queued,running" })),
		),
		data: { found: runs.length },
	};
}

const ENDED: Record<string, string> = {
	run_already_cancelled: "already cancelled",
	run_already_ended: "had already ended",
};

async function cancelEach(p: Params, runs: readonly Run[], context: Context): Promise<Answer> {
	const { api, target } = context;
	const tally = await actOnEach(runs, context, async ({ id }) => {
		const code = await cancel(api, id);
		return code === undefined ? "cancelled" : (ENDED[code] ?? "had already ended");
	});
	const open = tally.refusedCount + tally.notTried;
	const { ids, status, ...flags } = p;
	const again = againCall("cancel-runs", ids.length > 0, tally, {
		...flags,
		...(status.length < LIVE.length && { status: status.join(",").toLowerCase() }),
	});
	return {
		text: lines(`${handled(runs.length, open)} (${target.label}):`, account(tally), next(again)),
		data: { found: runs.length, ...tally, outcomes: Object.fromEntries(tally.outcomes) },
		exit: open ? 1 : 0,
	};
}

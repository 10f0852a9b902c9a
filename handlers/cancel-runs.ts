import * as z from "zod/mini";
import { cancel } from "../lib/api.ts";
import { account, actOnEach, describe, findRuns, handled, othersText } from "../lib/bulk.ts";
import { composed } from "../lib/intent.ts";
import { appFlag, flag, functionFlag, LIVE, matchFlag, runIds, since, statuses, until } from "../lib/params.ts";
import type { Request } from "../lib/request.ts";
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

export default composed({
	params: z.object({
		ids: runIds(),
		function: functionFlag(),
		app: appFlag(),
		status: flag(z._default(live, [...LIVE]), "QUEUED, RUNNING or both (default)", "STATUS"),
		since: since(),
		until: until(),
		match: matchFlag(),
	}),
	async run(p, context) {
		const { api, target, confirm, has, doubt } = context;
		const { runs, others, filter } = await findRuns(p, context);
		if (!runs.length)
			return {
				text: lines(
					`No ${p.status.join(" or ")} run matches; nothing to cancel (${target.label}).`,
					othersText(others),
				),
				data: { found: 0 },
			};
		const { function: fn } = filter;
		// One request for a whole function, on Cloud alone: OSS answers 404 or 500 (measured). It takes no status and no payload,
		// and its times are those of the start, where a plan's are those of the queue: not for a window. Nor does it take an API
		// key: where one is set, what that may do is what is done; and the signing key must be proven to be for this environment.
		const atOnce =
			target.kind === "cloud" &&
			fn !== undefined &&
			p.status.length === LIVE.length &&
			[p.match, p.since, p.until].every((one) => one === undefined) &&
			has("INNGEST_SIGNING_KEY") &&
			!has("INNGEST_API_KEY") &&
			doubt === undefined;
		const planned = confirm(
			lines(
				`Cancel ${plural(runs.length, "run")} on ${target.label}${atOnce ? ", by one request: the server cancels what of the function has started by now" : ""}:`,
				await describe(runs, context),
				othersText(others),
				"A cancelled run can't be resumed, only replayed from its event; a step in flight finishes first.",
			),
			[atOnce, ...runs.map((run) => run.id)],
		);
		if (atOnce) {
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
			return {
				text: lines(
					`The server took the cancellation of ${plural(runs.length, "run")} of ${word(`${fn.app}/${fn.name}`)} (${target.label}); it works through them.`,
					`Next: list-runs --function ${word(`${fn.app}/${fn.name}`)} --status queued,running`,
				),
				data: { found: runs.length },
			};
		}
		const tally = await actOnEach(runs, context, async (run) => {
			const code = await cancel(api, run.id);
			return code === undefined
				? "cancelled"
				: code === "run_already_cancelled"
					? "already cancelled"
					: "had already ended";
		});
		const open = tally.refusedCount + tally.notTried;
		return {
			text: lines(
				`${handled(runs.length, open)} (${target.label}):`,
				account(tally, "the same call without --confirm"),
			),
			data: { found: runs.length, ...tally, outcomes: Object.fromEntries(tally.outcomes) },
			exit: open ? 1 : 0,
		};
	},
});

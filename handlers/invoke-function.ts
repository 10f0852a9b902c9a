import * as z from "zod/mini";
import { Id } from "../lib/api.ts";
import type { Api } from "../lib/client.ts";
import { ServerError, UsageError } from "../lib/errors.ts";
import { ofFunction, resolveFunction } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { flag, functionRef, jsonObject, line, toggle } from "../lib/params.ts";
import { path, type Request } from "../lib/request.ts";
import { excerpt, lines, word } from "../lib/text.ts";
import { waitFor } from "../lib/wait.ts";

const params = z.object({
	function: flag(functionRef, "the function", "APP/FUNCTION", { position: "one" }),
	data: flag(z._default(jsonObject, {}), "what it gets as event.data, an object", "JSON", { json: true }),
	idempotencyKey: flag(z.optional(line), "on Inngest Cloud: the same key starts one run only", "KEY"),
	wait: toggle("wait for the run"),
});

/**
 * Only under a key of the caller's may a lost answer be asked for again: 409 carries the run that is already there
 * (measured). Not on OSS: there a call with a key starts two runs (measured on v1.43, dev and self-hosted), so none is sent.
 */
const invokeRequest = (
	{ data, function: { name }, idempotencyKey }: z.output<typeof params>,
	app: string,
): Request => ({
	method: "POST",
	path: path`/v2/apps/${app}/functions/${name}/invoke`,
	body: { data, ...(idempotencyKey !== undefined && { idempotencyKey }) },
	api: "v2",
	...(idempotencyKey !== undefined && { repeatable: true, accept: [409] }),
});
const Invoked = z.object({ data: z.object({ runId: Id }), status: z.optional(z.number()) });
/** A conflict that does not say which run there is. */
const Conflict = z.object({ data: z.optional(z.null()), status: z.literal(409) });

/** Asks once, or under a key of the caller's until it is answered. */
async function invoke(api: Api, p: z.output<typeof params>, app: string) {
	try {
		return await api.send(invokeRequest(p, app), z.union([Invoked, Conflict]));
	} catch (error) {
		if (p.idempotencyKey === undefined || !(error instanceof ServerError) || !error.unclear) throw error;
		const again = "The same call with the same --idempotency-key starts it once at most.";
		throw new ServerError(error.message, again, error.status, error.code, true);
	}
}

export default composed({
	params,
	async run(p, context) {
		const { api, target, doubt, confirm } = context;
		if (p.idempotencyKey !== undefined && target.kind !== "cloud")
			throw new UsageError(
				"With an idempotency key this server would start two runs (a fault of Inngest's own server); nothing was sent.",
				"Leave --idempotency-key out.",
			);
		const ref = await resolveFunction(api, p.function);
		const name = word(`${ref.app}/${ref.name}`);
		if (doubt !== undefined) confirm(`Invoke ${name} with ${excerpt(p.data, 300)} on ${target.label}.`, [ref, p.data]);
		const { data, status } = await ofFunction(api, ref, invoke(api, p, ref.app));
		if (!data)
			throw new ServerError(
				`${name} was already invoked with this key; which run that was is not said (409).`,
				`Look with \`list-runs --function ${name}\`.`,
				409,
			);
		const done = status === 409 ? "Already invoked with this key" : `Invoked ${name}`;
		const said = `${done}: run ${data.runId} (${target.label}).`;
		if (p.wait) return waitFor({ ids: [data.runId] }, context, { text: said, data });
		return { text: lines(said, `Next: wait-for-run ${data.runId}`), data };
	},
});

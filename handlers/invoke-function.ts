import * as z from "zod/mini";
import { Id } from "../lib/api.ts";
import { ServerError, UsageError } from "../lib/errors.ts";
import { ofFunction, resolveFunction } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { flag, functionRef, jsonObject, line, toggle } from "../lib/params.ts";
import { path, type Request } from "../lib/request.ts";
import { lines, word } from "../lib/text.ts";
import { waitFor } from "../lib/wait.ts";

const params = z.object({
	function: flag(functionRef, "the function", "APP/FUNCTION", { position: "one" }),
	data: flag(z._default(jsonObject, {}), "what it gets as event.data, an object", "JSON", { json: true }),
	idempotencyKey: flag(z.optional(line), "on Inngest Cloud: the same key starts one run only", "KEY"),
	wait: toggle("wait for the run"),
});

/**
 * Under an idempotency key a lost answer can be asked for again: 409 carries the run that is already there (measured).
 * Not on OSS: there a call with a key starts two runs (measured on v1.43, dev and self-hosted), so none is sent.
 */
const invokeRequest = (p: z.output<typeof params>, app: string, key: string | undefined): Request => ({
	method: "POST",
	path: path`/v2/apps/${app}/functions/${p.function.name}/invoke`,
	body: { data: p.data, ...(key === undefined ? {} : { idempotencyKey: key }) },
	api: "v2",
	...(key === undefined ? {} : { repeatable: true, accept: [409] }),
});
const Invoked = z.object({ data: z.object({ runId: Id }) });

export default composed({
	params,
	async run(p, context) {
		const { api, target, random } = context;
		const cloud = target.kind === "cloud";
		if (p.idempotencyKey !== undefined && !cloud)
			throw new UsageError(
				"With an idempotency key this server would start two runs (a fault of Inngest's own server); nothing was sent.",
				"Leave --idempotency-key out.",
			);
		const ref = await resolveFunction(api, p.function);
		const key = cloud ? (p.idempotencyKey ?? Buffer.from(random(16)).toString("hex")) : undefined;
		const asked = api.send(invokeRequest(p, ref.app, key), Invoked).catch((error) => {
			if (key === undefined || !(error instanceof ServerError) || !error.unclear) throw error;
			const again = `The same call with --idempotency-key ${key} starts it once at most.`;
			throw new ServerError(error.message, again, error.status, error.code, true);
		});
		const { data } = await ofFunction(api, ref, asked);
		const said = `Invoked ${word(`${ref.app}/${ref.name}`)}: run ${data.runId} (${target.label}).`;
		if (p.wait) return waitFor({ ids: [data.runId] }, context, { text: said, data });
		return { text: lines(said, `Next: wait-for-run ${data.runId}`), data };
	},
});

import * as z from "zod/mini";
import { Fn, Id, listRuns, One } from "../lib/api.ts";
import { isNotFound, ServerError, UsageError } from "../lib/errors.ts";
import { functionRequest, ofFunction, resolveFunction } from "../lib/functions.ts";
import { cancelsOthers } from "../lib/functiontext.ts";
import { type Context, composed } from "../lib/intent.ts";
import { type Known, laterText, noRunOf, noteLines, refusalOf } from "../lib/invoketext.ts";
import { callOf, nameOfRef, next } from "../lib/next.ts";
import { flag, functionRef, jsonObject, LIVE, line, toggle } from "../lib/params.ts";
import { path, type Request } from "../lib/request.ts";
import { started } from "../lib/started.ts";
import { lines, quote, word } from "../lib/text.ts";

const params = z.object({
	function: flag(functionRef, "the function", "APP/FUNCTION", { position: "one" }),
	data: flag(z._default(jsonObject, {}), "what it gets as event.data, an object", "JSON", { json: true }),
	idempotencyKey: flag(z.optional(line), "on Inngest Cloud: the same key starts one run only", "KEY"),
	wait: toggle("wait for the run"),
});
type Params = z.output<typeof params>;

/**
 * Under a key a lost answer can be asked for again. 409 carries the run that is already there: of an earlier call with the
 * key, or of this one, where OSS was quicker to start it by the event that it stores (measured).
 */
const invokeRequest = (p: Params, app: string, key: string | undefined): Request => ({
	method: "POST",
	path: path`/v2/apps/${app}/functions/${p.function.name}/invoke`,
	body: { data: p.data, idempotencyKey: key },
	api: "v2",
	accept: [409],
	repeatable: key !== undefined,
});
const Invoked = z.union([
	z.object({ data: z.object({ runId: Id }), status: z.optional(z.number()) }),
	z.object({
		data: z.optional(z.undefined()),
		status: z.literal(409),
		errors: z._default(z.array(z.object({ message: z._default(z.string(), "") })), []),
	}),
]);

/** On OSS a call with a key starts two runs (measured on v1.43). */
function keyFor({ idempotencyKey }: Params, { target, random }: Context): string | undefined {
	if (target.kind === "cloud") return idempotencyKey ?? Buffer.from(random(16)).toString("hex");
	if (idempotencyKey === undefined) return undefined;
	throw new UsageError(
		"With an idempotency key this server would start two runs (a fault of Inngest's own server); nothing was sent.",
		"Leave --idempotency-key out.",
	);
}

export default composed({
	params,
	request(p, context) {
		const { app } = p.function;
		if (app !== undefined) return invokeRequest(p, app, keyFor(p, context));
		throw new UsageError("Which app's function it is would be asked first; nothing was sent.", "Write APP/FUNCTION.");
	},
	async run(p, context) {
		const { label, kind } = context.target;
		const key = keyFor(p, context);
		const known = await knownOf(p, context);
		const notes = noteLines(known, kind === "cloud");
		const invoked = await invoke(p, known, key, context);
		if (invoked === "later") {
			const call = callOf("list-runs", [], { function: known.ref, since: new Date(context.now).toISOString() });
			const unwaited = p.wait && "It was not waited for.";
			return {
				text: lines(notes, laterText(known, label), unwaited, next(call && `${call} (has it run?)`)),
				data: { runId: null, debounced: true },
				exit: p.wait ? 1 : 0,
			};
		}
		const { data, status } = invoked;
		// Without a key of the caller's it can only be this very call that is there already.
		const already = status === 409 && p.idempotencyKey !== undefined;
		const name = word(nameOfRef(known.ref));
		const said = already ? `Already invoked under this key: ${name}, run` : `Invoked ${name}: run`;
		const text = lines(notes, `${said} ${data.runId} (${label}).`);
		return started(p.wait, { ids: [data.runId] }, context, { text, data });
	},
});

async function invoke(p: Params, known: Known, key: string | undefined, { api, target }: Context) {
	const { ref } = known;
	const request = invokeRequest({ ...p, function: ref }, ref.app, key);
	try {
		const invoked = await ofFunction(api, ref, api.send(request, Invoked));
		return invoked.data ? invoked : conflict(invoked.errors, target.label);
	} catch (error) {
		if (!(error instanceof ServerError)) throw error;
		const noRun = noRunOf(error);
		if (noRun === "later") return noRun;
		if (noRun) throw refusalOf(known, noRun, error, target.label);
		if (key === undefined || !error.unclear) throw error;
		const again = `The same call with --idempotency-key ${key} starts it once at most.`;
		throw new ServerError(error.message, again, error.status, error.code, true);
	}
}

function conflict([error]: readonly { message: string }[], label: string): never {
	const said = error?.message ? quote(error.message, 200) : "no reason given";
	const look = "Look with `list-runs --since 10m` before calling again.";
	throw new ServerError(`${label} refused: ${said} (409)`, look, 409);
}

/** As far as it can be read: it only tells more, unless the function is not there. */
async function knownOf(p: Params, { api }: Context): Promise<Known> {
	const ref = await resolveFunction(api, p.function);
	const optional = (error: unknown): undefined => {
		if (isNotFound(error) || !(error instanceof ServerError) || error.status === 0) throw error;
	};
	const asked = api.send(functionRequest(ref.app, ref.name), One(Fn));
	const fn = (await ofFunction(api, ref, asked).catch(optional))?.data;
	if (!cancelsOthers(fn)) return { ref, fn, going: [] };
	const list = await listRuns(api, { function: ref, status: LIVE }, { limit: 20 }).catch(optional);
	return { ref, fn, going: list?.data ?? [] };
}

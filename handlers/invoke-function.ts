import * as z from "zod/mini";
import { flag, functionRef, intent, jsonFlag, jsonObject, line, toggle } from "../lib/cli/params.ts";
import { Fn, Id, listRuns, many, One } from "../lib/inngest/api.ts";
import { cancelsOthers, functionRequest, ofFunction, resolveFunction, withApp } from "../lib/inngest/functions.ts";
import { ifLive } from "../lib/inngest/place.ts";
import type { Answer, Context } from "../lib/intent.ts";
import {
	idleText,
	type KnownFunction,
	laterText,
	noRunOf,
	noteLines,
	refusalOf,
	unnamedRun,
} from "../lib/tell/functiontext.ts";
import { isNotFound, refusal, ServerError, thenDo } from "../lib/text/errors.ts";
import { callOf, LIVE, nameOfRef } from "../lib/text/nouns.ts";
import { excerpt, iso, type Lines, lines, word } from "../lib/text/text.ts";
import { Fault } from "../lib/wire/lenient.ts";
import { path, post, type Request } from "../lib/wire/request.ts";
import { started } from "../lib/work/wait.ts";

const params = z.object({
	function: flag(functionRef, "the function", "APP/FUNCTION", { position: "one" }),
	data: jsonFlag(z._default(jsonObject, {}), "its event.data, an object"),
	idempotencyKey: flag(z.optional(line), "on Inngest Cloud: the same key starts only one run", "KEY"),
	wait: toggle("wait for the run"),
});
type Params = z.output<typeof params>;

/**
 * May be repeated after a lost response only with the caller's key. Not on OSS: there a call with a key starts two runs (measured on v1.43,
 * dev and self-hosted), so none is sent. A 409 has the existing run: from an earlier call with the key, or from this call, if OSS started
 * it faster through the event that it stores (measured, both).
 */
const invokeRequest = ({ data, idempotencyKey }: Params, { app, name }: KnownFunction["ref"]): Request =>
	post(
		path`/v2/apps/${app}/functions/${name}/invoke`,
		{ data, ...(idempotencyKey !== undefined && { idempotencyKey }) },
		{ repeatable: idempotencyKey !== undefined, accept: [409] },
	);
const Invoked = z.union([
	z.object({ data: z.object({ runId: Id }), status: z.optional(z.number()), maybe: z.optional(z.boolean()) }),
	z.object({
		data: z.optional(z.null()),
		status: z.literal(409),
		errors: many(Fault),
	}),
]);

function checkKey({ idempotencyKey }: Params, { target }: Context): void {
	if (target.kind === "cloud" || idempotencyKey === undefined) return;
	throw refusal(
		"With an idempotency key this server would start two runs (a bug in Inngest's server)",
		"Leave out --idempotency-key.",
	);
}

export default intent({
	params,
	check: checkKey,
	request: (p) => invokeRequest(p, withApp(p.function)),
	async run(p, context) {
		const { label, kind } = context.target;
		const known = await knownOf(p, context);
		const notes = [
			...noteLines(known, p.idempotencyKey !== undefined),
			known.unread && "Its live runs, which it would cancel, could not be read.",
		];
		const name = word(nameOfRef(known.ref));
		const plan = `Invoke ${name} with ${excerpt(p.data, 300)} on ${label}.`;
		const key = keyFor(p, known, lines(plan, notes), context);
		const invoked = await invoke(p, key, known, context);
		if (invoked === "later") return laterAnswer(p, [notes, laterText(known, label)], known, context);
		const { data, status, maybe } = invoked;
		// On OSS the existing run can only be this call's (measured), as it may be after a lost response.
		const already = status === 409 && kind === "cloud" && !maybe;
		const said = already ? `Already invoked: ${name}, run` : `Invoked ${name}: run`;
		const told = [notes, `${said} ${data.runId} (${label}).`];
		return started(p.wait, { ids: [data.runId] }, context, { lines: told, data });
	},
});

/**
 * Asks first if runs would or may be cancelled, nothing would start, or another environment may be reached. On Cloud the plan's code is
 * also a key: using it twice starts one run.
 */
function keyFor(
	p: Params,
	{ ref, fn, going, unread }: KnownFunction,
	plan: string,
	context: Context,
): string | undefined {
	const { doubt, coded, target } = context;
	const isSurprise = going.length > 0 || unread || (fn && idleText(fn) !== "");
	if (doubt === undefined && !isSurprise && !coded) return p.idempotencyKey;
	const set = [ref, p.data, going.map(({ id }) => id)];
	const planned = context.confirm(plan, set);
	return p.idempotencyKey ?? (target.kind === "cloud" ? `${planned}-${context.codeFor(set)}` : undefined);
}

/** Invokes once, or with a key until it is answered; what runs later has no run yet. */
async function invoke(p: Params, key: string | undefined, known: KnownFunction, context: Context) {
	const { api, target } = context;
	const { ref } = known;
	try {
		const asked = api.send(invokeRequest({ ...p, idempotencyKey: key }, ref), Invoked);
		const invoked = await ofFunction(api, ref, asked);
		if ("errors" in invoked) throw unnamedRun(ref, target.label, invoked.errors[0]);
		// Cloud may not know the existing run, and then gives zeros (v1.43, isIdempotencyError).
		if (/^0+$/.test(invoked.data.runId)) throw unnamedRun(ref, target.label);
		return invoked;
	} catch (error) {
		if (!(error instanceof ServerError)) throw error;
		const noRun = noRunOf(error);
		if (noRun === "later") return noRun;
		if (noRun) throw refusalOf(known, noRun, error, target);
		const own = p.idempotencyKey === undefined ? "--confirm code" : "--idempotency-key";
		return thenDo(key && `The same call with the same ${own} starts it at most once.`)(error);
	}
}

/** What is known of the function, as far as it can be read; throws only if it doesn't exist. */
async function knownOf(p: Params, context: Context): Promise<KnownFunction> {
	const { api } = context;
	const ref = await resolveFunction(api, p.function);
	const optional = (error: unknown): undefined => {
		if (isNotFound(error) || !(error instanceof ServerError) || error.status === 0) throw error;
	};
	const asked = api.send(functionRequest(ref.app, ref.name), One(Fn));
	const read = (await ofFunction(api, ref, asked).catch(optional))?.data;
	const [fn] = (await ifLive({ functions: read ? [read] : [] }, context)).functions;
	if (!cancelsOthers(fn)) return { ref, fn, going: [] };
	const list = await listRuns(api, { function: ref, status: LIVE }, { limit: 20 }).catch(optional);
	return { ref, fn, going: list?.data ?? [], unread: list === undefined };
}

/** It was accepted, and there is no run to wait for yet. */
function laterAnswer(p: Params, said: readonly Lines[], { ref }: KnownFunction, { now }: Context): Answer {
	const call = callOf("list-runs", [], { function: ref, since: iso(now) });
	return {
		lines: [...said, p.wait && "Did not wait."],
		next: [call && [call, "has it run?"]],
		data: { runId: null, debounced: true },
		exit: p.wait ? 1 : 0,
	};
}

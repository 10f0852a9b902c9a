import * as z from "zod/mini";
import { flag, intent, jsonFlag, line, toggle } from "../lib/cli/params.ts";
import { Id, maybe, One } from "../lib/inngest/api.ts";
import { refusal, ServerError, thenDo } from "../lib/text/errors.ts";
import { callText } from "../lib/text/nouns.ts";
import { excerpt, quote, word } from "../lib/text/text.ts";
import { post, type Request } from "../lib/wire/request.ts";
import { started } from "../lib/work/wait.ts";

const params = z.object({
	signal: flag(line, "the signal that a run waits for", "SIGNAL", { position: "one" }),
	data: jsonFlag(z.optional(z.unknown()), "what the step that waits for it gets"),
	wait: toggle("wait for the run that it resumes"),
});

/** A second signal is answered with 404, so it is not repeated after a lost response. 404 is an answer (measured). */
const signalRequest = ({ signal, data }: z.output<typeof params>): Request =>
	post("/v1/signals", { signal, ...(data !== undefined && { data }) }, { accept: [404] });
const Signalled = z.union([
	One(z.object({ run_id: Id })),
	z.object({ data: z.nullish(z.undefined()), error: maybe, status: z.literal(404) }),
]);
const WHO = ["list-runs --status running --with-waits", "shows what each waits for"] as const;

export default intent({
	params,
	changesBy: () => "INNGEST_SIGNING_KEY",
	request: signalRequest,
	async run(p, context) {
		const { api, target, has, doubt, coded, confirm } = context;
		if (target.kind === "cloud" && has("INNGEST_API_KEY"))
			throw refusal(
				"With INNGEST_API_KEY set, INNGEST_SIGNING_KEY only reads, and an API key can't send signals",
				"Only the user decides which keys are set; the user's own code can send the signal.",
			);
		if (doubt !== undefined || coded) {
			const what = p.data === undefined ? "" : ` with ${excerpt(p.data, 300)}`;
			confirm(`Send signal ${word(p.signal)}${what} on ${target.label}.`, [p.signal, p.data]);
		}
		const who = `Next: ${callText(WHO)}`;
		const answer = await api.send(signalRequest(p), Signalled).catch(thenDo(who));
		if (!answer.data) {
			const said = quote(answer.error ?? "no reason given");
			throw new ServerError(`Signal ${word(p.signal)} resumed no run: ${said} (404; ${target.label}).`, who, {
				status: 404,
			});
		}
		const id = answer.data.run_id;
		const said = `Sent signal ${word(p.signal)}: run ${id}, which waited for it, resumes (${target.label}).`;
		return started(p.wait, { ids: [id] }, context, { lines: [said], data: { runId: id } });
	},
});

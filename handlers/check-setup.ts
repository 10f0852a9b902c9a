import * as z from "zod/mini";
import { SkillError } from "../lib/errors.ts";
import { Seeds, sendRequest } from "../lib/events.ts";
import { listApps } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { get } from "../lib/request.ts";
import { lines, plural, word } from "../lib/text.ts";

interface Check {
	status: "ok" | "FAILS" | "MISSING" | "none";
	what: string;
	told: string;
	next?: string;
}

export default composed({
	params: z.object({}),
	async run(_, context) {
		const { api, target, has, readOnly } = context;
		const checks: Check[] = [];
		const check = async <T>(what: string, work: () => Promise<T>, told: (answer: T) => string): Promise<void> => {
			try {
				checks.push({ status: "ok", what, told: told(await work()) });
			} catch (error) {
				if (!(error instanceof SkillError)) throw error;
				checks.push({ status: "FAILS", what, told: error.message, next: error.next });
			}
		};
		const { kind } = target;
		// A server on this machine may need no key.
		const keyless = kind === "dev" || (target.local && !has("INNGEST_SIGNING_KEY"));
		const managing = kind === "cloud" && has("INNGEST_API_KEY") ? "INNGEST_API_KEY" : "INNGEST_SIGNING_KEY";
		const by = (name: string) => ` (${kind === "dev" ? "no key needed" : keyless ? "no key set" : name})`;
		if (keyless || has(managing))
			await check(
				`runs and apps${by(managing)}`,
				() => listApps(api),
				(apps) => {
					const names = apps.slice(0, 5).map((app) => word(app.id));
					return `${plural(apps.length, "app")}${names.length ? `: ${names.join(", ")}` : ""}`;
				},
			);
		else
			checks.push({
				status: "MISSING",
				what: "a key for runs and apps",
				told: "INNGEST_API_KEY (Cloud) or INNGEST_SIGNING_KEY",
			});
		const reached = checks.every((one) => one.status === "ok");
		if (!keyless && !has("INNGEST_SIGNING_KEY"))
			checks.push({
				status: "none",
				what: "INNGEST_SIGNING_KEY",
				told: "list-events, get-event, resend-event and wake-up times need it",
			});
		else if (reached)
			await check(
				`events${by("INNGEST_SIGNING_KEY")}`,
				() => api.send(get("/v1/events", { limit: 1 }), z.unknown()),
				() => "readable",
			);
		if (kind === "dev") checks.push({ status: "ok", what: "sending", told: "the dev server takes any event key" });
		else if (readOnly) checks.push({ status: "none", what: "sending", told: "refused here" });
		else if (has("INNGEST_EVENT_KEY"))
			await check(
				"sending (INNGEST_EVENT_KEY)",
				() => api.send(sendRequest([], Seeds.fresh(context).of(0)), z.unknown()),
				() => "accepted",
			);
		else checks.push({ status: "none", what: "INNGEST_EVENT_KEY", told: "sending events needs it" });
		const ok = checks.every(({ status }) => status === "ok" || status === "none");
		const environment = target.environment
			? `, environment ${target.environment}`
			: kind === "cloud"
				? ", the environment that the key belongs to; writes need --env NAME"
				: "";
		return {
			text: lines(
				`${ok ? "Ready" : "Not ready"}: ${target.label}${environment}.`,
				target.assumed && "Nothing is configured, so the dev server was tried.",
				readOnly && "Reading only (INNGEST_READ_ONLY): whatever sends, replays or cancels is refused.",
				checks.map(({ status, what, told }) => `${status.padEnd(5)} ${what}: ${told}`),
				[...new Set(checks.flatMap((one) => one.next ?? []))],
			),
			data: { kind, origin: target.api, environment: target.environment, readOnly, ok, checks },
			exit: ok ? 0 : 1,
		};
	},
});

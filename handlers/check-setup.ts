import * as z from "zod/mini";
import { SkillError } from "../lib/errors.ts";
import { Seeds, sendRequest } from "../lib/events.ts";
import { listApps } from "../lib/functions.ts";
import { composed } from "../lib/intent.ts";
import { get } from "../lib/request.ts";
import { lines, plural, word } from "../lib/text.ts";

export default composed({
	params: z.object({}),
	async run(_, { api, target, has }) {
		const checks: { what: string; ok: boolean; next?: string }[] = [];
		const check = async <T>(what: string, work: () => Promise<T>, told: (answer: T) => string): Promise<void> => {
			try {
				checks.push({ what: `ok    ${what}: ${told(await work())}`, ok: true });
			} catch (error) {
				if (!(error instanceof SkillError)) throw error;
				checks.push({ what: `FAILS ${what}: ${error.message}`, ok: false, next: error.next });
			}
		};
		const { kind } = target;
		const open = kind === "dev" || (target.local && !has("INNGEST_SIGNING_KEY"));
		const managing = kind === "cloud" && has("INNGEST_API_KEY") ? "INNGEST_API_KEY" : "INNGEST_SIGNING_KEY";
		if (open || has(managing))
			await check(
				open ? "runs and apps (no key needed)" : `runs and apps (${managing})`,
				() => listApps(api),
				(apps) =>
					`${plural(apps.length, "app")}${
						apps.length
							? `: ${apps
									.slice(0, 5)
									.map((app) => word(app.id))
									.join(", ")}`
							: ""
					}`,
			);
		else
			checks.push({
				what: "MISSING a key for runs and apps: INNGEST_API_KEY (Cloud) or INNGEST_SIGNING_KEY",
				ok: false,
			});
		const reached = checks.every((one) => one.ok);
		if (!open && !has("INNGEST_SIGNING_KEY"))
			checks.push({
				what: "none  INNGEST_SIGNING_KEY: list-events, get-event, resend-event and wake-up times need it",
				ok: true,
			});
		else if (reached)
			await check(
				open ? "events" : "events (INNGEST_SIGNING_KEY)",
				() => api.send(get("/v1/events", { limit: 1 }), z.unknown()),
				() => "readable",
			);
		if (kind === "dev") checks.push({ what: "ok    sending: the dev server takes any event key", ok: true });
		else if (has("INNGEST_EVENT_KEY"))
			await check(
				"sending (INNGEST_EVENT_KEY)",
				() => api.send(sendRequest([], new Seeds().of(0)), z.unknown()),
				() => "accepted",
			);
		else checks.push({ what: "none  INNGEST_EVENT_KEY: sending events needs it", ok: true });
		const ok = checks.every((one) => one.ok);
		const environment = target.environment
			? `environment ${target.environment}`
			: kind === "cloud"
				? "the environment that the key belongs to; writes need --env NAME"
				: "one environment";
		return {
			text: lines(
				`${ok ? "Ready" : "Not ready"}: ${target.label}, ${environment}.`,
				target.assumed && "Nothing is configured, so the dev server was tried.",
				checks.map((one) => one.what),
				[...new Set(checks.flatMap((one) => one.next ?? []))],
			),
			data: {
				kind,
				origin: target.api,
				environment: target.environment,
				ok,
				checks: checks.map(({ what, ok }) => ({ what, ok })),
			},
			exit: ok ? 0 : 1,
		};
	},
});

import * as z from "zod/mini";
import { SkillError } from "../lib/errors.ts";
import { Seeds, sendRequest } from "../lib/events.ts";
import { listApps } from "../lib/functions.ts";
import { type Context, composed } from "../lib/intent.ts";
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
		const { target, readOnly } = context;
		const { kind, environment } = target;
		const checks = [...(await readingChecks(context)), await sendingCheck(context)];
		const ok = checks.every(({ status }) => status === "ok" || status === "none");
		const unnamed = kind === "cloud" ? ", the environment that the key belongs to; writes need --env NAME" : "";
		return {
			text: lines(
				`${ok ? "Ready" : "Not ready"}: ${target.label}${environment ? `, environment ${environment}` : unnamed}.`,
				target.assumed && "Nothing is configured, so the dev server was tried.",
				readOnly && "Reading only (INNGEST_READ_ONLY): whatever sends, replays or cancels is refused.",
				checks.map(({ status, what, told }) => `${status.padEnd(5)} ${what}: ${told}`),
				[...new Set(checks.flatMap((one) => one.next ?? []))],
			),
			data: { kind, origin: target.api, environment, readOnly, ok, checks },
			exit: ok ? 0 : 1,
		};
	},
});

async function check(what: string, work: () => Promise<string>): Promise<Check> {
	try {
		return { status: "ok", what, told: await work() };
	} catch (error) {
		if (!(error instanceof SkillError)) throw error;
		return { status: "FAILS", what, told: error.message, next: error.next };
	}
}

const NO_KEY: Check = {
	status: "MISSING",
	what: "a key for runs and apps",
	told: "INNGEST_API_KEY (Cloud) or INNGEST_SIGNING_KEY",
};

async function readingChecks({ api, target: { kind, local }, has }: Context): Promise<Check[]> {
	const signing = has("INNGEST_SIGNING_KEY");
	// A server on this machine may need no key.
	const keyless = kind === "dev" || (local && !signing);
	const managing = kind === "cloud" && has("INNGEST_API_KEY") ? "INNGEST_API_KEY" : "INNGEST_SIGNING_KEY";
	const none = kind === "dev" ? "no key needed" : "no key set";
	const manage = () =>
		check(`runs and apps (${keyless ? none : managing})`, async () => {
			const apps = await listApps(api);
			const names = apps.slice(0, 5).map(({ id }) => word(id));
			return [plural(apps.length, "app"), ...(names.length ? [names.join(", ")] : [])].join(": ");
		});
	const managed = keyless || has(managing) ? await manage() : NO_KEY;
	if (!keyless && !signing) {
		const told = "list-events, get-event, resend-event and wake-up times need it";
		return [managed, { status: "none", what: "INNGEST_SIGNING_KEY", told }];
	}
	if (managed.status !== "ok") return [managed];
	const events = await check(`events (${keyless ? none : "INNGEST_SIGNING_KEY"})`, async () => {
		await api.send(get("/v1/events", { limit: 1 }), z.unknown());
		return "readable";
	});
	return [managed, events];
}

async function sendingCheck(context: Context): Promise<Check> {
	const { api, target, has, readOnly } = context;
	if (target.kind === "dev") return { status: "ok", what: "sending", told: "the dev server takes any event key" };
	if (readOnly) return { status: "none", what: "sending", told: "refused here" };
	if (!has("INNGEST_EVENT_KEY")) return { status: "none", what: "INNGEST_EVENT_KEY", told: "sending events needs it" };
	return check("sending (INNGEST_EVENT_KEY)", async () => {
		await api.send(sendRequest([], Seeds.fresh(context).of(0)), z.unknown());
		return "accepted";
	});
}

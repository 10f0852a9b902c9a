/** How the sync of an app went: read, and in words. */
import * as z from "zod/mini";
import type { App } from "../inngest/api.ts";
import type { Words } from "../intent.ts";
import { duration, plural, quote, word } from "../text/text.ts";
import { many, maybe, text } from "../wire/lenient.ts";

export type Sync = App["latestSync"];

const Fault = z.object({ code: text, message: text });
/** service.proto, 1.43: SyncAppResponse; by its words the error of 422 is under `latestSync`. */
export const Synced = z.object({
	data: z.nullish(
		z.object({
			id: maybe,
			status: text,
			error: z.nullish(Fault),
			latestSync: z.nullish(z.object({ error: z.nullish(Fault) })),
		}),
	),
	errors: many(Fault),
	status: z.optional(z.number()),
});

/** `error`: the server's own words. */
export interface End {
	status: "pending" | "success" | "duplicate" | "error";
	error?: string | undefined;
	code?: string | undefined;
}
const STATUSES = ["success", "duplicate", "error"] as const;
const statusOf = (status: string | null | undefined) => STATUSES.find((one) => one === status?.toLowerCase());

/** What the answer to a sync says; one that names no end is pending. */
export function outcomeOf({ data, errors, status }: z.output<typeof Synced>): End {
	const fault = data?.error ?? data?.latestSync?.error ?? errors[0];
	const told = statusOf(data?.status) ?? "pending";
	if (!fault && status === undefined && told !== "error") return { status: told };
	return { status: "error", error: fault?.message, code: fault?.code };
}

/** How a pending sync ended, as the app's latest tells, which has no id: it is the new one if it came after, or was pending. */
export function endOf(before: Sync, latest: Sync, wasPending: boolean): End | undefined {
	const status = statusOf(latest?.status);
	const isNew = wasPending || (latest?.syncedAt != null && latest.syncedAt !== before?.syncedAt);
	if (!isNew || !status) return undefined;
	return status === "error" ? { status, error: latest?.error } : { status };
}

/** Without what may be secret in it: some hosts take a token there. */
export function urlText(url: string): string {
	if (!URL.canParse(url)) return word(url);
	const { origin, pathname, search } = new URL(url);
	return word(origin + pathname) + (search && "?…");
}
const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);

/** What is different from where an app was synced from last, which asks first: its payloads will go there. */
export function movesText(name: string, app: App | undefined, url: string): string | undefined {
	const to = originOf(url) ?? url;
	if (app === undefined)
		return `There is no app ${word(name)} there yet: the payloads of its events will go to ${word(to)}.`;
	const last = app.latestSync?.url;
	if (!last) return `It was never synced from an address: the payloads of its events will go to ${word(to)}.`;
	const from = originOf(last) ?? last;
	if (from === to) return undefined;
	return `Its last sync was from ${word(from)}: the payloads of its events will go to ${word(to)} instead.`;
}

export interface Told {
	app: string;
	url: string;
	end: End;
	before: App | undefined;
	after: App | undefined;
	/** Milliseconds. */
	waited: number;
	label: string;
}

export function syncLines({ app, url, end, before, after, waited, label }: Told): Words {
	const name = word(app);
	const from = `from ${urlText(url)} (${label})`;
	switch (end.status) {
		case "success": {
			const was =
				before && after && before.functionCount !== after.functionCount ? `, ${before.functionCount} before` : "";
			return { lines: [`Synced ${name} ${from}${after ? `: ${plural(after.functionCount, "function")}${was}` : ""}.`] };
		}
		case "duplicate":
			return {
				lines: [
					`${name} is in sync: nothing has changed since its last sync ${from}.`,
					"If a deploy changed its functions, it is not live yet: sync again once it is.",
				],
			};
		case "pending":
			return {
				lines: [`The sync of ${name} ${from} has not ended after ${duration(waited)}.`],
				next: [["list-apps", "shows how it ended"]],
			};
		case "error": {
			const said = end.error ? quote(end.error, 300) : "no reason given";
			return {
				lines: [
					`The sync of ${name} ${from} failed: ${said}${end.code ? ` (${word(end.code)})` : ""}.`,
					"Its functions stay as they were. Possible: the deploy is not live, the address is wrong, or the app's signing key is of another environment.",
				],
			};
		}
	}
}

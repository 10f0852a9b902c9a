/** check-setup's findings, what is wrong with apps' syncs, the result of one, and Insights' answers, in words. */
import {
	archivedText,
	type Environment,
	environmentText,
	type Naming,
	nameText,
	otherText,
	type Standing,
} from "../gate/environment.ts";
import type { Target } from "../gate/target.ts";
import type { App } from "../inngest/api.ts";
import { addressOf, answeringFor, type End, hasSyncFailed, isNamed } from "../inngest/functions.ts";
import type { Words } from "../intent.ts";
import { expected, isAway, overruledText, ServerError, syncErrorText } from "../text/errors.ts";
import { inTicks } from "../text/nouns.ts";
import {
	excerpt,
	few,
	groupBy,
	grouped,
	isSecret,
	joined,
	type Line,
	type Lines,
	named,
	plural,
	quote,
	sum,
	word,
	words,
} from "../text/text.ts";

/** `none` is no fault; `UNCLEAR` counts as one. */
export interface Check {
	status: "ok" | "FAILS" | "MISSING" | "UNCLEAR" | "none";
	what: string;
	told: string;
	next?: string;
	/** The app is at fault; the skill itself can be used. */
	ofApp?: true;
}

export const isFault = ({ status }: Check): boolean => status !== "ok" && status !== "none";

/** An API key that ignores X-Inngest-Env. */
export const LIMITED: Check = {
	status: "UNCLEAR",
	what: "INNGEST_API_KEY",
	told: "may belong to a different environment than the one named, so writes with it ask first",
	next: "Inngest's dashboard shows which environment an API key is limited to.",
};

/** Whether the skill can be used, and whether all apps can; then each check, and what to do. */
export function setupLines(checks: readonly Check[], target: Target, readOnly: boolean): Lines[] {
	const faults = checks.filter(isFault);
	const but = faults.length ? ", but not all its apps are healthy" : "";
	const unnamed = target.kind === "cloud" && target.environment === undefined ? "; writes need --env NAME" : "";
	const server = target.label + unnamed;
	const nexts = [...new Set(checks.flatMap(({ next }) => next ?? []))];
	const overruled = overruledText(target) ?? "";
	return [
		faults.every(({ ofApp }) => ofApp) ? `Ready: ${server}${but}.` : `Not ready: ${server}.`,
		target.assumed && "Nothing is configured, so the dev server was tried.",
		!nexts.some((next) => next.includes(overruled)) && overruled,
		readOnly && "Read-only (INNGEST_READ_ONLY): sending, replaying and cancelling are refused.",
		checks.map(({ status, what, told }) => `${status.padEnd(5)} ${what}: ${told}`),
		nexts,
	];
}

/** A failed check. `unclear`: a 200 that is not a proper answer leaves it open. */
export function failed(what: string, error: unknown, unclear = false): Check {
	expected(error);
	const open = unclear && error instanceof ServerError && error.status === 200;
	return { status: open ? "UNCLEAR" : "FAILS", what, told: error.message, next: error.next };
}

/** The response to an empty send. */
export interface Probed {
	ids?: readonly string[] | null | undefined;
	status?: number | undefined;
	error?: string | null | undefined;
}

/**
 * The number of apps, and each app whose last sync failed or that is unreachable. A self-hosted server polls only the apps it was started
 * with and those that failed: if another died since, that may be unknown (its source, v1.43; measured).
 */
export function appChecks(what: string, apps: readonly App[]): Check[] {
	const names = apps.map((app) => word(app.id));
	const functions = sum(apps, ({ functionCount }) => functionCount);
	const count = words(plural(apps.length, "app"), apps.length > 0 && `with ${plural(functions, "function")}`);
	const told = joined(": ", count, named(names, 5));
	const now = apps.length === 1 ? "it answers" : "they answer";
	const next = `${inTicks("list-apps")} shows each app's address and last sync.`;
	const fails = (what: string, told: string): Check => ({ status: "FAILS", what, told, next, ofApp: true });
	const broken = apps.flatMap((app) => {
		const fault = app.archivedAt ? undefined : syncFault(app, apps);
		return fault ? fails(`app ${appText(app)}`, fault) : [];
	});
	const whole = apps.length && !broken.length ? `; no sync error (whether ${now} now is unknown)` : "";
	return [
		{ status: "ok", what, told: told + whole },
		...broken.slice(0, 5),
		...(broken.length > 5 ? [fails(plural(broken.length - 5, "more app"), "last sync failed, or unreachable")] : []),
		...sameAddress(apps),
	];
}

const appText = (app: App): string => word(addressOf(app));

/**
 * `named`: it has synced before; `other`: what answers at its address. On a self-hosted server, polling never registers an app of Go's SDK
 * v0.16 (measured).
 */
export function syncTrouble(error: string | null | undefined, named: boolean, other?: App): string {
	if (!isAway(error)) return syncErrorText(error);
	if (!named)
		return "it can't be reached, or what answers there does not register it (on a self-hosted server, Go's SDK since 0.16 does so only on a PUT, with INNGEST_ENABLE_UNAUTHED_SYNC=1)";
	const moved = other && `: ${word(other.id)} answers at its address`;
	return syncErrorText(error) + (moved ?? "");
}

/** What is wrong with an app according to its last sync. Undefined if nothing is. */
export function syncFault(app: App, apps: readonly App[]): string | undefined {
	if (!hasSyncFailed(app)) return;
	const [named, error] = [isNamed(app), app.latestSync?.error];
	const how = named ? !isAway(error) && "failed to sync:" : "has never synced:";
	return words(how, syncTrouble(error, named, answeringFor(app, apps)));
}

/** The apps whose functions may be out of date, or are unknown. */
export const unsyncedLines = (apps: readonly App[] = [], all = apps): string[] =>
	few(apps.filter(hasSyncFailed), "more app", (app) => {
		const rest = isNamed(app) ? "Functions and triggers added since its last sync" : "Its functions and triggers";
		return `${appText(app)} ${syncFault(app, all)}. ${rest} are unknown.`;
	});

/** Apps synced from the same address. The server keeps an app whose id was changed, and still calls it (measured). All that use connect have the gateway's (Inngest's source, v1.43). */
export function sameAddress(apps: readonly App[]): Check[] {
	const live = apps.filter((one) => !one.archivedAt && one.latestSync?.url && one.method !== "CONNECT");
	const told = "synced from the same address. Possible: the app's id was changed, and runs of the old id fail";
	return [...groupBy(live, ({ latestSync }) => latestSync?.url).values()].flatMap((ones): Check[] => {
		const ids = ones.map(({ id }) => word(id));
		return ids.length > 1 ? [{ status: "none", what: `apps ${named(ids, 5)}`, told }] : [];
	});
}

export const environmentCheck = ({ text, by }: Naming, environment: Environment | undefined): Check => ({
	status: environment ? "ok" : "none",
	what: `environment ${nameText(text)} (${by})`,
	told: environment ? environmentText(environment) : "could not be looked up: the key may not list environments",
	...(environment?.archived && { next: archivedText(environment) }),
});

/** Whether the signing key can read events, and of which environment. `own`: the key's own environment, if known. */
export function signingCheck(
	what: string,
	naming: Naming | undefined,
	standing: Standing,
	own: Environment | undefined,
): Check {
	if (naming && standing.kind === "other") {
		const [told, next] = otherText("INNGEST_SIGNING_KEY", standing.of, naming, true);
		return { status: "FAILS", what, told, next };
	}
	const known = naming && standing.kind === "same" ? nameText(naming.text) : own && environmentText(own);
	const where = known ? `, in ${known}` : "; which environment the key is for could not be verified";
	return { status: "ok", what, told: `readable${where}` };
}

/**
 * The response to an empty send. `asking`: what asks first on Cloud if the key's environment can't be read. Only the event API's own
 * response (measured: `{"ids": [""], "status": 200}`) shows that the key is valid.
 */
export function sendingCheck(what: string, { ids, status = 200, error }: Probed, asking: string | false): Check {
	if (ids && status === 200) {
		const which = asking ? `; its environment can't be verified, so ${asking} asks first` : "";
		return { status: "ok", what, told: `accepted${which}` };
	}
	const said = error ? `: ${quote(error, 160)}` : "";
	const told = `the test was answered ${status}${said}; whether the key is valid is unknown`;
	return {
		status: "UNCLEAR",
		what,
		told,
		next: "Sending an event would show it, but also start the functions that listen.",
	};
}

/** Without parts that may be secret: some hosts put a token there. */
export function urlText(url: string): string {
	if (!URL.canParse(url)) return word(url);
	const { origin, pathname, search } = new URL(url);
	return word(origin + pathname) + (search && "?…");
}
const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);

/** How the address differs from the last sync's, which asks first: payloads will go there. */
export function movesText(app: App | undefined, url: string): string | undefined {
	const last = app?.latestSync?.url;
	const [from, to] = [last && (originOf(last) ?? last), originOf(url) ?? url];
	if (from === to) return;
	return words(from && `Its last sync was from ${word(from)}.`, `The payloads of its events will go to ${word(to)}.`);
}

interface Told {
	app: string;
	url: string;
	end: End;
	after: App | undefined;
	label: string;
}

export function syncLines({ app, url, end, after, label }: Told): Words {
	const it = `${word(app)} from ${urlText(url)} (${label})`;
	switch (end.status) {
		case "success":
			return { lines: [`Synced ${joined(": ", it, after && plural(after.functionCount, "function"))}.`] };
		case "duplicate":
			return {
				lines: [
					`${it} is in sync: nothing has changed since its last sync.`,
					"Possible: a new deploy is not live yet; if so, sync again once it is.",
				],
			};
		case "pending":
			return {
				lines: [`The sync of ${it} has not ended yet.`],
				next: [["list-apps", "shows how it ends"]],
			};
		case "error":
			return { lines: [`The sync of ${it} failed: ${syncErrorText(end.error, end.code)}.`] };
	}
}

/** A query's result; zero values are omitted (service.proto, 1.43: QueryInsightsData). */
export interface Queried {
	columns: readonly { name: string }[];
	rows: readonly (readonly unknown[])[];
	diagnostics: readonly Diagnostic[];
}

export interface Diagnostic {
	/** ERROR, WARNING or INFO. */
	severity: string;
	code: string;
	message: string;
}

/** The maximum number of columns, and of characters per text. */
const COLUMNS = 8;
const WIDTH = 60;
/** The maximum number of rows per page (Inngest's documentation, 2026-11). */
const PAGE = 1_000;

function cellText(column: string, value: unknown): string {
	if (value === null || value === undefined) return "null";
	if (isSecret(column, value)) return "[masked]";
	if (typeof value === "object") return excerpt(value, WIDTH);
	const text = String(value);
	if (typeof value !== "string") return text;
	return text.length > WIDTH || text === "null" ? quote(text, WIDTH) : word(text);
}

/**
 * Whether a number may have been rounded: values are doubles (service.proto, v1.43: google.protobuf.Value). The dashboard's editor offers
 * toJSONString (its source).
 */
const isRounded = (value: unknown): boolean =>
	typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);

const isError = ({ severity }: Diagnostic): boolean => severity === "ERROR";
export const hasFailed = ({ diagnostics }: Queried): boolean => diagnostics.some(isError);

/** The first `limit` rows of a result, and what is omitted. */
export function tableLines(found: Queried, limit: number, label: string): Line[] {
	const { columns, rows, diagnostics } = found;
	const shown = rows.slice(0, limit);
	const names = columns.slice(0, COLUMNS).map(({ name }) => name);
	const cells = shown.map((row) => names.map((name, i) => cellText(name, row[i])));
	const omitted = columns.slice(COLUMNS).map(({ name }) => word(name));
	const left = rows.length - shown.length;
	const counted = words(left > 0 && `${shown.length} of`, plural(rows.length, "row"));
	return [
		`${hasFailed(found) ? "The query failed" : counted} (${label})`,
		...diagnostics.toSorted((a, b) => Number(isError(b)) - Number(isError(a))).map(faultText),
		shown.length > 0 && names.map(word).join(" | "),
		...cells.map((row) => row.join(" | ")),
		left > 0 && `${plural(left, "row")} omitted: --limit shows up to 100, --json all.`,
		rows.length >= PAGE && `Insights returns ${grouped(PAGE)} rows at most: there may be more.`,
		omitted.length > 0 &&
			`${plural(omitted.length, "column")} omitted: ${named(omitted, 10)}. Select fewer, or use --json.`,
		rows.flat().some(isRounded) && "The API may round numbers of 2^53 and more: select toJSONString(…) of them.",
		!rows.length &&
			!hasFailed(found) &&
			`Insights lags by some minutes: ${inTicks("list-runs")} and ${inTicks("list-events")} show what is newer.`,
	];
}

/** `warning limited: «…»`. */
function faultText({ severity, code, message }: Diagnostic): string {
	const [kind = "note"] = ["error", "warning", "info"].filter((one) => one === severity.toLowerCase());
	return `${words(kind, code && word(code))}: ${quote(message, 300)}`;
}

/** An entry of `GET /v2/insights/tables` (InsightsTable). */
export interface Table {
	name: string;
	description: string;
	columns: readonly { name: string; type: string }[];
}

export const tablesLines = (tables: readonly Table[], label: string): Line[] => [
	`${plural(tables.length, "table")} (${label})`,
	...tables.flatMap(({ name, description, columns }) => [
		words(word(name), description && quote(description, 100)),
		columns.length > 0 &&
			`  ${named(
				columns.map((one) => words(word(one.name), word(one.type))),
				40,
			)}`,
	]),
];

/** Decides which Inngest server a call goes to. */
import { refusal } from "../text/errors.ts";
import { type Naming, nameText } from "./environment.ts";
import { isUnfilled, type Settings } from "./secrets.ts";

export interface Target {
	kind: "cloud" | "self-hosted" | "dev";
	/** Origins, without a trailing slash. */
	api: string;
	events: string;
	/** The named environment, sent as X-Inngest-Env if a header can carry it. */
	environment: string | undefined;
	/** How it was named. */
	namedBy?: Naming["by"];
	/** On Cloud: reads are proven to come from the named environment. */
	proven?: boolean;
	/** The label in answers, e.g. `Inngest Cloud, production`. */
	label: string;
	/** The variable that holds its address; undefined for Inngest Cloud and the default dev server. */
	variable?: "INNGEST_BASE_URL" | "INNGEST_DEV" | undefined;
	/** Nothing was configured, so the dev server is tried. */
	assumed: boolean;
	/** Another setting, overruled by INNGEST_DEV. */
	overruled?: string | undefined;
	/** Whether the origin is this machine, to which plain HTTP is allowed. */
	local: boolean;
}

/** Parses a configured origin. Refuses plain HTTP to other machines, except to a dev server, which gets no keys. */
export function readOrigin(name: string, value: string): URL {
	const url = URL.canParse(value) && !isUnfilled(value) ? new URL(value) : undefined;
	const isWeb = url !== undefined && /^https?:$/.test(url.protocol);
	// Refuses an ambiguous address.
	if (!isWeb || url.href !== `${url.origin}/` || /[\\@]/.test(value))
		throw refusal(
			`${name} is not an http(s) origin: scheme, host and port, without quotes, credentials or a path`,
			`Set it to an origin such as ${name === "INNGEST_DEV" ? "http://localhost:8288" : "https://inngest.example.com"}.`,
		);
	if (name !== "INNGEST_DEV" && url.protocol === "http:" && !isThisMachine(url.hostname))
		throw refusal(
			`${name} must use https: plain HTTP is allowed only to this machine`,
			"Set it to the server's https address, or to http://localhost:8288 through a tunnel; a dev server's goes in INNGEST_DEV.",
		);
	return url;
}

/** Reads INNGEST_DEV: yes (the default port), no, or an address. Refuses anything else, as either could be meant. */
function readDev(value: string): URL | boolean {
	if (/^(1|true|yes|on)$/i.test(value)) return true;
	if (/^(0|false|no|off|n)$/i.test(value)) return false;
	if (/^localhost:\d{1,5}$/i.test(value)) return readOrigin("INNGEST_DEV", `http://${value}`);
	if (/^https?:\/\//i.test(value)) return readOrigin("INNGEST_DEV", value);
	throw refusal(
		"INNGEST_DEV is not 1, 0, localhost:PORT or a URL",
		"Ask the user to set it to one of these, without quotes, or to unset it.",
	);
}

/** The environment that a call names, and whether by --env or INNGEST_ENV. */
function environmentOf(
	settings: Settings,
	flags: { environment?: string | undefined },
	anyName: boolean,
): Pick<Target, "environment" | "namedBy"> {
	const environment = (flags.environment ?? settings.environment)?.trim();
	if (environment === undefined) return { environment };
	const namedBy = flags.environment === undefined ? "INNGEST_ENV" : "--env";
	// Names are free text without control characters; an empty one would mean another environment.
	const isName = /^[^\p{C}]{1,200}$/u.test(environment) && !(namedBy === "INNGEST_ENV" && isUnfilled(environment));
	if (!anyName && !isName) throw refusal(`${namedBy} does not name an environment`, "`list-envs` shows the names.");
	return { environment, namedBy };
}

/**
 * The server for a call: `--dev`/INNGEST_DEV, else INNGEST_BASE_URL, else Cloud if a key is set, else the dev server. `anyName`: for the
 * intent that lists environments, whatever is named.
 */
export function resolveTarget(
	settings: Settings,
	flags: { dev: boolean; environment?: string | undefined },
	keyIsSet: boolean,
	anyName = false,
): Target {
	const { baseUrl } = settings;
	const dev = settings.dev === undefined ? undefined : readDev(settings.dev);
	const named = environmentOf(settings, flags, anyName);
	const nothing = !baseUrl && !keyIsSet && !flags.dev;
	// A dev server has no environments.
	if (nothing && !(dev ?? flags.environment === undefined))
		throw refusal(
			"No server is configured",
			"Set INNGEST_API_KEY or INNGEST_SIGNING_KEY (Inngest Cloud), or INNGEST_BASE_URL (self-hosted), or add --dev.",
		);
	// Other servers have one environment and ignore which is named (their source, v1.43).
	const none = flags.environment === undefined ? "" : " (no environments)";
	const common = { ...named, assumed: false } as const;
	/** A server with an origin of its own. */
	const own = (kind: Target["kind"], url: URL, variable: Target["variable"]): Target => ({
		...{ ...common, kind, variable, api: url.origin, events: url.origin, local: isThisMachine(url.hostname) },
		label: `${kind === "dev" ? "dev server" : kind} ${url.host}${none}`,
	});
	if (flags.dev || dev || nothing) {
		const url = dev instanceof URL ? dev : new URL("http://localhost:8288");
		const variable = dev instanceof URL ? "INNGEST_DEV" : undefined;
		const others = baseUrl ? "INNGEST_BASE_URL is" : keyIsSet && "the keys are";
		return {
			...own("dev", url, variable),
			assumed: !flags.dev && !dev,
			...(others && !flags.dev && { overruled: others }),
		};
	}
	const url = baseUrl ? readOrigin("INNGEST_BASE_URL", baseUrl) : undefined;
	// Inngest Cloud's rules for writes apply, however it is addressed.
	if (url && !/(^|\.)(inngest\.com|inn\.gs)\.?$/.test(url.hostname)) return own("self-hosted", url, "INNGEST_BASE_URL");
	return {
		...{ ...common, kind: "cloud", api: "https://api.inngest.com", events: "https://inn.gs", local: false },
		label: `Inngest Cloud, ${named.environment ? nameText(named.environment) : "the key's environment"}`,
	};
}

/**
 * The URL of a run's page. In the server's own UI or in Cloud's dashboard, by the paths in Inngest's source (v1.43,
 * `ui/apps/dev-server-ui/src/utils/pathCreator.ts`, also for self-hosted servers, and `ui/apps/dashboard/src/utils/urls.ts`). Cloud's
 * contains the environment's slug, which the API doesn't give; production's is `production`.
 */
export function runAddress({ kind, api, environment, proven }: Target, id: string): string | undefined {
	if (kind !== "cloud") return `${api}/run?runID=${id}`;
	const isKnown = proven && environment?.toLowerCase() === "production";
	return isKnown ? `https://app.inngest.com/env/production/runs/${id}` : undefined;
}

/** By a host as `URL.hostname` writes it. A name such as x.localhost must also resolve to this machine: `isLoopback` checks the address. */
export const isThisMachine = (host: string): boolean =>
	/^(?:[a-z0-9-]+\.)*localhost$/.test(host) || isLoopback(host.replace(/^\[|\]$/g, ""));

/** By an address: 127.x.x.x, the same mapped into IPv6 (in either notation), and ::1. */
export const isLoopback = (address: string): boolean =>
	/^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3}|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})$/i.test(address);

/** Decides which Inngest server a call goes to. */
import { refusal, UsageError } from "../text/errors.ts";
import { type Naming, nameText } from "./environment.ts";
import { isUnfilled, type Settings } from "./secrets.ts";

export interface Target {
	kind: "cloud" | "self-hosted" | "dev";
	/** Origins, without a trailing slash. */
	api: string;
	events: string;
	/** The environment that was named, sent as X-Inngest-Env where a header can hold it. */
	environment: string | undefined;
	/** How it was named. */
	namedBy?: Naming["by"];
	/** On Cloud: the environment that is named is where what is read is from. */
	proven?: boolean;
	/** How answers name it, e.g. `Inngest Cloud, production`. */
	label: string;
	/** The variable that holds its address; undefined for Inngest Cloud, and for the dev server at its usual port. */
	variable?: "INNGEST_BASE_URL" | "INNGEST_DEV" | undefined;
	/** Nothing was configured, so the dev server is tried. */
	assumed: boolean;
	/** Whether the origin is this machine: plain HTTP is allowed to it. */
	local: boolean;
}

/**
 * Reads an origin that the operator configured; refuses credentials, paths and other protocols, and plain HTTP to other
 * machines, but for a dev server, which gets no keys.
 */
export function readOrigin(name: string, value: string): URL {
	const refuse = (why: string) =>
		new UsageError(
			`${name} ${why}; nothing was sent.`,
			`Set it to an origin such as ${name === "INNGEST_DEV" ? "http://localhost:8288" : "https://inngest.example.com"}.`,
		);
	if (isUnfilled(value)) throw refuse("contains quotes or a placeholder");
	if (!URL.canParse(value)) throw refuse("is not a URL");
	const url = new URL(value);
	if (url.protocol !== "https:" && url.protocol !== "http:")
		throw refuse("must start with https:// (or http:// on this machine)");
	if (url.username || url.password) throw refuse("must not contain credentials: keys have their own variables");
	if (url.pathname !== "/" || url.search || url.hash) throw refuse("must be an origin, without a path");
	if (name !== "INNGEST_DEV" && url.protocol === "http:" && !isThisMachine(url.hostname))
		throw refuse("must use https: plain HTTP is allowed only to this machine");
	return url;
}

/** What INNGEST_DEV says: yes (its usual port), no, or where. Refuses all else: what was meant could be either. */
function readDev(value: string | undefined): URL | "yes" | "no" | undefined {
	if (value === undefined) return undefined;
	if (/^(1|true|yes|on)$/i.test(value)) return "yes";
	if (/^(0|false|no|off|n)$/i.test(value)) return "no";
	if (/^localhost:\d{1,5}$/i.test(value)) return readOrigin("INNGEST_DEV", ["http:", value].join("//"));
	if (/^https?:\/\//i.test(value)) return readOrigin("INNGEST_DEV", value);
	throw refusal(
		"INNGEST_DEV is not 1, 0, localhost:PORT or a URL",
		"Ask the user to set it to one of these, without quotes, or to unset it.",
	);
}

/** The server for a call: `--dev`/INNGEST_DEV, else INNGEST_BASE_URL, else Cloud if a key is set, else the dev server. */
export function resolveTarget(
	settings: Settings,
	flags: { dev: boolean; environment?: string | undefined },
	keyIsSet: boolean,
	/** For what tells which names there are, whatever is named. */
	anyName = false,
): Target {
	const environment = (flags.environment ?? settings.environment)?.trim();
	const namedBy: Naming["by"] = flags.environment === undefined ? "INNGEST_ENV" : "--env";
	const naming = environment === undefined ? undefined : { namedBy };
	const { baseUrl } = settings;
	const dev = readDev(settings.dev);
	const off = dev === undefined || dev === "no";
	// Names are free text, but for what no line of text holds; an empty one would mean another environment than was named.
	if (!anyName && environment !== undefined && !/^[^\p{C}]{1,200}$/u.test(environment))
		throw new UsageError(`${namedBy} does not name an environment; nothing was sent.`, "`list-envs` shows the names.");
	if (!anyName && flags.environment === undefined && environment !== undefined && isUnfilled(environment))
		throw refusal(
			"INNGEST_ENV contains quotes or a placeholder, not a name",
			"Ask the user to set it again, or to unset it.",
		);
	const suffix = environment ? `, ${nameText(environment)}` : "";
	const nothing = !baseUrl && !keyIsSet && !flags.dev;
	if (nothing && off && (dev !== undefined || flags.environment !== undefined)) {
		const ruled = ", and INNGEST_DEV rules out the dev server";
		const which = dev === undefined ? ` that has an environment ${flags.environment}` : ruled;
		throw new UsageError(
			`No server is configured${which}; nothing was sent.`,
			"Set INNGEST_API_KEY or INNGEST_SIGNING_KEY (Inngest Cloud), or INNGEST_BASE_URL (self-hosted), or add --dev.",
		);
	}
	/** A server at an origin of its own. */
	const own = (
		kind: Target["kind"],
		url: URL,
		label: string,
		variable: Target["variable"],
		assumed = false,
	): Target => ({
		kind,
		variable,
		api: url.origin,
		events: url.origin,
		environment,
		...naming,
		label,
		assumed,
		local: isThisMachine(url.hostname),
	});
	if (flags.dev || !off || nothing) {
		const named = dev instanceof URL;
		const url = named ? dev : new URL("http://localhost:8288");
		return own("dev", url, `dev server ${url.host}`, named ? "INNGEST_DEV" : undefined, !flags.dev && off);
	}
	const url = baseUrl ? readOrigin("INNGEST_BASE_URL", baseUrl) : undefined;
	// Inngest Cloud is Inngest Cloud however it is named: its rules for writes hold.
	if (url && !/(^|\.)(inngest\.com|inn\.gs)\.?$/.test(url.hostname))
		return own("self-hosted", url, `self-hosted ${url.host}${suffix}`, "INNGEST_BASE_URL");
	return {
		kind: "cloud",
		api: "https://api.inngest.com",
		events: "https://inn.gs",
		environment,
		...naming,
		label: `Inngest Cloud${suffix || ", the key's environment"}`,
		assumed: false,
		local: false,
	};
}

/**
 * A run's page in the server's own UI, or in Cloud's dashboard: their paths are those of Inngest's source (v1.43,
 * `ui/apps/dev-server-ui/src/utils/pathCreator.ts`, which a self-hosted server has, too, and `ui/apps/dashboard/src/utils/urls.ts`).
 * Cloud's has the environment's slug, which the API does not give; production's is `production`.
 */
export function runAddress({ kind, api, environment, proven }: Target, id: string): string | undefined {
	if (kind !== "cloud") return `${api}/run?runID=${id}`;
	const isKnown = proven && environment?.toLowerCase() === "production";
	return isKnown ? `https://app.inngest.com/env/production/runs/${id}` : undefined;
}

/** By a host as URL writes it (`URL.hostname`). A name that ends so must still lead here: `isLoopback` tells of its address. */
export const isThisMachine = (host: string): boolean =>
	/^(?:[a-z0-9-]+\.)*localhost$/.test(host) || isLoopback(host.replace(/^\[|\]$/g, ""));

/** By an address: all that begin with 127, these mapped into IPv6 (in either spelling), and ::1. */
export const isLoopback = (address: string): boolean =>
	/^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3}|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})$/i.test(address);

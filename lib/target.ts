/** Decides which Inngest server a call goes to. */
import { UsageError } from "./errors.ts";
import type { Settings } from "./secrets.ts";

export interface Target {
	kind: "cloud" | "self-hosted" | "dev";
	/** Origins, without a trailing slash. */
	api: string;
	events: string;
	/** The environment that was named, sent as X-Inngest-Env. */
	environment: string | undefined;
	/** How answers name it, e.g. `Inngest Cloud, production`. */
	label: string;
	/** Nothing was configured, so the dev server is tried. */
	assumed: boolean;
	/** Whether the origin is this machine: plain HTTP is allowed to it. */
	local: boolean;
}

const LOCAL = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[a-z0-9-]+\.localhost)$/;

/** Reads an origin that the operator configured; refuses credentials, paths, other protocols, plain HTTP to other machines. */
export function readOrigin(name: string, value: string): URL {
	const refuse = (why: string) =>
		new UsageError(`${name} ${why}; nothing was sent.`, `Set it to an origin such as https://inngest.example.com.`);
	let url: URL;
	try {
		url = new URL(value);
	} catch {
		throw refuse("is not a URL");
	}
	if (url.protocol !== "https:" && url.protocol !== "http:")
		throw refuse("must start with https:// (or http:// on this machine)");
	if (url.username || url.password) throw refuse("must not hold credentials: keys have their own variables");
	if (url.pathname !== "/" || url.search || url.hash) throw refuse("must be an origin, without a path");
	if (url.protocol === "http:" && !LOCAL.test(url.hostname))
		throw refuse("must use https: plain HTTP is allowed to this machine only");
	return url;
}

/** The server for a call: `--dev`/INNGEST_DEV, else INNGEST_BASE_URL, else Cloud if a key is set, else the dev server. */
export function resolveTarget(
	settings: Settings,
	flags: { dev: boolean; environment?: string | undefined },
	keyIsSet: boolean,
): Target {
	const environment = flags.environment ?? settings.environment;
	if (environment !== undefined && !/^[\w./@:+-]{1,120}$/.test(environment))
		throw new UsageError(
			"The environment's name has characters that no environment has; nothing was sent.",
			"`list-envs` shows the names.",
		);
	const setting = settings.dev?.toLowerCase();
	const off = setting === undefined || ["0", "false", "no", "off"].includes(setting);
	const suffix = environment ? `, ${environment}` : "";
	const nothing = !settings.baseUrl && !keyIsSet && !flags.dev;
	if (nothing && off && (setting !== undefined || flags.environment !== undefined))
		throw new UsageError(
			`No server is configured${setting === undefined ? ` that has an environment ${flags.environment}` : ", and INNGEST_DEV rules the dev server out"}; nothing was sent.`,
			"Set INNGEST_API_KEY or INNGEST_SIGNING_KEY (Inngest Cloud), or INNGEST_BASE_URL (self-hosted), or add --dev.",
		);
	if (flags.dev || !off || (!settings.baseUrl && !keyIsSet)) {
		const given = setting?.includes(":") ? settings.dev : undefined;
		const url = readOrigin("INNGEST_DEV", given ?? "http://localhost:8288");
		const assumed = !flags.dev && off;
		return {
			kind: "dev",
			api: url.origin,
			events: url.origin,
			environment,
			label: `dev server ${url.host}`,
			assumed,
			local: LOCAL.test(url.hostname),
		};
	}
	const url = settings.baseUrl ? readOrigin("INNGEST_BASE_URL", settings.baseUrl) : undefined;
	// Inngest Cloud is Inngest Cloud however it is named: its rules for writes hold.
	if (url && !/(^|\.)(inngest\.com|inn\.gs)\.?$/.test(url.hostname)) {
		return {
			kind: "self-hosted",
			api: url.origin,
			events: url.origin,
			environment,
			label: `self-hosted ${url.host}${suffix}`,
			assumed: false,
			local: LOCAL.test(url.hostname),
		};
	}
	return {
		kind: "cloud",
		api: "https://api.inngest.com",
		events: "https://inn.gs",
		environment,
		label: `Inngest Cloud${suffix || ", the key's environment"}`,
		assumed: false,
		local: false,
	};
}

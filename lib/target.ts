/** Decides which Inngest server a call goes to. */
import { type Naming, nameText } from "./environment.ts";
import { UsageError } from "./errors.ts";
import { isNo, type Settings } from "./secrets.ts";

export interface Target {
	kind: "cloud" | "self-hosted" | "dev";
	/** Origins, without a trailing slash. */
	api: string;
	events: string;
	/** The environment that was named, sent as X-Inngest-Env where a header can hold it. */
	environment: string | undefined;
	/** How it was named. */
	namedBy?: Naming["by"];
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
		new UsageError(
			`${name} ${why}; nothing was sent.`,
			`Set it to an origin such as ${name === "INNGEST_DEV" ? "http://localhost:8288" : "https://inngest.example.com"}.`,
		);
	if (!URL.canParse(value)) throw refuse("is not a URL");
	const url = new URL(value);
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
	/** For what tells which names there are, whatever is named. */
	anyName = false,
): Target {
	const environment = (flags.environment ?? settings.environment)?.trim();
	const namedBy: Naming["by"] = flags.environment === undefined ? "INNGEST_ENV" : "--env";
	const naming = environment === undefined ? undefined : { namedBy };
	const { dev, baseUrl } = settings;
	const off = dev === undefined || isNo(dev);
	// Names are free text, but for what no line of text holds; an empty one would mean another environment than was named.
	if (!anyName && environment !== undefined && !/^[^\p{C}]{1,200}$/u.test(environment))
		throw new UsageError(`${namedBy} holds no environment's name; nothing was sent.`, "`list-envs` shows the names.");
	const suffix = environment ? `, ${nameText(environment)}` : "";
	const nothing = !baseUrl && !keyIsSet && !flags.dev;
	if (nothing && off && (dev !== undefined || flags.environment !== undefined))
		throw new UsageError(
			`No server is configured${dev === undefined ? ` that has an environment ${flags.environment}` : ", and INNGEST_DEV rules the dev server out"}; nothing was sent.`,
			"Set INNGEST_API_KEY or INNGEST_SIGNING_KEY (Inngest Cloud), or INNGEST_BASE_URL (self-hosted), or add --dev.",
		);
	/** A server at an origin of its own. */
	const own = (kind: Target["kind"], url: URL, label: string, assumed: boolean): Target => ({
		kind,
		api: url.origin,
		events: url.origin,
		environment,
		...naming,
		label,
		assumed,
		local: LOCAL.test(url.hostname),
	});
	if (flags.dev || !off || nothing) {
		const url = readOrigin("INNGEST_DEV", dev?.includes(":") ? dev : "http://localhost:8288");
		return own("dev", url, `dev server ${url.host}`, !flags.dev && off);
	}
	const url = baseUrl ? readOrigin("INNGEST_BASE_URL", baseUrl) : undefined;
	// Inngest Cloud is Inngest Cloud however it is named: its rules for writes hold.
	if (url && !/(^|\.)(inngest\.com|inn\.gs)\.?$/.test(url.hostname))
		return own("self-hosted", url, `self-hosted ${url.host}${suffix}`, false);
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

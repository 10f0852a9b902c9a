/**
 * An account of Inngest Cloud: its environments, its keys, and which environment a request is for. Event keys and signing keys decide that
 * themselves, whatever `X-Inngest-Env` says; the header picks one for an API key and, among branches, for the branch key (api-docs:
 * authentication; v1's specification; inngest/inngest#558).
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { CloudEnvironment } from "./environment.ts";
import { type CloudOptions, ENVIRONMENTS, type EnvironmentSpec, type EnvironmentType } from "./options.ts";
import type { Grant } from "./routes.ts";

/** Who has a key, what it is valid for, and what it may do. */
export interface Holder {
	kind: "event" | "signing" | "api";
	/** Its name in tests, e.g. `event key of Production`. */
	label: string;
	reach: { kind: "one"; environment: CloudEnvironment } | { kind: "branches" } | { kind: "account" };
	/** All, or the listed ones. */
	grants: "all" | "read" | readonly Grant[];
}

/** Why a request has no environment, in v2's words. */
export interface NoEnvironment {
	kind: "none";
	status: number;
	code: string;
	message: string;
}

const PREFIX: Record<EnvironmentType, string> = { PRODUCTION: "prod", TEST: "test", BRANCH: "branch" };

const secret = (): string => randomBytes(32).toString("base64url");
const apiKey = (): string => ["sk", "inn", "api", secret()].join("-");
const signingKey = (type: EnvironmentType): string =>
	["signkey", PREFIX[type], randomBytes(32).toString("hex")].join("-");

/** As the SDK sends a signing key: its bytes hashed, after the same prefix. */
const hashed = (key: string): string => {
	const [, prefix = "", hex = ""] = /^(signkey-\w+-)(.*)$/.exec(key) ?? [];
	return prefix + createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex");
};

export class Account {
	readonly id = randomUUID();
	readonly environments: readonly CloudEnvironment[];
	/** API keys of the whole account: a read-only one, and one with all grants. */
	readonly keys = { read: apiKey(), write: apiKey() };
	private readonly holders = new Map<string, Holder>();
	private readonly ignoresNames: boolean;

	constructor(options: CloudOptions) {
		this.ignoresNames = options.limitedKeysIgnoreNames ?? false;
		const branches = { event: secret(), signing: signingKey("BRANCH") };
		const make = (spec: EnvironmentSpec): CloudEnvironment => {
			const { type = "TEST" } = spec;
			const own = type === "BRANCH" ? branches : { event: secret(), signing: signingKey(type) };
			return new CloudEnvironment(spec, { ...own, read: apiKey(), write: apiKey() }, options);
		};
		this.environments = (options.environments ?? ENVIRONMENTS).map(make);
		for (const one of this.environments) this.register(one);
		const reach = { kind: "account" } as const;
		this.holders.set(this.keys.read, { kind: "api", label: "account's read API key", reach, grants: "read" });
		this.holders.set(this.keys.write, { kind: "api", label: "account's API key", reach, grants: "all" });
	}

	private register(environment: CloudEnvironment): void {
		const { keys, name, type } = environment;
		const reach = { kind: "one", environment } as const;
		const shared = type === "BRANCH" ? ({ kind: "branches" } as const) : reach;
		const of = type === "BRANCH" ? "of branches" : `of ${name}`;
		this.holders.set(keys.event, { kind: "event", label: `event key ${of}`, reach: shared, grants: "all" });
		const signing: Holder = { kind: "signing", label: `signing key ${of}`, reach: shared, grants: "all" };
		this.holders.set(keys.signing, signing).set(hashed(keys.signing), signing);
		this.holders.set(keys.read, { kind: "api", label: `read API key of ${name}`, reach, grants: "read" });
		this.holders.set(keys.write, { kind: "api", label: `API key of ${name}`, reach, grants: "all" });
	}

	/** Creates another API key with only these grants, for the whole account or one environment. */
	apiKey(grants: readonly Grant[], environment?: CloudEnvironment): string {
		const key = apiKey();
		const reach = environment ? ({ kind: "one", environment } as const) : ({ kind: "account" } as const);
		this.holders.set(key, { kind: "api", label: `API key with ${grants.join(", ") || "no grants"}`, reach, grants });
		return key;
	}

	holder(key: string): Holder | undefined {
		return this.holders.get(key);
	}

	environment(name: string): CloudEnvironment {
		const found = this.environments.find((one) => one.name === name);
		if (found === undefined) throw new Error(`the account has no environment ${name}`);
		return found;
	}

	/**
	 * The environment of a holder's request, given its header. It is the double's choice that names, slugs and ids are accepted, and that the
	 * header of a request `ofAccount` is checked.
	 */
	environmentFor(
		{ kind, reach }: Holder,
		header: string | undefined,
		ofAccount = false,
	): CloudEnvironment | NoEnvironment {
		if (reach.kind === "one") {
			const { environment } = reach;
			if (kind !== "api" || header === undefined || this.ignoresNames) return environment;
			const named = this.named(header, this.environments);
			if (named === environment || "kind" in named) return named;
			return none(403, "access_denied", "The API key has no access to this environment");
		}
		if (header !== undefined) {
			const { environments } = this;
			return this.named(
				header,
				reach.kind === "branches" ? environments.filter(({ type }) => type === "BRANCH") : environments,
			);
		}
		if (reach.kind === "branches" && !ofAccount) return none(400, "missing_field", "X-Inngest-Env header is required");
		const production = this.environments.find(({ type }) => type === "PRODUCTION");
		return production ?? none(404, "env_not_found", "Environment not found");
	}

	private named(name: string, among: readonly CloudEnvironment[]): CloudEnvironment | NoEnvironment {
		const found = among.filter((one) => [one.id, one.name, one.slug].includes(name));
		const [first] = found;
		if (first === undefined) return none(404, "env_not_found", `Environment not found: ${name}`);
		if (found.length === 1) return first;
		const candidates = found.map((one) => `${one.name} (${one.type}, ${one.id})`).join(", ");
		return none(400, "env_name_ambiguous", `Environment name "${name}" is ambiguous: ${candidates}`);
	}

	close(): void {
		for (const one of this.environments) one.close();
	}
}

const none = (status: number, code: string, message: string): NoEnvironment => ({
	kind: "none",
	status,
	code,
	message,
});

/** Whether a holder may do what needs a grant. */
export function may({ grants }: Holder, grant: Grant): boolean {
	if (grants === "all") return true;
	return grants === "read" ? grant.endsWith(":read") : grants.includes(grant);
}

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UsageError } from "../../lib/errors.ts";
import { openConcealer, openSecrets, readSettings, VARIABLES } from "../../lib/secrets.ts";

const NAMES = [
	...["INNGEST_API_KEY", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY", "INNGEST_ENV", "INNGEST_BASE_URL", "INNGEST_DEV"],
	...["INNGEST_READ_ONLY", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"],
];
beforeEach(() => {
	for (const name of NAMES) vi.stubEnv(name, undefined);
});
afterEach(() => {
	vi.unstubAllEnvs();
});

describe("readSettings", () => {
	const NONE = {
		environment: undefined,
		baseUrl: undefined,
		dev: undefined,
		readOnly: false,
		proxy: { https: undefined, no: undefined },
	};

	test("nothing set", () => {
		expect(readSettings(VARIABLES)).toEqual(NONE);
	});

	test("empty and blank count as unset", () => {
		for (const name of NAMES) vi.stubEnv(name, "  ");
		expect(readSettings(VARIABLES)).toEqual(NONE);
	});

	test("everything set, trimmed; capitals win for proxies", () => {
		vi.stubEnv("INNGEST_ENV", " production\n");
		vi.stubEnv("INNGEST_BASE_URL", "https://inngest.example.com");
		vi.stubEnv("INNGEST_DEV", "1");
		vi.stubEnv("INNGEST_READ_ONLY", "1");
		vi.stubEnv("HTTPS_PROXY", "http://proxy:1");
		vi.stubEnv("https_proxy", "http://proxy:2");
		vi.stubEnv("http_proxy", "http://proxy:3");
		vi.stubEnv("no_proxy", "example.com");
		expect(readSettings(VARIABLES)).toEqual({
			environment: "production",
			baseUrl: "https://inngest.example.com",
			dev: "1",
			readOnly: true,
			proxy: { https: "http://proxy:1", no: "example.com" },
		});
	});

	test.each([
		["0", false],
		["False", false],
		["no", false],
		["off", false],
		["1", true],
		["true", true],
		["nope", true],
		["flase", true],
	])("INNGEST_READ_ONLY=%s is %s: only a clear no opens the door", (value, readOnly) => {
		vi.stubEnv("INNGEST_READ_ONLY", value);
		expect(readSettings(VARIABLES).readOnly).toBe(readOnly);
	});
});

describe("openSecrets", () => {
	test("gives a listed secret, trimmed", () => {
		vi.stubEnv("INNGEST_API_KEY", " sk-inn-api-1\n");
		expect(openSecrets(VARIABLES, "list-runs", ["INNGEST_API_KEY"]).get("INNGEST_API_KEY")).toBe("sk-inn-api-1");
	});

	test("refuses one that the intent does not list, although it is set, but tells that it is set", () => {
		vi.stubEnv("INNGEST_EVENT_KEY", "key");
		const secrets = openSecrets(VARIABLES, "list-runs", ["INNGEST_API_KEY"]);
		expect(secrets.has("INNGEST_EVENT_KEY")).toBe(true);
		expect(() => secrets.get("INNGEST_EVENT_KEY")).toThrow(
			new UsageError(
				"list-runs may not use INNGEST_EVENT_KEY; nothing was sent.",
				"skill.yaml lists the secrets of each intent.",
			),
		);
	});

	test("an unset or blank one is undefined", () => {
		vi.stubEnv("INNGEST_SIGNING_KEY", " ");
		const secrets = openSecrets(VARIABLES, "list-runs", ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"]);
		expect([secrets.has("INNGEST_API_KEY"), secrets.get("INNGEST_SIGNING_KEY")]).toEqual([false, undefined]);
	});

	test.each(["two words", "a\r\nx-evil: 1", "clé", "x".repeat(501)])(
		"refuses the key %j, without saying it",
		(value) => {
			vi.stubEnv("INNGEST_API_KEY", value);
			expect(() => openSecrets(VARIABLES, "list-runs", ["INNGEST_API_KEY"]).get("INNGEST_API_KEY")).toThrow(
				new UsageError(
					"INNGEST_API_KEY holds characters that no key has; nothing was sent.",
					"Ask the user to set it again, without quotes, spaces or line breaks.",
				),
			);
		},
	);
});

describe("a key in the place of another is refused, without saying it", () => {
	const API = ["sk-inn", "api", "0a1b2c"].join("-");
	const SIGNING = ["signkey", "prod", "0a1b2c"].join("-");
	const told = (name: (typeof KEYS)[number], value: string) => {
		vi.stubEnv(name, value);
		const { get } = openSecrets(VARIABLES, "send-event", KEYS);
		try {
			return get(name) === value;
		} catch (error) {
			return error instanceof UsageError ? `${error.message} ${error.next}` : error;
		}
	};
	const KEYS = ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY"] as const;
	const refused = (name: string, what: string, home: string) =>
		`${name} holds ${what}; nothing was sent. Ask the user to set ${name} again; that key is for ${home}.`;

	test.each([
		["INNGEST_EVENT_KEY", API, refused("INNGEST_EVENT_KEY", "an API key", "INNGEST_API_KEY")],
		["INNGEST_EVENT_KEY", "sk-inn-api", refused("INNGEST_EVENT_KEY", "an API key", "INNGEST_API_KEY")],
		["INNGEST_EVENT_KEY", SIGNING, refused("INNGEST_EVENT_KEY", "a signing key", "INNGEST_SIGNING_KEY")],
		["INNGEST_API_KEY", SIGNING, refused("INNGEST_API_KEY", "a signing key", "INNGEST_SIGNING_KEY")],
		["INNGEST_SIGNING_KEY", API, refused("INNGEST_SIGNING_KEY", "an API key", "INNGEST_API_KEY")],
		["INNGEST_EVENT_KEY", "my-signkey-prod", true],
		["INNGEST_API_KEY", API, true],
		["INNGEST_SIGNING_KEY", SIGNING, true],
		["INNGEST_SIGNING_KEY", "0a1b", true],
	] as const)("%s", (name, value, expected) => {
		expect(told(name, value)).toBe(expected);
	});
});

describe("openConcealer", () => {
	test("names each secret in place of its value, also without its prefix and URL-encoded", () => {
		vi.stubEnv("INNGEST_API_KEY", "sk-inn-api-abc");
		vi.stubEnv("INNGEST_SIGNING_KEY", "signkey-prod-0123456789abcdef");
		vi.stubEnv("INNGEST_EVENT_KEY", "a+b/c=defg");
		expect(
			openConcealer(VARIABLES)(
				"sk-inn-api-abc signkey-prod-0123456789abcdef 0123456789abcdef a+b/c=defg https://inn.gs/e/a%2Bb%2Fc%3Ddefg other",
			),
		).toBe(
			"[INNGEST_API_KEY] [INNGEST_SIGNING_KEY] [INNGEST_SIGNING_KEY] [INNGEST_EVENT_KEY] https://inn.gs/e/[INNGEST_EVENT_KEY] other",
		);
	});

	test("leaves everything when nothing is set, and values too short to be keys", () => {
		expect(openConcealer(VARIABLES)("status 200")).toBe("status 200");
		vi.stubEnv("INNGEST_EVENT_KEY", "dev");
		expect(openConcealer(VARIABLES)("dev server")).toBe("dev server");
	});
});

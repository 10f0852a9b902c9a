import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { machine, openConcealer, openSecrets, readSettings } from "../../lib/gate/secrets.ts";
import { refusal } from "../../lib/text/errors.ts";

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
		expect(readSettings(machine().env)).toEqual(NONE);
	});

	test("empty and blank count as unset, but for INNGEST_READ_ONLY: only a clear no opens the door", () => {
		for (const blank of ["", "  "]) {
			for (const name of NAMES) vi.stubEnv(name, blank);
			expect(readSettings(machine().env)).toEqual({ ...NONE, readOnly: true });
		}
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
		expect(readSettings(machine().env)).toEqual({
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
		["", true],
		[" ", true],
		['"0"', true],
		["n", true],
		["1", true],
		["true", true],
		["nope", true],
		["flase", true],
	])("INNGEST_READ_ONLY=%s is %s: only a clear no opens the door", (value, readOnly) => {
		vi.stubEnv("INNGEST_READ_ONLY", value);
		expect(readSettings(machine().env).readOnly).toBe(readOnly);
	});
});

describe("openSecrets", () => {
	test("gives a listed secret, trimmed", () => {
		const key = ["sk-inn", "api", "0a1b2c"].join("-");
		vi.stubEnv("INNGEST_API_KEY", ` ${key}\n`);
		expect(openSecrets(machine().env, "list-runs", ["INNGEST_API_KEY"]).get("INNGEST_API_KEY")).toBe(key);
	});

	test("refuses one that the intent does not list, although it is set, but tells that it is set", () => {
		vi.stubEnv("INNGEST_EVENT_KEY", "key");
		const secrets = openSecrets(machine().env, "list-runs", ["INNGEST_API_KEY"]);
		expect(secrets.has("INNGEST_EVENT_KEY")).toBe(true);
		expect(() => secrets.get("INNGEST_EVENT_KEY")).toThrow(
			refusal("list-runs may not use INNGEST_EVENT_KEY", "skill.yaml lists the secrets of each intent."),
		);
	});

	test("an unset or blank one is undefined", () => {
		vi.stubEnv("INNGEST_SIGNING_KEY", " ");
		const secrets = openSecrets(machine().env, "list-runs", ["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"]);
		expect([secrets.has("INNGEST_API_KEY"), secrets.get("INNGEST_SIGNING_KEY")]).toEqual([false, undefined]);
	});

	test("refuses what can't be the key, without saying it", () => {
		vi.stubEnv("INNGEST_API_KEY", "two words");
		expect(() => openSecrets(machine().env, "list-runs", ["INNGEST_API_KEY"]).get("INNGEST_API_KEY")).toThrow(
			refusal(
				"INNGEST_API_KEY contains characters that no key has",
				"Ask the user to set it again: to the key itself, and nothing else.",
			),
		);
	});
});

describe("openConcealer", () => {
	test("names each secret in place of its value, also without its prefix and URL-encoded", () => {
		vi.stubEnv("INNGEST_API_KEY", "sk-inn-api-abc");
		vi.stubEnv("INNGEST_SIGNING_KEY", "signkey-prod-0123456789abcdef");
		vi.stubEnv("INNGEST_EVENT_KEY", "a+b/c=defg");
		expect(
			openConcealer(machine().env)(
				"sk-inn-api-abc signkey-prod-0123456789abcdef 0123456789abcdef a+b/c=defg https://inn.gs/e/a%2Bb%2Fc%3Ddefg other",
			),
		).toBe(
			"[INNGEST_API_KEY] [INNGEST_SIGNING_KEY] [INNGEST_SIGNING_KEY] [INNGEST_EVENT_KEY] https://inn.gs/e/[INNGEST_EVENT_KEY] other",
		);
	});

	test("hides the beginning of a key that contains a prefix elsewhere", () => {
		for (const key of ["team-sk-inn-api-0a1b2c", "team-signkey-prod-0a1b2c", "signkey--0a1b2c3d"]) {
			vi.stubEnv("INNGEST_EVENT_KEY", key);
			expect(openConcealer(machine().env)(`${key.slice(0, 12)}…`)).toBe("[INNGEST_EVENT_KEY]…");
		}
	});

	test("leaves everything when nothing is set, and values that are refused because they are no keys", () => {
		expect(openConcealer(machine().env)("status 200")).toBe("status 200");
		vi.stubEnv("INNGEST_EVENT_KEY", "dev");
		vi.stubEnv("INNGEST_API_KEY", "undefined");
		expect(openConcealer(machine().env)("dev server, undefined")).toBe("dev server, undefined");
	});

	test("does not look again at what it put in", () => {
		// Seen: [[[[[INNGEST_SIGNING_KEY]]]]], for a key that contains the name of its own variable.
		vi.stubEnv("INNGEST_SIGNING_KEY", "INNGEST_SIGNING_KEY");
		expect(openConcealer(machine().env)("INNGEST_SIGNING_KEY is not set")).toBe("INNGEST_SIGNING_KEY is not set");
		vi.stubEnv("INNGEST_SIGNING_KEY", "SIGNING_KEY");
		vi.stubEnv("INNGEST_EVENT_KEY", "INNGEST");
		vi.stubEnv("INNGEST_API_KEY", "G_KEY]");
		expect(openConcealer(machine().env)("a SIGNING_KEY, INNGEST and G_KEY]")).toBe(
			"a [INNGEST_SIGNING_KEY], [INNGEST_EVENT_KEY] and [INNGEST_API_KEY]",
		);
	});

	test("the longest that is there goes: one key may begin as another does", () => {
		vi.stubEnv("INNGEST_API_KEY", "abcdef");
		vi.stubEnv("INNGEST_EVENT_KEY", "abcdefghijklmnop");
		expect(openConcealer(machine().env)("abcdefghijklmnop abcdefghijkl abcdefg xabcdefx")).toBe(
			"[INNGEST_EVENT_KEY] [INNGEST_EVENT_KEY] [INNGEST_API_KEY]g x[INNGEST_API_KEY]x",
		);
	});

	test("hides the key also where it is refused for what stands around it, and as it stands in an address", () => {
		vi.stubEnv("INNGEST_SIGNING_KEY", '"signkey-prod-0123456789abcdef"');
		vi.stubEnv("INNGEST_API_KEY", "INNGEST_API_KEY=0a1b2c3d4e5f");
		vi.stubEnv("INNGEST_EVENT_KEY", "q8Zr+W1k0dE=!");
		const hide = openConcealer(machine().env);
		expect(hide("signkey-prod-0123456789abcdef, 0123456789abcd; 0a1b2c3d4e5f; /e/q8Zr+W1k0dE=%21")).toBe(
			"[INNGEST_SIGNING_KEY], [INNGEST_SIGNING_KEY]; [INNGEST_API_KEY]; /e/[INNGEST_EVENT_KEY]",
		);
	});
});

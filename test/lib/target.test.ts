import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Settings } from "../../lib/gate/secrets.ts";
import { readOrigin, resolveTarget, runAddress, type Target } from "../../lib/gate/target.ts";
import { refusal, UsageError } from "../../lib/text/errors.ts";

const settings = (some: Partial<Settings> = {}): Settings => ({
	environment: undefined,
	baseUrl: undefined,
	dev: undefined,
	readOnly: false,
	proxy: { https: undefined, no: undefined },
	...some,
});
const NO_FLAGS = { dev: false };

const CLOUD = {
	kind: "cloud",
	api: "https://api.inngest.com",
	events: "https://inn.gs",
	environment: undefined,
	label: "Inngest Cloud, the key's environment",
	assumed: false,
	local: false,
};
const DEV = {
	kind: "dev",
	api: "http://localhost:8288",
	events: "http://localhost:8288",
	environment: undefined,
	label: "dev server localhost:8288",
	assumed: false,
	local: true,
};

const NOT_FILLED_IN = ["$", "{INNGEST_DEV}"].join("");

describe("resolveTarget", () => {
	test("a key alone means Inngest Cloud", () => {
		expect(resolveTarget(settings(), NO_FLAGS, true)).toEqual(CLOUD);
	});

	test("nothing set means the dev server, and says that it was assumed", () => {
		expect(resolveTarget(settings(), NO_FLAGS, false)).toEqual({ ...DEV, assumed: true });
	});

	test("INNGEST_BASE_URL means a self-hosted server, with or without a key", () => {
		const there = {
			kind: "self-hosted",
			api: "https://inngest.example.com:8443",
			events: "https://inngest.example.com:8443",
			environment: "staging",
			namedBy: "INNGEST_ENV",
			variable: "INNGEST_BASE_URL",
			label: "self-hosted inngest.example.com:8443",
			assumed: false,
			local: false,
		};
		const given = settings({ baseUrl: "https://Inngest.example.com:8443/", environment: "staging" });
		expect(resolveTarget(given, NO_FLAGS, true)).toEqual(there);
		expect(resolveTarget(given, NO_FLAGS, false)).toEqual(there);
		// Seen: "self-hosted inngest.example.com:8443, staging", although every name shows the same there.
		expect(resolveTarget(given, { dev: false, environment: "qa" }, true).label).toBe(
			"self-hosted inngest.example.com:8443 (no environments)",
		);
	});

	test("a dev server has no environments", () => {
		const label = "dev server localhost:8288 (no environments)";
		expect(resolveTarget(settings(), { dev: true, environment: "production" }, true)).toMatchObject({ label });
		expect(resolveTarget(settings({ environment: "production" }), { dev: true }, true).label).toBe(DEV.label);
	});

	test("--dev and INNGEST_DEV win over everything else", () => {
		const given = { baseUrl: "https://inngest.example.com" };
		expect(resolveTarget(settings(given), { dev: true }, true)).toEqual(DEV);
		const overruled = "INNGEST_BASE_URL is";
		expect(resolveTarget(settings({ ...given, dev: "1" }), NO_FLAGS, true)).toEqual({ ...DEV, overruled });
		expect(resolveTarget(settings({ ...given, dev: "http://127.0.0.1:9000" }), NO_FLAGS, true)).toEqual({
			...{ ...DEV, overruled },
			api: "http://127.0.0.1:9000",
			events: "http://127.0.0.1:9000",
			variable: "INNGEST_DEV",
			label: "dev server 127.0.0.1:9000",
		});
	});

	test.each(["0", "false", "No", "OFF", "n"])("INNGEST_DEV=%s is no dev server", (dev) => {
		expect(resolveTarget(settings({ dev }), NO_FLAGS, true)).toEqual(CLOUD);
	});

	test.each(["1", "true", "Yes", "ON"])("INNGEST_DEV=%s is the dev server's usual address", (dev) => {
		expect(resolveTarget(settings({ dev }), NO_FLAGS, true)).toEqual({ ...DEV, overruled: "the keys are" });
		expect(resolveTarget(settings({ dev }), NO_FLAGS, false)).toEqual(DEV);
	});

	test.each([
		["localhost:3000", "http://localhost:3000", true],
		["LOCALHOST:3000", "http://localhost:3000", true],
		["HTTP://Localhost:3000/", "http://localhost:3000", true],
		["http://inngest:8288", "http://inngest:8288", false],
		["http://host.docker.internal:8288", "http://host.docker.internal:8288", false],
		["https://dev.example.com", "https://dev.example.com", false],
	])("INNGEST_DEV=%s is %s", (dev, api, local) => {
		const there = { kind: "dev", api, variable: "INNGEST_DEV", assumed: false, local };
		expect(resolveTarget(settings({ dev }), NO_FLAGS, true)).toMatchObject(there);
	});

	// Seen: each of them silently meant localhost:8288, even for changes.
	const NEITHER = ['"0"', "'false'", '"1"', "null", NOT_FILLED_IN, "8588", "undefined", "y", "never", "-1"];
	test.each([...NEITHER, "127.0.0.1:8288", "inngest:8288", "localhost", "localhost:3000/x", "file:///x"])(
		"INNGEST_DEV=%s is refused, also with --dev",
		(dev) => {
			const told = refusal(
				"INNGEST_DEV is not 1, 0, localhost:PORT or a URL",
				"Ask the user to set it to one of these, without quotes, or to unset it.",
			);
			expect(() => resolveTarget(settings({ dev }), NO_FLAGS, true)).toThrow(told);
			expect(() => resolveTarget(settings({ dev }), { dev: true }, false)).toThrow(told);
		},
	);

	test("whatever else INNGEST_DEV is, it is refused: only what is listed decides where a call goes", () => {
		fc.assert(
			fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (text) => {
				const dev = text.trim();
				fc.pre(dev !== "" && !/^(1|true|yes|on|0|false|no|off|n|localhost:\d{1,5}|https?:\/\/.*)$/is.test(dev));
				expect(() => resolveTarget(settings({ dev }), NO_FLAGS, true)).toThrow(UsageError);
			}),
		);
	});

	test("--env wins over INNGEST_ENV, and is named", () => {
		const flags = { dev: false, environment: "branch/a" };
		expect(resolveTarget(settings({ environment: "production" }), flags, true)).toEqual({
			...CLOUD,
			environment: "branch/a",
			namedBy: "--env",
			label: "Inngest Cloud, branch/a",
		});
	});

	test.each(["EU Staging", "feature/#12", "fix(ui)", "Prüfung 生産", "x".repeat(200)])(
		"names are free text: %s",
		(environment) => {
			expect(resolveTarget(settings({ environment }), NO_FLAGS, true)).toMatchObject({ environment });
			expect(resolveTarget(settings(), { dev: false, environment: ` ${environment} ` }, true)).toMatchObject({
				environment,
				namedBy: "--env",
			});
		},
	);

	test.each([
		NOT_FILLED_IN,
		'"production"',
		'""',
		"'qa'",
		"undefined",
		"null",
		"$INNGEST_ENV",
		"INNGEST_ENV=qa",
		"{{env}}",
	])("INNGEST_ENV=%s is no name, unless it is typed", (environment) => {
		expect(() => resolveTarget(settings({ environment }), NO_FLAGS, true)).toThrow(
			"INNGEST_ENV does not name an environment; nothing was sent.",
		);
		expect(resolveTarget(settings(), { dev: false, environment }, true)).toMatchObject({ environment });
		// The intent that lists names runs anyway.
		expect(resolveTarget(settings({ environment }), NO_FLAGS, true, true).kind).toBe("cloud");
	});

	test.each([
		...["my $INNGEST_ENV", "the INNGEST_ENV", "INNGEST_ENV of Bo", "INNGEST_2", "INNGEST_"],
		...["Bo's 'own'", "'a' and b", "not null", "nullable", "undefined yet"],
	])("INNGEST_ENV=%s only contains what looks unfilled", (environment) => {
		expect(resolveTarget(settings({ environment }), NO_FLAGS, true)).toMatchObject({ environment });
	});

	test.each(["", "  ", "a\r\nx-evil: 1", "a\u202eb", "x".repeat(201)])("no name: %j", (environment) => {
		const told = (by: string) => refusal(`${by} does not name an environment`, "`list-envs` shows the names.");
		expect(() => resolveTarget(settings({ environment: "a" }), { dev: false, environment }, true)).toThrow(
			told("--env"),
		);
		expect(() => resolveTarget(settings({ environment }), NO_FLAGS, true)).toThrow(told("INNGEST_ENV"));
		expect(resolveTarget(settings({ environment }), NO_FLAGS, true, true).kind).toBe("cloud");
	});
});

describe("readOrigin", () => {
	const ORIGIN = "is not an http(s) origin: scheme, host and port, without quotes, credentials or a path";
	test("this machine's addresses in other spellings", () => {
		const at = (url: string) => readOrigin("INNGEST_BASE_URL", url).origin;
		expect(["http://[::ffff:127.0.0.1]", "http://0x7f.1", "http://2130706433", "http://127.1"].map(at)).toEqual([
			"http://[::ffff:7f00:1]",
			...["http://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1"],
		]);
	});

	test.each([
		"http://localhost:1",
		"http://127.0.0.1",
		"http://127.9.9.9:1",
		"http://[::1]:8288",
		"http://a.localhost",
		"http://a.b.localhost:3000",
		"http://127.0.0.2",
		"http://[::ffff:7f00:1]",
	])("plain HTTP is allowed to %s", (origin) => {
		expect(readOrigin("INNGEST_BASE_URL", origin).origin).toBe(origin);
	});

	test.each([
		["inngest.example.com", ORIGIN],
		[`https://${NOT_FILLED_IN}`, ORIGIN],
		['"https://inngest.example.com"', ORIGIN],
		["$INNGEST_URL", ORIGIN],
		["undefined", ORIGIN],
		["localhost:8288", ORIGIN],
		["file:///etc/passwd", ORIGIN],
		["https://user:secret@inngest.example.com", ORIGIN],
		["https://user:secret@inngest.example.com/api", ORIGIN],
	])("refuses %s", (value, why) => {
		expect(() => readOrigin("INNGEST_BASE_URL", value)).toThrow(
			refusal(`INNGEST_BASE_URL ${why}`, "Set it to an origin such as https://inngest.example.com."),
		);
	});

	test.each(["/api", "/v1", "/api/v2/", "//", "?a=1", "#a"])(
		"refuses https://…%s, and says what it must be",
		(more) => {
			expect(() => readOrigin("INNGEST_BASE_URL", `https://inngest.example.com${more}`)).toThrow(
				refusal(`INNGEST_BASE_URL ${ORIGIN}`, "Set it to an origin such as https://inngest.example.com."),
			);
		},
	);

	// Includes names of Docker Compose and of a cluster.
	test.each([
		...["http://inngest.example.com", "http://localhost.evil.example", "http://127.0.0.1.evil.example"],
		...["http://[::ffff:10.0.0.1]", "http://notlocalhost", "http://0.0.0.0:8288", "http://169.254.169.254"],
		...["http://inngest:8288", "http://host.docker.internal:8288", "http://192.168.1.10:8288"],
	])("refuses %s, and says how it can be reached", (value) => {
		expect(() => readOrigin("INNGEST_BASE_URL", value)).toThrow(
			refusal(
				"INNGEST_BASE_URL must use https: plain HTTP is allowed only to this machine",
				"Set it to the server's https address, or to http://localhost:8288 through a tunnel; a dev server's goes in INNGEST_DEV.",
			),
		);
	});
});

describe("the page of a run", () => {
	const at = (some: Partial<Target>) => runAddress({ ...DEV, ...CLOUD, ...some, kind: some.kind ?? "cloud" }, "01M8");
	test.each<[what: string, target: Partial<Target>, page: string | undefined]>([
		["a dev server's own", { kind: "dev", api: "http://localhost:8288" }, "http://localhost:8288/run?runID=01M8"],
		[
			"a self-hosted server's own",
			{ kind: "self-hosted", api: "https://inngest.example.com" },
			"https://inngest.example.com/run?runID=01M8",
		],
		[
			"production's, where it is proven",
			{ environment: "Production", proven: true },
			"https://app.inngest.com/env/production/runs/01M8",
		],
		["none, where it is not", { environment: "production" }, undefined],
		["none of another environment, whose slug is not known", { environment: "EU Staging", proven: true }, undefined],
		["none of a key's own environment", { proven: false }, undefined],
	])("is %s", (_, target, page) => {
		expect(at(target)).toBe(page);
	});
});

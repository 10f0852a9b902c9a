import { describe, expect, test } from "vitest";
import {
	doubtText,
	type Environment,
	environmentText,
	findEnvironment,
	headerOf,
	nameText,
	notFound,
	otherText,
	type Scope,
	scopeOf,
	standingOf,
	unlikeText,
} from "../../lib/gate/environment.ts";

const id = (n: number) => `0b9f8e7d-0000-4000-8000-00000000000${n}`;
const env = (n: number, name: string, type = "TEST", archived = false): Environment => ({
	id: id(n),
	name,
	type,
	archived,
});
const PRODUCTION = env(1, "Production", "PRODUCTION");
const STAGING = env(2, "EU Staging");
const BRANCH = env(3, "feature/#12", "BRANCH");
const FIX = env(4, "fix(ui)", "BRANCH");
const ALL = [PRODUCTION, STAGING, BRANCH, FIX];

test("a long name is cut", () => {
	expect([nameText("x".repeat(60)), nameText("x".repeat(61))]).toEqual(["x".repeat(60), `${"x".repeat(60)}… (61 B)`]);
});

test("a key's kind says which environments it may be for", () => {
	const key = (kind: string) => `signkey-${kind}-0a1b`;
	const unread = () => {
		throw new Error("It is not needed.");
	};
	expect([
		scopeOf("INNGEST_API_KEY", unread),
		...["prod", "branch", "test", "staging"].map((kind) => scopeOf("INNGEST_SIGNING_KEY", () => key(kind))),
		scopeOf("INNGEST_SIGNING_KEY", () => "0a1b"),
		scopeOf("INNGEST_SIGNING_KEY", () => ` ${key("prod")}`),
		scopeOf("INNGEST_EVENT_KEY", unread),
	]).toEqual(["any", "production", "branches", "test", "one", "one", "one", "one"]);
});

describe("a key's environment and the one that is named", () => {
	const cases: [Scope, string, Environment | undefined, string | undefined, string][] = [
		["any", "x", undefined, undefined, "same"],
		["any", "x", STAGING, id(1), "same"],
		["production", "production", undefined, undefined, "same"],
		["production", "Production", undefined, undefined, "same"],
		["production", "staging", undefined, undefined, "production"],
		["production", id(1), undefined, undefined, "unknown"],
		["production", id(1), PRODUCTION, undefined, "same"],
		["production", "staging", STAGING, undefined, "production"],
		["production", "feature/#12", BRANCH, id(3), "production"],
		["branches", "feature/#12", undefined, undefined, "unknown"],
		["branches", "production", undefined, undefined, "branches"],
		["branches", "feature/#12", BRANCH, undefined, "same"],
		["branches", "EU Staging", STAGING, undefined, "branches"],
		["test", "production", undefined, undefined, "test"],
		["test", "prod", PRODUCTION, id(1), "test"],
		["test", "EU Staging", STAGING, undefined, "unknown"],
		["test", "EU Staging", STAGING, id(2), "same"],
		["test", "EU Staging", STAGING, id(2).toUpperCase(), "same"],
		["test", "EU Staging", STAGING, id(3), "another"],
		["test", "EU Staging", undefined, id(2), "unknown"],
		["test", id(2), undefined, id(2), "same"],
		["test", id(2), undefined, id(3), "another"],
		["test", "production", { ...PRODUCTION, id: "" }, id(3), "test"],
		["one", "production", PRODUCTION, undefined, "unknown"],
		["one", "production", PRODUCTION, id(1), "same"],
		["one", "production", { ...PRODUCTION, id: "" }, id(1), "unknown"],
		["one", "EU Staging", STAGING, id(1), "another"],
	];
	test.each(cases)("%s, named %s (%o), seen %s: %s", (scope, named, environment, seen, told) => {
		const standing = standingOf(scope, { named, environment, seen });
		expect(standing.kind === "other" ? standing.of : standing.kind).toBe(told);
	});
});

describe("finding an environment", () => {
	test.each([
		["Production", PRODUCTION],
		["production", PRODUCTION],
		[id(1), PRODUCTION],
		[id(2).toUpperCase(), STAGING],
		["EU Staging", STAGING],
		["eu-staging", STAGING],
		["feature/#12", BRANCH],
		["feature-12", BRANCH],
		["fix(ui)", FIX],
		["fix-ui", FIX],
		["***", env(7, "***")],
	])("%s", (named, environment) => {
		expect(findEnvironment([...ALL, env(7, "***"), env(8, "###")], named)).toEqual({ kind: "found", environment });
	});

	test("one that is not there, with the nearest", () => {
		expect(findEnvironment(ALL, "EU Stagin")).toEqual({ kind: "unknown", near: STAGING });
		expect(findEnvironment(ALL, "PRODUCTIN")).toEqual({ kind: "unknown", near: PRODUCTION });
		expect(findEnvironment(ALL, "zzz")).toEqual({ kind: "unknown", near: undefined });
		expect(findEnvironment([], "x")).toEqual({ kind: "unknown", near: undefined });
	});

	test("two of one name, or of one slug, are not chosen between; an archived one does not count beside a live one", () => {
		const twin = env(5, "eu staging");
		expect(findEnvironment([...ALL, twin], "EU Staging")).toEqual({ kind: "ambiguous", candidates: [STAGING, twin] });
		expect(findEnvironment([...ALL, twin], id(5))).toEqual({ kind: "found", environment: twin });
		const old = { ...twin, archived: true };
		// Its id names it without doubt.
		expect(findEnvironment([old, ...ALL], "EU Staging")).toEqual({
			kind: "found",
			environment: { ...STAGING, shared: true },
		});
		expect(findEnvironment([old], "EU Staging")).toEqual({ kind: "found", environment: old });
	});

	test("production is there, although the list may be of custom environments alone", () => {
		expect(findEnvironment([STAGING], "production")).toEqual({
			kind: "found",
			environment: { id: "", name: "production", type: "PRODUCTION", archived: false },
		});
		expect(findEnvironment([env(1, "Live", "PRODUCTION")], "production")).toMatchObject({ kind: "unknown" });
	});

	test.each([
		["production", undefined, "production"],
		["production", env(1, "Production", "PRODUCTION"), "production"],
		["PRODUCTION", env(1, "Production", "PRODUCTION"), "Production"],
		["EU Staging", undefined, "EU Staging"],
		["eu-staging", STAGING, "eu-staging"],
		["EU STAGING", STAGING, "EU Staging"],
		[id(2), STAGING, id(2)],
		[id(2).toUpperCase(), STAGING, id(2)],
		["EU Staging", { ...STAGING, shared: true }, id(2)],
		// With its key, another name might make another branch.
		["fix-ui", env(4, "fix(ui)", "BRANCH"), "fix(ui)"],
		["Prüfung", undefined, undefined],
		["Prüfung", env(6, "Prüfung"), id(6)],
		["prüfung", { ...env(6, "Prüfung"), id: "" }, undefined],
	])(
		"X-Inngest-Env for %s: the name or slug that is typed, else the name that is listed, or the id",
		(named, one, says) => expect(headerOf(named, one)).toBe(says),
	);
});

test("what is said", () => {
	const naming = { text: "EU Staging", by: "INNGEST_ENV" } as const;
	expect([
		environmentText(PRODUCTION),
		environmentText({ ...STAGING, archived: true }),
		environmentText({ ...STAGING, id: "" }),
		...notFound({ kind: "unknown", near: STAGING }, { text: "EU Stagin", by: "--env" }),
		...notFound({ kind: "unknown", near: undefined }, { text: "zzz", by: "INNGEST_ENV" }),
		...notFound({ kind: "ambiguous", candidates: [STAGING, env(5, "eu staging")] }, naming),
		...(["production", "branches", "test", "another"] as const).map(
			(of) => otherText("INNGEST_SIGNING_KEY", of, naming, true)[0],
		),
		otherText("INNGEST_SIGNING_KEY", "production", naming, false)[1],
		otherText("INNGEST_SIGNING_KEY", "production", naming, true)[1],
		...unlikeText("INNGEST_EVENT_KEY", "staging", "production"),
		doubtText("INNGEST_EVENT_KEY", naming),
	]).toMatchInlineSnapshot(`
		[
		  "Production PRODUCTION, id 0b9f8e7d-0000-4000-8000-000000000001",
		  "«EU Staging» TEST, id 0b9f8e7d-0000-4000-8000-000000000002, archived",
		  "«EU Staging» TEST",
		  "No environment is called EU Stagin (--env); nothing was done.",
		  "Did you mean «EU Staging» TEST, id 0b9f8e7d-0000-4000-8000-000000000002? \`list-envs\` shows all.",
		  "No environment is called zzz (INNGEST_ENV); nothing was done.",
		  "\`list-envs\` shows all.",
		  "Several environments are called EU Staging (INNGEST_ENV); nothing was done.",
		  "Give its id: «EU Staging» TEST, id 0b9f8e7d-0000-4000-8000-000000000002; «eu staging» TEST, id 0b9f8e7d-0000-4000-8000-000000000005.",
		  "INNGEST_SIGNING_KEY is production's (signkey-prod-), and INNGEST_ENV names EU Staging; it was not used.",
		  "INNGEST_SIGNING_KEY is for branch environments (signkey-branch-), and INNGEST_ENV names EU Staging; it was not used.",
		  "INNGEST_SIGNING_KEY is not production's (signkey-test-), and INNGEST_ENV names EU Staging; it was not used.",
		  "INNGEST_SIGNING_KEY belongs to another environment, and INNGEST_ENV names EU Staging; it was not used.",
		  "The user can set the key of EU Staging, or an account-wide INNGEST_API_KEY, which works for the environment that a call names.",
		  "Events are read with the signing key of their environment: the user can set that of EU Staging.",
		  "--env names staging, INNGEST_ENV names production, and nothing shows which of them INNGEST_EVENT_KEY belongs to; nothing was sent.",
		  "INNGEST_EVENT_KEY decides where it goes. The user can set the key and INNGEST_ENV of staging, or an account-wide INNGEST_API_KEY, with which \`send-event\` sends to the environment that a call names.",
		  "INNGEST_EVENT_KEY decides where this goes: nothing shows that it belongs to EU Staging, which INNGEST_ENV names.",
		]
	`);
});

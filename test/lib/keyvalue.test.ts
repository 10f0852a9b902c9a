import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeKey, keyFault } from "../../lib/gate/secrets.ts";

/** Invented, and split, like everything here that looks like a key. */
const API = ["sk-inn", "api", "0a1b2c3d4e5f"].join("-");
const SIGNING = ["signkey", "prod", "5ca1ab1e0b5e55ed"].join("-");

const unfilled = (name: string): string => ["$", `{${name}}`].join("");

const TEXTS: Record<string, string> = {
	quoted: "is in quotes",
	assignment: "contains a whole line, NAME=value",
	placeholder: "contains a placeholder, not a key",
	characters: "contains characters that no key has",
	"an API key": "holds INNGEST_API_KEY's key",
	"a signing key": "holds INNGEST_SIGNING_KEY's key",
	short: "is too short for a key",
	slash: "contains a /, which no event key has",
};

describe("what a key can't be", () => {
	test.each([
		// Seen to be sent as keys.
		["INNGEST_SIGNING_KEY", "placeholder"],
		[unfilled("INNGEST_SIGNING_KEY"), "placeholder"],
		[unfilled("NAME"), "placeholder"],
		["undefined", "placeholder"],
		["SecretRef:env:INNGEST_SIGNING_KEY", "placeholder"],
		["INNGEST_SIGNING_KEY=5ca1ab1e0b5e55ed", "assignment"],
		[`"${SIGNING}"`, "quoted"],
		["0a1b", "short"],
		// Similar ones.
		["$INNGEST_SIGNING_KEY", "placeholder"],
		["%INNGEST_SIGNING_KEY%", "placeholder"],
		["{{INNGEST_SIGNING_KEY}}", "placeholder"],
		["{{ inngest.key }}", "placeholder"],
		[unfilled("SIGNING_KEY:-"), "placeholder"],
		[`prefix-${unfilled("NAME")}`, "placeholder"],
		["$(cat key)", "placeholder"],
		["$MY_KEY", "placeholder"],
		["%KEY%", "placeholder"],
		["<signing key>", "placeholder"],
		["<key>", "placeholder"],
		["[object Object]", "placeholder"],
		['{"source":"env","id":"INNGEST_SIGNING_KEY"}', "placeholder"],
		["__OPENCLAW_REDACTED__", "placeholder"],
		["secretref-env:INNGEST_SIGNING_KEY", "placeholder"],
		["op://vault/inngest/key", "placeholder"],
		["env:INNGEST_SIGNING_KEY", "placeholder"],
		["arn:aws:secretsmanager:eu:1:secret:x", "placeholder"],
		["null", "placeholder"],
		["None", "placeholder"],
		["true", "placeholder"],
		["changeme", "placeholder"],
		["your-signing-key", "placeholder"],
		["signkey-prod-xxxxxxxx", "placeholder"],
		["********", "placeholder"],
		["INNGEST_SIGNING_KEY=", "placeholder"],
		["export INNGEST_SIGNING_KEY=5ca1ab1e", "assignment"],
		["SIGNING_KEY=5ca1ab1e", "assignment"],
		[`'${SIGNING}'`, "quoted"],
		[`\u201c${SIGNING}\u201d`, "quoted"],
		[`${SIGNING}"`, "quoted"],
		['""', "quoted"],
		["two words", "characters"],
		["a\r\nx-evil: 1", "characters"],
		["clé12345", "characters"],
		["..........", "placeholder"],
		["back\\slash", "characters"],
		["x1".repeat(251), "characters"],
		["signkey-prod-5ca1", "short"],
		[API, "an API key"],
		// Keys.
		[SIGNING, undefined],
		["5ca1ab1e0b5e55ed", undefined],
		["0a1b2c", undefined],
		["INNGEST", undefined],
	])("as a signing key: %j", (value, kind) => {
		expect(keyFault("INNGEST_SIGNING_KEY", value)).toBe(kind && TEXTS[kind]);
	});

	test.each([
		["q8Zr+W1k0dE==", undefined],
		["ABC_DEF=", undefined],
		["$&;+=@:", undefined],
		["local-key", undefined],
		["my-signkey-prod", undefined],
		["nullable", undefined],
		["envoy1", undefined],
		["test-event-key", undefined],
		["a/b/c/d", "slash"],
		["test", "short"],
		["dev", "short"],
		[SIGNING, "a signing key"],
		[API, "an API key"],
		["sk-inn-api", "an API key"],
	])("as an event key: %j", (value, kind) => {
		expect(keyFault("INNGEST_EVENT_KEY", value)).toBe(kind && TEXTS[kind]);
	});

	test("as an API key", () => {
		expect(keyFault("INNGEST_API_KEY", API)).toBeUndefined();
		expect(keyFault("INNGEST_API_KEY", SIGNING)).toBe("holds INNGEST_SIGNING_KEY's key");
	});

	test("a value in quotes, in a placeholder or with a name before it is never taken", () => {
		const plain = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
		const around = fc.constantFrom(["${", "}"], ["{{", "}}"], ['"', '"'], ["'", "'"], ["<", ">"], ["INNGEST_X=", "a"]);
		fc.assert(
			fc.property(plain, around, (value, [before, after]) => {
				expect(keyFault("INNGEST_EVENT_KEY", `${before}${value}${after}`)).toBeDefined();
			}),
		);
	});
});

describe("an event key in an address", () => {
	test.each([
		// Seen: percent-encoded, 401.
		["q8Zr+W1k0dE==", "q8Zr+W1k0dE=="],
		["$&;+=@:,", "$&;+=@:,"],
		["a-b_c.d~e", "a-b_c.d~e"],
		["a%b", "a%25b"],
		["a?b#c", "a%3Fb%23c"],
		["!'()*", "%21%27%28%29%2A"],
		["a|b^c`d{e}", "a%7Cb%5Ec%60d%7Be%7D"],
	])("%j", (key, encoded) => {
		expect(encodeKey(key)).toBe(encoded);
	});

	test("it is one part of a path, and decodes to the key", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[!-.0-~]{2,60}$/), (key) => {
				fc.pre(!/^\.+$/.test(key));
				const { pathname, search, hash } = new URL(`https://inngest.example.com/e/${encodeKey(key)}`);
				expect([decodeURIComponent(pathname), search, hash]).toEqual([`/e/${key}`, "", ""]);
			}),
		);
	});
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeKey, keyFault, keyFaultText } from "../../lib/gate/secrets.ts";

/** Invented, and in parts, as is everything that looks like a key here. */
const API = ["sk-inn", "api", "0a1b2c3d4e5f"].join("-");
const SIGNING = ["signkey", "prod", "5ca1ab1e0b5e55ed"].join("-");

const unfilled = (name: string): string => ["$", `{${name}}`].join("");

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
		// Their neighbours.
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
		[API, "mistaken"],
		// Keys.
		[SIGNING, undefined],
		["5ca1ab1e0b5e55ed", undefined],
		["0a1b2c", undefined],
		["INNGEST", undefined],
	])("as a signing key: %j", (value, kind) => {
		expect(keyFault("INNGEST_SIGNING_KEY", value)?.kind).toBe(kind);
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
		[SIGNING, "mistaken"],
		[API, "mistaken"],
		["sk-inn-api", "mistaken"],
	])("as an event key: %j", (value, kind) => {
		expect(keyFault("INNGEST_EVENT_KEY", value)?.kind).toBe(kind);
	});

	test("as an API key", () => {
		expect(keyFault("INNGEST_API_KEY", API)).toBeUndefined();
		expect(keyFault("INNGEST_API_KEY", SIGNING)).toEqual({
			kind: "mistaken",
			what: "a signing key",
			home: "INNGEST_SIGNING_KEY",
		});
	});

	test("what is said of each", () => {
		const name = "INNGEST_EVENT_KEY";
		const kinds = ["quoted", "assignment", "placeholder", "characters", "short", "slash"] as const;
		const told = [...kinds.map((kind) => keyFaultText(name, { kind }))];
		told.push(keyFaultText(name, { kind: "mistaken", what: "an API key", home: "INNGEST_API_KEY" }));
		expect(told.map((one) => one.join("\n")).join("\n")).toMatchInlineSnapshot(`
			"INNGEST_EVENT_KEY is in quotes
			Ask the user to set it again, without them.
			INNGEST_EVENT_KEY contains a whole line, NAME=value
			Ask the user to set it again, to what follows the =.
			INNGEST_EVENT_KEY contains a placeholder, not a key
			It was not filled in. Ask the user to set it again, to the key itself.
			INNGEST_EVENT_KEY contains characters that no key has
			Ask the user to set it again, without spaces or line breaks.
			INNGEST_EVENT_KEY is too short for a key
			It could not be masked. Ask the user to set it again, to one of 6 characters or more.
			INNGEST_EVENT_KEY contains a /, which no server accepts in an event key
			Ask the user to set it again, to a key without one.
			INNGEST_EVENT_KEY holds an API key
			Ask the user to set INNGEST_EVENT_KEY again; that key is for INNGEST_API_KEY."
		`);
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

import { describe, expect, test } from "vitest";
import { ServerError, UsageError, type Where } from "../../lib/text/errors.ts";
import { isLasting, NoAnswer, unanswered } from "../../lib/wire/unanswered.ts";

const cloud: Where = { kind: "cloud", label: "Inngest Cloud, production", api: "v2", assumed: false };
const own: Where = { kind: "self-hosted", label: "self-hosted i.example", api: "v2", assumed: false };
const dev: Where = { kind: "dev", label: "dev server localhost:8288", api: "v2", assumed: false };

const failed = (code: string | undefined, message = "no", some: object = {}) =>
	Object.assign(new Error(message), code === undefined ? {} : { code }, some);
/** What is told, without the server's name. */
function told(why: Error, where: Where = own, sent = false) {
	const error = unanswered(where, new NoAnswer(why, sent), true);
	return [error.message.replace(`${where.label} `, ""), error.next];
}

const BETWEEN = "Possible: a proxy, or a network's login page, answers in its place.";
const NETWORK = "Check the network and INNGEST_BASE_URL; behind a proxy set HTTPS_PROXY.";
const CA = "For a private CA, or a proxy that looks into TLS, set NODE_EXTRA_CA_CERTS to the CA's file.";
const NOT_ACCEPTED = "Its certificate is not accepted here: ask whoever runs the server.";
const ELSE = "Something else answers there: check the port of INNGEST_BASE_URL, and whether it is http or https.";

describe("what happened, and what to do", () => {
	test.each<[string, string, string]>([
		[
			"CERT_HAS_EXPIRED",
			"can't be reached: its certificate has expired.",
			"Whoever runs the server has to renew it; if that was done, this machine's clock is wrong.",
		],
		[
			"CERT_NOT_YET_VALID",
			"can't be reached: its certificate is not valid yet.",
			"Check this machine's clock: it may be behind.",
		],
		[
			"ERR_TLS_CERT_ALTNAME_INVALID",
			"can't be reached: its certificate is for another name.",
			"Set INNGEST_BASE_URL to a name that the certificate is for.",
		],
		...[
			"DEPTH_ZERO_SELF_SIGNED_CERT",
			"SELF_SIGNED_CERT_IN_CHAIN",
			"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
			"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
			"CERT_UNTRUSTED",
		].map((code): [string, string, string] => [
			code,
			"can't be reached: its certificate is from a CA that is unknown here.",
			CA,
		]),
		...["CERT_REVOKED", "CERT_REJECTED", "CERT_SIGNATURE_FAILURE", "INVALID_PURPOSE", "INVALID_CA"].map(
			(code): [string, string, string] => [code, `can't be reached: ${code}.`, NOT_ACCEPTED],
		),
		[
			"ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
			"can't be reached: it asks for a client's certificate.",
			"This skill has none to give: reach the server another way.",
		],
		...["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "HPE_INVALID_CONSTANT"].map((code): [string, string, string] => [
			code,
			`can't be reached: ${code}.`,
			ELSE,
		]),
		["EACCES", "can't be reached: EACCES.", "A firewall or a sandbox on this machine forbids it."],
		["EPERM", "can't be reached: EPERM.", "A firewall or a sandbox on this machine forbids it."],
		...["EMFILE", "EADDRNOTAVAIL"].map((code): [string, string, string] => [
			code,
			`can't be reached: ${code}.`,
			"This machine has no connection to spare: end what holds them, then try again.",
		]),
		["ECONNREFUSED", "does not answer.", NETWORK],
		...["EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "ECONNRESET"].map((code): [string, string, string] => [
			code,
			`can't be reached: ${code}.`,
			NETWORK,
		]),
	])("%s", (code, what, next) => {
		expect(told(failed(code))).toEqual([what, next]);
	});

	test("the names that a certificate is for are told, as a stranger's text; on Cloud there is nothing to set", () => {
		const cert = { subjectaltname: "DNS:other.example, DNS:*.x\n" };
		const why = failed("ERR_TLS_CERT_ALTNAME_INVALID", "no", { cert });
		expect([told(why), told(why, cloud), told(why, dev)]).toEqual([
			[
				"can't be reached: its certificate is for another name: «other.example, *.x\\n».",
				"Set INNGEST_BASE_URL to a name that the certificate is for.",
			],
			["can't be reached: its certificate is for another name: «other.example, *.x\\n».", BETWEEN],
			[
				"can't be reached: its certificate is for another name: «other.example, *.x\\n».",
				"Set INNGEST_DEV to a name that the certificate is for.",
			],
		]);
	});

	test("a proxy that fails: what to do is about the proxy", () => {
		expect([
			told(failed(undefined, "HTTPS_PROXY failed: connect ECONNREFUSED 127.0.0.1:1"), cloud),
			told(failed(undefined, "HTTPS_PROXY answered 407"), cloud),
		]).toEqual([
			[
				"can't be reached: HTTPS_PROXY failed: connect ECONNREFUSED 127.0.0.1:1.",
				"Check HTTPS_PROXY; NO_PROXY can except the server.",
			],
			["can't be reached: HTTPS_PROXY answered 407.", "HTTPS_PROXY must hold the proxy's user and password."],
		]);
	});

	test("an answer that is of no use", () => {
		expect(
			[
				"an answer of more than 64 MiB",
				"an answer in an encoding that was not asked for: br",
				"an answer that can't be unpacked",
			].map((one) => told(failed(undefined, one))),
		).toEqual([
			["gave an answer of more than 64 MiB.", "Ask for less: a smaller --limit, or a narrower --since and --until."],
			["gave an answer in an encoding that was not asked for: br.", BETWEEN],
			["gave an answer that can't be unpacked.", NETWORK],
		]);
	});

	test("a dev server that was only assumed names the ways out; one that was chosen, its variable", () => {
		expect([told(failed("ECONNREFUSED"), { ...dev, assumed: true }), told(failed("ECONNREFUSED"), dev)]).toEqual([
			[
				"does not answer.",
				"No key and no server is configured, so the dev server was tried. Start one with `inngest dev`, or set INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).",
			],
			["does not answer.", "Is `inngest dev` running there? INNGEST_DEV can hold its URL."],
		]);
	});

	test("a time-out", () => {
		expect(told(Object.assign(new Error("x"), { name: "TimeoutError" }))).toEqual([
			"did not answer in time.",
			"Try again, with a longer --timeout if need be.",
		]);
	});

	test("what is the skill's own stays what it is; what nobody knows is told, and was not sent", () => {
		const refused = new UsageError("no; nothing was sent.", "n");
		expect(unanswered(own, refused, true)).toBe(refused);
		expect(unanswered(own, "odd", true)).toMatchObject({
			message: "self-hosted i.example can't be reached: unknown.",
			unclear: false,
		});
	});
});

describe("what may have been carried out", () => {
	const isUnclear = (code: string, sent: boolean, changes = true) => {
		const error = unanswered(own, new NoAnswer(failed(code), sent), changes);
		return error instanceof ServerError && error.unclear;
	};
	test("is what changes something and was written to a connection that stood", () => {
		for (const code of ["ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "EPIPE", "EPROTO", "HPE_INVALID_CONSTANT"])
			expect([code, isUnclear(code, true), isUnclear(code, false), isUnclear(code, true, false)]).toEqual([
				code,
				true,
				false,
				false,
			]);
	});
	test("is nothing to a server that is not there", () => {
		for (const code of ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"])
			expect(isUnclear(code, true)).toBe(false);
	});
});

test.each([
	...["ECONNREFUSED", "ENOTFOUND", "CERT_HAS_EXPIRED", "CERT_REVOKED", "SELF_SIGNED_CERT_IN_CHAIN", "EPROTO", "EACCES"],
	...["HTTPS_PROXY answered 407", "HTTPS_PROXY failed: x", "an answer of more than 64 MiB"],
	"an answer in an encoding that was not asked for: br",
])("%s is the same a moment later", (reason) => {
	expect(isLasting(reason)).toBe(true);
});
test.each([
	...[
		"ECONNRESET",
		"EHOSTUNREACH",
		"ENETUNREACH",
		"EAI_AGAIN",
		"EMFILE",
		"timeout",
		"an answer that can't be unpacked",
	],
])("%s may pass", (reason) => {
	expect(isLasting(reason)).toBe(false);
});

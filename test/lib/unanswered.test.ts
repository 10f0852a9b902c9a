import { describe, expect, test } from "vitest";
import { refusal, ServerError, type Where } from "../../lib/text/errors.ts";
import { isLasting, unanswered } from "../../lib/wire/answer.ts";
import type { NoReply } from "../../lib/wire/http.ts";

const cloud: Where = { kind: "cloud", label: "Inngest Cloud, production", api: "v2", assumed: false };
const own: Where = {
	kind: "self-hosted",
	label: "self-hosted i.example",
	api: "v2",
	assumed: false,
	variable: "INNGEST_BASE_URL",
};
const dev: Where = { kind: "dev", label: "dev server localhost:8288", api: "v2", assumed: false };

const failed = (code: string | undefined, message = "no", some: object = {}): NoReply =>
	Object.assign(new Error(message), code === undefined ? {} : { code }, some);
/** The text without the server's name. */
function told(why: NoReply, where: Where = own) {
	const error = unanswered(where, why, true);
	return [error.message.replace(`${where.label} `, ""), error.next];
}

const BETWEEN =
	"Possible: a proxy or a login page of this network answered in its place. Check the network and HTTPS_PROXY.";
const NETWORK = "Check the network and INNGEST_BASE_URL; behind a proxy set HTTPS_PROXY.";
const CA = "For a private CA, or a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to the CA's file.";
const NOT_ACCEPTED = "Its certificate is not accepted here: ask whoever runs the server.";
const ELSE = "Something else answers there: check the port of INNGEST_BASE_URL, and whether it is http or https.";

describe("what happened, and what to do", () => {
	test.each<[string, string, string]>([
		[
			"CERT_HAS_EXPIRED",
			"can't be reached: its certificate has expired.",
			"Whoever runs the server must renew it; if they have, this machine's clock is wrong.",
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
		].map((code): [string, string, string] => [code, "can't be reached: its certificate is from an unknown CA.", CA]),
		...[
			"CERT_REVOKED",
			"CERT_REJECTED",
			"CERT_SIGNATURE_FAILURE",
			"INVALID_PURPOSE",
			"INVALID_CA",
			"UNABLE_TO_GET_CRL",
			"PATH_LENGTH_EXCEEDED",
			"HOSTNAME_MISMATCH",
		].map((code): [string, string, string] => [code, `can't be reached: ${code}.`, NOT_ACCEPTED]),
		...["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE"].map(
			(code): [string, string, string] => [
				code,
				"can't be reached: it requires a client certificate.",
				"This skill has none: reach the server another way.",
			],
		),
		["HPE_INVALID_CONSTANT", "can't be reached: what answers there is not HTTP/1.1.", ELSE],
		...["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER"].map((code): [string, string, string] => [
			code,
			`can't be reached: ${code}.`,
			ELSE,
		]),
		["EACCES", "can't be reached: EACCES.", "A firewall or a sandbox on this machine forbids it."],
		["EPERM", "can't be reached: EPERM.", "A firewall or a sandbox on this machine forbids it."],
		...["EMFILE", "EADDRNOTAVAIL"].map((code): [string, string, string] => [
			code,
			`can't be reached: ${code}.`,
			"This machine is out of connections: close some, then try again.",
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
				"can't be reached: its certificate is for another name: «other.example, *.x ».",
				"Set INNGEST_BASE_URL to a name that the certificate is for.",
			],
			["can't be reached: its certificate is for another name: «other.example, *.x ».", BETWEEN],
			[
				"can't be reached: its certificate is for another name: «other.example, *.x ».",
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
				"Check HTTPS_PROXY; NO_PROXY can exempt the server.",
			],
			["can't be reached: HTTPS_PROXY answered 407.", "HTTPS_PROXY must contain the proxy's user and password."],
		]);
	});

	test("an answer that is of no use", () => {
		expect(
			["a response of more than 64 MiB", "a response that can't be decompressed"].map((one) =>
				told(failed(undefined, one)),
			),
		).toEqual([
			[
				"returned a response of more than 64 MiB.",
				"Ask for less: a smaller --limit, or a narrower --since and --until.",
			],
			["returned a response that can't be decompressed.", NETWORK],
		]);
	});

	test("a dev server that was only assumed names the ways out; one that was chosen, its variable", () => {
		expect([told(failed("ECONNREFUSED"), { ...dev, assumed: true }), told(failed("ECONNREFUSED"), dev)]).toEqual([
			[
				"does not answer.",
				"No key or server is configured, so the dev server was tried. Start one with `inngest dev` (npm: inngest-cli), or set INNGEST_DEV (its URL), INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).",
			],
			["does not answer.", "Is it running there (`inngest dev`, npm: inngest-cli)? INNGEST_DEV can name its URL."],
		]);
	});

	test("a time-out", () => {
		expect(told(failed("timeout"))).toEqual([
			"did not answer in time.",
			"Try again, with a longer --timeout if needed.",
		]);
	});

	test("what is the skill's own stays what it is; what has no code is told by its message", () => {
		const refused = refusal("no", "n");
		expect(unanswered(own, refused, true)).toBe(refused);
		expect(unanswered(own, new Error("odd\n"), true)).toMatchObject({
			message: "self-hosted i.example can't be reached: odd .",
			unclear: false,
		});
	});
});

describe("what may have been carried out", () => {
	const isUnclear = (code: string, sent: boolean, changes = true) => {
		const error = unanswered(own, failed(code, "no", { sent }), changes);
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
});

test.each([
	...["ECONNREFUSED", "ENOTFOUND", "CERT_HAS_EXPIRED", "CERT_REVOKED", "SELF_SIGNED_CERT_IN_CHAIN", "EPROTO", "EACCES"],
	...["HTTPS_PROXY answered 407", "HTTPS_PROXY failed: x", "a response of more than 64 MiB"],
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
		"a response that can't be decompressed",
	],
])("%s may pass", (reason) => {
	expect(isLasting(reason)).toBe(false);
});

describe("a connection that stood", () => {
	const broken = { sent: true };
	const BROKE = "Possible: it, or a proxy in front of it, is overloaded or restarting. Try again in a minute.";

	// Seen: "can't be reached", for a server that had sent half a response.
	test.each(["ECONNRESET", "EPIPE"])("%s: it was reached", (code) => {
		expect(told(failed(code, "no", broken))).toEqual([`dropped the connection (${code}).`, BROKE]);
		expect(told(failed(code))).toEqual([`can't be reached: ${code}.`, NETWORK]);
	});

	// Seen: "unclear whether the call was carried out: check with list-events", for an SSH server.
	test("what does not speak HTTP is no Inngest server", () => {
		const error = unanswered(own, failed("HPE_INVALID_CONSTANT", "no", broken), true);
		expect(error).toMatchObject({ code: "not_inngest", status: 0 });
	});

	test("a slow dev server is not one that is not running", () => {
		expect(told(failed("timeout"), dev)).toEqual([
			"did not answer in time.",
			"Try again, with a longer --timeout if needed.",
		]);
	});
});

import { describe, expect, test } from "vitest";
import {
	ConfirmationNeeded,
	missingKey,
	refused,
	ServerError,
	SkillError,
	UsageError,
	unreachable,
	type Where,
} from "../../lib/errors.ts";

const cloud: Where = { kind: "cloud", label: "Inngest Cloud, production", api: "v2", assumed: false };
const own: Where = { kind: "self-hosted", label: "self-hosted i.example", api: "v2", assumed: false };
const dev: Where = { kind: "dev", label: "dev server localhost:8288", api: "v2", assumed: false };

const nextOf = (where: Where, status: number, code = "") => refused(where, status, code, "no", false).next;

test("exit codes: 2 for wrong usage, 3 for a plan, 1 for the server; all are the skill's own errors", () => {
	const errors = [
		new UsageError("m", "n"),
		new ConfirmationNeeded("plan", "n", "code"),
		new ServerError("m", "n", 500),
	];
	expect(errors.map((error) => [error instanceof SkillError, error.exit, error.message, error.next])).toEqual([
		[true, 2, "m", "n"],
		[true, 3, "plan", "n"],
		[true, 1, "m", "n"],
	]);
});

test("a missing key is named, with the way to set it", () => {
	expect(missingKey(["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"])).toEqual(
		new UsageError(
			"INNGEST_API_KEY or INNGEST_SIGNING_KEY is not set; nothing was sent.",
			"Ask the user to set it, in OpenClaw: openclaw config set skills.entries.inngest.env.INNGEST_API_KEY VALUE (keys don't reach a sandbox).",
		),
	);
});

describe("refused", () => {
	test("says what the server said, its code and status once, and what to do", () => {
		expect(refused(own, 404, "not_found", "Run not found", true)).toEqual(
			new ServerError(
				"self-hosted i.example refused: Run not found (not_found, 404)",
				"Check the id (a run's and an event's are different); it may be in another environment or on another server.",
				404,
				"not_found",
				true,
			),
		);
		expect(refused(own, 409, "conflict", "idempotency conflict", false).message).toBe(
			"self-hosted i.example refused: idempotency conflict (409)",
		);
		expect(refused(own, 418, "", "teapot", false).message).toBe("self-hosted i.example refused: teapot (418)");
	});

	test("a 401 names the key that was used: the event key on events, the API or the signing key elsewhere", () => {
		const at = "it must belong to this server and environment";
		expect([
			nextOf({ ...cloud, api: "event" }, 401),
			nextOf(cloud, 401),
			nextOf({ ...cloud, api: "v1" }, 401),
			nextOf(own, 401),
			nextOf(cloud, 403),
			nextOf(cloud, 401, "access_denied"),
		]).toEqual([
			`Check INNGEST_EVENT_KEY: ${at}.`,
			`Check INNGEST_API_KEY or INNGEST_SIGNING_KEY: ${at}. \`check-setup\` tests each key.`,
			`Check INNGEST_SIGNING_KEY: ${at}. \`check-setup\` tests each key.`,
			`Check INNGEST_SIGNING_KEY: ${at}. \`check-setup\` tests each key.`,
			`Check INNGEST_API_KEY or INNGEST_SIGNING_KEY: ${at}, or the key may not do this (a read-only API key). \`check-setup\` tests each key.`,
			`Check INNGEST_API_KEY or INNGEST_SIGNING_KEY: ${at}, or the key may not do this (a read-only API key). \`check-setup\` tests each key.`,
		]);
	});

	test("a 404 on Cloud may be an expired trace, or an environment that is not there", () => {
		expect([nextOf(cloud, 404), nextOf(cloud, 404, "env_not_found")]).toEqual([
			"Check the id (a run's and an event's are different); it may be in another environment or on another server, or its trace has expired (24 h free, 7 d pro, 14 d business).",
			"Check --env or INNGEST_ENV: `list-envs` shows the names.",
		]);
	});

	test("other statuses", () => {
		expect([400, 429, 500, 501, 503].map((status) => nextOf(own, status))).toEqual([
			"Correct the request and call again.",
			"Rate limited: nothing was done. Try again in a minute.",
			"The server's fault; try again in a minute, `check-setup` shows whether it is well.",
			"This server can't do that.",
			"The server's fault; try again in a minute, `check-setup` shows whether it is well.",
		]);
	});
});

describe("unreachable", () => {
	test("a dev server that was only assumed names the ways out", () => {
		expect(unreachable({ ...dev, assumed: true }, "ECONNREFUSED", false)).toEqual(
			new ServerError(
				"dev server localhost:8288 does not answer.",
				"No key and no server is configured, so the dev server was tried. Start one with `inngest dev`, or set INNGEST_BASE_URL (self-hosted), or INNGEST_API_KEY / INNGEST_SIGNING_KEY (Inngest Cloud).",
				0,
				"ECONNREFUSED",
				false,
			),
		);
	});

	test("a dev server that was chosen", () => {
		expect(unreachable(dev, "ECONNREFUSED", false).next).toBe(
			"Is `inngest dev` running there? INNGEST_DEV can hold its URL.",
		);
	});

	test("a time-out and a network error elsewhere", () => {
		expect([unreachable(own, "timeout", true), unreachable(cloud, "ENOTFOUND", false)]).toEqual([
			new ServerError(
				"self-hosted i.example did not answer in time.",
				"Try again, with a longer --timeout if need be.",
				0,
				"timeout",
				true,
			),
			new ServerError(
				"Inngest Cloud, production can't be reached: ENOTFOUND.",
				"Check the network; behind a proxy set HTTPS_PROXY.",
				0,
				"ENOTFOUND",
				false,
			),
		]);
	});
});

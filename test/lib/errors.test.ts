import { describe, expect, test } from "vitest";
import {
	ConfirmationNeeded,
	isNotFound,
	missingKey,
	refusal,
	refused,
	ServerError,
	SkillError,
	thenDo,
	UsageError,
	type Where,
} from "../../lib/text/errors.ts";

const cloud: Where = { kind: "cloud", label: "Inngest Cloud, production", api: "v2", assumed: false };
const own: Where = { kind: "self-hosted", label: "self-hosted i.example", api: "v2", assumed: false };

const nextOf = (where: Where, status: number, code = "") => refused(where, "no", { status, code }).next;

test("other advice on a change that may have been carried out leaves its bare words", () => {
	const lost = new ServerError("lost. It is unclear.", "Look first.", { status: 502, unclear: true, bare: "lost." });
	expect(() => thenDo("Call again.")(lost)).toThrow(
		new ServerError("lost. It is unclear.", "Call again.", { status: 502, unclear: true, bare: "lost." }),
	);
});

test("exit codes: 2 for wrong usage, 3 for a plan, 1 for the server; all are the skill's own errors", () => {
	const errors = [
		new UsageError("m", "n"),
		new ConfirmationNeeded("plan", "n", "code"),
		new ServerError("m", "n", { status: 500 }),
	];
	expect(errors.map((error) => [error instanceof SkillError, error.exit, error.message, error.next])).toEqual([
		[true, 2, "m", "n"],
		[true, 3, "plan", "n"],
		[true, 1, "m", "n"],
	]);
});

test("a missing key is named, with the way to set it", () => {
	expect(missingKey(["INNGEST_API_KEY", "INNGEST_SIGNING_KEY"])).toEqual(
		refusal(
			"INNGEST_API_KEY or INNGEST_SIGNING_KEY is not set",
			`Ask the user to set it, in OpenClaw: INNGEST_API_KEY=… in ~/.openclaw/.env, then openclaw config set skills.entries.inngest.env.INNGEST_API_KEY '\${INNGEST_API_KEY}' (keys don't reach a sandbox).`,
		),
	);
});

describe("refused", () => {
	test("says what the server said, its code and status once, and what to do", () => {
		expect(refused(own, "Run not found", { status: 404, code: "not_found", unclear: true })).toEqual(
			new ServerError(
				"self-hosted i.example refused: Run not found (not_found, 404)",
				"Check the id (run ids and event ids differ); it may belong to another environment or server.",
				{ status: 404, code: "not_found", unclear: true },
			),
		);
		expect(refused(own, "idempotency conflict", { status: 409, code: "conflict" }).message).toBe(
			"self-hosted i.example refused: idempotency conflict (409)",
		);
		expect(refused(own, "teapot", { status: 418, code: "" }).message).toBe(
			"self-hosted i.example refused: teapot (418)",
		);
	});

	test("a key that is refused is named, and what it has to be", () => {
		const API = "INNGEST_API_KEY";
		const SIGNING = "INNGEST_SIGNING_KEY";
		const EVENT = "INNGEST_EVENT_KEY";
		const at = "it must belong to this server and environment";
		expect([
			nextOf({ ...cloud, api: "event", key: EVENT }, 401),
			nextOf({ ...own, api: "event", key: EVENT }, 401),
			nextOf({ ...cloud, key: API }, 401),
			nextOf({ ...cloud, api: "v1", key: SIGNING }, 401),
			nextOf({ ...own, key: SIGNING }, 401),
			nextOf({ ...cloud, key: SIGNING }, 403),
			nextOf(own, 401),
		]).toEqual([
			`Check ${EVENT}: ${at}.`,
			`Check ${EVENT}: ${at}.`,
			`Check ${API}: ${at}. \`check-setup\ue000\` tests each key.`,
			`Check ${SIGNING}: ${at}. \`check-setup\ue000\` tests each key.`,
			`Check ${SIGNING}: ${at}. \`check-setup\ue000\` tests each key.`,
			`Check ${SIGNING}: ${at}, and be allowed to do this. \`check-setup\ue000\` tests each key.`,
			`Check ${SIGNING}: ${at}. \`check-setup\ue000\` tests each key.`,
		]);
	});

	test("an API key's grant that is missing is named: as the server says, or as it may be", () => {
		const where: Where = { ...cloud, key: "INNGEST_API_KEY" };
		const tried =
			"No other key was tried; the user can set one that may do this: an organization admin creates it in Inngest's dashboard.";
		const possible = (grant: string) =>
			`Possible: INNGEST_API_KEY lacks the grant ${grant}, or is for another environment. ${tried}`;
		expect([
			refused(where, "«missing scope api:run:write»", { status: 403, code: "insufficient_scope" }).next,
			nextOf({ ...where, grant: "api:run:write" }, 403, "access_denied"),
			nextOf(where, 403, "insufficient_scope"),
			nextOf({ ...where, grant: "api:run:read" }, 403, "insufficient_scope"),
			nextOf(where, 403, "access_denied"),
			nextOf(where, 401, "access_denied"),
		]).toEqual([
			`INNGEST_API_KEY lacks the grant api:run:write. ${tried}`,
			possible("api:run:write"),
			possible("for this"),
			possible("api:run:read"),
			possible("for this"),
			possible("for this"),
		]);
	});

	test("an event key that is not found is no id", () => {
		const where: Where = { ...cloud, api: "event", key: "INNGEST_EVENT_KEY" };
		expect(refused(where, "«Event key not found»", { status: 404, code: "" }).next).toBe(
			"Check INNGEST_EVENT_KEY: it must belong to this server and environment.",
		);
	});

	test("an environment that is not there, or that two are called: what named it is told", () => {
		const see = "`list-envs` shows the names and ids.";
		expect([
			nextOf({ ...cloud, namedBy: "--env" }, 404, "env_not_found"),
			nextOf({ ...cloud, namedBy: "INNGEST_ENV" }, 400, "env_name_ambiguous"),
			nextOf(cloud, 404, "env_not_found"),
		]).toEqual([`Check --env: ${see}`, `Check INNGEST_ENV: ${see}`, `Check --env or INNGEST_ENV: ${see}`]);
	});

	// Seen: "Run … was not found", although it was the environment.
	test("an environment that is not there is not a run that is not; none named is named", () => {
		const isRun = (code: string) => isNotFound(refused(cloud, "no", { status: 404, code }));
		expect(["not_found", "env_not_found", "not_inngest"].map(isRun)).toEqual([true, false, false]);
		expect(refused(cloud, "«X-Inngest-Env header is required»", { status: 400, code: "missing_field" }).next).toBe(
			"Name the environment: --env NAME, or INNGEST_ENV (`list-envs` shows the names).",
		);
	});

	test("a 404 of a list: only a server of one's own can be too old for it", () => {
		const shows = "`check-setup\ue000` shows which server answers.";
		expect([cloud, own].map((where) => nextOf({ ...where, lists: true }, 404))).toEqual([
			shows,
			`Possible: this server's version does not have this endpoint. ${shows}`,
		]);
		expect(nextOf({ ...cloud, lists: true, checking: true }, 404)).toBe("Try again in a minute.");
	});

	test("a 404 on Cloud may be an expired trace", () => {
		expect(nextOf(cloud, 404)).toBe(
			"Check the id (run ids and event ids differ); it may belong to another environment or server, or no longer be kept after 24 h (free), 7 or 14 d (paid) or up to 365 d (enterprise).",
		);
	});

	test("a status that runs are not listed by, as an older server words it", () => {
		expect(refused(own, "«Status is invalid»", { status: 400, code: "invalid_field_format" }).next).toBe(
			"This server can't list runs by that status: leave it out.",
		);
	});

	test("other statuses", () => {
		expect([400, 408, 413, 429, 500, 501, 503].map((status) => nextOf(own, status))).toEqual([
			"Correct the request and call again.",
			"Possible: a proxy answered because the server is down or too slow. Try again in a minute.",
			"Store what is too large elsewhere, and send a reference.",
			"Rate limited: nothing was done. Try again in a minute.",
			"A server error; try again in a minute. `check-setup\ue000` shows whether it is healthy.",
			"This server can't do that.",
			"Possible: a proxy answered because the server is down or too slow. Try again in a minute.",
		]);
	});
});

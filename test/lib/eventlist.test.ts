import { expect, test } from "vitest";
import { ServerError } from "../../lib/errors.ts";
import { getEvent } from "../../lib/eventlist.ts";
import { aWorld, NOW } from "../world.ts";
import { answeringBy } from "./api-of.ts";

const event = { internal_id: "01M85369BX39BZFM3TC50ACTFC", id: "ord-1", name: "shop/order.created" };
/** A server that stores the event after `calls` calls. */
const storing = (calls: number) =>
	answeringBy((_, n) =>
		n < calls ? new ServerError("«Event not found»", "Check the id.", 404, "", false) : { data: event },
	);
/** A ULID made at this moment: ten characters of time, in Crockford's base 32. */
function idOf(ms: number): string {
	let text = "";
	for (let rest = ms; text.length < 10; rest = Math.floor(rest / 32))
		text = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(rest % 32) + text;
	return `${text}${"0".repeat(16)}`;
}

test("an event that was sent just now is looked for until it is stored", async () => {
	const api = storing(2);
	expect(await getEvent({ api, clock: aWorld().clock }, idOf(NOW))).toMatchObject(event);
	expect(api.sent).toHaveLength(3);
});

test("any other is not, nor one of a clock that runs ahead", async () => {
	for (const ms of [NOW - 60_000, NOW + 60_000]) {
		const api = storing(1);
		await expect(getEvent({ api, clock: aWorld().clock }, idOf(ms))).rejects.toMatchObject({ status: 404 });
		expect(api.sent).toHaveLength(1);
	}
});

test("a look at an event that never comes ends", async () => {
	const api = storing(1000);
	await expect(getEvent({ api, clock: aWorld().clock }, idOf(NOW))).rejects.toMatchObject({ status: 404 });
	expect(api.sent.length).toBe(16);
});

import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { Event, Span } from "../../lib/inngest/api.ts";
import { eventsIn, usersOwn } from "../../lib/inngest/eventlist.ts";

import { type Kind, recorded } from "../recordings.ts";

const KITCHENS: readonly Kind[] = ["kitchen", "kitchen-self-hosted"];
const eventOf = (label: string, kind: Kind): Event =>
	z.parse(z.object({ data: Event }), recorded(label, kind).response.body).data;
const traceOf = (label: string, kind: Kind): Span =>
	z.parse(z.object({ data: z.object({ rootSpan: Span }) }), recorded(label, kind).response.body).data.rootSpan;

describe.each(KITCHENS)("as recorded in %s", (kind) => {
	test("a batch's trace has all of its events, the one that a replay has first", () => {
		const label = 'shop/batched a/batch {"k":1,"go":true,"i":1,"fail":true}';
		const events = eventsIn(traceOf(`trace: ${label}`, kind));
		expect(events?.map(({ name, data }) => [name, data])).toEqual([
			["a/batch", { k: 1, go: true, i: 1, fail: true }],
			["a/batch", { k: 1, go: true, i: 7 }],
		]);
		expect(eventsIn(traceOf("rerun trace: of a batch run", kind))?.length).toBe(1);
	});

	test("an event of the user's is the user's", () => {
		const event = eventOf("event: batch, first event", kind);
		expect(usersOwn(event)).toEqual([event]);
	});

	test("so is what a function was invoked with", () => {
		const event = eventOf("event: invoked by the API", kind);
		expect(usersOwn(event)).toEqual([event]);
	});

	test("of the event of a handler, the failed run's", () => {
		const label = 'event: shop/with-onfailure-failure handler of shop/with-onfailure a/onfailure {"failHandler":true}';
		expect(usersOwn(eventOf(label, kind)).map(({ name, data }) => [name, data])).toEqual([
			["a/onfailure", { failHandler: true }],
		]);
	});

	test("of a tick of cron, nothing", () => {
		expect(usersOwn(eventOf("event: of a cron run", kind))).toEqual([]);
	});
});

test.each([
	["no trace", undefined],
	["no input", { name: "Run" }],
	["input of another form", { name: "Run", input: { data: "x" } }],
])("%s tells no events", (_, trace) => {
	expect(eventsIn(trace)).toBe(undefined);
});

test("a failure whose event is of another form carries none", () => {
	const event = { internal_id: "", id: "", name: "inngest/function.failed", data: { event: 7 } };
	expect(usersOwn(event)).toEqual([]);
});

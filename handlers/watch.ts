import * as z from "zod/mini";
import { appFlag, count, flag, functionFlag, lasting, share } from "../lib/cli/params.ts";
import { newOf, slotOf, type Told, tellings, type Watched } from "../lib/decide/watch.ts";
import { firstEnd, lookFurther, openReading, type Reading, readSlot } from "../lib/gather/watched.ts";
import { composed } from "../lib/intent.ts";
import { historyLine } from "../lib/tell/runlist.ts";
import { slotText, watchLines, watchNext } from "../lib/tell/watchtext.ts";
import { unread } from "../lib/text/errors.ts";
import { plural } from "../lib/text/text.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

const params = z.object({
	every: flag(
		z._default(lasting(MINUTE, DAY), 15 * MINUTE),
		"how often it is called: a slot (default 15m)",
		"DURATION",
	),
	slots: flag(z._default(count(1, 1000), 1), "slots that are told, to catch up (default 1)", "N"),
	known: flag(
		z._default(lasting(MINUTE, 90 * DAY), 7 * DAY),
		"failures of so long before are not new (default 7d)",
		"DURATION",
	),
	stuck: flag(
		z._default(lasting(MINUTE, 90 * DAY), 60 * MINUTE),
		"age from which live runs are told (default 1h)",
		"DURATION",
	),
	share: flag(
		z._default(share, 0.2),
		"share of failures above the usual that is told, of 5 runs or more, 3 of them failed (default 20%)",
		"PERCENT",
	),
	function: functionFlag(),
	app: appFlag(),
});
export default composed({
	params,
	async run(p, context) {
		const slot = slotOf(context.now, p.every, p.slots);
		const reading = openReading({ ...p, slot }, context);
		const { functions, apps } = await readSlot(reading);
		const looked = await inHistory(reading, await lookFurther(reading, functions));
		const told = tellings({ ...p, slot, functions: looked, apps, missed: [] });
		const missing = unreadLines(reading, told.length > 0);
		const lines = watchLines(told, p.stuck, missing);
		const isQuiet = lines.length === 0;
		return {
			lines: [!isQuiet && `Inngest watch, ${slotText(slot)} (${context.target.label}):`, lines],
			silent: "NO_REPLY",
			next: [!isQuiet && watchNext(told, slot.from)],
			data: { from: iso(slot.from), until: iso(slot.until), told: told.map(plain), missing },
		};
	},
});

const iso = (ms: number): string => new Date(ms).toISOString();

/** What is told, without what it was found by. */
const plain = (one: Told) => ({
	...one,
	...("groups" in one && {
		groups: one.groups.map((group) => ({ ...group, of: undefined, recent: undefined, samples: undefined })),
	}),
});

/** On Cloud what is new may only be older than what the account's plan keeps. */
async function inHistory(reading: Reading, functions: Watched[]): Promise<Watched[]> {
	const { target, now } = reading.context;
	if (target.kind !== "cloud" || !functions.some((one) => newOf(one).length)) return functions;
	const oldest = await firstEnd(reading).catch(unread);
	const isShort = historyLine(target, { now, since: now - reading.known, oldest });
	return isShort ? functions.map((one) => ({ ...one, whole: false })) : functions;
}

function unreadLines({ missing, why, omitted, skipped }: Reading, isTold: boolean): string[] {
	const left = [...omitted, ...(isTold && skipped ? [`recoveries of ${plural(skipped, "function")}`] : [])];
	return [
		...(missing.length ? [`Could not be read: ${missing.join(", ")} (${why.replace(/\.$/, "")})`] : []),
		...(left.length ? [`Not looked at: ${left.join(", ")}; narrow it with --app`] : []),
	];
}

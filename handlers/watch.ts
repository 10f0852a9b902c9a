import * as z from "zod/mini";
import { count, flag, intent, lasting, scope } from "../lib/cli/params.ts";
import { slotOf, tellings } from "../lib/decide/watch.ts";
import { readWatch } from "../lib/gather/slot.ts";
import { tellWatch } from "../lib/tell/watchtext.ts";
import { DAY, MINUTE } from "../lib/text/text.ts";

const params = z.object({
	every: flag(
		z._default(lasting(MINUTE, DAY), 15 * MINUTE),
		"length of a slot: call it once in each (default 15m)",
		"DURATION",
	),
	slots: flag(z._default(count(1, 1000), 1), "slots to report at once, to catch up; each on its own (default 1)", "N"),
	known: flag(
		z._default(lasting(MINUTE, 90 * DAY), 7 * DAY),
		"an error not seen for this long counts as new (default 7d)",
		"DURATION",
	),
	stuck: flag(
		z._default(lasting(MINUTE, 90 * DAY), 60 * MINUTE),
		"age at which a run that has not ended is reported (default 1h)",
		"DURATION",
	),
	...scope(),
});

/** On slots and automations. OpenClaw's own flags (tried on 2026.9.6). */
const HELP = [
	"Slots begin at multiples of --every in UTC (15m: at :00, :15, :30, :45). Each call reports the last whole slot, from one",
	"minute after its end: what begins is reported at most --every plus 2m later. An error seen within --known is not reported again,",
	"even after a recovery: use --known 1h to hear of each relapse that follows an hour without it.",
	"A function fails more often if its failure rate is 20 points above the usual one (of at least 5 runs that ended, 3 failed; 10 ended before).",
	"NO_REPLY: nothing to report; an automation posts nothing. Exit code 1: it could not check.",
	"The automation, with a call in each slot ({baseDir}: this skill's folder; keys and settings such as INNGEST_DEV",
	"must be in ~/.openclaw/.env):",
	'openclaw automations create "2-59/15 * * * *" --name inngest-watch --declaration-key inngest-watch --announce --channel CHANNEL --to ID \\',
	`  --command-cwd {baseDir} --command-argv '["node","scripts/inngest.mjs","watch","--every","15m"]'`,
	"To end it: `openclaw automations rm ID`; `openclaw automations list` shows its id.",
];

export default intent({
	params,
	help: HELP,
	async run(p, context) {
		const seen = await readWatch(p, slotOf(context.now, p.every, p.slots), context);
		return tellWatch(tellings({ ...p, ...seen }), seen, p, context.target.label);
	},
});

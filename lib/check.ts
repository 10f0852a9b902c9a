/** Checks the bytes of one event of a stream. */
import { isUtf8 } from "node:buffer";
import { EVENT_LIMIT, faultOf } from "./events.ts";
import { bare, infinite, tooDeep } from "./json.ts";
import { clean } from "./text.ts";

/** The name of an event, or what is wrong with it: `notJson` where its bytes are no JSON at all. */
export interface Checked {
	name?: string;
	fault?: string;
	notJson?: boolean;
}

/** Checks an event. `raw` is undefined where it was too large to read. */
export function checkEventBytes(raw: Buffer | undefined): Checked {
	if (raw === undefined || raw.length > EVENT_LIMIT) return { fault: "larger than 3 MiB" };
	if (!isUtf8(raw)) return { fault: "not UTF-8" };
	const text = raw.toString("utf8");
	let event: { name: string; ts?: number };
	try {
		event = JSON.parse(text);
	} catch (error) {
		const said = error instanceof Error ? error.message : "";
		const why = said.replace(/, ?"?\.{3}.*| is not valid JSON| \(line.*| in JSON(?= at)/gs, "");
		return { fault: `not valid JSON (${clean(why, 80)})`, notJson: true };
	}
	const plain = bare(text);
	const large = infinite(plain);
	const fault = faultOf(event) ?? tooDeep(plain) ?? (large && `holds ${large.slice(0, 30)}, which no number can be`);
	if (fault) return { fault };
	const { name, ts } = event;
	// What is sent is the text: Go refuses 1e12 and 1.0 for an integer, where JSON.parse sees no difference.
	if (ts != null && ![...text.matchAll(/"ts"\s*:\s*(\d+)\s*[,}]/g)].some(([, written]) => written === String(ts)))
		return { fault: "ts is not written as a plain whole number" };
	return { name };
}

/** The text of an answer: the only place that writes `Next:` and `More:`. And `--curl`. Pure. */

import type { IntentEntry } from "../gate/manifest.ts";
import type { Secrets } from "../gate/secrets.ts";
import type { Place } from "../inngest/place.ts";
import type { Printed, Words } from "../intent.ts";
import type { Suggested } from "../text/next.ts";
import { type Line, lines, words } from "../text/text.ts";
import { authorisedBy, type Request, toCurl } from "../wire/request.ts";

/** `notes` are what is to be said besides; `flags` what each of its calls must have, such as `--dev`. */
export const render = (told: Words, notes: readonly Line[] = [], flags: readonly Line[] = []): string =>
	lines(
		...told.lines,
		notes,
		callsLine("Next", told.next ?? [], flags),
		told.after,
		callsLine("More", [told.more], flags),
	) ||
	(told.silent ?? "");

/** `Next: get-run 01M8… --dev (why); or: cancel-run 01M8… --dev`. */
function callsLine(label: string, calls: readonly Suggested[], flags: readonly Line[]): Line {
	const written = calls.flatMap((one) => {
		if (!one) return [];
		const [call, why] = typeof one === "string" ? [one] : one;
		return [words(call, ...flags, why && `(${why})`)];
	});
	return written.length > 0 && `${label}: ${written.join("; or: ")}`;
}

/** Ends a call under `--curl`: the request that would have been sent. */
export class WouldSend extends Error {
	readonly request: Request;
	constructor(request: Request) {
		super();
		this.request = request;
	}
}

/** The curl equivalent of a request; `first`: of several that the intent sends. */
export function curlOf(
	request: Request,
	{ target, oneKey, doubt }: Place,
	secrets: Secrets,
	entry: IntentEntry,
	first: boolean,
): Printed {
	const names = target.kind === "dev" ? [] : authorisedBy(target, request, oneKey);
	const curl = toCurl(target, request, names.find((one) => secrets.has(one)) ?? names[0]);
	const notes = [
		first && "# the first of several requests",
		doubt !== undefined && `# ${doubt}`,
		entry.effect === "destructive" &&
			request.method !== "GET" &&
			"# not before the user has seen the plan and said yes",
	];
	// All of it can be pasted: no note on data follows.
	return {
		text: [...notes, curl].filter(Boolean).join("\n"),
		data: { method: request.method, path: request.path, curl },
	};
}

/** `--curl`: the request that would be sent, and nothing is. */

import type { IntentEntry } from "../gate/manifest.ts";
import type { Secrets } from "../gate/secrets.ts";
import type { Place } from "../inngest/place.ts";
import type { Printed } from "../intent.ts";
import { authorisedBy, type Request, toCurl } from "../wire/request.ts";

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

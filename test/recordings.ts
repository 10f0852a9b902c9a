/** The exchanges recorded from real servers, by their labels. */
import { readFileSync } from "node:fs";

export interface Exchange {
	label: string;
	request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
	response: { status: number; contentType: string | null; serverKind: string; body?: unknown };
}

export type Kind =
	| "dev-server"
	| "self-hosted"
	| "kitchen"
	| "kitchen-self-hosted"
	| "replays"
	| "fulfilment"
	| "languages"
	| "desk"
	| "situations";

const recordings = new Map<Kind, readonly Exchange[]>();

/** All exchanges of a recording, in order; shared, so they must not be changed. */
export function exchangesOf(kind: Kind): readonly Exchange[] {
	const known = recordings.get(kind);
	if (known) return known;
	const read: Exchange[] = JSON.parse(readFileSync(new URL(`./recordings/${kind}.json`, import.meta.url), "utf8"));
	recordings.set(kind, read);
	return read;
}

/** One exchange; an unknown label fails the test. */
export function recorded(label: string, kind: Kind = "dev-server"): Exchange {
	const exchange = exchangesOf(kind).find((one) => one.label === label);
	if (!exchange) throw new Error(`No exchange "${label}" in ${kind}.json`);
	return structuredClone(exchange);
}

/** The body of a response as the server wrote it. */
export function answerText(label: string, kind?: Kind): string {
	const { body } = recorded(label, kind).response;
	return typeof body === "string" ? body : JSON.stringify(body);
}

/** One exchange by its request, for recordings whose labels are not unique. */
export function recordedAt(method: string, path: string, kind: Kind): Exchange {
	const exchange = exchangesOf(kind).find(({ request }) => request.method === method && request.path === path);
	if (!exchange) throw new Error(`No exchange "${method} ${path}" in ${kind}.json`);
	return structuredClone(exchange);
}

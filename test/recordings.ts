/** The exchanges recorded from real servers, by their labels. */
import { readFileSync } from "node:fs";

export interface Exchange {
	label: string;
	request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
	response: { status: number; contentType: string | null; serverKind: string; body?: unknown };
}

export type Kind = "dev-server" | "self-hosted" | "kitchen";

const read = (kind: Kind): Exchange[] =>
	JSON.parse(readFileSync(new URL(`./recordings/${kind}.json`, import.meta.url), "utf8"));
const recordings: Record<Kind, Exchange[]> = {
	"dev-server": read("dev-server"),
	"self-hosted": read("self-hosted"),
	kitchen: read("kitchen"),
};

/** One exchange; a label that is not there fails the test that asks for it. */
export function recorded(label: string, kind: Kind = "dev-server"): Exchange {
	const exchange = recordings[kind].find((one) => one.label === label);
	if (!exchange) throw new Error(`No exchange "${label}" in ${kind}.json`);
	return structuredClone(exchange);
}

/** The body of an answer as the server wrote it. */
export function answerText(label: string, kind?: Kind): string {
	const { body } = recorded(label, kind).response;
	return typeof body === "string" ? body : JSON.stringify(body);
}

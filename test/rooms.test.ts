/** The rooms of lib/: what each may import, so that a reader knows what can't depend on what. */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
/** In import order: a room imports from itself and the rooms before it. */
const ROOMS = ["text", "gate", "wire", "inngest", "sending", "decide", "gather", "tell", "work", "cli"];
const IMPORT = /^(?:import|export) (type )?[^;"]*?from "(\.[^"]+)";/gms;

const files = readdirSync(`${root}lib`, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** What a file of lib/ imports from other files of lib/, as `room/file.ts`. */
function importsOf(file: string): { to: string; typeOnly: boolean }[] {
	return [...readFileSync(`${root}lib/${file}`, "utf8").matchAll(IMPORT)].map(([, type, to = ""]) => ({
		to: posix.join(posix.dirname(file), to),
		typeOnly: type !== undefined,
	}));
}
const roomOf = (file: string): string => posix.dirname(file);

test("every module is in a room, but for what a handler is (types alone)", () => {
	expect(files.filter((file) => !ROOMS.includes(roomOf(file)))).toEqual(["intent.ts"]);
	expect([...new Set(files.map(roomOf))].filter((room) => room !== ".").sort()).toEqual([...ROOMS].sort());
});

test("a room imports only from itself and the rooms below it", () => {
	const floor = (file: string): number => ROOMS.indexOf(roomOf(file));
	const isAllowed = (file: string, to: string, typeOnly: boolean): boolean =>
		to === "intent.ts" ? typeOnly : floor(to) <= floor(file);
	const wrong = files
		.filter((file) => file !== "intent.ts")
		.flatMap((file) =>
			importsOf(file)
				.filter(({ to, typeOnly }) => !isAllowed(file, to, typeOnly))
				.map(({ to }) => `${file} imports ${to}`),
		);
	expect(wrong).toEqual([]);
});

test("what is decided and what is told asks nothing of a server", () => {
	const asking = files
		.filter((file) => /^(decide|tell|text)\//.test(file))
		.filter((file) =>
			importsOf(file).some(({ to, typeOnly }) => !typeOnly && /^wire\/(client|http|pace|retry)\.ts$/.test(to)),
		);
	expect(asking).toEqual([]);
});

/** Draws docs/terminal.svg from a real run: `npm run --silent demo | npx node scripts/picture.ts`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

/** The part of the demo that is shown, from this question to this answer. */
const FROM = /^# You: Why/;
const TO = /--confirm \w+$/;
const WIDTH = 112;

const blocks = readFileSync(0, "utf8")
	.split(/\n\n(?=[$#] )/)
	.map((block) => block.trim());
const first = blocks.findIndex((block) => FROM.test(block));
const last = blocks.findIndex((block) => TO.test(block.split("\n")[0] ?? ""));
const picked = blocks.slice(first, last + 1);
const rows = picked.flatMap((block) => [...block.split("\n").flatMap(wrap), ""]);

function wrap(line: string): string[] {
	const pieces = line.match(new RegExp(`.{1,${WIDTH}}(?:\\s|$)|.{1,${WIDTH}}`, "g"));
	return pieces ?? [""];
}
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
function colour(row: string): string {
	if (row.startsWith("#")) return "#f2cc60";
	if (row.startsWith("$")) return "#7ee787";
	if (/FAILED|failed/.test(row)) return "#ffa198";
	return row.startsWith("Next:") ? "#79c0ff" : "#e6edf3";
}
const lines = rows.map(
	(row, i) => `<text x="16" y="${28 + i * 18}" fill="${colour(row)}" xml:space="preserve">${escaped(row)}</text>`,
);
const height = 28 + rows.length * 18;
mkdirSync("docs", { recursive: true });
writeFileSync(
	"docs/terminal.svg",
	`<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(32 + WIDTH * 7.85)}" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">\n<title>A terminal session: a question, its answer, a plan, a yes, and the replays completing</title>\n<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n${lines.join("\n")}\n</svg>\n`,
);

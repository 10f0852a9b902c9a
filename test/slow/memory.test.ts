/**
 * Memory of `send-events` does not grow with its input. 200,000 events by default, a million with MEMORY=full. Only peaks are asserted, no
 * times.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isObject } from "../inngest-server/json.ts";
import { FOLDER } from "../skill.ts";

const FULL = process.env.MEMORY === "full";
const MANY = FULL ? 1_000_000 : 200_000;
const MB = 2 ** 20;

const folder = mkdtempSync(join(tmpdir(), "memory-"));
/** Prints the peak of resident memory, in KiB, when the process ends. */
const preload = join(folder, "peak.mjs");
writeFileSync(
	preload,
	'process.on("exit", () => process.stderr.write("\\npeak " + process.resourceUsage().maxRSS + "\\n"));',
);

/** Distinct texts, as in real events: what a parser keeps of them would add up. */
function eventsFile(count: number): string {
	const file = join(folder, `${count}.ndjson`);
	const out = openSync(file, "w");
	for (let n = 0; n < count; ) {
		let text = "";
		for (const end = Math.min(n + 10_000, count); n < end; n++) {
			const data = { n, sku: `A-${n}`, email: `user${n}@example.com`, items: [{ qty: n % 7 }, { qty: 1.5 }] };
			text += `${JSON.stringify({ name: "shop/order.created", data })}\n`;
		}
		writeSync(out, text);
	}
	closeSync(out);
	return file;
}

/** The server has its own process, so as not to be measured. */
const server = spawn(
	process.execPath,
	[join(import.meta.dirname, "../inngest-server/main.ts"), "--kind", "dev", "--count-only"],
	{ stdio: ["ignore", "pipe", "inherit"] },
);
let url = "";
beforeAll(async () => {
	for await (const line of createInterface(server.stdout)) {
		const ready: unknown = JSON.parse(line);
		if (isObject(ready)) url = String(ready.url);
		break;
	}
});
afterAll(() => {
	server.kill();
	rmSync(folder, { recursive: true });
});

function send(file: string, more: string[]): Promise<{ stdout: string; peak: number }> {
	return new Promise((resolve, reject) => {
		const args = ["--import", preload, join(FOLDER, "scripts/inngest.mjs"), "send-events", `@${file}`, ...more];
		const child = spawn(process.execPath, args, { env: { INNGEST_DEV: url }, stdio: ["ignore", "pipe", "pipe"] });
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.once("error", reject).once("close", () => {
			resolve({ stdout, peak: Number(/^peak (\d+)$/m.exec(stderr)?.[1]) * 1024 });
		});
	});
}

/** Plans once and sends three times; returns the median peak of sending: V8's concurrent compilation varies. */
async function peakOf(count: number): Promise<number> {
	const file = eventsFile(count);
	const plan = await send(file, []);
	const code = /--confirm ([0-9a-z]{9})/.exec(plan.stdout)?.[1] ?? "";
	const peaks: number[] = [];
	for (let n = 0; n < 3; n++) {
		const { stdout, peak } = await send(file, ["--confirm", code]);
		expect(stdout).toContain(`Sent ${count.toLocaleString("en-US")} events`);
		peaks.push(peak);
	}
	const inMb = (peak: number) => Math.round(peak / MB);
	console.log(
		`${count.toLocaleString("en-US")} events: plan ${inMb(plan.peak)} MB, send ${peaks.map(inMb).join(", ")} MB`,
	);
	return peaks.sort((a, b) => a - b)[1] ?? Number.NaN;
}

// V8's young generation grows once to its full size of some 40 MB; beyond that nothing may grow.
const MOST = FULL ? 2 : 1.5;
test(`${MANY} events need at most 160 MB, and at most ${MOST} times what 10,000 need`, {
	timeout: 600_000,
}, async () => {
	const few = await peakOf(10_000);
	const many = await peakOf(MANY);
	expect(many).toBeLessThanOrEqual(160 * MB);
	expect(many / few).toBeLessThanOrEqual(MOST);
});

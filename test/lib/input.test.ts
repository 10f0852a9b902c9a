import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HELD_LIMIT, openSource, readJson, type Source, WHOLE_LIMIT } from "../../lib/gate/input.ts";
import { refusal } from "../../lib/text/errors.ts";

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "inngest-input-"));
});
afterAll(() => {
	rmSync(folder, { recursive: true });
});
function file(name: string, content: string | Uint8Array): string {
	const at = join(folder, name);
	writeFileSync(at, content);
	return at;
}
const read = (source: Source): string => [...source.texts()].join("");

describe("openSource", () => {
	test("text stands for itself", () => {
		const source = openSource('{"a":1}');
		expect([source.name, read(source), read(source)]).toEqual(["the argument", '{"a":1}', '{"a":1}']);
	});

	test("@file is read in pieces, and again from its start", () => {
		const content = "é".repeat(400_000);
		const at = file("large.txt", content);
		const source = openSource(`@${at}`);
		expect(source.name).toBe(at);
		expect([read(source) === content, read(source) === content]).toEqual([true, true]);
		expect([...source.texts()].length).toBeGreaterThan(1);
	});

	test("an empty file has no texts", () => {
		expect([...openSource(`@${file("empty", "")}`).texts()]).toEqual([]);
	});

	test("@- is standard input, too", () => {
		expect([openSource("@-").name, openSource("@-").kind]).toEqual(["standard input", "input"]);
	});

	test("a link is named with what it leads to", () => {
		const at = file("target.txt", "{}");
		symlinkSync(at, join(folder, "link"));
		const source = openSource(`@${folder}/link`);
		expect([source.name, source.again]).toEqual([`${folder}/link (${at})`, `@${folder}/link`]);
	});

	test.each(["/dev/zero", "/dev/null", "/dev/urandom", "/dev/full"])("refuses the device %s", (device) => {
		expect(() => openSource(`@${device}`)).toThrow(
			refusal(`${device} is not an ordinary file or pipe`, "Give JSON as @file, or by a pipe and -."),
		);
	});

	test.runIf(process.platform === "linux")("refuses what is under /proc and /sys, by whatever name", () => {
		symlinkSync("/proc/self/environ", join(folder, "environment"));
		for (const at of [
			"/proc/self/environ",
			"/proc/1/status",
			"/sys/kernel/uevent_seqnum",
			"/proc/self/root/proc/self/maps",
			join(folder, "environment"),
		])
			expect(() => openSource(`@${at}`)).toThrow(`${at} is not an ordinary file or pipe; nothing was sent.`);
	});

	test("refuses a file that is not there, and a folder", () => {
		expect(() => openSource(`@${folder}/none\u001b[31m.json`)).toThrow(
			refusal(`${folder}/none.json can't be read: ENOENT`, "Check the path after @."),
		);
		expect(() => openSource(`@${folder}`)).toThrow(`${folder} is not an ordinary file or pipe; nothing was sent.`);
		expect(() => openSource("@")).toThrow(refusal(" can't be read: ENOENT", "Check the path after @."));
	});
});

describe("standard input", () => {
	const module = new URL("../../lib/gate/input.ts", import.meta.url).href;
	const twice = `const { openSource } = await import(${JSON.stringify(module)});
		const size = (s) => { let n = 0; for (const c of s.texts()) n += c.length; return n; };
		try { const s = openSource("-"); console.log(s.name, size(s), size(s)); } catch (error) { console.log(error.message); }`;
	const run = (stdio: { input?: Uint8Array; command?: string }) => {
		const node = [process.execPath, "--input-type=module", "-e", twice];
		const { stdout } = stdio.command
			? spawnSync("sh", ["-c", stdio.command, "sh", ...node], { encoding: "utf8" })
			: spawnSync(process.execPath, node.slice(1), { input: stdio.input ?? Buffer.alloc(0), encoding: "utf8" });
		return stdout.trim();
	};

	test("a pipe is held, so that it can be read twice", () => {
		expect(run({ input: Buffer.alloc(1_000_000, "x") })).toBe("standard input 1000000 1000000");
	});

	test("a slow pipe is waited for", () => {
		expect(run({ command: '(printf a; sleep 0.2; printf bc) | "$@"' })).toBe("standard input 3 3");
	});

	test("a redirected file is read twice from its start", () => {
		const at = file("redirected", "x".repeat(300_000));
		expect(run({ command: `"$@" < '${at}'` })).toBe("standard input 300000 300000");
	});

	test("nothing at all", () => {
		expect(run({ command: '"$@" < /dev/null' })).toBe("standard input 0 0");
	});

	test("what is under /proc is refused on standard input, too", () => {
		if (process.platform === "linux")
			expect(run({ command: '"$@" < /proc/self/environ' })).toBe(
				"standard input is not an ordinary file or pipe; nothing was sent.",
			);
	});

	test("a pipe by its name, as a shell gives one, is read as often as one likes", () => {
		const named = twice.replace('openSource("-")', 'openSource("@" + process.argv[1])');
		const line = `"$0" --input-type=module -e "$1" <(printf 'abc')`;
		const { stdout } = spawnSync("bash", ["-c", line, process.execPath, named], { encoding: "utf8" });
		expect(stdout.trim()).toMatch(/^\/dev\/fd\/\d+ 3 3$/);
	});

	test("a pipe larger than can be held is refused", () => {
		expect(run({ input: Buffer.alloc(HELD_LIMIT + 1) })).toBe(
			"standard input is a pipe of more than 67.1 MB; nothing was sent.",
		);
	});
});

describe("readJson", () => {
	test("inline, and from a file; a byte order mark is not JSON", () => {
		expect(readJson(openSource('{"a":[1,"é"]}'), "--data")).toEqual({ a: [1, "é"] });
		expect(readJson(openSource(`@${file("data.json", '{\n"a": 1}\n')}`), "--data")).toEqual({ a: 1 });
	});

	test("what is not UTF-8 is to be converted", () => {
		for (const bytes of [
			Buffer.from('\ufeff{"a":1}', "utf16le"),
			Buffer.from('"caf\xe9"', "latin1"),
			Buffer.from([0xc3]),
		]) {
			const at = file("other.json", bytes);
			expect(() => readJson(openSource(`@${at}`), "--data")).toThrow(`${at} is not UTF-8; nothing was sent.`);
		}
		const marked = file("marked.json", '\ufeff{"a":1}');
		expect(readJson(openSource(`@${marked}`), "--data")).toEqual({ a: 1 });
		expect(readJson(openSource('\ufeff{"a":1}'), "--data")).toEqual({ a: 1 });
	});

	test("a fault names the flag, or the file", () => {
		expect(() => readJson(openSource("{"), "--data")).toThrow(/^--data is not valid JSON/);
		const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
		expect(() => readJson(openSource(deep), "--data")).toThrow(/^--data is nested too deeply; nothing was sent\.$/);
		const at = file("bad.json", "{");
		expect(() => readJson(openSource(`@${at}`), "--data")).toThrow(`${at} is not valid JSON`);
	});

	test("refuses more than 8 MiB", () => {
		const at = file("large.json", Buffer.alloc(WHOLE_LIMIT + 1, " "));
		expect(() => readJson(openSource(`@${at}`), "--data")).toThrow(
			refusal("--data has more than 8.4 MB", "`send-events` takes large input."),
		);
	});

	test("reads 8 MiB of one string", () => {
		for (const [part, value] of [
			["x", "x"],
			["\\n", "\n"],
		] as const) {
			const times = (WHOLE_LIMIT - 2) / part.length;
			const at = file("string.json", `"${part.repeat(times)}"`);
			expect(readJson(openSource(`@${at}`), "--data") === value.repeat(times)).toBe(true);
		}
	});
});

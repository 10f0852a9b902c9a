/** skill.yaml, the handlers, SKILL.md and package.json agree, and the manifest is enforced. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { parseManifest } from "../lib/gate/manifest.ts";
import { type InngestServer, startServer } from "./inngest-server/server.ts";
import { FOLDER, run, skill } from "./skill.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const manifest = await parseManifest(read("skill.yaml"));
const intents = Object.keys(manifest.intents);

const Variable = z.strictObject({ name: z.string(), required: z.literal(false), description: z.string() });
const Frontmatter = z.strictObject({
	name: z.string(),
	description: z.string(),
	license: z.string(),
	metadata: z.strictObject({
		openclaw: z.object({
			requires: z.strictObject({ bins: z.tuple([z.literal("node")]) }),
			primaryEnv: z.string(),
			envVars: z.array(Variable),
		}),
	}),
});

describe("what is written in several places agrees", () => {
	const [, frontmatter = "", body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(read("SKILL.md")) ?? [];
	const skillMd = Frontmatter.parse(parse(frontmatter));

	test("every intent has its handler, every handler its intent", () => {
		const handlers = readdirSync(join(root, "handlers")).map((file) => file.replace(/\.ts$/, ""));
		expect(handlers.toSorted()).toEqual(intents.toSorted());
		for (const [name, { handler }] of Object.entries(manifest.intents)) expect(handler).toBe(`handlers/${name}`);
	});

	test("names, versions and licence", () => {
		const { version, license } = z
			.object({ version: z.string(), license: z.string() })
			.parse(JSON.parse(read("package.json")));
		expect(manifest.version).toBe(version);
		expect(skillMd).toMatchObject({ name: manifest.name, license });
	});

	test("secrets and settings, in the same words", () => {
		const variables = { ...manifest.secrets, ...manifest.settings };
		const told = skillMd.metadata.openclaw.envVars.map(({ name, description }) => [name, description]);
		expect(Object.fromEntries(told)).toEqual(variables);
		expect(told).toHaveLength(Object.keys(variables).length);
		expect(Object.keys(manifest.secrets)).toContain(skillMd.metadata.openclaw.primaryEnv);
	});

	test("SKILL.md: a short description, and every intent under the heading of its effect", () => {
		expect(skillMd.description.length).toBeLessThanOrEqual(160);
		for (const word of ["replay", "cancel"]) expect(skillMd.description.toLowerCase()).toContain(word);
		const under: Record<string, string> = {};
		for (const section of body.split(/^## /m)) under[section.split(/\W/)[0]?.toLowerCase() ?? ""] = section;
		for (const [name, { effect }] of Object.entries(manifest.intents))
			expect(under[effect], `${name} under ${effect}`).toMatch(new RegExp(`\`(inngest )?${name}[ \`]`));
	});

	test("what SKILL.md names exists", () => {
		for (const [, name = ""] of body.matchAll(/`inngest ([a-z][a-z-]+)/g)) expect(intents).toContain(name);
		for (const [name] of body.matchAll(/\bINNGEST_[A-Z_]+/g))
			expect([...Object.keys(manifest.secrets), ...Object.keys(manifest.settings)]).toContain(name);
	});

	test("what reads needs no confirmation, what destroys does, and none may use a secret that isn't declared", () => {
		for (const [name, { effect, confirm, secrets, phrases }] of Object.entries(manifest.intents)) {
			if (effect === "read") expect(confirm, name).toBe(false);
			if (effect === "destructive") expect(confirm, name).toBe(true);
			for (const secret of secrets) expect(Object.keys(manifest.secrets)).toContain(secret);
			expect(phrases.length).toBeGreaterThanOrEqual(2);
		}
	});

	test("what users say names Inngest, and leads to one intent", () => {
		const all = Object.values(manifest.intents).flatMap(({ phrases }) => phrases);
		for (const phrase of all) expect(phrase).toMatch(/\bInngest\b/);
		expect(new Set(all).size).toBe(all.length);
	});

	test("what reads names at most one path that it may POST to, and nothing else does", () => {
		const posting = Object.entries(manifest.intents).filter(([, { posts }]) => posts !== undefined);
		expect(posting.map(([name, { effect, posts }]) => [name, effect, posts])).toEqual([
			["check-setup", "read", "/e/$INNGEST_EVENT_KEY"],
			["query-insights", "read", "/v2/insights/query"],
		]);
	});

	test("README.md's table names every intent", () => {
		const table = read("README.md")
			.split("\n## ")
			.find((one) => one.startsWith("What it can do"));
		for (const name of intents) expect(table).toContain(`\`${name}\``);
	});

	test("SKILL.md's examples are commands that exist, with flags that exist", async () => {
		const examples = [...body.matchAll(/`inngest ([^`]+)`/g)].map(([, example = ""]) => example);
		const named = new Map<string, Set<string>>();
		for (const example of examples) {
			const [name = ""] = example.split(" ");
			const flags = [...example.matchAll(/(?<=[ [])--[a-z-]+/g)].map(([flag]) => flag);
			named.set(name, new Set([...(named.get(name) ?? []), ...flags]));
		}
		for (const [name, flags] of named) {
			if (!intents.includes(name) || flags.size === 0) continue;
			const help = (await skill([name, "--help"], { node: process.execPath })).stdout;
			for (const flag of flags) expect(help, `${name} ${flag}`).toContain(`  ${flag} `);
		}
	});
});

describe("an intent that is taken out of skill.yaml", () => {
	const copy = mkdtempSync(join(tmpdir(), "inngest-manifest-"));
	let server: InngestServer;
	const call = (...args: string[]) =>
		skill(args, { env: { INNGEST_DEV: server.url }, folder: copy, node: process.execPath });
	const edit = (change: (text: string) => string) =>
		writeFileSync(join(copy, "skill.yaml"), change(readFileSync(join(FOLDER, "skill.yaml"), "utf8")));

	beforeAll(async () => {
		server = await startServer({ kind: "dev" });
		cpSync(FOLDER, copy, { recursive: true });
	});
	afterAll(async () => {
		await server.close();
		rmSync(copy, { recursive: true });
	});

	test("a start loads neither the YAML library nor the parts of Node that take long to load", async () => {
		const yaml = join(copy, "vendor/yaml.mjs");
		renameSync(yaml, `${yaml}.away`);
		const hook = `process.on("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")))`;
		const script = join(copy, "scripts/inngest.mjs");
		const args = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, script, "list-apps"];
		const { code, stderr } = await run(process.execPath, args, { env: { INNGEST_DEV: server.url } });
		renameSync(`${yaml}.away`, yaml);
		expect(code).toBe(0);
		expect(stderr).toMatch(/^NativeModule _http_client$/m);
		expect(stderr).not.toMatch(/ internal\/(?:fs\/streams|assert\/myers_diff|crypto\/\w+|deps\/undici\/.*)$/m);
	});

	test("can't be run, however it is spelt", async () => {
		edit((text) => text.replace(/^ {2}send-event:\n(?: {4}.*\n)+/m, ""));
		expect((await call("list-apps")).code).toBe(0);
		server.clearRequests();
		for (const name of [
			"send-event",
			"SEND-EVENT",
			" send-event",
			"send-event ",
			"send-event\u200b",
			"send_event",
			"./send-event",
			"../handlers/send-event",
			"handlers/send-event",
			"list-apps/../send-event",
			"send-event.mjs",
			"send-event?x",
			"send%2Devent",
			"file:///send-event",
			"--send-event",
			"__proto__",
			"toString",
		]) {
			const result = await call(name, "a/b", "--data", "{}");
			expect(result.code, name).toBe(2);
			expect(result.stdout).toBe("");
			expect(result.stderr).toMatch(/^(There is no intent |The intent comes first)/);
		}
		expect((await call("help", "send-event")).code).toBe(2);
		expect((await call("help")).stdout).not.toMatch(/^ {2}send-event /m);
		expect(server.requests).toEqual([]);
	});

	test("nor can one be run with another's handler, secrets or effect", async () => {
		for (const [from, to, said] of [
			["handler: handlers/list-apps", "handler: ../../etc/x", /^skill\.yaml is wrong at intents\.list-apps\.handler/],
			["handler: handlers/list-apps", "handler: lib/client", /^skill\.yaml is wrong at intents\.list-apps\.handler/],
			["    effect: read", "    effect: harmless", /^skill\.yaml is wrong at intents\.check-setup\.effect/],
			["name: inngest", "name: inngest\nallow: all", /^skill\.yaml is wrong /],
			["https://api.inngest.com", "https://evil.example/x", /^skill\.yaml is wrong at hosts\.0/],
			["intents:", "intents: [", /^skill\.yaml is not valid YAML/],
		] as const) {
			edit((text) => text.replace(from, to));
			const result = await call("list-apps");
			expect(result.stderr).toMatch(said);
			expect([result.code, result.stdout]).toEqual([2, ""]);
		}
		// A read can't change anything even if its handler tried to.
		edit((text) => text.replace("handler: handlers/list-apps", "handler: handlers/send-event"));
		const result = await call("list-apps", "shop/order.created");
		expect(result.stderr).toMatch(/^An intent that reads may not change anything; nothing was sent\./);
		expect(server.requests.filter(({ method }) => method !== "GET")).toEqual([]);
	});

	test("a secret that isn't listed under an intent can't be used by it, a host that isn't listed not be reached", async () => {
		edit((text) => text.replace(/(handlers\/list-apps[\s\S]*?secrets: )\[.*\]/, "$1[INNGEST_EVENT_KEY]"));
		const env = { INNGEST_BASE_URL: server.url, INNGEST_SIGNING_KEY: "5163a1b2c3", INNGEST_EVENT_KEY: "evt-1234" };
		const keyless = await skill(["list-apps"], { env, folder: copy, node: process.execPath });
		expect(keyless.stderr).toMatch(/^list-apps may not use INNGEST_SIGNING_KEY; nothing was sent\./);
		edit((text) => text.replace("  - https://api.inngest.com\n", ""));
		const cloud = { INNGEST_API_KEY: "sk-inn-api-1234567890" };
		const hostless = await skill(["list-apps"], { env: cloud, folder: copy, node: process.execPath });
		expect(hostless.stderr).toMatch(/^api\.inngest\.com is not a host that skill\.yaml allows; nothing was sent\./);
		expect([keyless.code, hostless.code]).toEqual([2, 2]);
	});
});

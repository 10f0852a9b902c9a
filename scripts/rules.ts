/**
 * Our own rules for what ships, as an auditor would check them on the built folder: capabilities kept apart, everything used is declared,
 * files short, nothing hidden. `npm run audit` prints them, test/package.test.ts enforces them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

/** A finding, with a name that audit-explained.json can explain. */
export interface Finding {
	name: string;
	detail: string;
}

/** Every file's text by path. */
export type Files = ReadonlyMap<string, string>;

export interface Rule {
	name: string;
	check(files: Files): Finding[];
}

/** The one module that may have each capability; undefined if none may. */
const CAPABILITIES: [what: string, pattern: RegExp, module: string | undefined][] = [
	["the network", /\bfetch\(|\.fetch\b|new WebSocket|"node:(https?|http2|net|tls|dgram|dns)[/"]/, "lib/wire/http.mjs"],
	["the way to the network", /"\.{1,2}\/(?:[^"]*\/)?http\.mjs"/, "lib/wire/client.mjs"],
	["secrets", /process\.env/, "lib/gate/secrets.mjs"],
	["file input", /\breadSync|\bopenSync|\bcreateReadStream|process\.stdin/, "lib/gate/input.mjs"],
	["the manifest", /\breadFile(Sync)?\b/, "lib/gate/manifest.mjs"],
	["standard output", /process\.stdout\.write|console\./, "scripts/main.mjs"],
	[
		"processes, code or files",
		/child_process|node:vm|\beval\(|new Function|writeFile|appendFile|mkdir|\brm(Sync)?\(/,
		undefined,
	],
];

/** POSTs that change nothing. */
const READING = ["/v2/insights/query", "/e/$INNGEST_EVENT_KEY"];

/** Control, format (zero-width, bidirectional) and private-use characters, and line separators that editors don't show. */
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

const SECRET_SHAPES: [what: string, pattern: RegExp][] = [
	["known prefix", /\b(sk[-_]|pk[-_]|gh[oprsu]_|github_pat_|xox[abprs]-|glpat-|AKIA|AIza|signkey-)[-\w]{16,}/g],
	["JSON Web Token", /\beyJ[\w-]{10,}\.[\w-]{10,}/g],
	["private key", /-----BEGIN [A-Z ]*PRIVATE KEY/g],
	["credentials in an address", /:\/\/[^\s/@:"'`$]+:[^\s/@"'`$]+@/g],
	["long hexadecimal", /\b[0-9a-f]{32,}\b/gi],
	[
		"named value",
		/(key|token|secret|password|authorization)["']?\s*[:=]\s*["'`](?!INNGEST_)(Bearer )?[^\s"'`$]{16,}["'`]/gi,
	],
];

/** URLs in our own files that are not hosts to contact: documentation, a run's page, and names reserved for examples. */
const DOCUMENTATION = [
	/^https:\/\/www\.inngest\.com\/docs$/,
	/^https:\/\/app\.inngest\.com\/env\/production\/runs\/\$\{id\}$/,
	/^https:\/\/inngest\.example\.com\.?$/,
];

const own = (files: Files) => [...files].filter(([path]) => !path.startsWith("vendor/"));
const code = (files: Files) => own(files).filter(([path]) => path.endsWith(".mjs"));
const withoutComments = (text: string) => text.replace(/^\s*(\/\*\*?|\*|\/\/).*$/gm, "");

/** A pattern's matches, named by kind and file. */
function matches(files: [string, string][], what: string, pattern: RegExp): Finding[] {
	return files.flatMap(([path, text]) =>
		[...text.matchAll(pattern)].map(({ 0: found, index }) => ({
			name: `${what} in ${path}`,
			detail: `line ${text.slice(0, index).split("\n").length}: ${JSON.stringify(found.slice(0, 80))}`,
		})),
	);
}

const Manifest = z.object({
	secrets: z.record(z.string(), z.string()),
	settings: z.record(z.string(), z.string()),
	hosts: z.array(z.string()),
	intents: z.record(
		z.string(),
		z.object({ secrets: z.array(z.string()), effect: z.string(), posts: z.optional(z.string()) }),
	),
});
const Frontmatter = z.object({
	metadata: z.object({
		openclaw: z.object({ primaryEnv: z.string(), envVars: z.array(z.object({ name: z.string() })) }),
	}),
});
const manifest = (files: Files) => z.parse(Manifest, parse(files.get("skill.yaml") ?? ""));
const frontmatter = (files: Files) =>
	z.parse(Frontmatter, parse(/^---\n(.*?)\n---\n/s.exec(files.get("SKILL.md") ?? "")?.[1] ?? "")).metadata.openclaw;

export const RULES: Rule[] = [
	{
		name: "one module has the network, one calls it, one has secrets, one file input, one standard output",
		check: (files) =>
			CAPABILITIES.flatMap(([what, pattern, module]) => {
				const having = code(files).filter(([, text]) => pattern.test(withoutComments(text)));
				const none = module !== undefined && !having.some(([path]) => path === module);
				return [
					...having.map(([path]) => path).filter((path) => path !== module),
					...(none ? [`no ${module}`] : []),
				].map((path) => ({ name: `${what} in ${path}`, detail: `expected in ${module ?? "no module"}` }));
			}),
	},
	{
		name: "every variable that is used is declared, and the other way round",
		check(files) {
			const { secrets, settings, intents } = manifest(files);
			const { primaryEnv, envVars } = frontmatter(files);
			const variables = (path: string) =>
				// Programs also read a proxy's variable in lower case: another spelling of the same name.
				[...(files.get(path) ?? "").matchAll(/process\.env\.(\w+)/g)].map(([, name = ""]) => name.toUpperCase());
			const places: Record<string, string[]> = {
				"skill.yaml": Object.keys({ ...secrets, ...settings }),
				"SKILL.md": envVars.map(({ name }) => name),
				"lib/gate/secrets.mjs": variables("lib/gate/secrets.mjs"),
			};
			const names = new Set(Object.values(places).flat());
			const missing = [...names].flatMap((name) => {
				const lacking = Object.keys(places).filter((place) => !places[place]?.includes(name));
				return lacking.length > 0 ? [{ name: `${name} not in ${lacking.join(", ")}`, detail: "" }] : [];
			});
			const listed = [primaryEnv, ...Object.values(intents).flatMap((intent) => intent.secrets)];
			const undeclared = listed.filter((name) => !Object.hasOwn(secrets, name));
			const idle = Object.keys(secrets).filter(
				(name) => !Object.values(intents).some((it) => it.secrets.includes(name)),
			);
			return [
				...missing,
				...undeclared.map((name) => ({ name: `${name} not a secret of skill.yaml`, detail: "" })),
				...idle.map((name) => ({ name: `${name} not used by any intent`, detail: "" })),
				...matches(code(files), "environment not by a literal name", /process\.env(?!\.[A-Za-z_]+\b).*/g),
			];
		},
	},
	{
		name: "an intent that reads POSTs a query or an empty send, if anything; which one, its entry names",
		check: (files) =>
			Object.entries(manifest(files).intents).flatMap(([name, { effect, posts }]) =>
				posts === undefined || (effect === "read" && READING.includes(posts))
					? []
					: [{ name: `${posts} of ${name}`, detail: effect }],
			),
	},
	{
		name: "SKILL.md has at most 6,000 characters, every other own file 10,000",
		check: (files) =>
			own(files)
				.filter(([path, { length }]) => length > (path === "SKILL.md" ? 6_000 : 10_000))
				.map(([path, { length }]) => ({ name: `size of ${path}`, detail: `${length} characters` })),
	},
	{
		name: "own files together are under 240,000 bytes",
		check: (files) => {
			const size = ownSize(files);
			return size < 240_000 ? [] : [{ name: "own files together", detail: `${size} bytes` }];
		},
	},
	{
		name: "no control or hidden character, no unbroken token",
		check: (files) => [
			...matches([...files], "hidden character", HIDDEN),
			...matches(own(files), "unbroken token", /\S{200,}/g),
		],
	},
	{
		name: "no literal that looks like a secret",
		check: (files) => SECRET_SHAPES.flatMap(([what, pattern]) => matches([...files], what, pattern)),
	},
	{
		name: "no address but the hosts of skill.yaml and links to documentation",
		check(files) {
			const { hosts } = manifest(files);
			const known = (url: string) => hosts.includes(url) || DOCUMENTATION.some((pattern) => pattern.test(url));
			return own(files).flatMap((file) =>
				[
					...file[1].matchAll(
						/\b[a-z][a-z0-9+.-]*:\/\/(?:\$\{\w+\}|[^\s"'`,;)\]}>])+|(?<![\w.])\d{1,3}(\.\d{1,3}){3}\b/gi,
					),
				]
					.filter(([url]) => !known(url) && !/^127\.0\.0\.1$/.test(url))
					.map(([url]) => ({ name: `${url} in ${file[0]}`, detail: "" })),
			);
		},
	},
	{
		name: 'SKILL.md keeps "env" and addresses on different lines',
		check: (files) =>
			matches(
				own(files).filter(([path]) => path === "SKILL.md"),
				"env near an address",
				/\benv\b.{0,80}\b(fetch|curl|wget|https?)\b/gi,
			),
	},
];

/** Reads a built folder. */
export function readFolder(folder: string): Files {
	const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort();
	return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The total size of our own files in bytes: ClawHub's static scanner reads 262,144. */
export const ownSize = (files: Files) => own(files).reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);

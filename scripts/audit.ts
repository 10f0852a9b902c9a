/**
 * Audits the built folder with the scanners that others use and with our own rules. Prints a line per check; exits with 1 on a finding that
 * audit-explained.json doesn't explain by name. Installs the scanners outside the project.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import explained from "./audit-explained.json" with { type: "json" };
import { bin, bring, environment, folder, installed } from "./openclaw.ts";
import { type Finding, ownSize, RULES, readFolder } from "./rules.ts";

const CISCO = "2.3.2";
const venv = join(tmpdir(), `inngest-skill-cisco-${CISCO}`);
const scratch = mkdtempSync(join(tmpdir(), "inngest-audit-"));
/** The folder to audit (by default dist/inngest), copied so that nothing changes it meanwhile. */
const skill = join(scratch, "inngest");
cpSync(process.argv[2] ?? join(import.meta.dirname, "../dist/inngest"), skill, { recursive: true });

/** Runs a program to its end, whatever its exit code. */
function run(file: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
	const { error, ...ended } = spawnSync(file, args, { encoding: "utf8", env, timeout: 900_000, maxBuffer: 2 ** 26 });
	return error ? { status: null, stdout: "", stderr: error.message } : ended;
}

/** For validators that report everything in their output. */
function validator(file: string, args: string[]): Finding[] {
	const { status, stdout, stderr } = run(file, args);
	return status === 0 ? [] : [{ name: "invalid", detail: (stdout + stderr).trim() || "did not run" }];
}

function report<T>({ stdout, stderr }: { stdout: string; stderr: string }): T {
	try {
		return JSON.parse(stdout);
	} catch {
		throw new Error(`gave no report: ${(stderr || stdout).trim().slice(-500)}`);
	}
}

/** Installs Cisco's scanner in a virtual environment; returns why, if it can't. */
function bringCisco(python: string | undefined): string | undefined {
	if (existsSync(join(venv, "bin/skill-scanner"))) return undefined;
	if (python === undefined) return "no Python 3.11 or newer here";
	const made = run(python, ["-m", "venv", venv]);
	if (made.status !== 0) return `no virtual environment: ${(made.stdout + made.stderr).trim().slice(-300)}`;
	const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
	const { status, stderr } = run(join(venv, "bin/python"), [...pip, `cisco-ai-skill-scanner==${CISCO}`]);
	return status === 0 ? undefined : `pip failed: ${stderr.trim().slice(-300)}`;
}

bring();
const newEnough = "import sys; print(sys.executable if sys.version_info >= (3, 11) else '')";
const python = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"]
	.map((name) => run(name, ["-c", newEnough]).stdout.trim())
	.find((path) => path !== "");
const noCisco = bringCisco(python);

// From here on scanners run: they get nothing from this machine's environment, least of all keys.
for (const name of Object.keys(process.env)) delete process.env[name];
Object.assign(process.env, environment(scratch), { LITELLM_LOCAL_MODEL_COST_MAP: "True" });

/** OpenClaw's own scanner, called as by its audit, which omits warnings. The chunk's file name contains a hash. */
async function openclawScanner(): Promise<Finding[]> {
	interface Found {
		ruleId: string;
		severity: string;
		file: string;
		line: number;
		message: string;
	}
	interface Scanner {
		scanDirectoryWithSummary(folder: string): Promise<{ findings: Found[]; truncated?: boolean }>;
		scanSkillContent(text: string, path: string): Found[];
		scanSource(text: string, path: string): Found[];
	}
	const chunks = join(folder, "node_modules/openclaw/dist");
	for (const file of readdirSync(chunks).filter((name) => /^scanner-.*\.m?js$/.test(name))) {
		const { scanDirectoryWithSummary, scanSkillContent, scanSource }: Partial<Scanner> = await import(
			pathToFileURL(join(chunks, file)).href
		);
		if (!scanDirectoryWithSummary || !scanSkillContent || !scanSource) continue;
		const path = join(skill, "SKILL.md");
		const text = files.get("SKILL.md") ?? "";
		const { findings, truncated } = await scanDirectoryWithSummary(skill);
		if (truncated) throw new Error("did not read every file");
		return [...findings, ...scanSkillContent(text, path), ...scanSource(text, path)].map((it) => ({
			name: `${it.ruleId} in ${relative(skill, it.file)}`,
			detail: `${it.severity}, line ${it.line}: ${it.message}`,
		}));
	}
	throw new Error(`not found in ${chunks}`);
}

/** `openclaw security audit --deep` on the installed skill, after checking that OpenClaw loads it. */
function openclawAudit(): Finding[] {
	const openclaw = (...args: string[]) => run(join(bin, "openclaw"), args);
	const install = openclaw("skills", "install", skill);
	if (install.status !== 0 || !existsSync(installed(scratch))) throw new Error(`not installed: ${install.stderr}`);
	const { eligible } = report<{ eligible?: boolean }>(openclaw("skills", "info", "inngest", "--json"));
	const { findings } = report<{ findings: { checkId: string; severity: string; title: string; detail: string }[] }>(
		openclaw("security", "audit", "--deep", "--json"),
	);
	return [
		...(eligible ? [] : [{ name: "not eligible", detail: "openclaw skills info inngest" }]),
		...findings
			.filter(({ checkId }) => checkId.startsWith("skills."))
			.map(({ checkId, severity, title, detail }) => ({ name: checkId, detail: `${severity}: ${title} ${detail}` })),
	];
}

function cisco(): Finding[] {
	interface Found {
		rule_id: string;
		severity: string;
		file_path: string | null;
		line_number: number | null;
		title: string;
	}
	const { findings } = report<{ findings: Found[] }>(
		run(join(venv, "bin/skill-scanner"), ["scan", skill, "--format", "json"]),
	);
	return findings.map((it) => ({
		name: `${it.rule_id} in ${it.file_path}`,
		detail: `${it.severity}, line ${it.line_number}: ${it.title}`,
	}));
}

const files = readFolder(skill);
const quickValidate = join(folder, "node_modules/openclaw/skills/skill-creator/scripts/quick_validate.py");
/** The virtual environment has PyYAML, without which the script checks little. */
const validating = noCisco === undefined ? join(venv, "bin/python") : python;

type Check = [name: string, run: () => Finding[] | Promise<Finding[]>, skipped?: string | undefined];
const checks: Check[] = [
	...RULES.map((rule): Check => [rule.name, () => rule.check(files)]),
	["skills-ref validate", () => validator(join(bin, "skills-ref"), ["validate", skill])],
	[
		"OpenClaw's quick_validate.py",
		() => validator(validating ?? "", [quickValidate, skill]),
		validating === undefined ? noCisco : undefined,
	],
	["OpenClaw's scanner, called directly", openclawScanner],
	["openclaw security audit --deep, on the installed skill", openclawAudit],
	[`Cisco's skill-scanner ${CISCO}`, cisco, noCisco],
];

let failed = 0;
for (const [name, check, skipped] of checks) {
	if (skipped !== undefined) {
		console.log(`skipped    ${name}: ${skipped}`);
		continue;
	}
	const reasons = explained.filter((entry) => entry.check === name).flatMap((entry) => entry.findings);
	let findings: Finding[];
	try {
		findings = await check();
	} catch (error) {
		findings = [{ name: "no result", detail: error instanceof Error ? error.message : String(error) }];
	}
	const stale = reasons
		.filter((reason) => !findings.some((finding) => finding.name === reason))
		.map((reason) => ({ name: reason, detail: "explained, but not found any more: take the explanation out" }));
	const open = [...findings.filter((finding) => !reasons.includes(finding.name)), ...stale];
	if (open.length > 0) failed++;
	const verdict = open.length > 0 ? "FAILS" : findings.length > 0 ? "explained" : "ok";
	console.log(
		`${verdict.padEnd(10)} ${name}${verdict === "explained" ? ` (${findings.length} in audit-explained.json)` : ""}`,
	);
	for (const { name: what, detail } of open) console.log(`           ${what}${detail && `: ${detail}`}`);
}
const notRun = checks.filter(([, , skipped]) => skipped !== undefined).length;
console.log(`${failed} of ${checks.length} checks fail, ${notRun} were skipped.`);
console.log(`Own files have ${ownSize(files)} bytes together; the goal is 240000.`);
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failed > 0 ? 1 : 0;

/** The process around a call: arguments, environment, signals; stdout, stderr and exit code. The only module that prints. */
import { run } from "../lib/cli/run.ts";
import { machine } from "../lib/gate/secrets.ts";

const argv = process.argv.slice(2);
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort()).once("SIGTERM", () => interrupt.abort());
// If the reader closed the pipe, work in progress continues without its milestones; an answer that can't be printed ends the process.
process.stderr.on("error", () => undefined);
process.stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? undefined : 1));

/** On a terminal one line that is overwritten, otherwise only milestones. */
function note(line: string, milestone: boolean): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}${milestone ? "\n" : ""}`);
	else if (milestone) process.stderr.write(`${line}\n`);
}

const { text, json, to, exit } = await run(argv, { ...machine(), signal: interrupt.signal, note });
if (process.stderr.isTTY && process.stdout.isTTY) process.stderr.write("\r\u001b[2K");
const said = `${argv.includes("--json") ? json() : text}\n`;
if (to === "stdout") process.stdout.write(said);
else process.stderr.write(said);
process.exitCode = exit;

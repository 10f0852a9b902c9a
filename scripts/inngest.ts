#!/usr/bin/env node
/** Starts the skill. Imports nothing statically, so that a Node that is too old can say so. */
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) {
	process.stderr.write(`This skill needs Node.js 20 or newer; this is ${process.version}.\n`);
	process.exitCode = 2;
} else await import("./main.ts");

export {};

import { defineConfig } from "vitest/config";

/** Most tests of processes wait for them. */
const patience = { testTimeout: 90_000, hookTimeout: 90_000 };

export default defineConfig({
	test: {
		maxWorkers: "100%",
		projects: [
			{
				test: {
					name: "fast",
					include: ["test/**/*.test.ts"],
					exclude: ["test/slow/**"],
					...patience,
				},
			},
			{
				// What floods, waits or crashes, and the contract and the command line by processes of the built folder. The install test needs
				// OpenClaw, which is large: `npm run test:install` brings it.
				test: {
					name: "slow",
					include: ["test/slow/**/*.test.ts", "test/contract.test.ts", "test/command-line.test.ts"],
					env: { SKILL_PROCESS: "1" },
					exclude: process.env.OPENCLAW ? [] : ["test/slow/install.test.ts"],
					...patience,
				},
			},
		],
	},
});

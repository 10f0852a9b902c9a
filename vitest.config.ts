import { defineConfig } from "vitest/config";

/** Most tests of processes wait for them. */
const patience = { testTimeout: 90_000, hookTimeout: 90_000 };

/**
 * Slow as well: tests of the built folder's processes; of thousands of values; of every pair of keys and environments; of thousands of
 * runs.
 */
const LONG = [
	"test/contract.test.ts",
	"test/manifest.test.ts",
	"test/properties.test.ts",
	"test/handlers/environments.test.ts",
	"test/cloud-requests.test.ts",
];

export default defineConfig({
	test: {
		maxWorkers: "100%",
		projects: [
			{
				test: {
					name: "fast",
					include: ["test/**/*.test.ts"],
					exclude: ["test/slow/**", ...LONG],
					...patience,
				},
			},
			{
				// Tests that flood, wait, crash or take long. The install test needs OpenClaw, which is large: `npm run test:install` installs it.
				test: {
					name: "slow",
					include: ["test/slow/**/*.test.ts", ...LONG],
					env: { SKILL_PROCESS: "1" },
					exclude: process.env.OPENCLAW ? [] : ["test/slow/install.test.ts"],
					...patience,
				},
			},
		],
	},
});

import { defineConfig } from "vitest/config";

/** Most tests of processes wait for them. */
const patience = { testTimeout: 90_000, hookTimeout: 90_000 };

/** Slow, too: by processes of the built folder; thousands of values; every pair of keys and environments; thousands of runs. */
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
				// What floods, waits, crashes or is long. The install test needs OpenClaw, which is large: `npm run test:install`
				// brings it.
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

import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		// Needs OpenClaw, which is large: `npm run test:install` brings it.
		exclude: process.env.OPENCLAW ? [] : ["test/install.test.ts"],
		// Most tests wait for processes of their own.
		maxWorkers: "100%",
		testTimeout: 90_000,
		hookTimeout: 90_000,
	},
});
